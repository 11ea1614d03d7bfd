//! Calls of clients on the wire while somebody plays: seen as they arrive, and in nobody's way.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::{Played, Step, app, keys, lab_mut, play};
use crate::cloud::Call;
use crate::lab::CallStatus;
use crate::lab::visit::{NotMet, Told, Visit, Wish, door};
use crate::tui::app::App;
use crate::tui::layout::Pane;
use crate::tui::message::Event;
use crate::tui::port::Port;

const SIZE: (u16, u16) = (120, 40);

/// A client that has asked, and waits.
struct Client {
    visit: Visit,
    answer: Pin<Box<dyn Future<Output = Result<Told, NotMet>>>>,
}

impl Client {
    fn new(wish: Wish) -> Self {
        let (door, mut visits) = door();
        let mut answer = Box::pin(async move { door.ask(wish).await });
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(answer.as_mut().poll(&mut nobody).is_pending());
        let Poll::Ready(Some(visit)) = visits.poll_next_unpin(&mut nobody) else { panic!("it was sent") };
        Self { visit, answer }
    }

    /// Somebody of the scenario makes a call.
    fn calls(app: &App, name: &str, call: Call) -> Self {
        let lab = app.lab().expect("a lab").session.lab();
        let persona = lab.personas().iter().find(|persona| persona.name == name).expect("a persona");
        let (who, caller) = (Some(name.to_owned()), persona.caller.clone());
        Self::new(Wish::Call { who, caller, call: Box::new(call) })
    }

    fn scans(app: &App, name: &str) -> Self {
        Self::calls(app, name, call("dynamodb", "Scan", json!({"TableName": "CustomerData"})))
    }

    fn step(&self) -> Step {
        Step::Event(Event::Visit(self.visit.clone()))
    }

    /// The answer, which must be there by now.
    fn answered(mut self) -> Result<Told, NotMet> {
        match self.answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nobody has answered"),
        }
    }

    fn status(self) -> CallStatus {
        match self.answered() {
            Ok(Told::Called(outcome)) => CallStatus::of(&outcome),
            Ok(Told::Holder(_)) => panic!("it was a call"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn call(service: &str, operation: &str, input: Value) -> Call {
    Call::decode(service, operation, input).expect("a call")
}

/// A scenario whose lab is served.
fn served(id: &str) -> App {
    let mut app = app(Some(id), false);
    let scenario = lab_mut(&mut app).session.lab().scenario().id.clone();
    let how = vec!["export AWS_ENDPOINT_URL=http://127.0.0.1:4566".to_owned()];
    app.shell.port = Some(Port { address: "127.0.0.1:4566".to_owned(), scenario, how });
    app
}

/// Keys, a client's visit, keys.
fn between(app: App, before: &str, visit: Step, after: &str) -> Played {
    play(app, SIZE, keys(before).into_iter().chain([visit]).chain(keys(after)).collect())
}

#[test]
fn a_call_is_seen_as_it_arrives_and_its_client_is_told() {
    let mut app = served("a4");
    lab_mut(&mut app).data_events = true;
    let client = Client::scans(&app, "tess");
    let played = between(app, "<shot>", client.step(), "<shot>");
    let [before, after] = played.shots.as_slice() else { panic!("two looks") };
    assert!(before.contains("on 127.0.0.1:4566") && !before.contains("from outside"), "{before}");
    assert!(after.contains("from outside, tess: dynamodb:Scan CustomerData: denied, kms:Decrypt"), "{after}");
    assert_eq!(client.status(), CallStatus::Denied);
    let lab = played.app.lab().expect("a lab");
    assert!(lab.view.steps.iter().any(|step| step.who == "tess"), "it is in the timeline");
    assert!(lab.view.audit.iter().any(|row| row.event == "Scan"), "it is in the audit trail");
}

#[test]
fn text_being_typed_and_what_is_pinned_stay() {
    let mut app = served("a4");
    lab_mut(&mut app).pinned.insert(Pane::Policy);
    let client = Client::scans(&app, "tess");
    let played = between(app, "[edit]<type xy>", client.step(), "<type zzy><shot>");
    assert_eq!(client.status(), CallStatus::Denied);
    let lab = played.app.lab().expect("a lab");
    assert!(lab.typing && lab.editor.text().contains("xyzzy"), "{}", played.last());
    assert_eq!(lab.session.text(), lab.editor.text());
    assert!(lab.pinned.contains(&Pane::Policy));

    let app = served("a4");
    let client = Client::scans(&app, "tess");
    let played = between(app, "[console]<type aws kms >", client.step(), "<type list-keys><shot>");
    let lab = played.app.lab().expect("a lab");
    assert!(lab.console.typing, "{}", played.last());
    assert_eq!(lab.console.line.text(), "aws kms list-keys");
}

#[test]
fn the_end_of_a_scenario_waits_for_whoever_types() {
    let mut app = served("a3");
    let lab = lab_mut(&mut app).session.lab_mut();
    lab.open_first_document();
    let draft = lab.draft().expect("the key policy");
    let mut policy: Value = serde_json::from_str(draft.text()).expect("JSON");
    let tess = lab.personas().iter().find(|persona| persona.name == "tess").expect("a persona");
    let arn = lab.world().principal(&tess.caller).expect("she is there").name().to_string();
    policy["Statement"].as_array_mut().expect("statements").push(json!({
        "Effect": "Allow", "Principal": {"AWS": arn}, "Action": "kms:Decrypt", "Resource": "*"}));
    let put = draft.document().put(lab.world(), &policy.to_string()).expect("a call");
    let clients = [Client::calls(&app, "kim", put), Client::scans(&app, "tess")];
    let visits: Vec<Step> = clients.iter().map(Client::step).collect();
    let begin = keys("[identity 2][predict][choose 2][run][console]<type aws>");
    let steps = begin.into_iter().chain(visits).chain(keys("<type x><shot><Esc><shot>")).collect();
    let played = play(app, SIZE, steps);
    for client in clients {
        assert_eq!(client.status(), CallStatus::Allowed);
    }
    let [typing, through] = played.shots.as_slice() else { panic!("two looks") };
    assert!(typing.contains("awsx") && !typing.contains("─ Done:"), "{typing}");
    assert!(through.contains("─ Done:"), "{through}");
}

#[test]
fn only_the_lab_that_is_served_answers() {
    let away = |app: App, script: &str| {
        let client = Client::new(Wish::Holder("AKIA".to_owned()));
        between(app, script, client.step(), "<shot>");
        client.answered().err()
    };
    assert_eq!(away(served("a4"), ""), None);
    assert_eq!(away(served("a4"), "[home]"), Some(NotMet::Away));
    assert_eq!(away(served("a4"), "[present]"), Some(NotMet::Away));
    let mut other = served("a4");
    let port = other.shell.port.take();
    let mut app = app(Some("a3"), false);
    app.shell.port = port;
    assert_eq!(away(app, ""), Some(NotMet::Away));
}

#[test]
fn the_help_says_how_the_port_is_used() {
    let played = play(served("a4"), SIZE, keys("[help in lab]<shot><Enter><shot>"));
    let [help, page] = played.shots.as_slice() else { panic!("two looks") };
    assert!(help.contains("127.0.0.1:4566"), "{help}");
    assert!(page.contains("This lab answers on http://127.0.0.1:4566"), "{page}");
    assert!(page.contains("export AWS_ENDPOINT_URL=http://127.0.0.1:4566"), "{page}");
}
