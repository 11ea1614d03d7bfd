//! The presenter's keys: on and back through the cues, freeze and reveal, the hands counted.

use super::{App, Reaction, work};
use crate::lab::Cue;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::{LabScreen, Present};
use crate::tui::message::Effect;
use crate::tui::panes::present::{is_large, size_warning};
use crate::tui::session::Shown;
use crate::tui::shell::Shell;
use crate::tui::work::Job;

/// Starts a presentation with the lab as it stands, its verdict kept back; in one, reveals the verdict.
pub fn present(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    match &mut lab.present {
        None if lab.session.cues().is_none() => {
            let lesson = Job::Lesson(Box::new(lab.session.lab().clone()));
            return work::begin(shell, "playing the solution", lesson);
        }
        None => start(lab),
        Some(present) if present.frozen => present.frozen = false,
        // Pressed once too often, the key ends nothing before a class.
        Some(_) => {
            let end = shell.keys.label(Context::Present, Action::Back);
            shell.note(format!("all is revealed; {end} ends the presentation"));
        }
    }
    Reaction::changed()
}

/// Begins with the lesson whose cues were made.
pub fn begin(lab: &mut LabScreen, cues: Vec<Cue>) {
    lab.session.begin_lesson(cues);
    start(lab);
}

fn start(lab: &mut LabScreen) {
    lab.typing = false;
    // Nothing is kept back from here on but the verdict.
    lab.present = Some(Present { frozen: true, ..Present::default() });
}

/// Starts with the beginning of the lesson, whose cues the session has.
pub fn start_lesson(lab: &mut LabScreen) {
    start(lab);
    show(lab, 0, true);
}

/// Starts the lesson while the caller waits, for a test.
#[cfg(test)]
pub fn start_lesson_here(lab: &mut LabScreen) {
    let cues = lab.session.lab().cues();
    lab.session.begin_lesson(cues);
    start_lesson(lab);
}

/// Goes back to the person's own lab.
pub fn end(lab: &mut LabScreen) {
    if lab.present.take().is_some() {
        lab.session.end_lesson();
        lab.document_changed();
    }
}

/// Looks at another identity: from here on the watched call is shown, and nobody has voted on it.
pub fn leave_call(lab: &mut LabScreen) {
    if let Some(present) = &mut lab.present {
        present.call = None;
        present.votes = (0, 0);
    }
}

/// Counts a hand for allowed or for denied, up or down.
pub fn vote(lab: &mut LabScreen, allowed: bool, by: i32) {
    let Some(present) = &mut lab.present else { return };
    let (yes, no) = &mut present.votes;
    let hands = if allowed { yes } else { no };
    *hands = hands.saturating_add_signed(by);
}

/// Reveals, or goes on to the next cue.
pub fn on(lab: &mut LabScreen, shell: &mut Shell) {
    let Some(present) = &mut lab.present else { return };
    if present.frozen {
        present.frozen = false;
        return;
    }
    let next = present.place.as_ref().map_or(0, |(n, ..)| *n);
    if !show(lab, next, true) {
        shell.note("that was the last cue");
    }
}

/// Goes back a cue, which is revealed: the vote is over.
pub fn back(lab: &mut LabScreen, shell: &mut Shell) {
    let at = lab.present.as_ref().and_then(|p| p.place.as_ref()).map_or(0, |(n, ..)| *n);
    if at < 2 || !show(lab, at - 2, false) {
        shell.note("this is the first cue");
    }
}

/// Shows a cue, from 0, exactly as it was the first time.
fn show(lab: &mut LabScreen, n: usize, frozen: bool) -> bool {
    let Some(all) = lab.session.cues() else { return false };
    let Some(Shown { title, call, mut notes, next }) = lab.session.present(n) else { return false };
    notes.push(next.map_or_else(|| "This is the last cue.".to_owned(), |next| format!("Next: {next}")));
    let place = Some((n + 1, all, title));
    lab.present = Some(Present { frozen, place, call, notes, votes: (0, 0) });
    lab.document_changed();
    true
}

/// The page of notes for a second terminal, if it is another than the one shown last.
pub fn notes(app: &mut App) -> Option<Effect> {
    let page = app.lab().map(|lab| page(lab, &app.shell)).unwrap_or_default();
    if app.shell.noted == page {
        return None;
    }
    app.shell.noted.clone_from(&page);
    Some(Effect::Notes(page))
}

fn page(lab: &LabScreen, shell: &Shell) -> String {
    let Some(present) = &lab.present else { return String::new() };
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
    if !is_large(shell.area) {
        lines.push(format!("Careful: {}.", size_warning(shell.area)));
    }
    lines.push(String::new());
    lines.extend(present.notes.iter().cloned());
    if let Some(call) = &present.call {
        lines.push(format!("{}: {} ({:?}) {}", call.who, call.what, call.status, call.conclusion));
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
