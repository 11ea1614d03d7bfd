//! The lockout safety check: may somebody change a document again once it is in force?
//!
//! A service makes the check when a document is put, with the request of whoever puts it; a review makes it with requests
//! of canaries. Both ask the one function here, which also says what stands in the way and how to mend it.

use super::profile::Profile;
use crate::policy::decide::{decide, judge};
use crate::policy::document::{Document, Statement};
use crate::policy::facts::{Facts, is_bounded};
use crate::policy::policies::{Layer, Policies};
use crate::policy::principal::Principal;
use crate::policy::request::Request;
use crate::policy::terms::Effect;
use crate::policy::{Decision, Span};

/// Why a document does not let somebody change it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lockout {
    /// The code of the error with which the service refuses the document.
    pub code: String,
    /// The message of that error.
    pub message: String,
    /// The statement of the document that causes it: one that denies, or else one that would allow the change and does
    /// not hold. `None` if no statement speaks of it.
    pub span: Option<Span>,
    /// The statements that stand in the way, or what is missing, as the end of a sentence.
    pub cause: String,
    /// What to do, which by itself is enough.
    pub remedy: String,
}

impl Profile {
    /// Makes the lockout safety check with a request to change the document; `None` if the request would be allowed.
    pub fn lockout(&self, request: &Request, policies: &Policies) -> Option<Lockout> {
        let decision = decide(request, policies);
        if decision.is_allowed() {
            return None;
        }
        let (code, message) = self.answer("lockout", "", "");
        let document = policies.resource.source.as_ref().map(|source| &*source.document);
        let denying = denying(request, policies);
        let speaking = document.and_then(|document| speaking(document, request));
        let first = denying.first().map(|(_, statement)| *statement).or(speaking);
        Some(Lockout {
            code,
            message,
            span: first.map(|statement| statement.span),
            cause: cause(request, &denying, &decision),
            remedy: remedy(request, policies, &denying),
        })
    }
}

/// A statement with its number, counted from 0.
type Numbered<'a> = (usize, &'a Statement);

/// The statements of the document that deny a request.
fn denying<'a>(request: &Request, policies: &'a Policies) -> Vec<Numbered<'a>> {
    let Some(source) = &policies.resource.source else { return Vec::new() };
    let bounded = is_bounded(request.principal(), policies);
    let denies = |(_, statement): &Numbered<'_>| {
        statement.effect == Effect::Deny && statement.applies(request, bounded, source).is_some()
    };
    source.document.statements.iter().enumerate().filter(denies).collect()
}

/// The first statement that would allow a request to somebody.
fn speaking<'a>(document: &'a Document, request: &Request) -> Option<&'a Statement> {
    let folded = request.action().to_lowercase();
    let speaks = |statement: &&Statement| {
        statement.effect == Effect::Allow && statement.actions.decide(|pattern| pattern.glob.matches(&folded))
    };
    document.statements.iter().find(speaks)
}

fn cause(request: &Request, denying: &[Numbered<'_>], decision: &Decision) -> String {
    match denying {
        [] if decision.because.layer == Layer::Resource => {
            let who = keeper(request);
            format!("no statement allows it to {}", who.rsplit(':').next().unwrap_or(&who))
        }
        [] => format!("no {} allows it", decision.because.layer.name()),
        [one] => format!("{} denies it", named(*one)),
        many => format!("{} deny it", list(many.iter().map(|one| named(*one)))),
    }
}

/// What lets the caller of a request change the document: an exception from each statement that denies, and a statement
/// that allows where there is none.
fn remedy(request: &Request, policies: &Policies, denying: &[Numbered<'_>]) -> String {
    let who = keeper(request);
    let mut steps = Vec::new();
    let (listed, bare): (Vec<Numbered<'_>>, Vec<Numbered<'_>>) =
        denying.iter().partition(|(_, statement)| excepts_principals(statement));
    if !bare.is_empty() {
        let places = list(bare.iter().map(|one| named(*one)));
        steps.push(format!(
            "Add \"{EXCEPT}\": {{\"{BY}\": \"{who}\"}} to the Condition of {places}, or another administrator in place of {who}."
        ));
    }
    if !listed.is_empty() {
        let places = list(listed.iter().map(|one| named(*one)));
        steps.push(format!("Add \"{who}\" to the values of {BY} under {EXCEPT} in {places}."));
    }
    if !is_allowed_without_denies(request, policies) {
        let vendor = request.action().split(':').next().unwrap_or_default();
        steps.push(format!(
            "Add the statement {{\"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"{who}\"}}, \"Action\": \"{vendor}:*\", \"Resource\": \"*\"}}."
        ));
    }
    if steps.is_empty() {
        // Only the caller's own policies are in the way.
        steps.push(format!("Let the policies of {who} allow {}.", request.action()));
    }
    steps.join(" ")
}

/// The operator and the condition key by which somebody is left out of a statement that denies.
const EXCEPT: &str = "ArnNotEquals";
const BY: &str = "aws:PrincipalArn";

/// Whether a statement leaves out principals in the form that the remedy has.
fn excepts_principals(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.operator_source.text.as_ref() == EXCEPT && condition.key.text.eq_ignore_ascii_case(BY)
    })
}

/// Who is to keep the document, by the ARN that a policy names: of a session that of its role.
fn keeper(request: &Request) -> String {
    let own = request.context().get(BY).and_then(|values| values.first());
    let principal = request.principal();
    match (principal, own) {
        (Principal::RoleSession { role_arn, .. }, _) => role_arn.to_string(),
        (_, Some(arn)) => arn.to_string(),
        (_, None) => principal.name().to_string(),
    }
}

/// Whether a request would be allowed if the document denied nothing.
fn is_allowed_without_denies(request: &Request, policies: &Policies) -> bool {
    let bounded = is_bounded(request.principal(), policies);
    let facts = Facts::gather(request, policies, false, |layer, _, source, statement, seen| {
        let counts = layer != Layer::Resource || statement.effect == Effect::Allow;
        if counts { statement.applies_under(seen, request, bounded, source) } else { None }
    });
    judge(request, policies, &facts).is_allowed()
}

/// A statement by its Sid, or else by its number.
fn named((index, statement): Numbered<'_>) -> String {
    match &statement.sid {
        Some(sid) => format!("statement {:?}", &*sid.text),
        None => format!("statement {}", index + 1),
    }
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
