//! The smallest edits that would turn an answer around.

use crate::lab::{self, DocumentId, Lab};
use crate::policy::{Beyond, Change, Layer};
use crate::tui::session::Fix;

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
        let detail = caution(&edit.beyond).map_or(value.clone(), |caution| format!("{caution}; {value}"));
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
