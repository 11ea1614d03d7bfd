//! Evaluates an expression of JMESPath within a budget.
//!
//! The library shares the parts of its values, so that `[@, @] | [@, @] | ..` is a small value in memory and a huge one as
//! soon as it is compared or printed. Here each value that an expression puts together is paid for with all that is in
//! it, and so nothing is larger than the work that was done for it.

use std::collections::BTreeMap;

use jmespath::ast::Ast;
use jmespath::{Context, ErrorReason, JmespathError, Rcvar, Runtime, RuntimeError, Variable};

use crate::limits::Exceeded;
use crate::limits::console::QUERY_STEPS;
use crate::limits::steps;

/// Why an expression has no value.
#[derive(Debug)]
pub enum NoValue {
    /// The expression asks for something that there is not.
    Expression(JmespathError),
    /// The evaluation would take too long, or its value would be too large.
    Limit(Exceeded),
}

impl From<JmespathError> for NoValue {
    fn from(error: JmespathError) -> Self {
        Self::Expression(error)
    }
}

impl From<Exceeded> for NoValue {
    fn from(exceeded: Exceeded) -> Self {
        Self::Limit(exceeded)
    }
}

/// The bytes of text that cost as much as one value.
const BYTES_A_STEP: usize = 16;

/// Returns the value of an expression for some data.
pub fn evaluate(text: &str, ast: &Ast, runtime: &Runtime, data: &Rcvar) -> Result<Rcvar, NoValue> {
    let mut evaluation =
        Evaluation { context: Context::new(text, runtime), runtime, taken: 0, tree: text.len() };
    let found = evaluation.value(data, ast);
    steps::add(evaluation.taken);
    found
}

struct Evaluation<'a> {
    context: Context<'a>,
    runtime: &'a Runtime,
    /// The steps that were taken.
    taken: usize,
    /// A bound for the size of a part of the expression.
    tree: usize,
}

