//! The last call of a world, for whoever asks why it ended so.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::cloud::Outcome;

/// A call by its service and its operation, with what it led to.
pub(super) type Called = ((&'static str, &'static str), Arc<Outcome>);

/// What was called last, and what its decisions were made from.
#[derive(Default)]
pub(super) struct Last(Mutex<Option<Called>>);

impl Last {
    /// Notes a call; returns the one before.
    pub fn note(&self, called: Called) -> Option<Called> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(called)
    }

    /// Forgets the call, since the world is another one now.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Says what was decided, each decision with its reasoning; nothing before the first call.
    pub fn explained(&self) -> Value {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(((service, operation), outcome)) = last else { return Value::Null };
        let decisions = outcome.decisions.iter().map(|record| {
            json!({
                "principal": &*record.request.principal().name(),
                "action": record.request.action().to_string(),
                "allowed": record.decision.is_allowed(),
                "invokedBy": record.invoked_by,
                "explanation": record.explain(),
            })
        });
        json!({
            "operation": format!("{service}:{operation}"),
            "requestId": outcome.request_id,
            "error": outcome.result.as_ref().err(),
            "decisions": decisions.collect::<Vec<_>>(),
        })
    }
}
