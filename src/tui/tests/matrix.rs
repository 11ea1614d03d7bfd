//! The matrix by keys: which rows it shows, in what order, and that a cell is still its own.

use super::{app, keys, play};
use crate::narration::{CallStatus, Cell, MatrixView};
use crate::tui::layout::{Divider, Pane};
use crate::tui::overlays::Overlay;
use crate::tui::panes::matrix::shown;
use crate::tui::panes::matrix::{Order, Pick};

/// The names down the left side of the matrix on the screen, in order.
fn names(screen: &str) -> Vec<&'static str> {
    let mut found: Vec<(usize, &str)> = ["kim", "tess", "root"]
        .into_iter()
        .filter_map(|name| {
            let row = screen.lines().position(|l| {
                l.split('│').any(|part| {
                    let mut words = part.split_whitespace();
                    words.next() == Some(name) && words.next().is_some_and(|w| w.starts_with(['✓', '✗']))
                })
            })?;
            Some((row, name))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

fn shots(script: &str) -> Vec<String> {
    play(app(Some("a3"), false), (160, 50), keys(script)).shots
}

#[test]
fn rows_are_found_by_part_of_a_name() {
    let shots = shots(
        "[matrix]<shot>[search in lab]<type ES><shot><Enter><shot>[search in lab]<BS><BS>\
        <type zz><shot><Esc><shot>[back]<shot>",
    );
    assert_eq!(names(&shots[0]), ["kim", "tess", "root"], "{}", shots[0]);
    assert_eq!(names(&shots[1]), ["tess"], "{}", shots[1]);
    assert!(shots[1].contains("1 of 3"), "{}", shots[1]);
    assert_eq!(names(&shots[2]), ["tess"], "{}", shots[2]);
    assert!(shots[3].contains("nobody matches"), "{}", shots[3]);
    assert_eq!(names(&shots[4]), ["kim", "tess", "root"], "{}", shots[4]);
    assert!(!shots[5].contains("Matrix"), "the second Esc closes it: {}", shots[5]);
}

#[test]
fn letters_that_are_keys_elsewhere_are_typed_into_the_name() {
    let played = play(app(Some("a3"), false), (160, 50), keys("[matrix][search in lab]<type mqhlyFS>"));
    let Some(Overlay::Matrix(window)) = played.app.shell.overlays.last() else {
        panic!("the matrix is closed")
    };
    let pick = &window.pick;
    assert_eq!((pick.field.text(), pick.typing, pick.differing), ("mqhlyFS", true, false));
    assert_eq!(pick.order, Order::Scenario);
}

#[test]
fn rows_like_the_first_are_left_out() {
    let shots = shots("[matrix][matrix-differing]<shot>[matrix-differing]<shot>");
    assert_eq!(names(&shots[0]), ["tess"], "{}", shots[0]);
    assert_eq!(names(&shots[1]), ["kim", "tess", "root"], "{}", shots[1]);
}

#[test]
fn the_order_goes_round_and_the_cursor_stays_with_its_identity() {
    let shots = shots("[matrix][down]<shot>[matrix-order]<shot>[matrix-order]<shot>[matrix-order]<shot>");
    assert_eq!(names(&shots[0]), ["kim", "tess", "root"], "{}", shots[0]);
    assert_eq!(names(&shots[1]), ["kim", "root", "tess"], "{}", shots[1]);
    assert!(shots[1].contains("most allowed first"), "{}", shots[1]);
    assert!(shots[2].contains("flips first"), "{}", shots[2]);
    assert_eq!(names(&shots[3]), ["kim", "tess", "root"], "{}", shots[3]);
    for shot in &shots {
        assert!(shot.contains("tess ▸ dynamodb:Scan"), "{shot}");
    }
}

#[test]
fn flips_come_first() {
    let shots = shots(
        "[edit][snippet][choose Key user][choose tess][back][matrix]<shot>[matrix-order][matrix-order]\
        <shot>",
    );
    assert_eq!(names(&shots[0]), ["kim", "tess", "root"], "{}", shots[0]);
    assert_eq!(names(&shots[1]), ["tess", "kim", "root"], "{}", shots[1]);
}

#[test]
fn a_cell_of_a_picked_row_explains_its_own_identity() {
    let shots = shots("[matrix][matrix-differing]<Right><Right>[open]<shot>");
    assert!(shots[0].contains("tess: kms:Decrypt via DDB"), "{}", shots[0]);
    assert!(shots[0].contains("as tess"), "{}", shots[0]);
}

#[test]
fn picking_and_ordering_by_cases() {
    use CallStatus::{Allowed, Denied};
    let cell = |applied, draft| Cell { applied, draft };
    let row = |name: &str, cells: Vec<Cell>| (name.to_owned(), cells);
    let view = MatrixView {
        subject: (0, 1),
        title: String::new(),
        columns: vec!["kms:Encrypt".into(), "kms:Decrypt".into()],
        rows: vec![
            row("Ann", vec![cell(Allowed, Some(Allowed)), cell(Denied, Some(Denied))]),
            row("Ben", vec![cell(Denied, Some(Denied)), cell(Denied, Some(Denied))]),
            row("annette", vec![cell(Allowed, Some(Allowed)), cell(Allowed, Some(Allowed))]),
            row("Cy", vec![cell(Allowed, Some(Denied)), cell(Denied, Some(Allowed))]),
            row("Dee", vec![cell(Allowed, Some(Allowed)), cell(Denied, Some(Denied))]),
        ],
    };
    let pick = |text: &str, differing, order| {
        let mut pick = Pick { differing, order, ..Pick::default() };
        pick.field.paste(text);
        pick
    };
    let cases = [
        (pick("", false, Order::Scenario), vec![0, 1, 2, 3, 4]),
        (pick(" ANN ", false, Order::Scenario), vec![0, 2]),
        (pick("", true, Order::Scenario), vec![1, 2, 3]),
        (pick("", false, Order::Allowed), vec![2, 0, 3, 4, 1]),
        (pick("", false, Order::Flips), vec![3, 0, 1, 2, 4]),
        (pick("n", true, Order::Allowed), vec![2, 1]),
        (pick("nobody", false, Order::Flips), vec![]),
    ];
    for (pick, want) in cases {
        assert_eq!(shown(&view, &pick), want, "{pick:?}");
    }
    assert!(shown(&MatrixView::default(), &pick("", true, Order::Flips)).is_empty());
}

/// Where the words stand on the screen, counted from 0.
fn place(screen: &str, words: &str) -> (usize, usize) {
    let (y, line) = screen.lines().enumerate().find(|(_, l)| l.contains(words)).expect("the words are there");
    let (before, _) = line.split_once(words).expect("they are in it");
    (before.chars().count(), y)
}

#[test]
fn columns_have_names_at_every_size() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        for ascii in [false, true] {
            let played = play(app(Some("a3"), ascii), (width, height), keys("[matrix]<shot>"));
            let screen = played.last();
            for word in ["dynamodb ", "kms ", "Scan ", "via DDB", "Describe", "Grant", "Policy", "Deletion"] {
                assert!(screen.contains(word), "{word} at {width}x{height}: {screen}");
            }
        }
    }
}

