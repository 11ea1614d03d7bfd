//! What lint says of documents: one row a document, with the findings that a reviewer must get, or none.
//!
//! A row of `findings.jsonl` is an object of JSON on a line of its own: the `kind` of document, the ids that it `finds` as
//! warnings or errors, those of them that are `errors`, because the service refuses the document, those that are mere
//! `notes`, and the `source` of the rule. The document is a whole `document`, the
//! `text` of one, a `statement`, which stands in a key policy beside the account's, or `many`: statements, each with how
//! often it stands there, `{n}` in it being its number. A row of `clean.jsonl` holds a
//! document that AWS publishes, in which there is nothing to find `but` what the row lists.

mod command;
mod files;
mod page;
#[path = "../program/mod.rs"]
mod program;
mod put;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use kmslab::cloud::{reference, rulebook};
use kmslab::policy::{self, CATALOGUE, Finding, Group, Part, Severity};

/// A row of the table of findings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: String,
    finds: Vec<String>,
    #[serde(default)]
    errors: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    statement: Option<Value>,
    document: Option<Value>,
    text: Option<String>,
    many: Option<Vec<(Value, usize)>>,
    source: String,
}

/// A row of the table of documents without a fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clean {
    kind: String,
    #[serde(default)]
    but: Vec<String>,
    document: Value,
    source: String,
}

/// The findings that a policy alone cannot have: they are about its file.
const OF_FILES: [&str; 3] = ["fragment", "template", "unused-exception"];
/// How many rows each finding has at least.
const ROWS: usize = 5;

