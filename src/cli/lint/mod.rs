//! `kmslab lint`: reviews policy documents, as text for people and as JSON or SARIF for programs.

mod report;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::Exit;
use crate::cloud::{reference, rulebook};
use crate::policy::json::Node;
use crate::policy::{self, Diagnostic, Profile, Review, Severity};

/// No document that any service keeps is nearly so long, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// The arguments of the command.
#[derive(Args, Debug)]
pub struct Lint {
    /// Files that hold one policy document each; - reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// What kind of document it is, for example kms-key or iam-inline; guessed from the document if absent
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
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

/// One file and what was found in it.
struct Reviewed<'a> {
    file: &'a str,
    text: String,
    kind: &'a str,
    profile: &'a Profile,
    review: Review,
}

impl Lint {
    /// Reviews the files. A finding that makes the service refuse a document is a failure.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let mut all = Vec::new();
        for file in &self.files {
            all.push(self.review(file)?);
        }
        match self.format {
            Format::Text => report::text(out, &all)?,
            Format::Json => report::json(out, &all)?,
            Format::Sarif => report::sarif(out, &all)?,
        }
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        let failed = all.iter().any(|reviewed| reviewed.review.diagnostics.iter().any(is_error));
        Ok(if failed { Exit::Failed } else { Exit::Done })
    }

    fn review<'a>(&'a self, file: &'a str) -> anyhow::Result<Reviewed<'a>> {
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
        let kind = self.kind.as_deref().unwrap_or_else(|| guess(&text));
        let profile = rulebook().profile(kind).with_context(|| {
            let known: Vec<&str> = rulebook().names().collect();
            format!("there is no kind of document {kind}; use one of {}", known.join(", "))
        })?;
        let review = policy::review(&text, profile, reference());
        Ok(Reviewed { file, text, kind, profile, review })
    }
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let input: Box<dyn Read> =
        if file == "-" { Box::new(io::stdin()) } else { Box::new(File::open(Path::new(file))?) };
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    anyhow::ensure!(bytes.len() as u64 <= MAX_BYTES, "it is larger than {MAX_BYTES} bytes; no policy is");
    Ok(bytes)
}

/// The kind of document a text seems to be: one that names principals belongs to a resource, and its actions tell
/// to which.
fn guess(text: &str) -> &'static str {
    let Some(root) = policy::json::read(text).root else { return "iam-inline" };
    let statements = root.get("Statement").map(Node::one_or_many).unwrap_or_default();
    let has = |name: &str| statements.iter().any(|statement| statement.get(name).is_some());
    if !has("Principal") && !has("NotPrincipal") {
        return "iam-inline";
    }
    let actions =
        statements.iter().filter_map(|statement| statement.get("Action")).flat_map(Node::one_or_many);
    let vendors: Vec<&str> = actions
        .filter_map(|action| action.as_str()?.split(':').next())
        .filter(|vendor| *vendor != "*")
        .collect();
    let count = |name: &str| vendors.iter().filter(|vendor| vendor.eq_ignore_ascii_case(name)).count();
    let kinds =
        [("kms", "kms-key"), ("s3", "s3-bucket"), ("dynamodb", "dynamodb-table"), ("sts", "iam-trust")];
    // Of equally likely kinds the first.
    let likely = kinds.into_iter().rev().max_by_key(|(vendor, _)| count(vendor));
    likely.filter(|(vendor, _)| count(vendor) > 0).map_or("kms-key", |(_, kind)| kind)
}

#[cfg(test)]
mod tests;
