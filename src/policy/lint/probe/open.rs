//! Asks as strangers, and as services that work for strangers.

use super::attain::instance;
use super::named::comes_through_another;
use super::{Bench, MAX_TRIED, among, listed};
use crate::policy::condition::{Condition, Test};
use crate::policy::diagnostic::Severity;
use crate::policy::document::Statement;
use crate::policy::principal::{Named, Principal, Principals};
use crate::policy::request::Context;
use crate::policy::terms::{Effect, PolicyKind};
use std::sync::Arc;

/// The account of the strangers. No example of AWS has it.
pub(super) const STRANGER: &str = "999900001111";
const STRANGERS_ORGANIZATION: &str = "o-canary0000";
const STRANGERS_PATH: &str = "o-canary0000/r-cana/ou-cana-00000000/";
/// A service that asks where the document speaks of all of them.
const SOME_SERVICE: &str = "cloudtrail.amazonaws.com";
/// An address that no example of AWS has.
const STRANGERS_ADDRESS: &str = "8.8.4.4";

impl<'a> Bench<'a> {
    /// Reports statements by which a stranger of another account and organization gets in.
    // Source: Amazon S3 User Guide, "access-control-block-public-access" (the meaning of public): only fixed values of
    // account, organization, ARN, network and unique id bound a statement
    pub(super) fn strangers(&mut self) {
        for statement in self.statements(Effect::Allow) {
            if self.is_spent() {
                return;
            }
            let Principals::Only(entries) = &statement.principals else { continue };
            let Some(everyone) = entries.iter().find(|entry| entry.named == Named::Everyone) else {
                continue;
            };
            // Of a service that is not known in detail nobody knows what its own condition keys bound.
            let known = self.profile.vendor.is_some() || self.document.kind == PolicyKind::Trust;
            if !known && !statement.conditions.is_empty() {
                continue;
            }
            let Some(canary) = self.first_stranger(statement) else { continue };
            let message = if statement.conditions.is_empty() {
                "this allows every identity of every account, without a condition".to_owned()
            } else {
                "this allows every account: no condition bounds the account, the organization, the ARN or the network"
                    .to_owned()
            };
            let remedy = "Name the principals, or add a condition such as aws:PrincipalOrgID.".to_owned();
            self.warn("public", everyone.span, message, remedy, Some(canary));
        }
    }

    /// The first probe by which a stranger gets in.
    fn first_stranger(&mut self, statement: &'a Statement) -> Option<super::Canary> {
        let action = self.action_of(statement)?;
        let own = &self.hazards().own_keys;
        let resource = self.resource_for(statement);
        for principal in strangers(statement, &own.arn) {
            for organization in [false, true] {
                for address in addresses(statement, &own.address) {
                    let mut context = self.surroundings(&address);
                    if organization {
                        context.set(own.organization.as_str(), STRANGERS_ORGANIZATION);
                        context.set_many(own.organization_paths.as_str(), [STRANGERS_PATH]);
                    }
                    for key in &own.account {
                        context.set(key.as_str(), STRANGER);
                    }
                    context.set(own.unique_id.as_str(), "AIDACANARY0000000000");
                    context.set(own.is_service.as_str(), "false");
                    let is_free = |key: &str| !own.hold(key);
                    let Some(context) = self.attain(statement, &principal, context, &is_free) else {
                        continue;
                    };
                    let canary = self.ask(&principal, &action, &resource, context);
                    if canary.allowed {
                        return Some(canary);
                    }
                }
            }
        }
        None
    }

    /// Reports roles that every customer of a shared identity provider may assume.
    // Source: IAM User Guide, "id_roles_providers_oidc_secure-by-default": the claim that a trust policy has to look at
    pub(super) fn shared_providers(&mut self) {
        for statement in self.statements(Effect::Allow) {
            if self.is_spent() {
                return;
            }
            for entry in statement.principals.entries().iter().take(MAX_TRIED) {
                let Named::Federated(provider) = &entry.named else { continue };
                let name = provider.split_once("oidc-provider/").map_or(&**provider, |(_, name)| name);
                let Some(claim) = self.hazards().shared_providers.get(name) else { continue };
                let key = format!("{name}:{claim}");
                let of_key = |condition: &&Condition| condition.key.text.eq_ignore_ascii_case(&key);
                if statement.conditions.iter().filter(of_key).any(tells_customers_apart) {
                    continue;
                }
                let Some(canary) = self.customer(statement, provider, &key) else { continue };
                let message =
                    format!("every customer of {name} gets in: no condition on {key} says whose they are");
                let remedy = format!("Add \"StringLike\": {{\"{key}\": \"..\"}} with a value of your own.");
                self.warn("public", entry.span, message, remedy, Some(canary));
            }
        }
    }

