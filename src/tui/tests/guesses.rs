//! Guesses: a grid whose cells are filled, how sure one is, what counts as a guess, and that nothing tells before it is made.

use super::{Played, app, keys, play};
use crate::lab::Lab;
use crate::narration::{self, ViewOptions};
use crate::scenario::{self, Sureness};
use crate::tui::overlays::{Overlay, PageKind};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 60)];

fn play_at(id: &str, size: (u16, u16), script: &str) -> Played {
    play(app(Some(id), false), size, keys(&format!("{script}<shot>")))
}

/// The answers of B1 row by row: tess, dana, root, each for North and for South.
const RIGHT: &str = "[predict][no][yes][yes][no][yes][no]";

/// The rows of the window on top.
fn window(played: &Played) -> String {
    let rect = crate::tui::view::overlay_rect(&played.app).expect("a window");
    let rows = played.last().lines().skip(rect.y.into()).take(rect.height.into());
    let inside = |row: &str| row.chars().skip(rect.x.into()).take(rect.width.into()).collect::<String>();
    rows.map(inside).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_cells_of_a_grid_are_filled_and_turn() {
    for size in SIZES {
        let empty = play_at("b1", size, "[predict]");
        let shown = window(&empty);
        for word in ["tess", "dana", "root", "North", "South", "how sure", "y Allowed", "n Denied"] {
            assert!(shown.contains(word), "{word} at {size:?}: {}", empty.last());
        }
        assert_eq!(shown.matches(" ? ").count(), 6, "{size:?}: {}", empty.last());
        let half = play_at("b1", size, "[predict][no][yes]");
        let shown = window(&half);
        assert_eq!(
            (shown.matches(" ? ").count(), shown.contains("right")),
            (4, false),
            "{size:?}: {}",
            half.last()
        );
        let done = play_at("b1", size, RIGHT);
        assert!(window(&done).contains("6 of 6 guesses were right"), "{size:?}: {}", done.last());
        // Each choice is kept as any other is.
        let lab = done.app.lab().expect("a lab").session.lab();
        let kept = scenario::find("b1").expect("it is embedded");
        for question in &kept.tasks[0].predictions {
            let choice = lab.progress().choice_of(&question.id);
            assert_eq!(choice, lab.stage().right_choice(&question.id), "{}", question.id);
        }
    }
}

#[test]
fn under_the_cursor_stands_the_reason_of_its_cell() {
    for size in SIZES {
        let wrong = RIGHT.replacen("[no]", "[yes]", 1);
        let played = play_at("b1", size, &format!("{wrong}<Up><Up><Left>"));
        let shown = window(&played).replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains("5 of 6 guesses were right"), "{size:?}: {}", played.last());
        assert!(shown.contains("You said: Allowed."), "{size:?}: {}", played.last());
        assert!(shown.contains("gives nobody anything by itself"), "{size:?}: {}", played.last());
    }
}

#[test]
fn cells_are_filled_by_the_mouse() {
    let place = |played: &Played, words: &str| {
        let rect = crate::tui::view::overlay_rect(&played.app).expect("a window");
        let shown = window(played);
        let (y, row) = shown.lines().enumerate().find(|(_, row)| row.contains(words)).expect("there");
        let (before, _) = row.split_once(words).expect("there");
        (before.chars().count() + usize::from(rect.x), y + usize::from(rect.y))
    };
    for size in SIZES {
        let open = play_at("b1", size, "[predict]");
        let (south, _) = place(&open, "South");
        let (_, dana) = place(&open, "dana   ");
        let (x, y) = place(&open, "n Denied");
        let played = play_at("b1", size, &format!("[predict]<click {south},{dana}><click {x},{y}>"));
        let lab = played.app.lab().expect("a lab").session.lab();
        assert_eq!(lab.progress().choice_of("c4"), Some(1), "{size:?}: {}", played.last());
        assert_eq!(lab.progress().choice_of("c1"), None, "{size:?}");
    }
}

#[test]
fn one_key_says_how_sure_one_is() {
    for size in SIZES {
        let space = "<type  >";
        let played = play_at("a3", size, &format!("[predict]{space}{space}{space}<shot>[choose Allowed]"));
        assert!(played.shots[0].contains("▸certain"), "{size:?}: {}", played.shots[0]);
        let view = &played.app.lab().expect("a lab").view;
        assert_eq!(view.task.predictions[0].sure, Some(Sureness::Certain), "{size:?}");
        // It stands on the card at the end.
        let done = "[edit][snippet][choose Key user][choose tess][apply][back][identity 2][run]";
        let card = play_at(
            "a3",
            size,
            &format!("[predict]{space}{space}{space}[choose Allowed: the key policy names]{done}"),
        );
        let Some(Overlay::Page(page)) = card.app.shell.overlays.last() else { panic!("{}", card.last()) };
        let PageKind::Card(card) = &page.kind else { panic!("no card") };
        assert!(card.guesses[0].was_right() && card.guesses[0].aside().contains("certain"));
        // Nothing is said for whoever says nothing.
        let silent = play_at("a3", size, "[predict][choose Allowed]");
        assert_eq!(silent.app.lab().expect("a lab").view.task.predictions[0].sure, None);
    }
}

