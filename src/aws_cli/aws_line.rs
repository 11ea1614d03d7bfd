//! The `aws` command line that would make a call: what a learner copies to try the same elsewhere.

use serde_json::Value;

use crate::cloud::{Call, CallContext};

/// The line for `call`, with `--profile` if the identity is not the default one.
///
/// Structures are written as JSON, which the AWS CLI takes everywhere; blobs as base64, the CLI's default since
/// version 2. Source: AWS CLI User Guide, "Specify parameter values". A call with a value that the CLI would take for
/// something else has its whole input behind `--cli-input-json`, where every text is what it says.
pub fn aws_line(call: &Call, profile: Option<&str>) -> String {
    let input = call.input.to_json();
    let mut words = aws_words(call.input.service(), call.input.operation(), &input);
    if call.context.region != CallContext::default().region {
        words.extend(["--region".to_owned(), call.context.region.to_string()]);
    }
    if let Some(profile) = profile {
        words.extend(["--profile".to_owned(), profile.to_owned()]);
    }
    words.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" ")
}

/// Returns the words of the line for a call with that input, as the AWS CLI gets them: nothing is quoted yet.
pub fn aws_words(service: &str, operation: &str, input: &Value) -> Vec<String> {
    let mut words = vec!["aws".to_owned(), service.to_owned(), kebab(operation)];
    let given = || input.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    if given().any(|(_, value)| is_misread(value)) {
        let input: serde_json::Map<_, _> =
            given().map(|(name, value)| (name.clone(), value.clone())).collect();
        words.extend(["--cli-input-json".to_owned(), Value::Object(input).to_string()]);
        return words;
    }
    for (name, value) in given() {
        let name = kebab(name);
        match value {
            Value::Bool(true) => words.push(format!("--{name}")),
            Value::Bool(false) => words.push(format!("--no-{name}")),
            value @ (Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)) => {
                words.push(format!("--{name}"));
                words.extend(arguments(value));
            }
        }
    }
    words
}

/// Whether the CLI would take a value for something else than the text that it is: the name of a file that is read and
/// sent, an option, or JSON.
///
/// Source: AWS CLI User Guide, "Loading a parameter from a file in the AWS CLI": `file://` and `fileb://` before the whole
/// value. Source: `argparse`: a value that begins with a dash is an option. Source: aws-cli, `awscli/argprocess.py`,
/// `unpack_complex_cli_arg`: a list whose only or first value begins with `[` or `{` is JSON.
fn is_misread(value: &Value) -> bool {
    let is_file_or_option =
        |text: &str| ["file://", "fileb://", "-"].iter().any(|start| text.starts_with(start));
    match value {
        Value::String(text) => is_file_or_option(text),
        Value::Array(values) => values
            .iter()
            .filter_map(Value::as_str)
            .any(|text| is_file_or_option(text) || text.trim_start().starts_with(['[', '{'])),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// The words that a value is given as.
fn arguments(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) if values.iter().all(Value::is_string) && !values.is_empty() => {
            values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            vec![other.to_string()]
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
pub fn shell(word: &str) -> String {
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

    /// Each of these the CLI would read from a file, take for an option, or read as JSON.
    #[test]
    fn no_value_is_copied_that_the_cli_would_take_for_something_else() {
        let key = "arn:aws:kms:us-east-1:111122223333:key/1";
        for (service, operation, input) in [
            ("kms", "UpdateKeyDescription", json!({"KeyId": key, "Description": "file:///etc/hostname"})),
            ("kms", "CreateKey", json!({"Description": "fileb:///etc/hostname"})),
            ("kms", "UntagResource", json!({"KeyId": key, "TagKeys": ["file://a"]})),
            ("kms", "UntagResource", json!({"KeyId": key, "TagKeys": ["a", "fileb://b"]})),
            ("kms", "UntagResource", json!({"KeyId": key, "TagKeys": ["[a"]})),
            ("kms", "UpdateKeyDescription", json!({"KeyId": key, "Description": "--profile=root"})),
            ("iam", "TagUser", json!({"UserName": "-kim", "Tags": [{"Key": "a", "Value": "file://b"}]})),
            ("iam", "CreateUser", json!({"UserName": "file://x"})),
            ("dynamodb", "DescribeTable", json!({"TableName": "file://t"})),
            ("sts", "AssumeRole", json!({"RoleArn": "file://r", "RoleSessionName": "s"})),
        ] {
            let call = Call::decode(service, operation, input.clone()).expect("a call");
            let line = aws_line(&call, Some("kim"));
            let start = format!("aws {service} {} --cli-input-json '", kebab(operation));
            let sent = line.strip_prefix(&start).and_then(|rest| rest.strip_suffix("' --profile kim"));
            let sent: Value = serde_json::from_str(sent.expect(&line)).expect(&line);
            for (name, value) in input.as_object().expect("an object") {
                assert_eq!(sent.get(name), Some(value), "{line}");
            }
        }
        for text in ["@file", "see file://a", "http://a", "File://a", "~/a", "{a}"] {
            let call = Call::decode("kms", "CreateKey", json!({"Description": text})).expect("a call");
            let line = aws_line(&call, None);
            assert!(line.contains(&format!("--description {}", shell(text))), "{line}");
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
