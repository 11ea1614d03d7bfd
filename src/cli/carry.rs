//! `kmslab export` and `kmslab import`: a lab as one file. `kmslab notes`: what a presenting lab sends.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::Exit;
use super::play::{NOWHERE, Screen};
use super::template::{TEMPLATES, Template};
use crate::lab::share::{Holds, Sharing};
use crate::lab::{export, recover};
use crate::limits::file::Given;
use crate::narration::keeping;
use crate::plain::output;

/// Arguments of `kmslab export`.
#[derive(Debug, Args)]
#[command(after_long_help = TEMPLATES)]
pub struct Export {
    /// The id of a scenario, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE")]
    scenario: String,
    /// The file to write, which must not exist yet. It holds what was typed and printed, the seed of every simulated key,
    /// and what files of yours held that a line named with file://
    #[arg(value_name = "FILE", required_unless_present = "form", conflicts_with = "form")]
    file: Option<PathBuf>,
    /// Leave out plaintext keys and tokens that were printed, and what files of yours held
    #[arg(long, conflicts_with = "form")]
    without_secrets: bool,
    /// Leave your own paths as they were typed, instead of their last names only
    #[arg(long, conflicts_with = "form")]
    with_paths: bool,
    #[command(flatten)]
    template: Template,
}

impl Export {
    /// Writes the file that the command names.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        if let Some(form) = self.template.form {
            return self.template.run(form, &self.scenario, screen, out);
        }
        let Some(file) = &self.file else { anyhow::bail!("name the file to write, or a form with --as") };
        let state = screen.state().context(NOWHERE)?;
        let sharing = Sharing { without_secrets: self.without_secrets, with_paths: self.with_paths };
        let written = export::export(&state, &self.scenario, file, sharing)?;
        output::line(out, format!("{}: {}", file.display(), keeping::exported(&written)))?;
        if written.holds != Holds::default() && !self.without_secrets {
            output::line(out, "--without-secrets leaves that out")?;
        }
        Ok(Exit::Done)
    }
}

/// Arguments of `kmslab import`.
#[derive(Debug, Args)]
pub struct Import {
    /// A file that `kmslab export` wrote, or a journal that was set aside (x.journal.old1)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The scenario's file, where the lab was made in one of your own
    #[arg(long, value_name = "FILE")]
    scenario: Option<String>,
}

impl Import {
    /// Reads it, plays it, and puts it in its place.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let state = screen.state().context(NOWHERE)?;
        let imported = export::import(&state, &self.file, Given::ByName, self.scenario.as_deref())?;
        output::line(out, format!("{}: {} entries", imported.id, imported.entries))?;
        if let Some(kept) = imported.kept {
            output::line(out, format!("what was there before is kept in {}", kept.display()))?;
        }
        if let Some(different) = imported.different {
            output::line(out, different)?;
        }
        let which = imported.scenario.unwrap_or(imported.id);
        output::line(out, format!("`kmslab play {which}` goes on with it"))?;
        Ok(Exit::Done)
    }
}

/// Arguments of `kmslab recover`.
#[derive(Debug, Args)]
pub struct Recover {
    /// The id of a scenario, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE")]
    scenario: String,
}

impl Recover {
    /// Saves what is sound of the scenario's journal.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let state = screen.state().context(NOWHERE)?;
        let recovered = recover::recover(&state, &self.scenario)?;
        output::line(out, format!("{}: {} entries are saved", recovered.id, recovered.entries))?;
        let damaged = recovered.damaged.display();
        output::line(
            out,
            format!("{} lines are lost; the damaged file is kept whole in {damaged}", recovered.lost),
        )?;
        if let Some(different) = recovered.different {
            output::line(out, different)?;
        }
        output::line(out, format!("`kmslab play {}` goes on with it", self.scenario))?;
        Ok(Exit::Done)
    }
}

/// Arguments of `kmslab notes`.
#[derive(Debug, Args)]
pub struct Notes {}

impl Notes {
    /// Shows each page until the presentation ends. On a terminal a page takes the place of the one before.
    #[cfg(unix)]
    #[expect(clippy::unused_self, reason = "every command is run the same way")]
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let state = screen.state().context(NOWHERE)?;
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stdout());
        crate::tui::notes::follow(&state, |page| {
            if terminal {
                out.write_all(b"\x1b[H\x1b[2J")?;
            }
            let width =
                crossterm::terminal::size().ok().filter(|_| terminal).map(|(width, _)| usize::from(width));
            output::text(
                out,
                &width.map_or_else(|| page.to_owned(), |width| super::wrapping::wrapped(page, width)),
            )?;
            out.write_all(if terminal { b"\n" } else { b"\n----\n" })?;
            out.flush()
        })?;
        Ok(Exit::Done)
    }

    /// There are no local sockets.
    #[cfg(not(unix))]
    pub fn run(&self, _: &Screen, _: &mut dyn Write) -> anyhow::Result<Exit> {
        anyhow::bail!("notes need a local socket, which this system does not have")
    }
}
