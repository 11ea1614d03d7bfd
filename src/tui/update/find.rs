//! Looking for text: in the page on top, else in the focused pane.

use super::{Reaction, console};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;
use crate::tui::overlays::Overlay;
use crate::tui::panes::pane::Search;
use crate::tui::panes::table::view_of;
use crate::tui::shell::Shell;
use crate::tui::view;

/// Goes to the next place, or the one before, where the text stands; the text looked for last if none is given.
pub fn find(lab: &mut LabScreen, shell: &mut Shell, needle: &str, forward: bool) -> Reaction {
    let page = matches!(shell.overlays.last(), Some(Overlay::Page(_)));
    match view_of(lab.focus).search {
        Search::Console if !page => console::search(lab, shell, needle),
        Search::Document if !page => in_policy(lab, shell, needle, forward),
        Search::Rows | Search::Console | Search::Document => in_rows(lab, shell, needle, forward),
    }
    Reaction::changed()
}

fn in_policy(lab: &mut LabScreen, shell: &mut Shell, needle: &str, forward: bool) {
    // While the text has the keys, letters do not count.
    let here = if lab.typing { Context::Editor } else { Context::Lab };
    let again = shell.keys.label(here, Action::SearchNext);
    lab.focus = Pane::Policy;
    match lab.editor.search(needle, forward) {
        Some((nth, all)) => shell.note(place(&again, nth, all)),
        None if needle.is_empty() => shell.bad("nothing to look for yet, or it is not in this document"),
        None => shell.bad(format!("`{needle}` is not in this document")),
    }
    lab.follow_cursor();
}

/// Scrolls the page on top, or the focused pane, to a row with the text.
fn in_rows(lab: &mut LabScreen, shell: &mut Shell, needle: &str, forward: bool) {
    let Some((rows, height)) = view::rows_in_front(lab, shell) else { return };
    let again = shell.keys.label(Context::Lab, Action::SearchNext);
    if !needle.is_empty() {
        needle.clone_into(&mut lab.wanted);
        lab.found = None;
    }
    let wanted = lab.wanted.to_lowercase();
    if wanted.is_empty() {
        shell.bad("nothing to look for yet: / searches");
        return;
    }
    let places: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.to_lowercase().contains(&wanted))
        .map(|(at, _)| at)
        .collect();
    let next = match (lab.found, forward) {
        (None, _) => places.first(),
        (Some(at), true) => places.iter().find(|place| **place > at).or(places.first()),
        (Some(at), false) => places.iter().rev().find(|place| **place < at).or(places.last()),
    };
    let Some(row) = next.copied() else {
        shell.bad(format!("`{}` is not here", lab.wanted));
        return;
    };
    lab.found = Some(row);
    let nth = places.iter().position(|place| *place == row).unwrap_or_default();
    shell.note(place(&again, nth + 1, places.len()));
    let top = row.saturating_sub(height / 3).min(rows.len().saturating_sub(height));
    match shell.overlays.last_mut() {
        Some(Overlay::Page(page)) => page.scroll = top,
        _ => {
            lab.scroll.insert(lab.focus, top);
        }
    }
}

fn place(again: &str, nth: usize, all: usize) -> String {
    let more = if all > 1 { format!("; {again} goes to the next") } else { String::new() };
    format!("place {nth} of {all}{more}")
}
