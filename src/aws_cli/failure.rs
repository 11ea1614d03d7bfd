//! How the CLI prints an error, in each of its formats.
//!
//! Source: aws-cli, branch v2, `awscli/errorhandler.py` and `awscli/errorformat.py` as of version 2.34; AWS CLI User
//! Guide, "Structured error output in the AWS CLI".

use serde_json::{Map, Value, json};

use super::help::USAGE_TEXT;
use super::print::print;
use super::printed::{GENERAL, Printed, USAGE};
use super::usage_error::UsageError;
use crate::cloud::service::ErrorStyle;
use crate::cloud::{self, ApiError};

/// A format of errors. YAML is not simulated, of errors as of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFormat {
    /// A sentence, and below it what else the service says.
    Enhanced,
    /// The same sentence, and nothing of what else the service says.
    Legacy,
    Json,
    Text,
    Table,
}

impl ErrorFormat {
    /// The names that the CLI takes.
    pub const NAMES: [&str; 6] = ["legacy", "json", "yaml", "text", "table", "enhanced"];

    /// Returns the format of that name, if it is one of those simulated.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "enhanced" => Some(Self::Enhanced),
            "legacy" => Some(Self::Legacy),
            "json" => Some(Self::Json),
            "text" => Some(Self::Text),
            "table" => Some(Self::Table),
            _ => None,
        }
    }
}

/// Returns an error that has no parts, in the one form that such errors have.
pub fn plain(message: &str) -> String {
    format!("\naws: [ERROR]: {}\n", message.trim())
}

/// Returns an error of a service. Errors of the query protocol carry a `Type`, which the models do not have, and so the CLI
/// does not show it.
///
/// Source: aws/aws-cli, pull request 10142 of March 2026, "Filter unmodeled fields from error output".
pub fn of_service(format: ErrorFormat, service: &str, operation: &str, error: &ApiError) -> String {
    let (code, message) = (&error.code, &error.message);
    let sentence = format!("An error occurred ({code}) when calling the {operation} operation: {message}");
    let style = cloud::SERVICES.iter().find(|known| known.prefix == service).map(|known| known.errors);
    let mut fields = Map::new();
    // The fields stand in the order in which botocore finds them.
    match style {
        Some(ErrorStyle::Query) => {
            fields.insert("Code".to_owned(), json!(code));
            fields.insert("Message".to_owned(), json!(message));
        }
        Some(ErrorStyle::Json | ErrorStyle::RestJson) | None => {
            fields.insert("Message".to_owned(), json!(message));
            fields.insert("Code".to_owned(), json!(code));
        }
    }
    if let Some(Value::Object(members)) = error.members.as_deref() {
        fields.extend(members.clone());
    }
    formatted(format, &sentence, &sentence, fields)
}

/// Returns what is printed for a mistake in a command, with the exit code.
pub fn of_usage(format: ErrorFormat, error: &UsageError) -> Printed {
    let invalid = |message: String| {
        let sentence = format!("An error occurred (ParamValidation): {message}");
        let mut fields = Map::new();
        fields.insert("Code".to_owned(), json!("ParamValidation"));
        fields.insert("Message".to_owned(), json!(message));
        formatted(format, &sentence, &message, fields)
    };
    match error {
        UsageError::Arguments(text) => Printed::failed(USAGE, invalid(format!("{text}\n\n{USAGE_TEXT}"))),
        UsageError::NotSimulated { wrong, command } => {
            let text = invalid(format!("{wrong}\n\n{USAGE_TEXT}"));
            Printed::failed(USAGE, format!("{text}\nkmslab does not simulate `aws {command}`\n"))
        }
        UsageError::Unknown(_) => {
            Printed::failed(USAGE, format!("\n{USAGE_TEXT}\n{}", plain(&error.to_string())))
        }
        UsageError::Parameter { .. } | UsageError::Validation(_) | UsageError::Other(_) => {
            Printed::failed(USAGE, invalid(error.to_string()))
        }
        UsageError::NotHere(text) => Printed::failed(USAGE, format!("\n{text}\n")),
        UsageError::Unexpected(text) => Printed::failed(GENERAL, plain(text)),
        UsageError::Limit(exceeded) => Printed::beyond(*exceeded),
    }
}

/// Returns the parts of an error in a format of answers.
fn printed(format: &str, fields: Map<String, Value>) -> String {
    print(format, "error", &Value::Object(fields)).unwrap_or_else(|exceeded| format!("kmslab: {exceeded}\n"))
}

/// Returns an error of a code and a message in one of the formats. `bare` is what the legacy format says.
fn formatted(format: ErrorFormat, sentence: &str, bare: &str, fields: Map<String, Value>) -> String {
    match format {
        ErrorFormat::Enhanced => {
            let more = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "Code" | "Message"));
            let lines = more.map(|(name, value)| format!("{name}: {}\n", inline(value)));
            let more: String = lines.collect();
            let head = if more.is_empty() { "" } else { "\nAdditional error details:\n" };
            format!("{}{head}{more}", plain(sentence))
        }
        ErrorFormat::Legacy => plain(bare),
        ErrorFormat::Json => printed("json", fields),
        ErrorFormat::Text => printed("text", fields),
        ErrorFormat::Table => printed("table", fields),
    }
}

/// Returns a value as the enhanced format shows it: in line, if it is simple or a few simple values together.
fn inline(value: &Value) -> String {
    /// From so many values on, a list or a map is not shown in line.
    const TOO_MANY: usize = 5;
    let simple = |value: &Value| match value {
        Value::Null => Some("None".to_owned()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    };
    let small = match value {
        Value::Array(all) if all.len() < TOO_MANY => {
            all.iter().map(simple).collect::<Option<Vec<_>>>().map(|all| format!("[{}]", all.join(", ")))
        }
        Value::Object(all) if all.len() < TOO_MANY => {
            let pairs = all.iter().map(|(name, value)| Some(format!("{name}: {}", simple(value)?)));
            pairs.collect::<Option<Vec<_>>>().map(|all| format!("{{{}}}", all.join(", ")))
        }
        Value::Array(_) | Value::Object(_) => None,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => simple(value),
    };
    small.unwrap_or_else(|| {
        "<complex value> (Use --cli-error-format with json or yaml to see full details)".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: aws-cli, branch v2, tests/unit/test_errorhandler.py and test_structured_error.py.
    #[test]
    fn details_are_shown_in_line_where_they_are_few_and_simple() {
        for (value, shown) in [
            (json!("x"), "x"),
            (json!(3), "3"),
            (json!(null), "None"),
            (json!(["a", "b"]), "[a, b]"),
            (json!({"a": 1, "b": true}), "{a: 1, b: True}"),
        ] {
            assert_eq!(inline(&value), shown);
        }
        for value in [json!([1, 2, 3, 4, 5, 6]), json!({"a": {"b": 1}}), json!([["a"]])] {
            assert!(inline(&value).starts_with("<complex value> (Use --cli-error-format"), "{value}");
        }
    }
}
