//! A pattern from its text. What is wrong is said as aws/event-ruler says it, with the place.

use std::net::IpAddr;

use serde_json::Value as Json;

use super::fields::{EventPattern, Field, Fields};
use super::wanted::{Part, Range, Wanted};
use crate::limits::Exceeded;
use crate::limits::policy::EVENT_PATTERN;
use crate::policy::json::{self, Member, Node, Value};
use crate::policy::{Cidr, Glob, GlobPart, Span};

/// Why a text is no event pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The text is no JSON, or a name stands twice in an object.
    #[error("{}", .0.message)]
    Json(json::Error),
    /// The text is longer than any pattern.
    #[error("{0}")]
    Limit(#[from] Exceeded),
    /// The JSON is no pattern, in the words of AWS.
    #[error("{reason}")]
    Pattern {
        /// The words for what is wrong.
        reason: String,
        /// The place of what is wrong.
        span: Span,
        /// The byte that AWS's reader stood at when it found out.
        at: usize,
    },
}

impl PatternError {
    /// Returns the place in the text.
    pub fn span(&self) -> Span {
        match self {
            Self::Json(error) => error.span,
            Self::Limit(_) => Span::new(0, 1),
            Self::Pattern { span, .. } => *span,
        }
    }

    /// Returns the byte that the message of the service names.
    pub fn at(&self) -> usize {
        match self {
            Self::Json(error) => error.span.start,
            Self::Limit(_) => 0,
            Self::Pattern { at, .. } => *at,
        }
    }
}

type Read<T> = Result<T, PatternError>;

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// If the text is no JSON, or the JSON no pattern.
    pub fn read(text: &str) -> Result<Self, PatternError> {
        EVENT_PATTERN.check(text.len())?;
        let node = json::read(text).into_result().map_err(PatternError::Json)?;
        let Some(members) = node.as_object() else { return wrong(&node, "Filter is not an object") };
        let mut reader = Reader { path: Vec::new(), absent: Vec::new() };
        let root = reader.fields(&node, members)?;
        Ok(Self { root, absent: reader.absent })
    }
}

/// Keeps the path of the field that is being read.
struct Reader {
    path: Vec<String>,
    absent: Vec<Vec<String>>,
}

