//! Findings about who, what and on what.

use super::overlap::overlap;
use super::text::is_listed;
use super::{Depth, Linter};
use crate::limits::steps;
use crate::policy::document::{ActionPattern, Statement};
use crate::policy::principal::{Named, Principals};
use crate::policy::reference::is_like;
use crate::policy::terms::{Effect, Spanned};
use crate::policy::{KnownAction, Reference, UnknownAction};
use std::collections::BTreeSet;

impl<'a> Linter<'a> {
    pub(super) fn actions(&mut self, statement: &'a Statement) {
        for pattern in &statement.actions.patterns {
            if steps::is_spent() {
                return;
            }
            let text = &*pattern.source.text;
            let Some((vendor, name)) = text.split_once(':') else { continue };
            let reference = self.reference;
            if !reference.has_vendor(vendor) && vendor != "*" {
                let UnknownAction { what, remedy } = reference.no_service(vendor);
                self.found.warning("unknown-service", pattern.source.span, what, remedy);
                continue;
            }
            if self.actions_like(text).is_some_and(|actions| actions.is_empty()) {
                let UnknownAction { what, remedy } = reference.no_action(vendor, name);
                self.found.warning("unknown-action", pattern.source.span, what, remedy);
            }
            self.action_without_effect(statement, pattern, vendor);
        }
    }

    /// Finds actions of a trust policy that are no way into a role.
    // Source: MalformedPolicyDocument of CreateRole and UpdateAssumeRolePolicy in public reports; STS in the Service
    // Authorization Reference.
    pub(super) fn trust_actions(&mut self, statement: &Statement) {
        /// The actions that a role's trust policy decides.
        const INTO_A_ROLE: [&str; 6] = [
            "sts:assumerole",
            "sts:assumerolewithsaml",
            "sts:assumerolewithwebidentity",
            "sts:setcontext",
            "sts:setsourceidentity",
            "sts:tagsession",
        ];
        if self.profile.kind != super::PolicyKind::Trust {
            return;
        }
        for pattern in &statement.actions.patterns {
            let folded = pattern.source.text.to_lowercase();
            if !INTO_A_ROLE.iter().any(|action| is_like(&folded, action)) {
                let message = format!("{:?} is no way into a role", pattern.source.text);
                self.found.error("not-assume-role", pattern.source.span, message, "Write sts:AssumeRole.");
            }
        }
    }

    /// Whether none of the actions is bound to a resource of the type whose policy this is; then the policy's title.
    fn is_never_asked(&mut self, pattern: &'a str) -> Option<&'a str> {
        let profile = self.profile;
        let types = &profile.resource_types;
        let vendor = pattern.split(':').next()?;
        let own = profile.vendor.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(vendor));
        let actions = self.actions_like(pattern).filter(|actions| own && !actions.is_empty())?;
        let bound = |known: &KnownAction<'_>| known.action.resources.iter().any(|name| types.contains(name));
        (!types.is_empty() && !actions.iter().any(bound)).then_some(&*profile.title)
    }

