//! Differences that are known, each by name and with its source. A difference that fits none fails the test.

use serde_json::Value;

/// A difference that is known.
pub struct Exception {
    pub name: &'static str,
    /// Whether a line on which the two differ is one of these.
    pub fits: fn(&Value) -> bool,
}

/// Where kmslab does not do yet what the documentation says.
pub const EXCEPTIONS: [Exception; 2] = [
    // Source: KMS Developer Guide, conditions-kms: kms:CallerAccount is a key of KMS's own operations; kmslab has it in
    // every request.
    Exception { name: "kms:CallerAccount in requests to other services", fits: asks_for_caller_account },
    // Source: KMS API Reference, GrantConstraints: "the key in each key-value pair is not case sensitive"; kmslab compares
    // it exactly.
    Exception { name: "the case of a key in a grant's constraint", fits: has_constraint_in_other_case },
];

fn asks_for_caller_account(line: &Value) -> bool {
    let is_kms = line["request"]["action"].as_str().is_some_and(|action| action.starts_with("kms:"));
    !is_kms && line.to_string().to_ascii_lowercase().contains("kms:calleraccount")
}

fn has_constraint_in_other_case(line: &Value) -> bool {
    let grants = line["grants"].as_array().into_iter().flatten();
    let constraints =
        grants.filter_map(|grant| grant["Constraints"].as_object()).flat_map(|map| map.values());
    let mut keys = constraints.filter_map(Value::as_object).flat_map(|pairs| pairs.keys());
    let given = line["request"]["context"].as_object();
    keys.any(|key| given.is_some_and(|given| !given.contains_key(&format!("kms:EncryptionContext:{key}"))))
}
