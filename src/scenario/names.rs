//! Short names: what `kim`, `k1` or `alias/x` stand for in one world.
//!
//! A name is looked up when it is used, because what it stands for may have been made, deleted or moved since.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::views;
use crate::cloud::iam::{Identity, Kind, Session};
use crate::cloud::{AccountId, Arn, Caller, Region, SERVICES, World, kms};
use crate::limits::Exceeded;
use crate::limits::scenario::{FILLED, SAVED};
use crate::policy::Principal;

/// How the names of services end in policies.
const SERVICE_NAMES: &str = ".amazonaws.com";

/// Whether a name is one that policies give a service.
pub(super) fn is_service(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.strip_suffix(SERVICE_NAMES).is_some_and(|stem| stem.split('.').all(is_label))
}

/// A name that stands for nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownName(pub String);

/// A session of a role, by names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSession<'a> {
    /// The role's name, without its path.
    pub role: &'a str,
    pub session: &'a str,
    /// The account of the role.
    pub account: AccountId,
}

/// What stands before the name of a role where its latest session is meant, whoever has made it.
pub(super) const SESSION_OF: &str = "session-of:";

/// The names of one scenario.
#[derive(Clone, Debug)]
pub struct Names {
    /// The account that names without an account belong to.
    pub home: AccountId,
    /// The Region everything is in.
    pub region: Region,
    /// Users that are known by a bare name, and their account.
    users: Arc<BTreeMap<String, AccountId>>,
    sessions: Arc<BTreeMap<String, Caller>>,
    keys: Arc<BTreeMap<String, String>>,
    /// Statements of policies by name.
    statements: Arc<BTreeMap<String, Value>>,
    /// Responses that steps have kept.
    saved: Arc<BTreeMap<String, Arc<Value>>>,
    /// The bytes of all that was saved, and of all that placeholders have put in.
    spent: Spent,
}

/// What the steps of a path have used up.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    saved: usize,
    filled: usize,
}

impl Names {
    /// No names yet, for an account and a Region.
    pub fn new(home: AccountId, region: Region) -> Self {
        Self {
            home,
            region,
            users: Arc::default(),
            sessions: Arc::default(),
            keys: Arc::default(),
            statements: Arc::default(),
            saved: Arc::default(),
            spent: Spent::default(),
        }
    }

    pub(super) fn add_user(&mut self, name: &str, account: &AccountId) {
        let taken_at_home = self.users.get(name) == Some(&self.home);
        if !taken_at_home {
            Arc::make_mut(&mut self.users).insert(name.to_owned(), account.clone());
        }
    }

    pub(super) fn add_session(&mut self, name: &str, caller: Caller) {
        Arc::make_mut(&mut self.sessions).insert(name.to_owned(), caller);
    }

    pub(super) fn add_key(&mut self, name: &str, arn: String) {
        Arc::make_mut(&mut self.keys).insert(name.to_owned(), arn);
    }

    pub(super) fn add_statement(&mut self, name: &str, statement: Value) {
        Arc::make_mut(&mut self.statements).insert(name.to_owned(), statement);
    }

    /// The statements that a name stands for in a policy: one of the scenario's, `account`, `admin:NAME` or `reader:NAME`.
    /// Placeholders in them are still to be filled in.
    pub(super) fn statements_of(&self, name: &str) -> Result<Vec<Value>, UnknownName> {
        if let Some(own) = self.statements.get(name) {
            return Ok(own.as_array().cloned().unwrap_or_else(|| vec![own.clone()]));
        }
        let allow = |sid: &str, who: &str, actions: Value| {
            let principal = json!({"AWS": format!("{{{{{who}}}}}")});
            json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"})
        };
        let statement = match name.split_once(':') {
            None if name == "account" => allow("Enable IAM User Permissions", "root", json!("kms:*")),
            Some(("admin", who)) => {
                allow("Allow access for Key Administrators", who, json!(kms::ADMINISTRATOR_ACTIONS))
            }
            Some(("reader", who)) => allow("Reader", who, json!(["kms:Decrypt", "kms:DescribeKey"])),
            _ => {
                return Err(UnknownName(format!(
                    "no statement is called `{name}`; name one of `statements`, `account`, `admin:` or `reader:` and a name"
                )));
            }
        };
        Ok(vec![statement])
    }

