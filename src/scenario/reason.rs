//! Why a decision went as it did, in plain words: the one place that words layers and reasons for people.
//!
//! The error that AWS would answer is worded in `cloud::authorize`, as AWS words it.

use super::{Names, cause};
use crate::cloud::{DecisionRecord, World};
use crate::policy::{Because, Effect, Explanation, How, Layer, LeftCondition, Proviso, ResourceMode};

/// Says what a layer of a decision is called beside its statements.
pub fn layer_name(record: &DecisionRecord, layer: Layer) -> &'static str {
    cause::layer_name(&record.request, &record.policies, layer)
}

fn own_policy(record: &DecisionRecord) -> &'static str {
    cause::own_policy(&record.request, &record.policies)
}

/// Says a decision in a line: what was asked, the answer, the reason. `about` is what people call the resource.
pub fn decision(record: &DecisionRecord, about: &str, names: &Names) -> String {
    let request = &record.request;
    let via = record.invoked_by.as_deref().map_or(String::new(), |service| {
        let service = service.trim_end_matches(".amazonaws.com");
        format!(" (asked by {service} in the name of {})", cause::caller_name(request))
    });
    let why = if record.decision.because.how == How::NoAllow {
        cause::of_refusal(request, &record.policies, &record.explain())
    } else {
        clause(record, names)
    };
    format!(
        "{} on {about}{via}: {}, {why}",
        request.action(),
        if record.decision.is_allowed() { "ALLOWED" } else { "DENIED" },
    )
}

/// Says why a decision went as it did, as the end of a sentence.
pub fn clause(record: &DecisionRecord, names: &Names) -> String {
    let because = &record.decision.because;
    let resource = own_policy(record);
    let required = record.policies.resource.mode == ResourceMode::Required;
    match because.how {
        How::ExplicitAllow if because.layer == Layer::Grant => format!("a grant allows it ({})", id(because)),
        How::ExplicitAllow => format!("{} allows it", statement(because, resource)),
        How::Delegated if is_across(record) => {
            let who = cause::who(record.request.principal());
            format!("{resource} lets {who} in, and {} allows it", statement(because, resource))
        }
        How::Delegated => {
            let account = record.request.principal().account().map_or("", AsRef::as_ref);
            let place =
                if account == names.home.as_str() { "IAM".to_owned() } else { format!("account {account}") };
            format!("{resource} leaves it to {place}, and {} allows it", statement(because, resource))
        }
        How::RootUser => "the root user needs no IAM policy".to_owned(),
        How::Free => "the action needs no permission".to_owned(),
        How::ExplicitDeny => format!("{} denies it", statement(because, resource)),
        // Two accounts had to say yes: which of them did not is the reason.
        How::NoAllow if is_across(record) => {
            cause::of_refusal(&record.request, &record.policies, &record.explain())
        }
        How::NoAllow => match because.layer {
            Layer::Resource if required => {
                format!("no statement of {resource} allows it or leaves it to IAM policies")
            }
            Layer::Resource => format!("no statement of {resource} allows it"),
            Layer::Identity if required => {
                format!("{resource} leaves it to IAM, and no IAM policy allows it")
            }
            layer @ (Layer::Rcp
            | Layer::Scp
            | Layer::Endpoint
            | Layer::Grant
            | Layer::Identity
            | Layer::Boundary
            | Layer::Session) => format!("no {} allows it", layer.name()),
        },
    }
}

/// Whether somebody of another account asked.
fn is_across(record: &DecisionRecord) -> bool {
    let (caller, owner) = (record.request.principal().account(), record.request.resource().owner());
    caller.zip(owner).is_some_and(|(caller, owner)| **caller != *owner)
}

/// The deciding statement by name: `statement "TessReads" of the key policy`.
fn statement(because: &Because, resource: &str) -> String {
    let place = match (because.layer, &because.policy) {
        (Layer::Resource, _) => resource.to_owned(),
        (_, Some(policy)) => format!("the policy {policy}"),
        (layer, None) => format!("a {}", layer.name()),
    };
    numbered(because.sid.as_deref(), because.statement, &place)
}

/// Says what lets somebody of another account in; whether their own account allows it, nobody here knows.
pub(super) fn lets_in(record: &DecisionRecord, provisos: &[Proviso]) -> String {
    let of_resource =
        |proviso: &&Proviso| proviso.layer == Layer::Resource && proviso.effect == Effect::Allow;
    let place = if let Some(proviso) = provisos.iter().find(of_resource) {
        numbered(proviso.sid.as_deref(), proviso.statement, own_policy(record))
    } else if record.decision.because.layer == Layer::Grant {
        return format!("a grant lets them in ({})", id(&record.decision.because));
    } else {
        let explanation = record.explain();
        let layers = explanation.layers.iter().filter(|layer| layer.layer == Layer::Resource);
        let mut statements = layers.flat_map(|layer| &layer.policies).flat_map(|policy| &policy.statements);
        let deciding = statements.find(|statement| statement.applies && statement.effect == Effect::Allow);
        deciding.map_or_else(
            || own_policy(record).to_owned(),
            |found| numbered(found.sid.as_deref(), Some(found.index), own_policy(record)),
        )
    };
    format!("{place} lets in whomever their own account allows it")
}

/// Says what is left of the conditions, as the end of a sentence; nothing if nothing is left.
pub(super) fn conditions(provisos: &[Proviso]) -> String {
    let list = |proviso: &Proviso| {
        let words: Vec<String> = proviso.conditions.iter().map(condition).collect();
        words.join(" and ")
    };
    let of = |effect: Effect| provisos.iter().filter(move |proviso| proviso.effect == effect).map(list);
    let allows: Vec<String> = of(Effect::Allow).collect();
    let denies: Vec<String> = of(Effect::Deny).collect();
    let part = |word: &str, list: &[String]| {
        if list.is_empty() { String::new() } else { format!(", {word} {}", list.join(" and ")) }
    };
    format!("{}{}", part("if", &allows), part("unless", &denies))
}

fn condition(condition: &LeftCondition) -> String {
    format!("{} {} {}", condition.key, condition.operator, condition.values.join(" or "))
}

/// A statement of a policy by name or number.
fn numbered(sid: Option<&str>, number: Option<usize>, place: &str) -> String {
    match (sid, number) {
        (Some(sid), _) => format!("statement \"{sid}\" of {place}"),
        (None, Some(number)) => format!("statement {} of {place}", number + 1),
        (None, None) => place.to_owned(),
    }
}

fn id(because: &Because) -> String {
    because.policy.as_deref().map_or_else(String::new, |id| id.chars().take(8).collect())
}

/// Says why a decision went as it did, as a sentence of its own. `world` is the one in which its policies are read: they
/// show the id of whoever is not there any more.
pub fn sentence(record: &DecisionRecord, explanation: &Explanation, world: &World) -> String {
    let bound = record.policies.resource.source.as_ref().and_then(|source| source.bound.clone());
    let left_of = |arn: &str| {
        let id = bound.as_ref()?.get(arn)?;
        (!world.iam().has_unique_id(id)).then(|| id.to_string())
    };
    cause::sentence_with_ids(&record.request, &record.policies, explanation, &left_of)
}
