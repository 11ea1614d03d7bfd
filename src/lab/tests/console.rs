//! A lab whose console is used: steps, identities, and doing it all again from a journal.

use serde_json::json;

use crate::cloud::{Probe, World};
use crate::lab::{Entry, Lab, Point};
use crate::scenario;

fn lab(id: &str) -> Lab {
    Lab::open(scenario::find(id).expect("it is embedded"), None).expect("it opens")
}

/// The exercise of `a1`, as it is typed.
pub(super) const LOCK: &str = r#"KEY=$(aws kms create-key --description "Customer data" --query KeyMetadata.KeyId --output text)
aws kms create-alias --alias-name alias/dynamodb-encryption-key --target-key-id $KEY
aws dynamodb create-table --table-name CustomerData --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=CustomerID,AttributeType=S \
  --key-schema AttributeName=CustomerID,KeyType=HASH \
  --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key
aws dynamodb put-item --table-name CustomerData \
  --item '{"CustomerID": {"S": "12345"}, "Name": {"S": "Alice Johnson"}, "Email": {"S": "alice@example.com"}}'"#;

#[test]
fn each_call_of_the_console_is_a_step_and_counts_for_the_tasks() {
    let mut lab = lab("a1");
    lab.predict("k1", 1);
    lab.predict("k2", 2);
    assert_eq!(lab.current_task(), Some(1));
    lab.predict("p1", 0);
    assert_eq!(lab.type_text(LOCK), 0, "{:?}", lab.transcript().shown());
    let calls: Vec<String> =
        lab.history().done().iter().filter_map(|s| s.call()).map(|made| made.call.action()).collect();
    assert_eq!(calls, ["kms:CreateKey", "kms:CreateAlias", "dynamodb:CreateTable", "dynamodb:PutItem"]);
    assert_eq!(lab.current_task(), Some(2));
    assert!(lab.watched().is_some());
    lab.go_to(1).expect("there is room");
    assert_eq!(lab.world().dynamodb().tables().count(), 0, "steps of the console are taken back like others");
}

#[test]
fn a_journal_leads_to_the_same_world_variables_and_transcript() {
    let mut first = lab("a1");
    first.type_text(LOCK);
    first.type_text("clock +5m; aws kms describe-key --key-id $KEY");
    first.type_text("aws dynamodb scan --table-name Nowhere");
    let entries = first.take_unsaved();
    // Through the form it has on the disk.
    let json = serde_json::to_string(&entries).expect("entries are JSON");
    let entries: Vec<Entry> = serde_json::from_str(&json).expect("and back");
    let mut again = lab("a1");
    again.replay(entries).expect("it replays");
    let events = |lab: &Lab| lab.world().events().map(|e| e.to_json().to_string()).collect::<Vec<_>>();
    assert_eq!(events(&again), events(&first));
    assert_eq!(again.world().now(), first.world().now());
    assert_eq!(again.transcript().shown(), first.transcript().shown());
    // The variable is there, and the key it names is the same one.
    assert_eq!(again.type_text("aws kms describe-key --key-id $KEY"), 0);
    assert!(again.take_unsaved().len() > 1, "and what is done now is written down");
}

#[test]
fn a_journal_notes_the_variables_that_a_line_changed() {
    let mut first = lab("a3");
    first.type_text(&format!("A={} B=2", "x".repeat(10_000)));
    let mut sizes = Vec::new();
    for line in ["echo $A", "B=3", "unset B", "AWS_PROFILE=tess", "echo", "as tess", "C=4"] {
        let before = first.take_unsaved().len();
        assert!(before < 10);
        first.type_text(line);
        let entries = first.take_unsaved();
        sizes.push(serde_json::to_string(&entries).expect("JSON").len());
        first.unsaved.extend(entries);
    }
    // What `echo $A` prints is kept; that `A` is still set is not said again.
    assert!(sizes.iter().skip(1).all(|size| *size < 300), "{sizes:?}");
}

