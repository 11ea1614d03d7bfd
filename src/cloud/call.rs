//! The one entry: a call, its outcome, and what an operation must say about itself.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::audit::Event;
use super::authorize::{DecisionRecord, Permission};
use super::invocation::Invocation;
use super::{ApiError, CallContext, cloudtrail, dynamodb, iam, kms, organizations, sts};

/// One request to the simulated cloud: a service, an operation and its input, and the circumstances.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service, the operation and its typed input.
    pub input: Input,
    /// Everything else a policy can ask about.
    pub context: CallContext,
}

impl Call {
    /// A call of `operation` in the default circumstances.
    pub fn new<O: Operation>(operation: O) -> Self {
        Self { input: operation.wrap(), context: CallContext::default() }
    }

    /// Reads a call from AWS names and JSON: `kms`, `Decrypt`, `{"KeyId": ..}`.
    ///
    /// An unknown service or operation answers `UnknownOperationException`, a field left out `ValidationException`, and
    /// an input of another shape `SerializationException`, naming the place.
    pub fn decode(service: &str, operation: &str, input: Value) -> Result<Self, ApiError> {
        Ok(Self { input: Input::decode(service, operation, input)?, context: CallContext::default() })
    }

    /// The same call under other circumstances.
    #[must_use]
    pub fn with_context(mut self, context: CallContext) -> Self {
        self.context = context;
        self
    }

    /// The action's name as policies write it, such as `kms:Decrypt`.
    pub fn action(&self) -> String {
        format!("{}:{}", self.input.service(), self.input.operation())
    }
}

/// What a call led to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The response, or the API's error.
    pub result: Result<Output, ApiError>,
    /// Every access decision in order, those of nested calls included.
    pub decisions: Vec<DecisionRecord>,
    /// The audit records written: first the call's own, then those of the calls it made.
    pub events: Vec<Arc<Event>>,
    /// The request's id, as the audit record and some messages name it.
    pub request_id: String,
}

/// The names and types that tie a request to its operation. Written by the macro `service!`.
pub trait Wire: Serialize + Sized {
    /// What the operation answers with.
    type Response: Serialize;

    /// The prefix of the service's actions, such as `kms`.
    const SERVICE: &'static str;

    /// The operation's name, such as `Decrypt`.
    const NAME: &'static str;

    /// The request as the one type that `World::call` takes.
    fn wrap(self) -> Input;

    /// The response as the one type that an outcome holds.
    fn wrap_response(response: Self::Response) -> Output;

    /// The response back out of an outcome; `None` if it answers another operation.
    fn unwrap_response(output: Output) -> Option<Self::Response>;
}

/// An API operation, implemented by its request type: who may call it, and what it does.
pub trait Operation: Wire {
    /// Whether it leaves everything as it was (`readOnly` in the audit record).
    const READ_ONLY: bool;

    /// Whether it is a data event, logged only where a trail asks for it.
    /// Source: CloudTrail User Guide, "Logging data events".
    const DATA_EVENT: bool = false;

    /// Makes what AWS makes when it is first asked for, before anything is decided. A refusal undoes it.
    fn prepare(&self, _invocation: &mut Invocation<'_>) -> Result<(), ApiError> {
        Ok(())
    }

    /// The decisions that must all be positive before anything is done, in order.
    ///
    /// Sees the world but cannot change it. Errors that AWS answers before it authorizes (a key that does not
    /// exist) come from here.
    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError>;

    /// Does it. An error undoes every change but the audit trail.
    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Self::Response, ApiError>;

    /// `requestParameters` of the audit record. Must leave out plaintext, keys and item values.
    fn request_parameters(&self) -> Value {
        super::audit::lower_camel(serde_json::to_value(self).unwrap_or(Value::Null))
    }

    /// `responseElements` of the audit record; AWS writes `null` for read-only operations.
    fn response_elements(_response: &Self::Response) -> Value {
        Value::Null
    }
}

/// What is simulated of one operation, and what deliberately is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// The operation's name.
    pub operation: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Parameters of AWS that are refused.
    pub refuses: &'static [&'static str],
    /// Where it behaves otherwise than on AWS, on purpose.
    pub differs: &'static [&'static str],
}

/// What is simulated of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSupport {
    /// The service's prefix, such as `kms`.
    pub service: &'static str,
    /// Where the service as a whole behaves otherwise than on AWS, on purpose.
    pub differs: &'static [&'static str],
    /// Its operations.
    pub operations: &'static [Support],
}

