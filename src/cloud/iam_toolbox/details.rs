//! From the decisions of a refused request to the answer of `GetRequestAuthorizationDetails`.
//!
//! No action of a service whose refusals carry an id can be allowed by grants, so there are none here.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::cloud::authorization::{Authorization, base36};
use crate::cloud::iam::Identity;
use crate::cloud::permission::DecisionRecord;
use crate::cloud::reference;
use crate::policy::{
    Context, Effect, LayerEffect, LayerTrace, PolicyTrace, Principal, Source, StatementTrace, Verdict,
};
use crate::policy::{KeyType, Layer};

/// The response of `GetRequestAuthorizationDetails`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The condition keys that all evaluations share.
    pub request_context: Map<String, Value>,
    /// One for each permission that was asked for.
    pub evaluations: Vec<Evaluation>,
    /// All policies that bore on the request.
    pub policies: Vec<PolicyInfo>,
}

/// How one action on one resource was decided.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    pub action: String,
    pub resource: String,
    /// The condition keys of this evaluation alone.
    pub context: Map<String, Value>,
    /// `ALLOW`, `EXPLICIT_DENY` or `IMPLICIT_DENY`.
    pub evaluated_effect: &'static str,
    /// What matched; nothing where nothing denied and an Allow was missing.
    pub matched_policies: Vec<MatchedPolicy>,
    /// One for each kind of policy that had to allow.
    pub checks: Vec<Check>,
}

/// One thing that had to allow a request, and what it said.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub check_type: &'static str,
    /// `ALLOW`, `EXPLICIT_DENY`, `IMPLICIT_DENY` or `NO_IMPACT`.
    pub evaluated_effect: &'static str,
    /// The place in the organization, of policies of an organization.
    pub target_arn: Option<String>,
    pub relevant_policy_types: Vec<&'static str>,
    pub matched_policies: Vec<MatchedPolicy>,
}

/// A policy of which statements matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchedPolicy {
    /// What the list of policies calls it.
    pub uri: String,
    pub matched_statements: Vec<MatchedStatement>,
}

/// A statement that matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchedStatement {
    pub sid: String,
    /// What the statement does: `ALLOW` or `DENY`.
    pub evaluated_effect: &'static str,
}

/// A policy that bore on a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyInfo {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub inline: bool,
    /// The ARN of a managed policy; of another one an identifier that says nothing.
    pub uri: String,
    /// The entities that have the policy, where they have ARNs here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attached_to: Vec<AttachedTo>,
}

/// Something that a policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachedTo {
    pub arn: String,
}

impl Details {
    /// Returns the answer for a refusal.
    pub(super) fn of(kept: &Authorization) -> Self {
        let mut policies: Vec<PolicyInfo> = Vec::new();
        for placed in kept.decisions.iter().flat_map(|record| placed(kept, record)) {
            let info = placed.info();
            match policies.iter_mut().find(|known| known.kind == info.kind && known.uri == info.uri) {
                Some(known) => {
                    let new = info.attached_to.into_iter().filter(|to| !known.attached_to.contains(to));
                    let new: Vec<AttachedTo> = new.collect();
                    known.attached_to.extend(new);
                }
                None => policies.push(info),
            }
        }
        let evaluations = kept.decisions.iter().map(|record| Evaluation::of(kept, record)).collect();
        // What the engine derives for the policies of other services is no part of a request of this one.
        let action = kept.decisions.last().map(|record| record.request.action().as_ref()).unwrap_or_default();
        let service = action.split_once(':').map_or(action, |(service, _)| service);
        let own =
            |name: &str| name.split(':').next().is_some_and(|prefix| prefix == "aws" || prefix == service);
        Self { request_context: values(&kept.context, |name, _| own(name)), evaluations, policies }
    }
}

/// Returns the text of a policy that bore on a request.
pub(super) fn text_of(kept: &Authorization, uri: &str) -> Option<Arc<str>> {
    let mut all = kept.decisions.iter().flat_map(|record| placed(kept, record));
    all.find(|placed| placed.uri() == uri).map(|placed| placed.source.document.text.clone())
}

/// A policy with its place in a decision.
struct Placed<'a> {
    layer: Layer,
    level: usize,
    index: usize,
    source: &'a Source,
    attached_to: Option<String>,
}

