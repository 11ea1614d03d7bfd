//! From a request to a decision: gathers every policy and every condition key that applies, asks the policy engine,
//! and words a refusal as AWS does. Decides nothing itself.

use std::sync::Arc;

use serde::Serialize;

use super::network::NetworkPath;
use super::{AccountId, ApiError, Arn, CallContext, Caller, World, dynamodb, iam, kms};
use crate::policy::{
    self, Context, Decision, Explanation, Grant, How, Layer, Policies, Principal, Request, Resource,
    ResourceMode, ResourcePolicy, Verdict,
};

/// One permission that an operation needs.
#[derive(Clone, Debug)]
pub struct Permission {
    /// The action, such as `kms:Decrypt`.
    pub action: String,
    /// The ARN of what it acts on, or `*`.
    pub resource: String,
    /// Condition keys that only the operation knows, such as `kms:EncryptionContext:AppName`.
    pub keys: Vec<(String, Vec<String>)>,
    /// Grants that decide in place of the resource's own, whose policy then only denies. For retiring a grant.
    pub only_grants: Option<Vec<Grant>>,
    /// Grant tokens presented with the request.
    pub grant_tokens: Vec<String>,
    /// How a refusal names the resource.
    pub wording: Wording,
}

/// How the message of a refusal names the resource.
/// Source: AWS KMS error messages as returned by Decrypt with and without `KeyId`, and for keys of other accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// `on resource: <ARN>`.
    Arn,
    /// `on the resource associated with this ciphertext`: the request named no key.
    Ciphertext,
}

impl Permission {
    /// Permission for `action` on `resource`.
    pub fn new(action: impl Into<String>, resource: impl std::fmt::Display) -> Self {
        Self {
            action: action.into(),
            resource: resource.to_string(),
            keys: Vec::new(),
            only_grants: None,
            grant_tokens: Vec::new(),
            wording: Wording::Arn,
        }
    }

    /// With one more condition key of one value.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.keys.push((key.into(), vec![value.into()]));
        self
    }

    /// With one more condition key of any number of values.
    #[must_use]
    pub fn with_keys(mut self, key: impl Into<String>, values: Vec<String>) -> Self {
        self.keys.push((key.into(), values));
        self
    }
}

/// A decision with everything it was made from, so that it can be explained at any later time.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionRecord {
    /// Who asked for what, with all condition keys.
    pub request: Arc<Request>,
    /// All policies that applied.
    #[serde(skip)]
    pub policies: Arc<Policies>,
    /// The answer.
    pub decision: Decision,
    /// The service that asked in the caller's name, if one did.
    pub invoked_by: Option<String>,
}

impl DecisionRecord {
    /// The whole reasoning: every layer and statement in order.
    pub fn explain(&self) -> Explanation {
        policy::explain(&self.request, &self.policies)
    }
}

/// What the cloud knows of a resource that matters to access.
pub(in crate::cloud) struct ResourceFacts {
    /// Who owns it; `None` if it does not belong to an account.
    pub owner: Option<AccountId>,
    /// Its policy and how much it weighs.
    pub policy: ResourcePolicy,
    /// Grants on it that could serve this request.
    pub grants: Vec<Grant>,
    /// Condition keys it supplies, such as `aws:ResourceTag/team`.
    pub keys: Vec<(String, Vec<String>)>,
}

impl ResourceFacts {
    /// A resource with neither policy nor grants.
    pub fn plain(owner: Option<AccountId>) -> Self {
        Self {
            owner,
            policy: ResourcePolicy { mode: ResourceMode::None, source: None, cross_account: true },
            grants: Vec::new(),
            keys: Vec::new(),
        }
    }
}

