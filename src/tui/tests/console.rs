//! The console, the keys and two sessions at once, by keys and by mouse.

use super::{app, keys, play};
use crate::narration::CallStatus;
use crate::tui::layout::Pane;
use crate::tui::message::Effect;

/// A script from parts: text is typed, names in angle brackets are keys.
fn typed(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| ["<type ", line, ">[run-line]"]).collect()
}

#[test]
fn a_line_is_typed_run_and_answered_and_the_rest_of_the_screen_follows() {
    let script = format!(
        "[console]{}<shot>[back]<shot>",
        typed(&["aws dynamodb scan --table-name CustomerData --profile tess"])
    );
    let played = play(app(Some("a3"), false), (120, 40), keys(&script));
    assert!(
        played.shots[0].contains("An error occurred (AccessDeniedException) when calling"),
        "{}",
        played.shots[0]
    );
    let lab = played.app.lab().unwrap();
    assert_eq!(lab.view.steps[0].who, "tess");
    assert!(!lab.console.typing, "Esc leaves");
    assert_eq!(lab.focus, Pane::Identities, "and gives the focus back");
    assert!(played.shots[1].contains("kim ▸ dynamodb:Scan"), "{}", played.shots[1]);
}

#[test]
fn letters_type_there_and_act_again_after_esc_and_esc_goes_home() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[console]<type qs2>[back][identity 2][back]\
        <shot>",
        ),
    );
    let lab = played.app.lab().unwrap();
    assert_eq!(lab.console.line.text(), "qs2", "the line is kept");
    assert!(lab.view.identities[1].acting);
    assert!(played.last().contains("Key policy"), "the layout before is back: {}", played.last());
}

#[test]
fn tab_completes_names_of_this_world_and_the_list_can_be_walked() {
    let script = "[console]<type aws dyn>[complete-line]<type scan --ta>[complete-line]<type C>\
        [complete-line]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    assert!(played.last().contains("kim> aws dynamodb scan --table-name CustomerData"), "{}", played.last());
    let script = "[console]<type aws kms describe-key --key-id >[complete-line]<shot>[complete-line]\
        [run-line]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    assert!(played.shots[1].contains("--key-id alias/dynamodb-encryption-key"), "{}", played.shots[1]);
    let none = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[console]<type aws kms zzz>[complete-line]\
        <shot>",
        ),
    );
    assert!(none.last().contains("nothing here starts like that"), "{}", none.last());
}

#[test]
fn history_and_reverse_search_bring_lines_back() {
    let lines = typed(&["aws kms list-keys", "echo two"]);
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!(
            "[console]{lines}[older-line][older-line]<shot>[newer-line][newer-line][find-line]\
            <type list><shot>[run-line]<shot>"
        )),
    );
    assert!(played.shots[0].lines().any(|l| l.contains("kim> aws kms list-keys")));
    assert!(played.shots[1].contains("(find list) aws kms list-keys"), "{}", played.shots[1]);
    assert_eq!(played.app.lab().unwrap().view.steps.len(), 3, "the line found ran again");
}

#[test]
fn a_wrong_line_comes_back_with_one_key_and_an_unfinished_one_goes_on() {
    let script = format!("[console]{}[older-line]", typed(&["aws dynamodb scna"]));
    let played = play(app(Some("a3"), false), (120, 40), keys(&script));
    assert_eq!(played.app.lab().unwrap().console.line.text(), "aws dynamodb scna");
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys("[console]<type echo 'one>[run-line]<shot><type two'>[run-line]<shot>"),
    );
    assert!(played.shots[0].contains("> "), "{}", played.shots[0]);
    let typed = played.app.lab().unwrap().session.lab().transcript().shown();
    assert_eq!(&*typed[0].printed, "one\ntwo\n");
}

#[test]
fn many_pasted_lines_wait_for_enter_and_run_one_by_one() {
    let script = "[console]<paste NAME=tess\necho $NAME \\\n  again\n# done\n><shot>[run-line]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let typed = played.app.lab().unwrap().session.lab().transcript().shown();
    let texts: Vec<&str> = typed.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(texts, ["NAME=tess", "echo $NAME \\\n  again", "# done"]);
    assert_eq!(&*typed[1].printed, "tess again\n");
}

#[test]
fn what_is_typed_or_pasted_cannot_reach_the_terminal_raw() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[console]\
            <paste echo evil\x1b[2J\u{202e}text>[run-line]<shot>",
        ),
    );
    assert!(played.last().contains("evil␛[2J<U+202E>text"), "{}", played.last());
}

