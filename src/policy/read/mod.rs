//! Reads a policy document from its text: the shape every kind of policy shares, and what its kind demands.
//!
//! What a particular service demands beyond that is data, and is checked by [`super::validate`].

mod condition;
mod elements;

use super::Span;
use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::document::{Document, Statement};
use super::json::{self, Member, Node, Value};
use super::terms::{Effect, PolicyKind, Spanned, Version};
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// What [`parse`] made of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The document, if nothing in it is an error.
    pub document: Option<Arc<Document>>,
    /// Everything there is to say about it, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Texts from this length on are remembered.
const LONG: usize = 2048;

thread_local! {
    /// The long texts read last. One key press has the editor, the what-if and the rehearsal read the same text, and
    /// that is most of its work.
    static LAST: RefCell<VecDeque<(PolicyKind, Box<str>, Parsed)>> = const { RefCell::new(VecDeque::new()) };
}

/// Reads the text of a policy of the given kind. It never fails: errors are diagnostics.
pub fn parse(text: &str, kind: PolicyKind) -> Parsed {
    if text.len() < LONG {
        return read(text, kind);
    }
    LAST.with_borrow_mut(|last| {
        if let Some((_, _, parsed)) = last.iter().find(|(k, t, _)| *k == kind && **t == *text) {
            return parsed.clone();
        }
        let parsed = read(text, kind);
        last.truncate(1);
        last.push_front((kind, text.into(), parsed.clone()));
        parsed
    })
}

fn read(text: &str, kind: PolicyKind) -> Parsed {
    let reading = json::read(text);
    let mut reader = Reader { kind, version: Version::V2008, found: Diagnostics::default() };
    for error in reading.errors {
        reader.found.error("invalid-json", error.span, error.message, error.remedy);
    }
    // What a text that is no JSON would say as a policy is guesswork: its own errors come first.
    let root = reading.root.filter(|_| !reader.found.has_errors());
    let document = root.and_then(|root| reader.document(&root, text));
    let document = document.filter(|_| !reader.found.has_errors()).map(Arc::new);
    let mut diagnostics = reader.found.list;
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    Parsed { document, diagnostics }
}

/// What is known while a document is read.
struct Reader {
    kind: PolicyKind,
    version: Version,
    found: Diagnostics,
}

impl Reader {
    fn document(&mut self, root: &Node, text: &str) -> Option<Document> {
        let Some(members) = root.as_object() else {
            let message = format!("a policy is an object, not {}", root.kind());
            self.found.error(
                "not-a-policy",
                root.span,
                message,
                "Write { \"Version\": ..., \"Statement\": ... }.",
            );
            return None;
        };
        for member in members {
            if !matches!(&*member.name, "Version" | "Id" | "Statement") {
                self.unknown_element(member, "a policy", "Version, Id and Statement");
            }
        }
        self.version = root.get("Version").map_or(Version::V2008, |node| self.version(node));
        if self.version == Version::V2008 {
            let start = text.len() - text.trim_start().len();
            self.found.push(
                Severity::Note,
                "old-version",
                Span::new(start, (start + 1).min(text.len())),
                "the policy is written in the old version of the language",
                "Write \"Version\": \"2012-10-17\".",
            );
        }
        let id = root.get("Id").and_then(|node| self.text(node, "Id"));
        let Some(statements) = root.get("Statement") else {
            let remedy = "Add \"Statement\": [ ... ].";
            self.found.error("missing-statement", root.span, "the policy has no Statement", remedy);
            return None;
        };
        if statements.one_or_many().is_empty() {
            let remedy = "Add a statement between the brackets.";
            self.found.error("empty-statement", statements.span, "Statement is empty", remedy);
        }
        let nodes = statements.one_or_many();
        let statements: Vec<_> = nodes.iter().filter_map(|node| self.statement(node)).collect();
        self.report_repeated_sids(&statements);
        Some(Document { kind: self.kind, version: self.version, id, statements, text: text.into() })
    }

