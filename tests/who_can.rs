//! Who can: for each policy of a resource everybody it lets in, by tier, with what is left of the conditions.

use std::collections::BTreeMap;

use kmslab::cloud::who_can::{Detail, Listed, May, Report, Row};
use kmslab::cloud::{AccountId, Call, Caller, Fidelity, Probe, World};
use serde_json::{Value, json};

const HOME: &str = "111122223333";
const KEY_ACTION: &str = "kms:Decrypt";

fn account() -> AccountId {
    HOME.parse().expect("twelve digits")
}

fn ok(world: &mut World, caller: &Caller, operation: &str, input: Value) -> Value {
    let (service, operation) = operation.split_once(':').expect("a service");
    let call = Call::decode(service, operation, input).expect("a call");
    world.call(caller, call).result.expect(operation).to_json()
}

/// A statement from its elements.
fn policy(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

/// An account with root, kim (whom IAM allows Decrypt), tess and the role app (whom it allows nothing), a session of app,
/// and a key with that policy.
fn world(statements: &str) -> (World, String) {
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut world = World::new(7, now, Fidelity::instant());
    world.add_account(account(), "clinic");
    let root = Caller::Root(account());
    for name in ["kim", "tess"] {
        ok(&mut world, &root, "iam:CreateUser", json!({"UserName": name}));
    }
    let own = policy(r#"{"Effect": "Allow", "Action": ["kms:Decrypt", "sts:AssumeRole"], "Resource": "*"}"#);
    let put = json!({"UserName": "kim", "PolicyName": "own", "PolicyDocument": own});
    ok(&mut world, &root, "iam:PutUserPolicy", put);
    let trust =
        policy(r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}"#);
    let role = json!({"RoleName": "app", "AssumeRolePolicyDocument": trust});
    ok(&mut world, &root, "iam:CreateRole", role);
    let assume = json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/app"), "RoleSessionName": "day"});
    ok(&mut world, &Caller::user(&account(), "kim"), "sts:AssumeRole", assume);
    let key = json!({"Policy": policy(statements), "BypassPolicyLockoutSafetyCheck": true});
    let made = ok(&mut world, &root, "kms:CreateKey", key);
    let arn = made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    (world, arn)
}

/// A row in a line: tier, whether they may, who, and what is left of the conditions.
fn line(row: &Row) -> String {
    let may = match row.may() {
        May::Yes => "yes",
        May::If => "if",
        May::No => "no",
    };
    let who = row.name.replace("arn:aws:iam::111122223333:", "").replace("arn:aws:sts::111122223333:", "");
    let left = row.first.provisos.iter().flat_map(|proviso| {
        let word = if proviso.effect == kmslab::policy::Effect::Allow { "if" } else { "unless" };
        proviso
            .conditions
            .iter()
            .map(move |left| format!("; {word} {} {} {}", left.key, left.operator, left.values.join("|")))
    });
    format!("{} {may} {who}{}", row.tier.word(), left.collect::<String>())
}

fn lines(report: &Report) -> Vec<String> {
    report.rows.iter().map(line).collect()
}

/// Everybody of the world.
const ALL: [&str; 5] = [
    "here yes root",
    "here yes user/kim",
    "here yes user/tess",
    "here yes role/app",
    "here yes assumed-role/app/day",
];

/// An Allow of Decrypt for those, under these conditions.
fn allow(principal: &str, conditions: &str) -> String {
    statement("Allow", &format!(r#""Principal": {principal}"#), conditions)
}

fn statement(effect: &str, principal: &str, conditions: &str) -> String {
    let condition =
        if conditions.is_empty() { String::new() } else { format!(r#", "Condition": {{{conditions}}}"#) };
    format!(r#"{{"Effect": "{effect}", {principal}, "Action": "kms:Decrypt", "Resource": "*"{condition}}}"#)
}

fn check(rows: &[(String, Vec<&str>)]) {
    let mut wrong = Vec::new();
    for (statements, expected) in rows {
        let (world, key) = world(statements);
        let report = world.who_can(&Probe::new(KEY_ACTION, key), Detail::Conditions);
        let found = lines(&report);
        if found != *expected {
            wrong.push(format!("{statements}\n  expected {expected:#?}\n  found    {found:#?}"));
        }
        for row in report.rows.iter().filter(|row| row.may() == May::If) {
            proved(&world, &report, row);
        }
        assert!(!report.not_looked_at.is_empty());
        wrong.extend(counted_otherwise(&world, &report.question).map(|row| format!("{statements}: {row}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whom the answers in a word each tell otherwise than the whole answer does.
fn counted_otherwise(world: &World, question: &Probe) -> impl Iterator<Item = String> + use<> {
    let whole = world.who_can(question, Detail::Everybody);
    let probes = std::slice::from_ref(question);
    let roll = world.roll(probes);
    let tally = world.tally(probes, &roll);
    let of = |name: &str| {
        let rows = whole.rows.iter().filter(|row| row.name == name);
        rows.map(|row| row.first.may()).max()
    };
    let told = |(listed, answers): (Listed<'_>, &Vec<May>)| {
        // Somebody who stands for others has no row where those others have them all.
        let expected = of(listed.name).or(listed.is_stand_in().then_some(May::No));
        (Some(answers[0]) != expected && !(listed.is_stand_in() && of(listed.name).is_none()))
            .then(|| format!("{}: {:?} and not {expected:?}", listed.name, answers[0]))
    };
    let wrong: Vec<String> = roll.listed().zip(tally.rows()).filter_map(told).collect();
    assert_eq!(roll.listed().filter(|listed| !listed.is_stand_in()).count(), {
        let mut names: Vec<&str> = whole.rows.iter().map(|row| row.name.as_str()).collect();
        names.dedup();
        names.iter().filter(|name| !["anybody", "any service"].contains(name)).count()
    });
    wrong.into_iter()
}

/// Shows that the example of a conditional row is one: stated, it makes the answer certain.
fn proved(world: &World, report: &Report, row: &Row) {
    let stated: BTreeMap<String, Vec<String>> = row.first.example.clone();
    assert!(!stated.is_empty(), "{row:?}");
    let question = Probe { stated, ..report.question.clone() };
    let again = world.who_can(&question, Detail::Everybody);
    // Somebody whom nobody knows is a certain account once the example says which.
    let is_same = |other: &&Row| other.tier == row.tier && other.name == row.name;
    let may = again.rows.iter().filter(is_same).any(|other| other.may() == May::Yes);
    let record = world.probe_who(&row.who, &question).expect("somebody");
    assert!(may || record.decision.is_allowed(), "{}\n{:#?}", line(row), lines(&again));
}

fn with(all: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    all.iter().chain(more).copied().collect()
}

// Sources: KMS Developer Guide, "Default key policy" (the account leaves it to IAM), "AWS KMS condition keys"; IAM User
// Guide, "AWS JSON policy elements: Principal", "Policy evaluation logic" (a session named directly), "Grants in AWS KMS".
#[test]
fn people_here() {
    let tess = r#"{"AWS": "arn:aws:iam::111122223333:user/tess"}"#;
    let via = r#""StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}"#;
    check(&[
        (
            allow(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, ""),
            vec!["here yes root", "here yes user/kim"],
        ),
        (allow(tess, ""), vec!["here yes user/tess"]),
        (
            allow(r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#, ""),
            vec!["here yes role/app", "here yes assumed-role/app/day"],
        ),
        (
            allow(r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/app/night"}"#, ""),
            vec!["here yes assumed-role/app/night"],
        ),
        (
            allow(tess, via),
            vec!["here if user/tess; if kms:ViaService StringEquals dynamodb.us-east-1.amazonaws.com"],
        ),
        (allow(r#""*""#, r#""StringEquals": {"kms:CallerAccount": "111122223333"}"#), ALL.to_vec()),
        (
            format!(
                "{}, {}",
                allow(tess, ""),
                statement(
                    "Deny",
                    r#""Principal": "*""#,
                    r#""StringNotEquals": {"aws:SourceVpce": "vpce-1"}"#
                )
            ),
            vec!["here if user/tess; unless aws:SourceVpce StringNotEquals vpce-1"],
        ),
        (
            allow(
                r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#,
                r#""StringEquals": {"aws:PrincipalTag/team": "a"}"#,
            ),
            vec!["here if role/app; if aws:PrincipalTag/team StringEquals a"],
        ),
        (
            allow(tess, r#""Bool": {"aws:MultiFactorAuthPresent": "true"}"#),
            vec!["here if user/tess; if aws:MultiFactorAuthPresent Bool true"],
        ),
        // A user's tags are known.
        (allow(tess, r#""StringEquals": {"aws:PrincipalTag/team": "a"}"#), vec![]),
        // The example would have to be two things at once.
        (
            allow(
                tess,
                r#""StringEquals": {"aws:SourceVpc": "a"}, "StringNotEquals": {"aws:SourceVpc": "a"}"#,
            ),
            vec![],
        ),
    ]);
}

// Sources: KMS Developer Guide, "Allowing users in other accounts to use a KMS key"; IAM User Guide, "Principal" (AWS
// account principals), "AWS global condition context keys" (aws:PrincipalArn, aws:PrincipalOrgID).
#[test]
fn accounts_and_principals_elsewhere() {
    let there = r#"{"AWS": "arn:aws:iam::444455556666:root"}"#;
    check(&[
        (allow(there, ""), vec!["elsewhere yes account 444455556666"]),
        (allow(r#"{"AWS": "444455556666"}"#, ""), vec!["elsewhere yes account 444455556666"]),
        (
            allow(there, r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/read-*"}"#),
            vec![
                "elsewhere if account 444455556666; if aws:PrincipalArn ArnLike arn:aws:iam::444455556666:role/read-*",
            ],
        ),
        (
            allow(there, r#""StringEquals": {"aws:PrincipalOrgID": "o-elsewhere0"}"#),
            vec!["elsewhere if account 444455556666; if aws:PrincipalOrgID StringEquals o-elsewhere0"],
        ),
        (
            allow(r#""*""#, r#""StringEquals": {"kms:CallerAccount": ["444455556666", "777788889999"]}"#),
            vec!["elsewhere yes account 444455556666", "elsewhere yes account 777788889999"],
        ),
        (
            allow(r#""*""#, r#""ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/reader"}"#),
            vec!["elsewhere yes arn:aws:iam::444455556666:role/reader"],
        ),
        (
            allow(r#"{"AWS": "arn:aws:sts::444455556666:federated-user/visitor"}"#, ""),
            vec!["elsewhere yes arn:aws:sts::444455556666:federated-user/visitor"],
        ),
        // What is certain is said alone, whatever else would let them in under conditions.
        (
            format!(
                "{}, {}",
                allow(there, r#""StringEquals": {"aws:PrincipalOrgID": "o-elsewhere0"}"#),
                allow(there, "")
            ),
            vec!["elsewhere yes account 444455556666"],
        ),
        (
            format!(
                "{}, {}",
                allow(there, ""),
                allow(
                    r#""*""#,
                    r#""StringEquals": {"kms:CallerAccount": "444455556666", "aws:PrincipalTag/team": "a"}"#
                )
            ),
            vec!["elsewhere yes account 444455556666"],
        ),
        // Whom a Deny leaves out, another statement may let in.
        (
            format!(
                "{}, {}",
                allow(r#""*""#, ""),
                statement(
                    "Deny",
                    r#""Principal": "*""#,
                    r#""StringNotEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}"#
                )
            ),
            with(&ALL, &["elsewhere yes account 444455556666"]),
        ),
        (
            format!(
                "{}, {}",
                allow(r#""*""#, ""),
                statement(
                    "Deny",
                    r#""Principal": {"AWS": "*"}"#,
                    r#""ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/reader"}"#
                )
            ),
            vec!["elsewhere yes arn:aws:iam::444455556666:role/reader"],
        ),
        (
            format!(
                "{}, {}",
                allow(there, ""),
                statement(
                    "Deny",
                    r#""NotPrincipal": {"AWS": ["444455556666", "arn:aws:sts::444455556666:federated-user/visitor"]}"#,
                    ""
                )
            ),
            vec!["elsewhere yes arn:aws:sts::444455556666:federated-user/visitor"],
        ),
        // Somebody named is denied like everybody.
        (
            format!(
                "{}, {}",
                allow(there, ""),
                statement(
                    "Deny",
                    r#""Principal": "*""#,
                    r#""StringNotEquals": {"kms:CallerAccount": "111122223333"}"#
                )
            ),
            vec![],
        ),
    ]);
    // Changing a key policy cannot be allowed to another account.
    let (world, key) = world(&allow(there, "").replace("kms:Decrypt", "kms:PutKeyPolicy"));
    let report = world.who_can(&Probe::new("kms:PutKeyPolicy", key), Detail::Conditions);
    assert_eq!(lines(&report), Vec::<String>::new());
}

// Sources: CloudTrail, CloudWatch Logs, Amazon SNS and CloudFront documentation of key policies; IAM User Guide, "The
// confused deputy problem"; KMS Developer Guide, kms:ViaService (requests in a caller's name).
#[test]
fn services() {
    let service = |name: &str| format!(r#"{{"Service": "{name}"}}"#);
    check(&[
        (allow(&service("cloudtrail.amazonaws.com"), ""), vec!["services yes cloudtrail.amazonaws.com"]),
        (
            allow(&service("sns.amazonaws.com"), r#""StringEquals": {"aws:SourceAccount": "111122223333"}"#),
            vec!["services if sns.amazonaws.com; if aws:SourceAccount StringEquals 111122223333"],
        ),
        (
            allow(
                &service("logs.us-east-1.amazonaws.com"),
                r#""ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111122223333:*"}"#,
            ),
            vec![
                "services if logs.us-east-1.amazonaws.com; if kms:EncryptionContext:aws:logs:arn ArnLike arn:aws:logs:us-east-1:111122223333:*",
            ],
        ),
        (
            allow(r#""*""#, r#""StringEquals": {"aws:PrincipalServiceName": "cloudfront.amazonaws.com"}"#),
            vec!["services yes cloudfront.amazonaws.com"],
        ),
        (
            allow(
                &service("delivery.logs.amazonaws.com"),
                r#""StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:*"}"#,
            ),
            vec![
                "services if delivery.logs.amazonaws.com; if aws:SourceAccount StringEquals 111122223333; if aws:SourceArn ArnLike arn:aws:logs:*:*:*",
            ],
        ),
        // Everybody is every service, too.
        (
            allow(r#""*""#, r#""StringEquals": {"aws:SourceAccount": "111122223333"}"#),
            vec!["services if any service; if aws:SourceAccount StringEquals 111122223333"],
        ),
        (
            allow(r#"{"AWS": "*"}"#, r#""Bool": {"aws:PrincipalIsAWSService": "true"}"#),
            vec!["services yes any service"],
        ),
        (
            allow(
                r#""*""#,
                r#""ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}, "StringEquals": {"aws:SourceOrgID": "o-elsewhere0"}"#,
            ),
            vec![
                "services if any service; if aws:SourceArn ArnLike arn:aws:s3:*:*:*; if aws:SourceOrgID StringEquals o-elsewhere0",
            ],
        ),
        (
            format!(
                "{}, {}",
                allow(r#""*""#, r#""StringEquals": {"aws:SourceOrgID": "o-elsewhere0"}"#),
                allow(r#""*""#, r#""StringEquals": {"aws:PrincipalServiceName": "config.amazonaws.com"}"#)
            ),
            vec![
                "services if any service; if aws:SourceOrgID StringEquals o-elsewhere0",
                "services yes config.amazonaws.com",
            ],
        ),
        // A service that acts for itself comes through no service.
        (
            allow(
                &service("sns.amazonaws.com"),
                r#""StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}"#,
            ),
            vec![],
        ),
    ]);
}

// Sources: KMS Developer Guide, "kms:CallerAccount", "kms:ViaService"; IAM User Guide, "Condition operators" (IfExists,
// negated operators and absent keys), "Policy variables", "NotPrincipal".
#[test]
fn anybody() {
    let anybody = |conditions: &str| allow(r#""*""#, conditions);
    let open = || with(&ALL, &["anybody yes anybody"]);
    let own = r#""StringEquals": {"kms:CallerAccount": "${aws:PrincipalAccount}"}"#;
    check(&[
        (anybody(""), open()),
        (anybody(r#""Bool": {"aws:SecureTransport": "true"}"#), open()),
        (anybody(r#""StringLike": {"kms:CallerAccount": "*"}"#), open()),
        (anybody(own), open()),
        (anybody(r#""StringNotEquals": {"aws:PrincipalOrgID": "o-elsewhere0"}"#), open()),
        (anybody(r#""StringEqualsIfExists": {"aws:PrincipalOrgID": "o-elsewhere0"}"#), open()),
        (anybody(r#""DateLessThan": {"aws:CurrentTime": "2026-02-01T00:00:00Z"}"#), open()),
        (anybody(r#""DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}"#), vec![]),
        (
            anybody(r#""StringEquals": {"aws:PrincipalOrgID": "o-elsewhere0"}"#),
            vec!["anybody if anybody; if aws:PrincipalOrgID StringEquals o-elsewhere0"],
        ),
        (
            anybody(r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}"#),
            vec!["anybody if anybody; if aws:PrincipalArn ArnLike arn:aws:iam::*:role/ci"],
        ),
        (
            statement("Allow", r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/tess"}"#, ""),
            with(&[ALL[0], ALL[1], ALL[3], ALL[4]], &["anybody yes anybody"]),
        ),
        (
            anybody(r#""IpAddress": {"aws:SourceIp": "203.0.113.0/24"}"#),
            ["user/kim", "user/tess", "role/app", "assumed-role/app/day"]
                .iter()
                .fold(vec!["here if root; if aws:SourceIp IpAddress 203.0.113.0/24"], |mut rows, who| {
                    rows.push(match *who {
                        "user/kim" => "here if user/kim; if aws:SourceIp IpAddress 203.0.113.0/24",
                        "user/tess" => "here if user/tess; if aws:SourceIp IpAddress 203.0.113.0/24",
                        "role/app" => "here if role/app; if aws:SourceIp IpAddress 203.0.113.0/24",
                        _ => "here if assumed-role/app/day; if aws:SourceIp IpAddress 203.0.113.0/24",
                    });
                    rows
                })
                .into_iter()
                .chain(["anybody if anybody; if aws:SourceIp IpAddress 203.0.113.0/24"])
                .collect(),
        ),
        // Nobody knows from where somebody unknown calls, be it the address that is taken for those here.
        (
            anybody(r#""IpAddress": {"aws:SourceIp": "198.51.100.7/32"}"#),
            with(&ALL, &["anybody if anybody; if aws:SourceIp IpAddress 198.51.100.7/32"]),
        ),
        (
            format!(
                "{}, {}",
                allow(r#"{"AWS": "444455556666"}"#, ""),
                statement(
                    "Deny",
                    r#""Principal": "*""#,
                    r#""NotIpAddress": {"aws:SourceIp": ["198.51.100.0/24", "2001:db8::/32"]}"#
                )
            ),
            vec![
                "elsewhere if account 444455556666; unless aws:SourceIp NotIpAddress 198.51.100.0/24|2001:db8::/32",
            ],
        ),
        // Which account somebody unknown is of is open, too.
        (
            anybody(r#""StringLike": {"kms:CallerAccount": "4444*"}"#),
            vec!["anybody if anybody; if kms:CallerAccount StringLike 4444*"],
        ),
        (
            anybody(r#""StringLike": {"aws:PrincipalAccount": ["4444????????", "7777*"]}"#),
            vec!["anybody if anybody; if aws:PrincipalAccount StringLike 4444????????|7777*"],
        ),
        // Each statement is a way in of its own.
        (
            format!(
                "{}, {}",
                anybody(r#""StringEquals": {"aws:PrincipalOrgID": "o-elsewhere0"}"#),
                anybody(r#""StringEquals": {"aws:PrincipalTag/team": "a"}"#)
            ),
            vec![
                "here if role/app; if aws:PrincipalTag/team StringEquals a",
                "anybody if anybody; if aws:PrincipalOrgID StringEquals o-elsewhere0",
                "anybody if anybody; if aws:PrincipalTag/team StringEquals a",
            ],
        ),
    ]);
}

// Sources: KMS Developer Guide, "kms:ViaService" (the services that call in a caller's name), "Grants in AWS KMS"; IAM
// User Guide, "Forward access sessions": the request is the caller's, and the service is no principal of it.
#[test]
fn through_a_service() {
    let via = |service: &str, conditions: &str| {
        let kind = if service.contains('*') { "StringLike" } else { "StringEquals" };
        let more = if conditions.is_empty() { String::new() } else { format!(", {conditions}") };
        format!(r#""{kind}": {{"kms:ViaService": "{service}"}}{more}"#)
    };
    let tess = r#"{"AWS": "arn:aws:iam::111122223333:user/tess"}"#;
    let rows = [
        ("s3", allow(tess, &via("s3.us-east-1.amazonaws.com", "")), vec!["here yes user/tess"]),
        ("ec2", allow(tess, &via("*.us-east-1.amazonaws.com", "")), vec!["here yes user/tess"]),
        // The question says which service it is.
        ("dynamodb", allow(tess, &via("s3.us-east-1.amazonaws.com", "")), vec![]),
        ("rds", allow(tess, &via("rds.eu-west-1.amazonaws.com", "")), vec![]),
        (
            "secretsmanager",
            allow(
                r#""*""#,
                &via(
                    "secretsmanager.us-east-1.amazonaws.com",
                    r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}"#,
                ),
            ),
            vec!["anybody if anybody; if aws:PrincipalArn ArnLike arn:aws:iam::*:role/ci"],
        ),
        (
            "lambda",
            allow(
                r#"{"AWS": "444455556666"}"#,
                r#""StringNotEquals": {"kms:ViaService": "lambda.us-east-1.amazonaws.com"}"#,
            ),
            vec![],
        ),
        // A service that acts for itself comes through none.
        ("sns", allow(r#"{"Service": "sns.amazonaws.com"}"#, ""), vec![]),
        (
            "cloudtrail",
            allow(
                r#"{"Service": ["cloudtrail.amazonaws.com", "logs.us-east-1.amazonaws.com"], "AWS": "444455556666"}"#,
                "",
            ),
            vec!["elsewhere yes account 444455556666"],
        ),
    ];
    for (service, statements, expected) in rows {
        let (world, key) = world(&statements);
        let question = Probe { via: Some(format!("{service}.amazonaws.com")), ..Probe::new(KEY_ACTION, key) };
        let report = world.who_can(&question, Detail::Conditions);
        assert_eq!(lines(&report), expected, "{service}: {statements}");
    }
}

// Sources: IAM User Guide, "Policy variables", "AWS global condition context keys", "Multivalued context keys"; KMS Developer
// Guide, "AWS KMS condition keys" (kms:RequestAlias, kms:EncryptionContextKeys, kms:RecipientAttestation), "ABAC for AWS KMS";
// "Using MFA with IAM": long-term credentials carry no aws:MultiFactorAuthPresent.
#[test]
fn conditions_of_policies_in_use() {
    let tess = r#"{"AWS": "arn:aws:iam::111122223333:user/tess"}"#;
    let app = r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#;
    let root = r#"{"AWS": "arn:aws:iam::111122223333:root"}"#;
    let deny = |conditions: &str| statement("Deny", r#""Principal": "*""#, conditions);
    let both = |one: String, other: String| format!("{one}, {other}");
    check(&[
        (
            allow(tess, r#""StringEquals": {"kms:RequestAlias": "alias/orders"}"#),
            vec!["here if user/tess; if kms:RequestAlias StringEquals alias/orders"],
        ),
        (
            allow(tess, r#""ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["tenant"]}"#),
            vec!["here if user/tess; if kms:EncryptionContextKeys ForAnyValue:StringEquals tenant"],
        ),
        (
            allow(tess, r#""StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": "1a2b"}"#),
            vec!["here if user/tess; if kms:RecipientAttestation:PCR0 StringEqualsIgnoreCase 1a2b"],
        ),
        (
            allow(
                tess,
                r#""StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"}"#,
            ),
            vec!["here yes user/tess"],
        ),
        (allow(tess, r#""StringEquals": {"kms:KeySpec": "RSA_2048"}"#), vec![]),
        (allow(tess, r#""StringEquals": {"aws:ResourceTag/team": "a"}"#), vec![]),
        (
            allow(
                r#""*""#,
                r#""StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/${aws:username}", "kms:CallerAccount": "111122223333"}"#,
            ),
            vec!["here yes user/kim", "here yes user/tess"],
        ),
        (
            both(allow(tess, ""), deny(r#""BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}"#)),
            vec!["here if user/tess; unless aws:MultiFactorAuthPresent BoolIfExists false"],
        ),
        (
            both(allow(tess, ""), deny(r#""Bool": {"aws:SecureTransport": "false"}"#)),
            vec!["here yes user/tess"],
        ),
        (
            both(
                allow(tess, ""),
                deny(
                    r#""StringNotEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"]}"#,
                ),
            ),
            vec![
                "here if user/tess; unless kms:ViaService StringNotEquals s3.us-east-1.amazonaws.com|ec2.us-east-1.amazonaws.com",
            ],
        ),
        (
            both(
                allow(root, ""),
                deny(r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}"#),
            ),
            vec![],
        ),
        (
            both(allow(app, ""), deny(r#""StringNotLike": {"aws:userid": "*:day"}"#)),
            vec!["here if role/app; unless aws:userid StringNotLike *:day", "here yes assumed-role/app/day"],
        ),
        (allow(root, r#""StringEquals": {"aws:PrincipalTag/team": "a"}"#), vec![]),
        (
            allow(root, r#""DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}"#),
            vec![
                "here if root; if aws:TokenIssueTime DateGreaterThan 2026-01-01T00:00:00Z",
                "here if user/kim; if aws:TokenIssueTime DateGreaterThan 2026-01-01T00:00:00Z",
            ],
        ),
    ]);
}

// Source: KMS API Reference, the operations, each of which names the `KeyUsage` and the states of the key that it takes;
// DynamoDB API Reference, ResourceNotFoundException.
#[test]
fn what_fails_whoever_asks_is_said() {
    let (mut world, key) =
        world(&allow(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, "").replace("kms:Decrypt", "kms:*"));
    let root = Caller::Root(account());
    let mut made = |spec: &str, usage: &str| {
        let made = ok(&mut world, &root, "kms:CreateKey", json!({"KeySpec": spec, "KeyUsage": usage}));
        made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned()
    };
    let signing = made("ECC_NIST_P256", "SIGN_VERIFY");
    let mac = made("HMAC_256", "GENERATE_VERIFY_MAC");
    let agreement = made("ECC_NIST_P384", "KEY_AGREEMENT");
    let disabled = made("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    let doomed = made("RSA_2048", "ENCRYPT_DECRYPT");
    ok(&mut world, &root, "kms:DisableKey", json!({"KeyId": disabled}));
    ok(&mut world, &root, "kms:ScheduleKeyDeletion", json!({"KeyId": doomed}));
    let absent = format!("arn:aws:kms:us-east-1:{HOME}:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");
    let table = format!("arn:aws:dynamodb:us-east-1:{HOME}:table/Nothing");
    let role = format!("arn:aws:iam::{HOME}:role/division/gone");
    let user = format!("arn:aws:iam::{HOME}:user/gone");
    for (action, resource, why) in [
        ("kms:Decrypt", &key, None),
        ("kms:Sign", &signing, None),
        (
            "kms:Decrypt",
            &signing,
            Some("kms:Decrypt takes a key for ENCRYPT_DECRYPT, and this one is for SIGN_VERIFY"),
        ),
        (
            "kms:GenerateDataKey",
            &mac,
            Some(
                "kms:GenerateDataKey takes a key for ENCRYPT_DECRYPT, and this one is for GENERATE_VERIFY_MAC",
            ),
        ),
        ("kms:verifymac", &mac, None),
        (
            "kms:Sign",
            &agreement,
            Some("kms:Sign takes a key for SIGN_VERIFY, and this one is for KEY_AGREEMENT"),
        ),
        ("kms:DescribeKey", &agreement, None),
        ("kms:Encrypt", &disabled, Some("the state of the key is Disabled")),
        ("kms:EnableKey", &disabled, None),
        ("kms:Decrypt", &doomed, Some("the state of the key is PendingDeletion")),
        ("kms:PutKeyPolicy", &absent, Some("there is no key 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")),
        ("dynamodb:Scan", &table, Some("there is no table Nothing")),
        ("dynamodb:CreateTable", &table, None),
        ("sts:AssumeRole", &role, Some("there is no role gone")),
        ("iam:DeleteUser", &user, Some("there is no user gone")),
        ("iam:CreateUser", &user, None),
    ] {
        let report = world.who_can(&Probe::new(action, resource), Detail::Conditions);
        let found: Vec<&String> =
            report.not_looked_at.iter().filter(|line| line.contains("whoever asks")).collect();
        let expected = why.map(|why| {
            format!("what stands in the way beside access: {why}, so {action} fails whoever asks")
        });
        assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{action} {resource}");
    }
}

// Source: KMS Developer Guide, "Grants in AWS KMS", grantee principals and grant constraints.
#[test]
fn grantees() {
    let (mut world, key) =
        world(&allow(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, "").replace("kms:Decrypt", "kms:*"));
    let root = Caller::Root(account());
    for (grantee, constraints) in [
        ("arn:aws:iam::111122223333:user/tess", json!({"EncryptionContextSubset": {"app": "a"}})),
        ("arn:aws:iam::111122223333:role/app", json!({})),
        ("arn:aws:iam::444455556666:root", json!({"EncryptionContextEquals": {"app": "b"}})),
        ("arn:aws:sts::111122223333:assumed-role/app/night", json!({})),
        ("arn:aws:sts::444455556666:federated-user/visitor", json!({})),
    ] {
        let mut grant = json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"]});
        if constraints != json!({}) {
            grant["Constraints"] = constraints;
        }
        ok(&mut world, &root, "kms:CreateGrant", grant);
    }
    let report = world.who_can(&Probe::new(KEY_ACTION, &key), Detail::Conditions);
    assert_eq!(
        lines(&report),
        [
            "here yes root",
            "here yes user/kim",
            "here if user/tess; if kms:EncryptionContext:app StringEquals a",
            "here yes role/app",
            "here yes assumed-role/app/day",
            "here yes assumed-role/app/night",
            "elsewhere if account 444455556666; if kms:EncryptionContext:app StringEquals b",
            "elsewhere yes arn:aws:sts::444455556666:federated-user/visitor",
        ]
    );
    report.rows.iter().filter(|row| row.may() == May::If).for_each(|row| proved(&world, &report, row));
    // What is said of the request is no longer open.
    let stated = BTreeMap::from([("kms:EncryptionContext:app".to_owned(), vec!["b".to_owned()])]);
    let report = world.who_can(&Probe { stated, ..Probe::new(KEY_ACTION, &key) }, Detail::Conditions);
    let found = lines(&report);
    assert!(!found.iter().any(|line| line.contains("user/tess")), "{found:?}");
    assert!(found.contains(&"elsewhere yes account 444455556666".to_owned()), "{found:?}");
}

// Source: DynamoDB Developer Guide, "Encryption at rest usage notes": DynamoDB asks KMS to decrypt in the caller's name.
#[test]
fn a_call_that_needs_a_key_has_two_decisions() {
    let statements = format!(
        "{}, {}",
        allow(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, "").replace("kms:Decrypt", "kms:*"),
        allow(
            r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#,
            r#""StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}"#
        )
    );
    let (mut world, key) = world(&statements);
    let root = Caller::Root(account());
    for name in ["Sealed", "Owned"] {
        let mut table = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
        if name == "Sealed" {
            table["SSESpecification"] = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key});
        }
        ok(&mut world, &root, "dynamodb:CreateTable", table);
    }
    let full = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess";
    for name in ["kim", "tess"] {
        ok(&mut world, &root, "iam:AttachUserPolicy", json!({"UserName": name, "PolicyArn": full}));
    }
    ok(&mut world, &root, "iam:AttachRolePolicy", json!({"RoleName": "app", "PolicyArn": full}));
    let pair = |row: &Row| {
        let spelled = |may: May| match may {
            May::Yes => "may",
            May::If => "may if",
            May::No => "cannot",
        };
        let key = row.key.as_ref().map_or("", |key| spelled(key.may()));
        format!(
            "{} {} {key}",
            row.name.rsplit([':', '/']).next().unwrap_or_default(),
            spelled(row.first.may())
        )
    };
    for (action, table, expected) in [
        (
            "dynamodb:Scan",
            "Sealed",
            vec!["root may may", "kim may may", "tess may cannot", "app may may", "day may may"],
        ),
        (
            "dynamodb:GetItem",
            "Sealed",
            vec!["root may may", "kim may may", "tess may cannot", "app may may", "day may may"],
        ),
        (
            "dynamodb:PutItem",
            "Sealed",
            vec!["root may may", "kim may may", "tess may cannot", "app may may", "day may may"],
        ),
        (
            "dynamodb:DescribeTable",
            "Sealed",
            vec!["root may ", "kim may ", "tess may ", "app may ", "day may "],
        ),
        ("dynamodb:Scan", "Owned", vec!["root may ", "kim may ", "tess may ", "app may ", "day may "]),
    ] {
        let arn = format!("arn:aws:dynamodb:us-east-1:{HOME}:table/{table}");
        let report = world.who_can(&Probe::new(action, arn), Detail::Conditions);
        let found: Vec<String> = report.rows.iter().map(pair).collect();
        assert_eq!(found, expected, "{action} {table}");
        // Scanning, not asking, is the measure.
        for row in report.rows.iter().filter(|_| action == "dynamodb:Scan") {
            let kmslab::cloud::Who::Caller(caller) = &row.who else { continue };
            let scan = Call::decode("dynamodb", "Scan", json!({"TableName": table})).expect("a call");
            assert_eq!(
                world.clone().call(caller, scan).result.is_ok(),
                row.may() == May::Yes,
                "{}",
                row.name
            );
        }
    }
}

// Source: IAM User Guide, "How to use an external ID", "Creating a role for web identity"; DynamoDB Developer Guide,
// "Using resource-based policies".
#[test]
fn resources_of_other_services_have_the_same_tiers() {
    let (mut world, _) = world(&allow(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, ""));
    let root = Caller::Root(account());
    let trust = |principal: &str, condition: &str| {
        policy(&format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:*"{condition}}}"#))
    };
    let external = r#", "Condition": {"StringEquals": {"sts:ExternalId": "42"}}"#;
    for (name, trust, expected) in [
        (
            "vendor",
            trust(r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, external),
            vec!["elsewhere if account 444455556666; if sts:ExternalId StringEquals 42"],
        ),
        (
            "task",
            trust(r#"{"Service": "ecs-tasks.amazonaws.com"}"#, ""),
            vec!["services yes ecs-tasks.amazonaws.com"],
        ),
    ] {
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
        ok(&mut world, &root, "iam:CreateRole", role);
        let arn = format!("arn:aws:iam::{HOME}:role/{name}");
        let report = world.who_can(&Probe::new("sts:AssumeRole", arn), Detail::Conditions);
        assert_eq!(lines(&report), expected, "{name}");
    }
    let table = json!({"TableName": "Shared", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    ok(&mut world, &root, "dynamodb:CreateTable", table);
    let arn = format!("arn:aws:dynamodb:us-east-1:{HOME}:table/Shared");
    let open = policy(&format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "444455556666"}}, "Action": "dynamodb:GetItem", "Resource": "{arn}",
            "Condition": {{"ForAllValues:StringEquals": {{"dynamodb:LeadingKeys": ["a"]}}, "Null": {{"dynamodb:LeadingKeys": "false"}}}}}}"#
    ));
    let put = json!({"ResourceArn": arn, "Policy": open, "ConfirmRemoveSelfResourceAccess": true});
    ok(&mut world, &root, "dynamodb:PutResourcePolicy", put);
    let report = world.who_can(&Probe::new("dynamodb:GetItem", &arn), Detail::Conditions);
    assert_eq!(
        lines(&report),
        [
            "here yes root",
            "elsewhere if account 444455556666; if dynamodb:LeadingKeys ForAllValues:StringEquals a; if dynamodb:LeadingKeys Null false"
        ]
    );
}

#[test]
fn nobody_without_credentials_is_ever_named() {
    let (world, key) = world(&allow(r#""*""#, ""));
    for (action, resource) in [
        ("kms:Decrypt", &*key),
        ("kms:ListKeys", "*"),
        ("iam:ListUsers", "*"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/app"),
        ("s3:GetObject", "arn:aws:s3:::bucket/key"),
    ] {
        let report = world.who_can(&Probe::new(action, resource), Detail::Everybody);
        assert!(report.rows.iter().all(|row| !row.name.contains("anonymous")), "{action}");
        assert!(report.rows.iter().any(|row| row.name.ends_with("user/tess")), "{action}");
    }
}

fn kmslab(arguments: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kmslab"));
    command.args(arguments).output().expect("the program starts")
}

#[test]
fn the_command_takes_condition_keys_and_says_what_it_left_out() {
    let question = ["who-can", "kms:Decrypt", "k1", "--scenario", "a3", "--json"];
    let ask = |more: &[&str]| {
        let answered = kmslab(&[&question[..], more].concat());
        assert!(answered.status.success(), "{more:?}");
        serde_json::from_slice::<Value>(&answered.stdout).expect("JSON")
    };
    let answer = ask(&[]);
    let service = &answer["services"][0];
    assert_eq!(service["answer"], "conditional", "{answer:#}");
    assert!(!answer["notLookedAt"].as_array().expect("a list").is_empty());
    let example = service["ruling"]["example"].as_object().expect("an example");
    let pairs: Vec<String> = example
        .iter()
        .flat_map(|(key, values)| {
            ["--context".to_owned(), format!("{key}={}", values[0].as_str().expect("text"))]
        })
        .collect();
    let answer = ask(&pairs.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(answer["services"][0]["answer"], "allow", "{answer:#}");
    let refused = kmslab(&[&question[..], &["--context", "SourceIp"]].concat());
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).expect("text");
    assert!(said.contains("`--context SourceIp`") && said.contains("aws:SourceIp=203.0.113.7"), "{said}");
}

// Source: Service Authorization Reference: the actions of each service, and the types of resources that each is about.
#[test]
fn a_question_about_no_action_or_the_wrong_resource_is_refused() {
    let user = "arn:aws:iam::111122223333:user/kim";
    for (action, resource, said) in [
        (
            "dynamodb:Sca",
            "CustomerData",
            "`dynamodb:Sca` is no action: dynamodb has no action Sca. Did you mean dynamodb:Scan?",
        ),
        ("kms:Decrpt", "k1", "Did you mean kms:Decrypt?"),
        ("kms:Foo", "k1", "`kms:Foo` is no action: kms has no action Foo. Check the name."),
        ("iam:PassRol", "*", "Did you mean iam:PassRole?"),
        ("sts:AssumeRoles", "*", "Did you mean sts:AssumeRole?"),
        ("dynamdb:Scan", "CustomerData", "there is no service dynamdb. Did you mean dynamodb?"),
        ("kms:*", "k1", "A question is about one action: write its whole name."),
        (
            "kms:Decrypt",
            "CustomerData",
            "kms:Decrypt is never asked about `arn:aws:dynamodb:us-east-1:111122223333:table/CustomerData`",
        ),
        ("dynamodb:Scan", "k1", "ask about arn:*:dynamodb:*:*:table/*"),
        ("kms:ListKeys", "k1", "ask about *"),
        ("iam:CreateUser", "arn:aws:iam::111122223333:role/app", "ask about arn:*:iam::*:user/*"),
    ] {
        let refused = kmslab(&["who-can", action, resource, "--scenario", "a3"]);
        let text = String::from_utf8(refused.stderr).expect("text");
        assert_eq!(refused.status.code(), Some(2), "{action}: {text}");
        assert!(text.contains(said), "{action}: {text}");
    }
    for (action, resource, asked) in [
        ("iam:DeleteUser", "kim", user),
        ("iam:PutUserPolicy", "user/kim", user),
        ("iam:GetUser", user, user),
        ("kms:decrypt", "alias/dynamodb-encryption-key", "arn:aws:kms:us-east-1:"),
        ("ec2:RunInstances", "*", "*"),
        ("kms:Decrypt", "*", "*"),
    ] {
        let answered = kmslab(&["who-can", action, resource, "--scenario", "a3", "--json"]);
        let text = String::from_utf8_lossy(&answered.stderr).into_owned();
        let answer: Value =
            serde_json::from_slice(&answered.stdout).unwrap_or_else(|_| panic!("{action}: {text}"));
        let about = answer["question"]["resource"].as_str().expect("an ARN");
        assert!(about.starts_with(asked), "{action}: {about}");
    }
}
