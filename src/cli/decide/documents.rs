//! Compiles documents, and keeps those that lines repeat: most lines of a file share their policies with others.

use crate::policy::{self, Document, PolicyKind, Severity, Span};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// How many documents are remembered as met, without their text.
const MARKS: usize = 1 << 16;

/// How much is kept at most, in bytes of text. A compiled document takes some ten times its text.
pub(super) const MAX_KEPT_BYTES: usize = 4 << 20;

/// What a document weighs beside its text: a short one takes more than ten times its text.
const BYTES_BESIDE_TEXT: usize = 256;

/// How long a document of a kind may be, in bytes.
///
/// White space counts here, although AWS does not count it in policies of IAM, so none of these is AWS's own limit: they keep
/// a line from filling the memory. The longest policy that AWS manages, AWSSupportServiceRolePolicy, has 135,200 bytes, and
/// such a policy can stand beside the caller's own, as his boundary and in his session.
// Source: KMS Developer Guide, "resource-limits" (key policies: 32,768); OpenSearch Service Developer Guide, "limits"
// (access policies: 102,400), the longest of the policies of resources; all others are shorter
fn max_bytes(kind: PolicyKind) -> usize {
    match kind {
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => 262_144,
        PolicyKind::Resource => 102_400,
        PolicyKind::Trust | PolicyKind::Scp | PolicyKind::Rcp | PolicyKind::Endpoint => 32_768,
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
    kept_bytes: usize,
}

/// A document that was met again.
#[derive(Debug)]
struct Kept {
    kind: PolicyKind,
    text: Box<str>,
    compiled: Compiled,
}

impl Documents {
    /// How much is kept, in bytes of text.
    #[cfg(test)]
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept.values().map(|kept| kept.text.len()).sum()
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
            self.kept_bytes += text.len() + BYTES_BESIDE_TEXT;
            if self.kept_bytes > MAX_KEPT_BYTES {
                self.kept.clear();
                self.kept_bytes = text.len() + BYTES_BESIDE_TEXT;
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

fn compile(text: &str, kind: PolicyKind) -> Compiled {
    let most = max_bytes(kind);
    if text.len() > most {
        let message = format!(
            "the policy has {} bytes; at most {most} are read of one of this kind, so leave out white space",
            text.len()
        );
        return Err(Arc::new(Fault { message, span: Span::new(most, text.len()) }));
    }
    let parsed = policy::parse(text, kind);
    parsed.document.ok_or_else(|| {
        let error = parsed.diagnostics.into_iter().find(|found| found.severity == Severity::Error);
        let (message, span) = error.map_or_else(Default::default, |error| (error.message, error.span));
        Arc::new(Fault { message, span })
    })
}
