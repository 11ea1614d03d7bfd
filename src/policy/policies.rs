//! Everything that bears on one decision: the policies of each layer, and the grants.

use super::document::Document;
use super::principal::{Admission, BoundIds, Named, Principal, PrincipalEntry};
use super::request::{Context, is_key};
use super::{Request, Span};
use crate::limits::steps;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Where a policy stands in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Resource control policies of the resource's organization.
    Rcp,
    /// Service control policies of the caller's organization.
    Scp,
    /// The policy of the VPC endpoint the request came through.
    Endpoint,
    /// The resource's own policy.
    Resource,
    /// Grants on the resource.
    Grant,
    /// The caller's own policies.
    Identity,
    /// The caller's permissions boundary.
    Boundary,
    /// The policies of the caller's session.
    Session,
}

impl Layer {
    /// Returns what AWS calls a policy of the layer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rcp => "resource control policy",
            Self::Scp => "service control policy",
            Self::Endpoint => "VPC endpoint policy",
            Self::Resource => "resource-based policy",
            Self::Grant => "grant",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}

/// A policy document as one decision uses it.
#[derive(Debug, Clone)]
pub struct Source {
    /// What people call it.
    pub name: Arc<str>,
    /// An inline policy has no ARN.
    pub arn: Option<Arc<str>>,
    pub document: Arc<Document>,
    /// Which unique ids the principal ARNs in the document stand for; an ARN that is not listed is compared as text.
    pub bound: Option<Arc<BoundIds>>,
    /// The condition keys that a policy of this place does not see; a `*` at the end stands for a name.
    pub unseen: Option<Arc<[Arc<str>]>>,
}

impl Source {
    /// A policy that has a name only.
    pub fn new(name: impl Into<Arc<str>>, document: Arc<Document>) -> Self {
        Self { name: name.into(), arn: None, document, bound: None, unseen: None }
    }

    /// The condition keys of a request that the policy sees.
    ///
    /// Doubtful: that a key which AWS does not support in a policy counts as absent there is concluded from what Access
    /// Analyzer says of unsupported keys, and is not measured. The alternative is that the policy sees it all the same.
    /// One form is known.
    // Source: KMS Developer Guide, "tag-authorization", "conditions-kms"; IAM User Guide,
    // "access-analyzer-reference-policy-checks"
    pub(crate) fn seen<'a>(&self, context: &'a Context) -> Cow<'a, Context> {
        let Some(unseen) = &self.unseen else { return Cow::Borrowed(context) };
        context.without(|key| unseen.iter().any(|known| is_key(known, key)))
    }
}

/// What part the resource's policy plays for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ResourceMode {
    /// The action needs no permission: no policy can deny it to somebody who has an account.
    Free,
    /// The action knows no resource policy, or one that allows nothing: the caller's policies and grants decide alone.
    #[default]
    None,
    /// Within an account the resource's policy or the caller's policies may allow.
    Optional,
    /// Nothing is allowed that the resource's policy does not admit. Where it names the account, it leaves the
    /// decision to the caller's policies; without that they count for nothing, even for the root user.
    // Source: KMS Developer Guide, "key-policy-default"
    Required,
}

/// The policy of the resource.
#[derive(Debug, Clone)]
pub struct ResourcePolicy {
    /// What part it plays.
    pub mode: ResourceMode,
    /// The policy, if the resource has one.
    pub source: Option<Source>,
    /// Whether the action can be allowed to principals of other accounts at all.
    pub cross_account: bool,
}

impl Default for ResourcePolicy {
    fn default() -> Self {
        Self { mode: ResourceMode::None, source: None, cross_account: true }
    }
}

/// Everything that bears on one decision. `None` means that the layer does not limit this request.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// The caller's policies: his own, and those of his groups.
    pub identity: Vec<Source>,
    /// The caller's permissions boundary, if there is one.
    pub boundary: Option<Vec<Source>>,
    /// The policies passed when his session was made.
    pub session: Option<Vec<Source>>,
    /// Service control policies, one list a level from the organization's root down to the account.
    pub scps: Option<Vec<Vec<Source>>>,
    /// Resource control policies, likewise, of the resource's account.
    pub rcps: Option<Vec<Vec<Source>>>,
    /// The policy of the VPC endpoint the request came through.
    pub endpoint: Option<Vec<Source>>,
    /// The policy of the resource.
    pub resource: ResourcePolicy,
    /// The grants on the resource.
    pub grants: Vec<Grant>,
}

/// A permission given to one principal on one resource, outside of any policy. It allows and never denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: Arc<str>,
    /// Who may use it.
    pub grantee: Named,
    /// The unique id of the grantee when the grant was made, if it had one.
    pub grantee_id: Option<Arc<str>>,
    /// The actions it allows, written as in a policy but without wildcards.
    pub operations: Vec<Arc<str>>,
    /// What the request has to carry.
    pub constraint: Option<MapConstraint>,
    /// What the request has to be made for.
    pub source: Option<KeyConstraint>,
    /// True if the grant takes effect for this request: it has spread everywhere, or the caller presented its token.
    pub usable: bool,
}

