//! What keys, presses and pasted text do to what lies over the screen, and what choosing a row does.

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::{Reaction, act, console, document, files, find, in_lab, learn, navigate, open, parts};
use crate::narration::{self, Does};
use crate::scenario::Sureness;
use crate::tui::app::{App, Screen};
use crate::tui::keys::{Action, Context};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Pane;
use crate::tui::message::Effect;
use crate::tui::overlays::{
    Choice, MatrixWindow, Menu, Overlay, Page, PageKind, Question, Reply, Scope, menus,
};
use crate::tui::shell::Shell;
use crate::tui::view;

/// Opens a menu, unless the same one lies on top, which then closes.
pub fn open_menu(shell: &mut Shell, menu: Menu) -> Reaction {
    let same = |overlay: &Overlay| matches!(overlay, Overlay::Menu(other) if other.kind == menu.kind);
    if shell.overlays.last().is_some_and(same) {
        shell.overlays.pop();
    } else {
        // Menus do not pile up: the palette opened over a menu takes its place.
        shell.overlays.retain(|overlay| !matches!(overlay, Overlay::Menu(_)));
        shell.overlays.push(Overlay::Menu(menu));
    }
    Reaction::changed()
}

/// Opens a page over the screen.
pub fn open_page(shell: &mut Shell, kind: PageKind) {
    shell.overlays.push(Overlay::Page(Page::new(kind)));
}

/// Opens the matrix, or closes it where it is on top.
pub fn toggle_matrix(shell: &mut Shell) {
    if matches!(shell.overlays.last(), Some(Overlay::Matrix(_))) {
        shell.overlays.pop();
    } else {
        shell.overlays.push(Overlay::Matrix(MatrixWindow::default()));
    }
}

/// Takes a key while something lies over the screen: the overlay on top knows it, or the key map.
pub fn on_key(app: &mut App, key: KeyEvent) -> Reaction {
    let lab = match &app.screen {
        Screen::Home => None,
        Screen::Lab(lab) => Some(&**lab),
    };
    let Some(top) = app.shell.overlays.last_mut() else { return Reaction::default() };
    let keys = &app.shell.keys;
    let mut reply = top.on_key(key, lab);
    if matches!(reply, Reply::Pass) {
        reply = match (keys.find(Context::List, key), keys.find(Context::Lab, key)) {
            (Some((action, nth)), _) => return act::act(app, action, nth),
            (None, Some((Action::CopyCli, _))) => Reply::Act(Action::CopyCli),
            (None, Some((action, _))) => top.on_lab_action(action),
            (None, None) => Reply::Pass,
        };
    }
    // A page is only read: a key that means nothing there closes it, and does what it does without it.
    if matches!(reply, Reply::Pass) && matches!(top, Overlay::Page(_)) {
        app.shell.overlays.pop();
        return super::on_key(app, key);
    }
    answer(app, reply)
}

/// Takes pasted text into the overlay on top.
pub fn on_paste(app: &mut App, text: &str) -> Reaction {
    let lab = match &app.screen {
        Screen::Home => None,
        Screen::Lab(lab) => Some(&**lab),
    };
    let reply = app.shell.overlays.last_mut().map(|top| top.paste(text, lab));
    answer(app, reply.unwrap_or(Reply::Pass))
}

/// Takes a press while something lies over the screen: outside it closes that.
pub fn on_press(app: &mut App, at: Position) -> Reaction {
    let Some(mut top) = app.shell.overlays.pop() else { return Reaction::default() };
    let ground = view::ground(app);
    let rect = top.rect(&ground);
    if !rect.contains(at) {
        return Reaction::changed();
    }
    let reply = top.press(at, rect, &ground);
    app.shell.overlays.push(top);
    answer(app, reply)
}

/// Moves the selection of the overlay on top, or what is in sight of it.
pub fn move_by(app: &mut App, by: isize) -> Reaction {
    let Some(mut top) = app.shell.overlays.pop() else { return Reaction::default() };
    let reply = top.move_by(by, &view::ground(app));
    app.shell.overlays.push(top);
    answer(app, reply)
}

/// Selects something that exists in the overlay on top.
pub fn settle(app: &mut App) {
    let lab = match &app.screen {
        Screen::Home => None,
        Screen::Lab(lab) => Some(&**lab),
    };
    if let Some(top) = app.shell.overlays.last_mut() {
        top.settle(lab);
    }
}

