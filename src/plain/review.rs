//! Questions by themselves, line by line: what comes back after some days, and the quiz before and after a chapter.
//!
//! Each answer is on the disk before anything is said about it. The quiz before a chapter says nothing of what is right:
//! the chapter shows it.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use jiff::civil::Date;

use super::answers::{self, Unread};
use super::{output, read_line};
use crate::lab::disk::Disk;
use crate::lab::learning::{self, BeliefState, DAYS, Due, Given, LearningFile, Played, When};
use crate::narration::beliefs::source_line;
use crate::scenario::{Posed, Prediction, Question, Sureness, embedded, in_words};

mod gain;

use gain::score;
pub use gain::{chapter_name, gain};

/// So many questions a review has at most: a few minutes.
const MOST_ASKED: usize = 5;

/// Where to read and keep, and when it is.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory in which labs are kept.
    pub state: PathBuf,
    pub today: Date,
    pub disk: Disk,
}

/// What came of asking one question.
struct Answered {
    right: bool,
    /// Whether the answer was right and the reason for it was not.
    by_half: bool,
    /// The beliefs that were chosen.
    chosen: Vec<String>,
    /// How sure the least sure part of it was.
    sure: Option<Sureness>,
    /// Each part with the choice that was made.
    choices: Vec<usize>,
}

/// Somebody is asked questions.
struct Asking<'o> {
    file: LearningFile,
    played: Vec<Played>,
    questions: Vec<Question>,
    today: Date,
    /// The story that was told last.
    told: Vec<String>,
    /// Why the last answers are not kept, if they are not.
    unkept: Option<String>,
    /// Whether somebody sits at a terminal.
    person: bool,
    input: &'o mut dyn BufRead,
    out: &'o mut dyn Write,
}

/// Every question of the course.
///
/// # Errors
///
/// If a scenario of the program cannot be read.
pub fn questions() -> anyhow::Result<Vec<Question>> {
    let mut all = Vec::new();
    for embedded in embedded() {
        all.extend(embedded.questions()?);
    }
    Ok(all)
}

/// Asks what is due, and answers what is not kept, as a sentence; `None` if nothing is lost.
///
/// # Errors
///
/// If what was believed cannot be read, or the output not written.
pub fn review(
    options: &Options,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    person: bool,
) -> anyhow::Result<Option<String>> {
    let mut asking = Asking::open(options, input, out, person)?;
    asking.review()?;
    Ok(asking.unkept)
}

/// Asks the quiz of a chapter, which is done or not, and answers as [`review`] does.
///
/// # Errors
///
/// As of [`review`].
pub fn quiz(
    options: &Options,
    chapter: char,
    is_done: bool,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    person: bool,
) -> anyhow::Result<Option<String>> {
    let mut asking = Asking::open(options, input, out, person)?;
    asking.quiz(chapter, is_done)?;
    Ok(asking.unkept)
}

impl<'o> Asking<'o> {
    fn open(
        options: &Options,
        input: &'o mut dyn BufRead,
        out: &'o mut dyn Write,
        person: bool,
    ) -> anyhow::Result<Self> {
        let mut file = LearningFile::open_on(&options.disk, &options.state)?;
        let played = learning::played(&options.state);
        file.learning.take_in_all(&played, options.today);
        let today = options.today;
        let (questions, told) = (questions()?, Vec::new());
        let mut asking = Self { file, played, questions, today, told, unkept: None, person, input, out };
        // What was missed in the labs since.
        asking.keep()?;
        Ok(asking)
    }

    fn say(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        Ok(output::line(self.out, text)?)
    }

    /// Puts what was answered on the disk. What fails is said, and tried again with the next answer.
    fn keep(&mut self) -> anyhow::Result<()> {
        let failed = self.file.keep().err().map(|why| why.to_string());
        if let Some(why) = failed.as_ref().filter(|_| self.unkept.is_none()) {
            self.say(format!("Note: not kept on the disk: {why}. It is tried again with each answer."))?;
        }
        self.unkept = failed.map(|why| format!("The last answers are not kept: {why}."));
        Ok(())
    }

