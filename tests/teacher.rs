//! What surrounds a lesson, in a real terminal: a person's own files, a file edited elsewhere, a terminal that is lost or
//! answers late, a presentation with its notes.

#![cfg(unix)]

mod terminal;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use terminal::{Terminal, cells};

const KMSLAB: &str = env!("CARGO_BIN_EXE_kmslab");

/// The program with variables of its own.
fn with(variables: &[String], size: (u16, u16), arguments: &[&str]) -> Terminal {
    let all: Vec<&str> =
        variables.iter().map(String::as_str).chain([KMSLAB]).chain(arguments.iter().copied()).collect();
    Terminal::start(size, "env", &all)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths are UTF-8 here")
}

#[test]
fn a_lost_terminal_saves_the_draft_and_ends() {
    let state = tempfile::tempdir().expect("a folder");
    let pty = native_pty_system();
    let pair = pty.openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).expect("a pty");
    let mut command = CommandBuilder::new(KMSLAB);
    command.args(["play", "a3", "--theme", "ansi", "--state", text(state.path())]);
    command.env("TERM", "xterm-256color");
    command.env("XDG_CONFIG_HOME", text(state.path()));
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut keys = pair.master.take_writer().expect("a writer");
    let mut screen = vt100::Parser::new(cells(40), cells(120), 0);
    let mut until = |words: &str| {
        let mut buffer = [0; 4096];
        while !screen.screen().contents().contains(words) {
            let n = reader.read(&mut buffer).expect("the program writes");
            assert!(n > 0, "it ended before {words:?}");
            screen.process(&buffer[..n]);
        }
    };
    until("LOOK");
    // Statements are offered after the last hint.
    keys.write_all(b"hhhhe").expect("keys");
    // The guess comes first.
    until("What do you expect?");
    keys.write_all(b"2\r").expect("keys");
    until("Esc back");
    // A draft, while the editor still has the keys.
    keys.write_all(b"\x1412").expect("keys");
    until("draft not applied");
    // The window is closed.
    drop(reader);
    drop(keys);
    drop(pair.master);
    let status = child.wait().expect("the program ends");
    // As the end of a terminal ends a program: quietly, or by the signal that goes with it.
    assert!([0, 129].contains(&status.exit_code()), "{status:?}");
    let mut t = Terminal::lab_in(text(state.path()), (120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("Draft: 1 flip").until("valid · 2 statements");
}

#[test]
fn an_answer_of_the_terminal_that_comes_late_presses_no_key() {
    let state = tempfile::tempdir().expect("a folder");
    let variables = ["COLORTERM=truecolor".to_owned()];
    let mut t = with(&variables, (120, 40), &["play", "a3", "--state", text(state.path())]);
    // Its digits would choose identities, its letters would do worse.
    t.until("LOOK").send("\x1b]11;rgb:fafa/fbfb/fcfc\x1b\\");
    // The colours are those for a light background now.
    t.wait("the accent of the light theme", |w| w.raw.windows(14).any(|at| at == b"38;2;42;93;176"));
    t.send("?").until("type to narrow");
    // kim still acts.
    t.send("\x1b").until_gone("type to narrow").until("kim ▸ dynamodb:Scan");
    t.send("2").until("tess ▸ dynamodb:Scan").send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn what_the_terminal_told_is_the_first_look_of_the_next_start() {
    let state = tempfile::tempdir().expect("a folder");
    let variables = ["COLORTERM=truecolor".to_owned()];
    for answer in ["\x1b]11;rgb:fafa/fbfb/fcfc\x1b\\", ""] {
        // The second time nothing is answered, and it looks as it did.
        let mut t = with(&variables, (120, 40), &["play", "a3", "--state", text(state.path())]);
        t.until("LOOK").send(answer);
        t.wait("the accent of the light theme", |w| w.raw.windows(14).any(|at| at == b"38;2;42;93;176"));
        t.send("q");
        assert_eq!(t.end().0, 0);
    }
}

#[test]
fn broken_files_are_told_with_their_place_and_the_rest_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("kmslab");
    std::fs::create_dir_all(config.join("themes")).expect("made");
    std::fs::write(config.join("keys.json"), "[\n{\"action\": \"hint\", \"keys\": [\"s\"]}]")
        .expect("written");
    std::fs::write(config.join("themes/mine.json"), "{\"base\": \"lilac\"}").expect("written");
    std::fs::write(config.join("settings.json"), "{\"theme\": \"mine\"}").expect("written");
    let variables = [format!("XDG_CONFIG_HOME={}", text(folder.path()))];
    let mut t = with(&variables, (160, 40), &["play", "a3", "--state", text(folder.path())]);
    t.until("keys.json:2:29")
        .until("`s` also means `scan`")
        .until("mine.json:1:10")
        .until("there is no theme `mine`");
    t.send("\x1b")
        .until("1-9 identity")
        .send("2")
        .until("tess ▸ dynamodb:Scan")
        .send("s")
        .until("ran 09:")
        .send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn a_persons_own_keys_and_theme_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("kmslab");
    std::fs::create_dir_all(config.join("themes")).expect("made");
    std::fs::write(config.join("keys.json"), "[{\"action\": \"run\", \"keys\": [\"f9\"]}]").expect("written");
    std::fs::write(config.join("themes/mine.json"), "{\"styles\": {\"title\": \"#0a141e\"}}")
        .expect("written");
    let variables = [format!("XDG_CONFIG_HOME={}", text(folder.path())), "COLORTERM=truecolor".to_owned()];
    let mut t =
        with(&variables, (120, 40), &["play", "a3", "--theme", "mine", "--state", text(folder.path())]);
    t.until("LOOK")
        .until("F9 scan")
        .send("2")
        .until("tess ▸ dynamodb:Scan")
        .send("\x1b[20~")
        .until("ran 09:");
    t.send("q");
    let (code, raw) = t.end();
    assert_eq!(code, 0);
    assert!(raw.contains("38;2;10;20;30"), "the theme's colour is used");
}

#[test]
fn a_document_follows_a_file_edited_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.json");
    let mut t = Terminal::lab_in(text(folder.path()), (160, 40), &["play", "a3", "--watch", text(&file)]);
    t.until("it cannot be read");
    let policy = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
      {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:Decrypt",
       "Resource": "*"}]}"#;
    std::fs::write(&file, policy).expect("written");
    t.until("follows it; this is a draft now");
    // What it changes is told after the guess. A draft of one's own is not taken away.
    t.send("e")
        .until("What do you expect?")
        .send("2\r")
        .until("✗ → ✓")
        .until("Esc back")
        .send(" ")
        .send("\x1b")
        .until("b scenarios");
    std::fs::write(&file, "{}").expect("written");
    t.until("the open document has a draft of your own").until("✗ → ✓");
    t.send("\x11");
    drop(t);
}

