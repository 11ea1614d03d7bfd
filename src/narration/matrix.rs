//! Everybody against everything, one subject at a time.

use super::{CallStatus, Cell, MatrixView};
use crate::cloud::iam::Kind;
use crate::cloud::kms::Key;
use crate::cloud::kms::crypto::KeyUsage;
use crate::cloud::{Probe, World};
use crate::lab::Lab;

/// What the questions of a matrix are about.
enum Subject {
    /// The table of the watched call, and its key.
    Watched,
    /// A key, by its ARN.
    Key(String),
    /// A table, by its ARN.
    Table(String),
    /// Every role: who may take it on.
    Roles,
}

/// The columns of the matrix about the watched table that ask about its key.
const WATCHED: [&str; 6] = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
];

/// The columns of the matrix about a table.
const TABLE: [&str; 10] = [
    "dynamodb:Scan",
    "dynamodb:Query",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:UpdateTable",
    "dynamodb:DeleteTable",
    "dynamodb:PutResourcePolicy",
];

/// The columns of every key's matrix, after those of what it is for.
const KEY: [&str; 6] = [
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:RevokeGrant",
    "kms:PutKeyPolicy",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
];

/// What can be asked about: the watched table with its key first, then each key, each table, and the roles.
fn subjects(world: &World) -> Vec<Subject> {
    let keys = world.kms().keys().map(|key| Subject::Key(key.arn()));
    let tables = world.dynamodb().tables().map(|table| Subject::Table(table.handle.arn()));
    let roles = world.iam().identities().any(|identity| identity.kind == Kind::Role);
    std::iter::once(Subject::Watched)
        .chain(keys)
        .chain(tables)
        .chain(roles.then_some(Subject::Roles))
        .collect()
}

/// The subject of that number; they go round.
fn subject(world: &World, number: usize) -> Subject {
    let mut all = subjects(world);
    all.swap_remove(number % all.len())
}

/// The key and the table of the watched call: their ARNs, if there are.
fn watched(lab: &Lab) -> (Option<String>, Option<String>) {
    let world = lab.shown_world();
    let table = lab.watched().and_then(|watched| watched.table(world));
    (lab.watched_key(), table.map(|t| t.handle.arn()))
}

/// The ARN of the role that the watched call takes on.
fn role(lab: &Lab) -> Option<String> {
    lab.watched()?.role()
}

/// A question that DynamoDB asks about a key, for a table under it; none if there is no such table.
pub fn through_dynamodb(world: &World, action: &str, key: &str) -> Option<Probe> {
    let table = world.dynamodb().tables().find(|table| table.key_arn() == Some(key))?;
    let mut probe = Probe::new(action, key);
    probe.via = Some("dynamodb.amazonaws.com".to_owned());
    probe.encryption_context = table.encryption_context();
    Some(probe)
}

/// The actions that a key is there for.
fn uses(key: &Key) -> &'static [&'static str] {
    match key.usage {
        KeyUsage::EncryptDecrypt if key.spec.is_symmetric() => {
            &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"]
        }
        KeyUsage::EncryptDecrypt => &["kms:Decrypt", "kms:Encrypt", "kms:GetPublicKey"],
        KeyUsage::SignVerify => &["kms:Sign", "kms:Verify", "kms:GetPublicKey"],
        KeyUsage::GenerateVerifyMac => &["kms:GenerateMac", "kms:VerifyMac"],
        KeyUsage::KeyAgreement => &["kms:DeriveSharedSecret", "kms:GetPublicKey"],
    }
}

/// The columns of a matrix: a label and the question it stands for.
fn columns(lab: &Lab, subject: &Subject) -> Vec<(String, Probe)> {
    let world = lab.shown_world();
    let on = |actions: &[&str], resource: &str| -> Vec<(String, Probe)> {
        actions.iter().map(|action| ((*action).to_owned(), Probe::new(*action, resource))).collect()
    };
    let via = |key: &str| {
        let probe = through_dynamodb(world, "kms:Decrypt", key);
        probe.map(|probe| ("kms:Decrypt via DDB".to_owned(), probe))
    };
    match subject {
        Subject::Watched => {
            let (key, table) = watched(lab);
            let mut out = role(lab).map_or_else(Vec::new, |role| on(&["sts:AssumeRole"], &role));
            out.extend(
                table.map_or_else(Vec::new, |table| on(&["dynamodb:Scan", "dynamodb:PutItem"], &table)),
            );
            if let Some(key) = key {
                out.extend(via(&key));
                out.extend(on(&WATCHED, &key));
            }
            out
        }
        Subject::Key(arn) => {
            let key = world.kms().keys().find(|key| key.arn() == *arn);
            let uses = key.map_or(&[][..], |key| uses(key));
            via(arn).into_iter().chain(on(uses, arn)).chain(on(&KEY, arn)).collect()
        }
        Subject::Table(arn) => on(&TABLE, arn),
        Subject::Roles => {
            let roles = world.iam().identities().filter(|identity| identity.kind == Kind::Role);
            roles.map(|role| (role.name.clone(), Probe::new("sts:AssumeRole", role.arn()))).collect()
        }
    }
}

/// The actions that the matrix about the watched table asks about.
pub fn first_actions(lab: &Lab) -> Vec<String> {
    columns(lab, &Subject::Watched).into_iter().map(|(_, probe)| probe.action).collect()
}

/// The question behind a column of the matrix about that subject.
pub fn probe(lab: &Lab, number: usize, column: usize) -> Option<Probe> {
    let subject = subject(lab.shown_world(), number);
    columns(lab, &subject).into_iter().nth(column).map(|(_, probe)| probe)
}

/// Everybody against everything about that subject.
pub fn matrix(lab: &Lab, number: usize, dirty: bool, hidden: impl Fn(usize) -> bool) -> MatrixView {
    let world = lab.shown_world();
    let subject = subject(world, number);
    let (columns, probes): (Vec<String>, Vec<Probe>) = columns(lab, &subject).into_iter().unzip();
    let cell =
        |(applied, draft): (CallStatus, Option<CallStatus>)| Cell { applied, draft: draft.filter(|_| dirty) };
    let names = lab.personas().iter().map(|p| p.name.clone());
    let rows = names.zip(lab.board(&probes)).enumerate().map(|(index, (name, row))| {
        let cells = row.into_iter().filter(|_| !hidden(index)).map(cell);
        (name, cells.collect())
    });
    let title = match &subject {
        Subject::Watched => {
            let (key, table) = watched(lab);
            let table = table.and_then(|arn| arn.rsplit('/').next().map(str::to_owned));
            let key = key.map(|key| crate::scenario::key_name(world, &key));
            let role = role(lab).and_then(|arn| arn.rsplit('/').next().map(|name| format!("role {name}")));
            role.into_iter().chain(table).chain(key).collect::<Vec<_>>().join(" and ")
        }
        Subject::Key(arn) => format!("key {}", crate::scenario::key_name(world, arn)),
        Subject::Table(arn) => format!("table {}", arn.rsplit('/').next().unwrap_or(arn)),
        Subject::Roles => "who may assume which role".to_owned(),
    };
    let subjects = subjects(world).len();
    MatrixView { title, subject: (number % subjects, subjects), columns, rows: rows.collect() }
}
