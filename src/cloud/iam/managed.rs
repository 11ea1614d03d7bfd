//! The AWS managed policies, embedded as AWS publishes them: all that moto collects, see `assets/generate`.
//!
//! A table says what is known of each; the documents lie compressed in blocks. A policy is read when it is first
//! needed: a block of 32 KB is opened for it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use jiff::Timestamp;
use serde_json::Value;

use super::customer_managed::Versions;
use super::stored_policy::StoredPolicy;
use crate::policy::PolicyKind;

/// A line each: name, path, default version, created, updated, block, line in the block. Sorted by name.
static TABLE: &str = include_str!("../../../assets/managed-policies.tsv");
/// The blocks, each a zlib stream behind its length in four bytes.
static BLOCKS: &[u8] = include_bytes!("../../../assets/managed-policies.zz");
/// The most bytes that a block holds when it is open. The longest document alone has 139,749.
const MAX_BLOCK_BYTES: usize = 256 << 10;

const PREFIX: &str = "arn:aws:iam::aws:policy";

/// An AWS managed policy.
#[derive(Debug)]
pub struct ManagedPolicy {
    /// The name, such as `AdministratorAccess`.
    pub name: &'static str,
    /// The path, such as `/` or `/service-role/`.
    pub path: &'static str,
    /// The number of the version in force, and since when it is.
    pub(super) default: u32,
    pub(super) updated: Timestamp,
    pub(super) created: Timestamp,
    block: usize,
    line: usize,
    policy: OnceLock<Option<Arc<StoredPolicy>>>,
}

static POLICIES: LazyLock<Vec<ManagedPolicy>> = LazyLock::new(|| {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(ManagedPolicy::of).collect()
});

/// Returns every AWS managed policy, sorted by name.
pub fn managed_policies() -> &'static [ManagedPolicy] {
    &POLICIES
}

/// Returns the AWS managed policy of that name.
pub fn managed_policy(name: &str) -> Option<&'static ManagedPolicy> {
    let at = POLICIES.binary_search_by(|policy| policy.name.cmp(name)).ok()?;
    POLICIES.get(at)
}

/// Returns the policy behind an ARN such as `arn:aws:iam::aws:policy/AdministratorAccess`.
pub(super) fn aws_managed(arn: &str) -> Option<Arc<StoredPolicy>> {
    found(arn)?.read()
}

/// Returns the version in force of the policy behind an ARN. Earlier ones are not embedded.
pub(super) fn aws_managed_versions(arn: &str) -> Option<Versions> {
    let found = found(arn)?;
    let all = BTreeMap::from([(found.default, (found.read()?, found.updated))]);
    let (default, created) = (found.default, found.created);
    Some(Versions { all, default, last: default, created, description: None, tags: BTreeMap::new() })
}

/// Returns the policy of an ARN.
pub(super) fn found(arn: &str) -> Option<&'static ManagedPolicy> {
    let wanted = arn.strip_prefix(PREFIX)?;
    let found = managed_policy(wanted.rsplit('/').next()?)?;
    (wanted.strip_prefix(found.path) == Some(found.name)).then_some(found)
}

impl ManagedPolicy {
    /// Takes a policy from its line of the table.
    fn of(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let (name, path) = (cells.next()?, cells.next()?);
        let default = cells.next()?.strip_prefix('v')?.parse().ok()?;
        let (created, updated) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
        let (block, line) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
        Some(Self { name, path, default, updated, created, block, line, policy: OnceLock::new() })
    }

    /// Returns the policy's ARN.
    pub fn arn(&self) -> String {
        format!("{PREFIX}{}{}", self.path, self.name)
    }

    fn read(&self) -> Option<Arc<StoredPolicy>> {
        self.policy.get_or_init(|| self.open().map(Arc::new)).clone()
    }

    fn open(&self) -> Option<StoredPolicy> {
        let block = open_block(self.block)?;
        let document: Value = serde_json::from_str(block.lines().nth(self.line)?).ok()?;
        StoredPolicy::read(&serde_json::to_string_pretty(&document).ok()?, PolicyKind::Identity).ok()
    }
}

/// Returns the documents of a block, a line each.
fn open_block(number: usize) -> Option<String> {
    let mut rest = BLOCKS;
    for _ in 0..number {
        rest = next_block(rest)?.1;
    }
    let (block, _) = next_block(rest)?;
    let open = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(block, MAX_BLOCK_BYTES).ok()?;
    String::from_utf8(open).ok()
}

/// Returns the first block and what follows it.
fn next_block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_leads_to_its_policy() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), POLICIES.len());
        assert!(POLICIES.len() > 1_400, "{}", POLICIES.len());
        assert!(POLICIES.is_sorted_by(|a, b| a.name < b.name));
        let unreadable: Vec<_> =
            POLICIES.iter().filter(|p| aws_managed(&p.arn()).is_none()).map(|p| p.name).collect();
        assert_eq!(unreadable, [""; 0]);
    }

    #[test]
    fn an_arn_names_the_path_too() {
        assert!(aws_managed("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess").is_some());
        assert!(aws_managed("arn:aws:iam::aws:policy/ViewOnlyAccess").is_none());
        assert!(aws_managed("arn:aws:iam::aws:policy/job-function/Nothing").is_none());
        let readers =
            aws_managed("arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess").expect("it is known");
        assert!(readers.text().contains("dynamodb:Scan"));
    }
}
