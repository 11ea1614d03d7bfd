//! What the policies of each layer come to for one request: its first statement that denies, and its first that
//! allows. What follows from these facts is decided in [`super::decide`].

use super::Request;
use super::document::Statement;
use super::policies::{Layer, Policies, Source};
use super::principal::{Admission, Principal};
use super::request::Context;
use super::terms::Effect;
use crate::limits::steps;
use std::borrow::Cow;

impl Statement {
    /// Whether the statement speaks of the request, and how it names the caller, whom a permissions boundary limits or
    /// not.
    pub(crate) fn applies(&self, request: &Request, bounded: bool, source: &Source) -> Option<Admission> {
        self.applies_under(&source.seen(request.context()), request, bounded, source)
    }

    /// Does as [`Statement::applies`], given the condition keys that the policy sees of the request's.
    pub(crate) fn applies_under(
        &self,
        seen: &Context,
        request: &Request,
        bounded: bool,
        source: &Source,
    ) -> Option<Admission> {
        let admission = self.speaks_under(seen, request, bounded, source)?;
        steps::add(self.conditions.len());
        self.conditions.iter().all(|condition| condition.holds(seen)).then_some(admission)
    }

    /// Does as [`Statement::applies`], conditions aside.
    pub(crate) fn speaks_of(&self, request: &Request, bounded: bool, source: &Source) -> Option<Admission> {
        self.speaks_under(&source.seen(request.context()), request, bounded, source)
    }

    fn speaks_under(
        &self,
        seen: &Context,
        request: &Request,
        bounded: bool,
        source: &Source,
    ) -> Option<Admission> {
        if !self.actions.matches(request) || !self.resources.matches(&request.resource().arn, seen) {
            return None;
        }
        self.principals.admit(request.principal(), bounded, self.effect, source.bound.as_deref())
    }
}

/// The place of a statement within a layer, or of a grant (whose statement is 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub level: u32,
    pub policy: u32,
    pub statement: u32,
}

impl Position {
    /// The counts are limited by the size of the text that holds them.
    pub(crate) fn new(level: usize, policy: usize, statement: usize) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { level: count(level), policy: count(policy), statement: count(statement) }
    }
}

/// What the statements of one layer come to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LayerFacts {
    /// Whether the layer limits this request at all.
    pub present: bool,
    pub deny: Option<Position>,
    pub allow: Option<(Admission, Position)>,
    /// The first level without an Allow.
    pub missing: Option<u32>,
}

impl LayerFacts {
    /// Whether the layer stands in the way by lacking an Allow.
    pub(crate) fn lacks_allow(&self) -> bool {
        self.present && self.missing.is_some()
    }
}

/// What all layers come to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    layers: [LayerFacts; 8],
}

/// The layers that hold policies. Where several deny, the first of them is named.
// Source: IAM User Guide, "reference_policies_evaluation-logic"
pub(crate) const POLICY_LAYERS: [Layer; 7] = [
    Layer::Rcp,
    Layer::Scp,
    Layer::Endpoint,
    Layer::Resource,
    Layer::Identity,
    Layer::Boundary,
    Layer::Session,
];

/// The policies of a layer by level; `None` if the layer does not limit this request.
pub(crate) fn levels_of<'a>(
    layer: Layer,
    principal: &Principal,
    policies: &'a Policies,
) -> Option<Vec<&'a [Source]>> {
    let levels = |list: &'a Option<Vec<Vec<Source>>>| {
        list.as_ref().map(|levels| levels.iter().map(Vec::as_slice).collect())
    };
    let single = |list: &'a Option<Vec<Source>>| list.as_ref().map(|list| vec![list.as_slice()]);
    levels_in(layer, principal, |layer| match layer {
        Layer::Rcp => levels(&policies.rcps),
        Layer::Scp => levels(&policies.scps),
        Layer::Endpoint => single(&policies.endpoint),
        Layer::Resource => policies.resource.source.as_ref().map(|source| vec![std::slice::from_ref(source)]),
        Layer::Grant => None,
        Layer::Identity => Some(vec![policies.identity.as_slice()]),
        Layer::Boundary => single(&policies.boundary),
        Layer::Session => single(&policies.session),
    })
}

