//! Who may do an action to something of this world: everybody here and outside, why, and under which conditions.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::matrix::first_actions;
use crate::cloud::service::ActionTarget;
pub use crate::cloud::who_can::May;
use crate::cloud::who_can::{Detail, Row, Tier};
use crate::cloud::{Probe, reference};
use crate::lab::Lab;
use crate::scenario::reason_of;

/// The actions one can ask about, each with its access level: first those the scenario and its matrix are about.
pub fn known_actions(lab: &Lab) -> Vec<(String, &'static str)> {
    let first = lab.scenario().palette.actions.iter().cloned().chain(first_actions(lab));
    let rest = reference()
        .services
        .iter()
        .flat_map(|(vendor, service)| service.actions.keys().map(move |name| format!("{vendor}:{name}")));
    let mut seen = BTreeSet::new();
    first
        .chain(rest)
        .filter(|action| seen.insert(action.to_lowercase()))
        .map(|action| {
            let access = reference().action(&action).map_or("", |known| known.access.as_str());
            (action, access)
        })
        .collect()
}

/// What of this world an action can be done to.
pub fn targets(lab: &Lab, action: &str) -> Vec<ActionTarget> {
    let world = lab.shown_world();
    let service = action.split(':').next().and_then(|prefix| world.service(prefix));
    let is_about_resources = reference().action(action).is_none_or(|action| !action.resources.is_empty());
    let mut out: Vec<ActionTarget> =
        service.filter(|_| is_about_resources).map_or_else(Vec::new, |service| service.candidates(world));
    if out.is_empty() {
        out.push(ActionTarget::direct("everything", "*"));
    }
    out
}

/// The target that was typed: by its name or a part of it, or by any ARN. The first if nothing was typed.
pub fn find_target(targets: &[ActionTarget], typed: &str) -> Option<ActionTarget> {
    let wanted = typed.to_lowercase();
    let named = |target: &&ActionTarget| target.label.to_lowercase() == wanted || target.arn == typed;
    let part = |target: &&ActionTarget| target.label.to_lowercase().contains(&wanted);
    let known = targets.iter().find(named).or_else(|| targets.iter().find(part)).cloned();
    known.or_else(|| ActionTarget::typed(typed))
}

/// Somebody with the answer about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCanRow {
    pub who: String,
    pub may: May,
    /// The deciding statement, and what is left of the conditions.
    pub why: String,
}

/// Who can do something, by tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoCanView {
    /// The people who were asked, and how many of them may.
    pub here: (usize, usize),
    /// The tiers by their headings; whoever may comes first.
    pub tiers: Vec<(&'static str, Vec<WhoCanRow>)>,
    pub not_looked_at: Vec<String>,
}

/// Who can do an action to something, and everybody here who cannot.
pub fn who_can(lab: &Lab, action: &str, target: &ActionTarget) -> WhoCanView {
    let world = lab.shown_world();
    let forward =
        target.via.and_then(|principal| world.forwards(&target.arn).find(|f| f.principal == principal));
    let plain = || Probe::new(action, target.arn.as_str());
    let question = forward.map_or_else(plain, |forward| forward.probe(action, &target.arn));
    let report = world.who_can(&question, Detail::Everybody);
    let names = &lab.stage().names;
    let row = |row: &Row| WhoCanRow { who: row.name.clone(), may: row.may(), why: reason_of(row, names) };
    let tier = |tier: Tier| {
        let mut rows: Vec<WhoCanRow> = report.tier(tier).map(row).collect();
        rows.sort_by_key(|row| (Reverse(row.may), row.who.clone()));
        (tier.heading(), rows)
    };
    let may = report.tier(Tier::Here).filter(|row| row.may() == May::Yes).count();
    let asked = report.tier(Tier::Here).count();
    WhoCanView {
        here: (asked, may),
        tiers: Tier::ALL.map(tier).to_vec(),
        not_looked_at: report.not_looked_at.clone(),
    }
}
