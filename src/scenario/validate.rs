//! What the types cannot say: sizes, unique ids, and names that must stand for something.
//!
//! Looks at the scenario alone. Whether the world can be set up and the solution works is for the author's proofs.

use std::collections::BTreeSet;

use super::format::{Action, Check, Probe, Scenario, Step};
use crate::cloud::{AccountId, SERVICES};

/// Something wrong, and where in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Names of fields and numbers of elements, from the root.
    pub path: Vec<String>,
    /// What is wrong, and the remedy.
    pub message: String,
}

/// Everything that is wrong.
pub(super) fn validate(scenario: &Scenario) -> Vec<Problem> {
    let mut validator = Validator { known: Known::of(scenario), scenario, problems: Vec::new() };
    validator.head();
    validator.world();
    validator.tasks();
    validator.paths();
    validator.problems
}

/// Where in the document: a cheap list that grows to the right.
#[derive(Clone, Copy)]
struct At<'a> {
    before: Option<&'a At<'a>>,
    name: &'a str,
}

impl<'a> At<'a> {
    fn root(name: &'a str) -> Self {
        Self { before: None, name }
    }

    fn then<'b>(&'b self, name: &'b str) -> At<'b> {
        At { before: Some(self), name }
    }

    fn path(&self) -> Vec<String> {
        let mut path = self.before.map_or_else(Vec::new, At::path);
        path.push(self.name.to_owned());
        path
    }
}

/// Every name that may be used.
struct Known {
    accounts: BTreeSet<String>,
    /// Users and sessions, bare and with their account.
    callers: BTreeSet<String>,
    roles: BTreeSet<String>,
    /// Names that stand for several users of different accounts.
    ambiguous: BTreeSet<String>,
    /// Short names of keys, aliases, and tables.
    things: BTreeSet<String>,
    saved: BTreeSet<String>,
    questions: BTreeSet<String>,
    feedback: BTreeSet<String>,
    myths: BTreeSet<String>,
}

impl Known {
    fn of(scenario: &Scenario) -> Self {
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

struct Validator<'a> {
    scenario: &'a Scenario,
    known: Known,
    problems: Vec<Problem>,
}

impl<'a> Validator<'a> {
    fn problem(&mut self, at: At<'_>, message: impl Into<String>) {
        self.problems.push(Problem { path: at.path(), message: message.into() });
    }

    fn require(&mut self, holds: bool, at: At<'_>, message: &str) {
        if !holds {
            self.problem(at, message);
        }
    }

    /// An account to play in freely asks for nothing: no task, no solution, no mistakes.
    fn is_free(&self) -> bool {
        let scenario = self.scenario;
        scenario.tasks.is_empty() && scenario.solution.is_empty() && scenario.wrong.is_empty()
    }

    fn text(&mut self, text: &str, at: At<'_>) {
        self.require(!text.trim().is_empty(), at, "this text is empty; say something");
    }

    fn texts(&mut self, texts: &[String], at: At<'_>) {
        for (index, text) in texts.iter().enumerate() {
            self.text(text, at.then(&index.to_string()));
        }
    }

    /// Ids share one space a kind, so that a report can name them alone.
    fn unique(&mut self, seen: &mut BTreeSet<&'a str>, id: &'a str, at: At<'_>) {
        let legal = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        self.require(legal, at, "an id is made of letters, digits and `-`");
        if !seen.insert(id) {
            self.problem(at, format!("the id `{id}` is used twice; ids are unique in a scenario"));
        }
    }

