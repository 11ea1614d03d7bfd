//! What IAM says about itself in the table of services, beside its operations.

use super::state::{Identity, Kind};
use crate::cloud::service::ActionTarget;
use crate::cloud::{DocumentId, World};

/// Every user, role and group.
pub(in crate::cloud) fn candidates(world: &World) -> Vec<ActionTarget> {
    let all = world.iam.identities();
    all.map(|who| ActionTarget::direct(format!("{} {}", who.kind.word(), who.name), who.arn())).collect()
}

/// The policies of every identity, roles' trust policies, and the customer managed policies.
pub(super) fn documents(world: &World) -> Vec<DocumentId> {
    let of_identity = |identity: &Identity| {
        let trust = (identity.kind == Kind::Role)
            .then(|| DocumentId::Trust(identity.account.clone(), identity.name.clone()));
        identity.documents().into_iter().chain(trust).collect::<Vec<_>>()
    };
    let managed = world.iam.customer_policies().map(|arn| DocumentId::Managed(arn.to_owned()));
    world.iam.identities().flat_map(of_identity).chain(managed).collect()
}

impl Identity {
    /// The policies that it has of its own: inline, attached, its permissions boundary.
    pub fn documents(&self) -> Vec<DocumentId> {
        let inline = self.inline.keys().map(|policy| {
            DocumentId::Inline(self.account.clone(), self.kind, self.name.clone(), policy.clone())
        });
        let managed = self.attached.iter().chain(&self.boundary);
        inline.chain(managed.map(|arn| DocumentId::Managed(arn.clone()))).collect()
    }
}
