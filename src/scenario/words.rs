//! Decisions, calls and results in plain words, for transcripts and notes.

use serde_json::{Map, Value};

use super::Names;
use crate::cloud::{Caller, DecisionRecord, Outcome};
use crate::policy::{Because, How, Layer, ResourceMode};

/// Somebody's short name.
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
    }
}

/// `kms:PutKeyPolicy k1`: the operation and what it is about.
pub(super) fn call(operation: &str, with: &Map<String, Value>) -> String {
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
    let subject = SUBJECTS.iter().find_map(|field| with.get(*field)?.as_str());
    subject.map_or_else(|| operation.to_owned(), |subject| format!("{operation} {subject}"))
}

/// How a call ended, in a line.
pub(super) fn result(outcome: &Outcome) -> String {
    match &outcome.result {
        Err(error) if error.message.is_empty() => error.code.to_string(),
        Err(error) => format!("{}: {}", error.code, error.message),
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

/// One decision in a line: what was asked, the answer, the reason.
pub fn decision(record: &DecisionRecord, names: &Names) -> String {
    let via = record.invoked_by.as_deref().map_or(String::new(), |service| {
        format!(" (asked by {} in the caller's name)", service.trim_end_matches(".amazonaws.com"))
    });
    let request = &record.request;
    format!(
        "{} on {}{via}: {}, {}",
        request.action(),
        names.short(&request.resource().arn),
        if record.decision.is_allowed() { "ALLOWED" } else { "DENIED" },
        reason(record, names)
    )
}

/// Why a decision went as it did.
pub(super) fn reason(record: &DecisionRecord, names: &Names) -> String {
    let because = &record.decision.because;
    let is_key = record.request.action().starts_with("kms:");
    let resource = if is_key { "the key policy" } else { "the resource's policy" };
    let required = record.policies.resource.mode == ResourceMode::Required;
    match because.how {
        How::ExplicitAllow if because.layer == Layer::Grant => format!("a grant allows it ({})", id(because)),
        How::ExplicitAllow => format!("{} allows it", statement(because, resource)),
        How::Delegated => {
            let account = record.request.principal().account().map_or("", AsRef::as_ref);
            let place =
                if account == names.home.as_str() { "IAM".to_owned() } else { format!("account {account}") };
            format!("{resource} leaves it to {place}, and {} allows it", statement(because, resource))
        }
        How::RootUser => "the root user needs no policy here".to_owned(),
        How::ExplicitDeny => format!("{} denies it", statement(because, resource)),
        How::NoAllow => match because.layer {
            Layer::Resource if required => {
                format!("{resource} admits neither the caller nor the account's IAM policies")
            }
            Layer::Resource => format!("{resource} does not admit the caller"),
            Layer::Identity if required => {
                format!("{resource} leaves it to IAM, and no IAM policy allows it")
            }
            layer => format!("no {} allows it", name(layer)),
        },
    }
}

/// The deciding statement by name: `statement "TessReads" of the key policy`.
fn statement(because: &Because, resource: &str) -> String {
    let place = match (because.layer, &because.policy) {
        (Layer::Resource, _) => resource.to_owned(),
        (_, Some(policy)) => format!("the policy {policy}"),
        (layer, None) => format!("a {}", name(layer)),
    };
    match (&because.sid, because.statement) {
        (Some(sid), _) => format!("statement \"{sid}\" of {place}"),
        (None, Some(number)) => format!("statement {} of {place}", number + 1),
        (None, None) => place,
    }
}

fn id(because: &Because) -> String {
    because.policy.as_deref().map_or_else(String::new, |id| id.chars().take(8).collect())
}

fn name(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity-based policy",
        Layer::Resource => "resource-based policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::Scp => "service control policy",
        Layer::Rcp => "resource control policy",
        Layer::Endpoint => "VPC endpoint policy",
        Layer::Grant => "grant",
    }
}
