//! Decides who may do what to what, for many callers, actions and resources at once.
//!
//! Every document is compiled once into masks: for each statement, which of the actions and which of the resources
//! it speaks of. A cell of the grid then needs no matching of patterns; only where a statement has conditions or
//! variables is it asked about the cell itself. Changing one policy compiles that policy and decides the cells it
//! bears on. The facts are judged as everywhere else, so a cell holds what [`super::decide`] would answer.

use super::decide::{Basis, Case, basis, dress};
use super::document::{Document, Effect, Statement};
use super::facts::{Facts, LayerFacts, POLICY_LAYERS, Place, levels_in};
use super::pattern::Template;
use super::policies::{Grant, Layer, Policies, ResourceMode, ResourcePolicy, Source};
use super::request::Context;
use super::{Decision, Principal, Request, Resource, Verdict};
use std::collections::HashMap;
use std::sync::Arc;

/// A caller and everything attached to him: a row of the grid.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Who he is.
    pub principal: Principal,
    /// His policies.
    pub identity: Vec<Source>,
    /// His permissions boundary.
    pub boundary: Option<Vec<Source>>,
    /// The policies of his session.
    pub session: Option<Vec<Source>>,
    /// The service control policies over his account, by level.
    pub scps: Option<Vec<Vec<Source>>>,
    /// The policy of the VPC endpoint he comes through.
    pub endpoint: Option<Vec<Source>>,
    /// The condition keys that come with him.
    pub context: Context,
}

/// A resource and everything attached to it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Which resource it is.
    pub resource: Resource,
    /// Its policy.
    pub policy: Option<Source>,
    /// The resource control policies over its account, by level.
    pub rcps: Option<Vec<Vec<Source>>>,
    /// The grants on it.
    pub grants: Vec<Grant>,
    /// The condition keys that come with it.
    pub context: Context,
    /// For each action of the grid, what part the policy plays and whether other accounts can be allowed.
    pub modes: Vec<(ResourceMode, bool)>,
}

/// All verdicts for some callers, actions and resources.
#[derive(Debug, Clone)]
pub struct Grid {
    subjects: Vec<Subject>,
    actions: Vec<(Arc<str>, Context)>,
    targets: Vec<Target>,
    compiled: HashMap<usize, Compiled>,
    /// By subject, then action, then target.
    cells: Vec<Basis>,
}

/// A document's statements as masks. It keeps the document, so that its address stays its own.
#[derive(Debug, Clone)]
struct Compiled {
    document: Arc<Document>,
    statements: Arc<[Masks]>,
}

/// What a statement speaks of.
#[derive(Debug)]
struct Masks {
    actions: Vec<bool>,
    /// Where the resources hold variables: all of them.
    targets: Vec<bool>,
    /// Whether the statement must be asked about each cell.
    depends_on_cell: bool,
}

impl Masks {
    fn new(statement: &Statement, actions: &[(Arc<str>, Context)], targets: &[Target]) -> Self {
        let has_variables = |template: &Template| matches!(template, Template::Open { .. });
        let open = statement.resources.patterns.iter().any(|pattern| has_variables(&pattern.template));
        let none = Context::new();
        let folded = |action: &str| action.to_lowercase();
        Self {
            actions: actions
                .iter()
                .map(|(action, _)| {
                    let action = folded(action);
                    statement.actions.decide(|pattern| pattern.glob.matches(&action))
                })
                .collect(),
            targets: targets
                .iter()
                .map(|target| {
                    let arn = &target.resource.arn;
                    open || statement.resources.decide(|pattern| pattern.template.matches(arn, &none))
                })
                .collect(),
            depends_on_cell: open || !statement.conditions.is_empty(),
        }
    }
}

impl Grid {
    /// Decides all cells. Each action comes with the condition keys that come with it.
    pub fn new(subjects: Vec<Subject>, actions: Vec<(Arc<str>, Context)>, targets: Vec<Target>) -> Self {
        let undecided = Basis { layer: Layer::Identity, how: super::How::NoAllow, place: None, level: None };
        let cells = vec![undecided; subjects.len() * actions.len() * targets.len()];
        let mut grid = Self { subjects, actions, targets, compiled: HashMap::new(), cells };
        grid.compile();
        let (subjects, targets) = (0..grid.subjects.len(), 0..grid.targets.len());
        for subject in subjects {
            grid.decide_row(subject, targets.clone());
        }
        grid
    }

    /// Puts another caller, or the same with other policies, in the place of one. `None` if there is no such place.
    pub fn replace_subject(&mut self, index: usize, subject: Subject) -> Option<()> {
        *self.subjects.get_mut(index)? = subject;
        self.compile();
        self.decide_row(index, 0..self.targets.len());
        Some(())
    }

    /// Puts another policy on a resource. `None` if there is no such resource.
    pub fn replace_policy(&mut self, target: usize, policy: Option<Source>) -> Option<()> {
        self.targets.get_mut(target)?.policy = policy;
        self.compile();
        for subject in 0..self.subjects.len() {
            self.decide_row(subject, target..target + 1);
        }
        Some(())
    }

