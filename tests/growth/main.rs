//! How the work of each reader grows with its input: never faster than the input, or a limit answers.
//!
//! Every reader of bytes from outside is a row: a file of this folder with a [`frame::Reader`] in its `READERS`. The frame
//! gives it inputs of four shapes, each at three sizes, and counts steps of work (`kmslab::limits::steps`) and allocated
//! bytes. For a fourfold input both may be 4.75 times as many. Nothing here looks at a clock.
//!
//! `.ci/growth` prints the table. Which readers there are says `tests/limits/readers.rs`; each of its source files names the
//! rows that go through it.

use std::collections::BTreeSet;

mod beyond;
mod frame;
#[expect(dead_code, reason = "limits and fuzz targets are for tests/limits, whose list this is")]
#[path = "../limits/readers.rs"]
mod readers;

use readers::{Growth, READERS};

mod replay;

/// Declares the files with rows: a test for each of them, and the table of all.
macro_rules! files {
    ($($file:ident)*) => {
        $(mod $file;)*

        mod growth {
            $(
                #[test]
                fn $file() {
                    crate::frame::check(crate::$file::READERS);
                }
            )*
        }

        /// All rows in the order of the files.
        fn rows() -> impl Iterator<Item = &'static frame::Reader> {
            [$($file::READERS),*].into_iter().flatten()
        }
    };
}

files! {
    console decide event exceptions expression follow item journal json lab lint notes parameter pattern plain report scenario
    screen settings template terminal text wire
}

#[test]
fn each_reader_has_rows_for_each_of_its_files_and_each_row_is_one_of_a_reader() {
    let known: BTreeSet<&str> = rows().map(|row| row.name).collect();
    assert_eq!(known.len(), rows().count(), "no two rows have one name");
    let mut used = BTreeSet::new();
    for reader in READERS {
        for (file, growth) in reader.files {
            match growth {
                Growth::Rows(rows) => {
                    assert!(!rows.is_empty(), "{file} has no row in tests/growth");
                    for row in *rows {
                        assert!(known.contains(row), "{file}: tests/growth has no row `{row}`");
                        used.insert(*row);
                    }
                }
                Growth::Bounded(limit, why) => {
                    let small = limit.size() < 64 << 10;
                    assert!(small && !why.is_empty(), "{file}: `{}` bounds nothing here", limit.name);
                }
            }
        }
    }
    let lone: Vec<_> = known.difference(&used).collect();
    assert!(lone.is_empty(), "no file in tests/limits/readers.rs names these rows: {lone:?}");
}

#[test]
#[ignore = "prints the table of all readers, for `.ci/growth`"]
fn table() {
    let all: Vec<_> = rows().collect();
    println!("{}", frame::table(&all));
}
