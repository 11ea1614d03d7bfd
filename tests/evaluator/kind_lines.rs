//! Random lines that show one kind of decision each.

use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::generate::{
    ARNS, For, HOME, KEY, LINKED_ROLE, OTHER, PATHED_ROLES, Scene, arn_pattern, condition, delegation,
    document, document_of, dress, everything, excepted_principals, role_arn, root, scene, scene_of_identity,
    session_arn, statement, statement_for, statements_of, user,
};
use crate::kind_lines_of_callers as callers;
use crate::kind_lines_of_grants as grants;
use crate::kinds::Kind;

pub const VERSION: &str = "2012-10-17";

/// A line that shows a kind.
pub fn line(chance: &mut Chance, kind: Kind) -> Value {
    Value::Object(match kind {
        Kind::RolePaths => role_paths(chance),
        Kind::IncompleteArns => incomplete_arns(chance),
        Kind::NotPrincipalBoundary => not_principal_boundary(chance),
        Kind::Sizes => sizes(chance),
        Kind::ImpliedKeys => implied_keys(chance),
        Kind::ServiceLinkedRoles => service_linked_roles(chance),
        Kind::RcpReach => rcp_reach(chance),
        Kind::KeyPolicyKeys => key_policy_keys(chance),
        Kind::CallerIdentity => caller_identity(chance),
        Kind::RetireGrant => retire_grant(chance),
        Kind::EmptyTexts => empty_texts(chance),
        Kind::WrongTypes => wrong_types(chance),
        Kind::SetNull => set_null(chance),
        Kind::OddForms => odd_forms(chance),
        Kind::EmptyLists => empty_lists(chance),
        Kind::FederatedPrincipals => callers::federated_principals(chance),
        Kind::FederatedUsers => callers::federated_users(chance),
        Kind::Anonymous => callers::anonymous(chance),
        Kind::BoolJunk => bool_junk(chance),
        Kind::GrantConstraints => grants::constraints(chance),
        Kind::ServiceGrants => grants::service_grants(chance),
    })
}

/// The line of a scene in which the caller may do everything, and which random documents now and then limit.
pub fn open(chance: &mut Chance, scene: &Scene) -> Map<String, Value> {
    let mut line = if chance.percent(20) { dress(chance, scene) } else { scene.line() };
    line.insert("identityPolicies".to_owned(), json!([everything()]));
    line.insert("resourcePolicy".to_owned(), delegation(scene));
    line
}

pub fn put(line: &mut Map<String, Value>, name: &str, value: Value) {
    line.insert(name.to_owned(), value);
}

/// Puts a condition on everything that the caller may do: as an Allow in a policy of its own, or as a Deny in some place.
pub fn put_condition(chance: &mut Chance, line: &mut Map<String, Value>, scene: &Scene, conditions: &Value) {
    let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions });
    match chance.below(5) {
        0..=1 => put(line, "identityPolicies", json!([document_of(vec![statement], VERSION)])),
        2 => {
            statement["Effect"] = json!("Deny");
            put(line, "identityPolicies", json!([everything(), document_of(vec![statement], VERSION)]));
        }
        3 => put(line, "permissionBoundary", document_of(vec![statement], VERSION)),
        _ => {
            statement["Effect"] = json!("Deny");
            statement["Principal"] = json!("*");
            let account = scene.principal.split(':').nth(4).unwrap_or(HOME);
            let statements = vec![statement_for("Allow", &json!({ "AWS": root(account) })), statement];
            put(line, "resourcePolicy", document_of(statements, VERSION));
        }
    }
}

