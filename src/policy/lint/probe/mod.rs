//! Probes a document with canaries: puts the requests of strangers, services, owners and everybody named to the
//! engine, and reports what happens.
//!
//! The probes cost some decisions a statement, so the command asks for them and the editor does not. [`attain`] looks
//! for circumstances that a caller can bring about, [`open`] asks as strangers and services, [`named`] as those whom
//! the document names, [`owner`] as those who keep it, [`identity`] asks what an identity policy gives, [`principal`]
//! finds principals that are nobody, and [`form`] values that no request has.

mod attain;
mod form;
mod identity;
mod named;
mod open;
mod owner;
mod principal;

use super::profile::{Hazards, Profile};
use super::text::{covers, is_managed};
use crate::limits::policy::LINT_COMPARED;
use crate::limits::steps;
use crate::policy::decide::{Decision, decide};
use crate::policy::diagnostic::{Diagnostic, Severity};
use crate::policy::document::{Document, Statement};
use crate::policy::policies::{Policies, ResourceMode, ResourcePolicy, Source};
use crate::policy::principal::{Named, Principal, Principals, account_of};
use crate::policy::reference::{Reference, is_like};
use crate::policy::request::{Context, Request, Resource};
use crate::policy::terms::{Effect, PolicyKind};
use crate::policy::{Span, parse};
use std::sync::Arc;

/// The account of the document where it names none.
const SOME_OWNER: &str = "111122223333";
/// The Region of resources that are made up.
const SOME_REGION: &str = "us-east-1";
/// A policy that allows everything, as the account of a canary would give it.
const EVERYTHING: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
/// How many names, values or ARNs of one statement are tried. Each costs a few decisions, and whoever writes
/// hundreds of them into a statement has the same fault in the first.
const MAX_TRIED: usize = 8;

/// How many times a statement may be compared with a request, in all probes of a document together. It keeps the
/// longest document that a service keeps under a second.
const MAX_COMPARED: usize = 4_000_000;

/// How much of a policy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// Statements that were taken out of a policy.
    Fragment,
}

/// A finding with the probe that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    /// The request that shows what happens; `None` where no request is needed to see it.
    pub canary: Option<Canary>,
}

/// The request of a canary, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// Who asks, by ARN or by the name of a service.
    pub caller: String,
    pub action: String,
    pub resource: String,
    /// The condition keys of the request.
    pub context: Context,
    /// Whether the document lets the caller do it.
    pub allowed: bool,
}

/// Returns what happens when canaries use the document.
pub(super) fn examine(
    document: &Arc<Document>,
    profile: &Profile,
    reference: &Reference,
    part: Part,
) -> Vec<Finding> {
    let mut bench = Bench::new(document, profile, reference);
    bench.forms();
    bench.redundant();
    match document.kind {
        PolicyKind::Resource => {
            bench.principals();
            bench.strangers();
            if profile.vendor.is_some() {
                if !is_managed(document, profile) {
                    bench.lockout(part);
                }
                bench.deputies();
                bench.grants();
                bench.dead_across_accounts();
            }
            bench.named();
        }
        PolicyKind::Trust => {
            bench.principals();
            bench.strangers();
            bench.shared_providers();
        }
        PolicyKind::Identity => {
            bench.wide();
            bench.grants();
            bench.named();
        }
        PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Scp
        | PolicyKind::Rcp
        | PolicyKind::Endpoint => {}
    }
    bench.say_if_spent();
    bench.found
}

/// What every probe of a document needs.
struct Bench<'a> {
    document: &'a Arc<Document>,
    profile: &'a Profile,
    reference: &'a Reference,
    /// The account that the document seems to belong to.
    owner: Arc<str>,
    /// A resource that the document may belong to.
    resource: Arc<str>,
    /// The actions that such a resource is asked about, as known, and in lower case.
    actions: Vec<(String, String)>,
    policies: Policies,
    found: Vec<Finding>,
    /// How many requests were put to the engine.
    asked: usize,
}

