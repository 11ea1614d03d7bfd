//! Scenario files beyond each limit, and right at it.

use std::path::Path;

use kmslab::cli::{self, Exit};
use kmslab::limits::scenario::*;
use kmslab::limits::{Limit, steps};
use kmslab::scenario::{self, Scenario};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

fn by_id(id: &str) -> Value {
    let embedded = scenario::find_embedded(id).expect("it is embedded");
    serde_json::from_str(embedded.text).expect("JSON")
}

/// A sound scenario, changed.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut scenario = by_id("a3");
    change(&mut scenario);
    scenario.to_string()
}

fn fill(scenario: &mut Value, pointer: &str, of: impl Fn(usize) -> Value, count: usize) {
    let place = scenario.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
    for number in 0..count {
        match &mut *place {
            Value::Array(list) => list.push(of(number)),
            Value::Object(fields) => drop(fields.insert(format!("q{number}"), of(number))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                panic!("{pointer} holds nothing")
            }
        }
    }
}

fn world(scenario: &mut Value) -> &mut Value {
    &mut scenario["world"]["accounts"][ACCOUNT]
}

fn call(operation: &str, with: &Value) -> Value {
    json!({"as": "root", "do": operation, "with": with})
}

/// Reads a scenario and sets its world up.
fn open(text: &str) -> Result<(), String> {
    scenario::read("x.json", text).and_then(Scenario::build).map(drop).map_err(|error| error.to_string())
}

/// Makes a text with so many of something.
type Maker = Box<dyn Fn(usize) -> String>;

fn row(limit: &'static Limit, make: impl Fn(&mut Value, usize) + 'static) -> (&'static Limit, Maker) {
    (limit, Box::new(move |count| changed(|scenario| make(scenario, count))))
}

fn check(number: usize) -> Value {
    json!({"id": format!("n{number}"), "say": "so", "check": {"state": {"of": "k1", "field": "KeyState", "is": "Enabled"}}})
}

