//! Worlds as they would be if a document were in force. Nothing is authorized and nothing recorded: this is how a
//! draft is looked at before anybody applies it.

use super::dynamodb::TableHandle;
use super::iam::{Kind, StoredPolicy};
use super::kms::KeyHandle;
use super::{AccountId, ApiError, World};
use crate::policy::PolicyKind;

impl World {
    /// The same world with the inline policy `name` of a user or role reading `text`.
    pub fn with_inline_policy(
        &self,
        account: &AccountId,
        kind: Kind,
        owner: &str,
        name: &str,
        text: &str,
    ) -> Result<Self, ApiError> {
        let policy = StoredPolicy::accept(text, "iam-inline")?;
        let mut world = self.clone();
        world.iam.edit(account, kind, owner, |identity| {
            identity.inline.insert(name.to_owned(), policy);
            Ok(())
        })?;
        Ok(world)
    }

    /// The same world with the policy of a key reading `text`.
    ///
    /// A principal that does not exist matches nobody here; applying such a draft says so.
    pub fn with_key_policy(&self, key: &KeyHandle, text: &str) -> Result<Self, ApiError> {
        let mut policy = StoredPolicy::read(text, PolicyKind::Resource).map_err(|diagnostics| {
            let message = diagnostics.first().map(|d| d.message.clone()).unwrap_or_default();
            ApiError::new("MalformedPolicyDocumentException", message)
        })?;
        let mut world = self.clone();
        drop(policy.bind(&world.iam));
        world.kms.edit_key(key, |key| key.policy = policy);
        Ok(world)
    }

    /// The same world with the trust policy of a role reading `text`.
    pub fn with_trust_policy(&self, account: &AccountId, role: &str, text: &str) -> Result<Self, ApiError> {
        let mut policy = StoredPolicy::accept(text, "iam-trust")?;
        let mut world = self.clone();
        drop(policy.bind(&world.iam));
        world.iam.edit(account, Kind::Role, role, |role| {
            role.trust = Some(policy);
            Ok(())
        })?;
        Ok(world)
    }

    /// The same world with the version in force of a customer managed policy reading `text`.
    pub fn with_managed_policy(&self, arn: &str, text: &str) -> Result<Self, ApiError> {
        let policy = StoredPolicy::accept(text, "iam-managed")?;
        let mut world = self.clone();
        let now = world.now();
        if world.iam.replace_policy(arn, policy, now) {
            return Ok(world);
        }
        Err(ApiError::new("NoSuchEntity", format!("Policy {arn} was not found.")))
    }

    /// The same world with a policy of the organization that `management` manages reading `text`.
    pub fn with_organization_policy(
        &self,
        management: &AccountId,
        id: &str,
        text: &str,
    ) -> Result<Self, ApiError> {
        let organization = self.organizations.of(management).ok_or_else(|| {
            ApiError::new("AWSOrganizationsNotInUseException", "This account manages no organization.")
        })?;
        let mut organization = organization.clone();
        let kind = organization.policies().find(|(known, ..)| *known == id).map(|(_, kind, _)| kind);
        let kind = kind.ok_or_else(|| {
            ApiError::new("PolicyNotFoundException", "You specified a policy that doesn't exist.")
        })?;
        let policy = StoredPolicy::accept(text, kind.profile())?;
        organization.update_policy(id, None, Some(&policy))?;
        let mut world = self.clone();
        world.organizations.put(organization);
        Ok(world)
    }

    /// The same world with the resource policy of a table reading `text`.
    pub fn with_table_policy(&self, table: &TableHandle, text: &str) -> Result<Self, ApiError> {
        let mut policy = StoredPolicy::accept(text, "dynamodb-table")?;
        let mut world = self.clone();
        drop(policy.bind(&world.iam));
        world.dynamodb.set_policy(table, policy);
        Ok(world)
    }
}
