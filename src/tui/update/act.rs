//! What each action of the key map does: one row an action, and the part of the state that it may touch.

use super::overlay::{self, ask_if_lost, open_menu, open_page};
use super::{Reaction, bring, console, document, files, find, in_lab, learn, navigate, open, pane, present};
use crate::tui::app::{App, Screen};
use crate::tui::editor::Editor;
use crate::tui::keys::Action;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Side};
use crate::tui::message::Effect;
use crate::tui::overlays::{Overlay, Page, PageKind, Purpose, Question, Scope, SearchInput, menus};
use crate::tui::panes::table::view_of;
use crate::tui::prompt::Cut;
use crate::tui::shell::Shell;
use crate::tui::text_field::TextField;
use crate::tui::view;

/// What an action does, by the part of the state that it may touch.
enum Run {
    /// Whatever is in front, or the way from screen to screen.
    App(fn(&mut App) -> Reaction),
    /// What every screen shares.
    Shell(fn(&mut Shell) -> Reaction),
    /// The open lab; nothing where none is.
    Lab(fn(&mut LabScreen, &mut Shell) -> Reaction),
    /// The open lab, which then must be drawn in any case.
    Change(fn(&mut LabScreen, &mut Shell)),
    /// The open lab, told which of its keys the action was called by.
    Nth(fn(&mut LabScreen, &mut Shell, usize) -> Reaction),
}

/// Does the action; `nth` is which of its keys it was.
pub fn act(app: &mut App, action: Action, nth: usize) -> Reaction {
    match run_of(action) {
        Run::App(run) => run(app),
        Run::Shell(run) => run(&mut app.shell),
        Run::Lab(run) => in_lab(app, run),
        Run::Change(run) => in_lab(app, |lab, shell| {
            run(lab, shell);
            Reaction::changed()
        }),
        Run::Nth(run) => in_lab(app, |lab, shell| run(lab, shell, nth)),
    }
}