impl Reader {
    fn fields(&mut self, node: &Node<'_>, members: &[Member<'_>]) -> Read<Fields> {
        if members.is_empty() {
            return wrong(node, "Empty objects are not allowed");
        }
        let mut fields = Fields::default();
        for member in members {
            if member.name == "$or" {
                fields.either.push(self.alternatives(&member.value)?);
            } else {
                self.path.push(member.name.to_string());
                let field = self.field(member)?;
                self.path.pop();
                fields.all.push((member.name.to_string(), field));
            }
        }
        Ok(fields)
    }

    fn field(&mut self, member: &Member<'_>) -> Read<Field> {
        match &member.value.value {
            Value::Object(members) => self.fields(&member.value, members).map(Field::Inside),
            Value::Array(elements) if elements.is_empty() => {
                wrong(&member.value, "Empty arrays are not allowed")
            }
            Value::Array(elements) => {
                let wanted: Read<Vec<Wanted>> = elements.iter().map(|element| self.wanted(element)).collect();
                wanted.map(Field::OneOf)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                wrong(&member.value, format!("\"{}\" must be an object or an array", member.name))
            }
        }
    }

    /// The alternatives of `$or`.
    // Source: User Guide, eb-create-pattern-operators, "Or matching"; aws/event-ruler, JsonRuleCompiler.
    fn alternatives(&mut self, node: &Node<'_>) -> Read<Vec<Fields>> {
        let Some(elements) = node.as_array() else {
            return wrong(node, "It must be an Array followed with $or.");
        };
        let mut alternatives = Vec::new();
        for element in elements {
            let Some(members) = element.as_object() else {
                return wrong(element, "Only JSON object is allowed in array of $or relationship.");
            };
            let reserved = members.iter().find(|member| RESERVED.contains(&&*member.name));
            if let Some(member) = reserved {
                let reason =
                    format!("{} is Ruler reserved fieldName which cannot be used inside $or.", member.name);
                return Err(fault(member.name_span, member.name_span.end, reason));
            }
            alternatives.push(self.fields(element, members)?);
        }
        if alternatives.len() < 2 {
            return wrong(node, "There must have at least 2 Objects in $or relationship.");
        }
        Ok(alternatives)
    }

    fn wanted(&mut self, node: &Node<'_>) -> Read<Wanted> {
        match &node.value {
            Value::String(text) => Ok(Wanted::Text(text.to_string())),
            Value::Number(text) => Ok(Wanted::Number(number(text))),
            Value::Bool(word) => Ok(Wanted::Word(Json::Bool(*word))),
            Value::Null => Ok(Wanted::Word(Json::Null)),
            Value::Object(_) => {
                let (name, operand) = only_member(node, "Match expression name not found")?;
                self.comparison(name, operand)
            }
            Value::Array(_) => wrong(node, "Match value must be String, number, true, false, or null"),
        }
    }

    fn comparison(&mut self, name: &Member<'_>, operand: &Node<'_>) -> Read<Wanted> {
        match &*name.name {
            "exactly" => text(operand, "exact match pattern must be a string").map(Wanted::Text),
            "prefix" => part(operand, "prefix").map(Wanted::Prefix),
            "suffix" => part(operand, "suffix").map(Wanted::Suffix),
            "equals-ignore-case" => {
                let text = text(operand, "equals-ignore-case match pattern must be a string")?;
                Ok(Wanted::IgnoreCase(text.to_lowercase()))
            }
            "wildcard" => wildcard(operand).map(Wanted::Wildcard),
            "numeric" => numeric(operand).map(Wanted::Numeric),
            "cidr" => cidr(operand).map(Wanted::Address),
            "exists" => match operand.value {
                Value::Bool(true) => Ok(Wanted::Exists),
                Value::Bool(false) => {
                    self.absent.push(self.path.clone());
                    Ok(Wanted::Absent(self.absent.len() - 1))
                }
                Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                    wrong(operand, "exists match pattern must be either true or false.")
                }
            },
            "anything-but" => anything_but(operand).map(Wanted::AnythingBut),
            other => {
                let reason = format!("Unrecognized match type {other}");
                Err(fault(name.name_span, name.name_span.end, reason))
            }
        }
    }
}

/// Names that are no fields inside of `$or`. Source: aws/event-ruler, Constants.
const RESERVED: [&str; 8] =
    ["exactly", "prefix", "suffix", "equals-ignore-case", "numeric", "cidr", "exists", "anything-but"];

/// What a value is not to be.
fn anything_but(node: &Node<'_>) -> Read<Vec<Wanted>> {
    match &node.value {
        Value::Array(elements) => {
            const MIXED: &str = "Inside anything but list, either all values are number or string, mixed type is not supported";
            let unwanted: Read<Vec<Wanted>> = elements.iter().map(unwanted).collect();
            let unwanted = unwanted?;
            let texts = unwanted.iter().filter(|unwanted| matches!(unwanted, Wanted::Text(_))).count();
            if unwanted.is_empty() || (texts > 0 && texts < unwanted.len()) {
                return wrong(node, MIXED);
            }
            Ok(unwanted)
        }
        Value::Object(_) => {
            let (name, operand) = only_member(node, "Anything-But expression name not found")?;
            let each: fn(&Node<'_>) -> Read<Wanted> = match &*name.name {
                "prefix" => |node| affix(node).map(Wanted::Prefix),
                "suffix" => |node| affix(node).map(Wanted::Suffix),
                "equals-ignore-case" => |node| {
                    const NO_TEXT: &str = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
                    text(node, NO_TEXT).map(|text| Wanted::IgnoreCase(text.to_lowercase()))
                },
                "wildcard" => |node| wildcard(node).map(Wanted::Wildcard),
                other => {
                    let reason = format!("Unsupported anything-but pattern: {other}");
                    return Err(fault(name.name_span, name.name_span.end, reason));
                }
            };
            operand.one_or_many().iter().map(each).collect()
        }
        Value::String(_) | Value::Number(_) => unwanted(node).map(|unwanted| vec![unwanted]),
        Value::Null | Value::Bool(_) => {
            wrong(node, "Value of anything-but must be an array or single string/number value.")
        }
    }
}

