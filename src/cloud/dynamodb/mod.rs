//! DynamoDB: tables whose items are encrypted at rest under a KMS key, as DynamoDB does it.
//!
//! | file | what |
//! |---|---|
//! | `value`, `number`, `invalid`, `wire`, `codec` | items: checked, refused, in requests, as stored bytes |
//! | `expression` | conditions, filters, projections, updates |
//! | `disk` | the simulated disk: sealed pages, wrapped keys |
//! | `handle`, `table`, `state`, `description` | a table's name; a table; all of them; how the API describes one |
//! | `keys`, `cache` | how a table key is had from KMS, and for how long it is kept |
//! | `request`, `resource_arn` | what the operations share |
//! | `row` | what DynamoDB says about itself in the table of services |
//! | `storage` | the disks of all tables and backups, to look at |
//! | `health` | tables whose key cannot be used |
//! | `change`, `write` | what a write makes of an item; what the writes of one item share |
//! | `many` | what the requests on several items share |
//! | `create_table`, `tables`, `tags`, `update_table`, `time_to_live`, `continuous_backups`, `backup`, `restore`, `policy`, `limits` | operations on tables |
//! | `items`, `update_item`, `scan`, `query`, `batch_get`, `batch_write`, `transact_get`, `transact` | operations on items |
//!
//! Secondary indexes, streams and the legacy parameters that expressions replace are not simulated.

mod backup;
mod batch_get;
mod batch_write;
pub mod cache;
mod change;
pub mod codec;
mod continuous_backups;
mod create_table;
mod description;
pub mod disk;
pub mod expression;
mod handle;
mod health;
mod invalid;
mod items;
mod keys;
mod limits;
mod logged;
mod many;
pub mod number;
mod policy;
mod query;
mod request;
mod resource_arn;
mod restore;
mod row;
mod scan;
mod state;
mod storage;
pub mod table;
mod tables;
mod tags;
#[cfg(test)]
mod tests;
mod time_to_live;
mod transact;
mod transact_get;
mod update_item;
mod update_table;
pub mod value;
pub mod wire;
mod write;

pub use backup::*;
pub use batch_get::*;
pub use batch_write::*;
pub use continuous_backups::*;
pub use create_table::*;
pub use description::*;
pub use handle::TableHandle;
pub use items::{DeleteItemRequest, GetItemRequest, GetItemResponse, PutItemRequest};
#[cfg(test)]
pub(in crate::cloud) use keys::plain_table_key;
pub use keys::{MANAGED_ALIAS, PRINCIPAL};
pub use limits::*;
pub use policy::*;
pub use query::QueryRequest;
pub use request::{Capacity, ConsumedCapacity};
pub use restore::RestoreTableFromBackupRequest;
pub use scan::{ItemsResponse, ScanRequest};
pub use state::{Backup, BackupType, State};
pub use storage::Stored;
pub use table::{Encryption, Table};
pub use tables::*;
pub use tags::*;
pub use time_to_live::*;
pub use transact::{
    ConditionCheck, TransactDelete, TransactPut, TransactUpdate, TransactWriteItem,
    TransactWriteItemsRequest, TransactWriteItemsResponse,
};
pub use transact_get::*;
pub use update_item::UpdateItemRequest;
pub use update_table::UpdateTableRequest;
pub use write::WriteItemResponse;

use super::authorize;
use super::iam::Empty;
use super::operation::service;
use super::service::{self, ErrorStyle};
use super::world::Service;