fn run_of(action: Action) -> Run {
    match action {
        Action::Identity => Run::Nth(learn::identity),
        Action::ActAs => Run::Lab(|lab, shell| open_menu(shell, menus::anybody(lab))),
        Action::Edit => Run::Lab(document::edit),
        Action::Run => Run::Lab(learn::run),
        Action::Watch => Run::Lab(learn::watch),
        Action::Apply => Run::Lab(document::apply),
        Action::ApplyAll => Run::Change(document::apply_all),
        Action::NextDocument => Run::Lab(document::next_document),
        Action::Documents => Run::Lab(|lab, shell| open_menu(shell, menus::documents(lab, &shell.glyphs))),
        Action::Versions => Run::Lab(|lab, shell| open_menu(shell, menus::versions(lab))),
        Action::Discard => Run::App(|app| ask_if_lost(app, Question::Discard)),
        Action::Diff => Run::Change(document::diff),
        Action::Hint => Run::Change(learn::hint),
        Action::Predict => Run::Lab(learn::predict),
        Action::Next => Run::App(open::next),
        Action::Reset => Run::Change(|_, shell| shell.ask(Question::Reset)),
        Action::RestartTask => Run::Change(learn::ask_restart),
        Action::Why => Run::Change(|lab, _| learn::expand(lab)),
        Action::Fix => Run::Lab(document::fix),
        Action::Matrix => Run::Change(|_, shell| overlay::toggle_matrix(shell)),
        Action::MatrixDiffering => Run::Lab(learn::pick_differing),
        Action::MatrixOrder => Run::Lab(learn::pick_order),
        Action::MatrixSubject => Run::Change(learn::matrix_subject),
        Action::WhoCan => Run::Lab(|lab, shell| open_menu(shell, menus::who_can(lab))),
        Action::Timeline => Run::Lab(|lab, shell| open_menu(shell, menus::timeline(lab, None))),
        Action::Clock => Run::Lab(|lab, shell| open_menu(shell, menus::clock(lab, &shell.glyphs))),
        Action::Audit => Run::Change(learn::data_events),
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
        Action::Pin => Run::Change(bring::pin),
        Action::Zoom => Run::Change(|lab, _| navigate::zoom(lab)),
        Action::Layout => Run::Change(navigate::next_layout),
        Action::Hide => Run::Change(navigate::hide),
        Action::Theme => Run::Shell(next_theme),
        Action::Mouse => Run::Shell(toggle_mouse),
        Action::Present => Run::Lab(present::present),
        Action::CueOn => Run::Change(present::on),
        Action::CueBack => Run::Change(present::back),
        Action::VoteFor => Run::Change(|lab, _| present::vote(lab, true, 1)),
        Action::VoteForLess => Run::Change(|lab, _| present::vote(lab, true, -1)),
        Action::VoteAgainst => Run::Change(|lab, _| present::vote(lab, false, 1)),
        Action::VoteAgainstLess => Run::Change(|lab, _| present::vote(lab, false, -1)),
        Action::Copy => Run::App(copy),
        Action::CopyCli => Run::Lab(overlay::copy_cli),
        Action::ExternalEditor => Run::Lab(document::edit_elsewhere),
        Action::Home => Run::App(|app| ask_if_lost(app, Question::Home)),
        Action::Beliefs => Run::App(beliefs),
        Action::Back => Run::App(navigate::back),
        Action::Palette => Run::App(palette),
        Action::Help => Run::App(help),
        Action::Suspend => Run::Shell(|_| Reaction::asking(Effect::Suspend)),
        Action::Redraw => Run::Shell(|_| Reaction::asking(Effect::Redraw)),
        Action::Quit | Action::ForceQuit => Run::App(|app| ask_if_lost(app, Question::Quit)),
        Action::TextUndo => Run::Change(|lab, _| document::text(lab, Editor::undo)),
        Action::TextRedo => Run::Change(|lab, _| document::text(lab, Editor::redo)),
        Action::Indent => Run::Change(|lab, _| document::text(lab, Editor::indent)),
        Action::DeleteLine => Run::Change(|lab, _| document::text(lab, Editor::delete_line)),
        Action::Format => Run::Change(document::format),
        Action::Create => Run::Change(document::create_missing),
        Action::Snippet => Run::Lab(document::statements),
        Action::RemoveStatement => Run::Change(document::remove_statement),
        Action::ToggleStatement => Run::Change(document::toggle_statement),
        Action::SelectAll => Run::Change(|lab, _| lab.editor.select_all()),
        Action::Complete => Run::Lab(document::complete),
        Action::OpenFile => Run::Shell(|shell| files::ask(shell, Purpose::Open)),
        Action::Export => Run::Shell(|shell| files::ask(shell, Purpose::Export)),
        Action::Import => Run::Shell(|shell| files::ask(shell, Purpose::Import)),
        Action::Console => Run::Change(console::open),
        Action::Keys => Run::Lab(learn::keys),
        Action::Story => Run::Change(learn::story),
        Action::Compare => Run::Change(|lab, _| navigate::compare(lab)),
        Action::RunLine => Run::Lab(|lab, _| console::enter(lab)),
        Action::CompleteLine => Run::Change(|lab, shell| console::complete(lab, shell, false)),
        Action::CompleteBack => Run::Change(|lab, shell| console::complete(lab, shell, true)),
        Action::OlderLine => Run::Lab(|lab, _| console::line(lab, console::older)),
        Action::NewerLine => Run::Lab(|lab, _| console::line(lab, console::newer)),
        Action::FindLine => Run::Lab(|lab, _| console::line(lab, console::find)),
        Action::CancelLine => Run::Change(console::cancel),
        Action::ClearConsole => Run::Lab(|lab, _| console::clear(lab)),
        Action::LineStart => Run::Lab(|lab, _| console::line(lab, |console| console.line.go_to_edge(false))),
        Action::LineEnd => Run::Lab(|lab, _| console::line(lab, |console| console.line.go_to_edge(true))),
        Action::DeleteWord => Run::Lab(|lab, _| console::cut(lab, Cut::Word)),
        Action::DeleteBefore => Run::Lab(|lab, _| console::cut(lab, Cut::Before)),
        Action::DeleteAfter => Run::Lab(|lab, _| console::cut(lab, Cut::After)),
        Action::PutBack => Run::Lab(|lab, _| console::line(lab, |console| console.line.put_back())),
    }
}

