//! What holds for every call, whatever the service.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

mod documents;
mod draws;

const ACCOUNT: &str = "111122223333";

fn account() -> AccountId {
    ACCOUNT.parse().expect("twelve digits")
}

fn root() -> Caller {
    Caller::Root(account())
}

fn world() -> World {
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
    let mut world = World::new(7, now, Fidelity::instant());
    world.add_account(account(), "clinic");
    world
}

fn call(world: &mut World, caller: &Caller, service: &str, operation: &str, input: Value) -> Outcome {
    world.call(caller, Call::decode(service, operation, input).expect("a call"))
}

fn ok(world: &mut World, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
    call(world, caller, service, operation, input).result.expect(operation).to_json()
}

fn error(
    world: &mut World,
    caller: &Caller,
    service: &str,
    operation: &str,
    input: Value,
) -> (String, String) {
    let error = call(world, caller, service, operation, input).result.expect_err(operation);
    (error.code.to_string(), error.message)
}

#[test]
fn a_new_user_may_nothing_until_a_policy_says_so() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let kim = Caller::user(&account(), "kim");
    let (code, message) = error(&mut world, &kim, "iam", "CreateUser", json!({"UserName": "tess"}));
    assert_eq!(code, "AccessDenied");
    // Source: IAM User Guide, "Troubleshoot access denied error messages".
    let sentence = message.split(". Go to ").next();
    assert_eq!(
        sentence,
        Some(
            "User: arn:aws:iam::111122223333:user/kim is not authorized to perform: iam:CreateUser on resource: \
         arn:aws:iam::111122223333:user/tess because no identity-based policy allows the iam:CreateUser action"
        )
    );
    let policy = json!({"UserName": "kim", "PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"});
    ok(&mut world, &root(), "iam", "AttachUserPolicy", policy);
    ok(&mut world, &kim, "iam", "CreateUser", json!({"UserName": "tess"}));
}

#[test]
fn an_explicit_deny_names_its_layer() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:DeleteUser", "Resource": "*"}]});
    let put = json!({"UserName": "kim", "PolicyName": "most", "PolicyDocument": deny.to_string()});
    ok(&mut world, &root(), "iam", "PutUserPolicy", put);
    let kim = Caller::user(&account(), "kim");
    let (_, message) = error(&mut world, &kim, "iam", "DeleteUser", json!({"UserName": "kim"}));
    assert!(message.contains("with an explicit deny in an identity-based policy. Go to "), "{message}");
}

#[test]
fn a_failed_call_changes_nothing_but_the_trail() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let before = format!("{:?}", world.iam().identities().collect::<Vec<_>>());
    let (code, _) = error(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "KIM"}));
    assert_eq!(code, "EntityAlreadyExists");
    assert_eq!(before, format!("{:?}", world.iam().identities().collect::<Vec<_>>()));
    assert_eq!(world.events().len(), 2);
    let event = world.events().next_back().expect("recorded").to_json();
    assert_eq!(event["errorCode"], "EntityAlreadyExists");
    assert_eq!(event["userIdentity"]["type"], "Root");
}

#[test]
fn a_refusal_is_recorded_without_its_parameters() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    error(&mut world, &Caller::user(&account(), "kim"), "iam", "ListUsers", json!({}));
    let event = world.events().next_back().expect("recorded");
    assert!(event.is_denied());
    let record = event.to_json();
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(record["userIdentity"]["userName"], "kim");
    assert_eq!(record["eventSource"], "iam.amazonaws.com");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = || {
        let mut world = world();
        ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
        world.events().map(|e| e.to_json().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_deleted_user_is_nobody_and_a_new_one_of_the_name_is_another() {
    let mut world = world();
    let first = ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "tess"}));
    ok(&mut world, &root(), "iam", "DeleteUser", json!({"UserName": "tess"}));
    let tess = Caller::user(&account(), "tess");
    let (code, _) = error(&mut world, &tess, "sts", "GetCallerIdentity", json!({}));
    assert_eq!(code, "InvalidClientTokenId");
    let second = ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "tess"}));
    assert_ne!(first["User"]["UserId"], second["User"]["UserId"]);
    assert_eq!(first["User"]["Arn"], second["User"]["Arn"]);
}

