//! What came nearest to allowing a request that nothing allowed.

use super::statement::{ConditionTrace, ElementReason, StatementTrace};
use super::{Accounts, Explanation, GrantTrace, PolicyTrace};
use crate::policy::document::{Actions, Statement};
use crate::policy::facts::levels_of;
use crate::policy::policies::{Layer, Policies, ResourceMode};
use crate::policy::principal::{Admission, Named, Principal, account_of};
use crate::policy::terms::Effect;
use crate::policy::{Request, Verdict};
use std::sync::Arc;

/// A statement that would have allowed the request, or left it to others, if little of it had been otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss<'a> {
    /// The layer of the statement.
    pub layer: Layer,
    pub policy: &'a PolicyTrace,
    pub statement: &'a StatementTrace,
    /// The parts of the statement that keep it from applying, at least one.
    pub faults: Vec<Fault<'a>>,
}

/// One part of a statement that keeps it from applying.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault<'a> {
    /// A condition that does not hold.
    Condition(&'a ConditionTrace),
    /// The statement is about other resources.
    Resource,
    /// The statement is about other actions of the same service.
    Action,
    /// The statement is about somebody like the caller, whom this value names.
    Principal(Arc<str>),
}

impl NearMiss<'_> {
    /// Whether the statement is near only in that it names somebody like the caller: then that is not yet the whole cause.
    pub fn is_about_another(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::Principal(_)))
    }
}

impl Fault<'_> {
    /// Which of two statements with as many faults came nearer: the one with the fault of the lower rank.
    fn rank(&self) -> u8 {
        match self {
            Self::Condition(_) => 0,
            Self::Resource => 1,
            Self::Action => 2,
            Self::Principal(_) => 3,
        }
    }
}

