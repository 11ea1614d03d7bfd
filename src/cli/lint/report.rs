//! Prints what a review found.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::Reviewed;
use crate::limits::policy::{LINT_COLUMNS, LINT_FINDINGS};
use crate::limits::steps;
use crate::plain::output;
use crate::policy::{self, Canary, Finding, Part, Refusal, Severity};

/// How many columns of a line may stand before the finding: a policy may stand in a single line.
const SHOWN_BEFORE: usize = 40;

/// Where the lines of a text begin, so that a place is found without reading the text again.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A line and a column, counted from 1; the column counts characters.
struct Place {
    line: usize,
    column: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: [0].into_iter().chain(after).collect() }
    }

    /// The line that holds an offset, and where it begins.
    fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        (line, self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0))
    }

    /// The places of offsets in ascending order: a long line is counted through once.
    fn places(&self, offsets: &[usize]) -> Vec<Place> {
        let (mut at, mut column, mut before) = (0, 1, 0);
        let place = |offset: &usize| {
            let (line, start) = self.line(*offset);
            if line != before {
                (at, column, before) = (start, 1, line);
            }
            column += self.text.get(at..*offset).map_or(0, |passed| passed.chars().count());
            steps::add(1 + offset.saturating_sub(at));
            at = (*offset).max(at);
            Place { line, column }
        };
        offsets.iter().map(place).collect()
    }
}

/// The places of the findings' first and last characters.
fn places(text: &str, findings: &[&Finding]) -> Vec<(Place, Place)> {
    let lines = Lines::new(text);
    let starts: Vec<usize> = findings.iter().map(|finding| finding.diagnostic.span.start).collect();
    let mut order: Vec<(usize, usize)> = findings
        .iter()
        .map(|finding| finding.diagnostic.span.end)
        .enumerate()
        .map(|(at, end)| (end, at))
        .collect();
    order.sort_unstable();
    let ends = lines.places(&order.iter().map(|(end, _)| *end).collect::<Vec<_>>());
    let mut by_finding: Vec<(usize, Place)> = order.iter().map(|(_, at)| *at).zip(ends).collect();
    by_finding.sort_by_key(|(at, _)| *at);
    lines.places(&starts).into_iter().zip(by_finding.into_iter().map(|(_, end)| end)).collect()
}

