//! Random lines for `kmslab decide`: the ordinary features. What is particular to a kind stands in `kind_lines`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::chance::Chance;

pub const HOME: &str = "111122223333";
pub const OTHER: &str = "444455556666";
pub const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub const OTHER_KEY: &str = "arn:aws:kms:us-east-1:444455556666:key/9999abcd-12ab-34cd-56ef-1234567890ab";
pub const SSO_ROLE: &str = "aws-reserved/sso.amazonaws.com/us-east-1/AWSReservedSSO_Admin_0123456789abcdef";
pub const LINKED_ROLE: &str = "aws-service-role/dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication";
/// Roles with a path; names are unique in an account, whatever the path.
pub const PATHED_ROLES: [&str; 4] = [SSO_ROLE, "app/Writer", "teams/a/b/Deployer", LINKED_ROLE];

/// Actions with resources that they act on.
const REQUESTS: &[(&str, &str)] = &[
    ("kms:Decrypt", KEY),
    ("kms:Decrypt", KEY),
    ("kms:Encrypt", KEY),
    ("kms:GenerateDataKey", KEY),
    ("kms:DescribeKey", KEY),
    ("kms:PutKeyPolicy", KEY),
    ("kms:CreateGrant", KEY),
    ("kms:ScheduleKeyDeletion", KEY),
    ("kms:Decrypt", OTHER_KEY),
    ("kms:ListGrants", OTHER_KEY),
    ("kms:CreateAlias", "arn:aws:kms:us-east-1:111122223333:alias/app"),
    ("dynamodb:Scan", "arn:aws:dynamodb:us-east-1:111122223333:table/CustomerData"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:444455556666:table/Orders"),
    ("s3:GetObject", "arn:aws:s3:::clinic-records/2026/alice.txt"),
    ("s3:PutObject", "arn:aws:s3:::clinic-records/home/alice/a b.txt"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs"),
    ("sns:Publish", "arn:aws:sns:us-east-1:111122223333:alarms"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"),
    ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:resize:3"),
    ("ec2:StartInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"),
    ("iam:GetRole", "arn:aws:iam::111122223333:role/app/Writer"),
];
pub const OTHER_PATTERNS: &[&str] = &[
    "kms:*",
    "s3:Get*",
    "dynamodb:*Item",
    "iam:*",
    "sns:Pub*",
    "ec2:*",
    "kms:Enc*",
    "sqs:*",
    "lambda:Invoke*",
];

/// How a condition key is compared, with values that requests carry and others that policies write.
struct Key {
    name: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
    written: &'static [&'static str],
    is_multivalued: bool,
}

const STRINGS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const NUMBERS: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATES: &[&str] = &[
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];
pub const ARNS: &[&str] = &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];

const fn key(
    name: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
    written: &'static [&'static str],
) -> Key {
    Key { name, operators, values, written, is_multivalued: false }
}

