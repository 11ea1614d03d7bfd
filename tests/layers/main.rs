//! The layers of the crate: each folder imports only what stands to its left, the engine touches nothing outside, and
//! files import each other in a circle only where a reason is given.
//!
//! `cargo test --test layers -- --nocapture circle` prints the circles there are.

mod circles;
mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with the layers it may import from.
const LAYERS: [(&str, &[&str]); 15] = [
    ("limits", &[]),
    ("policy", &["limits"]),
    ("cloud", &["limits", "policy"]),
    ("template", &["limits", "policy", "cloud"]),
    ("scenario", &["limits", "policy", "cloud", "template"]),
    ("aws_cli", &["limits", "policy", "cloud", "template", "scenario"]),
    ("lab", &["limits", "policy", "cloud", "scenario", "aws_cli"]),
    ("narration", &["limits", "policy", "cloud", "scenario", "aws_cli", "lab"]),
    ("report", &["limits", "scenario", "lab", "narration"]),
    ("forms", &["cloud", "template", "aws_cli", "narration"]),
    ("wire", &["limits", "cloud", "aws_cli"]),
    ("serve", &["limits", "cloud", "scenario", "lab", "wire"]),
    ("tui", &["limits", "policy", "cloud", "scenario", "aws_cli", "lab", "narration", "report"]),
    ("plain", &["limits", "policy", "cloud", "scenario", "aws_cli", "lab", "narration", "report"]),
    (
        "cli",
        &[
            "limits",
            "policy",
            "cloud",
            "scenario",
            "aws_cli",
            "lab",
            "narration",
            "report",
            "template",
            "forms",
            "serve",
            "tui",
            "plain",
        ],
    ),
];

/// What never enters a layer.
const OUTSIDE: [(&str, &[&str]); 12] = [
    ("policy", &["std::fs", "std::env", "std::net::Tcp", "std::process", "tokio", "ratatui", "crossterm"]),
    ("cloud", &["std::fs", "std::env", "std::net::Tcp", "std::process", "tokio", "ratatui", "crossterm"]),
    ("scenario", &["tokio", "ratatui", "crossterm"]),
    ("aws_cli", &["tokio", "ratatui", "crossterm"]),
    ("lab", &["tokio", "ratatui", "crossterm"]),
    ("narration", &["tokio", "ratatui", "crossterm"]),
    ("report", &["std::env", "std::process", "std::net::Tcp", "tokio", "ratatui", "crossterm"]),
    ("template", &["std::fs", "std::env", "std::process", "std::net::Tcp", "tokio", "ratatui", "crossterm"]),
    ("forms", &["std::fs", "std::env", "std::process", "std::net::Tcp", "tokio", "ratatui", "crossterm"]),
    (
        "wire",
        &["std::fs", "std::env", "std::process", "std::net::Tcp", "tokio", "hyper", "ratatui", "crossterm"],
    ),
    ("serve", &["std::env", "std::process", "ratatui", "crossterm"]),
    ("plain", &["tokio", "ratatui", "crossterm"]),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the layer's folder exists") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The code of a layer, line by line: file, line number, text without comments. Tests may use anything.
fn lines(layer: &str) -> Vec<(PathBuf, usize, String)> {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer), &mut paths);
    assert!(!paths.is_empty(), "{layer} has no files");
    let mut found = Vec::new();
    for path in paths.into_iter().filter(|p| !p.ends_with("tests.rs")) {
        let text = fs::read_to_string(&path).expect("readable");
        let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
        for (number, line) in code.enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_owned();
            found.push((path.clone(), number + 1, code));
        }
    }
    found
}

/// The modules named after `crate::` in a line of code, in a braced list too.
fn imports(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for part in code.split("crate::").skip(1) {
        let list = part.strip_prefix('{').map_or(part, |list| list.split('}').next().unwrap_or(list));
        let many = part.starts_with('{');
        for name in list.split(',').take(if many { usize::MAX } else { 1 }) {
            let end = name.trim().find(|c: char| !c.is_alphanumeric() && c != '_');
            names.push(&name.trim()[..end.unwrap_or(name.trim().len())]);
        }
    }
    names
}

