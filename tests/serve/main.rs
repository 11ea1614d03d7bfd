//! `kmslab serve` from outside: a client that signs for itself, and bytes that are no requests.
//!
//! `.ci/serve` does the same with the AWS CLI and boto3.

mod client;
#[cfg(unix)]
mod played;
mod server;
#[cfg(unix)]
#[path = "../terminal/mod.rs"]
mod terminal;

use serde_json::{Value, json};

use client::{Pair, Signing, http, send};
use server::Server;

const SCAN: &str = r#"{"TableName": "CustomerData"}"#;

fn scan(server: &Server, name: &str) -> client::Answer {
    server.signed(&server.signing(name, "dynamodb"), "Scan", SCAN)
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

#[cfg(unix)]
#[test]
fn it_says_where_it_listens_alone_and_ends_by_a_signal() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start(&["--scenario", "a4"]);
    assert_eq!(server.control("GET", "health", &json!(null), &[]).json()["status"], "ok");
    for name in ["config", "credentials", "token"] {
        let mode = server.folder.path().join(name).metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(
        server
            .file("config")
            .contains("[profile tess]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:")
    );
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn both_doors_open_over_the_wire() {
    let server = Server::start(&["--scenario", "a4"]);
    let denied = scan(&server, "tess");
    assert_eq!(denied.status, 400);
    assert_eq!(denied.json()["__type"], "com.amazon.coral.service#AccessDeniedException");
    let message = denied.json()["Message"].as_str().expect("a text").to_owned();
    assert!(
        message.contains("user/tess is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:"),
        "{message}"
    );
    assert_eq!(denied.header("content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(denied.header("x-amzn-requestid").map(str::len), Some(52));
    assert!(denied.header("x-amz-crc32").is_some());

    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]});
    let put = format!(
        "Action=PutUserPolicy&UserName=tess&PolicyName=D&PolicyDocument={}",
        percent(&policy.to_string())
    );
    let refused = server.form("tess", "iam", &put);
    assert_eq!((refused.status, refused.element("Code")), (403, "AccessDenied"));
    assert_eq!(refused.element("Type"), "Sender");
    assert_eq!(server.form("kim", "iam", &put).status, 200);
    assert_eq!(scan(&server, "tess").json()["Items"][0]["Name"]["S"], "Alice Johnson");
    let read = server.form("kim", "iam", "Action=GetUserPolicy&UserName=tess&PolicyName=D");
    assert_eq!(read.element("PolicyDocument").to_lowercase(), percent_of_document(&policy).to_lowercase());

    assert_eq!(server.control("POST", "reset", &json!(null), &[]).status, 200);
    assert_eq!(scan(&server, "tess").status, 400);
    let key = server.json("kim", "kms", "DescribeKey", &json!({"KeyId": "alias/dynamodb-encryption-key"}));
    let key = key.json()["KeyMetadata"]["Arn"].clone();
    let held = server.json("kim", "kms", "GetKeyPolicy", &json!({"KeyId": key})).json();
    let mut policy: Value = serde_json::from_str(held["Policy"].as_str().expect("a text")).expect("JSON");
    policy["Statement"].as_array_mut().expect("statements").push(json!({
        "Sid": "TessReads", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"},
        "Action": "kms:Decrypt", "Resource": "*",
    }));
    let put = server.json("kim", "kms", "PutKeyPolicy", &json!({"KeyId": key, "Policy": policy.to_string()}));
    assert_eq!((put.status, put.body.as_str()), (200, ""));
    assert_eq!(scan(&server, "tess").json()["Items"][0]["Email"]["S"], "alice@example.com");
    let why = server.control("GET", "explain", &json!(null), &[]).json();
    assert_eq!(why["operation"], "dynamodb:Scan");
    assert_eq!(
        (&why["decisions"][1]["action"], &why["decisions"][1]["allowed"]),
        (&json!("kms:Decrypt"), &json!(true))
    );
}

/// A document as IAM answers it.
fn percent_of_document(document: &Value) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    document
        .to_string()
        .bytes()
        .map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// What is wrong with a signature, and the answers of a JSON service and of one that speaks XML.
#[test]
fn whoever_signs_wrongly_is_told_in_the_protocol_of_the_service() {
    let server = Server::start(&["--scenario", "a4"]);
    let pair = server.pair("tess");
    let good = Signing { pair: pair.clone(), region: "us-east-1", service: "kms", later: 0 };
    let with = |change: &dyn Fn(&mut Signing)| {
        let mut signing = good.clone();
        change(&mut signing);
        signing
    };
    let unknown = Pair { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..pair.clone() };
    let wrong = Pair { secret: "wrong".to_owned(), ..pair.clone() };
    let token = Pair { token: Some("FwoG".to_owned()), ..pair.clone() };
    for (signing, json_code, xml_code, says) in [
        (
            with(&|s| s.pair = unknown.clone()),
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "token included in the request is invalid",
        ),
        (
            with(&|s| s.pair = token.clone()),
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "token included in the request is invalid",
        ),
        (
            with(&|s| s.pair = wrong.clone()),
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "The Canonical String for this request should have been",
        ),
        (
            with(&|s| s.later = -400),
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "Signature expired: ",
        ),
        (
            with(&|s| s.later = 400),
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "Signature not yet current: ",
        ),
        (
            with(&|s| s.region = "nowhere"),
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid Region, not ",
        ),
    ] {
        let answer = server.signed(&signing, "ListKeys", "{}");
        assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!(json_code)), "{says}");
        assert!(answer.body.contains(says), "{}", answer.body);
        let signing = Signing { service: "sts", ..signing };
        let answer = server.signed(&signing, "", "Action=GetCallerIdentity&Version=2011-06-15");
        assert_eq!((answer.status, answer.element("Code")), (403, xml_code), "{says}");
        assert!(answer.body.contains(says), "{}", answer.body);
    }
    // A credential for another service.
    let mut headers = vec![
        ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
        ("host".to_owned(), server.address.to_string()),
        ("x-amz-target".to_owned(), "TrentService.ListKeys".to_owned()),
    ];
    let unsigned = send(server.address, &http("POST", "/", &headers, "{}")).expect("an answer");
    assert_eq!(
        (unsigned.status, &unsigned.json()["__type"]),
        (400, &json!("MissingAuthenticationTokenException"))
    );
    client::sign(&Signing { service: "dynamodb", ..good }, &mut headers, "{}");
    let answer = send(server.address, &http("POST", "/", &headers, "{}")).expect("an answer");
    assert!(answer.body.contains("Credential should be scoped to correct service: 'kms'"), "{}", answer.body);
}

