//! The switches of a world that turn a rule of which sources tell two forms: each form, and that the newest is the default.
//!
//! Sources stand beside each switch in `cloud/fidelity.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kmslab::cloud::fidelity::{ForwardedAddress, ImportedRotationStatus, RefusedParameters, TableKeyHolder};
use kmslab::cloud::kms::crypto::{WrappingAlgorithm, wrap_for_import};
use kmslab::cloud::{AccountId, Call, CallContext, Caller, Fidelity, Outcome, Region, World};
use kmslab::narration::fidelity::{in_short, turned_rules};
use rand::SeedableRng as _;
use serde_json::{Value, json};

const HOME: &str = "111122223333";

/// An account with a KMS key and a table under it.
struct Lab {
    world: World,
    key: Value,
}

fn account() -> AccountId {
    HOME.parse().expect("twelve digits")
}

fn root() -> Caller {
    Caller::Root(account())
}

impl Lab {
    fn new(fidelity: Fidelity) -> Self {
        let mut world = World::new(7, "2026-01-05T09:00:00Z".parse().expect("a time"), fidelity);
        world.add_account(account(), "clinic");
        let mut lab = Self { world, key: Value::Null };
        lab.key = lab.ok("kms", "CreateKey", json!({}))["KeyMetadata"]["Arn"].clone();
        let sealed = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": lab.key});
        let table = json!({"TableName": "Sealed", "BillingMode": "PAY_PER_REQUEST", "SSESpecification": sealed,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]});
        lab.ok("dynamodb", "CreateTable", table);
        lab.world.advance(jiff::SignedDuration::from_mins(10)).expect("forward");
        lab
    }

    fn call(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Outcome {
        self.world.call(caller, Call::decode(service, operation, input).expect("a call"))
    }

    fn ok(&mut self, service: &str, operation: &str, input: Value) -> Value {
        self.call(&root(), service, operation, input).result.expect(operation).to_json()
    }

    fn hire(&mut self, name: &str, policy: Option<&str>) -> Caller {
        self.ok("iam", "CreateUser", json!({"UserName": name}));
        if let Some(policy) = policy {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            self.ok("iam", "AttachUserPolicy", json!({"UserName": name, "PolicyArn": arn}));
        }
        Caller::user(&account(), name)
    }

    /// Tells whether a scan on a connection makes DynamoDB ask KMS for the table key.
    fn asks(&mut self, caller: &Caller, connection: u32) -> bool {
        let scan = Call::decode("dynamodb", "Scan", json!({"TableName": "Sealed"})).expect("a call");
        let mut context = CallContext::in_region(Region::us_east_1());
        context.connection = connection;
        let outcome = self.world.call(caller, scan.with_context(context));
        outcome.result.expect("Scan");
        outcome.events.iter().any(|event| event.to_json()["eventName"] == "Decrypt")
    }
}

#[test]
fn a_table_key_is_kept_for_a_caller_a_connection_or_a_principal() {
    // Two sessions of a role, and a user.
    let calls = [("one", 1), ("one", 2), ("two", 1), ("kim", 1), ("kim", 1), ("kim", 2), ("two", 2)];
    let rows = [
        (TableKeyHolder::default(), [true, false, true, true, false, false, false]),
        (TableKeyHolder::Caller, [true, false, true, true, false, false, false]),
        (TableKeyHolder::Connection, [true, true, true, true, false, true, true]),
        (TableKeyHolder::Principal, [true, false, false, true, false, false, false]),
    ];
    for (table_key_holder, asked) in rows {
        let mut lab = Lab::new(Fidelity { table_key_cache: true, table_key_holder, ..Fidelity::instant() });
        let kim = lab.hire("kim", Some("AdministratorAccess"));
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}}]});
        let role = json!({"RoleName": "App", "AssumeRolePolicyDocument": trust.to_string()});
        let role = lab.ok("iam", "CreateRole", role)["Role"]["Arn"].clone();
        let all = "arn:aws:iam::aws:policy/AdministratorAccess";
        lab.ok("iam", "AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": all}));
        let mut session = |name: &str| {
            let assume = json!({"RoleArn": role, "RoleSessionName": name});
            let made = lab.call(&kim, "sts", "AssumeRole", assume).result.expect("a session").to_json();
            Caller::Session(made["Credentials"]["AccessKeyId"].as_str().expect("a key").into())
        };
        let (one, two) = (session("one"), session("two"));
        let found = calls.map(|(who, connection)| {
            let caller = match who {
                "one" => &one,
                "two" => &two,
                _ => &kim,
            };
            lab.asks(caller, connection)
        });
        assert_eq!(found, asked, "{table_key_holder:?} of {calls:?}");
    }
}