/// A text or a number that a value is not to be.
fn unwanted(node: &Node<'_>) -> Read<Wanted> {
    match &node.value {
        Value::String(text) => Ok(Wanted::Text(text.to_string())),
        Value::Number(text) => Ok(Wanted::Number(number(text))),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            wrong(node, "Inside anything but list, start|null|boolean is not supported.")
        }
    }
}

/// The beginning or the end that a value is not to have.
fn affix(node: &Node<'_>) -> Read<Part> {
    let text = text(node, "prefix/suffix match pattern must be a string")?;
    if text.is_empty() {
        return wrong(node, "Null prefix/suffix not allowed");
    }
    Ok(Part { text, ignores_case: false })
}

/// The operand of `prefix` and `suffix`: a text, or one whose case does not matter.
fn part(node: &Node<'_>, operator: &str) -> Read<Part> {
    if node.as_object().is_none() {
        let text = text(node, format!("{operator} match pattern must be a string"))?;
        return Ok(Part { text, ignores_case: false });
    }
    let capital = if operator == "prefix" { "Prefix" } else { "Suffix" };
    let (name, operand) = only_member(node, format!("{capital} expression name not found"))?;
    if name.name != "equals-ignore-case" {
        let reason = format!("Unsupported {operator} pattern: {}", name.name);
        return Err(fault(name.name_span, name.name_span.end, reason));
    }
    let text = text(operand, "equals-ignore-case match pattern must be a string")?;
    Ok(Part { text: text.to_lowercase(), ignores_case: true })
}

/// The operand of `wildcard`: `*` is any text, `\*` and `\\` are the characters themselves.
// Source: User Guide, eb-create-pattern-operators, "Matching using wildcards"; aws/event-ruler, WildcardParser
fn wildcard(node: &Node<'_>) -> Read<Glob> {
    let text = text(node, "wildcard match pattern must be a string")?;
    // The quotation mark before the text counts.
    let fail =
        |what: &str, at: usize| Err(fault(node.span, node.span.end, format!("{what} at pos {}", at + 1)));
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '*' => {
                if letters.next_if(|(_, next)| *next == '*').is_some() {
                    return fail("Consecutive wildcard characters", at);
                }
                if !plain.is_empty() {
                    parts.push(GlobPart::Text(std::mem::take(&mut plain)));
                }
                parts.push(GlobPart::Many);
            }
            '\\' => match letters.next_if(|(_, next)| matches!(next, '*' | '\\')) {
                Some((_, letter)) => plain.push(letter),
                None => return fail("Invalid escape character", at),
            },
            _ => plain.push(letter),
        }
    }
    if !plain.is_empty() {
        parts.push(GlobPart::Text(plain));
    }
    Ok(Glob::new(&parts))
}

/// The operand of `numeric`: a comparison, or two that make a range.
// Source: User Guide, eb-create-pattern-operators, "Numeric matching"; aws/event-ruler, JsonRuleCompiler.
fn numeric(node: &Node<'_>) -> Read<Range> {
    let Some(elements) = node.as_array() else { return wrong(node, "Value of numeric must be an array.") };
    let [operator, rest @ ..] = elements else { return wrong(node, "Invalid member in numeric match: ]") };
    let Some(sign) = operator.as_str() else {
        return wrong(operator, format!("Invalid member in numeric match: {}", shown(operator)));
    };
    if !["<", "<=", "=", ">", ">="].contains(&sign) {
        return wrong(operator, format!("Unrecognized numeric range operator: {sign}"));
    }
    let word = if sign == "=" { "equals" } else { sign };
    let (first, rest) = operand_of(word, operator, rest)?;
    let within = sign.ends_with('=');
    let range = match sign {
        "=" => Range { from: Some((first, true)), to: Some((first, true)) },
        "<" | "<=" => Range { from: None, to: Some((first, within)) },
        _ => Range { from: Some((first, within)), to: None },
    };
    let [second, rest @ ..] = rest else { return Ok(range) };
    if range.to.is_some() {
        return wrong(second, "Too many elements in numeric expression");
    }
    let Some(sign) = second.as_str() else {
        return wrong(second, format!("Bad value in numeric range: {}", shown(second)));
    };
    if !["<", "<="].contains(&sign) {
        return wrong(second, format!("Bad numeric range operator: {sign}"));
    }
    let (last, rest) = operand_of(sign, second, rest)?;
    if last <= first {
        return wrong(node, "Bottom must be less than top");
    }
    if let [too_many, ..] = rest {
        return wrong(too_many, "Too many terms in numeric range expression");
    }
    Ok(Range { to: Some((last, sign == "<=")), ..range })
}

