//! The smallest edits that would turn an answer around.

use super::json_text;
use crate::lab::{self, DocumentId, Lab};
use crate::policy::{Beyond, Change, Layer};

/// A single edit that turns a decision around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is done, in a few words.
    pub label: String,
    /// What is added or taken away.
    pub detail: String,
    pub document: DocumentId,
    /// The document's text after the edit.
    pub text: String,
}

/// The smallest edits that turn the last decision of the acting identity's answer around, in documents that people of
/// this world can change.
pub fn fixes(lab: &Lab) -> Vec<Fix> {
    let Some(outcome) = lab.previews().get(lab.acting()).map(lab::Preview::shown) else {
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
            (Layer::Identity, None) if edit.policy.is_none() => own.iter().find(|d| is_new(lab, d)).cloned(),
            _ => None,
        };
        let document = document.filter(DocumentId::is_editable);
        // A statement that belongs into a policy nobody here can change goes into one of the identity's own.
        let of_their_own = || {
            let adds = edit.layer == Layer::Identity && edit.change == Change::AddStatement;
            let own = own.iter().filter(|_| adds).find(|d| is_new(lab, d) && d.is_editable())?;
            Some((own.clone(), policy_of(&edit.value)))
        };
        let edited = document.zip(edit.document.clone());
        let Some((document, text)) = edited.or_else(of_their_own) else { continue };
        let text = laid_out(lab, &document, edit.change, &edit.value).unwrap_or(text);
        let place = match &edit.policy {
            _ if is_new(lab, &document) => "a new IAM policy".to_owned(),
            _ => format!("{} {}", lower_first(&document.title(lab.world())), document.name(lab.world())),
        };
        let label = format!("{} ({place})", change_words(edit.change));
        let value = edit.value.split_whitespace().collect::<Vec<_>>().join(" ");
        let detail = caution(&edit.beyond).map_or(value.clone(), |caution| format!("{value}; {caution}"));
        if !out.iter().any(|f| f.document == document && f.text == text) {
            out.push(Fix { label, detail, document, text });
        }
        if out.len() == 9 {
            break;
        }
    }
    out
}

/// A title within a sentence: the names in it stay as they are.
fn lower_first(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Whether a document is an inline policy that is not there yet.
fn is_new(lab: &Lab, document: &DocumentId) -> bool {
    matches!(document, DocumentId::Inline(..)) && document.text(lab.world(), &lab.persona().caller).is_none()
}

/// The document with one statement more, laid out as people write it; `None` where that is not what is done.
fn laid_out(lab: &Lab, document: &DocumentId, change: Change, statement: &str) -> Option<String> {
    let before = document.text(lab.world(), &lab.persona().caller)?;
    let statement: serde_json::Value = serde_json::from_str(statement).ok()?;
    if change != Change::AddStatement || !before.contains('[') {
        return None;
    }
    let (text, _) = json_text::with_statement(&before, 0, &super::snippets::ordered(&statement));
    let parsed: serde_json::Value = serde_json::from_str(&text).ok()?;
    let holds =
        |statements: &serde_json::Value| statements.as_array().is_some_and(|all| all.contains(&statement));
    holds(&parsed["Statement"]).then_some(text)
}

/// A policy of one statement.
fn policy_of(statement: &str) -> String {
    let policy = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}");
    json_text::format_json(&policy).unwrap_or(policy)
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