#[test]
fn a_call_in_somebodys_name_has_the_services_address_or_none() {
    // A condition of a Deny, and whether it stops DynamoDB: with an address of its own, and without one.
    let rows = [
        (json!({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), true, true),
        (json!({"NotIpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"}}), true, true),
        (json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), false, false),
        (json!({"IpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"}}), false, true),
        (json!({"Null": {"aws:SourceIp": "true"}}), false, true),
        (json!({"Null": {"aws:SourceIp": "false"}}), true, false),
    ];
    for (condition, of_service, absent) in rows {
        for (forwarded_address, expected) in [
            (ForwardedAddress::default(), of_service),
            (ForwardedAddress::Service, of_service),
            (ForwardedAddress::Absent, absent),
        ] {
            let mut lab = Lab::new(Fidelity { forwarded_address, ..Fidelity::instant() });
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}, "Action": "kms:*",
                 "Resource": "*"},
                {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition},
            ]});
            lab.ok("kms", "PutKeyPolicy", json!({"KeyId": lab.key, "Policy": policy.to_string()}));
            let scan = lab.call(&root(), "dynamodb", "Scan", json!({"TableName": "Sealed"}));
            assert_eq!(scan.result.is_err(), expected, "{forwarded_address:?}: {condition}");
        }
    }
}

#[test]
fn the_trail_leaves_the_parameters_of_a_refused_call_out_or_keeps_them() {
    let calls = [
        ("kms", "DescribeKey", "keyId"),
        ("kms", "GetKeyPolicy", "keyId"),
        ("iam", "GetRole", "roleName"),
        ("iam", "ListGroupsForUser", "userName"),
        ("dynamodb", "DeleteTable", "tableName"),
    ];
    for (refused_parameters, kept) in [
        (RefusedParameters::default(), false),
        (RefusedParameters::Null, false),
        (RefusedParameters::Kept, true),
    ] {
        let mut lab = Lab::new(Fidelity { refused_parameters, ..Fidelity::instant() });
        let eve = lab.hire("eve", None);
        for (service, operation, name) in calls {
            let input = match name {
                "keyId" => json!({"KeyId": lab.key}),
                "roleName" => json!({"RoleName": "App"}),
                "userName" => json!({"UserName": "eve"}),
                _ => json!({"TableName": "Sealed"}),
            };
            let outcome = lab.call(&eve, service, operation, input);
            outcome.result.expect_err("she may nothing");
            let record = outcome.events[0].to_json();
            assert_eq!(record["errorCode"], "AccessDenied", "{operation}");
            assert_eq!(record["requestParameters"].is_null(), !kept, "{refused_parameters:?}: {operation}");
            assert_eq!(
                record["requestParameters"][name].is_string(),
                kept,
                "{refused_parameters:?}: {operation}"
            );
        }
    }
}

