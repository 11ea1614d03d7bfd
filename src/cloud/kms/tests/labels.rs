//! Tags and aliases: their limits, and how they decide about access.

use super::*;

#[test]
fn tags_have_limits_and_are_conditions() {
    // Sources: recorded TagException texts; KMS Developer Guide, "Using tags to control access to KMS keys".
    let mut lab = Lab::new();
    let key = lab.key(json!({"Tags": [{"TagKey": "team", "TagValue": "blue"}]}));
    let tag = |name: &str, value: &str| json!({"TagKey": name, "TagValue": value});
    let put = |tags: Vec<Value>| json!({"KeyId": key, "Tags": tags});
    let many = |count: usize| (0..count).map(|i| tag(&format!("t{i}"), "")).collect::<Vec<_>>();
    let rows = [
        (put(vec![tag("a", "1"), tag("a", "2")]), "TagException", "Duplicate tag keys"),
        (put(many(51)), "TagException", "Too many tags"),
        (put(many(50)), "TagException", "Too many tags"),
        (put(vec![tag("aws:a", "1")]), "TagException", "Tags beginning with aws: are reserved"),
        (
            put(vec![tag("", "1")]),
            "ValidationException",
            "1 validation error detected: Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must \
             have length greater than or equal to 1",
        ),
    ];
    for (input, code, message) in rows {
        assert_eq!(lab.err(&kim(), "TagResource", input), (code.to_owned(), message.to_owned()));
    }
    let statement = json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}});
    let document = policy(&[statement]).to_string();
    let policy = json!({"UserName": "tess", "PolicyName": "p", "PolicyDocument": document});
    lab.call(&root(), "iam", "PutUserPolicy", policy).result.expect("saved");
    let encrypt = json!({"KeyId": key, "Plaintext": "YQ=="});
    lab.ok(&tess(), "Encrypt", encrypt.clone());
    lab.ok(&kim(), "TagResource", put(vec![tag("team", "red")]));
    assert_eq!(lab.err(&tess(), "Encrypt", encrypt).0, "AccessDeniedException");
    lab.ok(&kim(), "UntagResource", json!({"KeyId": key, "TagKeys": ["team", "none"]}));
    assert_eq!(lab.ok(&kim(), "ListResourceTags", json!({"KeyId": key}))["Tags"], json!([]));
}

#[test]
fn alias_names_and_targets() {
    // Sources: KMS Developer Guide, "Aliases in AWS KMS"; recorded texts.
    let mut lab = Lab::new();
    let (one, two) = (lab.key(json!({})), lab.key(json!({})));
    let signing = lab.key(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}));
    let create = |name: &str, key: &str| json!({"AliasName": name, "TargetKeyId": key});
    let prefix = "Alias must start with the prefix \"alias/\". Please see \
                  https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
    let constraint = |name: &str, rest: &str| {
        format!(
            "1 validation error detected: Value '{name}' at 'aliasName' failed to satisfy constraint: Member must {rest}"
        )
    };
    let long = format!("alias/{}", "a".repeat(251));
    let rows = [
        ("a", "ValidationException", prefix.to_owned()),
        ("alias/", "InvalidAliasNameException", String::new()),
        (
            "alias/a b",
            "ValidationException",
            constraint("alias/a b", "satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"),
        ),
        ("", "ValidationException", constraint("", "have length greater than or equal to 1")),
        (&long, "ValidationException", constraint(&long, "have length less than or equal to 256")),
        ("alias/aws/mine", "NotAuthorizedException", String::new()),
    ];
    for (name, code, message) in rows {
        assert_eq!(lab.err(&kim(), "CreateAlias", create(name, &one)), (code.to_owned(), message), "{name}");
    }
    lab.ok(&kim(), "CreateAlias", create(&long[..256], &one));
    lab.ok(&kim(), "DeleteAlias", json!({"AliasName": long[..256]}));
    lab.ok(&kim(), "CreateAlias", create("alias/a", &one));
    let exists = (
        "AlreadyExistsException".to_owned(),
        format!("An alias with the name arn:aws:kms:us-east-1:{ACCOUNT}:alias/a already exists"),
    );
    assert_eq!(lab.err(&kim(), "CreateAlias", create("alias/a", &two)), exists);
    assert_eq!(lab.err(&kim(), "CreateAlias", create("alias/b", "alias/a")).0, "NotFoundException");
    assert_eq!(lab.err(&kim(), "UpdateAlias", create("alias/a", &signing)).0, "ValidationException");
    assert_eq!(lab.err(&kim(), "UpdateAlias", create("alias/none", &two)).0, "NotFoundException");
    let sealed = lab.ok(&kim(), "Encrypt", json!({"KeyId": "alias/a", "Plaintext": "YQ=="}));
    lab.advance_days(1);
    lab.ok(&kim(), "UpdateAlias", create("alias/a", &two));
    assert_eq!(lab.ok(&kim(), "DescribeKey", json!({"KeyId": "alias/a"}))["KeyMetadata"]["Arn"], json!(two));
    // Old ciphertext names its key, not the alias.
    lab.ok(&kim(), "Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]}));
    let listed = lab.ok(&kim(), "ListAliases", json!({"KeyId": two}))["Aliases"].clone();
    assert_eq!(listed[0]["AliasName"], "alias/a");
    assert_ne!(listed[0]["CreationDate"], listed[0]["LastUpdatedDate"]);
    assert_eq!(lab.ok(&kim(), "ListAliases", json!({"KeyId": one}))["Aliases"], json!([]));
    lab.ok(&kim(), "DeleteAlias", json!({"AliasName": "alias/a"}));
    for i in 0..50 {
        lab.ok(&kim(), "CreateAlias", create(&format!("alias/n{i}"), &one));
    }
    assert_eq!(lab.err(&kim(), "CreateAlias", create("alias/n50", &one)).0, "LimitExceededException");
}

