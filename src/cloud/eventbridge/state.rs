//! What EventBridge knows: rules, by their ARN.

use std::sync::Arc;

use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

use super::bus;
use super::pattern::EventPattern;
use crate::cloud::{AccountId, Arn, Event, Region};

/// The rules of all accounts and Regions.
#[derive(Clone, Debug, Default)]
pub struct State {
    rules: RedBlackTreeMapSync<String, Arc<Rule>>,
}

/// A rule of a default event bus.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub arn: Arn,
    /// The event pattern as it was written.
    pub text: String,
    pub pattern: EventPattern,
    pub state: RuleState,
    /// Free text of whoever made it.
    pub description: Option<String>,
}

/// Whether a rule is asked, and of which events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleState {
    /// Of all but management events that only read.
    #[default]
    Enabled,
    /// Of none of them.
    Disabled,
    /// Of all events there are.
    EnabledWithAllCloudtrailManagementEvents,
}

impl RuleState {
    /// Returns the state as AWS writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::EnabledWithAllCloudtrailManagementEvents => "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        }
    }

    /// Tells whether a rule in this state is asked of a record.
    ///
    /// Doubtful: a management event that only reads and whose name begins otherwise than with Describe, Get or List, as Decrypt,
    /// comes to an enabled rule: the page says that one "may already be receiving" such events. The alternative is that it comes
    /// to rules for all management events alone. One form is known.
    /// Source: EventBridge User Guide, "Receiving read-only management events from AWS services".
    fn is_asked_of(self, event: &Event) -> bool {
        match self {
            Self::Disabled => false,
            Self::EnabledWithAllCloudtrailManagementEvents => true,
            Self::Enabled => {
                let reads = ["Describe", "Get", "List"].iter().any(|start| event.name.starts_with(start));
                event.data_event || !(event.read_only && reads)
            }
        }
    }
}

impl Rule {
    /// Returns the rule's name.
    pub fn name(&self) -> &str {
        self.arn.resource().strip_prefix("rule/").unwrap_or(self.arn.resource())
    }

    /// Tells whether the rule matches a record of the audit trail, as CloudTrail delivers it to the bus of the rule's account
    /// and Region.
    // Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail": "Resource owners in addition to API
    // callers can monitor cross-account API calls".
    pub fn finds(&self, event: &Event) -> bool {
        event.region.as_str() == self.arn.region()
            && event.is_seen_by(self.arn.account())
            && self.state.is_asked_of(event)
            && self.pattern.matches(&bus::delivered(event, self.arn.account()))
    }
}

impl State {
    /// Returns the rules, by ARN.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values()
    }

    /// Returns a rule by its ARN.
    pub fn rule(&self, arn: &str) -> Option<&Arc<Rule>> {
        self.rules.get(arn)
    }

    /// Returns the rules of one account in one Region.
    pub(super) fn of<'s>(
        &'s self,
        account: &'s AccountId,
        region: &'s Region,
    ) -> impl Iterator<Item = &'s Arc<Rule>> {
        let is_here = move |rule: &&Arc<Rule>| {
            rule.arn.account() == account.as_str() && rule.arn.region() == region.as_str()
        };
        self.rules().filter(is_here)
    }

    pub(in crate::cloud) fn put(&mut self, rule: Rule) {
        self.rules.insert_mut(rule.arn.to_string(), Arc::new(rule));
    }

    pub(super) fn remove(&mut self, arn: &str) {
        self.rules.remove_mut(arn);
    }
}
