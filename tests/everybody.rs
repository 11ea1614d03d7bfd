//! Everybody counts: numbers that people keep, and whom a change takes something from.

use std::collections::BTreeMap;

use kmslab::cloud::who_can::{Detail, May, Tier};
use kmslab::cloud::{Probe, World};
use kmslab::lab::{DocumentId, Entry, Lab};
use kmslab::narration::{LabView, ViewOptions, lab_view};
use kmslab::scenario::{self, accounts, embedded, read_with_problems};
use serde_json::{Value, json};

fn lab(id: &str) -> Lab {
    Lab::open(scenario::find(id).expect("it is embedded"), None).expect("it opens")
}

fn document(id: &str) -> Value {
    let found = embedded().iter().chain(accounts()).find(|scenario| scenario.id.starts_with(id));
    serde_json::from_str(found.expect(id).text).expect("JSON")
}

/// The numbers of those whom the learner may play, with their names, in the order in which they are listed.
fn listed(lab: &Lab) -> Vec<(usize, &str)> {
    let names = lab.personas().iter().map(|persona| persona.name.as_str());
    names.enumerate().map(|(index, name)| (lab.number(index), name)).collect()
}

#[test]
fn everybody_keeps_a_number_through_the_course() {
    let mut cast: BTreeMap<String, usize> = BTreeMap::new();
    for embedded in embedded() {
        let lab = lab(embedded.id);
        for (number, name) in listed(&lab) {
            let known = *cast.entry(name.to_owned()).or_insert(number);
            assert_eq!(known, number, "{name} in {}", embedded.id);
            assert_eq!(lab.numbered(number).map(|index| &*lab.personas()[index].name), Some(name));
        }
        let numbers: Vec<usize> = listed(&lab).into_iter().map(|(number, _)| number).collect();
        assert!(numbers.is_sorted_by(|one, other| one < other), "{}: {numbers:?}", embedded.id);
    }
    for (name, number) in [("kim", 1), ("tess", 2), ("root", 3)] {
        assert_eq!(cast.get(name), Some(&number));
    }
    let mut numbers: Vec<usize> = cast.values().copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), cast.len(), "two share a number: {cast:?}");
}

/// Who may be played in A3, the numbers that the scenario gives, and those that everybody has.
const NUMBERS: [(&[&str], &[(&str, usize)], &[(usize, &str)]); 6] = [
    (&["kim", "tess", "root"], &[], &[(1, "kim"), (2, "tess"), (3, "root")]),
    (&["root", "tess", "kim"], &[], &[(1, "root"), (2, "tess"), (3, "kim")]),
    (&["root", "tess", "kim"], &[("kim", 1)], &[(1, "kim"), (2, "root"), (3, "tess")]),
    (&["root", "tess", "kim"], &[("kim", 2), ("tess", 1)], &[(1, "tess"), (2, "kim"), (3, "root")]),
    (&["tess", "kim"], &[("tess", 9)], &[(1, "kim"), (9, "tess")]),
    (&["tess"], &[("tess", 2)], &[(2, "tess")]),
];

#[test]
fn a_scenario_gives_numbers_and_others_take_the_lowest_that_is_free() {
    for (identities, numbers, wanted) in NUMBERS {
        let mut scenario = document("a3");
        scenario["palette"]["identities"] = json!(identities);
        scenario["palette"]["numbers"] = numbers.iter().map(|(name, n)| (*name, json!(n))).collect();
        scenario["start_as"] = json!(identities[0]);
        let (read, problems) = read_with_problems("a3.json", &scenario.to_string()).expect("a scenario");
        assert!(problems.is_empty(), "{identities:?}: {problems:?}");
        let lab = Lab::open(read, None).expect("it opens");
        assert_eq!(listed(&lab), wanted, "{identities:?} {numbers:?}");
    }
}

