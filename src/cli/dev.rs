//! `kmslab dev`: a scenario's lab line by line while its file is written. Each save is checked at once, and the next line
//! is said to the new one.

use std::fs;
use std::io::{self, BufRead, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use clap::Args;

use super::Exit;
use super::check;
use crate::limits::console::LINE;
use crate::limits::file::Given;
use crate::plain;
use crate::plain::output;
use crate::scenario;

/// How often the file is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// Arguments of `kmslab dev`.
#[derive(Debug, Args)]
pub struct Dev {
    /// The file of the scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What tells that a file was saved: when, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

impl Dev {
    /// Checks the file now and at each save, on standard error, and plays its lab in between. Nothing is kept.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        anyhow::ensure!(
            self.file.is_file(),
            "{}: no such file; `kmslab new NAME` makes one to begin with",
            self.file.display()
        );
        let done = Arc::new(AtomicBool::new(false));
        let watcher = {
            let (file, done) = (self.file.clone(), done.clone());
            thread::spawn(move || watch(&file, &done))
        };
        let ended = self.labs(out);
        done.store(true, Ordering::Relaxed);
        // It only prints; whatever ended it is told already.
        let _ended = watcher.join();
        ended
    }

    /// One lab after the other, until the input ends or somebody quits.
    fn labs(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let input = io::stdin();
        let person = input.is_terminal();
        let mut lines = Lines {
            input: input.lock(),
            file: &self.file,
            seen: stamp(&self.file),
            left: Vec::new(),
            saved: false,
        };
        // The first check is done before the lab speaks.
        tell(&self.file)?;
        for number in 0_u64.. {
            lines.seen = stamp(&self.file);
            lines.saved = false;
            let options = plain::Options {
                scenario: self.file.to_string_lossy().into_owned(),
                ..plain::Options::default()
            };
            let is_readable = scenario::read_file_with_problems(&self.file, Given::ByName)
                .is_ok_and(|(_, problems)| problems.is_empty());
            if number > 0 {
                output::line(out, "The file was saved: this is its lab from the start.")?;
            }
            if is_readable {
                let played = plain::run(&options, &mut lines, out, person);
                // A save between the look at the file and its reading: the next round says what is wrong with it.
                if played.is_err() && stamp(&self.file) != lines.seen {
                    continue;
                }
                played?;
            } else {
                output::line(out, "It cannot be played as it is. Mend it and save; Enter looks again.")?;
                out.flush()?;
                let mut line = String::new();
                if lines.input.by_ref().take(LINE.most).read_line(&mut line)? == 0 || line.trim() == "quit" {
                    return Ok(Exit::Failed);
                }
                continue;
            }
            if !lines.saved {
                return Ok(Exit::Done);
            }
        }
        Ok(Exit::Done)
    }
}

/// Prints what is wrong with the file whenever it was saved.
fn watch(file: &Path, done: &AtomicBool) {
    let mut seen = stamp(file);
    while !done.load(Ordering::Relaxed) {
        thread::sleep(LOOK_INTERVAL);
        let now = stamp(file);
        // While an editor writes a file anew it is not there, or empty.
        if now != seen && now.is_some_and(|(_, length)| length > 0) {
            seen = now;
            if tell(file).is_err() {
                return;
            }
        }
    }
}

/// Says on standard error what `check` says of the file.
fn tell(file: &Path) -> anyhow::Result<()> {
    let mut told = Vec::new();
    check::of_file(file, &mut told)?;
    io::stderr().write_all(&told)?;
    Ok(())
}

fn stamp(file: &Path) -> Stamp {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// The lines that somebody types, until the file is saved: then they end, and the line that was typed is left for the
/// next lab.
struct Lines<'a> {
    input: io::StdinLock<'a>,
    file: &'a Path,
    seen: Stamp,
    /// What was typed and not read yet.
    left: Vec<u8>,
    /// Whether the lines ended because of a save.
    saved: bool,
}

impl BufRead for Lines<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.is_empty() {
            let bytes = self.input.fill_buf()?;
            self.left = bytes.to_vec();
            let length = self.left.len();
            self.input.consume(length);
        }
        let now = stamp(self.file);
        if now != self.seen && now.is_some_and(|(_, length)| length > 0) && !self.left.is_empty() {
            self.saved = true;
            return Ok(&[]);
        }
        Ok(&self.left)
    }

    fn consume(&mut self, amount: usize) {
        self.left.drain(..amount.min(self.left.len()));
    }
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        let (from, to) = (available.get(..length).unwrap_or_default(), buffer.get_mut(..length));
        to.unwrap_or_default().copy_from_slice(from);
        self.consume(length);
        Ok(length)
    }
}
