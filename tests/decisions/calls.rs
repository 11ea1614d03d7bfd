//! What the simulated AWS answers where a condition or a constraint is about the request itself: the same rules as
//! `kmslab decide` has, seen through calls.

use kmslab::cloud::{AccountId, ApiError, Call, Caller, Fidelity, World};
use serde_json::{Value, json};

const HOME: &str = "111122223333";

/// An account with the user ana and a key whose policy lets in its root user alone.
struct Lab {
    world: World,
    key: String,
}

impl Lab {
    fn new(fidelity: Fidelity) -> Self {
        let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), fidelity);
        world.add_account(account(), "clinic");
        let mut lab = Self { world, key: String::new() };
        lab.ask(&root(), "iam:CreateUser", json!({"UserName": "ana"})).expect("a user");
        let made = lab.ask(&root(), "kms:CreateKey", json!({})).expect("a key");
        made["KeyMetadata"]["Arn"].as_str().expect("an ARN").clone_into(&mut lab.key);
        let table = json!({"TableName": "Visits", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
        lab.ask(&root(), "dynamodb:CreateTable", table).expect("a table");
        lab
    }

    fn ask(&mut self, caller: &Caller, operation: &str, input: Value) -> Result<Value, ApiError> {
        let (service, operation) = operation.split_once(':').expect("a service");
        let call = Call::decode(service, operation, input).expect("a call");
        self.world.call(caller, call).result.map(|output| output.to_json())
    }

    /// Whether ana may do something; that it fails for another reason is a fault of the test.
    fn may(&mut self, operation: &str, input: Value) -> bool {
        match self.ask(&Caller::user(&account(), "ana"), operation, input) {
            Ok(_) => true,
            Err(error) if error.code == "AccessDeniedException" => false,
            Err(error) => panic!("{operation}: {error:?}"),
        }
    }
}

fn account() -> AccountId {
    HOME.parse().expect("twelve digits")
}

fn root() -> Caller {
    Caller::Root(account())
}

// Source: KMS Developer Guide, conditions-kms: kms:CallerAccount comes with KMS key resource operations and custom key store
// operations
#[test]
fn the_account_of_the_caller_comes_with_requests_about_keys_alone() {
    for (operation, input, comes) in [
        ("kms:DescribeKey", json!({"KeyId": "KEY"}), true),
        ("kms:Encrypt", json!({"KeyId": "KEY", "Plaintext": "aGk="}), true),
        ("kms:CreateKey", json!({}), true),
        ("kms:ListKeys", json!({}), false),
        ("kms:GenerateRandom", json!({"NumberOfBytes": 8}), false),
        ("dynamodb:Scan", json!({"TableName": "Visits"}), false),
        ("dynamodb:DescribeTable", json!({"TableName": "Visits"}), false),
    ] {
        let mut lab = Lab::new(Fidelity::instant());
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"kms:CallerAccount": HOME}}}]});
        let put = json!({"UserName": "ana", "PolicyName": "own", "PolicyDocument": policy.to_string()});
        lab.ask(&root(), "iam:PutUserPolicy", put).expect("a policy");
        let input: Value = serde_json::from_str(&input.to_string().replace("KEY", &lab.key)).expect("JSON");
        assert_eq!(lab.may(operation, input), comes, "{operation}");
    }
}

// Source: KMS API Reference, GrantConstraints: "the key in each key-value pair is not case sensitive, but the value is";
// KMS Developer Guide, create-grant-overview, which speaks of a case-sensitive match
#[test]
fn the_case_of_names_in_constraints_is_a_switch() {
    let (equals, subset) = ("EncryptionContextEquals", "EncryptionContextSubset");
    for (kind, pairs, context, (by_default, switched)) in [
        (subset, json!({"Tenant": "a"}), json!({"Tenant": "a", "x": "y"}), (true, true)),
        (subset, json!({"Tenant": "a"}), json!({"tenant": "a", "x": "y"}), (true, false)),
        (subset, json!({"Tenant": "a", "Z": "1"}), json!({"TENANT": "a", "z": "1"}), (true, false)),
        (subset, json!({"Tenant": "a"}), json!({"tenant": "A"}), (false, false)),
        (subset, json!({"Tenant": "a"}), json!({}), (false, false)),
        (equals, json!({"Tenant": "a"}), json!({"Tenant": "a"}), (true, true)),
        (equals, json!({"Tenant": "a"}), json!({"TENANT": "a"}), (true, false)),
        (equals, json!({"Tenant": "a"}), json!({"TENANT": "a", "x": "y"}), (false, false)),
    ] {
        for (case_sensitive_constraints, expected) in [(false, by_default), (true, switched)] {
            let mut lab = Lab::new(Fidelity { case_sensitive_constraints, ..Fidelity::instant() });
            let grant = json!({"KeyId": lab.key, "GranteePrincipal": format!("arn:aws:iam::{HOME}:user/ana"),
                "Operations": ["Encrypt"], "Constraints": {kind: pairs.clone()}});
            lab.ask(&root(), "kms:CreateGrant", grant).expect("a grant");
            let encrypt =
                json!({"KeyId": lab.key, "Plaintext": "aGk=", "EncryptionContext": context.clone()});
            let what = format!("{kind} {pairs} of {context}, switch {case_sensitive_constraints}");
            assert_eq!(lab.may("kms:Encrypt", encrypt), expected, "{what}");
        }
    }
}

// Source: KMS Developer Guide, grants: a grant made under a grant has "an equally strict or stricter" constraint
#[test]
fn a_grant_under_a_grant_compares_names_as_its_world_does() {
    for (case_sensitive_constraints, expected) in [(false, true), (true, false)] {
        let mut lab = Lab::new(Fidelity { case_sensitive_constraints, ..Fidelity::instant() });
        let grantee = format!("arn:aws:iam::{HOME}:user/ana");
        let grant = |name: &str, operations: Value| {
            json!({"KeyId": lab.key, "GranteePrincipal": grantee, "Operations": operations,
                "Constraints": {"EncryptionContextSubset": {name: "a"}}})
        };
        let (parent, child) =
            (grant("Tenant", json!(["CreateGrant", "Encrypt"])), grant("tenant", json!(["Encrypt"])));
        lab.ask(&root(), "kms:CreateGrant", parent).expect("a grant");
        assert_eq!(lab.may("kms:CreateGrant", child), expected);
    }
}
