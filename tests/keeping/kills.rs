//! `kill -9` inside a write, at every place of it, and while somebody types.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use kmslab::lab::disk::{Disk, Fault};
use kmslab::lab::{DocumentId, LearnerSession};
use kmslab::plain;

/// How often the program is killed.
const KILLS: u64 = 200;

/// How many of the kills must fall inside a write.
const MIN_INSIDE: usize = 20;

/// How many commands a life has, each of which makes one step.
const COMMANDS: usize = 6;

/// How many steps to the disk each life takes at least.
const STEPS: u64 = 17;

const ID: &str = "free-empty";

/// The variable that makes this test program the one that is killed: the folder, the step to the disk, the offset.
const CHILD: &str = "KMSLAB_KILLED";

/// What the program that is killed says first of the step at which it is.
const TOLD: &str = "killed at step ";

/// The program that is killed: plain mode on a disk that ends it inside a step.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let mut words = told.split('|');
    let mut next = || words.next().expect("three words");
    let (state, at, offset) = (next().to_owned(), next().to_owned(), next().to_owned());
    if at == "typing" {
        return typing(Path::new(&state));
    }
    let fault = Fault::Killed(offset.parse().expect("an offset"));
    let options = plain::Options {
        scenario: ID.to_owned(),
        state: Some(state.into()),
        disk: Disk::failing(at.parse().expect("a step"), fault)
            .telling(|number, step| println!("{TOLD}{number} {step:?}")),
        ..plain::Options::default()
    };
    let script = "aws kms list-keys\n".repeat(COMMANDS);
    let mut out = std::io::stdout();
    plain::run(&options, &mut script.as_bytes(), &mut out, false).expect("it plays");
}

/// Starts the program that is killed. Returns what it said, whether it was killed.
fn live(told: &str) -> (String, bool) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "kills::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, told)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut said = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut said).expect("text");
    (said, child.wait().expect("it ends").signal() == Some(9))
}

/// Numbers that look random and are the same in every run. Source: Marsaglia, "Xorshift RNGs" (2003).
fn random(seed: u64, below: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for _ in 0..4 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    x % below
}

#[test]
fn two_hundred_kills_inside_the_steps_to_the_disk_lose_nothing_that_was_answered() {
    let mut torn_lines = 0;
    let (mut inside, mut fell) = (0, BTreeMap::<String, usize>::new());
    for seed in 0..KILLS {
        let state = tempfile::tempdir().expect("a folder");
        // Lives of a lab that is new, and of one that was played before.
        let before = if seed % 2 == 0 {
            0
        } else {
            live(&format!("{}|1000|0", state.path().display()));
            COMMANDS
        };
        let (at, offset) = (1 + random(seed, STEPS), random(seed + KILLS, 700));
        let (said, killed) = live(&format!("{}|{at}|{offset}", state.path().display()));
        let answered = said.lines().filter(|line| line.contains("root> aws kms list-keys")).count();
        let path = super::journal(state.path(), ID);
        let bytes = std::fs::read(&path).unwrap_or_default();
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let torn = bytes.len() - whole;
        let told = said.lines().find_map(|line| line.split_once(TOLD).map(|(_, told)| told.to_owned()));
        assert!(killed, "seed {seed}: it is killed at step {at}");
        let step = told.expect("who is killed has told where");
        let place = if torn > 0 { format!(", {torn} bytes into a line") } else { String::new() };
        println!("seed {seed}: killed at step {step}{place}; {answered} answered before");
        torn_lines += usize::from(torn > 0);
        // A write that was begun: at its first byte, inside, or behind its last one and before it was on the disk.
        inside += usize::from(step.ends_with("Write") || step.ends_with("Sync"));
        *fell.entry(step.split_once(' ').map_or(step.clone(), |(_, kind)| kind.to_owned())).or_default() += 1;
        // Opening cuts the torn end, and keeps it beside.
        let (session, _) = LearnerSession::open(ID, None, Some(state.path())).expect("it opens");
        assert_eq!(session.unkept(), None, "seed {seed}");
        drop(session);
        let kept = super::steps(&path);
        // An answer is told behind the step that keeps the one before it: the last one told may not be kept.
        assert!(
            kept + 1 >= before + answered && kept <= before + COMMANDS,
            "seed {seed}: {kept} of {answered}"
        );
        assert_eq!(
            super::journal(state.path(), ID).with_extension("journal.cut").exists(),
            torn > 0,
            "seed {seed}"
        );
    }
    println!("{KILLS} kills, by the step at which each fell: {fell:?}");
    println!(
        "{torn_lines} with a piece of a line left, {inside} inside a write, of which at least {MIN_INSIDE} must be"
    );
    assert!(torn_lines >= MIN_INSIDE, "only {torn_lines} kills left a piece of a line");
}

/// Types into the editor and waits to be killed.
fn typing(state: &Path) {
    let (mut session, _) = LearnerSession::open("a3", None, Some(state)).expect("it opens");
    let document = session.lab().documents().into_iter().find(|d| matches!(d, DocumentId::KeyPolicy(_)));
    session.lab_mut().open_document(document.expect("a key policy"));
    session.lab_mut().set_draft("{\"half\": \"typed");
    session.note_line("aws kms list-");
    session.keep(false);
    println!("typed");
    std::thread::sleep(Duration::from_secs(120));
}

#[test]
fn what_is_being_typed_survives_a_kill() {
    let state = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "kills::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{}|typing|0", state.path().display()))
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let file = super::journal(state.path(), "a3-key-policy-door").with_extension("journal.typing");
    let patience = super::terminal::PATIENCE.as_millis() / 10;
    for turn in 0.. {
        if file.exists() {
            break;
        }
        assert!(turn < patience, "it is written after some seconds");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("SIGKILL is sent");
    child.wait().expect("it ends");
    let (mut session, _) = LearnerSession::open("a3", None, Some(state.path())).expect("it opens");
    assert_eq!(session.lab().draft().map(kmslab::lab::Draft::text), Some("{\"half\": \"typed"));
    assert_eq!(session.ledger().line(), "aws kms list-");
    // It goes with the step that keeps it, and is true behind no other.
    let old = std::fs::read(&file).expect("there");
    session.note_line("");
    session.keep(true);
    drop(session);
    assert!(!file.exists(), "what is kept is no longer unfinished");
    std::fs::write(&file, old).expect("written");
    let (session, _) = LearnerSession::open("a3", None, Some(state.path())).expect("it opens");
    assert_eq!(session.ledger().line(), "", "an old note is as good as none");
}
