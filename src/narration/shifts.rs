//! Who gains and who loses by a change, in sentences: `1 of 11 principals loses Decrypt: role/app`.

use crate::cloud::who_can::{May, Tier};
use crate::lab::{Lab, Shift, Shifts};

/// The most names that a sentence holds.
const MOST_NAMES: usize = 4;

/// Whether a change is told of as it would be, or as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    Would,
    Was,
}

/// A turn from one answer to another, with the verb for one, for several and for what was, and what stands behind the action.
const TURNS: [(May, May, [&str; 3], &str); 6] = [
    (May::Yes, May::No, ["loses", "lose", "lost"], ""),
    (May::If, May::No, ["loses", "lose", "lost"], ", which was under conditions"),
    (May::Yes, May::If, ["keeps", "keep", "kept"], " under conditions only"),
    (May::No, May::Yes, ["gains", "gain", "gained"], ""),
    (May::No, May::If, ["gains", "gain", "gained"], " under conditions"),
    (May::If, May::Yes, ["gains", "gain", "gained"], ", which was under conditions"),
];

/// Says what a change does to everybody's answers, a sentence for each question and turn.
pub fn sentences(lab: &Lab, Shifts { of, shifts, .. }: &Shifts, tense: Tense) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (number, shift) in shifts.iter().enumerate() {
        let same = |other: &&Shift| other.action == shift.action;
        let mut alike = shifts.iter().filter(same);
        // What holds for a request through a service as well as for one without is said once.
        let earlier = shifts.iter().take(number).filter(same);
        if earlier.clone().any(|earlier| says_the_same(earlier, shift)) {
            continue;
        }
        let is_apart = alike.any(|other| !says_the_same(other, shift));
        out.extend(TURNS.iter().filter_map(|turn| sentence(lab, shift, *of, is_apart, turn, tense)));
    }
    out
}

/// Whether two shifts are told by the same words.
fn says_the_same(one: &Shift, other: &Shift) -> bool {
    one.turned == other.turned && one.stand_ins == other.stand_ins
}

fn sentence(
    lab: &Lab,
    shift: &Shift,
    of: usize,
    is_apart: bool,
    (before, after, [one, several, was], behind): &(May, May, [&str; 3], &str),
    tense: Tense,
) -> Option<String> {
    let here = |(_, from, to): &&(String, May, May)| from == before && to == after;
    let turned: Vec<_> = shift.turned.iter().filter(here).collect();
    let mut whoever: Vec<&str> = shift.stand_ins.iter().filter(here).map(|(who, ..)| who.as_str()).collect();
    if let Some(anybody) = whoever.iter().position(|who| *who == Tier::Anybody.word()) {
        // What is open to anybody needs no word on services.
        whoever = vec![whoever.swap_remove(anybody)];
    }
    let whoever = whoever.first();
    let whoever =
        whoever.map(|who| if *who == Tier::Anybody.word() { "anybody in any account" } else { who });
    let action = shift.action.rsplit(':').next().unwrap_or(&shift.action);
    let through = match &shift.via {
        Some(via) if is_apart => format!(" through {}", via.split('.').next().unwrap_or(via)),
        None if is_apart => " directly".to_owned(),
        Some(_) | None => String::new(),
    };
    let verb = |count: usize| match (tense, count) {
        (Tense::Was, _) => *was,
        (Tense::Would, 1) => *one,
        (Tense::Would, _) => *several,
    };
    if turned.is_empty() {
        return whoever.map(|whoever| format!("{whoever} {} {action}{through}{behind}", verb(1)));
    }
    let count = turned.len();
    let s = if of == 1 { "" } else { "s" };
    let names = turned.iter().take(MOST_NAMES).map(|(who, ..)| short_name(lab, who));
    let mut names = names.collect::<Vec<_>>().join(", ");
    if count > MOST_NAMES {
        names = format!("{names} and {} more", count - MOST_NAMES);
    }
    if let Some(whoever) = whoever {
        names = format!("{names}; and {whoever}");
    }
    Some(format!("{count} of {of} principal{s} {} {action}{through}{behind}: {names}", verb(count)))
}

/// Returns somebody's name without what all have in common: `role/app`.
pub(super) fn short_name(lab: &Lab, arn: &str) -> String {
    let home = format!(":{}:", lab.stage().names.home);
    arn.split_once(&home).map_or_else(|| arn.to_owned(), |(_, name)| name.to_owned())
}
