//! A template of CloudFormation, read back into a plan.
//!
//! | file | what |
//! |---|---|
//! | `yaml` | the tree of a YAML text, the same as that of JSON |
//! | `sections` | parameters, and what is declared |
//! | `values` | texts with functions in them, documents, numbers |
//! | `resources`, `table`, `fields` | the properties of each type, none passed over |
//! | `fault` | what is wrong, and where |
//!
//! What a world does not have (other types, other properties, functions that need a stack) is refused with its place: a template
//! that was half understood would be no measure for a world.

mod fault;
mod fields;
mod resources;
mod sections;
mod table;
mod values;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use super::id::Id;
use super::plan::Plan;
use crate::cloud::{AccountId, Region};
use crate::limits::template::FILE;
use crate::policy::Span;
use crate::policy::json;

use fault::Fault;
pub use fault::TemplateError;
use resources::{Parts, Reader};
use sections::{Declared, Kind};
use values::Values;

/// What a template is read for.
#[derive(Clone, Copy, Debug)]
pub struct For<'g> {
    /// The account whose number the template's `AWS::AccountId` is.
    pub account: &'g AccountId,
    pub region: &'g Region,
    /// Values of the template's parameters; the others have their defaults.
    pub parameters: &'g BTreeMap<String, String>,
    /// Whether resources of types that kmslab does not know are passed over instead of refused.
    pub skips_unknown: bool,
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub plan: Plan,
    /// What the template declares, in its order.
    pub resources: Vec<Stated>,
}

/// A resource as the template states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The logical id in the template.
    pub logical: String,
    /// The type, such as `AWS::KMS::Key`.
    pub type_name: String,
    /// What became of the resource in the plan: one resource, several of an inline policy that several have, none if it was
    /// passed over.
    pub own: Vec<Id>,
    /// Inline policies among its properties, each with its place in the list.
    pub embedded: Vec<(usize, Id)>,
    /// The properties that it states.
    pub properties: BTreeSet<String>,
    /// Whether the type is `AWS::IAM::Policy`, or none that kmslab knows.
    pub is_apart: bool,
}

/// Reads a template, JSON or YAML.
pub fn read(text: &str, wanted: &For<'_>) -> Result<Template, TemplateError> {
    checked(text, wanted).map_err(|fault| fault.in_text(text))
}

fn checked(text: &str, wanted: &For<'_>) -> Result<Template, Fault> {
    FILE.check(text.len()).map_err(|beyond| Fault::beyond(Span::default(), beyond))?;
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let root = if is_json { json::read(text).into_result()? } else { yaml::read(text)? };
    let mut values = Values::new(wanted.account.to_string(), wanted.region.to_string());
    let declared = sections::read(&root, wanted.parameters, wanted.skips_unknown, &mut values)?;
    for one in &declared {
        if let Some(referred) = resources::refer(one, &values)? {
            values.referred.insert(one.logical.to_owned(), referred);
        }
    }
    let mut reader = Reader::new(&declared, &values)?;
    let mut parts: BTreeMap<usize, Parts> = BTreeMap::new();
    // Aliases come before the tables that name them.
    let mut order: Vec<(usize, &Declared<'_>)> = declared.iter().enumerate().collect();
    order.sort_by_key(|(_, one)| one.kind);
    for (index, one) in order {
        parts.insert(index, reader.read(one)?);
    }
    let resources = reader.end();
    let stated = declared
        .iter()
        .zip(parts.into_values())
        .map(|(one, parts)| stated(one, parts))
        .collect::<Result<_, _>>()?;
    let plan = Plan {
        account: wanted.account.to_string(),
        region: wanted.region.to_string(),
        resources,
        left_out: Vec::new(),
    };
    Ok(Template { plan, resources: stated })
}

fn stated(declared: &Declared<'_>, parts: Parts) -> Result<Stated, Fault> {
    Ok(Stated {
        logical: declared.logical.to_owned(),
        type_name: declared.type_name.to_owned(),
        own: parts.own,
        embedded: parts.embedded,
        properties: declared.fields()?.names().map(str::to_owned).collect(),
        is_apart: matches!(declared.kind, Kind::Shared | Kind::Unknown),
    })
}
