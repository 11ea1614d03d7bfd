//! What an organization's tree looks like: units, accounts, and what hangs on what.

use super::super::{AccountId, ApiError};
use super::state::{OrgPolicy, Organization, PolicyType, error};

impl Organization {
    /// Returns the units right below a place, with their names.
    pub(super) fn units(&self, parent: &str) -> impl Iterator<Item = (&str, &str)> {
        self.below(parent).filter_map(|id| Some((id, self.names.get(id)?.as_str())))
    }

    /// Returns the accounts right below a place.
    pub(super) fn accounts_below(&self, parent: &str) -> impl Iterator<Item = AccountId> {
        self.below(parent).filter_map(|id| id.parse().ok())
    }

    fn below(&self, parent: &str) -> impl Iterator<Item = &str> {
        self.parents.iter().filter(move |(_, of)| *of == parent).map(|(id, _)| id.as_str())
    }

    /// Returns the place that a unit or an account hangs on.
    pub(super) fn parent_of(&self, child: &str) -> Result<&str, ApiError> {
        // Doubtful: the text, which is inferred from that for a parent. One form is known.
        // Source: Organizations API Reference, ListChildren and ListParents, for the code.
        let missing = || error("ChildNotFoundException", "You specified a child that doesn't exist.");
        self.parents.get(child).map(String::as_str).ok_or_else(missing)
    }

    /// Checks that something can hang on a place: the root or a unit.
    pub(super) fn check_parent(&self, id: &str) -> Result<(), ApiError> {
        if id == self.root || self.names.contains_key(id) {
            return Ok(());
        }
        Err(error("ParentNotFoundException", "You specified a parent that doesn't exist."))
    }

    /// Returns the name of a unit.
    pub(super) fn unit_name(&self, id: &str) -> Result<&str, ApiError> {
        let text = "You specified an organizational unit that doesn't exist.";
        let missing = || error("OrganizationalUnitNotFoundException", text);
        self.names.get(id).map(String::as_str).ok_or_else(missing)
    }

    /// Checks that an account is a member.
    pub(super) fn check_member(&self, account: &AccountId) -> Result<(), ApiError> {
        if self.joined.contains_key(account) {
            return Ok(());
        }
        Err(error("AccountNotFoundException", "You specified an account that doesn't exist."))
    }

    /// Returns the ids of the policies that are attached to a place.
    pub(super) fn attached_to(&self, place: &str) -> Result<impl Iterator<Item = &str>, ApiError> {
        if place != self.root && !self.parents.contains_key(place) {
            return Err(error("TargetNotFoundException", "You specified a target that doesn't exist."));
        }
        Ok(self.attached.get(place).into_iter().flatten().map(String::as_str))
    }

    /// Returns the places that a policy is attached to.
    pub(super) fn targets_of<'a>(&'a self, policy: &'a str) -> impl Iterator<Item = &'a str> {
        let places = self.attached.iter().filter(|(_, attached)| attached.contains(policy));
        places.map(|(place, _)| place.as_str())
    }

    /// Returns a policy, those that AWS manages included.
    pub(super) fn policy(&self, id: &str) -> Result<&OrgPolicy, ApiError> {
        let missing = || error("PolicyNotFoundException", "You specified a policy that doesn't exist.");
        self.policies.get(id).ok_or_else(missing)
    }

    /// Returns the types of policy that are switched on.
    pub(super) fn enabled(&self) -> impl Iterator<Item = PolicyType> {
        self.enabled.iter().copied()
    }
}
