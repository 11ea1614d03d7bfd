//! What the screens look like, at the three sizes people use.

use super::{app, keys, play};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn snapshots(name: &str, scenario: Option<&str>, ascii: bool, script: &str) {
    for (width, height) in SIZES {
        let played = play(app(scenario, ascii), (width, height), keys(&format!("{script}<shot>")));
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}-{width}x{height}"), played.last());
        });
    }
}

#[test]
fn home() {
    snapshots("home", None, false, "");
}

#[test]
fn lab_at_the_start() {
    snapshots("lab-start", Some("a3"), false, "");
}

#[test]
fn lab_refused() {
    snapshots("lab-refused", Some("a3"), false, "v22s");
}

#[test]
fn lab_with_a_draft_that_flips() {
    snapshots("lab-draft", Some("a3"), false, "v2e<C-t>1");
}

#[test]
fn lab_with_a_broken_draft() {
    snapshots("lab-broken", Some("a3"), false, "v2e<Down><Down><End><type x>");
}

#[test]
fn lab_done() {
    snapshots("lab-done", Some("a3"), false, "v2e<C-t>1<Esc><C-s>2s");
}

#[test]
fn lab_in_ascii() {
    snapshots("lab-ascii", Some("a3"), true, "v2e<C-t>1");
}

#[test]
fn overlays() {
    for (name, script) in [
        ("help", "?"),
        ("palette", ":"),
        ("predict", "v"),
        ("matrix", "m"),
        ("timeline", "2v2st"),
        ("who-can", "W<type kms:Decrypt><Enter>"),
        ("diff", "e<C-t>1<Esc>d"),
        ("record", "2v2s<Tab><Tab><Tab><Tab><Tab><Enter>"),
        ("refused", "e<C-t>1<Esc>2<C-s>"),
        ("present", "P"),
        ("present-revealed", "PP"),
        ("confirm", "R"),
        ("clock", "c"),
        ("snippets", "e<C-t>"),
    ] {
        snapshots(name, Some("a3"), false, script);
    }
}
