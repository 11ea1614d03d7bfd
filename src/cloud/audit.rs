//! The audit trail: one CloudTrail-shaped record a call.
//!
//! Source: CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element".

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::authorization::Authorization;
use super::fidelity::RefusedParameters;
use super::iam::Session;
use super::made_once::MadeOnce;
use super::network::NetworkPath;
use super::user_identity::{INTERNAL, UserIdentity, instant};
use super::{ApiError, CallContext, Region, Uuid};
use crate::policy::Principal;

/// One record. `to_json` writes CloudTrail's own shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// A unique id, shared by no other record.
    pub id: Uuid,
    /// The id of the request, as error messages quote it; none for what nobody asked for.
    pub request_id: Option<Uuid>,
    /// The simulated time of the call.
    pub time: Timestamp,
    /// The service's prefix, such as `kms`.
    pub service: &'static str,
    /// The operation, such as `Decrypt`.
    pub name: &'static str,
    /// The Region whose endpoint was called.
    pub region: Region,
    /// Who: the ARN for people, the service's name for services.
    pub who: Arc<str>,
    /// Who called: CloudTrail's `userIdentity`.
    pub user_identity: UserIdentity,
    /// The service that made the call in the caller's name, if one did.
    pub invoked_by: Option<Arc<str>>,
    /// Where the call came from.
    pub source: CallSource,
    /// The VPC endpoint the request came through.
    pub vpc_endpoint: Option<Arc<str>>,
    /// The client, or a service's name.
    pub user_agent: Arc<str>,
    /// What was asked, secrets left out.
    pub request_parameters: Written,
    /// What was answered, for operations that change something.
    pub response_elements: Written,
    /// What the record says beside them (`additionalEventData`); `null` for nothing.
    pub additional: Written,
    /// The resources that the call was about.
    pub resources: Vec<EventResource>,
    /// The error's code and message. A refusal has the code `AccessDenied`.
    pub error: Option<(String, String)>,
    /// Whether the operation changes nothing.
    pub read_only: bool,
    /// Whether the event is a data event, which a trail does not log unless asked.
    pub data_event: bool,
    /// What a service says about something it did by itself; nothing for a call.
    pub service_details: Option<Value>,
    /// What the call was decided from, where its refusal carries an authorization id. The record does not show it.
    pub authorization: Option<Arc<Authorization>>,
    /// The event by which a bus hears of the record, with the bus's account.
    pub(super) on_bus: MadeOnce<(String, Value)>,
}

/// A part of a record, kept as JSON text until somebody reads it: most records are never read, and a text lies in one piece of
/// memory.
#[derive(Clone, Default)]
pub struct Written {
    /// Nothing for `null`.
    text: Option<Box<str>>,
    read: MadeOnce<Value>,
}

impl From<Value> for Written {
    fn from(value: Value) -> Self {
        // Not by `Display`, which writes letter by letter and takes twice as long.
        let text = if value.is_null() { None } else { serde_json::to_string(&value).ok().map(Into::into) };
        Self { text, read: MadeOnce::default() }
    }
}

impl Deref for Written {
    type Target = Value;

    fn deref(&self) -> &Value {
        static NULL: Value = Value::Null;
        let Some(text) = &self.text else { return &NULL };
        // INVARIANT: the text was written as JSON, and is not nested more deeply than a reader of JSON follows.
        self.read.get(|| serde_json::from_str(text).unwrap_or_default())
    }
}

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

/// Where a call came from, as `sourceIPAddress` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallSource {
    Address(IpAddr),
    /// A service, by its name.
    Service(Arc<str>),
}

impl Serialize for CallSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Address(address) => serializer.collect_str(address),
            Self::Service(name) => serializer.serialize_str(name),
        }
    }
}

/// A resource that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventResource {
    /// The ARN that stands in the record.
    pub arn: Arc<str>,
    /// The resource's type, such as `AWS::KMS::Key`.
    pub kind: &'static str,
}

impl EventResource {
    /// The account that owns it, as its ARN says.
    pub fn account_id(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

impl Serialize for EventResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("EventResource", 3)?;
        fields.serialize_field("ARN", &*self.arn)?;
        fields.serialize_field("accountId", self.account_id())?;
        fields.serialize_field("type", self.kind)?;
        fields.end()
    }
}

impl Event {
    /// The record of something that a service did by itself to a resource, given the service's prefix and what it did.
    ///
    /// Source: CloudTrail User Guide, "AWS service events"; KMS Developer Guide, "Examples of AWS KMS log entries":
    /// RotateKey, DeleteKey, DeleteExpiredKeyMaterial.
    pub(super) fn of_service_itself(
        id: Uuid,
        time: Timestamp,
        (service, name): (&'static str, &'static str),
        region: &Region,
        resource: EventResource,
        details: Value,
    ) -> Self {
        Self {
            id,
            request_id: None,
            time,
            service,
            name,
            region: region.clone(),
            who: INTERNAL.into(),
            user_identity: UserIdentity::Internal { account: resource.account_id().to_owned() },
            invoked_by: None,
            source: CallSource::Service(INTERNAL.into()),
            vpc_endpoint: None,
            user_agent: INTERNAL.into(),
            request_parameters: Written::default(),
            response_elements: Written::default(),
            additional: Written::default(),
            resources: vec![resource],
            error: None,
            read_only: false,
            data_event: false,
            service_details: Some(details),
            authorization: None,
            on_bus: MadeOnce::default(),
        }
    }

