//! Who asks, and how a policy names those it speaks of.

use super::key::{ConditionKey, key};
use super::{Span, terms::Effect};
use crate::limits::steps;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The account in an ARN; `None` if the text is no ARN or names no account.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(3).filter(|account| !account.is_empty())
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Principal {
    /// Nobody known: the request is not signed.
    Anonymous,
    /// A service on its own behalf.
    Service {
        /// The service principal, for example `name.amazonaws.com`.
        name: Arc<str>,
    },
    /// The root user of an account.
    Root { account: Arc<str> },
    User {
        /// The ARN of the user, `arn:aws:iam::ACCOUNT:user/path/Name`.
        arn: Arc<str>,
        account: Arc<str>,
        /// The unique id, `AIDA...`; `None` where it is not known.
        unique_id: Option<Arc<str>>,
    },
    /// A session of a role.
    RoleSession {
        /// The ARN of the session, `arn:aws:sts::ACCOUNT:assumed-role/Role/Session`.
        arn: Arc<str>,
        /// The account of the role.
        account: Arc<str>,
        /// The ARN of the role, `arn:aws:iam::ACCOUNT:role/path/Role`.
        role_arn: Arc<str>,
        /// The unique id of the role, `AROA...`; `None` where it is not known.
        role_id: Option<Arc<str>>,
        /// The name of the session.
        session_name: Arc<str>,
    },
    /// A session that a user made for somebody outside IAM.
    FederatedUser {
        /// The ARN of the session, `arn:aws:sts::ACCOUNT:federated-user/Name`.
        arn: Arc<str>,
        account: Arc<str>,
        /// The IAM user that made the session, if known.
        user_arn: Option<Arc<str>>,
    },
    /// Somebody an identity provider vouches for, before a role is assumed.
    Federated {
        /// The provider: an ARN for SAML and OIDC, or a domain.
        provider: Arc<str>,
    },
}

impl Principal {
    /// The principal that an ARN (or an account's id) names; unique ids stay unknown. `None` if it names none.
    ///
    /// A role's ARN stands for any session of the role.
    pub fn from_arn(arn: &str) -> Option<Self> {
        let (kind, account) = kind_of(arn)?;
        let account = account.into();
        Some(match kind {
            Kind::Root => Self::Root { account },
            Kind::User => Self::User { arn: arn.into(), account, unique_id: None },
            Kind::Role { name } => Self::RoleSession {
                arn: arn.into(),
                account,
                role_arn: arn.into(),
                role_id: None,
                session_name: name.into(),
            },
            Kind::Session { role, session } => {
                let partition = arn.split(':').nth(1)?;
                let role_arn = format!("arn:{partition}:iam::{account}:role/{role}").into();
                let session_name = session.into();
                Self::RoleSession { arn: arn.into(), account, role_arn, role_id: None, session_name }
            }
            Kind::FederatedUser => Self::FederatedUser { arn: arn.into(), account, user_arn: None },
        })
    }

    /// Returns the principal, its role taken from the given value of `aws:PrincipalArn` where that has a path for it.
    ///
    /// The ARN of a session names its role without the path, so a request that says more is believed.
    // Source: IAM User Guide, "reference_policies_condition-keys" (aws:PrincipalArn)
    #[must_use]
    pub fn with_role(mut self, principal_arn: &str) -> Self {
        if let Self::RoleSession { arn, role_arn, .. } = &mut self
            && arn != role_arn
            && differs_in_path_only(principal_arn, role_arn)
        {
            *role_arn = principal_arn.into();
        }
        self
    }

    /// Whether this is a service-linked role, which no policy of an organization limits.
    ///
    /// Doubtful where only the session's ARN is known, which lacks the path: there the name has to tell, and a role that
    /// somebody gave such a name on purpose is taken for one. The alternative is that such a session is limited. One form
    /// is known.
    // Source: IAM User Guide, "using-service-linked-roles" (names and paths); Organizations User Guide,
    // "orgs_manage_policies_scps", "orgs_manage_policies_rcps"
    pub(crate) fn is_service_linked(&self) -> bool {
        let Some(role_arn) = self.role_arn() else { return false };
        let (_, path) = split_resource(role_arn);
        path.starts_with("aws-service-role/")
            || (self.may_have_path() && !path.contains('/') && path.starts_with("AWSServiceRoleFor"))
    }

