//! Texts with wildcards and policy variables, compiled once and matched often.
//!
//! A [`Glob`] holds no variables. A [`Template`] may; it becomes a glob when the values are known. Wildcards that
//! come out of a variable's value are plain text.

use super::request::Context;
use crate::limits::steps;
use std::sync::Arc;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    /// The sign `?`, which stands for one character.
    One,
    /// `*`: any text, also none.
    Many,
    /// `${key}` or `${key, 'default'}`.
    Variable {
        key: Arc<str>,
        default: Option<String>,
    },
}

/// What counts as special in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    /// `*` and `?` are wildcards.
    pub wildcards: bool,
    /// `${..}` is a variable from this byte on; before it, and everywhere if `None`, it is plain text.
    pub variables_from: Option<usize>,
    /// Case does not matter: the pattern is turned into lower case, and subjects are given in lower case.
    pub fold: bool,
}

/// Cuts a text into its parts.
pub(crate) fn parts(text: &str, syntax: Syntax) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    let mut braces = Braces { text, known: None };
    while let Some(c) = text[at..].chars().next() {
        let special = match c {
            '*' if syntax.wildcards => Some((Part::Many, 1)),
            '?' if syntax.wildcards => Some((Part::One, 1)),
            '$' if syntax.variables_from.is_some_and(|from| at >= from) => variable(&mut braces, at),
            _ => None,
        };
        match special {
            Some((Part::Text(text), length)) => {
                plain.push_str(&text);
                at += length;
            }
            Some((part, length)) => {
                push_text(&mut parts, &mut plain);
                parts.push(part);
                at += length;
            }
            None => {
                plain.push(c);
                at += c.len_utf8();
            }
        }
    }
    push_text(&mut parts, &mut plain);
    steps::add(text.len());
    parts
}

/// Finds the brace that closes a variable. However many variables open, the text is searched through once.
struct Braces<'a> {
    text: &'a str,
    known: Option<Brace>,
}

/// The first brace after an offset.
#[derive(Clone, Copy)]
struct Brace {
    after: usize,
    /// The place of the brace, if there is one.
    at: Option<usize>,
    /// The end of the text before the brace, white space aside.
    before: usize,
}

impl Braces<'_> {
    fn next(&mut self, from: usize) -> Brace {
        let is_it = |known: &Brace| known.after <= from && known.at.is_none_or(|at| from <= at);
        if let Some(known) = self.known.filter(is_it) {
            return known;
        }
        let at = self.text[from..].find('}').map(|length| from + length);
        let before = at.map_or(0, |at| self.text[..at].trim_end().len());
        let found = Brace { after: from, at, before };
        self.known = Some(found);
        found
    }
}

fn push_text(parts: &mut Vec<Part>, plain: &mut String) {
    if !plain.is_empty() {
        parts.push(Part::Text(std::mem::take(plain)));
    }
}

/// The variable that begins at a byte, and its length. `${*}`, `${?}` and `${$}` are the characters themselves.
// Source: IAM User Guide, "reference_policies_variables"
fn variable(braces: &mut Braces<'_>, at: usize) -> Option<(Part, usize)> {
    let start = at + "${".len();
    let inner = braces.text[at..].strip_prefix("${")?;
    if let Some(sign) = ["*", "?", "$"]
        .into_iter()
        .find(|sign| inner.strip_prefix(sign).is_some_and(|after| after.starts_with('}')))
    {
        return Some((Part::Text(sign.to_owned()), "${*}".len()));
    }
    // The next variable can open no later than here, so no part of the text is looked at twice.
    let (length, end) = inner.char_indices().find(|(_, c)| matches!(c, '}' | ',' | '$' | '{' | '\''))?;
    let key = inner[..length].trim();
    let (default, close) = match end {
        '}' => (None, start + length),
        ',' => {
            let brace = braces.next(start + length);
            let close = brace.at?;
            let text = braces.text.get(start + length + 1..brace.before)?.trim_start();
            (Some(text.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()), close)
        }
        _ => return None,
    };
    if key.is_empty() {
        return None;
    }
    Some((Part::Variable { key: key.to_lowercase().into(), default }, close + 1 - at))
}

