//! Access keys of users and of the root user: create, list, switch off, delete, and when they were last used.
//!
//! In the lab a name is a credential; on the wire (`kmslab serve`) requests are signed with these keys.
//! Source: IAM API Reference, CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::operation::Wire as _;
use super::super::permission::Permission;
use super::super::{AccountId, ApiError, Caller, Invocation, Operation, Region, World, epoch};
use super::credential::{AccessKey, Credential, Status, Use};
use super::operation::identity_permission;
use super::paging::{Page, page};
use super::state::Kind;
use super::{Empty, account, broken, check_length, no_such_entity};
use crate::policy::Principal;

/// The keys that one user, or a root user, may have. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST_KEYS: usize = 2;

/// Whose keys a request is about: the user that it names, else whoever signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    account: AccountId,
    user: Option<Arc<str>>,
}

impl Holder {
    fn of(invocation: &Invocation<'_>, name: Option<&str>) -> Result<Self, ApiError> {
        let account = account(invocation)?;
        let Some(name) = name else {
            return match &invocation.caller {
                Caller::User(account, name) => {
                    Ok(Self { account: account.clone(), user: Some(name.clone()) })
                }
                Caller::Root(account) => Ok(Self { account: account.clone(), user: None }),
                Caller::Anonymous | Caller::Session(_) | Caller::Service(_) | Caller::Role(..) => {
                    // Source: answers of AWS to calls of role sessions without a user's name
                    Err(ApiError::new(
                        "ValidationError",
                        "Must specify userName when calling with non-User credentials",
                    ))
                }
            };
        };
        let user = invocation.world.iam.find(&account, Kind::User, name)?;
        Ok(Self { account, user: Some(user.name.as_str().into()) })
    }

    fn has(&self, key: &AccessKey) -> bool {
        key.account == self.account && key.user == self.user
    }

    /// Returns the holder's key of this id, or the error that names it.
    fn key(&self, invocation: &Invocation<'_>, id: &str) -> Result<Arc<AccessKey>, ApiError> {
        let key = invocation.world.iam.access_key(id).filter(|key| self.has(key));
        key.cloned().ok_or_else(|| no_such_key(id))
    }
}

/// The error for a key that there is not. Source: moto, `iam/models.py`, and public logs of DeleteAccessKey.
fn no_such_key(id: &str) -> ApiError {
    no_such_entity(format!("The Access Key with id {id} cannot be found."))
}

/// Returns the holder's name as the API writes it; that of a root user is left out.
fn user_name(key: &AccessKey) -> Option<String> {
    key.user.as_ref().map(ToString::to_string)
}

/// Returns the permission for an operation on somebody's keys.
///
/// Doubtful for a root user, whose ARN no policy of the account can deny. One form is known.
/// Source: Service Authorization Reference, AWS Identity and Access Management (IAM), which names the user alone.
fn permissions(
    invocation: &Invocation<'_>,
    operation: &str,
    name: Option<&str>,
) -> Result<Vec<Permission>, ApiError> {
    let caller = match &invocation.caller {
        Caller::User(_, name) => Some(name.to_string()),
        Caller::Anonymous | Caller::Root(_) | Caller::Session(_) | Caller::Service(_) | Caller::Role(..) => {
            None
        }
    };
    if let Some(name) = name.map(str::to_owned).or(caller) {
        return Ok(vec![identity_permission(invocation, Kind::User, operation, &name)?]);
    }
    let is_root = matches!(invocation.principal, Principal::Root { .. });
    let resource = if is_root { invocation.principal.name().to_string() } else { "*".to_owned() };
    Ok(vec![Permission::new(format!("iam:{operation}"), resource)])
}

/// Checks the id of a key. Source: the API model, `accessKeyIdType`.
fn check_id(id: &str) -> Result<(), ApiError> {
    check_length(id, "accessKeyId", 16, 128)
}

/// The request of `CreateAccessKey`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateAccessKeyRequest {
    /// The user whose key it will be; whoever calls unless given.
    pub user_name: Option<String>,
}

/// The response of `CreateAccessKey`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAccessKeyResponse {
    pub access_key: NewAccessKey,
}

