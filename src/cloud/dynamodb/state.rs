//! What DynamoDB knows.

use super::super::Arn;
use super::super::authorize::ResourceFacts;

/// Tables of all accounts and Regions.
#[derive(Clone, Default)]
pub struct State {}

impl State {
    /// What matters to access to a table; `None` if the ARN names nothing here.
    #[expect(clippy::unused_self, reason = "there are no tables yet")]
    pub(in crate::cloud) fn facts(&self, _: &Arn) -> Option<ResourceFacts> {
        None
    }
}
