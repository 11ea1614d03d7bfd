//! What kmslab 0.1.0 wrote is refused with words and left alone. Its settings are read: the tests of `tui::settings` do.

mod program;

use std::path::{Path, PathBuf};

const ID: &str = "a3-key-policy-door";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kmslab-0.1.0").join(name)
}

/// Runs kmslab with the state in a folder. Returns all that it prints.
fn kmslab(state: &Path, arguments: &[&str]) -> String {
    let output = program::run(program::kmslab().args(arguments).arg("--state").arg(state), "steps\nquit\n");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_journal_is_refused_with_words_and_left_alone() {
    let state = tempfile::tempdir().expect("a folder");
    let path = state.path().join("labs").join(format!("{ID}.journal"));
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let whole = std::fs::read(sample("a3-key-policy-door.journal")).expect("there");
    // With its last line torn, too: what is not read is not cut either.
    for bytes in [&whole[..], &whole[..whole.len() - 7]] {
        std::fs::write(&path, bytes).expect("written");
        let said = kmslab(state.path(), &["play", "a3", "--plain"]);
        for words in [
            "this lab is not kept",
            "a3-key-policy-door.journal: kmslab 0.1.0 wrote this in format 1",
            "the file is left as it is",
            "move the file away to start again",
        ] {
            assert!(said.contains(words), "{words:?} is not in {said}");
        }
        assert!(!said.contains("continued where you left") && !said.contains("ListKeys"), "{said}");
        assert_eq!(std::fs::read(&path).expect("there"), bytes, "the file is as it was");
        let there: Vec<_> = std::fs::read_dir(state.path().join("labs")).expect("there").collect();
        assert_eq!(there.len(), 1, "nothing is made beside it: {there:?}");
    }
    let said = kmslab(state.path(), &["list"]);
    assert!(said.contains("a3"), "the list is shown: {said}");
}

#[test]
fn an_export_is_refused_with_words_and_nothing_written() {
    let state = tempfile::tempdir().expect("a folder");
    let file = sample("a3.lab");
    let said = kmslab(state.path(), &["import", file.to_str().expect("text")]);
    assert!(said.contains("a3.lab: kmslab 0.1.0 wrote this in format 1"), "{said}");
    assert!(said.contains("Go on with the kmslab that wrote it"), "{said}");
    assert!(!state.path().join("labs").exists(), "nothing is written");
}
