use super::*;
use serde_json::Value;
use std::path::PathBuf;

/// A file of its own for each test.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("kmslab-lint-{}-{name}.json", std::process::id()));
    std::fs::write(&path, content).expect("a file can be written");
    path
}

fn lint(path: &Path, format: Format) -> (String, anyhow::Result<Exit>) {
    let mut out = Vec::new();
    let files = vec![path.display().to_string()];
    let lint = Lint { files, kind: None, format, json: false, fail_on: FailOn::Error };
    let exit = lint.run(&mut out);
    (String::from_utf8(out).expect("text"), exit)
}

const BAD: &str = "{\"Version\": \"2012-10-17\", \"Statement\": [{\n\t\"Effect\": \"Allow\", \"Action\": \"kms:Décript\", \"Resource\": \"*\"}]}";
const MISSPELT: &str = "{\"Version\": \"2012-10-17\", \"Statement\": [{\n\t\"Effect\": \"Allow\", \"Action\": \"kms:Decript\", \"Resource\": \"*\"}]}";

#[test]
fn findings_show_their_line() {
    let path = file("misspelt", MISSPELT.as_bytes());
    let (text, exit) = lint(&path, Format::Text);
    assert_eq!(exit.expect("readable"), Exit::Done);
    let expected = format!(
        "{0}: read as an IAM inline policy (guessed; --kind says otherwise)\n\n{0}:2:31: warning: kms has no action Decript [unknown-action]\n 2 |     \"Effect\": \"Allow\", \"Action\": \"kms:Decript\", \
         \"Resource\": \"*\"}}]}}\n   |                                  ^^^^^^^^^^^^^\n   = Did you mean kms:Decrypt?\n\n1 document(s), \
         1 finding(s), 0 error(s), 1 warning(s)\n",
        path.display()
    );
    assert_eq!(text, expected);
}

#[test]
fn an_error_fails_in_every_format() {
    let path = file("bad", BAD.as_bytes());
    for format in [Format::Text, Format::Json, Format::Sarif] {
        let (text, exit) = lint(&path, format);
        assert_eq!(exit.expect("readable"), Exit::Failed, "{text}");
    }
    let (text, _) = lint(&path, Format::Json);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value[0]["kind"], "iam-inline");
    assert_eq!(value[0]["refusal"]["code"], "MalformedPolicyDocument");
    assert_eq!(
        (&value[0]["findings"][0]["line"], &value[0]["findings"][0]["endColumn"]),
        (&2.into(), &44.into())
    );
    let (text, _) = lint(&path, Format::Sarif);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["runs"][0]["results"][0]["level"], "error");
    assert_eq!(value["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
}

#[test]
fn what_cannot_be_read_says_where() {
    let path = file("bytes", b"{\n \xff}");
    let error = format!("{:#}", lint(&path, Format::Text).1.expect_err("not text"));
    assert!(error.contains(":2:2: this byte is not UTF-8 text"), "{error}");
    let missing = Path::new("/nonexistent/policy.json");
    assert!(lint(missing, Format::Text).1.is_err());
}

#[test]
fn the_kind_is_guessed() {
    let statement = |inside: &str| format!(r#"{{"Statement": [{{{inside}}}]}}"#);
    for (text, expected) in [
        (statement(r#""Action": "kms:*""#), "iam-inline"),
        (statement(r#""Principal": "*", "Action": "kms:*""#), "kms-key"),
        (statement(r#""Principal": "*", "Action": ["s3:*", "s3:GetObject", "kms:Decrypt"]"#), "s3-bucket"),
        (statement(r#""Principal": "*", "Action": "dynamodb:Scan""#), "dynamodb-table"),
        (statement(r#""Principal": "*", "Action": "sts:AssumeRole""#), "iam-trust"),
        (statement(r#""Principal": "*", "Action": "*""#), "kms-key"),
        (statement(r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#), "vpc-endpoint"),
        (statement(r#""Principal": "*", "Action": "sns:Publish""#), "resource"),
        (statement(r#""Effect": "Deny", "Action": "*", "Resource": "*""#), "scp"),
        (
            statement(r#""Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*""#),
            "rcp",
        ),
        (
            statement(
                r#""Effect": "Allow", "Principal": {"AWS": "a"}, "Action": ["kms:Decrypt", "kms:ListKeys"]"#,
            ),
            "vpc-endpoint",
        ),
        (
            statement(
                r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["kms:*", "kms:ListKeys"]"#,
            ),
            "kms-key",
        ),
        ("{".to_owned(), "iam-inline"),
    ] {
        assert_eq!(guess(&text), expected, "{text}");
    }
}
