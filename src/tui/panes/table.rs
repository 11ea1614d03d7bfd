//! The table of the panes, and what all of them have in common: how their lines follow the room there is.

use ratatui::text::{Line, Span};

use super::pane::{Fit, PaneView, Room, Scroll, To, squeezes, without_blanks};
use super::{Ctx, answer, audit, console, identities, keys, matrix, policy, storage, story, why};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;

/// Everything about a pane.
pub fn view_of(pane: Pane) -> &'static PaneView {
    match pane {
        Pane::Identities => &identities::VIEW,
        Pane::Policy => &policy::VIEW,
        Pane::Story => &story::VIEW,
        Pane::Answer => &answer::VIEW,
        Pane::Storage => &storage::VIEW,
        Pane::Why => &why::VIEW,
        Pane::Audit => &audit::VIEW,
        Pane::Matrix => &matrix::VIEW,
        Pane::Console => &console::VIEW,
        Pane::Keys => &keys::VIEW,
        Pane::OtherAnswer => &answer::OTHER_VIEW,
        Pane::OtherWhy => &why::OTHER_VIEW,
    }
}

/// Scrolls a pane to the row that `to` makes of the first one in sight and the last that can be it.
pub fn scroll(lab: &mut LabScreen, room: Room<'_>, to: To<'_>) {
    match view_of(room.pane).scroll {
        Scroll::Own(scroll) => scroll(lab, room, to),
        Scroll::Lines(go_along) => {
            let max = fitted(lab, room).len().saturating_sub(room.height());
            let top = to(lab.scroll_of(room.pane).min(max), max);
            lab.scroll.insert(room.pane, top);
            go_along(lab, room);
        }
    }
}

/// A pane in one line.
pub fn folded(lab: &LabScreen, pane: Pane, ctx: &Ctx<'_>, width: usize) -> Line<'static> {
    match view_of(pane).folded {
        Some(folded) => folded(lab, ctx, width),
        None => Line::from(Span::styled(pane.name(), ctx.theme.title)),
    }
}

/// A pane's lines as its room allows: unfolded where everything fits, without blank lines and headings where little
/// does. What somebody has unfolded is cut only in the pane where they read it.
pub fn fitted(lab: &LabScreen, room: Room<'_>) -> Vec<Line<'static>> {
    let view = view_of(room.pane);
    let (width, height) = (room.width(), room.height());
    let folded = Ctx { expanded: false, ..room.ctx };
    match view.fit {
        Fit::Fixed => (view.lines)(lab, &room.ctx, width),
        Fit::Squeezes => {
            let lines = (view.lines)(lab, &room.ctx, width);
            let elsewhere = !room.ctx.focused && room.ctx.expanded && lines.len() > height;
            let lines = if elsewhere { (view.lines)(lab, &folded, width) } else { lines };
            if squeezes(lines.len(), height) { without_blanks(lines) } else { lines }
        }
        Fit::Unfolds => {
            let all = (view.lines)(lab, &Ctx { expanded: true, ..room.ctx }, width);
            let here = if room.ctx.focused { &room.ctx } else { &folded };
            if all.len() <= height { all } else { (view.lines)(lab, here, width) }
        }
    }
}
