//! What an operation must say about itself, and the macro that declares the operations of a service.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::audit::{Event, recorded};
use super::invocation::Invocation;
use super::permission::{DecisionRecord, Permission};
use super::world::{Service, World};
use super::{ApiError, Uuid};
use crate::policy::Principal;

/// What a request led to.
#[derive(Clone, Debug)]
pub struct Performed<R> {
    /// The response, or the API's error.
    pub result: Result<R, ApiError>,
    /// Every access decision in order, those of nested calls included.
    pub decisions: Vec<DecisionRecord>,
    /// The decision of the lockout safety check that ended it: may the caller change the policy again with the new text in
    /// force? It is none of the decisions about the request.
    pub lockout: Option<Box<DecisionRecord>>,
    /// The audit records written: first the call's own, then those of the calls it made.
    pub events: Vec<Arc<Event>>,
    /// The request's id, as the audit record and some messages name it.
    pub request_id: Uuid,
}

impl<R> Performed<R> {
    /// The same with the response turned into something else.
    pub(super) fn map<T>(self, turn: impl FnOnce(R) -> T) -> Performed<T> {
        let Self { result, decisions, lockout, events, request_id } = self;
        Performed { result: result.map(turn), decisions, lockout, events, request_id }
    }
}

/// The names and types that tie a request to its operation. Written by the macro `service!`.
pub trait Wire: Serialize + Sized {
    /// The requests of the service.
    type Input: From<Self>;

    /// What the operation answers with.
    type Response: Serialize;

    /// The service, as its row in the table has it.
    const SERVICE: &'static Service;

    /// The operation's name, such as `Decrypt`.
    const NAME: &'static str;

    /// The parameters that the audit trail records.
    const RECORDED: &'static [&'static str];
}

/// Tells who calls by what a request itself carries, or why it says nobody.
pub type Bearer<R> = fn(&R, &World) -> Result<Principal, ApiError>;

/// An API operation, implemented by its request type: who may call it, and what it does.
pub trait Operation: Wire {
    /// Whether the operation leaves everything as it was (`readOnly` in the audit record).
    const READ_ONLY: bool;

    /// Whether it is a data event, logged only where a trail asks for it.
    /// Source: CloudTrail User Guide, "Logging data events".
    const DATA_EVENT: bool = false;

    /// How a request says itself who calls, of an operation that takes requests without a signature.
    /// Source: STS API Reference, AssumeRoleWithWebIdentity: "does not require the use of AWS security credentials".
    const BEARER: Option<Bearer<Self>> = None;

    /// Makes what AWS makes when it is first asked for, before anything is decided. A refusal undoes it.
    fn prepare(&self, _invocation: &mut Invocation<'_>) -> Result<(), ApiError> {
        Ok(())
    }

    /// The decisions that must all be positive before anything is done, in order.
    ///
    /// Sees the world but cannot change it. Errors that AWS answers before it authorizes (a key that does not
    /// exist) come from here.
    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError>;

    /// Executes the request. An error undoes every change but the audit trail.
    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Self::Response, ApiError>;

    /// `requestParameters` of the audit record: the parameters that the operation's declaration lists, and no others.
    ///
    /// An operation that AWS records otherwise says so here. Plaintext, key material and the values of attributes that are no
    /// part of an item's key are never recorded.
    fn request_parameters(&self, _invocation: &Invocation<'_>) -> Value {
        recorded(self, Self::RECORDED)
    }

    /// `responseElements` of the audit record; AWS writes `null` for read-only operations.
    fn response_elements(_response: &Self::Response) -> Value {
        Value::Null
    }
}

