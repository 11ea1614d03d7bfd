//! The smallest single edit that would flip a decision.
//!
//! Candidates come from the explanation: a statement that applies can be narrowed, one that fails in a single
//! element can be widened, a statement can be added. Those that can turn the decision, as far as [`outlook`] tells, are tried,
//! smallest first, by editing the text, reading it again and deciding again; an edit is offered only if the decision did
//! flip. What it gives away beside is noted.

mod beyond;
mod candidates;
mod change;
mod outlook;
mod patch;
mod reach;
mod statement;

pub use beyond::Beyond;
pub use change::Change;

use super::explain::{Explanation, explain};
use super::policies::{Layer, Policies, Source};
use super::{Decision, Request, Span, decide, parse};
use crate::limits::steps;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// One edit of one policy, and what the decision is after it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// The layer of the policy.
    pub layer: Layer,
    /// The policy's level, counted from the organization's root; 0 where there are no levels.
    pub level: usize,
    /// The policy's place in the layer or level; one past the last for a new policy.
    pub policy_index: usize,
    /// The policy's name; `None` for a new policy.
    pub policy: Option<Arc<str>>,
    pub change: Change,
    /// The statement it is done to, counted from 0; `None` where one is added.
    pub statement: Option<usize>,
    /// What is added or removed, as it stands in the text.
    pub value: String,
    /// The range of the policy's text to replace.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
    /// The whole text after the edit; `None` if nothing is left of the policy.
    pub document: Option<String>,
    /// The decision after the edit.
    pub decision: Decision,
    /// The access that the edit gives away beside what was asked.
    pub beyond: Beyond,
}

/// The smallest single edit that flips the decision between allowed and denied; `None` if no single edit does.
pub fn smallest_edit(request: &Request, policies: &Policies) -> Option<Edit> {
    edits(&explain(request, policies), request, policies).next()
}

/// All single edits that flip the decision, the smallest first: those that reach furthest beyond what was asked come last,
/// at the very end those that drop what keeps other accounts and organizations out, and of edits that reach as far the
/// shortest comes first. Each is worked out when it is asked for.
pub fn edits<'a>(
    explanation: &Explanation,
    request: &'a Request,
    policies: &'a Policies,
) -> impl Iterator<Item = Edit> + use<'a> {
    let was_allowed = explanation.decision.is_allowed();
    let outlook = outlook::Outlook::new(explanation, request, policies);
    let mut candidates = candidates::all(explanation, request, policies);
    candidates.retain(|candidate| outlook.can_turn(candidate));
    // Stable: of equally small edits the one in the earlier layer and statement comes first.
    candidates.sort_by_key(|candidate| (candidate.reach, candidate.patch.value.length));
    let mut trial = Trial { policies, edited: policies.clone() };
    candidates.into_iter().map_while(|candidate| (!steps::is_spent()).then_some(candidate)).filter_map(
        move |candidate| {
            let (name, document) = trial.apply(&candidate)?;
            let edited = &trial.edited;
            let decision = decide(request, edited);
            if decision.is_allowed() == was_allowed {
                trial.take_back(candidate.place);
                return None;
            }
            let beyond = if was_allowed {
                Beyond::default()
            } else {
                Beyond::of(&candidate, request, policies, edited)
            };
            trial.take_back(candidate.place);
            let candidates::Candidate { place, change, statement, patch, .. } = candidate;
            Some(Edit {
                layer: place.layer,
                level: place.level,
                policy_index: place.index,
                policy: name,
                change,
                statement,
                replacement: patch.replacement(),
                value: patch.value.text.to_string(),
                span: patch.span,
                document,
                decision,
                beyond,
            })
        },
    )
}

/// Policies of which one at a time is edited: only the list that holds it is ever copied.
struct Trial<'a> {
    policies: &'a Policies,
    edited: Policies,
}

