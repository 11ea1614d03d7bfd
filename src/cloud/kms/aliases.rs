//! Aliases: other names of keys.
//!
//! Source: KMS API Reference, `CreateAlias`; KMS Developer Guide, "Aliases in AWS KMS" and "Controlling access to
//! aliases": each change needs permission on the alias and on the key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::input::{Page, check_pattern, check_text, page};
use super::key::{Key, Needs};
use super::names::{NamedKey, Naming};
use super::state::AliasHandle;
use super::{Empty, errors};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Invocation, Operation, epoch};

/// The most aliases a key may have. Source: KMS Developer Guide, "Resource quotas".
const MAX_ALIASES: usize = 50;

fn check_alias_name(name: &str) -> Result<(), ApiError> {
    check_text(name, "aliasName", 1, 256)?;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '_' | '-');
    check_pattern(name, "aliasName", legal, "^[a-zA-Z0-9:/_-]+$")?;
    if !name.starts_with("alias/") {
        return Err(ApiError::validation(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    }
    Ok(())
}

/// Checks that a new alias can have this name.
fn check_new_alias_name(name: &str) -> Result<(), ApiError> {
    check_alias_name(name)?;
    if name.len() == "alias/".len() {
        return Err(ApiError::new("InvalidAliasNameException", ""));
    }
    Ok(())
}

/// Refuses names that AWS keeps for its own keys. Where such an alias exists, the policy of its key allows nobody to change
/// it.
///
/// Doubtful: the error, which is the one of the emulator moto. One form is known.
/// Source: KMS API Reference, CreateAlias: the `alias/aws/` prefix is reserved; no error is named.
fn check_not_reserved(name: &str) -> Result<(), ApiError> {
    if name.starts_with("alias/aws/") { Err(ApiError::new("NotAuthorizedException", "")) } else { Ok(()) }
}

impl Invocation<'_> {
    fn alias_handle(&self, name: &str) -> Result<AliasHandle, ApiError> {
        let (account, region) = (self.account()?, self.region().clone());
        Ok(AliasHandle { account, region, name: name.into() })
    }

    /// Returns the permission for a change on the alias and on each key concerned.
    fn alias_permission(
        &self,
        operation: &str,
        name: &str,
        keys: &[NamedKey],
    ) -> Result<Vec<Permission>, ApiError> {
        let alias = Permission::new(format!("kms:{operation}"), self.alias_handle(name)?.arn());
        Ok(std::iter::once(alias).chain(keys.iter().map(|key| key.permission(operation))).collect())
    }

    /// Returns the key an existing alias points to.
    fn alias_target(&self, name: &str) -> Result<NamedKey, ApiError> {
        let target = self.named_key(name, Naming::KeyOrAlias)?;
        // The alias is what is changed, not how the key is named.
        Ok(NamedKey { alias: None, ..target })
    }
}

fn check_quota(key: &Key) -> Result<(), ApiError> {
    if key.aliases.len() >= MAX_ALIASES {
        // Doubtful: the text. One form is known.
        // Source: KMS Developer Guide, "Resource quotas": 50 aliases a key; KMS API Reference, CreateAlias, for the code.
        return Err(errors::limit_exceeded(format!("{} has {MAX_ALIASES} aliases already.", key.arn())));
    }
    Ok(())
}

/// The request of `CreateAlias`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateAliasRequest {
    /// `alias/` and a name.
    pub alias_name: String,
    /// Key id or key ARN.
    pub target_key_id: String,
}

impl Operation for CreateAliasRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_new_alias_name(&self.alias_name)?;
        let target = invocation.named_key(&self.target_key_id, Naming::AliasTarget)?;
        invocation.alias_permission(Self::NAME, &self.alias_name, &[target])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        check_not_reserved(&self.alias_name)?;
        let key = invocation.key(&self.target_key_id, Naming::AliasTarget)?;
        let handle = invocation.alias_handle(&self.alias_name)?;
        if invocation.world.kms.alias(&handle).is_some() {
            let text = format!("An alias with the name {} already exists", handle.arn());
            return Err(ApiError::new("AlreadyExistsException", text));
        }
        key.require(Needs::NotPendingDeletion)?;
        check_quota(&key)?;
        let now = invocation.world.now;
        invocation.world.note_labels(&key.handle);
        invocation.world.kms.put_alias(&handle, &key.handle, now);
        Ok(Empty {})
    }
}

