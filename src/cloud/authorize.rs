//! From a request to a decision: gathers every policy and every condition key that applies, asks the policy engine,
//! and words a refusal as AWS does. Decides nothing itself.

use std::sync::Arc;

use super::authorization::{self, Authorization};
use super::iam::PrincipalFacts;
use super::implied::{implied_by_caller, implied_by_way, text_of};
use super::network::NetworkPath;
use super::permission::{
    CallerSide, DecisionRecord, Keys, Permission, Requester, ResourceFacts, ResourceSide, Wording,
};
use super::reference::reference;
use super::remembered::Asked;
use super::service::CallerKey;
use super::world::Service;
use super::{AccountId, ApiError, Arn, CallContext, Caller, Uuid, World};
use crate::policy::{
    self, ConditionKey, Context, Decision, Grant, How, Layer, Policies, Principal, Request, Resource,
    ResourceMode, Values, Verdict, key,
};

impl World {
    /// Decides one permission for `principal` without doing anything.
    pub(in crate::cloud) fn decide(
        &self,
        caller: &Caller,
        principal: &Principal,
        context: &CallContext,
        permission: &Permission,
    ) -> DecisionRecord {
        let decide = || self.decide_for(self.caller_side(caller, principal.clone()), context, permission);
        match &self.remembered {
            Some(remembered) => {
                let asked = Asked { caller, principal, context, permission };
                remembered.decision(&self.read_by_decisions(), asked, decide)
            }
            None => decide(),
        }
    }

    /// Decides one permission, given what the caller brings along.
    pub(in crate::cloud) fn decide_for(
        &self,
        caller: CallerSide,
        context: &CallContext,
        permission: &Permission,
    ) -> DecisionRecord {
        let resource = self.resource_side(acting_account(&caller.principal, context), permission);
        self.decide_between(caller, resource, context, permission)
    }

    /// Decides one permission, given what the caller and the resource bring along.
    pub(in crate::cloud) fn decide_between(
        &self,
        caller: CallerSide,
        resource: ResourceSide,
        context: &CallContext,
        permission: &Permission,
    ) -> DecisionRecord {
        let path = self.network_path(&caller.principal, context, permission.service());
        let caller_keys = self.caller_keys(permission.service(), &permission.action);
        let mut keys = self.keys_of_call(&caller, context, &path, caller_keys);
        add_keys(&mut keys, &resource.keys);
        add_keys(&mut keys, &permission.keys);
        let grants =
            self.grants_for(&resource, &Requester { principal: &caller.principal, context }, permission);
        let CallerSide { principal, policies: identity, boundary, session, scps, keys: _ } = caller;
        let asked = resource_of(permission, resource.owner.as_ref());
        let mut resource_policy = resource.policy;
        if reference().is_free(&permission.action, &principal) {
            resource_policy.mode = ResourceMode::Free;
        }
        let request = Arc::new(Request::new(principal, permission.action.as_str(), asked, keys));
        let policies = Arc::new(Policies {
            identity,
            boundary,
            session,
            scps,
            rcps: resource.rcps,
            endpoint: path.policies(),
            resource: resource_policy,
            grants,
        });
        let decision = policy::decide(&request, &policies);
        DecisionRecord { request, policies, decision, invoked_by: context.forwarded_by.last().cloned() }
    }

    /// Returns what a caller brings to a decision: policies, and the condition keys that say who they are.
    /// Source: IAM User Guide, "AWS global condition context keys", properties of the principal.
    pub(in crate::cloud) fn caller_side(&self, caller: &Caller, principal: Principal) -> CallerSide {
        let PrincipalFacts { policies, boundary, session, keys: own } =
            self.iam.principal_facts(caller, &principal, self.now);
        let mut keys = Keys::new();
        let mut set = |key: ConditionKey, value: Arc<str>| keys.push((key, Values::One(value)));
        for (key, value) in implied_by_caller(&principal) {
            set(key, value);
        }
        let account = principal.account().and_then(AccountId::of);
        if let Some(account) = &account
            && let Some(organization) = self.organizations.of(account)
        {
            set(key!("aws:PrincipalOrgID"), organization.id.as_str().into());
            set(key!("aws:PrincipalOrgPaths"), organization.path_of(account).into());
        }
        keys.extend(own);
        CallerSide { scps: self.scps(&principal), principal, policies, boundary, session, keys }
    }

