//! `kmslab play --plain`: the lab line by line, in words. Needs no terminal, so it works through a pipe, into a log and
//! with a screen reader.
//!
//! | file | what |
//! |---|---|
//! | `mod` | reading commands and doing what they ask of the [`Lab`] |
//! | `commands` | the table of commands, which `help` prints |
//! | `documents` | opening, reading, editing and applying documents |
//! | `answers` | an answer to a question, as it is typed |
//! | `review` | questions by themselves: the review, the quiz of a chapter |
//! | `course` | going through a scenario: hints, guesses, time, the next one |
//! | `say` | the words |
//! | `output` | text on its way to the terminal |
//!
//! Decides nothing: verdicts, reasons and ticks are the lab's, and read as the screen reads them.

mod answers;
mod commands;
mod course;
mod documents;
pub mod output;
pub mod review;
mod say;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use crate::aws_cli;
use crate::lab::disk::Disk;
use crate::lab::saves::Notice;
use crate::lab::{Kept, Lab, LearnerSession, Watchable};
use crate::limits::console::LINE;
use crate::limits::steps;
use crate::narration::{self, LabView, Parts, ViewOptions, keeping};
use crate::scenario;

use commands::{Command, help};

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
    /// The disk that the lab is written to.
    pub disk: Disk,
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    /// Nothing was asked: whatever could be told has been told.
    Still,
    End,
}

/// A session in plain mode, line by line.
struct Plain<'o> {
    session: LearnerSession,
    state: Option<PathBuf>,
    /// Whether somebody sits at a terminal.
    person: bool,
    /// What was told about the tasks last.
    last_told: say::Told,
    /// The statement that is being put together.
    parts: Option<Parts>,
    /// True once the person was told that going on loses what is not kept.
    warned: bool,
    out: &'o mut dyn Write,
}

/// Reads commands until the input ends or `quit`.
///
/// Answers what is not kept, as a sentence; `None` if nothing is lost.
pub fn run(
    options: &Options,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
    person: bool,
) -> anyhow::Result<Option<String>> {
    let mut plain = Plain::open(options, out, person)?;
    plain.introduce()?;
    plain.news()?;
    while let Some(line) = plain.ask(input)? {
        let changed = plain.news()?;
        match plain.line(&line, input)? {
            Flow::End => break,
            // A view of the lab costs far more than such a line, of which a text that is pasted may have thousands.
            Flow::Still if !changed => {}
            Flow::On | Flow::Still => plain.tell()?,
        }
        plain.keep(false)?;
        plain.out.flush()?;
    }
    // Before it is said: what is said is true then.
    plain.keep(true)?;
    plain.leave()?;
    plain.out.flush()?;
    Ok(plain.session.unkept().as_ref().and_then(keeping::loss))
}

/// A line without its end, or `None` when the input has ended.
fn read_line(input: &mut dyn BufRead) -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut limited = io::Read::take(input, LINE.most + 1);
    if limited.read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    steps::add(bytes.len());
    LINE.check(bytes.len())?;
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
        anyhow::ensure!(length <= LINE.size(), "a text of more than {} cannot be read", LINE.amount());
        lines.push(line);
    }
    Ok(None)
}

impl<'o> Plain<'o> {
    fn open(options: &Options, out: &'o mut dyn Write, person: bool) -> anyhow::Result<Self> {
        let (mut session, notice) = LearnerSession::open_on(
            &options.disk,
            &options.scenario,
            options.acting.as_deref(),
            options.state.as_deref(),
        )?;
        if let Some(Notice { words, .. }) = notice {
            output::line(out, format!("Note: {}.", words.replace("R starts again", "`reset` starts again")))?;
        }
        if session.held().is_some() {
            output::line(out, "`copy` takes a copy of the lab as it stands, which is kept.")?;
        }
        if let Some(watch) = &options.watch {
            session.follow(watch)?;
        }
        let last_told = say::Told::of(&view_of(session.lab()));
        Ok(Self { session, state: options.state.clone(), person, last_told, parts: None, warned: false, out })
    }

