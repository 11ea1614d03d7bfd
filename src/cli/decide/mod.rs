//! `kmslab decide`: JSON lines in, JSON lines out, in order. A bad line gives an error line and stops nothing.
//!
//! [`line`] is the form of a line, `input` understands it, `output` writes one answer, `documents` compiles documents and keeps those that lines repeat.

mod documents;
mod implied;
mod input;
mod line;
mod output;

#[cfg(test)]
mod tests;

use super::Exit;
use crate::cloud::reference;
use crate::limits::policy::{DECIDE_LINE, DECIDE_SKIPPED, DECIDE_STEPS};
use crate::limits::{Exceeded, steps};
use crate::policy::{self, Reference, Request, UnknownAction};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use documents::Documents;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::sync::{Arc, mpsc};
use std::thread;

/// The arguments of the command.
#[derive(Args, Debug)]
#[command(
    after_long_help = "Every line has its answer, in order. A line that cannot be understood is answered by an object \
                             with `error` in place of `decision`, and those after it are answered all the same: exit \
                             status 0 says that all lines were answered, not that all were understood. Without \
                             --explain the answer names the place that decided; the cause in a sentence, and what \
                             came nearest to another answer, are in the `trace` of --explain."
)]
pub struct Decide {
    /// A file of JSON lines, one request and its policies a line; - or nothing reads standard input
    file: Option<String>,
    /// Add the whole reasoning, and the smallest edit that would flip the decision, to every answer
    #[arg(long)]
    explain: bool,
    /// Print the JSON Schema of an answer instead, or with =request that of a line
    #[arg(long, value_name = "OF", num_args = 0..=1, require_equals = true, default_missing_value = "answer")]
    schema: Option<SchemaOf>,
}

/// What a schema describes.
#[derive(ValueEnum, Debug, Clone, Copy)]
enum SchemaOf {
    /// The answer to a line
    Answer,
    /// A line of the input
    Request,
}

impl Decide {
    /// Answers every line. Lines that cannot be understood are answered too, so this always succeeds.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        if let Some(of) = self.schema {
            let schema = match of {
                SchemaOf::Answer => schema(),
                SchemaOf::Request => schemars::schema_for!(line::Line<'_>),
            };
            let schema = serde_json::to_string_pretty(&schema)?;
            writeln!(out, "{schema}")?;
            return Ok(Exit::Done);
        }
        let input: Box<dyn Read> = match self.file.as_deref() {
            None | Some("-") => Box::new(io::stdin()),
            Some(file) => Box::new(File::open(file).with_context(|| format!("cannot read {file}"))?),
        };
        answer_lines(self.explain, reference(), input, out)?;
        Ok(Exit::Done)
    }
}

/// The JSON Schema of an answer.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(output::Answer<'_>)
}

/// Reading gathers so many bytes before it decides, if they are there.
const BUFFER_BYTES: usize = 1 << 20;

/// No batch holds more lines.
const MAX_BATCH: usize = 4096;

/// No line is added to a batch that holds so many bytes already.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// The same for lines whose answers hold the reasoning, and so are many times as long as the lines.
const MAX_EXPLAINED_BYTES: usize = 256 << 10;

/// Below so many lines a batch is decided where it was read.
const MIN_LINES_PER_THREAD: usize = 16;

/// Answers every line of `input` on `output`.
///
/// Lines are read as they come: those that are there together are decided together, on all cores, so that a
/// program at the other end of a pipe gets its answer before it asks again.
pub fn answer_lines(
    explain: bool,
    reference: &Reference,
    input: impl Read,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
    let helpers = thread::available_parallelism().map_or(0, |threads| threads.get() - 1);
    let new_decider = move || Decider { explain, reference, documents: Documents::default() };
    let mut own = new_decider();
    let most_bytes = if explain { MAX_EXPLAINED_BYTES } else { MAX_BATCH_BYTES };
    thread::scope(|scope| {
        let mut team: Vec<Helper> = Vec::new();
        let mut number = 0;
        loop {
            let (batch, ended) = next_batch(&mut input, &mut number, most_bytes);
            let batch = Arc::new(batch);
            if batch.lines.len() < MIN_LINES_PER_THREAD {
                output.write_all(&own.answer_all(&batch, 0..batch.lines.len()))?;
                output.flush()?;
                match ended {
                    Some(end) => return end,
                    None => continue,
                }
            }
            // A thread lives as long as the input: what it allocates and frees stays with it.
            while team.len() < helpers {
                team.push(Helper::start(scope, new_decider));
            }
            let share = batch.lines.len().div_ceil(team.len() + 1);
            let part = |index: usize| {
                let end = ((index + 1) * share).min(batch.lines.len());
                (index * share).min(end)..end
            };
            for (index, helper) in team.iter().enumerate() {
                helper.give(batch.clone(), part(index + 1))?;
            }
            output.write_all(&own.answer_all(&batch, part(0)))?;
            for helper in &team {
                output.write_all(&helper.take()?)?;
            }
            output.flush()?;
            if let Some(end) = ended {
                return end;
            }
        }
    })
}

/// Lines that are decided together.
struct Batch {
    bytes: Vec<u8>,
    /// Each line's number, counted from 1, and its place in the bytes; none for a line that is too long to be kept.
    lines: Vec<(usize, Option<Range<usize>>)>,
}

/// How the input ended.
type End = io::Result<()>;