#[test]
fn output_scrolls_is_searched_and_copied() {
    let script = format!(
        "[console]{}<shot>[page-up]<shot>[back]{}[search in lab]<type AWSAccountId><Enter><shot>[copy]",
        typed(&[
            "aws kms list-keys",
            "aws iam list-users",
            "aws kms describe-key --key-id alias/dynamodb-encryption-key",
        ]),
        // The drawer has given the focus back to the identities.
        "[focus-next]".repeat(4)
    );
    let played = play(app(Some("a3"), false), (80, 24), keys(&script));
    assert_ne!(played.shots[0], played.shots[1]);
    assert!(played.shots[2].contains("\"AWSAccountId\": \"111122223333\""), "{}", played.shots[2]);
    let copied =
        played.effects.iter().find_map(|e| if let Effect::Copy(text) = e { Some(text) } else { None });
    let copied = copied.expect("y copies");
    assert!(copied.starts_with("kim> aws kms list-keys\n{"), "{copied}");
}

#[test]
fn undo_takes_back_what_the_console_did_and_a_new_user_can_be_taken_on() {
    let script = format!(
        "[console]{}[back]<shot>[undo]\
        <shot>",
        typed(&["aws iam create-user --user-name nina"])
    );
    let played = play(app(Some("d3"), false), (120, 40), keys(&script));
    assert!(played.shots[0].contains("3 nina"), "{}", played.shots[0]);
    assert!(!played.shots[1].contains("3 nina"), "{}", played.shots[1]);
}

#[test]
fn the_console_opens_and_completes_by_mouse() {
    let screen = play(app(Some("a3"), false), (160, 40), keys("<shot>"));
    let footer = screen.last().lines().last().unwrap().to_owned();
    let x = footer.chars().collect::<String>().find("console").expect("the footer names it");
    let played = play(
        app(Some("a3"), false),
        (160, 40),
        keys(&format!(
            "<click {x},39><type aws >[complete-line]\
            <shot>"
        )),
    );
    let row =
        played.last().lines().position(|l| l.contains("dynamodb ") && !l.contains("Scan")).expect("a list");
    let again = play(
        app(Some("a3"), false),
        (160, 40),
        keys(&format!("<click {x},39><type aws >[complete-line]<click 8,{row}>")),
    );
    assert!(again.app.lab().unwrap().console.line.text().starts_with("aws "));
    assert!(again.app.lab().unwrap().console.line.text().len() > 6);
}

#[test]
fn the_keys_pane_disables_and_everything_that_hangs_on_the_key_shows_it() {
    let played = play(
        app(Some("c5"), false),
        (120, 40),
        keys(
            "[predict][choose Alice's row][keys]<shot>\
        [keys]<shot>[choose Disable]<shot>",
        ),
    );
    assert!(played.shots[0].contains("Enabled"), "{}", played.shots[0]);
    assert!(played.shots[1].contains("Disable"), "{}", played.shots[1]);
    let view = &played.app.lab().unwrap().view;
    assert_eq!(view.keys[0].state, "Disabled");
    assert_eq!(view.identities[0].applied.mark().map(|mark| mark.status), Some(CallStatus::Failed));
    assert!(view.audit.iter().any(|r| r.event == "DisableKey"));
    assert!(played.shots[2].contains("kms:DisableKey by kim: done"), "{}", played.shots[2]);
}

