//! Temporary credentials of every kind, and what can be done with them.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::PROVIDER;
use crate::cloud::{AccountId, ApiError, Call, CallContext, Caller, Fidelity, World};

const ACCOUNT: &str = "111122223333";

fn account() -> AccountId {
    ACCOUNT.parse().expect("twelve digits")
}

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn policy(statement: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn allow(action: &str) -> String {
    policy(&json!({"Effect": "Allow", "Action": action, "Resource": "*"}))
}

fn trust(principal: &Value, more: &Value) -> String {
    let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:*"});
    statement.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    policy(&statement)
}

struct Lab(World);

impl Lab {
    /// An account with kim, who may do everything, and roles that trust the account.
    fn new() -> Self {
        let start = "2026-01-05T09:00:00Z".parse().expect("a time");
        let mut lab = Self(World::new(7, start, Fidelity::instant()));
        lab.0.add_account(account(), "lab");
        let root = Caller::Root(account());
        lab.ok(&root, "iam:CreateUser", json!({"UserName": "kim"}));
        let admin = json!({"UserName": "kim", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        lab.ok(&root, "iam:AttachUserPolicy", admin);
        for name in ["First", "Second"] {
            let trust = trust(&json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}), &json!({}));
            lab.ok(&root, "iam:CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": trust}));
            let own = policy(&json!({"Effect": "Allow", "Resource": "*",
                "Action": ["sts:AssumeRole", "sts:TagSession", "kms:ListKeys", "kms:ListAliases"]}));
            let put = json!({"RoleName": name, "PolicyName": "own", "PolicyDocument": own});
            lab.ok(&root, "iam:PutRolePolicy", put);
        }
        lab
    }

    fn kim() -> Caller {
        Caller::user(&account(), "kim")
    }

    fn call(&mut self, caller: &Caller, action: &str, input: Value) -> Result<Value, ApiError> {
        let (service, operation) = action.split_once(':').expect("an action");
        let call = Call::decode(service, operation, input)?.with_context(CallContext::default());
        self.0.call(caller, call).result.map(|output| output.to_json())
    }

    fn ok(&mut self, caller: &Caller, action: &str, input: Value) -> Value {
        self.call(caller, action, input).unwrap_or_else(|error| panic!("{action}: {error}"))
    }

    fn refused(&mut self, caller: &Caller, action: &str, input: Value) -> (String, String) {
        let error = self.call(caller, action, input).expect_err(action);
        (error.code.to_string(), error.message)
    }

    /// Whoever signs with the credentials of an answer.
    fn session(&mut self, caller: &Caller, operation: &str, input: Value) -> Caller {
        let answer = self.ok(caller, &format!("sts:{operation}"), input);
        Caller::Session(Arc::from(answer["Credentials"]["AccessKeyId"].as_str().expect("an id")))
    }
}

// Source: IAM User Guide, "id_credentials_temp_request", the features of STS operations
#[test]
fn a_users_session_reaches_iam_with_a_second_factor_alone() {
    let mut lab = Lab::new();
    let plain = lab.session(&Lab::kim(), "GetSessionToken", json!({}));
    let who = lab.ok(&plain, "sts:GetCallerIdentity", json!({}));
    assert_eq!(who["Arn"], arn("user", "kim"));
    lab.ok(&plain, "kms:ListKeys", json!({}));
    assert_eq!(lab.refused(&plain, "iam:ListUsers", json!({})).0, "InvalidClientTokenId");
    let words = "Cannot call GetSessionToken with session credentials".to_owned();
    assert_eq!(lab.refused(&plain, "sts:GetSessionToken", json!({})), ("AccessDenied".to_owned(), words));
    let device = json!({"SerialNumber": arn("mfa", "kim"), "TokenCode": "123456"});
    let with_device = lab.session(&Lab::kim(), "GetSessionToken", device);
    lab.ok(&with_device, "iam:ListUsers", json!({}));
    lab.0.advance(SignedDuration::from_hours(12)).expect("forward");
    assert_eq!(lab.refused(&with_device, "iam:ListUsers", json!({})).0, "ExpiredToken");
}

