//! What the last decision rests on is in sight: the document with the statement that decided, the bytes, the record. What
//! is pinned stays.

use super::{Played, app, keys, play};
use crate::lab::DocumentId;
use crate::tui::lab_screen::LabScreen;
use crate::tui::layout::{Pane, Preset};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (200, 60)];

fn lab(played: &Played) -> &LabScreen {
    played.app.lab().expect("a lab")
}

fn play_at(id: &str, size: (u16, u16), script: &str) -> Played {
    play(app(Some(id), false), size, keys(&format!("{script}<shot>")))
}

/// Whether the document on the screen is one of those.
fn document(played: &Played) -> String {
    let document = lab(played).session.lab().draft().expect("a document").document();
    document.name(lab(played).session.lab().world())
}

/// The panes that share a place, and the one of them that is in front.
fn front(played: &Played) -> Option<Pane> {
    let regions = played.app.regions();
    regions.stack.iter().copied().find(|pane| regions.pane(*pane).is_some())
}

/// Reads another document first: what decides must be opened.
const ELSEWHERE: &str = "[predict][choose Allowed][documents]<type tess: inline><Enter>";

#[test]
fn the_statement_that_decided_comes_in_sight_with_its_document() {
    for size in SIZES {
        let away = play_at("a3", size, ELSEWHERE);
        assert_ne!(document(&away), "alias/dynamodb-encryption-key", "{}", away.last());
        let played = play_at("a3", size, &format!("{ELSEWHERE}[identity 2][run]"));
        assert_eq!(document(&played), "alias/dynamodb-encryption-key", "{size:?}: {}", played.last());
        assert!(played.app.regions().pane(Pane::Policy).is_some(), "{size:?}: {}", played.last());
        // It leaves the decision to IAM, which is silent.
        assert!(
            played.last().contains(r#""Sid": "Enable IAM User Permissions""#),
            "{size:?}: {}",
            played.last()
        );
    }
}

#[test]
fn a_lab_begins_with_the_statement_that_decides_in_sight() {
    let played = play_at("a0", (120, 40), "");
    assert!(!played.last().contains("called at"), "nothing was called yet: {}", played.last());
    assert!(played.last().contains(r#""Sid": "TessAdministers""#), "{}", played.last());
    assert!(played.last().contains(r#""kms:DescribeKey""#), "{}", played.last());
}

#[test]
fn a_statement_far_down_is_scrolled_to() {
    for size in SIZES {
        let added = "[predict][choose Allowed][edit][snippet][choose Key administrator][choose root][back][apply]\
                     [edit][snippet][choose Key user][choose tess][back][apply][identity 1][top]";
        let played = play_at("a3", size, &format!("{added}[identity 2][run][back]"));
        let crux = &lab(&played).view.crux;
        let (_, lines) = crux.document.clone().expect("a document decided");
        let (first, last) = lines.expect("a statement decided");
        let line = format!("{} ", first + 1);
        assert!(played.last().contains(&line), "line {first} to {last} at {size:?}: {}", played.last());
        assert!(played.last().contains("tess"), "{size:?}: {}", played.last());
        let regions = played.app.regions();
        let text = crate::tui::panes::policy::text_area(regions.pane(Pane::Policy).unwrap_or_default());
        let top = lab(&played).editor.extent().1;
        let seen = top..top + usize::from(text.height);
        // Where the answer shares the place, it is what was asked for.
        assert!(
            size.0 == 80 || seen.contains(&first),
            "{first} is not in {seen:?} at {size:?}: {}",
            played.last()
        );
    }
}

#[test]
fn the_shared_place_shows_what_the_decision_rests_on() {
    let refused = format!("{ELSEWHERE}[identity 2][run]");
    let allowed = format!("{ELSEWHERE}[run]");
    for (size, when_refused, when_allowed) in [
        ((80, 24), Some(Pane::Policy), Some(Pane::Answer)),
        ((100, 30), Some(Pane::Policy), Some(Pane::Answer)),
        ((120, 40), Some(Pane::Audit), Some(Pane::Storage)),
        ((200, 60), None, None),
    ] {
        let played = play_at("a3", size, &refused);
        assert_eq!(front(&played), when_refused, "{size:?}: {}", played.last());
        let played = play_at("a3", size, &allowed);
        assert_eq!(front(&played), when_allowed, "{size:?}: {}", played.last());
    }
}

#[test]
fn the_record_of_the_refusal_is_selected() {
    for size in SIZES {
        let played = play_at("a3", size, &format!("{ELSEWHERE}[run][identity 2][run]"));
        let lab = lab(&played);
        let row = &lab.view.audit[lab.audit_selected];
        assert_eq!(
            (row.event.as_str(), row.error.is_some()),
            ("Decrypt", true),
            "{size:?}: {}",
            played.last()
        );
        assert!(row.who.contains("tess"), "{row:?}");
        assert!(lab.scroll_of(Pane::Audit) <= lab.audit_selected, "{size:?}");
    }
}

#[test]
fn what_is_pinned_stays_and_says_so() {
    for size in SIZES {
        let script = format!("{ELSEWHERE}[pin]<shot>[identity 2][run]");
        let played = play_at("a3", size, &script);
        let [pinned, _] = played.shots.as_slice() else { panic!("two looks") };
        assert!(pinned.contains(" pinned "), "{size:?}: {pinned}");
        assert!(pinned.contains("B let go") || size.0 <= 100, "{size:?}: {pinned}");
        assert_ne!(document(&played), "alias/dynamodb-encryption-key", "{size:?}: {}", played.last());
        assert!(played.app.regions().pane(Pane::Policy).is_some(), "{size:?}: {}", played.last());
        // Once more, and it follows again.
        let played = play_at("a3", size, &format!("{script}[pin][run]"));
        assert_eq!(document(&played), "alias/dynamodb-encryption-key", "{size:?}: {}", played.last());
        assert!(!played.last().contains(" pinned "), "{size:?}: {}", played.last());
    }
}

#[test]
fn a_pinned_pane_stays_in_front_of_those_that_share_its_place() {
    for (size, pane) in [((80, 24), Pane::Storage), ((100, 30), Pane::Storage), ((120, 40), Pane::Keys)] {
        let mut to = String::new();
        // As many steps as lead there.
        while front(&play_at("a3", size, &format!("{ELSEWHERE}{to}"))) != Some(pane) {
            to.push_str("[focus-next]");
            assert!(to.len() < 300, "{pane:?} is not reached");
        }
        let played = play_at("a3", size, &format!("{ELSEWHERE}{to}[pin][identity 2][run]"));
        assert_eq!(front(&played), Some(pane), "{size:?}: {}", played.last());
        let back =
            play_at("a3", size, &format!("{ELSEWHERE}{to}[pin][focus-next][focus-next][focus-next][run]"));
        let focus = lab(&back).focus;
        let wanted = if back.app.regions().stack.contains(&focus) { focus } else { pane };
        assert_eq!(front(&back), Some(wanted), "{size:?}: {}", back.last());
    }
}

/// Under a key of AWS's own the key policy has no part in it, and the policy that decided is read instead.
#[test]
fn the_document_is_the_one_that_decided() {
    for size in SIZES {
        let guesses = "[predict][choose Alice's row][predict][choose Alice's row][predict][choose An error]";
        let owned = play_at("a5", size, &format!("{guesses}[watch]<type Scan Owned><Enter>[run]"));
        let open = lab(&owned).session.lab().draft().expect("a document").document().clone();
        assert!(matches!(open, DocumentId::Managed(_)), "{open:?} at {size:?}: {}", owned.last());
        let customer = play_at(
            "a5",
            size,
            &format!("{guesses}[watch]<type Scan Owned><Enter>[run][watch]<type Scan Customer><Enter>[run]"),
        );
        let open = lab(&customer).session.lab().draft().expect("a document").document().clone();
        assert!(matches!(open, DocumentId::KeyPolicy(_)), "{open:?} at {size:?}: {}", customer.last());
    }
}

#[test]
fn a_draft_of_ones_own_is_never_turned_away_from() {
    for size in SIZES {
        let script = "[predict][choose Allowed][documents]<type tess: inline><Enter>[edit]<type  >[back][identity 2][run]";
        let played = play_at("a3", size, script);
        assert!(lab(&played).dirty(), "{size:?}: {}", played.last());
        assert_ne!(document(&played), "alias/dynamodb-encryption-key", "{size:?}: {}", played.last());
    }
}

/// A table that was made comes in sight among those that are stored.
#[test]
fn what_is_stored_is_scrolled_to_the_table_in_question() {
    for size in SIZES {
        let script = "[predict][choose Nothing at all][console]<paste aws dynamodb create-table --table-name Visits \
                      --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=VisitID,AttributeType=S \
                      --key-schema AttributeName=VisitID,KeyType=HASH>[run-line][back]";
        let played = play_at("c3", size, script);
        let lab = lab(&played);
        assert_eq!(lab.view.crux.table.as_deref(), Some("Visits"), "{}", played.last());
        let at = lab.scroll_of(Pane::Storage);
        let shown = play_at("c3", size, &format!("{script}[layout][layout][layout][layout][layout]"));
        assert!(at > 0 && shown.last().contains("Visits"), "{at} at {size:?}: {}", shown.last());
        // Reading the first one goes back to it.
        let back = play_at("c3", size, &format!("{script}[run]"));
        assert_eq!(
            super::super::app::App::lab(&back.app).expect("a lab").scroll_of(Pane::Storage),
            0,
            "{size:?}"
        );
    }
}

#[test]
fn a_guess_that_is_open_keeps_its_document_where_it_is() {
    for size in SIZES {
        let played = play_at("a2", size, "[identity 2]");
        assert_eq!(lab(&played).view.crux.document, None, "{size:?}: {}", played.last());
        let played = play_at("a2", size, "[predict][choose An error][identity 2]");
        assert!(lab(&played).view.crux.document.is_some(), "{size:?}: {}", played.last());
    }
}

// Two sessions

#[test]
fn of_two_sessions_the_one_that_was_called_has_a_new_answer() {
    for size in SIZES {
        let start = "[predict][choose Allowed][compare]";
        let sides = |played: &Played| {
            let view = &lab(played).view;
            let other = &view.other.as_ref().expect("two sessions").path;
            [&view.path, other].map(|path| (path.who.clone(), path.moment.clone()))
        };
        let none = sides(&play_at("a3", size, start));
        let first = sides(&play_at("a3", size, &format!("{start}[run]")));
        assert!(first[0] != none[0] && first[1] == none[1], "{size:?}: {first:?}");
        let second = sides(&play_at("a3", size, &format!("{start}[identity 2][run]")));
        assert!(second[0] == none[0] && second[1] != none[1], "{size:?}: {second:?}");
        // Back to the first one by its number.
        let both = play_at("a3", size, &format!("{start}[identity 2][run][identity 1][run]"));
        let both_sides = sides(&both);
        assert!(both_sides[0] == first[0] && both_sides[1] == second[1], "{size:?}: {both_sides:?}");
        assert_eq!(lab(&both).side, 0);
    }
}

#[test]
fn two_sessions_show_both_ways_whole_and_no_answer_is_cut() {
    for size in SIZES {
        let played = play_at("a3", size, "[predict][choose Allowed][compare][run][identity 2][run]");
        let view = &lab(&played).view;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let screen = words(played.last());
        for path in [&view.path, &view.other.as_ref().expect("two").path] {
            assert!(screen.contains(&words(&path.sentence)), "{size:?}: {}", played.last());
        }
        // AWS's words to their end, which says why.
        let regions = played.app.regions();
        let answer = regions.pane(Pane::OtherAnswer).expect("it is there");
        let rows = played.last().lines().skip(usize::from(answer.y)).take(usize::from(answer.height));
        let half: Vec<String> =
            rows.map(|row| row.chars().skip(usize::from(answer.x) + 1).collect()).collect();
        let half = half.join(" ").replace(['│', '┃', '─', '╯', '┤'], " ");
        assert!(
            words(&half).contains("because no identity-based policy allows"),
            "{size:?}: {}",
            played.last()
        );
        // The reasons, and the document, are a key away.
        let why = play_at("a3", size, "[predict][choose Allowed][compare][run][why]");
        assert!(why.app.regions().pane(Pane::Why).is_some(), "{size:?}: {}", why.last());
        let edit = play_at("a3", size, "[predict][choose Allowed][compare][edit]");
        assert!(
            edit.app.regions().pane(Pane::Policy).is_some() && lab(&edit).typing,
            "{size:?}: {}",
            edit.last()
        );
        assert_eq!(lab(&edit).preset, crate::tui::layout::Preset::Compare, "{size:?}");
    }
}

/// The rows of the document that are marked as those that decided.
fn marked(played: &Played) -> String {
    let rows = played.last().lines().filter_map(|row| row.split_once('┊')).map(|(_, row)| row);
    rows.collect::<Vec<_>>().join("\n")
}

/// Of two sessions what decided for the one that acts is marked, and nothing where another document decided.
#[test]
fn beside_two_sessions_nothing_is_marked_but_what_decided() {
    let size = (200, 60);
    let draft = "[predict][choose Allowed][edit][snippet][choose Key user][choose tess][back][apply]";
    let kim = play_at("a3", size, &format!("{draft}[compare]"));
    assert_eq!(lab(&kim).preset, Preset::Compare);
    assert!(lab(&kim).view.acts("kim"), "{}", kim.last());
    assert_eq!(marked(&kim), "", "IAM let kim in: {}", kim.last());
    let tess = play_at("a3", size, &format!("{draft}[compare][focus-next]"));
    assert!(lab(&tess).view.acts("tess"), "{}", tess.last());
    let rows = marked(&tess);
    assert!(rows.contains("KeyUser") && !rows.contains("Enable IAM"), "{rows}: {}", tess.last());
    let refused = play_at("a3", size, "[predict][choose Allowed][compare][focus-next]");
    assert!(lab(&refused).view.acts("tess"), "{}", refused.last());
    assert_eq!(marked(&refused), "", "no statement refused her: {}", refused.last());
}

#[test]
fn panes_without_room_beside_two_sessions_are_named() {
    for size in SIZES {
        let played = play_at("a3", size, "[predict][choose Allowed][compare]");
        let note = played.last().lines().rev().nth(1).unwrap_or_default().to_owned();
        let regions = played.app.regions();
        let has = |pane: Pane| regions.pane(pane).is_some();
        for pane in [Pane::Identities, Pane::Policy, Pane::Why, Pane::OtherWhy] {
            assert_eq!(note.contains(pane.name()), !has(pane), "{pane:?} at {size:?}: {}", played.last());
        }
        assert_eq!(note.contains("C shows all panes"), !has(Pane::Policy), "{size:?}: {note}");
    }
}
