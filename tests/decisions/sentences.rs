//! What `kmslab decide --explain` says of a decision: its cause in a sentence, and the smallest edit that would flip it.
//!
//! A row of `sentences.jsonl` is an object on a line of its own: `what` it is about, the `line` that is asked, the `sentence`
//! that is said, and the `edit` that is proposed as `change layer value`, or null where no single edit flips the decision.
//! The sentences are this program's own; that a cause is the true one follows from the documentation at the top of
//! `src/policy/decide.rs`.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use kmslab::policy::{
    Change, Context, Edit, Policies, PolicyKind, Principal, Request, Resource, ResourceMode, ResourcePolicy,
    Source, edits, explain, parse,
};

use super::ask;

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    what: String,
    /// Kept as it is written, since an edit gives back parts of it.
    line: Box<RawValue>,
    sentence: String,
    edit: Option<String>,
}

fn rows() -> Vec<Row> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    include_str!("sentences.jsonl").lines().map(read).collect()
}

#[test]
fn the_sentence_tells_the_cause_and_the_nearest_statement_first() {
    let rows = rows();
    let lines: Vec<String> = rows.iter().map(|row| row.line.get().to_owned()).collect();
    let answers = ask(&["decide", "--explain", "-"], &lines);
    assert_eq!(answers.len(), rows.len());
    let mut wrong = Vec::new();
    for (row, answer) in rows.iter().zip(&answers) {
        let trace = &answer["trace"];
        let edit = trace["smallestEdit"].as_object().map(|edit| {
            let part = |name: &str| edit[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", part("change"), part("layer"), part("value"))
        });
        let sentence = trace["sentence"].as_str().unwrap_or_default();
        if sentence != row.sentence || edit != row.edit {
            wrong.push(format!("{}:\n  {sentence}\n  {edit:?}\n  {}", row.what, answer["error"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/// All edits of a key policy with one statement, which fails by one condition.
fn edits_of(principal: &Value, operator: &str, key: &str, wanted: &str, caller: &Principal) -> Vec<Edit> {
    let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
        "Action": "kms:Decrypt", "Resource": "*", "Condition": {operator: {key: wanted}}}]});
    let document = parse(&text.to_string(), PolicyKind::Resource).document.expect("a valid policy");
    let resource = ResourcePolicy {
        mode: ResourceMode::Required,
        source: Some(Source::new("key", document)),
        cross_account: true,
    };
    let policies = Policies { resource, ..Policies::default() };
    let request = Request::new(caller.clone(), "kms:Decrypt", Resource::new(KEY), Context::default());
    edits(&explain(&request, &policies), &request, &policies).collect()
}

// Source: IAM User Guide, "reference_policies_condition-keys", "reference_policies_iam-condition-keys"; KMS Developer Guide,
// "conditions-kms"
#[test]
fn a_bound_on_accounts_or_organizations_is_dropped_last() {
    let kim = Principal::from_arn(&format!("arn:aws:iam::{ACCOUNT}:user/kim")).expect("a principal");
    let service = Principal::Service { name: "sns.amazonaws.com".into() };
    let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.example";
    let web = Principal::Federated { provider: provider.into() };
    let everybody = json!("*");
    let of_service = json!({"Service": "sns.amazonaws.com"});
    let of_provider = json!({"Federated": provider});
    for (principal, operator, key, wanted, caller) in [
        (&everybody, "StringEquals", "aws:PrincipalOrgID", "o-aaaaaaaaaa", &kim),
        (&everybody, "StringLike", "aws:PrincipalOrgPaths", "o-aaaaaaaaaa/*", &kim),
        (&everybody, "StringEquals", "AWS:principalaccount", "444455556666", &kim),
        (&everybody, "StringEquals", "kms:CallerAccount", "444455556666", &kim),
        (&everybody, "ArnLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:*", &kim),
        (&everybody, "StringEquals", "aws:VpceOrgID", "o-aaaaaaaaaa", &kim),
        (&everybody, "StringEquals", "aws:ResourceOrgID", "o-aaaaaaaaaa", &kim),
        (&everybody, "StringEquals", "s3:ResourceAccount", "444455556666", &kim),
        (&everybody, "StringEquals", "sts:ExternalId", "42", &kim),
        (&of_service, "StringEquals", "aws:SourceAccount", "444455556666", &service),
        (&of_service, "ArnLike", "aws:SourceArn", "arn:aws:sns:*:444455556666:*", &service),
        (&of_service, "StringEquals", "aws:SourceOrgID", "o-aaaaaaaaaa", &service),
        (&of_provider, "StringLike", "oidc.example:sub", "repo:clinic/*", &web),
        (&of_provider, "StringEquals", "oidc.example:aud", "kmslab", &web),
    ] {
        let changes: Vec<Change> =
            edits_of(principal, operator, key, wanted, caller).iter().map(|edit| edit.change).collect();
        let drops = |change: &Change| *change == Change::RemoveCondition;
        assert!(changes.len() > 1, "{key}: {changes:?}");
        assert_eq!(changes.iter().position(drops), Some(changes.len() - 1), "{key}: {changes:?}");
    }
    for (key, wanted) in
        [("kms:ViaService", "s3.eu-west-1.amazonaws.com"), ("aws:SourceVpce", "vpce-1"), ("t:Org", "a")]
    {
        let edits = edits_of(&everybody, "StringEquals", key, wanted, &kim);
        assert_eq!(
            edits.first().map(|edit| edit.change),
            Some(Change::RemoveCondition),
            "{key} binds nobody"
        );
    }
}
