//! Who gains and who loses by a change, in sentences: `1 of 11 principals loses Decrypt: role/app`.

use crate::cloud::who_can::{May, Tier};
use crate::lab::{Lab, Shift, Shifts, Way};

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
    let shifts: Vec<Shift> = shifts.iter().map(|shift| unconditional(shift, shifts)).collect();
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

/// A shift without those of whom another one says the same under conditions: the action asked the same way, with less said
/// about the request. The watched call meets the conditions, and who asks otherwise may not.
fn unconditional(shift: &Shift, shifts: &[Shift]) -> Shift {
    let alike = |other: &&Shift| other.action == shift.action && other.way == shift.way;
    let own = |turned: &[(String, May, May)], of: fn(&Shift) -> &[(String, May, May)]| {
        let is_said = |(who, from, to): &(String, May, May)| {
            let mut others = shifts.iter().filter(alike).flat_map(of).filter(|(other, ..)| other == who);
            let as_much = |one: May, other: May| one == other || other == May::If && one == May::Yes;
            others.any(|(_, before, after)| {
                (before, after) != (from, to) && as_much(*from, *before) && as_much(*to, *after)
            })
        };
        turned.iter().filter(|turned| !is_said(turned)).cloned().collect()
    };
    Shift {
        turned: own(&shift.turned, |shift| &shift.turned),
        stand_ins: own(&shift.stand_ins, |shift| &shift.stand_ins),
        ..shift.clone()
    }
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
    let through = match &shift.way {
        Way::Through(service) if is_apart => {
            format!(" through {}", service.split('.').next().unwrap_or(service))
        }
        Way::Direct if is_apart => " directly".to_owned(),
        Way::Through(_) | Way::Direct | Way::Any => String::new(),
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
    let all: Vec<String> = turned.iter().map(|(who, ..)| short_name(lab, who)).collect();
    let grouped = with_their_sessions(&all);
    let mut names = grouped.iter().take(MOST_NAMES).map(|(name, _)| &**name).collect::<Vec<_>>().join(", ");
    let more: usize = grouped.iter().skip(MOST_NAMES).map(|(_, count)| count).sum();
    if more > 0 {
        names = format!("{names} and {more} more");
    }
    if let Some(whoever) = whoever {
        names = format!("{names}; and {whoever}");
    }
    Some(format!("{count} of {of} principal{s} {} {action}{through}{behind}: {names}", verb(count)))
}

/// Names, those of a role's sessions behind the role's where it is there, each with how many principals it stands for:
/// `role/App` and `assumed-role/App/one` are `role/App (and session one)`.
fn with_their_sessions(all: &[String]) -> Vec<(String, usize)> {
    let role_of = |name: &str| {
        let (role, session) = name.strip_prefix("assumed-role/")?.split_once('/')?;
        let named = |other: &&String| {
            other.strip_prefix("role/").is_some_and(|path| path.rsplit('/').next() == Some(role))
        };
        Some((all.iter().find(named)?.clone(), session.to_owned()))
    };
    let with_sessions = |name: &String| {
        let sessions: Vec<String> = all
            .iter()
            .filter_map(|other| role_of(other))
            .filter(|(role, _)| role == name)
            .map(|(_, session)| session)
            .collect();
        let s = if sessions.len() == 1 { "" } else { "s" };
        let words = if sessions.is_empty() {
            name.clone()
        } else {
            format!("{name} (and session{s} {})", sessions.join(", "))
        };
        (words, 1 + sessions.len())
    };
    all.iter().filter(|name| role_of(name).is_none()).map(with_sessions).collect()
}

/// Returns somebody's name without what all have in common: `role/app`.
pub(super) fn short_name(lab: &Lab, arn: &str) -> String {
    let home = format!(":{}:", lab.stage().names.home);
    arn.split_once(&home).map_or_else(|| arn.to_owned(), |(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(via: Option<&str>, turned: &[(&str, May, May)]) -> Shift {
        let turned = turned.iter().map(|(who, from, to)| ((*who).to_owned(), *from, *to)).collect();
        let way = via.map_or(Way::Direct, |via| Way::Through(via.to_owned()));
        Shift { action: "kms:Decrypt".to_owned(), way, turned, stand_ins: Vec::new() }
    }

    #[test]
    fn the_sessions_of_a_role_stand_behind_it() {
        let names = |all: &[&str]| -> Vec<(String, usize)> {
            with_their_sessions(&all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        let one = |name: &str, count: usize| (name.to_owned(), count);
        assert_eq!(
            names(&["role/App", "user/tess", "assumed-role/App/one", "assumed-role/Other/two"]),
            [one("role/App (and session one)", 2), one("user/tess", 1), one("assumed-role/Other/two", 1)]
        );
        assert_eq!(
            names(&["role/team/App", "assumed-role/App/one", "assumed-role/App/two"]),
            [one("role/team/App (and sessions one, two)", 3)]
        );
    }

    #[test]
    fn what_one_statement_gives_under_conditions_is_not_told_without_them_as_well() {
        let dynamodb = Some("dynamodb.amazonaws.com");
        let shifts = [
            shift(
                None,
                &[("tess", May::No, May::Yes), ("ravi", May::No, May::Yes), ("ada", May::Yes, May::No)],
            ),
            shift(None, &[("tess", May::No, May::If), ("ada", May::If, May::No)]),
            shift(dynamodb, &[("tess", May::No, May::Yes)]),
        ];
        let told: Vec<Shift> = shifts.iter().map(|one| unconditional(one, &shifts)).collect();
        assert_eq!(told[0].turned, [("ravi".to_owned(), May::No, May::Yes)]);
        assert_eq!(told[1..], shifts[1..], "what has conditions, and another way, is told");
    }
}
