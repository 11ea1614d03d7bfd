//! DynamoDB: tables whose items are encrypted at rest under a KMS key, as DynamoDB does it.
//!
//! | file | what |
//! |---|---|
//! | `value`, `number`, `wire`, `codec` | items: checked, in requests, as stored bytes |
//! | `expression` | conditions, filters, projections, updates |
//! | `disk` | the simulated disk: sealed pages, wrapped keys |
//! | `table`, `state`, `description` | a table; all of them; how the API describes one |
//! | `keys`, `cache` | how a table key is had from KMS, and for how long it is kept |
//! | `request` | what the operations share |
//! | `health` | tables whose key cannot be used |
//! | `create_table`, `tables`, `update_table`, `backup`, `restore`, `policy`, `items`, `update_item`, `scan`, `query` | operations |
//!
//! Secondary indexes, streams, transactions and the legacy parameters that expressions replace are not simulated.

mod backup;
pub mod cache;
pub mod codec;
mod create_table;
mod description;
pub mod disk;
pub mod expression;
mod health;
mod items;
mod keys;
pub mod number;
mod policy;
mod query;
mod request;
mod restore;
mod scan;
mod state;
pub mod table;
mod tables;
#[cfg(test)]
mod tests;
mod update_item;
mod update_table;
pub mod value;
pub mod wire;

pub use backup::*;
pub use create_table::*;
pub use description::*;
pub use items::{DeleteItemRequest, GetItemRequest, GetItemResponse, PutItemRequest, WriteItemResponse};
pub use keys::{MANAGED_ALIAS, PRINCIPAL};
pub use policy::*;
pub use query::QueryRequest;
pub use request::ConsumedCapacity;
pub use restore::RestoreTableFromBackupRequest;
pub use scan::{ItemsResponse, ScanRequest};
pub use state::{State, TableHandle};
pub use table::{Encryption, Table};
pub use tables::*;
pub use update_item::UpdateItemRequest;
pub use update_table::UpdateTableRequest;

use super::call::service;

service! {
    "dynamodb", DynamoDb;
    /// Makes a backup of a table.
    CreateBackup(CreateBackupRequest) -> CreateBackupResponse;
    /// Creates a table.
    CreateTable(CreateTableRequest) -> TableDescriptionResponse;
    /// Deletes a backup.
    DeleteBackup(DeleteBackupRequest) -> DescribeBackupResponse;
    /// Deletes an item.
    DeleteItem(DeleteItemRequest) -> WriteItemResponse;
    /// Deletes the resource policy of a table.
    DeleteResourcePolicy(DeleteResourcePolicyRequest) -> RevisionResponse;
    /// Deletes a table and its items.
    DeleteTable(DeleteTableRequest) -> TableDescriptionResponse;
    /// Describes a backup.
    DescribeBackup(DescribeBackupRequest) -> DescribeBackupResponse;
    /// Describes a table.
    DescribeTable(DescribeTableRequest) -> DescribeTableResponse;
    /// Reads an item.
    GetItem(GetItemRequest) -> GetItemResponse;
    /// Reads the resource policy of a table.
    GetResourcePolicy(GetResourcePolicyRequest) -> GetResourcePolicyResponse;
    /// Lists backups.
    ListBackups(ListBackupsRequest) -> ListBackupsResponse;
    /// Lists the tables of the Region.
    ListTables(ListTablesRequest) -> ListTablesResponse;
    /// Writes an item.
    PutItem(PutItemRequest) -> WriteItemResponse;
    /// Writes the resource policy of a table.
    PutResourcePolicy(PutResourcePolicyRequest) -> RevisionResponse;
    /// Reads the items of one partition.
    Query(QueryRequest) -> ItemsResponse;
    /// Makes a table of a backup.
    RestoreTableFromBackup(RestoreTableFromBackupRequest) -> TableDescriptionResponse;
    /// Reads the items of a table.
    Scan(ScanRequest) -> ItemsResponse;
    /// Changes an item.
    UpdateItem(UpdateItemRequest) -> WriteItemResponse;
    /// Changes a table, its key among others.
    UpdateTable(UpdateTableRequest) -> TableDescriptionResponse;
}
