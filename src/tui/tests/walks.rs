//! Whole ways through the lab by keys or by mouse alone.

use super::{app, keys, play};
use crate::narration::{CallStatus, Tick};
use crate::tui::layout::Pane;
use crate::tui::message::Effect;
use crate::tui::shell::Exit;

/// The line of a screen that holds `words`.
fn line_with<'a>(screen: &'a str, words: &str) -> &'a str {
    screen.lines().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words:?} is not on:\n{screen}"))
}

#[test]
fn a3_by_keys_refusal_edit_flip_apply_plaintext() {
    let script = "[identity 2][predict][choose Allowed][run]<shot> [identity 1][edit][snippet]\
        [choose Key user][choose tess]<shot>[back][apply]<shot> [identity 2][run]<shot>[back]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    let [refused, draft, applied, done, after] = played.shots.as_slice() else { panic!("five looks") };
    assert!(refused.contains("DENIED kms:Decrypt"), "{refused}");
    assert!(refused.contains("identity-based policy allows the"), "{refused}");
    assert!(refused.contains("AmazonDynamoDBFullAccess, does not allow it."), "{refused}");
    assert!(line_with(draft, "2 tess").contains("✗ → ✓"), "{draft}");
    assert!(draft.contains("draft not applied"), "{draft}");
    assert!(applied.contains("kms:PutKeyPolicy by kim: done"), "{applied}");
    assert!(!line_with(applied, "2 tess").contains('→'), "{applied}");
    assert!(done.contains("Alice Johnson"), "{done}");
    assert!(done.contains("─ Done: Open the key's own door ─"), "{done}");
    assert!(after.contains("nonce"), "the disk still holds ciphertext: {after}");
    let view = &played.app.lab().unwrap().view;
    assert!(view.head.done, "{:?}", view.task.checks);
    assert_eq!(view.identities[1].applied.mark().map(|mark| mark.status), Some(CallStatus::Allowed));
}

#[test]
fn applying_can_be_refused_and_says_why() {
    let script =
        "[identity 1][edit][snippet][choose Key user][choose tess][back][identity 2]<shot>[apply]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(script));
    assert!(
        played.shots[0].contains("tess would call kms:PutKeyPolicy and be refused"),
        "{}",
        played.shots[0]
    );
    assert!(played.shots[1].contains("is not authorized to perform"), "{}", played.shots[1]);
    assert!(played.app.lab().unwrap().dirty(), "the draft is kept");
}

#[test]
fn a_malformed_text_is_refused_by_aws_and_the_last_valid_draft_stays_in_view() {
    let script = "[identity 1][edit][snippet][choose Key user][choose tess]<type ]]2><shot>";
    let mut steps = keys(script);
    steps.extend(keys("[back][apply]<shot>"));
    let played = play(app(Some("a3"), false), (120, 40), steps);
    assert!(line_with(&played.shots[0], "2 tess").contains("✗ → ✓"), "{}", played.shots[0]);
    assert!(played.shots[1].contains("MalformedPolicyDocumentException"), "{}", played.shots[1]);
}

#[test]
fn undo_and_redo_go_through_every_step_exactly() {
    let script = "[identity 1][edit][snippet][choose Key user][choose tess][back][apply][identity 2][run][back]<shot>[undo]\
        [undo]<shot>[redo][redo][back]<shot>";
    let played = play(app(Some("a3"), false), (120, 40), keys(&format!("[predict][choose Allowed]{script}")));
    // The reasons and what is stored, then the answer beside the policy.
    let strip = |shot: &str| -> Vec<String> {
        let lines: Vec<&str> = shot.lines().take(37).collect();
        let below = lines.iter().position(|line| line.contains("├─ Why")).expect("the reasons");
        let beside = lines.iter().take(below).skip(1).map(|line| line.chars().skip(77).collect());
        lines.iter().skip(below + 1).map(|line| (*line).to_owned()).chain(beside).collect()
    };
    assert!(played.shots[1].contains("looking back: step 0 of 2"), "{}", played.shots[1]);
    assert!(line_with(&played.shots[1], "2 tess").contains('✗'));
    assert_eq!(strip(&played.shots[0]), strip(&played.shots[2]), "answer and storage are as they were");
    assert!(played.app.lab().unwrap().view.head.past.is_none());
}