const fn keys(name: &'static str, values: &'static [&'static str], written: &'static [&'static str]) -> Key {
    Key { name, operators: STRINGS, values, written, is_multivalued: true }
}

const KEYS: &[Key] = &[
    key(
        "aws:PrincipalTag/team",
        STRINGS,
        &["clinic", "Clinic", "lab"],
        &["cl*", "?lab", "l?b", "${aws:SourceIdentity}"],
    ),
    key(
        "aws:SourceIdentity",
        STRINGS,
        &["us-east-1", "eu-west-1", "lab"],
        &["us-*", "*-1", "${aws:PrincipalTag/team, 'lab'}"],
    ),
    key(
        "kms:ViaService",
        STRINGS,
        &["dynamodb.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"],
        &["dynamodb.*.amazonaws.com"],
    ),
    key(
        "s3:prefix",
        STRINGS,
        &["home/alice/x", "home/", "a*b", "$x"],
        &["home/${aws:username}/*", "a${*}b", "${$}x", "a*", "home/?"],
    ),
    key("aws:PrincipalOrgID", STRINGS, &["o-clinic", "o-other"], &["o-*"]),
    key("kms:EncryptionContext:Dept", STRINGS, &["IT", "it", "HR"], &["?T", "${aws:PrincipalTag/none}"]),
    key("aws:MultiFactorAuthAge", NUMBERS, &["0", "300", "86400", "-5"], &["300.0", "299.5", "1e3"]),
    key("s3:max-keys", NUMBERS, &["10", "10.0", "11"], &["10", "${s3:max-keys}"]),
    key(
        "aws:CurrentTime",
        DATES,
        &["2026-03-01T00:00:00Z", "2026-06-30T23:59:59Z", "2028-02-29T12:00:00Z"],
        &[
            "2026-03-01",
            "2026-03",
            "2026",
            "2026-03-01T01:00:00+01:00",
            "1772323200",
            "2026-06-30T23:59:59.5Z",
            "${aws:CurrentTime}",
        ],
    ),
    key(
        "aws:TokenIssueTime",
        DATES,
        &["2026-01-05T09:00:00Z", "1767603600"],
        &["1767603600", "2026-01-05T09:00Z", "2027-01-01"],
    ),
    key("aws:MultiFactorAuthPresent", &["Bool"], &["true", "false"], &[]),
    key("aws:SecureTransport", &["Bool"], &["true", "false"], &[]),
    key(
        "aws:SourceIp",
        &["IpAddress", "NotIpAddress"],
        &["203.0.113.9", "198.51.100.7", "2001:db8::1"],
        &[
            "203.0.113.0/24",
            "203.0.113.8/31",
            "203.0.113.9",
            "2001:db8::/32",
            "2001:DB8:0::1",
            "0.0.0.0/0",
            "::/0",
            "198.51.100.128/25",
        ],
    ),
    key(
        "aws:SourceArn",
        ARNS,
        &[
            "arn:aws:sns:us-east-1:111122223333:alarms",
            "arn:aws:s3:::clinic-records",
            "arn:aws:x:us-east-2:999999999999:store/abc:111122223333:fin/d",
        ],
        &[
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:s3:::clinic-?ecords",
            "arn:*:sns:us-east-1:*:al*",
            "arn:aws:x:*:111122223333:fin/*",
            "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:alarms",
        ],
    ),
    key("app:blob", &["BinaryEquals"], &["QmluYXJ5VmFsdWU=", "QQ=="], &["QmluYXJ5"]),
    keys("aws:TagKeys", &["team", "env", "owner", "Env"], &["t*", "${aws:PrincipalTag/team}"]),
    keys("dynamodb:LeadingKeys", &["alice", "bob"], &["${aws:username}", "al*"]),
    keys("kms:GrantOperations", &["Decrypt", "Encrypt", "CreateGrant"], &["*crypt"]),
];

/// What a line is made of, before its documents.
#[derive(Clone)]
pub struct Scene {
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub resource_account: String,
    pub context: Map<String, Value>,
}

impl Scene {
    pub fn is_session(&self) -> bool {
        self.principal.starts_with("arn:aws:sts:")
    }

    pub fn is_on_key(&self) -> bool {
        self.resource.contains(":key/")
    }

    /// The name of the role whose session asks.
    pub fn role_name(&self) -> Option<&str> {
        self.principal.split_once(":assumed-role/")?.1.split('/').next()
    }

    pub fn line(&self) -> Map<String, Value> {
        let mut line = Map::new();
        line.insert(
            "request".to_owned(),
            json!({
                "principal": self.principal, "action": self.action, "resource": self.resource,
                "resourceAccount": self.resource_account, "context": self.context,
            }),
        );
        line
    }
}

pub fn role_arn(path_and_name: &str) -> String {
    format!("arn:aws:iam::{HOME}:role/{path_and_name}")
}

pub fn session_arn(path_and_name: &str) -> String {
    let name = path_and_name.rsplit('/').next().unwrap_or_default();
    format!("arn:aws:sts::{HOME}:assumed-role/{name}/dana@example.com")
}

pub fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

pub fn user(name: &str) -> String {
    format!("arn:aws:iam::{HOME}:user/{name}")
}

fn principal(chance: &mut Chance) -> String {
    match chance.below(20) {
        0..=5 => user("alice"),
        6 => user("staff/ann"),
        7 => user("bob"),
        8..=9 => format!("arn:aws:iam::{OTHER}:user/carol"),
        10 => role_arn("Reader"),
        11 => role_arn("app/Writer"),
        12..=13 => session_arn("Reader"),
        14 => session_arn(SSO_ROLE),
        15 => format!("arn:aws:sts::{OTHER}:assumed-role/App/app"),
        16 => format!("arn:aws:sts::{HOME}:federated-user/guest"),
        17 => chance.text(&["dynamodb.amazonaws.com", "sns.amazonaws.com"]),
        18 => root(chance.text(&[HOME, OTHER]).as_str()),
        _ => HOME.to_owned(),
    }
}

pub fn scene(chance: &mut Chance) -> Scene {
    let principal = principal(chance);
    let (action, resource) = *chance.pick(REQUESTS);
    let mut context = Map::new();
    for key in KEYS {
        if !chance.percent(35) {
            continue;
        }
        let value = if key.is_multivalued {
            let count = chance.below(3);
            json!((0..count).map(|_| chance.text(key.values)).collect::<Vec<_>>())
        } else {
            json!(chance.text(key.values))
        };
        context.insert(key.name.to_owned(), value);
    }
    let account = resource.split(':').nth(4).filter(|account| !account.is_empty()).unwrap_or(HOME);
    Scene {
        principal,
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: account.to_owned(),
        context,
    }
}

/// A scene whose caller has policies of its own: a user, a role or a session.
pub fn scene_of_identity(chance: &mut Chance) -> Scene {
    loop {
        let scene = scene(chance);
        let is_one = [":user/", ":role/", ":assumed-role/"].iter().any(|part| scene.principal.contains(part));
        if is_one {
            return scene;
        }
    }
}

/// Where a document is to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    Identity,
    /// A limit on identities: boundaries, session policies and SCPs.
    Limit,
    Resource,
    Rcp,
}

fn with_case(chance: &mut Chance, text: &str) -> String {
    if chance.percent(15) { text.to_uppercase() } else { text.to_owned() }
}

fn action_pattern(chance: &mut Chance, action: &str) -> String {
    let (service, operation) = action.split_once(':').expect("an action");
    match chance.below(10) {
        0..=2 => with_case(chance, action),
        3..=4 => format!("{service}:*"),
        5 => format!("{service}:{}*", &operation[..2]),
        6 => format!("{service}:?{}", &operation[1..]),
        7 => chance.text(OTHER_PATTERNS),
        _ => "*".to_owned(),
    }
}

fn resource_pattern(chance: &mut Chance, resource: &str) -> String {
    if resource == "*" {
        return resource.to_owned();
    }
    let last = resource.rfind(['/', ':']).expect("an ARN");
    match chance.below(12) {
        0..=1 => resource.to_owned(),
        2 => format!("{}*", &resource[..=last]),
        3 => format!("{}?", &resource[..resource.len() - 1]),
        4 => "arn:aws:s3:::clinic-records/home/${aws:username}/*".to_owned(),
        5 => "arn:aws:dynamodb:*:*:table/*".to_owned(),
        6 => resource.to_uppercase().replacen("ARN:AWS", "arn:aws", 1),
        7 => format!("arn:aws:{}:*:*:*", resource.split(':').nth(2).unwrap_or_default()),
        _ => "*".to_owned(),
    }
}

fn one_or_many(chance: &mut Chance, mut values: Vec<String>) -> Value {
    if values.len() == 1 && chance.percent(60) { json!(values.remove(0)) } else { json!(values) }
}

/// A pattern of ARNs of which one field is not the ARN's own.
pub fn arn_pattern(chance: &mut Chance, arn: &str) -> String {
    let mut fields: Vec<&str> = arn.splitn(6, ':').collect();
    let field = 1 + chance.below(fields.len() - 1);
    fields[field] = *chance.pick(&["*", "aws", "s3", "eu-west-9", OTHER, "other"]);
    fields.join(":")
}

/// A condition with an operator for the key's type, or now and then for another.
pub fn condition(chance: &mut Chance, scene: &Scene) -> (String, Value) {
    let key = chance.pick(KEYS);
    let every: Vec<&str> = KEYS.iter().flat_map(|key| key.operators).copied().collect();
    // No page says whether a negative number is a date, and an age can be one here.
    let is_fitting = chance.percent(90);
    let mut operator = chance.text(if is_fitting { key.operators } else { &every });
    if key.name == "aws:MultiFactorAuthAge" && operator.starts_with("Date") {
        operator = chance.text(key.operators);
    }
    let mut values: Vec<String> = Vec::new();
    for _ in 0..=chance.below(2) {
        let given = scene
            .context
            .get(key.name)
            .map(|value| value.as_array().and_then(|list| list.first()).unwrap_or(value));
        values.push(match (given.and_then(Value::as_str), chance.below(10)) {
            (Some(given), 0..=2) if given.starts_with("arn:aws:") => arn_pattern(chance, given),
            (Some(given), 0..=4) => given.to_owned(),
            (_, 0..=6) if !key.written.is_empty() => chance.text(key.written),
            _ => chance.text(key.values),
        });
    }
    if operator.starts_with("String")
        && !values.iter().any(|value| value.contains("${"))
        && chance.percent(10)
    {
        values = values.iter().map(|value| value.to_uppercase()).collect();
    }
    if chance.percent(6) {
        let value = json!({ key.name: chance.text(&["true", "false"]) });
        return ("Null".to_owned(), value);
    }
    if chance.percent(25) {
        operator.push_str("IfExists");
    }
    // Source: KMS Developer Guide, conditions-kms: set operators on kms:EncryptionContext:* are refused in key policies.
    let wants_set = if key.is_multivalued { 90 } else { 5 };
    if chance.percent(wants_set) && !key.name.starts_with("kms:EncryptionContext") {
        operator = format!("{}:{operator}", chance.text(&["ForAllValues", "ForAnyValue"]));
    }
    let is_bool = values.iter().all(|value| value == "true" || value == "false") && chance.percent(30);
    let written = if is_bool { json!(values[0] == "true") } else { one_or_many(chance, values) };
    let name = with_case(chance, key.name);
    (operator, json!({ name: written }))
}

/// The principals that a resource's policy may name, so that the caller is often among them.
pub fn named_principals(chance: &mut Chance, scene: &Scene) -> Value {
    if scene.principal.ends_with(".amazonaws.com") {
        return json!({ "Service": if chance.percent(70) { scene.principal.as_str() } else { "ec2.amazonaws.com" } });
    }
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME);
    let mut names = Vec::new();
    for _ in 0..=chance.below(2) {
        names.push(match chance.below(12) {
            0..=2 if scene.principal.len() > 12 => scene.principal.clone(),
            3..=5 => root(account),
            6 => account.to_owned(),
            7..=8 => match scene.role_name() {
                Some(role) => {
                    let pathed = PATHED_ROLES.iter().find(|pathed| pathed.rsplit('/').next() == Some(role));
                    format!("arn:aws:iam::{account}:role/{}", pathed.map_or(role, |pathed| pathed))
                }
                None => user("alice"),
            },
            9 => return json!(if chance.percent(50) { json!("*") } else { json!({ "AWS": "*" }) }),
            10 => user("Alice"),
            _ => user("bob"),
        });
    }
    json!({ "AWS": one_or_many(chance, names) })
}

