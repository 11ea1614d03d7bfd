//! Decides who may do what to what, for many callers, actions and resources at once.
//!
//! Every document is compiled once into masks: for each statement, which of the actions and which of the resources
//! it speaks of. A cell of the grid then needs no matching of patterns; only where a statement has conditions or
//! variables is it asked about what they look at: the caller, the resource, the action or the cell itself. The facts
//! are judged as everywhere else, so a cell holds the verdict that [`super::decide`] would give. Why it is so, nobody
//! asks of all cells; who wants to know it of one asks `decide`.
//!
//! Grants are no part of it: there can be 50,000 on a key, and who keeps them finds those of a caller at once.
//!
//! | module | what lives there |
//! |---|---|
//! | `sides` | callers, actions and resources with what is attached to them |
//! | `masks` | documents compiled for the actions and resources of a grid |
//! | `board` | the cells of one caller, 64 actions at a time |
//! | `bits` | sets as words |

mod bits;
mod board;
mod masks;
mod sides;

pub use self::sides::{Subject, Target};

use self::board::Board;
use self::masks::compiled;
use super::Verdict;
use super::request::Context;
use std::sync::Arc;

/// All verdicts for some callers, actions and resources.
#[derive(Debug, Clone)]
pub struct Grid {
    actions: usize,
    targets: usize,
    /// By subject, then target, then action.
    cells: Vec<Verdict>,
}

impl Grid {
    /// Decides all cells. Each action comes with the condition keys that come with it.
    pub fn decide(subjects: &[Subject], actions: &[(Arc<str>, Context)], targets: &[Target]) -> Self {
        let (of_subject, of_target) = (targets.len() * actions.len(), actions.len());
        let mut cells = vec![Verdict::ImplicitlyDenied; subjects.len() * of_subject];
        let compiled = compiled(subjects, actions, targets);
        let mut board = Board::new(actions, targets, &compiled);
        for (subject, cells) in subjects.iter().zip(cells.chunks_mut(of_subject.max(1))) {
            board.decide(subject, |action, target, verdict| cells[target * of_target + action] = verdict); // laid out so
        }
        Self { actions: actions.len(), targets: targets.len(), cells }
    }

    /// The verdict of a cell; `None` if there is no such cell.
    pub fn verdict(&self, subject: usize, action: usize, target: usize) -> Option<Verdict> {
        let inside = action < self.actions && target < self.targets;
        let cell = (subject * self.targets + target) * self.actions + action;
        self.cells.get(cell).copied().filter(|_| inside)
    }
}

#[cfg(test)]
mod tests;
