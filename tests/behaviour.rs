//! Who sees the plaintext of one encrypted table, and who is told what instead: one test a lesson, end to end.
//!
//! Sources: KMS Developer Guide, "Default key policy", "Determining access", "Grants", "Key states", "Rotating keys",
//! "Encryption context"; IAM User Guide, "Policy evaluation logic", "Permissions boundaries", "Session policies";
//! DynamoDB Developer Guide, "Encryption at rest usage notes" and "Using IAM policy conditions"; AWS Organizations User
//! Guide, "SCP evaluation". Each test names the one it rests on.

use jiff::SignedDuration;
use kmslab::cloud::{AccountId, Call, Caller, Fidelity, World};
use serde_json::{Value, json};

const HOME: &str = "111122223333";
const OTHER: &str = "444455556666";
const NO_IDENTITY: &str = "because no identity-based policy allows the kms:Decrypt action";
const NO_RESOURCE: &str = "because no resource-based policy allows the kms:Decrypt action";
const DENIED: &str = "with an explicit deny in a resource-based policy";

fn account(id: &str) -> AccountId {
    id.parse().expect("twelve digits")
}

fn root(id: &str) -> Caller {
    Caller::Root(account(id))
}

fn user(name: &str) -> Caller {
    Caller::user(&account(HOME), name)
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{HOME}:user/{name}")
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(principal: &str, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"})
}

/// A key, a table under it with one row, and the user `u` who may read tables and nothing else.
struct Lab {
    world: World,
    key: String,
    sealed: Value,
}

impl Lab {
    fn new(fidelity: Fidelity) -> Self {
        let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), fidelity);
        world.add_account(account(HOME), "clinic");
        world.add_account(account(OTHER), "partner");
        let mut lab = Self { world, key: String::new(), sealed: Value::Null };
        let made = lab.ok(&root(HOME), "kms", "CreateKey", json!({}));
        lab.key.push_str(made["KeyMetadata"]["Arn"].as_str().expect("an ARN"));
        lab.table("CustomerData", &json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": lab.key}));
        let encrypt = json!({"KeyId": lab.key, "Plaintext": "YQ=="});
        lab.sealed = lab.ok(&root(HOME), "kms", "Encrypt", encrypt)["CiphertextBlob"].clone();
        lab.hire("u", &["AmazonDynamoDBReadOnlyAccess"]);
        // What setting up has cached is forgotten.
        lab.pass(10);
        lab
    }

    fn call(
        &mut self,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, String> {
        let call = Call::decode(service, operation, input).expect("a call");
        let result = self.world.call(caller, call).result;
        result.map(|output| output.to_json()).map_err(|error| error.to_string())
    }

    fn ok(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
        self.call(caller, service, operation, input).unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    fn table(&mut self, name: &str, sse: &Value) {
        let create = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "SSESpecification": sse,
            "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}]});
        self.ok(&root(HOME), "dynamodb", "CreateTable", create);
        self.pass(10);
        let item = json!({"Id": {"S": "u"}, "Name": {"S": "Alice"}});
        self.ok(&root(HOME), "dynamodb", "PutItem", json!({"TableName": name, "Item": item}));
    }

    fn hire(&mut self, name: &str, managed: &[&str]) {
        self.ok(&root(HOME), "iam", "CreateUser", json!({"UserName": name}));
        for policy in managed {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            self.ok(&root(HOME), "iam", "AttachUserPolicy", json!({"UserName": name, "PolicyArn": arn}));
        }
    }

    /// Gives `u` an inline policy.
    fn permit(&mut self, action: &str, resource: &str) {
        let statements = json!([{"Effect": "Allow", "Action": action, "Resource": resource}]);
        let put = json!({"UserName": "u", "PolicyName": "own", "PolicyDocument": policy(&statements)});
        self.ok(&root(HOME), "iam", "PutUserPolicy", put);
    }

    fn key_policy(&mut self, statements: &Value) {
        let put =
            json!({"KeyId": self.key, "Policy": policy(statements), "BypassPolicyLockoutSafetyCheck": true});
        self.ok(&root(HOME), "kms", "PutKeyPolicy", put);
    }

    fn pass(&mut self, minutes: i64) {
        self.world.advance(SignedDuration::from_mins(minutes)).expect("forward");
    }

    /// `plaintext`, or the error.
    fn scan(&mut self, caller: &Caller) -> String {
        match self.call(caller, "dynamodb", "Scan", json!({"TableName": "CustomerData"})) {
            Ok(found) if found["Items"][0]["Name"]["S"] == "Alice" => "plaintext".to_owned(),
            Ok(other) => other.to_string(),
            Err(error) => error,
        }
    }

    fn decrypt(&mut self, caller: &Caller) -> String {
        let input = json!({"CiphertextBlob": self.sealed, "KeyId": self.key});
        self.call(caller, "kms", "Decrypt", input).map_or_else(|error| error, |_| "plaintext".to_owned())
    }
}

fn says(got: &str, expected: &str) {
    assert!(got.contains(expected), "expected {expected}, got {got}");
}

fn delegate() -> Value {
    allow(&format!("arn:aws:iam::{HOME}:root"), "kms:*")
}

#[test]
fn a_reader_of_tables_needs_the_key_too() {
    // Source: KMS, "Default key policy": it leaves the decision to IAM.
    let mut lab = Lab::new(Fidelity::instant());
    let refused = lab.scan(&user("u"));
    says(&refused, "AccessDeniedException: KMS key access denied error: ");
    says(&refused, NO_IDENTITY);
    let key = lab.key.clone();
    lab.permit("kms:Decrypt", &key);
    says(&lab.scan(&user("u")), "plaintext");
}

#[test]
fn without_the_account_in_the_key_policy_no_iam_policy_helps_nor_does_being_root() {
    // Source: KMS, "Default key policy", "Allows access to the AWS account".
    let mut lab = Lab::new(Fidelity::instant());
    lab.hire("boss", &["AdministratorAccess"]);
    lab.hire("keeper", &[]);
    lab.key_policy(&json!([allow(&user_arn("keeper"), "kms:*")]));
    says(&lab.scan(&user("boss")), NO_RESOURCE);
    says(&lab.decrypt(&user("keeper")), "plaintext");
    says(&lab.scan(&root(HOME)), NO_RESOURCE);
}

#[test]
fn an_explicit_deny_in_the_key_policy_wins() {
    // Source: IAM, "Policy evaluation logic".
    let mut lab = Lab::new(Fidelity::instant());
    lab.hire("boss", &["AdministratorAccess"]);
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": user_arn("boss")}, "Action": "kms:Decrypt",
        "Resource": "*"});
    lab.key_policy(&json!([delegate(), deny]));
    says(&lab.scan(&user("boss")), DENIED);
}