/// The NotPrincipal of a Deny: the caller's account, role and self, each there or not.
pub fn excepted_principals(chance: &mut Chance, scene: &Scene, often: usize) -> Value {
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME).to_owned();
    let mut names = vec![user("bob")];
    if chance.percent(often) {
        names.push(root(&account));
    }
    if chance.percent(often) && scene.principal.starts_with("arn:") {
        names.push(scene.principal.clone());
    }
    if let Some(role) = scene.role_name()
        && chance.percent(often)
    {
        let pathed = PATHED_ROLES.iter().find(|pathed| pathed.rsplit('/').next() == Some(role));
        names.push(format!("arn:aws:iam::{account}:role/{}", pathed.map_or(role, |pathed| pathed)));
    }
    json!({ "AWS": names })
}

/// A statement; `breadth` is how often in a hundred it simply means everything.
pub fn statement(chance: &mut Chance, scene: &Scene, place: For, allows: bool, breadth: usize) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!(if allows { "Allow" } else { "Deny" }));
    if place == For::Resource {
        let is_exception = !allows && chance.percent(25);
        if is_exception {
            statement.insert("NotPrincipal".to_owned(), excepted_principals(chance, scene, 75));
        } else if allows && chance.percent(4) {
            statement.insert("NotPrincipal".to_owned(), json!({ "AWS": user("bob") }));
        } else {
            statement.insert("Principal".to_owned(), named_principals(chance, scene));
        }
    } else if place == For::Rcp {
        statement.insert("Principal".to_owned(), json!("*"));
    }
    let is_broad = chance.percent(breadth);
    let element = if !is_broad && chance.percent(12) { "NotAction" } else { "Action" };
    let mut actions: Vec<String> =
        (0..=chance.below(2)).map(|_| action_pattern(chance, &scene.action)).collect();
    if element == "NotAction" {
        actions.retain(|action| action != "*");
        actions.push(chance.text(OTHER_PATTERNS));
    }
    let actions = if is_broad { json!("*") } else { one_or_many(chance, actions) };
    statement.insert(element.to_owned(), actions);
    let element =
        if !is_broad && place != For::Rcp && chance.percent(10) { "NotResource" } else { "Resource" };
    let resource = resource_pattern(chance, &scene.resource);
    let resource = if is_broad || (element == "NotResource" && resource.contains("${")) {
        "*".to_owned()
    } else {
        resource
    };
    let element = if resource == "*" { "Resource" } else { element };
    statement.insert(element.to_owned(), one_or_many(chance, vec![resource]));
    if chance.percent(if is_broad { 15 } else { 45 }) {
        let mut conditions = Map::new();
        for _ in 0..=chance.below(2) {
            let (operator, keys) = condition(chance, scene);
            conditions.insert(operator, keys);
        }
        statement.insert("Condition".to_owned(), json!(conditions));
    }
    Value::Object(statement)
}

