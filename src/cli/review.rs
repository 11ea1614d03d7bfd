//! `kmslab review`: what a guess got wrong comes back after some days.

use std::io::{IsTerminal as _, Write};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Exit;
use super::play::{NOWHERE, Screen};
use super::wrapping::Wrapping;
use crate::lab::disk::Disk;
use crate::lab::learning::{self, DAYS, Learning};
use crate::narration::course;
use crate::plain::{output, review};

/// Said at the end of the help.
const WORDS: &str = "A wrong guess comes back if its answer stands for something that people believe and that is not so. A wrong \
    answer that stands for no belief, such as a slip, is answered in the lab and does not come back. See docs/learning.md.";

/// Arguments of `kmslab review`.
#[derive(Debug, Args)]
#[command(after_long_help = WORDS)]
pub struct Review {
    /// Say what comes back when, and ask nothing
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    day: Day,
}

/// The day on which it is asked.
#[derive(Debug, Args)]
pub struct Day {
    /// Count as if it were this day, such as 2026-12-01, and keep what is answered as of it [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

impl Day {
    /// Returns where to read and keep, and when it is.
    ///
    /// # Errors
    ///
    /// If there is no directory for labs.
    pub fn options(&self, screen: &Screen) -> anyhow::Result<review::Options> {
        let state = screen.state().context(NOWHERE)?;
        Ok(review::Options { state, today: self.today.unwrap_or_else(today), disk: Disk::default() })
    }
}

/// The day, in UTC.
#[expect(clippy::disallowed_methods, reason = "here the day comes in; everything below is given it")]
pub fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

impl Review {
    /// Asks what is due.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let options = self.day.options(screen)?;
        if self.list {
            return list(&options, out);
        }
        let input = std::io::stdin();
        let person = input.is_terminal();
        let lost = review::review(&options, &mut input.lock(), &mut Wrapping::new(out), person)?;
        Ok(if lost.is_some() { Exit::Failed } else { Exit::Done })
    }
}

/// Says what comes back when. What is believed is not said: that would answer the question.
fn list(options: &review::Options, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let played = learning::played(&options.state);
    let mut learning = Learning::look(&options.state)?;
    learning.take_in_all(&played, options.today);
    let questions = review::questions()?;
    let all = learning::due(&learning, &played, &questions, None);
    if all.is_empty() {
        output::line(out, "Nothing comes back.")?;
    }
    let library = course::library();
    for due in all {
        let row = library.iter().find(|row| row.id == due.question.scenario);
        let scenario = row.map_or_else(String::new, |row| format!("{} {}", row.short, row.title));
        let left = DAYS.len().saturating_sub(due.passed);
        let s = if left == 1 { "" } else { "s" };
        let when = back(options.today, due.day);
        output::line(out, format!("{scenario}, {}: {when}, {left} right answer{s} to go", due.belief))?;
    }
    Ok(Exit::Done)
}

/// Says when something comes back.
fn back(today: Date, day: Date) -> String {
    match today.until(day).map_or(0, |time| time.get_days()) {
        ..=0 => "due today".to_owned(),
        1 => "back tomorrow".to_owned(),
        days => format!("back in {days} days, on {day}"),
    }
}