impl Explanation {
    /// Returns the statements that came near to allowing what was refused for want of an Allow, the nearest first: those
    /// about the caller before those about somebody like the caller, then those with a single fault, and of these the ones
    /// that fail by a condition.
    ///
    /// Near are statements about the caller and the action, whatever else stands in their way, and those that fail by the
    /// action or the caller alone. The latter count only if they name another action of the same service, or somebody of
    /// the same sort, since nearly every statement is about something else altogether. A statement of the caller's own
    /// policies that allows other actions on whatever there is does not count either: it was not written for this resource.
    pub fn near_misses(&self, request: &Request, policies: &Policies) -> Vec<NearMiss<'_>> {
        if self.decision.verdict != Verdict::ImplicitlyDenied {
            return Vec::new();
        }
        let mut found = Vec::new();
        for trace in &self.layers {
            let levels = levels_of(trace.layer, request.principal(), policies).unwrap_or_default();
            let counts =
                |policy: &&PolicyTrace| trace.missing_level.is_none_or(|level| level == policy.level);
            for policy in trace.policies.iter().filter(counts) {
                let source = levels.get(policy.level).and_then(|sources| sources.get(policy.index));
                let statements = source.map_or(&[][..], |source| &source.document.statements);
                for (statement, written) in policy.statements.iter().zip(statements) {
                    let faults = self.faults(request, trace.layer, statement, written);
                    let near =
                        faults.map(|faults| NearMiss { layer: trace.layer, policy, statement, faults });
                    found.extend(near);
                }
            }
        }
        let deciding = self.decision.because.layer;
        // Stable: of equally near statements the one that stands first comes first.
        found.sort_by_key(|near| {
            (
                near.is_about_another(),
                near.faults.len(),
                near.faults.first().map(Fault::rank),
                near.layer != deciding,
            )
        });
        found
    }

    /// What keeps a statement from applying; `None` if it applies, or is not near to it.
    fn faults<'a>(
        &self,
        request: &Request,
        layer: Layer,
        statement: &'a StatementTrace,
        written: &Statement,
    ) -> Option<Vec<Fault<'a>>> {
        let is_about_something = statement.resource.why != ElementReason::Missing;
        if statement.effect != Effect::Allow
            || !is_about_something
            || !self.would_have_helped(layer, statement)
        {
            return None;
        }
        let failing = statement.conditions.iter().filter(|condition| !condition.holds);
        let mut faults: Vec<Fault<'a>> = failing.map(Fault::Condition).collect();
        if !statement.resource.matched {
            faults.push(Fault::Resource);
        }
        match (statement.action.matched, statement.principal.matched) {
            (true, true) => {}
            (false, true)
                if faults.is_empty()
                    && is_of_service(&written.actions, request)
                    && (layer != Layer::Identity || singles_out(written)) =>
            {
                faults.push(Fault::Action);
            }
            (true, false) if faults.is_empty() => {
                faults.push(Fault::Principal(alike(written, request.principal())?));
            }
            _ => return None,
        }
        (!faults.is_empty()).then_some(faults)
    }

    /// Whether the decision would have been another, or have rested on another layer, if the statement had applied.
    fn would_have_helped(&self, layer: Layer, statement: &StatementTrace) -> bool {
        let deciding = self.decision.because.layer;
        if layer == Layer::Resource && self.resource_policy == ResourceMode::None {
            return false;
        }
        // Where the account is named, IAM policies would still have to allow it; where nobody is, they do not matter.
        let names_the_caller = statement.admission.is_some_and(|admission| admission > Admission::Account);
        layer == deciding
            || (layer == Layer::Resource
                && deciding == Layer::Identity
                && self.accounts == Accounts::Same
                && names_the_caller)
    }

    /// Returns the grant that names the caller and would have allowed what was refused, if one of its parts had been
    /// otherwise.
    pub fn near_grant(&self) -> Option<&GrantTrace> {
        if self.decision.verdict != Verdict::ImplicitlyDenied {
            return None;
        }
        let faults = |grant: &GrantTrace| {
            [grant.operation, grant.constraint, grant.usable].iter().filter(|is_met| !**is_met).count()
        };
        let mut grants = self.layers.iter().flat_map(|layer| &layer.grants);
        grants.find(|grant| grant.grantee && !grant.applies && faults(grant) == 1)
    }

    /// Returns how directly the resource's policy names the caller in a statement that allows something, if it does.
    pub fn named_by_resource(&self) -> Option<Admission> {
        let resource = self.layers.iter().filter(|layer| layer.layer == Layer::Resource);
        let statements = resource.flat_map(|layer| &layer.policies).flat_map(|policy| &policy.statements);
        let allowing = statements.filter(|statement| statement.effect == Effect::Allow);
        allowing.filter_map(|statement| statement.admission).max()
    }
}

/// Whether a statement is about some resources, or leaves some actions out, rather than allowing a few on all there is.
fn singles_out(statement: &Statement) -> bool {
    let Statement { resources, actions, .. } = statement;
    let lists_all = resources.patterns.iter().any(|pattern| &*pattern.source.text == "*");
    actions.negated || !(resources.negated || lists_all)
}

/// Whether the element names actions of the service that was asked.
fn is_of_service(actions: &Actions, request: &Request) -> bool {
    let service = |text: &str| text.split_once(':').map(|(service, _)| service.to_ascii_lowercase());
    let asked = service(request.action());
    actions.patterns.iter().any(|pattern| service(&pattern.source.text) == asked)
}

/// The value of a statement's `Principal` that names somebody of the caller's sort: of the caller's account, or another
/// service, or another identity provider.
fn alike(statement: &Statement, caller: &Principal) -> Option<Arc<str>> {
    let entries = statement.principals.entries().iter();
    let alike = entries.filter(|entry| match (&entry.named, caller) {
        (Named::Service(_), Principal::Service { .. })
        | (Named::Federated(_), Principal::Federated { .. }) => true,
        (Named::Arn(arn), caller) => {
            caller.account().is_some_and(|account| account_of(arn) == Some(&**account))
        }
        (
            Named::Everyone
            | Named::Account(_)
            | Named::UniqueId(_)
            | Named::Service(_)
            | Named::Federated(_)
            | Named::CanonicalUser(_),
            _,
        ) => false,
    });
    alike.map(|entry| entry.text.clone()).next()
}
