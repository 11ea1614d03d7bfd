//! Whom a question is put to: everybody here, and whoever else the resource's side could mean.

use std::collections::BTreeSet;

use super::tier::{Standing, Tier};
use crate::cloud::iam::Kind;
use crate::cloud::permission::Permission;
use crate::cloud::{AccountId, Caller, Who, World};
use crate::policy::{Condition, Effect, LeftCondition, Named, Principal, Principals, Proviso, Source};

/// Somebody whom the question is put to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub tier: Tier,
    pub standing: Standing,
    pub name: String,
    pub who: Who,
}

/// The account of somebody whom nobody knows; one that a world has, or that a policy names, is passed over for the one below.
const STRANGER: u64 = 999_988_887_777;

/// The name of a user who stands for everybody in an account.
const ANYONE: &str = "anyone";

/// A user who stands for whomever an account allows everything.
pub fn anyone_in(account: &AccountId) -> Who {
    let arn = super::super::iam::arn(account, "user", "/", ANYONE);
    Who::Outsider(Principal::User { arn: arn.into(), account: account.as_str().into(), unique_id: None })
}

/// How an answer names every service at once, and whom it asks for them.
pub(super) const ANY_SERVICE: &str = "any service";
const SOME_SERVICE: &str = "any-service.amazonaws.com";

/// The keys whose values say which account or which identity is meant.
const ACCOUNT_KEYS: [&str; 2] = ["aws:principalaccount", "kms:calleraccount"];
const IDENTITY_KEYS: [&str; 1] = ["aws:principalarn"];
const ORGANIZATION_KEYS: [&str; 1] = ["aws:principalorgid"];

impl World {
    /// Everybody of this world: root users, users, roles and the sessions that are alive.
    pub(super) fn people(&self) -> Vec<Asked> {
        let here = |standing, name: String, who| Asked { tier: Tier::Here, standing, name, who };
        let roots = self.iam.accounts().map(|(account, _)| {
            let name = super::super::iam::root_arn(account);
            here(Standing::Known, name, Who::Caller(Caller::Root(account.clone())))
        });
        let identities = self.iam.identities().filter_map(|identity| match identity.kind {
            Kind::User => {
                let user = Caller::user(&identity.account, &identity.name);
                Some(here(Standing::Known, identity.arn(), Who::Caller(user)))
            }
            Kind::Role => {
                Some(here(Standing::AnySession, identity.arn(), Who::Principal(identity.principal().clone())))
            }
            // A group is nobody: its policies are its members'.
            Kind::Group => None,
        });
        let sessions =
            self.iam.sessions().filter(|(_, session)| session.expires > self.now).map(|(key, session)| {
                let caller = Who::Caller(Caller::Session(key.clone()));
                here(Standing::Session, session.principal.name().to_string(), caller)
            });
        roots.chain(identities).chain(sessions).collect()
    }

    /// Whom a resource's policy and its grants mean beside the people of this world, and somebody whom nobody knows.
    pub(super) fn others(
        &self,
        permission: &Permission,
        source: Option<&Source>,
        named: Vec<Named>,
    ) -> Vec<Asked> {
        let mut found: Vec<Asked> = Vec::new();
        for named in named {
            found.extend(self.asked(&named));
        }
        for statement in source.into_iter().flat_map(|source| source.document.statements.iter()) {
            match (statement.effect, &statement.principals) {
                (Effect::Allow, Principals::Only(entries)) | (Effect::Deny, Principals::Except(entries)) => {
                    found.extend(entries.iter().filter_map(|entry| self.asked(&entry.named)));
                }
                (Effect::Allow, Principals::Unstated | Principals::Except(_))
                | (Effect::Deny, Principals::Unstated | Principals::Only(_)) => {}
            }
            if statement.effect == Effect::Allow && is_about_everybody(&statement.principals) {
                found.push(Asked { name: ANY_SERVICE.to_owned(), ..service(SOME_SERVICE) });
            }
            // Whom a Deny leaves out may be let in by another statement.
            let lets_in =
                |condition: &&Condition| condition.operator.negated == (statement.effect == Effect::Deny);
            for condition in statement.conditions.iter().filter(lets_in) {
                let values = condition.values.iter().map(|value| &*value.text);
                found.extend(values.filter_map(|value| self.meant_by(&condition.key.text, value)));
            }
        }
        // Nobody asks a service's own actions of accounts elsewhere where no policy of the resource could let them in.
        if source.is_some() && *permission.resource != *"*" {
            found.extend(self.stranger(&|account| found.iter().any(|asked| asked.name.contains(account))));
        }
        let mut seen: BTreeSet<String> = self.people().into_iter().map(|person| person.name).collect();
        found.retain(|asked| seen.insert(asked.name.clone()));
        found
    }

    /// Somebody in an account that is neither here nor asked about.
    pub(super) fn stranger(&self, is_named: &dyn Fn(&str) -> bool) -> Option<Asked> {
        let unknown = |account: &AccountId| !self.has_account(account) && !is_named(account.as_str());
        let mut accounts = (0..STRANGER).filter_map(|below| (STRANGER - below).to_string().parse().ok());
        let account = accounts.find(unknown)?;
        let who = anyone_in(&account);
        Some(Asked { tier: Tier::Anybody, standing: Standing::Anybody, name: "anybody".to_owned(), who })
    }

