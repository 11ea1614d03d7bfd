//! The policy simulator: SimulatePrincipalPolicy and SimulateCustomPolicy.
//!
//! It asks the same engine that decides about calls, with the policies of the request. As on AWS it knows neither key policies nor
//! those of other resources, unless the request passes one.
//! Source of shapes, codes and messages: IAM API Reference; IAM User Guide, "Testing IAM policies with the IAM policy simulator".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::permission::Permission;
use super::super::{ApiError, Arn, Invocation, Operation, World};
use super::paging::{Page, page};
use super::state::{Identity, Kind};
use super::stored_policy::StoredPolicy;
use super::{account, broken, check_length};
use crate::policy::{
    self, Context, Explanation, Layer, LayerEffect, Policies, PolicyKind, Principal, Request, Resource,
    ResourceMode, ResourcePolicy, Source, Verdict, line_col,
};

/// A condition key that the simulated requests carry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ContextEntry {
    #[serde(default)]
    pub context_key_name: String,
    #[serde(default)]
    pub context_key_values: Vec<String>,
    /// `string`, `stringList`, `numeric` and so on. The operators of policies say what values are; the type is checked alone.
    #[serde(default)]
    pub context_key_type: String,
}

/// Writes the request of a simulation: its own fields, and those that both have.
macro_rules! simulation_request {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$about])*
        ///
        /// Behind its own fields stand those of every simulation.
        #[skip_serializing_none]
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)+
            /// Boundaries in place of the one that somebody has.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub permissions_boundary_policy_input_list: Vec<String>,
            /// The actions, each a simulation for each resource.
            pub action_names: Vec<String>,
            /// The resources; `*` unless given.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub resource_arns: Vec<String>,
            /// A policy that all these resources have.
            pub resource_policy: Option<String>,
            /// The account of the resources, by the ARN of its root user.
            pub resource_owner: Option<String>,
            /// The user who calls.
            pub caller_arn: Option<String>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub context_entries: Vec<ContextEntry>,
            /// The marker of the last answer, to go on from.
            pub marker: Option<String>,
            /// At most so many results: 1 to 1,000, 100 unless given.
            pub max_items: Option<u32>,
        }

        impl $name {
            fn asked(&self) -> Asked<'_> {
                Asked {
                    boundaries: &self.permissions_boundary_policy_input_list,
                    actions: &self.action_names,
                    resources: &self.resource_arns,
                    resource_policy: self.resource_policy.as_deref(),
                    resource_owner: self.resource_owner.as_deref(),
                    context: &self.context_entries,
                    marker: self.marker.as_deref(),
                    most: self.max_items,
                }
            }
        }
    };
}

simulation_request! {
    /// The request of `SimulatePrincipalPolicy`.
    SimulatePrincipalPolicyRequest {
        /// The user, group or role whose policies are simulated.
        policy_source_arn: String,
        /// Further policies to simulate with them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        policy_input_list: Vec<String>,
    }
}

simulation_request! {
    /// The request of `SimulateCustomPolicy`.
    SimulateCustomPolicyRequest {
        /// The policies that are simulated.
        policy_input_list: Vec<String>,
    }
}

/// The response of both simulations.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SimulatePolicyResponse {
    /// A result for each action on each resource.
    pub evaluation_results: Vec<EvaluationResult>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

/// What one simulation came to.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EvaluationResult {
    pub eval_action_name: String,
    pub eval_resource_name: String,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub eval_decision: &'static str,
    /// The statements that decided.
    pub matched_statements: Vec<MatchedStatement>,
    /// Condition keys that the policies look at and the request does not pass.
    pub missing_context_values: Vec<String>,
    /// What the service control policies say; absent for an account outside of an organization.
    pub organizations_decision_detail: Option<OrganizationsDecision>,
    /// What the boundary says; absent without one.
    pub permissions_boundary_decision_detail: Option<BoundaryDecision>,
}

/// What service control policies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationsDecision {
    pub allowed_by_organizations: bool,
}

/// What a permissions boundary says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BoundaryDecision {
    pub allowed_by_permissions_boundary: bool,
}

/// A statement, by its policy and its place in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MatchedStatement {
    /// `PolicyInputList.1` and so on, the name of a managed policy, or `user_NAME_POLICY` for an inline one.
    // Source: AWS CLI, examples of simulate-custom-policy; answers of SimulatePrincipalPolicy in public logs
    pub source_policy_id: String,
    /// Always `IAM Policy`, which the model does not list.
    // Source: answers of both operations in public logs
    pub source_policy_type: &'static str,
    pub start_position: Position,
    pub end_position: Position,
}

