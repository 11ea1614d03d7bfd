//! Questions about this world: the matrix, who can, and what a half-typed word could become.

use serde_json::json;

use crate::cloud::{Caller, Probe};
use crate::lab::{self, DocumentId, Lab};
use crate::policy::{Beyond, Change, Layer, Verdict as Decided};
use crate::tui::data::{Cell, MatrixView, Verdict};
use crate::tui::session::{Fix, Snippet};

/// The key and the table of the watched call: their ARNs, if there are.
fn subjects(lab: &Lab) -> (Option<String>, Option<String>) {
    let world = lab.shown_world();
    let subject = lab.question().map(|q| q.subject.clone()).unwrap_or_default();
    let table = world.dynamodb().tables().find(|t| *t.handle.name == *subject);
    let key = table.and_then(|t| super::key_of(t).map(str::to_owned));
    let key = key.or_else(|| world.kms().keys().next().map(|k| k.arn()));
    (key, table.map(|t| t.handle.arn()))
}

/// A question about an action on what the scenario is about.
fn probe(lab: &Lab, action: &str, via: Option<&str>) -> Option<Probe> {
    let (key, table) = subjects(lab);
    let service = action.split(':').next().unwrap_or_default();
    let resource = match service {
        "kms" => key?,
        "dynamodb" => table?,
        _ => "*".to_owned(),
    };
    let mut probe = Probe::new(action, resource);
    if let Some(via) = via {
        probe.via = Some(format!("{via}.amazonaws.com"));
        let subject = lab.question().map(|q| q.subject.clone()).unwrap_or_default();
        if let Some(table) = lab.shown_world().dynamodb().tables().find(|t| *t.handle.name == *subject) {
            probe.encryption_context = table.encryption_context();
        }
    }
    Some(probe)
}

/// The columns of the matrix: a label and the question it stands for.
pub fn matrix_probes(lab: &Lab) -> Vec<(String, Probe)> {
    let mut out = Vec::new();
    let mut add = |label: &str, action: &str, via: Option<&str>| {
        if let Some(p) = probe(lab, action, via) {
            out.push((label.to_owned(), p));
        }
    };
    add("dynamodb:Scan", "dynamodb:Scan", None);
    add("dynamodb:PutItem", "dynamodb:PutItem", None);
    add("kms:Decrypt via DDB", "kms:Decrypt", Some("dynamodb"));
    for action in [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
    ] {
        add(action, action, None);
    }
    out
}

/// Everybody against everything.
pub fn matrix(lab: &Lab, dirty: bool) -> MatrixView {
    let (columns, probes): (Vec<String>, Vec<Probe>) = matrix_probes(lab).into_iter().unzip();
    let cell =
        |(applied, draft): (Verdict, Option<Verdict>)| Cell { applied, draft: draft.filter(|_| dirty) };
    let names = lab.personas().iter().map(|p| p.name.clone());
    let rows = names.zip(lab.board(&probes)).map(|(name, row)| (name, row.into_iter().map(cell).collect()));
    let rows = rows.collect();
    let (key, _) = subjects(lab);
    let title = key.map(|k| lab::key_label(lab.world(), &k)).unwrap_or_default();
    MatrixView { title, columns, rows }
}

/// The actions one can ask about.
pub fn known_actions(lab: &Lab) -> Vec<String> {
    let mut out: Vec<String> = lab.scenario().palette.actions.clone();
    for (service, operations) in crate::cloud::SERVICES {
        if ["kms", "dynamodb"].contains(service) {
            for operation in *operations {
                let action = format!("{service}:{operation}");
                if !out.contains(&action) {
                    out.push(action);
                }
            }
        }
    }
    out
}

