//! A populated cloud: two accounts in an organization and one beside it, identities of every kind, keys of every kind
//! and in every state, tables under each kind of key. And a request of every operation that works in it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kmslab::cloud::kms::crypto::{WrappingAlgorithm, wrap_for_import};
use kmslab::cloud::sts::PROVIDER;
use kmslab::cloud::{AccountId, Call, CallContext, Caller, Fidelity, Outcome, Region, SERVICES, World};
use serde_json::{Value, json};

use super::kms_requests::{self, Administrator};
pub use super::kms_requests::{HOME, PARTNER};

pub const BOSS: &str = "000011112222";

/// What is stored and encrypted before anybody else comes, and in no request.
pub const MARKERS: [&str; 3] = ["the diagnosis of patient seven", "iban of patient seven", "sealed words"];

/// The bytes of imported key material.
pub const IMPORTED: [u8; 32] = *b"imported material, thirty-two by";

/// One call that works.
#[derive(Clone, Debug)]
pub struct Request {
    pub service: &'static str,
    pub operation: &'static str,
    pub caller: Caller,
    pub region: &'static str,
    pub input: Value,
}

pub struct Lab {
    pub world: World,
    pub requests: Vec<Request>,
    /// Every identity there is at the beginning.
    pub callers: Vec<Caller>,
}

pub fn account(id: &str) -> AccountId {
    id.parse().expect("twelve digits")
}

pub fn root(id: &str) -> Caller {
    Caller::Root(account(id))
}

pub fn user(name: &str) -> Caller {
    Caller::user(&account(HOME), name)
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

pub fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn everything() -> String {
    policy(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]))
}

pub fn call(world: &mut World, request: &Request) -> Result<Outcome, kmslab::cloud::ApiError> {
    let call = Call::decode(request.service, request.operation, request.input.clone())?;
    let context = CallContext::in_region(Region::new(request.region));
    Ok(world.call(&request.caller, call.with_context(context)))
}

impl Lab {
    pub fn new(seed: u64, fidelity: Fidelity) -> Self {
        let mut world = World::new(seed, "2026-01-05T09:00:00Z".parse().expect("a time"), fidelity);
        for (id, name) in [(HOME, "clinic"), (PARTNER, "partner"), (BOSS, "management")] {
            world.add_account(account(id), name);
        }
        let mut lab = Self { world, requests: Vec::new(), callers: Vec::new() };
        let unit = lab.organize();
        let (session, managed, access_key) = lab.employ();
        let keys = lab.make_keys();
        let tables = lab.make_tables(&keys);
        lab.callers = vec![
            root(HOME),
            user("kim"),
            user("kim"),
            user("tess"),
            user("dana"),
            user("ghost"),
            Caller::Session(session.as_str().into()),
            Caller::Session("ASIANOBODY0000000000".into()),
            root(PARTNER),
            Caller::user(&account(PARTNER), "pat"),
            root(BOSS),
            Caller::Anonymous,
            Caller::Service("dynamodb.amazonaws.com".into()),
        ];
        lab.world.clear_events();
        let refused = lab.refusal();
        let token = lab.world.identity_provider().token("repo:lab", "sts.amazonaws.com", lab.world.now());
        lab.requests = requests(&keys, &tables, &managed, &access_key, &unit, &refused, &token);
        lab
    }

    /// The answer of a call that must succeed.
    pub fn ok(
        &mut self,
        caller: &Caller,
        service: &'static str,
        operation: &'static str,
        input: Value,
    ) -> Value {
        self.ok_in("us-east-1", caller, service, operation, input)
    }

    fn ok_in(
        &mut self,
        region: &'static str,
        caller: &Caller,
        service: &'static str,
        operation: &'static str,
        input: Value,
    ) -> Value {
        let request = Request { service, operation, caller: caller.clone(), region, input };
        let outcome = call(&mut self.world, &request).unwrap_or_else(|error| panic!("{request:?}: {error}"));
        outcome.result.unwrap_or_else(|error| panic!("{request:?}: {error}")).to_json()
    }

