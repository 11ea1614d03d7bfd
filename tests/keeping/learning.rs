//! A review or a quiz that is killed inside a write loses no answer that was acknowledged.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

use jiff::civil::date;
use kmslab::lab::disk::{Disk, Fault};
use kmslab::lab::learning::{Learning, Sitting};
use kmslab::plain::review::{self, Options};

/// The variable that makes this test program the one that is killed: the folder, the step to the disk, the offset.
const CHILD: &str = "KMSLAB_KILLED_QUIZ";

/// The questions of the chapter's quiz.
const QUESTIONS: usize = 3;

fn ask(state: &Path, disk: Disk, out: &mut dyn std::io::Write) {
    let options = Options { state: state.to_owned(), today: date(2026, 12, 1), disk };
    let script = "1\n".repeat(QUESTIONS);
    review::quiz(&options, 'D', false, &mut script.as_bytes(), out, false).expect("it is asked");
}

/// The program that is killed.
#[test]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let words: Vec<&str> = told.split('|').collect();
    let fault = Fault::Killed(words[2].parse().expect("an offset"));
    let disk = Disk::failing(words[1].parse().expect("a step"), fault);
    ask(Path::new(words[0]), disk, &mut std::io::stdout());
}

/// How many answers are in the file: of a quiz that has begun, or of one that is done.
fn answered(state: &Path) -> usize {
    let learning = Learning::look(state).expect("a killed program leaves a whole file");
    let Some(quiz) = learning.quiz('D') else { return 0 };
    match quiz.under_way() {
        Some((_, sitting)) => sitting.count() - sitting.left(),
        None => quiz.before().map_or(0, Sitting::count),
    }
}

#[test]
fn a_kill_at_any_step_loses_no_answer_that_was_acknowledged() {
    let (mut killed, mut at) = (0, 0);
    loop {
        at += 1;
        let state = tempfile::tempdir().expect("a folder");
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "learning::child", "--nocapture", "--test-threads=1"])
            .env(CHILD, format!("{}|{at}|{}", state.path().display(), at * 7 % 50))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let acknowledged = said.matches("Noted.").count();
        let kept = answered(state.path());
        // The one whose writing was cut off may be there or not.
        assert!(
            (acknowledged..=acknowledged + 1).contains(&kept),
            "step {at}: {kept} of {acknowledged}: {said}"
        );
        if output.status.signal().is_none() {
            assert_eq!(kept, QUESTIONS, "{said}");
            break;
        }
        killed += 1;
        let mut out = Vec::new();
        ask(state.path(), Disk::default(), &mut out);
        assert_eq!(answered(state.path()), QUESTIONS, "it goes on: {}", String::from_utf8_lossy(&out));
        let asked = String::from_utf8_lossy(&out).matches("Noted.").count();
        assert_eq!(kept + asked, QUESTIONS, "no question is asked twice");
    }
    assert!(killed > 4 * QUESTIONS, "{killed} kills");
}
