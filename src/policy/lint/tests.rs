use super::*;

fn reference() -> Reference {
    Reference::parse(include_str!("../../../assets/iam-reference.json")).expect("the embedded data")
}

fn rules() -> Rulebook {
    Rulebook::parse(include_str!("../../../assets/policy-rules.json")).expect("the embedded rules")
}

fn reviewed(profile: &str, text: &str) -> Review {
    review(text, rules().profile(profile).expect(profile), &reference())
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

/// A key policy of the account's statement and one more.
fn key_policy(statement: &str) -> String {
    let account = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}"#;
    policy(&format!("{account}, {{{statement}}}"))
}

fn codes(profile: &str, text: &str) -> Vec<&'static str> {
    reviewed(profile, text).diagnostics.iter().map(|finding| finding.code).collect()
}

const KIM: &str =
    r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Resource": "*""#;

// Sources: KMS Developer Guide, "conditions-kms", "grants", "key-policy-overview", "key-policy-default"; IAM User
// Guide, "reference_policies_elements_notprincipal"
#[test]
fn findings_in_key_policies() {
    let public = r#""Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*""#;
    for (statement, expected) in [
        (format!(r#"{KIM}, "Action": "kms:Decrypt""#), vec![]),
        (format!(r#"{KIM}, "Action": "kms:Decript""#), vec!["unknown-action"]),
        (format!(r#"{KIM}, "Action": "kmss:Decrypt""#), vec!["unknown-service"]),
        (format!(r#"{KIM}, "Action": "s3:GetObject""#), vec!["foreign-action"]),
        (format!(r#"{KIM}, "Action": "kms:RetireGrant""#), vec!["ignored-action"]),
        (KIM.to_owned(), vec!["missing-action"]),
        (public.to_owned(), vec!["public"]),
        (format!(r#"{public}, "Condition": {{"StringEquals": {{"kms:CallerAccount": "111122223333"}}}}"#), vec![]),
        (r#""Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "kms:Decrypt", "Resource": "*""#.into(), vec!["not-principal-with-allow"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"IpAddress": {{"aws:SourceIp": "203.0.113.0/24"}}}}"#), vec!["address-through-service"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"IpAddress": {{"aws:SourceIp": "203.0.113.0/24"}}, "Bool": {{"aws:ViaAWSService": "false"}}}}"#), vec![]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringEquals": {{"aws:SourceVpce": "vpce-a"}}}}"#), vec!["address-through-service"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"ForAnyValue:StringEquals": {{"kms:ResourceAliases": "alias/a"}}}}"#), vec!["ignored-key"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"ForAnyValue:StringEquals": {{"kms:EncryptionContext:App": "a"}}}}"#), vec!["quantifier-not-allowed"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringEquals": {{"kms:EncryptionContextKeys": "a"}}}}"#), vec!["missing-quantifier"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"ForAllValues:StringEquals": {{"kms:EncryptionContextKeys": "a"}}}}"#), vec!["for-all-values-without-null"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"ForAllValues:StringEquals": {{"kms:EncryptionContextKeys": "a"}}, "Null": {{"kms:EncryptionContextKeys": "false"}}}}"#), vec![]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringEquals": {{"kms:ViaServices": "a"}}}}"#), vec!["unknown-key"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringEquals": {{"kms:ViaService": "dynamodb.*"}}}}"#), vec!["wildcard-not-replaced"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringLike": {{"aws:SourceIp": "203.0.113.*"}}, "Bool": {{"aws:ViaAWSService": "false"}}}}"#), vec!["operator-does-not-fit"]),
        (r#""Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*""#.into(), vec!["without-effect"]),
        (r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*""#.into(), vec!["without-effect"]),
        (r#""Effect": "Deny", "Principal": "*", "Action": "kms:De*", "Resource": "*""#.into(), vec![]),
        (format!(r#"{KIM}, "Action": "kms:ListKeys""#), vec!["ignored-action"]),
        (format!(r#"{KIM}, "Action": "kms:List*""#), vec![]),
        (r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:alias/a""#.into(), vec!["never-matches", "resource-never-asked"]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"ForAnyValue:StringEquals": {{"dynamodb:LeadingKeys": "a"}}}}"#), vec!["key-never-present"]),
        (format!(r#"{KIM}, "Action": ["kms:Decrypt", "kms:ReEncrypt*"], "Condition": {{"Bool": {{"kms:ReEncryptOnSameKey": "true"}}}}"#), vec![]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringEquals": {{"aws:ResourceTag/team": "a"}}}}"#), vec![]),
        (format!(r#"{KIM}, "Action": "kms:Decrypt", "Condition": {{"StringEquals": {{"aws:RequestTag/team": "a"}}}}"#), vec!["key-never-present"]),
    ] {
        assert_eq!(codes("kms-key", &key_policy(&statement)), expected, "{statement}");
    }
}

// Sources: KMS Developer Guide, "alias-authorization"; Amazon S3 User Guide, "using-with-s3-actions"
#[test]
fn findings_in_identity_policies() {
    let allow = |action: &str, resource: &str| {
        policy(&format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#))
    };
    let conditional = |action: &str, operator: &str, key: &str| {
        policy(&format!(
            r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*", "Condition": {{"{operator}": {{"{key}": "a"}}}}}}"#
        ))
    };
    for (text, expected) in [
        (allow("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/*"), vec![]),
        (allow("kms:Decrypt", "*"), vec![]),
        (allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*"), vec![]),
        (allow("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:alias/a"), vec!["never-matches", "resource-never-asked"]),
        (allow("kms:CreateAlias", "arn:aws:kms:us-east-1:111122223333:alias/a"), vec![]),
        (allow("s3:GetObject", "arn:aws:s3:::bucket"), vec!["never-matches", "resource-never-asked"]),
        (allow("s3:GetObject", "arn:aws:s3:::bucket/${aws:username}/*"), vec![]),
        (allow("kms:ListKeys", "arn:aws:kms:us-east-1:111122223333:key/*"), vec!["never-matches", "resource-never-asked"]),
        (conditional("dynamodb:Scan", "StringEquals", "kms:ViaService"), vec!["key-never-present"]),
        (conditional("dynamodb:Scan", "ForAnyValue:StringEquals", "dynamodb:LeadingKeys"), vec!["key-never-present"]),
        (conditional("dynamodb:Query", "ForAnyValue:StringEquals", "dynamodb:LeadingKeys"), vec![]),
        (conditional("ec2:RunInstances", "StringEquals", "kms:ViaService"), vec![]),
        (conditional("*", "StringEquals", "kms:ViaService"), vec![]),
        (conditional("kms:Decrypt", "StringEquals", "kms:ViaService"), vec![]),
        (
            r#"{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}"}]}"#.into(),
            vec!["old-version", "variable-in-old-version"],
        ),
    ] {
        assert_eq!(codes("iam-inline", &text), expected, "{text}");
    }
    for (operator, outcome) in [
        ("StringEquals", "never matches"),
        ("StringNotEquals", "always holds"),
        ("StringEqualsIfExists", "always holds"),
    ] {
        let text = conditional("dynamodb:Scan", operator, "kms:ViaService");
        let [finding] = &reviewed("iam-inline", &text).diagnostics[..] else { panic!("one finding") };
        assert!(finding.message.ends_with(outcome), "{}", finding.message);
        assert_eq!(finding.span.of(&text), "\"kms:ViaService\"");
        assert!(finding.remedy.contains("such as kms:"), "{}", finding.remedy);
    }
    let alias = allow("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:alias/a");
    let findings = reviewed("iam-inline", &alias).diagnostics;
    assert!(findings[1].remedy.contains("kms:ResourceAliases"), "{findings:?}");
    assert_eq!(findings[1].span.of(&alias), "\"arn:aws:kms:us-east-1:111122223333:alias/a\"");
}

#[test]
fn a_key_nobody_can_manage() {
    let names_kim = |action: &str| policy(&format!(r#"{{{KIM}, "Action": "{action}"}}"#));
    assert_eq!(codes("kms-key", &names_kim("kms:Decrypt")), ["lockout"]);
    assert_eq!(codes("kms-key", &names_kim("kms:*")), ["lockout-risk"]);
}

// Sources: errors as IAM, KMS and DynamoDB return them (public error reports); Organizations User Guide,
// "orgs_manage_policies_rcps_syntax"
#[test]
fn refusals_in_the_words_of_the_service() {
    let kms = "MalformedPolicyDocumentException";
    let iam = "MalformedPolicyDocument";
    let dynamodb =
        |text: &str| format!("One or more parameter values were invalid: Invalid policy document: {text}");
    let one = |statement: &str| policy(&format!("{{{statement}}}"));
    let resource = |arn: &str| one(&format!(r#""Effect": "Allow", "Action": "a:b", "Resource": "{arn}""#));
    for (profile, text, code, message) in [
        (
            "kms-key",
            one(r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#),
            kms,
            "Policy contains a statement with no principal.".to_owned(),
        ),
        (
            "kms-key",
            one(
                r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1111:user/*"}, "Action": "kms:*", "Resource": "*""#,
            ),
            kms,
            "Policy contains a statement with one or more invalid principals.".to_owned(),
        ),
        ("iam-inline", "{".into(), iam, "This policy contains invalid Json".into()),
        ("iam-inline", "{}".into(), iam, "Syntax errors in policy.".into()),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Resource": "*""#),
            iam,
            "Policy statement must contain actions.".into(),
        ),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Action": "a:b""#),
            iam,
            "Policy statement must contain resources.".into(),
        ),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Action": "a:b", "Resource": "bucket""#),
            iam,
            "Resource bucket must be in ARN format or \"*\".".into(),
        ),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Action": "a*:b", "Resource": "*""#),
            iam,
            "Vendor a* is not valid".into(),
        ),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Action": "ab", "Resource": "*""#),
            iam,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into(),
        ),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Action": "a:b:c", "Resource": "*""#),
            iam,
            "Actions/Condition can contain only one colon.".into(),
        ),
        (
            "iam-inline",
            policy(
                r#"{"Sid": "A", "Effect": "Allow", "Action": "a:b", "Resource": "*"}, {"Sid": "A", "Effect": "Allow", "Action": "a:b", "Resource": "*"}"#,
            ),
            iam,
            "Statement IDs (SID) in a single policy must be unique.".into(),
        ),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*""#),
            iam,
            "Has prohibited field Principal".into(),
        ),
        (
            "iam-managed",
            r#"{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*"}}"#.into(),
            iam,
            "Policy document must be version 2012-10-17 or greater.".into(),
        ),
        (
            "iam-trust",
            one(r#""Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*""#),
            iam,
            "Has prohibited field Resource".into(),
        ),
        (
            "iam-trust",
            one(
                r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}, "Action": "sts:AssumeRole""#,
            ),
            iam,
            r#"Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*""#.into(),
        ),
        ("iam-inline", resource("arn:awz:s3:::b"), iam, r#"Partition "awz" is not valid for resource "arn:awz:s3:::b"."#.into()),
        ("iam-inline", resource("arn:awz"), iam, r#"Partition "awz" is not valid for resource "arn:awz:*:*:*:*"."#.into()),
        ("iam-inline", resource("arn:aws"), iam, "Resource vendor must be fully qualified and cannot contain regexes.".into()),
        ("iam-inline", resource("arn:aws:*:::b"), iam, "Resource vendor must be fully qualified and cannot contain regexes.".into()),
        (
            "iam-inline",
            resource("arn:aws:iam:us-east-1:111122223333:user/kim"),
            iam,
            "IAM resource arn:aws:iam:us-east-1:111122223333:user/kim cannot contain region information.".into(),
        ),
        ("iam-inline", resource("arn:aws:s3:us-east-1::b"), iam, "Resource arn:aws:s3:us-east-1::b can not contain region information.".into()),
        (
            "iam-inline",
            resource("arn:aws:iam::111122223333:kim"),
            iam,
            "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.".into(),
        ),
        ("iam-inline", one(r#""Effect": "allow", "Action": "a:b", "Resource": "*""#), iam, "The policy failed legacy parsing".into()),
        (
            "iam-inline",
            one(r#""Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}"#),
            iam,
            "The policy failed legacy parsing".into(),
        ),
        (
            "s3-bucket",
            one(r#""Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b""#),
            "MalformedPolicy",
            "Action does not apply to any resource(s) in statement".into(),
        ),
        // Source: aws/aws-sdk-ruby issue 1784.
        ("kms-key", "{".into(), kms, String::new()),
        ("dynamodb-table", "{}".into(), "ValidationException", dynamodb("Syntax error at position (1,3)")),
        (
            "dynamodb-table",
            r#"{"Statement": [{}]}"#.into(),
            "ValidationException",
            dynamodb("Missing required field Effect"),
        ),
        (
            "dynamodb-table",
            r#"{"Statement": []}"#.into(),
            "ValidationException",
            dynamodb("Could not parse the policy: Statement is empty!"),
        ),
        (
            "dynamodb-table",
            "null".into(),
            "ValidationException",
            dynamodb("This text appears not to be a policy"),
        ),
    ] {
        let refusal = reviewed(profile, &text).refusal.unwrap_or_else(|| panic!("{profile} accepts {text}"));
        assert_eq!((&*refusal.code, &*refusal.message), (code, &*message), "{profile} {text}");
    }
    let rcp = one(r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#);
    assert!(reviewed("rcp", &rcp).refusal.is_some());
    let spaced = one(r#""Sid": "Allow use of the key", "Effect": "Allow", "Action": "a:b", "Resource": "*""#);
    assert!(
        reviewed("iam-inline", &spaced)
            .refusal
            .is_some_and(|refusal| refusal.message.contains("alpha-numeric"))
    );
    assert!(
        reviewed(
            "kms-key",
            &key_policy(&format!(r#""Sid": "Allow use of the key", {KIM}, "Action": "kms:Decrypt""#))
        )
        .refusal
        .is_none()
    );
}

#[test]
fn a_document_may_be_so_long() {
    let fits = |length: usize| {
        let text = key_policy(&format!(r#"{KIM}, "Action": "kms:Decrypt""#));
        let padding = " ".repeat(length - text.len());
        reviewed("kms-key", &(text + &padding)).refusal
    };
    assert_eq!(fits(32_768), None);
    let refusal = fits(32_769).expect("too long");
    assert_eq!((&*refusal.code, refusal.span), ("LimitExceededException", Span::new(32_768, 32_769)));
    let padded = policy(r#"{"Effect": "Allow", "Action": "a:b", "Resource": "*"}"#) + &" ".repeat(10_000);
    assert_eq!(reviewed("iam-managed", &padded).refusal, None);
}

// Source: Amazon S3 User Guide, "access-points-policies"; IAM User Guide, "reference_policies_elements_resource"
#[test]
fn arns_that_iam_accepts() {
    for arn in [
        "arn:aws:s3:us-east-1:111122223333:accesspoint/a/object/*",
        "arn:aws-cn:s3:::b",
        "arn:*:s3:::b",
        "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}",
        "arn:aws:iam::111122223333:*",
    ] {
        let text =
            policy(&format!(r#"{{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "{arn}"}}"#));
        assert_eq!(reviewed("iam-inline", &text).refusal, None, "{arn}");
    }
}

#[test]
fn no_finding_in_a_good_policy() {
    for (profile, text) in [
        ("kms-key", key_policy(&format!(r#"{KIM}, "Action": ["kms:Decrypt", "kms:DescribeKey"]"#))),
        (
            "iam-trust",
            policy(
                r#"{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}"#,
            ),
        ),
        ("scp", policy(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)),
        (
            "s3-bucket",
            policy(
                r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#,
            ),
        ),
    ] {
        assert_eq!(codes(profile, &text), [""; 0], "{profile}");
    }
}
