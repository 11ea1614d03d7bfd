//! Looking for text: in the page on top, else in the focused pane.

use super::refresh::follow_cursor;
use super::{Outcome, console};
use crate::tui::app::{App, Mood};
use crate::tui::keys::{Action, Context};
use crate::tui::layout::Pane;
use crate::tui::overlay::Overlay;
use crate::tui::view;

/// Goes to the next place, or the one before, where the text stands; the text looked for last if none is given.
pub fn find(app: &mut App, needle: &str, forward: bool) -> Outcome {
    let page = matches!(app.overlays.last(), Some(Overlay::Page(_)));
    match app.lab.as_ref().map(|lab| lab.focus) {
        None => return Outcome::default(),
        Some(Pane::Console) if !page => console::search(app, needle),
        // Records are filtered by what is typed, not walked through, and a list of names needs no search: from there one
        // looks through the policy.
        Some(Pane::Policy | Pane::Audit | Pane::Identities) if !page => in_policy(app, needle, forward),
        Some(_) => in_rows(app, needle, forward),
    }
    Outcome::changed()
}

fn in_policy(app: &mut App, needle: &str, forward: bool) {
    // While the text has the keys, letters do not count.
    let here = if app.lab.as_ref().is_some_and(|lab| lab.typing) { Context::Editor } else { Context::Lab };
    let again = app.keys.label(here, Action::SearchNext);
    let Some(lab) = &mut app.lab else { return };
    lab.focus = Pane::Policy;
    app.toast = Some(match lab.editor.search(needle, forward) {
        Some((nth, all)) => (Mood::Note, place(&again, nth, all)),
        None if needle.is_empty() => {
            (Mood::Bad, "nothing to look for yet, or it is not in this document".into())
        }
        None => (Mood::Bad, format!("{needle:?} is not in this document")),
    });
    follow_cursor(app);
}

/// Scrolls the page on top, or the focused pane, to a row with the text.
fn in_rows(app: &mut App, needle: &str, forward: bool) {
    let Some((rows, height)) = view::rows_in_front(app) else { return };
    let again = app.keys.label(Context::Lab, Action::SearchNext);
    let Some(lab) = &mut app.lab else { return };
    if !needle.is_empty() {
        needle.clone_into(&mut lab.wanted);
        lab.found = None;
    }
    let wanted = lab.wanted.to_lowercase();
    if wanted.is_empty() {
        app.toast = Some((Mood::Bad, "nothing to look for yet: / searches".into()));
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
        app.toast = Some((Mood::Bad, format!("{:?} is not here", lab.wanted)));
        return;
    };
    lab.found = Some(row);
    let nth = places.iter().position(|place| *place == row).unwrap_or_default();
    app.toast = Some((Mood::Note, place(&again, nth + 1, places.len())));
    let top = row.saturating_sub(height / 3).min(rows.len().saturating_sub(height));
    match app.overlays.last_mut() {
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