/// Ties the operations of one service to their names and types: writes the service's `Input` and `Output`, its table
/// of names, and `Wire` for each request.
///
/// Behind an operation stands what is not as on AWS: `refuses` lists parameters, `differs` says the rest.
macro_rules! service {
    (
        $service:literal, $variant:ident $(, differs: [$($whole:literal),+ $(,)?])?;
        $(
            $(#[doc = $doc:literal])+
            $operation:ident($request:ty) -> $response:ty
            $({ $(refuses: [$($parameter:literal),+ $(,)?])? $(differs: [$($difference:literal),+ $(,)?])? })?;
        )+
    ) => {
        /// A request to this service.
        #[derive(Clone, Debug)]
        pub enum Input {
            $($(#[doc = $doc])+ $operation(Box<$request>),)+
        }

        /// A response of this service.
        #[derive(Clone, Debug)]
        pub enum Output {
            $($(#[doc = $doc])+ $operation(Box<$response>),)+
        }

        /// What is simulated of the service, and what deliberately is not.
        pub const SUPPORT: $crate::cloud::call::ServiceSupport = $crate::cloud::call::ServiceSupport {
            service: SERVICE,
            differs: &[$($($whole),+)?],
            operations: &[$($crate::cloud::call::Support {
                operation: stringify!($operation),
                summary: concat!($($doc),+),
                refuses: &[$($($($parameter),+)?)?],
                differs: &[$($($($difference),+)?)?],
            }),+],
        };

        /// The prefix of this service's actions and endpoints.
        pub const SERVICE: &str = $service;

        /// The names of all operations.
        pub const OPERATIONS: &[&str] = &[$(stringify!($operation)),+];

        impl Input {
            /// The operation's name.
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
                        .map_err(|e| $crate::cloud::call::unreadable(&SUPPORT, operation, &e)),)+
                    _ => Err($crate::cloud::ApiError::new(
                        "UnknownOperationException",
                        format!("{} has no operation {operation} here", SERVICE),
                    )),
                }
            }

            pub(in crate::cloud) fn run(
                self,
                invocation: $crate::cloud::invocation::Invocation<'_>,
            ) -> $crate::cloud::Outcome {
                match self {
                    $(Self::$operation(request) => invocation.run(*request),)+
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

        $(impl $crate::cloud::call::Wire for $request {
            type Response = $response;

            const SERVICE: &'static str = SERVICE;

            const NAME: &'static str = stringify!($operation);

            fn wrap(self) -> $crate::cloud::Input {
                $crate::cloud::Input::$variant(Input::$operation(Box::new(self)))
            }

            fn wrap_response(response: $response) -> $crate::cloud::Output {
                $crate::cloud::Output::$variant(Output::$operation(Box::new(response)))
            }

            fn unwrap_response(output: $crate::cloud::Output) -> Option<$response> {
                match output {
                    $crate::cloud::Output::$variant(Output::$operation(response)) => Some(*response),
                    _ => None,
                }
            }
        })+
    };
}
pub(in crate::cloud) use service;

/// The error for an input that is not of its operation's shape.
///
/// Doubtful for fields inside of others, whose path AWS writes in full.
/// Source: validation errors of the JSON services as returned, "Value null at 'keyId'".
pub(in crate::cloud) fn unreadable(
    support: &ServiceSupport,
    operation: &str,
    error: &serde_json::Error,
) -> ApiError {
    let text = error.to_string();
    let named = |before: &str| text.strip_prefix(before).and_then(|rest| rest.split('`').next());
    let code =
        if matches!(support.service, "iam" | "sts") { "ValidationError" } else { "ValidationException" };
    if let Some(field) = named("unknown field `") {
        let of = support.operations.iter().find(|of| of.operation == operation);
        if of.is_some_and(|of| of.refuses.contains(&field)) {
            return ApiError::new(
                code,
                format!("The parameter {field} of {operation} is not simulated here"),
            );
        }
    }
    let Some(field) = named("missing field `") else { return ApiError::new("SerializationException", text) };
    let mut letters = field.chars();
    let member: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    let text = format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    );
    ApiError::new(code, text)
}

macro_rules! services {
    ($($(#[$doc:meta])* $variant:ident($module:ident);)+) => {
        /// A request to any service.
        #[derive(Clone, Debug)]
        pub enum Input {
            $($(#[$doc])* $variant($module::Input),)+
        }

        /// A response of any service.
        #[derive(Clone, Debug)]
        pub enum Output {
            $($(#[$doc])* $variant($module::Output),)+
        }

        /// Every service with the names of its operations.
        pub const SERVICES: &[(&str, &[&str])] = &[$(($module::SERVICE, $module::OPERATIONS)),+];

        /// What is simulated of every service, and what deliberately is not.
        pub const SUPPORT: &[ServiceSupport] = &[$($module::SUPPORT),+];

        impl Input {
            /// The service's prefix, such as `kms`.
            pub fn service(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $module::SERVICE,)+
                }
            }

            /// The operation's name, such as `Decrypt`.
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Self::$variant(input) => input.operation(),)+
                }
            }

            /// The input as AWS's JSON. Holds whatever the input holds, secrets included.
            pub fn to_json(&self) -> Value {
                match self {
                    $(Self::$variant(input) => input.to_json(),)+
                }
            }

            fn decode(service: &str, operation: &str, input: Value) -> Result<Self, ApiError> {
                match service {
                    $($module::SERVICE => $module::Input::decode(operation, input).map(Self::$variant),)+
                    _ => Err(ApiError::new("UnknownOperationException", format!("there is no service {service} here"))),
                }
            }

            pub(super) fn run(self, invocation: Invocation<'_>) -> Outcome {
                match self {
                    $(Self::$variant(input) => input.run(invocation),)+
                }
            }
        }

        impl Output {
            /// The response as AWS's JSON. Holds whatever the response holds, secrets included.
            pub fn to_json(&self) -> Value {
                match self {
                    $(Self::$variant(output) => output.to_json(),)+
                }
            }
        }
    };
}

services! {
    /// AWS Key Management Service.
    Kms(kms);
    /// AWS Identity and Access Management.
    Iam(iam);
    /// Amazon DynamoDB.
    DynamoDb(dynamodb);
    /// AWS Security Token Service.
    Sts(sts);
    /// AWS Organizations.
    Organizations(organizations);
    /// AWS CloudTrail.
    CloudTrail(cloudtrail);
}
