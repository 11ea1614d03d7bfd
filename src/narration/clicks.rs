//! What one would click: the screens of the AWS Management Console that make a call.
//!
//! Source: the procedures "using the AWS Management Console" of the guides that stand beside each group. A console changes
//! more often than an API, so the words name pages and buttons and no places on them.

/// An operation, and the way to it in the console.
type Way = (&'static str, &'static str);

/// Source: AWS KMS Developer Guide, "Creating keys", "Changing a key policy", "Managing aliases", "Enabling and disabling
/// keys", "Rotating AWS KMS keys", "Deleting AWS KMS keys", "Tagging keys", "Downloading public keys". There are no
/// screens for grants and cryptographic operations.
const KMS: &[Way] = &[
    ("ListKeys", "KMS > Customer managed keys"),
    ("DescribeKey", "KMS > Customer managed keys > the key"),
    ("GetKeyPolicy", "KMS > Customer managed keys > the key > Key policy"),
    ("PutKeyPolicy", "KMS > Customer managed keys > the key > Key policy > Edit"),
    ("CreateKey", "KMS > Customer managed keys > Create key"),
    ("CreateAlias", "KMS > Customer managed keys > the key > Aliases > Create alias"),
    ("DeleteAlias", "KMS > Customer managed keys > the key > Aliases > Delete"),
    ("EnableKey", "KMS > Customer managed keys > Key actions > Enable"),
    ("DisableKey", "KMS > Customer managed keys > Key actions > Disable"),
    ("ScheduleKeyDeletion", "KMS > Customer managed keys > Key actions > Schedule key deletion"),
    ("CancelKeyDeletion", "KMS > Customer managed keys > Key actions > Cancel key deletion"),
    ("EnableKeyRotation", "KMS > Customer managed keys > the key > Key rotation"),
    ("DisableKeyRotation", "KMS > Customer managed keys > the key > Key rotation"),
    ("RotateKeyOnDemand", "KMS > Customer managed keys > the key > Key rotation > Rotate now"),
    ("TagResource", "KMS > Customer managed keys > the key > Tags > Edit"),
    ("UntagResource", "KMS > Customer managed keys > the key > Tags > Edit"),
    ("UpdateKeyDescription", "KMS > Customer managed keys > the key > Edit"),
    ("GetPublicKey", "KMS > Customer managed keys > the key > Public key > Download"),
];

/// Source: Amazon DynamoDB Developer Guide, "Step 1: Create a table", "Managing encrypted tables", "Backing up a DynamoDB
/// table", "Restoring a DynamoDB table from a backup", "Create a table with a resource-based policy".
const DYNAMODB: &[Way] = &[
    ("ListTables", "DynamoDB > Tables"),
    ("DescribeTable", "DynamoDB > Tables > the table"),
    ("Scan", "DynamoDB > Explore items > the table > Scan > Run"),
    ("Query", "DynamoDB > Explore items > the table > Query > Run"),
    ("GetItem", "DynamoDB > Explore items > the table > the item"),
    ("PutItem", "DynamoDB > Explore items > the table > Create item"),
    ("UpdateItem", "DynamoDB > Explore items > the table > the item > Save"),
    ("DeleteItem", "DynamoDB > Explore items > the table > Actions > Delete items"),
    ("CreateTable", "DynamoDB > Tables > Create table > Customize settings > Encryption at rest"),
    ("UpdateTable", "DynamoDB > Tables > the table > Additional settings > Encryption > Manage encryption"),
    ("DeleteTable", "DynamoDB > Tables > the table > Delete"),
    ("CreateBackup", "DynamoDB > Backups > Create backup"),
    ("RestoreTableFromBackup", "DynamoDB > Backups > the backup > Restore"),
    ("DeleteBackup", "DynamoDB > Backups > the backup > Delete"),
    ("PutResourcePolicy", "DynamoDB > Tables > the table > Permissions > Resource-based policy"),
];

