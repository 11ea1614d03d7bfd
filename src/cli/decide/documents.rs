//! Compiles every document once: most lines of a file repeat the policies of others.

use crate::policy::{self, Document, PolicyKind, Severity, Span};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// More documents are not remembered; a file with so many different ones repeats few of them.
const MAX_REMEMBERED: usize = 100_000;

/// No policy is longer, in bytes.
// Source: KMS Developer Guide, "resource-limits" (key policy document size); other kinds are shorter
const MAX_BYTES: usize = 32_768;

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
    if text.len() > MAX_BYTES {
        let message = format!("the policy has {} bytes; at most {MAX_BYTES} are allowed", text.len());
        return Err(Arc::new(Fault { message, span: Span::new(MAX_BYTES, text.len()) }));
    }
    let parsed = policy::parse(text, kind);
    parsed.document.ok_or_else(|| {
        let error = parsed.diagnostics.into_iter().find(|found| found.severity == Severity::Error);
        let (message, span) = error.map_or_else(Default::default, |error| (error.message, error.span));
        Arc::new(Fault { message, span })
    })
}
