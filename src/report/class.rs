//! The table of a class: as CSV for a spreadsheet, and as a page in Markdown.

use std::fmt::Write as _;

use super::grade::{Finding, Row, Shown};
use super::markdown::escaped;

/// The heads of the columns of the CSV.
const COLUMNS: [&str; 18] = [
    "file",
    "finding",
    "name",
    "scenario",
    "solved",
    "tasks_done",
    "tasks",
    "guesses_right",
    "guesses",
    "certain_but_wrong",
    "hints",
    "flip_used",
    "statements_taken",
    "solution_shown",
    "steps",
    "same_steps_as",
    "own_words",
    "note",
];

/// Returns the table as CSV.
///
/// Source: RFC 4180, section 2, for quotes and line ends; OWASP, "CSV Injection", for what a spreadsheet would compute.
pub fn csv(rows: &[Row]) -> String {
    let mut out = String::new();
    let mut put = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    };
    put(&COLUMNS.map(str::to_owned));
    for row in rows {
        let shown = row.shown.as_ref();
        let number = |of: fn(&Shown) -> usize| shown.map(|shown| of(shown).to_string()).unwrap_or_default();
        put(&[
            row.file.clone(),
            row.finding.word().to_owned(),
            row.name.clone().unwrap_or_default(),
            shown.map(|shown| shown.scenario.clone()).unwrap_or_default(),
            shown.map(|shown| if is_solved(shown) { "yes" } else { "no" }).unwrap_or_default().to_owned(),
            number(|shown| shown.tasks_done),
            number(|shown| shown.tasks),
            number(|shown| shown.guesses_right),
            number(|shown| shown.guesses),
            number(|shown| shown.certain_but_wrong),
            number(|shown| shown.hints),
            number(|Shown { help: [flip, ..], .. }| *flip),
            number(|Shown { help: [_, statements, _], .. }| *statements),
            number(|Shown { help: [.., solution], .. }| *solution),
            number(|shown| shown.steps),
            shown.map(|shown| shown.same_as.join("; ")).unwrap_or_default(),
            shown.and_then(|shown| shown.words.clone()).unwrap_or_default(),
            row.note.clone(),
        ]);
    }
    out
}

fn is_solved(shown: &Shown) -> bool {
    shown.tasks > 0 && shown.tasks_done == shown.tasks
}

/// A cell between quotes, where nothing is a formula.
fn quoted(cell: &str) -> String {
    let one: Vec<&str> = cell.split_whitespace().collect();
    let text = one.join(" ");
    // A spreadsheet computes what begins so, wherever it comes from; the apostrophe makes it text.
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '|', '%', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// Returns the table as a page in Markdown, with what each learner says below.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = format!("# Hand-ins\n\n{}.\n\n", summary(rows));
    out.push_str(
        "| File | Finding | Name | Scenario | Tasks | Guesses right | Hints | Help | Steps | Note |\n",
    );
    out.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    // Writing to a String cannot fail.
    for row in rows {
        let finding = match row.finding {
            Finding::Genuine => row.finding.word().to_owned(),
            Finding::Forged | Finding::OtherVersion | Finding::NotRead => {
                format!("**{}**", row.finding.word())
            }
        };
        let _ = write!(
            out,
            "| {} | {finding} | {} |",
            cell(&row.file),
            cell(row.name.as_deref().unwrap_or_default())
        );
        match &row.shown {
            Some(shown) => {
                let help: usize = shown.help.iter().sum();
                let _ = write!(
                    out,
                    " {} | {} of {} | {} of {} | {} | {help} | {} |",
                    cell(&shown.scenario),
                    shown.tasks_done,
                    shown.tasks,
                    shown.guesses_right,
                    shown.guesses,
                    shown.hints,
                    shown.steps
                );
            }
            None => out.push_str("  |  |  |  |  |  |"),
        }
        let _ = writeln!(out, " {} |", cell(&note(row)));
    }
    let said = rows.iter().filter_map(|row| Some((row, row.shown.as_ref()?.words.as_deref()?)));
    let said: Vec<_> = said.collect();
    if !said.is_empty() {
        out.push_str("\n## In their own words\n\n");
        for (row, words) in said {
            let who = row.name.as_deref().unwrap_or(&row.file);
            let scenario = row.shown.as_ref().map(|shown| shown.scenario.as_str()).unwrap_or_default();
            let _ = writeln!(out, "- {}, {}: {}", cell(who), cell(scenario), cell(words));
        }
    }
    out.push_str(
        "\nGenuine means that the steps in the file lead to these results; who made the steps, no file can show. The same steps in \
         two files can be chance where a task is short.\n",
    );
    out
}

/// A text as it stands in a cell: in one line.
fn cell(text: &str) -> String {
    let one: Vec<&str> = text.split_whitespace().collect();
    escaped(&one.join(" "))
}

/// What there is to say of a row beside its numbers.
fn note(row: &Row) -> String {
    let mut notes = Vec::new();
    if let Some(shown) = &row.shown {
        if !shown.same_as.is_empty() {
            notes.push(format!("the same steps as {}", shown.same_as.join(", ")));
        }
        match shown.certain_but_wrong {
            0 => {}
            1 => notes.push("1 guess was certain and wrong".to_owned()),
            n => notes.push(format!("{n} guesses were certain and wrong")),
        }
    }
    if !row.note.is_empty() {
        notes.push(row.note.clone());
    }
    notes.join("; ")
}

/// The findings, counted by files.
pub fn summary(rows: &[Row]) -> String {
    let files = |finding: Option<Finding>| {
        let of = rows.iter().filter(|row| finding.is_none_or(|finding| row.finding == finding));
        let mut names: Vec<&str> = of.map(|row| row.file.as_str()).collect();
        names.dedup();
        names.len()
    };
    let all = files(None);
    let mut said = format!("{all} {}", if all == 1 { "file" } else { "files" });
    let findings = [Finding::Genuine, Finding::Forged, Finding::OtherVersion, Finding::NotRead];
    for finding in findings.into_iter().filter(|finding| files(Some(*finding)) > 0) {
        let _ = write!(said, ", {} {}", files(Some(finding)), finding.word());
    }
    said
}
