//! Which lines of a draft are new, and which of the applied text are gone.

use imara_diff::{Algorithm, Diff, InternedInput};

/// One row of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// In both; the line number in the new text, from 0.
    Same(usize),
    /// Only in the new text.
    Added(usize),
    /// Only in the old text; its line number there.
    Removed(usize),
}

/// The most lines of two texts together that are compared for the fewest differences.
const MINIMAL_LINES: usize = 4_000;

/// Compares two texts line by line: as few lines as can be are new or gone, and what is gone stands before what is new.
pub fn rows(old: &[String], new: &[String]) -> Vec<Row> {
    let mut input = InternedInput::default();
    input.update_before(old.iter().map(String::as_str));
    input.update_after(new.iter().map(String::as_str));
    // The fewest lines take time by their square: where there are many, few lines will do.
    let few = old.len() + new.len() <= MINIMAL_LINES;
    let algorithm = if few { Algorithm::MyersMinimal } else { Algorithm::Histogram };
    let mut diff = Diff::compute(algorithm, &input);
    // Of equal lines the last ones are new: a statement that is added begins where the others end.
    diff.postprocess_no_heuristic(&input);
    let mut rows = Vec::with_capacity(new.len() + diff.count_removals() as usize);
    let mut line = 0;
    for hunk in diff.hunks() {
        rows.extend((line..hunk.after.start as usize).map(Row::Same));
        rows.extend(hunk.before.map(|gone| Row::Removed(gone as usize)));
        line = hunk.after.end as usize;
        rows.extend(hunk.after.map(|added| Row::Added(added as usize)));
    }
    rows.extend((line..new.len()).map(Row::Same));
    rows
}

/// What the editor shows beside its line numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// New lines, by number.
    pub added: Vec<bool>,
    /// Lines just below a removal (one more entry than lines: a removal at the end).
    pub gone_above: Vec<bool>,
    /// How many lines are new.
    pub plus: usize,
    /// How many are gone.
    pub minus: usize,
}

/// The marks of `new` against `old`.
pub fn marks(old: &[String], new: &[String]) -> Marks {
    let mut out =
        Marks { added: vec![false; new.len()], gone_above: vec![false; new.len() + 1], plus: 0, minus: 0 };
    let mut at = 0;
    for row in rows(old, new) {
        match row {
            Row::Same(n) => at = n + 1,
            Row::Added(n) => {
                at = n + 1;
                out.added[n] = true;
                out.plus += 1;
            }
            Row::Removed(_) => {
                out.gone_above[at] = true;
                out.minus += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn an_inserted_statement_is_new_and_the_rest_stays() {
        let m = marks(&lines("abcd"), &lines("abXYcd"));
        assert_eq!(m.added, [false, false, true, true, false, false]);
        assert_eq!((m.plus, m.minus), (2, 0));
        let m = marks(&lines("abcd"), &lines("ad"));
        assert_eq!(m.gone_above, [false, true, false]);
        assert_eq!((m.plus, m.minus), (0, 2));
    }

    proptest! {
        #[test]
        fn the_rows_rebuild_both_texts(a in "[abc]{0,12}", b in "[abc]{0,12}") {
            let (old, new) = (lines(&a), lines(&b));
            let mut seen_new = String::new();
            let mut removed = 0;
            for row in rows(&old, &new) {
                match row {
                    Row::Same(n) | Row::Added(n) => seen_new.push_str(&new[n]),
                    Row::Removed(_) => removed += 1,
                }
            }
            prop_assert_eq!(seen_new, b);
            let m = marks(&old, &new);
            prop_assert_eq!(m.minus, removed);
            prop_assert_eq!(old.len() + m.plus, new.len() + m.minus);
        }
    }
}
