//! Every operation: which permissions it needs, who of another account may be allowed it, how its key is named, what bad
//! input gives.
//!
//! Source of all rows: `kms-operations.tsv`, which has them from the KMS API Reference.

use std::collections::{BTreeMap, BTreeSet};

use super::fixture::{Fixture, Row, alias_arn};
use super::kms_requests::Keys;
use super::table::{self, Fact};
use super::*;
use crate::cloud::ApiError;

/// What AWS publishes of each simulated operation, with a request that works.
fn facts_and_rows(fixture: &Fixture) -> Vec<(Fact, Row)> {
    let mut rows: BTreeMap<_, _> = fixture.rows().into_iter().map(|row| (row.operation, row)).collect();
    table::simulated()
        .map(|fact| (rows.remove(fact.operation).expect(fact.operation), fact))
        .map(|(r, f)| (f, r))
        .collect()
}

fn attempt(lab: &mut Lab, caller: &Caller, row: &Row) -> Result<Value, ApiError> {
    lab.call(caller, "kms", row.operation, row.input.clone()).result.map(|output| output.to_json())
}

#[test]
fn every_operation_of_aws_is_there_but_those_that_are_absent() {
    let ours: BTreeSet<&str> = super::super::SERVICE.names().collect();
    let theirs: BTreeSet<&str> = table::simulated().map(|fact| fact.operation).collect();
    assert_eq!(ours, theirs, "ABSENT of `table.rs` lists what is not simulated");
    assert_eq!(table::facts().len(), 56, "the table is the whole API");
    let tried: Vec<&str> = Fixture::new().rows().iter().map(|row| row.operation).collect();
    assert_eq!(tried, super::super::SERVICE.names().collect::<Vec<_>>());
}

/// A way to give tess permissions: actions and their resources, with the places that the table names.
type Give = fn(&Fixture, &mut Lab, &Row, &[(&str, &str)]);

/// All by an IAM policy: the key policies leave the decision to the account.
fn by_iam_policy(fixture: &Fixture, lab: &mut Lab, row: &Row, permissions: &[(&str, &str)]) {
    let allowed: Vec<_> = permissions
        .iter()
        .map(|(action, place)| (format!("kms:{action}"), fixture.resource(row, place)))
        .collect();
    lab.allow_all("tess", &allowed);
}

/// What a key policy decides by the key policies, which do not name the account; only the rest by an IAM policy.
fn by_key_policy(fixture: &Fixture, lab: &mut Lab, row: &Row, permissions: &[(&str, &str)]) {
    let is_keys = |place: &str| ["key", "new-key", "replica"].contains(&place);
    let (of_keys, rest): (Vec<_>, Vec<_>) =
        permissions.iter().copied().partition(|(_, place)| is_keys(place));
    by_iam_policy(fixture, lab, row, &rest);
    for place in ["key", "new-key", "replica"] {
        let resource = fixture.resource(row, place);
        // The two places may be one key.
        let actions: Vec<_> = of_keys
            .iter()
            .filter(|(_, place)| fixture.resource(row, place) == resource)
            .map(|(action, _)| format!("kms:{action}"))
            .collect();
        let mut statements = vec![allowing(&user_arn("kim"), &json!("kms:*"))];
        if !actions.is_empty() {
            statements.push(allowing(&user_arn("tess"), &json!(actions)));
        }
        let region = resource.split(':').nth(3).expect("a Region");
        let input = json!({"KeyId": resource, "Policy": policy(&statements).to_string(),
            "BypassPolicyLockoutSafetyCheck": true});
        lab.call_in(region, &kim(), "PutKeyPolicy", input).result.expect("saved");
    }
}

