//! The presenter's screen, keys that do nothing, and the way back to the usual screen.

use super::{Played, app, keys, play};
use crate::tui::keys::Context;
use crate::tui::lab_screen::Present;
use crate::tui::layout::{Pane, Preset};
use crate::tui::message::Effect;
use crate::tui::update::start_lesson_here;

fn lesson(scenario: &str, size: (u16, u16), script: &str) -> Played {
    let mut app = app(Some(scenario), false);
    start_lesson_here(super::lab_mut(&mut app));
    play(app, size, keys(script))
}

fn present(played: &Played) -> &Present {
    played.app.lab().and_then(|lab| lab.present.as_ref()).expect("somebody presents")
}

#[test]
fn a_whole_lesson_goes_forward_and_back_the_same_way() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let there = lesson("a3", size, "<shot>[cue-on]<shot>[cue-on][cue-on]<shot>[cue-on][cue-on]<shot>");
        let [vote, first, second, third] = there.shots.as_slice() else { panic!("four looks") };
        assert!(vote.contains("cue 1 of 3") && vote.contains("Hands up"), "{vote}");
        assert!(!vote.contains("Alice"), "nothing is given away: {vote}");
        assert!(first.contains("the key policy leaves it to IAM policies"), "{first}");
        // The key goes by its alias, not by the scenario's own word for it.
        assert!(second.contains("kms:PutKeyPolicy dynamodb-encryption-key"), "{second}");
        assert!(third.contains("cue 3 of 3") && third.contains("Alice Johnson"), "{third}");
        let back = lesson(
            "a3",
            size,
            "[cue-on][cue-on][cue-on][cue-on][cue-on][cue-back]<shot>[cue-back]<shot>\
                [cue-back]<shot>",
        );
        assert_eq!(&back.shots[0], second, "back is exactly as it was");
        assert_eq!(&back.shots[1], first);
        assert!(back.shots[2].contains("this is the first cue"), "{}", back.shots[2]);
        for shot in &there.shots {
            assert!(shot.contains("Space go on") && shot.contains("? help"), "{shot}");
        }
    }
}

#[test]
fn hands_are_counted_and_taken_back() {
    let played = lesson(
        "a3",
        (120, 40),
        "[vote-for][vote-for][vote-for][vote-for-less][vote-against]\
        [vote-against][vote-against-less]<shot>",
    );
    assert_eq!(present(&played).votes, (2, 1));
    // By the mouse, on the footer's words; and a look at somebody else begins a new vote.
    let footer = played.last().lines().last().expect("a footer");
    let x = footer.find("+ for").expect("it is offered");
    let clicked = lesson("a3", (120, 40), &format!("[vote-for]<click {x},39><shot>"));
    assert_eq!(present(&clicked).votes, (2, 0));
    assert_eq!(present(&lesson("a3", (120, 40), "[vote-for][identity 2]")).votes, (0, 0));
}

#[test]
fn help_and_palette_of_a_presentation_hold_its_own_keys_only() {
    let help = lesson("a3", (120, 40), "[help in present]<shot>");
    assert!(help.last().contains("One more hand for allowed"), "{}", help.last());
    assert!(!help.last().contains("Edit the policy on screen"), "{}", help.last());
    let row = |words: &str| help.last().lines().position(|line| line.contains(words));
    assert!(
        row("One more hand for allowed") < row("The next colour theme"),
        "its own keys first: {}",
        help.last()
    );
    let gone_on = lesson("a3", (120, 40), "[palette in lab]<type reveal>[open]<shot>");
    assert!(!present(&gone_on).frozen, "{}", gone_on.last());
    // A key of the lab does nothing to a lesson, and says so.
    let idle = lesson("a3", (120, 40), "[run]<shot>");
    assert!(idle.last().contains("s does nothing here"), "{}", idle.last());
    assert!(present(&idle).frozen);
}