fn row(lab: &Lab, id: &str) -> narration::PredictionRow {
    let task = narration::lab_view(lab, ViewOptions::default()).task;
    let all = task.predictions.into_iter().chain(task.before).chain(task.earlier);
    all.into_iter().find(|row| row.id == id).expect("the question is there")
}

#[test]
fn an_answer_given_again_is_no_right_guess() {
    let mut some = 0;
    for embedded in scenario::embedded() {
        let mut lab = Lab::open(embedded.read().expect("it is sound"), None).expect("it opens");
        let questions: Vec<_> = lab.scenario().tasks[0].predictions.clone();
        for question in &questions {
            let right = lab.stage().right_choice(&question.id).expect("one is right");
            lab.predict(&question.id, usize::from(right == 0));
            // The cells of a grid are mended until the last one is filled.
            let filled = questions.iter().all(|asked| lab.progress().choice_of(&asked.id).is_some());
            let counts = question.cell.is_none() || filled;
            lab.predict(&question.id, right);
            let row = row(&lab, &question.id);
            assert!(!row.was_right(), "{}: {row:?}", embedded.id);
            assert_eq!(row.aside().contains("at first: "), counts, "{}: {row:?}", embedded.id);
            some += 1;
        }
    }
    assert!(some > 10, "{some}");
}

#[test]
fn an_answer_to_what_was_seen_already_is_no_guess() {
    let open = || Lab::open(scenario::find("a2").expect("it is embedded"), None).expect("it opens");
    for seen in [false, true] {
        let mut lab = open();
        let question = lab.next_prediction().expect("a question").id.clone();
        let tess = lab.personas().iter().position(|persona| persona.name == "tess").expect("she is there");
        lab.switch(tess);
        if seen {
            lab.ask().expect("a call");
        }
        let right = lab.stage().right_choice(&question).expect("one is right");
        lab.predict(&question, right);
        lab.ask().expect("a call");
        let row = row(&lab, &question);
        assert_eq!((row.late, row.was_right()), (seen, !seen), "{row:?}");
    }
}

#[test]
fn the_reason_is_asked_for_right_behind_the_verdict() {
    for size in SIZES {
        let asked = play_at("e1", size, "[predict][choose Yes]");
        let shown = window(&asked);
        for word in ["And why?", "A grant allows on its own", "Nobody can give what they do not have"] {
            assert!(shown.contains(word), "{word} at {size:?}: {}", asked.last());
        }
        let given = play_at("e1", size, "[predict][choose Yes][choose Nobody can give]");
        assert!(given.app.shell.overlays.is_empty(), "{size:?}: {}", given.last());
        let lab = given.app.lab().expect("a lab").session.lab();
        let choice = |id| lab.progress().choice_of(id);
        assert_eq!((choice("p1"), choice("p1-why")), (Some(1), Some(0)), "{size:?}");
        // Whoever leaves it open is asked again.
        let left = play_at("e1", size, "[predict][choose Yes]<Esc>[predict]");
        assert!(window(&left).contains("And why?"), "{size:?}: {}", left.last());
    }
}

/// Nothing that a cell asks for is shown anywhere before the last cell is filled: no sign, no way, no row of the matrix.
#[test]
fn no_cell_is_answered_before_the_last_guess() {
    let cells = ["[no]", "[yes]", "[yes]", "[no]", "[yes]", "[no]"];
    for size in SIZES {
        for made in 1..cells.len() {
            let script = format!("[predict]{}[back][identity 2]<shot>[matrix]", cells[..made].concat());
            let played = play_at("b1", size, &script);
            let view = &played.app.lab().expect("a lab").view;
            for row in view.identities.iter().filter(|row| row.name != "kim") {
                assert_eq!(row.applied, narration::Applied::Hidden, "{} after {made}", row.name);
            }
            assert!(view.path.mark.is_none() && view.answer.hidden, "{}", played.shots[0]);
            for told in ["DENIED", "ALLOWED"] {
                assert!(!played.shots[0].contains(told), "{told} after {made}: {}", played.shots[0]);
            }
            let row = |line: &&str| line.contains(" tess ") || line.contains(" dana ");
            for line in played.last().lines().filter(row) {
                assert!(!line.contains('✓') && !line.contains('✗'), "{line} after {made}: {}", played.last());
            }
        }
        let all = play_at("b1", size, &format!("[predict]{}[back][identity 2]", cells.concat()));
        assert!(all.last().contains("DENIED"), "{}", all.last());
    }
}