    /// Whether this is the session of a role that is known by the session's ARN only, which leaves out the role's path.
    ///
    /// Whoever knows the role's unique id knows its ARN, too.
    fn may_have_path(&self) -> bool {
        matches!(self, Self::RoleSession { arn, role_arn, role_id: None, .. } if arn != role_arn)
    }

    /// The account the principal belongs to.
    pub fn account(&self) -> Option<&Arc<str>> {
        match self {
            Self::Root { account }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Anonymous | Self::Service { .. } | Self::Federated { .. } => None,
        }
    }

    /// The ARN of the role whose session the principal is.
    pub fn role_arn(&self) -> Option<&Arc<str>> {
        match self {
            Self::RoleSession { role_arn, .. } => Some(role_arn),
            Self::Anonymous
            | Self::Service { .. }
            | Self::Root { .. }
            | Self::User { .. }
            | Self::FederatedUser { .. }
            | Self::Federated { .. } => None,
        }
    }

    /// How the principal is named in messages: its ARN, or the name of the service or provider.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::Anonymous => "anonymous".into(),
            Self::Service { name } => name.clone(),
            Self::Federated { provider } => provider.clone(),
            Self::Root { account } => format!("arn:aws:iam::{account}:root").into(),
            Self::User { arn, .. } | Self::RoleSession { arn, .. } | Self::FederatedUser { arn, .. } => {
                arn.clone()
            }
        }
    }

    /// The condition keys that follow from the principal alone.
    // Source: IAM User Guide, "reference_policies_condition-keys" and "reference_policies_variables" (the table
    // of principal key values). A role session's aws:PrincipalArn is the role's ARN.
    pub(crate) fn implied_keys(&self) -> Vec<(ConditionKey, Arc<str>)> {
        let mut keys: Vec<(ConditionKey, Arc<str>)> = Vec::new();
        if let Some(account) = self.account() {
            keys.push((key!("aws:PrincipalAccount"), account.clone()));
        }
        match self {
            Self::Anonymous => {
                keys.push((key!("aws:PrincipalAccount"), "anonymous".into()));
                keys.push((key!("aws:userid"), "anonymous".into()));
            }
            Self::Service { .. } | Self::Federated { .. } => {}
            Self::Root { account } => {
                keys.push((key!("aws:PrincipalArn"), self.name()));
                keys.push((key!("aws:userid"), account.clone()));
            }
            Self::User { arn, unique_id, .. } => {
                keys.push((key!("aws:PrincipalArn"), arn.clone()));
                keys.extend(unique_id.clone().map(|id| (key!("aws:userid"), id)));
                keys.push((key!("aws:username"), arn.rsplit('/').next().unwrap_or(arn).into()));
            }
            Self::RoleSession { role_arn, role_id, session_name, .. } => {
                keys.push((key!("aws:PrincipalArn"), role_arn.clone()));
                let userid = role_id.as_ref().map(|id| format!("{id}:{session_name}").into());
                keys.extend(userid.map(|userid| (key!("aws:userid"), userid)));
            }
            Self::FederatedUser { arn, account, .. } => {
                keys.push((key!("aws:PrincipalArn"), arn.clone()));
                let (_, name) = split_resource(arn);
                keys.push((key!("aws:userid"), format!("{account}:{name}").into()));
            }
        }
        keys.extend(self.type_name().map(|name| (key!("aws:PrincipalType"), name.into())));
        keys
    }

    /// The value of `aws:PrincipalType`.
    // Source: IAM User Guide, "reference_policies_variables", the table of the values of principal keys
    fn type_name(&self) -> Option<&'static str> {
        match self {
            Self::Anonymous => Some("Anonymous"),
            Self::Service { .. } | Self::Federated { .. } => None,
            Self::Root { .. } => Some("Account"),
            Self::User { .. } => Some("User"),
            Self::RoleSession { .. } => Some("AssumedRole"),
            Self::FederatedUser { .. } => Some("FederatedUser"),
        }
    }
}

/// What kind of principal an ARN names.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Root,
    User,
    Role { name: &'a str },
    Session { role: &'a str, session: &'a str },
    FederatedUser,
}

