//! Grants. Source of all rows: KMS Developer Guide, "Grants in AWS KMS", unless another is named.

use super::*;
use crate::cloud::caller::Behalf;

pub(super) fn grant(key: &str, grantee: &str, operations: &Value) -> Value {
    json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": operations})
}

pub(super) fn sealed(lab: &mut Lab, key: &str, context: &Value) -> Value {
    let input = json!({"KeyId": key, "Plaintext": base64(b"x"), "EncryptionContext": context});
    let sealed = lab.ok(&kim(), "Encrypt", input);
    json!({"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": context})
}

#[test]
fn a_grant_is_enough_and_takes_its_time_unless_the_token_is_shown() {
    let mut lab = Lab::with(Fidelity::aws());
    let key = lab.key(json!({}));
    let decrypt = sealed(&mut lab, &key, &json!({}));
    let made = lab.ok(&kim(), "CreateGrant", grant(&key, &user_arn("tess"), &json!(["Decrypt"])));
    assert_eq!(text(&made["GrantId"]).len(), 64);
    assert_eq!(lab.err(&tess(), "Decrypt", decrypt.clone()).0, "AccessDeniedException");
    let mut with_token = decrypt.clone();
    with_token["GrantTokens"] = json!([made["GrantToken"]]);
    lab.ok(&tess(), "Decrypt", with_token.clone());
    lab.world.advance(jiff::SignedDuration::from_mins(5)).expect("forward");
    lab.ok(&tess(), "Decrypt", decrypt.clone());
    // Ended, it still serves for a while.
    let end = json!({"KeyId": key, "GrantId": made["GrantId"]});
    let mut retired = Lab { world: lab.world.clone() };
    retired.ok(&kim(), "RetireGrant", end.clone());
    retired.ok(&tess(), "Decrypt", decrypt.clone());
    retired.world.advance(jiff::SignedDuration::from_mins(5)).expect("forward");
    assert_eq!(retired.err(&tess(), "Decrypt", decrypt.clone()).0, "AccessDeniedException");
    lab.ok(&kim(), "RevokeGrant", json!({"KeyId": key, "GrantId": made["GrantId"]}));
    assert_eq!(lab.ok(&kim(), "ListGrants", json!({"KeyId": key}))["Grants"], json!([]));
    lab.ok(&tess(), "Decrypt", decrypt.clone());
    lab.world.advance(jiff::SignedDuration::from_mins(5)).expect("forward");
    assert_eq!(lab.err(&tess(), "Decrypt", decrypt).0, "AccessDeniedException");
    assert_eq!(lab.err(&tess(), "Decrypt", with_token).0, "InvalidGrantTokenException");
}

#[test]
fn constraints_are_exact() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let (both, more, other_case) =
        (json!({"a": "1", "b": "2"}), json!({"a": "1", "b": "2", "c": "3"}), json!({"A": "1", "b": "2"}));
    let less = json!({"a": "1"});
    let cases = json!({"A": "9", "a": "1"});
    // (constraint, context, allowed)
    let rows = [
        ("EncryptionContextEquals", &both, &both, true),
        ("EncryptionContextEquals", &both, &more, false),
        ("EncryptionContextEquals", &both, &less, false),
        ("EncryptionContextEquals", &both, &other_case, true),
        ("EncryptionContextSubset", &both, &both, true),
        ("EncryptionContextSubset", &both, &more, true),
        ("EncryptionContextSubset", &both, &less, false),
        ("EncryptionContextSubset", &both, &other_case, true),
        ("EncryptionContextSubset", &less, &both, true),
        ("EncryptionContextEquals", &less, &cases, false),
    ];
    for (kind, constraint, context, allowed) in rows {
        let mut lab = Lab { world: lab.world.clone() };
        let mut create = grant(&key, &user_arn("tess"), &json!(["Decrypt", "DescribeKey", "RetireGrant"]));
        create["Constraints"] = json!({kind: constraint});
        let made = lab.ok(&kim(), "CreateGrant", create);
        let decrypt = sealed(&mut lab, &key, context);
        let result = lab.call(&tess(), "kms", "Decrypt", decrypt).result;
        assert_eq!(result.is_ok(), allowed, "{kind} {constraint} with {context}");
        // DescribeKey and RetireGrant have no context, and are allowed all the same.
        lab.ok(&tess(), "DescribeKey", json!({"KeyId": key}));
        lab.ok(&tess(), "RetireGrant", json!({"KeyId": key, "GrantId": made["GrantId"]}));
    }
}

