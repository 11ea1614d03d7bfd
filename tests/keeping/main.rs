//! What is not kept says so, and nothing that was acknowledged is lost: every step to the disk fails once, in every way,
//! the program is killed inside its writes, and a disk fills up under it.

#![cfg(unix)]

mod again;
mod carried;
mod editor;
mod faults;
mod folders;
mod full;
mod kills;
mod learning;
#[path = "../program/mod.rs"]
mod program;
mod second;
#[path = "../terminal/mod.rs"]
mod terminal;

use std::path::{Path, PathBuf};

use kmslab::lab::{Entry, Journal};

/// Where the journal of a scenario is.
fn journal(state: &Path, id: &str) -> PathBuf {
    state.join("labs").join(format!("{id}.journal"))
}

/// The calls and waits that a journal tells of.
fn steps(path: &Path) -> usize {
    if !path.exists() {
        return 0;
    }
    let entries = Journal::peek(path).expect("what is there is sound");
    entries.iter().filter(|entry| matches!(entry, Entry::Call(_) | Entry::Wait(_))).count()
}

/// Runs the program with labs in a folder; returns the exit code and all that it says.
fn kmslab(state: &Path, arguments: &[&str], input: &str) -> (i32, String) {
    let output = program::run(program::kmslab().args(arguments).arg("--state").arg(state), input);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code().expect("no signal"), said)
}