/// A document of some statements.
pub fn document(chance: &mut Chance, scene: &Scene, place: For) -> Value {
    let mut statements = Vec::new();
    for _ in 0..=chance.below(3) {
        let allows = place != For::Rcp && chance.percent(80);
        let breadth = match (place, allows) {
            (_, false) => 0,
            (For::Limit, true) => 65,
            (For::Identity | For::Resource | For::Rcp, true) => 35,
        };
        statements.push(statement(chance, scene, place, allows, breadth));
    }
    let version = if chance.percent(8) && place != For::Rcp { "2008-10-17" } else { "2012-10-17" };
    // What is a variable in one version is text in the other.
    if chance.percent(if version == "2008-10-17" { 50 } else { 2 }) {
        let operator = chance.text(&["StringEquals", "StringNotEquals", "ArnLike", "StringLikeIfExists"]);
        let key = chance.text(&["aws:PrincipalArn", "aws:SourceIdentity", "aws:SourceArn"]);
        let condition = json!({ operator: { key.as_str(): format!("${{{key}}}") } });
        let statement = chance.below(statements.len());
        statements[statement]["Condition"] = condition;
    }
    document_of(statements, version)
}

pub fn document_of(mut statements: Vec<Value>, version: &str) -> Value {
    let statement = if statements.len() == 1 { statements.remove(0) } else { json!(statements) };
    json!({ "Version": version, "Statement": statement })
}

