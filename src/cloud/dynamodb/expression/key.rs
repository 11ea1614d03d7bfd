//! Key conditions: one partition, and what its sort key must be.

use super::super::invalid::Invalid;
use super::super::value::AttributeValue;
use super::condition::{Comparator, Operand};
use super::{Condition, Path};

/// The comparisons that a sort key can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOperator {
    /// `=`, `<`, `<=`, `>` or `>=`.
    Compare(Comparator),
    /// Between two values, both included.
    Between,
    BeginsWith,
}

/// A condition on the sort key.
#[derive(Clone, Debug, PartialEq)]
pub struct SortCondition {
    pub operator: SortOperator,
    /// One value; two for `Between`.
    pub values: Vec<AttributeValue>,
}

/// The condition of a `Query`.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCondition {
    /// The partition key's value.
    pub partition: AttributeValue,
    /// The condition on the sort key, if there is one.
    pub sort: Option<SortCondition>,
}

impl KeyCondition {
    /// Returns the condition on the keys of these names that `condition` amounts to.
    pub fn of(condition: Condition, partition: &str, sort: Option<&str>) -> Result<Self, Invalid> {
        let mut parts = Vec::new();
        flatten(condition, &mut parts)?;
        // Source: paritysuite/dynamodb-conformance, tests/tier3/error-messages/queryKeyConditionOperands.test.ts.
        let paths: Vec<&Path> = parts.iter().map(|(path, ..)| path).collect();
        if paths.iter().enumerate().any(|(n, path)| paths[..n].contains(path)) {
            return Err(Invalid::new(
                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
            ));
        }
        if parts.len() > 2 {
            return Err(Invalid(format!(
                "The number of query conditions ({}) exceeds the number of key attributes defined in the schema ({})",
                parts.len(),
                1 + usize::from(sort.is_some())
            )));
        }
        let mut partition_value = None;
        let mut sort_condition = None;
        let mut others = false;
        for (path, operator, values) in parts {
            if path.is_attribute(partition) && partition_value.is_none() {
                if operator != SortOperator::Compare(Comparator::Equal) {
                    return Err(Invalid::new("Query key condition not supported"));
                }
                partition_value = values.into_iter().next();
            } else if sort.is_some_and(|sort| path.is_attribute(sort)) && sort_condition.is_none() {
                sort_condition = Some(SortCondition { operator, values });
            } else {
                others = true;
            }
        }
        match (partition_value, others) {
            (None, _) => Err(Invalid(format!("Query condition missed key schema element: {partition}"))),
            (Some(_), true) => Err(match sort {
                Some(sort) if sort_condition.is_none() => {
                    Invalid(format!("Query condition missed key schema element: {sort}"))
                }
                _ => Invalid::new("Query key condition not supported"),
            }),
            (Some(partition), false) => Ok(Self { partition, sort: sort_condition }),
        }
    }
}

type Part = (Path, SortOperator, Vec<AttributeValue>);

fn flatten(condition: Condition, parts: &mut Vec<Part>) -> Result<(), Invalid> {
    let refuse =
        |operator: &str| Err(Invalid(format!("Invalid operator used in KeyConditionExpression: {operator}")));
    let part = match condition {
        Condition::And(a, b) => {
            flatten(*a, parts)?;
            return flatten(*b, parts);
        }
        Condition::Compare(_, Comparator::NotEqual, _) => return refuse("<>"),
        Condition::Compare(Operand::Path(path), comparator, Operand::Value(value)) => {
            (path, SortOperator::Compare(comparator), vec![value])
        }
        Condition::Compare(Operand::Value(value), comparator, Operand::Path(path)) => {
            (path, SortOperator::Compare(comparator.turned()), vec![value])
        }
        Condition::Between(Operand::Path(path), Operand::Value(low), Operand::Value(high)) => {
            (path, SortOperator::Between, vec![low, high])
        }
        Condition::BeginsWith(Operand::Path(path), Operand::Value(start)) => {
            (path, SortOperator::BeginsWith, vec![start])
        }
        Condition::Or(..) => return refuse("OR"),
        Condition::Not(_) => return refuse("NOT"),
        Condition::In(..) => return refuse("IN"),
        Condition::Exists(_) => return refuse("attribute_exists"),
        Condition::NotExists(_) => return refuse("attribute_not_exists"),
        Condition::Type(..) => return refuse("attribute_type"),
        Condition::Contains(..) => return refuse("contains"),
        Condition::Compare(..) | Condition::Between(..) | Condition::BeginsWith(..) => {
            return Err(Invalid::new("Query key condition not supported"));
        }
    };
    if !part.0.rest.is_empty() {
        return Err(Invalid::new("KeyConditionExpressions cannot have conditions on nested attributes"));
    }
    parts.push(part);
    Ok(())
}
