//! From the policies to the verdict.
//!
//! Deciding has two steps. [`Facts::gather`] notes for every layer its first statement that denies and its first
//! that allows; [`judge`] combines these facts. The explanation and the grid gather in their own ways and are
//! judged by the same function, so that all three agree.

use super::document::{Effect, Statement};
use super::policies::{Layer, Policies, ResourceMode, Source};
use super::principal::{Admission, Principal};
use super::{Request, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    /// The request may go ahead.
    Allowed,
    /// A statement denies it.
    ExplicitlyDenied,
    /// Nothing denies it, and something that would have to allow it does not.
    ImplicitlyDenied,
}

/// What kind of reason decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum How {
    /// A statement, or a grant, allows.
    ExplicitAllow,
    /// The caller's policy allows, and the resource's policy leaves it to the caller's account.
    Delegated,
    /// The caller is the root user of the resource's account and needs no policy.
    RootUser,
    /// A statement denies.
    ExplicitDeny,
    /// The layer would have to allow and does not.
    NoAllow,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Because {
    /// The layer that decided; for an implicit denial the one whose Allow is missing.
    pub layer: Layer,
    /// What kind of reason it is.
    pub how: How,
    /// The name of the deciding policy, or the id of the grant.
    pub policy: Option<Arc<str>>,
    /// The ARN of the deciding policy.
    pub policy_arn: Option<Arc<str>>,
    /// The level of the organization, counted from the root, where the layer has levels.
    pub level: Option<usize>,
    /// Which policy of the layer (or of the level), or which grant, counted from 0.
    pub policy_index: Option<usize>,
    /// Which statement of the policy, counted from 0.
    pub statement: Option<usize>,
    /// The statement's Sid.
    pub sid: Option<Arc<str>>,
    /// Where the statement stands in the text of the policy.
    pub span: Option<Span>,
}

/// The answer and what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// What decided.
    pub because: Because,
}

impl Decision {
    /// Whether the request may go ahead.
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allowed
    }
}

/// Decides one request. It depends on nothing but its arguments.
pub fn decide(request: &Request, policies: &Policies) -> Decision {
    let facts =
        Facts::gather(request, policies, false, |_, _, source, statement| statement.applies(request, source));
    judge(request, policies, &facts)
}

impl Statement {
    /// Whether the statement speaks of the request, and how it names the caller.
    pub(crate) fn applies(&self, request: &Request, source: &Source) -> Option<Admission> {
        if !self.actions.matches(request) || !self.resources.matches(request) {
            return None;
        }
        let admission = self.principals.admit(request.principal(), self.effect, source.bound.as_deref())?;
        let holds = self.conditions.iter().all(|condition| condition.holds(request.context()));
        holds.then_some(admission)
    }
}

/// The place of a statement within a layer, or of a grant (whose statement is 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub level: u32,
    pub policy: u32,
    pub statement: u32,
}

impl Place {
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
    pub deny: Option<Place>,
    pub allow: Option<(Admission, Place)>,
    /// The first level without an Allow.
    pub missing: Option<u32>,
}

impl LayerFacts {
    /// Whether the layer stands in the way by lacking an Allow.
    fn lacks_allow(&self) -> bool {
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

/// The same, wherever the policies come from.
pub(crate) fn levels_in<'a>(
    layer: Layer,
    principal: &Principal,
    find: impl FnOnce(Layer) -> Option<Vec<&'a [Source]>>,
) -> Option<Vec<&'a [Source]>> {
    // Services and strangers have no account, so nothing that an account or its organization sets for its
    // principals concerns them. A root user has no policies of his own, only those of the organization.
    let has_account = principal.account().is_some();
    let has_policies = has_account && !matches!(principal, Principal::Root { .. });
    let concerned = match layer {
        Layer::Rcp | Layer::Endpoint | Layer::Resource | Layer::Grant => true,
        Layer::Scp => has_account,
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

    /// Asks `applies` about the statements of all layers. Unless `all` is set, it asks only about those that can
    /// still change the facts.
    pub(crate) fn gather<'a>(
        request: &Request,
        policies: &'a Policies,
        all: bool,
        mut applies: impl FnMut(Layer, Place, &'a Source, &'a Statement) -> Option<Admission>,
    ) -> Self {
        let mut facts = Self::default();
        for layer in POLICY_LAYERS {
            let Some(levels) = levels_of(layer, request.principal(), policies) else { continue };
            let noted = facts.layer_mut(layer);
            noted.present = true;
            for (level, sources) in levels.into_iter().enumerate() {
                let mut level_allows = false;
                for (policy, source) in sources.iter().enumerate() {
                    for (statement, body) in source.document.statements.iter().enumerate() {
                        let settled = match body.effect {
                            Effect::Deny => noted.deny.is_some(),
                            // Only in a resource's policy does it matter how the caller is named.
                            Effect::Allow => level_allows && layer != Layer::Resource,
                        };
                        if settled && !all {
                            continue;
                        }
                        let place = Place::new(level, policy, statement);
                        let Some(admission) = applies(layer, place, source, body) else { continue };
                        level_allows |= body.effect == Effect::Allow;
                        noted.note(body.effect, admission, place);
                    }
                }
                if !level_allows && noted.missing.is_none() {
                    noted.missing = Some(Place::new(level, 0, 0).level);
                }
            }
        }
        for (index, grant) in policies.grants.iter().enumerate() {
            if let Some(admission) = grant.admits(request) {
                let place = Place::new(0, index, 0);
                facts.layer_mut(Layer::Grant).note(Effect::Allow, admission, place);
            }
        }
        facts
    }
}

