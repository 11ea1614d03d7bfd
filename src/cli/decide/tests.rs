use super::*;
use crate::policy::PolicyKind;
use serde_json::{Value, json};

fn answers(input: &[u8], explain: bool) -> Vec<Value> {
    let mut output = Vec::new();
    answer_lines(explain, reference(), input, &mut output).expect("memory takes everything");
    let text = String::from_utf8(output).expect("JSON is text");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}

fn answer(line: &Value) -> Value {
    answers(line.to_string().as_bytes(), false).remove(0)
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const KIM: &str = "arn:aws:iam::111122223333:user/kim";

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "S1", "Effect": "Allow", "Action": action, "Resource": "*"}]})
}

fn key_policy(principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "K1", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}]})
}

fn decrypt(principal: &Value) -> Value {
    json!({"principal": principal, "action": "kms:Decrypt", "resource": KEY, "context": {}})
}

#[test]
fn answers_say_what_decided() {
    let root = "arn:aws:iam::111122223333:root";
    let service = json!({"type": "Service", "name": "dynamodb.amazonaws.com"});
    let rcp = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}]});
    let for_service = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "dynamodb.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}]});
    for (line, decision, because) in [
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("kms:*")], "resourcePolicy": key_policy(root)}),
            "Allowed",
            json!({"layer": "identity", "policy": 0, "statement": 0, "sid": "S1"}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [{"name": "Mine", "document": allow("kms:*")}], "resourcePolicy": key_policy(root)}),
            "Allowed",
            json!({"layer": "identity", "policy": "Mine", "statement": 0, "sid": "S1"}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("s3:*")], "resourcePolicy": key_policy(root)}),
            "ImplicitlyDenied",
            json!({"layer": "identity", "policy": null, "statement": null, "sid": null}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("*")]}),
            "ImplicitlyDenied",
            json!({"layer": "resource", "policy": null, "statement": null, "sid": null}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("*")], "resourcePolicy": key_policy(root), "scps": [[allow("*")], []]}),
            "ImplicitlyDenied",
            json!({"layer": "scp", "policy": null, "statement": null, "sid": null}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("*")], "resourcePolicy": key_policy(root), "rcps": [rcp], "permissionBoundary": allow("kms:*")}),
            "Allowed",
            json!({"layer": "identity", "policy": 0, "statement": 0, "sid": "S1"}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [], "resourcePolicy": key_policy("arn:aws:iam::111122223333:user/tess"),
                   "grants": [{"GranteePrincipal": KIM, "Operations": ["Decrypt"], "Name": "g"}]}),
            "Allowed",
            json!({"layer": "grant", "policy": "g", "statement": null, "sid": null}),
        ),
        (
            json!({"id": 1, "request": decrypt(&service), "identityPolicies": [], "resourcePolicy": for_service}),
            "Allowed",
            json!({"layer": "resource", "policy": 0, "statement": 0, "sid": null}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!("dynamodb.amazonaws.com")), "resourcePolicy": for_service}),
            "Allowed",
            json!({"layer": "resource", "policy": 0, "statement": 0, "sid": null}),
        ),
        (
            json!({"id": 1, "request": decrypt(&json!({"type": "Anonymous"})), "resourcePolicy": for_service}),
            "ImplicitlyDenied",
            json!({"layer": "resource", "policy": null, "statement": null, "sid": null}),
        ),
    ] {
        assert_eq!(answer(&line), json!({"id": 1, "decision": decision, "because": because}), "{line}");
    }
}