#[test]
fn two_rows_of_the_timeline_are_compared() {
    // The newest row is the second scan; the one below it applied the policy, the next is the refused scan.
    let script = "[predict][choose Allowed][identity 2][run][identity 1][edit][snippet][choose Key user][choose tess]\
        [back][apply][identity 2][run][timeline]<shot>[diff]<shot>[down][down][diff]<shot>[diff]<shot>[up]\
        [up][diff]<shot>";
    let played = play(app(Some("a3"), false), (120, 50), keys(script));
    let [plain, marked, compared, closed, unmarked] = played.shots.as_slice() else { panic!("five looks") };
    assert!(line_with(marked, "▸=").contains("dynamodb:Scan"), "{marked}");
    assert!(compared.contains("From step 1 at"), "{compared}");
    assert!(line_with(compared, "│ tess").contains("✗ → ✓"), "{compared}");
    assert!(!line_with(compared, "│ kim").contains('→'), "{compared}");
    assert!(compared.contains("Key policy"), "{compared}");
    assert!(compared.contains(" + "), "the earlier moment comes first: {compared}");
    assert!(line_with(closed, "Timeline").contains("compares"), "back in the list: {closed}");
    assert_eq!(unmarked, plain, "the mark is gone");
    assert_eq!(played.app.lab().unwrap().view.head.past, None, "nobody went anywhere");
}

#[test]
fn quitting_asks_only_when_something_would_be_lost() {
    // A draft is kept with its lab.
    for script in ["[quit]", "[edit]<type x>[back][quit]"] {
        let left = play(app(Some("a3"), false), (80, 24), keys(script));
        assert_eq!(left.app.shell.exit, Some(Exit::Left), "{script}");
    }
    // Without a folder nothing is.
    let unkept = || {
        let mut app = app(None, false);
        crate::tui::update::open_scenario(&mut app, "a3", None).expect("it opens");
        app
    };
    let asked = play(unkept(), (80, 24), keys("[edit]<type x>[back][quit]<shot>"));
    assert!(asked.last().contains("The draft is not kept"), "{}", asked.last());
    assert_ne!(asked.app.shell.exit, Some(Exit::Left));
    let sure = play(unkept(), (80, 24), keys("[edit]<type x>[back][quit][yes]"));
    assert_eq!(sure.app.shell.exit, Some(Exit::Left));
}

#[test]
fn letters_type_in_the_editor_and_act_outside() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[edit]<type 2qs>"));
    let lab = played.app.lab().unwrap();
    assert!(lab.editor.lines()[0].starts_with("2qs"), "{:?}", lab.editor.lines()[0]);
    assert_eq!(lab.view.identities.iter().position(|i| i.acting), Some(0));
    assert_eq!(played.app.shell.exit, Some(Exit::TerminalLost), "the script ended, nobody quit");
}

#[test]
fn a_paste_is_one_step_of_undo_and_hostile_text_stays_harmless() {
    let paste = "<paste evil\x1b[2J\u{202e}text>";
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!(
            "[edit]{paste}<shot>[text-undo]\
        <shot>"
        )),
    );
    assert!(played.shots[0].contains("evil␛[2J<U+202E>text"), "{}", played.shots[0]);
    assert!(!played.shots[1].contains("evil"));
    assert!(!played.app.lab().unwrap().dirty());
}

