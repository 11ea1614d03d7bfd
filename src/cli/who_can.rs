//! `kmslab who-can`: everybody who may do something, in every account, and why.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::Exit;
use crate::plain::output;
use crate::scenario::{self, ProbeSpec, Ruling};

/// Arguments of `kmslab who-can`.
#[derive(Debug, Args)]
pub struct WhoCan {
    /// The action, such as kms:Decrypt
    action: String,
    /// What it is done to: an ARN, a key's alias or short name, a table's name
    resource: String,
    /// The scenario whose world is asked: an id, which may be shortened, or a file
    #[arg(long, value_name = "ID|FILE", default_value = "a2")]
    scenario: String,
    /// The service that asks in their name, such as dynamodb
    #[arg(long, value_name = "SERVICE")]
    via: Option<String>,
    /// Also list those who may not
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl WhoCan {
    /// Asks the question and prints who can.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let stage = scenario::find(&self.scenario)?.build()?;
        let probe = ProbeSpec {
            caller: String::new(),
            action: self.action.clone(),
            on: self.resource.clone(),
            via: self.via.clone(),
            table: None,
            context: None,
            at: None,
        };
        let shown = stage.who_can(&stage.world, &probe, self.all)?;
        if self.json {
            let list: Value = shown.iter().map(ruling_json).collect();
            output::json(out, &list)?;
        } else {
            for ruling in &shown {
                let word = if ruling.record.decision.is_allowed() { "ALLOW" } else { "DENY " };
                let line = format!("{word}  {}  {}", ruling.who, ruling.reason);
                writeln!(out, "{}", output::clean(&line))?;
            }
            if shown.is_empty() {
                writeln!(out, "nobody")?;
            }
        }
        Ok(Exit::Done)
    }
}

fn ruling_json(ruling: &Ruling) -> Value {
    json!({
        "who": ruling.who,
        "decision": ruling.record.decision,
        "reason": ruling.reason,
    })
}
