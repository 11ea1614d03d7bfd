//! What is done once after each message: what is drawn is made, what must be on the screen is brought there, what was
//! done is put on the disk.

use super::bring;
use crate::lab::Kept;
use crate::narration::{self, CallStatus, LabView, Mark};
use crate::tui::app::{App, Screen};
use crate::tui::flash::Flash;
use crate::tui::home::Home;
use crate::tui::lab_screen::{Basis, LabScreen};
use crate::tui::layout::{Pane, Regions};
use crate::tui::overlays::{Overlay, Page, PageKind, PathInput, Purpose};
use crate::tui::panes;
use crate::tui::panes::pane::Room;
use crate::tui::panes::table::view_of;
use crate::tui::shell::Shell;
use crate::tui::toast::ToastKind;
use crate::tui::view;

/// Settles whatever a message has changed: what is focused is on the screen, what is selected exists, what is drawn is
/// true.
pub fn settle(app: &mut App) {
    match &mut app.screen {
        Screen::Home => settle_home(&mut app.home),
        Screen::Lab(lab) => settle_lab(lab, &mut app.shell),
    }
    super::overlay::settle(app);
}

fn settle_home(home: &mut Home) {
    home.selected = home.selected.min(home.matching().len().saturating_sub(1));
}

fn settle_lab(lab: &mut LabScreen, shell: &mut Shell) {
    give_back(lab);
    focus_on_screen(lab, &lab.regions(shell.area));
    super::navigate::settle_pair(lab);
    show(lab, shell);
    lab.from_outside = false;
    show_waiting_card(lab, shell);
    tell_why(lab, shell);
    // A key without an alias has no other name than its id.
    let named = lab.view.resources.iter().filter(|row| row.is_key && !row.id.starts_with(&row.name));
    lab.editor.name_keys(named.map(|row| (row.id.clone(), row.name.clone())).collect());
    lab.stage = view::stage_rows(lab, shell);
    let all = shell.exit.is_some() || !lab.typing;
    keep(lab, shell, all);
    select_what_exists(lab, shell);
    reveal(lab, shell);
}

/// Puts what was done on the disk; text being typed waits unless `all`. What fails is told once; the head line shows it as
/// long as it lasts, and it is tried again with each step.
pub fn keep(lab: &mut LabScreen, shell: &mut Shell, all: bool) {
    lab.session.note_line(lab.console.line.text());
    match lab.session.keep(all) {
        Kept::AsBefore => {}
        Kept::Fails(why) => {
            shell.bad(format!("not kept on the disk: {why}; it is tried again with each step"));
        }
        Kept::Again => shell.good("kept on the disk again, all that was done"),
    }
}

/// Brings how a guess turned out, and why, to the front where panes share a place, to be scrolled: at once, or when whoever
/// types is through.
fn tell_why(lab: &mut LabScreen, shell: &Shell) {
    if lab.typing || lab.console.typing || lab.present.is_some() || !std::mem::take(&mut lab.untold) {
        return;
    }
    // Whoever went to one of those panes works there.
    if !bring::is_busy(lab) && bring::to_front(lab, shell, Pane::Story) {
        lab.focus = Pane::Story;
    }
}

/// Gives back what the console took when it was opened, once nobody types there any more, whichever way that was left.
fn give_back(lab: &mut LabScreen) {
    if lab.console.typing {
        return;
    }
    if let Some((focus, zoom)) = lab.console.from.take().filter(|_| lab.focus == Pane::Console) {
        (lab.focus, lab.zoom) = (focus, zoom);
    }
}

fn focus_on_screen(lab: &mut LabScreen, regions: &Regions) {
    let panes = regions.panes();
    if lab.zoom.is_some_and(|z| z != lab.focus) {
        lab.zoom = Some(lab.focus);
    } else if lab.zoom.is_none()
        && !panes.contains(&lab.focus)
        && let Some(first) = panes.first()
    {
        lab.focus = *first;
    }
}

