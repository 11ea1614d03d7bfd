//! What Organizations knows: trees of accounts, and the policies in force on the way from the root to an account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

use super::super::iam::StoredPolicy;
use super::super::{AccountId, ApiError};
use crate::policy::{PolicyKind, Source};

/// Organizations of all accounts.
#[derive(Clone, Debug, Default)]
pub struct State {
    organizations: RedBlackTreeMapSync<AccountId, Arc<Organization>>,
    /// The management account of each member's organization.
    membership: RedBlackTreeMapSync<AccountId, AccountId>,
}

/// The kinds of policy that decide about access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyType {
    /// Limits what the members' users and roles may do.
    ServiceControlPolicy,
    /// Limits what may be done to the members' resources.
    ResourceControlPolicy,
}

impl PolicyType {
    /// Returns what a policy of this type may contain.
    pub fn policy_kind(self) -> PolicyKind {
        match self {
            Self::ServiceControlPolicy => PolicyKind::Scp,
            Self::ResourceControlPolicy => PolicyKind::Rcp,
        }
    }

    /// Returns the name of the type's rules in [`super::super::rulebook`].
    pub(in crate::cloud) fn profile(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "scp",
            Self::ResourceControlPolicy => "rcp",
        }
    }

    /// Returns what AWS says of its policy that allows everything.
    // Source: AWS Organizations User Guide, "AWS managed policies available for use with AWS Organizations"
    fn full_access_description(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "Allows access to every operation",
            Self::ResourceControlPolicy => "Allows access to every resource",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "service_control_policy",
            Self::ResourceControlPolicy => "resource_control_policy",
        }
    }

    /// Returns the AWS managed policy that allows everything.
    pub(super) fn full_access(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "p-FullAWSAccess",
            Self::ResourceControlPolicy => "p-RCPFullAWSAccess",
        }
    }
}

/// The most policies of one type at one place. Source: AWS Organizations User Guide, "Quotas".
const MOST_ATTACHED: usize = 5;

/// One organization: a tree of units and accounts.
#[derive(Clone, Debug)]
pub struct Organization {
    /// `o-` and ten characters.
    pub id: String,
    /// The account that manages it. Its own users and roles are never limited.
    pub management: AccountId,
    /// The root of the tree.
    pub root: String,
    /// What each unit and account hangs on.
    pub(super) parents: BTreeMap<String, String>,
    /// The names of the units.
    pub(super) names: BTreeMap<String, String>,
    /// When each account joined.
    pub(super) joined: BTreeMap<AccountId, Timestamp>,
    pub(super) policies: BTreeMap<String, OrgPolicy>,
    pub(super) attached: BTreeMap<String, BTreeSet<String>>,
    pub(super) enabled: BTreeSet<PolicyType>,
}

/// A policy of an organization.
#[derive(Clone, Debug)]
pub(super) struct OrgPolicy {
    pub kind: PolicyType,
    /// Free text of whoever made it.
    pub description: String,
    pub source: Source,
}

/// The two AWS managed policies that allow everything.
static FULL_ACCESS: LazyLock<BTreeMap<PolicyType, Option<StoredPolicy>>> = LazyLock::new(|| {
    let scp = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let rcp = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    [(PolicyType::ServiceControlPolicy, scp), (PolicyType::ResourceControlPolicy, rcp)]
        .map(|(kind, text)| (kind, StoredPolicy::read(text, kind.policy_kind()).ok()))
        .into()
});

impl Organization {
    pub(super) fn new(id: String, root: String, management: AccountId, now: Timestamp) -> Self {
        let mut organization = Self {
            id,
            management: management.clone(),
            root,
            parents: BTreeMap::new(),
            names: BTreeMap::new(),
            joined: BTreeMap::new(),
            policies: BTreeMap::new(),
            attached: BTreeMap::new(),
            enabled: BTreeSet::new(),
        };
        for (kind, policy) in FULL_ACCESS.iter() {
            if let Some(policy) = policy {
                let name = kind.full_access();
                let mut source = policy.source(name.trim_start_matches("p-"));
                source.arn = Some(format!("arn:aws:organizations::aws:policy/{}/{name}", kind.word()).into());
                let description = kind.full_access_description().to_owned();
                organization.policies.insert(name.to_owned(), OrgPolicy { kind: *kind, description, source });
            }
        }
        organization.add_account(management, now);
        organization
    }

