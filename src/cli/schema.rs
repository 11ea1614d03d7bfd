//! `kmslab schema`: the JSON Schema of scenarios, for an author's editor.

use std::io::Write;

use clap::Args;

use super::Exit;
use crate::plain::output;
use crate::scenario;

/// Arguments of `kmslab schema`.
#[derive(Debug, Args)]
pub struct Schema {}

impl Schema {
    /// Prints the schema as an editor reads it.
    #[expect(clippy::unused_self, reason = "every command is a value with `run`")]
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        for line in format!("{:#}", scenario::schema()).lines() {
            output::line(out, line)?;
        }
        Ok(Exit::Done)
    }
}
