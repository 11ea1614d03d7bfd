//! `kill -9` at any moment loses at most the call in flight.

#![cfg(unix)]

mod program;

use std::io::{Read as _, Write as _};
use std::ops::Add as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use kmslab::lab::{Entry, Journal};

/// How often the program is killed.
const KILLS: usize = 200;
/// How many of the kills must fall between the begin of a line and the answer.
const MIN_INSIDE: usize = 20;
/// No more kills are tried until both kinds have been seen: such into a call, and such between two.
const MOST_KILLS: usize = 5 * KILLS;
/// How many lives one lab has.
const LIVES: usize = 10;

/// Commands of which each makes one call or moves the clock once. The last one is an `aws` line that changes the table.
const COMMANDS: [&str; 4] = [
    "scan\n",
    "clock +1m\n",
    "aws kms describe-key --key-id alias/dynamodb-encryption-key --query KeyMetadata.KeyState\n",
    "aws dynamodb put-item --table-name CustomerData --item CustomerID={S=9},Name={S=Nine}\n",
];

fn journal(state: &Path) -> PathBuf {
    state.join("labs/a3-key-policy-door.journal")
}

/// The calls and waits that a journal tells of.
fn kept(state: &Path) -> usize {
    let opened = Journal::open(&journal(state)).expect("a killed program leaves a journal that opens");
    opened.entries.iter().filter(|e| matches!(e, Entry::Call(_) | Entry::Wait(_))).count()
}

/// Numbers that look random and are the same in every run. Source: Marsaglia, "Xorshift RNGs" (2003).
struct Moments(u64);

impl Moments {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Where a kill fell, as its journal shows.
#[derive(Clone, Copy, Debug, Default)]
struct Fell {
    /// Between two calls: all that is kept was answered.
    between: usize,
    /// A line was begun, and its end was not on the disk.
    in_a_line: usize,
    /// The line was whole, and the call not answered yet.
    before_the_answer: usize,
}

impl Fell {
    /// Kills between the begin of a line and the answer.
    fn inside(self) -> usize {
        self.in_a_line + self.before_the_answer
    }
}

impl std::ops::Add for Fell {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            between: self.between + other.between,
            in_a_line: self.in_a_line + other.in_a_line,
            before_the_answer: self.before_the_answer + other.before_the_answer,
        }
    }
}

