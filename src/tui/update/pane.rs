//! What panes are asked to do, and what they ask for.

use ratatui::layout::{Position, Rect};

use super::overlay::open_page;
use super::{Reaction, act, in_lab, learn};
use crate::tui::app::App;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Region};
use crate::tui::overlays::PageKind;
use crate::tui::panes::pane::{Answer, Press, Room, To};
use crate::tui::panes::table::{self, view_of};
use crate::tui::shell::Shell;
use crate::tui::view;

/// Does what a pane asks for.
pub fn answer(app: &mut App, answer: Answer) -> Reaction {
    match answer {
        Answer::Changed => Reaction::changed(),
        Answer::Act(action, nth) => act::act(app, action, nth),
        Answer::ActAs(row) => in_lab(app, |lab, shell| learn::act_as(lab, shell, row)),
        Answer::Scroll(by) => in_lab(app, |lab, shell| {
            if let Some(rect) = lab.regions(shell.area).pane(lab.focus) {
                scroll_by(lab, shell, lab.focus, rect, by);
            }
            Reaction::changed()
        }),
        Answer::Note(words) => said(app, |shell| shell.note(words)),
        Answer::Bad(words) => said(app, |shell| shell.bad(words)),
        Answer::Everybody => said(app, |shell| open_page(shell, PageKind::Everybody)),
        Answer::Record(record) => said(app, |shell| open_page(shell, PageKind::Record(record))),
    }
}

fn said(app: &mut App, say: impl FnOnce(&mut Shell)) -> Reaction {
    say(&mut app.shell);
    Reaction::changed()
}

/// Moves by so many rows in the focused pane.
pub fn move_by(lab: &mut LabScreen, shell: &Shell, by: isize) -> Answer {
    let pane = lab.focus;
    let regions = lab.regions(shell.area);
    match regions.pane(pane).or_else(|| regions.get(Region::Folded(pane))) {
        Some(rect) => {
            let room = Room { pane, rect, ctx: view::lab_ctx(lab, shell, true) };
            (view_of(pane).move_by)(lab, room, by)
        }
        None => Answer::Changed,
    }
}

/// Scrolls a pane by rows.
pub fn scroll_by(lab: &mut LabScreen, shell: &Shell, pane: Pane, rect: Rect, by: isize) {
    scroll_to(lab, shell, pane, rect, &|now, last| now.saturating_add_signed(by).min(last));
}

/// Scrolls a pane to the row that `to` makes of the first one in sight and the last that can be it. What must stay in
/// sight goes along: the cursor while somebody types, the selected row of the pane with the focus.
pub fn scroll_to(lab: &mut LabScreen, shell: &Shell, pane: Pane, rect: Rect, to: To<'_>) {
    let room = Room { pane, rect, ctx: view::lab_ctx(lab, shell, lab.focus == pane) };
    table::scroll(lab, room, to);
}

/// Takes a press into a pane: it gets the focus, and the press, if that is inside of its frame.
pub fn press(lab: &mut LabScreen, shell: &Shell, pane: Pane, rect: Rect, at: Position) -> Answer {
    let again = lab.focus == pane;
    lab.focus_on(pane);
    let inside = at.y > rect.y && at.y + 1 < rect.bottom() && at.x > rect.x && at.x + 1 < rect.right();
    if !inside {
        return Answer::Changed;
    }
    let row = usize::from(at.y.saturating_sub(rect.y + 1)) + lab.scroll_of(pane);
    let ctx = view::lab_ctx(lab, shell, true);
    (view_of(pane).press)(lab, Press { at, rect, row, again }, &ctx)
}