#[test]
fn a_number_that_cannot_be_is_refused_with_its_place() {
    for (numbers, complaint) in [
        (json!({"kim": 0}), "from 1 to 9"),
        (json!({"kim": 10}), "from 1 to 9"),
        (json!({"kim": 4, "tess": 4}), "two have this number"),
        (json!({"dana": 4}), "only who stands in `identities`"),
        (json!({"nobody": 4}), "only who stands in `identities`"),
        (json!({"kim": "1"}), "invalid type"),
        (json!({"kim": -1}), "invalid value"),
    ] {
        let mut scenario = document("a3");
        scenario["palette"]["numbers"] = numbers.clone();
        let said = match read_with_problems("a3.json", &scenario.to_string()) {
            Ok((_, problems)) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(error) => error.to_string(),
        };
        assert!(said.contains(complaint), "{numbers}: {said}");
        assert!(said.contains("numbers") || said.contains("a3.json:"), "the place is told: {said}");
    }
}

/// Lines at the console, and who has which number behind each.
const COMERS: [(&str, &[(usize, &str)]); 6] = [
    ("aws iam create-user --user-name zoe", &[(1, "root"), (2, "zoe")]),
    ("aws iam create-user --user-name abe", &[(1, "root"), (2, "zoe"), (3, "abe")]),
    ("aws iam create-user --user-name abe", &[(1, "root"), (2, "zoe"), (3, "abe")]),
    ("aws iam delete-user --user-name zoe", &[(1, "root"), (3, "abe")]),
    ("aws iam create-user --user-name max", &[(1, "root"), (3, "abe"), (4, "max")]),
    ("aws iam create-user --user-name zoe", &[(1, "root"), (2, "zoe"), (3, "abe"), (4, "max")]),
];

#[test]
fn users_are_numbered_as_they_are_made_and_keep_their_numbers() {
    let mut lab = lab("free-empty");
    let mut done: Vec<Entry> = Vec::new();
    for (line, wanted) in COMERS {
        lab.type_text(line);
        assert_eq!(listed(&lab), wanted, "{line}");
        done.extend(lab.take_unsaved());
        // A journal that is done again leads to the same numbers at each point.
        let mut again = self::lab("free-empty");
        again.replay(done.clone()).expect("it is done again");
        assert_eq!(listed(&again), wanted, "done again up to {line}");
    }
    lab.reset();
    lab.type_text("aws iam create-user --user-name max");
    assert_eq!(listed(&lab), [(1, "root"), (2, "max")], "whoever starts again begins to count again");
}

#[test]
fn numbers_of_those_who_come_leave_out_those_of_the_cast() {
    let mut scenario = document("a3");
    scenario["palette"]["identities"] = json!(["kim", "root"]);
    scenario["palette"]["numbers"] = json!({"kim": 4, "root": 2});
    let (read, _) = read_with_problems("a3.json", &scenario.to_string()).expect("a scenario");
    let mut lab = Lab::open(read, Some("root")).expect("it opens");
    for name in ["zoe", "ben", "cas"] {
        lab.type_text(&format!("aws iam create-user --user-name {name}"));
    }
    assert_eq!(listed(&lab), [(2, "root"), (4, "kim"), (1, "zoe"), (3, "ben"), (5, "cas")]);
}

fn view(lab: &Lab) -> LabView {
    lab_view(lab, ViewOptions { hide_spoilers: true, ..ViewOptions::default() })
}

/// Opens the key policy of the sample account's table with these statements and nothing else.
fn draft(lab: &mut Lab, statements: &[Value]) {
    let key = lab.watched_key().expect("the table has a key");
    lab.open_document(DocumentId::KeyPolicy(key));
    lab.set_draft(&json!({"Version": "2012-10-17", "Statement": statements}).to_string());
}

fn allow(principal: &Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"})
}

