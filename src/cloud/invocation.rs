//! One running operation: who called, what it may see and change, and what it leaves behind.

use std::sync::Arc;

use serde_json::Value;

use super::audit::Event;
use super::authorization::{self, Authorization};
use super::permission::{DecisionRecord, Permission};
use super::world::Service;
use super::{AccountId, ApiError, CallContext, Caller, Region, Uuid, World};
use crate::policy::Principal;

/// What an operation works with. The world behind it is the live one; an error rolls it back.
pub struct Invocation<'w> {
    /// The simulated cloud as the operation changes it.
    pub(in crate::cloud) world: &'w mut World,
    /// Whose credentials signed the call.
    pub(in crate::cloud) caller: Caller,
    /// Who that is now.
    pub(in crate::cloud) principal: Principal,
    /// The circumstances of the call.
    pub(in crate::cloud) context: CallContext,
    /// The id of this request.
    pub(in crate::cloud) request_id: Uuid,
    /// The service whose operation it is.
    service: &'static Service,
    pub(super) decisions: Vec<DecisionRecord>,
    /// The decision of a lockout safety check that refused what was put.
    pub(in crate::cloud) lockout: Option<Box<DecisionRecord>>,
    /// What the request was decided from, where its refusal carries an authorization id.
    pub(super) authorization: Option<Arc<Authorization>>,
    /// The records of the calls that it made.
    pub(super) nested: Vec<Arc<Event>>,
    /// The `additionalEventData` of its own record, if it succeeds; `null` for nothing.
    pub(in crate::cloud) additional: Value,
}

/// The error of a call that a service made, with the id of that request: some messages quote it.
#[derive(Clone, Debug)]
pub struct NestedError {
    /// The error that the inner call ended with.
    pub error: ApiError,
    /// The id of the failed request.
    pub request_id: Uuid,
}

impl<'w> Invocation<'w> {
    pub(super) fn new(
        world: &'w mut World,
        service: &'static Service,
        caller: &Caller,
        principal: Principal,
        context: CallContext,
        request_id: Uuid,
    ) -> Self {
        Self {
            world,
            caller: caller.clone(),
            principal,
            context,
            request_id,
            service,
            decisions: Vec::new(),
            lockout: None,
            authorization: None,
            nested: Vec::new(),
            additional: Value::Null,
        }
    }

    /// The account the call works in: the caller's, or the one a service works for.
    pub fn account(&self) -> Result<AccountId, ApiError> {
        self.context
            .on_behalf_of
            .as_ref()
            .map(|behalf| behalf.account.clone())
            .or_else(|| self.principal.account().and_then(AccountId::of))
            .ok_or_else(|| {
                ApiError::new(
                    "MissingAuthenticationTokenException",
                    "Request is missing Authentication Token",
                )
            })
    }

    /// The Region whose endpoint was called.
    pub fn region(&self) -> &Region {
        &self.context.region
    }

    /// The access decisions so far.
    pub fn decisions(&self) -> &[DecisionRecord] {
        &self.decisions
    }

    /// Decides `permission` and keeps the decision; a refusal becomes the service's error, unless the world permits everything.
    pub(in crate::cloud) fn authorize(&mut self, permission: &Permission) -> Result<(), ApiError> {
        let record = self.world.decide(&self.caller, &self.principal, &self.context, permission);
        let allowed = record.decision.is_allowed() || self.world.permissive;
        let refusal = (!allowed).then(|| World::denial(self.service, &record, permission));
        self.decisions.push(record);
        let Some(mut refusal) = refusal else { return Ok(()) };
        if let Some(region) = self.recorded_in() {
            let who = self.world.caller_side(&self.caller, self.principal.clone());
            let kept = self.world.authorization(self.request_id, region, who, &self.context, &self.decisions);
            refusal.message += &authorization::remedy(&kept.id, region);
            self.authorization = Some(Arc::new(kept));
        }
        Err(refusal)
    }

    /// Returns the Region in which AWS records the evaluation of this request, if it records it.
    // Source: IAM User Guide, "Troubleshoot access denied error messages with authorization ID (Preview)": no id for
    // requests that a service makes, for anonymous ones, and for services that are not supported
    fn recorded_in(&self) -> Option<&'static str> {
        let by_service = self.context.invoked_by().is_some() || matches!(self.caller, Caller::Service(_));
        self.service.authorization_ids.filter(|_| !by_service)
    }

    /// Decides whether the caller of this request would be allowed `permission` as the world is now. Nothing is recorded.
    pub(in crate::cloud) fn would_decide(&self, permission: &Permission) -> DecisionRecord {
        self.world.decide(&self.caller, &self.principal, &self.context, permission)
    }
}
