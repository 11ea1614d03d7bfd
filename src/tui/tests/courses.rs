//! Scenarios played to their end on the screen, by keys alone.

use super::{Played, app, keys, play};
use crate::narration::{IdentityRow, Mark};
use crate::scenario;

/// Plays a scenario to its end by keys. What is said at the end is closed before the last look at the screen.
fn played(id: &str, script: &str) -> Played {
    let played = play(app(Some(id), false), (120, 40), keys(&format!("{script}[back]<shot>")));
    let view = &played.app.lab().expect("a lab").view;
    assert!(view.head.done, "{id}: {:?}\n{}", view.task.checks, played.last());
    assert!(view.head.past.is_none());
    played
}

/// Types a line into the console that is open.
fn line(text: &str) -> String {
    assert!(!text.contains('>'), "the script's own sign: {text}");
    format!("<paste {text}>[run-line]")
}

/// The key policy of a scenario's k1 with one statement more, as one line.
fn policy_with(id: &str, statement: &serde_json::Value) -> String {
    let text = scenario::find_embedded(id).expect("it is embedded").text;
    let scenario: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let accounts = scenario["world"]["accounts"].as_object().expect("accounts");
    let mut policy = accounts["111122223333"]["keys"]["k1"]["policy"].clone();
    if !statement.is_null() {
        policy["Statement"].as_array_mut().expect("statements").push(statement.clone());
    }
    format!("aws kms put-key-policy --key-id $KEY --policy-name default --policy '{policy}'")
}

/// Notes down the id of the key: few operations take an alias.
const KEY: &str = "KEY=$(aws kms describe-key --key-id alias/dynamodb-encryption-key --query KeyMetadata.KeyId --output text)";

fn allow_decrypt(principal: &str) -> serde_json::Value {
    serde_json::json!({"Sid": "Added", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:Decrypt",
        "Resource": "*"})
}

#[test]
fn a1_from_nothing_to_an_encrypted_row() {
    let script = [
        "[predict][choose SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT: AWS][predict][choose Whoever an IAM][console]"
            .to_owned(),
        line("KEY=$(aws kms create-key --description Customer --query KeyMetadata.KeyId --output text)"),
        line("aws kms create-alias --alias-name alias/dynamodb-encryption-key --target-key-id $KEY"),
        line(
            "aws dynamodb create-table --table-name CustomerData --billing-mode PAY_PER_REQUEST \\\n  \
             --attribute-definitions AttributeName=CustomerID,AttributeType=S \\\n  \
             --key-schema AttributeName=CustomerID,KeyType=HASH \\\n  \
             --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key",
        ),
        line(
            r#"aws dynamodb put-item --table-name CustomerData --item '{"CustomerID": {"S": "12345"},
              "Name": {"S": "Alice Johnson"}, "Email": {"S": "alice@example.com"}}'"#,
        ),
        "[back][predict][choose Alice's row][run][console]".to_owned(),
        line("aws cloudtrail lookup-events"),
        "[back][predict][choose A data key]".to_owned(),
    ]
    .concat();
    let end = played("a1", &script);
    assert!(end.last().contains("Done: every check holds"), "{}", end.last());
}

#[test]
fn b4_by_a_grant_then_by_the_key_policy_and_then_by_neither() {
    let kim = "arn:aws:iam::111122223333:user/kim";
    let guard = serde_json::json!({"Sid": "TwoPeople", "Effect": "Deny", "Principal": {"AWS": kim},
        "Action": ["kms:PutKeyPolicy", "kms:CreateGrant"], "Resource": "*"});
    let script = [
        "[predict][choose Yes: kim can][run][console]".to_owned(),
        line(KEY),
        line(&format!(
            "GRANT=$(aws kms create-grant --key-id $KEY --grantee-principal {kim} --operations Decrypt \
             --query GrantId --output text)"
        )),
        line("aws dynamodb scan --table-name CustomerData"),
        line("aws kms revoke-grant --key-id $KEY --grant-id $GRANT"),
        line(&policy_with("b4", &allow_decrypt(kim))),
        line("aws dynamodb scan --table-name CustomerData"),
        line("aws cloudtrail lookup-events --profile ravi"),
        "[back][predict][choose CreateGrant and PutKeyPolicy][identity 3][console]".to_owned(),
        line(&policy_with("b4", &guard)),
        "[back][identity 1][run]".to_owned(),
    ]
    .concat();
    let end = played("b4", &script);
    assert!(end.last().contains("DENIED"), "{}", end.last());
}

