//! What the audit records of KMS say of a request.

use serde_json::Value;

/// Returns the parameters of an audit record without those that were not sent.
pub(super) fn logged(parameters: &Value) -> Value {
    let sent = |value: &Value| !value.is_null() && value.as_object().is_none_or(|fields| !fields.is_empty());
    parameters
        .as_object()
        .map(|fields| fields.iter().filter(|(_, v)| sent(v)).map(|(k, v)| (k.clone(), v.clone())).collect())
        .unwrap_or_default()
}
