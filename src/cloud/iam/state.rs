//! What IAM knows: accounts, users, roles, policies, and the sessions that STS made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

use super::super::permission::{Permission, ResourceFacts};
use super::super::{AccountId, ApiError, Arn, Caller};
use super::credential::{AccessKey, Credential, Status, Use};
use super::customer_managed::Versions;
use super::managed;
use super::session::{Origin, Session};
use super::stored_policy::StoredPolicy;
use crate::cloud::made_once::MadeOnce;
use crate::cloud::permission::Keys;
use crate::policy::{Principal, ResourceMode, ResourcePolicy, Source};

/// IAM's state of all accounts.
#[derive(Clone, Debug, Default)]
pub struct State {
    accounts: RedBlackTreeMapSync<AccountId, Arc<str>>,
    identities: RedBlackTreeMapSync<Handle, Arc<Identity>>,
    policies: RedBlackTreeMapSync<String, Arc<Versions>>,
    sessions: RedBlackTreeMapSync<Arc<str>, Arc<Session>>,
    access_keys: RedBlackTreeMapSync<String, Arc<AccessKey>>,
}

/// The account, kind and name that an identity is found by. Names are unique whatever their case. Source: IAM
/// User Guide, "IAM identifiers".
type Handle = (AccountId, Kind, String);

/// Users, roles and groups have policies of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    User,
    Role,
    /// A group of users. Never a principal: its policies count as its members' own.
    /// Source: IAM User Guide, "IAM user groups".
    Group,
}

impl Kind {
    /// Returns the word in ARNs and messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
        }
    }

    /// Returns the word at the start of a message.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Role => "Role",
            Self::Group => "Group",
        }
    }

    /// Returns how unique ids begin. Source: IAM User Guide, "IAM identifiers".
    pub(super) fn id_prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Group => "AGPA",
        }
    }
}

/// A user, a role or a group.
#[derive(Clone, Debug)]
pub struct Identity {
    /// User, role or group.
    pub kind: Kind,
    /// The account it belongs to.
    pub account: AccountId,
    /// Either `/` or `/some/path/`.
    pub path: String,
    /// The name as it was first written.
    pub name: String,
    /// The id that no other identity ever has, not even a later one of the same name.
    pub unique_id: String,
    pub created: Timestamp,
    /// Inline policies by name.
    pub inline: BTreeMap<String, StoredPolicy>,
    /// ARNs of attached managed policies, in the order they were attached.
    pub attached: Vec<String>,
    /// Names of the groups a user is in, as the groups write them.
    pub groups: BTreeSet<String>,
    pub tags: BTreeMap<String, String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// What a role is for, in its maker's words.
    pub description: Option<String>,
    /// A role's trust policy.
    pub trust: Option<StoredPolicy>,
    /// The longest session of a role, in seconds.
    pub max_session: u32,
    /// Who the identity is when it calls.
    pub(super) known: MadeOnce<Principal>,
}

impl Identity {
    /// Returns the identity's ARN.
    pub fn arn(&self) -> String {
        super::arn(&self.account, self.kind.word(), &self.path, &self.name)
    }

    /// Tells who a user or role is that calls: of a role, who a session would be, without anybody having made one. What
    /// requests and records hold of it lies in memory once.
    pub fn principal(&self) -> &Principal {
        self.known.get(|| match self.kind {
            Kind::User => Principal::User {
                arn: self.arn().into(),
                account: (&self.account).into(),
                unique_id: Some(self.unique_id.as_str().into()),
            },
            Kind::Role | Kind::Group => self.any_session(),
        })
    }

    fn any_session(&self) -> Principal {
        let name = "any";
        Principal::RoleSession {
            arn: Arn::text("sts", "", self.account.as_str(), &["assumed-role/", &self.name, "/", name])
                .into(),
            account: (&self.account).into(),
            role_arn: self.arn().into(),
            role_id: Some(self.unique_id.as_str().into()),
            session_name: name.into(),
        }
    }
}

/// Whom a principal of a policy names.
pub(in crate::cloud) enum Resolved {
    /// A user or role, by its unique id.
    Unique(String),
    /// Somebody without an id of their own: an account, a session, everybody.
    Open,
    /// Nobody: no user or role has that name.
    Nobody,
}

/// The policies and condition keys that a principal brings to a decision.
pub(in crate::cloud) struct PrincipalFacts {
    pub policies: Vec<Source>,
    pub boundary: Option<Vec<Source>>,
    pub session: Option<Vec<Source>>,
    pub keys: Keys,
}