    /// Returns what the resource of a permission brings to the decision: its service knows, and for an ARN of no service
    /// here its text tells. What belongs to no account is taken as that of `acting`, the account somebody acts in.
    pub(in crate::cloud) fn resource_side(
        &self,
        acting: Option<AccountId>,
        permission: &Permission,
    ) -> ResourceSide {
        let known = permission.resource.parse::<Arn>().ok().and_then(|arn| {
            let service = self.service(arn.service());
            let facts = service.and_then(|service| (service.facts)(self, &arn, permission));
            facts.or_else(|| arn.account_id().map(|account| ResourceFacts::plain(Some(account))))
        });
        let ResourceFacts { owner, policy, granted, keys: own } =
            known.unwrap_or_else(|| ResourceFacts::plain(acting));
        let mut keys = Keys::new();
        let mut set = |key: ConditionKey, value: Arc<str>| keys.push((key, Values::One(value)));
        if let Some(owner) = &owner {
            set(key!("aws:ResourceAccount"), owner.into());
            if let Some(organization) = self.organizations.of(owner) {
                set(key!("aws:ResourceOrgID"), organization.id.as_str().into());
                set(key!("aws:ResourceOrgPaths"), organization.path_of(owner).into());
            }
        }
        keys.extend(own);
        let bound = owner.as_ref().filter(|_| reference().is_bound_by_rcps(&permission.action));
        let rcps = bound.and_then(|account| self.organizations.rcps(account));
        ResourceSide { owner, policy, rcps, keys, granted }
    }

    /// The grants on a resource that could serve a requester.
    pub(in crate::cloud) fn grants_for(
        &self,
        resource: &ResourceSide,
        requester: &Requester<'_>,
        permission: &Permission,
    ) -> Vec<Grant> {
        let arn = if resource.granted { permission.resource.parse::<Arn>().ok() } else { None };
        let found = arn
            .and_then(|arn| Some((self.service(arn.service())?.grants)(self, &arn, permission, requester)));
        found.unwrap_or_default()
    }

    /// The error for a refused permission, in the words of the service that was called.
    pub(in crate::cloud) fn denial(
        service: &'static Service,
        record: &DecisionRecord,
        permission: &Permission,
    ) -> ApiError {
        service.errors.denied((service.refusal)(record, permission))
    }

    /// Keeps what a refused request was decided from. The last of the decisions is the refusal.
    pub(in crate::cloud) fn authorization(
        &self,
        request_id: Uuid,
        region: &'static str,
        caller: CallerSide,
        context: &CallContext,
        decisions: &[DecisionRecord],
    ) -> Authorization {
        let action = decisions.last().map(|record| record.request.action().as_ref()).unwrap_or_default();
        let service = action.split(':').next().unwrap_or_default();
        let path = self.network_path(&caller.principal, context, service);
        let keys = self.keys_of_call(&caller, context, &path, self.caller_keys(service, action));
        let asked = Request::new(caller.principal, action, Resource::new("*"), keys);
        Authorization {
            id: authorization::id(request_id),
            region,
            account: asked.principal().account().and_then(AccountId::of),
            context: asked.context().clone(),
            decisions: decisions.to_vec(),
            iam: self.iam.clone(),
            organizations: self.organizations.clone(),
        }
    }

    /// The service control policies over a caller's account. Whom they do not limit the policy engine knows.
    fn scps(&self, principal: &Principal) -> Option<Vec<Vec<policy::Source>>> {
        self.organizations.scps(&AccountId::of(principal.account()?)?)
    }

