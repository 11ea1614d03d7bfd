//! `CreateTable`: the checks of its request, and the table that it makes.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::description::{AttributeDefinition, KeySchemaElement, SseSpecification, TableDescription};
use super::disk::TableDisk;
use super::invalid::Invalid;
use super::keys::{self, MANAGED_ALIAS};
use super::request::{check_name, check_word, table_handle, table_permission};
use super::table::{Billing, Encryption, KeyAttribute, KeyType, Table};
use super::tags::{check_quota, check_tags};
use crate::cloud::audit::lower_camel;
use crate::cloud::error::check_range;
use crate::cloud::permission::Permission;
use crate::cloud::tags::{Tag, with_request_tags};
use crate::cloud::{ApiError, Invocation, Operation};

/// The time for which a table is `CREATING` where delays are simulated. Measured on AWS: some seconds.
const CREATING: SignedDuration = SignedDuration::from_secs(8);

/// `ProvisionedThroughput` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProvisionedThroughput {
    /// A number of at least 1.
    pub read_capacity_units: i64,
    /// A number of at least 1.
    pub write_capacity_units: i64,
}

/// The request of `CreateTable`. Secondary indexes and streams are not simulated.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct CreateTableRequest {
    pub table_name: String,
    /// Partition key and sort key.
    pub key_schema: Vec<KeySchemaElement>,
    /// The types of the key attributes.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// `PROVISIONED` (unless given) or `PAY_PER_REQUEST`.
    pub billing_mode: Option<String>,
    /// The capacity of a provisioned table.
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    #[serde(rename = "SSESpecification")]
    pub sse_specification: Option<SseSpecification>,
    pub deletion_protection_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Refused unless empty: there are no secondary indexes here.
    pub global_secondary_indexes: Option<Vec<Value>>,
    /// Refused unless empty: there are no secondary indexes here.
    pub local_secondary_indexes: Option<Vec<Value>>,
    /// Refused if enabled: there are no streams here.
    pub stream_specification: Option<Value>,
    /// Refused unless `STANDARD`, the one class here.
    pub table_class: Option<String>,
}

/// The response of `CreateTable`, `DeleteTable` and `UpdateTable`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableDescriptionResponse {
    pub table_description: TableDescription,
}

/// The key that `SSESpecification` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WantedKey {
    /// An AWS owned key.
    AwsOwned,
    /// The KMS key that this names.
    Kms(String),
}

impl SseSpecification {
    /// Returns what the specification asks for.
    /// Source: DynamoDB API Reference, SSESpecification; messages as returned by DynamoDB.
    pub(super) fn wanted(&self) -> Result<WantedKey, Invalid> {
        let enabled = self.enabled;
        match self.sse_type.as_deref() {
            Some("KMS") | None => {}
            Some("AES256") => return Err(Invalid::parameter("SSEType AES256 is not supported")),
            Some(_) => return Err(Invalid::parameter("SSEType must be KMS")),
        }
        if enabled == Some(false) && self.sse_type.is_some() {
            return Err(Invalid::parameter("SSEType can not be specified if Enabled is false"));
        }
        if enabled == Some(false) && self.kms_master_key_id.is_some() {
            return Err(Invalid::parameter("KMSMasterKeyId can not be specified if Enabled is false"));
        }
        match (&self.kms_master_key_id, &self.sse_type) {
            (Some(_), None) => {
                Err(Invalid::parameter("SSEType KMS is required if KMSMasterKeyId is specified"))
            }
            (Some(key), Some(_)) => Ok(WantedKey::Kms(key.clone())),
            (None, Some(_)) => Ok(WantedKey::Kms(MANAGED_ALIAS.to_owned())),
            (None, None) if enabled == Some(true) => Ok(WantedKey::Kms(MANAGED_ALIAS.to_owned())),
            (None, None) => Ok(WantedKey::AwsOwned),
        }
    }
}

