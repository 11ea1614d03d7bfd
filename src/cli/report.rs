//! `kmslab report`: what was done, as a page to hand in. `kmslab verify`: whether such a page is what it says.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use super::Exit;
use super::play::{NOWHERE, Screen};
use crate::lab::disk::Disk;
use crate::lab::hand_in::HandIn;
use crate::lab::saves::{self, Stored};
use crate::lab::share::Sharing;
use crate::limits;
use crate::limits::file::Given;
use crate::narration::course;
use crate::plain::output;
use crate::report::{self, Kind, Record, Verdict};

/// Arguments of `kmslab report`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "A report is one file that opens without the program and without a network. It carries a record of all \
                       that was done, from which `kmslab verify` makes it anew. Names, paths and key material stand in it \
                       only where an option asks for them; the seed of the simulated keys always does."
)]
#[expect(clippy::struct_excessive_bools, reason = "options that do not depend on each other")]
pub struct Report {
    /// The id of a scenario, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE", required_unless_present = "all")]
    scenario: Option<String>,
    /// All scenarios that were played, as one portfolio
    #[arg(long, conflicts_with = "scenario")]
    all: bool,
    /// Write a page for browsers, which prints on A4 [default where the file ends in .html]
    #[arg(long, conflicts_with = "md")]
    html: bool,
    /// Write Markdown, the default
    #[arg(long)]
    md: bool,
    /// Your name, as it is to stand in the report
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The file to write, which must not exist yet; without it the report is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Leave in plaintext keys and tokens that were printed, and what files of yours held
    #[arg(long)]
    with_secrets: bool,
    /// Leave your own paths as they were typed, instead of their last names only
    #[arg(long)]
    with_paths: bool,
}

impl Report {
    /// Makes the report and writes it.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let state = screen.state().context(NOWHERE)?;
        let sharing = Sharing { without_secrets: !self.with_secrets, with_paths: self.with_paths };
        if let Some(name) = &self.name {
            limits::report::NAME.check(name.len())?;
        }
        let labs = self.labs(&state, sharing)?;
        let kind = match (self.html, self.md, &self.out) {
            (true, ..) => Kind::Html,
            (false, false, Some(file)) => Kind::of_file(file),
            (false, ..) => Kind::Markdown,
        };
        let record = Record { kind, name: self.name.clone(), labs };
        let own = self.scenario.as_deref().map(Stored::named).transpose()?;
        let written = report::write(&record, own.as_ref())?;
        let Some(file) = &self.out else {
            output::text(out, &written.text)?;
            return Ok(Exit::Done);
        };
        let name = || file.display().to_string();
        Disk::default().create_new(file, &[written.text.as_bytes()]).with_context(name)?;
        let scenarios = match record.labs.as_slice() {
            [only] => only.scenario.clone(),
            several => format!("{} scenarios", several.len()),
        };
        output::line(out, format!("{}: {scenarios}, fingerprint {}", name(), record.fingerprint()))?;
        Ok(Exit::Done)
    }

    /// Takes what the report is about.
    fn labs(&self, state: &Path, sharing: Sharing) -> anyhow::Result<Vec<HandIn>> {
        if let Some(which) = &self.scenario {
            return Ok(vec![HandIn::kept(state, which, sharing)?]);
        }
        let played: Vec<String> = course::library()
            .into_iter()
            .map(|row| row.id)
            .filter(|id| saves::has_journal(state, id))
            .collect();
        if played.is_empty() {
            bail!("there is nothing to report: no scenario was played yet (looked in {})", state.display());
        }
        played.iter().map(|id| Ok(HandIn::kept(state, id, sharing)?)).collect()
    }
}

/// Arguments of `kmslab verify`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit code 0: the report is what its record leads to. 1: it is not. 2: that cannot be said here, since \
                       another version made it, or a scenario of its own is needed, or it is no report. A report that is \
                       genuine shows that these steps lead to these results; it does not show who made them."
)]
pub struct Verify {
    /// A file that `kmslab report` wrote
    #[arg(value_name = "REPORT")]
    file: PathBuf,
    /// The scenario's file, where the report is of one of your own
    #[arg(long, value_name = "FILE")]
    scenario: Option<String>,
}

impl Verify {
    /// Verifies the file and says what was found.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let name = self.file.display().to_string();
        let own = self.scenario.as_deref().map(Stored::named).transpose()?;
        let bytes = report::read(&self.file, Given::ByName).with_context(|| name.clone())?;
        match report::verify(bytes, own.as_ref()) {
            Verdict::Genuine(found) => {
                let who = found.record.name.as_deref().map(|name| format!(" by {name}")).unwrap_or_default();
                output::line(
                    out,
                    format!("{name}: genuine{who}, fingerprint {}", found.record.fingerprint()),
                )?;
                for lab in &found.written.labs {
                    let (done, all) = lab.progress_of_tasks();
                    output::line(out, format!("  {}: {done} of {all} tasks done", lab.scenario().id))?;
                }
                Ok(Exit::Done)
            }
            Verdict::Forged(why) => {
                output::line(out, format!("{name}: NOT GENUINE: {why}"))?;
                Ok(Exit::Failed)
            }
            Verdict::OtherVersion { engine, what } => {
                let this = report::ENGINE;
                output::line(
                    out,
                    format!(
                        "{name}: kmslab {engine} made it, and this is {this}, where something else comes of it: {what}. Verify \
                         it with kmslab {engine}"
                    ),
                )?;
                Ok(Exit::Usage)
            }
            Verdict::Unknown(why) => {
                output::line(out, format!("{name}: cannot be verified: {why}"))?;
                Ok(Exit::Usage)
            }
        }
    }
}
