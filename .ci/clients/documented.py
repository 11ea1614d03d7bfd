"""The world that AWS's examples speak of: their users, roles, tables and keys, and what stands for their ids."""

import re

from .server import allow, policy, trust

ACCOUNT = "123456789012"
FILES = {
    "ExamplePlaintextFile": b"plaintext",
    "Trust-Policy.json": trust({"Service": "ec2.amazonaws.com"}),
    "Test-Role-Trust-Policy.json": trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    "AdminPolicy.json": policy(allow("*")),
    "ExamplePolicy.json": policy(allow("s3:*")),
    "NewPolicyVersion.json": policy(allow("s3:*")),
    "EncodedMessage": b"message",
}


class Documented:
    """Every example begins in the same world."""

    def __init__(self, server):
        self.server = server
        self.files = dict(FILES)
        self.names = {}
        self.people(server.client("iam", "root"))
        self.keys(server.client("kms", "root"))
        self.tables(server.client("dynamodb", "root"))
        server.control("POST", "snapshot", {"name": "documented"})

    def back(self):
        self.server.control("POST", "restore", {"name": "documented"})

    def substitute(self, text, names=()):
        """The same with our ids in place of those of the documentation, and with other names in place of some."""
        for old, new in [*self.names.items(), *names]:
            text = text.replace(old, new)
        text = re.sub(r"(?<=::)\d{11,13}(?=:)|(?<=[a-z]-\d:)\d{11,13}(?=:)", ACCOUNT, text)
        return re.sub(r"\b(arn:aws:(?:kms|dynamodb)):[a-z]+-[a-z]+-\d:", r"\1:us-east-1:", text)

    def people(self, iam):
        def own(name):
            return f"arn:aws:iam::{ACCOUNT}:policy/{name}"

        for name in ("Bob", "Alice", "anika", "alejandro", "JohnDoe", "Paulo", "intern", "developer", "DelUser"):
            iam.create_user(UserName=name)
        for name in ("Admins", "Finance", "Finance-Group", "MyTestGroup", "Testers", "Test-Group"):
            iam.create_group(GroupName=name)
        document = trust({"Service": "ec2.amazonaws.com"})
        for name in ("Test-Role", "my-role", "taggedrole", "ReadOnlyRole", "lambda-application-role", "x-account-admin", "production-role", "SecurityAuditRole", "FedTesterRole", "DelRole"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        account = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        iam.create_role(RoleName="xaccounts3access", AssumeRolePolicyDocument=trust(account))
        for name in ("MySamplePolicy", "TestPolicy", "TesterPolicy", "TesterAccessPolicy", "FedTesterAccessPolicy", "MyPolicy", "intern-boundary", "lambda-boundary"):
            iam.create_policy(PolicyName=name, PolicyDocument=policy(allow("*")))
        iam.create_policy_version(PolicyArn=own("MyPolicy"), PolicyDocument=policy(allow("iam:*")), SetAsDefault=False)
        iam.attach_user_policy(UserName="Bob", PolicyArn=own("TesterPolicy"))
        iam.attach_group_policy(GroupName="Testers", PolicyArn=own("TesterAccessPolicy"))
        iam.attach_role_policy(RoleName="FedTesterRole", PolicyArn=own("FedTesterAccessPolicy"))
        iam.attach_role_policy(RoleName="SecurityAuditRole", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
        for name in ("AdministratorAccess", "SecurityAudit"):
            iam.attach_group_policy(GroupName="Admins", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
        iam.put_user_policy(UserName="Bob", PolicyName="ExamplePolicy", PolicyDocument=policy(allow("*")))
        iam.put_role_policy(RoleName="Test-Role", PolicyName="ExamplePolicy", PolicyDocument=policy(allow("s3:*")))
        iam.put_group_policy(GroupName="Test-Group", PolicyName="S3-ReadOnly-Policy", PolicyDocument=policy(allow("s3:Get*")))
        iam.put_group_policy(GroupName="MyTestGroup", PolicyName="ExamplePolicy", PolicyDocument=policy(allow("s3:*")))
        iam.put_user_permissions_boundary(UserName="intern", PermissionsBoundary=own("intern-boundary"))
        iam.put_role_permissions_boundary(RoleName="lambda-application-role", PermissionsBoundary=own("lambda-boundary"))
        iam.add_user_to_group(GroupName="Admins", UserName="Alice")
        tags = [{"Key": "Department", "Value": "Accounting"}, {"Key": "DeptID", "Value": "12345"}]
        iam.tag_role(RoleName="production-role", Tags=tags)
        iam.tag_role(RoleName="taggedrole", Tags=tags)
        iam.tag_user(UserName="alejandro", Tags=tags)
        iam.put_user_policy(UserName="alejandro", PolicyName="Grant-Access-To-CodeCommit-ListRepo", PolicyDocument=policy(allow("codecommit:ListRepositories")))
        pair = iam.create_access_key(UserName="Bob")["AccessKey"]
        self.names["AKIDPMS9RO4H3FEXAMPLE"] = self.names["AKIAIOSFODNN7EXAMPLE"] = pair["AccessKeyId"]

    def keys(self, kms):
        def made(**kind):
            return kms.create_key(**kind)["KeyMetadata"]["KeyId"]

        self.names["1234abcd-12ab-34cd-56ef-1234567890ab"] = made(Tags=[{"TagKey": "Dept", "TagValue": "IT"}, {"TagKey": "Purpose", "TagValue": "Test"}])
        kms.enable_key_rotation(KeyId=self.names["1234abcd-12ab-34cd-56ef-1234567890ab"])
        self.names["0987dcba-09fe-87dc-65ba-ab0987654321"] = made()
        self.names["0d990263-018e-4e65-a703-eff731de951e"] = made()
        for name in ("test-key", "example-alias", "ExampleAlias"):
            kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=self.names["1234abcd-12ab-34cd-56ef-1234567890ab"])

    def tables(self, dynamodb):
        music = dict(
            TableName="MusicCollection", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
            KeySchema=[{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "SongTitle", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("Artist", "SongTitle")],
        )
        dynamodb.create_table(**music)
        for artist, song, album in (
            ("No One You Know", "Call Me Today", "Somewhat Famous"), ("Acme Band", "Happy Day", "Songs About Life"),
            ("No One You Know", "Scared of My Shadow", "Blue Sky Blues"), ("Acme Band", "PartiQL Rocks", "Another Album Title"),
        ):
            dynamodb.put_item(TableName="MusicCollection", Item={"Artist": {"S": artist}, "SongTitle": {"S": song}, "AlbumTitle": {"S": album}})
        dynamodb.tag_resource(
            ResourceArn=dynamodb.describe_table(TableName="MusicCollection")["Table"]["TableArn"],
            Tags=[{"Key": "Owner", "Value": "blueTeam"}, {"Key": "Environment", "Value": "Production"}])
        backup = dynamodb.create_backup(TableName="MusicCollection", BackupName="MusicCollectionBackup")["BackupDetails"]["BackupArn"]
        self.names["01576616366715-b4e58d3a"] = backup.split("/")[-1]
