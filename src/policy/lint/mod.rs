//! Reviews a document: what makes its service refuse it, and what the service accepts but a reviewer would not.
//!
//! The rules of services enter as data: a [`Profile`] for the kind of document, and the [`Reference`] of actions,
//! resources and condition keys.

mod catalogue;
mod condition;
mod lockout;
mod overlap;
mod probe;
mod profile;
mod statement;
mod text;

pub use catalogue::{CATALOGUE, Group, Known, known};
pub use lockout::Lockout;
pub use probe::{Canary, Finding, Part};
pub use profile::{Profile, Refusal, Rulebook, RulebookError};

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::document::{Document, Statement};
use super::principal::{Named, Principals};
use super::reference::is_like;
use super::terms::{Effect, PolicyKind, Version};
use super::{KnownAction, Reference, Span, parse};
use crate::limits::policy::{LINT_COMPARED, LINT_STEPS};
use crate::limits::steps;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use text::{covers, is_managed};

/// The code of the finding that a document is too long.
const TOO_LONG: &str = "too-long";

/// The code of the finding that nobody could change the document again.
const LOCKOUT: &str = "lockout";

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

/// How much a review may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What the text shows, at every key press.
    Text,
    /// What happens when canaries use the document is asked elsewhere.
    Probes,
}

/// What a review with probes found.
#[derive(Debug, Clone)]
pub struct Linted {
    /// Everything there is to say about the document, by place.
    pub findings: Vec<Finding>,
    /// The error the service answers with, if it refuses the document.
    pub refusal: Option<Refusal>,
}

/// Reviews the text of a document, and puts requests of canaries to it if a service would keep it.
pub fn lint(text: &str, profile: &Profile, reference: &Reference, part: Part) -> Linted {
    let ((mut findings, refusal), ended) =
        steps::as_far_as(&LINT_STEPS, || probed(text, profile, reference, part));
    if let Err(exceeded) = ended {
        let start = text.len() - text.trim_start().len();
        let diagnostic = Diagnostic {
            severity: Severity::Note,
            code: "not-probed",
            message: format!("{exceeded}, so not all of it was compared and probed"),
            remedy: "Review the last statements in a document of their own.".to_owned(),
            span: Span::new(start, (start + 1).min(text.len())),
        };
        let known = findings.iter().position(|finding| finding.diagnostic.code == diagnostic.code);
        if known.is_none() {
            findings.push(Finding { diagnostic, canary: None });
        }
    }
    findings.sort_by_key(|finding| (finding.diagnostic.span.start, finding.diagnostic.span.end));
    Linted { findings, refusal }
}

/// What the text and the probes of a document show.
fn probed(
    text: &str,
    profile: &Profile,
    reference: &Reference,
    part: Part,
) -> (Vec<Finding>, Option<Refusal>) {
    let Review { document, diagnostics, refusal } = reviewed(text, profile, reference, Depth::Probes);
    let mut refusal = refusal;
    let mut findings: Vec<Finding> =
        diagnostics.into_iter().map(|diagnostic| Finding { diagnostic, canary: None }).collect();
    if let Some(document) = &document {
        let place = |finding: &Finding| (finding.diagnostic.code, finding.diagnostic.span);
        let mut by_place: HashMap<(&str, Span), usize> = HashMap::new();
        for (at, finding) in findings.iter().enumerate() {
            by_place.entry(place(finding)).or_insert(at);
        }
        for probed in probe::examine(document, profile, reference, part) {
            let at = *by_place.entry(place(&probed)).or_insert(findings.len());
            match findings.get_mut(at) {
                Some(known) => known.canary = known.canary.take().or(probed.canary),
                None => findings.push(probed),
            }
        }
    }
    // The check is the last that a service makes of a document.
    let locked = findings.iter().map(|finding| &finding.diagnostic);
    let locked = locked.filter(|found| found.code == LOCKOUT && found.severity == Severity::Error);
    if let (None, Some(found)) = (&refusal, locked.max_by_key(|found| (found.span.start, found.span.end))) {
        let (code, message) = profile.answer(LOCKOUT, "", "");
        refusal = Some(Refusal { code, message, published: true, span: found.span });
    }
    (findings, refusal)
}

