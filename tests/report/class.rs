//! A class of ten that hands in, two of them forged, and what else may lie in such a folder.

use std::path::Path;

use kmslab::cli::Exit;
use kmslab::report::{Finding, Row, csv, grade};
use kmslab::scenario::Sureness;

use super::play::{Place, RIGHT, Way, a3};

/// What each of ten learners does.
fn learners() -> Vec<(&'static str, Way)> {
    vec![
        ("01-ada.html", RIGHT),
        ("02-ben.md", Way { hints: 2, ..RIGHT }),
        ("03-cai.html", Way { answer: Some(0), sure: Some(Sureness::Certain), ..RIGHT }),
        ("04-dee.html", Way { solves: false, ..RIGHT }),
        ("05-eli.md", Way { helped: true, words: "=cmd|' /C calc'!A0", ..RIGHT }),
        ("06-fay.html", Way { looks_first: false, ..RIGHT }),
        ("07-gus.lab", Way { hints: 1, ..RIGHT }),
        ("08-hal.html", Way { hints: 3, ..RIGHT }),
        ("09-ivy.html", Way { sure: None, ..RIGHT }),
        ("10-joy.md", Way { answer: None, solves: false, looks_first: true, ..RIGHT }),
    ]
}

/// Whether somebody hands in an export.
fn is_export(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| ending == "lab")
}

/// Puts what the class hands in into a folder.
fn hand_in(class: &Path) {
    for (file, way) in learners() {
        let place = Place::new();
        place.play("a3", |session| a3(session, way));
        let name = file.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        let name = name.split('.').next().expect("a name");
        let made = if is_export(file) {
            let made = place.file(file);
            let (exit, said) = place.run(&["export", "a3", made.to_str().expect("UTF-8")]);
            assert_eq!(exit, Exit::Done, "{said}");
            made
        } else {
            place.report("a3", file, &["--name", name])
        };
        std::fs::copy(made, class.join(file)).expect("handed in");
    }
}

/// Forges two of them: one by hand, one by somebody who takes the report of another.
fn forge(class: &Path) {
    let hal = class.join("08-hal.html");
    let text = std::fs::read_to_string(&hal).expect("a text");
    assert!(text.contains("3 hints were asked for"));
    std::fs::write(&hal, text.replace("3 hints were asked for", "No hint was asked for")).expect("forged");
    let ivy = std::fs::read_to_string(class.join("01-ada.html")).expect("a text");
    std::fs::write(class.join("09-ivy.html"), ivy.replace(">ada<", ">ivy<")).expect("forged");
}

fn of<'r>(rows: &'r [Row], file: &str) -> &'r Row {
    rows.iter().find(|row| row.file == file).unwrap_or_else(|| panic!("{file} has no row"))
}

#[test]
fn ten_hand_ins_of_which_two_are_forged_are_graded_right() {
    let class = tempfile::tempdir().expect("a folder");
    hand_in(class.path());
    forge(class.path());
    let rows = grade(class.path(), None).expect("it is a folder");
    assert_eq!(rows.len(), 10);
    for (file, way) in learners() {
        let row = of(&rows, file);
        if ["08-hal.html", "09-ivy.html"].contains(&file) {
            assert_eq!(row.finding, Finding::Forged, "{row:?}");
            assert!(row.shown.is_none() && row.note.contains("checksum"), "{row:?}");
            continue;
        }
        assert_eq!(row.finding, Finding::Genuine, "{row:?}");
        let shown = row.shown.as_ref().expect("it shows something");
        assert_eq!(shown.scenario, "a3-key-policy-door");
        assert_eq!((shown.tasks_done, shown.tasks), (usize::from(way.solves), 1), "{file}");
        let right = usize::from(way.answer == Some(1) && way.solves);
        assert_eq!(
            (shown.guesses_right, shown.guesses),
            (right, usize::from(way.answer.is_some())),
            "{file}"
        );
        let certain = way.answer == Some(0) && way.sure == Some(Sureness::Certain);
        assert_eq!(shown.certain_but_wrong, usize::from(certain), "{file}");
        assert_eq!((shown.hints, shown.help), (way.hints, [0, usize::from(way.helped), 0]), "{file}");
        assert_eq!(row.name.is_some(), !is_export(file), "{file}");
    }
    // Neither the mended checksum helps.
    let table = csv(&rows);
    assert_eq!(table.lines().count(), 11);
    assert!(table.contains("\"'=cmd|' /C calc'!A0\""), "no formula: {table}");
    assert_eq!(table.matches("NOT GENUINE").count(), 2);
}

