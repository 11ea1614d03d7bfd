//! What each message does to the app.
//!
//! [`update`] is the only function that changes the app. It never writes to the terminal: what only the outside can do
//! it returns as effects.

mod act;
mod compare;
mod console;
mod document;
mod files;
mod find;
mod focus;
mod items;
mod menus;
mod mouse;
mod present;
mod refresh;
mod screen;
mod scroll;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Exit, Mood};
use super::keys::{Action, Context};
use super::layout::Pane;
use super::message::{Effect, Message};
use super::overlay::{Choice, Menu, MenuKind, Overlay, Question};

pub use items::menu_items;
pub use present::start_lesson;
pub use refresh::{open_scenario, read_progress};

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

/// What nobody can see does nothing while the screen is too small to draw anything; leaving and suspending work on.
fn act_unseen(app: &mut App, key: KeyEvent) -> Outcome {
    if matches!(app.overlays.last(), Some(Overlay::Confirm(Question::Quit))) {
        return on_overlay_key(app, key);
    }
    match app.keys.find(Context::Lab, key) {
        Some((action @ (Action::ForceQuit | Action::Suspend), nth)) => act::act(app, action, nth),
        _ => Outcome::default(),
    }
}

/// Applies one message.
pub fn update(app: &mut App, message: Message) -> Outcome {
    let unseen = app.regions().too_small;
    let lit = app.flash.as_ref().map(|flash| flash.number);
    let mut outcome = match message {
        Message::Key(key) if unseen => act_unseen(app, key),
        Message::Paste(_) | Message::Press(_) | Message::Drag(_) | Message::Release | Message::Wheel(..)
            if unseen =>
        {
            Outcome::default()
        }
        Message::Key(key) => {
            app.toast = None;
            app.idle_key = None;
            let outcome = on_key(app, key);
            if outcome.changed || !outcome.effects.is_empty() { outcome } else { idle(app, key) }
        }
        Message::Paste(text) => on_paste(app, &text),
        Message::Press(at) => mouse::press(app, at),
        Message::Drag(at) => mouse::drag(app, at),
        Message::Release => mouse::release(app),
        Message::Wheel(at, by) => mouse::wheel(app, at, by),
        Message::Resize(area) => {
            app.area = area;
            Outcome::changed()
        }
        Message::Terminate(signal) => {
            app.exit = Some(Exit::Signal(signal));
            Outcome::default()
        }
        Message::Lost => {
            app.exit = Some(Exit::TerminalLost);
            Outcome::default()
        }
        Message::Look => look(app),
        Message::FlashEnds(number) => {
            let over = app.flash.take_if(|flash| flash.number == number);
            if over.is_some() { Outcome::changed() } else { Outcome::default() }
        }
        Message::Suspend => Outcome::asking(Effect::Suspend),
        Message::Continued => Outcome::asking(Effect::Reenter),
        Message::Edited(result) => {
            document::edited(app, result);
            Outcome::changed()
        }
    };
    refresh::settle(app);
    outcome.effects.extend(present::notes(app));
    let flash = app.flash.as_ref().map(|flash| flash.number).filter(|number| lit != Some(*number));
    outcome.effects.extend(flash.map(Effect::EndFlash));
    outcome
}

/// A key that does nothing: says so, unless somebody is typing. Keys that only go with others are nobody's business.
fn idle(app: &mut App, key: KeyEvent) -> Outcome {
    let typing = match app.overlays.last() {
        Some(Overlay::Path { .. } | Overlay::Search { .. }) => true,
        Some(Overlay::Menu(menu)) => menu.filter.is_some(),
        Some(Overlay::Matrix { pick, .. }) => pick.typing,
        Some(Overlay::Page(_) | Overlay::Confirm(_)) => false,
        None => matches!(app.context(), Context::Editor | Context::Console) || app.home.searching,
    };
    app.idle_key = super::keys::name_of(key).filter(|_| !typing);
    // What was said before this key is gone in any case.
    Outcome::changed()
}