fn role_paths(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene(chance);
    let role = chance.text(&PATHED_ROLES[..3]);
    let is_session = chance.percent(80);
    scene.principal = if is_session { session_arn(&role) } else { role_arn(&role) };
    let named = match chance.below(5) {
        0..=2 => role_arn(&role),
        3 => role_arn("other/path/Writer"),
        _ => role_arn(role.rsplit('/').next().unwrap_or_default()),
    };
    if is_session && chance.percent(25) {
        scene.context.insert("aws:PrincipalArn".to_owned(), json!(role_arn(&role)));
    }
    let mut line = dress(chance, &scene);
    line.remove("resourcePolicy");
    let account = json!({ "AWS": root(HOME) });
    let one = json!({ "AWS": named });
    let statements = match chance.below(4) {
        0 => {
            // A role that a resource's policy names is limited by boundary and session policy.
            let places =
                if is_session { ["permissionBoundary", "sessionPolicy"] } else { ["permissionBoundary"; 2] };
            if chance.percent(50) {
                put(&mut line, &chance.text(&places), document(chance, &scene, For::Limit));
            }
            vec![statement_for("Allow", &one)]
        }
        1 => {
            put(&mut line, "identityPolicies", json!([everything()]));
            vec![statement_for("Allow", &account), statement_for("Deny", &one)]
        }
        2 => {
            put(&mut line, "identityPolicies", json!([everything()]));
            let mut exception = statement_for("Deny", &Value::Null);
            exception.as_object_mut().expect("a statement").remove("Principal");
            exception["NotPrincipal"] = json!({ "AWS": [root(HOME), named, scene.principal] });
            vec![statement_for("Allow", &account), exception]
        }
        _ if scene.is_on_key() => {
            "kms:Decrypt".clone_into(&mut scene.action);
            line = scene.line();
            put(&mut line, "grants", json!([{ "GranteePrincipal": named, "Operations": ["Decrypt"] }]));
            vec![statement_for("Allow", &json!({ "AWS": user("bob") }))]
        }
        _ => {
            "sts:AssumeRole".clone_into(&mut scene.action);
            scene.resource = role_arn("Target");
            HOME.clone_into(&mut scene.resource_account);
            line = scene.line();
            vec![json!({ "Effect": "Allow", "Principal": one, "Action": "sts:AssumeRole" })]
        }
    };
    put(&mut line, "resourcePolicy", document_of(statements, VERSION));
    line
}

fn incomplete_arns(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    let mut line = open(chance, &scene);
    if chance.percent(20) {
        scene.principal = session_arn("Reader");
        line = open(chance, &scene);
    }
    let fields: Vec<&str> = scene.resource.split(':').collect();
    let count = 2 + chance.below(4);
    let mut kept: Vec<String> = fields[..count].iter().map(|field| (*field).to_owned()).collect();
    for field in kept.iter_mut().skip(2) {
        if (field.is_empty() && chance.percent(80)) || chance.percent(25) {
            "*".clone_into(field);
        }
    }
    if chance.percent(20) {
        kept[count - 1] = chance.text(&["kms", "s3", "us-west-2", OTHER]);
    }
    let incomplete = kept.join(":");
    let incomplete = if incomplete == "arn:aws" { "arn:aws:*".to_owned() } else { incomplete };
    let allow =
        document_of(vec![json!({ "Effect": "Allow", "Action": "*", "Resource": incomplete })], VERSION);
    let deny = document_of(vec![json!({ "Effect": "Deny", "Action": "*", "Resource": incomplete })], VERSION);
    match chance.below(12) {
        0..=3 => put(&mut line, "identityPolicies", json!([allow])),
        4..=6 => put(&mut line, "identityPolicies", json!([everything(), deny])),
        7..=8 => put(&mut line, "permissionBoundary", allow),
        9 => {
            let element = json!({ "Effect": "Allow", "Action": "*", "NotResource": incomplete });
            put(&mut line, "identityPolicies", json!([document_of(vec![element], VERSION)]));
        }
        10 if scene.is_session() => put(&mut line, "sessionPolicy", allow),
        10 => put(&mut line, "scps", json!([[allow]])),
        _ => {
            let mut statement = statement_for("Allow", &json!({ "AWS": scene.principal }));
            statement["Resource"] = json!(incomplete);
            put(&mut line, "resourcePolicy", document_of(vec![statement], VERSION));
        }
    }
    line
}

fn not_principal_boundary(chance: &mut Chance) -> Map<String, Value> {
    let scene = scene_of_identity(chance);
    let mut line = open(chance, &scene);
    line.remove("permissionBoundary");
    if chance.percent(65) {
        put(&mut line, "permissionBoundary", everything());
    }
    let mut deny = statement(chance, &scene, For::Limit, false, 60);
    deny["NotPrincipal"] = excepted_principals(chance, &scene, 92);
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME);
    let allow = statement_for("Allow", &json!({ "AWS": root(account) }));
    put(&mut line, "resourcePolicy", document_of(vec![allow, deny], VERSION));
    line
}

