//! Tables as the API describes them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::table::{Billing, Encryption, KeyType, Table};
use crate::cloud::epoch;

/// An attribute of a key, in requests and descriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeySchemaElement {
    pub attribute_name: String,
    /// `HASH` for the partition key, `RANGE` for the sort key.
    pub key_type: String,
}

/// The type of an attribute, in requests and descriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttributeDefinition {
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// `SSESpecification`: which key a table is to be encrypted with.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct SseSpecification {
    /// True for a KMS key of the account, false for an AWS owned key.
    pub enabled: Option<bool>,
    /// `KMS`, the one type there is.
    #[serde(rename = "SSEType")]
    pub sse_type: Option<String>,
    /// Key id, key ARN, alias name or alias ARN; `alias/aws/dynamodb` unless given.
    #[serde(rename = "KMSMasterKeyId")]
    pub kms_master_key_id: Option<String>,
}

/// `SSEDescription`. Absent for tables under an AWS owned key.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SseDescription {
    /// Either `ENABLED` or `UPDATING`.
    pub status: &'static str,
    /// `KMS`, the one type there is.
    #[serde(rename = "SSEType")]
    pub sse_type: &'static str,
    #[serde(rename = "KMSMasterKeyArn")]
    pub kms_master_key_arn: String,
    #[serde(with = "epoch::option")]
    pub inaccessible_encryption_date_time: Option<Timestamp>,
}

/// `ProvisionedThroughput` of a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ThroughputDescription {
    /// Always 0: the lab counts no decreases.
    pub number_of_decreases_today: u64,
    /// 0 for tables paid by request.
    pub read_capacity_units: u64,
    /// 0 for tables paid by request.
    pub write_capacity_units: u64,
}

/// `BillingModeSummary` of a table that is or was on demand.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BillingModeSummary {
    /// The way of paying: `PAY_PER_REQUEST` or `PROVISIONED`.
    pub billing_mode: &'static str,
    /// The time of the last turn to payment by request; of a table made so, the time of its creation.
    #[serde(with = "epoch::option")]
    pub last_update_to_pay_per_request_date_time: Option<Timestamp>,
}

/// The `TableClassSummary` of a description: which class of tables it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableClassSummary {
    /// Always `STANDARD`, the one class here.
    pub table_class: &'static str,
}

/// `WarmThroughput`: what a table can serve at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WarmThroughput {
    pub read_units_per_second: u64,
    pub write_units_per_second: u64,
    /// Always `ACTIVE`: it is never changed.
    pub status: &'static str,
}

/// `TableThroughputModeSummary`: the same as `BillingModeSummary`, under a name that no published model has.
///
/// Source: ExtendDB, pull request 320, which measured it on DynamoDB; dynalite, its tests of CreateTable and UpdateTable,
/// which are run against DynamoDB.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableThroughputModeSummary {
    /// The way of paying: `PAY_PER_REQUEST` or `PROVISIONED`.
    pub table_throughput_mode: &'static str,
    #[serde(with = "epoch::option")]
    pub last_update_to_pay_per_request_date_time: Option<Timestamp>,
}

impl From<&BillingModeSummary> for TableThroughputModeSummary {
    fn from(billing: &BillingModeSummary) -> Self {
        Self {
            table_throughput_mode: billing.billing_mode,
            last_update_to_pay_per_request_date_time: billing.last_update_to_pay_per_request_date_time,
        }
    }
}

/// Reads and writes a second that a new on-demand table serves.
/// Source: DynamoDB Developer Guide, "Pre-warming a table for on-demand capacity mode".
const ON_DEMAND_WARM: (u64, u64) = (12_000, 4_000);

/// `TableDescription`, as `DescribeTable` answers with it.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableDescription {
    /// The types of the key attributes; absent when the table is deleted, as the two that say so.
    pub attribute_definitions: Option<Vec<AttributeDefinition>>,
    pub table_name: String,
    /// Absent when the table is deleted.
    pub key_schema: Option<Vec<KeySchemaElement>>,
    /// `ACTIVE` and so on.
    pub table_status: &'static str,
    /// Absent when the table is deleted.
    #[serde(with = "epoch::option")]
    pub creation_date_time: Option<Timestamp>,
    pub provisioned_throughput: ThroughputDescription,
    /// Bytes of all items. AWS brings it up to date every six hours or so, the lab at once.
    pub table_size_bytes: u64,
    /// Number of items; the same holds.
    pub item_count: u64,
    pub table_arn: String,
    pub table_id: String,
    /// Present for tables that are paid for by request.
    pub billing_mode_summary: Option<BillingModeSummary>,
    /// The KMS key, if it is not an AWS owned one.
    #[serde(rename = "SSEDescription")]
    pub sse_description: Option<SseDescription>,
    /// Present if the class was named when the table was made.
    pub table_class_summary: Option<TableClassSummary>,
    pub deletion_protection_enabled: bool,
    /// Present in the answer of `DescribeTable`.
    pub warm_throughput: Option<WarmThroughput>,
    /// Present in the answer of `DescribeTable` for tables that are paid for by request.
    pub table_throughput_mode_summary: Option<TableThroughputModeSummary>,
    /// Present for tables that were archived.
    pub archival_summary: Option<ArchivalSummary>,
    /// Present for tables that were restored from a backup.
    pub restore_summary: Option<RestoreSummary>,
}

/// `ArchivalSummary` of a table whose key was lost.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ArchivalSummary {
    #[serde(with = "epoch")]
    pub archival_date_time: Timestamp,
    /// The one reason there is: `INACCESSIBLE_ENCRYPTION_CREDENTIALS`.
    pub archival_reason: &'static str,
    /// The backup that holds the items.
    pub archival_backup_arn: String,
}

