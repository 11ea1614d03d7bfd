//! The template that a world is made from.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Step;
use crate::template::Template;

/// A template of CloudFormation that is kept beside the world. What it declares is made before everything in `accounts` but
/// users and roles; keys are called by their logical ids. What a learner changes since is drift, which the console's `drift`
/// tells and the check `drift` asks for. One of `json` and `yaml` is given.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateSpec {
    /// The account that it is for, one of `accounts`.
    pub account: String,
    /// The template as an object, such as `kmslab export --as cloudformation` writes.
    #[serde(default)]
    pub json: Option<Map<String, Value>>,
    /// The lines of the template in YAML.
    #[serde(default)]
    pub yaml: Vec<String>,
    /// Values of the template's parameters; the others have their defaults.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// What was read of it, once the whole scenario is read.
    #[serde(skip)]
    pub declared: Option<Declared>,
}

/// What a template declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// The resources that it declares, in its order.
    pub template: Template,
    /// The steps that make them.
    pub steps: Vec<Step>,
}

impl TemplateSpec {
    /// Returns the template as a text that people read.
    pub fn text(&self) -> String {
        match &self.json {
            Some(object) => format!("{:#}\n", Value::Object(object.clone())),
            None => self.yaml.iter().flat_map(|line| [line.as_str(), "\n"]).collect(),
        }
    }

    /// Returns the steps that make what the template declares.
    pub fn steps(&self) -> &[Step] {
        self.declared.as_ref().map(|declared| declared.steps.as_slice()).unwrap_or_default()
    }
}
