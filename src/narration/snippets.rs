//! Statements to insert, and whole policies, with the names of this world.

use serde_json::{Value, json};

use crate::cloud::kms::crypto::{KeySpec, KeyUsage};
use crate::cloud::kms::{console_policy, default_policy};
use crate::cloud::organizations::PolicyType;
use crate::cloud::{AccountId, Arn, Outcome};
use crate::lab::{CallStatus, DocumentId, Lab};
use crate::scenario::Persona;

/// A statement to insert.
#[derive(Clone, Debug)]
pub struct Snippet {
    /// A word or two.
    pub name: String,
    /// The use of the snippet in a few words.
    pub about: String,
    /// The statement as JSON, or a whole policy.
    pub json: String,
    /// True if the snippet takes the place of the whole text.
    pub whole: bool,
    /// Whether the snippet names somebody, who is still to be said.
    pub asks_for_whom: bool,
}

/// Somebody for whom a statement may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForWhom {
    pub name: String,
    /// The number that the identity acts by.
    pub number: usize,
    /// The ARN, as a policy names somebody.
    pub arn: String,
}

/// Stands in a statement for whoever it is for, until that is said.
const WHOM: &str = "arn:aws:iam::000000000000:user/whom";

impl Snippet {
    /// Returns the snippet for somebody, whom its JSON then names.
    #[must_use]
    pub fn for_whom(&self, lab: &Lab, whom: &ForWhom) -> Self {
        let found = made_for(lab, &whom.arn).into_iter().find(|snippet| snippet.name == self.name);
        Self { asks_for_whom: false, ..found.unwrap_or_else(|| self.clone()) }
    }

    /// The text with the snippet in it, and the line where that starts.
    pub fn put_into(&self, text: &str, cursor_line: usize) -> (String, usize) {
        if self.whole {
            (self.json.clone(), 0)
        } else {
            super::json_text::with_statement(text, cursor_line, &self.json)
        }
    }
}

/// The names that statements are written with.
struct Names {
    /// The account of the document.
    account: String,
    /// Whom a statement is for.
    user: String,
    acting: String,
    key: String,
    /// The principal `dynamodb.REGION.amazonaws.com`, as KMS names it.
    service: String,
}

impl Names {
    fn of(lab: &Lab, document: &DocumentId, user: &str) -> Self {
        let home = lab.stage().names.home.to_string();
        let owner = match document {
            DocumentId::KeyPolicy(arn) | DocumentId::TablePolicy(arn) => arn.parse::<Arn>().ok(),
            DocumentId::Inline(..)
            | DocumentId::Managed(_)
            | DocumentId::Trust(..)
            | DocumentId::Control(..)
            | DocumentId::Item(..)
            | DocumentId::EventPattern(_) => None,
        };
        Self {
            account: owner.map_or(home, |arn| arn.account().to_owned()),
            user: user.to_owned(),
            acting: arn_of(lab.persona()),
            key: lab.watched_key().unwrap_or_else(|| "*".to_owned()),
            service: format!("dynamodb.{}.amazonaws.com", lab.stage().names.region),
        }
    }

    fn root(&self) -> String {
        format!("arn:aws:iam::{}:root", self.account)
    }
}

/// The ARN by which policies name somebody: of a session its role's, of a root user the account's.
fn arn_of(persona: &Persona) -> String {
    match persona.identity() {
        Some((account, kind, name)) => format!("arn:aws:iam::{account}:{}/{name}", kind.word()),
        None => format!("arn:aws:iam::{}:root", persona.account),
    }
}

/// Everybody for whom a statement may be: first whom it is most likely for, then the others in the order of the identities.
pub fn for_whom(lab: &Lab) -> Vec<ForWhom> {
    let one = |(index, persona): (usize, &Persona)| ForWhom {
        name: persona.name.clone(),
        number: lab.number(index),
        arn: arn_of(persona),
    };
    let mut all: Vec<(usize, &Persona)> = lab.personas().iter().enumerate().collect();
    let first = likely(lab);
    // Stable: the others keep their order.
    all.sort_by_key(|(index, _)| *index != first);
    all.into_iter().map(one).collect()
}