#[test]
fn a_presentation_goes_cue_by_cue_and_sends_its_notes() {
    let state = tempfile::tempdir().expect("a folder");
    let mut t =
        Terminal::lab_in(text(state.path()), (120, 40), &["play", "a3", "--present", "--theme", "ansi"]);
    t.until("1 of 3").until("Hands up").send("++]");
    let mut notes = Command::new(KMSLAB)
        .args(["notes", "--state", text(state.path())])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(notes.stdout.take().expect("asked for")).lines();
    let mut until_told = |words: &str| {
        let found =
            lines.by_ref().map(|line| line.expect("notes are text")).find(|line| line.contains(words));
        assert!(found.is_some(), "the notes ended before {words:?}");
    };
    until_told("Cue 1 of 3");
    t.send(" ")
        .until("the key policy leaves it to IAM policies")
        .send(" ")
        .until("2 of 3")
        .until("kim ▸ kms:PutKeyPolicy");
    until_told("Cue 2 of 3");
    t.send(" ").until_gone("Hands up").send(" ").until("3 of 3").send(" ").until("Alice Johnson");
    t.send(" ").until("that was the last cue");
    t.send("\x1b[D").until("2 of 3").send("\x1b").until("1-9 identity").until("preview");
    t.send("q");
    assert_eq!(t.end().0, 0);
    assert!(notes.wait().expect("it ends with the presentation").success());
    assert!(!state.path().join("notes.sock").exists());
    // Nothing of a lesson is kept as the person's own doing.
    let mut t = Terminal::lab_in(text(state.path()), (120, 40), &["play", "a3", "--theme", "ansi"]);
    t.until("LOOK").send("q");
    assert_eq!(t.end().0, 0);
}

#[test]
fn a_presentation_in_a_small_terminal_says_what_the_back_row_needs() {
    let state = tempfile::tempdir().expect("a folder");
    let mut t = Terminal::lab_in(text(state.path()), (80, 24), &["play", "a3", "--present"]);
    t.until("cue 1 of 3").until("this terminal is 80x24; for the back row make it 100x30 or larger");
    t.send(" ").until("Alice Johnson").send("q");
    assert_eq!(t.end().0, 0);
}
