//! Compiles documents, and keeps those that lines repeat: most lines of a file share their policies with others.

use crate::limits::Limit;
use crate::limits::policy::{DECIDE_KEPT, IDENTITY_POLICY, OTHER_POLICY, RESOURCE_POLICY};
use crate::policy::{self, Condition, Document, PolicyKind, Severity, Span, Spanned, Statement};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// How many documents are remembered as met, without their text.
const MARKS: usize = 1 << 16;

/// How long a document of a kind may be.
///
/// White space counts here, although AWS does not count it in policies of IAM, so none of these is AWS's own limit: they keep
/// a line from filling the memory. The longest policy that AWS manages, AWSSupportServiceRolePolicy, has 135,200 bytes, and
/// such a policy can stand beside the caller's own, as his boundary and in his session.
// Source: KMS Developer Guide, "resource-limits" (key policies: 32,768); OpenSearch Service Developer Guide, "limits"
// (access policies: 102,400), the longest of the policies of resources; all others are shorter
fn limit(kind: PolicyKind) -> &'static Limit {
    match kind {
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => &IDENTITY_POLICY,
        PolicyKind::Resource => &RESOURCE_POLICY,
        PolicyKind::Trust | PolicyKind::Scp | PolicyKind::Rcp | PolicyKind::Endpoint => &OTHER_POLICY,
    }
}

/// A document, or the first thing that is wrong with it.
type Compiled = Result<Arc<Document>, Arc<Fault>>;

/// What is wrong with a document, and where in its text.
#[derive(Debug)]
pub(super) struct Fault {
    pub message: String,
    pub span: Span,
}

/// The documents that one thread has met.
///
/// A document is kept when it is met again: a file of nothing but different documents then costs no more than reading
/// them. What is kept is bounded, however long the input is.
#[derive(Debug, Default)]
pub(super) struct Documents {
    hasher: RandomState,
    /// The hashes of documents that were met, each in the place that its lower part says.
    marks: Vec<u64>,
    /// By their hashes, which is to say that of two documents with the same hash one is kept.
    kept: HashMap<u64, Kept>,
    /// The bytes that the kept documents take, about.
    weight: usize,
}

/// A document that was met again.
#[derive(Debug)]
struct Kept {
    kind: PolicyKind,
    text: Box<str>,
    compiled: Compiled,
}

impl Documents {
    /// How many bytes the documents that are kept take, about.
    #[cfg(test)]
    pub(super) fn weight(&self) -> usize {
        self.kept.values().map(|kept| weight(&kept.text, &kept.compiled)).sum()
    }

    /// The document with this text.
    pub(super) fn get(&mut self, text: &str, kind: PolicyKind) -> Compiled {
        let hash = self.hasher.hash_one((kind, text));
        let kept = self.kept.get(&hash).filter(|kept| kept.kind == kind && *kept.text == *text);
        if let Some(kept) = kept {
            return kept.compiled.clone();
        }
        let compiled = compile(text, kind);
        if self.was_met(hash) {
            let weight = weight(text, &compiled);
            self.weight += weight;
            if self.weight > DECIDE_KEPT.size() {
                self.kept.clear();
                self.weight = weight;
            }
            self.kept.insert(hash, Kept { kind, text: text.into(), compiled: compiled.clone() });
        }
        compiled
    }

    /// Whether a document was met before, as far as is remembered; from now on it was.
    fn was_met(&mut self, hash: u64) -> bool {
        if self.marks.is_empty() {
            self.marks = vec![0; MARKS];
        }
        // The lower half, since a place is a number of the machine's size.
        let place = usize::try_from(hash & u64::from(u32::MAX)).unwrap_or(0) % MARKS;
        self.marks.get_mut(place).is_some_and(|mark| std::mem::replace(mark, hash) == hash)
    }
}

/// How many bytes a document takes, about, with its text twice: what is compiled can take many times the text.
fn weight(text: &str, compiled: &Compiled) -> usize {
    const STATEMENT: usize = size_of::<Kept>() + size_of::<Statement>();
    /// A text with its place, and what it was compiled to.
    const VALUE: usize = 3 * size_of::<Spanned>() + 4 * size_of::<usize>();
    let of_condition = |condition: &Condition| size_of::<Condition>() + VALUE * (2 + condition.values.len());
    let of_statement = |statement: &Statement| {
        let named = statement.principals.entries().len();
        let listed = statement.actions.patterns.len() + statement.resources.patterns.len();
        let conditions: usize = statement.conditions.iter().map(of_condition).sum();
        STATEMENT + VALUE * (1 + named + listed) + conditions
    };
    let statements = compiled.as_ref().map_or(&[][..], |document| &document.statements);
    STATEMENT + 3 * text.len() + statements.iter().map(of_statement).sum::<usize>()
}

fn compile(text: &str, kind: PolicyKind) -> Compiled {
    let limit = limit(kind);
    if let Err(exceeded) = limit.check(text.len()) {
        let message = format!("{exceeded}; leave out white space");
        return Err(Arc::new(Fault { message, span: Span::new(limit.size(), text.len()) }));
    }
    let parsed = policy::parse(text, kind);
    parsed.document.ok_or_else(|| {
        let error = parsed.diagnostics.into_iter().find(|found| found.severity == Severity::Error);
        let (message, span) = error.map_or_else(Default::default, |error| (error.message, error.span));
        Arc::new(Fault { message, span })
    })
}
