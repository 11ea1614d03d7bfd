//! Asks as everybody whom a statement names, whether he can bring it about and whether it gives him anything.

use super::attain::instance;
use super::{Bench, Hazards, MAX_TRIED, among};
use crate::limits::steps;
use crate::policy::condition::{Condition, Test};
use crate::policy::decide::Verdict;
use crate::policy::document::Statement;
use crate::policy::principal::{Named, Principal, Principals};
use crate::policy::request::Context;
use crate::policy::terms::{Effect, PolicyKind};

impl<'a> Bench<'a> {
    /// Reports Allows that do nothing for those they name: because a condition asks what they cannot be, or because
    /// a Deny takes it back.
    pub(super) fn named(&mut self) {
        for statement in self.statements(Effect::Allow) {
            if self.is_spent() {
                return;
            }
            let Some(callers) = self.callers(statement) else { continue };
            if let Some(condition) = self.impossible(statement, &callers) {
                let who = match callers.as_slice() {
                    [one] => one.name().to_string(),
                    _ => "nobody named here".to_owned(),
                };
                let message = if callers.len() == 1 {
                    format!("a request of {who} never meets this condition on {}", condition.key.text)
                } else {
                    format!("{who} ever meets this condition on {}", condition.key.text)
                };
                let remedy = "Name somebody who can meet it, or change the value.".to_owned();
                self.warn("never-matches", condition.span, message, remedy, None);
                continue;
            }
            self.taken_back(statement, &callers);
        }
    }

    /// The callers whom a statement names one by one; `None` if it also names others.
    fn callers(&self, statement: &Statement) -> Option<Vec<Principal>> {
        if self.document.kind == PolicyKind::Identity {
            return Some(vec![self.somebody()]);
        }
        let Principals::Only(entries) = &statement.principals else { return None };
        let caller = |named: &Named| match named {
            Named::Service(name) => Some(Principal::Service { name: name.clone() }),
            // An account stands for anybody whom its own policies allow it.
            Named::Arn(text) | Named::Account(text) => Principal::from_arn(text),
            Named::Everyone | Named::UniqueId(_) | Named::Federated(_) | Named::CanonicalUser(_) => None,
        };
        let callers = entries.iter().take(MAX_TRIED + 1).map(|entry| caller(&entry.named));
        let callers: Vec<Principal> = callers.collect::<Option<_>>()?;
        (!callers.is_empty() && callers.len() <= MAX_TRIED).then_some(callers)
    }

    /// A user who has the identity policy.
    pub(super) fn somebody(&self) -> Principal {
        let account = self.owner.clone();
        let arn = format!("arn:aws:iam::{account}:user/canary").into();
        Principal::User { arn, account, unique_id: None }
    }

    /// The condition that none of the callers can ever meet, because what it asks about follows from who he is.
    fn impossible(&self, statement: &'a Statement, callers: &[Principal]) -> Option<&'a Condition> {
        if self.document.kind == PolicyKind::Identity {
            return None;
        }
        statement.conditions.iter().find(|condition| {
            condition.operator.test != Test::Null
                && callers.iter().all(|caller| !self.can_meet(caller, condition))
        })
    }

    fn can_meet(&self, caller: &Principal, condition: &Condition) -> bool {
        let key = &*condition.key.text;
        let own = &self.hazards().own_keys;
        let mut context = Context::new();
        match caller {
            Principal::Service { name } => {
                if comes_through_another(self.hazards(), name, condition) {
                    return true;
                }
                // Source: KMS Developer Guide, "conditions-kms" (kms:ViaService is for requests that a service makes in
                // somebody's name); IAM User Guide, "reference_policies_condition-keys" (aws:PrincipalOrgID)
                let absent = among(key, &self.hazards().not_as_a_service);
                return !absent || condition.holds(&context);
            }
            Principal::Root { account } => {
                // It is said of the whole account, so only the account is certain.
                if !among(key, &own.account) {
                    return true;
                }
                context.set(key, account.clone());
            }
            Principal::User { account, .. } | Principal::RoleSession { account, .. } => {
                if among(key, &own.account) {
                    context.set(key, account.clone());
                } else if key.eq_ignore_ascii_case(&own.arn) {
                    context.add_implied(caller);
                } else {
                    return true;
                }
            }
            Principal::Anonymous | Principal::FederatedUser { .. } | Principal::Federated { .. } => {
                return true;
            }
        }
        // A variable may stand for anything here.
        condition.values.iter().any(|value| value.text.contains("${")) || condition.holds(&context)
    }

    /// Reports an Allow of which a Deny leaves nothing, whatever the circumstances.
    fn taken_back(&mut self, statement: &'a Statement, callers: &[Principal]) {
        steps::add(self.document.statements.len());
        if !self.statements(Effect::Deny).any(|deny| deny.conditions.is_empty()) {
            return;
        }
        let mut actions: Vec<String> = self.actions_spoken_of(statement).map(str::to_owned).collect();
        if actions.is_empty() && !statement.actions.negated {
            let patterns = statement.actions.patterns.iter();
            actions.extend(patterns.map(|pattern| instance(&pattern.source.text)));
        }
        let resource = match self.document.kind {
            PolicyKind::Identity => "*".to_owned(),
            PolicyKind::Resource
            | PolicyKind::Trust
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::Scp
            | PolicyKind::Rcp
            | PolicyKind::Endpoint => self.resource_for(statement),
        };
        let mut proof = None;
        for caller in callers {
            for action in &actions {
                if self.is_spent() {
                    return;
                }
                let (canary, decision) = self.decided(caller, action, &resource, Context::new());
                let place = decision.because.statement;
                let deny = place.and_then(|place| self.document.statements.get(place));
                let final_deny = decision.verdict == Verdict::ExplicitlyDenied
                    && deny.is_some_and(|deny| deny.conditions.is_empty());
                if !final_deny {
                    return;
                }
                proof.get_or_insert(canary);
            }
        }
        if proof.is_none() {
            return;
        }
        let message = "a Deny of this document takes all of this back, so it has no effect".to_owned();
        self.warn("without-effect", statement.span, message, "Remove one of the two.".to_owned(), proof);
    }
}

/// Whether a condition asks a service to come through another one, as CloudWatch comes to an encrypted topic through SNS.
/// That a service comes through itself never happens.
///
/// Doubtful: that such a request has kms:ViaService. Policies that are in use ask for it, with the principals of CloudWatch
/// and of notifications of the developer tools; the alternative is that they never match. One form is known.
// Source: KMS Developer Guide, "conditions-kms", which speaks of requests in the name of users and roles
pub(super) fn comes_through_another(hazards: &Hazards, service: &str, condition: &Condition) -> bool {
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    condition.key.text.eq_ignore_ascii_case(&hazards.called_through)
        && !condition.operator.negated
        && condition.values.iter().any(|value| label(&value.text) != label(service))
}
