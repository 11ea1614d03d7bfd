//! Predictions: what reveals whether they were right, and what is not shown until they are made.

use serde_json::json;

use crate::cloud::Call;
use crate::lab::{DocumentId, Lab};
use crate::scenario::{self, Prediction};

fn lab(id: &str) -> Lab {
    Lab::open(scenario::find(id).expect("it is embedded"), None).expect("it opens")
}

fn act(lab: &mut Lab, name: &str) {
    let index = lab.personas().iter().position(|p| p.name == name).expect("there is one");
    lab.switch(index);
}

/// Everything asked in the scenario that has been answered, with whether it was right once something has shown it.
fn judged(lab: &Lab) -> Vec<(String, Option<bool>)> {
    let answered = |p: &&Prediction| lab.progress().choice_of(&p.id).is_some();
    let all = lab.scenario().predictions().filter(answered);
    all.map(|p| (p.id.clone(), lab.was_right(p))).collect()
}

fn row(id: &str, right: Option<bool>) -> (String, Option<bool>) {
    (id.to_owned(), right)
}

fn spoilers(lab: &Lab) -> Vec<&str> {
    let all = lab.personas().iter().enumerate();
    all.filter(|(index, _)| lab.is_spoiler(*index)).map(|(_, p)| p.name.as_str()).collect()
}

#[test]
fn the_call_that_a_prediction_is_about_reveals_it_also_when_it_ends_the_task() {
    let mut lab = lab("a2");
    lab.predict("p1", 0);
    assert_eq!(judged(&lab), [row("p1", None)]);
    act(&mut lab, "kim");
    lab.ask().expect("a call is watched");
    assert_eq!(judged(&lab), [row("p1", None)], "kim's scan says nothing of tess's");
    act(&mut lab, "tess");
    lab.ask().expect("a call is watched");
    assert_eq!(lab.current_task(), Some(1));
    assert_eq!(judged(&lab), [row("p1", Some(false))]);
    let just_done = |lab: &Lab| lab.tasks_just_done().map(|task| task.id.clone()).collect::<Vec<_>>();
    assert_eq!(just_done(&lab), ["look"]);
    // A wrong answer to what was seen is told at once, and can be given again.
    lab.predict("q1", 0);
    assert_eq!(judged(&lab), [row("p1", Some(false)), row("q1", Some(false))]);
    assert_eq!(lab.next_prediction().map(|p| p.id.as_str()), Some("q1"));
    act(&mut lab, "kim");
    lab.ask().expect("a call is watched");
    assert!(just_done(&lab).is_empty(), "something else has happened since");
}

#[test]
fn a_prediction_about_one_table_is_not_revealed_by_the_scan_of_another() {
    let mut lab = lab("a5");
    for (prediction, choice) in [("p1", 1), ("p2", 0), ("p3", 1)] {
        lab.predict(prediction, choice);
    }
    let scan = |table: &str| Call::decode("dynamodb", "Scan", json!({"TableName": table})).expect("a call");
    lab.call(scan("Managed"));
    assert_eq!(judged(&lab), [row("p1", None), row("p2", Some(true)), row("p3", None)]);
    lab.call(scan("Owned"));
    assert_eq!(judged(&lab), [row("p1", Some(false)), row("p2", Some(true)), row("p3", None)]);
}

#[test]
fn a_grid_of_predictions_is_revealed_when_it_is_filled_in() {
    let mut lab = lab("b1");
    for prediction in ["c1", "c2", "c3", "c4", "c5"] {
        lab.predict(prediction, 0);
    }
    assert!(judged(&lab).iter().all(|(_, right)| right.is_none()));
    lab.predict("c6", 0);
    let right: Vec<Option<bool>> = judged(&lab).into_iter().map(|(_, right)| right).collect();
    assert_eq!(right, [Some(false), Some(true), Some(true), Some(false), Some(true), Some(false)]);
}

#[test]
fn a_prediction_about_a_change_is_revealed_after_the_change_only() {
    let mut lab = lab("c1");
    act(&mut lab, "tess");
    lab.predict("p1", 1);
    lab.ask().expect("a call is watched");
    assert_eq!(judged(&lab), [row("p1", None)], "she reads, but nothing was taken from her yet");
    act(&mut lab, "kim");
    let key = lab.world().kms().keys().next().expect("a key").arn();
    let alone = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:*", "Resource": "*"}]}"#;
    let input = json!({"KeyId": key, "PolicyName": "default", "Policy": alone});
    let made = lab.call(Call::decode("kms", "PutKeyPolicy", input).expect("a call"));
    assert!(made.outcome.result.is_ok(), "{:?}", made.outcome.result);
    assert_eq!(judged(&lab), [row("p1", None)], "nobody has looked since");
    act(&mut lab, "tess");
    lab.ask().expect("a call is watched");
    assert_eq!(judged(&lab), [row("p1", Some(true))], "DynamoDB still has the table key");
}

