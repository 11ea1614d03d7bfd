//! What scenarios say to a learner: keys that their texts name, the order of answers, hints, and what is kept back until a
//! guess is made.

mod program;

use kmslab::cloud::Call;
use kmslab::lab::{DocumentId, Lab, LabError};
use kmslab::narration::{self, LabView, Next, ViewOptions, lab_view};
use kmslab::scenario::{self, embedded, in_words, read_with_problems};
use serde_json::{Value, json};

fn lab(id: &str) -> Lab {
    Lab::open(scenario::find(id).expect("it is embedded"), None).expect("it opens")
}

fn view(lab: &Lab) -> LabView {
    let options = ViewOptions { hide_spoilers: true, matrix: Some(0), ..ViewOptions::default() };
    lab_view(lab, options)
}

fn act(lab: &mut Lab, name: &str) {
    let index = lab.personas().iter().position(|persona| persona.name == name);
    lab.switch(index.expect("there is one"));
}

/// Opens the key policy of the only key with other statements than it has.
fn draft_key_policy(lab: &mut Lab, change: impl FnOnce(&mut Vec<Value>)) {
    let key = lab.documents().into_iter().find(|document| matches!(document, DocumentId::KeyPolicy(_)));
    lab.open_document(key.expect("there is a key"));
    let text = lab.draft().expect("a document").text().to_owned();
    let mut policy: Value = serde_json::from_str(&text).expect("JSON");
    change(policy["Statement"].as_array_mut().expect("statements"));
    lab.set_draft(&format!("{policy:#}"));
}

fn tess_reads(statements: &mut Vec<Value>) {
    statements.push(json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"},
        "Action": "kms:Decrypt", "Resource": "*"}));
}

/// Texts of A3 with one changed: where, the text, and what is said of it, or nothing.
const TEXTS: [(&str, &str, Option<&str>); 22] = [
    ("/tasks/0/say", "Scan ({{key:run}}), then edit ({{key:edit}}).", None),
    ("/tasks/0/say", "Scan ({{key:scan}}).", Some("no text can name the key of `scan`; name one of apply, ")),
    ("/tasks/0/say", "Scan ({{key:zoom}}).", Some("no text can name the key of `zoom`")),
    ("/tasks/0/say", "Scan as {{tess}}.", Some("`{{tess}}` stands for nothing in a text")),
    ("/tasks/0/say", "then scan (s)", Some("`s` is a key")),
    ("/tasks/0/hints/0", "Press s.", Some("`s` is a key")),
    ("/tasks/0/hints/0/say", "^T inserts one", Some("`^T` is a key")),
    ("/tasks/0/feedback/0/say", "Esc leads back.", Some("`Esc` is a key")),
    ("/tasks/0/checks/0/say", "c moves the clock", Some("`c` is a key")),
    ("/tasks/0/predict/0/ask", "What comes (v)?", Some("`v` is a key")),
    ("/tasks/0/predict/0/choices/0/text", "Shift-Tab does it", Some("`Shift-Tab` is a key")),
    ("/tasks/0/predict/0/choices/1/say", "Right: F8 shows it", Some("`F8` is a key")),
    ("/invariants/0/say", "nobody but kim (1)", Some("`1` is a key")),
    ("/story/0", "In the console (;) one types.", Some("`;` is a key")),
    ("/story/0", "In the console ({{key:console}}) one types.", None),
    ("/simplified/0", "K shows no keys here.", Some("`K` is a key")),
    ("/debrief/0", "Press Enter.", Some("`Enter` is a key")),
    ("/palette/why", "Alt-2 is for later.", Some("`Alt-2` is a key")),
    ("/title", "Scan {{key:run}}", Some("can name no key")),
    ("/myths/0/fact", "It is {{key:run}}.", Some("can name no key")),
    ("/debrief/0", "A key, a table; I may enter the statement(s) of tess's policy.", None),
    ("/tasks/0/hints/0", "What {{key:why}} says: whose policy was silent?", None),
];

