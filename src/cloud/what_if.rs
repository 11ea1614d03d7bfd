//! Worlds as they would be if a document were in force. Nothing is authorized and nothing recorded: this is how a
//! draft is looked at before anybody applies it.

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
}
