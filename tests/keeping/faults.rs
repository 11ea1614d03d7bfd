//! Every write fails at every place.

use std::path::Path;

use kmslab::lab::disk::{Disk, Fault};
use kmslab::lab::{Kept, LearnerSession, Reason};

const ID: &str = "free-empty";

fn journal(state: &Path) -> std::path::PathBuf {
    super::journal(state, ID)
}

fn steps(state: &Path) -> usize {
    super::steps(&journal(state))
}

/// How a session went.
struct Played {
    /// How many steps were acknowledged: behind each of them nothing was said not to be kept.
    acknowledged: usize,
    /// Whether it was ever said that something is not kept.
    told: bool,
    /// What is said at the end not to be kept.
    unkept: usize,
}

/// Plays five steps; `between` is called before each.
fn play(disk: &Disk, state: &Path, mut between: impl FnMut(usize)) -> Played {
    let (mut session, notice) =
        LearnerSession::open_on(disk, ID, None, Some(state)).expect("a lab opens whatever its disk does");
    let mut played = Played { acknowledged: 0, told: false, unkept: 0 };
    // A lab that cannot be kept says so from the start.
    assert_eq!(session.unkept().is_some(), notice.is_some_and(|notice| !notice.good));
    for n in 0..5 {
        between(n);
        assert_eq!(session.lab_mut().type_text("aws kms list-keys"), 0, "the call is made");
        let before = session.unkept().is_some();
        let kept = session.keep(true);
        match session.unkept() {
            None => {
                assert_eq!(kept == Kept::Again, before, "that it is kept again is said");
                played.acknowledged = n + 1;
            }
            Some(unkept) => {
                assert_eq!(
                    unkept.steps,
                    n + 1 - played.acknowledged,
                    "every step that is not kept is counted"
                );
                assert!(unkept.is_loss());
                if matches!(unkept.reason, Reason::Failed(_)) && !before {
                    assert!(matches!(kept, Kept::Fails(_)), "the first failure is told: {kept:?}");
                }
                played.told = true;
            }
        }
        if std::fs::read(journal(state)).is_ok_and(|found| found != b"somebody's") {
            assert!(steps(state) >= played.acknowledged, "what was acknowledged is on the disk at once");
        }
    }
    // Leaving tries once more.
    session.keep(true);
    match session.unkept() {
        None => played.acknowledged = 5,
        Some(unkept) => played.unkept = unkept.steps,
    }
    played
}

#[test]
fn every_step_to_the_disk_may_fail_once_and_nothing_is_lost() {
    for fault in [Fault::Full, Fault::Short, Fault::Broken] {
        let mut at = 0;
        loop {
            at += 1;
            let state = tempfile::tempdir().expect("a folder");
            let disk = Disk::failing(at, fault);
            let played = play(&disk, state.path(), |_| {});
            let place = format!("{fault:?} at step {at}");
            if disk.steps() < at {
                assert!(at > 14, "{place}: only {} steps to the disk were tried", disk.steps());
                assert_eq!((played.acknowledged, played.told), (5, false), "{place}");
                break;
            }
            // Either the journal could be opened, then the next step keeps all; or it could not, and that is said.
            assert!(played.acknowledged == 5 || (played.told && played.unkept == 5), "{place}");
            assert_eq!(steps(state.path()), played.acknowledged, "{place}");
            let again = play(&Disk::default(), state.path(), |_| {});
            assert_eq!(again.acknowledged, 5, "{place}: the lab is kept as before");
        }
    }
}

#[test]
fn a_disk_that_stays_full_is_told_and_what_was_done_is_kept_once_there_is_room() {
    for fault in [Fault::Full, Fault::Short, Fault::Broken] {
        for at in 1..20 {
            let state = tempfile::tempdir().expect("a folder");
            let disk = Disk::failing_from(at, fault);
            let played = play(&disk, state.path(), |n| {
                if n == 4 {
                    disk.mend();
                }
            });
            let place = format!("{fault:?} from step {at} on");
            let open = played.acknowledged > 0;
            // What was opened keeps everything with the first step for which there is room.
            assert_eq!(played.unkept, if open { 0 } else { 5 }, "{place}");
            assert_eq!(steps(state.path()), 5 - played.unkept, "{place}");
        }
    }
}

#[test]
fn a_journal_that_somebody_takes_away_is_made_anew_with_all_that_was_in_it() {
    let state = tempfile::tempdir().expect("a folder");
    let path = journal(state.path());
    let played = play(&Disk::default(), state.path(), |n| {
        if n == 3 {
            std::fs::remove_file(&path).expect("it was there");
        }
    });
    assert_eq!((played.acknowledged, steps(state.path())), (5, 5));
    // Where another file took its place, that one is left alone, and what is not kept is said.
    let other = play(&Disk::default(), state.path(), |n| {
        if n == 3 {
            std::fs::rename(&path, path.with_extension("mine")).expect("it was there");
            std::fs::write(&path, "somebody's").expect("written");
        }
    });
    assert!(other.told && other.unkept == 2 && other.acknowledged == 3, "{} are lost", other.unkept);
    assert_eq!(std::fs::read_to_string(&path).expect("there"), "somebody's");
}
