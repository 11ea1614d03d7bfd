//! From a step to a call: short names become ARNs, policy objects become text, edits become whole policies.

use serde_json::{Map, Value, json};

use super::format::CallStep;
use super::named_call::in_the_name_of;
use super::names::{Names, UnknownName};
use super::views;
use crate::cloud::{ApiError, Call, CallContext, Caller, World};
use crate::limits::scenario::EXPANDED;
use crate::limits::sink::pretty;
use crate::limits::{Exceeded, steps};

/// Why a step is no call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// A name in it stands for nothing.
    #[error(transparent)]
    Name(#[from] UnknownName),
    /// The step edits a policy in a way that does not fit.
    #[error("{0}")]
    Edit(String),
    /// The service has no such operation, or another shape of input.
    #[error("{0}")]
    Input(ApiError),
    /// The step would be too large.
    #[error(transparent)]
    Limit(#[from] Exceeded),
}

/// Fields that name a key. A short name or an alias's ARN becomes the key's ARN; an alias stays what it is.
const KEY_FIELDS: [&str; 5] = ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId", "KMSMasterKeyId"];

/// Fields that name a principal.
const PRINCIPAL_FIELDS: [&str; 5] =
    ["GranteePrincipal", "RetiringPrincipal", "RoleArn", "PolicySourceArn", "CallerArn"];

/// Fields that hold the text of a policy, or of an event pattern.
const POLICY_FIELDS: [&str; 6] =
    ["Policy", "PolicyDocument", "AssumeRolePolicyDocument", "Content", "EventPattern", "ResourcePolicy"];

/// Fields that hold the texts of several policies.
const POLICY_LISTS: [&str; 2] = ["PolicyInputList", "PermissionsBoundaryPolicyInputList"];

/// The call that a step makes.
pub(super) fn call_of(
    names: &mut Names,
    world: &World,
    step: &CallStep,
) -> Result<(Caller, Call), StepError> {
    let caller = names.caller_at(world, &step.caller)?;
    let (call, filled) = input_of(names, world, &step.operation, &step.with)?;
    names.fill(filled)?;
    let call = in_the_name_of(&caller, call, world);
    Ok((caller, call))
}

/// What a step asks for, if each name in it stands for something: what an earlier step has made may have another name.
pub fn asked_by(names: &Names, world: &World, step: &CallStep) -> Option<Call> {
    input_of(names, world, &step.operation, &step.with).ok().map(|(call, _)| call)
}

/// The call of `operation` with an input in which short names stand, and the bytes that placeholders have put in.
pub(super) fn input_of(
    names: &Names,
    world: &World,
    operation: &str,
    with: &Map<String, Value>,
) -> Result<(Call, usize), StepError> {
    let (service, name) = operation.split_once(':').unwrap_or((operation, ""));
    let mut input = with.clone();
    if operation == "kms:PutKeyPolicy" {
        edit_policy(names, world, &mut input)?;
    }
    let mut input = Value::Object(input);
    let mut filling = Filling { names, world, filled: 0 };
    filling.resolve(&mut input)?;
    let context = CallContext::in_region(names.region.clone());
    let call = Call::decode(service, name, input).map_err(StepError::Input)?.with_context(context);
    Ok((call, filling.filled))
}

/// A text with its placeholders filled in.
pub(super) fn filled(names: &Names, world: &World, text: &str) -> Result<String, StepError> {
    let mut text = text.to_owned();
    Filling { names, world, filled: 0 }.fill_text(&mut text)?;
    Ok(text)
}

/// A value with the placeholders in its texts filled in.
pub(super) fn filled_value(names: &Names, world: &World, value: &Value) -> Result<Value, StepError> {
    let mut value = value.clone();
    Filling { names, world, filled: 0 }.fill(&mut value)?;
    Ok(value)
}

/// A policy as AWS takes it: the text of an author's object, placeholders filled in.
pub(super) fn policy_text(names: &Names, world: &World, policy: &Value) -> Result<String, StepError> {
    Filling { names, world, filled: 0 }.policy_text(policy)
}

/// An input whose placeholders are being filled in.
struct Filling<'a> {
    names: &'a Names,
    world: &'a World,
    /// The bytes that were put in so far.
    filled: usize,
}