/// The request of `UpdateAlias`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdateAliasRequest {
    /// The alias to move.
    pub alias_name: String,
    /// Key id or key ARN of the key it shall point to.
    pub target_key_id: String,
}

impl Operation for UpdateAliasRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_alias_name(&self.alias_name)?;
        let keys = [
            invocation.alias_target(&self.alias_name)?,
            invocation.named_key(&self.target_key_id, Naming::AliasTarget)?,
        ];
        invocation.alias_permission(Self::NAME, &self.alias_name, &keys)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let old = invocation.key(&self.alias_name, Naming::KeyOrAlias)?;
        let new = invocation.key(&self.target_key_id, Naming::AliasTarget)?;
        // An alias may leave a key that is about to be deleted, but not move to one.
        new.require(Needs::NotPendingDeletion)?;
        // Source: KMS API Reference, UpdateAlias: same type, same usage.
        // Doubtful: code and text. One form is known.
        let kind = |key: &Key| (key.spec.is_symmetric(), key.spec.mac_algorithm().is_some(), key.usage);
        if kind(&old) != kind(&new) {
            let text = format!(
                "Alias {} cannot point to {}, because its type or key usage differs from that of {}.",
                invocation.alias_handle(&self.alias_name)?.arn(),
                new.arn(),
                old.arn()
            );
            return Err(ApiError::validation(text));
        }
        check_quota(&new)?;
        let handle = invocation.alias_handle(&self.alias_name)?;
        let now = invocation.world.now;
        invocation.world.note_labels(&old.handle);
        if old.handle != new.handle {
            invocation.world.note_labels(&new.handle);
        }
        invocation.world.kms.put_alias(&handle, &new.handle, now);
        Ok(Empty {})
    }
}

/// The request of `DeleteAlias`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteAliasRequest {
    /// The alias to delete.
    pub alias_name: String,
}

impl Operation for DeleteAliasRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_alias_name(&self.alias_name)?;
        let target = invocation.alias_target(&self.alias_name)?;
        invocation.alias_permission(Self::NAME, &self.alias_name, &[target])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        let handle = invocation.alias_handle(&self.alias_name)?;
        let key = invocation.key(&self.alias_name, Naming::KeyOrAlias)?;
        invocation.world.note_labels(&key.handle);
        invocation.world.kms.remove_alias(&handle);
        Ok(Empty {})
    }
}

/// The request of `ListAliases`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListAliasesRequest {
    /// Only aliases of this key: key id or key ARN.
    pub key_id: Option<String>,
    /// The most aliases to return; 50 unless given, at most 100.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

/// The response of `ListAliases`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAliasesResponse {
    /// The aliases, by name.
    pub aliases: Vec<AliasListEntry>,
    #[serde(flatten)]
    pub page: Page,
}

/// An alias in a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AliasListEntry {
    /// `alias/` and the name.
    pub alias_name: String,
    pub alias_arn: String,
    /// The id of the key it points to.
    pub target_key_id: String,
    #[serde(with = "epoch")]
    pub creation_date: Timestamp,
    #[serde(with = "epoch")]
    pub last_updated_date: Timestamp,
}

impl Operation for ListAliasesRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        if let Some(key_id) = &self.key_id {
            invocation.named_key(key_id, Naming::KeyOnly)?;
        }
        // Source: KMS API Reference, ListAliases: an IAM policy decides, with no resource.
        Ok(vec![Permission::new("kms:ListAliases", "*")])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListAliasesResponse, ApiError> {
        let (account, region) = (invocation.account()?, invocation.region());
        let only = self.key_id.map(|id| invocation.key(&id, Naming::KeyOnly)).transpose()?;
        let aliases = invocation.world.kms.aliases_in(&account, region);
        let aliases =
            aliases.filter(|(_, alias)| only.as_ref().is_none_or(|key| key.handle.id == alias.target));
        let entries = aliases.map(|(handle, alias)| AliasListEntry {
            alias_name: handle.name.to_string(),
            alias_arn: handle.arn().to_string(),
            target_key_id: alias.target.to_string(),
            creation_date: alias.created,
            last_updated_date: alias.updated,
        });
        let id = |entry: &AliasListEntry| entry.alias_name.clone();
        let limit = self.limit.or(Some(50));
        let (aliases, page) = page(entries, limit, self.marker.as_deref(), 100, id)?;
        Ok(ListAliasesResponse { aliases, page })
    }
}
