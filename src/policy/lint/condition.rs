//! Reviews the conditions of a statement: operators, keys and values.

use super::Linter;
use super::text::is_listed;
use crate::limits::steps;
use crate::policy::condition::{Condition, Quantifier, Test};
use crate::policy::document::Statement;
use crate::policy::reference::KeyType;
use crate::policy::request::Context;
use crate::policy::terms::{Effect, Spanned};
use crate::policy::unknown::nearest;

/// Whether `*` under the operator is a plain character, and nobody else says so: operators that compare no text refuse
/// the value.
fn hides_wildcards(test: Test) -> bool {
    match test {
        Test::StringEquals | Test::StringEqualsIgnoreCase => true,
        Test::StringLike
        | Test::Arn
        | Test::Numeric(_)
        | Test::Date(_)
        | Test::Bool
        | Test::Binary
        | Test::IpAddress
        | Test::Null => false,
    }
}

impl<'a> Linter<'a> {
    pub(super) fn conditions(&mut self, statement: &'a Statement) {
        for condition in &statement.conditions {
            if steps::is_spent() {
                return;
            }
            self.key(condition);
            self.presence(statement, condition);
            self.quantifier(statement, condition);
            self.service_address(statement, condition);
            if hides_wildcards(condition.operator.test) {
                let wild = |value: &&Spanned| value.text.contains(['*', '?']) && !value.text.contains("${");
                for value in condition.values.iter().filter(wild) {
                    let message = "under this operator * and ? are plain characters";
                    self.found.warning("wildcard-not-replaced", value.span, message, "Use StringLike.");
                }
            }
        }
    }

    fn key(&mut self, condition: &Condition) {
        let key = &condition.key;
        if let Some(remedy) = self.ignored_key(&key.text) {
            let message = format!("{} has no effect in a {}", key.text, self.profile.title);
            self.found.warning("ignored-key", key.span, message, remedy);
        }
        match self.reference.key_type(&key.text) {
            Ok(Some(known)) => self.operator(condition, known),
            // A key of old that the reference no longer lists, such as aws:SourceOwner of SNS.
            Ok(None) if self.profile.hazards.own_keys.hold(&key.text) => {}
            Ok(None) => {
                let known = self.reference.global_keys.keys();
                let own = self.reference.services.values().flat_map(|service| service.keys.keys());
                let near = nearest(&key.text, known.chain(own).map(String::as_str));
                let remedy =
                    near.map_or("Check the name.".to_owned(), |near| format!("Did you mean {near}?"));
                self.found.warning(
                    "unknown-key",
                    key.span,
                    format!("there is no condition key {}", key.text),
                    remedy,
                );
            }
            Err(_) => {}
        }
    }