/// What the condition keys under a prefix have to be, the case of values included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapConstraint {
    /// What the names of the condition keys begin with, colon included; its case does not matter.
    pub prefix: Arc<str>,
    /// Whether other keys under the prefix are forbidden.
    pub exact: bool,
    /// Whether the case of names matters, too.
    pub is_case_sensitive: bool,
    /// The names, without the prefix, and their values.
    pub pairs: BTreeMap<Arc<str>, Arc<str>>,
    /// The actions the constraint does not concern.
    pub exempt: Vec<Arc<str>>,
}

/// The only value that a condition key may have; a request without the key does not meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyConstraint {
    /// The name of the condition key.
    pub key: Arc<str>,
    /// The value, case-sensitive and without wildcards.
    pub value: Arc<str>,
    /// The actions the constraint does not concern.
    pub exempt: Vec<Arc<str>>,
}

impl Grant {
    /// How the grant names the caller, if it is for him, his action and his request.
    // Source: KMS Developer Guide, "grants" and "create-grant-overview"
    pub(crate) fn admits(&self, request: &Request) -> Option<Admission> {
        let fits =
            self.usable && self.covers(request.action()) && self.carries(request) && self.has_source(request);
        if fits { self.names(request.principal()) } else { None }
    }

    /// How the grant names the caller, whatever he asks for.
    pub(crate) fn names(&self, principal: &Principal) -> Option<Admission> {
        let text: Arc<str> = "".into();
        let bound = self.grantee_id.clone().map(|id| BoundIds::from([(text.clone(), id)]));
        let entry = PrincipalEntry { named: self.grantee.clone(), text, span: Span::default() };
        entry.admits(principal, bound.as_ref())
    }

    /// Tells whether the request carries what the grant asks for.
    pub(crate) fn carries(&self, request: &Request) -> bool {
        let holds = |constraint: &MapConstraint| constraint.holds(request.action(), request.context());
        self.constraint.as_ref().is_none_or(holds)
    }

    /// Tells whether the request is made for whatever the grant asks for.
    pub(crate) fn has_source(&self, request: &Request) -> bool {
        let holds = |constraint: &KeyConstraint| constraint.holds(request.action(), request.context());
        self.source.as_ref().is_none_or(holds)
    }

    pub(crate) fn covers(&self, action: &str) -> bool {
        self.operations.iter().any(|operation| operation.eq_ignore_ascii_case(action))
    }
}

impl KeyConstraint {
    /// Tells whether a request for an action meets the constraint.
    ///
    /// Doubtful: the guide says of SourceArn both that it puts the key `aws:SourceArn` into the grant and that it is "only
    /// evaluated when the request is made by an AWS service". Here a request without the key never meets it; the
    /// alternative is that it does not concern a grantee who calls directly. One form is known.
    // Source: KMS Developer Guide, "create-grant-overview" (SourceArn constraint); KMS API Reference, GrantConstraints
    pub(crate) fn holds(&self, action: &str, context: &Context) -> bool {
        self.exempt.iter().any(|exempt| exempt.eq_ignore_ascii_case(action))
            || matches!(context.get(&self.key), Some([only]) if *only == self.value)
    }
}

impl MapConstraint {
    pub(crate) fn holds(&self, action: &str, context: &Context) -> bool {
        if self.exempt.iter().any(|exempt| exempt.eq_ignore_ascii_case(action)) {
            return true;
        }
        let prefix = self.prefix.to_lowercase();
        let is = |(wanted, value): (&Arc<str>, &Arc<str>), (name, values): (&str, &[Arc<str>])| {
            self.is_name(wanted, name) && matches!(values, [only] if only == value)
        };
        let has = |pair: (&Arc<str>, &Arc<str>)| {
            let key = format!("{}{}", self.prefix, pair.0);
            let spellings = context.spelled_like(&key);
            let mut found = spellings.filter_map(|(name, values)| {
                let (begin, rest) = name.split_at_checked(self.prefix.len())?;
                begin.eq_ignore_ascii_case(&self.prefix).then_some((rest, values))
            });
            found.any(|other| is(pair, other))
        };
        steps::add(1 + self.pairs.len());
        if !self.pairs.iter().all(has) {
            return false;
        }
        if !self.exact {
            return true;
        }
        let mut by_name: HashMap<String, Vec<_>> = HashMap::new();
        for pair in &self.pairs {
            by_name.entry(pair.0.to_ascii_lowercase()).or_default().push(pair);
        }
        context.beginning(&self.prefix, &prefix).all(|other| {
            steps::add(1);
            let pairs = by_name.get(&other.0.to_ascii_lowercase()).into_iter().flatten();
            pairs.into_iter().any(|pair| is(*pair, other))
        })
    }

    fn is_name(&self, wanted: &str, name: &str) -> bool {
        if self.is_case_sensitive { wanted == name } else { wanted.eq_ignore_ascii_case(name) }
    }
}
