//! The key that is named as the next one beside drafts and promises: it never leads further into what is broken, nor to a
//! key that is refused.

use serde_json::{Value, json};

use super::{Played, app, as_it_is, keys, lab_mut, play};
use crate::scenario;
use crate::tui::app::App;
use crate::tui::layout::Region;

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 60)];
const TESS: &str = "arn:aws:iam::111122223333:user/tess";

/// Goes on where `app` is. A script that ends looks like a terminal that is lost.
fn go_on(mut app: App, size: (u16, u16), script: &str) -> Played {
    app.shell.exit = None;
    play(app, size, keys(&format!("{script}<shot>")))
}

/// What is said to be next.
fn next(played: &Played) -> String {
    let rect = played.app.regions().get(Region::Task).unwrap_or_default();
    let rows = played.last().lines().skip(rect.y.into()).take(rect.height.into());
    let said = rows.filter_map(|row| row.split_once("next ")).map(|(_, next)| next).last();
    said.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn is_next(played: &Played, said: &str) {
    assert!(next(played).starts_with(said), "{said:?} is next, not {:?}:\n{}", next(played), played.last());
}

/// The key policy of A3 with one statement more, on one line.
fn with_statement(action: &str) -> String {
    let text = scenario::find_embedded("a3").expect("it is embedded").text;
    let scenario: Value = serde_json::from_str(text).expect("it is JSON");
    let mut policy = scenario["world"]["accounts"]["111122223333"]["keys"]["k1"]["policy"].clone();
    let more =
        json!({"Sid": "T", "Effect": "Allow", "Principal": {"AWS": TESS}, "Action": action, "Resource": "*"});
    policy["Statement"].as_array_mut().expect("statements").push(more);
    policy.to_string()
}

fn write(policy: &str) -> String {
    format!("<C-a><paste {policy}>")
}

/// The whole loop that somebody ran into: a statement that gives too much, applied, then cured, as one identity and another.
#[test]
fn a_broken_promise_leads_back_and_never_further() {
    let (bad, good) = (write(&with_statement("kms:*")), write(&with_statement("kms:Decrypt")));
    for size in SIZES {
        let guessed = "[predict][choose Allowed: the key policy names]";
        let drafted = play(as_it_is(Some("a3"), false), size, keys(&format!("{guessed}[edit]{bad}<shot>")));
        is_next(&drafted, "^U undo, or mend the draft");
        let left = go_on(drafted.app, size, "[back]");
        is_next(&left, "e mend the draft");
        let applied = go_on(left.app, size, "[edit][apply]");
        is_next(&applied, "Esc, then u take it back");
        // Somebody who goes on as the one who was let in is led back as well, behind what was looked at since.
        let ran = go_on(applied.app, size, "[back][identity 2][run][identity 1]");
        is_next(&ran, "u 2 times, to take it back");
        let cured = go_on(ran.app, size, &format!("[edit]{good}"));
        is_next(&cured, "^S make it real");
        // Whoever acts may not write the policy: not ^S, and not u, which is refused while there is a draft.
        let other = go_on(cured.app, size, "[back][identity 2]");
        is_next(&other, "1 act as kim");
        let back = go_on(other.app, size, "[identity 1]");
        is_next(&back, "^S make it real");
        let lab = back.app.lab().expect("a lab");
        assert!(!back.last().contains("cannot be applied"), "what is found is kim's now: {}", back.last());
        assert!(lab.session.lab().draft().is_some());
        let done = go_on(back.app, size, "[apply]");
        assert!(!done.last().contains("promises broken"), "{}", done.last());
    }
}

/// What undoes the step that broke a promise does so, and the promise holds again.
#[test]
fn what_broke_a_promise_can_be_taken_back_at_once() {
    let bad = write(&with_statement("kms:*"));
    for size in SIZES {
        let script = format!("[predict][choose Allowed: the key policy names][edit]{bad}[apply][back]<shot>");
        let applied = play(as_it_is(Some("a3"), false), size, keys(&script));
        is_next(&applied, "u take it back");
        let undone = go_on(applied.app, size, "[undo]");
        is_next(&undone, "e edit the policy");
    }
}

/// Applying what another one may not: whoever can is named, whichever document it is.
#[test]
fn a_draft_that_helps_is_applied_by_whoever_can() {
    for size in SIZES {
        let good = write(&with_statement("kms:Decrypt"));
        let script =
            format!("[predict][choose Allowed: the key policy names][edit]{good}[back][identity 2]<shot>");
        let played = play(app(Some("a3"), false), size, keys(&script));
        is_next(&played, "1 act as kim");
    }
}

/// The policy of somebody in B1, as the task asks for it.
fn user_policy(played: &mut Played, key: &str) -> String {
    let lab = lab_mut(&mut played.app).session.lab();
    let arn = lab.world().kms().keys().find(|one| one.aliases.iter().any(|alias| alias.ends_with(key)));
    let arn = arn.expect("the key is there").arn();
    json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn}]})
    .to_string()
}

