//! `TransactWriteItems`: writes and checks in one or more tables, all of them or none.
//!
//! Source: DynamoDB API Reference, `TransactWriteItems`; texts from paritysuite/dynamodb-conformance, tests/tier3, unless a
//! line says otherwise. Most Regions repeat a list that is too long, as Java prints it, before the constraint; here it is
//! answered as in eu-north-1, which does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;
use sha2::{Digest as _, Sha256};

use super::change::{Change, Step};
use super::expression::Placeholders;
use super::invalid::Invalid;
use super::logged;
use super::many::{Opened, Tables, check_distinct};
use super::request::{
    CAPACITY_WORDS, ConsumedCapacity, METRICS_WORDS, count_faults, read_units, table_permission,
    with_item_keys, with_optional, word_fault, write_units,
};
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{Checks, WireItem, check_attributes, check_item};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation, Region};

/// Most actions of one transaction.
const MAX_ACTIONS: usize = 100;

/// The text of a transaction that names one item twice.
pub(super) const ONE_ITEM: &str = "Transaction request cannot include multiple operations on one item";

/// Checks the number of actions.
pub(super) fn check_length(actions: usize) -> Result<(), ApiError> {
    if actions == 0 {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(ApiError::constraint(Some("[]"), "transactItems", constraint));
    }
    if actions > MAX_ACTIONS {
        let constraint = "Member must have length less than or equal to 100";
        return Err(ApiError::constraint(None, "TransactItems", constraint));
    }
    Ok(())
}

/// Refuses a key with an empty text or no bytes: that is no reason to cancel, but wrong from the start.
pub(super) fn check_not_empty(table: &Table, named: &Item) -> Result<(), Invalid> {
    table.key_attributes().try_for_each(|attribute| {
        named.get(&attribute.name).map_or(Ok(()), |value| Table::check_not_empty(attribute, value))
    })
}

/// Returns the error of a transaction that was cancelled, given for each action what is wrong with it, if anything is, and
/// the item that is there, if it is asked for.
pub(super) fn cancelled(faults: impl IntoIterator<Item = Option<(ApiError, Option<Item>)>>) -> ApiError {
    let reasons: Vec<Value> = faults
        .into_iter()
        .map(|fault| {
            let Some((error, item)) = fault else { return json!({"Code": "None"}) };
            let code = match error.code.as_ref() {
                "ConditionalCheckFailedException" => "ConditionalCheckFailed",
                _ => "ValidationError",
            };
            let mut reason = json!({"Code": code, "Message": error.message});
            if let Some(item) = item {
                reason["Item"] = json!(item);
            }
            reason
        })
        .collect();
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    ApiError::new("TransactionCanceledException", message)
        .with_members(json!({"CancellationReasons": reasons}))
}

/// The parameters that the actions of a transaction share.
struct Parts<'a> {
    table: &'a str,
    named: &'a WireItem,
    condition: Option<&'a str>,
    update: Option<&'a str>,
    names: Option<&'a BTreeMap<String, String>>,
    values: Option<&'a WireItem>,
    return_on_failure: Option<&'a str>,
}

/// Writes an action of a transaction: the member that names the item, and what all of them share.
macro_rules! action {
    ($(#[$doc:meta])* $name:ident { $item:ident $(, $update:ident)? }) => {
        $(#[$doc])*
        ///
        /// Is one action of a transaction.
        #[skip_serializing_none]
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
        pub struct $name {
            pub $item: WireItem,
            $(
                /// `SET`, `REMOVE`, `ADD` and `DELETE`.
                pub $update: String,
            )?
            /// The name of the table, or its ARN.
            pub table_name: String,
            /// A condition on the item that is there.
            pub condition_expression: Option<String>,
            /// Attribute names by their `#name` placeholders.
            pub expression_attribute_names: Option<BTreeMap<String, String>>,
            /// Values by their `:value` placeholders.
            pub expression_attribute_values: Option<WireItem>,
            /// `ALL_OLD` to find the item that is there in the reason of a cancellation.
            pub return_values_on_condition_check_failure: Option<String>,
        }

        impl $name {
            fn parts(&self) -> Parts<'_> {
                let update: Option<&str> = None;
                $(let update = update.or(Some(self.$update.as_str()));)?
                Parts {
                    table: &self.table_name,
                    named: &self.$item,
                    condition: self.condition_expression.as_deref(),
                    update,
                    names: self.expression_attribute_names.as_ref(),
                    values: self.expression_attribute_values.as_ref(),
                    return_on_failure: self.return_values_on_condition_check_failure.as_deref(),
                }
            }
        }
    };
}

action! {
    /// Looks at an item, which must fulfil a condition.
    ConditionCheck { key }
}
action! {
    /// Stores a whole item.
    TransactPut { item }
}
action! {
    /// Deletes an item by its key.
    TransactDelete { key }
}
action! {
    /// Changes attributes of an item.
    TransactUpdate { key, update_expression }
}

/// One action of a transaction: exactly one of the four.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TransactWriteItem {
    pub condition_check: Option<ConditionCheck>,
    pub put: Option<TransactPut>,
    pub delete: Option<TransactDelete>,
    pub update: Option<TransactUpdate>,
}

