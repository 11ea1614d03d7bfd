//! Records of the audit trail as events: what CloudTrail delivers to the default event bus.

use serde_json::{Value, json};

use crate::cloud::Event;

/// Returns the event by which the bus of an account hears of a record.
///
/// Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail" (eb-service-event-cloudtrail), the values
/// of `detail-type`, and "Event structure reference" (eb-events-structure).
pub fn delivered(event: &Event, account: &str) -> Value {
    let kind = if event.service_details.is_some() { "AWS Service Event" } else { "AWS API Call" };
    let record = event.to_json_for(account);
    json!({
        "version": "0",
        "id": event.id,
        "detail-type": format!("{kind} via CloudTrail"),
        "source": format!("aws.{}", event.service),
        "account": account,
        "time": record["eventTime"],
        "region": event.region,
        "resources": [],
        "detail": record,
    })
}
