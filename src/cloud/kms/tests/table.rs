//! The table of what AWS publishes of each operation, as the tests read it.

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

/// Every operation that AWS has.
pub fn facts() -> Vec<Fact> {
    let table = include_str!("../../../../tests/data/kms-operations.tsv");
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [operation, cross_account, names, permissions] = cells[..] else { panic!("{cells:?}") };
            let permissions =
                permissions.split(' ').map(|one| one.split_once('@').expect("action@place")).collect();
            Fact { operation, cross_account, names, permissions }
        })
        .collect()
}

/// The operations that are not simulated.
const ABSENT: [&str; 6] = [
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "UpdateCustomKeyStore",
];

/// The operations that are simulated.
pub fn simulated() -> impl Iterator<Item = Fact> {
    facts().into_iter().filter(|fact| !ABSENT.contains(&fact.operation))
}