/// The number behind an operator, and what follows.
fn operand_of<'n, 't>(word: &str, operator: &Node<'_>, rest: &'n [Node<'t>]) -> Read<(f64, &'n [Node<'t>])> {
    if let [Node { value: Value::Number(text), .. }, rest @ ..] = rest {
        return Ok((number(text), rest));
    }
    wrong(rest.first().unwrap_or(operator), format!("Value of {word} must be numeric"))
}

/// The operand of `cidr`. Source: User Guide, eb-create-pattern-operators, "IP address matching"; aws/event-ruler, CIDR.
fn cidr(node: &Node<'_>) -> Read<Cidr> {
    let text = text(node, "prefix match pattern must be a string")?;
    let Some((address, bits)) = text.split_once('/') else {
        return wrong(node, "Malformed CIDR, one '/' required");
    };
    let Ok(bits) = bits.parse::<i32>() else {
        return wrong(node, "Malformed CIDR, mask bits must be an integer");
    };
    if bits < 0 {
        return wrong(node, "Malformed CIDR, mask bits must not be negative");
    }
    match address.parse::<IpAddr>() {
        Err(_) => wrong(node, format!("Nonstandard IP address: {address}")),
        Ok(IpAddr::V4(_)) if bits > 31 => wrong(node, "IPv4 mask bits must be < 32"),
        Ok(IpAddr::V6(_)) if bits > 127 => wrong(node, "IPv6 mask bits must be < 128"),
        Ok(_) => Cidr::parse(&format!("{address}/{bits}"))
            .map_or_else(|| wrong(node, format!("Nonstandard IP address: {address}")), Ok),
    }
}

/// The name and the value of an object that has one field.
fn only_member<'n, 't>(
    node: &'n Node<'t>,
    otherwise: impl Into<String>,
) -> Read<(&'n Member<'t>, &'n Node<'t>)> {
    match node.as_object() {
        Some([member]) => Ok((member, &member.value)),
        Some([_, second, ..]) => {
            Err(fault(second.name_span, second.name_span.end, "Only one key allowed in match expression"))
        }
        Some([]) | None => wrong(node, otherwise),
    }
}

fn text(node: &Node<'_>, otherwise: impl Into<String>) -> Read<String> {
    node.as_str().map_or_else(|| wrong(node, otherwise), |text| Ok(text.to_owned()))
}

/// A number of JSON, which the reader has found to be finite.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

/// A value as AWS's reader shows it in a message.
fn shown(node: &Node<'_>) -> String {
    match &node.value {
        Value::String(text) | Value::Number(text) => text.to_string(),
        Value::Bool(word) => word.to_string(),
        Value::Null => "null".to_owned(),
        Value::Array(_) => "[".to_owned(),
        Value::Object(_) => "{".to_owned(),
    }
}

/// Says what is wrong with a value. AWS's reader has then read as much as it takes to know the value's type.
fn wrong<T>(node: &Node<'_>, reason: impl Into<String>) -> Read<T> {
    let at = if node.as_str().is_some() { node.span.start + 1 } else { node.span.end };
    Err(fault(node.span, at, reason))
}

fn fault(span: Span, at: usize, reason: impl Into<String>) -> PatternError {
    PatternError::Pattern { reason: reason.into(), span, at }
}