/// A digit shows which answer it would be; it is given by Enter, which means nothing else there.
#[test]
fn a_digit_chooses_an_answer_and_enter_gives_it() {
    for size in SIZES {
        let asked = play_at("a3", size, "[predict]<type 3>");
        let view = &asked.app.lab().expect("a lab").view;
        assert_eq!(view.task.predictions[0].chosen, None, "{size:?}: {}", asked.last());
        assert!(asked.last().contains("▸ 3 ") && asked.last().contains("Enter answers"), "{}", asked.last());
        let given = play_at("a3", size, "[predict]<type 3><type  ><Enter>");
        let view = &given.app.lab().expect("a lab").view;
        assert_eq!(view.task.predictions[0].chosen, Some(2), "{size:?}: {}", given.last());
        assert_eq!(view.task.predictions[0].sure, Some(Sureness::ALL[0]), "{size:?}");
        assert!(given.app.shell.overlays.is_empty(), "{}", given.last());
    }
}

#[test]
fn how_sure_one_is_can_be_pressed() {
    let place = |played: &Played, words: &str| {
        let (y, row) =
            played.last().lines().enumerate().find(|(_, row)| row.contains("how sure")).expect("there");
        let (before, _) = row.split_once(words).expect("there");
        (before.chars().count() + 1, y)
    };
    for size in SIZES {
        for id in ["a3", "b1"] {
            let open = play_at(id, size, "[predict]");
            let (sure_x, y) = place(&open, "certain");
            let pressed = play_at(id, size, &format!("[predict]<click {sure_x},{y}>"));
            assert!(pressed.last().contains("▸certain"), "{id} at {size:?}: {}", pressed.last());
            let (space, _) = place(&open, "Space");
            let next = play_at(id, size, &format!("[predict]<click {space},{y}>"));
            assert!(next.last().contains(&format!("▸{}", Sureness::ALL[0].words())), "{}", next.last());
        }
    }
}

/// To guess first is said only to whoever may not make the call before; what has happened is answered, not expected.
#[test]
fn a_guess_is_asked_for_first_only_where_the_call_waits_for_it() {
    for size in SIZES {
        let note = |shot: &str| shot.lines().rev().nth(1).unwrap_or_default().to_owned();
        let start = play_at("a2", size, "<shot>[identity 2]");
        assert!(!note(&start.shots[0]).contains("First your guess"), "{}", start.shots[0]);
        assert!(note(start.last()).contains("First your guess"), "{}", start.last());
        let asked = play_at("a2", size, "[predict]");
        assert!(
            asked.last().contains("What do you expect?") && asked.last().contains("v guess"),
            "{}",
            asked.last()
        );
        let seen = "[run][predict][choose An error][identity 2][run]";
        let past = play_at("a2", size, &format!("{seen}<shot>[predict]"));
        assert!(past.shots[0].contains(" v  answer"), "{}", past.shots[0]);
        assert!(!note(&past.shots[0]).contains("First your guess"), "{}", past.shots[0]);
        assert!(window(&past).contains("What do you think?"), "{}", past.last());
    }
}

/// The window of a grid keeps its place from one question to the next, and its cursor can be read.
#[test]
fn the_grid_stands_still_and_shows_its_cursor() {
    for size in SIZES {
        let rects: Vec<_> = ["", "[no]", "[no][yes]", "[no][yes][yes]"]
            .iter()
            .map(|made| {
                let played = play_at("b1", size, &format!("[predict]{made}"));
                crate::tui::view::overlay_rect(&played.app).expect("a window")
            })
            .collect();
        assert!(rects.iter().all(|rect| *rect == rects[0]), "{size:?}: {rects:?}");
        let played = play_at("b1", size, "[predict]");
        let dim = ratatui::style::Modifier::DIM;
        let reversed = ratatui::style::Modifier::REVERSED;
        let mut cursor = super::cells(&played, size)
            .into_iter()
            .filter(|(sign, style)| sign == "?" && style.add_modifier.contains(reversed));
        let (_, style) = cursor.next().expect("the cursor's sign");
        assert!(!style.add_modifier.contains(dim), "{size:?}: {style:?}");
    }
}

