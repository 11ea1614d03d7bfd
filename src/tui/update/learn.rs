//! What a learner does in the lab besides editing: acting as somebody, making the call, guessing, going back in time.

use super::overlay::{open_menu, open_page};
use super::{Reaction, bring, present};
use crate::cloud::Call;
use crate::lab::{Point, Somebody};
use crate::narration::{self, ActionTarget};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Preset};
use crate::tui::overlays::{CellsWindow, MatrixWindow, Overlay, PageKind, Question, menus};
use crate::tui::panes::matrix::Pick;
use crate::tui::shell::Shell;
use crate::tui::toast::ToastKind;

/// Acts as the identity whose number is that of the key.
pub fn identity(lab: &mut LabScreen, shell: &mut Shell, nth: usize) -> Reaction {
    if let Some(row) = lab.view.numbered(nth + 1) {
        return act_as(lab, shell, row);
    }
    let there = lab.view.identities.iter().map(|row| format!("{} is {}", row.number, row.name));
    let there = there.collect::<Vec<_>>().join(", ");
    shell.bad(format!("nobody has the number {} here: {there}", nth + 1));
    Reaction::changed()
}

/// Acts as the identity of that row.
pub fn act_as(lab: &mut LabScreen, shell: &mut Shell, row: usize) -> Reaction {
    present::leave_call(lab);
    lab.turned = None;
    lab.chosen = Some(row);
    let before = lab.session.text();
    // What somebody types into stays under the cursor.
    lab.session.act_as(row, lab.typing);
    // Documents follow the identity; a draft stays with the document it belongs to.
    if lab.session.text() != before {
        lab.document_changed();
        lab.editor.go_to(0, 0);
        lab.follow_cursor();
    }
    // What is wrong with a text hangs on who would apply it.
    lab.editor.set_findings(lab.session.findings());
    if let Some(simplified) = lab.session.lab().persona().simplified() {
        shell.note(format!("acting as {simplified}"));
    }
    Reaction::changed()
}

/// Acts as somebody whom the list does not hold, who is listed then.
pub fn take_on(lab: &mut LabScreen, shell: &mut Shell, somebody: &Somebody) -> Reaction {
    if let Some(why) = &somebody.why_not {
        shell.bad(why.clone());
        return Reaction::changed();
    }
    let found = somebody.name.as_deref().and_then(|name| lab.session.lab_mut().listed(name));
    if let Some(row) = found {
        return act_as(lab, shell, row);
    }
    shell.bad(format!("{} is not there any more", somebody.title));
    Reaction::changed()
}

/// Acts as the next identity in the list.
pub fn next_identity(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let count = lab.view.identities.len().max(1);
    let next = (lab.session.lab().acting() + 1) % count;
    act_as(lab, shell, next)
}

/// Makes the watched call. A question of the task that is still open does not stand in the way, unless the answer would
/// give away what is to be guessed.
pub fn run(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if lab.present.is_none() && lab.session.lab().is_spoiler(lab.session.lab().acting()) {
        let reaction = ask(lab, shell);
        let run = shell.keys.label(Context::Lab, Action::Run);
        shell.note(format!("your guess comes first; then {run} makes the call"));
        return reaction;
    }
    let (good, words) = lab.session.run();
    lab.ran = true;
    lab.turned = None;
    shell.toast = Some((ToastKind::of(good), words));
    Reaction::changed()
}

/// Lists the calls there are to watch.
pub fn watch(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    open_menu(shell, menus::watch(lab, &shell.glyphs))
}

/// Shows the next hint.
pub fn hint(lab: &mut LabScreen, shell: &mut Shell) {
    match lab.session.hint() {
        // What is wrong with a text is told with a remedy once no more hint is to come.
        Ok(()) => lab.editor.set_findings(lab.session.findings()),
        Err(why) => shell.note(why),
    }
    lab.hint = true;
    // It stands under the task and in the story; another pane with the whole screen would hide it.
    lab.zoom = lab.zoom.filter(|pane| *pane == Pane::Story);
}

/// Asks the open question: by its choices, or as the grid that it is a cell of.
pub fn ask(lab: &LabScreen, shell: &mut Shell) -> Reaction {
    match CellsWindow::of(&lab.view.task) {
        None => open_menu(shell, menus::predict(lab)),
        Some(window) => {
            shell.overlays.retain(|overlay| !matches!(overlay, Overlay::Menu(_) | Overlay::Cells(_)));
            shell.overlays.push(Overlay::Cells(window));
            Reaction::changed()
        }
    }
}

/// Asks the task's question.
pub fn predict(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let task = &lab.view.task;
    if task.open.is_some() {
        return ask(lab, shell);
    }
    shell.note(match task.predictions.len() {
        0 => "this task asks no question",
        1 => "you have answered this one",
        _ => "you have answered them all",
    });
    Reaction::changed()
}

