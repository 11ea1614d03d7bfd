//! A scenario whose world stands ready, and the people whom the learner may play in it.

use std::collections::{BTreeMap, BTreeSet};

use super::format::Scenario;
use super::names::Names;
use super::reached::Reached;
use crate::cloud::iam::Kind;
use crate::cloud::{AccountId, Caller, World};

/// A scenario whose world stands ready.
#[derive(Clone)]
pub struct Stage {
    pub scenario: Scenario,
    /// The world at the start.
    pub world: World,
    /// Whom the learner may play, by their numbers.
    pub personas: Vec<Persona>,
    /// The numbers of the personas, in their order.
    pub numbers: Vec<usize>,
    /// What the short names stand for at the start.
    pub names: Names,
    /// Which choices of each question are right.
    pub(super) truths: BTreeMap<String, Vec<bool>>,
    /// What everybody may do, for checks that compare two worlds.
    pub(super) reached: Reached,
}

/// Somebody the learner may play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    pub name: String,
    pub caller: Caller,
    pub account: AccountId,
    /// The user, or the role of the session, whose policies decide; `None` for a root user.
    identity: Option<(Kind, String)>,
}

impl Persona {
    /// The user, or the role of the session, whose policies decide; `None` for a root user.
    pub fn identity(&self) -> Option<(&AccountId, Kind, &str)> {
        self.identity.as_ref().map(|(kind, name)| (&self.account, *kind, name.as_str()))
    }

    /// Says what the lab leaves out when calls are made in the persona's name; nothing of whoever has credentials on AWS.
    pub fn simplified(&self) -> Option<&'static str> {
        match &self.caller {
            Caller::Role(..) => Some(
                "a role as itself: the lab asks for no AssumeRole, which AWS would; the record of a call says so",
            ),
            Caller::Service(_) => Some(
                "a service for itself: its calls carry aws:SourceArn and aws:SourceAccount of the table; nobody has its \
                 credentials on AWS",
            ),
            Caller::Anonymous | Caller::Root(_) | Caller::User(..) | Caller::Session(_) => None,
        }
    }

    /// Names the kind of caller: `user`, `role session`, `root user`, `role as itself`, `service`.
    pub fn kind(&self) -> &'static str {
        match (&self.caller, &self.identity) {
            (Caller::Role(..), _) => "role as itself",
            (Caller::Service(_), _) => "service",
            (_, Some((Kind::Role, _))) => "role session",
            (_, Some(_)) => "user",
            (_, None) => "root user",
        }
    }
}

/// Returns the numbers of people, in their order: those that the scenario gives, for others the lowest that is free.
pub(super) fn numbers<'p>(
    given: &'p BTreeMap<String, usize>,
    people: &'p [Persona],
) -> impl Iterator<Item = usize> + 'p {
    let of = |persona: &Persona| given.get(&persona.name).copied();
    let taken: BTreeSet<usize> = people.iter().filter_map(of).collect();
    let mut free = (1..).filter(move |number| !taken.contains(number));
    // The numbers never end.
    people.iter().map(move |persona| of(persona).or_else(|| free.next()).unwrap_or_default())
}

impl Stage {
    /// Returns the number that nobody of the scenario has and that comes behind `nth` others of these.
    pub fn free_number(&self, nth: usize) -> usize {
        let mut free = (1..).filter(|number| !self.numbers.contains(number));
        // The numbers never end.
        free.nth(nth).unwrap_or_default()
    }

    /// Returns somebody of a world by a name, whom the scenario lists or not: see [`Names::caller_in`].
    pub fn anybody(&self, name: &str, world: &World) -> Option<Persona> {
        persona(name, world, &self.names)
    }

    /// Returns the user of the home account that has this name and was not there at the start.
    pub fn newcomer(&self, name: &str, world: &World) -> Option<Persona> {
        let user = world.iam().identity(&self.names.home, Kind::User, name)?;
        let is_new = self.world.iam().identity(&self.names.home, Kind::User, name).is_none();
        if is_new && user.name == name { persona(name, world, &self.names) } else { None }
    }

    /// The users of the home account that were not there at the start.
    pub fn newcomers(&self, world: &World) -> Vec<Persona> {
        let home = &self.names.home;
        let new = world.iam().identities().filter(|i| {
            i.kind == Kind::User
                && i.account == *home
                && self.world.iam().identity(home, Kind::User, &i.name).is_none()
        });
        new.filter_map(|i| persona(&i.name, world, &self.names)).collect()
    }
}

/// Returns somebody by a short name; `None` if nobody in this world is called so.
pub(super) fn persona(name: &str, world: &World, names: &Names) -> Option<Persona> {
    let caller = names.caller_in(world, name)?;
    let principal = world.principal(&caller).ok()?;
    let account = match principal.account() {
        Some(account) => account.parse().ok()?,
        // A service is of no account.
        None => matches!(caller, Caller::Service(_)).then(|| names.home.clone())?,
    };
    let identity = match &principal {
        crate::policy::Principal::RoleSession { role_arn, .. } => {
            Some((Kind::Role, role_arn.rsplit('/').next()?.to_owned()))
        }
        crate::policy::Principal::User { arn, .. } => Some((Kind::User, arn.rsplit('/').next()?.to_owned())),
        crate::policy::Principal::Anonymous
        | crate::policy::Principal::Service { .. }
        | crate::policy::Principal::Root { .. }
        | crate::policy::Principal::FederatedUser { .. }
        | crate::policy::Principal::Federated { .. } => None,
    };
    Some(Persona { name: name.to_owned(), caller, account, identity })
}
