//! Messages while work goes on beside the loop, and what is done with its end.

use crossterm::event::KeyCode;

use super::{App, Reaction, Screen, act, open, present, work};
use crate::tui::keys::{Action, Context};
use crate::tui::message::Message;
use crate::tui::overlays::Overlay;
use crate::tui::shell::Exit;
use crate::tui::work::{Asked, Done};

/// Takes a message while work is in front; none if it is to be taken as always.
///
/// What is typed ahead waits, as it would for a program that is busy. Esc stops the work, once nothing lies over it.
pub fn meanwhile(app: &mut App, message: &Message) -> Option<Reaction> {
    let front = app.shell.front.as_ref()?;
    let covered = app.shell.covers_work() && !app.regions().too_small;
    match message {
        Message::Key(key) if key.code == KeyCode::Esc && covered => None,
        Message::Key(key) if key.code == KeyCode::Esc => {
            let words = format!("stopped: {}", front.work.name());
            work::give_up(&mut app.shell);
            app.shell.note(words);
            Some(Reaction::changed())
        }
        Message::Key(key) => match app.shell.keys.find(Context::Lab, *key) {
            Some((Action::Suspend, nth)) => Some(act::act(app, Action::Suspend, nth)),
            Some((Action::ForceQuit, nth)) => {
                work::give_up(&mut app.shell);
                Some(act::act(app, Action::ForceQuit, nth))
            }
            Some(_) | None => Some(work::hold(&mut app.shell, message)),
        },
        // It would change the lab that makes way, and waits for the one that comes.
        Message::Paste(_) | Message::Look(Some(_)) | Message::Visit(_) => {
            Some(work::hold(&mut app.shell, message))
        }
        Message::Press(_) | Message::Drag(_) | Message::Release | Message::Wheel(..) => {
            Some(Reaction::default())
        }
        Message::Resize(_)
        | Message::Terminate(_)
        | Message::Suspend
        | Message::Continued
        | Message::Lost
        | Message::Look(None)
        | Message::FlashEnds(_)
        | Message::Background(_)
        | Message::Worked
        | Message::NoNotes(_)
        | Message::Edited(_) => None,
    }
}

/// Takes what came of work that is over; of work that goes on, how far it is is drawn.
pub fn worked(app: &mut App) -> Reaction {
    let mut reaction = Reaction { changed: app.shell.front.is_some(), ..Reaction::default() };
    if let Some(done) = app.home.reading.as_ref().and_then(|(_, work)| work.take()) {
        app.home.reading = None;
        reaction.changed |= take_over(app, done);
    }
    let done = app.shell.front.as_ref().and_then(|front| front.work.take());
    if let Some((done, front)) = done.and_then(|done| Some((done, app.shell.front.take()?)))
        && take_over(app, done)
    {
        reaction.again = front.held;
    }
    reaction
}

/// Does what a job was begun for. Returns whether it went well: what was typed ahead was meant for that.
pub fn take_over(app: &mut App, done: Done) -> bool {
    match done {
        Done::Opened(Ok(opened)) => open::show(app, *opened),
        Done::Opened(Err((Asked::AtStart, why))) => {
            app.shell.failure = why;
            app.shell.exit = Some(Exit::NotOpened);
            return false;
        }
        Done::Opened(Err((Asked::ByRow, why))) => {
            app.shell.bad(why);
            return false;
        }
        Done::Opened(Err((Asked::ByPath, why))) | Done::Imported(Err(why)) | Done::Exported(Err(why)) => {
            if let Some(Overlay::Path(input)) = app.shell.overlays.last_mut() {
                input.error = Some(why);
            } else {
                app.shell.bad(why);
            }
            return false;
        }
        Done::Imported(Ok((opened, words))) => {
            open::show(app, *opened);
            app.shell.good(words);
        }
        Done::Exported(Ok(words)) => {
            if matches!(app.shell.overlays.last(), Some(Overlay::Path(_))) {
                app.shell.overlays.pop();
            }
            app.shell.good(words);
        }
        Done::Progress(id, far) => {
            let is_known = far.is_some();
            if let Some(far) = far {
                app.home.note_progress(&id, far);
            }
            return is_known;
        }
        Done::Lesson(cues) => {
            if let Screen::Lab(lab) = &mut app.screen {
                present::begin(lab, cues);
            }
        }
    }
    true
}
