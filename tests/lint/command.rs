//! The command: what it unwraps, takes for a part or a template, accepts, and when it fails.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::program;

const DENY: &str = r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}"#;
const OPEN: &str =
    r#"{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Verify", "Resource": "*"}"#;
const ACCOUNT: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}"#;

fn policy(statements: &[&str]) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}", statements.join(", "))
}

/// What lint prints about its standard input, and its exit code.
fn lint(arguments: &[&str], input: &str) -> (String, i32) {
    kmslab(&[&["lint"], arguments].concat(), input)
}

/// What a command prints of its standard input, and its exit code.
pub fn kmslab(arguments: &[&str], input: &str) -> (String, i32) {
    let output = program::run(program::kmslab().args(arguments), input);
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).expect("it is UTF-8"), output.status.code().expect("an exit code"))
}

fn as_json(input: &str) -> Value {
    let (text, _) = lint(&["-", "--json"], input);
    serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{error}: {text}"))[0].clone()
}

fn codes(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().expect("findings");
    findings.iter().map(|one| one["code"].as_str().expect("a code").to_owned()).collect()
}

/// A folder of its own for each test.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kmslab-lint-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

#[test]
fn what_the_aws_cli_prints_is_unwrapped() {
    let inner = policy(&[ACCOUNT, OPEN]);
    let inner_value: Value = serde_json::from_str(&inner).expect("JSON");
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}"#;
    let trust_value: Value = serde_json::from_str(trust).expect("JSON");
    let scp = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}]}"#;
    for (wrapped, kind, within, code, written) in [
        (json!({"Policy": inner, "PolicyName": "default"}), "kms-key", "Policy", "public", "\\\"*\\\""),
        (json!({"Policy": inner_value}), "kms-key", "Policy", "public", "\"*\""),
        (
            json!({"Role": {"RoleName": "r", "AssumeRolePolicyDocument": trust_value}}),
            "iam-trust",
            "AssumeRolePolicyDocument",
            "public",
            "\"*\"",
        ),
        (
            json!({"PolicyVersion": {"VersionId": "v1", "Document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}}),
            "iam-managed",
            "Document",
            "administrator",
            "\"Action\": \"*\"",
        ),
        (
            json!({"Policy": {"PolicySummary": {"Type": "SERVICE_CONTROL_POLICY"}, "Content": scp}}),
            "scp",
            "Content",
            "redundant",
            "{\\\"Effect\\\": \\\"Deny\\\", \\\"Action\\\": \\\"s3:Get*\\\", \\\"Resource\\\": \\\"*\\\"}",
        ),
        (
            json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "PolicyDocument": policy(&[OPEN])}]}),
            "vpc-endpoint",
            "PolicyDocument",
            "",
            "",
        ),
    ] {
        let text = format!("{wrapped:#}");
        let document = as_json(&text);
        assert_eq!((&document["kind"], &document["within"]), (&json!(kind), &json!(within)), "{text}");
        if code.is_empty() {
            assert_eq!(codes(&document), Vec::<String>::new(), "{text}");
            continue;
        }
        let findings = document["findings"].as_array().expect("findings");
        let finding =
            findings.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("{text}: {document}"));
        let place =
            |name: &str| usize::try_from(finding["span"][name].as_u64().expect("a place")).expect("small");
        assert_eq!(&text[place("start")..place("end")], written, "{text}");
    }
}

#[test]
fn a_part_of_a_policy_is_not_judged_as_a_whole() {
    for part in [
        DENY.to_owned(),
        format!("[{DENY}]"),
        format!("{DENY},\n{OPEN}"),
        format!("  {OPEN},\n"),
        format!("[{OPEN}, {DENY}]"),
    ] {
        let (text, code) = lint(&["-", "--kind", "kms-key", "--json"], &part);
        let document = &serde_json::from_str::<Value>(&text).expect("JSON")[0];
        assert_eq!((&document["fragment"], code), (&json!(true), 0), "{part}");
        let of = |code: &str| {
            let findings = document["findings"].as_array().expect("findings");
            findings.iter().find(|one| one["code"] == code).map(|one| one["severity"].clone())
        };
        assert_eq!(of("fragment"), Some(json!("note")), "{part}");
        assert_eq!(of("lockout"), Some(json!("note")), "{part}");
        assert_eq!(of("missing-statement"), None, "{part}");
    }
}

#[test]
fn a_template_is_read_with_likely_values() {
    let root = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${ACCOUNT_ID}:root"}, "Action": "kms:*", "Resource": "*"}"#;
    let reference =
        r#"{"Effect": "Allow", "Principal": {"AWS": {"Ref": "Admin"}}, "Action": "kms:*", "Resource": "*"}"#;
    let sub = r#"{"Effect": "Allow", "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}, "Action": "kms:*", "Resource": "*"}"#;
    for (statements, expected) in [
        (vec![root], vec!["template"]),
        (vec![sub], vec!["template"]),
        (vec![root, reference], vec!["template"]),
        (vec![root, OPEN], vec!["template", "public"]),
        (vec![reference], vec!["lockout-risk", "template"]),
    ] {
        let document = as_json(&policy(&statements));
        assert_eq!(document["kind"], "kms-key");
        let mut found = codes(&document);
        found.sort();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        expected.sort();
        assert_eq!(found, expected, "{statements:?}: {document}");
    }
    // What is said of a placeholder's value would be guesswork, what is said of the rest stays.
    let typo = r#"{"Effect": "Allow", "Principal": {"AWS": "{{ admin }}"}, "Action": ["kms:Decript", "kms:${Verb}"], "Resource": "*"}"#;
    assert_eq!(codes(&as_json(&policy(&[root, typo]))), ["template", "unknown-action"]);
}

