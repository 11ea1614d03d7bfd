//! The tables of what AWS publishes of each operation, as the tests read them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A row of `kms-operations.tsv`, which says what each column means.
/// Source: KMS API Reference, "Required permissions", "Cross-account use" and `KeyId` of each operation.
#[derive(Debug)]
pub struct Fact {
    pub operation: &'static str,
    pub cross_account: &'static str,
    pub names: &'static str,
    /// Action and the place that stands for a resource.
    pub permissions: Vec<(&'static str, &'static str)>,
}

/// The cells of each row of a table.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// Every operation that AWS has.
pub fn facts() -> Vec<Fact> {
    rows(include_str!("../../../../tests/data/kms-operations.tsv"))
        .map(|cells| {
            let [operation, cross_account, names, permissions] = cells[..] else { panic!("{cells:?}") };
            let permissions =
                permissions.split(' ').map(|one| one.split_once('@').expect("action@place")).collect();
            Fact { operation, cross_account, names, permissions }
        })
        .collect()
}

/// Those that are simulated.
pub fn simulated() -> impl Iterator<Item = Fact> {
    facts().into_iter().filter(|fact| !fact.operation.contains("CustomKeyStore"))
}

/// Whether an operation of KMS may answer a code: the API model names it, or `common-errors.tsv` says why not.
/// Source: KMS API Reference, "Errors" of each operation, and "Common Errors".
pub fn may_answer(operation: &str, code: &str) -> bool {
    static CODES: LazyLock<BTreeSet<(&str, &str)>> = LazyLock::new(|| {
        let modelled = rows(include_str!("../../../../tests/data/modelled-errors.tsv"))
            .filter(|row| row[0] == "kms")
            .flat_map(|row| row[2].split(',').map(move |code| (row[1], code)));
        let common = rows(include_str!("../../../../tests/data/common-errors.tsv"))
            .filter(|row| ["kms", "*"].contains(&row[0]))
            .map(|row| (row[1], row[2]));
        modelled.chain(common).collect()
    });
    CODES.contains(&(operation, code)) || CODES.contains(&("*", code))
}
