//! Lines in plain mode.

use kmslab::lab::disk::Disk;
use kmslab::plain::{Options, review, run};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled, nested};

/// How long the lines are. Each is followed by what it leads to, whatever its length: short ones would measure that alone.
const LINE_BYTES: usize = 8 << 10;

fn play(input: &[u8]) -> Result<(), String> {
    let options = Options { scenario: "a3".to_owned(), ..Options::default() };
    let mut out = Vec::new();
    match run(&options, &mut &input[..], &mut out, false) {
        Err(error) if error.to_string().contains("the limit `") => Err(error.to_string()),
        Err(error) => panic!("{error:#}"),
        Ok(_) => Ok(()),
    }
}

/// Lines of one length, made of their number.
fn lines(size: usize, make: impl Fn(usize) -> String) -> Vec<u8> {
    (0..size / LINE_BYTES).flat_map(|number| format!("{:<1$}\n", make(number), LINE_BYTES - 1).into_bytes()).collect()
}

/// Asks the quiz of a chapter, whose first question no line here answers.
fn answer(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (state, today) = (folder.path().to_owned(), jiff::civil::date(2026, 12, 1));
    let options = review::Options { state, today, disk: Disk::default() };
    let mut out = Vec::new();
    match review::quiz(&options, 'D', false, &mut &input[..], &mut out, false) {
        Err(error) if error.to_string().contains("the limit `") => Err(error.to_string()),
        Err(error) => panic!("{error:#}"),
        Ok(_) => Ok(()),
    }
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "plain mode",
        read: play,
        repeat: Made(|size| lines(size, |_| "nope".to_owned())),
        nest: Made(|size| nested(size, "aws $(", "", ")")),
        widen: Made(|size| lines(size, |number| format!("{}{number}", "n".repeat(4_000)))),
        long_token: Made(|size| filled(size, "", "n", "\n")),
    },
    Reader {
        name: "answers",
        read: answer,
        repeat: Made(|size| lines(size, |_| "nope".to_owned())),
        nest: Lacks("an answer is a number, or words"),
        widen: Made(|size| lines(size, |number| format!("1 {number}"))),
        long_token: Made(|size| filled(size, "", "n", "\n")),
    },
];