/// For people: every finding with its line, what is wrong in it underlined, the remedy, and the probe that proves it.
pub(super) fn text(out: &mut dyn Write, all: &[Reviewed]) -> io::Result<()> {
    for reviewed in all {
        if let Some(kind) = &reviewed.kind {
            let title = article(&kind.title);
            let guessed = if kind.guessed { " (guessed; --kind says otherwise)" } else { "" };
            let part = match reviewed.part {
                Part::Whole => "",
                Part::Fragment => "a part of ",
            };
            let within = reviewed.within.map_or(String::new(), |name| format!(" from {name:?}"));
            output::line(out, format!("{}: read as {part}{title}{within}{guessed}", reviewed.file))?;
            output::line(out, "")?;
        }
        let (findings, more) = first_of_each_kind(reviewed.findings.iter());
        for (finding, (start, _)) in findings.iter().zip(places(&reviewed.text, &findings)) {
            one(out, reviewed, finding, &start)?;
        }
        for (code, count) in more {
            let file = &reviewed.file;
            output::line(
                out,
                format!(
                    "{file}: and {count} more [{code}], the limit `{}`; --format json lists all",
                    LINT_FINDINGS.name
                ),
            )?;
            output::line(out, "")?;
        }
        if let Some(refusal) = &reviewed.refusal {
            let file = &reviewed.file;
            output::line(out, format!("{file}: {}", answer(refusal)))?;
            output::line(out, "")?;
        }
        let (accepted, more) = first_of_each_kind(reviewed.accepted.iter());
        for (finding, reason) in accepted {
            let (file, code) = (&reviewed.file, finding.diagnostic.code);
            let message = shortened(&finding.diagnostic.message);
            output::line(out, format!("{file}: accepted: {message} [{code}], because: {reason}"))?;
            output::line(out, "")?;
        }
        for (code, count) in more {
            output::line(out, format!("{}: accepted: and {count} more [{code}]", reviewed.file))?;
            output::line(out, "")?;
        }
    }
    let documents = all.iter().filter(|reviewed| reviewed.kind.is_some()).count();
    let findings = || all.iter().flat_map(|reviewed| &reviewed.findings);
    let count = |severity| findings().filter(|finding| finding.diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let total = findings().count();
    let accepted: usize = all.iter().map(|reviewed| reviewed.accepted.len()).sum();
    let accepted = if accepted == 0 { String::new() } else { format!(", {accepted} more accepted") };
    output::line(
        out,
        format!(
            "{documents} document(s), {total} finding(s), {errors} error(s), {warnings} warning(s){accepted}"
        ),
    )
}

/// The findings that the text shows: of each kind the first ones. Beside them how many more of a kind there are.
fn first_of_each_kind<T: HasCode>(
    findings: impl Iterator<Item = T>,
) -> (Vec<T>, BTreeMap<&'static str, usize>) {
    let (mut counts, mut more) = (BTreeMap::<&str, usize>::new(), BTreeMap::new());
    let mut shown = Vec::new();
    for finding in findings {
        let count = counts.entry(finding.code()).or_default();
        *count += 1;
        if *count <= LINT_FINDINGS.size() {
            shown.push(finding);
        } else {
            *more.entry(finding.code()).or_default() += 1;
        }
    }
    (shown, more)
}

/// Something that a review found.
trait HasCode {
    /// The name of the finding's kind.
    fn code(&self) -> &'static str;
}

impl HasCode for &Finding {
    fn code(&self) -> &'static str {
        self.diagnostic.code
    }
}

impl HasCode for &(Finding, String) {
    fn code(&self) -> &'static str {
        self.0.diagnostic.code
    }
}

/// A message that quotes no more of the document than a line holds, twice: messages name what is wrong, and that may be as
/// long as the document.
fn shortened(message: &str) -> Cow<'_, str> {
    let half = 2 * LINT_COLUMNS.size();
    if message.len() <= 2 * half {
        return message.into();
    }
    let start: String = message.chars().take(half).collect();
    let end = message.char_indices().rev().nth(half - 1).map_or(0, |(at, _)| at).max(start.len());
    format!("{start}…{}", message.get(end..).unwrap_or_default()).into()
}

/// What AWS answers, as far as that is published.
fn answer(refusal: &Refusal) -> String {
    if refusal.published && refusal.message.is_empty() {
        format!("AWS would answer {}, without a text", refusal.code)
    } else if refusal.published {
        format!("AWS would answer {}: {}", refusal.code, shortened(&refusal.message))
    } else if refusal.code.is_empty() {
        "AWS refuses this (its answer is not published)".to_owned()
    } else {
        format!("AWS refuses this with {} (its text is not published)", refusal.code)
    }
}

fn article(title: &str) -> String {
    // Those of which the first letter is spoken as a vowel.
    let spelled = ["IAM ", "S3 "].iter().any(|start| title.starts_with(start));
    format!("{} {title}", if spelled { "an" } else { "a" })
}