fn sizes(chance: &mut Chance) -> Map<String, Value> {
    let scene = scene_of_identity(chance);
    let mut line = open(chance, &scene);
    let mut long = document(chance, &scene, For::Identity);
    let filling = if chance.percent(90) {
        let words = "x".repeat(33_000 + chance.below(3_000));
        json!({ "Sid": words, "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" })
    } else {
        let actions: Vec<String> =
            (0..1_200).map(|number| format!("service{number}:DescribeSomething")).collect();
        json!({ "Effect": "Allow", "Action": actions, "Resource": "*" })
    };
    let mut statements: Vec<Value> =
        statements_of(&mut long).into_iter().map(|found| found.clone()).collect();
    if chance.percent(90) {
        statements.push(filling);
        put(&mut line, "identityPolicies", json!([document_of(statements, VERSION)]));
    } else {
        // A key policy of this length is refused.
        let mut statement = statement_for("Allow", &json!({ "AWS": scene.principal }));
        statement["Sid"] = json!("x".repeat(if chance.percent(50) { 33_000 } else { 30_000 }));
        let key = json!(KEY);
        line["request"]["resource"] = key;
        line["request"]["action"] = json!("kms:Decrypt");
        line["request"]["resourceAccount"] = json!(HOME);
        put(&mut line, "resourcePolicy", document_of(vec![statement], VERSION));
    }
    line
}

fn implied_keys(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    scene.context.remove("kms:ViaService");
    if chance.percent(10) {
        return caller_account_without_a_key(chance, scene);
    }
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME).to_owned();
    let region = scene.resource.split(':').nth(3).unwrap_or_default().to_owned();
    let (key, value, operators) = match chance.below(6) {
        5 if !region.is_empty() => {
            ("aws:RequestedRegion", region, ["StringEquals", "StringNotEquals", "StringLike"])
        }
        0 => ("aws:PrincipalIsAWSService", "false".to_owned(), ["Bool", "StringEquals", "BoolIfExists"]),
        1 => ("aws:ViaAWSService", "false".to_owned(), ["Bool", "StringNotEquals", "BoolIfExists"]),
        2 => (
            "aws:ResourceAccount",
            scene.resource_account.clone(),
            ["StringEquals", "StringNotEquals", "StringLikeIfExists"],
        ),
        3 => ("aws:PrincipalAccount", account, ["StringEquals", "StringNotEquals", "StringLike"]),
        _ => ("kms:CallerAccount", account, ["StringEquals", "StringNotEquals", "StringEqualsIfExists"]),
    };
    if chance.percent(15) {
        let other = if value.len() == 12 { "999988887777" } else { "true" };
        scene.context.insert(key.to_owned(), json!(other));
    }
    let mut line = open(chance, &scene);
    let others: &[&str] = if value.len() == 12 { &["999988887777", OTHER] } else { &["true"] };
    let written = if chance.percent(60) { value } else { chance.text(others) };
    let mut conditions = if chance.percent(10) {
        json!({ "Null": { key: chance.text(&["true", "false"]) } })
    } else {
        json!({ chance.text(&operators): { key: written } })
    };
    if chance.percent(20) {
        let (operator, keys) = condition(chance, &scene);
        conditions[operator] = keys;
    }
    if chance.percent(25) {
        let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": conditions });
        put(&mut line, "rcps", json!([[document_of(vec![deny], VERSION)]]));
    } else {
        put_condition(chance, &mut line, &scene, &conditions);
    }
    line
}

/// A line about an operation of KMS on no key, or of another service, and a condition on kms:CallerAccount.
fn caller_account_without_a_key(chance: &mut Chance, mut scene: Scene) -> Map<String, Value> {
    scene.action = chance.text(&["kms:ListKeys", "kms:GenerateRandom", "s3:ListAllMyBuckets"]);
    "*".clone_into(&mut scene.resource);
    HOME.clone_into(&mut scene.resource_account);
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME).to_owned();
    let operator = chance.text(&["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringLike"]);
    let written = chance.text(&[account.as_str(), OTHER]);
    let effect = chance.text(&["Allow", "Deny"]);
    let mut statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    statement["Condition"] = json!({ operator: { "kms:CallerAccount": written } });
    let mut line = scene.line();
    let documents = if effect == "Deny" { vec![everything()] } else { vec![] };
    let documents: Vec<Value> =
        documents.into_iter().chain([document_of(vec![statement], VERSION)]).collect();
    put(&mut line, "identityPolicies", json!(documents));
    line
}

