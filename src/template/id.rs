//! Names of the resources of a plan, from which each form makes its own.

use std::collections::BTreeSet;
use std::fmt;

use crate::cloud::iam::Kind;

/// The sorts of resources, in the order in which a plan lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Group,
    User,
    Role,
    Key,
    Alias,
    /// A managed policy of the account.
    Policy,
    UserPolicy,
    RolePolicy,
    GroupPolicy,
    Table,
    Grant,
}

impl Sort {
    /// Every sort of resource that a label can be for.
    pub const ALL: [Self; 11] = [
        Self::Group,
        Self::User,
        Self::Role,
        Self::Key,
        Self::Alias,
        Self::Policy,
        Self::UserPolicy,
        Self::RolePolicy,
        Self::GroupPolicy,
        Self::Table,
        Self::Grant,
    ];

    /// Returns the word that names of this sort begin with.
    pub fn word(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::User => "User",
            Self::Role => "Role",
            Self::Key => "Key",
            Self::Alias => "Alias",
            Self::Policy => "Policy",
            Self::UserPolicy => "UserPolicy",
            Self::RolePolicy => "RolePolicy",
            Self::GroupPolicy => "GroupPolicy",
            Self::Table => "Table",
            Self::Grant => "Grant",
        }
    }

    /// Returns the type of CloudFormation, or `None` for a grant, which has none.
    ///
    /// Source: CloudFormation Template Reference, "Resource and property reference" of KMS, DynamoDB and IAM.
    pub fn cloudformation(self) -> Option<&'static str> {
        Some(match self {
            Self::Group => "AWS::IAM::Group",
            Self::User => "AWS::IAM::User",
            Self::Role => "AWS::IAM::Role",
            Self::Key => "AWS::KMS::Key",
            Self::Alias => "AWS::KMS::Alias",
            Self::Policy => "AWS::IAM::ManagedPolicy",
            Self::UserPolicy => "AWS::IAM::UserPolicy",
            Self::RolePolicy => "AWS::IAM::RolePolicy",
            Self::GroupPolicy => "AWS::IAM::GroupPolicy",
            Self::Table => "AWS::DynamoDB::Table",
            Self::Grant => return None,
        })
    }

    /// Returns the type of Terraform's provider for AWS.
    ///
    /// Source: Terraform Registry, `hashicorp/aws`, resources.
    pub fn terraform(self) -> &'static str {
        match self {
            Self::Group => "aws_iam_group",
            Self::User => "aws_iam_user",
            Self::Role => "aws_iam_role",
            Self::Key => "aws_kms_key",
            Self::Alias => "aws_kms_alias",
            Self::Policy => "aws_iam_policy",
            Self::UserPolicy => "aws_iam_user_policy",
            Self::RolePolicy => "aws_iam_role_policy",
            Self::GroupPolicy => "aws_iam_group_policy",
            Self::Table => "aws_dynamodb_table",
            Self::Grant => "aws_kms_grant",
        }
    }

    /// Returns the sort of a user, a role or a group.
    pub fn of_identity(kind: Kind) -> Self {
        match kind {
            Kind::User => Self::User,
            Kind::Role => Self::Role,
            Kind::Group => Self::Group,
        }
    }

    /// Returns the sort of an inline policy.
    pub fn of_inline(kind: Kind) -> Self {
        match kind {
            Kind::User => Self::UserPolicy,
            Kind::Role => Self::RolePolicy,
            Kind::Group => Self::GroupPolicy,
        }
    }
}

/// The name of a resource in a plan. As a text it is a logical id of CloudFormation, such as `KeyK1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub sort: Sort,
    /// Letters and digits, the first of them no small letter.
    label: String,
}

impl Id {
    /// Takes a label as it is.
    pub fn new(sort: Sort, label: &str) -> Self {
        Self { sort, label: label.to_owned() }
    }

    /// Reads a logical id of a resource of that sort. `None` if this program would not have called it so.
    pub fn of_logical(sort: Sort, logical: &str) -> Option<Self> {
        let label = logical.strip_prefix(sort.word())?;
        let is_sound = !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric())
            && !label.starts_with(|c: char| c.is_ascii_lowercase());
        is_sound.then(|| Self::new(sort, label))
    }

    /// Returns the label under which a resource is referred to.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the name for Terraform and the shell: small letters and underscores.
    pub fn snake(&self) -> String {
        let mut name = String::with_capacity(self.label.len() + 4);
        let mut before: Option<char> = None;
        for c in self.label.chars() {
            if c.is_ascii_uppercase() && before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
            before = Some(c);
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        name
    }

    /// Returns the address in Terraform.
    pub fn address(&self) -> String {
        format!("{}.{}", self.sort.terraform(), self.snake())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.sort.word(), self.label)
    }
}

/// Hands out names, each once, whatever the case of its letters.
#[derive(Debug, Default)]
pub struct Ids {
    taken: BTreeSet<String>,
}

impl Ids {
    /// Returns a name after `words`. The same words in the same order lead to the same names.
    pub fn give(&mut self, sort: Sort, words: &str) -> Id {
        let label = label(words);
        let first = Id::new(sort, &label);
        let further = (2..).map(|n: u32| Id::new(sort, &format!("{label}{n}")));
        let mut all = std::iter::once(first.clone()).chain(further);
        // The numbers never end.
        let id = all.find(|id| !self.taken.contains(&id.to_string().to_ascii_lowercase())).unwrap_or(first);
        self.take(&id);
        id
    }

    /// Takes a name that is there already. Tells whether it was free.
    pub fn take(&mut self, id: &Id) -> bool {
        self.taken.insert(id.to_string().to_ascii_lowercase())
    }
}

/// As long as a label is at most, so that a logical id fits into CloudFormation's 255 characters with a word before it.
const MOST_LABEL_CHARS: usize = 200;

/// The letters and digits of some words, each word with a capital letter.
fn label(words: &str) -> String {
    let mut label = String::new();
    let mut begins = true;
    for c in words.chars().take(MOST_LABEL_CHARS) {
        if c.is_ascii_alphanumeric() {
            label.push(if begins { c.to_ascii_uppercase() } else { c });
        }
        begins = !c.is_ascii_alphanumeric();
    }
    if label.is_empty() { "X".to_owned() } else { label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_any_words_and_read_back() {
        let mut ids = Ids::default();
        for (words, logical, snake) in [
            ("k1", "KeyK1", "k1"),
            ("K1", "KeyK12", "k12"),
            (
                "alias/dynamodb-encryption-key",
                "KeyAliasDynamodbEncryptionKey",
                "alias_dynamodb_encryption_key",
            ),
            ("CustomerData", "KeyCustomerData", "customer_data"),
            ("7up", "Key7up", "_7up"),
            ("+++", "KeyX", "x"),
            ("é", "KeyX2", "x2"),
        ] {
            let id = ids.give(Sort::Key, words);
            assert_eq!((id.to_string().as_str(), id.snake().as_str()), (logical, snake));
            assert_eq!(Id::of_logical(Sort::Key, logical), Some(id));
        }
        assert_eq!(ids.give(Sort::User, "PolicyKim").to_string(), "UserPolicyKim");
        assert_eq!(ids.give(Sort::UserPolicy, "Kim").to_string(), "UserPolicyKim2");
        for other in ["K1", "Keyk1", "Key", "KeyK-1"] {
            assert_eq!(Id::of_logical(Sort::Key, other), None, "{other}");
        }
    }
}
