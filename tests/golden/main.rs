//! The golden net: what the program prints, byte for byte, so that a change of the house is seen to change nothing.
//!
//! Every output is compared with its file under `expected/`. A difference is printed with its file, its line and both
//! versions. `UPDATE_GOLDEN=1` writes the files anew. `KMSLAB_BINARY` names another binary to ask than the one that was
//! built; `tests/golden/compare` sets both.

#![cfg(unix)]

mod decide_lines;
mod plain_script;

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

const LINES: usize = 10_000;
/// A digest covers so many answers of `kmslab decide`.
const BLOCK: usize = 100;
/// Of so many lines one is kept with its answer, to be read.
const SAMPLE_INTERVAL: usize = 167;
/// Of so many lines one is kept with its explanation too, which is long.
const EXPLAINED_INTERVAL: usize = 6 * SAMPLE_INTERVAL;
/// More differences of one file are counted and not printed.
const MAX_SHOWN: usize = 8;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/expected"))
}

/// The binary that is asked.
fn binary() -> PathBuf {
    std::env::var_os("KMSLAB_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_kmslab").into(), PathBuf::from)
}

/// Runs the program where nothing of the machine shows, and returns what it prints, standard error included, with its
/// exit code as the last line unless it is 0.
fn kmslab_in(folder: &str, arguments: &[&str], input: &[u8]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(binary())
        .arg0("kmslab")
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .env_clear()
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path().join("state"))
        .envs([("COLUMNS", "100"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("TERM", "dumb")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it was piped");
    let output = std::thread::scope(|scope| {
        // The program may answer, or end, before it has read everything.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().expect("it ends")
    });
    let mut printed = String::from_utf8(output.stdout).expect("it is UTF-8");
    printed += &String::from_utf8(output.stderr).expect("it is UTF-8");
    match output.status.code() {
        Some(0) => {}
        code => writeln!(printed, "exit code {code:?}").expect("a text"),
    }
    printed
}

fn kmslab(arguments: &[&str]) -> String {
    kmslab_in(".", arguments, b"")
}

/// What has been compared, and what differed.
#[derive(Default)]
struct Net {
    differences: String,
}

impl Net {
    fn compare(&mut self, name: &str, actual: &str) {
        let path = folder().join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder");
            std::fs::write(&path, actual).expect("the file can be written");
            return;
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if expected != actual {
            self.differences += &difference(name, &expected, actual);
        }
    }

    fn end(self) {
        assert!(
            self.differences.is_empty(),
            "{}if this is wanted: UPDATE_GOLDEN=1 cargo test --test golden",
            self.differences
        );
    }
}

/// The lines that differ, a pair each.
fn difference(name: &str, expected: &str, actual: &str) -> String {
    let (mut old, mut new): (Vec<&str>, Vec<&str>) =
        (expected.split('\n').collect(), actual.split('\n').collect());
    // What is the same at the end stays out of it, so that one line more is one difference.
    while old.last().is_some() && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    let pairs = (0..old.len().max(new.len())).map(|at| (at, old.get(at), new.get(at)));
    let differ: Vec<_> = pairs.filter(|(_, old, new)| old != new).collect();
    let quoted =
        |line: Option<&&str>| line.map_or_else(|| "(no line)".to_owned(), |line| format!("{line:?}"));
    let mut text = String::new();
    for (at, old, new) in differ.iter().take(MAX_SHOWN) {
        let (old, new) = (quoted(*old), quoted(*new));
        writeln!(text, "{name}:{}\n  expected {old}\n  printed  {new}", at + 1).expect("a text");
    }
    if differ.len() > MAX_SHOWN {
        writeln!(text, "{name}: and {} lines more", differ.len() - MAX_SHOWN).expect("a text");
    }
    text
}

fn scenario_ids() -> Vec<String> {
    let listed: Value = serde_json::from_str(&kmslab(&["list", "--json"])).expect("it is JSON");
    let ids = listed.as_array().expect("a list").iter();
    ids.map(|scenario| scenario["id"].as_str().expect("an id").to_owned()).collect()
}

/// The names of all commands, as the program's own help lists them.
fn commands() -> Vec<String> {
    let help = kmslab(&["--help"]);
    let listed = help.split_once("Commands:\n").expect("commands").1;
    let listed = listed.split_once("\n\n").expect("an end").0.lines();
    let named = listed.filter(|line| !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn help_is_as_it_was() {
    let mut text = String::new();
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in std::iter::once("").chain(commands.iter().map(String::as_str)) {
        for flag in ["-h", "--help"] {
            let arguments: Vec<&str> = [command, flag].into_iter().filter(|word| !word.is_empty()).collect();
            writeln!(text, "$ kmslab {}\n{}", arguments.join(" "), kmslab(&arguments)).expect("a text");
        }
    }
    let mut net = Net::default();
    net.compare("help.txt", &text);
    net.end();
}

#[test]
fn scenarios_are_listed_proved_and_played_as_they_were() {
    let mut net = Net::default();
    net.compare("list.txt", &kmslab(&["list"]));
    net.compare("list.json", &kmslab(&["list", "--json"]));
    // Proving takes long in a debug build: all, or each third where `KMSLAB_EACH` is 3. `.ci/run` proves all with the release build.
    let step = std::env::var("KMSLAB_EACH").map_or(1, |n| n.parse().expect("KMSLAB_EACH is a number"));
    let ids: Vec<String> = scenario_ids().into_iter().step_by(step).collect();
    let arguments: Vec<&str> = std::iter::once("check").chain(ids.iter().map(String::as_str)).collect();
    let checked = kmslab(&arguments);
    let is_sound = |line: &str| line.ends_with(": sound") || line.contains(": warning: ");
    assert!(checked.lines().all(|line| is_sound(line) || line.starts_with('[')), "{checked}");
    for id in &ids {
        assert!(checked.contains(&format!("{id}: sound\n")), "{id}: {checked}");
    }
    if step == 1 {
        net.compare("check.txt", &checked);
    }
    for id in scenario_ids() {
        net.compare(&format!("run/{id}.txt"), &kmslab(&["run", &id]));
        net.compare(&format!("run/{id}.json"), &kmslab(&["run", &id, "--json"]));
    }
    net.end();
}

#[test]
fn who_can_and_lint_say_what_they_said() {
    let mut net = Net::default();
    for (scenario, action, resource) in [
        ("a3", "kms:Decrypt", "k1"),
        ("b1", "kms:Decrypt", "north"),
        ("b5", "kms:PutKeyPolicy", "k1"),
        ("e1", "dynamodb:Scan", "CustomerData"),
    ] {
        let arguments = ["who-can", action, resource, "--scenario", scenario, "--all"];
        let text = kmslab(&arguments) + &kmslab(&[&arguments[..], &["--via", "dynamodb"]].concat());
        net.compare(&format!("who-can/{scenario}.txt"), &text);
        net.compare(&format!("who-can/{scenario}.json"), &kmslab(&[&arguments[..], &["--json"]].concat()));
    }
    for (kind, lines) in decide_lines::documents() {
        let text = lines.into_iter().fold(String::new(), |text, document| {
            let arguments = ["lint", "-", "--kind", kind];
            text + &document + "\n" + &kmslab_in(".", &arguments, document.as_bytes()) + "\n"
        });
        net.compare(&format!("lint/{kind}.txt"), &text);
    }
    net.end();
}

#[test]
fn decisions_are_as_they_were() {
    let lines: Vec<String> = decide_lines::lines(LINES).collect();
    let input = lines.join("\n") + "\n";
    let [plain, explained] = [&["decide"][..], &["decide", "--explain"]].map(|arguments| {
        let answers = kmslab_in(".", arguments, input.as_bytes());
        answers.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!((plain.len(), explained.len()), (LINES, LINES), "an answer for each line");
    // A net with holes catches nothing: every verdict and enough wrong lines are among the answers.
    for (words, least) in [
        ("\"Allowed\"", 1000),
        ("\"ExplicitlyDenied\"", 800),
        ("\"ImplicitlyDenied\"", 1000),
        ("\"error\"", 300),
    ] {
        let found = plain.iter().filter(|answer| answer.contains(words)).count();
        assert!(found >= least, "{words}: only {found}");
    }
    if let Some(other) = std::env::var_os("KMSLAB_AGAINST") {
        against(&other, &lines, &input, &explained);
    }
    let digests = plain.chunks(BLOCK).zip(explained.chunks(BLOCK)).enumerate();
    let digests = digests.fold(String::new(), |text, (block, (plain, explained))| {
        let (first, last) = (block * BLOCK + 1, block * BLOCK + plain.len());
        text + &format!(
            "lines {first} to {last}: decide {}, --explain {}\n",
            digest(plain),
            digest(explained)
        )
    });
    let sample = lines.iter().zip(plain.iter().zip(&explained)).enumerate().step_by(SAMPLE_INTERVAL);
    let sample = sample.fold(String::new(), |text, (at, (line, (plain, explained)))| {
        let explained = if at % EXPLAINED_INTERVAL == 0 { format!("{explained}\n") } else { String::new() };
        text + &format!("line {}\n{line}\n{plain}\n{explained}\n", at + 1)
    });
    let mut net = Net::default();
    net.compare("decide/sample.txt", &sample);
    net.compare("decide/digests.txt", &digests);
    net.end();
}

fn digest(lines: &[String]) -> String {
    let hash = Sha256::digest(lines.join("\n"));
    hash.iter().take(12).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Asks an older binary too, and prints the first line that it answers differently.
fn against(other: &std::ffi::OsStr, lines: &[String], input: &str, answers: &[String]) {
    let mut child = Command::new(other)
        .args(["decide", "--explain"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it was piped");
    let older = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().expect("it ends").stdout
    });
    let older = String::from_utf8(older).expect("it is UTF-8");
    let differs = lines.iter().zip(older.lines().zip(answers)).enumerate();
    if let Some((at, (line, (old, new)))) = differs.into_iter().find(|(_, (_, (old, new)))| old != new) {
        panic!("line {}\n{line}\n  older {old}\n  now   {new}", at + 1);
    }
}

#[test]
fn the_console_prints_what_it_printed() {
    let mut net = Net::default();
    for (script, delays) in
        [("cli", &["instant"][..]), ("iam-door", &["instant", "aws"]), ("key-door", &["instant", "aws"])]
    {
        let path = format!("{}/tests/data/{script}.sh", env!("CARGO_MANIFEST_DIR"));
        let lines = std::fs::read(path).expect("the script is there");
        for &fidelity in delays {
            let arguments = ["console", "--empty", "--fidelity", fidelity];
            net.compare(
                &format!("console/{script}-{fidelity}.txt"),
                &kmslab_in("tests/data", &arguments, &lines),
            );
        }
    }
    net.end();
}

#[test]
fn plain_mode_says_what_it_said_on_the_way_through_every_solution() {
    let (mut net, mut unsolved) = (Net::default(), Vec::new());
    for id in scenario_ids() {
        let script = plain_script::of(&id);
        let said = kmslab_in(".", &["play", &id, "--plain"], script.as_bytes());
        if !said.contains("Every task is done.") {
            unsolved.push(id.clone());
        }
        net.compare(&format!("plain/{id}.txt"), &said);
    }
    assert!(unsolved.is_empty(), "not solved: {unsolved:?}");
    net.end();
}
