//! The watched call: what the lab asks again and again, of everybody, in force and on the draft.
//!
//! A scenario has one of its own. The learner may choose another; like the acting identity, the choice is no step: going
//! back in time leaves it, starting again does not.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::document;
use crate::cloud::dynamodb::Table;
use crate::cloud::kms::Key;
use crate::cloud::kms::crypto::read_header;
use crate::cloud::kms::key_name;
use crate::cloud::{Call, CallContext, Caller, DecisionRecord, Outcome, Region, World};
use crate::policy::Difference;
use crate::scenario::{Stage, in_the_name_of, table_called, table_of_key};

/// The call that is made again, for everybody, after each change.
#[derive(Clone, Debug)]
pub struct Watched {
    call: Call,
    about: String,
}

impl Watched {
    /// A call to be watched, in the words of that world.
    pub fn of(call: Call, world: &World) -> Self {
        let about = about(&call, world);
        Self { call, about }
    }

    /// The call of a scenario, see [`Stage::watched`].
    pub(super) fn of_scenario(stage: &Stage, world: &World) -> Option<Self> {
        stage.watched(world).map(|call| Self::of(call, world))
    }

    /// Returns the call that is made.
    pub fn call(&self) -> Call {
        self.call.clone()
    }

    /// Names what the call is about, such as `CustomerData`; empty if that cannot be said.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Returns the operation and its subject: `dynamodb:Scan CustomerData`.
    pub fn title(&self) -> String {
        let action = self.call.action();
        if self.about.is_empty() { action } else { format!("{action} {}", self.about) }
    }

    /// Says whether another call asks the same.
    pub fn is(&self, call: &Call) -> bool {
        is_same(&self.call, call)
    }

    /// The table it is about, if that is in this world: the one it reads, or the one whose table key it decrypts.
    pub fn table<'w>(&self, world: &'w World) -> Option<&'w Arc<Table>> {
        let input = self.call.input.to_json();
        if let Some(name) = input.get("TableName").and_then(Value::as_str) {
            return table_called(world, name);
        }
        table_of_key(world, input.get("CiphertextBlob")?.as_str()?)
    }

    /// The ARN of the key it names, if that is in this world: not the one its table is under.
    pub fn key(&self, world: &World) -> Option<String> {
        let input = self.call.input.to_json();
        let named = input.get("KeyId").and_then(Value::as_str).and_then(|id| key_called(world, id));
        let sealed = || key_of_ciphertext(world, input.get("CiphertextBlob")?.as_str()?);
        named.or_else(sealed).map(Key::arn)
    }

    /// The ARN of the role it takes on.
    pub fn role(&self) -> Option<String> {
        let input = self.call.input.to_json();
        input.get("RoleArn").and_then(Value::as_str).map(str::to_owned)
    }

    /// What `caller`, who gets `now` as things are, would get in the `world` that an edit of one document makes.
    ///
    /// Where the edit turns none of the decisions that led to `now`, everything goes as before, and `now` is the answer:
    /// its reasons are then those of the document in force.
    pub(super) fn ask_again(
        &self,
        now: &Arc<Outcome>,
        edit: Option<&Difference>,
        world: &World,
        caller: &Caller,
    ) -> Arc<Outcome> {
        match edit {
            Some(edit) if now.decisions.iter().all(|record| is_left(edit, record)) => now.clone(),
            _ => self.ask(world, caller),
        }
    }

    /// What `caller` would get in `world`. The world itself stays as it is.
    pub fn ask(&self, world: &World, caller: &Caller) -> Arc<Outcome> {
        Arc::new(world.clone().call(caller, in_the_name_of(caller, self.call(), world)))
    }
}

/// Whether a decision ends as it did with the edit in force.
fn is_left(edit: &Difference, record: &DecisionRecord) -> bool {
    edit.leaves(&record.request, &record.policies, record.decision.verdict)
}

