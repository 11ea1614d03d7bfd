//! Refusals that carry an authorization id, and what is answered to whoever looks one up.
//!
//! Sources: IAM User Guide, "Troubleshoot access denied error messages with authorization ID (Preview)"; the API model
//! `iam-toolbox` 2018-05-10 as of botocore 1.44.8, which the prose of each test quotes.

use jiff::SignedDuration;
use kmslab::cloud::{AccountId, ApiError, Call, CallContext, Caller, Fidelity, Region, World};
use serde_json::{Value, json};

const BOSS: &str = "000011112222";
const HOME: &str = "111122223333";
const SISTER: &str = "222233334444";
const STRANGER: &str = "444455556666";
const DETAILS: &str = "GetRequestAuthorizationDetails";
const POLICY: &str = "GetRequestAuthorizationPolicy";

fn account(id: &str) -> AccountId {
    id.parse().expect("twelve digits")
}

fn root(id: &str) -> Caller {
    Caller::Root(account(id))
}

fn user(name: &str) -> Caller {
    Caller::user(&account(HOME), name)
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(action: &str) -> String {
    policy(&json!([{"Sid": "May", "Effect": "Allow", "Action": action, "Resource": "*"}]))
}

struct Lab {
    world: World,
    session: Caller,
    /// The organization's id, its root, a unit, and the service control policy at the unit.
    organization: [String; 4],
}

impl Lab {
    /// Two member accounts in a unit whose service control policy denies deleting groups, and an account outside.
    fn new() -> Self {
        let mut world = World::new(7, "2026-11-01T09:00:00Z".parse().expect("a time"), Fidelity::instant());
        for id in [BOSS, HOME, SISTER, STRANGER] {
            world.add_account(account(id), "lab");
        }
        let mut lab = Self { world, session: Caller::Anonymous, organization: Default::default() };
        lab.organize();
        let home = root(HOME);
        let mut iam = |operation, input| lab.ok(&home, "iam", operation, input);
        for name in ["eve", "dan", "gus", "bob"] {
            iam("CreateUser", json!({"UserName": name}));
        }
        let put = |name: &str, document: String| json!({"UserName": name, "PolicyName": "own", "PolicyDocument": document});
        let deny = json!([{"Sid": "May", "Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Sid": "Never", "Effect": "Deny", "Action": "iam:GetRole", "Resource": "*"},
            {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}]);
        iam("PutUserPolicy", put("dan", policy(&deny)));
        iam("CreateGroup", json!({"GroupName": "Readers"}));
        let list = allow("iam:List*");
        iam("PutGroupPolicy", json!({"GroupName": "Readers", "PolicyName": "lists", "PolicyDocument": list}));
        iam("AddUserToGroup", json!({"GroupName": "Readers", "UserName": "gus"}));
        let edge = iam("CreatePolicy", json!({"PolicyName": "edge", "PolicyDocument": allow("iam:Get*")}));
        let edge = edge["Policy"]["Arn"].clone();
        iam("PutUserPolicy", put("bob", allow("*")));
        iam("PutUserPermissionsBoundary", json!({"UserName": "bob", "PermissionsBoundary": edge}));
        let trust = policy(&json!([{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}}]));
        iam("CreateRole", json!({"RoleName": "App", "AssumeRolePolicyDocument": trust}));
        iam("PutRolePolicy", json!({"RoleName": "App", "PolicyName": "own", "PolicyDocument": allow("*")}));
        let assume = json!({"RoleArn": format!("arn:aws:iam::{HOME}:role/App"), "RoleSessionName": "shift",
            "Policy": allow("iam:GetUser")});
        let made = lab.ok(&user("dan"), "sts", "AssumeRole", assume);
        lab.session = Caller::Session(made["Credentials"]["AccessKeyId"].as_str().expect("a key").into());
        lab
    }

    fn organize(&mut self) {
        let boss = root(BOSS);
        let mut org = |operation, input| self.ok(&boss, "organizations", operation, input);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let made = org("CreateOrganization", json!({}));
        let top = text(&org("ListRoots", json!({}))["Roots"][0]["Id"]);
        org("EnablePolicyType", json!({"RootId": top, "PolicyType": "SERVICE_CONTROL_POLICY"}));
        let unit = org("CreateOrganizationalUnit", json!({"ParentId": top, "Name": "Unit"}));
        let unit = text(&unit["OrganizationalUnit"]["Id"]);
        for id in [HOME, SISTER] {
            org("InviteAccountToOrganization", json!({"Target": {"Id": id, "Type": "ACCOUNT"}}));
            org("MoveAccount", json!({"AccountId": id, "SourceParentId": top, "DestinationParentId": unit}));
        }
        let deny = json!([{"Sid": "Keep", "Effect": "Deny", "Action": "iam:DeleteGroup", "Resource": "*"}]);
        let scp = json!({"Name": "keep", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": policy(&deny)});
        let scp = text(&org("CreatePolicy", scp)["Policy"]["PolicySummary"]["Id"]);
        org("AttachPolicy", json!({"PolicyId": scp, "TargetId": unit}));
        self.organization = [text(&made["Organization"]["Id"]), top, unit, scp];
    }

    fn call(
        &mut self,
        region: &str,
        caller: &Caller,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let call = Call::decode(service, operation, input).expect("a request");
        let call = call.with_context(CallContext::in_region(Region::new(region)));
        self.world.call(caller, call).result.map(|output| output.to_json())
    }

    fn ok(&mut self, caller: &Caller, service: &str, operation: &str, input: Value) -> Value {
        let answer = self.call("us-east-1", caller, service, operation, input);
        answer.unwrap_or_else(|error| panic!("{service} {operation}: {error}"))
    }

    /// Makes a call of IAM that is refused; answers the message.
    fn refused(&mut self, caller: &Caller, operation: &str, input: Value) -> String {
        let error = self.call("us-east-1", caller, "iam", operation, input).expect_err("a refusal");
        assert_eq!((error.code.as_ref(), error.status), ("AccessDenied", 403), "{operation}: {error}");
        error.message
    }

    fn id_of(&mut self, caller: &Caller, operation: &str, input: Value) -> String {
        let message = self.refused(caller, operation, input);
        message.rsplit(' ').next().expect("words").to_owned()
    }

    /// Looks a refusal up in the name of a caller.
    fn look_up(&mut self, region: &str, caller: &Caller, id: &str) -> Result<Value, ApiError> {
        self.call(region, caller, "iam-toolbox", DETAILS, json!({"authorizationId": id}))
    }
}

/// Returns checks in short: type, effect, and the Sids of the statements that matched.
fn in_short(checks: &Value) -> Vec<String> {
    let checks = checks.as_array().expect("checks");
    let short = |check: &Value| {
        let policies = check["matchedPolicies"].as_array().expect("a list");
        let statements = policies.iter().flat_map(|p| p["matchedStatements"].as_array().expect("a list"));
        let sids: Vec<&str> = statements.map(|s| s["sid"].as_str().expect("a Sid")).collect();
        let text = |name: &str| check[name].as_str().expect("text").to_owned();
        format!("{} {} {}", text("checkType"), text("evaluatedEffect"), sids.join("+")).trim().to_owned()
    };
    checks.iter().map(short).collect()
}

/// "EXPLICIT_DENY: a policy explicitly denied the action. IMPLICIT_DENY: no policy allowed it"; "The output lists RCP
/// checks from the organization root to the account, then SCP checks from the organization root to the account. It then
/// lists VPC endpoint, resource, principal, permissions boundary, and session checks."
#[test]
fn whatever_iam_refuses_can_be_looked_up() {
    let mut lab = Lab::new();
    let session = lab.session.clone();
    let full = "SERVICE_CONTROL_POLICY ALLOW Statement1";
    let denied = "SERVICE_CONTROL_POLICY EXPLICIT_DENY Statement1+Keep";
    let name = |name: &str| json!({"UserName": name});
    let role = json!({"RoleName": "App"});
    let group = json!({"GroupName": "Readers"});
    let rows: [(Caller, &str, Value, &str, Vec<&str>); 11] = [
        (
            user("eve"),
            "GetUser",
            name("bob"),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL IMPLICIT_DENY"],
        ),
        (
            user("eve"),
            "ListUsers",
            json!({}),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL IMPLICIT_DENY"],
        ),
        (
            user("gus"),
            "GetRole",
            role.clone(),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL IMPLICIT_DENY"],
        ),
        (
            user("dan"),
            "GetRole",
            role.clone(),
            "EXPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL EXPLICIT_DENY May+Never"],
        ),
        // "If the statement has no Sid, one is generated for reference."
        (
            user("dan"),
            "CreateUser",
            name("new"),
            "EXPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL EXPLICIT_DENY May+Statement3"],
        ),
        (
            user("bob"),
            "TagUser",
            json!({"UserName": "bob", "Tags": [{"Key": "a", "Value": "b"}]}),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL ALLOW May", "PERMISSIONS_BOUNDARY IMPLICIT_DENY"],
        ),
        (
            user("dan"),
            "DeleteGroup",
            group.clone(),
            "EXPLICIT_DENY",
            vec![full, denied, full, "PRINCIPAL ALLOW May"],
        ),
        (root(HOME), "DeleteGroup", group, "EXPLICIT_DENY", vec![full, denied, full]),
        (
            session.clone(),
            "GetRole",
            role.clone(),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL ALLOW May", "SESSION IMPLICIT_DENY"],
        ),
        (
            session,
            "DetachRolePolicy",
            json!({"RoleName": "App", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL ALLOW May", "SESSION IMPLICIT_DENY"],
        ),
        (
            user("eve"),
            "GetPolicy",
            json!({"PolicyArn": format!("arn:aws:iam::{HOME}:policy/edge")}),
            "IMPLICIT_DENY",
            vec![full, full, full, "PRINCIPAL IMPLICIT_DENY"],
        ),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for (who, operation, input, effect, checks) in rows {
        let message = lab.refused(&who, operation, input);
        let id = message.rsplit(' ').next().expect("words").to_owned();
        let remedy = format!(
            ". Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/{id} \
             for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: {id}"
        );
        assert!(message.ends_with(&remedy), "{message}");
        assert!(seen.insert(id.clone()), "an id of its own: {id}");
        let details = lab.look_up("us-east-1", &user("dan"), &id).expect(operation);
        let evaluations = details["evaluations"].as_array().expect("evaluations");
        assert_eq!(evaluations.len(), 1, "{operation}");
        let only = &evaluations[0];
        assert_eq!(only["action"], format!("iam:{operation}"));
        assert_eq!(only["evaluatedEffect"], effect, "{operation}");
        assert_eq!(in_short(&only["checks"]), checks, "{who:?} {operation}");
        // "An implicit denial produces no matched policies."
        assert_eq!(only["matchedPolicies"] == json!([]), effect == "IMPLICIT_DENY", "{operation}");
    }
}

/// "requestContext: the set of context keys and values that apply to the entire request"; "context: the context keys
/// and values specific to this evaluation"; "policies: the policies AWS considered for the request, including policies
/// that did not match"; "attachedTo: the principal ARN; for organization control policies the AWS Organizations ARN of
/// the account, organizational unit, or root".
#[test]
fn a_refusal_lists_the_policies_and_the_condition_keys_that_it_came_of() {
    let mut lab = Lab::new();
    let [organization, top, unit, scp] = lab.organization.clone();
    let tagged = json!({"UserName": "new", "Tags": [{"Key": "team", "Value": "red"}]});
    let id = lab.id_of(&user("gus"), "CreateUser", tagged);
    let details = lab.look_up("us-east-1", &user("dan"), &id).expect("dan may");
    let keys = &details["requestContext"];
    assert_eq!(keys["aws:PrincipalArn"], format!("arn:aws:iam::{HOME}:user/gus"));
    assert_eq!(keys["aws:PrincipalOrgID"], json!(organization));
    assert_eq!(keys["aws:PrincipalOrgPaths"], json!([format!("{organization}/{top}/{unit}/")]));
    assert_eq!(keys["aws:RequestTag/team"], Value::Null);
    let names = keys.as_object().expect("an object").keys();
    assert!(names.clone().all(|name| name.starts_with("aws:") || name.starts_with("iam:")), "{names:?}");
    let own = &details["evaluations"][0]["context"];
    assert_eq!(own["aws:RequestTag/team"], "red");
    assert_eq!(own["aws:TagKeys"], json!(["team"]));
    assert_eq!(own["aws:PrincipalArn"], Value::Null);
    let place = |kind: &str, id: &str| format!("arn:aws:organizations::{BOSS}:{kind}/{organization}/{id}");
    let attached = |arns: &[String]| arns.iter().map(|arn| json!({"arn": arn})).collect::<Value>();
    let policies = details["policies"].as_array().expect("policies");
    let found =
        |policy: &Value| (policy["type"].clone(), policy["inline"].clone(), policy["attachedTo"].clone());
    let all_places = [place("root", &top), place("ou", &unit), place("account", HOME)];
    let expected = [
        (json!("SERVICE_CONTROL_POLICY"), json!(false), attached(&all_places)),
        (json!("SERVICE_CONTROL_POLICY"), json!(false), attached(&[place("ou", &unit)])),
        (
            json!("IDENTITY_BASED_POLICY"),
            json!(true),
            attached(&[format!("arn:aws:iam::{HOME}:group/Readers")]),
        ),
    ];
    assert_eq!(policies.iter().map(found).collect::<Vec<_>>(), expected);
    assert_eq!(
        policies[0]["uri"],
        "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    );
    let own = format!("arn:aws:organizations::{BOSS}:policy/{organization}/service_control_policy/{scp}");
    assert_eq!(policies[1]["uri"], json!(own));
    let checks = details["evaluations"][0]["checks"].as_array().expect("checks");
    let targets: Vec<&Value> = checks.iter().map(|check| &check["targetArn"]).collect();
    let [first, second, third] = all_places.map(Value::from);
    assert_eq!(targets, [&first, &second, &third, &Value::Null]);
}

/// "It returns the policy that was captured with the original authorization request. It doesn't retrieve the current
/// version"; a live test of 2026-09 still read a refusal after its user and its policy were deleted.
#[test]
fn a_refusal_is_told_as_things_were() {
    let mut lab = Lab::new();
    let id = lab.id_of(&user("dan"), "GetRole", json!({"RoleName": "App"}));
    let before = lab.look_up("us-east-1", &user("eve"), &id).expect_err("eve may nothing");
    assert_eq!((before.code.as_ref(), before.status), ("AccessDeniedException", 403));
    let before = lab.look_up("us-east-1", &root(HOME), &id).expect("root may");
    let home = root(HOME);
    lab.ok(&home, "iam", "DeleteUserPolicy", json!({"UserName": "dan", "PolicyName": "own"}));
    lab.ok(&home, "iam", "DeleteUser", json!({"UserName": "dan"}));
    assert_eq!(lab.look_up("us-east-1", &home, &id).expect("root may"), before);
    let uri = before["policies"].as_array().expect("a list").last().expect("one")["uri"].clone();
    let read = json!({"authorizationId": id, "policyUri": uri});
    let found = lab.ok(&home, "iam-toolbox", POLICY, read);
    assert_eq!(found["policyDocument"]["Statement"][1]["Sid"], "Never");
    let error =
        lab.call("us-east-1", &home, "iam-toolbox", POLICY, json!({"authorizationId": id, "policyUri": "x"}));
    assert_eq!(error.expect_err("no such policy").code, "ResourceNotFoundException");
}

/// "If an organization was recorded, the calling principal must belong to that organization. Otherwise, the calling
/// principal must belong to the recorded account"; "Call it in the same AWS Region"; "AWS retains authorization details
/// for 24 hours after the denial"; ids have the pattern `[0-9a-z]+`.
#[test]
fn a_refusal_is_told_to_its_own_for_a_day() {
    let mut lab = Lab::new();
    let id = lab.id_of(&user("eve"), "GetUser", json!({"UserName": "bob"}));
    let gone = "ResourceNotFoundException";
    for (reader, region, answer) in [
        (root(HOME), "us-east-1", None),
        (user("dan"), "us-east-1", None),
        (root(SISTER), "us-east-1", None),
        (root(BOSS), "us-east-1", None),
        (root(STRANGER), "us-east-1", Some(gone)),
        (user("dan"), "eu-central-1", Some(gone)),
        (user("eve"), "us-east-1", Some("AccessDeniedException")),
    ] {
        let answered = lab.look_up(region, &reader, &id).err().map(|error| error.code.into_owned());
        assert_eq!(answered.as_deref(), answer, "{reader:?} in {region}");
    }
    for (wrong, answer) in [
        ("1a2b3c4d5e6f7g8h9i0jklmno", gone),
        ("EXAMPLE1a2b3c4d5e6f7g8h9i0j", "ValidationException"),
        ("", "ValidationException"),
        ("a-b", "ValidationException"),
        (&"a".repeat(257), "ValidationException"),
    ] {
        let error = lab.look_up("us-east-1", &root(HOME), wrong).expect_err(wrong);
        assert_eq!(error.code, answer, "{wrong}");
    }
    lab.world.advance(SignedDuration::from_hours(24)).expect("forward");
    lab.look_up("us-east-1", &root(HOME), &id).expect("for a day");
    lab.world.advance(SignedDuration::from_secs(1)).expect("forward");
    assert_eq!(lab.look_up("us-east-1", &root(HOME), &id).expect_err("a day later").code, gone);
}

/// "AWS does not return an authorization ID: the service isn't supported yet; requests made by a service on your
/// behalf and anonymous requests". The trail has the id: seen in CloudTrail in 2026-09.
#[test]
fn no_other_service_gives_an_authorization_id() {
    let mut lab = Lab::new();
    for (service, operation, input) in [
        ("kms", "ListKeys", json!({})),
        ("dynamodb", "ListTables", json!({})),
        ("organizations", "ListRoots", json!({})),
        ("cloudtrail", "LookupEvents", json!({})),
        (
            "sts",
            "AssumeRole",
            json!({"RoleArn": format!("arn:aws:iam::{SISTER}:role/x"), "RoleSessionName": "xx"}),
        ),
        ("iam-toolbox", DETAILS, json!({"authorizationId": "a"})),
    ] {
        let error = lab.call("us-east-1", &user("eve"), service, operation, input).expect_err(operation);
        assert!(error.is_access_denied(), "{service}: {error}");
        assert!(!error.message.contains("authorization id"), "{service}: {error}");
    }
    let id = lab.id_of(&user("eve"), "GetUser", json!({"UserName": "bob"}));
    let events = lab.ok(&user("dan"), "cloudtrail", "LookupEvents", json!({"MaxResults": 1}));
    let record = events["Events"][0]["CloudTrailEvent"].as_str().expect("a record");
    assert!(record.contains(&id), "{record}");
    lab.look_up("us-east-1", &user("dan"), &id).expect("dan may");
    let events = lab.ok(&user("dan"), "cloudtrail", "LookupEvents", json!({"MaxResults": 1}));
    let record: Value =
        serde_json::from_str(events["Events"][0]["CloudTrailEvent"].as_str().expect("a record"))
            .expect("JSON");
    assert_eq!(record["eventSource"], "iam-toolbox.amazonaws.com");
    assert_eq!(record["requestParameters"]["authorizationId"], json!(id));
    assert_eq!(record["responseElements"], Value::Null);
}