    /// Keeps a response under a name.
    ///
    /// # Errors
    ///
    /// If that were more than a path may save.
    pub(super) fn save(&mut self, name: &str, response: Value) -> Result<(), Exceeded> {
        self.spent.saved = self.spent.saved.saturating_add(size_of(&response));
        SAVED.check(self.spent.saved)?;
        if let Some(arn) = response.pointer("/KeyMetadata/Arn").and_then(Value::as_str) {
            Arc::make_mut(&mut self.keys).insert(name.to_owned(), arn.to_owned());
        }
        if let Some(key) = response.pointer("/Credentials/AccessKeyId").and_then(Value::as_str) {
            Arc::make_mut(&mut self.sessions).insert(name.to_owned(), Caller::Session(key.into()));
        }
        Arc::make_mut(&mut self.saved).insert(name.to_owned(), Arc::new(response));
        Ok(())
    }

    /// Counts what placeholders have put into a call.
    ///
    /// # Errors
    ///
    /// If that is more than a path may put in.
    pub(super) fn fill(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.spent.filled = self.spent.filled.saturating_add(bytes);
        FILLED.check(self.spent.filled)
    }

    /// Whose credentials `name` stands for. `anyone@account` is not among them: nobody of that name exists.
    pub fn caller(&self, name: &str) -> Result<Caller, UnknownName> {
        if let Some(session) = self.sessions.get(name) {
            return Ok(session.clone());
        }
        if is_service(name) && !self.users.contains_key(name) {
            return Ok(Caller::Service(name.into()));
        }
        let (who, account) = match name.split_once('@') {
            Some((who, account)) => {
                (who, account.parse().map_err(|e| UnknownName(format!("`{name}`: {e}")))?)
            }
            None => (name, self.users.get(name).unwrap_or(&self.home).clone()),
        };
        Ok(match who {
            "anonymous" => Caller::Anonymous,
            "root" => Caller::Root(account),
            user => Caller::user(&account, user),
        })
    }

    /// Returns whose credentials `name` stands for, as [`Self::caller`] does; `session-of:ROLE` is the latest session of a role
    /// that is alive in a world.
    pub fn caller_at(&self, world: &World, name: &str) -> Result<Caller, UnknownName> {
        let Some(role) = name.strip_prefix(SESSION_OF) else { return self.caller(name) };
        let (role, account) = match role.split_once('@') {
            Some((role, account)) => {
                (role, account.parse().map_err(|e| UnknownName(format!("`{name}`: {e}")))?)
            }
            None => (role, self.home.clone()),
        };
        let nobody = || UnknownName(format!("nobody has a session of the role {role} now"));
        let identity = world.iam().identity(&account, Kind::Role, role).ok_or_else(nobody)?;
        let arn = identity.arn();
        let is_its = |session: &Session| {
            session.expires > world.now() && session.principal.role_arn().is_some_and(|role| **role == *arn)
        };
        let alive = world.iam().sessions().filter(|(_, session)| is_its(session));
        // Of sessions of the same second, one of the role of that name that is there now: another one was before.
        let is_of_this = |session: &Session| matches!(&session.principal, Principal::RoleSession { role_id: Some(id), .. } if **id == *identity.unique_id);
        let latest = alive.max_by_key(|(_, session)| (session.issued, is_of_this(session)));
        latest.map(|(key, _)| Caller::Session(key.clone())).ok_or_else(nobody)
    }

    /// Returns whose credentials `name` stands for in a world: a name of the scenario, somebody made since, the latest
    /// session of a role, as `ROLE/SESSION`, which may have ended, a role as itself, as `role/ROLE`, or a service.
    pub fn caller_in(&self, world: &World, name: &str) -> Option<Caller> {
        let named = self.caller(name).ok().filter(|caller| world.principal(caller).is_ok());
        named.or_else(|| self.session_in(world, name)).or_else(|| self.itself_in(world, name))
    }

    /// A role as itself.
    fn itself_in(&self, world: &World, name: &str) -> Option<Caller> {
        let wanted = self.role_session(name).filter(|wanted| wanted.role == Kind::Role.word())?;
        let role = world.iam().identity(&wanted.account, Kind::Role, wanted.session)?;
        Some(Caller::Role(wanted.account, role.name.as_str().into()))
    }