#[test]
fn an_alias_moves_to_a_key_of_its_type_and_usage_only() {
    // Source: KMS API Reference, UpdateAlias: both keys symmetric, both asymmetric or both HMAC, of the same usage.
    let mut lab = Lab::new();
    let kinds = [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", 0),
        ("RSA_2048", "ENCRYPT_DECRYPT", 1),
        ("RSA_4096", "ENCRYPT_DECRYPT", 1),
        ("RSA_2048", "SIGN_VERIFY", 2),
        ("ECC_NIST_P384", "SIGN_VERIFY", 2),
        ("ECC_NIST_P384", "KEY_AGREEMENT", 3),
        ("HMAC_224", "GENERATE_VERIFY_MAC", 4),
        ("HMAC_512", "GENERATE_VERIFY_MAC", 4),
    ];
    let keys = kinds.map(|(spec, usage, kind)| (lab.key(json!({"KeySpec": spec, "KeyUsage": usage})), kind));
    for (index, (from, kind)) in keys.iter().enumerate() {
        let name = format!("alias/{index}");
        for (to, other) in &keys {
            let mut lab = Lab { world: lab.world.clone() };
            lab.ok(&kim(), "CreateAlias", json!({"AliasName": name, "TargetKeyId": from}));
            let moved = lab.call(&kim(), "kms", "UpdateAlias", json!({"AliasName": name, "TargetKeyId": to}));
            let code = moved.result.err().map(|error| error.code.to_string());
            let expected = (kind != other).then(|| "ValidationException".to_owned());
            assert_eq!(code, expected, "{:?} to {to}", kinds[index]);
        }
    }
}

#[test]
fn tags_and_aliases_decide_about_access_a_while_later() {
    // Source: KMS Developer Guide, "Using tags to control access to KMS keys" and "Using aliases to control access":
    // changes take up to five minutes.
    for (delayed, fidelity) in [(false, Fidelity::instant()), (true, Fidelity::aws())] {
        let mut lab = Lab::with(fidelity);
        let key = lab.key(json!({}));
        let allow = |condition: Value| json!({"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*", "Condition": condition});
        let document = policy(&[
            allow(json!({"StringEquals": {"aws:ResourceTag/team": "clinic"}})),
            allow(json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/open"}})),
        ]);
        let put = json!({"UserName": "tess", "PolicyName": "p", "PolicyDocument": document.to_string()});
        lab.call(&root(), "iam", "PutUserPolicy", put).result.expect("saved");
        let may =
            |lab: &mut Lab| lab.call(&tess(), "kms", "DescribeKey", json!({"KeyId": key})).result.is_ok();
        let changes = [
            ("TagResource", json!({"KeyId": key, "Tags": [{"TagKey": "team", "TagValue": "clinic"}]}), true),
            ("UntagResource", json!({"KeyId": key, "TagKeys": ["team"]}), false),
            ("CreateAlias", json!({"AliasName": "alias/open", "TargetKeyId": key}), true),
            ("DeleteAlias", json!({"AliasName": "alias/open"}), false),
        ];
        for (operation, input, then) in changes {
            assert_eq!(may(&mut lab), !then, "before {operation}");
            lab.ok(&kim(), operation, input);
            assert_eq!(may(&mut lab), then != delayed, "just after {operation}");
            lab.world.advance(jiff::SignedDuration::from_mins(5)).expect("forward");
            assert_eq!(may(&mut lab), then, "five minutes after {operation}");
        }
    }
}
