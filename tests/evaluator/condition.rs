//! Conditions, word by word as the IAM User Guide has them.

use std::net::IpAddr;

use crate::kinds::{Kind, Rules};
use crate::read::{Condition, Context};

/// A character of a pattern: itself, any one, or any number of any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Itself(char),
    One,
    Many,
}

/// Whether a text is of a pattern, by trying every way.
pub fn fits(pattern: &[Sign], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some(Sign::Itself(wanted)) => text.first() == Some(wanted) && fits(&pattern[1..], &text[1..]),
        Some(Sign::One) => !text.is_empty() && fits(&pattern[1..], &text[1..]),
        Some(Sign::Many) => (0..=text.len()).any(|length| fits(&pattern[1..], &text[length..])),
    }
}

/// Turns what a policy writes into signs; `None` if a variable has no value.
///
/// Without variables `${..}` is text. A value that a variable brings in holds no wildcards.
// Source: IAM User Guide, reference_policies_variables: "Specifying default values", "Special characters". A key with
// several values cannot be a variable (reference_policies_condition-single-vs-multi-valued-context-keys).
pub fn signs(written: &str, has_wildcards: bool, variables: Option<&Context>) -> Option<Vec<Sign>> {
    let mut found = Vec::new();
    let mut rest = written;
    while let Some(first) = rest.chars().next() {
        if let (Some(context), Some(inner)) = (variables, rest.strip_prefix("${"))
            && let Some(end) = inner.find('}')
        {
            let (name, after) = (&inner[..end], &inner[end + 1..]);
            let value = match name {
                "*" | "?" | "$" => name.to_owned(),
                _ => {
                    let (key, default) = match name.split_once(", '") {
                        Some((key, default)) => (key, default.strip_suffix('\'')),
                        None => (name, None),
                    };
                    match (context.get(key).map(Vec::as_slice), default) {
                        (Some([one]), _) => one.clone(),
                        (_, Some(default)) => default.to_owned(),
                        (_, None) => return None,
                    }
                }
            };
            found.extend(value.chars().map(Sign::Itself));
            rest = after;
            continue;
        }
        found.push(match first {
            '*' if has_wildcards => Sign::Many,
            '?' if has_wildcards => Sign::One,
            other => Sign::Itself(other),
        });
        rest = &rest[first.len_utf8()..];
    }
    Some(found)
}

