//! Journals written, cut, changed and read back.

use std::path::PathBuf;

use serde_json::json;

use super::read::checksum;
use super::*;
use crate::cloud::Call;
use crate::lab::Lab;

fn entries() -> Vec<Entry> {
    let answer = Entry::Predict { prediction: "p1".to_owned(), choose: 1 };
    vec![Entry::Act("kim".to_owned()), Entry::Wait(300), answer, Entry::Hint, Entry::Reset]
}

fn written() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state/a3.journal");
    let mut opened = Journal::open(&path).expect("new");
    assert!(opened.entries.is_empty());
    for entry in entries() {
        opened.journal.append(&[entry]).expect("written");
    }
    (folder, path)
}

#[test]
fn a_note_tells_answers_and_kinds_of_errors_apart_but_not_their_words() {
    let lab = Lab::open(crate::scenario::find("a3").expect("there"), Some("root")).expect("it opens");
    let mut world = lab.world().clone();
    let mut note = |operation, input| {
        let call = Call::decode("kms", operation, input).expect("a request");
        OutcomeNote::of(&world.call(&lab.personas()[lab.acting()].caller, call))
    };
    let mut key = |id: &str| note("DescribeKey", json!({"KeyId": id}));
    assert_eq!(key("alias/dynamodb-encryption-key"), key("alias/dynamodb-encryption-key"));
    assert_eq!(key("alias/one"), key("alias/two"), "two errors of one kind, each naming its alias");
    assert_ne!(key("alias/one"), key(""), "two kinds of errors");
    let mut random = || note("GenerateRandom", json!({"NumberOfBytes": 32}));
    assert_ne!(random(), random(), "two answers");
}

