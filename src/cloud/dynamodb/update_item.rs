//! `UpdateItem`: what an update expression makes of an item.

use serde_json::Value;

use super::expression::{Condition, Update, apply, matches, project};
use super::invalid::Invalid;
use super::items::{WriteItemResponse, logged, read, write, write_request};
use super::keys::open_for_caller;
use super::request::{check_write_words, condition_failed, table_handle, validated, write_cost};
use super::table::Table;
use super::value::{Item, item_size};
use super::wire::{WireItem, check_size};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

write_request! {
    /// The request of `UpdateItem`.
    UpdateItemRequest {
        key: WireItem,
        /// `SET`, `REMOVE`, `ADD` and `DELETE`. Without it an item of the key alone is made if there is none.
        update_expression: Option<String>,
    }
}

/// Refuses an update that changes a part of the key.
fn check_paths(update: &Update, table: &Table) -> Result<(), Invalid> {
    match update.paths().find(|path| table.is_key(&path.attribute)) {
        Some(path) => Err(Invalid::parameter(format_args!(
            "Cannot update attribute {}. This attribute is part of the key",
            path.attribute
        ))),
        None => Ok(()),
    }
}

/// Returns the part of an item that `ReturnValues` asks for.
fn returned(wanted: Option<&str>, update: &Update, before: Option<&Item>, after: &Item) -> Option<Item> {
    // Of a nested path only the part that it names.
    let paths: Vec<_> = update.paths().cloned().collect();
    let updated = |item: &Item| project(item, &paths);
    match wanted {
        Some("ALL_OLD") => before.cloned(),
        Some("UPDATED_OLD") => before.map(updated).filter(|part| !part.is_empty()),
        Some("ALL_NEW") => Some(after.clone()),
        Some("UPDATED_NEW") => Some(updated(after)).filter(|part| !part.is_empty()),
        _ => None,
    }
}

impl UpdateItemRequest {
    /// Reads what must be right whatever the table.
    fn read(&self) -> Result<(Update, Option<Condition>), Invalid> {
        let mut placeholders = self.parts().placeholders()?;
        let update = placeholders.update(self.update_expression.as_deref())?.unwrap_or_default();
        let condition =
            placeholders.condition("ConditionExpression", self.condition_expression.as_deref())?;
        placeholders.finish()?;
        Ok((update, condition))
    }
}

impl Operation for UpdateItemRequest {
    const READ_ONLY: bool = false;
    const DATA_EVENT: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let update =
            self.parts().placeholders().and_then(|mut p| p.update(self.update_expression.as_deref()));
        let touched: Vec<String> = update.ok().flatten().map_or_else(Vec::new, |update| {
            let read = update.attributes_read().into_iter().map(str::to_owned);
            read.chain(update.paths().map(|path| path.attribute.clone())).collect()
        });
        self.parts().permission(invocation, Self::NAME, &self.key, touched)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<WriteItemResponse, ApiError> {
        let wanted = self.return_values.as_deref();
        check_write_words(invocation.region(), Self::NAME, wanted, self.return_consumed_capacity.as_deref())?;
        let (update, condition) = validated(invocation.region(), self.read().map_err(Into::into))?;
        let handle = table_handle(invocation, &self.table_name)?;
        let table = invocation.world.item_table(&handle)?;
        let key = table.check_key(&self.key)?;
        check_paths(&update, &table)?;
        let keys = open_for_caller(invocation, &table)?;
        let before = read(&table, &keys, &key)?;
        if condition.is_some_and(|condition| !matches(&condition, before.as_ref().unwrap_or(&Item::new()))) {
            return Err(condition_failed());
        }
        let after = apply(&update, before.as_ref().unwrap_or(&key))?;
        if before.is_none() && update.only_takes_away() {
            return Ok(WriteItemResponse {
                attributes: None,
                consumed_capacity: write_cost(self.return_consumed_capacity.as_deref(), &handle, 0)?,
            });
        }
        check_size(&after)
            .map_err(|_| Invalid::new("Item size to update has exceeded the maximum allowed size"))?;
        write(invocation, &table, &keys, &key, before.as_ref(), Some(&after))?;
        let size = item_size(&after).max(before.as_ref().map_or(0, item_size));
        Ok(WriteItemResponse {
            attributes: returned(wanted, &update, before.as_ref(), &after),
            consumed_capacity: write_cost(self.return_consumed_capacity.as_deref(), &handle, size)?,
        })
    }

    fn request_parameters(&self) -> Value {
        logged(
            &self.table_name,
            &[
                ("updateExpression", self.update_expression.as_deref()),
                ("conditionExpression", self.condition_expression.as_deref()),
            ],
        )
    }
}