#[test]
fn the_command_writes_both_tables_and_says_how_it_went() {
    let class = tempfile::tempdir().expect("a folder");
    hand_in(class.path());
    let place = Place::new();
    let (csv, md) = (place.file("class.csv"), place.file("class.md"));
    let run =
        |options: &[&str]| place.run(&[&["grade", class.path().to_str().expect("UTF-8")], options].concat());
    let (exit, said) = run(&["--csv", csv.to_str().expect("UTF-8"), "--md", md.to_str().expect("UTF-8")]);
    assert_eq!((exit, said.as_str()), (Exit::Done, "10 files, 10 genuine\n"));
    let page = std::fs::read_to_string(&md).expect("a page");
    assert!(
        page.contains("| 02-ben.md | genuine | ben | a3-key-policy-door | 1 of 1 | 1 of 1 | 2 | 0 |"),
        "{page}"
    );
    assert!(page.contains("- eli, a3-key-policy-door: =cmd"), "{page}");
    assert_eq!(std::fs::read_to_string(&csv).expect("a table").lines().count(), 11);
    forge(class.path());
    let (exit, said) = run(&[]);
    assert_eq!(exit, Exit::Failed);
    assert!(said.contains("10 files, 8 genuine, 2 NOT GENUINE"), "{said}");
    let (exit, said) = place.run(&["grade", "/no/such/folder"]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("cannot be read as a folder"), "{said}");
}

#[test]
fn the_same_steps_under_two_names_are_said_and_nothing_else_is() {
    let class = tempfile::tempdir().expect("a folder");
    for (file, name, hints) in [("a.html", "ann", 1), ("b.md", "bob", 1), ("c.html", "cat", 2)] {
        let place = Place::new();
        place.play("a3", |session| a3(session, Way { hints, ..RIGHT }));
        std::fs::copy(place.report("a3", file, &["--name", name]), class.path().join(file))
            .expect("handed in");
    }
    let rows = grade(class.path(), None).expect("it is a folder");
    let same = |file: &str| of(&rows, file).shown.as_ref().expect("genuine").same_as.clone();
    assert_eq!(same("a.html"), ["b.md"]);
    assert_eq!(same("b.md"), ["a.html"]);
    assert!(same("c.html").is_empty());
    assert!(kmslab::report::class_page(&rows).contains("the same steps as a.html"));
}

#[cfg(unix)]
#[test]
fn what_is_no_hand_in_is_said_and_never_followed() {
    let class = tempfile::tempdir().expect("a folder");
    let elsewhere = Place::new();
    elsewhere.play("a3", |session| a3(session, RIGHT));
    let genuine = elsewhere.report("a3", "x.html", &[]);
    std::os::unix::fs::symlink(&genuine, class.path().join("link.html")).expect("linked");
    std::os::unix::fs::symlink("/dev/zero", class.path().join("zero.html")).expect("linked");
    std::fs::create_dir(class.path().join("folder")).expect("made");
    let pipe = class.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let huge = std::fs::File::create(class.path().join("huge.html")).expect("made");
    huge.set_len(kmslab::limits::report::FILE.most + 1).expect("as long as that");
    std::fs::write(class.path().join("note.txt"), "see you on Monday").expect("written");
    std::fs::write(class.path().join("=cmd\n@x.html"), "x").expect("written");
    std::fs::copy(&genuine, class.path().join("zz.html")).expect("handed in");
    let rows = grade(class.path(), None).expect("it is a folder");
    assert_eq!(rows.len(), 8);
    for (file, says) in [
        ("link.html", "not a regular file"),
        ("zero.html", "not a regular file"),
        ("folder", "not a regular file"),
        ("pipe", "not a regular file"),
        ("huge.html", "the limit `report-file`"),
        ("note.txt", "no report of kmslab"),
        ("=cmd\u{fffd}@x.html", "no report of kmslab"),
    ] {
        let row = of(&rows, file);
        assert_eq!(row.finding, Finding::NotRead, "{row:?}");
        assert!(row.note.contains(says), "{row:?}");
    }
    assert_eq!(of(&rows, "zz.html").finding, Finding::Genuine);
    let table = csv(&rows);
    assert_eq!(table.matches("\r\n").count(), 9, "a name forges no line");
    for line in table.lines().skip(1) {
        assert!(!line.starts_with("\"=") && !line.contains(",\"="), "{line}");
    }
}

#[test]
fn a_cell_is_never_a_formula() {
    let cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "\u{ff1d}1", "|x", "%x", " =1", "a\",=1"];
    for cell in cells {
        let row = Row {
            file: cell.to_owned(),
            name: Some(cell.to_owned()),
            finding: Finding::NotRead,
            shown: None,
            note: cell.to_owned(),
        };
        let table = csv(&[row]);
        let line = table.lines().nth(1).expect("a row");
        for field in line.trim_matches('"').split("\",\"") {
            assert!(
                !field.starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%', '\u{ff1d}']),
                "{cell:?}: {field:?}"
            );
        }
    }
}
