//! JMESPath expressions as the CLI's library understands them. The crate follows the specification; the library is older
//! and takes more: bare literals, texts that are put in order, whole numbers that stay whole.

use std::cmp::Ordering;
use std::sync::LazyLock;

use jmespath::ast::{Ast, Comparator};
use jmespath::functions::{ArgumentType, CustomFunction, Signature};
use jmespath::{Rcvar, Runtime, Variable};
use serde_json::{Number, Value};

use super::evaluate::{self, NoValue};
use super::nesting;

/// An expression that was read.
#[derive(Clone)]
pub struct Expression {
    text: String,
    ast: Ast,
}

impl Expression {
    /// Reads an expression of JMESPath.
    pub fn new(text: &str) -> Result<Self, NoValue> {
        nesting::check(text)?;
        let text = quoted_literals(text);
        let ast = closed(jmespath::parse(&text)?);
        Ok(Self { text, ast })
    }

    /// Returns the text of the expression.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what the text says, as a tree.
    pub fn as_ast(&self) -> &Ast {
        &self.ast
    }

    /// Returns the value of the expression for some data.
    pub fn search(&self, data: &Value) -> Result<Rcvar, NoValue> {
        let data = Rcvar::new(Variable::from_serializable(data)?);
        evaluate::evaluate(&self.text, &self.ast, &RUNTIME, &data)
    }
}

/// The functions, and under names that nobody can type the comparisons.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    let mut register = |name: &str, takes: ArgumentType, count: usize, f: fn(&[Rcvar]) -> Variable| {
        let signature = Signature::new(vec![takes; count], None);
        let f = CustomFunction::new(signature, Box::new(move |args, _| Ok(Rcvar::new(f(args)))));
        runtime.register_function(name, Box::new(f));
    };
    register("<", ArgumentType::Any, 2, |args| compared(args, Ordering::is_lt));
    register("<=", ArgumentType::Any, 2, |args| compared(args, Ordering::is_le));
    register(">", ArgumentType::Any, 2, |args| compared(args, Ordering::is_gt));
    register(">=", ArgumentType::Any, 2, |args| compared(args, Ordering::is_ge));
    register("abs", ArgumentType::Number, 1, |args| rounded(args, f64::abs, false));
    register("ceil", ArgumentType::Number, 1, |args| rounded(args, f64::ceil, true));
    register("floor", ArgumentType::Number, 1, |args| rounded(args, f64::floor, true));
    register("sum", ArgumentType::TypedArray(Box::new(ArgumentType::Number)), 1, |args| sum(&args[0]));
    runtime
});

fn sign(comparator: &Comparator) -> Option<&'static str> {
    match comparator {
        Comparator::LessThan => Some("<"),
        Comparator::LessThanEqual => Some("<="),
        Comparator::GreaterThan => Some(">"),
        Comparator::GreaterThanEqual => Some(">="),
        Comparator::Equal | Comparator::NotEqual => None,
    }
}

/// Numbers and texts have an order, each among themselves. Times are texts.
fn compared(args: &[Rcvar], holds: fn(Ordering) -> bool) -> Variable {
    let order = match (&*args[0], &*args[1]) {
        (Variable::Number(a), Variable::Number(b)) => {
            a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b))
        }
        (Variable::String(a), Variable::String(b)) => Some(a.cmp(b)),
        _ => None,
    };
    order.map_or(Variable::Null, |order| Variable::Bool(holds(order)))
}

/// A number changed; it stays whole if it was, or becomes so.
fn rounded(args: &[Rcvar], change: fn(f64) -> f64, becomes_whole: bool) -> Variable {
    let Some(number) = args[0].as_number() else { return Variable::Null };
    let was_whole = matches!(&*args[0], Variable::Number(n) if !n.is_f64());
    of_number(change(number), was_whole || becomes_whole)
}

fn sum(list: &Variable) -> Variable {
    let Variable::Array(all) = list else { return Variable::Null };
    let are_whole = all.iter().all(|one| matches!(&**one, Variable::Number(n) if !n.is_f64()));
    of_number(all.iter().filter_map(|one| one.as_number()).sum(), are_whole)
}

fn of_number(number: f64, is_whole: bool) -> Variable {
    /// Whole numbers up to this are exact.
    const EXACT: f64 = 9e15;
    let number = if is_whole && number.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
        Some(Number::from(number as i64))
    } else {
        Number::from_f64(number)
    };
    number.map_or(Variable::Null, Variable::Number)
}

