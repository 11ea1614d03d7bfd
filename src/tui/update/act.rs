//! What each action of the key map does.

use super::refresh::{self, document_changed, follow_cursor};
use super::{
    Outcome, compare, console, document, files, find, focus, menus, open_menu, present, screen, scroll,
};
use crate::lab::Point;
use crate::narration::course::{self, Following};
use crate::tui::app::{App, Exit, Lab, Mood};
use crate::tui::editor::Editor;
use crate::tui::keys::{Action, Context};
use crate::tui::layout::{Pane, Preset, Side};
use crate::tui::message::Effect;
use crate::tui::overlay::{Menu, MenuKind, Overlay, Page, PageKind, Pick, Purpose, Question};
use crate::tui::view;

/// Does the action; `nth` is which of its keys it was.
pub fn act(app: &mut App, action: Action, nth: usize) -> Outcome {
    match action {
        Action::Identity => return identity(app, nth),
        Action::Edit => document::edit(app),
        Action::Run => return run(app),
        Action::Watch => return watch(app),
        Action::Apply => document::apply(app),
        Action::NextDocument => return document::next_document(app, false),
        Action::Documents => return open_menu(app, Menu::typed(MenuKind::Documents)),
        Action::Versions => return open_menu(app, Menu::walked(MenuKind::Versions)),
        Action::Discard => return ask_if_dirty(app, Question::Discard),
        Action::Diff => page(app, PageKind::Diff),
        Action::Hint => hint(app),
        Action::Predict => return predict(app),
        Action::Next => return next(app, false),
        Action::Reset => ask(app, Question::Reset),
        Action::RestartTask => restart_task(app),
        Action::Why => {
            if let Some(lab) = &mut app.lab {
                // Where another pane has the whole screen, the reasons are not in sight to be folded.
                let elsewhere = lab.zoom.is_some_and(|pane| !matches!(pane, Pane::Why | Pane::Storage));
                lab.expanded = elsewhere || !lab.expanded;
                // It unfolds what is stored, too: whoever reads that stays there.
                if lab.expanded && lab.focus != Pane::Storage {
                    lab.focus = Pane::Why;
                    lab.hidden.remove(&Pane::Why);
                    lab.zoom = lab.zoom.map(|_| Pane::Why);
                }
            }
        }
        Action::Fix => return document::fix(app),
        Action::Matrix => overlay(app, matrix()),
        Action::MatrixDiffering => return menus::pick(app, |pick| pick.differing = !pick.differing),
        Action::MatrixOrder => return menus::pick(app, |pick| pick.order = pick.order.next()),
        Action::MatrixSubject => matrix_subject(app),
        Action::WhoCan => return open_menu(app, Menu::typed(MenuKind::WhoCan)),
        Action::Timeline => return open_menu(app, Menu::walked(MenuKind::Timeline)),
        Action::Clock => return open_menu(app, Menu::walked(MenuKind::Clock)),
        Action::Audit => {
            if let Some(lab) = &mut app.lab {
                lab.data_events = !lab.data_events;
            }
            refresh::refresh(app);
        }
        Action::Undo => step(app, true),
        Action::Redo => step(app, false),
        Action::FocusNext => focus::step(app, 1),
        Action::FocusPrevious => focus::step(app, -1),
        Action::FocusLeft => focus::toward(app, Side::Left),
        Action::FocusDown => focus::toward(app, Side::Below),
        Action::FocusUp => focus::toward(app, Side::Above),
        Action::FocusRight => focus::toward(app, Side::Right),
        Action::Up => return scroll::move_by(app, -1),
        Action::Down => return scroll::move_by(app, 1),
        Action::PageUp => return scroll::move_by(app, -scroll::page_rows(app)),
        Action::PageDown => return scroll::move_by(app, scroll::page_rows(app)),
        Action::Top => return scroll::move_by(app, -1_000_000),
        Action::Bottom => return scroll::move_by(app, 1_000_000),
        Action::Open => return open(app),
        Action::Search => {
            if app.at_home {
                app.home.searching = true;
            } else if matches!(app.overlays.last(), Some(Overlay::Matrix { .. })) {
                return menus::pick(app, |pick| pick.typing = true);
            } else {
                let audit = app.lab.as_ref().filter(|lab| lab.focus == Pane::Audit);
                let text = audit.map_or_else(String::new, |lab| lab.audit_filter.clone());
                overlay(app, Overlay::Search { text });
            }
        }
        Action::SearchNext => return find::find(app, "", true),
        Action::SearchPrevious => return find::find(app, "", false),
        Action::NextFinding => document::next_finding(app),
        Action::Zoom => {
            if let Some(lab) = &mut app.lab {
                lab.zoom = if lab.zoom.is_some() { None } else { Some(lab.focus) };
            }
        }
        Action::Layout => {
            if let Some(lab) = &app.lab {
                // The first press brings back what was hidden.
                let all_shown = lab.hidden.is_empty() && lab.zoom.is_none();
                screen::arrange(app, if all_shown { lab.preset.next() } else { lab.preset });
            }
        }
        Action::Hide => screen::hide(app),
        Action::Theme => {
            app.theme = app.depth.fit(app.next_theme());
            app.toast = Some((Mood::Note, format!("theme: {}", app.theme.described(app.light))));
        }
        Action::Mouse => {
            app.mouse = !app.mouse;
            let words = if app.mouse {
                "the mouse works here again"
            } else {
                "the mouse is the terminal's: select text as usual"
            };
            app.toast = Some((Mood::Note, words.into()));
            return Outcome::asking(Effect::SetMouse(app.mouse));
        }
        Action::Present => match &mut app.present {
            None => present::start(app),
            Some(p) if p.frozen => p.frozen = false,
            // Pressed once too often, it ends nothing before a class.
            Some(_) => {
                let end = app.keys.label(Context::Present, Action::Back);
                app.toast = Some((Mood::Note, format!("all is revealed; {end} ends the presentation")));
            }
        },
        Action::CueOn => present::on(app),
        Action::CueBack => present::back(app),
        Action::VoteFor => present::vote(app, true, 1),
        Action::VoteForLess => present::vote(app, true, -1),
        Action::VoteAgainst => present::vote(app, false, 1),
        Action::VoteAgainstLess => present::vote(app, false, -1),
        Action::Copy => return copy(app),
        Action::CopyCli => return copy_cli(app),
        Action::ExternalEditor => {
            if document::can_change(app)
                && let Some(lab) = &app.lab
            {
                return Outcome::asking(Effect::Edit(lab.editor.text()));
            }
        }
        Action::Home => return ask_if_dirty(app, Question::Home),
        Action::Back => screen::back(app),
        Action::Palette => return open_menu(app, Menu::typed(MenuKind::Palette)),
        Action::Help => return open_menu(app, Menu::typed(MenuKind::Help)),
        Action::Suspend => return Outcome::asking(Effect::Suspend),
        Action::Redraw => return Outcome::asking(Effect::Redraw),
        Action::Quit | Action::ForceQuit => return ask_if_dirty(app, Question::Quit),
        Action::TextUndo => document::text(app, Editor::undo),
        Action::TextRedo => document::text(app, Editor::redo),
        Action::Indent => document::text(app, Editor::indent),
        Action::DeleteLine => document::text(app, Editor::delete_line),
        Action::Format => document::format(app),
        Action::Snippet => return open_menu(app, Menu::walked(MenuKind::Snippets)),
        Action::Complete => return document::complete(app),
        Action::OpenFile => files::ask(app, Purpose::Open),
        Action::Export => files::ask(app, Purpose::Export),
        Action::Import => files::ask(app, Purpose::Import),
        Action::Console => console::open(app),
        Action::Keys => return keys(app),
        Action::Compare => compare::toggle(app),
        Action::RunLine
        | Action::CompleteLine
        | Action::CompleteBack
        | Action::OlderLine
        | Action::NewerLine
        | Action::FindLine
        | Action::CancelLine
        | Action::ClearConsole
        | Action::LineStart
        | Action::LineEnd
        | Action::DeleteWord
        | Action::DeleteBefore
        | Action::DeleteAfter
        | Action::PutBack => return console::act(app, action),
    }
    Outcome::changed()
}