#[test]
fn access_keys_are_made_switched_off_and_deleted() {
    let server = Server::start(&["--empty", "--account", "999900001111"]);
    let who = |signing: &Signing| server.signed(signing, "", "Action=GetCallerIdentity&Version=2011-06-15");
    let root = server.signing("root", "sts");
    assert_eq!(who(&root).element("Arn"), "arn:aws:iam::999900001111:root");
    assert_eq!(server.form("root", "iam", "Action=CreateUser&UserName=tess").status, 200);
    let made = server.form("root", "iam", "Action=CreateAccessKey&UserName=tess");
    let pair = Pair {
        id: made.element("AccessKeyId").to_owned(),
        secret: made.element("SecretAccessKey").to_owned(),
        token: None,
    };
    let tess = Signing { pair: pair.clone(), ..root };
    assert_eq!(who(&tess).element("Arn"), "arn:aws:iam::999900001111:user/tess");
    for (operation, more, code) in [
        ("UpdateAccessKey", "&Status=Inactive", "InvalidClientTokenId"),
        ("UpdateAccessKey", "&Status=Active", ""),
        ("DeleteAccessKey", "", "InvalidClientTokenId"),
    ] {
        let form = format!("Action={operation}&UserName=tess&AccessKeyId={}{more}", pair.id);
        assert_eq!(server.form("root", "iam", &form).status, 200, "{operation}{more}");
        assert_eq!(who(&tess).element("Code"), code, "{operation}{more}");
    }
}

