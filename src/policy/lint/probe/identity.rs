//! Asks what an identity policy gives its holder on everything there is.

use super::open::STRANGER;
use super::{Bench, Canary, MAX_TRIED, SOME_OWNER, SOME_REGION, listed, speaks};
use crate::policy::condition::Condition;
use crate::policy::diagnostic::Severity;
use crate::policy::document::Statement;
use crate::policy::request::Context;
use crate::policy::terms::Effect;

/// How much of a service a statement's resources are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Breadth {
    /// Everything of one account or one Region.
    Account,
    /// Everything, of whatever account.
    Everything,
}

impl Bench<'_> {
    /// Reports what should not be allowed on everything.
    // Sources: AWS Security Hub controls IAM.1, KMS.1 and KMS.2
    pub(super) fn wide(&mut self) {
        let hazards = self.hazards();
        for statement in self.statements(Effect::Allow) {
            if self.is_spent() {
                return;
            }
            let narrows = |condition: &Condition| !listed(&condition.key.text, &hazards.circumstances);
            if statement.conditions.iter().any(narrows) {
                continue;
            }
            let span = statement.actions.span.unwrap_or(statement.span);
            let patterns = &statement.actions.patterns;
            let is_everything = |text: &str| matches!(text, "*" | "*:*");
            if !statement.actions.negated && patterns.iter().any(|one| is_everything(&one.source.text)) {
                let administers = self.on_all(statement, &hazards.administers);
                if let Some((Breadth::Everything, canary)) = administers {
                    let message =
                        "this allows every action on every resource: full administration".to_owned();
                    let remedy = "Name the actions and the resources that are needed.".to_owned();
                    self.warn("administrator", span, message, remedy, Some(canary));
                    continue;
                }
            }
            let on_all = hazards.on_all_resources.iter().filter(|action| speaks(statement, action));
            let on_all: Vec<_> =
                on_all.filter_map(|action| Some((action, self.on_all(statement, action)?))).collect();
            if let Some((action, (breadth, canary))) = on_all.into_iter().next() {
                let (severity, message) = match breadth {
                    Breadth::Everything => (
                        Severity::Warning,
                        format!("this allows {action} on every key whose policy leaves it to IAM"),
                    ),
                    Breadth::Account => {
                        (Severity::Note, format!("this allows {action} on every key of an account"))
                    }
                };
                let remedy = "Name the keys that are needed by their ARNs.".to_owned();
                self.push(severity, "decrypt-all-keys", span, message, remedy, Some(canary));
            }
            self.escalations(statement);
        }
    }

    fn escalations(&mut self, statement: &Statement) {
        let escalates = &self.hazards().escalates;
        let ways = escalates.iter().filter(|action| speaks(statement, action));
        let ways: Vec<_> =
            ways.filter_map(|action| Some((action, self.on_all(statement, action)?.1))).collect();
        let names: Vec<&str> = ways.iter().take(4).map(|(action, _)| action.as_str()).collect();
        let more = if ways.len() > names.len() { ", .." } else { "" };
        let names = names.join(", ");
        let Some((_, canary)) = ways.into_iter().next() else { return };
        let message = format!("on everything, {names}{more} lets its holder give himself more rights");
        let remedy = "Name the resources that are meant, or add a permissions boundary.".to_owned();
        let span = statement.actions.span.unwrap_or(statement.span);
        self.warn("escalation", span, message, remedy, Some(canary));
    }

    /// How far beyond single resources a statement gives an action, with the probe that shows it.
    fn on_all(&mut self, statement: &Statement, action: &str) -> Option<(Breadth, Canary)> {
        let holder = self.somebody();
        let context = self.attain(statement, &holder, Context::new(), &|_| true)?;
        let vendor = action.split(':').next().unwrap_or_default();
        // The accounts and Regions that the ARNs of the statement name, and a stranger's.
        let patterns = statement.resources.patterns.iter().map(|pattern| &*pattern.source.text);
        let parts = patterns.map(|text| text.splitn(6, ':').collect::<Vec<_>>());
        let own = parts.filter(|parts| parts.get(2) == Some(&vendor)).map(|parts| {
            let named = |at: usize| parts.get(at).filter(|part| !part.contains(['*', '?', '$'])).copied();
            (named(4).unwrap_or(SOME_OWNER), named(3).filter(|region| !region.is_empty()))
        });
        let own: Vec<_> = own.take(MAX_TRIED).collect();
        let places = [(Breadth::Everything, (STRANGER, None))].into_iter();
        for (breadth, (account, region)) in
            places.chain(own.into_iter().map(|place| (Breadth::Account, place)))
        {
            let arn = self.some_of(action, account, region.unwrap_or(SOME_REGION));
            if !statement.resources.matches(&arn, &context) {
                continue;
            }
            let canary = self.ask(&holder, action, &arn, context.clone());
            if canary.allowed {
                return Some((breadth, canary));
            }
        }
        None
    }

    /// A resource of an account that nobody meant in particular, of a type that the action is asked about.
    fn some_of(&self, action: &str, account: &str, region: &str) -> String {
        let vendor = action.split(':').next().unwrap_or_default();
        let pattern = || {
            let kind = self.reference.action(action)?.resources.first()?;
            self.reference.services.get(vendor)?.resources.get(kind)
        };
        pattern().map_or_else(|| "*".to_owned(), |pattern| self.made_up(pattern, account, region))
    }

    /// A resource of which a statement speaks, for an action.
    pub(super) fn of_action(&self, statement: &Statement, action: &str) -> String {
        let vendor = action.split(':').next().unwrap_or_default();
        let texts = statement.resources.patterns.iter().map(|pattern| &*pattern.source.text);
        let mut own = texts.filter(|text| text.split(':').nth(2) == Some(vendor) && !text.contains("${"));
        let own = if statement.resources.negated { None } else { own.next() };
        match own {
            Some(text) => super::attain::instance(text),
            None if self.profile.vendor.is_some() => self.resource.to_string(),
            None => self.some_of(action, &self.owner, SOME_REGION),
        }
    }
}