    /// The account that the caller belongs to; none for a service that acts as itself.
    fn actor(&self) -> Option<&str> {
        self.user_identity.account()
    }

    /// The account that owns what the call was about.
    fn owner(&self) -> Option<&str> {
        self.resources.first().map(EventResource::account_id)
    }

    /// Whether the record is in the trail of this account: the caller's own, and the one that owns the resource.
    /// Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail": cross-account use is logged in both accounts;
    /// requests "that are rejected because access is denied are logged only in the caller's account".
    pub fn is_seen_by(&self, account: &str) -> bool {
        let refused = self.service == "kms" && self.is_denied() && self.actor().is_some();
        self.actor() == Some(account) || self.owner() == Some(account) && !refused
    }

    /// `userIdentity` in the trail of `account`. The owner of a resource learns of a caller from another account which
    /// account and which principal id it is, and no name.
    ///
    /// Source: IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail", the two entries of one AssumeRole.
    pub fn identity_for(&self, account: &str) -> Value {
        let whole = self.user_identity.to_json();
        if self.actor().is_none_or(|actor| actor == account) {
            return whole;
        }
        let mut identity = json!({"type": "AWSAccount", "principalId": whole["principalId"], "accountId": whole["accountId"]});
        if let Some(service) = &self.invoked_by {
            identity["invokedBy"] = json!(service);
        }
        identity
    }

    /// The record as the trail of `account` has it.
    pub fn to_json_for(&self, account: &str) -> Value {
        let mut record = self.to_json();
        record["userIdentity"] = self.identity_for(account);
        record["recipientAccountId"] = json!(account);
        record
    }

    /// Whether caller and resource are of different accounts, a service being of none.
    /// Source: CloudTrail User Guide, "CloudTrail record contents", `sharedEventID`.
    fn is_shared(&self) -> bool {
        self.user_identity.is_service() || self.owner().is_some() && self.actor() != self.owner()
    }

    /// Whether the call was refused for want of permission.
    pub fn is_denied(&self) -> bool {
        self.error.as_ref().is_some_and(|(code, _)| code == "AccessDenied")
    }

    /// The record as CloudTrail writes it into the trail of the caller's account; of the resource's owner, if the
    /// caller is a service.
    pub fn to_json(&self) -> Value {
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": self.user_identity.to_json(),
            "eventTime": instant(self.time),
            "eventSource": format!("{}.amazonaws.com", self.service),
            "eventName": self.name,
            "awsRegion": self.region,
            "sourceIPAddress": self.source,
            "userAgent": self.user_agent,
            "requestParameters": self.request_parameters,
            "responseElements": self.response_elements,
            "additionalEventData": self.additional,
            "requestID": self.request_id,
            "eventID": self.id,
            "readOnly": self.read_only,
            "eventType": if self.service_details.is_some() { "AwsServiceEvent" } else { "AwsApiCall" },
            "managementEvent": !self.data_event,
            "eventCategory": if self.data_event { "Data" } else { "Management" },
        });
        if let Some(fields) = record.as_object_mut() {
            if self.additional.is_null() {
                fields.shift_remove("additionalEventData");
            }
            if let Some(details) = &self.service_details {
                fields.shift_remove("requestID");
                fields.insert("serviceEventDetails".to_owned(), details.clone());
            }
            if !self.resources.is_empty() {
                fields.insert("resources".to_owned(), json!(self.resources));
            }
            if let Some(account) = self.actor().or_else(|| self.owner()) {
                fields.insert("recipientAccountId".to_owned(), json!(account));
            }
            if let Some(endpoint) = &self.vpc_endpoint {
                fields.insert("vpcEndpointId".to_owned(), json!(endpoint));
            }
            if let Some((code, message)) = &self.error {
                fields.insert("errorCode".to_owned(), json!(code));
                fields.insert("errorMessage".to_owned(), json!(message));
            }
            if self.is_shared() {
                fields.insert("sharedEventID".to_owned(), json!(self.id));
            }
        }
        record
    }
}

/// What a record is made from when a call has ended.
pub(super) struct EventDraft<'a> {
    pub service: &'static str,
    pub name: &'static str,
    pub read_only: bool,
    pub data_event: bool,
    pub principal: &'a Principal,
    pub session: Option<&'a Session>,
    pub context: &'a CallContext,
    pub path: NetworkPath,
    pub request_id: Uuid,
    pub parameters: Value,
    pub elements: Value,
    pub additional: Value,
    pub resources: Vec<EventResource>,
    pub error: Option<&'a ApiError>,
    pub authorization: Option<Arc<Authorization>>,
    pub refused: RefusedParameters,
}

