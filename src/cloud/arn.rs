//! Names of things: partitions, Regions, accounts and Amazon Resource Names.
//!
//! Every identifier in the simulated cloud carries its account and Region, so nothing is ever looked up by a bare name.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::limits::steps;

/// The partition of what has no Region: accounts, users and roles are those of the commercial partition.
const PARTITION: &str = "aws";

/// How the names of Regions outside of the commercial partition begin, and their partitions.
// Source: botocore, data/partitions.json; AWS General Reference, "Amazon Resource Names (ARNs)".
const PARTITIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
];

/// Returns the partition that a Region is in.
pub fn partition_of(region: &str) -> &'static str {
    let known = PARTITIONS.iter().find(|(start, _)| region.starts_with(start));
    known.map_or(PARTITION, |(_, partition)| partition)
}

/// A twelve-digit account number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// Returns the account whose number a text is, without a copy of it; `None` if it is none.
    pub fn of(text: &Arc<str>) -> Option<Self> {
        is_account(text).then(|| Self(text.clone()))
    }

    /// Returns the twelve digits of the account.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

impl From<&AccountId> for Arc<str> {
    fn from(id: &AccountId) -> Self {
        id.0.clone()
    }
}

/// A string that is not a twelve-digit account number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account number: twelve digits are needed")]
pub struct BadAccountId(String);

impl FromStr for AccountId {
    type Err = BadAccountId;

    fn from_str(text: &str) -> Result<Self, BadAccountId> {
        if is_account(text) { Ok(Self(text.into())) } else { Err(BadAccountId(text.to_owned())) }
    }
}

impl TryFrom<String> for AccountId {
    type Error = BadAccountId;

    fn try_from(text: String) -> Result<Self, BadAccountId> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An AWS Region, such as `us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Region(Arc<str>);

impl Region {
    /// The Region that IAM counts as its own, and the lab's default.
    pub fn us_east_1() -> Self {
        static NAME: LazyLock<Arc<str>> = LazyLock::new(|| "us-east-1".into());
        Self(NAME.clone())
    }

    /// Takes any Region name; the simulated cloud has no list of Regions.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// Returns the Region's name, such as `us-east-1`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Region> for Arc<str> {
    fn from(region: &Region) -> Self {
        region.0.clone()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An `arn:partition:service:region:account:resource`. Region and account may be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    /// Where the five colons stand between its parts.
    colons: [usize; 5],
}

impl Arn {
    /// Returns an ARN of the Region's partition, whose resource is given in its parts.
    pub fn new(service: &str, region: &str, account: &str, resource: &[&str]) -> Self {
        let partition = partition_of(region);
        let mut at = "arn".len();
        let colons =
            [0, partition.len() + 1, service.len() + 1, region.len() + 1, account.len() + 1].map(|step| {
                at += step;
                at
            });
        Self { text: Self::text(service, region, account, resource), colons }
    }

    /// Returns the text of an ARN of the Region's partition, whose resource is given in its parts.
    pub fn text(service: &str, region: &str, account: &str, resource: &[&str]) -> String {
        let parts = ["arn:", partition_of(region), ":", service, ":", region, ":", account, ":"];
        let all = || parts.iter().chain(resource);
        let mut text = String::with_capacity(all().map(|part| part.len()).sum());
        text.extend(all().copied());
        text
    }

    /// `aws`, `aws-cn` and so on, as written.
    pub fn partition(&self) -> &str {
        self.between(0, 1)
    }

    /// The service prefix, such as `kms`.
    pub fn service(&self) -> &str {
        self.between(1, 2)
    }

    /// The Region, or empty for global services.
    pub fn region(&self) -> &str {
        self.between(2, 3)
    }

    /// The account number, `aws` for AWS managed policies, or empty.
    pub fn account(&self) -> &str {
        self.between(3, 4)
    }

    /// All the rest, colons included.
    pub fn resource(&self) -> &str {
        // INVARIANT: a colon stands there.
        &self.text[self.colons[4] + 1..]
    }

    fn between(&self, one: usize, next: usize) -> &str {
        // INVARIANT: colons stand there, one behind the other.
        &self.text[self.colons[one] + 1..self.colons[next]]
    }

    /// The resource without `prefix`, such as the name behind `user/`.
    pub fn resource_after(&self, prefix: &str) -> Option<&str> {
        self.resource().strip_prefix(prefix)
    }

    /// The account as a number, if it is one.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().parse().ok()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.text
    }
}

/// A string that is not an ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN: arn:partition:service:region:account:resource is needed")]
pub struct BadArn(String);

impl FromStr for Arn {
    type Err = BadArn;

    fn from_str(text: &str) -> Result<Self, BadArn> {
        steps::add(text.len());
        let mut found = text.bytes().enumerate().filter(|(_, byte)| *byte == b':').map(|(at, _)| at);
        let mut next = || found.next();
        let read = match (next(), next(), next(), next(), next()) {
            (Some(one), Some(two), Some(three), Some(four), Some(five)) => {
                Some(Self { text: text.to_owned(), colons: [one, two, three, four, five] })
            }
            _ => None,
        };
        let is_whole = |arn: &Self| {
            let needed = [arn.partition(), arn.service(), arn.resource()];
            text.starts_with("arn:") && needed.iter().all(|part| !part.is_empty())
        };
        read.filter(is_whole).ok_or_else(|| BadArn(text.to_owned()))
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_reads_and_prints() {
        for text in [
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:iam::111122223333:user/path/kim",
            "arn:aws:s3:::bucket/key:with:colons",
        ] {
            assert_eq!(text.parse::<Arn>().map(|a| a.to_string()), Ok(text.to_owned()));
        }
        let arn = Arn::new("s3", "us-gov-west-1", "111122223333", &["a:", "b"]);
        let parts = [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()];
        assert_eq!(parts, ["aws-us-gov", "s3", "us-gov-west-1", "111122223333", "a:b"]);
        assert_eq!(arn.to_string().parse(), Ok(arn));
        for text in ["", "arn:aws:kms", "arn:aws:kms:us-east-1:1:", "urn:aws:kms:r:a:key/1", "key/1"] {
            assert!(text.parse::<Arn>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_is_twelve_digits() {
        assert!("111122223333".parse::<AccountId>().is_ok());
        for text in ["", "11112222333", "1111222233334", "11112222333x", "１１１１２２２２３３３３"]
        {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
    }
}