impl World {
    /// Decides one permission for `principal` without doing anything.
    pub(in crate::cloud) fn decide(
        &self,
        caller: &Caller,
        principal: &Principal,
        context: &CallContext,
        permission: &Permission,
    ) -> DecisionRecord {
        let facts = self.resource_facts(principal, context, permission);
        let identity = self.iam.principal_facts(caller, principal, self.now);
        let mut keys = Context::new();
        for (key, values) in &context.keys {
            keys.set_many(key.as_str(), values.iter().map(String::as_str));
        }
        let path =
            self.network_path(principal, context, permission.action.split(':').next().unwrap_or_default());
        self.global_keys(&mut keys, principal, context, &facts, &path);
        for (key, values) in identity.keys.iter().chain(&facts.keys).chain(&permission.keys) {
            keys.set_many(key.as_str(), values.iter().map(String::as_str));
        }
        let resource = Resource {
            arn: permission.resource.as_str().into(),
            account: facts.owner.as_ref().map(|a| a.as_str().into()),
        };
        let request = Arc::new(Request::new(principal.clone(), permission.action.as_str(), resource, keys));
        let policies = Arc::new(Policies {
            identity: identity.policies,
            boundary: identity.boundary,
            session: identity.session,
            scps: self.scps(principal),
            rcps: facts
                .owner
                .as_ref()
                .filter(|_| guarded_by_rcps(permission))
                .and_then(|a| self.organizations.rcps(a)),
            endpoint: path.policies(),
            resource: facts.policy,
            grants: facts.grants,
        });
        let decision = policy::decide(&request, &policies);
        DecisionRecord { request, policies, decision, invoked_by: context.invoked_by().map(str::to_owned) }
    }

    fn resource_facts(
        &self,
        principal: &Principal,
        context: &CallContext,
        permission: &Permission,
    ) -> ResourceFacts {
        let caller_account = || {
            let account = principal.account().and_then(|a| a.parse().ok());
            ResourceFacts::plain(
                account.or_else(|| context.on_behalf_of.as_ref().map(|behalf| behalf.account.clone())),
            )
        };
        let Ok(arn) = permission.resource.parse::<Arn>() else { return caller_account() };
        match arn.service.as_str() {
            kms::SERVICE => self.kms.facts(&arn, permission, principal, context, self.now),
            dynamodb::SERVICE => self.dynamodb.facts(&arn),
            iam::SERVICE => Some(self.iam.facts(&arn, permission)),
            _ => None,
        }
        .unwrap_or_else(|| arn.account_id().map_or_else(caller_account, |a| ResourceFacts::plain(Some(a))))
    }

    /// The service control policies that limit a caller. They do not limit services and service-linked roles.
    /// Source: AWS Organizations User Guide, "Service control policies (SCPs)".
    fn scps(&self, principal: &Principal) -> Option<Vec<Vec<policy::Source>>> {
        if let Principal::RoleSession { role_arn, .. } = principal
            && role_arn.contains(":role/aws-service-role/")
        {
            return None;
        }
        let account = principal.account()?.parse().ok()?;
        self.organizations.scps(&account)
    }

