//! The variables of a console: no more and no longer than their limits, and cheap to put aside.

use std::collections::BTreeMap;
use std::sync::Arc;

use rpds::RedBlackTreeMapSync;

use crate::limits::Exceeded;
use crate::limits::console::{VARIABLE, VARIABLES, VARIABLES_SIZE};

/// What a console has set, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    all: RedBlackTreeMapSync<String, Arc<str>>,
    /// The bytes of all names and values.
    bytes: usize,
}

/// What was set, and `None` for what was unset.
pub type Changes = BTreeMap<String, Option<String>>;

impl Variables {
    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(|value| &**value)
    }

    /// Returns the names of all variables in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// Sets a variable.
    ///
    /// # Errors
    ///
    /// If the value is too long, or there are too many.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Exceeded> {
        VARIABLE.check(value.len())?;
        let before = self.all.get(name).map(|before| name.len() + before.len());
        let bytes = self.bytes - before.unwrap_or(0) + name.len() + value.len();
        VARIABLES_SIZE.check(bytes)?;
        VARIABLES.check(self.all.size() + usize::from(before.is_none()))?;
        self.all.insert_mut(name.to_owned(), value.into());
        self.bytes = bytes;
        Ok(())
    }

    /// Unsets a variable, if it is set.
    pub fn unset(&mut self, name: &str) {
        self.bytes -= self.get(name).map_or(0, |value| name.len() + value.len());
        self.all.remove_mut(name);
    }

    /// Returns what has to be done with `before` to come to these.
    pub fn changes_since(&self, before: &Self) -> Changes {
        let is_new = |(name, value): &(&String, &Arc<str>)| before.all.get(*name) != Some(*value);
        let set = self.all.iter().filter(is_new);
        let unset = before.all.keys().filter(|name| !self.all.contains_key(*name));
        set.map(|(name, value)| (name.clone(), Some(value.to_string())))
            .chain(unset.map(|name| (name.clone(), None)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_lead_from_one_state_to_another() {
        let mut before = Variables::default();
        before.set("A", "1").expect("short");
        before.set("B", "2").expect("short");
        let mut after = before.clone();
        after.set("A", "3").expect("short");
        after.set("C", "").expect("short");
        after.unset("B");
        let changes = after.changes_since(&before);
        let expected = [("A", Some("3")), ("B", None), ("C", Some(""))];
        assert!(changes.iter().map(|(name, value)| (name.as_str(), value.as_deref())).eq(expected));
        assert_eq!(after.changes_since(&after.clone()), Changes::new());
    }

    #[test]
    fn neither_one_nor_all_grow_beyond_their_limits() {
        let mut all = Variables::default();
        let long = "x".repeat(VARIABLE.size());
        assert_eq!(all.set("A", &format!("{long}x")), Err(Exceeded(&VARIABLE)));
        for n in 0.. {
            match all.set(&format!("A{n}"), &long) {
                Ok(()) => assert!(n < 100),
                Err(exceeded) => {
                    assert_eq!(exceeded, Exceeded(&VARIABLES_SIZE));
                    break;
                }
            }
        }
        let mut many = Variables::default();
        for n in 0..VARIABLES.size() {
            many.set(&format!("A{n}"), "").expect("as many as there may be");
        }
        assert_eq!(many.set("B", ""), Err(Exceeded(&VARIABLES)));
        many.unset("A0");
        many.set("B", "").expect("there is room again");
    }
}