    fn has_account(&self, account: &AccountId) -> bool {
        self.iam.accounts().any(|(known, _)| known == account)
    }

    /// Whom a name in a policy or a grant means, unless they are asked as people of this world, or are nobody.
    fn asked(&self, named: &Named) -> Option<Asked> {
        match named {
            // Everybody is asked for by somebody whom nobody knows; canonical ids and ids of the deleted are nobody.
            Named::Everyone | Named::UniqueId(_) | Named::CanonicalUser(_) => None,
            Named::Account(account) => self.account_elsewhere(account),
            Named::Arn(arn) => self.principal_of(arn),
            Named::Service(name) => Some(service(name)),
            Named::Federated(provider) => Some(Asked {
                tier: Tier::Elsewhere,
                standing: Standing::Provider,
                name: format!("whom {provider} vouches for"),
                who: Who::Principal(Principal::Federated { provider: provider.clone() }),
            }),
        }
    }

    fn account_elsewhere(&self, account: &str) -> Option<Asked> {
        let account: AccountId = account.parse().ok()?;
        (!self.has_account(&account)).then(|| Asked {
            tier: Tier::Elsewhere,
            standing: Standing::Account,
            name: format!("account {account}"),
            who: anyone_in(&account),
        })
    }

    /// A principal by ARN: elsewhere, or a session of this world that nobody has made yet.
    fn principal_of(&self, arn: &str) -> Option<Asked> {
        let principal = Principal::from_arn(arn)?;
        let account: AccountId = principal.account()?.parse().ok()?;
        let name = arn.to_owned();
        if !self.has_account(&account) {
            let (tier, standing) = (Tier::Elsewhere, Standing::Elsewhere);
            return Some(Asked { tier, standing, name, who: Who::Outsider(principal) });
        }
        let (tier, standing) = (Tier::Here, Standing::AnySession);
        match principal {
            Principal::RoleSession { arn, account: of, role_arn, session_name, .. } if arn != role_arn => {
                let role = self.iam.identities().find(|identity| {
                    let session = identity.principal().clone();
                    matches!(session, Principal::RoleSession { account, .. } if account == of)
                        && arn.contains(&format!(":assumed-role/{}/", identity.name))
                        && identity.kind == Kind::Role
                })?;
                let principal = Principal::RoleSession {
                    arn,
                    account: of,
                    role_arn: role.arn().into(),
                    role_id: Some(role.unique_id.as_str().into()),
                    session_name,
                };
                Some(Asked { tier, standing, name, who: Who::Principal(principal) })
            }
            Principal::FederatedUser { .. } => {
                Some(Asked { tier, standing, name, who: Who::Principal(principal) })
            }
            // Users, roles and root users are asked as people; whoever is missing among them is nobody.
            Principal::RoleSession { .. }
            | Principal::User { .. }
            | Principal::Root { .. }
            | Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Federated { .. } => None,
        }
    }

    /// Whom the value of a condition means.
    fn meant_by(&self, key: &str, value: &str) -> Option<Asked> {
        let key = key.to_lowercase();
        if value.contains(['*', '?', '$']) {
            return None;
        }
        if ACCOUNT_KEYS.contains(&&*key) {
            return self.account_elsewhere(value);
        }
        if IDENTITY_KEYS.contains(&&*key) {
            return self.principal_of(value);
        }
        key.starts_with("aws:principalservicename").then(|| service(value))
    }

    /// Whether the conditions of a statement let in nobody but whom they name, all of whom are asked apart.
    pub(super) fn names_them(&self, proviso: &Proviso) -> bool {
        proviso.conditions.iter().any(|condition| self.names_all(condition, proviso.effect))
    }

    fn names_all(&self, condition: &LeftCondition, effect: Effect) -> bool {
        let key = condition.key.to_lowercase();
        let is_negated = condition.operator.to_lowercase().contains("not");
        let literal = |value: &&std::sync::Arc<str>| !value.contains(['*', '?', '$']);
        let organization = |value: &std::sync::Arc<str>| {
            self.organizations.all().any(|organization| *organization.id == **value)
        };
        let all_literal = condition.values.iter().all(|value| literal(&value));
        if is_negated != (effect == Effect::Deny) || !all_literal {
            return false;
        }
        ACCOUNT_KEYS.contains(&&*key)
            || IDENTITY_KEYS.contains(&&*key)
            || (ORGANIZATION_KEYS.contains(&&*key) && condition.values.iter().all(organization))
    }
}

/// Whether a statement is about everybody, services among them.
// Source: Organizations User Guide, "orgs_manage_policies_rcps_examples": Principal * with aws:PrincipalIsAWSService
fn is_about_everybody(principals: &Principals) -> bool {
    match principals {
        Principals::Only(entries) => entries.iter().any(|entry| entry.named == Named::Everyone),
        Principals::Except(_) => true,
        Principals::Unstated => false,
    }
}

fn service(name: &str) -> Asked {
    Asked {
        tier: Tier::Services,
        standing: Standing::Service,
        name: name.to_owned(),
        who: Who::Principal(Principal::Service { name: name.into() }),
    }
}
