//! The template that a scenario keeps beside its world: reading it, the steps that make what it declares, and what the world
//! has come to since.

use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::Finding;
use super::format::{Action, CallStep, Declared, DriftCheck, DriftStatus, Expect, Step, TemplateSpec};
use super::{Duration, Names};
use crate::cloud::{AccountId, Region, World};
use crate::template::calls::{self, Deed};
use crate::template::{self, Drift, For, Id, Piece, Plan, PlanError, Status, Template};

/// How long a table takes at most until it can be used.
const TABLE_WAIT: Duration = Duration::from_seconds(10);

/// Why a template of a scenario cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The field at fault, with the number of the element in it, below `template`.
    pub path: Vec<String>,
    pub message: String,
}

impl Unreadable {
    fn of(field: &str, message: impl Into<String>) -> Self {
        Self { path: vec![field.to_owned()], message: message.into() }
    }
}

impl TemplateSpec {
    /// Reads what the template declares in a Region.
    pub(super) fn read(&self, region: &Region) -> Result<Declared, Unreadable> {
        match (&self.json, self.yaml.as_slice()) {
            (None, []) => return Err(Unreadable::of("account", "give the template, as `json` or as `yaml`")),
            (Some(_), [_, ..]) => {
                return Err(Unreadable::of("yaml", "give the template once: `json` or `yaml`"));
            }
            (Some(_), []) | (None, [_, ..]) => {}
        }
        let account: AccountId =
            self.account.parse().map_err(|error| Unreadable::of("account", format!("{error}")))?;
        let wanted = For { account: &account, region, parameters: &self.parameters, skips_unknown: false };
        let template = template::read(&self.text(), &wanted).map_err(|error| match &self.json {
            Some(_) => Unreadable::of("json", format!("the template, line {error}")),
            // A line of the template is an element of the list.
            None => Unreadable {
                path: vec!["yaml".to_owned(), error.line.saturating_sub(1).to_string()],
                message: format!("the template, line {error}"),
            },
        })?;
        let steps = steps(&template, &self.account);
        Ok(Declared { template, steps })
    }

    /// Compares a world with the template.
    ///
    /// # Errors
    ///
    /// If the account cannot be written down: a policy of it names nobody who is there.
    pub fn drift(&self, world: &World, names: &Names) -> Result<Drift, PlanError> {
        let Some(Declared { template, .. }) = &self.declared else { return Ok(Drift::default()) };
        // What could be read names an account.
        let account = self.account.parse().ok();
        Ok(Drift::of(template, &written_down(world, names, account.as_ref())?))
    }

    /// Returns what a check of the drift finds.
    pub(super) fn asked(&self, check: &DriftCheck, world: &World, names: &Names) -> Result<Finding, String> {
        let drift = self.drift(world, names).map_err(|error| error.to_string())?;
        let Some(logical) = &check.of else {
            let is_so = drift.has_drifted() == (check.is == DriftStatus::Drifted);
            let drifted = drift.resources.iter().filter(|one| one.status.has_drifted());
            let names: Vec<&str> = drifted.map(|one| one.logical.as_str()).collect();
            let note = if names.is_empty() { "nothing drifted".to_owned() } else { names.join(", ") };
            return Ok(Finding::of(is_so, note));
        };
        let found = drift.resources.iter().find(|one| one.logical == *logical);
        let status = found.ok_or_else(|| format!("the template has no `{logical}`"))?.status;
        let is_so = match check.is {
            DriftStatus::InSync => status == Status::InSync,
            DriftStatus::Modified => status == Status::Modified,
            DriftStatus::Deleted => status == Status::Deleted,
            DriftStatus::Drifted => status.has_drifted(),
        };
        Ok(Finding::of(is_so, status.word()))
    }
}

/// Writes down an account of a world, the home account unless another is given. Keys are called as the scenario calls them.
///
/// # Errors
///
/// If there is no such account, or a policy of it cannot be written.
pub fn written_down(world: &World, names: &Names, account: Option<&AccountId>) -> Result<Plan, PlanError> {
    // A key without a name is called by the end of its ARN.
    let called = |arn: &str| Some(names.short(arn)).filter(|name| !arn.ends_with(name)).map(str::to_owned);
    Plan::of(world, account.unwrap_or(&names.home), &names.region, &called)
}

/// The steps that make what a template declares, each by the root user of the account.
fn steps(template: &Template, account: &str) -> Vec<Step> {
    let logical: BTreeMap<&Id, &str> = template
        .resources
        .iter()
        .flat_map(|stated| stated.own.iter().map(|id| (id, stated.logical.as_str())))
        .collect();
    let key = |id: &Id| logical.get(id).map_or_else(|| id.to_string(), |logical| (*logical).to_owned());
    let stands_for = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Account => account.to_owned(),
        Piece::KeyArn(id) => format!("{{{{{}}}}}", key(id)),
        Piece::KeyId(id) => format!("{{{{{}.KeyMetadata.KeyId}}}}", key(id)),
    };
    let action = |deed: Deed| match deed {
        Deed::AwaitTable(_) => Action::Wait(TABLE_WAIT),
        Deed::Call { service, operation, input, key: made } => Action::Call(CallStep {
            caller: format!("root@{account}"),
            operation: format!("{service}:{operation}"),
            with: if let Value::Object(fields) = input { fields } else { serde_json::Map::new() },
            expect: Expect::Success,
            save: made.as_ref().map(key),
        }),
    };
    let deeds = calls::making(&template.plan, &stands_for).into_iter().flat_map(|part| part.deeds);
    deeds.map(|deed| Step { task: None, action: action(deed), unnamed: false }).collect()
}