/// The smallest edits that turn the last decision of the acting identity's answer around, in documents that people of
/// this world can change.
pub fn fixes(lab: &Lab) -> Vec<Fix> {
    let Some(outcome) = lab.standings().get(lab.acting()).map(lab::Standing::shown) else {
        return Vec::new();
    };
    // The refusal, if there is one: it is the last thing that was decided.
    let Some(record) = outcome.decisions.last() else { return Vec::new() };
    let explanation = record.explain();
    let own = lab.identity_documents(lab.persona());
    let mut out: Vec<Fix> = Vec::new();
    for edit in crate::policy::edits(&explanation, &record.request, &record.policies).take(24) {
        let layer = explanation.layers.iter().find(|trace| trace.layer == edit.layer);
        let policy =
            layer.and_then(|trace| trace.policies.iter().find(|p| Some(&p.name) == edit.policy.as_ref()));
        let document = match (edit.layer, policy) {
            (Layer::Resource, _) => super::documents::resource_document(record),
            (_, Some(policy)) => super::documents::document_of(record, edit.layer, policy, lab.shown_world()),
            // Where there is no policy to change, one is written.
            (Layer::Identity, None) if edit.policy.is_none() => {
                let new = |d: &&DocumentId| {
                    matches!(d, DocumentId::Inline(..))
                        && d.text(lab.world(), &lab.persona().caller).is_none()
                };
                own.iter().find(new).cloned()
            }
            _ => None,
        };
        let document = document.filter(DocumentId::is_editable);
        let Some((document, text)) = document.zip(edit.document) else { continue };
        let place = match &edit.policy {
            None if edit.layer == Layer::Identity => "a new IAM policy".to_owned(),
            _ => format!("{} {}", document.title(lab.world()).to_lowercase(), document.name(lab.world())),
        };
        let label = format!("{} ({place})", change_words(edit.change));
        let value = edit.value.split_whitespace().collect::<Vec<_>>().join(" ");
        let detail = caution(&edit.beyond).map_or(value.clone(), |caution| format!("{caution} · {value}"));
        if !out.iter().any(|f| f.document == document && f.text == text) {
            out.push(Fix { label, detail, document, text });
        }
        if out.len() == 9 {
            break;
        }
    }
    out
}

/// What an edit gives away beside what was asked, in words.
fn caution(beyond: &Beyond) -> Option<String> {
    let actions = (!beyond.actions.is_empty()).then(|| format!("also allows {}", beyond.actions.join(", ")));
    let others = beyond.principals.iter().map(|who| match &**who {
        "*" => "everybody",
        arn => arn.rsplit_once(':').map_or(arn, |(_, own)| own),
    });
    let others: Vec<&str> = others.collect();
    let others = (!others.is_empty()).then(|| format!("also lets in {}", others.join(", ")));
    let both: Vec<String> = actions.into_iter().chain(others).collect();
    (!both.is_empty()).then(|| format!("careful: {}", both.join("; ")))
}

fn change_words(change: Change) -> &'static str {
    match change {
        Change::AddStatement => "add a statement",
        Change::RemoveStatement => "remove a statement",
        Change::AddPrincipal => "add a principal",
        Change::RemovePrincipal => "remove a principal",
        Change::AddAction => "add an action",
        Change::RemoveAction => "remove an action",
        Change::AddResource => "add a resource",
        Change::RemoveResource => "remove a resource",
        Change::AddConditionValue => "add a condition's value",
        Change::RemoveConditionValue => "remove a condition's value",
        Change::RemoveCondition => "remove a condition",
    }
}

/// Every user, role and root user with the answer to one action, those who may first.
pub fn who_can(lab: &Lab, action: &str) -> Vec<(String, Verdict, String)> {
    let world = lab.shown_world();
    let Some(question) = probe(lab, action, None) else { return Vec::new() };
    let mut out = Vec::new();
    for (account, _) in world.iam().accounts() {
        let root = Caller::Root(account.clone());
        if let Ok(record) = world.probe(&root, &question) {
            out.push((format!("arn:aws:iam::{account}:root"), record));
        }
    }
    for identity in world.iam().identities() {
        let caller = Caller::user(&identity.account, &identity.name);
        if identity.kind == crate::cloud::iam::Kind::User
            && let Ok(record) = world.probe(&caller, &question)
        {
            out.push((identity.arn(), record));
        }
    }
    let mut rows: Vec<(String, Verdict, String)> = out
        .into_iter()
        .map(|(who, record)| {
            let verdict =
                if record.decision.verdict == Decided::Allowed { Verdict::Allowed } else { Verdict::Denied };
            (who, verdict, super::why_step(lab, &record).conclusion)
        })
        .collect();
    rows.sort_by_key(|(who, verdict, _)| (*verdict != Verdict::Allowed, who.clone()));
    rows
}

/// The principals' ARNs of this world: accounts first, then users and roles.
fn principals(lab: &Lab) -> Vec<String> {
    let world = lab.world();
    let roots = world.iam().accounts().map(|(account, _)| format!("arn:aws:iam::{account}:root"));
    roots.chain(world.iam().identities().map(crate::cloud::iam::Identity::arn)).collect()
}

