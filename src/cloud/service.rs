//! What a service says about itself: the row of one service in the table that everything else loops over.
//!
//! A row has no defaults, so whoever adds a service is asked each of these questions by the compiler. What a service
//! has nothing to say to is answered by one of the functions below, by name.

use std::sync::Arc;

use serde_json::Value;

use super::audit::EventResource;
use super::document_id::DocumentId;
use super::permission::{DecisionRecord, Keys, Permission, Probe, Requester, ResourceFacts};
use super::{AccountId, ApiError, Arn, Caller, Region};
use crate::policy::{ConditionKey, Grant, Named, Principal};

/// One service as the rest of the program knows it; `W` is the world that holds the service's state.
pub struct Description<W> {
    /// The prefix of the service's actions and endpoints, such as `kms`.
    pub prefix: &'static str,
    /// Where the service as a whole behaves otherwise than on AWS, on purpose.
    pub differs: &'static [&'static str],
    /// The operations, in the order of their declaration.
    pub operations: &'static [Support],
    /// What the service records of its own accord, without a call: the names of these events.
    pub own_events: &'static [&'static str],
    /// How the API words its errors.
    pub errors: ErrorStyle,
    /// Finds what a resource of the service brings to a decision whoever asks: owner, policy, condition keys. `None` for
    /// an ARN that is not of a resource with any of these.
    pub(in crate::cloud) facts: fn(&W, &Arn, &Permission) -> Option<ResourceFacts>,
    /// Finds the grants on a resource that could serve a requester. It is asked where the facts say that there are any.
    pub(in crate::cloud) grants: fn(&W, &Arn, &Permission, &Requester<'_>) -> Vec<Grant>,
    /// Lists whom grants on a resource name that cover an action.
    pub(in crate::cloud) grantees: fn(&W, &Arn, &Permission) -> Vec<Named>,
    /// Finds what the service asks of a KMS key in the caller's name when an action is done to a resource.
    pub(in crate::cloud) key_question: fn(&W, &Arn, &str) -> Option<Probe>,
    /// Says why an action on a resource fails whoever asks for it, in a clause; `None` if nothing but access stands in its
    /// way.
    pub(in crate::cloud) fails: fn(&W, &Arn, &str) -> Option<String>,
    /// The Region in which refusals can be looked up by their authorization id; `None` if they carry no such id.
    pub(in crate::cloud) authorization_ids: Option<&'static str>,
    /// Tells whether the service takes requests of a caller whose credentials are good; others are told that they are not.
    pub(in crate::cloud) takes: fn(&W, &Caller) -> bool,
    /// Words the refusal of a permission.
    pub(in crate::cloud) refusal: fn(&DecisionRecord, &Permission) -> String,
    /// Names the type under which audit records list a resource; `None` for a resource that they do not list.
    pub(in crate::cloud) record_type: fn(&Arn) -> Option<&'static str>,
    /// Lets happen to the service's resources what is due by the world's clock. It is asked whenever the clock has moved,
    /// and where the clock stops on the way: at each of DynamoDB's looks at a table's key.
    pub(in crate::cloud) settle: fn(&mut W),
    /// Completes `responseElements` of an operation that changes something: operation, elements, resources.
    pub(in crate::cloud) response_elements: fn(&str, Value, &[EventResource]) -> Value,
    /// Lists the condition keys that a real request would carry and a question about access cannot say.
    pub(in crate::cloud) assumed_keys: fn(&Probe) -> Keys,
    /// Lists the service's own condition keys that requests for an action carry of their caller.
    pub(in crate::cloud) caller_keys: fn(&str) -> &'static [CallerKey],
    /// Finds what the service asks of a KMS key in a caller's name, if it uses that key.
    pub(in crate::cloud) forwards: fn(&W, &str) -> Option<Forward>,
    /// Lists the resources that the service's actions can be done to.
    pub(in crate::cloud) candidates: fn(&W) -> Vec<ActionTarget>,
    /// Lists the questions of the matrix of everybody against everything, by resource.
    pub(in crate::cloud) subjects: fn(&W) -> Vec<Subject>,
    /// Lists the policies that the service keeps.
    pub(in crate::cloud) documents: fn(&W) -> Vec<DocumentId>,
    /// Finds the ARN of the resource that people call by a bare name in one account and Region, as `Notes` or
    /// `alias/notes`: scenarios name resources so.
    pub(in crate::cloud) named: fn(&W, &AccountId, &Region, &str) -> Option<String>,
    /// Shortens the resource part of an ARN to what people call the resource; `None` where they say the whole ARN.
    pub(in crate::cloud) short: fn(&str) -> Option<&str>,
    /// Finds a field of a resource by AWS's name for the field: the checks of scenarios ask for it.
    pub(in crate::cloud) field: fn(&W, &Arn, &str) -> Option<Value>,
}

/// A condition key of one service that follows from who asks.
#[derive(Clone, Debug)]
pub struct CallerKey {
    pub name: ConditionKey,
    /// Finds the key's value, if the caller has one.
    pub value: fn(&Principal) -> Option<Arc<str>>,
}

