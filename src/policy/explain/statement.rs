//! What one statement makes of a request, element by element.

use crate::policy::condition::{Condition, Test};
use crate::policy::document::{Matcher, Statement};
use crate::policy::principal::{Admission, Principals};
use crate::policy::request::Context;
use crate::policy::terms::{Effect, Spanned};
use crate::policy::{Request, Source, Span};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// What one statement makes of a request.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementTrace {
    /// The statement's place in its policy, counted from 0.
    pub index: usize,
    pub sid: Option<Arc<str>>,
    /// The effect of the statement where it applies.
    pub effect: Effect,
    /// The statement's place in the text of its policy.
    pub span: Span,
    /// True if every element of the statement matches.
    pub applies: bool,
    /// The way in which the statement names the caller, if it does.
    pub admission: Option<Admission>,
    /// The element `Action` or `NotAction`.
    pub action: ElementTrace,
    /// The element `Resource` or `NotResource`.
    pub resource: ElementTrace,
    /// The element `Principal` or `NotPrincipal`.
    pub principal: ElementTrace,
    /// The conditions, all of which have to hold.
    pub conditions: Vec<ConditionTrace>,
}

/// What one element makes of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ElementTrace {
    /// Whether the element matches.
    pub matched: bool,
    pub why: ElementReason,
    /// What the request has, which the values of the element were compared with.
    pub asked: Arc<str>,
    /// The value that is like the request's.
    pub by: Option<MatchedBy>,
    /// Where the element stands.
    pub span: Option<Span>,
}

/// A value of an element, and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MatchedBy {
    /// The value as written.
    pub text: Arc<str>,
    pub span: Span,
}

/// Why an element matches or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ElementReason {
    /// A value of the list matches.
    Listed,
    /// No value of the list matches.
    NotListed,
    /// The list says what is left out, and does not leave this out.
    NotExcepted,
    /// The list says what is left out, and leaves this out.
    Excepted,
    /// The list names the caller, and does not leave the caller out all the same: a permissions boundary limits the
    /// caller.
    Bounded,
    /// The list names the caller, but not by every name that a Deny has to leave out.
    ExceptedInPart,
    /// The statement has no such element, and needs none.
    NotNeeded,
    /// The statement has no such element, and so does nothing.
    Missing,
}

/// What one condition makes of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionTrace {
    /// True if the condition holds for the request.
    pub holds: bool,
    pub why: ConditionReason,
    /// The operator as written.
    pub operator: Arc<str>,
    /// The key as written.
    pub key: Arc<str>,
    /// The values of the policy.
    pub wanted: Vec<WantedValue>,
    /// The values of the request.
    pub found: Vec<FoundValue>,
    /// From the key to its last value.
    pub span: Span,
}

/// Why a condition holds or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConditionReason {
    /// The request has the key; its values were compared.
    Compared,
    /// The request does not have the key.
    KeyAbsent,
    /// The operator asks only whether the key is there, and it is.
    KeyPresent,
}

/// A value of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WantedValue {
    /// The text as it is written in the policy.
    pub text: Arc<str>,
    /// With its variables replaced, if it has any; `None` also where one of them has no value.
    pub resolved: Option<String>,
    pub span: Span,
}

/// A value of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundValue {
    pub text: Arc<str>,
    /// True if the value is what the operator asks for.
    pub accepted: bool,
}

impl StatementTrace {
    pub(super) fn new(
        index: usize,
        request: &Request,
        bounded: bool,
        source: &Source,
        statement: &Statement,
        context: &Context,
    ) -> Self {
        let asked_action = request.action().clone();
        let asked_resource = request.resource().arn.clone();
        let mut action = statement.actions.patterns.iter();
        let action = action.find(|pattern| pattern.glob.matches(request.folded_action()));
        let mut resource = statement.resources.patterns.iter();
        let resource = resource.find(|pattern| pattern.template.matches(&request.resource().arn, context));
        let action = ElementTrace::new(&statement.actions, asked_action, action.map(|found| &found.source));
        let resource =
            ElementTrace::new(&statement.resources, asked_resource, resource.map(|found| &found.source));
        let (principal, admission) = principal(request, bounded, source, statement);
        let conditions: Vec<_> =
            statement.conditions.iter().map(|condition| ConditionTrace::new(condition, context)).collect();
        let applies = action.matched
            && resource.matched
            && principal.matched
            && conditions.iter().all(|condition| condition.holds);
        Self {
            index,
            sid: statement.sid.as_ref().map(|sid| sid.text.clone()),
            effect: statement.effect,
            span: statement.span,
            applies,
            admission,
            action,
            resource,
            principal,
            conditions,
        }
    }
}