/// Each limit on a count, with files that have ever more.
fn counts() -> Vec<(&'static Limit, Maker)> {
    let scan = call("dynamodb:Scan", &json!({"TableName": "CustomerData"}));
    let scans = move || scan.clone();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]});
    vec![
        row(&HEAD, |s, n| fill(s, "/teaches", |number| json!(format!("x.y{number}")), n)),
        row(&HEAD, |s, n| s["palette"] = json!({"identities": vec!["kim"; n]})),
        row(&TEXTS, |s, n| s["story"] = json!(vec!["so"; n])),
        row(&TEXTS, |s, n| s["debrief"] = json!(vec!["so"; n])),
        row(&TEXT_SIZE, |s, n| s["story"] = json!(["x".repeat(n)])),
        row(&TEXT_SIZE, |s, n| s["tasks"][0]["say"] = json!("x".repeat(n))),
        row(&ACCOUNTS, |s, n| {
            for number in 0..n {
                s["world"]["accounts"][format!("{:012}", 200_000_000_000_usize + number)] = json!({});
            }
        }),
        row(&IDENTITIES, |s, n| fill(world(s), "/users", |_| json!({}), n)),
        row(&IDENTITIES, |s, n| {
            let trust = json!({"Version": "2012-10-17", "Statement": []});
            world(s)["roles"] = json!({});
            fill(world(s), "/roles", |_| json!({"trust": trust}), n);
        }),
        row(&POLICIES, {
            let policy = policy.clone();
            move |s, n| {
                world(s)["policies"] = json!({});
                fill(world(s), "/policies", |_| policy.clone(), n);
            }
        }),
        row(&POLICIES, |s, n| world(s)["users"]["kim"]["attach"] = json!(vec!["ReadOnlyAccess"; n])),
        row(&KEYS, |s, n| fill(world(s), "/keys", |_| json!({}), n)),
        row(&KEYS, |s, n| {
            let aliases: Vec<String> = (0..n).map(|number| format!("alias/q{number}")).collect();
            world(s)["keys"]["k1"]["aliases"] = json!(aliases);
        }),
        row(&KEY_PAIRS, |s, n| {
            fill(world(s), "/keys", |_| json!({"spec": "RSA_2048", "usage": "SIGN_VERIFY"}), n);
        }),
        row(&KEY_PAIRS, |s, n| {
            let pair = call("kms:GenerateDataKeyPair", &json!({"KeyId": "k1", "KeyPairSpec": "RSA_2048"}));
            s["world"]["before"] = json!(vec![pair; n]);
        }),
        row(&KEY_PAIRS, |s, n| {
            let make = call("kms:CreateKey", &json!({"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"}));
            fill(s, "/solution", |_| make.clone(), n.div_ceil(16));
        }),
        row(&TABLES, |s, n| fill(world(s), "/tables", |_| json!({"hash": "Id"}), n)),
        row(&ITEMS, |s, n| {
            fill(
                world(s),
                "/tables/CustomerData/items",
                |number| json!({"CustomerID": number.to_string()}),
                n,
            );
        }),
        row(&TASKS, |s, n| {
            let task = s["tasks"][0].clone();
            fill(s, "/tasks", |_| task.clone(), n);
        }),
        row(&CHECKS, |s, n| fill(s, "/tasks/0/checks", check, n)),
        row(&CHECKS, |s, n| fill(s, "/invariants", check, n)),
        row(&CHECKS, |s, n| {
            let parts: Vec<Value> = (0..n).map(|number| check(number)["check"].clone()).collect();
            s["invariants"] = json!([{"id": "a", "say": "so", "check": {"any": parts}}]);
        }),
        row(&STEPS, {
            let scans = scans.clone();
            move |s, n| fill(s, "/solution", |_| scans(), n)
        }),
        row(&STEPS, {
            let scans = scans.clone();
            move |s, n| s["world"]["before"] = json!(vec![scans(); n])
        }),
        row(&PAST, {
            let scans = scans.clone();
            move |s, n| {
                s["world"]["past"] =
                    json!([{"times": n / 2, "steps": [scans()]}, {"times": n - n / 2, "steps": [scans()]}]);
            }
        }),
        row(&STEPS, move |s, n| fill(s, "/wrong/0/steps", |_| scans(), n)),
    ]
}

#[test]
fn each_count_has_its_limit_and_the_message_names_it_with_a_place() {
    for (number, (limit, make)) in counts().into_iter().enumerate() {
        let name = limit.name;
        let said = scenario::read("x.json", &make(limit.size() + 1)).expect_err(name).to_string();
        assert!(said.starts_with("x.json:1:"), "{number}: {said}");
        assert!(said.contains(&format!("the limit `{name}`; ")), "{number}: {said}");
        // A tenth is no reason to refuse anything.
        if let Err(said) = scenario::read("x.json", &make(limit.size() / 10)) {
            assert!(!said.to_string().contains("the limit `"), "{number}: {said}");
        }
    }
}

#[test]
fn a_file_is_no_longer_than_its_limit() {
    let mut long = changed(|_| ());
    long += &" ".repeat(FILE.size());
    let said = scenario::read("x.json", &long).expect_err("too long").to_string();
    assert!(said.contains("the limit `scenario-file`"), "{said}");
}

