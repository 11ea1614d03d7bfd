//! Asking the engine without doing anything: may they?
//!
//! The answer comes from the same function that decides real calls.

use super::answers::Who;
use super::permission::{DecisionRecord, Permission, Probe};
use super::{ApiError, CallContext, Caller, World};

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
        let stated = probe.stated.iter();
        let stated =
            stated.map(|(key, values)| (key.as_str().into(), values.iter().map(String::as_str).collect()));
        permission.keys.extend(stated);
        permission.grant_tokens.clone_from(&probe.grant_tokens);
        (context, permission)
    }
}
