//! What a value of a policy means to an operator, worked out when the policy is compiled.

use super::value::{Cidr, date};
use super::{Test, Version};
use crate::limits::policy::EXPANDED_TEXT;
use crate::limits::steps;
use crate::policy::pattern::{Glob, Part, Syntax, Template, Unfilled, fill, parts, variables};
use crate::policy::request::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::net::IpAddr;

/// A value of a policy, ready to be compared with.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Text(Template),
    Arn(ArnPattern),
    Number(f64),
    /// A time in nanoseconds since 1970.
    Date(i128),
    Bool(bool),
    Binary(Vec<u8>),
    Address(Cidr),
    /// The value is nothing the operator can compare with: it matches nothing.
    Never,
}

impl Operand {
    pub(crate) fn new(test: Test, written: &str, version: Version) -> Self {
        let variables_from = (version == Version::V2012 && test.takes_variables()).then_some(0);
        let syntax = Syntax { wildcards: test.takes_wildcards(), variables_from, fold: test.ignores_case() };
        let operand = match test {
            Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => {
                Some(Self::Text(Template::new(written, syntax)))
            }
            Test::Arn => ArnPattern::new(parts(written, syntax)).map(Self::Arn),
            Test::Numeric(_) => number(written).map(Self::Number),
            Test::Date(_) => date(written).map(Self::Date),
            Test::Bool | Test::Null => boolean(written).map(Self::Bool),
            Test::Binary => STANDARD.decode(written).ok().map(Self::Binary),
            Test::IpAddress => Cidr::parse(written).map(Self::Address),
        };
        operand.unwrap_or(Self::Never)
    }

    /// Whether the value of a request matches; its case is folded already where the operator ignores case.
    pub(crate) fn matches(&self, test: Test, value: &str, context: &Context) -> bool {
        let stands_so = |ordering| test.comparison().is_some_and(|comparison| comparison.holds(ordering));
        match self {
            Self::Text(template) => template.matches(value, context),
            Self::Arn(pattern) => pattern.matches(value, context),
            Self::Number(wanted) => stands_so(number(value).and_then(|value| value.partial_cmp(wanted))),
            Self::Date(wanted) => stands_so(date(value).map(|value| value.cmp(wanted))),
            Self::Bool(wanted) => is_true(value) == *wanted,
            Self::Binary(wanted) => STANDARD.decode(value).is_ok_and(|value| value == *wanted),
            Self::Address(range) => value.parse::<IpAddr>().is_ok_and(|value| range.contains(value)),
            Self::Never => false,
        }
    }

    /// The condition keys, in lower case, that its variables stand for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        variables(match self {
            Self::Text(Template::Open { parts, .. }) | Self::Arn(ArnPattern::Open(parts)) => parts,
            Self::Text(_)
            | Self::Arn(_)
            | Self::Number(_)
            | Self::Date(_)
            | Self::Bool(_)
            | Self::Binary(_)
            | Self::Address(_)
            | Self::Never => &[],
        })
    }

    /// The value with its variables replaced, if it has any and all of them have values.
    pub(crate) fn resolved(&self, context: &Context) -> Option<String> {
        let (Self::Text(Template::Open { parts, .. }) | Self::Arn(ArnPattern::Open(parts))) = self else {
            return None;
        };
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::One => "?".to_owned(),
            Part::Many | Part::Variable { .. } => "*".to_owned(),
        };
        match fill(parts, context, EXPANDED_TEXT.size()) {
            Ok(parts) => Some(parts.iter().map(text).collect()),
            Err(Unfilled::NoValue) => None,
            Err(Unfilled::TooLong) => {
                steps::end(&EXPANDED_TEXT);
                None
            }
        }
    }

    /// Whether the value holds variables, so that it stands for another with each request.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Text(template) => matches!(template, Template::Open { .. }),
            Self::Arn(pattern) => matches!(pattern, ArnPattern::Open(_)),
            Self::Number(_)
            | Self::Date(_)
            | Self::Bool(_)
            | Self::Binary(_)
            | Self::Address(_)
            | Self::Never => false,
        }
    }

    /// The value with its variables replaced, to be compared with values of at most so many bytes.
    pub(crate) fn closed(&self, context: &Context, longest: usize) -> Self {
        match self {
            Self::Text(template) => template
                .closed(context, longest)
                .map_or(Self::Never, |glob| Self::Text(Template::Fixed(glob))),
            Self::Arn(ArnPattern::Open(parts)) => filled(parts, context, longest)
                .map_or(Self::Never, |globs| Self::Arn(ArnPattern::Fixed(Box::new(globs)))),
            Self::Arn(_)
            | Self::Number(_)
            | Self::Date(_)
            | Self::Bool(_)
            | Self::Binary(_)
            | Self::Address(_)
            | Self::Never => self.clone(),
        }
    }

    /// The text of a value that has no wildcard but perhaps a last `*`, and whether it has that.
    pub(crate) fn plain(&self) -> Option<(&str, bool)> {
        match self {
            Self::Text(Template::Fixed(glob)) => glob.plain(),
            Self::Text(_)
            | Self::Arn(_)
            | Self::Number(_)
            | Self::Date(_)
            | Self::Bool(_)
            | Self::Binary(_)
            | Self::Address(_)
            | Self::Never => None,
        }
    }

    /// How much of the request's value is read anew for each comparison.
    pub(crate) fn reads(&self, value: &str) -> usize {
        match self {
            Self::Number(_) | Self::Date(_) | Self::Binary(_) | Self::Address(_) => value.len(),
            Self::Text(_) | Self::Arn(_) | Self::Bool(_) | Self::Never => 0,
        }
    }

    /// Whether the value of a `Null` operator describes a key that is absent, or present.
    pub(crate) fn is_null(&self, absent: bool) -> bool {
        matches!(self, Self::Bool(wanted) if *wanted == absent)
    }
}

