//! A call that was made, as one talks of it: presented to an audience, or refused with its reasons.

use super::why::why_steps;
use super::{CallStatus, WhyStep, document_name, mark, why_step};
use crate::lab::{self, AppliedDrafts, CallMade, Lab, Point};
use crate::policy::{Diagnostic, Severity, line_col};

/// The call a cue has just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedCall {
    pub who: String,
    pub what: String,
    pub status: CallStatus,
    /// The action that was refused, or the error's code; empty when allowed.
    pub because: String,
    /// The reason in a sentence.
    pub conclusion: String,
    /// True for the watched call, whose rows are shown.
    pub watched: bool,
}

/// Why a draft was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub title: String,
    /// The words of AWS, and in a line of their own those of the lab where AWS says nothing.
    pub message: String,
    /// The decisions behind them.
    pub why: Vec<WhyStep>,
}

/// The decisions of the call at a point of the history.
pub fn decisions_at(lab: &Lab, point: Point) -> Vec<WhyStep> {
    let step = point.position.checked_sub(1).and_then(|at| lab.history().steps().get(at));
    let made = step.filter(|_| point.branch == lab.history().branch().number()).and_then(|s| s.call());
    made.map_or_else(Vec::new, |made| why_steps(lab, &made.outcome))
}

/// A call that has just been made, for the presenter's screen.
pub fn presented(lab: &Lab, made: &CallMade) -> PresentedCall {
    let mark = mark(&made.outcome);
    let watched = lab.watched().is_some_and(|watched| watched.is(&made.call));
    let what = lab::Watched::of(made.call.clone(), lab.world()).title();
    // What failed although it was allowed has another reason than the policies.
    let failure = made.outcome.result.as_ref().err().filter(|_| mark.status == CallStatus::Failed);
    let decided = || made.outcome.decisions.last().map(|record| why_step(lab, record).conclusion);
    let last = failure.map(|error| error.message.clone()).filter(|m| !m.is_empty()).or_else(decided);
    PresentedCall {
        who: made.who.clone(),
        what,
        status: mark.status,
        because: mark.because,
        conclusion: last.unwrap_or_default(),
        watched,
    }
}

/// Tells whether a finding says how applying the document would end, rather than what is wrong with its text.
fn is_forecast(finding: &Diagnostic) -> bool {
    ["lockout", "lockout-risk"].contains(&finding.code)
}

/// A finding as the learner is told it: `hidden` keeps back how applying the document would end, and while help waits no
/// statement is proposed that would keep somebody from being locked out.
pub fn told(lab: &Lab, finding: &Diagnostic, hidden: bool) -> Option<Diagnostic> {
    let mut told = finding.clone();
    if is_forecast(finding) && lab.help_waits().is_some() {
        told.remedy.clear();
    }
    // What is in force was taken, whatever would be said of it today.
    let in_force = lab.draft().is_some_and(|draft| draft.applied().is_some() && !draft.is_edited());
    if in_force {
        told.severity = told.severity.min(Severity::Warning);
    }
    (!(hidden && is_forecast(finding))).then_some(told)
}

/// Says what the lab finds wrong with a document that AWS refused without a word.
pub fn own_words(lab: &Lab, made: &CallMade) -> Option<String> {
    made.outcome.result.as_ref().err().filter(|error| error.message.is_empty())?;
    let draft = lab.draft()?;
    let input = made.call.input.to_json();
    let sent = input.as_object()?.values().any(|value| value.as_str() == Some(draft.text()));
    let error = draft.diagnostics().iter().find(|found| found.severity == Severity::Error && sent)?;
    let (line, column) = line_col(draft.text(), error.span.start);
    Some(format!("AWS says no more. The lab finds in line {line}, column {column}: {}", error.message))
}

/// A refused call, with its reasons.
pub fn refusal(lab: &Lab, made: &CallMade) -> Refusal {
    let message = made.outcome.result.as_ref().err().map(ToString::to_string).into_iter();
    let message: Vec<String> = message.chain(own_words(lab, made)).collect();
    let denied = CallStatus::of(&made.outcome) == CallStatus::Denied;
    let ended = if denied { "was refused" } else { "was allowed, and failed" };
    Refusal {
        title: format!("{} by {} {ended}", made.call.action(), made.who),
        message: message.join("\n"),
        why: why_steps(lab, &made.outcome),
    }
}

/// What came of applying several drafts, in words; the refusal that ended it, with what was applied before.
pub fn applied(lab: &Lab, drafts: &AppliedDrafts) -> Result<String, Refusal> {
    let names: Vec<String> = drafts.applied().map(|d| document_name(d, lab.world())).collect();
    let (done, all) = (names.len(), drafts.all);
    let names = names.join(", ");
    let before = match done {
        0 => "Nothing was applied".to_owned(),
        _ => format!("{done} of {all} applied ({names})"),
    };
    match (drafts.refused(), &drafts.unsent) {
        (Some(made), _) => {
            let refusal = refusal(lab, made);
            Err(Refusal { title: format!("{before}. {}", refusal.title), ..refusal })
        }
        (None, Some((document, why))) => Err(Refusal {
            title: format!("{before}. {} was not sent", document_name(document, lab.world())),
            message: why.to_string(),
            why: Vec::new(),
        }),
        (None, None) => Ok(format!("{done} of {all} applied: {names}")),
    }
}