#[test]
fn what_is_small_in_the_file_and_large_in_the_world_has_a_limit() {
    let save = |name: &str, operation: &str, with: &Value| {
        let mut step = call(operation, with);
        step["save"] = json!(name);
        step
    };
    let item = |text: &str| json!({"TableName": "CustomerData", "Item": {"CustomerID": {"S": "b"}, "V": {"S": text}}});
    let get = json!({"TableName": "CustomerData", "Key": {"CustomerID": {"S": "b"}}});
    let stored = |rest: Vec<Value>| {
        let put = call("dynamodb:PutItem", &item(&"A".repeat(300_000)));
        [vec![put, save("x", "dynamodb:GetItem", &get)], rest].concat()
    };
    let rotating = |scenario: &mut Value, wait: &str, times: usize| {
        fill(world(scenario), "/keys", |_| json!({}), 100);
        let on = |number| call("kms:EnableKeyRotation", &json!({"KeyId": format!("q{number}")}));
        let mut before: Vec<Value> = (0..100).map(on).collect();
        before.extend(vec![json!({"wait": wait}); times]);
        scenario["world"]["before"] = json!(before);
    };
    let only = |number: usize| json!({"id": format!("o{number}"), "say": "so", "check": {"only": {"action": "kms:Decrypt", "on": "k1", "allowed": ["kim"]}}});
    let before = |steps: Vec<Value>| changed(|scenario| scenario["world"]["before"] = json!(steps));
    let pairs = json!({"outcome": {"as": "kim", "do": "kms:GenerateDataKeyPair", "with": {"KeyId": "k1", "KeyPairSpec": "RSA_2048"}}});
    for (limit, text) in [
        (&EXPANDED, before(stored(vec![call("dynamodb:PutItem", &item(&"{{x.Item.V.S}}".repeat(4)))]))),
        (
            &EXPANDED,
            before(stored(vec![call(
                "iam:CreatePolicy",
                &json!({"PolicyName": "p", "PolicyDocument": {"a": "{{x.Item.V.S}}".repeat(4)}}),
            )])),
        ),
        (
            &EXPANDED,
            before(stored(vec![call(
                "kms:UpdateKeyDescription",
                &json!({"KeyId": "k1", "Description": "{{x.Item.V.S}}".repeat(1_000)}),
            )])),
        ),
        (
            &EXPANDED,
            changed(|scenario| {
                let mut deep = json!(vec![0; 20_000]);
                for _ in 0..100 {
                    deep = json!([deep]);
                }
                world(scenario)["policies"] =
                    json!({"p": {"Id": "{{k1}}", "Version": "2012-10-17", "Statement": deep}});
            }),
        ),
        (&FILLED, before(stored(vec![call("dynamodb:PutItem", &item("{{x.Item.V.S}}")); 40]))),
        (&SAVED, before(stored(vec![save("y", "dynamodb:GetItem", &get); 40]))),
        (&ROTATIONS, changed(|scenario| rotating(scenario, "+100y", 2))),
        (&ROTATIONS, changed(|scenario| rotating(scenario, "+20y", 50))),
        (
            &DECISIONS,
            changed(|scenario| {
                fill(world(scenario), "/users", |_| json!({}), 300);
                fill(scenario, "/tasks/0/checks", only, 300);
            }),
        ),
        (
            &DECISIONS,
            changed(|scenario| {
                fill(world(scenario), "/users", |_| json!({}), 1_900);
                fill(scenario, "/invariants", only, 12);
            }),
        ),
        (
            &DECISIONS,
            changed(|scenario| {
                let claims: Vec<Value> = (0..6)
                    .map(|_| json!({"text": "so", "claim": {"any": vec![only(0)["check"].clone(); 20]}}))
                    .collect();
                fill(world(scenario), "/users", |_| json!({}), 300);
                scenario["tasks"][0]["predict"] = json!([{"id": "p1", "ask": "so", "choices": claims}]);
                scenario["solution"] = json!([call("dynamodb:Scan", &json!({"TableName": "CustomerData"}))]);
                scenario["also"] = json!([]);
            }),
        ),
        (
            &DECISIONS,
            changed(|scenario| {
                fill(
                    scenario,
                    "/invariants",
                    |number| json!({"id": format!("o{number}"), "say": "so", "check": pairs}),
                    6,
                );
            }),
        ),
    ] {
        let said = open(&text).expect_err(limit.name);
        assert!(said.contains(&format!("the limit `{}`", limit.name)), "{}: {said}", limit.name);
    }
    assert_eq!(open(&changed(|scenario| rotating(scenario, "+10y", 1))), Ok(()));
    assert_eq!(open(&before(stored(vec![call("dynamodb:PutItem", &item("{{x.Item.V.S}}")); 3]))), Ok(()));
}

