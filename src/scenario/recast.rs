//! A scenario of the program in other clothes: other people, other accounts, another table, other keys.
//!
//! Only names change, in the whole text at once, so worlds, claims and words go on fitting together, and what the world
//! answers is asked of it anew. Names that say what somebody does here (a role, a table named after its key) stay.

use sha2::{Digest as _, Sha256};

use super::library::Embedded;
use super::{Scenario, ScenarioError, reader};

/// So many clothes there are for each scenario; a test tries every one.
pub const CLOTHES: u64 = 4;

/// How what KMS has encrypted begins in Base64. A text that holds such bytes holds those of one key of one world.
const CIPHERTEXT_BEGINS: &str = "AQICA";

/// People of the course whom the words call "she", or by no word at all.
const SHE: [&str; 25] = [
    "kim", "tess", "dana", "mallory", "vera", "rita", "hedda", "nele", "gesa", "ada", "inge", "mira", "noor",
    "mara", "sol", "petra", "nora", "ines", "fay", "olga", "ola", "lou", "wen", "lee", "vic",
];
/// People of the course whom the words call "he".
const HE: [&str; 12] =
    ["ravi", "otto", "wim", "bruno", "lars", "piet", "jan", "ugo", "rex", "bo", "tom", "hal"];

const OTHER_SHE: [&str; 18] = [
    "anja", "berit", "carla", "doro", "elin", "flora", "greta", "hanna", "ilse", "jule", "karin", "lotte",
    "marit", "nadja", "paula", "ruth", "sanne", "thea",
];
const OTHER_HE: [&str; 12] =
    ["arne", "carlo", "dirk", "edgar", "finn", "gero", "hugo", "jens", "knut", "milo", "oskar", "sven"];

/// Names that many scenarios share, each with what may stand in its place.
const THINGS: [(&str, [&str; 4]); 2] = [
    ("CustomerData", ["ClientData", "MemberData", "PatientData", "GuestData"]),
    ("dynamodb-encryption-key", ["table-lock-key", "records-key", "data-room-key", "registry-key"]),
];

/// A name and the one that takes its place.
struct Swap {
    old: String,
    new: String,
}

/// Numbers that follow from a scenario and its clothes.
struct Draws {
    seed: [u8; 32],
    drawn: u64,
}

impl Draws {
    fn new(id: &str, clothes: u64) -> Self {
        let digest = Sha256::new_with_prefix("clothes").chain_update(clothes.to_be_bytes()).chain_update(id);
        Self { seed: digest.finalize().into(), drawn: 0 }
    }

    fn next(&mut self) -> u64 {
        self.drawn += 1;
        let digest = Sha256::new_with_prefix(self.seed).chain_update(self.drawn.to_be_bytes()).finalize();
        digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// Takes one of some names out of a list.
    fn take<'n>(&mut self, names: &mut Vec<&'n str>) -> Option<&'n str> {
        let count = names.len() as u64;
        let at = self.next().checked_rem(count).and_then(|at| usize::try_from(at).ok())?;
        Some(names.swap_remove(at))
    }
}

impl Embedded {
    /// Reads the scenario in other clothes; the same number gives the same ones. Its id stays.
    ///
    /// One whose text holds bytes of a ciphertext stays as it is: in another world they would be others.
    ///
    /// # Errors
    ///
    /// As [`Embedded::read`].
    pub fn recast(&self, clothes: u64) -> Result<Scenario, ScenarioError> {
        let own = self.read()?;
        if self.text.contains(CIPHERTEXT_BEGINS) {
            return Ok(own);
        }
        let mut draws = Draws::new(self.id, clothes % CLOTHES);
        let text = swapped(self.text, &self.swaps(&own, clothes, &mut draws));
        let mut scenario = reader::read(&self.file(), &text)?;
        self.id.clone_into(&mut scenario.id);
        // The seed makes every key, and the order in which answers are shown.
        scenario.seed = draws.next() >> 12;
        Ok(scenario)
    }