fn one(out: &mut dyn Write, reviewed: &Reviewed, finding: &Finding, place: &Place) -> io::Result<()> {
    let Reviewed { file, text, .. } = reviewed;
    let Place { line, column } = place;
    let diagnostic = &finding.diagnostic;
    let severity = word(diagnostic.severity);
    let (shown, before, marked) = excerpt(text, diagnostic.span);
    let plain = |text: &str| output::clean(&text.replace('\t', "    "));
    let indent = " ".repeat(plain(before).width());
    let marks = "^".repeat(plain(marked).width().max(1));
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    output::line(
        out,
        format!(
            "{file}:{line}:{column}: {severity}: {} [{}]",
            shortened(&diagnostic.message),
            diagnostic.code
        ),
    )?;
    output::line(out, format!(" {number} | {}", plain(shown)))?;
    output::line(out, format!(" {gutter} | {indent}{marks}"))?;
    output::line(out, format!(" {gutter} = {}", shortened(&diagnostic.remedy)))?;
    if let Some(canary) = &finding.canary {
        output::line(out, format!(" {gutter} = probe: {}", shortened(&in_words(canary))))?;
    }
    output::line(out, "")
}

/// What is shown of a line: the part around a place, what of it stands before the place, and the place itself.
///
/// Only the window is looked at, however long the line is.
fn excerpt(text: &str, span: policy::Span) -> (&str, &str, &str) {
    let most = LINT_COLUMNS.size();
    let before = text.get(..span.start).unwrap_or_default();
    let (mut at, mut columns, mut back) = (span.start, 0, span.start);
    for c in before.chars().rev().take_while(|c| *c != '\n') {
        at -= c.len_utf8();
        columns += columns_of(c);
        if columns <= SHOWN_BEFORE {
            back = at;
        }
        // A line that fits is shown from its beginning.
        if columns > most / 2 {
            break;
        }
    }
    let start = if columns <= most / 2 { at } else { back };
    let before = text.get(start..span.start).unwrap_or_default();
    let rest = text.get(start..).unwrap_or_default();
    let mut end = 0;
    let mut columns = 0;
    for c in rest.chars().take_while(|c| *c != '\n') {
        columns += columns_of(c);
        if columns > most {
            break;
        }
        end += c.len_utf8();
    }
    let shown = rest.get(..end).unwrap_or_default().trim_end_matches('\r');
    let marked = shown.get(before.len()..).unwrap_or_default();
    let length = span.end.saturating_sub(span.start).min(marked.len());
    let marked = marked.get(..length).unwrap_or(marked);
    (shown, before, marked)
}

/// How many columns a character takes in the output: a tab is written as four blanks.
fn columns_of(c: char) -> usize {
    if c == '\t' { 4 } else { c.width().unwrap_or(1) }
}