/// What is simulated of one operation, and what deliberately is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// The operation's name as AWS spells it.
    pub operation: &'static str,
    /// One sentence on what the operation does.
    pub summary: &'static str,
    /// Whether the operation leaves everything as it was, which AWS also says of one that makes a session.
    pub read_only: bool,
    /// Whether a request needs no signature: what it carries says who calls.
    pub unsigned: bool,
    /// The parameters that the audit trail records. Never a plaintext or key material; of items the keys, and the names of the
    /// other attributes.
    pub records: &'static [&'static str],
    /// Parameters of AWS that are refused.
    pub refuses: &'static [&'static str],
    /// Where the operation behaves otherwise than on AWS, on purpose.
    pub differs: &'static [&'static str],
}

impl<W> Description<W> {
    /// One operation by its name.
    pub fn operation(&self, name: &str) -> Option<&'static Support> {
        self.operations.iter().find(|support| support.operation == name)
    }

    /// The names of the operations.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.operations.iter().map(|support| support.operation)
    }

    /// Whether the service has an operation of that name.
    pub fn has(&self, operation: &str) -> bool {
        self.operation(operation).is_some()
    }

    /// Whether records of the service can have that name.
    pub fn records(&self, event: &str) -> bool {
        self.has(event) || self.own_events.contains(&event)
    }

    /// The service's own condition keys that requests for an action carry of their caller.
    pub fn caller_keys(&self, action: &str) -> &'static [CallerKey] {
        (self.caller_keys)(action)
    }

    /// The resources that the service's actions can be done to.
    pub fn candidates(&self, world: &W) -> Vec<ActionTarget> {
        (self.candidates)(world)
    }

    /// The questions of the matrix about the service's resources.
    pub fn subjects(&self, world: &W) -> Vec<Subject> {
        (self.subjects)(world)
    }

    /// The policies that the service keeps, each at least once.
    pub fn documents(&self, world: &W) -> Vec<DocumentId> {
        (self.documents)(world)
    }

    /// The ARN of the resource that people call by a bare name in one account and Region, if there is one.
    pub fn named(&self, world: &W, account: &AccountId, region: &Region, name: &str) -> Option<String> {
        (self.named)(world, account, region, name)
    }

    /// What people call a resource of the service, from the last part of its ARN.
    pub fn short<'a>(&self, resource: &'a str) -> Option<&'a str> {
        (self.short)(resource)
    }

    /// A field of a resource of the service, by AWS's name for the field.
    pub fn field(&self, world: &W, resource: &Arn, field: &str) -> Option<Value> {
        (self.field)(world, resource, field)
    }
}

/// How a service's API names the errors that every API has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorStyle {
    /// The JSON protocols: `AccessDeniedException`, `ValidationException`, all with status 400.
    Json,
    /// REST with JSON: the codes of the JSON protocols, and a status for each kind of error.
    RestJson,
    /// The query protocol: `AccessDenied` with status 403, `ValidationError`.
    Query,
}

impl ErrorStyle {
    /// The code for an input that breaks a rule of the API model.
    pub fn validation(self) -> &'static str {
        match self {
            Self::Json | Self::RestJson => "ValidationException",
            Self::Query => "ValidationError",
        }
    }

    /// The error for a refused permission.
    pub fn denied(self, message: String) -> ApiError {
        match self {
            Self::Json => ApiError::new("AccessDeniedException", message),
            Self::RestJson => ApiError::new("AccessDeniedException", message).with_status(403),
            Self::Query => ApiError::new("AccessDenied", message).with_status(403),
        }
    }

    /// Returns the error for credentials that are nobody's, or no longer anybody's.
    // Source: "Common errors" of the API References: UnrecognizedClientException and ExpiredTokenException of the JSON
    // services, InvalidClientTokenId and ExpiredToken of IAM and STS.
    pub(in crate::cloud) fn credentials(self, error: ApiError) -> ApiError {
        let code = match (self, error.code.as_ref()) {
            (Self::Query, "UnrecognizedClientException") => "InvalidClientTokenId",
            (Self::Query, "ExpiredTokenException") => "ExpiredToken",
            (Self::RestJson, _) => return error.with_status(403),
            (Self::Json | Self::Query, _) => return error,
        };
        ApiError { code: code.into(), ..error }.with_status(403)
    }

    /// The error for a request that nobody has signed: none of the services takes one.
    /// Source: "Common errors" of the API References.
    pub fn unsigned(self) -> ApiError {
        let text = "Request is missing Authentication Token";
        match self {
            Self::Json => ApiError::new("MissingAuthenticationTokenException", text),
            Self::RestJson => ApiError::new("MissingAuthenticationTokenException", text).with_status(403),
            Self::Query => ApiError::new("MissingAuthenticationToken", text).with_status(403),
        }
    }
}

/// What a service asks of a KMS key in a caller's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// The service's principal, such as `dynamodb.amazonaws.com`.
    pub principal: &'static str,
    /// What people call the service.
    pub name: &'static str,
    /// The same in as few letters as a column has.
    pub short: &'static str,
    /// The encryption context that it sends.
    pub encryption_context: std::collections::BTreeMap<String, String>,
}