    /// The first probe by which another customer of an identity provider gets in.
    fn customer(
        &mut self,
        statement: &'a Statement,
        provider: &Arc<str>,
        key: &str,
    ) -> Option<super::Canary> {
        let principal = Principal::Federated { provider: provider.clone() };
        let action = self.action_of(statement)?;
        let resource = self.resource_for(statement);
        let values =
            statement.conditions.iter().filter(|condition| condition.key.text.eq_ignore_ascii_case(key));
        let written: Vec<String> = values
            .flat_map(|condition| &condition.values)
            .take(MAX_TRIED)
            .map(|value| instance(&value.text))
            .collect();
        for claimed in written.into_iter().chain(["canary".to_owned()]) {
            let mut context = Context::new();
            context.set(key, claimed);
            let Some(context) =
                self.attain(statement, &principal, context, &|free| !free.eq_ignore_ascii_case(key))
            else {
                continue;
            };
            let canary = self.ask(&principal, &action, &resource, context);
            if canary.allowed {
                return Some(canary);
            }
        }
        None
    }

    /// Reports services that may work for strangers.
    // Source: IAM User Guide, "confused-deputy"
    pub(super) fn deputies(&mut self) {
        for statement in self.statements(Effect::Allow) {
            if self.is_spent() {
                return;
            }
            let Principals::Only(entries) = &statement.principals else { continue };
            let Some(action) = self.harmful(statement) else { continue };
            for entry in entries.iter().take(MAX_TRIED) {
                let name: Arc<str> = match &entry.named {
                    Named::Service(name) => name.clone(),
                    Named::Everyone => SOME_SERVICE.into(),
                    Named::Account(_)
                    | Named::Arn(_)
                    | Named::UniqueId(_)
                    | Named::Federated(_)
                    | Named::CanonicalUser(_) => continue,
                };
                let is_public = |found: &super::Finding| {
                    found.diagnostic.code == "public" && found.diagnostic.span == entry.span
                };
                if self.found.iter().rev().take(entries.len()).any(is_public) {
                    continue;
                }
                let Some(canary) = self.deputy(statement, &name, &action.0) else { continue };
                let own = &self.hazards().own_keys;
                let who = if entry.named == Named::Everyone { "every service" } else { &*name };
                let message = format!("{who} may do this on behalf of any account: a confused deputy");
                let remedy = format!("Add a condition on {} or {}.", own.for_arn, own.for_account);
                self.push(action.1, "confused-deputy", entry.span, message, remedy, Some(canary));
            }
        }
    }

    /// The action of a statement by which a confused deputy does most harm, and how much that is.
    fn harmful(&self, statement: &Statement) -> Option<(String, Severity)> {
        let hazards = self.hazards();
        let flag = &hazards.hands_on.flag;
        let for_services = statement
            .conditions
            .iter()
            .any(|condition| condition.key.text.eq_ignore_ascii_case(flag) && !condition.operator.negated);
        // A grant that only a service can ask for, for a resource of its own, is what it should be.
        let counts = |action: &&str| !(for_services && action.eq_ignore_ascii_case(&hazards.hands_on.action));
        let access = |action: &&str| {
            let known = self.reference.action(action);
            !listed(action, &hazards.describes) && known.is_none_or(|known| known.access != "List")
        };
        let harmful = self.actions_spoken_of(statement).filter(counts).find(access);
        let first = self.actions_spoken_of(statement).find(counts);
        harmful
            .map(|action| (action.to_owned(), Severity::Warning))
            .or_else(|| first.map(|action| (action.to_owned(), Severity::Note)))
    }

    /// The first probe by which a service gets in on behalf of a stranger.
    fn deputy(&mut self, statement: &'a Statement, name: &str, action: &str) -> Option<super::Canary> {
        let own = &self.hazards().own_keys;
        let principal = Principal::Service { name: name.into() };
        let resource = self.resource_for(statement);
        let pattern = self.hazards().bound_by_context.to_lowercase();
        let is_context = |key: &str| super::is_like(&pattern, &key.to_lowercase());
        let bounded = |condition: &Condition| {
            is_context(&condition.key.text)
                && !condition.operator.negated
                && !condition.operator.if_exists
                && condition.values.iter().all(|value| names_something(&value.text))
        };
        if statement.conditions.iter().any(bounded) {
            return None;
        }
        for arn in arns_of_stranger(statement, &own.for_arn) {
            for says_for_whom in [true, false] {
                let mut context = self.surroundings(STRANGERS_ADDRESS);
                context.set(own.is_service.as_str(), "true");
                context.set(own.service_name.as_str(), name);
                if says_for_whom {
                    context.set(own.for_account.as_str(), STRANGER);
                    context.set(own.for_arn.as_str(), arn.as_str());
                    context.set(own.for_organization.as_str(), STRANGERS_ORGANIZATION);
                    context.set_many(own.for_organization_paths.as_str(), [STRANGERS_PATH]);
                }
                // A service that works for a stranger has the owner's account nowhere in its request.
                for key in &own.account {
                    context.set(key.as_str(), STRANGER);
                }
                let hazards = self.hazards();
                let as_itself = &hazards.not_as_a_service;
                let through = |key: &str| {
                    let mut of_key = statement
                        .conditions
                        .iter()
                        .filter(|condition| condition.key.text.eq_ignore_ascii_case(key));
                    of_key.any(|condition| comes_through_another(hazards, name, condition))
                };
                let is_free = |key: &str| !own.hold(key) && (!among(key, as_itself) || through(key));
                let Some(context) = self.attain(statement, &principal, context, &is_free) else { continue };
                let canary = self.ask(&principal, action, &resource, context);
                if canary.allowed {
                    return Some(canary);
                }
            }
        }
        None
    }

