//! A disk that fills up while a lab is played on a terminal, and has room again.

use rustix::process::{Resource, Rlimit, prlimit};

use super::terminal::Terminal;

const ID: &str = "a3-key-policy-door";

/// Starts the program with files of at most so many bytes: a write beyond them fails as on a full disk.
fn start(state: &str) -> Terminal {
    let script = format!("trap '' XFSZ; exec {} play a3 --state {state}", env!("CARGO_BIN_EXE_kmslab"));
    Terminal::start((120, 40), "sh", &["-c", &script])
}

fn limit(terminal: &Terminal, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Some(terminal.pid()), Resource::Fsize, limit).expect("the limit of a child can be set");
}

#[test]
fn a_disk_that_fills_up_says_so_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().display().to_string();
    let path = super::journal(folder.path(), ID);
    let mut terminal = start(&state);
    terminal.until("q quit").send("s");
    terminal.wait("a step on the disk", |_| super::steps(&path) == 1);
    let full = path.metadata().expect("there").len() + 10;
    limit(&terminal, Some(full));
    terminal.send("s").until("1 step not kept");
    terminal.send("s").until("2 steps not kept");
    // The mark stays, whatever else is done.
    terminal.send("?");
    assert!(terminal.settled().contents().contains("2 steps not kept"));
    terminal.send("\x1b");
    assert!(terminal.settled().contents().contains("2 steps not kept"));
    assert_eq!(super::steps(&path), 1, "what was acknowledged is there, and sound");
    terminal.send("q").until("2 steps are not kept").send("n").until_gone("Sure?");
    limit(&terminal, None);
    terminal.send("s").until("kept on the disk again").until_gone("not kept");
    assert_eq!(
        super::steps(&path),
        4,
        "all that was done is kept with the first step for which there is room"
    );
    // Full again, and left all the same.
    limit(&terminal, Some(path.metadata().expect("there").len()));
    terminal.send("s").until("1 step not kept").send("q").until("Leave kmslab").send("y");
    let (code, written) = terminal.end();
    assert_eq!(code, 0, "who was asked has answered");
    assert!(written.contains("\x1b[?1049l"), "the terminal is given back");
    let (code, said) = super::kmslab(folder.path(), &["play", "a3", "--plain"], "steps\n");
    assert!(code == 0 && said.contains("4. ") && !said.contains("\n5. "), "{said}");
}

#[test]
fn why_a_lab_is_not_kept_is_in_sight_on_a_narrow_screen() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("a-folder-with-a-long-name/and-another-one-in-it");
    std::fs::create_dir_all(state.parent().expect("it has one")).expect("made");
    std::fs::write(&state, "no folder").expect("written");
    let state = state.display().to_string();
    let mut terminal = Terminal::lab_in(&state, (80, 24), &["play", "a3"]);
    terminal.until("this lab is not kept: Not a directory").until("...");
    terminal.send("q");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn plain_mode_counts_what_is_not_kept_and_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("file");
    std::fs::write(&nowhere, "no folder").expect("written");
    let (code, said) = super::kmslab(&nowhere, &["play", "a3", "--plain"], "scan\nscan\n");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("this lab is not kept") && said.contains("2 steps are not kept: "), "{said}");
    // What was written before the disk was full is said to be kept.
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo scan; done | {} play a3 --plain --state {}",
        env!("CARGO_BIN_EXE_kmslab"),
        folder.path().join("state").display()
    );
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let kept = super::steps(&super::journal(&folder.path().join("state"), ID));
    assert!((1..16).contains(&kept), "{kept} kept: {said}");
    let lost = 16 - kept;
    let (what, verb) = if lost == 1 { ("step", "is") } else { ("steps", "are") };
    assert!(said.contains(&format!("{lost} {what} {verb} not kept: ")), "{kept} kept: {said}");
    assert!(said.contains("What was done before is kept."), "{said}");
    assert_eq!(output.status.code(), Some(1));
}