/// Reviews the text of a document.
pub fn review(text: &str, profile: &Profile, reference: &Reference) -> Review {
    reviewed(text, profile, reference, Depth::Text)
}

fn reviewed(text: &str, profile: &Profile, reference: &Reference, depth: Depth) -> Review {
    let parsed = parse(text, profile.kind);
    let mut found = Diagnostics { list: parsed.diagnostics };
    let too_long = profile.too_long_from(text);
    if let Some((size, from)) = too_long {
        let message = format!(
            "the document has {size} bytes; a {} may have {}",
            profile.title,
            profile.max_size.unwrap_or(0)
        );
        found.error(TOO_LONG, Span::new(from, text.len()), message, "Shorten it, or split it in two.");
    }
    if let Some(span) = profile.odd_character(text) {
        let message = format!("a {} has no such character: {:?}", profile.title, span.of(text));
        found.error(
            "odd-character",
            span,
            message,
            "Write it as an escape of JSON, such as \\u2192, or without it.",
        );
    }
    if let Some(document) = &parsed.document {
        let mut linter = Linter { document, profile, reference, found, depth, known: HashMap::new() };
        linter.document(too_long.is_some());
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
    depth: Depth,
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

    fn document(&mut self, too_long: bool) {
        let document = self.document;
        self.managed();
        self.version();
        for statement in &document.statements {
            if steps::is_spent() {
                break;
            }
            self.sid(statement);
            self.actions(statement);
            self.trust_actions(statement);
            self.resources(statement);
            self.principals(statement);
            self.conditions(statement);
            self.rcp(statement);
        }
        // Each statement is compared with each; a document that no service keeps can have too many.
        if !too_long {
            self.shadowed();
        }
        self.lockout();
    }

    // Source: KMS Developer Guide, "concepts" (AWS managed keys: you cannot change their policies)
    fn managed(&mut self) {
        if let Some(id) = self.document.id.as_ref().filter(|_| is_managed(self.document, self.profile)) {
            let message = "this is the policy of an AWS managed key, which AWS keeps";
            let remedy = "Use a key of your own where you need another policy.";
            self.found.push(Severity::Note, "managed-key", id.span, message, remedy);
        }
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
            .take(LINT_COMPARED.size())
            .filter(|statement| statement.effect == Effect::Deny && statement.conditions.is_empty())
            .collect();
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            steps::add(denies.len());
            if steps::is_spent() {
                return;
            }
            if denies.iter().any(|deny| covers(deny, statement)) {
                let message = "another statement denies all of this, so it has no effect";
                self.found.warning("without-effect", statement.span, message, "Remove one of the two.");
            }
        }
    }

    /// Whether AWS itself keeps the policy: nobody may change it, and that is meant.
    fn is_managed_by_aws(&self) -> bool {
        let pattern = &self.profile.hazards.managed_id;
        self.document.id.as_ref().is_some_and(|id| is_like(pattern, &id.text))
    }

    /// Whether somebody can still change the document: best the account, which cannot be deleted.
    // Source: KMS Developer Guide, "key-policy-default" (allows access to the AWS account)
    fn lockout(&mut self) {
        let Some(action) = &self.profile.manage else { return };
        if self.is_managed_by_aws() {
            return;
        }
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
            if self.depth == Depth::Probes {
                return;
            }
            let message = format!("nobody is allowed {action}: the policy could never be changed again");
            self.found.warning(LOCKOUT, self.whole(), message, remedy);
        } else if !by_account {
            let message = format!(
                "{action} is allowed to single principals only: once they are deleted, nobody can change the policy"
            );
            self.found.warning("lockout-risk", self.whole(), message, remedy);
        }
    }
}

#[cfg(test)]
mod tests;
