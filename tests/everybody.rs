//! Everybody counts: numbers that people keep.

use std::collections::BTreeMap;

use kmslab::lab::{Entry, Lab};
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