impl ElementTrace {
    fn new<P>(element: &Matcher<P>, asked: Arc<str>, by: Option<&Spanned>) -> Self {
        let matched = element.decide_from(by.is_some());
        let why = match (element.span.is_some(), element.negated, by.is_some()) {
            (false, ..) if matched => ElementReason::NotNeeded,
            (false, ..) => ElementReason::Missing,
            (true, false, true) => ElementReason::Listed,
            (true, false, false) => ElementReason::NotListed,
            (true, true, true) => ElementReason::Excepted,
            (true, true, false) => ElementReason::NotExcepted,
        };
        let by = by.map(|source| MatchedBy { text: source.text.clone(), span: source.span });
        Self { matched, why, asked, by, span: element.span }
    }
}

fn principal(
    request: &Request,
    bounded: bool,
    source: &Source,
    statement: &Statement,
) -> (ElementTrace, Option<Admission>) {
    let caller = request.principal();
    let bound = source.bound.as_deref();
    let admission = statement.principals.admit(caller, bounded, statement.effect, bound);
    let entries = statement.principals.entries().iter();
    let best = entries.filter_map(|entry| entry.admits(caller, bound).map(|admission| (admission, entry)));
    let best = best.max_by_key(|(admission, _)| *admission).map(|(_, entry)| entry);
    let why = match (&statement.principals, admission.is_some()) {
        (Principals::Unstated, _) => ElementReason::NotNeeded,
        (Principals::Only(_), true) => ElementReason::Listed,
        (Principals::Only(_), false) => ElementReason::NotListed,
        (Principals::Except(_), true) if best.is_some() && bounded => ElementReason::Bounded,
        (Principals::Except(_), true) if best.is_some() => ElementReason::ExceptedInPart,
        (Principals::Except(_), true) => ElementReason::NotExcepted,
        (Principals::Except(_), false) => ElementReason::Excepted,
    };
    let trace = ElementTrace {
        matched: admission.is_some(),
        why,
        asked: caller.name(),
        by: best.map(|entry| MatchedBy { text: entry.text.clone(), span: entry.span }),
        span: statement.principals_span,
    };
    (trace, admission)
}

impl ConditionTrace {
    fn new(condition: &Condition, context: &Context) -> Self {
        let values = context.values(&condition.folded_key).unwrap_or_default();
        let why = match (condition.operator.test, condition.operator.lacks(values)) {
            (_, true) => ConditionReason::KeyAbsent,
            (Test::Null, false) => ConditionReason::KeyPresent,
            (_, false) => ConditionReason::Compared,
        };
        let holds = condition.holds(context);
        let ready = condition.ready(values, context);
        let accepts = |value: &Arc<str>| match why {
            ConditionReason::Compared => ready.accepts(value),
            ConditionReason::KeyAbsent | ConditionReason::KeyPresent => holds,
        };
        let operands = condition.values.iter().zip(&condition.operands);
        Self {
            holds,
            why,
            operator: condition.operator_source.text.clone(),
            key: condition.key.text.clone(),
            wanted: operands
                .map(|(value, operand)| WantedValue {
                    text: value.text.clone(),
                    resolved: operand.resolved(context),
                    span: value.span,
                })
                .collect(),
            found: values
                .iter()
                .map(|value| FoundValue { text: value.clone(), accepted: accepts(value) })
                .collect(),
            span: condition.span,
        }
    }
}
