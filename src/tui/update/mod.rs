//! What each message does to the state.
//!
//! [`update`] is the only function that changes the state. It never writes to the terminal: what only the outside can do
//! it returns as effects. A message is worked on in two parts: first what was asked for changes the session and the
//! screen, then [`settle`] makes what is drawn, once, and brings on the screen what must be there.

mod act;
mod console;
mod document;
mod files;
mod find;
mod items;
mod learn;
mod menus;
mod mouse;
mod navigate;
mod open;
mod present;
mod settle;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Screen};
use super::home::Home;
use super::keys::{Action, Context};
use super::lab_screen::LabScreen;
use super::layout::Pane;
use super::message::{Effect, Message};
use super::overlay::{Choice, Menu, MenuKind, Overlay, Pick, Question};
use super::shell::{Exit, Shell, ToastKind};

pub use items::menu_items;
pub use open::open_scenario;
pub use present::start_lesson;

/// What a message led to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether the screen must be drawn again.
    pub changed: bool,
    /// What the outside is asked to do, in order.
    pub effects: Vec<Effect>,
}

impl Outcome {
    fn changed() -> Self {
        Self { changed: true, effects: Vec::new() }
    }

    fn asking(effect: Effect) -> Self {
        Self { changed: true, effects: vec![effect] }
    }
}

/// Applies one message.
pub fn update(app: &mut App, message: Message) -> Outcome {
    let lit = app.shell.flash.as_ref().map(|flash| flash.number);
    let mut outcome = if app.regions().too_small { unseen(app, message) } else { take(app, message) };
    settle::settle(app);
    outcome.effects.extend(present::notes(app));
    let flash = app.shell.flash.as_ref().map(|flash| flash.number).filter(|number| lit != Some(*number));
    outcome.effects.extend(flash.map(Effect::EndFlash));
    outcome
}

/// Takes a message while the screen is too small to draw anything: what nobody can see does nothing.
fn unseen(app: &mut App, message: Message) -> Outcome {
    match message {
        Message::Key(key) => unseen_key(app, key),
        Message::Paste(_) | Message::Press(_) | Message::Drag(_) | Message::Release | Message::Wheel(..) => {
            Outcome::default()
        }
        Message::Resize(_)
        | Message::Terminate(_)
        | Message::Suspend
        | Message::Continued
        | Message::Lost
        | Message::Look
        | Message::FlashEnds(_)
        | Message::Edited(_) => take(app, message),
    }
}

/// Takes a key while nothing can be drawn: leaving and suspending work on.
fn unseen_key(app: &mut App, key: KeyEvent) -> Outcome {
    if matches!(app.shell.overlays.last(), Some(Overlay::Confirm(Question::Quit))) {
        return on_overlay_key(app, key);
    }
    match app.shell.keys.find(Context::Lab, key) {
        Some((action, nth)) if matches!(action, Action::ForceQuit | Action::Suspend) => {
            act::act(app, action, nth)
        }
        Some(_) | None => Outcome::default(),
    }
}

fn take(app: &mut App, message: Message) -> Outcome {
    match message {
        Message::Key(key) => {
            app.shell.toast = None;
            app.shell.idle_key = None;
            let outcome = on_key(app, key);
            if outcome.changed || !outcome.effects.is_empty() { outcome } else { idle(app, key) }
        }
        Message::Paste(text) => on_paste(app, &text),
        Message::Press(at) => mouse::press(app, at),
        Message::Drag(at) => mouse::drag(app, at),
        Message::Release => mouse::release(app),
        Message::Wheel(at, by) => mouse::wheel(app, at, by),
        Message::Resize(area) => {
            app.shell.area = area;
            Outcome::changed()
        }
        Message::Terminate(signal) => {
            app.shell.exit = Some(Exit::Signal(signal));
            Outcome::default()
        }
        Message::Lost => {
            app.shell.exit = Some(Exit::TerminalLost);
            Outcome::default()
        }
        Message::Look => in_lab(app, look),
        Message::FlashEnds(number) => {
            let over = app.shell.flash.take_if(|flash| flash.number == number);
            if over.is_some() { Outcome::changed() } else { Outcome::default() }
        }
        Message::Suspend => Outcome::asking(Effect::Suspend),
        Message::Continued => Outcome::asking(Effect::Reenter),
        Message::Edited(result) => in_lab(app, |lab, shell| document::edited(lab, shell, result)),
    }
}

/// Does something in the open lab; where none is, there is nothing to do.
fn in_lab(app: &mut App, work: impl FnOnce(&mut LabScreen, &mut Shell) -> Outcome) -> Outcome {
    match &mut app.screen {
        Screen::Home => Outcome::default(),
        Screen::Lab(lab) => work(lab, &mut app.shell),
    }
}