impl CreateTableRequest {
    /// Returns partition key and sort key. Messages: recorded against DynamoDB by the tests of the emulator
    /// dynalite.
    fn keys(&self) -> Result<(KeyAttribute, Option<KeyAttribute>), Invalid> {
        let names: Vec<&str> = self.key_schema.iter().map(|key| key.attribute_name.as_str()).collect();
        let defined: Vec<&str> =
            self.attribute_definitions.iter().map(|d| d.attribute_name.as_str()).collect();
        // Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-08, DDB-TABLE-042.
        if let Some((_, twice)) = defined.iter().enumerate().find(|(n, name)| defined[..*n].contains(name)) {
            return Err(Invalid(format!("Attribute Name is duplicated: {twice}")));
        }
        if names.len() > defined.len() {
            return Err(Invalid::new("Invalid KeySchema: Some index key attribute have no definition"));
        }
        if names.iter().any(|name| !defined.contains(name)) {
            return Err(Invalid::parameter(format_args!(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: \
                 [{}]",
                names.join(", "),
                defined.join(", ")
            )));
        }
        if names.len() == 2 && names[0] == names[1] {
            return Err(Invalid::new(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name",
            ));
        }
        for (element, (place, kind)) in self.key_schema.iter().zip([("first", "HASH"), ("second", "RANGE")]) {
            if element.key_type != kind {
                return Err(Invalid(format!(
                    "Invalid KeySchema: The {place} KeySchemaElement is not a {kind} key type"
                )));
            }
        }
        if names.len() != defined.len() {
            return Err(Invalid::parameter(
                "Number of attributes in KeySchema does not exactly match number of attributes defined in \
                 AttributeDefinitions",
            ));
        }
        let mut keys = names.iter().filter_map(|name| {
            let definition = self.attribute_definitions.iter().find(|d| d.attribute_name == *name)?;
            Some(KeyAttribute { name: (*name).to_owned(), kind: KeyType::of(&definition.attribute_type)? })
        });
        match (keys.next(), keys.next()) {
            (Some(partition), sort) => Ok((partition, sort)),
            _ => Err(Invalid::new("Invalid KeySchema: it names no attribute")),
        }
    }

    fn check_shape(&self) -> Result<(), ApiError> {
        let lengths = |text: &str| ApiError::constraint(Some("[]"), "keySchema", text);
        if self.key_schema.is_empty() {
            return Err(lengths("Member must have length greater than or equal to 1"));
        }
        if self.key_schema.len() > 2 {
            return Err(lengths("Member must have length less than or equal to 2"));
        }
        for (n, element) in self.key_schema.iter().enumerate() {
            let member = format!("keySchema.{}.member.keyType", n + 1);
            check_word(Some(&element.key_type), &member, &["HASH", "RANGE"])?;
        }
        for (n, definition) in self.attribute_definitions.iter().enumerate() {
            let member = format!("attributeDefinitions.{}.member.attributeType", n + 1);
            check_word(Some(&definition.attribute_type), &member, &["B", "N", "S"])?;
        }
        check_tags(&self.tags)?;
        check_quota(self.tags.len())?;
        // The simulation's own limits, in its own words.
        let not_here =
            |what: &str| Err(ApiError::validation(format!("{what}: not simulated here; leave it out")));
        if self.global_secondary_indexes.as_ref().is_some_and(|list| !list.is_empty()) {
            return not_here("GlobalSecondaryIndexes");
        }
        if self.local_secondary_indexes.as_ref().is_some_and(|list| !list.is_empty()) {
            return not_here("LocalSecondaryIndexes");
        }
        if self.stream_specification.as_ref().is_some_and(|stream| stream["StreamEnabled"] != false) {
            return not_here("StreamSpecification");
        }
        if self.table_class.as_deref().is_some_and(|class| class != "STANDARD") {
            return not_here("TableClass other than STANDARD");
        }
        Ok(())
    }
}

