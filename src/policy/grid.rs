//! Decides who may do what to what, for many callers, actions and resources at once.
//!
//! Every document is compiled once into masks: for each statement, which of the actions and which of the resources
//! it speaks of. A cell of the grid then needs no matching of patterns; only where a statement has conditions or
//! variables is it asked about what they look at: the caller, the resource, the action or the cell itself. Changing
//! one policy compiles that policy and decides the cells it bears on. The facts are judged as everywhere else, so a
//! cell holds what [`super::decide`] would answer.
//!
//! | module | what lives there |
//! |---|---|
//! | `masks` | documents compiled for the actions and resources of a grid |
//! | `board` | the cells of one caller, 64 actions at a time |
//! | `bits` | sets as words |

mod bits;
mod board;
mod masks;

use self::board::{Board, Modes};
use self::masks::{Compiled, Patterns};
use super::decide::{Basis, dress};
use super::document::Document;
use super::policies::{Grant, Layer, Policies, ResourceMode, ResourcePolicy, Source};
use super::request::Context;
use super::{Decision, Principal, Request, Resource, Verdict};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A caller and everything attached to him: a row of the grid.
#[derive(Debug, Clone)]
pub struct Subject {
    pub principal: Principal,
    pub identity: Vec<Source>,
    /// The permissions boundary, if there is one.
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

/// An action, and the condition keys that come with it.
type Action = (Arc<str>, Context);

/// All verdicts for some callers, actions and resources.
#[derive(Debug, Clone)]
pub struct Grid {
    subjects: Vec<Subject>,
    actions: Vec<Action>,
    targets: Vec<Target>,
    /// The modes, by number of target.
    modes: Vec<Modes>,
    compiled: HashMap<usize, Compiled>,
    /// By subject, then target, then action.
    cells: Vec<Basis>,
}

impl Grid {
    /// Decides all cells. Each action comes with the condition keys that come with it.
    pub fn new(subjects: Vec<Subject>, actions: Vec<Action>, targets: Vec<Target>) -> Self {
        let undecided = Basis { layer: Layer::Identity, how: super::How::NoAllow, place: None, level: None };
        let cells = vec![undecided; subjects.len() * actions.len() * targets.len()];
        let modes = targets.iter().map(|target| Modes::new(target, actions.len())).collect();
        let mut grid = Self { subjects, actions, targets, modes, compiled: HashMap::new(), cells };
        grid.compile();
        grid.decide(0..grid.subjects.len(), 0..grid.targets.len());
        grid
    }

    /// Puts another caller, or the same with other policies, in the place of one. `None` if there is no such place.
    pub fn replace_subject(&mut self, index: usize, subject: Subject) -> Option<()> {
        *self.subjects.get_mut(index)? = subject;
        self.compile();
        self.decide(index..index + 1, 0..self.targets.len());
        Some(())
    }

    /// Puts another policy on a resource. `None` if there is no such resource.
    pub fn replace_policy(&mut self, target: usize, policy: Option<Source>) -> Option<()> {
        self.targets.get_mut(target)?.policy = policy;
        self.compile();
        self.decide(0..self.subjects.len(), target..target + 1);
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
        let context = merged(subject, Some(&target.context), Some(keys));
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
        inside.then(|| (subject * self.targets.len() + target) * self.actions.len() + action)
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
        let mut patterns = Patterns::new(&self.actions, &self.targets);
        let mut fresh: HashMap<usize, Compiled> = HashMap::new();
        for Source { document, .. } in of_subjects.chain(of_targets) {
            let address = address(document);
            if !self.compiled.contains_key(&address) {
                fresh.entry(address).or_insert_with(|| patterns.compile(document));
            }
        }
        self.compiled.extend(fresh);
    }

    /// Decides the cells of some subjects and some targets.
    fn decide(&mut self, subjects: Range<usize>, targets: Range<usize>) {
        let mut cells = std::mem::take(&mut self.cells);
        let mut board = Board::new(self.actions.len(), targets);
        for (index, subject) in self.subjects.iter().enumerate().filter(|(index, _)| subjects.contains(index))
        {
            let first = index * self.targets.len();
            board.decide(self, subject, |action, target, basis| {
                cells[(first + target) * self.actions.len() + action] = basis; // laid out like this
            });
        }
        self.cells = cells;
    }
}

/// The condition keys of a caller, with those of a target and an action in place of his where both have them.
fn merged(subject: &Subject, target: Option<&Context>, action: Option<&Context>) -> Context {
    let mut context = subject.context.clone();
    for (key, values) in target.into_iter().chain(action).flat_map(Context::iter) {
        context.set_many(key, values.iter().cloned());
    }
    context
}

/// Where the document lies: documents are shared, and each is compiled once.
fn address(document: &Arc<Document>) -> usize {
    Arc::as_ptr(document).addr()
}

#[cfg(test)]
mod tests;