/// A document with one statement that allows everything to whom it concerns.
pub fn everything() -> Value {
    json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } })
}

pub fn statement_for(effect: &str, principal: &Value) -> Value {
    json!({ "Effect": effect, "Principal": principal, "Action": "*", "Resource": "*" })
}

/// A policy of the resource that leaves everything to the account of the caller.
pub fn delegation(scene: &Scene) -> Value {
    let account = scene.principal.split(':').nth(4).unwrap_or(HOME);
    document_of(vec![statement_for("Allow", &json!({ "AWS": root(account) }))], "2012-10-17")
}

fn grant(chance: &mut Chance, scene: &Scene) -> Value {
    // Source: KMS API Reference, CreateGrant, Operations: no grant holds these.
    let operation = match scene.action.split(':').nth(1).unwrap_or_default() {
        "PutKeyPolicy" | "ScheduleKeyDeletion" | "ListGrants" => "Decrypt",
        grantable => grantable,
    };
    let role = scene.role_name().map(role_arn);
    let grantee = match chance.below(6) {
        0..=2 => scene.principal.clone(),
        3..=4 => role.unwrap_or_else(|| scene.principal.clone()),
        _ => user("bob"),
    };
    let mut operations = vec!["Encrypt".to_owned()];
    if chance.percent(70) {
        operations.push(operation.to_owned());
    }
    let mut grant = json!({ "GranteePrincipal": grantee, "Operations": operations });
    if chance.percent(50) {
        let name = chance.text(&["EncryptionContextEquals", "EncryptionContextSubset"]);
        let mut pairs = Map::new();
        pairs.insert(chance.text(&["Dept", "Dept", "dept"]), json!(chance.text(&["IT", "it", "HR"])));
        grant["Constraints"] = json!({ name: pairs });
    }
    grant
}

