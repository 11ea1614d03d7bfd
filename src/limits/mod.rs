//! What anything that comes from outside may be at most: the table of limits.
//!
//! Every reader of bytes that somebody else wrote (files, lines, the terminal, a socket) names its limits here, each with
//! the reason for its number. What goes beyond one is refused in words that name the limit; within them, time and memory
//! grow no faster than the input. The quotas of AWS are no limits in this sense: they stand beside the rules of their
//! services. `docs/limits.md` is made from this table.
//!
//! The files: `console`, `lab`, `policy`, `report`, `scenario`, `screen`, `template` and `wire` hold the rows, `file` reads files within a limit, `sink`
//! writes within one, `steps` counts work, `work` lets long work be given up.

pub mod console;
pub mod file;
pub mod lab;
pub mod policy;
pub mod report;
pub mod scenario;
pub mod screen;
pub mod sink;
pub mod steps;
pub mod template;
pub mod wire;
pub mod work;

use std::fmt;

/// The most that one kind of thing from outside may be.
#[derive(Debug, PartialEq, Eq)]
pub struct Limit {
    /// The limit's name in messages and on the page.
    pub name: &'static str,
    /// What has this limit, as it stands in a sentence: "a line at the console".
    pub what: &'static str,
    /// The largest count that is still accepted.
    pub most: u64,
    /// The thing that is counted.
    pub unit: Unit,
    /// Why the number is this one.
    pub reason: &'static str,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8 or of a file.
    Bytes,
    /// Cells of a terminal.
    Cells,
    /// Columns of a terminal.
    Columns,
    /// Entries of a list.
    Count,
    /// Decisions about access, see the scenarios' rows.
    Decisions,
    /// Things inside each other.
    Levels,
    /// Rows of a terminal.
    Rows,
    /// Seconds of the machine's clock, for work whose steps nobody can count before.
    Seconds,
    /// Steps of work, see [`steps`].
    Steps,
}

/// Says that something is beyond a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} has more than {}, the limit `{}`", .0.what, .0.amount(), .0.name)]
pub struct Exceeded(pub &'static Limit);

impl Limit {
    /// Returns the largest count that is still accepted, for lengths and sizes in memory.
    ///
    /// # Panics
    ///
    /// Where an address has 32 bits and the limit is larger than that, while the program is compiled.
    pub const fn size(&self) -> usize {
        assert!(self.most <= usize::MAX as u64, "the limit does not fit");
        #[expect(clippy::cast_possible_truncation, reason = "the line before refuses what does not fit")]
        let most = self.most as usize;
        most
    }

    /// Refuses a count that is beyond the limit.
    ///
    /// # Errors
    ///
    /// Returns [`Exceeded`], whose text names the limit.
    pub const fn check(&'static self, found: usize) -> Result<(), Exceeded> {
        if found as u64 > self.most { Err(Exceeded(self)) } else { Ok(()) }
    }

    /// Returns the limit as it is said: "1,048,576 bytes".
    pub fn amount(&self) -> String {
        let digits = self.most.to_string();
        let mut said = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                said.push(',');
            }
            said.push(digit);
        }
        format!("{said} {}", self.unit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Cells => "cells",
            Self::Columns => "columns",
            Self::Count => "entries",
            Self::Decisions => "decisions",
            Self::Levels => "levels",
            Self::Rows => "rows",
            Self::Seconds => "seconds",
            Self::Steps => "steps",
        })
    }
}

/// Returns all limits with the name of the part of kmslab that they belong to.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Limit)> {
    let parts = [
        ("Policies: `decide`, `lint`, the editor", policy::ALL),
        ("Scenario files: `run`, `check`, `play`", scenario::ALL),
        ("The console", console::ALL),
        ("Journals and exports", lab::ALL),
        ("Reports and hand-ins: `verify`, `grade`", report::ALL),
        ("Templates: `drift`", template::ALL),
        ("The screen", screen::ALL),
        ("The wire: `serve`", wire::ALL),
    ];
    parts.into_iter().flat_map(|(part, limits)| limits.iter().map(move |limit| (part, *limit)))
}

/// Makes one constant for each row, and `ALL` with all of them.
///
/// A row reads: `CONSTANT "name" "what has the limit": most Unit, "why";`
macro_rules! limits {
    ($($constant:ident $name:literal $what:literal: $most:expr, $unit:ident, $reason:literal;)*) => {
        $(
            /// The limit of this name in the table.
            pub static $constant: $crate::limits::Limit = $crate::limits::Limit {
                name: $name,
                what: $what,
                most: $most,
                unit: $crate::limits::Unit::$unit,
                reason: $reason,
            };
        )*

        /// Holds every limit of this part.
        pub(super) const ALL: &[&$crate::limits::Limit] = &[$(&$constant),*];
    };
}
use limits;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_said_with_its_number_its_unit_and_its_name() {
        let said = console::LINE.check(console::LINE.size() + 1).expect_err("too long").to_string();
        assert_eq!(said, "a line at the console has more than 1,048,576 bytes, the limit `console-line`");
        assert_eq!(console::LINE.check(console::LINE.size()), Ok(()));
    }

    #[test]
    fn work_is_counted_where_it_is_done() {
        let ((), outer) = steps::counted(|| {
            steps::add(3);
            let ((), inner) = steps::counted(|| steps::add(4));
            assert_eq!(inner, 4);
        });
        assert_eq!(outer, 7);
    }
}
