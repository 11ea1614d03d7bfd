//! Templates: policies in which a tool fills in accounts, Regions and names later.

use super::mapped::Mapped;
use crate::limits;
use crate::policy::Span;
use crate::policy::json::{self, Node, Value};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const ROLE: &str = "arn:aws:iam::111122223333:role/placeholder";
const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The marks of a placeholder: what it begins and ends with.
const MARKS: [(&str, &str); 3] = [("${", "}"), ("{{", "}}"), ("<", ">")];

/// The policy with plausible values in place of what is filled in later, and the places of the strings that hold such
/// values. `None` if there is nothing to fill in.
pub(super) fn fill(text: &str) -> Option<(Mapped, Vec<Span>)> {
    let root = json::read(text).root?;
    let mut found = Vec::new();
    walk(&root, &[], &mut found);
    if found.is_empty() {
        return None;
    }
    let (mut mapped, mut strings, mut at) = (Mapped::new(), Vec::new(), 0);
    for (span, value) in found {
        mapped.take(text, Span::new(at, span.start));
        let start = mapped.text.len();
        mapped.put(&serde_json::Value::from(value).to_string(), span);
        strings.push(Span::new(start, mapped.text.len()));
        at = span.end;
    }
    mapped.take(text, Span::new(at, text.len()));
    Some((mapped, strings))
}

