//! Words into options and their values, as the AWS CLI's own parser tells them apart: options may stand anywhere, may be
//! shortened as long as one alone begins so, and may carry their value behind an `=`.
//!
//! The CLI parses with Python's `argparse`; what is an option and what is a value follows its rules.

use super::usage_error::UsageError;

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    One,
    /// One value or none.
    AtMostOne,
    /// Any number of values.
    Many,
}

/// An option that a command takes.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The option's name without the dashes.
    pub name: String,
    pub takes: Takes,
    /// The values it may have; any if there are none.
    pub choices: &'static [&'static str],
    /// True if the value is a whole number.
    pub is_number: bool,
    pub required: bool,
}

impl Spec {
    /// An option that need not be given and has any value.
    pub fn new(name: impl Into<String>, takes: Takes) -> Self {
        Self { name: name.into(), takes, choices: &[], is_number: false, required: false }
    }
}

/// What the words were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedArguments {
    /// The options in order: which, and their values.
    pub options: Vec<(usize, Vec<String>)>,
    /// The first word that belongs to no option.
    pub place: Option<String>,
    /// The words that no option took.
    pub rest: Vec<String>,
}

/// What one word is.
enum Kind {
    Value,
    Option { which: Option<usize>, value: Option<String> },
}

/// Reads words. `place` names the word without an option that must be there, if one must.
pub fn read(specs: &[Spec], place: Option<&str>, words: &[String]) -> Result<ParsedArguments, UsageError> {
    let kinds = words.iter().map(|word| kind(specs, word)).collect::<Result<Vec<_>, _>>()?;
    let is_value = |at: usize| matches!(kinds.get(at), Some(Kind::Value));
    let mut found = ParsedArguments::default();
    let mut at = 0;
    while let (Some(word), Some(kind)) = (words.get(at), kinds.get(at)) {
        at += 1;
        if word == "--" {
            continue;
        }
        let Kind::Option { which, value } = kind else {
            if found.place.is_none() {
                found.place = Some(word.clone());
            } else {
                found.rest.push(word.clone());
            }
            continue;
        };
        let Some((which, spec)) = which.and_then(|which| specs.get(which).map(|spec| (which, spec))) else {
            found.rest.push(word.clone());
            continue;
        };
        let fault = |text: &str| UsageError::Arguments(format!("argument --{}: {text}", spec.name));
        let mut values = Vec::new();
        match (spec.takes, value) {
            (Takes::Nothing, Some(value)) => {
                return Err(fault(&format!("ignored explicit argument '{value}'")));
            }
            (_, Some(value)) => values.push(value.clone()),
            (takes, None) => {
                let most = match takes {
                    Takes::Nothing => 0,
                    Takes::One | Takes::AtMostOne => 1,
                    Takes::Many => usize::MAX,
                };
                while values.len() < most && is_value(at) && words[at] != "--" {
                    // INVARIANT: there is a value at this place.
                    values.push(words[at].clone());
                    at += 1;
                }
            }
        }
        if spec.takes == Takes::One && values.is_empty() {
            return Err(fault("expected one argument"));
        }
        for value in &values {
            if spec.is_number && value.trim().parse::<i64>().is_err() {
                return Err(fault(&format!("invalid int value: '{value}'")));
            }
            if !spec.choices.is_empty() && !spec.choices.contains(&value.as_str()) {
                return Err(fault(&invalid_choice(spec.choices, value)));
            }
        }
        found.options.push((which, values));
    }
    let given = |which: usize| found.options.iter().any(|(given, _)| *given == which);
    let missing = specs.iter().enumerate().filter(|(which, spec)| spec.required && !given(*which));
    let mut missing: Vec<String> = missing.map(|(_, spec)| format!("--{}", spec.name)).collect();
    missing.extend(place.filter(|_| found.place.is_none()).map(str::to_owned));
    if missing.is_empty() {
        return Ok(found);
    }
    Err(UsageError::Arguments(format!("the following arguments are required: {}", missing.join(", "))))
}

