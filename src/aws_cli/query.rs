//! `--query`: JMESPath, as the CLI reads it.
//!
//! This adds what the CLI has beside its expressions: objects that keep their order, and words for an expression that is
//! none.

use std::collections::BTreeMap;

use jmespath::ast::Ast;
use jmespath::{ErrorReason, JmespathError, RuntimeError};
use serde_json::{Map, Value};

use super::evaluate::NoValue;
use super::expression::Expression;
use super::usage_error::UsageError;

/// An expression that was read.
#[derive(Clone)]
pub struct Query {
    expression: Expression,
    /// The order of the fields that the expression itself puts together.
    orders: Orders,
}

/// The order of an object's fields, by the names of its fields.
type Orders = BTreeMap<Vec<String>, Vec<String>>;

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Query({})", self.expression.as_str())
    }
}

impl Query {
    /// Reads an expression of `--query`.
    pub fn new(text: &str) -> Result<Self, UsageError> {
        let bad = |reason: String| UsageError::Other(format!("Bad value for --query {text}: {reason}"));
        if text.is_empty() {
            return Err(bad("Invalid JMESPath expression: cannot be empty.".to_owned()));
        }
        let expression = Expression::new(text).map_err(|error| match error {
            NoValue::Expression(error) => bad(parse_error(text, &error)),
            NoValue::Limit(exceeded) => UsageError::Limit(exceeded),
        })?;
        let mut orders = Orders::new();
        of_expression(expression.as_ast(), &mut orders);
        Ok(Self { expression, orders })
    }

    /// Returns the part of a response that the expression picks.
    pub fn pick(&self, response: &Value) -> Result<Value, UsageError> {
        let failed = |error: NoValue| match error {
            NoValue::Limit(exceeded) => UsageError::Limit(exceeded),
            NoValue::Expression(error) => UsageError::Unexpected(match &error.reason {
                ErrorReason::Runtime(RuntimeError::UnknownFunction(name)) => {
                    format!("Unknown function: {name}()")
                }
                ErrorReason::Runtime(error) => error.to_string(),
                ErrorReason::Parse(error) => error.clone(),
            }),
        };
        let found = self.expression.search(response).map_err(failed)?;
        let found =
            serde_json::to_value(&*found).map_err(|error| UsageError::Unexpected(error.to_string()))?;
        let mut orders = Orders::new();
        of_value(response, &mut orders);
        orders.extend(self.orders.clone());
        Ok(ordered(found, &orders))
    }
}

/// The CLI's words for the commonest mistake, an expression that ends too early; the crate's for others.
fn parse_error(text: &str, error: &JmespathError) -> String {
    match &error.reason {
        ErrorReason::Parse(reason) if reason.ends_with("-- found Eof") => {
            let column = " ".repeat(text.chars().count() + 1);
            format!("Invalid jmespath expression: Incomplete expression:\n\"{text}\"\n{column}^")
        }
        ErrorReason::Parse(reason) if reason.starts_with("Unclosed ") => {
            let what = reason.split(": ").next().unwrap_or_default();
            format!("Bad jmespath expression: {what}:\n{text}\n{}^", " ".repeat(error.column))
        }
        ErrorReason::Parse(_) | ErrorReason::Runtime(_) => error.to_string().trim_end().to_owned(),
    }
}