/// A press on a key's name does what the key does, wherever else keys may be going: a click types no letter.
fn press_name(app: &mut App, key: KeyEvent) -> Outcome {
    let letter = matches!(key.code, KeyCode::Char(_)) && plain(key);
    if !app.overlays.is_empty() {
        return match app.keys.find(Context::List, key).filter(|_| letter) {
            Some((action, nth)) => act::act(app, action, nth),
            None => on_overlay_key(app, key),
        };
    }
    let found = app.keys.find(app.context(), key).or_else(|| match app.context() {
        Context::Editor | Context::Console => app.keys.find(Context::Lab, key),
        _ => None,
    });
    match found {
        // One name stands for nine keys there; it moves to the next identity.
        Some((Action::Identity, _)) => act::next_identity(app),
        Some((action, nth)) => act::act(app, action, nth),
        None => Outcome::default(),
    }
}

/// Takes over what a watched file says by now.
fn look(app: &mut App) -> Outcome {
    let Some((words, changed)) = app.lab.as_mut().and_then(|lab| lab.session.look()) else {
        return Outcome::default();
    };
    app.toast = Some((Mood::of(changed), words));
    if changed {
        refresh::document_changed(app);
    }
    Outcome::changed()
}

fn on_key(app: &mut App, key: KeyEvent) -> Outcome {
    let context = app.context();
    if !app.overlays.is_empty() {
        return on_overlay_key(app, key);
    }
    if context == Context::Home && app.home.searching {
        return on_filter_key(app, key);
    }
    if let Some((action, nth)) = app.keys.find(context, key) {
        return act::act(app, action, nth);
    }
    if context == Context::Editor
        && let Some(lab) = &mut app.lab
    {
        if lab.editor.key(key) {
            refresh::draft_changed(app);
        }
        refresh::follow_cursor(app);
        return Outcome::changed();
    }
    if context == Context::Console {
        return console::key(app, key);
    }
    Outcome::default()
}

