//! Labs written to a file and read back, by keys.

use super::{app, keys, play};
use crate::limits::file::Given;
use crate::tui::app::App;

/// The list, or a scenario, with labs kept in that directory.
fn kept(state: &std::path::Path, scenario: Option<&str>) -> App {
    let mut app = app(None, false);
    app.shell.state = Some(state.to_owned());
    if let Some(scenario) = scenario {
        crate::tui::update::open_scenario(&mut app, scenario, None).expect("it opens");
    }
    app
}

#[test]
fn a_lab_is_written_out_and_read_back() {
    let folder = tempfile::tempdir().expect("a directory");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    let file = folder.path().join("mine.lab").display().to_string();
    let size = (160, 40);

    let written = play(
        kept(&here, Some("a3")),
        size,
        keys(&format!(
            "[predict][choose Allowed: the key policy names][identity 2][run]\
            [export]<shot><paste {file}><Enter><shot>"
        )),
    );
    assert!(written.shots[0].contains("Export this lab"), "{}", written.shots[0]);
    assert!(written.shots[1].contains("written to"), "{}", written.shots[1]);
    drop(written);

    let again = play(kept(&here, Some("a3")), size, keys(&format!("[export]<paste {file}><Enter><shot>")));
    assert!(again.last().contains("exists"), "a file that is there is never written over: {}", again.last());
    drop(again);

    let read = play(kept(&there, None), size, keys(&format!("[import]<shot><paste {file}><Enter><shot>")));
    assert!(read.shots[0].contains("Import a lab"), "{}", read.shots[0]);
    assert!(read.shots[1].contains("read: "), "{}", read.shots[1]);
    let lab = read.app.lab().expect("the lab is open");
    assert_eq!(lab.view.steps.len(), 2, "tess's scan came along");

    let wrong = play(kept(&there, None), size, keys("[import]<paste ./Cargo.toml><Enter><shot>"));
    assert!(wrong.last().contains("no lab that"), "{}", wrong.last());
}

#[test]
fn a_lab_that_is_not_kept_says_so_all_the_time_asks_at_the_end_and_is_written_out() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("mine.lab").display().to_string();
    let mut homeless = app(None, false);
    crate::tui::update::open_scenario(&mut homeless, "a3", None).expect("it opens");
    let played = play(
        homeless,
        (160, 40),
        keys(&format!(
            "<shot>[predict][choose Allowed: the key policy names][identity 2][run]<shot>[quit]<shot>[no]<shot>\
            [export]<paste {file}><Enter><shot>[quit]<shot>[yes]"
        )),
    );
    let head = |shot: usize| played.shots[shot].lines().next().unwrap_or_default().to_owned();
    assert!(head(0).contains("not kept"), "{}", played.shots[0]);
    for shot in 1..6 {
        assert!(head(shot).contains("1 step not kept"), "{}", played.shots[shot]);
    }
    assert!(played.shots[2].contains("1 step is not kept"), "{}", played.shots[2]);
    assert!(played.shots[2].contains("X in the lab writes all of it"), "{}", played.shots[2]);
    assert!(played.shots[4].contains("written to"), "{}", played.shots[4]);
    assert_eq!(played.app.shell.exit, Some(crate::tui::shell::Exit::Left));
    let read = crate::lab::export::import(folder.path(), std::path::Path::new(&file), Given::Found, None)
        .expect("it is read back");
    assert_eq!(read.id, "a3-key-policy-door");
    drop(played);
    let again = play(kept(folder.path(), Some("a3")), (160, 40), keys("<shot>[quit]"));
    assert!(!again.last().contains("not kept"), "{}", again.last());
    assert_eq!(again.app.lab().expect("open").view.steps.len(), 2);
    assert_eq!(
        again.app.shell.exit,
        Some(crate::tui::shell::Exit::Left),
        "nothing is asked where all is kept"
    );
}

#[test]
fn a_draft_is_kept_also_where_the_screen_was_too_small_when_it_was_left() {
    let folder = tempfile::tempdir().expect("a directory");
    let mut app = kept(folder.path(), Some("a3"));
    super::give_help(&mut app);
    let left = play(
        app,
        (120, 40),
        keys(
            "[edit][snippet][choose Key user][choose tess]\
        <size 20x5>[force-quit][yes]",
        ),
    );
    assert!(left.app.shell.exit.is_some());
    drop(left);
    let again = play(kept(folder.path(), Some("a3")), (120, 40), keys("<shot>"));
    assert!(again.last().contains("Draft: 1 flip"), "{}", again.last());
}

#[test]
fn the_next_scenario_behind_the_last_is_the_first_that_is_open() {
    let folder = tempfile::tempdir().expect("a directory");
    let mut app = kept(folder.path(), None);
    let last =
        app.home.library().iter().rfind(|s| !s.is_free()).map(|s| s.id.clone()).expect("there are scenarios");
    crate::tui::update::open_scenario(&mut app, &last, None).expect("it opens");
    let next = play(app, (120, 40), keys("[next][yes]<shot>"));
    assert_eq!(next.app.lab().map(|lab| lab.view.head.id.as_str()), Some("A0"), "{}", next.last());
    // With everything else done there is nothing to go to.
    let mut app = kept(folder.path(), Some(&last));
    while app.home.next_to_read(folder.path()).is_some() {}
    for row in app.home.library_mut().iter_mut().filter(|row| row.id != last) {
        row.progress.0 = row.progress.1;
    }
    let none = play(app, (120, 40), keys("[next][yes]<shot>"));
    assert!(none.last().contains("that was the last scenario; all others are done"), "{}", none.last());
}