impl<'a> Bench<'a> {
    fn new(document: &'a Arc<Document>, profile: &'a Profile, reference: &'a Reference) -> Self {
        let owner = owner_of(document, profile).unwrap_or_else(|| SOME_OWNER.into());
        let source = Source::new("document", document.clone());
        let policies = if document.kind == PolicyKind::Identity {
            Policies { identity: vec![source], ..Policies::default() }
        } else {
            let everything = parse(EVERYTHING, PolicyKind::Identity).document;
            let everything = everything.into_iter().map(|document| Source::new("everything", document));
            let mode = ResourceMode::Required;
            Policies {
                identity: everything.collect(),
                resource: ResourcePolicy { mode, source: Some(source), cross_account: true },
                ..Policies::default()
            }
        };
        let actions = actions_of(profile, reference);
        let resource = "".into();
        let found = Vec::new();
        let mut bench =
            Self { document, profile, reference, owner, resource, actions, policies, found, asked: 0 };
        bench.resource = bench.some_resource().into();
        bench
    }

    fn hazards(&self) -> &'a Hazards {
        &self.profile.hazards
    }

    /// The statements of one effect.
    fn statements(&self, effect: Effect) -> impl Iterator<Item = &'a Statement> + use<'a> {
        self.document.statements.iter().filter(move |statement| statement.effect == effect)
    }

    /// Whether the probes of the document have cost what they may.
    fn is_spent(&self) -> bool {
        steps::is_spent() || self.asked.saturating_mul(self.document.statements.len()) > MAX_COMPARED
    }

    fn say_if_spent(&mut self) {
        if let Err(exceeded) = LINT_COMPARED.check(self.document.statements.len()) {
            let message = format!("{exceeded}, so not all of them were compared with each other");
            let remedy = "Review the last statements in a document of their own.".to_owned();
            self.push(Severity::Note, "not-probed", self.whole(), message, remedy, None);
            return;
        }
        if self.is_spent() && !steps::is_spent() {
            let statements = self.document.statements.len();
            let message = format!("the document has {statements} statements, too many to probe all of them");
            let remedy = "Review the last statements in a document of their own.".to_owned();
            self.push(Severity::Note, "not-probed", self.whole(), message, remedy, None);
        }
    }

    /// Puts a request to the engine, with everything allowed by the caller's own account.
    fn ask(&mut self, principal: &Principal, action: &str, resource: &str, context: Context) -> Canary {
        self.decided(principal, action, resource, context).0
    }

    /// Puts a request to the engine, and gives it back with how it ended.
    fn asked(
        &mut self,
        principal: &Principal,
        action: &str,
        resource: &str,
        context: Context,
    ) -> (Request, Canary) {
        let request = self.request(principal, action, resource, context);
        let (canary, _) = self.put(&request);
        (request, canary)
    }

    fn decided(
        &mut self,
        principal: &Principal,
        action: &str,
        resource: &str,
        context: Context,
    ) -> (Canary, Decision) {
        let request = self.request(principal, action, resource, context);
        self.put(&request)
    }

    fn request(&self, principal: &Principal, action: &str, resource: &str, context: Context) -> Request {
        let asked = Resource { arn: resource.into(), account: Some(self.owner.clone()) };
        Request::new(principal.clone(), action, asked, context)
    }

    fn put(&mut self, request: &Request) -> (Canary, Decision) {
        let (action, resource) = (request.action(), &*request.resource().arn);
        self.asked += 1;
        if let Some(rule) = self.reference.resource_rule(action, resource) {
            self.policies.resource.cross_account = rule.is_cross_account(action);
        }
        let decision = decide(request, &self.policies);
        let canary = Canary {
            caller: request.principal().name().to_string(),
            action: action.to_string(),
            resource: resource.to_owned(),
            context: request.context().clone(),
            allowed: decision.is_allowed(),
        };
        (canary, decision)
    }

    fn warn(
        &mut self,
        code: &'static str,
        span: Span,
        message: String,
        remedy: String,
        canary: Option<Canary>,
    ) {
        self.push(Severity::Warning, code, span, message, remedy, canary);
    }

    fn push(
        &mut self,
        severity: Severity,
        code: &'static str,
        span: Span,
        message: String,
        remedy: String,
        canary: Option<Canary>,
    ) {
        debug_assert!(super::known(code).is_some(), "{code} is not in the catalogue");
        let diagnostic = Diagnostic { severity, code, message, remedy, span };
        self.found.push(Finding { diagnostic, canary });
    }

    /// An action that a statement speaks of and that the document's resource is asked about.
    fn action_of(&self, statement: &Statement) -> Option<String> {
        if self.actions.is_empty() {
            let patterns = statement.actions.patterns.iter().map(|pattern| &*pattern.source.text);
            let first = patterns.filter(|_| !statement.actions.negated).map(attain::instance).next();
            return first.or_else(|| Some("canary:Canary".to_owned()));
        }
        self.actions_spoken_of(statement).next().map(str::to_owned)
    }

    fn actions_spoken_of<'b>(&'b self, statement: &'b Statement) -> impl Iterator<Item = &'b str> {
        steps::add(self.actions.len().saturating_mul(statement.actions.patterns.len()) / 8);
        let spoken = |(_, folded): &&(String, String)| speaks_of(statement, folded);
        self.actions.iter().filter(spoken).map(|(action, _)| action.as_str())
    }

    /// Statements that do what another, unconditional one does anyway.
    fn redundant(&mut self) {
        let statements = &self.document.statements;
        for (index, statement) in statements.iter().enumerate() {
            if steps::is_spent() {
                return;
            }
            let wider = statements.iter().take(LINT_COMPARED.size()).enumerate().find(|(other, wide)| {
                steps::add(1);
                *other != index
                    && wide.effect == statement.effect
                    && wide.conditions.is_empty()
                    && covers(wide, statement)
                    && !names_nobody(statement)
                    // Of two that cover each other the second is too many.
                    && (*other < index || !(statement.conditions.is_empty() && covers(statement, wide)))
            });
            let Some((other, wide)) = wider else { continue };
            let name =
                wide.sid.as_ref().map_or_else(|| format!("{}", other + 1), |sid| format!("{:?}", &*sid.text));
            let message = format!("statement {name} says all of this already, so it changes nothing");
            let remedy = "Remove it, or narrow the other one.".to_owned();
            self.warn("redundant", statement.span, message, remedy, None);
        }
    }

    /// A resource that the document may belong to: one that it names, or else one of its service's.
    fn some_resource(&self) -> String {
        let vendor = self.profile.vendor.as_deref().unwrap_or_default();
        let patterns = self.document.statements.iter().flat_map(|statement| &statement.resources.patterns);
        let mut texts = patterns.map(|pattern| &*pattern.source.text);
        let named = texts.find(|text| text.starts_with("arn:") && text.split(':').nth(2) == Some(vendor));
        let kind = self.profile.resource_types.first().map(String::as_str);
        let known = || {
            let pattern = self.reference.services.get(vendor)?.resources.get(kind?)?;
            Some(self.made_up(pattern, &self.owner, SOME_REGION))
        };
        let other = || format!("arn:aws:service:{SOME_REGION}:{}:resource/canary", self.owner);
        named.map(attain::instance).or_else(known).unwrap_or_else(other)
    }

    /// A resource of which a statement of a resource's policy speaks.
    fn resource_for(&self, statement: &Statement) -> String {
        let texts = statement.resources.patterns.iter().map(|pattern| &*pattern.source.text);
        let arn = texts.filter(|_| !statement.resources.negated).find(|text| text.starts_with("arn:"));
        match arn {
            Some(text) if !text.contains("${") => attain::instance(text),
            Some(_) | None => self.resource.to_string(),
        }
    }

    /// The ARN of a resource that is made up from the ARN of its type.
    fn made_up(&self, pattern: &str, account: &str, region: &str) -> String {
        let parts = &self.hazards().arn_parts;
        let mut arn = pattern
            .replace("${Partition}", "aws")
            .replace("${Account}", account)
            .replace("${Region}", region);
        for (variable, values) in parts {
            let value = values.first().map_or("canary", String::as_str);
            arn = arn.replace(&format!("${{{variable}}}"), &attain::instance(value));
        }
        // No canary is called so: what a holder may do to himself is not what he may do to others.
        super::statement::without_variables(&arn).replace('*', "other")
    }

    /// The first character of the document, for findings about the whole.
    fn whole(&self) -> Span {
        let text = &self.document.text;
        let start = text.len() - text.trim_start().len();
        Span::new(start, (start + 1).min(text.len()))
    }
}

