//! The person's own editor, and a kmslab that is killed while the editor has a text open.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kmslab::lab::{Draft, LearnerSession};
use rustix::process::{Signal, kill_process};

use super::terminal::{PATIENCE, Terminal};

const ID: &str = "a3-key-policy-door";

/// What stands in the folder of labs, by name.
fn files(state: &Path) -> Vec<String> {
    let found = std::fs::read_dir(state.join("labs")).expect("there");
    let mut names: Vec<String> =
        found.map(|file| file.expect("read").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// An editor that does something with the file, then waits until it is told that it may end.
fn editor(folder: &Path, does: &str) -> PathBuf {
    let path = folder.join("editor");
    let script = format!(
        "#!/bin/sh\nprintf '%s' \"$1\" >'{0}/opened'\n{does}\n: >'{0}/done'\n\
         while ! [ -e '{0}/end' ]; do sleep 0.05; done\n",
        folder.display()
    );
    std::fs::write(&path, script).expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&path, mode).expect("set");
    path
}

/// Opens the editor in a lab that is kept, and waits until the editor has done what it does.
fn opened(folder: &Path, state: &Path, does: &str) -> Terminal {
    let script = format!(
        "EDITOR={} VISUAL= exec {} play a3 --state {}",
        editor(folder, does).display(),
        env!("CARGO_BIN_EXE_kmslab"),
        state.display()
    );
    let mut terminal = Terminal::start((120, 40), "sh", &["-c", &script]);
    terminal.until("q quit").send("E");
    for turn in 0.. {
        if folder.join("done").exists() {
            return terminal;
        }
        assert!(turn < PATIENCE.as_millis() / 10, "the editor is started");
        std::thread::sleep(Duration::from_millis(10));
    }
    terminal
}

/// Opens the lab again after kmslab was killed while its editor did that. Returns the draft, what is said, and what then
/// stands beside the journal.
fn killed(does: &str) -> (String, String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let terminal = opened(folder.path(), &state, does);
    let path = PathBuf::from(std::fs::read_to_string(folder.path().join("opened")).expect("it was opened"));
    assert_eq!(path, super::journal(&state, ID).with_extension("journal.editing.json"));
    kill_process(terminal.pid(), Signal::KILL).expect("the signal is sent");
    let mut terminal = terminal;
    terminal.child.wait().expect("it ends");
    std::fs::write(folder.path().join("end"), "").expect("written");
    let (session, notice) = LearnerSession::open("a3", None, Some(&state)).expect("it opens");
    let draft = session.lab().draft().map(|draft| Draft::text(draft).to_owned()).unwrap_or_default();
    let names = files(&state);
    (draft, notice.map(|notice| notice.words).unwrap_or_default(), names)
}

#[test]
fn a_text_that_the_editor_had_saved_is_the_draft_after_a_kill() {
    let (draft, words, files) = killed("echo '{\"mine\": 1}' >\"$1\"");
    assert_eq!(draft, "{\"mine\": 1}");
    assert_eq!(words, "what your editor had open when kmslab was killed is the draft now");
    assert!(files.iter().all(|name| !name.contains("editing")), "{files:?}");
}

#[test]
fn a_text_that_was_not_saved_leaves_nothing_behind() {
    let (draft, words, files) = killed(":");
    assert!(draft.contains("Statement"), "{draft}");
    assert_eq!(words, "");
    assert!(files.iter().all(|name| !name.contains("editing")), "{files:?}");
}

#[test]
fn a_text_that_cannot_be_read_is_moved_aside_and_told() {
    let (_, words, files) = killed("printf '\\377' >\"$1\"");
    assert!(words.contains("cannot be read (not UTF-8 text, from byte 0 on); it is in "), "{words}");
    assert!(files.contains(&format!("{ID}.journal.editing.json.1")), "{files:?}");
    assert!(!files.contains(&format!("{ID}.journal.editing")), "{files:?}");
}

#[test]
fn an_editor_that_ends_leaves_its_text_and_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let mut terminal = opened(folder.path(), &state, "echo '{\"mine\": 1}' >\"$1\"");
    // A second kmslab looks only, and takes nothing away.
    let before = files(&state);
    assert!(before.contains(&format!("{ID}.journal.editing.json")), "{before:?}");
    let (_, notice) = LearnerSession::open("a3", None, Some(&state)).expect("it opens");
    assert!(notice.is_some_and(|notice| notice.words.contains("another kmslab has this lab open")));
    assert_eq!(files(&state), before);
    std::fs::write(folder.path().join("end"), "").expect("written");
    terminal.until("the external editor's text is the draft now").until("\"mine\": 1");
    assert!(files(&state).iter().all(|name| !name.contains("editing")), "{:?}", files(&state));
    terminal.send("\x03").send("y");
    assert_eq!(terminal.end().0, 0);
}
