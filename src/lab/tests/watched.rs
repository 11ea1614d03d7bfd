//! Choosing the watched call, what follows it, and how it is kept.

use crate::cloud::Outcome;
use crate::cloud::iam::Kind;
use crate::lab::{CallStatus, DocumentId, Lab, Preview, Watchable, Watched};
use crate::scenario;

fn lab(id: &str) -> Lab {
    Lab::open(scenario::find(id).expect("it is embedded"), None).expect("it opens")
}

/// Watches the call of that title.
fn watch(lab: &mut Lab, title: &str) {
    let all = lab.watchable();
    let titles: Vec<String> = all.iter().map(|row| row.watched.title()).collect();
    let found = all.iter().find(|row| row.watched.title() == title);
    let call = found.unwrap_or_else(|| panic!("{title} is not among {titles:?}")).watched.call();
    lab.watch(call);
}

fn title(lab: &Lab) -> String {
    lab.watched().map(Watched::title).unwrap_or_default()
}

fn verdicts(lab: &Lab) -> Vec<(&str, CallStatus)> {
    let names = lab.personas().iter().map(|persona| persona.name.as_str());
    names.zip(lab.previews().iter().map(|preview| CallStatus::of(&preview.now))).collect()
}

#[test]
fn each_table_and_key_of_the_world_can_be_watched() {
    use CallStatus::{Allowed, Denied};
    let mut lab = lab("a5");
    assert_eq!(lab.watchable().first().map(|row| row.watched.title()), Some(title(&lab)), "its own first");
    for (call, [tess, kim]) in [
        ("dynamodb:Scan Owned", [Allowed, Allowed]),
        ("dynamodb:Scan Managed", [Allowed, Allowed]),
        ("dynamodb:Scan Customer", [Denied, Allowed]),
        ("dynamodb:GetItem Owned 12345", [Allowed, Allowed]),
        ("kms:Decrypt table key of Managed", [Denied, Denied]),
        ("kms:Decrypt table key of Customer", [Denied, Allowed]),
        ("kms:Encrypt dynamodb-encryption-key", [Denied, Allowed]),
        ("kms:GenerateDataKey dynamodb-encryption-key", [Denied, Allowed]),
    ] {
        watch(&mut lab, call);
        assert_eq!(title(&lab), call);
        assert_eq!(verdicts(&lab)[..2], [("kim", kim), ("tess", tess)], "{call}");
        let now: Vec<String> =
            lab.watchable().into_iter().filter(|row| row.now).map(|row| row.watched.title()).collect();
        assert_eq!(now, [call], "one is marked");
        assert_eq!(CallStatus::of(&lab.ask().expect("it is made").outcome), tess, "and it is what s makes");
    }
}

#[test]
fn the_same_calls_are_offered_whoever_acts() {
    let offered =
        |lab: &Lab| -> Vec<String> { lab.watchable().iter().map(|row| row.watched.title()).collect() };
    let item = "dynamodb:GetItem CustomerData 12345".to_owned();
    let mut lab = lab("a3");
    let of_kim = offered(&lab);
    assert!(of_kim.contains(&item), "{of_kim:?}");
    lab.switch(lab.personas().iter().position(|p| p.name == "tess").expect("she is there"));
    assert_eq!(offered(&lab), of_kim, "tess may not read it");
}

#[test]
fn roles_and_calls_made_before_can_be_watched() {
    let mut lab = lab("b5");
    let role = lab.world().iam().identities().find(|who| who.kind == Kind::Role).expect("there is a role");
    let role = format!("sts:AssumeRole {}", role.name);
    watch(&mut lab, &role);
    assert_eq!(title(&lab), role);
    lab.type_text("aws kms list-aliases; aws kms list-aliases");
    watch(&mut lab, "kms:ListAliases");
    let made = |row: &&Watchable| row.watched.title() == "kms:ListAliases";
    assert_eq!(lab.watchable().iter().filter(made).count(), 1, "what was made twice is offered once");
}

#[test]
fn a_draft_turns_the_verdicts_on_the_chosen_call() {
    let mut lab = lab("a5");
    watch(&mut lab, "kms:Encrypt dynamodb-encryption-key");
    let key = lab.watched().and_then(|watched| watched.key(lab.world())).expect("it names a key");
    lab.open_document(DocumentId::KeyPolicy(key));
    lab.set_draft(
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"},
        "Action": "kms:Encrypt", "Resource": "*"}]}"#,
    );
    let flips: Vec<_> = lab.previews().iter().map(Preview::flip).collect();
    let (yes, no) = (CallStatus::Allowed, CallStatus::Denied);
    assert_eq!(flips, [Some((yes, no)), Some((no, yes)), Some((yes, no))]);
}

#[test]
fn the_choice_stays_through_time_and_ends_when_the_scenario_starts_again() {
    let mut lab = lab("a5");
    let own = title(&lab);
    lab.ask();
    watch(&mut lab, "dynamodb:Scan Owned");
    lab.ask();
    lab.go_to(0).expect("there is room");
    assert_eq!(title(&lab), "dynamodb:Scan Owned");
    lab.go_to(2).expect("there is room");
    let cues = lab.cues();
    assert!(cues.iter().all(|cue| title(&cue.lab) == own), "a lesson shows the scenario's own");
    assert_eq!(title(&lab), "dynamodb:Scan Owned");
    lab.restart_task().expect("there is room");
    assert_eq!(title(&lab), "dynamodb:Scan Owned");
    watch(&mut lab, &own);
    assert!(!lab.watches_another(), "choosing the scenario's own is no choice of another");
    watch(&mut lab, "dynamodb:Scan Owned");
    lab.reset();
    assert_eq!((title(&lab), lab.watches_another()), (own, false));
}

