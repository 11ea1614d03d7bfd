//! One decision's reasoning in words.

use super::CallStatus;
use crate::cloud::{DecisionRecord, Outcome};
use crate::lab::{DocumentId, Lab};
use crate::policy::{
    Admission, Because, Effect, How, Layer, LayerEffect, LayerTrace, PolicyTrace, Principal, Span,
    StatementTrace, line_col,
};
use crate::scenario::{layer_name, sentence};

/// How one line of the reasoning counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Allows,
    Denies,
    /// The statement would allow it, if little of the statement were otherwise.
    Near,
    /// The statement says nothing about this request.
    Silent,
}

/// One line of the reasoning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyLine {
    pub weight: Weight,
    /// The layer: key policy, identity policy.
    pub layer: String,
    /// The subject: a statement's Sid, a policy's name.
    pub subject: String,
    /// What the statement says about the request.
    pub text: String,
    pub deciding: bool,
    /// The statement's place, if its document can be opened.
    pub place: Option<StatementPlace>,
}

impl WhyLine {
    /// Returns the first and last line, from 0, if the document is the one on the screen.
    pub fn lines(&self) -> Option<(usize, usize)> {
        self.place.as_ref().filter(|place| place.shown).map(|place| place.lines)
    }
}

/// Where a statement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementPlace {
    pub document: DocumentId,
    /// True for the document on the screen.
    pub shown: bool,
    /// The first and last line in the document, from 0.
    pub lines: (usize, usize),
}

/// One decision on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyStep {
    pub action: String,
    /// `on key 1234abcd, as tess via dynamodb`.
    pub about: String,
    pub status: CallStatus,
    pub lines: Vec<WhyLine>,
    /// The verdict in one sentence.
    pub conclusion: String,
}

/// The reasoning of each decision that a call led to, in their order; at last that of the lockout safety check that ended it.
pub(super) fn why_steps(lab: &Lab, outcome: &Outcome) -> Vec<WhyStep> {
    let decisions = outcome.decisions.iter().map(|record| why_step(lab, record));
    decisions.chain(outcome.lockout.as_deref().map(|record| lockout_step(lab, record))).collect()
}

/// The reasoning of a lockout safety check.
fn lockout_step(lab: &Lab, record: &DecisionRecord) -> WhyStep {
    let step = why_step(lab, record);
    // What was sent is not in force: its lines are to be seen in a draft that reads so, and nowhere else.
    let in_sight = |line: WhyLine| WhyLine { place: line.place.filter(|place| place.shown), ..line };
    WhyStep {
        about: format!("again, {} as the text would have it", step.about),
        conclusion: lockout_words(lab, record),
        lines: step.lines.into_iter().map(in_sight).collect(),
        ..step
    }
}

/// What a lockout safety check has found, as a sentence.
pub(super) fn lockout_words(lab: &Lab, record: &DecisionRecord) -> String {
    let why = sentence(record, &record.explain(), lab.shown_world());
    let why = why.strip_prefix("Denied: ").unwrap_or(&why);
    let action = record.request.action();
    let who = record.request.principal().name();
    let who = lab.stage().names.short(&who);
    format!("The lockout safety check: with this text in force {who} could not call {action} again: {why}")
}

/// The reasoning of one decision.
pub fn why_step(lab: &Lab, record: &DecisionRecord) -> WhyStep {
    let explanation = record.explain();
    let near = explanation.near_misses(&record.request, &record.policies);
    let nearest: Vec<&StatementTrace> = near.iter().map(|near| near.statement).collect();
    let lines = explanation.layers.iter().flat_map(|layer| layer_lines(lab, record, layer, &nearest));
    let mut lines: Vec<WhyLine> = lines.collect();
    // Stable: what came near to an Allow is what somebody wonders about.
    lines.sort_by_key(|line| line.weight != Weight::Near);
    WhyStep {
        action: record.request.action().to_string(),
        about: about(lab, record),
        status: if record.decision.is_allowed() { CallStatus::Allowed } else { CallStatus::Denied },
        lines,
        conclusion: sentence(record, &explanation, lab.shown_world()),
    }
}