    fn review(&mut self) -> anyhow::Result<()> {
        let questions = std::mem::take(&mut self.questions);
        let due = learning::due(&self.file.learning, &self.played, &questions, Some(self.today));
        // One question may ask about several of them.
        let mut asked: Vec<&Due<'_>> = Vec::new();
        for one in &due {
            if !asked.iter().any(|other| other.question == one.question) {
                asked.push(one);
            }
        }
        if asked.is_empty() {
            let later = learning::due(&self.file.learning, &self.played, &questions, None);
            return match later.first() {
                Some(Due { day, .. }) => self.say(format!(
                    "Nothing is due today. The next comes back on {day}. `kmslab review --today {day}` asks it now, and \
                     keeps your answer as one of that day."
                )),
                None => self.say(
                    "Nothing comes back: no guess has chosen a belief that is not so, or all are mended.",
                ),
            };
        }
        let count = asked.len().min(MOST_ASKED);
        self.say(format!("{} due today. {HOW}", questions_are(asked.len(), "")))?;
        let (mut right, mut by_half) = (0, 0);
        for (at, one) in asked.iter().take(MOST_ASKED).enumerate() {
            let posed = Posed::new(one.question, one.clothes)?;
            let Some(answered) = self.ask(&posed, at + 1, count)? else {
                return self.say(format!("{} What is left stays due.", came_to(right, by_half, at)));
            };
            right += usize::from(answered.right);
            by_half += usize::from(answered.by_half);
            self.file.learning.answered(one.question, answered.right, &answered.chosen, self.today);
            self.file.learning.was_posed(one.question, one.clothes);
            self.keep()?;
            self.reveal(&posed, &answered)?;
            let moved = due.iter().filter(|other| one.question.beliefs.contains(&other.belief));
            for belief in moved.map(|other| other.belief.clone()).collect::<Vec<_>>() {
                self.fact(&posed, &belief)?;
                self.say_when(&belief)?;
            }
            self.sources(&posed)?;
        }
        self.say(came_to(right, by_half, count))?;
        match asked.len() - count {
            0 => Ok(()),
            more => self.say(format!("{} due: `kmslab review` goes on.", questions_are(more, "more "))),
        }
    }

    fn quiz(&mut self, chapter: char, is_done: bool) -> anyhow::Result<()> {
        let questions = std::mem::take(&mut self.questions);
        let today = self.today;
        let quiz = self.file.learning.quiz_mut(chapter);
        let Some(when) = quiz.next(is_done) else {
            let before = quiz.before().map(score).unwrap_or_default();
            return self.say(format!(
                "{}: before {before}. The quiz after it comes once its scenarios are done; --after asks it now.",
                chapter_name(chapter)
            ));
        };
        // What a scenario has shown is asked after the chapter, never before it.
        let is_open = |question: &&Question| !self.played.iter().any(|one| one.shows_all_of(question));
        let open: Vec<Question> = questions.iter().filter(is_open).cloned().collect();
        let asked = if when == When::Before { &open } else { &questions };
        quiz.begin(when, &learning::questions_for(chapter, asked), today);
        let Some((_, sitting)) = quiz.under_way() else {
            return self.say(format!(
                "{}: you have done every scenario that its quiz asks about. --after asks the quiz after it.",
                chapter_name(chapter)
            ));
        };
        let (count, clothes, to_come) = (sitting.count(), sitting.clothes(), sitting.to_come(&questions));
        self.keep()?;
        let place = match when {
            When::Before => "before",
            When::After => "after",
        };
        let name = chapter_name(chapter);
        self.say(format!("The quiz {place} {}: {count} questions. {HOW}", name.replacen('C', "c", 1)))?;
        for (number, question) in to_come {
            let Some(question) = question else {
                self.file.learning.quiz_mut(chapter).leave_out();
                continue;
            };
            let clothes = self.file.learning.clothes_for(question, clothes);
            let posed = Posed::new(question, clothes)?;
            let Some(answered) = self.ask(&posed, number, count)? else {
                return self.say("Kept so far. The same command goes on here.");
            };
            let given = Given { right: answered.right, sure: answered.sure };
            self.file.learning.quiz_mut(chapter).answer(given);
            self.file.learning.was_posed(question, clothes);
            if when == When::After {
                self.file.learning.answered(question, answered.right, &answered.chosen, today);
            }
            self.keep()?;
            match when {
                When::Before => self.say("Noted.")?,
                When::After => {
                    self.reveal(&posed, &answered)?;
                    for belief in &answered.chosen {
                        self.fact(&posed, belief)?;
                        self.say_when(belief)?;
                    }
                    self.sources(&posed)?;
                }
            }
        }
        let lines = self.file.learning.quiz(chapter).map(|quiz| gain(chapter, quiz)).unwrap_or_default();
        lines.into_iter().try_for_each(|line| self.say(line))?;
        match when {
            When::Before => self
                .say("What is right the chapter shows. Then `kmslab quiz` asks once more, in other clothes."),
            When::After => Ok(()),
        }
    }

    /// Asks a question and the reason for it; `None` if the input ends, or the person wants to leave.
    fn ask(&mut self, posed: &Posed, number: usize, count: usize) -> anyhow::Result<Option<Answered>> {
        self.say(String::new())?;
        self.say(format!("Question {number} of {count}."))?;
        // Of questions about the same people it is told once.
        if self.told.as_slice() != posed.story() {
            self.told = posed.story().to_vec();
            posed.story().iter().try_for_each(|paragraph| self.say(in_words(paragraph)))?;
        }
        posed.ground().into_iter().try_for_each(|line| self.say(line))?;
        let mut answered =
            Answered { right: true, by_half: false, chosen: Vec::new(), sure: None, choices: Vec::new() };
        for part in posed.parts() {
            let order = posed.order(part);
            self.pose(part, &order)?;
            let Some((choice, sure)) = self.answer(part, &order)? else { return Ok(None) };
            let is_right = posed.right(part) == Some(choice);
            answered.by_half |= answered.right && !is_right && !answered.choices.is_empty();
            answered.right &= is_right;
            answered.sure = if answered.choices.is_empty() { sure } else { answered.sure.min(sure) };
            answered.choices.push(choice);
            let myth = part.choices.get(choice).and_then(|choice| choice.myth.clone());
            answered.chosen.extend(myth.filter(|_| !is_right));
        }
        Ok(Some(answered))
    }

