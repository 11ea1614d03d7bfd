//! Names of keys on the screen: every one can be clicked, and the click does what the key does.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::screens::SCREENS;
use super::{Played, app, keys, play};
use crate::scenario::in_turn;
use crate::tui::app::App;
use crate::tui::click_targets;
use crate::tui::overlays::Overlay;
use crate::tui::view;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Screens that are not in the list of the snapshots' overlays.
const OTHERS: &[(&str, &str)] = &[
    ("start", ""),
    ("editor", "[edit]"),
    ("draft", "[edit][snippet][choose Key user][choose tess]"),
    ("asked", "[predict][choose Allowed: the key policy names]"),
    (
        "done",
        "[predict][choose Allowed: the key policy names][edit][snippet][choose Key user][choose tess][back][apply][identity 2][run]",
    ),
    ("past", "[identity 2][run][undo]"),
    ("console", "[console]"),
    ("console-list", "[console]<type aws kms >[complete-line]"),
    ("console-search", "[console]<type echo 1>[run-line][find-line]"),
    ("keys", "[keys]"),
    ("no-record", "[focus-previous][search in lab]<type zebra><Enter>"),
    ("nothing-pasted", "<paste x>"),
];

/// Names whose keys have nothing to do where they are first seen: nothing was typed or changed before, and the first identity
/// acts already.
const NOTHING_TO_DO: &[&str] = &[
    "Up Down older line",
    "Enter write",
    "^U undo",
    "^R redo",
    "^O format",
    "Enter run",
    "^R older match",
    "1-9 acts as somebody",
];

fn screens() -> impl Iterator<Item = (&'static str, &'static str)> {
    SCREENS.iter().chain(OTHERS).copied()
}

/// The screen with the numbers of its keys.
fn drawn(app: &App) -> Buffer {
    let mut buf = Buffer::empty(app.shell.area);
    view::draw(app, app.shell.area, &mut buf);
    buf
}

/// Runs of cells of one row for which `of` says the same: where, the text, and what it said.
fn runs<T: PartialEq>(buf: &Buffer, of: impl Fn(&ratatui::buffer::Cell) -> T) -> Vec<(Position, String, T)> {
    let mut out: Vec<(Position, String, T)> = Vec::new();
    for y in buf.area.rows().map(|row| row.y) {
        for x in 0..buf.area.width {
            let cell = &buf[(x, y)];
            let what = of(cell);
            match out.last_mut() {
                Some((at, text, last)) if *last == what && at.y == y => text.push_str(cell.symbol()),
                _ => out.push((Position { x, y }, cell.symbol().to_owned(), what)),
            }
        }
    }
    out
}

/// Where in the window on top rows are chosen: each of them can be clicked as a whole.
fn rows_to_choose(app: &App) -> Rect {
    match app.shell.overlays.last() {
        Some(Overlay::Menu(_)) => {
            let rect = view::overlay_rect(app).unwrap_or_default();
            Rect { y: rect.y + 1, height: rect.height.saturating_sub(1), ..rect }
        }
        _ => Rect::default(),
    }
}

