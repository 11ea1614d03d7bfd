//! `kmslab decide`: JSON lines in, JSON lines out, in order. A bad line gives an error line and stops nothing.
//!
//! [`line`] is the form of a line, `input` understands it, `output` writes one answer, `documents` compiles every document once.

mod documents;
mod implied;
mod input;
mod line;
mod output;

#[cfg(test)]
mod tests;

use super::Exit;
use crate::cloud::reference;
use crate::policy::{self, Reference};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use documents::Documents;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::num::NonZero;
use std::thread;

/// The arguments of the command.
#[derive(Args, Debug)]
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
    let decider = Decider { explain, reference, documents: Documents::default() };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut number = 0;
    loop {
        let batch = next_batch(&mut input, &mut number)?;
        if batch.is_empty() {
            return output.flush();
        }
        for answers in decider.decide(&batch, threads) {
            output.write_all(&answers)?;
        }
        output.flush()?;
    }
}

/// One line of the input.
struct Line {
    /// The line's number, counted from 1.
    number: usize,
    bytes: Vec<u8>,
}

/// Waits for one line, then takes those that are there already. Blank lines are passed over.
fn next_batch(input: &mut BufReader<impl Read>, number: &mut usize) -> io::Result<Vec<Line>> {
    let mut batch = Vec::new();
    while batch.len() < MAX_BATCH && (batch.is_empty() || input.buffer().contains(&b'\n')) {
        let mut bytes = Vec::new();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        *number += 1;
        if !bytes.trim_ascii().is_empty() {
            batch.push(Line { number: *number, bytes });
        }
    }
    Ok(batch)
}

struct Decider<'a> {
    explain: bool,
    reference: &'a Reference,
    documents: Documents,
}

impl Decider<'_> {
    /// The answers to the lines, in order, in as many pieces as there were threads.
    fn decide(&self, batch: &[Line], threads: usize) -> Vec<Vec<u8>> {
        if batch.len() < MIN_LINES_PER_THREAD || threads == 1 {
            return vec![self.answer_all(batch)];
        }
        thread::scope(|scope| {
            let pieces = batch.chunks(batch.len().div_ceil(threads));
            let running: Vec<_> = pieces.map(|piece| scope.spawn(|| self.answer_all(piece))).collect();
            let finished = running.into_iter().map(thread::ScopedJoinHandle::join);
            finished.map(|answers| answers.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    fn answer_all(&self, lines: &[Line]) -> Vec<u8> {
        let mut answers = Vec::new();
        for line in lines {
            self.answer(line, &mut answers);
            answers.push(b'\n');
        }
        answers
    }

    fn answer(&self, line: &Line, answers: &mut Vec<u8>) {
        let text = match policy::json::utf8(line.bytes.trim_ascii_end()) {
            Ok(text) => text,
            Err(error) => {
                // INVARIANT: the bytes before the error are UTF-8.
                let column = String::from_utf8_lossy(&line.bytes[..error.span.start]).chars().count() + 1;
                let place = format!("line {}, column {column}: {error}", line.number);
                return output::error(answers, None, &place);
            }
        };
        match input::read(text, line.number, self.reference, &self.documents) {
            Ok(question) => output::answer(answers, &question, self.explain),
            Err(message) => output::error(answers, input::id(text), &message),
        }
    }
}