#[test]
fn prediction_comes_before_the_call_and_is_compared_after() {
    let played = play(
        app(Some("a2"), false),
        (120, 40),
        keys(
            "[predict]<shot>[choose Alice's row]\
        [identity 2][run]<shot>",
        ),
    );
    assert!(played.shots[0].contains("What do you expect?"), "{}", played.shots[0]);
    assert!(played.shots[1].contains("You guessed"), "{}", played.shots[1]);
    let view = &played.app.lab().unwrap().view;
    assert!(view.task.checks.iter().any(|c| c.applied == Tick::Done));
}

#[test]
fn the_home_list_searches_and_opens() {
    let played = play(
        app(None, false),
        (120, 40),
        keys(
            "<shot>[search in home]<type iam><Enter><shot>\
        [open]<shot>",
        ),
    );
    assert!(played.shots[0].contains("Full access to DynamoDB"));
    assert!(!played.shots[1].contains("Full access to DynamoDB"), "{}", played.shots[1]);
    assert!(played.shots[2].contains("Identities"), "{}", played.shots[2]);
    assert_eq!(played.app.lab().unwrap().view.head.id, "A4");
}

#[test]
fn the_mouse_selects_presses_scrolls_and_drags() {
    // Identity 2, then the words in the footer, then the line under the first row of panes.
    let start = play(app(Some("a3"), false), (120, 40), keys(""));
    let rect = |pane| start.app.regions().pane(pane).expect("it is there");
    let (tess, policy) = (rect(Pane::Identities).y + 2, rect(Pane::Policy).y + 4);
    // As tess the way of the call takes other rows.
    let as_tess = play(app(Some("a3"), false), (120, 40), keys("[identity 2]"));
    let line = as_tess.app.regions().pane(Pane::Why).expect("it is there").y;
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!(
            "<click 8,{tess}><shot><wheel-down 30,{policy}><drag 40,{line} 40,{}><shot>",
            line + 4
        )),
    );
    assert!(line_with(&played.shots[0], "▸ 2 tess").contains("tess"));
    let top = |s: &str| s.lines().position(|l| l.contains("├─ Why"));
    assert_eq!(top(&played.shots[1]), top(&played.shots[0]).map(|y| y + 4));
    let footer = played.shots[0].lines().last().unwrap().chars().collect::<String>();
    let x = footer.find("edit").unwrap();
    let clicked = play(app(Some("a3"), false), (120, 40), keys(&format!("<click {x},39>")));
    assert!(clicked.app.lab().unwrap().typing);
}

#[test]
fn copies_go_to_the_clipboard_as_text_and_as_a_command() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[identity 2][copy-cli][copy]"));
    let texts: Vec<&String> = played
        .effects
        .iter()
        .filter_map(|e| if let Effect::Copy(text) = e { Some(text) } else { None })
        .collect();
    assert_eq!(texts[0], "aws dynamodb scan --table-name CustomerData --profile tess");
    assert!(texts[1].contains("tess"), "{}", texts[1]);
}

#[test]
fn the_external_editor_is_one_undoable_edit() {
    let played = play(app(Some("a3"), false), (120, 40), keys("[external-editor]<shot>"));
    assert!(played.last().contains("2008-10-17"), "{}", played.last());
    assert!(played.app.lab().unwrap().dirty());
}

#[test]
fn the_palette_finds_any_action_and_runs_it() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[palette in lab]<type matrx><shot>[open]\
        <shot>",
        ),
    );
    assert!(played.shots[0].contains("Who may do what"), "{}", played.shots[0]);
    assert!(played.shots[1].contains("via DDB"), "{}", played.shots[1]);
}

#[test]
fn resizing_loses_nothing_and_too_small_says_so() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys("[edit]<type x><size 30x8><shot><size 60x20><shot><size 120x40><shot>"),
    );
    assert!(played.shots[0].contains("kmslab needs"), "{}", played.shots[0]);
    assert!(played.shots[1].contains("x{"), "{}", played.shots[1]);
    assert!(played.shots[2].contains("draft"), "{}", played.shots[2]);
}

