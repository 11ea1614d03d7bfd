//! Which operation works in which state of its key.
//!
//! Source: KMS Developer Guide, "Key states of AWS KMS keys", table of states and operations and its footnotes.

use super::fixture::Fixture;
use super::*;

/// What a state answers: `ok`, the number of the footnote, or `-` where there is no such key.
/// Columns: disabled, pending deletion, pending import.
const TABLE: [(&str, &str, &str, &str); 42] = [
    ("CancelKeyDeletion", "4", "ok", "4"),
    ("CreateAlias", "ok", "3", "ok"),
    ("CreateGrant", "1", "3", "5"),
    ("Decrypt", "1", "3", "5"),
    ("DeleteAlias", "ok", "ok", "ok"),
    ("DeleteImportedKeyMaterial", "ok", "ok", "ok"),
    ("DeriveSharedSecret", "1", "3", "-"),
    ("DescribeKey", "ok", "ok", "ok"),
    ("DisableKey", "ok", "3", "5"),
    ("DisableKeyRotation", "1", "3", "6"),
    ("EnableKey", "ok", "3", "5"),
    ("EnableKeyRotation", "1", "3", "6"),
    ("Encrypt", "1", "3", "5"),
    ("GenerateDataKey", "1", "3", "5"),
    ("GenerateDataKeyPair", "1", "3", "5"),
    ("GenerateDataKeyPairWithoutPlaintext", "1", "3", "5"),
    ("GenerateDataKeyWithoutPlaintext", "1", "3", "5"),
    ("GenerateMac", "1", "3", "-"),
    ("GetKeyLastUsage", "ok", "ok", "ok"),
    ("GetKeyPolicy", "ok", "ok", "ok"),
    ("GetKeyRotationStatus", "ok", "ok", "6"),
    ("GetParametersForImport", "ok", "3", "ok"),
    ("GetPublicKey", "1", "3", "-"),
    ("ImportKeyMaterial", "ok", "3", "ok"),
    ("ListGrants", "ok", "ok", "ok"),
    ("ListKeyPolicies", "ok", "ok", "ok"),
    ("ListKeyRotations", "ok", "ok", "ok"),
    ("ListResourceTags", "ok", "ok", "ok"),
    ("PutKeyPolicy", "ok", "ok", "ok"),
    ("ReEncrypt", "1", "3", "-"),
    ("ReplicateKey", "1", "3", "-"),
    ("RetireGrant", "ok", "ok", "-"),
    ("RevokeGrant", "ok", "ok", "-"),
    ("RotateKeyOnDemand", "1", "3", "5"),
    ("ScheduleKeyDeletion", "ok", "3", "ok"),
    ("Sign", "1", "3", "-"),
    ("TagResource", "ok", "3", "ok"),
    ("UntagResource", "ok", "3", "ok"),
    ("UpdateAlias", "ok", "ok", "-"),
    ("UpdateKeyDescription", "ok", "3", "ok"),
    ("Verify", "1", "3", "-"),
    ("VerifyMac", "1", "3", "-"),
];

fn footnote(number: &str, key: &str) -> Option<(String, String)> {
    let (code, text) = match number {
        "ok" => return None,
        "1" => ("DisabledException", "is disabled."),
        "3" => ("KMSInvalidStateException", "is pending deletion."),
        "4" => ("KMSInvalidStateException", "is not pending deletion."),
        "5" => ("KMSInvalidStateException", "is pending import."),
        "6" => ("UnsupportedOperationException", "origin is EXTERNAL which is not valid for this operation."),
        other => panic!("no footnote {other}"),
    };
    Some((code.to_owned(), format!("{key} {text}")))
}

/// The key a row is about.
fn key_of(fixture: &Fixture, input: &Value) -> String {
    let named = ["KeyId", "TargetKeyId", "SourceKeyId"].iter().find_map(|name| input.get(*name)?.as_str());
    match (named, input["AliasName"] == "alias/lab") {
        (Some(key), false) => key.to_owned(),
        _ => fixture.key.clone(),
    }
}

fn check(fixture: &Fixture, lab: &mut Lab, operation: &str, input: Value, key: &str, expected: &str) {
    let _ = fixture;
    let result = lab.call(&kim(), "kms", operation, input).result;
    let failed = result.err().map(|error| (error.code.to_string(), error.message));
    assert_eq!(failed, footnote(expected, key), "{operation}");
}

#[test]
fn each_state_allows_what_it_allows() {
    let fixture = Fixture::new();
    let rows = fixture.rows();
    for (operation, disabled, dying, waiting) in TABLE {
        let row = rows.iter().find(|row| row.operation == operation).expect(operation);
        let key = key_of(&fixture, &row.input);
        for (change, expected) in [("DisableKey", disabled), ("ScheduleKeyDeletion", dying)] {
            let mut lab = Lab { world: fixture.lab.world.clone() };
            if key == fixture.external {
                // Only a key with material can be disabled.
                let imported = rows.iter().find(|row| row.operation == "ImportKeyMaterial").expect("a row");
                lab.ok(&kim(), "ImportKeyMaterial", imported.input.clone());
            }
            lab.ok(&kim(), change, json!({"KeyId": key, "PendingWindowInDays": 7}).clone_for(change));
            // A primary with replicas waits for them instead.
            if operation == "ReplicateKey" && change == "ScheduleKeyDeletion" {
                let result =
                    lab.call(&kim(), "kms", operation, row.input.clone()).result.expect_err(operation);
                assert_eq!(result.code, "KMSInvalidStateException");
                continue;
            }
            check(&fixture, &mut lab, operation, row.input.clone(), &key, expected);
        }
        if waiting != "-" {
            // The same request for a key that has no material yet.
            let mut lab = Lab { world: fixture.lab.world.clone() };
            let mut input = row.input.clone();
            for name in ["KeyId", "TargetKeyId"] {
                if input.get(name).is_some() {
                    input[name] = json!(fixture.external);
                }
            }
            if operation == "Decrypt" {
                input["KeyId"] = json!(fixture.external);
            }
            check(&fixture, &mut lab, operation, input, &fixture.external, waiting);
        }
    }
}

trait CloneFor {
    /// The fields that the operation knows.
    fn clone_for(self, operation: &str) -> Value;
}

impl CloneFor for Value {
    fn clone_for(mut self, operation: &str) -> Value {
        if operation == "DisableKey" {
            self.as_object_mut().expect("an object").remove("PendingWindowInDays");
        }
        self
    }
}

#[test]
fn an_alias_may_leave_a_dying_key_but_not_move_to_one() {
    let fixture = Fixture::new();
    let (key, other) = (&fixture.key, &fixture.other);
    let mut lab = Lab { world: fixture.lab.world.clone() };
    lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": other}));
    let dying = ("KMSInvalidStateException".to_owned(), format!("{other} is pending deletion."));
    assert_eq!(
        lab.err(&kim(), "UpdateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": other})),
        dying
    );
    let mut lab = Lab { world: fixture.lab.world.clone() };
    lab.ok(&kim(), "ScheduleKeyDeletion", json!({"KeyId": key}));
    lab.ok(&kim(), "UpdateAlias", json!({"AliasName": "alias/lab", "TargetKeyId": other}));
}
