"""A world in which every operation has something to work on: `Prepared` makes it, and has what was made as its attributes."""

import boto3
import botocore.config

from .server import allow, policy, trust

ACCOUNT = "111122223333"
DELEGATE = policy(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
SERVICES = {"kms", "dynamodb", "iam", "sts", "organizations", "cloudtrail", "events", "iam-toolbox"}


def arn(kind, name, service="iam"):
    return f"arn:aws:{service}::{ACCOUNT}:{kind}/{name}"


class Prepared:
    """Everything is made by kim, a user with AdministratorAccess, who signs the calls of the tables, too."""

    def __init__(self, server):
        self.server = server
        self.root = {name: server.client(name, "root") for name in ("iam", "sts")}
        self.people()
        keys = self.root["iam"].create_access_key(UserName="kim")["AccessKey"]
        self.kim_key = keys["AccessKeyId"]
        self.clients = {name: self.client(name, keys) for name in SERVICES}
        self.server.control("POST", "snapshot", {"name": "without organization"})
        self.organize()
        self.make_keys()
        self.use_keys()
        self.tables()
        self.others()
        server.control("POST", "snapshot", {"name": "prepared"})

    def client(self, service, keys, **more):
        # What a client would refuse by itself is for the server to refuse.
        config = botocore.config.Config(retries={"max_attempts": 1}, parameter_validation=False, **more)
        return boto3.client(
            service, endpoint_url=self.server.endpoint, region_name="us-east-1", config=config,
            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
        )

    def other_clients(self, name):
        keys = self.guest if name == "guest" else {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"}
        return {service: self.client(service, keys) for service in SERVICES}

    def back(self):
        self.server.control("POST", "restore", {"name": "prepared"})

    def without_organization(self, **parameters):
        """Puts the account back to before there was an organization; returns the parameters of a call then."""
        self.server.control("POST", "restore", {"name": "without organization"})
        return parameters

    def people(self):
        iam = self.root["iam"]
        for name in ("kim", "tess", "dana", "guest", "leaver"):
            iam.create_user(UserName=name)
        iam.tag_user(UserName="tess", Tags=[{"Key": "team", "Value": "red"}])
        iam.attach_user_policy(UserName="kim", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        iam.attach_user_policy(UserName="tess", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess")
        iam.put_user_policy(UserName="tess", PolicyName="own", PolicyDocument=policy(allow("iam:Get*")))
        iam.create_group(GroupName="Readers")
        iam.create_group(GroupName="Empty")
        iam.add_user_to_group(GroupName="Readers", UserName="dana")
        iam.put_group_policy(GroupName="Readers", PolicyName="own", PolicyDocument=policy(allow("iam:List*")))
        iam.attach_group_policy(GroupName="Readers", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        self.edge = iam.create_policy(PolicyName="edge", PolicyDocument=policy(allow("*")), Tags=[{"Key": "a", "Value": "b"}])["Policy"]["Arn"]
        iam.create_policy_version(PolicyArn=self.edge, PolicyDocument=policy(allow("kms:*")))
        self.spare = iam.create_policy(PolicyName="spare", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
        iam.put_user_permissions_boundary(UserName="tess", PermissionsBoundary=self.edge)
        account = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        for name in ("App", "Idle"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account, "sts:*"))
        provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.kmslab.example"
        known = {"StringEquals": {"oidc.kmslab.example:aud": "sts.amazonaws.com", "oidc.kmslab.example:sub": "repo:lab"}}
        document = trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", Condition=known)
        iam.create_role(RoleName="Web", AssumeRolePolicyDocument=document)
        iam.attach_role_policy(RoleName="App", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        iam.put_role_policy(RoleName="App", PolicyName="own", PolicyDocument=policy(allow("kms:Decrypt")))
        iam.tag_role(RoleName="App", Tags=[{"Key": "team", "Value": "blue"}])
        iam.put_role_permissions_boundary(RoleName="Idle", PermissionsBoundary=self.edge)
        self.guest = iam.create_access_key(UserName="guest")["AccessKey"]
        self.key_of_dana = iam.create_access_key(UserName="dana")["AccessKey"]
        self.token = self.server.control("POST", "web-identity", {"subject": "repo:lab", "audience": "sts.amazonaws.com"})[1].get("token")

    def organize(self):
        org = self.clients["organizations"]
        org.create_organization()
        self.top = org.list_roots()["Roots"][0]["Id"]
        org.enable_policy_type(RootId=self.top, PolicyType="SERVICE_CONTROL_POLICY")
        self.unit = org.create_organizational_unit(ParentId=self.top, Name="Clinics")["OrganizationalUnit"]["Id"]
        deny = policy({"Effect": "Deny", "Action": "kms:ReplicateKey", "Resource": "*"})
        made = [org.create_policy(Name=name, Description="", Type="SERVICE_CONTROL_POLICY", Content=deny) for name in ("p", "w")]
        self.scp, self.attached_scp = (answer["Policy"]["PolicySummary"]["Id"] for answer in made)
        org.attach_policy(PolicyId=self.attached_scp, TargetId=self.unit)

    def make_keys(self):
        kms = self.clients["kms"]

        def key(**kind):
            return kms.create_key(**kind)["KeyMetadata"]["KeyId"]

        self.key = key(Description="first", Tags=[{"TagKey": "team", "TagValue": "clinic"}])
        self.key_arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{self.key}"
        self.other, self.disabled, self.dying = key(), key(), key()
        self.signing = key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self.agreeing = key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
        self.mac = key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        self.primary = key(MultiRegion=True)
        self.external = key(Origin="EXTERNAL")
        self.kem = key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
        kms.disable_key(KeyId=self.disabled)
        kms.schedule_key_deletion(KeyId=self.dying)
        kms.replicate_key(KeyId=self.primary, ReplicaRegion="eu-west-1")
        kms.create_alias(AliasName="alias/lab", TargetKeyId=self.key)
        grant = dict(GranteePrincipal=arn("user", "tess"), Operations=["Decrypt"], RetiringPrincipal=arn("user", "kim"))
        self.grant = kms.create_grant(KeyId=self.key, **grant)["GrantId"]

    def use_keys(self):
        kms = self.clients["kms"]
        self.sealed = kms.encrypt(KeyId=self.key, Plaintext=b"secret", EncryptionContext={"a": "b"})["CiphertextBlob"]
        self.signature = kms.sign(KeyId=self.signing, Message=b"a", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
        self.code = kms.generate_mac(KeyId=self.mac, Message=b"a", MacAlgorithm="HMAC_SHA_256")["Mac"]
        self.public_key = kms.get_public_key(KeyId=self.agreeing)["PublicKey"]
        self.capsule = kms.encapsulate(KeyId=self.kem, EncapsulationAlgorithm="ML_KEM")["SharedSecretCiphertextBlob"]
        wrapping = kms.get_parameters_for_import(KeyId=self.external, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048")
        self.import_token, self.wrapping_key = wrapping["ImportToken"], wrapping["PublicKey"]
        self.material = wrapped(self.wrapping_key, b"imported material, thirty-two by")
        kms.import_key_material(
            KeyId=self.external, ImportToken=self.import_token, EncryptedKeyMaterial=self.material,
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")

    def tables(self):
        dynamodb = self.clients["dynamodb"]
        for name, sse in (("CustomerData", dict(Enabled=True, SSEType="KMS", KMSMasterKeyId=self.key)), ("Orders", None), ("Notes", None)):
            more = {"SSESpecification": sse} if sse else {}
            dynamodb.create_table(**table(name), **more)
            dynamodb.put_item(TableName=name, Item={"Id": {"S": "7"}, "Seen": {"N": "1"}, "Text": {"S": "hello"}})
        self.orders = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Orders"
        dynamodb.tag_resource(ResourceArn=self.orders, Tags=[{"Key": "team", "Value": "red"}])
        reader = allow("dynamodb:GetItem", self.orders, Principal={"AWS": arn("user", "tess")})
        self.reader = policy(reader)
        dynamodb.put_resource_policy(ResourceArn=self.orders, Policy=self.reader)
        self.backup = dynamodb.create_backup(TableName="CustomerData", BackupName="nightly")["BackupDetails"]["BackupArn"]

    def others(self):
        self.clients["events"].put_rule(Name="finding", EventPattern='{"source": ["aws.kms"]}')
        dana = self.client("iam", self.key_of_dana)
        self.refused = None
        try:
            dana.create_user(UserName="refused")
        except dana.exceptions.ClientError as error:
            self.refused = error.response["Error"]["Message"].split()[-1]


def wrapped(public_key, material):
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    return serialization.load_der_public_key(public_key).encrypt(material, oaep)


def table(name):
    return dict(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
    )