#[test]
fn the_smallest_edit_is_offered_and_drafted() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys("[predict][choose Allowed][identity 2][fix]<shot>[open]<shot>"),
    );
    assert!(played.shots[0].contains("turns this answer around"), "{}", played.shots[0]);
    assert!(line_with(&played.shots[1], "2 tess").contains("✗ → ✓"), "{}", played.shots[1]);
    assert!(played.app.lab().unwrap().dirty(), "it is a draft, not applied");
}

#[test]
fn every_action_is_in_the_palette_or_has_a_reason_not_to_be() {
    use crate::tui::keys::Action;
    // These move inside lists and text, or are the palette itself: they make no sense chosen from a list.
    let moves = [Action::Palette, Action::Up, Action::Down, Action::Identity, Action::Indent, Action::Back];
    let mut app = app(Some("a3"), false);
    app.shell.area = ratatui::layout::Rect::new(0, 0, 120, 40);
    let offered_by = |app: &crate::tui::app::App| {
        crate::tui::overlays::menus::palette(app.place(), app.lab(), &app.shell.keys).rows
    };
    let mut offered = offered_by(&app);
    // A presentation has actions of its own.
    crate::tui::update::start_lesson_here(super::lab_mut(&mut app));
    offered.extend(offered_by(&app));
    // So has the list of scenarios.
    app.screen = crate::tui::app::Screen::Home;
    offered.extend(offered_by(&app));
    for binding in app.shell.keys.bindings() {
        let listed = offered.iter().any(
            |row| matches!(row.choice, crate::tui::overlays::Choice::Act(action) if action == binding.action),
        );
        assert!(listed || moves.contains(&binding.action), "{:?}", binding.action);
    }
}

/// A person with a mouse and no keyboard.
struct Hand(super::Played);

impl Hand {
    fn click(self, words: &str) -> Self {
        let screen = self.0.last();
        let lines: Vec<(usize, &str)> = screen.lines().enumerate().collect();
        // The lowest place: the footer is below everything.
        let (y, line) = lines
            .into_iter()
            .rev()
            .find(|(_, line)| line.contains(words))
            .unwrap_or_else(|| panic!("{words:?} is not on:\n{screen}"));
        let before = line.split(words).next().unwrap_or_default();
        let x = crate::tui::text::width(before) + 1;
        let mut app = self.0.app;
        // A script that ends looks like a terminal that is lost.
        app.shell.exit = None;
        Self(play(app, (120, 40), keys(&format!("<click {x},{y}><shot>"))))
    }
}

#[test]
fn a3_by_the_mouse_alone() {
    let start = play(app(None, false), (120, 40), keys("<shot>"));
    let mut opened = Hand(start).click("· A3").click("· A3");
    super::give_help(&mut opened.0.app);
    // The first press chooses the answer, the second one gives it.
    let asked = opened.click("2 tess").click("command").click("Say what you think");
    let guessed = asked.click("Allowed: the").click("Allowed: the");
    let refused = guessed.click("s scan");
    assert!(refused.0.last().contains("DENIED kms:Decrypt"), "{}", refused.0.last());
    let draft =
        refused.click("1 kim").click("e edit").click("^T statement").click("Key user  ").click("2  tess");
    assert!(line_with(draft.0.last(), "2 tess").contains("✗ → ✓"), "{}", draft.0.last());
    let applied = draft.click("^S apply");
    assert!(applied.0.last().contains("kms:PutKeyPolicy by kim: done"), "{}", applied.0.last());
    let done = applied.click("Esc back").click("2 tess").click("s scan");
    let view = &done.0.app.lab().expect("a lab is open").view;
    assert!(view.head.done, "{:?}\n{}", view.task.checks, done.0.last());
}