#[test]
fn an_error_of_another_kind_reveals_nothing() {
    let mut lab = lab("d1");
    lab.predict("p1", 2);
    // That of the table is the first.
    let Some(DocumentId::KeyPolicy(key)) = lab.documents().into_iter().next() else { panic!("a key policy") };
    let call = |policy: &str| {
        let input = json!({"KeyId": key, "PolicyName": "default", "Policy": policy});
        Call::decode("kms", "PutKeyPolicy", input).expect("a call")
    };
    assert!(lab.call(call("{")).outcome.result.is_err());
    assert_eq!(judged(&lab), [row("p1", None)], "the JSON was at fault");
    assert_eq!(lab.current_task(), Some(0));
    let alone = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/kim"}, "Action": "kms:*", "Resource": "*"}]}"#;
    assert!(lab.call(call(alone)).outcome.result.is_err());
    assert_eq!(judged(&lab), [row("p1", Some(true))]);
    assert_eq!(lab.current_task(), Some(1));
}

#[test]
fn what_a_prediction_is_about_is_a_spoiler_until_it_is_made() {
    let mut two = lab("a2");
    assert_eq!(spoilers(&two), ["tess"]);
    two.predict("p1", 0);
    assert!(spoilers(&two).is_empty());
    let mut grid = lab("b1");
    assert_eq!(spoilers(&grid), ["tess", "root", "dana"]);
    for prediction in ["c1", "c2", "c3", "c4", "c5"] {
        grid.predict(prediction, 0);
        assert_eq!(spoilers(&grid), ["tess", "root", "dana"], "no cell is answered before the last guess");
    }
    grid.predict("c6", 0);
    assert!(spoilers(&grid).is_empty());
    // What is asked is how things would be after a change: how they are is no secret.
    assert!(spoilers(&lab("a3")).is_empty());
    assert!(spoilers(&lab("c1")).is_empty());
    // Whoever does it before predicting sees what comes of it.
    let mut off = lab("c5");
    assert!(spoilers(&off).is_empty());
    let key = off.world().kms().keys().next().expect("a key").arn();
    off.call(Call::decode("kms", "DisableKey", json!({"KeyId": key})).expect("a call"));
    assert!(spoilers(&off).is_empty());
    // Where that is how the task begins, it waits.
    let mut one = asked_of_the_table_that_is_there();
    assert!(spoilers(&one).is_empty());
    one.predict("k1", 1);
    one.predict("k2", 2);
    one.type_text(super::console::LOCK);
    assert_eq!(one.current_task(), Some(2));
    assert_eq!(spoilers(&one), ["kim"]);
    one.predict("p1", 0);
    assert!(spoilers(&one).is_empty());
}

/// A1, where what kim's scan returns is asked once there is a table.
fn asked_of_the_table_that_is_there() -> Lab {
    let a1 = scenario::find_embedded("a1").expect("there");
    let mut text: serde_json::Value = serde_json::from_str(a1.text).expect("it is JSON");
    let asked = text["tasks"][1]["predict"].take();
    let guessed = text["tasks"][1]["checks"].as_array_mut().expect("checks").remove(0);
    text["tasks"][1].as_object_mut().expect("a task").remove("predict");
    text["tasks"][2]["predict"] = asked;
    text["tasks"][2]["checks"].as_array_mut().expect("checks").insert(0, guessed);
    let scenario = scenario::read("a1.json", &text.to_string()).expect("it is sound");
    Lab::open(scenario, None).expect("it opens")
}

#[test]
fn other_ways_to_see_the_same_are_spoilers_too_and_reveal_nothing_else() {
    let mut lab = lab("a2");
    let wanted = ["dynamodb:GetItem CustomerData 12345", "kms:Decrypt table key of CustomerData"];
    for title in wanted {
        let all = lab.watchable();
        let found = all.iter().find(|row| row.watched.title() == title);
        let titles = || all.iter().map(|row| row.watched.title()).collect::<Vec<_>>();
        lab.watch(found.unwrap_or_else(|| panic!("{title} is not among {:?}", titles())).watched.call());
        assert_eq!(spoilers(&lab), ["tess"], "{title}");
    }
    // A decryption by herself is another question than the one that DynamoDB puts.
    let mut grid = self::lab("b1");
    grid.predict("c1", 0);
    act(&mut grid, "tess");
    let all = grid.watchable();
    let direct = all.iter().find(|row| row.watched.title() == "kms:Decrypt table key of North");
    let call = direct.expect("it is offered").watched.call();
    grid.call(call);
    assert_eq!(judged(&grid), [row("c1", None)]);
    let scan = Call::decode("dynamodb", "Scan", json!({"TableName": "North"})).expect("a call");
    grid.call(scan);
    assert_eq!(judged(&grid), [row("c1", Some(false))]);
}