#[test]
fn a_small_screen_is_drawn_and_warned_of_in_the_notes_too() {
    let small = lesson("a3", (80, 24), "<shot><size 100x30><shot>");
    assert!(
        small.shots[0].contains("this terminal is 80x24; for the back row make it 100x30"),
        "{}",
        small.shots[0]
    );
    assert!(!small.shots[1].contains("back row"), "{}", small.shots[1]);
    let pages: Vec<&String> = small
        .effects
        .iter()
        .filter_map(|e| if let Effect::Notes(page) = e { Some(page) } else { None })
        .collect();
    assert!(pages.iter().any(|page| page.contains("Careful: this terminal is 80x24")), "{pages:?}");
    assert!(pages.last().is_some_and(|page| !page.contains("Careful")), "{pages:?}");
}

#[test]
fn other_lessons_name_what_they_are_about() {
    // Time that passes is a cue of its own.
    let waited = lesson("c5", (120, 40), "[cue-on][cue-on][cue-on][cue-on][cue-on][cue-on]<shot>");
    assert!(waited.last().contains("2h later"), "{}", waited.last());
    // What is allowed and fails does not say that it is allowed.
    let failed = lesson("c5", (120, 40), "[cue-on][cue-on][cue-on][cue-on][cue-on]<shot>");
    assert!(failed.last().contains("ValidationException"), "{}", failed.last());
    assert!(!failed.last().contains("Request ID"), "{}", failed.last());
    assert!(
        failed.last().contains("is disabled") && !failed.last().contains("Allowed:"),
        "{}",
        failed.last()
    );
}

#[test]
fn a_key_that_does_nothing_says_so_once() {
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "<type Z><shot><f5><shot><M-x><shot><Insert><shot>\
            [down]<shot>",
        ),
    );
    let says =
        |shot: usize, words: &str| assert!(played.shots[shot].contains(words), "{}", played.shots[shot]);
    says(0, "Z does nothing here · ? lists the keys");
    says(1, "F5 does nothing here");
    says(2, "Alt-x does nothing here");
    says(3, "Insert does nothing here");
    assert!(!played.shots[4].contains("does nothing"), "{}", played.shots[4]);
    // In a window its own way out is named; in the list of scenarios, the help.
    let over = play(app(Some("a3"), false), (120, 40), keys("[matrix]<f5><shot>"));
    assert!(over.last().contains("F5 does nothing here · Esc closes this"), "{}", over.last());
    let home = play(app(None, false), (120, 40), keys("[hide]<shot>"));
    assert!(home.last().contains("x does nothing here · ? lists the keys"), "{}", home.last());
}

#[test]
fn nobody_who_types_is_told_of_idle_keys() {
    for script in [
        "[edit]<f5><shot>",
        "[console]<f5><shot>",
        "[search in lab]<f5><shot>",
        "[palette in lab]<f5><shot>",
        "[matrix][search in lab]<f5><shot>",
        "[home][search in home]<f5><shot>",
        "[export]<f5><shot>",
    ] {
        let played = play(app(Some("a3"), false), (120, 40), keys(script));
        assert!(!played.last().contains("does nothing"), "{script}: {}", played.last());
    }
}

#[test]
fn keys_that_few_terminals_send_change_nothing() {
    let keys_of =
        ["<M-a>", "<M-n>", "<M-s>", "<M-v>", "<M-1>", "<f5>", "<f6>", "<f12>", "<Insert>", "<S-Right>"];
    for start in ["", "[identity 2][run]", "[edit]"] {
        let before = play(app(Some("a3"), false), (120, 40), keys(&format!("{start}<shot>")));
        for key in keys_of {
            let after = play(app(Some("a3"), false), (120, 40), keys(&format!("{start}{key}<shot>")));
            let (lab, was) = (after.app.lab().unwrap(), before.app.lab().unwrap());
            assert_eq!(lab.editor.text(), was.editor.text(), "{start}{key}");
            assert_eq!(lab.view.audit.len(), was.view.audit.len(), "{start}{key}");
            assert!(after.app.shell.overlays.is_empty(), "{start}{key}");
        }
    }
}

