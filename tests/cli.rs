//! The real program, from outside: what it prints, and its exit codes.

mod program;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn kmslab(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmslab"));
    command.args(arguments).stdin(Stdio::null()).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

/// A file in the tests' own folder.
fn file(name: &str, contents: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, contents).expect("the folder can be written");
    path.to_str().expect("the path is UTF-8").to_owned()
}

fn a3() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/a3-key-policy-door.json"))
        .expect("a3")
}

/// A run of a command from outside.
struct Run {
    arguments: &'static [&'static str],
    /// What it reads from standard input.
    reads: &'static str,
    exit: i32,
    /// What stands somewhere in its output or among its errors.
    says: &'static str,
}

/// At least one run of each command.
const RUNS: [Run; 25] = [
    Run { arguments: &["play", "a2", "--plain"], reads: "who\nquit\n", exit: 0, says: "1. kim" },
    Run { arguments: &["list"], reads: "", exit: 0, says: "a3-key-policy-door" },
    Run {
        arguments: &["check", "scenarios/a3-key-policy-door.json"],
        reads: "",
        exit: 0,
        says: "a3-key-policy-door: sound",
    },
    Run {
        arguments: &["new", "no good name"],
        reads: "",
        exit: 2,
        says: "an id is 3 to 40 lower-case letters",
    },
    Run {
        arguments: &["dev", "scenarios/a3-key-policy-door.json"],
        reads: "who\nquit\n",
        exit: 0,
        says: "a3-key-policy-door: sound",
    },
    Run { arguments: &["schema"], reads: "", exit: 0, says: "\"title\": \"A scenario of kmslab\"" },
    Run { arguments: &["run", "a2"], reads: "", exit: 0, says: "DENIED" },
    Run {
        arguments: &["export", "a3", "nowhere.json"],
        reads: "",
        exit: 2,
        says: "a3-key-policy-door was not played yet",
    },
    Run { arguments: &["export", "a2", "--as", "terraform"], reads: "", exit: 0, says: "aws_kms_key.k1.arn" },
    Run { arguments: &["drift", "nowhere.yaml", "a3"], reads: "", exit: 2, says: "kmslab: nowhere.yaml: " },
    Run { arguments: &["review", "--list"], reads: "", exit: 0, says: "Nothing comes back." },
    Run { arguments: &["quiz", "Z"], reads: "", exit: 2, says: "there is no chapter `Z`" },
    Run { arguments: &["report", "a3"], reads: "", exit: 2, says: "a3-key-policy-door was not played yet" },
    Run { arguments: &["verify", "nowhere.html"], reads: "", exit: 2, says: "kmslab: nowhere.html: " },
    Run { arguments: &["grade", "nowhere"], reads: "", exit: 2, says: "nowhere cannot be read as a folder" },
    Run { arguments: &["import", "nowhere.json"], reads: "", exit: 2, says: "kmslab: nowhere.json: " },
    Run { arguments: &["recover", "a3"], reads: "", exit: 2, says: "a3-key-policy-door was not played yet" },
    Run { arguments: &["notes"], reads: "", exit: 2, says: "kmslab: nobody presents" },
    Run { arguments: &["completions", "bash"], reads: "", exit: 0, says: "_kmslab() {" },
    Run { arguments: &["man", "lint"], reads: "", exit: 0, says: ".TH kmslab-lint 1" },
    Run { arguments: &["console", "--empty"], reads: "aws kms list-keys\n", exit: 0, says: "\"Keys\": []" },
    Run {
        arguments: &["who-can", "kms:Decrypt", "k1", "--scenario", "a3"],
        reads: "",
        exit: 0,
        says: "ALLOW  arn:aws:iam::111122223333:user/kim",
    },
    Run {
        arguments: &["serve", "--listen", "192.0.2.1:0"],
        reads: "",
        exit: 2,
        says: "192.0.2.1:0 is not a loopback address",
    },
    Run { arguments: &["decide"], reads: "x\n", exit: 0, says: "line 1, column 1: expected value" },
    Run { arguments: &["lint", "nowhere.json"], reads: "", exit: 2, says: "cannot read nowhere.json" },
];

