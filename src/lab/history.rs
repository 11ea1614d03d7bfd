//! Everything done so far, with the world after it: going back is taking an older value.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::cloud::{Call, Caller, Outcome, World};
use crate::limits::Exceeded;
use crate::limits::lab::STEPS;

/// Something the learner did to the world.
#[derive(Clone)]
pub enum StepAction {
    Call(Arc<CallMade>),
    /// The clock was moved forward.
    Wait(SignedDuration),
}

/// A call with who made it and what it led to.
#[derive(Clone)]
pub struct CallMade {
    /// The name of the identity that made it.
    pub who: String,
    /// The credentials it was made with.
    pub caller: Caller,
    pub call: Call,
    pub outcome: Arc<Outcome>,
}

impl CallMade {
    /// Says whether the call has changed something.
    pub fn changes(&self) -> bool {
        self.outcome.result.is_ok() && self.outcome.events.first().is_some_and(|event| !event.read_only)
    }
}

/// What was done, with the world after it.
#[derive(Clone)]
pub struct Step {
    pub action: StepAction,
    /// The world after it.
    pub world: World,
    /// All that was done up to here with success.
    so_far: SoFar,
}

/// What was done with success, each kind of thing once. Steps share what they have in common.
#[derive(Clone, Default)]
struct SoFar {
    /// The actions of calls, such as `kms:Decrypt`.
    actions: rpds::RedBlackTreeSetSync<String>,
    /// Whether the clock was moved.
    waited: bool,
}

impl SoFar {
    fn note(&mut self, action: &StepAction) {
        match action {
            StepAction::Call(made) if made.outcome.result.is_ok() => {
                let action = made.call.action();
                if !self.actions.contains(&action) {
                    self.actions.insert_mut(action);
                }
            }
            StepAction::Call(_) => {}
            StepAction::Wait(_) => self.waited = true,
        }
    }
}

impl Step {
    /// The call, if it was one.
    pub fn call(&self) -> Option<&Arc<CallMade>> {
        match &self.action {
            StepAction::Call(made) => Some(made),
            StepAction::Wait(_) => None,
        }
    }
}

/// A point in the history: behind `position` steps of a branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub branch: usize,
    /// How many of its steps have been made there.
    pub position: usize,
}

/// A way through the steps, from the start on. Branches share the steps up to where they part.
#[derive(Clone)]
pub struct Branch {
    number: usize,
    steps: Vec<Arc<Step>>,
}

impl Branch {
    /// Returns the branch's number: 0 is the first, each later one has one more.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the steps of the branch, those shared with other branches included.
    pub fn steps(&self) -> &[Arc<Step>] {
        &self.steps
    }

    /// How many steps it shares with another.
    pub fn shared(&self, other: &Self) -> usize {
        self.steps.iter().zip(&other.steps).take_while(|(one, two)| Arc::ptr_eq(one, two)).count()
    }
}

/// The steps in order, and where among them the lab stands. A step made somewhere before the end of a branch begins
/// another branch, so that nothing that was done is ever lost.
#[derive(Clone)]
pub struct History {
    start: World,
    branch: Branch,
    /// The other branches by their numbers.
    others: BTreeMap<usize, Branch>,
    /// How many steps the other branches have, shared ones counted with each.
    held: usize,
    at: usize,
}

impl History {
    /// Nothing has been done yet.
    pub fn new(start: World) -> Self {
        let branch = Branch { number: 0, steps: Vec::new() };
        Self { start, branch, others: BTreeMap::new(), held: 0, at: 0 }
    }

    /// The world before the first step.
    pub fn start(&self) -> &World {
        &self.start
    }

    /// The world where the lab stands.
    pub fn world(&self) -> &World {
        self.last().map_or(&self.start, |step| &step.world)
    }

    /// The world at a point: the last there is on a branch that has fewer steps, the start for a branch that is not there.
    pub fn world_at(&self, point: Point) -> &World {
        let steps = self.branch_of(point.branch).map_or(&[][..], Branch::steps);
        let step = point.position.min(steps.len()).checked_sub(1).and_then(|at| steps.get(at));
        step.map_or(&self.start, |step| &step.world)
    }

    /// Where the lab stands.
    pub fn point(&self) -> Point {
        Point { branch: self.branch.number, position: self.at }
    }

    /// The step the lab stands behind.
    pub fn last(&self) -> Option<&Arc<Step>> {
        self.at.checked_sub(1).and_then(|at| self.steps().get(at))
    }

