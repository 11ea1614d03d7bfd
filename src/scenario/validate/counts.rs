//! How much there may be of everything: the limits of scenario files, each asked where its list stands.
//!
//! Comes before everything else is looked at, and alone if something is beyond a limit: what is too much is not looked
//! through.

use super::{At, Validator};
use crate::limits::Limit;
use crate::limits::scenario::{
    ACCOUNTS, CHECKS, HEAD, IDENTITIES, ITEMS, KEY_PAIRS, KEYS, PAST, POLICIES, STEPS, TABLES, TASKS,
    TEXT_SIZE, TEXTS,
};
use crate::scenario::budget::{key_pair, key_pair_of};
use crate::scenario::{Action, Check, Declared, Step, TemplateSpec, WorldSpec};
use crate::template::{Resource, Sort};

/// Counts what several lists hold together.
struct Tally {
    limit: &'static Limit,
    remedy: &'static str,
    count: usize,
    is_said: bool,
}

impl Tally {
    fn new(limit: &'static Limit, remedy: &'static str) -> Self {
        Self { limit, remedy, count: 0, is_said: false }
    }

    /// Adds so many at a place, and says where it became too much.
    fn add(&mut self, count: usize, at: At<'_>, to: &mut Validator<'_>) {
        self.count = self.count.saturating_add(count);
        if let Err(exceeded) = self.limit.check(self.count)
            && !self.is_said
        {
            self.is_said = true;
            to.problem(at, format!("{exceeded}; {}", self.remedy));
        }
    }
}

impl<'a> Validator<'a> {
    pub(super) fn counts(&mut self) {
        self.count_head();
        self.count_texts();
        self.count_world();
        let mut tally = Tally::new(&TASKS, "cut the scenario in two");
        tally.add(self.scenario.tasks.len(), At::root("tasks"), self);
        self.count_checks();
        self.count_steps();
    }

    fn count_head(&mut self) {
        let scenario = self.scenario;
        let palette = At::root("palette");
        for (count, at) in [
            (scenario.teaches.len(), At::root("teaches")),
            (scenario.requires.len(), At::root("requires")),
            (scenario.myths.len(), At::root("myths")),
            (scenario.sources.len(), At::root("sources")),
            (scenario.simplified.len(), At::root("simplified")),
            (scenario.palette.identities.len(), palette.then("identities")),
            (scenario.palette.numbers.len(), palette.then("numbers")),
            (scenario.palette.actions.len(), palette.then("actions")),
            (scenario.palette.unaided.len(), palette.then("unaided")),
        ] {
            Tally::new(&HEAD, "name fewer").add(count, at, self);
        }
    }

