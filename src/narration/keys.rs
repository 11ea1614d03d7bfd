//! The keys of this world with their grants, and what can be done with each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::clock;
use crate::cloud::kms::{Grant, Key, KeyState, Manager};
use crate::cloud::{Call, CallContext, World};
use crate::lab::Lab;

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceStanding {
    /// The key can be used.
    Usable,
    /// The key is switched off.
    Off,
    /// The key will be deleted.
    Ending,
}

/// A key as the keys pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The alias, else the start of the key's id.
    pub label: String,
    /// The key's other aliases, in words; empty without any.
    pub also: String,
    /// The start of its id.
    pub id: String,
    pub owner: String,
    /// The key spec, in words.
    pub spec: String,
    /// AWS's word for its state.
    pub state: String,
    pub standing: ResourceStanding,
    /// The next rotation, in words.
    pub rotation: String,
    /// How many materials it has, if more than one.
    pub materials: String,
    /// The day of the deletion, if it is scheduled.
    pub deletion: Option<String>,
    pub grants: Vec<GrantRow>,
}

/// A grant as the keys pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// The start of its id.
    pub id: String,
    /// Who may use it.
    pub grantee: String,
    /// The operations that the grant allows.
    pub operations: String,
    /// The constraint, in words; empty without one.
    pub only_for: String,
    /// Until when it is not known everywhere, if it is not.
    pub not_before: Option<String>,
    /// If it was revoked or retired: for whom it still serves, and until when.
    pub ends: Option<String>,
}

/// Something that can be done with a key or a grant.
#[derive(Clone, Debug)]
pub struct KeyAction {
    pub label: String,
    /// The call and what it leads to.
    pub detail: String,
    /// What choosing it does.
    pub does: Does,
}

/// What choosing a row of a key's menu does.
#[derive(Clone, Debug)]
pub enum Does {
    /// Makes the call as the acting identity.
    Call(Box<Call>),
    /// Begins a line in the console, for the person to end.
    Line(String),
}

/// What a row of the list stands for.
enum Row<'w> {
    Key(&'w Key),
    Grant(&'w Key, &'w Grant),
}

/// The grants of a key that serve somebody: those for people before those for services, the newest first.
fn grants_of<'w>(world: &'w World, key: &'w Key) -> Vec<&'w Grant> {
    let all = world.kms().grants();
    let mut grants: Vec<&Grant> =
        all.of_key(&key.handle).chain(all.ending_of_key(&key.handle)).map(AsRef::as_ref).collect();
    grants.sort_by_key(|grant| (!grant.grantee.starts_with("arn:"), std::cmp::Reverse(grant.created)));
    grants
}

/// The keys in the order of the list, each followed by its grants.
fn rows(world: &World) -> Vec<Row<'_>> {
    let mut out = Vec::new();
    for key in world.kms().keys() {
        out.push(Row::Key(key));
        out.extend(grants_of(world, key).into_iter().map(|grant| Row::Grant(key, grant)));
    }
    out
}

/// Everything the list shows.
pub fn keys(lab: &Lab) -> Vec<KeyRow> {
    let world = lab.world();
    world.kms().keys().map(|key| key_row(lab, world, key)).collect()
}

fn key_row(lab: &Lab, world: &World, key: &Key) -> KeyRow {
    let owner = match key.manager {
        Manager::Customer => "customer managed".to_owned(),
        Manager::Aws(service) => format!("AWS managed, for {service}"),
    };
    let rotation = match &key.rotation {
        Some(schedule) => {
            format!("rotates every {} days, next {}", schedule.period_days, day(schedule.next))
        }
        None => "no automatic rotation".to_owned(),
    };
    let materials = match key.materials.len() {
        0 | 1 => String::new(),
        n => format!("{n} materials"),
    };
    let standing = match key.state() {
        KeyState::Enabled => ResourceStanding::Usable,
        KeyState::Disabled | KeyState::PendingImport => ResourceStanding::Off,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => ResourceStanding::Ending,
    };
    let deletion = key.deletion.as_ref().map(|deletion| match deletion.date {
        Some(date) => format!("deleted on {}", moment(date)),
        None => "deleted when its replicas are".to_owned(),
    });
    let others: Vec<&str> = key.aliases.iter().skip(1).map(|alias| &**alias).collect();
    KeyRow {
        also: if others.is_empty() { String::new() } else { format!("also {}", others.join(", ")) },
        label: crate::cloud::kms::key_label(world, &key.arn()),
        id: key.handle.id.chars().take(8).collect(),
        owner,
        spec: key.spec.to_string(),
        state: key.state().to_string(),
        standing,
        rotation,
        materials,
        deletion,
        grants: grants_of(world, key).into_iter().map(|grant| grant_row(lab, world, grant)).collect(),
    }
}