#[test]
fn c2_with_the_keys_pane_and_a_deny() {
    // Grant for this table, guess, too early, with the token, wait, read; give the old one back; revoke as kim, read on; a
    // Deny, refused.
    let stop = serde_json::json!({"Sid": "Stop", "Effect": "Deny",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/ravi"}, "Action": "kms:Decrypt", "Resource": "*"});
    let script = [
        "[keys][keys][choose Grant ravi Decrypt for][predict][choose Refused, for now]\
        [identity 5][run][down][keys][choose The same with the grant's token][clock][choose 5 minutes][run]\
        [down][keys][choose Retire][predict][choose Alice's row, for]\
        [identity 1][up][keys][choose Revoke][identity 5][run][identity 1][console]"
            .to_owned(),
        line(KEY),
        line(&policy_with("c2", &stop)),
        "[back][identity 5][run]".to_owned(),
    ]
    .concat();
    let end = played("c2", &script);
    assert!(end.last().contains("DENIED"), "{}", end.last());
}

#[test]
fn c3_a_wrong_answer_in_the_way_can_be_given_again() {
    let table = "aws dynamodb create-table --table-name Visits --billing-mode PAY_PER_REQUEST \
                 --attribute-definitions AttributeName=VisitID,AttributeType=S \
                 --key-schema AttributeName=VisitID,KeyType=HASH \
                 --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/dynamodb-encryption-key";
    let rotated = [
        "[predict][choose Nothing at all][keys][keys][choose Rotate now][console]".to_owned(),
        line(table),
        "[back][back][predict][choose One rotation, after the year; the rows are as][keys][choose Rotate by itself]\
        [clock][choose 1 year][run][predict][choose No: everything]"
            .to_owned(),
    ]
    .concat();
    let wrong = play(app(Some("c3"), false), (120, 40), keys(&format!("{rotated}<shot>")));
    let view = &wrong.app.lab().expect("a lab").view;
    assert_eq!(view.head.task, (4, 4), "{}", wrong.last());
    assert!(view.task.question().is_some_and(|p| p.chosen.is_some()), "{}", wrong.last());
    assert!(wrong.last().contains("v answers again"), "{}", wrong.last());
    played("c3", &format!("{rotated}[predict][choose Yes]"));
}

#[test]
fn c1_shows_what_the_call_returned_and_not_what_the_next_one_would() {
    // The first scan asks KMS; a second one would not, because DynamoDB still has the table key.
    let script = "[identity 2][run]<shot>[run]<shot>";
    let ran = play(app(Some("c1"), false), (200, 60), keys(script));
    let [first, second] = ran.shots.as_slice() else { panic!("two looks") };
    assert!(first.contains("ran 09:00:00") && first.contains("unwrapped the table key as tess"), "{first}");
    assert!(first.contains("kms:Decrypt on key"), "its reasons, too: {first}");
    assert!(second.contains("DynamoDB still had the table key"), "{second}");
}

#[test]
fn a5_with_the_three_tables_watched_one_after_the_other() {
    let scan = |table: &str| format!("[watch]<type Scan {table}>[open][run]");
    let guessed = "[predict][choose Alice's row][predict][choose Alice's row][predict][choose An error]";
    // A letter before the policy keeps it from being one; root may not change it either way.
    let edit = "[identity 3][next-document][edit]<type x>[back][apply][back][discard][yes]";
    let script = format!(
        "{guessed}{}{}{}{edit}[predict]\
        [choose A customer managed key]",
        scan("Owned"),
        scan("Managed"),
        scan("Customer")
    );
    let end = played("a5", &script);
    let audit = &end.app.lab().expect("a lab").view.audit;
    assert!(audit.iter().any(|record| record.event == "PutKeyPolicy"), "{}", end.last());
}

#[test]
fn b5_past_dynamodb_with_the_session_alone() {
    let script = [
        "[identity 6][console]".to_owned(),
        line(
            r#"SEALED=$(aws dynamodb get-item --table-name Settings --key '{"Name": {"S": "payroll-password"}}' --query Item.Value.B --output text)"#,
        ),
        line("aws kms decrypt --ciphertext-blob $SEALED --query Plaintext --output text"),
        "<shot>".to_owned(),
    ]
    .concat();
    let taken = play(app(Some("b5"), false), (160, 45), keys(&script));
    let view = &taken.app.lab().expect("a lab").view;
    assert_eq!(view.head.task, (2, 2), "{}", taken.last());
    assert!(taken.last().contains("cGF5cm9sbC00NzEx"), "the password, in base64: {}", taken.last());
}

#[test]
fn e1_leaves_the_grant_to_be_found() {
    let menu = play(app(Some("e1"), false), (120, 40), keys("[keys][keys]<shot>"));
    assert!(menu.last().contains("Create a grant"), "{}", menu.last());
    assert!(!menu.last().contains("Grant mallory"), "the menu must not write it: {}", menu.last());
    let rest = "--grantee-principal arn:aws:iam::111122223333:user/mallory --operations Decrypt";
    let script = format!(
        "[predict][choose Yes][choose A grant allows][keys][keys][choose Create a grant]<shot><type {rest}>\
        [run-line][back][back][run]<shot>"
    );
    let red = play(app(Some("e1"), false), (120, 40), keys(&script));
    assert!(red.shots[0].contains("mallory> aws kms create-grant --key-id"), "{}", red.shots[0]);
    let view = &red.app.lab().expect("a lab").view;
    assert_eq!(view.head.task, (2, 2), "{}", red.last());
    assert!(red.last().contains("Alice Johnson"), "{}", red.last());
}

#[test]
fn c5_off_back_scheduled_cancelled() {
    let end = played(
        "c5",
        "[predict][choose An error][keys][keys][choose Disable][run][clock]\
        [choose 2 hours][keys][choose Enable][clock][choose 2 hours][run][predict][choose No][keys]\
        [choose Schedule its deletion in 7 days][run][keys][choose Cancel the deletion][keys]\
        [choose Enable]",
    );
    assert!(end.last().contains("Enabled"), "{}", end.last());
}

#[test]
fn d3_deleted_created_repaired_and_a_principal_that_is_not_there() {
    let attached = "--user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess";
    let script = [
        "[predict][choose She is refused][choose A saved policy][console]".to_owned(),
        line(&format!("aws iam detach-user-policy {attached}")),
        line("aws iam delete-user --user-name tess"),
        line("aws iam create-user --user-name tess"),
        line(&format!("aws iam attach-user-policy {attached}")),
        line("aws dynamodb scan --table-name CustomerData --profile tess"),
        line(KEY),
        line(&policy_with("d3", &serde_json::Value::Null)),
        "[back][predict][choose It refuses: a principal][console]".to_owned(),
        line(&policy_with("d3", &allow_decrypt("arn:aws:iam::111122223333:role/Robot"))),
    ]
    .concat();
    let end = played("d3", &script);
    assert!(end.last().contains("MalformedPolicyDocumentException"), "{}", end.last());
}

#[test]
fn whoever_is_deleted_does_not_take_the_stage() {
    let script = [
        "[predict][choose She is refused][choose A saved policy][console]".to_owned(),
        line("aws iam detach-user-policy --user-name tess --policy-arn arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"),
        line("aws iam delete-user --user-name tess"),
    ]
    .concat();
    let deleted = play(app(Some("d3"), false), (120, 40), keys(&format!("{script}<shot>")));
    let lab = deleted.app.lab().expect("a lab");
    let is_gone =
        |row: &IdentityRow| row.name == "tess" && row.applied.mark().is_some_and(Mark::is_of_nobody);
    assert!(lab.view.identities.iter().any(is_gone), "{}", deleted.last());
    assert!(!deleted.last().contains("UnrecognizedClientException"), "{}", deleted.last());
    assert!(deleted.last().contains("kim ▸"), "{}", deleted.last());
}

#[test]
fn an_empty_account_is_built_and_a_sample_account_is_explored() {
    let script = [
        "[console]".to_owned(),
        line("aws iam create-user --user-name tess"),
        line("aws dynamodb create-table --table-name Notes --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=Id,AttributeType=S --key-schema AttributeName=Id,KeyType=HASH"),
        "[back][back][identity 2]<shot>".to_owned(),
    ]
    .concat();
    let played = play(app(Some("free-empty"), false), (120, 40), keys(&script));
    let view = &played.app.lab().unwrap().view;
    assert_eq!(view.identities.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["root", "tess"]);
    assert!(played.last().contains("tess ▸ dynamodb:Scan Notes"), "{}", played.last());
    assert!(!view.head.done, "there is nothing to be done with");
    let played = play(app(Some("free-sample"), false), (120, 40), keys("[identity 2][run]<shot>"));
    assert!(played.last().contains("DENIED kms:Decrypt"), "{}", played.last());
}

#[test]
fn a_guess_meets_what_happened_also_where_that_ends_the_task() {
    let ended = play(
        app(Some("a2"), false),
        (80, 24),
        keys(
            "<shot>[predict][choose Alice's row: full access][run]\
        [identity 2][run]<shot>[predict][run]<shot>",
        ),
    );
    let [before, after, _] = ended.shots.as_slice() else { panic!("three looks") };
    // A wrong answer to the next question takes its place.
    let wrong = play(
        app(Some("a2"), false),
        (80, 24),
        keys(
            "[predict][choose Alice's row: full access][run][identity 2]\
        [run][predict][choose DynamoDB]<shot>",
        ),
    );
    assert!(wrong.last().contains("your guess was wrong: The first decision is about"), "{}", wrong.last());
    let tess = before.lines().find_map(|line| line.split_once("2 tess")).expect("she is listed").1;
    assert!(tess.trim_start().starts_with('?'), "{before}");
    assert!(after.contains("Your guess was wrong. Task 1 of 2 is done"), "{after}");
    assert!(after.contains("your guess was wrong: It is full access to DynamoDB."), "{after}");
    // What the new task asks for has the place once something else has happened.
    let later = play(
        app(Some("a2"), false),
        (80, 24),
        keys(
            "[predict][choose Alice's row: full access][run][identity 2]\
        [run][identity 1][run]<shot>",
        ),
    );
    assert!(!later.last().contains("your guess was wrong"), "{}", later.last());
    assert!(later.last().contains("Read the reasons"), "{}", later.last());
    // Six at once: each of them, and how many.
    let grid = play(
        app(Some("b1"), false),
        (120, 40),
        keys(
            // The cells of the grid, row by row.
            "[predict][yes][yes][yes][yes][yes][back]<shot>[predict][yes]<shot>[back]<shot>",
        ),
    );
    let [open, judged, behind] = grid.shots.as_slice() else { panic!("three looks") };
    assert!(open.contains("v guess 6 of 6"), "{open}");
    assert!(judged.contains("Of 6 guesses 3 were right. Task 1 of 2 is done"), "{judged}");
    assert!(judged.contains("3 of 6 guesses were right"), "{judged}");
    assert!(behind.contains("May she read North? Denied. You"), "the first of six: {behind}");
}

#[test]
fn the_call_waits_for_the_guess_that_it_would_give_away() {
    let script = "[identity 2]<shot>[run]<shot>[back][identity 1][run][identity 2][run][choose An error]\
        [run]<shot>";
    let asked = play(app(Some("a2"), false), (120, 40), keys(script));
    assert_eq!(
        asked.app.lab().expect("a lab").session.lab().history().point().position,
        2,
        "{}",
        asked.last()
    );
    let [before, asked, answered] = asked.shots.as_slice() else { panic!("three looks") };
    assert!(before.contains("asks for your guess"), "{before}");
    assert!(before.contains("the reasons come after your guess"), "{before}");
    assert!(asked.contains("What do you expect?"), "{asked}");
    assert!(asked.contains("your guess comes first; then s makes the call"), "{asked}");
    assert!(answered.contains("DENIED") && answered.contains("ran 09:00:00"), "{answered}");
    // A draft that would let her in does not tell either, and nor does the matrix; a presenter keeps nothing back.
    let drafted = play(
        app(Some("a2"), false),
        (200, 60),
        keys(
            "[identity 1][edit][snippet]\
        [choose Key user][choose tess]<shot>",
        ),
    );
    assert!(drafted.last().contains("Draft: guess first"), "{}", drafted.last());
    let row = drafted.last().lines().rfind(|line| line.contains("│ tess ")).expect("her row of the matrix");
    assert!(row.contains("? guess first"), "{}", drafted.last());
    let shown = play(app(Some("a2"), false), (120, 40), keys("[identity 2][present][present]<shot>"));
    assert!(shown.app.lab().is_some_and(|lab| lab.view.answer.mark.is_some()), "{}", shown.last());
}

#[test]
fn a_draft_that_would_be_refused_finishes_nothing() {
    let edited = |app: &mut crate::tui::app::App, change: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let lab = super::lab_mut(app);
        let mut policy: serde_json::Value = serde_json::from_str(&lab.editor.text()).expect("a policy");
        change(policy["Statement"].as_array_mut().expect("statements"));
        lab.editor = crate::tui::editor::Editor::new(&format!("{policy:#}"));
        app.shell.exit = None;
    };
    let mut app = play(app(Some("d1"), false), (120, 40), keys("[predict][choose It refuses: deployer]")).app;
    edited(&mut app, &|statements| drop(statements.remove(0)));
    let script = [
        "[edit]<type  >[apply][back][back][identity 1][apply][predict][choose Nobody][identity 7][console]"
            .to_owned(),
        line("aws iam delete-user --user-name lee"),
        "[back][identity 3][console]".to_owned(),
        line("aws kms describe-key --key-id alias/old-archive"),
        "[back][identity 7][documents]<type dynamodb-encryption><Enter>".to_owned(),
    ]
    .concat();
    let mut app = play(app, (120, 40), keys(&script)).app;
    edited(&mut app, &|statements| {
        statements.push(serde_json::json!({"Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:user/deployer"}, "Action": "kms:PutKeyPolicy",
            "Resource": "*"}));
    });
    // Nobody but kim may put it by now.
    let refused = play(
        app,
        (120, 70),
        keys(
            "[edit]<type  >[back][back]<shot>[identity 1]<shot>[edit]<type x><shot>[text-undo][apply][next]<shot>",
        ),
    );
    let [deployer, kim, broken, next] = refused.shots.as_slice() else { panic!("four looks") };
    assert!(deployer.contains("task 4/4"), "{deployer}");
    assert!(deployer.contains("it would fail:"), "{deployer}");
    assert!(kim.contains("on the draft; apply it"), "{kim}");
    assert!(!broken.contains("All green"), "the ticks are those of the text before: {broken}");
    // Done by what was typed: the next key is no letter any more.
    assert!(next.contains("D2"), "{next}");
}
