//! From screen to screen: opening a scenario, going back to the list.

use std::path::Path;

use super::settle::keep;
use super::{App, Reaction, Screen, present, work};
use crate::narration::course::{self, Following};
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::Preset;
use crate::tui::message::Effect;
use crate::tui::overlays::Question;
use crate::tui::shell::Exit;
use crate::tui::toast::ToastKind;
use crate::tui::work::{Asked, Job, Open, Opened, Work};

/// Begins to open a scenario by its id or file, beside the loop.
pub fn begin(app: &mut App, which: &str, asked: Asked) -> Reaction {
    make_way(app);
    let state = app.shell.state.clone();
    let open = Open { which: which.to_owned(), inside: true, state, asked, ..Open::default() };
    work::begin(&mut app.shell, &format!("opening {which}"), Job::Open(open))
}

/// Lets a lab be opened: also the same one again, and before the list has been read. If that fails or is given up, the lab
/// that is open goes on.
pub fn make_way(app: &mut App) {
    app.home.stop_reading();
    if let Screen::Lab(lab) = &mut app.screen {
        keep(lab, &mut app.shell, true);
        lab.session.let_go();
    }
}

/// Opens a scenario while the caller waits, where nobody is there to press a key.
pub fn open_here(app: &mut App, open: Open) -> Result<(), String> {
    open.run().map(|opened| show(app, opened))
}

/// Opens a scenario by its id or file, for a test.
#[cfg(test)]
pub fn open_scenario(app: &mut App, which: &str, acting: Option<&str>) -> Result<(), String> {
    let (acting, state) = (acting.map(str::to_owned), app.shell.state.clone());
    open_here(app, Open { which: which.to_owned(), acting, state, asked: Asked::ByRow, ..Open::default() })
}

/// Shows a lab that was opened.
pub fn show(app: &mut App, opened: Opened) {
    let Opened { session, notice, asked, presented } = opened;
    let held = session.held().is_some();
    let preset = preset(app);
    let mut lab = LabScreen::new(session, preset);
    if presented {
        present::start_lesson(&mut lab);
    }
    app.screen = Screen::Lab(Box::new(lab));
    // What is wrong with the person's own files is told over the first lab.
    if asked != Asked::AtStart {
        app.shell.overlays.clear();
    }
    app.shell.toast = notice.map(|notice| (ToastKind::of(notice.good), notice.words));
    if held {
        app.shell.ask(Question::Copy);
    }
}

/// Asks the outside to look at the file that a document follows, once for each file.
pub fn follow(app: &mut App) -> Option<Effect> {
    let followed = app.lab().and_then(|lab| lab.session.followed());
    if followed == app.shell.followed.as_deref() {
        return None;
    }
    app.shell.followed = followed.map(Path::to_owned);
    app.shell.followed.clone().map(Effect::Follow)
}

/// Begins to read how far the next scenario is of which that is not known, while the list is shown.
pub fn read_progress(app: &mut App) -> Option<Effect> {
    if !matches!(app.screen, Screen::Home) || app.shell.front.is_some() || app.shell.exit.is_some() {
        return None;
    }
    let state = app.shell.state.clone()?;
    let Some(id) = app.home.next_to_read(&state) else {
        let known = app.home.reading.is_none();
        let id = app.home.next_after.take_if(|_| known)?;
        return go_on_behind(app, &id).effects.pop();
    };
    let reading = Work::new(&format!("reading {id}"), Job::Progress { state, id: id.clone() });
    app.home.reading = Some((id, reading.clone()));
    Some(Effect::Work(reading))
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
    match app.home.chosen().map(|s| s.id.clone()) {
        Some(id) => begin(app, &id, Asked::ByRow),
        None => Reaction::changed(),
    }
}

/// Closes the lab and shows the list, with how far each scenario is.
fn show_list(app: &mut App) {
    mark_progress(app);
    if let Some(id) = app.lab().map(|lab| lab.session.lab().scenario().id.clone()) {
        app.home.come_back(&id);
    }
    if let Some(state) = &app.shell.state {
        app.home.read_learning(state);
    }
    app.screen = Screen::Home;
}

/// Writes down in the list how far the open scenario is.
fn mark_progress(app: &mut App) {
    if let Screen::Lab(lab) = &mut app.screen {
        keep(lab, &mut app.shell, true);
        app.home.note_progress(&lab.session.lab().scenario().id.clone(), lab.session.far());
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
    if course::is_last(app.home.library(), &id) && !app.home.knows_progress(app.shell.state.as_deref()) {
        show_list(app);
        app.home.next_after = Some(id);
        app.shell.note("looking which scenario is not done yet");
        return Reaction::changed();
    }
    go_on_behind(app, &id)
}

/// Opens what comes after a scenario, or shows the list and says why nothing does.
fn go_on_behind(app: &mut App, id: &str) -> Reaction {
    let words = match course::following(app.home.library(), id) {
        Following::Scenario(id) => return begin(app, &id, Asked::ByRow),
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