#[test]
fn a_grant_is_made_used_with_and_without_its_token_and_revoked() {
    // The menu of the key: the grant for ravi in this table's context; then the menu of the grant.
    let start = "[keys][keys][choose Grant ravi Decrypt for][identity 5]<shot>[down][keys]<shot>";
    let played = play(app(Some("c2"), false), (180, 45), keys(start));
    assert!(played.shots[0].contains("not known everywhere before"), "{}", played.shots[0]);
    let without = "[choose Decrypt the table key of CustomerData]";
    let with = "[choose The same with the grant's token]";
    let refused = play(app(Some("c2"), false), (180, 45), keys(&format!("{start}{without}<shot>")));
    assert!(refused.last().contains("AccessDeniedException"), "{}", refused.last());
    let done = play(app(Some("c2"), false), (180, 45), keys(&format!("{start}{with}<shot>")));
    assert!(done.last().contains("kms:Decrypt by ravi: done"), "{}", done.last());
    let revoked = play(
        app(Some("c2"), false),
        (180, 45),
        keys(
            "[keys][keys][choose Grant ravi Decrypt for]\
        [down][keys][choose Revoke]<shot>[keys]<shot>[back][clock][choose 5 minutes]",
        ),
    );
    assert!(revoked.shots[0].contains("kms:RevokeGrant by kim: done"), "{}", revoked.shots[0]);
    // Nobody had heard of it, so nobody but the holder of its token is served; and nobody can end it once more.
    let ravi = revoked.shots[0].lines().find(|line| line.contains("5 ravi")).expect("he is listed");
    assert!(ravi.contains('✗'), "{}", revoked.shots[0]);
    assert!(
        revoked.shots[0].contains("ended, its token still serves until 09:05:00"),
        "{}",
        revoked.shots[0]
    );
    assert!(!revoked.shots[1].contains("its owner takes it back"), "{}", revoked.shots[1]);
    let grants = |app: &crate::tui::app::App| app.lab().unwrap().view.keys[0].grants.len();
    assert!(grants(&revoked.app) < grants(&played.app));
}

#[test]
fn two_sessions_are_never_the_same_one_twice() {
    let pair = |script: &str| play(app(Some("a3"), false), (120, 40), keys(script)).app.lab().unwrap().pair;
    assert_eq!(pair("[compare]"), [0, 1]);
    assert_eq!(pair("[compare][identity 2]"), [0, 1], "whoever is on the other side acts there");
    assert_eq!(pair("[compare][identity 3]"), [2, 1]);
    assert_eq!(pair("[compare][focus-next][identity 1]"), [0, 1]);
}

#[test]
fn two_sessions_show_two_answers_and_the_focus_chooses_who_acts() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[compare]<shot>[focus-next]<shot>[run]"));
    assert!(
        played.shots[0].contains("kim ▸ dynamodb:Scan") && played.shots[0].contains("tess ▸ dynamodb:Scan"),
        "{}",
        played.shots[0]
    );
    let lab = played.app.lab().unwrap();
    assert_eq!(lab.side, 1);
    assert_eq!(lab.view.steps[0].who, "tess", "the session with the focus makes the call");
    // A policy edited meanwhile flips the second session's answer before it is applied.
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[compare][edit][snippet][choose Key user][choose tess]\
        <shot>",
        ),
    );
    let lab = played.app.lab().unwrap();
    let other = lab.view.other.as_ref().expect("two sessions");
    assert_eq!(other.answer.mark.as_ref().unwrap().status, CallStatus::Allowed);
    assert_eq!(other.answer.was.as_ref().unwrap().status, CallStatus::Denied);
}

#[test]
fn the_screen_says_which_delays_are_on() {
    let played = play(app(Some("c5"), false), (160, 40), keys("<shot>"));
    assert!(played.last().contains("delays: table status"), "{}", played.last());
}

#[test]
fn a_list_in_which_nothing_is_chosen_says_that_enter_runs_the_line() {
    let script = "[console]<type aws kms >[complete-line]<shot>[complete-line]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let [open, chosen] = played.shots.as_slice() else { panic!("two looks") };
    let footer = |shot: &str| shot.lines().last().unwrap_or_default().to_owned();
    assert!(open.contains("cancel-key-deletion"), "{open}");
    assert!(footer(open).contains("Enter run the line as it is"), "{open}");
    assert!(!footer(open).contains("takes it"), "{open}");
    assert!(footer(chosen).contains("Enter takes it"), "{chosen}");
}

#[test]
fn ctrl_c_closes_an_open_list_first_and_keeps_the_line() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[console]<type aws kms >[complete-line][complete-line]<shot>[cancel-line]<shot>[cancel-line]\
            <shot>",
        ),
    );
    let [open, closed, gone] = played.shots.as_slice() else { panic!("three looks") };
    let footer = |shot: &str| shot.lines().last().unwrap_or_default().to_owned();
    assert!(open.contains("kim> aws kms cancel-key-deletion"), "{open}");
    assert!(footer(open).contains("Tab next") && footer(open).contains("^C closes the list"), "{open}");
    assert!(closed.lines().any(|l| l.trim_matches(['│', ' ']) == "kim> aws kms"), "{closed}");
    assert!(footer(closed).contains("Enter run"), "{closed}");
    assert!(!gone.contains("kim> aws"), "{gone}");
}