/// What a word is. Source: `argparse`, how it finds options among the words.
fn kind(specs: &[Spec], word: &str) -> Result<Kind, UsageError> {
    let exact = |name: &str| specs.iter().position(|spec| spec.name == name);
    if !word.starts_with('-') || word == "-" || word == "--" {
        return Ok(Kind::Value);
    }
    if let Some(option) = word.strip_prefix("--") {
        if let Some(which) = exact(option) {
            return Ok(Kind::Option { which: Some(which), value: None });
        }
        let (name, value) =
            option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value.to_owned())));
        if let Some(which) = exact(name).filter(|_| value.is_some()) {
            return Ok(Kind::Option { which: Some(which), value });
        }
        let like = specs.iter().enumerate().filter(|(_, spec)| spec.name.starts_with(name));
        let like: Vec<(usize, &Spec)> = like.collect();
        match like.as_slice() {
            [] => {}
            [(which, _)] => return Ok(Kind::Option { which: Some(*which), value }),
            several => {
                let names: Vec<String> = several.iter().map(|(_, spec)| format!("--{}", spec.name)).collect();
                let text = format!("ambiguous option: {word} could match {}", names.join(", "));
                return Err(UsageError::Arguments(text));
            }
        }
    }
    let number = word.strip_prefix('-').unwrap_or_default();
    let digits = number.replacen('.', "", 1);
    let is_number = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (!number.contains('.') || number.ends_with(|c: char| c.is_ascii_digit()));
    if is_number || word.contains(' ') {
        return Ok(Kind::Value);
    }
    Ok(Kind::Option { which: None, value: None })
}

/// Returns the CLI's words for a value that is none of the choices, with those that are written like it.
// Source: what the AWS CLI 2.34.3 was recorded to print for services and operations it does not know.
pub fn invalid_choice<T: AsRef<str>>(choices: &[T], wrong: &str) -> String {
    let mut lines = vec![format!("Found invalid choice '{wrong}'\n")];
    let close = close_matches(wrong, choices);
    if !close.is_empty() {
        lines.push("Maybe you meant:\n".to_owned());
        lines.extend(close.iter().map(|choice| format!("  * {choice}")));
    }
    lines.join("\n")
}

/// At most three choices that are like a word, the most similar first. Source: Python's `difflib`, which the CLI asks
/// with a cutoff of 0.8.
fn close_matches<'a, T: AsRef<str>>(wrong: &str, choices: &'a [T]) -> Vec<&'a str> {
    let wrong: Vec<char> = wrong.chars().take(80).collect();
    let mut scored: Vec<(usize, usize, &str)> = Vec::new();
    for choice in choices.iter().map(AsRef::as_ref) {
        let letters: Vec<char> = choice.chars().collect();
        let (same, all) = (2 * in_common(&letters, &wrong), letters.len() + wrong.len());
        if same * 10 >= all * 8 {
            scored.push((same, all, choice));
        }
    }
    scored.sort_by(|a, b| (b.0 * a.1).cmp(&(a.0 * b.1)).then(b.2.cmp(a.2)));
    scored.into_iter().take(3).map(|(_, _, choice)| choice).collect()
}

