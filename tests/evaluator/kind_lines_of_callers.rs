//! Random lines whose callers are no users, roles or services: identity providers, federated users, and nobody.
//!
//! Each line asks only what AWS's documentation settles.

use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::generate::{
    For, HOME, OTHER, Scene, condition, document, document_of, dress, everything, role_arn, root, scene,
    scene_of_identity, session_arn, statement_for, user,
};
use crate::kind_lines::{VERSION, open, put, put_condition};

const GITHUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
const SAML: &str = "arn:aws:iam::111122223333:saml-provider/Clinic";
const COGNITO: &str = "cognito-identity.amazonaws.com";
const PROVIDERS: [&str; 6] = [
    GITHUB,
    SAML,
    COGNITO,
    "accounts.google.com",
    "www.amazon.com",
    "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71",
];

/// What the tokens of a provider tell, by the names of condition keys, with what policies may ask.
// Source: IAM User Guide, reference_policies_iam-condition-keys: keys for web identity federation and for SAML.
fn keys_of(provider: &str) -> Vec<(String, Vec<&'static str>)> {
    let host = provider.split_once("-provider/").map_or(provider, |(_, host)| host);
    match provider {
        SAML => vec![
            ("saml:aud".to_owned(), vec!["https://signin.aws.amazon.com/saml", "https://other.example/saml"]),
            ("saml:iss".to_owned(), vec!["https://idp.example.com/shibboleth", "https://idp.example.org"]),
            ("saml:sub_type".to_owned(), vec!["persistent", "transient"]),
        ],
        COGNITO => vec![
            (format!("{host}:aud"), vec!["us-east-2:identity-pool-id", "us-east-2:another"]),
            (format!("{host}:amr"), vec!["authenticated", "unauthenticated", "graph.facebook.com"]),
        ],
        _ => vec![
            (format!("{host}:aud"), vec!["sts.amazonaws.com", "another-audience"]),
            (
                format!("{host}:sub"),
                vec!["repo:clinic/scans:ref:refs/heads/main", "repo:clinic/scans:pull_request"],
            ),
        ],
    }
}

/// A condition on what the token of a provider tells.
fn token_condition(chance: &mut Chance, provider: &str) -> Value {
    let (key, values) = chance.pick(&keys_of(provider)).clone();
    let operator = match chance.below(10) {
        0 => return json!({ "Null": { key: chance.text(&["true", "false"]) } }),
        1..=4 => "StringEquals",
        5 => "StringNotEquals",
        6 => "StringEqualsIfExists",
        _ => "StringLike",
    };
    let prefix = if key.ends_with(":amr") { "ForAnyValue:" } else { "" };
    let mut written = chance.text(&values);
    if operator == "StringLike" && chance.percent(60) {
        written.replace_range(4.., "*");
    }
    let key = if chance.percent(20) { key.replacen("saml:", "SAML:", 1) } else { key };
    json!({ format!("{prefix}{operator}"): { key: written } })
}

pub fn federated_principals(chance: &mut Chance) -> Map<String, Value> {
    match chance.below(10) {
        0..=6 => asks_for_a_role(chance),
        7 => named_by_its_provider_alone(chance),
        _ => session_of_a_provider(chance),
    }
}

