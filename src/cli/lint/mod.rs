//! `kmslab lint`: reviews policy documents, as text for people and as JSON or SARIF for programs.

mod exceptions;
mod mapped;
mod report;
mod source;
mod template;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use self::exceptions::Exceptions;
use self::source::{Source, guess};
use super::Exit;
use crate::cloud::{reference, rulebook};
use crate::limits;
use crate::policy::{self, Diagnostic, Finding, Part, Profile, Refusal, Severity, Span};

/// The arguments of the command.
#[derive(Args, Debug)]
pub struct Lint {
    /// Files that hold one policy document each, also as the AWS CLI prints it; - reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// What kind of document it is, for example kms-key or iam-inline; guessed from the document if absent
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// The least finding that makes the command fail
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    fail_on: FailOn,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people: the line, and what is wrong in it underlined
    Text,
    /// One JSON document
    Json,
    /// The Static Analysis Results Interchange Format, version 2.1.0
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    /// Anything that there is to say
    Note,
    /// What a reviewer would not accept, and what AWS refuses
    Warning,
    /// What makes AWS refuse the document
    Error,
    /// No finding, however bad
    Never,
}

impl FailOn {
    fn is_met(self, severity: Severity) -> bool {
        match self {
            Self::Note => true,
            Self::Warning => severity >= Severity::Warning,
            Self::Error => severity >= Severity::Error,
            Self::Never => false,
        }
    }
}

/// One file and what was found in it.
struct Reviewed {
    file: String,
    text: String,
    /// What kind of document it was taken for; `None` for a file that is no policy.
    kind: Option<Kind>,
    part: Part,
    within: Option<&'static str>,
    findings: Vec<Finding>,
    /// Findings that an exception accepts, each with the reason.
    accepted: Vec<(Finding, String)>,
    refusal: Option<Refusal>,
}

struct Kind {
    name: String,
    title: String,
    guessed: bool,
}

impl Lint {
    /// Reviews the files. A finding as bad as `--fail-on` says is a failure.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let mut folders = Folders::default();
        let mut all = Vec::new();
        for file in &self.files {
            let mut reviewed = self.review(file)?;
            if file != "-"
                && let Some(exceptions) = folders.beside(Path::new(file))?
            {
                reviewed.accept(exceptions);
            }
            all.push(reviewed);
        }
        all.extend(folders.unused(&self.files));
        match if self.json { Format::Json } else { self.format } {
            Format::Text => report::text(out, &all)?,
            Format::Json => report::json(out, &all)?,
            Format::Sarif => report::sarif(out, &all)?,
        }
        let mut findings = all.iter().flat_map(|reviewed| &reviewed.findings);
        let failed = findings.any(|finding| self.fail_on.is_met(finding.diagnostic.severity));
        Ok(if failed { Exit::Failed } else { Exit::Done })
    }

    fn review(&self, file: &str) -> anyhow::Result<Reviewed> {
        let bytes = read(file).with_context(|| format!("cannot read {file}"))?;
        let text = match policy::json::utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                // INVARIANT: the bytes before the error are UTF-8.
                let valid = String::from_utf8_lossy(&bytes[..error.span.start]);
                let (line, column) = policy::line_col(&valid, valid.len());
                anyhow::bail!("{file}:{line}:{column}: {error}. {}", error.remedy);
            }
        };
        let source = Source::read(&text);
        let kind = self.kind.as_deref().or(source.kind).unwrap_or_else(|| guess(&source.policy));
        let profile = rulebook().profile(kind).with_context(|| {
            let known: Vec<&str> = rulebook().names().collect();
            format!("there is no kind of document {kind}; use one of {}", known.join(", "))
        })?;
        let kind = Kind { name: kind.to_owned(), title: profile.title.clone(), guessed: self.kind.is_none() };
        Ok(Reviewed::new(file, text, kind, profile, &source))
    }
}

impl Reviewed {
    fn new(file: &str, text: String, kind: Kind, profile: &Profile, source: &Source) -> Self {
        let part = source.part;
        let linted = policy::lint(&source.policy, profile, reference(), part);
        // What a placeholder will be is not known, so nothing is said of the value that stands for it.
        let stands = |finding: &Finding| {
            !source.is_filled_in(finding.diagnostic.span) || judges_more_than_a_value(finding.diagnostic.code)
        };
        let mut findings: Vec<Finding> = linted.findings.into_iter().filter(stands).collect();
        for finding in &mut findings {
            finding.diagnostic.span = source.back(finding.diagnostic.span);
        }
        let refusal = linted.refusal.filter(|refusal| !source.is_filled_in(refusal.span));
        findings.extend(about_the_text(source, &text));
        findings.sort_by_key(|finding| (finding.diagnostic.span.start, finding.diagnostic.span.end));
        let within = source.within;
        let file = file.to_owned();
        Self { file, text, kind: Some(kind), part, within, findings, accepted: Vec::new(), refusal }
    }