/// Shows the keys; once they are in front, what can be done with the selected one.
fn keys(app: &mut App) -> Outcome {
    let shown = app.regions().panes().contains(&Pane::Keys);
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    if lab.focus == Pane::Keys && shown && !app.at_home {
        let row = lab.keys_selected;
        return open_menu(app, Menu::walked(MenuKind::Key(row)));
    }
    if !shown {
        lab.preset = Preset::Keys;
        lab.zoom = None;
    }
    lab.hidden.remove(&Pane::Keys);
    lab.typing = false;
    lab.console.typing = false;
    lab.focus = Pane::Keys;
    refresh::refresh(app);
    refresh::refresh(app);
    Outcome::changed()
}

fn overlay(app: &mut App, overlay: Overlay) {
    let same =
        app.overlays.last().is_some_and(|o| std::mem::discriminant(o) == std::mem::discriminant(&overlay));
    if same && !matches!(overlay, Overlay::Page(_)) {
        app.overlays.pop();
    } else {
        app.overlays.push(overlay);
    }
}

/// The matrix with everybody in it.
fn matrix() -> Overlay {
    Overlay::Matrix { at: (0, 0), pick: Pick::default() }
}

/// The matrix of the next subject. Opens the matrix if it is not in sight.
fn matrix_subject(app: &mut App) {
    let in_sight = matches!(app.overlays.last(), Some(Overlay::Matrix { .. }))
        || app.overlays.is_empty() && app.regions().panes().contains(&Pane::Matrix);
    if in_sight {
        if let Some(lab) = &mut app.lab {
            lab.matrix_subject = (lab.matrix_subject + 1) % lab.view.matrix.subject.1.max(1);
        }
        refresh::refresh(app);
    } else if app.overlays.is_empty() {
        app.overlays.push(matrix());
    }
}