/// Says that a key does nothing, unless somebody is typing. Keys that only go with others are not worth a word.
fn idle(app: &mut App, key: KeyEvent) -> Outcome {
    let typing = match app.shell.overlays.last() {
        Some(Overlay::Path { .. } | Overlay::Search { .. }) => true,
        Some(Overlay::Menu(menu)) => menu.filter.is_some(),
        Some(Overlay::Matrix { pick, .. }) => pick.typing,
        Some(Overlay::Page(_) | Overlay::Confirm(_)) => false,
        None => matches!(app.context(), Context::Editor | Context::Console) || app.home.searching,
    };
    app.shell.idle_key = super::keys::name_of(key).filter(|_| !typing);
    // What was said before this key is gone in any case.
    Outcome::changed()
}

/// Does what the key does whose name was pressed, wherever else keys may be going: a click types no letter.
fn press_name(app: &mut App, key: KeyEvent) -> Outcome {
    let letter = matches!(key.code, KeyCode::Char(_)) && plain(key);
    if !app.shell.overlays.is_empty() {
        return match app.shell.keys.find(Context::List, key).filter(|_| letter) {
            Some((action, nth)) => act::act(app, action, nth),
            None => on_overlay_key(app, key),
        };
    }
    let context = app.context();
    let found = app.shell.keys.find(context, key).or_else(|| match context {
        Context::Editor | Context::Console => app.shell.keys.find(Context::Lab, key),
        Context::Home | Context::Lab | Context::List | Context::Present => None,
    });
    match found {
        // One name stands for nine keys there; it moves to the next identity.
        Some((Action::Identity, _)) => in_lab(app, learn::next_identity),
        Some((action, nth)) => act::act(app, action, nth),
        None => Outcome::default(),
    }
}

/// Takes over what a watched file says by now.
fn look(lab: &mut LabScreen, shell: &mut Shell) -> Outcome {
    let Some((words, changed)) = lab.session.look() else { return Outcome::default() };
    shell.toast = Some((ToastKind::of(changed), words));
    if changed {
        lab.document_changed();
    }
    Outcome::changed()
}

fn on_key(app: &mut App, key: KeyEvent) -> Outcome {
    let context = app.context();
    if !app.shell.overlays.is_empty() {
        return on_overlay_key(app, key);
    }
    if context == Context::Home && app.home.searching {
        return on_filter_key(app, key);
    }
    if let Some((action, nth)) = app.shell.keys.find(context, key) {
        return act::act(app, action, nth);
    }
    match context {
        Context::Editor => in_lab(app, |lab, _| {
            if lab.editor.key(key) {
                lab.draft_changed();
            }
            lab.follow_cursor();
            Outcome::changed()
        }),
        Context::Console => in_lab(app, |lab, shell| console::key(&mut lab.console, shell, key)),
        Context::Home | Context::Lab | Context::List | Context::Present => Outcome::default(),
    }
}

/// Types into the search of the list of scenarios.
fn on_filter_key(app: &mut App, key: KeyEvent) -> Outcome {
    let home = &mut app.home;
    match key.code {
        KeyCode::Char(c) if plain(key) => {
            home.filter.push(c);
            home.selected = 0;
        }
        KeyCode::Backspace => {
            home.filter.pop();
        }
        KeyCode::Enter => home.searching = false,
        KeyCode::Esc => home.show_all(),
        _ => match app.shell.keys.find(Context::List, key) {
            Some((action, nth)) => return act::act(app, action, nth),
            None => return Outcome::default(),
        },
    }
    Outcome::changed()
}

