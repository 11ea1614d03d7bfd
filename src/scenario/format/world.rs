//! The world a scenario begins in: accounts, identities, keys, tables, sessions, endpoints.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Step, TemplateSpec};
use crate::scenario::Duration;

/// The world at the start.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// The Region that everything is in; `us-east-1` unless given.
    #[serde(default)]
    pub region: Option<String>,
    /// How much time passes with each call that is made after the world stands, such as `1s`; none unless given.
    #[serde(default)]
    pub call_time: Option<Duration>,
    /// The accounts by their number of twelve digits. The one that holds `start_as` is the home account.
    #[schemars(extend("minProperties" = 1, "propertyNames" = { "pattern": "^[0-9]{12}$" }))]
    pub accounts: BTreeMap<String, AccountSpec>,
    /// A template of CloudFormation that a part of the world is made from.
    #[serde(default)]
    pub template: Option<TemplateSpec>,
    /// Role sessions by the name that steps and probes call them.
    #[serde(default)]
    pub sessions: BTreeMap<String, SessionSpec>,
    /// VPC endpoints by id, which begins with `vpce-`.
    #[schemars(extend("propertyNames" = { "pattern": "^vpce-" }))]
    #[serde(default)]
    pub endpoints: BTreeMap<String, EndpointSpec>,
    /// Where people call from, by their name. Whoever is not named calls over the internet.
    #[serde(default)]
    pub from: BTreeMap<String, FromSpec>,
    /// Steps that are made right after users and roles, before their policies, keys, tables and sessions: for whom those name.
    /// Root users make them, since nobody else may do anything yet.
    #[serde(default)]
    pub early: Vec<Step>,
    /// What happened again and again before the learner comes, one group after the other: the past of a long audit trail.
    #[serde(default)]
    pub past: Vec<PastSpec>,
    /// Further steps that are made before the learner comes, after `past`.
    #[serde(default)]
    pub before: Vec<Step>,
    /// Whether the audit trail keeps what `past` and `before` did, for a learner who has to find it. Otherwise it begins empty.
    #[serde(default)]
    pub keep_events: bool,
}

/// Steps that were made several times, one round after the other.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PastSpec {
    /// How many times; once unless given.
    #[serde(default = "once")]
    pub times: usize,
    /// The steps of one round.
    pub steps: Vec<Step>,
}

fn once() -> usize {
    1
}

impl PastSpec {
    /// Returns how many steps are made in all.
    pub fn made(&self) -> usize {
        self.times.saturating_mul(self.steps.len())
    }
}

/// A VPC endpoint through which calls can come.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// The id of the VPC, which begins with `vpc-`.
    #[schemars(regex(pattern = r"^vpc-"))]
    pub vpc: String,
    /// The service it leads to, such as `dynamodb`.
    pub service: String,
    /// The policy of the endpoint; one that lets everything pass unless given.
    #[serde(default)]
    pub policy: Option<Value>,
}

/// Where somebody calls from: a VPC, or an address on the internet. At least one of the two is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromSpec {
    /// The VPC. Calls go through its endpoint for the service, or over the internet where it has none.
    #[serde(default)]
    pub vpc: Option<String>,
    /// The address, in the VPC or on the internet; in a VPC it is 10.0.0.10 unless given.
    #[serde(default)]
    pub address: Option<IpAddr>,
}

/// What one account holds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// The name that the screen shows beside the number.
    #[serde(default)]
    pub name: Option<String>,
    /// The users of the account, by name.
    #[serde(default)]
    pub users: BTreeMap<String, IdentitySpec>,
    /// The roles of the account, by name.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleSpec>,
    /// Customer managed policies by name, each a policy document.
    #[serde(default)]
    pub policies: BTreeMap<String, Value>,
    /// KMS keys by the short name that steps and probes call them.
    #[serde(default)]
    pub keys: BTreeMap<String, KeySpec>,
    /// DynamoDB tables by name.
    #[serde(default)]
    pub tables: BTreeMap<String, TableSpec>,
}

/// A user with the policies it has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// Managed policies: the name of an AWS managed or a customer managed one, or an ARN.
    #[serde(default)]
    pub attach: Vec<String>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// The permissions boundary: a managed policy by name or ARN.
    #[serde(default)]
    pub boundary: Option<String>,
    /// The path; `/` unless given.
    #[serde(default)]
    pub path: Option<String>,
    /// The tags by name, which policies see as `aws:PrincipalTag`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A role with its trust policy and the policies it has.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// The trust policy, which says who may assume the role.
    pub trust: Value,
    /// Managed policies: the name of an AWS managed or a customer managed one, or an ARN.
    #[serde(default)]
    pub attach: Vec<String>,
    /// Inline policies by name.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// The permissions boundary: a managed policy by name or ARN.
    #[serde(default)]
    pub boundary: Option<String>,
    /// The path; `/` unless given.
    #[serde(default)]
    pub path: Option<String>,
    /// The tags by name, which policies see as `aws:PrincipalTag`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A grant on a key that is there at the start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantSpec {
    /// Who has the grant: a user or a role by name, or an ARN.
    pub to: String,
    /// The operations that it allows, such as `Decrypt`.
    pub operations: Vec<String>,
    /// Pairs that the encryption context must hold.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// The name under which steps find its id, as in `{{name.GrantId}}`.
    #[serde(default)]
    pub save: Option<String>,
}

/// A KMS key with its key policy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// The aliases of the key, each beginning with `alias/`.
    #[schemars(inner(regex(pattern = r"^alias/")))]
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The description that the key carries.
    #[serde(default)]
    pub description: Option<String>,
    /// The key policy; the default one unless given.
    #[serde(default)]
    pub policy: Option<Value>,
    /// The key spec; `SYMMETRIC_DEFAULT` unless given.
    #[serde(default)]
    pub spec: Option<String>,
    /// The key usage; `ENCRYPT_DECRYPT` unless given.
    #[serde(default)]
    pub usage: Option<String>,
    /// The tags of the key by name.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether the key is disabled at the start.
    #[serde(default)]
    pub disabled: bool,
    /// Whether the key rotates by itself once a year.
    #[serde(default)]
    pub rotation: bool,
    /// The grants on the key.
    #[serde(default)]
    pub grants: Vec<GrantSpec>,
    /// The Region of the key; that of the world unless given.
    #[serde(default)]
    pub region: Option<String>,
}

/// A DynamoDB table with its items.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The key that encrypts the table: a short name, `aws/dynamodb` for the AWS managed key, or absent for the AWS owned one.
    #[serde(default)]
    pub key: Option<String>,
    /// The name of the partition key, a string; the first attribute of the first item unless given.
    #[serde(default)]
    pub hash: Option<String>,
    /// The name of the sort key; none unless given.
    #[serde(default)]
    pub range: Option<String>,
    /// The types of key attributes that are no strings: `N` or `B`, by name.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// Names of backups that are made of the table as it is at the start.
    #[serde(default)]
    pub backups: Vec<String>,
    /// The items as plain JSON: `{"Id": "7"}`, not `{"Id": {"S": "7"}}`.
    #[serde(default)]
    pub items: Vec<serde_json::Map<String, Value>>,
}

/// A session of a role.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// The name of the role.
    pub role: String,
    /// Who assumes the role, as in a probe.
    pub by: String,
    /// The account of the role; the home account unless given.
    #[serde(default)]
    pub account: Option<String>,
    /// The session's name; the name it is called here unless given.
    #[serde(default)]
    pub name: Option<String>,
    /// The session policy; none unless given.
    #[serde(default)]
    pub policy: Option<Value>,
}
