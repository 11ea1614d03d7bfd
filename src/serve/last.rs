//! The last call of a world, for whoever asks why it ended so.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::cloud::Outcome;

/// The last call, with what it led to.
#[derive(Default)]
pub(super) struct Last(Mutex<Option<(String, Arc<Outcome>)>>);

impl Last {
    /// Notes a call by its action; returns the one before.
    pub fn note(&self, action: String, outcome: Arc<Outcome>) -> Option<(String, Arc<Outcome>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace((action, outcome))
    }

    /// Forgets the call, since the world is another one now.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Says what was decided, each decision with its reasoning; nothing before the first call.
    pub fn explained(&self) -> Value {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((action, outcome)) = last else { return Value::Null };
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
            "operation": action,
            "requestId": outcome.request_id,
            "error": outcome.result.as_ref().err(),
            "decisions": decisions.collect::<Vec<_>>(),
        })
    }
}