fn on_overlay_key(app: &mut App, key: KeyEvent) -> Outcome {
    let clears = key.code == KeyCode::Char('u') && key.modifiers.contains(KeyModifiers::CONTROL);
    if clears && clear_typed(app) {
        return Outcome::changed();
    }
    let Some(top) = app.shell.overlays.last_mut() else { return Outcome::default() };
    match top {
        Overlay::Confirm(question) => {
            let question = *question;
            match key.code {
                KeyCode::Char('y' | 'Y') => {
                    app.shell.overlays.pop();
                    return open::confirmed(app, question);
                }
                KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => {
                    app.shell.overlays.pop();
                    return Outcome::changed();
                }
                _ => {}
            }
        }
        Overlay::Path { text, error, .. } => match key.code {
            KeyCode::Char(c) if plain(key) => {
                text.push(c);
                *error = None;
                return Outcome::changed();
            }
            KeyCode::Backspace => {
                text.pop();
                *error = None;
                return Outcome::changed();
            }
            KeyCode::Enter => return files::use_path(app),
            _ => {}
        },
        Overlay::Search { text } => match key.code {
            KeyCode::Char(c) if plain(key) => {
                text.push(c);
                return searching(app);
            }
            KeyCode::Backspace => {
                text.pop();
                return searching(app);
            }
            KeyCode::Enter => {
                let text = text.clone();
                app.shell.overlays.pop();
                return if in_audit(app) {
                    Outcome::changed()
                } else {
                    in_lab(app, |lab, shell| find::find(lab, shell, &text, true))
                };
            }
            KeyCode::Esc if in_audit(app) => {
                app.shell.overlays.pop();
                filter_audit(app, "");
                return Outcome::changed();
            }
            _ => {}
        },
        Overlay::Menu(Menu { kind: MenuKind::Help, filter: Some(filter), .. })
            if filter.is_empty() && key.code == KeyCode::Char('?') =>
        {
            app.shell.overlays.pop();
            return Outcome::changed();
        }
        Overlay::Menu(Menu { filter: Some(filter), selected, .. }) => match key.code {
            KeyCode::Char(c) if plain(key) => {
                filter.push(c);
                *selected = 0;
                return Outcome::changed();
            }
            KeyCode::Backspace => {
                filter.pop();
                *selected = 0;
                return Outcome::changed();
            }
            _ => {}
        },
        // What is typed goes into the text; the list follows.
        Overlay::Menu(Menu { kind: MenuKind::Completions, .. })
            if plain(key) && matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace) =>
        {
            app.shell.overlays.pop();
            return in_lab(app, |lab, shell| document::type_on(lab, shell, key));
        }
        Overlay::Menu(menu) => {
            // A digit chooses a row at once.
            if let KeyCode::Char(c @ '1'..='9') = key.code
                && plain(key)
            {
                menu.selected = usize::from(c as u8 - b'1');
                return menus::choose(app);
            }
        }
        Overlay::Matrix { pick, .. } if pick.typing => match key.code {
            KeyCode::Char(c) if plain(key) => return pick_rows(app, |pick| pick.text.push(c)),
            KeyCode::Backspace => {
                return pick_rows(app, |pick| {
                    pick.text.pop();
                });
            }
            KeyCode::Enter => return pick_rows(app, |pick| pick.typing = false),
            KeyCode::Esc => {
                return pick_rows(app, |pick| {
                    pick.typing = false;
                    pick.text.clear();
                });
            }
            KeyCode::Left => return in_lab(app, |lab, shell| menus::across(lab, shell, -1)),
            KeyCode::Right => return in_lab(app, |lab, shell| menus::across(lab, shell, 1)),
            _ => {}
        },
        Overlay::Matrix { .. } | Overlay::Page(_) => match key.code {
            KeyCode::Left | KeyCode::Char('h') => {
                return in_lab(app, |lab, shell| menus::across(lab, shell, -1));
            }
            KeyCode::Right | KeyCode::Char('l') => {
                return in_lab(app, |lab, shell| menus::across(lab, shell, 1));
            }
            KeyCode::Char('q') => {
                app.shell.overlays.pop();
                return Outcome::changed();
            }
            KeyCode::Char('y') => return act::act(app, Action::Copy, 0),
            _ => {}
        },
    }
    match app.shell.keys.find(Context::List, key) {
        Some((action, nth)) => act::act(app, action, nth),
        // The key that opened a page closes it.
        None => match app.shell.keys.find(Context::Lab, key) {
            Some((action, _)) if menus::opened_by(&app.shell, action) => {
                app.shell.overlays.pop();
                Outcome::changed()
            }
            Some((action @ Action::Search, nth))
                if matches!(app.shell.overlays.last(), Some(Overlay::Matrix { .. } | Overlay::Page(_))) =>
            {
                act::act(app, action, nth)
            }
            Some((action @ (Action::SearchNext | Action::SearchPrevious), nth))
                if matches!(app.shell.overlays.last(), Some(Overlay::Page(_))) =>
            {
                act::act(app, action, nth)
            }
            Some((Action::Diff, _)) if menu_is(&app.shell, MenuKind::Timeline) => in_lab(app, menus::compare),
            Some((action @ (Action::Why | Action::Timeline), _)) => {
                in_lab(app, |lab, shell| menus::follow_record(lab, shell, action))
            }
            Some((action @ Action::CopyCli, nth)) => act::act(app, action, nth),
            _ => Outcome::default(),
        },
    }
}