/// The kinds of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Check,
    Put,
    Delete,
    Update,
}

impl Kind {
    /// Returns the action's name in requests and records.
    fn name(self) -> &'static str {
        match self {
            Self::Check => "ConditionCheck",
            Self::Put => "Put",
            Self::Delete => "Delete",
            Self::Update => "Update",
        }
    }

    /// Returns the operation whose permission the action needs.
    /// Source: DynamoDB Developer Guide, "Using IAM with DynamoDB transactions".
    fn operation(self) -> &'static str {
        match self {
            Self::Check => "ConditionCheckItem",
            Self::Put => "PutItem",
            Self::Delete => "DeleteItem",
            Self::Update => "UpdateItem",
        }
    }
}

impl TransactWriteItem {
    /// Returns the one action, with what its parameters are.
    ///
    /// Source: getmoto/moto, tests/test_dynamodb, verified on AWS, for several.
    /// Doubtful: the text for none, which is that of DynamoDB Local. One form is known.
    fn action(&self) -> Result<(Kind, Parts<'_>), ApiError> {
        let all = [
            self.condition_check.as_ref().map(|action| (Kind::Check, action.parts())),
            self.put.as_ref().map(|action| (Kind::Put, action.parts())),
            self.delete.as_ref().map(|action| (Kind::Delete, action.parts())),
            self.update.as_ref().map(|action| (Kind::Update, action.parts())),
        ];
        let mut given = all.into_iter().flatten();
        let none = "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request";
        let first = given.next().ok_or_else(|| ApiError::validation(none))?;
        if given.next().is_some() {
            let several = "TransactItems can only contain one of Check, Put, Update or Delete";
            return Err(ApiError::validation(several));
        }
        Ok(first)
    }
}

impl Parts<'_> {
    /// Reads what must be right whatever the table.
    fn read(&self, kind: Kind, region: &Region) -> Result<Step, Invalid> {
        if kind == Kind::Check && self.condition.is_none() {
            return Err(Invalid::new(
                "1 validation error detected: Value null at 'conditionExpression' failed to satisfy constraint: Member must \
                 not be null",
            ));
        }
        let checks = if refuses_first(region) { Checks::Newer } else { Checks::OlderOfUpdate };
        let mut placeholders = Placeholders::new(self.names, self.values, checks)?;
        let change = match kind {
            Kind::Put => Change::Put(check_item(self.named, Checks::Older)?),
            Kind::Delete => Change::Delete,
            Kind::Check => Change::Check,
            Kind::Update => Change::Update(placeholders.update(self.update)?.unwrap_or_default()),
        };
        let named = check_attributes(self.named, Checks::Older)?;
        let condition = placeholders.condition("ConditionExpression", self.condition)?;
        placeholders.finish()?;
        Ok(Step { change, named, condition })
    }

    /// Returns what the audit trail shows of the action.
    ///
    /// Source: DynamoDB Developer Guide, "Understanding DynamoDB log file entries", TransactWriteItems, where the names of the
    /// attributes to put stand under `items`.
    fn logged(&self, kind: Kind, invocation: &Invocation<'_>) -> Value {
        let key = match kind {
            Kind::Put => logged::values_of(invocation, self.table, self.named),
            Kind::Check | Kind::Delete | Kind::Update => logged::values(self.named),
        };
        let mut logged = json!({"operation": kind.name(), "tableName": self.table, "key": key});
        let items = matches!(kind, Kind::Put).then(|| logged::attribute_names(self.named));
        let more = [
            ("items", items),
            ("updateExpression", self.update.map(|text| json!(text))),
            ("conditionExpression", self.condition.map(|text| json!(text))),
            ("expressionAttributeNames", self.names.map(|names| json!(names))),
            ("returnValuesOnConditionCheckFailure", self.return_on_failure.map(|word| json!(word))),
        ];
        for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            logged[name] = value;
        }
        logged
    }

    /// Returns the top-level attributes that the update reads and writes.
    fn touched(&self) -> Vec<String> {
        let update = Placeholders::new(self.names, self.values, Checks::OlderOfUpdate)
            .and_then(|mut placeholders| placeholders.update(self.update));
        update.ok().flatten().map_or_else(Vec::new, |update| {
            let read = update.attributes_read().into_iter().map(str::to_owned);
            read.chain(update.paths().map(|path| path.attribute.clone())).collect()
        })
    }
}

