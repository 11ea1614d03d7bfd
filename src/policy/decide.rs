//! From the policies to the verdict.
//!
//! Deciding has two steps. [`Facts::gather`] notes for every layer its first statement that denies and its first
//! that allows; [`judge`] combines these facts. The explanation and the grid gather in their own ways and are
//! judged by the same function, so that all three agree.

use super::facts::{Facts, POLICY_LAYERS, Position, is_bounded, levels_of};
use super::policies::{Layer, Policies, ResourceMode};
use super::principal::{Admission, Principal};
use super::{Request, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Says what a decision came to.
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
    /// The action needs no permission.
    Free,
    /// A statement denies, which beats every Allow.
    ExplicitDeny,
    /// The layer would have to allow and does not.
    NoAllow,
}

/// The layer, the policy and the statement that decided.
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
    pub sid: Option<Arc<str>>,
    /// Where the statement stands in the text of the policy.
    pub span: Option<Span>,
}

/// The answer and what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decision {
    pub verdict: Verdict,
    /// The place that decided, and how.
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
    let bounded = is_bounded(request.principal(), policies);
    let facts = Facts::gather(request, policies, false, |_, _, source, statement, seen| {
        statement.applies_under(seen, request, bounded, source)
    });
    judge(request, policies, &facts)
}

/// What decided, before it is dressed with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    pub layer: Layer,
    pub how: How,
    pub place: Option<Position>,
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

/// Combines the facts of all layers into a decision.
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
    pub(crate) fn new(request: &'a Request, policies: &Policies) -> Self {
        Self {
            principal: request.principal(),
            owner: request.resource().owner(),
            mode: policies.resource.mode,
            cross_account: policies.resource.cross_account,
        }
    }
}

/// Returns the layer that decides, from the facts of all layers.
pub(crate) fn basis(case: Case<'_>, facts: &Facts) -> Basis {
    // Source: STS API Reference, GetCallerIdentity: allowed even where an administrator denies it.
    if case.mode == ResourceMode::Free {
        return Basis { layer: Layer::Identity, how: How::Free, place: None, level: None };
    }
    // Source: IAM User Guide, "reference_policies_evaluation-logic": a Deny anywhere ends it.
    for layer in POLICY_LAYERS.into_iter().filter(|layer| takes_part(case.mode, *layer)) {
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
        return outside_accounts(case, facts);
    };
    match case.owner {
        Some(owner) if *owner != **caller_account => cross_account(case, facts),
        _ => same_account(case, facts),
    }
}

/// A service on its own behalf, somebody unknown, somebody an identity provider vouches for: only the resource
/// can let them in.
fn outside_accounts(case: Case<'_>, facts: &Facts) -> Basis {
    match [Layer::Resource, Layer::Grant].into_iter().find(|layer| allow_of(case, *layer, facts).is_some()) {
        Some(layer) => Basis::allow(layer, How::ExplicitAllow, facts),
        None => Basis::no_allow(Layer::Resource),
    }
}

/// The most direct way in which the resource's side names the caller, and where.
///
/// Doubtful: how a grant stands to boundaries and session policies is not documented. Here a grant counts like
/// an Allow of the resource's policy that names its grantee, so boundary and session policy limit a grant to a
/// role, and do not limit one to a user or to the session itself. The alternatives are that they always limit, or
/// never. One form is known.
// Source: KMS Developer Guide, "Grants in AWS KMS" and "Determining access to AWS KMS keys", which name grants beside
// policies and say nothing of boundaries and session policies
fn admission(case: Case<'_>, facts: &Facts) -> Option<(Admission, Layer)> {
    let of = |layer| allow_of(case, layer, facts).map(|admission| (admission, layer));
    match (of(Layer::Resource), of(Layer::Grant)) {
        (Some(policy), Some(grant)) => Some(if grant.0 > policy.0 { grant } else { policy }),
        (policy, grant) => policy.or(grant),
    }
}

/// Whether a layer has a say. A resource's policy has none about an action that is not effective in it.
// Source: KMS Developer Guide, "grant-delete": kms:RetireGrant "is not effective in a key policy"; it is denied "in your
// IAM policies"
pub(crate) fn takes_part(mode: ResourceMode, layer: Layer) -> bool {
    layer != Layer::Resource || mode != ResourceMode::None
}

/// How directly a layer allows.
fn allow_of(case: Case<'_>, layer: Layer, facts: &Facts) -> Option<Admission> {
    facts.layer(layer).allow.map(|(admission, _)| admission).filter(|_| takes_part(case.mode, layer))
}

// Source: IAM User Guide, "reference_policies_evaluation-logic", "access_policies_boundaries"; KMS Developer Guide,
// "key-policy-default"
fn same_account(case: Case<'_>, facts: &Facts) -> Basis {
    let admission = admission(case, facts);
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
    let Some((_, layer)) = admission(case, facts) else { return Basis::no_allow(Layer::Resource) };
    let granted =
        allow_of(case, Layer::Grant, facts).filter(|admission| grant_suffices_across_accounts(*admission));
    // Another Allow beside the grant takes nothing from it.
    if let Some(granted) = granted.filter(|_| layer == Layer::Grant || missing_own(facts).is_some()) {
        let limit = if granted == Admission::Origin { missing_limit(facts) } else { None };
        return limit.map_or(Basis::allow(Layer::Grant, How::ExplicitAllow, facts), Basis::no_allow);
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
/// that names more than the account suffices. The alternative is that it never does. One form is known.
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
            How::ExplicitAllow | How::Delegated | How::RootUser | How::Free => Verdict::Allowed,
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
    fn name(&mut self, place: Position, request: &Request, policies: &Policies) {
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
