//! What a rule of EventBridge matches beside what it is to match.

use super::Names;
use super::check::{Evaluator, Unasked};
use super::finding::Finding;
use super::format::{Action, RuleCheck, Step};
use super::records::Sought;
use super::resolve;
use crate::cloud::{Arn, World};
use crate::limits::steps;

impl Evaluator<'_> {
    /// Returns what a rule matches beside what it is to match.
    pub fn rule(&self, check: &RuleCheck) -> Result<Finding, Unasked> {
        let (world, names) = self.afterwards(&check.after)?;
        let (home, region) = (names.home.as_str(), names.region.as_str());
        let arn = Arn::text("events", region, home, &["rule/", &check.name]);
        let rule = world.eventbridge().rule(&arn);
        let rule = rule.ok_or_else(|| format!("there is no rule {} yet", check.name))?;
        let sought: Result<Vec<Sought<'_>>, Unasked> =
            check.finds.iter().map(|records| Sought::of(records, &names, &world)).collect();
        let sought = sought?;
        let (mut found, mut too_many, mut missing) = (0, 0, 0);
        for event in world.events() {
            let is_sought = sought.iter().any(|sought| sought.is(event));
            // What it matches beside them does not matter here.
            if !is_sought && !check.only {
                continue;
            }
            match (rule.finds(event), is_sought) {
                (true, true) => found += 1,
                (true, false) => too_many += 1,
                (false, true) => missing += 1,
                (false, false) => {}
            }
        }
        steps::add(world.events().len());
        let others = if check.only { format!(", {too_many} others,") } else { String::new() };
        let note = format!("it matches {found} of these records{others} and misses {missing}");
        let holds = found > 0 && missing == 0 && too_many == 0;
        Ok(Finding::of(holds, note))
    }

    /// The world after some steps, however they end, and the names in it.
    fn afterwards(&self, steps: &[Step]) -> Result<(World, Names), Unasked> {
        let (mut world, mut names) = (self.world.clone(), self.names.clone());
        for step in steps {
            match &step.action {
                Action::Call(call) => {
                    let resolved = resolve::call_of(&mut names, &world, call);
                    let (caller, input) = resolved.map_err(|error| error.to_string())?;
                    let outcome = world.call(&caller, input);
                    if let (Some(name), Ok(response)) = (&call.save, &outcome.result) {
                        names.save(name, response.to_json()).map_err(|exceeded| exceeded.to_string())?;
                    }
                }
                Action::Wait(duration) => {
                    world.advance(duration.signed()).map_err(|error| error.to_string())?;
                }
                Action::Predict { .. } => {}
            }
        }
        Ok((world, names))
    }
}
