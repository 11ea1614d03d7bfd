//! What the AWS CLI knows of the services: operations, the names and types of their parameters, and their pages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::aws_line::kebab;

/// The services the console speaks, by the name the CLI gives them.
pub static SERVICES: LazyLock<BTreeMap<String, Service>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Model {
        #[serde(rename = "origin")]
        _origin: String,
        #[serde(rename = "date")]
        _date: String,
        services: BTreeMap<String, Service>,
    }
    // INVARIANT: the file is part of the program, and a test reads it, so it is well formed.
    let model: Result<Model, _> = serde_json::from_str(include_str!("../../assets/cli-model.json"));
    model.map(|model| model.services).unwrap_or_default()
});

/// A service as the AWS CLI's model describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The operations by AWS's names.
    pub operations: BTreeMap<String, Operation>,
    /// The types of several parts.
    pub shapes: BTreeMap<String, Shape>,
}

/// An operation as the AWS CLI's model describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The type of its input.
    pub input: Option<String>,
    /// The type of its output.
    pub output: Option<String>,
    /// The way in which the output comes in pages, if it does.
    pub pages: Option<Pages>,
}

/// How an output comes in pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// The parameter that asks for the next page.
    pub from: String,
    /// The field that says where it begins.
    pub next: String,
    /// The field that says whether there is one, where there is such a field.
    pub more: Option<String>,
    /// The fields that add up.
    pub results: Vec<String>,
    /// The fields that stay as in the first page.
    pub keeps: Vec<String>,
    /// The parameter that limits a page.
    pub limit: Option<String>,
}

/// A type of several parts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub enum Shape {
    Structure {
        /// The members and their types, in AWS's order.
        members: serde_json::Map<String, serde_json::Value>,
        #[serde(default)]
        required: Vec<String>,
        /// Whether exactly one member is set.
        #[serde(default, rename = "union")]
        _union: bool,
        /// The least length of texts and blobs, and the least value of numbers.
        #[serde(default)]
        least: BTreeMap<String, i64>,
    },
    List {
        /// The type of its elements.
        list: String,
        /// The least number of elements.
        #[serde(default)]
        least: i64,
        /// The least length or value of an element.
        #[serde(default)]
        each: i64,
    },
    /// A map from text.
    Map {
        /// The type of its values.
        map: String,
        /// The least length or value of a value.
        #[serde(default)]
        each: i64,
    },
}

/// A type by name: a word for a scalar, or a shape.
#[derive(Clone, Copy, Debug)]
pub enum Type<'a> {
    Text,
    Integer,
    Float,
    Boolean,
    Blob,
    Timestamp,
    Shape(&'a Shape),
}

impl Service {
    /// The type of that name.
    pub fn kind(&self, name: &str) -> Type<'_> {
        match name {
            "integer" => Type::Integer,
            "float" => Type::Float,
            "boolean" => Type::Boolean,
            "blob" => Type::Blob,
            "timestamp" => Type::Timestamp,
            other => self.shapes.get(other).map_or(Type::Text, Type::Shape),
        }
    }

    /// The operation the CLI calls so, with AWS's name.
    pub fn operation(&self, cli_name: &str) -> Option<(&str, &Operation)> {
        let found = self.operations.iter().find(|(name, _)| kebab(name) == cli_name);
        found.map(|(name, operation)| (name.as_str(), operation))
    }

    /// The members of a structure with their types.
    pub fn members<'a>(&'a self, shape: Option<&str>) -> Vec<(&'a str, Type<'a>)> {
        match shape.and_then(|name| self.shapes.get(name)) {
            Some(Shape::Structure { members, .. }) => {
                let kind = |value: &'a serde_json::Value| self.kind(value.as_str().unwrap_or("string"));
                members.iter().map(|(name, value)| (name.as_str(), kind(value))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The members that a structure must have.
    pub fn required(&self, shape: Option<&str>) -> &[String] {
        match shape.and_then(|name| self.shapes.get(name)) {
            Some(Shape::Structure { required, .. }) => required,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud;

    #[test]
    fn the_model_reads_and_every_name_in_it_means_something() {
        assert!(SERVICES.len() > 4, "{} services", SERVICES.len());
        for (name, service) in &*SERVICES {
            for (operation, details) in &service.operations {
                for shape in [&details.input, &details.output].into_iter().flatten() {
                    assert!(service.shapes.contains_key(shape), "{name} {operation} {shape}");
                }
            }
        }
    }

    /// An operation that the cloud has and the CLI's model lacks could not be called from the console.
    #[test]
    fn the_console_can_call_whatever_the_cloud_does() {
        for service in cloud::SERVICES {
            let Some(known) = SERVICES.get(service.prefix) else { continue };
            for operation in service.operations.iter().map(|support| support.operation) {
                assert!(known.operations.contains_key(operation), "{} {operation}", service.prefix);
            }
        }
    }
}
