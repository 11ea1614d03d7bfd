//! What the format has come to have since its first version: each field does what it says, a slip of the pen is told at its
//! line, and the files of the first version can still be read and played.

use std::fs;
use std::path::Path;

use kmslab::scenario::{self, Play, Scenario, Stage};
use serde_json::{Value, json};

/// The smallest scenario, to be changed.
fn smallest() -> Value {
    serde_json::from_str(include_str!("../assets/new-scenario.json").replace("NAME", "x1-grown").as_str())
        .expect("JSON")
}

fn problems(document: &Value) -> Vec<String> {
    match scenario::read_with_problems("x.json", &format!("{document:#}")) {
        Ok((_, problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

fn stage(document: &Value) -> Stage {
    let read = scenario::read("x.json", &document.to_string()).unwrap_or_else(|e| panic!("{e}"));
    read.build().unwrap_or_else(|e| panic!("{e}"))
}

/// Whether a check passes at the end of some steps; the note else.
fn asked(mut document: Value, steps: &Value, check: &Value) -> Result<(), String> {
    document["solution"] = steps.clone();
    document["invariants"] = json!([{"id": "asked", "say": "it is so", "check": check}]);
    let stage = stage(&document);
    let mut play = Play::new(&stage);
    for step in &stage.scenario.solution {
        assert_eq!(play.step(step).unmet, None, "{steps}");
    }
    let reports = play.evaluate();
    let found = &reports[0].invariants[0];
    if found.verdict == scenario::CheckStatus::Pass { Ok(()) } else { Err(found.note.clone()) }
}

fn at(document: &mut Value, pointer: &str) -> Value {
    document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")).take()
}

fn account(document: &mut Value) -> &mut Value {
    document.pointer_mut("/world/accounts/111122223333").expect("the account")
}

fn decision(who: &str, action: &str, on: &str, is: &str) -> Value {
    json!({"decision": {"probe": {"as": who, "action": action, "on": on}, "is": is}})
}

const WAIT: &str = r#"[{"wait": "+1s"}]"#;

fn wait() -> Value {
    serde_json::from_str(WAIT).expect("JSON")
}

/// The scenario files as they were when they first stood in the repository.
#[test]
fn the_files_of_the_first_version_can_be_read_and_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/first-scenarios");
    let mut read = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        let name = path.display().to_string();
        let stage = scenario::read(&name, &text).and_then(Scenario::build).unwrap_or_else(|e| panic!("{e}"));
        let mut play = Play::new(&stage);
        for step in &stage.scenario.solution {
            assert_eq!(play.step(step).unmet, None, "{name}");
            play.evaluate();
        }
        assert!(play.evaluate().iter().all(|task| task.is_done), "{name}");
        read += 1;
    }
    assert_eq!(read, 15);
}

#[test]
fn worlds_have_tags_rotation_grants_backups_and_sort_keys() {
    let mut document = smallest();
    let account = account(&mut document);
    account["users"]["tess"]["tags"] = json!({"team": "blue"});
    account["roles"] = json!({"App": {"tags": {"team": "red"}, "trust": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}}});
    account["keys"]["k1"]["rotation"] = json!(true);
    account["keys"]["k1"]["grants"] =
        json!([{"to": "tess", "operations": ["Encrypt"], "context": {"case": "7"}, "save": "loan"}]);
    account["keys"]["west"] = json!({"region": "us-west-2"});
    account["tables"]["Notes"]["range"] = json!("Page");
    account["tables"]["Notes"]["types"] = json!({"Page": "N"});
    account["tables"]["Notes"]["items"] = json!([{"Id": "1", "Page": 2, "Text": "the door code is 4711"}]);
    account["tables"]["Notes"]["backups"] = json!(["monday"]);
    let by_tag = json!([{"as": "kim", "do": "kms:PutKeyPolicy", "with": {"KeyId": "k1", "add": {"Effect": "Allow",
        "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}}}]);
    let rows = [
        (by_tag.clone(), decision("tess", "kms:Decrypt", "k1", "allow"), true),
        (wait(), decision("tess", "kms:Decrypt", "k1", "allow"), false),
        (
            wait(),
            json!({"outcome": {"as": "kim", "do": "kms:GetKeyRotationStatus", "with": {"KeyId": "k1"}, "contains": "true"}}),
            true,
        ),
        (
            wait(),
            json!({"outcome": {"as": "tess", "do": "kms:Encrypt", "with": {"KeyId": "k1", "Plaintext": "eA==", "EncryptionContext": {"case": "7"}}}}),
            true,
        ),
        (
            wait(),
            json!({"outcome": {"as": "tess", "do": "kms:Encrypt", "with": {"KeyId": "k1", "Plaintext": "eA==", "EncryptionContext": {"case": "8"}}}}),
            false,
        ),
        (
            json!([{"as": "kim", "do": "kms:RevokeGrant", "with": {"KeyId": "k1", "GrantId": "{{loan.GrantId}}"}}]),
            decision("tess", "kms:Encrypt", "k1", "deny"),
            true,
        ),
        (
            wait(),
            json!({"outcome": {"as": "kim", "do": "dynamodb:GetItem", "with": {"TableName": "Notes", "Key": {"Id": {"S": "1"}, "Page": {"N": "2"}}}, "contains": "4711"}}),
            true,
        ),
        (
            wait(),
            json!({"outcome": {"as": "kim", "do": "dynamodb:DescribeBackup", "with": {"BackupArn": "{{monday.BackupDetails.BackupArn}}"}, "contains": "monday"}}),
            true,
        ),
        (
            wait(),
            json!({"outcome": {"as": "kim", "do": "iam:GetRole", "with": {"RoleName": "App"}, "contains": "red"}}),
            true,
        ),
        (
            wait(),
            json!({"outcome": {"as": "kim", "do": "kms:ListKeys", "with": {}, "contains": "us-west-2"}}),
            false,
        ),
    ];
    for (steps, check, wanted) in rows {
        let found = asked(document.clone(), &steps, &check);
        assert_eq!(found.is_ok(), wanted, "{check}: {found:?}");
    }
    let stage = stage(&document);
    assert!(stage.names.key(&stage.world, "west").expect("a key").contains(":us-west-2:"));
}

#[test]
fn policies_are_put_together_from_named_statements() {
    let mut document = smallest();
    document["statements"] = json!({
        "door": {"Effect": "Allow", "Principal": {"AWS": "{{tess}}"}, "Action": "kms:Encrypt", "Resource": "*"}
    });
    account(&mut document)["keys"]["k1"]["policy"] = json!(["account", "admin:kim", "reader:tess", "door"]);
    let rows = [
        ("tess", "kms:Decrypt", "allow"),
        ("tess", "kms:Encrypt", "allow"),
        ("tess", "kms:PutKeyPolicy", "deny"),
        ("kim", "kms:PutKeyPolicy", "allow"),
        ("root", "kms:ScheduleKeyDeletion", "allow"),
    ];
    for (who, action, is) in rows {
        assert_eq!(
            asked(document.clone(), &wait(), &decision(who, action, "k1", is)),
            Ok(()),
            "{who} {action}"
        );
    }
    let put = json!([{"as": "kim", "do": "kms:PutKeyPolicy", "with": {"KeyId": "k1", "Policy": ["account", "door"]}}]);
    assert_eq!(asked(document.clone(), &put, &decision("tess", "kms:Decrypt", "k1", "deny")), Ok(()));
    account(&mut document)["keys"]["k1"]["policy"] = json!(["acount"]);
    let unknown = scenario::read("x.json", &document.to_string()).and_then(Scenario::build);
    let said = unknown.map(|_| ()).expect_err("no such statement").to_string();
    assert!(said.contains("no statement is called `acount`") && said.contains("k1"), "{said}");
}

/// What a step puts into a policy may be called by its name, too.
#[test]
fn statements_are_added_and_replaced_by_name() {
    let mut document = smallest();
    let reads = |action: &str| json!({"Sid": "Tess", "Effect": "Allow", "Principal": {"AWS": "{{tess}}"}, "Action": action, "Resource": "*"});
    document["statements"] = json!({"encrypts": reads("kms:Encrypt"), "decrypts": reads("kms:Decrypt")});
    let put = |with: Value| json!({"as": "kim", "do": "kms:PutKeyPolicy", "with": with});
    let add = put(json!({"KeyId": "k1", "add": ["encrypts", "reader:kim"]}));
    let replace = put(json!({"KeyId": "k1", "replace": "decrypts"}));
    let rows = [
        (json!([add]), "kms:Encrypt", "allow"),
        (json!([add, replace]), "kms:Encrypt", "deny"),
        (json!([add, replace]), "kms:Decrypt", "allow"),
    ];
    for (steps, action, is) in rows {
        let found = asked(document.clone(), &steps, &decision("tess", action, "k1", is));
        assert_eq!(found, Ok(()), "{steps} {action}");
    }
}

fn role() -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "{{kim}}"}, "Action": "sts:AssumeRole"}
    ]});
    json!({"App": {"trust": trust, "attach": ["AdministratorAccess"]}})
}

