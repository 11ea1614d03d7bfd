//! The YAML of a template, as the tree that JSON is read into. A short form such as `!Ref X` becomes `{"Ref": "X"}`.
//!
//! Aliases are refused, as CloudFormation does: so no text of some bytes stands for a tree of many.
//! Source: CloudFormation User Guide, "CloudFormation template format": aliases, hash merges and the tags binary, omap, pairs,
//! set and timestamp are not supported.

use std::borrow::Cow;
use std::collections::HashSet;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Tag, options};

use super::fault::Fault;
use crate::limits::policy::JSON_DEPTH;
use crate::limits::{Exceeded, steps};
use crate::policy::Span;
use crate::policy::json::{Member, Node, Value};

/// The words that YAML 1.1 takes as truth values and YAML 1.2 as texts.
const DOUBTFUL_WORDS: [&str; 4] = ["yes", "no", "on", "off"];

/// Reads one YAML document.
pub fn read(text: &str) -> Result<Node<'_>, Fault> {
    steps::add(text.len());
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: JSON_DEPTH.size(),
        block_nesting_limit: JSON_DEPTH.size(),
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        steps::add(1);
        let (event, span) = event.map_err(|error| unreadable(&error, text))?;
        let span = span.byte_range().map_or_else(Span::default, |range| Span::new(range.start, range.end));
        builder.take(event, span)?;
    }
    let end = Span::new(text.len(), text.len());
    builder.root.ok_or_else(|| Fault::new(end, "there is nothing in it", "write a template with Resources"))
}

/// Returns the mistake that the parser found.
fn unreadable(error: &ScanError, text: &str) -> Fault {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let span = Span::new(at, at);
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return Fault::beyond(span, Exceeded(&JSON_DEPTH));
    }
    // An alias of an anchor that is not there.
    if *error.kind() == ErrorKind::UnknownAnchor {
        return alias(span);
    }
    Fault::new(span, format!("no YAML: {}", error.info()), "mend it, or write the template as JSON")
}

fn alias(span: Span) -> Fault {
    Fault::new(span, "CloudFormation takes no aliases of YAML", "write what it stands for")
}

/// A list or an object that is not at its end.
struct Open<'a> {
    start: Span,
    tag: Option<Cow<'a, Tag>>,
    parts: Parts<'a>,
}

enum Parts<'a> {
    List(Vec<Node<'a>>),
    Fields {
        members: Vec<Member<'a>>,
        names: HashSet<Cow<'a, str>>,
        /// The name whose value comes next.
        name: Option<(Cow<'a, str>, Span)>,
    },
}

/// Makes the tree out of the events of the parser.
#[derive(Default)]
struct Builder<'a> {
    open: Vec<Open<'a>>,
    root: Option<Node<'a>>,
}

impl<'a> Builder<'a> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the parser may come to tell more")]
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, _, tag) => match self.open.last_mut().map(|open| &mut open.parts) {
                Some(Parts::Fields { names, name: name @ None, .. }) => {
                    if text == "<<" && style == ScalarStyle::Plain {
                        return Err(Fault::new(
                            span,
                            "CloudFormation merges no mappings",
                            "write out what it has",
                        ));
                    }
                    if !names.insert(text.clone()) {
                        return Err(Fault::new(span, format!("`{text}` stands twice"), "leave one of them"));
                    }
                    *name = Some((text, span));
                    Ok(())
                }
                Some(Parts::Fields { .. } | Parts::List(_)) | None => {
                    let node = scalar(text, style, tag.as_deref(), span)?;
                    self.add(node)
                }
            },
            Event::SequenceStart(_, _, tag) => self.begin(span, tag, Parts::List(Vec::new())),
            Event::MappingStart(_, _, tag) => {
                let parts = Parts::Fields { members: Vec::new(), names: HashSet::new(), name: None };
                self.begin(span, tag, parts)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { start, tag, parts }) = self.open.pop() else { return Ok(()) };
                let value = match parts {
                    Parts::List(nodes) => Value::Array(nodes),
                    Parts::Fields { members, .. } => Value::Object(members),
                };
                let node = Node { value, span: start.to(span) };
                self.add(tagged(node, tag.as_deref(), start)?)
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => Err(alias(span)),
            // Where texts and documents begin and end, and what was not asked for.
            _ => Ok(()),
        }
    }

    fn begin(&mut self, start: Span, tag: Option<Cow<'a, Tag>>, parts: Parts<'a>) -> Result<(), Fault> {
        if let Some(Open { parts: Parts::Fields { name: None, .. }, .. }) = self.open.last() {
            return Err(Fault::new(start, "a name is no text", "write a text before the colon"));
        }
        JSON_DEPTH.check(self.open.len()).map_err(|beyond| Fault::beyond(start, beyond))?;
        self.open.push(Open { start, tag, parts });
        Ok(())
    }

    /// Puts a value where it belongs.
    fn add(&mut self, node: Node<'a>) -> Result<(), Fault> {
        match self.open.last_mut().map(|open| &mut open.parts) {
            Some(Parts::List(nodes)) => nodes.push(node),
            Some(Parts::Fields { members, name, .. }) => {
                if let Some((name, name_span)) = name.take() {
                    members.push(Member { name, name_span, value: node });
                }
            }
            None if self.root.is_none() => self.root = Some(node),
            None => return Err(Fault::new(node.span, "a second document begins", "leave one in the file")),
        }
        Ok(())
    }
}

/// A text, a number, a truth value or nothing.
fn scalar<'a>(
    text: Cow<'a, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: Span,
) -> Result<Node<'a>, Fault> {
    let is_plain = style == ScalarStyle::Plain && tag.is_none();
    if is_plain && DOUBTFUL_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        let message = format!("`{text}` is a truth value in YAML 1.1 and a text in 1.2");
        return Err(Fault::new(span, message, "write true or false, or put it in quotes"));
    }
    let value = match &*text {
        "" | "~" | "null" | "Null" | "NULL" if is_plain => Value::Null,
        "true" | "True" | "TRUE" if is_plain => Value::Bool(true),
        "false" | "False" | "FALSE" if is_plain => Value::Bool(false),
        number if is_plain && is_number(number) => Value::Number(text),
        _ => Value::String(text),
    };
    tagged(Node { value, span }, tag, span)
}

/// Tells whether a plain text is a number as JSON writes numbers. What YAML 1.1 has beside them (`0x1F`, `1_000`, `017`) is taken
/// as a text, so that the number of an account keeps its zeros.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && serde_json::from_str::<f64>(text).is_ok_and(f64::is_finite)
}

/// Puts a value into the function that its tag is short for.
/// Source: CloudFormation Template Reference, "Intrinsic function reference", on the short form.
fn tagged<'a>(node: Node<'a>, tag: Option<&Tag>, at: Span) -> Result<Node<'a>, Fault> {
    let Some(tag) = tag else { return Ok(node) };
    let name = match (tag.handle(), tag.suffix()) {
        ("tag:yaml.org,2002:", "str" | "seq" | "map") => return Ok(node),
        ("!", "Ref") => Cow::Borrowed("Ref"),
        ("!", function) if !function.is_empty() => Cow::Owned(format!("Fn::{function}")),
        (handle, suffix) => {
            let message = format!("the tag `{handle}{suffix}` is none of CloudFormation's");
            return Err(Fault::new(at, message, "write the value without it"));
        }
    };
    let span = node.span;
    Ok(Node { value: Value::Object(vec![Member { name, name_span: at, value: node }]), span })
}