#[test]
fn a_role_session_acts_within_its_session_policy_and_ends() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}}]});
    let role = json!({"RoleName": "ClinicApp", "AssumeRolePolicyDocument": trust.to_string()});
    ok(&mut world, &root(), "iam", "CreateRole", role);
    let full = json!({"RoleName": "ClinicApp", "PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"});
    ok(&mut world, &root(), "iam", "AttachRolePolicy", full);
    let only_list = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]});
    let assume = json!({"RoleArn": "arn:aws:iam::111122223333:role/ClinicApp", "RoleSessionName": "app",
        "Policy": only_list.to_string()});
    let kim = Caller::user(&account(), "kim");
    let session = ok(&mut world, &kim, "sts", "AssumeRole", assume);
    let key = session["Credentials"]["AccessKeyId"].as_str().expect("a key");
    let app = Caller::Session(key.into());
    let me = ok(&mut world, &app, "sts", "GetCallerIdentity", json!({}));
    assert_eq!(me["Arn"], "arn:aws:sts::111122223333:assumed-role/ClinicApp/app");
    ok(&mut world, &app, "iam", "ListUsers", json!({}));
    let (_, message) = error(&mut world, &app, "iam", "CreateUser", json!({"UserName": "x"}));
    assert!(
        message.contains("because no session policy allows the iam:CreateUser action. Go to "),
        "{message}"
    );
    world.advance(jiff::SignedDuration::from_hours(1)).expect("forward");
    let (code, _) = error(&mut world, &app, "iam", "ListUsers", json!({}));
    assert_eq!(code, "ExpiredToken");
}

#[test]
fn an_unknown_operation_or_a_misspelt_field_is_refused() {
    for (service, operation, input, code) in [
        ("iam", "MakeUser", json!({}), "UnknownOperationException"),
        ("ec2", "RunInstances", json!({}), "UnknownOperationException"),
        ("iam", "CreateUser", json!({"Username": "kim"}), "SerializationException"),
        ("iam", "CreateUser", json!({}), "ValidationError"),
        ("iam", "CreateUser", json!([]), "SerializationException"),
    ] {
        let error = Call::decode(service, operation, input).expect_err(operation);
        assert_eq!(error.code, code, "{service} {operation}");
    }
}

#[test]
fn malformed_policies_are_refused() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    for text in ["", "{", "[]", "{}", r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#] {
        let put = json!({"UserName": "kim", "PolicyName": "p", "PolicyDocument": text});
        let (code, message) = error(&mut world, &root(), "iam", "PutUserPolicy", put);
        assert_eq!(code, "MalformedPolicyDocument", "{text}");
        assert!(!message.is_empty(), "{text}");
    }
}

#[test]
fn the_clock_never_goes_back() {
    let mut world = world();
    assert!(world.advance(jiff::SignedDuration::from_mins(-1)).is_err());
    assert!(world.advance(jiff::SignedDuration::from_hours(8 * 24)).is_ok());
}

#[test]
fn a_groups_policies_are_its_members_own() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    ok(&mut world, &root(), "iam", "CreateGroup", json!({"GroupName": "Admins"}));
    let attach = json!({"GroupName": "Admins", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    ok(&mut world, &root(), "iam", "AttachGroupPolicy", attach);
    let kim = Caller::user(&account(), "kim");
    error(&mut world, &kim, "iam", "ListUsers", json!({}));
    let member = json!({"GroupName": "admins", "UserName": "kim"});
    ok(&mut world, &root(), "iam", "AddUserToGroup", member.clone());
    ok(&mut world, &kim, "iam", "ListUsers", json!({}));
    let (code, _) = error(&mut world, &root(), "iam", "DeleteUser", json!({"UserName": "kim"}));
    assert_eq!(code, "DeleteConflict");
    ok(&mut world, &root(), "iam", "RemoveUserFromGroup", member);
    error(&mut world, &kim, "iam", "ListUsers", json!({}));
}

/// A management account, and a member in a unit, with both kinds of policy switched on. Answers root and unit.
fn organization(world: &mut World) -> (Caller, String, String) {
    let management: AccountId = "000011112222".parse().expect("twelve digits");
    world.add_account(management.clone(), "management");
    let boss = Caller::Root(management);
    ok(world, &boss, "organizations", "CreateOrganization", json!({}));
    let roots = ok(world, &boss, "organizations", "ListRoots", json!({}));
    let root_id = roots["Roots"][0]["Id"].as_str().expect("a root").to_owned();
    for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"] {
        let enable = json!({"RootId": root_id, "PolicyType": kind});
        ok(world, &boss, "organizations", "EnablePolicyType", enable);
    }
    let unit = json!({"ParentId": root_id, "Name": "Clinics"});
    let unit = ok(world, &boss, "organizations", "CreateOrganizationalUnit", unit);
    let unit = unit["OrganizationalUnit"]["Id"].as_str().expect("a unit").to_owned();
    let invite = json!({"Target": {"Id": ACCOUNT, "Type": "ACCOUNT"}});
    ok(world, &boss, "organizations", "InviteAccountToOrganization", invite);
    let go = json!({"AccountId": ACCOUNT, "SourceParentId": root_id, "DestinationParentId": unit});
    ok(world, &boss, "organizations", "MoveAccount", go);
    (boss, root_id, unit)
}

