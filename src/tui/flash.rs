//! What lights up for a moment because its verdict has just turned.
//!
//! The marks of a flip (`✗ → ✓`) stay as long as the draft does; the flash only draws the eye to them. It is over
//! within 300 milliseconds, and with reduced motion there is none. A flip takes the stage for twice as long, or until the next
//! key.

use std::collections::BTreeSet;
use std::time::Duration;

use ratatui::style::Modifier;
use ratatui::text::Span;

use crate::narration::{AnswerView, CallStatus, Cell, LabView, Moment, PathView};

/// How long places light up.
const LIT: Duration = Duration::from_millis(280);
/// How long a flip takes the stage.
const ON_STAGE: Duration = Duration::from_millis(600);

/// The places that light up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flash {
    /// Which flash this is: a later one outlives the end of an earlier one.
    pub number: u32,
    identities: BTreeSet<String>,
    /// Rows and columns of the matrix, by name.
    cells: BTreeSet<(String, String)>,
    checks: BTreeSet<String>,
    answer: bool,
    /// The flip that takes the stage.
    turn: Option<Turn>,
}

/// A verdict that has turned, as it takes the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub who: String,
    pub before: CallStatus,
    pub after: CallStatus,
    /// Whether the verdict has turned on the draft only.
    pub draft: bool,
}

impl Flash {
    /// What shows another verdict after a change of the same lab than before it; none if nothing does.
    pub fn between(before: &LabView, after: &LabView, number: u32) -> Option<Self> {
        if before.head.id != after.head.id {
            return None;
        }
        let shown = |view: &LabView, name: &str| {
            let row = view.identities.iter().find(|row| row.name == name)?;
            Some(row.shown()?.status)
        };
        let names = after.identities.iter().map(|row| &row.name);
        let identities =
            names.filter(|name| turned(shown(before, name), shown(after, name))).cloned().collect();
        let tick = |view: &LabView, say: &str| {
            let check = view.task.checks.iter().find(|check| check.say == say)?;
            Some(check.draft.unwrap_or(check.applied))
        };
        let says = after.task.checks.iter().map(|check| &check.say);
        let checks = says.filter(|say| turned(tick(before, say), tick(after, say))).cloned().collect();
        let flash = Self {
            number,
            identities,
            cells: cells(before, after),
            checks,
            answer: answer_turned(&before.answer, &after.answer),
            turn: turn(&before.path, &after.path).filter(|turn| !was_known(before, turn)),
        };
        let lit = Self { number, ..Self::default() } != flash;
        lit.then_some(flash)
    }

    /// How long it lasts.
    pub fn lasts(&self) -> Duration {
        if self.turn.is_some() { ON_STAGE } else { LIT }
    }

    /// The flip that takes the stage.
    pub fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }

    /// Whether that identity lights up.
    pub fn identity(&self, name: &str) -> bool {
        self.identities.contains(name)
    }

    /// Whether that cell of the matrix lights up.
    pub fn cell(&self, who: &str, action: &str) -> bool {
        !self.cells.is_empty() && self.cells.contains(&(who.to_owned(), action.to_owned()))
    }

    /// Whether that check of the task lights up.
    pub fn check(&self, say: &str) -> bool {
        self.checks.contains(say)
    }

    /// Whether the answer lights up.
    pub fn answer(&self) -> bool {
        self.answer
    }
}

/// What has turned on the way that is shown; a flip that was there before, of the same identity, is none.
fn turn(before: &PathView, after: &PathView) -> Option<Turn> {
    let draft = after.moment == Moment::Draft;
    let turn = |path: &PathView| {
        let after = path.mark.as_ref()?.status;
        path.was.map(|before| Turn { who: path.who.clone(), before, after, draft })
    };
    let now = turn(after)?;
    (before.call == after.call && turn(before).as_ref() != Some(&now)).then_some(now)
}

/// Whether the draft has turned that verdict before: its text was no policy for a moment and is one again.
fn was_known(before: &LabView, turn: &Turn) -> bool {
    let row = before.identities.iter().find(|row| row.name == turn.who);
    turn.draft
        && row.is_some_and(|row| {
            row.flips() && row.draft.as_ref().is_some_and(|mark| mark.status == turn.after)
        })
}

fn turned<T: PartialEq + Copy>(before: Option<T>, after: Option<T>) -> bool {
    before.zip(after).is_some_and(|(before, after)| before != after)
}

fn cells(before: &LabView, after: &LabView) -> BTreeSet<(String, String)> {
    let (old, new) = (&before.matrix, &after.matrix);
    // A matrix that was not on the screen, or asked something else, has nothing to be compared with.
    if old.title != new.title || old.columns != new.columns {
        return BTreeSet::new();
    }
    let shown = |cell: &Cell| cell.draft.unwrap_or(cell.applied);
    let rows = old.rows.iter().zip(&new.rows).filter(|((before, _), (after, _))| before == after);
    rows.flat_map(|((who, before), (_, after))| {
        let pairs = before.iter().zip(after).zip(&new.columns);
        pairs.filter(|((b, a), _)| shown(b) != shown(a)).map(|(_, action)| (who.clone(), action.clone()))
    })
    .collect()
}

fn answer_turned(before: &AnswerView, after: &AnswerView) -> bool {
    let verdict = |view: &AnswerView| -> Option<CallStatus> { view.mark.as_ref().map(|mark| mark.status) };
    (&before.who, &before.call) == (&after.who, &after.call) && turned(verdict(before), verdict(after))
}

/// The spans as they look while they are lit.
pub fn lit(mut spans: Vec<Span<'static>>) -> Vec<Span<'static>> {
    for span in &mut spans {
        span.style = span.style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    }
    spans
}
