//! Every name that a scenario may use.

use std::collections::BTreeSet;

use crate::scenario::{Action, Scenario, Step};

/// Every name that may be used.
pub(super) struct Known {
    pub accounts: BTreeSet<String>,
    /// Users and sessions, bare and with their account.
    pub callers: BTreeSet<String>,
    pub roles: BTreeSet<String>,
    /// Names that stand for several users of different accounts.
    pub ambiguous: BTreeSet<String>,
    /// Short names of keys, aliases, and tables.
    pub things: BTreeSet<String>,
    pub saved: BTreeSet<String>,
    pub predictions: BTreeSet<String>,
    pub feedback: BTreeSet<String>,
    pub myths: BTreeSet<String>,
}

impl Known {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut known = Self {
            accounts: scenario.world.accounts.keys().cloned().collect(),
            callers: scenario.world.sessions.keys().cloned().collect(),
            roles: BTreeSet::new(),
            ambiguous: BTreeSet::new(),
            things: BTreeSet::new(),
            saved: BTreeSet::new(),
            predictions: scenario.predictions().map(|p| p.id.clone()).collect(),
            feedback: scenario.tasks.iter().flat_map(|t| &t.feedback).map(|f| f.id.clone()).collect(),
            myths: scenario.myths.iter().map(|m| m.id.clone()).collect(),
        };
        for (account, spec) in &scenario.world.accounts {
            for user in spec.users.keys() {
                if !known.callers.insert(user.clone()) {
                    known.ambiguous.insert(user.clone());
                }
                known.callers.insert(format!("{user}@{account}"));
            }
            known.roles.extend(spec.roles.keys().cloned());
            known.things.extend(spec.tables.keys().cloned());
            for (name, key) in &spec.keys {
                known.things.insert(name.clone());
                known.things.extend(key.aliases.iter().cloned());
            }
        }
        let steps = scenario.world.before.iter().chain(&scenario.solution);
        let others = scenario.also.iter().map(|p| &p.steps).chain(scenario.wrong.iter().map(|p| &p.steps));
        for step in steps.chain(others.flatten()) {
            known.learn(step);
        }
        known
    }

    /// A step may bring something into the world that later steps and checks name.
    fn learn(&mut self, step: &Step) {
        let Action::Call(call) = &step.action else { return };
        if let Some(name) = &call.save {
            self.saved.insert(name.clone());
            self.things.insert(name.clone());
        }
        let given = |field: &str| call.with.get(field).and_then(|v| v.as_str()).map(str::to_owned);
        match call.operation.as_str() {
            "iam:CreateUser" => self.callers.extend(given("UserName")),
            "iam:CreateRole" => self.roles.extend(given("RoleName")),
            "sts:AssumeRole" => self.callers.extend(call.save.clone()),
            "dynamodb:CreateTable" => self.things.extend(given("TableName")),
            "dynamodb:RestoreTableFromBackup" => self.things.extend(given("TargetTableName")),
            "kms:CreateAlias" => self.things.extend(given("AliasName")),
            _ => {}
        }
    }
}
