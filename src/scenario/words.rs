//! Callers, calls and results in plain words, for transcripts and notes.

use serde_json::{Map, Value};

use super::Names;
use crate::cloud::{Caller, Outcome};

/// Returns the short name of a caller.
pub(super) fn who(caller: &Caller, names: &Names) -> String {
    let at = |account: &crate::cloud::AccountId| {
        if *account == names.home { String::new() } else { format!("@{account}") }
    };
    match caller {
        Caller::Anonymous => "somebody without credentials".to_owned(),
        Caller::Root(account) => format!("root{}", at(account)),
        Caller::User(account, name) => format!("{name}{}", at(account)),
        Caller::Session(key) => format!("the session {key}"),
        Caller::Service(name) => name.to_string(),
        Caller::Role(account, name) => format!("role/{name}{}", at(account)),
    }
}

/// `kms:PutKeyPolicy k1`: the operation and what it is about.
pub(super) fn call(operation: &str, with: &Map<String, Value>) -> String {
    subject(with).map_or_else(|| operation.to_owned(), |subject| about(operation, subject))
}

/// The same with the subject in other words.
pub(super) fn about(operation: &str, subject: &str) -> String {
    format!("{operation} {subject}")
}

/// What a call is about, as its step names it.
pub(super) fn subject(with: &Map<String, Value>) -> Option<&str> {
    const SUBJECTS: [&str; 10] = [
        "TableName",
        "TargetTableName",
        "UserName",
        "RoleName",
        "AliasName",
        "KeyId",
        "PolicyName",
        "RoleArn",
        "BackupName",
        "BackupArn",
    ];
    SUBJECTS.iter().find_map(|field| with.get(*field)?.as_str())
}

/// How a call ended, in a line.
pub(super) fn result(outcome: &Outcome) -> String {
    match &outcome.result {
        Err(error) => error.to_string(),
        Ok(output) => {
            let response = output.to_json();
            match response.get("Items").and_then(Value::as_array) {
                Some(items) => {
                    let items: Vec<String> = items.iter().map(item).collect();
                    let count = items.len();
                    let word = if count == 1 { "item" } else { "items" };
                    format!("ok, {count} {word}{}{}", if count == 0 { "" } else { ": " }, items.join("; "))
                }
                None => "ok".to_owned(),
            }
        }
    }
}

/// The values of an item, the partition key first where the table keeps it first.
fn item(item: &Value) -> String {
    let fields = item.as_object().into_iter().flatten();
    let value = |value: &Value| {
        let inner = value.as_object().and_then(|typed| typed.values().next());
        inner.map_or_else(String::new, |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
    };
    fields.map(|(name, typed)| format!("{name} {}", value(typed))).collect::<Vec<_>>().join(", ")
}
