//! Key policy, identity policy, boundary, session policy and account against each other.
//!
//! Source of all rows: KMS Developer Guide, "Default key policy" and "Determining access to AWS KMS keys"; IAM User
//! Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities".

use super::super::crypto::{KeySpec, KeyUsage};
use super::*;

/// Calls IAM or STS as the root user of an account.
fn by_root(lab: &mut Lab, id: &str, service: &str, operation: &str, input: Value) -> Value {
    let result = lab.call(&Caller::Root(account(id)), service, operation, input).result;
    result.unwrap_or_else(|error| panic!("{operation}: {error}")).to_json()
}

fn statement(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

fn reason(lab: &mut Lab, caller: &Caller, key: &str) -> String {
    let result = lab.call(caller, "kms", "DescribeKey", json!({"KeyId": key})).result;
    match result {
        Ok(_) => "allowed".to_owned(),
        Err(error) => {
            assert_eq!(error.code, "AccessDeniedException", "{error}");
            error.message.split(&format!("{key} ")).nth(1).unwrap_or(&error.message).to_owned()
        }
    }
}

const NO_RESOURCE: &str = "because no resource-based policy allows the kms:DescribeKey action";
const NO_IDENTITY: &str = "because no identity-based policy allows the kms:DescribeKey action";
const NO_BOUNDARY: &str = "because no permissions boundary allows the kms:DescribeKey action";
const NO_SESSION: &str = "because no session policy allows the kms:DescribeKey action";

#[test]
fn users_of_the_account() {
    let mut lab = Lab::new();
    let (key, other) = (lab.key(json!({})), lab.key(json!({})));
    lab.allow("tess", "kms:*", "*");
    // Key policy, reason for kim (an administrator), for tess (may kms:*), for the root user.
    let only = |name: &str| policy(&[allowing(&user_arn(name), &json!("kms:*"))]);
    let delegated = allowing(&root_arn(), &json!("kms:*"));
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": user_arn("kim")}, "Action": "kms:DescribeKey",
        "Resource": "*"});
    let denied = "with an explicit deny in a resource-based policy";
    let under = |account: &str| {
        let mut statement = delegated.clone();
        statement["Condition"] = json!({"StringEquals": {"kms:CallerAccount": account}});
        statement
    };
    let about = |key: &str| {
        let mut statement = delegated.clone();
        statement["Resource"] = json!(key);
        statement
    };
    let rows = [
        (policy(std::slice::from_ref(&delegated)), "allowed", "allowed", "allowed"),
        (only("kim"), "allowed", NO_RESOURCE, NO_RESOURCE),
        (only("tess"), NO_RESOURCE, "allowed", NO_RESOURCE),
        (policy(&[delegated.clone(), deny]), denied, "allowed", "allowed"),
        // The bare account number means the same as its root ARN.
        (policy(&[allowing(ACCOUNT, &json!("kms:*"))]), "allowed", "allowed", "allowed"),
        // A delegation covers the actions it lists and no others, and under its condition only.
        (policy(&[allowing(&root_arn(), &json!("kms:Encrypt"))]), NO_RESOURCE, NO_RESOURCE, NO_RESOURCE),
        (policy(&[under(ACCOUNT)]), "allowed", "allowed", "allowed"),
        (policy(&[under(OTHER)]), NO_RESOURCE, NO_RESOURCE, NO_RESOURCE),
        // A key policy speaks of its own key, which `*` means.
        (policy(&[about(&key)]), "allowed", "allowed", "allowed"),
        (policy(&[about(&other)]), NO_RESOURCE, NO_RESOURCE, NO_RESOURCE),
        (
            policy(&[json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})]),
            "allowed",
            "allowed",
            "allowed",
        ),
    ];
    for (document, kim_reason, tess_reason, root_reason) in rows {
        let mut lab = Lab { world: lab.world.clone() };
        lab.put_policy(&key, &document);
        for (caller, expected) in [(kim(), kim_reason), (tess(), tess_reason), (root(), root_reason)] {
            assert_eq!(reason(&mut lab, &caller, &key), expected, "{caller:?} {document}");
        }
    }
    lab.allow("tess", "dynamodb:*", "*");
    assert_eq!(reason(&mut lab, &tess(), &key), NO_IDENTITY);
}

