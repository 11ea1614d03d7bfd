//! A lab that is done again from what a journal tells stands as it did: less is asked on the way, and nothing else comes of it.

use std::fmt::Write as _;

use kmslab::cloud::Call;
use kmslab::lab::Lab;
use kmslab::scenario::{self, Action, Play};
use serde_json::json;

/// A lab as `play` begins it.
fn begun(id: &str) -> Lab {
    let mut lab = Lab::open(scenario::find(id).expect("there"), None).expect("it opens");
    lab.open_first_document();
    lab.take_unsaved();
    lab
}

/// All that a learner can see of where a lab stands.
fn told(lab: &Lab) -> String {
    let mut told = String::new();
    let people: Vec<&str> = lab.personas().iter().map(|persona| persona.name.as_str()).collect();
    let done: Vec<&str> = lab.tasks_just_done().map(|task| task.id.as_str()).collect();
    let revealed: Vec<_> = lab.scenario().predictions().map(|asked| lab.revealed_at(&asked.id)).collect();
    let previews: Vec<_> =
        lab.previews().iter().map(|preview| (preview.now.result.is_ok(), preview.draft.is_some())).collect();
    let mut restarted = lab.clone();
    restarted.restart_task().expect("it began");
    writeln!(told, "{people:?} {} {}", lab.persona().name, lab.prompt()).expect("text");
    writeln!(told, "{:?} {:?}", lab.reports(), lab.progress()).expect("text");
    writeln!(told, "{:?} {:?} {done:?} {revealed:?}", lab.current_task(), lab.last_begun()).expect("text");
    writeln!(told, "{:?} {:?}", lab.history().point(), restarted.history().point()).expect("text");
    writeln!(told, "{} {}", lab.history().steps().len(), lab.history().others().len()).expect("text");
    writeln!(told, "{previews:?} {:?}", lab.draft_reports()).expect("text");
    if let Some(draft) = lab.draft() {
        writeln!(told, "{:?} {} {:?}", draft.document(), draft.text(), draft.applied()).expect("text");
        writeln!(told, "{:?} {} {}", draft.diagnostics(), draft.is_valid(), draft.world().is_some())
            .expect("text");
    }
    told
}

/// Does something beside the solution; `what` says which.
fn stray(lab: &mut Lab, what: usize) {
    let call = |operation: &str, input| Call::decode("iam", operation, input).expect("a call");
    let point = lab.history().point();
    match what % 12 {
        0 => lab.go_to(point.position.saturating_sub(1)).expect("it was there"),
        1 => lab.go_to(0).expect("the beginning"),
        2 => {
            lab.hint();
        }
        3 => lab.restart_task().expect("it began"),
        4 => {
            lab.call(call("CreateUser", json!({"UserName": "noor"})));
            if let Some(noor) = lab.personas().iter().position(|persona| persona.name == "noor") {
                lab.switch(noor);
            }
        }
        5 => {
            lab.call(call("DeleteUser", json!({"UserName": "noor"})));
        }
        6 => {
            let other = lab.history().others().next().map(|branch| (branch.number(), branch.steps().len()));
            if let Some((branch, position)) = other {
                lab.go_to_point(kmslab::lab::Point { branch, position }).expect("it is there");
            }
        }
        7 => lab.set_draft("{\"Version\": \"2012-10-17\", \"Statement\": ["),
        8 => {
            let text = lab.draft().map(|draft| format!("{} ", draft.text())).unwrap_or_default();
            lab.set_draft(&text);
        }
        9 => {
            let text = json!({"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]});
            lab.set_draft(&text.to_string());
            let _refused = lab.apply_draft();
        }
        10 => lab.revert_draft(),
        11 => {
            lab.ask();
        }
        _ => unreachable!("there are twelve"),
    }
}

#[test]
fn a_lab_that_is_done_again_stands_as_it_did() {
    let mut ends = 0;
    // The solution of each; with what else people do all, or as many as `.ci/run` asks for.
    let step = std::env::var("KMSLAB_EACH").map_or(1, |n| n.parse().expect("KMSLAB_EACH is a number"));
    for (at, embedded) in scenario::embedded().iter().enumerate() {
        let seeds: usize = if at % step == 0 { 6 } else { 1 };
        for seed in 0..seeds {
            let mut lab = begun(embedded.id);
            let stage = lab.stage().clone();
            let mut play = Play::new(&stage);
            let mut chance = seed.wrapping_mul(0x9e37_79b9) ^ 0x51f1;
            for step in &stage.scenario.solution {
                let report = play.step(step);
                match &step.action {
                    Action::Predict { prediction, choose } => lab.predict(prediction, *choose),
                    Action::Wait(duration) => lab.advance(duration.signed()).expect("it moves"),
                    Action::Call(call) => {
                        let index = lab.personas().iter().position(|persona| persona.name == call.caller);
                        if let Some((index, (_, made))) = index.zip(report.made) {
                            lab.switch(index);
                            lab.call(made);
                        }
                    }
                }
                // The first time the solution by itself.
                chance =
                    chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if seed > 0 && (chance >> 33) % 2 == 0 {
                    stray(&mut lab, chance >> 40);
                }
            }
            let entries = lab.take_unsaved();
            let mut again = begun(embedded.id);
            let differences = again.replay(entries).expect("it is done again");
            assert!(differences.is_empty(), "{} {seed}: {differences:?}", embedded.id);
            assert_eq!(told(&again), told(&lab), "{} {seed}", embedded.id);
            ends += usize::from(lab.current_task().is_none());
        }
    }
    assert!(ends >= 15, "the solutions are played to their ends: {ends}");
}
