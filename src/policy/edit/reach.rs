//! How far an edit reaches beyond what was asked.

use super::change::Change;
use crate::policy::Request;
use crate::policy::document::Statement;
use crate::policy::principal::Principal;
use crate::policy::terms::Effect;
use std::sync::Arc;

/// How far an edit that makes a request allowed reaches, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Not much further than to what was asked.
    Near,
    /// To others of whom the policy took care: to another account or organization as a whole, or to a service or an
    /// identity provider whoever it speaks for.
    Others,
    /// To everything that a service knows, or everything at all.
    WholeService,
    /// To whomever a condition kept out by account or organization: the edit drops that condition.
    Unbound,
}

/// How far edits of one statement reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatementReach {
    /// Whether the statement denies, and a condition of it can keep accounts or organizations out.
    is_bounded_deny: bool,
    /// Whether the statement allows everything, or all of a service.
    is_broad: bool,
}

impl StatementReach {
    pub(super) fn new(statement: &Statement) -> Self {
        let whole = |text: &str| text == "*" || text.ends_with(":*");
        let actions = &statement.actions;
        Self {
            is_bounded_deny: statement.effect == Effect::Deny
                && statement.conditions.iter().any(|condition| is_bound(&condition.key.text)),
            is_broad: statement.effect == Effect::Allow
                && (actions.negated || actions.patterns.iter().any(|pattern| whole(&pattern.source.text))),
        }
    }

    /// Returns how far a change of the statement reaches, its conditions aside.
    pub(super) fn of(self, change: Change) -> Reach {
        if change == Change::RemoveStatement && self.is_bounded_deny {
            Reach::Unbound
        } else if self.is_broad && widens(change) {
            Reach::WholeService
        } else {
            Reach::Near
        }
    }
}

impl Reach {
    /// Returns how far it reaches to drop a condition on a key, or one of the values it asks for.
    pub(super) fn without(key: &str) -> Self {
        if is_bound(key) { Self::Unbound } else { Self::Near }
    }

    /// Returns how far it reaches to let a condition take another value of a key.
    pub(super) fn with_value(key: &str) -> Self {
        if bound_of(key).is_some_and(|(_, is_whole)| *is_whole) { Self::Others } else { Self::Near }
    }
}

/// Whether the change makes a statement apply where it did not.
fn widens(change: Change) -> bool {
    match change {
        Change::AddPrincipal
        | Change::RemovePrincipal
        | Change::AddResource
        | Change::RemoveResource
        | Change::RemoveCondition => true,
        Change::AddStatement
        | Change::RemoveStatement
        | Change::AddAction
        | Change::RemoveAction
        | Change::AddConditionValue
        | Change::RemoveConditionValue => false,
    }
}

/// Whether a condition on the key can keep other accounts or organizations out: the key says to whom the caller, or the
/// resource on whose behalf a service calls, belongs.
pub(super) fn is_bound(key: &str) -> bool {
    bound_of(key).is_some()
}

/// The row of a key in [`BOUNDS`].
///
/// The key is taken by its name after the service's prefix, since services have keys of their own for the same
/// (`kms:CallerAccount`, `s3:ResourceAccount`), and every OpenID Connect provider has its own prefix.
fn bound_of(key: &str) -> Option<&'static (&'static str, bool)> {
    let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
    BOUNDS.iter().find(|(bound, _)| bound.eq_ignore_ascii_case(name))
}

/// The names of keys that tell accounts and organizations apart, and whether a value lets a whole one in.
///
/// A value of the others lets in one principal, or what one service or identity provider does on behalf of somebody.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:*), "reference_policies_iam-condition-keys" (the keys of
// OIDC and SAML providers, sts:ExternalId); KMS Developer Guide, "conditions-kms" (kms:CallerAccount); SNS Developer Guide,
// "sns-access-policy-use-cases" (aws:SourceOwner)
const BOUNDS: [(&str, bool); 20] = [
    ("PrincipalAccount", true),
    ("PrincipalArn", false),
    ("PrincipalOrgID", true),
    ("PrincipalOrgPaths", true),
    ("CallerAccount", true),
    ("SourceAccount", false),
    ("SourceArn", false),
    ("SourceOwner", false),
    ("SourceOrgID", false),
    ("SourceOrgPaths", false),
    ("ResourceAccount", true),
    ("ResourceOrgID", true),
    ("ResourceOrgPaths", true),
    ("VpceAccount", true),
    ("VpceOrgID", true),
    ("VpceOrgPaths", true),
    ("ExternalId", false),
    ("aud", false),
    ("iss", false),
    ("sub", false),
];

/// The condition keys of a request that bind a statement for its caller: for whom a service calls, or whom an identity
/// provider vouches for.
///
/// A statement that names a service or a provider alone would let it in whoever it speaks for.
// Source: IAM User Guide, "confused-deputy" (aws:SourceArn, aws:SourceAccount), "id_roles_create_for-idp_oidc" (limits by
// sub and aud)
pub(super) fn own_bounds(request: &Request) -> Vec<(&str, &[Arc<str>])> {
    let names: &[&str] = match request.principal() {
        Principal::Service { .. } => &["SourceAccount", "SourceArn"],
        Principal::Federated { .. } => &["aud", "sub"],
        Principal::Anonymous
        | Principal::Root { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. } => &[],
    };
    let is_own = |key: &str| bound_of(key).is_some_and(|(name, _)| names.contains(name));
    request.context().iter().filter(|(key, _)| is_own(key)).collect()
}