/// The expression with its bare literals in quotes: `` `kim` `` is text, as it was before literals had to be JSON. The
/// CLI takes both, and much of AWS's documentation is written so. Source: JMESPath, JEP-12.
fn quoted_literals(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(open) = chars.next() {
        out.push(open);
        if !['\'', '"', '`'].contains(&open) {
            continue;
        }
        let mut inner = String::new();
        let mut is_closed = false;
        while let Some(c) = chars.next() {
            if c == open {
                is_closed = true;
                break;
            }
            inner.push(c);
            if c == '\\' {
                inner.extend(chars.next());
            }
        }
        let unescaped = inner.replace("\\`", "`");
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        let bare = format!("\"{}\"", inner.trim_start());
        let is_bare = open == '`' && is_closed && !is_json(&unescaped) && is_json(&bare.replace("\\`", "`"));
        out.push_str(if is_bare { &bare } else { &inner });
        if is_closed {
            out.push(open);
        }
    }
    out
}

/// The expression with its projections closed where the CLI closes them: behind `.{..}`. In `Keys[].{Id: KeyId}[0]` the
/// index picks the first of the objects, where the crate would look for it inside of each.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the crate's tree has 18 kinds of nodes; few hold a projection"
)]
fn closed(ast: Ast) -> Ast {
    let each = |parts: Vec<Ast>| parts.into_iter().map(closed).collect();
    let inner = |part: Box<Ast>| Box::new(closed(*part));
    match ast {
        Ast::Projection { offset, lhs, rhs } => {
            let (lhs, mut rhs) = (inner(lhs), inner(rhs));
            let filter = match *rhs {
                Ast::Condition { offset, predicate, then } => {
                    rhs = then;
                    Some((offset, predicate))
                }
                _ => None,
            };
            let project = |part: Ast| {
                let rhs = match filter {
                    Some((offset, predicate)) => Ast::Condition { offset, predicate, then: Box::new(part) },
                    None => part,
                };
                Ast::Projection { offset, lhs, rhs: Box::new(rhs) }
            };
            // What stands first on the right: an object that is put together takes the projection in, and what
            // follows it stays outside.
            let mut first = &mut *rhs;
            loop {
                match first {
                    Ast::Subexpr { lhs, .. } | Ast::Projection { lhs, .. } => first = lhs,
                    Ast::Flatten { node, .. } | Ast::ObjectValues { node, .. } => first = node,
                    _ => break,
                }
            }
            if matches!(first, Ast::MultiHash { .. }) {
                let hash = std::mem::replace(first, Ast::Identity { offset });
                *first = project(hash);
                return *rhs;
            }
            project(*rhs)
        }
        Ast::Comparison { offset, comparator, lhs, rhs } => {
            let (lhs, rhs) = (inner(lhs), inner(rhs));
            match sign(&comparator) {
                Some(sign) => Ast::Function { offset, name: sign.to_owned(), args: vec![*lhs, *rhs] },
                None => Ast::Comparison { offset, comparator, lhs, rhs },
            }
        }
        Ast::Condition { offset, predicate, then } => {
            Ast::Condition { offset, predicate: inner(predicate), then: inner(then) }
        }
        Ast::Expref { offset, ast } => Ast::Expref { offset, ast: inner(ast) },
        Ast::Flatten { offset, node } => Ast::Flatten { offset, node: inner(node) },
        Ast::Not { offset, node } => Ast::Not { offset, node: inner(node) },
        Ast::ObjectValues { offset, node } => Ast::ObjectValues { offset, node: inner(node) },
        Ast::And { offset, lhs, rhs } => Ast::And { offset, lhs: inner(lhs), rhs: inner(rhs) },
        Ast::Or { offset, lhs, rhs } => Ast::Or { offset, lhs: inner(lhs), rhs: inner(rhs) },
        Ast::Subexpr { offset, lhs, rhs } => Ast::Subexpr { offset, lhs: inner(lhs), rhs: inner(rhs) },
        Ast::Function { offset, name, args } => Ast::Function { offset, name, args: each(args) },
        Ast::MultiList { offset, elements } => Ast::MultiList { offset, elements: each(elements) },
        Ast::MultiHash { offset, mut elements } => {
            for pair in &mut elements {
                let value = std::mem::replace(&mut pair.value, Ast::Identity { offset });
                pair.value = closed(value);
            }
            Ast::MultiHash { offset, elements }
        }
        leaf @ (Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. }) => leaf,
    }
}
