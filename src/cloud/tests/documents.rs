//! Changing policies of every kind, and looking at a change before it is made.

use super::*;
use crate::cloud::DocumentId;
use crate::cloud::organizations::PolicyType;

fn allow(action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
        .to_string()
}

fn kim() -> Caller {
    Caller::user(&account(), "kim")
}

/// An account with the user kim and the managed policy `Own` attached to kim.
fn with_own_policy() -> (World, String) {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let create = json!({"PolicyName": "Own", "PolicyDocument": allow("iam:ListUsers")});
    ok(&mut world, &root(), "iam", "CreatePolicy", create);
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/Own");
    ok(&mut world, &root(), "iam", "AttachUserPolicy", json!({"UserName": "kim", "PolicyArn": arn}));
    (world, arn)
}

fn may(world: &World, action: &str) -> bool {
    let record = world.probe(&kim(), &Probe::new(action, "*")).expect("kim is there");
    record.decision.is_allowed()
}

#[test]
fn a_version_counts_once_it_is_the_default_one() {
    let (mut world, arn) = with_own_policy();
    let version =
        |default: bool| json!({"PolicyArn": arn, "PolicyDocument": allow("kms:*"), "SetAsDefault": default});
    let made = ok(&mut world, &root(), "iam", "CreatePolicyVersion", version(false));
    assert_eq!(made["PolicyVersion"]["VersionId"], "v2");
    assert!(!may(&world, "kms:ListKeys"));
    let set = json!({"PolicyArn": arn, "VersionId": "v2"});
    ok(&mut world, &root(), "iam", "SetDefaultPolicyVersion", set);
    assert!(may(&world, "kms:ListKeys"));
    let read =
        ok(&mut world, &root(), "iam", "GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"}));
    assert_eq!(read["PolicyVersion"]["Document"], allow("iam:ListUsers"));
    assert_eq!(read["PolicyVersion"]["IsDefaultVersion"], false);
}

// Source: IAM User Guide, "IAM and AWS STS quotas"; IAM API Reference, DeletePolicyVersion.
#[test]
fn there_are_five_versions_at_most_and_the_default_one_stays() {
    let (mut world, arn) = with_own_policy();
    let version = json!({"PolicyArn": arn, "PolicyDocument": allow("kms:*"), "SetAsDefault": true});
    for _ in 0..4 {
        ok(&mut world, &root(), "iam", "CreatePolicyVersion", version.clone());
    }
    let (code, _) = error(&mut world, &root(), "iam", "CreatePolicyVersion", version.clone());
    assert_eq!(code, "LimitExceeded");
    let delete = |id: &str| json!({"PolicyArn": arn, "VersionId": id});
    let (code, _) = error(&mut world, &root(), "iam", "DeletePolicyVersion", delete("v5"));
    assert_eq!(code, "DeleteConflict");
    ok(&mut world, &root(), "iam", "DeletePolicyVersion", delete("v2"));
    let made = ok(&mut world, &root(), "iam", "CreatePolicyVersion", version);
    assert_eq!(made["PolicyVersion"]["VersionId"], "v6", "numbers are not used again");
    let list = ok(&mut world, &root(), "iam", "ListPolicyVersions", json!({"PolicyArn": arn}));
    let ids: Vec<_> =
        list["Versions"].as_array().expect("versions").iter().map(|v| &v["VersionId"]).collect();
    assert_eq!(ids, ["v6", "v5", "v4", "v3", "v1"]);
}

#[test]
fn changing_a_managed_policy_needs_permission_and_a_policy_of_ones_own() {
    let (mut world, arn) = with_own_policy();
    let version = |arn: &str, text: &str| json!({"PolicyArn": arn, "PolicyDocument": text});
    let (code, _) = error(&mut world, &kim(), "iam", "CreatePolicyVersion", version(&arn, &allow("kms:*")));
    assert_eq!(code, "AccessDenied");
    let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let (code, _) = error(&mut world, &root(), "iam", "CreatePolicyVersion", version(aws, &allow("kms:*")));
    assert_eq!(code, "AccessDenied");
    let (code, _) = error(&mut world, &root(), "iam", "CreatePolicyVersion", version(&arn, "{"));
    assert_eq!(code, "MalformedPolicyDocument");
    let none = format!("{arn}2");
    let (code, _) = error(&mut world, &root(), "iam", "CreatePolicyVersion", version(&none, &allow("kms:*")));
    assert_eq!(code, "NoSuchEntity");
}

