//! Which of AWS's delays and caches the world keeps, and what it does where sources disagree. Each is a switch, so that a
//! scenario can teach one at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The switches of AWS's delays and caches, all off unless given, and of rules that sources tell in two ways, each as the
/// newest source has it unless given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub struct Fidelity {
    /// DynamoDB keeps a table's plaintext key for five minutes; for whom says `table_key_holder`.
    /// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", table key caching.
    pub table_key_cache: bool,
    /// Who shares a table key that is kept.
    pub table_key_holder: TableKeyHolder,
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
    /// The address from which a service calls another one in somebody's name.
    pub forwarded_address: ForwardedAddress,
    /// What the audit trail says of the parameters of a call that was refused.
    pub refused_parameters: RefusedParameters,
    /// What `GetKeyRotationStatus` answers for a key with imported material.
    pub imported_rotation_status: ImportedRotationStatus,
}

/// Who shares a table key that DynamoDB keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableKeyHolder {
    /// One caller, on all connections: a user, or one session of a role.
    /// Source: DynamoDB Developer Guide, "Encryption at rest usage notes", as of 2026: "for each caller".
    #[default]
    Caller,
    /// One caller on one connection. Source: the same page as of 2019 to 2023: "for each connection".
    Connection,
    /// One principal: a user, or a role with all of its sessions.
    /// Source: KMS Developer Guide, "How Amazon DynamoDB uses AWS KMS", as of 2018: "for each principal".
    Principal,
}

/// The address of a call that a service makes in somebody's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForwardedAddress {
    /// An address of the service, as `aws:SourceIp`.
    /// Source: KMS Developer Guide, "AWS global condition keys": "an IP address that is associated with" the service.
    #[default]
    Service,
    /// None: there is no `aws:SourceIp`, as behind a VPC endpoint.
    /// Source: IAM User Guide, "AWS global condition context keys", `aws:SourceIp`, of calls through an endpoint.
    Absent,
}

/// The parameters of a refused call in the audit trail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedParameters {
    /// `null`. Source: published records of refused calls of IAM, such as `GetRole`.
    #[default]
    Null,
    /// The parameters of the call. Source: published records of refused calls of S3, such as `ListBuckets`.
    Kept,
}

/// What `GetKeyRotationStatus` answers for a key with imported material.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportedRotationStatus {
    /// That it is not rotated by itself, unless its material is missing: such keys can be rotated on demand.
    /// Source: KMS Developer Guide, "Key states of AWS KMS keys": an error for `PendingImport` alone.
    #[default]
    Answered,
    /// An error, in every state. Source: an older text of the same page.
    Refused,
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
            table_key_holder: TableKeyHolder::default(),
            forwarded_address: ForwardedAddress::default(),
            refused_parameters: RefusedParameters::default(),
            imported_rotation_status: ImportedRotationStatus::default(),
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
            ..Self::instant()
        }
    }
}

impl Default for Fidelity {
    fn default() -> Self {
        Self::instant()
    }
}