/// How many bytes of a line without an end a killed program has left.
fn torn(state: &Path) -> usize {
    let bytes = std::fs::read(journal(state)).unwrap_or_default();
    bytes.len() - bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Starts the program with more commands than it will live to carry out, kills it, and answers how many it has answered.
fn live_and_die(state: &Path, moments: &mut Moments) -> usize {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .args(["play", "a3", "--plain", "--state"])
        .arg(state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("it was asked for");
    let mut output = child.stdout.take().expect("it was asked for");
    let script: String =
        (0..64).map(|_| COMMANDS[usize::try_from(moments.below(4)).expect("small")]).collect();
    input.write_all(script.as_bytes()).expect("a pipe holds this much");
    // The moment: some answers in, and a while that is shorter or longer than a call takes; or, every other time, just
    // when the next call is being written down, which on a fast disk hardly any while would hit.
    let answers = moments.below(6);
    let pause = Duration::from_micros(moments.below(3_000));
    let while_writing = moments.below(2) == 0;
    let mut said = Vec::new();
    let mut chunk = [0; 4096];
    while answered(&said) < usize::try_from(answers).expect("small") {
        let n = output.read(&mut chunk).expect("the pipe is open");
        assert!(n > 0, "it ended by itself: {}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&chunk[..n]);
    }
    if while_writing {
        let length = || journal(state).metadata().map_or(0, |file| file.len());
        let before = length();
        // More commands are waiting than were answered, so it grows, unless the program has ended.
        while length() == before && child.try_wait().expect("it is ours").is_none() {}
    } else {
        std::thread::sleep(pause);
    }
    child.kill().expect("SIGKILL is sent");
    child.wait().expect("it ends");
    output.read_to_end(&mut said).expect("what it had said");
    answered(&said)
}

/// How many commands were answered: each is repeated behind its prompt, together with its answer, once it is kept.
fn answered(said: &[u8]) -> usize {
    String::from_utf8_lossy(said).lines().filter(|line| line.starts_with("kim> ")).count()
}

/// The lives of one lab. Returns where the kills fell, of [`LIVES`].
fn lives(seed: u64, lab: usize, moments: &mut Moments) -> Fell {
    let mut fell = Fell::default();
    let state = tempfile::tempdir().expect("a folder");
    let mut before = 0;
    for life in 0..LIVES {
        let answered = live_and_die(state.path(), moments);
        let torn = torn(state.path());
        let now = if journal(state.path()).exists() { kept(state.path()) } else { 0 };
        assert!(
            before + answered <= now && now <= before + answered + 1,
            "seed {seed:#x}, lab {lab}, life {life}: {before} before, {answered} answered, {now} kept"
        );
        let place = if torn > 0 {
            fell.in_a_line += 1;
            format!("{torn} bytes into a line")
        } else if now > before + answered {
            fell.before_the_answer += 1;
            "behind a whole line, before its answer".to_owned()
        } else {
            fell.between += 1;
            "between two calls".to_owned()
        };
        println!("seed {seed:#x}, lab {lab}, life {life}: killed {place}; {answered} answered, {now} kept");
        before = now;
    }
    // What is kept can be played again.
    let out = Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .args(["play", "a3", "--plain", "--state"])
        .arg(state.path())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let words = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{words}");
    assert_eq!(words.contains("continued where you left"), before > 0, "{words}");
    fell
}

#[test]
fn two_hundred_kills_lose_at_most_the_call_in_flight() {
    // Two at a time, each with moments of its own.
    let halves: Vec<_> = [0x9e37_79b9_7f4a_7c15_u64, 0xd1b5_4a32_d192_ed03]
        .into_iter()
        .map(|seed| {
            std::thread::spawn(move || {
                let mut moments = Moments(seed);
                (0..KILLS / 2 / LIVES)
                    .map(|lab| lives(seed, lab, &mut moments))
                    .fold(Fell::default(), Fell::add)
            })
        })
        .collect();
    let fell = halves.into_iter().map(|half| half.join().expect("no life failed"));
    let mut fell = fell.fold(Fell::default(), Fell::add);
    // Unless kills fell both between calls and into them, the moments tell nothing. Where they fall is for the machine;
    // the kills of tests/keeping fall where they are told to.
    let seed = 0x2545_f491_4f6c_dd1d;
    let (mut kills, mut moments) = (KILLS, Moments(seed));
    while (fell.between == 0 || fell.inside() < MIN_INSIDE) && kills < MOST_KILLS {
        fell = fell + lives(seed, kills, &mut moments);
        kills += LIVES;
    }
    println!("{kills} kills: {fell:?}; {} inside the writing of a call", fell.inside());
    assert!(fell.between > 0 && fell.inside() >= MIN_INSIDE, "{fell:?} of {kills}");
}

/// One session that makes three steps.
fn three_steps(state: &Path) -> Vec<u8> {
    let out = plain(state, "scan\nscan\nscan\n");
    assert!(out.contains("Kept."), "{out}");
    std::fs::read(journal(state)).expect("it was kept")
}

fn plain(state: &Path, script: &str) -> String {
    plain_ending(state, script, 0)
}

/// What a session says that ends in a status: 1 where something that was done is not kept.
fn plain_ending(state: &Path, script: &str, status: i32) -> String {
    let out = program::run(program::kmslab().args(["play", "a3", "--plain", "--state"]).arg(state), script);
    assert_eq!(out.status.code(), Some(status));
    String::from_utf8(out.stdout).expect("it is UTF-8")
}

#[test]
fn a_torn_tail_is_cut_and_reported() {
    let state = tempfile::tempdir().expect("a folder");
    let whole = three_steps(state.path());
    std::fs::write(journal(state.path()), &whole[..whole.len() - 5]).expect("torn");
    let out = plain(state.path(), "steps\n");
    assert!(out.contains("the last step was cut off on the disk"), "{out}");
    assert!(out.contains("2. ") && !out.contains("\n3. 0"), "two steps are left: {out}");
    let out = plain(state.path(), "steps\n");
    assert!(!out.contains("cut off"), "it is told once: {out}");
}

#[test]
fn damage_elsewhere_is_refused_and_the_file_left_alone() {
    let state = tempfile::tempdir().expect("a folder");
    let mut bytes = three_steps(state.path());
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(journal(state.path()), &bytes).expect("damaged");
    let out = plain_ending(state.path(), "scan\n", 1);
    assert!(out.contains("this lab is not kept") && out.contains("this line is damaged"), "{out}");
    assert!(out.contains("Nothing of this session is kept."), "{out}");
    assert_eq!(std::fs::read(journal(state.path())).expect("there"), bytes);
}

#[test]
fn a_lab_that_is_open_elsewhere_is_not_written_to_by_two() {
    let state = tempfile::tempdir().expect("a folder");
    three_steps(state.path());
    let _open = Journal::open(&journal(state.path())).expect("it opens");
    let out = plain_ending(state.path(), "scan\n", 1);
    assert!(out.contains("another kmslab has this lab open"), "{out}");
}
