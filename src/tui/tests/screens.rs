//! What the screens look like, at the three sizes people use.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::{app, keys, play};
use crate::tui::app::App;
use crate::tui::theme::{Theme, ThemeName};
use crate::tui::view::view;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// The themes whose colours are kept: the default one, the one for a light background, the one without colours.
const THEMES: [ThemeName; 3] = [ThemeName::Ansi, ThemeName::Light, ThemeName::Mono];

fn kept(name: &str, shown: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, shown);
    });
}

/// Keeps what a screen shows, what it shows in ASCII, and the colours of its cells.
fn snapshots(name: &str, scenario: Option<&str>, script: &str) {
    for (width, height) in SIZES {
        let steps = keys(&format!("{script}<shot>"));
        let mut played = play(app(scenario, false), (width, height), steps.clone());
        kept(&format!("{name}-{width}x{height}"), played.last());

        let mut colours = String::new();
        for theme in THEMES {
            played.app.shell.theme = Theme::new(theme);
            let buffer = drawn(&played.app, width, height);
            if theme == ThemeName::Mono {
                let coloured = buffer.content().iter().find(|c| (c.fg, c.bg) != (Color::Reset, Color::Reset));
                assert!(coloured.is_none(), "{name}: a colour where there must be none: {coloured:?}");
            }
            let _ = writeln!(colours, "{}\n{}", theme.as_str(), styles(&buffer));
        }
        kept(&format!("{name}-{width}x{height}-colours"), &colours);

        let ascii = play(app(scenario, true), (width, height), steps);
        assert!(ascii.last().is_ascii(), "{name}: {}", ascii.last());
        kept(&format!("{name}-{width}x{height}-ascii"), ascii.last());
    }
}

fn drawn(app: &App, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory is a screen");
    terminal.draw(|frame| view(app, frame)).expect("memory can be drawn on");
    terminal.backend().buffer().clone()
}

/// How the cells look: the styles by letter, then the runs of each row.
fn styles(buffer: &Buffer) -> String {
    let mut legend: Vec<String> = Vec::new();
    let mut rows = String::new();
    for y in 0..buffer.area.height {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier);
            let at = legend.iter().position(|s| *s == style).unwrap_or_else(|| {
                legend.push(style);
                legend.len() - 1
            });
            match runs.last_mut() {
                Some((last, n)) if *last == at => *n += 1,
                _ => runs.push((at, 1)),
            }
        }
        let row: Vec<String> = runs.iter().map(|(at, n)| format!("{}{n}", letter(*at))).collect();
        let _ = writeln!(rows, "{}", row.join(" "));
    }
    let mut text = String::new();
    for (at, style) in legend.iter().enumerate() {
        let _ = writeln!(text, "{} = {style}", letter(at));
    }
    text + &rows
}

fn letter(at: usize) -> char {
    ('a'..='z').chain('A'..='Z').nth(at).unwrap_or('?')
}

#[test]
fn home() {
    snapshots("home", None, "");
}

#[test]
fn lab_at_the_start() {
    snapshots("lab-start", Some("a3"), "");
}

#[test]
fn lab_refused() {
    snapshots("lab-refused", Some("a3"), "[predict][choose Allowed][identity 2][run]");
}

#[test]
fn lab_with_a_draft_that_flips() {
    snapshots("lab-draft", Some("a3"), "[predict][choose Allowed][edit][snippet][choose Key user]");
}

#[test]
fn lab_with_a_broken_draft() {
    snapshots("lab-broken", Some("a3"), "[predict][choose Allowed][edit]<Down><Down><End><type x>");
}

#[test]
fn lab_done() {
    snapshots(
        "lab-done",
        Some("a3"),
        "[predict][choose Allowed][edit][snippet][choose Key user][back][apply][identity 2][run]",
    );
}

