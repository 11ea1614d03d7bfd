//! Compiles every document once: most lines of a file repeat the policies of others.

use crate::policy::{self, Document, PolicyKind, Severity, Span};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// More documents are not remembered; a file with so many different ones repeats few of them.
const MAX_REMEMBERED: usize = 100_000;

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

/// The documents met so far, by kind and text.
#[derive(Debug, Default)]
pub(super) struct Documents {
    known: RwLock<HashMap<PolicyKind, HashMap<Box<str>, Compiled>>>,
}

impl Documents {
    /// The document with this text.
    pub(super) fn get(&self, text: &str, kind: PolicyKind) -> Compiled {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = known.get(&kind).and_then(|texts| texts.get(text)) {
            return compiled.clone();
        }
        drop(known);
        let compiled = compile(text, kind);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let texts = known.entry(kind).or_default();
        if texts.len() < MAX_REMEMBERED {
            texts.insert(text.into(), compiled.clone());
        }
        compiled
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