#[test]
fn variables_come_back_from_a_journal_of_either_kind() {
    let mut first = lab("a3");
    for line in ["A=1 B=2", "unset B", "AWS_PROFILE=tess", "echo", "as tess", "C=4", "A=5"] {
        first.type_text(line);
    }
    let new = serde_json::to_value(first.take_unsaved()).expect("JSON");
    // As it was written when each line held all variables.
    let all = [
        json!({"A": "1", "B": "2"}),
        json!({"A": "1"}),
        json!({"A": "1", "AWS_PROFILE": "tess"}),
        json!({"A": "1", "AWS_PROFILE": "tess"}),
        json!({"A": "1"}),
        json!({"A": "1", "C": "4"}),
        json!({"A": "5", "C": "4"}),
    ];
    let mut old = new.clone();
    let typed = old.as_array_mut().expect("a list").iter_mut().filter_map(|entry| entry.get_mut("typed"));
    for (typed, variables) in typed.zip(all) {
        let typed = typed.as_object_mut().expect("an object");
        assert!(typed.remove("changed").is_some());
        typed.insert("variables".to_owned(), variables);
    }
    for journal in [new, old] {
        for cut in 0..=7 {
            let mut entries: Vec<Entry> = serde_json::from_value(journal.clone()).expect("a journal");
            let mut seen = 0;
            entries.retain(|entry| {
                seen += usize::from(matches!(entry, Entry::Typed(_)));
                seen <= cut
            });
            let mut again = lab("a3");
            again.replay(entries).expect("it replays");
            again.type_text("echo $A-$B-$C-$AWS_PROFILE");
            let printed = &again.transcript().shown().last().expect("a line").printed;
            let expected = ["---", "1-2--", "1---", "1---tess", "1---", "1---", "1--4-", "5--4-"][cut];
            assert_eq!(printed.trim_end(), expected, "{cut}");
        }
    }
}

#[test]
fn as_and_profile_decide_who_acts() {
    let mut lab = lab("a3");
    let who = |lab: &Lab| lab.history().last().and_then(|s| s.call().map(|c| c.who.clone()));
    lab.type_text("aws dynamodb scan --table-name CustomerData --profile tess");
    assert_eq!(who(&lab).as_deref(), Some("tess"));
    assert_eq!(lab.persona().name, "kim", "a profile counts for one command");
    lab.type_text("as tess");
    assert_eq!((lab.persona().name.as_str(), lab.prompt().as_str()), ("tess", "tess> "));
    lab.switch(0);
    assert_eq!(lab.prompt(), "kim> ");
    lab.type_text("AWS_PROFILE=tess");
    assert_eq!(lab.prompt(), "tess> ", "a variable says who signs until an identity is chosen");
    lab.switch(0);
    assert_eq!(lab.prompt(), "kim> ");
}

#[test]
fn users_that_are_made_can_be_taken_on_and_go_when_the_step_is_taken_back() {
    let mut lab = lab("d3");
    lab.type_text("aws iam create-user --user-name nina");
    let names = |lab: &Lab| lab.personas().iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&lab), ["kim", "tess", "nina"]);
    lab.switch(2);
    assert_eq!(lab.prompt(), "nina> ");
    lab.go_to(0).expect("there is room");
    assert_eq!(names(&lab), ["kim", "tess"]);
    assert_eq!((lab.persona().name.as_str(), lab.prompt().as_str()), ("kim", "kim> "));
    assert_eq!(lab.previews().len(), 2);
}

#[test]
fn a_session_that_is_taken_on_can_be_chosen_again_and_goes_when_its_making_is_taken_back() {
    let mut lab = lab("d3");
    let names = |lab: &Lab| lab.personas().iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    let before = names(&lab);
    let kim = lab.world().principal(&lab.persona().caller).expect("somebody").name();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{kim}"}}}}]}}"#
    );
    let role = format!("aws iam create-role --role-name Night --assume-role-policy-document '{trust}'");
    assert_eq!(lab.type_text(&role), 0);
    assert_eq!(lab.type_text("as Nobody/shift"), 255);
    assert_eq!(lab.persona().name, before[0]);
    assert_eq!(lab.type_text("as Night/shift"), 0);
    assert_eq!((lab.persona().name.as_str(), lab.persona().kind()), ("Night/shift", "role session"));
    assert_eq!(lab.prompt(), "Night/shift> ");
    assert_eq!(names(&lab).len(), before.len() + 1);
    assert_eq!(lab.previews().len(), names(&lab).len());
    let made = lab.history().done().len();
    lab.switch(0);
    let last = names(&lab).len() - 1;
    lab.switch(last);
    assert_eq!((lab.prompt().as_str(), lab.history().done().len()), ("Night/shift> ", made));
    // The same from its journal.
    let entries = lab.take_unsaved();
    let mut again = self::lab("d3");
    again.replay(entries).expect("it replays");
    assert_eq!((names(&again), again.acting()), (names(&lab), lab.acting()));
    // An ended session can still be tried, and another be made.
    lab.type_text("clock +2h");
    lab.type_text("aws sts get-caller-identity");
    assert!(lab.transcript().shown().last().is_some_and(|typed| typed.printed.contains("ExpiredToken")));
    lab.switch(0);
    lab.type_text("as Night/shift");
    assert_eq!(lab.type_text("aws sts get-caller-identity"), 0);
    lab.go_to(0).expect("there is room");
    assert_eq!((names(&lab), lab.prompt()), (before.clone(), format!("{}> ", before[0])));
}