/// The kind and the account of the principal that an ARN (or an account's id) names; `None` if it names none.
fn kind_of(arn: &str) -> Option<(Kind<'_>, &str)> {
    steps::add(arn.len());
    if is_account_id(arn) {
        return Some((Kind::Root, arn));
    }
    let account = account_of(arn).filter(|account| is_account_id(account))?;
    let service = arn.split(':').nth(2)?;
    let (kind, name) = split_resource(arn);
    if kind != "root" && name.is_empty() {
        return None;
    }
    let kind = match (service, kind) {
        ("iam", "root") if name.is_empty() => Kind::Root,
        ("iam", "user") => Kind::User,
        ("iam", "role") => Kind::Role { name: name.rsplit('/').next().unwrap_or(name) },
        ("sts", "assumed-role") => {
            let (role, session) = name.split_once('/')?;
            Kind::Session { role, session }
        }
        ("sts", "federated-user") => Kind::FederatedUser,
        _ => return None,
    };
    Some((kind, account))
}

/// The part of an ARN after the fifth colon, cut at its first `/`.
fn split_resource(arn: &str) -> (&str, &str) {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    resource.split_once('/').unwrap_or((resource, ""))
}

/// Whether two ARNs of roles mean the same role, where the second was made from a session's ARN and so lacks the path.
///
/// Within an account no two roles have names that differ in their paths only.
// Source: IAM User Guide, "reference_identifiers" (friendly names and paths; ARNs of sessions)
fn differs_in_path_only(named: &str, role_arn: &str) -> bool {
    let parts = |arn| {
        let (kind, path) = split_resource(arn);
        (arn.rfind(":role/").map(|at| &arn[..at]), kind, path)
    };
    let (account, kind, path) = parts(role_arn);
    let (named_account, named_kind, named_path) = parts(named);
    let name = named_path.rsplit('/').next();
    !path.contains('/') && (named_account, named_kind, name) == (account, kind, Some(path)) && kind == "role"
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whom a policy names, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// `*`: everybody, known or not.
    Everyone,
    /// An account: `arn:aws:iam::ID:root` or its bare id.
    Account(Arc<str>),
    /// A user, a role, a session or a federated user by ARN.
    Arn(Arc<str>),
    /// A user or role by unique id, as a policy shows one that was deleted.
    UniqueId(Arc<str>),
    Service(Arc<str>),
    Federated(Arc<str>),
    /// A canonical user id; no principal of this simulation has one, so it matches nobody.
    CanonicalUser(Arc<str>),
}

impl Named {
    /// Whom an ARN or an account's id names; `None` if it names nobody.
    pub(crate) fn by_arn(text: &Arc<str>) -> Option<Self> {
        let (kind, account) = kind_of(text)?;
        Some(match kind {
            Kind::Root => Self::Account(account.into()),
            Kind::User | Kind::Role { .. } | Kind::Session { .. } | Kind::FederatedUser => {
                Self::Arn(text.clone())
            }
        })
    }
}

/// One value of a `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    pub named: Named,
    /// The value as written.
    pub text: Arc<str>,
    /// Where the value stands.
    pub span: Span,
}

/// Which unique id each principal ARN of a document stood for when the document was saved.
///
/// AWS stores the id, so a principal that was deleted and made again is another one.
// Source: IAM User Guide, "reference_policies_elements_principal"
pub type BoundIds = BTreeMap<Arc<str>, Arc<str>>;

/// How directly a resource policy's Allow names the caller, which decides what else limits him.
// Source: IAM User Guide, "reference_policies_evaluation-logic", "access_policies_boundaries"
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Admission {
    /// The account: it is up to the account's own policies whom they allow.
    Account,
    /// The role of the session, or the user a federated session comes from: no identity policy is needed, but
    /// boundary and session policy limit.
    Origin,
    /// The caller himself, or everybody: nothing else is needed.
    Direct,
}