service! {
    "dynamodb", differs: [
        "Secondary indexes, streams, PartiQL, global tables, imports and exports are not simulated.",
        "The parameters that expressions replaced (`Expected`, `AttributesToGet`, ..) are refused.",
        "Reads are always strongly consistent, and provisioned capacity is reported but never used up.",
        "`TableStatus` is `CREATING`, `ACTIVE`, `INACCESSIBLE_ENCRYPTION_CREDENTIALS`, `ARCHIVING` or `ARCHIVED`: changes are in force at once, but for those of keys, which show in `SSEDescription`.",
        "Whether a table's key can be used is looked at every 45 minutes; AWS does so at intervals that it does not document.",
        "Pages hold 1 MB as on AWS; the layout below that, sealed pages of up to 32 KiB under data keys, is this program's own.",
    ];
    /// Reads items of one or more tables by their keys.
    BatchGetItem(BatchGetItemRequest) -> BatchGetItemResponse {
        records: ["RequestItems", "ReturnConsumedCapacity"]
        differs: [
            "`AttributesToGet` is refused.",
            "A key that cannot be used refuses the whole batch; AWS does not say what becomes of the items of other tables.",
        ]
    };
    /// Puts and deletes items of one or more tables.
    BatchWriteItem(BatchWriteItemRequest) -> BatchWriteItemResponse {
        records: ["RequestItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"]
        differs: [
            "Nothing is throttled: `UnprocessedItems` is always empty.",
        ]
    };
    /// Makes a backup of a table.
    CreateBackup(CreateBackupRequest) -> CreateBackupResponse {
        records: ["TableName", "BackupName"]
    };
    /// Creates an empty table.
    CreateTable(CreateTableRequest) -> TableDescriptionResponse {
        records: ["AttributeDefinitions", "TableName", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "BillingMode", "ProvisionedThroughput", "StreamSpecification", "SSESpecification", "Tags", "TableClass", "DeletionProtectionEnabled"]
        refuses: ["WarmThroughput", "ResourcePolicy", "OnDemandThroughput", "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode", "VectorIndexes"]
        differs: [
            "One grant is made on the table's key; on AWS two were seen.",
            "A key that is switched off while the table is `CREATING` makes the table inaccessible; on AWS such a table was seen to vanish after an hour.",
            "`GlobalSecondaryIndexes` and `LocalSecondaryIndexes` that are not empty, an enabled `StreamSpecification`, and a `TableClass` other than `STANDARD` answer `ValidationException`, which says that they are not simulated.",
        ]
    };
    /// Deletes a backup of a table.
    DeleteBackup(DeleteBackupRequest) -> DescribeBackupResponse {
        records: ["BackupArn"]
    };
    /// Deletes an item by its key.
    DeleteItem(DeleteItemRequest) -> WriteItemResponse {
        records: ["TableName", "Key", "ConditionExpression", "ExpressionAttributeNames", "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure"]
        refuses: ["Expected", "ConditionalOperator"]
    };
    /// Deletes the resource policy of a table.
    DeleteResourcePolicy(DeleteResourcePolicyRequest) -> RevisionResponse {
        records: ["ResourceArn", "ExpectedRevisionId"]
    };
    /// Deletes a table and its items.
    DeleteTable(DeleteTableRequest) -> TableDescriptionResponse {
        records: ["TableName"]
        differs: [
            "The table is gone at once.",
        ]
    };
    /// Describes a backup and its table.
    DescribeBackup(DescribeBackupRequest) -> DescribeBackupResponse {
        records: ["BackupArn"]
    };
    /// Tells whether a table could be restored as it was at any second.
    DescribeContinuousBackups(DescribeContinuousBackupsRequest) -> ContinuousBackupsResponse {
        records: ["TableName"]
    };
    /// Names the endpoint of DynamoDB in the Region.
    DescribeEndpoints(DescribeEndpointsRequest) -> DescribeEndpointsResponse {
        records: []
    };
    /// Tells how much capacity the account may provision.
    DescribeLimits(DescribeLimitsRequest) -> DescribeLimitsResponse {
        records: []
        differs: [
            "The quotas are those of a new account, and nothing is held to them.",
        ]
    };
    /// Describes a table as it is now.
    DescribeTable(DescribeTableRequest) -> DescribeTableResponse {
        records: ["TableName"]
    };
    /// Names the attribute that says when items of a table may go.
    DescribeTimeToLive(DescribeTimeToLiveRequest) -> DescribeTimeToLiveResponse {
        records: ["TableName"]
    };
    /// Reads an item by its key.
    GetItem(GetItemRequest) -> GetItemResponse {
        records: ["TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead", "ReturnConsumedCapacity"]
        refuses: ["AttributesToGet"]
    };
    /// Reads the resource policy of a table.
    GetResourcePolicy(GetResourcePolicyRequest) -> GetResourcePolicyResponse {
        records: ["ResourceArn"]
    };
    /// Lists the backups of the Region.
    ListBackups(ListBackupsRequest) -> ListBackupsResponse {
        records: ["TableName", "Limit", "ExclusiveStartBackupArn", "BackupType"]
        refuses: ["TimeRangeLowerBound", "TimeRangeUpperBound"]
    };
    /// Lists the tables of the Region.
    ListTables(ListTablesRequest) -> ListTablesResponse {
        records: ["ExclusiveStartTableName", "Limit"]
    };
    /// Writes a whole item.
    PutItem(PutItemRequest) -> WriteItemResponse {
        records: ["TableName", "Key", "Item", "ConditionExpression", "ExpressionAttributeNames", "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure"]
        refuses: ["Expected", "ConditionalOperator"]
    };
    /// Writes the resource policy of a table.
    PutResourcePolicy(PutResourcePolicyRequest) -> RevisionResponse {
        records: ["ResourceArn", "Policy", "ExpectedRevisionId", "ConfirmRemoveSelfResourceAccess"]
        differs: [
            "A policy is in force at once.",
            "Tables only: streams and indexes do not exist.",
        ]
    };
    /// Reads the items of one partition.
    Query(QueryRequest) -> ItemsResponse {
        records: ["TableName", "KeyConditionExpression", "ScanIndexForward", "Limit", "Select", "FilterExpression", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead", "ReturnConsumedCapacity"]
        refuses: ["IndexName", "AttributesToGet", "KeyConditions", "QueryFilter", "ConditionalOperator"]
    };
    /// Makes a table of a backup.
    RestoreTableFromBackup(RestoreTableFromBackupRequest) -> TableDescriptionResponse {
        records: ["TargetTableName", "BackupArn", "BillingModeOverride", "SSESpecificationOverride"]
        refuses: ["GlobalSecondaryIndexOverride", "LocalSecondaryIndexOverride", "ProvisionedThroughputOverride", "OnDemandThroughputOverride", "VectorIndexOverride"]
        differs: [
            "The restored table is there at once.",
        ]
    };
    /// Reads the items of a table.
    Scan(ScanRequest) -> ItemsResponse {
        records: ["TableName", "Limit", "Select", "FilterExpression", "ProjectionExpression", "ExpressionAttributeNames", "ConsistentRead", "ReturnConsumedCapacity"]
        refuses: ["IndexName", "AttributesToGet", "ScanFilter", "ConditionalOperator", "TotalSegments", "Segment"]
        differs: [
            "Items come in the order of their hashed keys, which is another one than on AWS.",
        ]
    };
    /// Lists the tags of a table.
    ListTagsOfResource(ListTagsOfResourceRequest) -> ListTagsOfResourceResponse {
        records: ["ResourceArn", "NextToken"]
    };
    /// Sets tags of a table.
    TagResource(TagResourceRequest) -> Empty {
        records: ["ResourceArn", "Tags"]
    };
    /// Reads items of one or more tables as they are at one moment.
    TransactGetItems(TransactGetItemsRequest) -> TransactGetItemsResponse {
        records: ["RequestItems", "ReturnConsumedCapacity"]
    };
    /// Writes and checks items of one or more tables, all or none.
    TransactWriteItems(TransactWriteItemsRequest) -> TransactWriteItemsResponse {
        records: ["RequestItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"]
        differs: [
            "Two transactions never meet: there are no conflicts to cancel one for.",
        ]
    };
    /// Takes tags from a table.
    UntagResource(UntagResourceRequest) -> Empty {
        records: ["ResourceArn", "TagKeys"]
    };
    /// Turns the recovery of a table as it was at any second on or off.
    UpdateContinuousBackups(UpdateContinuousBackupsRequest) -> ContinuousBackupsResponse {
        records: ["TableName", "PointInTimeRecoverySpecification"]
        differs: [
            "`RestoreTableToPointInTime` is not simulated.",
        ]
    };
    /// Changes attributes of an item.
    UpdateItem(UpdateItemRequest) -> WriteItemResponse {
        records: ["TableName", "Key", "UpdateExpression", "ConditionExpression", "ExpressionAttributeNames", "ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure"]
        refuses: ["AttributeUpdates", "Expected", "ConditionalOperator"]
    };
    /// Changes a table, its key among others.
    UpdateTable(UpdateTableRequest) -> TableDescriptionResponse {
        records: ["TableName", "BillingMode", "ProvisionedThroughput", "SSESpecification", "DeletionProtectionEnabled"]
        refuses: ["AttributeDefinitions", "GlobalSecondaryIndexUpdates", "StreamSpecification", "ReplicaUpdates", "TableClass", "MultiRegionConsistency", "GlobalTableWitnessUpdates", "OnDemandThroughput", "WarmThroughput", "GlobalTableSettingsReplicationMode", "DisassociationProtectionEnabled", "VectorIndexUpdates"]
    };
    /// Says which attribute of items tells when they may go.
    UpdateTimeToLive(UpdateTimeToLiveRequest) -> UpdateTimeToLiveResponse {
        records: ["TableName", "TimeToLiveSpecification"]
        differs: [
            "It is in force at once; AWS takes up to an hour.",
            "Items whose time is over stay. AWS deletes them within some days, and answers with them until then.",
        ]
    };
}

/// DynamoDB in the table of services.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    own_events: &[],
    errors: ErrorStyle::Json,
    facts: |world, arn, _| world.dynamodb.facts(arn),
    grants: service::no_grants,
    grantees: service::no_grantees,
    key_question: row::key_question,
    fails: row::fails,
    authorization_ids: None,
    refusal: authorize::refusal,
    record_type: row::record_type,
    settle: super::World::finish_key_changes,
    response_elements: service::elements_as_they_are,
    takes: service::any_caller,
    assumed_keys: service::no_assumed_keys,
    caller_keys: service::no_caller_keys,
    forwards: row::forwards,
    candidates: row::candidates,
    subjects: row::subjects,
    documents: row::documents,
    named: row::named,
    short: service::last_part,
    field: row::field,
};