#[test]
fn a_deny_of_an_iam_policy_and_a_grant_count_whatever_the_key_policy_delegates() {
    // Source: KMS Developer Guide, "Default key policy": IAM policies that deny are always effective; "Grants in AWS
    // KMS": grants are evaluated beside key policies and IAM policies.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let kim_all = allowing(&user_arn("kim"), &json!("kms:*"));
    lab.put_policy(&key, &policy(std::slice::from_ref(&kim_all)));
    assert_eq!(reason(&mut lab, &tess(), &key), NO_RESOURCE);
    let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["DescribeKey"]});
    lab.ok(&kim(), "CreateGrant", grant);
    assert_eq!(reason(&mut lab, &tess(), &key), "allowed");
    // A grant only allows: a deny beside it counts.
    let no_tess =
        json!({"Effect": "Deny", "Principal": {"AWS": user_arn("tess")}, "Action": "kms:*", "Resource": "*"});
    lab.put_policy(&key, &policy(&[kim_all.clone(), no_tess]));
    assert_eq!(reason(&mut lab, &tess(), &key), "with an explicit deny in a resource-based policy");
    lab.put_policy(&key, &policy(&[kim_all, allowing(&user_arn("tess"), &json!("kms:DescribeKey"))]));
    assert_eq!(reason(&mut lab, &tess(), &key), "allowed");
    let deny = json!({"Effect": "Deny", "Action": "kms:DescribeKey", "Resource": "*"});
    let put = json!({"UserName": "tess", "PolicyName": "no", "PolicyDocument": policy(&[deny]).to_string()});
    by_root(&mut lab, ACCOUNT, "iam", "PutUserPolicy", put);
    assert_eq!(reason(&mut lab, &tess(), &key), "with an explicit deny in an identity-based policy");
}

#[test]
fn a_boundary_limits_what_is_delegated_and_not_who_is_named() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let document = policy(&[statement("dynamodb:*")]).to_string();
    let made = by_root(
        &mut lab,
        ACCOUNT,
        "iam",
        "CreatePolicy",
        json!({"PolicyName": "b", "PolicyDocument": document}),
    );
    let boundary = text(&made["Policy"]["Arn"]);
    by_root(
        &mut lab,
        ACCOUNT,
        "iam",
        "CreateUser",
        json!({"UserName": "ines", "PermissionsBoundary": boundary}),
    );
    lab.allow("ines", "kms:*", "*");
    let ines = Caller::user(&account(ACCOUNT), "ines");
    assert_eq!(reason(&mut lab, &ines, &key), NO_BOUNDARY);
    let keep = allowing(&root_arn(), &json!("kms:*"));
    lab.put_policy(&key, &policy(&[keep, allowing(&user_arn("ines"), &json!("kms:DescribeKey"))]));
    assert_eq!(reason(&mut lab, &ines, &key), "allowed");
}

