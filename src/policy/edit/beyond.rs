//! What an edit gives away beside what was asked.

use super::candidates::Candidate;
use crate::policy::document::Statement;
use crate::policy::facts::levels_of;
use crate::policy::policies::{Policies, ResourcePolicy};
use crate::policy::principal::{Named, Principal};
use crate::policy::{Request, decide};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// What an edit gives away beside what was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Beyond {
    /// Further actions that the caller may do then, and could not before, as the statement writes them.
    pub actions: Vec<Arc<str>>,
    /// Others who may then do what was asked, and could not before, as the statement names them; `*` is everybody.
    pub principals: Vec<Arc<str>>,
}

impl Beyond {
    /// Whether the edit gives what was asked and nothing else.
    pub fn is_nothing(&self) -> bool {
        self.actions.is_empty() && self.principals.is_empty()
    }

    /// Compares the answers before and after the edit, for the actions and principals of the edited statement.
    pub(super) fn of(candidate: &Candidate, request: &Request, before: &Policies, after: &Policies) -> Self {
        let Some(statement) = candidate.statement.and_then(|index| find(candidate, request, before, index))
        else {
            return Self::default();
        };
        let newly = |request: &Request, before: &Policies, after: &Policies| {
            !decide(request, before).is_allowed() && decide(request, after).is_allowed()
        };
        // A pattern stands for all it matches: what covers the pattern as a text covers them as well.
        let patterns = statement.actions.patterns.iter().map(|pattern| pattern.source.text.clone());
        let everything = statement.actions.negated.then(|| Arc::from("*"));
        let patterns: Vec<Arc<str>> = match everything {
            Some(everything) => vec![everything],
            None => patterns.collect(),
        };
        let asked = |action: &Arc<str>| action.eq_ignore_ascii_case(request.action());
        let actions = patterns.into_iter().filter(|action| !asked(action));
        let actions = actions.filter(|action| newly(&for_action(request, action), before, after)).collect();
        let others = statement.principals.entries().iter().filter_map(|entry| {
            let principal = match &entry.named {
                Named::Everyone => Principal::Anonymous,
                Named::Service(name) => Principal::Service { name: name.clone() },
                Named::Account(_)
                | Named::Arn(_)
                | Named::UniqueId(_)
                | Named::Federated(_)
                | Named::CanonicalUser(_) => Principal::from_arn(&entry.text)?,
            };
            (principal.name() != request.principal().name()).then(|| (principal, entry.text.clone()))
        });
        let (alone_before, alone_after) = (without_caller(before), without_caller(after));
        let others = others
            .filter(|(principal, _)| newly(&for_principal(request, principal), &alone_before, &alone_after));
        Self { actions, principals: others.map(|(_, text)| text).collect() }
    }
}

/// The statement that is edited, as it was before.
fn find<'a>(
    candidate: &Candidate,
    request: &Request,
    policies: &'a Policies,
    index: usize,
) -> Option<&'a Statement> {
    let place = candidate.place;
    let levels = levels_of(place.layer, request.principal(), policies)?;
    levels.get(place.level)?.get(place.index)?.document.statements.get(index)
}

fn for_action(request: &Request, action: &Arc<str>) -> Request {
    let (principal, resource) = (request.principal().clone(), request.resource().clone());
    Request::new(principal, action.clone(), resource, request.context().clone())
}

/// The same question of somebody else: the condition keys that follow from the caller are left out.
fn for_principal(request: &Request, principal: &Principal) -> Request {
    let mut context = request.context().clone();
    for (key, _) in request.principal().implied_keys() {
        context.remove(&key);
    }
    Request::new(principal.clone(), request.action().clone(), request.resource().clone(), context)
}

/// What bears on a caller of whom nothing is known but his name.
fn without_caller(policies: &Policies) -> Policies {
    Policies {
        resource: ResourcePolicy { ..policies.resource.clone() },
        rcps: policies.rcps.clone(),
        endpoint: policies.endpoint.clone(),
        ..Policies::default()
    }
}