#[test]
fn sessions_sign_with_their_token_until_they_end() {
    let server = Server::start(&["--empty", "--fidelity", "aws"]);
    let root = "111122223333";
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "sts:AssumeRole"}]});
    let form =
        format!("Action=CreateRole&RoleName=R&AssumeRolePolicyDocument={}", percent(&trust.to_string()));
    assert_eq!(server.form("root", "iam", "Action=CreateUser&UserName=tess").status, 200);
    assert_eq!(server.form("root", "iam", &form).status, 200);
    let made = server.form("root", "iam", "Action=CreateAccessKey&UserName=tess");
    let pair_of = |answer: &client::Answer, token: Option<String>| Pair {
        id: answer.element("AccessKeyId").to_owned(),
        secret: answer.element("SecretAccessKey").to_owned(),
        token,
    };
    let tess = Signing { pair: pair_of(&made, None), region: "eu-central-1", service: "sts", later: 0 };
    let assume = format!(
        "Action=AssumeRole&RoleArn=arn:aws:iam::{root}:role/R&RoleSessionName=s1&DurationSeconds=900&Version=2011-06-15"
    );
    let assumed = server.signed(&tess, "", &assume);
    assert_eq!(assumed.status, 200, "{}", assumed.body);
    let token = assumed.element("SessionToken").to_owned();
    let session = Signing { pair: pair_of(&assumed, Some(token)), ..tess };
    let who = |signing: &Signing| server.signed(signing, "", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(who(&session).element("Arn"), "arn:aws:sts::111122223333:assumed-role/R/s1");
    let bare = Signing { pair: Pair { token: None, ..session.pair.clone() }, ..session.clone() };
    assert_eq!(who(&bare).element("Code"), "InvalidClientTokenId");
    let moved = server.control("POST", "clock", &json!({"advance": "15m"}), &[]);
    assert_eq!(moved.status, 200, "{}", moved.body);
    assert_eq!((who(&session).status, who(&session).element("Code")), (403, "ExpiredToken"));
    let kms = Signing { service: "kms", ..session };
    assert_eq!(server.signed(&kms, "ListKeys", "{}").json()["__type"], "ExpiredTokenException");
}

#[test]
fn a_permissive_server_carries_everything_out_and_explains_it() {
    let server = Server::start(&["--empty", "--permissive"]);
    let anybody = Pair { id: "x".to_owned(), secret: "y".to_owned(), token: None };
    let anybody = Signing { pair: anybody, region: "eu-west-1", service: "kms", later: 0 };
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:PutKeyPolicy",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Resource": "*"}]});
    let made = server.signed(&anybody, "CreateKey", &json!({"Policy": policy.to_string()}).to_string());
    let arn = made.json()["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    assert!(arn.starts_with("arn:aws:kms:eu-west-1:111122223333:key/"), "{arn}");
    let encrypted =
        server.signed(&anybody, "Encrypt", &json!({"KeyId": arn, "Plaintext": "eA=="}).to_string());
    assert_eq!(encrypted.status, 200, "{}", encrypted.body);
    assert_eq!(server.file("token"), "\n");
    let why = server.control("GET", "explain", &json!(null), &[]).json();
    assert_eq!(why["decisions"][0]["allowed"], false);
    let page = server.control("POST", "reset", &json!(null), &[("origin", "http://evil.example")]);
    assert_eq!(page.status, 403);
}