    /// Returns the organization's ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:organizations::{}:organization/{}", self.management, self.id)
    }

    /// Returns the numbers of the member accounts.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.parents.keys().filter_map(|id| id.parse().ok())
    }

    /// Returns the places from the root down to an account: `o-id/r-root/ou-unit/`.
    /// Source: IAM User Guide, `aws:PrincipalOrgPaths`.
    pub fn path_of(&self, account: &AccountId) -> String {
        let mut places = self.way_to(account.as_str());
        places.pop();
        format!("{}/{}/", self.id, places.join("/"))
    }

    /// Returns the ids from the organization down to a place, itself included: `o-id/r-root/ou-unit/`.
    // Source: Organizations API Reference, OrganizationalUnit (Path) and Account (Paths), their pattern
    pub(super) fn path_to(&self, place: &str) -> String {
        format!("{}/{}/", self.id, self.way_to(place).join("/"))
    }

    /// Returns the ids from the root down to `place`, itself included.
    fn way_to(&self, place: &str) -> Vec<String> {
        let mut way = vec![place.to_owned()];
        let mut at = place;
        while let Some(parent) = self.parents.get(at) {
            way.push(parent.clone());
            at = parent;
        }
        way.reverse();
        way
    }

    /// Returns the ARN of the root, a unit or an account.
    // Source: Service Authorization Reference, "AWS Organizations", resource types
    pub(in crate::cloud) fn place_arn(&self, place: &str) -> String {
        let kind = match place.parse::<AccountId>() {
            Ok(_) => "account",
            Err(_) if place == self.root => "root",
            Err(_) => "ou",
        };
        format!("arn:aws:organizations::{}:{kind}/{}/{place}", self.management, self.id)
    }

    /// Returns the ARNs of the places from the root down to an account, which is the last.
    pub(in crate::cloud) fn places_over(&self, account: &AccountId) -> Vec<String> {
        self.way_to(account.as_str()).iter().map(|place| self.place_arn(place)).collect()
    }

    fn is_place(&self, id: &str) -> bool {
        id == self.root || self.parents.contains_key(id)
    }

    fn add(&mut self, id: String, parent: String) {
        let full = self.enabled.iter().map(|kind| kind.full_access().to_owned()).collect();
        self.attached.insert(id.clone(), full);
        self.parents.insert(id, parent);
    }

    pub(super) fn add_account(&mut self, account: AccountId, now: Timestamp) {
        self.joined.insert(account.clone(), now);
        self.add(account.into(), self.root.clone());
    }

    pub(super) fn add_unit(&mut self, parent: &str, id: String, name: &str) -> Result<(), ApiError> {
        self.check_parent(parent)?;
        if self.units(parent).any(|(_, known)| known == name) {
            let text = "An OU with the same name already exists.";
            return Err(error("DuplicateOrganizationalUnitException", text));
        }
        self.names.insert(id.clone(), name.to_owned());
        self.add(id, parent.to_owned());
        Ok(())
    }

    pub(super) fn move_account(&mut self, account: &AccountId, from: &str, to: &str) -> Result<(), ApiError> {
        let found = self.parents.get(account.as_str()).map(String::as_str);
        if found.is_none() {
            return Err(error("AccountNotFoundException", "You specified an account that doesn't exist."));
        }
        if found != Some(from) {
            return Err(error(
                "SourceParentNotFoundException",
                "You specified a source parent that doesn't exist.",
            ));
        }
        if self.check_parent(to).is_err() {
            let text = "You specified a destination parent that doesn't exist.";
            return Err(error("DestinationParentNotFoundException", text));
        }
        self.parents.insert(account.to_string(), to.to_owned());
        Ok(())
    }

    pub(super) fn enable(&mut self, kind: PolicyType) -> Result<(), ApiError> {
        if !self.enabled.insert(kind) {
            let text = "The specified policy type is already enabled.";
            return Err(error("PolicyTypeAlreadyEnabledException", text));
        }
        let places: Vec<String> = self.parents.keys().cloned().chain([self.root.clone()]).collect();
        for place in places {
            self.attached.entry(place).or_default().insert(kind.full_access().to_owned());
        }
        Ok(())
    }

    /// Adds a policy that is not attached to anything yet.
    pub(super) fn add_policy(
        &mut self,
        id: String,
        name: &str,
        description: &str,
        kind: PolicyType,
        policy: &StoredPolicy,
    ) -> Result<(), ApiError> {
        if self.policies.values().any(|known| known.kind == kind && *known.source.name == *name) {
            return Err(error("DuplicatePolicyException", "A policy with the same name already exists."));
        }
        let arn =
            format!("arn:aws:organizations::{}:policy/{}/{}/{id}", self.management, self.id, kind.word());
        let mut source = policy.source(name);
        source.arn = Some(arn.as_str().into());
        self.policies.insert(id, OrgPolicy { kind, description: description.to_owned(), source });
        Ok(())
    }

    /// Returns the policies by id: their type, their name and their text. Those that AWS manages are left out.
    pub fn policies(&self) -> impl Iterator<Item = (&str, PolicyType, &Source)> {
        let own = self.policies.iter().filter(|(id, policy)| *id != policy.kind.full_access());
        own.map(|(id, policy)| (id.as_str(), policy.kind, &policy.source))
    }

    /// Returns the type of a policy, and whether AWS manages it.
    pub(super) fn policy_type(&self, id: &str) -> Result<(PolicyType, bool), ApiError> {
        let found = self.policies.get(id);
        let found = found
            .ok_or_else(|| error("PolicyNotFoundException", "You specified a policy that doesn't exist."))?;
        Ok((found.kind, id == found.kind.full_access()))
    }

    /// Changes a policy: its name, its description, its text.
    pub(in crate::cloud) fn update_policy(
        &mut self,
        id: &str,
        name: Option<&str>,
        description: Option<&str>,
        policy: Option<&StoredPolicy>,
    ) -> Result<(), ApiError> {
        let (kind, _) = self.policy_type(id)?;
        let taken = |name: &str| {
            self.policies.iter().any(|(other, p)| other != id && p.kind == kind && *p.source.name == *name)
        };
        if name.is_some_and(taken) {
            return Err(error("DuplicatePolicyException", "A policy with the same name already exists."));
        }
        let Some(found) = self.policies.get_mut(id) else {
            return Err(error("PolicyNotFoundException", "You specified a policy that doesn't exist."));
        };
        let name = name.map_or_else(|| found.source.name.to_string(), str::to_owned);
        let mut source = policy.map_or_else(|| found.source.clone(), |policy| policy.source(&name));
        source.name = name.as_str().into();
        source.arn.clone_from(&found.source.arn);
        found.source = source;
        if let Some(description) = description {
            description.clone_into(&mut found.description);
        }
        Ok(())
    }

    /// Removes a policy that is attached to nothing.
    pub(super) fn remove_policy(&mut self, id: &str) -> Result<(), ApiError> {
        let (_, managed) = self.policy_type(id)?;
        if managed {
            // Source: Organizations API Reference, InvalidInputException, IMMUTABLE_POLICY.
            let text = "You specified a policy that is managed by AWS and can't be modified.";
            return Err(error("InvalidInputException", text));
        }
        if self.attached.values().any(|attached| attached.contains(id)) {
            // Source: Organizations API Reference, DeletePolicy, PolicyInUseException.
            let text = "The policy is attached to one or more entities. You must detach it from all roots, OUs, and \
                        accounts before performing this operation.";
            return Err(error("PolicyInUseException", text));
        }
        self.policies.remove(id);
        Ok(())
    }

    pub(super) fn attach(&mut self, policy: &str, target: &str) -> Result<(), ApiError> {
        let kind = self.kind_at(policy, target)?;
        if !self.enabled.contains(&kind) {
            let text = "This operation can be performed only for enabled policy types.";
            return Err(error("PolicyTypeNotEnabledException", text));
        }
        let count = self.of_kind(target, kind).count();
        let attached = self.attached.entry(target.to_owned()).or_default();
        if attached.contains(policy) {
            let text =
                "A policy with the specified name and type already is attached to the specified target.";
            return Err(error("DuplicatePolicyAttachmentException", text));
        }
        if count == MOST_ATTACHED {
            let text = "You have exceeded the number of policies that can be attached to an entity.";
            return Err(error("ConstraintViolationException", text));
        }
        attached.insert(policy.to_owned());
        Ok(())
    }

    pub(super) fn detach(&mut self, policy: &str, target: &str) -> Result<(), ApiError> {
        let kind = self.kind_at(policy, target)?;
        // Source: AWS Organizations User Guide, "RCP evaluation": RCPFullAWSAccess cannot be detached.
        let fixed = kind == PolicyType::ResourceControlPolicy && policy == kind.full_access();
        if fixed || self.of_kind(target, kind).count() == 1 {
            let text = "You cannot remove the last policy attached to the specified target. You must have at least \
                        one attached at all times.";
            return Err(error("ConstraintViolationException", text));
        }
        if !self.attached.get_mut(target).is_some_and(|attached| attached.remove(policy)) {
            let text = "The specified policy isn't attached to the specified target.";
            return Err(error("PolicyNotAttachedException", text));
        }
        Ok(())
    }

    fn kind_at(&self, policy: &str, target: &str) -> Result<PolicyType, ApiError> {
        let found = self.policies.get(policy);
        let found = found
            .ok_or_else(|| error("PolicyNotFoundException", "You specified a policy that doesn't exist."))?;
        if !self.is_place(target) {
            return Err(error("TargetNotFoundException", "You specified a target that doesn't exist."));
        }
        Ok(found.kind)
    }

    fn of_kind<'a>(&'a self, place: &str, kind: PolicyType) -> impl Iterator<Item = &'a Source> {
        let ids = self.attached.get(place).into_iter().flatten();
        ids.filter_map(|id| self.policies.get(id)).filter(move |p| p.kind == kind).map(|p| &p.source)
    }

    /// Returns the policies in force for an account, from the root down; `None` if the type is not switched on.
    fn levels(&self, account: &AccountId, kind: PolicyType) -> Option<Vec<Vec<Source>>> {
        let level = |place: &String| self.of_kind(place, kind).cloned().collect();
        self.enabled.contains(&kind).then(|| self.way_to(account.as_str()).iter().map(level).collect())
    }
}