/// Makes what is drawn from the session, if anything that it depends on has changed.
fn show(lab: &mut LabScreen, shell: &mut Shell) {
    let basis = lab.basis(matrix_in_sight(lab, shell));
    if lab.made_from.as_ref().is_some_and(|made_from| still_true(made_from, &basis)) {
        return;
    }
    let mut view = made(lab, shell);
    if lab.turned.is_some_and(|(nth, _)| is_gone(&view, nth)) {
        lab.turned = None;
        view = made(lab, shell);
    }
    let turned = turned(&lab.view, &view);
    if turned.is_some() && lab.turned != turned && lab.present.is_none() {
        // What has turned is what one looks at.
        lab.turned = turned;
        view = made(lab, shell);
    }
    let before = std::mem::replace(&mut lab.view, view);
    if lab.made_from.is_none() {
        bring::begin(lab, shell);
    } else if bring::bring(lab, shell) {
        lab.view = made(lab, shell);
        lab.crux = lab.view.crux.clone();
    }
    lab.made_from = Some(lab.basis(matrix_in_sight(lab, shell)));
    let number = shell.flashes.wrapping_add(1);
    if let Some(flash) = Flash::between(&before, &lab.view, number).filter(|_| !shell.reduced_motion) {
        // No later one has its number, even if a key has ended it: its time may still be running.
        (shell.flash, shell.flashes) = (Some(flash), number);
    }
    tell(&before, lab, shell);
}

/// What is drawn, as the session is now.
fn made(lab: &LabScreen, shell: &Shell) -> LabView {
    let basis = lab.basis(matrix_in_sight(lab, shell));
    let mut view = narration::lab_view(lab.session.lab(), basis.options);
    view.task.name_keys(&|name| shell.keys.of_name(name));
    // Here, so that every row number means the same wherever records are counted.
    view.audit.retain(|row| panes::audit::matches(row, &basis.audit_filter));
    view.crux.record = narration::record_of(&view.audit, view.crux.at);
    view
}

/// The first identity whose verdict in force is another than it was, and what it was; whoever acts before others.
fn turned(before: &LabView, after: &LabView) -> Option<(usize, CallStatus)> {
    let same = before.head.id == after.head.id && before.watched == after.watched;
    let mut turned = after.identities.iter().enumerate().filter_map(|(nth, now)| {
        let was = before.identities.iter().find(|was| was.name == now.name)?;
        let (was_so, is_so) = (was.applied.mark()?, now.applied.mark()?);
        // Somebody who was deleted makes no call that could end in another way.
        let has_turned = was_so.status != is_so.status && !is_so.is_of_nobody();
        has_turned.then_some((nth, now.acting, was_so.status))
    });
    let first = turned.clone().next()?;
    let (nth, _, was) = turned.find(|(_, acting, _)| *acting).unwrap_or(first);
    same.then_some((nth, was))
}

/// Whether an identity was deleted.
fn is_gone(view: &LabView, nth: usize) -> bool {
    view.identities.get(nth).and_then(|row| row.applied.mark()).is_some_and(Mark::is_of_nobody)
}

/// Whether what was made from `made` says what is wanted now. A matrix that nobody sees any more does no harm.
fn still_true(made: &Basis, wanted: &Basis) -> bool {
    let mut made = made.clone();
    if wanted.options.matrix.is_none() {
        made.options.matrix = None;
    }
    made == *wanted
}

/// Whether everybody against everything is on the screen.
fn matrix_in_sight(lab: &LabScreen, shell: &Shell) -> bool {
    let over = shell.overlays.iter().any(|overlay| matches!(overlay, Overlay::Matrix(_)));
    over || lab.regions(shell.area).panes().contains(&Pane::Matrix)
}

