//! DynamoDB numbers: decimal, up to 38 significant digits, between 1E-130 and 9.99..E+125 in size.
//!
//! Holds a number exactly, compares it by value, prints it and turns it into bytes that sort like the number. Does
//! no arithmetic beyond the addition that `SET a = a + :n` needs.
//
// Source: DynamoDB Developer Guide, "Data types: Number" and "Constraints: Numeric types".

use std::cmp::Ordering;
use std::fmt;

use super::invalid::Invalid;
use crate::limits::steps;

/// Most significant digits a number may have.
const MAX_DIGITS: usize = 38;
/// Largest power of ten of the leading digit.
const MAX_EXPONENT: i32 = 125;
/// Smallest power of ten of the leading digit.
const MIN_EXPONENT: i32 = -130;

/// A decimal number: `d.ddd × 10^exponent`, without leading or trailing zero digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    /// Power of ten of the first digit; 0 for zero.
    exponent: i16,
    /// Values 0 to 9; empty for zero.
    digits: Vec<u8>,
}

impl Number {
    /// Returns the number zero.
    pub fn zero() -> Self {
        Self { negative: false, exponent: 0, digits: Vec::new() }
    }

    /// Reads decimal text with an optional sign, point and exponent.
    ///
    /// The error carries DynamoDB's message for text that is no number, has too many digits or is out of range.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        steps::add(text.len());
        let not_a_number =
            || Invalid::new(format!("The parameter cannot be converted to a numeric value: {text}"));
        if text.is_empty() {
            return Err(Invalid::new("The parameter cannot be converted to a numeric value"));
        }
        let (negative, rest) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, power) = match rest.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, parse_power(power).ok_or_else(not_a_number)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(not_a_number());
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        let point = i64::try_from(whole.len()).map_err(|_| not_a_number())?;
        Self::from_digits(negative, digits, point - 1 + power)
    }

    /// Makes a number of digits whose first one stands at `10^exponent`, checking DynamoDB's limits.
    fn from_digits(negative: bool, mut digits: Vec<u8>, mut exponent: i64) -> Result<Self, Invalid> {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let leading = digits.iter().take_while(|d| **d == 0).count();
        digits.drain(..leading);
        exponent -= i64::try_from(leading).unwrap_or(i64::MAX);
        if digits.is_empty() {
            return Ok(Self::zero());
        }
        if exponent > i64::from(MAX_EXPONENT) {
            return Err(Invalid::new(
                "Number overflow. Attempting to store a number with magnitude larger than supported range",
            ));
        }
        if exponent < i64::from(MIN_EXPONENT) {
            return Err(Invalid::new(
                "Number underflow. Attempting to store a number with magnitude smaller than supported range",
            ));
        }
        if digits.len() > MAX_DIGITS {
            return Err(Invalid::new("Attempting to store more than 38 significant digits in a Number"));
        }
        let exponent = i16::try_from(exponent).map_err(|_| Invalid::new("Number overflow"))?;
        Ok(Self { negative, exponent, digits })
    }

    /// Returns the number of significant digits.
    pub fn significant_digits(&self) -> usize {
        self.digits.len()
    }

    /// Returns the sum, or the difference when `subtract` is set, under DynamoDB's limits.
    pub fn add(&self, other: &Self, subtract: bool) -> Result<Self, Invalid> {
        let other = Self { negative: other.negative != subtract, ..other.clone() };
        if self.digits.is_empty() {
            return Ok(if other.digits.is_empty() { Self::zero() } else { other });
        }
        if other.digits.is_empty() {
            return Ok(self.clone());
        }
        // Lay both out over the same columns: at most 38 digits each and 256 powers of ten apart.
        let top = i64::from(self.exponent.max(other.exponent));
        let bottom = self.last_power().min(other.last_power());
        let (a, b) = (self.columns(top, bottom), other.columns(top, bottom));
        let (digits, negative) = if self.negative == other.negative {
            (add_columns(&a, &b), self.negative)
        } else if a >= b {
            (subtract_columns(&a, &b), self.negative)
        } else {
            (subtract_columns(&b, &a), other.negative)
        };
        // The sum has one column more, for the carry.
        Self::from_digits(negative, digits, top + 1)
    }

    /// Returns the power of ten of the last digit.
    fn last_power(&self) -> i64 {
        i64::from(self.exponent) + 1 - i64::try_from(self.digits.len()).unwrap_or(0)
    }

    /// Returns the digits spread over the powers from `top + 1` (for a carry) down to `bottom`.
    fn columns(&self, top: i64, bottom: i64) -> Vec<u8> {
        (bottom..=top + 1)
            .rev()
            .map(|power| {
                usize::try_from(i64::from(self.exponent) - power)
                    .ok()
                    .and_then(|index| self.digits.get(index).copied())
                    .unwrap_or(0)
            })
            .collect()
    }

    /// Returns bytes that compare like the numbers they stand for.
    pub fn order_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.digits.len() + 4);
        if self.digits.is_empty() {
            bytes.push(1);
            return bytes;
        }
        bytes.push(2);
        bytes.extend(self.exponent.wrapping_sub(i16::MIN).to_be_bytes());
        bytes.extend(self.digits.iter().map(|d| d + 1));
        bytes.push(0);
        if self.negative {
            for byte in &mut bytes {
                *byte = !*byte;
            }
            // The first byte tells negative (0), zero (1) and positive (2) apart.
            bytes[0] = 0;
        }
        bytes
    }

    /// Returns sign, exponent and digits, for storage.
    pub(super) fn parts(&self) -> (bool, i16, &[u8]) {
        (self.negative, self.exponent, &self.digits)
    }

    /// Returns the number of stored parts, if they are one in normal form.
    pub(super) fn from_parts(negative: bool, exponent: i16, digits: &[u8]) -> Option<Self> {
        let made = Self::from_digits(negative, digits.to_owned(), i64::from(exponent)).ok()?;
        (digits.iter().all(|d| *d < 10)
            && made.digits == digits
            && made.exponent == exponent
            && made.negative == negative)
            .then_some(made)
    }
}

