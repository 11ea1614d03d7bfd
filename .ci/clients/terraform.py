"""What Terraform's AWS provider calls for one user, one role, one policy, one key and one table: made, read back, and destroyed.

Terraform itself is not run. The calls, their order and their parameters are those of the provider's resources `aws_iam_user`,
`aws_iam_role`, `aws_iam_role_policy_attachment`, `aws_iam_policy`, `aws_kms_key`, `aws_kms_alias` and `aws_dynamodb_table`, made by
botocore as the provider makes them by its SDK. What the provider compares with its plan is compared here: a difference would be a plan
that never gets empty.
"""

import json
import urllib.parse

from .prepared import ACCOUNT, DELEGATE, arn
from .server import allow, check, error_of, policy, trust

TAGS = [{"Key": "Name", "Value": "lab"}]
DOCUMENT = policy(allow("kms:Decrypt"))
TRUST = trust({"Service": "ec2.amazonaws.com"})


def read(name, found, planned):
    for field, value in planned.items():
        check(f"terraform: {name}.{field}", found.get(field), value)


def user(iam):
    iam.create_user(UserName="tf", Path="/", Tags=TAGS)
    found = iam.get_user(UserName="tf")["User"]
    read("user", found, {"UserName": "tf", "Path": "/", "Tags": TAGS, "Arn": arn("user", "tf"), "PermissionsBoundary": None})
    iam.tag_user(UserName="tf", Tags=[{"Key": "Name", "Value": "new"}])
    read("user", iam.get_user(UserName="tf")["User"], {"Tags": [{"Key": "Name", "Value": "new"}]})
    check("terraform: groups of the user", iam.list_groups_for_user(UserName="tf")["Groups"], [])
    iam.delete_user(UserName="tf")
    check("terraform: the user is gone", error_of(iam.get_user, UserName="tf")[0], "NoSuchEntity")


def managed_policy(iam):
    made = iam.create_policy(PolicyName="tf", Path="/", PolicyDocument=DOCUMENT, Description="d", Tags=TAGS)["Policy"]["Arn"]
    found = iam.get_policy(PolicyArn=made)["Policy"]
    read("policy", found, {"PolicyName": "tf", "Path": "/", "Description": "d", "Tags": TAGS, "DefaultVersionId": "v1", "AttachmentCount": 0})
    version = iam.get_policy_version(PolicyArn=made, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    check("terraform: the document", document(version["Document"]), json.loads(DOCUMENT))
    # A changed document is a new version in force; the oldest goes when there are five.
    for number in range(5):
        versions = iam.list_policy_versions(PolicyArn=made)["Versions"]
        if len(versions) == 5:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: int(v["VersionId"][1:]))
            iam.delete_policy_version(PolicyArn=made, VersionId=oldest["VersionId"])
        iam.create_policy_version(PolicyArn=made, PolicyDocument=policy(allow(f"kms:Get{number}*")), SetAsDefault=True)
    check("terraform: the version in force", iam.get_policy(PolicyArn=made)["Policy"]["DefaultVersionId"], "v6")
    return made


def role(iam, managed):
    iam.create_role(RoleName="tf", Path="/", AssumeRolePolicyDocument=TRUST, Description="d", MaxSessionDuration=3600, Tags=TAGS)
    found = iam.get_role(RoleName="tf")["Role"]
    read("role", found, {"RoleName": "tf", "Path": "/", "Description": "d", "MaxSessionDuration": 3600, "Tags": TAGS, "Arn": arn("role", "tf")})
    check("terraform: the trust policy", document(found["AssumeRolePolicyDocument"]), json.loads(TRUST))
    check("terraform: no inline policies", iam.list_role_policies(RoleName="tf")["PolicyNames"], [])
    check("terraform: nothing attached", iam.list_attached_role_policies(RoleName="tf")["AttachedPolicies"], [])
    iam.attach_role_policy(RoleName="tf", PolicyArn=managed)
    attached = iam.list_attached_role_policies(RoleName="tf", PathPrefix="/")["AttachedPolicies"]
    check("terraform: the attachment", [policy["PolicyArn"] for policy in attached], [managed])
    entities = iam.list_entities_for_policy(PolicyArn=managed)
    check("terraform: who has the policy", [role["RoleName"] for role in entities["PolicyRoles"]], ["tf"])
    iam.put_role_permissions_boundary(RoleName="tf", PermissionsBoundary=managed)
    boundary = iam.get_role(RoleName="tf")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    check("terraform: the boundary", boundary, managed)
    iam.delete_role_permissions_boundary(RoleName="tf")
    iam.detach_role_policy(RoleName="tf", PolicyArn=managed)
    check("terraform: no instance profiles", iam.list_instance_profiles_for_role(RoleName="tf")["InstanceProfiles"], [])
    iam.delete_role(RoleName="tf")
    for version in iam.list_policy_versions(PolicyArn=managed)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=managed, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=managed)
    check("terraform: the policy is gone", error_of(iam.get_policy, PolicyArn=managed)[0], "NoSuchEntity")