/// Collects the values that hold placeholders, in the order of the text, with what stands for them.
fn walk(node: &Node, path: &[&str], found: &mut Vec<(Span, String)>) {
    match &node.value {
        Value::String(text) => {
            if let Some(filled) = filled(text, path) {
                found.push((node.span, filled));
            }
        }
        Value::Array(nodes) => {
            for node in nodes {
                walk(node, path, found);
            }
        }
        Value::Object(members) => {
            if let [member] = members.as_slice()
                && is_function(&member.name)
            {
                found.push((node.span, result(&member.name, &member.value, path)));
                return;
            }
            for member in members {
                let path: Vec<&str> = path.iter().copied().chain([&*member.name]).collect();
                walk(&member.value, &path, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

// Source: AWS CloudFormation Template Reference, "intrinsic-function-reference"
fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

/// What a function of a template of AWS may come to.
fn result(name: &str, argument: &Node, path: &[&str]) -> String {
    let parts = argument.one_or_many();
    let text = |node: &Node| node.as_str().map(str::to_owned);
    match name {
        "Fn::Sub" => {
            let pattern = parts.first().and_then(text).unwrap_or_default();
            filled(&pattern, path).unwrap_or(pattern)
        }
        "Fn::Join" => {
            let separator = parts.first().and_then(text).unwrap_or_default();
            let pieces = parts.get(1).map(Node::one_or_many).unwrap_or_default();
            let inner = |node: &Node| match node.as_object() {
                Some([member]) => {
                    format!("${{{}}}", text(&member.value).unwrap_or_else(|| "Name".to_owned()))
                }
                Some(_) | None => text(node).unwrap_or_default(),
            };
            let joined = pieces.iter().map(inner).collect::<Vec<_>>().join(&separator);
            filled(&joined, path).unwrap_or(joined)
        }
        _ => value(None, &text(argument).or_else(|| parts.first().and_then(text)).unwrap_or_default(), path),
    }
}

/// A string with values in place of its placeholders; `None` if it has none.
fn filled(text: &str, path: &[&str]) -> Option<String> {
    let mut filled = Filled::default();
    let mut marks = Marks::new(text);
    let mut at = 0;
    while let Some((start, inside, after)) = marks.next(at) {
        let before = text.get(at..start).unwrap_or_default();
        let alone = at == 0 && start == 0 && after == text.len();
        filled.push(before);
        let arn_colons = if alone { None } else { filled.arn_colons };
        let stand_in = value(arn_colons, inside, if alone { path } else { &[] });
        filled.push(&stand_in);
        at = after;
    }
    filled.push(text.get(at..).unwrap_or_default());
    (at > 0).then_some(filled.text)
}

/// A text that grows, and how many colons follow in it from the last beginning of an ARN on.
#[derive(Default)]
struct Filled {
    text: String,
    arn_colons: Option<usize>,
}

impl Filled {
    fn push(&mut self, text: &str) {
        // The beginning of an ARN may reach over the seam.
        let begin = self.text.len();
        let mut from = begin.saturating_sub("arn".len());
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        self.text.push_str(text);
        let colons = |text: &str| text.matches(':').count();
        let grown = self.text.get(from..).unwrap_or_default();
        self.arn_colons = match grown.rfind("arn:") {
            Some(at) => Some(colons(grown.get(at..).unwrap_or_default())),
            None => self.arn_colons.map(|before| before + colons(text)),
        };
    }
}

/// The places of marks in a text. Each mark is looked for once from its last place on, so the text is read a few times,
/// however many marks it holds.
struct Marks<'a> {
    text: &'a str,
    known: [Option<(usize, Option<usize>)>; 2 * MARKS.len()],
}

impl<'a> Marks<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, known: [None; 2 * MARKS.len()] }
    }

    /// The first place of a mark, told by its number, from a byte on.
    fn find(&mut self, number: usize, mark: &str, from: usize) -> Option<usize> {
        let known = self.known.get_mut(number)?;
        let holds = |(start, found): &(usize, Option<usize>)| {
            *start <= from && found.is_none_or(|found| from <= found)
        };
        if let Some((_, found)) = known.filter(holds) {
            return found;
        }
        let found = self.text.get(from..).and_then(|rest| rest.find(mark)).map(|at| from + at);
        limits::steps::add(found.unwrap_or(self.text.len()).saturating_sub(from));
        *known = Some((from, found));
        found
    }

    /// The first placeholder from a byte on: where it begins, what stands inside of it, and where it ends.
    fn next(&mut self, from: usize) -> Option<(usize, &'a str, usize)> {
        let text = self.text;
        let mut skipped = from;
        loop {
            let mut first = None;
            for (number, (open, _)) in MARKS.iter().enumerate() {
                let found = self.find(2 * number, open, skipped).map(|at| (at, number));
                // Of two at one place the first in the list counts.
                first = first.into_iter().chain(found).min();
            }
            let (start, number) = first?;
            let (open, close) = MARKS.get(number)?;
            let inner = start + open.len();
            skipped = inner;
            let Some(end) = self.find(2 * number + 1, close, inner) else { continue };
            let inside = text.get(inner..end)?;
            // Between blanks these are signs of a comparison.
            let compares = *open == "<"
                && (inside.starts_with(char::is_whitespace) || inside.ends_with(char::is_whitespace));
            if is_name(inside) && !compares && !(*open == "${" && is_policy_variable(inside)) {
                return Some((start, inside, end + close.len()));
            }
        }
    }
}

/// Whether a text can be what a placeholder is called.
fn is_name(text: &str) -> bool {
    let first = text.trim_start().chars().next();
    first.is_some_and(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || " _-.:[]\"'(),$/|".contains(c))
}

/// Whether AWS itself fills in the value, when a request comes.
// Source: IAM User Guide, "reference_policies_variables"
fn is_policy_variable(inside: &str) -> bool {
    let name = inside.split(',').next().unwrap_or_default();
    let Some((vendor, key)) = name.split_once(':') else { return false };
    !key.is_empty() && !key.starts_with(':') && vendor.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A plausible value of a placeholder, by where it stands and what it is called. In an ARN it stands behind so many colons.
fn value(arn_colons: Option<usize>, name: &str, path: &[&str]) -> String {
    let name = name.to_lowercase();
    let said = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if let Some(colons) = arn_colons {
        let stand_in = match colons {
            1 => "aws",
            3 => REGION,
            4 => ACCOUNT,
            _ => "placeholder",
        };
        return stand_in.to_owned();
    }
    let is_in = |element: &str| path.contains(&element);
    let stand_in = match path.last().copied().unwrap_or_default() {
        "Service" => "s3.amazonaws.com",
        "AWS" | "Principal" | "NotPrincipal" if said(&["account"]) && !said(&["arn", "role", "user"]) => {
            ACCOUNT
        }
        "AWS" | "Principal" | "NotPrincipal" => ROLE,
        "Resource" | "NotResource" => KEY,
        "Action" | "NotAction" => "kms:DescribeKey",
        "Effect" => "Allow",
        "Version" => "2012-10-17",
        last if last.to_lowercase().ends_with("arn") && is_in("Condition") => ROLE,
        last if last.to_lowercase().ends_with("account") && is_in("Condition") => ACCOUNT,
        last if last.to_lowercase().ends_with("orgid") && is_in("Condition") => "o-placeholder0",
        _ if said(&["partition"]) => "aws",
        _ if said(&["suffix", "domain"]) => "amazonaws.com",
        _ if said(&["region"]) => REGION,
        _ if said(&["account"]) => ACCOUNT,
        _ if said(&["arn"]) => ROLE,
        _ if said(&["org"]) => "o-placeholder0",
        _ => "placeholder",
    };
    stand_in.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Source of the forms: the templates of Landing Zone Accelerator on AWS; AWS CloudFormation Template Reference
    #[test]
    fn placeholders_get_values_of_their_kind() {
        for (text, expected) in [
            (r#"{"AWS": "arn:aws:iam::${ACCOUNT_ID}:root"}"#, r#"{"AWS": "arn:aws:iam::111122223333:root"}"#),
            (r#"{"AWS": {"Ref": "AWS::AccountId"}}"#, r#"{"AWS": "111122223333"}"#),
            (
                r#"{"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}"#,
                r#"{"AWS": "arn:aws:iam::111122223333:role/placeholder"}"#,
            ),
            (
                r#"{"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}"}}"#,
                r#"{"AWS": "arn:aws:iam::111122223333:role/placeholder"}"#,
            ),
            (
                r#"{"AWS": {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}"#,
                r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
            ),
            (
                r#"{"Service": "logs.${AWS::Region}.amazonaws.com"}"#,
                r#"{"Service": "logs.us-east-1.amazonaws.com"}"#,
            ),
            (
                r#"{"kms:ViaService": "s3.{{ region }}.amazonaws.com"}"#,
                r#"{"kms:ViaService": "s3.us-east-1.amazonaws.com"}"#,
            ),
            (
                r#"{"AWS": "arn:aws:iam::<account-id>:role/app"}"#,
                r#"{"AWS": "arn:aws:iam::111122223333:role/app"}"#,
            ),
            (
                r#"{"Resource": "${aws_kms_key.this.arn}"}"#,
                r#"{"Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}"#,
            ),
        ] {
            let (filled, strings) = fill(text).expect(text);
            assert_eq!(filled.text, expected, "{text}");
            assert_eq!(strings.len(), 1, "{text}");
        }
        for plain in [
            r#"{"Resource": "arn:aws:s3:::b/${aws:username}/*"}"#,
            r#"{"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}"}"#,
            r#"{"Resource": "a${*}b${$}c${?}"}"#,
            r#"{"Sid": "a < b and c > d"}"#,
            r#"{"Sid": "${"}"#,
        ] {
            assert!(fill(plain).is_none(), "{plain}");
        }
    }
}
