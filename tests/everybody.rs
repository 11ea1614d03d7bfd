//! Everybody counts: numbers that people keep, whom a change takes something from, who can be acted as, who is made, and which
//! promises a draft would break.

use std::collections::BTreeMap;

use kmslab::cloud::who_can::{Detail, May, Tier};
use kmslab::cloud::{Call, Caller, Probe, World};
use kmslab::lab::{DocumentId, Entry, Lab};
use kmslab::narration::{self, LabView, Tick, ViewOptions, lab_view};
use kmslab::scenario::{self, CheckStatus, HelpFrom, accounts, embedded, read_with_problems};
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
    let mut cast: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for embedded in embedded() {
        let lab = lab(embedded.id);
        // What somebody does alone at the end of a chapter has other people.
        let is_of_the_cast = lab.scenario().help != HelpFrom::Alone;
        for (number, name) in listed(&lab) {
            if is_of_the_cast {
                let (known, times) = cast.entry(name.to_owned()).or_insert((number, 0));
                *times += 1;
                assert_eq!(*known, number, "{name} in {}", embedded.id);
            }
            assert_eq!(lab.numbered(number).map(|index| &*lab.personas()[index].name), Some(name));
        }
        let numbers: Vec<usize> = listed(&lab).into_iter().map(|(number, _)| number).collect();
        assert!(numbers.is_sorted_by(|one, other| one < other), "{}: {numbers:?}", embedded.id);
    }
    for (name, number) in [("kim", 1), ("tess", 2), ("root", 3)] {
        assert_eq!(cast.get(name).map(|(known, _)| *known), Some(number));
    }
    // There are nine numbers. Who is met once may have another one's.
    let mut numbers: Vec<usize> =
        cast.values().filter(|(_, times)| *times > 1).map(|(known, _)| *known).collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "two who come again share a number: {cast:?}");
}

/// Names, numbers given to some, and who has which number then.
type Numbers = (&'static [&'static str], &'static [(&'static str, usize)], &'static [(usize, &'static str)]);