/// What a command prints about a file, and how it ends.
fn command(arguments: &[&str], text: &str) -> (Result<Exit, String>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.json");
    std::fs::write(&path, text).expect("written");
    let mut out = Vec::new();
    let path = path.to_str().expect("a text");
    let ended = cli::run(arguments.iter().copied().chain([path]), &mut out);
    (ended.map_err(|error| error.to_string()), String::from_utf8(out).expect("a text"))
}

/// Whatever stops a command with an error ends it with exit code 2.
#[test]
fn every_command_stops_at_the_limits() {
    let only = |number: usize| json!({"id": format!("o{number}"), "say": "so", "check": {"only": {"action": "kms:Decrypt", "on": "k1", "allowed": ["kim"]}}});
    let many = changed(|scenario| {
        fill(world(scenario), "/users", |_| json!({}), 300);
        fill(scenario, "/tasks/0/checks", only, 300);
    });
    for arguments in
        [&["run"][..], &["who-can", "kms:Decrypt", "k1", "--scenario"], &["play", "--plain"], &["console"]]
    {
        let (ended, _) = command(arguments, &many);
        let said = ended.expect_err("too much");
        assert!(
            said.contains("stopped after 20,000 decisions, the limit `scenario-decisions`"),
            "{arguments:?}: {said}"
        );
    }
    let (ended, said) = command(&["check"], &many);
    assert_eq!(ended, Ok(Exit::Usage));
    assert!(said.contains("stopped after 20,000 decisions, the limit `scenario-decisions`"), "{said}");
}

#[test]
fn a_proof_takes_no_more_for_each_step_of_a_longer_solution() {
    let taken = |steps: usize| {
        let text = changed(|scenario| {
            let scan = json!({"as": "tess", "do": "dynamodb:Scan", "with": {"TableName": "CustomerData"}});
            fill(scenario, "/solution", |_| scan.clone(), steps);
        });
        let scenario = scenario::read("x.json", &text).expect("a scenario");
        let (flaws, taken) = steps::counted(|| scenario::prove(scenario).expect("within the limits"));
        assert!(flaws.iter().any(|flaw| flaw.proof == "no dead steps"));
        taken
    };
    let (few, many) = (taken(15), taken(30));
    assert!(many < few * 5 / 2, "{few}, then {many}");
}

#[test]
fn a_chain_of_ideas_takes_as_many_steps_as_it_has_links() {
    let base: Scenario = scenario::find("free-empty").expect("embedded");
    let chain = |links: usize, closed: bool| -> (usize, u64) {
        let link = |number: usize| {
            let mut scenario = base.clone();
            scenario.id = format!("c{number}");
            scenario.teaches = vec![format!("x.{number}")];
            scenario.requires = vec![format!("x.{}", (number + 1) % links)];
            if number + 1 == links && !closed {
                scenario.requires.clear();
            }
            scenario
        };
        let all: Vec<Scenario> = (0..links).map(link).collect();
        let all: Vec<&Scenario> = all.iter().collect();
        let (flaws, taken) = steps::counted(|| scenario::prove_together(&all, &[]));
        (flaws.len(), taken)
    };
    assert_eq!(chain(3, true).0, 3);
    let ((none, few), (_, many)) = (chain(500, false), chain(2_000, false));
    assert_eq!(none, 0);
    assert!(many <= few * 9 / 2, "{few}, then {many}");
    // A chain that is longer than any stack would bear.
    assert_eq!(chain(50_000, false).0, 0);
    assert_eq!(chain(1_000, true).0, 1_000);
}