    fn view(&self) -> LabView {
        view_of(self.session.lab())
    }

    fn say(&mut self, text: impl AsRef<str>) -> anyhow::Result<()> {
        Ok(output::line(self.out, text)?)
    }

    fn say_all(&mut self, lines: Vec<String>) -> anyhow::Result<()> {
        lines.into_iter().try_for_each(|line| self.say(line))
    }

    fn introduce(&mut self) -> anyhow::Result<()> {
        let view = self.view();
        let mut lines = say::introduction(&view, self.session.lab());
        lines.extend(say::task(&view));
        self.say_all(lines)?;
        self.say("Type help for the commands, quit to leave.")
    }

    /// The next command. Without a person at the keyboard it is printed behind its prompt, so that the output reads as a
    /// transcript. Lines of `aws` go on until their quotes are closed.
    fn ask(&mut self, input: &mut dyn BufRead) -> anyhow::Result<Option<String>> {
        self.prompt(&self.session.lab().prompt())?;
        let Some(mut text) = read_line(input)? else { return Ok(None) };
        if commands::is_console(&text) {
            let mut typing = aws_cli::Typing::default();
            typing.add(&text);
            while !typing.is_whole() {
                self.prompt("more> ")?;
                let Some(more) = read_line(input)? else { break };
                LINE.check(text.len() + more.len() + 1)?;
                for added in ["\n", &more] {
                    text.push_str(added);
                    typing.add(added);
                }
            }
        }
        if !self.person && !text.trim().is_empty() {
            let prompt = self.session.lab().prompt();
            output::text(self.out, &format!("{prompt}{text}\n"))?;
        }
        Ok(Some(text))
    }