fn grant_row(lab: &Lab, world: &World, grant: &Grant) -> GrantRow {
    let operations: Vec<&str> = grant.operations.iter().map(|o| o.as_str()).collect();
    let only_for = grant.constraints.pairs().map(|(context, exactly)| {
        let pairs: Vec<String> = context.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let words = if exactly { "only for exactly" } else { "only for" };
        format!("{words} {}", pairs.join(", "))
    });
    let source = grant.constraints.source_arn.as_ref().map(|arn| format!("in the name of {arn}"));
    let only_for: Vec<String> = only_for.into_iter().chain(source).collect();
    let known = grant.is_known(world.now());
    GrantRow {
        id: grant.id.chars().take(8).collect(),
        grantee: lab.stage().names.short(&grant.grantee).to_owned(),
        operations: operations.join(" "),
        only_for: only_for.join(", "),
        not_before: (!known && grant.known_until.is_none()).then(|| clock(grant.known_from)),
        ends: grant.known_until.map(|until| {
            let what = if known { "still serves" } else { "its token still serves" };
            format!("ended, {what} until {}", clock(until))
        }),
    }
}

fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// What can be done with the key or grant on a row of the list.
pub fn actions(lab: &Lab, row: usize) -> Vec<KeyAction> {
    let all = rows(lab.world());
    match all.get(row) {
        Some(Row::Key(key)) => key_actions(lab, key),
        Some(Row::Grant(key, grant)) => grant_actions(lab, key, grant),
        None => Vec::new(),
    }
}

/// How a call names a key: by its id at home, else by its ARN. Source: KMS API Reference, `KeyId`.
fn name_of(lab: &Lab, key: &Key) -> String {
    let at_home = key.handle.account == lab.stage().names.home;
    if at_home { key.handle.id.to_string() } else { key.arn() }
}

/// Adds a call, unless it cannot be written (which only a mistake here could cause).
fn add(out: &mut Vec<KeyAction>, key: &Key, label: &str, detail: &str, operation: &str, input: Value) {
    if let Ok(call) = Call::decode("kms", operation, input) {
        let call = call.with_context(CallContext::in_region(key.handle.region.clone()));
        let detail = format!("{operation}{}{detail}", if detail.is_empty() { "" } else { ": " });
        out.push(KeyAction { label: label.to_owned(), detail, does: Does::Call(Box::new(call)) });
    }
}