#[test]
fn every_name_of_a_key_can_be_clicked() {
    let mut dead = BTreeSet::new();
    for (name, script) in screens().step_by(crate::scenario::in_turn()) {
        for size in SIZES {
            let played = play(app(Some("a3"), false), size, keys(script));
            let app = &played.app;
            let buf = drawn(app);
            let accent = app.shell.theme.accent;
            let looks = |cell: &ratatui::buffer::Cell| Style { bg: None, ..cell.style() }.fg == accent.fg;
            let rows = rows_to_choose(app);
            for (at, text, is_accent) in runs(&buf, looks) {
                let word = text.trim();
                // A single digit numbers an identity or a column.
                let is_key = app.shell.keys.number(word) > 0 && word.parse::<u8>().is_err();
                // What stands before the words to look for is a prompt.
                let is_key =
                    is_key && !(word == "/" && matches!(app.shell.overlays.last(), Some(Overlay::Search(_))));
                let lead = text.len() - text.trim_start().len();
                if word.is_empty() {
                    continue;
                }
                let cell = &buf[(at.x + u16::try_from(lead).unwrap_or(0), at.y)];
                if is_accent && is_key && !rows.contains(at) && click_targets::number(cell) == 0 {
                    dead.insert(format!("{word:?} on {name} at {size:?}"));
                }
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

/// What a person sees of it.
fn seen(played: &Played) -> (String, usize, bool) {
    (
        played.last().to_owned(),
        played.effects.len(),
        played.app.shell.exit == Some(crate::tui::shell::Exit::Left),
    )
}

#[test]
fn a_click_on_a_name_does_what_its_key_does() {
    let mut tried = BTreeSet::new();
    let mut idle = Vec::new();
    for (name, script) in screens().step_by(in_turn()) {
        let played = play(app(Some("a3"), false), (120, 40), keys(&format!("{script}<shot>")));
        let names = runs(&drawn(&played.app), click_targets::number);
        for (at, text, _) in
            names.into_iter().filter(|(.., number)| (1..=click_targets::MAX_KEY).contains(number))
        {
            let top = played
                .app
                .shell
                .overlays
                .last()
                .map(|o| format!("{o:?}").chars().take(24).collect::<String>());
            if !tried.insert((text.clone(), top)) {
                continue;
            }
            let click = format!("{script}<shot><click {},{}><shot>", at.x, at.y);
            let clicked = play(app(Some("a3"), false), (120, 40), keys(&click));
            let nothing_to_do = NOTHING_TO_DO.iter().any(|name| text.starts_with(name));
            if seen(&clicked) == seen(&played) && !nothing_to_do {
                idle.push(format!("{text:?} on {name}"));
            }
        }
    }
    assert!(tried.len() > 60 / in_turn(), "{tried:?}");
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

/// Clicks on words, where they stand lowest.
fn click(script: &str, words: &str) -> Played {
    let shown = play(app(Some("a3"), false), (120, 40), keys(&format!("{script}<shot>")));
    let lines: Vec<(usize, &str)> = shown.last().lines().enumerate().collect();
    let (y, line) = lines.into_iter().rev().find(|(_, line)| line.contains(words)).unwrap_or_else(|| {
        panic!("{words:?} is not on:\n{}", shown.last());
    });
    let x = crate::tui::text::width(line.split(words).next().unwrap_or_default());
    play(app(Some("a3"), false), (120, 40), keys(&format!("{script}<click {x},{y}><shot>")))
}

#[test]
fn words_in_titles_notes_and_panes_do_what_they_say() {
    let lab = |played: &Played| played.app.lab().expect("a lab is open").view.clone();
    assert!(click("", "h hint").last().contains("h hint 2 of"));
    assert!(click("", "w expand").app.lab().unwrap().expanded);
    assert!(click("[identity 2]", "s calls").last().contains("ran 09:"));
    assert!(
        click("[predict][choose Allowed: the key policy names][identity 2][run][focus-previous]", "a show")
            .app
            .lab()
            .unwrap()
            .data_events
    );
    assert!(click("", "v guess").last().contains("What do you expect?"));
    assert!(click("", "v guess:").last().contains("What do you expect?"));
    assert!(
        !lab(&click(
            "[predict][choose Allowed: the key policy names][edit][snippet][choose Key user][choose tess]\
        [back]",
            "^S apply"
        ))
        .dirty,
        "the draft is applied"
    );
    // Where its letter would be text, no key is offered.
    let typed = play(app(Some("a3"), false), (120, 40), keys("[edit]<shot>"));
    let task: Vec<&str> = typed.last().lines().take(6).collect();
    assert!(!task.iter().any(|row| row.contains("h hint")), "{}", typed.last());
    // In a window over the lab, what its frame and its footer say.
    assert!(click("[timeline]", "Esc back").app.shell.overlays.is_empty());
    assert!(click("[identity 2][run][timeline]", "d compares two").last().contains("▸="));
    assert!(click("[matrix]", "F every row").last().contains("only what differs"));
    // A word in a sentence, and words that only look like a key.
    assert!(click("<paste x>", "e edits").app.lab().unwrap().typing);
}

#[test]
fn a_sentence_gives_its_keys_away() {
    let app = app(Some("a3"), false);
    let c = view::ctx(&app.shell, false);
    let hot_words = |words: &str| -> Vec<String> {
        let spans = c.sentence(words, Style::default());
        assert_eq!(spans.iter().map(|s| s.content.as_ref()).collect::<String>(), words);
        spans.iter().filter(|s| click_targets::of(s.style) > 0).map(|s| s.content.to_string()).collect()
    };
    let cases: [(&str, &[&str]); 6] = [
        ("type to narrow, Enter does it, Esc closes", &["Enter", " does it", "Esc", " closes"]),
        (
            "nothing pasted: e edits the policy, ; opens the console",
            &["e", " edits the policy", ";", " opens the console"],
        ),
        ("Next: A user cannot scan", &[]),
        ("layout: compare; Tab goes on", &["Tab", " goes on"]),
        ("Enter", &[]),
        ("", &[]),
    ];
    for (words, want) in cases {
        assert_eq!(hot_words(words), want, "{words}");
    }
}

#[test]
fn where_a_title_has_no_room_for_all_hints_the_last_stays() {
    let narrow = play(app(Some("a3"), false), (120, 40), keys("<shot>"));
    let title = narrow.last().lines().find(|line| line.contains("Key policy")).expect("titles");
    assert!(title.contains("1/4") && title.contains("e edit") && !title.contains("p next"), "{title}");
    let wide = play(app(Some("a3"), false), (200, 60), keys("<shot>"));
    assert!(wide.last().contains("p next  e edit"), "{}", wide.last());
}

#[test]
fn while_lines_are_typed_the_note_names_no_key_that_would_be_typed() {
    let typing = play(app(Some("a3"), false), (80, 24), keys("[console]<shot>"));
    assert!(
        typing.last().contains("Enter runs the line, Tab completes a word, Esc leaves"),
        "{}",
        typing.last()
    );
    assert!(!typing.last().contains("v predicts"), "{}", typing.last());
}
