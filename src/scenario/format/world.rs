//! The world a scenario begins in: accounts, identities, keys, tables, sessions, endpoints.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::Value;

use super::Step;

/// What the world holds at the start.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// The Region everything is in; `us-east-1` unless given.
    #[serde(default)]
    pub region: Option<String>,
    /// The accounts by number. The one that holds `start_as` is the home account.
    pub accounts: BTreeMap<String, AccountSpec>,
    /// Role sessions by the name that steps and probes call them.
    #[serde(default)]
    pub sessions: BTreeMap<String, SessionSpec>,
    /// VPC endpoints by id.
    #[serde(default)]
    pub endpoints: BTreeMap<String, EndpointSpec>,
    /// From where people call, by their name; who is not named calls over the internet.
    #[serde(default)]
    pub from: BTreeMap<String, FromSpec>,
    /// Further calls made before the learner comes.
    #[serde(default)]
    pub before: Vec<Step>,
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// The VPC's id.
    pub vpc: String,
    /// The service it leads to, such as `dynamodb`.
    pub service: String,
    /// What may pass; everything unless given.
    #[serde(default)]
    pub policy: Option<Value>,
}

/// From where somebody calls: from a VPC, or from an address on the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromSpec {
    /// The VPC. Calls go through its endpoint for the service, or over the internet where it has none.
    #[serde(default)]
    pub vpc: Option<String>,
    /// The address: in the VPC, 10.0.0.10 unless given, or on the internet.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// What one account holds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Users by name.
    #[serde(default)]
    pub users: BTreeMap<String, IdentitySpec>,
    /// Roles by name.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleSpec>,
    /// Customer managed policies by name.
    #[serde(default)]
    pub policies: BTreeMap<String, Value>,
    /// KMS keys by the short name that steps and probes call them.
    #[serde(default)]
    pub keys: BTreeMap<String, KeySpec>,
    /// DynamoDB tables by name.
    #[serde(default)]
    pub tables: BTreeMap<String, TableSpec>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// Managed policies: the name of an AWS managed or a customer managed one, or an ARN.
    #[serde(default)]
    pub attach: Vec<String>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// The managed policy that bounds what it may do, by name or ARN.
    #[serde(default)]
    pub boundary: Option<String>,
    /// `/` unless given.
    #[serde(default)]
    pub path: Option<String>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// Who may assume it.
    pub trust: Value,
    /// Managed policies: the name of an AWS managed or a customer managed one, or an ARN.
    #[serde(default)]
    pub attach: Vec<String>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// The managed policy that bounds what it may do, by name or ARN.
    #[serde(default)]
    pub boundary: Option<String>,
    /// `/` unless given.
    #[serde(default)]
    pub path: Option<String>,
}

/// A KMS key.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// Its aliases.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Free text.
    #[serde(default)]
    pub description: Option<String>,
    /// The key policy; the default one unless given.
    #[serde(default)]
    pub policy: Option<Value>,
    /// The key spec; `SYMMETRIC_DEFAULT` unless given.
    #[serde(default)]
    pub spec: Option<String>,
    /// What it is for; `ENCRYPT_DECRYPT` unless given.
    #[serde(default)]
    pub usage: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether it is switched off.
    #[serde(default)]
    pub disabled: bool,
}

/// A DynamoDB table.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The key that encrypts it: a short name, `aws/dynamodb` for the AWS managed key, or absent for the AWS owned one.
    #[serde(default)]
    pub key: Option<String>,
    /// The name of the partition key, a string; the first attribute of the first item unless given.
    #[serde(default)]
    pub hash: Option<String>,
    /// Its items as plain JSON.
    #[serde(default)]
    pub items: Vec<serde_json::Map<String, Value>>,
}

/// A session of a role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// The role's name.
    pub role: String,
    /// Who assumes it.
    pub by: String,
    /// The account of the role; the home account unless given.
    #[serde(default)]
    pub account: Option<String>,
    /// The session's name; the name it is called here unless given.
    #[serde(default)]
    pub name: Option<String>,
    /// A session policy.
    #[serde(default)]
    pub policy: Option<Value>,
}
