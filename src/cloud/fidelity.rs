//! Which of AWS's delays and caches the world keeps, and what it does where sources disagree. Each is a switch, so that a
//! scenario can teach one at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The switches of AWS's delays and caches, all off unless given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub struct Fidelity {
    /// DynamoDB keeps a table's plaintext key for five minutes per connection.
    /// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", table key caching.
    pub table_key_cache: bool,
    /// A new, retired or revoked grant takes up to five minutes to be known everywhere; a grant token skips it.
    /// Source: KMS Developer Guide, "Grants", eventual consistency.
    pub grant_propagation: bool,
    /// Tags and aliases of a key that were changed decide about access only after up to five minutes.
    /// Source: KMS Developer Guide, "Using tags to control access" and "Using aliases to control access".
    pub label_propagation: bool,
    /// A table whose key is gone turns `INACCESSIBLE_ENCRYPTION_CREDENTIALS` some time later, not at once.
    /// Source: DynamoDB Developer Guide, "Encryption at rest: how it works".
    pub table_status_delay: bool,
    /// A table whose key is being changed shows `UPDATING` for a while.
    pub table_update_delay: bool,
    /// `GetPublicKey` answers for a disabled key, as was measured once. Off, it is refused as the documentation has it.
    /// Source: KMS Developer Guide, "Key states of AWS KMS keys"; floci-io/floci, pull request 3968, measured on AWS.
    pub disabled_public_keys: bool,
    /// A name in a grant's constraint must be the encryption context's letter by letter, as the developer guide can be
    /// read. Off, the case of names does not matter, as the API reference has it; that of values always does.
    /// Source: KMS API Reference, `GrantConstraints`; KMS Developer Guide, "Creating grants", grant constraints.
    pub case_sensitive_constraints: bool,
}

impl Fidelity {
    /// No delays and no caches.
    pub fn instant() -> Self {
        Self {
            table_key_cache: false,
            grant_propagation: false,
            label_propagation: false,
            table_status_delay: false,
            table_update_delay: false,
            disabled_public_keys: false,
            case_sensitive_constraints: false,
        }
    }

    /// Everything as AWS does it.
    pub fn aws() -> Self {
        Self {
            table_key_cache: true,
            grant_propagation: true,
            label_propagation: true,
            table_status_delay: true,
            table_update_delay: true,
            disabled_public_keys: false,
            case_sensitive_constraints: false,
        }
    }
}

impl Default for Fidelity {
    fn default() -> Self {
        Self::instant()
    }
}
