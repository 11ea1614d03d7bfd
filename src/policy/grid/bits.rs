//! Sets of small numbers as words of bits.

/// How many members a word has room for.
pub(super) const WORD: usize = 64;

/// A set of the numbers below a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Box<[u64]>);

impl Bits {
    /// The numbers below `limit` that the test holds for.
    pub(super) fn of(limit: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let word = |first: usize| {
            let members = (first..limit.min(first + WORD)).filter(|number| holds(*number));
            members.fold(0, |word, number| word | 1 << (number - first))
        };
        Self((0..limit).step_by(WORD).map(word).collect())
    }

    /// None of the numbers below `limit`.
    pub(super) fn none(limit: usize) -> Self {
        Self(vec![0; limit.div_ceil(WORD)].into())
    }

    /// All numbers below `limit`.
    pub(super) fn all(limit: usize) -> Self {
        Self::of(limit, |_| true)
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// What `whole` has beside this.
    pub(super) fn rest_of(&self, whole: &Self) -> Self {
        Self(self.0.iter().zip(&whole.0).map(|(word, whole)| whole & !word).collect())
    }

    /// The word of the numbers from `block` times [`WORD`] on; empty beyond the limit.
    pub(super) fn word(&self, block: usize) -> u64 {
        self.0.get(block).copied().unwrap_or_default()
    }

    /// The members, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(block, word)| ones(*word).map(move |bit| block * WORD + bit))
    }
}

/// The places of the ones in a word, from the lowest.
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = word.trailing_zeros();
        word &= word.checked_sub(1)?;
        Some(lowest as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_across_words() {
        let even = Bits::of(130, |number| number % 2 == 0);
        assert_eq!(even.members().count(), 65);
        assert_eq!(even.members().last(), Some(128));
        let mut odd = even.rest_of(&Bits::all(130));
        assert_eq!(odd.members().collect::<Vec<_>>(), (1..130).step_by(2).collect::<Vec<_>>());
        odd.join(&even);
        assert_eq!(odd, Bits::all(130));
        assert_eq!((odd.word(2), odd.word(3)), (0b11, 0));
        assert_eq!(Bits::none(130).members().count(), 0);
        assert_eq!(ones(1 << 63 | 1).collect::<Vec<_>>(), [0, 63]);
    }
}
