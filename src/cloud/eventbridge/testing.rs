//! Trying a pattern on an event: `TestEventPattern`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read;
use super::rules::check_pattern_length;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};
use crate::limits::policy::EVENT;
use crate::limits::steps;

/// The request of `TestEventPattern`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TestEventPatternRequest {
    pub event_pattern: String,
    /// The event as JSON text.
    pub event: String,
}

/// The response of `TestEventPattern`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TestEventPatternResponse {
    /// Whether the event matches.
    pub result: bool,
}

impl Operation for TestEventPatternRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_pattern_length(&self.event_pattern)?;
        Ok(vec![Permission::new("events:TestEventPattern", "*")])
    }

    fn execute(self, _: &mut Invocation<'_>) -> Result<TestEventPatternResponse, ApiError> {
        let pattern = read(&self.event_pattern)?;
        let event = event(&self.event)?;
        Ok(TestEventPatternResponse { result: pattern.matches(&event) })
    }
}

/// Reads an event that somebody gives.
///
/// Source: EventBridge API Reference, TestEventPattern, the mandatory fields; LocalStack, provider_v2, "the documentation
/// says that `resources` is mandatory, but it is not in reality", and the message.
fn event(text: &str) -> Result<Value, ApiError> {
    const MANDATORY: [&str; 6] = ["id", "account", "source", "time", "region", "detail-type"];
    EVENT.check(text.len()).map_err(|exceeded| ApiError::validation(exceeded.to_string()))?;
    steps::add(text.len());
    let event: Option<Value> = serde_json::from_str(text).ok();
    let is_whole = |event: &Value| MANDATORY.iter().all(|field| event.get(field).is_some());
    event.filter(is_whole).ok_or_else(|| ApiError::validation("Parameter Event is not valid."))
}
