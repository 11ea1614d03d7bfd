//! The Key Management Service: keys, what may be done with them, and the cryptography itself.
//!
//! | file | what |
//! |---|---|
//! | `crypto` | the algorithms, and which fits which kind of key |
//! | `key`, `state` | what KMS knows |
//! | `names`, `facts`, `input`, `errors`, `records` | how a key is named; what it brings to a decision; checks; wording; audit records |
//! | `create_key`, `metadata`, `policies`, `aliases`, `tags`, `lifecycle` | operations that manage |
//! | `rotation`, `import`, `multi_region` | operations on key material |
//! | `key_use`, `encrypt`, `reencrypt`, `data_keys`, `signatures`, `encapsulation`, `macs` | operations that use key material |
//! | `grants` | grants and the operations on them |
//! | `managed` | the keys AWS keeps in each account |
//! | `row` | what KMS says about itself in the table of services |
//! | `time` | what happens as time goes by |
//!
//! Custom key stores and Nitro enclaves are not simulated.

mod aliases;
mod create_key;
pub mod crypto;
mod data_key_pair;
mod data_keys;
mod encapsulation;
mod encrypt;
mod errors;
mod facts;
mod grants;
mod import;
mod input;
mod key;
mod key_use;
mod lifecycle;
mod macs;
mod managed;
mod metadata;
mod multi_region;
mod names;
mod policies;
mod records;
mod reencrypt;
mod rotation;
mod row;
mod signatures;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod time;

pub use aliases::*;
pub use create_key::*;
pub use data_keys::*;
pub use encapsulation::*;
pub use encrypt::*;
pub use grants::*;
pub use import::*;
pub use input::Choice;
pub use key::{
    Deletion, Key, KeyHandle, KeyState, Manager, Material, MaterialState, Needs, PROPAGATION, RotationType,
    Schedule,
};
pub use lifecycle::*;
pub use macs::*;
pub use metadata::{KeyMetadata, MultiRegionConfiguration, MultiRegionKey};
pub use multi_region::*;
pub use names::NamedKey;
pub use policies::*;
pub use reencrypt::*;
pub use rotation::*;
pub use row::{decrypting_for_services, key_alias_or_id, key_label, key_name, main_use};
pub use signatures::*;
pub use state::{Alias, AliasHandle, LastUse, LastUses, State};
pub use tags::*;

use super::iam::Empty;
use super::operation::service;
use super::service::{self, ErrorStyle};
use super::world::Service;

