//! Asks as those who keep the document, and as those of other accounts whom it names.

use super::{Bench, Canary, MAX_TRIED, Part, among, speaks};
use crate::policy::diagnostic::Severity;
use crate::policy::document::Statement;
use crate::policy::principal::{Named, Principal, Principals, account_of};
use crate::policy::reference::is_like;
use crate::policy::request::{Context, Request};
use crate::policy::terms::Effect;
use std::collections::BTreeSet;

impl<'a> Bench<'a> {
    /// Reports that nobody can change the document again, as the check of its service would find.
    // Source: KMS Developer Guide, "key-policy-default" (the key becomes unmanageable); KMS API Reference, PutKeyPolicy
    pub(super) fn lockout(&mut self, part: Part) {
        let Some(action) = self.profile.manage.clone() else { return };
        let allowing: Vec<&'a Statement> =
            self.statements(Effect::Allow).filter(|statement| speaks(statement, &action)).collect();
        let resource = self.resource.clone();
        let own = &self.hazards().own_keys;
        let mut refused: Option<(Request, Canary)> = None;
        let common = self.keepers();
        for statement in &allowing {
            let named = statement.principals.entries().iter().take(MAX_TRIED);
            let named = named.filter_map(|entry| Principal::from_arn(&entry.text));
            for principal in named.chain(common.iter().cloned()) {
                if self.is_spent() {
                    return;
                }
                let mut context = self.called(&principal);
                for (key, value) in &self.hazards().sent {
                    context.set(key.as_str(), value.as_str());
                }
                for key in own.account.iter().chain([&own.resource_account]) {
                    context.set(key.as_str(), principal.account().unwrap_or(&self.owner).clone());
                }
                // A keeper is whatever the document takes him for, but for his account and his ARN.
                let is_free = |key: &str| {
                    !among(key, &own.account)
                        && !key.eq_ignore_ascii_case(&own.arn)
                        && !key.eq_ignore_ascii_case(&own.kind)
                };
                let Some(context) = self.attain(statement, &principal, context, &is_free) else { continue };
                let asked = self.asked(&principal, &action, &resource, context);
                if asked.1.allowed {
                    return;
                }
                refused.get_or_insert(asked);
            }
        }
        let (request, canary) = refused.unwrap_or_else(|| {
            let root = Principal::Root { account: self.owner.clone() };
            let mut context = self.called(&root);
            context.add_implied(&root);
            self.asked(&root, &action, &resource, context)
        });
        let Some(found) = self.profile.lockout(&request, &self.policies) else { return };
        let (severity, words) = match part {
            Part::Whole if self.document.statements.len() > 1 || !allowing.is_empty() => {
                (Severity::Error, "")
            }
            // A single statement that gives something else is most often taken out of a policy.
            Part::Whole | Part::Fragment => (Severity::Note, "if this is the whole policy, "),
        };
        let (who, cause) = if allowing.is_empty() && found.span.is_none() {
            ("nobody is allowed", String::new())
        } else {
            ("everybody is refused", format!(" ({})", found.cause))
        };
        let message = format!("{words}{who} {action}{cause}: the policy could never be changed again");
        let place = found.span.unwrap_or_else(|| self.whole());
        self.push(severity, "lockout", place, message, found.remedy, Some(canary));
    }

    /// Everybody who may keep the document beside those whom a statement names: its account's root user, those in the
    /// conditions and exceptions of its Denies, and somebody else.
    fn keepers(&self) -> Vec<Principal> {
        let denies = || self.statements(Effect::Deny);
        let excepted = denies().filter_map(|deny| match &deny.principals {
            Principals::Except(entries) => Some(entries),
            Principals::Only(_) | Principals::Unstated => None,
        });
        let excepted = excepted.flatten().filter_map(|entry| Principal::from_arn(&entry.text));
        let values = denies().flat_map(|deny| &deny.conditions).flat_map(|condition| &condition.values);
        let spoken_of = values.filter_map(|value| {
            let text = value.text.replacen(":*:", &format!(":{}:", self.owner), 1);
            Principal::from_arn(&super::attain::instance(&text))
        });
        let some = |name: &str| Principal::from_arn(&format!("arn:aws:iam::{}:{name}", self.owner));
        let root = Principal::Root { account: self.owner.clone() };
        let others = excepted.take(MAX_TRIED).chain(spoken_of.take(MAX_TRIED));
        [root].into_iter().chain(others).chain(some("role/canary")).chain(some("user/canary")).collect()
    }

