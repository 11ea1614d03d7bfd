//! The members of an object of a template, taken one by one, so that none is passed over.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::values::Values;
use crate::policy::Span;
use crate::policy::json::{Member, Node};

/// The members of an object that are being taken.
#[derive(Debug)]
pub struct Fields<'n> {
    /// What has them, as it stands in a sentence.
    of: String,
    at: Span,
    members: &'n [Member<'n>],
    /// The names that were asked for: all that are known.
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Begins to take the members of an object.
    pub fn of(of: impl Into<String>, node: &'n Node<'n>) -> Result<Self, Fault> {
        let of = of.into();
        let members = node.as_object().ok_or_else(|| {
            Fault::new(node.span, format!("{of} is {}", node.kind()), "write an object with names and values")
        })?;
        Ok(Self { of, at: node.span, members, known: Vec::new() })
    }

    /// Begins where there is no object at all.
    pub fn none(of: impl Into<String>, at: Span) -> Self {
        Self { of: of.into(), at, members: &[], known: Vec::new() }
    }

    /// Returns the value of a member, if the object has it.
    pub fn take(&mut self, name: &'static str) -> Option<&'n Node<'n>> {
        self.known.push(name);
        self.members.iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// Returns the value of a member that must be there.
    pub fn need(&mut self, name: &'static str) -> Result<&'n Node<'n>, Fault> {
        let (of, at) = (self.of.clone(), self.at);
        self.take(name)
            .ok_or_else(|| Fault::new(at, format!("{of} has no {name}"), format!("write its {name}")))
    }

    /// Returns a text, if the object has it.
    pub fn words(&mut self, name: &'static str, values: &Values) -> Result<Option<String>, Fault> {
        self.take(name).map(|node| values.words(node)).transpose()
    }

    /// Returns the elements of a list; none if the object does not have it.
    pub fn list(&mut self, name: &'static str) -> Result<&'n [Node<'n>], Fault> {
        let wrong =
            |node: &Node<'_>| Fault::new(node.span, format!("{name} is {}", node.kind()), "write a list");
        let node = self.take(name);
        Ok(node.map(|node| node.as_array().ok_or_else(|| wrong(node))).transpose()?.unwrap_or_default())
    }

    /// Returns the tags by their keys.
    pub fn tags(&mut self, values: &Values) -> Result<BTreeMap<String, String>, Fault> {
        let mut tags = BTreeMap::new();
        for node in self.list("Tags")? {
            let mut tag = Fields::of("a tag", node)?;
            tags.insert(values.words(tag.need("Key")?)?, values.words(tag.need("Value")?)?);
            tag.end()?;
        }
        Ok(tags)
    }

    /// Returns the mistake of an object that cannot be here.
    pub fn misplaced(&self) -> Fault {
        Fault::new(self.at, format!("{} has no place here", self.of), "leave it out")
    }

    /// Returns the names of the members.
    pub fn names(&self) -> impl Iterator<Item = &'n str> {
        self.members.iter().map(|member| &*member.name)
    }

    /// Refuses a member that nobody asked for.
    pub fn end(self) -> Result<(), Fault> {
        match self.members.iter().find(|member| !self.known.contains(&&*member.name)) {
            None => Ok(()),
            Some(member) => Err(Fault::new(
                member.name_span,
                format!("kmslab knows no {} of {}", member.name, self.of),
                format!("leave it out; known are {}", self.known.join(", ")),
            )),
        }
    }
}