/// A role by its name stands for its sessions.
#[test]
fn a_role_can_be_among_those_who_may() {
    let mut document = smallest();
    account(&mut document)["roles"] = role();
    let only = |allowed: Value| json!({"only": {"action": "kms:Decrypt", "on": "k1", "allowed": allowed}});
    assert_eq!(asked(document.clone(), &wait(), &only(json!(["kim", "root", "App"]))), Ok(()));
    let without = asked(document.clone(), &wait(), &only(json!(["kim", "root"]))).expect_err("the role may");
    assert!(without.contains("the role App"), "{without}");
    document["invariants"][0]["check"] = only(json!(["Apps"]));
    let said = problems(&document);
    assert!(said.iter().any(|problem| problem.contains("nobody is called `Apps` here")), "{said:?}");
}

#[test]
fn a_principal_calls_from_one_place() {
    let mut document = smallest();
    account(&mut document)["roles"] = role();
    document["world"]["endpoints"] = json!({"vpce-1a2b3c4d": {"vpc": "vpc-app", "service": "dynamodb"}});
    document["world"]["from"] = json!({"in": {"vpc": "vpc-app"}, "out": {"address": "203.0.113.66"}});
    let mut sessions = |name: &str| {
        document["world"]["sessions"] = json!({"in": {"role": "App", "by": "kim", "name": "app"}, "out": {"role": "App", "by": "kim", "name": name}});
        scenario::read("x.json", &document.to_string()).and_then(Scenario::build).map(|_| ())
    };
    sessions("elsewhere").expect("two sessions");
    let said = sessions("app").expect_err("one session twice").to_string();
    assert!(said.contains("from where out calls") && said.contains("in is the same principal"), "{said}");
}

