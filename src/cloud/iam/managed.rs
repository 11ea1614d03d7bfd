//! The AWS managed policies, embedded as AWS publishes them.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::stored_policy::StoredPolicy;
use crate::policy::PolicyKind;

/// One policy. It is read when it is first needed, because some are large.
struct Managed {
    name: &'static str,
    path: &'static str,
    file: &'static str,
    policy: OnceLock<Option<Arc<StoredPolicy>>>,
}

macro_rules! embedded {
    ($($path:literal $name:literal),+ $(,)?) => {
        [$(Managed {
            name: $name,
            path: $path,
            file: include_str!(concat!("../../../assets/managed-policies/", $name, ".json")),
            policy: OnceLock::new(),
        }),+]
    };
}

static POLICIES: [Managed; 23] = embedded![
    "" "AWSCloudTrail_FullAccess",
    "" "AWSCloudTrail_ReadOnlyAccess",
    "" "AWSCompromisedKeyQuarantineV3",
    "" "AWSDenyAll",
    "aws-service-role/" "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
    "aws-service-role/" "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
    "" "AWSKeyManagementServicePowerUser",
    "" "AWSOrganizationsFullAccess",
    "" "AWSOrganizationsReadOnlyAccess",
    "" "AdministratorAccess",
    "" "AmazonDynamoDBFullAccess",
    "" "AmazonDynamoDBFullAccess_v2",
    "" "AmazonDynamoDBReadOnlyAccess",
    "" "AmazonS3FullAccess",
    "" "AmazonS3ReadOnlyAccess",
    "aws-service-role/" "DynamoDBReplicationServiceRolePolicy",
    "" "IAMFullAccess",
    "" "IAMReadOnlyAccess",
    "" "IAMUserChangePassword",
    "" "PowerUserAccess",
    "" "ReadOnlyAccess",
    "" "SecurityAudit",
    "job-function/" "ViewOnlyAccess",
];

const PREFIX: &str = "arn:aws:iam::aws:policy/";

/// Returns name and ARN of every embedded policy.
pub fn managed_policies() -> impl Iterator<Item = (&'static str, String)> {
    POLICIES.iter().map(|p| (p.name, format!("{PREFIX}{}{}", p.path, p.name)))
}

/// Returns the policy behind an ARN such as `arn:aws:iam::aws:policy/AdministratorAccess`.
pub(super) fn aws_managed(arn: &str) -> Option<Arc<StoredPolicy>> {
    let wanted = arn.strip_prefix(PREFIX)?;
    let found = POLICIES.iter().find(|p| wanted.strip_prefix(p.path) == Some(p.name))?;
    found.policy.get_or_init(|| read(found.file)).clone()
}

fn read(file: &str) -> Option<Arc<StoredPolicy>> {
    let file: Value = serde_json::from_str(file).ok()?;
    let text = serde_json::to_string_pretty(&file["Document"]).ok()?;
    StoredPolicy::read(&text, PolicyKind::Identity).ok().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_holds_the_policy_its_name_promises() {
        for policy in &POLICIES {
            let file: Value = serde_json::from_str(policy.file).expect(policy.name);
            assert_eq!(file["PolicyName"], policy.name);
            assert_eq!(file["Arn"], format!("{PREFIX}{}{}", policy.path, policy.name));
            assert!(read(policy.file).is_some(), "{} is not readable", policy.name);
        }
        let embedded = POLICIES.len();
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/managed-policies"));
        assert_eq!(files.expect("the folder exists").count(), embedded);
    }
}