/// A pattern whose variables wait for the values of a request.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// A pattern without variables, compiled once.
    Fixed(Glob),
    /// A pattern with variables, compiled for each request.
    Open {
        parts: Vec<Part>,
        /// Whether values are to be turned into lower case.
        fold: bool,
    },
}

impl Template {
    pub(crate) fn new(text: &str, syntax: Syntax) -> Self {
        if let Some(glob) = Glob::simple(text, syntax) {
            return Self::Fixed(glob);
        }
        let mut parts = parts(text, syntax);
        if parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            return Self::Open { parts, fold: syntax.fold };
        }
        if syntax.fold {
            fold(&mut parts);
        }
        Self::Fixed(Glob::new(&parts))
    }

    /// The condition keys, in lower case, that its variables stand for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Self::Fixed(_) => &[],
            Self::Open { parts, .. } => parts.as_slice(),
        };
        variables(parts)
    }

    /// Whether the text matches. A variable without a value matches nothing.
    pub(crate) fn matches(&self, subject: &str, context: &Context) -> bool {
        match self {
            Self::Fixed(glob) => glob.matches(subject),
            Self::Open { parts, fold } => {
                filled(parts, *fold, context, subject.len()).is_some_and(|glob| glob.matches(subject))
            }
        }
    }

    /// The pattern with its variables replaced, for texts of at most so many bytes; `None` if it matches none of these.
    pub(crate) fn closed(&self, context: &Context, longest: usize) -> Option<Glob> {
        match self {
            Self::Fixed(glob) => Some(glob.clone()),
            Self::Open { parts, fold } => filled(parts, *fold, context, longest),
        }
    }
}

/// Compiles parts with their variables replaced; `None` if the pattern matches no text of at most so many bytes.
fn filled(parts: &[Part], folded: bool, context: &Context, longest: usize) -> Option<Glob> {
    let parts = fill_folded(parts, folded, context, longest).ok()?;
    Some(Glob::new(&parts))
}

/// The condition keys, in lower case, of the variables in a pattern.
pub(crate) fn variables(parts: &[Part]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| match part {
        Part::Variable { key, .. } => Some(&**key),
        Part::Text(_) | Part::One | Part::Many => None,
    })
}

/// Why the variables of a pattern are not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfilled {
    /// One of the variables has no value.
    NoValue,
    /// The text would be longer than was asked for.
    TooLong,
}

/// Replaces every variable by its value, as long as the text that has to be there is no longer than `longest` bytes. Only a
/// key with a single value has one.
///
/// What is to match a text is never longer than the text: the work is that of reading the pattern and the text once,
/// however often a long value comes in.
// Source: IAM User Guide, "reference_policies_variables"
pub(crate) fn fill(parts: &[Part], context: &Context, longest: usize) -> Result<Vec<Part>, Unfilled> {
    fill_folded(parts, false, context, longest)
}

fn fill_folded(
    parts: &[Part],
    folded: bool,
    context: &Context,
    longest: usize,
) -> Result<Vec<Part>, Unfilled> {
    let mut filled: Vec<Part> = Vec::new();
    let mut left = longest;
    let folded = |text: &str| if folded { text.to_lowercase() } else { text.to_owned() };
    let fits = |text: &str| text.len() <= longest.saturating_mul(MOST_BYTES_FOLDED);
    for part in parts {
        let part = match part {
            Part::Variable { key, default } => {
                let text = match (context.values(key), default) {
                    (Some([value]), _) => &**value,
                    (Some([]) | None, Some(default)) => default.as_str(),
                    (Some([]) | None, None) | (Some(_), _) => return Err(Unfilled::NoValue),
                };
                if !fits(text) {
                    return Err(Unfilled::TooLong);
                }
                Part::Text(folded(text))
            }
            Part::Text(text) => Part::Text(folded(text)),
            part @ (Part::One | Part::Many) => part.clone(),
        };
        let least = match &part {
            Part::Text(text) => text.len(),
            Part::One => 1,
            Part::Many | Part::Variable { .. } => 0,
        };
        left = left.checked_sub(least).ok_or(Unfilled::TooLong)?;
        filled.push(part);
    }
    steps::add(filled.len() + longest - left);
    Ok(filled)
}