    /// The names of the scenario that change, with those that take their places: none that stands in it already, and of each
    /// person and each thing another one in any other clothes.
    fn swaps(&self, own: &Scenario, clothes: u64, draws: &mut Draws) -> Vec<Swap> {
        let text = self.text;
        let turn = usize::try_from(clothes % CLOTHES).unwrap_or_default();
        let is_new = |name: &&str| !holds(text, name);
        let mut out = Vec::new();
        // One order for all clothes of the scenario: they begin at places in it that lie far from each other.
        let mut order = Draws::new(self.id, CLOTHES);
        for (cast, others) in [(&SHE[..], &OTHER_SHE[..]), (&HE[..], &OTHER_HE[..])] {
            let mut left: Vec<&str> = others.iter().copied().filter(is_new).collect();
            let free: Vec<&str> = std::iter::from_fn(|| order.take(&mut left)).collect();
            let begin = turn * free.len() / usize::try_from(CLOTHES).unwrap_or(1);
            let people = cast.iter().filter(|name| holds(text, name));
            let news = free.iter().cycle().skip(begin).take(free.len());
            out.extend(people.zip(news).map(|(old, new)| swap(old, new)));
        }
        for (old, others) in THINGS {
            let free: Vec<&str> = others.into_iter().filter(is_new).collect();
            out.extend(free.iter().cycle().nth(turn).map(|new| swap(old, new)));
        }
        out.extend(other_accounts(text, own, draws));
        out
    }
}

fn swap(old: &str, new: &str) -> Swap {
    Swap { old: old.to_owned(), new: new.to_owned() }
}

/// Other numbers for the accounts of a scenario.
fn other_accounts(text: &str, own: &Scenario, draws: &mut Draws) -> Vec<Swap> {
    // Accounts keep their order: where nothing else tells, the first is the one that is played in.
    let accounts: Vec<&String> = own.world.accounts.keys().collect();
    let mut numbers: Vec<String> = accounts.iter().map(|_| account(draws)).collect();
    numbers.sort();
    numbers.dedup();
    if numbers.len() != accounts.len() || numbers.iter().any(|number| text.contains(number)) {
        return Vec::new();
    }
    accounts.into_iter().zip(numbers).map(|(old, new)| Swap { old: old.clone(), new }).collect()
}

/// The number of an account that can be told from others at a glance: three digits, each four times.
fn account(draws: &mut Draws) -> String {
    let number = draws.next();
    let digits = [1 + number % 9, number / 9 % 10, number / 90 % 10];
    digits.iter().map(|digit| digit.to_string().repeat(4)).collect()
}

/// Tells whether a text holds a name as a word, or as the first letters of one written in one with others.
pub(super) fn holds(text: &str, name: &str) -> bool {
    forms(name).any(|form| places(text, &form).next().is_some())
}

/// A name as it stands in identifiers and in words, and as it begins a sentence or an identifier such as `TessReads`.
fn forms(name: &str) -> impl Iterator<Item = String> {
    let mut letters = name.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let is_other = capital != name;
    [name.to_owned(), capital].into_iter().take(if is_other { 2 } else { 1 })
}

/// Where a form of a name stands: no letter of the same word goes on before or behind it.
fn places<'t>(text: &'t str, form: &'t str) -> impl Iterator<Item = usize> {
    let is_small = form.starts_with(|c: char| c.is_ascii_lowercase());
    text.match_indices(form).map(|(at, _)| at).filter(move |at| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let behind = text.get(at + form.len()..).and_then(|text| text.chars().next());
        let begins = !before.is_some_and(|c| c.is_ascii_digit() || is_small && c.is_ascii_alphabetic());
        let ends = !behind.is_some_and(|c| c.is_ascii_lowercase() || is_small && c.is_ascii_alphabetic());
        begins && ends
    })
}

