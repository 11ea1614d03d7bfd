//! The timeline by keys: branches, comparing two points, beginning a task again, and the way from a record to its call.

use super::{Played, app, keys, play};
use crate::lab::Point;
use crate::tui::lab_screen::LabScreen;

fn played(id: &str, script: &str) -> Played {
    play(app(Some(id), false), (120, 40), keys(script))
}

fn lab_of(played: &Played) -> &LabScreen {
    played.app.lab().expect("a lab is open")
}

/// Kim opens the key policy to tess (2 steps with tess's scan), goes back to the start, and scans herself.
const BRANCHED: &str = "[predict][choose Allowed][identity 1][edit][snippet][choose Key user][choose tess][back][apply]\
    [identity 2][run][undo][undo][identity 1][run]";

#[test]
fn what_was_undone_stays_on_a_branch_that_can_be_gone_back_to() {
    let here = played("a3", &format!("{BRANCHED}<shot>[timeline]<shot>"));
    let view = &lab_of(&here).view;
    assert_eq!(view.head.branch.as_deref(), Some("branch 2"));
    assert!(here.shots[0].contains("branch 2"), "{}", here.shots[0]);
    let aside: Vec<&str> = view.steps.iter().filter(|s| s.aside).map(|s| s.what.as_str()).collect();
    assert_eq!(aside, ["dynamodb:Scan", "kms:PutKeyPolicy"], "newest first");
    assert!(here.shots[1].contains("├ 1"), "{}", here.shots[1]);

    // The rows: kim's scan, then the two of branch 1, then the start.
    let back = played("a3", &format!("{BRANCHED}[timeline][down][open]<shot>"));
    let view = &lab_of(&back).view;
    assert_eq!(view.head.branch.as_deref(), Some("branch 1"));
    assert!(view.head.done, "on that branch tess was let in");
    let own: Vec<&str> = view.steps.iter().filter(|s| !s.aside).map(|s| s.who.as_str()).collect();
    assert_eq!(own, ["tess", "kim", "start"]);
}

#[test]
fn points_of_two_branches_are_compared() {
    let compared = played("a3", &format!("{BRANCHED}[timeline][diff][down][diff]<shot>"));
    let page = compared.last();
    assert!(page.contains("of branch 2 at") && page.contains("of branch 1 at"), "{page}");
    assert!(page.contains("✗ → ✓") || page.contains("✓ → ✗"), "tess's answer differs: {page}");
    assert!(page.contains("Key policy"), "{page}");
}

#[test]
fn a_task_begins_again_where_it_began() {
    let done = played(
        "a3",
        "[predict][choose Allowed][hint][predict][identity 1][edit][snippet]\
        [choose Key user][choose tess][back][apply][identity 2][run]",
    );
    assert!(lab_of(&done).view.head.done);
    let again = played(
        "a3",
        "[predict][choose Allowed][hint][identity 1][edit][snippet][choose Key user][choose tess]\
        [back][apply][identity 2][run][restart-task]<shot>[yes]<shot>",
    );
    assert!(again.shots[0].contains("Go back to where this task began?"), "{}", again.shots[0]);
    let view = &lab_of(&again).view;
    assert!(!view.head.done);
    assert_eq!(view.task.hints.len(), 0, "hints are forgotten");
    assert!(view.task.question().is_some_and(|p| p.chosen.is_none()), "answers are forgotten");
    assert_eq!(view.steps.len(), 3, "what was done stays in the timeline");
    assert!(again.shots[1].contains("task 1 begins again"), "{}", again.shots[1]);
}

#[test]
fn free_play_has_no_task_to_begin_again() {
    let played = played("free-sample", "[restart-task]<shot>");
    assert!(played.last().contains("free play has no tasks"), "{}", played.last());
}

#[test]
fn a_record_leads_to_the_decisions_of_its_call_and_to_its_step() {
    // The audit log has the focus; the newest record is tess's refused Decrypt.
    let script = "[predict][choose Allowed][identity 2][run][focus-previous][open]";
    let why = played("a3", &format!("{script}<shot>[why]<shot>"));
    assert!(why.shots[0].contains("w why") && why.shots[0].contains("t its step"), "{}", why.shots[0]);
    assert!(why.shots[1].contains("Decisions: dynamodb:Scan (kms:Decrypt) by tess"), "{}", why.shots[1]);
    assert!(
        why.shots[1].contains("dynamodb:Scan") && why.shots[1].contains("kms:Decrypt"),
        "{}",
        why.shots[1]
    );
    let step = played("a3", &format!("{script}[timeline][open]<shot>"));
    assert_eq!(lab_of(&step).session.lab().history().point(), Point { branch: 0, position: 1 });
}