    /// What every request has, whoever makes it.
    fn surroundings(&self, address: &str) -> Context {
        let own = &self.hazards().own_keys;
        let mut context = Context::new();
        for (key, value) in &self.hazards().sent {
            context.set(key.as_str(), value.as_str());
        }
        context.set(own.resource_account.as_str(), self.owner.clone());
        context.set(own.resource_organization.as_str(), "o-owner00000");
        if let Some(key) = own.address.first() {
            context.set(key.as_str(), address);
        }
        context
    }
}

/// Whether a condition on the claim of a shared identity provider admits fixed customers alone: each of its values begins
/// with more than the word that all claims begin with, as `repo:`.
fn tells_customers_apart(condition: &Condition) -> bool {
    let names_one = |value: &str| {
        let fixed = value.split(['*', '?']).next().unwrap_or_default();
        let first = fixed.find(':').is_some_and(|at| at + 1 == fixed.len());
        !fixed.is_empty() && !first
    };
    let Condition { operator, values, .. } = condition;
    operator.test != Test::Null
        && !operator.negated
        && !operator.if_exists
        && operator.quantifier.is_none()
        && values.iter().all(|value| names_one(&value.text))
}

/// Whether a value of an encryption context says for whom: a whole text, or one that holds an account.
fn names_something(text: &str) -> bool {
    let mut digits = 0;
    let holds_account = text.chars().any(|c| {
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        digits == 12
    });
    holds_account || !text.contains('*') || text.contains("${aws:")
}

/// Strangers who call themselves as the conditions on ARNs want, as far as that is theirs to choose.
fn strangers(statement: &Statement, arn_key: &str) -> Vec<Principal> {
    let values =
        statement.conditions.iter().filter(|condition| condition.key.text.eq_ignore_ascii_case(arn_key));
    let values = values.flat_map(|condition| &condition.values).take(MAX_TRIED);
    let chosen = values.filter_map(|value| {
        let kind = ["role/", "user/"].into_iter().find(|kind| value.text.contains(kind))?;
        let (_, name) = value.text.split_once(kind)?;
        Principal::from_arn(&format!("arn:aws:iam::{STRANGER}:{kind}{}", instance(name)))
    });
    let ordinary = ["user/canary", "role/canary"].into_iter();
    let ordinary =
        ordinary.filter_map(|name| Principal::from_arn(&format!("arn:aws:iam::{STRANGER}:{name}")));
    ordinary.chain(chosen).collect()
}

/// The addresses from which a stranger may call: his own, and one in each range that is wider than a network of
/// anybody's.
// Source: Amazon S3 User Guide, "access-control-block-public-access": ranges wider than /8, or /32 for IPv6
fn addresses(statement: &Statement, keys: &[String]) -> Vec<String> {
    let about = |condition: &&Condition| {
        condition.operator.test == Test::IpAddress
            && keys.iter().any(|key| key.eq_ignore_ascii_case(&condition.key.text))
    };
    let values = statement.conditions.iter().filter(about).flat_map(|condition| &condition.values);
    let values = values.take(MAX_TRIED);
    let wide = values.filter_map(|value| {
        let (network, prefix) = value.text.split_once('/')?;
        let limit = if network.contains(':') { 32 } else { 8 };
        (prefix.parse::<u32>().ok()? < limit).then(|| network.to_owned())
    });
    [STRANGERS_ADDRESS.to_owned()].into_iter().chain(wide).collect()
}

/// Resources of a stranger for which a service may call, named as the conditions want where that is his to choose.
fn arns_of_stranger(statement: &Statement, arn_key: &str) -> Vec<String> {
    let about =
        statement.conditions.iter().filter(|condition| condition.key.text.eq_ignore_ascii_case(arn_key));
    let values = about.flat_map(|condition| &condition.values).take(MAX_TRIED);
    let chosen = values.filter_map(|value| {
        let parts: Vec<&str> = value.text.splitn(6, ':').collect();
        let account = parts.get(4)?;
        let other: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(index, part)| match index {
                1 => part.replace('*', "aws"),
                3 => part.replace('*', "us-east-1"),
                4 => STRANGER.to_owned(),
                _ => instance(part),
            })
            .collect();
        account.contains('*').then(|| other.join(":"))
    });
    let ordinary = format!("arn:aws:service:us-east-1:{STRANGER}:resource/canary");
    [ordinary].into_iter().chain(chosen).collect()
}