    fn pose(&mut self, part: &Prediction, order: &[usize]) -> anyhow::Result<()> {
        self.say(format!("Question: {}", in_words(&part.ask)))?;
        let choices = order.iter().filter_map(|at| part.choices.get(*at));
        let lines: Vec<String> = choices
            .enumerate()
            .map(|(n, choice)| format!("  {}. {}", n + 1, in_words(&choice.text)))
            .collect();
        lines.into_iter().try_for_each(|line| self.say(line))
    }

    /// Reads lines up to an answer.
    fn answer(
        &mut self,
        part: &Prediction,
        order: &[usize],
    ) -> anyhow::Result<Option<(usize, Option<Sureness>)>> {
        loop {
            // Whoever sits behind a pipe waits for it as well.
            write!(self.out, "{PROMPT}")?;
            self.out.flush()?;
            let Some(line) = read_line(self.input)? else {
                self.say("")?;
                return Ok(None);
            };
            if !self.person {
                self.say(&line)?;
            }
            match (line.trim(), answers::read(part, order, &line)) {
                ("quit" | "q", _) => return Ok(None),
                (_, Ok(read)) => return Ok(Some(read)),
                ("", Err(_)) => self.say(HOW)?,
                (_, Err(Unread::Which)) => {
                    self.say(HOW)?;
                    self.pose(part, order)?;
                }
                (_, Err(unread @ (Unread::Only(_) | Unread::HowSure))) => self.say(unread.to_string())?,
            }
        }
    }

    /// Says whether it was right, and what the world gives.
    fn reveal(&mut self, posed: &Posed, answered: &Answered) -> anyhow::Result<()> {
        let labels = PARTS.iter().filter(|_| posed.parts().len() > 1).copied();
        let labels = labels.chain(std::iter::repeat(""));
        for ((part, choice), label) in posed.parts().iter().zip(&answered.choices).zip(labels) {
            let right = posed.right(part).filter(|right| right != choice);
            let said = part.choices.get(*choice).and_then(|choice| choice.say.as_deref()).unwrap_or_default();
            let said = in_words(said);
            let verdict = match right.and_then(|right| part.choices.get(right)) {
                Some(right) => {
                    format!("It comes otherwise: {}. {said}", in_words(&right.text).trim_end_matches('.'))
                }
                None if said.starts_with("Right") => said,
                None => format!("That is right. {said}"),
            };
            self.say(format!("{label}{}", verdict.trim_end()))?;
        }
        if answered.by_half {
            self.say("An answer counts with its reason.")?;
        }
        posed.shown().into_iter().try_for_each(|line| self.say(format!("The world gives: {line}.")))
    }

    /// Says what people believe and what is so.
    fn fact(&mut self, posed: &Posed, belief: &str) -> anyhow::Result<()> {
        let Some(myth) = posed.myth(belief) else { return Ok(()) };
        let words = format!("People believe: {} In fact: {}", myth.belief, myth.fact);
        self.say(words)
    }

    fn sources(&mut self, posed: &Posed) -> anyhow::Result<()> {
        source_line(posed.sources()).into_iter().try_for_each(|line| self.say(line))
    }

    /// Says when a belief comes back.
    fn say_when(&mut self, belief: &str) -> anyhow::Result<()> {
        match self.file.learning.standing(belief, None) {
            BeliefState::Missed { due: Some(day), .. } => self.say(format!("{belief} comes back on {day}.")),
            BeliefState::Mended => {
                self.say(format!("{belief} is mended: right {} times in a row.", DAYS.len()))
            }
            BeliefState::Missed { due: None, .. } | BeliefState::Open | BeliefState::Seen => Ok(()),
        }
    }
}

const PROMPT: &str = "answer> ";

/// What the notes on the parts of an answer begin with: on the answer itself, then on the reason for it.
const PARTS: [&str; 2] = ["Your answer: ", "Your reason: "];

/// How to answer a question, and to leave.
const HOW: &str =
    "Answer with a number; a 1, 2 or 3 behind it says how sure you are: 1 guessing, 3 certain. quit leaves.";

/// Says how many answers were right, and how many only without their reasons.
fn came_to(right: usize, by_half: usize, of: usize) -> String {
    let half = match by_half {
        0 => String::new(),
        1 => " 1 answer was right, its reason not.".to_owned(),
        several => format!(" {several} answers were right, their reasons not."),
    };
    format!("Right {right} of {of}.{half}")
}

fn questions_are(count: usize, more: &str) -> String {
    if count == 1 { format!("1 {more}question is") } else { format!("{count} {more}questions are") }
}

#[cfg(test)]
mod tests;
