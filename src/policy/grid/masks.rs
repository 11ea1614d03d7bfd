//! Documents compiled for a grid: of which actions and which resources each statement speaks.
//!
//! Policies repeat themselves, so each pattern is matched once against the actions or resources, wherever it stands.

use super::bits::Bits;
use super::sides::{Action, Subject, Target};
use crate::policy::condition::Condition;
use crate::policy::document::{Document, Statement};
use crate::policy::pattern::Template;
use crate::policy::request::Context;
use crate::policy::terms::Version;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The statements of each document as masks, found by where the document lies: documents are shared, and each is
/// compiled once.
#[derive(Debug)]
pub(super) struct Compiled(HashMap<usize, Vec<Masks>>);

impl Compiled {
    /// The masks of a document's statements; none for a document that is not in the grid.
    pub fn of(&self, document: &Arc<Document>) -> &[Masks] {
        self.0.get(&address(document)).map(Vec::as_slice).unwrap_or_default()
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Compiles every document of a grid.
pub(super) fn compiled(subjects: &[Subject], actions: &[Action], targets: &[Target]) -> Compiled {
    let of_subjects = subjects.iter().flat_map(Subject::documents);
    let mut patterns = Patterns::new(actions, targets);
    let mut found = HashMap::new();
    for document in of_subjects.chain(targets.iter().flat_map(Target::documents)) {
        found.entry(address(document)).or_insert_with(|| patterns.compile(document));
    }
    Compiled(found)
}

fn address(document: &Arc<Document>) -> usize {
    Arc::as_ptr(document).addr()
}

/// What a statement speaks of.
#[derive(Debug)]
pub(super) struct Masks {
    pub actions: Bits,
    /// Where the resources hold variables: all of them.
    pub targets: Bits,
    /// What else has to be asked, if anything.
    pub asks: Option<Asks>,
}

/// What the conditions and variables of a statement look at, beside the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asks {
    /// Whether the answer can differ from action to action.
    pub action: bool,
    /// True if the answer can differ from resource to resource.
    pub target: bool,
    /// Whether the resources hold variables.
    pub resources: bool,
}

/// Every pattern with what it matches, each worked out when it first occurs.
struct Patterns<'a> {
    folded_actions: Vec<String>,
    /// The service of all actions, if they are of one.
    service: Option<String>,
    targets: &'a [Target],
    action_keys: BTreeSet<&'a str>,
    target_keys: BTreeSet<&'a str>,
    by_action: HashMap<&'a str, Bits>,
    by_resource: HashMap<(&'a str, Version), Bits>,
}

impl<'a> Patterns<'a> {
    fn new(actions: &'a [Action], targets: &'a [Target]) -> Self {
        let folded_actions: Vec<String> = actions.iter().map(|(action, _)| action.to_lowercase()).collect();
        let first = folded_actions.first().and_then(|action| service_of(action));
        let is_one = folded_actions.iter().all(|action| service_of(action) == first);
        let service = first.filter(|_| is_one).map(str::to_owned);
        Self {
            folded_actions,
            service,
            targets,
            action_keys: actions.iter().flat_map(|(_, context)| context.folded_keys()).collect(),
            target_keys: targets.iter().flat_map(|target| target.context.folded_keys()).collect(),
            by_action: HashMap::new(),
            by_resource: HashMap::new(),
        }
    }

    fn compile(&mut self, document: &'a Document) -> Vec<Masks> {
        document.statements.iter().map(|statement| self.masks(statement, document.version)).collect()
    }

    fn masks(&mut self, statement: &'a Statement, version: Version) -> Masks {
        let resources = statement.resources.patterns.iter().any(|pattern| is_open(&pattern.template));
        let mut asks = Asks { action: false, target: resources, resources };
        let variables = statement.resources.patterns.iter().flat_map(|pattern| pattern.template.keys());
        for key in variables.chain(statement.conditions.iter().flat_map(Condition::keys)) {
            asks.action |= self.action_keys.contains(key);
            asks.target |= self.target_keys.contains(key);
        }
        Masks {
            actions: self.actions(statement),
            targets: if resources {
                Bits::all(self.targets.len())
            } else {
                self.resources(statement, version)
            },
            asks: (resources || !statement.conditions.is_empty()).then_some(asks),
        }
    }

    fn actions(&mut self, statement: &'a Statement) -> Bits {
        let all = self.folded_actions.len();
        let mut any = Bits::none(all);
        for pattern in &statement.actions.patterns {
            let text = &*pattern.source.text;
            // AWS's own policies speak of many services, and most of their patterns are about none of these actions.
            let is_elsewhere = self.service.as_deref().is_some_and(|service| is_of_another(text, service));
            if is_elsewhere {
                continue;
            }
            let folded = &self.folded_actions;
            let found = self.by_action.entry(text);
            any.join(found.or_insert_with(|| Bits::of(all, |action| pattern.glob.matches(&folded[action]))));
        }
        settle(statement.actions.decide_from(true), statement.actions.decide_from(false), any, all)
    }

    fn resources(&mut self, statement: &'a Statement, version: Version) -> Bits {
        let (targets, all) = (self.targets, self.targets.len());
        let none = Context::new();
        let mut any = Bits::none(all);
        for pattern in &statement.resources.patterns {
            let found = self.by_resource.entry((&*pattern.whole, version));
            let matches = |target: usize| pattern.template.matches(&targets[target].resource.arn, &none);
            any.join(found.or_insert_with(|| Bits::of(all, matches)));
        }
        settle(statement.resources.decide_from(true), statement.resources.decide_from(false), any, all)
    }
}

/// The service of an action.
fn service_of(action: &str) -> Option<&str> {
    action.split_once(':').map(|(service, _)| service)
}

/// Whether a pattern names a service, and another one.
fn is_of_another(pattern: &str, service: &str) -> bool {
    service_of(pattern).is_some_and(|named| {
        named.is_ascii() && !named.contains(['*', '?']) && !named.eq_ignore_ascii_case(service)
    })
}

/// What an element matches, given what it answers where one of its patterns matches and where none does.
fn settle(where_any: bool, where_none: bool, any: Bits, all: usize) -> Bits {
    match (where_any, where_none) {
        (true, true) => Bits::all(all),
        (true, false) => any,
        (false, true) => any.rest_of(&Bits::all(all)),
        (false, false) => Bits::none(all),
    }
}

fn is_open(template: &Template) -> bool {
    matches!(template, Template::Open { .. })
}