impl LayerFacts {
    pub(crate) fn note(&mut self, effect: Effect, admission: Admission, place: Place) {
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

/// What decided, before it is dressed with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    pub layer: Layer,
    pub how: How,
    pub place: Option<Place>,
    /// The level that denies or lacks an Allow, where layers have levels.
    pub level: Option<u32>,
}

impl Basis {
    fn no_allow(layer: Layer) -> Self {
        Self { layer, how: How::NoAllow, place: None, level: None }
    }

    fn allow(layer: Layer, how: How, facts: &Facts) -> Self {
        let place = facts.layer(layer).allow.map(|(_, place)| place);
        Self { layer, how, place, level: place.map(|place| place.level) }
    }
}

/// Combines the facts.
pub(crate) fn judge(request: &Request, policies: &Policies, facts: &Facts) -> Decision {
    dress(basis(Case::new(request, policies), facts), request, policies)
}

/// What the combination has to know beside the facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub principal: &'a Principal,
    /// The account of the resource, if it is known.
    pub owner: Option<&'a str>,
    pub mode: ResourceMode,
    /// Whether the action can be allowed to principals of other accounts.
    pub cross_account: bool,
}

impl<'a> Case<'a> {
    fn new(request: &'a Request, policies: &Policies) -> Self {
        Self {
            principal: request.principal(),
            owner: request.resource().owner(),
            mode: policies.resource.mode,
            cross_account: policies.resource.cross_account,
        }
    }
}

/// Finds what decides.
pub(crate) fn basis(case: Case<'_>, facts: &Facts) -> Basis {
    // Source: IAM User Guide, "reference_policies_evaluation-logic": a Deny anywhere ends it.
    for layer in POLICY_LAYERS {
        if let Some(place) = facts.layer(layer).deny {
            return Basis { layer, how: How::ExplicitDeny, place: Some(place), level: Some(place.level) };
        }
    }
    for layer in [Layer::Rcp, Layer::Scp, Layer::Endpoint] {
        if facts.layer(layer).lacks_allow() {
            return Basis { level: facts.layer(layer).missing, ..Basis::no_allow(layer) };
        }
    }
    let Some(caller_account) = case.principal.account() else {
        return outside_accounts(facts);
    };
    match case.owner {
        Some(owner) if *owner != **caller_account => cross_account(case, facts),
        _ => same_account(case, facts),
    }
}

/// A service on its own behalf, somebody unknown, somebody an identity provider vouches for: only the resource
/// can let them in.
fn outside_accounts(facts: &Facts) -> Basis {
    let layer = [Layer::Resource, Layer::Grant].into_iter().find(|layer| facts.layer(*layer).allow.is_some());
    match layer {
        Some(layer) => Basis::allow(layer, How::ExplicitAllow, facts),
        None => Basis::no_allow(Layer::Resource),
    }
}

/// The most direct way in which the resource's side names the caller, and where.
///
/// Doubtful: how a grant stands to boundaries and session policies is not documented. Here a grant counts like
/// an Allow of the resource's policy that names its grantee, so boundary and session policy limit a grant to a
/// role, and do not limit one to a user or to the session itself. The alternatives are that they always limit, or
/// never.
fn admission(facts: &Facts) -> Option<(Admission, Layer)> {
    let of = |layer| facts.layer(layer).allow.map(|(admission, _)| (admission, layer));
    match (of(Layer::Resource), of(Layer::Grant)) {
        (Some(policy), Some(grant)) => Some(if grant.0 > policy.0 { grant } else { policy }),
        (policy, grant) => policy.or(grant),
    }
}

