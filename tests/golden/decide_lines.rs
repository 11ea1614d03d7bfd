//! Lines for `kmslab decide`, made from a seed: policies of all layers, conditions with all operators, all sorts of
//! principals, grants, and lines that are wrong.
//!
//! The generator of random numbers is its own: the lines must never change with a dependency.

use serde_json::{Map, Value, json};

const HOME: &str = "111122223333";
const OTHER: &str = "444455556666";
const SEED: u64 = 12;
/// Of so many lines one is spoilt.
const SPOILT_INTERVAL: usize = 23;

/// The kinds of documents that `kmslab lint` knows, each with the elements that its statements have.
const KINDS: [(&str, bool, bool); 11] = [
    ("dynamodb-table", true, true),
    ("iam-boundary", false, true),
    ("iam-inline", false, true),
    ("iam-managed", false, true),
    ("iam-trust", true, false),
    ("kms-key", true, true),
    ("rcp", true, true),
    ("s3-bucket", true, true),
    ("scp", false, true),
    ("session", false, true),
    ("vpc-endpoint", true, true),
];
/// So many documents of each kind are made.
const DOCUMENTS_A_KIND: usize = 12;

const ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:DescribeKey",
    "dynamodb:Scan",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "s3:GetObject",
    "iam:PassRole",
    "iam:CreateUser",
    "sts:AssumeRole",
    "sns:Publish",
];
const ACTION_PATTERNS: &[&str] = &[
    "*",
    "*",
    "kms:*",
    "kms:*",
    "kms:Decrypt",
    "kms:Decrypt",
    "KMS:decrypt",
    "kms:De*",
    "kms:?ecrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
    "kms:Put*",
    "dynamodb:*",
    "dynamodb:Scan",
    "dynamodb:*Item",
    "s3:Get*",
    "iam:*",
    "sts:AssumeRole",
    "sts:*",
    "sns:*",
];
const RESOURCES: &[&str] = &[
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:444455556666:key/9999abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:dynamodb:us-east-1:111122223333:table/CustomerData",
    "arn:aws:dynamodb:us-east-1:444455556666:table/Orders",
    "arn:aws:s3:::clinic-records/2026/alice.txt",
    "arn:aws:iam::111122223333:role/Reader",
    "*",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "*",
    "*",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:us-east-?:*:key/*-1234567890ab",
    "arn:aws:dynamodb:*:*:table/*",
    "arn:aws:dynamodb:us-east-1:111122223333:table/CustomerData",
    "arn:aws:dynamodb:us-east-1:111122223333:table/${aws:username}",
    "arn:aws:s3:::clinic-records/*",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::${aws:PrincipalAccount}:role/*",
];
const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::111122223333:user/kim",
    "arn:aws:iam::111122223333:user/kim",
    "arn:aws:iam::111122223333:user/tess",
    "arn:aws:iam::111122223333:user/staff/ann",
    "arn:aws:iam::444455556666:user/pat",
    "arn:aws:iam::111122223333:role/Reader",
    "arn:aws:sts::111122223333:assumed-role/Reader/s1",
    "arn:aws:sts::111122223333:assumed-role/Reader/s1",
    "arn:aws:sts::444455556666:assumed-role/App/app",
    "arn:aws:sts::111122223333:federated-user/guest",
    "arn:aws:iam::111122223333:root",
    "111122223333",
    "dynamodb.amazonaws.com",
];
const PRINCIPAL_PATTERNS: &[&str] = &[
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::111122223333:user/kim",
    "arn:aws:iam::111122223333:user/tess",
    "arn:aws:iam::111122223333:user/staff/ann",
    "arn:aws:iam::444455556666:user/pat",
    "arn:aws:iam::111122223333:role/Reader",
    "arn:aws:sts::111122223333:assumed-role/Reader/s1",
    "arn:aws:sts::111122223333:federated-user/guest",
];
/// Every operator that policies know, which [`every_operator_is_among_the_lines`] demands.
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];
/// Condition keys with the values that requests carry for them.
const KEYS: &[(&str, &[&str])] = &[
    ("aws:username", &["kim", "tess", "CustomerData"]),
    ("aws:PrincipalAccount", &[HOME, OTHER]),
    ("aws:PrincipalArn", &["arn:aws:iam::111122223333:user/kim", "arn:aws:iam::111122223333:role/Reader"]),
    ("aws:PrincipalTag/team", &["clinic", "Clinic", "lab"]),
    ("aws:SourceIp", &["198.51.100.7", "203.0.113.9", "2001:db8::1"]),
    ("aws:CurrentTime", &["2026-01-05T09:00:00Z", "2026-06-30T23:59:59Z"]),
    ("aws:MultiFactorAuthPresent", &["true", "false"]),
    ("aws:MultiFactorAuthAge", &["0", "300", "86400"]),
    ("aws:TagKeys", &["team", "env", "owner"]),
    ("kms:ViaService", &["dynamodb.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"]),
    ("kms:EncryptionContext:aws:dynamodb:tableName", &["CustomerData", "Orders"]),
    ("kms:GrantOperations", &["Decrypt", "Encrypt"]),
    ("kms:RequestAlias", &["alias/dynamodb-encryption-key"]),
    ("dynamodb:LeadingKeys", &["kim", "tess"]),
    ("app:blob", &["QmluYXJ5VmFsdWU="]),
];
/// Values that policies write beside those of the requests.
const VALUES: &[&str] = &[
    "${aws:username}",
    "clin*",
    "*",
    "198.51.100.0/24",
    "2001:db8::/32",
    "300",
    "2026-03-01T00:00:00Z",
    "1767603600",
    "true",
    "false",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:role/R?ader",
    "${aws:PrincipalTag/team, 'lab'}",
    "QmluYXJ5VmFsdWU=",
    "not a number",
];

/// The generator of random numbers: splitmix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    /// A number from 1 to `most`.
    fn up_to(&mut self, most: usize) -> usize {
        1 + self.below(most)
    }

    /// True once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// One of them, or a list of some.
    fn one_or_more(&mut self, all: &[&str]) -> Value {
        match self.below(5) {
            0 => (0..2 + self.below(2)).map(|_| self.of(all)).collect(),
            _ => json!(self.of(all)),
        }
    }
}

/// The lines, in order.
pub fn lines(count: usize) -> impl Iterator<Item = String> {
    let mut chance = Chance(SEED);
    (0..count).map(move |number| {
        let line = line(&mut chance, number);
        if number % SPOILT_INTERVAL == SPOILT_INTERVAL - 1 {
            spoilt(&mut chance, line)
        } else {
            line.to_string()
        }
    })
}

/// Some documents of each kind, sound ones and others.
pub fn documents() -> Vec<(&'static str, Vec<String>)> {
    let mut chance = Chance(SEED);
    let made = KINDS.iter().map(|&(kind, principal, resource)| {
        let documents = (0..DOCUMENTS_A_KIND).map(|number| {
            let mut document = document(&mut chance, principal, resource);
            match number % 4 {
                1 => document["Statement"][0]["Acton"] = json!("kms:*"),
                2 => document["Version"] = json!("2008-10-17"),
                3 => document["Statement"][0]["Effect"] = json!("allow"),
                _ => {}
            }
            if number == 5 { document.to_string().replacen(']', "", 1) } else { format!("{document:#}") }
        });
        (kind, documents.collect())
    });
    made.collect()
}

fn line(chance: &mut Chance, number: usize) -> Value {
    let principal = match chance.below(20) {
        0 => json!({"type": "Anonymous"}),
        1 => json!({"type": "Service", "name": "dynamodb.amazonaws.com"}),
        _ => json!(chance.of(PRINCIPALS)),
    };
    let mut request =
        json!({"principal": principal, "action": chance.of(ACTIONS), "resource": chance.of(RESOURCES)});
    if chance.below(4) > 0 {
        request["context"] = context(chance);
    }
    if chance.once_in(6) {
        request["resourceAccount"] = json!(chance.of(&[HOME, OTHER]));
    }
    let mut line = json!({"id": number, "request": request});
    let identity: Vec<Value> = (0..chance.below(4)).map(|_| policy(chance, false)).collect();
    line["identityPolicies"] = json!(identity);
    if chance.below(4) > 0 {
        line["resourcePolicy"] = policy(chance, true);
    }
    if chance.once_in(6) {
        line["permissionBoundary"] = policy(chance, false);
    }
    if chance.once_in(6) {
        line["sessionPolicy"] = policy(chance, false);
    }
    if chance.once_in(6) {
        line["scps"] = levels(chance, false);
    }
    if chance.once_in(6) {
        line["rcps"] = levels(chance, true);
    }
    if chance.once_in(8) {
        line["vpcEndpointPolicies"] = json!([policy(chance, true)]);
    }
    if chance.once_in(5) {
        line["grants"] = (0..chance.up_to(2)).map(|_| grant(chance)).collect();
    }
    line
}

fn context(chance: &mut Chance) -> Value {
    let mut context = Map::new();
    for _ in 0..chance.below(6) {
        let (key, values) = chance.of(KEYS);
        context.insert(key.to_owned(), chance.one_or_more(values));
    }
    Value::Object(context)
}

fn levels(chance: &mut Chance, principal: bool) -> Value {
    let level =
        |chance: &mut Chance| -> Value { (0..chance.up_to(2)).map(|_| policy(chance, principal)).collect() };
    if chance.once_in(3) { level(chance) } else { (0..chance.up_to(3)).map(|_| level(chance)).collect() }
}

fn policy(chance: &mut Chance, principal: bool) -> Value {
    let document = document(chance, principal, true);
    if chance.once_in(4) {
        json!({"name": chance.of(&["Readers", "Guard", "Everything"]), "document": document})
    } else {
        document
    }
}

fn document(chance: &mut Chance, principal: bool, resource: bool) -> Value {
    let mut statements: Vec<Value> =
        (0..chance.up_to(3)).map(|number| statement(chance, number, principal, resource)).collect();
    // Without a wide statement in most policies hardly anything would be allowed.
    if chance.once_in(2) {
        let mut wide = json!({"Effect": "Allow", "Action": "*"});
        if principal {
            wide["Principal"] = json!({"AWS": chance.of(PRINCIPAL_PATTERNS)});
        }
        if resource {
            wide["Resource"] = json!("*");
        }
        statements.push(wide);
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(chance: &mut Chance, number: usize, principal: bool, resource: bool) -> Value {
    let mut statement = Map::new();
    if chance.once_in(2) {
        statement.insert("Sid".to_owned(), json!(format!("S{number}")));
    }
    statement.insert("Effect".to_owned(), json!(chance.of(&["Allow", "Allow", "Allow", "Deny"])));
    if principal {
        let name = if chance.once_in(12) { "NotPrincipal" } else { "Principal" };
        let who = match chance.below(8) {
            0 => json!("*"),
            1 => json!({"Service": chance.of(&["dynamodb.amazonaws.com", "s3.amazonaws.com"])}),
            _ => json!({"AWS": chance.one_or_more(PRINCIPAL_PATTERNS)}),
        };
        statement.insert(name.to_owned(), who);
    }
    let name = if chance.once_in(10) { "NotAction" } else { "Action" };
    statement.insert(name.to_owned(), chance.one_or_more(ACTION_PATTERNS));
    if resource {
        let name = if chance.once_in(12) { "NotResource" } else { "Resource" };
        statement.insert(name.to_owned(), chance.one_or_more(RESOURCE_PATTERNS));
    }
    if chance.once_in(3) {
        statement.insert("Condition".to_owned(), condition(chance));
    }
    Value::Object(statement)
}

fn condition(chance: &mut Chance) -> Value {
    let mut condition = Map::new();
    for _ in 0..chance.up_to(2) {
        let operator = chance.of(OPERATORS);
        let quantifier = chance.of(&["", "", "", "ForAllValues:", "ForAnyValue:"]);
        let suffix = if operator != "Null" && chance.once_in(5) { "IfExists" } else { "" };
        let (key, known) = chance.of(KEYS);
        let values = if operator == "Null" {
            chance.one_or_more(&["true", "false"])
        } else if chance.once_in(3) {
            chance.one_or_more(VALUES)
        } else {
            chance.one_or_more(known)
        };
        let key = if chance.once_in(8) { key.to_uppercase() } else { key.to_owned() };
        condition.insert(format!("{quantifier}{operator}{suffix}"), json!({key: values}));
    }
    Value::Object(condition)
}

fn grant(chance: &mut Chance) -> Value {
    let operations = chance.one_or_more(&["Decrypt", "Encrypt", "GenerateDataKey", "CreateGrant"]);
    let operations = if operations.is_array() { operations } else { json!([operations]) };
    let mut grant = json!({"GranteePrincipal": chance.of(&PRINCIPALS[..7]), "Operations": operations});
    let table = chance.of(&["CustomerData", "Orders"]);
    match chance.below(4) {
        0 => grant["Constraints"] = json!({"EncryptionContextSubset": {"aws:dynamodb:tableName": table}}),
        1 => grant["Constraints"] = json!({"EncryptionContextEquals": {"aws:dynamodb:tableName": table}}),
        2 => grant["KeyId"] = json!("1234abcd-12ab-34cd-56ef-1234567890ab"),
        _ => grant["Name"] = json!("valet"),
    }
    grant
}

/// A line that is wrong in some way.
fn spoilt(chance: &mut Chance, mut line: Value) -> String {
    match chance.below(14) {
        0 => {
            let text = line.to_string();
            text[..text.len() / 2].to_owned()
        }
        1 => {
            line["polices"] = json!([]);
            line.to_string()
        }
        2 => {
            line["request"]["principal"] = json!("kim");
            line.to_string()
        }
        3 => {
            line["request"]["action"] = json!("Decrypt");
            line.to_string()
        }
        4 => {
            line["request"]["resource"] = json!("CustomerData");
            line.to_string()
        }
        5 => {
            line["identityPolicies"] =
                json!([{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]}]);
            line.to_string()
        }
        6 => {
            line["identityPolicies"] = json!([{"Version": "2012-10-17", "Statment": []}]);
            line.to_string()
        }
        7 => {
            line["resourcePolicy"] = json!([policy(chance, true), policy(chance, true)]);
            line.to_string()
        }
        8 => {
            line["scps"] = json!([[policy(chance, false)], policy(chance, false)]);
            line.to_string()
        }
        9 => {
            line["request"]["context"] = json!({"aws:username": "a\0b"});
            line.to_string()
        }
        10 => {
            let pairs = json!({"a": "b"});
            let both = json!({"EncryptionContextSubset": pairs, "EncryptionContextEquals": pairs});
            line["grants"] =
                json!([{"GranteePrincipal": HOME, "Operations": ["Decrypt"], "Constraints": both}]);
            line.to_string()
        }
        11 => {
            line["grants"] = json!([{"GranteePrincipal": "kim", "Operations": ["Decrypt"]}]);
            line.to_string()
        }
        12 => format!("[{line}]"),
        _ => line.to_string().replacen("\"Effect\":\"Allow\"", "\"Effect\":\"Allow\",\"Effect\":\"Deny\"", 1),
    }
}

#[test]
fn every_operator_is_among_the_lines() {
    let known: std::collections::BTreeSet<String> = kmslab::policy::condition_operators().collect();
    let asked = OPERATORS.iter().map(|name| (*name).to_owned()).collect();
    let forgotten: Vec<_> = known.symmetric_difference(&asked).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}: OPERATORS lists what the lines of `decide` are made of");
}
