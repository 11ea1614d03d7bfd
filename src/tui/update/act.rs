//! What each action of the key map does: one row an action, and the part of the state that it may touch.

use super::{
    Outcome, console, document, files, find, in_lab, learn, menus, navigate, open, open_menu, present,
};
use crate::tui::app::{App, Screen};
use crate::tui::editor::Editor;
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Side};
use crate::tui::message::Effect;
use crate::tui::overlay::{Menu, MenuKind, Overlay, Page, PageKind, Purpose, Question};
use crate::tui::prompt::Cut;
use crate::tui::shell::Shell;
use crate::tui::view;

/// What an action does, by the part of the state that it may touch.
enum Run {
    /// Whatever is in front, or the way from screen to screen.
    App(fn(&mut App) -> Outcome),
    /// What every screen shares.
    Shell(fn(&mut Shell) -> Outcome),
    /// The open lab; nothing where none is.
    Lab(fn(&mut LabScreen, &mut Shell) -> Outcome),
    /// The open lab, which then must be drawn in any case.
    Change(fn(&mut LabScreen, &mut Shell)),
    /// The open lab, told which of its keys the action was called by.
    Nth(fn(&mut LabScreen, &mut Shell, usize) -> Outcome),
}

/// Does the action; `nth` is which of its keys it was.
pub fn act(app: &mut App, action: Action, nth: usize) -> Outcome {
    match run_of(action) {
        Run::App(run) => run(app),
        Run::Shell(run) => run(&mut app.shell),
        Run::Lab(run) => in_lab(app, run),
        Run::Change(run) => in_lab(app, |lab, shell| {
            run(lab, shell);
            Outcome::changed()
        }),
        Run::Nth(run) => in_lab(app, |lab, shell| run(lab, shell, nth)),
    }
}

