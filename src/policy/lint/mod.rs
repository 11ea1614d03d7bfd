//! Reviews a document: what makes its service refuse it, and what the service accepts but a reviewer would not.
//!
//! The rules of services enter as data: a [`Profile`] for the kind of document, and the [`Reference`] of actions,
//! resources and condition keys.

mod condition;
mod overlap;
mod profile;
mod statement;

pub use profile::{Profile, Refusal, Rulebook, RulebookError};

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::document::{Document, Statement};
use super::principal::{Named, Principals};
use super::reference::is_like;
use super::terms::{Effect, PolicyKind, Version};
use super::{KnownAction, Reference, Span, parse};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The code of the finding that a document is too long.
const TOO_LONG: &str = "too-long";

/// What a review found.
#[derive(Debug, Clone)]
pub struct Review {
    /// The document, unless its text is wrong.
    pub document: Option<Arc<Document>>,
    /// Everything there is to say about it, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The error the service answers with, if it refuses the document.
    pub refusal: Option<Refusal>,
}

/// Reviews the text of a document.
pub fn review(text: &str, profile: &Profile, reference: &Reference) -> Review {
    let parsed = parse(text, profile.kind);
    let mut found = Diagnostics { list: parsed.diagnostics };
    if let Some((size, from)) = profile.too_long_from(text) {
        let message = format!(
            "the document has {size} bytes; a {} may have {}",
            profile.title,
            profile.max_size.unwrap_or(0)
        );
        found.error(TOO_LONG, Span::new(from, text.len()), message, "Shorten it, or split it in two.");
    }
    if let Some(document) = &parsed.document {
        let mut linter = Linter { document, profile, reference, found, known: HashMap::new() };
        linter.document();
        found = linter.found;
    }
    for finding in &mut found.list {
        if profile.refuses(finding) {
            finding.severity = Severity::Error;
        }
    }
    found.list.sort_by_key(|finding| (finding.span.start, finding.span.end));
    let refusal = profile.refusal(text, &found.list);
    let document = parsed.document.filter(|_| refusal.is_none());
    Review { document, diagnostics: found.list, refusal }
}

struct Linter<'a> {
    document: &'a Document,
    profile: &'a Profile,
    reference: &'a Reference,
    found: Diagnostics,
    /// The known actions of each pattern: documents repeat them.
    known: HashMap<&'a str, Option<Rc<[KnownAction<'a>]>>>,
}

impl<'a> Linter<'a> {
    /// The actions that a pattern matches. `None` if its service is not known in detail.
    fn actions_like(&mut self, pattern: &'a str) -> Option<Rc<[KnownAction<'a>]>> {
        let reference = self.reference;
        let known = self.known.entry(pattern);
        known.or_insert_with(|| reference.actions_like(pattern).map(Rc::from)).clone()
    }

    fn document(&mut self) {
        let document = self.document;
        self.version();
        for statement in &document.statements {
            self.sid(statement);
            self.actions(statement);
            self.trust_actions(statement);
            self.resources(statement);
            self.principals(statement);
            self.conditions(statement);
            self.rcp(statement);
        }
        self.shadowed();
        self.lockout();
    }

    /// The first line of the document, for findings about the whole.
    fn whole(&self) -> Span {
        let text = &self.document.text;
        let start = text.len() - text.trim_start().len();
        Span::new(start, (start + 1).min(text.len()))
    }

    // Source: IAM User Guide, "reference_policies_elements_version"
    fn version(&mut self) {
        if self.document.version == Version::V2012 {
            return;
        }
        let document = self.document;
        let values = document.statements.iter().flat_map(|statement| {
            let resources = statement.resources.patterns.iter().map(|pattern| &pattern.source);
            resources.chain(statement.conditions.iter().flat_map(|condition| &condition.values))
        });
        for value in values.filter(|value| value.text.contains("${")) {
            let message = "the version of this policy knows no variables, so this is plain text";
            self.found.warning(
                "variable-in-old-version",
                value.span,
                message,
                "Write \"Version\": \"2012-10-17\".",
            );
        }
    }

    fn sid(&mut self, statement: &Statement) {
        let Some(sid) = &statement.sid else { return };
        if self.profile.sid_is_alphanumeric == Some(true)
            && !sid.text.chars().all(|c| c.is_ascii_alphanumeric())
        {
            let message = "a Sid here consists of letters and digits";
            self.found.error("bad-sid", sid.span, message, "Write it without spaces and signs.");
        }
    }