    fn version(&mut self, node: &Node) -> Version {
        match node.as_str() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") => Version::V2008,
            _ => {
                let message = "the version is neither 2012-10-17 nor 2008-10-17";
                self.found.error("bad-version", node.span, message, "Write \"2012-10-17\".");
                Version::V2012
            }
        }
    }

    fn statement(&mut self, node: &Node) -> Option<Statement> {
        let Some(members) = node.as_object() else {
            let message = format!("a statement is an object, not {}", node.kind());
            self.found.error(
                "bad-statement",
                node.span,
                message,
                "Write { \"Effect\": ..., \"Action\": ... }.",
            );
            return None;
        };
        for member in members {
            if !is_element(&member.name) {
                let known = "Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource and Condition";
                self.unknown_element(member, "a statement", known);
            }
        }
        let effect = self.effect(node);
        let sid = node.get("Sid").and_then(|sid| self.text(sid, "Sid"));
        let (principals, principals_span) = self.principals(node, members);
        let actions = self.actions(node, members);
        let resources = self.resources(node, members);
        let conditions = self.conditions(node);
        let effect = effect?;
        Some(Statement {
            sid,
            effect,
            principals,
            principals_span,
            actions,
            resources,
            conditions,
            span: node.span,
        })
    }

    fn effect(&mut self, statement: &Node) -> Option<Effect> {
        let Some(node) = statement.get("Effect") else {
            let remedy = "Add \"Effect\": \"Allow\" or \"Effect\": \"Deny\".";
            self.found.error("missing-effect", statement.span, "the statement has no Effect", remedy);
            return None;
        };
        match node.as_str() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            other => {
                let known =
                    |text: &str| text.eq_ignore_ascii_case("Allow") || text.eq_ignore_ascii_case("Deny");
                let code = if other.is_some_and(known) { "effect-case" } else { "bad-effect" };
                let message = "Effect is neither Allow nor Deny, written exactly so";
                self.found.error(code, node.span, message, "Write \"Allow\" or \"Deny\".");
                None
            }
        }
    }

    fn report_repeated_sids(&mut self, statements: &[Statement]) {
        let mut seen = BTreeSet::new();
        for sid in statements.iter().filter_map(|statement| statement.sid.as_ref()) {
            if !sid.text.is_empty() && !seen.insert(&sid.text) {
                let message = format!("another statement has the Sid {:?} too", sid.text);
                let remedy = "Give every statement a Sid of its own.";
                // Source: IAM User Guide, "access-analyzer-reference-policy-checks": required of some types in IAM, and
                // recommended for all others.
                match self.kind {
                    PolicyKind::Resource | PolicyKind::Endpoint => {
                        self.found.warning("duplicate-sid", sid.span, message, remedy);
                    }
                    PolicyKind::Identity
                    | PolicyKind::Trust
                    | PolicyKind::Boundary
                    | PolicyKind::Session
                    | PolicyKind::Scp
                    | PolicyKind::Rcp => self.found.error("duplicate-sid", sid.span, message, remedy),
                }
            }
        }
    }

    fn unknown_element(&mut self, member: &Member, whole: &str, known: &str) {
        let message = format!("{:?} is no element of {whole}", member.name);
        let remedy = format!("Use {known}; case matters.");
        self.found.error("unknown-element", member.name_span, message, remedy);
    }

    /// The string at `node`, or a diagnostic.
    fn text(&mut self, node: &Node, element: &str) -> Option<Spanned> {
        if let Some(text) = node.as_str() {
            return Some(Spanned { text: text.into(), span: node.span });
        }
        let message = format!("{element} is {}, not a string", node.kind());
        self.found.error("not-a-string", node.span, message, "Write a string in double quotes.");
        None
    }

    /// The strings at `node`, one or an array of them.
    fn texts(&mut self, node: &Node, element: &str) -> Vec<Spanned> {
        node.one_or_many().iter().filter_map(|node| self.text(node, element)).collect()
    }

    /// The values of a condition, which may be strings, numbers and booleans.
    fn scalars(&mut self, node: &Node, element: &str) -> Vec<Spanned> {
        let scalar = |node: &Node| match &node.value {
            Value::Bool(true) => Some("true".into()),
            Value::Bool(false) => Some("false".into()),
            Value::Number(number) => Some(Arc::from(&**number)),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let nodes = node.one_or_many().iter();
        nodes
            .filter_map(|node| match scalar(node) {
                Some(text) => Some(Spanned { text, span: node.span }),
                None => self.text(node, element),
            })
            .collect()
    }
}

fn is_element(name: &str) -> bool {
    matches!(
        name,
        "Sid"
            | "Effect"
            | "Principal"
            | "NotPrincipal"
            | "Action"
            | "NotAction"
            | "Resource"
            | "NotResource"
            | "Condition"
    )
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
