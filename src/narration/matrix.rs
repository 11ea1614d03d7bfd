//! Everybody against everything, one subject at a time.

use super::CallStatus;
use crate::cloud::Probe;
use crate::cloud::kms::{self, key_name};
use crate::cloud::service::{self, Subject};
use crate::lab::Lab;

/// One cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The verdict on what is applied.
    pub applied: CallStatus,
    /// The verdict on the draft, while there is one.
    pub draft: Option<CallStatus>,
}

/// The matrix: everybody against everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixView {
    /// What the actions are about.
    pub title: String,
    /// Which subject that is, from 0, and how many there are.
    pub subject: (usize, usize),
    pub columns: Vec<String>,
    /// The identities with their cells; without cells where they are kept back.
    pub rows: Vec<(String, Vec<Cell>)>,
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

/// What can be asked about: the watched table with its key first, then what each service's resources are asked.
fn subjects(lab: &Lab) -> Vec<Subject> {
    let world = lab.shown_world();
    let of_services = world.services().iter().flat_map(|service| service.subjects(world));
    std::iter::once(watched_subject(lab)).chain(of_services).collect()
}

/// The subject of that number; they go round. Comes with its number and how many there are.
fn subject(lab: &Lab, number: usize) -> (Subject, (usize, usize)) {
    let mut all = subjects(lab);
    let count = all.len();
    (all.swap_remove(number % count), (number % count, count))
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

/// The questions about the watched call: the role it takes on, its table, its key.
fn watched_subject(lab: &Lab) -> Subject {
    let world = lab.shown_world();
    let (key, table) = watched(lab);
    let role = role(lab);
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let title = role.iter().map(|role| format!("role {}", last(role)));
    let title = title.chain(table.as_deref().map(last)).chain(key.as_ref().map(|key| key_name(world, key)));
    let title = title.collect::<Vec<_>>().join(" and ");
    let mut columns: Vec<(String, Probe)> = Vec::new();
    columns.extend(role.iter().flat_map(|role| service::columns(&["sts:AssumeRole"], role)));
    columns.extend(
        table.iter().flat_map(|table| service::columns(&["dynamodb:Scan", "dynamodb:PutItem"], table)),
    );
    if let Some(key) = key {
        columns.extend(kms::decrypting_for_services(world, &key));
        columns.extend(service::columns(&WATCHED, &key));
    }
    Subject { title, columns }
}

/// The actions that the matrix about the watched table asks about.
pub fn first_actions(lab: &Lab) -> Vec<String> {
    watched_subject(lab).columns.into_iter().map(|(_, probe)| probe.action).collect()
}

/// The question behind a column of the matrix about that subject.
pub fn probe(lab: &Lab, number: usize, column: usize) -> Option<Probe> {
    let (subject, _) = subject(lab, number);
    subject.columns.into_iter().nth(column).map(|(_, probe)| probe)
}

/// Everybody against everything about that subject.
pub fn matrix(lab: &Lab, number: usize, dirty: bool, hidden: impl Fn(usize) -> bool) -> MatrixView {
    let (Subject { title, columns }, number) = subject(lab, number);
    let (columns, probes): (Vec<String>, Vec<Probe>) = columns.into_iter().unzip();
    let cell =
        |(applied, draft): (CallStatus, Option<CallStatus>)| Cell { applied, draft: draft.filter(|_| dirty) };
    let names = lab.personas().iter().map(|p| p.name.clone());
    let rows = names.zip(lab.board(&probes)).enumerate().map(|(index, (name, row))| {
        let cells = row.into_iter().filter(|_| !hidden(index)).map(cell);
        (name, cells.collect())
    });
    MatrixView { title, subject: number, columns, rows: rows.collect() }
}