fn service_linked_roles(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene(chance);
    let role = match chance.below(4) {
        0..=1 => LINKED_ROLE.to_owned(),
        2 => "aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway".to_owned(),
        // No service-linked role, although its path looks like one's.
        _ => "my/aws-service-role/dynamodb.amazonaws.com/Writer".to_owned(),
    };
    if chance.percent(70) {
        scene.principal = role_arn(&role);
    } else {
        scene.principal = session_arn(&role);
        scene.context.insert("aws:PrincipalArn".to_owned(), json!(role_arn(&role)));
    }
    let mut line = open(chance, &scene);
    if chance.percent(70) {
        let levels = json!([[everything()], [document(chance, &scene, For::Limit)]]);
        put(&mut line, "scps", levels);
    }
    if chance.percent(60) {
        put(&mut line, "rcps", json!([[document(chance, &scene, For::Rcp)]]));
    }
    line
}

fn rcp_reach(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    if chance.percent(20) {
        "kms:RetireGrant".clone_into(&mut scene.action);
        KEY.clone_into(&mut scene.resource);
        HOME.clone_into(&mut scene.resource_account);
    }
    let mut line = open(chance, &scene);
    if scene.action == "kms:RetireGrant" {
        line.remove("identityPolicies");
        put(
            &mut line,
            "grants",
            json!([{ "GranteePrincipal": scene.principal, "Operations": ["RetireGrant"] }]),
        );
    }
    let deny = statement(chance, &scene, For::Rcp, false, 75);
    put(&mut line, "rcps", json!([[document_of(vec![deny], VERSION)]]));
    line
}

fn key_policy_keys(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    if chance.percent(70) {
        "kms:Decrypt".clone_into(&mut scene.action);
        KEY.clone_into(&mut scene.resource);
        HOME.clone_into(&mut scene.resource_account);
    }
    let is_tag = chance.percent(60) || !scene.is_on_key();
    let (key, value, other) = if is_tag {
        ("aws:ResourceTag/Project", json!("Alpha"), "Beta")
    } else {
        ("kms:ResourceAliases", json!(["alias/app", "alias/b"]), "alias/other")
    };
    if chance.percent(85) {
        scene.context.insert(key.to_owned(), value);
    }
    let mut line = open(chance, &scene);
    let written = chance.text(&[if is_tag { "Alpha" } else { "alias/app" }, other]);
    let operator = match (chance.below(4), is_tag) {
        (0, _) => "Null".to_owned(),
        (_, true) => chance.text(&["StringEquals", "StringNotEquals", "StringLikeIfExists"]),
        (_, false) => chance.text(&[
            "ForAnyValue:StringEquals",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotEquals",
        ]),
    };
    let written = if operator == "Null" { chance.text(&["true", "false"]) } else { written };
    let conditions = json!({ operator: { key: written } });
    if chance.percent(15) {
        put_condition(chance, &mut line, &scene, &conditions);
        return line;
    }
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME);
    let effect = chance.text(&["Allow", "Deny"]);
    let mut statement = statement_for(&effect, &json!({ "AWS": scene.principal }));
    statement["Condition"] = conditions;
    let mut statements = vec![statement];
    if effect == "Deny" {
        statements.push(statement_for("Allow", &json!({ "AWS": root(account) })));
    }
    put(&mut line, "resourcePolicy", document_of(statements, VERSION));
    line
}

fn caller_identity(chance: &mut Chance) -> Map<String, Value> {
    // A service does not ask who it is.
    let mut scene = scene(chance);
    if scene.principal.ends_with(".amazonaws.com") {
        scene.principal = root(HOME);
    }
    scene.action = chance.text(&[
        "sts:GetCallerIdentity",
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
        "sts:GetFederationToken",
    ]);
    "*".clone_into(&mut scene.resource);
    HOME.clone_into(&mut scene.resource_account);
    if !scene.principal.contains(":user/") && scene.action == "sts:GetSessionToken" {
        "sts:GetCallerIdentity".clone_into(&mut scene.action);
    }
    let mut line = scene.line();
    let has_own = [":user/", ":role/", ":assumed-role/"].iter().any(|part| scene.principal.contains(part));
    let deny =
        json!({ "Version": VERSION, "Statement": { "Effect": "Deny", "Action": "sts:*", "Resource": "*" } });
    if has_own && chance.percent(60) {
        put(
            &mut line,
            "identityPolicies",
            json!([if chance.percent(50) { deny.clone() } else { everything() }]),
        );
    }
    if has_own && chance.percent(30) {
        put(&mut line, "permissionBoundary", if chance.percent(50) { deny.clone() } else { everything() });
    }
    if chance.percent(30) {
        put(&mut line, "scps", json!([[if chance.percent(50) { deny } else { everything() }]]));
    }
    line
}

