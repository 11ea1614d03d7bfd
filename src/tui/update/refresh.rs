//! Keeping what is drawn in step with the session, and what is scrolled inside its pane.

use ratatui::layout::Rect;

use crate::narration::ViewOptions;
use crate::narration::course;
use crate::tui::app::{App, Lab, Mood};
use crate::tui::editor::Editor;
use crate::tui::flash::Flash;
use crate::tui::layout::{Pane, Preset, Region};
use crate::tui::overlay::Overlay;
use crate::tui::panes;
use crate::tui::session::Session;
use crate::tui::view;

/// Opens a scenario by its id or file and shows the lab.
pub fn open_scenario(app: &mut App, which: &str, acting: Option<&str>) -> Result<(), String> {
    let (session, notice) = Session::start(which, acting, app.state.as_deref())?;
    show(app, session);
    app.toast = notice.map(|(good, words)| (Mood::of(good), words));
    Ok(())
}

/// Shows a session that was opened.
pub fn show(app: &mut App, session: Session) {
    let text = session.text();
    let session_lines = session.typed_lines();
    let lab = Lab {
        session,
        view: crate::narration::LabView::default(),
        editor: Editor::new(&text),
        typing: false,
        ran: false,
        focus: Pane::Identities,
        zoom: None,
        preset: preset(app),
        hidden: std::collections::BTreeSet::new(),
        dragged: Vec::new(),
        in_hand: None,
        scroll: std::collections::BTreeMap::new(),
        wanted: String::new(),
        found: None,
        audit_selected: 0,
        audit_filter: String::new(),
        storage_since: crate::lab::Point::default(),
        matrix_subject: 0,
        expanded: false,
        data_events: false,
        console: crate::tui::app::ConsoleState { lines: session_lines, ..Default::default() },
        keys_selected: 0,
        watchable: Vec::new(),
        pair: [0, 1],
        side: 0,
    };
    app.lab = Some(lab);
    app.present = None;
    app.at_home = false;
    app.overlays.clear();
    if let Some(lab) = &mut app.lab {
        lab.editor.set_base(&lab.session.base());
        lab.editor.set_findings(lab.session.findings());
    }
    refresh(app);
}

/// The arrangement for a lab that is opened: that of the one before, unless it was there for one purpose.
fn preset(app: &App) -> Preset {
    let before = app.lab.as_ref().map_or(Preset::default(), |lab| lab.preset);
    if matches!(before, Preset::Console | Preset::Keys | Preset::Compare) {
        Preset::default()
    } else {
        before
    }
}

/// Puts what was done on the disk. If that fails once, the person is told and it is not tried again.
pub fn keep(app: &mut App, all: bool) {
    let Some(lab) = &mut app.lab else { return };
    if let Err(why) = lab.session.keep(all) {
        lab.session.keep_no_more();
        app.toast = Some((Mood::Bad, format!("not kept on the disk: {why}")));
    }
}

/// Writes down in the list how far the open scenario is.
pub fn mark_progress(app: &mut App) {
    keep(app, true);
    let Some(lab) = &app.lab else { return };
    let id = lab.session.scenario_id();
    let progress = lab.session.progress();
    if let Some(row) = app.library_mut().iter_mut().find(|s| s.id == id)
        && progress.0 >= row.progress.0
    {
        row.progress = progress;
    }
}

/// Closes the lab and shows the list, with how far each scenario is.
pub fn show_list(app: &mut App) {
    read_progress(app);
    mark_progress(app);
    app.lab = None;
    app.at_home = true;
}

/// Reads once how far each scenario is: it takes a while, and a lab that is opened at once does not wait for it.
pub fn read_progress(app: &mut App) {
    if !std::mem::replace(&mut app.progress_known, true) {
        let state = app.state.clone();
        course::read_progress(app.library_mut(), state.as_deref());
        // The list opens where the person left.
        app.home.last = course::last_played(state.as_deref());
        let last = app.library().iter().position(|s| app.home.last.as_ref() == Some(&s.id));
        app.home.selected = last.unwrap_or(0);
    }
}

