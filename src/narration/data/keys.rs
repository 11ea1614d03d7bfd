//! The keys pane: keys with their grants.

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceStanding {
    /// It can.
    Usable,
    /// It is switched off.
    Off,
    /// It will be deleted.
    Ending,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Its alias, else the start of its id.
    pub label: String,
    /// The start of its id.
    pub id: String,
    /// Who manages it.
    pub owner: String,
    /// What it is made of.
    pub spec: String,
    /// AWS's word for its state.
    pub state: String,
    /// What that means.
    pub standing: ResourceStanding,
    /// When it rotates.
    pub rotation: String,
    /// How many materials it has, if more than one.
    pub materials: String,
    /// When it is deleted.
    pub deletion: Option<String>,
    /// Its grants.
    pub grants: Vec<GrantRow>,
}

/// One grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// The start of its id.
    pub id: String,
    /// Who may use it.
    pub grantee: String,
    /// What it allows.
    pub operations: String,
    /// Its constraint, in words; empty without one.
    pub only_for: String,
    /// Until when it is not known everywhere, if it is not.
    pub not_before: Option<String>,
    /// If it was revoked or retired: for whom it still serves, and until when.
    pub ends: Option<String>,
}
