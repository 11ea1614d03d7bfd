//! A second instance, a scenario of one's own, a damaged journal, and a list that is quick.

use std::path::Path;

use kmslab::lab::{LearnerSession, saves};

use super::{journal, kmslab, steps};

const ID: &str = "a3-key-policy-door";

#[test]
fn a_second_instance_says_who_holds_the_lab_looks_and_takes_a_copy() {
    let state = tempfile::tempdir().expect("a folder");
    let (mut first, _) = LearnerSession::open("a3", None, Some(state.path())).expect("it opens");
    first.lab_mut().ask().expect("a call is watched");
    first.keep(true);
    let (code, said) = kmslab(state.path(), &["play", "a3", "--plain"], "steps\nscan\n");
    let holder = format!("another kmslab has this lab open (process {}, for ", std::process::id());
    assert!(said.contains(&holder) && said.contains("`copy` takes a copy"), "{said}");
    assert!(said.contains("1. "), "what the first has done is shown: {said}");
    assert!(said.contains("1 step is not kept") && code == 1, "{code}: {said}");
    let (code, said) = kmslab(state.path(), &["play", "a3", "--plain"], "scan\ncopy\nscan\n");
    assert!(code == 0 && said.contains("This copy is kept in ") && said.contains("Kept."), "{code}: {said}");
    let copy = state.path().join("labs/copies").join(format!("{ID}.1.journal"));
    assert_eq!(
        (steps(&copy), steps(&journal(state.path(), ID))),
        (3, 1),
        "with what was done before it was taken"
    );
    drop(first);
    let (code, said) = kmslab(state.path(), &["import", copy.to_str().expect("text")], "");
    assert_eq!(code, 0, "{said}");
    assert_eq!(steps(&journal(state.path(), ID)), 3);
    assert_eq!(steps(&journal(state.path(), ID).with_extension("journal.old1")), 1);
}

/// A scenario of one's own: one of the program's with changes.
fn own(path: &Path, changes: &[(&str, &str)]) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut text = std::fs::read_to_string(format!("{folder}/{ID}.json")).expect("there");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(path, text).expect("written");
}

#[test]
fn a_scenario_of_ones_own_is_kept_by_what_decides_in_it_and_carried() {
    let folder = tempfile::tempdir().expect("a folder");
    let (state, there) = (folder.path().join("state"), folder.path().join("there"));
    let file = folder.path().join("mine.json");
    let file_name = file.to_str().expect("text");
    let id = [("\"id\": \"a3-key-policy-door\"", "\"id\": \"mine-own\"")];
    own(&file, &id);
    let play = |state: &Path, input: &str| kmslab(state, &["play", file_name, "--plain"], input);
    let (code, said) = play(&state, "scan\nscan\n");
    assert!(code == 0 && said.contains("Kept."), "{said}");
    let (_, said) = play(&state, "steps\n");
    assert!(said.contains("continued where you left") && said.contains("2. "), "{said}");
    // Another word changes nothing, whatever the file is called.
    own(&file, &[id[0], ("\"title\": \"", "\"title\": \"My ")]);
    let (_, said) = play(&state, "steps\n");
    assert!(said.contains("continued where you left") && said.contains("2. "), "{said}");
    // Another seed is another lab; what was done before is said to be kept, and found again.
    own(&file, &[id[0], ("\"seed\": ", "\"seed\": 1")]);
    let (_, said) = play(&state, "scan\n");
    assert!(
        said.contains("this scenario has changed; what was done before is kept in ")
            && said.contains("mine-own."),
        "{said}"
    );
    own(&file, &id);
    let (_, said) = play(&state, "steps\n");
    assert!(said.contains("continued where you left") && said.contains("2. "), "{said}");
    let export = folder.path().join("mine.lab");
    let export = export.to_str().expect("text");
    let (code, said) = kmslab(&state, &["export", file_name, export], "");
    assert_eq!(code, 0, "{said}");
    let (code, said) = kmslab(&there, &["import", export], "");
    assert!(code == 2 && said.contains("--scenario FILE"), "{said}");
    let (code, said) = kmslab(&there, &["import", export, "--scenario", file_name], "");
    assert!(code == 0 && said.contains("goes on with it"), "{said}");
    let (_, said) = play(&there, "steps\n");
    assert!(said.contains("2. "), "{said}");
}

