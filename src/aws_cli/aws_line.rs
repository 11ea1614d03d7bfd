//! The `aws` command line that would make a call: what a learner copies to try the same elsewhere.

use serde_json::Value;

use crate::cloud::{Call, CallContext};

/// The line for `call`, with `--profile` if the identity is not the default one.
///
/// Structures are written as JSON, which the AWS CLI takes everywhere; blobs as base64, the CLI's default since
/// version 2. Source: AWS CLI User Guide, "Specify parameter values".
pub fn aws_line(call: &Call, profile: Option<&str>) -> String {
    let mut words = vec!["aws".to_owned(), call.input.service().to_owned(), kebab(call.input.operation())];
    if let Value::Object(fields) = call.input.to_json() {
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let name = kebab(name);
            match value {
                Value::Bool(true) => words.push(format!("--{name}")),
                Value::Bool(false) => words.push(format!("--no-{name}")),
                value @ (Value::Null
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_)) => words.extend([format!("--{name}"), argument(value)]),
            }
        }
    }
    if call.context.region != CallContext::default().region {
        words.extend(["--region".to_owned(), shell(call.context.region.as_str())]);
    }
    if let Some(profile) = profile {
        words.extend(["--profile".to_owned(), shell(profile)]);
    }
    words.join(" ")
}

fn argument(value: &Value) -> String {
    match value {
        Value::String(text) => shell(text),
        Value::Array(values) if values.iter().all(Value::is_string) && !values.is_empty() => {
            values.iter().map(argument).collect::<Vec<_>>().join(" ")
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            shell(&other.to_string())
        }
    }
}

/// An AWS name as the CLI spells it: `PutKeyPolicy` is `put-key-policy`, `SSESpecification` is `sse-specification`.
pub fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|b| letters.get(b));
        let after = letters.get(at + 1);
        let starts = before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
            || before.is_some_and(|b| b.is_uppercase()) && after.is_some_and(|a| a.is_lowercase());
        if letter.is_uppercase() && starts {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// A word as a POSIX shell takes it unchanged.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_spelled_as_the_cli_spells_them() {
        for (name, spelled) in [
            ("PutKeyPolicy", "put-key-policy"),
            ("SSESpecification", "sse-specification"),
            ("KMSMasterKeyId", "kms-master-key-id"),
            ("KeyId", "key-id"),
            ("ReEncrypt", "re-encrypt"),
            ("GenerateDataKeyWithoutPlaintext", "generate-data-key-without-plaintext"),
            ("BypassPolicyLockoutSafetyCheck", "bypass-policy-lockout-safety-check"),
        ] {
            assert_eq!(kebab(name), spelled);
        }
    }

    #[test]
    fn a_line_survives_the_shell() {
        for (word, quoted) in [
            ("kim", "kim"),
            ("", "''"),
            ("arn:aws:iam::1:user/kim", "arn:aws:iam::1:user/kim"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(shell(word), quoted);
        }
    }

    #[test]
    fn a_call_becomes_its_line() {
        let policy = json!({"Statement": []}).to_string();
        let input = json!({"UserName": "tess", "PolicyName": "p", "PolicyDocument": policy});
        let call = Call::decode("iam", "PutUserPolicy", input).expect("a call");
        let line = aws_line(&call, Some("kim"));
        let expected = [
            "aws iam put-user-policy",
            "--user-name tess",
            "--policy-name p",
            "--policy-document '{\"Statement\":[]}'",
            "--profile kim",
        ];
        for part in expected {
            assert!(line.contains(part), "{line}");
        }
    }
}
