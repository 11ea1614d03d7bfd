//! How an operation runs: authorized, executed, recorded, and undone if it fails. Operations call others the same way.

use super::audit::{EventDraft, EventResource};
use super::caller::Behalf;
use super::iam;
use super::operation::{Operation, Performed};
use super::permission::Permission;
use super::{ApiError, Arn, CallContext, Caller, Invocation, NestedError, World};
use crate::policy::Principal;

impl World {
    /// Runs an operation whose records its maker keeps.
    pub(in crate::cloud) fn perform<O: Operation>(
        &mut self,
        caller: &Caller,
        context: CallContext,
        operation: O,
    ) -> Performed<O::Response> {
        let request_id = self.request_id();
        let refused = |error: ApiError| Performed {
            result: Err(error),
            decisions: Vec::new(),
            lockout: None,
            events: Vec::new(),
            request_id,
        };
        match self.who_asks(caller, &operation) {
            Ok((caller, principal)) => {
                Invocation::new(self, O::SERVICE, &caller, principal, context, request_id).run(operation)
            }
            Err(error) => refused(error),
        }
    }

    /// Finds out who makes a request: whoever it says by itself, else whose credentials it is signed with.
    fn who_asks<O: Operation>(
        &self,
        caller: &Caller,
        operation: &O,
    ) -> Result<(Caller, Principal), ApiError> {
        if let Some(bearer) = O::BEARER {
            return Ok((Caller::Anonymous, bearer(operation, self)?));
        }
        if *caller == Caller::Anonymous {
            return Err(O::SERVICE.errors.unsigned());
        }
        let known = self.principal(caller).and_then(|principal| {
            (O::SERVICE.takes)(self, caller).then_some(principal).ok_or_else(iam::unknown_token)
        });
        Ok((caller.clone(), known.map_err(|error| O::SERVICE.errors.credentials(error))?))
    }

    /// The resource of a permission, if audit records list resources of its type.
    fn recorded_resource(&self, permission: &Permission) -> Option<EventResource> {
        let arn: Arn = permission.resource.parse().ok()?;
        let kind = (self.service(arn.service())?.record_type)(&arn)?;
        Some(EventResource { arn: permission.resource.clone(), kind })
    }
}

impl Invocation<'_> {
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
            user_agent: service.into(),
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
        let performed = self.world.perform(caller, context, operation);
        self.decisions.extend(performed.decisions);
        self.nested.extend(performed.events);
        let request_id = performed.request_id;
        performed.result.map_err(|error| NestedError { error, request_id })
    }

    /// Authorizes, executes and records one operation.
    fn run<O: Operation>(mut self, operation: O) -> Performed<O::Response> {
        let parameters = operation.request_parameters(&self);
        let mut resources = Vec::new();
        let before = self.world.clone();
        let result = self.authorize_and_execute(operation, &mut resources);
        if result.is_err() {
            self.world.restore(before);
        }
        // What a service did of itself meanwhile stands behind the call that set it off.
        self.nested.append(&mut self.world.take_own_events());
        let mut elements = result.as_ref().map_or(serde_json::Value::Null, O::response_elements);
        if result.is_ok() && !O::READ_ONLY {
            elements = (O::SERVICE.response_elements)(O::NAME, elements, &resources);
        }
        let path = self.world.network_path(&self.principal, &self.context, O::SERVICE.prefix);
        let session = self.world.iam.session_of(&self.caller);
        let event = self.world.record(EventDraft {
            path,
            session: session.as_deref(),
            service: O::SERVICE.prefix,
            name: O::NAME,
            read_only: O::READ_ONLY,
            data_event: O::DATA_EVENT,
            principal: &self.principal,
            context: &self.context,
            request_id: self.request_id,
            parameters,
            elements,
            additional: if result.is_ok() { self.additional } else { serde_json::Value::Null },
            resources,
            error: result.as_ref().err(),
            authorization: self.authorization.take(),
            refused: self.world.fidelity.refused_parameters,
        });
        let mut events = vec![event];
        events.append(&mut self.nested);
        let (decisions, lockout) = (self.decisions, self.lockout);
        Performed { result, decisions, lockout, events, request_id: self.request_id }
    }

    fn authorize_and_execute<O: Operation>(
        &mut self,
        operation: O,
        resources: &mut Vec<EventResource>,
    ) -> Result<O::Response, ApiError> {
        operation.prepare(self)?;
        let permissions = operation.authorization(self)?;
        resources
            .extend(permissions.iter().filter_map(|permission| self.world.recorded_resource(permission)));
        for permission in &permissions {
            self.authorize(permission)?;
        }
        operation.execute(self)
    }
}