/// What a half-typed word could become.
pub fn completions(lab: &Lab, typed: &str) -> Vec<String> {
    const ELEMENTS: [&str; 14] = [
        "Version",
        "Statement",
        "Sid",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "StringEquals",
        "StringLike",
    ];
    const KEYS: [&str; 8] = [
        "kms:ViaService",
        "kms:CallerAccount",
        "kms:GrantIsForAWSResource",
        "kms:EncryptionContextKeys",
        "aws:PrincipalArn",
        "aws:SourceIp",
        "aws:PrincipalAccount",
        "aws:SourceAccount",
    ];
    let world = lab.world();
    let mut all: Vec<String> = known_actions(lab);
    all.extend(KEYS.map(str::to_owned));
    all.extend(ELEMENTS.map(str::to_owned));
    all.extend(principals(lab));
    all.extend(world.kms().keys().map(|k| k.arn()));
    all.extend(world.dynamodb().tables().map(|t| t.handle.arn()));
    all.push(format!("dynamodb.{}.amazonaws.com", lab.stage().names.region));
    let wanted = typed.to_lowercase();
    // A name typed alone finds the ARN that ends in it.
    let fits = |c: &String| {
        let c = c.to_lowercase();
        c.starts_with(&wanted) || (wanted.len() >= 3 && c.ends_with(&format!("/{wanted}")))
    };
    let mut found: Vec<String> = all.into_iter().filter(fits).filter(|c| c != typed).collect();
    found.dedup();
    found.truncate(40);
    found
}

/// Statements to insert, with the names of this world.
pub fn snippets(lab: &Lab) -> Vec<Snippet> {
    let home = &lab.stage().names.home;
    let region = &lab.stage().names.region;
    // The first identity the question refuses is the one a statement is most likely for.
    let denied = lab.standings().iter().position(|s| lab::Verdict::of(&s.now) == lab::Verdict::Denied);
    let who = lab.personas().get(denied.unwrap_or_else(|| lab.acting()));
    let user = who.and_then(crate::scenario::Persona::identity).map_or_else(
        || format!("arn:aws:iam::{home}:root"),
        |(account, kind, name)| format!("arn:aws:iam::{account}:{}/{name}", kind.word()),
    );
    let root = format!("arn:aws:iam::{home}:root");
    let key = lab.world().kms().keys().next().map_or_else(|| "*".to_owned(), |k| k.arn());
    let snippet = |name: &str, about: &str, json: serde_json::Value| Snippet {
        name: name.to_owned(),
        about: about.to_owned(),
        json: ordered(&json),
    };
    let is_key = lab.draft().is_some_and(|d| matches!(d.document(), DocumentId::KeyPolicy(_)));
    if !is_key {
        return vec![
            snippet(
                "Decrypt with the key",
                "Allows kms:Decrypt on this key",
                json!({
                "Sid": "UseTheKey", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}),
            ),
            snippet(
                "Decrypt through DynamoDB",
                "The same, only when DynamoDB asks",
                json!({
                "Sid": "UseThroughDynamoDB", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
                "Condition": {"StringEquals": {"kms:ViaService": format!("dynamodb.{region}.amazonaws.com")}}}),
            ),
            snippet(
                "Deny with the key",
                "Beats every Allow",
                json!({
                "Sid": "NotThisKey", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": key}),
            ),
        ];
    }
    vec![
        snippet(
            "Key user",
            "One user may decrypt",
            json!({
            "Sid": "KeyUser", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}),
        ),
        snippet(
            "User through DynamoDB",
            "The same, only when DynamoDB asks",
            json!({
            "Sid": "ThroughDynamoDB", "Effect": "Allow", "Principal": {"AWS": user}, "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": format!("dynamodb.{region}.amazonaws.com")}}}),
        ),
        snippet(
            "Account",
            "Lets IAM policies of the account decide",
            json!({
            "Sid": "Account", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}),
        ),
        snippet(
            "Key administrator",
            "May change the key, not use it",
            json!({
            "Sid": "KeyAdministrator", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*",
                "kms:Revoke*", "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource",
                "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"],
            "Resource": "*"}),
        ),
        snippet(
            "Grants for services",
            "May let AWS services use the key",
            json!({
            "Sid": "GrantsForServices", "Effect": "Allow", "Principal": {"AWS": user},
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}),
        ),
        snippet(
            "Deny all but one",
            "A Deny with an exception",
            json!({
            "Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalArn": user}}}),
        ),
    ]
}

/// A statement with its elements in the order people write them.
fn ordered(statement: &serde_json::Value) -> String {
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
fn inline(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(k, v)| format!("{}: {}", serde_json::json!(k), inline(v))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        other => other.to_string(),
    }
}
