//! Texts with wildcards and policy variables, compiled once and matched often.
//!
//! A [`Glob`] holds no variables. A [`Template`] may; it becomes a glob when the values are known. Wildcards that
//! come out of a variable's value are plain text.

use super::request::Context;
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
    while let Some(c) = text[at..].chars().next() {
        let special = match c {
            '*' if syntax.wildcards => Some((Part::Many, 1)),
            '?' if syntax.wildcards => Some((Part::One, 1)),
            '$' if syntax.variables_from.is_some_and(|from| at >= from) => variable(&text[at..]),
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
    parts
}

fn push_text(parts: &mut Vec<Part>, plain: &mut String) {
    if !plain.is_empty() {
        parts.push(Part::Text(std::mem::take(plain)));
    }
}

/// The variable at the start of `text`, and its length. `${*}`, `${?}` and `${$}` are the characters themselves.
// Source: IAM User Guide, "reference_policies_variables"
fn variable(text: &str) -> Option<(Part, usize)> {
    let inner = text.strip_prefix("${")?;
    let inner = &inner[..inner.find('}')?];
    let part = match inner {
        "*" | "?" | "$" => Part::Text(inner.to_owned()),
        _ => {
            let (key, default) = match inner.split_once(',') {
                Some((key, default)) => (key, Some(default.trim().strip_prefix('\'')?.strip_suffix('\'')?)),
                None => (inner, None),
            };
            let key = key.trim();
            if key.is_empty() || key.contains(['$', '{', '\'']) {
                return None;
            }
            Part::Variable { key: key.to_lowercase().into(), default: default.map(str::to_owned) }
        }
    };
    Some((part, inner.len() + "${}".len()))
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
            Self::Open { parts, fold: folded } => fill(parts, context).is_some_and(|mut parts| {
                if *folded {
                    fold(&mut parts);
                }
                Glob::new(&parts).matches(subject)
            }),
        }
    }
}

/// The condition keys, in lower case, of the variables in a pattern.
pub(crate) fn variables(parts: &[Part]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| match part {
        Part::Variable { key, .. } => Some(&**key),
        Part::Text(_) | Part::One | Part::Many => None,
    })
}

/// Replaces every variable by its value, or `None` if one has none. Only a key with a single value has one.
// Source: IAM User Guide, "reference_policies_variables"
pub(crate) fn fill(parts: &[Part], context: &Context) -> Option<Vec<Part>> {
    let mut filled: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Variable { key, default } => {
                let text = match context.values(key) {
                    Some([value]) => value.to_string(),
                    Some([]) | None => default.clone()?,
                    Some(_) => return None,
                };
                filled.push(Part::Text(text));
            }
            part @ (Part::Text(_) | Part::One | Part::Many) => filled.push(part.clone()),
        }
    }
    Some(filled)
}

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
/// for those that follow, so nothing is ever tried twice and many `*` cost no more than few.
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
        let mut pieces = vec![Piece::default()];
        let mut last_was_many = false;
        for part in parts {
            if *part == Part::Many {
                if !last_was_many {
                    pieces.push(Piece::default());
                }
            } else if let Some(piece) = pieces.last_mut() {
                piece.push(part);
            }
            last_was_many = *part == Part::Many;
        }
        Self(Form::Pieces(pieces.into()))
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
    fn push(&mut self, part: &Part) {
        match (part, self.atoms.last_mut()) {
            (Part::One, Some(Atom::Any(count))) => *count += 1,
            (Part::One, _) => self.atoms.push(Atom::Any(1)),
            (Part::Text(text), Some(Atom::Text(before))) => *before = format!("{before}{text}").into(),
            (Part::Text(text), _) => self.atoms.push(Atom::Text(text.as_str().into())),
            (Part::Variable { .. } | Part::Many, _) => self.atoms.push(Atom::Any(usize::MAX / 2)),
        }
        self.length = self.atoms.iter().map(Atom::length).fold(0, usize::saturating_add);
    }

    /// Where the piece ends if the subject starts with it.
    fn end_at_start_of(&self, subject: &str) -> Option<usize> {
        let mut rest = subject;
        for atom in &self.atoms {
            rest = match atom {
                Atom::Text(text) => rest.strip_prefix(&**text)?,
                Atom::Any(count) => &rest[skip(rest, *count)?..],
            };
        }
        Some(subject.len() - rest.len())
    }

    /// Where the leftmost occurrence of the piece ends.
    fn find(&self, subject: &str) -> Option<usize> {
        match &*self.atoms {
            [] => Some(0),
            [Atom::Text(text)] => subject.find(&**text).map(|at| at + text.len()),
            [Atom::Any(count)] => skip(subject, *count),
            _ => subject
                .char_indices()
                .find_map(|(at, _)| self.end_at_start_of(&subject[at..]).map(|length| at + length)),
        }
    }

    fn ends(&self, subject: &str) -> bool {
        match &*self.atoms {
            [] => true,
            [Atom::Text(text)] => subject.ends_with(&**text),
            _ => {
                let start = match self.length.checked_sub(1) {
                    None => Some(subject.len()),
                    Some(nth) => subject.char_indices().rev().nth(nth).map(|(at, _)| at),
                };
                start.is_some_and(|at| self.end_at_start_of(&subject[at..]) == Some(subject.len() - at))
            }
        }
    }
}

impl Atom {
    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Any(count) => *count,
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