    fn head(&mut self) {
        let scenario = self.scenario;
        let id = &scenario.id;
        let first = id.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        let rest = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        self.require(
            first && rest && (3..=40).contains(&id.len()),
            At::root("id"),
            "an id is 3 to 40 lower-case letters, digits and `-`, a letter first, such as `a3-key-policy-door`",
        );
        self.text(&scenario.title, At::root("title"));
        self.require(
            scenario.title.chars().count() <= 60,
            At::root("title"),
            "a title has at most 60 characters",
        );
        self.require(
            self.is_free() || (2..=30).contains(&scenario.minutes),
            At::root("minutes"),
            "a scenario takes 2 to 30 minutes; cut a longer one in two",
        );
        self.require(
            self.is_free() || !scenario.teaches.is_empty(),
            At::root("teaches"),
            "name at least one idea that it teaches",
        );
        self.require(
            scenario.myths.is_empty() || !scenario.sources.is_empty(),
            At::root("myths"),
            "a scenario that corrects people needs `sources` that say so",
        );
        let mut seen = BTreeSet::new();
        let myths = At::root("myths");
        for (index, myth) in scenario.myths.iter().enumerate() {
            let index = index.to_string();
            self.unique(&mut seen, &myth.id, myths.then(&index).then("id"));
        }
        let sources = At::root("sources");
        for (index, source) in scenario.sources.iter().enumerate() {
            let index = index.to_string();
            let date: Vec<&str> = source.checked.split('-').collect();
            let digits = date.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
            let lengths: Vec<usize> = date.iter().map(|part| part.len()).collect();
            self.require(
                digits && matches!(lengths.as_slice(), [4, 2] | [4, 2, 2]),
                sources.then(&index).then("checked"),
                "write when the source was last read, as 2026-11 or 2026-11-21",
            );
        }
        self.texts(&scenario.story, At::root("story"));
        self.texts(&scenario.debrief, At::root("debrief"));
        self.caller(&scenario.start_as, At::root("start_as"));
        let identities = At::root("palette");
        for (index, name) in scenario.palette.identities.iter().enumerate() {
            self.caller(name, identities.then("identities").then(&index.to_string()));
        }
        for (index, name) in scenario.palette.actions.iter().enumerate() {
            self.action(name, identities.then("actions").then(&index.to_string()));
        }
        for (index, name) in scenario.palette.unaided.iter().enumerate() {
            self.action(name, identities.then("unaided").then(&index.to_string()));
        }
    }