fn attach(world: &mut World, boss: &Caller, kind: &str, content: &Value, target: &str) {
    let policy = json!({"Name": target, "Description": "", "Type": kind, "Content": content.to_string()});
    let policy = ok(world, boss, "organizations", "CreatePolicy", policy);
    let attach = json!({"PolicyId": policy["Policy"]["PolicySummary"]["Id"], "TargetId": target});
    ok(world, boss, "organizations", "AttachPolicy", attach);
}

#[test]
fn a_service_control_policy_limits_members_and_not_the_management_account() {
    let mut world = world();
    let (boss, root_id, unit) = organization(&mut world);
    ok(&mut world, &root(), "iam", "ListUsers", json!({}));
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}]});
    attach(&mut world, &boss, "SERVICE_CONTROL_POLICY", &deny, &unit);
    let (_, message) = error(&mut world, &root(), "iam", "ListUsers", json!({}));
    // Source: IAM User Guide, "Troubleshoot access denied error messages", and the policy's ARN since 2026.
    assert!(
        message.contains("with an explicit deny in a service control policy: arn:aws:organizations::"),
        "{message}"
    );
    attach(&mut world, &boss, "SERVICE_CONTROL_POLICY", &deny, &root_id);
    ok(&mut world, &boss, "iam", "ListUsers", json!({}));
}

#[test]
fn a_missing_allow_in_a_service_control_policy_reads_like_a_deny() {
    let mut world = world();
    let (boss, _, unit) = organization(&mut world);
    let only_kms = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]});
    attach(&mut world, &boss, "SERVICE_CONTROL_POLICY", &only_kms, &unit);
    let full = json!({"PolicyId": "p-FullAWSAccess", "TargetId": unit});
    ok(&mut world, &boss, "organizations", "DetachPolicy", full);
    let (_, message) = error(&mut world, &root(), "iam", "ListUsers", json!({}));
    assert!(message.contains("with an explicit deny in a service control policy"), "{message}");
}

#[test]
fn a_resource_control_policy_guards_the_keys_of_members() {
    let mut world = world();
    let (boss, root_id, unit) = organization(&mut world);
    let key = ok(&mut world, &root(), "kms", "CreateKey", json!({}));
    let describe = json!({"KeyId": key["KeyMetadata"]["Arn"]});
    ok(&mut world, &root(), "kms", "DescribeKey", describe.clone());
    let deny = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"}]});
    attach(&mut world, &boss, "RESOURCE_CONTROL_POLICY", &deny, &unit);
    let (_, message) = error(&mut world, &root(), "kms", "DescribeKey", describe);
    assert!(message.contains("with an explicit deny in a resource control policy"), "{message}");
    let fixed = json!({"PolicyId": "p-RCPFullAWSAccess", "TargetId": root_id});
    let (code, _) = error(&mut world, &boss, "organizations", "DetachPolicy", fixed);
    assert_eq!(code, "ConstraintViolationException");
}