#[test]
fn an_access_key_is_enough_where_nothing_is_verified() {
    let server = Server::start(&["--scenario", "a4", "--no-verify"]);
    let mut signing = server.signing("tess", "sts");
    signing.pair.secret = "wrong".to_owned();
    signing.later = 100_000;
    let who = |signing: &Signing| server.signed(signing, "", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(who(&signing).element("Arn"), "arn:aws:iam::111122223333:user/tess");
    signing.pair.id = "AKIAIOSFODNN7EXAMPLE".to_owned();
    assert_eq!(who(&signing).element("Code"), "InvalidClientTokenId");
}

#[test]
fn the_control_api_is_for_whoever_has_the_token_and_for_no_page() {
    let server = Server::start(&["--scenario", "a4"]);
    let none = json!(null);
    for (headers, status) in [
        (&[][..], 200),
        (&[("x-kmslab-token", "guess")], 403),
        (&[("host", "evil.example")], 403),
        (&[("host", "127.0.0.1.evil.example:80")], 403),
        (&[("origin", "http://127.0.0.1")], 403),
    ] {
        assert_eq!(server.control("POST", "reset", &none, headers).status, status, "{headers:?}");
    }
    for (method, name, body, status) in [
        ("GET", "reset", none.clone(), 404),
        ("POST", "restore", json!({"name": "x"}), 404),
        ("POST", "snapshot", none.clone(), 400),
        ("POST", "snapshot", json!({"name": "x"}), 200),
        ("POST", "clock", json!({"advance": "-5m"}), 400),
        ("POST", "clock", json!({"advance": "5m"}), 200),
    ] {
        assert_eq!(server.control(method, name, &body, &[]).status, status, "{method} {name} {body}");
    }
    let users =
        |server: &Server| server.form("kim", "iam", "Action=ListUsers").body.matches("<UserName>").count();
    assert_eq!(server.form("kim", "iam", "Action=CreateUser&UserName=new").status, 200);
    assert_eq!(users(&server), 3);
    assert_eq!(server.control("POST", "restore", &json!({"name": "x"}), &[]).status, 200);
    assert_eq!(users(&server), 2);
}

/// Bytes that are no good requests are answered or end the connection; the server goes on.
#[test]
fn bad_bytes_end_their_connection_and_nothing_else() {
    let server = Server::start(&["--scenario", "a4"]);
    let head = |more: &str| format!("POST / HTTP/1.1\r\nhost: x\r\n{more}\r\n");
    let kms = "content-type: application/x-amz-json-1.1\r\nx-amz-target: TrentService.ListKeys\r\n";
    let deep = "[".repeat(100_000);
    #[cfg(target_os = "linux")]
    let descriptors = server.descriptors();
    let many = (0..200).map(|n| format!("h{n}: v\r\n")).collect::<Vec<_>>().concat();
    for (bytes, status) in [
        (b"\x16\x03\x01\x02\x00\x01\x00".to_vec(), Some(400)),
        (b"GARBAGE\r\n\r\n".to_vec(), Some(400)),
        (b"".to_vec(), None),
        (head(&format!("{kms}content-length: 5\r\n")).into_bytes(), Some(400)),
        (head(&format!("{kms}content-length: 16777217\r\n")).into_bytes(), Some(413)),
        (head(&format!("{kms}content-length: -1\r\n")).into_bytes(), Some(400)),
        (head(&format!("{kms}transfer-encoding: chunked\r\n")).into_bytes().into_iter().chain(*b"zz\r\n").collect(), Some(400)),
        (head(&many).into_bytes(), Some(431)),
        (head(&format!("long: {}\r\n", "x".repeat(100_000))).into_bytes(), Some(431)),
        (head(&format!("{kms}content-length: {}\r\n", deep.len())).into_bytes().into_iter().chain(deep.bytes()).collect(), Some(400)),
        (head(&format!("{kms}content-length: 2\r\n")).into_bytes().into_iter().chain(*b"\xff{").collect(), Some(400)),
        (head("content-type: text/plain\r\nx-amz-target: TrentService.ListKeys\r\ncontent-length: 2\r\n").into_bytes().into_iter().chain(*b"{}").collect(), Some(404)),
        (head(&format!("{}content-length: 2\r\n", kms.replace("ListKeys", "Nothing"))).into_bytes().into_iter().chain(*b"{}").collect(), Some(400)),
        (head(&format!("{}content-length: 2\r\n", kms.replace("TrentService", "Glue"))).into_bytes().into_iter().chain(*b"{}").collect(), Some(400)),
        (b"GET /bucket HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), Some(501)),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 30\r\n\r\nAction=Nothing&Version=2010-05".to_vec(), Some(501)),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).into_owned();
        // Whoever still sends when the server closes can lose the answer with the connection, and asks again.
        let tries = if status.is_some() { 5 } else { 1 };
        let answer = (0..tries).find_map(|_| send(server.address, &bytes));
        assert_eq!(answer.map(|answer| answer.status), status, "{shown}");
    }
    assert_eq!(server.json("kim", "kms", "ListKeys", &json!({})).status, 200);
    // Each of the clients above has read to the end, which comes after the server has closed.
    #[cfg(target_os = "linux")]
    assert!(server.descriptors() <= descriptors + 1, "{} are open, {descriptors} were", server.descriptors());
}

/// Whoever sends more than is read is told so in the protocol of the service, once it has sent.
#[test]
fn a_body_that_is_too_long_is_refused_as_its_service_refuses() {
    let server = Server::start(&["--scenario", "a4"]);
    let long = " ".repeat((16 << 20) + 1);
    let answer = server.signed(&server.signing("kim", "dynamodb"), "ListTables", &long);
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["__type"], "com.amazon.coral.service#RequestEntityTooLargeException");
    let answer = server.signed(&server.signing("kim", "iam"), "", &long);
    assert_eq!((answer.status, answer.element("Code")), (413, "RequestEntityTooLarge"));
    assert!(answer.element("Message").contains("`wire-body`"), "{}", answer.body);
}

#[test]
fn it_listens_on_this_machine_alone() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kmslab"));
    let ended =
        command.args(["serve", "--empty", "--listen", "0.0.0.0:0"]).output().expect("the program starts");
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("0.0.0.0:0 is not a loopback address"), "{said}");
    assert!(ended.stdout.is_empty());
}

