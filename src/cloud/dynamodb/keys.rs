//! How DynamoDB comes by a table key: it asks KMS, as the caller for user traffic, as itself under a grant else.
//!
//! Nothing here looks into KMS: every question is a call like anybody else's.
//
// Source: DynamoDB Developer Guide, "Encryption at rest usage notes".

use super::cache::Holder;
use super::disk::seal::WrappedKey;
use super::disk::{PlainKey, TableKeys, WrappedTableKey};
use super::handle::TableHandle;
use super::table::{Encryption, KmsEncryption, Table, encryption_context};
use crate::cloud::invocation::NestedError;
use crate::cloud::kms::{
    CreateGrantRequest, DecryptRequest, DescribeKeyRequest, GenerateDataKeyRequest, GrantConstraints,
    GrantOperation, RetireGrantRequest,
};
use crate::cloud::{ApiError, Blob, CallContext, Caller, Invocation, World};

/// DynamoDB as a principal.
pub const PRINCIPAL: &str = "dynamodb.amazonaws.com";

/// The alias of the AWS managed key.
pub const MANAGED_ALIAS: &str = "alias/aws/dynamodb";

/// A new table key: wrapped, and in the clear.
pub(super) struct NewTableKey {
    pub wrapped: WrappedTableKey,
    pub plain: PlainKey,
}

/// Puts a table under the KMS key that a request names: finds out which key it is and makes a grant on it, both as
/// the caller, then has a table key made, as DynamoDB itself.
pub(super) fn adopt_key(
    invocation: &mut Invocation<'_>,
    handle: &TableHandle,
    key: &str,
    generation: u32,
) -> Result<(Encryption, NewTableKey), ApiError> {
    let managed = key == MANAGED_ALIAS;
    let described = invocation
        .call_forwarded(PRINCIPAL, DescribeKeyRequest { key_id: key.to_owned(), grant_tokens: Vec::new() })
        .map_err(|e| kms_error(&e))?;
    let key_arn = described.key_metadata.arn;
    let service = format!("dynamodb.{}.amazonaws.com", handle.region);
    let name = invocation.world.uuid();
    let grant = invocation
        .call_forwarded(
            PRINCIPAL,
            CreateGrantRequest {
                key_id: key_arn.clone(),
                grantee_principal: Some(service.clone()),
                retiring_principal: Some(service),
                operations: [
                    GrantOperation::Decrypt,
                    GrantOperation::Encrypt,
                    GrantOperation::GenerateDataKey,
                    GrantOperation::ReEncryptFrom,
                    GrantOperation::ReEncryptTo,
                    GrantOperation::RetireGrant,
                    GrantOperation::DescribeKey,
                ]
                .map(Into::into)
                .to_vec(),
                constraints: Some(GrantConstraints {
                    encryption_context_subset: Some(encryption_context(handle)),
                    ..GrantConstraints::default()
                }),
                name: Some(name),
                ..CreateGrantRequest::default()
            },
        )
        .map_err(|e| kms_error(&e))?;
    let encryption = KmsEncryption {
        key_arn,
        managed,
        grant_id: grant.grant_id,
        granted_at: invocation.world.now,
        grant_token: grant.grant_token,
    };
    let new = new_table_key(invocation, handle, &encryption, generation)?;
    Ok((Encryption::Kms(encryption), new))
}

/// Has KMS make a table key, as DynamoDB itself under the table's grant.
pub(super) fn new_table_key(
    invocation: &mut Invocation<'_>,
    handle: &TableHandle,
    encryption: &KmsEncryption,
    generation: u32,
) -> Result<NewTableKey, ApiError> {
    let request = GenerateDataKeyRequest {
        key_id: encryption.key_arn.clone(),
        key_spec: Some(crate::cloud::kms::crypto::DataKeySpec::Aes256.into()),
        encryption_context: encryption_context(handle),
        grant_tokens: encryption.grant_tokens(invocation.world.now),
        ..GenerateDataKeyRequest::default()
    };
    let made = invocation.call_as_service(PRINCIPAL, handle.behalf(), request).map_err(|e| kms_error(&e))?;
    Ok(NewTableKey {
        wrapped: WrappedTableKey {
            generation,
            kms_key: Some(encryption.key_arn.clone()),
            key_material: Some(made.key_material_id),
            blob: made.ciphertext_blob.as_bytes().into(),
        },
        plain: plain_key(&made.plaintext)?,
    })
}