def key(kms):
    tags = [{"TagKey": "Name", "TagValue": "lab"}]
    made = kms.create_key(
        Description="d", KeyUsage="ENCRYPT_DECRYPT", KeySpec="SYMMETRIC_DEFAULT", Policy=DELEGATE, MultiRegion=False,
        BypassPolicyLockoutSafetyCheck=False, Tags=tags)["KeyMetadata"]
    kms.enable_key_rotation(KeyId=made["KeyId"], RotationPeriodInDays=365)
    found = kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    read("key", found, {"Description": "d", "Enabled": True, "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": False, "KeyState": "Enabled"})
    check("terraform: the key policy", json.loads(kms.get_key_policy(KeyId=made["KeyId"], PolicyName="default")["Policy"]), json.loads(DELEGATE))
    rotation = kms.get_key_rotation_status(KeyId=made["KeyId"])
    read("rotation", rotation, {"KeyRotationEnabled": True, "RotationPeriodInDays": 365})
    check("terraform: tags of the key", kms.list_resource_tags(KeyId=made["KeyId"])["Tags"], tags)
    kms.create_alias(AliasName="alias/tf", TargetKeyId=made["KeyId"])
    aliases = [alias for page in kms.get_paginator("list_aliases").paginate() for alias in page["Aliases"]]
    check("terraform: the alias", [alias["TargetKeyId"] for alias in aliases if alias["AliasName"] == "alias/tf"], [made["KeyId"]])
    return made["Arn"]


def table(dynamodb, key_arn):
    created = dynamodb.create_table(
        TableName="tf-table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], TableClass="STANDARD", DeletionProtectionEnabled=False,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn}, Tags=TAGS)["TableDescription"]
    dynamodb.get_waiter("table_exists").wait(TableName="tf-table", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    found = dynamodb.describe_table(TableName="tf-table")["Table"]
    read("table", found, {"TableStatus": "ACTIVE", "TableArn": created["TableArn"], "DeletionProtectionEnabled": False})
    read("encryption", found["SSEDescription"], {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key_arn})
    backups = dynamodb.describe_continuous_backups(TableName="tf-table")["ContinuousBackupsDescription"]
    check("terraform: recovery", backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
    check("terraform: time to live", dynamodb.describe_time_to_live(TableName="tf-table")["TimeToLiveDescription"], {"TimeToLiveStatus": "DISABLED"})
    check("terraform: tags of the table", dynamodb.list_tags_of_resource(ResourceArn=created["TableArn"])["Tags"], TAGS)
    dynamodb.delete_table(TableName="tf-table")
    dynamodb.get_waiter("table_not_exists").wait(TableName="tf-table", WaiterConfig={"Delay": 1, "MaxAttempts": 5})


def replay(prepared):
    prepared.back()
    iam, kms = prepared.clients["iam"], prepared.clients["kms"]
    check("terraform: the account", prepared.clients["sts"].get_caller_identity()["Account"], ACCOUNT)
    user(iam)
    role(iam, managed_policy(iam))
    key_arn = key(kms)
    table(prepared.clients["dynamodb"], key_arn)
    kms.delete_alias(AliasName="alias/tf")
    kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=30)
    check("terraform: the key goes", kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"], "PendingDeletion")


def document(value):
    """A document as botocore gives it: decoded, or encoded for URLs as IAM sends it."""
    return json.loads(urllib.parse.unquote(value)) if isinstance(value, str) else value