/// The actions that the resource of a document is asked about, with each in lower case beside it.
fn actions_of(profile: &Profile, reference: &Reference) -> Vec<(String, String)> {
    let Some(vendor) = profile.vendor.as_deref() else { return Vec::new() };
    let types = &profile.resource_types;
    let known = reference.actions_like(&format!("{vendor}:*")).unwrap_or_default();
    let bound = known.iter().filter(|known| known.action.resources.iter().any(|name| types.contains(name)));
    bound
        .map(|known| {
            let name = format!("{vendor}:{}", known.name);
            let folded = name.to_lowercase();
            (name, folded)
        })
        .collect()
}

/// Whether a statement of a resource's policy is about nobody at all.
fn names_nobody(statement: &Statement) -> bool {
    matches!(&statement.principals, Principals::Only(entries) if entries.is_empty())
}

/// Whether the element of actions speaks of an action.
fn speaks(statement: &Statement, action: &str) -> bool {
    speaks_of(statement, &action.to_lowercase())
}

fn speaks_of(statement: &Statement, folded: &str) -> bool {
    steps::add(1);
    statement.actions.decide(|pattern| pattern.glob.matches(folded))
}

/// The account that keeps a document: the one that may manage it, or else the first that it names.
fn owner_of(document: &Document, profile: &Profile) -> Option<Arc<str>> {
    let manages = |statement: &&Statement| {
        statement.effect == Effect::Allow
            && profile.manage.as_deref().is_some_and(|action| speaks(statement, action))
    };
    let managing = document.statements.iter().filter(manages);
    let mut managing = managing.flat_map(|statement| statement.principals.entries());
    let keeper = managing.find_map(|entry| match &entry.named {
        Named::Account(account) => Some(account.clone()),
        Named::Everyone
        | Named::Arn(_)
        | Named::UniqueId(_)
        | Named::Service(_)
        | Named::Federated(_)
        | Named::CanonicalUser(_) => None,
    });
    let named = || {
        document.principals().find_map(|entry| match &entry.named {
            Named::Account(account) => Some(account.clone()),
            Named::Arn(arn) => account_of(arn).map(Arc::from),
            Named::Everyone
            | Named::UniqueId(_)
            | Named::Service(_)
            | Named::Federated(_)
            | Named::CanonicalUser(_) => None,
        })
    };
    let own_keys = &profile.hazards.own_keys;
    let by_condition = || {
        let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
        let about = conditions.filter(|condition| {
            !condition.operator.negated
                && own_keys.account.iter().any(|key| key.eq_ignore_ascii_case(&condition.key.text))
        });
        let mut values = about.flat_map(|condition| &condition.values);
        values.find(|value| Principal::from_arn(&value.text).is_some()).map(|value| value.text.clone())
    };
    keeper.or_else(named).or_else(by_condition)
}

/// Whether a list of patterns holds the text; case does not matter.
fn listed(text: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| is_like(&pattern.to_lowercase(), &text.to_lowercase()))
}

/// Whether a list holds the text; case does not matter.
fn among(text: &str, names: &[String]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(text))
}
