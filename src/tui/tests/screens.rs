//! What the screens look like: each face's text at the three sizes people use, its colours at one, and what holds for
//! all of them instead of a picture of each.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::{app, keys, play};
use crate::scenario::in_turn;
use crate::tui::app::App;
use crate::tui::glyphs::Glyphs;
use crate::tui::layout::Pane;
use crate::tui::theme::{Theme, ThemeName};
use crate::tui::view;

const SMALL: (u16, u16) = (80, 24);
const USUAL: (u16, u16) = (120, 40);
const LARGE: (u16, u16) = (200, 60);

/// The themes whose colours are kept: the default one, and the one without colours.
const KEPT_THEMES: [ThemeName; 2] = [ThemeName::Ansi, ThemeName::Mono];

/// Sizes between those that are kept, at which panes come, go and share their place, and sizes beyond them.
const OTHER_SIZES: [(u16, u16); 8] =
    [(1, 1), (20, 5), (56, 16), (64, 20), (100, 30), (104, 36), (160, 50), (300, 100)];

/// Screens of A3 with something lying over them, or arranged otherwise.
pub const SCREENS: &[(&str, &str)] = &[
    ("help", "[help in lab]"),
    ("palette", "[palette in lab]"),
    ("predict", "[predict]"),
    ("everybody", "[open]"),
    ("matrix", "[matrix]"),
    ("timeline", "[identity 2][predict][choose Allowed][run][timeline]"),
    ("who-can", "[who-can]<type kms:Decrypt>[open][open]"),
    ("who-can-to", "[who-can]<type kms:Decrypt>[open]"),
    ("documents", "[documents]"),
    ("versions", "[identity 1][edit][snippet][choose Key user][choose tess][back][apply][versions]"),
    ("version", "[identity 1][edit][snippet][choose Key user][choose tess][back][apply][versions][choose 2]"),
    (
        "timeline-branches",
        "[predict][choose Allowed][identity 1][edit][snippet][choose Key user][choose tess][back][apply][identity 2]\
            [run][undo][undo][identity 1][run][timeline]",
    ),
    (
        "comparison",
        "[predict][choose Allowed][identity 1][edit][snippet][choose Key user][choose tess][back][apply][identity 2]\
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
    (
        "zoom-decided",
        "[predict][choose Allowed][edit][snippet][choose Key user][choose tess][back][apply]\
            [identity 2][zoom]",
    ),
    ("restart-task", "[restart-task]"),
    ("diff", "[edit][snippet][choose Key user][choose tess][back][diff]"),
    (
        "record",
        "[identity 2][predict][choose Allowed][run][focus-next][focus-next][focus-next][focus-next]\
            [focus-next][open]",
    ),
    ("refused", "[edit][snippet][choose Key user][choose tess][back][identity 2][apply]"),
    ("present", "[present]"),
    ("present-revealed", "[present][present]"),
    ("idle-key", "[watch]"),
    ("hidden", "[hide]"),
    ("confirm", "[reset]"),
    ("clock", "[clock]"),
    ("snippets", "[edit][snippet]"),
];

/// The other screens: name, scenario, script.
const OTHERS: &[(&str, Option<&str>, &str)] = &[
    ("home", None, ""),
    ("lab-start", Some("a3"), ""),
    ("lab-refused", Some("a3"), "[predict][choose Allowed][identity 2][run]"),
    ("lab-draft", Some("a3"), "[predict][choose Allowed][edit][snippet][choose Key user][choose tess]"),
    ("lab-broken", Some("a3"), "[predict][choose Allowed][edit]<Down><Down><End><type x>"),
    (
        "lab-done",
        Some("a3"),
        "[predict][choose Allowed][edit][snippet][choose Key user][choose tess][back][apply][identity 2][run]",
    ),
    ("console-empty", Some("a3"), "[console]"),
    (
        "console",
        Some("a3"),
        "[console]<type aws kms list-keys>[run-line]\
        <type aws dynamodb scan --table-name CustomerData --profile tess>[run-line]",
    ),
    (
        "console-completing",
        Some("a3"),
        "[console]<type aws kms create-grant -->[complete-line][complete-line]",
    ),
    ("keys", Some("c2"), "[keys]"),
    ("keys-menu", Some("c2"), "[keys][keys]"),
    ("keys-grant", Some("c2"), "[keys][keys][choose Grant ravi Decrypt for][keys]"),
    ("compare", Some("a3"), "[compare]"),
    ("compare-draft", Some("a3"), "[compare][edit][snippet][choose Key user][choose tess][back]"),
    ("watch-menu", Some("a5"), "[watch]"),
    ("watch-chosen", Some("a5"), "[identity 1][watch]<type table key of Customer>[open]"),
    ("free-empty", Some("free-empty"), ""),
    ("free-sample", Some("free-sample"), ""),
    ("open-file", None, "[open-file]<type nowhere.json><Enter>"),
];

/// The faces that are kept in ASCII too, to be looked at: together they hold every sign that a face holds.
const KEPT_IN_ASCII: [&str; 17] = [
    "home",
    "lab-start",
    "lab-refused",
    "lab-draft",
    "lab-broken",
    "lab-done",
    "matrix",
    "timeline-branches",
    "diff",
    "console",
    "keys",
    "compare-draft",
    "present",
    "layout-storage",
    "fixes",
    "everybody",
    "zoom-decided",
];

/// Signs as wide as those of ASCII, each of which stands for one of them only.
const AS_WIDE_AS_ASCII: Glyphs = Glyphs {
    failed: "⊘",
    arrow: "→›",
    todo: "⟦☐⟧",
    done: "⟦☑⟧",
    dirty: "◍",
    fork: "┝",
    corner: "┕",
    way: "═»",
    no_way: "┈╌",
    below: "╲╱",
    ..Glyphs::UNICODE
};

/// One look of the program.
struct Face {
    name: &'static str,
    scenario: Option<&'static str>,
    script: &'static str,
}

impl Face {
    /// The app on a screen of that size, when the script has ended.
    fn app(&self, size: (u16, u16)) -> App {
        play(app(self.scenario, false), size, keys(self.script)).app
    }
}

fn faces() -> impl Iterator<Item = Face> {
    let over_a3 = SCREENS.iter().map(|&(name, script)| Face { name, scenario: Some("a3"), script });
    over_a3.chain(OTHERS.iter().map(|&(name, scenario, script)| Face { name, scenario, script }))
}

fn kept(name: &str, shown: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, shown);
    });
}