#[test]
fn a_name_that_is_cut_stands_whole_below() {
    // Eleven columns about the key: more than fit whole beside each other in 80 cells.
    let right = "<Right>".repeat(10);
    let played = play(
        app(Some("a3"), false),
        (80, 24),
        keys(&format!(
            "[matrix][matrix-subject]\
        <shot>{right}<shot>"
        )),
    );
    assert!(played.shots[0].contains("Gene"), "{}", played.shots[0]);
    assert!(!played.shots[0].contains("ScheduleKeyDeletion"), "{}", played.shots[0]);
    assert!(played.last().contains("kim \u{25b8} kms:ScheduleKeyDeletion"), "{}", played.last());
}

#[test]
fn on_a_large_screen_the_pane_itself_comes_alive() {
    let played = play(app(Some("a3"), false), (200, 60), keys("<shot>[matrix]<shot>"));
    let count = |shot: &str| shot.matches(" Matrix ").count();
    assert_eq!((count(&played.shots[0]), count(&played.shots[1])), (1, 1), "{}", played.shots[1]);
    assert_eq!(place(&played.shots[0], " Matrix "), place(&played.shots[1], " Matrix "));
    assert!(played.shots[1].contains("kim \u{25b8} dynamodb:Scan"), "{}", played.shots[1]);
}

#[test]
fn an_empty_account_says_what_the_matrix_waits_for() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let played = play(app(Some("a1"), false), size, keys("[matrix]<shot>"));
        assert!(played.last().contains("Nothing to ask about yet"), "{}", played.last());
    }
}

#[test]
fn a_press_on_a_cell_explains_that_cell() {
    let open = play(app(Some("a3"), false), (120, 40), keys("[matrix]<shot>"));
    let (x, _) = place(open.last(), "CreateGrant");
    let (_, y) = place(open.last(), "tess \u{2713}");
    let played = play(app(Some("a3"), false), (120, 40), keys(&format!("[matrix]<click {x},{y}><shot>")));
    assert!(played.last().contains("tess: kms:CreateGrant"), "{}", played.last());
    // The headings are no cells.
    let played = play(
        app(Some("a3"), false),
        (120, 40),
        keys(&format!(
            "[matrix]<click {x},{}>\
        <shot>",
            y - 2
        )),
    );
    assert!(!played.last().contains("CreateGrant: "), "{}", played.last());
    assert!(played.last().contains(" Matrix "), "{}", played.last());
}

#[test]
fn the_headings_stay_while_the_rows_scroll() {
    let mut app = app(Some("free-sample"), false);
    let lab = super::lab_mut(&mut app);
    lab.focus = Pane::Matrix;
    // The border above is drawn down, so that not everybody fits.
    lab.dragged = vec![(Divider::Below(1), 4)];
    let shots = play(app, (170, 48), keys("<shot>[down][down][down][down]<shot>")).shots;
    let in_pane = |shot: &str, words: &str| {
        let from = place(shot, " Matrix ").1;
        shot.lines().skip(from).any(|l| l.chars().take(90).collect::<String>().contains(words))
    };
    assert!(in_pane(&shots[0], "kim") && !in_pane(&shots[0], "tom@"), "{}", shots[0]);
    assert!(!in_pane(&shots[1], "kim ") && in_pane(&shots[1], "tom@"), "{}", shots[1]);
    assert!(in_pane(&shots[1], "Scan") && in_pane(&shots[1], "DDB"), "{}", shots[1]);
}