#[test]
fn a_service_uses_a_grant_for_one_resource() {
    // Source: KMS Developer Guide, "SourceArn constraint"; KMS API Reference, `GrantConstraints`, SourceArn.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let table = |name: &str| format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}");
    let (mine, other) = (table("Mine"), table("Other"));
    let service = "dynamodb.amazonaws.com";
    // Many grants to one service, of which each serves its own table.
    for name in ["Mine", "First", "Second"] {
        let create = json!({"KeyId": key, "GranteeServicePrincipal": service, "RetiringServicePrincipal": service,
            "Operations": ["Decrypt", "DescribeKey", "RetireGrant"], "Constraints": {"SourceArn": table(name),
            "EncryptionContextSubset": {"a": "1"}}});
        lab.ok(&kim(), "CreateGrant", create);
    }
    let (with, without) = (json!({"a": "1", "b": "2"}), json!({"b": "2"}));
    let rows = [
        ("Decrypt", service, Some(&mine), &with, true),
        ("Decrypt", service, Some(&mine), &without, false),
        ("Decrypt", service, Some(&other), &with, false),
        ("Decrypt", service, None, &with, false),
        ("Decrypt", "s3.amazonaws.com", Some(&mine), &with, false),
        ("DescribeKey", service, Some(&mine), &with, true),
        ("DescribeKey", service, Some(&other), &with, false),
        ("Encrypt", service, Some(&mine), &with, false),
    ];
    for (operation, caller, source, context, allowed) in rows {
        let mut lab = Lab { world: lab.world.clone() };
        let input = match operation {
            "Decrypt" => sealed(&mut lab, &key, context),
            "Encrypt" => json!({"KeyId": key, "Plaintext": base64(b"x"), "EncryptionContext": context}),
            _ => json!({"KeyId": key}),
        };
        let on_behalf_of = source.map(|arn| Behalf { account: account(ACCOUNT), arn: arn.clone() });
        let circumstances = CallContext { on_behalf_of, ..CallContext::default() };
        let call = Call::decode("kms", operation, input).expect("a call").with_context(circumstances);
        let result = lab.world.call(&Caller::Service(caller.into()), call).result;
        assert_eq!(result.is_ok(), allowed, "{operation} by {caller} for {source:?}: {result:?}");
    }
    // A grant that a grant allows is for the same resource.
    let parent = json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt", "CreateGrant"],
        "Constraints": {"SourceArn": mine}});
    lab.ok(&kim(), "CreateGrant", parent);
    for (constraints, allowed) in [
        (json!({"SourceArn": mine}), true),
        (json!({"SourceArn": mine, "EncryptionContextEquals": {"a": "1"}}), true),
        (json!({"SourceArn": other}), false),
        (json!({"EncryptionContextEquals": {"a": "1"}}), false),
        (json!({}), false),
    ] {
        let child = json!({"KeyId": key, "GranteePrincipal": user_arn("kim"), "Operations": ["Decrypt"],
            "Constraints": constraints});
        let context = CallContext {
            keys: [("aws:SourceArn".to_owned(), vec![mine.clone()])].into(),
            ..CallContext::default()
        };
        let call = Call::decode("kms", "CreateGrant", child).expect("a call").with_context(context);
        let result = Lab { world: lab.world.clone() }.world.call(&tess(), call).result;
        assert_eq!(result.is_ok(), allowed, "{constraints}: {result:?}");
    }
}

#[test]
fn whoever_may_create_grants_can_give_what_they_do_not_have() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    lab.allow("tess", "kms:CreateGrant", &key);
    let decrypt = sealed(&mut lab, &key, &json!({}));
    assert_eq!(lab.err(&tess(), "Decrypt", decrypt.clone()).0, "AccessDeniedException");
    lab.ok(&tess(), "CreateGrant", grant(&key, &user_arn("tess"), &json!(["Decrypt"])));
    lab.ok(&tess(), "Decrypt", decrypt);
}