impl State {
    /// Returns the organization an account is a member of.
    pub fn of(&self, account: &AccountId) -> Option<&Organization> {
        let management = self.membership.get(account)?;
        self.organizations.get(management).map(AsRef::as_ref)
    }

    /// Returns all organizations, by management account.
    pub fn all(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.values().map(AsRef::as_ref)
    }

    pub(in crate::cloud) fn put(&mut self, organization: Organization) {
        for account in organization.accounts() {
            self.membership.insert_mut(account, organization.management.clone());
        }
        self.organizations.insert_mut(organization.management.clone(), Arc::new(organization));
    }

    /// Returns the service control policies that limit callers of an account. The management account is never
    /// limited.
    pub(in crate::cloud) fn scps(&self, account: &AccountId) -> Option<Vec<Vec<Source>>> {
        self.levels(account, PolicyType::ServiceControlPolicy)
    }

    /// Returns the resource control policies that guard resources of an account. The management account's are
    /// not guarded.
    pub(in crate::cloud) fn rcps(&self, account: &AccountId) -> Option<Vec<Vec<Source>>> {
        self.levels(account, PolicyType::ResourceControlPolicy)
    }

    fn levels(&self, account: &AccountId, kind: PolicyType) -> Option<Vec<Vec<Source>>> {
        let organization = self.of(account).filter(|organization| organization.management != *account)?;
        organization.levels(account, kind)
    }
}

/// Returns an error of Organizations.
pub(super) fn error(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, message)
}