/// Who may be played in A3, the numbers that the scenario gives, and those that everybody has.
const NUMBERS: [Numbers; 6] = [
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

/// A condition that DynamoDB meets when it asks for a table.
fn through_for(table: &str) -> Value {
    json!({"StringEquals": {
        "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
        "kms:EncryptionContext:aws:dynamodb:tableName": table,
    }})
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
        (vec![], vec!["2 of 9 principals lose Decrypt: role/ClinicApp (and session app)"]),
        (with(allow(&tess, "kms:Decrypt")), vec!["1 of 9 principals gains Decrypt: user/tess"]),
        (
            with(under(allow(&tess, "kms:Decrypt"), via.clone())),
            // A direct request has no kms:ViaService, so such a condition never lets one through.
            vec!["1 of 9 principals gains Decrypt through dynamodb: user/tess"],
        ),
        (
            with(under(allow(&tess, "kms:Decrypt"), through_for("Another"))),
            vec!["1 of 9 principals gains Decrypt through dynamodb under conditions: user/tess"],
        ),
        (
            vec![under(app.clone(), via)],
            vec!["2 of 9 principals lose Decrypt directly: role/ClinicApp (and session app)"],
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
            vec!["1 of 10 principals gains Decrypt directly: logs.us-east-1.amazonaws.com"],
        ),
        (
            with(json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/kim"}}})),
            vec![
                "3 of 9 principals lose Decrypt through dynamodb: root, role/ClinicApp (and session app)",
                "3 of 9 principals lose Decrypt directly: root, role/ClinicApp (and session app)",
                "1 of 9 principals loses Decrypt directly, which was under conditions: dynamodb.amazonaws.com",
            ],
        ),
        (
            with(allow(&json!("*"), "kms:Decrypt")),
            vec![
                "4 of 9 principals gain Decrypt through dynamodb: arn:aws:iam::444455556666:root, user/ravi, \
                 user/tess, arn:aws:iam::444455556666:user/tom; and anybody in any account",
                "4 of 9 principals gain Decrypt directly: arn:aws:iam::444455556666:root, user/ravi, user/tess, \
                 arn:aws:iam::444455556666:user/tom; and anybody in any account",
                "1 of 9 principals gains Decrypt directly, which was under conditions: dynamodb.amazonaws.com",
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
        (put.to_owned(), "1 of 9 principals gained Decrypt: user/tess"),
        ("aws iam get-user --user-name tess".to_owned(), ""),
        (delete.to_owned(), "1 of 9 principals lost Decrypt: user/tess"),
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
        let shifts = lab.shifts_on_draft();
        let mut most = 0;
        for shift in &shifts.shifts {
            let resource = lab.watched_key().expect("a key");
            let probe = shift.way.of(Probe::new(&*shift.action, &*resource));
            let [before, after] = [lab.world(), &drafted].map(|world| answers(world, &probe));
            let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
            names.sort_unstable();
            names.dedup();
            most = most.max(names.len());
            let of = |all: &BTreeMap<String, May>, name: &str| all.get(name).copied().unwrap_or(May::No);
            // The encryption context of the watched call is met; without one it is left.
            let certain = |name: &&&String| (of(&before, name) == May::Yes) != (of(&after, name) == May::Yes);
            let turned: Vec<&String> = names.iter().filter(certain).copied().collect();
            let told = shift.turned.iter().filter(|(_, was, is)| (*was == May::Yes) != (*is == May::Yes));
            let mut told: Vec<&String> = told.map(|(name, ..)| name).collect();
            told.sort_unstable();
            assert_eq!(told, turned, "{}: {shift:?}", json!(statements));
        }
        // One number for all questions: that of the question that most are asked.
        assert!(
            shifts.shifts.is_empty() || shifts.of == most,
            "{} of {most}: {}",
            shifts.of,
            json!(statements)
        );
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

/// Acts as somebody, listed or not.
fn act(lab: &mut Lab, name: &str) {
    let index = lab.listed(name).unwrap_or_else(|| panic!("nobody is called {name}"));
    lab.switch(index);
}

/// The last record of the audit trail.
fn record(lab: &Lab) -> Value {
    let made = lab.history().last().and_then(|step| step.call()).expect("a call");
    made.outcome.events.first().expect("a record").to_json()
}

#[test]
fn everybody_else_is_named_and_taken_on_or_the_reason_is_said() {
    let mut lab = lab("free-sample");
    let account = allow(&json!({"AWS": "arn:aws:iam::111122223333:root"}), "kms:*");
    let others = json!({"AWS": ["999988887777", "arn:aws:sts::111122223333:assumed-role/ClinicApp/night"],
        "Service": "logs.us-east-1.amazonaws.com", "Federated": "accounts.google.com"});
    draft(&mut lab, &[account, allow(&others, "kms:Decrypt")]);
    lab.apply_draft().expect("it is sent").outcome.result.as_ref().expect("it is taken");
    let all = lab.everybody_else();
    let names: Vec<&str> = all.iter().filter_map(|somebody| somebody.name.as_deref()).collect();
    for name in ["role/ClinicApp", "root@444455556666", "logs.us-east-1.amazonaws.com"] {
        assert!(names.contains(&name), "{name}: {all:#?}");
        let mut lab = lab.clone();
        act(&mut lab, name);
        assert_eq!(lab.persona().name, name);
        assert!(lab.everybody_else().iter().all(|somebody| somebody.name.as_deref() != Some(name)), "{name}");
        assert_eq!(lab.number(lab.acting()), 7, "the next that is free");
    }
    for (title, reason) in [
        ("account 999988887777", "the account 999988887777 is not in this world"),
        ("arn:aws:sts::111122223333:assumed-role/ClinicApp/night", "nobody has made this session yet"),
        ("whom accounts.google.com vouches for", "an identity provider vouches for them"),
    ] {
        let somebody =
            all.iter().find(|somebody| somebody.title == title).unwrap_or_else(|| panic!("{all:#?}"));
        let why_not = somebody.why_not.as_deref().unwrap_or_default();
        assert!(somebody.name.is_none() && why_not.contains(reason), "{somebody:?}");
    }
    assert!(names.iter().all(|name| !["kim", "tess", "ravi", "app", "root"].contains(name)), "{names:?}");
    assert_eq!(lab.listed("role/Nobody"), None);
    assert_eq!(lab.listed("root@999988887777"), None);
}

#[test]
fn a_role_acts_as_itself_and_its_records_say_so() {
    let mut lab = lab("free-sample");
    act(&mut lab, "role/ClinicApp");
    assert_eq!(lab.persona().kind(), "role as itself");
    let said = lab.persona().simplified().expect("it is said where it is met");
    assert!(said.contains("AssumeRole"), "{said}");
    let made = lab.ask().expect("a call is watched");
    // What who-can says of the role is what it gets.
    let probe = Probe::new("kms:Decrypt", lab.watched_key().expect("a key"));
    let report = lab.world().who_can(&probe, Detail::Everybody);
    let row = report.rows.iter().find(|row| row.name.ends_with(":role/ClinicApp")).expect("a row");
    let decided = made.outcome.decisions.iter().find(|record| &**record.request.action() == "kms:Decrypt");
    assert_eq!(decided.map(|record| record.decision.is_allowed()), Some(row.may() == May::Yes));
    let role = record(&lab);
    assert_eq!(role["userIdentity"]["type"], "Role", "{role:#}");
    assert_eq!(role["userIdentity"]["arn"], "arn:aws:iam::111122223333:role/ClinicApp");
    let note = role["additionalEventData"]["kmslab"].as_str().expect("a note");
    assert!(note.contains("without AssumeRole"), "{note}");
    // A session of the role is as it was.
    act(&mut lab, "app");
    lab.ask();
    let session = record(&lab);
    assert_eq!(session["userIdentity"]["type"], "AssumedRole", "{session:#}");
    assert!(session["additionalEventData"].get("kmslab").is_none(), "{session:#}");
    // It is kept, and done again to the same end.
    let entries = lab.take_unsaved();
    let mut again = self::lab("free-sample");
    assert!(again.replay(entries).expect("it is done again").is_empty());
    assert_eq!(listed(&again), listed(&lab));
    assert_eq!(record(&again), session);
    assert_eq!(again.history().done().len(), lab.history().done().len());
}

/// Conditions of a statement for a service, and whether its call meets them.
fn for_services() -> Vec<(Option<Value>, bool)> {
    let table = "arn:aws:dynamodb:us-east-1:111122223333:table/CustomerData";
    vec![
        (None, true),
        (Some(json!({"StringEquals": {"aws:SourceAccount": "111122223333"}})), true),
        (Some(json!({"StringEquals": {"aws:SourceAccount": "999988887777"}})), false),
        (Some(json!({"ArnEquals": {"aws:SourceArn": table}})), true),
        (
            Some(json!({"ArnLike": {"aws:SourceArn": "arn:aws:dynamodb:*:111122223333:table/Customer*"}})),
            true,
        ),
        (Some(json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}})), false),
        (Some(json!({"Null": {"aws:SourceArn": "true"}})), false),
        (Some(json!({"Bool": {"aws:PrincipalIsAWSService": "true"}})), true),
        (Some(json!({"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}})), false),
    ]
}

// Source: IAM User Guide, "The confused deputy problem"; KMS Developer Guide, "Permissions for AWS services in key policies".
#[test]
fn a_service_calls_kms_for_a_table_and_its_account() {
    let service = json!({"Service": "logs.us-east-1.amazonaws.com"});
    let account = allow(&json!({"AWS": "arn:aws:iam::111122223333:root"}), "kms:*");
    for (condition, expected) in for_services() {
        let mut lab = lab("free-sample");
        let statement = allow(&service, "kms:GenerateDataKey");
        let statement = match &condition {
            Some(condition) => under(statement, condition.clone()),
            None => statement,
        };
        draft(&mut lab, &[account.clone(), statement]);
        lab.apply_draft().expect("it is sent").outcome.result.as_ref().expect("it is taken");
        act(&mut lab, "logs.us-east-1.amazonaws.com");
        assert_eq!(lab.persona().kind(), "service");
        let input = json!({"KeyId": lab.watched_key(), "KeySpec": "AES_256"});
        let made = lab.call(Call::decode("kms", "GenerateDataKey", input).expect("a call"));
        assert_eq!(
            made.outcome.result.is_ok(),
            expected,
            "{condition:?}: {:?}",
            made.outcome.result.as_ref().err()
        );
        assert_eq!(record(&lab)["userIdentity"]["type"], "AWSService");
        let entries = lab.take_unsaved();
        let mut again = self::lab("free-sample");
        assert!(again.replay(entries).expect("it is done again").is_empty());
        assert_eq!(listed(&again), listed(&lab));
        // What a table holds is its customers' to ask for.
        let scan = lab.ask().expect("a call is watched");
        assert!(scan.outcome.result.is_err());
    }
}

/// A principal that a key policy names, and what is said of making them; then the first words of why not.
const MISSING: [(&str, Result<&str, &str>); 9] = [
    ("arn:aws:iam::111122223333:user/zoe", Ok("user/zoe is there now: iam:CreateUser by ")),
    ("arn:aws:iam::111122223333:role/Robot", Ok("role/Robot is there now: iam:CreateRole by ")),
    ("arn:aws:iam::111122223333:user/staff/north/ann", Ok("user/ann is there now")),
    ("arn:aws:iam::111122223333:role/service-role/Batch", Ok("role/Batch is there now")),
    ("arn:aws:iam::444455556666:user/nora", Err("user/nora would belong to the account 444455556666")),
    ("arn:aws:iam::777788889999:role/reader", Err("role/reader would belong to the account 777788889999")),
    ("arn:aws:iam::111122223333:group/staff", Err("`arn:aws:iam::111122223333:group/staff` cannot be made")),
    ("AIDAQ3EGRIEXAMPLEKMSL", Err("`AIDAQ3EGRIEXAMPLEKMSL` cannot be made")),
    ("arn:aws:s3:::bucket", Err("`arn:aws:s3:::bucket` cannot be made")),
];

#[test]
fn whoever_a_draft_names_and_is_not_there_is_made_or_the_reason_said() {
    for (principal, expected) in MISSING {
        for (who, refused_first) in [("kim", false), ("tess", false), ("kim", true)] {
            let mut lab = lab("free-sample");
            assert!(narration::missing(&lab).is_none());
            let account = allow(&json!({"AWS": "arn:aws:iam::111122223333:root"}), "kms:*");
            draft(
                &mut lab,
                &[
                    account,
                    allow(&json!({"AWS": ["arn:aws:iam::111122223333:user/tess", principal]}), "kms:Decrypt"),
                ],
            );
            if refused_first {
                let made = lab.apply_draft().expect("it is sent");
                assert!(made.outcome.result.is_err(), "{principal}");
            }
            let missing = narration::missing(&lab).unwrap_or_else(|| panic!("{principal} is not found"));
            assert_eq!(missing.principal, principal);
            let found = lab
                .draft()
                .expect("a draft")
                .diagnostics()
                .iter()
                .find(|found| found.code == "bad-principal");
            let span = found.expect("it is underlined").span;
            assert!(span.of(lab.draft().expect("a draft").text()).contains(principal));
            let steps = lab.history().done().len();
            act(&mut lab, who);
            match (narration::make_missing(&mut lab), expected) {
                (Ok(said), Ok(words)) => {
                    assert!(said.starts_with(words), "{said}");
                    let by = if who == "kim" { " by kim" } else { " by root, since tess may not" };
                    assert!(said.ends_with(by), "{said}");
                    act(&mut lab, "kim");
                    assert!(narration::missing(&lab).is_none(), "{principal} is there");
                    let made = lab.apply_draft().expect("it is sent");
                    assert_eq!(made.outcome.result.as_ref().err(), None, "{principal}");
                    let entries = lab.take_unsaved();
                    let mut again = self::lab("free-sample");
                    assert!(again.replay(entries).expect("it is done again").is_empty());
                }
                (Err(said), Err(words)) => {
                    assert!(said.starts_with(words), "{said}");
                    assert_eq!(lab.history().done().len(), steps, "nothing is called");
                }
                (said, _) => panic!("{principal}: {said:?}"),
            }
        }
    }
}

/// Texts for a policy of which some break promises.
fn breaking(text: &str, personas: &[String]) -> Vec<Value> {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut out = Vec::new();
    let Some(statements) = policy["Statement"].as_array().cloned() else { return Vec::new() };
    for n in 0..statements.len() {
        let mut less = policy.clone();
        less["Statement"].as_array_mut().expect("statements").remove(n);
        out.push(less);
    }
    let resource = statements.iter().any(|statement| statement.get("Principal").is_some());
    let mut with = |statement: Value| {
        let mut more = policy.clone();
        more["Statement"].as_array_mut().expect("statements").push(statement);
        out.push(more);
    };
    if resource {
        with(allow(&json!("*"), "kms:*"));
        with(json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}));
        for arn in personas {
            with(allow(&json!({"AWS": arn}), "kms:*"));
        }
    } else {
        with(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        with(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    }
    out
}

#[test]
fn a_promise_that_a_draft_would_break_is_told_on_the_draft_and_once_it_is_broken() {
    let (mut promises, mut drafted, mut broken) = (0, 0, 0);
    // All, or as many as `.ci/run` asks for.
    let step = std::env::var("KMSLAB_EACH").map_or(1, |n| n.parse().expect("KMSLAB_EACH is a number"));
    for embedded in embedded().iter().step_by(step) {
        let opened = lab(embedded.id);
        let count = opened.scenario().invariants.len();
        promises += count;
        let mut seen = vec![false; count];
        let mut really = vec![false; count];
        let arns: Vec<String> = opened
            .personas()
            .iter()
            .filter_map(|persona| {
                opened.world().principal(&persona.caller).ok().map(|principal| principal.name().to_string())
            })
            .collect();
        for document in opened.all_documents() {
            let Some(text) = document.text(opened.world(), &opened.persona().caller) else { continue };
            for text in breaking(&text, &arns) {
                if seen.iter().chain(&really).all(|told| *told) {
                    break;
                }
                let mut lab = opened.clone();
                lab.open_document(document.clone());
                lab.set_draft(&text.to_string());
                let Some(reports) = lab.draft_reports() else { continue };
                let fails = |lab: &Lab, reports: &[scenario::TaskReport]| -> Vec<bool> {
                    let at = lab.current_task().unwrap_or(0);
                    reports[at].invariants.iter().map(|check| check.verdict != CheckStatus::Pass).collect()
                };
                let expected = fails(&lab, reports);
                let view = lab_view(&lab, ViewOptions::default());
                let told: Vec<bool> = view
                    .task
                    .checks
                    .iter()
                    .filter(|check| check.invariant)
                    .map(|check| check.draft.is_some_and(|tick| tick != Tick::Done))
                    .collect();
                assert_eq!(told, expected, "{}: {document:?} {text}", embedded.id);
                expected.iter().enumerate().filter(|(_, fails)| **fails).for_each(|(n, _)| seen[n] = true);
                // For real, by whoever can.
                let call = document.put(lab.world(), &text.to_string()).expect("a call");
                let home = lab.stage().names.home.clone();
                lab.call_for(Caller::Root(home), "root".into(), call);
                let now = fails(&lab, lab.reports());
                let view = lab_view(&lab, ViewOptions::default());
                let told: Vec<bool> = view
                    .task
                    .checks
                    .iter()
                    .filter(|check| check.invariant)
                    .map(|check| check.applied != Tick::Done)
                    .collect();
                assert_eq!(told, now, "{}: {document:?} {text}", embedded.id);
                now.iter().enumerate().filter(|(_, fails)| **fails).for_each(|(n, _)| really[n] = true);
            }
        }
        for (n, invariant) in opened.scenario().invariants.iter().enumerate() {
            if !seen[n] || !really[n] {
                println!("{}: {} drafted {} really {}", embedded.id, invariant.say, seen[n], really[n]);
            }
        }
        drafted += seen.iter().filter(|seen| **seen).count();
        broken += really.iter().filter(|really| **really).count();
    }
    println!("{promises} promises, {drafted} broken on a draft, {broken} for real");
    assert!(drafted * 3 >= promises * 2 && broken * 2 >= promises, "{promises} {drafted} {broken}");
}
