//! CloudTrail: reading the audit trail. The records themselves are made in [`super::audit`].
//!
//! Source: CloudTrail API Reference, LookupEvents. Data events are not in the event history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::audit::Event;
use super::authorize;
use super::operation::service;
use super::permission::Permission;
use super::service::{self, ErrorStyle};
use super::world::Service;
use super::{AccountId, ApiError, Invocation, Operation, epoch};

service! {
    "cloudtrail";
    /// Looks up management events of the last 90 days, newest first.
    LookupEvents(LookupEventsRequest) -> LookupEventsResponse {
        records: ["LookupAttributes", "StartTime", "EndTime", "MaxResults", "NextToken"]
        refuses: ["EventCategory"]
        differs: [
            "Events are found at once; AWS takes up to fifteen minutes.",
            "Nothing is found by `AccessKeyId`: records hold no access keys.",
            "What is done to a resource of another account is found in both accounts, as on AWS, but under one and the same `eventID`.",
        ]
    };
}

/// CloudTrail in the table of services.
pub const SERVICE: Service = Service {
    prefix: PREFIX,
    differs: DIFFERS,
    operations: OPERATIONS,
    own_events: &[],
    errors: ErrorStyle::Json,
    facts: service::no_facts,
    grants: service::no_grants,
    grantees: service::no_grantees,
    key_question: service::no_key_question,
    fails: service::nothing_fails,
    authorization_ids: None,
    refusal: authorize::refusal,
    record_type: service::no_record_type,
    settle: service::nothing_falls_due,
    response_elements: service::elements_as_they_are,
    takes: service::any_caller,
    assumed_keys: service::no_assumed_keys,
    caller_keys: service::no_caller_keys,
    forwards: service::no_forward,
    candidates: service::no_candidates,
    subjects: service::no_subjects,
    documents: service::no_documents,
    named: service::nothing_is_named,
    short: service::no_short,
    field: service::no_fields,
};

/// The most events of one answer.
const PAGE: u32 = 50;

/// The age of the oldest event in the history. Source: CloudTrail User Guide, "Working with CloudTrail Event
/// history".
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(90 * 24);

/// The request of `LookupEvents`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct LookupEventsRequest {
    /// The attribute to look for; one at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lookup_attributes: Vec<LookupAttribute>,
    /// Not before this time.
    #[serde(with = "epoch::option")]
    pub start_time: Option<Timestamp>,
    /// Not after this time.
    #[serde(with = "epoch::option")]
    pub end_time: Option<Timestamp>,
    /// At most so many: 1 to 50, 50 unless given.
    pub max_results: Option<u32>,
    /// The token of the last answer, to go on from.
    pub next_token: Option<String>,
}

/// An attribute of an event and the value it must have.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LookupAttribute {
    pub attribute_key: String,
    pub attribute_value: String,
}

/// The response of `LookupEvents`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LookupEventsResponse {
    /// The events, newest first.
    pub events: Vec<FoundEvent>,
    /// The token to go on with, if there is more.
    pub next_token: Option<String>,
}

/// An event as LookupEvents shows it.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FoundEvent {
    pub event_id: String,
    pub event_name: String,
    /// `true` or `false`, as text.
    pub read_only: String,
    #[serde(with = "epoch")]
    pub event_time: Timestamp,
    /// The service, such as `kms.amazonaws.com`.
    pub event_source: String,
    /// The user's or the session's name, if somebody was signed in.
    pub username: Option<String>,
    pub resources: Vec<FoundResource>,
    /// The whole record as JSON text.
    pub cloud_trail_event: String,
}

/// A resource of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FoundResource {
    /// The type, such as `AWS::KMS::Key`.
    pub resource_type: String,
    pub resource_name: String,
}

impl Operation for LookupEventsRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("cloudtrail:LookupEvents", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<LookupEventsResponse, ApiError> {
        let most = self.max_results.unwrap_or(PAGE);
        if !(1..=PAGE).contains(&most) {
            return Err(ApiError::new(
                "InvalidMaxResultsException",
                "A maximum results value between 1 and 50 must be specified.",
            ));
        }
        let attribute = match self.lookup_attributes.as_slice() {
            [] => None,
            [one] => Some(one.check()?),
            _ => {
                let text = "You can only specify one attribute in the lookup request.";
                return Err(ApiError::new("InvalidLookupAttributesException", text));
            }
        };
        if self.start_time.zip(self.end_time).is_some_and(|(start, end)| start > end) {
            let text = "The start time must be before the end time.";
            return Err(ApiError::new("InvalidTimeRangeException", text));
        }
        let left: usize = match &self.next_token {
            None => usize::MAX,
            Some(token) => token
                .parse()
                .map_err(|_| ApiError::new("InvalidNextTokenException", "The next token is not valid."))?,
        };
        let account = invocation.account()?;
        let region = invocation.region();
        let now = invocation.world.now();
        let oldest = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let start = self.start_time.map_or(oldest, |start| start.max(oldest));
        let fits = |event: &&std::sync::Arc<Event>| {
            !event.data_event
                && event.region == *region
                && event.time >= start
                && self.end_time.is_none_or(|end| event.time <= end)
                && event.is_seen_by(account.as_str())
                && attribute.is_none_or(|attribute| attribute.fits(event, &account))
        };
        // The token counts what is left from the oldest, so that events that come in between do not shift the pages.
        let found: Vec<_> = invocation.world.events().filter(fits).take(left).collect();
        let events =
            found.iter().rev().take(most as usize).map(|event| FoundEvent::of(event, &account)).collect();
        let next_token = found.len().checked_sub(most as usize).filter(|left| *left > 0);
        let next_token = next_token.map(|left| left.to_string());
        Ok(LookupEventsResponse { events, next_token })
    }
}