#[test]
fn what_is_cleared_is_gone_from_the_screen_and_stays_in_the_history_of_lines() {
    let mut lab = lab("a3");
    lab.type_text("echo one");
    lab.type_text("echo one");
    lab.clear_transcript();
    lab.type_text("echo two");
    assert_eq!(lab.transcript().shown().len(), 1);
    assert_eq!(lab.transcript().lines().collect::<Vec<_>>(), ["echo one", "echo two"]);
    lab.reset();
    assert!(lab.transcript().shown().is_empty());
}

/// Identities whom a draft leaves where they are are not asked anew; everybody must be told what asking would have said.
#[test]
fn on_a_draft_everybody_stands_where_asking_them_would_put_them() {
    let principal = |who: &str, effect: &str, action: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "{effect}", "Principal": {who}, "Action": "{action}",
            "Resource": "*"}}]}}"#
        )
    };
    let root = r#"{"AWS": "arn:aws:iam::111122223333:root"}"#;
    let tess = r#"{"AWS": "arn:aws:iam::111122223333:user/tess"}"#;
    let own = |effect: &str, action: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}]}}"#
        )
    };
    let mut flips = 0;
    for embedded in scenario::embedded_in_turn() {
        let mut lab = Lab::open(embedded.read().expect("it reads"), None).expect("it opens");
        // What several have is edited by the first of them.
        let mut seen = Vec::new();
        for index in 0..lab.personas().len() {
            lab.switch(index);
            for document in lab.documents() {
                if seen.contains(&document) {
                    continue;
                }
                seen.push(document.clone());
                let texts = match document {
                    crate::lab::DocumentId::KeyPolicy(_) => vec![
                        principal(root, "Allow", "kms:*"),
                        principal(r#""*""#, "Allow", "kms:Decrypt"),
                        principal(r#""*""#, "Deny", "kms:Decrypt"),
                        principal(tess, "Allow", "kms:*"),
                    ],
                    crate::lab::DocumentId::Inline(..)
                    | crate::lab::DocumentId::Managed(_)
                    | crate::lab::DocumentId::Trust(..)
                    | crate::lab::DocumentId::TablePolicy(_)
                    | crate::lab::DocumentId::Control(..)
                    | crate::lab::DocumentId::Item(..)
                    | crate::lab::DocumentId::EventPattern(_) => {
                        vec![own("Allow", "*"), own("Deny", "dynamodb:Scan"), own("Allow", "kms:Decrypt")]
                    }
                };
                lab.open_document(document);
                for text in texts {
                    lab.set_draft(&text);
                    let (Some(watched), Some(world)) =
                        (lab.watched(), lab.draft().and_then(crate::lab::Draft::world))
                    else {
                        continue;
                    };
                    for (preview, persona) in lab.previews().iter().zip(lab.personas()) {
                        let shown =
                            crate::lab::CallStatus::of(preview.draft.as_ref().expect("there is a draft"));
                        let asked = crate::lab::CallStatus::of(&watched.ask(world, &persona.caller));
                        assert_eq!(shown, asked, "{} in {} on {text}", persona.name, embedded.id);
                        flips += usize::from(preview.flip().is_some());
                    }
                    let key = world.kms().keys().next().map(|key| key.arn()).unwrap_or_default();
                    let probes: Vec<Probe> = ["kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant"]
                        .map(|action| Probe::new(action, key.clone()))
                        .into();
                    for (row, persona) in lab.board(&probes).iter().zip(lab.personas()) {
                        for ((applied, drafted), probe) in row.iter().zip(&probes) {
                            let allowed = |world: &World| {
                                world
                                    .probe(&persona.caller, probe)
                                    .ok()
                                    .map(|record| record.decision.is_allowed())
                            };
                            let said = |verdict: crate::lab::CallStatus| match verdict {
                                crate::lab::CallStatus::Failed => None,
                                verdict @ (crate::lab::CallStatus::Allowed
                                | crate::lab::CallStatus::Denied) => {
                                    Some(verdict == crate::lab::CallStatus::Allowed)
                                }
                            };
                            assert_eq!(
                                said(*applied),
                                allowed(lab.world()),
                                "{} {}",
                                persona.name,
                                probe.action
                            );
                            let drafted = drafted.expect("there is a draft");
                            assert_eq!(
                                said(drafted),
                                allowed(world),
                                "{} {} {text}",
                                persona.name,
                                probe.action
                            );
                        }
                    }
                }
                // Drafts of other documents would count as well.
                lab.revert_draft();
            }
        }
    }
    assert!(flips > 50, "the drafts turn something: {flips}");
}

#[test]
fn two_points_differ_in_what_the_steps_between_them_changed() {
    use crate::lab::{CallStatus, DocumentId};
    let mut lab = lab("a3");
    let key = lab.world().kms().keys().next().expect("there is a key").arn();
    let open = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}"#;
    let put = format!("aws kms put-key-policy --key-id {key} --policy '{open}'");
    lab.type_text("aws dynamodb scan --table-name CustomerData --profile tess");
    assert_eq!(lab.type_text(&put), 0, "{:?}", lab.transcript().shown());
    assert_eq!(lab.history().steps().len(), 2);
    let tess = lab.personas().iter().position(|p| p.name == "tess").expect("she is there");
    // Only the second step changes a policy; a scan changes none.
    let at = |position| Point { branch: 0, position };
    assert!(lab.between(at(0), at(1)).policies.is_empty());
    lab.go_to(0).expect("there is room");
    for (from, to, verdicts) in
        [(1, 2, (CallStatus::Denied, CallStatus::Allowed)), (2, 0, (CallStatus::Allowed, CallStatus::Denied))]
    {
        let between = lab.between(at(from), at(to));
        let (before, after) = &between.answers[tess];
        assert_eq!((CallStatus::of(before), CallStatus::of(after)), verdicts);
        let [policy] = between.policies.as_slice() else { panic!("one policy: {:?}", between.policies) };
        assert!(matches!(policy.document, DocumentId::KeyPolicy(_)));
        assert_ne!(policy.before, policy.after);
    }
    assert_eq!(lab.history().done().len(), 0, "the lab stays where it stood");
    // Beyond the end is the end.
    assert!(lab.between(at(2), at(9)).policies.is_empty());
}

#[test]
fn a_policy_that_comes_or_goes_has_one_side() {
    let mut lab = lab("a1");
    lab.type_text(LOCK);
    let at = |position| Point { branch: 0, position };
    let between = lab.between(at(0), at(4));
    let [policy] = between.policies.as_slice() else { panic!("one policy: {:?}", between.policies) };
    assert!(policy.before.is_none() && policy.after.is_some());
    assert!(lab.between(at(4), at(0)).policies[0].after.is_none());
}

#[test]
fn a_draft_that_was_thrown_away_stays_away() {
    let open = || {
        let mut lab = Lab::open(scenario::find("a3").expect("it is embedded"), None).expect("it opens");
        lab.open_first_document();
        lab
    };
    let mut first = open();
    let text = first.draft().expect("a document is open").text().to_owned();
    first.set_draft("nonsense");
    assert!(first.draft().is_some_and(crate::lab::Draft::is_changed));
    first.revert_draft();
    let mut again = open();
    again.replay(first.take_unsaved()).expect("it replays");
    let draft = again.draft().expect("a document is open");
    assert_eq!((draft.text(), draft.is_changed()), (text.as_str(), false));
}
