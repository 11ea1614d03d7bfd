//! One running operation: who called, what it may see and change, and what it leaves behind.

use std::sync::Arc;

use crate::policy::Principal;

use super::audit::{Event, EventResource};
use super::authorize::{DecisionRecord, Permission, denial};
use super::caller::Behalf;
use super::{AccountId, ApiError, Call, CallContext, Caller, Operation, Outcome, Region, World};

/// What an operation works with. The world behind it is the live one; an error rolls it back.
pub struct Invocation<'w> {
    /// The simulated cloud.
    pub(in crate::cloud) world: &'w mut World,
    /// Whose credentials signed the call.
    pub(in crate::cloud) caller: Caller,
    /// Who that is now.
    pub(in crate::cloud) principal: Principal,
    /// The circumstances.
    pub(in crate::cloud) context: CallContext,
    /// The id of this request.
    pub(in crate::cloud) request_id: String,
    decisions: Vec<DecisionRecord>,
    nested: Vec<Arc<Event>>,
}

/// The error of a call that a service made, with the id of that request: some messages quote it.
#[derive(Clone, Debug)]
pub struct NestedError {
    /// The error.
    pub error: ApiError,
    /// The id of the failed request.
    pub request_id: String,
}

impl<'w> Invocation<'w> {
    pub(super) fn new(
        world: &'w mut World,
        caller: &Caller,
        principal: Principal,
        context: CallContext,
        request_id: String,
    ) -> Self {
        Self {
            world,
            caller: caller.clone(),
            principal,
            context,
            request_id,
            decisions: Vec::new(),
            nested: Vec::new(),
        }
    }

    /// The account the call works in: the caller's, or the one a service works for.
    pub fn account(&self) -> Result<AccountId, ApiError> {
        self.context
            .on_behalf_of
            .as_ref()
            .map(|behalf| behalf.account.clone())
            .or_else(|| self.principal.account().and_then(|a| a.parse().ok()))
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

    /// Calls another service in the caller's name, as `service` (such as `dynamodb.amazonaws.com`) does for user
    /// traffic: a forward access session.
    pub fn call_forwarded<O: Operation>(
        &mut self,
        service: &str,
        operation: O,
    ) -> Result<O::Response, NestedError> {
        self.nested(&self.caller.clone(), self.context.forwarded_by(service), operation)
    }

    /// Calls another service as `service` itself, for work on behalf of a resource.
    pub(in crate::cloud) fn call_as_service<O: Operation>(
        &mut self,
        service: &str,
        behalf: Behalf,
        operation: O,
    ) -> Result<O::Response, NestedError> {
        let context = CallContext {
            on_behalf_of: Some(behalf),
            user_agent: service.to_owned(),
            ..CallContext::in_region(self.context.region.clone())
        };
        self.nested(&Caller::Service(service.into()), context, operation)
    }

    fn nested<O: Operation>(
        &mut self,
        caller: &Caller,
        context: CallContext,
        operation: O,
    ) -> Result<O::Response, NestedError> {
        let call = Call { input: operation.wrap(), context };
        let outcome = self.world.perform(caller, call);
        self.decisions.extend(outcome.decisions);
        self.nested.extend(outcome.events);
        let request_id = outcome.request_id;
        match outcome.result.map(O::unwrap_response) {
            Ok(Some(response)) => Ok(response),
            Ok(None) => Err(NestedError {
                error: ApiError::new("InternalFailure", "an operation answered with another's response")
                    .with_status(500),
                request_id,
            }),
            Err(error) => Err(NestedError { error, request_id }),
        }
    }

    /// Decides `permission` and keeps the decision; a refusal becomes the service's error.
    pub(in crate::cloud) fn authorize(&mut self, permission: &Permission) -> Result<(), ApiError> {
        let record = self.world.decide(&self.caller, &self.principal, &self.context, permission);
        let allowed = record.decision.is_allowed();
        let refusal = (!allowed).then(|| denial(&record, permission));
        self.decisions.push(record);
        refusal.map_or(Ok(()), Err)
    }

    /// Whether the caller of this request would be allowed `permission` as the world is now. Nothing is recorded.
    pub(in crate::cloud) fn would_allow(&self, permission: &Permission) -> bool {
        self.world.decide(&self.caller, &self.principal, &self.context, permission).decision.is_allowed()
    }

    /// Authorizes, executes and records one operation.
    pub(in crate::cloud) fn run<O: Operation>(mut self, operation: O) -> Outcome {
        let parameters = operation.request_parameters();
        let mut resources = Vec::new();
        let before = self.world.clone();
        let result = self.authorize_and_execute(operation, &mut resources);
        if result.is_err() {
            self.world.restore(before);
        }
        // What a service did of itself meanwhile stands behind the call that set it off.
        self.nested.append(&mut self.world.take_own_events());
        let mut elements = result.as_ref().map_or(serde_json::Value::Null, O::response_elements);
        if result.is_ok() && !O::READ_ONLY && O::SERVICE == super::kms::SERVICE {
            elements = super::audit::with_key(elements, O::NAME, &resources);
        }
        let path = self.world.network_path(&self.principal, &self.context, O::SERVICE);
        let session = self.world.iam.session_of(&self.caller);
        let event = self.world.record(super::audit::EventDraft {
            path,
            session: session.as_deref(),
            service: O::SERVICE,
            name: O::NAME,
            read_only: O::READ_ONLY,
            data_event: O::DATA_EVENT,
            principal: &self.principal,
            context: &self.context,
            request_id: self.request_id.clone(),
            parameters,
            elements,
            resources,
            error: result.as_ref().err(),
        });
        let mut events = vec![event];
        events.append(&mut self.nested);
        Outcome {
            result: result.map(O::wrap_response),
            decisions: self.decisions,
            events,
            request_id: self.request_id,
        }
    }

    fn authorize_and_execute<O: Operation>(
        &mut self,
        operation: O,
        resources: &mut Vec<EventResource>,
    ) -> Result<O::Response, ApiError> {
        operation.prepare(self)?;
        let permissions = operation.authorization(self)?;
        resources.extend(permissions.iter().filter_map(EventResource::of));
        for permission in &permissions {
            self.authorize(permission)?;
        }
        operation.execute(self)
    }
}
