//! What each message does to the state.
//!
//! [`update`] is the only function that changes the state. It never writes to the terminal: what only the outside can do
//! it returns as effects. A message is worked on in two parts: first what was asked for changes the session and the
//! screen, then [`settle`] makes what is drawn, once, and brings on the screen what must be there.

mod act;
mod bring;
mod console;
mod document;
mod files;
mod find;
mod finish;
mod learn;
mod mouse;
mod navigate;
mod open;
mod overlay;
mod pane;
mod parts;
mod present;
mod settle;
mod visit;
mod work;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Screen};
use super::home::Home;
use super::keys::{Action, Context};
use super::lab_screen::LabScreen;
use super::message::{Effect, Message};
use super::overlays::{Overlay, Question};
use super::shell::{Exit, Shell};
use super::toast::ToastKind;
use crate::lab::WatchError;

pub use bring::can_be_pinned;
pub use finish::take_over;
pub use open::open_here;
#[cfg(test)]
pub use open::open_scenario;
#[cfg(test)]
pub use present::start_lesson_here;

/// What a message led to.
#[derive(Debug, Default)]
pub struct Reaction {
    /// Whether the screen must be drawn again.
    pub changed: bool,
    /// What the outside is asked to do, in order.
    pub effects: Vec<Effect>,
    /// What was typed ahead and is to be taken now.
    pub again: Vec<Message>,
}

impl Reaction {
    fn changed() -> Self {
        Self { changed: true, ..Self::default() }
    }

    fn asking(effect: Effect) -> Self {
        Self { changed: true, effects: vec![effect], again: Vec::new() }
    }
}

/// Applies one message to the app.
pub fn update(app: &mut App, message: Message) -> Reaction {
    let lit = app.shell.flash.as_ref().map(|flash| flash.number);
    let typed = app.is_typing();
    let mut reaction = match finish::meanwhile(app, &message) {
        Some(reaction) => reaction,
        None if app.regions().too_small => unseen(app, message),
        None => take(app, message),
    };
    settle::settle(app);
    reaction.effects.extend(present::notes(app));
    reaction.effects.extend(open::follow(app));
    reaction.effects.extend(open::read_progress(app));
    let flash = app.shell.flash.as_ref().filter(|flash| lit != Some(flash.number));
    let typing = app.is_typing();
    reaction.effects.extend((typing != typed).then_some(Effect::Bar(typing)));
    reaction.effects.extend(flash.map(|flash| Effect::EndFlash(flash.number, flash.lasts())));
    reaction
}

/// Takes a message while the screen is too small to draw anything: what nobody can see does nothing.
fn unseen(app: &mut App, message: Message) -> Reaction {
    match message {
        Message::Key(key) => unseen_key(app, key),
        Message::Paste(_) | Message::Press(_) | Message::Drag(_) | Message::Release | Message::Wheel(..) => {
            Reaction::default()
        }
        Message::Resize(_)
        | Message::Terminate(_)
        | Message::Suspend
        | Message::Continued
        | Message::Lost
        | Message::Look(_)
        | Message::Worked
        | Message::FlashEnds(_)
        | Message::Background(_)
        | Message::Visit(_)
        | Message::NoNotes(_)
        | Message::Edited(_) => take(app, message),
    }
}

/// Takes a key while nothing can be drawn: leaving and suspending work on.
fn unseen_key(app: &mut App, key: KeyEvent) -> Reaction {
    if matches!(app.shell.overlays.last(), Some(Overlay::Confirm(Question::Quit))) {
        return overlay::on_key(app, key);
    }
    match app.shell.keys.find(Context::Lab, key) {
        Some((action, nth)) if matches!(action, Action::ForceQuit | Action::Suspend) => {
            act::act(app, action, nth)
        }
        Some(_) | None => Reaction::default(),
    }
}

fn take(app: &mut App, message: Message) -> Reaction {
    match message {
        Message::Key(key) => {
            app.shell.toast = None;
            app.shell.idle_key = None;
            // Any key ends a flip on the stage.
            app.shell.flash = app.shell.flash.take().filter(|flash| flash.turn().is_none());
            app.home.next_after = None;
            let reaction = on_key(app, key);
            if reaction.changed || !reaction.effects.is_empty() { reaction } else { idle(app, key) }
        }
        Message::Paste(text) => on_paste(app, &text),
        Message::Press(at) => mouse::press(app, at),
        Message::Drag(at) => mouse::drag(app, at),
        Message::Release => mouse::release(app),
        Message::Wheel(at, by) => mouse::wheel(app, at, by),
        Message::Resize(area) => {
            let before = std::mem::replace(&mut app.shell.area, area);
            // Between two frames a terminal may become small and large again: what it has cut off is gone.
            if before == area || before.is_empty() {
                Reaction::changed()
            } else {
                Reaction::asking(Effect::Redraw)
            }
        }
        Message::Terminate(signal) => {
            app.shell.exit = Some(Exit::Signal(signal));
            Reaction::default()
        }
        Message::Lost => {
            app.shell.exit = Some(Exit::TerminalLost);
            Reaction::default()
        }
        Message::Look(seen) => in_lab(app, |lab, shell| look(lab, shell, seen)),
        Message::Worked => finish::worked(app),
        Message::FlashEnds(number) => {
            let over = app.shell.flash.take_if(|flash| flash.number == number);
            if over.is_some() { Reaction::changed() } else { Reaction::default() }
        }
        Message::Background(light) => {
            app.shell.background(light);
            Reaction::changed()
        }
        Message::Visit(visit) => visit::take(app, &visit),
        Message::NoNotes(why) => {
            app.shell.bad(format!("no notes for a second terminal: {why}"));
            Reaction::changed()
        }
        Message::Suspend => Reaction::asking(Effect::Suspend),
        Message::Continued => Reaction::asking(Effect::Reenter),
        Message::Edited(result) => in_lab(app, |lab, shell| document::edited(lab, shell, result)),
    }
}

