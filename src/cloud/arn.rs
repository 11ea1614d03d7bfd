//! Names of things: partitions, Regions, accounts and Amazon Resource Names.
//!
//! Every identifier in the simulated cloud carries its account and Region, so nothing is ever looked up by a bare name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

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
    /// Returns the twelve digits of the account.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A string that is not a twelve-digit account number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account number: twelve digits are needed")]
pub struct BadAccountId(String);

impl FromStr for AccountId {
    type Err = BadAccountId;

    fn from_str(text: &str) -> Result<Self, BadAccountId> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(BadAccountId(text.to_owned()))
        }
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
        Self("us-east-1".into())
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

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A parsed `arn:partition:service:region:account:resource`. Region and account may be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn` and so on, as written.
    pub partition: String,
    /// The service prefix, such as `kms`.
    pub service: String,
    /// The Region, or empty for global services.
    pub region: String,
    /// The account number, `aws` for AWS managed policies, or empty.
    pub account: String,
    /// All the rest, colons included.
    pub resource: String,
}

impl Arn {
    /// Returns an ARN of the Region's partition.
    pub fn new(service: &str, region: &str, account: &str, resource: &str) -> Self {
        Self {
            partition: partition_of(region).to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        }
    }

    /// Returns the text of an ARN of the Region's partition, whose resource is given in its parts.
    pub fn text(service: &str, region: &str, account: &str, resource: &[&str]) -> String {
        let parts = ["arn:", partition_of(region), ":", service, ":", region, ":", account, ":"];
        [parts.as_slice(), resource].concat().concat()
    }

    /// The resource without `prefix`, such as the name behind `user/`.
    pub fn resource_after(&self, prefix: &str) -> Option<&str> {
        self.resource.strip_prefix(prefix)
    }

    /// The account as a number, if it is one.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account.parse().ok()
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
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        match (next(), next(), next(), next(), next(), next()) {
            (Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(resource))
                if !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self {
                    partition: partition.to_owned(),
                    service: service.to_owned(),
                    region: region.to_owned(),
                    account: account.to_owned(),
                    resource: resource.to_owned(),
                })
            }
            _ => Err(BadArn(text.to_owned())),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        let mut parts = [partition, service, region, account, resource].into_iter();
        f.write_str("arn")?;
        parts.try_for_each(|part| f.write_str(":").and_then(|()| f.write_str(part)))
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
