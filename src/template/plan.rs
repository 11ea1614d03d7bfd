//! The plan: what an account has, in an order in which it can be made. Everything here turns on it: a world is written down
//! as one, each form is written from one, and a template is read back as one.

use std::collections::{BTreeMap, BTreeSet};

use super::id::{Id, Sort};
use super::text::{Doc, Piece, Text};
use crate::cloud::iam::Kind;

/// The number of days after which a key rotates unless it is told otherwise.
/// Source: KMS API Reference, EnableKeyRotation, `RotationPeriodInDays`.
pub const ROTATION_DAYS: i64 = 365;

/// The longest session of a role, in seconds, unless it is told otherwise.
/// Source: IAM API Reference, CreateRole, `MaxSessionDuration`.
pub const SESSION_SECONDS: u32 = 3600;

/// What an account has in one Region.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The number of the account in the world that was written down, or of the one that a template is read for.
    pub account: String,
    pub region: String,
    /// The resources, by sort and name.
    pub resources: BTreeMap<Id, Resource>,
    /// What of the world is in no form, each in a clause.
    pub left_out: Vec<String>,
}

/// A resource of an account, with what the other resources need of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    Identity(Identity),
    Key(Key),
    Alias(Alias),
    Policy(Policy),
    Inline(Inline),
    Table(Table),
    Grant(Grant),
}

/// A user, a role or a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    pub kind: Kind,
    pub name: String,
    /// The path; `/` is none.
    pub path: String,
    pub tags: BTreeMap<String, String>,
    pub description: Option<String>,
    /// The trust policy of a role.
    pub trust: Option<Doc>,
    /// The longest session of a role, in seconds.
    pub max_session: u32,
    pub attached: BTreeSet<PolicyRef>,
    pub boundary: Option<PolicyRef>,
    /// The groups of a user.
    pub groups: BTreeSet<Id>,
}

/// A managed policy that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyRef {
    /// A policy of the plan.
    Own(Id),
    /// A policy of AWS, by its ARN.
    Aws(String),
}

/// A KMS key with its policy and its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub description: String,
    pub spec: String,
    pub usage: String,
    pub enabled: bool,
    pub multi_region: bool,
    /// The days between two rotations, if the key rotates.
    pub rotation: Option<i64>,
    pub tags: BTreeMap<String, String>,
    pub policy: Doc,
}

/// A name for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name, `alias/` included.
    pub name: String,
    pub key: Id,
}

/// A managed policy of the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub name: String,
    pub path: String,
    pub description: Option<String>,
    pub document: Doc,
}

/// An inline policy of a user, a role or a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Inline {
    /// The user, role or group that has it.
    pub owner: Id,
    pub name: String,
    pub document: Doc,
}

/// A DynamoDB table without its items.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: String,
    /// The name and the type of the partition key, then of the sort key.
    pub key: Vec<(String, String)>,
    /// The read and write units, unless the table is paid by request.
    pub capacity: Option<(u64, u64)>,
    pub encryption: TableKey,
    pub deletion_protection: bool,
    pub tags: BTreeMap<String, String>,
    pub policy: Option<Doc>,
}

/// The key that a table is encrypted under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableKey {
    /// The one that AWS owns.
    AwsOwned,
    /// The AWS managed key of DynamoDB, `alias/aws/dynamodb`.
    AwsManaged,
    /// A key of the plan.
    Own(Id),
    /// A key elsewhere, by its ARN.
    Other(String),
}

/// A grant on a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The id that KMS has given it. No form for other tools has it: there the next grant gets another.
    pub grant_id: String,
    pub key: Id,
    pub name: Option<String>,
    pub grantee: Text,
    pub retiring: Option<Text>,
    pub operations: Vec<String>,
    /// The pairs that the encryption context must have, and whether it may have no others.
    pub context: Option<(BTreeMap<String, String>, bool)>,
    pub source: Option<Text>,
}

impl Plan {
    /// Returns the resources of one sort, by name.
    pub fn of_sort(&self, sort: Sort) -> impl Iterator<Item = (&Id, &Resource)> {
        self.resources.iter().filter(move |(id, _)| id.sort == sort)
    }

    /// Returns the users, roles and groups of the plan by their ARNs.
    pub fn named(&self) -> Named<'_> {
        Named(self.identities().map(|(id, identity)| (identity.arn(), id)).collect())
    }

    /// Returns the users, roles and groups of the plan.
    pub fn identities(&self) -> impl Iterator<Item = (&Id, &Identity)> {
        self.resources.iter().filter_map(|(id, resource)| match resource {
            Resource::Identity(identity) => Some((id, identity)),
            Resource::Key(_)
            | Resource::Alias(_)
            | Resource::Policy(_)
            | Resource::Inline(_)
            | Resource::Table(_)
            | Resource::Grant(_) => None,
        })
    }
}

/// The users, roles and groups of a plan by their ARNs.
#[derive(Clone, Debug)]
pub struct Named<'p>(BTreeMap<Text, &'p Id>);

impl<'p> Named<'p> {
    /// Returns those whom a policy names. AWS refuses the policy unless they are there.
    /// Source: IAM User Guide, "AWS JSON policy elements: Principal".
    pub fn by(&self, document: &Doc) -> BTreeSet<&'p Id> {
        document.principals().filter_map(|arn| self.one(arn)).collect()
    }

    /// Returns the one who has an ARN.
    pub fn one(&self, arn: &Text) -> Option<&'p Id> {
        self.0.get(arn).copied()
    }
}

impl Identity {
    /// Returns the ARN of the user, role or group.
    pub fn arn(&self) -> Text {
        let Self { kind, path, name, .. } = self;
        let resource = format!(":{}{path}{name}", kind.word());
        [Piece::Words("arn:aws:iam::".to_owned()), Piece::Account, Piece::Words(resource)]
            .into_iter()
            .collect()
    }
}

impl Policy {
    /// Returns the ARN of the policy.
    pub fn arn(&self) -> Text {
        let resource = format!(":policy{}{}", self.path, self.name);
        [Piece::Words("arn:aws:iam::".to_owned()), Piece::Account, Piece::Words(resource)]
            .into_iter()
            .collect()
    }
}

impl Table {
    /// Returns the ARN in a Region.
    pub fn arn(&self, region: &str) -> Text {
        table_arn(region, &self.name)
    }
}

/// Returns the ARN of the table of a name.
pub fn table_arn(region: &str, name: &str) -> Text {
    let words = |words: String| Piece::Words(words);
    let start = words(format!("arn:{}:dynamodb:{region}:", crate::cloud::arn::partition_of(region)));
    [start, Piece::Account, words(format!(":table/{name}"))].into_iter().collect()
}

impl Resource {
    /// Returns the documents of the resource.
    pub fn documents(&self) -> Vec<&Doc> {
        match self {
            Self::Identity(identity) => identity.trust.iter().collect(),
            Self::Key(key) => vec![&key.policy],
            Self::Policy(policy) => vec![&policy.document],
            Self::Inline(inline) => vec![&inline.document],
            Self::Table(table) => table.policy.iter().collect(),
            Self::Alias(_) | Self::Grant(_) => Vec::new(),
        }
    }
}