#[test]
fn a_text_names_keys_by_their_actions_and_nothing_else() {
    let a3 = embedded().iter().find(|scenario| scenario.id.starts_with("a3")).expect("a3");
    for (place, text, complaint) in TEXTS {
        let mut scenario: Value = serde_json::from_str(a3.text).expect("JSON");
        *scenario.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = json!(text);
        let (_, problems) = read_with_problems("a3.json", &scenario.to_string()).expect("it is a scenario");
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        match complaint {
            None => assert_eq!(said, [""; 0], "{place}: {text}"),
            Some(words) => {
                assert!(said.iter().any(|said| said.contains(words)), "{place}: {text}: {said:?}");
                let field = place.rsplit('/').next().expect("a field");
                let found = said.iter().any(|said| said.contains(field) || said.contains("a3.json:"));
                assert!(found, "the place is told: {said:?}");
            }
        }
    }
}

#[test]
fn a_hint_serves_a_check_of_its_own_task() {
    let a3 = embedded().iter().find(|scenario| scenario.id.starts_with("a3")).expect("a3");
    for (hint, complaint) in [
        (json!({"say": "Look.", "for": "why"}), None),
        (json!({"say": "Look.", "for": "whi"}), Some("no check of this task has the id `whi`")),
        (json!({"say": "{ \"Effect\": 1 }", "for": "why"}), Some("only the last hint may show JSON")),
    ] {
        let mut scenario: Value = serde_json::from_str(a3.text).expect("JSON");
        scenario["tasks"][0]["hints"][0] = hint;
        let (_, problems) = read_with_problems("a3.json", &scenario.to_string()).expect("it is a scenario");
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(said.is_empty(), complaint.is_none(), "{said:?}");
        assert!(complaint.is_none_or(|words| said[0].contains(words)), "{said:?}");
    }
    let mut scenario: Value = serde_json::from_str(a3.text).expect("JSON");
    scenario["tasks"][0]["hints"][0] = json!({"says": "Look."});
    let error = read_with_problems("a3.json", &scenario.to_string()).expect_err("it is none");
    assert!(error.to_string().contains("missing fields `say`, `for` in `tasks.0.hints.0`"), "{error}");
}

#[test]
fn every_key_that_a_scenario_names_is_replaced() {
    let mut named = 0;
    for embedded in embedded() {
        let lab = lab(embedded.id);
        let mut view = view(&lab);
        let before = format!("{:?}", view.task);
        named += before.matches("{{key:").count();
        view.task.name_keys(&|name| format!("<{name}>"));
        let after = format!("{:?}", view.task);
        assert!(!after.contains("{{"), "{}: {after}", embedded.id);
    }
    assert!(named > 20, "the scenarios name keys: {named}");
    assert_eq!(in_words("Scan ({{key:run}})."), "Scan (scan).");
}

#[test]
fn no_place_says_which_answer_is_right() {
    let (mut worded, mut first) = (0, 0);
    for embedded in embedded() {
        let stage = scenario::find(embedded.id).expect("embedded").build().expect("sound");
        for prediction in stage.scenario.predictions() {
            let order = stage.order_of(prediction);
            let mut all = order.clone();
            all.sort_unstable();
            assert_eq!(all, (0..prediction.choices.len()).collect::<Vec<_>>(), "{}", prediction.id);
            assert_eq!(order, stage.order_of(prediction), "it is the same each time");
            if prediction.choices.iter().any(|choice| choice.text.contains(' ')) {
                worded += 1;
                first += usize::from(order.first().copied() == stage.right_choice(&prediction.id));
            }
        }
    }
    assert!(worded > 15 && first * 4 > worded && first * 4 < worded * 3, "{first} of {worded}");
}

#[test]
fn a_guess_is_kept_as_it_stands_in_the_scenario_and_shown_where_it_was_chosen() {
    let mut lab = lab("c1");
    let prediction = lab.next_prediction().expect("it asks").clone();
    for place in 0..prediction.choices.len() {
        let choice = lab.choice_at(&prediction, place).expect("it is shown");
        lab.predict(&prediction.id, choice);
        assert_eq!(lab.progress().choice_of(&prediction.id), Some(choice));
        let row = &view(&lab).task.predictions[0];
        assert_eq!(row.chosen, Some(place));
        assert_eq!(row.options[place], prediction.choices[choice].text);
    }
    assert_eq!(lab.choice_at(&prediction, prediction.choices.len()), None);
}