/// Reads the session anew into what is drawn.
pub fn refresh(app: &mut App) {
    let matrix = matrix_in_sight(app);
    let number = app.flash.as_ref().map_or(0, |flash| flash.number.wrapping_add(1));
    let Some(lab) = &mut app.lab else { return };
    let matrix = matrix.then_some(lab.matrix_subject);
    let pair = (lab.preset == Preset::Compare).then_some(lab.pair);
    let view = lab.session.view(ViewOptions {
        data_events: lab.data_events,
        // A class has guessed by show of hands.
        keep_back: app.present.is_none(),
        pair,
        storage_since: lab.storage_since,
        applied: lab.ran,
        matrix,
    });
    let before = std::mem::replace(&mut lab.view, view);
    let mut told = lab.view.task.feedback.is_some() && lab.view.task.feedback != before.task.feedback;
    // What the task pane says first is not where one looks: how a guess turned out, that a task is done, what comes next.
    let same = before.head.id == lab.view.head.id;
    let ((was, _), (now, all)) = (before.head.task, lab.view.head.task);
    let ended = same && was < now && now <= all && !lab.view.head.done;
    let judged = lab.view.task.newly_judged(&before.task);
    let right = judged.iter().filter(|p| p.outcome.as_ref().is_some_and(|(right, _)| *right)).count();
    let mut news = Vec::new();
    if same && !judged.is_empty() {
        news.push(match (right, judged.len()) {
            (1, 1) => "Your guess was right".to_owned(),
            (_, 1) => "Not what you guessed".to_owned(),
            // A number in front would read as a key.
            (right, all) => format!("Of {all} guesses {right} were right"),
        });
    }
    if ended {
        news.push(format!("Task {was} of {all} is done. Next: {}", lab.view.task.say));
    }
    if !news.is_empty() {
        let (mood, said) = app.toast.take().unzip();
        // How the call ended stands in the answer, too.
        let said = said.filter(|_| judged.is_empty());
        let mood = match mood {
            _ if !judged.is_empty() => Mood::of(right == judged.len()),
            Some(mood) if !ended => mood,
            _ => Mood::Good,
        };
        app.toast = Some((mood, said.into_iter().chain(news).collect::<Vec<_>>().join(". ")));
    }
    // What comes next is a letter.
    lab.typing &= !same || before.head.done || !lab.view.head.done;
    if was != now || before.head.done != lab.view.head.done || !judged.is_empty() {
        lab.scroll.remove(&Pane::Task);
        // How a guess turned out says as much.
        told &= judged.is_empty();
    }
    let flash = Flash::between(&before, &lab.view, number).filter(|_| !app.reduced_motion);
    app.flash = flash.or(app.flash.take());
    // Here, so that every row number means the same wherever records are counted.
    lab.view.audit.retain(|row| panes::audit::matches(row, &lab.audit_filter));
    if told {
        show_what_is_said(app, false);
    }
}

/// Brings the newest hint into view, or what is said of a mistake: both stand below what is always there.
pub fn show_what_is_said(app: &mut App, hint: bool) {
    let Some(rect) = app.regions().pane(Pane::Task) else { return };
    let total = view::pane_rows(app, Pane::Task, rect);
    let said = view::said_rows(app, rect, hint).unwrap_or_default();
    let height = usize::from(rect.height.saturating_sub(2));
    if let Some(lab) = &mut app.lab {
        let max = total.saturating_sub(height);
        let now = lab.scroll_of(Pane::Task);
        // Its end is on the screen, unless its beginning would not be.
        lab.scroll.insert(Pane::Task, now.max(said.end.saturating_sub(height)).min(said.start).min(max));
    }
}

/// Shows only the audit records that hold these words, the newest of them selected.
pub fn filter_audit(app: &mut App, words: &str) {
    let Some(lab) = &mut app.lab else { return };
    words.clone_into(&mut lab.audit_filter);
    lab.audit_selected = 0;
    refresh(app);
}

/// Whether everybody against everything is on the screen.
fn matrix_in_sight(app: &App) -> bool {
    let over = app.overlays.iter().any(|overlay| matches!(overlay, Overlay::Matrix { .. }));
    over || app.lab.is_some() && !app.at_home && app.regions().panes().contains(&Pane::Matrix)
}

/// The text was edited: reads it, and if it is a valid policy lets every verdict follow it.
pub fn draft_changed(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    lab.ran = false;
    lab.session.edit(&lab.editor.text());
    lab.editor.set_findings(lab.session.findings());
    refresh(app);
}

/// Another document is open, or the world has changed under it: the editor starts from the session's text.
pub fn document_changed(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    lab.ran = false;
    let text = lab.session.text();
    let cursor = lab.editor.cursor();
    lab.editor = Editor::new(&text);
    lab.editor.go_to(cursor.0, cursor.1);
    // The editor takes a text without its last line's end; a draft follows it.
    if lab.session.is_changed() && lab.editor.text() != text {
        lab.session.edit(&lab.editor.text());
    }
    lab.editor.set_base(&lab.session.base());
    lab.editor.set_findings(lab.session.findings());
    refresh(app);
}

/// Calls were made that may have changed any document; `draft` says whether there was a draft before them.
pub fn world_changed(app: &mut App, draft: bool) {
    let Some(lab) = &mut app.lab else { return };
    let before = lab.session.text();
    lab.session.follow_world(draft);
    if lab.session.text() == before {
        let base = lab.session.base();
        lab.editor.set_base(&base);
        refresh(app);
    } else {
        document_changed(app);
    }
}

