//! Runs a program to its end, with its input on a pipe.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Starts kmslab with nothing said yet.
pub fn kmslab() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kmslab"))
}

/// Runs a command to its end. A program that reads nothing may have ended before all of the input is written.
pub fn run(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program starts");
    let mut typed = child.stdin.take().expect("it was piped");
    let _closed = typed.write_all(input.as_bytes());
    drop(typed);
    child.wait_with_output().expect("it ends")
}