/// What was so while a promise was broken has not been done, and so does not go back.
#[test]
fn a_check_that_passes_under_a_broken_promise_has_not_passed() {
    let mut document = smallest();
    let statement = json!({"Sid": "Wide", "Effect": "Allow", "Principal": {"AWS": "{{tess}}"}, "Action": "kms:*", "Resource": "*"});
    let put = |edit: &str, what: Value| json!({"as": "kim", "do": "kms:PutKeyPolicy", "with": {"KeyId": "k1", edit: what}});
    let detour = [put("add", statement), put("remove", json!("Wide"))];
    let own = at(&mut document, "/solution");
    let all: Vec<Value> = detour.into_iter().chain(own.as_array().expect("steps").clone()).collect();
    document["solution"] = json!(all);
    let scenario = scenario::read("x.json", &document.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let flaws = scenario::prove(scenario).unwrap_or_else(|e| panic!("{e}"));
    assert!(flaws.iter().all(|flaw| flaw.proof != "no check goes back"), "{flaws:?}");
}

/// `allows_only` says nothing about what has come since the start, unless it names it.
#[test]
fn a_key_that_the_solution_makes_is_widened_and_nothing_objects() {
    let mut document = smallest();
    let steps = document["solution"].as_array_mut().expect("steps");
    steps.push(json!({"as": "kim", "do": "kms:CreateKey", "with": {}}));
    document["invariants"] = json!([
        {"id": "tight", "say": "no more than that", "check": {"allows_only": {"more": {"tess": ["kms:Decrypt", "kms:DescribeKey"]}}}}
    ]);
    let found = scenario::excesses(&stage(&document)).expect("a world");
    let of_the_new_key = |flaw: &&scenario::Flaw| flaw.message.contains("kms:* for Principal");
    assert!(found.made > 20, "{found:?}");
    assert_eq!(found.flaws.iter().filter(of_the_new_key).count(), 1, "{found:?}");
}

#[test]
fn paths_begin_like_others() {
    let mut document = smallest();
    let mut longer = at(&mut document, "/solution/0");
    longer["with"]["add"]["Action"] = json!("kms:Encrypt");
    let first = smallest()["solution"][0].clone();
    document["solution"] = json!([{"wait": "+1s"}, first]);
    document["wrong"][0] = json!({"name": "the wrong action", "like": "solution", "until": 1, "steps": [longer], "feedback": "wrong-action"});
    document["also"] = json!([{"name": "later", "like": "solution", "steps": [{"wait": "+5m"}]}]);
    let read = scenario::read("x.json", &document.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let steps = |like: &str, until| read.first_steps(Some(like), until).len();
    assert_eq!([steps("solution", None), steps("solution", Some(1)), steps("later", None)], [2, 1, 3]);
    // The wait is dead, everything else holds.
    let flaws = scenario::prove(read).expect("a proof");
    let said: Vec<&str> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
    assert_eq!(said, ["without step 1 the solution works as well"]);
    for (change, words) in [
        (json!({"like": "nowhere"}), "no path before this one is called `nowhere`"),
        (json!({"like": "solution", "until": 9}), "`solution` has 2 steps"),
        (json!({"like": "solution", "until": 0}), "`solution` has 2 steps"),
        (json!({"until": 1}), "`until` is said of the path that `like` names"),
        (json!({"like": "later"}), "no path before this one is called `later`"),
    ] {
        let mut document = document.clone();
        let path = document["also"][0].as_object_mut().expect("a path");
        path.remove("like");
        path.extend(change.as_object().cloned().expect("fields"));
        assert!(
            problems(&document).iter().any(|said| said.contains(words)),
            "{change}: {:?}",
            problems(&document)
        );
    }
}

#[test]
fn records_are_counted_up_to_an_operation() {
    let scan = json!({"as": "kim", "do": "dynamodb:Scan", "with": {"TableName": "Notes"}});
    let describe = json!({"as": "kim", "do": "kms:DescribeKey", "with": {"KeyId": "k1"}});
    let disable = json!({"as": "kim", "do": "kms:DisableKey", "with": {"KeyId": "k1"}});
    let steps = json!([scan, describe, scan, disable, describe]);
    let scans = |extra: Value| {
        let mut check = json!({"event": "Scan"});
        check.as_object_mut().expect("fields").extend(extra.as_object().cloned().expect("fields"));
        json!({"audit": check})
    };
    let rows = [
        (json!({"until": "DescribeKey", "at_least": 1, "at_most": 1}), true),
        (json!({"until": "DisableKey", "at_least": 2, "at_most": 2}), true),
        (json!({"since": "DescribeKey", "until": "DisableKey", "at_most": 0}), true),
        (json!({"until": "EnableKey", "at_least": 2}), true),
        (json!({"until": "DescribeKey", "at_least": 2}), false),
    ];
    for (extra, wanted) in rows {
        let found = asked(smallest(), &steps, &scans(extra.clone()));
        assert_eq!(found.is_ok(), wanted, "{extra}: {found:?}");
    }
    let mut document = smallest();
    document["invariants"] =
        json!([{"id": "a", "say": "so", "check": {"audit": {"event": "Scan", "until": "Disable"}}}]);
    assert!(problems(&document).iter().any(|said| said.contains("no operation has that name")));
}

#[test]
fn the_trail_keeps_what_happened_before_and_steps_can_come_early() {
    let mut document = smallest();
    document["world"]["before"] = json!([{"as": "kim", "do": "kms:DescribeKey", "with": {"KeyId": "k1"}}]);
    let seen = json!({"audit": {"event": "DescribeKey", "by": "kim"}});
    assert!(asked(document.clone(), &wait(), &seen).is_err(), "it begins empty");
    document["world"]["keep_events"] = json!(true);
    assert_eq!(asked(document.clone(), &wait(), &seen), Ok(()));
    let setting_up = json!({"audit": {"event": "CreateKey", "at_least": 1}});
    assert!(asked(document, &wait(), &setting_up).is_err(), "setting up is no story");
    // A key policy names a user whom a step makes.
    let mut document = smallest();
    document["world"]["early"] =
        json!([{"as": "root", "do": "iam:CreateUser", "with": {"UserName": "nina"}}]);
    account(&mut document)["keys"]["k1"]["policy"] = json!(["account", "reader:nina"]);
    assert_eq!(asked(document, &wait(), &decision("nina", "kms:Decrypt", "k1", "allow")), Ok(()));
}

#[test]
fn a_session_that_the_learner_makes_can_be_asked_about() {
    let mut document = smallest();
    account(&mut document)["roles"] = json!({"App": {"attach": ["AmazonDynamoDBReadOnlyAccess"], "trust": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}}});
    let assume = json!([{"as": "kim", "do": "sts:AssumeRole", "with": {"RoleArn": "arn:aws:iam::111122223333:role/App", "RoleSessionName": "learner"}}]);
    let scan = decision("session-of:App", "dynamodb:Scan", "Notes", "allow");
    assert_eq!(asked(document.clone(), &assume, &scan), Ok(()));
    let said = asked(document.clone(), &wait(), &scan).expect_err("there is none");
    assert!(said.contains("nobody has a session of the role App"), "{said}");
    document["invariants"] = json!([{"id": "a", "say": "so", "check": decision("session-of:Ap", "dynamodb:Scan", "Notes", "allow")}]);
    assert!(problems(&document).iter().any(|said| said.contains("no role is called `Ap`")));
}

#[test]
fn what_is_watched_can_be_said() {
    let mut document = smallest();
    document["watch"] =
        json!({"do": "dynamodb:GetItem", "with": {"TableName": "{{Notes}}", "Key": {"Id": {"S": "1"}}}});
    let stage = stage(&document);
    let call = stage.watched(&stage.world).expect("a call");
    assert_eq!(call.action(), "dynamodb:GetItem");
    document["watch"]["do"] = json!("dynamodb:Get");
    assert!(problems(&document).iter().any(|said| said.contains("there is no operation `dynamodb:Get`")));
}

/// Slips inside of policies are told where they stand.
#[test]
fn slips_in_policies_are_told_at_their_line() {
    let mut rows = Vec::new();
    let mut document = smallest();
    document["solution"][0]["with"]["add"]["Action"] = json!("kms:Decript");
    rows.push((document, "\"Action\": \"kms:Decript\"", "did you mean `kms:Decrypt`"));
    let mut document = smallest();
    account(&mut document)["users"]["tess"]["inline"] = json!({"P": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["dynamodb:Scan", "dynamodb:GetItm"], "Resource": "*"}]}});
    rows.push((document, "\"dynamodb:GetItm\"", "did you mean `dynamodb:GetItem`"));
    let mut document = smallest();
    document["wrong"][0]["steps"][0]["with"] = json!({"KeyId": "k1", "Policy": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Alow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}});
    rows.push((document, "\"Effect\": \"Alow\"", "Allow"));
    let mut document = smallest();
    document["tasks"][0]["checks"][0]["check"] = decision("tess", "kms:Decryptt", "k1", "allow");
    rows.push((document, "\"action\": \"kms:Decryptt\"", "did you mean `kms:Decrypt`"));
    for (document, wrong, words) in rows {
        let text = format!("{document:#}");
        let line = text.lines().position(|line| line.contains(wrong)).expect(wrong) + 1;
        let said = problems(&document);
        let told = said.iter().find(|said| said.contains(words));
        let told = told.unwrap_or_else(|| panic!("{wrong}: {said:?}"));
        assert!(told.starts_with(&format!("x.json:{line}:")), "{told}, not in line {line}");
    }
}

