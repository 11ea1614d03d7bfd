//! The world: its accounts, tables and sessions, its endpoints and who stands where.

use super::{At, Validator};
use crate::cloud::{AccountId, SERVICES};
use crate::scenario::AccountSpec;

impl Validator<'_> {
    pub(super) fn world(&mut self) {
        let scenario = self.scenario;
        let world = At::root("world");
        let accounts = world.then("accounts");
        self.require(!scenario.world.accounts.is_empty(), accounts, "a world needs an account");
        for (number, spec) in &scenario.world.accounts {
            let account = accounts.then(number);
            // Without `..`: whoever gives accounts something new is asked here what can be wrong with it. Whatever can be
            // wrong with the rest, the simulated cloud says when the world is set up.
            let AccountSpec { name: _, users: _, roles: _, policies: _, keys, tables } = spec;
            self.require(number.parse::<AccountId>().is_ok(), account, "an account number has twelve digits");
            let tables_at = account.then("tables");
            for (name, table) in tables {
                let Some(key) = &table.key else { continue };
                if key != "aws/dynamodb"
                    && !scenario.world.accounts.values().any(|a| a.keys.contains_key(key))
                {
                    let message = format!(
                        "no key of this world is called `{key}`; name one of `keys`, `aws/dynamodb`, or none at all"
                    );
                    self.problem(tables_at.then(name).then("key"), message);
                }
            }
            let keys_at = account.then("keys");
            for (name, key) in keys {
                self.require(
                    !name.contains(['/', ':']),
                    keys_at.then(name),
                    "the short name of a key holds no `/` and no `:`",
                );
                for (index, alias) in key.aliases.iter().enumerate() {
                    self.require(
                        alias.starts_with("alias/"),
                        keys_at.then(name).then("aliases").then(&index.to_string()),
                        "an alias begins with `alias/`",
                    );
                }
            }
        }
        if let Some(template) = &scenario.world.template {
            let is_there = scenario.world.accounts.contains_key(&template.account);
            let at = world.then("template");
            self.require(is_there, at.then("account"), "`accounts` has no account of that number");
        }
        let sessions = world.then("sessions");
        for (name, session) in &scenario.world.sessions {
            self.caller(&session.by, sessions.then(name).then("by"));
            if !self.known.roles.contains(&session.role) {
                let message = format!("no role of this world is called `{}`", session.role);
                self.problem(sessions.then(name).then("role"), message);
            }
        }
        self.network();
        self.steps(&scenario.world.early, world.then("early"));
        for (index, group) in scenario.world.past.iter().enumerate() {
            let index = index.to_string();
            let at = world.then("past");
            let at = at.then(&index);
            self.require(group.times > 0, at.then("times"), "what never happened is left out");
            self.steps(&group.steps, at.then("steps"));
        }
        self.steps(&scenario.world.before, world.then("before"));
        if let Some(watch) = &scenario.watch {
            self.operation(&watch.operation, At::root("watch").then("do"));
            self.meant(&watch.with, At::root("watch").then("with"));
            self.input(&watch.operation, &watch.with, At::root("watch").then("with"));
        }
    }

    pub(super) fn network(&mut self) {
        let scenario = self.scenario;
        let world = At::root("world");
        let endpoints = world.then("endpoints");
        for (id, endpoint) in &scenario.world.endpoints {
            let here = endpoints.then(id);
            self.require(id.starts_with("vpce-"), here, "the id of a VPC endpoint begins with `vpce-`");
            self.require(
                endpoint.vpc.starts_with("vpc-"),
                here.then("vpc"),
                "the id of a VPC begins with `vpc-`",
            );
            if !SERVICES.iter().any(|service| service.prefix == endpoint.service) {
                let known: Vec<_> = SERVICES.iter().map(|service| service.prefix).collect();
                let message =
                    format!("there is no service `{}`; name one of {}", endpoint.service, known.join(", "));
                self.problem(here.then("service"), message);
            }
        }
        let from = world.then("from");
        for (name, place) in &scenario.world.from {
            let here = from.then(name);
            self.caller(name, here);
            match (&place.vpc, place.address) {
                (None, None) => {
                    self.problem(here, "say from where: a `vpc`, or an `address` on the internet");
                }
                (Some(vpc), _) if !scenario.world.endpoints.values().any(|endpoint| endpoint.vpc == *vpc) => {
                    let message = format!(
                        "no endpoint of this world belongs to `{vpc}`; add one to `endpoints`, or give an `address` only"
                    );
                    self.problem(here.then("vpc"), message);
                }
                _ => {}
            }
        }
    }
}
