//! Which operation works in which state of its key.
//!
//! Source: KMS Developer Guide, "Key states of AWS KMS keys", table of states and operations and its footnotes. What
//! the table has of the states `Creating`, `Updating` and `Unavailable` is not simulated.

use std::collections::BTreeSet;

use super::fixture::{Fixture, Row};
use super::*;

/// What a state answers: `ok`, or the number of the footnote. Operations that take no key are left out.
///
/// Columns: disabled; pending deletion, which pending replica deletion shares; pending import. All of them are
/// answers about the key that an operation takes first; `ReEncrypt` and `UpdateAlias` have a row for the second.
///
/// Doubtful: `Encapsulate` and `Decapsulate` are younger than the public table, which has the same for all their sisters;
/// `RotateKeyOnDemand` with imported material is younger than the public table, which has 6 for its sisters.
const TABLE: [(&str, &str, &str, &str); 48] = [
    ("CancelKeyDeletion", "4", "ok", "4"),
    ("CreateAlias", "ok", "3", "ok"),
    ("CreateGrant", "1", "3", "5"),
    ("Decapsulate", "1", "3", "5"),
    ("Decrypt", "1", "3", "5"),
    ("DeleteAlias", "ok", "ok", "ok"),
    ("DeleteImportedKeyMaterial", "ok", "ok", "ok"),
    ("DeriveSharedSecret", "1", "3", "5"),
    ("DescribeKey", "ok", "ok", "ok"),
    ("DisableKey", "ok", "3", "5"),
    ("DisableKeyRotation", "1", "3", "6"),
    ("EnableKey", "ok", "3", "5"),
    ("EnableKeyRotation", "1", "3", "6"),
    ("Encapsulate", "1", "3", "5"),
    ("Encrypt", "1", "3", "5"),
    ("GenerateDataKey", "1", "3", "5"),
    ("GenerateDataKeyPair", "1", "3", "5"),
    ("GenerateDataKeyPairWithoutPlaintext", "1", "3", "5"),
    ("GenerateDataKeyWithoutPlaintext", "1", "3", "5"),
    ("GenerateMac", "1", "3", "5"),
    ("GetKeyLastUsage", "ok", "ok", "ok"),
    ("GetKeyPolicy", "ok", "ok", "ok"),
    ("GetKeyRotationStatus", "ok", "ok", "6"),
    ("GetParametersForImport", "ok", "3", "ok"),
    ("GetPublicKey", "1", "3", "5"),
    ("ImportKeyMaterial", "ok", "3", "ok"),
    ("ListAliases", "ok", "ok", "ok"),
    ("ListGrants", "ok", "ok", "ok"),
    ("ListKeyPolicies", "ok", "ok", "ok"),
    ("ListKeyRotations", "ok", "ok", "ok"),
    ("ListResourceTags", "ok", "ok", "ok"),
    ("PutKeyPolicy", "ok", "ok", "ok"),
    ("ReEncrypt", "1", "3", "5"),
    ("ReEncrypt to", "1", "3", "5"),
    ("ReplicateKey", "1", "3", "5"),
    ("RetireGrant", "ok", "ok", "ok"),
    ("RevokeGrant", "ok", "ok", "ok"),
    ("RotateKeyOnDemand", "1", "3", "5"),
    ("ScheduleKeyDeletion", "ok", "3", "ok"),
    ("Sign", "1", "3", "5"),
    ("TagResource", "ok", "3", "ok"),
    ("UntagResource", "ok", "3", "ok"),
    ("UpdateAlias", "ok", "ok", "ok"),
    ("UpdateAlias to", "ok", "3", "ok"),
    ("UpdateKeyDescription", "ok", "3", "ok"),
    ("UpdatePrimaryRegion", "1", "3", "5"),
    ("Verify", "1", "3", "5"),
    ("VerifyMac", "1", "3", "5"),
];