fn page(app: &mut App, kind: PageKind) {
    if matches!(kind, PageKind::Diff) && app.lab.as_ref().is_some_and(|l| !l.dirty()) {
        app.toast = Some((Mood::Note, "the policy on screen is the applied one: nothing to compare".into()));
        return;
    }
    overlay(app, Overlay::Page(Page { kind, scroll: 0 }));
}

/// Puts a question before anything else happens.
pub fn ask(app: &mut App, question: Question) {
    app.overlays.push(Overlay::Confirm(question));
}

/// Asks if a draft would be lost; goes ahead if none would.
fn ask_if_dirty(app: &mut App, question: Question) -> Outcome {
    let dirty = app.lab.as_ref().is_some_and(Lab::dirty);
    if dirty {
        if app.overlays.last() != Some(&Overlay::Confirm(question)) {
            ask(app, question);
        }
        return Outcome::changed();
    }
    confirmed(app, question)
}

/// A question was answered with yes.
pub fn confirmed(app: &mut App, question: Question) -> Outcome {
    match question {
        Question::Quit => app.exit = Some(Exit::Left),
        Question::Home => {
            present::end(app);
            app.overlays.clear();
            refresh::show_list(app);
        }
        Question::Reset => {
            if let Some(lab) = &mut app.lab {
                lab.session.reset();
                app.toast = Some((Mood::Note, "started again".into()));
            }
            document_changed(app);
        }
        Question::RestartTask => {
            if let Some(lab) = &mut app.lab
                && let Some(task) = lab.session.restart_task()
            {
                lab.scroll.remove(&Pane::Task);
                app.toast = Some((Mood::Note, format!("task {} begins again", task + 1)));
            }
            document_changed(app);
        }
        Question::Discard => {
            let was = app.lab.as_ref().is_some_and(Lab::dirty);
            if let Some(lab) = &mut app.lab {
                lab.session.discard();
            }
            document_changed(app);
            refresh::keep(app, true);
            app.toast =
                Some((Mood::Note, if was { "draft thrown away" } else { "there is no draft" }.into()));
        }
        Question::NextDocument => return document::next_document(app, true),
        Question::OpenDocument(row) => return document::open_document(app, row, true),
        Question::Next => return next(app, true),
    }
    Outcome::changed()
}