#[test]
fn each_operation_needs_all_its_permissions_and_no_others() {
    let fixture = Fixture::new();
    for (way, give) in [("IAM", by_iam_policy as Give), ("key policy", by_key_policy)] {
        for (fact, row) in facts_and_rows(&fixture) {
            let tried = |permissions: &[(&str, &str)]| {
                let mut lab = fixture.copy();
                give(&fixture, &mut lab, &row, permissions);
                attempt(&mut lab, &tess(), &row)
            };
            let case = format!("{} by {way}", fact.operation);
            let refused = tried(&[]).expect_err(&case);
            assert_eq!(refused.code, "AccessDeniedException", "{case}");
            let first = format!("perform: kms:{} on", fact.permissions[0].0);
            assert!(refused.message.contains(&first), "{case}: {refused}");
            for missing in 0..fact.permissions.len() {
                let mut permissions = fact.permissions.clone();
                let (action, place) = permissions.remove(missing);
                let refused = tried(&permissions).expect_err(&case);
                assert_eq!(refused.code, "AccessDeniedException", "{case} without {action} on {place}");
                assert!(refused.message.contains(&format!("perform: kms:{action} on")), "{case}: {refused}");
            }
            let code = tried(&fact.permissions).err().map(|error| error.code.to_string());
            // What is not allowed by its state has passed the decision.
            let expected =
                (fact.operation == "CancelKeyDeletion").then(|| "KMSInvalidStateException".to_owned());
            assert_eq!(code, expected, "{case}");
        }
    }
}

/// Lets everybody of the other account do everything with every key, and makes pat, who may do everything there.
fn open_to_the_other_account(fixture: &Fixture) -> (Lab, [Caller; 2]) {
    let mut lab = fixture.copy();
    let everything = policy(&[
        allowing(&root_arn(), &json!("kms:*")),
        allowing(&format!("arn:aws:iam::{OTHER}:root"), &json!("kms:*")),
    ]);
    let Keys { key, other, signing, agreeing, encapsulating, mac, external, primary, .. } = &fixture.keys;
    for key in [key, other, signing, agreeing, encapsulating, mac, external, primary] {
        lab.put_policy(key, &everything);
    }
    let put = json!({"UserName": "pat", "PolicyName": "p", "PolicyDocument":
        policy(&[json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})]).to_string()});
    for (operation, input) in [("CreateUser", json!({"UserName": "pat"})), ("PutUserPolicy", put)] {
        lab.call(&stranger(), "iam", operation, input).result.expect(operation);
    }
    (lab, [stranger(), Caller::user(&account(OTHER), "pat")])
}

#[test]
fn other_accounts_can_be_allowed_what_the_table_says() {
    let fixture = Fixture::new();
    let (open, strangers) = open_to_the_other_account(&fixture);
    for (fact, row) in facts_and_rows(&fixture) {
        for caller in &strangers {
            // The grant names the other account, which means its root user as well as those it lets.
            let result = attempt(&mut Lab { world: open.world.clone() }, caller, &row);
            let case = format!("{} by {caller:?}: {result:?}", fact.operation);
            let names_key = ["KeyId", "TargetKeyId"].iter().any(|name| row.input.get(*name).is_some());
            match (fact.cross_account, &result) {
                ("yes" | "-", result) => assert!(result.is_ok(), "{case}"),
                ("no", Err(error)) if names_key && fact.operation != "UpdateAlias" => {
                    assert!(error.is_access_denied(), "{case}");
                }
                // An alias of this name is looked for in one's own account.
                ("no", Err(error)) => assert_eq!(error.code, "NotFoundException", "{case}"),
                // What is made or listed is one's own.
                ("no", Ok(output)) => assert!(!names_key && !output.to_string().contains(ACCOUNT), "{case}"),
                ("own", Err(error)) => assert!(error.is_access_denied(), "{case}"),
                _ => panic!("{case}"),
            }
        }
    }
    // With an alias of their own they cannot reach a key of another account either.
    let mut lab = open;
    let own = lab.ok(&stranger(), "CreateKey", json!({}));
    lab.ok(
        &stranger(),
        "CreateAlias",
        json!({"AliasName": "alias/own", "TargetKeyId": own["KeyMetadata"]["Arn"]}),
    );
    let update = json!({"AliasName": "alias/own", "TargetKeyId": fixture.keys.key});
    assert_eq!(lab.err(&stranger(), "UpdateAlias", update).0, "AccessDeniedException");
    // Grants to retire are listed for one's own principals, on whosever keys.
    let listed = json!({"RetiringPrincipal": format!("arn:aws:iam::{OTHER}:root")});
    let listed = lab.ok(&stranger(), "ListRetirableGrants", listed);
    assert_eq!(listed["Grants"][0]["KeyId"], json!(fixture.keys.key));
    // The list of what can be allowed is the one the policy engine's reference data has.
    let reference: Value =
        serde_json::from_str(include_str!("../../../../assets/iam-reference.json")).expect("JSON");
    let rules = reference["resourcePolicies"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["actions"] == "kms:*").expect("a rule for keys");
    assert_eq!(rule["crossAccount"], json!(super::super::facts::CROSS_ACCOUNT));
    let mut allowed: Vec<String> = table::simulated()
        .filter(|fact| fact.cross_account == "yes")
        .flat_map(|fact| fact.permissions.into_iter().map(|(action, _)| format!("kms:{action}")))
        .collect();
    allowed.sort();
    assert_eq!(json!(allowed), json!(super::super::facts::CROSS_ACCOUNT));
}