fn key_actions(lab: &Lab, key: &Key) -> Vec<KeyAction> {
    let id = name_of(lab, key);
    let mut out = Vec::new();
    let only_key = json!({"KeyId": id});
    if key.deletion.is_some() {
        let detail = "it comes back disabled";
        add(&mut out, key, "Cancel the deletion", detail, "CancelKeyDeletion", only_key.clone());
    }
    if key.enabled {
        let detail = "whatever needs it fails at once";
        add(&mut out, key, "Disable", detail, "DisableKey", only_key.clone());
    } else {
        add(&mut out, key, "Enable", "", "EnableKey", only_key.clone());
    }
    if key.deletion.is_none() {
        for days in [7, 30] {
            let label = format!("Schedule its deletion in {days} days");
            let detail = if days == 7 { "the shortest wait; unusable at once" } else { "the usual wait" };
            let input = json!({"KeyId": id, "PendingWindowInDays": days});
            add(&mut out, key, &label, detail, "ScheduleKeyDeletion", input);
        }
    }
    // Source: KMS Developer Guide, "Rotate AWS KMS keys": only symmetric encryption keys are rotated.
    if key.spec.is_symmetric() {
        let detail = "new material encrypts, old material still decrypts";
        add(&mut out, key, "Rotate now", detail, "RotateKeyOnDemand", only_key.clone());
        if key.rotation.is_some() {
            add(&mut out, key, "Stop rotating by itself", "", "DisableKeyRotation", only_key);
        } else {
            let detail = "every 365 days";
            add(&mut out, key, "Rotate by itself", detail, "EnableKeyRotation", only_key);
        }
    }
    if lab.scenario().palette.unaided.iter().any(|action| action == "kms:CreateGrant") {
        out.push(KeyAction {
            label: "Create a grant".to_owned(),
            detail: "CreateGrant: for whom and for what, you write in the console".to_owned(),
            does: Does::Line(format!("aws kms create-grant --key-id {id} ")),
        });
        return out;
    }
    let table = lab.watched_table().filter(|_| key.spec.is_symmetric());
    let table = table.map(|table| table.handle.name.to_string());
    // Only symmetric keys take an encryption context.
    let detail = if key.spec.is_symmetric() { "in any encryption context" } else { "" };
    for persona in lab.personas() {
        let Some((account, kind, name)) = persona.identity() else { continue };
        let arn = format!("arn:aws:iam::{account}:{}/{name}", kind.word());
        let mut input = json!({"KeyId": id, "GranteePrincipal": arn, "Operations": ["Decrypt"]});
        let label = format!("Grant {} Decrypt", persona.name);
        add(&mut out, key, &label, detail, "CreateGrant", input.clone());
        if let Some(table) = &table {
            input["Constraints"] = json!({"EncryptionContextSubset": {"aws:dynamodb:tableName": table}});
            let label = format!("Grant {} Decrypt for {table} only", persona.name);
            add(&mut out, key, &label, "with an encryption context", "CreateGrant", input);
        }
    }
    out
}

fn grant_actions(lab: &Lab, key: &Key, grant: &Grant) -> Vec<KeyAction> {
    let id = name_of(lab, key);
    let mut out = Vec::new();
    if grant.known_until.is_none() {
        let input = json!({"KeyId": id, "GrantId": &*grant.id});
        add(&mut out, key, "Revoke", "its owner takes it back", "RevokeGrant", input);
        let input = json!({"KeyId": key.arn(), "GrantId": &*grant.id});
        add(&mut out, key, "Retire", "its user gives it back", "RetireGrant", input);
    }
    // What there is to decrypt under this key: the wrapped key of the table.
    let arn = key.arn();
    let tables = lab.world().dynamodb().tables();
    for table in tables.filter(|t| t.key_arn() == Some(arn.as_str())) {
        let blob = BASE64.encode(&table.disk.view().table_key().blob);
        let mut input = json!({"CiphertextBlob": blob, "EncryptionContext": table.encryption_context()});
        let name = &table.handle.name;
        let label = format!("Decrypt the table key of {name}");
        add(&mut out, key, &label, "without the grant's token", "Decrypt", input.clone());
        if let Some(token) = token_of(lab, &grant.id) {
            input["GrantTokens"] = json!([token]);
            let label = "The same with the grant's token";
            add(&mut out, key, label, "a token works before the grant is known everywhere", "Decrypt", input);
        }
    }
    out
}

/// The token that the call which made the grant has answered.
fn token_of(lab: &Lab, grant: &str) -> Option<String> {
    let made = lab.history().done().iter().filter_map(|step| step.call());
    let mut answers =
        made.filter_map(|made| made.outcome.result.as_ref().ok().map(crate::cloud::Output::to_json));
    let answer = answers
        .find(|a| a.get("GrantId").and_then(Value::as_str) == Some(grant) && a.get("GrantToken").is_some())?;
    answer.get("GrantToken").and_then(Value::as_str).map(str::to_owned)
}
