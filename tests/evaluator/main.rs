//! A second evaluator of AWS's policies, compared with `kmslab decide` over random lines.
//!
//! The evaluator was written from AWS's documentation by somebody who had not read `src/policy`, and it shares no code
//! with it: two readings of the same pages, so that a difference shows a fault in one of them. It is slow and plain on
//! purpose. `KMSLAB_EVALUATOR_LINES` sets the number of lines of each kind, `KMSLAB_EVALUATOR_SEED` the seed,
//! `KMSLAB_EVALUATOR_SHOWN` how many differences are printed in full, and `KMSLAB_EVALUATOR_PROGRAM` another program to ask.
//!
//! `tests/plant.py` plants faults in the engine and shows that the comparison finds each of them.

mod chance;
mod condition;
mod evaluate;
mod generate;
mod kind_lines;
mod kind_lines_of_callers;
mod kind_lines_of_grants;
mod kinds;
mod read;
mod shorten;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use chance::Chance;
use evaluate::{Verdict, evaluate, evaluate_by};
use kinds::{Kind, Rules};

/// So many lines are made of each kind, and [`ORDINARY`] times as many without one.
const LINES: usize = 1_000;
const ORDINARY: usize = 6;
/// Of the lines of a kind at least this many in a hundred must have another verdict without the kind's rule.
const TURNING_PERCENT: usize = 5;
const SEED: u64 = 13;
/// So many differences are printed in full, each in its shortest form, too, which takes many runs of the program.
const SHOWN: u64 = 14;
/// Of a long line no more is printed.
const MAX_LINE_BYTES: usize = 3_000;

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text:?}")),
        Err(_) => default,
    }
}

/// What the program answers to lines: a verdict each, or the error.
fn ask(lines: &[Value]) -> Vec<(Verdict, String)> {
    let program = std::env::var("KMSLAB_EVALUATOR_PROGRAM");
    let mut program = Command::new(program.as_deref().unwrap_or(env!("CARGO_BIN_EXE_kmslab")))
        .arg("decide")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = program.stdin.take().expect("it was asked for");
    let mut text = String::new();
    for line in lines {
        writeln!(text, "{line}").expect("writing to a String");
    }
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = program.wait_with_output().expect("the program ends");
    writer.join().expect("no panic").expect("the program reads every line");
    let answers: Vec<(Verdict, String)> = String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).expect("a line of JSON");
            let verdict = match answer["decision"].as_str() {
                Some("Allowed") => Verdict::Allowed,
                Some("ExplicitlyDenied") => Verdict::ExplicitlyDenied,
                Some("ImplicitlyDenied") => Verdict::ImplicitlyDenied,
                _ => Verdict::Refused,
            };
            (
                verdict,
                if verdict == Verdict::Refused {
                    answer["error"].to_string()
                } else {
                    answer["because"].to_string()
                },
            )
        })
        .collect();
    assert_eq!(answers.len(), lines.len(), "an answer a line");
    answers
}

/// A line that the two decide differently.
struct Difference<'a> {
    /// What the line was made to show.
    kind: Option<Kind>,
    line: &'a Value,
    expected: Verdict,
    answer: Verdict,
    reason: String,
}

impl Difference<'_> {
    /// The kind, and the rule without which the documentation would say the same, if there is one.
    fn cause(&self) -> String {
        let is_cause =
            |kind: &Kind| evaluate_by(self.line, Rules { left_out: Some(*kind) }) == Some(self.answer);
        let rule = Kind::ALL.into_iter().find(is_cause);
        match (rule, self.kind) {
            (Some(rule), _) => format!("the rule {rule:?}"),
            (None, Some(kind)) => format!("no single rule, in a line of {kind:?}"),
            (None, None) => "no single rule, in an ordinary line".to_owned(),
        }
    }
}

/// How many lines differ by what cause, and of each cause the first line and its shortest form.
fn report(differences: &[Difference]) -> String {
    let mut by_cause = BTreeMap::<String, Vec<&Difference>>::new();
    for difference in differences {
        by_cause.entry(difference.cause()).or_default().push(difference);
    }
    let mut text = String::new();
    for (cause, found) in &by_cause {
        write!(text, "\n  by {cause}: {}", found.len()).expect("a String");
    }
    let most = number("KMSLAB_EVALUATOR_SHOWN", SHOWN);
    let mut seen = BTreeSet::new();
    for (cause, found) in by_cause {
        for Difference { line, expected, answer, reason, .. } in found {
            if seen.len() as u64 >= most || !seen.insert(cause.clone()) {
                continue;
            }
            let short = shorten::shorten(line, ask);
            let whole = line.to_string();
            let whole = whole.get(..MAX_LINE_BYTES).unwrap_or(&whole);
            write!(
                text,
                "\n\nby {cause}\n  the documentation: {expected:?}\n  kmslab: {answer:?} {reason}\n  line: {whole}\n  shortest: {short}"
            )
            .expect("a String");
        }
    }
    text
}

/// How often each kind was shown, and how often the verdict turned on its rule.
#[derive(Clone, Copy, Default)]
struct Count {
    shown: usize,
    turning: usize,
}

#[test]
fn decide_agrees_with_an_evaluator_written_from_the_documentation() {
    let a_kind = usize::try_from(number("KMSLAB_EVALUATOR_LINES", LINES as u64)).expect("a count of lines");
    let mut chance = Chance::new(number("KMSLAB_EVALUATOR_SEED", SEED));
    let (mut lines, mut made, mut counts) = (Vec::new(), Vec::new(), BTreeMap::<Kind, Count>::new());
    for _ in 0..a_kind {
        for kind in Kind::ALL {
            let line = kind_lines::line(&mut chance, kind);
            let verdict = evaluate(&line);
            let without = evaluate_by(&line, Rules { left_out: Some(kind) });
            let count = counts.entry(kind).or_default();
            count.shown += 1;
            count.turning += usize::from(verdict != without);
            made.push((Some(kind), verdict));
            lines.push(line);
        }
        for _ in 0..ORDINARY {
            let scene = generate::scene(&mut chance);
            let line = Value::Object(generate::dress(&mut chance, &scene));
            made.push((None, evaluate(&line)));
            lines.push(line);
        }
    }
    for (id, line) in lines.iter_mut().enumerate() {
        line["id"] = json!(id);
    }
    let answers = ask(&lines);
    let (mut verdicts, mut differences) = (BTreeMap::<Verdict, usize>::new(), Vec::new());
    for ((line, (kind, expected)), (answer, reason)) in lines.iter().zip(made).zip(answers) {
        let expected = expected.unwrap_or_else(|| panic!("no line: {line}"));
        *verdicts.entry(expected).or_default() += 1;
        if expected != answer {
            differences.push(Difference { kind, line, expected, answer, reason });
        }
    }
    println!("{} lines: {verdicts:?}", lines.len());
    for (kind, count) in &counts {
        println!("{kind:?}: shown {} times, {} turn on its rule", count.shown, count.turning);
    }
    let count = differences.len();
    assert!(count == 0, "{count} of {} lines differ{}", lines.len(), report(&differences));
    for kind in Kind::ALL {
        let count = counts.get(&kind).copied().unwrap_or_default();
        assert!(count.shown >= LINES.min(a_kind), "{kind:?} is shown {} times", count.shown);
        assert!(
            count.turning * 100 >= count.shown * TURNING_PERCENT,
            "{kind:?}: only {} of {} lines turn on its rule",
            count.turning,
            count.shown
        );
    }
}
