//! The values of a template: texts with the functions of CloudFormation in them, documents, numbers, truth values.
//!
//! Source: CloudFormation Template Reference, "Intrinsic function reference" and "Pseudo parameters reference".

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::text::{Doc, Known, Piece, Text};
use super::fault::Fault;
use crate::cloud::arn::partition_of;
use crate::limits::{steps, template::FILLED};
use crate::policy::json::{Member, Node, Value};
use crate::policy::{Span, nearest};

/// Said of a function that is not read.
const READ: &str = "write the value itself, or one of Ref, Fn::GetAtt, Fn::Sub, Fn::Join";

/// What references to a resource stand for.
#[derive(Clone, Debug)]
pub struct Referred {
    /// What `Ref` gives; nothing if this type gives nothing that a text could hold.
    pub name: Option<Text>,
    /// What `Fn::GetAtt` gives, by the name of the attribute.
    pub attributes: Vec<(&'static str, Text)>,
}

/// What the names in a template stand for.
#[derive(Debug)]
pub struct Values {
    pub account: String,
    pub region: String,
    /// The values of the parameters.
    pub parameters: BTreeMap<String, String>,
    /// The resources by their logical ids.
    pub referred: BTreeMap<String, Referred>,
    /// How many bytes references have put into texts.
    filled: Cell<usize>,
}

impl Values {
    /// Begins with an account and a Region, and nothing that has a name.
    pub fn new(account: String, region: String) -> Self {
        let (parameters, referred) = (BTreeMap::new(), BTreeMap::new());
        Self { account, region, parameters, referred, filled: Cell::new(0) }
    }

    /// Reads a text, in which functions may stand.
    pub fn text(&self, node: &Node<'_>) -> Result<Text, Fault> {
        match (&node.value, function(node)) {
            (Value::String(text) | Value::Number(text), _) => Ok(self.literal(text)),
            (Value::Bool(value), _) => Ok(self.literal(if *value { "true" } else { "false" })),
            (_, Some((name, argument))) => self.function(node.span, name, argument),
            (Value::Null | Value::Array(_) | Value::Object(_), None) => {
                Err(Fault::new(node.span, format!("{} stands for a text", node.kind()), "write a text"))
            }
        }
    }

    /// Reads a text that is words, with the account's number in place of its references.
    pub fn words(&self, node: &Node<'_>) -> Result<String, Fault> {
        let text = self.text(node)?;
        if text.keys().next().is_some() {
            let message = "the id of a key is known once the key is made, and this must be known before";
            return Err(Fault::new(node.span, message, "write a text without a key in it"));
        }
        Ok(text.filled(&|_| self.account.clone()))
    }

    /// Reads a document, such as a policy.
    pub fn document(&self, node: &Node<'_>) -> Result<Doc, Fault> {
        if function(node).is_some() {
            return self.text(node).map(Doc::Text);
        }
        Ok(match &node.value {
            Value::Null => Doc::Plain(serde_json::Value::Null),
            Value::Bool(value) => Doc::Plain((*value).into()),
            Value::Number(number) => Doc::Plain(
                serde_json::from_str(number)
                    .map_err(|_| Fault::new(node.span, "no number of JSON", "put it in quotes"))?,
            ),
            Value::String(text) => Doc::Text(self.literal(text)),
            Value::Array(nodes) => {
                Doc::List(nodes.iter().map(|node| self.document(node)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let field = |member: &Member<'_>| {
                    self.document(&member.value).map(|value| (member.name.to_string(), value))
                };
                Doc::Fields(members.iter().map(field).collect::<Result<_, _>>()?)
            }
        })
    }

    /// Reads a policy, which must be an object.
    pub fn policy(&self, node: &Node<'_>) -> Result<Doc, Fault> {
        if function(node).is_some() || node.as_object().is_none() {
            let message = format!("a policy stands as {} here", node.kind());
            return Err(Fault::new(node.span, message, "write the policy as an object with Statement"));
        }
        self.document(node)
    }

    /// Reads a truth value.
    pub fn flag(&self, node: &Node<'_>) -> Result<bool, Fault> {
        match &*self.words(node)? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => {
                Err(Fault::new(node.span, format!("`{other}` is no truth value"), "write true or false"))
            }
        }
    }

