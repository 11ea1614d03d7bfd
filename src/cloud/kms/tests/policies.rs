//! Reading, writing and checking key policies.

use super::super::console_policy;
use super::super::crypto::{KeySpec, KeyUsage};
use super::*;

#[test]
fn a_new_key_has_the_default_policy() {
    // Source: KMS Developer Guide, "Default key policy".
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let read = lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}));
    assert_eq!(read["PolicyName"], "default");
    let policy: Value = serde_json::from_str(read["Policy"].as_str().expect("text")).expect("JSON");
    assert_eq!(
        policy,
        json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{
            "Sid": "Enable IAM User Permissions", "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]})
    );
    assert_eq!(lab.ok(&kim(), "ListKeyPolicies", json!({"KeyId": key}))["PolicyNames"], json!(["default"]));
}

#[test]
fn a_policy_is_read_as_it_was_written() {
    // Source: KMS API Reference, GetKeyPolicy; the default policy as AWS prints it, with spaces around the colons.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let read = |lab: &mut Lab| text(&lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}))["Policy"]);
    assert!(read(&mut lab).starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\""));
    let written = read(&mut lab).replace(" : ", ":\t") + "\r\n ";
    lab.ok(&kim(), "PutKeyPolicy", json!({"KeyId": key, "Policy": written}));
    assert_eq!(read(&mut lab), written);
}

