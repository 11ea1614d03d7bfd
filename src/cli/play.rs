//! `kmslab` and `kmslab play`: the lab on the screen.

use std::io::{IsTerminal as _, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::serving::{LISTEN, TOKEN_LENGTH, Used, holders};
use crate::lab::{disk, visit};
use crate::limits::file::Given;
use crate::serve::control::Control;
use crate::serve::keys::random_text;
use crate::serve::{Backend, Behind, Checks, Keys, Played, bind, listen};
use crate::tui::port::{self, Port};
use crate::{plain, scenario, tui};

/// How the screen looks.
#[derive(Debug, Args)]
pub struct Screen {
    /// Colours: ansi, dark, light, high-contrast, mono, or a theme of your own
    #[arg(long, global = true, value_name = "NAME")]
    theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    ascii: bool,
    /// Let nothing flash
    #[arg(long, global = true)]
    reduced_motion: bool,
    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    no_mouse: bool,
    /// Keep labs in this directory [default: $XDG_STATE_HOME/kmslab, else ~/.local/state/kmslab]
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl Screen {
    fn options(&self) -> tui::Options {
        tui::Options {
            theme: self.theme.clone(),
            ascii: self.ascii,
            reduced_motion: self.reduced_motion,
            no_mouse: self.no_mouse,
            state: self.state(),
            config: config(),
            ..tui::Options::default()
        }
    }

    /// What `--state` names, if it was given.
    pub fn named_state(&self) -> Option<&std::path::Path> {
        self.state.as_deref()
    }

    /// Where labs are kept.
    pub fn state(&self) -> Option<PathBuf> {
        // The default folder is the program's own. One that somebody names may be anything, and stays as it is.
        let own = || default_state().inspect(|folder| disk::close_to_others(folder));
        self.state.clone().or_else(own)
    }
}

/// Where labs are kept unless somebody says otherwise; nowhere if the environment names no home.
/// Source: XDG Base Directory Specification, XDG_STATE_HOME.
fn default_state() -> Option<PathBuf> {
    directory("XDG_STATE_HOME", ".local/state")
}

/// Where a person's own settings are.
/// Source: XDG Base Directory Specification, XDG_CONFIG_HOME.
fn config() -> Option<PathBuf> {
    directory("XDG_CONFIG_HOME", ".config")
}

/// The program's part of the directory that a variable names, or of the usual one. A relative path counts as unset.
/// Source: XDG Base Directory Specification, "Environment variables".
fn directory(variable: &str, usual: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(usual)));
    base.map(|base| base.join("kmslab"))
}

/// Said where the environment names no home and `--state` is not given.
pub(super) const NOWHERE: &str =
    "no directory for labs: neither XDG_STATE_HOME nor HOME is set; name one with --state DIR";

/// Arguments of `kmslab play`.
#[derive(Debug, Args)]
pub struct Play {
    /// The id of a scenario, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE")]
    scenario: String,
    /// Whom to play first
    #[arg(long = "as", value_name = "NAME")]
    identity: Option<String>,
    /// Go line by line, in words: for pipes, logs and screen readers
    #[arg(long)]
    plain: bool,
    /// Show the solution step by step, with a large verdict; `kmslab notes` shows the notes in a second terminal
    #[arg(long, conflicts_with = "plain")]
    present: bool,
    /// Let a document follow a file that is edited elsewhere; the document that is open first, unless one is named
    #[arg(long, value_name = "[DOCUMENT=]FILE")]
    watch: Option<String>,
    /// Let the AWS CLI and the SDKs on this machine call the lab while it is played
    #[arg(long, conflicts_with_all = ["plain", "present"])]
    serve: bool,
    /// The address and the port of --serve, of this machine alone; port 0 is any that is free [default: 127.0.0.1:4566]
    #[arg(long, value_name = "ADDRESS:PORT", requires = "serve")]
    listen: Option<SocketAddr>,
    /// Write the access keys of --serve to DIR/config and DIR/credentials, one profile an identity
    #[arg(long, value_name = "DIR", requires = "serve")]
    write_profile: Option<PathBuf>,
}

impl Play {
    /// Opens the scenario. A name that fits nothing is an error before the screen is touched.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        if scenario::is_file_name(&self.scenario) {
            // A pipe can be read once only, and that is when the lab is opened.
            if !is_pipe(Path::new(&self.scenario)) {
                scenario::find(&self.scenario)?;
            }
        } else {
            scenario::find_embedded(&self.scenario)?;
        }
        if self.plain {
            let options = plain::Options {
                scenario: self.scenario.clone(),
                acting: self.identity.clone(),
                state: screen.state(),
                watch: self.watch.clone(),
                ..plain::Options::default()
            };
            let input = std::io::stdin();
            let person = input.is_terminal();
            let lost = plain::run(&options, &mut input.lock(), out, person)?;
            return Ok(if lost.is_some() { Exit::Failed } else { Exit::Done });
        }
        let options = tui::Options {
            scenario: Some(self.scenario.clone()),
            acting: self.identity.clone(),
            watch: self.watch.clone(),
            present: self.present,
            ..screen.options()
        };
        if !self.serve {
            return show(&options, None);
        }
        let (port, beside) = self.served()?;
        let exit = show(&options, Some(port));
        drop(beside);
        exit
    }

    /// Serves the lab from now on: what comes by the port waits for the screen.
    fn served(&self) -> anyhow::Result<(port::Served, listen::Beside)> {
        anyhow::ensure!(
            !is_pipe(Path::new(&self.scenario)),
            "a scenario from a pipe cannot be served: write it to a file first"
        );
        let bound = bind(self.listen.unwrap_or(LISTEN))?;
        let stage = scenario::open(&self.scenario, Given::ByName)?.scenario.build()?;
        let keys = Keys::draw(holders(stage.personas))?;
        let token = random_text(TOKEN_LENGTH)?;
        let (endpoint, region) = (format!("http://{}", bound.address()), stage.names.region.to_string());
        let used = Used {
            keys: &keys,
            endpoint: &endpoint,
            region: &region,
            first: self.identity.as_ref().unwrap_or(&stage.scenario.start_as),
            token: &token,
            folder: self.write_profile.as_deref(),
        };
        used.write_profiles()?;
        let mut how = used.lines();
        how.push(format!("# why the last call from outside ended so: {}", used.control("GET", "explain")));
        let address = bound.address().to_string();
        let port = Port { address, scenario: stage.scenario.id.clone(), how };
        let (door, visits) = visit::door();
        let lab = Behind::Lab(Played::new(stage.scenario.id, keys, door));
        let server = bound.serve_beside(Control::new(Backend::new(lab, Checks::Verify), token, false))?;
        Ok((port::Served { port, visits }, server))
    }
}

/// Tells whether a path leads to a pipe, as `<(command)` does.
fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    return std::fs::metadata(path)
        .is_ok_and(|about| std::os::unix::fs::FileTypeExt::is_fifo(&about.file_type()));
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Opens the lab, at the list of scenarios or at one of them.
pub fn open(screen: &Screen) -> anyhow::Result<Exit> {
    show(&screen.options(), None)
}

fn show(options: &tui::Options, served: Option<port::Served>) -> anyhow::Result<Exit> {
    match tui::run(options, served) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => match error.downcast_ref::<tui::ScreenError>() {
            // The person asked for it to end; there is nothing to explain.
            Some(ended @ tui::ScreenError::Signal(_)) => Ok(Exit::Code(ended.exit_code())),
            Some(_) | None => Err(error),
        },
    }
}
