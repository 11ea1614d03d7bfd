//! Brings in sight what the last decision rests on: its document and the statement there, the bytes, the record. What
//! somebody has pinned stays.

use crate::lab::Draft;
use crate::narration::{Next, Place};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;
use crate::tui::panes::policy::text_area;
use crate::tui::panes::storage;
use crate::tui::shell::Shell;
use crate::tui::view;

/// Brings in sight what the decision on the stage rests on, if that is another one than before. Returns whether another
/// document is open now, so that what is drawn must be made anew.
pub fn bring(lab: &mut LabScreen, shell: &Shell) -> bool {
    let crux = lab.view.crux.clone();
    let before = std::mem::replace(&mut lab.crux, crux.clone());
    // Whoever types is not torn away; a class looks at the teacher's cue.
    if crux == before || lab.present.is_some() {
        return false;
    }
    let forward = crux.at.branch == before.at.branch && crux.at.position > before.at.position;
    let done = forward && lab.session.lab().history().last().is_some();
    if done {
        show_bytes(lab, shell);
        show_record(lab, shell);
    }
    if lab.typing {
        return false;
    }
    let opened = show_statement(lab, done);
    if done && !is_busy(lab) {
        let regions = lab.regions(shell.area);
        // Beside a draft it is the answer that says whether it follows the draft.
        let first = lab.has_drafts().then_some(Pane::Answer);
        let mut panes = first.into_iter().chain(crux.places.iter().copied().map(pane_of));
        if let Some(pane) = panes.find(|pane| regions.stack.contains(pane)) {
            to_front(lab, shell, pane);
        }
    }
    opened
}

/// Begins with what the first decision shown rests on: the document on the screen is scrolled to its statement where that
/// is not in sight.
pub fn begin(lab: &mut LabScreen, shell: &Shell) {
    lab.crux = lab.view.crux.clone();
    let open = lab.session.lab().draft().map(Draft::document);
    let decided = lab.crux.document.as_ref().filter(|(document, _)| Some(document) == open);
    let text = lab.regions(shell.area).pane(Pane::Policy).map(text_area);
    if let (Some((_, Some((first, last)))), Some(text)) = (decided, text)
        && *last >= usize::from(text.height)
    {
        lab.reveal.lines = Some((*first, last + 1));
    }
}

/// The pane where that is to be seen.
fn pane_of(place: Place) -> Pane {
    match place {
        Place::Document => Pane::Policy,
        Place::Answer => Pane::Answer,
        Place::Storage => Pane::Storage,
        Place::Audit => Pane::Audit,
        Place::Keys => Pane::Keys,
    }
}

/// Whether somebody went to a pane to work in it, which then stays where it is.
pub fn is_busy(lab: &LabScreen) -> bool {
    let went = lab.front != Some(lab.focus);
    matches!(lab.focus, Pane::Keys | Pane::Console)
        || went && matches!(lab.focus, Pane::Storage | Pane::Audit)
}

/// Brings a pane to the front of those that share its place, unless one of them is pinned. Returns whether it did.
///
/// The focus goes along if it is on one of them, or on a line without a frame: keys go where somebody sees what they do.
pub fn to_front(lab: &mut LabScreen, shell: &Shell, pane: Pane) -> bool {
    let regions = lab.regions(shell.area);
    let stack = &regions.stack;
    if !stack.contains(&pane) || stack.iter().any(|other| lab.pinned.contains(other)) {
        return false;
    }
    lab.front = Some(pane);
    if stack.contains(&lab.focus) || regions.pane(lab.focus).is_none() {
        lab.focus = pane;
    }
    true
}

/// Opens the document that decided, if something was `done`, and shows the statement in it. A document with a draft of
/// one's own, or that the task has to be done in, stays.
fn show_statement(lab: &mut LabScreen, done: bool) -> bool {
    let Some((document, lines)) = lab.crux.document.clone() else { return false };
    if lab.pinned.contains(&Pane::Policy) {
        return false;
    }
    let open = lab.session.lab().draft().map(|draft| draft.document().clone());
    let other = open.as_ref() != Some(&document);
    if other {
        let needed = matches!(
            lab.view.next,
            Some(Next::Edit | Next::Insert | Next::Change | Next::TakeOut(_) | Next::Mend | Next::Apply)
        );
        let known = lab.session.lab().all_documents().contains(&document);
        if !done || needed || lab.dirty() || !known {
            return false;
        }
        // Opening a document to read it says nothing about which answer is shown.
        let (ran, turned) = (lab.ran, lab.turned);
        lab.show_document(&document);
        (lab.ran, lab.turned) = (ran, turned);
    }
    match lines {
        Some((first, last)) => lab.show_lines(first, last + 1),
        None if other => lab.show_lines(0, 1),
        None => {}
    }
    other
}

/// Scrolls what is stored to the table that the step was about, and to the page that it has written.
fn show_bytes(lab: &mut LabScreen, shell: &Shell) {
    if lab.pinned.contains(&Pane::Storage) {
        return;
    }
    let disks = &lab.view.storage.disks;
    let Some(disk) = disks.iter().position(|disk| Some(&disk.name) == lab.crux.table.as_ref()) else {
        return;
    };
    let rect = lab.regions(shell.area).pane(Pane::Storage);
    let width = rect.map_or(60, |rect| usize::from(rect.width.saturating_sub(4)));
    let ctx = view::lab_ctx(lab, shell, false);
    let line = storage::line_of(&lab.view.storage, disk, lab.crux.page, &ctx, width);
    lab.scroll.insert(Pane::Storage, line);
}

/// Selects the record that the step has left, and scrolls to it.
fn show_record(lab: &mut LabScreen, shell: &Shell) {
    let Some(record) = lab.crux.record.filter(|_| !lab.pinned.contains(&Pane::Audit)) else { return };
    lab.audit_selected = record;
    let rect = lab.regions(shell.area).pane(Pane::Audit);
    let height = rect.map_or(1, |rect| usize::from(rect.height.saturating_sub(2))).max(1);
    let top = lab.scroll_of(Pane::Audit).min(record).max((record + 1).saturating_sub(height));
    lab.scroll.insert(Pane::Audit, top);
}

/// Pins a pane, so that it stays as it is whatever is decided, or lets it go: the one with the focus, else the one in
/// front of those that share a place.
pub fn pin(lab: &mut LabScreen, shell: &mut Shell) {
    let regions = lab.regions(shell.area);
    let front = || regions.stack.iter().copied().find(|pane| regions.pane(*pane).is_some());
    let wanted = if can_be_pinned(lab.focus, &regions.stack) { Some(lab.focus) } else { front() };
    let Some(pane) = wanted.or(regions.pane(Pane::Policy).map(|_| Pane::Policy)) else {
        shell.bad("nothing here follows what is decided, so nothing can be pinned");
        return;
    };
    let key = shell.keys.label(Context::Lab, Action::Pin);
    let name = pane.name();
    if lab.pinned.remove(&pane) {
        shell.note(format!("{name} follows what is decided again"));
        lab.front = Some(pane);
    } else {
        // Of those that share a place only one can stay in front.
        lab.pinned.retain(|other| !(regions.stack.contains(&pane) && regions.stack.contains(other)));
        lab.pinned.insert(pane);
        shell.note(format!("{name} is pinned: it stays as it is until {key} lets it go"));
    }
}

/// Whether a pane follows what is decided, or stands before others that do.
pub fn can_be_pinned(pane: Pane, stack: &[Pane]) -> bool {
    stack.contains(&pane) || matches!(pane, Pane::Policy | Pane::Storage | Pane::Audit)
}