impl Evaluation<'_> {
    fn pay(&mut self, steps: usize) -> Result<(), Exceeded> {
        self.taken = self.taken.saturating_add(steps);
        QUERY_STEPS.check(self.taken)
    }

    /// Pays for a value with all that is in it.
    fn pay_for(&mut self, value: &Variable) -> Result<(), Exceeded> {
        match value {
            Variable::Array(elements) => {
                self.pay(1)?;
                elements.iter().try_for_each(|element| self.pay_for(element))
            }
            Variable::Object(fields) => fields.iter().try_for_each(|(name, value)| {
                self.pay(1 + name.len() / BYTES_A_STEP)?;
                self.pay_for(value)
            }),
            Variable::String(text) => self.pay(1 + text.len() / BYTES_A_STEP),
            Variable::Null | Variable::Bool(_) | Variable::Number(_) => self.pay(1),
            Variable::Expref(_) => self.pay(self.tree),
        }
    }

    /// A value that was put together.
    fn made(&mut self, value: Variable) -> Result<Rcvar, NoValue> {
        self.pay_for(&value)?;
        Ok(Rcvar::new(value))
    }

    /// The value of an expression, as the specification has it.
    ///
    /// Source: JMESPath specification, "Grammar"; the same answers as `jmespath::interpret`.
    fn value(&mut self, data: &Rcvar, node: &Ast) -> Result<Rcvar, NoValue> {
        self.pay(1)?;
        match node {
            Ast::Identity { .. } => Ok(data.clone()),
            Ast::Field { name, .. } => Ok(data.get_field(name)),
            Ast::Literal { value, .. } => Ok(value.clone()),
            Ast::Index { idx, .. } => Ok(match usize::try_from(*idx) {
                Ok(at) => data.get_index(at),
                Err(_) => data.get_negative_index(idx.unsigned_abs() as usize),
            }),
            Ast::Subexpr { lhs, rhs, .. } => {
                let left = self.value(data, lhs)?;
                self.value(&left, rhs)
            }
            Ast::Or { lhs, rhs, .. } => {
                let left = self.value(data, lhs)?;
                if left.is_truthy() { Ok(left) } else { self.value(data, rhs) }
            }
            Ast::And { lhs, rhs, .. } => {
                let left = self.value(data, lhs)?;
                if left.is_truthy() { self.value(data, rhs) } else { Ok(left) }
            }
            Ast::Not { node, .. } => {
                let holds = self.value(data, node)?.is_truthy();
                Ok(Rcvar::new(Variable::Bool(!holds)))
            }
            Ast::Condition { predicate, then, .. } => {
                if self.value(data, predicate)?.is_truthy() {
                    self.value(data, then)
                } else {
                    Ok(Rcvar::new(Variable::Null))
                }
            }
            Ast::Comparison { comparator, lhs, rhs, .. } => {
                let (left, right) = (self.value(data, lhs)?, self.value(data, rhs)?);
                // What differs in its sort is told apart at once.
                if left.get_type() == right.get_type() {
                    self.pay_for(&left)?;
                }
                let holds = left.compare(comparator, &right);
                Ok(Rcvar::new(holds.map_or(Variable::Null, Variable::Bool)))
            }
            Ast::ObjectValues { node, .. } => {
                let values =
                    self.value(data, node)?.as_object().map(|fields| fields.values().cloned().collect());
                self.array(values)
            }
            Ast::Projection { lhs, rhs, .. } => {
                let left = self.value(data, lhs)?;
                let Some(elements) = left.as_array() else { return Ok(Rcvar::new(Variable::Null)) };
                let mut collected = Vec::new();
                for element in elements {
                    let value = self.value(element, rhs)?;
                    if !value.is_null() {
                        collected.push(value);
                    }
                }
                self.array(Some(collected))
            }
            Ast::Flatten { node, .. } => {
                let found = self.value(data, node)?;
                let flat =
                    |element: &Rcvar| element.as_array().cloned().unwrap_or_else(|| vec![element.clone()]);
                self.array(found.as_array().map(|elements| elements.iter().flat_map(flat).collect()))
            }
            Ast::MultiList { elements, .. } => {
                if data.is_null() {
                    return Ok(Rcvar::new(Variable::Null));
                }
                let values = elements.iter().map(|element| self.value(data, element));
                let values = values.collect::<Result<_, _>>()?;
                self.made(Variable::Array(values))
            }
            Ast::MultiHash { elements, .. } => {
                if data.is_null() {
                    return Ok(Rcvar::new(Variable::Null));
                }
                let mut fields = BTreeMap::new();
                for pair in elements {
                    fields.insert(pair.key.clone(), self.value(data, &pair.value)?);
                }
                self.made(Variable::Object(fields))
            }
            Ast::Function { name, args, offset } => self.function(data, name, args, *offset),
            Ast::Expref { ast, .. } => {
                self.pay(self.tree)?;
                Ok(Rcvar::new(Variable::Expref((**ast).clone())))
            }
            Ast::Slice { start, stop, step, offset } => {
                if *step == 0 {
                    self.context.offset = *offset;
                    let reason = ErrorReason::Runtime(RuntimeError::InvalidSlice);
                    return Err(JmespathError::from_ctx(&self.context, reason).into());
                }
                self.array(data.slice(*start, *stop, *step))
            }
        }
    }

    /// Elements that were there before, in a list of their own.
    fn array(&mut self, elements: Option<Vec<Rcvar>>) -> Result<Rcvar, NoValue> {
        self.pay(elements.as_ref().map_or(0, Vec::len))?;
        Ok(Rcvar::new(elements.map_or(Variable::Null, Variable::Array)))
    }

    fn function(&mut self, data: &Rcvar, name: &str, args: &[Ast], offset: usize) -> Result<Rcvar, NoValue> {
        let values: Vec<Rcvar> = args.iter().map(|arg| self.value(data, arg)).collect::<Result<_, _>>()?;
        // A function may look at all of what it is given, and return all of it.
        for value in &values {
            self.pay_for(value)?;
        }
        // `join` writes its first argument between all others.
        if let ("join", [glue, list]) = (name, values.as_slice())
            && let (Some(glue), Some(list)) = (glue.as_string(), list.as_array())
        {
            self.pay((glue.len() / BYTES_A_STEP).saturating_mul(list.len()))?;
        }
        // What the library evaluates for each element is evaluated here first, within the budget.
        for expression in values.iter().filter_map(|value| value.as_expref()) {
            for element in values.iter().filter_map(|value| value.as_array()).flatten() {
                let value = self.value(element, expression)?;
                self.pay_for(&value)?;
            }
        }
        self.context.offset = offset;
        let Some(function) = self.runtime.get_function(name) else {
            let reason = ErrorReason::Runtime(RuntimeError::UnknownFunction(name.to_owned()));
            return Err(JmespathError::from_ctx(&self.context, reason).into());
        };
        Ok(function.evaluate(&values, &mut self.context)?)
    }
}