/// What is missing is told all at once.
#[test]
fn every_missing_field_is_told_in_one_answer() {
    let mut document = smallest();
    for field in ["title", "clock", "solution"] {
        document.as_object_mut().expect("fields").remove(field);
    }
    document["tasks"][0].as_object_mut().expect("fields").remove("hints");
    document["tasks"][0]["hint"] = json!("Look.");
    document["tasks"][0]["checks"][0]["check"]["outcome"].as_object_mut().expect("fields").remove("as");
    document["wrong"][0].as_object_mut().expect("fields").remove("feedback");
    let said = problems(&document);
    for (place, words) in [
        ("x.json:1:1:", "missing fields `title`, `clock`, `solution`"),
        ("x.json:", "missing field `hints` in `tasks.0`"),
        ("x.json:", "unknown field `hint`"),
        ("x.json:", "missing field `as` in `tasks.0.checks.0.check.outcome`"),
        ("x.json:", "missing field `feedback` in `wrong.0`"),
    ] {
        assert!(
            said.iter().any(|said| said.starts_with(place) && said.contains(words)),
            "{words}: {said:#?}"
        );
    }
}

/// What is told of a step names what its placeholders stand for.
#[test]
fn what_a_step_was_about_is_told_without_placeholders() {
    let mut document = smallest();
    document["solution"] = json!([
        {"as": "kim", "do": "dynamodb:Scan", "with": {"TableName": "{{Notes}}"}},
        {"as": "kim", "do": "kms:DescribeKey", "with": {"KeyId": "{{alias/notes}}"}},
        {"as": "kim", "do": "kms:DescribeKey", "with": {"KeyId": "k1"}},
    ]);
    let stage = stage(&document);
    let mut play = Play::new(&stage);
    let told: Vec<String> = stage.scenario.solution.iter().map(|step| play.step(step).what).collect();
    let key = stage.names.key(&stage.world, "k1").expect("a key");
    let table = "arn:aws:dynamodb:us-east-1:111122223333:table/Notes";
    let wanted =
        [format!("dynamodb:Scan {table}"), format!("kms:DescribeKey {key}"), "kms:DescribeKey k1".to_owned()];
    assert_eq!(told, wanted);
}

