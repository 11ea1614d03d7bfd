//! A policy document, read and compiled for evaluation.

use super::condition::Condition;
use super::pattern::{Glob, Template};
use super::principal::{PrincipalEntry, Principals};
use super::request::Context;
use super::terms::{Effect, PolicyKind, Spanned, Version};
use super::{Request, Span};
use crate::limits::steps;
use std::sync::Arc;

/// A policy document with the place of each element.
#[derive(Debug)]
pub struct Document {
    /// The kind of thing that the policy is attached to.
    pub kind: PolicyKind,
    /// The version of the language it is written in.
    pub version: Version,
    /// The element `Id` of the document.
    pub id: Option<Spanned>,
    /// The statements in the order of the text.
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
    /// The element `Sid` of the statement.
    pub sid: Option<Spanned>,
    pub effect: Effect,
    /// Whom it speaks of.
    pub principals: Principals,
    /// The element `Principal` or `NotPrincipal`, name and value.
    pub principals_span: Option<Span>,
    /// Which actions it speaks of.
    pub actions: Actions,
    /// Which resources it speaks of.
    pub resources: Resources,
    /// All conditions have to hold for the statement to apply.
    pub conditions: Vec<Condition>,
    /// The whole statement, braces included.
    pub span: Span,
}

impl Statement {
    /// Whether anything in the statement looks at condition keys: a condition, or a variable in a resource.
    pub(crate) fn asks_for_keys(&self) -> bool {
        let has_variable = |pattern: &ResourcePattern| pattern.template.keys().next().is_some();
        !self.conditions.is_empty() || self.resources.patterns.iter().any(has_variable)
    }
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
    /// The pattern with the fields that its kind of policy lets it leave out.
    pub(crate) whole: Arc<str>,
    pub(crate) template: Template,
}

/// An element that lists patterns, or everything but them.
#[derive(Debug)]
pub struct Matcher<P> {
    /// True for the `Not...` form of the element.
    pub negated: bool,
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
        steps::add(self.patterns.len());
        self.decide(|pattern| steps::is_spent() || pattern.glob.matches(request.folded_action()))
    }
}

impl Resources {
    /// A variable without a value makes a pattern that matches no resource, in either form of the element.
    // Source: IAM User Guide, "reference_policies_variables"
    pub(crate) fn matches(&self, arn: &str, context: &Context) -> bool {
        steps::add(self.patterns.len());
        self.decide(|pattern| steps::is_spent() || pattern.template.matches(arn, context))
    }
}
