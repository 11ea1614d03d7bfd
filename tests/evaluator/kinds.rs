//! The kinds of decisions that programs get wrong, each with a rule that can be left out.
//!
//! A line shows a kind when the kind's rule bears on it, and turns on it when the verdict is another without the rule.
//! The counters of the generator count both.

/// A kind of decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// K1: a role has a path, which the ARN of its sessions does not carry.
    RolePaths,
    /// K2: an ARN has fewer than six fields.
    IncompleteArns,
    /// K3: a Deny with NotPrincipal meets a permissions boundary.
    NotPrincipalBoundary,
    /// K4: a document is longer than a key policy may be.
    Sizes,
    /// K5: condition keys that follow from who asks for what.
    ImpliedKeys,
    /// K6: service-linked roles, which SCPs and RCPs do not limit.
    ServiceLinkedRoles,
    /// K7: what RCPs reach.
    RcpReach,
    /// K8: condition keys that key policies do not have.
    KeyPolicyKeys,
    /// K9: `sts:GetCallerIdentity`, which needs no permission.
    CallerIdentity,
    /// K10: `kms:RetireGrant`, which the grant decides.
    RetireGrant,
    /// K11: empty texts as values.
    EmptyTexts,
    /// K12: values of the wrong type.
    WrongTypes,
    /// K13: `Null` with a set operator.
    SetNull,
    /// K14: forms that AWS stores although they look wrong.
    OddForms,
    /// K15: empty lists, booleans and numbers in the line.
    EmptyLists,
    /// K16: what the constraint of a grant asks of the encryption context.
    GrantConstraints,
    /// K17: whom an identity provider vouches for, before and after a role is assumed.
    FederatedPrincipals,
    /// K18: sessions of `GetFederationToken`, and the user behind one.
    FederatedUsers,
    /// K19: requests that nobody signed.
    Anonymous,
    /// K20: grants to services, for one resource.
    ServiceGrants,
    /// K21: values under `Bool` that are neither true nor false.
    BoolJunk,
}

impl Kind {
    pub const ALL: [Kind; 21] = [
        Kind::RolePaths,
        Kind::IncompleteArns,
        Kind::NotPrincipalBoundary,
        Kind::Sizes,
        Kind::ImpliedKeys,
        Kind::ServiceLinkedRoles,
        Kind::RcpReach,
        Kind::KeyPolicyKeys,
        Kind::CallerIdentity,
        Kind::RetireGrant,
        Kind::EmptyTexts,
        Kind::WrongTypes,
        Kind::SetNull,
        Kind::OddForms,
        Kind::EmptyLists,
        Kind::GrantConstraints,
        Kind::FederatedPrincipals,
        Kind::FederatedUsers,
        Kind::Anonymous,
        Kind::ServiceGrants,
        Kind::BoolJunk,
    ];
}

/// The rules in force: all of them, or all but one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    pub left_out: Option<Kind>,
}

impl Rules {
    pub fn has(self, kind: Kind) -> bool {
        self.left_out != Some(kind)
    }
}
