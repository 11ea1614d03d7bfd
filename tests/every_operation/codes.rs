//! The error codes that AWS names for each operation. The tests beside KMS's code read this file, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Whether a code is among those that the API model names for the operation, or one that the model leaves out for a
/// reason that `common-errors.tsv` gives.
///
/// Source: the public AWS service models; "Common Errors" of the API References.
pub fn may_answer(service: &str, operation: &str, code: &str) -> bool {
    static MODELLED: LazyLock<BTreeMap<(&str, &str), Vec<&str>>> = LazyLock::new(|| {
        let rows = rows(include_str!("../data/modelled-errors.tsv"));
        rows.map(|[service, operation, codes, ..]| ((service, operation), codes.split(',').collect()))
            .collect()
    });
    static COMMON: LazyLock<BTreeSet<[&str; 3]>> = LazyLock::new(|| {
        let rows = rows(include_str!("../data/common-errors.tsv"));
        rows.map(|[service, operation, code, _]| [service, operation, code]).collect()
    });
    let modelled = MODELLED.get(&(service, operation));
    let modelled = modelled.unwrap_or_else(|| panic!("no error codes of {service} {operation}"));
    let common = [[service, operation, code], [service, "*", code], ["*", "*", code]];
    modelled.contains(&code) || common.iter().any(|row| COMMON.contains(row))
}

/// The first four cells of each row of a table.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}
