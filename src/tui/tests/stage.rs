//! The stage over the panes: what it says is whole, the key that it names is the right one, and the console over the
//! panes gives everything back.

use super::{Played, app, as_it_is, keys, lab_mut, play};
use crate::narration::{CallStatus, Next};
use crate::scenario;
use crate::tui::app::App;
use crate::tui::editor::Editor;
use crate::tui::keys::Context;
use crate::tui::layout::{Pane, Region, Regions};

const SMALL: (u16, u16) = (80, 24);
const SIZES: [(u16, u16); 4] = [SMALL, (100, 30), (120, 40), (200, 60)];

/// Goes on where `app` is. A script that ends looks like a terminal that is lost.
fn go_on(mut app: App, size: (u16, u16), script: &str) -> Played {
    app.shell.exit = None;
    play(app, size, keys(&format!("{script}<shot>")))
}

/// The rows of a part of the screen.
fn rows(played: &Played, region: Region) -> String {
    let rect = played.app.regions().get(region).unwrap_or_default();
    let rows: Vec<&str> = played.last().lines().skip(rect.y.into()).take(rect.height.into()).collect();
    rows.join("\n")
}

/// Whether the words stand there one after the other; other words may stand between them, at a line's end.
fn holds(rows: &str, words: &str) -> bool {
    let mut there = rows.split_whitespace();
    words.split_whitespace().all(|word| there.any(|one| one == word))
}

/// Answers every open question with its first choice.
fn guessed(mut app: App, size: (u16, u16)) -> Played {
    loop {
        let played = go_on(app, size, "");
        let lab = played.app.lab().expect("a lab");
        if lab.view.task.question().is_none_or(|question| question.chosen.is_some()) {
            return played;
        }
        app = go_on(played.app, size, "[predict][choose 1]").app;
        // A grid of guesses stays for the next one.
        if !app.shell.overlays.is_empty() {
            app = go_on(app, size, "[back]").app;
        }
    }
}

#[test]
fn the_task_and_the_deciding_sentence_are_whole_in_every_scenario() {
    let mut refused = Vec::new();
    for embedded in scenario::embedded() {
        let id = embedded.id;
        let size = SMALL;
        let start = play(app(Some(id), false), size, keys("<shot>"));
        let view = &start.app.lab().expect("a lab").view;
        assert!(!view.task.say.is_empty(), "{id}");
        assert!(holds(&rows(&start, Region::Task), &view.task.say), "{id}: {}", start.last());
        assert!(holds(&rows(&start, Region::Path), &view.path.sentence), "{id}: {}", start.last());
        // Each identity in its turn, until one is refused.
        let numbers: Vec<usize> = view.identities.iter().map(|row| row.number).collect();
        let mut played = guessed(start.app, size);
        for number in numbers {
            played = guessed(go_on(played.app, size, &format!("[identity {number}][run][back]")).app, size);
            let lab = played.app.lab().expect("a lab");
            let path = &lab.view.path;
            if path.mark.as_ref().is_some_and(|mark| mark.status == CallStatus::Denied) {
                assert!(!path.sentence.is_empty(), "{id}");
                assert!(holds(&rows(&played, Region::Path), &path.sentence), "{id}: {}", played.last());
                let say = &lab.view.task.say;
                assert!(
                    lab.view.head.done || holds(&rows(&played, Region::Task), say),
                    "{id}: {}",
                    played.last()
                );
                refused.push(id);
                break;
            }
        }
    }
    assert!(refused.len() >= 9, "only {refused:?}");
}

#[test]
fn a_cut_would_be_found() {
    let start = play(app(Some("a3"), false), SMALL, keys("<shot>"));
    let say = &start.app.lab().expect("a lab").view.task.say;
    let all = rows(&start, Region::Task);
    assert!(holds(&all, say));
    let first = all.lines().next().expect("a row");
    assert!(!holds(first, say), "the second row of the task is needed: {first}");
}

/// Somebody who does what the stage says is next.
struct Walk(Played, (u16, u16));

impl Walk {
    fn new(id: &str, size: (u16, u16)) -> Self {
        Self(play(app(Some(id), false), size, keys("<shot>")), size)
    }