/// The code and the text of a footnote.
fn footnote(number: &str, state: &str, key: &str) -> Option<(String, String)> {
    let invalid = "KMSInvalidStateException";
    let (code, text) = match (number, state) {
        ("ok", _) => return None,
        ("1", _) => ("DisabledException", "is disabled."),
        // Doubtful: the text for a primary key that waits for its replicas is not published.
        ("3", "PendingReplicaDeletion") => (invalid, "is pending replica deletion."),
        ("3", _) => (invalid, "is pending deletion."),
        ("4", _) => (invalid, "is not pending deletion."),
        ("5", _) => (invalid, "is pending import."),
        ("6", _) => {
            ("UnsupportedOperationException", "origin is EXTERNAL which is not valid for this operation.")
        }
        (other, _) => panic!("no footnote {other}"),
    };
    Some((code.to_owned(), format!("{key} {text}")))
}

/// The request of a row of the table, and the key that it is about.
fn request(fixture: &Fixture, operation: &str) -> (Row, String) {
    let name = operation.trim_end_matches(" to");
    let row = fixture.rows().into_iter().find(|row| row.operation == name).expect(operation);
    let key = fixture.resource(&row, if name == operation { "key" } else { "new-key" });
    let only = if name == "ListAliases" { json!({"KeyId": key}) } else { row.input };
    (Row { operation: row.operation, input: only }, key)
}

/// Brings a key into a state; the key to ask for may be another afterwards.
fn bring(fixture: &Fixture, lab: &mut Lab, row: &mut Row, key: String, state: &str) -> String {
    let mut kms = |operation: &str, input: Value| lab.ok(&kim(), operation, input);
    // Only a key with material can be disabled and replicated.
    if key == fixture.keys.external && state != "PendingImport" {
        let import =
            fixture.rows().into_iter().find(|row| row.operation == "ImportKeyMaterial").expect("a row");
        kms("ImportKeyMaterial", import.input);
    }
    match state {
        "Disabled" => drop(kms("DisableKey", json!({"KeyId": key}))),
        "PendingDeletion" if key == fixture.keys.primary => {
            // One without replicas.
            let made = kms("CreateKey", json!({"MultiRegion": true}));
            let alone = text(&made["KeyMetadata"]["Arn"]);
            kms("ScheduleKeyDeletion", json!({"KeyId": alone}));
            row.input["KeyId"] = json!(alone);
            return alone;
        }
        "PendingDeletion" => drop(kms("ScheduleKeyDeletion", json!({"KeyId": key}))),
        "PendingReplicaDeletion" => {
            if key != fixture.keys.primary {
                kms("ReplicateKey", json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}));
            }
            kms("ScheduleKeyDeletion", json!({"KeyId": key}));
        }
        "PendingImport" => drop(kms("DeleteImportedKeyMaterial", json!({"KeyId": key}))),
        other => panic!("no state {other}"),
    }
    key
}

#[test]
fn each_state_allows_what_it_allows() {
    let plain = Fixture::new();
    let (everywhere, imported) =
        (Fixture::of(&json!({"MultiRegion": true})), Fixture::of(&json!({"Origin": "EXTERNAL"})));
    let without_key = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];
    let mut missing: BTreeSet<&str> = table::simulated().map(|fact| fact.operation).collect();
    missing.retain(|operation| !without_key.contains(operation));
    for (operation, disabled, dying, waiting) in TABLE {
        missing.remove(operation);
        for (fixture, state, expected) in [
            (&plain, "Disabled", disabled),
            (&plain, "PendingDeletion", dying),
            (&everywhere, "PendingReplicaDeletion", dying),
            (&imported, "PendingImport", waiting),
        ] {
            let (mut row, key) = request(fixture, operation);
            let mut lab = fixture.copy();
            let key = bring(fixture, &mut lab, &mut row, key, state);
            let described = lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
            assert_eq!(described["KeyMetadata"]["KeyState"], state, "{operation}");
            assert_eq!(described["KeyMetadata"]["Enabled"], false, "{operation} {state}");
            let result = lab.call(&kim(), "kms", row.operation, row.input).result;
            let failed = result.err().map(|error| (error.code.to_string(), error.message));
            assert_eq!(failed, footnote(expected, state, &key), "{operation} {state}");
        }
    }
    assert!(missing.is_empty(), "the table has no row of {missing:?}");
}
