//! What is waited for where labs were worked on: the first frame of the list, and a long lab that is opened again beside a
//! bare read of its journal.
//!
//! Run with `cargo bench --bench labs`, or with `--profile release` for a build that takes less time. Figures depend on the
//! machine; the ratios are what is held.

#[path = "../tests/terminal/mod.rs"]
mod terminal;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kmslab::cloud::Call;
use kmslab::lab::saves::Stored;
use kmslab::lab::{Entry, Journal, Lab};
use kmslab::scenario;

/// What the list shows in its first frame: its title.
const TITLE: &str = "Scenarios";
const LABS: usize = 15;
const CALLS_OF_EACH: usize = 500;
const CALLS_OF_ONE: usize = 10_000;
const ROUNDS: usize = 5;

fn main() {
    let state = std::env::temp_dir().join(format!("kmslab-bench-labs-{}", std::process::id()));
    let ids: Vec<&str> = scenario::embedded().iter().map(|embedded| embedded.id).take(LABS).collect();
    for id in &ids {
        write(&state, id, CALLS_OF_EACH);
    }
    println!("{} labs of {CALLS_OF_EACH} calls", ids.len());
    let (shown, noted) = first_look(&state, &ids);
    println!("  first frame of the list, nothing noted beside the journals {shown:>9.2?}");
    println!("  until it is noted how far each lab is                      {noted:>9.2?}");
    let mut again: Vec<Duration> = (0..ROUNDS).map(|_| first_frame(&state)).collect();
    again.sort();
    println!(
        "  first frame of the list, noted, median of {ROUNDS}               {:>9.2?}",
        again[ROUNDS / 2]
    );

    let (id, calls) = ("a3-key-policy-door", CALLS_OF_ONE);
    let journal = write(&state, id, calls);
    let bytes = std::fs::metadata(&journal).expect("there").len();
    let mut read = Vec::new();
    let mut opened = Vec::new();
    for _ in 0..ROUNDS {
        let start = now();
        assert_eq!(std::fs::read(&journal).expect("read").len() as u64, bytes);
        read.push(start.elapsed());
        let start = now();
        let mut play = Command::new(env!("CARGO_BIN_EXE_kmslab"));
        play.args(["play", id, "--plain", "--state"]).arg(&state).stdin(Stdio::null()).stdout(Stdio::null());
        assert!(play.status().expect("it runs").success());
        opened.push(start.elapsed());
    }
    read.sort();
    opened.sort();
    let (read, opened) = (read[ROUNDS / 2], opened[ROUNDS / 2]);
    println!("a lab of {calls} calls, a journal of {} KB, median of {ROUNDS}", bytes >> 10);
    println!("  a bare read of the file {read:>9.2?}");
    println!("  opened again, and left  {opened:>9.2?}");
    std::fs::remove_dir_all(&state).expect("it is there");
}

/// Writes the journal of a scenario in which so many calls were made; returns its path.
fn write(state: &Path, id: &str, calls: usize) -> std::path::PathBuf {
    let stored = Stored::named(id).expect("there");
    let path = stored.path(state);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let _none = std::fs::remove_file(&path);
    let mut lab = Lab::open(stored.scenario.clone(), None).expect("it opens");
    lab.take_unsaved();
    lab.call(Call::decode("kms", "ListKeys", serde_json::json!({})).expect("a call"));
    let call = lab.take_unsaved();
    let entries: Vec<Entry> =
        std::iter::once(Entry::Head(stored.head())).chain(call.into_iter().cycle().take(calls)).collect();
    Journal::open(&path).expect("new").journal.append(&entries).expect("written");
    path
}

/// Starts the program in a terminal that says what it is when it is asked, as every real one does.
fn started(state: &Path) -> terminal::Terminal {
    let mut screen = terminal::Terminal::lab_in(state.to_str().expect("UTF-8"), (120, 40), &[]);
    let question = b"\x1b[c";
    screen.wait("the question", |w| w.raw.windows(question.len()).any(|at| at == question));
    screen.send("\x1b[?62;22c");
    screen
}

/// From the start of the program to the list on its screen.
fn first_frame(state: &Path) -> Duration {
    let start = now();
    let mut screen = started(state);
    screen.until(TITLE);
    let elapsed = start.elapsed();
    screen.send("q");
    elapsed
}

/// From the start of the program to the list on its screen, and to the moment at which it has noted how far each lab is.
fn first_look(state: &Path, ids: &[&str]) -> (Duration, Duration) {
    let start = now();
    let mut screen = started(state);
    screen.until(TITLE);
    let shown = start.elapsed();
    let is_noted = |id: &str| state.join("labs").join(format!("{id}.journal.progress")).exists();
    while !ids.iter().all(|id| is_noted(id)) {
        assert!(start.elapsed() < terminal::PATIENCE, "the list notes what it has found out");
        std::thread::sleep(Duration::from_millis(5));
    }
    let noted = start.elapsed();
    screen.send("q");
    (shown, noted)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}