    fn count_texts(&mut self) {
        let scenario = self.scenario;
        let mut count = Tally::new(&TEXTS, "say it in fewer paragraphs");
        let mut size = Tally::new(&TEXT_SIZE, "say it in fewer words");
        let mut add = |texts: &[&str], besides: usize, at: At<'_>, to: &mut Self| {
            count.add(texts.len(), at, to);
            size.add(texts.iter().map(|text| text.len()).sum::<usize>() + besides, at, to);
        };
        let all = |texts: &'a [String]| -> Vec<&'a str> { texts.iter().map(String::as_str).collect() };
        add(&all(&scenario.story), 0, At::root("story"), self);
        add(&all(&scenario.debrief), 0, At::root("debrief"), self);
        let tasks = At::root("tasks");
        for (index, task) in scenario.tasks.iter().enumerate() {
            let index = index.to_string();
            let at = tasks.then(&index);
            let checks = task.checks.iter().map(|check| check.say.len());
            let rules = task.feedback.iter().map(|rule| rule.say.len());
            let hints: Vec<&str> = task.hints.iter().map(|hint| hint.say.as_str()).collect();
            add(&hints, task.say.len() + checks.chain(rules).sum::<usize>(), at.then("hints"), self);
        }
    }

    fn count_world(&mut self) {
        // Without `..`: whoever gives worlds something new is asked here how much of it there may be.
        let WorldSpec {
            region: _,
            accounts,
            template,
            sessions,
            endpoints,
            from: _,
            early: _,
            past,
            before: _,
            keep_events: _,
            call_time: _,
        } = &self.scenario.world;
        let world = At::root("world");
        let mut identities = Tally::new(&IDENTITIES, "leave out users who only stand there");
        let mut policies = Tally::new(&POLICIES, "put statements together");
        let mut keys = Tally::new(&KEYS, "leave out keys that nothing names");
        let mut tables = Tally::new(&TABLES, "leave out tables that nothing names");
        let mut items = Tally::new(&ITEMS, "a lesson needs few; leave out the rest");
        let at = world.then("accounts");
        Tally::new(&ACCOUNTS, "leave out accounts that nothing names").add(accounts.len(), at, self);
        for (number, spec) in accounts {
            let at = at.then(number);
            identities.add(spec.users.len(), at.then("users"), self);
            identities.add(spec.roles.len(), at.then("roles"), self);
            policies.add(spec.policies.len(), at.then("policies"), self);
            let of_users = spec.users.values().map(|user| user.inline.len() + user.attach.len());
            policies.add(of_users.sum(), at.then("users"), self);
            let of_roles = spec.roles.values().map(|role| 1 + role.inline.len() + role.attach.len());
            policies.add(of_roles.sum(), at.then("roles"), self);
            let aliases: usize = spec.keys.values().map(|key| key.aliases.len()).sum();
            let grants: usize = spec.keys.values().map(|key| key.grants.len()).sum();
            keys.add(spec.keys.len() + aliases + grants, at.then("keys"), self);
            let backups: usize = spec.tables.values().map(|table| table.backups.len()).sum();
            tables.add(spec.tables.len() + backups, at.then("tables"), self);
            items.add(spec.tables.values().map(|table| table.items.len()).sum(), at.then("tables"), self);
        }
        for Declared { template: read, .. } in template.iter().filter_map(|spec| spec.declared.as_ref()) {
            let at = world.then("template");
            for (id, resource) in &read.plan.resources {
                let tally = match id.sort {
                    Sort::User | Sort::Role | Sort::Group => &mut identities,
                    Sort::Key | Sort::Alias | Sort::Grant => &mut keys,
                    Sort::Policy | Sort::UserPolicy | Sort::RolePolicy | Sort::GroupPolicy => &mut policies,
                    Sort::Table => &mut tables,
                };
                tally.add(1, at, self);
                if let Resource::Identity(identity) = resource {
                    policies.add(identity.attached.len() + usize::from(identity.trust.is_some()), at, self);
                }
            }
        }
        identities.add(sessions.len(), world.then("sessions"), self);
        let mut made = Tally::new(&PAST, "let it happen less often");
        for group in past {
            made.add(group.made(), world.then("past"), self);
        }
        tables.add(endpoints.len(), world.then("endpoints"), self);
    }

    fn count_checks(&mut self) {
        let scenario = self.scenario;
        let mut tally = Tally::new(&CHECKS, "put less to the test at once");
        let mut pairs = Tally::new(&KEY_PAIRS, "ask for fewer RSA keys, or for ECC keys");
        let mut add = |check: &Check, at: At<'_>, to: &mut Self| {
            tally.add(parts(check), at, to);
            pairs.add(pairs_of(check), at, to);
        };
        let tasks = At::root("tasks");
        for (index, task) in scenario.tasks.iter().enumerate() {
            let index = index.to_string();
            let at = tasks.then(&index);
            task.checks.iter().for_each(|named| add(&named.check, at.then("checks"), self));
            task.feedback.iter().for_each(|rule| add(&rule.when, at.then("feedback"), self));
            let choices = task.predictions.iter().flat_map(|prediction| &prediction.choices);
            choices.for_each(|choice| add(&choice.claim, at.then("predict"), self));
        }
        scenario.invariants.iter().for_each(|named| add(&named.check, At::root("invariants"), self));
    }

    fn count_steps(&mut self) {
        let scenario = self.scenario;
        let mut tally = Tally::new(&STEPS, "leave out steps that show nothing new");
        let mut pairs = Tally::new(&KEY_PAIRS, "ask for fewer RSA keys, or for ECC keys");
        let mut templates = Tally::new(&KEY_PAIRS, "let the template declare fewer RSA keys");
        let mut again = Tally::new(&KEY_PAIRS, "make the RSA keys once, outside of `past`");
        let mut add = |steps: &[Step], at: At<'_>, to: &mut Self| {
            tally.add(steps.len(), at, to);
            for step in steps {
                pairs.add(pairs_of_step(step), at, to);
            }
        };
        let world = At::root("world");
        for group in &scenario.world.past {
            let of_one: usize = group.steps.iter().map(pairs_of_step).sum();
            add(&group.steps, world.then("past"), self);
            again.add(of_one.saturating_mul(group.times), world.then("past"), self);
        }
        let from_template = scenario.world.template.as_ref().map(TemplateSpec::steps).unwrap_or_default();
        let made: usize = from_template.iter().map(pairs_of_step).sum();
        templates.add(made, world.then("template"), self);
        add(&scenario.world.early, world.then("early"), self);
        add(&scenario.world.before, world.then("before"), self);
        let tasks = At::root("tasks");
        for (index, task) in scenario.tasks.iter().enumerate() {
            let index = index.to_string();
            let at = tasks.then(&index);
            task.predictions.iter().for_each(|asked| add(&asked.after, at.then("predict"), self));
        }
        add(&scenario.solution, At::root("solution"), self);
        // Paths that begin like one another are as long as all of them.
        let paths = scenario.also.len() + scenario.wrong.len();
        Tally::new(&STEPS, "leave out paths that show nothing new").add(paths, At::root("also"), self);
        if paths > STEPS.size() {
            return;
        }
        let others = [
            (
                "also",
                scenario
                    .also
                    .iter()
                    .map(|path| (path.like.as_deref(), path.until, &path.steps))
                    .collect::<Vec<_>>(),
            ),
            (
                "wrong",
                scenario.wrong.iter().map(|path| (path.like.as_deref(), path.until, &path.steps)).collect(),
            ),
        ];
        for (name, paths) in others {
            let root = At::root(name);
            for (index, (like, until, steps)) in paths.into_iter().enumerate() {
                let index = index.to_string();
                let at = root.then(&index);
                add(&scenario.first_steps(like, until), at.then("like"), self);
                add(steps, at.then("steps"), self);
            }
        }
        for (number, spec) in &scenario.world.accounts {
            let specs = spec.keys.values().filter_map(|key| key.spec.as_deref());
            let made = specs.map(key_pair_of).sum();
            pairs.add(made, world.then("accounts").then(number).then("keys"), self);
        }
    }
}

/// How many checks a check is with all its parts; a record that a rule is to find and a step that comes first count as one.
fn parts(check: &Check) -> usize {
    let of_rule = check.rule().map_or(0, |rule| rule.finds.len() + rule.after.len());
    1 + of_rule + check.parts().iter().map(parts).sum::<usize>()
}

/// The RSA keys that a step makes.
fn pairs_of_step(step: &Step) -> usize {
    match &step.action {
        Action::Call(call) => key_pair(&call.operation, &call.with),
        Action::Predict { .. } | Action::Wait(_) => 0,
    }
}

/// The RSA keys that a check makes, each time it is asked.
fn pairs_of(check: &Check) -> usize {
    let own = check.outcome().map_or(0, |outcome| key_pair(&outcome.operation, &outcome.with));
    let first = check.rule().map_or(0, |rule| rule.after.iter().map(pairs_of_step).sum());
    own + first + check.parts().iter().map(pairs_of).sum::<usize>()
}