/// Does what the overlay on top asks for.
fn answer(app: &mut App, reply: Reply) -> Reaction {
    match reply {
        Reply::Pass => return Reaction::default(),
        Reply::Changed => {}
        Reply::Close => drop(app.shell.overlays.pop()),
        Reply::Choose => return choose(app),
        Reply::Guess(place) => return in_lab(app, |lab, shell| guess(lab, shell, place)),
        Reply::Turn(by) => return parts::turn(&mut app.shell, by),
        Reply::Confirmed => match app.shell.overlays.pop() {
            Some(Overlay::Confirm(question)) => return confirmed(app, question),
            Some(other) => app.shell.overlays.push(other),
            None => {}
        },
        Reply::Act(action) => return act::act(app, action, 0),
        Reply::UsePath => return files::use_path(app),
        Reply::Typed => return in_lab(app, typed),
        Reply::Find => return in_lab(app, find_typed),
        Reply::ShowAll => {
            app.shell.overlays.pop();
            return in_lab(app, |lab, _| {
                lab.filter_audit("");
                Reaction::changed()
            });
        }
        Reply::TypeOn(key) => {
            app.shell.overlays.pop();
            return in_lab(app, |lab, shell| document::type_on(lab, shell, key));
        }
        Reply::Compare => return in_lab(app, compare),
        Reply::Follow(action) => return in_lab(app, |lab, shell| follow_record(lab, shell, action)),
    }
    Reaction::changed()
}

/// Answers the question under the cursor of the grid, which goes on to the next one.
fn guess(lab: &mut LabScreen, shell: &mut Shell, place: usize) -> Reaction {
    let Some(Overlay::Cells(window)) = shell.overlays.last_mut() else { return Reaction::default() };
    if let Some(question) = window.question(&lab.view.task) {
        lab.session.answer(&question, place, window.sure);
        lab.editor.set_findings(lab.session.findings());
        // The answers that are given are drawn once this is done; the cell just answered is known here.
        let mut task = lab.view.task.clone();
        if let Some(row) = task.predictions.iter_mut().find(|row| row.id == question) {
            row.chosen = Some(place);
        }
        window.go_on(&task);
    }
    Reaction::changed()
}

/// Follows the text to look for: the audit log does so at once.
fn typed(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    if let Some(Overlay::Search(input)) = shell.overlays.last()
        && input.scope == Scope::Records
    {
        lab.filter_audit(input.field.text());
    }
    Reaction::changed()
}

fn find_typed(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    match shell.overlays.pop() {
        Some(Overlay::Search(input)) if input.scope != Scope::Records => {
            find::find(lab, shell, input.field.text(), true)
        }
        Some(_) | None => Reaction::changed(),
    }
}

/// Marks the timeline's row, or compares it with the one that is marked. The mark itself is taken away again.
fn compare(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let Some(Overlay::Menu(menu)) = shell.overlays.last_mut() else { return Reaction::default() };
    match menu.marked {
        None => menu.marked = Some(menu.selected),
        Some(marked) if marked == menu.selected => menu.marked = None,
        Some(marked) => {
            if let Some((one, other)) = menu.step(marked).zip(menu.step(menu.selected)) {
                let comparison = narration::comparison(lab.session.lab(), one.point, other.point);
                open_page(shell, PageKind::Comparison(comparison));
            }
        }
    }
    Reaction::changed()
}

/// Goes from the audit record on top to the decisions of the call that left it, or to its step in the timeline.
fn follow_record(lab: &mut LabScreen, shell: &mut Shell, action: Action) -> Reaction {
    let Some(Overlay::Page(Page { kind: PageKind::Record(record), .. })) = shell.overlays.last() else {
        return Reaction::default();
    };
    let Some(point) = record.call else {
        shell.bad("this record belongs to no step of this session");
        return Reaction::changed();
    };
    if action == Action::Why {
        let step = lab.view.steps.iter().find(|step| step.point == point).cloned();
        open_page(shell, PageKind::Decisions(step, narration::decisions_at(lab.session.lab(), point)));
    } else {
        shell.overlays.push(Overlay::Menu(menus::timeline(lab, Some(point))));
    }
    Reaction::changed()
}

/// Chooses the selected row of the menu on top.
pub fn choose(app: &mut App) -> Reaction {
    let Some(Overlay::Menu(menu)) = app.shell.overlays.last() else { return Reaction::default() };
    let Some(choice) = menu.chosen().map(|row| row.choice.clone()) else { return Reaction::default() };
    let sure = menu.sure;
    app.shell.overlays.pop();
    if let Choice::Act(action) = choice {
        chosen_action(app, action)
    } else if let Choice::Port(port) = choice {
        open_page(&mut app.shell, PageKind::Port(port));
        Reaction::changed()
    } else {
        in_lab(app, |lab, shell| chosen(lab, shell, choice, sure))
    }
}

/// Runs an action from the palette or the help where it belongs: an editor's action goes into the editor first.
fn chosen_action(app: &mut App, action: Action) -> Reaction {
    let has = |context| app.shell.keys.rows(context).any(|b| b.action == action);
    let (in_lab, in_editor, in_console) = (has(Context::Lab), has(Context::Editor), has(Context::Console));
    if let Screen::Lab(lab) = &mut app.screen
        && !in_lab
    {
        if in_editor {
            lab.typing = true;
            lab.focus = Pane::Policy;
        } else if in_console {
            console::open(lab, &mut app.shell);
        }
    }
    act::act(app, action, 0)
}