#[test]
fn what_a_draft_would_change_is_told_after_the_guess_about_it() {
    let mut lab = lab("a3");
    act(&mut lab, "kim");
    draft_key_policy(&mut lab, tess_reads);
    assert!(lab.document_waits_for_guess());
    let waiting = view(&lab);
    assert!(waiting.dirty && waiting.draft_hidden);
    assert_eq!(waiting.flips(), None);
    assert_eq!(waiting.apply, None);
    assert!(waiting.identities.iter().all(|row| row.draft.is_none()));
    assert!(waiting.task.checks.iter().all(|check| check.draft.is_none()));
    assert!(waiting.matrix.rows.iter().flat_map(|(_, cells)| cells).all(|cell| cell.draft.is_none()));
    assert_eq!((&waiting.answer.was, &waiting.answer.caveat), (&None, &None));
    lab.predict("p1", 0);
    let told = view(&lab);
    assert!(told.dirty && !told.draft_hidden);
    assert_eq!(told.flips(), Some(1), "the guess was made, and so the flip is shown");
    assert!(told.apply.is_some());
}

#[test]
fn a_question_about_another_change_hides_nothing() {
    // What A4 asks in its second task is about the key policy.
    let mut lab = lab("a4");
    act(&mut lab, "kim");
    draft_key_policy(&mut lab, tess_reads);
    assert!(!lab.document_waits_for_guess());
    assert_eq!(view(&lab).flips(), Some(1));
}

#[test]
fn how_applying_would_end_is_no_finding_while_it_is_to_be_guessed() {
    let mut lab = lab("d1");
    act(&mut lab, "deployer");
    draft_key_policy(&mut lab, |statements| drop(statements.remove(0)));
    let lockout = |lab: &Lab, hidden: bool| {
        let found = lab.draft().expect("a draft").diagnostics().iter().find(|found| found.code == "lockout");
        narration::told(lab, found.expect("the text would lock deployer out"), hidden)
    };
    assert_eq!(lockout(&lab, true), None);
    assert!(lab.document_waits_for_guess());
    assert_eq!(view(&lab).apply, None);
    let script = "as deployer\nopen 1\nedit -\n{POLICY}\n.\napply\npredict 1\napply\nquit\n";
    let text = lab.draft().expect("a draft").text().to_owned();
    let printed = plain("d1", &script.replace("{POLICY}", &text));
    let (before, after) = printed.split_once("You expect: ").expect("a guess is made");
    assert!(before.contains("What the draft changes is told after your guess."), "{before}");
    assert!(before.contains("Your guess comes first; then apply makes the call."), "{before}");
    for words in ["lost with this policy", "MalformedPolicyDocument", "Applying it as"] {
        assert!(!before.contains(words), "{words}: {before}");
    }
    assert!(after.contains("MalformedPolicyDocumentException"), "{after}");

    // What would help writes a part of the answer: it is told once no more hint is to come.
    let remedy = |lab: &Lab| lockout(lab, false).expect("it is told").remedy;
    assert_eq!(remedy(&lab), "");
    while lab.hint() {}
    assert!(remedy(&lab).contains("user/deployer"), "{}", remedy(&lab));
}

#[test]
fn a_hint_whose_check_holds_is_skipped() {
    let mut lab = lab("e4");
    let told = |lab: &Lab| lab.hints(0).into_iter().map(str::to_owned).collect::<Vec<_>>();
    act(&mut lab, "kim");
    assert_eq!(lab.hints_to_come(0), [0, 1, 2]);
    lab.ask().expect("a call is watched");
    assert_eq!(lab.hints_to_come(0), [1, 2], "kim has scanned by now");
    assert!(lab.hint());
    assert_eq!(told(&lab)[0], lab.scenario().tasks[0].hints[1].say);
    assert_eq!(view(&lab).task.hint_count, 3, "the total stays what it was");
    assert!(lab.hint());
    assert!(!lab.hint(), "that was the last");
    assert_eq!(told(&lab).len(), 2);
}

/// A draft that says in other words what is in force is no try.
#[test]
fn a_draft_that_says_what_is_in_force_is_not_applied() {
    let mut lab = lab("a3");
    act(&mut lab, "kim");
    draft_key_policy(&mut lab, |_| ());
    let spaced = format!("{}\n\n", lab.draft().expect("a draft").text());
    lab.set_draft(&spaced);
    let before = lab.history().done().len();
    assert!(matches!(lab.apply_draft(), Err(LabError::Respaced)));
    assert_eq!(lab.history().done().len(), before);
    draft_key_policy(&mut lab, tess_reads);
    assert!(lab.apply_draft().is_ok_and(|made| made.outcome.result.is_ok()));
}

