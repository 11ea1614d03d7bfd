//! A lab that somebody plays, behind the port: each call goes to the screen that owns its world.

use std::sync::Arc;

use serde_json::{Value, json};

use super::keys::Keys;
use super::last::Last;
use crate::cloud::iam::Credential;
use crate::cloud::{Call, Caller, Outcome};
use crate::lab::visit::{Door, NotMet, Told, Wish};

/// A lab with the keys to it.
pub struct Played {
    /// The id of the scenario whose lab it is.
    scenario: String,
    keys: Keys,
    door: Door,
    last: Last,
}

/// Whose access key it is.
pub(super) struct Guest {
    /// The name of the profile, for a key that was given out.
    pub who: Option<String>,
    pub caller: Caller,
    /// What the holder signs with.
    pub credential: Credential,
}

impl Played {
    /// A lab of that scenario, whose owner is behind the door, with the keys that are given out.
    pub fn new(scenario: String, keys: Keys, door: Door) -> Self {
        Self { scenario, keys, door, last: Last::default() }
    }

    /// Returns whose access key this is: one that was given out, or one that was made in the lab.
    ///
    /// # Errors
    ///
    /// If the lab is not there.
    pub(super) async fn holder(&self, access_key: &str) -> Result<Option<Guest>, NotMet> {
        if let Some(key) = self.keys.find(access_key) {
            let (caller, credential) = (key.caller.clone(), key.credential.clone());
            return Ok(Some(Guest { who: Some(key.name.clone()), caller, credential }));
        }
        match self.door.ask(Wish::Holder(access_key.to_owned())).await? {
            Told::Holder(found) => {
                Ok(found.map(|(caller, credential)| Guest { who: None, caller, credential }))
            }
            Told::Called(_) => Ok(None),
        }
    }

    /// Makes a call in the lab.
    ///
    /// # Errors
    ///
    /// If the lab is not there, or takes no more.
    pub(super) async fn call(
        &self,
        who: Option<String>,
        caller: Caller,
        call: Call,
    ) -> Result<Arc<Outcome>, NotMet> {
        let what = (call.input.service(), call.input.operation());
        match self.door.ask(Wish::Call { who, caller, call: Box::new(call) }).await? {
            Told::Called(outcome) => {
                self.last.note((what, outcome.clone()));
                Ok(outcome)
            }
            Told::Holder(_) => Err(NotMet::Away),
        }
    }

    /// Says that the port answers, and for which lab.
    pub(super) fn health(&self) -> Value {
        json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "lab": self.scenario})
    }

    /// The last call from outside with its decisions.
    pub(super) fn explained(&self) -> Value {
        self.last.explained()
    }
}
