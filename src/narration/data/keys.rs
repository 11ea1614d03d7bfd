//! The keys pane: keys with their grants.

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceStanding {
    /// The key can be used.
    Usable,
    /// The key is switched off.
    Off,
    /// The key will be deleted.
    Ending,
}

/// A key as the keys pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The alias, else the start of the key's id.
    pub label: String,
    /// The start of its id.
    pub id: String,
    pub owner: String,
    /// The key spec, in words.
    pub spec: String,
    /// AWS's word for its state.
    pub state: String,
    pub standing: ResourceStanding,
    /// The next rotation, in words.
    pub rotation: String,
    /// How many materials it has, if more than one.
    pub materials: String,
    /// The day of the deletion, if it is scheduled.
    pub deletion: Option<String>,
    pub grants: Vec<GrantRow>,
}

/// A grant as the keys pane shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// The start of its id.
    pub id: String,
    /// Who may use it.
    pub grantee: String,
    /// The operations that the grant allows.
    pub operations: String,
    /// The constraint, in words; empty without one.
    pub only_for: String,
    /// Until when it is not known everywhere, if it is not.
    pub not_before: Option<String>,
    /// If it was revoked or retired: for whom it still serves, and until when.
    pub ends: Option<String>,
}