/// For whom a statement is most likely: whoever was refused last; else whoever would be, the one who acts before others.
fn likely(lab: &Lab) -> usize {
    let is_denied = |outcome: &Outcome| CallStatus::of(outcome) == CallStatus::Denied;
    let calls = lab.history().done().iter().rev().filter_map(|step| step.call());
    let refused = calls.filter(|made| is_denied(&made.outcome)).map(|made| &made.who).next();
    let refused = refused.and_then(|who| lab.personas().iter().position(|persona| persona.name == *who));
    let would_be =
        |who: &usize| !lab.is_spoiler(*who) && lab.preview(*who).is_some_and(|look| is_denied(&look.now));
    let mut all = std::iter::once(lab.acting()).chain(0..lab.personas().len());
    refused.or_else(|| all.find(would_be)).unwrap_or_else(|| lab.acting())
}

/// What can be inserted into the document on the screen. Where there is one identity only, nobody asks for whom.
pub fn snippets(lab: &Lab) -> Vec<Snippet> {
    if let [only] = for_whom(lab).as_slice() {
        return made_for(lab, &only.arn);
    }
    let ask = |snippet: Snippet| Snippet { asks_for_whom: snippet.json.contains(WHOM), ..snippet };
    made_for(lab, WHOM).into_iter().map(ask).collect()
}

/// The snippets that name that user.
fn made_for(lab: &Lab, user: &str) -> Vec<Snippet> {
    let Some(document) = lab.draft().map(|draft| draft.document().clone()) else { return Vec::new() };
    let names = Names::of(lab, &document, user);
    match &document {
        DocumentId::KeyPolicy(arn) => {
            let key = lab.world().kms().keys().find(|key| key.arn() == *arn);
            key_policy(&names, key.map(|key| (key.spec, key.usage)))
        }
        DocumentId::Inline(..) | DocumentId::Managed(_) => identity_policy(&names),
        DocumentId::Trust(..) => trust_policy(&names),
        DocumentId::TablePolicy(table) => table_policy(&names, table),
        DocumentId::Control(PolicyType::ServiceControlPolicy, ..) => service_control_policy(&names),
        DocumentId::Control(PolicyType::ResourceControlPolicy, ..) => resource_control_policy(),
        DocumentId::Item(..) | DocumentId::EventPattern(_) => Vec::new(),
    }
}

fn statement(name: &str, about: &str, json: &Value) -> Snippet {
    Snippet {
        name: name.to_owned(),
        about: about.to_owned(),
        json: ordered(json),
        whole: false,
        asks_for_whom: false,
    }
}

fn whole(name: &str, about: &str, json: String) -> Snippet {
    Snippet { name: name.to_owned(), about: about.to_owned(), json, whole: true, asks_for_whom: false }
}

/// Source: KMS Developer Guide, "Default key policy".
fn key_policy(names: &Names, kind: Option<(KeySpec, KeyUsage)>) -> Vec<Snippet> {
    let Names { user, acting, service, .. } = names;
    let mut out = vec![
        statement(
            "Key user",
            "One user may decrypt",
            &json!({
            "Sid": "KeyUser", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}),
        ),
        statement(
            "User through DynamoDB",
            "The same, only when DynamoDB asks",
            &json!({
            "Sid": "ThroughDynamoDB", "Effect": "Allow", "Principal": {"AWS": user}, "Action": "kms:Decrypt",
            "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": service}}}),
        ),
        statement(
            "Account",
            "Lets IAM policies of the account decide",
            &json!({
            "Sid": "Account", "Effect": "Allow", "Principal": {"AWS": names.root()}, "Action": "kms:*",
            "Resource": "*"}),
        ),
        statement(
            "Key administrator",
            "May change the key, not use it",
            &json!({
            "Sid": "KeyAdministrator", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*",
                "kms:Revoke*", "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource",
                "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:RotateKeyOnDemand"],
            "Resource": "*"}),
        ),
        statement(
            "Grants for services",
            "May let AWS services use the key",
            &json!({
            "Sid": "GrantsForServices", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}),
        ),
        statement(
            "Deny all but one",
            "A Deny with an exception",
            &json!({
            "Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalArn": user}}}),
        ),
        statement(
            "Key user as in the console",
            "All that a console's key user may",
            &json!({
            "Sid": "Allow use of the key", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*"}),
        ),
    ];
    if let Ok(account) = names.account.parse::<AccountId>() {
        out.push(whole("Default policy", "The whole text as CreateKey writes it", default_policy(&account)));
        if let Some(kind) = kind {
            let console =
                console_policy(&account, kind, std::slice::from_ref(acting), std::slice::from_ref(user));
            let about = "The whole text as the console writes it: who acts administers";
            out.push(whole("Console policy", about, console));
        }
    }
    out
}