#[test]
fn every_pane_and_page_can_be_searched() {
    // The reasons, unfolded, in a small pane.
    let why = play(
        app(Some("a3"), false),
        (80, 24),
        keys(
            "[identity 2][why][search in lab]<type nothing><Enter><shot>[search-next in lab]<shot>\
            [search in lab]<type zebra><Enter><shot>",
        ),
    );
    assert!(why.shots[0].contains("place 1 of"), "{}", why.shots[0]);
    assert!(why.shots[0].contains("says nothing"), "{}", why.shots[0]);
    assert!(why.shots[1].contains("place 2 of"), "{}", why.shots[1]);
    assert!(why.shots[2].contains("`zebra` is not here"), "{}", why.shots[2]);
    // A record of the audit log, longer than the screen.
    let record = play(
        app(Some("a3"), false),
        (80, 24),
        keys(
            // From the document to the log.
            "[predict][choose Allowed][identity 2][run][focus-next][focus-next][focus-next][focus-next]\
            [focus-next][focus-next][focus-next][open][search in lab]<type errorMessage><Enter><shot>",
        ),
    );
    assert!(record.last().contains("\"errorMessage\""), "{}", record.last());
}

#[test]
fn changed_bytes_are_marked_since_a_moment_of_choice() {
    // An item is put: its page is sealed anew.
    let put = "[documents]<type new item>[open][edit][search in editor]<type new1><Enter><Right><type x>\
        [back][apply]";
    let changed = play(app(Some("a3"), false), (120, 40), keys(&format!("{put}<shot>")));
    assert!(changed.last().contains("Since 09:00:00: 1 page sealed anew."), "{}", changed.last());
    // With the storage pane in front, Enter marks now with this moment instead.
    let marked = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!(
            "{put}{}<shot>[open]<shot>[pin][identity 2][run]<shot>",
            // From the document to what is stored.
            "[focus-next]".repeat(5)
        )),
    );
    assert!(marked.shots[0].contains("Enter marks now"), "{}", marked.shots[0]);
    assert!(marked.shots[1].contains("bytes that change are lit from now on"), "{}", marked.shots[1]);
    assert!(marked.shots[2].contains("No page changed since"), "{}", marked.shots[2]);
}

#[test]
fn storage_shows_backups_and_the_keys_of_a_change_of_keys() {
    let lines = [
        "aws dynamodb create-backup --table-name CustomerData --backup-name nightly",
        "NEW=$(aws kms create-key --query KeyMetadata.KeyId --output text)",
        "aws dynamodb update-table --table-name CustomerData --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=$NEW",
    ];
    let typed = lines.map(|line| format!("<paste {line}>[run-line]")).concat();
    let played = play(
        app(Some("a3"), false),
        (200, 60),
        keys(&format!(
            "[identity 1][console]{typed}[back]\
        [back]<shot>"
        )),
    );
    let view = &played.app.lab().unwrap().view.storage;
    let names: Vec<&str> = view.disks.iter().map(|disk| disk.name.as_str()).collect();
    assert_eq!(names, ["CustomerData", "backup nightly of CustomerData"], "{}", played.last());
    assert_ne!(view.disks[0].keys.last(), view.disks[1].keys.last(), "the backup keeps its key");
    assert!(view.disks[0].keys.iter().all(|key| key.under.contains("material ")));
    assert!(view.disks[0].pages.iter().all(|page| page.data.changed.is_empty()), "no page is sealed anew");
    assert_eq!(view.summary(), "Since 09:00:00: 1 page new, 1 page as before under a data key wrapped anew.");
    assert!(played.last().contains("rewrapped"), "{}", played.last());
}