/// How many letters two words share: those of the longest run that both have, and so on left and right of it.
fn in_common(a: &[char], b: &[char]) -> usize {
    let (mut longest, mut at) = (0, (0, 0));
    for i in 0..a.len() {
        for j in 0..b.len() {
            let run = a[i..].iter().zip(&b[j..]).take_while(|(x, y)| x == y).count();
            if run > longest {
                (longest, at) = (run, (i, j));
            }
        }
    }
    if longest == 0 {
        return 0;
    }
    let (i, j) = at;
    longest + in_common(&a[..i], &b[..j]) + in_common(&a[i + longest..], &b[j + longest..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs() -> Vec<Spec> {
        vec![
            Spec::new("key-id", Takes::One),
            Spec::new("key-spec", Takes::One),
            Spec::new("enabled", Takes::Nothing),
            Spec::new("tags", Takes::Many),
            Spec { choices: &["json", "text"], ..Spec::new("output", Takes::One) },
            Spec { is_number: true, ..Spec::new("max-items", Takes::One) },
            Spec::new("skeleton", Takes::AtMostOne),
        ]
    }

    fn words(text: &str) -> Vec<String> {
        text.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// Source: what `argparse` makes of the same words.
    #[test]
    fn options_are_told_from_values() {
        type Case = (&'static str, &'static [(usize, &'static str)], Option<&'static str>, &'static str);
        let cases: [Case; 15] = [
            ("--key-id|x", &[(0, "x")], None, ""),
            ("--key-id=x=y", &[(0, "x=y")], None, ""),
            ("--key-i|x", &[(0, "x")], None, ""),
            ("--e|--out=text", &[(2, ""), (4, "text")], None, ""),
            ("--tags|a|b|--enabled|c", &[(3, "a|b"), (2, "")], Some("c"), ""),
            ("--tags|--enabled", &[(3, ""), (2, "")], None, ""),
            ("--tags=a|b", &[(3, "a")], Some("b"), ""),
            ("one|two|--enabled|three", &[(2, "")], Some("one"), "two|three"),
            ("--colour|red|blue", &[], Some("red"), "--colour|blue"),
            ("--key-id|-1", &[(0, "-1")], None, ""),
            ("--key-id|-- a text", &[(0, "-- a text")], None, ""),
            ("--key-id|-", &[(0, "-")], None, ""),
            ("--enabled|--", &[(2, "")], None, ""),
            ("--skeleton|--max-items|3", &[(6, ""), (5, "3")], None, ""),
            ("--skeleton|input", &[(6, "input")], None, ""),
        ];
        for (text, options, place, rest) in cases {
            let found = read(&specs(), None, &words(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
            let expected: Vec<(usize, Vec<String>)> =
                options.iter().map(|(which, values)| (*which, words(values))).collect();
            assert_eq!(found.options, expected, "{text}");
            assert_eq!((found.place.as_deref(), found.rest), (place, words(rest)), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_said_as_the_cli_says_it() {
        let mut specs = specs();
        specs[0].required = true;
        for (text, says) in [
            ("", "the following arguments are required: --key-id, operation"),
            ("list", "the following arguments are required: --key-id"),
            ("--key-id|x", "the following arguments are required: operation"),
            ("--key-id", "argument --key-id: expected one argument"),
            ("--key-id|-x", "argument --key-id: expected one argument"),
            ("--key|x", "ambiguous option: --key could match --key-id, --key-spec"),
            ("--enabled=true", "argument --enabled: ignored explicit argument 'true'"),
            ("--max-items|none", "argument --max-items: invalid int value: 'none'"),
        ] {
            let said = read(&specs, Some("operation"), &words(text)).expect_err(text).to_string();
            assert_eq!(said, says, "{text}");
        }
    }

    /// Source: `difflib.get_close_matches(word, choices, cutoff=0.8)` for the same words.
    #[test]
    fn choices_that_are_written_alike_are_offered() {
        let choices = ["describe-key", "disable-key", "list-keys", "list-key-policies", "create-key"];
        for (wrong, close) in [
            ("descibe-key", &["describe-key"][..]),
            ("list-keyss", &["list-keys"]),
            ("disable-keys", &["disable-key"]),
            ("list", &[]),
            ("encrypt", &[]),
        ] {
            assert_eq!(close_matches(wrong, &choices), close, "{wrong}");
        }
        let said = invalid_choice(&["json", "text", "table"], "tabel");
        assert_eq!(said, "Found invalid choice 'tabel'\n\nMaybe you meant:\n\n  * table");
        assert_eq!(invalid_choice(&["json", "text"], "none"), "Found invalid choice 'none'\n");
    }
}