    /// Reports grants that let their holder hand the use of the resource to anybody.
    // Source: KMS Developer Guide, "grants" (kms:GrantIsForAWSResource)
    pub(super) fn grants(&mut self) {
        let rules = &self.hazards().hands_on;
        for statement in self.statements(Effect::Allow) {
            if self.is_spent() {
                return;
            }
            let written = |text: &str| {
                is_like(&rules.written.to_lowercase(), &text.to_lowercase())
                    && speaks(statement, &rules.action)
            };
            let pattern = statement.actions.patterns.iter().find(|pattern| {
                written(&pattern.source.text) && pattern.glob.matches(&rules.action.to_lowercase())
            });
            let Some(pattern) = pattern.filter(|_| !statement.actions.negated) else { continue };
            let bounds = |condition: &&crate::policy::Condition| {
                let says = |value: &str| !value.trim_matches(['*', '?']).is_empty();
                let listed = rules.bounds.iter().any(|key| key.eq_ignore_ascii_case(&condition.key.text));
                listed
                    && !condition.operator.negated
                    && !condition.operator.if_exists
                    && condition.values.iter().all(|value| says(&value.text))
            };
            if statement.conditions.iter().any(|condition| bounds(&condition)) {
                continue;
            }
            let mut context = Context::new();
            context.set(rules.flag.as_str(), "false");
            let is_free = |key: &str| !key.eq_ignore_ascii_case(&rules.flag);
            let principal = self.one_of(statement);
            let Some(context) = self.attain(statement, &principal, context, &is_free) else { continue };
            let resource = self.of_action(statement, &rules.action);
            let canary = self.ask(&principal, &rules.action, &resource, context);
            if !canary.allowed {
                continue;
            }
            let message = format!(
                "{} without a bound lets its holder hand the use of the key to anybody",
                rules.action
            );
            let remedy = format!("Add \"Bool\": {{\"{}\": \"true\"}}.", rules.flag);
            self.warn("unbounded-grant", pattern.source.span, message, remedy, Some(canary));
        }
    }

    /// Somebody of whom the statement speaks.
    fn one_of(&self, statement: &Statement) -> Principal {
        let named = statement.principals.entries().iter().find_map(|entry| match &entry.named {
            Named::Service(name) => Some(Principal::Service { name: name.clone() }),
            Named::Everyone
            | Named::Account(_)
            | Named::Arn(_)
            | Named::UniqueId(_)
            | Named::Federated(_)
            | Named::CanonicalUser(_) => Principal::from_arn(&entry.text),
        });
        named.unwrap_or_else(|| self.somebody())
    }

    /// Reports actions allowed to other accounts that cannot be allowed to them.
    // Source: KMS Developer Guide, "key-policy-modifying-external-accounts"
    pub(super) fn dead_across_accounts(&mut self) {
        // Without a statement for an account of its own nobody knows which of the accounts is another.
        let Some(manage) = self.profile.manage.clone() else { return };
        let is_own = |statement: &Statement| {
            speaks(statement, &manage)
                && statement
                    .principals
                    .entries()
                    .iter()
                    .any(|entry| entry.named == Named::Account(self.owner.clone()))
        };
        if !self.statements(Effect::Allow).any(is_own) {
            return;
        }
        let resource = self.resource.clone();
        for statement in self.statements(Effect::Allow).filter(|statement| !statement.actions.negated) {
            let Principals::Only(entries) = &statement.principals else { continue };
            let foreign = |text: &str| {
                Principal::from_arn(text).filter(|principal| principal.account() != Some(&self.owner))
            };
            let strangers: Option<Vec<Principal>> =
                entries.iter().map(|entry| foreign(&entry.text)).collect();
            let Some(stranger) = strangers.and_then(|strangers| strangers.into_iter().next()) else {
                continue;
            };
            let mut told = BTreeSet::new();
            for pattern in &statement.actions.patterns {
                let known = self.reference.actions_like(&pattern.source.text).unwrap_or_default();
                let names: Vec<String> =
                    known.iter().map(|known| format!("{}:{}", known.vendor, known.name)).collect();
                let dead = |name: &String| {
                    let rule = self.reference.resource_rule(name, &resource);
                    rule.is_some_and(|rule| !rule.is_cross_account(name))
                };
                let Some(action) = names.first().filter(|_| names.iter().all(dead)).cloned() else {
                    continue;
                };
                if !told.insert(pattern.source.text.clone()) {
                    continue;
                }
                let canary = self.ask(&stranger, &action, &resource, Context::new());
                let account = stranger.account().map_or("", |account| &**account);
                let message = format!(
                    "{} cannot be allowed to another account ({account}), so this has no effect",
                    pattern.source.text
                );
                let remedy = "Remove it, or let a role of the key's own account do it.".to_owned();
                self.warn("dead-across-accounts", pattern.source.span, message, remedy, Some(canary));
            }
        }
    }

    /// The ARN by which conditions know a keeper, in the partition of the document.
    fn called(&self, principal: &Principal) -> Context {
        let mut context = Context::new();
        if let Principal::Root { account } = principal {
            let arn = format!("arn:{}:iam::{account}:root", self.partition());
            context.set(self.hazards().own_keys.arn.as_str(), arn);
        }
        context
    }

    /// The partition of the first principal that the document names by ARN.
    fn partition(&self) -> String {
        let arns = self.document.principals().filter_map(|entry| entry.text.strip_prefix("arn:"));
        let mut arns = arns.filter_map(|rest| rest.split(':').next());
        arns.next().unwrap_or("aws").to_owned()
    }

    /// Reports principals of another partition than the account's.
    pub(super) fn other_partitions(&mut self) {
        let partition =
            |text: &str| text.strip_prefix("arn:").and_then(|rest| rest.split(':').next().map(str::to_owned));
        let mut first = None;
        for entry in self.document.principals() {
            let Some(own) = partition(&entry.text) else { continue };
            let known = first.get_or_insert_with(|| own.clone());
            if *known != own && account_of(&entry.text).is_some() {
                let message = format!(
                    "this principal is of the partition {own}, the first of the document is of {known}"
                );
                let remedy = format!("Write arn:{known}:...: no principal of another partition gets in.");
                self.push(Severity::Warning, "other-partition", entry.span, message, remedy, None);
            }
        }
    }
}