#[test]
fn a_grant_made_by_a_grant_stays_within_it() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let mut parent = grant(&key, &user_arn("tess"), &json!(["Decrypt", "Encrypt", "CreateGrant"]));
    parent["Constraints"] = json!({"EncryptionContextSubset": {"a": "1"}});
    lab.ok(&kim(), "CreateGrant", parent);
    let child = |operations: Value, constraints: Value| {
        let mut child = grant(&key, &user_arn("kim"), &operations);
        child["Constraints"] = constraints;
        child
    };
    let rows = [
        (child(json!(["Decrypt"]), json!({"EncryptionContextSubset": {"a": "1"}})), true),
        (child(json!(["Decrypt"]), json!({"EncryptionContextEquals": {"a": "1"}})), true),
        (
            child(json!(["Decrypt", "Encrypt"]), json!({"EncryptionContextSubset": {"a": "1", "b": "2"}})),
            true,
        ),
        (child(json!(["GenerateDataKey"]), json!({"EncryptionContextSubset": {"a": "1"}})), false),
        (child(json!(["Decrypt"]), json!({"EncryptionContextSubset": {"b": "2"}})), false),
        (grant(&key, &user_arn("kim"), &json!(["Decrypt"])), false),
    ];
    for (input, allowed) in rows {
        let result = lab.call(&tess(), "kms", "CreateGrant", input.clone()).result;
        assert_eq!(
            result.as_ref().err().map(|e| e.code.to_string()),
            (!allowed).then(|| "AccessDeniedException".to_owned()),
            "{input}"
        );
    }
    // Equal is stricter than subset, and nothing else counts as equal to equal.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let mut parent = grant(&key, &user_arn("tess"), &json!(["Decrypt", "CreateGrant"]));
    parent["Constraints"] = json!({"EncryptionContextEquals": {"a": "1"}});
    lab.ok(&kim(), "CreateGrant", parent);
    let mut subset = grant(&key, &user_arn("kim"), &json!(["Decrypt"]));
    subset["Constraints"] = json!({"EncryptionContextSubset": {"a": "1"}});
    assert_eq!(lab.err(&tess(), "CreateGrant", subset).0, "AccessDeniedException");
}

#[test]
fn a_name_makes_a_grant_unique() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let mut named = grant(&key, &user_arn("tess"), &json!(["Decrypt"]));
    let one = lab.ok(&kim(), "CreateGrant", named.clone());
    let two = lab.ok(&kim(), "CreateGrant", named.clone());
    assert_ne!(one["GrantId"], two["GrantId"]);
    named["Name"] = json!("nightly");
    let one = lab.ok(&kim(), "CreateGrant", named.clone());
    let two = lab.ok(&kim(), "CreateGrant", named.clone());
    assert_eq!(one["GrantId"], two["GrantId"]);
    assert_ne!(one["GrantToken"], two["GrantToken"]);
    named["Operations"] = json!(["Decrypt", "Encrypt"]);
    assert_ne!(lab.ok(&kim(), "CreateGrant", named)["GrantId"], one["GrantId"]);
}