    /// Returns the name by which [`Names::caller_in`] finds somebody; none for nobody and for a session without a role.
    pub fn name_of(&self, world: &World, caller: &Caller) -> Option<String> {
        let at = |account: &AccountId, name: &str| {
            let alone = self.caller(name).is_ok_and(|found| found == *caller) || *account == self.home;
            if alone { name.to_owned() } else { format!("{name}@{account}") }
        };
        match caller {
            Caller::Anonymous => None,
            Caller::Root(account) => Some(at(account, "root")),
            Caller::User(account, name) => Some(at(account, name)),
            Caller::Role(account, name) => Some(at(account, &format!("{}/{name}", Kind::Role.word()))),
            Caller::Service(name) => Some(name.to_string()),
            Caller::Session(_) => {
                if let Some((name, _)) = self.sessions.iter().find(|(_, known)| *known == caller) {
                    return Some(name.clone());
                }
                let Principal::RoleSession { account, role_arn, session_name, .. } =
                    world.principal(caller).ok()?
                else {
                    return None;
                };
                let role = role_arn.rsplit('/').next().unwrap_or_default();
                Some(at(&account.parse().ok()?, &format!("{role}/{session_name}")))
            }
        }
    }

    fn session_in(&self, world: &World, name: &str) -> Option<Caller> {
        let wanted = self.role_session(name)?;
        let role = world.iam().identity(&wanted.account, Kind::Role, wanted.role)?;
        let arn = role.arn();
        let is_it = |session: &Session| {
            matches!(&session.principal, Principal::RoleSession { role_arn, session_name, .. }
                if **role_arn == *arn && **session_name == *wanted.session)
        };
        let all = world.iam().sessions().map(|(key, session)| (Caller::Session(key.clone()), session));
        let found = all.filter(|(_, session)| is_it(session));
        found.max_by_key(|(_, session)| session.issued).map(|(caller, _)| caller)
    }