impl EventDraft<'_> {
    pub(super) fn finish(self, id: Uuid, time: Timestamp) -> Arc<Event> {
        let invoked_by = self.context.forwarded_by.last();
        let service_caller = match self.principal {
            Principal::Service { name } => Some(name),
            Principal::Anonymous
            | Principal::Root { .. }
            | Principal::User { .. }
            | Principal::RoleSession { .. }
            | Principal::FederatedUser { .. }
            | Principal::Federated { .. } => None,
        };
        let network = invoked_by.or(service_caller);
        let denied = self.error.is_some_and(ApiError::is_access_denied);
        let as_itself = matches!(self.principal, Principal::RoleSession { .. }) && self.session.is_none();
        // Source: CloudTrail User Guide, "CloudTrail record contents", sourceIPAddress and vpcEndpointId.
        let (address, vpc_endpoint) = match &self.path {
            NetworkPath::Endpoint(endpoint, address) => (*address, Some(endpoint.id.clone())),
            NetworkPath::Internet(address) => (*address, None),
            NetworkPath::Service(_) => (self.context.source_ip, None),
        };
        Arc::new(Event {
            id,
            request_id: Some(self.request_id),
            time,
            service: self.service,
            name: self.name,
            region: self.context.region.clone(),
            who: self.principal.name(),
            user_identity: UserIdentity::new(self.principal, self.session, invoked_by),
            source: network.map_or(CallSource::Address(address), |name| CallSource::Service(name.clone())),
            vpc_endpoint,
            user_agent: network.unwrap_or(&self.context.user_agent).clone(),
            invoked_by: invoked_by.cloned(),
            request_parameters: if denied { self.refused.of(self.parameters) } else { self.parameters }
                .into(),
            response_elements: self.elements.into(),
            additional: if as_itself { with_note(self.additional) } else { self.additional }.into(),
            resources: self.resources,
            error: self.error.map(|e| {
                // Source: CloudTrail User Guide, examples of refused calls: the code loses its `Exception`.
                let code = if denied { "AccessDenied".to_owned() } else { e.code.to_string() };
                (code, e.message.clone())
            }),
            read_only: self.read_only,
            data_event: self.data_event,
            service_details: None,
            authorization: self.authorization,
            on_bus: MadeOnce::default(),
        })
    }
}

impl RefusedParameters {
    /// Returns what a record says of the parameters of a call that was refused.
    ///
    /// Doubtful: `null` for the services of this program, which S3 does not write.
    /// Source: published records of refused calls: `null` for iam:GetRole, `Host` for s3:ListBuckets in 2026.
    /// Switch: `refused_parameters`.
    fn of(self, parameters: Value) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Kept => parameters,
        }
    }
}

/// A time in the values of a record. Source: KMS Developer Guide, log entries of CreateKey, ScheduleKeyDeletion.
pub(super) fn date(time: Timestamp) -> String {
    time.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

/// What the lab says of itself in a record, under its own name.
const AS_ITSELF: &str =
    "the lab acted as the role itself, without AssumeRole; on AWS a request needs a session of the role";

/// Adds to what a record holds besides that a role acted as itself, which no record of AWS can tell.
fn with_note(additional: Value) -> Value {
    let mut fields = match additional {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    fields.insert("kmslab".to_owned(), json!(AS_ITSELF));
    Value::Object(fields)
}

/// The parameters of a request that a record holds: the fields of these names and no others, as CloudTrail writes them.
pub(super) fn recorded(request: &impl Serialize, names: &[&str]) -> Value {
    let mut request = serde_json::to_value(request).unwrap_or(Value::Null);
    if let Some(fields) = request.as_object_mut() {
        fields.retain(|name, _| names.contains(&name.as_str()));
    }
    lower_camel(request)
}

fn with_small_initial(mut name: String) -> String {
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
        return name;
    }
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |c| c.to_lowercase().chain(letters).collect())
}

/// The same value with the first letter of every field name in lower case, as CloudTrail writes parameters.
///
/// Names that are data stay as they are: the fields of an encryption context or of tags.
pub fn lower_camel(value: Value) -> Value {
    const DATA: [&str; 4] = [
        "EncryptionContext",
        "EncryptionContextEquals",
        "EncryptionContextSubset",
        "ExpressionAttributeNames",
    ];
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let value = if DATA.contains(&name.as_str()) { value } else { lower_camel(value) };
                (with_small_initial(name), value)
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(lower_camel).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        for value in [
            Value::Null,
            json!({}),
            json!([1, -2, 18_446_744_073_709_551_615_u64, 0.1, 1e300, true, null]),
            json!({"b": {"z": "\u{e4}\"\n", "a": [{}]}, "a": ""}),
        ] {
            let written = Written::from(value.clone());
            assert_eq!(*written, value);
            assert_eq!(
                serde_json::to_string(&written).ok(),
                serde_json::to_string(&value).ok(),
                "in its order"
            );
            assert_eq!(written.clone(), written);
        }
    }
}