    /// Tells whether a call of that action was made with success, up to the place the lab stands at.
    pub fn has_called(&self, action: &str) -> bool {
        self.last().is_some_and(|last| last.so_far.actions.contains(action))
    }

    /// Tells whether the clock was moved, up to the place the lab stands at.
    pub fn has_waited(&self) -> bool {
        self.last().is_some_and(|last| last.so_far.waited)
    }

    /// All steps of this branch, those after the place the lab stands at included.
    pub fn steps(&self) -> &[Arc<Step>] {
        &self.branch.steps
    }

    /// The steps up to the place the lab stands at.
    pub fn done(&self) -> &[Arc<Step>] {
        self.steps().get(..self.at).unwrap_or(self.steps())
    }

    /// The branch the lab stands on.
    pub fn branch(&self) -> &Branch {
        &self.branch
    }

    /// The other branches, the oldest first.
    pub fn others(&self) -> impl ExactSizeIterator<Item = &Branch> {
        self.others.values()
    }

    fn branch_of(&self, number: usize) -> Option<&Branch> {
        if number == self.branch.number { Some(&self.branch) } else { self.others.get(&number) }
    }

    /// Refuses to go to another place where one more branch, of the steps of this one, would be too much: each holds its way
    /// from the start, so that steps taken back again and again would fill the memory.
    pub(super) fn may_branch(&self) -> Result<(), Exceeded> {
        STEPS.check(self.held + self.steps().len())
    }

    /// Adds a step where the lab stands. Steps that had been undone stay on a branch of their own.
    pub(super) fn push(&mut self, action: StepAction, world: World) -> Arc<Step> {
        let mut so_far = self.last().map(|last| last.so_far.clone()).unwrap_or_default();
        so_far.note(&action);
        let step = Arc::new(Step { action, world, so_far });
        if self.at < self.steps().len() {
            let new = Branch { number: self.others.len() + 1, steps: self.done().to_vec() };
            let left = std::mem::replace(&mut self.branch, new);
            self.put_aside(left);
        }
        self.branch.steps.push(step.clone());
        self.at = self.branch.steps.len();
        step
    }

    /// Goes to the place behind `position` steps of this branch, or to its end if there are fewer.
    pub(super) fn go_to(&mut self, position: usize) {
        self.at = position.min(self.steps().len());
    }

    /// Goes to a point of any branch; a branch that is not there changes nothing.
    pub(super) fn go_to_point(&mut self, point: Point) {
        if let Some(other) = self.others.remove(&point.branch) {
            self.held -= other.steps.len();
            let left = std::mem::replace(&mut self.branch, other);
            self.put_aside(left);
        }
        if point.branch == self.branch.number {
            self.go_to(point.position);
        }
    }

    fn put_aside(&mut self, branch: Branch) {
        self.held += branch.steps.len();
        self.others.insert(branch.number, branch);
    }
}

/// What a document said from some step on.
#[derive(Clone)]
pub struct DocumentVersion {
    /// The call that made it so; `None` for the text at the start.
    pub made: Option<Arc<CallMade>>,
    pub time: jiff::Timestamp,
    /// The text; `None` while the document was not there.
    pub text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn branches_hold_no_more_than_the_limit_and_each_is_found_by_its_number() {
        let world = scenario::find("a3").expect("embedded").build().expect("sound").world;
        let mut history = History::new(world.clone());
        let wait = |history: &mut History| {
            history.push(StepAction::Wait(SignedDuration::from_secs(1)), world.clone());
        };
        (0..2_000).for_each(|_| wait(&mut history));
        let mut branches = 0;
        let refused = loop {
            if let Err(refused) = history.may_branch() {
                break refused;
            }
            history.go_to(history.steps().len() - 1);
            wait(&mut history);
            branches += 1;
        };
        assert_eq!(refused, Exceeded(&STEPS));
        assert_eq!((branches, history.others().len()), (500, 500), "each has 2,000 steps");
        let numbers: Vec<usize> = history.others().map(Branch::number).collect();
        assert_eq!(numbers, (0..500).collect::<Vec<_>>());
        history.go_to_point(Point { branch: 7, position: 3 });
        assert_eq!((history.branch().number(), history.done().len()), (7, 3));
        assert_eq!(history.others().len(), 500);
        assert_eq!(history.held, 500 * 2_000, "the one that was left is held in its place");
    }
}
