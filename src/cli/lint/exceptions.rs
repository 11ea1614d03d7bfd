//! The file `kmslab-lint.toml` beside a policy: findings that its keepers accept, each with the reason.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;
use toml::Spanned;

use crate::limits;
use crate::policy::{self, Span};

/// The name of the file.
pub(super) const NAME: &str = "kmslab-lint.toml";

/// The exceptions of one folder.
pub(super) struct Exceptions {
    pub path: PathBuf,
    pub text: String,
    pub entries: Vec<Exception>,
    /// For each finding, Sid and file the first of the entries.
    places: HashMap<Meant, usize>,
}

/// What an entry is about: a finding, a Sid and a file.
type Meant = (String, Option<String>, Option<String>);

/// A finding that is accepted.
#[derive(Debug)]
pub(super) struct Exception {
    pub finding: String,
    /// The Sid of the statement in which it is accepted; everywhere if it is absent.
    pub sid: Option<String>,
    /// The name of the policy's file in the folder; any if it is absent.
    pub file: Option<String>,
    pub reason: String,
    /// Where the entry names the finding.
    pub span: Span,
    /// Whether a finding met the exception.
    pub used: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accept: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    finding: Spanned<String>,
    sid: Option<String>,
    file: Option<String>,
    reason: String,
}

impl Exceptions {
    /// Reads the file of a folder, if the folder has one.
    pub(super) fn beside(policy: &Path) -> anyhow::Result<Option<Self>> {
        let path = policy.with_file_name(NAME);
        let text = match limits::file::read_text(&path, &limits::policy::LINT_EXCEPTIONS) {
            Ok(text) => text,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let entries = entries(&text).map_err(|(at, what)| {
            let (line, column) = policy::line_col(&text, at);
            anyhow::anyhow!("{}:{line}:{column}: {what}", path.display())
        })?;
        let mut places = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            let meant = (entry.finding.clone(), entry.sid.clone(), entry.file.clone());
            places.entry(meant).or_insert(at);
        }
        Ok(Some(Self { path, text, entries, places }))
    }

    /// The reason why a finding is accepted in the statement with this Sid, if it is.
    pub(super) fn accept(&mut self, file: &Path, finding: &str, sid: Option<&str>) -> Option<String> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let sids = [None, sid.map(str::to_owned)];
        let meant = sids
            .iter()
            .flat_map(|sid| [None, name.clone()].map(|file| (finding.to_owned(), sid.clone(), file)));
        let first = meant.filter_map(|meant| self.places.get(&meant)).min().copied()?;
        let entry = self.entries.get_mut(first)?;
        entry.used = true;
        Some(entry.reason.clone())
    }
}

fn entries(text: &str) -> Result<Vec<Exception>, (usize, String)> {
    limits::steps::add(text.len());
    let file: File = toml::from_str(text).map_err(|error| {
        let words = error.message().trim_end_matches('.');
        let wanted = "write [[accept]] with `finding`, `reason` and, if you like, `sid` and `file`";
        (error.span().map_or(0, |span| span.start), format!("{words}: {wanted}"))
    })?;
    let entry = |Entry { finding, sid, file, reason }| {
        let span = Span::new(finding.span().start, finding.span().end);
        let finding = finding.into_inner();
        if policy::known(&finding).is_none() {
            return Err((
                span.start,
                format!("there is no finding `{finding}`: take an id that lint prints"),
            ));
        }
        if reason.trim().is_empty() {
            return Err((span.start, "the reason is empty: write why the finding is accepted".to_owned()));
        }
        Ok(Exception { finding, sid, file, reason, span, used: false })
    };
    file.accept.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_needs_a_known_finding_and_a_reason() {
        let read = |text: &str| {
            entries(text).map(|entries| entries.len()).map_err(|(at, what)| format!("{at}: {what}"))
        };
        let good = "[[accept]]\nfinding = \"public\"\nsid = \"Web\"\nreason = \"a public key\"\n";
        assert_eq!(read(good), Ok(1));
        assert_eq!(read(""), Ok(0));
        for (bad, at, word) in [
            ("[[accept]]\nfinding = \"publik\"\nreason = \"x\"", "21:", "no finding `publik`"),
            ("[[accept]]\nfinding = \"public\"\nreason = \" \"", "21:", "reason is empty"),
            ("[[accept]]\nfinding = \"public\"", "0:", "missing field `reason`"),
            ("[[accept]]\nfinding = \"public\"\nreason = \"x\"\nwhy = 1", "43:", "unknown field `why`"),
            ("accept = 1", "9:", "accept"),
        ] {
            let error = read(bad).expect_err(bad);
            assert!(error.starts_with(at) && error.contains(word), "{bad}: {error}");
        }
    }
}