fn next_theme(shell: &mut Shell) -> Reaction {
    shell.follows = false;
    shell.theme = shell.depth.fit(shell.next_theme());
    shell.note(format!("theme: {}", shell.theme.described(shell.light)));
    Reaction::changed()
}

fn toggle_mouse(shell: &mut Shell) -> Reaction {
    shell.mouse = !shell.mouse;
    shell.note(if shell.mouse {
        "the mouse works here again"
    } else {
        "the mouse is the terminal's: select text as usual"
    });
    Reaction::asking(Effect::SetMouse(shell.mouse))
}

fn copy(app: &mut App) -> Reaction {
    let Some((what, text)) = view::copied(app) else { return Reaction::default() };
    app.shell.good(format!("copied: {what} ({} lines)", text.lines().count()));
    Reaction::asking(Effect::Copy(text))
}

/// Opens the page of beliefs.
fn beliefs(app: &mut App) -> Reaction {
    open_page(&mut app.shell, PageKind::Beliefs(app.home.beliefs(), app.home.unread.clone()));
    Reaction::changed()
}

fn palette(app: &mut App) -> Reaction {
    let menu = menus::palette(app.place(), app.lab(), &app.shell.keys);
    open_menu(&mut app.shell, menu)
}

fn help(app: &mut App) -> Reaction {
    let menu = menus::help(app.place(), &app.shell.keys, app.shell.port.as_ref());
    open_menu(&mut app.shell, menu)
}

fn search(app: &mut App) -> Reaction {
    match &mut app.screen {
        Screen::Home => app.home.search(),
        Screen::Lab(lab) => return search_in_lab(lab, &mut app.shell),
    }
    Reaction::changed()
}

fn search_in_lab(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    match shell.overlays.last() {
        Some(Overlay::Matrix(_)) => return learn::pick(lab, shell, |pick| pick.typing = true),
        Some(Overlay::Search(_)) => {
            shell.overlays.pop();
            return Reaction::changed();
        }
        Some(_) | None => {}
    }
    // A page that lies under the search is what is looked through.
    let scope = if shell.overlays.iter().any(|overlay| matches!(overlay, Overlay::Page(_))) {
        Scope::Page
    } else if lab.focus == Pane::Audit {
        Scope::Records
    } else if lab.focus == Pane::Identities {
        Scope::Pane(Pane::Policy.name())
    } else {
        Scope::Pane(lab.focus.name())
    };
    let field = TextField::filter();
    shell.overlays.push(Overlay::Search(SearchInput { scope, field }));
    Reaction::changed()
}

/// Opens what is selected in front.
fn open_in_front(app: &mut App) -> Reaction {
    match (app.shell.overlays.last(), &mut app.screen) {
        (Some(Overlay::Menu(_)), _) => return overlay::choose(app),
        (Some(Overlay::Matrix(window)), Screen::Lab(lab)) => {
            let (matrix, column) = (&lab.view.matrix, window.at.1);
            let row = window.row(matrix);
            // A row that is kept back has no cells to explain.
            if let Some((nth, (who, _))) = row
                .and_then(|nth| matrix.rows.get(nth).map(|row| (nth, row)))
                .filter(|(_, (_, cells))| !cells.is_empty())
            {
                let what = matrix.columns.get(column).cloned().unwrap_or_default();
                let steps = lab.session.explain_cell(lab.matrix_subject, nth, column);
                let kind = PageKind::Cell(who.clone(), what, steps);
                open_page(&mut app.shell, kind);
            }
        }
        (Some(Overlay::Page(Page { kind: PageKind::Version(text, version), .. })), Screen::Lab(lab)) => {
            let (text, version) = (text.clone(), version.clone());
            document::roll_back(lab, &mut app.shell, text, &version);
        }
        (Some(Overlay::Page(_)), _) => drop(app.shell.overlays.pop()),
        // What lies below is not meant.
        (Some(_), _) => {}
        (None, Screen::Home) => return open::open_chosen(app),
        (None, Screen::Lab(lab)) => {
            let answer = (view_of(lab.focus).open)(lab);
            return pane::answer(app, answer);
        }
    }
    Reaction::changed()
}
