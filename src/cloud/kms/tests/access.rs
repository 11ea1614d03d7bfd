//! Who may use a key, and the wording of refusals.

use super::*;

fn decrypt_tries(lab: &mut Lab, key: &str) -> (Value, Value) {
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": key, "Plaintext": base64(b"Alice")}));
    let blob = sealed["CiphertextBlob"].clone();
    (json!({"CiphertextBlob": blob, "KeyId": key}), json!({"CiphertextBlob": blob}))
}

#[test]
fn a_key_gives_nothing_by_itself_not_even_to_root() {
    // Source: KMS Developer Guide, "Default key policy".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    lab.put_policy(&key, &policy(&[allowing(&user_arn("kim"), &json!("kms:*"))]));
    let (code, message) = lab.err(&root(), "DescribeKey", json!({"KeyId": key}));
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(
        message,
        format!(
            "User: arn:aws:iam::111122223333:root is not authorized to perform: kms:DescribeKey on resource: {key} \
             because no resource-based policy allows the kms:DescribeKey action"
        )
    );
    lab.ok(&kim(), "DescribeKey", json!({"KeyId": key}));
}

#[test]
fn naming_the_account_leaves_the_decision_to_the_accounts_policies() {
    // Source: KMS Developer Guide, "Allows access to the AWS account and enables IAM policies".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let (named, bare) = decrypt_tries(&mut lab, &key);
    let (code, message) = lab.err(&tess(), "Decrypt", named.clone());
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(
        message,
        format!(
            "User: arn:aws:iam::111122223333:user/tess is not authorized to perform: kms:Decrypt on resource: {key} \
             because no identity-based policy allows the kms:Decrypt action"
        )
    );
    let (_, message) = lab.err(&tess(), "Decrypt", bare.clone());
    assert_eq!(
        message,
        "User: arn:aws:iam::111122223333:user/tess is not authorized to perform: kms:Decrypt on the resource \
         associated with this ciphertext because no identity-based policy allows the kms:Decrypt action"
    );
    lab.allow("tess", "kms:Decrypt", &key);
    assert_eq!(lab.ok(&tess(), "Decrypt", bare)["Plaintext"], base64(b"Alice"));
    // Without the account in the key policy the same IAM policy counts for nothing.
    lab.put_policy(&key, &policy(&[allowing(&user_arn("kim"), &json!("kms:*"))]));
    let (_, message) = lab.err(&tess(), "Decrypt", named);
    assert!(message.ends_with("because no resource-based policy allows the kms:Decrypt action"), "{message}");
}

#[test]
fn naming_the_user_is_enough_and_a_deny_wins() {
    // Source: KMS Developer Guide, "Determining access to AWS KMS keys".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let (named, _) = decrypt_tries(&mut lab, &key);
    let kim_all = allowing(&user_arn("kim"), &json!("kms:*"));
    lab.put_policy(&key, &policy(&[kim_all.clone(), allowing(&user_arn("tess"), &json!("kms:Decrypt"))]));
    lab.ok(&tess(), "Decrypt", named.clone());
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": user_arn("kim")}, "Action": "kms:Decrypt",
        "Resource": "*"});
    lab.put_policy(&key, &policy(&[kim_all, deny]));
    let (_, message) = lab.err(&kim(), "Decrypt", named);
    assert!(message.ends_with("with an explicit deny in a resource-based policy"), "{message}");
}

#[test]
fn a_stranger_learns_nothing_about_a_key() {
    // Source: KMS Developer Guide, "Allowing users in other accounts to use a KMS key".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let (named, bare) = decrypt_tries(&mut lab, &key);
    let hidden = "because the resource does not exist in this Region, no resource-based policies allow access, or a \
                  resource-based policy explicitly denies access";
    let who = format!("User: arn:aws:iam::{OTHER}:root is not authorized to perform: kms:Decrypt");
    let absent = format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY_ID_ABSENT}");
    let alias = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/none");
    for key_id in [key.clone(), absent, alias] {
        let mut input = named.clone();
        input["KeyId"] = json!(key_id);
        let (code, message) = lab.err(&stranger(), "Decrypt", input);
        assert_eq!(
            (code.as_str(), message),
            ("AccessDeniedException", format!("{who} on this resource {hidden}"))
        );
    }
    let (_, message) = lab.err(&stranger(), "Decrypt", bare.clone());
    assert_eq!(message, format!("{who} on the resource associated with this ciphertext {hidden}"));
    // Once the key policy names the other account, its root user may use the key, but not manage it.
    let partner = format!("arn:aws:iam::{OTHER}:root");
    let open = [allowing(&user_arn("kim"), &json!("kms:*")), allowing(&partner, &json!("kms:*"))];
    lab.put_policy(&key, &policy(&open));
    lab.ok(&stranger(), "Decrypt", bare);
    lab.ok(&stranger(), "DescribeKey", json!({"KeyId": key}));
    let (code, _) = lab.err(&stranger(), "DisableKey", json!({"KeyId": key}));
    assert_eq!(code, "AccessDeniedException");
    let (code, message) = lab.err(&stranger(), "DescribeKey", json!({"KeyId": key.rsplit('/').next()}));
    assert_eq!(code, "NotFoundException", "{message}");
}

