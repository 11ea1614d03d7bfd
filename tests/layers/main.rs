//! The layers of the crate: each folder imports only what stands to its left, and the engine touches nothing outside.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with the layers it may import from.
const LAYERS: [(&str, &[&str]); 9] = [
    ("policy", &[]),
    ("cloud", &["policy"]),
    ("scenario", &["policy", "cloud"]),
    ("aws_cli", &["policy", "cloud", "scenario"]),
    ("lab", &["policy", "cloud", "scenario", "aws_cli"]),
    ("narration", &["policy", "cloud", "scenario", "aws_cli", "lab"]),
    ("tui", &["policy", "cloud", "scenario", "aws_cli", "lab", "narration"]),
    ("plain", &["policy", "cloud", "scenario", "aws_cli", "lab", "narration"]),
    ("cli", &["policy", "cloud", "scenario", "aws_cli", "lab", "narration", "tui", "plain"]),
];

/// What never enters a layer.
const OUTSIDE: [(&str, &[&str]); 7] = [
    ("policy", &["std::fs", "std::env", "std::net::Tcp", "std::process", "tokio", "ratatui", "crossterm"]),
    ("cloud", &["std::fs", "std::env", "std::net::Tcp", "std::process", "tokio", "ratatui", "crossterm"]),
    ("scenario", &["tokio", "ratatui", "crossterm"]),
    ("aws_cli", &["tokio", "ratatui", "crossterm"]),
    ("lab", &["tokio", "ratatui", "crossterm"]),
    ("narration", &["tokio", "ratatui", "crossterm"]),
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