/// Screens of A3 with something lying over them, or arranged otherwise.
pub const SCREENS: &[(&str, &str)] = &[
    ("help", "[help in lab]"),
    ("palette", "[palette in lab]"),
    ("predict", "[predict]"),
    ("matrix", "[matrix]"),
    ("timeline", "[identity 2][predict][choose Allowed][run][timeline]"),
    ("who-can", "[who-can]<type kms:Decrypt>[open][open]"),
    ("who-can-to", "[who-can]<type kms:Decrypt>[open]"),
    ("documents", "[documents]"),
    ("versions", "[identity 1][edit][snippet][choose Key user][back][apply][versions]"),
    ("version", "[identity 1][edit][snippet][choose Key user][back][apply][versions][choose 2]"),
    (
        "timeline-branches",
        "[predict][choose Allowed][identity 1][edit][snippet][choose Key user][back][apply][identity 2]\
            [run][undo][undo][identity 1][run][timeline]",
    ),
    (
        "comparison",
        "[predict][choose Allowed][identity 1][edit][snippet][choose Key user][back][apply][identity 2]\
            [run][timeline][diff][down][down][diff]",
    ),
    ("decisions", "[predict][choose Allowed][identity 2][run][focus-previous][open][why]"),
    ("cell", "[matrix]<Right><Right>[down][open]"),
    ("matrix-of-key", "[matrix][matrix-subject]"),
    ("matrix-filtered", "[matrix][matrix-differing][search in lab]<type te>"),
    ("fixes", "[identity 2][fix]"),
    (
        "completions",
        "[edit][search in editor]<type kms:*><Enter><Right><Right><Right><Right><Right><BS>\
            [palette in editor]<type complete>[open]",
    ),
    ("search", "[search in lab]<type kms>"),
    ("find-records", "[identity 2][run][focus-previous][search in lab]<type dec>"),
    ("export", "[export]"),
    ("layout-policy", "[layout]"),
    ("layout-storage", "[layout][layout][layout][layout][layout]"),
    ("layout-audit", "[identity 2][run][layout][layout][layout][layout][layout][layout]"),
    ("zoom", "[identity 2][why][focus-next][zoom]"),
    ("restart-task", "[restart-task]"),
    ("diff", "[edit][snippet][choose Key user][back][diff]"),
    (
        "record",
        "[identity 2][predict][choose Allowed][run][focus-next][focus-next][focus-next][focus-next]\
            [focus-next][open]",
    ),
    ("refused", "[edit][snippet][choose Key user][back][identity 2][apply]"),
    ("present", "[present]"),
    ("present-revealed", "[present][present]"),
    ("idle-key", "[watch]"),
    ("hidden", "[hide]"),
    ("confirm", "[reset]"),
    ("clock", "[clock]"),
    ("snippets", "[edit][snippet]"),
];

#[test]
fn overlays() {
    for (name, script) in SCREENS {
        snapshots(name, Some("a3"), script);
    }
}

#[test]
fn the_console() {
    let lines = "<type aws kms list-keys>[run-line]\
        <type aws dynamodb scan --table-name CustomerData --profile tess>[run-line]";
    snapshots("console-empty", Some("a3"), "[console]");
    snapshots("console", Some("a3"), &format!("[console]{lines}"));
    snapshots(
        "console-completing",
        Some("a3"),
        "[console]<type aws kms create-grant -->[complete-line][complete-line]",
    );
}

#[test]
fn the_keys() {
    snapshots("keys", Some("c2"), "[keys]");
    snapshots("keys-menu", Some("c2"), "[keys][keys]");
    snapshots("keys-grant", Some("c2"), "[keys][keys][choose Grant ravi Decrypt for][keys]");
}

#[test]
fn two_sessions() {
    snapshots("compare", Some("a3"), "[compare]");
    snapshots("compare-draft", Some("a3"), "[compare][edit][snippet][choose Key user][back]");
}

#[test]
fn the_watched_call() {
    snapshots("watch-menu", Some("a5"), "[watch]");
    snapshots("watch-chosen", Some("a5"), "[identity 2][watch]<type table key of Customer>[open]");
}

#[test]
fn free_play_and_a_file_of_ones_own() {
    snapshots("free-empty", Some("free-empty"), "");
    snapshots("free-sample", Some("free-sample"), "");
    snapshots("open-file", None, "[open-file]<type nowhere.json><Enter>");
}
