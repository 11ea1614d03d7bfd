//! A policy document, read and compiled for evaluation.

use super::condition::Condition;
use super::pattern::{Glob, Template};
use super::principal::{PrincipalEntry, Principals};
use super::request::Context;
use super::terms::{Effect, PolicyKind, Spanned, Version};
use super::{Request, Span};
use std::sync::Arc;

/// A policy document.
#[derive(Debug)]
pub struct Document {
    /// What it is attached to.
    pub kind: PolicyKind,
    /// The version of the language it is written in.
    pub version: Version,
    /// Its `Id`.
    pub id: Option<Spanned>,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// The text it was read from.
    pub text: Arc<str>,
}

impl Document {
    /// Everybody the document names, with the place of each name.
    pub fn principals(&self) -> impl Iterator<Item = &PrincipalEntry> {
        self.statements.iter().flat_map(|statement| statement.principals.entries())
    }
}

/// One statement of a document.
#[derive(Debug)]
pub struct Statement {
    /// Its `Sid`.
    pub sid: Option<Spanned>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whom it speaks of.
    pub principals: Principals,
    /// The element `Principal` or `NotPrincipal`, name and value.
    pub principals_span: Option<Span>,
    /// Which actions it speaks of.
    pub actions: Actions,
    /// Which resources it speaks of.
    pub resources: Resources,
    /// When it applies: all of them must hold.
    pub conditions: Vec<Condition>,
    /// The whole statement, braces included.
    pub span: Span,
}

/// One action pattern as written.
#[derive(Debug)]
pub struct ActionPattern {
    /// The pattern and its place.
    pub source: Spanned,
    pub(crate) glob: Glob,
}

/// One resource pattern as written.
#[derive(Debug)]
pub struct ResourcePattern {
    /// The pattern and its place.
    pub source: Spanned,
    pub(crate) template: Template,
}

/// An element that lists patterns, or everything but them.
#[derive(Debug)]
pub struct Matcher<P> {
    /// Whether it is the `Not...` form.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<P>,
    /// The element, name and value; `None` if the statement lacks it.
    pub span: Option<Span>,
    /// What a statement without the element matches.
    pub(crate) otherwise: bool,
}

/// The `Action` or `NotAction` of a statement.
pub type Actions = Matcher<ActionPattern>;

/// The `Resource` or `NotResource` of a statement.
pub type Resources = Matcher<ResourcePattern>;

impl<P> Matcher<P> {
    /// Whether the element matches, given which patterns do.
    pub(crate) fn decide(&self, matches: impl FnMut(&P) -> bool) -> bool {
        self.decide_from(self.patterns.iter().any(matches))
    }

    /// Whether the element matches, given whether any of its patterns does.
    pub(crate) fn decide_from(&self, any: bool) -> bool {
        if self.span.is_none() { self.otherwise } else { any != self.negated }
    }
}

impl Actions {
    pub(crate) fn matches(&self, request: &Request) -> bool {
        self.decide(|pattern| pattern.glob.matches(request.folded_action()))
    }
}

impl Resources {
    /// A variable without a value makes a pattern that matches no resource, in either form of the element.
    // Source: IAM User Guide, "reference_policies_variables"
    pub(crate) fn matches(&self, arn: &str, context: &Context) -> bool {
        self.decide(|pattern| pattern.template.matches(arn, context))
    }
}
