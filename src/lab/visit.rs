//! Visits: what a client outside asks of a lab that somebody plays, and the way back to it.
//!
//! The lab has one owner, the loop of its screen. Whoever serves it on the wire sends visits there and waits; the owner takes
//! what is asked, does it, and sends the answer once it is kept like any other step.

use std::sync::{Arc, Mutex, PoisonError};

use futures::SinkExt as _;
use futures::channel::{mpsc, oneshot};

use super::{CallMade, Lab};
use crate::cloud::iam::Credential;
use crate::cloud::{Call, Caller, Outcome};
use crate::limits::Exceeded;
use crate::limits::lab::VISITS;

/// Something that a client may ask of a lab.
pub enum Wish {
    /// Whose access key this is, of those that were made in the lab's world.
    Holder(String),
    Call {
        /// The name of the identity that signed, if the lab knows one.
        who: Option<String>,
        caller: Caller,
        call: Box<Call>,
    },
}

/// The answer to a wish: one kind for each.
pub enum Told {
    Holder(Option<(Caller, Credential)>),
    Called(Arc<Outcome>),
}

/// Why a visit is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMet {
    /// The lab that is served is not open: its owner is at another one, shows a lesson, or has ended.
    #[error(
        "the lab that is served is not on the screen now; open it there again, or let `kmslab serve` serve its world"
    )]
    Away,
    /// The lab keeps as many steps as it may.
    #[error("{0}; start the lab again, or let `kmslab serve` serve its world, which keeps no steps")]
    Full(Exceeded),
}

type Back = oneshot::Sender<Result<Told, NotMet>>;

/// How far a visit is.
enum Stage {
    Asked(Wish, Back),
    /// What is to be sent once it is kept.
    Answered(Result<Told, NotMet>, Back),
    Over,
}

/// Something that a client outside asks. Both its holders are the same visit; it is taken once, and answered once.
#[derive(Clone)]
pub struct Visit(Arc<Mutex<Stage>>);

/// How many visits may wait for the owner, beside one of each sender.
const WAITING: usize = 16;

/// Where visits are sent.
#[derive(Clone)]
pub struct Door(mpsc::Sender<Visit>);

/// Returns the two ends: where visits are sent, and where the owner of the lab takes them.
pub fn door() -> (Door, mpsc::Receiver<Visit>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Door(sender), receiver)
}

impl Door {
    /// Asks, and waits for the answer.
    ///
    /// # Errors
    ///
    /// If the lab is not there, or takes no more.
    pub async fn ask(&self, wish: Wish) -> Result<Told, NotMet> {
        let (back, answer) = oneshot::channel();
        let visit = Visit(Arc::new(Mutex::new(Stage::Asked(wish, back))));
        self.0.clone().send(visit).await.map_err(|_| NotMet::Away)?;
        answer.await.unwrap_or(Err(NotMet::Away))
    }
}

impl Visit {
    fn replace(&self, next: Stage) -> Stage {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), next)
    }

    /// Answers by what this says; who asks is told once [`Visit::send`] is called. What was taken before stays as it is.
    pub fn answer(&self, answer: impl FnOnce(Wish) -> Result<Told, NotMet>) {
        match self.replace(Stage::Over) {
            Stage::Asked(wish, back) => {
                self.replace(Stage::Answered(answer(wish), back));
            }
            taken @ (Stage::Answered(..) | Stage::Over) => {
                self.replace(taken);
            }
        }
    }

    /// Sends the answer. Who is gone is told nothing.
    pub fn send(&self) {
        if let Stage::Answered(answer, back) = self.replace(Stage::Over) {
            let _gone = back.send(answer);
        }
    }
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visit")
    }
}

impl PartialEq for Visit {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Visit {}

impl Lab {
    /// Makes a call of a client outside: a step like any other, by whoever signed it. Nobody acts as them.
    ///
    /// # Errors
    ///
    /// If the lab keeps as many steps as a client may add to.
    pub fn visited(
        &mut self,
        who: Option<String>,
        caller: Caller,
        call: Call,
    ) -> Result<Arc<CallMade>, NotMet> {
        VISITS.check(self.history().done().len() + 1).map_err(NotMet::Full)?;
        let who = who.unwrap_or_else(|| self.called(&caller));
        Ok(self.call_for(caller, who, call))
    }

    /// Returns what people call a caller: the name of an identity of the lab, else the end of the ARN.
    fn called(&self, caller: &Caller) -> String {
        if let Some(persona) = self.personas().iter().find(|persona| persona.caller == *caller) {
            return persona.name.clone();
        }
        let principal = self.world().principal(caller);
        let name = principal.map(|principal| principal.name()).unwrap_or_default();
        name.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
    }
}