#[test]
fn grants_are_listed_with_all_they_are() {
    // Source: KMS API Reference, `GrantListEntry`.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let mut create = grant(&key, &user_arn("tess"), &json!(["Encrypt", "Decrypt"]));
    create["RetiringPrincipal"] = json!(user_arn("kim"));
    create["Constraints"] = json!({"EncryptionContextSubset": {"a": "1"}});
    let made = lab.ok(&kim(), "CreateGrant", create);
    let listed = lab.ok(&kim(), "ListGrants", json!({"KeyId": key}));
    assert_eq!(
        listed["Grants"][0],
        json!({"KeyId": key, "GrantId": made["GrantId"], "Name": "", "CreationDate": epoch_seconds(&lab),
            "GranteePrincipal": user_arn("tess"), "RetiringPrincipal": user_arn("kim"),
            "IssuingAccount": root_arn(), "Operations": ["Decrypt", "Encrypt"],
            "Constraints": {"EncryptionContextSubset": {"a": "1"}}})
    );
    let order: Vec<&String> = listed["Grants"][0].as_object().expect("an object").keys().collect();
    let as_aws = [
        "KeyId",
        "GrantId",
        "Name",
        "CreationDate",
        "GranteePrincipal",
        "RetiringPrincipal",
        "IssuingAccount",
        "Operations",
        "Constraints",
    ];
    assert_eq!(order, as_aws);
    let count = |lab: &mut Lab, more: Value| {
        let mut input = json!({"KeyId": key});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        lab.ok(&kim(), "ListGrants", input)["Grants"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(&mut lab, json!({"GranteePrincipal": user_arn("tess")})), 1);
    assert_eq!(count(&mut lab, json!({"GranteePrincipal": user_arn("kim")})), 0);
    assert_eq!(count(&mut lab, json!({"GrantId": "0".repeat(64)})), 0);
    let retirable = lab.ok(&kim(), "ListRetirableGrants", json!({"RetiringPrincipal": user_arn("kim")}));
    assert_eq!(retirable["Grants"][0]["GrantId"], made["GrantId"]);
    let none = lab.ok(&kim(), "ListRetirableGrants", json!({"RetiringPrincipal": user_arn("tess")}));
    assert_eq!(none["Grants"], json!([]));
}

#[test]
fn who_may_retire_a_grant() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let mut to_tess = grant(&key, &user_arn("tess"), &json!(["Decrypt"]));
    let retire = |made: &Value| json!({"KeyId": key, "GrantId": made["GrantId"]});
    // Not the grantee, unless the grant says so.
    let made = lab.ok(&kim(), "CreateGrant", to_tess.clone());
    assert_eq!(lab.err(&tess(), "RetireGrant", retire(&made)).0, "AccessDeniedException");
    to_tess["Operations"] = json!(["Decrypt", "RetireGrant"]);
    let made = lab.ok(&kim(), "CreateGrant", to_tess.clone());
    lab.ok(&tess(), "RetireGrant", json!({"GrantToken": made["GrantToken"]}));
    // The retiring principal.
    to_tess["Operations"] = json!(["Decrypt"]);
    to_tess["RetiringPrincipal"] = json!(user_arn("tess"));
    let made = lab.ok(&kim(), "CreateGrant", to_tess.clone());
    lab.ok(&tess(), "RetireGrant", retire(&made));
    assert_eq!(lab.err(&tess(), "RetireGrant", retire(&made)).0, "NotFoundException");
    // The account that made it, through its own policies; a key policy has no say.
    to_tess.as_object_mut().expect("an object").remove("RetiringPrincipal");
    let made = lab.ok(&kim(), "CreateGrant", to_tess.clone());
    let keep = allowing(&root_arn(), &json!("kms:*"));
    lab.put_policy(&key, &policy(&[keep.clone(), allowing(&user_arn("tess"), &json!("kms:RetireGrant"))]));
    assert_eq!(lab.err(&tess(), "RetireGrant", retire(&made)).0, "AccessDeniedException");
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:RetireGrant", "Resource": "*"});
    lab.put_policy(&key, &policy(&[keep, deny]));
    lab.ok(&kim(), "RetireGrant", retire(&made));
}

#[test]
fn a_grant_means_the_user_it_was_made_for() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    lab.ok(&kim(), "CreateGrant", grant(&key, &user_arn("tess"), &json!(["DescribeKey"])));
    lab.ok(&tess(), "DescribeKey", json!({"KeyId": key}));
    lab.call(&root(), "iam", "DeleteUser", json!({"UserName": "tess"})).result.expect("deleted");
    lab.call(&root(), "iam", "CreateUser", json!({"UserName": "tess"})).result.expect("created");
    assert_eq!(lab.err(&tess(), "DescribeKey", json!({"KeyId": key})).0, "AccessDeniedException");
}

#[test]
fn a_grant_reaches_into_another_account() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let decrypt = sealed(&mut lab, &key, &json!({}));
    assert_eq!(lab.err(&stranger(), "Decrypt", decrypt.clone()).0, "AccessDeniedException");
    lab.ok(&kim(), "CreateGrant", grant(&key, &format!("arn:aws:iam::{OTHER}:root"), &json!(["Decrypt"])));
    lab.ok(&stranger(), "Decrypt", decrypt);
}

