//! Every operation: which permissions it needs, who of another account may be allowed it, what bad input gives.

use super::fixture::{Fixture, Row};
use super::*;
use crate::cloud::ApiError;

/// Tries a row on a copy of the world.
fn try_row(
    fixture: &Fixture,
    caller: &Caller,
    needs: &[(String, String)],
    row: &Row,
) -> Result<Value, ApiError> {
    let mut lab = Lab { world: fixture.lab.world.clone() };
    if !needs.is_empty() {
        lab.allow_all("tess", needs);
    }
    lab.call(caller, "kms", row.operation, row.input.clone()).result.map(|output| output.to_json())
}

#[test]
fn every_operation_is_in_the_table() {
    let rows = Fixture::new().rows();
    let listed: Vec<&str> = rows.iter().map(|row| row.operation).collect();
    assert_eq!(listed, super::super::OPERATIONS);
}

#[test]
fn each_operation_needs_all_its_permissions_and_no_others() {
    let fixture = Fixture::new();
    for row in fixture.rows() {
        let operation = row.operation;
        let refused = try_row(&fixture, &tess(), &[], &row).expect_err(operation);
        assert_eq!(refused.code, "AccessDeniedException", "{operation}");
        assert!(refused.message.contains(&format!("perform: {} on", row.needs[0].0)), "{}", refused.message);
        for missing in 0..row.needs.len() {
            let mut needs = row.needs.clone();
            needs.remove(missing);
            let refused = try_row(&fixture, &tess(), &needs, &row).expect_err(operation);
            assert_eq!(refused.code, "AccessDeniedException", "{operation} without {:?}", row.needs[missing]);
        }
        let done = try_row(&fixture, &tess(), &row.needs, &row);
        let code = done.as_ref().err().map(|error| error.code.to_string());
        let expected = match operation {
            "CancelKeyDeletion" => Some("KMSInvalidStateException".to_owned()),
            // The lockout safety check: only PutKeyPolicy is allowed, and that is enough.
            _ => None,
        };
        assert_eq!(code, expected, "{operation}: {done:?}");
    }
}

#[test]
fn other_accounts_can_be_allowed_some_operations_only() {
    let mut fixture = Fixture::new();
    let everything = policy(&[
        allowing(&root_arn(), &json!("kms:*")),
        allowing(&format!("arn:aws:iam::{OTHER}:root"), &json!("kms:*")),
    ]);
    for key in
        [&fixture.key, &fixture.other, &fixture.signing, &fixture.agreeing, &fixture.mac, &fixture.external]
    {
        fixture.lab.put_policy(&key.clone(), &everything);
    }
    fixture.lab.put_policy(&fixture.primary.clone(), &everything);
    for row in fixture.rows() {
        let concerns_key = row.needs.iter().any(|(_, resource)| resource.contains(":key/"));
        let names_key = row.input.get("KeyId").is_some() || row.operation == "ReEncrypt";
        if !concerns_key || !names_key {
            continue;
        }
        let result = try_row(&fixture, &stranger(), &[], &row);
        let refused = result.as_ref().is_err_and(ApiError::is_access_denied);
        assert_eq!(refused, !row.cross_account, "{}: {result:?}", row.operation);
    }
    // The list of what can be allowed is the one the policy engine's reference data has.
    let reference: Value =
        serde_json::from_str(include_str!("../../../../assets/iam-reference.json")).expect("JSON");
    let rules = reference["resourcePolicies"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["actions"] == "kms:*").expect("a rule for keys");
    assert_eq!(rule["crossAccount"], json!(super::super::facts::CROSS_ACCOUNT));
}

#[test]
fn a_failed_call_changes_nothing() {
    let mut fixture = Fixture::new();
    let before = format!("{:?}", fixture.lab.world.kms());
    for row in fixture.rows() {
        let refused = fixture.lab.call(&tess(), "kms", row.operation, row.input.clone());
        assert!(refused.result.is_err(), "{}", row.operation);
        let mut wrong = row.input.clone();
        for name in ["KeyId", "DestinationKeyId", "TargetKeyId"] {
            if wrong.get(name).is_some() {
                wrong[name] = json!(KEY_ID_ABSENT);
            }
        }
        if wrong != row.input {
            let failed =
                fixture.lab.call(&kim(), "kms", row.operation, wrong).result.expect_err(row.operation);
            assert_eq!(failed.code, "NotFoundException", "{}: {failed}", row.operation);
        }
        if row.input.get("DryRun").is_none() && has_dry_run(row.operation) {
            let mut dry = row.input.clone();
            dry["DryRun"] = json!(true);
            let failed = fixture.lab.call(&kim(), "kms", row.operation, dry).result.expect_err(row.operation);
            assert_eq!(failed.code, "DryRunOperationException", "{}: {failed}", row.operation);
        }
    }
    assert_eq!(before, format!("{:?}", fixture.lab.world.kms()));
}

/// Source: KMS API model: the operations that have a `DryRun` parameter.
fn has_dry_run(operation: &str) -> bool {
    const LISTED: [&str; 15] = [
        "CreateGrant",
        "Decrypt",
        "DeriveSharedSecret",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    ];
    LISTED.contains(&operation)
}

#[test]
fn a_required_field_that_is_left_out_is_named() {
    // Source: KMS API model, required members; validation errors as returned.
    for row in Fixture::new().rows() {
        let result = Call::decode("kms", row.operation, json!({}));
        let needs_input = !matches!(
            row.operation,
            "CreateKey" | "Decrypt" | "GenerateRandom" | "ListAliases" | "ListKeys" | "RetireGrant"
        );
        assert_eq!(result.is_err(), needs_input, "{}", row.operation);
        if let Err(error) = result {
            assert_eq!(error.code, "ValidationException", "{}", row.operation);
            assert!(
                error.message.ends_with("failed to satisfy constraint: Member must not be null"),
                "{error}"
            );
        }
    }
}

#[test]
fn strange_input_gives_an_error_and_no_panic() {
    let fixture = Fixture::new();
    let strange = [
        json!(null),
        json!(""),
        json!("x"),
        json!("*"),
        json!("arn:"),
        json!("arn:aws:kms:us-east-1:111122223333:key/"),
        json!("alias/"),
        json!("\u{0}\u{202e}\u{1f511}"),
        json!("x".repeat(10_000)),
        json!(-1),
        json!(0),
        json!(i64::MAX),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!([{"a": null}]),
        json!({"a": {"b": []}}),
        json!("////"),
        json!("YQ=="),
    ];
    for row in fixture.rows() {
        let fields: Vec<String> =
            row.input.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        for field in fields.iter().map(String::as_str).chain(["Unknown"]) {
            for value in &strange {
                let mut input = row.input.clone();
                input[field] = value.clone();
                // Whatever happens, the world goes on; most of these cannot even be read.
                if let Ok(call) = Call::decode("kms", row.operation, input) {
                    let mut world = fixture.lab.world.clone();
                    let outcome = world.call(&kim(), call);
                    if let Err(error) = outcome.result {
                        assert_ne!(error.status, 500, "{} {field} {value}: {error}", row.operation);
                    }
                }
            }
        }
    }
}