    /// Reads `ROLE/SESSION` or `ROLE/SESSION@ACCOUNT`, which name a session of a role, be it there or not.
    pub fn role_session<'a>(&self, name: &'a str) -> Option<RoleSession<'a>> {
        let (role, rest) = name.split_once('/')?;
        // A session's name may hold an `@`.
        let with_account = rest.rsplit_once('@').and_then(|(session, id)| Some((session, id.parse().ok()?)));
        let (session, account) = with_account.unwrap_or_else(|| (rest, self.home.clone()));
        Some(RoleSession { role, session, account })
    }

    /// The names of role sessions.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        self.sessions.keys().map(String::as_str)
    }

    /// The ARN of a key, by short name, alias or ARN.
    pub fn key(&self, world: &World, name: &str) -> Result<String, UnknownName> {
        if let Some(arn) = self.keys.get(name) {
            return Ok(arn.clone());
        }
        if name.starts_with("alias/") {
            return self
                .named(world, name)
                .ok_or_else(|| UnknownName(format!("there is no {name} in this world")));
        }
        match name.parse::<Arn>() {
            Ok(arn) if arn.service() == "kms" => Ok(name.to_owned()),
            _ => Err(UnknownName(format!("no key is called `{name}`"))),
        }
    }

    /// The ARN of a table of the home account.
    pub fn table_arn(&self, name: &str) -> String {
        Arn::text("dynamodb", self.region.as_str(), self.home.as_str(), &["table/", name])
    }

    /// The ARN of whatever `name` stands for: a key, an alias's key, a table, a user or a role, an ARN, `*`.
    pub fn resource(&self, world: &World, name: &str) -> Result<String, UnknownName> {
        if name == "*" || name.starts_with("arn:") {
            return Ok(name.to_owned());
        }
        if self.keys.contains_key(name) || name.starts_with("alias/") {
            return self.key(world, name);
        }
        self.named(world, name)
            .or_else(|| self.identity_arn(world, name))
            .ok_or_else(|| UnknownName(format!("nothing is called `{name}` in this world")))
    }

    /// The ARN of a user, role or group by name, where two are called alike by `user/NAME`, `role/NAME` or `group/NAME`;
    /// `@ACCOUNT` says that it is not of the home account.
    fn identity_arn(&self, world: &World, name: &str) -> Option<String> {
        let (name, account) = match name.split_once('@') {
            Some((name, account)) => (name, account.parse().ok()?),
            None => (name, self.users.get(name).unwrap_or(&self.home).clone()),
        };
        let find = |kind, name| world.iam().identity(&account, kind, name).map(Identity::arn);
        let kinds = [Kind::User, Kind::Role, Kind::Group];
        let by_kind = |kind: Kind| find(kind, name.strip_prefix(kind.word())?.strip_prefix('/')?);
        kinds.into_iter().find_map(by_kind).or_else(|| kinds.into_iter().find_map(|kind| find(kind, name)))
    }

    /// The ARN of the resource of the home account that any service calls by a bare name.
    fn named(&self, world: &World, name: &str) -> Option<String> {
        SERVICES.iter().find_map(|service| service.named(world, &self.home, &self.region, name))
    }

    /// The ARN of a user, a role, a session or a root user, if `name` is one's.
    pub fn principal_arn(&self, world: &World, name: &str) -> Option<String> {
        let caller = self.caller_at(world, name).ok();
        let known = caller.and_then(|caller| world.principal(&caller).ok()).map(|p| p.name().to_string());
        known.or_else(|| world.iam().identity(&self.home, Kind::Role, name).map(Identity::arn))
    }

    /// What people call a principal by its ARN: the last part, with the account where it is not the home account.
    pub fn short_person(&self, arn: &str) -> String {
        let Ok(parsed) = arn.parse::<Arn>() else { return arn.to_owned() };
        let name = match parsed.resource().split_once('/') {
            // A session keeps its role's name: sessions of two roles may be called alike.
            Some(("assumed-role", session)) => session,
            _ => parsed.resource().rsplit('/').next().unwrap_or(parsed.resource()),
        };
        if parsed.account() == self.home.as_str() {
            name.to_owned()
        } else {
            format!("{name}@{}", parsed.account())
        }
    }

    /// The short name of an ARN, for people to read; the ARN itself if it has none.
    pub fn short<'a>(&'a self, arn: &'a str) -> &'a str {
        if let Some((name, _)) = self.keys.iter().find(|(_, key)| *key == arn) {
            return name;
        }
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let &["arn", _, prefix, _, _, resource] = parts.as_slice() else { return arn };
        let service = SERVICES.iter().find(|service| service.prefix == prefix);
        // The ARN that a list is asked for ends where the names begin: it has nothing shorter.
        service.and_then(|service| service.short(resource)).filter(|short| !short.is_empty()).unwrap_or(arn)
    }

    /// What a placeholder stands for: `{{k1}}` and `{{tess}}` are ARNs, `{{grant.GrantToken}}` is a field of a response
    /// that a step has saved, `{{CustomerData.TableKey}}` the wrapped key of a table in base64.
    pub(super) fn placeholder(&self, world: &World, name: &str) -> Result<String, UnknownName> {
        let (first, path) = name.split_once('.').map_or((name, None), |(first, path)| (first, Some(path)));
        if path == Some("TableKey")
            && let Some(key) = views::wrapped_table_key(world, &self.table_arn(first))
        {
            return Ok(key.to_base64());
        }
        if let Some(path) = path {
            let pointer = format!("/{}", path.replace('.', "/"));
            return match self.saved.get(first).and_then(|response| response.pointer(&pointer)) {
                Some(Value::String(text)) => Ok(text.clone()),
                Some(other) => Ok(other.to_string()),
                None => Err(UnknownName(format!("no step has saved `{name}`"))),
            };
        }
        self.resource(world, first)
            .ok()
            .or_else(|| self.principal_arn(world, first))
            .ok_or_else(|| UnknownName(format!("nothing is called `{name}` in this world")))
    }
}

/// The bytes of a value, some more or less.
fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => 8 + text.len(),
        Value::Array(elements) => 8 + elements.iter().map(size_of).sum::<usize>(),
        Value::Object(fields) => {
            8 + fields.iter().map(|(name, value)| name.len() + size_of(value)).sum::<usize>()
        }
    }
}