/// A key with its secret, which is shown this once. `Debug` hides the secret.
#[skip_serializing_none]
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewAccessKey {
    pub user_name: Option<String>,
    pub access_key_id: String,
    pub status: Status,
    pub secret_access_key: String,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
}

impl std::fmt::Debug for NewAccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccessKey").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Operation for CreateAccessKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permissions(invocation, Self::NAME, self.user_name.as_deref())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateAccessKeyResponse, ApiError> {
        let Holder { account, user } = Holder::of(invocation, self.user_name.as_deref())?;
        let world = &mut *invocation.world;
        let holder = Holder { account: account.clone(), user: user.clone() };
        if world.iam.access_keys().filter(|key| holder.has(key)).count() >= MOST_KEYS {
            // Source: public logs of CreateAccessKey
            let text = format!("Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}");
            return Err(ApiError::new("LimitExceeded", text).with_status(409));
        }
        let secret = world.secret_text("", super::super::sts::SECRET_LENGTH);
        let key = AccessKey {
            id: world.key_like_id("AKIA", 16),
            account,
            user,
            status: Status::Active,
            created: world.now,
            used: None,
            credential: Credential::long_term(&secret),
        };
        let access_key = NewAccessKey {
            user_name: user_name(&key),
            access_key_id: key.id.clone(),
            status: key.status,
            secret_access_key: secret,
            create_date: key.created,
        };
        world.iam.put_access_key(key);
        Ok(CreateAccessKeyResponse { access_key })
    }

    // Source: CloudTrail's examples of CreateAccessKey: the key without its secret
    fn response_elements(response: &CreateAccessKeyResponse) -> serde_json::Value {
        let key = &response.access_key;
        let mut shown = serde_json::json!({
            "accessKeyId": key.access_key_id, "status": key.status,
            "createDate": key.create_date.strftime("%b %-d, %Y %-I:%M:%S %p").to_string(),
        });
        if let Some(name) = &key.user_name {
            shown["userName"] = serde_json::json!(name);
        }
        serde_json::json!({"accessKey": shown})
    }
}

/// The request of `ListAccessKeys`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListAccessKeysRequest {
    /// The user whose keys are listed; whoever calls unless given.
    pub user_name: Option<String>,
    /// The marker of the last answer, to go on from.
    pub marker: Option<String>,
    /// At most so many: 1 to 1,000, 100 unless given.
    pub max_items: Option<u32>,
}

/// The response of `ListAccessKeys`.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAccessKeysResponse {
    pub access_key_metadata: Vec<AccessKeyMetadata>,
    /// Whether there are more.
    pub is_truncated: bool,
    /// The marker to go on with, if there are more.
    pub marker: Option<String>,
}

/// A key without its secret.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKeyMetadata {
    pub user_name: Option<String>,
    pub access_key_id: String,
    pub status: Status,
    #[serde(with = "epoch")]
    pub create_date: Timestamp,
}

impl Operation for ListAccessKeysRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permissions(invocation, Self::NAME, self.user_name.as_deref())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<ListAccessKeysResponse, ApiError> {
        let holder = Holder::of(invocation, self.user_name.as_deref())?;
        let mut keys: Vec<&AccessKey> =
            invocation.world.iam.access_keys().filter(|key| holder.has(key)).collect();
        keys.sort_by_key(|key| key.created);
        let shown = keys.into_iter().map(|key| AccessKeyMetadata {
            user_name: user_name(key),
            access_key_id: key.id.clone(),
            status: key.status,
            create_date: key.created,
        });
        let name = |key: &AccessKeyMetadata| key.access_key_id.clone();
        let Page { items, marker } = page(shown.collect(), name, self.marker.as_deref(), self.max_items)?;
        Ok(ListAccessKeysResponse { access_key_metadata: items, is_truncated: marker.is_some(), marker })
    }
}

/// The request of `UpdateAccessKey`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UpdateAccessKeyRequest {
    /// The user whose key it is; whoever calls unless given.
    pub user_name: Option<String>,
    pub access_key_id: String,
    /// `Active`, or `Inactive` for a key that may not sign.
    pub status: String,
}

