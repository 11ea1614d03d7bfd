//! Update expressions: `SET`, `REMOVE`, `ADD` and `DELETE`.

use super::super::invalid::Invalid;
use super::super::value::{AttributeValue, Item};
use super::Path;

/// A value that `SET` assigns.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The value at a path.
    Path(Path),
    /// A value of the request.
    Value(AttributeValue),
    /// The value at a path if there is one, else the other.
    IfNotExists(Path, Box<Source>),
    /// Two lists in a row.
    ListAppend(Box<Source>, Box<Source>),
    /// The sum of two numbers.
    Plus(Box<Source>, Box<Source>),
    /// The difference of two numbers.
    Minus(Box<Source>, Box<Source>),
}

/// An `UpdateExpression` that was read and checked.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Update {
    /// The assignments of `SET`, in order.
    pub set: Vec<(Path, Source)>,
    /// The paths of `REMOVE`, in order.
    pub remove: Vec<Path>,
    /// The numbers and elements of sets that `ADD` adds, in order.
    pub add: Vec<(Path, AttributeValue)>,
    /// The elements of sets that `DELETE` takes away, in order.
    pub delete: Vec<(Path, AttributeValue)>,
}

impl Update {
    /// Tells whether the update takes something away and adds nothing: it makes no item where there is none.
    /// Source: DynamoDB's tests of the emulator alternator.
    pub fn only_takes_away(&self) -> bool {
        let takes = !self.remove.is_empty() || !self.delete.is_empty();
        takes && self.set.is_empty() && self.add.is_empty()
    }

    /// Returns every path the update changes.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let changed = self.add.iter().chain(&self.delete).map(|(path, _)| path);
        self.set.iter().map(|(path, _)| path).chain(&self.remove).chain(changed)
    }

    /// Returns the top-level attributes whose values the update reads.
    pub fn attributes_read(&self) -> Vec<&str> {
        fn collect<'a>(source: &'a Source, into: &mut Vec<&'a str>) {
            match source {
                Source::Path(path) => into.push(&path.attribute),
                Source::Value(_) => {}
                Source::IfNotExists(path, other) => {
                    into.push(&path.attribute);
                    collect(other, into);
                }
                Source::ListAppend(a, b) | Source::Plus(a, b) | Source::Minus(a, b) => {
                    collect(a, into);
                    collect(b, into);
                }
            }
        }
        let mut attributes = Vec::new();
        for (_, source) in &self.set {
            collect(source, &mut attributes);
        }
        attributes
    }
}

/// Returns the item after the update. Every value is taken from the item as it was before.
pub fn apply(update: &Update, before: &Item) -> Result<Item, Invalid> {
    let mut after = before.clone();
    for (path, source) in &update.set {
        path.set(&mut after, value(source, before)?)?;
    }
    for (path, value) in &update.add {
        path.set(&mut after, added(path.get(before), value)?)?;
    }
    for (path, value) in &update.delete {
        let Some(present) = path.get(before) else { continue };
        match without(present, value)? {
            Some(rest) => path.set(&mut after, rest)?,
            None => path.remove(&mut after)?,
        }
    }
    // From the highest index down, so that the indexes of the others stay true.
    let mut removals: Vec<&Path> = update.remove.iter().collect();
    removals.sort_by(|a, b| b.cmp(a));
    for path in removals {
        path.remove(&mut after)?;
    }
    Ok(after)
}

fn value(source: &Source, item: &Item) -> Result<AttributeValue, Invalid> {
    match source {
        Source::Value(value) => Ok(value.clone()),
        Source::Path(path) => path.get(item).cloned().ok_or_else(|| {
            Invalid::new("The provided expression refers to an attribute that does not exist in the item")
        }),
        Source::IfNotExists(path, other) => match path.get(item) {
            Some(found) => Ok(found.clone()),
            None => value(other, item),
        },
        Source::ListAppend(first, second) => match (value(first, item)?, value(second, item)?) {
            (AttributeValue::L(mut list), AttributeValue::L(more)) => {
                list.extend(more);
                Ok(AttributeValue::L(list))
            }
            _ => Err(wrong_type()),
        },
        Source::Plus(a, b) => arithmetic(&value(a, item)?, &value(b, item)?, false),
        Source::Minus(a, b) => arithmetic(&value(a, item)?, &value(b, item)?, true),
    }
}

/// Returns what `ADD` makes of a value: a sum, or a union of sets of one type.
/// Source: DynamoDB Developer Guide, "Using update expressions in DynamoDB", ADD.
fn added(present: Option<&AttributeValue>, value: &AttributeValue) -> Result<AttributeValue, Invalid> {
    match (present, value) {
        (None, value) => Ok(value.clone()),
        (Some(AttributeValue::N(a)), AttributeValue::N(b)) => Ok(AttributeValue::N(a.add(b, false)?)),
        (Some(AttributeValue::Ss(a)), AttributeValue::Ss(b)) => Ok(AttributeValue::Ss(a | b)),
        (Some(AttributeValue::Ns(a)), AttributeValue::Ns(b)) => Ok(AttributeValue::Ns(a | b)),
        (Some(AttributeValue::Bs(a)), AttributeValue::Bs(b)) => Ok(AttributeValue::Bs(a | b)),
        (Some(_), _) => Err(wrong_type()),
    }
}

/// Returns what `DELETE` leaves of a set; nothing if that is the empty set, which no attribute can hold.
/// Source: DynamoDB Developer Guide, "Using update expressions in DynamoDB", DELETE.
fn without(present: &AttributeValue, value: &AttributeValue) -> Result<Option<AttributeValue>, Invalid> {
    match (present, value) {
        (AttributeValue::Ss(a), AttributeValue::Ss(b)) => {
            Ok(Some(a - b).filter(|rest| !rest.is_empty()).map(AttributeValue::Ss))
        }
        (AttributeValue::Ns(a), AttributeValue::Ns(b)) => {
            Ok(Some(a - b).filter(|rest| !rest.is_empty()).map(AttributeValue::Ns))
        }
        (AttributeValue::Bs(a), AttributeValue::Bs(b)) => {
            Ok(Some(a - b).filter(|rest| !rest.is_empty()).map(AttributeValue::Bs))
        }
        _ => Err(wrong_type()),
    }
}

fn arithmetic(a: &AttributeValue, b: &AttributeValue, subtract: bool) -> Result<AttributeValue, Invalid> {
    match (a, b) {
        (AttributeValue::N(a), AttributeValue::N(b)) => Ok(AttributeValue::N(a.add(b, subtract)?)),
        _ => Err(wrong_type()),
    }
}

fn wrong_type() -> Invalid {
    Invalid::new("An operand in the update expression has an incorrect data type")
}