#[test]
fn one_key_brings_the_usual_screen_back_and_the_footer_says_so() {
    for (script, words) in [
        ("[layout]", "Esc the usual screen"),
        ("[layout][layout]", "Esc the usual screen"),
        ("[layout][layout][layout][layout][layout][layout]", "Esc the usual screen"),
        ("[compare]", "Esc the usual screen"),
        ("[keys]", "Esc the usual screen"),
        ("[zoom]", "Esc all panes"),
        ("[hide]", "Esc all panes"),
        ("[focus-next][hide][hide]", "Esc all panes"),
        ("[layout][hide]", "Esc the usual screen"),
    ] {
        for size in [(80, 24), (120, 40), (200, 60)] {
            // Where panes share a place the keys have one on the usual screen.
            if script == "[keys]" && size.0 < 170 {
                continue;
            }
            let played = play(app(Some("a3"), false), size, keys(&format!("{script}<shot>[back]<shot>")));
            let [away, back] = played.shots.as_slice() else { panic!("two looks") };
            let footer = |shot: &str| shot.lines().last().unwrap_or_default().to_owned();
            assert!(footer(away).contains(words), "{script}: {away}");
            assert!(!footer(back).contains("Esc"), "{script}: {back}");
            let lab = played.app.lab().unwrap();
            assert_eq!((lab.preset, lab.zoom, lab.hidden.len()), (Preset::Learn, None, 0), "{script}");
        }
    }
    let named = play(app(Some("a3"), false), (120, 40), keys("[layout]<shot>"));
    assert!(named.last().lines().next().unwrap().contains("policy layout"), "{}", named.last());
    // What is open closes first.
    let search = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[layout][focus-next][search in lab]\
        <type kms><Enter>[back]",
        ),
    );
    assert_eq!(search.app.lab().unwrap().preset, Preset::Policy);
    assert_eq!(search.app.lab().unwrap().focus, Pane::Policy);
    assert_eq!(search.app.context(), Context::Lab);
}

#[test]
fn what_is_said_of_a_mistake_comes_into_view_at_every_size() {
    // The key is off for more than seven days, and the table is archived.
    let off = "<paste aws kms disable-key --key-id $(aws kms list-keys --query 'Keys[0].KeyId' --output text)>[run-line]";
    for size in [(80, 24), (120, 40), (200, 60)] {
        let played = play(
            app(Some("c5"), false),
            size,
            keys(&format!(
                "[predict][choose An error]\
            [console]{off}[back][back][run]<shot>[clock][choose 8 days]<shot>"
            )),
        );
        assert!(!played.shots[0].contains("Too late"), "{}", played.shots[0]);
        assert!(played.shots[1].contains("Too late: after seven days"), "{}", played.shots[1]);
    }
}

#[test]
fn a_layout_is_chosen_by_its_name_from_the_palette() {
    for (preset, next) in Preset::ALL.into_iter().zip(Preset::ALL.into_iter().skip(1)) {
        assert_eq!(preset.next(), next);
        // Two sessions have a name of their own.
        let arranges = if next == Preset::Compare { "" } else { "layout " };
        let script = format!("[palette in lab]<type {arranges}{}>[open]<shot>", next.name());
        let played = play(app(Some("a3"), false), (120, 40), keys(&script));
        assert_eq!(played.app.lab().unwrap().preset, next, "{}", played.last());
        assert!(played.last().contains(&format!("{} layout", next.name())), "{}", played.last());
    }
}

#[test]
fn revealing_once_more_ends_nothing() {
    let shown = play(
        app(Some("a3"), false),
        (120, 40),
        keys(
            "[present]<shot>[present]<shot>[present]\
        <shot>",
        ),
    );
    assert!(shown.app.lab().is_some_and(|lab| lab.present.is_some()), "{}", shown.last());
    assert!(
        shown.shots[0].lines().last().is_some_and(|footer| footer.contains("P reveal")),
        "{}",
        shown.shots[0]
    );
    assert!(
        shown.shots[1].lines().last().is_some_and(|footer| !footer.contains("reveal")),
        "{}",
        shown.shots[1]
    );
    assert!(shown.shots[2].contains("Esc ends the presentation"), "{}", shown.shots[2]);
}
