//! What every overlay is given and answers with, and the measures of its frame.

use crossterm::event::{KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::panes::Ctx;

/// What an overlay makes of a key, a press or pasted text.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// Nothing: the key map may know more.
    Pass,
    /// The overlay looks different now.
    Changed,
    Close,
    /// The selected row is chosen.
    Choose,
    /// The question under the cursor is answered by the answer at that place.
    Guess(usize),
    /// The part under the cursor goes on to another choice, so many further.
    Turn(isize),
    /// The question is answered with yes.
    Confirmed,
    /// What the action does.
    Act(Action),
    /// The file whose path was typed is used.
    UsePath,
    /// The text to look for has changed.
    Typed,
    /// The text is looked for.
    Find,
    /// Every record is shown again.
    ShowAll,
    /// The key goes into the document, and the list of completions follows.
    TypeOn(KeyEvent),
    /// The selected step is marked, or compared with the marked one.
    Compare,
    /// The call that left the record is shown: its decisions, or its step.
    Follow(Action),
}

/// What an overlay is drawn over and made of, besides itself.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The open lab, if one is.
    pub lab: Option<&'a LabScreen>,
    /// The size of the screen.
    pub area: Rect,
    /// Colours, symbols and keys.
    pub ctx: Ctx<'a>,
}

/// The room inside an overlay's frame, one blank cell left at each side.
pub fn inside(rect: Rect) -> Rect {
    Rect {
        x: rect.x + 2.min(rect.width),
        y: rect.y + 1.min(rect.height),
        width: rect.width.saturating_sub(4),
        height: rect.height.saturating_sub(2),
    }
}

/// A number of cells; one that is too large for a screen is the largest there is.
pub fn cast(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Whether a character key carries no modifier that makes it something else.
pub fn plain(key: KeyEvent) -> bool {
    !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
