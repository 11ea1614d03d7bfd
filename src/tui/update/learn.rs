//! What a learner does in the lab besides editing: acting as somebody, making the call, guessing, going back in time.

use super::{Outcome, open_menu, present};
use crate::lab::Point;
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Preset};
use crate::tui::message::Effect;
use crate::tui::overlay::{Menu, MenuKind, Overlay, Page, PageKind, Question};
use crate::tui::panes;
use crate::tui::shell::{Shell, ToastKind};

/// Acts as the identity of that number.
pub fn identity(lab: &mut LabScreen, shell: &mut Shell, nth: usize) -> Outcome {
    if nth >= lab.view.identities.len() {
        shell.bad(format!("there is no identity {}", nth + 1));
        return Outcome::changed();
    }
    present::leave_call(lab);
    let before = lab.session.text();
    lab.session.act_as(nth);
    // Documents follow the identity; a draft stays with the document it belongs to.
    if lab.session.text() != before {
        lab.document_changed();
        lab.editor.go_to(0, 0);
        lab.follow_cursor();
    }
    Outcome::changed()
}

/// Acts as the next identity in the list.
pub fn next_identity(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    let count = lab.view.identities.len().max(1);
    let next = (lab.session.lab().acting() + 1) % count;
    identity(lab, shell, next)
}

/// Makes the watched call. A question of the task that is still open does not stand in the way, unless the answer would
/// give away what is to be guessed.
pub fn run(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    if lab.present.is_none() && lab.session.lab().is_spoiler(lab.session.lab().acting()) {
        let outcome = open_menu(shell, Menu::walked(MenuKind::Predict));
        let run = shell.keys.label(Context::Lab, Action::Run);
        shell.note(format!("your guess comes first; then {run} makes the call"));
        return outcome;
    }
    let (good, words) = lab.session.run();
    lab.ran = true;
    shell.toast = Some((ToastKind::of(good), words));
    Outcome::changed()
}

/// Lists the calls there are to watch.
pub fn watch(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    lab.watchable = lab.session.lab().watchable();
    open_menu(shell, Menu::typed(MenuKind::Watch))
}

/// Shows the next hint.
pub fn hint(lab: &mut LabScreen, shell: &mut Shell) {
    match lab.session.hint() {
        Ok(()) => {
            lab.focus = Pane::Task;
            lab.hidden.remove(&Pane::Task);
        }
        Err(why) => shell.note(why),
    }
    // The newest hint stands below the older ones.
    lab.reveal.hint = true;
}

/// Asks the task's question.
pub fn predict(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    let task = &lab.view.task;
    if task.open.is_some() {
        return open_menu(shell, Menu::walked(MenuKind::Predict));
    }
    shell.note(match task.predictions.len() {
        0 => "this task asks no question",
        1 => "you have answered this one",
        _ => "you have answered them all",
    });
    Outcome::changed()
}

/// Starts the scenario again.
pub fn reset(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    lab.session.reset();
    shell.note("started again");
    lab.document_changed();
    Outcome::changed()
}

/// Asks whether the task is to begin again, where there is one.
pub fn ask_restart(lab: &mut LabScreen, shell: &mut Shell) {
    if lab.view.head.task.1 == 0 {
        shell.note("free play has no tasks");
    } else {
        shell.ask(Question::RestartTask);
    }
}

/// Begins the current task again.
pub fn restart_task(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    if let Some(task) = lab.session.restart_task() {
        lab.scroll.remove(&Pane::Task);
        shell.note(format!("task {} begins again", task + 1));
    }
    lab.document_changed();
    Outcome::changed()
}

/// Goes a step back or forward in the history, unless a draft would be compared with something else then.
pub fn step(lab: &mut LabScreen, shell: &mut Shell, back: bool) {
    if lab.dirty() {
        shell.bad("apply or discard the draft first: steps change what it is compared with");
        return;
    }
    match if back { lab.session.undo() } else { lab.session.redo() } {
        Some(words) => shell.good(words),
        None => shell.bad(if back { "this is the beginning" } else { "this is the newest moment" }),
    }
    lab.document_changed();
}

/// Compares what is stored with this moment from now on; once more, with the beginning.
pub fn mark_storage(lab: &mut LabScreen, shell: &mut Shell) {
    let here = lab.session.lab().history().point();
    let again = lab.storage_since == here;
    lab.storage_since = if again { Point::default() } else { here };
    let words = if again { "the beginning" } else { "this moment" };
    shell.note(format!("changed bytes are marked since {words}"));
}

/// Folds or unfolds the reasons and what is stored.
pub fn expand(lab: &mut LabScreen) {
    // Where another pane has the whole screen, the reasons are not in sight to be folded.
    let elsewhere = lab.zoom.is_some_and(|pane| pane != Pane::Why && pane != Pane::Storage);
    lab.expanded = elsewhere || !lab.expanded;
    // It unfolds what is stored, too: whoever reads that stays there.
    if lab.expanded && lab.focus != Pane::Storage {
        lab.focus = Pane::Why;
        lab.hidden.remove(&Pane::Why);
        lab.zoom = lab.zoom.map(|_| Pane::Why);
    }
}

/// Shows the keys; once they are in front, what can be done with the selected one.
pub fn keys(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    let shown = lab.regions(shell.area).panes().contains(&Pane::Keys);
    if lab.focus == Pane::Keys && shown {
        return open_menu(shell, Menu::walked(MenuKind::Key(lab.keys_selected)));
    }
    if !shown {
        lab.preset = Preset::Keys;
        lab.zoom = None;
    }
    lab.hidden.remove(&Pane::Keys);
    lab.typing = false;
    lab.console.typing = false;
    lab.focus = Pane::Keys;
    Outcome::changed()
}

/// Copies the command that makes the call on top, selected or watched.
pub fn copy_cli(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    let record = |nth: usize| lab.view.audit.get(nth).and_then(|record| record.cli.clone());
    let command = match shell.overlays.last() {
        Some(Overlay::Menu(m)) if m.kind == MenuKind::Timeline => {
            lab.view.steps.get(m.selected).and_then(|s| s.cli.clone())
        }
        Some(Overlay::Page(Page { kind: PageKind::Record(i), .. })) => record(*i),
        _ if lab.focus == Pane::Audit => record(lab.audit_selected),
        _ => lab.session.watched_cli(),
    };
    if let Some(command) = command {
        shell.good(format!("copied: {command}"));
        Outcome::asking(Effect::Copy(command))
    } else {
        shell.bad("no aws command makes this call: a service made it");
        Outcome::changed()
    }
}

/// The next subject of the matrix; brings the matrix on the screen if it is not there.
pub fn matrix_subject(lab: &mut LabScreen, shell: &mut Shell) {
    let in_sight = matches!(shell.overlays.last(), Some(Overlay::Matrix { .. }))
        || shell.overlays.is_empty() && lab.regions(shell.area).panes().contains(&Pane::Matrix);
    if in_sight {
        lab.matrix_subject = (lab.matrix_subject + 1) % lab.view.matrix.subject.1.max(1);
    } else if shell.overlays.is_empty() {
        shell.overlays.push(super::menus::matrix());
    }
}

/// The kinds of rows that the matrix on top shows, by their places among all.
pub fn matrix_rows(lab: &LabScreen, shell: &Shell) -> Vec<usize> {
    match shell.overlays.last() {
        Some(Overlay::Matrix { pick, .. }) => panes::matrix::shown(&lab.view.matrix, pick),
        _ => Vec::new(),
    }
}