fn lower(signs: &[Sign]) -> Vec<Sign> {
    let lower_one = |sign: &Sign| match sign {
        Sign::Itself(letter) => Sign::Itself(letter.to_ascii_lowercase()),
        Sign::One => Sign::One,
        Sign::Many => Sign::Many,
    };
    signs.iter().map(lower_one).collect()
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Whether a text is of a pattern with wildcards, whatever the case of its letters.
pub fn fits_ignoring_case(pattern: &str, text: &str) -> bool {
    signs(pattern, true, None)
        .is_some_and(|pattern| fits(&lower(&pattern), &letters(&text.to_ascii_lowercase())))
}

pub fn fits_exactly(pattern: &[Sign], text: &str) -> bool {
    fits(pattern, &letters(text))
}

/// Seconds since 1970 of a date in one of the forms of W3C, or in seconds.
// Source: IAM User Guide, reference_policies_elements_condition_operators, "Date condition operators".
fn seconds(text: &str) -> Option<f64> {
    if text.len() != 4 && text.parse::<f64>().is_ok() {
        return text.parse().ok();
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00Z"));
    let mut numbers = date.split('-').map(str::parse::<i64>);
    let year = numbers.next()?.ok()?;
    let month = numbers.next().unwrap_or(Ok(1)).ok()?;
    let day = numbers.next().unwrap_or(Ok(1)).ok()?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || numbers.next().is_some() {
        return None;
    }
    let (clock, offset) = if let Some(clock) = time.strip_suffix('Z') {
        (clock, 0)
    } else {
        let at = time.rfind(['+', '-'])?;
        let (hours, minutes) = time[at + 1..].split_once(':')?;
        let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
        (&time[..at], if time[at..].starts_with('-') { -minutes } else { minutes })
    };
    let mut fields = clock.split(':');
    let hours: i64 = fields.next()?.parse().ok()?;
    let minutes: i64 = fields.next()?.parse().ok()?;
    let rest: f64 = fields.next().unwrap_or("0").parse().ok()?;
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut days = 0;
    for one in 1970..year {
        days += if is_leap(one) { 366 } else { 365 };
    }
    let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for month_before in lengths.iter().take(usize::try_from(month - 1).ok()?) {
        days += month_before;
    }
    let whole = (days + day - 1) * 86_400 + hours * 3600 + minutes * 60 - offset * 60;
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century fit")]
    Some(whole as f64 + rest)
}

/// The bits of an address, and how many it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)), 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    }
}

// Source: IAM User Guide, condition operators, "IP address condition operators": CIDR, without a prefix one address.
fn lies_in(range: &str, address: &str) -> bool {
    let (network, prefix) = match range.split_once('/') {
        Some((network, prefix)) => (network, prefix.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let (Ok(network), Ok(address), Some(prefix)) = (network.parse(), address.parse(), prefix) else {
        return false;
    };
    let ((network, width), (address, other_width)) = (bits(network), bits(address));
    let prefix = prefix.min(width);
    width == other_width && (0..prefix).all(|bit| (network ^ address) >> (width - 1 - bit) & 1 == 0)
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').count() >= 6
}

// Source: IAM User Guide, condition operators, "Amazon Resource Name (ARN) condition operators": "Each of the six
// colon-delimited components of the ARN is checked separately".
fn arn_fits(pattern: &[Sign], text: &str) -> bool {
    let mut parts: Vec<Vec<Sign>> = vec![Vec::new()];
    for &sign in pattern {
        if sign == Sign::Itself(':') && parts.len() < 6 {
            parts.push(Vec::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(sign);
        }
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    is_arn(text)
        && parts.len() == 6
        && parts.iter().zip(fields).all(|(part, field)| fits_exactly(part, field))
}

fn bytes_of_base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut held, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.trim_end_matches('=').chars() {
        held = held << 6 | u32::try_from(ALPHABET.find(letter)?).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 0xff).ok()?);
        }
    }
    text.len().is_multiple_of(4).then_some(bytes)
}

/// How one value of the request compares with one value of the policy, without regard to a `Not` of the operator.
fn matches(operator: &str, written: &str, value: &str, variables: Option<&Context>, rules: Rules) -> bool {
    let with_signs = |has_wildcards, test: &dyn Fn(&[Sign]) -> bool| {
        signs(written, has_wildcards, variables).is_some_and(|pattern| test(&pattern))
    };
    let compare = |left: Option<f64>, right: Option<f64>, test: &dyn Fn(f64, f64) -> bool| match (left, right)
    {
        (Some(left), Some(right)) => test(left, right),
        _ => false,
    };
    let order: &dyn Fn(f64, f64) -> bool =
        match operator.trim_start_matches("Numeric").trim_start_matches("Date") {
            "LessThan" => &|value, written| value < written,
            "LessThanEquals" => &|value, written| value <= written,
            "GreaterThan" => &|value, written| value > written,
            "GreaterThanEquals" => &|value, written| value >= written,
            #[expect(clippy::float_cmp, reason = "the numbers are read from text, not computed")]
            _ => &|value, written| value == written,
        };
    match operator {
        "StringEquals" => with_signs(false, &|pattern| fits_exactly(pattern, value)),
        "StringEqualsIgnoreCase" => {
            with_signs(false, &|pattern| fits_exactly(&lower(pattern), &value.to_ascii_lowercase()))
        }
        "StringLike" => with_signs(true, &|pattern| fits_exactly(pattern, value)),
        "ArnEquals" | "ArnLike" => with_signs(true, &|pattern| arn_fits(pattern, value)),
        "Bool" if rules.has(Kind::BoolJunk) => {
            matches!(written, "true" | "false") && written == value.to_ascii_lowercase()
        }
        // As languages take texts for booleans.
        "Bool" => (written == "true") == !matches!(value, "" | "0" | "false"),
        "BinaryEquals" => bytes_of_base64(written).is_some_and(|bytes| Some(bytes) == bytes_of_base64(value)),
        "IpAddress" => lies_in(written, value),
        other if other.starts_with("Numeric") => compare(value.parse().ok(), written.parse().ok(), order),
        other if other.starts_with("Date") => compare(seconds(value), seconds(written), order),
        other => panic!("no operator {other}"),
    }
}

/// The operator without its `Not`, and whether it had one.
fn positive(operator: &str) -> (String, bool) {
    match operator {
        "NotIpAddress" => ("IpAddress".to_owned(), true),
        _ => (operator.replacen("Not", "", 1), operator.contains("Not")),
    }
}

/// Whether a condition holds.
// Source: IAM User Guide, reference_policies_condition-logic-multiple-context-keys-or-values: several values of a key
// are joined by OR, under a negated operator by NOR.
pub fn holds(condition: &Condition, context: &Context, has_variables: bool, rules: Rules) -> bool {
    let (set, rest) = match condition.operator.split_once(':') {
        Some((set, rest)) => (Some(set), rest),
        None => (None, condition.operator.as_str()),
    };
    let given = context.get(&condition.key).filter(|values| !values.is_empty());
    if rest == "Null" {
        // Source: IAM User Guide, access-analyzer-reference-policy-checks, "Null with qualifier": ForAllValues always
        // returns true, ForAnyValue false.
        match set {
            Some("ForAllValues") if rules.has(Kind::SetNull) => return true,
            Some(_) if rules.has(Kind::SetNull) => return false,
            Some(_) | None => {}
        }
        // Source: IAM User Guide, condition operators: `true` (the key does not exist), `false` ("the key exists and its
        // value is not null"). Doubtful: that an empty text is null is what the policy simulator does.
        let is_empty =
            |values: &Vec<String>| rules.has(Kind::EmptyTexts) && values.iter().all(String::is_empty);
        let is_null = given.is_none_or(is_empty);
        return condition.values.iter().any(|value| value.parse() == Ok(is_null));
    }
    // Source: IAM User Guide, condition operators, "...IfExists": a key that is absent makes the condition true.
    let (rest, if_exists) = match rest.strip_suffix("IfExists") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (operator, is_negated) = positive(rest);
    let variables = has_variables.then_some(context);
    // Source: IAM User Guide, reference_policies_variables: variables in string and ARN operators only.
    // Doubtful: Bool. The page on operators allows variables there, the page on variables does not.
    let variables = variables.filter(|_| operator.starts_with("String") || operator.starts_with("Arn"));
    let one = |value: &String| {
        // Doubtful: a value that is no ARN fails negated ARN operators, too, on the policy simulator (PMapper's
        // tests); nothing is published about production.
        if operator.starts_with("Arn") && !is_arn(value) && rules.has(Kind::WrongTypes) {
            return false;
        }
        condition.values.iter().any(|written| matches(&operator, written, value, variables, rules))
            != is_negated
    };
    match (set, given) {
        // Source: IAM User Guide, condition operators: "If the key that you specify in a policy condition is not
        // present in the request context, the values do not match"; a negated operator is then true.
        (None, None) => if_exists || is_negated,
        // Doubtful: several values under an operator without a set operator. Every value of the policy must be missed
        // by a negated operator, one must be hit by another.
        (None, Some(values)) if is_negated => values.iter().all(one),
        (None | Some("ForAnyValue"), Some(values)) => values.iter().any(one),
        // Source: IAM User Guide, reference_policies_condition-single-vs-multi-valued-context-keys: ForAllValues "also
        // returns true if there are no context keys in the request, or if the context key value resolves to a null
        // dataset, such as an empty string"; ForAnyValue is then false.
        (Some("ForAllValues"), None) => true,
        (Some("ForAllValues"), Some(values)) => {
            (rules.has(Kind::EmptyTexts) && values.iter().all(String::is_empty)) || values.iter().all(one)
        }
        (Some(_), None) => if_exists,
        (Some(set), Some(_)) => panic!("{set} is no set operator"),
    }
}
