//! What the papers tell a reader to type is typed: the command blocks of every Markdown file, and the commands that stand
//! in a line of text.
//!
//! A command block is fenced as `sh`. Words behind that say how it is tried:
//!
//! | words | the block |
//! |---|---|
//! | none | is run by bash, in a folder that shows what the repository holds, and must end well |
//! | `screen` | is run in a terminal: the list of scenarios must appear, and `q` must leave it well |
//! | `no-test (REASON)` | is not run, for that reason |
//!
//! `cargo run` is the program that was built already, and so is `kmslab`; nothing else of cargo is run.

#![cfg(unix)]

mod terminal;

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use terminal::Terminal;

/// Folders whose Markdown files are papers.
const FOLDERS: [&str; 3] = [".", "docs", "assets/generate"];

/// Other names of the language, which the test would pass over.
const OTHER_NAMES: [&str; 5] = ["bash", "shell", "console", "zsh", "shell-session"];

/// What stands in for cargo. A test builds nothing: the program is there, and `cargo test` is what runs this.
const CARGO: &str = r#"#!/bin/sh
unfit() { echo "cargo $*: no test does this; mark the block: sh no-test (REASON)" >&2; exit 64; }
all=$*
case $all in build | "build --release" | "build --locked" | test | "test --locked") exit 0 ;; esac
[ "$1" = run ] || unfit "$all"
shift
while [ $# -gt 0 ]; do
    word=$1
    shift
    case $word in
        --) break ;;
        --release | --locked | --quiet | -q) ;;
        *) unfit "$all" ;;
    esac
done
exec kmslab "$@"
"#;

/// A paper's name and text.
struct Paper {
    name: String,
    text: String,
}

/// A fenced block: where it begins, what stands behind its fence, and its lines.
struct Block {
    at: String,
    info: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn papers() -> Vec<Paper> {
    let mut papers = Vec::new();
    for folder in FOLDERS {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root()).expect("it is in the repository").display().to_string();
                papers.push(Paper { name, text: std::fs::read_to_string(&path).expect("a text") });
            }
        }
    }
    papers.sort_by(|a, b| a.name.cmp(&b.name));
    papers
}

fn blocks(paper: &Paper) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in paper.text.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                let at = format!("{}:{}", paper.name, number + 1);
                blocks.push(Block { at, info: info.trim().to_owned(), text: String::new() });
            }
            None if open => {
                if let Some(block) = blocks.last_mut() {
                    block.text += line;
                    block.text.push('\n');
                }
            }
            None => {}
        }
    }
    assert!(!open, "{}: a block is not closed", paper.name);
    blocks
}

/// A folder in which a block may write: the repository's files are there, and whatever is made goes away with it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for part in ["bin", "home", "here"] {
            std::fs::create_dir(folder.path().join(part)).expect("a folder");
        }
        for entry in std::fs::read_dir(root()).expect("the repository") {
            let entry = entry.expect("an entry");
            symlink(entry.path(), folder.path().join("here").join(entry.file_name())).expect("a link");
        }
        symlink(env!("CARGO_BIN_EXE_kmslab"), folder.path().join("bin/kmslab")).expect("a link");
        let cargo = folder.path().join("bin/cargo");
        std::fs::write(&cargo, CARGO).expect("a file");
        std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        Self { folder }
    }

    fn path(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    /// The block as a script that runs nowhere else.
    fn script(&self, block: &str) -> String {
        let [here, home, bin] = ["here", "home", "bin"].map(|part| self.path(part).display().to_string());
        format!(
            "set -euo pipefail; cd '{here}'; export HOME='{home}' XDG_STATE_HOME='{home}/state' PATH='{bin}':\"$PATH\"\n{block}"
        )
    }
}

/// Runs a block without a terminal; returns what was wrong.
fn run(block: &str) -> Result<(), String> {
    let place = Place::new();
    let output = Command::new("bash")
        .args(["-c", &place.script(block)])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{}: {said}", output.status)) }
}

/// Runs a block that opens the screen, and leaves it.
fn run_on_screen(block: &str) -> Result<(), String> {
    let place = Place::new();
    let mut terminal = Terminal::start((100, 30), "bash", &["-c", &place.script(block)]);
    terminal.until("Scenarios");
    terminal.settled();
    terminal.send("q");
    let (code, written) = terminal.end();
    if code == 0 { Ok(()) } else { Err(format!("it ended with {code}: {written}")) }
}

#[test]
fn every_command_block_is_typed() {
    let mut wrong = Vec::new();
    let mut typed = 0;
    for block in papers().iter().flat_map(blocks) {
        let mut words = block.info.split_whitespace();
        let language = words.next().unwrap_or_default();
        if OTHER_NAMES.contains(&language) {
            wrong.push(format!("{}: commands are fenced as sh, not as {language}", block.at));
        }
        if language != "sh" {
            continue;
        }
        let rest: Vec<&str> = words.collect();
        let tried = match rest.as_slice() {
            [] => run(&block.text),
            ["screen"] => run_on_screen(&block.text),
            ["no-test", reason, ..] if reason.starts_with('(') => continue,
            _ => Err(format!("what is `{}`? sh, sh screen, or sh no-test (REASON)", block.info)),
        };
        typed += 1;
        if let Err(why) = tried {
            wrong.push(format!("{}: {why}\n{}", block.at, block.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(typed > 0, "no block is tried");
}

#[test]
fn a_block_that_fails_or_builds_is_told() {
    assert_eq!(run("kmslab list | grep -q a3-key-policy-door\ncargo run --release -- check a2"), Ok(()));
    for (block, words) in [
        ("kmslab fly", "unrecognized subcommand"),
        ("false\nkmslab list", "exit status: 1"),
        ("cargo bench", "mark the block"),
        ("cargo run -p other", "mark the block"),
    ] {
        let why = run(block).expect_err(block);
        assert!(why.contains(words), "{block}: {why}");
    }
}

/// The texts between backquotes, outside of blocks; a bar in a table is written `\|`.
fn spans(text: &str) -> Vec<String> {
    let mut inside = false;
    let outside = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    let spans = outside.flat_map(|line| line.split('`').skip(1).step_by(2));
    spans.map(|span| span.replace("\\|", "|")).collect()
}

#[test]
fn every_command_and_option_that_a_paper_names_is_there() {
    let mut wrong = Vec::new();
    let mut named = 0;
    for paper in papers() {
        for span in spans(&paper.text) {
            let Some(line) = span.strip_prefix("kmslab ") else { continue };
            let is_command = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let command =
                line.split_whitespace().next().filter(is_command).filter(|word| !word.starts_with('-'));
            let help = Command::new(env!("CARGO_BIN_EXE_kmslab")).args(command).arg("--help").output();
            let help = help.expect("the program starts");
            named += 1;
            if !help.status.success() {
                wrong.push(format!("{}: `{span}`: there is no such command", paper.name));
                continue;
            }
            let help = String::from_utf8_lossy(&help.stdout).into_owned();
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let options = line.split(|c| !is_part(c)).filter(|word| word.starts_with("--") && word.len() > 2);
            for option in options.filter(|option| !help.contains(option)) {
                wrong.push(format!("{}: `{span}`: there is no {option}", paper.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(named > 10, "only {named} are named");
}
