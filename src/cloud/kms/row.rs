//! What KMS says about itself in the table of services, beside its operations.

use serde_json::{Value, json};

use super::crypto::KeyUsage;
use super::key::{Key, KeyHandle, KeyState};
use crate::cloud::audit::EventResource;
use crate::cloud::authorize;
use crate::cloud::permission::{DecisionRecord, Keys, Permission, Probe, Requester, Wording};
use crate::cloud::service::{ActionTarget, CallerKey, Forward, Subject, columns};
use crate::cloud::{AccountId, Arn, DocumentId, Region, World, reference};
use crate::policy::key;
use crate::policy::{Action, Grant, Layer};

/// The columns of every key's matrix, after those of what it is for.
const MANAGING: [&str; 6] = [
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:RevokeGrant",
    "kms:PutKeyPolicy",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
];

/// Actions whose requests carry an algorithm even where they do not name it.
const ENCRYPTING: [&str; 5] =
    ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"];

/// What KMS says instead of a reason where the reason would tell a stranger about the key.
const HIDDEN: &str = "because the resource does not exist in this Region, no resource-based policies allow access, \
                      or a resource-based policy explicitly denies access";

/// Words a refusal; to a stranger it says nothing of the key.
pub(super) fn refusal(record: &DecisionRecord, permission: &Permission) -> String {
    if !is_hidden(record) {
        return authorize::refusal(record, permission);
    }
    let place = match permission.wording {
        Wording::Arn => "on this resource",
        Wording::Ciphertext => "on the resource associated with this ciphertext",
    };
    authorize::refusal_of(record, permission, place, HIDDEN)
}

/// Whether KMS hides the key from the caller: it belongs to another account and its policy does not admit them, or
/// there is no such key.
fn is_hidden(record: &DecisionRecord) -> bool {
    let owner = record.request.resource().owner();
    let is_foreign = record.request.principal().account().map(AsRef::as_ref) != owner;
    let is_absent = record.policies.resource.source.is_none() && record.policies.grants.is_empty();
    record.decision.because.layer == Layer::Resource && (is_foreign || is_absent)
}

/// The type of keys, and of aliases, too.
/// Source: KMS Developer Guide, log entries of CreateAlias and UpdateAlias.
pub(super) fn record_type(arn: &Arn) -> Option<&'static str> {
    matches!(arn.resource().split(['/', ':']).next(), Some("key" | "alias")).then_some("AWS::KMS::Key")
}

/// A key as audit records list it.
pub(super) fn recorded_key(key: &KeyHandle) -> EventResource {
    let arn = key.arn();
    let kind = record_type(&arn).unwrap_or_default();
    EventResource { arn: arn.to_string().into(), kind }
}

/// The elements of an operation that changes a key name the key, whatever the operation answers.
/// Source: KMS Developer Guide, "Examples of AWS KMS log entries", entries recorded since December 2022. Those of
/// RetireGrant have none.
pub(super) fn response_elements(operation: &str, elements: Value, resources: &[EventResource]) -> Value {
    let Some(key) = resources.last().filter(|_| operation != "RetireGrant") else { return elements };
    match elements {
        Value::Null => json!({"keyId": key.arn}),
        Value::Object(mut fields) => {
            fields.entry("keyId").or_insert_with(|| json!(key.arn));
            Value::Object(fields)
        }
        other @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => other,
    }
}

/// The keys of a request about cryptography: its encryption context, and an algorithm even where none is named.
/// Source: KMS Developer Guide, "AWS KMS condition keys", kms:EncryptionContext, kms:EncryptionContextKeys and
/// kms:EncryptionAlgorithm.
pub(super) fn assumed_keys(probe: &Probe) -> Keys {
    let context = &probe.encryption_context;
    let pair = |(name, value): (&String, &String)| {
        (format!("kms:EncryptionContext:{name}").into(), value.as_str().into())
    };
    let mut keys: Keys = context.iter().map(pair).collect();
    if !context.is_empty() {
        keys.push((key!("kms:EncryptionContextKeys"), context.keys().map(String::as_str).collect()));
    }
    if ENCRYPTING.contains(&probe.action.as_str()) {
        keys.push((key!("kms:EncryptionAlgorithm"), "SYMMETRIC_DEFAULT".into()));
    }
    keys
}