/// Says what the task pane says first, which is not where one looks: how a guess turned out, that a task is done, what
/// comes next. Brings what is said of a mistake on the screen.
fn tell(before: &LabView, lab: &mut LabScreen, shell: &mut Shell) {
    let after = &lab.view;
    let same = before.head.id == after.head.id;
    let ((was, _), (now, all)) = (before.head.task, after.head.task);
    let ended = same && was < now && now <= all && !after.head.done;
    let judged = after.task.newly_judged(&before.task);
    let right = judged.iter().filter(|p| p.was_right()).count();
    let mut news = Vec::new();
    if same && !judged.is_empty() {
        news.push(match judged.as_slice() {
            [only] => only.verdict().unwrap_or_default().to_owned(),
            // A number in front would read as a key.
            several => format!("Of {} guesses {right} were right", several.len()),
        });
    }
    let shifted = after.shifted.first().filter(|_| same && after.made > before.made && !ended);
    if let Some(words) = shifted.filter(|_| judged.is_empty() && lab.present.is_none()) {
        news.push(words.clone());
    }
    if ended {
        // What is asked for next stands whole on top of the screen.
        news.push(format!("Task {was} of {all} is done"));
    }
    if !news.is_empty() {
        let (kind, said) = shell.toast.take().unzip();
        // How the call ended stands in the answer, too.
        let said = said.filter(|_| judged.is_empty());
        // How the call ended is one thing, how the guess did another: an attack that works is no failure.
        let kind = match kind {
            _ if !judged.is_empty() && right == judged.len() => ToastKind::Good,
            _ if !judged.is_empty() => ToastKind::Note,
            Some(kind) if !ended => kind,
            None if !ended => ToastKind::Note,
            Some(_) | None => ToastKind::Good,
        };
        // What is new comes first: a narrow screen cuts the end.
        shell.toast = Some((kind, news.into_iter().chain(said).collect::<Vec<_>>().join(". ")));
    }
    let is_news = !judged.is_empty();
    let (done, past) = (after.head.done, after.head.past.is_some());
    lab.untold = same && !done && (lab.untold || is_news);
    if same && all > 0 && done && !before.head.done && !past && lab.present.is_none() {
        if lab.from_outside {
            lab.card_waits = true;
        } else {
            show_card(lab, shell);
        }
    }
    // What comes next is a letter, unless somebody types something else meanwhile.
    lab.typing &= !same || before.head.done || !done || lab.from_outside;
    if was != now || before.head.done != lab.view.head.done || is_news {
        lab.scroll.remove(&Pane::Story);
    }
    // What is said of a mistake takes the place of a hint.
    let feedback = &lab.view.task.feedback;
    if was != now || feedback.is_some() && *feedback != before.task.feedback {
        lab.hint = false;
    }
}

/// Shows what was learned where a call from outside has ended the scenario, or where it was left before that, once nobody
/// types or reads something else.
fn show_waiting_card(lab: &mut LabScreen, shell: &mut Shell) {
    let free = !lab.typing && !lab.console.typing && lab.present.is_none();
    if lab.card_waits && free && shell.overlays.is_empty() {
        lab.card_waits = false;
        // Meanwhile they may have undone it.
        if lab.view.head.done {
            show_card(lab, shell);
        }
    }
}

/// Shows what was learned.
fn show_card(lab: &LabScreen, shell: &mut Shell) {
    let card = narration::card(lab.session.lab());
    shell.overlays.push(Overlay::Page(Page::new(PageKind::Card(Box::new(card)))));
    if lab.session.lab().asks_for_words() {
        shell.overlays.push(Overlay::Path(PathInput::new(Purpose::Words)));
    }
}

/// What is selected exists and is on the screen; keys go where somebody can see what they do.
fn select_what_exists(lab: &mut LabScreen, shell: &Shell) {
    // The cursor is followed below even where the text takes no more letters.
    lab.reveal.cursor |= lab.typing;
    // A document that nobody can change any more, or that is gone, takes no letters.
    lab.typing &= !lab.view.document.applied_by.is_empty();
    // Keys go into the console only while it is on the screen with the focus.
    lab.console.typing &= lab.focus == Pane::Console;
    for pane in Pane::ALL {
        (view_of(pane).settle)(lab);
    }
    let Some(rect) = lab.regions(shell.area).pane(lab.focus) else { return };
    let room = Room { pane: lab.focus, rect, ctx: view::lab_ctx(lab, shell, true) };
    if let Some(rows) = (view_of(lab.focus).selection)(lab, room) {
        let top = lab.scroll_of(lab.focus).min(rows.start).max(rows.end.saturating_sub(room.height().max(1)));
        lab.scroll.insert(lab.focus, top);
    }
}

/// Brings on the screen what the message wants there.
fn reveal(lab: &mut LabScreen, shell: &Shell) {
    let wanted = std::mem::take(&mut lab.reveal);
    let Some(rect) = lab.regions(shell.area).pane(Pane::Policy) else {
        // A statement waits until its document is in sight.
        lab.reveal.lines = wanted.lines;
        return;
    };
    let text = panes::policy::text_area(rect);
    let (width, height) = (usize::from(text.width), usize::from(text.height));
    if let Some((first, end)) = wanted.lines {
        for line in [end, first] {
            lab.editor.go_to(line, 0);
            lab.editor.follow(width, height);
        }
    } else if wanted.cursor {
        lab.editor.follow(width, height);
    }
}
