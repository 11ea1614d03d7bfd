//! The end of a scenario: the learner's own words, the lesson, and the way back to it.

use std::path::PathBuf;

use super::{Played, app, as_it_is, keys, play};
use crate::tui::app::App;
use crate::tui::overlays::{Overlay, Page, PageKind};
use crate::tui::{update, view};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 60)];
const LARGE: (u16, u16) = (200, 60);

/// A3 by hand, from the guess that begins so to the question for one's own words.
fn by_hand(guess: &str) -> String {
    let statement = |sid: &str, who: &str, action: &str| {
        serde_json::json!({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*",
            "Principal": {"AWS": format!("arn:aws:iam::111122223333:{who}")}})
    };
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [
        statement("Enable IAM User Permissions", "root", "kms:*"),
        statement("Tess", "user/tess", "kms:Decrypt")]});
    format!("[predict][choose {guess}][edit][select-all]<paste {policy}>[apply][back][identity 2][run]")
}

/// A3 by the list of statements, to the card at its end.
const LISTED: &str =
    "[predict][choose Allowed][edit][snippet][choose Key user][choose tess][back][apply][identity 2][run]";

/// The program started again on the labs of a folder, at A3.
fn again(state: PathBuf) -> App {
    let mut app = as_it_is(None, false);
    app.shell.state = Some(state);
    update::open_scenario(&mut app, "a3", None).expect("the scenario opens");
    app.shell.toast = None;
    app
}

/// The folder of labs of a program that has ended: with it the lab is let go.
fn state(played: Played) -> PathBuf {
    let Played { app, .. } = played;
    app.shell.state.clone().expect("a folder")
}

fn footer(screen: &str) -> &str {
    screen.lines().last().unwrap_or_default()
}

fn card(played: &Played) -> &Page {
    match played.app.shell.overlays.last() {
        Some(Overlay::Page(page)) if matches!(page.kind, PageKind::Card(_)) => page,
        _ => panic!("no card: {}", played.last()),
    }
}

#[test]
fn a_lab_that_was_left_before_the_lesson_opens_with_it() {
    for size in SIZES {
        let left = play(as_it_is(Some("a3"), false), size, keys(&format!("{}<shot>", by_hand("Allowed"))));
        assert!(left.last().contains("In your own words"), "{size:?}: {}", left.last());
        let back = play(again(state(left)), size, keys("<shot><Enter><shot>"));
        let [asked, told] = back.shots.as_slice() else { panic!("two looks") };
        assert!(asked.contains("In your own words"), "{size:?}: {asked}");
        assert!(told.contains("─ Done: "), "{size:?}: {told}");
        // Once they were asked for, the lesson is a key away, which the footer names.
        let later = play(again(state(back)), size, keys("<shot>[story]<shot>"));
        let [open, lesson] = later.shots.as_slice() else { panic!("two looks") };
        assert!(!open.contains("In your own words") && !open.contains("─ Done: "), "{size:?}: {open}");
        assert!(footer(open).contains("n next   l lesson"), "{size:?}: {open}");
        assert!(lesson.contains("─ Done: "), "{size:?}: {lesson}");
    }
}

#[test]
fn one_s_own_words_stand_beside_how_the_guess_turned_out_and_not_beside_the_reason() {
    for (guess, verdict) in [
        ("Allowed: the key policy names", "✓ Your guess was right: Allowed"),
        ("Denied", "→ Your guess was wrong: Denied"),
    ] {
        for size in SIZES {
            let asked = play(as_it_is(Some("a3"), false), size, keys(&format!("{}<shot>", by_hand(guess))));
            assert!(asked.last().contains(verdict), "{verdict} at {size:?}: {}", asked.last());
            assert!(!asked.last().contains("Within one account"), "{size:?}: {}", asked.last());
        }
    }
}

#[test]
fn the_card_tells_the_lesson_first_and_what_was_changed_last() {
    for size in SIZES {
        let played = play(app(Some("a3"), false), size, keys(&format!("{LISTED}<shot>[bottom]<shot>")));
        let ground = view::ground(&played.app);
        let lines: Vec<String> = card(&played).lines(&ground, 96).iter().map(ToString::to_string).collect();
        let at = |words: &str| {
            lines
                .iter()
                .position(|line| line.contains(words))
                .unwrap_or_else(|| panic!("{words}: {lines:#?}"))
        };
        let order = [
            "Within one account",
            "Your guesses",
            "What many believe",
            "Where AWS says so",
            "at the start and now",
            "Key policy: ",
        ];
        let places = order.map(at);
        assert!(places.is_sorted(), "{places:?}: {lines:#?}");
        // What is as before is not listed.
        let diff = lines.get(at("Key policy: ")..).unwrap_or_default();
        assert!(diff.iter().any(|line| line.contains("lines as before")), "{diff:#?}");
        assert!(!diff.iter().any(|line| line.contains("2012-10-17")), "{diff:#?}");
        // The lesson is whole without a key, and the frame says that there is more.
        let [top, bottom] = played.shots.as_slice() else { panic!("two looks") };
        let words =
            |text: &str| text.replace(['│', '┃'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        for paragraph in &played.app.lab().expect("a lab").view.task.debrief {
            assert!(words(top).contains(&words(paragraph)), "{paragraph} at {size:?}: {top}");
        }
        let is_whole = lines.len() <= usize::from(size.1) / 2;
        assert!(is_whole || top.contains("↓ more"), "{size:?}: {top}");
        assert!(!bottom.contains("↓ more"), "{size:?}: {bottom}");
    }
}

#[test]
fn only_the_first_sentence_of_the_lesson_is_bold() {
    let played = play(app(Some("a3"), false), LARGE, keys(&format!("{LISTED}<shot>")));
    let ground = view::ground(&played.app);
    let lines = card(&played).lines(&ground, 96);
    let lesson = lines.iter().take_while(|line| line.width() > 0).flat_map(|line| &line.spans);
    let bold: String = lesson
        .filter(|span| span.style == ground.ctx.theme.title)
        .map(|span| span.content.as_ref())
        .collect();
    assert_eq!(bold.trim(), "Within one account the key policy alone can allow kms:Decrypt.");
}

/// Large letters are for the moment: beside the lesson a refusal that was wanted would look like a failure.
#[test]
fn no_verdict_in_large_letters_stands_beside_the_lesson() {
    let script = format!("{}<shot><Enter><shot>[back]<shot>", by_hand("Allowed"));
    let played = play(as_it_is(Some("a3"), false), LARGE, keys(&script));
    let [words, lesson, after] = played.shots.as_slice() else { panic!("three looks") };
    assert!(!words.contains("██") && words.contains("In your own words"), "{words}");
    assert!(!lesson.contains("██") && lesson.contains("─ Done: "), "{lesson}");
    assert!(after.contains("██"), "they are back: {after}");
}