// Source: STS API Reference, GetFederationToken
#[test]
fn a_federated_user_may_do_what_user_and_session_policies_both_allow() {
    let mut lab = Lab::new();
    let with = |policy: String| json!({"Name": "Bob", "Policy": policy});
    let bob = lab.session(&Lab::kim(), "GetFederationToken", with(allow("kms:ListKeys")));
    let who = lab.ok(&bob, "sts:GetCallerIdentity", json!({}));
    assert_eq!(who["UserId"], format!("{ACCOUNT}:Bob"));
    lab.ok(&bob, "kms:ListKeys", json!({}));
    let (code, words) = lab.refused(&bob, "kms:ListAliases", json!({}));
    assert_eq!(code, "AccessDeniedException");
    assert!(words.ends_with("because no session policy allows the kms:ListAliases action"), "{words}");
    assert_eq!(lab.refused(&bob, "iam:ListUsers", json!({})).0, "InvalidClientTokenId");
    let assume = json!({"RoleArn": arn("role", "First"), "RoleSessionName": "s1"});
    assert_eq!(lab.refused(&bob, "sts:AssumeRole", assume).0, "AccessDenied");
    let nobody = lab.session(&Lab::kim(), "GetFederationToken", json!({"Name": "Nobody"}));
    assert_eq!(lab.refused(&nobody, "kms:ListKeys", json!({})).0, "AccessDeniedException");
    // The session is no longer anybody's once the user is gone, also where another one has the name.
    let root = Caller::Root(account());
    let admin = json!({"UserName": "kim", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    lab.ok(&root, "iam:DetachUserPolicy", admin.clone());
    lab.ok(&root, "iam:DeleteUser", json!({"UserName": "kim"}));
    lab.ok(&root, "iam:CreateUser", json!({"UserName": "kim"}));
    lab.ok(&root, "iam:AttachUserPolicy", admin);
    assert_eq!(lab.refused(&bob, "kms:ListKeys", json!({})).0, "UnrecognizedClientException");
}

// Source: IAM User Guide, "Pass session tags in AWS STS", role chaining
#[test]
fn transitive_tags_go_along_a_chain_of_roles() {
    let mut lab = Lab::new();
    let role = |name: &str, more: Value| {
        let mut input = json!({"RoleArn": arn("role", name), "RoleSessionName": "s1"});
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let tags = json!([{"Key": "Team", "Value": "blue"}]);
    let handed_on = json!({"Tags": tags, "TransitiveTagKeys": ["team"]});
    let first = lab.session(&Lab::kim(), "AssumeRole", role("First", handed_on));
    let second = lab.session(&first, "AssumeRole", role("Second", json!({})));
    let tags_of =
        |lab: &Lab, caller: &Caller| lab.0.iam.session_of(caller).map(|session| session.tags.clone());
    let blue = Some([("Team".to_owned(), "blue".to_owned())].into());
    assert_eq!(tags_of(&lab, &second), blue);
    let again = role("Second", json!({"Tags": [{"Key": "TEAM", "Value": "red"}]}));
    assert_eq!(lab.refused(&first, "sts:AssumeRole", again).0, "InvalidParameterValue");
    let kept = lab.session(&Lab::kim(), "AssumeRole", role("First", json!({"Tags": tags})));
    let second = lab.session(&kept, "AssumeRole", role("Second", json!({})));
    assert_eq!(tags_of(&lab, &second), Some([].into()));
    let unknown = role("First", json!({"Tags": tags, "TransitiveTagKeys": ["other"]}));
    let words = "The specified transitive tag key must be included in the requested tags.".to_owned();
    assert_eq!(
        lab.refused(&Lab::kim(), "sts:AssumeRole", unknown),
        ("InvalidParameterValue".to_owned(), words)
    );
}

// Source: STS API Reference, AssumeRole, `PolicyArns`
#[test]
fn managed_policies_limit_a_session() {
    let mut lab = Lab::new();
    let with = |arns: &[&str]| {
        let arns: Vec<Value> = arns.iter().map(|arn| json!({ "arn": arn })).collect();
        json!({"RoleArn": arn("role", "First"), "RoleSessionName": "s1", "PolicyArns": arns})
    };
    let limited = with(&["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"]);
    let limited = lab.session(&Lab::kim(), "AssumeRole", limited);
    // That policy allows kms:ListAliases, not kms:ListKeys; the role allows both.
    lab.ok(&limited, "kms:ListAliases", json!({}));
    assert_eq!(lab.refused(&limited, "kms:ListKeys", json!({})).0, "AccessDeniedException");
    for unknown in [arn("policy", "none"), "arn:aws:iam::999999999999:policy/other".to_owned()] {
        assert_eq!(lab.refused(&Lab::kim(), "sts:AssumeRole", with(&[&unknown])).0, "ValidationError");
    }
}

#[test]
fn a_role_is_taken_on_by_a_token_that_its_trust_policy_admits() {
    let mut lab = Lab::new();
    let provider = json!({"Federated": arn("oidc-provider", PROVIDER)});
    let keys =
        json!({"StringEquals": {format!("{PROVIDER}:sub"): "repo:lab", format!("{PROVIDER}:aud"): "sts"}});
    let trust = trust(&provider, &json!({"Condition": keys}));
    let root = Caller::Root(account());
    lab.ok(&root, "iam:CreateRole", json!({"RoleName": "Web", "AssumeRolePolicyDocument": trust}));
    let with = |lab: &Lab, role: &str, subject: &str, audience: &str| {
        let token = lab.0.identity_provider().token(subject, audience, lab.0.now());
        json!({"RoleArn": arn("role", role), "RoleSessionName": "s1", "WebIdentityToken": token})
    };
    let input = with(&lab, "Web", "repo:lab", "sts");
    let session = lab.session(&Caller::Anonymous, "AssumeRoleWithWebIdentity", input.clone());
    let who = lab.ok(&session, "sts:GetCallerIdentity", json!({}));
    assert_eq!(who["Arn"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/Web/s1"));
    let denied =
        ("AccessDenied".to_owned(), "Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned());
    for (role, subject, audience) in [
        ("Web", "repo:other", "sts"),
        ("Web", "repo:lab", "other"),
        ("First", "repo:lab", "sts"),
        ("None", "repo:lab", "sts"),
    ] {
        let input = with(&lab, role, subject, audience);
        assert_eq!(lab.refused(&Caller::Anonymous, "sts:AssumeRoleWithWebIdentity", input), denied, "{role}");
    }
    // Who signs makes no difference: the token says who calls.
    assert!(lab.call(&root, "sts:AssumeRoleWithWebIdentity", input.clone()).is_ok());
    lab.0.advance(SignedDuration::from_mins(61)).expect("forward");
    assert_eq!(
        lab.refused(&Caller::Anonymous, "sts:AssumeRoleWithWebIdentity", input).0,
        "ExpiredTokenException"
    );
    assert_eq!(
        lab.refused(&Caller::Anonymous, "sts:GetSessionToken", json!({})).0,
        "MissingAuthenticationToken"
    );
}

// Source: AWS CLI Command Reference, simulate-custom-policy, its examples
#[test]
fn the_simulator_answers_as_its_documentation_does() {
    let mut lab = Lab::new();
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
    let ask = |time: &str| {
        json!({"PolicyInputList": [text], "ActionNames": ["dynamodb:CreateBackup"], "ContextEntries":
            [{"ContextKeyName": "aws:CurrentTime", "ContextKeyValues": [time], "ContextKeyType": "date"}]})
    };
    let answer = lab.ok(&Lab::kim(), "iam:SimulateCustomPolicy", ask("2019-04-25T11:00:00Z"));
    let allowed = json!([{"EvalActionName": "dynamodb:CreateBackup", "EvalResourceName": "*", "EvalDecision": "allowed",
        "MatchedStatements": [{"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "IAM Policy",
            "StartPosition": {"Line": 1, "Column": 38}, "EndPosition": {"Line": 1, "Column": 167}}],
        "MissingContextValues": []}]);
    assert_eq!(answer["EvaluationResults"], allowed);
    let answer = lab.ok(&Lab::kim(), "iam:SimulateCustomPolicy", ask("2014-04-25T11:00:00Z"));
    assert_eq!(answer["EvaluationResults"][0]["EvalDecision"], "implicitDeny");
    // A key that is not passed is said to be missing, and key policies are not looked up.
    let ask = json!({"PolicyInputList": [text], "ActionNames": ["dynamodb:CreateBackup"]});
    let answer = lab.ok(&Lab::kim(), "iam:SimulateCustomPolicy", ask);
    assert_eq!(answer["EvaluationResults"][0]["MissingContextValues"], json!(["aws:CurrentTime"]));
}