impl LookupAttribute {
    fn check(&self) -> Result<&Self, ApiError> {
        const KNOWN: [&str; 8] = [
            "EventId",
            "EventName",
            "ReadOnly",
            "Username",
            "ResourceType",
            "ResourceName",
            "EventSource",
            "AccessKeyId",
        ];
        if KNOWN.contains(&self.attribute_key.as_str()) {
            return Ok(self);
        }
        let constraint = format!("Member must satisfy enum value set: [{}]", KNOWN.join(", "));
        Err(ApiError::constraint(
            Some(&self.attribute_key),
            "lookupAttributes.1.member.attributeKey",
            constraint,
        ))
    }

    fn fits(&self, event: &Event, account: &AccountId) -> bool {
        let value = self.attribute_value.as_str();
        match self.attribute_key.as_str() {
            "EventId" => event.id.to_string() == value,
            "EventName" => event.name == value,
            "ReadOnly" => event.read_only.to_string() == value,
            "Username" => username(&event.identity_for(account.as_str())).as_deref() == Some(value),
            "ResourceType" => event.resources.iter().any(|resource| resource.kind == value),
            "ResourceName" => event.resources.iter().any(|resource| *resource.arn == *value),
            "EventSource" => value.strip_suffix(".amazonaws.com") == Some(event.service),
            // Access keys are not simulated in the records.
            _ => false,
        }
    }
}

impl FoundEvent {
    fn of(event: &Event, account: &AccountId) -> Self {
        let record = event.to_json_for(account.as_str());
        Self {
            event_id: event.id.to_string(),
            event_name: event.name.to_owned(),
            read_only: event.read_only.to_string(),
            event_time: event.time,
            event_source: format!("{}.amazonaws.com", event.service),
            username: username(&record["userIdentity"]),
            resources: event
                .resources
                .iter()
                .map(|r| FoundResource { resource_type: r.kind.to_owned(), resource_name: r.arn.to_string() })
                .collect(),
            cloud_trail_event: record.to_string(),
        }
    }
}

/// Returns a user's name, a session's name or `root`; nothing for services.
fn username(identity: &serde_json::Value) -> Option<String> {
    match identity["type"].as_str()? {
        "Root" => Some("root".to_owned()),
        "IAMUser" => identity["userName"].as_str().map(str::to_owned),
        "AssumedRole" => identity["arn"].as_str()?.rsplit('/').next().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{AccountId, Call, Caller, Fidelity, World};

    #[test]
    fn events_are_found_newest_first_and_page_by_page() {
        let account: AccountId = "111122223333".parse().expect("twelve digits");
        let mut world = World::new(1, "2026-01-05T09:00:00Z".parse().expect("a time"), Fidelity::instant());
        world.add_account(account.clone(), "lab");
        let root = Caller::Root(account.clone());
        let mut call = |caller: &Caller, service: &str, operation: &str, input| {
            let call = Call::decode(service, operation, input).expect(operation);
            world.call(caller, call).result.map(|output| output.to_json())
        };
        for name in ["kim", "tess", "dana"] {
            call(&root, "iam", "CreateUser", json!({"UserName": name})).expect("root may");
        }
        let found = |response: serde_json::Value| -> Vec<String> {
            let events = response["Events"].as_array().expect("events").clone();
            events
                .iter()
                .map(|e| {
                    let record: serde_json::Value =
                        serde_json::from_str(e["CloudTrailEvent"].as_str().expect("text")).expect("JSON");
                    record["requestParameters"]["userName"].as_str().unwrap_or_default().to_owned()
                })
                .collect()
        };
        let by_name = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}],
                             "MaxResults": 2});
        let first = call(&root, "cloudtrail", "LookupEvents", by_name.clone()).expect("root may");
        assert_eq!(first["NextToken"], "1");
        assert_eq!(found(first), ["dana", "tess"]);
        let mut next = by_name;
        next["NextToken"] = json!("1");
        let second = call(&root, "cloudtrail", "LookupEvents", next).expect("root may");
        assert_eq!(second.get("NextToken"), None);
        assert_eq!(found(second), ["kim"]);

        let denied = call(&Caller::user(&account, "tess"), "cloudtrail", "LookupEvents", json!({}));
        assert_eq!(denied.expect_err("tess may nothing").code, "AccessDeniedException");
        for (input, code) in [
            (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
            (json!({"NextToken": "x"}), "InvalidNextTokenException"),
            (
                json!({"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "x"}]}),
                "ValidationException",
            ),
            (json!({"StartTime": 2.0, "EndTime": 1.0}), "InvalidTimeRangeException"),
        ] {
            let error = call(&root, "cloudtrail", "LookupEvents", input).expect_err(code);
            assert_eq!(error.code, code);
        }
    }
}