/// A place in a policy's text, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// What both requests ask.
struct Asked<'a> {
    boundaries: &'a [String],
    actions: &'a [String],
    resources: &'a [String],
    resource_policy: Option<&'a str>,
    resource_owner: Option<&'a str>,
    context: &'a [ContextEntry],
    marker: Option<&'a str>,
    most: Option<u32>,
}

/// Who would call, with what.
struct Simulated {
    principal: Principal,
    /// Whether the principal stands for nobody in particular: no condition keys follow from it.
    is_nobody: bool,
    identity: Vec<Source>,
    boundary: Option<Vec<Source>>,
    scps: Option<Vec<Vec<Source>>>,
}

/// Returns the error for an input that cannot be simulated.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", message)
}

/// Reads the policies of a request; `list` is the name of the parameter, as matched statements have it.
///
/// Doubtful: the words about a policy that cannot be read; there are none. One form is known.
/// Source: IAM API Reference, SimulateCustomPolicy, which names the error alone.
fn read(texts: &[String], kind: PolicyKind, list: &str) -> Result<Vec<Source>, ApiError> {
    let read = |(at, text): (usize, &String)| {
        let policy = StoredPolicy::read(text, kind).map_err(|_| invalid(""))?;
        Ok(policy.source(&format!("{list}.{}", at + 1)))
    };
    texts.iter().enumerate().map(read).collect()
}

impl Asked<'_> {
    /// Checks the constraints of the model.
    fn check(&self) -> Result<(), ApiError> {
        const TYPES: [&str; 12] = [
            "string",
            "stringList",
            "numeric",
            "numericList",
            "boolean",
            "booleanList",
            "ip",
            "ipList",
            "binary",
            "binaryList",
            "date",
            "dateList",
        ];
        for (at, action) in self.actions.iter().enumerate() {
            check_length(action, &format!("actionNames.{}.member", at + 1), 3, 128)?;
        }
        for (at, resource) in self.resources.iter().enumerate() {
            check_length(resource, &format!("resourceArns.{}.member", at + 1), 1, 2048)?;
        }
        for (at, entry) in self.context.iter().enumerate() {
            let member = format!("contextEntries.{}.member", at + 1);
            check_length(&entry.context_key_name, &format!("{member}.contextKeyName"), 5, 256)?;
            if !TYPES.contains(&entry.context_key_type.as_str()) {
                let set = format!("Member must satisfy enum value set: [{}]", TYPES.join(", "));
                return Err(broken(&entry.context_key_type, &format!("{member}.contextKeyType"), set));
            }
        }
        Ok(())
    }

    fn context(&self) -> Context {
        let mut context = Context::new();
        for entry in self.context {
            context.set_many(&*entry.context_key_name, entry.context_key_values.iter().map(String::as_str));
        }
        context
    }

    fn policies(&self, simulated: &Simulated) -> Result<Policies, ApiError> {
        let texts: Vec<String> = self.resource_policy.into_iter().map(str::to_owned).collect();
        let source = read(&texts, PolicyKind::Resource, "ResourcePolicy")?.into_iter().next();
        let mode = if source.is_some() { ResourceMode::Optional } else { ResourceMode::None };
        Ok(Policies {
            identity: simulated.identity.clone(),
            boundary: simulated.boundary.clone(),
            scps: simulated.scps.clone(),
            resource: ResourcePolicy { mode, source, cross_account: true },
            ..Policies::default()
        })
    }

    /// Simulates every action on every resource, and returns the part that the request asks for.
    fn answer(&self, simulated: &Simulated) -> Result<SimulatePolicyResponse, ApiError> {
        let policies = self.policies(simulated)?;
        let context = self.context();
        let everything = ["*".to_owned()];
        let resources = if self.resources.is_empty() { &everything[..] } else { self.resources };
        let pairs = self.actions.iter().flat_map(|action| resources.iter().map(move |on| (action, on)));
        let numbered: Vec<_> = pairs.enumerate().collect();
        let Page { items, marker } = page(numbered, |(at, _)| at.to_string(), self.marker, self.most)?;
        let owner = self
            .resource_owner
            .and_then(|owner| owner.parse::<Arn>().ok())
            .map(|owner| owner.account().to_owned());
        let results = items.into_iter().map(|(_, (action, resource))| {
            let resource =
                Resource { arn: resource.as_str().into(), account: owner.as_deref().map(Into::into) };
            let mut request =
                Request::new(simulated.principal.clone(), action.as_str(), resource, context.clone());
            if simulated.is_nobody {
                request = request.without(&implied(&context));
            }
            result(&request, &policies)
        });
        Ok(SimulatePolicyResponse {
            evaluation_results: results.collect(),
            is_truncated: marker.is_some(),
            marker,
        })
    }
}