impl Forward {
    /// The question that the service asks about `key`.
    pub fn probe(&self, action: &str, key: &str) -> Probe {
        Probe {
            via: Some(self.principal.to_owned()),
            encryption_context: self.encryption_context.clone(),
            ..Probe::new(action, key)
        }
    }
}

/// Something that an action can be done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionTarget {
    /// What people call it.
    pub label: String,
    /// The target's ARN, or `*`.
    pub arn: String,
    /// The service that asks in the caller's name, if that makes a candidate of its own.
    pub via: Option<&'static str>,
}

impl ActionTarget {
    /// A resource that callers turn to themselves.
    pub fn direct(label: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { label: label.into(), arn: arn.into(), via: None }
    }

    /// Any ARN, as it was typed.
    pub fn typed(arn: &str) -> Option<Self> {
        let is_arn = arn == "*" || arn.starts_with("arn:");
        is_arn.then(|| Self::direct(arn, arn))
    }
}

/// What one page of the matrix asks everybody about.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// What the questions are about, such as `table CustomerData`.
    pub title: String,
    /// The questions, each with the head of its column.
    pub columns: Vec<(String, Probe)>,
}

/// A column for each of `actions` on one resource.
pub fn columns(actions: &[&str], resource: &str) -> Vec<(String, Probe)> {
    actions.iter().map(|action| ((*action).to_owned(), Probe::new(*action, resource))).collect()
}

/// The short form of an ARN in a service whose resources people call by the last part of their path.
pub(in crate::cloud) fn last_part(resource: &str) -> Option<&str> {
    resource.rsplit_once('/').map(|(_, name)| name)
}

// What a service says that has nothing to say.

/// The callers of a service that takes the requests of whoever has credentials.
pub(in crate::cloud) fn any_caller<W>(_: &W, _: &Caller) -> bool {
    true
}

/// The facts of a service whose resources have neither policies nor condition keys.
pub(in crate::cloud) fn no_facts<W>(_: &W, _: &Arn, _: &Permission) -> Option<ResourceFacts> {
    None
}

/// The grants of a service that knows none.
pub(in crate::cloud) fn no_grants<W>(_: &W, _: &Arn, _: &Permission, _: &Requester<'_>) -> Vec<Grant> {
    Vec::new()
}

/// The grantees of a service that knows no grants.
pub(in crate::cloud) fn no_grantees<W>(_: &W, _: &Arn, _: &Permission) -> Vec<Named> {
    Vec::new()
}

/// The question of a service that uses no keys of KMS.
pub(in crate::cloud) fn no_key_question<W>(_: &W, _: &Arn, _: &str) -> Option<Probe> {
    None
}

/// No action of the service is known to fail whoever asks for it.
pub(in crate::cloud) fn nothing_fails<W>(_: &W, _: &Arn, _: &str) -> Option<String> {
    None
}

/// The type of a resource in a service whose resources no audit record lists.
pub(in crate::cloud) fn no_record_type(_: &Arn) -> Option<&'static str> {
    None
}

/// The settling of a service whose resources change by calls alone, or hold the time until which they are valid.
pub(in crate::cloud) fn nothing_falls_due<W>(_: &mut W) {}

/// The elements of a service that adds nothing to what its operations say.
pub(in crate::cloud) fn elements_as_they_are(_: &str, elements: Value, _: &[EventResource]) -> Value {
    elements
}

/// The keys of a service whose requests carry none that a question cannot say.
pub(in crate::cloud) fn no_assumed_keys(_: &Probe) -> Keys {
    Vec::new()
}

/// The keys of a service that has none of its own about callers.
pub(in crate::cloud) fn no_caller_keys(_: &str) -> &'static [CallerKey] {
    &[]
}

/// The answer of a service that uses no keys of KMS.
pub(in crate::cloud) fn no_forward<W>(_: &W, _: &str) -> Option<Forward> {
    None
}

/// The candidates of a service whose actions are about no resource that is simulated.
pub(in crate::cloud) fn no_candidates<W>(_: &W) -> Vec<ActionTarget> {
    Vec::new()
}

/// The subjects of a service that the matrix asks nothing about.
pub(in crate::cloud) fn no_subjects<W>(_: &W) -> Vec<Subject> {
    Vec::new()
}

/// The policies of a service that keeps none.
pub(in crate::cloud) fn no_documents<W>(_: &W) -> Vec<DocumentId> {
    Vec::new()
}

/// The name of a resource in a service whose resources nobody calls by a bare name.
pub(in crate::cloud) fn nothing_is_named<W>(_: &W, _: &AccountId, _: &Region, _: &str) -> Option<String> {
    None
}

/// The short form of an ARN in a service whose resources people call by the whole ARN.
pub(in crate::cloud) fn no_short(_: &str) -> Option<&str> {
    None
}

/// The fields of a service whose resources no check asks about.
pub(in crate::cloud) fn no_fields<W>(_: &W, _: &Arn, _: &str) -> Option<Value> {
    None
}