    fn world(&mut self) {
        let scenario = self.scenario;
        let world = At::root("world");
        let accounts = world.then("accounts");
        self.require(!scenario.world.accounts.is_empty(), accounts, "a world needs an account");
        for (number, spec) in &scenario.world.accounts {
            let account = accounts.then(number);
            self.require(number.parse::<AccountId>().is_ok(), account, "an account number has twelve digits");
            let tables = account.then("tables");
            for (name, table) in &spec.tables {
                let Some(key) = &table.key else { continue };
                if key != "aws/dynamodb"
                    && !scenario.world.accounts.values().any(|a| a.keys.contains_key(key))
                {
                    let message = format!(
                        "no key of this world is called `{key}`; name one of `keys`, `aws/dynamodb`, or none at all"
                    );
                    self.problem(tables.then(name).then("key"), message);
                }
            }
            let keys = account.then("keys");
            for (name, key) in &spec.keys {
                self.require(
                    !name.contains(['/', ':']),
                    keys.then(name),
                    "the short name of a key holds no `/` and no `:`",
                );
                for (index, alias) in key.aliases.iter().enumerate() {
                    self.require(
                        alias.starts_with("alias/"),
                        keys.then(name).then("aliases").then(&index.to_string()),
                        "an alias begins with `alias/`",
                    );
                }
            }
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
        self.steps(&scenario.world.before, world.then("before"));
    }

    fn network(&mut self) {
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
            if !SERVICES.iter().any(|(service, _)| *service == endpoint.service) {
                let known: Vec<_> = SERVICES.iter().map(|(service, _)| *service).collect();
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

    fn tasks(&mut self) {
        let scenario = self.scenario;
        let tasks = At::root("tasks");
        self.require(self.is_free() || !scenario.tasks.is_empty(), tasks, "a scenario needs a task");
        let (mut ids, mut checks) = (BTreeSet::new(), BTreeSet::new());
        let (mut questions, mut feedback) = (BTreeSet::new(), BTreeSet::new());
        for (index, task) in scenario.tasks.iter().enumerate() {
            let index = index.to_string();
            let at = tasks.then(&index);
            self.unique(&mut ids, &task.id, at.then("id"));
            self.text(&task.say, at.then("say"));
            self.require(
                !task.checks.is_empty(),
                at.then("checks"),
                "a task needs a check, or nobody knows when it is done",
            );
            self.require(
                (1..=4).contains(&task.hints.len()),
                at.then("hints"),
                "a task has one to four hints: where to look, what is wrong, what kind of change, the statement with a blank",
            );
            self.texts(&task.hints, at.then("hints"));
            for (number, hint) in task.hints.iter().enumerate().rev().skip(1) {
                self.require(
                    !hint.contains('{'),
                    at.then("hints").then(&number.to_string()),
                    "only the last hint may show JSON; the first ones say where to look",
                );
            }
            for (number, check) in task.checks.iter().enumerate() {
                let number = number.to_string();
                let here = at.then("checks");
                let here = here.then(&number);
                self.unique(&mut checks, &check.id, here.then("id"));
                self.text(&check.say, here.then("say"));
                self.check(&check.check, here.then("check"));
            }
            for (number, predict) in task.predict.iter().enumerate() {
                let number = number.to_string();
                let here = at.then("predict");
                let here = here.then(&number);
                self.unique(&mut questions, &predict.id, here.then("id"));
                self.text(&predict.ask, here.then("ask"));
                self.require(
                    (2..=6).contains(&predict.choices.len()),
                    here.then("choices"),
                    "a question has two to six choices",
                );
                self.steps(&predict.after, here.then("after"));
                for (choice, answer) in predict.choices.iter().enumerate() {
                    let choice = choice.to_string();
                    let here = here.then("choices");
                    let here = here.then(&choice);
                    self.text(&answer.text, here.then("text"));
                    self.check(&answer.claim, here.then("claim"));
                    self.myth(answer.myth.as_deref(), here.then("myth"));
                }
            }
            for (number, rule) in task.feedback.iter().enumerate() {
                let number = number.to_string();
                let here = at.then("feedback");
                let here = here.then(&number);
                self.unique(&mut feedback, &rule.id, here.then("id"));
                self.text(&rule.say, here.then("say"));
                self.check(&rule.when, here.then("when"));
                self.myth(rule.myth.as_deref(), here.then("myth"));
            }
        }
        let invariants = At::root("invariants");
        for (index, check) in scenario.invariants.iter().enumerate() {
            let index = index.to_string();
            let at = invariants.then(&index);
            self.unique(&mut checks, &check.id, at.then("id"));
            self.text(&check.say, at.then("say"));
            self.require(
                !check.latch,
                at.then("latch"),
                "an invariant must hold at the end, so it cannot be latched",
            );
            self.check(&check.check, at.then("check"));
        }
    }

    fn paths(&mut self) {
        let scenario = self.scenario;
        let free = self.is_free();
        self.require(
            free || !scenario.solution.is_empty(),
            At::root("solution"),
            "a scenario needs a solution",
        );
        self.require(
            free || !scenario.wrong.is_empty(),
            At::root("wrong"),
            "name at least one mistake that people make",
        );
        self.steps(&scenario.solution, At::root("solution"));
        let also = At::root("also");
        for (index, path) in scenario.also.iter().enumerate() {
            self.steps(&path.steps, also.then(&index.to_string()).then("steps"));
        }
        let wrong = At::root("wrong");
        for (index, path) in scenario.wrong.iter().enumerate() {
            let index = index.to_string();
            let at = wrong.then(&index);
            self.steps(&path.steps, at.then("steps"));
            if !self.known.feedback.contains(&path.feedback) {
                let message = format!("no feedback has the id `{}`", path.feedback);
                self.problem(at.then("feedback"), message);
            }
        }
    }

    fn steps(&mut self, steps: &[Step], at: At<'_>) {
        for (index, step) in steps.iter().enumerate() {
            let index = index.to_string();
            let at = at.then(&index);
            if let Some(task) = &step.task
                && !self.scenario.tasks.iter().any(|t| t.id == *task)
            {
                self.problem(at.then("task"), format!("no task has the id `{task}`"));
            }
            match &step.action {
                Action::Call(call) => {
                    self.caller(&call.caller, at.then("as"));
                    self.operation(&call.operation, at.then("do"));
                    self.input(&call.with, at.then("with"));
                }
                Action::Answer { question, choose } => {
                    match self.scenario.prediction(question).map(|p| p.choices.len()) {
                        None => self.question(question, at.then("answer")),
                        Some(choices) if *choose >= choices => {
                            let message =
                                format!("the question `{question}` has {choices} choices, counted from 0");
                            self.problem(at.then("choose"), message);
                        }
                        Some(_) => {}
                    }
                }
                Action::Wait(_) => {}
            }
        }
    }

    /// Short names in the usual fields of an input.
    fn input(&mut self, input: &serde_json::Map<String, serde_json::Value>, at: At<'_>) {
        for field in ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"] {
            if let Some(name) = input.get(field).and_then(|v| v.as_str()) {
                self.thing(name, at.then(field));
            }
        }
    }

    fn check(&mut self, check: &Check, at: At<'_>) {
        match check {
            Check::Decision(decision) => {
                let at = at.then("decision");
                self.probe(&decision.probe, at.then("probe"));
            }
            Check::Flip(flip) => {
                let at = at.then("flip");
                self.probe(&flip.probe, at.then("probe"));
                self.require(flip.from != flip.to, at.then("to"), "a flip goes from one answer to the other");
            }
            Check::Only(only) => {
                let at = at.then("only");
                self.action(&only.action, at.then("action"));
                self.thing(&only.on, at.then("on"));
                for (index, name) in only.allowed.iter().enumerate() {
                    self.caller(name, at.then("allowed").then(&index.to_string()));
                }
            }
            Check::Outcome(outcome) => {
                let at = at.then("outcome");
                self.caller(&outcome.caller, at.then("as"));
                self.operation(&outcome.operation, at.then("do"));
                self.input(&outcome.with, at.then("with"));
                let both = outcome.error.is_some() && outcome.items.is_some();
                self.require(!both, at.then("items"), "a call that fails returns no items");
            }
            Check::Storage(storage) => {
                let at = at.then("storage");
                self.thing(&storage.of, at.then("of"));
                let asks = storage.unchanged.is_some() || storage.lacks.is_some();
                self.require(asks, at, "say what to ask of the disk: `unchanged` or `lacks`");
            }
            Check::State(state) => self.thing(&state.of, at.then("state").then("of")),
            Check::Audit(audit) => {
                let at = at.then("audit");
                self.require(
                    crate::cloud::SERVICES
                        .iter()
                        .any(|(_, operations)| operations.contains(&audit.event.as_str())),
                    at.then("event"),
                    "no operation has that name, so no record can have it",
                );
                if let Some(by) = &audit.by {
                    self.caller(by, at.then("by"));
                }
                if let Some(on) = &audit.on {
                    self.thing(on, at.then("on"));
                }
            }
            Check::Answered(answered) => {
                self.question(&answered.question, at.then("answered").then("question"));
            }
            Check::All(parts) | Check::Any(parts) => {
                let at = at.then(if matches!(check, Check::All(_)) { "all" } else { "any" });
                self.require(!parts.is_empty(), at, "name at least one check");
                for (index, part) in parts.iter().enumerate() {
                    self.check(part, at.then(&index.to_string()));
                }
            }
        }
    }

    fn probe(&mut self, probe: &Probe, at: At<'_>) {
        self.caller(&probe.caller, at.then("as"));
        self.action(&probe.action, at.then("action"));
        self.thing(&probe.on, at.then("on"));
        if let Some(table) = &probe.table {
            self.thing(table, at.then("table"));
        }
    }

    fn caller(&mut self, name: &str, at: At<'_>) {
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

    fn thing(&mut self, name: &str, at: At<'_>) {
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

    fn question(&mut self, id: &str, at: At<'_>) {
        if !self.known.questions.contains(id) {
            self.problem(at, format!("no question has the id `{id}`"));
        }
    }

    fn myth(&mut self, id: Option<&str>, at: At<'_>) {
        if let Some(id) = id
            && !self.known.myths.contains(id)
        {
            self.problem(at, format!("`{id}` is not among the scenario's `myths`"));
        }
    }

    /// An action as policies name it. Its service must exist here; AWS has more actions than any list.
    fn action(&mut self, name: &str, at: At<'_>) {
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

    fn operation(&mut self, name: &str, at: At<'_>) {
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