#[test]
fn a_call_made_beside_a_draft_shows_what_it_returned_until_the_draft_changes() {
    let played = play(
        app(Some("a3"), false),
        (200, 60),
        keys(
            "[predict][choose Allowed][identity 2][fix][open]<shot>[run]<shot>\
        [edit]<type  ><shot>",
        ),
    );
    let [draft, ran, again] = played.shots.as_slice() else { panic!("three looks") };
    assert!(draft.contains("on draft") && draft.contains("ALLOWED"), "{draft}");
    assert!(ran.contains("ran 09:00:00") && ran.contains("DENIED"), "{ran}");
    assert!(ran.contains("With the draft it would be allowed."), "{ran}");
    assert!(again.contains("on draft"), "{again}");
}

#[test]
fn a_policy_that_is_not_there_yet_is_written_as_it_is_offered() {
    let played = play(
        app(Some("a4"), false),
        (120, 40),
        keys(
            "[documents]<type user tess there yet>[open]<shot>\
            [apply]<shot>",
        ),
    );
    assert!(played.shots[0].contains("not there yet"), "{}", played.shots[0]);
    assert!(played.shots[1].contains("iam:PutUserPolicy by kim: done"), "{}", played.shots[1]);
}

/// Where the thumb of a scroll bar in a column stands: its first row and the row behind it, the first of several bars.
fn thumb(screen: &str, column: usize) -> (usize, usize) {
    let is_thumb = |line: &&str| line.chars().nth(column) == Some('┃');
    let first = screen.lines().position(|line| is_thumb(&line)).unwrap_or_else(|| panic!("no bar: {screen}"));
    (first, first + screen.lines().skip(first).take_while(is_thumb).count())
}

#[test]
fn scroll_bars_can_be_dragged() {
    let audit = format!("[identity 2]{}[audit][zoom]", "[run]".repeat(30));
    // On the screen's edge, on a line that two panes share, in windows that scroll and that select, in the list.
    for (scenario, script, size, column) in [
        (Some("a3"), "[edit]", (80, 24), 79),
        (Some("a3"), "", (120, 40), 76),
        (Some("a3"), &audit, (80, 24), 79),
        (Some("a3"), "[edit][snippet][choose Key user][choose tess][back][diff]", (80, 24), 77),
        (Some("a3"), "[help in lab]", (80, 24), 79),
        (Some("a3"), "[palette in lab]<type e>", (80, 24), 79),
        (None, "", (80, 24), 79),
    ] {
        let shown = play(app(scenario, false), size, keys(&format!("{script}<shot>")));
        let (top, end) = thumb(shown.last(), column);
        let far = size.1 - 1;
        let drags = format!("{script}<drag {column},{top} {column},{far}><shot>");
        let down = play(app(scenario, false), size, keys(&drags));
        let (low, low_end) = thumb(down.last(), column);
        assert!(low > top, "{script}: {}", down.last());
        // It follows the pointer: one row back is seen, and at the top all is as it was.
        let held = low_end - 1;
        let back = format!("{drags}<drag {column},{held} {column},0><shot>");
        let back = play(app(scenario, false), size, keys(&back));
        assert_eq!(thumb(back.last(), column), (top, end), "{script}: {}", back.last());
        // A press that is not moved changes nothing.
        let press = play(app(scenario, false), size, keys(&format!("{script}<click {column},{top}><shot>")));
        assert_eq!(press.last(), shown.last(), "{script}");
    }
}

#[test]
fn a_press_beside_the_thumb_moves_the_view_there_unless_two_panes_share_the_line() {
    let at = |size, script: &str| play(app(Some("a3"), false), size, keys(&format!("{script}<shot>")));
    let pressed = at((80, 24), "[edit]<click 79,15>");
    assert!(pressed.last().contains("\"Resource\": \"*\""), "{}", pressed.last());
    // At the bottom of the policy's bar is no thumb: the line itself is dragged.
    let policy = |played: &super::Played| played.app.regions().pane(Pane::Policy).expect("it is there").width;
    let (before, dragged) = (at((120, 40), ""), at((120, 40), "<drag 76,25 72,25>"));
    assert_eq!(policy(&dragged) + 4, policy(&before), "{}", dragged.last());
}