fn drawn(app: &App) -> Buffer {
    let area = app.shell.area;
    let mut terminal = Terminal::new(TestBackend::new(area.width, area.height)).expect("memory is a screen");
    terminal.draw(|frame| view::view(app, frame)).expect("memory can be drawn on");
    terminal.backend().buffer().clone()
}

/// What the screen shows; blanks at the end of a line are left out.
fn text(buf: &Buffer) -> String {
    let row = |y: u16| {
        let mut row = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            if skip == 0 {
                let symbol = buf[(x, y)].symbol();
                skip = crate::tui::text::width(symbol).max(1);
                row.push_str(symbol);
            }
            skip -= 1;
        }
        row.trim_end().to_owned() + "\n"
    };
    (0..buf.area.height).map(row).collect()
}

/// What a face shows in other signs, which are there from the start: a window keeps the rows that it was opened with.
fn with_signs(face: &Face, size: (u16, u16), signs: &Glyphs) -> String {
    let mut start = app(face.scenario, false);
    start.shell.glyphs = *signs;
    text(&drawn(&play(start, size, keys(face.script)).app))
}

/// The same text with the signs of [`AS_WIDE_AS_ASCII`] replaced by those of ASCII.
fn in_ascii(text: &str) -> String {
    let sign = |c| match c {
        '✓' | '☑' => 'o',
        '✗' => 'x',
        '⊘' => '%',
        '→' | '─' => '-',
        '›' | '▸' | '»' => '>',
        '◆' => '*',
        '▤' | '═' => '=',
        '…' => '~',
        '·' | '┈' | '╌' => '.',
        '⟦' => '[',
        '☐' => ' ',
        '⟧' => ']',
        '●' => '@',
        '◍' | '▎' => '!',
        '┊' => ':',
        '▁' => '_',
        '┃' | '█' => '#',
        '┝' | '╲' => '\\',
        '╱' => '/',
        '┕' => '`',
        '╭' | '╮' | '╰' | '╯' | '├' | '┤' | '┬' | '┴' | '┼' => '+',
        '│' => '|',
        other => other,
    };
    text.chars().map(sign).collect()
}

fn style_of(cell: &Cell) -> String {
    format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier)
}

