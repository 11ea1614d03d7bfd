//! Reviews and quizzes from their first question to what is kept of them.

use super::*;
use jiff::civil::date;
use std::path::Path;

/// Plays A2 and guesses that full access is enough; then looks.
fn missed(state: &Path) {
    let options = super::super::Options {
        scenario: "a2".to_owned(),
        state: Some(state.to_owned()),
        ..Default::default()
    };
    let script = "as tess\npredict Alice's row: full\nscan\nquit\n";
    let mut out = Vec::new();
    super::super::run(&options, &mut script.as_bytes(), &mut out, false).expect("it plays");
}

/// A day long ago: a journal of today counts as of the day that is given.
fn options(state: &Path, day: i8) -> Options {
    Options { state: state.to_owned(), today: date(2000, 1, day), disk: Disk::default() }
}

fn reviewed(state: &Path, day: i8, script: &str) -> String {
    let mut out = Vec::new();
    let lost = review(&options(state, day), &mut script.as_bytes(), &mut out, false).expect("it is asked");
    assert_eq!(lost, None);
    String::from_utf8(out).expect("text")
}

fn quizzed(state: &Path, day: i8, is_done: bool, script: &str) -> String {
    let mut out = Vec::new();
    let options = options(state, day);
    quiz(&options, 'D', is_done, &mut script.as_bytes(), &mut out, false).expect("it is asked");
    String::from_utf8(out).expect("text")
}

#[test]
fn what_was_missed_comes_back_until_it_is_mended() {
    let state = tempfile::tempdir().expect("a folder");
    assert!(reviewed(state.path(), 1, "").contains("Nothing comes back"));
    missed(state.path());
    for (day, answer, told) in [
        (
            1,
            "",
            "Nothing is due today. The next comes back on 2000-01-02. `kmslab review --today 2000-01-02` asks",
        ),
        (2, "", "1 question is due today."),
        (2, "", "quit leaves.\n\nQuestion 1 of 1."),
        (2, "", "Right 0 of 0. What is left stays due."),
        (2, "7\n1 9\nAlice's row: full\n", "M01 comes back on 2000-01-03."),
        (2, "", "Nothing is due today. The next comes back on 2000-01-03."),
        (3, "An error\n", "M01 comes back on 2000-01-06."),
        (6, "An error\n", "M01 comes back on 2000-01-13."),
        (12, "", "Nothing is due today. The next comes back on 2000-01-13."),
        (13, "An error\n", "M01 is mended: right 3 times in a row."),
        (31, "", "Nothing comes back"),
    ] {
        let text = reviewed(state.path(), day, answer);
        assert!(text.contains(told), "{day} {answer}: {text}");
        assert!(!text.to_lowercase().contains("tess"), "{text}");
    }
}

#[test]
fn nothing_is_given_away_before_it_is_asked() {
    let state = tempfile::tempdir().expect("a folder");
    missed(state.path());
    // What was missed counts from the day on which it is first read here.
    assert!(reviewed(state.path(), 1, "").contains("Nothing is due today."));
    let text = reviewed(state.path(), 2, "Alice's row: full\n");
    let (before, behind) = text.split_once("answer> ").expect("it is asked");
    let scenario = crate::scenario::find("a2").expect("there");
    let myth = scenario.myths.iter().find(|myth| myth.id == "M01").expect("there");
    let asked = scenario.prediction("p1").expect("there");
    for words in
        asked.choices.iter().filter_map(|choice| choice.say.as_ref()).chain([&myth.fact, &myth.belief])
    {
        assert!(!before.contains(words.as_str()), "{words}: {before}");
    }
    assert!(behind.contains(&myth.fact) && behind.contains(&myth.belief), "{behind}");
    assert!(behind.contains("The world gives: ") && behind.contains("Sources: "), "{behind}");
    assert!(behind.contains("It comes otherwise: An error"), "{behind}");
}

