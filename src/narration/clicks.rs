//! What one would click: the screens of the AWS Management Console that make a call.
//!
//! Each way was read in the page of a guide that stands beside its group, in a stored copy; what no page shows is not here. A
//! console changes more often than an API: the words name pages, tabs and buttons and no places on them.

/// An operation, and the way to it in the console.
type Way = (&'static str, &'static str);

/// Source: AWS KMS Developer Guide, "Access and list KMS key details", "Change a key policy", "Create a symmetric encryption KMS
/// key", "Create aliases", "Delete an alias", "Enable and disable keys", "Enable automatic key rotation", "Perform on-demand
/// key rotation", "Schedule key deletion", "Cancel key deletion", "Edit tags associated with a KMS key", "Download public
/// key". The pages on automatic rotation still call the tab "Key rotation". No page has a screen for grants or for
/// cryptographic operations.
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
    (
        "EnableKeyRotation",
        "KMS > Customer managed keys > the key > Key material and rotations > Automatic key rotation > Edit",
    ),
    (
        "DisableKeyRotation",
        "KMS > Customer managed keys > the key > Key material and rotations > Automatic key rotation > Edit",
    ),
    ("RotateKeyOnDemand", "KMS > Customer managed keys > the key > Key material and rotations > Rotate now"),
    ("TagResource", "KMS > Customer managed keys > the key > Tags > Edit"),
    ("UntagResource", "KMS > Customer managed keys > the key > Tags > Edit"),
    ("UpdateKeyDescription", "KMS > Customer managed keys > the key > Edit"),
    ("GetPublicKey", "KMS > Customer managed keys > the key > Public key > Download"),
];

/// Source: Amazon DynamoDB Developer Guide, "Getting started with DynamoDB", steps 2, 3, 5 and 6; "Managing encrypted tables in
/// DynamoDB", "Backing up a DynamoDB table", "Restoring a DynamoDB table from a backup", "Deleting a DynamoDB table backup",
/// "Attach a policy to an existing table". No page says which calls the editor of an item makes.
const DYNAMODB: &[Way] = &[
    ("ListTables", "DynamoDB > Tables"),
    ("DescribeTable", "DynamoDB > Tables > the table"),
    ("Scan", "DynamoDB > Tables > the table > Explore table items > Scan > Run"),
    ("Query", "DynamoDB > Tables > the table > Explore table items > Query > Run"),
    ("PutItem", "DynamoDB > Tables > the table > Explore table items > Create item"),
    ("CreateTable", "DynamoDB > Tables > Create table > Customize settings > Encryption at rest"),
    (
        "UpdateTable",
        "DynamoDB > Tables > the table > Actions > Update settings > Additional settings > Manage encryption",
    ),
    ("DeleteTable", "DynamoDB > Tables > the table > Delete"),
    ("CreateBackup", "DynamoDB > Backups > Create backup"),
    ("RestoreTableFromBackup", "DynamoDB > Backups > the backup > Restore"),
    ("DeleteBackup", "DynamoDB > Backups > the backup > Delete"),
    ("PutResourcePolicy", "DynamoDB > Tables > the table > Permissions > Create table policy"),
];

/// Source: IAM User Guide, "Create an IAM user", "Remove or deactivate an IAM user", "Change permissions for an IAM user", "Adding
/// and removing IAM identity permissions", "Create a role to give permissions to an IAM user", "Update permissions for a
/// role", "Update a role trust policy", "Delete roles or instance profiles", "Create IAM policies (console)", "Delete IAM
/// policies (console)".
const IAM: &[Way] = &[
    ("CreateUser", "IAM > Users > Create user"),
    ("DeleteUser", "IAM > Users > the user > Delete"),
    ("AttachUserPolicy", "IAM > Users > the user > Permissions > Add permissions > Attach policies directly"),
    ("DetachUserPolicy", "IAM > Users > the user > Permissions > Remove"),
    ("PutUserPolicy", "IAM > Users > the user > Permissions > Add permissions > Create inline policy"),
    ("DeleteUserPolicy", "IAM > Users > the user > Permissions > Remove"),
    (
        "PutUserPermissionsBoundary",
        "IAM > Users > the user > Permissions > Permissions boundary > Set permissions boundary",
    ),
    (
        "DeleteUserPermissionsBoundary",
        "IAM > Users > the user > Permissions > Permissions boundary > Change boundary > Remove boundary",
    ),
    ("CreateRole", "IAM > Roles > Create role"),
    ("DeleteRole", "IAM > Roles > the role > Delete"),
    ("UpdateAssumeRolePolicy", "IAM > Roles > the role > Trust relationships > Edit trust policy"),
    ("AttachRolePolicy", "IAM > Roles > the role > Permissions > Add permissions > Attach policies"),
    ("DetachRolePolicy", "IAM > Roles > the role > Permissions > Remove"),
    ("PutRolePolicy", "IAM > Roles > the role > Permissions > Add permissions > Create inline policy"),
    ("DeleteRolePolicy", "IAM > Roles > the role > Permissions > Remove"),
    (
        "PutRolePermissionsBoundary",
        "IAM > Roles > the role > Permissions > Permissions boundary > Change boundary",
    ),
    ("CreatePolicy", "IAM > Policies > Create policy"),
    ("CreatePolicyVersion", "IAM > Policies > the policy > Permissions > Edit"),
    ("DeletePolicy", "IAM > Policies > the policy > Actions > Delete"),
];

/// Source: AWS Organizations User Guide, "Creating, updating, and deleting service control policies", "Attaching organization
/// policies", "Detaching organization policies".
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

/// Source: EventBridge User Guide, "Creating rules that react to events in Amazon EventBridge" (eb-create-rule-visual).
const EVENTS: &[Way] = &[("PutRule", "Amazon EventBridge > Rules > Create rule")];

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
        "events" => EVENTS,
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
            ("events", EVENTS),
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