    /// What IAM demands of an ARN beyond its beginning.
    // Source: IAM User Guide, "reference_policies_grammar"; messages of PutUserPolicy as returned
    fn resource_form(&mut self, source: &Spanned) {
        let (rules, text) = (self.profile, &*source.text);
        let mut parts = text.splitn(6, ':').skip(1);
        let (Some(partition), vendor) = (parts.next(), parts.next().unwrap_or_default()) else { return };
        let mut error = |code, message: String, remedy: String| {
            self.found.error(code, source.span, message, remedy);
        };
        if !rules.partitions.is_empty()
            && !partition.contains(['*', '?', '$'])
            && !rules.partitions.contains(partition)
        {
            let remedy = "Write arn:aws:...".to_owned();
            return error("bad-partition", format!("there is no partition {partition:?}"), remedy);
        }
        if !rules.partitions.is_empty() && vendor.is_empty() && text.matches(':').count() > 1 {
            let remedy = "Name the service: arn:aws:service:region:account:resource.".to_owned();
            return error("cut-arn", "the ARN names no service".to_owned(), remedy);
        }
        if !rules.partitions.is_empty() && (vendor.is_empty() || vendor.contains(['*', '?'])) {
            let remedy = "Name one service: arn:aws:service:region:account:resource.".to_owned();
            return error("resource-vendor", "the ARN names no single service".to_owned(), remedy);
        }
        let known = self.reference.services.get(vendor);
        let is_known = |text: &str| {
            let mut arns = known.into_iter().flat_map(|service| service.resources.values());
            arns.any(|arn| overlap(&without_variables(arn), &without_variables(text)))
        };
        let region = parts.next().unwrap_or_default();
        if rules.without_region.contains(vendor) && !region.is_empty() && !is_known(text) {
            let remedy = format!("Leave the Region empty: arn:aws:{vendor}::...");
            return error("resource-region", format!("resources of {vendor} have no Region"), remedy);
        }
        let own = text.splitn(6, ':').nth(5).unwrap_or_default();
        if let Some(starts) = rules.resource_paths.get(vendor)
            && !own.contains("${")
            && own != "*"
            && !starts.iter().any(|start| own.starts_with(start))
        {
            let remedy = format!("Begin it with one of {}.", starts.join(", "));
            error("resource-path", format!("{vendor} has no resource {own:?}"), remedy);
        }
    }

    /// Actions that the service does not look for in this kind of document.
    fn action_without_effect(&mut self, statement: &Statement, pattern: &'a ActionPattern, vendor: &str) {
        let profile = self.profile;
        if let Some(own) = &profile.vendor
            && !own.eq_ignore_ascii_case(vendor)
            && vendor != "*"
        {
            let message =
                format!("a {} is asked about {own} actions only, so this has no effect", profile.title);
            let remedy = "Put it into an identity policy, or into the policy of the other resource.";
            self.found.warning("foreign-action", pattern.source.span, message, remedy);
        }
        if let Some(title) = self.is_never_asked(&pattern.source.text) {
            let message = format!("a {title} is never asked about {}", pattern.source.text);
            let remedy = "Put it into an identity policy: it is not bound to such a resource.";
            self.found.warning("ignored-action", pattern.source.span, message, remedy);
        }
        let ignored = profile.ignored_actions.iter();
        let ignored = ignored.filter(|(action, _)| action.eq_ignore_ascii_case(&pattern.source.text));
        for (action, remedy) in ignored.filter(|_| statement.effect == Effect::Allow) {
            let message = format!("{action} has no effect in a {}", profile.title);
            self.found.warning("ignored-action", pattern.source.span, message, remedy);
        }
    }

    /// Resources that none of the actions is ever asked about.
    pub(super) fn resources(&mut self, statement: &'a Statement) {
        for pattern in &statement.resources.patterns {
            self.resource_form(&pattern.source);
        }
        if statement.actions.negated || statement.resources.negated {
            return;
        }
        let Some(element) = statement.resources.span else { return };
        let patterns = statement.actions.patterns.iter();
        let known: Option<Vec<_>> = patterns.map(|pattern| self.actions_like(&pattern.source.text)).collect();
        let known = known.unwrap_or_default();
        let actions = known.iter().flat_map(|actions| actions.iter());
        let Some(asked) = Asked::new(actions, &self.profile.resource_types) else { return };
        let mut any = false;
        for pattern in &statement.resources.patterns {
            let text = without_variables(&pattern.source.text);
            steps::add(asked.arns.len());
            if asked.meets(&text) {
                any = true;
                continue;
            }
            let message = "none of the actions is ever asked about such a resource".to_owned();
            let remedy = match (self.reference.resource_hint(&text), &self.profile.vendor) {
                (Some(hint), None) => hint.to_owned(),
                (Some(_), Some(_)) => {
                    format!("Write \"*\": in a {} it means the resource itself.", self.profile.title)
                }
                (None, _) => format!("They are asked about {}.", asked.describe()),
            };
            self.found.warning("resource-never-asked", pattern.source.span, message, remedy);
        }
        if !any && !statement.resources.patterns.is_empty() {
            let message = "the statement can never match: its actions and its resources do not meet";
            self.found.warning("never-matches", element, message, "Change the resources, or the actions.");
        }
    }