fn about(lab: &Lab, record: &DecisionRecord) -> String {
    let arn = &record.request.resource().arn;
    let what = if arn.contains(":key/") {
        format!("on key {}", crate::cloud::kms::key_name(lab.world(), arn))
    } else {
        format!("on {}", lab.stage().names.short(arn))
    };
    let principal = record.request.principal();
    match (principal, &record.invoked_by) {
        (Principal::Service { name }, _) => {
            format!("{what}, by {} itself", name.trim_end_matches(".amazonaws.com"))
        }
        (_, Some(service)) => {
            let who = principal.name();
            let who = lab.stage().names.short(&who);
            format!("{what} as {who}, via {}", service.trim_end_matches(".amazonaws.com"))
        }
        _ => what,
    }
}

fn layer_lines(
    lab: &Lab,
    record: &DecisionRecord,
    layer: &LayerTrace,
    nearest: &[&StatementTrace],
) -> Vec<WhyLine> {
    let because = &record.decision.because;
    let name = layer_name(record, layer.layer);
    let mut out = Vec::new();
    for policy in &layer.policies {
        for statement in &policy.statements {
            let deciding = decides(because, layer.layer, policy, statement);
            out.push(WhyLine {
                weight: if nearest.iter().any(|near| std::ptr::eq(*near, statement)) {
                    Weight::Near
                } else {
                    weight(statement, layer.layer)
                },
                layer: name.to_owned(),
                subject: subject(layer.layer, policy, statement),
                text: statement_words(statement, layer.layer),
                deciding,
                place: place(lab, record, layer.layer, policy, statement, deciding),
            });
        }
    }
    for grant in &layer.grants {
        let text = match (grant.applies, grant.grantee, grant.operation) {
            (true, ..) => "allows it".to_owned(),
            (_, false, _) => "is for somebody else".to_owned(),
            (_, _, false) => "does not cover this operation".to_owned(),
            _ if !grant.source => "is for requests in the name of another resource".to_owned(),
            _ if !grant.constraint => "asks for another encryption context".to_owned(),
            _ => "does not hold everywhere yet, and its token was not shown".to_owned(),
        };
        out.push(WhyLine {
            weight: if grant.applies { Weight::Allows } else { Weight::Silent },
            layer: name.to_owned(),
            subject: grant.id.chars().take(8).collect(),
            text,
            deciding: because.layer == Layer::Grant && because.policy.as_deref() == Some(&*grant.id),
            place: None,
        });
    }
    // A layer whose Allow is missing is worth a line even if it holds no statement at all.
    if out.is_empty() && because.layer == layer.layer && because.how == How::NoAllow {
        let text = match layer.effect {
            LayerEffect::NoPolicy => "there is none",
            LayerEffect::Denies | LayerEffect::Allows | LayerEffect::NoAllow | LayerEffect::NotForCaller => {
                "allows nothing here"
            }
        };
        out.push(WhyLine {
            weight: Weight::Denies,
            layer: name.to_owned(),
            subject: String::new(),
            text: text.to_owned(),
            deciding: true,
            place: None,
        });
    }
    out
}

pub(super) fn decides(
    because: &Because,
    layer: Layer,
    policy: &PolicyTrace,
    statement: &StatementTrace,
) -> bool {
    because.layer == layer
        && because.statement == Some(statement.index)
        && because.policy_index == Some(policy.index)
        && because.level.unwrap_or(0) == policy.level
}

fn weight(s: &StatementTrace, layer: Layer) -> Weight {
    match (s.applies, s.effect) {
        (false, _) => Weight::Silent,
        (true, Effect::Deny) => Weight::Denies,
        // Naming the account allows nothing by itself.
        (true, Effect::Allow) if layer == Layer::Resource && s.admission == Some(Admission::Account) => {
            Weight::Silent
        }
        (true, Effect::Allow) => Weight::Allows,
    }
}

fn subject(layer: Layer, policy: &PolicyTrace, s: &StatementTrace) -> String {
    let sid = s.sid.as_deref();
    let number = format!("statement {}", s.index + 1);
    match (layer, sid) {
        (Layer::Resource, Some(sid)) => sid.to_owned(),
        (Layer::Resource, None) => number,
        // Nobody edits AWS's own policies, so their statements need no names: that which applies has the policy's, and
        // those that do not are its rest.
        _ if policy.arn.as_deref().is_some_and(|arn| arn.starts_with("arn:aws:iam::aws:")) => {
            let other_applies = || policy.statements.iter().any(|other| other.applies);
            let rest = if !s.applies && other_applies() { ", the rest" } else { "" };
            format!("{}{rest}", policy.name)
        }
        (_, Some(sid)) if *sid != *policy.name => format!("{} {sid}", policy.name),
        (_, None) if policy.statements.len() > 1 => format!("{} {number}", policy.name),
        _ => policy.name.to_string(),
    }
}