fn with_a_neighbour(document: &mut Value) {
    document["world"]["accounts"]["444455556666"] = json!({"users": {"nina": {}}});
    account(document)["keys"]["k1"]["policy"] = json!(["account", "reader:nina"]);
    account(document)["tables"]["Notes"]["key"] = json!("k1");
}

/// Somebody of another account needs two yeses, and the note says which one is missing.
#[test]
fn the_reason_for_a_neighbour_says_which_account_refuses() {
    let mut document = smallest();
    with_a_neighbour(&mut document);
    let said = asked(document.clone(), &wait(), &decision("nina", "kms:Decrypt", "k1", "allow"))
        .expect_err("refused");
    assert_eq!(
        said,
        "the key policy lets user nina of account 444455556666 in, but across accounts IAM policies there must allow it \
         too, and nina has no IAM policy"
    );
    let nina = &mut document["world"]["accounts"]["444455556666"]["users"]["nina"];
    *nina = json!({"inline": {"Own": {"Version": "2012-10-17", "Statement": [
        {"Sid": "There", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}}});
    let said = asked(document, &wait(), &decision("nina", "kms:Decrypt", "k1", "deny")).expect_err("allowed");
    assert_eq!(
        said,
        "the key policy lets user nina of account 444455556666 in, and statement \"There\" of the policy Own allows it"
    );
}

/// The call that is watched can be made by everybody who can be played, and its answer turns on some path.
#[test]
fn the_watched_call_fits_whoever_plays_and_shows_the_flip() {
    let table = |document: &Value| {
        let stage = stage(document);
        stage.watched(&stage.world).expect("a call").input.to_json()["TableName"].clone()
    };
    let arn = json!("arn:aws:dynamodb:us-east-1:111122223333:table/Notes");
    let mut document = smallest();
    assert_eq!(table(&document), json!("Notes"));
    document["tasks"][0]["checks"][0]["check"]["outcome"]["with"]["TableName"] = json!("{{Notes}}");
    assert_eq!(
        table(&document),
        json!("Notes"),
        "the name is filled in, and people of the account need no more"
    );
    with_a_neighbour(&mut document);
    document["palette"] = json!({"identities": ["kim", "tess", "nina"]});
    assert_eq!(table(&document), arn, "a bare name would be a table of nina's own account");

    let told = |document: &Value| -> Vec<String> {
        let flaws = scenario::craft(&stage(document)).into_iter();
        flaws.filter(|flaw| flaw.proof == "the watched call never flips").map(|flaw| flaw.message).collect()
    };
    let mut document = smallest();
    assert_eq!(told(&document), [""; 0]);
    document["watch"] = json!({"do": "dynamodb:DescribeTable", "with": {"TableName": "Notes"}});
    let said = told(&document);
    assert!(said.len() == 1 && said[0].contains("name in `watch` the call"), "{said:?}");
    // It is enough that one mistake turns it.
    document["watch"] = json!({"do": "kms:Encrypt", "with": {"KeyId": "k1", "Plaintext": "eA=="}});
    assert_eq!(told(&document), [""; 0]);
    document["wrong"][0]["steps"][0] = json!({"wait": "+1s"});
    assert_eq!(told(&document).len(), 1);
}

/// A prediction with the question for its reason.
fn with_a_reason() -> Value {
    let mut document = smallest();
    let claim = |is: &str| decision("tess", "kms:Decrypt", "k1", is);
    let because = |is: &str, because: Value| {
        let mut claim = claim(is);
        claim["decision"]["because"] = because;
        claim
    };
    document["tasks"][0]["predict"] = json!([{
        "id": "p1",
        "ask": "Her scan?",
        "choices": [{"text": "Denied", "claim": claim("deny")}, {"text": "Allowed", "claim": claim("allow")}],
        "why": {"id": "p1-why", "choices": [
            {"text": "A statement denies it", "claim": because("deny", json!({"how": "explicitDeny"})), "say": "There is no Deny."},
            {"text": "Nothing allows it", "claim": because("deny", json!({"how": "noAllow"})), "say": "Right."},
            {"text": "Her policy is enough", "claim": because("allow", json!({"layer": "identity"})), "say": "It is not."},
        ]},
    }]);
    document
}

/// The reason of a prediction is a question of its own, right behind it, and as sound as any.
#[test]
fn a_prediction_can_ask_for_its_reason() {
    let document = with_a_reason();
    let read = stage(&document);
    let asked: Vec<(&str, &str, Option<&str>)> = (read.scenario.predictions())
        .map(|one| (one.id.as_str(), one.ask.as_str(), one.reason_of.as_deref()))
        .collect();
    assert_eq!(asked, [("p1", "Her scan?", None), ("p1-why", "And why?", Some("p1"))]);
    assert_eq!((read.right_choice("p1"), read.right_choice("p1-why")), (Some(0), Some(1)));
    // A verdict with a reason needs no third choice.
    assert!(
        scenario::craft(&read).iter().all(|flaw| flaw.proof != "two choices"),
        "{:?}",
        scenario::craft(&read)
    );
    let mut two = document.clone();
    two["tasks"][0]["predict"][0].as_object_mut().expect("a question").remove("why");
    assert!(scenario::craft(&stage(&two)).iter().any(|flaw| flaw.proof == "two choices"));

    let mut none = document.clone();
    none["tasks"][0]["predict"][0]["why"]["choices"][1]["claim"]["decision"]["is"] = json!("allow");
    let flaws = scenario::prove(stage(&none).scenario).expect("a proof");
    let said: Vec<&str> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
    assert!(
        said.iter().any(|said| said.contains("0 choices of the question `p1-why` are right")),
        "{said:?}"
    );

    for (change, at, words) in [
        (
            (|why| drop(why["choices"][2].as_object_mut().expect("a choice").remove("say")))
                as fn(&mut Value),
            "Her policy is enough",
            "a reason has a `say`",
        ),
        (|why| why["id"] = json!("p1"), "\"id\": \"p1\"", "the id `p1` is used twice"),
        (|why| why["choices"] = json!([why["choices"][0]]), "choices", "a question has two to six choices"),
        (
            |why| why["choices"][0]["myth"] = json!("M99"),
            "\"myth\": \"M99\"",
            "`M99` is not among the scenario's `myths`",
        ),
        (|why| why["because"] = json!("x"), "", "unknown field `because`"),
    ] {
        let mut document = document.clone();
        change(&mut document["tasks"][0]["predict"][0]["why"]);
        let text = format!("{document:#}");
        let said = problems(&document);
        let told =
            said.iter().find(|said| said.contains(words)).unwrap_or_else(|| panic!("{words}: {said:?}"));
        let line: usize = told.split(':').nth(1).and_then(|line| line.parse().ok()).expect("a line");
        let near: String = text.lines().skip(line - 1).take(8).collect();
        assert!(near.contains(at), "{told}: {near}");
    }
    let mut cell = document;
    cell["tasks"][0]["predict"][0]["cell"] = json!({"row": "tess", "column": "Notes"});
    assert!(problems(&cell).iter().any(|said| said.contains("a question with a `cell` has no `why`")));
}

/// A file of two by two variants.
fn with_variants() -> Value {
    let text = smallest().to_string().replace("tess", "{{variant:who}}").replace("4711", "{{variant:code}}");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    document["variants"] = json!({"who": ["tess", "dana"], "code": ["4711", "0815"]});
    document
}

/// The seed picks a variant, the same one each time, and everything of the scenario is about it.
#[test]
fn a_file_can_be_several_scenarios() {
    let mut titles = std::collections::BTreeSet::new();
    for seed in [0, 1, 2, 3, 4] {
        let mut document = with_variants();
        document["seed"] = json!(seed);
        let first = stage(&document);
        let chosen = first.scenario.chosen();
        let (who, code) = (chosen["who"].to_owned(), chosen["code"].to_owned());
        titles.insert((first.scenario.title.clone(), code.clone()));
        assert_eq!(first.scenario.title, format!("Name {who} in the key policy"));
        assert!(first.names.caller_in(&first.world, &who).is_some(), "{who} is a user");
        let flaws = scenario::prove(first.scenario.clone()).expect("a proof");
        assert_eq!(flaws, [], "{who} {code}");
        assert_eq!(stage(&document).scenario, first.scenario);
        let read = json!({"outcome": {"as": "kim", "do": "dynamodb:Scan", "with": {"TableName": "Notes"}, "contains": code}});
        assert_eq!(asked(document, &wait(), &read), Ok(()));
    }
    assert_eq!(titles.len(), 4, "{titles:?}");
    let all = scenario::read_all("x.json", &with_variants().to_string()).expect("readable");
    let all: std::collections::BTreeSet<String> =
        all.iter().map(|(one, problems)| format!("{:?}{problems:?}", one.chosen())).collect();
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!(scenario::read_all("x.json", &smallest().to_string()).expect("readable").len(), 1);
}

/// What is wrong with variants, and with the rest of such a file, is told where it stands in the file.
#[test]
fn slips_in_variants_are_told_at_their_place() {
    let rows: [(&str, &str, &str); 11] = [
        (r#""variants": ["x"]"#, r#"["x"]"#, "`variants` is an object"),
        (r#""variants": {"who": "x"}"#, r#""x""#, "a variant is a list of texts"),
        (r#""variants": {"who": ["x"]}"#, r#"["x"]"#, "a variant has two texts or more"),
        (r#""variants": {"who": ["x", "x"]}"#, r#""x"]"#, "this is in the list already"),
        (r#""variants": {"who": ["x", "a\"b"]}"#, r#""a\"b""#, "without quotes, backslashes and braces"),
        (r#""variants": {"who": ["x", ""]}"#, r#""""#, "a variant is a text of one line"),
        (r#""variants": {"w o": ["x", "y"]}"#, r#"["x""#, "made of letters, digits and `-`"),
        (
            r#""variants": {"other": ["x", "y"]}"#,
            "{{variant:who}}",
            "no variant is called so; `variants` has other",
        ),
        (
            r#""variants": {"who": ["x", "y"], "b": ["x", "y"]}"#,
            r#""variants""#,
            "nothing says `{{variant:b}}`",
        ),
        (r#""level": "first""#, "{{variant:who}}", "this scenario has no `variants`"),
        (r#""variants": {"who": ["x", "y"]}, "levle": 1"#, r#""levle""#, "unknown field `levle`"),
    ];
    let place = |said: &str| -> (usize, usize) {
        let mut parts = said.split(':').skip(1).map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    };
    for (field, at, words) in rows {
        // The placeholder stands before the place on the same line: columns are those of the file.
        let text = smallest().to_string().replacen('{', "{\"title\": \"{{variant:who}} \u{e9}\", FIELD, ", 1);
        let text = text.replace("FIELD", field).replacen(r#""title":"Name tess in the key policy","#, "", 1);
        let (scenario, problems) = match scenario::read_with_problems("x.json", &text) {
            Ok((scenario, problems)) => (Some(scenario.title), problems),
            Err(error) => (None, vec![error]),
        };
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let told = said.iter().find(|said| said.contains(words));
        let told = told.unwrap_or_else(|| panic!("{field}: {scenario:?} {said:?}"));
        let (line, column) = place(told);
        let here: String = text.lines().nth(line - 1).expect("a line").chars().skip(column - 1).collect();
        let near: String = text.chars().skip(column.saturating_sub(12)).take(24).collect();
        assert!(here.starts_with(at) || near.contains(at), "{told}: {here:.40}, not {at}");
    }
    let many: Vec<String> = (0..17).map(|n| format!("x{n}")).collect();
    let mut document = with_variants();
    document["variants"]["who"] = json!(many);
    let said = problems(&document);
    assert!(said[0].contains("the limit `scenario-variants`") && said[0].contains("offer fewer"), "{said:?}");
    // Braces that are written with escapes are no placeholder, and not left standing either.
    let text = smallest().to_string().replacen("Name tess", "Name \\u007b{variant:who}}", 1);
    let said = scenario::read("x.json", &text).expect_err("left standing").to_string();
    assert!(said.contains("written with its braces as they are"), "{said}");
}

/// A service acts for itself, for the table that its call is about.
#[test]
fn a_step_can_be_a_service_s() {
    let mut document = smallest();
    let admits = |condition: Value| {
        json!(["account", {"Sid": "Service", "Effect": "Allow", "Principal": {"Service": "dynamodb.amazonaws.com"},
            "Action": "kms:GetKeyPolicy", "Resource": "*", "Condition": condition}])
    };
    let steps =
        json!([{"as": "dynamodb.amazonaws.com", "do": "kms:GetKeyPolicy", "with": {"KeyId": "{{k1}}"}}]);
    let recorded = json!({"audit": {"event": "GetKeyPolicy", "by": "dynamodb.amazonaws.com"}});
    let of = |account: &str| json!({"StringEquals": {"aws:SourceAccount": account}});
    account(&mut document)["keys"]["k1"]["policy"] = admits(of("111122223333"));
    assert_eq!(asked(document.clone(), &steps, &recorded), Ok(()));
    let outcome = json!({"outcome": {"as": "dynamodb.amazonaws.com", "do": "kms:GetKeyPolicy", "with": {"KeyId": "{{k1}}"}}});
    assert_eq!(asked(document.clone(), &wait(), &outcome), Ok(()));
    account(&mut document)["keys"]["k1"]["policy"] = admits(of("999988887777"));
    assert!(asked(document.clone(), &wait(), &outcome).is_err(), "for another account it is refused");
    document["start_as"] = json!("DynamoDB.amazonaws.com");
    let said = problems(&document);
    assert!(said[0].contains("a service as policies do, such as `dynamodb.amazonaws.com`"), "{said:?}");
}

/// The smallest scenario with a template that makes a key, its alias, a user and a table.
fn with_template() -> Value {
    let mut document = smallest();
    document["world"]["template"] = json!({"account": "111122223333", "parameters": {"Stage": "test"}, "yaml": [
        "Parameters: {Stage: {Type: String}}",
        "Resources:",
        "  Safe:",
        "    Type: AWS::KMS::Key",
        "    Properties:",
        "      EnableKeyRotation: true",
        "      KeyPolicy:",
        "        Version: '2012-10-17'",
        "        Statement:",
        "          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}",
        "          - {Effect: Allow, Principal: {AWS: !GetAtt Nina.Arn}, Action: kms:Decrypt, Resource: '*'}",
        "  SafeName: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub 'alias/safe-${Stage}', TargetKeyId: !Ref Safe}}",
        "  Nina: {Type: AWS::IAM::User, Properties: {UserName: nina}}",
        "  Letters:",
        "    Type: AWS::DynamoDB::Table",
        "    Properties:",
        "      TableName: Letters",
        "      AttributeDefinitions: [{AttributeName: Id, AttributeType: S}]",
        "      KeySchema: [{AttributeName: Id, KeyType: HASH}]",
        "      BillingMode: PAY_PER_REQUEST",
        "      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Safe.Arn}",
        "      ResourcePolicy:",
        "        PolicyDocument:",
        "          Version: '2012-10-17'",
        "          Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Nina.Arn}, Action: dynamodb:Scan, Resource: '*'}]",
    ]});
    document
}

#[test]
fn a_template_makes_a_part_of_the_world_and_what_changes_since_is_drift() {
    let drift = |of: &str, is: &str| json!({"drift": {"of": of, "is": is}});
    let whole = |is: &str| json!({"drift": {"is": is}});
    for check in [
        whole("IN_SYNC"),
        drift("Safe", "IN_SYNC"),
        drift("Letters", "IN_SYNC"),
        decision("nina", "kms:Decrypt", "Safe", "allow"),
        decision("nina", "kms:Decrypt", "alias/safe-test", "allow"),
        json!({"outcome": {"as": "nina", "do": "dynamodb:Scan", "with": {"TableName": "Letters"}, "items": 0}}),
        json!({"state": {"of": "alias/safe-test", "field": "TargetKeyArn", "is": "Safe"}}),
    ] {
        assert_eq!(asked(with_template(), &wait(), &check), Ok(()), "{check}");
    }
    let by_root = |operation: &str, with: Value| json!({"as": "root", "do": operation, "with": with});
    let steps = json!([
        by_root("kms:DisableKeyRotation", json!({"KeyId": "Safe"})),
        by_root("kms:DeleteAlias", json!({"AliasName": "alias/safe-test"})),
        by_root("iam:TagUser", json!({"UserName": "nina", "Tags": [{"Key": "a", "Value": "b"}]})),
        by_root(
            "kms:CreateGrant",
            json!({"KeyId": "Safe", "GranteePrincipal": "tess", "Operations": ["Decrypt"]})
        ),
    ]);
    for (check, note) in [
        (whole("DRIFTED"), None),
        (drift("Safe", "MODIFIED"), None),
        (drift("Safe", "DRIFTED"), None),
        (drift("SafeName", "DELETED"), None),
        // A tag that the template does not state is none of its business.
        (drift("Nina", "IN_SYNC"), None),
        (drift("Letters", "DRIFTED"), Some("IN_SYNC")),
        (drift("Safe", "DELETED"), Some("MODIFIED")),
        (whole("IN_SYNC"), Some("Safe, SafeName")),
    ] {
        let found = asked(with_template(), &steps, &check);
        assert_eq!(found, note.map_or(Ok(()), |note| Err(note.to_owned())), "{check}");
    }
}

#[test]
fn what_is_wrong_with_a_template_is_told_at_its_line() {
    let at = |line: usize| format!("/world/template/yaml/{line}");
    let rows: [(&str, Value, &str); 9] = [
        (&at(3), json!("    Type: AWS::S3::Bucket"), "AWS::S3::Bucket"),
        (
            &at(11),
            json!(
                "  SafeName: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/x, TargetKeyId: !Ref Saf}}"
            ),
            "did you mean Safe?",
        ),
        (&at(12), json!("  Nina: {Type: AWS::IAM::User, Properties: {UserName: ~, Tags: 4}}"), "x.json:"),
        ("/world/template/parameters", json!({}), "in a scenario `parameters`"),
        ("/world/template/parameters", json!({"Stage": "a", "Other": "b"}), "has no parameter Other"),
        ("/world/template/account", json!("444455556666"), "`accounts` has no account of that number"),
        ("/world/template/account", json!("clinic"), "twelve digits"),
        ("/world/template/yaml", json!([]), "give the template, as `json` or as `yaml`"),
        ("/world/template/json", json!({"Resources": {}}), "give the template once"),
    ];
    for (pointer, value, said) in rows {
        let mut document = with_template();
        document["world"]["template"]["json"] = Value::Null;
        *document.pointer_mut(pointer).expect(pointer) = value.clone();
        let found = problems(&document);
        assert!(found.iter().any(|problem| problem.contains(said)), "{pointer} {value}: {found:?}");
        // The line that is told is the one at fault, as it stands in the scenario.
        if let Some(fault) = pointer.strip_prefix("/world/template/yaml/").and(value.as_str()) {
            let text = format!("{document:#}");
            let line = 1 + text
                .lines()
                .position(|line| line.contains(&json!(fault).to_string()))
                .expect("it is there");
            assert!(found[0].starts_with(&format!("x.json:{line}:")), "{line}: {found:?}");
        }
    }
    let mut document = with_template();
    document["invariants"] = json!([{"id": "a", "say": "so", "check": {"drift": {"of": "Saf", "is": "IN_SYNC"}}},
        {"id": "b", "say": "so", "check": {"drift": {"is": "DELETED"}}}]);
    let found = problems(&document).join("\n");
    assert!(
        found.contains("declares no resource of that id") && found.contains("IN_SYNC or DRIFTED"),
        "{found}"
    );
    document["world"]["template"] = Value::Null;
    assert!(problems(&document).iter().any(|said| said.contains("no `template` that could drift")));
    // What the cloud refuses is told with the call.
    let mut document = with_template();
    document["world"]["template"]["yaml"][12] =
        json!("  Nina: {Type: AWS::IAM::User, Properties: {UserName: tess}}");
    let read = scenario::read("x.json", &document.to_string()).expect("it can be read");
    let error = read.build().err().expect("tess is there already").to_string();
    assert!(error.contains("the template, iam:CreateUser"), "{error}");
}

#[test]
fn texts_that_an_answer_holds_or_lacks_may_be_placeholders() {
    let describe = |field: &str, text: &str| json!({"outcome": {"as": "kim", "do": "kms:DescribeKey", "with": {"KeyId": "alias/notes"}, field: text}});
    for (field, text, wanted) in [
        ("contains", "{{k1}}", true),
        ("lacks", "{{k1}}", false),
        ("contains", "{{kim}}", false),
        ("lacks", "{{kim}}", true),
        ("lacks", "{{nobody}}", true),
    ] {
        let found = asked(smallest(), &wait(), &describe(field, text));
        assert_eq!(found.is_ok(), wanted, "{field} {text}: {found:?}");
    }
}