    /// The verdict of a cell.
    pub fn verdict(&self, subject: usize, action: usize, target: usize) -> Option<Verdict> {
        self.cells.get(self.cell(subject, action, target)?).map(|basis| basis.verdict())
    }

    /// The decision of a cell.
    pub fn decision(&self, subject: usize, action: usize, target: usize) -> Option<Decision> {
        let basis = *self.cells.get(self.cell(subject, action, target)?)?;
        Some(dress(basis, &self.request(subject, action, target)?, &self.policies(subject, action, target)?))
    }

    /// The question of a cell.
    pub fn request(&self, subject: usize, action: usize, target: usize) -> Option<Request> {
        let (subject, (action, keys), target) =
            (self.subjects.get(subject)?, self.actions.get(action)?, self.targets.get(target)?);
        let mut context = subject.context.clone();
        for (key, values) in target.context.iter().chain(keys.iter()) {
            context.set_many(key, values.iter().cloned());
        }
        Some(Request::new(subject.principal.clone(), action.clone(), target.resource.clone(), context))
    }

    /// The policies that bear on a cell.
    pub fn policies(&self, subject: usize, action: usize, target: usize) -> Option<Policies> {
        let (subject, target) = (self.subjects.get(subject)?, self.targets.get(target)?);
        let (mode, cross_account) = *target.modes.get(action)?;
        Some(Policies {
            identity: subject.identity.clone(),
            boundary: subject.boundary.clone(),
            session: subject.session.clone(),
            scps: subject.scps.clone(),
            rcps: target.rcps.clone(),
            endpoint: subject.endpoint.clone(),
            resource: ResourcePolicy { mode, source: target.policy.clone(), cross_account },
            grants: target.grants.clone(),
        })
    }

    fn cell(&self, subject: usize, action: usize, target: usize) -> Option<usize> {
        let inside = action < self.actions.len() && target < self.targets.len();
        inside.then(|| (subject * self.actions.len() + action) * self.targets.len() + target)
    }

    /// Compiles the documents that are new, and forgets those that nobody uses any more.
    fn compile(&mut self) {
        self.compiled.retain(|_, compiled| Arc::strong_count(&compiled.document) > 1);
        let of_subjects = self.subjects.iter().flat_map(|subject| {
            let lists = [&subject.boundary, &subject.session, &subject.endpoint];
            let lists = lists.into_iter().flatten().flatten();
            subject.identity.iter().chain(lists).chain(subject.scps.iter().flatten().flatten())
        });
        let of_targets = self
            .targets
            .iter()
            .flat_map(|target| target.policy.iter().chain(target.rcps.iter().flatten().flatten()));
        for source in of_subjects.chain(of_targets) {
            self.compiled.entry(address(&source.document)).or_insert_with(|| {
                let statements = source.document.statements.iter();
                let masks = statements.map(|statement| Masks::new(statement, &self.actions, &self.targets));
                Compiled { document: source.document.clone(), statements: masks.collect() }
            });
        }
    }

    /// Decides the cells of one subject and some targets.
    fn decide_row(&mut self, index: usize, targets: std::ops::Range<usize>) {
        let Some(subject) = self.subjects.get(index) else { return };
        let principal = &subject.principal;
        let mut row = Row {
            grid: self,
            subject: index,
            targets: targets.clone(),
            facts: vec![Facts::default(); self.actions.len() * targets.len()],
            requests: vec![None; self.actions.len() * targets.len()],
        };
        for layer in POLICY_LAYERS {
            match layer {
                Layer::Rcp | Layer::Resource => {
                    for target in targets.clone() {
                        if let Some(levels) = row.levels(layer, principal, target) {
                            row.scan(layer, &levels, principal, target..target + 1);
                        }
                    }
                }
                _ => {
                    if let Some(levels) = row.levels(layer, principal, 0) {
                        row.scan(layer, &levels, principal, targets.clone());
                    }
                }
            }
        }
        row.scan_grants(principal);
        let facts = row.facts;
        let mut decided = Vec::with_capacity(facts.len());
        for (action, _) in self.actions.iter().enumerate() {
            for target in targets.clone() {
                let Some(&(mode, cross_account)) = self.targets[target].modes.get(action) else { continue };
                let owner = self.targets[target].resource.owner();
                let case = Case { principal, owner, mode, cross_account };
                let facts = &facts[action * targets.len() + target - targets.start]; // one for each cell of the row
                let cell = (index * self.actions.len() + action) * self.targets.len() + target;
                decided.push((cell, basis(case, facts)));
            }
        }
        for (cell, basis) in decided {
            self.cells[cell] = basis; // cells are numbered as they were laid out
        }
    }
}

/// Where the document lies: documents are shared, and each is compiled once.
fn address(document: &Arc<Document>) -> usize {
    Arc::as_ptr(document).addr()
}