#[test]
fn what_somebody_was_told_is_no_secret() {
    let mut lab = lab("a2");
    act(&mut lab, "tess");
    assert_eq!(spoilers(&lab), ["tess"]);
    lab.ask().expect("a call is watched");
    assert!(spoilers(&lab).is_empty());
}

#[test]
fn several_tasks_that_end_at_once_are_all_compared() {
    let mut lab = lab("c5");
    lab.type_text("KEY=$(aws kms list-keys --query 'Keys[0].KeyId' --output text)");
    for line in
        ["aws kms disable-key --key-id $KEY", "aws dynamodb scan --table-name CustomerData", "clock +2h"]
    {
        lab.type_text(line);
    }
    for line in
        ["aws kms enable-key --key-id $KEY", "clock +2h", "aws dynamodb scan --table-name CustomerData"]
    {
        lab.type_text(line);
    }
    assert_eq!(lab.current_task(), Some(0), "the prediction is missing");
    lab.predict("p1", 0);
    let ended: Vec<&str> = lab.tasks_just_done().map(|task| task.id.as_str()).collect();
    assert_eq!(ended.len(), lab.current_task().unwrap_or_default());
    assert!(ended.len() > 1, "{ended:?}");
    assert_eq!(judged(&lab), [row("p1", Some(false))]);
}

#[test]
fn what_was_so_while_something_was_broken_counts_for_nothing_later() {
    let mut lab = lab("a4");
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt",
        "Resource": "*"}]}"#;
    let input = json!({"UserName": "tess", "PolicyName": "Decrypt", "PolicyDocument": policy});
    let put = Call::decode("iam", "PutUserPolicy", input).expect("a call");
    assert!(lab.call(put).outcome.result.is_ok());
    act(&mut lab, "tess");
    assert!(lab.ask().expect("a call is watched").outcome.result.is_ok());
    assert_eq!(lab.current_task(), Some(0), "she can use another key, too");
    lab.go_to(0).expect("there is room");
    assert_eq!(lab.current_task(), Some(0), "nothing was done as asked");
}

#[test]
fn a_reason_is_asked_right_behind_its_verdict_and_shown_with_it() {
    let mut lab = lab("e1");
    lab.predict("p1", 0);
    assert_eq!(lab.reason_to_give("p1").map(|reason| reason.id.as_str()), Some("p1-why"));
    lab.predict("p1-why", 1);
    assert!(lab.reason_to_give("p1").is_none());
    let (key, mallory) =
        (lab.world().kms().keys().next().expect("a key").arn(), "arn:aws:iam::111122223333:user/mallory");
    let input = json!({"KeyId": key, "GranteePrincipal": mallory, "Operations": ["Decrypt"]});
    lab.call(Call::decode("kms", "CreateGrant", input).expect("a call"));
    assert_eq!(judged(&lab), [row("p1", None), row("p1-why", None)], "nobody has read yet");
    act(&mut lab, "mallory");
    lab.ask().expect("a call is watched");
    // The verdict was wrong and the reason right: each is judged for itself, and both at the same moment.
    assert_eq!(judged(&lab), [row("p1", Some(false)), row("p1-why", Some(true))]);
    assert_eq!(lab.revealed_at("p1"), lab.revealed_at("p1-why"));
}

#[test]
fn a_reason_that_is_given_once_it_was_to_be_seen_is_no_guess() {
    let mut lab = lab("e1");
    lab.predict("p1", 1);
    let (key, mallory) =
        (lab.world().kms().keys().next().expect("a key").arn(), "arn:aws:iam::111122223333:user/mallory");
    let input = json!({"KeyId": key, "GranteePrincipal": mallory, "Operations": ["Decrypt"]});
    lab.call(Call::decode("kms", "CreateGrant", input).expect("a call"));
    act(&mut lab, "mallory");
    lab.ask().expect("a call is watched");
    lab.predict("p1-why", 1);
    assert!(lab.progress().is_late("p1-why") && !lab.progress().is_late("p1"));
}
