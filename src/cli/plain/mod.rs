//! `kmslab play --plain`: the lab line by line, in words. Needs no terminal, so it works through a pipe, into a log and
//! with a screen reader.
//!
//! | file | what |
//! |---|---|
//! | `mod` | reading commands and doing what they ask of the [`Lab`] |
//! | `commands` | the table of commands, which `help` prints |
//! | `say` | the words |
//!
//! Decides nothing: verdicts, reasons and ticks are the lab's, and read as the screen reads them.

mod commands;
mod say;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use super::{Exit, output};
use crate::lab::console::{self, Files as _, RealFiles};
use crate::lab::saves::{self, Resumed, Save};
use crate::lab::{Draft, Follow, Lab, find_document};
use crate::scenario::{self, Lapse};
use crate::tui::data::LabView;
use crate::tui::session::ViewOptions;
use crate::tui::{host, read};

use commands::{Command, help};

/// A line is never longer; more is not kept.
const LONGEST: usize = 1 << 20;

/// How a plain session starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The scenario's id or file.
    pub scenario: String,
    /// The identity to act as first.
    pub acting: Option<String>,
    /// The directory in which labs are kept; without one nothing is kept.
    pub state: Option<PathBuf>,
    /// A file whose text a document follows: `FILE` or `DOCUMENT=FILE`.
    pub watch: Option<String>,
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    End,
}

/// A session.
struct Plain<'o> {
    lab: Lab,
    save: Option<Save>,
    state: Option<PathBuf>,
    follow: Option<Follow>,
    /// Whether somebody sits at a terminal.
    person: bool,
    /// What was told about the tasks last.
    told: say::Told,
    out: &'o mut dyn Write,
}

/// Reads commands until the input ends or `quit`.
pub fn run(
    options: &Options,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    person: bool,
) -> anyhow::Result<Exit> {
    let mut plain = Plain::open(options, out, person)?;
    plain.introduce()?;
    plain.news()?;
    while let Some(line) = plain.ask(input)? {
        plain.news()?;
        let flow = plain.line(&line, input)?;
        plain.tell()?;
        plain.keep(flow == Flow::End)?;
        plain.out.flush()?;
        if flow == Flow::End {
            return Ok(Exit::Done);
        }
    }
    plain.leave()?;
    plain.keep(true)?;
    Ok(Exit::Done)
}

/// A line without its end, or `None` when the input has ended.
fn read_line(input: &mut dyn BufRead) -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut limited = io::Read::take(input, LONGEST as u64 + 1);
    if limited.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    anyhow::ensure!(bytes.len() <= LONGEST, "a line of more than {LONGEST} bytes cannot be read");
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// The lines up to one that holds a single full stop; `None` if the input ends first.
fn block(input: &mut dyn BufRead) -> anyhow::Result<Option<String>> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    while let Some(line) = read_line(input)? {
        if line.trim() == "." {
            return Ok(Some(lines.join("\n")));
        }
        length += line.len() + 1;
        anyhow::ensure!(length <= LONGEST, "a text of more than {LONGEST} bytes cannot be read");
        lines.push(line);
    }
    Ok(None)
}

impl<'o> Plain<'o> {
    fn open(options: &Options, out: &'o mut dyn Write, person: bool) -> anyhow::Result<Self> {
        let resumed = saves::resume(&options.scenario, options.acting.as_deref(), options.state.as_deref())?;
        let Resumed { lab, save, notice } = resumed;
        if let Some((_, words)) = notice {
            output::line(out, format!("Note: {}.", words.replace("R starts again", "`reset` starts again")))?;
        }
        let follow = options
            .watch
            .as_deref()
            .map(|watch| Follow::new(&lab, watch))
            .transpose()
            .map_err(anyhow::Error::msg)?;
        let told = say::Told::of(&view_of(&lab));
        Ok(Self { lab, save, state: options.state.clone(), follow, person, told, out })
    }

    fn view(&self) -> LabView {
        view_of(&self.lab)
    }

    fn say(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        Ok(output::line(self.out, text)?)
    }

    fn say_all(&mut self, lines: Vec<String>) -> anyhow::Result<()> {
        lines.into_iter().try_for_each(|line| self.say(line))
    }