    /// Looks at what is said to be next, then presses keys.
    fn next(self, said: &str, script: &str) -> Self {
        let rows = rows(&self.0, Region::Task);
        let next = rows.lines().find_map(|row| row.split_once("next ")).map(|(_, next)| next);
        let next: Vec<&str> = next.unwrap_or_default().split_whitespace().collect();
        assert!(next.join(" ").starts_with(said), "{said:?} is next, not {next:?}:\n{}", self.0.last());
        Self(go_on(self.0.app, self.1, script), self.1)
    }

    /// Writes the document on the screen anew, as an editor outside would.
    fn write(mut self, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        let lab = lab_mut(&mut self.0.app);
        let mut policy: serde_json::Value = serde_json::from_str(&lab.editor.text()).expect("a policy");
        change(&mut policy);
        lab.editor = Editor::new(&format!("{policy:#}"));
        Self(go_on(self.0.app, self.1, "<type  >"), self.1)
    }

    fn is_done(&self) -> bool {
        self.0.app.lab().is_some_and(|lab| lab.view.head.done)
    }
}

#[test]
fn the_next_key_leads_through_a3() {
    for size in SIZES {
        let done = Walk::new("a3", size)
            .next("v guess", "[predict][choose Allowed]")
            .next("e edit the policy", "[edit]")
            .next("^T put a statement in", "[snippet][choose Key user][choose tess]")
            .next("^S make it real", "[apply]")
            .next("Esc, then 2 act as tess", "[back][identity 2]")
            .next("s scan as tess", "[run][back]");
        assert!(done.is_done(), "{size:?}: {}", done.0.last());
        let next = done.next("n the next scenario", "[next]").0;
        assert_ne!(next.app.lab().expect("a lab").view.head.id, "A3", "{}", next.last());
    }
}

/// Where help waits, the next key is never one of those that wait, and what is pressed all the same is answered. At the end
/// the learner is asked for words, and only then told the lesson.
#[test]
fn a3_is_written_by_hand_where_help_waits() {
    let statement = serde_json::json!({"Sid": "Tess", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}});
    let lesson = "Within one account";
    for size in SIZES {
        let start = Walk(play(as_it_is(Some("a3"), false), size, keys("<shot>")), size);
        let flip = start.next("v guess", "[predict][choose Allowed][fix]");
        assert!(
            flip.0.last().contains("flip it comes after the last hint; h shows the next"),
            "{}",
            flip.0.last()
        );
        let asked = flip
            .next("e edit the policy", "[edit]")
            // Parts write nothing that was not chosen, and wait for nothing.
            .next("^T put a statement in, or type", "")
            .write(|policy| policy["Statement"].as_array_mut().expect("statements").push(statement.clone()))
            .next("^S make it real", "[apply]")
            .next("Esc, then 2 act as tess", "[back][identity 2]")
            .next("s scan as tess", "[run]");
        let shown = asked.0.last();
        assert!(shown.contains("In your own words") && !shown.contains(lesson), "{shown}");
        let said = go_on(asked.0.app, size, "<type her name stood in it><Enter>");
        assert!(said.last().contains(lesson), "{}", said.last());
        let lab = said.app.lab().expect("a lab").session.lab();
        assert_eq!((lab.words(), lab.help_taken()), (Some("her name stood in it"), &[][..]));
    }
}

#[test]
fn the_list_of_statements_waits_where_no_parts_are_offered() {
    let played = play(as_it_is(Some("d1"), false), SMALL, keys("[edit][snippet]<shot>"));
    assert!(played.last().contains("after the last hint"), "{}", played.last());
    let footer = played.last().lines().last().expect("a footer");
    assert!(!footer.contains("statement"), "the footer offers nothing that waits: {footer}");
}