/// How many bytes of a text can become one when it is turned into lower case: the sign for Kelvin has three.
const MOST_BYTES_FOLDED: usize = 3;

fn fold(parts: &mut [Part]) {
    for part in parts {
        if let Part::Text(text) = part {
            *text = text.to_lowercase();
        }
    }
}

/// A pattern of plain text, `?` and `*`.
///
/// It is cut at its `*` into pieces. The first piece must start the subject and the last must end it; each piece
/// between is looked for once, from the left, after the one before it. Taking the leftmost place leaves the most
/// for those that follow, so no piece is ever looked for twice and many `*` cost no more than few. A piece of plain text
/// is found in time proportional to what is passed over; [`Piece::find_with_gaps`] says what one with `?` costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Form);

/// A pattern, by how much there is to it: nearly all are texts, or texts that end with a `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// A text without wildcards.
    Exact(Box<str>),
    /// A text before a lone `*`.
    Start(Box<str>),
    Pieces(Box<[Piece]>),
}

/// What stands between two `*`: texts and single characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Piece {
    atoms: Vec<Atom>,
    /// How many characters it takes.
    length: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    Text(Box<str>),
    /// So many characters, whichever.
    Any(usize),
}

impl Glob {
    /// Compiles parts that hold no variables; a variable would match nothing, so it counts as text that cannot occur.
    pub(crate) fn new(parts: &[Part]) -> Self {
        match parts {
            [] => return Self(Form::Exact("".into())),
            [Part::Many] => return Self(Form::Start("".into())),
            [Part::Text(text)] => return Self(Form::Exact(text.as_str().into())),
            [Part::Text(text), Part::Many] => return Self(Form::Start(text.as_str().into())),
            _ => {}
        }
        let pieces = parts.split(|part| *part == Part::Many);
        let last = pieces.clone().count() - 1;
        // Of several `*` in a row, one says all.
        let says_something = |(at, piece): &(usize, &[Part])| *at == 0 || *at == last || !piece.is_empty();
        let pieces = pieces.enumerate().filter(says_something).map(|(_, parts)| Piece::new(parts));
        Self(Form::Pieces(pieces.collect()))
    }

    /// The pattern that a text without variables and with no wildcard but a last `*` is, made at once; `None` for others.
    fn simple(text: &str, syntax: Syntax) -> Option<Self> {
        let whole = |text: &str| if syntax.fold { text.to_lowercase().into() } else { text.into() };
        let is_plain = |byte: u8| byte != b'$' && !(syntax.wildcards && matches!(byte, b'*' | b'?'));
        if text.bytes().all(is_plain) {
            return Some(Self(Form::Exact(whole(text))));
        }
        let start = text.strip_suffix('*').filter(|start| syntax.wildcards && start.bytes().all(is_plain))?;
        Some(Self(Form::Start(whole(start))))
    }

    /// The text of a pattern that has no wildcard but perhaps a last `*`, and whether it has that.
    pub(crate) fn plain(&self) -> Option<(&str, bool)> {
        match &self.0 {
            Form::Exact(text) => Some((text, false)),
            Form::Start(text) => Some((text, true)),
            Form::Pieces(_) => None,
        }
    }

