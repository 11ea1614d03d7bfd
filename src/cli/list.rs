//! `kmslab list`: the scenarios of the program, and how far each is.

use std::io::Write;
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::Exit;
use super::play::Screen;
use super::review::today;
use super::wrapping::Wrapping;
use crate::lab::learning::{self, Learning};
use crate::lab::saves;
use crate::narration::beliefs::{self, BeliefRow};
use crate::narration::course;
use crate::plain::output;
use crate::scenario::{self, Scenario};

/// Arguments of `kmslab list`.
#[derive(Debug, Args)]
pub struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the beliefs that were met so far, each with the fact
    #[arg(long, conflicts_with = "json")]
    beliefs: bool,
}

impl List {
    /// Prints them in the order of the course.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let state = screen.state();
        if self.beliefs {
            let map = map(state.as_deref())?;
            let out = &mut Wrapping::new(out);
            for line in beliefs::words(&map).into_iter().chain(beliefs::pages(&map)) {
                output::line(out, line)?;
            }
            return Ok(Exit::Done);
        }
        let scenarios =
            scenario::embedded().iter().map(scenario::Embedded::read).collect::<Result<Vec<_>, _>>()?;
        let progress = |id: &str| saves::progress(state.as_deref()?, id);
        if self.json {
            let described = scenarios.iter().map(|scenario| describe(scenario, progress(&scenario.id)));
            output::json(out, &described.collect())?;
            return Ok(Exit::Done);
        }
        let width = scenarios.iter().map(|s| s.id.len()).max().unwrap_or_default();
        for scenario in &scenarios {
            let Scenario { id, minutes, level, title, .. } = scenario;
            let far = far(progress(id));
            output::line(out, format!("{id:width$}  {minutes:2} min  {level:6}  {far:6}  {title}"))?;
        }
        let free: Vec<&str> = scenario::accounts().iter().map(|account| account.id).collect();
        output::line(out, "")?;
        for line in beliefs::words(&map(state.as_deref())?) {
            output::line(out, line)?;
        }
        output::line(
            out,
            "kmslab list --beliefs says what people believe of those that were met, and what is so.",
        )?;
        output::line(out, "")?;
        output::line(out, format!("To play in freely, without a task: {}.", free.join(", ")))?;
        output::line(out, "kmslab play ID opens one; an id may be shortened, as in `kmslab play a3`.")?;
        Ok(Exit::Done)
    }
}

/// Every belief with how the learner stands to it.
fn map(state: Option<&Path>) -> anyhow::Result<Vec<BeliefRow>> {
    let mut library = course::library();
    course::read_progress(&mut library, state);
    let mut learning = Learning::default();
    if let Some(state) = state {
        learning = Learning::look(state)?;
        learning.take_in_all(&learning::played(state), today());
    }
    Ok(beliefs::map(&library, &learning))
}

/// How far a scenario is, in a word.
fn far(progress: Option<(usize, usize)>) -> String {
    match progress {
        None => "-".to_owned(),
        Some((done, all)) if done == all => "done".to_owned(),
        Some((done, all)) => format!("{done} of {all}"),
    }
}

fn describe(scenario: &Scenario, progress: Option<(usize, usize)>) -> Value {
    json!({
        "id": scenario.id,
        "chapter": scenario.chapter(),
        "title": scenario.title,
        "minutes": scenario.minutes,
        "level": scenario.level.to_string(),
        "teaches": scenario.teaches,
        "requires": scenario.requires,
        "tasks": scenario.tasks.len(),
        "tasksDone": progress.map(|(done, _)| done),
    })
}
