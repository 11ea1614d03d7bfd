//! Document paths such as `a.b[2].c`: followed, written, removed.

use std::collections::BTreeMap;
use std::fmt;

use super::super::invalid::Invalid;
use super::super::value::{AttributeValue, Item};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute, or an entry of a map.
    Key(String),
    /// An element of a list.
    Index(usize),
}

/// A path from an item to a value inside it. The first step is always an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    pub attribute: String,
    /// The way on from there.
    pub rest: Vec<Step>,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.attribute)?;
        for step in &self.rest {
            match step {
                Step::Key(key) => write!(f, ", {key}")?,
                Step::Index(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}

impl Path {
    /// Tells whether this is the attribute `name` itself.
    pub fn is_attribute(&self, name: &str) -> bool {
        self.rest.is_empty() && self.attribute == name
    }

    /// Tells whether one of the two paths leads through the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.attribute == other.attribute && self.rest.iter().zip(&other.rest).all(|(a, b)| a == b)
    }

    /// Tells whether the two paths part where one takes a map to be and the other a list.
    pub fn conflicts(&self, other: &Self) -> bool {
        let parting = self.rest.iter().zip(&other.rest).find(|(a, b)| a != b);
        self.attribute == other.attribute
            && matches!(parting, Some((Step::Key(_), Step::Index(_)) | (Step::Index(_), Step::Key(_))))
    }

    /// Returns the value at the path.
    pub fn get<'a>(&self, item: &'a Item) -> Option<&'a AttributeValue> {
        self.rest.iter().try_fold(item.get(&self.attribute)?, |value, step| match (value, step) {
            (AttributeValue::M(map), Step::Key(key)) => map.get(key),
            (AttributeValue::L(list), Step::Index(index)) => list.get(*index),
            _ => None,
        })
    }

    /// Puts a value at the path. Everything but the last step must exist; an index behind a list's end appends.
    pub fn set(&self, item: &mut Item, value: AttributeValue) -> Result<(), Invalid> {
        let Some((end, way)) = self.rest.split_last() else {
            item.insert(self.attribute.clone(), value);
            return Ok(());
        };
        match (walk(item, &self.attribute, way), end) {
            (Some(AttributeValue::M(map)), Step::Key(key)) => {
                map.insert(key.clone(), value);
            }
            (Some(AttributeValue::L(list)), Step::Index(index)) => match list.get_mut(*index) {
                Some(element) => *element = value,
                None => list.push(value),
            },
            _ => return Err(invalid_for_update()),
        }
        Ok(())
    }

    /// Takes the value at the path away, if there is one.
    pub fn remove(&self, item: &mut Item) -> Result<(), Invalid> {
        let Some((end, way)) = self.rest.split_last() else {
            item.remove(&self.attribute);
            return Ok(());
        };
        match (walk(item, &self.attribute, way), end) {
            (Some(AttributeValue::M(map)), Step::Key(key)) => {
                map.remove(key);
            }
            (Some(AttributeValue::L(list)), Step::Index(index)) => {
                if *index < list.len() {
                    list.remove(*index);
                }
            }
            _ => return Err(invalid_for_update()),
        }
        Ok(())
    }
}

fn invalid_for_update() -> Invalid {
    Invalid::new("The document path provided in the update expression is invalid for update")
}

fn walk<'a>(item: &'a mut Item, attribute: &str, way: &[Step]) -> Option<&'a mut AttributeValue> {
    way.iter().try_fold(item.get_mut(attribute)?, |value, step| match (value, step) {
        (AttributeValue::M(map), Step::Key(key)) => map.get_mut(key),
        (AttributeValue::L(list), Step::Index(index)) => list.get_mut(*index),
        _ => None,
    })
}

/// Returns the parts of an item that the paths name. Elements of a list keep their order and close ranks.
pub fn project(item: &Item, paths: &[Path]) -> Item {
    let mut wanted: BTreeMap<&str, Vec<&[Step]>> = BTreeMap::new();
    for path in paths {
        wanted.entry(&path.attribute).or_default().push(&path.rest);
    }
    wanted
        .into_iter()
        .filter_map(|(name, rests)| Some((name.to_owned(), part(item.get(name)?, &rests)?)))
        .collect()
}

fn part(value: &AttributeValue, rests: &[&[Step]]) -> Option<AttributeValue> {
    let mut wanted: BTreeMap<&Step, Vec<&[Step]>> = BTreeMap::new();
    for rest in rests {
        match rest.split_first() {
            None => return Some(value.clone()),
            Some((step, rest)) => wanted.entry(step).or_default().push(rest),
        }
    }
    match value {
        AttributeValue::M(map) => {
            let parts: Item = wanted
                .iter()
                .filter_map(|(step, rests)| match step {
                    Step::Key(key) => Some((key.clone(), part(map.get(key)?, rests)?)),
                    Step::Index(_) => None,
                })
                .collect();
            (!parts.is_empty()).then_some(AttributeValue::M(parts))
        }
        AttributeValue::L(list) => {
            let parts: Vec<AttributeValue> = wanted
                .iter()
                .filter_map(|(step, rests)| match step {
                    Step::Index(index) => part(list.get(*index)?, rests),
                    Step::Key(_) => None,
                })
                .collect();
            (!parts.is_empty()).then_some(AttributeValue::L(parts))
        }
        AttributeValue::S(_)
        | AttributeValue::N(_)
        | AttributeValue::B(_)
        | AttributeValue::Bool(_)
        | AttributeValue::Null
        | AttributeValue::Ss(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Bs(_) => None,
    }
}