/// An absent list limits nothing, nor does an empty one; an empty level allows nothing. `RCPFullAWSAccess` is always there.
// Source: Organizations User Guide, "orgs_manage_policies_scps_evaluation", "orgs_manage_policies_rcps"
#[test]
fn every_form_of_every_member() {
    let root = "arn:aws:iam::111122223333:root";
    let (all, kms, none) = (allow("*"), allow("kms:*"), allow("s3:*"));
    let named = json!({"name": "N", "document": none});
    let for_all = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]});
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]});
    let context = |value: Value| json!({"principal": KIM, "action": "kms:Decrypt", "resource": KEY, "context": {"t:k": value}});
    let asks = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"t:k": "a"}}}]});
    let session = "arn:aws:sts::111122223333:assumed-role/app/s";
    let constrained = |context: Value| json!({"principal": KIM, "action": "kms:Decrypt", "resource": KEY, "context": context});
    let grant = |key: &str| {
        json!([{"KeyId": key, "GranteePrincipal": KIM, "Operations": ["Decrypt"], "GrantId": "g1", "RetiringPrincipal": root,
                "Constraints": {"EncryptionContextSubset": {"App": "lab"}}}])
    };
    for (extra, expected, layer) in [
        (json!({}), "Allowed", "identity"),
        (
            json!({"scps": null, "rcps": null, "permissionBoundary": null, "sessionPolicy": null, "grants": []}),
            "Allowed",
            "identity",
        ),
        (json!({"permissionBoundary": kms}), "Allowed", "identity"),
        (json!({"permissionBoundary": [none, kms]}), "Allowed", "identity"),
        (json!({"permissionBoundary": none}), "ImplicitlyDenied", "boundary"),
        (json!({"permissionBoundary": [named]}), "ImplicitlyDenied", "boundary"),
        (json!({"scps": [all]}), "Allowed", "identity"),
        (json!({"scps": [[all], [kms, none]]}), "Allowed", "identity"),
        (json!({"scps": [[all], [none]]}), "ImplicitlyDenied", "scp"),
        (json!({"scps": []}), "Allowed", "identity"),
        (json!({"scps": [[all], []]}), "ImplicitlyDenied", "scp"),
        (json!({"rcps": []}), "Allowed", "identity"),
        (json!({"rcps": [[], [deny]]}), "ExplicitlyDenied", "rcp"),
        (json!({"sessionPolicy": none, "request": decrypt(&json!(session))}), "ImplicitlyDenied", "session"),
        (json!({"sessionPolicy": kms, "request": decrypt(&json!(session))}), "Allowed", "identity"),
        (json!({"vpcEndpointPolicies": [for_all]}), "Allowed", "identity"),
        (json!({"vpcEndpointPolicies": [deny]}), "ExplicitlyDenied", "endpoint"),
        (json!({"vpcEndpointPolicies": [], "permissionBoundary": [ ]}), "Allowed", "identity"),
        (json!({"identityPolicies": [asks], "request": context(json!("a"))}), "Allowed", "identity"),
        (json!({"identityPolicies": [asks], "request": context(json!(["b", "a"]))}), "Allowed", "identity"),
        (json!({"identityPolicies": [asks], "request": context(json!([]))}), "ImplicitlyDenied", "identity"),
        (
            json!({"request": {"principal": "111122223333", "action": "KMS:decrypt", "resource": KEY}}),
            "Allowed",
            "resource",
        ),
        // The account of the resource decides, not the one in its ARN.
        (
            json!({"request": {"principal": KIM, "action": "kms:Decrypt", "resource": KEY, "resourceAccount": "444455556666"}}),
            "Allowed",
            "identity",
        ),
        (
            json!({"request": {"principal": KIM, "action": "kms:PutKeyPolicy", "resource": KEY, "resourceAccount": "444455556666"}}),
            "ImplicitlyDenied",
            "resource",
        ),
        (
            json!({"identityPolicies": [], "grants": grant(KEY), "request": constrained(json!({"kms:EncryptionContext:App": "lab", "kms:EncryptionContext:x": "y"}))}),
            "Allowed",
            "grant",
        ),
        (json!({"identityPolicies": [], "grants": grant(KEY)}), "ImplicitlyDenied", "identity"),
        (
            json!({"identityPolicies": [], "grants": grant("another"), "request": constrained(json!({"kms:EncryptionContext:App": "lab"}))}),
            "ImplicitlyDenied",
            "identity",
        ),
    ] {
        let mut line = json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [all], "resourcePolicy": key_policy(root)});
        for (name, value) in extra.as_object().into_iter().flatten() {
            line[name] = value.clone();
        }
        let answer = answer(&line);
        assert_eq!(
            (&answer["decision"], &answer["because"]["layer"]),
            (&json!(expected), &json!(layer)),
            "{extra}"
        );
    }
}