/// Somebody with the token of an identity provider asks for a role.
fn asks_for_a_role(chance: &mut Chance) -> Map<String, Value> {
    let provider = chance.text(&PROVIDERS);
    let action = if provider == SAML { "sts:AssumeRoleWithSAML" } else { "sts:AssumeRoleWithWebIdentity" };
    let mut context = Map::new();
    for (key, values) in keys_of(&provider) {
        if chance.percent(85) {
            let value = if key.ends_with(":amr") {
                json!([chance.text(&values)])
            } else {
                json!(chance.text(&values))
            };
            context.insert(key, value);
        }
    }
    let scene = Scene {
        principal: provider.clone(),
        action: action.to_owned(),
        resource: role_arn("app/Deployer"),
        resource_account: HOME.to_owned(),
        context,
    };
    let mut line = scene.line();
    if !provider.starts_with("arn:") || chance.percent(50) {
        line["request"]["principal"] = json!({ "type": "Federated", "provider": provider });
    }
    let other = chance.text(&["graph.facebook.com", "arn:aws:iam::444455556666:saml-provider/Clinic"]);
    let mut statements = Vec::new();
    for _ in 0..=chance.below(2) {
        let principal = match chance.below(20) {
            0..=11 => json!({ "Federated": provider }),
            12..=14 => json!({ "Federated": [other, provider] }),
            15 => json!({ "AWS": root(HOME), "Federated": provider }),
            16 => json!("*"),
            17 => json!({ "AWS": root(HOME) }),
            18 => json!({ "Service": "ec2.amazonaws.com" }),
            _ => json!({ "Federated": other }),
        };
        let effect = if chance.percent(80) { "Allow" } else { "Deny" };
        let action = chance.text(&[action, action, "sts:AssumeRoleWith*", "sts:AssumeRole", "sts:*"]);
        let mut statement = json!({ "Effect": effect, "Principal": principal, "Action": action });
        if chance.percent(60) {
            statement["Condition"] = token_condition(chance, &provider);
        }
        statements.push(statement);
    }
    put(&mut line, "resourcePolicy", document_of(statements, VERSION));
    let deny_all = |condition: Option<Value>| {
        let mut deny = json!({ "Effect": "Deny", "Action": "sts:*", "Resource": "*" });
        if let Some(condition) = condition {
            deny["Condition"] = condition;
        }
        deny
    };
    if chance.percent(15) {
        put(&mut line, "scps", json!([[document_of(vec![deny_all(None)], VERSION)]]));
    }
    if chance.percent(15) {
        let mut deny = deny_all(Some(token_condition(chance, &provider)));
        deny["Principal"] = json!("*");
        put(&mut line, "rcps", json!([[document_of(vec![deny], VERSION)]]));
    }
    line
}

/// A user or a role is none of those for whom a provider vouches.
fn named_by_its_provider_alone(chance: &mut Chance) -> Map<String, Value> {
    let scene = scene_of_identity(chance);
    let mut line = scene.line();
    if chance.percent(50) {
        put(&mut line, "identityPolicies", json!([document(chance, &scene, For::Identity)]));
    }
    let effect = chance.text(&["Allow", "Deny"]);
    let provider = chance.text(&PROVIDERS);
    let statement = statement_for(&effect, &json!({ "Federated": provider }));
    put(&mut line, "resourcePolicy", document_of(vec![statement], VERSION));
    line
}

/// A session of a role that somebody got by the token of a provider.
// Source: IAM User Guide, reference_policies_condition-keys, aws:FederatedProvider: "present when the principal is a role
// session principal and that session was issued using a third-party identity provider".
fn session_of_a_provider(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene(chance);
    scene.principal = session_arn(&chance.text(&["Reader", "app/Writer"]));
    let provider = chance.text(&PROVIDERS);
    if chance.percent(80) {
        scene.context.insert("aws:FederatedProvider".to_owned(), json!(provider));
    }
    let mut line = open(chance, &scene);
    let operator = chance.text(&[
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "StringLike",
        "StringNotLikeIfExists",
    ]);
    let written = chance.text(&[provider.as_str(), provider.as_str(), "graph.facebook.com"]);
    put_condition(chance, &mut line, &scene, &json!({ operator: { "aws:FederatedProvider": written } }));
    line
}

