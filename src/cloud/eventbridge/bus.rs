//! Records of the audit trail as events: what CloudTrail delivers to the default event bus.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::cloud::Event;

/// Returns the event by which the bus of an account hears of a record.
///
/// Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail" (eb-service-event-cloudtrail), the values
/// of `detail-type`, and "Event structure reference" (eb-events-structure).
pub fn delivered<'e>(event: &'e Event, account: &str) -> Cow<'e, Value> {
    // Rules ask about the same records again and again, and nearly always for one account.
    let (first, made) = event.on_bus.get(|| (account.to_owned(), made_for(event, account)));
    if first == account { Cow::Borrowed(made) } else { Cow::Owned(made_for(event, account)) }
}

fn made_for(event: &Event, account: &str) -> Value {
    let kind = if event.service_details.is_some() { "AWS Service Event" } else { "AWS API Call" };
    let record = event.to_json_for(account);
    let mut delivered = json!({
        "version": "0",
        "id": event.id,
        "detail-type": format!("{kind} via CloudTrail"),
        "source": format!("aws.{}", event.service),
        "account": account,
        "time": record["eventTime"],
        "region": event.region,
        "resources": [],
    });
    delivered["detail"] = record;
    delivered
}