#[test]
fn what_is_sound_of_a_damaged_journal_is_recovered() {
    let state = tempfile::tempdir().expect("a folder");
    kmslab(state.path(), &["play", "a3", "--plain"], "scan\nscan\nscan\nscan\n");
    let path = journal(state.path(), ID);
    let (code, said) = kmslab(state.path(), &["recover", "a3"], "");
    assert!(code == 2 && said.contains("is sound: there is nothing to recover"), "{said}");
    let mut bytes = std::fs::read(&path).expect("there");
    let lines: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    bytes[lines[2] + 30] ^= 1;
    std::fs::write(&path, &bytes).expect("damaged");
    let (_, said) = kmslab(state.path(), &["play", "a3", "--plain"], "");
    assert!(said.contains("`kmslab recover` keeps what stands before it"), "{said}");
    let (code, said) = kmslab(state.path(), &["recover", "a3"], "");
    assert!(code == 0 && said.contains("3 entries are saved") && said.contains("2 lines are lost"), "{said}");
    assert_eq!(steps(&path), 2);
    assert_eq!(
        std::fs::read(path.with_extension("journal.old1")).expect("there"),
        bytes,
        "the damaged one is kept whole"
    );
    let (_, said) = kmslab(state.path(), &["play", "a3", "--plain"], "steps\n");
    assert!(said.contains("continued where you left") && said.contains("2. "), "{said}");
    std::fs::write(&path, "nothing of a journal\n").expect("written");
    let (code, said) = kmslab(state.path(), &["recover", "a3"], "");
    assert!(code == 2 && said.contains("nothing of ") && said.contains("Move it away"), "{said}");
}

#[test]
fn how_far_a_scenario_is_is_remembered_and_never_believed_of_another_journal() {
    let state = tempfile::tempdir().expect("a folder");
    let path = journal(state.path(), ID);
    let note = path.with_extension("journal.progress");
    let progress = || saves::progress(state.path(), ID);
    assert_eq!(progress(), None);
    kmslab(state.path(), &["play", "a3", "--plain"], "scan\n");
    let whole = std::fs::read_to_string(&note).expect("it is noted when the lab is left");
    let known = progress().expect("it was played");
    // What is noted is believed, so this shows where the answer comes from.
    let lied = |text: &str| {
        let said = text.trim_end().rsplit_once(' ').expect("a checksum").0;
        let (said, _) = said.rsplit_once(' ').expect("tasks");
        let (said, _) = said.rsplit_once(' ').expect("tasks done");
        let said = format!("{said} 7 9");
        let sum =
            sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &said));
        format!("{said} {}\n", base16ct::lower::encode_string(&sum[..8]))
    };
    std::fs::write(&note, lied(&whole)).expect("written");
    assert_eq!(progress(), Some((7, 9)));
    // A note that is damaged, or of a journal that has grown or was changed, is not believed.
    for damaged in [whole.replace('1', "2"), String::new(), "kmslab-progress 1".to_owned(), whole.repeat(9)] {
        std::fs::write(&note, damaged).expect("written");
        assert_eq!(progress(), Some(known));
        assert_eq!(std::fs::read_to_string(&note).expect("there"), whole, "it is noted again");
    }
    std::fs::write(&note, lied(&whole)).expect("written");
    kmslab(state.path(), &["play", "a3", "--plain"], "scan\n");
    assert_eq!(progress(), Some(known));
    let bytes = std::fs::read(&path).expect("there");
    std::fs::write(&note, lied(&std::fs::read_to_string(&note).expect("there"))).expect("written");
    assert_eq!(progress(), Some((7, 9)));
    std::fs::write(&path, &bytes[..bytes.len() - 3]).expect("cut");
    assert_eq!(progress(), Some(known), "a torn journal tells what is whole of it");
}

#[test]
fn doing_a_journal_again_grows_with_its_entries_not_with_entries_times_people() {
    let work = |users: usize| {
        let state = tempfile::tempdir().expect("a folder");
        let line = |n: usize| format!("aws iam create-user --user-name u{n}\n");
        let (code, said) = kmslab(
            state.path(),
            &["play", "free-sample", "--plain"],
            &(0..users).map(line).collect::<String>(),
        );
        assert_eq!(code, 0, "{said}");
        let entries = kmslab::lab::Journal::peek(&journal(state.path(), "free-sample")).expect("sound");
        let scenario = kmslab::scenario::find("free-sample").expect("there");
        let mut lab = kmslab::lab::Lab::open(scenario, None).expect("it opens");
        let mut differences = Vec::new();
        // Memory asked for stands for work: it is the same on every machine.
        let asked = allocation_counter::measure(|| differences = lab.replay(entries).expect("it replays"));
        assert!(differences.is_empty());
        assert!(lab.personas().len() >= users, "everybody who was made can be taken on");
        asked.count_total
    };
    let [few, many] = [work(10), work(40)];
    assert!(few > 0 && many < 6 * few, "four times the entries ask for memory {many} times instead of {few}");
}