/// A change that does not do is changed again, and the look that was refused is not asked for a second time.
#[test]
fn what_comes_next_goes_back_to_a_change_that_does_not_do() {
    let mut lab = lab("a3");
    lab.predict("p1", 0);
    act(&mut lab, "kim");
    let no_help = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"},
        "Action": "kms:DescribeKey", "Resource": "*"});
    draft_key_policy(&mut lab, |statements| statements.push(no_help));
    assert_eq!(view(&lab).next, Some(Next::Edit), "it brings nothing on");
    assert!(lab.apply_draft().is_ok_and(|made| made.outcome.result.is_ok()));
    act(&mut lab, "tess");
    assert_eq!(view(&lab).next, Some(Next::Run));
    lab.ask().expect("a call is watched");
    assert_eq!(view(&lab).next, Some(Next::ActAs(1, "kim".to_owned())));
    act(&mut lab, "kim");
    assert_eq!(view(&lab).next, Some(Next::Edit));
}

/// The stage shows the call that was made last, until the watched one is made again.
#[test]
fn the_way_is_that_of_the_call_made_last() {
    let mut lab = lab("a3");
    act(&mut lab, "kim");
    lab.ask().expect("a call is watched");
    assert!(view(&lab).path.call.starts_with("dynamodb:Scan"));
    let describe = json!({"KeyId": "alias/dynamodb-encryption-key"});
    lab.call(Call::decode("kms", "DescribeKey", describe).expect("a call"));
    let shown = view(&lab);
    assert!(shown.path.call.starts_with("kms:DescribeKey"), "{:?}", shown.path);
    assert!(shown.answer.apart && shown.answer.call == shown.path.call);
    lab.ask().expect("a call is watched");
    assert!(view(&lab).path.call.starts_with("dynamodb:Scan"));
}

fn plain(id: &str, lines: &str) -> String {
    let state = tempfile::tempdir().expect("a folder");
    let mut command = program::kmslab();
    command.args(["play", id, "--plain", "--state"]).arg(state.path());
    String::from_utf8(program::run(&mut command, lines).stdout).expect("UTF-8")
}

#[test]
fn how_sure_somebody_is_outlives_the_session() {
    let state = tempfile::tempdir().expect("a folder");
    let play = |lines: &str| {
        let mut command = program::kmslab();
        command.args(["play", "a2", "--plain", "--state"]).arg(state.path());
        String::from_utf8(program::run(&mut command, lines).stdout).expect("UTF-8")
    };
    let first = play("predict\npredict 2 9\npredict an error\nquit\n");
    assert!(first.contains("How sure: 1 guessing, 2 fairly sure, 3 certain; or nothing."), "{first}");
    assert!(first.contains("You expect: An error: she may not decrypt"), "{first}");
    let again = play("as kim\nscan\nas tess\nscan\ntask\nquit\n");
    assert!(again.contains("Your guess was right."), "{again}");
    let sure = play("reset yes\npredict 3 3\nas kim\nscan\nas tess\nscan\ntask\nquit\n");
    assert!(sure.contains("(certain)"), "{sure}");
    assert!(sure.contains("Your guess was wrong."), "{sure}");
    let later = play("task\nquit\n");
    assert!(later.contains("(certain)"), "{later}");
}

#[test]
fn an_error_without_a_text_is_explained_by_the_lab_in_its_own_name() {
    let broken = r#"{"Version": "2012-10-17" "Statement": []}"#;
    let mut lab = lab("a4");
    act(&mut lab, "kim");
    draft_key_policy(&mut lab, |_| {});
    lab.set_draft(broken);
    let made = lab.apply_draft().expect("it is sent");
    let error = made.outcome.result.as_ref().expect_err("KMS refuses it");
    assert_eq!((&*error.code, &*error.message), ("MalformedPolicyDocumentException", ""));
    let refusal = narration::refusal(&lab, &made);
    let lines: Vec<&str> = refusal.message.lines().collect();
    assert_eq!(lines[0], "MalformedPolicyDocumentException");
    assert!(lines[1].starts_with("AWS says no more. The lab finds in line 1, column "), "{lines:?}");
}
