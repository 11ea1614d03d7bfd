//! The form of one line, before it is understood.

use crate::policy::Context;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One line: a request and everything that bears on it.
///
/// A list of policies that is absent, null or empty means that there is no such policy; for `identityPolicies` that
/// nothing is attached.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(title = "A line of kmslab decide")]
pub(super) struct Line<'a> {
    /// Comes back with the answer, whatever it is.
    #[serde(borrow)]
    #[schemars(with = "Option<serde_json::Value>")]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) request: RequestLine<'a>,
    /// The caller's own policies and those of his groups.
    #[serde(borrow)]
    #[schemars(with = "Option<PolicyList>")]
    pub(super) identity_policies: Option<&'a RawValue>,
    /// The policy of the resource; for a role to be assumed, its trust policy.
    #[serde(borrow)]
    #[schemars(with = "Option<AnyPolicy>")]
    pub(super) resource_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    #[schemars(with = "Option<PolicyList>")]
    pub(super) permission_boundary: Option<&'a RawValue>,
    /// The levels from the organization's root down to the caller's account, each a list of policies; or one level.
    #[serde(borrow)]
    #[schemars(with = "Option<PolicyLevels>")]
    pub(super) scps: Option<&'a RawValue>,
    /// The levels down to the resource's account. `RCPFullAWSAccess` is always there.
    #[serde(borrow)]
    #[schemars(with = "Option<PolicyLevels>")]
    pub(super) rcps: Option<&'a RawValue>,
    /// The policies passed when the session was made.
    #[serde(borrow)]
    #[schemars(with = "Option<PolicyList>")]
    pub(super) session_policy: Option<&'a RawValue>,
    /// The policy of the VPC endpoint that the request came through.
    #[serde(borrow)]
    #[schemars(with = "Option<PolicyList>")]
    pub(super) vpc_endpoint_policies: Option<&'a RawValue>,
    /// The grants on the key, as `CreateGrant` takes them.
    pub(super) grants: Option<Vec<GrantLine>>,
}

/// Who wants to do what to what, under which circumstances.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RequestLine<'a> {
    /// An ARN, an account id, a service such as `dynamodb.amazonaws.com`, or an object.
    #[serde(borrow)]
    #[schemars(with = "PrincipalForm")]
    pub(super) principal: &'a RawValue,
    /// The action as a policy writes it, for example `kms:Decrypt`.
    pub(super) action: String,
    /// An ARN, or `*`.
    pub(super) resource: String,
    /// The account that owns the resource, where the ARN names none or another.
    pub(super) resource_account: Option<String>,
    /// The condition keys. Those that follow from the rest of the line are added where they are absent here; a key with
    /// null or [] is taken away.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, ContextValue>")]
    pub(super) context: Context,
}

/// How a principal may be written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the form only")]
enum PrincipalForm {
    Name(String),
    Described(PrincipalLine),
}

/// The value of a condition key.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the form only")]
enum ContextValue {
    Absent(()),
    Text(String),
    Bool(bool),
    Number(f64),
    Many(Vec<ContextValue>),
}

/// A policy document, bare or with a name that answers give back.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the form only")]
enum AnyPolicy {
    Named { name: String, document: serde_json::Map<String, serde_json::Value> },
    Bare(serde_json::Map<String, serde_json::Value>),
}

/// A list of policies, or one policy.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the form only")]
enum PolicyList {
    One(AnyPolicy),
    Many(Vec<AnyPolicy>),
}

/// Lists of policies, one a level, or a list that is one level.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the form only")]
enum PolicyLevels {
    Levels(Vec<Vec<AnyPolicy>>),
    Level(PolicyList),
}

/// A principal that has no ARN, or of which an ARN says too little.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PrincipalLine {
    /// Nobody known: the request is not signed.
    Anonymous,
    /// A service on its own behalf.
    Service {
        /// The name of the service, for example `dynamodb.amazonaws.com`.
        name: Arc<str>,
    },
    /// Somebody whom an identity provider vouches for, before a role is assumed.
    Federated {
        /// The ARN of the SAML or OIDC provider, or a domain such as `accounts.google.com`.
        provider: Arc<str>,
    },
    /// A session that a user made for somebody outside IAM.
    FederatedUser {
        /// The ARN of the session, `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: Arc<str>,
        /// The ARN of the user who made it.
        user: Arc<str>,
    },
    /// A session of a role, with what its ARN leaves out.
    RoleSession {
        /// The ARN of the session, `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
        arn: Arc<str>,
        /// The ARN of the role, path included.
        role: Arc<str>,
    },
}

/// The fields of `CreateGrant`, and the id of a grant that exists.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GrantLine {
    pub(super) key_id: Option<String>,
    pub(super) grant_id: Option<Arc<str>>,
    pub(super) name: Option<Arc<str>>,
    pub(super) grantee_principal: Option<Arc<str>>,
    pub(super) grantee_service_principal: Option<Arc<str>>,
    pub(super) operations: Vec<String>,
    pub(super) constraints: Option<ConstraintsLine>,
    pub(super) retiring_principal: Option<Arc<str>>,
    pub(super) retiring_service_principal: Option<Arc<str>>,
    #[serde(rename = "GrantTokens")]
    pub(super) _grant_tokens: Option<Vec<String>>,
    #[serde(rename = "DryRun")]
    pub(super) _dry_run: Option<bool>,
}

/// What the encryption context of a request has to be, and what the request has to be made for.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ConstraintsLine {
    pub(super) encryption_context_equals: Option<BTreeMap<Arc<str>, Arc<str>>>,
    pub(super) encryption_context_subset: Option<BTreeMap<Arc<str>, Arc<str>>>,
    pub(super) source_arn: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedPolicy<'a> {
    pub(super) name: Arc<str>,
    #[serde(borrow)]
    pub(super) document: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct OnlyId<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
}
