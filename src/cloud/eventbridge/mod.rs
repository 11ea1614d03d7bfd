//! EventBridge: rules on the default event bus, and which events they match. Nothing is delivered anywhere.
//!
//! Source of shapes, codes and rules: Amazon EventBridge API Reference; Amazon EventBridge User Guide.
//!
//! | file | what |
//! |---|---|
//! | `pattern` | the language of event patterns |
//! | `state` | rules |
//! | `bus` | records of the audit trail as events |
//! | `rules`, `testing` | operations on rules; trying a pattern on an event |

mod bus;
pub mod pattern;
mod rules;
mod state;
mod testing;
#[cfg(test)]
mod tests;

pub use bus::delivered;
pub use pattern::EventPattern;
pub use rules::*;
pub use state::{Rule, RuleState, State};
pub use testing::*;

use super::iam::Empty;
use super::operation::service;
use super::permission::Permission;
use super::service::{self, ErrorStyle};
use super::world::Service;
use super::{ApiError, Arn, DocumentId, Invocation, World, authorize};
use crate::policy::line_col;
use pattern::PatternError;

service! {
    "events", differs: [
        "Rules of the default event bus, with an event pattern; no targets, nothing is delivered.",
        "The events are the records of the audit trail, data events included, as if a trail logged all of them. Those before a rule was made can be looked at with it, too.",
        "Condition keys such as `events:source` are not set.",
    ];
    /// Makes a rule, or writes one anew.
    PutRule(PutRuleRequest) -> PutRuleResponse {
        records: ["Name", "EventPattern", "State", "Description"]
        refuses: ["ScheduleExpression", "RoleArn", "Tags", "EventBusName"]
        differs: [
            "Of a pattern that is no JSON, the reason is worded here. A name that stands twice in an object is an error.",
            "How complex the wildcards of a pattern are is not reckoned.",
        ]
    };
    /// Describes a rule with its pattern.
    DescribeRule(DescribeRuleRequest) -> RuleDescription {
        records: ["Name"]
        refuses: ["EventBusName"]
    };
    /// Lists the rules with their patterns.
    ListRules(ListRulesRequest) -> ListRulesResponse {
        records: ["NamePrefix"]
        refuses: ["EventBusName", "NextToken", "Limit"]
        differs: [
            "All rules are in one answer.",
        ]
    };
    /// Deletes a rule, if there is one.
    DeleteRule(DeleteRuleRequest) -> Empty {
        records: ["Name"]
        refuses: ["EventBusName", "Force"]
    };
    /// Tells whether an event matches a pattern.
    TestEventPattern(TestEventPatternRequest) -> TestEventPatternResponse {
        records: ["EventPattern"]
        differs: [
            "Of an event, `resources` may be missing, as was seen on AWS.",
        ]
    };
}

/// EventBridge in the table of services.
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
    documents,
    named: service::nothing_is_named,
    short: service::last_part,
    field: service::no_fields,
};

/// The event patterns of all rules.
fn documents(world: &World) -> Vec<DocumentId> {
    world.eventbridge.rules().map(|rule| DocumentId::EventPattern(rule.arn.to_string())).collect()
}

/// Returns the ARN of the caller's rule of that name.
fn arn_of(invocation: &Invocation<'_>, name: &str) -> Result<Arn, ApiError> {
    let account = invocation.account()?;
    Ok(Arn::new("events", invocation.region().as_str(), account.as_str(), &["rule/", name]))
}

/// Returns the permission for an action on the caller's rule of that name.
fn on_rule(invocation: &Invocation<'_>, action: &str, name: &str) -> Result<Vec<Permission>, ApiError> {
    Ok(vec![Permission::new(format!("events:{action}"), arn_of(invocation, name)?)])
}

/// Reads an event pattern.
fn read(text: &str) -> Result<EventPattern, ApiError> {
    EventPattern::read(text).map_err(|error| invalid(text, &error))
}

/// Words the error for a text that is no event pattern.
///
/// Source: errors of PutRule as reported: buildkite/docs, pull request 896; cloud-custodian, issue 6507;
/// aws/serverless-application-model, issue 1455.
pub(in crate::cloud) fn invalid(text: &str, error: &PatternError) -> ApiError {
    let (line, column) = line_col(text, error.at());
    ApiError::new(
        "InvalidEventPatternException",
        format!(
            "Event pattern is not valid. Reason: {error}\n at [Source: (String)\"{text}\"; line: {line}, column: {column}]"
        ),
    )
}