/// The request of `TransactWriteItems`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TransactWriteItemsRequest {
    /// 1 to 100 actions.
    pub transact_items: Vec<TransactWriteItem>,
    /// `NONE`, `TOTAL` or `INDEXES`.
    pub return_consumed_capacity: Option<String>,
    /// `NONE` or `SIZE`. Only tables with local indexes have such metrics, and there are none here.
    pub return_item_collection_metrics: Option<String>,
    /// A request with the token of one that was answered in the last ten minutes does nothing again.
    pub client_request_token: Option<String>,
}

/// The response of `TransactWriteItems`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransactWriteItemsResponse {
    /// The cost in each table, if asked for.
    pub consumed_capacity: Option<Vec<ConsumedCapacity>>,
}

/// Whether a Region refuses a transaction for what is wrong with its request, as it does a single write, where the others
/// word it otherwise or cancel the transaction.
///
/// Source: paritysuite/dynamodb-conformance, captures/2026-10-08-transact-write-rollout.json: three Regions have moved.
fn refuses_first(region: &Region) -> bool {
    matches!(region.as_str(), "ap-northeast-2" | "eu-north-1" | "eu-west-2")
}

/// An action with its table, its key there, and the item before.
struct Planned<'a> {
    parts: Parts<'a>,
    step: Step,
    key: Item,
    before: Option<Item>,
}

impl TransactWriteItemsRequest {
    fn check_shape(&self, region: &Region) -> Result<(), ApiError> {
        let token = self.client_request_token.as_deref().filter(|token| token.chars().count() > 36);
        let token = token.map(|token| {
            format!(
                "Value '{token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than \
                 or equal to 36"
            )
        });
        let capacity = self.return_consumed_capacity.as_deref();
        let metrics = self.return_item_collection_metrics.as_deref();
        let faults = [
            token,
            word_fault(capacity, "returnConsumedCapacity", &CAPACITY_WORDS),
            word_fault(metrics, "returnItemCollectionMetrics", &METRICS_WORDS),
        ];
        count_faults(&faults.into_iter().flatten().collect::<Vec<_>>())?;
        if self.transact_items.is_empty() && refuses_first(region) {
            let constraint = "Member must have length greater than or equal to 1";
            return Err(ApiError::constraint(None, "TransactItems", constraint));
        }
        check_length(self.transact_items.len())
    }

    /// Returns a digest of what the request does. The order of fields and of attributes does not matter.
    /// Source: localstack/localstack, issue 6529, verified on AWS.
    fn digest(&self) -> [u8; 32] {
        let same =
            (&self.transact_items, &self.return_consumed_capacity, &self.return_item_collection_metrics);
        Sha256::digest(serde_json::to_vec(&same).unwrap_or_default()).into()
    }

    /// Tells whether a request with the same token was answered a short while ago.
    ///
    /// Doubtful: the message for another request under the same token, which is left empty. One form is known.
    /// Source: DynamoDB API Reference, TransactWriteItems, `IdempotentParameterMismatchException`.
    fn is_repeated(&self, invocation: &Invocation<'_>) -> Result<bool, ApiError> {
        let Some(token) = self.client_request_token.as_deref() else { return Ok(false) };
        let (account, now) = (invocation.account()?, invocation.world.now);
        match invocation.world.dynamodb.transaction(&account, invocation.region(), token, now) {
            None => Ok(false),
            Some(digest) if digest == self.digest() => Ok(true),
            Some(_) => Err(ApiError::new("IdempotentParameterMismatchException", "")),
        }
    }

    /// Finds the item of every action, opens the tables and reads what is there.
    fn plan(&self, invocation: &mut Invocation<'_>) -> Result<(Vec<Planned<'_>>, Opened), ApiError> {
        let mut planned = Vec::new();
        for item in &self.transact_items {
            let (kind, parts) = item.action()?;
            let step = parts.read(kind, invocation.region())?;
            planned.push(Planned { parts, step, key: Item::new(), before: None });
        }
        let tables = Tables::look_up(invocation, planned.iter().map(|action| action.parts.table))?;
        let mut faults = Vec::new();
        for action in &mut planned {
            let table = tables.table(invocation, action.parts.table)?;
            check_not_empty(table, &action.step.named)?;
            match action.step.key(table) {
                Ok(key) => {
                    action.key = key;
                    faults.push(None);
                }
                Err(fault) => {
                    action.key = table.key_of(&action.step.named);
                    faults.push(Some((fault.into(), None)));
                }
            }
        }
        check_distinct(planned.iter().map(|action| (action.parts.table, &action.key)), ONE_ITEM)?;
        if faults.iter().any(Option::is_some) {
            return Err(cancelled(faults));
        }
        let opened = tables.open(invocation)?;
        for action in &mut planned {
            action.before = opened.read(invocation, action.parts.table, &action.key)?;
        }
        Ok((planned, opened))
    }
}