/// The commands that `--help` lists, its own left out.
fn commands() -> Vec<String> {
    let help = text(&kmslab(&["--help"]).stdout);
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_run_and_refuses_an_unknown_option() {
    let commands = commands();
    assert!(commands.len() > 5, "--help lists {commands:?}");
    for command in &commands {
        assert!(RUNS.iter().any(|run| run.arguments[0] == command), "`{command}` has no row in RUNS");
        let refused = kmslab(&[command, "--no-such-option"]);
        assert_eq!(refused.status.code(), Some(2), "{command}");
        assert!(text(&refused.stderr).contains("'--no-such-option'"), "{command}");
    }
    let state = tempfile::tempdir().expect("a folder");
    for Run { arguments, reads, exit, says } in RUNS {
        let ended = program::run(program::kmslab().args(arguments).arg("--state").arg(state.path()), reads);
        let said = text(&ended.stdout) + &text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(exit), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}

#[test]
fn a_bare_name_is_a_file_in_the_folder_that_one_works_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let kmslab = |arguments: &[&str], reads: &str| {
        let mut command = program::kmslab();
        command.args(arguments).arg("--state").arg(&state).current_dir(folder.path());
        let ended = program::run(&mut command, reads);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {}", text(&ended.stderr));
    };
    kmslab(&["play", "a2", "--plain"], "hint\nquit\n");
    for (arguments, file) in [
        (&["export", "a2", "x.lab"][..], "x.lab"),
        (&["report", "a2", "--out", "x.html"], "x.html"),
        (&["verify", "x.html"], "x.html"),
    ] {
        kmslab(arguments, "");
        assert!(folder.path().join(file).is_file(), "{file}");
    }
}

#[test]
fn every_scenario_is_listed() {
    let listed = kmslab(&["list"]);
    assert_eq!(listed.status.code(), Some(0));
    let json = kmslab(&["list", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    let ids: Vec<&str> = json.as_array().expect("a list").iter().filter_map(|s| s["id"].as_str()).collect();
    assert!(ids.contains(&"a3-key-policy-door"));
    for id in ids {
        assert!(text(&listed.stdout).contains(id), "{id}");
    }
}

#[test]
fn the_scenarios_of_a_folder_are_checked() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["a0-first-minute.json", "a2-full-access-denied.json"] {
        std::fs::copy(scenarios.join(file), folder.path().join(file)).expect("copied");
    }
    let checked = kmslab(&["check", folder.path().to_str().expect("UTF-8")]);
    assert_eq!((checked.status.code(), text(&checked.stderr)), (Some(0), String::new()));
    let sound = text(&checked.stdout).lines().filter(|line| line.ends_with(": sound")).count();
    assert_eq!(sound, 2, "{}", text(&checked.stdout));
}

#[test]
fn solutions_run_and_run_the_same_every_time() {
    let listed = kmslab(&["list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("it is JSON");
    // `tests/golden` runs each once, and compares it with what it was.
    let ids = listed.as_array().expect("a list").iter().filter_map(|scenario| scenario["id"].as_str());
    for id in ids.step_by(4) {
        let first = kmslab(&["run", id]);
        assert_eq!(first.status.code(), Some(0), "{id}");
        assert!(text(&first.stdout).contains("DENIED") || text(&first.stdout).contains("ALLOWED"), "{id}");
        assert_eq!(first.stdout, kmslab(&["run", id]).stdout, "{id}");
        let json = kmslab(&["run", id, "--json"]);
        assert_eq!(json.stdout, kmslab(&["run", id, "--json"]).stdout, "{id}");
        let json: Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
        assert_eq!(json["solved"], true, "{id}");
    }
}

#[test]
fn a_refusal_names_the_action_the_verdict_and_the_reason() {
    let run = text(&kmslab(&["run", "a2"]).stdout);
    for words in [
        "tess> dynamodb:Scan CustomerData",
        "KMS key access denied error",
        "is not authorized to perform: kms:Decrypt",
        "kms:Decrypt on k1 (asked by dynamodb in the name of tess): DENIED, the key policy leaves kms:Decrypt to IAM policies, \
         and tess's only IAM policy, AmazonDynamoDBFullAccess, does not allow it",
    ] {
        assert!(run.contains(words), "{words}\n{run}");
    }
}

#[test]
fn input_that_cannot_be_used_is_one_clear_error() {
    let nested = format!("{{\"format\": 1, \"id\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{\"format\": 1, \"id\": \"{}\"}}", "x".repeat(8 * 1024 * 1024));
    for (name, contents, words) in [
        ("empty.json", String::new(), "empty.json:1:1: "),
        ("words.json", "hello".to_owned(), "words.json:1:1: "),
        ("deep.json", nested, "deep.json:1:"),
        ("large.json", large, "the limit `scenario-file`"),
        ("newer.json", a3().replacen("\"format\": 1", "\"format\": 2", 1), "get a newer kmslab"),
        ("typo.json", a3().replacen("\"tasks\"", "\"taks\"", 1), "unknown field `taks`"),
        (
            "stranger.json",
            a3().replacen("\"start_as\": \"kim\"", "\"start_as\": \"kam\"", 1),
            "nobody is called `kam`",
        ),
    ] {
        let path = file(name, contents.as_bytes());
        for arguments in [vec!["run", &path], vec!["play", &path], vec!["check", &path]] {
            let ended = kmslab(&arguments);
            let said = text(&ended.stdout) + &text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {said}");
            assert!(said.contains(words), "{arguments:?}: {said}");
            assert!(!said.contains("panicked"), "{said}");
        }
    }
    let binary = file("binary.json", &[0x7b, 0x0a, 0xff, 0xfe]);
    assert!(text(&kmslab(&["run", &binary]).stderr).contains("binary.json:2:1: this byte is not UTF-8"));
    for (arguments, words) in [
        (vec!["run", "./nowhere.json"], "nowhere.json: "),
        (vec!["run", "zz"], "there is no scenario `zz`"),
        (vec!["run", "a"], "`a` could be any of: a"),
        (vec!["play", "zz"], "there is no scenario `zz`"),
        (vec!["check", "zz"], "there is no scenario `zz`"),
        (vec!["run"], "required arguments"),
        (vec!["fly"], "unrecognized subcommand"),
        (vec!["list", "--yaml"], "unexpected argument"),
    ] {
        let ended = kmslab(&arguments);
        let said = text(&ended.stdout) + &text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_scenario_that_cannot_be_proved_fails_the_check() {
    let broken = a3().replacen("\"expect\": \"denied\"", "\"expect\": \"ok\"", 1);
    let ended = kmslab(&["check", &file("broken.json", broken.as_bytes())]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stdout).contains("mistakes are caught"), "{}", text(&ended.stdout));
}

/// Each way to choose the variants is proved, and the one at fault is named.
#[test]
fn every_variant_of_a_scenario_is_proved() {
    let smallest = include_str!("../assets/new-scenario.json").replace("NAME", "x1-varied");
    let with = |offered: &str, from: &str, to: &str| {
        let offers = format!("\"variants\": {{{offered}}}, \"minutes\"");
        let text = smallest.replace(from, to).replacen("\"minutes\"", &offers, 1);
        kmslab(&["check", &file("varied.json", text.as_bytes())])
    };
    let sound = with(r#""who": ["tess", "dana", "ravi"]"#, "tess", "{{variant:who}}");
    let said = text(&sound.stdout);
    assert_eq!((sound.status.code(), said.matches(": sound").count()), (Some(0), 1), "{said}");
    let one_of_two =
        with(r#""what": ["Allow", "Deny"]"#, "\"Effect\": \"Allow\"", "\"Effect\": \"{{variant:what}}\"");
    let said = text(&one_of_two.stdout);
    assert_eq!(one_of_two.status.code(), Some(1), "{said}");
    let at_fault: Vec<&str> = said.lines().filter(|line| line.contains("the solution leaves red")).collect();
    assert_eq!(at_fault.len(), 1, "{said}");
    assert!(at_fault[0].contains("with what Deny: the solution leaves red"), "{said}");
}

#[test]
fn an_unsolved_run_ends_with_one() {
    let mut scenario: Value = serde_json::from_str(&a3()).expect("a3 is JSON");
    scenario["solution"].as_array_mut().expect("steps").remove(1);
    let ended = kmslab(&["run", &file("unsolved.json", scenario.to_string().as_bytes())]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stdout).contains("NOT solved"));
}

#[test]
fn nothing_of_a_scenario_reaches_the_terminal_as_a_command() {
    let nasty = a3().replacen("Alice Johnson", "Alice\\u001b[2J\\u202eJohnson", 1).replacen(
        "Open the key",
        "\\u001b]0;x\\u0007",
        1,
    );
    for arguments in [&["run"][..], &["run", "--json"]] {
        let path = file("nasty.json", nasty.as_bytes());
        let ended = kmslab(&[arguments, &[&path]].concat());
        let said = text(&ended.stdout) + &text(&ended.stderr);
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kmslab"))
        .args(["run", "a3", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let status = child.wait().expect("it ends");
    let mut said = String::new();
    child.stderr.take().expect("it was piped").read_to_string(&mut said).expect("it is UTF-8");
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[test]
fn without_a_terminal_the_lab_says_so() {
    for arguments in [&[][..], &["play", "a3"]] {
        let ended = kmslab(arguments);
        assert_eq!(ended.status.code(), Some(2));
        assert!(text(&ended.stderr).contains("kmslab run"), "{}", text(&ended.stderr));
    }
}

/// A plain session through a pipe: what it printed.
fn plain(state: &std::path::Path, lines: &str) -> String {
    let ended = program::run(program::kmslab().args(["play", "a5", "--plain", "--state"]).arg(state), lines);
    text(&ended.stdout)
}

#[test]
fn the_watched_call_is_chosen_in_words_and_kept() {
    let state = tempfile::tempdir().expect("a folder");
    let first = plain(state.path(), "watch\nhelp\n");
    assert!(
        first.contains("1. dynamodb:Scan Customer: under dynamodb-encryption-key, watched now."),
        "{first}"
    );
    assert!(first.contains("watch [NUMBER or NAME]: "), "{first}");
    let owned = first.lines().find(|line| line.contains("dynamodb:Scan Owned")).expect("it is offered");
    let number = owned.split('.').next().expect("a number");
    // What tess gets is what is to be guessed.
    let guesses = "predict 2\npredict 1\npredict 2\n";
    let chosen = plain(state.path(), &format!("watch {number}\nscan\n{guesses}scan\nwho\n"));
    let (asked, chosen) = chosen.split_once("You expect: ").expect("it is answered");
    assert!(asked.contains("Your guess comes first; then scan makes the call."), "{asked}");
    assert!(asked.contains("Question: Tess scans Owned"), "{asked}");
    assert!(!asked.contains("tess calls dynamodb:Scan Owned: ALLOW"), "{asked}");
    assert!(chosen.contains("Your guess was right."), "{chosen}");
    assert!(asked.contains("Watching dynamodb:Scan Owned."), "{asked}");
    assert!(chosen.contains("tess calls dynamodb:Scan Owned: ALLOW."), "{chosen}");
    assert!(chosen.contains("1. kim, user: dynamodb:Scan Owned ALLOW."), "{chosen}");
    assert!(chosen.contains("DONE: tess has scanned Owned."), "{chosen}");
    let named =
        plain(state.path(), "watch nothing of the kind\nwatch getitem owned\nscan\nwatch scan owned\n");
    assert!(named.contains("There is no call `nothing of the kind` to watch."), "{named}");
    assert!(named.contains("tess calls dynamodb:GetItem Owned 12345: ALLOW."), "{named}");
    let later = plain(state.path(), &format!("scan\nreset yes\n{guesses}scan\n"));
    let (before, after) = later.split_once("Started again.").expect("it starts again");
    assert!(before.contains("tess calls dynamodb:Scan Owned: ALLOW."), "{later}");
    assert!(after.contains("tess calls dynamodb:Scan Customer: DENY"), "{later}");
}
