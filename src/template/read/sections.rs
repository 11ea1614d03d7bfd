//! The sections of a template: its parameters, and what it declares as resources.
//!
//! Source: CloudFormation User Guide, "CloudFormation template sections".

use std::collections::BTreeMap;

use super::super::id::{Id, Ids, Sort};
use super::fault::Fault;
use super::fields::Fields;
use super::values::{Values, function};
use crate::limits::template::RESOURCES;
use crate::policy::Span;
use crate::policy::json::Node;

/// The type of a policy that is put into several users, roles and groups, which no sort of a plan is.
const SHARED_POLICY: &str = "AWS::IAM::Policy";

/// The length of the longest logical id.
/// Source: CloudFormation User Guide, "Understand CloudFormation quotas", resource name.
const MOST_LOGICAL_BYTES: usize = 255;

/// What a resource of a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A resource of a plan.
    One(Sort),
    /// An inline policy of several users, roles and groups: `AWS::IAM::Policy`.
    Shared,
    /// A type that kmslab does not know, which is passed over.
    Unknown,
}

/// A resource as a template declares it.
#[derive(Debug)]
pub struct Declared<'n> {
    /// The logical id in the template.
    pub logical: &'n str,
    pub at: Span,
    pub kind: Kind,
    /// The type as it is written.
    pub type_name: &'n str,
    /// The resource's name in the plan, unless it is no single resource there.
    pub id: Option<Id>,
    /// The object of its properties, if it has one.
    pub properties: Option<&'n Node<'n>>,
}

impl<'n> Declared<'n> {
    /// Begins to take the properties.
    pub fn fields(&self) -> Result<Fields<'n>, Fault> {
        let of = self.type_name;
        match self.properties {
            Some(node) => Fields::of(of, node),
            None => Ok(Fields::none(of, self.at)),
        }
    }
}

/// Returns the resources of a template and fills in its parameters. `given` are values for them; `skips` tells whether types
/// that kmslab does not know are passed over.
pub fn read<'n>(
    root: &'n Node<'n>,
    given: &BTreeMap<String, String>,
    skips: bool,
    values: &mut Values,
) -> Result<Vec<Declared<'n>>, Fault> {
    let mut sections = Fields::of("a template", root)?;
    for passed_over in ["AWSTemplateFormatVersion", "Description", "Metadata", "Outputs"] {
        sections.take(passed_over);
    }
    // Only functions name what these declare, and those are refused where they stand.
    for passed_over in ["Mappings", "Conditions", "Rules"] {
        sections.take(passed_over);
    }
    if let Some(transform) = sections.take("Transform") {
        let message = "a Transform makes another template of this one, on AWS";
        return Err(Fault::new(transform.span, message, "read the template that it makes"));
    }
    let parameters = sections.take("Parameters");
    let resources = sections.need("Resources")?;
    sections.end()?;
    values.parameters = self::parameters(root.span, parameters, given, values)?;
    declared(resources, skips)
}

/// Returns the value of each parameter.
fn parameters(
    at: Span,
    section: Option<&Node<'_>>,
    given: &BTreeMap<String, String>,
    values: &Values,
) -> Result<BTreeMap<String, String>, Fault> {
    let mut found = BTreeMap::new();
    for member in section.map(|node| object("Parameters", node)).transpose()?.unwrap_or_default() {
        let name = &*member.name;
        let mut fields = Fields::of(format!("the parameter {name}"), &member.value)?;
        let of = fields.need("Type")?;
        let default = fields.take("Default");
        let kind = of.as_str().unwrap_or_default();
        if !["String", "Number"].contains(&kind) {
            let message = format!("the parameter {name} is neither a String nor a Number");
            return Err(Fault::new(of.span, message, "write its value where it is used"));
        }
        let default = default.map(|node| default_of(node, values)).transpose()?;
        let value = given.get(name).cloned().or(default).ok_or_else(|| {
            let remedy = format!("give it one: --parameter {name}=VALUE, in a scenario `parameters`");
            Fault::new(member.name_span, format!("the parameter {name} has no Default"), remedy)
        })?;
        found.insert(name.to_owned(), value);
    }
    match given.keys().find(|name| !found.contains_key(*name)) {
        None => Ok(found),
        Some(name) => Err(Fault::new(
            at,
            format!("the template has no parameter {name}"),
            "leave out --parameter for it",
        )),
    }
}

/// The default of a parameter: a text or a number, without a function.
fn default_of(node: &Node<'_>, values: &Values) -> Result<String, Fault> {
    if function(node).is_some() {
        return Err(Fault::new(node.span, "a Default has no functions", "write the text itself"));
    }
    values.words(node)
}

fn object<'n>(what: &str, node: &'n Node<'n>) -> Result<&'n [crate::policy::json::Member<'n>], Fault> {
    let wrong = || {
        Fault::new(node.span, format!("{what} is {}", node.kind()), "write an object with names and values")
    };
    node.as_object().filter(|_| function(node).is_none()).ok_or_else(wrong)
}

/// Returns what the section of resources declares, in its order.
fn declared<'n>(section: &'n Node<'n>, skips: bool) -> Result<Vec<Declared<'n>>, Fault> {
    let members = object("Resources", section)?;
    RESOURCES.check(members.len()).map_err(|beyond| Fault::beyond(section.span, beyond))?;
    let mut all = Vec::with_capacity(members.len());
    for member in members {
        let logical = &*member.name;
        // Source: CloudFormation User Guide, "Resources", on logical ids.
        let is_sound = (1..=MOST_LOGICAL_BYTES).contains(&logical.len());
        if !is_sound || !logical.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let remedy = format!("write 1 to {MOST_LOGICAL_BYTES} letters and digits");
            return Err(Fault::new(member.name_span, "no logical id", remedy));
        }
        let mut fields = Fields::of(format!("the resource {logical}"), &member.value)?;
        let of = fields.need("Type")?;
        let properties = fields.take("Properties");
        for passed_over in ["DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"] {
            fields.take(passed_over);
        }
        fields.end()?;
        let type_name = of.as_str().unwrap_or_default();
        let kind = kind(type_name);
        if kind == Kind::Unknown && !skips {
            let known = Sort::ALL.into_iter().filter_map(Sort::cloudformation).chain([SHARED_POLICY]);
            let known: Vec<&str> = known.collect();
            let message = format!("kmslab has no resource of the type `{type_name}`");
            let remedy = format!(
                "take {logical} out, or pass it over with --skip-unknown; known are {}",
                known.join(", ")
            );
            return Err(Fault::new(of.span, message, remedy));
        }
        all.push(Declared { logical, at: member.name_span, kind, type_name, id: None, properties });
    }
    name(&mut all);
    Ok(all)
}

fn kind(type_name: &str) -> Kind {
    if type_name == SHARED_POLICY {
        return Kind::Shared;
    }
    let sort = Sort::ALL.into_iter().find(|sort| sort.cloudformation() == Some(type_name));
    sort.map_or(Kind::Unknown, Kind::One)
}

/// Gives each resource its name in the plan: that which its logical id is made from, or a new one.
fn name(all: &mut [Declared<'_>]) {
    let mut ids = Ids::default();
    for own in [true, false] {
        for declared in all.iter_mut().filter(|declared| declared.id.is_none()) {
            let Kind::One(sort) = declared.kind else { continue };
            declared.id = if own {
                Id::of_logical(sort, declared.logical).filter(|id| ids.take(id))
            } else {
                Some(ids.give(sort, declared.logical))
            };
        }
    }
}