/// Returns a table key under the Region's AWS owned key. Nobody is asked and nothing is recorded.
pub(super) fn new_owned_table_key(
    invocation: &mut Invocation<'_>,
    handle: &TableHandle,
    generation: u32,
) -> Result<NewTableKey, ApiError> {
    let owned = invocation.world.dynamodb.owned_key(&handle.region).unwrap_or_else(|| {
        let key = PlainKey::random(&mut invocation.world.rng);
        invocation.world.dynamodb.put_owned_key(&handle.region, key)
    });
    let plain = PlainKey::random(&mut invocation.world.rng);
    let wrapped =
        WrappedKey::wrap(&owned.cipher(), &owned_context(handle), &plain, &mut invocation.world.rng)?;
    Ok(NewTableKey {
        wrapped: WrappedTableKey {
            generation,
            kms_key: None,
            key_material: None,
            blob: wrapped.to_bytes().into(),
        },
        plain,
    })
}

/// Returns the keys of a table for a request of the caller: from the cache, or from KMS in the caller's name.
pub(super) fn open_for_caller(invocation: &mut Invocation<'_>, table: &Table) -> Result<TableKeys, ApiError> {
    let Encryption::Kms(encryption) = &table.encryption else {
        return open_owned(invocation, &table.handle, table);
    };
    let holder = Holder::of(
        invocation.world.fidelity.table_key_holder,
        invocation.caller.clone(),
        &invocation.principal,
        invocation.context.connection,
    );
    let now = invocation.world.now;
    let cached = invocation.world.fidelity.table_key_cache;
    if cached && let Some(keys) = invocation.world.dynamodb.cache.get(&table.handle, &table.id, &holder, now)
    {
        return Ok(keys);
    }
    let request = decrypt_request(&encryption.key_arn, &table.handle, table.disk.table_key(), Vec::new());
    let opened = invocation.call_forwarded(PRINCIPAL, request).map_err(|e| kms_error(&e))?;
    if table.inaccessible_since.is_some() {
        check_grant(invocation, table)?;
    }
    let keys = table.disk.unlock(&plain_key(&opened.plaintext)?)?;
    if cached {
        let cache = &mut invocation.world.dynamodb.cache;
        cache.put(&table.handle, &table.id, holder, now, keys.clone());
    }
    Ok(keys)
}

/// Keeps a table closed that is known to be inaccessible, while DynamoDB itself may not use the key, even to a
/// caller who may: it was the grant that was revoked.
///
/// Doubtful: AWS documents that such a table is inaccessible, not what its readers are told. Here they are told what
/// KMS tells DynamoDB. One form is known.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes".
fn check_grant(invocation: &mut Invocation<'_>, table: &Table) -> Result<(), ApiError> {
    try_as_service(invocation.world, table).map_err(|e| kms_error(&e)).map(drop)
}

/// Tries to decrypt a table key as DynamoDB itself. Nothing is written down: DynamoDB's own looks at its tables are
/// not calls of the account.
///
/// The token of a young grant dies with the grant; without it KMS says who may not do what.
pub(super) fn try_as_service(world: &mut World, table: &Table) -> Result<(), NestedError> {
    let Encryption::Kms(encryption) = &table.encryption else { return Ok(()) };
    let tokens = encryption.grant_tokens(world.now);
    match try_with(world, table, encryption, tokens) {
        Err(nested) if nested.error.code == "InvalidGrantTokenException" => {
            try_with(world, table, encryption, Vec::new())
        }
        result => result,
    }
}