impl Trial<'_> {
    /// Puts a candidate in force, and answers the name of the policy that it edits and its text after the edit; `None` if the
    /// edited text is no policy.
    fn apply(&mut self, candidate: &candidates::Candidate) -> Option<(Option<Arc<str>>, Option<String>)> {
        let place = candidate.place;
        let source = self.source(place);
        let name = source.map(|source| source.name.clone());
        let text = candidate.patch.document(source.map_or("", |source| &source.document.text));
        let document = match &text {
            Some(text) => Some(parse(text, candidate.kind).document?),
            None => None,
        };
        if place.layer == Layer::Resource {
            match (&mut self.edited.resource.source, document) {
                (Some(source), Some(document)) => source.document = document,
                (source, _) => *source = None,
            }
            return Some((name, text));
        }
        let list = list_mut(&mut self.edited, place.layer, place.level)?;
        match (list.get_mut(place.index), document) {
            (Some(source), Some(document)) => source.document = document,
            (Some(_), None) => drop(list.remove(place.index)),
            (None, Some(document)) => list.push(Source::new("new", document)),
            (None, None) => return None,
        }
        Some((name, text))
    }

    /// The policy at a place, as it is without an edit.
    fn source(&self, place: candidates::PolicySlot) -> Option<&Source> {
        if place.layer == Layer::Resource {
            return self.policies.resource.source.as_ref();
        }
        list(self.policies, place.layer, place.level)?.get(place.index)
    }

    /// Makes the policies as they were.
    fn take_back(&mut self, place: candidates::PolicySlot) {
        if place.layer == Layer::Resource {
            self.edited.resource.source.clone_from(&self.policies.resource.source);
            return;
        }
        let before = list(self.policies, place.layer, place.level);
        let Some(list) = list_mut(&mut self.edited, place.layer, place.level) else { return };
        let before = before.unwrap_or_default();
        if list.len() == before.len() {
            if let (Some(edited), Some(source)) = (list.get_mut(place.index), before.get(place.index)) {
                edited.clone_from(source);
            }
            return;
        }
        list.clear();
        list.extend_from_slice(before);
    }
}

fn list(policies: &Policies, layer: Layer, level: usize) -> Option<&[Source]> {
    let list = match layer {
        Layer::Identity => &policies.identity,
        Layer::Boundary => policies.boundary.as_ref()?,
        Layer::Session => policies.session.as_ref()?,
        Layer::Endpoint => policies.endpoint.as_ref()?,
        Layer::Scp => policies.scps.as_ref()?.get(level)?,
        Layer::Rcp => policies.rcps.as_ref()?.get(level)?,
        Layer::Resource | Layer::Grant => return None,
    };
    Some(list)
}

fn list_mut(policies: &mut Policies, layer: Layer, level: usize) -> Option<&mut Vec<Source>> {
    match layer {
        Layer::Identity => Some(&mut policies.identity),
        Layer::Boundary => policies.boundary.as_mut(),
        Layer::Session => policies.session.as_mut(),
        Layer::Endpoint => policies.endpoint.as_mut(),
        Layer::Scp => policies.scps.as_mut()?.get_mut(level),
        Layer::Rcp => policies.rcps.as_mut()?.get_mut(level),
        Layer::Resource | Layer::Grant => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::properties::{policies, request};
    use proptest::prelude::*;

    proptest! {
        // What the numbers of the layers rule out, trying does not find either.
        #[test]
        fn no_edit_that_turns_the_decision_is_ruled_out(request in request(), policies in policies()) {
            let explanation = explain(&request, &policies);
            let outlook = outlook::Outlook::new(&explanation, &request, &policies);
            let mut trial = Trial { policies: &policies, edited: policies.clone() };
            for candidate in candidates::all(&explanation, &request, &policies) {
                if trial.apply(&candidate).is_none() {
                    continue;
                }
                let turns = decide(&request, &trial.edited).is_allowed() != explanation.decision.is_allowed();
                trial.take_back(candidate.place);
                prop_assert_eq!(decide(&request, &trial.edited), explanation.decision.clone());
                prop_assert!(!turns || outlook.can_turn(&candidate), "{:?} {:?}", candidate.change, candidate.turn);
            }
        }
    }
}