impl Row {
    fn text(&self) -> String {
        let statements = |statements: Value| json!({"Version": "2012-10-17", "Statement": statements});
        let account = || {
            let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
            json!({"Sid": "Account", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"})
        };
        let numbered = |(statement, count): &(Value, usize)| {
            let text = statement.to_string();
            (0..*count).map(move |number| text.replace("{n}", &format!("{number:04}"))).collect::<Vec<_>>()
        };
        match (&self.text, &self.document, &self.statement, &self.many) {
            (Some(text), None, None, None) => text.clone(),
            (None, Some(document), None, None) => format!("{document:#}"),
            (None, None, Some(statement), None) if self.kind == "kms-key" => {
                format!("{:#}", statements(json!([account(), statement])))
            }
            (None, None, Some(statement), None) => format!("{:#}", statements(json!([statement]))),
            (None, None, None, Some(many)) => {
                let all: Vec<String> = many.iter().flat_map(numbered).collect();
                format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, all.join(","))
            }
            _ => panic!("a row has one of text, document, statement and many"),
        }
    }
}

fn rows() -> Vec<Row> {
    include_str!("findings.jsonl").lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn found(kind: &str, text: &str) -> Vec<Finding> {
    let profile = rulebook().profile(kind).expect(kind);
    policy::lint(text, profile, reference(), Part::Whole).findings
}

/// The ids of findings of some severities, each once.
fn ids(findings: &[Finding], wanted: &[Severity]) -> Vec<&'static str> {
    let diagnostics = findings.iter().map(|finding| &finding.diagnostic);
    let mut ids: Vec<&str> =
        diagnostics.filter(|one| wanted.contains(&one.severity)).map(|one| one.code).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

#[test]
fn every_row_is_found_and_nothing_else() {
    let mut faults = Vec::new();
    for row in rows() {
        let text = row.text();
        let findings = found(&row.kind, &text);
        let bad = ids(&findings, &[Severity::Warning, Severity::Error]);
        let errors = ids(&findings, &[Severity::Error]);
        let notes = ids(&findings, &[Severity::Note]);
        if bad != row.finds || errors != row.errors || notes != row.notes {
            faults.push(format!(
                "{} {:?}, errors {:?}, notes {:?}\n  found {bad:?}, errors {errors:?}, notes {notes:?}\n  {text}\n  {}",
                row.kind, row.finds, row.errors, row.notes, row.source
            ));
        }
    }
    assert!(faults.is_empty(), "{} rows differ:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_aws_publishes_is_clean() {
    let mut faults = Vec::new();
    for line in include_str!("clean.jsonl").lines() {
        let row: Clean = serde_json::from_str(line).expect(line);
        let findings = found(&row.kind, &format!("{:#}", row.document));
        let bad = ids(&findings, &[Severity::Warning, Severity::Error]);
        if bad != row.but {
            let said: Vec<&String> = findings.iter().map(|finding| &finding.diagnostic.message).collect();
            faults.push(format!("{} {}\n  found {bad:?} {said:?}", row.kind, row.source));
        }
    }
    assert!(faults.is_empty(), "{} documents:\n{}", faults.len(), faults.join("\n"));
}

/// AWS managed policies, with what each gives that a reviewer must see.
const MANAGED: [(&str, &[&str]); 18] = [
    ("AdministratorAccess", &["administrator"]),
    ("IAMFullAccess", &["escalation"]),
    ("PowerUserAccess", &["decrypt-all-keys", "escalation"]),
    ("AWSCloudTrail_FullAccess", &[]),
    ("AWSCloudTrail_ReadOnlyAccess", &[]),
    ("AWSCompromisedKeyQuarantineV3", &[]),
    ("AWSDenyAll", &[]),
    ("AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy", &[]),
    ("AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy", &[]),
    ("AWSKeyManagementServicePowerUser", &[]),
    ("AWSOrganizationsReadOnlyAccess", &[]),
    ("AmazonDynamoDBFullAccess_v2", &[]),
    ("AmazonDynamoDBReadOnlyAccess", &[]),
    ("AmazonS3FullAccess", &[]),
    ("AmazonS3ReadOnlyAccess", &[]),
    ("DynamoDBReplicationServiceRolePolicy", &[]),
    ("IAMReadOnlyAccess", &[]),
    ("IAMUserChangePassword", &[]),
];

#[test]
fn managed_policies_have_no_hazard_but_the_wide_ones() {
    let table = include_str!("../../assets/managed-policies.tsv");
    let lines = MANAGED.iter().map(|(name, _)| {
        let cells = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let cells = cells.into_iter().find(|cells| cells[0] == *name).expect(name);
        let arn = format!("arn:aws:iam::aws:policy{}{name}", cells[1]);
        format!("aws iam get-policy-version --policy-arn {arn} --version-id {}\n", cells[2])
    });
    let printed = command::kmslab(&["console", "--empty"], &lines.collect::<String>()).0;
    let answers: Vec<&str> = printed.split("> aws iam get-policy-version").skip(1).collect();
    assert_eq!(answers.len(), MANAGED.len(), "{printed}");
    for ((name, expected), answer) in MANAGED.iter().zip(answers) {
        let (start, end) = (answer.find('{').expect(answer), answer.rfind('}').expect(answer));
        let answer: Value = serde_json::from_str(&answer[start..=end]).expect(answer);
        let findings = found("iam-managed", &answer["PolicyVersion"]["Document"].to_string());
        assert!(
            !findings.iter().any(|one| one.diagnostic.severity == Severity::Error),
            "{name}: {findings:?}"
        );
        let hazard = |finding: &&Finding| {
            policy::known(finding.diagnostic.code).is_some_and(|known| known.group == Group::Happens)
        };
        let hazards: Vec<Finding> = findings.iter().filter(hazard).cloned().collect();
        assert_eq!(ids(&hazards, &[Severity::Warning]), *expected, "{name}");
    }
}

#[test]
fn every_finding_has_rows() {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let rows = rows();
    for id in rows.iter().flat_map(|row| row.finds.iter().chain(&row.notes)) {
        assert!(policy::known(id).is_some(), "{id}");
        *count.entry(id).or_default() += 1;
    }
    let of_files = |id: &str| if OF_FILES.contains(&id) { files::count(id) } else { 0 };
    let few: Vec<_> = CATALOGUE
        .iter()
        .map(|known| (known.id, count.get(known.id).copied().unwrap_or(0) + of_files(known.id)))
        .filter(|(_, rows)| *rows < ROWS)
        .collect();
    assert!(few.is_empty(), "too few rows: {few:?}");
    assert!(rows.iter().all(|row| !row.source.is_empty()));
}

/// A finding that says what happens is proved by the request that shows it.
#[test]
fn what_happens_is_proved_by_a_probe() {
    let without = [
        // The document itself is the proof.
        "not-principal-with-allow",
        "ghost",
        "lockout-risk",
        "redundant",
        "rcp-allow",
    ];
    for row in rows().into_iter().filter(|row| row.many.is_none()) {
        for finding in found(&row.kind, &row.text()) {
            let code = finding.diagnostic.code;
            let happens = policy::known(code).is_some_and(|known| known.group == Group::Happens);
            if !happens || without.contains(&code) {
                continue;
            }
            // A Deny that covers the text of an Allow needs no request.
            let Some(canary) = &finding.canary else {
                assert_eq!(code, "without-effect", "{}", row.text());
                continue;
            };
            let gets_in = !matches!(code, "lockout" | "dead-across-accounts" | "without-effect");
            assert_eq!(canary.allowed, gets_in, "{code}: {canary:?}");
            assert!(!canary.caller.is_empty() && !canary.resource.is_empty(), "{canary:?}");
            assert!(canary.action.contains(':'), "{canary:?}");
        }
    }
}

#[test]
fn the_longest_documents_are_probed_or_it_is_said() {
    let statement = |index: usize| {
        let principal = json!({"AWS": format!("arn:aws:iam::111122223333:role/r{index}")});
        json!({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"})
    };
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let mut statements: Vec<Value> = (0..290).map(statement).collect();
    statements.push(deny);
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    assert!((28_000..32_768).contains(&text.len()), "{}", text.len());
    let findings = found("kms-key", &text);
    assert!(
        ids(&findings, &[Severity::Error]).contains(&"lockout"),
        "{:?}",
        ids(&findings, &[Severity::Error])
    );
    let idle = findings.iter().filter(|finding| finding.diagnostic.code == "without-effect").count();
    let said = findings.iter().any(|finding| finding.diagnostic.code == "not-probed");
    assert!(idle == 290 || said, "{idle}");
    let many: Vec<Value> = (0..5_000).map(statement).collect();
    let text = json!({"Version": "2012-10-17", "Statement": many}).to_string();
    let findings = found("kms-key", &text);
    assert!(ids(&findings, &[Severity::Error]).contains(&"too-long"));
}
