//! From screen to screen: opening a scenario, going back to the list.

use super::settle::keep;
use super::{App, Reaction, Screen, present};
use crate::lab::LearnerSession;
use crate::narration::course::{self, Following};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Preset;
use crate::tui::overlays::Question;
use crate::tui::shell::Exit;
use crate::tui::toast::ToastKind;

/// Opens a scenario by its id or file and shows the lab.
pub fn open_scenario(app: &mut App, which: &str, acting: Option<&str>) -> Result<(), String> {
    if let Screen::Lab(lab) = &mut app.screen {
        // The same scenario may be opened again. If that fails, this lab goes on.
        keep(lab, &mut app.shell, true);
        lab.session.let_go();
    }
    let opened = LearnerSession::open(which, acting, app.shell.state.as_deref());
    let (session, notice) = opened.map_err(|e| e.to_string())?;
    let held = session.held().is_some();
    let preset = preset(app);
    app.screen = Screen::Lab(Box::new(LabScreen::new(session, preset)));
    app.shell.overlays.clear();
    app.shell.toast = notice.map(|notice| (ToastKind::of(notice.good), notice.words));
    if held {
        app.shell.ask(Question::Copy);
    }
    Ok(())
}

/// Goes on in a copy of the lab that another process holds.
pub fn take_copy(app: &mut App) -> Reaction {
    let (Screen::Lab(lab), Some(state)) = (&mut app.screen, &app.shell.state) else {
        return Reaction::default();
    };
    match lab.session.take_copy(state) {
        Ok(path) => {
            let path = path.display();
            app.shell.good(format!("this copy is kept in {path}; `kmslab import` makes it the lab"));
        }
        Err(why) => app.shell.bad(format!("there is no copy: {why}")),
    }
    Reaction::changed()
}

/// The arrangement for a lab that is opened: that of the one before, unless it was there for one purpose.
fn preset(app: &App) -> Preset {
    let before = app.lab().map_or(Preset::default(), |lab| lab.preset);
    match before {
        Preset::Console | Preset::Keys | Preset::Compare => Preset::default(),
        Preset::Learn | Preset::Policy | Preset::Storage | Preset::Audit => before,
    }
}

/// Opens the scenario that is selected in the list.
pub fn open_chosen(app: &mut App) -> Reaction {
    if let Some(id) = app.home.chosen().map(|s| s.id.clone())
        && let Err(why) = open_scenario(app, &id, None)
    {
        app.shell.bad(why);
    }
    Reaction::changed()
}

/// Closes the lab and shows the list, with how far each scenario is.
fn show_list(app: &mut App) {
    app.home.read_progress(app.shell.state.as_deref());
    mark_progress(app);
    app.screen = Screen::Home;
}

/// Writes down in the list how far the open scenario is.
fn mark_progress(app: &mut App) {
    if let Screen::Lab(lab) = &mut app.screen {
        keep(lab, &mut app.shell, true);
        app.home.note_progress(&lab.session.lab().scenario().id.clone(), lab.session.progress());
    }
}

/// Opens the next scenario; asks first where this one is not done.
pub fn next(app: &mut App) -> Reaction {
    match app.lab() {
        None => Reaction::default(),
        Some(lab) if lab.view.head.done && !lab.loses() => next_surely(app),
        Some(_) => {
            app.shell.ask(Question::Next);
            Reaction::changed()
        }
    }
}

/// Opens the next scenario, whether or not this one is done.
pub fn next_surely(app: &mut App) -> Reaction {
    let Some(id) = app.lab().map(|lab| lab.session.lab().scenario().id.clone()) else {
        return Reaction::default();
    };
    mark_progress(app);
    app.home.read_progress(app.shell.state.as_deref());
    let words = match course::following(app.home.library(), &id) {
        Following::Scenario(id) => {
            if let Err(why) = open_scenario(app, &id, None) {
                app.shell.bad(why);
            }
            return Reaction::changed();
        }
        Following::AllDone => "that was the last scenario; all others are done",
        Following::NotOfTheCourse => "none comes after this one; choose here",
    };
    show_list(app);
    app.shell.note(words);
    Reaction::changed()
}

/// Ends the program, unless a draft is open: then a question comes first.
pub fn leave(app: &mut App) -> Reaction {
    app.shell.exit = Some(Exit::Left);
    Reaction::changed()
}

/// Goes to the list; a presentation ends.
pub fn go_home(app: &mut App) -> Reaction {
    if let Screen::Lab(lab) = &mut app.screen {
        present::end(lab);
    }
    app.shell.overlays.clear();
    show_list(app);
    Reaction::changed()
}
