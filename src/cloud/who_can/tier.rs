//! Where somebody stands who is asked about, and how much is known of them.

/// Where somebody stands who is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// People of this world: users, roles, sessions, root users, grantees.
    Here,
    /// Accounts and principals outside of this world that a policy or a grant names.
    Elsewhere,
    /// Services that act for themselves.
    Services,
    /// Everybody in whatever account.
    Anybody,
}

impl Tier {
    /// The tiers from the nearest on.
    pub const ALL: [Self; 4] = [Self::Here, Self::Elsewhere, Self::Services, Self::Anybody];

    /// Returns the heading over the rows of the tier.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Here => "Here",
            Self::Elsewhere => "Elsewhere",
            Self::Services => "Services",
            Self::Anybody => "Anybody",
        }
    }

    /// Returns the name of the tier in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Elsewhere => "elsewhere",
            Self::Services => "services",
            Self::Anybody => "anybody",
        }
    }
}

/// How much is known of somebody, which says what their requests may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cloud) enum Standing {
    /// A user or a root user of this world.
    Known,
    /// A session that is alive.
    Session,
    /// Any session of a role, made or not.
    AnySession,
    /// A principal of another account.
    Elsewhere,
    /// Whomever another account means.
    Account,
    Service,
    /// Somebody whom an identity provider vouches for.
    Provider,
    /// Somebody of whom nothing is known.
    Anybody,
}