#[test]
fn the_console_policy_has_the_statements_that_aws_documents() {
    // Source: KMS Developer Guide, "Default key policy", for keys created in the console, with an external account.
    use KeyUsage as U;
    let (kim, tess, partner) = (user_arn("kim"), user_arn("tess"), format!("arn:aws:iam::{OTHER}:root"));
    let users = [tess.clone(), partner.clone()];
    let rows = [
        (
            KeySpec::SymmetricDefault,
            U::EncryptDecrypt,
            json!([
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey"
            ]),
        ),
        (
            KeySpec::Hmac256,
            U::GenerateVerifyMac,
            json!(["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]),
        ),
        (
            KeySpec::Rsa2048,
            U::EncryptDecrypt,
            json!(["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]),
        ),
        (
            KeySpec::EccNistP256,
            U::SignVerify,
            json!(["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]),
        ),
        (
            KeySpec::EccNistP256,
            U::KeyAgreement,
            json!(["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"]),
        ),
        (
            KeySpec::MlKem768,
            U::EncapsulateDecapsulate,
            json!(["kms:DescribeKey", "kms:GetPublicKey", "kms:Encapsulate", "kms:Decapsulate"]),
        ),
    ];
    for (spec, usage, actions) in rows {
        let written = console_policy(&account(ACCOUNT), (spec, usage), std::slice::from_ref(&kim), &users);
        let written: Value = serde_json::from_str(&written).expect("JSON");
        let allow = |sid: &str, to: Value, actions: Value| json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": to}, "Action": actions, "Resource": "*"});
        let manage = json!([
            "kms:Create*",
            "kms:Describe*",
            "kms:Enable*",
            "kms:List*",
            "kms:Put*",
            "kms:Update*",
            "kms:Revoke*",
            "kms:Disable*",
            "kms:Get*",
            "kms:Delete*",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:ScheduleKeyDeletion",
            "kms:CancelKeyDeletion",
            "kms:RotateKeyOnDemand"
        ]);
        let mut attach = allow(
            "Allow attachment of persistent resources",
            json!(users),
            json!(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
        );
        attach["Condition"] = json!({"Bool": {"kms:GrantIsForAWSResource": "true"}});
        let mut expected = vec![
            allow("Enable IAM User Permissions", json!(root_arn()), json!("kms:*")),
            allow("Allow access for Key Administrators", json!([kim]), manage),
            allow("Allow use of the key", json!(users), actions),
        ];
        expected.extend((spec == KeySpec::SymmetricDefault).then_some(attach));
        assert_eq!(written["Statement"], json!(expected), "{spec} {usage}");
        // It is a policy that can be saved.
        let input = json!({"KeySpec": spec, "KeyUsage": usage, "Policy": written.to_string()});
        Lab::new().ok(&super::kim(), "CreateKey", input);
    }
}

#[test]
fn the_console_policy_lets_administrators_manage_and_users_use() {
    // Source: KMS Developer Guide, "Default key policy", for keys created in the console.
    let mut lab = Lab::new();
    let symmetric = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
    let text = console_policy(&account(ACCOUNT), symmetric, &[user_arn("kim")], &[user_arn("tess")]);
    let key = lab.key(json!({"Policy": text}));
    let sealed = lab.ok(&tess(), "Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}));
    lab.ok(&tess(), "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}));
    assert_eq!(lab.err(&tess(), "DisableKey", json!({"KeyId": key})).0, "AccessDeniedException");
    // Only through an integrated service may a user create grants.
    let grant = json!({"KeyId": key, "GranteePrincipal": user_arn("tess"), "Operations": ["Decrypt"]});
    assert_eq!(lab.err(&tess(), "CreateGrant", grant).0, "AccessDeniedException");
}

#[test]
fn whoever_would_lock_themselves_out_is_stopped() {
    // Source: KMS API Reference, PutKeyPolicy, BypassPolicyLockoutSafetyCheck.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let lockout = (
        "MalformedPolicyDocumentException".to_owned(),
        "The new key policy will not allow you to update the key policy in the future.".to_owned(),
    );
    let put = |policy: &Value| json!({"KeyId": key, "Policy": policy.to_string()});
    let only_tess = policy(&[allowing(&user_arn("tess"), &json!("kms:*"))]);
    assert_eq!(lab.err(&kim(), "PutKeyPolicy", put(&only_tess)), lockout);
    // The old policy still stands.
    assert!(text(&lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}))["Policy"]).contains("key-default-1"));
    // Naming the account helps only those whose IAM policies allow the change.
    let delegated = policy(&[allowing(&root_arn(), &json!("kms:*"))]);
    lab.ok(&kim(), "PutKeyPolicy", put(&delegated));
    let tess_may =
        policy(&[allowing(&user_arn("tess"), &json!("kms:*")), allowing(&root_arn(), &json!("kms:*"))]);
    lab.ok(&kim(), "PutKeyPolicy", put(&tess_may));
    assert_eq!(lab.err(&tess(), "PutKeyPolicy", put(&delegated)), lockout);
    let mut bypass = put(&only_tess);
    bypass["BypassPolicyLockoutSafetyCheck"] = json!(true);
    lab.ok(&kim(), "PutKeyPolicy", bypass);
    assert_eq!(lab.err(&kim(), "GetKeyPolicy", json!({"KeyId": key})).0, "AccessDeniedException");
    // The same check guards CreateKey, and nothing is left behind.
    let before = lab.world.kms().keys().count();
    assert_eq!(lab.err(&kim(), "CreateKey", json!({"Policy": only_tess.to_string()})), lockout);
    assert_eq!(lab.world.kms().keys().count(), before);
}

#[test]
fn policies_that_cannot_be_saved() {
    // Sources: KMS API Reference, PutKeyPolicy; recorded MalformedPolicyDocumentException texts.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let keep = allowing(&root_arn(), &json!("kms:*"));
    let with = |statement: Value| policy(&[keep.clone(), statement]).to_string();
    let invalid = "Policy contains a statement with one or more invalid principals.";
    let to = |principal: Value| {
        with(json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}))
    };
    let malformed = "MalformedPolicyDocumentException";
    let context_key = json!({"ForAnyValue:StringEquals": {"kms:EncryptionContext:App": ["lab"]}});
    let rows = [
        (to(json!({"AWS": user_arn("nobody")})), malformed, Some(invalid)),
        (to(json!({"AWS": "arn:aws:iam::111122223333:user/*"})), malformed, Some(invalid)),
        (to(json!({"AWS": "kim"})), malformed, Some(invalid)),
        (to(json!({"AWS": "arn:aws:iam::111122223333:group/staff"})), malformed, Some(invalid)),
        (
            with(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})),
            malformed,
            Some("Policy contains a statement with no principal."),
        ),
        (
            with(
                json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": context_key}),
            ),
            malformed,
            None,
        ),
        // Source: aws/aws-sdk-ruby issue 1784, which sent such a text: the message is empty.
        ("not a real policy statement".to_owned(), malformed, Some("")),
        ("{".to_owned(), malformed, Some("")),
        (format!("{},", policy(std::slice::from_ref(&keep))), malformed, Some("")),
        (r#"{"Version": "2012-10-17" "Statement": []}"#.to_owned(), malformed, Some("")),
        ("[]".to_owned(), malformed, Some("")),
        // What KMS says of these is not published, and the review's own words are not KMS's.
        (r#"{"Version": "2012-10-17", "Statment": []}"#.to_owned(), malformed, Some("")),
        (r#"{"Version": "2013-10-17", "Statement": []}"#.to_owned(), malformed, Some("")),
        ("{}".to_owned(), malformed, None),
        (
            format!("{}{}", policy(std::slice::from_ref(&keep)), " ".repeat(32_768)),
            "LimitExceededException",
            None,
        ),
        ("x".repeat(131_073), "ValidationException", None),
        ("\u{2603}".to_owned(), "ValidationException", None),
        (String::new(), "ValidationException", None),
    ];
    // Source: KMS Developer Guide, "Resource quotas": 32 KB, spaces included.
    let padded = |len: usize| format!("{:len$}", policy(std::slice::from_ref(&keep)).to_string());
    lab.ok(&kim(), "PutKeyPolicy", json!({"KeyId": key, "Policy": padded(32_768)}));
    let long = json!({"KeyId": key, "Policy": padded(32_769)});
    assert_eq!(lab.err(&kim(), "PutKeyPolicy", long).0, "LimitExceededException");
    for (text, code, message) in rows {
        let failed = lab.err(&kim(), "PutKeyPolicy", json!({"KeyId": key, "Policy": text}));
        let start: String = text.chars().take(200).collect();
        assert_eq!(failed.0, code, "{start}");
        if let Some(message) = message {
            assert_eq!(failed.1, message, "{start}");
        }
    }
}

#[test]
fn statements_without_action_or_resource_are_saved_and_do_nothing() {
    // Source: KMS API Reference, PutKeyPolicy.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let keep = allowing(&root_arn(), &json!("kms:*"));
    let no_resource = json!({"Effect": "Allow", "Principal": {"AWS": user_arn("tess")}, "Action": "kms:*"});
    let no_action = json!({"Effect": "Allow", "Principal": {"AWS": user_arn("tess")}, "Resource": "*"});
    let put = json!({"KeyId": key, "Policy": policy(&[keep, no_resource, no_action]).to_string()});
    lab.ok(&kim(), "PutKeyPolicy", put);
    assert_eq!(lab.err(&tess(), "DescribeKey", json!({"KeyId": key})).0, "AccessDeniedException");
}

#[test]
fn a_policy_means_the_user_it_was_saved_for() {
    // Source: IAM User Guide, "AWS JSON policy elements: Principal", unique identifiers.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let keep = allowing(&root_arn(), &json!("kms:*"));
    let written = policy(&[keep, allowing(&user_arn("tess"), &json!("kms:DescribeKey"))]);
    lab.put_policy(&key, &written);
    lab.ok(&tess(), "DescribeKey", json!({"KeyId": key}));
    let id = {
        let identity =
            lab.call(&tess(), "sts", "GetCallerIdentity", json!({})).result.expect("known").to_json();
        text(&identity["UserId"])
    };
    lab.call(&root(), "iam", "DeleteUser", json!({"UserName": "tess"})).result.expect("deleted");
    let shown = text(&lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}))["Policy"]);
    assert!(shown.contains(&format!("\"{id}\"")) && !shown.contains("user/tess"), "{shown}");
    lab.call(&root(), "iam", "CreateUser", json!({"UserName": "tess"})).result.expect("created");
    assert_eq!(lab.err(&tess(), "DescribeKey", json!({"KeyId": key})).0, "AccessDeniedException");
    // Saved again under the name, it means the new user.
    lab.put_policy(&key, &written);
    lab.ok(&tess(), "DescribeKey", json!({"KeyId": key}));
}

#[test]
fn the_unique_id_of_somebody_deleted_is_no_principal() {
    // Source: AWS re:Post Knowledge Center, "kms-policy-error-invalid-principals": ids of the deleted are to be removed from
    // a key policy before it can be saved; IAM User Guide, "AWS JSON policy elements: Principal": ids of those who exist
    // stand for them, and are shown as their ARNs.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let id = |lab: &mut Lab, name: &str| {
        let user =
            lab.call(&root(), "iam", "GetUser", json!({"UserName": name})).result.expect("known").to_json();
        text(&user["User"]["UserId"])
    };
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": root_arn()},
        "Action": "sts:AssumeRole"}]});
    let role = |lab: &mut Lab| {
        let input = json!({"RoleName": "app", "AssumeRolePolicyDocument": trust.to_string()});
        let made = lab.call(&root(), "iam", "CreateRole", input).result.expect("created").to_json();
        text(&made["Role"]["RoleId"])
    };
    let (gone_user, kim_id) = (id(&mut lab, "tess"), id(&mut lab, "kim"));
    let gone_role = role(&mut lab);
    lab.call(&root(), "iam", "DeleteRole", json!({"RoleName": "app"})).result.expect("deleted");
    lab.call(&root(), "iam", "DeleteUser", json!({"UserName": "tess"})).result.expect("deleted");
    lab.call(&root(), "iam", "CreateUser", json!({"UserName": "tess"})).result.expect("created");
    let (new_user, new_role) = (id(&mut lab, "tess"), role(&mut lab));
    let keep = allowing(&root_arn(), &json!("kms:*"));
    let rows = [
        (vec![gone_user.as_str()], false),
        (vec![&gone_role], false),
        (vec![&new_user], true),
        (vec![&new_role], true),
        (vec![&kim_id, &new_user], true),
        // One among others is enough, wherever it stands.
        (vec![&new_user, &gone_role], false),
        (vec![&gone_user, &new_user], false),
        (vec!["AIDAEXAMPLEGHOST54321"], false),
        (vec!["AROAEXAMPLEGHOST54321"], false),
    ];
    for (ids, good) in rows {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": ids}, "Action": "kms:DescribeKey", "Resource": "*"});
        let put = json!({"KeyId": key, "Policy": policy(&[keep.clone(), statement]).to_string()});
        let mut lab = Lab { world: lab.world.clone() };
        if good {
            lab.ok(&kim(), "PutKeyPolicy", put);
            let shown = text(&lab.ok(&kim(), "GetKeyPolicy", json!({"KeyId": key}))["Policy"]);
            assert!(!shown.contains("AIDA") && !shown.contains("AROA"), "{ids:?}: {shown}");
            let is_tess = ids.contains(&new_user.as_str());
            let described = lab.call(&tess(), "kms", "DescribeKey", json!({"KeyId": key})).result;
            assert_eq!(described.is_ok(), is_tess, "{ids:?}");
        } else {
            let text = "Policy contains a statement with one or more invalid principals.";
            let refused = ("MalformedPolicyDocumentException".to_owned(), text.to_owned());
            assert_eq!(lab.err(&kim(), "PutKeyPolicy", put), refused, "{ids:?}");
        }
    }
}

#[test]
fn there_is_one_policy_name() {
    // Source: recorded answers to other names.
    let mut lab = Lab::new();
    let key = lab.key(json!({}));
    let put = json!({"KeyId": key, "PolicyName": "other", "Policy": "{}"});
    assert_eq!(
        lab.err(&kim(), "PutKeyPolicy", put),
        ("UnsupportedOperationException".to_owned(), "Only default policy is supported".to_owned())
    );
    assert_eq!(
        lab.err(&kim(), "GetKeyPolicy", json!({"KeyId": key, "PolicyName": "other"})),
        ("NotFoundException".to_owned(), "No such policy exists".to_owned())
    );
    let bad = json!({"KeyId": key, "PolicyName": "a b"});
    assert_eq!(lab.err(&kim(), "GetKeyPolicy", bad).0, "ValidationException");
}
