//! AWS managed keys: `alias/aws/dynamodb` and its like, made when they are first asked for.
//!
//! Source: KMS Developer Guide, "AWS managed keys"; KMS API Reference, DescribeKey: an alias of AWS that has no key yet
//! gets one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::crypto::{KeySpec, KeyUsage, Origin};
use super::key::{Key, KeyHandle, Manager, Schedule};
use super::policies::read_key_policy;
use super::state::AliasHandle;
use super::time::days_after;
use crate::cloud::arn::partition_of;
use crate::cloud::{AccountId, ApiError, Invocation, Region};

/// Days between the rotations of AWS managed keys. Source: KMS Developer Guide, "Rotating AWS KMS keys".
const YEAR: i64 = 365;

/// A service that has a key of its own in every account.
struct Service {
    name: &'static str,
    /// The service's name in the policy.
    title: &'static str,
    description: &'static str,
    policy_id: &'static str,
    /// The actions that users of the service may do through it.
    actions: &'static [&'static str],
    /// The actions that the account may do directly.
    direct: &'static [&'static str],
    /// True if the service may describe the key by itself.
    describes: bool,
}

/// Source: DynamoDB Developer Guide, "DynamoDB encryption at rest usage notes", for `alias/aws/dynamodb`.
/// Doubtful: the policies of the others are written after its shape, without a document that prints them. One form is known.
const SERVICES: [Service; 3] = [
    Service {
        name: "dynamodb",
        title: "Amazon DynamoDB",
        description: "Default key that protects my DynamoDB data when no other key is defined",
        policy_id: "auto-dynamodb-1",
        actions: &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        direct: &["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        describes: true,
    },
    Service {
        name: "s3",
        title: "S3",
        description: "Default key that protects my S3 objects when no other key is defined",
        policy_id: "auto-s3-2",
        actions: &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        direct: &["kms:Describe*", "kms:Get*", "kms:List*"],
        describes: false,
    },
    Service {
        name: "ebs",
        title: "EBS",
        description: "Default key that protects my EBS volumes when no other key is defined",
        policy_id: "auto-ebs-2",
        actions: &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        direct: &["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        describes: false,
    },
];

impl Service {
    fn endpoint(&self, region: &Region) -> String {
        // EBS calls KMS through EC2.
        let name = if self.name == "ebs" { "ec2" } else { self.name };
        format!("{name}.{region}.amazonaws.com")
    }

    fn policy(&self, account: &AccountId, region: &Region) -> Value {
        let title = self.title;
        let mut statements = vec![
            json!({
                "Sid": format!("Allow access through {title} for all principals in the account that are authorized \
                                to use {title}"),
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": self.actions,
                "Resource": "*",
                "Condition": {"StringEquals": {
                    "kms:CallerAccount": account.as_str(),
                    "kms:ViaService": self.endpoint(region),
                }},
            }),
            json!({
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
                "Action": self.direct,
                "Resource": "*",
            }),
        ];
        if self.describes {
            statements.push(json!({
                "Sid": "Allow DynamoDB Service with service principal name dynamodb.amazonaws.com to describe the \
                        key directly",
                "Effect": "Allow",
                "Principal": {"Service": "dynamodb.amazonaws.com"},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
                "Resource": "*",
            }));
        }
        json!({"Version": "2012-10-17", "Id": self.policy_id, "Statement": statements})
    }
}

impl Invocation<'_> {
    /// Makes the AWS managed key that `key_id` names, if it is the alias of one and the caller's account has none in
    /// this Region yet.
    pub(super) fn make_managed_key(&mut self, key_id: &str) -> Result<(), ApiError> {
        let (account, region) = (self.account()?, self.region().clone());
        let partition = partition_of(region.as_str());
        let prefix = format!("arn:{partition}:kms:{region}:{account}:");
        let name = key_id.strip_prefix(prefix.as_str()).unwrap_or(key_id);
        let Some(service) = SERVICES.iter().find(|s| name.strip_prefix("alias/aws/") == Some(s.name)) else {
            return Ok(());
        };
        let alias = AliasHandle { account: account.clone(), region: region.clone(), name: name.into() };
        if self.world.kms.alias(&alias).is_some() {
            return Ok(());
        }
        let policy = format!("{:#}", service.policy(&account, &region));
        let policy = read_key_policy(self.world, &policy)?;
        let handle = KeyHandle { account, region, id: self.world.new_key_id(false).into() };
        let (spec, now) = (KeySpec::SymmetricDefault, self.world.now);
        let material = self.world.new_material(spec, &handle)?;
        self.world.kms.put_key(Key {
            handle: handle.clone(),
            spec,
            usage: KeyUsage::EncryptDecrypt,
            origin: Origin::AwsKms,
            manager: Manager::Aws(service.name),
            description: service.description.to_owned(),
            created: now,
            enabled: true,
            policy,
            materials: vec![material],
            deletion: None,
            rotation: Some(Schedule { period_days: YEAR, next: days_after(now, YEAR)? }),
            tags: BTreeMap::new(),
            aliases: BTreeSet::new(),
            former_labels: Vec::new(),
            primary_region: None,
        });
        self.world.kms.put_alias(&alias, &handle, now);
        Ok(())
    }
}
