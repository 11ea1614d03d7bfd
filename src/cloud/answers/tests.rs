//! Answers at once are those of asking one by one.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::*;
use crate::cloud::{Call, Fidelity, network::Location};

const ACCOUNT: &str = "111122223333";
const MEMBER: &str = "444455556666";

/// What a random world is made of: by user and role the statements of their own policies, those of the two key
/// policies, the SCP over the member account, grants, and places in the network.
#[derive(Debug, Clone)]
struct Seeds {
    own: Vec<Vec<&'static str>>,
    keys: Vec<Vec<&'static str>>,
    scp: bool,
    grants: Vec<(usize, usize)>,
    in_vpc: bool,
    session_policy: bool,
}

const OWN: [&str; 7] = [
    r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": ["kms:Decrypt", "kms:List*"], "Resource": "*"}"#,
    r#"{"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}}"#,
    r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/${aws:username}"}"#,
    r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"kms:ViaService": "dynamodb.*"}}}"#,
    r#"{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}"#,
];

const KEY: [&str; 6] = [
    r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:Decrypt", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*"}"#,
    r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:app": "b"}}}"#,
    r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "444455556666", "kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}}"#,
    r#"{"Effect": "Allow", "Principal": {"Service": "dynamodb.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}"#,
];

prop_compose! {
    fn seeds()(
        own in proptest::collection::vec(subsequence(OWN.to_vec(), 0..=3), 4),
        keys in proptest::collection::vec(subsequence(KEY[1..].to_vec(), 0..=4), 2),
        scp in any::<bool>(),
        grants in proptest::collection::vec((0..3_usize, 0..2_usize), 0..3),
        in_vpc in any::<bool>(),
        session_policy in any::<bool>(),
    ) -> Seeds {
        Seeds { own, keys, scp, grants, in_vpc, session_policy }
    }
}

fn document(statements: &[&str]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

fn ok(world: &mut World, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
    let call = Call::decode(service, operation, input).expect("a call");
    world.call(caller, call).result.expect(operation).to_json()
}

/// The world, everybody who is asked about, and its keys.
fn world(seeds: &Seeds) -> (World, Vec<Who>, Vec<String>) {
    let now = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut world = World::new(7, now, Fidelity::instant());
    let [account, member]: [AccountId; 2] = [ACCOUNT, MEMBER].map(|id| id.parse().expect("twelve digits"));
    world.add_account(account.clone(), "clinic");
    world.add_account(member.clone(), "lab");
    let (root, other) = (Caller::Root(account.clone()), Caller::Root(member.clone()));
    let users = [(&account, &root, "kim"), (&account, &root, "tess"), (&member, &other, "lea")];
    let mut who: Vec<Who> = vec![Who::Caller(root.clone()), Who::Caller(other.clone())];
    let mut own = seeds.own.iter();
    let mut policy_of = || own.next().filter(|own| !own.is_empty()).map(|own| document(own));
    for (account, root, name) in users {
        ok(&mut world, root, "iam", "CreateUser", json!({"UserName": name}));
        if let Some(policy) = policy_of() {
            let put = json!({"UserName": name, "PolicyName": "own", "PolicyDocument": policy});
            ok(&mut world, root, "iam", "PutUserPolicy", put);
        }
        who.push(Who::Caller(Caller::user(account, name)));
    }
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}"#;
    let create = json!({"RoleName": "app", "AssumeRolePolicyDocument": trust});
    ok(&mut world, &root, "iam", "CreateRole", create);
    if let Some(policy) = policy_of() {
        let put = json!({"RoleName": "app", "PolicyName": "own", "PolicyDocument": policy});
        ok(&mut world, &root, "iam", "PutRolePolicy", put);
    }
    let assume = document(&[r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}"#]);
    let put = json!({"UserName": "tess", "PolicyName": "assume", "PolicyDocument": assume});
    ok(&mut world, &root, "iam", "PutUserPolicy", put);
    let mut assume = json!({"RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/app"), "RoleSessionName": "s"});
    if seeds.session_policy {
        assume["Policy"] = json!(document(&[OWN[1]]));
    }
    let call = Call::decode("sts", "AssumeRole", assume).expect("a call");
    if let Ok(session) = world.call(&Caller::user(&account, "tess"), call).result {
        let key = session.to_json()["Credentials"]["AccessKeyId"].as_str().expect("a key").to_owned();
        who.push(Who::Caller(Caller::Session(key.as_str().into())));
    }
    let role = world
        .iam()
        .identities()
        .find(|identity| identity.name == "app")
        .expect("the role")
        .principal()
        .clone();
    who.push(Who::Principal(role));
    who.push(Who::Caller(Caller::user(&account, "nobody")));
    who.push(Who::Caller(Caller::Service("dynamodb.amazonaws.com".into())));
    let outside = ["arn:aws:iam::999988887777:user/x", "arn:aws:iam::444455556666:role/x"];
    who.extend(outside.iter().filter_map(|arn| Principal::from_arn(arn)).map(Who::Outsider));
    who.push(Who::Caller(Caller::Anonymous));
    let mut keys = Vec::new();
    for statements in &seeds.keys {
        let policy = document(&[&[KEY[0]], statements.as_slice()].concat());
        let made = ok(&mut world, &root, "kms", "CreateKey", json!({"Policy": policy}));
        keys.push(made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned());
    }
    for (grantee, key) in &seeds.grants {
        let names = ["111122223333:user/tess", "444455556666:user/lea", "111122223333:role/app"];
        let grant = json!({"KeyId": keys[*key], "Operations": ["Decrypt", "Encrypt"],
            "GranteePrincipal": format!("arn:aws:iam::{}", names[*grantee]),
            "Constraints": {"EncryptionContextSubset": {"app": "a"}}});
        ok(&mut world, &root, "kms", "CreateGrant", grant);
    }
    if seeds.scp {
        guard(&mut world, &root);
    }
    if seeds.in_vpc {
        let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}"#;
        world.add_endpoint("vpce-kms", "vpc-app", "kms", Some(policy)).expect("an endpoint");
        let place =
            Location::Vpc { vpc: "vpc-app".into(), address: "10.0.0.10".parse().expect("an address") };
        world.locate(&Caller::user(&account, "kim"), place).expect("somebody");
    }
    (world, who, keys)
}

