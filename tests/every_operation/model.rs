//! The shapes of all inputs, from the models that the AWS CLI is made from.

use std::sync::LazyLock;

use serde_json::Value;

/// Service, operation and its members: name, type, whether it is required.
pub type Members = Vec<(String, String, bool)>;

/// The inputs of all operations and the types they are made of.
pub struct Model {
    services: Value,
}

pub static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let mut model: Value =
        serde_json::from_str(include_str!("../../assets/cli-model.json")).expect("the model is JSON");
    Model { services: model["services"].take() }
});

impl Model {
    /// The members of an operation's input.
    pub fn members(&self, service: &str, operation: &str) -> Members {
        let known = &self.services[service]["operations"][operation];
        assert!(known.is_object(), "no model of {service} {operation}");
        known["input"].as_str().map_or_else(Vec::new, |shape| self.structure(service, shape))
    }

    /// The members of a structure.
    pub fn structure(&self, service: &str, shape: &str) -> Members {
        let shape = self.shape(service, shape);
        let required = |name: &str| {
            shape["required"].as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)))
        };
        shape["members"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, kind)| (name.clone(), kind.as_str().unwrap_or("string").to_owned(), required(name)))
            .collect()
    }

    /// A type of several parts, or null for a scalar.
    pub fn shape(&self, service: &str, name: &str) -> &Value {
        &self.services[service]["shapes"][name]
    }
}