/// The account of the caller comes with the operations on a key or an alias and with those on custom key stores, not with
/// the few others, such as `ListKeys`. An operation that is not known here counts as one of the many.
// Source: KMS Developer Guide, "conditions-kms" (kms:CallerAccount); Service Authorization Reference, AWS KMS
pub(super) fn caller_keys(action: &str) -> &'static [CallerKey] {
    const ACCOUNT: &str = "kms:CallerAccount";
    static KEYS: [CallerKey; 1] =
        [CallerKey { name: key!("kms:CallerAccount"), value: |principal| principal.account().cloned() }];
    let lacks = |known: &Action| !known.keys.iter().any(|key| key == ACCOUNT);
    if reference().action(action).is_some_and(lacks) { &[] } else { &KEYS }
}

/// The grants on a key that could serve a requester, by the world's reading of their constraints.
pub(super) fn grants(
    world: &World,
    arn: &Arn,
    permission: &Permission,
    requester: &Requester<'_>,
) -> Vec<Grant> {
    let is_case_sensitive = world.fidelity.case_sensitive_constraints;
    world.kms.grants_for(arn, permission, requester, world.now, is_case_sensitive)
}

/// Every key, then every key that a service uses in its callers' names.
pub(super) fn candidates(world: &World) -> Vec<ActionTarget> {
    let keys: Vec<String> = world.kms.keys().map(|key| key.arn()).collect();
    let direct = keys.iter().map(|arn| ActionTarget::direct(key_label(world, arn), arn));
    let through = keys.iter().flat_map(|arn| {
        world.forwards(arn).map(|forward| ActionTarget {
            label: format!("{} through {}", key_name(world, arn), forward.name),
            arn: arn.clone(),
            via: Some(forward.principal),
        })
    });
    direct.chain(through).collect()
}

/// Each key: decrypting by way of another service, what the key is for, and managing it.
pub(super) fn subjects(world: &World) -> Vec<Subject> {
    let of_key = |key: &std::sync::Arc<Key>| {
        let arn = key.arn();
        let mut questions = decrypting_for_services(world, &arn);
        questions.extend(columns(uses(key), &arn));
        questions.extend(columns(&MANAGING, &arn));
        Subject { title: format!("key {}", key_name(world, &arn)), columns: questions }
    };
    world.kms.keys().map(of_key).collect()
}

/// A column for each service that decrypts under a key in its callers' names.
pub fn decrypting_for_services(world: &World, key: &str) -> Vec<(String, Probe)> {
    let column =
        |forward: Forward| (format!("kms:Decrypt via {}", forward.short), forward.probe("kms:Decrypt", key));
    world.forwards(key).map(column).collect()
}

/// Returns the action that a key is there for before all others.
pub fn main_use(key: &Key) -> Option<&'static str> {
    uses(key).first().copied()
}

/// The actions that a key is there for.
fn uses(key: &Key) -> &'static [&'static str] {
    match key.usage {
        KeyUsage::EncryptDecrypt if key.spec.is_symmetric() => {
            &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"]
        }
        KeyUsage::EncryptDecrypt => &["kms:Decrypt", "kms:Encrypt", "kms:GetPublicKey"],
        KeyUsage::SignVerify => &["kms:Sign", "kms:Verify", "kms:GetPublicKey"],
        KeyUsage::GenerateVerifyMac => &["kms:GenerateMac", "kms:VerifyMac"],
        KeyUsage::KeyAgreement => &["kms:DeriveSharedSecret", "kms:GetPublicKey"],
        KeyUsage::EncapsulateDecapsulate => &["kms:Decapsulate", "kms:Encapsulate", "kms:GetPublicKey"],
    }
}