    /// The keys that AWS supplies with every request.
    /// Source: IAM User Guide, "AWS global condition context keys".
    fn global_keys(
        &self,
        keys: &mut Context,
        principal: &Principal,
        context: &CallContext,
        facts: &ResourceFacts,
        path: &NetworkPath,
    ) {
        for key in ["aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
            keys.remove(key);
        }
        let mut set = |key: &str, value: String| keys.set(key, value);
        for (key, value) in path.keys() {
            set(key, value);
        }
        if let Some(service) = context.invoked_by() {
            set("aws:CalledViaLast", service.to_owned());
            let prefix = service.trim_end_matches(".amazonaws.com");
            set("kms:ViaService", format!("{prefix}.{}.amazonaws.com", context.region));
        }
        if let Some(first) = context.forwarded_by.first() {
            set("aws:CalledViaFirst", first.to_string());
        }
        set("aws:ViaAWSService", (!context.forwarded_by.is_empty()).to_string());
        if let Principal::Service { name } = principal {
            set("aws:PrincipalServiceName", name.to_string());
            if let Some(behalf) = &context.on_behalf_of {
                set("aws:SourceAccount", behalf.account.to_string());
                set("aws:SourceArn", behalf.arn.clone());
            }
        }
        set("aws:PrincipalIsAWSService", matches!(principal, Principal::Service { .. }).to_string());
        set("aws:CurrentTime", self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        set("aws:EpochTime", self.now.as_second().to_string());
        set("aws:RequestedRegion", context.region.to_string());
        set("aws:SecureTransport", context.secure_transport.to_string());
        set("aws:UserAgent", context.user_agent.clone());
        if let Some(owner) = &facts.owner {
            set("aws:ResourceAccount", owner.to_string());
        }
        if let Some(account) = principal.account() {
            set("kms:CallerAccount", account.to_string());
        }
        let organization =
            |account: &AccountId| self.organizations.of(account).map(|o| (o.id.clone(), o.path_of(account)));
        let resource = facts.owner.as_ref().and_then(organization);
        if let Some((id, _)) = &resource {
            set("aws:ResourceOrgID", id.clone());
        }
        let own = principal.account().and_then(|a| a.parse().ok()).as_ref().and_then(organization);
        if let Some((id, path)) = own {
            set("aws:PrincipalOrgID", id);
            keys.set_many("aws:PrincipalOrgPaths", [path]);
        }
        if let Some((_, path)) = resource {
            keys.set_many("aws:ResourceOrgPaths", [path]);
        }
        if !context.forwarded_by.is_empty() {
            keys.set_many("aws:CalledVia", context.forwarded_by.iter().cloned());
        }
    }
}

/// Whether resource control policies guard what is asked for.
///
/// Doubtful: the list of services grows; this one holds those named when resource control policies were introduced.
/// Source: AWS Organizations User Guide, "Resource control policies (RCPs)".
fn guarded_by_rcps(permission: &Permission) -> bool {
    let service = permission.action.split(':').next().unwrap_or_default();
    ["s3", "sts", "kms", "sqs", "secretsmanager"].contains(&service)
}

/// The error for a refused permission, in the service's words.
/// Source: IAM User Guide, "Troubleshoot access denied error messages"; KMS and DynamoDB errors as returned.
pub(in crate::cloud) fn denial(record: &DecisionRecord, permission: &Permission) -> ApiError {
    let service = permission.action.split(':').next().unwrap_or_default();
    let who = record.request.principal().name();
    let what = &permission.action;
    let foreign = service == kms::SERVICE && is_hidden(record);
    let place = match (permission.wording, foreign) {
        (Wording::Arn, false) => format!("on resource: {}", permission.resource),
        (Wording::Arn, true) => "on this resource".to_owned(),
        (Wording::Ciphertext, _) => "on the resource associated with this ciphertext".to_owned(),
    };
    let reason = if foreign { HIDDEN.to_owned() } else { reason(&record.decision, what) };
    let message = format!("User: {who} is not authorized to perform: {what} {place} {reason}");
    match service {
        "iam" | "s3" => ApiError::new("AccessDenied", message).with_status(403),
        // STS gives no reason. Source: messages of AssumeRole as returned.
        "sts" => {
            let message = format!(
                "User: {who} is not authorized to perform: {what} on resource: {}",
                permission.resource
            );
            ApiError::new("AccessDenied", message).with_status(403)
        }
        _ => ApiError::new("AccessDeniedException", message),
    }
}

/// What KMS says instead of a reason where the reason would tell a stranger about the key.
const HIDDEN: &str = "because the resource does not exist in this Region, no resource-based policies allow access, \
                      or a resource-based policy explicitly denies access";

/// Whether KMS hides the key from the caller: it belongs to another account and its policy does not admit them, or
/// there is no such key.
fn is_hidden(record: &DecisionRecord) -> bool {
    let owner = record.request.resource().owner();
    let is_foreign = record.request.principal().account().map(AsRef::as_ref) != owner;
    let is_absent = record.policies.resource.source.is_none() && record.policies.grants.is_empty();
    record.decision.because.layer == Layer::Resource && (is_foreign || is_absent)
}

fn reason(decision: &Decision, action: &str) -> String {
    let because = &decision.because;
    let (article, name) = match because.layer {
        Layer::Identity => ("an", "identity-based policy"),
        Layer::Resource | Layer::Grant => ("a", "resource-based policy"),
        Layer::Boundary => ("a", "permissions boundary"),
        Layer::Session => ("a", "session policy"),
        // A missing Allow in a service control policy is worded as an explicit deny, too.
        Layer::Scp => return with_arn("with an explicit deny in a service control policy", because),
        // Doubtful: the wording for resource control policies is inferred from the others.
        Layer::Rcp => return with_arn("with an explicit deny in a resource control policy", because),
        Layer::Endpoint => ("a", "VPC endpoint policy"),
    };
    if decision.verdict == Verdict::ExplicitlyDenied || because.how == How::ExplicitDeny {
        let text = format!("with an explicit deny in {article} {name}");
        // Explicit denies may name the policy, but never a resource policy.
        // Source: AWS Security Blog, "Enhanced access denied error messages with policy ARNs" (2026).
        return if because.layer == Layer::Resource { text } else { with_arn(&text, because) };
    }
    format!("because no {name} allows the {action} action")
}

fn with_arn(text: &str, because: &policy::Because) -> String {
    because.policy_arn.as_ref().map_or_else(|| text.to_owned(), |arn| format!("{text}: {arn}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Because;

    // Sources: IAM User Guide, "Troubleshoot access denied error messages"; AWS Security Blog, "Enhanced access denied
    // error messages with policy ARNs" (2026): not for resource policies.
    #[test]
    fn a_refusal_names_one_kind_of_policy() {
        let arn = "arn:aws:organizations::987654321098:policy/o-a/service_control_policy/p-a";
        for (layer, how, text) in [
            (Layer::Identity, How::NoAllow, "because no identity-based policy allows the kms:Decrypt action"),
            (Layer::Resource, How::NoAllow, "because no resource-based policy allows the kms:Decrypt action"),
            (Layer::Boundary, How::NoAllow, "because no permissions boundary allows the kms:Decrypt action"),
            (Layer::Session, How::NoAllow, "because no session policy allows the kms:Decrypt action"),
            (Layer::Endpoint, How::NoAllow, "because no VPC endpoint policy allows the kms:Decrypt action"),
            (Layer::Scp, How::NoAllow, "with an explicit deny in a service control policy"),
            (Layer::Scp, How::ExplicitDeny, "with an explicit deny in a service control policy"),
            (Layer::Rcp, How::ExplicitDeny, "with an explicit deny in a resource control policy"),
            (Layer::Identity, How::ExplicitDeny, "with an explicit deny in an identity-based policy"),
            (Layer::Resource, How::ExplicitDeny, "with an explicit deny in a resource-based policy"),
            (Layer::Boundary, How::ExplicitDeny, "with an explicit deny in a permissions boundary"),
            (Layer::Session, How::ExplicitDeny, "with an explicit deny in a session policy"),
            (Layer::Endpoint, How::ExplicitDeny, "with an explicit deny in a VPC endpoint policy"),
        ] {
            let denied = how == How::ExplicitDeny;
            let verdict = if denied { Verdict::ExplicitlyDenied } else { Verdict::ImplicitlyDenied };
            let decision = |policy_arn: Option<&str>| Decision {
                verdict,
                because: Because {
                    layer,
                    how,
                    policy: None,
                    policy_arn: policy_arn.map(Into::into),
                    level: None,
                    policy_index: None,
                    statement: None,
                    sid: None,
                    span: None,
                },
            };
            assert_eq!(reason(&decision(None), "kms:Decrypt"), text, "{layer:?} {how:?}");
            let named = denied && layer != Layer::Resource;
            let expected = if named { format!("{text}: {arn}") } else { text.to_owned() };
            let found = reason(&decision(Some(arn)), "kms:Decrypt");
            if layer != Layer::Scp || denied {
                assert_eq!(found, expected, "{layer:?} {how:?} with an ARN");
            }
        }
    }
}