    pub(super) fn principals(&mut self, statement: &Statement) {
        let span = statement.principals_span.unwrap_or(statement.span);
        if matches!(&statement.principals, Principals::Only(entries) if entries.is_empty())
            && !self.found.list.iter().any(|known| {
                known.code == "bad-principal" && span.start <= known.span.start && known.span.end <= span.end
            })
        {
            let message = "this Principal names nobody, so the statement does nothing";
            self.found.warning(
                "empty-principal",
                span,
                message,
                "Name who is meant, or remove the statement.",
            );
        }
        if statement.effect == Effect::Deny {
            return;
        }
        match &statement.principals {
            Principals::Except(_) => {
                let message = "this allows everybody else in the world, strangers included";
                self.found.warning(
                    "not-principal-with-allow",
                    span,
                    message,
                    "Name those who are meant in Principal.",
                );
            }
            Principals::Only(_) if self.depth == Depth::Probes => {}
            Principals::Only(entries)
                if self.profile.vendor.is_some() || self.profile.kind == super::PolicyKind::Trust =>
            {
                let everyone = entries.iter().find(|entry| entry.named == Named::Everyone);
                if let Some(everyone) = everyone.filter(|_| statement.conditions.is_empty()) {
                    let message = "this allows every identity of every account, without a condition";
                    let remedy = "Name the principals, or add a condition such as aws:PrincipalOrgID.";
                    self.found.warning("public", everyone.span, message, remedy);
                }
            }
            Principals::Only(_) | Principals::Unstated => {}
        }
    }

    /// Whether a list of the profile holds the key, and the remedy beside it.
    pub(super) fn ignored_key(&self, key: &str) -> Option<String> {
        let known = is_listed(key, self.profile.ignored_keys.keys())?;
        self.profile.ignored_keys.get(known).cloned()
    }
}

/// What the actions of a statement are ever asked about.
struct Asked {
    arns: Vec<String>,
    /// Whether one of the actions is bound to no resource, and so asked about `*`.
    nothing: bool,
}

impl Asked {
    /// What the actions are asked about, of the given types or, if none is given, of any. `None` if that is nothing.
    fn new<'a>(actions: impl Iterator<Item = &'a KnownAction<'a>>, only: &[String]) -> Option<Self> {
        let mut asked = Self { arns: Vec::new(), nothing: false };
        let mut seen = BTreeSet::new();
        for known in actions {
            let types = &known.action.resources;
            asked.nothing |= types.is_empty() && only.is_empty();
            let wanted = types.iter().filter(|name| only.is_empty() || only.contains(name));
            let arns = wanted.filter_map(|name| known.service.resources.get(name));
            asked.arns.extend(arns.filter(|arn| seen.insert(arn.as_str())).map(|arn| without_variables(arn)));
        }
        asked.arns.sort();
        asked.arns.dedup();
        (asked.nothing || !asked.arns.is_empty()).then_some(asked)
    }

    fn meets(&self, pattern: &str) -> bool {
        self.arns.iter().any(|arn| overlap(arn, pattern)) || (self.nothing && is_like(pattern, "*"))
    }

    fn describe(&self) -> String {
        let nothing = self.nothing.then_some("*");
        self.arns.iter().map(String::as_str).chain(nothing).collect::<Vec<_>>().join(" and ")
    }
}

impl Reference {
    /// Says about which resources an action is asked, if it is known never to be asked about this one.
    pub fn never_asked_about(&self, action: &str, resource: &str) -> Option<String> {
        let known: Vec<KnownAction<'_>> =
            self.actions_like(action)?.into_iter().filter(|known| is_called(known, action)).collect();
        let asked = Asked::new(known.iter(), &[])?;
        let is_asked = asked.meets(resource) || (resource == "*" && !asked.arns.is_empty());
        (!is_asked).then(|| asked.describe())
    }
}

fn is_called(known: &KnownAction<'_>, action: &str) -> bool {
    action.split_once(':').is_some_and(|(_, name)| known.name.eq_ignore_ascii_case(name))
}

/// The pattern with every `${..}` replaced by `*`.
pub(super) fn without_variables(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain
}
