//! Asking the engine without doing anything: may they?
//!
//! The answer comes from the same function that decides real calls.

use super::answers::Who;
use super::iam::Kind;
use super::permission::{DecisionRecord, Permission, Probe};
use super::{ApiError, CallContext, Caller, World};
use crate::policy::{Principal, Verdict};

impl World {
    /// Whether `caller` may, with the whole reasoning. Nothing is done and nothing recorded.
    ///
    /// An error says that `caller` is nobody here: deleted, or a session that has ended.
    pub fn probe(&self, caller: &Caller, probe: &Probe) -> Result<DecisionRecord, ApiError> {
        self.probe_who(&Who::Caller(caller.clone()), probe)
    }

    /// Whether somebody may, with the whole reasoning. An error says that they are nobody here.
    pub fn probe_who(&self, who: &Who, probe: &Probe) -> Result<DecisionRecord, ApiError> {
        let (context, permission) = self.question(probe);
        Ok(self.decide_for(self.side_of(who)?, &context, &permission))
    }

    /// Puts a question to everybody in every account: the name of each who may, and the decision; with `refused` also
    /// those who may not. A role goes by its own ARN.
    pub fn who_can(&self, probe: &Probe, refused: bool) -> Vec<(String, DecisionRecord)> {
        let everybody = self.everybody(probe);
        let who: Vec<Who> = everybody.iter().cloned().map(Who::Principal).collect();
        let answers = self.answers(&who, std::slice::from_ref(probe));
        let row = |(at, principal): (usize, &Principal)| {
            let shown = refused || answers.verdict(at, 0) == Some(Ok(Verdict::Allowed));
            let record = shown.then(|| answers.record(at, 0)).flatten()?.ok()?;
            let name = match principal {
                Principal::RoleSession { role_arn, .. } => role_arn.to_string(),
                Principal::Anonymous
                | Principal::Service { .. }
                | Principal::Root { .. }
                | Principal::User { .. }
                | Principal::FederatedUser { .. }
                | Principal::Federated { .. } => principal.name().to_string(),
            };
            Some((name, record))
        };
        everybody.iter().enumerate().filter_map(row).collect()
    }

    /// Everybody whom a decision could be about: every account's root user, users and roles. A role stands for a session
    /// of it that has no session policy. Nobody known is among them only for a service that is not simulated: the
    /// simulated ones answer an unsigned request before a policy is asked.
    /// Source: AWS KMS API Reference, "Common Errors", MissingAuthenticationToken; the other references alike.
    fn everybody(&self, probe: &Probe) -> Vec<Principal> {
        let roots =
            self.iam.accounts().map(|(account, _)| Principal::Root { account: account.as_str().into() });
        let identities = self.iam.identities().filter_map(|identity| match identity.kind {
            Kind::User => Some(Principal::User {
                arn: identity.arn().into(),
                account: identity.account.as_str().into(),
                unique_id: Some(identity.unique_id.as_str().into()),
            }),
            Kind::Role => Some(identity.any_session()),
            Kind::Group => None,
        });
        let simulated = self.service(probe.action.split(':').next().unwrap_or_default()).is_some();
        roots.chain(identities).chain((!simulated).then_some(Principal::Anonymous)).collect()
    }

    /// The circumstances and the permission that a probe is about.
    pub(in crate::cloud) fn question(&self, probe: &Probe) -> (CallContext, Permission) {
        let context = match &probe.via {
            Some(service) => probe.context.forwarded_by(service),
            None => probe.context.clone(),
        };
        let mut permission = Permission::new(probe.action.as_str(), &probe.resource);
        if let Some(service) = self.service(permission.service()) {
            permission.keys = (service.assumed_keys)(probe);
        }
        permission.grant_tokens.clone_from(&probe.grant_tokens);
        (context, permission)
    }
}
