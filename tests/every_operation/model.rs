//! The shapes of all inputs, from the models that the AWS CLI is made from.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// Service, operation and its members: name, type, whether it is required.
pub type Members = Vec<(String, String, bool)>;

/// The inputs of all operations and the types they are made of.
pub struct Model {
    services: Value,
}

pub static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let mut model: Value =
        serde_json::from_str(include_str!("../../assets/cli-model.json")).expect("the model is JSON");
    let mut services = model["services"].take();
    services["organizations"] = organizations();
    Model { services }
});

/// The console does not speak Organizations, so its model is not among the assets.
/// Source: AWS Organizations API Reference.
fn organizations() -> Value {
    let operations = [
        ("CreateOrganization", json!({"FeatureSet": "string"}), vec![]),
        ("DescribeOrganization", json!({}), vec![]),
        ("ListRoots", json!({"NextToken": "string", "MaxResults": "integer"}), vec![]),
        (
            "EnablePolicyType",
            json!({"RootId": "string", "PolicyType": "string"}),
            vec!["RootId", "PolicyType"],
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": "string", "Name": "string", "Tags": "Tags"}),
            vec!["ParentId", "Name"],
        ),
        (
            "InviteAccountToOrganization",
            json!({"Target": "Party", "Notes": "string", "Tags": "Tags"}),
            vec!["Target"],
        ),
        (
            "MoveAccount",
            json!({"AccountId": "string", "SourceParentId": "string", "DestinationParentId": "string"}),
            vec!["AccountId", "SourceParentId", "DestinationParentId"],
        ),
        (
            "CreatePolicy",
            json!({"Content": "string", "Description": "string", "Name": "string", "Type": "string", "Tags": "Tags"}),
            vec!["Content", "Description", "Name", "Type"],
        ),
        (
            "UpdatePolicy",
            json!({"PolicyId": "string", "Name": "string", "Description": "string", "Content": "string"}),
            vec!["PolicyId"],
        ),
        ("AttachPolicy", json!({"PolicyId": "string", "TargetId": "string"}), vec!["PolicyId", "TargetId"]),
        ("DetachPolicy", json!({"PolicyId": "string", "TargetId": "string"}), vec!["PolicyId", "TargetId"]),
    ];
    let mut service = json!({"operations": {}, "shapes": {
        "Party": {"members": {"Id": "string", "Type": "string"}, "required": ["Id", "Type"]},
        "Tags": {"list": "Tag"},
        "Tag": {"members": {"Key": "string", "Value": "string"}, "required": ["Key", "Value"]},
    }});
    for (name, members, required) in operations {
        let shape = format!("{name}Request");
        service["operations"][name] = json!({"input": shape});
        service["shapes"][&shape] = json!({"members": members, "required": required});
    }
    service
}

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