#[test]
fn what_a_service_did_by_itself_has_no_step() {
    let lines = [
        "KEY=$(aws kms describe-key --key-id alias/dynamodb-encryption-key --query KeyMetadata.KeyId --output text)",
        "aws kms schedule-key-deletion --key-id $KEY --pending-window-in-days 7",
        "clock +8d",
    ];
    let typed = lines.map(|line| format!("<paste {line}>[run-line]")).concat();
    let played =
        played("a3", &format!("[console]{typed}[back][back][focus-previous][open][why]<shot>[bottom]<shot>"));
    assert!(played.last().contains("DeleteKey"), "{}", played.last());
    assert!(played.shots[0].contains("belongs to no step"), "{}", played.shots[0]);
    assert!(played.last().contains("it has no step"), "{}", played.last());
}

/// Where the words stand on the screen, counted from 0.
fn place(screen: &str, words: &str) -> (usize, usize) {
    let (y, row) = screen.lines().enumerate().find(|(_, row)| row.contains(words)).expect("they are there");
    (row.split_once(words).map_or(0, |(before, _)| before.chars().count()), y)
}

#[test]
fn a_marked_step_says_what_to_do_next_until_it_is_compared() {
    let script = "[predict][choose Allowed][identity 2][run][identity 1][run][timeline][diff]";
    let marked = played("a3", &format!("{script}<shot>[down]<shot>[down]<shot>"));
    for shot in &marked.shots {
        assert!(shot.contains("Step 2 is marked. Go to another step; d compares the two."), "{shot}");
        assert!(shot.contains("d compare the two"), "{shot}");
    }
    let compared = played("a3", &format!("{script}[down][diff]<shot>"));
    assert!(compared.last().contains("From step 1 at"), "{}", compared.last());
    assert!(!compared.last().contains("is marked"), "{}", compared.last());
}

#[test]
fn the_rows_have_the_numbers_of_their_comparison_and_are_found_by_them() {
    let listed = played("a3", &format!("{BRANCHED}[timeline]<shot>"));
    for row in ["step 1   09:00:00  kim ", "├ 1 step 2   09:00:00  tess", "step 0   09:00:00  start"] {
        assert!(listed.last().contains(row), "{row}: {}", listed.last());
    }
    let found = played("a3", &format!("{BRANCHED}[timeline]<type 0>[diff]<type 1><shot>[diff]<shot>"));
    assert!(found.shots[0].contains("▸ ● step 1"), "{}", found.shots[0]);
    assert!(found.last().contains("From step 0 at 09:00:00 to step 1"), "{}", found.last());
}

#[test]
fn a_press_selects_a_step_and_another_one_goes_there() {
    let script = "[predict][choose Allowed][identity 2][run][identity 1][run][timeline]";
    let open = played("a3", &format!("{script}<shot>"));
    let (x, y) = place(open.last(), "step 1");
    let point = |played: &Played| lab_of(played).session.lab().history().point();
    let once = played("a3", &format!("{script}<click {x},{y}><shot>"));
    assert_eq!(point(&once), point(&open), "nothing has moved");
    assert!(once.last().contains("▸   step 1"), "{}", once.last());
    let twice = played("a3", &format!("{script}<click {x},{y}><click {x},{y}><shot>"));
    assert_eq!(point(&twice), Point { branch: 0, position: 1 });
    // The row that was selected from the start needs two presses as well.
    let (x, y) = place(open.last(), "step 2");
    let newest = played("a3", &format!("{script}<click {x},{y}><shot>"));
    assert!(!newest.app.shell.overlays.is_empty(), "{}", newest.last());
}

#[test]
fn a_comparison_begins_with_what_differs() {
    let added = "[predict][choose Allowed][edit][snippet][choose Key user][choose tess][back][apply]";
    for size in [(80, 24), (100, 30), (120, 40), (200, 60)] {
        let script = format!("{added}[timeline][diff][down][diff]<shot>");
        let compared = play(app(Some("a3"), false), size, keys(&script));
        let shown = compared.last();
        let rows: Vec<&str> = shown.lines().collect();
        let left_out = rows.iter().position(|row| row.contains("lines as before"));
        let left_out = left_out.unwrap_or_else(|| panic!("{size:?}: {shown}"));
        let mut next = rows.iter().skip(left_out + 1).take(3);
        assert!(next.any(|row| row.contains(" + ")), "{size:?}: {shown}");
        assert!(!shown.contains(r#"   2    "Version""#), "{size:?}: {shown}");
    }
}