/// Does something in the open lab; where none is, there is nothing to do.
fn in_lab(app: &mut App, work: impl FnOnce(&mut LabScreen, &mut Shell) -> Reaction) -> Reaction {
    match &mut app.screen {
        Screen::Home => Reaction::default(),
        Screen::Lab(lab) => work(lab, &mut app.shell),
    }
}

/// Says that a key does nothing, unless somebody is typing. Keys that only go with others are not worth a word.
fn idle(app: &mut App, key: KeyEvent) -> Reaction {
    let typing = app.is_typing();
    app.shell.idle_key = super::keys::name_of(key).filter(|_| !typing);
    // What was said before this key is gone in any case.
    Reaction::changed()
}

/// Does what the key does whose name was pressed, wherever else keys may be going: a click types no letter.
fn press_name(app: &mut App, key: KeyEvent) -> Reaction {
    let letter = matches!(key.code, KeyCode::Char(_)) && plain(key);
    if !app.shell.overlays.is_empty() {
        return match app.shell.keys.find(Context::List, key).filter(|_| letter) {
            Some((action, nth)) => act::act(app, action, nth),
            None => overlay::on_key(app, key),
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
        None => Reaction::default(),
    }
}

/// Takes over what the followed file was seen to say.
fn look(lab: &mut LabScreen, shell: &mut Shell, seen: Option<Result<String, WatchError>>) -> Reaction {
    let Some((words, changed)) = lab.session.hear(seen) else { return Reaction::default() };
    shell.toast = Some((ToastKind::of(changed), words));
    if changed {
        lab.document_changed();
    }
    Reaction::changed()
}

fn on_key(app: &mut App, key: KeyEvent) -> Reaction {
    let context = app.context();
    if !app.shell.overlays.is_empty() {
        return overlay::on_key(app, key);
    }
    if context == Context::Home && app.home.searching {
        return on_filter_key(app, key);
    }
    if let Some((action, nth)) = app.shell.keys.find(context, key) {
        return act::act(app, action, nth);
    }
    match context {
        Context::Editor => in_lab(app, |lab, shell| {
            document::type_key(lab, shell, key);
            Reaction::changed()
        }),
        Context::Console => in_lab(app, |lab, shell| console::key(&mut lab.console, shell, key)),
        Context::Home | Context::Lab | Context::List | Context::Present => Reaction::default(),
    }
}

/// Types into the search of the list of scenarios.
fn on_filter_key(app: &mut App, key: KeyEvent) -> Reaction {
    let home = &mut app.home;
    if home.filter.on_key(key) {
        home.selected = 0;
        return Reaction::changed();
    }
    if key.code == KeyCode::Enter {
        home.searching = false;
    } else if key.code == KeyCode::Esc {
        home.show_all();
    } else {
        return match app.shell.keys.find(Context::List, key) {
            Some((action, nth)) => act::act(app, action, nth),
            None => Reaction::default(),
        };
    }
    Reaction::changed()
}

fn on_paste(app: &mut App, text: &str) -> Reaction {
    app.shell.toast = None;
    if !app.shell.overlays.is_empty() {
        return overlay::on_paste(app, text);
    }
    match &mut app.screen {
        Screen::Home => paste_into_filter(&mut app.home, text),
        Screen::Lab(lab) => paste_into_lab(lab, &mut app.shell, text),
    }
}

fn paste_into_filter(home: &mut Home, text: &str) -> Reaction {
    if !home.searching {
        return Reaction::default();
    }
    home.filter.paste(text);
    Reaction::changed()
}

fn paste_into_lab(lab: &mut LabScreen, shell: &mut Shell, text: &str) -> Reaction {
    if lab.console.typing {
        return console::paste(&mut lab.console, shell, text);
    }
    if !lab.typing {
        shell.bad("nothing pasted: e edits the policy, ; opens the console");
        return Reaction::changed();
    }
    document::paste(lab, shell, text);
    Reaction::changed()
}

/// Whether a character key carries no modifier that makes it something else.
fn plain(key: KeyEvent) -> bool {
    !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
