//! An answer to a question, as it is typed: its number or the words it begins with; behind a number, how sure one is.

use crate::scenario::{Choice, Prediction, Sureness, in_words};

/// Why a line is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The line fits no answer, or more than one.
    #[error("Which answer? Its number, or the words it begins with.")]
    Which,
    /// There are only so many answers.
    #[error("There are {0} answers.")]
    Only(usize),
    #[error("How sure: 1 guessing, 2 fairly sure, 3 certain; or nothing.")]
    HowSure,
}

/// Reads an answer to a question whose answers are shown in that order. Returns its place in the file, and how sure it is.
pub fn read(
    prediction: &Prediction,
    order: &[usize],
    answer: &str,
) -> Result<(usize, Option<Sureness>), Unread> {
    let mut words = answer.split_whitespace();
    let number = |word: Option<&str>| word?.parse::<usize>().ok()?.checked_sub(1);
    let Some(place) = number(words.next()) else {
        let wanted = answer.trim().to_lowercase();
        let begins = |choice: &Choice| in_words(&choice.text).to_lowercase().starts_with(&wanted);
        let mut found = prediction.choices.iter().enumerate().filter(|(_, choice)| begins(choice));
        let only = found.next().filter(|_| !wanted.is_empty() && found.next().is_none());
        return only.map(|(choice, _)| (choice, None)).ok_or(Unread::Which);
    };
    let known = |choice: &usize| prediction.choices.get(*choice).is_some();
    let choice = order.get(place).copied().filter(known).ok_or(Unread::Only(prediction.choices.len()))?;
    match words.next() {
        None => Ok((choice, None)),
        Some(word) => {
            let sure = number(Some(word)).and_then(|nth| Sureness::ALL.get(nth));
            sure.map(|sure| (choice, Some(*sure))).ok_or(Unread::HowSure)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_number_or_how_it_begins_and_may_say_how_sure_it_is() {
        let scenario = crate::scenario::find("a2").expect("there");
        let asked = scenario.prediction("p1").expect("there");
        let whole = asked.choices[1].text.clone();
        for (line, wanted) in [
            ("1", Ok((2, None))),
            ("2 3", Ok((0, Some(Sureness::Certain)))),
            (" 3  1 ", Ok((1, Some(Sureness::Guessing)))),
            (whole.as_str(), Ok((1, None))),
            ("4", Err(Unread::Only(3))),
            ("0", Err(Unread::Which)),
            ("1 4", Err(Unread::HowSure)),
            ("1 very", Err(Unread::HowSure)),
            ("", Err(Unread::Which)),
            ("zebra", Err(Unread::Which)),
        ] {
            assert_eq!(read(asked, &[2, 0, 1], line), wanted, "{line:?}");
        }
    }
}