/// The work on one subject.
struct Row<'a> {
    grid: &'a Grid,
    subject: usize,
    targets: std::ops::Range<usize>,
    /// By action, then target.
    facts: Vec<Facts>,
    requests: Vec<Option<Request>>,
}

impl<'a> Row<'a> {
    /// The policies of a layer, as [`super::facts::levels_of`] would find them for a cell.
    fn levels(&self, layer: Layer, principal: &Principal, target: usize) -> Option<Vec<&'a [Source]>> {
        let (subject, target) = (self.grid.subjects.get(self.subject)?, self.grid.targets.get(target)?);
        levels_in(layer, principal, |layer| match layer {
            Layer::Rcp => target.rcps.as_ref().map(|levels| levels.iter().map(Vec::as_slice).collect()),
            Layer::Scp => subject.scps.as_ref().map(|levels| levels.iter().map(Vec::as_slice).collect()),
            Layer::Endpoint => subject.endpoint.as_ref().map(|list| vec![list.as_slice()]),
            Layer::Resource => target.policy.as_ref().map(|source| vec![std::slice::from_ref(source)]),
            Layer::Grant => None,
            Layer::Identity => Some(vec![subject.identity.as_slice()]),
            Layer::Boundary => subject.boundary.as_ref().map(|list| vec![list.as_slice()]),
            Layer::Session => subject.session.as_ref().map(|list| vec![list.as_slice()]),
        })
    }

    /// Notes what the statements of a layer come to for some targets.
    fn scan(
        &mut self,
        layer: Layer,
        levels: &[&[Source]],
        principal: &Principal,
        targets: std::ops::Range<usize>,
    ) {
        let actions = self.grid.actions.len();
        let mut level_allows = vec![false; self.facts.len()];
        for action in 0..actions {
            for target in targets.clone() {
                let at = self.at(action, target);
                self.facts[at].layer_mut(layer).present = true; // one for each cell of the row
            }
        }
        for (level, sources) in levels.iter().enumerate() {
            level_allows.fill(false);
            for (policy, source) in sources.iter().enumerate() {
                let Some(compiled) = self.grid.compiled.get(&address(&source.document)) else { continue };
                let statements =
                    source.document.statements.iter().zip(compiled.statements.iter()).enumerate();
                for (index, (statement, masks)) in statements {
                    let bound = source.bound.as_deref();
                    let Some(admission) = statement.principals.admit(principal, statement.effect, bound)
                    else {
                        continue;
                    };
                    let place = Place::new(level, policy, index);
                    for action in (0..actions).filter(|action| masks.actions[*action]) {
                        for target in targets.clone().filter(|target| masks.targets[*target]) {
                            let at = self.at(action, target);
                            let noted = self.facts[at].layer(layer);
                            let settled = match statement.effect {
                                Effect::Deny => noted.deny.is_some(),
                                Effect::Allow => level_allows[at] && layer != Layer::Resource,
                            };
                            if settled
                                || (masks.depends_on_cell && !self.applies(statement, source, action, target))
                            {
                                continue;
                            }
                            level_allows[at] |= statement.effect == Effect::Allow;
                            self.facts[at].layer_mut(layer).note(statement.effect, admission, place);
                        }
                    }
                }
            }
            for action in 0..actions {
                for target in targets.clone() {
                    let at = self.at(action, target);
                    let noted: &mut LayerFacts = self.facts[at].layer_mut(layer);
                    if !level_allows[at] && noted.missing.is_none() {
                        noted.missing = Some(Place::new(level, 0, 0).level);
                    }
                }
            }
        }
    }

    fn scan_grants(&mut self, principal: &Principal) {
        for target in self.targets.clone() {
            let grid = self.grid;
            for (index, grant) in grid.targets[target].grants.iter().enumerate() {
                if grant.names(principal).is_none() {
                    continue;
                }
                for action in (0..grid.actions.len()).filter(|action| grant.covers(&grid.actions[*action].0))
                {
                    let at = self.at(action, target);
                    if let Some(admission) =
                        self.ask(action, target).and_then(|request| grant.admits(request))
                    {
                        let noted = self.facts[at].layer_mut(Layer::Grant);
                        noted.note(Effect::Allow, admission, Place::new(0, index, 0));
                    }
                }
            }
        }
    }

    fn applies(&mut self, statement: &Statement, source: &Source, action: usize, target: usize) -> bool {
        self.ask(action, target).is_some_and(|request| statement.applies(request, source).is_some())
    }

    /// The question of a cell, put together when it is first needed.
    fn ask(&mut self, action: usize, target: usize) -> Option<&Request> {
        let at = self.at(action, target);
        let (grid, subject) = (self.grid, self.subject);
        let request = self.requests.get_mut(at)?;
        if request.is_none() {
            *request = grid.request(subject, action, target);
        }
        request.as_ref()
    }

    fn at(&self, action: usize, target: usize) -> usize {
        action * self.targets.len() + target - self.targets.start
    }
}

#[cfg(test)]
mod tests;