#[test]
fn the_rotation_of_imported_material_is_told_or_refused() {
    for (imported_rotation_status, told) in [
        (ImportedRotationStatus::default(), true),
        (ImportedRotationStatus::Answered, true),
        (ImportedRotationStatus::Refused, false),
    ] {
        let mut lab = Lab::new(Fidelity { imported_rotation_status, ..Fidelity::instant() });
        let key = lab.ok("kms", "CreateKey", json!({"Origin": "EXTERNAL"}))["KeyMetadata"]["KeyId"].clone();
        let ask = json!({"KeyId": key});
        // Without material it is refused either way.
        let error =
            lab.call(&root(), "kms", "GetKeyRotationStatus", ask.clone()).result.expect_err("no material");
        assert_eq!(error.code, "UnsupportedOperationException", "{imported_rotation_status:?}");
        let how =
            json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        let parameters = lab.ok("kms", "GetParametersForImport", how);
        let public = STANDARD.decode(parameters["PublicKey"].as_str().expect("text")).expect("Base64");
        let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(1);
        let wrapped = wrap_for_import(&public, WrappingAlgorithm::RsaesOaepSha256, &[7; 32], &mut rng)
            .expect("wrapped");
        let import = json!({"KeyId": key, "ImportToken": parameters["ImportToken"],
            "EncryptedKeyMaterial": STANDARD.encode(wrapped), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        lab.ok("kms", "ImportKeyMaterial", import);
        let answer = lab.call(&root(), "kms", "GetKeyRotationStatus", ask).result;
        assert_eq!(answer.is_ok(), told, "{imported_rotation_status:?}");
        match answer {
            Ok(status) => assert_eq!(status.to_json()["KeyRotationEnabled"], false),
            Err(error) => assert_eq!(error.code, "UnsupportedOperationException"),
        }
    }
}

#[test]
fn the_public_key_of_a_disabled_key_is_refused_or_told() {
    for spec in ["RSA_2048", "ECC_NIST_P256"] {
        for (disabled_public_keys, code) in [(false, Some("DisabledException")), (true, None)] {
            let mut lab = Lab::new(Fidelity { disabled_public_keys, ..Fidelity::instant() });
            let make = json!({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"});
            let key = json!({"KeyId": lab.ok("kms", "CreateKey", make)["KeyMetadata"]["KeyId"]});
            lab.ok("kms", "DisableKey", key.clone());
            let answer = lab.call(&root(), "kms", "GetPublicKey", key).result;
            assert_eq!(answer.as_ref().err().map(|error| &*error.code), code, "{spec}");
        }
    }
}

/// The learner is told of each switch: in a word that the title of the lab has, and of a turned rule in a sentence, too.
#[test]
fn a_world_names_its_delays_and_the_rules_that_it_turns() {
    let rows = [
        (json!({}), "changes count at once", 0),
        (json!({"table_key_cache": true}), "delays: table key cache", 0),
        (
            json!({"grant_propagation": true, "label_propagation": true}),
            "delays: grants, tags and aliases",
            0,
        ),
        (
            json!({"table_status_delay": true, "table_update_delay": true}),
            "delays: table status, table updates",
            0,
        ),
        (serde_json::to_value(Fidelity::aws()).expect("JSON"), "all of AWS's delays", 0),
        (json!({"table_key_holder": "connection"}), "changes count at once; turned: table key holder", 1),
        (
            json!({"table_key_cache": true, "table_key_holder": "principal"}),
            "delays: table key cache; turned: table key holder",
            1,
        ),
        (json!({"disabled_public_keys": true}), "changes count at once; turned: public keys", 1),
        (json!({"case_sensitive_constraints": true}), "changes count at once; turned: constraints", 1),
        (json!({"forwarded_address": "absent"}), "changes count at once; turned: addresses", 1),
        (json!({"refused_parameters": "kept"}), "changes count at once; turned: records", 1),
        (json!({"imported_rotation_status": "refused"}), "changes count at once; turned: rotation status", 1),
        (
            json!({"refused_parameters": "kept", "disabled_public_keys": true}),
            "changes count at once; turned: public keys, records",
            2,
        ),
    ];
    for (switches, words, sentences) in rows {
        let fidelity: Fidelity = serde_json::from_value(switches.clone()).expect("switches");
        assert_eq!(in_short(&fidelity), words, "{switches}");
        assert_eq!(turned_rules(&fidelity).len(), sentences, "{switches}");
    }
    let defaults = serde_json::to_value(Fidelity::default()).expect("JSON");
    let turned: Vec<Value> = defaults
        .as_object()
        .expect("an object")
        .iter()
        .map(|(name, value)| {
            let other = match value {
                Value::Bool(on) => json!(!on),
                Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                    json!(match name.as_str() {
                        "table_key_holder" => "connection",
                        "forwarded_address" => "absent",
                        "refused_parameters" => "kept",
                        "imported_rotation_status" => "refused",
                        other => panic!("{other}: name another value of this switch here, and rows above"),
                    })
                }
            };
            json!({name: other})
        })
        .collect();
    for switch in turned {
        let fidelity: Fidelity = serde_json::from_value(switch.clone()).expect("a switch");
        assert_ne!(in_short(&fidelity), "changes count at once", "{switch} is told");
    }
}