/// A call to the endpoint of that Region.
pub(super) fn call_in(region: &Region, service: &str, operation: &str, input: Value) -> Option<Call> {
    let call = Call::decode(service, operation, input).ok()?;
    Some(call.with_context(CallContext::in_region(region.clone())))
}

/// Whether two calls ask the same.
pub(super) fn is_same(one: &Call, other: &Call) -> bool {
    one.action() == other.action()
        && one.context == other.context
        && one.input.to_json() == other.input.to_json()
}

/// A key by its id or ARN, or by an alias.
pub fn key_called<'w>(world: &'w World, id: &str) -> Option<&'w Key> {
    let named = |key: &&Arc<Key>| {
        *key.handle.id == *id || key.arn() == id || key.aliases.iter().any(|alias| id.ends_with(&**alias))
    };
    world.kms().keys().find(named).map(AsRef::as_ref)
}

/// The key that a ciphertext names, in base64.
pub(super) fn key_of_ciphertext<'w>(world: &'w World, blob: &str) -> Option<&'w Key> {
    let header = read_header(&BASE64.decode(blob).ok()?).ok()?;
    let named =
        |key: &&Arc<Key>| *key.handle.id == *header.key_id && key.handle.account.as_str() == header.account;
    world.kms().keys().find(named).map(AsRef::as_ref)
}

/// What a call is about, in a few words; empty if that cannot be said.
fn about(call: &Call, world: &World) -> String {
    const NAMES: [&str; 22] = [
        "RoleArn",
        "UserName",
        "RoleName",
        "GroupName",
        "AliasName",
        "PolicyArn",
        "PolicyName",
        "PolicyId",
        "BackupArn",
        "ResourceArn",
        "TargetTableName",
        "AccountId",
        "Name",
        "ChildId",
        "OrganizationalUnitId",
        "ParentId",
        "TargetId",
        "authorizationId",
        "RetiringPrincipal",
        "PolicyType",
        "PolicySourceArn",
        "AccessKeyId",
    ];
    let input = call.input.to_json();
    let text = |field: &str| input.get(field).and_then(Value::as_str);
    if let Some(name) = text("TableName") {
        let name = name.rsplit('/').next().unwrap_or(name);
        let key = input.get("Key").and_then(Value::as_object);
        let values = key.into_iter().flat_map(|key| key.values()).map(document::attribute_text);
        return std::iter::once(name.to_owned()).chain(values).collect::<Vec<_>>().join(" ");
    }
    if let Some(blob) = text("CiphertextBlob") {
        if let Some(table) = table_of_key(world, blob) {
            return format!("table key of {}", table.handle.name);
        }
        if let Some(key) = key_of_ciphertext(world, blob) {
            return format!("under {}", key_name(world, &key.arn()));
        }
    }
    if let Some(id) = text("KeyId") {
        return key_called(world, id).map_or_else(|| id.to_owned(), |key| key_name(world, &key.arn()));
    }
    let tables = tables_in(&input);
    if !tables.is_empty() {
        return tables.join(", ");
    }
    let invited = || input.pointer("/Target/Id").and_then(Value::as_str);
    let name = NAMES.iter().find_map(|field| text(field)).or_else(invited).unwrap_or_default();
    if name.starts_with("arn:") {
        name.rsplit('/').next().unwrap_or(name).to_owned()
    } else {
        name.to_owned()
    }
}

/// The tables of a batch or a transaction, each once.
fn tables_in(input: &Value) -> Vec<&str> {
    let batch = input.get("RequestItems").and_then(Value::as_object);
    let batch = batch.into_iter().flat_map(|tables| tables.keys().map(String::as_str));
    let items = input.get("TransactItems").and_then(Value::as_array);
    let actions = items.into_iter().flatten().filter_map(Value::as_object).flat_map(|item| item.values());
    let named = actions.filter_map(|action| action.get("TableName")?.as_str());
    let mut tables: Vec<&str> = Vec::new();
    for table in batch.chain(named).map(|table| table.rsplit('/').next().unwrap_or(table)) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    tables
}
