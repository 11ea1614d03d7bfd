//! Operations on rules: `PutRule`, `DescribeRule`, `ListRules`, `DeleteRule`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::state::{Rule, RuleState};
use super::{arn_of, on_rule, read};
use crate::cloud::error::check_range;
use crate::cloud::iam::Empty;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation};

/// The most rules of a bus. Source: EventBridge User Guide, "Amazon EventBridge quotas", rules.
const MOST_RULES: usize = 300;

/// The request of `PutRule`. What is left out is not kept from before.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PutRuleRequest {
    pub name: String,
    pub event_pattern: Option<String>,
    pub state: Option<RuleState>,
    /// At most 512 characters.
    pub description: Option<String>,
}

/// The response of `PutRule`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutRuleResponse {
    pub rule_arn: String,
}

impl Operation for PutRuleRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_name(&self.name)?;
        if let Some(text) = &self.description {
            check_range("length", text.chars().count(), Some(text), "description", 0, 512)?;
        }
        if let Some(text) = &self.event_pattern {
            check_pattern_length(text)?;
        }
        on_rule(invocation, "PutRule", &self.name)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<PutRuleResponse, ApiError> {
        let Some(text) = self.event_pattern else {
            // Source: PutRule as recorded by the tests of moto, test_put_rule_error_missing_expression.
            return Err(ApiError::validation(
                "Parameter(s) EventPattern or ScheduleExpression must be specified.",
            ));
        };
        let pattern = read(&text)?;
        let arn = arn_of(invocation, &self.name)?;
        let (account, region) = (invocation.account()?, invocation.region().clone());
        let rules = &invocation.world.eventbridge;
        if rules.rule(&arn.to_string()).is_none() && rules.of(&account, &region).count() >= MOST_RULES {
            // Source: EventBridge API Reference, PutRule, LimitExceededException.
            return Err(ApiError::new(
                "LimitExceededException",
                "The request failed because it attempted to create resource beyond the allowed service quota.",
            ));
        }
        let rule_arn = arn.to_string();
        let state = self.state.unwrap_or_default();
        let rule = Rule { arn, text, pattern, state, description: self.description };
        invocation.world.eventbridge.put(rule);
        Ok(PutRuleResponse { rule_arn })
    }

    fn response_elements(response: &PutRuleResponse) -> Value {
        json!({"ruleArn": response.rule_arn})
    }
}

/// The request of `DescribeRule`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeRuleRequest {
    pub name: String,
}

/// A rule as `DescribeRule` and `ListRules` show it.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleDescription {
    pub name: String,
    pub arn: String,
    pub event_pattern: String,
    pub state: RuleState,
    pub description: Option<String>,
    pub event_bus_name: &'static str,
    /// The account that made the rule, where `DescribeRule` answers.
    pub created_by: Option<String>,
}

impl RuleDescription {
    fn of(rule: &Rule) -> Self {
        Self {
            name: rule.name().to_owned(),
            arn: rule.arn.to_string(),
            event_pattern: rule.text.clone(),
            state: rule.state,
            description: rule.description.clone(),
            event_bus_name: "default",
            created_by: None,
        }
    }
}

impl Operation for DescribeRuleRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_name(&self.name)?;
        on_rule(invocation, "DescribeRule", &self.name)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<RuleDescription, ApiError> {
        let arn = arn_of(invocation, &self.name)?;
        let account = invocation.account()?;
        let rule = invocation.world.eventbridge.rule(&arn.to_string()).ok_or_else(|| {
            // Source: DescribeRule as answered, in the tests of moto and in logs of its callers.
            let text = format!("Rule {} does not exist on EventBus default.", self.name);
            ApiError::new("ResourceNotFoundException", text)
        })?;
        Ok(RuleDescription { created_by: Some(account.to_string()), ..RuleDescription::of(rule) })
    }
}

/// The request of `ListRules`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListRulesRequest {
    /// The beginning of the names that are wanted.
    pub name_prefix: Option<String>,
}

/// The response of `ListRules`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRulesResponse {
    pub rules: Vec<RuleDescription>,
}

impl Operation for ListRulesRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        if let Some(prefix) = &self.name_prefix {
            check_name_at(prefix, "namePrefix")?;
        }
        Ok(vec![Permission::new("events:ListRules", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListRulesResponse, ApiError> {
        let (account, region) = (invocation.account()?, invocation.region().clone());
        let prefix = self.name_prefix.unwrap_or_default();
        let rules = invocation.world.eventbridge.of(&account, &region);
        let rules = rules.filter(|rule| rule.name().starts_with(&prefix));
        Ok(ListRulesResponse { rules: rules.map(|rule| RuleDescription::of(rule)).collect() })
    }
}

/// The request of `DeleteRule`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteRuleRequest {
    pub name: String,
}

impl Operation for DeleteRuleRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_name(&self.name)?;
        on_rule(invocation, "DeleteRule", &self.name)
    }

    /// Deletes the rule.
    ///
    /// Doubtful: a rule that is not there is no error. The alternative is ResourceNotFoundException. One form is known.
    /// Source: EventBridge API Reference, DeleteRule, which is silent about such a rule.
    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let arn = arn_of(invocation, &self.name)?.to_string();
        if invocation.world.eventbridge.rule(&arn).is_some() {
            invocation.world.eventbridge.remove(&arn);
        }
        Ok(Empty {})
    }
}

/// Checks the length of an event pattern. Source: EventBridge API Reference, PutRule and TestEventPattern.
pub(super) fn check_pattern_length(text: &str) -> Result<(), ApiError> {
    check_range("length", text.chars().count(), Some(text), "eventPattern", 0, 4096)
}

fn check_name(name: &str) -> Result<(), ApiError> {
    check_name_at(name, "name")
}

/// Checks the name of a rule, or its beginning. Source: EventBridge API Reference, PutRule, Name.
fn check_name_at(name: &str, member: &str) -> Result<(), ApiError> {
    check_range("length", name.chars().count(), Some(name), member, 1, 64)?;
    if name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c)) {
        return Ok(());
    }
    let constraint = r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+";
    Err(ApiError::constraint(Some(name), member, constraint))
}
