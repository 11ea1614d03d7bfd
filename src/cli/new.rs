//! `kmslab new`: a scenario to begin with, sound as it is.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::Exit;
use crate::limits::file::Given;
use crate::plain::output;
use crate::scenario::{self, Opened};

/// The smallest sound scenario; `NAME` stands for its id.
const TEMPLATE: &str = include_str!("../../assets/new-scenario.json");

/// Arguments of `kmslab new`.
#[derive(Debug, Args)]
pub struct New {
    /// The id of the scenario, such as x1-two-doors: its letter is the chapter. The file is called after it
    #[arg(value_name = "NAME")]
    name: String,
    /// Begin with a copy of a scenario of the program (a3) or of a file, instead of the smallest one
    #[arg(long, value_name = "ID|FILE")]
    from: Option<String>,
}

impl New {
    /// Writes the file into the current folder. A file that is there stays as it is.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let name = &self.name;
        let text = match &self.from {
            None => TEMPLATE.replace("\"NAME\"", &format!("\"{name}\"")),
            Some(from) => self.copy(from)?,
        };
        // Also says what is wrong with the name.
        scenario::read(name, &text)?;
        let file = PathBuf::from(format!("{name}.json"));
        let made = OpenOptions::new().write(true).create_new(true).open(&file);
        let mut made = match made {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                anyhow::bail!("{} is there already; choose another name", file.display());
            }
            other => other.with_context(|| format!("cannot write {}", file.display()))?,
        };
        made.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
        for line in [
            format!("{name}.json is a sound scenario. What to do with it:"),
            format!("  kmslab dev {name}.json     try it line by line; each save is checked"),
            format!("  kmslab check {name}.json   prove it"),
            format!("  kmslab play {name}.json    play it on the screen"),
            "  kmslab schema > scenario.schema.json   lets an editor complete and check while you type"
                .to_owned(),
        ] {
            output::line(out, line)?;
        }
        Ok(Exit::Done)
    }

    /// The text of another scenario under the new name.
    fn copy(&self, from: &str) -> anyhow::Result<String> {
        let Opened { scenario: found, text, .. } = scenario::open(from, Given::ByName)?;
        let renamed = text.replacen(&format!("\"{}\"", found.id), &format!("\"{}\"", self.name), 1);
        let has_schema = renamed.contains("\"$schema\"");
        Ok(if has_schema {
            renamed
        } else {
            renamed.replacen('{', "{\n  \"$schema\": \"scenario.schema.json\",", 1)
        })
    }
}