fn chosen(lab: &mut LabScreen, shell: &mut Shell, choice: Choice, sure: Option<Sureness>) -> Reaction {
    match choice {
        // These may go anywhere: they are done above.
        Choice::Act(_) | Choice::Port(_) => return Reaction::default(),
        Choice::Identity(row) => return learn::act_as(lab, shell, row),
        Choice::TakeOn(somebody) => return learn::take_on(lab, shell, &somebody),
        Choice::Layout(preset) => navigate::arrange(lab, shell, preset),
        Choice::Answer(option) => {
            let asked = lab.session.lab().next_prediction().map(|asked| asked.id.clone());
            lab.session.predict(option, sure);
            // Some of what is found says how applying would end, which was to be guessed.
            lab.editor.set_findings(lab.session.findings());
            // The reason is asked for right behind the verdict.
            if let Some(reason) = asked.and_then(|asked| lab.session.lab().reason_to_give(&asked)) {
                let row = lab.view.task.predictions.iter().find(|row| row.id == reason.id);
                return open_menu(shell, menus::answers(row));
            }
        }
        Choice::Insert(snippet) if snippet.asks_for_whom => {
            return open_menu(shell, menus::for_whom(lab, &snippet));
        }
        Choice::Insert(snippet) => document::insert(lab, shell, &snippet),
        Choice::Build(made) => return parts::insert(lab, shell, &made),
        Choice::Draft(fix) => document::take_fix(lab, shell, &fix),
        Choice::Complete(word) => document::complete_with(lab, &word),
        Choice::Wait { name, seconds } => match lab.session.wait(seconds) {
            Ok(()) => shell.good(format!("{name} later")),
            Err(why) => shell.bad(why),
        },
        Choice::Key(Does::Call(call)) => learn::act_on_key(lab, shell, *call),
        Choice::Key(Does::Line(line)) => {
            lab.console.line.set(&line);
            console::open(lab, shell);
        }
        Choice::Step(step) => learn::go_to_step(lab, shell, step.point),
        Choice::Watch(watched) => {
            lab.session.lab_mut().watch(watched.call());
            lab.ran = false;
            shell.note(format!("watching {}", watched.title()));
        }
        Choice::Open(document) => return document::open(lab, shell, &document),
        Choice::Version(text, version) => open_page(shell, PageKind::Version(text, version)),
        Choice::WhoCan(action) => {
            let mut targets = narration::targets(lab.session.lab(), &action);
            // Where there is nothing to choose, nothing is asked.
            match targets.pop() {
                Some(only) if targets.is_empty() => learn::who_can(lab, shell, action, only),
                last => {
                    targets.extend(last);
                    shell.overlays.push(Overlay::Menu(menus::who_can_to(&action, targets)));
                }
            }
        }
        Choice::WhoCanTo(action, target) => learn::who_can(lab, shell, action, target),
    }
    Reaction::changed()
}

/// Does what was asked about, once the answer was yes.
pub fn confirmed(app: &mut App, question: Question) -> Reaction {
    match question {
        Question::Quit => open::leave(app),
        Question::Home => open::go_home(app),
        Question::Next => open::next_surely(app),
        Question::Reset => in_lab(app, learn::reset),
        Question::RestartTask => in_lab(app, learn::restart_task),
        Question::Discard => in_lab(app, document::discard),
        Question::ApplyAll => in_lab(app, |lab, shell| {
            document::apply_all_surely(lab, shell);
            Reaction::changed()
        }),
        Question::Replace(purpose, path) => files::replace(app, purpose, path),
        Question::Copy => open::take_copy(app),
    }
}

/// Asks if something would be lost: what is not kept, or the draft that is thrown away. Goes ahead if nothing would: a
/// draft is kept with its lab.
pub fn ask_if_lost(app: &mut App, question: Question) -> Reaction {
    let loses = if question.leaves_lab() { LabScreen::loses } else { LabScreen::dirty };
    if !app.lab().is_some_and(loses) {
        return confirmed(app, question);
    }
    let asked = |top: &Overlay| matches!(top, Overlay::Confirm(other) if *other == question);
    if !app.shell.overlays.last().is_some_and(asked) {
        app.shell.ask(question);
    }
    Reaction::changed()
}

/// Copies the command that makes the call on top, selected or watched.
pub fn copy_cli(lab: &mut LabScreen, shell: &mut Shell) -> Reaction {
    let command = match shell.overlays.last() {
        Some(Overlay::Menu(menu)) if menu.step(menu.selected).is_some() => {
            menu.step(menu.selected).and_then(|step| step.cli.clone())
        }
        Some(Overlay::Page(Page { kind: PageKind::Record(record), .. })) => record.cli.clone(),
        Some(_) | None if lab.focus == Pane::Audit => {
            lab.view.audit.get(lab.audit_selected).and_then(|record| record.cli.clone())
        }
        Some(_) | None => lab.session.watched_cli(),
    };
    if let Some(command) = command {
        shell.good(format!("copied: {command}"));
        Reaction::asking(Effect::Copy(command))
    } else {
        shell.bad("no aws command makes this call: a service made it");
        Reaction::changed()
    }
}