/// The orders of the objects of a response.
fn of_value(value: &Value, orders: &mut Orders) {
    match value {
        Value::Object(fields) => {
            note(fields.keys().cloned().collect(), orders);
            fields.values().for_each(|value| of_value(value, orders));
        }
        Value::Array(elements) => elements.iter().for_each(|value| of_value(value, orders)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The orders of the objects that an expression puts together.
fn of_expression(ast: &Ast, orders: &mut Orders) {
    let mut each = |parts: &[&Ast]| parts.iter().for_each(|part| of_expression(part, orders));
    match ast {
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => each(&[lhs, rhs]),
        Ast::Condition { predicate, then, .. } => each(&[predicate, then]),
        Ast::Expref { ast: node, .. }
        | Ast::Flatten { node, .. }
        | Ast::Not { node, .. }
        | Ast::ObjectValues { node, .. } => each(&[node]),
        Ast::Function { args: parts, .. } | Ast::MultiList { elements: parts, .. } => {
            each(&parts.iter().collect::<Vec<_>>());
        }
        Ast::MultiHash { elements, .. } => {
            each(&elements.iter().map(|pair| &pair.value).collect::<Vec<_>>());
            note(elements.iter().map(|pair| pair.key.clone()).collect(), orders);
        }
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => {}
    }
}

fn note(names: Vec<String>, orders: &mut Orders) {
    let mut sorted = names.clone();
    sorted.sort();
    orders.insert(sorted, names);
}

/// A value whose objects have their fields in the order that is known for them.
fn ordered(value: Value, orders: &Orders) -> Value {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<String> = fields.keys().cloned().collect();
            sorted.sort();
            let mut fields: Map<String, Value> =
                fields.into_iter().map(|(name, value)| (name, ordered(value, orders))).collect();
            let mut out = Map::new();
            for name in orders.get(&sorted).unwrap_or(&sorted) {
                out.extend(fields.remove(name).map(|value| (name.clone(), value)));
            }
            Value::Object(out)
        }
        Value::Array(elements) => elements.into_iter().map(|value| ordered(value, orders)).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn pick(expression: &str, value: &Value) -> Result<Value, UsageError> {
        Query::new(expression)?.pick(value)
    }

    /// Source: what the AWS CLI picks of the same values.
    #[test]
    fn a_query_picks() {
        let value = json!({"KeyMetadata": {"KeyId": "1", "Arn": "a"}, "Items": [{"N": {"S": "x"}}, {"N": {"S": "y"}}]});
        for (expression, expected) in [
            ("KeyMetadata.KeyId", json!("1")),
            ("Items[].N.S", json!(["x", "y"])),
            ("Items[?N.S=='y'] | length(@)", json!(1)),
            ("Items[?N.S==`y`] | [0].N.S", json!("y")),
            ("Items[?N.S==`\"y\"`].N.S", json!(["y"])),
            ("Items[?N.S!=` y`].N.S", json!(["x"])),
            ("Items[].{A: N.S}[0]", json!({"A": "x"})),
            ("Items[].{A: N.S}[0].A", json!("x")),
            ("Items[*].{A: N.S}[?A=='y'].A", json!(["y"])),
            ("Items[?N.S=='y'].{A: N.S}[0]", json!({"A": "y"})),
            ("Items[].{A: N.S} | [1].A", json!("y")),
            ("Items[].{A: N.S}.A", json!(null)),
            ("KeyMetadata.{A: KeyId}.A", json!("1")),
            ("Items[].[N.S][0]", json!(["x"])),
            ("`a b`", json!("a b")),
            ("`1`", json!(1)),
            ("'`a`'", json!("`a`")),
            ("Items[?N.S>='y'].N.S", json!(["y"])),
            ("Items[?N.S<`y`].N.S", json!(["x"])),
            ("'a' > 'b'", json!(false)),
            ("`2` >= `2`", json!(true)),
            ("`2` < 'a'", json!(null)),
            ("abs(`-3`)", json!(3)),
            ("abs(`-3.5`)", json!(3.5)),
            ("sum(`[1, 2]`)", json!(3)),
            ("sum(`[1, 2.5]`)", json!(3.5)),
            ("[ceil(`1.2`), floor(`1.7`)]", json!([2, 1])),
            ("avg(`[1, 2]`)", json!(1.5)),
            ("Nothing", json!(null)),
        ] {
            assert_eq!(pick(expression, &value), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn objects_keep_their_order() {
        let value = json!({"Keys": [{"KeyId": "1", "Arn": "a", "B": {"y": 1, "x": 2}}]});
        for (expression, expected) in [
            ("Keys[0]", r#"{"KeyId":"1","Arn":"a","B":{"y":1,"x":2}}"#),
            ("Keys[].{Z: KeyId, A: B}", r#"[{"Z":"1","A":{"y":1,"x":2}}]"#),
            ("Keys[].{KeyId: KeyId, B: B, Arn: Arn}", r#"[{"KeyId":"1","B":{"y":1,"x":2},"Arn":"a"}]"#),
        ] {
            assert_eq!(pick(expression, &value).map(|found| found.to_string()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_query_that_is_none_says_so() {
        for (expression, says) in [
            (
                "Items[",
                "Bad value for --query Items[: Invalid jmespath expression: Incomplete expression:\n\"Items[\"\n       ^",
            ),
            (
                "Keys[?KeyId=='x'",
                "Bad value for --query Keys[?KeyId=='x': Invalid jmespath expression: Incomplete expression:\n\"Keys[?KeyId=='x'\"\n                 ^",
            ),
            ("a' b", "Bad value for --query a' b: Bad jmespath expression: Unclosed ' delimiter:\na' b\n ^"),
            ("", "Bad value for --query : Invalid JMESPath expression: cannot be empty."),
        ] {
            assert_eq!(Query::new(expression).map(drop), Err(UsageError::Other(says.to_owned())));
        }
        let said = Query::new("foo bar").expect_err("two names").to_string();
        assert!(said.starts_with("Bad value for --query foo bar: ") && !said.ends_with('\n'), "{said}");
        let unknown = UsageError::Unexpected("Unknown function: nofunc()".to_owned());
        assert_eq!(pick("nofunc(@)", &json!({})), Err(unknown));
        assert!(matches!(pick("length(a)", &json!({})), Err(UsageError::Unexpected(_))));
    }

    proptest! {
        #[test]
        fn any_expression_is_read_or_refused(text in "[a-c`'\"\\\\\\[\\]?{}:.,@&|= 0-9*()!<>]{0,20}") {
            if let Ok(query) = Query::new(&text) {
                let _either = query.pick(&json!({"a": [{"b": 1, "c": [2]}]}));
            }
        }
    }
}