/// What the statement says about the request, or the first thing that keeps it from saying anything.
fn statement_words(s: &StatementTrace, layer: Layer) -> String {
    if s.applies {
        return match s.effect {
            Effect::Deny => "denies it".into(),
            Effect::Allow if layer == Layer::Resource && s.admission == Some(Admission::Account) => {
                "names the account: IAM policies may decide".into()
            }
            Effect::Allow => match &s.action.by {
                Some(by) if by.text != s.action.asked => format!("allows {}", by.text),
                _ => "allows it".into(),
            },
        };
    }
    if !s.principal.matched {
        return "is about somebody else".into();
    }
    if !s.action.matched {
        return format!("says nothing about {}", s.action.asked);
    }
    if !s.resource.matched {
        return "is about another resource".into();
    }
    match s.conditions.iter().find(|c| !c.holds) {
        Some(c) => {
            let found: Vec<&str> = c.found.iter().map(|f| &*f.text).collect();
            let found = if found.is_empty() { "not in the request".to_owned() } else { found.join(", ") };
            format!("condition {} {} does not hold: {found}", c.operator, c.key)
        }
        None => "does not apply".into(),
    }
}

/// Where the statement stands: its document, and its lines there. Of documents that are not on the screen the deciding
/// statement alone is looked for.
///
/// The screen may show another text than the one that was decided on: the statement is looked for in it, word for word.
pub(super) fn place(
    lab: &Lab,
    record: &DecisionRecord,
    layer: Layer,
    policy: &PolicyTrace,
    s: &StatementTrace,
    deciding: bool,
) -> Option<StatementPlace> {
    let document = super::documents::document_of(record, layer, policy, lab.shown_world())?;
    let shown = lab.draft().filter(|d| *d.document() == document);
    let decided = policy.text(layer, &record.request, &record.policies)?;
    let (text, span) = match shown {
        // While the text is half typed, the places are those of another text.
        Some(draft) if !draft.is_valid() => return None,
        Some(draft) => (draft.text(), same_statement(decided, s.span, draft.text())?),
        None if deciding => (&**decided, s.span),
        None => return None,
    };
    let (first, _) = line_col(text, span.start);
    let (last, _) = line_col(text, span.end.saturating_sub(1));
    Some(StatementPlace { shown: shown.is_some(), document, lines: (first - 1, last - 1) })
}