#[test]
fn a_chosen_call_whose_table_is_gone_is_still_asked() {
    let mut lab = lab("a1");
    assert_eq!(title(&lab), "", "its own table is still to be made");
    lab.type_text(
        "aws dynamodb create-table --table-name T --billing-mode PAY_PER_REQUEST \
         --attribute-definitions AttributeName=K,AttributeType=S --key-schema AttributeName=K,KeyType=HASH",
    );
    lab.type_text("aws dynamodb describe-table --table-name T");
    watch(&mut lab, "dynamodb:DescribeTable T");
    lab.go_to(0).expect("there is room");
    assert_eq!(title(&lab), "dynamodb:DescribeTable T");
    assert!(verdicts(&lab).iter().all(|(_, verdict)| *verdict == CallStatus::Failed));
    let all: Vec<_> = lab.watchable().into_iter().map(|row| (row.watched.title(), row.now)).collect();
    assert_eq!(all, [("dynamodb:DescribeTable T".to_owned(), true)], "it stays in the list");
}

#[test]
fn a_journal_leads_to_the_same_watched_call() {
    let mut first = lab("a5");
    watch(&mut first, "dynamodb:Scan Owned");
    first.ask();
    watch(&mut first, "kms:Decrypt table key of Customer");
    first.go_to(0).expect("there is room");
    first.switch(1);
    first.ask();
    let json = serde_json::to_string(&first.take_unsaved()).expect("entries are JSON");
    let replayed = |json: &str| {
        let mut again = lab("a5");
        again.replay(serde_json::from_str(json).expect("and back")).expect("it replays");
        again
    };
    let mut again = replayed(&json);
    assert_eq!(title(&again), "kms:Decrypt table key of Customer");
    assert_eq!(verdicts(&again), verdicts(&first));
    assert_eq!(again.history().others().len(), first.history().others().len());
    // Choosing the scenario's own is written, too.
    let own = first.watchable().remove(0).watched;
    first.watch(own.call());
    let more = serde_json::to_string(&first.take_unsaved()).expect("entries are JSON");
    assert_eq!(more, r#"[{"watch":null}]"#);
    again.replay(serde_json::from_str(&more).expect("and back")).expect("it replays");
    assert_eq!(title(&again), own.title());
    // A journal that names a call nobody knows is of another version.
    let odd = json.replace(r#""operation":"Decrypt""#, r#""operation":"Decrypted""#);
    assert!(lab("a5").replay(serde_json::from_str(&odd).expect("it is JSON")).is_err());
}

#[test]
fn everything_offered_in_every_scenario_can_be_watched() {
    for embedded in scenario::embedded().iter().chain(scenario::accounts()) {
        let mut lab = Lab::open(embedded.read().expect("it reads"), None).expect("it opens");
        for row in lab.watchable() {
            let words = format!("{} in {}", row.watched.title(), embedded.id);
            lab.watch(row.watched.call());
            assert_eq!(title(&lab), row.watched.title(), "{words}");
            assert_eq!(lab.previews().len(), lab.personas().len(), "{words}");
            // A table that is yet to be made cannot be read; everything else that is offered exists.
            if lab.world().dynamodb().tables().count() == 0 {
                continue;
            }
            // What is under a key that cannot be used fails for those who may use it.
            let failed = |outcome: &Outcome| {
                let error = outcome.result.as_ref().err();
                CallStatus::of(outcome) == CallStatus::Failed
                    && !error.is_some_and(|error| {
                        ["disabled", "pending deletion"].iter().any(|w| error.message.contains(w))
                    })
            };
            let home = &lab.stage().names.home;
            for (preview, persona) in lab.previews().iter().zip(lab.personas()) {
                let guest = persona.identity().is_some_and(|(account, ..)| account != home);
                assert!(guest || !failed(&preview.now), "{words}: {}", persona.name);
            }
        }
    }
}

#[test]
fn documents_and_what_is_offered_in_them_are_about_the_key_of_the_watched_table() {
    let mut lab = lab("b1");
    let named = |lab: &Lab| lab.watched_key().map(|arn| crate::cloud::kms::key_name(lab.world(), &arn));
    assert_eq!(named(&lab).as_deref(), Some("north"));
    lab.open_first_document();
    let shown = lab.draft().map(|draft| draft.document().clone());
    assert_eq!(shown, lab.watched_key().map(DocumentId::KeyPolicy));
    let new = lab.documents().into_iter().rfind(|document| matches!(document, DocumentId::Inline(..)));
    lab.open_document(new.expect("kim can write one"));
    let text = lab.draft().expect("it is open").text().to_owned();
    assert!(text.contains(&lab.watched_key().expect("a key")), "{text}");
    // Another table, another key.
    watch(&mut lab, "dynamodb:Scan South");
    assert_eq!(named(&lab).as_deref(), Some("south"));
}
