//! Which edits can turn a decision at all, told from what the layers come to, before any of them is made.
//!
//! An edit of one statement can at most make it apply, in the most direct way, or keep it from applying. A verdict depends on
//! the statements of a layer only through how many deny, and how directly the others allow: so a look at these numbers spares
//! reading the edited text and deciding anew, which takes as long as the policies are.

use std::collections::BTreeMap;

use super::candidates::{Candidate, Turn};
use crate::policy::decide::{Case, basis};
use crate::policy::explain::{Explanation, LayerTrace};
use crate::policy::facts::{Facts, Position, is_bounded};
use crate::policy::policies::{Layer, Policies};
use crate::policy::principal::Admission;
use crate::policy::terms::Effect;
use crate::policy::{Request, Verdict};

/// What a decision rests on.
pub(super) struct Outlook<'a> {
    case: Case<'a>,
    facts: Facts,
    tallies: BTreeMap<Layer, Tally>,
    was_allowed: bool,
}

/// How many statements of a layer apply.
#[derive(Default)]
struct Tally {
    denies: usize,
    allows: BTreeMap<Admission, usize>,
    by_level: BTreeMap<usize, usize>,
    /// The second level without an Allow.
    missing_next: Option<u32>,
}

impl Tally {
    fn of(trace: &LayerTrace, first_missing: Option<u32>, levels: usize) -> Self {
        let mut tally = Self::default();
        for policy in &trace.policies {
            for statement in policy.statements.iter().filter(|statement| statement.applies) {
                match (statement.effect, statement.admission) {
                    (Effect::Deny, _) => tally.denies += 1,
                    (Effect::Allow, admission) => {
                        *tally.by_level.entry(policy.level).or_default() += 1;
                        *tally.allows.entry(admission.unwrap_or(Admission::Account)).or_default() += 1;
                    }
                }
            }
        }
        let lacks = |level: &usize| !tally.by_level.contains_key(level);
        let after = first_missing.map_or(0, |first| first as usize + 1);
        let next = (after..levels).find(lacks).map(|level| Position::new(level, 0, 0).level);
        tally.missing_next = next.filter(|_| first_missing.is_some());
        tally
    }
}

impl<'a> Outlook<'a> {
    pub(super) fn new(explanation: &Explanation, request: &'a Request, policies: &Policies) -> Self {
        let bounded = is_bounded(request.principal(), policies);
        let facts = Facts::gather(request, policies, false, |_, _, source, statement, seen| {
            statement.applies_under(seen, request, bounded, source)
        });
        let tally = |trace: &LayerTrace| {
            let levels = levels(trace.layer, policies);
            (trace.layer, Tally::of(trace, facts.layer(trace.layer).missing, levels))
        };
        let tallies = explanation.layers.iter().map(tally).collect();
        let was_allowed = explanation.decision.is_allowed();
        Self { case: Case::new(request, policies), facts, tallies, was_allowed }
    }

    /// Whether the edit turns the decision if it does to its statement the most that it can.
    pub(super) fn can_turn(&self, candidate: &Candidate) -> bool {
        let place = candidate.place;
        let level = Position::new(place.level, place.index, 0);
        let mut facts = self.facts.clone();
        let Some(tally) = self.tallies.get(&place.layer) else { return true };
        let noted = facts.layer_mut(place.layer);
        match candidate.turn {
            Turn::On(Effect::Deny) => {
                noted.deny.get_or_insert(level);
            }
            Turn::On(Effect::Allow) => {
                noted.allow = Some((Admission::Direct, level));
                if noted.missing == Some(level.level) {
                    noted.missing = tally.missing_next;
                }
            }
            Turn::Off(Effect::Deny, _) => {
                if tally.denies < 2 {
                    noted.deny = None;
                }
            }
            Turn::Off(Effect::Allow, admission) => {
                let admission = admission.unwrap_or(Admission::Account);
                let left = |(other, count): (&Admission, &usize)| {
                    (*count > usize::from(*other == admission)).then_some((*other, level))
                };
                noted.allow = tally.allows.iter().rev().find_map(left);
                if tally.by_level.get(&place.level).is_none_or(|count| *count < 2) {
                    noted.missing =
                        Some(noted.missing.map_or(level.level, |missing| missing.min(level.level)));
                }
            }
        }
        (basis(self.case, &facts).verdict() == Verdict::Allowed) != self.was_allowed
    }
}

/// How many levels a layer has.
fn levels(layer: Layer, policies: &Policies) -> usize {
    match layer {
        Layer::Scp => policies.scps.as_ref().map_or(0, Vec::len),
        Layer::Rcp => policies.rcps.as_ref().map_or(0, Vec::len),
        Layer::Endpoint
        | Layer::Resource
        | Layer::Grant
        | Layer::Identity
        | Layer::Boundary
        | Layer::Session => 1,
    }
}