    /// The keys that every request of a caller under these circumstances carries, whatever it is about. Those that the
    /// caller makes up never replace one that AWS supplies.
    /// Source: IAM User Guide, "AWS global condition context keys".
    pub(in crate::cloud) fn keys_of_call(
        &self,
        caller: &CallerSide,
        context: &CallContext,
        path: &NetworkPath,
        caller_keys: &[CallerKey],
    ) -> Context {
        let mut keys = Context::with_room(KEYS);
        for (key, values) in &context.keys {
            keys.set_many(key.as_str(), values.iter().map(String::as_str));
        }
        if !context.keys.is_empty() {
            for key in ["aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
                keys.remove(key);
            }
        }
        for (key, values) in path.keys() {
            keys.put(key, values);
        }
        let mut set = |key: ConditionKey, value: Arc<str>| keys.set(key, value);
        if let Some(service) = context.invoked_by() {
            let prefix = service.trim_end_matches(".amazonaws.com");
            set(key!("kms:ViaService"), format!("{prefix}.{}.amazonaws.com", context.region).into());
        }
        for (key, value) in implied_by_way(&context.forwarded_by) {
            set(key, value);
        }
        if let (Principal::Service { .. }, Some(behalf)) = (&caller.principal, &context.on_behalf_of) {
            set(key!("aws:SourceAccount"), behalf.account.as_str().into());
            set(key!("aws:SourceArn"), behalf.arn.as_str().into());
        }
        set(key!("aws:CurrentTime"), self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
        set(key!("aws:EpochTime"), self.now.as_second().to_string().into());
        set(key!("aws:RequestedRegion"), (&context.region).into());
        set(key!("aws:SecureTransport"), text_of(context.secure_transport));
        set(key!("aws:UserAgent"), context.user_agent.clone());
        if !context.forwarded_by.is_empty() {
            keys.set_many(key!("aws:CalledVia"), context.forwarded_by.iter().cloned());
        }
        add_keys(&mut keys, &caller.keys);
        for key in caller_keys {
            if let Some(value) = (key.value)(&caller.principal) {
                keys.set(key.name.clone(), value);
            }
        }
        keys
    }

    /// The condition keys that a service adds of the caller to requests for an action.
    pub(in crate::cloud) fn caller_keys(&self, service: &str, action: &str) -> &'static [CallerKey] {
        self.service(service).map_or(&[], |service| service.caller_keys(action))
    }
}

/// The condition keys that most requests have at most.
const KEYS: usize = 32;

/// Gives keys their values, in place of what they had.
pub(in crate::cloud) fn add_keys(context: &mut Context, keys: &Keys) {
    for (key, values) in keys {
        context.put(key.clone(), values.clone());
    }
}

/// What a permission is about, as the policy engine takes it.
pub(in crate::cloud) fn resource_of(permission: &Permission, owner: Option<&AccountId>) -> Resource {
    Resource { arn: permission.resource.clone(), account: owner.map(Into::into) }
}

/// The account in whose name somebody acts: their own, or the one a service works for.
fn acting_account(principal: &Principal, context: &CallContext) -> Option<AccountId> {
    let own = principal.account().and_then(AccountId::of);
    own.or_else(|| context.on_behalf_of.as_ref().map(|behalf| behalf.account.clone()))
}

/// The message for a refused permission: who, what, on which resource, and the kind of policy that decided.
/// Source: IAM User Guide, "Troubleshoot access denied error messages"; KMS and DynamoDB errors as returned.
pub(in crate::cloud) fn refusal(record: &DecisionRecord, permission: &Permission) -> String {
    let place = match permission.wording {
        Wording::Arn => format!("on resource: {}", permission.resource),
        Wording::Ciphertext => "on the resource associated with this ciphertext".to_owned(),
    };
    refusal_at(record, permission, &place)
}

/// A refusal in the common form, with a service's own words for the resource.
pub(in crate::cloud) fn refusal_at(record: &DecisionRecord, permission: &Permission, place: &str) -> String {
    refusal_of(record, permission, place, &reason(&record.decision, &permission.action))
}

/// A refusal in the common form, with a service's own words for the resource and the reason.
pub(in crate::cloud) fn refusal_of(
    record: &DecisionRecord,
    permission: &Permission,
    place: &str,
    reason: &str,
) -> String {
    let who = record.request.principal().name();
    format!("User: {who} is not authorized to perform: {} {place} {reason}", permission.action)
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
        // Source: IAM User Guide, "Troubleshoot access denied error messages"; refusals of s3:PutObject in public logs, 2026.
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