/// Waits for one line, then takes those that are there already. Blank lines are passed over. At the end of the input, or
/// where it cannot be read on, the answer says so; the lines before are answered all the same.
fn next_batch(
    input: &mut BufReader<impl Read>,
    number: &mut usize,
    most_bytes: usize,
) -> (Batch, Option<End>) {
    let mut batch = Batch { bytes: Vec::new(), lines: Vec::new() };
    let has_room = |batch: &Batch| batch.lines.len() < MAX_BATCH && batch.bytes.len() < most_bytes;
    while batch.lines.is_empty() || (has_room(&batch) && input.buffer().contains(&b'\n')) {
        let start = batch.bytes.len();
        let read = match input.by_ref().take(DECIDE_LINE.most + 1).read_until(b'\n', &mut batch.bytes) {
            Ok(read) => read,
            Err(error) => {
                batch.bytes.truncate(start);
                return (batch, Some(Err(error)));
            }
        };
        if read == 0 {
            return (batch, Some(Ok(())));
        }
        *number += 1;
        let line = batch.bytes.get(start..).unwrap_or_default();
        if line.strip_suffix(b"\n").unwrap_or(line).len() > DECIDE_LINE.size() {
            let is_whole = line.ends_with(b"\n");
            batch.bytes.truncate(start);
            batch.lines.push((*number, None));
            if let Some(end) = if is_whole { None } else { skip_line(input, *number) } {
                return (batch, Some(end));
            }
        } else if line.trim_ascii().is_empty() {
            batch.bytes.truncate(start);
        } else {
            batch.lines.push((*number, Some(start..batch.bytes.len())));
        }
    }
    (batch, None)
}

/// Passes over the rest of a line that is too long, without keeping it. Where that does not end, nor does the input.
fn skip_line(input: &mut impl BufRead, number: usize) -> Option<End> {
    let mut skipped = 0;
    loop {
        let here = match input.fill_buf() {
            Ok([]) => return Some(Ok(())),
            Ok(here) => here,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Some(Err(error)),
        };
        let end = here.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(here.len(), |end| end + 1);
        input.consume(length);
        skipped += length;
        if end.is_some() {
            return None;
        }
        if let Err(error) = DECIDE_SKIPPED.check(skipped) {
            return Some(Err(io::Error::other(format!("line {number}: {error}; end each line"))));
        }
    }
}

/// A thread that decides parts of batches beside the one that reads them.
struct Helper {
    parts: mpsc::Sender<(Arc<Batch>, Range<usize>)>,
    answers: mpsc::Receiver<Vec<u8>>,
}

impl Helper {
    fn start<'scope, 'r: 'scope>(
        scope: &'scope thread::Scope<'scope, '_>,
        new_decider: impl FnOnce() -> Decider<'r> + Send + 'scope,
    ) -> Self {
        let (parts, to_do) = mpsc::channel::<(Arc<Batch>, Range<usize>)>();
        let (done, answers) = mpsc::channel();
        scope.spawn(move || {
            let mut decider = new_decider();
            for (batch, part) in to_do {
                if done.send(decider.answer_all(&batch, part)).is_err() {
                    break;
                }
            }
        });
        Self { parts, answers }
    }

    fn give(&self, batch: Arc<Batch>, part: Range<usize>) -> io::Result<()> {
        self.parts.send((batch, part)).map_err(|_| Self::ended())
    }

    fn take(&self) -> io::Result<Vec<u8>> {
        self.answers.recv().map_err(|_| Self::ended())
    }

    /// A thread ends early only by a panic, which the scope passes on.
    fn ended() -> io::Error {
        io::Error::other("a thread that decides has ended")
    }
}

struct Decider<'a> {
    explain: bool,
    reference: &'a Reference,
    documents: Documents,
}

impl Decider<'_> {
    /// The answers to some lines of a batch, in order.
    fn answer_all(&mut self, batch: &Batch, part: Range<usize>) -> Vec<u8> {
        let mut answers = Vec::new();
        for (number, place) in batch.lines.get(part).unwrap_or_default() {
            match place {
                Some(place) => {
                    self.answer(*number, batch.bytes.get(place.clone()).unwrap_or_default(), &mut answers);
                }
                None => {
                    output::error(&mut answers, None, &format!("line {number}: {}", Exceeded(&DECIDE_LINE)));
                }
            }
            answers.push(b'\n');
        }
        answers
    }

    /// What is odd about a request that can be decided all the same.
    // Source: none says what AWS's policy simulator does with an action that no service has; a wildcard is the only
    // thing that the IAM API Reference, SimulateCustomPolicy, excludes from ActionNames. So the line is decided.
    fn notes(&self, request: &Request) -> Vec<String> {
        let unknown = self.reference.unknown_action(request.action());
        let note = |unknown: UnknownAction| {
            format!("`{}` is no action: {}. {}", request.action(), unknown.what, unknown.remedy)
        };
        unknown.map(note).into_iter().collect()
    }

    fn answer(&mut self, number: usize, line: &[u8], answers: &mut Vec<u8>) {
        let text = match policy::json::utf8(line.trim_ascii_end()) {
            Ok(text) => text,
            Err(error) => {
                // INVARIANT: the bytes before the error are UTF-8.
                let column = String::from_utf8_lossy(&line[..error.span.start]).chars().count() + 1;
                let place = format!("line {number}, column {column}: {error}");
                return output::error(answers, None, &place);
            }
        };
        steps::add(text.len());
        let explain = self.explain;
        let start = answers.len();
        let answered = steps::within(&DECIDE_STEPS, || {
            let question = input::read(text, number, self.reference, &mut self.documents)?;
            let notes = self.notes(&question.request);
            output::answer(answers, &question, notes, explain)
                .map_err(|exceeded| format!("line {number}: {exceeded}"))
        });
        let message = match answered {
            Ok(Ok(())) => return,
            Ok(Err(message)) => message,
            Err(exceeded) => {
                let remedy = if explain { "; leave out --explain, or" } else { ";" };
                format!("line {number}: {exceeded}{remedy} shorten the policies or the values")
            }
        };
        answers.truncate(start);
        output::error(answers, input::id(text), &message);
    }
}
