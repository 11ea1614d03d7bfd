//! Which lines of a draft are new, and which of the applied text are gone.

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

/// The largest product of changed line counts that is compared exactly; beyond it the whole middle counts as replaced.
const EXACT: usize = 1_000_000;

/// Compares two texts line by line: a longest common subsequence between their common head and tail.
pub fn rows(old: &[String], new: &[String]) -> Vec<Row> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut out: Vec<Row> = (0..head).map(Row::Same).collect();
    if a.len().saturating_mul(b.len()) > EXACT {
        out.extend((0..a.len()).map(|i| Row::Removed(head + i)));
        out.extend((0..b.len()).map(|i| Row::Added(head + i)));
    } else {
        middle(a, b, head, &mut out);
    }
    out.extend((new.len() - tail..new.len()).map(Row::Same));
    out
}

fn middle(a: &[String], b: &[String], head: usize, out: &mut Vec<Row>) {
    // longest[i][j]: how many lines a[i..] and b[j..] have in common, in order.
    let wide = b.len() + 1;
    let mut longest = vec![0_u32; (a.len() + 1) * wide];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * wide + j] = if a[i] == b[j] {
                longest[(i + 1) * wide + j + 1] + 1
            } else {
                longest[(i + 1) * wide + j].max(longest[i * wide + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push(Row::Same(head + j));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[(i + 1) * wide + j] >= longest[i * wide + j + 1]) {
            out.push(Row::Removed(head + i));
            i += 1;
        } else {
            out.push(Row::Added(head + j));
            j += 1;
        }
    }
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