pub fn federated_users(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene(chance);
    let account = chance.text(&[HOME, HOME, HOME, OTHER]);
    scene.principal = format!("arn:aws:sts::{account}:federated-user/{}", chance.text(&["guest", "alice"]));
    let federator = format!("arn:aws:iam::{account}:user/{}", chance.text(&["alice", "staff/ann"]));
    let mut line = scene.line();
    line["request"]["principal"] =
        json!({ "type": "FederatedUser", "arn": scene.principal, "user": federator });
    if chance.percent(85) {
        let allows_all = chance.percent(50);
        let own = if allows_all { everything() } else { document(chance, &scene, For::Identity) };
        put(&mut line, "identityPolicies", json!([own]));
    }
    if chance.percent(75) {
        let allows_all = chance.percent(40);
        let passed = if allows_all { everything() } else { document(chance, &scene, For::Limit) };
        put(&mut line, "sessionPolicy", passed);
    }
    if chance.percent(25) {
        put(&mut line, "permissionBoundary", document(chance, &scene, For::Limit));
    }
    let mut statements = Vec::new();
    for _ in 0..=chance.below(2) {
        let named = chance.text(&[
            &federator,
            &federator,
            &federator,
            &scene.principal,
            &root(&account),
            &root(&account),
            &user("bob"),
        ]);
        let effect = if chance.percent(80) { "Allow" } else { "Deny" };
        let mut statement = statement_for(effect, &json!({ "AWS": named }));
        if chance.percent(30) {
            let (operator, keys) = condition(chance, &scene);
            statement["Condition"] = json!({ operator: keys });
        }
        statements.push(statement);
    }
    // A session with a boundary is denied by NotPrincipal, and K3 is about that.
    if chance.percent(12) && !line.contains_key("permissionBoundary") {
        let mut names = vec![scene.principal.clone(), federator];
        if chance.percent(50) {
            names.push(root(&account));
        }
        let mut exception = statement_for("Deny", &Value::Null);
        exception.as_object_mut().expect("a statement").remove("Principal");
        exception["NotPrincipal"] = json!({ "AWS": names });
        statements.push(exception);
    }
    put(&mut line, "resourcePolicy", document_of(statements, VERSION));
    line
}

pub fn anonymous(chance: &mut Chance) -> Map<String, Value> {
    // Source: S3, SQS and SNS take requests that nobody signed, KMS and most others do not.
    let scene = loop {
        let scene = scene(chance);
        if ["s3:", "sqs:", "sns:"].iter().any(|service| scene.action.starts_with(service)) {
            break Scene { principal: user("bob"), ..scene };
        }
    };
    let mut line = dress(chance, &scene);
    line["request"]["principal"] = json!({ "type": "Anonymous" });
    for own in ["identityPolicies", "permissionBoundary"] {
        line.remove(own);
    }
    let mut statements = Vec::new();
    for _ in 0..=chance.below(2) {
        let principal = match chance.below(10) {
            0..=2 => json!("*"),
            3..=5 => json!({ "AWS": "*" }),
            6 => json!({ "AWS": [user("bob"), "*"] }),
            7 => json!({ "AWS": root(HOME) }),
            8 => json!({ "AWS": user("bob") }),
            _ => json!({ "Service": "sns.amazonaws.com" }),
        };
        let effect = if chance.percent(75) { "Allow" } else { "Deny" };
        let mut statement = statement_for(effect, &principal);
        match chance.below(10) {
            0..=2 => {
                let (operator, keys) = condition(chance, &scene);
                statement["Condition"] = json!({ operator: keys });
            }
            3 => {
                let operator = chance.text(&["StringEquals", "StringNotEquals", "StringLike"]);
                let written = chance.text(&[HOME, "anonymous"]);
                statement["Condition"] = json!({ operator: { "aws:PrincipalAccount": written } });
            }
            4 => {
                let operator = chance.text(&["ArnLike", "ArnNotLike", "ArnLikeIfExists"]);
                statement["Condition"] = json!({ operator: { "aws:PrincipalArn": "arn:aws:iam::*:user/*" } });
            }
            5 => {
                let operator = chance.text(&["Bool", "Bool", "Null", "BoolIfExists"]);
                statement["Condition"] =
                    json!({ operator: { "aws:PrincipalIsAWSService": chance.text(&["true", "false"]) } });
            }
            _ => {}
        }
        statements.push(statement);
    }
    if chance.percent(12) {
        let mut exception = statement_for(&chance.text(&["Allow", "Deny"]), &Value::Null);
        exception.as_object_mut().expect("a statement").remove("Principal");
        exception["NotPrincipal"] = json!({ "AWS": [root(HOME), user("bob")] });
        statements.push(exception);
    }
    put(&mut line, "resourcePolicy", document_of(statements, VERSION));
    line
}
