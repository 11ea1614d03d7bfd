//! `kmslab list`: the scenarios of the program.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::Exit;
use crate::plain::output;
use crate::scenario::{self, Scenario};

/// Arguments of `kmslab list`.
#[derive(Debug, Args)]
pub struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    /// Prints them in the order of the course.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let scenarios =
            scenario::embedded().iter().map(scenario::Embedded::read).collect::<Result<Vec<_>, _>>()?;
        if self.json {
            output::json(out, &scenarios.iter().map(describe).collect())?;
            return Ok(Exit::Done);
        }
        let width = scenarios.iter().map(|s| s.id.len()).max().unwrap_or_default();
        for scenario in &scenarios {
            let Scenario { id, minutes, level, title, .. } = scenario;
            output::line(out, format!("{id:width$}  {minutes:2} min  {level:6}  {title}"))?;
        }
        let free: Vec<&str> = scenario::accounts().iter().map(|account| account.id).collect();
        output::line(out, "")?;
        output::line(out, format!("To play in freely, without a task: {}.", free.join(", ")))?;
        output::line(out, "kmslab play ID opens one; an id may be shortened, as in `kmslab play a3`.")?;
        Ok(Exit::Done)
    }
}

fn describe(scenario: &Scenario) -> Value {
    json!({
        "id": scenario.id,
        "chapter": scenario.chapter(),
        "title": scenario.title,
        "minutes": scenario.minutes,
        "level": scenario.level.to_string(),
        "teaches": scenario.teaches,
        "requires": scenario.requires,
    })
}