impl Placed<'_> {
    /// Doubtful: the form of the identifier of a policy without an ARN, which AWS calls opaque. One form is known.
    // Source: the model of botocore 1.44.8, the shape of a policy's identifier
    fn uri(&self) -> String {
        let opaque = || {
            let owner = self.attached_to.as_deref().unwrap_or_default();
            base36(&format!("{} {} of {owner}", self.layer.name(), self.source.name))
        };
        self.source.arn.as_ref().map_or_else(opaque, ToString::to_string)
    }

    fn info(&self) -> PolicyInfo {
        PolicyInfo {
            kind: policy_type(self.layer),
            inline: self.source.arn.is_none(),
            uri: self.uri(),
            attached_to: self.attached_to.iter().map(|arn| AttachedTo { arn: arn.clone() }).collect(),
        }
    }
}

/// Returns the policies of a decision in the order in which checks are listed.
///
/// Doubtful: what a policy of a group is attached to. The model says the principal's ARN and means a user or a role by
/// that; here it is the group's, since an administrator looks for the policy there. One form is known.
// Source: the model's AttachedTo
fn placed<'a>(kept: &Authorization, record: &'a DecisionRecord) -> Vec<Placed<'a>> {
    let (policies, request) = (&record.policies, &record.request);
    let principal = request.principal();
    let places = |account: Option<&str>| {
        let account = account.and_then(|account| account.parse().ok());
        let found = account.and_then(|account| Some((kept.organizations.of(&account)?, account)));
        found.map(|(organization, account)| organization.places_over(&account)).unwrap_or_default()
    };
    let identity = kept.iam.identity_of(principal);
    let own = identity.map(Identity::arn);
    let owners = identity.map(|identity| kept.iam.policy_owners(identity)).unwrap_or_default();
    let mut all = Vec::new();
    let mut add = |layer, level, sources: &'a [Source], attached: &dyn Fn(usize) -> Option<String>| {
        let found = sources.iter().enumerate().map(|(index, source)| Placed {
            layer,
            level,
            index,
            source,
            attached_to: attached(index),
        });
        all.extend(found);
    };
    for (layer, levels, account) in [
        (Layer::Rcp, &policies.rcps, request.resource().owner()),
        (Layer::Scp, &policies.scps, principal.account().map(AsRef::as_ref)),
    ] {
        let places = places(account);
        for (level, sources) in levels.iter().flatten().enumerate() {
            add(layer, level, sources, &|_| places.get(level).cloned());
        }
    }
    let list = |sources: &'a Option<Vec<Source>>| sources.as_deref().unwrap_or_default();
    add(Layer::Endpoint, 0, list(&policies.endpoint), &|_| None);
    let resource = request.resource().arn.to_string();
    add(Layer::Resource, 0, policies.resource.source.as_slice(), &|_| Some(resource.clone()));
    add(Layer::Identity, 0, &policies.identity, &|index| owners.get(index).cloned());
    add(Layer::Boundary, 0, list(&policies.boundary), &|_| own.clone());
    add(Layer::Session, 0, list(&policies.session), &|_| Some(principal.name().to_string()));
    all
}

impl Evaluation {
    fn of(kept: &Authorization, record: &DecisionRecord) -> Self {
        let request = &record.request;
        let effect = match record.decision.verdict {
            Verdict::Allowed => "ALLOW",
            Verdict::ExplicitlyDenied => "EXPLICIT_DENY",
            Verdict::ImplicitlyDenied => "IMPLICIT_DENY",
        };
        let placed = placed(kept, record);
        let layers = record.explain().layers;
        let checks: Vec<Check> = layers.iter().flat_map(|layer| checks(layer, &placed, record)).collect();
        // Source: iam-toolbox API Reference, Evaluation: "An implicit denial produces no matched policies."
        let mut matched_policies: Vec<MatchedPolicy> = Vec::new();
        if record.decision.verdict != Verdict::ImplicitlyDenied {
            for matched in checks.iter().flat_map(|check| &check.matched_policies) {
                if !matched_policies.contains(matched) {
                    matched_policies.push(matched.clone());
                }
            }
        }
        let shared =
            |name: &str, values: &[Arc<str>]| kept.context.iter().any(|known| known == (name, values));
        Self {
            action: request.action().to_string(),
            resource: request.resource().arn.to_string(),
            context: values(request.context(), |name, values| !shared(name, values)),
            evaluated_effect: effect,
            matched_policies,
            checks,
        }
    }
}