#[test]
fn a_quiz_is_the_same_before_and_after_and_says_the_gain() {
    let state = tempfile::tempdir().expect("a folder");
    let begun = quizzed(state.path(), 1, false, "1 3\n1\n");
    assert!(begun.contains("Question 3 of 3.") && begun.contains("Kept so far"), "{begun}");
    let rest = quizzed(state.path(), 1, false, "1 3\n");
    assert!(!rest.contains("Question 2 of") && rest.contains("Question 3 of 3."), "{rest}");
    for text in [&begun, &rest] {
        for told in ["That is right", "otherwise", "In fact", "Source", "The world"] {
            assert!(!text.contains(told), "{told}: {text}");
        }
    }
    let waits = quizzed(state.path(), 2, false, "1\n");
    assert!(waits.contains("--after asks it now") && !waits.contains("Question"), "{waits}");
    let after = quizzed(state.path(), 2, true, &"1\n".repeat(3));
    let people = |text: &str| {
        text.lines().filter(|line| line.starts_with("Question: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let asked = [people(&begun), people(&rest)].concat();
    assert_eq!(people(&after).len(), 3);
    let other = people(&after).iter().filter(|question| !asked.contains(question)).count();
    // One of the three may name nobody but a role.
    assert!(other >= 2, "in other clothes: {after}");
    let gained = after.lines().rev().take(2).collect::<Vec<_>>();
    assert!(
        gained[1].starts_with("Chapter D, Keys have lives: before ") && gained[1].contains(" of 3, after "),
        "{after}"
    );
    // The quiz after the chapter was answered without a word on how sure it was.
    assert!(
        gained[0].starts_with("Certain, and yet wrong: before ") && gained[0].ends_with("after not told."),
        "{after}"
    );
    let right =
        after.lines().filter(|line| line.starts_with("That is right") || line.starts_with("Right")).count();
    assert!(gained[1].ends_with(&format!("after {right} of 3.")), "{right}: {after}");
}

#[test]
fn what_the_lab_has_shown_is_not_asked_before_the_chapter() {
    let state = tempfile::tempdir().expect("a folder");
    let all = questions().expect("they are sound");
    let asked = learning::questions_for('D', &all);
    let intro = |done: &[&'static str]| {
        let (mut out, mut input) = (Vec::new(), "".as_bytes());
        let mut asking =
            Asking::open(&options(state.path(), 1), &mut input, &mut out, false).expect("it opens");
        let far = crate::lab::saves::Far { tasks: (2, 2), beliefs: crate::lab::Beliefs::default() };
        let played = |scenario: &&'static str| Played { scenario, far: far.clone(), day: date(2000, 1, 1) };
        asking.played.extend(done.iter().map(played));
        asking.quiz('D', false).expect("it is asked");
        // Nothing of it is kept for the next.
        std::fs::remove_file(state.path().join("learning.json")).ok();
        drop(asking);
        String::from_utf8(out).expect("text").lines().next().unwrap_or_default().to_owned()
    };
    let of: Vec<&'static str> = asked.iter().map(|question| question.scenario).collect();
    assert!(intro(&of[..1]).contains(&format!(": {} question", of.len() - 1)), "{of:?}");
    assert!(intro(&of).contains("you have done every scenario that its quiz asks about"));
}

#[test]
fn a_right_answer_with_a_wrong_reason_is_told_apart() {
    let state = tempfile::tempdir().expect("a folder");
    let all = questions().expect("they are sound");
    let asked = all.iter().find(|question| question.scenario.starts_with("a4-")).expect("there");
    let posed = Posed::new(asked, 0).expect("it stands");
    let [answer, reason] = posed.parts() else { panic!("it is asked with its reason") };
    let number = |part: &Prediction, is_right: bool| {
        let order = posed.order(part);
        order.iter().position(|at| (posed.right(part) == Some(*at)) == is_right).expect("there") + 1
    };
    let script = format!("{}\n{}\n", number(answer, true), number(reason, false));
    let (mut out, mut input) = (Vec::new(), script.as_bytes());
    let mut asking = Asking::open(&options(state.path(), 1), &mut input, &mut out, false).expect("it opens");
    let answered = asking.ask(&posed, 1, 1).expect("it is asked").expect("it is answered");
    assert!(answered.by_half && !answered.right);
    asking.reveal(&posed, &answered).expect("it is told");
    drop(asking);
    assert!(String::from_utf8(out).expect("text").contains("An answer counts with its reason."));
    assert_eq!(came_to(0, 1, 2), "Right 0 of 2. 1 answer was right, its reason not.");
}

#[test]
fn a_full_disk_is_said_and_what_was_answered_is_kept_once_there_is_room() {
    let state = tempfile::tempdir().expect("a folder");
    let (mut out, script) = (Vec::new(), "1\n".repeat(5));
    let disk = Disk::failing_from(3, crate::lab::disk::Fault::Full);
    let options = Options { disk, ..options(state.path(), 1) };
    let lost = quiz(&options, 'D', false, &mut script.as_bytes(), &mut out, false).expect("it is asked");
    let text = String::from_utf8(out).expect("text");
    assert!(lost.is_some_and(|why| why.contains("not kept")), "{text}");
    assert_eq!(text.matches("Note: not kept on the disk").count(), 1, "{text}");
}

#[test]
fn each_part_of_an_answer_has_its_note_and_what_the_world_gives_is_said_once() {
    let state = tempfile::tempdir().expect("a folder");
    let all = questions().expect("they are sound");
    let asked = all.iter().find(|question| question.scenario.starts_with("a4-")).expect("there");
    let posed = Posed::new(asked, 0).expect("it stands");
    assert_eq!(posed.parts().len(), 2);
    let (mut out, mut input) = (Vec::new(), "1\n1\n".as_bytes());
    let mut asking = Asking::open(&options(state.path(), 1), &mut input, &mut out, false).expect("it opens");
    let answered = asking.ask(&posed, 1, 1).expect("it is asked").expect("it is answered");
    asking.reveal(&posed, &answered).expect("it is told");
    drop(asking);
    let text = String::from_utf8(out).expect("text");
    for part in PARTS {
        assert_eq!(text.matches(part).count(), 1, "{text}");
    }
    let given: Vec<&str> = text.lines().filter(|line| line.starts_with("The world gives: ")).collect();
    let different: std::collections::BTreeSet<&&str> = given.iter().collect();
    assert!(!given.is_empty() && different.len() == given.len(), "{text}");
}