/// Source: IAM User Guide, "Creating an IAM user", "Adding and removing IAM identity permissions", "Creating a role",
/// "Modifying a role", "Creating IAM policies", "Editing IAM policies".
const IAM: &[Way] = &[
    ("CreateUser", "IAM > Users > Create user"),
    ("DeleteUser", "IAM > Users > the user > Delete"),
    ("AttachUserPolicy", "IAM > Users > the user > Add permissions > Attach policies directly"),
    ("DetachUserPolicy", "IAM > Users > the user > Permissions > Remove"),
    ("PutUserPolicy", "IAM > Users > the user > Add permissions > Create inline policy"),
    ("DeleteUserPolicy", "IAM > Users > the user > Permissions > Remove"),
    ("PutUserPermissionsBoundary", "IAM > Users > the user > Permissions boundary > Set"),
    ("DeleteUserPermissionsBoundary", "IAM > Users > the user > Permissions boundary > Remove"),
    ("CreateRole", "IAM > Roles > Create role"),
    ("DeleteRole", "IAM > Roles > the role > Delete"),
    ("UpdateAssumeRolePolicy", "IAM > Roles > the role > Trust relationships > Edit trust policy"),
    ("AttachRolePolicy", "IAM > Roles > the role > Add permissions > Attach policies"),
    ("DetachRolePolicy", "IAM > Roles > the role > Permissions > Remove"),
    ("PutRolePolicy", "IAM > Roles > the role > Add permissions > Create inline policy"),
    ("DeleteRolePolicy", "IAM > Roles > the role > Permissions > Remove"),
    ("PutRolePermissionsBoundary", "IAM > Roles > the role > Permissions boundary > Set"),
    ("CreatePolicy", "IAM > Policies > Create policy"),
    ("CreatePolicyVersion", "IAM > Policies > the policy > Permissions > Edit"),
    ("DeletePolicy", "IAM > Policies > the policy > Delete"),
];

/// Source: AWS Organizations User Guide, "Creating organization policies", "Updating", "Attaching".
const ORGANIZATIONS: &[Way] = &[
    ("CreatePolicy", "AWS Organizations > Policies > Service control policies > Create policy"),
    ("UpdatePolicy", "AWS Organizations > Policies > Service control policies > the policy > Edit policy"),
    (
        "AttachPolicy",
        "AWS Organizations > Policies > Service control policies > the policy > Targets > Attach",
    ),
    (
        "DetachPolicy",
        "AWS Organizations > Policies > Service control policies > the policy > Targets > Detach",
    ),
];

/// Source: AWS CloudTrail User Guide, "Viewing recent management events with the console".
const CLOUDTRAIL: &[Way] = &[("LookupEvents", "CloudTrail > Event history")];

/// Source: IAM User Guide, "Switch from a user to an IAM role (console)".
const STS: &[Way] = &[("AssumeRole", "the name at the top right > Switch role")];

/// Says what one would click to make a call, by its action: `kms:PutKeyPolicy`. None where no screen makes it.
pub fn clicks(action: &str) -> Option<&'static str> {
    let (service, name) = action.split_once(':')?;
    let ways = match service {
        "kms" => KMS,
        "dynamodb" => DYNAMODB,
        "iam" => IAM,
        "organizations" => ORGANIZATIONS,
        "cloudtrail" => CLOUDTRAIL,
        "sts" => STS,
        _ => &[],
    };
    ways.iter().find(|(operation, _)| *operation == name).map(|(_, way)| *way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_that_of_an_operation() {
        let all = [
            ("kms", KMS),
            ("dynamodb", DYNAMODB),
            ("iam", IAM),
            ("organizations", ORGANIZATIONS),
            ("cloudtrail", CLOUDTRAIL),
            ("sts", STS),
        ];
        for (prefix, ways) in all {
            let service =
                crate::cloud::SERVICES.iter().find(|service| service.prefix == prefix).expect(prefix);
            for (operation, way) in ways {
                assert!(service.operation(operation).is_some(), "{prefix} has no {operation}");
                assert_eq!(clicks(&format!("{prefix}:{operation}")), Some(*way), "{operation} stands twice");
            }
        }
    }
}