fn retire_grant(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    "kms:RetireGrant".clone_into(&mut scene.action);
    KEY.clone_into(&mut scene.resource);
    HOME.clone_into(&mut scene.resource_account);
    let mut line = scene.line();
    let named = chance.text(&[scene.principal.as_str(), scene.principal.as_str(), user("bob").as_str()]);
    let action = chance.text(&["kms:RetireGrant", "kms:*", "*"]);
    let mut allow = statement_for("Allow", &json!({ "AWS": named }));
    allow["Action"] = json!(action);
    let mut statements = vec![allow];
    if chance.percent(20) {
        statements.push(statement(chance, &scene, For::Resource, false, 40));
    }
    put(&mut line, "resourcePolicy", document_of(statements, VERSION));
    if chance.percent(50) {
        let mut grant =
            json!({ "GranteePrincipal": chance.text(&[scene.principal.as_str(), user("bob").as_str()]) });
        grant["Operations"] =
            json!(if chance.percent(60) { vec!["Decrypt", "RetireGrant"] } else { vec!["Decrypt"] });
        if chance.percent(40) {
            grant["RetiringPrincipal"] =
                json!(chance.text(&[scene.principal.as_str(), user("bob").as_str()]));
        }
        if chance.percent(30) {
            grant["Constraints"] = json!({ "EncryptionContextSubset": { "Dept": "IT" } });
        }
        put(&mut line, "grants", json!([grant]));
    }
    if chance.percent(20) {
        let deny = json!({ "Effect": "Deny", "Action": action, "Resource": "*" });
        put(&mut line, "identityPolicies", json!([document_of(vec![deny], VERSION)]));
    }
    line
}

fn empty_texts(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    let key = chance.text(&["aws:TagKeys", "dynamodb:LeadingKeys", "kms:GrantOperations"]);
    let given = match chance.below(8) {
        0..=2 => json!([""]),
        3 => json!(""),
        4 => json!([]),
        5..=6 => json!(["a", "c"]),
        _ => json!(["a"]),
    };
    scene.context.insert(key.clone(), given);
    let mut line = open(chance, &scene);
    let conditions = if chance.percent(35) {
        json!({ "Null": { key: chance.text(&["true", "false"]) } })
    } else {
        let operator =
            chance.text(&["StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringEqualsIfExists"]);
        let set = if chance.percent(75) { "ForAllValues" } else { "ForAnyValue" };
        json!({ format!("{set}:{operator}"): { key: chance.text(&["a", "b*"]) } })
    };
    put_condition(chance, &mut line, &scene, &conditions);
    line
}

fn wrong_types(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    let (key, operators, written): (&str, &[&str], &str) = match chance.below(8) {
        0..=4 => ("aws:SourceArn", ARNS, "arn:aws:iam::*:user/test1"),
        5 => ("s3:max-keys", &["NumericEquals", "NumericLessThan", "NumericGreaterThanEquals"], "10"),
        6 => ("aws:CurrentTime", &["DateEquals", "DateLessThan", "DateGreaterThan"], "2026-03-01T00:00:00Z"),
        _ => ("aws:SourceIp", &["IpAddress"], "0.0.0.0/0"),
    };
    let junk = ["test2", "10 keys", "arn", "no:arn", "", "2026-13-45", "300.1.1.1"];
    // Next to texts that are no ARN, some that are, and patterns that miss one of their fields.
    let (given, written) = if key == "aws:SourceArn" && chance.percent(40) {
        let arn =
            chance.text(&["arn:aws:iam::444455556666:user/test1", "arn:aws:sqs:eu-west-1:111122223333:jobs"]);
        let pattern = arn_pattern(chance, &arn);
        (arn, pattern)
    } else {
        (chance.text(&junk), written.to_owned())
    };
    scene.context.insert(key.to_owned(), json!(given));
    let mut line = open(chance, &scene);
    let mut operator = chance.text(operators);
    if chance.percent(30) {
        operator.push_str("IfExists");
    }
    put_condition(chance, &mut line, &scene, &json!({ operator: { key: written } }));
    line
}