impl Operation for TransactWriteItemsRequest {
    const READ_ONLY: bool = false;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        self.check_shape(invocation.region())?;
        let mut groups: BTreeMap<(&str, Kind), Vec<Parts<'_>>> = BTreeMap::new();
        for item in &self.transact_items {
            let (kind, parts) = item.action()?;
            groups.entry((parts.table, kind)).or_default().push(parts);
        }
        let permissions = groups.into_iter().map(|((table, kind), actions)| {
            let permission = table_permission(invocation, kind.operation(), table)?;
            let touched: Vec<String> = actions.iter().flat_map(Parts::touched).collect();
            let keys = actions.iter().map(|parts| parts.named);
            let permission = with_item_keys(invocation, permission, table, keys, touched);
            let permission = permission.with_key("dynamodb:EnclosingOperation", "TransactWriteItems");
            let capacity = self.return_consumed_capacity.as_deref();
            Ok(with_optional(permission, "dynamodb:ReturnConsumedCapacity", capacity))
        });
        permissions.collect()
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<TransactWriteItemsResponse, ApiError> {
        let wanted = self.return_consumed_capacity.as_deref();
        let repeated = self.is_repeated(invocation)?;
        let (planned, mut opened) = self.plan(invocation)?;
        let mut outcomes = Vec::new();
        for Planned { parts, step, key, before } in &planned {
            let shown = || before.clone().filter(|_| parts.return_on_failure == Some("ALL_OLD"));
            outcomes.push(if step.holds(before.as_ref()) {
                step.after(key, before.as_ref()).map_err(|fault| (fault.into(), None))
            } else {
                let text = "The conditional request failed";
                Err((ApiError::new("ConditionalCheckFailedException", text), shown()))
            });
        }
        if !repeated && outcomes.iter().any(Result::is_err) {
            return Err(cancelled(outcomes.into_iter().map(Result::err)));
        }
        for (Planned { parts, step, key, before }, after) in planned.iter().zip(outcomes) {
            let after = after.ok().flatten();
            let size = |item: Option<&Item>| item.map_or(0, item_size);
            // Source: DynamoDB Developer Guide, "Capacity management for transactions": two reads or writes of every
            // item; API Reference, ClientRequestToken: a repeated request reads the items.
            if repeated {
                opened.charge(
                    invocation,
                    parts.table,
                    2.0 * read_units(size(before.as_ref()), Some(true)),
                )?;
                continue;
            }
            let largest = size(before.as_ref()).max(size(after.as_ref()));
            opened.charge(invocation, parts.table, 2.0 * write_units(largest))?;
            if !matches!(step.change, Change::Check) && (before.is_some() || after.is_some()) {
                opened.write(invocation, parts.table, key, before.as_ref(), after.as_ref())?;
            }
        }
        if let (Some(token), false) = (self.client_request_token.as_deref(), repeated) {
            let (account, region) = (invocation.account()?, invocation.region().clone());
            let (now, digest) = (invocation.world.now, self.digest());
            invocation.world.dynamodb.note_transaction(&account, &region, token, now, digest);
        }
        let told = |cost: ConsumedCapacity| {
            let units = Some(cost.capacity_units);
            let cost = if repeated {
                ConsumedCapacity { read_capacity_units: units, ..cost }
            } else {
                ConsumedCapacity { write_capacity_units: units, ..cost }
            };
            cost.with_parts(wanted.unwrap_or_default())
        };
        let consumed_capacity = opened.costs(wanted).map(|costs| costs.into_iter().map(told).collect());
        Ok(TransactWriteItemsResponse { consumed_capacity })
    }

    fn request_parameters(&self, invocation: &Invocation<'_>) -> Value {
        let actions = self.transact_items.iter().filter_map(|item| item.action().ok());
        let actions: Vec<Value> = actions.map(|(kind, parts)| parts.logged(kind, invocation)).collect();
        logged::of_items(self, Self::RECORDED, &json!(actions))
    }
}
