//! Random lines in which grants let somebody in, by their constraints and by their grantees.

use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::generate::{HOME, KEY, Scene, document_of, root, scene_of_identity, statement_for, user};
use crate::kind_lines::{VERSION, put};

/// Nothing but a grant lets the caller in.
pub fn constraints(chance: &mut Chance) -> Map<String, Value> {
    let mut scene = scene_of_identity(chance);
    scene.action = chance.text(&["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"]);
    KEY.clone_into(&mut scene.resource);
    HOME.clone_into(&mut scene.resource_account);
    scene.context.retain(|key, _| !key.starts_with("kms:EncryptionContext"));
    let (mut given, mut wanted) = (Map::new(), Map::new());
    for name in ["Dept", "tenant", "aws:rds:db-id"] {
        let value = chance.text(&["a", "A", "b"]);
        if chance.percent(70) {
            given.insert(format!("kms:EncryptionContext:{name}"), json!(value));
        }
        if chance.percent(45) {
            let name = if chance.percent(35) { name.to_uppercase() } else { name.to_owned() };
            let value = if chance.percent(85) { value } else { chance.text(&["a", "A", "b"]) };
            wanted.insert(name, json!(value));
        }
    }
    if wanted.is_empty() {
        wanted.insert("dept".to_owned(), json!("a"));
    }
    scene.context.extend(given);
    let mut line = scene.line();
    let kind = chance.text(&["EncryptionContextEquals", "EncryptionContextSubset"]);
    let grant = json!({
        "GranteePrincipal": scene.principal,
        "Operations": ["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey"],
        "Constraints": { kind: wanted },
    });
    put(&mut line, "grants", json!([grant]));
    put(
        &mut line,
        "resourcePolicy",
        document_of(vec![statement_for("Allow", &json!({ "AWS": user("bob") }))], VERSION),
    );
    line
}

/// Services with resources that they work for; each resource differs from its neighbour in one part.
const SOURCES: [(&str, [&str; 3]); 4] = [
    (
        "dynamodb.amazonaws.com",
        [
            "arn:aws:dynamodb:us-east-1:111122223333:table/Orders",
            "arn:aws:dynamodb:us-east-1:111122223333:table/Orders2",
            "arn:aws:dynamodb:us-east-1:444455556666:table/Orders",
        ],
    ),
    (
        "cloudtrail.amazonaws.com",
        [
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/all",
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/all",
            "arn:aws:cloudtrail:us-east-1:111122223333:trail",
        ],
    ),
    (
        "logs.amazonaws.com",
        [
            "arn:aws:logs:us-east-1:111122223333:log-group:clinic",
            "arn:aws:logs:us-east-1:111122223333:log-group:clinic:*",
            "arn:aws:logs:us-east-1:111122223333:log-group:Clinic",
        ],
    ),
    (
        "us-east-1.supportauthz.amazonaws.com",
        [
            "arn:aws:supportauthz:us-east-1:111122223333:supportpermit/p1",
            "arn:aws:supportauthz:us-east-1:111122223333:supportpermit/p2",
            "arn:aws-cn:supportauthz:us-east-1:111122223333:supportpermit/p1",
        ],
    ),
];

/// A service asks, for one of its resources, and a grant is to somebody for one.
pub fn service_grants(chance: &mut Chance) -> Map<String, Value> {
    let (service, resources) = *chance.pick(&SOURCES);
    let mut context = Map::new();
    let asks_for = chance.text(&[resources[0], resources[0], resources[0], resources[1], resources[2]]);
    if chance.percent(90) {
        context.insert("aws:SourceArn".to_owned(), json!(asks_for));
    }
    if chance.percent(40) {
        context.insert("kms:EncryptionContext:Dept".to_owned(), json!(chance.text(&["IT", "HR"])));
    }
    let operation = chance.text(&["Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "RetireGrant"]);
    let scene = Scene {
        principal: if chance.percent(92) { service.to_owned() } else { user("alice") },
        action: format!("kms:{operation}"),
        resource: KEY.to_owned(),
        resource_account: HOME.to_owned(),
        context,
    };
    let mut line = scene.line();
    put(&mut line, "grants", json!([service_grant(chance, service, resources[0], &operation)]));
    put(&mut line, "resourcePolicy", key_policy(chance, &scene, resources[0]));
    if chance.percent(10) {
        let mut deny = statement_for("Deny", &json!("*"));
        deny["Condition"] =
            json!({ "Bool": { "aws:PrincipalIsAWSService": chance.text(&["true", "false"]) } });
        put(&mut line, "rcps", json!([[document_of(vec![deny], VERSION)]]));
    }
    line
}

fn service_grant(chance: &mut Chance, service: &str, source: &str, operation: &str) -> Value {
    let mut grant = Map::new();
    if chance.percent(95) {
        let grantee = if chance.percent(80) { service } else { "sns.amazonaws.com" };
        grant.insert("GranteeServicePrincipal".to_owned(), json!(grantee));
    }
    if grant.is_empty() || chance.percent(3) {
        grant.insert("GranteePrincipal".to_owned(), json!(user("bob")));
    }
    if chance.percent(40) {
        let retiring = chance.text(&[service, service, "sns.amazonaws.com"]);
        grant.insert("RetiringServicePrincipal".to_owned(), json!(retiring));
    }
    let operation = if chance.percent(80) { operation } else { "GenerateDataKeyWithoutPlaintext" };
    grant.insert("Operations".to_owned(), json!([operation]));
    let mut constraints = Map::new();
    if chance.percent(94) {
        constraints.insert("SourceArn".to_owned(), json!(source));
    }
    let pairs = json!({ chance.text(&["Dept", "dept"]): "IT" });
    if chance.percent(25) {
        constraints.insert("EncryptionContextSubset".to_owned(), pairs.clone());
    }
    if chance.percent(15) && !constraints.contains_key("EncryptionContextSubset") {
        constraints.insert("EncryptionContextEquals".to_owned(), pairs);
    }
    grant.insert("Constraints".to_owned(), json!(constraints));
    Value::Object(grant)
}

/// A key policy that now and then lets the service in, or keeps it out, by itself.
fn key_policy(chance: &mut Chance, scene: &Scene, source: &str) -> Value {
    let mut statements = vec![statement_for("Allow", &json!({ "AWS": root(HOME) }))];
    if chance.percent(30) {
        let principal = if scene.principal.starts_with("arn:") {
            json!({ "AWS": scene.principal })
        } else {
            json!({ "Service": scene.principal })
        };
        let mut statement = statement_for(&chance.text(&["Allow", "Deny"]), &principal);
        if chance.percent(70) {
            let operator =
                chance.text(&["ArnEquals", "ArnNotLike", "StringEquals", "StringNotEqualsIfExists"]);
            statement["Condition"] = json!({ operator: { "aws:SourceArn": source } });
        }
        statements.push(statement);
    }
    document_of(statements, VERSION)
}
