//! What KMS knows.

use jiff::Timestamp;

use super::super::authorize::{Ask, ResourceFacts};
use super::super::{Arn, CallContext};

/// Keys, aliases and grants of all accounts and Regions.
#[derive(Clone, Default)]
pub struct State {}

impl State {
    /// What matters to access to a key or alias; `None` if the ARN names nothing here.
    #[expect(clippy::unused_self, reason = "there are no keys yet")]
    pub(in crate::cloud) fn facts(
        &self,
        _: &Arn,
        _: &Ask,
        _: &CallContext,
        _: Timestamp,
    ) -> Option<ResourceFacts> {
        None
    }
}
