//! The map of beliefs on the list, and its page.

use super::{app, keys, play};
use crate::lab::learning::Learning;
use crate::lab::saves::Far;
use crate::lab::{Beliefs, Shown};

const PLAYED: &str = "a2-full-access-denied";

/// What guesses in A2 have shown.
fn far() -> Far {
    let mut beliefs = Beliefs::default();
    beliefs.note("M01", Shown::Missed);
    beliefs.note("M02", Shown::Seen);
    Far { tasks: (1, 2), beliefs }
}

#[test]
fn the_list_has_a_cell_for_each_belief_that_can_be_told_without_colours() {
    for ascii in [false, true] {
        let mut app = app(None, ascii);
        app.home.note_progress(PLAYED, far());
        let beliefs = app.home.beliefs();
        let of_a = beliefs.iter().filter(|row| row.chapter.starts_with("A ")).count();
        let played = play(app, (80, 24), keys("<shot>"));
        let text = played.last();
        let line = text.lines().find(|line| line.contains("The walk-through")).expect("the chapter");
        let cells =
            line.trim_end_matches(['│', '|', ' ', '┃', '#']).split_whitespace().next_back().expect("cells");
        assert_eq!(cells.chars().count(), of_a, "{text}");
        let [open, seen, missed] = if ascii { ['.', '-', 'x'] } else { ['·', '○', '✗'] };
        for (sign, count) in [(missed, 1), (seen, 1), (open, of_a - 2)] {
            assert_eq!(cells.chars().filter(|cell| *cell == sign).count(), count, "{sign}: {text}");
        }
    }
}

#[test]
fn the_page_tells_what_was_met_and_nothing_else() {
    for size in [(80, 24), (120, 40)] {
        let mut app = app(None, false);
        app.home.note_progress(PLAYED, far());
        let played = play(app, size, keys("[beliefs]<shot>[bottom]<shot>[back]<shot>"));
        let [page, end, list] = played.shots.as_slice() else { panic!("three shots") };
        assert!(
            page.contains("Beliefs") && page.contains("missed: `kmslab review` brings it back"),
            "{page}"
        );
        assert!(page.contains("1 seen, 1 missed, 0 mended"), "{page}");
        let all = format!("{page}{end}");
        assert!(all.contains("M01") && all.contains("In fact:"), "{all}");
        assert!(!all.contains("M04"), "nothing has shown it: {all}");
        assert!(list.contains("Scenarios") && !list.contains("In fact:"), "{list}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_on_the_page() {
    let state = tempfile::tempdir().expect("a folder");
    std::fs::write(state.path().join("learning.json"), "no JSON").expect("written");
    assert!(Learning::look(state.path()).is_err());
    let mut app = app(None, false);
    app.shell.state = Some(state.path().to_owned());
    let played = play(app, (120, 40), keys("[beliefs]<shot>"));
    assert!(played.last().contains("is damaged"), "{}", played.last());
}
