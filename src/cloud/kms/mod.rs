//! The Key Management Service: keys, what may be done with them, and the cryptography itself.
//!
//! | file | what |
//! |---|---|
//! | `crypto` | the algorithms, and which fits which kind of key |
//! | `key`, `state`, `grants` | what KMS knows |
//! | `names`, `facts`, `input`, `errors` | how a key is named; what it brings to a decision; checks; wording |
//! | `keys`, `metadata`, `policies`, `aliases`, `tags` | operations that manage |
//! | `use_key`, `encrypt`, `data_keys` | operations that use key material |
//! | `grant_ops` | operations on grants |
//!
//! Custom key stores and Nitro enclaves are not simulated.

mod aliases;
pub mod crypto;
mod data_keys;
mod encrypt;
mod errors;
mod facts;
mod grant_ops;
mod grants;
mod input;
mod key;
mod keys;
mod lifecycle;
mod metadata;
mod names;
mod policies;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod time;
mod use_key;

pub use aliases::*;
pub use data_keys::*;
pub use encrypt::*;
pub use grant_ops::*;
pub use grants::{Grant, GrantConstraints, GrantOperation, Grants, MAX_GRANTS, PROPAGATION};
pub use input::Choice;
pub use key::{
    Deletion, Key, KeyHandle, KeyState, Manager, Material, MaterialState, Needs, RotationType, Schedule,
};
pub use keys::*;
pub use lifecycle::*;
pub use metadata::{KeyMetadata, MultiRegionConfiguration, MultiRegionKey};
pub use names::Target;
pub use policies::*;
pub use state::{Alias, AliasHandle, LastUse, State};
pub use tags::*;

use super::call::service;
use super::iam::Empty;

service! {
    "kms", Kms;
    /// Takes back a scheduled deletion.
    CancelKeyDeletion(CancelKeyDeletionRequest) -> KeyIdResponse;
    /// Creates an alias.
    CreateAlias(CreateAliasRequest) -> Empty;
    /// Gives one principal permissions on a key.
    CreateGrant(CreateGrantRequest) -> CreateGrantResponse;
    /// Creates a key.
    CreateKey(CreateKeyRequest) -> KeyMetadataResponse;
    /// Decrypts.
    Decrypt(DecryptRequest) -> DecryptResponse;
    /// Deletes an alias.
    DeleteAlias(DeleteAliasRequest) -> Empty;
    /// Describes a key.
    DescribeKey(DescribeKeyRequest) -> KeyMetadataResponse;
    /// Switches a key off.
    DisableKey(DisableKeyRequest) -> Empty;
    /// Switches a key on.
    EnableKey(EnableKeyRequest) -> Empty;
    /// Encrypts.
    Encrypt(EncryptRequest) -> EncryptResponse;
    /// Makes a data key.
    GenerateDataKey(GenerateDataKeyRequest) -> GenerateDataKeyResponse;
    /// Makes a data key pair.
    GenerateDataKeyPair(GenerateDataKeyPairRequest) -> GenerateDataKeyPairResponse;
    /// Makes a data key pair and keeps the private key to itself.
    GenerateDataKeyPairWithoutPlaintext(GenerateDataKeyPairWithoutPlaintextRequest)
        -> GenerateDataKeyPairWithoutPlaintextResponse;
    /// Makes a data key and keeps it to itself.
    GenerateDataKeyWithoutPlaintext(GenerateDataKeyWithoutPlaintextRequest)
        -> GenerateDataKeyWithoutPlaintextResponse;
    /// Makes random bytes.
    GenerateRandom(GenerateRandomRequest) -> GenerateRandomResponse;
    /// Reads a key policy.
    GetKeyPolicy(GetKeyPolicyRequest) -> GetKeyPolicyResponse;
    /// Lists aliases.
    ListAliases(ListAliasesRequest) -> ListAliasesResponse;
    /// Lists the names of a key's policies.
    ListKeyPolicies(ListKeyPoliciesRequest) -> ListKeyPoliciesResponse;
    /// Lists keys.
    ListKeys(ListKeysRequest) -> ListKeysResponse;
    /// Lists the tags of a key.
    ListResourceTags(ListResourceTagsRequest) -> ListResourceTagsResponse;
    /// Writes a key policy.
    PutKeyPolicy(PutKeyPolicyRequest) -> Empty;
    /// Decrypts and encrypts again.
    ReEncrypt(ReEncryptRequest) -> ReEncryptResponse;
    /// Schedules the deletion of a key.
    ScheduleKeyDeletion(ScheduleKeyDeletionRequest) -> ScheduleKeyDeletionResponse;
    /// Tags a key.
    TagResource(TagResourceRequest) -> Empty;
    /// Takes tags from a key.
    UntagResource(UntagResourceRequest) -> Empty;
    /// Points an alias to another key.
    UpdateAlias(UpdateAliasRequest) -> Empty;
    /// Changes the description of a key.
    UpdateKeyDescription(UpdateKeyDescriptionRequest) -> Empty;
}
