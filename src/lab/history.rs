//! Everything done so far, with the world after it: going back is taking an older value.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::cloud::{Call, Caller, Outcome, World};

/// Something the learner did to the world.
#[derive(Clone)]
pub enum Deed {
    /// A call.
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
    /// The call.
    pub call: Call,
    /// What it led to.
    pub outcome: Arc<Outcome>,
}

/// A deed with the world after it.
#[derive(Clone)]
pub struct Step {
    /// What was done.
    pub deed: Deed,
    /// The world after it.
    pub world: World,
}

impl Step {
    /// The call, if it was one.
    pub fn call(&self) -> Option<&Arc<CallMade>> {
        match &self.deed {
            Deed::Call(made) => Some(made),
            Deed::Wait(_) => None,
        }
    }
}

/// The steps in order, and where among them the lab stands.
#[derive(Clone)]
pub struct History {
    start: World,
    steps: Vec<Arc<Step>>,
    at: usize,
}

impl History {
    /// Nothing has been done yet.
    pub fn new(start: World) -> Self {
        Self { start, steps: Vec::new(), at: 0 }
    }

    /// The world before the first step.
    pub fn start(&self) -> &World {
        &self.start
    }

    /// The world where the lab stands.
    pub fn world(&self) -> &World {
        self.last().map_or(&self.start, |step| &step.world)
    }

    /// The world behind `position` steps, those ahead included; the last there is if there are fewer.
    pub fn world_at(&self, position: usize) -> &World {
        let step = position.min(self.steps.len()).checked_sub(1).and_then(|at| self.steps.get(at));
        step.map_or(&self.start, |step| &step.world)
    }

    /// The step the lab stands behind.
    pub fn last(&self) -> Option<&Arc<Step>> {
        self.at.checked_sub(1).and_then(|at| self.steps.get(at))
    }

    /// All steps, those after the place the lab stands at included.
    pub fn steps(&self) -> &[Arc<Step>] {
        &self.steps
    }

    /// The steps up to the place the lab stands at.
    pub fn done(&self) -> &[Arc<Step>] {
        self.steps.get(..self.at).unwrap_or(&self.steps)
    }

    /// Adds a step. Steps that had been undone are gone.
    pub(super) fn push(&mut self, deed: Deed, world: World) -> Arc<Step> {
        let step = Arc::new(Step { deed, world });
        self.steps.truncate(self.at);
        self.steps.push(step.clone());
        self.at = self.steps.len();
        step
    }

    /// Goes to the place behind `position` steps, or to the end if there are fewer.
    pub(super) fn go_to(&mut self, position: usize) {
        self.at = position.min(self.steps.len());
    }
}

/// What a document said from some step on.
#[derive(Clone)]
pub struct DocumentVersion {
    /// The call that made it so; `None` for the text at the start.
    pub made: Option<Arc<CallMade>>,
    /// The simulated time.
    pub time: jiff::Timestamp,
    /// The text; `None` while the document was not there.
    pub text: Option<String>,
}
