//! The whole reasoning of a decision as data: every layer, every statement, what matched and what did not.
//!
//! Nothing here is written for a screen. Reasons are values; whoever shows them finds the words.

mod near;
mod statement;

pub use near::{Fault, NearMiss};
pub use statement::{
    ConditionReason, ConditionTrace, ElementReason, ElementTrace, FoundValue, MatchedBy, StatementTrace,
    WantedValue,
};

use super::decide::{Decision, judge, takes_part};
use super::facts::{Facts, LayerFacts, POLICY_LAYERS, is_bounded, levels_of};
use super::policies::{Grant, Layer, Policies, ResourceMode};
use super::{Principal, Request};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A decision with its whole reasoning.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    pub decision: Decision,
    /// How the caller's account stands to the resource's.
    pub accounts: Accounts,
    /// What part the resource's policy plays.
    pub resource_policy: ResourceMode,
    /// The condition keys of the request, those that follow from the principal included.
    pub context: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The layers in the order they are considered.
    pub layers: Vec<LayerTrace>,
}

/// How the caller's account stands to the resource's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Accounts {
    /// In one account the resource's side or the caller's may allow.
    Same,
    /// Across accounts both sides have to allow.
    Different,
    /// The caller has none: only the resource's side can allow.
    NoCaller,
}

/// One layer of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LayerTrace {
    pub layer: Layer,
    /// The answer of the layer by itself.
    #[serde(rename = "outcome")]
    pub effect: LayerEffect,
    /// The first level of the organization without an Allow, where levels exist and one lacks it.
    pub missing_level: Option<usize>,
    pub policies: Vec<PolicyTrace>,
    /// The grants, in the layer of grants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantTrace>,
}

/// What a layer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Outcome")]
pub enum LayerEffect {
    /// A statement of the layer denies.
    Denies,
    /// A statement allows, and none denies.
    Allows,
    /// No statement denies or allows.
    NoAllow,
    /// There is no such policy for this request.
    NoPolicy,
    /// The layer does not concern a caller of this type.
    NotForCaller,
}

/// One policy of a layer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyTrace {
    /// The policy's name for people.
    pub name: Arc<str>,
    pub arn: Option<Arc<str>>,
    /// The policy's level, counted from the organization's root; 0 where there are no levels.
    pub level: usize,
    /// The policy's place in its layer or level, counted from 0.
    pub index: usize,
    pub statements: Vec<StatementTrace>,
}

impl PolicyTrace {
    /// Returns the text of the policy, which the places of its statements are counted in.
    pub fn text<'p>(&self, layer: Layer, request: &Request, policies: &'p Policies) -> Option<&'p Arc<str>> {
        let levels = levels_of(layer, request.principal(), policies)?;
        levels.get(self.level)?.get(self.index).map(|source| &source.document.text)
    }
}

/// A grant with each reason why the grant allows the request or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "independent tests and their conjunction")]
pub struct GrantTrace {
    pub id: Arc<str>,
    /// True if the grant allows the request.
    pub applies: bool,
    /// Whether the caller is its grantee.
    pub grantee: bool,
    /// Whether the action is one of its operations.
    pub operation: bool,
    /// Whether the request meets its constraints.
    pub constraint: bool,
    /// Whether the request is made for whatever it asks for; part of `constraint`.
    #[serde(skip)]
    pub source: bool,
    /// True if the grant takes effect already, or the caller presented its token.
    pub usable: bool,
}

impl GrantTrace {
    fn new(grant: &Grant, request: &Request) -> Self {
        Self {
            id: grant.id.clone(),
            applies: grant.admits(request).is_some(),
            grantee: grant.names(request.principal()).is_some(),
            operation: grant.covers(request.action()),
            constraint: grant.carries(request) && grant.has_source(request),
            source: grant.has_source(request),
            usable: grant.usable,
        }
    }
}