// Source: IAM User Guide, "reference_policies_evaluation-logic", "access_policies_boundaries"; KMS Developer Guide,
// "key-policy-default"
fn same_account(case: Case<'_>, facts: &Facts) -> Basis {
    let admission = admission(facts);
    if let Some((Admission::Direct, layer)) = admission {
        return Basis::allow(layer, How::ExplicitAllow, facts);
    }
    if let Some((Admission::Origin, layer)) = admission {
        let limit = missing_limit(facts);
        return limit.map_or(Basis::allow(layer, How::ExplicitAllow, facts), Basis::no_allow);
    }
    if case.mode == ResourceMode::Required && admission.is_none() {
        return Basis::no_allow(Layer::Resource);
    }
    if matches!(case.principal, Principal::Root { .. }) {
        return Basis { layer: Layer::Identity, how: How::RootUser, place: None, level: None };
    }
    if let Some(layer) = missing_own(facts) {
        return Basis::no_allow(layer);
    }
    let delegated = case.mode == ResourceMode::Required;
    Basis::allow(Layer::Identity, if delegated { How::Delegated } else { How::ExplicitAllow }, facts)
}

/// Both accounts have to allow.
// Source: IAM User Guide, "reference_policies_evaluation-logic-cross-account"
fn cross_account(case: Case<'_>, facts: &Facts) -> Basis {
    let Some((admission, layer)) = admission(facts) else { return Basis::no_allow(Layer::Resource) };
    if layer == Layer::Grant && grant_suffices_across_accounts(admission) {
        let limit = if admission == Admission::Origin { missing_limit(facts) } else { None };
        return limit.map_or(Basis::allow(layer, How::ExplicitAllow, facts), Basis::no_allow);
    }
    if !case.cross_account {
        return Basis::no_allow(Layer::Resource);
    }
    if matches!(case.principal, Principal::Root { .. }) {
        return Basis::allow(layer, How::ExplicitAllow, facts);
    }
    missing_own(facts).map_or(Basis::allow(Layer::Identity, How::Delegated, facts), Basis::no_allow)
}

/// Doubtful: whether a grantee of another account also needs an identity policy. Services create grants for
/// service-linked roles of other accounts whose policies do not mention the key, and these work, so here a grant
/// that names more than the account suffices. The alternative is that it never does.
// Source: Amazon EC2 Auto Scaling User Guide, "key-policy-requirements-EBS-encryption" (example 2)
fn grant_suffices_across_accounts(admission: Admission) -> bool {
    admission > Admission::Account
}

/// The first of the caller's own layers that would have to allow and does not.
fn missing_own(facts: &Facts) -> Option<Layer> {
    if facts.layer(Layer::Identity).allow.is_none() { Some(Layer::Identity) } else { missing_limit(facts) }
}

/// The first layer that limits the caller's own policies and does not allow.
fn missing_limit(facts: &Facts) -> Option<Layer> {
    [Layer::Boundary, Layer::Session].into_iter().find(|layer| facts.layer(*layer).lacks_allow())
}

impl Basis {
    pub(crate) fn verdict(self) -> Verdict {
        match self.how {
            How::ExplicitAllow | How::Delegated | How::RootUser => Verdict::Allowed,
            How::ExplicitDeny => Verdict::ExplicitlyDenied,
            How::NoAllow => Verdict::ImplicitlyDenied,
        }
    }
}

/// Gives the deciding place its names.
pub(crate) fn dress(basis: Basis, request: &Request, policies: &Policies) -> Decision {
    let Basis { layer, how, place, level } = basis;
    let has_levels = matches!(layer, Layer::Rcp | Layer::Scp);
    let mut because = Because {
        layer,
        how,
        policy: None,
        policy_arn: None,
        level: level.filter(|_| has_levels).map(|level| level as usize),
        policy_index: place.map(|place| place.policy as usize),
        statement: None,
        sid: None,
        span: None,
    };
    if let Some(place) = place {
        because.name(place, request, policies);
    }
    Decision { verdict: basis.verdict(), because }
}

impl Because {
    fn name(&mut self, place: Place, request: &Request, policies: &Policies) {
        let (level, policy, statement) =
            (place.level as usize, place.policy as usize, place.statement as usize);
        if self.layer == Layer::Grant {
            self.policy = policies.grants.get(policy).map(|grant| grant.id.clone());
            return;
        }
        let levels = levels_of(self.layer, request.principal(), policies).unwrap_or_default();
        let Some(source) = levels.get(level).and_then(|sources| sources.get(policy)) else { return };
        self.policy = Some(source.name.clone());
        self.policy_arn.clone_from(&source.arn);
        self.statement = Some(statement);
        if let Some(statement) = source.document.statements.get(statement) {
            self.sid = statement.sid.as_ref().map(|sid| sid.text.clone());
            self.span = Some(statement.span);
        }
    }
}