/// Starts the scenario again.
pub fn reset(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    lab.session.reset();
    shell.note("started again");
    lab.document_changed();
    Reaction::changed()
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
pub fn restart_task(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    match lab.session.restart_task() {
        Ok(Some(task)) => {
            lab.scroll.remove(&Pane::Story);
            shell.note(format!("task {} begins again", task + 1));
        }
        Ok(None) => {}
        Err(why) => shell.bad(why),
    }
    lab.document_changed();
    Reaction::changed()
}

/// Goes a step back or forward in the history, unless a draft would be compared with something else then.
pub fn step(lab: &mut LabScreen, shell: &mut Shell, back: bool) {
    if lab.has_drafts() {
        shell.bad("apply or discard what is a draft first: steps change what it is compared with");
        return;
    }
    lab.turned = None;
    match if back { lab.session.undo() } else { lab.session.redo() } {
        Ok(words) => shell.good(words),
        Err(why) => shell.bad(why),
    }
    lab.document_changed();
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

/// Shows the story and the guesses; once all is done, what was learned.
pub fn story(lab: &mut LabScreen, shell: &mut Shell) {
    if lab.view.head.done {
        let card = narration::card(lab.session.lab());
        open_page(shell, PageKind::Card(Box::new(card)));
        return;
    }
    lab.hidden.remove(&Pane::Story);
    lab.zoom = lab.zoom.map(|_| Pane::Story);
    lab.focus_on(Pane::Story);
}

/// Shows or hides data events and service calls, and the audit log where it lies behind another pane.
pub fn data_events(lab: &mut LabScreen, shell: &mut Shell) {
    lab.data_events = !lab.data_events;
    bring::to_front(lab, shell, Pane::Audit);
}

/// Shows the keys; once they are in front, what can be done with the selected one.
pub fn keys(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let shown = lab.regions(shell.area).panes().contains(&Pane::Keys);
    if lab.focus == Pane::Keys && shown {
        return open_menu(shell, menus::key(lab));
    }
    if !shown {
        lab.preset = Preset::Keys;
        lab.zoom = None;
    }
    lab.hidden.remove(&Pane::Keys);
    lab.typing = false;
    lab.console.typing = false;
    lab.focus = Pane::Keys;
    Reaction::changed()
}

/// Makes a call with a key or a grant, as the acting identity.
pub fn act_on_key(lab: &mut LabScreen, shell: &mut Shell, call: Call) {
    let dirty = lab.dirty();
    match lab.session.act_on_key(call) {
        Ok(words) => shell.good(words),
        Err(refusal) => {
            shell.bad(refusal.title.clone());
            open_page(shell, PageKind::Refused(refusal));
        }
    }
    lab.world_changed(dirty);
}

/// Goes to a step of the history, unless a draft would be lost.
pub fn go_to_step(lab: &mut LabScreen, shell: &mut Shell, point: Point) {
    if lab.has_drafts() {
        shell.bad("apply or discard what is a draft first");
    } else {
        if let Err(why) = lab.session.stand_at(point) {
            shell.bad(why);
        }
        lab.document_changed();
    }
}

/// Shows who can do an action to something.
pub fn who_can(lab: &LabScreen, shell: &mut Shell, action: String, target: ActionTarget) {
    let view = narration::who_can(lab.session.lab(), &action, &target);
    open_page(shell, PageKind::WhoCan(action, target, view));
}

/// The next subject of the matrix; brings the matrix on the screen if it is not there.
pub fn matrix_subject(lab: &mut LabScreen, shell: &mut Shell) {
    let in_sight = matches!(shell.overlays.last(), Some(Overlay::Matrix(_)))
        || shell.overlays.is_empty() && lab.regions(shell.area).panes().contains(&Pane::Matrix);
    if in_sight {
        lab.matrix_subject = (lab.matrix_subject + 1) % lab.view.matrix.subject.1.max(1);
    } else if shell.overlays.is_empty() {
        shell.overlays.push(Overlay::Matrix(MatrixWindow::default()));
    }
}

/// Shows every row of the matrix, or only those that differ.
pub fn pick_differing(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    pick(lab, shell, |pick| pick.differing = !pick.differing)
}

/// Shows the rows of the matrix in the next order.
pub fn pick_order(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    pick(lab, shell, |pick| pick.order = pick.order.next())
}

/// Changes which rows the matrix shows; brings it on the screen if nothing is open.
pub fn pick(lab: &mut LabScreen, shell: &mut Shell, change: impl FnOnce(&mut Pick)) -> Reaction {
    if shell.overlays.is_empty() {
        shell.overlays.push(Overlay::Matrix(MatrixWindow::default()));
    }
    match shell.overlays.last_mut() {
        Some(Overlay::Matrix(window)) => {
            window.choose(&lab.view.matrix, change);
            Reaction::changed()
        }
        Some(_) | None => Reaction::default(),
    }
}