fn run_of(action: Action) -> Run {
    match action {
        Action::Identity => Run::Nth(learn::identity),
        Action::Edit => Run::Change(document::edit),
        Action::Run => Run::Lab(learn::run),
        Action::Watch => Run::Lab(learn::watch),
        Action::Apply => Run::Change(document::apply),
        Action::NextDocument => Run::Lab(document::next_document),
        Action::Documents => Run::Shell(|shell| open_menu(shell, Menu::typed(MenuKind::Documents))),
        Action::Versions => Run::Shell(|shell| open_menu(shell, Menu::walked(MenuKind::Versions))),
        Action::Discard => Run::App(|app| open::ask_if_dirty(app, Question::Discard)),
        Action::Diff => Run::Change(|lab, shell| menus::page(lab, shell, PageKind::Diff)),
        Action::Hint => Run::Change(learn::hint),
        Action::Predict => Run::Lab(learn::predict),
        Action::Next => Run::App(open::next),
        Action::Reset => Run::Change(|_, shell| shell.ask(Question::Reset)),
        Action::RestartTask => Run::Change(learn::ask_restart),
        Action::Why => Run::Change(|lab, _| learn::expand(lab)),
        Action::Fix => Run::Lab(document::fix),
        Action::Matrix => Run::Change(|_, shell| menus::open(shell, menus::matrix())),
        Action::MatrixDiffering => {
            Run::Lab(|lab, shell| menus::pick(lab, shell, |pick| pick.differing = !pick.differing))
        }
        Action::MatrixOrder => {
            Run::Lab(|lab, shell| menus::pick(lab, shell, |pick| pick.order = pick.order.next()))
        }
        Action::MatrixSubject => Run::Change(learn::matrix_subject),
        Action::WhoCan => Run::Shell(|shell| open_menu(shell, Menu::typed(MenuKind::WhoCan))),
        Action::Timeline => Run::Shell(|shell| open_menu(shell, Menu::walked(MenuKind::Timeline))),
        Action::Clock => Run::Shell(|shell| open_menu(shell, Menu::walked(MenuKind::Clock))),
        Action::Audit => Run::Change(|lab, _| lab.data_events = !lab.data_events),
        Action::Undo => Run::Change(|lab, shell| learn::step(lab, shell, true)),
        Action::Redo => Run::Change(|lab, shell| learn::step(lab, shell, false)),
        Action::FocusNext => Run::Change(|lab, shell| navigate::step(lab, shell, 1)),
        Action::FocusPrevious => Run::Change(|lab, shell| navigate::step(lab, shell, -1)),
        Action::FocusLeft => Run::Change(|lab, shell| navigate::toward(lab, shell, Side::Left)),
        Action::FocusDown => Run::Change(|lab, shell| navigate::toward(lab, shell, Side::Below)),
        Action::FocusUp => Run::Change(|lab, shell| navigate::toward(lab, shell, Side::Above)),
        Action::FocusRight => Run::Change(|lab, shell| navigate::toward(lab, shell, Side::Right)),
        Action::Up => Run::App(|app| navigate::move_by(app, -1)),
        Action::Down => Run::App(|app| navigate::move_by(app, 1)),
        Action::PageUp => Run::App(|app| navigate::move_by(app, -navigate::page_rows(app))),
        Action::PageDown => Run::App(|app| navigate::move_by(app, navigate::page_rows(app))),
        Action::Top => Run::App(|app| navigate::move_by(app, -1_000_000)),
        Action::Bottom => Run::App(|app| navigate::move_by(app, 1_000_000)),
        Action::Open => Run::App(open_in_front),
        Action::Search => Run::App(search),
        Action::SearchNext => Run::Lab(|lab, shell| find::find(lab, shell, "", true)),
        Action::SearchPrevious => Run::Lab(|lab, shell| find::find(lab, shell, "", false)),
        Action::NextFinding => Run::Change(document::next_finding),
        Action::Zoom => Run::Change(|lab, _| navigate::zoom(lab)),
        Action::Layout => Run::Change(navigate::next_layout),
        Action::Hide => Run::Change(navigate::hide),
        Action::Theme => Run::Shell(next_theme),
        Action::Mouse => Run::Shell(toggle_mouse),
        Action::Present => Run::Change(present::present),
        Action::CueOn => Run::Change(present::on),
        Action::CueBack => Run::Change(present::back),
        Action::VoteFor => Run::Change(|lab, _| present::vote(lab, true, 1)),
        Action::VoteForLess => Run::Change(|lab, _| present::vote(lab, true, -1)),
        Action::VoteAgainst => Run::Change(|lab, _| present::vote(lab, false, 1)),
        Action::VoteAgainstLess => Run::Change(|lab, _| present::vote(lab, false, -1)),
        Action::Copy => Run::App(copy),
        Action::CopyCli => Run::Lab(learn::copy_cli),
        Action::ExternalEditor => Run::Lab(document::edit_elsewhere),
        Action::Home => Run::App(|app| open::ask_if_dirty(app, Question::Home)),
        Action::Back => Run::App(navigate::back),
        Action::Palette => Run::Shell(|shell| open_menu(shell, Menu::typed(MenuKind::Palette))),
        Action::Help => Run::Shell(|shell| open_menu(shell, Menu::typed(MenuKind::Help))),
        Action::Suspend => Run::Shell(|_| Outcome::asking(Effect::Suspend)),
        Action::Redraw => Run::Shell(|_| Outcome::asking(Effect::Redraw)),
        Action::Quit | Action::ForceQuit => Run::App(|app| open::ask_if_dirty(app, Question::Quit)),
        Action::TextUndo => Run::Change(|lab, _| document::text(lab, Editor::undo)),
        Action::TextRedo => Run::Change(|lab, _| document::text(lab, Editor::redo)),
        Action::Indent => Run::Change(|lab, _| document::text(lab, Editor::indent)),
        Action::DeleteLine => Run::Change(|lab, _| document::text(lab, Editor::delete_line)),
        Action::Format => Run::Change(document::format),
        Action::Snippet => Run::Shell(|shell| open_menu(shell, Menu::walked(MenuKind::Snippets))),
        Action::Complete => Run::Lab(document::complete),
        Action::OpenFile => Run::Shell(|shell| files::ask(shell, Purpose::Open)),
        Action::Export => Run::Shell(|shell| files::ask(shell, Purpose::Export)),
        Action::Import => Run::Shell(|shell| files::ask(shell, Purpose::Import)),
        Action::Console => Run::Change(console::open),
        Action::Keys => Run::Lab(learn::keys),
        Action::Compare => Run::Change(|lab, _| navigate::compare(lab)),
        Action::RunLine => Run::Lab(|lab, _| console::enter(lab)),
        Action::CompleteLine => Run::Change(|lab, shell| console::complete(lab, shell, false)),
        Action::CompleteBack => Run::Change(|lab, shell| console::complete(lab, shell, true)),
        Action::OlderLine => Run::Lab(|lab, _| console::line(lab, console::older)),
        Action::NewerLine => Run::Lab(|lab, _| console::line(lab, console::newer)),
        Action::FindLine => {
            Run::Lab(|lab, _| console::line(lab, |console| console.line.find(&console.lines)))
        }
        Action::CancelLine => Run::Change(console::cancel),
        Action::ClearConsole => Run::Lab(|lab, _| console::clear(lab)),
        Action::LineStart => Run::Lab(|lab, _| console::line(lab, |console| console.line.go_to_edge(false))),
        Action::LineEnd => Run::Lab(|lab, _| console::line(lab, |console| console.line.go_to_edge(true))),
        Action::DeleteWord => Run::Lab(|lab, _| console::line(lab, |console| console.line.cut(Cut::Word))),
        Action::DeleteBefore => {
            Run::Lab(|lab, _| console::line(lab, |console| console.line.cut(Cut::Before)))
        }
        Action::DeleteAfter => Run::Lab(|lab, _| console::line(lab, |console| console.line.cut(Cut::After))),
        Action::PutBack => Run::Lab(|lab, _| console::line(lab, |console| console.line.put_back())),
    }
}