#[test]
fn a_managed_policy_is_looked_at_before_it_is_changed() {
    let (world, arn) = with_own_policy();
    let draft = DocumentId::Managed(arn.clone()).what_if(&world, &root(), &allow("kms:*")).expect("a policy");
    assert!(may(&draft, "kms:ListKeys") && !may(&world, "kms:ListKeys"));
    assert!(DocumentId::Managed(arn).what_if(&world, &root(), "{").is_err());
    // AWS's own stay as they are.
    let readers = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let draft = DocumentId::Managed(readers.to_owned()).what_if(&world, &root(), &allow("kms:*"));
    let text = |world: &World| world.iam().managed_policy(readers).expect("AWS's own").text().to_string();
    assert_eq!(text(&draft.expect("unchanged")), text(&world));
}

#[test]
fn a_trust_policy_is_looked_at_before_it_is_changed() {
    let (mut world, _) = with_own_policy();
    let trust = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})
        .to_string()
    };
    let nobody = trust(&format!("arn:aws:iam::{ACCOUNT}:user/kim")).replace("Allow", "Deny");
    let create = json!({"RoleName": "desk", "AssumeRolePolicyDocument": nobody});
    ok(&mut world, &root(), "iam", "CreateRole", create);
    let role = format!("arn:aws:iam::{ACCOUNT}:role/desk");
    let assume = |world: &World| {
        let record = world.probe(&kim(), &Probe::new("sts:AssumeRole", &role)).expect("kim is there");
        record.decision.is_allowed()
    };
    let document = DocumentId::Trust(account(), "desk".to_owned());
    let draft = document
        .what_if(&world, &root(), &trust(&format!("arn:aws:iam::{ACCOUNT}:user/kim")))
        .expect("a policy");
    assert!(assume(&draft) && !assume(&world));
}

#[test]
fn a_policy_of_the_organization_is_changed_by_its_manager_alone() {
    let mut world = world();
    let member: AccountId = "444455556666".parse().expect("twelve digits");
    world.add_account(member.clone(), "ward");
    ok(&mut world, &root(), "organizations", "CreateOrganization", json!({}));
    let roots = ok(&mut world, &root(), "organizations", "ListRoots", json!({}));
    let tree = roots["Roots"][0]["Id"].as_str().expect("a root").to_owned();
    let enable = json!({"RootId": tree, "PolicyType": "SERVICE_CONTROL_POLICY"});
    ok(&mut world, &root(), "organizations", "EnablePolicyType", enable);
    let invite = json!({"Target": {"Id": member.as_str(), "Type": "ACCOUNT"}});
    ok(&mut world, &root(), "organizations", "InviteAccountToOrganization", invite);
    let create =
        json!({"Name": "Guard", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": allow("*")});
    let made = ok(&mut world, &root(), "organizations", "CreatePolicy", create);
    let id = made["Policy"]["PolicySummary"]["Id"].as_str().expect("an id").to_owned();
    let attach = json!({"PolicyId": id, "TargetId": member.as_str()});
    ok(&mut world, &root(), "organizations", "AttachPolicy", attach);

    let there = Caller::Root(member.clone());
    let may = |world: &World| {
        world.probe(&there, &Probe::new("kms:ListKeys", "*")).expect("root is there").decision.is_allowed()
    };
    let deny = allow("kms:*").replace("Allow", "Deny");
    let draft = DocumentId::Control(PolicyType::ServiceControlPolicy, account(), id.clone())
        .what_if(&world, &root(), &deny)
        .expect("a policy");
    assert!(may(&world) && !may(&draft));

    let update = json!({"PolicyId": id, "Content": deny});
    let (code, _) = error(&mut world, &there, "organizations", "UpdatePolicy", update.clone());
    assert_eq!(code, "AccessDeniedException");
    let malformed = json!({"PolicyId": id, "Content": "{"});
    let (code, _) = error(&mut world, &root(), "organizations", "UpdatePolicy", malformed);
    assert_eq!(code, "MalformedPolicyDocumentException");
    // Source: Organizations API Reference, UpdatePolicy, IMMUTABLE_POLICY.
    let managed = json!({"PolicyId": "p-FullAWSAccess", "Content": deny});
    let (code, _) = error(&mut world, &root(), "organizations", "UpdatePolicy", managed);
    assert_eq!(code, "InvalidInputException");
    ok(&mut world, &root(), "organizations", "UpdatePolicy", update);
    assert!(!may(&world));
}

#[test]
fn a_table_policy_is_looked_at_before_it_is_changed() {
    let (mut world, _) = with_own_policy();
    let create = json!({"TableName": "Tee", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    ok(&mut world, &root(), "dynamodb", "CreateTable", create);
    let arn = world.dynamodb().tables().next().expect("a table").handle.arn();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:Scan",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/kim")}, "Resource": arn}]})
    .to_string();
    let draft = DocumentId::TablePolicy(arn.clone()).what_if(&world, &root(), &policy).expect("a policy");
    let scan = Probe::new("dynamodb:Scan", &arn);
    let may = |world: &World| world.probe(&kim(), &scan).expect("kim is there").decision.is_allowed();
    assert!(may(&draft) && !may(&world));
}