    pub(crate) fn matches(&self, subject: &str) -> bool {
        let pieces = match &self.0 {
            Form::Exact(text) => return *subject == **text,
            Form::Start(text) => return subject.starts_with(&**text),
            Form::Pieces(pieces) => pieces,
        };
        match &**pieces {
            [] => subject.is_empty(),
            [only] => only.end_at_start_of(subject) == Some(subject.len()),
            [first, middle @ .., last] => {
                let Some(start) = first.end_at_start_of(subject) else { return false };
                let mut rest = &subject[start..];
                for piece in middle {
                    let Some(end) = piece.find(rest) else { return false };
                    rest = &rest[end..];
                }
                last.ends(rest)
            }
        }
    }
}

impl Piece {
    /// Compiles what stands between two `*`.
    fn new(parts: &[Part]) -> Self {
        let mut piece = Self::default();
        let mut text = String::new();
        for part in parts {
            let count = match part {
                Part::Text(more) => {
                    text.push_str(more);
                    continue;
                }
                Part::One => 1,
                Part::Variable { .. } | Part::Many => usize::MAX / 2,
            };
            piece.push_text(&mut text);
            piece.length = piece.length.saturating_add(count);
            match piece.atoms.last_mut() {
                Some(Atom::Any(before)) => *before = before.saturating_add(count),
                Some(Atom::Text(_)) | None => piece.atoms.push(Atom::Any(count)),
            }
        }
        piece.push_text(&mut text);
        piece
    }

    fn push_text(&mut self, text: &mut String) {
        if !text.is_empty() {
            self.length = self.length.saturating_add(text.chars().count());
            self.atoms.push(Atom::Text(std::mem::take(text).into()));
        }
    }

    /// Where the piece ends if the subject starts with it.
    fn end_at_start_of(&self, subject: &str) -> Option<usize> {
        self.end_counting(subject, &mut 0)
    }

    /// Where the leftmost occurrence of the piece ends.
    fn find(&self, subject: &str) -> Option<usize> {
        let found = match &*self.atoms {
            [] => Some(0),
            [Atom::Text(text)] => subject.find(&**text).map(|at| at + text.len()),
            [Atom::Any(count)] => skip(subject, *count),
            _ => return self.find_with_gaps(subject),
        };
        steps::add(found.unwrap_or(subject.len()));
        found
    }

    /// Where the leftmost occurrence ends of a piece that holds texts and single characters.
    ///
    /// Nearly always the first characters decide at each place. Where they do not, the places are tried together, 64
    /// characters of the piece at a time: else a piece of n characters could take n times the length of the subject.
    fn find_with_gaps(&self, subject: &str) -> Option<usize> {
        /// How much may be compared for each place in the subject before the places are tried together.
        const EAGER: usize = 16;
        let mut compared = 0;
        for (place, (at, _)) in subject.char_indices().enumerate() {
            let rest = &subject[at..];
            if rest.len() < self.length {
                break;
            }
            if compared > EAGER * (place + self.atoms.len()) {
                steps::add(compared);
                return super::shift::find(&self.signs(), rest).map(|end| at + end);
            }
            let end = self.end_counting(rest, &mut compared);
            if end.is_some() {
                steps::add(compared);
                return end.map(|end| at + end);
            }
        }
        steps::add(compared);
        None
    }

    /// The characters of the piece, `None` for any.
    fn signs(&self) -> Vec<Option<char>> {
        let mut signs = Vec::with_capacity(self.length);
        for atom in &self.atoms {
            match atom {
                Atom::Text(text) => signs.extend(text.chars().map(Some)),
                Atom::Any(count) => signs.resize(signs.len() + count, None),
            }
        }
        signs
    }