fn next_theme(shell: &mut Shell) -> Outcome {
    shell.theme = shell.depth.fit(shell.next_theme());
    shell.note(format!("theme: {}", shell.theme.described(shell.light)));
    Outcome::changed()
}

fn toggle_mouse(shell: &mut Shell) -> Outcome {
    shell.mouse = !shell.mouse;
    shell.note(if shell.mouse {
        "the mouse works here again"
    } else {
        "the mouse is the terminal's: select text as usual"
    });
    Outcome::asking(Effect::SetMouse(shell.mouse))
}

fn copy(app: &mut App) -> Outcome {
    let Some((what, text)) = view::copied(app) else { return Outcome::default() };
    app.shell.good(format!("copied: {what} ({} lines)", text.lines().count()));
    Outcome::asking(Effect::Copy(text))
}

fn search(app: &mut App) -> Outcome {
    match &mut app.screen {
        Screen::Home => app.home.searching = true,
        Screen::Lab(lab) if matches!(app.shell.overlays.last(), Some(Overlay::Matrix { .. })) => {
            return menus::pick(lab, &mut app.shell, |pick| pick.typing = true);
        }
        Screen::Lab(lab) => {
            let text = if lab.focus == Pane::Audit { lab.audit_filter.clone() } else { String::new() };
            menus::open(&mut app.shell, Overlay::Search { text });
        }
    }
    Outcome::changed()
}

/// Opens what is selected in front.
fn open_in_front(app: &mut App) -> Outcome {
    match (app.shell.overlays.last(), &mut app.screen) {
        (Some(Overlay::Menu(_)), _) => menus::choose(app),
        (Some(Overlay::Matrix { at, .. }), Screen::Lab(lab)) => {
            let column = at.1;
            // A row that is kept back has no cells to explain.
            let explained =
                |row: &usize| lab.view.matrix.rows.get(*row).is_some_and(|(_, cells)| !cells.is_empty());
            if let Some(row) = menus::matrix_row(lab, &app.shell).filter(explained) {
                menus::page(lab, &mut app.shell, PageKind::Cell(row, column));
            }
            Outcome::changed()
        }
        (Some(Overlay::Page(Page { kind: PageKind::Version(row), .. })), Screen::Lab(lab)) => {
            let row = *row;
            document::roll_back(lab, &mut app.shell, row);
            Outcome::changed()
        }
        (Some(Overlay::Page(_)), _) => {
            app.shell.overlays.pop();
            Outcome::changed()
        }
        (_, Screen::Home) => open::open_chosen(app),
        (_, Screen::Lab(lab)) => open_pane(lab, &mut app.shell),
    }
}

/// Does what Enter does in the focused pane.
fn open_pane(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    match lab.focus {
        Pane::Policy => document::edit(lab, shell),
        Pane::Identities => menus::page(lab, shell, PageKind::Everybody),
        Pane::Audit if !lab.view.audit.is_empty() => {
            let record = lab.audit_selected;
            menus::page(lab, shell, PageKind::Record(record));
        }
        Pane::Why => return document::jump(lab, shell),
        Pane::Console => console::open(lab, shell),
        Pane::Keys => return learn::keys(lab, shell),
        Pane::Answer | Pane::OtherAnswer => return learn::run(lab, shell),
        Pane::Task => return learn::predict(lab, shell),
        Pane::Matrix => menus::open(shell, menus::matrix()),
        Pane::Storage => learn::mark_storage(lab, shell),
        Pane::Audit | Pane::OtherWhy => {}
    }
    Outcome::changed()
}