#[test]
fn a_session_policy_limits_a_named_role_and_not_a_named_session() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let trust = policy(&[
        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": user_arn("kim")}}),
    ]);
    let role = json!({"RoleName": "app", "AssumeRolePolicyDocument": trust.to_string()});
    by_root(&mut lab, ACCOUNT, "iam", "CreateRole", role);
    let role_arn = format!("arn:aws:iam::{ACCOUNT}:role/app");
    let narrow = policy(&[statement("dynamodb:*")]).to_string();
    let mut assume = |name: &str, session_policy: Option<&str>| {
        let mut input = json!({"RoleArn": role_arn, "RoleSessionName": name});
        if let Some(document) = session_policy {
            input["Policy"] = json!(document);
        }
        let made = lab.call(&kim(), "sts", "AssumeRole", input).result.expect("assumed").to_json();
        Caller::Session(text(&made["Credentials"]["AccessKeyId"]).into())
    };
    let (free, limited) = (assume("free", None), assume("limited", Some(&narrow)));
    let keep = allowing(&root_arn(), &json!("kms:*"));
    lab.put_policy(&key, &policy(&[keep.clone(), allowing(&role_arn, &json!("kms:*"))]));
    assert_eq!(reason(&mut lab, &free, &key), "allowed");
    assert_eq!(reason(&mut lab, &limited, &key), NO_SESSION);
    let session_arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/limited");
    lab.put_policy(&key, &policy(&[keep, allowing(&session_arn, &json!("kms:*"))]));
    assert_eq!(reason(&mut lab, &limited, &key), "allowed");
    assert_eq!(reason(&mut lab, &free, &key), NO_IDENTITY);
}

#[test]
fn a_user_of_another_account_needs_both_accounts() {
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    by_root(&mut lab, OTHER, "iam", "CreateUser", json!({"UserName": "pat"}));
    let pat = Caller::user(&account(OTHER), "pat");
    let pat_arn = format!("arn:aws:iam::{OTHER}:user/pat");
    let hidden = "because the resource does not exist in this Region, no resource-based policies allow access, or a \
                  resource-based policy explicitly denies access";
    let put = |lab: &mut Lab, action: &str| {
        let document = policy(&[statement(action)]).to_string();
        let input = json!({"UserName": "pat", "PolicyName": "p", "PolicyDocument": document});
        by_root(lab, OTHER, "iam", "PutUserPolicy", input);
    };
    let keep = allowing(&root_arn(), &json!("kms:*"));
    let to_partner =
        policy(&[keep.clone(), allowing(&format!("arn:aws:iam::{OTHER}:root"), &json!("kms:DescribeKey"))]);
    let to_pat = policy(&[keep.clone(), allowing(&pat_arn, &json!("kms:DescribeKey"))]);
    // Everybody means everybody of every account, unless a condition says otherwise.
    let everybody = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let mut of_the_account = everybody.clone();
    of_the_account["Condition"] = json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}});
    let to_all = policy(&[keep.clone(), everybody]);
    let to_own = policy(&[keep, of_the_account]);
    put(&mut lab, "kms:DescribeKey");
    assert!(reason(&mut lab, &pat, &key).ends_with(hidden));
    for open in [&to_partner, &to_pat, &to_all] {
        lab.put_policy(&key, open);
        assert_eq!(reason(&mut lab, &pat, &key), "allowed");
    }
    lab.put_policy(&key, &to_own);
    assert!(reason(&mut lab, &pat, &key).ends_with(hidden));
    assert_eq!(reason(&mut lab, &tess(), &key), "allowed");
    put(&mut lab, "dynamodb:*");
    for open in [&to_partner, &to_pat, &to_all] {
        lab.put_policy(&key, open);
        assert_eq!(reason(&mut lab, &pat, &key), NO_IDENTITY);
    }
}

#[test]
fn a_key_administrator_can_give_themselves_the_use_of_the_key() {
    let mut lab = Lab::new();
    let text = super::super::console_policy(
        &account(ACCOUNT),
        (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt),
        &[user_arn("tess")],
        &[user_arn("kim")],
    );
    let key = lab.key(json!({"Policy": text}));
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": key, "Plaintext": "YQ=="}));
    let decrypt = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
    assert_eq!(lab.err(&tess(), "Decrypt", decrypt.clone()).0, "AccessDeniedException");
    lab.ok(
        &tess(),
        "CreateGrant",
        json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt"]}),
    );
    lab.ok(&tess(), "Decrypt", decrypt);
}