/// Changes which rows the matrix on top shows.
fn pick_rows(app: &mut App, change: impl FnOnce(&mut Pick)) -> Outcome {
    in_lab(app, |lab, shell| menus::pick(lab, shell, change))
}

/// Takes away what was typed into the window on top, as a shell does; says whether it takes text.
fn clear_typed(app: &mut App) -> bool {
    match app.shell.overlays.last_mut() {
        Some(Overlay::Path { text, error, .. }) => {
            text.clear();
            *error = None;
        }
        Some(Overlay::Search { text }) => {
            text.clear();
            searching(app);
        }
        Some(Overlay::Menu(Menu { filter: Some(filter), selected, .. })) => {
            filter.clear();
            *selected = 0;
        }
        _ => return false,
    }
    true
}

/// Whether a search is one through the audit log.
fn in_audit(app: &App) -> bool {
    // A page that lies under the search is what is looked through.
    let page = app.shell.overlays.iter().any(|overlay| matches!(overlay, Overlay::Page(_)));
    !page && app.lab().is_some_and(|lab| lab.focus == Pane::Audit)
}

/// The text to look for has changed: the audit log follows it at once.
fn searching(app: &mut App) -> Outcome {
    if in_audit(app)
        && let Some(Overlay::Search { text }) = app.shell.overlays.last()
    {
        let text = text.clone();
        filter_audit(app, &text);
    }
    Outcome::changed()
}

fn on_paste(app: &mut App, text: &str) -> Outcome {
    app.shell.toast = None;
    match app.shell.overlays.last_mut() {
        Some(Overlay::Menu(Menu { filter: Some(filter), .. })) => {
            filter.extend(text.chars().filter(|c| !c.is_control()).take(200));
            return Outcome::changed();
        }
        Some(Overlay::Path { text: needle, error, .. }) => {
            needle.extend(text.trim().chars().filter(|c| !c.is_control()).take(4096));
            *error = None;
            return Outcome::changed();
        }
        Some(Overlay::Search { text: needle }) => {
            needle.extend(text.chars().filter(|c| !c.is_control()).take(200));
            return searching(app);
        }
        Some(Overlay::Matrix { pick, .. }) if pick.typing => {
            return pick_rows(app, |pick| {
                pick.text.extend(text.chars().filter(|c| !c.is_control()).take(200));
            });
        }
        Some(_) => return Outcome::default(),
        None => {}
    }
    match &mut app.screen {
        Screen::Home => paste_into_filter(&mut app.home, text),
        Screen::Lab(lab) => paste_into_lab(lab, &mut app.shell, text),
    }
}

fn paste_into_filter(home: &mut Home, text: &str) -> Outcome {
    if !home.searching {
        return Outcome::default();
    }
    home.filter.extend(text.chars().filter(|c| !c.is_control()).take(200));
    Outcome::changed()
}

fn paste_into_lab(lab: &mut LabScreen, shell: &mut Shell, text: &str) -> Outcome {
    if lab.console.typing {
        return console::paste(&mut lab.console, shell, text);
    }
    if !lab.typing {
        shell.bad("nothing pasted: e edits the policy, ; opens the console");
        return Outcome::changed();
    }
    match lab.editor.paste(text) {
        Ok(_) => {
            lab.draft_changed();
            lab.follow_cursor();
        }
        Err(why) => shell.bad(why),
    }
    Outcome::changed()
}

/// Shows only the audit records that hold these words.
fn filter_audit(app: &mut App, words: &str) {
    if let Screen::Lab(lab) = &mut app.screen {
        lab.filter_audit(words);
    }
}

/// Whether a character key carries no modifier that makes it something else.
fn plain(key: KeyEvent) -> bool {
    !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

/// Opens a menu, unless the same one lies on top.
fn open_menu(shell: &mut Shell, menu: Menu) -> Outcome {
    let same = |o: &Overlay| matches!(o, Overlay::Menu(m) if m.kind == menu.kind);
    if shell.overlays.last().is_some_and(same) {
        shell.overlays.pop();
    } else {
        // Menus do not pile up: the palette opened over a menu takes its place.
        shell.overlays.retain(|o| !matches!(o, Overlay::Menu(_)));
        shell.overlays.push(Overlay::Menu(menu));
    }
    Outcome::changed()
}

/// What choosing a menu row does, apart from the menus' own lists.
fn choice_action(choice: &Choice) -> Option<Action> {
    match choice {
        Choice::Act(action) => Some(*action),
        _ => None,
    }
}

/// Whether that menu is on top.
fn menu_is(shell: &Shell, kind: MenuKind) -> bool {
    matches!(shell.overlays.last(), Some(Overlay::Menu(m)) if m.kind == kind)
}