/// The condition keys that follow from a principal, as far as a request does not pass them.
fn implied(passed: &Context) -> Vec<String> {
    let keys =
        ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:username"];
    keys.into_iter().filter(|key| passed.get(key).is_none()).map(str::to_owned).collect()
}

/// Puts one question to the policies, and words the answer as the simulator does.
fn result(request: &Request, policies: &Policies) -> EvaluationResult {
    let explanation = policy::explain(request, policies);
    let (eval_decision, effect) = match explanation.decision.verdict {
        Verdict::Allowed => ("allowed", Some(policy::Effect::Allow)),
        Verdict::ExplicitlyDenied => ("explicitDeny", Some(policy::Effect::Deny)),
        Verdict::ImplicitlyDenied => ("implicitDeny", None),
    };
    let allows = |layer: Layer| {
        explanation
            .layers
            .iter()
            .find(|trace| trace.layer == layer)
            .map(|trace| trace.effect == LayerEffect::Allows)
    };
    EvaluationResult {
        eval_action_name: request.action().to_string(),
        eval_resource_name: request.resource().arn.to_string(),
        eval_decision,
        matched_statements: effect
            .map(|effect| matched(&explanation, effect, request, policies))
            .unwrap_or_default(),
        missing_context_values: missing(request, policies),
        organizations_decision_detail: policies
            .scps
            .as_ref()
            .and(allows(Layer::Scp))
            .map(|allowed_by_organizations| OrganizationsDecision { allowed_by_organizations }),
        permissions_boundary_decision_detail: policies
            .boundary
            .as_ref()
            .and(allows(Layer::Boundary))
            .map(|allowed_by_permissions_boundary| BoundaryDecision { allowed_by_permissions_boundary }),
    }
}

/// The statements of one effect that apply, of the policies that the request or somebody brings.
fn matched(
    explanation: &Explanation,
    effect: policy::Effect,
    request: &Request,
    policies: &Policies,
) -> Vec<MatchedStatement> {
    let brought = [Layer::Identity, Layer::Resource, Layer::Boundary];
    let mut found = Vec::new();
    for trace in explanation.layers.iter().filter(|trace| brought.contains(&trace.layer)) {
        if trace.layer == Layer::Boundary && effect == policy::Effect::Allow {
            continue;
        }
        for policy in &trace.policies {
            let text = policy.text(trace.layer, request, policies).map(|text| &**text).unwrap_or_default();
            let applying =
                policy.statements.iter().filter(|statement| statement.applies && statement.effect == effect);
            found.extend(applying.map(|statement| MatchedStatement {
                source_policy_id: policy.name.to_string(),
                source_policy_type: "IAM Policy",
                // Source: AWS CLI, examples of simulate-custom-policy: both places are the column behind the brace.
                start_position: position(text, statement.span.start + 1),
                end_position: position(text, statement.span.end),
            }));
        }
    }
    found
}

fn position(text: &str, offset: usize) -> Position {
    let (line, column) = line_col(text, offset);
    Position { line, column }
}