/// The place of a statement of one text in another, if it stands there unchanged.
fn same_statement(text: &str, span: Span, other: &str) -> Option<Span> {
    if text == other {
        return Some(span);
    }
    let statement = text.get(span.start..span.end)?;
    other.find(statement).map(|start| Span::new(start, start + statement.len()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::cloud::Call;
    use crate::lab::CallMade;
    use crate::scenario;

    #[test]
    fn a_refused_draft_shows_no_place_of_a_statement_that_it_has_not() {
        let mut lab = Lab::open(scenario::find("d1").expect("it is embedded"), None).expect("it opens");
        let deployer = lab.personas().iter().position(|persona| persona.name == "deployer");
        lab.switch(deployer.expect("there is one"));
        let key = lab.documents().into_iter().find(|d| matches!(d, DocumentId::KeyPolicy(_)));
        lab.open_document(key.expect("there is a key"));
        let applied = lab.draft().expect("a document").text().to_owned();
        let mut policy: serde_json::Value = serde_json::from_str(&applied).expect("JSON");
        let statements = policy["Statement"].as_array_mut().expect("statements");
        assert_eq!(statements.remove(0)["Sid"], "Enable IAM User Permissions");
        // Laid out in another way, so that nothing stands where it stood.
        lab.set_draft(&format!("\n\n{policy}"));
        let made = lab.apply_draft().expect("it is sent");
        assert!(made.outcome.result.is_err());
        let record = made.outcome.decisions.first().expect("a decision");
        let places: Vec<_> = why_step(&lab, record).lines.into_iter().filter_map(|line| line.place).collect();
        let shown = |place: &&StatementPlace| place.shown;
        assert_eq!(places.iter().find(shown), None, "the draft has no such statements");
        lab.revert_draft();
        let lines: Vec<WhyLine> = why_step(&lab, record).lines;
        for line in lines.iter().filter(|line| line.lines().is_some()) {
            let (first, _) = line.lines().expect("there are");
            let rest: Vec<&str> = applied.lines().skip(first).take(2).collect();
            assert!(rest.concat().contains(&line.subject), "{}: {rest:?}", line.subject);
        }
        // What decided stands in a policy of AWS's own; those of the key policy have their places again.
        assert!(lines.iter().any(|line| line.lines().is_some()), "{lines:#?}");
    }

    /// Makes a call as one of the scenario's identities.
    fn call(
        lab: &mut Lab,
        who: &str,
        service: &str,
        operation: &str,
        input: serde_json::Value,
    ) -> Arc<CallMade> {
        let persona = lab.personas().iter().position(|persona| persona.name == who).expect("an identity");
        lab.switch(persona);
        lab.call(Call::decode(service, operation, input).expect("a call"))
    }

    /// The id that stands in the policy and the name that people know are of one user: the reason says so.
    #[test]
    fn whoever_was_deleted_is_told_by_the_id_that_the_policy_shows() {
        let mut lab = Lab::open(scenario::find("d1").expect("it is embedded"), None).expect("it opens");
        let shown = |lab: &Lab| {
            let mut keys = lab.world().kms().keys();
            let key = keys.find(|key| key.aliases.iter().any(|alias| &**alias == "alias/old-archive"));
            crate::cloud::kms::shown_policy(lab.world(), key.expect("the key"))
        };
        let id = json!({"KeyId": "alias/old-archive"});
        let before = call(&mut lab, "root", "kms", "DescribeKey", id.clone());
        let told = |lab: &Lab, made: &CallMade| why_steps(lab, &made.outcome)[0].conclusion.clone();
        assert!(told(&lab, &before).contains("it names user/lee;"), "{}", told(&lab, &before));
        call(&mut lab, "deployer", "iam", "DeleteUser", json!({"UserName": "lee"}));
        let after = call(&mut lab, "root", "kms", "DescribeKey", id);
        let policy = shown(&lab);
        let (_, rest) = policy.split_once("AIDA").expect("the id of a deleted user");
        let id: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let words = format!("it names AIDA{id}, the id of user/lee, which was deleted");
        assert!(told(&lab, &after).contains(&words), "{words}: {}", told(&lab, &after));
        let root = lab.personas().iter().position(|persona| persona.name == "root").expect("root");
        let path = crate::narration::way(&lab, root, false, None, false);
        assert!(path.sentence.contains(&words), "{}", path.sentence);
    }

    #[test]
    fn a_refused_lockout_stands_among_the_decisions() {
        let mut lab = Lab::open(scenario::find("d1").expect("it is embedded"), None).expect("it opens");
        let key = lab.world().kms().keys().find(|key| !key.aliases.iter().any(|a| a.contains("archive")));
        let key = key.expect("a key").arn();
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Kim", "Effect": "Allow", "Action": "kms:*",
            "Resource": "*", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}}]});
        let input = json!({"KeyId": key, "Policy": policy.to_string()});
        let made = call(&mut lab, "deployer", "kms", "PutKeyPolicy", input.clone());
        let steps = crate::narration::refusal(&lab, &made).why;
        let [permission, lockout] = steps.as_slice() else { panic!("two decisions: {steps:#?}") };
        assert_eq!((permission.status, lockout.status), (CallStatus::Allowed, CallStatus::Denied));
        assert_eq!(lockout.action, "kms:PutKeyPolicy");
        assert!(lockout.conclusion.contains("lockout safety check"), "{}", lockout.conclusion);
        assert!(lockout.conclusion.contains("deployer could not call"), "{}", lockout.conclusion);
        // What was not put in force has no lines in the document that is.
        assert!(lockout.lines.iter().all(|line| line.place.is_none()), "{:#?}", lockout.lines);
        let deployer = lab.personas().iter().position(|persona| persona.name == "deployer").expect("there");
        let path = crate::narration::way(&lab, deployer, false, None, false);
        let gate = path.gates.last().expect("a gate");
        assert_eq!((gate.name.as_str(), gate.passage), ("lockout check", crate::narration::Passage::Refused));
        assert_eq!(path.sentence, lockout.conclusion);
        // Kim stays in charge: for her nothing is locked out.
        let put = call(&mut lab, "kim", "kms", "PutKeyPolicy", input);
        assert!(put.outcome.result.is_ok() && put.outcome.lockout.is_none());
    }
}