    /// Makes the organization; answers its root, a unit and a policy.
    fn organize(&mut self) -> [String; 4] {
        let boss = root(BOSS);
        let mut org = |operation, input| self.ok(&boss, "organizations", operation, input);
        org("CreateOrganization", json!({}));
        let top = text(&org("ListRoots", json!({}))["Roots"][0]["Id"]);
        org("EnablePolicyType", json!({"RootId": top, "PolicyType": "SERVICE_CONTROL_POLICY"}));
        let unit = org("CreateOrganizationalUnit", json!({"ParentId": top, "Name": "Clinics"}));
        let unit = text(&unit["OrganizationalUnit"]["Id"]);
        org("InviteAccountToOrganization", json!({"Target": {"Id": HOME, "Type": "ACCOUNT"}}));
        let deny = policy(&json!([{"Effect": "Deny", "Action": "kms:ReplicateKey", "Resource": "*"}]));
        let made = org(
            "CreatePolicy",
            json!({"Name": "p", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": deny}),
        );
        let wide = json!({"Name": "w", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": everything()});
        let wide = text(&org("CreatePolicy", wide)["Policy"]["PolicySummary"]["Id"]);
        org("AttachPolicy", json!({"PolicyId": wide, "TargetId": unit}));
        [top, unit, text(&made["Policy"]["PolicySummary"]["Id"]), wide]
    }

    /// Makes users, a group, a role and a session of it; answers the session's access key, a managed policy, and an access
    /// key of dana.
    fn employ(&mut self) -> (String, String, String) {
        let home = root(HOME);
        let mut iam = |operation, input| self.ok(&home, "iam", operation, input);
        for name in ["kim", "tess", "dana", "leaver"] {
            iam("CreateUser", json!({"UserName": name}));
        }
        for name in ["Readers", "Empty"] {
            iam("CreateGroup", json!({"GroupName": name}));
        }
        let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
        let reader = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess";
        iam("AttachUserPolicy", json!({"UserName": "kim", "PolicyArn": admin}));
        iam("AttachUserPolicy", json!({"UserName": "tess", "PolicyArn": reader}));
        iam("AttachGroupPolicy", json!({"GroupName": "Readers", "PolicyArn": reader}));
        iam("AddUserToGroup", json!({"GroupName": "Readers", "UserName": "dana"}));
        iam(
            "PutUserPolicy",
            json!({"UserName": "dana", "PolicyName": "own", "PolicyDocument": everything()}),
        );
        iam("DeleteUserPolicy", json!({"UserName": "dana", "PolicyName": "own"}));
        iam(
            "PutUserPolicy",
            json!({"UserName": "tess", "PolicyName": "own", "PolicyDocument":
            policy(&json!([{"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}]))}),
        );
        iam(
            "PutGroupPolicy",
            json!({"GroupName": "Readers", "PolicyName": "own", "PolicyDocument":
            policy(&json!([{"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}]))}),
        );
        let managed = iam("CreatePolicy", json!({"PolicyName": "edge", "PolicyDocument": everything()}));
        let managed = text(&managed["Policy"]["Arn"]);
        iam("CreatePolicyVersion", json!({"PolicyArn": managed, "PolicyDocument": everything()}));
        iam("CreatePolicy", json!({"PolicyName": "spare", "PolicyDocument": everything()}));
        iam("PutUserPermissionsBoundary", json!({"UserName": "tess", "PermissionsBoundary": managed}));
        let trust = policy(&json!([{"Effect": "Allow", "Action": "sts:*",
            "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}}]));
        for name in ["App", "Idle"] {
            iam("CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": trust}));
        }
        let provider = format!("arn:aws:iam::{HOME}:oidc-provider/{PROVIDER}");
        let web = policy(&json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider}}]));
        iam("CreateRole", json!({"RoleName": "Web", "AssumeRolePolicyDocument": web}));
        iam("AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": admin}));
        iam("PutRolePolicy", json!({"RoleName": "App", "PolicyName": "own", "PolicyDocument": everything()}));
        let partner = root(PARTNER);
        self.ok(&partner, "iam", "CreateUser", json!({"UserName": "pat"}));
        self.ok(&partner, "iam", "AttachUserPolicy", json!({"UserName": "pat", "PolicyArn": admin}));
        let assume = json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/App"), "RoleSessionName": "app"});
        let session = self.ok(&user("kim"), "sts", "AssumeRole", assume);
        let key = self.ok(&home, "iam", "CreateAccessKey", json!({"UserName": "dana"}));
        (text(&session["Credentials"]["AccessKeyId"]), managed, text(&key["AccessKey"]["AccessKeyId"]))
    }

    /// Lets dana do what dana may not; answers the authorization id of the refusal.
    fn refusal(&mut self) -> String {
        let input = json!({"UserName": "kim"});
        let (caller, region) = (user("dana"), "us-east-1");
        let request = Request { service: "iam", operation: "GetUser", caller, region, input };
        let outcome = call(&mut self.world, &request).expect("a request");
        let refusal = outcome.result.expect_err("dana may list, not get").message;
        refusal.rsplit(' ').next().expect("an id").to_owned()
    }

    fn make_keys(&mut self) -> Keys {
        let kim = user("kim");
        let mut plain = kms_requests::Keys::make(self, &base64(MARKERS[2].as_bytes()), &IMPORTED);
        plain.disabled = self.create(json!({}));
        plain.dying = self.create(json!({}));
        self.kms("DisableKey", json!({"KeyId": plain.disabled}));
        self.kms("ScheduleKeyDeletion", json!({"KeyId": plain.dying}));
        for (alias, target) in [("alias/other", &plain.other), ("alias/off", &plain.disabled)] {
            self.kms("CreateAlias", json!({"AliasName": alias, "TargetKeyId": target}));
        }
        let rsa = |spec, usage| json!({"Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage});
        let rsa_signing = self.create(rsa("RSA_3072", "SIGN_VERIFY"));
        let rsa_encrypting = self.create(rsa("RSA_4096", "ENCRYPT_DECRYPT"));
        // Large RSA pairs take seconds to make, so these are brought along.
        for (name, key) in [("RSA_3072", &rsa_signing), ("RSA_4096", &rsa_encrypting)] {
            let (token, wrapped) = self.wrapped(key, &made_pair(name));
            let input = json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": wrapped,
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
            self.ok(&kim, "kms", "ImportKeyMaterial", input);
        }
        let message =
            json!({"KeyId": rsa_signing, "Message": "YQ==", "SigningAlgorithm": "RSASSA_PSS_SHA_256"});
        let rsa_signature = text(&self.ok(&kim, "kms", "Sign", message)["Signature"]);
        let plaintext = json!({"KeyId": rsa_encrypting, "Plaintext": "YQ==", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
        let rsa_ciphertext = text(&self.ok(&kim, "kms", "Encrypt", plaintext)["CiphertextBlob"]);
        Keys { plain, rsa_signing, rsa_encrypting, rsa_signature, rsa_ciphertext }
    }

    fn make_tables(&mut self, keys: &Keys) -> Tables {
        let kim = user("kim");
        let mut dynamodb = |operation, input| self.ok(&kim, "dynamodb", operation, input);
        for (name, sse) in [
            ("CustomerData", json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": keys.plain.key})),
            ("Orders", json!({"Enabled": true})),
            ("Notes", json!({"Enabled": false})),
        ] {
            dynamodb("CreateTable", table(name, &sse));
        }
        self.world.advance(jiff::SignedDuration::from_mins(10)).expect("forward");
        let mut dynamodb = |operation, input| self.ok(&kim, "dynamodb", operation, input);
        for name in ["CustomerData", "Orders", "Notes"] {
            let item = json!({"Id": {"S": "7"}, "Text": {"S": MARKERS[0]}, "Iban": {"M": {"of": {"S": MARKERS[1]}}},
                "Seen": {"N": "1"}});
            dynamodb("PutItem", json!({"TableName": name, "Item": item}));
        }
        let backup = dynamodb("CreateBackup", json!({"TableName": "CustomerData", "BackupName": "nightly"}));
        let orders = format!("arn:aws:dynamodb:us-east-1:{HOME}:table/Orders");
        let open = policy(&json!([{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": orders,
            "Principal": {"AWS": format!("arn:aws:iam::{PARTNER}:root")}}]));
        dynamodb("PutResourcePolicy", json!({"ResourceArn": orders, "Policy": open}));
        let rule = json!({"Name": "finding", "EventPattern": json!({"source": ["aws.kms"]}).to_string()});
        self.ok(&kim, "events", "PutRule", rule);
        self.world.advance(jiff::SignedDuration::from_mins(10)).expect("forward");
        Tables { backup: text(&backup["BackupDetails"]["BackupArn"]), orders }
    }
}

impl Administrator for Lab {
    fn kms(&mut self, operation: &'static str, input: Value) -> Value {
        self.ok(&user("kim"), "kms", operation, input)
    }

    fn create(&mut self, kind: Value) -> String {
        text(&self.kms("CreateKey", kind)["KeyMetadata"]["Arn"])
    }

    fn wrapped(&mut self, key: &str, material: &[u8]) -> (String, String) {
        use rand::SeedableRng as _;
        let wrapping = json!({"KeyId": key, "WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256",
            "WrappingKeySpec": "RSA_2048"});
        let made = self.ok(&user("kim"), "kms", "GetParametersForImport", wrapping);
        let public = BASE64_STANDARD.decode(text(&made["PublicKey"])).expect("base64");
        let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(3);
        let algorithm = WrappingAlgorithm::RsaAesKeyWrapSha256;
        let wrapped = wrap_for_import(&public, algorithm, material, &mut rng).expect("wrapped");
        (text(&made["ImportToken"]), base64(&wrapped))
    }
}

/// A request for a new table.
pub fn table(name: &str, sse: &Value) -> Value {
    json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "SSESpecification": sse,
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}]})
}

struct Keys {
    plain: kms_requests::Keys,
    rsa_signing: String,
    rsa_encrypting: String,
    rsa_signature: String,
    rsa_ciphertext: String,
}

/// A key pair that OpenSSL made: PKCS #8 in DER.
fn made_pair(name: &str) -> Vec<u8> {
    let made = include_str!("../../src/cloud/kms/crypto/testdata/openssl.txt");
    let line = made.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).expect(name);
    BASE64_STANDARD.decode(line).expect("base64")
}

struct Tables {
    backup: String,
    orders: String,
}

/// Requests of every operation, one at least, that succeed in the lab as it is. The first of each is the simplest.
fn requests(
    keys: &Keys,
    tables: &Tables,
    managed: &str,
    access_key: &str,
    [top, unit, scp, wide]: &[String; 4],
    refused: &str,
    token: &str,
) -> Vec<Request> {
    let other = &keys.plain.other;
    let tess = format!("arn:aws:iam::{HOME}:user/tess");
    let on = |key: &str, mut input: Value| {
        input["KeyId"] = json!(key);
        input
    };
    let allow = policy(&json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]));
    let delegate = policy(&json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}}]));
    let trust = policy(&json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": tess}}]));
    let open = policy(&json!([{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": tables.orders,
        "Principal": {"AWS": tess}}]));
    let rsa_sign = json!({"Message": "YQ==", "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_512"});
    let rsa_verify =
        json!({"Message": "YQ==", "SigningAlgorithm": "RSASSA_PSS_SHA_256", "Signature": keys.rsa_signature});
    let opened = json!({"CiphertextBlob": keys.rsa_ciphertext, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    let mut kms = keys.plain.requests();
    kms.extend([
        ("CreateKey", json!({"Policy": delegate})),
        ("Sign", on(&keys.rsa_signing, rsa_sign)),
        ("Verify", on(&keys.rsa_signing, rsa_verify)),
        ("GetPublicKey", on(&keys.rsa_signing, json!({}))),
        ("GetPublicKey", on(&keys.rsa_encrypting, json!({}))),
        (
            "Encrypt",
            on(&keys.rsa_encrypting, json!({"Plaintext": "YQ==", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"})),
        ),
        ("Decrypt", on(&keys.rsa_encrypting, opened)),
        (
            "ReEncrypt",
            json!({"CiphertextBlob": keys.rsa_ciphertext, "SourceKeyId": keys.rsa_encrypting,
                "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "DestinationKeyId": other}),
        ),
    ]);
    let item = |more: Value| {
        let mut input = json!({"TableName": "Orders", "Key": {"Id": {"S": "7"}}});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let values = json!({":v": {"N": "1"}});
    let keys = json!({"Orders": {"Keys": [{"Id": {"S": "7"}}, {"Id": {"S": "none"}}],
        "ProjectionExpression": "#t", "ExpressionAttributeNames": {"#t": "Text"}}, "CustomerData": {"Keys": [{"Id": {"S": "7"}}]}});
    let writes = json!({"Orders": [{"PutRequest": {"Item": {"Id": {"S": "8"}, "n": {"N": "1"}}}},
        {"DeleteRequest": {"Key": {"Id": {"S": "7"}}}}], "Notes": [{"PutRequest": {"Item": {"Id": {"S": "8"}}}}]});
    let gets = json!([{"Get": {"TableName": "Orders", "Key": {"Id": {"S": "7"}}, "ProjectionExpression": "#t",
        "ExpressionAttributeNames": {"#t": "Text"}}}, {"Get": {"TableName": "Notes", "Key": {"Id": {"S": "7"}}}}]);
    let actions = json!([
        {"ConditionCheck": {"TableName": "Notes", "Key": {"Id": {"S": "7"}}, "ConditionExpression": "Seen = :v",
            "ExpressionAttributeValues": values.clone()}},
        {"Put": {"TableName": "Orders", "Item": {"Id": {"S": "8"}}, "ConditionExpression": "attribute_not_exists(Id)"}},
        {"Update": {"TableName": "Orders", "Key": {"Id": {"S": "9"}}, "UpdateExpression": "SET Seen = :v",
            "ExpressionAttributeValues": values.clone()}},
        {"Delete": {"TableName": "CustomerData", "Key": {"Id": {"S": "7"}}}}]);
    let dynamodb = [
        ("BatchGetItem", json!({"RequestItems": keys, "ReturnConsumedCapacity": "TOTAL"})),
        ("BatchWriteItem", json!({"RequestItems": writes})),
        ("TransactGetItems", json!({"TransactItems": gets})),
        ("TransactWriteItems", json!({"TransactItems": actions, "ClientRequestToken": "once"})),
        (
            "UpdateTimeToLive",
            json!({"TableName": "Orders", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "gone"}}),
        ),
        ("DescribeTimeToLive", json!({"TableName": "Orders"})),
        (
            "UpdateContinuousBackups",
            json!({"TableName": "Orders", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true,
            "RecoveryPeriodInDays": 7}}),
        ),
        ("DescribeContinuousBackups", json!({"TableName": "Orders"})),
        ("DescribeLimits", json!({})),
        ("DescribeEndpoints", json!({})),
        ("CreateBackup", json!({"TableName": "Orders", "BackupName": "weekly"})),
        ("CreateTable", table("Fresh", &json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": other}))),
        ("DeleteBackup", json!({"BackupArn": tables.backup})),
        (
            "DeleteItem",
            item(json!({"ConditionExpression": "Seen = :v", "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_OLD"})),
        ),
        ("DeleteResourcePolicy", json!({"ResourceArn": tables.orders})),
        ("DeleteTable", json!({"TableName": "Notes"})),
        ("DescribeBackup", json!({"BackupArn": tables.backup})),
        ("DescribeTable", json!({"TableName": "Orders"})),
        (
            "GetItem",
            item(json!({"ProjectionExpression": "#t", "ExpressionAttributeNames": {"#t": "Text"},
            "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"})),
        ),
        ("GetResourcePolicy", json!({"ResourceArn": tables.orders})),
        ("ListBackups", json!({"TableName": "CustomerData", "Limit": 10})),
        ("ListTables", json!({"Limit": 10})),
        (
            "PutItem",
            json!({"TableName": "Orders", "Item": {"Id": {"S": "8"}, "n": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(Id)"}),
        ),
        ("PutResourcePolicy", json!({"ResourceArn": tables.orders, "Policy": open})),
        (
            "Query",
            json!({"TableName": "Orders", "KeyConditionExpression": "Id = :id", "Limit": 5,
            "ExpressionAttributeValues": {":id": {"S": "7"}}, "ScanIndexForward": false}),
        ),
        ("RestoreTableFromBackup", json!({"BackupArn": tables.backup, "TargetTableName": "Restored"})),
        (
            "Scan",
            json!({"TableName": "Orders", "FilterExpression": "Seen = :v", "Limit": 5,
            "ExpressionAttributeValues": values}),
        ),
        ("ListTagsOfResource", json!({"ResourceArn": tables.orders})),
        ("TagResource", json!({"ResourceArn": tables.orders, "Tags": [{"Key": "a", "Value": "b"}]})),
        ("UntagResource", json!({"ResourceArn": tables.orders, "TagKeys": ["a"]})),
        (
            "UpdateItem",
            item(json!({"UpdateExpression": "SET Seen = Seen + :v REMOVE gone",
            "ExpressionAttributeValues": values, "ReturnValues": "UPDATED_NEW"})),
        ),
        (
            "UpdateTable",
            json!({"TableName": "Notes", "SSESpecification": {"Enabled": true, "SSEType": "KMS",
            "KMSMasterKeyId": "alias/other"}}),
        ),
    ];
    let (tagged, document) = (json!([{"Key": "a", "Value": "b"}]), json!(allow));
    let of_user = |more: Value| {
        let mut input = json!({"UserName": "tess"});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let of_role = |more: Value| {
        let mut input = json!({"RoleName": "App"});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let of_group = |more: Value| {
        let mut input = json!({"GroupName": "Readers"});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let own = json!({"PolicyName": "own"});
    let full = json!({"PolicyArn": "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"});
    let put = json!({"PolicyName": "new", "PolicyDocument": document});
    let iam = [
        (
            "CreateUser",
            json!({"UserName": "nina", "Path": "/staff/", "PermissionsBoundary": managed, "Tags": tagged}),
        ),
        ("GetUser", of_user(json!({}))),
        ("DeleteUser", json!({"UserName": "leaver"})),
        ("ListUsers", json!({"PathPrefix": "/"})),
        ("CreateAccessKey", of_user(json!({}))),
        ("ListAccessKeys", json!({"UserName": "dana"})),
        ("UpdateAccessKey", json!({"UserName": "dana", "AccessKeyId": access_key, "Status": "Inactive"})),
        ("DeleteAccessKey", json!({"UserName": "dana", "AccessKeyId": access_key})),
        ("PutUserPolicy", of_user(put.clone())),
        ("GetUserPolicy", of_user(own.clone())),
        ("DeleteUserPolicy", of_user(own.clone())),
        ("ListUserPolicies", of_user(json!({}))),
        ("AttachUserPolicy", of_user(json!({"PolicyArn": managed}))),
        ("DetachUserPolicy", of_user(full.clone())),
        ("ListAttachedUserPolicies", of_user(json!({}))),
        ("PutUserPermissionsBoundary", of_user(json!({"PermissionsBoundary": managed}))),
        ("DeleteUserPermissionsBoundary", of_user(json!({}))),
        ("TagUser", of_user(json!({"Tags": tagged}))),
        ("UntagUser", of_user(json!({"TagKeys": ["a"]}))),
        ("TagRole", of_role(json!({"Tags": tagged}))),
        ("UntagRole", of_role(json!({"TagKeys": ["a"]}))),
        ("CreateGroup", json!({"GroupName": "Writers"})),
        ("DeleteGroup", json!({"GroupName": "Empty"})),
        ("AddUserToGroup", of_group(json!({"UserName": "tess"}))),
        ("RemoveUserFromGroup", of_group(json!({"UserName": "dana"}))),
        ("ListGroupsForUser", json!({"UserName": "dana"})),
        ("PutGroupPolicy", of_group(put.clone())),
        ("GetGroupPolicy", of_group(own.clone())),
        ("DeleteGroupPolicy", of_group(own.clone())),
        ("AttachGroupPolicy", of_group(json!({"PolicyArn": managed}))),
        ("DetachGroupPolicy", of_group(full)),
        (
            "CreateRole",
            json!({"RoleName": "Fresh", "AssumeRolePolicyDocument": trust, "MaxSessionDuration": 7200,
                "Description": "d", "Tags": tagged}),
        ),
        ("GetRole", of_role(json!({}))),
        ("DeleteRole", json!({"RoleName": "Idle"})),
        ("UpdateAssumeRolePolicy", of_role(json!({"PolicyDocument": trust}))),
        ("PutRolePolicy", of_role(put)),
        ("GetRolePolicy", of_role(own.clone())),
        ("DeleteRolePolicy", of_role(own)),
        ("AttachRolePolicy", of_role(json!({"PolicyArn": managed}))),
        ("DetachRolePolicy", of_role(json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}))),
        ("ListGroupPolicies", of_group(json!({}))),
        ("ListRolePolicies", of_role(json!({}))),
        ("ListAttachedGroupPolicies", of_group(json!({}))),
        ("ListAttachedRolePolicies", of_role(json!({}))),
        ("PutRolePermissionsBoundary", of_role(json!({"PermissionsBoundary": managed}))),
        ("DeleteRolePermissionsBoundary", of_role(json!({}))),
        ("ListRoles", json!({"PathPrefix": "/"})),
        ("ListGroups", json!({"PathPrefix": "/"})),
        ("GetGroup", of_group(json!({}))),
        ("ListUserTags", of_user(json!({}))),
        ("ListRoleTags", of_role(json!({}))),
        ("GetPolicy", json!({"PolicyArn": managed})),
        ("DeletePolicy", json!({"PolicyArn": format!("arn:aws:iam::{HOME}:policy/spare")})),
        ("ListPolicies", json!({"Scope": "Local", "OnlyAttached": false, "PathPrefix": "/", "MaxItems": 10})),
        ("ListPolicies", json!({"Scope": "AWS", "PathPrefix": "/service-role/"})),
        ("ListEntitiesForPolicy", json!({"PolicyArn": managed})),
        ("CreatePolicy", json!({"PolicyName": "fresh", "PolicyDocument": allow, "Description": "d"})),
        (
            "CreatePolicyVersion",
            json!({"PolicyArn": managed, "PolicyDocument": everything(), "SetAsDefault": true}),
        ),
        ("DeletePolicyVersion", json!({"PolicyArn": managed, "VersionId": "v2"})),
        ("SetDefaultPolicyVersion", json!({"PolicyArn": managed, "VersionId": "v2"})),
        ("GetPolicyVersion", json!({"PolicyArn": managed, "VersionId": "v2"})),
        ("ListPolicyVersions", json!({"PolicyArn": managed})),
        ("TagPolicy", json!({"PolicyArn": managed, "Tags": tagged})),
        ("UntagPolicy", json!({"PolicyArn": managed, "TagKeys": ["a"]})),
        ("ListPolicyTags", json!({"PolicyArn": managed})),
        ("GetAccessKeyLastUsed", json!({"AccessKeyId": access_key})),
        ("ListInstanceProfilesForRole", of_role(json!({}))),
        ("GetAccountAuthorizationDetails", json!({"Filter": ["User", "LocalManagedPolicy"], "MaxItems": 10})),
        (
            "SimulatePrincipalPolicy",
            json!({"PolicySourceArn": tess, "PolicyInputList": [allow], "ActionNames": ["kms:Decrypt", "iam:GetUser"],
                "ResourceArns": ["*"], "ContextEntries": [{"ContextKeyName": "aws:username",
                "ContextKeyValues": ["tess"], "ContextKeyType": "string"}]}),
        ),
        ("SimulateCustomPolicy", json!({"PolicyInputList": [allow], "ActionNames": ["kms:Decrypt"]})),
    ];
    let sts = [
        ("GetCallerIdentity", json!({})),
        (
            "AssumeRole",
            json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/App"), "RoleSessionName": "again",
            "DurationSeconds": 900, "Policy": allow, "Tags": tagged}),
        ),
        (
            "AssumeRole",
            json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/App"), "RoleSessionName": "tagged", "Tags": tagged,
            "TransitiveTagKeys": ["a"], "PolicyArns": [{"arn": managed}]}),
        ),
        (
            "AssumeRoleWithWebIdentity",
            json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/Web"), "RoleSessionName": "web",
            "WebIdentityToken": token}),
        ),
        ("GetSessionToken", json!({"DurationSeconds": 900})),
        ("GetFederationToken", json!({"Name": "Bob", "Policy": allow, "Tags": tagged})),
        ("GetAccessKeyInfo", json!({"AccessKeyId": access_key})),
    ];
    let deny = policy(&json!([{"Effect": "Deny", "Action": "kms:ReplicateKey", "Resource": "*"}]));
    let organizations = [
        ("CreateOrganization", json!({"FeatureSet": "ALL"})),
        ("DescribeOrganization", json!({})),
        ("ListRoots", json!({})),
        ("EnablePolicyType", json!({"RootId": top, "PolicyType": "RESOURCE_CONTROL_POLICY"})),
        ("CreateOrganizationalUnit", json!({"ParentId": unit, "Name": "Wards"})),
        ("InviteAccountToOrganization", json!({"Target": {"Id": PARTNER, "Type": "ACCOUNT"}})),
        ("MoveAccount", json!({"AccountId": HOME, "SourceParentId": top, "DestinationParentId": unit})),
        (
            "CreatePolicy",
            json!({"Name": "q", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": allow}),
        ),
        ("UpdatePolicy", json!({"PolicyId": scp, "Name": "r", "Description": "d", "Content": deny})),
        ("DescribePolicy", json!({"PolicyId": scp})),
        ("DeletePolicy", json!({"PolicyId": scp})),
        ("ListPolicies", json!({"Filter": "SERVICE_CONTROL_POLICY"})),
        ("ListPoliciesForTarget", json!({"TargetId": unit, "Filter": "SERVICE_CONTROL_POLICY"})),
        ("ListTargetsForPolicy", json!({"PolicyId": wide})),
        ("DescribeOrganizationalUnit", json!({"OrganizationalUnitId": unit})),
        ("ListOrganizationalUnitsForParent", json!({"ParentId": top})),
        ("ListParents", json!({"ChildId": HOME})),
        ("ListChildren", json!({"ParentId": top, "ChildType": "ACCOUNT"})),
        ("ListAccounts", json!({})),
        ("ListAccountsForParent", json!({"ParentId": top})),
        ("DescribeAccount", json!({"AccountId": HOME})),
        ("AttachPolicy", json!({"PolicyId": scp, "TargetId": unit})),
        ("DetachPolicy", json!({"PolicyId": wide, "TargetId": unit})),
    ];
    let cloudtrail = [(
        "LookupEvents",
        json!({"MaxResults": 10,
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}]}),
    )];
    let pattern = json!({"source": ["aws.kms"]}).to_string();
    let event = json!({"id": "1", "account": HOME, "source": "aws.kms", "time": "2026-01-05T09:00:00Z",
        "region": "us-east-1", "resources": [], "detail-type": "AWS API Call via CloudTrail"});
    let events = [
        (
            "PutRule",
            json!({"Name": "calls", "EventPattern": pattern, "State": "ENABLED", "Description": "d"}),
        ),
        ("DescribeRule", json!({"Name": "finding"})),
        ("ListRules", json!({"NamePrefix": "f"})),
        ("DeleteRule", json!({"Name": "finding"})),
        ("TestEventPattern", json!({"EventPattern": pattern, "Event": event.to_string()})),
    ];
    let iam_toolbox = [
        ("GetRequestAuthorizationDetails", json!({"authorizationId": refused})),
        (
            "GetRequestAuthorizationPolicy",
            json!({"authorizationId": refused, "policyUri": "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"}),
        ),
    ];
    let mut all = Vec::new();
    let groups: [(&'static str, &[(&'static str, Value)]); 8] = [
        ("kms", &kms),
        ("iam", &iam),
        ("dynamodb", &dynamodb),
        ("sts", &sts),
        ("organizations", &organizations),
        ("cloudtrail", &cloudtrail),
        ("events", &events),
        ("iam-toolbox", &iam_toolbox),
    ];
    for (service, rows) in groups {
        for (operation, input) in rows {
            let caller = match (service, *operation) {
                ("organizations", "CreateOrganization") => root(PARTNER),
                ("organizations", _) => root(BOSS),
                _ => user("kim"),
            };
            all.push(Request { service, operation, caller, region: "us-east-1", input: input.clone() });
        }
    }
    all
}

#[test]
fn every_operation_has_a_request_that_works() {
    let lab = Lab::new(7, Fidelity::instant());
    for described in SERVICES {
        let service = described.prefix;
        for operation in described.operations.iter().map(|support| support.operation) {
            let is_of = |r: &&Request| r.service == service && r.operation == operation;
            assert!(lab.requests.iter().any(|r| is_of(&r)), "no request of {service} {operation}");
            for request in lab.requests.iter().filter(is_of) {
                let mut world = lab.world.clone();
                let outcome = call(&mut world, request).unwrap_or_else(|e| panic!("{operation}: {e}"));
                if let Err(error) = outcome.result {
                    panic!("{service} {operation}: {error}");
                }
            }
        }
    }
}
