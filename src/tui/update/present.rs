//! The presenter's keys: on and back through the cues, freeze and reveal, the hands counted.

use super::refresh;
use crate::tui::app::{App, Mood, Present};
use crate::tui::message::Effect;
use crate::tui::panes::present::{is_large, size_warning};
use crate::tui::session::Shown;

/// Starts with the lab as it stands, its verdict kept back.
pub fn start(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    lab.session.begin_lesson();
    lab.typing = false;
    app.present = Some(Present { frozen: true, ..Present::default() });
    // Nothing is kept back from here on but the verdict.
    refresh::refresh(app);
}

/// Starts with the lesson's beginning.
pub fn start_lesson(app: &mut App) {
    start(app);
    show(app, 0, true);
}

/// Goes back to the person's own lab.
pub fn end(app: &mut App) {
    if app.present.take().is_none() {
        return;
    }
    if let Some(lab) = &mut app.lab {
        lab.session.end_lesson();
    }
    refresh::document_changed(app);
}

/// Another identity is looked at: from here on the watched call is shown, and nobody has voted on it.
pub fn leave_call(app: &mut App) {
    if let Some(present) = &mut app.present {
        present.call = None;
        present.votes = (0, 0);
    }
}

/// Counts hands.
pub fn vote(app: &mut App, allowed: bool, by: i32) {
    let Some(present) = &mut app.present else { return };
    let (yes, no) = &mut present.votes;
    let hands = if allowed { yes } else { no };
    *hands = hands.saturating_add_signed(by);
}

/// Reveals, or goes on to the next cue.
pub fn on(app: &mut App) {
    let Some(present) = &mut app.present else { return };
    if present.frozen {
        present.frozen = false;
        return;
    }
    let next = present.place.as_ref().map_or(0, |(n, ..)| *n);
    if !show(app, next, true) {
        app.toast = Some((Mood::Note, "that was the last cue".to_owned()));
    }
}

/// Goes back a cue, which is revealed: the vote is over.
pub fn back(app: &mut App) {
    let at = app.present.as_ref().and_then(|p| p.place.as_ref()).map_or(0, |(n, ..)| *n);
    if at < 2 || !show(app, at - 2, false) {
        app.toast = Some((Mood::Note, "this is the first cue".to_owned()));
    }
}

/// Shows a cue, from 0, exactly as it was the first time.
fn show(app: &mut App, n: usize, frozen: bool) -> bool {
    let Some(lab) = &mut app.lab else { return false };
    let all = lab.session.begin_lesson();
    let Some(Shown { title, call, mut notes, next }) = lab.session.show_cue(n) else { return false };
    notes.push(next.map_or_else(|| "This is the last cue.".to_owned(), |next| format!("Next: {next}")));
    let place = Some((n + 1, all, title));
    app.present = Some(Present { frozen, place, call, notes, votes: (0, 0) });
    refresh::document_changed(app);
    true
}

/// The page of notes for a second terminal, if it is another than the one shown last.
pub fn notes(app: &mut App) -> Option<Effect> {
    let page = page(app);
    if app.noted == page {
        return None;
    }
    app.noted.clone_from(&page);
    Some(Effect::Notes(page))
}

fn page(app: &App) -> String {
    let (Some(present), Some(lab)) = (&app.present, &app.lab) else { return String::new() };
    let view = &lab.view;
    let mut lines = vec![format!("{} {}", view.head.id, view.head.title)];
    match &present.place {
        Some((n, all, title)) => lines.push(format!("Cue {n} of {all}: {title}")),
        None => lines.push("The lab as it stands".to_owned()),
    }
    let (yes, no) = present.votes;
    lines.push(format!(
        "Hands: {yes} allowed, {no} denied. {}",
        if present.frozen { "Kept back." } else { "Revealed." }
    ));
    if !is_large(app.area) {
        lines.push(format!("Careful: {}.", size_warning(app.area)));
    }
    lines.push(String::new());
    lines.extend(present.notes.iter().cloned());
    if let Some(call) = &present.call {
        lines.push(format!("{}: {} ({:?}) {}", call.who, call.what, call.verdict, call.conclusion));
    }
    lines.push(String::new());
    lines.push(view.task.say.clone());
    if let Some(p) = view.task.question().or(view.task.predictions.last()) {
        lines.push(p.ask.clone());
        lines.extend(p.options.iter().enumerate().map(|(n, option)| format!("  {}. {option}", n + 1)));
    }
    lines.extend(view.task.simplified.iter().map(|s| format!("Simplified: {s}")));
    lines.extend(view.task.debrief.iter().map(|s| format!("Debrief: {s}")));
    lines.join("\n")
}