fn parse_power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Anything of ten digits or more is out of range in every case; its exact size does not matter.
    let size = if digits.trim_start_matches('0').len() > 9 { 1_000_000_000 } else { digits.parse().ok()? };
    Some(if text.starts_with('-') { -size } else { size })
}

fn add_columns(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut sum: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let column = a + b + carry;
            carry = column / 10;
            column % 10
        })
        .collect();
    sum.reverse();
    sum
}

/// Returns `a - b` where `a >= b`.
fn subtract_columns(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = a
        .iter()
        .zip(b)
        .rev()
        .map(|(a, b)| {
            let column = 10 + a - b - borrow;
            borrow = u8::from(column < 10);
            column % 10
        })
        .collect();
    difference.reverse();
    difference
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order_bytes().cmp(&other.order_bytes())
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    /// Writes plain decimal text without exponent.
    ///
    /// Doubtful: whether DynamoDB answers very large and very small numbers with an exponent instead. One form is known.
    /// Source: scylladb/scylladb, test/alternator/test_number.py, which is run against DynamoDB and compares values, not texts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        let mut text = String::new();
        if self.negative {
            text.push('-');
        }
        let digits: String = self.digits.iter().map(|d| char::from(b'0' + d)).collect();
        match usize::try_from(self.exponent) {
            Ok(exponent) if exponent + 1 >= digits.len() => {
                text.push_str(&digits);
                text.push_str(&"0".repeat(exponent + 1 - digits.len()));
            }
            Ok(exponent) => {
                text.push_str(&digits[..=exponent]);
                text.push('.');
                text.push_str(&digits[exponent + 1..]);
            }
            Err(_) => {
                text.push_str("0.");
                text.push_str(&"0".repeat(usize::from(self.exponent.unsigned_abs()) - 1));
                text.push_str(&digits);
            }
        }
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_and_printed_in_normal_form() {
        for (text, printed) in [
            ("0", "0"),
            ("-0.000", "0"),
            ("007", "7"),
            ("+1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-12.34e1", "-123.4"),
            ("1E3", "1000"),
            ("1e-3", "0.001"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
            ("0e99999999999", "0"),
        ] {
            assert_eq!(Number::parse(text).map(|n| n.to_string()), Ok(printed.to_owned()), "{text}");
        }
        assert!(Number::parse("9.9999999999999999999999999999999999999E+125").is_ok());
        assert!(Number::parse("1E-130").is_ok());
    }

    // Messages: recorded against DynamoDB by the tests of the open-source emulator dynalite.
    #[test]
    fn what_is_no_number_is_refused_in_dynamodbs_words() {
        for (text, message) in [
            ("", "The parameter cannot be converted to a numeric value"),
            ("b", "The parameter cannot be converted to a numeric value: b"),
            ("1e", "The parameter cannot be converted to a numeric value: 1e"),
            ("--1", "The parameter cannot be converted to a numeric value: --1"),
            ("1.2.3", "The parameter cannot be converted to a numeric value: 1.2.3"),
            (".", "The parameter cannot be converted to a numeric value: ."),
            ("١", "The parameter cannot be converted to a numeric value: ١"),
            (
                "123456789012345678901234567890123456789",
                "Attempting to store more than 38 significant digits in a Number",
            ),
            (
                "1E126",
                "Number overflow. Attempting to store a number with magnitude larger than supported range",
            ),
            (
                "-1E99999999999999999999",
                "Number overflow. Attempting to store a number with magnitude larger than supported range",
            ),
            (
                "1E-131",
                "Number underflow. Attempting to store a number with magnitude smaller than supported range",
            ),
        ] {
            assert_eq!(Number::parse(text), Err(Invalid::new(message)), "{text}");
        }
    }

    #[test]
    fn sums_are_exact() {
        for (a, b, sum, difference) in [
            ("1", "2", "3", "-1"),
            ("99.5", "0.5", "100", "99"),
            ("-1", "1", "0", "-2"),
            ("0", "-3", "-3", "3"),
            ("3", "0", "3", "3"),
            ("1000", "0.001", "1000.001", "999.999"),
        ] {
            let (a, b) = (Number::parse(a).unwrap(), Number::parse(b).unwrap());
            assert_eq!(a.add(&b, false).unwrap().to_string(), sum);
            assert_eq!(a.add(&b, true).unwrap().to_string(), difference);
        }
        let (large, small) = (Number::parse("1E100").unwrap(), Number::parse("1").unwrap());
        assert!(large.add(&small, false).is_err(), "more than 38 digits");
    }

    proptest! {
        #[test]
        fn order_and_sum_agree_with_integers(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
            let (x, y) = (Number::parse(&a.to_string()).unwrap(), Number::parse(&b.to_string()).unwrap());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.add(&y, false).unwrap().to_string(), (a + b).to_string());
            prop_assert_eq!(x.add(&y, true).unwrap().to_string(), (a - b).to_string());
        }

        #[test]
        fn order_agrees_with_fractions(a in -9999_i32..9999, b in -9999_i32..9999, p in -9_i32..9, q in -9_i32..9) {
            let (x, y) = (Number::parse(&format!("{a}e{p}")).unwrap(), Number::parse(&format!("{b}e{q}")).unwrap());
            let value = |a: i32, p: i32| i128::from(a) * 10_i128.pow((p + 9).unsigned_abs());
            prop_assert_eq!(x.cmp(&y), value(a, p).cmp(&value(b, q)));
        }

        #[test]
        fn printing_and_reading_return_the_number(text in "-?[0-9]{1,20}(\\.[0-9]{1,18})?(e-?[0-9]{1,2})?") {
            if let Ok(number) = Number::parse(&text) {
                prop_assert_eq!(Number::parse(&number.to_string()), Ok(number));
            }
        }

        #[test]
        fn any_text_is_a_number_or_an_error(text in ".{0,40}") {
            let _ = Number::parse(&text);
        }
    }
}
