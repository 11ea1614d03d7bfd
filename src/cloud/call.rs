//! The one entry, [`World::call`], and the table of services behind it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::caller::Behalf;
use super::operation::{Operation, Performed};
use super::rng::Digest;
use super::world::Service;
use super::{
    ApiError, CallContext, Caller, Fidelity, World, cloudtrail, dynamodb, eventbridge, iam, iam_toolbox, kms,
    organizations, sts,
};

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
    pub fn new<O: Operation>(operation: O) -> Self
    where
        Input: From<O::Input>,
    {
        Self { input: Input::from(O::Input::from(operation)), context: CallContext::default() }
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
pub type Outcome = Performed<Output>;

impl World {
    /// An empty cloud. `seed` decides every random number, `now` is the time on its clock.
    pub fn new(seed: u64, now: Timestamp, fidelity: Fidelity) -> Self {
        Self::of(SERVICES, seed, now, fidelity)
    }

    /// The one way to do anything in the simulated cloud: authorizes the call, executes it, and records it.
    pub fn call(&mut self, caller: &Caller, call: Call) -> Outcome {
        let (service, operation) = (call.input.service(), call.input.operation());
        self.begin_draws(&Digest::of((caller, service, operation, &call.input, &call.context, self.now)));
        let mut context = call.context;
        if matches!(caller, Caller::Service(_)) && context.on_behalf_of.is_none() {
            context.on_behalf_of = Behalf::stated(&context);
        }
        let outcome = call.input.perform(self, caller, context);
        let changed = outcome.events.first().is_some_and(|event| !event.read_only);
        self.end_draws(changed, outcome.result.is_ok());
        for event in &outcome.events {
            self.keep(event.clone());
        }
        self.pass_call_time();
        outcome
    }
}

impl Output {
    /// Returns what a response follows from, where working it out takes long: made again, the same draws lead to the same
    /// response. `None` for one that is there.
    pub fn draws(&self) -> Option<Value> {
        if let Self::Kms(output) = self { output.draws() } else { None }
    }
}

macro_rules! services {
    ($($(#[$doc:meta])* $variant:ident($module:ident);)+) => {
        /// A request to any service.
        #[derive(Clone, Debug, Serialize)]
        pub enum Input {
            $($(#[$doc])* $variant($module::Input),)+
        }

        /// A response of any service. It is written as AWS's JSON, secrets included.
        #[derive(Clone, Debug, Serialize)]
        #[serde(untagged)]
        pub enum Output {
            $($(#[$doc])* $variant($module::Output),)+
        }

        /// Every service, as it describes itself.
        pub const SERVICES: &[&Service] = &[$(&$module::SERVICE),+];

        impl Input {
            /// The service's prefix, such as `kms`.
            pub fn service(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $module::PREFIX,)+
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
                    $($module::PREFIX => $module::Input::decode(operation, input).map(Self::$variant),)+
                    _ => Err(ApiError::new("UnknownOperationException", format!("there is no service {service} here"))),
                }
            }

            fn perform(self, world: &mut World, caller: &Caller, context: CallContext) -> Outcome {
                match self {
                    $(Self::$variant(input) => input.perform(world, caller, context).map(Output::$variant),)+
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

        $(impl From<$module::Input> for Input {
            fn from(input: $module::Input) -> Self {
                Self::$variant(input)
            }
        })+
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
    /// Amazon EventBridge, rules alone.
    EventBridge(eventbridge);
    /// IAM Toolbox, a preview.
    IamToolbox(iam_toolbox);
}
