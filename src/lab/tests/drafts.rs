//! Several drafts at once: what they lead to together, how they are kept, and applying them.

use crate::lab::typing::Unfinished;
use crate::lab::{CallStatus, DocumentId, Kept, Lab, LearnerSession};
use crate::scenario;

const TESS: usize = 1;

/// Lets tess decrypt by IAM, where the key policy leaves it to IAM.
const BY_IAM: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}"#;

/// Leaves nothing to IAM.
const KIM_ALONE: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:*", "Resource": "*"}]}"#;

fn a3() -> Lab {
    let mut lab = Lab::open(scenario::find("a3").expect("it is embedded"), None).expect("it opens");
    lab.open_first_document();
    lab
}

/// The key policy, and a policy of tess that is not there yet.
fn documents(lab: &Lab) -> [DocumentId; 2] {
    let is_new = |d: &DocumentId| d.text(lab.world(), &lab.persona().caller).is_none();
    let tess = |d: &DocumentId| matches!(d, DocumentId::Inline(_, _, owner, _) if owner == "tess");
    let all = lab.all_documents();
    let key = all.iter().find(|d| matches!(d, DocumentId::KeyPolicy(_))).expect("a key policy").clone();
    [key, all.iter().find(|d| tess(d) && is_new(d)).expect("a policy to write").clone()]
}

fn write(lab: &mut Lab, document: &DocumentId, text: &str) {
    lab.open_document(document.clone());
    lab.set_draft(text);
}

fn status(lab: &Lab, who: usize) -> CallStatus {
    CallStatus::of(lab.previews()[who].shown())
}

#[test]
fn each_document_keeps_its_draft_and_all_count_together() {
    let mut lab = a3();
    let [key, inline] = documents(&lab);
    assert_eq!(status(&lab, TESS), CallStatus::Denied);
    write(&mut lab, &inline, BY_IAM);
    assert_eq!((status(&lab, TESS), lab.drafts().count()), (CallStatus::Allowed, 1));
    write(&mut lab, &key, KIM_ALONE);
    assert_eq!((status(&lab, TESS), lab.drafts().count()), (CallStatus::Denied, 2));
    assert_eq!(lab.draft_of(&inline).map(|d| d.text().to_owned()).as_deref(), Some(BY_IAM));
    // What is looked at has both in force; thrown away, a draft counts no longer.
    let drafted = lab.shown_world();
    assert_eq!(inline.text(drafted, &lab.persona().caller).as_deref(), Some(BY_IAM));
    assert_eq!(key.text(drafted, &lab.persona().caller).as_deref(), Some(KIM_ALONE));
    lab.revert_draft();
    assert_eq!((status(&lab, TESS), lab.drafts().count()), (CallStatus::Allowed, 1));
    lab.open_document(inline.clone());
    assert_eq!(lab.draft().map(|d| (d.text(), d.is_edited())), Some((BY_IAM, true)));
    lab.open_document(key);
    lab.reset();
    assert_eq!((lab.drafts().count(), status(&lab, TESS)), (0, CallStatus::Denied));
}

#[test]
fn what_turns_by_two_drafts_only_is_found() {
    // The key policy names nobody but kim; then each edit by itself turns nothing for tess.
    let mut lab = a3();
    let [key, inline] = documents(&lab);
    let open = key.text(lab.world(), &lab.persona().caller).expect("a text");
    write(&mut lab, &key, KIM_ALONE);
    lab.apply_draft().expect("it is sent");
    write(&mut lab, &inline, BY_IAM);
    assert_eq!(status(&lab, TESS), CallStatus::Denied);
    write(&mut lab, &key, &open);
    assert_eq!(status(&lab, TESS), CallStatus::Allowed, "both together let her in");
    lab.open_document(inline);
    lab.revert_draft();
    assert_eq!(status(&lab, TESS), CallStatus::Denied);
}

#[test]
fn a_broken_draft_that_is_parked_is_known() {
    let mut lab = a3();
    let [key, inline] = documents(&lab);
    write(&mut lab, &inline, "{");
    lab.open_document(key);
    assert_eq!(lab.broken_draft().map(|d| d.document().clone()), Some(inline));
}