    fn introduce(&mut self) -> anyhow::Result<()> {
        let view = self.view();
        let mut lines = say::introduction(&view, &self.lab);
        lines.extend(say::task(&view));
        self.say_all(lines)?;
        self.say("Type help for the commands, quit to leave.")
    }

    /// The next command. Without a person at the keyboard it is printed behind its prompt, so that the output reads as a
    /// transcript. Lines of `aws` go on until their quotes are closed.
    fn ask(&mut self, input: &mut dyn BufRead) -> anyhow::Result<Option<String>> {
        self.prompt(&self.lab.prompt())?;
        let Some(mut text) = read_line(input)? else { return Ok(None) };
        while commands::is_console(&text) && !console::is_complete(&text) && text.len() < LONGEST {
            self.prompt("more> ")?;
            let Some(more) = read_line(input)? else { break };
            text.push('\n');
            text.push_str(&more);
        }
        if !self.person && !text.trim().is_empty() {
            let prompt = self.lab.prompt();
            self.say(format!("{prompt}{text}"))?;
        }
        Ok(Some(text))
    }

    fn prompt(&mut self, prompt: &str) -> anyhow::Result<()> {
        if self.person {
            write!(self.out, "{}", output::clean(prompt))?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// What has changed since it was last told: ticks, judgements, feedback.
    fn tell(&mut self) -> anyhow::Result<()> {
        let view = self.view();
        let now = say::Told::of(&view);
        let lines = now.since(&self.told, &view);
        self.told = now;
        self.say_all(lines)
    }

    /// Puts what was done on the disk. If that fails once, it is said and not tried again.
    fn keep(&mut self, all: bool) -> anyhow::Result<()> {
        let Some(save) = &mut self.save else {
            self.lab.take_unsaved();
            return Ok(());
        };
        if let Err(why) = save.write(&mut self.lab, all) {
            self.save = None;
            self.say(format!("Note: not kept on the disk: {why}."))?;
        }
        Ok(())
    }

    /// Takes over what a followed file says by now.
    fn news(&mut self) -> anyhow::Result<()> {
        let Some(follow) = &mut self.follow else { return Ok(()) };
        let Some((words, changed)) = follow.look(&mut self.lab) else { return Ok(()) };
        self.say(words)?;
        if changed { self.draft_words() } else { Ok(()) }
    }

    fn line(&mut self, line: &str, input: &mut dyn BufRead) -> anyhow::Result<Flow> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(Flow::On);
        }
        if commands::is_console(line) {
            self.type_line(line)?;
            return Ok(Flow::On);
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let Some(command) = Command::find(word) else {
            self.say(format!("There is no command {word:?}. Type help for the commands."))?;
            return Ok(Flow::On);
        };
        self.command(command, rest, input)
    }

    fn command(&mut self, command: Command, rest: &str, input: &mut dyn BufRead) -> anyhow::Result<Flow> {
        match command {
            Command::Help => self.say_all(help())?,
            Command::Who => self.say_all(say::identities(&self.view()))?,
            Command::As => self.act_as(rest)?,
            Command::Scan => self.scan()?,
            Command::Watch => self.watch(rest)?,
            Command::Documents => self.documents()?,
            Command::Open => self.open_document(rest)?,
            Command::Show => self.show(rest)?,
            Command::Edit => self.edit(rest, input)?,
            Command::Snippet => self.snippet(rest)?,
            Command::Fix => self.fix(rest)?,
            Command::Diff => self.diff()?,
            Command::Apply => self.apply()?,
            Command::Discard => {
                self.lab.revert_draft();
                self.say("The draft is gone; the text is the applied one.")?;
            }
            Command::Why => self.say_all(say::why(&self.view()))?,
            Command::WhoCan => self.who_can(rest)?,
            Command::Matrix => self.say_all(say::matrix(&self.view()))?,
            Command::Task => self.say_all(say::task(&self.view()))?,
            Command::Story => self.say_all(say::introduction(&self.view(), &self.lab))?,
            Command::Hint => self.hint()?,
            Command::Predict => self.predict(rest)?,
            Command::Clock => self.clock(rest)?,
            Command::Undo => self.step(true)?,
            Command::Redo => self.step(false)?,
            Command::Steps => self.say_all(say::steps(&self.view()))?,
            Command::Audit => self.say_all(say::audit(&self.view(), rest))?,
            Command::Storage => self.say_all(say::storage(&self.view()))?,
            Command::Next => self.next()?,
            Command::Reset => self.reset(rest)?,
            Command::Quit => {
                self.leave()?;
                return Ok(Flow::End);
            }
        }
        Ok(Flow::On)
    }

    fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        self.lab.type_text(line);
        let printed = self.lab.transcript().shown().last().map(|typed| typed.printed.clone());
        Ok(output::text(self.out, &printed.unwrap_or_default())?)
    }