#[test]
fn through_dynamodb_only_or_directly_only() {
    // Source: KMS, "kms:ViaService"; "Using the IP address condition in policies with AWS KMS permissions".
    let rows = [
        (
            json!({"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}),
            "plaintext",
            NO_IDENTITY,
        ),
        (json!({"IpAddress": {"aws:SourceIp": "198.51.100.7"}}), NO_IDENTITY, "plaintext"),
    ];
    for (condition, scanned, decrypted) in rows {
        let mut lab = Lab::new(Fidelity::instant());
        let mut statement = allow(&user_arn("u"), "kms:Decrypt");
        statement["Condition"] = condition;
        lab.key_policy(&json!([delegate(), statement]));
        says(&lab.scan(&user("u")), scanned);
        says(&lab.decrypt(&user("u")), decrypted);
    }
}

#[test]
fn a_session_policy_limits_a_named_role_and_not_a_named_session() {
    // Source: IAM, "Session policies".
    let mut lab = Lab::new(Fidelity::instant());
    lab.hire("kim", &["AdministratorAccess"]);
    let trust =
        json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": user_arn("kim")}}]);
    let role = json!({"RoleName": "App", "AssumeRolePolicyDocument": policy(&trust)});
    lab.ok(&root(HOME), "iam", "CreateRole", role);
    let readers =
        json!({"RoleName": "App", "PolicyArn": "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"});
    lab.ok(&root(HOME), "iam", "AttachRolePolicy", readers);
    let narrow = policy(&json!([{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]));
    let role = format!("arn:aws:iam::{HOME}:role/App");
    let assume = json!({"RoleArn": role, "RoleSessionName": "app", "Policy": narrow});
    let made = lab.ok(&user("kim"), "sts", "AssumeRole", assume);
    let session = Caller::Session(made["Credentials"]["AccessKeyId"].as_str().expect("a key").into());
    lab.key_policy(&json!([delegate(), allow(&role, "kms:Decrypt")]));
    says(&lab.scan(&session), "because no session policy allows the kms:Decrypt action");
    let named = format!("arn:aws:sts::{HOME}:assumed-role/App/app");
    lab.key_policy(&json!([delegate(), allow(&named, "kms:Decrypt")]));
    says(&lab.scan(&session), "plaintext");
}

#[test]
fn a_boundary_limits_what_is_delegated_and_not_who_is_named() {
    // Source: IAM, "Permissions boundaries for IAM entities", effect of resource-based policies.
    let mut lab = Lab::new(Fidelity::instant());
    let edge = policy(&json!([{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]));
    let made =
        lab.ok(&root(HOME), "iam", "CreatePolicy", json!({"PolicyName": "edge", "PolicyDocument": edge}));
    let bound = json!({"UserName": "u", "PermissionsBoundary": made["Policy"]["Arn"]});
    lab.ok(&root(HOME), "iam", "PutUserPermissionsBoundary", bound);
    lab.permit("kms:Decrypt", "*");
    says(&lab.scan(&user("u")), "because no permissions boundary allows the kms:Decrypt action");
    lab.key_policy(&json!([delegate(), allow(&user_arn("u"), "kms:Decrypt")]));
    says(&lab.scan(&user("u")), "plaintext");
}

#[test]
fn under_the_aws_managed_key_readers_need_no_permission_and_nobody_uses_it_directly() {
    // Source: DynamoDB, "Encryption at rest usage notes", policy of the AWS managed key.
    let mut lab = Lab::new(Fidelity::instant());
    lab.table("Orders", &json!({"Enabled": true}));
    let scan = json!({"TableName": "Orders"});
    assert_eq!(lab.ok(&user("u"), "dynamodb", "Scan", scan)["Items"][0]["Name"]["S"], "Alice");
    lab.hire("boss", &["AdministratorAccess"]);
    let input = json!({"KeyId": "alias/aws/dynamodb", "Plaintext": "YQ=="});
    let refused = lab.call(&user("boss"), "kms", "Encrypt", input).expect_err("refused");
    says(&refused, "is not authorized to perform: kms:Encrypt");
}

#[test]
fn a_cached_table_key_outlives_a_change_by_five_minutes() {
    // Source: DynamoDB, "Encryption at rest usage notes", table key caching.
    let mut lab = Lab::new(Fidelity { table_key_cache: true, ..Fidelity::instant() });
    lab.key_policy(&json!([delegate(), allow(&user_arn("u"), "kms:Decrypt")]));
    says(&lab.scan(&user("u")), "plaintext");
    lab.pass(1);
    lab.key_policy(&json!([delegate()]));
    says(&lab.scan(&user("u")), "plaintext");
    lab.pass(3);
    says(&lab.scan(&user("u")), "plaintext");
    lab.pass(2);
    says(&lab.scan(&user("u")), NO_IDENTITY);
    // Another identity has no key cached.
    lab.hire("w", &["AmazonDynamoDBReadOnlyAccess"]);
    says(&lab.scan(&user("w")), NO_IDENTITY);
}

#[test]
fn a_disabled_key_closes_the_table_before_the_table_says_so() {
    // Source: DynamoDB, "Encryption at rest: how it works", inaccessible tables.
    let mut lab = Lab::new(Fidelity::aws());
    says(&lab.scan(&root(HOME)), "plaintext");
    let key = json!({"KeyId": lab.key});
    lab.ok(&root(HOME), "kms", "DisableKey", key);
    lab.pass(6);
    says(&lab.scan(&root(HOME)), "ValidationException: KMS key disabled error: ");
    let status = |lab: &mut Lab| {
        let described =
            lab.ok(&root(HOME), "dynamodb", "DescribeTable", json!({"TableName": "CustomerData"}));
        described["Table"]["TableStatus"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status(&mut lab), "ACTIVE");
    lab.pass(75);
    assert_eq!(status(&mut lab), "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
}

#[test]
fn a_cancelled_deletion_leaves_the_key_disabled() {
    // Source: KMS, "Scheduling and canceling key deletion".
    let mut lab = Lab::new(Fidelity::instant());
    let key = json!({"KeyId": lab.key});
    lab.ok(&root(HOME), "kms", "ScheduleKeyDeletion", key.clone());
    says(&lab.scan(&root(HOME)), "is pending deletion");
    lab.ok(&root(HOME), "kms", "CancelKeyDeletion", key.clone());
    says(&lab.scan(&root(HOME)), "is disabled");
    lab.ok(&root(HOME), "kms", "EnableKey", key);
    says(&lab.scan(&root(HOME)), "plaintext");
}

#[test]
fn a_new_user_of_the_name_is_another_one() {
    // Source: IAM, "Principal element", unique ids.
    let mut lab = Lab::new(Fidelity::instant());
    lab.key_policy(&json!([delegate(), allow(&user_arn("u"), "kms:Decrypt")]));
    says(&lab.scan(&user("u")), "plaintext");
    let managed = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess";
    lab.ok(&root(HOME), "iam", "DetachUserPolicy", json!({"UserName": "u", "PolicyArn": managed}));
    lab.ok(&root(HOME), "iam", "DeleteUser", json!({"UserName": "u"}));
    lab.hire("u", &["AmazonDynamoDBReadOnlyAccess"]);
    says(&lab.scan(&user("u")), NO_IDENTITY);
    let key = json!({"KeyId": lab.key});
    let shown = lab.ok(&root(HOME), "kms", "GetKeyPolicy", key)["Policy"].to_string();
    says(&shown, "AIDA");
    assert!(!shown.contains(&user_arn("u")), "{shown}");
}

#[test]
fn another_account_needs_both_sides() {
    // Source: KMS, "Allowing users in other accounts to use a KMS key".
    let mut lab = Lab::new(Fidelity::instant());
    lab.ok(&root(OTHER), "iam", "CreateUser", json!({"UserName": "pat"}));
    let pat = Caller::user(&account(OTHER), "pat");
    let permit = |lab: &mut Lab, action: &str| {
        let document = policy(&json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]));
        let put = json!({"UserName": "pat", "PolicyName": "own", "PolicyDocument": document});
        lab.ok(&root(OTHER), "iam", "PutUserPolicy", put);
    };
    let hidden = "on this resource because the resource does not exist in this Region, no resource-based policies \
                  allow access, or a resource-based policy explicitly denies access";
    permit(&mut lab, "kms:Decrypt");
    says(&lab.decrypt(&pat), hidden);
    lab.key_policy(&json!([delegate(), allow(&format!("arn:aws:iam::{OTHER}:root"), "kms:Decrypt")]));
    says(&lab.decrypt(&pat), "plaintext");
    permit(&mut lab, "s3:GetObject");
    says(&lab.decrypt(&pat), NO_IDENTITY);
}

#[test]
fn leading_keys_limit_a_query_and_not_a_scan() {
    // Source: DynamoDB, "Using IAM policy conditions for fine-grained access control": a Scan has no leading keys.
    let mut lab = Lab::new(Fidelity::instant());
    lab.hire("v", &[]);
    let statements = json!([
        {"Effect": "Allow", "Action": ["dynamodb:Query", "dynamodb:Scan"], "Resource": "*",
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["v"]}}},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]);
    let put = json!({"UserName": "v", "PolicyName": "own", "PolicyDocument": policy(&statements)});
    lab.ok(&root(HOME), "iam", "PutUserPolicy", put);
    let query = json!({"TableName": "CustomerData", "KeyConditionExpression": "Id = :id",
        "ExpressionAttributeValues": {":id": {"S": "u"}}});
    let refused = lab.call(&user("v"), "dynamodb", "Query", query).expect_err("refused");
    says(&refused, "because no identity-based policy allows the dynamodb:Query action");
    says(&lab.scan(&user("v")), "plaintext");
}

#[test]
fn a_policy_that_locks_its_author_out_is_refused_unless_asked_for() {
    // Source: KMS API Reference, PutKeyPolicy, `BypassPolicyLockoutSafetyCheck`.
    let mut lab = Lab::new(Fidelity::instant());
    let mut put = json!({"KeyId": lab.key, "Policy": policy(&json!([allow(&user_arn("u"), "kms:*")]))});
    let refused = lab.call(&root(HOME), "kms", "PutKeyPolicy", put.clone()).expect_err("refused");
    says(
        &refused,
        "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.",
    );
    put["BypassPolicyLockoutSafetyCheck"] = json!(true);
    lab.ok(&root(HOME), "kms", "PutKeyPolicy", put.clone());
    let now = lab.call(&root(HOME), "kms", "PutKeyPolicy", put).expect_err("locked out");
    says(&now, "is not authorized to perform: kms:PutKeyPolicy");
}

#[test]
fn a_key_administrator_can_give_themselves_the_use_of_the_key() {
    // Source: KMS, "Allows key administrators to administer the KMS key"; "Grants", eventual consistency.
    let mut lab = Lab::new(Fidelity { grant_propagation: true, ..Fidelity::instant() });
    let administer = json!({"Effect": "Allow", "Principal": {"AWS": user_arn("u")}, "Resource": "*",
        "Action": ["kms:Create*", "kms:Describe*", "kms:Put*", "kms:Revoke*"]});
    lab.key_policy(&json!([delegate(), administer]));
    says(&lab.decrypt(&user("u")), NO_IDENTITY);
    let grant = json!({"KeyId": lab.key, "GranteePrincipal": user_arn("u"), "Operations": ["Decrypt"]});
    let made = lab.ok(&user("u"), "kms", "CreateGrant", grant);
    says(&lab.decrypt(&user("u")), NO_IDENTITY);
    let with_token = json!({"CiphertextBlob": lab.sealed, "GrantTokens": [made["GrantToken"]]});
    lab.ok(&user("u"), "kms", "Decrypt", with_token);
    lab.pass(5);
    says(&lab.decrypt(&user("u")), "plaintext");
}

#[test]
fn an_encryption_context_is_exact_and_its_condition_key_is_not() {
    // Source: KMS, "Encryption context"; "kms:EncryptionContext:context-key".
    let mut lab = Lab::new(Fidelity::instant());
    let encrypt = json!({"KeyId": lab.key, "Plaintext": "YQ==", "EncryptionContext": {"AppName": "lab"}});
    let sealed = lab.ok(&root(HOME), "kms", "Encrypt", encrypt);
    let wrong = json!({"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": {"appname": "lab"}});
    let failed = lab.call(&root(HOME), "kms", "Decrypt", wrong).expect_err("another context");
    assert_eq!(failed, "InvalidCiphertextException");
    let mut statement = allow(&user_arn("u"), "kms:Decrypt");
    statement["Condition"] = json!({"StringEquals": {"kms:EncryptionContext:APPNAME": "lab"}});
    lab.key_policy(&json!([delegate(), statement]));
    let right = json!({"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": {"AppName": "lab"}});
    lab.ok(&user("u"), "kms", "Decrypt", right);
}

#[test]
fn a_principal_has_no_wildcard_inside() {
    // Source: IAM, "Principal element".
    let mut lab = Lab::new(Fidelity::instant());
    let document = policy(&json!([delegate(), allow(&user_arn("*"), "kms:Decrypt")]));
    let put = json!({"KeyId": lab.key, "Policy": document});
    let refused = lab.call(&root(HOME), "kms", "PutKeyPolicy", put).expect_err("refused");
    says(
        &refused,
        "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.",
    );
}

#[test]
fn a_service_control_policy_that_allows_nothing_reads_like_a_deny() {
    // Source: Organizations, "SCP evaluation"; IAM, "Troubleshoot access denied error messages".
    let mut lab = Lab::new(Fidelity::instant());
    let boss = root(OTHER);
    let org = |lab: &mut Lab, operation: &str, input: Value| lab.ok(&boss, "organizations", operation, input);
    org(&mut lab, "CreateOrganization", json!({}));
    let top = org(&mut lab, "ListRoots", json!({}))["Roots"][0]["Id"].clone();
    org(&mut lab, "EnablePolicyType", json!({"RootId": top, "PolicyType": "SERVICE_CONTROL_POLICY"}));
    org(&mut lab, "InviteAccountToOrganization", json!({"Target": {"Id": HOME, "Type": "ACCOUNT"}}));
    let narrow = policy(&json!([{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}]));
    let create =
        json!({"Name": "tables", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": narrow});
    let made = org(&mut lab, "CreatePolicy", create);
    org(
        &mut lab,
        "AttachPolicy",
        json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": HOME}),
    );
    org(&mut lab, "DetachPolicy", json!({"PolicyId": "p-FullAWSAccess", "TargetId": HOME}));
    says(&lab.scan(&root(HOME)), "with an explicit deny in a service control policy");
    // The management account is never limited.
    lab.ok(&boss, "kms", "CreateKey", json!({}));
}

#[test]
fn rotation_changes_no_arn_and_no_stored_byte() {
    // Source: KMS, "Rotating AWS KMS keys".
    let mut lab = Lab::new(Fidelity::instant());
    let key = json!({"KeyId": lab.key});
    let encrypt = json!({"KeyId": lab.key, "Plaintext": "YQ=="});
    let decrypt = |blob: &Value| json!({"CiphertextBlob": blob});
    let sealed = lab.sealed.clone();
    let before = lab.ok(&root(HOME), "kms", "Decrypt", decrypt(&sealed));
    lab.ok(&root(HOME), "kms", "RotateKeyOnDemand", key.clone());
    assert_eq!(lab.ok(&root(HOME), "kms", "Decrypt", decrypt(&sealed)), before);
    let new = lab.ok(&root(HOME), "kms", "Encrypt", encrypt);
    let after = lab.ok(&root(HOME), "kms", "Decrypt", decrypt(&new["CiphertextBlob"]));
    assert_ne!(after["KeyMaterialId"], before["KeyMaterialId"]);
    assert_eq!(lab.ok(&root(HOME), "kms", "DescribeKey", key)["KeyMetadata"]["Arn"], json!(lab.key));
    says(&lab.scan(&root(HOME)), "plaintext");
}