/// Whether a permissions boundary limits a principal.
pub(crate) fn is_bounded(principal: &Principal, policies: &Policies) -> bool {
    levels_of(Layer::Boundary, principal, policies).is_some()
}

/// The same as [`levels_of`], wherever the policies come from.
pub(crate) fn levels_in<'a>(
    layer: Layer,
    principal: &Principal,
    find: impl FnOnce(Layer) -> Option<Vec<&'a [Source]>>,
) -> Option<Vec<&'a [Source]>> {
    // Services and strangers have no account, so nothing that an account or its organization sets for its
    // principals concerns them. A root user has no policies of his own, only those of the organization.
    let has_account = principal.account().is_some();
    let has_policies = has_account && !matches!(principal, Principal::Root { .. });
    // Source: Organizations User Guide, "orgs_manage_policies_scps", "orgs_manage_policies_rcps": neither kind affects
    // service-linked roles.
    let governed = !principal.is_service_linked();
    let concerned = match layer {
        Layer::Endpoint | Layer::Resource | Layer::Grant => true,
        Layer::Rcp => governed,
        Layer::Scp => has_account && governed,
        Layer::Identity | Layer::Boundary | Layer::Session => has_policies,
    };
    let found = if concerned { find(layer) } else { None };
    match (layer, principal) {
        // A federated user without a session policy has no permissions by the identity's policies.
        // Source: IAM User Guide, "access_policies" (session policies)
        (Layer::Session, Principal::FederatedUser { .. }) => found.or_else(|| Some(vec![&[]])),
        _ => found,
    }
}

impl Facts {
    pub(crate) fn layer(&self, layer: Layer) -> &LayerFacts {
        &self.layers[layer as usize] // one for each layer
    }

    pub(crate) fn layer_mut(&mut self, layer: Layer) -> &mut LayerFacts {
        &mut self.layers[layer as usize] // one for each layer
    }

    /// Asks `applies` about the statements of all layers, with the condition keys that their policies see. Unless `all` is set, it asks only about those that can
    /// still change the facts.
    pub(crate) fn gather<'a>(
        request: &Request,
        policies: &'a Policies,
        all: bool,
        mut applies: impl FnMut(Layer, Position, &'a Source, &'a Statement, &Context) -> Option<Admission>,
    ) -> Self {
        let mut facts = Self::default();
        for layer in POLICY_LAYERS {
            let Some(levels) = levels_of(layer, request.principal(), policies) else { continue };
            let noted = facts.layer_mut(layer);
            noted.present = true;
            for (level, sources) in levels.into_iter().enumerate() {
                let mut level_allows = false;
                for (policy, source) in sources.iter().enumerate() {
                    steps::add(1 + source.document.statements.len());
                    if steps::is_spent() {
                        return facts;
                    }
                    let seen = if source.document.statements.iter().any(Statement::asks_for_keys) {
                        source.seen(request.context())
                    } else {
                        Cow::Borrowed(request.context())
                    };
                    for (statement, body) in source.document.statements.iter().enumerate() {
                        let settled = match body.effect {
                            Effect::Deny => noted.deny.is_some(),
                            // Only in a resource's policy does it matter how the caller is named.
                            Effect::Allow => level_allows && layer != Layer::Resource,
                        };
                        if settled && !all {
                            continue;
                        }
                        let place = Position::new(level, policy, statement);
                        let Some(admission) = applies(layer, place, source, body, &seen) else { continue };
                        level_allows |= body.effect == Effect::Allow;
                        noted.note(body.effect, admission, place);
                    }
                }
                if !level_allows && noted.missing.is_none() {
                    noted.missing = Some(Position::new(level, 0, 0).level);
                }
            }
        }
        steps::add(policies.grants.len());
        for (index, grant) in policies.grants.iter().enumerate() {
            if let Some(admission) = grant.admits(request) {
                let place = Position::new(0, index, 0);
                facts.layer_mut(Layer::Grant).note(Effect::Allow, admission, place);
            }
        }
        facts
    }
}

impl LayerFacts {
    pub(crate) fn note(&mut self, effect: Effect, admission: Admission, place: Position) {
        match effect {
            Effect::Deny => {
                self.deny.get_or_insert(place);
            }
            Effect::Allow if self.allow.is_none_or(|(best, _)| admission > best) => {
                self.allow = Some((admission, place));
            }
            Effect::Allow => {}
        }
    }
}
