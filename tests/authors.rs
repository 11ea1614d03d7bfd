//! What somebody does who writes a scenario: begin one, have it checked while they write, and play it.

mod program;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn kmslab(folder: &Path, arguments: &[&str]) -> Output {
    let mut command: Command = program::kmslab();
    program::run(command.current_dir(folder).args(arguments), "")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_new_scenario_is_sound_and_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, from) in
        [("x1-two-doors", None), ("x2-again", Some("a3")), ("x3-file", Some("./x2-again.json"))]
    {
        let mut arguments = vec!["new", name];
        arguments.extend(from.iter().flat_map(|from| ["--from", from]));
        let made = kmslab(folder.path(), &arguments);
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        let file = format!("{name}.json");
        let checked = kmslab(folder.path(), &["check", &file]);
        assert!(said(&checked).contains(&format!("{name}: sound")), "{}", said(&checked));
        let text = fs::read_to_string(folder.path().join(&file)).expect("the file");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["id"], name);
        assert_eq!(document["$schema"], "scenario.schema.json");
        let again = kmslab(folder.path(), &arguments);
        assert_eq!(again.status.code(), Some(2));
        assert!(said(&again).contains("is there already"), "{}", said(&again));
        assert_eq!(fs::read_to_string(folder.path().join(&file)).expect("the file"), text);
    }
    for (name, words) in [("../x4", "an id is 3 to 40"), ("X", "an id is 3 to 40"), ("a\"b", "x")] {
        let refused = kmslab(folder.path(), &["new", name]);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        assert!(!said(&refused).is_empty() && (words == "x" || said(&refused).contains(words)), "{name}");
    }
    let files = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(files, 3);
}

#[test]
fn the_schema_is_that_of_the_papers() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = kmslab(folder.path(), &["schema"]);
    let printed: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(printed["properties"]["tasks"]["type"], "array");
    assert!(printed["$defs"]["Check"]["oneOf"].as_array().is_some_and(|kinds| kinds.len() >= 12));
}

/// A save is checked at once, and what is typed next is said to the new lab.
#[test]
fn a_save_is_checked_and_played() {
    let folder = tempfile::tempdir().expect("a folder");
    kmslab(folder.path(), &["new", "x1-two-doors"]);
    let file = folder.path().join("x1-two-doors.json");
    let text = fs::read_to_string(&file).expect("the file");
    let mut dev = program::kmslab();
    dev.current_dir(folder.path()).args(["dev", "x1-two-doors.json"]);
    let mut dev =
        dev.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut input = dev.stdin.take().expect("its input");
    let mut checks = BufReader::new(dev.stderr.take().expect("its checks"));
    let mut next = || {
        let mut line = String::new();
        checks.read_line(&mut line).expect("a line");
        line
    };
    assert_eq!(next().trim_end(), "x1-two-doors: sound");
    // What `check` warns of comes with it.
    let mut line = next();
    while line.contains("warning") {
        if line.contains("no feedback") || line.contains("one hint") {
            break;
        }
        line = next();
    }
    writeln!(input, "who").expect("a line");
    fs::write(
        &file,
        text.replace("\"the door code is 4711\"", "\"the door code is 4712\"")
            .replace("kms:Decrypt", "kms:Decript"),
    )
    .expect("it is saved");
    let mut line = next();
    while line.contains("warning") {
        line = next();
    }
    assert!(line.contains("did you mean `kms:Decrypt`") || line.contains("Decript"), "{line}");
    fs::write(&file, text.replace("4711", "4713")).expect("it is saved");
    loop {
        let line = next();
        if line.trim_end() == "x1-two-doors: sound" {
            break;
        }
        assert!(!line.is_empty(), "it never says that the last save is sound");
    }
    // The lab that was open noticed the save at the next line, and the new one takes it.
    for line in ["", "as kim", "", "scan", "quit", "quit"] {
        writeln!(input, "{line}").expect("a line");
    }
    drop(input);
    let mut told = String::new();
    dev.stdout.take().expect("its words").read_to_string(&mut told).expect("text");
    dev.wait().expect("it ends");
    assert!(told.contains("this is its lab from the start"), "{told}");
}
