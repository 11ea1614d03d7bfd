//! Tests of KMS through the one entry, `World::call`.

mod access;
mod asymmetric;
#[path = "../../../../tests/every_operation/codes.rs"]
mod codes;
mod conditions;
mod crypto_operations;
mod fixture;
mod grant_terms;
mod grants;
mod import;
#[path = "../../../../tests/every_operation/kms_requests.rs"]
mod kms_requests;
mod labels;
mod lifecycle;
mod managed;
mod matrix;
mod multi_region;
mod operations;
mod policies;
mod random_walk;
mod states;
mod table;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cloud::{AccountId, Call, CallContext, Caller, Fidelity, Outcome, Region, World};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";

/// A cloud of two accounts, with two users in the first: kim, an administrator, and tess, who may nothing.
pub(super) struct Lab {
    pub world: World,
}

pub(super) fn account(id: &str) -> AccountId {
    id.parse().expect("twelve digits")
}

pub(super) fn root() -> Caller {
    Caller::Root(account(ACCOUNT))
}

pub(super) fn kim() -> Caller {
    Caller::user(&account(ACCOUNT), "kim")
}

pub(super) fn tess() -> Caller {
    Caller::user(&account(ACCOUNT), "tess")
}

/// Root of the other account.
pub(super) fn stranger() -> Caller {
    Caller::Root(account(OTHER))
}

/// Whatever fails in any of these tests, fails with a code that AWS has for the operation.
fn check_code(service: &str, operation: &str, outcome: &Outcome) {
    if let (Err(error), "kms") = (&outcome.result, service) {
        assert!(codes::may_answer(service, operation, &error.code), "{operation} answers {error}");
    }
}

impl Lab {
    pub fn new() -> Self {
        Self::with(Fidelity::instant())
    }

    pub fn with(fidelity: Fidelity) -> Self {
        let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut world = World::new(7, now, fidelity);
        world.add_account(account(ACCOUNT), "clinic");
        world.add_account(account(OTHER), "partner");
        let mut lab = Self { world };
        for name in ["kim", "tess"] {
            lab.call(&root(), "iam", "CreateUser", json!({"UserName": name})).result.expect("created");
        }
        lab.allow("kim", "*", "*");
        lab
    }

    /// Gives a user an inline policy that allows `action` on `resource`.
    pub fn allow(&mut self, user: &str, action: &str, resource: &str) {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource}]});
        let put = json!({"UserName": user, "PolicyName": "test", "PolicyDocument": policy.to_string()});
        self.call(&root(), "iam", "PutUserPolicy", put).result.expect("saved");
    }

    /// Gives a user an inline policy that allows each action on its resource.
    pub fn allow_all(&mut self, user: &str, allowed: &[(String, String)]) {
        let statement = |(action, resource): &(String, String)| json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let statements: Vec<Value> = allowed.iter().map(statement).collect();
        if statements.is_empty() {
            return;
        }
        let document = policy(&statements).to_string();
        let put = json!({"UserName": user, "PolicyName": "test", "PolicyDocument": document});
        self.call(&root(), "iam", "PutUserPolicy", put).result.expect("saved");
    }

    pub fn call(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Outcome {
        let outcome = self.world.call(caller, Call::decode(service, operation, input).expect("a call"));
        check_code(service, operation, &outcome);
        outcome
    }

    pub fn call_in(&mut self, region: &str, caller: &Caller, operation: &str, input: Value) -> Outcome {
        let context = CallContext::in_region(Region::new(region));
        let call = Call::decode("kms", operation, input).expect("a call").with_context(context);
        let outcome = self.world.call(caller, call);
        check_code("kms", operation, &outcome);
        outcome
    }

    /// The response of a KMS call that must succeed.
    pub fn ok(&mut self, caller: &Caller, operation: &str, input: Value) -> Value {
        match self.call(caller, "kms", operation, input).result {
            Ok(output) => output.to_json(),
            Err(error) => panic!("{operation}: {error}"),
        }
    }

    /// Code and message of a KMS call that must fail.
    pub fn err(&mut self, caller: &Caller, operation: &str, input: Value) -> (String, String) {
        match self.call(caller, "kms", operation, input).result {
            Ok(output) => panic!("{operation}: {}", output.to_json()),
            Err(error) => (error.code.to_string(), error.message),
        }
    }

    /// A new key of kim's; its ARN.
    pub fn key(&mut self, input: Value) -> String {
        text(&self.ok(&kim(), "CreateKey", input)["KeyMetadata"]["Arn"])
    }

    /// Replaces a key's policy, whatever it says.
    pub fn put_policy(&mut self, key: &str, policy: &Value) {
        let input =
            json!({"KeyId": key, "Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true});
        self.ok(&kim(), "PutKeyPolicy", input);
    }

    pub fn advance_days(&mut self, days: i64) {
        self.world.advance(jiff::SignedDuration::from_hours(24 * days)).expect("forward");
    }
}

/// The time as responses write it.
pub(super) fn epoch_seconds(lab: &Lab) -> f64 {
    lab.world.now().as_duration().as_secs_f64()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

/// A policy statement that allows `actions` to `principal` on the key.
pub(super) fn allowing(principal: &str, actions: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"})
}

pub(super) fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(super) fn root_arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:root")
}

pub(super) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

const KEY_ID_ABSENT: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