/// How the cells look: the styles by letter, then the runs of each row.
fn styles(buffer: &Buffer) -> String {
    let mut legend: Vec<String> = Vec::new();
    let mut rows = String::new();
    for y in 0..buffer.area.height {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in 0..buffer.area.width {
            let style = style_of(&buffer[(x, y)]);
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

fn text_name(face: &Face, (width, height): (u16, u16)) -> String {
    format!("{}-{width}x{height}", face.name)
}

/// Keeps what every face shows at a size.
fn keep_texts(size: (u16, u16)) {
    for face in faces() {
        kept(&text_name(&face, size), &text(&drawn(&face.app(size))));
    }
}

#[test]
fn faces_on_a_small_screen() {
    keep_texts(SMALL);
}

#[test]
fn faces_on_a_usual_screen() {
    keep_texts(USUAL);
}

#[test]
fn faces_on_a_large_screen() {
    keep_texts(LARGE);
}

#[test]
fn every_pane_is_on_a_kept_screen() {
    let mut kept = BTreeSet::new();
    for face in faces() {
        for size in [SMALL, USUAL, LARGE] {
            let app = face.app(size);
            let Some(lab) = app.lab() else { continue };
            let regions = lab.regions(app.shell.area);
            kept.extend(Pane::ALL.into_iter().filter(|pane| regions.pane(*pane).is_some()));
        }
    }
    let missing: Vec<Pane> = Pane::ALL.into_iter().filter(|pane| !kept.contains(pane)).collect();
    assert!(missing.is_empty(), "no row of the faces shows {missing:?}");
}

#[test]
fn colours_of_the_faces() {
    for face in faces() {
        let mut app = face.app(USUAL);
        let mut colours = String::new();
        for theme in KEPT_THEMES {
            app.shell.theme = Theme::new(theme);
            let _ = writeln!(colours, "{}\n{}", theme.as_str(), styles(&drawn(&app)));
        }
        kept(&(text_name(&face, USUAL) + "-colours"), &colours);
    }
}

#[test]
fn no_size_has_a_style_of_its_own_and_no_theme_a_sign() {
    let mut usual = BTreeSet::new();
    let mut elsewhere = BTreeSet::new();
    for (nth, face) in faces().enumerate() {
        // What the usual size has is asked of every face, whichever of them are drawn at the others.
        let others = [SMALL, LARGE].into_iter().filter(|_| nth.is_multiple_of(in_turn()));
        for size in others.chain([USUAL]) {
            let mut app = face.app(size);
            let shown = text(&drawn(&app));
            for theme in ThemeName::ALL {
                app.shell.theme = Theme::new(theme);
                let buf = drawn(&app);
                assert_eq!(text(&buf), shown, "{} in {}", face.name, theme.as_str());
                if theme == ThemeName::Mono {
                    let is_coloured = |cell: &&Cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset);
                    let coloured = buf.content().iter().find(is_coloured);
                    assert!(
                        coloured.is_none(),
                        "{}: a colour where there must be none: {coloured:?}",
                        face.name
                    );
                }
                let styles = buf.content().iter().map(|cell| (theme.as_str(), style_of(cell)));
                if size == USUAL { usual.extend(styles) } else { elsewhere.extend(styles) }
            }
        }
    }
    let own: Vec<_> = elsewhere.difference(&usual).collect();
    assert!(own.is_empty(), "{own:?}");
}

#[test]
fn in_ascii_only_the_signs_are_others() {
    let taken = |(number, face): &(usize, Face)| {
        number.is_multiple_of(in_turn()) || KEPT_IN_ASCII.contains(&face.name)
    };
    for (_, face) in faces().enumerate().filter(taken) {
        for size in [SMALL, USUAL, LARGE] {
            let like_ascii = with_signs(&face, size, &AS_WIDE_AS_ASCII);
            let ascii = with_signs(&face, size, &Glyphs::ASCII);
            assert!(ascii.is_ascii(), "{}: {ascii}", face.name);
            for (line, expected) in ascii.lines().zip(in_ascii(&like_ascii).lines()) {
                assert_eq!(line, expected, "{} at {size:?}", face.name);
            }
            if size == SMALL && KEPT_IN_ASCII.contains(&face.name) {
                kept(&(text_name(&face, size) + "-ascii"), &ascii);
            }
        }
    }
}

#[test]
fn the_faces_kept_in_ascii_hold_the_signs() {
    let mut shown = String::new();
    for face in faces().filter(|face| KEPT_IN_ASCII.contains(&face.name)) {
        // Where the small screen shows the deciding lines in another tab, the usual one has them beside.
        for size in [SMALL, USUAL] {
            shown += &with_signs(&face, size, &AS_WIDE_AS_ASCII);
        }
    }
    let missing: Vec<char> = "✓✗→▸◆▤…·☐☑●◍▎┊┃┝┕█═»┈╌".chars().filter(|sign| !shown.contains(*sign)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_face_stays_within_its_area_at_every_size() {
    for face in faces() {
        let mut app = face.app(USUAL);
        for (width, height) in OTHER_SIZES {
            app.shell.area = Rect::new(0, 0, width, height);
            let mut buf = Buffer::filled(Rect::new(0, 0, width + 2, height + 2), Cell::new("§"));
            view::draw(&app, app.shell.area, &mut buf);
            let outside = buf.area.positions().filter(|at| !app.shell.area.contains(*at));
            let touched: Vec<_> = outside.filter(|at| buf[*at].symbol() != "§").collect();
            assert!(touched.is_empty(), "{} at {width}x{height}: {touched:?}", face.name);
        }
    }
}

#[test]
fn no_picture_is_left_of_a_face_that_is_gone() {
    let mut names = BTreeSet::new();
    for face in faces() {
        names.extend([SMALL, USUAL, LARGE].map(|size| text_name(&face, size)));
        names.insert(text_name(&face, USUAL) + "-colours");
    }
    for name in KEPT_IN_ASCII {
        assert!(names.contains(&format!("{name}-80x24")), "no face is called {name}");
        names.insert(format!("{name}-80x24-ascii"));
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/tests/snapshots");
    let files =
        std::fs::read_dir(folder).expect("the pictures").map(|file| file.expect("a file").file_name());
    let files: BTreeSet<String> =
        files.filter_map(|file| file.to_str()?.strip_suffix(".snap").map(str::to_owned)).collect();
    assert_eq!(files, names);
}