impl PrincipalEntry {
    /// How the entry names the principal, if it does.
    pub(crate) fn admits(&self, principal: &Principal, bound: Option<&BoundIds>) -> Option<Admission> {
        // Looked up only where the ARN is the caller's: a policy can name hundreds.
        let same = |unique: &Option<Arc<str>>| {
            let id = bound.and_then(|bound| bound.get(&self.text));
            id.is_none() || id == unique.as_ref()
        };
        match (&self.named, principal) {
            (Named::Everyone, _) => Some(Admission::Direct),
            (Named::Account(named), principal) if principal.account() == Some(named) => {
                let is_root = matches!(principal, Principal::Root { .. });
                Some(if is_root { Admission::Direct } else { Admission::Account })
            }
            (Named::Arn(named), Principal::User { arn, unique_id, .. }) => {
                (named == arn && same(unique_id)).then_some(Admission::Direct)
            }
            (Named::Arn(named), Principal::RoleSession { arn, role_arn, role_id, .. }) => {
                // A caller given by the role's ARN alone is a session of it.
                let is_role =
                    named == role_arn || (principal.may_have_path() && differs_in_path_only(named, role_arn));
                if is_role && same(role_id) {
                    Some(Admission::Origin)
                } else {
                    (named == arn && arn != role_arn && same(role_id)).then_some(Admission::Direct)
                }
            }
            (Named::Arn(named), Principal::FederatedUser { arn, user_arn, .. }) => {
                if named == arn {
                    Some(Admission::Direct)
                } else {
                    (Some(named) == user_arn.as_ref()).then_some(Admission::Origin)
                }
            }
            (Named::UniqueId(named), Principal::User { unique_id, .. }) => {
                (Some(named) == unique_id.as_ref()).then_some(Admission::Direct)
            }
            (Named::UniqueId(named), Principal::RoleSession { role_id, .. }) => {
                (Some(named) == role_id.as_ref()).then_some(Admission::Origin)
            }
            (Named::Service(named), Principal::Service { name }) => {
                named.eq_ignore_ascii_case(name).then_some(Admission::Direct)
            }
            (Named::Federated(named), Principal::Federated { provider }) => {
                (named == provider).then_some(Admission::Direct)
            }
            _ => None,
        }
    }
}

/// The `Principal` or `NotPrincipal` element of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals {
    /// There is none: the statement speaks of whoever the policy is attached to.
    Unstated,
    /// The element `Principal`, which admits those it names.
    Only(Vec<PrincipalEntry>),
    /// The element `NotPrincipal`, which admits all but those it names.
    Except(Vec<PrincipalEntry>),
}

impl Principals {
    /// The values written, whichever of the two elements holds them.
    pub fn entries(&self) -> &[PrincipalEntry] {
        match self {
            Self::Unstated => &[],
            Self::Only(entries) | Self::Except(entries) => entries,
        }
    }

    /// How the element speaks of the principal, if it does. `bounded` says whether a permissions boundary limits the
    /// principal.
    pub(crate) fn admit(
        &self,
        principal: &Principal,
        bounded: bool,
        effect: Effect,
        bound: Option<&BoundIds>,
    ) -> Option<Admission> {
        match self {
            Self::Unstated => Some(Admission::Direct),
            Self::Only(entries) => entries.iter().filter_map(|entry| entry.admits(principal, bound)).max(),
            Self::Except(entries) => {
                let excepted =
                    !denies_the_bounded(bounded, effect) && is_excepted(entries, principal, effect, bound);
                (!excepted).then_some(Admission::Direct)
            }
        }
    }
}

/// Whether a `NotPrincipal` under Deny speaks of a principal because a permissions boundary limits it, whomever the list
/// leaves out.
// Source: IAM User Guide, "access_policies_boundaries": such policies "will always deny any IAM principal that has a
// permissions boundary policy attached, regardless of the values specified in the NotPrincipal element"
fn denies_the_bounded(bounded: bool, effect: Effect) -> bool {
    bounded && effect == Effect::Deny
}

/// Whether a `NotPrincipal` list takes the principal out of the statement.
///
/// Doubtful in its details. The documentation says that a Deny must list the account beside the user, and the
/// account and the role beside a session, or the listed caller may be denied as well: so under Deny every face of
/// the caller has to be listed. Under Allow one listed face is enough. The alternative is one face for both. One form is
/// known.
// Source: IAM User Guide, "reference_policies_elements_notprincipal"
fn is_excepted(
    entries: &[PrincipalEntry],
    principal: &Principal,
    effect: Effect,
    bound: Option<&BoundIds>,
) -> bool {
    let listed = |face: Admission| entries.iter().any(|entry| entry.admits(principal, bound) == Some(face));
    let everyone = entries.iter().any(|entry| entry.named == Named::Everyone);
    match (effect, principal) {
        (Effect::Allow, _) => entries.iter().any(|entry| entry.admits(principal, bound).is_some()),
        _ if everyone => true,
        (Effect::Deny, Principal::User { .. }) => listed(Admission::Direct) && listed(Admission::Account),
        (Effect::Deny, Principal::RoleSession { arn, role_arn, .. }) => {
            let session = arn == role_arn || listed(Admission::Direct);
            session && listed(Admission::Origin) && listed(Admission::Account)
        }
        (Effect::Deny, Principal::FederatedUser { user_arn, .. }) => {
            let user = user_arn.is_none() || listed(Admission::Origin);
            listed(Admission::Direct) && user && listed(Admission::Account)
        }
        (Effect::Deny, _) => listed(Admission::Direct),
    }
}
