//! What a pane is to the rest of the screen: its title, its lines, its keys, how it scrolls, what is searched in it.
//!
//! Each pane's file fills one [`PaneView`], and names every field of it, so that nothing of a new pane is forgotten.
//! A new pane is a row in [`super::super::layout::Pane`]'s table, a file here with its `VIEW`, a row in
//! [`super::table::view_of`], and a place in an arrangement; a test finds a pane that no arrangement shows.
//!
//! Drawing changes nothing; keys and presses change the lab screen and say by an [`Answer`] what else they ask for.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::{Ctx, Title};
use crate::narration::AuditRow;
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;

/// The heading over the keys and tables.
pub const RESOURCES: &str = "Resources";

/// The most lines of room that are little room.
const LITTLE_ROOM: usize = 5;

/// Everything that the rest of the screen asks of a pane.
#[derive(Debug)]
pub struct PaneView {
    /// What stands in the frame's top line; the rectangle is the frame's.
    pub title: fn(&LabScreen, &Ctx<'_>, Rect) -> Title,
    /// What stands beside the names of the panes that share its place.
    pub tab: Tab,
    /// All its lines in that width.
    pub lines: fn(&LabScreen, &Ctx<'_>, usize) -> Vec<Line<'static>>,
    /// Draws the pane into its frame and the room inside, where that is more than its lines, scrolled; returns where the
    /// cursor is.
    pub draw: Option<Draw>,
    /// How many of its last lines scroll; none if all do.
    pub scrolling: fn(&LabScreen) -> Option<usize>,
    /// The pane in one line, where it has no more room; its name if there is no more to say.
    pub folded: Option<fn(&LabScreen, &Ctx<'_>, usize) -> Line<'static>>,
    /// What the lines give up, or gain, by the room there is.
    pub fit: Fit,
    pub open: fn(&mut LabScreen) -> Answer,
    /// What a press inside the frame does.
    pub press: fn(&mut LabScreen, Press, &Ctx<'_>) -> Answer,
    /// What up and down do.
    pub move_by: fn(&mut LabScreen, Room<'_>, isize) -> Answer,
    /// How the wheel and the scroll bar scroll it.
    pub scroll: Scroll,
    /// The lines of what is selected, which are on the screen while the pane has the focus; none without a selection.
    pub selection: fn(&LabScreen, Room<'_>) -> Option<Range<usize>>,
    /// Selects something that exists, after the lab has changed.
    pub settle: fn(&mut LabScreen),
    /// How text is looked for while it has the focus.
    pub search: Search,
    /// What the footer offers for it and for no other pane.
    pub offers: fn(&LabScreen) -> Vec<(Action, &'static str)>,
    /// What the copy key takes, with a name for it, where that is not the lines.
    pub copied: Option<Copied>,
}

/// How a pane draws itself: the frame's rectangle, then the room inside of it.
pub type Draw = fn(&LabScreen, [Rect; 2], &mut Buffer, &Ctx<'_>) -> Option<Position>;

/// What is copied: its name, then the text.
pub type Copied = fn(&LabScreen) -> (String, String);

/// Makes of the first row in sight and the last that can be it the one that is wanted.
pub type To<'a> = &'a dyn Fn(usize, usize) -> usize;

/// What stands beside the names of the panes that share a place, for the one on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Name,
    /// What follows the name in its own title.
    Subject,
    /// Words that must not go unsaid.
    Words(&'static str),
}

/// How a pane scrolls.
#[derive(Clone, Copy, Debug)]
pub enum Scroll {
    /// The lines of the pane scroll; then something of the pane may go along.
    Lines(fn(&mut LabScreen, Room<'_>)),
    /// In its own way.
    Own(fn(&mut LabScreen, Room<'_>, To<'_>)),
}

/// How a pane's lines follow the room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The rows of the pane do not scroll.
    Fixed,
    /// Blank lines and headings go where there is little room.
    Squeezes,
    /// What is folded is shown where everything fits.
    Unfolds,
}

/// How text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// In the pane's own rows.
    Rows,
    /// In the document: the pane is one that needs no search.
    Document,
    /// In what the console printed.
    Console,
}

/// A pane on the screen, and what its lines are drawn with.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    pub pane: Pane,
    pub rect: Rect,
    /// Colours, symbols and keys.
    pub ctx: Ctx<'a>,
}

impl Room<'_> {
    /// How wide a line may be.
    pub fn width(&self) -> usize {
        usize::from(self.rect.width.saturating_sub(4))
    }

    /// How many lines are in sight.
    pub fn height(&self) -> usize {
        usize::from(self.rect.height.saturating_sub(2))
    }
}

/// A press inside a pane's frame.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    pub at: Position,
    pub rect: Rect,
    /// The line of the pane that stands there.
    pub row: usize,
    /// Whether the pane had the focus before.
    pub again: bool,
}

/// What a key or a press in a pane asks for.
#[derive(Debug)]
pub enum Answer {
    /// Nothing but that the screen is drawn.
    Changed,
    /// The lines of the pane are scrolled by so many rows.
    Scroll(isize),
    /// What the action does, called by that one of its keys.
    Act(Action, usize),
    /// Calls are made as the identity of that row.
    ActAs(usize),
    Note(String),
    /// Words on what did not go well.
    Bad(&'static str),
    /// The page with every identity.
    Everybody,
    /// The page with an audit record.
    Record(AuditRow),
}

// What most panes do

/// Returns none: every line of the pane scrolls.
pub fn all_scroll(_: &LabScreen) -> Option<usize> {
    None
}

/// Up and down scroll the lines.
pub fn keys_scroll(_: &mut LabScreen, _: Room<'_>, by: isize) -> Answer {
    Answer::Scroll(by)
}

/// Nothing goes along when the lines are scrolled.
pub fn nothing_goes_along(_: &mut LabScreen, _: Room<'_>) {}

/// A press only gives the focus.
pub fn press_focuses(_: &mut LabScreen, _: Press, _: &Ctx<'_>) -> Answer {
    Answer::Changed
}

/// Nothing is selected in the pane.
pub fn selects_nothing(_: &LabScreen, _: Room<'_>) -> Option<Range<usize>> {
    None
}

/// Nothing of the pane depends on what there is in the lab.
pub fn needs_no_settling(_: &mut LabScreen) {}

/// The footer offers nothing of its own.
pub fn offers_nothing(_: &LabScreen) -> Vec<(Action, &'static str)> {
    Vec::new()
}

/// Whether so many lines give up what only spaces them out in that room.
pub fn squeezes(lines: usize, height: usize) -> bool {
    height <= LITTLE_ROOM && lines > height
}

/// Lines without blank ones and headings.
pub fn without_blanks(mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    lines.retain(|line| line.width() > 0 && line.to_string() != RESOURCES);
    lines
}