/// Makes an organization whose member may not encrypt, and whose keys nobody may decrypt with by way of DynamoDB.
fn guard(world: &mut World, root: &Caller) {
    let organizations =
        |world: &mut World, operation: &str, input| ok(world, root, "organizations", operation, input);
    organizations(world, "CreateOrganization", json!({"FeatureSet": "ALL"}));
    let listed = organizations(world, "ListRoots", json!({}));
    let at = listed["Roots"][0]["Id"].as_str().expect("an id").to_owned();
    let invite = json!({"Target": {"Id": MEMBER, "Type": "ACCOUNT"}});
    organizations(world, "InviteAccountToOrganization", invite);
    for (kind, statement) in [
        ("SERVICE_CONTROL_POLICY", r#"{"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}"#),
        (
            "RESOURCE_CONTROL_POLICY",
            r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*"}"#,
        ),
    ] {
        organizations(world, "EnablePolicyType", json!({"RootId": at, "PolicyType": kind}));
        let policy =
            json!({"Name": kind, "Description": "", "Type": kind, "Content": document(&[statement])});
        let made = organizations(world, "CreatePolicy", policy);
        let attach = json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": MEMBER});
        organizations(world, "AttachPolicy", attach);
    }
}

fn probes(keys: &[String]) -> Vec<Probe> {
    let mut probes = vec![
        Probe::new("kms:ListKeys", "*"),
        Probe::new("sts:AssumeRole", format!("arn:aws:iam::{ACCOUNT}:role/app")),
        Probe::new("iam:GetRole", format!("arn:aws:iam::{ACCOUNT}:role/app")),
        Probe::new("dynamodb:Scan", format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/T")),
        Probe::new("s3:GetObject", "arn:aws:s3:::bucket/key"),
        Probe::new(
            "kms:Decrypt",
            format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"),
        ),
    ];
    for key in keys {
        probes
            .extend(["kms:Encrypt", "kms:PutKeyPolicy", "kms:Decrypt"].map(|action| Probe::new(action, key)));
        for app in ["a", "b"] {
            let mut probe = Probe::new("kms:Decrypt", key);
            probe.encryption_context.insert("app".to_owned(), app.to_owned());
            probes.push(probe.clone());
            probe.via = Some("dynamodb.amazonaws.com".to_owned());
            probe.context.keys.insert("aws:PrincipalAccount".to_owned(), vec!["made up".to_owned()]);
            probes.push(probe);
        }
    }
    probes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn answers_at_once_are_those_of_asking_one_by_one(seeds in seeds(), shift in select(vec![0_usize, 1, 5])) {
        let (world, who, keys) = world(&seeds);
        let mut probes = probes(&keys);
        probes.rotate_left(shift);
        let answers = world.answers(&who, &probes);
        for (caller, who) in who.iter().enumerate() {
            for (question, probe) in probes.iter().enumerate() {
                let alone = world.probe_who(who, probe);
                let verdict = answers.verdict(caller, question).expect("a cell");
                let record = answers.record(caller, question).expect("a cell");
                match (alone, record) {
                    (Ok(alone), Ok(record)) => {
                        prop_assert_eq!(verdict, Ok(alone.decision.verdict), "{:?} {:?}", who, probe);
                        prop_assert_eq!(&record.decision, &alone.decision);
                        prop_assert_eq!(&record.request, &alone.request);
                        prop_assert_eq!(&record.policies.grants, &alone.policies.grants);
                    }
                    (Err(alone), Err(record)) => {
                        prop_assert_eq!(record, &alone);
                        prop_assert_eq!(verdict, Err(&alone));
                    }
                    (alone, record) => prop_assert!(false, "{:?} {:?}", alone.is_ok(), record.is_ok()),
                }
            }
        }
        prop_assert_eq!(answers.verdict(who.len(), 0), None);
        prop_assert_eq!(answers.verdict(0, probes.len()), None);
    }
}
