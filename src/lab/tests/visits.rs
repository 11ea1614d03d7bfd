//! Calls of clients on the wire, as steps of a lab.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::StreamExt as _;
use futures::channel::mpsc::Receiver;
use serde_json::json;

use super::super::visit::{NotMet, Told, Visit, Wish, door};
use super::super::{CallStatus, Draft, Entry, Lab, LearnerSession};
use crate::cloud::{Call, Caller};

fn lab() -> Lab {
    Lab::open(crate::scenario::find("a4").expect("embedded"), None).expect("it opens")
}

fn caller(lab: &Lab, name: &str) -> Caller {
    lab.personas().iter().find(|persona| persona.name == name).expect("a persona").caller.clone()
}

fn scan() -> Call {
    Call::decode("dynamodb", "Scan", json!({"TableName": "CustomerData"})).expect("a call")
}

fn poll<T>(work: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    work.poll(&mut Context::from_waker(Waker::noop()))
}

fn next(visits: &mut Receiver<Visit>) -> Visit {
    match visits.poll_next_unpin(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(visit)) => visit,
        Poll::Ready(None) | Poll::Pending => panic!("nobody has come"),
    }
}

fn wish() -> Wish {
    Wish::Holder("AKIA".to_owned())
}

#[test]
fn a_call_from_outside_is_a_step_by_whoever_signs_and_nobody_acts_as_them() {
    let mut lab = lab();
    let (acting, tess) = (lab.persona().name.clone(), caller(&lab, "tess"));
    assert_ne!(acting, "tess");
    let made = lab.visited(None, tess, scan()).expect("few steps");
    assert_eq!((&*made.who, CallStatus::of(&made.outcome)), ("tess", CallStatus::Denied));
    assert_eq!(lab.history().done().len(), 1);
    assert_eq!(lab.persona().name, acting);
    let root = Caller::Root(lab.stage().names.home.clone());
    assert_eq!(lab.visited(None, root, scan()).expect("few steps").who, "root");
}

#[test]
fn it_is_there_again_when_the_lab_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || LearnerSession::open("a4", None, Some(folder.path())).expect("it opens").0;
    let mut session = open();
    let tess = caller(session.lab(), "tess");
    session.lab_mut().visited(Some("tess".to_owned()), tess, scan()).expect("few steps");
    session.keep(true);
    drop(session);
    let again = open();
    let step = again.lab().history().last().and_then(|step| step.call()).expect("a call").clone();
    assert_eq!((&*step.who, &*step.call.action()), ("tess", "dynamodb:Scan"));
}

#[test]
fn a_draft_stays_and_is_compared_with_what_is_in_force_now() {
    let mut lab = lab();
    lab.open_first_document();
    let text = format!("{} ", lab.draft().expect("a document").text());
    lab.set_draft(&text);
    lab.take_unsaved();
    let kim = caller(&lab, "kim");
    let document = lab.draft().expect("a draft").document().clone();
    let put = document.put(lab.world(), &text).expect("a call");
    let other = Call::decode("iam", "CreateUser", json!({"UserName": "new"})).expect("a call");
    lab.visited(None, kim.clone(), other).expect("few steps");
    assert_eq!(lab.draft().map(Draft::text), Some(&*text));
    assert!(lab.take_unsaved().iter().all(|entry| matches!(entry, Entry::Call(_))));
    // The very text in force: it is no draft any more.
    lab.visited(None, kim, put).expect("few steps");
    assert!(lab.draft().is_some_and(|draft| draft.text() == text && !draft.is_edited()));
}

#[test]
fn a_visit_is_answered_once_and_told_when_it_is_sent() {
    let (door, mut visits) = door();
    let mut asking = pin!(door.ask(wish()));
    assert!(poll(asking.as_mut()).is_pending());
    let visit = next(&mut visits);
    let other = visit.clone();
    visit.answer(|_| Ok(Told::Holder(None)));
    other.answer(|_| panic!("it was answered"));
    assert!(poll(asking.as_mut()).is_pending(), "nothing was sent");
    other.send();
    assert!(matches!(poll(asking.as_mut()), Poll::Ready(Ok(Told::Holder(None)))));
}

#[test]
fn where_nobody_plays_nobody_answers() {
    let (door, mut visits) = door();
    let mut asking = pin!(door.ask(wish()));
    assert!(poll(asking.as_mut()).is_pending());
    // Its owner takes it and is gone.
    drop(next(&mut visits));
    assert!(matches!(poll(asking.as_mut()), Poll::Ready(Err(NotMet::Away))));
    drop(visits);
    assert!(matches!(poll(pin!(door.ask(wish()))), Poll::Ready(Err(NotMet::Away))));
}
