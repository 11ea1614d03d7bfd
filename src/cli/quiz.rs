//! `kmslab quiz`: the questions of a chapter, before it and after it.

use std::io::{IsTerminal as _, Write};

use anyhow::ensure;
use clap::Args;

use super::Exit;
use super::play::Screen;
use super::review::Day;
use super::wrapping::Wrapping;
use crate::lab::learning::{Learning, questions_for};
use crate::narration::course;
use crate::plain::{output, review};
use crate::scenario::Question;

/// Arguments of `kmslab quiz`.
#[derive(Debug, Args)]
pub struct Quiz {
    /// The letter of the chapter; without one, what was gained in each
    #[arg(value_name = "CHAPTER")]
    chapter: Option<char>,
    /// Ask the quiz after the chapter, whether or not its scenarios are done
    #[arg(long, requires = "chapter")]
    after: bool,
    #[command(flatten)]
    day: Day,
}

impl Quiz {
    /// Asks the quiz that comes now, or says what was gained.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let options = self.day.options(screen)?;
        let questions = review::questions()?;
        let Some(chapter) = self.chapter.map(|letter| letter.to_ascii_uppercase()) else {
            return gained(&options, &questions, out);
        };
        let known = chapters(&questions);
        let listed = known.iter().map(char::to_string).collect::<Vec<_>>().join(", ");
        ensure!(known.contains(&chapter), "there is no chapter `{chapter}`; there are {listed}");
        let is_done = self.after || is_done(&options, chapter, &questions);
        let input = std::io::stdin();
        let person = input.is_terminal();
        let out = &mut Wrapping::new(out);
        let lost = review::quiz(&options, chapter, is_done, &mut input.lock(), out, person)?;
        Ok(if lost.is_some() { Exit::Failed } else { Exit::Done })
    }
}

/// The letters of the chapters that have a quiz.
fn chapters(questions: &[Question]) -> Vec<char> {
    let mut letters: Vec<char> = questions.iter().filter_map(Question::chapter).collect();
    letters.dedup();
    letters.retain(|letter| !questions_for(*letter, questions).is_empty());
    letters
}

/// Whether all scenarios of a chapter are done, but for the task at its end.
fn is_done(options: &review::Options, chapter: char, questions: &[Question]) -> bool {
    let mut library = course::library();
    library.retain(|row| row.id.to_ascii_uppercase().starts_with(chapter) && !row.is_free());
    library.retain(|row| !questions.iter().any(|asked| asked.is_of_transfer && asked.scenario == row.id));
    course::read_progress(&mut library, Some(&options.state));
    library.iter().all(|row| row.progress.0 >= row.progress.1)
}

/// Says what was gained in each chapter.
fn gained(options: &review::Options, questions: &[Question], out: &mut dyn Write) -> anyhow::Result<Exit> {
    let learning = Learning::look(&options.state)?;
    for chapter in chapters(questions) {
        let lines = learning.quiz(chapter).map(|quiz| review::gain(chapter, quiz)).unwrap_or_default();
        if lines.is_empty() {
            let count = questions_for(chapter, questions).len();
            let name = review::chapter_name(chapter);
            output::line(out, format!("{name}: not asked yet, {count} questions."))?;
        }
        for line in lines {
            output::line(out, line)?;
        }
    }
    Ok(Exit::Done)
}