/// The condition keys that the policies look at and the request has not.
///
/// Doubtful: whether AWS lists the keys of statements that speak of other actions; here they are left out. One form is known.
/// Source: IAM API Reference, EvaluationResult, `MissingContextValues`.
fn missing(request: &Request, policies: &Policies) -> Vec<String> {
    let sources =
        policies.identity.iter().chain(&policies.resource.source).chain(policies.boundary.iter().flatten());
    let statements = sources.flat_map(|source| &source.document.statements);
    let speaking = statements.filter(|statement| statement.actions.matches(request));
    let keys =
        speaking.flat_map(|statement| statement.conditions.iter().map(|condition| &*condition.key.text));
    let lacking = keys.filter(|key| request.context().get(key).is_none());
    lacking.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Reads the ARN of whoever's policies are simulated.
// Source of the words: answers of SimulatePrincipalPolicy in public logs
fn source_of<'w>(
    world: &'w World,
    account: &super::super::AccountId,
    text: &str,
) -> Result<&'w Identity, ApiError> {
    check_length(text, "policySourceArn", 20, 2048)?;
    let unclear =
        || invalid(format!("Invalid Entity Arn: {text} does not clearly define entity type and name."));
    let arn: Arn = text.parse().map_err(|_| unclear())?;
    let (kind, path) = arn.resource().split_once('/').ok_or_else(unclear)?;
    let kind = match (arn.service(), kind) {
        ("iam", "user") => Kind::User,
        ("iam", "role") => Kind::Role,
        ("iam", "group") => Kind::Group,
        _ => return Err(unclear()),
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let owner = arn.account_id().filter(|owner| owner == account);
    world.iam.find(&owner.ok_or_else(|| super::no_such(kind, name))?, kind, name)
}

/// Whoever a request says calls; a user alone can be said to.
///
/// Source: IAM API Reference, SimulatePrincipalPolicy, `CallerArn`: "You can specify only the ARN of an IAM user."
fn caller(text: Option<&str>) -> Result<Option<Principal>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let unclear =
        || invalid(format!("Invalid Entity Arn: {text} does not clearly define entity type and name."));
    Principal::from_arn(text)
        .filter(|principal| matches!(principal, Principal::User { .. }))
        .map(Some)
        .ok_or_else(unclear)
}

/// The error for a policy of resources that nobody calls for. Source of the words: answers of the simulator in public logs.
fn check_caller(asked: &Asked<'_>, is_known: bool) -> Result<(), ApiError> {
    if asked.resource_policy.is_none() || is_known {
        return Ok(());
    }
    Err(invalid("Invalid caller - Caller cannot be null or empty."))
}

/// Nobody in particular of an account.
fn nobody(account: &super::super::AccountId) -> Principal {
    Principal::User { arn: "".into(), account: account.as_str().into(), unique_id: None }
}

impl Operation for SimulatePrincipalPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        Ok(vec![Permission::new("iam:SimulatePrincipalPolicy", &self.policy_source_arn)])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<SimulatePolicyResponse, ApiError> {
        let account = account(invocation)?;
        let world = &*invocation.world;
        let asked = self.asked();
        asked.check()?;
        let source = source_of(world, &account, &self.policy_source_arn)?;
        let named = caller(self.caller_arn.as_deref())?;
        check_caller(&asked, named.is_some() || source.kind == Kind::User)?;
        let own = match source.kind {
            Kind::User => Principal::from_arn(&source.arn()),
            Kind::Role => Some(source.principal().clone()),
            Kind::Group => None,
        };
        let is_nobody = named.is_none() && own.is_none();
        let mut identity = world.iam.simulated_sources(source);
        identity.extend(read(&self.policy_input_list, PolicyKind::Identity, "PolicyInputList")?);
        let boundaries = read(asked.boundaries, PolicyKind::Identity, "PermissionsBoundaryPolicyInputList")?;
        let simulated = Simulated {
            principal: named.or(own).unwrap_or_else(|| nobody(&account)),
            is_nobody,
            identity,
            boundary: if boundaries.is_empty() {
                world.iam.boundary_source(source)
            } else {
                Some(boundaries)
            },
            scps: world.organizations.scps(&account),
        };
        asked.answer(&simulated)
    }
}

impl Operation for SimulateCustomPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, _: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        // Source: Service Authorization Reference, SimulateCustomPolicy, which names no resource type
        Ok(vec![Permission::new("iam:SimulateCustomPolicy", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<SimulatePolicyResponse, ApiError> {
        let account = account(invocation)?;
        let asked = self.asked();
        asked.check()?;
        let named = caller(self.caller_arn.as_deref())?;
        check_caller(&asked, named.is_some())?;
        let boundaries = read(asked.boundaries, PolicyKind::Identity, "PermissionsBoundaryPolicyInputList")?;
        let simulated = Simulated {
            is_nobody: named.is_none(),
            principal: named.unwrap_or_else(|| nobody(&account)),
            identity: read(&self.policy_input_list, PolicyKind::Identity, "PolicyInputList")?,
            boundary: (!boundaries.is_empty()).then_some(boundaries),
            scps: None,
        };
        asked.answer(&simulated)
    }
}