    /// Sets aside what the exceptions accept. What AWS refuses cannot be accepted.
    fn accept(&mut self, exceptions: &mut Exceptions) {
        let statements = sids(&self.text);
        for finding in std::mem::take(&mut self.findings) {
            let Diagnostic { severity, code, span, .. } = finding.diagnostic;
            // Statements stand in the order of the text, and none within another.
            let before = statements.partition_point(|(_, place)| place.start <= span.start);
            let statement = before.checked_sub(1).and_then(|at| statements.get(at));
            let sid = statement.filter(|(_, place)| span.end <= place.end).map(|(sid, _)| sid.as_str());
            let reason = match severity {
                Severity::Note | Severity::Warning => exceptions.accept(Path::new(&self.file), code, sid),
                Severity::Error => None,
            };
            match reason {
                Some(reason) => self.accepted.push((finding, reason)),
                None => self.findings.push(finding),
            }
        }
    }
}

/// Whether a finding says what happens, and not only that a value is odd.
fn judges_more_than_a_value(code: &str) -> bool {
    policy::known(code).is_some_and(|known| match known.group {
        policy::Group::Happens => true,
        policy::Group::Idle | policy::Group::Refused | policy::Group::Text => false,
    })
}

/// What there is to say about how the policy stands in the file.
fn about_the_text(source: &Source, text: &str) -> Vec<Finding> {
    let note = |code, span, message: &str, remedy: &str| {
        let (message, remedy) = (message.to_owned(), remedy.to_owned());
        Finding {
            diagnostic: Diagnostic { severity: Severity::Note, code, message, remedy, span },
            canary: None,
        }
    };
    let start = text.len() - text.trim_start().len();
    let first = Span::new(start, (start + 1).min(text.len()));
    let mut found = Vec::new();
    if source.part == Part::Fragment {
        let message = "this is a part of a policy; what needs the whole is not judged";
        found.push(note("fragment", first, message, "Give the whole policy to have it judged."));
    }
    if let Some(place) = source.placeholders.first() {
        let message = format!(
            "this is a template: {} values are filled in later, and likely ones stand for them here",
            source.placeholders.len()
        );
        let remedy = "Give the policy as the tool makes it to have all of it judged.";
        found.push(note("template", source.back(*place), &message, remedy));
    }
    found
}

/// The Sids of the statements in a text, each with the place of the statement, however deep it stands.
fn sids(text: &str) -> Vec<(String, Span)> {
    let source = Source::read(text);
    let root = policy::json::read(&source.policy).root;
    let statements = root.as_ref().and_then(|root| root.get("Statement"));
    let statements = statements.map(policy::json::Node::one_or_many).unwrap_or_default();
    let sid =
        |node: &policy::json::Node| Some((node.get("Sid")?.as_str()?.to_owned(), source.back(node.span)));
    statements.iter().filter_map(sid).collect()
}

/// The exceptions of each folder that a policy stands in.
#[derive(Default)]
struct Folders(Vec<(PathBuf, Option<Exceptions>)>);

impl Folders {
    fn beside(&mut self, policy: &Path) -> anyhow::Result<Option<&mut Exceptions>> {
        let folder = policy.parent().unwrap_or(Path::new("")).to_owned();
        let known = self.0.iter().position(|(known, _)| *known == folder);
        let at = if let Some(at) = known {
            at
        } else {
            self.0.push((folder, Exceptions::beside(policy)?));
            self.0.len() - 1
        };
        Ok(self.0.get_mut(at).and_then(|(_, exceptions)| exceptions.as_mut()))
    }

    /// The entries that matched nothing, as findings about their file. An entry for a policy that was not given is left
    /// alone.
    fn unused(self, files: &[String]) -> Vec<Reviewed> {
        let files: Vec<&Path> = files.iter().map(Path::new).collect();
        let of = |Exceptions { path, text, entries, .. }: Exceptions| {
            let given = |name: &str| files.iter().any(|file| **file == *path.with_file_name(name));
            let unused = entries.into_iter().filter(|entry| !entry.used);
            let unused = unused.filter(|entry| entry.file.as_deref().is_none_or(given));
            let findings: Vec<Finding> = unused.map(|entry| unused_exception(&entry)).collect();
            let file = path.display().to_string();
            (!findings.is_empty()).then(|| Reviewed {
                file,
                text,
                kind: None,
                part: Part::Whole,
                within: None,
                findings,
                accepted: Vec::new(),
                refusal: None,
            })
        };
        self.0.into_iter().filter_map(|(_, exceptions)| of(exceptions?)).collect()
    }
}

fn unused_exception(entry: &exceptions::Exception) -> Finding {
    let place = entry.sid.as_ref().map_or(String::new(), |sid| format!(" in statement {sid:?}"));
    let message = format!("there is no finding {}{place} to accept", entry.finding);
    let remedy = "Remove the entry: what it was for is mended, or it is misspelt.".to_owned();
    let (severity, code, span) = (Severity::Warning, "unused-exception", entry.span);
    Finding { diagnostic: Diagnostic { severity, code, message, remedy, span }, canary: None }
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let limit = &limits::policy::LINT_FILE;
    Ok(if file == "-" {
        limits::file::read_from(io::stdin(), limit)?
    } else {
        limits::file::read_named(Path::new(file), limit)?
    })
}

#[cfg(test)]
mod tests;