fn in_words(canary: &Canary) -> String {
    let Canary { caller, action, resource, context, allowed } = canary;
    let outcome = if *allowed { "is allowed" } else { "is refused" };
    let context: Vec<String> =
        context.iter().map(|(key, values)| format!("{key}={}", values.join(","))).collect();
    let with = if context.is_empty() { String::new() } else { format!(" with {}", context.join(", ")) };
    format!("{caller} {outcome} {action} on {resource}{with}")
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Writes all findings as one JSON document.
pub(super) fn json(out: &mut dyn Write, all: &[Reviewed]) -> io::Result<()> {
    let documents: Vec<Value> = all
        .iter()
        .map(|reviewed| {
            let refusal = reviewed.refusal.as_ref();
            let findings: Vec<&Finding> = reviewed.findings.iter().collect();
            let accepted: Vec<&Finding> = reviewed.accepted.iter().map(|(finding, _)| finding).collect();
            let reasons = reviewed.accepted.iter().map(|(_, reason)| reason);
            let as_json = |findings: &[&Finding]| -> Vec<Value> {
                let places = places(&reviewed.text, findings);
                findings.iter().zip(places).map(|(finding, places)| one_as_json(finding, &places)).collect()
            };
            let accepted: Vec<Value> = as_json(&accepted)
                .into_iter()
                .zip(reasons)
                .map(|(finding, reason)| json!({"finding": finding, "reason": reason}))
                .collect();
            let kind = reviewed.kind.as_ref();
            json!({
                "file": reviewed.file,
                "kind": kind.map(|kind| &kind.name),
                "title": kind.map(|kind| &kind.title),
                "guessed": kind.is_some_and(|kind| kind.guessed),
                "fragment": reviewed.part == Part::Fragment,
                "within": reviewed.within,
                "refusal": refusal.map(|refusal| json!({
                    "code": refusal.code,
                    "message": refusal.published.then_some(&refusal.message),
                })),
                "findings": as_json(&findings),
                "accepted": accepted,
            })
        })
        .collect();
    output::json(out, &Value::from(documents))
}

fn one_as_json(finding: &Finding, (start, end): &(Place, Place)) -> Value {
    let diagnostic = &finding.diagnostic;
    json!({
        "severity": word(diagnostic.severity),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "remedy": diagnostic.remedy,
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "span": diagnostic.span,
        "probe": finding.canary.as_ref().map(|canary| json!({
            "caller": canary.caller,
            "action": canary.action,
            "resource": canary.resource,
            "context": canary.context,
            "allowed": canary.allowed,
        })),
    })
}

/// A SARIF log with one run.
// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"
pub(super) fn sarif(out: &mut dyn Write, all: &[Reviewed]) -> io::Result<()> {
    let mut codes = BTreeSet::new();
    let mut results = Vec::new();
    for reviewed in all {
        let accepted = reviewed.accepted.iter().map(|(finding, reason)| (finding, Some(reason)));
        let findings: Vec<(&Finding, Option<&String>)> =
            reviewed.findings.iter().map(|finding| (finding, None)).chain(accepted).collect();
        let plain: Vec<&Finding> = findings.iter().map(|(finding, _)| *finding).collect();
        for ((finding, reason), (start, end)) in findings.iter().zip(places(&reviewed.text, &plain)) {
            let diagnostic = &finding.diagnostic;
            codes.insert(diagnostic.code);
            let probe =
                finding.canary.as_ref().map_or(String::new(), |one| format!(" Probe: {}.", in_words(one)));
            let mut result = json!({
                "ruleId": diagnostic.code,
                "level": word(diagnostic.severity),
                "message": {"text": format!("{}. {}{probe}", diagnostic.message, diagnostic.remedy)},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": uri(&reviewed.file)},
                    "region": {
                        "startLine": start.line,
                        "startColumn": start.column,
                        "endLine": end.line,
                        "endColumn": end.column,
                    },
                }}],
            });
            if let (Some(reason), Some(fields)) = (reason, result.as_object_mut()) {
                fields.insert("suppressions".into(), json!([{"kind": "external", "justification": reason}]));
            }
            results.push(result);
        }
    }
    let rule = |code: &str| {
        let means = policy::known(code).map_or(code, |known| known.means);
        json!({"id": code, "shortDescription": {"text": means}})
    };
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kmslab",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.into_iter().map(rule).collect::<Vec<_>>(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Span, line_col};

    #[test]
    fn places_are_those_of_the_text() {
        let text = "aä\nb\n\ncd";
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let found = Lines::new(text).places(&offsets);
        for (offset, place) in offsets.into_iter().zip(found) {
            assert_eq!((place.line, place.column), line_col(text, offset), "{offset}");
        }
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let text = format!("{{{}WRONG{}}}", "x".repeat(5000), "y".repeat(5000));
        let (shown, before, marked) = excerpt(&text, Span::new(5001, 5006));
        assert_eq!((shown.len(), before.len(), marked), (LINT_COLUMNS.size(), SHOWN_BEFORE, "WRONG"));
        let wide = "漢".repeat(5000);
        let (shown, before, _) = excerpt(&wide, Span::new(3000, 3003));
        assert_eq!((shown.width(), before.width()), (LINT_COLUMNS.size(), SHOWN_BEFORE));
        let (shown, before, marked) = excerpt("a\n\tbc\r\nd", Span::new(3, 8));
        assert_eq!((shown, before, marked), ("\tbc", "\t", "bc"));
    }
}