/// Returns how a table is paid for, by the parameters of CreateTable and UpdateTable.
pub(super) fn billing(
    mode: Option<&str>,
    throughput: Option<&ProvisionedThroughput>,
) -> Result<Billing, ApiError> {
    check_word(mode, "billingMode", &["PROVISIONED", "PAY_PER_REQUEST"])?;
    match (mode, throughput) {
        (Some("PAY_PER_REQUEST"), None) => Ok(Billing::OnDemand),
        (Some("PAY_PER_REQUEST"), Some(_)) => Err(Invalid::parameter(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        )
        .into()),
        (_, None) => Err(Invalid::parameter(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        )
        .into()),
        (_, Some(throughput)) => {
            let units = |value: i64, member: &str| {
                u64::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| {
                    ApiError::constraint(
                        Some(&value.to_string()),
                        &format!("provisionedThroughput.{member}"),
                        "Member must have value greater than or equal to 1",
                    )
                })
            };
            Ok(Billing::Provisioned(
                units(throughput.read_capacity_units, "readCapacityUnits")?,
                units(throughput.write_capacity_units, "writeCapacityUnits")?,
            ))
        }
    }
}

impl Operation for CreateTableRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // Source: DynamoDB's answer of 2026, which goes by the API model.
        let length = self.table_name.len();
        if length > 0 {
            check_range("length", length, Some(&self.table_name), "tableName", 3, 255)?;
        }
        let create =
            with_request_tags(table_permission(invocation, "CreateTable", &self.table_name)?, &self.tags);
        if self.tags.is_empty() {
            return Ok(vec![create]);
        }
        // Source: DynamoDB Developer Guide, "Adding tags when you create a table": needs dynamodb:TagResource, too.
        let tag =
            with_request_tags(table_permission(invocation, "TagResource", &self.table_name)?, &self.tags);
        Ok(vec![create, tag])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<TableDescriptionResponse, ApiError> {
        check_name("TableName", "tableName", &self.table_name)?;
        self.check_shape()?;
        let billing = billing(self.billing_mode.as_deref(), self.provisioned_throughput.as_ref())?;
        let (partition, sort) = self.keys()?;
        let wanted = self.sse_specification.clone().unwrap_or_default().wanted()?;
        let handle = table_handle(invocation, &self.table_name)?;
        if invocation.world.dynamodb.table(&handle).is_some() {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!("Table already exists: {}", handle.name),
            ));
        }
        let (encryption, key) = match wanted {
            WantedKey::AwsOwned => (Encryption::AwsOwned, keys::new_owned_table_key(invocation, &handle, 1)?),
            WantedKey::Kms(key) => keys::adopt_key(invocation, &handle, &key, 1)?,
        };
        let id = invocation.world.uuid();
        let identity = Table::disk_identity(&handle, &id);
        let (disk, _) = TableDisk::new(&identity, key.wrapped, &key.plain, &mut invocation.world.rng)?;
        let now = invocation.world.now;
        let first = self.attribute_definitions.first().map(|definition| definition.attribute_name.as_str());
        let sort_defined_first = sort.as_ref().is_some_and(|sort| Some(sort.name.as_str()) == first);
        let delay =
            if invocation.world.fidelity.table_update_delay { CREATING } else { SignedDuration::ZERO };
        let table = Table {
            id: id.into(),
            created: now,
            active_at: now.checked_add(delay).unwrap_or(now),
            partition,
            sort,
            billing,
            on_demand_since: (billing == Billing::OnDemand).then_some(now),
            class_named: self.table_class.is_some(),
            deletion_protection: self.deletion_protection_enabled.unwrap_or(false),
            sort_defined_first,
            tags: self.tags.into_iter().map(|tag| (tag.key, tag.value)).collect::<BTreeMap<_, _>>(),
            encryption,
            disk,
            size_bytes: 0,
            change: None,
            key_changes: Vec::new(),
            inaccessible_since: None,
            archive: None,
            restored: None,
            policy: None,
            time_to_live: None,
            recovery: None,
            handle,
        };
        // The answer says CREATING even where the next call finds the table active.
        let table_description = table.describe(now).creating();
        invocation.world.dynamodb.put_table(table);
        Ok(TableDescriptionResponse { table_description })
    }

    fn response_elements(response: &TableDescriptionResponse) -> Value {
        described_elements(response)
    }
}

/// Returns the `responseElements` of the operations that answer with a table.
pub(super) fn described_elements(response: &TableDescriptionResponse) -> Value {
    lower_camel(serde_json::to_value(response).unwrap_or_default())
}