    /// Reads a whole number.
    pub fn number<N: std::str::FromStr>(&self, node: &Node<'_>) -> Result<N, Fault> {
        let words = self.words(node)?;
        words.parse().map_err(|_| {
            Fault::new(node.span, format!("`{words}` is no number that fits here"), "write a whole number")
        })
    }

    /// Returns a text as it stands, the account's number a reference in it.
    fn literal(&self, text: &str) -> Text {
        steps::add(text.len());
        let keys = BTreeMap::new();
        Known { account: self.account.clone(), key_arn: String::new(), keys }.text(text)
    }

    fn function(&self, at: Span, name: &str, argument: &Node<'_>) -> Result<Text, Fault> {
        let wrong = |form: &str| Fault::new(argument.span, format!("{name} stands for a text here"), form);
        match name {
            "Ref" => {
                let refers =
                    argument.as_str().ok_or_else(|| wrong("write the name of a resource or a parameter"))?;
                let value = self.named(argument.span, refers)?;
                self.spent(value, argument.span)
            }
            "Fn::GetAtt" => {
                let both = match &argument.value {
                    Value::String(text) => text.split_once('.'),
                    Value::Array(nodes) => match nodes.as_slice() {
                        [resource, attribute] => resource.as_str().zip(attribute.as_str()),
                        _ => None,
                    },
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
                };
                let (resource, attribute) =
                    both.ok_or_else(|| wrong("write [\"Resource\", \"Attribute\"]"))?;
                let value = self.attribute(argument.span, resource, attribute)?;
                self.spent(value, argument.span)
            }
            "Fn::Sub" => self.sub(argument),
            "Fn::Join" => {
                let parts = argument.as_array().and_then(|parts| match parts {
                    [between, nodes] => Some((between.as_str()?, nodes.as_array()?)),
                    _ => None,
                });
                let (between, nodes) = parts.ok_or_else(|| wrong("write [\"between\", [\"texts\"]]"))?;
                let mut joined = Text::default();
                for (index, node) in nodes.iter().enumerate() {
                    if index > 0 {
                        self.put(&mut joined, &self.literal(between), argument.span)?;
                    }
                    self.put(&mut joined, &self.text(node)?, argument.span)?;
                }
                Ok(joined)
            }
            other => Err(Fault::new(at, format!("kmslab does not work out {other}"), READ)),
        }
    }

    /// Fills a text in: `${Name}`, `${Name.Attribute}`, `${!as it is}`.
    fn sub(&self, argument: &Node<'_>) -> Result<Text, Fault> {
        let form = "write a text, or [\"text\", {\"Name\": \"value\"}]";
        let wrong = || Fault::new(argument.span, "Fn::Sub stands for a text here", form);
        let (pattern, own) = match argument.one_or_many() {
            [pattern] => (pattern, None),
            [pattern, own] => (pattern, Some(own)),
            _ => return Err(wrong()),
        };
        let pattern = pattern.as_str().ok_or_else(wrong)?;
        let mut names = BTreeMap::new();
        for member in own.map(|own| own.as_object().ok_or_else(wrong)).transpose()?.unwrap_or_default() {
            names.insert(&*member.name, self.text(&member.value)?);
        }
        let at = argument.span;
        let mut filled = Text::default();
        let mut rest = pattern;
        while let Some((before, behind)) = rest.split_once("${") {
            self.put(&mut filled, &self.literal(before), at)?;
            let Some((inside, after)) = behind.split_once('}') else {
                return Err(Fault::new(
                    at,
                    "`${` has no end",
                    "write } behind the name, or ${!} for a dollar and a brace",
                ));
            };
            rest = after;
            let value = match (inside.strip_prefix('!'), names.get(inside), inside.split_once('.')) {
                (Some(literal), _, _) => self.literal(&format!("${{{literal}}}")),
                (None, Some(value), _) => value.clone(),
                (None, None, Some((resource, attribute))) => self.attribute(at, resource, attribute)?,
                (None, None, None) => self.named(at, inside)?,
            };
            self.put(&mut filled, &value, at)?;
        }
        self.put(&mut filled, &self.literal(rest), at)?;
        Ok(filled)
    }