/// What a key has to be for, for some actions on it; other actions are made on keys of any usage.
/// Source: KMS API Reference, the operations, each of which names the `KeyUsage` that it takes.
const TAKES: [(KeyUsage, &[&str]); 5] = [
    (
        KeyUsage::EncryptDecrypt,
        &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyPair",
            "kms:GenerateDataKeyPairWithoutPlaintext",
            "kms:GenerateDataKeyWithoutPlaintext",
        ],
    ),
    (KeyUsage::SignVerify, &["kms:Sign", "kms:Verify"]),
    (KeyUsage::GenerateVerifyMac, &["kms:GenerateMac", "kms:VerifyMac"]),
    (KeyUsage::KeyAgreement, &["kms:DeriveSharedSecret"]),
    (KeyUsage::EncapsulateDecapsulate, &["kms:Encapsulate", "kms:Decapsulate"]),
];

/// Says why KMS refuses an action on a key whoever asks for it: there is no such key, it is for something else, or its
/// state stands in the way of its use.
pub(super) fn fails(world: &World, arn: &Arn, action: &str) -> Option<String> {
    let handle = KeyHandle::of(arn)?;
    let Some(key) = world.kms.key(&handle) else { return Some(format!("there is no key {}", handle.id)) };
    let taken =
        TAKES.iter().find(|(_, actions)| actions.iter().any(|known| known.eq_ignore_ascii_case(action)));
    let (usage, _) = taken?;
    if key.usage != *usage {
        return Some(format!("{action} takes a key for {usage}, and this one is for {}", key.usage));
    }
    let state = key.state();
    (state != KeyState::Enabled).then(|| format!("the state of the key is {}", state.as_str()))
}

/// Lists the policies of all keys.
pub(super) fn documents(world: &World) -> Vec<DocumentId> {
    world.kms.keys().map(|key| DocumentId::KeyPolicy(key.arn())).collect()
}

/// Finds the ARN of the key to which an alias points.
pub(super) fn named(world: &World, account: &AccountId, region: &Region, name: &str) -> Option<String> {
    let (handle, alias) = world.kms.aliases_in(account, region).find(|(handle, _)| *handle.name == *name)?;
    let id = alias.target.clone();
    Some(KeyHandle { account: handle.account.clone(), region: handle.region.clone(), id }.to_string())
}

/// Finds a field of a key's metadata, or a fact about its material.
pub(super) fn field(world: &World, resource: &Arn, field: &str) -> Option<Value> {
    let key = world.kms.key(&KeyHandle::of(resource)?)?;
    Some(match field {
        "KeyState" => json!(key.state().as_str()),
        "Enabled" => json!(key.state() == KeyState::Enabled),
        "Description" => json!(key.description),
        "KeyRotationEnabled" => json!(key.rotation.is_some()),
        "CurrentKeyMaterialId" => json!(key.current_id().map(|id| id.to_string())),
        "RotationCount" => json!(key.materials.iter().filter(|material| material.rotated.is_some()).count()),
        _ => return None,
    })
}

/// How people call a key: its first alias, else the start of its id.
pub fn key_label(world: &World, arn: &str) -> String {
    let label = key_alias_or_id(world, arn);
    label
        .filter(|label| label.starts_with("alias/"))
        .unwrap_or_else(|| arn.rsplit('/').next().unwrap_or(arn).chars().take(8).collect())
}

/// Returns a key's first alias, or else its id; `None` if the ARN is not of a key.
pub fn key_alias_or_id(world: &World, arn: &str) -> Option<String> {
    let handle = KeyHandle::of(&arn.parse().ok()?)?;
    let alias = world.kms.key(&handle).and_then(|key| key.aliases.first().cloned());
    Some(alias.unwrap_or_else(|| handle.id.to_string()))
}

/// A key by its label, without the word every alias begins with.
pub fn key_name(world: &World, arn: &str) -> String {
    let label = key_label(world, arn);
    label.strip_prefix("alias/").map_or(label.clone(), str::to_owned)
}