/// Scrolls the editor so that its cursor is on the screen.
pub fn follow_cursor(app: &mut App) {
    let regions = app.regions();
    let Some(lab) = &mut app.lab else { return };
    if let Some(rect) = regions.pane(Pane::Policy) {
        let area = panes::policy::text_area(rect);
        lab.editor.follow(usize::from(area.width), usize::from(area.height));
    }
}

/// Scrolls a pane by rows.
pub fn scroll_pane(app: &mut App, pane: Pane, rect: Rect, by: isize) {
    if pane == Pane::Console {
        super::console::scroll(app, by);
    } else {
        scroll_pane_to(app, pane, rect, |now, last| now.saturating_add_signed(by).min(last));
    }
}

/// Scrolls a pane to the row that `to` makes of the first one in sight and the last that can be it. What must stay in
/// sight goes along: the cursor while somebody types, the selected row of the pane with the focus.
pub fn scroll_pane_to(app: &mut App, pane: Pane, rect: Rect, to: impl Fn(usize, usize) -> usize) {
    let total = view::pane_rows(app, pane, rect);
    let Some(lab) = &mut app.lab else { return };
    if pane == Pane::Policy {
        let height = usize::from(panes::policy::text_area(rect).height);
        let (lines, now) = lab.editor.extent();
        let top = to(now, lines.saturating_sub(height));
        lab.editor.show_from(top);
        let (line, column) = lab.editor.cursor();
        let seen = line.clamp(top, top + height.saturating_sub(1));
        if lab.typing && seen != line {
            lab.editor.go_to(seen, column);
        }
        return;
    }
    let max = panes::max_scroll(total, rect.height.saturating_sub(2));
    let top = to(lab.scroll_of(pane).min(max), max);
    lab.scroll.insert(pane, top);
    if lab.focus != pane {
        return;
    }
    let bottom = top + usize::from(rect.height.saturating_sub(3));
    if pane == Pane::Audit {
        lab.audit_selected = lab.audit_selected.clamp(top, bottom);
    }
    if pane == Pane::Keys {
        let selected = lab.keys_selected;
        let owners = view::key_owners(app, rect);
        let first = owners.get(top).copied().unwrap_or(selected);
        let last = owners.get(bottom).copied().unwrap_or(selected);
        if let Some(lab) = &mut app.lab {
            lab.keys_selected = selected.clamp(first, last.max(first));
        }
    }
}

/// After every message: what is focused is on the screen, what is selected exists.
pub fn settle(app: &mut App) {
    let all = app.exit.is_some() || app.lab.as_ref().is_some_and(|l| !l.typing);
    keep(app, all);
    let count = app.matching_scenarios().len();
    app.home.selected = app.home.selected.min(count.saturating_sub(1));
    let regions = app.regions();
    let editing = app.lab.as_ref().is_some_and(|l| l.typing);
    if app.lab.as_ref().is_some_and(|lab| lab.view.matrix.columns.is_empty()) && matrix_in_sight(app) {
        refresh(app);
    }
    let keys = regions.pane(Pane::Keys).map(|rect| view::key_owners(app, rect)).unwrap_or_default();
    if let Some(lab) = &mut app.lab {
        let panes = regions.panes();
        if lab.zoom.is_some_and(|z| z != lab.focus) {
            lab.zoom = Some(lab.focus);
        } else if lab.zoom.is_none() && !panes.contains(&lab.focus) && !panes.is_empty() {
            lab.focus = panes[0];
        }
        // A document that nobody can change any more, or that is gone, takes no letters.
        lab.typing &= !lab.view.document.applied_by.is_empty();
        // Keys go into the console only while it is on the screen with the focus.
        lab.console.typing &= lab.focus == Pane::Console;
        lab.keys_selected = lab.keys_selected.min(panes::keys::count(&lab.view.keys).saturating_sub(1));
        if let Some(rect) = regions.get(Region::Pane(Pane::Keys)).filter(|_| lab.focus == Pane::Keys) {
            let height = usize::from(rect.height.saturating_sub(2)).max(1);
            let first = keys.iter().position(|row| *row == lab.keys_selected).unwrap_or(0);
            let last = keys.iter().rposition(|row| *row == lab.keys_selected).unwrap_or(0);
            let top = lab.scroll_of(Pane::Keys).min(first).max((last + 1).saturating_sub(height));
            lab.scroll.insert(Pane::Keys, top);
        }
        lab.audit_selected = lab.audit_selected.min(lab.view.audit.len().saturating_sub(1));
        if let Some(rect) = regions.get(Region::Pane(Pane::Audit)) {
            let height = usize::from(rect.height.saturating_sub(2)).max(1);
            let top = lab.scroll_of(Pane::Audit);
            if lab.focus == Pane::Audit {
                let top = top.min(lab.audit_selected).max((lab.audit_selected + 1).saturating_sub(height));
                lab.scroll.insert(Pane::Audit, top);
            }
        }
    }
    if editing {
        follow_cursor(app);
    }
    super::compare::settle(app);
    super::menus::settle(app);
}
