//! What is asked of a world.

use super::{At, Validator};
use crate::scenario::allows_only::named_parts;
use crate::scenario::format::{AuditCheck, Declared, DriftStatus};
use crate::scenario::{Check, ProbeSpec};

impl Validator<'_> {
    pub(super) fn check(&mut self, check: &Check, at: At<'_>) {
        match check {
            Check::Decision(decision) => {
                let at = at.then("decision");
                self.probe(&decision.probe, at.then("probe"));
            }
            Check::Flip(flip) => {
                let at = at.then("flip");
                self.probe(&flip.probe, at.then("probe"));
                self.require(flip.from != flip.to, at.then("to"), "a flip goes from one answer to the other");
            }
            Check::Only(only) => {
                let at = at.then("only");
                self.action(&only.action, at.then("action"));
                self.thing(&only.on, at.then("on"));
                self.asking(only.via.as_deref(), at.then("via"));
                for (index, name) in only.allowed.iter().enumerate() {
                    // A role stands for its sessions.
                    if !self.known.roles.contains(name) {
                        self.caller(name, at.then("allowed").then(&index.to_string()));
                    }
                }
            }
            Check::AllowsOnly(only) => {
                let at = at.then("allows_only");
                for (index, name) in only.on.iter().enumerate() {
                    self.thing(name, at.then("on").then(&index.to_string()));
                }
                let lists = [("more", Some(&only.more)), ("less", only.less.as_ref())];
                for (field, people) in lists {
                    for (name, actions) in people.into_iter().flatten() {
                        let at = at.then(field);
                        let at = at.then(name);
                        if !self.known.roles.contains(name) {
                            self.caller(name, at);
                        }
                        for (index, action) in actions.iter().enumerate() {
                            let index = index.to_string();
                            let (action, on) = named_parts(action);
                            self.actions(action, at.then(&index));
                            if let Some(on) = on {
                                self.thing(on, at.then(&index));
                            }
                        }
                    }
                }
            }
            Check::Outcome(outcome) => {
                let at = at.then("outcome");
                self.caller(&outcome.caller, at.then("as"));
                self.operation(&outcome.operation, at.then("do"));
                self.meant(&outcome.with, at.then("with"));
                self.input(&outcome.operation, &outcome.with, at.then("with"));
                let both = outcome.error.is_some() && outcome.items.is_some();
                self.require(!both, at.then("items"), "a call that fails returns no items");
            }
            Check::Storage(storage) => {
                let at = at.then("storage");
                self.thing(&storage.of, at.then("of"));
                let asks = storage.unchanged.is_some() || storage.lacks.is_some();
                self.require(asks, at, "say what to ask of the disk: `unchanged` or `lacks`");
            }
            Check::State(state) => self.thing(&state.of, at.then("state").then("of")),
            Check::Audit(audit) => self.records(audit, at.then("audit")),
            Check::Rule(rule) => {
                let at = at.then("rule");
                self.require(!rule.finds.is_empty(), at.then("finds"), "name at least one record");
                for (index, audit) in rule.finds.iter().enumerate() {
                    let index = index.to_string();
                    let at = at.then("finds");
                    let at = at.then(&index);
                    let counts = audit.at_least.is_some() || audit.at_most.is_some();
                    let bounds = audit.since.is_some() || audit.until.is_some();
                    self.require(
                        !counts && !bounds,
                        at,
                        "a rule finds all such records: leave out since, until and counts",
                    );
                    self.records(audit, at);
                }
                self.steps(&rule.after, at.then("after"));
            }
            Check::Drift(drift) => {
                let declared = self.scenario.world.template.as_ref().and_then(|spec| spec.declared.as_ref());
                let at = at.then("drift");
                self.require(declared.is_some(), at, "the world has no `template` that could drift");
                let whole = matches!(drift.is, DriftStatus::InSync | DriftStatus::Drifted);
                let Some(logical) = &drift.of else {
                    self.require(
                        whole,
                        at.then("is"),
                        "a whole template is IN_SYNC or DRIFTED; name a resource with `of`",
                    );
                    return;
                };
                let has = |one: &Declared| one.template.resources.iter().any(|own| own.logical == *logical);
                self.require(
                    declared.is_none_or(has),
                    at.then("of"),
                    "the template declares no resource of that id",
                );
            }
            Check::Predicted(answered) => {
                self.prediction(&answered.prediction, at.then("answered").then("question"));
            }
            Check::Not(part) => self.check(part, at.then("not")),
            Check::All(parts) | Check::Any(parts) => {
                let at = at.then(if matches!(check, Check::All(_)) { "all" } else { "any" });
                self.require(!parts.is_empty(), at, "name at least one check");
                for (index, part) in parts.iter().enumerate() {
                    self.check(part, at.then(&index.to_string()));
                }
            }
        }
    }

    /// The records that a check is about.
    fn records(&mut self, audit: &AuditCheck, at: At<'_>) {
        let since = audit.since.as_deref().map(|name| ("since", name));
        let until = audit.until.as_deref().map(|name| ("until", name));
        for (field, name) in since.into_iter().chain(until).chain([("event", &*audit.event)]) {
            self.require(
                crate::cloud::SERVICES.iter().any(|service| service.records(name)),
                at.then(field),
                "no operation has that name, so no record can have it",
            );
        }
        let service = audit.via.as_deref().filter(|via| *via != "nobody");
        self.asking(service, at.then("via"));
        if let Some(by) = &audit.by {
            self.caller(by, at.then("by"));
        }
        if let Some(on) = &audit.on {
            self.thing(on, at.then("on"));
        }
    }

    pub(super) fn probe(&mut self, probe: &ProbeSpec, at: At<'_>) {
        self.caller(&probe.caller, at.then("as"));
        self.action(&probe.action, at.then("action"));
        self.thing(&probe.on, at.then("on"));
        self.asking(probe.via.as_deref(), at.then("via"));
        if let Some(table) = &probe.table {
            self.thing(table, at.then("table"));
        }
    }
}