#[test]
fn drafts_are_applied_in_order_until_one_is_refused() {
    let mut lab = a3();
    let [key, inline] = documents(&lab);
    write(&mut lab, &key, &format!("{KIM_ALONE} "));
    write(&mut lab, &inline, BY_IAM);
    let order: Vec<_> = lab.drafts().map(|d| d.document().clone()).collect();
    assert_eq!(order, [key.clone(), inline.clone()]);
    let before = lab.history().done().len();
    lab.switch(TESS);
    let refused = lab.apply_drafts();
    assert_eq!((refused.made.len(), refused.applied().count(), refused.all), (1, 0, 2));
    assert!(refused.refused().is_some() && lab.drafts().count() == 2, "both are drafts still");
    lab.switch(0);
    let applied = lab.apply_drafts();
    let done: Vec<_> = applied.applied().cloned().collect();
    assert_eq!(done.first(), Some(&key));
    assert_eq!(lab.drafts().count(), 2 - done.len());
    // One call for each, and the refused one before.
    assert_eq!(lab.history().done().len(), before + 1 + applied.made.len());
    // One that cannot be sent ends it, and those before it are told.
    let mut lab = a3();
    write(&mut lab, &key, &format!("{KIM_ALONE} "));
    let item = lab.all_documents().into_iter().find(|d| matches!(d, DocumentId::Item(..))).expect("an item");
    write(&mut lab, &item, "{");
    let ended = lab.apply_drafts();
    assert_eq!(ended.applied().collect::<Vec<_>>(), [&key]);
    assert_eq!(ended.unsent.map(|(document, _)| document), Some(item));
}

#[test]
fn drafts_outlive_a_replay_and_the_end_of_the_program() {
    let mut lab = a3();
    let [key, inline] = documents(&lab);
    write(&mut lab, &inline, BY_IAM);
    write(&mut lab, &key, KIM_ALONE);
    let mut again = a3();
    again.replay(lab.take_unsaved()).expect("it replays");
    let texts =
        |lab: &Lab| lab.drafts().map(|d| (d.document().clone(), d.text().to_owned())).collect::<Vec<_>>();
    assert_eq!(texts(&again), texts(&lab));
    assert_eq!(status(&again, TESS), status(&lab, TESS));

    // Typed and no step yet: nothing of it is in the journal.
    for all in [false, true] {
        let state = tempfile::tempdir().expect("a folder");
        let open = || LearnerSession::open("a3", None, Some(state.path())).expect("it opens").0;
        let mut session = open();
        assert_eq!(session.keep(true), Kept::AsBefore);
        write(session.lab_mut(), &inline, BY_IAM);
        write(session.lab_mut(), &key, "half typed");
        write(session.lab_mut(), &inline, &format!("{BY_IAM}\n"));
        write(session.lab_mut(), &key, KIM_ALONE);
        session.keep(all);
        drop(session);
        let session = open();
        let text = |document| session.lab().draft_of(document).map(|d| d.text().to_owned());
        assert_eq!(text(&inline), Some(format!("{BY_IAM}\n")), "{all}");
        assert_eq!(text(&key).as_deref(), Some(KIM_ALONE), "{all}");
    }
}

#[test]
fn what_was_being_typed_before_there_were_several_is_read() {
    let lab = a3();
    let [key, _] = documents(&lab);
    let old = format!(r#"{{"draft":[{},"text"],"line":"echo"}}"#, serde_json::to_string(&key).expect("JSON"));
    let read: Unfinished = serde_json::from_str(&old).expect("it is read");
    let draft = Some((key, "text".to_owned()));
    assert_eq!(read, Unfinished { draft, parked: Vec::new(), line: "echo".to_owned() });
    assert_eq!(serde_json::to_string(&read).expect("JSON"), old, "one draft is written as it was");
}

/// A policy that was written and taken back leaves no draft of what it said.
#[test]
fn what_is_gone_again_starts_anew() {
    let mut lab = Lab::open(scenario::find("a4").expect("it is embedded"), Some("kim")).expect("it opens");
    let [_, inline] = documents(&lab);
    lab.open_document(inline.clone());
    let start = lab.draft().expect("it is open").text().to_owned();
    write(&mut lab, &inline, BY_IAM);
    lab.apply_draft().expect("kim may");
    lab.go_to(0).expect("there is room");
    assert_eq!(lab.drafts().count(), 0);
    assert_eq!(lab.draft().expect("it is open").text(), start);
}