/// A policy that was written is among the calls to watch from then on. No other call is to be chosen for all that.
#[test]
fn a_call_that_is_watched_already_is_not_to_be_chosen() {
    for size in SIZES {
        let grid = "[predict][no][yes][yes][no][yes][no][back]";
        let mut start = play(as_it_is(Some("b1"), false), size, keys(&format!("{grid}<shot>")));
        let tess = write(&user_policy(&mut start, "north"));
        let dana = write(&user_policy(&mut start, "south"));
        let open = |who: &str| format!("[documents]<type {who}><Enter>[edit]");
        let applied = go_on(start.app, size, &format!("{}{tess}[apply][back]", open("tess")));
        is_next(&applied, "2 act as tess");
        // Whoever goes on to dana's policy first has seen less, and done nothing wrong.
        let opened = go_on(applied.app, size, &open("dana"));
        let both = go_on(opened.app, size, &format!("{dana}[apply][back]"));
        is_next(&both, "2 act as tess");
        let seen = go_on(both.app, size, "[identity 2]");
        is_next(&seen, "s scan as tess");
        let done = go_on(seen.app, size, "[run][identity 4][run]");
        assert!(done.app.lab().is_some_and(|lab| lab.view.head.done), "{}", done.last());
    }
}

/// Documents are written in any order.
#[test]
fn the_second_policy_first_is_no_mistake() {
    let size = (120, 40);
    let grid = "[predict][no][yes][yes][no][yes][no][back]";
    let mut start = play(as_it_is(Some("b1"), false), size, keys(&format!("{grid}<shot>")));
    let tess = write(&user_policy(&mut start, "north"));
    let dana = write(&user_policy(&mut start, "south"));
    let script = format!("[documents]<type dana><Enter>[edit]{dana}[apply][back]");
    let first = go_on(start.app, size, &script);
    is_next(&first, "o open a policy");
    let both = go_on(first.app, size, &format!("[documents]<type tess><Enter>[edit]{tess}[apply][back]"));
    is_next(&both, "2 act as tess");
}

/// While the own words are typed nothing that is a letter is offered: what Enter does stands there.
#[test]
fn while_own_words_are_typed_no_letter_is_offered() {
    for size in SIZES {
        let good = write(&with_statement("kms:Decrypt"));
        let script = format!(
            "[predict][choose Allowed: the key policy names][edit]{good}[apply][back][identity 2][run]<shot>"
        );
        let played = play(as_it_is(Some("a3"), false), size, keys(&script));
        let shown = played.last();
        assert!(shown.contains("In your own words"), "{shown}");
        let rows: Vec<&str> = shown.lines().collect();
        let note = rows[rows.len() - 2];
        assert!(note.contains("Enter goes on") && !note.contains("next scenario"), "{note}\n{shown}");
        assert!(rows[rows.len() - 1].contains("Enter go on"), "{shown}");
        assert!(rows.iter().any(|row| row.contains("own words") && row.contains("Enter goes on")), "{shown}");
        assert_eq!(next(&played), "", "{shown}");
        // After that the letter works.
        let card = go_on(played.app, size, "<Enter><Esc>");
        is_next(&card, "n the next scenario");
    }
}

/// Nothing that waits is greeted with, in any scenario.
#[test]
fn the_editor_does_not_greet_with_what_waits() {
    for embedded in scenario::embedded() {
        let mut start = as_it_is(Some(embedded.id), false);
        let waits = lab_mut(&mut start).session.lab().help_waits().is_some();
        let played = play(start, (120, 40), keys("[edit in lab]<shot>"));
        if !played.app.lab().is_some_and(|lab| lab.typing) || !played.app.shell.overlays.is_empty() {
            continue;
        }
        let note = played.last().lines().rev().nth(1).unwrap_or_default().to_owned();
        assert_eq!(note.contains("inserts a statement"), !waits, "{}: {note}", embedded.id);
    }
}

/// Whose policy is to allow less is not told to write a statement.
#[test]
fn what_only_changes_in_a_policy_is_no_new_statement() {
    let tess = r#"aws iam put-user-policy --user-name tess --policy-name Decrypt --policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\",\"Resource\":\"$(aws kms describe-key --key-id alias/north --query KeyMetadata.Arn --output text)\"}]}""#;
    let script = format!(
        "[predict][no][yes][yes][no][yes][no][back][console]<paste {tess}>[run-line][back][identity 2][run]\
         [documents]<type dana: Decrypt><Enter><shot>"
    );
    let found = play(as_it_is(Some("b1"), false), (120, 40), keys(&script));
    is_next(&found, "1 act as kim");
    let opened = go_on(found.app, (120, 40), "[identity 1]");
    is_next(&opened, "e edit the policy");
    let edited = go_on(opened.app, (120, 40), "[edit]");
    is_next(&edited, "change the statement");
}
