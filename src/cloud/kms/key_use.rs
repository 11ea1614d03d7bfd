//! What all operations that use key material have in common.

use std::sync::Arc;

use serde_json::json;

use super::crypto::{BlobHeader, EncryptionAlgorithm, EncryptionContext, KeyUsage, MaterialId, Sealing};
use super::errors;
use super::input::{check_context, check_grant_tokens};
use super::key::{Key, Needs};
use super::names::{NamedKey, Naming};
use crate::cloud::permission::Permission;
use crate::cloud::{ApiError, Blob, Invocation};
use crate::policy::key;

/// Adds the condition keys of an encryption context. Source: KMS Developer Guide,
/// "kms:EncryptionContext:context-key" and "kms:EncryptionContextKeys".
pub(super) fn with_context(permission: Permission, context: &EncryptionContext) -> Permission {
    if context.is_empty() {
        return permission;
    }
    // Condition keys do not tell case apart, names in a context do. Names that differ only in case make one condition
    // key of several values, so that none of them hides another from a grant's constraint.
    let mut pairs: Vec<(String, (&String, &String))> =
        context.iter().map(|pair| (pair.0.to_lowercase(), pair)).collect();
    // Names that are alike stay in the order of the context.
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let permission =
        permission.with_keys(key!("kms:EncryptionContextKeys"), context.keys().map(String::as_str));
    pairs.chunk_by(|(one, _), (other, _)| one == other).fold(permission, |permission, alike| {
        let name = alike.first().map_or("", |(_, (name, _))| name.as_str());
        let values = alike.iter().map(|(_, (_, value))| value.as_str());
        permission.with_keys(format!("kms:EncryptionContext:{name}"), values)
    })
}

impl Invocation<'_> {
    /// Adds the grant tokens of the request to the permission; each must be a token.
    pub(super) fn with_grant_tokens(
        &self,
        mut permission: Permission,
        tokens: &[String],
    ) -> Result<Permission, ApiError> {
        check_grant_tokens(tokens)?;
        if tokens.iter().any(|token| self.world.kms.grants.by_token(token).is_none()) {
            return Err(errors::invalid_grant_token());
        }
        permission.grant_tokens = tokens.to_vec();
        Ok(permission)
    }

    /// Returns the permission to encrypt or decrypt with a key.
    pub(super) fn encryption_permission(
        &self,
        operation: &str,
        target: &NamedKey,
        tokens: &[String],
        context: &EncryptionContext,
        algorithm: EncryptionAlgorithm,
    ) -> Result<Permission, ApiError> {
        check_context(context, "encryptionContext")?;
        // Source: KMS Developer Guide, "kms:EncryptionAlgorithm": present even where the request leaves it out.
        let permission =
            target.permission(operation).with_key(key!("kms:EncryptionAlgorithm"), algorithm.as_str());
        self.with_grant_tokens(with_context(permission, context), tokens)
    }

    /// Returns the key a request names, of the right usage and enabled.
    pub(super) fn usable_key(
        &self,
        key_id: &str,
        usage: KeyUsage,
        operation: &str,
    ) -> Result<Arc<Key>, ApiError> {
        let key = self.key(key_id, Naming::KeyOrAlias)?;
        // Source: floci-io/floci, pull request 3968, whose order comes from AWS: usage first, then state.
        key.require_usage(usage, operation)?;
        key.require(Needs::Enabled)?;
        Ok(key)
    }

    /// Returns the symmetric key a request names, for operations that take no other.
    pub(super) fn symmetric_key(&self, key_id: &str, operation: &str) -> Result<Arc<Key>, ApiError> {
        let key = self.key(key_id, Naming::KeyOrAlias)?;
        if !key.spec.is_symmetric() {
            return Err(errors::invalid_usage(key.arn(), key.usage, operation));
        }
        key.require(Needs::Enabled)?;
        Ok(key)
    }

    /// Encrypts under a symmetric key; the id is that of the material used.
    pub(super) fn seal_with(
        &mut self,
        key: &Key,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<(Blob, MaterialId), ApiError> {
        let (sealing, material) = self.sealing(key, context)?;
        Ok((Blob::new(sealing.seal(plaintext)?), material))
    }

    /// Draws what a plaintext will be encrypted with under a symmetric key; the id is that of the material used.
    pub(super) fn sealing(
        &mut self,
        key: &Key,
        context: &EncryptionContext,
    ) -> Result<(Sealing, MaterialId), ApiError> {
        let (secret, material) = key.current()?;
        let header = BlobHeader {
            account: key.handle.account.to_string(),
            key_id: key.handle.id.to_string(),
            material: material.short(),
        };
        let sealing = Sealing::draw(secret, &header, context, &mut self.world.rng)?;
        self.record_material(material);
        Ok((sealing, material))
    }

    /// Lets the audit record say which material was used.
    /// Source: KMS Developer Guide, "Examples of AWS KMS log entries": Encrypt, Decrypt, GenerateDataKey, its kin.
    pub(super) fn record_material(&mut self, material: MaterialId) {
        self.additional = json!({ "keyMaterialId": material.to_string() });
    }

    /// Ends an operation that succeeded: a dry run becomes its error, and the use of the key is noted.
    pub(super) fn finish_use(
        &mut self,
        key: &Key,
        operation: &'static str,
        dry_run: Option<bool>,
    ) -> Result<(), ApiError> {
        if dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let (at, request_id) = (self.world.now, self.request_id);
        self.world.key_uses.note(&key.handle, super::state::LastUse { operation, at, request_id });
        Ok(())
    }
}
