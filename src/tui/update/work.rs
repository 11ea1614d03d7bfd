//! Beginning work beside the loop, and what is typed meanwhile.

use super::Reaction;
use crate::limits::screen::HELD_KEYS;
use crate::tui::message::{Effect, Message};
use crate::tui::shell::{Front, Shell};
use crate::tui::work::{Job, Work};

/// Begins work that the person waits for.
pub fn begin(shell: &mut Shell, name: &str, job: Job) -> Reaction {
    let work = Work::new(name, job);
    shell.front = Some(Front::new(work.clone()));
    Reaction::asking(Effect::Work(work))
}

/// Stops the work that the person waits for. What was typed meanwhile was meant for its end.
pub fn give_up(shell: &mut Shell) {
    if let Some(front) = shell.front.take() {
        front.work.give_up();
    }
}

/// Keeps a key or a paste until the work is over.
pub fn hold(shell: &mut Shell, message: &Message) -> Reaction {
    if let Some(front) = shell.front.as_mut().filter(|front| front.held.len() < HELD_KEYS.size()) {
        front.held.push(message.clone());
    }
    Reaction::default()
}
