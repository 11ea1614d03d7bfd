//! The scenarios of the program are sound, and each of them broken on purpose is refused with the right words.

use serde_json::{Value, json};

use super::budget::{Budget, Round};
use super::*;
use crate::limits::scenario::DECISIONS;
use crate::limits::{Limit, Unit};

fn by_id(id: &str) -> &'static Embedded {
    find_embedded(id).expect(id)
}

/// A scenario as JSON, to be broken.
fn document(embedded: &Embedded) -> Value {
    serde_json::from_str(embedded.text).expect(embedded.id)
}

/// Everything that reading and proving say about a document.
fn complaints(document: &Value) -> Vec<String> {
    let text = format!("{document:#}");
    let (scenario, problems) = match read_with_problems("broken.json", &text) {
        Ok(read) => read,
        Err(error) => return vec![error.to_string()],
    };
    if !problems.is_empty() {
        return problems.iter().map(ToString::to_string).collect();
    }
    let library: Vec<Scenario> = embedded().iter().map(|e| e.read().expect(e.id)).collect();
    let others: Vec<&Scenario> = library.iter().filter(|s| s.id != scenario.id).collect();
    let together = prove_together(&[&scenario], &others).into_iter().map(|(_, flaw)| flaw);
    let together: Vec<Flaw> = together.collect();
    match prove(scenario) {
        Ok(flaws) => flaws
            .into_iter()
            .chain(together)
            .map(|flaw| format!("{}: {}", flaw.proof, flaw.message))
            .collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn a_world_lets_calls_take_the_time_that_its_scenario_says() {
    let seconds_between = |call_time: Option<&str>| {
        let mut document = document(by_id("a3-key-policy-door"));
        if let Some(call_time) = call_time {
            document["world"]["call_time"] = json!(call_time);
        }
        let (scenario, problems) =
            read_with_problems("timed.json", &document.to_string()).expect("it is read");
        assert!(problems.is_empty(), "{call_time:?}");
        let mut world = scenario.build().expect("it stands").world;
        let root = crate::cloud::Caller::Root("111122223333".parse().expect("an account"));
        let mut list = || {
            let call = crate::cloud::Call::decode("kms", "ListKeys", json!({})).expect("a call");
            world.call(&root, call).events[0].time
        };
        let times = [list(), list(), list()];
        let between = times[1].duration_since(times[0]);
        assert_eq!(times[2].duration_since(times[1]), between, "{call_time:?}");
        between.as_secs()
    };
    for (call_time, seconds) in [(None, 0), (Some("1s"), 1), (Some("2m"), 120)] {
        assert_eq!(seconds_between(call_time), seconds, "{call_time:?}");
    }
}

fn tess_may(action: &str, is: &str) -> Value {
    json!({"decision": {"probe": {"as": "tess", "action": action, "on": "k1", "via": "dynamodb"}, "is": is}})
}

/// A way to break a scenario, and the words that must come of it.
type Breakage = (&'static str, fn(&mut Value), &'static str);

/// Holds for every scenario with kim, tess, the key k1 and the table CustomerData.
const BREAKAGES: &[Breakage] = &[
    (
        "a newer format",
        |s| s["format"] = json!(2),
        "broken.json: written in format 2; this kmslab reads format 1",
    ),
    ("no format", |s| drop(s.as_object_mut().map(|o| o.remove("format"))), "has no `format`"),
    ("format as text", |s| s["format"] = json!("1"), "`format` must be 1"),
    ("a field nobody knows", |s| s["tilte"] = json!("x"), "unknown field `tilte`"),
    (
        "a check nobody knows",
        |s| s["tasks"][0]["checks"][0]["check"] = json!({"decisoin": {}}),
        "unknown variant `decisoin`",
    ),
    (
        "a field of a probe nobody knows",
        |s| {
            s["invariants"][0]["check"] = tess_may("kms:Decrypt", "deny");
            s["invariants"][0]["check"]["decision"]["probe"]["an"] = json!("k1");
        },
        "unknown field `an`",
    ),
    ("no wrong path", |s| s["wrong"] = json!([]), "name at least one mistake"),
    ("no wrong field", |s| drop(s.as_object_mut().map(|o| o.remove("wrong"))), "missing field `wrong`"),
    ("nobody of that name", |s| s["start_as"] = json!("kimm"), "nobody is called `kimm`"),
    (
        "an unknown key",
        |s| {
            s["invariants"][0]["check"] = tess_may("kms:Decrypt", "deny");
            s["invariants"][0]["check"]["decision"]["probe"]["on"] = json!("k9");
        },
        "nothing is called `k9`",
    ),
    (
        "a service that asks in somebody's name and is none",
        |s| {
            s["invariants"][0]["check"] = tess_may("kms:Decrypt", "deny");
            s["invariants"][0]["check"]["decision"]["probe"]["via"] = json!("dynamo");
        },
        "there is no service `dynamo` here",
    ),
    (
        "a pattern that fits no action",
        |s| s["invariants"][0]["check"] = json!({"allows_only": {"more": {"kim": ["kms:Dekrypt*"]}}}),
        "no action fits this pattern",
    ),
    (
        "an action of a service without a list",
        |s| s["palette"]["actions"] = json!(["cloudtrail:LookupEvent"]),
        "there is no operation `cloudtrail:LookupEvent`",
    ),
    (
        "a field of what no step saves",
        |s| {
            let with = json!({"CiphertextBlob": "{{bocks.CiphertextBlob}}"});
            s["invariants"][0]["check"] =
                json!({"outcome": {"as": "tess", "do": "kms:Decrypt", "with": with}});
        },
        "no step saves what `{{bocks.CiphertextBlob}}` is a field of",
    ),
    (
        "a user whom a call changes and who is not there",
        |s| {
            let with = json!({"UserName": "tes"});
            s["invariants"][0]["check"] =
                json!({"outcome": {"as": "kim", "do": "iam:GetUser", "with": with, "error": "NoSuchEntity"}});
        },
        "nobody is called `tes`",
    ),
    (
        "a key that is to encrypt a table and is not there",
        |s| {
            let with = json!({"TableName": "CustomerData", "SSESpecification": {"KMSMasterKeyId": "k9"}});
            s["solution"][0] =
                json!({"as": "kim", "do": "dynamodb:UpdateTable", "with": with, "expect": "denied"});
        },
        "nothing is called `k9`",
    ),
    (
        "an unknown key under a table",
        |s| {
            s["world"]["accounts"]["111122223333"]["tables"]["CustomerData"]["key"] = json!("k9");
        },
        "no key of this world is called `k9`",
    ),
    (
        "an endpoint by another id",
        |s| s["world"]["endpoints"] = json!({"app": {"vpc": "vpc-app", "service": "dynamodb"}}),
        "the id of a VPC endpoint begins with `vpce-`",
    ),
    (
        "an endpoint to nowhere",
        |s| s["world"]["endpoints"] = json!({"vpce-app": {"vpc": "vpc-app", "service": "dynamo"}}),
        "there is no service `dynamo`; name one of kms, ",
    ),
    (
        "an endpoint whose policy is none",
        |s| {
            s["world"]["endpoints"] =
                json!({"vpce-app": {"vpc": "vpc-app", "service": "dynamodb", "policy": {"Statement": []}}});
        },
        "the VPC endpoint vpce-app",
    ),
    (
        "somebody in a VPC without an endpoint",
        |s| s["world"]["from"] = json!({"tess": {"vpc": "vpc-app"}}),
        "no endpoint of this world belongs to `vpc-app`",
    ),
    ("somebody from nowhere", |s| s["world"]["from"] = json!({"tess": {}}), "say from where"),
    (
        "somebody from no address",
        |s| s["world"]["from"] = json!({"tess": {"address": "home"}}),
        "invalid IP address",
    ),
    (
        "nobody from somewhere",
        |s| s["world"]["from"] = json!({"tes": {"address": "203.0.113.9"}}),
        "nobody is called `tes`",
    ),
    (
        "an unknown operation",
        |s| {
            s["solution"][0] = json!({"as": "kim", "do": "kms:Decript", "with": {}});
        },
        "there is no operation `kms:Decript`",
    ),
    (
        "an action that no menu could write",
        |s| s["palette"]["unaided"] = json!(["kms:CreateGrants"]),
        "there is no operation `kms:CreateGrants`",
    ),
    (
        "an action without a service",
        |s| {
            s["invariants"][0]["check"] = tess_may("Decrypt", "deny");
        },
        "an action is a service of this lab",
    ),
    (
        "a layer nobody knows",
        |s| {
            s["invariants"][0]["check"] = tess_may("kms:Decrypt", "deny");
            s["invariants"][0]["check"]["decision"]["because"] = json!({"layer": "iam"});
        },
        "unknown variant `iam`",
    ),
    (
        "two checks of one id",
        |s| {
            let twin = s["tasks"][0]["checks"][0].clone();
            s["tasks"][0]["checks"].as_array_mut().expect("checks").push(twin);
        },
        "is used twice",
    ),
    ("no hint", |s| s["tasks"][0]["hints"] = json!([]), "one to four hints"),
    (
        "the answer in the first hint",
        |s| s["tasks"][0]["hints"] = json!(["{ \"Effect\": 1 }", "x"]),
        "only the last hint",
    ),
    ("half a step", |s| s["solution"][0] = json!({"as": "kim"}), "this step lacks `do`"),
    ("a choice that is none", |s| s["solution"] = json!([{"answer": "p1", "choose": 7}]), "counted from 0"),
    (
        "a question nobody asks",
        |s| s["solution"] = json!([{"answer": "p7", "choose": 0}]),
        "no question has the id `p7`",
    ),
    (
        "feedback that does not exist",
        |s| s["wrong"][0]["feedback"] = json!("f-none"),
        "no feedback has the id `f-none`",
    ),
    (
        "a mistake with other words",
        |s| {
            let rules = s["tasks"][0]["feedback"].as_array_mut().expect("feedback");
            rules.push(json!({"id": "f-other", "when": {"decision": {
            "probe": {"as": "kim", "action": "kms:Decrypt", "on": "k1"}, "is": "deny"}}, "say": "Other words."}));
            s["wrong"][0]["feedback"] = json!("f-other");
        },
        "not `f-other`",
    ),
    (
        "a mistake that is none",
        |s| {
            let steps = s["solution"].clone();
            s["wrong"][0]["steps"] = steps;
        },
        "turns everything green",
    ),
    (
        "another way that leads nowhere",
        |s| s["also"] = json!([{"name": "nothing", "steps": []}]),
        "\"nothing\" leaves red",
    ),
    (
        "a solution that stops early",
        |s| {
            s["solution"].as_array_mut().expect("steps").pop();
        },
        "the solution leaves red",
    ),
    (
        "a step that does nothing for it",
        |s| {
            let steps = s["solution"].as_array_mut().expect("steps");
            steps.push(json!({"as": "kim", "do": "kms:ListKeys", "with": {}}));
        },
        "no dead steps: without step",
    ),
    (
        "a step that ends otherwise",
        |s| {
            let steps = s["solution"].as_array_mut().expect("steps");
            steps.push(json!({"as": "kim", "do": "kms:ListKeys", "with": {}, "expect": "denied"}));
        },
        "it should have been denied",
    ),
    (
        "a task that is done before it begins",
        |s| {
            let check = json!({"id": "easy", "say": "kim may decrypt", "check": {"decision": {
            "probe": {"as": "kim", "action": "kms:Decrypt", "on": "k1"}, "is": "allow"}}});
            s["tasks"][0]["checks"].as_array_mut().expect("checks").push(check);
        },
        "the check `easy` passes before anybody has done anything",
    ),
    (
        "an invariant that does not hold",
        |s| {
            let check = tess_may("kms:Decrypt", "allow");
            s["invariants"] = json!([{"id": "never", "say": "Other words.", "check": check}]);
        },
        "the invariant `never` does not hold at the start",
    ),
    (
        "an invariant nothing can break",
        |s| {
            let check = json!({"decision": {"probe": {"as": "anonymous", "action": "iam:CreateUser", "on": "*"}, "is": "deny"}});
            s["invariants"] = json!([{"id": "idle", "say": "Other words.", "check": check}]);
        },
        "the check `idle` never fails",
    ),
    (
        "two right answers",
        |s| {
            let task = usize::from(!s["tasks"][0]["predict"].is_array());
            let choice = json!({"text": "Another one", "claim": {"decision": {
            "probe": {"as": "kim", "action": "kms:PutKeyPolicy", "on": "k1"}, "is": "allow"}}});
            s["tasks"][task]["predict"][0]["choices"].as_array_mut().expect("choices").push(choice);
        },
        "2 choices of the question `p1` are right",
    ),
    (
        "an idea nobody teaches",
        |s| s["requires"] = json!(["kms.telepathy"]),
        "no scenario teaches `kms.telepathy`",
    ),
    ("a circle of ideas", |s| s["requires"] = s["teaches"].clone(), "in a circle"),
    (
        "a world that cannot be",
        |s| {
            s["world"]["accounts"]["111122223333"]["users"]["tess"]["attach"] = json!(["NoSuchPolicy"]);
        },
        "has a managed policy `NoSuchPolicy`",
    ),
    (
        "a key policy that is none",
        |s| {
            s["world"]["accounts"]["111122223333"]["keys"]["k1"]["policy"] = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Alow", "Action": "kms:*", "Resource": "*"}]});
        },
        "Effect is neither Allow nor Deny",
    ),
    (
        "an account that is none",
        |s| {
            let account = s["world"]["accounts"]["111122223333"].take();
            s["world"]["accounts"] = json!({"42": account});
        },
        "an account number has twelve digits",
    ),
];

#[test]
fn a_scenario_broken_on_purpose_is_refused_with_the_right_words() {
    let two = embedded().iter().filter(|e| e.id.starts_with("a2") || e.id.starts_with("a4"));
    for embedded in two.step_by(super::in_turn()) {
        for (how, breaks, words) in BREAKAGES {
            let mut broken = document(embedded);
            breaks(&mut broken);
            let said = complaints(&broken);
            assert!(
                said.iter().any(|line| line.contains(words)),
                "{}: {how}: nobody says \"{words}\", but {said:#?}",
                embedded.id
            );
        }
    }
}

#[test]
fn an_error_names_file_line_and_column() {
    let sound = by_id("a2").text;
    for (what, text, error) in [
        ("nothing", String::new(), "f.json:1:1: "),
        ("no JSON", "{\n  \"format\": 1,\n  \"id\": }".to_owned(), "f.json:3:9: "),
        ("an array", "[]".to_owned(), "f.json:1:1: a scenario is an object, this is an array"),
        ("a name twice", "{\"format\": 1,\n \"format\": 1}".to_owned(), "f.json:2:2: "),
        (
            "too deep",
            format!("{{\"format\": 1, \"id\": {}1{}}}", "[".repeat(5000), "]".repeat(5000)),
            "f.json:1:",
        ),
        (
            "an unknown field",
            sound.replacen("\"minutes\"", "\"minuets\"", 1),
            "f.json:5:14: unknown field `minuets`",
        ),
        (
            "a number as text",
            sound.replacen("\"minutes\": 4", "\"minutes\": \"4\"", 1),
            "f.json:5:16: invalid type",
        ),
        (
            "a stranger",
            sound.replacen("\"start_as\": \"kim\"", "\"start_as\": \"kam\"", 1),
            "nobody is called `kam` here",
        ),
        ("a date that is none", sound.replacen("2026-01-05T09", "2026-13-05T09", 1), "f.json:"),
        ("a delay nobody knows", sound.replacen("\"instant\"", "\"slow\"", 1), "unknown variant `slow`"),
    ] {
        let said = read("f.json", &text).expect_err(what).to_string();
        assert!(said.contains(error), "{what}: {said}");
        assert!(said.starts_with("f.json:"), "{what}: {said}");
    }
}

#[test]
fn a_place_inside_of_a_policy_is_a_place_in_the_file() {
    let effect = |word: &str| format!("\"Effect\": \"{word}\",\n                  \"Principal\"");
    let text = by_id("a3").text.replacen(&effect("Allow"), &effect("Alow"), 1);
    let line = 1 + text.lines().position(|line| line.contains("\"Alow\"")).expect("it was replaced");
    let said = read("f.json", &text).expect_err("there is no such effect").to_string();
    assert!(said.starts_with(&format!("f.json:{line}:29: Effect is neither")), "{said}");
}

#[test]
fn what_is_missing_is_neither_so_nor_not_so() {
    let stage = by_id("a3").read().and_then(Scenario::build).expect("a3");
    let play = Play::new(&stage);
    let progress = Progress::default();
    let budget = Budget::new(&DECISIONS);
    let round = &Round::new(&budget);
    let evaluator = check::Evaluator {
        stage: &stage,
        names: &play.names,
        world: &play.world,
        progress: &progress,
        round,
    };
    let mut asked = std::collections::BTreeSet::new();
    for check in [
        json!({"decision": {"probe": {"as": "nina", "action": "kms:Decrypt", "on": "k1"}, "is": "deny"}}),
        json!({"decision": {"probe": {"as": "tess", "action": "kms:Decrypt", "on": "k9"}, "is": "deny"}}),
        json!({"outcome": {"as": "nina", "do": "dynamodb:Scan", "with": {"TableName": "CustomerData"},
               "error": "AccessDeniedException"}}),
        json!({"outcome": {"as": "tess", "do": "dynamodb:Scan", "with": {"TableName": "Custommers"},
               "error": "AccessDeniedException"}}),
        json!({"audit": {"event": "Decrypt", "by": "nina", "at_most": 0}}),
        json!({"audit": {"event": "Decrypt", "on": "Custommers", "at_most": 0}}),
        json!({"state": {"of": "k9", "field": "KeyState", "is": "Enabled"}}),
        json!({"only": {"action": "kms:Decrypt", "on": "k9", "allowed": []}}),
        json!({"flip": {"probe": {"as": "tess", "action": "kms:Decrypt", "on": "k9"}, "from": "deny", "to": "allow"}}),
        json!({"storage": {"of": "Custommers", "lacks": "Alice Johnson"}}),
        json!({"allows_only": {"on": ["k9"]}}),
        json!({"rule": {"name": "finding", "finds": [{"event": "Decrypt"}]}}),
        json!({"drift": {"is": "IN_SYNC"}}),
        json!({"not": {"state": {"of": "k9", "field": "KeyState", "is": "Enabled"}}}),
    ] {
        let read: Check = serde_json::from_value(check.clone()).expect("a check");
        assert_eq!(evaluator.ask(&read).verdict, CheckStatus::CannotTell, "{check}");
        asked.extend(check.as_object().into_iter().flat_map(serde_json::Map::keys).cloned());
    }
    // Of a prediction there is always an answer: not made yet. What many parts come to is told below.
    asked.extend(["answered", "all", "any"].map(str::to_owned));
    let kinds = schemars::schema_for!(Check).to_value()["oneOf"].take();
    let kinds = kinds.as_array().into_iter().flatten().filter_map(|kind| kind["required"][0].as_str());
    assert_eq!(asked, kinds.map(str::to_owned).collect(), "a kind of check has no row above");
}

#[test]
fn what_many_parts_come_to() {
    use CheckStatus::{CannotTell, Fail, Pass};

    let stage = by_id("a3").read().and_then(Scenario::build).expect("a3");
    let progress = Progress::default();
    let budget = Budget::new(&DECISIONS);
    let round = &Round::new(&budget);
    let evaluator = check::Evaluator {
        stage: &stage,
        names: &stage.names,
        world: &stage.world,
        progress: &progress,
        round,
    };
    let (yes, no, unclear) = (
        json!({"decision": {"probe": {"as": "kim", "action": "kms:Decrypt", "on": "k1"}, "is": "allow"}}),
        json!({"decision": {"probe": {"as": "tess", "action": "kms:Decrypt", "on": "k1"}, "is": "allow"}}),
        json!({"decision": {"probe": {"as": "nina", "action": "kms:Decrypt", "on": "k1"}, "is": "allow"}}),
    );
    for (all, any, parts) in [
        (Pass, Pass, vec![&yes]),
        (Fail, Pass, vec![&yes, &no]),
        (Fail, Fail, vec![&no, &no]),
        (CannotTell, Pass, vec![&yes, &unclear]),
        (Fail, CannotTell, vec![&no, &unclear]),
        (CannotTell, CannotTell, vec![&unclear]),
    ] {
        for (word, verdict) in [("all", all), ("any", any)] {
            let check: Check = serde_json::from_value(json!({word: parts})).expect("a check");
            assert_eq!(evaluator.ask(&check).verdict, verdict, "{word} of {parts:?}");
        }
    }
}

#[test]
fn the_world_is_there_before_the_learner_and_nothing_of_it_is_in_the_trail() {
    let stage = by_id("a3").read().and_then(Scenario::build).expect("a3");
    assert_eq!(stage.world.events().len(), 0);
    assert_eq!(stage.world.now(), stage.scenario.clock);
    assert_eq!(stage.personas.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["kim", "tess", "root"]);
}

#[test]
fn a_past_is_made_as_often_as_it_says_and_kept_in_order() {
    let mut scenario = document(by_id("a3"));
    let scan = json!({"as": "kim", "do": "dynamodb:Scan", "with": {"TableName": "CustomerData"}});
    let list = json!({"as": "kim", "do": "kms:ListKeys"});
    scenario["world"]["past"] = json!([{"times": 3, "steps": [scan, {"wait": "+1h"}]}, {"steps": [list]}]);
    scenario["world"]["keep_events"] = json!(true);
    let stage = read("a3.json", &scenario.to_string()).expect("sound").build().expect("a world");
    let names: Vec<&str> = stage.world.events().map(|event| event.name).collect();
    assert_eq!(names, ["Scan", "Decrypt", "Scan", "Decrypt", "Scan", "Decrypt", "ListKeys"]);
    assert_eq!(stage.world.now().duration_since(stage.scenario.clock).as_hours(), 3);
}

/// Source: IAM User Guide, "AWS global condition context keys", aws:SourceVpce.
#[test]
fn people_call_from_where_the_scenario_puts_them() {
    let mut scenario = document(by_id("a3"));
    scenario["world"]["endpoints"] = json!({"vpce-app": {"vpc": "vpc-app", "service": "dynamodb", "policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}],
    }}});
    scenario["world"]["from"] = json!({"tess": {"vpc": "vpc-app"}, "kim": {"address": "203.0.113.9"}});
    let stage = read("a3.json", &scenario.to_string()).expect("sound").build().expect("a world");
    let mut world = stage.world.clone();
    for (name, found) in
        [("tess", "because no VPC endpoint policy allows the dynamodb:Scan action"), ("kim", "203.0.113.9")]
    {
        let caller = stage.names.caller(name).expect(name);
        let call = crate::cloud::Call::decode("dynamodb", "Scan", json!({"TableName": "CustomerData"}))
            .expect("a call");
        let outcome = world.call(&caller, call);
        let address =
            outcome.decisions[0].request.context().get("aws:SourceIp").map(|values| values[0].to_string());
        let said = outcome.result.err().map(|error| error.message).into_iter().chain(address);
        assert!(said.clone().any(|said| said.contains(found)), "{name}: {:?}", said.collect::<Vec<_>>());
    }
}

#[test]
fn an_outsider_is_really_asked() {
    let mut document = document(by_id("a3"));
    document["world"]["accounts"]["111122223333"]["keys"]["k1"]["policy"]["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}));
    let stage = read("open.json", &document.to_string()).and_then(Scenario::build).expect("it can be built");
    let mut progress = Progress::default();
    let reports = stage.evaluate(&stage.world, &mut progress);
    let readers = reports[0].invariants.iter().find(|check| check.id == "readers").expect("a3 has it");
    assert_eq!(readers.verdict, CheckStatus::Fail);
    assert!(readers.note.contains("anyone in account"), "{}", readers.note);
}

/// A limit that a test reaches soon.
static FEW: Limit =
    Limit { name: "few", what: "a test", most: 3_000, unit: Unit::Decisions, reason: "a test must end soon" };

#[test]
fn what_is_played_has_a_budget_that_all_steps_and_copies_share() {
    let stage = by_id("a3").read().and_then(Scenario::build).expect("a3");
    let stopped =
        "a3-key-policy-door: stopped after 3,000 decisions, the limit `few`; make its steps fewer or smaller";
    let mut play = Play::within(&stage, Budget::new(&FEW));
    let mut rounds = 0;
    while play.check().is_ok() {
        play.evaluate();
        rounds += 1;
    }
    assert!((3..100).contains(&rounds), "{rounds}");
    assert_eq!(play.check().expect_err("it is spent").to_string(), stopped);
    let mut copy = Play::within(&stage, play.budget.clone());
    copy.evaluate();
    assert_eq!(copy.check().expect_err("they share it").to_string(), stopped);
    let proof = prove::prove_within(stage.scenario.clone(), Budget::new(&FEW));
    assert_eq!(proof.expect_err("a proof takes more").to_string(), stopped);
}

#[test]
fn a_check_that_comes_when_the_budget_is_spent_says_so() {
    let stage = by_id("a3").read().and_then(Scenario::build).expect("a3");
    let budget = Budget::new(&FEW);
    budget.spend(2_999).expect("one is left");
    let reports = stage.evaluate_with(&stage.names, &stage.world, &mut Progress::default(), &budget);
    let notes: Vec<&str> =
        reports.iter().flat_map(|report| &report.checks).map(|check| check.note.as_str()).collect();
    assert!(notes.contains(&"stopped after 3,000 decisions, the limit `few`"), "{notes:?}");
    assert!(reports.iter().all(|report| !report.is_done));
}

#[test]
fn checks_of_the_same_time_share_the_world_that_waits_for_it() {
    let mut scenario: Value = serde_json::from_str(by_id("a3").text).expect("JSON");
    let waits = |number: usize| {
        json!({"id": format!("w{number}"), "say": "so", "check": {"decision": {
        "probe": {"as": "kim", "action": "kms:Decrypt", "on": "k1", "at": "+90y"}, "is": "allow"}}})
    };
    scenario["world"]["before"] =
        json!([{"as": "root", "do": "kms:EnableKeyRotation", "with": {"KeyId": "k1"}}]);
    scenario["invariants"] = (0..100).map(waits).collect();
    let stage = read("a3.json", &scenario.to_string()).and_then(Scenario::build).expect("a world");
    let budget = Budget::new(&DECISIONS);
    stage.evaluate_with(&stage.names, &stage.world, &mut Progress::default(), &budget);
    // Ninety rotations are paid for once, and not for each of a hundred checks.
    assert!((280..600).contains(&budget.spent()), "{}", budget.spent());
}
