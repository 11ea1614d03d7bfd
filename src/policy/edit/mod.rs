//! The smallest single edit that would flip a decision.
//!
//! Candidates come from the explanation: a statement that applies can be narrowed, one that fails in a single
//! element can be widened, a statement can be added. Each is tried, smallest first, by editing the text, reading it
//! again and deciding again; an edit is offered only if the decision did flip. What it gives away beside is noted.

mod beyond;
mod candidates;
mod change;
mod patch;
mod reach;
mod statement;

pub use beyond::Beyond;
pub use change::Change;

use super::explain::{Explanation, explain};
use super::policies::{Layer, Policies, Source};
use super::{Decision, Request, Span, decide, parse};
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
    let mut candidates = candidates::all(explanation, request, policies);
    // Stable: of equally small edits the one in the earlier layer and statement comes first.
    candidates.sort_by_key(|candidate| (candidate.reach, candidate.patch.value.chars().count()));
    candidates.into_iter().filter_map(move |candidate| {
        let (edited, name) = apply(&candidate, policies)?;
        let decision = decide(request, &edited);
        if decision.is_allowed() == was_allowed {
            return None;
        }
        let beyond =
            if was_allowed { Beyond::default() } else { Beyond::of(&candidate, request, policies, &edited) };
        let candidates::Candidate { place, change, statement, patch, .. } = candidate;
        Some(Edit {
            layer: place.layer,
            level: place.level,
            policy_index: place.index,
            policy: name,
            change,
            statement,
            value: patch.value,
            span: patch.span,
            replacement: patch.replacement,
            document: patch.document,
            decision,
            beyond,
        })
    })
}

/// The policies after a candidate, and the name of the policy it edits; `None` if the edited text is no policy.
fn apply(candidate: &candidates::Candidate, policies: &Policies) -> Option<(Policies, Option<Arc<str>>)> {
    let place = candidate.place;
    let mut edited = policies.clone();
    let document = match &candidate.patch.document {
        Some(text) => Some(parse(text, candidate.kind).document?),
        None => None,
    };
    if place.layer == Layer::Resource {
        let name = edited.resource.source.as_ref().map(|source| source.name.clone());
        match (&mut edited.resource.source, document) {
            (Some(source), Some(document)) => source.document = document,
            (source, _) => *source = None,
        }
        return Some((edited, name));
    }
    let list = list_mut(&mut edited, place.layer, place.level)?;
    let name = list.get(place.index).map(|source| source.name.clone());
    match (list.get_mut(place.index), document) {
        (Some(source), Some(document)) => source.document = document,
        (Some(_), None) => drop(list.remove(place.index)),
        (None, Some(document)) => list.push(Source::new("new", document)),
        (None, None) => return None,
    }
    Some((edited, name))
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