#[test]
fn each_key_of_a_world_leads_to_that_world_alone() {
    let server = Server::start(&["--empty", "--per-key-world"]);
    let open = || {
        let opened = server.control("POST", "worlds", &json!(null), &[]).json();
        let key = &opened["keys"][0];
        let text = |name: &str| key[name].as_str().expect("a text").to_owned();
        let pair = Pair { id: text("accessKeyId"), secret: text("secretAccessKey"), token: None };
        (text("accessKeyId"), Signing { pair, region: "us-east-1", service: "iam", later: 0 })
    };
    let ask =
        |signing: &Signing, form: &str| server.signed(signing, "", &format!("{form}&Version=2010-05-08"));
    let users = |signing: &Signing| ask(signing, "Action=ListUsers").body.matches("<UserName>").count();
    let (first, mine) = open();
    let (second, theirs) = open();
    let shared = server.signing("root", "iam");
    let key_of = |signing: &Signing| {
        assert_eq!(ask(signing, "Action=CreateUser&UserName=tess").status, 200);
        ask(signing, "Action=CreateAccessKey&UserName=tess").element("AccessKeyId").to_owned()
    };
    // The same calls in two worlds make two keys: each leads to its own.
    assert_ne!(key_of(&mine), key_of(&theirs));
    assert_eq!((users(&mine), users(&theirs), users(&shared)), (1, 1, 0));
    assert_eq!(server.control("POST", &format!("reset?world={first}"), &json!(null), &[]).status, 200);
    assert_eq!((users(&mine), users(&theirs)), (0, 1));
    assert_eq!(server.control("DELETE", &format!("worlds?world={second}"), &json!(null), &[]).status, 200);
    assert_eq!(ask(&theirs, "Action=ListUsers").element("Code"), "InvalidClientTokenId");
    assert_eq!(server.control("GET", &format!("explain?world={second}"), &json!(null), &[]).status, 404);
    let closed = Server::start(&["--empty"]);
    assert_eq!(closed.control("POST", "worlds", &json!(null), &[]).status, 403);
}

/// What was acknowledged is there again, whenever the server was ended and in whatever way.
#[test]
fn what_was_acknowledged_outlives_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state").display().to_string();
    let arguments = ["--empty", "--state", file.as_str()];
    let server = Server::start(&arguments);
    let root = server.pair("root");
    let made = server.json("root", "kms", "CreateKey", &json!({})).json();
    let key = made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    let sealed =
        server.json("root", "kms", "Encrypt", &json!({"KeyId": key, "Plaintext": "c2VjcmV0"})).json();
    let blob = sealed["CiphertextBlob"].clone();
    assert_eq!(server.form("root", "iam", "Action=CreateUser&UserName=gone").status, 200);
    assert_eq!(server.control("POST", "snapshot", &json!({"name": "x"}), &[]).status, 200);
    assert_eq!(server.form("root", "iam", "Action=DeleteUser&UserName=gone").status, 200);
    assert_eq!(server.control("POST", "restore", &json!({"name": "x"}), &[]).status, 200);
    assert_eq!(server.control("POST", "clock", &json!({"advance": "30d"}), &[]).status, 200);
    let time = server.control("GET", "health", &json!(null), &[]).json()["time"].clone();
    // Dropped, it is killed.
    drop(server);
    let server = Server::start(&arguments);
    assert_eq!(server.pair("root").id, root.id);
    let opened = server.json("root", "kms", "Decrypt", &json!({"CiphertextBlob": blob})).json();
    assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!("c2VjcmV0"), &json!(key)));
    assert_eq!(server.form("root", "iam", "Action=GetUser&UserName=gone").status, 200);
    let again = server.control("GET", "health", &json!(null), &[]).json()["time"].clone();
    assert!(again.as_str() >= time.as_str(), "{again} is before {time}");
    // What a crash has cut short was never acknowledged.
    drop(server);
    let mut text = std::fs::read_to_string(&file).expect("a text");
    assert!(text.ends_with('\n'));
    text += "{\"call\":{\"at\"";
    std::fs::write(&file, &text).expect("written");
    let server = Server::start(&arguments);
    assert_eq!(server.form("root", "iam", "Action=DeleteUser&UserName=gone").status, 200);
    let other = std::process::Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .output()
        .expect("the program starts");
    assert!(String::from_utf8_lossy(&other.stderr).contains("is in use by another kmslab"));
    drop(server);
    let other = std::process::Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .args(["serve", "--listen", "127.0.0.1:0", "--scenario", "a4", "--state", &file])
        .output()
        .expect("the program starts");
    assert!(String::from_utf8_lossy(&other.stderr).contains("holds another world"));
}