#[test]
fn what_was_written_is_read_back_and_goes_on() {
    let (_folder, path) = written();
    let mut opened = Journal::open(&path).expect("again");
    assert_eq!((opened.entries.clone(), opened.cut.clone()), (entries(), None));
    opened.journal.append(&[Entry::Hint]).expect("written");
    assert!(matches!(Journal::open(&path), Err(JournalError::InUse { .. })), "one writer at a time");
    assert_eq!(Journal::peek(&path).expect("looking is allowed").len(), entries().len() + 1);
    drop(opened);
    assert_eq!(Journal::open(&path).expect("again").entries.len(), entries().len() + 1);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = written();
    let mode = std::fs::metadata(path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_cut_anywhere_keeps_every_whole_line() {
    let (_folder, path) = written();
    let bytes = std::fs::read(&path).expect("there");
    for length in 0..bytes.len() {
        std::fs::write(&path, &bytes[..length]).expect("cut");
        let opened = Journal::open(&path).expect("cut files open");
        let whole = bytes[..length].split_inclusive(|b| *b == b'\n').filter(|l| l.ends_with(b"\n")).count();
        assert_eq!(opened.entries, entries()[..whole], "cut at {length}");
        let kept = std::fs::read(&path).expect("there").len();
        assert_eq!(opened.cut.is_some(), kept < length);
        if let Some(cut) = opened.cut {
            assert_eq!(std::fs::read(&cut).expect("there"), [&bytes[kept..length], b"\n"].concat());
            std::fs::remove_file(cut).expect("removed");
        }
    }
}

#[test]
fn a_changed_line_is_refused_and_the_file_left_alone() {
    let (_folder, path) = written();
    let bytes = std::fs::read(&path).expect("there");
    let last_line = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').expect("lines");
    for at in 0..last_line {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, &damaged).expect("damaged");
        let error = Journal::open(&path).expect_err("damage is found");
        assert!(matches!(error, JournalError::Damaged { .. }), "byte {at}: {error}");
        assert_eq!(std::fs::read(&path).expect("there"), damaged);
    }
}

#[test]
fn lines_cannot_be_taken_out_or_swapped() {
    let (_folder, path) = written();
    let text = std::fs::read_to_string(&path).expect("there");
    let lines: Vec<_> = text.lines().collect();
    for (a, b) in [(0, 1), (1, 2), (0, 3)] {
        let mut swapped = lines.clone();
        swapped.swap(a, b);
        std::fs::write(&path, swapped.join("\n") + "\n").expect("swapped");
        assert!(Journal::open(&path).is_err(), "{a} and {b}");
    }
    std::fs::write(&path, lines[1..].join("\n") + "\n").expect("cut at the front");
    assert!(Journal::open(&path).is_err());
}

#[test]
fn a_torn_end_is_cut_off_and_kept_beside() {
    let (_folder, path) = written();
    let bytes = std::fs::read(&path).expect("there");
    let ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    // The end of the file reached the disk, and some sector before it did not.
    for lost in 1..=3 {
        let sound = ends[ends.len() - 1 - lost] + 1;
        let mut torn = bytes.clone();
        for byte in &mut torn[sound..bytes.len() - 1] {
            *byte = 0;
        }
        std::fs::write(&path, &torn).expect("torn");
        let opened = Journal::open(&path).expect("a torn end is cut off");
        assert_eq!(opened.entries, entries()[..entries().len() - lost]);
        assert_eq!(std::fs::read(&path).expect("there"), bytes[..sound]);
        let cut = opened.cut.expect("it is said");
        assert_eq!(cut.extension().and_then(|e| e.to_str()), Some("cut"));
        assert_eq!(std::fs::read(&cut).expect("there"), [&torn[sound..], b"\n"].concat());
        std::fs::remove_file(cut).expect("removed");
        drop(opened.journal);
        std::fs::write(&path, &bytes).expect("whole again");
    }
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hosts.journal");
    for text in ["127.0.0.1 localhost", "{}", "\0\0\0", "0123456789abcdef:{}\n", "\n"] {
        std::fs::write(&path, text).expect("written");
        assert!(matches!(Journal::open(&path), Err(JournalError::Damaged { line: 1, .. })), "{text:?}");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
    }
}

#[test]
fn what_a_newer_version_wrote_is_called_so_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a3.journal");
    let head = |format: u32, more: &str| {
        format!(r#"{{"head":{{"format":{format},"engine":"9.8.7","scenario":"a3","digest":"00"{more}}}}}"#)
    };
    let rows: [(&[&str], usize, &str); 5] = [
        (&[&head(FORMAT + 1, "")], 1, "kmslab 9.8.7, in format 3"),
        (&[&head(FORMAT + 1, r#","seal":"x""#), r#"{"other":1}"#], 1, "kmslab 9.8.7, in format 3"),
        (&[&head(FORMAT, ""), r#"{"wait":5}"#, r#"{"juggle":{"balls":3}}"#], 3, "juggle"),
        (&[&head(FORMAT, ""), r#""juggle""#, r#""hint""#], 2, "juggle"),
        (&[&head(FORMAT, ""), r#"{"wait":"a while"}"#], 2, "a while"),
    ];
    for (lines, at, word) in rows {
        let mut last = [0; 8];
        let mut text = String::new();
        for line in lines {
            last = checksum(last, line.as_bytes());
            text.extend([&base16ct::lower::encode_string(&last), " ", line, "\n"]);
        }
        std::fs::write(&path, &text).expect("written");
        let error = Journal::open(&path).expect_err(word);
        assert!(matches!(error, JournalError::Newer { line, .. } if line == at), "{error}");
        let said = error.to_string();
        assert!(said.contains("a newer kmslab wrote this") && said.contains(word), "{said}");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
    }
}

#[test]
fn a_piece_that_reached_the_disk_in_part_is_cut_off_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a3.journal");
    let mut journal = Journal::open(&path).expect("new").journal;
    journal.append(&[Entry::Act("kim".to_owned())]).expect("written");
    let before = std::fs::read(&path).expect("there");
    // One piece of several sectors.
    let long = |n: usize| Entry::Act(format!("{n}{}", "x".repeat(300)));
    journal.append(&(0..8).map(long).collect::<Vec<_>>()).expect("written");
    drop(journal);
    let whole = std::fs::read(&path).expect("there");
    let sectors = (before.len() / 512 + 1)..=(whole.len() / 512);
    for lost in sectors {
        let mut torn = whole.clone();
        let end = torn.len().min((lost + 1) * 512);
        torn[lost * 512..end].fill(0);
        std::fs::write(&path, &torn).expect("torn");
        let opened = Journal::open(&path).unwrap_or_else(|e| panic!("sector {lost}: {e}"));
        let kept = std::fs::read(&path).expect("there");
        assert_eq!(kept, whole[..kept.len()], "sector {lost}");
        assert!(kept.len() >= before.len() && kept.len() <= lost * 512, "sector {lost}");
        let cut = opened.cut.expect("it is said");
        assert_eq!(std::fs::read(&cut).expect("there"), [&torn[kept.len()..], b"\n"].concat());
        std::fs::remove_file(cut).expect("removed");
    }
    // What stood before the piece was on the disk by then: that it is gone is damage.
    let mut damaged = whole.clone();
    damaged[before.len() - 5] ^= 1;
    std::fs::write(&path, &damaged).expect("damaged");
    assert!(matches!(Journal::open(&path), Err(JournalError::Damaged { line: 1, .. })));
    assert_eq!(std::fs::read(&path).expect("there"), damaged);
}

/// Puts something at a path.
#[cfg(unix)]
type Make<'m> = &'m dyn Fn(&std::path::Path);

#[cfg(unix)]
#[test]
fn links_and_special_files_are_never_followed_or_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let mine = folder.path().join("mine");
    std::fs::write(&mine, "no end of line").expect("written");
    let path = folder.path().join("a3.journal");
    let pipe = |path: &std::path::Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    };
    let rows: [(&str, Make<'_>); 4] = [
        ("a link", &|path| std::os::unix::fs::symlink(&mine, path).expect("linked")),
        ("a link to nothing", &|path| std::os::unix::fs::symlink("/nowhere/at/all", path).expect("linked")),
        ("a pipe", &pipe),
        ("a folder", &|path| std::fs::create_dir(path).expect("made")),
    ];
    for (what, make) in rows {
        make(&path);
        for error in [Journal::open(&path).expect_err(what), Journal::peek(&path).expect_err(what)] {
            assert!(error.to_string().contains("not a regular file"), "{what}: {error}");
        }
        assert_eq!(std::fs::read_to_string(&mine).expect("there"), "no end of line", "{what}");
        if what == "a folder" { std::fs::remove_dir(&path) } else { std::fs::remove_file(&path) }
            .expect(what);
    }
    // Nor where the cut end goes.
    let mut journal = Journal::open(&path).expect("new").journal;
    journal.append(&entries()).expect("written");
    drop(journal);
    let bytes = std::fs::read(&path).expect("there");
    std::fs::write(&path, &bytes[..bytes.len() - 5]).expect("torn");
    std::os::unix::fs::symlink(&mine, folder.path().join("a3.journal.cut")).expect("linked");
    assert!(Journal::open(&path).is_err());
    assert_eq!(
        std::fs::read(&path).expect("there").len(),
        bytes.len() - 5,
        "nothing is cut that cannot be kept"
    );
    assert_eq!(std::fs::read_to_string(&mine).expect("there"), "no end of line");
}

#[cfg(unix)]
#[test]
fn folders_of_labs_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = written();
    for place in [path.parent().expect("a folder"), &folder.path().join("state")] {
        let mode = std::fs::metadata(place).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", place.display());
    }
}

#[test]
fn who_holds_a_journal_is_said() {
    let (_folder, path) = written();
    let held = Journal::open(&path).expect("again");
    let error = Journal::open(&path).expect_err("held");
    let JournalError::InUse { holder: Some(holder), .. } = &error else { panic!("{error}") };
    assert_eq!(holder.process, std::process::id());
    assert!(error.to_string().contains(&format!("(process {}, for ", std::process::id())), "{error}");
    drop(held);
    assert!(!super::super::disk::beside(&path, "held").exists(), "the note goes with its journal");
}