    /// A key that no request for the statement's actions has.
    // Source: Service Authorization Reference, the condition keys of each action and resource type
    fn presence(&mut self, statement: &'a Statement, condition: &Condition) {
        let key = &*condition.key.text;
        let reference = self.reference;
        let own_service = reference
            .services
            .keys()
            .any(|service| key.split(':').next().is_some_and(|vendor| vendor.eq_ignore_ascii_case(service)));
        let global = key.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("aws:"));
        if statement.actions.negated || !(own_service || global) || !reference.depends_on_action(key) {
            return;
        }
        let mut any = false;
        for pattern in &statement.actions.patterns {
            let Some(actions) = self.actions_like(&pattern.source.text) else { return };
            steps::add(1 + actions.len());
            if steps::is_spent() {
                return;
            }
            any |= !actions.is_empty();
            if actions.iter().any(|action| action.can_have(key)) {
                return;
            }
        }
        if !any {
            return;
        }
        let outcome = if condition.holds(&Context::new()) {
            "so the condition always holds"
        } else {
            "so the statement never matches"
        };
        let message = format!("no request for these actions has {key}, {outcome}");
        let others: Vec<String> = reference.actions_with(key).take(2).collect();
        let remedy = match others.as_slice() {
            [] => "Remove the condition.".to_owned(),
            some => format!(
                "Remove the condition, or name actions that have the key, such as {}.",
                some.join(" and ")
            ),
        };
        self.found.warning("key-never-present", condition.key.span, message, remedy);
    }

    /// Whether the operator can compare values of the key's type.
    fn operator(&mut self, condition: &Condition, key: KeyType) {
        let fits = match (condition.operator.test, key) {
            (Test::Null, _) => true,
            (Test::IpAddress, key) => key == KeyType::IpAddress,
            (Test::Date(_), key) => key == KeyType::Date,
            (Test::Numeric(_), key) => matches!(key, KeyType::Numeric | KeyType::Date),
            (Test::Arn, key) => matches!(key, KeyType::Arn | KeyType::ArrayOfArn | KeyType::String),
            (Test::Bool, key) => matches!(key, KeyType::Bool | KeyType::ArrayOfBool | KeyType::String),
            (Test::Binary, key) => matches!(key, KeyType::Binary | KeyType::String),
            (Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike, key) => {
                !matches!(key, KeyType::IpAddress | KeyType::Bool | KeyType::ArrayOfBool)
            }
        };
        if !fits {
            let (kind, operator) = match key {
                KeyType::IpAddress => ("an address", "IpAddress"),
                KeyType::Date => ("a date", "DateLessThan"),
                KeyType::Numeric => ("a number", "NumericEquals"),
                KeyType::Bool | KeyType::ArrayOfBool => ("true or false", "Bool"),
                KeyType::Arn | KeyType::ArrayOfArn => ("an ARN", "ArnLike"),
                KeyType::Binary => ("base64", "BinaryEquals"),
                KeyType::String | KeyType::ArrayOfString => ("a string", "StringEquals"),
            };
            let message =
                format!("the value of {} is {kind}, which this operator cannot compare", condition.key.text);
            let remedy = format!("Use an operator such as {operator}.");
            self.found.warning("operator-does-not-fit", condition.operator_source.span, message, remedy);
        }
    }

    // Source: IAM User Guide, "reference_policies_condition-single-vs-multi-valued-context-keys"
    fn quantifier(&mut self, statement: &Statement, condition: &Condition) {
        let key = &*condition.key.text;
        let span = condition.operator_source.span;
        let known = self.reference.key_type(key).ok().flatten().map(KeyType::is_multivalued);
        let many = known.map(|many| many || is_listed(key, &self.profile.hazards.multivalued).is_some());
        match condition.operator.quantifier {
            Some(_) if is_listed(key, &self.profile.no_quantifier_keys).is_some() => {
                let message = format!("{key} takes neither ForAllValues nor ForAnyValue");
                self.found.error("quantifier-not-allowed", span, message, "Remove the prefix.");
            }
            Some(Quantifier::ForAllValues)
                if statement.effect == Effect::Allow
                    && !null_checked(statement, key)
                    && !self.always_there(statement, key) =>
            {
                let message = format!("ForAllValues is also true for a request without {key}");
                let remedy = format!("Add \"Null\": {{\"{key}\": \"false\"}} to the conditions.");
                self.found.warning("for-all-values-without-null", span, message, remedy);
            }
            Some(_) if many == Some(false) => {
                let message = format!("{key} has one value, so the prefix is out of place");
                self.found.warning("quantifier-on-single-value", span, message, "Remove the prefix.");
            }
            None if many == Some(true) && condition.operator.test != Test::Null => {
                let message = format!(
                    "{key} can have several values; without a prefix it is unclear how many must match"
                );
                self.found.warning(
                    "missing-quantifier",
                    span,
                    message,
                    "Write ForAnyValue: or ForAllValues: before the operator.",
                );
            }
            _ => {}
        }
    }

    /// Whether each request for the statement's actions has the key, because a parameter that must be sent gives it.
    fn always_there(&self, statement: &Statement, key: &str) -> bool {
        let always = &self.profile.hazards.always_present;
        let gives = |text: &str| {
            let row = always.iter().find(|(action, _)| action.eq_ignore_ascii_case(text));
            row.is_some_and(|(_, keys)| is_listed(key, keys).is_some())
        };
        steps::add(statement.actions.patterns.len());
        !statement.actions.negated
            && !statement.actions.patterns.is_empty()
            && statement.actions.patterns.iter().all(|pattern| gives(&pattern.source.text))
    }

    /// When a service calls for somebody, the network is the service's.
    // Source: KMS Developer Guide, "conditions-aws" (aws:SourceIp, aws:SourceVpc, aws:SourceVpce)
    fn service_address(&mut self, statement: &Statement, condition: &Condition) {
        if is_listed(&condition.key.text, &self.profile.service_ip_keys).is_none()
            || condition.operator.test == Test::Null
        {
            return;
        }
        let concerned = self.profile.vendor.is_some()
            || statement.actions.patterns.iter().any(|pattern| {
                let vendor = pattern.source.text.split(':').next().unwrap_or_default();
                self.reference.grants.action_prefix.trim_end_matches(':').eq_ignore_ascii_case(vendor)
            });
        steps::add(statement.conditions.len() + statement.actions.patterns.len());
        let told_apart = statement.conditions.iter().any(|other| {
            let key = other.key.text.to_lowercase();
            key.ends_with(":viaservice") || key == "aws:viaawsservice" || key.starts_with("aws:calledvia")
        });
        if concerned && !told_apart {
            let key = &condition.key.text;
            let message = format!(
                "a service that uses the key for somebody calls from its own network: {key} is not theirs"
            );
            let remedy = "Let the service's calls pass by kms:ViaService or aws:ViaAWSService, or use aws:PrincipalArn instead.";
            self.found.warning("address-through-service", condition.key.span, message, remedy);
        }
    }
}

/// Whether the statement asks for the key to be there.
fn null_checked(statement: &Statement, key: &str) -> bool {
    steps::add(statement.conditions.len());
    statement.conditions.iter().any(|condition| {
        condition.operator.test == Test::Null
            && condition.key.text.eq_ignore_ascii_case(key)
            && condition.values.iter().any(|value| value.text.eq_ignore_ascii_case("false"))
    })
}