/// Typing into the search of the list of scenarios.
fn on_filter_key(app: &mut App, key: KeyEvent) -> Outcome {
    match key.code {
        KeyCode::Char(c) if plain(key) => {
            app.home.filter.push(c);
            app.home.selected = 0;
        }
        KeyCode::Backspace => {
            app.home.filter.pop();
        }
        KeyCode::Enter => app.home.searching = false,
        KeyCode::Esc => {
            app.home.searching = false;
            app.home.filter.clear();
        }
        _ => match app.keys.find(Context::List, key) {
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
    let Some(top) = app.overlays.last_mut() else { return Outcome::default() };
    match top {
        Overlay::Confirm(question) => {
            let question = *question;
            match key.code {
                KeyCode::Char('y' | 'Y') => {
                    app.overlays.pop();
                    return act::confirmed(app, question);
                }
                KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => {
                    app.overlays.pop();
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
                app.overlays.pop();
                return if in_audit(app) { Outcome::changed() } else { find::find(app, &text, true) };
            }
            KeyCode::Esc if in_audit(app) => {
                app.overlays.pop();
                refresh::filter_audit(app, "");
                return Outcome::changed();
            }
            _ => {}
        },
        Overlay::Menu(Menu { kind: MenuKind::Help, filter: Some(filter), .. })
            if filter.is_empty() && key.code == KeyCode::Char('?') =>
        {
            app.overlays.pop();
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
            app.overlays.pop();
            return document::type_on(app, key);
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
            KeyCode::Char(c) if plain(key) => return menus::pick(app, |pick| pick.text.push(c)),
            KeyCode::Backspace => {
                return menus::pick(app, |pick| {
                    pick.text.pop();
                });
            }
            KeyCode::Enter => return menus::pick(app, |pick| pick.typing = false),
            KeyCode::Esc => {
                return menus::pick(app, |pick| {
                    pick.typing = false;
                    pick.text.clear();
                });
            }
            KeyCode::Left => return menus::across(app, -1),
            KeyCode::Right => return menus::across(app, 1),
            _ => {}
        },
        Overlay::Matrix { .. } | Overlay::Page(_) => match key.code {
            KeyCode::Left | KeyCode::Char('h') => return menus::across(app, -1),
            KeyCode::Right | KeyCode::Char('l') => return menus::across(app, 1),
            KeyCode::Char('q') => {
                app.overlays.pop();
                return Outcome::changed();
            }
            KeyCode::Char('y') => return act::act(app, Action::Copy, 0),
            _ => {}
        },
    }
    match app.keys.find(Context::List, key) {
        Some((action, nth)) => act::act(app, action, nth),
        // The key that opened a page closes it.
        None => match app.keys.find(Context::Lab, key) {
            Some((action, _)) if menus::opened_by(app, action) => {
                app.overlays.pop();
                Outcome::changed()
            }
            Some((action @ Action::Search, nth))
                if matches!(app.overlays.last(), Some(Overlay::Matrix { .. } | Overlay::Page(_))) =>
            {
                act::act(app, action, nth)
            }
            Some((action @ (Action::SearchNext | Action::SearchPrevious), nth))
                if matches!(app.overlays.last(), Some(Overlay::Page(_))) =>
            {
                act::act(app, action, nth)
            }
            Some((Action::Diff, _)) if menu_is(app, MenuKind::Timeline) => menus::compare(app),
            Some((action @ (Action::Why | Action::Timeline), _)) => menus::follow_record(app, action),
            Some((action @ Action::CopyCli, nth)) => act::act(app, action, nth),
            _ => Outcome::default(),
        },
    }
}

/// Takes away what was typed into the window on top, as a shell does; says whether it takes text.
fn clear_typed(app: &mut App) -> bool {
    match app.overlays.last_mut() {
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
    let page = app.overlays.iter().any(|overlay| matches!(overlay, Overlay::Page(_)));
    !page && app.lab.as_ref().is_some_and(|lab| lab.focus == Pane::Audit)
}

/// The text to look for has changed: the audit log follows it at once.
fn searching(app: &mut App) -> Outcome {
    if in_audit(app)
        && let Some(Overlay::Search { text }) = app.overlays.last()
    {
        let text = text.clone();
        refresh::filter_audit(app, &text);
    }
    Outcome::changed()
}

fn on_paste(app: &mut App, text: &str) -> Outcome {
    app.toast = None;
    match app.overlays.last_mut() {
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
            return menus::pick(app, |pick| {
                pick.text.extend(text.chars().filter(|c| !c.is_control()).take(200));
            });
        }
        Some(_) => return Outcome::default(),
        None => {}
    }
    if app.at_home {
        if app.home.searching {
            app.home.filter.extend(text.chars().filter(|c| !c.is_control()).take(200));
            return Outcome::changed();
        }
        return Outcome::default();
    }
    let Some(lab) = &mut app.lab else { return Outcome::default() };
    if lab.console.typing {
        return console::paste(app, text);
    }
    if !lab.typing {
        app.toast = Some((Mood::Bad, "nothing pasted: e edits the policy, ; opens the console".into()));
        return Outcome::changed();
    }
    match lab.editor.paste(text) {
        Ok(_) => {
            refresh::draft_changed(app);
            refresh::follow_cursor(app);
        }
        Err(why) => app.toast = Some((Mood::Bad, why)),
    }
    Outcome::changed()
}

/// Whether a character key carries no modifier that makes it something else.
fn plain(key: KeyEvent) -> bool {
    !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}

/// Opens a menu, unless the same one lies on top.
fn open_menu(app: &mut App, menu: Menu) -> Outcome {
    let same = |o: &Overlay| matches!(o, Overlay::Menu(m) if m.kind == menu.kind);
    if app.overlays.last().is_some_and(same) {
        app.overlays.pop();
    } else {
        // Menus do not pile up: the palette opened over a menu takes its place.
        app.overlays.retain(|o| !matches!(o, Overlay::Menu(_)));
        app.overlays.push(Overlay::Menu(menu));
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
fn menu_is(app: &App, kind: MenuKind) -> bool {
    matches!(app.overlays.last(), Some(Overlay::Menu(m)) if m.kind == kind)
}
