//! The audit log by keys: which records it shows, and that a row opens its own record.

use super::{Played, app, keys, play};

fn played(script: &str) -> Played {
    // A refusal of tess and an answer to kim, data events shown, the audit log with the focus.
    play(
        app(Some("a3"), false),
        (160, 50),
        keys(&format!(
            "[identity 2][run][identity 1][run][audit]\
        [focus-previous]{script}"
        )),
    )
}

/// Who made the calls shown.
fn callers(played: &Played) -> Vec<&str> {
    played.app.lab().expect("a lab is open").view.audit.iter().map(|r| r.who.as_str()).collect()
}

#[test]
fn records_are_found_by_their_words_as_they_are_typed() {
    let all = callers(&played("")).len();
    let typing = played("[search in lab]<type TESS><shot>");
    let found = callers(&typing);
    assert!(!found.is_empty() && found.len() < all, "{found:?} of {all}");
    assert!(found.iter().all(|who| who.contains("tess")), "{found:?}");
    assert!(
        typing.last().contains("Find records") && typing.last().contains("▸ / TESS"),
        "{}",
        typing.last()
    );

    let refused = played("[search in lab]<type denied kms>");
    assert!(refused.app.lab().unwrap().view.audit.is_empty(), "no event is named kms");
    let refused = played("[search in lab]<type denied dec><Enter>");
    let rows = &refused.app.lab().unwrap().view.audit;
    assert!(!rows.is_empty() && rows.iter().all(|r| r.error.is_some() && r.event == "Decrypt"), "{rows:?}");
}

#[test]
fn escape_shows_all_again_while_typing_and_after() {
    let all = callers(&played("")).len();
    for script in [
        "[search in lab]<type tess><Esc>",
        "[search in lab]<type tess><Enter>[back]",
        "[search in lab]<type tess><BS><BS><BS><BS>",
    ] {
        assert_eq!(callers(&played(script)).len(), all, "{script}");
    }
    let none = played("[search in lab]<type zzz><Enter><shot>");
    assert!(none.last().contains("no record matches"), "{}", none.last());
}

#[test]
fn a_found_row_opens_its_own_record_and_new_calls_are_filtered_too() {
    let opened = played("[search in lab]<type tess><Enter>[down][open]<shot>");
    assert!(opened.last().contains("tess"), "{}", opened.last());
    assert!(opened.last().contains("\"eventName\""), "{}", opened.last());
    let later = played("[search in lab]<type tess><Enter>[identity 1][run]");
    assert!(callers(&later).iter().all(|who| who.contains("tess")), "{:?}", callers(&later));
}