pub fn identity(app: &mut App, nth: usize) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    if nth >= lab.view.identities.len() {
        app.toast = Some((Mood::Bad, format!("there is no identity {}", nth + 1)));
        return Outcome::changed();
    }
    present::leave_call(app);
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    let before = lab.session.text();
    lab.session.act_as(nth);
    // Documents follow the identity; a draft stays with the document it belongs to.
    if lab.session.text() == before {
        refresh::refresh(app);
    } else {
        document_changed(app);
        if let Some(lab) = &mut app.lab {
            lab.editor.go_to(0, 0);
        }
        follow_cursor(app);
    }
    Outcome::changed()
}

/// Acts as the next identity in the list.
pub fn next_identity(app: &mut App) -> Outcome {
    let Some(lab) = &app.lab else { return Outcome::default() };
    let count = lab.view.identities.len().max(1);
    let now = lab.view.identities.iter().position(|i| i.acting).unwrap_or(0);
    identity(app, (now + 1) % count)
}

/// Makes the watched call. A question of the task that is still open does not stand in the way, unless the answer would
/// give away what is to be guessed.
pub fn run(app: &mut App) -> Outcome {
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    if app.present.is_none() && lab.session.keeps_back() {
        let outcome = open_menu(app, Menu::walked(MenuKind::Predict));
        let run = app.keys.label(Context::Lab, Action::Run);
        app.toast = Some((Mood::Note, format!("your guess comes first; then {run} makes the call")));
        return outcome;
    }
    let (good, words) = lab.session.run();
    lab.ran = true;
    app.toast = Some((Mood::of(good), words));
    refresh::refresh(app);
    Outcome::changed()
}

/// Lists the calls there are to watch.
fn watch(app: &mut App) -> Outcome {
    if let Some(lab) = &mut app.lab {
        lab.watchable = lab.session.watchable();
    }
    open_menu(app, Menu::typed(MenuKind::Watch))
}

fn hint(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    match lab.session.hint() {
        Ok(()) => {
            lab.focus = Pane::Task;
            lab.hidden.remove(&Pane::Task);
        }
        Err(why) => app.toast = Some((Mood::Note, why)),
    }
    refresh::refresh(app);
    // The newest hint stands below the older ones.
    refresh::show_what_is_said(app, true);
}

fn restart_task(app: &mut App) {
    if app.lab.as_ref().is_some_and(|lab| lab.view.head.task.1 == 0) {
        app.toast = Some((Mood::Note, "free play has no tasks".into()));
    } else {
        ask(app, Question::RestartTask);
    }
}

fn predict(app: &mut App) -> Outcome {
    let Some(lab) = &app.lab else { return Outcome::default() };
    let task = &lab.view.task;
    if task.open.is_some() {
        return open_menu(app, Menu::walked(MenuKind::Predict));
    }
    let words = match task.predictions.len() {
        0 => "this task asks no question",
        1 => "you have answered this one",
        _ => "you have answered them all",
    };
    app.toast = Some((Mood::Note, words.into()));
    Outcome::changed()
}

fn next(app: &mut App, sure: bool) -> Outcome {
    let Some(lab) = &app.lab else { return Outcome::default() };
    if !lab.view.head.done && !sure {
        ask(app, Question::Next);
        return Outcome::changed();
    }
    let id = lab.session.scenario_id();
    refresh::mark_progress(app);
    refresh::read_progress(app);
    let words = match course::following(app.library(), &id) {
        Following::Scenario(id) => {
            if let Err(why) = refresh::open_scenario(app, &id, None) {
                app.toast = Some((Mood::Bad, why));
            }
            return Outcome::changed();
        }
        Following::AllDone => "that was the last scenario; all others are done",
        Following::NotOfTheCourse => "none comes after this one; choose here",
    };
    refresh::show_list(app);
    app.toast = Some((Mood::Note, words.into()));
    Outcome::changed()
}