service! {
    "kms", differs: [
        "Custom key stores and Nitro enclaves are not simulated.",
        "Ciphertexts have the shape and the length of AWS's, but name their key in a way of their own: none can be carried over in either direction.",
        "The key spec `SM2`, which only China Regions have, is not simulated.",
        "Requests are not throttled, and the number of keys has no quota; the other quotas are AWS's defaults.",
        "Any Region name is a Region; every account has every Region.",
        "What AWS does in the background is done at once: no key is ever `Creating` or `Updating`, and a rotation on demand is complete when it is answered. `Unavailable` is a state of custom key stores.",
        "The condition key `kms:ResourceAliases` counts in key policies as well; on AWS in IAM policies only.",
        "Error texts that AWS publishes nowhere are inferred. The code marks them as doubtful.",
    ];
    /// Takes back a scheduled deletion.
    CancelKeyDeletion(CancelKeyDeletionRequest) -> KeyIdResponse {
        records: ["KeyId"]
    };
    /// Creates an alias for a key.
    CreateAlias(CreateAliasRequest) -> Empty {
        records: ["AliasName", "TargetKeyId"]
        differs: [
            "A name below `alias/aws/` answers `NotAuthorizedException`, which is known from emulators only.",
        ]
    };
    /// Gives one principal permissions on a key.
    CreateGrant(CreateGrantRequest) -> CreateGrantResponse {
        records: ["KeyId", "GranteePrincipal", "GranteeServicePrincipal", "RetiringPrincipal", "RetiringServicePrincipal", "Operations", "Constraints", "GrantTokens", "Name", "DryRun"]
        differs: [
            "A principal of an account that is not simulated is taken as existing, and so is every service principal.",
        ]
    };
    /// Creates a KMS key with its policy.
    CreateKey(CreateKeyRequest) -> KeyMetadataResponse {
        records: ["Policy", "Description", "KeyUsage", "CustomerMasterKeySpec", "KeySpec", "Origin", "CustomKeyStoreId", "BypassPolicyLockoutSafetyCheck", "Tags", "MultiRegion"]
        refuses: ["XksKeyId"]
        differs: [
            "A `CustomKeyStoreId` is never found, and the origins `AWS_CLOUDHSM` and `EXTERNAL_KEY_STORE` answer `UnsupportedOperationException`.",
            "Principals of accounts that are not simulated are taken as existing, but not where a unique id names them.",
        ]
    };
    /// Recovers a shared secret from its encapsulated form.
    Decapsulate(DecapsulateRequest) -> DecapsulateResponse {
        records: ["KeyId", "EncapsulationAlgorithm", "DryRun"]
    };
    /// Decrypts a ciphertext of KMS.
    Decrypt(DecryptRequest) -> DecryptResponse {
        records: ["KeyId", "EncryptionAlgorithm", "EncryptionContext", "DryRun"]
        refuses: ["Recipient"]
    };
    /// Deletes an alias of a key.
    DeleteAlias(DeleteAliasRequest) -> Empty {
        records: ["AliasName"]
    };
    /// Deletes imported key material.
    DeleteImportedKeyMaterial(DeleteImportedKeyMaterialRequest) -> KeyMaterialResponse {
        records: ["KeyId", "KeyMaterialId"]
    };
    /// Derives a secret shared with somebody else.
    DeriveSharedSecret(DeriveSharedSecretRequest) -> DeriveSharedSecretResponse {
        records: ["KeyId", "KeyAgreementAlgorithm", "PublicKey", "DryRun"]
        refuses: ["Recipient"]
    };
    /// Describes a KMS key.
    DescribeKey(DescribeKeyRequest) -> KeyMetadataResponse {
        records: ["KeyId", "GrantTokens"]
    };
    /// Switches a key off.
    DisableKey(DisableKeyRequest) -> Empty {
        records: ["KeyId"]
    };
    /// Stops the automatic rotation of a key.
    DisableKeyRotation(DisableKeyRotationRequest) -> Empty {
        records: ["KeyId"]
    };
    /// Switches a key on.
    EnableKey(EnableKeyRequest) -> Empty {
        records: ["KeyId"]
    };
    /// Lets a key rotate by itself.
    EnableKeyRotation(EnableKeyRotationRequest) -> Empty {
        records: ["KeyId", "RotationPeriodInDays"]
    };
    /// Makes a shared secret and its encapsulated form.
    Encapsulate(EncapsulateRequest) -> EncapsulateResponse {
        records: ["KeyId", "EncapsulationAlgorithm", "DryRun"]
    };
    /// Encrypts a few kilobytes at most.
    Encrypt(EncryptRequest) -> EncryptResponse {
        records: ["KeyId", "EncryptionAlgorithm", "EncryptionContext", "DryRun"]
    };
    /// Makes a data key.
    GenerateDataKey(GenerateDataKeyRequest) -> GenerateDataKeyResponse {
        records: ["KeyId", "EncryptionContext", "NumberOfBytes", "KeySpec", "DryRun"]
        refuses: ["Recipient"]
    };
    /// Makes a data key pair.
    GenerateDataKeyPair(GenerateDataKeyPairRequest) -> GenerateDataKeyPairResponse {
        records: ["KeyId", "EncryptionContext", "KeyPairSpec", "DryRun"]
        refuses: ["Recipient"]
    };
    /// Makes a data key pair and keeps the private key to itself.
    GenerateDataKeyPairWithoutPlaintext(GenerateDataKeyPairWithoutPlaintextRequest) -> GenerateDataKeyPairWithoutPlaintextResponse {
        records: ["KeyId", "EncryptionContext", "KeyPairSpec", "DryRun"]
    };
    /// Makes a data key and keeps it to itself.
    GenerateDataKeyWithoutPlaintext(GenerateDataKeyWithoutPlaintextRequest) -> GenerateDataKeyWithoutPlaintextResponse {
        records: ["KeyId", "EncryptionContext", "NumberOfBytes", "KeySpec", "DryRun"]
    };
    /// Computes a message authentication code.
    GenerateMac(GenerateMacRequest) -> GenerateMacResponse {
        records: ["KeyId", "MacAlgorithm", "DryRun"]
    };
    /// Makes up to 1,024 random bytes.
    GenerateRandom(GenerateRandomRequest) -> GenerateRandomResponse {
        records: ["NumberOfBytes", "CustomKeyStoreId"]
        refuses: ["Recipient"]
        differs: [
            "A `CustomKeyStoreId` is never found.",
            "The bytes follow from the world's seed: for learning, not for use.",
        ]
    };
    /// Says when a key was last used.
    GetKeyLastUsage(GetKeyLastUsageRequest) -> GetKeyLastUsageResponse {
        records: ["KeyId"]
        differs: [
            "Uses are noted from the creation of the key on. The answer leaves out the id of the audit record.",
        ]
    };
    /// Reads a key policy.
    GetKeyPolicy(GetKeyPolicyRequest) -> GetKeyPolicyResponse {
        records: ["KeyId", "PolicyName"]
    };
    /// Says whether a key rotates by itself.
    GetKeyRotationStatus(GetKeyRotationStatusRequest) -> GetKeyRotationStatusResponse {
        records: ["KeyId"]
        differs: [
            "There is no `OnDemandRotationStartDate`, which AWS shows while a rotation goes on.",
        ]
    };
    /// Hands out a wrapping key for import.
    GetParametersForImport(GetParametersForImportRequest) -> GetParametersForImportResponse {
        records: ["KeyId", "WrappingAlgorithm", "WrappingKeySpec"]
        differs: [
            "The wrapping key is made at the call, which takes a moment for RSA_4096.",
        ]
    };
    /// Returns the public key of a key pair.
    GetPublicKey(GetPublicKeyRequest) -> GetPublicKeyResponse {
        records: ["KeyId", "GrantTokens"]
    };
    /// Imports key material that the customer made.
    ImportKeyMaterial(ImportKeyMaterialRequest) -> KeyMaterialResponse {
        records: ["KeyId", "ValidTo", "ExpirationModel", "ImportType", "KeyMaterialDescription", "KeyMaterialId"]
    };
    /// Lists the aliases of the Region.
    ListAliases(ListAliasesRequest) -> ListAliasesResponse {
        records: ["KeyId", "Limit", "Marker"]
        differs: [
            "The alias of an AWS service is listed from the first use of its key on; AWS may list it before, without a `TargetKeyId`.",
        ]
    };
    /// Lists the grants of a key.
    ListGrants(ListGrantsRequest) -> ListGrantsResponse {
        records: ["Limit", "Marker", "KeyId", "GrantId", "GranteePrincipal", "GranteeServicePrincipal"]
    };
    /// Lists the names of a key's policies.
    ListKeyPolicies(ListKeyPoliciesRequest) -> ListKeyPoliciesResponse {
        records: ["KeyId", "Limit", "Marker"]
        differs: [
            "A `Marker` is ignored: there is one page.",
        ]
    };
    /// Lists a key's materials.
    ListKeyRotations(ListKeyRotationsRequest) -> ListKeyRotationsResponse {
        records: ["KeyId", "IncludeKeyMaterial", "Limit", "Marker"]
    };
    /// Lists the keys of the Region.
    ListKeys(ListKeysRequest) -> ListKeysResponse {
        records: ["Limit", "Marker"]
        refuses: ["ResourceOwners"]
    };
    /// Lists the tags of a key.
    ListResourceTags(ListResourceTagsRequest) -> ListResourceTagsResponse {
        records: ["KeyId", "Limit", "Marker"]
    };
    /// Lists the grants a principal may retire.
    ListRetirableGrants(ListRetirableGrantsRequest) -> ListGrantsResponse {
        records: ["Limit", "Marker", "RetiringPrincipal"]
        refuses: ["RetiringServicePrincipal"]
    };
    /// Writes a key policy.
    PutKeyPolicy(PutKeyPolicyRequest) -> Empty {
        records: ["KeyId", "PolicyName", "Policy", "BypassPolicyLockoutSafetyCheck"]
        differs: [
            "A policy is in force at once.",
            "Principals of accounts that are not simulated are taken as existing, but not where a unique id names them.",
            "The texts for broken JSON and missing elements are the first finding of this program's own reader.",
        ]
    };
    /// Decrypts and encrypts again.
    ReEncrypt(ReEncryptRequest) -> ReEncryptResponse {
        records: ["SourceKeyId", "SourceEncryptionAlgorithm", "SourceEncryptionContext", "DestinationKeyId", "DestinationEncryptionAlgorithm", "DestinationEncryptionContext", "DryRun"]
    };
    /// Makes a replica of a multi-Region key.
    ReplicateKey(ReplicateKeyRequest) -> ReplicateKeyResponse {
        records: ["KeyId", "ReplicaRegion", "Policy", "BypassPolicyLockoutSafetyCheck", "Description", "Tags"]
    };
    /// Ends a grant by those it concerns.
    RetireGrant(RetireGrantRequest) -> Empty {
        records: ["GrantToken", "KeyId", "GrantId", "DryRun"]
    };
    /// Ends a grant by those who manage the key.
    RevokeGrant(RevokeGrantRequest) -> Empty {
        records: ["KeyId", "GrantId", "DryRun"]
    };
    /// Rotates a key now.
    RotateKeyOnDemand(RotateKeyOnDemandRequest) -> KeyIdResponse {
        records: ["KeyId"]
    };
    /// Schedules the deletion of a key.
    ScheduleKeyDeletion(ScheduleKeyDeletionRequest) -> ScheduleKeyDeletionResponse {
        records: ["KeyId", "PendingWindowInDays"]
    };
    /// Signs a message or its digest.
    Sign(SignRequest) -> SignResponse {
        records: ["KeyId", "MessageType", "SigningAlgorithm", "DryRun"]
    };
    /// Sets tags of a key.
    TagResource(TagResourceRequest) -> Empty {
        records: ["KeyId", "Tags"]
    };
    /// Takes tags from a key.
    UntagResource(UntagResourceRequest) -> Empty {
        records: ["KeyId", "TagKeys"]
    };
    /// Points an alias to another key.
    UpdateAlias(UpdateAliasRequest) -> Empty {
        records: ["AliasName", "TargetKeyId"]
    };
    /// Changes the description of a key.
    UpdateKeyDescription(UpdateKeyDescriptionRequest) -> Empty {
        records: ["KeyId", "Description"]
    };
    /// Moves the primary of a multi-Region key to another Region.
    UpdatePrimaryRegion(UpdatePrimaryRegionRequest) -> Empty {
        records: ["KeyId", "PrimaryRegion"]
    };
    /// Verifies the signature of a message.
    Verify(VerifyRequest) -> VerifyResponse {
        records: ["KeyId", "MessageType", "SigningAlgorithm", "DryRun"]
    };
    /// Verifies a message authentication code.
    VerifyMac(VerifyMacRequest) -> VerifyMacResponse {
        records: ["KeyId", "MacAlgorithm", "DryRun"]
    };
}

/// KMS in the table of services.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    own_events: time::OWN_EVENTS,
    errors: ErrorStyle::Json,
    facts: |world, arn, permission| world.kms.facts(arn, permission, world.now),
    grants: row::grants,
    grantees: |world, arn, permission| world.kms.grantees(arn, permission, world.now),
    key_question: service::no_key_question,
    fails: row::fails,
    authorization_ids: None,
    refusal: row::refusal,
    record_type: row::record_type,
    settle: super::World::settle_kms,
    response_elements: row::response_elements,
    takes: service::any_caller,
    assumed_keys: row::assumed_keys,
    caller_keys: row::caller_keys,
    forwards: service::no_forward,
    candidates: row::candidates,
    subjects: row::subjects,
    documents: row::documents,
    named: row::named,
    short: service::no_short,
    field: row::field,
};
