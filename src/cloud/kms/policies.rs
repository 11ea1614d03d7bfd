//! Key policies: the default ones, the checks before one is saved, reading and writing them.
//!
//! Source: KMS Developer Guide, "Key policies in AWS KMS"; KMS API Reference, `PutKeyPolicy`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::Empty;
use super::crypto::{KeySpec, KeyUsage};
use super::errors;
use super::input::{check_pattern, check_shape, check_text, page};
use super::key::{Key, KeyHandle};
use super::names::Naming;
use crate::cloud::iam::{StoredPolicy, refused, rules};
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::{DecisionRecord, Permission};
use crate::cloud::{AccountId, ApiError, Invocation, Operation, World};
use crate::policy::Lockout;

/// The only name a key policy can have.
const POLICY_NAME: &str = "default";

/// The kind of document, whose rules stand with those of all kinds.
const PROFILE: &str = "kms-key";

/// Returns the policy of a key that was created without one: it leaves all access to the account's own
/// policies.
/// Source: KMS Developer Guide, "Default key policy", for keys created by program.
pub fn default_policy(account: &AccountId) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// Returns what the console lets key users do with a key of this kind.
///
/// Doubtful: the lists for key agreement and encapsulation, which are inferred. One form is known.
/// Source: KMS Developer Guide, "Default key policy", key users.
const fn user_actions(spec: KeySpec, usage: KeyUsage) -> &'static [&'static str] {
    match usage {
        KeyUsage::EncryptDecrypt if spec.is_symmetric() => {
            &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        }
        KeyUsage::EncryptDecrypt => {
            &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]
        }
        KeyUsage::SignVerify => &["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"],
        KeyUsage::GenerateVerifyMac => &["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"],
        KeyUsage::KeyAgreement => &["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"],
        KeyUsage::EncapsulateDecapsulate => {
            &["kms:DescribeKey", "kms:GetPublicKey", "kms:Encapsulate", "kms:Decapsulate"]
        }
    }
}

/// What the console lets the administrators of a key do.
///
/// Source: KMS Developer Guide, "Default key policy", for keys created in the console; policies that consoles wrote since
/// 2024 name `kms:RotateKeyOnDemand` behind the others, which the page does not yet.
pub const ADMINISTRATOR_ACTIONS: [&str; 15] = [
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:RotateKeyOnDemand",
];

/// Returns the policy the console writes for a key of this kind with the administrators and users chosen there:
/// ARNs, of other accounts' root users as well.
///
/// Doubtful: the policy's Id. What the console adds for keys with imported material and for multi-Region keys is left out.
/// One form is known.
/// Source: KMS Developer Guide, "Default key policy", for keys created in the console.
pub fn console_policy(
    account: &AccountId,
    (spec, usage): (KeySpec, KeyUsage),
    administrators: &[String],
    users: &[String],
) -> String {
    let allow = |sid: &str, principal: Value, actions: Value| {
        let principal = json!({"AWS": principal});
        json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"})
    };
    let owner = json!(format!("arn:aws:iam::{account}:root"));
    let mut statements = vec![allow("Enable IAM User Permissions", owner, json!("kms:*"))];
    if !administrators.is_empty() {
        statements.push(allow(
            "Allow access for Key Administrators",
            json!(administrators),
            json!(ADMINISTRATOR_ACTIONS),
        ));
    }
    if !users.is_empty() {
        statements.push(allow("Allow use of the key", json!(users), json!(user_actions(spec, usage))));
    }
    // Services that keep data under a key for its users take symmetric keys only.
    if !users.is_empty() && spec.is_symmetric() {
        let actions = json!(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]);
        let mut attachment = allow("Allow attachment of persistent resources", json!(users), actions);
        attachment["Condition"] = json!({"Bool": {"kms:GrantIsForAWSResource": "true"}});
        statements.push(attachment);
    }
    let policy = json!({"Version": "2012-10-17", "Id": "key-consolepolicy-3", "Statement": statements});
    format!("{policy:#}")
}

/// Makes the checks that the model asks of a policy's text before anything else.
pub(super) fn check_policy_text(text: &str) -> Result<(), ApiError> {
    check_text(text, "policy", 1, 131_072)?;
    let is_legal = rules(PROFILE)?.odd_character(text).is_none();
    check_shape(text, "policy", is_legal, "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+")
}

/// Reads a key policy as it is saved: every principal is looked up and its unique id kept.
pub(super) fn read_key_policy(world: &World, text: &str) -> Result<StoredPolicy, ApiError> {
    check_policy_text(text)?;
    StoredPolicy::accept(text, PROFILE)?.bound_in(world.iam(), PROFILE)
}