fn identity_policy(names: &Names) -> Vec<Snippet> {
    let Names { key, service, .. } = names;
    vec![
        statement(
            "Decrypt with the key",
            "Allows kms:Decrypt on this key",
            &json!({"Sid": "UseTheKey", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}),
        ),
        statement(
            "Decrypt through DynamoDB",
            "The same, only when DynamoDB asks",
            &json!({
            "Sid": "UseThroughDynamoDB", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
            "Condition": {"StringEquals": {"kms:ViaService": service}}}),
        ),
        // Source: KMS Developer Guide, "kms:GrantIsForAWSResource".
        statement(
            "Grants through AWS services",
            "Services may create grants for the caller; by hand nobody may",
            &json!({
            "Sid": "GrantsThroughServices", "Effect": "Allow", "Action": "kms:CreateGrant", "Resource": key,
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}),
        ),
        statement(
            "Deny with the key",
            "Beats every Allow",
            &json!({"Sid": "NotThisKey", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": key}),
        ),
        statement(
            "Read tables",
            "Scan, Query and GetItem on every table",
            &json!({
            "Sid": "ReadTables", "Effect": "Allow",
            "Action": ["dynamodb:Scan", "dynamodb:Query", "dynamodb:GetItem"], "Resource": "*"}),
        ),
    ]
}

/// Source: IAM User Guide, "Update a role trust policy" and "Access to AWS accounts owned by third parties".
fn trust_policy(names: &Names) -> Vec<Snippet> {
    let assume = |sid: &str, principal: Value| json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    let mut with_id = assume("WithExternalId", json!({"AWS": names.root()}));
    with_id["Condition"] = json!({"StringEquals": {"sts:ExternalId": "change-me"}});
    vec![
        statement("One user", "May take the role on", &assume("OneUser", json!({"AWS": names.user}))),
        statement(
            "Account",
            "Whom IAM policies of the account allow it",
            &assume("Account", json!({"AWS": names.root()})),
        ),
        statement("With an external id", "The account, if it names this id", &with_id),
        statement(
            "Service",
            "DynamoDB takes the role on",
            &assume("Service", json!({"Service": "dynamodb.amazonaws.com"})),
        ),
    ]
}

/// Source: DynamoDB Developer Guide, "Resource-based policy examples".
fn table_policy(names: &Names, table: &str) -> Vec<Snippet> {
    vec![
        statement(
            "Reader",
            "One user may read the table",
            &json!({
            "Sid": "Reader", "Effect": "Allow", "Principal": {"AWS": names.user},
            "Action": ["dynamodb:Scan", "dynamodb:Query", "dynamodb:GetItem"], "Resource": table}),
        ),
        statement(
            "Deny all but one",
            "A Deny with an exception",
            &json!({
            "Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": "dynamodb:Scan", "Resource": table,
            "Condition": {"StringNotEquals": {"aws:PrincipalArn": names.user}}}),
        ),
    ]
}

/// Source: AWS Organizations User Guide, "SCP examples".
fn service_control_policy(names: &Names) -> Vec<Snippet> {
    vec![
        statement(
            "Keep keys",
            "Nobody deletes or disables a key",
            &json!({
            "Sid": "KeepKeys", "Effect": "Deny",
            "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DeleteImportedKeyMaterial"],
            "Resource": "*"}),
        ),
        statement(
            "Deny all but one",
            "A Deny with an exception",
            &json!({
            "Sid": "NobodyElse", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": names.user}}}),
        ),
    ]
}

/// Source: AWS Organizations User Guide, "RCP examples".
fn resource_control_policy() -> Vec<Snippet> {
    vec![statement(
        "Own organization only",
        "Nobody from outside uses the keys",
        &json!({
        "Sid": "OwnOrganization", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-change-me"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}),
    )]
}

/// A statement with its elements in the order people write them.
pub fn ordered(statement: &Value) -> String {
    let order = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
    let rows: Vec<String> = order
        .iter()
        .filter_map(|name| {
            let value = statement.get(*name)?;
            let text = match value {
                // Short values stay on their line.
                v if v.to_string().len() <= 60 => inline(v),
                v => format!("{v:#}").replace('\n', "\n  "),
            };
            Some(format!("  \"{name}\": {text}"))
        })
        .collect();
    format!("{{\n{}\n}}", rows.join(",\n"))
}

/// A short value on one line with a blank after each colon and comma.
pub fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(k, v)| format!("{}: {}", json!(k), inline(v))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other.to_string(),
    }
}