/// Who only leads to a circle is in none.
#[test]
fn what_leads_to_a_circle_is_not_in_it() {
    let base: Scenario = scenario::find("free-empty").expect("embedded");
    let make = |(id, teaches, requires): (&str, &[&str], &[&str])| {
        let mut scenario = base.clone();
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        (scenario.id, scenario.teaches, scenario.requires) = (id.to_owned(), owned(teaches), owned(requires));
        scenario
    };
    let all = [
        ("before", &["a"][..], &["b"][..]),
        ("one", &["b"], &["c"]),
        ("two", &["c"], &["b", "d"]),
        ("after", &["d"], &[]),
        ("itself", &["e"], &["e"]),
        ("again", &["f", "b"], &["d"]),
    ]
    .map(make);
    let all: Vec<&Scenario> = all.iter().collect();
    let flaws = scenario::prove_together(&all, &[]);
    let circles = flaws.iter().filter(|(_, flaw)| flaw.proof == "no circle of ideas");
    let ids: Vec<&str> = circles.map(|(number, _)| all[*number].id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "itself"]);
}

#[test]
fn a_name_with_line_ends_writes_no_line_of_its_own() {
    for name in [
        "x\nzz-forged: sound\na3-key-policy-door: sound",
        "x\r\nzz: sound",
        "x\u{2028}zz: sound",
        "x\u{85}zz: sound",
        "x\u{b}zz: sound",
    ] {
        let text = changed(|scenario| {
            scenario["id"] = json!("zz-forger");
            scenario["also"] = json!([{"name": name, "steps": []}]);
            scenario["title"] = json!(name.chars().take(50).collect::<String>());
            scenario["tasks"][0]["say"] = json!(name);
        });
        for arguments in [&["check"][..], &["run"], &["play", "--plain"]] {
            let (_, said) = command(arguments, &text);
            let forged = said
                .split(['\n', '\r', '\u{2028}', '\u{85}', '\u{b}'])
                .find(|line| line.ends_with(": sound") && !line.starts_with("zz-forger"));
            assert_eq!(
                forged.filter(|line| line.starts_with("zz") || line.starts_with("a3")),
                None,
                "{arguments:?} {said}"
            );
        }
    }
}

#[test]
fn of_many_problems_the_first_are_told_and_the_others_counted() {
    let text = changed(|scenario| scenario["story"] = json!(vec![""; 300]));
    let (_, problems) = scenario::read_with_problems("x.json", &text).expect("it can be read");
    assert_eq!(problems.len(), PROBLEMS.size() + 1);
    assert_eq!(problems.last().map(ToString::to_string).as_deref(), Some("x.json: and 250 more"));
    let policies = changed(|scenario| {
        let bad: Vec<Value> = (0..40).map(|_| json!({"Effect": "Alow", "Action": "s3:*"})).collect();
        for key in ["a", "b"] {
            world(scenario)["keys"][key] = json!({"policy": {"Version": "2012-10-17", "Statement": bad}});
        }
    });
    let (_, problems) = scenario::read_with_problems("x.json", &policies).expect("it can be read");
    assert_eq!(problems.len(), PROBLEMS.size() + 1);
    assert!(problems.last().is_some_and(|last| last.to_string().ends_with(" more")));
    // One index of lines serves all.
    let lines = |count: usize| {
        let story: Vec<String> = vec!["\"\"".to_owned(); count];
        text.replacen(
            &format!("[{}]", vec!["\"\""; 300].join(",")),
            &format!("[\n{}\n]", story.join(",\n")),
            1,
        )
    };
    let steps_of = |count: usize| {
        let text = lines(count);
        let ((), taken) = steps::counted(|| drop(scenario::read_with_problems("x.json", &text)));
        taken
    };
    assert!(steps_of(400) < steps_of(100) * 9 / 2);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_refused_and_a_named_one_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("x.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let path = |path: &Path| path.to_str().expect("a text").to_owned();
    let mut out = Vec::new();
    let ended = cli::run(["check", &path(folder.path())], &mut out).expect("it ends");
    assert_eq!(ended, Exit::Usage);
    assert!(String::from_utf8_lossy(&out).contains("x.json: not a regular file"), "{out:?}");
    let text = changed(|_| ());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, text)
    });
    assert_eq!(cli::run(["run", &path(&pipe)], &mut out).expect("it runs"), Exit::Done);
    writer.join().expect("it ends").expect("written");
}