fn set_null(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    let key = chance.text(&["aws:TagKeys", "aws:PrincipalTag/team", "kms:GrantOperations"]);
    if chance.percent(50) {
        scene.context.insert(key.clone(), json!(["team"]));
    } else {
        scene.context.remove(&key);
    }
    let mut line = open(chance, &scene);
    let operator = chance.text(&["ForAllValues:Null", "ForAnyValue:Null"]);
    let written = chance.text(&["true", "false"]);
    put_condition(chance, &mut line, &scene, &json!({ operator: { key: written } }));
    line
}

fn odd_forms(chance: &mut Chance) -> Map<String, Value> {
    let scene = scene_of_identity(chance);
    let mut line = open(chance, &scene);
    match chance.below(8) {
        0..=3 => {
            let mut twice = document(chance, &scene, For::Resource);
            let mut statements: Vec<Value> =
                statements_of(&mut twice).into_iter().map(|found| found.clone()).collect();
            statements.push(statement_for("Allow", &json!({ "AWS": scene.principal })));
            for statement in &mut statements {
                statement["Sid"] = json!("Allow use of the key");
            }
            put(&mut line, "resourcePolicy", document_of(statements, VERSION));
        }
        4 => {
            let mut statements = vec![statement(chance, &scene, For::Identity, true, 50); 2];
            for statement in &mut statements {
                statement["Sid"] = json!("Twice");
            }
            let place = chance.text(&["identityPolicies", "permissionBoundary"]);
            let twice = document_of(statements, VERSION);
            put(&mut line, &place, if place == "identityPolicies" { json!([twice]) } else { twice });
        }
        _ => {
            let odd = match chance.below(4) {
                0 => format!("{} ", scene.action),
                1 => format!("{},GetObject", scene.action),
                2 => format!("{}, Encrypt", scene.action),
                _ => "kms:*  ".to_owned(),
            };
            let allows = chance.percent(60);
            let mut statement = statement(chance, &scene, For::Identity, allows, 100);
            statement["Action"] = if chance.percent(50) { json!([odd, scene.action]) } else { json!([odd]) };
            let documents = if statement["Effect"] == "Deny" {
                json!([everything(), document_of(vec![statement], VERSION)])
            } else {
                json!([document_of(vec![statement], VERSION)])
            };
            put(&mut line, "identityPolicies", documents);
        }
    }
    line
}

fn empty_lists(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    if chance.percent(35) {
        let is_bool = chance.percent(50);
        let (key, given, operator, written) = if is_bool {
            ("aws:MultiFactorAuthPresent", json!(chance.percent(50)), "Bool", json!(chance.percent(50)))
        } else {
            let number = json!(chance.below(3));
            ("s3:max-keys", json!(chance.below(3)), "NumericEquals", number)
        };
        scene.context.insert(key.to_owned(), given);
        let mut line = open(chance, &scene);
        put_condition(chance, &mut line, &scene, &json!({ operator: { key: written } }));
        return line;
    }
    let mut line = open(chance, &scene);
    let mut places = vec!["permissionBoundary", "scps", "rcps", "vpcEndpointPolicies"];
    if scene.is_session() {
        places.push("sessionPolicy");
    }
    for _ in 0..=chance.below(2) {
        let place = chance.text(&places);
        put(&mut line, &place, json!([]));
    }
    line
}

/// Only `true` is written: what AWS answers of a policy's `false` on such a value is documented nowhere. So the keys are none
/// that other documents of the line ask for.
fn bool_junk(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    let key = chance.text(&[
        "aws:ViaAWSService",
        "ec2:EbsOptimized",
        "dynamodb:FullTableScan",
        "kms:GrantIsForAWSResource",
        "kms:BypassPolicyLockoutSafetyCheck",
    ]);
    let given = chance.text(&["maybe", "yes", "1", "0", "", "on", "truee", "nottrue", "true", "false"]);
    scene.context.insert(key.clone(), json!(given));
    let mut line = open(chance, &scene);
    let operator = chance.text(&["Bool", "Bool", "BoolIfExists"]);
    let written = if chance.percent(30) { json!(true) } else { json!("true") };
    put_condition(chance, &mut line, &scene, &json!({ operator: { key: written } }));
    line
}