    fn prompt(&mut self, prompt: &str) -> anyhow::Result<()> {
        if self.person {
            write!(self.out, "{}", output::clean_line(prompt))?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// What has changed since it was last told: ticks, judgements, feedback.
    fn tell(&mut self) -> anyhow::Result<()> {
        let view = self.view();
        let now = say::Told::of(&view);
        let lines = now.since(&self.last_told, &view);
        self.last_told = now;
        self.say_all(lines)
    }

    /// Puts what was done on the disk. What fails is said, and tried again with each command.
    fn keep(&mut self, all: bool) -> anyhow::Result<()> {
        match self.session.keep(all) {
            Kept::AsBefore => Ok(()),
            Kept::Fails(why) => {
                self.say(format!("Note: not kept on the disk: {why}. It is tried again with each command."))
            }
            Kept::Again => self.say("Note: kept on the disk again, all that was done."),
        }
    }

    /// Takes over what a followed file says by now. Answers whether that changed the draft.
    fn news(&mut self) -> anyhow::Result<bool> {
        let Some((words, changed)) = self.session.look() else { return Ok(false) };
        self.say(words)?;
        if changed {
            self.draft_words()?;
        }
        Ok(changed)
    }

    fn line(&mut self, line: &str, input: &mut dyn BufRead) -> anyhow::Result<Flow> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(Flow::Still);
        }
        if commands::is_console(line) {
            self.type_line(line)?;
            return Ok(Flow::On);
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let Some(command) = Command::find(word) else {
            self.say(format!("There is no command `{word}`. Type `help` for the commands."))?;
            return Ok(Flow::Still);
        };
        self.command(command, rest, input)
    }

    fn command(&mut self, command: Command, rest: &str, input: &mut dyn BufRead) -> anyhow::Result<Flow> {
        match command {
            Command::Help => self.say_all(help())?,
            Command::Who if rest == "all" => self.say_all(say::everybody(self.session.lab()))?,
            Command::Who => self.say_all(say::identities(&self.view()))?,
            Command::As => self.act_as(rest)?,
            Command::Scan => self.scan()?,
            Command::Watch => self.watch(rest)?,
            Command::Documents => self.documents()?,
            Command::Open => self.open_document(rest)?,
            Command::Show => self.show(rest)?,
            Command::Edit => self.edit(rest, input)?,
            Command::Snippet => self.snippet(rest)?,
            Command::Build => self.build(rest)?,
            Command::Remove => self.remove(rest)?,
            Command::Create => self.create()?,
            Command::Fix => self.fix(rest)?,
            Command::Diff => self.diff()?,
            Command::Apply => self.apply(rest)?,
            Command::Discard => {
                self.session.lab_mut().revert_draft();
                self.say("The draft is gone; the text is the applied one.")?;
            }
            Command::Why => self.say_all(say::why(&self.view()))?,
            Command::WhoCan => self.who_can(rest)?,
            Command::Matrix => self.say_all(say::matrix(&self.view()))?,
            Command::Task => self.say_all(say::task(&self.view()))?,
            Command::Story => self.say_all(say::introduction(&self.view(), self.session.lab()))?,
            Command::Hint => self.hint()?,
            Command::Predict => self.predict(rest)?,
            Command::Clock => self.clock(rest)?,
            Command::Undo => self.step(true)?,
            Command::Redo => self.step(false)?,
            Command::Steps => self.say_all(say::steps(&self.view()))?,
            Command::Audit => self.say_all(say::audit(&self.view(), rest))?,
            Command::Storage => self.say_all(say::storage(&self.view()))?,
            Command::Beliefs => self.beliefs(rest)?,
            Command::Words => self.words(rest)?,
            Command::Next => self.next(rest)?,
            Command::Reset => self.reset(rest)?,
            Command::Export => self.export(rest)?,
            Command::Copy => self.copy()?,
            Command::Quit => return Ok(Flow::End),
        }
        Ok(Flow::On)
    }

    fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        self.session.lab_mut().type_text(line);
        let printed = self.session.lab().transcript().shown().last().map(|typed| typed.printed.clone());
        Ok(output::text(self.out, &printed.unwrap_or_default())?)
    }

    fn act_as(&mut self, name: &str) -> anyhow::Result<()> {
        let personas = self.session.lab().personas();
        let by_number = name.parse::<usize>().ok().and_then(|n| self.session.lab().numbered(n));
        let Some(index) = by_number.or_else(|| personas.iter().position(|p| p.name == name)) else {
            if let Some(index) = self.session.lab_mut().listed(name) {
                self.session.lab_mut().switch(index);
                return self.say_who();
            }
            // A session of a role is made by a call, which the console makes and shows.
            let letters = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
            if name.contains('/') && name.chars().all(letters) {
                self.type_line(&format!("as {name}"))?;
                return if self.session.lab().persona().name == name { self.say_who() } else { Ok(()) };
            }
            let listed: Vec<String> = self.session.lab().personas().iter().map(|p| p.name.clone()).collect();
            return self.say(format!(
                "Nobody here is called `{name}`. There are {}; `who all` lists everybody else.",
                listed.join(", ")
            ));
        };
        self.session.lab_mut().switch(index);
        self.say_who()
    }

    fn say_who(&mut self) -> anyhow::Result<()> {
        let words = format!(
            "You are {}, a {}.",
            self.session.lab().persona().name,
            self.session.lab().persona().kind()
        );
        self.say(words)?;
        let simplified = self.session.lab().persona().simplified();
        simplified.map_or(Ok(()), |words| self.say(format!("Simplified here: {words}.")))
    }

    fn scan(&mut self) -> anyhow::Result<()> {
        if self.session.lab().is_spoiler(self.session.lab().acting()) {
            self.say("Your guess comes first; then scan makes the call.")?;
            let lines = say::question(&self.view());
            return self.say_all(lines);
        }
        if self.session.lab_mut().ask().is_none() {
            return self.say("There is no call to make yet; use aws lines.");
        }
        let view = view_with(self.session.lab(), true);
        self.say_all(say::answer(&view))
    }

