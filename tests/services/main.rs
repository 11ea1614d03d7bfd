//! What the services answer to lines of the AWS CLI, held against what AWS answers: one file of rows a service.
//!
//! A row is an object of JSON on a line of its own: the `kind` of fault that it guards against, `what` it is about, the
//! lines that `setup` the accounts, the `line` itself, the `answer` and its `source`. The answer is text that must be
//! printed; `!text` is text that must not be, and no error may be; `ok` is any answer but an error.

mod authorization;
mod item_records;
mod many_items;
mod organizations;
#[path = "../program/mod.rs"]
mod program;

use serde::Deserialize;

/// A row of a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    what: String,
    setup: Vec<String>,
    line: String,
    answer: String,
    source: String,
}

/// The marks that a script prints before and behind the line that is asked about.
const BEFORE: &str = "__BEFORE__";
const BEHIND: &str = "__BEHIND__";

/// Returns what the console prints for the line of a row, without the line itself.
fn printed(row: &Row) -> String {
    let mut script: Vec<&str> = row.setup.iter().map(String::as_str).collect();
    let (before, behind) = (format!("echo {BEFORE}"), format!("echo {BEHIND}"));
    script.extend([before.as_str(), &row.line, &behind]);
    let script = script.join("\n") + "\n";
    let output = program::run(program::kmslab().args(["console", "--empty"]), &script);
    let text = String::from_utf8(output.stdout).expect("it is UTF-8");
    let answer = text.rsplit_once(&format!("\n{BEFORE}\n")).expect("the line is reached").1;
    let answer = answer.split_once(&format!("> echo {BEHIND}")).expect("the line is answered").0;
    answer.split_once('\n').map_or("", |(_, answer)| answer).to_owned()
}

/// Says what is wrong with the answer to a row, if anything is.
fn fault(row: &Row) -> Option<String> {
    let printed = printed(row);
    let failed = ["An error occurred", "validation failed", "not simulated", "kmslab:"]
        .iter()
        .any(|text| printed.contains(text));
    let good = match row.answer.strip_prefix('!') {
        Some(absent) => !failed && !printed.contains(absent),
        None if row.answer == "ok" => !failed,
        None => printed.contains(&row.answer),
    };
    (!good).then(|| {
        format!("{} {}\n  {}\n  wanted {}\n  got    {printed}", row.kind, row.what, row.line, row.answer)
    })
}

/// Holds every row of a table, and says all that fail at once.
fn hold(table: &str) {
    let rows: Vec<Row> = table
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    assert!(!rows.is_empty());
    for row in &rows {
        assert!("ABCDEFG".contains(row.kind.as_str()), "{}: {} is no kind", row.what, row.kind);
        assert!(!row.source.is_empty(), "{}: no source", row.what);
    }
    let faults: Vec<String> = rows.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{} of {} rows:\n{}", faults.len(), rows.len(), faults.join("\n"));
}

#[test]
fn kms_answers_as_aws_does() {
    hold(include_str!("kms.jsonl"));
}

#[test]
fn dynamodb_answers_as_aws_does() {
    hold(include_str!("dynamodb.jsonl"));
}

#[test]
fn iam_and_sts_answer_as_aws_does() {
    hold(include_str!("iam.jsonl"));
}

#[test]
fn organizations_answers_as_aws_does() {
    hold(include_str!("organizations.jsonl"));
}

#[test]
fn the_command_line_answers_as_the_aws_cli_does() {
    hold(include_str!("cli.jsonl"));
}