    /// Adds a text to another, within the limit of what references put in.
    fn put(&self, text: &mut Text, more: &Text, at: Span) -> Result<(), Fault> {
        self.spend(more.pieces().iter().map(bytes).sum(), at)?;
        more.pieces().iter().for_each(|piece| text.push(piece.clone()));
        Ok(())
    }

    /// Returns what a reference puts in, within the limit.
    fn spent(&self, text: Text, at: Span) -> Result<Text, Fault> {
        self.spend(text.pieces().iter().map(bytes).sum(), at).map(|()| text)
    }

    /// Counts bytes that stand in the plan and not in the template, within their limit.
    pub fn spend(&self, bytes: usize, at: Span) -> Result<(), Fault> {
        steps::add(bytes);
        self.filled.set(self.filled.get().saturating_add(bytes));
        FILLED.check(self.filled.get()).map_err(|beyond| Fault::beyond(at, beyond))
    }

    /// Returns what `Ref` gives.
    fn named(&self, at: Span, name: &str) -> Result<Text, Fault> {
        let words = |words: &str| Ok(Text::from_iter([Piece::Words(words.to_owned())]));
        match name {
            "AWS::AccountId" => return Ok(Text::from_iter([Piece::Account])),
            "AWS::Region" => return words(&self.region),
            "AWS::Partition" => return words(partition_of(&self.region)),
            "AWS::URLSuffix" if partition_of(&self.region) == "aws" => return words("amazonaws.com"),
            _ => {}
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(self.literal(value));
        }
        let referred = self.referred.get(name).ok_or_else(|| self.unknown(at, name))?;
        referred.name.clone().ok_or_else(|| {
            Fault::new(
                at,
                format!("a reference to {name} stands for nothing that kmslab has"),
                "write the value itself",
            )
        })
    }

    /// Returns what `Fn::GetAtt` gives.
    fn attribute(&self, at: Span, name: &str, attribute: &str) -> Result<Text, Fault> {
        let Referred { attributes, .. } = self.referred.get(name).ok_or_else(|| self.unknown(at, name))?;
        let found = attributes.iter().find(|(known, _)| *known == attribute);
        found.map(|(_, text)| text.clone()).ok_or_else(|| {
            let known: Vec<&str> = attributes.iter().map(|(known, _)| *known).collect();
            let remedy = if known.is_empty() {
                "write the value itself".to_owned()
            } else {
                format!("known are {}", known.join(", "))
            };
            Fault::new(at, format!("kmslab knows no attribute {attribute} of {name}"), remedy)
        })
    }

    fn unknown(&self, at: Span, name: &str) -> Fault {
        let known = self.parameters.keys().chain(self.referred.keys()).map(String::as_str);
        let remedy = nearest(name, known)
            .map_or_else(|| "write the value itself".to_owned(), |near| format!("did you mean {near}?"));
        Fault::new(at, format!("`{name}` is no parameter, and no resource that can be named here"), remedy)
    }
}

/// About how much a piece takes.
fn bytes(piece: &Piece) -> usize {
    match piece {
        Piece::Words(words) => words.len(),
        Piece::Account | Piece::KeyArn(_) | Piece::KeyId(_) => 1,
    }
}

/// Returns the name and the argument of a function.
pub fn function<'n>(node: &'n Node<'n>) -> Option<(&'n str, &'n Node<'n>)> {
    match node.as_object() {
        Some([member]) if member.name == "Ref" || member.name.starts_with("Fn::") => {
            Some((&member.name, &member.value))
        }
        Some(_) | None => None,
    }
}