fn try_with(
    world: &mut World,
    table: &Table,
    encryption: &KmsEncryption,
    tokens: Vec<String>,
) -> Result<(), NestedError> {
    let request = decrypt_request(&encryption.key_arn, &table.handle, table.disk.table_key(), tokens);
    let context = CallContext {
        on_behalf_of: Some(table.handle.behalf()),
        ..CallContext::in_region(table.handle.region.clone())
    };
    let outcome = world.perform(&Caller::Service(PRINCIPAL.into()), context, request);
    match outcome.result {
        Ok(_) => Ok(()),
        Err(error) => Err(NestedError { error, request_id: outcome.request_id }),
    }
}

/// Returns the keys of a table that is to be put under another key: as DynamoDB itself, or, if its grant was
/// revoked, as the caller.
///
/// Doubtful: in whose name DynamoDB decrypts the old table key. That a new key heals a table whose grant was revoked
/// was measured on AWS. One form is known.
/// Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09.
pub(super) fn open_for_change(invocation: &mut Invocation<'_>, table: &Table) -> Result<TableKeys, ApiError> {
    match try_as_service(invocation.world, table) {
        Err(nested) if nested.error.is_access_denied() => open_for_caller_now(invocation, table),
        _ => open_for_service(invocation, table),
    }
}

/// Returns the keys of a backup, as the caller and under the key the backup was made with.
///
/// Doubtful: in whose name DynamoDB decrypts while restoring. That the backup's own key must be usable is documented. One
/// form is known.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": "You will need that same key to restore".
pub(super) fn open_backup(invocation: &mut Invocation<'_>, table: &Table) -> Result<TableKeys, ApiError> {
    open_for_caller_now(invocation, table)
}

/// Opens the keys of a table as the caller, whatever is cached.
fn open_for_caller_now(invocation: &mut Invocation<'_>, table: &Table) -> Result<TableKeys, ApiError> {
    let Encryption::Kms(encryption) = &table.encryption else {
        return open_owned(invocation, &table.handle, table);
    };
    let request = decrypt_request(&encryption.key_arn, &table.handle, table.disk.table_key(), Vec::new());
    let opened = invocation.call_forwarded(PRINCIPAL, request).map_err(|e| kms_error(&e))?;
    Ok(table.disk.unlock(&plain_key(&opened.plaintext)?)?)
}

/// Ends the grant on a key that a table no longer uses. Whether it works changes nothing for the table.
/// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": DynamoDB retires its grants.
pub(super) fn retire_grant(invocation: &mut Invocation<'_>, handle: &TableHandle, encryption: &Encryption) {
    let Encryption::Kms(encryption) = encryption else { return };
    let request = RetireGrantRequest {
        key_id: Some(encryption.key_arn.clone()),
        grant_id: Some(encryption.grant_id.clone()),
        ..RetireGrantRequest::default()
    };
    let _ = invocation.call_as_service(PRINCIPAL, handle.behalf(), request);
}

/// Returns the table key of a disk for work of DynamoDB's own, under the table's grant.
pub(super) fn open_for_service(
    invocation: &mut Invocation<'_>,
    table: &Table,
) -> Result<TableKeys, ApiError> {
    let Encryption::Kms(encryption) = &table.encryption else {
        return open_owned(invocation, &table.handle, table);
    };
    let tokens = match try_as_service(invocation.world, table) {
        Err(nested) if nested.error.is_access_denied() => Vec::new(),
        _ => encryption.grant_tokens(invocation.world.now),
    };
    let request = decrypt_request(&encryption.key_arn, &table.handle, table.disk.table_key(), tokens);
    let opened =
        invocation.call_as_service(PRINCIPAL, table.handle.behalf(), request).map_err(|e| kms_error(&e))?;
    Ok(table.disk.unlock(&plain_key(&opened.plaintext)?)?)
}