// Source: IAM API Reference, AssumeRole: both sides, within an account the trust policy may name the user
#[test]
fn a_trust_policy_decides_who_assumes_a_role() {
    let trust = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})
    };
    let request = json!({"principal": KIM, "action": "sts:AssumeRole", "resource": "arn:aws:iam::111122223333:role/app"});
    for (trusted, identity, expected) in [
        (KIM, json!([]), "Allowed"),
        ("111122223333", json!([]), "ImplicitlyDenied"),
        ("111122223333", json!([allow("sts:*")]), "Allowed"),
        ("444455556666", json!([allow("sts:*")]), "ImplicitlyDenied"),
    ] {
        let line = json!({"id": "x", "request": request, "identityPolicies": identity, "resourcePolicy": trust(trusted)});
        assert_eq!(answer(&line)["decision"], expected, "{line}");
    }
}

#[test]
fn bad_lines_give_errors_with_places_and_stop_nothing() {
    let good = json!({"id": "good", "request": decrypt(&json!(KIM)), "identityPolicies": []}).to_string();
    let request = decrypt(&json!(KIM)).to_string();
    let allow_all = key_policy("111122223333");
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let with_policy =
        |policy: &str| format!(r#"{{"id": 7, "request": {request}, "identityPolicies": [{policy}]}}"#);
    let large = " ".repeat(300_000);
    for (bad, id, message) in [
        ("{".to_owned(), Value::Null, "line 2, column 1: EOF"),
        ("[]".to_owned(), Value::Null, "line 2, column"),
        (r#"{"id": 7}"#.to_owned(), json!(7), "missing field `request`"),
        (
            format!(r#"{{"id": 7, "request": {request}, "surprise": 1}}"#),
            json!(7),
            "unknown field `surprise`",
        ),
        (format!(r#"{{"id": 7, "id": 8, "request": {request}}}"#), Value::Null, "duplicate field `id`"),
        (with_policy("{}"), json!(7), "identityPolicies[0]: the policy has no Statement"),
        (
            with_policy(&deep),
            json!(7),
            "identityPolicies[0]: a JSON document has more than 128 levels, the limit `json-depth`",
        ),
        (
            with_policy(&format!(r#"{{"Statement": {deep}}}"#)),
            json!(7),
            "a JSON document has more than 128 levels, the limit `json-depth`",
        ),
        (
            with_policy(&format!(r#"{{"Statement":{large}[]}}"#)),
            json!(7),
            "more than 262,144 bytes, the limit `identity-policy`; leave out white space",
        ),
        (
            with_policy(r#"{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}"#),
            json!(7),
            "stands twice",
        ),
        (with_policy(r#"{"Statement": "\ud800"}"#), json!(7), "half of a surrogate pair"),
        (with_policy(r#"{"Statement": "\u0000"}"#), json!(7), "text must not hold NUL"),
        (with_policy(r#"{"Statement": 1e999}"#), json!(7), "1e999 is too large"),
        (with_policy(r#"{"name": "n"}"#), json!(7), "missing field `document`"),
        (
            format!(
                r#"{{"id": 7, "request": {{"principal": "{KIM}", "action": "a:b", "resource": "*", "context": {{"a:b": {{}}}}}}}}"#
            ),
            json!(7),
            "expected text, a number, true or false, or a list of these as the value of a condition key",
        ),
        (
            r#"{"id": 7, "request": {"principal": {"type": "Group"}, "action": "a:b", "resource": "*"}}"#
                .into(),
            json!(7),
            "principal: write the ARN",
        ),
        (
            format!(r#"{{"id": 7, "request": {request}, "scps": [[], {{}}]}}"#),
            json!(7),
            "scps[1]: write a list of policies for each level",
        ),
        (
            format!(
                r#"{{"id": 7, "request": {request}, "grants": [{{"GranteePrincipal": "{KIM}", "Operations": ["Decrypt"], "Constraints": {{"EncryptionContextEquals": {{}}, "EncryptionContextSubset": {{}}}}}}]}}"#
            ),
            json!(7),
            "keep one of EncryptionContextEquals and EncryptionContextSubset",
        ),
        (
            r#"{"id": 7, "request": {"principal": "nobody", "action": "a:b", "resource": "*"}}"#.into(),
            json!(7),
            "principal: write the ARN",
        ),
        (
            format!(r#"{{"id": 7, "request": {{"principal": "{KIM}", "action": "ab", "resource": "*"}}}}"#),
            json!(7),
            "service:Operation",
        ),
        (
            format!(r#"{{"id": 7, "request": {{"principal": "{KIM}", "action": "a:b", "resource": "x"}}}}"#),
            json!(7),
            "neither an ARN nor *",
        ),
        (
            format!(
                r#"{{"id": 7, "request": {{"principal": "{KIM}", "action": "a:b", "resource": "*", "context": {{"a:b": "\u0000"}}}}}}"#
            ),
            json!(7),
            "NUL",
        ),
        (
            format!(
                r#"{{"id": 7, "request": {{"principal": "{KIM}", "action": "a:b", "resource": "*", "context": {{"a:b": "1", "a:b": "2"}}}}}}"#
            ),
            json!(7),
            "stands twice",
        ),
        (
            format!(
                r#"{{"id": 7, "request": {request}, "grants": [{{"GranteePrincipal": "x", "Operations": []}}]}}"#
            ),
            json!(7),
            "grants[0]",
        ),
        (
            format!(r#"{{"id": 7, "request": {request}, "resourcePolicy": [{allow_all}, {allow_all}]}}"#),
            json!(7),
            "one policy, not a list",
        ),
    ] {
        let input = format!("{good}\n{bad}\n\n{good}\n");
        let answers = answers(input.as_bytes(), false);
        assert_eq!(answers.len(), 3, "{bad}");
        assert_eq!((&answers[0]["id"], &answers[2]["id"]), (&json!("good"), &json!("good")));
        assert_eq!(answers[1]["id"], id, "{bad}");
        let error = answers[1]["error"].as_str().expect("an error");
        assert!(
            error.contains(message) && error.starts_with("line 2"),
            "{error} for {}",
            &bad[..bad.len().min(300)]
        );
    }
    let answers = answers(b"{\"id\": \"\xff\"}", false);
    assert_eq!(answers[0]["error"], "line 1, column 9: this byte is not UTF-8 text");
}

#[test]
fn the_place_of_an_error_is_that_of_the_line() {
    let bad = r#"{"Statement": [{"Effect": "Allow", "Action": "kms:*"}]}"#;
    let request = decrypt(&json!(KIM));
    let line = format!(r#"{{"id": "é", "request": {request}, "identityPolicies": [{bad}]}}"#);
    let column = line[..line.find(r#"{"Effect""#).expect("there")].chars().count() + 1;
    let error = answers(line.as_bytes(), false)[0]["error"].to_string();
    assert!(
        error.contains(&format!(
            "line 1, column {column}: identityPolicies[0]: the statement has no Resource"
        )),
        "{error}"
    );
}

#[test]
fn an_answer_is_harmless_to_a_terminal() {
    let name = "red\u{1b}[31m\u{9b}31m\u{202e}";
    let policies = json!([{"name": name, "document": allow("*")}]);
    let line = json!({"id": name, "request": {"principal": KIM, "action": "s3:GetObject", "resource": "*"}, "identityPolicies": policies});
    let mut output = Vec::new();
    answer_lines(false, reference(), line.to_string().as_bytes(), &mut output)
        .expect("memory takes everything");
    assert!(output.trim_ascii_end().iter().all(|byte| (b' '..=b'~').contains(byte)));
    let answer: Value = serde_json::from_slice(&output).expect("JSON");
    assert_eq!((&answer["id"], &answer["because"]["policy"]), (&json!(name), &json!(name)));
    let answers = answers(b"{\"id\": {\"a\":\t1}, \"surprise\": 1}", false);
    assert_eq!(answers[0]["id"], json!({"a": 1}));
}

#[test]
fn many_lines_keep_their_order() {
    let line = |id: usize| {
        json!({"id": id, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("*")]}).to_string()
    };
    let input: Vec<String> = (0..10_000).map(line).collect();
    let answers = answers(input.join("\n").as_bytes(), false);
    assert!(
        answers
            .iter()
            .map(|answer| &answer["id"])
            .eq((0..10_000).map(Value::from).collect::<Vec<_>>().iter())
    );
}

#[test]
fn the_schema_in_the_repository_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/decide-answer.schema.json");
    let current = serde_json::to_value(schema()).expect("a schema is JSON");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, format!("{current:#}\n")).expect("the file can be written");
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    let stored: Value = serde_json::from_str(&stored).unwrap_or_default();
    assert!(stored == current, "write it anew: UPDATE_SCHEMA=1 cargo test --lib schema");
}

#[test]
fn an_explanation_agrees_with_the_answer() {
    let line = json!({"id": 1, "request": decrypt(&json!(KIM)), "identityPolicies": [allow("kms:De*")], "resourcePolicy": key_policy("111122223333")});
    let answer = answers(line.to_string().as_bytes(), true).remove(0);
    assert_eq!(answer["trace"]["decision"]["verdict"], answer["decision"]);
    assert_eq!(answer["trace"]["decision"]["because"]["layer"], answer["because"]["layer"]);
    assert_eq!(answer["trace"]["smallestEdit"]["change"], "removeStatement");
    assert_eq!(answer["trace"]["context"]["aws:username"], json!(["kim"]));
}

#[test]
fn an_id_is_given_back_in_a_form_that_strict_readers_take() {
    // The first was found by fuzzing: a member that stands twice came back twice.
    for (id, back) in [
        (r#"{"a": 1, "a": 2}"#, r#"{"id":{"a":2},"#),
        (r#""\ud800""#, r#"{"id":null,"#),
        (r#""tab\there""#, r#"{"id":"tab\there","#),
        ("12345678901234567890123", r#"{"id":12345678901234567890123,"#),
        ("1e400", r#"{"id":1e400,"#),
    ] {
        let line = format!(r#"{{"id": {id}, "request": {}}}"#, decrypt(&json!(KIM)));
        let mut output = Vec::new();
        answer_lines(false, reference(), line.as_bytes(), &mut output).expect("memory takes everything");
        let text = String::from_utf8(output).expect("JSON is text");
        assert!(text.starts_with(back), "{id}: {text}");
    }
}

#[test]
fn documents_that_are_met_again_are_kept_and_no_more_than_fit() {
    let text = |number: usize| {
        let sid = format!("S{number}{}", "x".repeat(1500));
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": sid, "Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
        .to_string()
    };
    let mut documents = Documents::default();
    let mut get = |number| documents.get(&text(number), PolicyKind::Identity).expect("a valid policy");
    let first = get(0);
    assert_eq!(Arc::strong_count(&first), 1, "what stands once is not kept");
    let second = get(0);
    assert_eq!(Arc::strong_count(&second), 2, "what stands twice is kept");
    assert!(Arc::ptr_eq(&second, &get(0)), "and not read again");
    assert!(documents.get(&text(0), PolicyKind::Boundary).is_ok_and(|other| !Arc::ptr_eq(&second, &other)));
    let most = crate::limits::policy::DECIDE_KEPT.size();
    let more = most / 5000;
    for number in 0..more {
        for _ in 0..2 {
            drop(documents.get(&text(number), PolicyKind::Identity));
        }
        assert!(number % 100 != 0 || documents.weight() <= most, "{number}");
    }
    assert!((1..=most).contains(&documents.weight()));
}