/// The documents of a line, each there or not.
pub fn dress(chance: &mut Chance, scene: &Scene) -> Map<String, Value> {
    let mut line = scene.line();
    let put = |line: &mut Map<String, Value>, name: &str, value: Value| {
        line.insert(name.to_owned(), value);
    };
    let has_own = [":user/", ":role/", ":assumed-role/", ":federated-user/"]
        .iter()
        .any(|part| scene.principal.contains(part));
    if has_own && chance.percent(85) {
        let documents: Vec<Value> =
            (0..=chance.below(2)).map(|_| document(chance, scene, For::Identity)).collect();
        put(&mut line, "identityPolicies", json!(documents));
    }
    if has_own && chance.percent(25) {
        put(&mut line, "permissionBoundary", document(chance, scene, For::Limit));
    }
    if scene.is_session() && chance.percent(40) {
        put(&mut line, "sessionPolicy", document(chance, scene, For::Limit));
    }
    if chance.percent(if scene.is_on_key() { 95 } else { 55 }) {
        put(&mut line, "resourcePolicy", document(chance, scene, For::Resource));
    }
    if chance.percent(20) {
        let levels: Vec<Value> =
            (0..=chance.below(2)).map(|_| json!([document(chance, scene, For::Limit)])).collect();
        put(&mut line, "scps", json!(levels));
    }
    if chance.percent(15) {
        put(&mut line, "rcps", json!([[document(chance, scene, For::Rcp)]]));
    }
    if chance.percent(8) {
        let mut endpoint = document(chance, scene, For::Limit);
        for statement in statements_of(&mut endpoint) {
            statement["Principal"] = json!("*");
        }
        put(&mut line, "vpcEndpointPolicies", json!([endpoint]));
    }
    if scene.is_on_key()
        && !scene.principal.ends_with(".amazonaws.com")
        && scene.principal.len() > 12
        && chance.percent(25)
    {
        put(&mut line, "grants", json!([grant(chance, scene)]));
        // Often nothing but the grant lets the caller in.
        if chance.percent(50) {
            let other = statement_for("Allow", &json!({ "AWS": user("bob") }));
            put(&mut line, "resourcePolicy", document_of(vec![other], "2012-10-17"));
        }
    }
    line
}

/// The statements of a document, whether they stand in an array or alone.
pub fn statements_of(document: &mut Value) -> Vec<&mut Value> {
    match &mut document["Statement"] {
        Value::Array(items) => items.iter_mut().collect(),
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![one]
        }
    }
}

#[test]
fn every_operator_is_drawn() {
    let drawn: BTreeSet<String> =
        KEYS.iter().flat_map(|key| key.operators).chain(&["Null"]).map(|name| (*name).to_owned()).collect();
    let known: BTreeSet<String> = kmslab::policy::condition_operators().collect();
    let forgotten: Vec<_> = known.symmetric_difference(&drawn).collect();
    assert!(
        forgotten.is_empty(),
        "{forgotten:?}: the operators of KEYS are all that policies know, and condition.rs has an arm for each"
    );
}