/// A finite decimal number.
fn number(text: &str) -> Option<f64> {
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|number: &f64| numeric && number.is_finite())
}

/// Whether the value of a request is true to the operator `Bool`.
///
/// Doubtful: what is neither true nor false counts as false on IAM's policy simulator; nothing says so of production.
/// The alternative is that such a value is equal to neither. One form is known.
// Source: PMapper, principalmapper/querying/local_policy_simulation.py (the operator Bool)
fn is_true(value: &str) -> bool {
    boolean(value).unwrap_or(false)
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A pattern of ARNs. Each of the six parts between colons is matched on its own, so no wildcard reaches
/// beyond its part.
// Source: IAM User Guide, "reference_policies_elements_condition_operators" (ARN operators)
#[derive(Debug, Clone)]
pub(crate) enum ArnPattern {
    Fixed(Box<[Glob; 6]>),
    /// With variables; their values may hold colons, so the pattern is cut when they are known.
    Open(Vec<Part>),
    /// `*` alone: any text, as most services read it.
    Everything,
}

impl ArnPattern {
    fn new(parts: Vec<Part>) -> Option<Self> {
        if parts == [Part::Many] {
            Some(Self::Everything)
        } else if parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            Some(Self::Open(parts))
        } else {
            cut(&parts).map(Box::new).map(Self::Fixed)
        }
    }

    fn matches(&self, arn: &str, context: &Context) -> bool {
        match self {
            Self::Everything => true,
            Self::Fixed(globs) => all_match(globs, arn),
            Self::Open(parts) => {
                filled(parts, context, arn.len()).is_some_and(|globs| all_match(&globs, arn))
            }
        }
    }
}

/// Compiles a pattern with its variables replaced; `None` if it matches no ARN of at most so many bytes.
fn filled(parts: &[Part], context: &Context, longest: usize) -> Option<[Glob; 6]> {
    cut(&fill(parts, context, longest).ok()?)
}

fn all_match(globs: &[Glob; 6], arn: &str) -> bool {
    let mut segments = arn.splitn(6, ':');
    globs.iter().all(|glob| segments.next().is_some_and(|segment| glob.matches(segment)))
}

/// Cuts a pattern at its first five colons; `None` if it has fewer.
fn cut(parts: &[Part]) -> Option<[Glob; 6]> {
    let mut segments: Vec<Vec<Part>> = vec![Vec::new()];
    for part in parts {
        let Part::Text(text) = part else {
            segments.last_mut()?.push(part.clone());
            continue;
        };
        let colons_left = 6 - segments.len();
        for (index, piece) in text.splitn(colons_left + 1, ':').enumerate() {
            if index > 0 {
                segments.push(Vec::new());
            }
            if !piece.is_empty() {
                segments.last_mut()?.push(Part::Text(piece.to_owned()));
            }
        }
    }
    let globs: Vec<Glob> = segments.iter().map(|segment| Glob::new(segment)).collect();
    globs.try_into().ok()
}
