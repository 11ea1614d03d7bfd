//! Which call a lab watches, and what it is about.

use std::sync::Arc;

use super::journal::{Entry, WatchEntry};
use super::watched::Watched;
use super::{CallMade, Lab, Step};
use crate::cloud::Call;
use crate::cloud::dynamodb::Table;

impl Lab {
    /// What the lab asks again and again; `None` if there is nothing to ask about yet.
    pub fn watched(&self) -> Option<&Watched> {
        self.watched.as_ref()
    }

    /// Watches a call from now on, until the scenario is started again.
    pub fn watch(&mut self, call: Call) {
        let own = Watched::of_scenario(&self.stage, self.world());
        self.set_watched(Some(call).filter(|call| !own.is_some_and(|own| own.is(call))));
    }

    /// Watches a call, or the scenario's own.
    pub(super) fn set_watched(&mut self, chosen: Option<Call>) {
        self.unsaved.push(Entry::Watch(chosen.as_ref().map(|call| Box::new(WatchEntry::of(call)))));
        self.chosen = chosen;
        self.refresh();
    }

    /// The last time an identity made the watched call, with the step, unless something has changed since.
    pub fn last_result(&self, identity: usize) -> Option<(&Arc<Step>, &Arc<CallMade>)> {
        let (watched, persona) = self.watched.as_ref().zip(self.personas.get(identity))?;
        for step in self.history.done().iter().rev() {
            let made = step.call()?;
            if made.who == persona.name && watched.is(&made.call) {
                return Some((step, made));
            }
            if made.changes() {
                return None;
            }
        }
        None
    }

    /// Whether the learner has chosen the watched call.
    pub fn watches_another(&self) -> bool {
        self.chosen.is_some()
    }

    /// The ARN of the key that documents are about first: the one that the watched call names, that of its table, else
    /// the first there is.
    pub fn watched_key(&self) -> Option<String> {
        let first = || self.shown_world().kms().keys().next().map(|key| key.arn());
        self.key_of_watched().or_else(first)
    }

    /// The ARN of the key that the watched call needs: the one it names, else the one of its table.
    pub(super) fn key_of_watched(&self) -> Option<String> {
        let world = self.shown_world();
        let named = self.watched.as_ref().and_then(|watched| watched.key(world));
        let table = || self.watched.as_ref()?.table(world)?.key_arn().map(str::to_owned);
        named.or_else(table)
    }

    /// The table that documents and grants are about: the watched one, else that of the scenario's own call.
    pub fn watched_table(&self) -> Option<&Arc<Table>> {
        let world = self.world();
        let own = || Watched::of_scenario(&self.stage, world)?.table(world);
        self.watched.as_ref().and_then(|watched| watched.table(world)).or_else(own)
    }
}
