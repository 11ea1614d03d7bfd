//! The timeline: what was done, branch by branch.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::marks::Moments;
use super::{CallStatus, mark};
use crate::aws_cli::aws_line;
use crate::lab::{Branch, CallMade, Lab, Point, Step, StepAction};

/// One step of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// The simulated time of day, behind month and day where the list has several days.
    pub time: String,
    pub who: String,
    pub what: String,
    pub status: CallStatus,
    /// Whether the screen stands at this step.
    pub here: bool,
    /// The point behind it.
    pub point: Point,
    /// True for a step on another branch than the one the screen stands on.
    pub aside: bool,
    pub cli: Option<String>,
}

/// The command line that makes a call, with the identity as its profile.
pub fn command(made: &CallMade) -> String {
    aws_line(&made.call, Some(&made.who))
}

/// A step in a few words.
pub fn step_words(step: &Step) -> String {
    match &step.action {
        StepAction::Call(made) => format!("{} by {}", made.call.action(), made.who),
        StepAction::Wait(by) => format!("waiting {by:#}"),
    }
}

/// What people call a branch.
pub fn branch_name(branch: &Branch) -> String {
    format!("branch {}", branch.number() + 1)
}

/// Every step, the newest first and the start last. What another branch has of its own stands above the step where it
/// parts from this one.
pub fn rows(lab: &Lab) -> Vec<StepRow> {
    let history = lab.history();
    let own = history.branch();
    let here = history.done().len();
    let branches = std::iter::once(own).chain(history.others());
    let times = branches.flat_map(Branch::steps).map(|step| step.world.now());
    let moments = Moments::of(std::iter::once(history.start().now()).chain(times));
    // A step is the same where it is the same value, whatever it says.
    let mut seen: HashSet<*const Step> = own.steps().iter().map(Arc::as_ptr).collect();
    // By the step where other branches part from this one: the rows of each that no branch before it has shown.
    let mut asides: BTreeMap<usize, Vec<StepRow>> = BTreeMap::new();
    for other in history.others() {
        let fork = own.shared(other);
        let mut rows = Vec::new();
        for (at, step) in other.steps().iter().enumerate().skip(fork) {
            if seen.insert(Arc::as_ptr(step)) {
                let point = Point { branch: other.number(), position: at + 1 };
                rows.push(StepRow { aside: true, ..row(step, point, moments) });
            }
        }
        rows.reverse();
        asides.entry(fork).or_default().extend(rows);
    }
    let mut out = Vec::new();
    for position in (0..=own.steps().len()).rev() {
        out.extend(asides.remove(&position).unwrap_or_default());
        let point = Point { branch: own.number(), position };
        let step = position.checked_sub(1).and_then(|at| own.steps().get(at));
        let row = step.map_or_else(|| start(lab, point, moments), |step| row(step, point, moments));
        out.push(StepRow { here: position == here, ..row });
    }
    out
}

fn row(step: &Step, point: Point, moments: Moments) -> StepRow {
    let (who, what, status, cli) = match &step.action {
        StepAction::Call(made) => {
            let mark = mark(&made.outcome);
            let action = made.call.action();
            // An action that was itself refused needs no second naming.
            let because = Some(&mark.because).filter(|b| !b.is_empty() && **b != action);
            let what = because.map_or(action.clone(), |b| format!("{action} ({b})"));
            (made.who.clone(), what, mark.status, Some(command(made)))
        }
        StepAction::Wait(by) => ("clock".into(), format!("{by:#} later"), CallStatus::Allowed, None),
    };
    StepRow { time: moments.say(step.world.now()), who, what, status, here: false, point, aside: false, cli }
}

fn start(lab: &Lab, point: Point, moments: Moments) -> StepRow {
    StepRow {
        time: moments.say(lab.history().start().now()),
        who: "start".into(),
        what: "as the scenario begins".into(),
        status: CallStatus::Allowed,
        here: false,
        point,
        aside: false,
        cli: None,
    }
}