/// Returns the checks of a layer: none where it does not concern the caller, one for each place of an organization.
///
/// Doubtful: a role session that was made without a session policy has no check of its own here. One form is known.
// Source: the model's Evaluation, `checks`
fn checks(layer: &LayerTrace, placed: &[Placed<'_>], record: &DecisionRecord) -> Vec<Check> {
    let principal = record.request.principal();
    let is_identity = matches!(principal, Principal::User { .. } | Principal::RoleSession { .. });
    let silent = matches!(layer.effect, LayerEffect::NoPolicy | LayerEffect::NotForCaller);
    let (check_type, levels) = match layer.layer {
        Layer::Identity if is_identity => ("PRINCIPAL", 1),
        Layer::Grant | Layer::Identity => return Vec::new(),
        _ if silent => return Vec::new(),
        Layer::Rcp => ("RESOURCE_CONTROL_POLICY", record.policies.rcps.as_ref().map_or(0, Vec::len)),
        Layer::Scp => ("SERVICE_CONTROL_POLICY", record.policies.scps.as_ref().map_or(0, Vec::len)),
        Layer::Endpoint => ("VPC_ENDPOINT", 1),
        Layer::Resource => ("RESOURCE", 1),
        Layer::Boundary => ("PERMISSIONS_BOUNDARY", 1),
        Layer::Session => ("SESSION", 1),
    };
    let check = |level: usize| {
        let traces: Vec<&PolicyTrace> =
            layer.policies.iter().filter(|policy| policy.level == level).collect();
        let at =
            |index: usize| placed.iter().find(|p| (p.layer, p.level, p.index) == (layer.layer, level, index));
        let has = |effect: Effect| {
            let mut statements = traces.iter().flat_map(|policy| &policy.statements);
            statements.any(|statement| statement.applies && statement.effect == effect)
        };
        let evaluated_effect = match (has(Effect::Deny), has(Effect::Allow)) {
            (true, _) => "EXPLICIT_DENY",
            (false, true) => "ALLOW",
            (false, false) if record.decision.is_allowed() => "NO_IMPACT",
            (false, false) => "IMPLICIT_DENY",
        };
        let has_target = matches!(layer.layer, Layer::Rcp | Layer::Scp);
        let matched = |policy: &&PolicyTrace| {
            let statements = policy.statements.iter().filter(|statement| statement.applies);
            let matched_statements: Vec<MatchedStatement> = statements.map(MatchedStatement::of).collect();
            let uri = at(policy.index)?.uri();
            (!matched_statements.is_empty()).then_some(MatchedPolicy { uri, matched_statements })
        };
        Check {
            check_type,
            evaluated_effect,
            target_arn: at(0).filter(|_| has_target).and_then(|placed| placed.attached_to.clone()),
            relevant_policy_types: vec![policy_type(layer.layer)],
            matched_policies: traces.iter().filter_map(matched).collect(),
        }
    };
    (0..levels).map(check).collect()
}

impl MatchedStatement {
    /// Doubtful: the Sid that is made up for a statement without one. One form is known.
    // Source: the model's MatchedStatement: "If the statement has no Sid, one is generated for reference."
    fn of(statement: &StatementTrace) -> Self {
        let made_up = || format!("Statement{}", statement.index + 1);
        Self {
            sid: statement.sid.as_ref().map_or_else(made_up, ToString::to_string),
            evaluated_effect: match statement.effect {
                Effect::Allow => "ALLOW",
                Effect::Deny => "DENY",
            },
        }
    }
}

/// Returns what the API calls a policy of a layer.
fn policy_type(layer: Layer) -> &'static str {
    match layer {
        Layer::Rcp => "RESOURCE_CONTROL_POLICY",
        Layer::Scp => "SERVICE_CONTROL_POLICY",
        Layer::Endpoint => "VPC_ENDPOINT_POLICY",
        Layer::Resource | Layer::Grant => "RESOURCE_BASED_POLICY",
        Layer::Identity => "IDENTITY_BASED_POLICY",
        Layer::Boundary => "PERMISSIONS_BOUNDARY",
        Layer::Session => "SESSION_POLICY",
    }
}

/// Returns condition keys with their values: a list for a key that has a list, else a text.
///
/// Doubtful: whether AWS writes numbers, dates and truth values as text, as policies have them. One form is known.
// Source: the model's AuthorizationContext: a map from keys to documents
fn values(context: &Context, wanted: impl Fn(&str, &[Arc<str>]) -> bool) -> Map<String, Value> {
    let value = |(name, values): (&str, &[Arc<str>])| {
        let is_list =
            reference().key_type(name).is_ok_and(|known| known.is_some_and(KeyType::is_multivalued));
        let value = match values {
            [only] if !is_list => Value::from(only.as_ref()),
            several => several.iter().map(|value| Value::from(value.as_ref())).collect(),
        };
        (name.to_owned(), value)
    };
    context.iter().filter(|(name, values)| wanted(name, values)).map(value).collect()
}