impl State {
    /// Opens an account that has no identities yet.
    pub(in crate::cloud) fn add_account(&mut self, account: AccountId, name: &str) {
        self.accounts.insert_mut(account, name.into());
    }

    /// Returns all accounts with their names.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &str)> {
        self.accounts.iter().map(|(id, name)| (id, name.as_ref()))
    }

    /// Returns all users, roles and groups of all accounts, in a fixed order.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.identities.values().map(AsRef::as_ref)
    }

    /// Returns the user, role or group of this name.
    pub fn identity(&self, account: &AccountId, kind: Kind, name: &str) -> Option<&Identity> {
        self.identities.get(&handle(account, kind, name)).map(AsRef::as_ref)
    }

    /// Returns the user, role or group of this name, or the error that names it.
    pub(super) fn find(&self, account: &AccountId, kind: Kind, name: &str) -> Result<&Identity, ApiError> {
        self.identity(account, kind, name).ok_or_else(|| super::no_such(kind, name))
    }

    pub(super) fn insert(&mut self, identity: Identity) {
        let key = handle(&identity.account, identity.kind, &identity.name);
        self.identities.insert_mut(key, Arc::new(identity));
    }

    pub(super) fn remove(&mut self, account: &AccountId, kind: Kind, name: &str) {
        self.identities.remove_mut(&handle(account, kind, name));
    }

    /// Changes one user or role.
    pub(in crate::cloud) fn edit(
        &mut self,
        account: &AccountId,
        kind: Kind,
        name: &str,
        change: impl FnOnce(&mut Identity) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let mut identity = self.find(account, kind, name)?.clone();
        change(&mut identity)?;
        self.insert(identity);
        Ok(())
    }

    /// Returns a managed policy, AWS's or a customer's, by ARN.
    pub fn managed_policy(&self, arn: &str) -> Option<Arc<StoredPolicy>> {
        self.versions(arn).map_or_else(|| managed::aws_managed(arn), Versions::in_force)
    }

    /// Returns the ARNs of all customer managed policies.
    pub fn customer_policies(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(String::as_str)
    }

    /// Returns how many versions a customer managed policy has.
    pub fn policy_versions(&self, arn: &str) -> usize {
        self.versions(arn).map_or(0, |versions| versions.all.len())
    }

    /// Returns the words of the maker of a customer managed policy.
    pub fn policy_description(&self, arn: &str) -> Option<&str> {
        self.versions(arn)?.description.as_deref()
    }

    pub(super) fn versions(&self, arn: &str) -> Option<&Versions> {
        self.policies.get(arn).map(AsRef::as_ref)
    }

    /// Returns the ARN of the account's policy of a name, whatever its path and its case.
    // Source: IAM API Reference, CreatePolicy: names are unique in the account, and case does not tell them apart.
    pub(super) fn policy_called(&self, account: &AccountId, name: &str) -> Option<&str> {
        let is_it = |arn: &&str| {
            let Ok(arn) = arn.parse::<Arn>() else { return false };
            arn.account() == account.as_str()
                && arn.resource().rsplit('/').next().is_some_and(|known| known.eq_ignore_ascii_case(name))
        };
        self.customer_policies().find(is_it)
    }

    pub(super) fn put_versions(&mut self, arn: String, versions: Versions) {
        self.policies.insert_mut(arn, Arc::new(versions));
    }

    pub(super) fn remove_policy(&mut self, arn: &str) {
        self.policies.remove_mut(arn);
    }

    /// Lets the version in force of a customer managed policy read differently. Answers whether there is such a policy.
    pub(in crate::cloud) fn replace_policy(
        &mut self,
        arn: &str,
        policy: StoredPolicy,
        now: Timestamp,
    ) -> bool {
        let Some(mut versions) = self.versions(arn).cloned() else { return false };
        versions.set_in_force(policy, now);
        self.put_versions(arn.to_owned(), versions);
        true
    }

    pub(in crate::cloud) fn insert_session(&mut self, access_key: &str, session: Session) {
        self.sessions.insert_mut(access_key.into(), Arc::new(session));
    }

    /// Returns all sessions, ended ones too, each with its access key.
    pub fn sessions(&self) -> impl Iterator<Item = (&Arc<str>, &Session)> {
        self.sessions.iter().map(|(key, session)| (key, session.as_ref()))
    }

    pub(super) fn put_access_key(&mut self, key: AccessKey) {
        self.access_keys.insert_mut(key.id.clone(), Arc::new(key));
    }

    /// Notes that a request was signed with a key.
    pub(super) fn note_use(&mut self, access_key: &str, used: Use) {
        let Some(key) = self.access_keys.get(access_key) else { return };
        let key = AccessKey { used: Some(used), ..(**key).clone() };
        self.put_access_key(key);
    }

    pub(super) fn remove_access_key(&mut self, id: &str) {
        self.access_keys.remove_mut(id);
    }

    /// Returns all access keys of users and root users.
    pub fn access_keys(&self) -> impl Iterator<Item = &AccessKey> {
        self.access_keys.values().map(AsRef::as_ref)
    }

    pub(super) fn access_key(&self, id: &str) -> Option<&Arc<AccessKey>> {
        self.access_keys.get(id)
    }

    /// Tells whether there is an access key of this id, of a user or root user.
    pub fn has_access_key(&self, id: &str) -> bool {
        self.access_keys.get(id).is_some()
    }

    /// Returns whose access key this is, with what the holder signs requests with: of a session, an ended one too, and
    /// of a user or root user with a key that is active.
    pub fn holder_of(&self, access_key: &str) -> Option<(Caller, Credential)> {
        if let Some(key) = self.access_keys.get(access_key) {
            return (key.status == Status::Active).then(|| (key.holder(), key.credential.clone()));
        }
        let (key, session) = self.sessions.get_key_value(access_key)?;
        Some((Caller::Session(key.clone()), session.credential.clone()))
    }

    /// Tells whether an access key is that of a session, an ended one too.
    pub fn has_session(&self, access_key: &str) -> bool {
        self.sessions.contains_key(access_key)
    }

    /// Returns the session that a caller's credentials belong to.
    pub(in crate::cloud) fn session_of(&self, caller: &Caller) -> Option<Arc<Session>> {
        let Caller::Session(key) = caller else { return None };
        self.sessions.get(key).cloned()
    }

    /// Returns the principal that `caller` is now, or the error for a caller that is nobody.
    pub(in crate::cloud) fn principal(&self, caller: &Caller, now: Timestamp) -> Result<Principal, ApiError> {
        let unknown = unknown_token;
        match caller {
            Caller::Anonymous => Ok(Principal::Anonymous),
            Caller::Service(name) => Ok(Principal::Service { name: name.clone() }),
            Caller::Root(account) if self.accounts.contains_key(account) => {
                Ok(Principal::Root { account: account.into() })
            }
            Caller::Root(_) => Err(unknown()),
            Caller::User(account, name) => {
                Ok(self.identity(account, Kind::User, name).ok_or_else(unknown)?.principal().clone())
            }
            Caller::Role(account, name) => {
                Ok(self.identity(account, Kind::Role, name).ok_or_else(unknown)?.principal().clone())
            }
            Caller::Session(key) => {
                let session = self.sessions.get(key).ok_or_else(unknown)?;
                if session.expires <= now {
                    let text = "The security token included in the request is expired";
                    return Err(ApiError::new("ExpiredTokenException", text));
                }
                if !self.is_alive(session) {
                    return Err(unknown());
                }
                Ok(session.principal.clone())
            }
        }
    }

    /// Says whether the user whose credentials made a session is still there.
    ///
    /// Doubtful: the answer to credentials whose user was deleted; here that of credentials that are nobody's. One form is known.
    /// Source: IAM User Guide, "id_credentials_temp_control-access", which says that they stop working.
    fn is_alive(&self, session: &Session) -> bool {
        let is_there = |arn: &str, id: &str| self.by_arn(arn, Kind::User, Some(id)).is_some();
        match (&session.origin, &session.principal) {
            (Origin::User, Principal::User { arn, unique_id: Some(id), .. })
            | (
                Origin::Federation { user_id: Some(id) },
                Principal::FederatedUser { user_arn: Some(arn), .. },
            ) => is_there(arn, id),
            (Origin::Role | Origin::WebIdentity { .. } | Origin::User | Origin::Federation { .. }, _) => true,
        }
    }

    /// Returns the id of the account that an access key belongs to.
    pub(in crate::cloud) fn account_of_key(&self, access_key: &str) -> Option<String> {
        if let Some(key) = self.access_keys.get(access_key) {
            return Some(key.account.to_string());
        }
        self.sessions.get(access_key)?.principal.account().map(ToString::to_string)
    }

    /// Returns the user or the role that a principal is.
    pub(in crate::cloud) fn identity_of(&self, principal: &Principal) -> Option<&Identity> {
        match principal {
            Principal::User { arn, unique_id, .. } => self.by_arn(arn, Kind::User, unique_id.as_deref()),
            Principal::RoleSession { role_arn, role_id, .. } => {
                self.by_arn(role_arn, Kind::Role, role_id.as_deref())
            }
            // Source: STS API Reference, GetFederationToken: the permissions are those of the user, limited by the session
            // policies. The session ends with the user.
            Principal::FederatedUser { user_arn, .. } => self.lookup(user_arn.as_deref()?, Kind::User),
            Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Root { .. }
            | Principal::Federated { .. } => None,
        }
    }

    /// Returns the policies that travel with a principal.
    pub(in crate::cloud) fn principal_facts(
        &self,
        caller: &Caller,
        principal: &Principal,
        now: Timestamp,
    ) -> PrincipalFacts {
        let mut facts =
            PrincipalFacts { policies: Vec::new(), boundary: None, session: None, keys: Vec::new() };
        let identity = self.identity_of(principal);
        if matches!(principal, Principal::FederatedUser { user_arn: None, .. }) {
            // A root user vouches: what the session policies leave is what the root user may, which is everything.
            facts.policies = self.everything_allowed().into_iter().collect();
        }
        if let Some(identity) = identity {
            facts.policies = self.identity_sources(identity);
            facts.boundary = self.boundary_source(identity);
        }
        let mut tags = identity.map(|identity| identity.tags.clone()).unwrap_or_default();
        if let Caller::Session(key) = caller
            && let Some(session) = self.sessions.get(key)
        {
            facts.session = session.policies.as_ref().map(|policies| {
                let document = policies.document.iter().map(|policy| policy.source("session policy"));
                document.chain(policies.arns.iter().filter_map(|arn| self.managed_source(arn))).collect()
            });
            facts.keys = session.keys(now);
            // Source: STS API Reference, AssumeRole, `Tags`: "session tags override a role tag with the same key".
            tags.extend(session.tags.clone());
        }
        let tag = |(name, value): (String, String)| (format!("aws:PrincipalTag/{name}").into(), value.into());
        facts.keys.extend(tags.into_iter().map(tag));
        facts
    }

    /// Returns the identity policies of a user or role: its own, then those of a user's groups.
    fn identity_sources(&self, identity: &Identity) -> Vec<Source> {
        self.owners(identity).flat_map(|owner| self.attached_and_inline(owner)).collect()
    }

    /// Returns the ARN of the user, role or group that each identity policy of a user or role is attached to.
    pub(in crate::cloud) fn policy_owners(&self, identity: &Identity) -> Vec<String> {
        let of = |owner| self.attached_and_inline(owner).map(|_| Identity::arn(owner));
        self.owners(identity).flat_map(of).collect()
    }

    /// Returns those whose policies a user or role has: itself, then the groups of a user.
    fn owners<'a>(&'a self, identity: &'a Identity) -> impl Iterator<Item = &'a Identity> {
        let group = |name: &String| self.identity(&identity.account, Kind::Group, name);
        std::iter::once(identity).chain(identity.groups.iter().filter_map(group))
    }

    fn attached_and_inline<'a>(&'a self, owner: &'a Identity) -> impl Iterator<Item = Source> + 'a {
        let managed = owner.attached.iter().filter_map(|arn| self.managed_source(arn));
        managed.chain(owner.inline.iter().map(|(name, policy)| policy.source(name)))
    }

    /// Returns the identity policies of a user, role or group as the policy simulator calls them.
    // Source: answers of SimulatePrincipalPolicy in public logs: `role_NAME_POLICY` for an inline policy
    pub(super) fn simulated_sources(&self, identity: &Identity) -> Vec<Source> {
        let of = |owner: &Identity| {
            let managed = owner.attached.iter().filter_map(|arn| self.managed_source(arn));
            let called = |name: &str| format!("{}_{}_{name}", owner.kind.word(), owner.name);
            let inline = owner.inline.iter().map(|(name, policy)| policy.source(&called(name)));
            managed.chain(inline).collect::<Vec<_>>()
        };
        self.owners(identity).flat_map(of).collect()
    }

    /// Returns the permissions boundary of a user or role, if it has one.
    pub(super) fn boundary_source(&self, identity: &Identity) -> Option<Vec<Source>> {
        identity.boundary.as_ref().map(|arn| self.managed_source(arn).into_iter().collect())
    }

    /// Returns the policy with which an account allows a principal everything.
    pub(in crate::cloud) fn everything_allowed(&self) -> Option<Source> {
        self.managed_source("arn:aws:iam::aws:policy/AdministratorAccess")
    }

    fn managed_source(&self, arn: &str) -> Option<Source> {
        let policy = self.managed_policy(arn)?;
        let mut source = policy.source(arn.rsplit('/').next().unwrap_or(arn));
        source.arn = Some(arn.into());
        Some(source)
    }

    /// Returns the identity that an ARN names, if it still is the one with this unique id.
    fn by_arn(&self, arn: &str, kind: Kind, unique_id: Option<&str>) -> Option<&Identity> {
        let found = self.lookup(arn, kind)?;
        (Some(found.unique_id.as_str()) == unique_id).then_some(found)
    }

    fn lookup(&self, arn: &str, kind: Kind) -> Option<&Identity> {
        let arn: Arn = arn.parse().ok()?;
        let name = arn.resource().strip_prefix(kind.word())?.strip_prefix('/')?.rsplit('/').next()?;
        let found = self.identity(&arn.account_id()?, kind, name)?;
        // User names in principal ARNs are case-sensitive. Source: IAM User Guide, "Principal".
        (found.name == name).then_some(found)
    }

    /// Whether a user or role of that unique id is there.
    pub fn has_unique_id(&self, id: &str) -> bool {
        self.with_unique_id(id).is_some()
    }

    /// Returns the identity that has a unique id now; nobody has that of a deleted one.
    pub(in crate::cloud) fn with_unique_id(&self, id: &str) -> Option<&Identity> {
        self.identities().find(|identity| identity.unique_id == id)
    }

    /// Returns the identity that a principal of a policy names now, by ARN or by unique id.
    ///
    /// Doubtful: whether AWS accepts every well-formed account number. Accounts outside the world are taken as
    /// existing, because a lab cannot know them all; users and roles outside it do not exist. One form is known.
    /// Source: IAM User Guide, "reference_policies_elements_principal", which says that users and roles are looked up.
    pub(in crate::cloud) fn resolve(&self, principal: &str) -> Resolved {
        if principal == "*" || principal.parse::<AccountId>().is_ok() {
            return Resolved::Open;
        }
        if [Kind::User, Kind::Role].iter().any(|kind| principal.starts_with(kind.id_prefix())) {
            let known = self.with_unique_id(principal);
            return known.map_or(Resolved::Nobody, |known| Resolved::Unique(known.unique_id.clone()));
        }
        let Ok(arn) = principal.parse::<Arn>() else { return Resolved::Nobody };
        let unique = |kind| {
            self.lookup(principal, kind).map_or(Resolved::Nobody, |i| Resolved::Unique(i.unique_id.clone()))
        };
        match (arn.service(), arn.resource().split('/').next()) {
            ("iam", Some("root")) if arn.account_id().is_some() && arn.resource() == "root" => Resolved::Open,
            ("iam", Some("user")) => unique(Kind::User),
            ("iam", Some("role")) => unique(Kind::Role),
            ("sts", Some("assumed-role" | "federated-user")) if arn.account_id().is_some() => Resolved::Open,
            _ => Resolved::Nobody,
        }
    }

    /// Returns what matters to access to a user or role.
    pub(in crate::cloud) fn facts(&self, arn: &Arn, permission: &Permission) -> ResourceFacts {
        let mut facts = ResourceFacts::plain(arn.account_id());
        if permission.action.starts_with("sts:") && arn.resource().starts_with("role/") {
            let role = self.lookup(&arn.to_string(), Kind::Role);
            facts.policy = ResourcePolicy {
                mode: ResourceMode::Required,
                source: role.and_then(|r| r.trust.as_ref()).map(|p| p.source("trust policy")),
                cross_account: true,
            };
        }
        facts
    }
}

/// The error for credentials that are nobody's.
pub(in crate::cloud) fn unknown_token() -> ApiError {
    let text = "The security token included in the request is invalid.";
    ApiError::new("UnrecognizedClientException", text)
}

fn handle(account: &AccountId, kind: Kind, name: &str) -> Handle {
    (account.clone(), kind, name.to_lowercase())
}
