//! The folders of labs are for their owner, whoever made them, and no folder of somebody else is changed.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::program;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

/// Makes a folder that lets everybody in, as older versions made theirs.
fn open_folder(path: &Path) {
    std::fs::create_dir_all(path).expect("made");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("set");
}

fn play(state: Option<&Path>, home: &Path) {
    let mut command = program::kmslab();
    command.args(["play", "a3", "--plain"]).env("XDG_STATE_HOME", home).env("HOME", home);
    if let Some(state) = state {
        command.arg("--state").arg(state);
    }
    let output = program::run(&mut command, "scan\n");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Kept."), "{said}");
}

#[test]
fn folders_of_labs_that_let_others_in_are_closed_and_others_stay_as_they_are() {
    let home = tempfile::tempdir().expect("a folder");
    let here = |name: &str| home.path().join(name);
    // The folder that a person names stays as it is, whatever it is called; what is made in it is the lab's.
    for named in ["named", "kmslab"] {
        let state = here("elsewhere").join(named);
        let labs = state.join("labs");
        open_folder(&state);
        open_folder(&labs);
        play(Some(&state), home.path());
        assert_eq!((mode(&state), mode(&labs)), (0o755, 0o700), "{named}");
    }
    // The default one is the lab's, but not the one that it is made in.
    open_folder(&here("base"));
    open_folder(&here("base/kmslab"));
    open_folder(&here("base/kmslab/labs"));
    play(None, &here("base"));
    let modes = ["base", "base/kmslab", "base/kmslab/labs"].map(|name| mode(&here(name)));
    assert_eq!(modes, [0o755, 0o700, 0o700]);
    // A folder that only a link leads to may be there for others, too.
    open_folder(&here("shared"));
    open_folder(&here("linked"));
    std::os::unix::fs::symlink(here("shared"), here("linked/labs")).expect("linked");
    play(Some(&here("linked")), home.path());
    assert_eq!(mode(&here("shared")), 0o755);
    assert_eq!(mode(&here("shared/a3-key-policy-door.journal")), 0o600);
}

#[test]
fn labs_of_a_persons_own_scenarios_are_closed_to_others_too() {
    let state = tempfile::tempdir().expect("a folder");
    let own = state.path().join("labs/own");
    open_folder(&own);
    let (code, said) =
        super::kmslab(state.path(), &["play", "scenarios/a3-key-policy-door.json", "--plain"], "scan\n");
    assert!(code == 0 && said.contains("Kept."), "{code}: {said}");
    assert_eq!((mode(&own), mode(&state.path().join("labs"))), (0o700, 0o700));
}