#[test]
fn each_layer_imports_only_from_its_left() {
    let mut wrong = Vec::new();
    for (layer, allowed) in LAYERS {
        for (path, number, code) in lines(layer) {
            for name in imports(&code) {
                let known = LAYERS.iter().any(|(other, _)| *other == name);
                if known && name != layer && !allowed.contains(&name) {
                    wrong.push(format!("{}:{number}: {layer} imports {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_outside_enters_the_engine() {
    let mut wrong = Vec::new();
    for (layer, banned) in OUTSIDE {
        for (path, number, code) in lines(layer) {
            for name in banned.iter().filter(|name| code.contains(**name)) {
                wrong.push(format!("{}:{number}: {layer} uses {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_in_every_form() {
    assert_eq!(imports("use crate::policy::Principal;"), ["policy"]);
    assert_eq!(imports("use crate::{cloud::World, lab, tui::run};"), ["cloud", "lab", "tui"]);
    assert_eq!(imports("let x = crate::tui::run();"), ["tui"]);
    assert_eq!(imports("use super::policy;"), [""; 0]);
}

/// Circles of files that may stay, each with its reason. A new file in one of them is a new circle.
const ACCEPTED: [(&str, &[&str]); 1] = [(
    "an action opens an overlay, and an overlay carries out an action",
    &[
        "tui/update/act.rs",
        "tui/update/document.rs",
        "tui/update/learn.rs",
        "tui/update/navigate.rs",
        "tui/update/overlay.rs",
        "tui/update/pane.rs",
        "tui/update/parts.rs",
    ],
)];

/// How many circles there may be at most.
const MAX_CIRCLES: usize = 1;

#[test]
fn files_import_each_other_in_no_circle_but_the_accepted_ones() {
    let sources = sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 200, "only {} files were read", sources.len());
    let needs = circles::needs(&sources);
    let circles = circles::components(&needs);
    for circle in &circles {
        println!("{} files:", circle.len());
        for file in circle {
            let others: Vec<&str> =
                needs[file].iter().filter(|other| circle.contains(*other)).map(String::as_str).collect();
            println!("    {file} needs {}", others.join(", "));
        }
    }
    let is_within =
        |circle: &BTreeSet<String>, files: &[&str]| circle.iter().all(|f| files.contains(&f.as_str()));
    for circle in &circles {
        assert!(ACCEPTED.iter().any(|(_, files)| is_within(circle, files)), "a new circle: {circle:#?}");
    }
    for (reason, files) in ACCEPTED {
        assert!(
            circles.iter().any(|circle| is_within(circle, files)),
            "this circle is gone, strike it out: {reason}"
        );
    }
    assert!(circles.len() <= MAX_CIRCLES, "{} circles", circles.len());
}

#[test]
fn imports_are_read_in_every_form() {
    let text = r##"
        //! use crate::a::Comment;
        pub use inner::{Passed, deep::{self, Other as Renamed}};
        use super::super::b::*;
        const TEXT: &str = "use crate::c::Text; \" ";
        fn f<'a>(c: char) -> impl Iterator + use<'a> { if c == '"' { deep::call() } else { r#" " use x; "# } }
        #[cfg(test)]
        mod tests { use crate::d::Test; }
        #[cfg(test)]
        mod more_tests;
        #[cfg(not(test))]
        use crate::e::Real;
    "##;
    let source = sources::of("x/y/z.rs", text);
    let imports: Vec<String> = source
        .imports
        .iter()
        .map(|i| format!("{}={}{}", i.alias, i.path.join("::"), if i.public { "+" } else { "" }))
        .collect();
    assert_eq!(
        imports,
        [
            "Passed=x::y::z::inner::Passed+",
            "deep=x::y::z::inner::deep+",
            "Renamed=x::y::z::inner::deep::Other+",
            "*=x::b",
            "Real=e::Real",
        ]
    );
    assert_eq!(source.defined.iter().map(String::as_str).collect::<Vec<_>>(), ["TEXT", "f"]);
    assert!(source.paths.contains(&vec!["deep".to_owned(), "call".to_owned()]));
}

#[test]
fn a_circle_is_found_through_what_a_map_passes_on() {
    let files = [
        ("a/mod.rs", "mod one; mod two; mod three; pub use one::One; pub use two::Two;"),
        ("a/one.rs", "use super::Two; pub struct One(Two);"),
        ("a/two.rs", "use super::three; pub struct Two; fn f() { three::g() }"),
        ("a/three.rs", "use crate::a::One; pub fn g() -> One { loop {} }"),
        ("b.rs", "use crate::a::{One, Two}; fn f(_: One, _: Two) {}"),
    ];
    let sources =
        files.iter().map(|(file, text)| sources::of(file, text)).map(|s| (s.module.clone(), s)).collect();
    let found = circles::components(&circles::needs(&sources));
    let found: Vec<Vec<&str>> = found.iter().map(|c| c.iter().map(String::as_str).collect()).collect();
    assert_eq!(found, [["a/one.rs", "a/three.rs", "a/two.rs"]]);
}