/// A text with all names swapped at once: no new name is taken for an old one.
fn swapped(text: &str, swaps: &[Swap]) -> String {
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    for swap in swaps {
        for (old, new) in forms(&swap.old).zip(forms(&swap.new)) {
            found.extend(places(text, &old).map(|at| (at, old.len(), new.clone())));
        }
    }
    found.sort();
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (at, length, new) in found {
        if let Some(between) = text.get(done..at) {
            out.push_str(between);
            out.push_str(&new);
            done = at + length;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::embedded_in_turn;

    /// Which choice is right, of each question.
    fn right(scenario: Scenario) -> Vec<Vec<bool>> {
        let id = scenario.id.clone();
        let stage = scenario.build().unwrap_or_else(|why| panic!("{id}: {why}"));
        let ids: Vec<&str> = stage.scenario.predictions().map(|asked| asked.id.as_str()).collect();
        ids.iter().map(|id| stage.truths.get(*id).cloned().unwrap_or_default()).collect()
    }

    #[test]
    fn in_any_clothes_the_world_gives_the_same_answers_under_other_names() {
        let mut wrong = Vec::new();
        for embedded in embedded_in_turn() {
            if embedded.text.contains(CIPHERTEXT_BEGINS) {
                assert_eq!(embedded.recast(1), embedded.read(), "it stays as it is");
                continue;
            }
            let own = right(embedded.read().expect("it is sound"));
            assert!(own.iter().all(|choices| choices.iter().filter(|right| **right).count() == 1));
            let mut texts = std::collections::BTreeSet::new();
            for clothes in 0..CLOTHES {
                let named = format!("{} in {clothes}", embedded.id);
                let recast = embedded.recast(clothes).unwrap_or_else(|why| panic!("{named}: {why}"));
                let told = format!("{:?} {:?} {:?}", recast.story, recast.tasks, recast.world);
                for (old, ..) in THINGS {
                    assert!(!holds(&told, old), "{named}: {old}");
                }
                for old in SHE.iter().chain(&HE) {
                    assert!(!holds(&told, old), "{named}: {old}");
                }
                let found = right(recast);
                if found != own {
                    wrong.push(format!("{named}: {found:?} in place of {own:?}"));
                }
                texts.insert(told);
            }
            assert!(texts.len() > 2, "{}: {} clothes are different", embedded.id, texts.len());
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn nobody_and_nothing_has_the_same_name_in_any_two_clothes() {
        for embedded in crate::scenario::embedded() {
            let own = embedded.read().expect("it is sound");
            let mut names = std::collections::BTreeMap::<String, Vec<String>>::new();
            for clothes in 0..CLOTHES {
                for Swap { old, new } in embedded.swaps(&own, clothes, &mut Draws::new(embedded.id, clothes))
                {
                    // Numbers of accounts are drawn.
                    if !old.starts_with(|c: char| c.is_ascii_digit()) {
                        names.entry(old).or_default().push(new);
                    }
                }
            }
            for (old, news) in names {
                let different: std::collections::BTreeSet<&String> = news.iter().collect();
                assert_eq!(different.len(), news.len(), "{}: {old} is {news:?}", embedded.id);
            }
        }
    }

    #[test]
    fn a_name_is_a_word_or_begins_one() {
        let swaps = [("tess", "anja"), ("jan", "sven"), ("ada", "thea"), ("111122223333", "444455556666")];
        let swaps = swaps.map(|(old, new)| Swap { old: old.to_owned(), new: new.to_owned() });
        for (text, wanted) in [
            ("Tess's scan, as tess", "Anja's scan, as anja"),
            ("TessReads, NotTess", "AnjaReads, NotAnja"),
            ("user/tess\"", "user/anja\""),
            ("the vanilla contessa testss", "the vanilla contessa testss"),
            ("January, janitor, JanReads", "January, janitor, SvenReads"),
            ("KeyMetadata is readable", "KeyMetadata is readable"),
            ("arn:aws:iam::111122223333:user/ada", "arn:aws:iam::444455556666:user/thea"),
            ("5111122223333", "5111122223333"),
        ] {
            assert_eq!(swapped(text, &swaps), wanted);
        }
    }
}
