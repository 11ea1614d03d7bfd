//! What a grid is made of: callers, actions and resources, each with everything that is attached to it.

use std::sync::Arc;

use crate::policy::policies::{ResourceMode, Source};
use crate::policy::request::{Context, Resource};
use crate::policy::{Document, Principal};

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

/// A resource and everything attached to it but grants.
#[derive(Debug, Clone)]
pub struct Target {
    /// Which resource it is.
    pub resource: Resource,
    pub policy: Option<Source>,
    /// The resource control policies over its account, by level.
    pub rcps: Option<Vec<Vec<Source>>>,
    /// The condition keys that come with it.
    pub context: Context,
    /// For each action of the grid, what part the policy plays and whether other accounts can be allowed; `None` for an
    /// action that nobody asks about here.
    pub modes: Vec<Option<(ResourceMode, bool)>>,
}

/// An action, and the condition keys that come with it.
pub(super) type Action = (Arc<str>, Context);

impl Subject {
    /// The documents of all his policies.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Arc<Document>> {
        let lists = [&self.boundary, &self.session, &self.endpoint].into_iter().flatten().flatten();
        let sources = self.identity.iter().chain(lists).chain(self.scps.iter().flatten().flatten());
        sources.map(|source| &source.document)
    }

    /// The condition keys of the caller, with those of a target and an action in place of his where both have them.
    pub(super) fn context_with(&self, target: Option<&Context>, action: Option<&Context>) -> Context {
        let mut context = self.context.clone();
        for (key, values) in target.into_iter().chain(action).flat_map(Context::iter) {
            context.set_many(key, values.iter().cloned());
        }
        context.add_implied(&self.principal);
        context
    }
}

impl Target {
    /// The documents of all its policies.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Arc<Document>> {
        let sources = self.policy.iter().chain(self.rcps.iter().flatten().flatten());
        sources.map(|source| &source.document)
    }
}