/// Beside a window nothing is left of words that it covers.
#[test]
fn no_stubs_of_words_stand_beside_a_window() {
    for size in [(80, 24), (100, 30), (120, 40)] {
        let played = play_at("a3", size, "[predict]");
        let rect = crate::tui::view::overlay_rect(&played.app).expect("a window");
        for row in played.last().lines().skip(rect.y.into()).take(rect.height.into()) {
            let beside: String =
                row.chars().take(rect.x.into()).chain(row.chars().skip(rect.right().into())).collect();
            assert_eq!(beside.trim(), "", "{size:?}: {}", played.last());
        }
    }
}

/// What follows a full stop begins as a sentence does.
#[test]
fn a_reason_begins_as_a_sentence() {
    let script = "[predict][choose Allowed: the key policy names][edit][snippet][choose Key user][choose tess][apply]\
                  [back][identity 2][run]";
    let card = play_at(
        "a3",
        (120, 40),
        &format!("{script}[down][down][down][down][down][down][down][down][down][down]"),
    );
    assert!(!card.last().contains("enough. because"), "{}", card.last());
}

/// An answer counts as it was given first: a press shows which it would be, as a digit does, and leaves the time to say how
/// sure one is.
#[test]
fn a_press_chooses_an_answer_and_another_one_gives_it() {
    for size in SIZES {
        let open = play_at("a3", size, "[predict]");
        let rect = crate::tui::view::overlay_rect(&open.app).expect("a window");
        for digit in ["1", "2"] {
            let shown = window(&open);
            let begins =
                |row: &str| row.trim_start_matches(['│', ' ', '▸']).starts_with(&format!("{digit} "));
            let row = shown.lines().position(begins).expect("the answer");
            let (x, y) = (usize::from(rect.x) + 8, usize::from(rect.y) + row);
            let chosen = |played: &Played| played.app.lab().expect("a lab").view.task.predictions[0].chosen;
            let once = play_at("a3", size, &format!("[predict]<click {x},{y}><Space>"));
            assert_eq!(chosen(&once), None, "{digit} at {size:?}: {}", once.last());
            assert!(once.last().contains(&format!("▸ {digit} ")), "{size:?}: {}", once.last());
            let twice = play_at("a3", size, &format!("[predict]<click {x},{y}><click {x},{y}>"));
            assert_eq!(
                chosen(&twice).map(|at| (at + 1).to_string()).as_deref(),
                Some(digit),
                "{}",
                twice.last()
            );
            let enter = play_at("a3", size, &format!("[predict]<click {x},{y}><Enter>"));
            assert_eq!(chosen(&enter), chosen(&twice), "{size:?}: {}", enter.last());
        }
    }
}

/// Whoever begins with a statement is asked for the guess alone; the statements come with the next press of their key.
#[test]
fn the_guess_is_asked_before_the_statements_are_listed() {
    for size in SIZES {
        let asked = play_at("a3", size, "[snippet]");
        assert_eq!(asked.app.shell.overlays.len(), 1, "{size:?}: {}", asked.last());
        assert!(window(&asked).contains("What do you expect?"), "{size:?}: {}", asked.last());
        let listed = play_at("a3", size, "[snippet][choose Allowed][snippet]");
        assert!(window(&listed).contains("Insert a statement"), "{size:?}: {}", listed.last());
    }
}

/// In the grid an answer goes on to the next cell: what is said of it comes before.
#[test]
fn how_sure_one_is_stands_before_the_answers_of_a_grid() {
    for size in SIZES {
        let open = play_at("b1", size, "[predict]");
        let row = |words: &str| open.last().lines().position(|row| row.contains(words)).expect("there");
        assert!(row("how sure") < row("y Allowed"), "{size:?}: {}", open.last());
    }
}

#[test]
fn the_foot_offers_no_open_cell_where_all_are_filled() {
    let foot = |played: &Played| played.last().lines().last().unwrap_or_default().to_owned();
    for size in SIZES {
        assert!(foot(&play_at("b1", size, "[predict][no]")).contains("Enter next open cell"), "{size:?}");
        let all = play_at("b1", size, RIGHT);
        assert!(!foot(&all).contains("Enter"), "{size:?}: {}", all.last());
        assert!(foot(&all).contains("Esc back"), "{size:?}: {}", all.last());
    }
}

#[test]
fn the_footer_offers_no_guess_that_was_made() {
    let foot = |played: &Played| played.last().lines().last().unwrap_or_default().to_owned();
    for size in [(120, 40), LARGE] {
        for id in ["a2", "a3", "c1"] {
            assert!(foot(&play_at(id, size, "")).contains("v guess"), "{id} at {size:?}");
            let made = play_at(id, size, "[predict][choose 1]");
            assert!(!foot(&made).contains("v guess"), "{id} at {size:?}: {}", made.last());
        }
    }
}

const LARGE: (u16, u16) = (200, 60);
