//! Whether two patterns can match the same text.

use crate::limits::steps;

/// Whether some text matches both patterns of plain text, `?` and `*`.
///
/// Each `*` may stand for any text, so the question is whether the ends of the patterns can be reached together;
/// a table over both patterns answers it in time proportional to the product of their lengths.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let b: Vec<char> = b.chars().collect();
    // After reading a part of `a`: the places in `b` that can have been reached.
    let mut reached = vec![false; b.len() + 1];
    // INVARIANT: the list is never empty.
    reached[0] = true;
    skip_stars(&mut reached, &b);
    for from_a in a.chars() {
        steps::add(1 + b.len() / 4);
        // Of what nobody will look at, nothing is said.
        if steps::is_spent() {
            return true;
        }
        let mut next = vec![false; b.len() + 1];
        for (place, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            if from_a == '*' {
                // It may swallow the rest of `b` piece by piece.
                next[place..].fill(true);
                break;
            }
            match b.get(place) {
                Some('*') => next[place] = true,
                Some(from_b) if from_a == '?' || *from_b == '?' || from_a == *from_b => {
                    next[place + 1] = true;
                }
                _ => {}
            }
        }
        skip_stars(&mut next, &b);
        reached = next;
    }
    reached.last() == Some(&true)
}

/// A `*` of `b` may stand for nothing.
fn skip_stars(reached: &mut [bool], b: &[char]) {
    for (place, c) in b.iter().enumerate() {
        if *c == '*' && reached[place] {
            reached[place + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::reference::is_like;
    use proptest::prelude::*;

    #[test]
    fn patterns_that_meet_and_patterns_that_do_not() {
        for (a, b, expected) in [
            ("arn:*:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:key/k", true),
            ("arn:*:kms:*:*:key/*", "arn:aws:kms:us-east-1:111122223333:alias/k", false),
            ("arn:*:s3:::*/*", "arn:aws:s3:::bucket", false),
            ("arn:*:s3:::*/*", "arn:aws:s3:::bucket*", true),
            ("a*c", "ab*", true),
            ("a*c", "*b", false),
            ("?", "", false),
            ("*", "", true),
            ("*", "*", true),
        ] {
            assert_eq!(overlap(a, b), expected, "{a} {b}");
            assert_eq!(overlap(b, a), expected, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn a_text_that_matches_both_shows_the_overlap(a in "[ab?*]{0,6}", b in "[ab?*]{0,6}", text in "[ab]{0,6}") {
            if is_like(&a, &text) && is_like(&b, &text) {
                prop_assert!(overlap(&a, &b));
            }
        }

        #[test]
        fn a_pattern_overlaps_a_text_exactly_if_it_matches(pattern in "[ab?*]{0,6}", text in "[ab]{0,6}") {
            prop_assert_eq!(overlap(&pattern, &text), is_like(&pattern, &text));
        }
    }
}