/// Decides one request and explains the decision. The decision is that of [`super::decide`].
pub fn explain(request: &Request, policies: &Policies) -> Explanation {
    let mut traces: BTreeMap<Layer, Vec<PolicyTrace>> = BTreeMap::new();
    for layer in POLICY_LAYERS {
        let levels = levels_of(layer, request.principal(), policies).unwrap_or_default();
        let levels = levels.into_iter().enumerate();
        let list = levels.flat_map(|(level, sources)| {
            sources.iter().enumerate().map(move |(index, source)| PolicyTrace {
                name: source.name.clone(),
                arn: source.arn.clone(),
                level,
                index,
                statements: Vec::with_capacity(source.document.statements.len()),
            })
        });
        traces.insert(layer, list.collect());
    }
    let bounded = is_bounded(request.principal(), policies);
    let facts = Facts::gather(request, policies, true, |layer, place, source, statement, seen| {
        let trace = StatementTrace::new(place.statement as usize, request, bounded, source, statement, seen);
        let admission = trace.admission.filter(|_| trace.applies);
        let at = (place.level as usize, place.policy as usize);
        // The policies of a layer stand in the order of levels and places.
        let policies = traces.get_mut(&layer).map(Vec::as_mut_slice).unwrap_or_default();
        let found = policies.binary_search_by_key(&at, |policy| (policy.level, policy.index));
        if let Some(policy) = found.ok().and_then(|at| policies.get_mut(at)) {
            policy.statements.push(trace);
        }
        admission
    });
    let layer = |layer: Layer| LayerTrace {
        layer,
        effect: effect(facts.layer(layer), layer, request, policies),
        missing_level: missing_level(facts.layer(layer), layer),
        policies: traces.remove(&layer).unwrap_or_default(),
        grants: match layer {
            Layer::Grant => policies.grants.iter().map(|grant| GrantTrace::new(grant, request)).collect(),
            Layer::Rcp
            | Layer::Scp
            | Layer::Endpoint
            | Layer::Resource
            | Layer::Identity
            | Layer::Boundary
            | Layer::Session => Vec::new(),
        },
    };
    let order = [
        Layer::Rcp,
        Layer::Scp,
        Layer::Endpoint,
        Layer::Resource,
        Layer::Grant,
        Layer::Identity,
        Layer::Boundary,
        Layer::Session,
    ];
    Explanation {
        decision: judge(request, policies, &facts),
        accounts: accounts(request),
        resource_policy: policies.resource.mode,
        context: request.context().iter().map(|(key, values)| (key.into(), values.to_vec())).collect(),
        layers: order.into_iter().map(layer).collect(),
    }
}

fn missing_level(facts: &LayerFacts, layer: Layer) -> Option<usize> {
    facts.missing.filter(|_| matches!(layer, Layer::Rcp | Layer::Scp)).map(|level| level as usize)
}

fn accounts(request: &Request) -> Accounts {
    match (request.principal().account(), request.resource().owner()) {
        (None, _) => Accounts::NoCaller,
        (Some(caller), Some(owner)) if **caller != *owner => Accounts::Different,
        _ => Accounts::Same,
    }
}

fn effect(facts: &LayerFacts, layer: Layer, request: &Request, policies: &Policies) -> LayerEffect {
    if (layer == Layer::Grant && policies.grants.is_empty()) || !takes_part(policies.resource.mode, layer) {
        return LayerEffect::NoPolicy;
    }
    if !facts.present && layer != Layer::Grant {
        let is_set = match layer {
            Layer::Scp => policies.scps.is_some(),
            Layer::Boundary => policies.boundary.is_some(),
            Layer::Session => policies.session.is_some(),
            Layer::Identity => true,
            Layer::Rcp | Layer::Endpoint | Layer::Resource | Layer::Grant => false,
        };
        let concerns_caller = matches!(request.principal(), Principal::User { .. });
        return if is_set && !concerns_caller { LayerEffect::NotForCaller } else { LayerEffect::NoPolicy };
    }
    match (facts.deny, facts.allow, facts.missing) {
        (Some(_), ..) => LayerEffect::Denies,
        (None, Some(_), None) => LayerEffect::Allows,
        (None, Some(_), Some(_)) if layer == Layer::Grant => LayerEffect::Allows,
        _ => LayerEffect::NoAllow,
    }
}
