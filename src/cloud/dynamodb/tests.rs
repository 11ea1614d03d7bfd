//! DynamoDB through `World::call`: who may read a table under which key, and what is written down about it.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a JSON value written in place reads better than a reference"
)]

mod asking_kms;
mod encryption;
mod inaccessible;
mod items;
mod lifecycle;
mod policy;
mod random;
mod records;
mod refusals;
mod specification;
mod storage;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::TableHandle;
use crate::cloud::{AccountId, Call, CallContext, Caller, Fidelity, Outcome, Region, World};

pub(super) const ACCOUNT: &str = "111122223333";

pub(super) fn account() -> AccountId {
    ACCOUNT.parse().expect("twelve digits")
}

pub(super) fn root() -> Caller {
    Caller::Root(account())
}

pub(super) fn user(name: &str) -> Caller {
    Caller::user(&account(), name)
}

pub(super) fn handle(table: &str) -> TableHandle {
    TableHandle { account: account(), region: Region::us_east_1(), name: table.into() }
}

/// A world with one account and one key, which a test drives by JSON as clients do.
pub(super) struct Lab {
    pub world: World,
    pub key: String,
}

impl Lab {
    pub fn new(fidelity: Fidelity) -> Self {
        let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, fidelity);
        world.add_account(account(), "clinic");
        let mut lab = Self { world, key: String::new() };
        let key = lab.ok(&root(), "kms", "CreateKey", json!({}));
        lab.key = key["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
        lab
    }

    /// With the table `CustomerData` under the key and its one row.
    pub fn with_table(fidelity: Fidelity) -> Self {
        let mut lab = Self::new(fidelity);
        lab.create_table(
            "CustomerData",
            json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": lab.key}),
        );
        lab.world.advance(jiff::SignedDuration::from_mins(10)).expect("forward");
        lab.put("CustomerData", alice());
        lab
    }

    pub fn create_table(&mut self, name: &str, sse: Value) -> Value {
        self.ok(&root(), "dynamodb", "CreateTable", table(name, sse))
    }

    pub fn put(&mut self, table: &str, item: Value) {
        self.ok(&root(), "dynamodb", "PutItem", json!({"TableName": table, "Item": item}));
    }

    /// A user with these managed policies and an inline policy of these statements.
    pub fn user(&mut self, name: &str, managed: &[&str], statements: Value) -> Caller {
        self.ok(&root(), "iam", "CreateUser", json!({"UserName": name}));
        for policy in managed {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            self.ok(&root(), "iam", "AttachUserPolicy", json!({"UserName": name, "PolicyArn": arn}));
        }
        if statements.as_array().is_some_and(|list| !list.is_empty()) {
            let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
            let put = json!({"UserName": name, "PolicyName": "inline", "PolicyDocument": document});
            self.ok(&root(), "iam", "PutUserPolicy", put);
        }
        user(name)
    }

    pub fn put_key_policy(&mut self, statements: Value) {
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let put = json!({"KeyId": self.key, "PolicyName": "default", "Policy": document,
            "BypassPolicyLockoutSafetyCheck": true});
        self.ok(&root(), "kms", "PutKeyPolicy", put);
    }

    pub fn call(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Outcome {
        self.world.call(caller, Call::decode(service, operation, input).expect("a call"))
    }

    pub fn call_on(&mut self, connection: u32, caller: &Caller, operation: &str, input: Value) -> Outcome {
        let context = CallContext { connection, ..CallContext::default() };
        let call = Call::decode("dynamodb", operation, input).expect("a call").with_context(context);
        self.world.call(caller, call)
    }

    pub fn ok(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
        self.call(caller, service, operation, input).result.expect(operation).to_json()
    }

    pub fn error(
        &mut self,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: Value,
    ) -> (String, String) {
        let error = self.call(caller, service, operation, input).result.expect_err(operation);
        (error.code.to_string(), error.message)
    }

    pub fn describe(&mut self) -> Value {
        self.ok(&root(), "dynamodb", "DescribeTable", json!({"TableName": "CustomerData"}))["Table"].clone()
    }

    pub fn status(&mut self) -> String {
        self.describe()["TableStatus"].as_str().expect("a status").to_owned()
    }

    pub fn another_key(&mut self) -> String {
        let key = self.ok(&root(), "kms", "CreateKey", json!({}));
        key["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned()
    }

    pub fn grants(&mut self, key: &str) -> Vec<Value> {
        let listed = self.ok(&root(), "kms", "ListGrants", json!({"KeyId": key}));
        listed["Grants"].as_array().cloned().unwrap_or_default()
    }

    pub fn seconds(&mut self, seconds: i64) {
        self.world.advance(jiff::SignedDuration::from_secs(seconds)).expect("forward");
    }

    pub fn minutes(&mut self, minutes: i64) {
        self.seconds(60 * minutes);
    }

    pub fn scan(&mut self, caller: &Caller) -> Result<Value, (String, String)> {
        let outcome = self.call(caller, "dynamodb", "Scan", json!({"TableName": "CustomerData"}));
        match outcome.result {
            Ok(output) => Ok(output.to_json()),
            Err(error) => Err((error.code.to_string(), error.message)),
        }
    }
}

pub(super) fn table(name: &str, sse: Value) -> Value {
    json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "SSESpecification": sse,
        "KeySchema": [{"AttributeName": "CustomerId", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "CustomerId", "AttributeType": "S"}]})
}

pub(super) fn alice() -> Value {
    json!({"CustomerId": {"S": "12345"}, "Name": {"S": "Alice Johnson"}, "Email": {"S": "alice@example.com"}})
}

/// A table of its own under this KMS key.
pub(super) fn sse(key: &str) -> Value {
    json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key})
}

/// Puts the table under another key.
pub(super) fn update(specification: Value) -> Value {
    json!({"TableName": "CustomerData", "SSESpecification": specification})
}

/// A message with its request id replaced, since that is a random number.
pub(super) fn without_request_id(message: &str) -> String {
    match message.split_once("Request ID: ") {
        Some((before, after)) => format!("{before}Request ID: ID{}", after.get(36..).unwrap_or_default()),
        None => message.to_owned(),
    }
}