#[test]
fn a_key_is_named_in_the_ways_the_table_says() {
    let fixture = Fixture::new();
    let (open, [other_root, _]) = open_to_the_other_account(&fixture);
    for (fact, row) in facts_and_rows(&fixture) {
        if fact.names == "-" || fact.operation == "CancelKeyDeletion" {
            continue;
        }
        let mut lab = Lab { world: open.world.clone() };
        let key = text(&row.input[row.key_field()]);
        lab.ok(&kim(), "CreateAlias", json!({"AliasName": "alias/name", "TargetKeyId": key}));
        let alias = alias_arn("alias/name");
        let id = key.rsplit('/').next().expect("an id").to_owned();
        let takes_aliases = fact.names == "alias";
        // Another account can be told a key by ARN alone. The ciphertext of a symmetric key names the key as well.
        let by_id = fact.operation == "Decrypt";
        let ways = [
            (&key, true, true),
            (&id, true, by_id),
            (&alias, takes_aliases, takes_aliases),
            (&"alias/name".to_owned(), takes_aliases, false),
        ];
        for (name, here, there) in ways {
            let there = there && fact.cross_account == "yes";
            for (caller, works) in [(kim(), here), (other_root.clone(), there)] {
                let mut input = row.input.clone();
                input[row.key_field()] = json!(name);
                let mut lab = Lab { world: lab.world.clone() };
                let outcome = lab.call(&caller, "kms", row.operation, input);
                let case = format!("{} {name} by {caller:?}: {:?}", fact.operation, outcome.result);
                match &outcome.result {
                    Ok(_) => {
                        assert!(works, "{case}");
                        // Whichever way a key is named, it is the key that access is decided on.
                        let mut asked =
                            outcome.decisions.iter().map(|record| record.request.resource().arn.to_string());
                        assert!(asked.any(|resource| resource == key), "{case}");
                    }
                    Err(error) if error.is_access_denied() => assert!(!works && *name == key, "{case}"),
                    Err(error) if error.code == "InvalidArnException" => {
                        assert!(!takes_aliases && name.contains("alias/"), "{case}");
                    }
                    Err(error) => assert!(!works && error.code == "NotFoundException", "{case}"),
                }
            }
        }
    }
}

#[test]
fn a_symmetric_ciphertext_knows_the_account_of_a_key_that_is_named_by_its_id_alone() {
    // Source: KMS API Reference, Decrypt, "Cross-account use"; ReEncrypt, `SourceKeyId`.
    let fixture = Fixture::new();
    let (mut open, strangers) = open_to_the_other_account(&fixture);
    let id = fixture.keys.key.rsplit('/').next();
    let decrypt = json!({"KeyId": id, "CiphertextBlob": fixture.keys.ciphertext});
    let reencrypt = json!({"SourceKeyId": id, "CiphertextBlob": fixture.keys.ciphertext, "DestinationKeyId": fixture.keys.other});
    for caller in &strangers {
        open.ok(caller, "Decrypt", decrypt.clone());
        open.ok(caller, "ReEncrypt", reencrypt.clone());
    }
    // It tells a stranger no more than the ARN would, and an id that is not the ciphertext's is one of their own account.
    let mut closed = fixture.copy();
    let (code, message) = closed.err(&stranger(), "Decrypt", decrypt);
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.contains("kms:Decrypt on this resource because the resource does not exist in this Region"),
        "{message}"
    );
    let other = fixture.keys.other.rsplit('/').next();
    let wrong = json!({"KeyId": other, "CiphertextBlob": fixture.keys.ciphertext});
    assert_eq!(open.err(&stranger(), "Decrypt", wrong).0, "NotFoundException");
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
    const LISTED: [&str; 17] = [
        "CreateGrant",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "Encapsulate",
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