#[test]
fn only_the_management_account_changes_the_organization() {
    let mut world = world();
    let (_, root_id, _) = organization(&mut world);
    let unit = json!({"ParentId": root_id, "Name": "Mine"});
    let (code, _) = error(&mut world, &root(), "organizations", "CreateOrganizationalUnit", unit);
    assert_eq!(code, "AccessDeniedException");
}

#[test]
fn a_session_carries_tags_its_source_and_its_age() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let trust = |actions: Value| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions,
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}}]})
        .to_string()
    };
    let new_role = json!({"RoleName": "App", "AssumeRolePolicyDocument": trust(json!("sts:AssumeRole"))});
    ok(&mut world, &root(), "iam", "CreateRole", new_role);
    let rule = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "clinic", "aws:SourceIdentity": "kim"},
            "Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "900"},
            "DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}}]});
    let put = json!({"RoleName": "App", "PolicyName": "p", "PolicyDocument": rule.to_string()});
    ok(&mut world, &root(), "iam", "PutRolePolicy", put);
    let assume = json!({"RoleArn": "arn:aws:iam::111122223333:role/App", "RoleSessionName": "app",
        "Tags": [{"Key": "team", "Value": "clinic"}], "SourceIdentity": "kim",
        "SerialNumber": "arn:aws:iam::111122223333:mfa/kim", "TokenCode": "123456"});
    let kim = Caller::user(&account(), "kim");
    // Source: IAM User Guide, "Pass session tags in AWS STS": the trust policy must allow sts:TagSession.
    let (code, _) = error(&mut world, &kim, "sts", "AssumeRole", assume.clone());
    assert_eq!(code, "AccessDenied");
    let wider = trust(json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]));
    let update = json!({"RoleName": "App", "PolicyDocument": wider});
    ok(&mut world, &root(), "iam", "UpdateAssumeRolePolicy", update);
    let session = ok(&mut world, &kim, "sts", "AssumeRole", assume);
    let app = Caller::Session(session["Credentials"]["AccessKeyId"].as_str().expect("a key").into());
    ok(&mut world, &app, "iam", "ListUsers", json!({}));
    world.advance(jiff::SignedDuration::from_mins(20)).expect("forward");
    error(&mut world, &app, "iam", "ListUsers", json!({}));
}

/// Source: IAM User Guide, "Secure API access with MFA": the trust policy's condition is met by the call's own code.
#[test]
fn a_trust_policy_that_asks_for_a_device_takes_the_code_of_the_call() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"},
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]});
    let role = json!({"RoleName": "Glass", "AssumeRolePolicyDocument": trust.to_string()});
    ok(&mut world, &root(), "iam", "CreateRole", role);
    let kim = Caller::user(&account(), "kim");
    let mut assume = json!({"RoleArn": "arn:aws:iam::111122223333:role/Glass", "RoleSessionName": "glass"});
    let (code, _) = error(&mut world, &kim, "sts", "AssumeRole", assume.clone());
    assert_eq!(code, "AccessDenied");
    assume["SerialNumber"] = json!("arn:aws:iam::111122223333:mfa/kim");
    assume["TokenCode"] = json!("12345x");
    error(&mut world, &kim, "sts", "AssumeRole", assume.clone());
    assume["TokenCode"] = json!("123456");
    ok(&mut world, &kim, "sts", "AssumeRole", assume);
}

#[test]
fn a_users_tags_are_its_principal_tags() {
    let mut world = world();
    ok(&mut world, &root(), "iam", "CreateUser", json!({"UserName": "kim"}));
    let rule = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "clinic"}}}]});
    let put = json!({"UserName": "kim", "PolicyName": "p", "PolicyDocument": rule.to_string()});
    ok(&mut world, &root(), "iam", "PutUserPolicy", put);
    let kim = Caller::user(&account(), "kim");
    error(&mut world, &kim, "iam", "ListUsers", json!({}));
    let tag = json!({"UserName": "kim", "Tags": [{"Key": "team", "Value": "clinic"}]});
    ok(&mut world, &root(), "iam", "TagUser", tag);
    ok(&mut world, &kim, "iam", "ListUsers", json!({}));
    ok(&mut world, &root(), "iam", "UntagUser", json!({"UserName": "kim", "TagKeys": ["TEAM"]}));
    error(&mut world, &kim, "iam", "ListUsers", json!({}));
}