    fn watch(&mut self, which: &str) -> anyhow::Result<()> {
        let all = self.session.lab().watchable();
        let wanted = which.to_lowercase();
        let named = |row: &&Watchable| row.watched.title().to_lowercase().contains(&wanted);
        let by_name = || all.iter().find(named).filter(|_| !which.is_empty());
        let Some(chosen) = numbered(which, &all).or_else(by_name) else {
            if !which.is_empty() {
                self.say(format!("There is no call `{which}` to watch."))?;
            }
            let lines = say::watchable(&all);
            return self.say_all(lines);
        };
        self.session.lab_mut().watch(chosen.watched.call());
        self.say(format!("Watching {}. scan makes the call.", chosen.watched.title()))
    }

    fn who_can(&mut self, rest: &str) -> anyhow::Result<()> {
        let (action, on) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if !action.contains(':') {
            return self.say("who-can ACTION [RESOURCE], such as who-can kms:Decrypt.");
        }
        let targets = narration::targets(self.session.lab(), action);
        let Some(target) = narration::find_target(&targets, on.trim()) else {
            let known: Vec<&str> = targets.iter().map(|target| target.label.as_str()).collect();
            return self.say(format!("There is no {}; there are: {}.", on.trim(), known.join(", ")));
        };
        let view = narration::who_can(self.session.lab(), action, &target);
        let lines = say::who_can(action, &target, &view);
        self.say_all(lines)
    }
}

/// The lab as the screen would read it, with every record of the log.
fn view_of(lab: &Lab) -> LabView {
    view_with(lab, false)
}

/// As [`view_of`]; `applied` says whether the answer is the one on what is applied, though there is a draft.
fn view_with(lab: &Lab, applied: bool) -> LabView {
    let options = ViewOptions {
        data_events: true,
        hide_spoilers: true,
        matrix: Some(0),
        applied,
        ..ViewOptions::default()
    };
    let mut view = narration::lab_view(lab, options);
    view.task.name_keys(&|name| scenario::words_of(name).unwrap_or(name).to_owned());
    // Without `..`: whoever gives the view something new is asked here which command tells it.
    let LabView {
        head: _,
        watched: _,
        watched_in_full: _,
        identities: _,
        // `preview` says these, too.
        turned_beside: _,
        // `diff` and each edit say the one, what a step has done is told behind it.
        // The findings of the draft say so, and `create` makes them.
        missing: _,
        forecast: _,
        shifted: _,
        made: _,
        // A key or a table is found by the console, whose lines plain mode takes.
        resources: _,
        document: _,
        dirty: _,
        // The list of the documents says which have drafts, and what is wrong with one is told as it is edited.
        drafts: _,
        stale: _,
        broken: _,
        draft_hidden: _,
        apply: _,
        task: _,
        next: _,
        // `task` says `next`, which names the command where a line is to be typed.
        next_operation: _,
        // `snippet` and `fix` say it.
        help_waits: _,
        // `build` and `next` say it.
        parts_offered: _,
        // The end of the last task is told with the question.
        asks_for_words: _,
        // The footer of the screen is made of them.
        needs: _,
        // `clock` says them.
        due: _,
        // Its sentence stands before the answer.
        path: _,
        answer: _,
        storage: _,
        why: _,
        // What it names is told by `why`, `storage` and `audit`.
        crux: _,
        audit: _,
        // Every record is asked for.
        audit_hidden: _,
        rules: _,
        data_events: _,
        matrix: _,
        steps: _,
        // The console lists them: `aws kms list-keys`, `aws kms list-grants`.
        keys: _,
        // Two sessions side by side are a matter of the screen; `as` goes from one to the other.
        other: _,
    } = &view;
    view
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
