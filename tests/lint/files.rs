//! What is said of a policy's file: that it holds a part of a policy or a template, and of the exceptions beside it.
//!
//! A row of `files.jsonl` is an object of JSON on a line of its own: the text of the `file`, perhaps the `exceptions` in
//! `kmslab-lint.toml` beside it, the ids of `warnings` and `notes` about the two, and the `source` of the form.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use super::command::{folder, kmslab};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    file: String,
    exceptions: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    source: String,
}

fn rows() -> Vec<Row> {
    include_str!("files.jsonl").lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn what_a_file_holds_is_said() {
    let folder = folder("files");
    let mut wrong = Vec::new();
    for (number, row) in rows().iter().enumerate() {
        let within = folder.join(number.to_string());
        fs::create_dir_all(&within).expect("a folder can be made");
        let file = within.join("policy.json");
        fs::write(&file, &row.file).expect("a file can be written");
        if let Some(exceptions) = &row.exceptions {
            fs::write(within.join("kmslab-lint.toml"), exceptions).expect("a file can be written");
        }
        let (text, _) = kmslab(&["lint", file.to_str().expect("a path in UTF-8"), "--json"], "");
        let documents: Vec<Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let of = |severity: &str| {
            let findings =
                documents.iter().flat_map(|one| one["findings"].as_array().cloned().unwrap_or_default());
            let mut ids: Vec<String> = findings
                .filter(|one| one["severity"] == severity)
                .map(|one| one["code"].as_str().expect("a code").to_owned())
                .collect();
            ids.sort();
            ids.dedup();
            ids
        };
        let (warnings, notes) = (of("warning"), of("note"));
        if warnings != row.warnings || notes != row.notes || !of("error").is_empty() {
            wrong.push(format!(
                "{}: warnings {warnings:?}, notes {notes:?}, errors {:?}\n  {}",
                number + 1,
                of("error"),
                row.source
            ));
        }
    }
    fs::remove_dir_all(folder).expect("the folder can be removed");
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// How often each finding about files stands in the table.
pub fn count(id: &str) -> usize {
    let has = |row: &&Row| row.warnings.iter().chain(&row.notes).any(|known| known == id);
    rows().iter().filter(has).count()
}
