//! Files that a person names: a scenario to open, a lab to write out or to read back.

use std::path::{Path, PathBuf};

use super::{App, Reaction, Screen, open, settle, work};
use crate::lab::export::Whole;
use crate::tui::lab_screen::LabScreen;
use crate::tui::overlays::{Overlay, PageKind, PathInput, Purpose, Question};
use crate::tui::shell::Shell;
use crate::tui::work::{Asked, Job};

/// Said where the environment names no home and no directory was given.
const NOWHERE: &str = "labs are not kept: neither XDG_STATE_HOME nor HOME is set, and --state was not given";

/// Asks for a path.
pub fn ask(shell: &mut Shell, purpose: Purpose) -> Reaction {
    shell.overlays.push(Overlay::Path(PathInput::new(purpose)));
    Reaction::changed()
}

/// Uses the file whose path was typed; what is wrong with it is said where the path stands.
pub fn use_path(app: &mut App) -> Reaction {
    let Some(Overlay::Path(input)) = app.shell.overlays.last() else { return Reaction::default() };
    let (purpose, typed) = (input.purpose, input.field.text().trim().to_owned());
    if purpose == Purpose::Words {
        return say(app, &typed);
    }
    if typed.is_empty() {
        return Reaction::changed();
    }
    let path = match typed.strip_prefix("~/").zip(std::env::var_os("HOME")) {
        Some((rest, home)) => Path::new(&home).join(rest),
        None => PathBuf::from(typed),
    };
    let replaces = matches!(purpose, Purpose::Open | Purpose::Import);
    if replaces && app.lab().is_some_and(LabScreen::loses) {
        app.shell.overlays.pop();
        app.shell.ask(Question::Replace(purpose, path));
        return Reaction::changed();
    }
    use_file(app, purpose, path).unwrap_or_else(|why| {
        if let Some(Overlay::Path(input)) = app.shell.overlays.last_mut() {
            input.error = Some(why);
        }
        Reaction::changed()
    })
}

/// Begins what the path was typed for.
fn use_file(app: &mut App, purpose: Purpose, path: PathBuf) -> Result<Reaction, String> {
    match purpose {
        Purpose::Open => Ok(open_file(app, &path)),
        Purpose::Export => export(app, path),
        Purpose::Import => import(app, path),
        Purpose::Words => Err("these are words and no path".to_owned()),
    }
}

/// Takes down what the learner says, and goes on to the lesson.
fn say(app: &mut App, words: &str) -> Reaction {
    app.shell.overlays.pop();
    let Screen::Lab(lab) = &mut app.screen else { return Reaction::changed() };
    lab.session.lab_mut().say(words);
    if let Some(Overlay::Page(page)) = app.shell.overlays.last_mut()
        && let PageKind::Card(card) = &mut page.kind
    {
        card.words = lab.session.lab().words().map(str::to_owned);
    }
    Reaction::changed()
}

/// Opens a file in the place of a lab, although something of that one is lost.
pub fn replace(app: &mut App, purpose: Purpose, path: PathBuf) -> Reaction {
    use_file(app, purpose, path).unwrap_or_else(|why| {
        app.shell.bad(why);
        Reaction::changed()
    })
}

fn open_file(app: &mut App, path: &Path) -> Reaction {
    let path = path.display().to_string();
    // A bare name is a file here too, not the id of a scenario.
    let path = if crate::scenario::is_file_name(&path) { path } else { format!("./{path}") };
    open::begin(app, &path, Asked::ByPath)
}

/// Begins to write the open lab to a new file, whether or not it is kept.
fn export(app: &mut App, path: PathBuf) -> Result<Reaction, String> {
    let Screen::Lab(lab) = &mut app.screen else { return Err("no lab is open".into()) };
    if lab.present.is_some() {
        return Err("a lesson is shown: end it first, and your own lab is written".into());
    }
    settle::keep(lab, &mut app.shell, true);
    let lab = Box::new(Whole::of(lab.session.ledger()).map_err(|e| e.to_string())?);
    let name = format!("writing {}", path.display());
    Ok(work::begin(&mut app.shell, &name, Job::Export { lab, path }))
}

/// Reads a lab that was written to a file, and opens it. The one that is there is kept beside it.
fn import(app: &mut App, path: PathBuf) -> Result<Reaction, String> {
    let state = app.shell.state.clone().ok_or(NOWHERE)?;
    open::make_way(app);
    let name = format!("reading {}", path.display());
    Ok(work::begin(&mut app.shell, &name, Job::Import { state, path }))
}