impl Operation for UpdateAccessKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permissions(invocation, Self::NAME, self.user_name.as_deref())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        check_id(&self.access_key_id)?;
        // `Expired` is a status that only AWS sets. Source: the API model, `statusType`.
        let status = match self.status.as_str() {
            "Active" => Status::Active,
            "Inactive" => Status::Inactive,
            other => {
                let set = "Member must satisfy enum value set: [Active, Inactive, Expired]";
                return Err(broken(other, "status", set));
            }
        };
        let holder = Holder::of(invocation, self.user_name.as_deref())?;
        let key = holder.key(invocation, &self.access_key_id)?;
        invocation.world.iam.put_access_key(AccessKey { status, ..(*key).clone() });
        Ok(Empty {})
    }
}

/// The request of `DeleteAccessKey`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteAccessKeyRequest {
    /// The user whose key it is; whoever calls unless given.
    pub user_name: Option<String>,
    pub access_key_id: String,
}

impl Operation for DeleteAccessKeyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        permissions(invocation, Self::NAME, self.user_name.as_deref())
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        check_id(&self.access_key_id)?;
        let holder = Holder::of(invocation, self.user_name.as_deref())?;
        let key = holder.key(invocation, &self.access_key_id)?;
        invocation.world.iam.remove_access_key(&key.id);
        Ok(Empty {})
    }
}

/// The request of `GetAccessKeyLastUsed`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetAccessKeyLastUsedRequest {
    pub access_key_id: String,
}

/// The response of `GetAccessKeyLastUsed`.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyLastUsedResponse {
    /// The user whose key it is; absent for a root user.
    pub user_name: Option<String>,
    pub access_key_last_used: AccessKeyLastUsed,
}

/// When, where and for what a key was last used.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKeyLastUsed {
    /// The minute; absent for a key that was never used.
    #[serde(with = "epoch::option")]
    pub last_used_date: Option<Timestamp>,
    /// The service, such as `kms`; `N/A` for a key that was never used.
    pub service_name: String,
    /// The Region; `N/A` for a key that was never used.
    pub region: String,
}

impl Operation for GetAccessKeyLastUsedRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_id(&self.access_key_id)?;
        let key = invocation.world.iam.access_key(&self.access_key_id);
        let user =
            key.and_then(|key| invocation.world.iam.identity(&key.account, Kind::User, key.user.as_ref()?));
        let resource = user.map_or_else(|| "*".to_owned(), super::Identity::arn);
        Ok(vec![Permission::new("iam:GetAccessKeyLastUsed", resource)])
    }

    // Source: IAM API Reference, AccessKeyLastUsed: what is answered for a key that was never used. Doubtful: the answer to a key
    // that is nobody's, here that of the other operations on keys; the model of this one names no errors. One form is known.
    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetAccessKeyLastUsedResponse, ApiError> {
        let account = account(invocation)?;
        let found = invocation.world.iam.access_key(&self.access_key_id).filter(|key| key.account == account);
        let key = found.ok_or_else(|| no_such_key(&self.access_key_id))?;
        let none = || "N/A".to_owned();
        Ok(GetAccessKeyLastUsedResponse {
            user_name: user_name(key),
            access_key_last_used: AccessKeyLastUsed {
                last_used_date: key.used.as_ref().map(|used| used.minute),
                service_name: key.used.as_ref().map_or_else(none, |used| used.service.to_owned()),
                region: key.used.as_ref().map_or_else(none, |used| used.region.to_string()),
            },
        })
    }
}

impl World {
    /// Notes that a request for a service was signed with an access key of a user or root user; tells whether that is new.
    pub fn note_key_use(&mut self, access_key: &str, service: &'static str, region: &Region) -> bool {
        let second = self.now.as_second();
        let minute = Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(self.now);
        let used = Use { minute, service, region: region.clone() };
        // What is known already is not written: a write copies what snapshots share.
        let is_new = self.iam.access_key(access_key).is_some_and(|key| key.used.as_ref() != Some(&used));
        if is_new {
            self.iam.note_use(access_key, used);
        }
        is_new
    }
}
