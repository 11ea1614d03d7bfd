//! Names that must stand for something.

use std::collections::BTreeSet;

use super::{At, Validator};
use crate::cloud::AccountId;
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
    pub questions: BTreeSet<String>,
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
            questions: scenario.predictions().map(|p| p.id.clone()).collect(),
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

impl Validator<'_> {
    pub(super) fn caller(&mut self, name: &str, at: At<'_>) {
        let (who, account) = name.split_once('@').map_or((name, None), |(who, account)| (who, Some(account)));
        let known = match (who, account) {
            ("anonymous" | "root", None) => true,
            ("anyone", Some(account)) => account.parse::<AccountId>().is_ok(),
            ("root", Some(account)) => self.known.accounts.contains(account),
            _ if self.known.ambiguous.contains(name) => {
                let message =
                    format!("`{name}` is a user of several accounts; write `{name}@` and the account");
                return self.problem(at, message);
            }
            _ => self.known.callers.contains(name),
        };
        if !known {
            let message = format!(
                "nobody is called `{name}` here; name a user or session of `world`, `root`, `anonymous`, or `anyone@` \
                 and an account"
            );
            self.problem(at, message);
        }
    }

    pub(super) fn thing(&mut self, name: &str, at: At<'_>) {
        let other = name == "*"
            || name.starts_with("arn:")
            || name.starts_with("{{")
            || name.starts_with("alias/aws/");
        if !other && !self.known.things.contains(name) {
            let message = format!(
                "nothing is called `{name}` here; name a key, an alias or a table of `world`, an ARN, or `*`"
            );
            self.problem(at, message);
        }
    }

    pub(super) fn question(&mut self, id: &str, at: At<'_>) {
        if !self.known.questions.contains(id) {
            self.problem(at, format!("no question has the id `{id}`"));
        }
    }

    pub(super) fn myth(&mut self, id: Option<&str>, at: At<'_>) {
        if let Some(id) = id
            && !self.known.myths.contains(id)
        {
            self.problem(at, format!("`{id}` is not among the scenario's `myths`"));
        }
    }

    /// An action as policies name it. Its service must exist here; AWS has more actions than any list.
    pub(super) fn action(&mut self, name: &str, at: At<'_>) {
        let known = name.split_once(':').is_some_and(|(service, operation)| {
            let plain = !operation.is_empty() && operation.bytes().all(|b| b.is_ascii_alphanumeric());
            plain && crate::cloud::SERVICES.iter().any(|(known, _)| *known == service)
        });
        self.require(
            known,
            at,
            "an action is a service of this lab, `:` and an operation, such as `kms:Decrypt`",
        );
    }

    pub(super) fn operation(&mut self, name: &str, at: At<'_>) {
        let known = name.split_once(':').is_some_and(|(service, operation)| {
            crate::cloud::SERVICES.iter().any(|(known, all)| *known == service && all.contains(&operation))
        });
        if !known {
            self.problem(
                at,
                format!("there is no operation `{name}` here; an example is `kms:PutKeyPolicy`"),
            );
        }
    }
}
