//! Files that a person names: a scenario to open, a lab to write out or to read back.

use std::path::{Path, PathBuf};

use super::{App, Reaction, Screen, open, settle, work};
use crate::lab::export;
use crate::lab::share::Sharing;
use crate::narration::keeping;
use crate::tui::lab_screen::LabScreen;
use crate::tui::overlays::{Overlay, PathInput, Purpose, Question};
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
    let used = match purpose {
        Purpose::Open => return open_file(app, &path),
        Purpose::Export => export(app, &path),
        Purpose::Import => match import(app, path) {
            Ok(begun) => return begun,
            Err(why) => Err(why),
        },
    };
    if let Err(why) = used
        && let Some(Overlay::Path(input)) = app.shell.overlays.last_mut()
    {
        input.error = Some(why);
    }
    Reaction::changed()
}

/// Opens a file in the place of a lab, although something of that one is lost.
pub fn replace(app: &mut App, purpose: Purpose, path: PathBuf) -> Reaction {
    let used = match purpose {
        Purpose::Open => return open_file(app, &path),
        Purpose::Import => match import(app, path) {
            Ok(begun) => return begun,
            Err(why) => Err(why),
        },
        // It takes no lab's place.
        Purpose::Export => export(app, &path),
    };
    if let Err(why) = used {
        app.shell.bad(why);
    }
    Reaction::changed()
}

fn open_file(app: &mut App, path: &Path) -> Reaction {
    let path = path.display().to_string();
    // A bare name is a file here too, not the id of a scenario.
    let path = if crate::scenario::is_file_name(&path) { path } else { format!("./{path}") };
    open::begin(app, &path, Asked::ByPath)
}

/// Writes the open lab to a new file, whether or not it is kept.
fn export(app: &mut App, path: &Path) -> Result<(), String> {
    let Screen::Lab(lab) = &mut app.screen else { return Err("no lab is open".into()) };
    if lab.present.is_some() {
        return Err("a lesson is shown: end it first, and your own lab is written".into());
    }
    settle::keep(lab, &mut app.shell, true);
    let written =
        export::export_open(lab.session.ledger(), path, Sharing::default()).map_err(|e| e.to_string())?;
    app.shell.overlays.pop();
    app.shell.good(format!("written to {}: {}", path.display(), keeping::exported(&written)));
    Ok(())
}

/// Reads a lab that was written to a file, and opens it. The one that is there is kept beside it.
fn import(app: &mut App, path: PathBuf) -> Result<Reaction, String> {
    let state = app.shell.state.clone().ok_or(NOWHERE)?;
    open::make_way(app);
    let name = format!("reading {}", path.display());
    Ok(work::begin(&mut app.shell, &name, Job::Import { state, path }))
}
