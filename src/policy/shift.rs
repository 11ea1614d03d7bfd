//! Looks for a pattern of single characters, some of which may be any, at all places of a text at once.
//!
//! Each bit of a word stands for a place in 64 characters of the pattern: whether they match the text up to here. One step
//! through the text moves all of them on ("Shift-And").
// Source: Baeza-Yates and Gonnet, "A new approach to text searching", Communications of the ACM 35(10), 1992

use crate::limits::steps;

/// How many characters of a pattern a word has room for.
const WORD: usize = 64;

/// Where the leftmost occurrence of the pattern ends.
///
/// It takes the length of the text up to there, once for each 64 characters of the pattern.
pub(super) fn find(pattern: &[Option<char>], text: &str) -> Option<usize> {
    // An occurrence near the beginning is not paid for with the whole text.
    let mut window = 4 * pattern.len().max(WORD);
    loop {
        let found = find_within(pattern, text, window);
        if found.is_some() || window >= text.len() || steps::is_spent() {
            return found;
        }
        window = window.saturating_mul(2);
    }
}

/// The same, among the first characters of the text, so many.
fn find_within(pattern: &[Option<char>], text: &str, window: usize) -> Option<usize> {
    let length = text.len().min(window);
    // For each place in the text whether the pattern so far can end before it; at first nothing is read of either.
    let mut reached = Flags::new(length + 1, true);
    let blocks = pattern.chunks(WORD);
    let last = blocks.len().checked_sub(1)?;
    for (number, block) in blocks.enumerate() {
        let signs = Signs::new(block);
        let top = 1 << (block.len() - 1);
        let mut next = Flags::new(length + 1, false);
        let (mut state, mut any) = (0_u64, false);
        for (place, (at, c)) in text.char_indices().take(window).enumerate() {
            state = (state << 1 | u64::from(reached.get(place))) & signs.of(c);
            if state & top != 0 {
                if number == last {
                    steps::add(place);
                    return Some(at + c.len_utf8());
                }
                next.set(place + 1);
                any = true;
            }
        }
        steps::add(length);
        if !any || steps::is_spent() {
            return None;
        }
        reached = next;
    }
    None
}

/// One bit for each place of a text.
struct Flags(Vec<u64>);

impl Flags {
    fn new(length: usize, set: bool) -> Self {
        Self(vec![if set { u64::MAX } else { 0 }; length.div_ceil(WORD)])
    }

    fn get(&self, place: usize) -> bool {
        self.0.get(place / WORD).is_some_and(|word| word >> (place % WORD) & 1 == 1)
    }

    fn set(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / WORD) {
            *word |= 1 << (place % WORD);
        }
    }
}

/// For each character the places in up to 64 characters of a pattern where it may stand.
struct Signs {
    ascii: [u64; 128],
    /// The others that the pattern names, in ascending order.
    others: Vec<(char, u64)>,
    /// The places of those that may be any.
    any: u64,
}

impl Signs {
    fn new(block: &[Option<char>]) -> Self {
        let any = block.iter().enumerate().filter(|(_, sign)| sign.is_none());
        let any = any.fold(0, |any, (place, _)| any | 1 << place);
        let mut signs = Self { ascii: [any; 128], others: Vec::new(), any };
        for (place, sign) in block.iter().enumerate() {
            let Some(sign) = *sign else { continue };
            if let Some(mask) = signs.ascii.get_mut(sign as usize) {
                *mask |= 1 << place;
                continue;
            }
            match signs.others.binary_search_by_key(&sign, |(other, _)| *other) {
                Ok(at) => signs.others.iter_mut().skip(at).take(1).for_each(|(_, mask)| *mask |= 1 << place),
                Err(at) => signs.others.insert(at, (sign, any | 1 << place)),
            }
        }
        signs
    }

    fn of(&self, c: char) -> u64 {
        if let Some(mask) = self.ascii.get(c as usize) {
            return *mask;
        }
        let known = self.others.binary_search_by_key(&c, |(other, _)| *other);
        known.ok().and_then(|at| self.others.get(at)).map_or(self.any, |(_, mask)| *mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: each place is tried.
    fn naive(pattern: &[Option<char>], text: &str) -> Option<usize> {
        let chars: Vec<char> = text.chars().collect();
        let fits =
            |window: &&[char]| window.iter().zip(pattern).all(|(c, sign)| sign.is_none_or(|sign| sign == *c));
        let at = chars.windows(pattern.len()).position(|window| fits(&window))?;
        Some(chars.iter().take(at + pattern.len()).map(|c| c.len_utf8()).sum())
    }

    proptest! {
        #[test]
        fn the_leftmost_occurrence_is_found(
            pattern in proptest::collection::vec(proptest::option::weighted(0.4, prop::sample::select(vec!['a', 'b', 'ä'])), 1..150),
            text in "[abä]{0,600}",
        ) {
            prop_assert_eq!(find(&pattern, &text), naive(&pattern, &text));
        }

        #[test]
        fn texts_of_one_character_are_searched(length in 1_usize..200, place in 0_usize..200) {
            let pattern: Vec<Option<char>> = (0..length).map(|at| (at % 2 == 0).then_some('a')).chain([Some('b')]).collect();
            let text = format!("{}b{}", "a".repeat(place), "a".repeat(place));
            prop_assert_eq!(find(&pattern, &text), naive(&pattern, &text));
        }
    }
}