    // Source: Organizations User Guide, "orgs_manage_policies_rcps_syntax"
    fn rcp(&mut self, statement: &Statement) {
        if self.document.kind == PolicyKind::Rcp && statement.effect == Effect::Allow {
            let message = "a resource control policy can only deny";
            self.found.warning("rcp-allow", statement.span, message, "Write \"Effect\": \"Deny\".");
        }
    }

    /// What an unconditional Deny covers, no Allow can give.
    fn shadowed(&mut self) {
        let document = self.document;
        let denies: Vec<_> = document
            .statements
            .iter()
            .filter(|statement| statement.effect == Effect::Deny && statement.conditions.is_empty())
            .collect();
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            if denies.iter().any(|deny| covers(deny, statement)) {
                let message = "another statement denies all of this, so it has no effect";
                self.found.warning("without-effect", statement.span, message, "Remove one of the two.");
            }
        }
    }

    /// Whether somebody can still change the document: best the account, which cannot be deleted.
    // Source: KMS Developer Guide, "key-policy-default" (allows access to the AWS account)
    fn lockout(&mut self) {
        let Some(action) = &self.profile.manage else { return };
        let manages = |statement: &&Statement| {
            let folded = action.to_lowercase();
            let speaks = statement.actions.decide(|pattern| pattern.glob.matches(&folded));
            let entries = statement.principals.entries();
            statement.effect == Effect::Allow
                && speaks
                && statement.resources.span.is_some()
                && !entries.is_empty()
        };
        let statements: Vec<_> = self.document.statements.iter().filter(manages).collect();
        let by_account = statements.iter().any(|statement| match &statement.principals {
            Principals::Only(entries) => {
                entries.iter().any(|entry| matches!(entry.named, Named::Account(_) | Named::Everyone))
            }
            Principals::Except(_) => true,
            Principals::Unstated => false,
        });
        let remedy = format!(
            "Allow {action} to the account: \"Principal\": {{\"AWS\": \"arn:aws:iam::ACCOUNT:root\"}}."
        );
        if statements.is_empty() {
            let message = format!("nobody is allowed {action}: the policy could never be changed again");
            self.found.warning("lockout", self.whole(), message, remedy);
        } else if !by_account {
            let message = format!(
                "{action} is allowed to single principals only: once they are deleted, nobody can change the policy"
            );
            self.found.warning("lockout-risk", self.whole(), message, remedy);
        }
    }
}

/// Whether everything that a statement can allow is denied by another, as far as their texts show.
fn covers(deny: &Statement, allow: &Statement) -> bool {
    let principals = match (&deny.principals, &allow.principals) {
        (Principals::Unstated, _) => true,
        (Principals::Only(denied), _) if denied.iter().any(|entry| entry.named == Named::Everyone) => true,
        (Principals::Only(denied), Principals::Only(allowed)) => {
            allowed.iter().all(|entry| denied.iter().any(|other| other.text == entry.text))
        }
        _ => false,
    };
    let actions = |statement: &Statement| -> Vec<String> {
        statement.actions.patterns.iter().map(|pattern| pattern.source.text.to_lowercase()).collect()
    };
    let resources = |statement: &Statement| -> Vec<String> {
        statement.resources.patterns.iter().map(|pattern| pattern.source.text.to_string()).collect()
    };
    let plain = |statement: &Statement| {
        let elements = (statement.actions.negated, statement.resources.negated);
        elements == (false, false) && !statement.actions.patterns.is_empty()
    };
    principals
        && plain(deny)
        && plain(allow)
        && all_within(&actions(allow), &actions(deny))
        && all_within(&resources(allow), &resources(deny))
}

/// Whether each narrow pattern lies within one of the wide ones.
///
/// A `*` of the narrow pattern is only met by a `*` of the wide one, so a wide pattern that matches the narrow one as
/// plain text matches everything that the narrow one does. Patterns with `?` are left alone.
fn all_within(narrow: &[String], wide: &[String]) -> bool {
    let plain = |pattern: &&String| !pattern.contains('?') && !pattern.contains("${");
    narrow.iter().all(|narrow| wide.iter().filter(plain).any(|wide| is_like(wide, narrow)))
}

/// Whether the key is one of a list in which `*` stands for any text.
fn is_listed<'a>(key: &str, list: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    list.into_iter().find(|known| is_like(&known.to_lowercase(), &key.to_lowercase()))
}

/// The known name that is nearest to a misspelt one, if it is near at all.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.to_lowercase().chars().take(64).collect();
    known
        .into_iter()
        .map(|known| (strsim::levenshtein(&name, &known.to_lowercase()), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= name.chars().count() / 3)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