#[test]
fn grants_do_not_slow_down_what_they_do_not_concern() {
    // A thousand grants for others are never looked at: the ones for tess are found by her name.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    for _ in 0..1_000 {
        lab.ok(&kim(), "CreateGrant", grant(&key, &user_arn("kim"), &json!(["Decrypt"])));
    }
    let outcome = lab.call(&tess(), "kms", "DescribeKey", json!({"KeyId": key}));
    assert_eq!(outcome.decisions[0].policies.grants.len(), 0);
    let handle = lab.world.kms().keys().next().expect("the key").handle.clone();
    assert_eq!(lab.world.kms().grants().count(&handle), 1_000);
}

#[test]
fn a_grantee_of_many_grants_is_decided_by_the_one_that_serves() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    for n in 0..300 {
        let mut create = grant(&key, &user_arn("tess"), &json!(["Decrypt", "DescribeKey"]));
        create["Constraints"] = json!({"EncryptionContextSubset": {"app": "lab", "customer": n.to_string()}});
        lab.ok(&kim(), "CreateGrant", create);
    }
    let decrypt = sealed(&mut lab, &key, &json!({"app": "lab", "customer": "217", "more": "x"}));
    let outcome = lab.call(&tess(), "kms", "Decrypt", decrypt);
    assert!(outcome.result.is_ok());
    assert_eq!(outcome.decisions[0].policies.grants.len(), 1);
    let refused = sealed(&mut lab, &key, &json!({"app": "lab", "customer": "300"}));
    let outcome = lab.call(&tess(), "kms", "Decrypt", refused);
    assert!(outcome.result.is_err());
    assert!(
        (1..=16).contains(&outcome.decisions[0].policies.grants.len()),
        "the reason is seen, not all of it"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    /// However grants are filed, a request is served by any that would serve it, as if each were asked in turn.
    #[test]
    fn a_request_finds_whichever_grant_serves_it(
        grants in proptest::collection::vec((1_usize..5, 0_usize..3, 0_i64..7, 0_usize..2), 1..12),
        wanted in 0_usize..6,
    ) {
        use crate::cloud::kms::GrantOperation;

        let contexts = [
            json!({}),
            json!({"a": "1"}),
            json!({"b": "2"}),
            json!({"a": "1", "b": "2"}),
            json!({"a": "2"}),
            // One condition key of two values, which no constraint matches.
            json!({"A": "1", "a": "1"}),
        ];
        let mut lab = Lab::with(Fidelity::aws());
        let key = lab.key(json!({}));
        let decrypt = sealed(&mut lab, &key, &contexts[wanted]);
        let handle = lab.world.kms().keys().next().expect("the key").handle.clone();
        for (pairs, kind, minutes, operation) in grants {
            let mut create = grant(&key, &user_arn("tess"), &json!([["Decrypt"], ["Encrypt"]][operation]));
            if let Some(kind) = [None, Some("EncryptionContextSubset"), Some("EncryptionContextEquals")][kind] {
                create["Constraints"] = json!({kind: contexts[pairs]});
            }
            lab.ok(&kim(), "CreateGrant", create);
            lab.world.advance(jiff::SignedDuration::from_mins(minutes)).expect("forward");
        }
        for minutes in [0, 5] {
            lab.world.advance(jiff::SignedDuration::from_mins(minutes)).expect("forward");
            let context = contexts[wanted].as_object().expect("pairs");
            let serves = lab.world.kms().grants().of_key(&handle).any(|grant| {
                grant.operations.contains(&GrantOperation::Decrypt)
                    && grant.known_from <= lab.world.now()
                    && grant.constraints.pairs().is_none_or(|(pairs, exact)| {
                        !context.contains_key("A")
                            && (!exact || pairs.len() == context.len())
                            && pairs.iter().all(|(name, value)| context.get(name) == Some(&json!(value)))
                    })
            });
            let result = lab.call(&tess(), "kms", "Decrypt", decrypt.clone()).result;
            proptest::prop_assert_eq!(result.is_ok(), serves, "{:?}", result.err());
        }
    }
}
