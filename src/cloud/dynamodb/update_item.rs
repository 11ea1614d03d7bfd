//! `UpdateItem`: what an update expression makes of an item.

use serde_json::Value;

use super::change::{Change, Step};
use super::expression::{Update, project};
use super::logged;
use super::value::Item;
use super::wire::{Checks, WireItem, check_attributes};
use super::write::{WriteItemResponse, write_request};
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

/// Returns the part of an item that `ReturnValues` asks for.
fn returned(
    wanted: Option<&str>,
    update: &Update,
    before: Option<Item>,
    after: Option<Item>,
) -> Option<Item> {
    // Of a nested path only the part that it names.
    let paths: Vec<_> = update.paths().cloned().collect();
    let updated = |item: Item| project(&item, &paths);
    match wanted {
        Some("ALL_OLD") => before,
        Some("UPDATED_OLD") => before.map(updated).filter(|part| !part.is_empty()),
        Some("ALL_NEW") => after,
        Some("UPDATED_NEW") => after.map(updated).filter(|part| !part.is_empty()),
        _ => None,
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
        let parts = self.parts();
        let (step, written) = parts.run(invocation, Self::NAME, |placeholders| {
            let update = placeholders.update(self.update_expression.as_deref())?.unwrap_or_default();
            let named = check_attributes(&self.key, Checks::Newer)?;
            Ok(Step { change: Change::Update(update), named, condition: None })
        })?;
        let attributes = match &step.change {
            Change::Update(update) => {
                returned(self.return_values.as_deref(), update, written.before, written.after)
            }
            Change::Put(_) | Change::Delete | Change::Check => None,
        };
        Ok(WriteItemResponse { attributes, consumed_capacity: written.consumed_capacity })
    }

    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        logged::of_item(self, Self::RECORDED, [("key", logged::values(&self.key))])
    }
}