#[test]
fn the_exit_code_follows_the_least_severity() {
    let warning = policy(&[ACCOUNT, OPEN]);
    let note = policy(&[
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/a"}, "Action": "kms:Sign", "Resource": "*"}"#,
    ]);
    let error = "{}";
    for (input, fail_on, code) in [
        (warning.as_str(), "warning", 1),
        (&warning, "note", 1),
        (&warning, "error", 0),
        (&warning, "never", 0),
        (&note, "note", 1),
        (&note, "warning", 0),
        (error, "error", 1),
        (error, "warning", 1),
        (error, "never", 0),
        (error, "loud", 2),
    ] {
        assert_eq!(lint(&["-", "--fail-on", fail_on], input).1, code, "{fail_on} {input}");
    }
    assert_eq!(lint(&["-"], &warning).1, 0, "a warning does not fail by itself");
}

#[test]
fn the_kind_is_said() {
    let (text, _) = lint(&["-"], &policy(&[ACCOUNT]));
    assert!(text.starts_with("-: read as a KMS key policy (guessed; --kind says otherwise)\n"), "{text}");
    let (text, _) = lint(&["-", "--kind", "kms-key"], &policy(&[ACCOUNT]));
    assert!(text.starts_with("-: read as a KMS key policy\n"), "{text}");
}

#[test]
fn only_published_texts_are_given_as_aws_s() {
    let bad_operator = r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"Nearly": {"aws:username": "a"}}}"#;
    let (text, _) = lint(&["-", "--kind", "kms-key"], &policy(&[bad_operator]));
    assert!(
        text.contains("AWS refuses this with MalformedPolicyDocumentException (its text is not published)"),
        "{text}"
    );
    assert!(!text.contains("AWS would answer"), "{text}");
    let nobody = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    let (text, _) = lint(&["-", "--kind", "kms-key"], &policy(&[nobody]));
    let answer =
        "AWS would answer MalformedPolicyDocumentException: Policy contains a statement with no principal.";
    assert!(text.contains(answer), "{text}");
}

#[test]
fn the_probe_is_printed() {
    let (text, _) = lint(&["-"], &policy(&[ACCOUNT, OPEN]));
    let line = text.lines().find(|line| line.contains("= probe: ")).unwrap_or_else(|| panic!("{text}"));
    for word in [
        "arn:aws:iam::999900001111:",
        "is allowed kms:Verify on arn:aws:kms:",
        "kms:CallerAccount=999900001111",
    ] {
        assert!(line.contains(word), "{word}: {line}");
    }
}

#[test]
fn exceptions_stand_beside_the_policy() {
    let folder = folder("exceptions");
    let file = folder.join("key.json");
    fs::write(&file, policy(&[ACCOUNT, OPEN])).expect("a file can be written");
    let name = file.display().to_string();
    let toml = folder.join("kmslab-lint.toml");
    let run = |exceptions: &str, arguments: &[&str]| {
        fs::write(&toml, exceptions).expect("a file can be written");
        lint(&[&[name.as_str(), "--fail-on", "warning"], arguments].concat(), "")
    };
    let entry = |finding: &str, more: &str| {
        format!("[[accept]]\nfinding = \"{finding}\"\nreason = \"ours\"\n{more}\n")
    };
    for (exceptions, code, word) in [
        (String::new(), 1, "[public]"),
        (
            entry("public", ""),
            0,
            "accepted: this allows every identity of every account, without a condition [public], because: ours",
        ),
        (entry("public", "sid = \"Open\""), 0, "1 more accepted"),
        (
            entry("public", "sid = \"Other\""),
            1,
            "there is no finding public in statement \"Other\" to accept [unused-exception]",
        ),
        (entry("public", "file = \"other.json\""), 1, "[public]"),
        (
            entry("public", "") + &entry("lockout", ""),
            1,
            "kmslab-lint.toml:6:11: warning: there is no finding lockout to accept",
        ),
        (
            "[[accept]]\nfinding = \"publik\"\nreason = \"x\"\n".to_owned(),
            2,
            "kmslab-lint.toml:2:11: there is no finding `publik`",
        ),
    ] {
        let (text, exit) = run(&exceptions, &[]);
        assert!(text.contains(word), "{exceptions}: {text}");
        assert_eq!(exit, code, "{exceptions}: {text}");
    }
    let (text, _) = run(&entry("public", ""), &["--json"]);
    let document = &serde_json::from_str::<Value>(&text).expect("JSON")[0];
    assert_eq!(document["accepted"][0]["reason"], "ours");
    assert_eq!(document["accepted"][0]["finding"]["code"], "public");
    let (text, _) = run(&entry("public", ""), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(log["runs"][0]["results"][0]["suppressions"][0]["justification"], "ours");
    fs::remove_dir_all(folder).expect("the folder can be removed");
}

#[test]
fn a_document_on_one_line_is_shown_in_part() {
    let statements: Vec<&str> = std::iter::repeat_n("1", 3000).collect();
    let (text, code) = lint(&["-"], &policy(&statements));
    assert_eq!(code, 1);
    assert!(text.lines().all(|line| line.chars().count() < 240), "no line of the report is long");
    assert!(text.len() < 1_500_000, "{}", text.len());
}