#[test]
fn the_ways_to_name_a_key() {
    // Source: KMS API Reference, `KeyId`, and recorded NotFoundException texts.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let id = key.rsplit('/').next().expect("an id").to_owned();
    lab.ok(&kim(), "CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": id}));
    let alias_arn = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/a");
    for name in [key.as_str(), &id, "alias/a", &alias_arn] {
        assert_eq!(lab.ok(&kim(), "DescribeKey", json!({"KeyId": name}))["KeyMetadata"]["Arn"], json!(key));
    }
    let absent = format!("Key 'arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY_ID_ABSENT}' does not exist");
    let no_alias = format!("Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/b is not found.");
    let elsewhere = key.replace("us-east-1", "eu-west-1");
    let rows = [
        ("DescribeKey", KEY_ID_ABSENT, "NotFoundException", absent.as_str()),
        ("DescribeKey", "nonsense", "NotFoundException", "Invalid keyId 'nonsense'"),
        ("DescribeKey", "alias/b", "NotFoundException", &no_alias),
        ("DescribeKey", &elsewhere, "NotFoundException", "Invalid arn eu-west-1"),
        ("DisableKey", "alias/a", "InvalidArnException", "Key Aliases are not supported for this operation."),
        (
            "GetKeyPolicy",
            &alias_arn,
            "InvalidArnException",
            "Key Aliases are not supported for this operation.",
        ),
        (
            "DescribeKey",
            "",
            "ValidationException",
            "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length \
             greater than or equal to 1",
        ),
    ];
    for (operation, name, code, message) in rows {
        let failed = lab.err(&kim(), operation, json!({"KeyId": name}));
        assert_eq!(failed, (code.to_owned(), message.to_owned()), "{operation} {name}");
    }
    for name in ["arn:aws:s3:::bucket", "arn:aws:kms", "arn:aws:kms:us-east-1:1:key/x"] {
        assert_eq!(lab.err(&kim(), "DescribeKey", json!({"KeyId": name})).0, "InvalidArnException", "{name}");
    }
    // Keys live in one Region.
    let failed =
        lab.call_in("eu-west-1", &kim(), "DescribeKey", json!({"KeyId": id})).result.expect_err("absent");
    assert_eq!(failed.code, "NotFoundException");
}

#[test]
fn operations_without_a_key_need_an_identity_policy_only() {
    // Source: KMS API Reference, "Required permissions" of each.
    let mut lab = Lab::new();
    let rows = [
        ("CreateKey", json!({})),
        ("ListKeys", json!({})),
        ("ListAliases", json!({})),
        ("GenerateRandom", json!({"NumberOfBytes": 4})),
    ];
    for (operation, input) in rows {
        let (code, message) = lab.err(&tess(), operation, input.clone());
        assert_eq!(code, "AccessDeniedException");
        assert!(
            message.contains(&format!("kms:{operation} on resource: * because no identity-based")),
            "{message}"
        );
        lab.allow("tess", &format!("kms:{operation}"), "*");
        lab.ok(&tess(), operation, input);
    }
}

#[test]
fn an_alias_needs_permission_on_itself_and_on_its_key() {
    // Source: KMS Developer Guide, "Controlling access to aliases".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let create = json!({"AliasName": "alias/a", "TargetKeyId": key});
    let alias = format!("arn:aws:kms:us-east-1:{ACCOUNT}:alias/a");
    lab.allow("tess", "kms:*", &alias);
    let (_, message) = lab.err(&tess(), "CreateAlias", create.clone());
    assert!(message.contains(&format!("kms:CreateAlias on resource: {key}")), "{message}");
    lab.allow("tess", "kms:*", &key);
    let (_, message) = lab.err(&tess(), "CreateAlias", create.clone());
    assert!(message.contains(&format!("kms:CreateAlias on resource: {alias}")), "{message}");
    lab.allow("tess", "kms:*", "*");
    lab.ok(&tess(), "CreateAlias", create);
    // An IAM policy on the alias gives nothing on the key.
    lab.allow("tess", "kms:*", &alias);
    assert_eq!(lab.err(&tess(), "DescribeKey", json!({"KeyId": "alias/a"})).0, "AccessDeniedException");
}