impl Invocation<'_> {
    /// Makes the lockout safety check: under the policy the key has now, and their own policies, may the caller
    /// of this request write the key policy again?
    /// Source: KMS Developer Guide, "Changing a key policy", `BypassPolicyLockoutSafetyCheck`.
    pub(super) fn check_lockout(&mut self, handle: &KeyHandle, bypass: Option<bool>) -> Result<(), ApiError> {
        if bypass == Some(true) {
            return Ok(());
        }
        let record = self.would_decide(&Permission::new("kms:PutKeyPolicy", handle.arn()));
        let Some(found) = lockout(&record)? else { return Ok(()) };
        self.lockout = Some(Box::new(record));
        Err(refused(found.code, found.message))
    }
}

/// Makes the lockout safety check with the decision about writing a key policy again.
pub(in crate::cloud) fn lockout(record: &DecisionRecord) -> Result<Option<Lockout>, ApiError> {
    Ok(rules(PROFILE)?.lockout(&record.request, &record.policies))
}

/// Returns the text of a key's policy as `GetKeyPolicy` shows it: whoever exists is named by ARN, also where the policy
/// was saved with a unique id, and whoever was deleted by unique id.
/// Source: IAM User Guide, "AWS JSON policy elements: Principal", unique identifiers.
pub fn shown_policy(world: &World, key: &Key) -> String {
    key.policy.shown(world.iam())
}

/// The request of `GetKeyPolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetKeyPolicyRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// `default`, the only name there is.
    pub policy_name: Option<String>,
}

/// The response of `GetKeyPolicy`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetKeyPolicyResponse {
    pub policy: String,
    /// `default`, the one name there is.
    pub policy_name: String,
}

impl Operation for GetKeyPolicyRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_policy_name(self.policy_name.as_deref())?;
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<GetKeyPolicyResponse, ApiError> {
        if self.policy_name.is_some_and(|name| name != POLICY_NAME) {
            return Err(ApiError::new("NotFoundException", "No such policy exists"));
        }
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        let policy = shown_policy(invocation.world, &key);
        Ok(GetKeyPolicyResponse { policy, policy_name: POLICY_NAME.to_owned() })
    }
}

fn check_policy_name(name: Option<&str>) -> Result<(), ApiError> {
    let Some(name) = name else { return Ok(()) };
    check_text(name, "policyName", 1, 128)?;
    check_pattern(name, "policyName", |c| c.is_ascii_alphanumeric() || c == '_', "[\\w]+")
}

/// The request of `PutKeyPolicy`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PutKeyPolicyRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// `default`, the only name there is.
    pub policy_name: Option<String>,
    pub policy: String,
    /// Saves a policy that would not let the caller change it again.
    pub bypass_policy_lockout_safety_check: Option<bool>,
}

impl Operation for PutKeyPolicyRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        check_policy_name(self.policy_name.as_deref())?;
        check_policy_text(&self.policy)?;
        let permission = invocation.named_key(&self.key_id, Naming::KeyOnly)?.permission(Self::NAME);
        // Source: KMS Developer Guide, "kms:BypassPolicyLockoutSafetyCheck": absent if the parameter is not sent.
        Ok(vec![match self.bypass_policy_lockout_safety_check {
            Some(bypass) => permission.with_key("kms:BypassPolicyLockoutSafetyCheck", bypass.to_string()),
            None => permission,
        }])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<Empty, ApiError> {
        if self.policy_name.is_some_and(|name| name != POLICY_NAME) {
            return Err(errors::unsupported("Only default policy is supported"));
        }
        let handle = invocation.key(&self.key_id, Naming::KeyOnly)?.handle.clone();
        let policy = read_key_policy(invocation.world, &self.policy)?;
        invocation.world.kms.edit_key(&handle, |key| key.policy = policy);
        invocation.check_lockout(&handle, self.bypass_policy_lockout_safety_check)?;
        Ok(Empty {})
    }
}

/// The request of `ListKeyPolicies`.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListKeyPoliciesRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// The most names to return.
    pub limit: Option<i64>,
    pub marker: Option<String>,
}

/// The response of `ListKeyPolicies`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListKeyPoliciesResponse {
    /// `default`, the one name there is.
    pub policy_names: Vec<String>,
    pub truncated: bool,
}

impl Operation for ListKeyPoliciesRequest {
    const READ_ONLY: bool = true;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        invocation.key_permission(Self::NAME, &self.key_id, Naming::KeyOnly)
    }

    fn execute(self, _: &mut Invocation<'_>) -> Result<ListKeyPoliciesResponse, ApiError> {
        let names = std::iter::once(POLICY_NAME.to_owned());
        // There is one page. The API model names no error for a marker that is none.
        let (policy_names, _) = page(names, self.limit, None, 1000, String::clone)?;
        Ok(ListKeyPoliciesResponse { policy_names, truncated: false })
    }
}
