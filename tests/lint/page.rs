//! The page `docs/lint.md`: every finding with what it means, why it matters, and an example with its proof.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use kmslab::policy::{CATALOGUE, Finding, Group, Severity};

use super::{found, rows};

const PAGE: &str = "docs/lint.md";

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// The page as the code would write it.
fn page() -> String {
    let rows = rows();
    // One list of findings a row: the examples are looked for in all of them.
    let all: Vec<Vec<Finding>> = rows.iter().map(|row| found(&row.kind, &row.text())).collect();
    let mut page = String::from(include_str!("page.md"));
    for group in Group::ALL {
        let _infallible =
            writeln!(page, "\n## {}\n\n| id | | what was found | why |\n|---|---|---|---|", group.title());
        for known in CATALOGUE.iter().filter(|known| known.group == group) {
            let of_id = |findings: &&Vec<Finding>| findings.iter().any(|one| one.diagnostic.code == known.id);
            let mut severities: Vec<Severity> = all
                .iter()
                .filter(of_id)
                .flatten()
                .filter(|finding| finding.diagnostic.code == known.id)
                .map(|finding| finding.diagnostic.severity)
                .collect();
            severities.sort_unstable_by(|a, b| b.cmp(a));
            severities.dedup();
            let severities: Vec<&str> = severities.into_iter().map(word).collect();
            // No row of the table shows what needs a long document, or a file.
            let usual = match group {
                Group::Happens | Group::Idle => "warning",
                Group::Refused => "error",
                Group::Text if known.id == "unused-exception" => "warning",
                Group::Text => "note",
            };
            let severities = if severities.is_empty() { usual.to_owned() } else { severities.join(", ") };
            let _infallible =
                writeln!(page, "| `{}` | {severities} | {} | {} |", known.id, known.means, known.why);
        }
    }
    page.push_str("\n## Proofs\n\nAn example of each finding that is proved by a probe.\n");
    for known in CATALOGUE.iter().filter(|known| known.group == Group::Happens) {
        let proved = all.iter().zip(&rows).find_map(|(findings, row)| {
            let proves = |one: &&Finding| one.diagnostic.code == known.id && one.canary.is_some();
            Some((findings.iter().find(proves)?, row))
        });
        let Some((finding, row)) = proved else { continue };
        let Some(canary) = &finding.canary else { continue };
        let example =
            row.statement.as_ref().or(row.document.as_ref()).map_or(String::new(), ToString::to_string);
        let outcome = if canary.allowed { "is allowed" } else { "is refused" };
        let context = serde_json::to_string(&canary.context).expect("a context is JSON");
        let _infallible = writeln!(
            page,
            "\n`{}`: {}\n\n```json\n{example}\n```\n\n`{}` {outcome} `{}` on `{}` with `{context}`.",
            known.id, finding.diagnostic.message, canary.caller, canary.action, canary.resource
        );
    }
    page
}

#[test]
fn the_page_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{PAGE} is stale: UPDATE_DOCS=1 cargo test --test lint");
}