impl Filling<'_> {
    fn policy_text(&mut self, policy: &Value) -> Result<String, StepError> {
        let mut policy = self.whole(policy)?;
        self.fill(&mut policy)?;
        Ok(match policy {
            Value::String(text) => text,
            object @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)) => pretty(&object, b"  ", &EXPANDED)?,
        })
    }

    /// The policy that a list of statements stands for: each written out, or called by its name.
    fn whole(&self, policy: &Value) -> Result<Value, StepError> {
        let Some(parts) = policy.as_array() else { return Ok(policy.clone()) };
        let mut statements = Vec::new();
        for part in parts {
            match part.as_str() {
                Some(name) => statements.extend(self.names.statements_of(name)?),
                None => statements.push(part.clone()),
            }
        }
        Ok(json!({"Version": "2012-10-17", "Statement": statements}))
    }

    fn resolve(&mut self, value: &mut Value) -> Result<(), StepError> {
        match value {
            Value::Object(fields) => {
                for (field, value) in fields {
                    if POLICY_FIELDS.contains(&field.as_str()) && (value.is_object() || value.is_array()) {
                        *value = Value::String(self.policy_text(value)?);
                        continue;
                    }
                    if POLICY_LISTS.contains(&field.as_str()) {
                        for policy in value.as_array_mut().into_iter().flatten().filter(|it| it.is_object()) {
                            *policy = Value::String(self.policy_text(policy)?);
                        }
                    }
                    self.resolve(value)?;
                    let Value::String(text) = value else { continue };
                    if KEY_FIELDS.contains(&field.as_str()) && !text.starts_with("alias/") {
                        if let Ok(arn) = self.names.key(self.world, text) {
                            *text = arn;
                        }
                    } else if PRINCIPAL_FIELDS.contains(&field.as_str())
                        && !text.contains(':')
                        && let Some(arn) = self.names.principal_arn(self.world, text)
                    {
                        *text = arn;
                    }
                }
                Ok(())
            }
            Value::Array(elements) => elements.iter_mut().try_for_each(|element| self.resolve(element)),
            Value::String(text) => self.fill_text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn fill(&mut self, value: &mut Value) -> Result<(), StepError> {
        match value {
            Value::Object(fields) => fields.values_mut().try_for_each(|value| self.fill(value)),
            Value::Array(elements) => elements.iter_mut().try_for_each(|element| self.fill(element)),
            Value::String(text) => self.fill_text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    /// Replaces every `{{name}}` by what it stands for.
    ///
    /// A placeholder of twelve bytes may stand for an item of 400 KB: what is put in is counted before it is.
    fn fill_text(&mut self, text: &mut String) -> Result<(), StepError> {
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else { break };
            let value = self.names.placeholder(self.world, name)?;
            self.filled += value.len();
            EXPANDED.check(self.filled)?;
            filled += before;
            filled += &value;
            rest = after;
        }
        steps::add(text.len() + filled.len());
        if !filled.is_empty() || rest.len() < text.len() {
            *text = filled + rest;
        }
        Ok(())
    }
}

/// Turns `add`, `remove` and `replace` into the whole new policy of the key.
fn edit_policy(names: &Names, world: &World, input: &mut Map<String, Value>) -> Result<(), StepError> {
    let edits = ["remove", "replace", "add"].map(|edit| input.remove(edit));
    let [remove, replace, add] = edits;
    if remove.is_none() && replace.is_none() && add.is_none() {
        return Ok(());
    }
    let key = input.get("KeyId").and_then(Value::as_str).unwrap_or_default();
    let arn = names.key(world, key)?;
    let text = views::key_policy(world, &arn)
        .ok_or_else(|| StepError::Edit(format!("the key {key} has no policy to edit")))?;
    let mut policy: Value = serde_json::from_str(&text)
        .map_err(|_| StepError::Edit(format!("the policy of {key} is not plain JSON")))?;
    let mut statements = match policy.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    };
    let position = |statements: &[Value], sid: &Value| {
        let found = statements.iter().position(|statement| statement.get("Sid") == Some(sid));
        found.ok_or_else(|| StepError::Edit(format!("no statement of the key policy has the Sid {sid}")))
    };
    for sid in remove.iter().flat_map(one_or_many) {
        let at = position(&statements, sid)?;
        statements.remove(at);
    }
    let written = |statement: &Value| match statement.as_str() {
        Some(name) => names.statements_of(name),
        None => Ok(vec![statement.clone()]),
    };
    for statement in replace.iter().flat_map(one_or_many) {
        for statement in written(statement)? {
            let at = position(&statements, statement.get("Sid").unwrap_or(&Value::Null))?;
            statements.splice(at..=at, [statement]);
        }
    }
    for statement in add.iter().flat_map(one_or_many) {
        statements.extend(written(statement)?);
    }
    if let Some(fields) = policy.as_object_mut() {
        fields.insert("Statement".to_owned(), Value::Array(statements));
    }
    input.insert("Policy".to_owned(), policy);
    input.entry("PolicyName").or_insert(json!("default"));
    Ok(())
}

fn one_or_many(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}