    fn act_as(&mut self, name: &str) -> anyhow::Result<()> {
        let personas = self.lab.personas();
        let by_number =
            name.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < personas.len());
        let Some(index) = by_number.or_else(|| personas.iter().position(|p| p.name == name)) else {
            let known: Vec<String> = personas.iter().map(|p| p.name.clone()).collect();
            return self.say(format!("Nobody here is called {name:?}. There are {}.", known.join(", ")));
        };
        self.lab.switch(index);
        let words = format!("You are {}, a {}.", self.lab.persona().name, self.lab.persona().kind());
        self.say(words)
    }

    fn scan(&mut self) -> anyhow::Result<()> {
        if self.lab.ask().is_none() {
            return self.say("There is no call to make yet; use aws lines.");
        }
        let view = self.view();
        self.say_all(say::answer(&view))
    }

    fn watch(&mut self, number: &str) -> anyhow::Result<()> {
        let all = self.lab.watchable();
        let Some(chosen) = numbered(number, &all) else {
            let lines = say::watchable(&all);
            return self.say_all(lines);
        };
        self.lab.watch(chosen.watched.call());
        self.say(format!("Watching {}. scan makes the call.", chosen.watched.title()))
    }

    // Documents

    fn documents(&mut self) -> anyhow::Result<()> {
        let lines = say::documents(&self.lab);
        self.say_all(lines)
    }

    fn open_document(&mut self, which: &str) -> anyhow::Result<()> {
        let Some(document) = find_document(&self.lab, which) else {
            self.say(format!("There is no document {which:?}."))?;
            return self.documents();
        };
        if self.lab.draft().is_some_and(|d| d.is_edited() && *d.document() != document) {
            return self.say("The open document has a draft. Apply or discard it first.");
        }
        if self.lab.draft().is_none_or(|d| *d.document() != document) {
            self.lab.open_document(document);
        }
        let words = say::document_line(&self.lab);
        self.say(words)
    }

    fn show(&mut self, which: &str) -> anyhow::Result<()> {
        if which.is_empty() {
            let words = say::document_line(&self.lab);
            self.say(words)?;
        } else {
            self.open_document(which)?;
        }
        let text = self.lab.draft().map(|d| d.text().to_owned()).unwrap_or_default();
        Ok(output::text(self.out, &format!("{text}\n"))?)
    }

    /// A new text for the open document: from a file, from the person's editor, or from the lines that follow.
    fn edit(&mut self, from: &str, input: &mut dyn BufRead) -> anyhow::Result<()> {
        let Some(draft) = self.lab.draft() else { return self.say("No document is open.") };
        if !draft.document().is_editable() {
            return self.say("This document cannot be changed here: it is a managed policy of AWS.");
        }
        let text = if from.is_empty() && self.person && host::has_editor() {
            match host::external_edit(draft.text()) {
                Ok(text) => text.trim_end().to_owned(),
                Err(why) => return self.say(format!("Not edited: {why}.")),
            }
        } else if from.is_empty() || from == "-" {
            if self.person {
                self.say("Type the whole new text; a line with a single full stop ends it.")?;
            }
            match block(input)? {
                Some(text) => text,
                None => {
                    return self
                        .say("The input ended before a line with a single full stop; nothing was edited.");
                }
            }
        } else {
            let path = from.strip_prefix("file://").unwrap_or(from);
            match RealFiles.read(path).map(String::from_utf8) {
                Ok(Ok(text)) => text.trim_end().to_owned(),
                Ok(Err(_)) => return self.say(format!("{path} is not UTF-8 text.")),
                Err(why) => return self.say(format!("Not edited: {why}.")),
            }
        };
        self.lab.set_draft(&text);
        self.draft_words()
    }

    fn draft_words(&mut self) -> anyhow::Result<()> {
        let lines = say::draft(&self.lab, &self.view());
        self.say_all(lines)
    }

    fn snippet(&mut self, number: &str) -> anyhow::Result<()> {
        let snippets = read::snippets(&self.lab);
        let Some(chosen) = numbered(number, &snippets) else {
            let lines =
                snippets.iter().enumerate().map(|(n, s)| format!("{}. {}: {}.", n + 1, s.name, s.about));
            let mut lines: Vec<String> = lines.collect();
            lines.push("snippet N adds one to the draft.".to_owned());
            return self.say_all(lines);
        };
        let text = self.lab.draft().map(Draft::text).unwrap_or_default();
        let (text, _) = chosen.put_into(text, 0);
        self.lab.set_draft(&text);
        self.draft_words()
    }

    fn fix(&mut self, number: &str) -> anyhow::Result<()> {
        if self.lab.draft().is_some_and(Draft::is_edited) {
            return self.say("Apply or discard the draft first: these edits start from what is applied.");
        }
        let fixes = read::fixes(&self.lab);
        if fixes.is_empty() {
            return self.say("No single edit of a document here turns this answer around.");
        }
        let Some(chosen) = numbered(number, &fixes) else {
            let lines =
                fixes.iter().enumerate().map(|(n, f)| format!("{}. {}: {}", n + 1, f.label, f.detail));
            let mut lines: Vec<String> = lines.collect();
            lines.push("fix N makes one of these edits in the draft.".to_owned());
            return self.say_all(lines);
        };
        if self.lab.draft().is_none_or(|d| *d.document() != chosen.document) {
            self.lab.open_document(chosen.document.clone());
        }
        self.lab.set_draft(&chosen.text);
        self.draft_words()
    }

    fn diff(&mut self) -> anyhow::Result<()> {
        let lines = say::changes(&self.lab);
        self.say_all(lines)
    }

    fn apply(&mut self) -> anyhow::Result<()> {
        let edited = self.lab.draft().is_some_and(Draft::is_edited);
        if !edited {
            return self.say("Nothing to apply: the text is the applied one.");
        }
        match self.lab.apply_draft() {
            Ok(made) => {
                let lines = say::made(&made);
                self.say_all(lines)?;
                if made.outcome.result.is_err() {
                    let lines = say::decisions(&self.lab, &made.outcome);
                    self.say_all(lines)?;
                }
                Ok(())
            }
            Err(why) => self.say(format!("Not applied: {why}.")),
        }
    }

    fn who_can(&mut self, rest: &str) -> anyhow::Result<()> {
        let (action, on) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if !action.contains(':') {
            return self.say("who-can ACTION [RESOURCE], such as who-can kms:Decrypt.");
        }
        let targets = read::targets(&self.lab, action);
        let Some(target) = read::find_target(&targets, on.trim()) else {
            let known: Vec<&str> = targets.iter().map(|target| target.label.as_str()).collect();
            return self.say(format!("There is no {}; there are: {}.", on.trim(), known.join(", ")));
        };
        let lines = say::who_can(action, &target, &read::who_can(&self.lab, action, &target));
        self.say_all(lines)
    }

    // Learning

    fn hint(&mut self) -> anyhow::Result<()> {
        let Some(task) = self.lab.current_task() else {
            return self.say("Every task is done: no hint is needed.");
        };
        let before = self.lab.hints(task).len();
        self.lab.hint();
        let hints = self.lab.hints(task);
        let all = self.lab.scenario().tasks.get(task).map_or(0, |t| t.hints.len());
        let words = match hints.last() {
            Some(hint) if hints.len() > before => format!("Hint {} of {all}: {hint}", hints.len()),
            Some(hint) => format!("That was the last hint: {hint}"),
            None => "There is no hint for this task.".to_owned(),
        };
        self.say(words)
    }

    fn predict(&mut self, number: &str) -> anyhow::Result<()> {
        let Some(predict) = self.lab.open_question().cloned() else {
            return self.say("There is no question to answer now.");
        };
        let Some(choice) = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1)) else {
            let lines = say::question(&predict);
            return self.say_all(lines);
        };
        let Some(chosen) = predict.choices.get(choice) else {
            return self.say(format!("There are {} answers.", predict.choices.len()));
        };
        let words = format!("You expect: {}", chosen.text);
        self.lab.answer(&predict.id, choice);
        self.say(words)
    }

    fn next(&mut self) -> anyhow::Result<()> {
        let id = self.lab.scenario().id.clone();
        let all = scenario::embedded();
        let Some(at) = all.iter().position(|e| e.id == id) else {
            return self.say("This scenario is a file of your own: there is no next one.");
        };
        let Some(next) = all.get(at + 1) else { return self.say("That was the last scenario.") };
        self.keep(true)?;
        // Let go of this lab's file before the next one is opened.
        self.save = None;
        let Resumed { lab, save, notice } = saves::resume(next.id, None, self.state.as_deref())?;
        (self.lab, self.save, self.follow) = (lab, save, None);
        self.told = say::Told::of(&self.view());
        if let Some((_, words)) = notice {
            self.say(format!("Note: {words}."))?;
        }
        self.introduce()
    }

    fn reset(&mut self, sure: &str) -> anyhow::Result<()> {
        if sure != "yes" {
            return self.say("reset yes starts the scenario again; what was done in it is gone then.");
        }
        self.lab.reset();
        self.lab.open_first_document();
        self.told = say::Told::of(&self.view());
        self.say("Started again.")?;
        let lines = say::task(&self.view());
        self.say_all(lines)
    }

    // Time

    fn clock(&mut self, lapse: &str) -> anyhow::Result<()> {
        if !lapse.is_empty() {
            match lapse.parse::<Lapse>() {
                Ok(lapse) => {
                    if let Err(why) = self.lab.advance(lapse.duration()) {
                        return self.say(format!("The clock did not move: {why}."));
                    }
                }
                Err(why) => return self.say(why.to_string()),
            }
        }
        let words = format!("It is {}.", self.lab.world().now().strftime("%Y-%m-%d %H:%M:%S"));
        self.say(words)
    }

    fn step(&mut self, back: bool) -> anyhow::Result<()> {
        if self.lab.draft().is_some_and(Draft::is_edited) {
            return self.say("Apply or discard the draft first: steps change what it is compared with.");
        }
        let history = self.lab.history();
        let at = history.done().len();
        let (step, to) =
            if back { (history.last(), at.saturating_sub(1)) } else { (history.steps().get(at), at + 1) };
        let Some(words) = step.map(|step| read::step_words(step)) else {
            return self.say(if back { "This is the beginning." } else { "This is the newest moment." });
        };
        self.lab.go_to(to);
        self.say(format!("{}: {words}.", if back { "Taken back" } else { "Made again" }))
    }

    fn leave(&mut self) -> anyhow::Result<()> {
        let kept = self.save.is_some();
        let words = match (kept, self.lab.draft().is_some_and(Draft::is_edited)) {
            (true, true) => "Kept, the draft included. The same command continues here.",
            (true, false) => "Kept. The same command continues here.",
            (false, _) => "Nothing of this session is kept.",
        };
        self.say(words)
    }
}

/// The lab as the screen would read it, with every record of the log.
fn view_of(lab: &Lab) -> LabView {
    read::lab_view(lab, ViewOptions { data_events: true, matrix: Some(0), ..ViewOptions::default() })
}

/// The one that a number from 1 names.
fn numbered<'a, T>(number: &str, all: &'a [T]) -> Option<&'a T> {
    all.get(number.parse::<usize>().ok()?.checked_sub(1)?)
}

/// The same session through a string, for tests and for nothing else.
#[cfg(test)]
fn transcript(options: &Options, text: &str) -> String {
    let mut out = Vec::new();
    run(options, &mut text.as_bytes(), &mut out, false).expect("memory");
    String::from_utf8(out).expect("it is UTF-8")
}