fn under(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

/// The key policy's statements beside those that leave it to the account, and what they do to everybody.
fn drafts() -> Vec<(Vec<Value>, Vec<&'static str>)> {
    let aws = |principal: &str| json!({"AWS": principal});
    let app = allow(&aws("arn:aws:iam::111122223333:role/ClinicApp"), "kms:Decrypt");
    let tess = aws("arn:aws:iam::111122223333:user/tess");
    let via = json!({"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}});
    let with = |statement: Value| vec![app.clone(), statement];
    vec![
        (vec![app.clone()], vec![]),
        (vec![], vec!["2 of 9 principals lose Decrypt: role/ClinicApp, assumed-role/ClinicApp/app"]),
        (with(allow(&tess, "kms:Decrypt")), vec!["1 of 9 principals gains Decrypt: user/tess"]),
        (
            with(under(allow(&tess, "kms:Decrypt"), via.clone())),
            vec![
                "1 of 8 principals gains Decrypt through dynamodb: user/tess",
                "1 of 9 principals gains Decrypt directly under conditions: user/tess",
            ],
        ),
        (
            vec![under(app.clone(), via)],
            vec![
                "2 of 9 principals keep Decrypt under conditions only: role/ClinicApp, assumed-role/ClinicApp/app",
            ],
        ),
        // An account and a principal that are nowhere here; the first is the one that stands for strangers otherwise.
        (
            with(allow(&aws("999988887777"), "kms:Decrypt")),
            vec!["1 of 10 principals gains Decrypt: account 999988887777"],
        ),
        (
            with(allow(&aws("arn:aws:iam::777788889999:role/reader"), "kms:Decrypt")),
            vec!["1 of 10 principals gains Decrypt: arn:aws:iam::777788889999:role/reader"],
        ),
        (
            with(allow(&aws("arn:aws:iam::444455556666:user/tom"), "kms:Decrypt")),
            vec!["1 of 9 principals gains Decrypt: arn:aws:iam::444455556666:user/tom"],
        ),
        // A service asks for itself, never through another one.
        (
            with(allow(&json!({"Service": "logs.us-east-1.amazonaws.com"}), "kms:Decrypt")),
            vec!["1 of 10 principals gains Decrypt: logs.us-east-1.amazonaws.com"],
        ),
        (
            with(json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/kim"}}})),
            vec![
                "3 of 8 principals lose Decrypt through dynamodb: root, role/ClinicApp, assumed-role/ClinicApp/app",
                "3 of 9 principals lose Decrypt directly: root, role/ClinicApp, assumed-role/ClinicApp/app",
                "1 of 9 principals loses Decrypt directly, which was under conditions: dynamodb.amazonaws.com",
            ],
        ),
        (
            with(allow(&json!("*"), "kms:Decrypt")),
            vec![
                "4 of 8 principals gain Decrypt through dynamodb: arn:aws:iam::444455556666:root, user/ravi, \
                 user/tess, arn:aws:iam::444455556666:user/tom; and anybody in any account",
                "4 of 9 principals gain Decrypt directly: arn:aws:iam::444455556666:root, user/ravi, user/tess, \
                 arn:aws:iam::444455556666:user/tom; and anybody in any account",
                "1 of 9 principals gains Decrypt directly without conditions: dynamodb.amazonaws.com",
            ],
        ),
        // Not about what the key is there for.
        (with(allow(&tess, "kms:DescribeKey")), vec![]),
    ]
}

#[test]
fn a_draft_tells_who_of_everybody_gains_and_loses_and_so_does_applying_it() {
    let opened = lab("free-sample");
    let account = allow(&json!({"AWS": "arn:aws:iam::111122223333:root"}), "kms:*");
    let mut wrong = Vec::new();
    for (statements, expected) in drafts() {
        let mut lab = opened.clone();
        let all: Vec<Value> = std::iter::once(account.clone()).chain(statements.clone()).collect();
        draft(&mut lab, &all);
        let forecast = view(&lab).forecast;
        if forecast != expected {
            wrong.push(format!("{}\n  expected {expected:#?}\n  found {forecast:#?}", json!(statements)));
        }
        assert!(view(&lab).shifted.is_empty(), "nothing is done yet");
        let Ok(made) = lab.apply_draft() else {
            assert_eq!(forecast, [""; 0], "only what changes nothing is not sent");
            continue;
        };
        if let Err(error) = &made.outcome.result {
            // A principal of an account that is nowhere here is nobody.
            assert!(error.to_string().contains("invalid principals"), "{}: {error}", json!(statements));
            assert!(view(&lab).shifted.is_empty(), "what is refused changes nothing");
            continue;
        }
        let after = view(&lab);
        assert!(after.forecast.is_empty(), "{:?}", after.forecast);
        let told = |words: &str| {
            let pairs = [
                ("loses ", "lost "),
                ("lose ", "lost "),
                ("gains ", "gained "),
                ("gain ", "gained "),
                ("keeps ", "kept "),
                ("keep ", "kept "),
            ];
            pairs.iter().fold(words.to_owned(), |words, (now, then)| words.replace(now, then))
        };
        assert_eq!(after.shifted, forecast.iter().map(|words| told(words)).collect::<Vec<_>>());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_done_is_told_whoever_did_it_and_by_whatever_call() {
    let mut lab = lab("free-sample");
    let key = lab.watched_key().expect("the table has a key");
    let put = r#"aws iam put-user-policy --user-name tess --policy-name D --policy-document '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}'"#;
    let delete = "aws iam delete-user-policy --user-name tess --policy-name D";
    for (line, expected) in [
        ("aws kms list-keys".to_owned(), ""),
        (put.to_owned(), "1 of 8 principals gained Decrypt: user/tess"),
        ("aws iam get-user --user-name tess".to_owned(), ""),
        (delete.to_owned(), "1 of 8 principals lost Decrypt: user/tess"),
        (delete.to_owned(), ""),
        (format!("aws kms disable-key --key-id {key}"), ""),
        ("aws iam delete-role-policy --role-name ClinicApp --policy-name none".to_owned(), ""),
        ("aws iam create-user --user-name zoe".to_owned(), ""),
    ] {
        lab.type_text(&line);
        assert_eq!(view(&lab).shifted.first().map_or("", |words| words), expected, "{line}");
    }
}

#[test]
fn the_numbers_are_those_of_who_can() {
    let mut lab = lab("free-sample");
    for (statements, _) in drafts() {
        let account = allow(&json!({"AWS": "arn:aws:iam::111122223333:root"}), "kms:*");
        let all: Vec<Value> = std::iter::once(account).chain(statements.clone()).collect();
        draft(&mut lab, &all);
        let drafted = lab.drafted().expect("it is a policy").clone();
        for shift in &lab.shifts_on_draft().shifts {
            let resource = lab.watched_key().expect("a key");
            let probe = Probe { via: shift.via.clone(), ..Probe::new(&*shift.action, &*resource) };
            let [before, after] = [lab.world(), &drafted].map(|world| answers(world, &probe));
            let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), shift.of, "{}: {shift:?}", json!(statements));
            let of = |all: &BTreeMap<String, May>, name: &str| all.get(name).copied().unwrap_or(May::No);
            // The encryption context of the watched call is met; without one it is left.
            let certain = |name: &&&String| (of(&before, name) == May::Yes) != (of(&after, name) == May::Yes);
            let turned: Vec<&String> = names.iter().filter(certain).copied().collect();
            let told = shift.turned.iter().filter(|(_, was, is)| (*was == May::Yes) != (*is == May::Yes));
            let mut told: Vec<&String> = told.map(|(name, ..)| name).collect();
            told.sort_unstable();
            assert_eq!(told, turned, "{}: {shift:?}", json!(statements));
        }
    }
}

/// Who-can's answers about everybody who is named, by name.
fn answers(world: &World, probe: &Probe) -> BTreeMap<String, May> {
    let mut found = BTreeMap::new();
    for row in world.who_can(probe, Detail::Everybody).rows {
        let may = row.first.may();
        if row.tier != Tier::Anybody && row.name != "any service" {
            let known = found.entry(row.name).or_insert(may);
            *known = may.max(*known);
        }
    }
    found
}