#[test]
fn help_that_was_taken_is_noted_and_the_first_minute_waits_for_nothing() {
    use crate::lab::Help;
    let taken = |played: &Played| {
        let taken = played.app.lab().expect("a lab").session.lab().help_taken().to_vec();
        taken.into_iter().map(|(_, help)| help).collect::<Vec<_>>()
    };
    let first = play(as_it_is(Some("a0"), false), SMALL, keys("[run][snippet][choose Key user]<shot>"));
    assert_eq!(taken(&first), [], "the first minute sends everybody to the list");
    let hints = "[predict][choose Allowed][hint][hint][hint][hint]";
    let script = format!("{hints}[edit][snippet][choose Key user][choose tess]<shot>");
    assert_eq!(taken(&play(as_it_is(Some("a3"), false), SMALL, keys(&script))), [Help::Snippet]);
    let script = format!("{hints}[identity 2][fix][open]<shot>");
    assert_eq!(taken(&play(as_it_is(Some("a3"), false), SMALL, keys(&script))), [Help::Flip]);
    // Not even the last hint opens the list where the learner is to write by themselves.
    let alone =
        play(as_it_is(Some("b1"), false), (120, 40), keys("[hint][hint][hint][hint][edit][snippet]<shot>"));
    assert!(alone.last().contains("once the task is done"), "{}", alone.last());
    assert!(taken(&alone).is_empty());
}

#[test]
fn the_next_key_leads_through_c1() {
    for size in SIZES {
        let done = Walk::new("c1", size)
            .next("v guess", "[predict][choose 2]")
            .next("s scan as tess", "[run]")
            .next("1 act as kim", "[identity 1]")
            .next("e edit the policy", "[edit]")
            .next("^X with the cursor in TessReads: take it out", "")
            .write(|policy| {
                let statements = policy["Statement"].as_array_mut().expect("statements");
                statements.retain(|statement| statement["Sid"] != "TessReads");
            })
            .next("^S make it real", "[apply]")
            .next("Esc, then 2 act as tess", "[back][identity 2]")
            .next("s scan as tess", "[run]")
            .next("v guess", "[predict][choose 2]")
            .next("c let time pass", "[clock][choose 5 minutes]")
            .next("s scan as tess", "[run][back]");
        assert!(done.is_done(), "{size:?}: {}", done.0.last());
    }
}

/// What helps nobody is not named as the thing to do, neither before it is applied nor after.
#[test]
fn a_statement_that_does_not_help_is_not_to_be_applied() {
    for size in SIZES {
        let walk = Walk::new("a0", size)
            .next("s scan as tess", "[run]")
            .next("^T put a statement in", "[edit][snippet][choose Deny all but one]")
            .next("^U undo, or mend the draft", "[apply][back]")
            .next("u take it back", "[undo]")
            .next("^T put a statement in", "[edit][snippet][choose Key user]")
            .next("^S make it real", "[apply][back]")
            .next("s scan as tess", "[run]");
        assert!(walk.is_done(), "{size:?}: {}", walk.0.last());
    }
}

#[test]
fn no_key_is_said_to_call_for_somebody_who_does_not_act() {
    for size in SIZES {
        let draft = "[predict][choose Allowed][edit][snippet][choose Key user][choose tess]";
        let turned = go_on(app(Some("a3"), false), size, &format!("{draft}[apply][back]"));
        let says =
            |played: &Played| ["s calls", "s runs it"].iter().any(|words| played.last().contains(words));
        let view = &turned.app.lab().expect("a lab").view;
        assert_eq!((view.path.who.as_str(), view.acts("kim"), view.acts("tess")), ("tess", true, false));
        assert!(!says(&turned), "{size:?}: {}", turned.last());
        let acts = go_on(turned.app, size, "[identity 2]");
        assert!(size == SMALL || says(&acts), "{size:?}: {}", acts.last());
    }
}

#[test]
fn whoever_types_a_line_reads_what_to_type_and_no_letter_to_press() {
    let start = play(app(Some("c3"), false), SMALL, keys(""));
    let mut wants = start.app.lab().expect("a lab").view.next.clone();
    let mut played = start;
    // The first thing that has no key of its own.
    for script in ["[predict][choose 1]", "[keys][keys][choose Rotate now][back]"] {
        if matches!(wants, Some(Next::Console(_))) {
            break;
        }
        played = go_on(played.app, SMALL, script);
        wants = played.app.lab().expect("a lab").view.next.clone();
    }
    assert!(matches!(wants, Some(Next::Console(_))), "{wants:?}: {}", played.last());
    let walk = Walk(go_on(played.app, SMALL, ""), SMALL).next("; aws dynamodb create-table", "[console]");
    let _ = walk.next("aws dynamodb create-table", "");
}