/// `RestoreSummary` of a table that was made of a backup.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RestoreSummary {
    pub source_backup_arn: String,
    /// The table it was made of.
    pub source_table_arn: String,
    #[serde(with = "epoch")]
    pub restore_date_time: Timestamp,
    /// Always `false`: restoring is over at once.
    pub restore_in_progress: bool,
}

impl TableDescription {
    /// Returns the description as the answer of `CreateTable` has it, before there is a time of any change.
    pub(super) fn creating(mut self) -> Self {
        self.table_status = "CREATING";
        if let Some(summary) = &mut self.billing_mode_summary {
            summary.last_update_to_pay_per_request_date_time = None;
            self.table_throughput_mode_summary = Some((&*summary).into());
        }
        self
    }
}

impl Table {
    /// Returns the table at a given time.
    pub fn describe(&self, now: Timestamp) -> TableDescription {
        let (read_capacity_units, write_capacity_units) = match self.billing {
            Billing::OnDemand => (0, 0),
            Billing::Provisioned(read, write) => (read, write),
        };
        let mut attribute_definitions: Vec<AttributeDefinition> = self
            .key_attributes()
            .map(|attribute| AttributeDefinition {
                attribute_name: attribute.name.clone(),
                attribute_type: attribute.kind.as_str().to_owned(),
            })
            .collect();
        // They are described in the order in which the request defined them.
        if self.sort_defined_first {
            attribute_definitions.reverse();
        }
        let billing_mode_summary = self.billing_summary(now);
        TableDescription {
            attribute_definitions: Some(attribute_definitions),
            table_name: self.handle.name.to_string(),
            key_schema: Some(
                self.key_attributes()
                    .zip(["HASH", "RANGE"])
                    .map(|(attribute, kind)| KeySchemaElement {
                        attribute_name: attribute.name.clone(),
                        key_type: kind.to_owned(),
                    })
                    .collect(),
            ),
            table_status: self.status(now),
            creation_date_time: Some(self.created),
            provisioned_throughput: ThroughputDescription {
                number_of_decreases_today: 0,
                read_capacity_units,
                write_capacity_units,
            },
            table_size_bytes: self.size_bytes,
            item_count: self.disk.items(),
            table_arn: self.handle.arn(),
            table_id: self.id.to_string(),
            table_throughput_mode_summary: billing_mode_summary.as_ref().map(Into::into),
            billing_mode_summary,
            sse_description: self.describe_encryption(now),
            table_class_summary: self.class_named.then_some(TableClassSummary { table_class: "STANDARD" }),
            deletion_protection_enabled: self.deletion_protection,
            warm_throughput: None,
            archival_summary: self.archive.as_ref().map(|archive| ArchivalSummary {
                archival_date_time: archive.at,
                archival_reason: "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
                archival_backup_arn: archive.backup_arn.clone(),
            }),
            restore_summary: self.restored.as_ref().map(|restored| RestoreSummary {
                source_backup_arn: restored.backup_arn.clone(),
                source_table_arn: restored.source_table_arn.clone(),
                restore_date_time: restored.at,
                restore_in_progress: false,
            }),
        }
    }

    /// Returns how the table is and was paid for; nothing of one that always was provisioned.
    ///
    /// Source: answers of DescribeTable that the AWS CLI printed: of tables made on demand with the time of their creation, of
    /// one turned back with the time of the turn before.
    fn billing_summary(&self, now: Timestamp) -> Option<BillingModeSummary> {
        let since = self.on_demand_since?;
        let billing_mode = match self.billing {
            Billing::OnDemand => "PAY_PER_REQUEST",
            Billing::Provisioned(..) => "PROVISIONED",
        };
        let last_update_to_pay_per_request_date_time = Some(since).filter(|_| now >= self.active_at);
        Some(BillingModeSummary { billing_mode, last_update_to_pay_per_request_date_time })
    }

    /// Returns the table as `DescribeTable` shows it: with what it can serve.
    /// Source: printed answers of DescribeTable, which have `WarmThroughput`, and of CreateTable, which have not.
    pub(super) fn describe_in_full(&self, now: Timestamp) -> TableDescription {
        let (read_units_per_second, write_units_per_second) = match self.billing {
            Billing::OnDemand => ON_DEMAND_WARM,
            Billing::Provisioned(read, write) => (read, write),
        };
        TableDescription {
            warm_throughput: Some(WarmThroughput {
                read_units_per_second,
                write_units_per_second,
                status: "ACTIVE",
            }),
            ..self.describe(now)
        }
    }

    fn describe_encryption(&self, now: Timestamp) -> Option<SseDescription> {
        // While a change goes on, the old key is shown first, then the new one; a change from or to an AWS owned key
        // shows the KMS key of the other side. Measured on AWS.
        let change = self.change.as_ref().filter(|change| now < change.done_at);
        let shown = match (change, &self.encryption) {
            (Some(change), _) if now < change.shown_at && change.before != Encryption::AwsOwned => {
                &change.before
            }
            (Some(change), Encryption::AwsOwned) => &change.before,
            (_, present) => present,
        };
        match shown {
            Encryption::AwsOwned => None,
            Encryption::Kms(encryption) => Some(SseDescription {
                status: if change.is_some() { "UPDATING" } else { "ENABLED" },
                sse_type: "KMS",
                kms_master_key_arn: encryption.key_arn.clone(),
                inaccessible_encryption_date_time: self.inaccessible_since,
            }),
        }
    }
}

impl KeyType {
    /// Returns the type that a definition names.
    pub(super) fn of(text: &str) -> Option<Self> {
        [Self::S, Self::N, Self::B].into_iter().find(|kind| kind.as_str() == text)
    }
}