    /// Where the piece ends if the subject starts with it; adds how much of it was compared.
    fn end_counting(&self, subject: &str, compared: &mut usize) -> Option<usize> {
        let mut rest = subject;
        for atom in &self.atoms {
            // Texts are compared many bytes at once.
            *compared += match atom {
                Atom::Text(text) => 1 + text.len() / 16,
                Atom::Any(count) => 1 + count / 4,
            };
            rest = match atom {
                Atom::Text(text) => rest.strip_prefix(&**text)?,
                Atom::Any(count) => &rest[skip(rest, *count)?..],
            };
        }
        Some(subject.len() - rest.len())
    }

    fn ends(&self, subject: &str) -> bool {
        match &*self.atoms {
            [] => true,
            [Atom::Text(text)] => subject.ends_with(&**text),
            _ => {
                steps::add(self.length.min(subject.len()));
                let start = match self.length.checked_sub(1) {
                    None => Some(subject.len()),
                    Some(nth) => subject.char_indices().rev().nth(nth).map(|(at, _)| at),
                };
                start.is_some_and(|at| self.end_at_start_of(&subject[at..]) == Some(subject.len() - at))
            }
        }
    }
}

/// The offset after the first `count` characters.
fn skip(text: &str, count: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: Syntax = Syntax { wildcards: true, variables_from: Some(0), fold: false };

    /// The definition: `*` is any text, `?` one character. Exponential, and obviously right.
    fn naive(pattern: &[char], subject: &[char]) -> bool {
        match (pattern, subject) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=subject.len()).any(|skip| naive(rest, &subject[skip..])),
            (['?', rest @ ..], [_, tail @ ..]) => naive(rest, tail),
            ([first, rest @ ..], [head, tail @ ..]) => first == head && naive(rest, tail),
            _ => false,
        }
    }

    fn glob(pattern: &str, subject: &str) -> bool {
        Template::new(pattern, ALL).matches(subject, &Context::default())
    }

    #[test]
    fn wildcards() {
        for (pattern, subject, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("?", "", false),
            ("?", "ä", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "xabyabz", false),
            ("a?c*", "abcd", true),
            ("*?b", "ab", true),
            ("*?b", "b", false),
            ("s3:Get*Object", "s3:GetObject", true),
        ] {
            assert_eq!(glob(pattern, subject), expected, "{pattern} against {subject}");
        }
    }

    // Source: IAM User Guide, "reference_policies_variables"
    #[test]
    fn variables() {
        let mut context = Context::default();
        context.set("aws:username", "kim*");
        context.set_many("aws:TagKeys", ["a", "b"]);
        for (pattern, subject, expected) in [
            ("home/${aws:username}/*", "home/kim*/x", true),
            ("home/${aws:username}/*", "home/kimberly/x", false),
            ("home/${AWS:UserName}", "home/kim*", true),
            ("${aws:PrincipalTag/team, 'company-wide'}", "company-wide", true),
            ("${aws:PrincipalTag/team}", "", false),
            ("${aws:TagKeys}", "a", false),
            ("${*}${?}${$}", "*?$", true),
            ("${*}", "x", false),
            ("${open", "${open", true),
            ("${a, b}", "${a, b}", true),
        ] {
            assert_eq!(
                Template::new(pattern, ALL).matches(subject, &context),
                expected,
                "{pattern} {subject}"
            );
        }
    }

    #[test]
    fn many_stars_stay_cheap() {
        let pattern = "a*".repeat(2_000) + "b";
        assert!(!glob(&pattern, &"a".repeat(20_000)));
        assert!(glob(&pattern, &("a".repeat(20_000) + "b")));
    }

    proptest! {
        #[test]
        fn a_pattern_equals_its_naive_definition(pattern in "[ab?*ä]{0,8}", subject in "[abä]{0,8}") {
            let expected =
                naive(&pattern.chars().collect::<Vec<_>>(), &subject.chars().collect::<Vec<_>>());
            prop_assert_eq!(glob(&pattern, &subject), expected);
        }

        #[test]
        fn any_pattern_is_safe(pattern in "\\PC{0,20}", subject in "\\PC{0,20}") {
            glob(&pattern, &subject);
        }
    }
}