fn decrypt_request(
    key_arn: &str,
    handle: &TableHandle,
    wrapped: &WrappedTableKey,
    grant_tokens: Vec<String>,
) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Blob::new(&*wrapped.blob),
        encryption_context: encryption_context(handle),
        // Named, so that a refusal names the key.
        // Doubtful: whether DynamoDB names it today, or lets the ciphertext do so, in which case the refusal reads "on the
        // resource associated with this ciphertext". One form is known.
        // Source: DynamoDB Developer Guide, "Encryption at rest usage notes", the log entry of Decrypt.
        key_id: Some(key_arn.to_owned()),
        grant_tokens,
        ..DecryptRequest::default()
    }
}

fn open_owned(
    invocation: &Invocation<'_>,
    handle: &TableHandle,
    table: &Table,
) -> Result<TableKeys, ApiError> {
    let unauthentic = || ApiError::from(super::disk::DiskError::Unauthentic);
    let owned = invocation.world.dynamodb.owned_key(&handle.region).ok_or_else(unauthentic)?;
    let wrapped = WrappedKey::from_bytes(&table.disk.table_key().blob).ok_or_else(unauthentic)?;
    let plain = wrapped.unwrap_key(&owned.cipher(), &owned_context(handle))?;
    Ok(table.disk.unlock(&plain)?)
}

fn owned_context(handle: &TableHandle) -> Vec<u8> {
    format!("kmslab aws owned key 1 {handle}").into_bytes()
}

fn plain_key(bytes: &Blob) -> Result<PlainKey, ApiError> {
    PlainKey::from_slice(bytes.as_bytes()).ok_or_else(|| {
        ApiError::new("InternalServerError", "KMS returned a table key of another size").with_status(500)
    })
}

/// Returns a refusal or failure of KMS as DynamoDB passes it on.
/// Source: errors returned by DynamoDB for tables under customer managed keys (aws/aws-cdk#10010, #18616).
pub(super) fn kms_error(nested: &NestedError) -> ApiError {
    let NestedError { error, request_id } = nested;
    let (code, status, lead, exception) = match error.code.as_ref() {
        "AccessDeniedException" => {
            ("AccessDeniedException", 400, "KMS key access denied error", "AWSKMSException")
        }
        "DisabledException" => ("ValidationException", 400, "KMS key disabled error", "DisabledException"),
        // A key of another kind: KMS refuses the encryption context of the grant.
        "ValidationException" if error.message.starts_with("EncryptionContext is supported only") => {
            ("InternalServerError", 500, "KMS internal error", "AWSKMSException")
        }
        // Doubtful: what a name that no key can have is answered. One form is known.
        // Source: aws-controllers-k8s, its catalogue of DynamoDB's answers of 2026-10-09, of keys that do not exist.
        "ValidationException" => ("ValidationException", 400, "KMS validation error", "AWSKMSException"),
        other => ("ValidationException", 400, "KMS validation error", other),
    };
    let message = format!(
        "{lead}: com.amazonaws.services.kms.model.{exception}: {} (Service: AWSKMS; Status Code: {}; Error Code: {}; \
         Request ID: {request_id}; Proxy: null)",
        error.message, error.status, error.code
    );
    ApiError::new(code, message).with_status(status)
}

/// Returns the table key of a table, for tests to search for; none if KMS refuses it.
#[cfg(test)]
pub(in crate::cloud) fn plain_table_key(world: &World, table: &Table) -> Option<PlainKey> {
    let handle = &table.handle;
    let Encryption::Kms(encryption) = &table.encryption else {
        let owned = world.dynamodb.owned_key(&handle.region)?;
        let wrapped = WrappedKey::from_bytes(&table.disk.table_key().blob)?;
        return wrapped.unwrap_key(&owned.cipher(), &owned_context(handle)).ok();
    };
    let tokens = encryption.grant_tokens(world.now);
    let request = decrypt_request(&encryption.key_arn, handle, table.disk.table_key(), tokens);
    let context =
        CallContext { on_behalf_of: Some(handle.behalf()), ..CallContext::in_region(handle.region.clone()) };
    let outcome = world.clone().perform(&Caller::Service(PRINCIPAL.into()), context, request);
    let opened = outcome.result.ok()?;
    plain_key(&opened.plaintext).ok()
}
