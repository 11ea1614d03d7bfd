//! One decision's reasoning in words.

use super::CallStatus;
use crate::cloud::DecisionRecord;
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
    use super::*;
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
}
