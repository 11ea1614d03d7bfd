//! `kmslab grade`: the hand-ins of a class, played again.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::Exit;
use crate::lab::disk::Disk;
use crate::lab::saves::Stored;
use crate::plain::output;
use crate::report::{self, Finding};

/// Arguments of `kmslab grade`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Each file of the folder is a hand-in: what `kmslab report` or `kmslab export` wrote, one file a learner. \
                       Links, folders, devices and what is too large are not read, and said. Exit code 0: all are genuine; 1: \
                       one is not, or cannot be read."
)]
pub struct Grade {
    /// The folder with the hand-ins
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write a table for a spreadsheet to this file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a page in Markdown to this file, which must not exist yet; without either it is printed
    #[arg(long, value_name = "FILE")]
    md: Option<PathBuf>,
    /// The scenario's file, where the hand-ins are of one of your own
    #[arg(long, value_name = "FILE")]
    scenario: Option<String>,
}

impl Grade {
    /// Grades the folder, and writes what is asked for.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let own = self.scenario.as_deref().map(Stored::named).transpose()?;
        let rows = report::grade(&self.folder, own.as_ref())?;
        let put = |file: &Path, text: &str| {
            Disk::default().create_new(file, &[text.as_bytes()]).with_context(|| file.display().to_string())
        };
        if let Some(file) = &self.csv {
            put(file, &report::csv(&rows))?;
        }
        if let Some(file) = &self.md {
            put(file, &report::class_page(&rows))?;
        }
        if self.csv.is_none() && self.md.is_none() {
            output::text(out, &report::class_page(&rows))?;
        } else {
            output::line(out, report::summary(&rows))?;
        }
        let genuine = rows.iter().all(|row| row.finding == Finding::Genuine);
        Ok(if genuine { Exit::Done } else { Exit::Failed })
    }
}
