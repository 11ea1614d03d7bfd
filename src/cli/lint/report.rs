//! Prints what a review found.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::Reviewed;
use crate::plain::output;
use crate::policy::{Diagnostic, Severity, line_col};

/// For people: every finding with its line, what is wrong in it underlined, and the remedy.
pub(super) fn text(out: &mut dyn Write, all: &[Reviewed<'_>]) -> io::Result<()> {
    for reviewed in all {
        for finding in &reviewed.review.diagnostics {
            one(out, reviewed, finding)?;
        }
        if let Some(refusal) = &reviewed.review.refusal {
            let file = reviewed.file;
            output::line(out, format!("{file}: AWS would answer {}: {}\n", refusal.code, refusal.message))?;
        }
    }
    let findings = || all.iter().flat_map(|reviewed| &reviewed.review.diagnostics);
    let errors = findings().filter(|finding| finding.severity == Severity::Error).count();
    let (documents, total) = (all.len(), findings().count());
    output::line(out, format!("{documents} document(s), {total} finding(s), {errors} error(s)"))
}

fn one(out: &mut dyn Write, reviewed: &Reviewed<'_>, finding: &Diagnostic) -> io::Result<()> {
    let Reviewed { file, text, .. } = reviewed;
    let (line, column) = line_col(text, finding.span.start);
    let severity = word(finding.severity);
    let source = text.lines().nth(line - 1).unwrap_or_default();
    let before: String = source.chars().take(column - 1).collect();
    let marked: String = source[before.len()..]
        .chars()
        .take(finding.span.of(text).lines().next().unwrap_or_default().chars().count())
        .collect();
    let plain = |text: &str| output::clean(&text.replace('\t', "    "));
    let indent = " ".repeat(plain(&before).width());
    let marks = "^".repeat(plain(&marked).width().max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    output::line(out, format!("{file}:{line}:{column}: {severity}: {} [{}]", finding.message, finding.code))?;
    output::line(out, format!(" {number} | {}", plain(source)))?;
    output::line(out, format!(" {gutter} | {indent}{marks}"))?;
    output::line(out, format!(" {gutter} = {}\n", finding.remedy))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Writes all findings as one JSON document.
pub(super) fn json(out: &mut dyn Write, all: &[Reviewed<'_>]) -> io::Result<()> {
    let documents: Vec<Value> = all
        .iter()
        .map(|reviewed| {
            let refusal = reviewed.review.refusal.as_ref();
            let findings: Vec<Value> =
                reviewed.review.diagnostics.iter().map(|finding| as_json(&reviewed.text, finding)).collect();
            json!({
                "file": reviewed.file,
                "kind": reviewed.kind,
                "title": reviewed.profile.title,
                "refusal": refusal.map(|refusal| json!({"code": refusal.code, "message": refusal.message})),
                "findings": findings,
            })
        })
        .collect();
    output::json(out, &Value::from(documents))
}

fn as_json(text: &str, finding: &Diagnostic) -> Value {
    let (line, column) = line_col(text, finding.span.start);
    let (end_line, end_column) = line_col(text, finding.span.end);
    json!({
        "severity": word(finding.severity),
        "code": finding.code,
        "message": finding.message,
        "remedy": finding.remedy,
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
        "span": finding.span,
    })
}

/// A SARIF log with one run.
// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"
pub(super) fn sarif(out: &mut dyn Write, all: &[Reviewed<'_>]) -> io::Result<()> {
    let findings =
        || all.iter().flat_map(|reviewed| reviewed.review.diagnostics.iter().map(move |f| (reviewed, f)));
    let codes: BTreeSet<&str> = findings().map(|(_, finding)| finding.code).collect();
    let results: Vec<Value> = findings()
        .map(|(reviewed, finding)| {
            let (line, column) = line_col(&reviewed.text, finding.span.start);
            let (end_line, end_column) = line_col(&reviewed.text, finding.span.end);
            json!({
                "ruleId": finding.code,
                "level": word(finding.severity),
                "message": {"text": format!("{}. {}", finding.message, finding.remedy)},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": uri(reviewed.file)},
                    "region": {
                        "startLine": line,
                        "startColumn": column,
                        "endLine": end_line,
                        "endColumn": end_column,
                    },
                }}],
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kmslab",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.into_iter().map(|code| json!({"id": code})).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    output::json(out, &log)
}

/// A file's name as a URI reference.
fn uri(file: &str) -> String {
    let encode = |byte: u8| match byte {
        _ if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    file.bytes().map(encode).collect()
}
