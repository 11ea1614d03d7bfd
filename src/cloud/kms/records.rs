//! What the audit records of KMS say of a request.

use serde_json::Value;

/// Returns the parameters of an audit record without those that were not sent.
pub(super) fn logged(mut parameters: Value) -> Value {
    let sent = |value: &Value| !value.is_null() && value.as_object().is_none_or(|fields| !fields.is_empty());
    if let Some(fields) = parameters.as_object_mut() {
        fields.retain(|_, value| sent(value));
    }
    parameters
}