/// Ties the operations of one service to their names and types: writes the service's `Input` and `Output`, its table
/// of operations, and `Wire` for each request.
///
/// Behind an operation stands which parameters the audit trail `records`, and what is not as on AWS: `refuses` lists
/// parameters, `differs` says the rest. The module that declares the operations has the service's row in a constant
/// `SERVICE`.
macro_rules! service {
    (
        $service:literal $(, differs: [$($whole:literal),+ $(,)?])?;
        $(
            $(#[doc = $doc:literal])+
            $operation:ident($request:ty) -> $response:ty {
                records: [$($recorded:literal),* $(,)?]
                $(refuses: [$($parameter:literal),+ $(,)?])?
                $(differs: [$($difference:literal),+ $(,)?])?
            };
        )+
    ) => {
        /// A request to this service.
        #[derive(Clone, Debug, serde::Serialize)]
        pub enum Input {
            $($(#[doc = $doc])+ $operation(Box<$request>),)+
        }

        /// A response of this service. It is written as AWS's JSON, secrets included.
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(untagged)]
        pub enum Output {
            $($(#[doc = $doc])+ $operation(Box<$response>),)+
        }

        /// The prefix of this service's actions and endpoints.
        pub const PREFIX: &str = $service;

        /// Where the service as a whole behaves otherwise than on AWS, on purpose.
        const DIFFERS: &[&str] = &[$($($whole),+)?];

        /// The operations in the order of their declaration.
        const OPERATIONS: &[$crate::cloud::service::Support] = &[$($crate::cloud::service::Support {
            operation: stringify!($operation),
            summary: concat!($($doc),+),
            read_only: <$request as $crate::cloud::Operation>::READ_ONLY,
            unsigned: <$request as $crate::cloud::Operation>::BEARER.is_some(),
            records: &[$($recorded),*],
            refuses: &[$($($parameter),+)?],
            differs: &[$($($difference),+)?],
        }),+];

        impl Input {
            /// The operation's name as AWS spells it.
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Self::$operation(_) => stringify!($operation),)+
                }
            }

            /// The input as AWS's JSON. Holds whatever the input holds, secrets included.
            pub fn to_json(&self) -> serde_json::Value {
                match self {
                    $(Self::$operation(request) => serde_json::to_value(request).unwrap_or_default(),)+
                }
            }

            pub(in crate::cloud) fn decode(
                operation: &str,
                input: serde_json::Value,
            ) -> Result<Self, $crate::cloud::ApiError> {
                match operation {
                    $(stringify!($operation) => $crate::cloud::strict::from_value(input)
                        .map(|request| Self::$operation(Box::new(request)))
                        .map_err(|e| $crate::cloud::operation::unreadable(&SERVICE, operation, &e)),)+
                    _ => Err($crate::cloud::ApiError::new(
                        "UnknownOperationException",
                        format!("{PREFIX} has no operation {operation} here"),
                    )),
                }
            }

            pub(in crate::cloud) fn perform(
                self,
                world: &mut $crate::cloud::World,
                caller: &$crate::cloud::Caller,
                context: $crate::cloud::CallContext,
            ) -> $crate::cloud::operation::Performed<Output> {
                match self {
                    $(Self::$operation(request) => world
                        .perform(caller, context, *request)
                        .map(|response| Output::$operation(Box::new(response))),)+
                }
            }
        }

        impl Output {
            /// The response as AWS's JSON. Holds whatever the response holds, secrets included.
            pub fn to_json(&self) -> serde_json::Value {
                match self {
                    $(Self::$operation(response) => serde_json::to_value(response).unwrap_or_default(),)+
                }
            }
        }

        $(
            impl From<$request> for Input {
                fn from(request: $request) -> Self {
                    Self::$operation(Box::new(request))
                }
            }

            impl $crate::cloud::operation::Wire for $request {
                type Input = Input;
                type Response = $response;

                const SERVICE: &'static $crate::cloud::world::Service = &SERVICE;
                const NAME: &'static str = stringify!($operation);
                const RECORDED: &'static [&'static str] = &[$($recorded),*];
            }
        )+
    };
}
pub(in crate::cloud) use service;

/// The error for an input that is not of its operation's shape.
///
/// Doubtful for fields inside of others, whose path AWS writes in full; only the field is named here. The AWS CLI checks such
/// fields before it calls. One form is known.
/// Source: validation errors of the JSON services as returned, "Value null at 'keyId'".
pub(in crate::cloud) fn unreadable(
    service: &Service,
    operation: &str,
    error: &serde_json::Error,
) -> ApiError {
    let text = error.to_string();
    let named = |before: &str| text.strip_prefix(before).and_then(|rest| rest.split('`').next());
    let code = service.errors.validation();
    if let Some(field) = named("unknown field `")
        && service.operation(operation).is_some_and(|of| of.refuses.contains(&field))
    {
        return ApiError::new(code, format!("The parameter {field} of {operation} is not simulated here"));
    }
    let Some(field) = named("missing field `") else { return ApiError::new("SerializationException", text) };
    let mut letters = field.chars();
    let member: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    let text = format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    );
    ApiError::new(code, text)
}