/// Where everything is, as far as it can be seen.
fn places(regions: &Regions) -> String {
    format!("{:?} {:?}", regions.parts(), regions.stack)
}

#[test]
fn the_console_gives_the_panes_and_the_focus_back() {
    for size in SIZES {
        for before in
            ["", "[focus-next]", "[focus-previous]", "[layout]", "[compare]", "[identity 2][why]", "[zoom]"]
        {
            let start = play(app(Some("a3"), false), size, keys(&format!("{before}<shot>")));
            let open = go_on(start.app, size, "[console]");
            // The app is moved on; the state before is played once more.
            let start = play(app(Some("a3"), false), size, keys(&format!("{before}<shot>")));
            assert_eq!(open.app.context(), Context::Console, "{before} at {size:?}");
            assert!(
                open.app.regions().pane(Pane::Console).is_some(),
                "{before} at {size:?}: {}",
                open.last()
            );
            assert!(open.last().contains("kim> ") || open.last().contains("tess> "), "{}", open.last());
            // By the key, as in a shell, and by a word.
            let leave = ["[back]", "<C-d>", "<type exit>[run-line]"];
            let back = go_on(open.app, size, leave[(usize::from(size.0) + before.len()) % 3]);
            let (was, is) = (start.app.lab().expect("a lab"), back.app.lab().expect("a lab"));
            assert_eq!(
                (is.focus, is.preset, is.zoom),
                (was.focus, was.preset, was.zoom),
                "{before} at {size:?}"
            );
            assert_eq!(places(&back.app.regions()), places(&start.app.regions()), "{before} at {size:?}");
            // What was said last is gone with the next key.
            let note = start.app.regions().get(Region::Note).expect("a line").y;
            let shown = |played: &Played| -> Vec<String> {
                let rows = played.last().lines().enumerate().filter(|(y, _)| *y != usize::from(note));
                rows.map(|(_, row)| row.to_owned()).collect()
            };
            assert_eq!(shown(&back), shown(&start), "{before} at {size:?}");
        }
    }
}

#[test]
fn the_line_of_everybody_can_have_the_focus() {
    let start = play(app(Some("c2"), false), SMALL, keys("<shot>"));
    let at = |played: &Played| played.app.lab().expect("a lab").focus;
    assert_eq!(at(&start), Pane::Identities);
    assert!(start.app.regions().get(Region::Folded(Pane::Identities)).is_some(), "{}", start.last());
    let down = go_on(start.app, SMALL, "[focus-down]");
    assert_eq!(at(&down), Pane::Story);
    let up = go_on(down.app, SMALL, "[focus-up][down]");
    assert_eq!(at(&up), Pane::Identities);
    assert!(up.app.lab().expect("a lab").view.identities[1].acting, "down goes to the next: {}", up.last());
}

/// How many hints a task has does not change with what is done.
#[test]
fn the_total_of_hints_stays_within_a_task() {
    let totals = |played: &Played| -> Vec<String> {
        let after = |row: &str| {
            row.split("hint ").nth(1).map(|rest| rest.split(" of ").nth(1).unwrap_or("").to_owned())
        };
        let first = |rest: String| rest.split_whitespace().next().unwrap_or("").to_owned();
        rows(played, Region::Task).lines().filter_map(after).map(first).collect()
    };
    for size in SIZES {
        let start = play(as_it_is(Some("a2"), false), size, keys("<shot>"));
        let before = totals(&start);
        assert_eq!(before, ["2"], "{size:?}: {}", start.last());
        let scanned = go_on(start.app, size, "[run]");
        assert!(totals(&scanned).iter().all(|total| total == "2"), "{size:?}: {}", scanned.last());
        let shown = go_on(scanned.app, size, "[hint]");
        assert!(totals(&shown).iter().all(|total| total == "2"), "{size:?}: {}", shown.last());
    }
}