fn step(app: &mut App, back: bool) {
    let Some(lab) = &mut app.lab else { return };
    if lab.dirty() {
        app.toast = Some((
            Mood::Bad,
            "apply or discard the draft first: steps change what it is compared with".into(),
        ));
        return;
    }
    let moved = if back { lab.session.undo() } else { lab.session.redo() };
    if let Some(words) = moved {
        app.toast = Some((Mood::Good, words));
    } else {
        let words = if back { "this is the beginning" } else { "this is the newest moment" };
        app.toast = Some((Mood::Bad, words.into()));
    }
    document_changed(app);
}

fn open(app: &mut App) -> Outcome {
    match app.overlays.last() {
        Some(Overlay::Menu(_)) => return menus::choose(app),
        Some(Overlay::Matrix { at, .. }) => {
            let column = at.1;
            // A row that is kept back has no cells to explain.
            let explained = |row: &usize| {
                let matrix = app.lab.as_ref().map(|lab| &lab.view.matrix);
                matrix.and_then(|m| m.rows.get(*row)).is_some_and(|(_, cells)| !cells.is_empty())
            };
            if let Some(row) = menus::matrix_row(app).filter(explained) {
                page(app, PageKind::Cell(row, column));
            }
            return Outcome::changed();
        }
        Some(Overlay::Page(Page { kind: PageKind::Version(row), .. })) => {
            let row = *row;
            document::roll_back(app, row);
            return Outcome::changed();
        }
        Some(Overlay::Page(_)) => {
            app.overlays.pop();
            return Outcome::changed();
        }
        _ => {}
    }
    if app.at_home {
        let chosen = app.matching_scenarios().get(app.home.selected).and_then(|i| app.library().get(*i));
        if let Some(id) = chosen.map(|s| s.id.clone())
            && let Err(why) = refresh::open_scenario(app, &id, None)
        {
            app.toast = Some((Mood::Bad, why));
        }
        return Outcome::changed();
    }
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    match lab.focus {
        Pane::Policy => document::edit(app),
        Pane::Identities => page(app, PageKind::Everybody),
        Pane::Audit if !lab.view.audit.is_empty() => {
            let record = lab.audit_selected;
            page(app, PageKind::Record(record));
        }
        Pane::Why => {
            return document::jump(app);
        }
        Pane::Console => console::open(app),
        Pane::Keys => return keys(app),
        Pane::Answer | Pane::OtherAnswer => return run(app),
        Pane::Task => return predict(app),
        Pane::Matrix => overlay(app, matrix()),
        Pane::Storage => mark_storage(app),
        _ => {}
    }
    Outcome::changed()
}

/// What is stored is compared with this moment from now on; once more, with the beginning.
fn mark_storage(app: &mut App) {
    let Some(lab) = &mut app.lab else { return };
    let here = lab.session.point();
    let again = lab.storage_since == here;
    lab.storage_since = if again { Point::default() } else { here };
    let words = if again { "the beginning" } else { "this moment" };
    app.toast = Some((Mood::Note, format!("changed bytes are marked since {words}")));
    refresh::refresh(app);
}

fn copy(app: &mut App) -> Outcome {
    let Some((what, text)) = view::copied(app) else { return Outcome::default() };
    app.toast = Some((Mood::Good, format!("copied: {what} ({} lines)", text.lines().count())));
    Outcome::asking(Effect::Copy(text))
}

fn copy_cli(app: &mut App) -> Outcome {
    let Some(lab) = &app.lab else { return Outcome::default() };
    let command = match app.overlays.last() {
        Some(Overlay::Menu(m)) if m.kind == MenuKind::Timeline => {
            lab.view.steps.get(m.selected).and_then(|s| s.cli.clone())
        }
        Some(Overlay::Page(Page { kind: PageKind::Record(i), .. })) => {
            lab.view.audit.get(*i).and_then(|r| r.cli.clone())
        }
        _ if lab.focus == Pane::Audit => lab.view.audit.get(lab.audit_selected).and_then(|r| r.cli.clone()),
        _ => lab.session.watched_cli(),
    };
    if let Some(command) = command {
        app.toast = Some((Mood::Good, format!("copied: {command}")));
        Outcome::asking(Effect::Copy(command))
    } else {
        app.toast = Some((Mood::Bad, "no aws command makes this call: a service made it".into()));
        Outcome::changed()
    }
}
