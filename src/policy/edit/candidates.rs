//! The edits worth trying.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::Change;
use super::patch::{self, Patch, Value};
use super::reach::{Reach, StatementReach};
use super::statement::{quote, reach_of_new, statement};
use crate::limits::steps;
use crate::policy::explain::{ConditionReason, ConditionTrace, ElementTrace, Explanation, StatementTrace};
use crate::policy::facts::levels_of;
use crate::policy::json::{self, Member, Node};
use crate::policy::policies::{Layer, Policies, ResourceMode, Source};
use crate::policy::principal::{Admission, Principal};
use crate::policy::terms::{Effect, PolicyKind};
use crate::policy::{Request, Span};

/// One edit that may flip the decision.
pub(super) struct Candidate {
    pub place: PolicySlot,
    pub kind: PolicyKind,
    pub change: Change,
    pub statement: Option<usize>,
    pub turn: Turn,
    pub patch: Patch,
    pub reach: Reach,
}

/// What an edit is to do to a statement.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    /// Makes a statement of this effect apply.
    On(Effect),
    /// Keeps a statement from applying that names the caller in this way.
    Off(Effect, Option<Admission>),
}

/// Which policy is edited.
#[derive(Clone, Copy)]
pub(super) struct PolicySlot {
    pub layer: Layer,
    pub level: usize,
    pub index: usize,
}

/// Every edit worth trying, in the order of layers and statements.
pub(super) fn all(explanation: &Explanation, request: &Request, policies: &Policies) -> Vec<Candidate> {
    let wanted = if explanation.decision.is_allowed() { Effect::Deny } else { Effect::Allow };
    let mut found = Vec::new();
    let mut quoted = Quoted::default();
    for layer in &explanation.layers {
        let Some(levels) = levels_of(layer.layer, request.principal(), policies) else { continue };
        for trace in &layer.policies {
            let Some(source) = levels.get(trace.level).and_then(|sources| sources.get(trace.index)) else {
                continue;
            };
            let place = PolicySlot { layer: layer.layer, level: trace.level, index: trace.index };
            if steps::is_spent() {
                return found;
            }
            let Some(root) = json::read(&source.document.text).root else { continue };
            let turn = Turn::On(wanted);
            let (root, found, quoted) = (&root, &mut found, &mut quoted);
            let mut editor =
                Editor { request, source, place, wanted, root, turn, found, quoted, broad: None };
            for statement in &trace.statements {
                if statement.effect != wanted && statement.applies {
                    editor.narrow(statement);
                } else if statement.effect == wanted {
                    editor.widen(statement);
                }
            }
            editor.add_statement(wanted, policies.resource.mode);
        }
        // Where a layer has no policy to add a statement to, a policy is added.
        let first_policy = |level: usize| PolicySlot { layer: layer.layer, level, index: 0 };
        for (level, _) in levels.iter().enumerate().filter(|(_, sources)| sources.is_empty()) {
            let kind = kind_of(layer.layer);
            let Some(statement) = statement(kind, wanted, request, policies.resource.mode) else { continue };
            let before = "{\"Version\": \"2012-10-17\", \"Statement\": [";
            let patch = Patch::put(&Value::from(&*statement), Span::default(), before, "]}");
            found.push(Candidate {
                place: first_policy(level),
                kind,
                change: Change::AddStatement,
                statement: None,
                turn: Turn::On(wanted),
                patch,
                reach: reach_of_new(kind, request),
            });
        }
    }
    found
}

struct Editor<'a> {
    request: &'a Request,
    source: &'a Source,
    place: PolicySlot,
    /// What the edits are to make of the request.
    wanted: Effect,
    root: &'a Node<'a>,
    /// What the edits that come now do to their statement.
    turn: Turn,
    found: &'a mut Vec<Candidate>,
    quoted: &'a mut Quoted,
    /// How far edits of the statement with this index reach, by what they do.
    broad: Option<(usize, StatementReach)>,
}

/// Values of the request as JSON strings, by where they lie: many conditions look at the same.
#[derive(Default)]
struct Quoted(HashMap<usize, Value>);

impl Quoted {
    fn get(&mut self, text: &Arc<str>) -> Value {
        let address = Arc::as_ptr(text).cast::<u8>().addr();
        self.0.entry(address).or_insert_with(|| Value::from(&*quote(text))).clone()
    }
}

impl<'a> Editor<'a> {
    fn text(&self) -> &'a str {
        &self.source.document.text
    }

    fn push(&mut self, change: Change, statement: Option<usize>, patch: Option<Patch>) {
        let Some(patch) = patch else { return };
        let (place, kind) = (self.place, self.source.document.kind);
        let reach = match statement.and_then(|index| self.statement_reach(index)) {
            Some(reach) => reach.of(change),
            None => reach_of_new(kind, self.request),
        };
        let turn = self.turn;
        self.found.push(Candidate { place, kind, change, statement, turn, patch, reach });
    }

    /// How far edits of a statement reach, worked out once for all of them.
    fn statement_reach(&mut self, index: usize) -> Option<StatementReach> {
        if let Some((known, reach)) = self.broad
            && known == index
        {
            return Some(reach);
        }
        let reach = StatementReach::new(self.source.document.statements.get(index)?);
        self.broad = Some((index, reach));
        Some(reach)
    }

    /// Adds a candidate that changes what a condition asks for.
    fn push_condition(&mut self, change: Change, index: usize, patch: Option<Patch>, reach: Reach) {
        let before = self.found.len();
        self.push(change, Some(index), patch);
        for candidate in self.found.iter_mut().skip(before) {
            candidate.reach = candidate.reach.max(reach);
        }
    }

    fn statement(&self, index: usize) -> Option<&'a Node<'a>> {
        self.root.get("Statement")?.one_or_many().get(index)
    }

    /// Keeps a statement from applying.
    fn narrow(&mut self, trace: &StatementTrace) {
        self.turn = Turn::Off(trace.effect, trace.admission);
        let Some(node) = self.statement(trace.index) else { return };
        self.remove_statement(trace.index);
        let excepted = node.get("NotPrincipal");
        let add_principal = excepted.and_then(|element| self.append_principal(element));
        self.push(Change::AddPrincipal, Some(trace.index), add_principal);
        let principals = node.get("Principal").and_then(Node::as_object).unwrap_or_default();
        for list in principals {
            let removed = trace
                .principal
                .by
                .as_ref()
                .and_then(|by| patch::remove_value(self.text(), &list.value, by.span));
            self.push(Change::RemovePrincipal, Some(trace.index), removed);
        }
        self.exclude(trace.index, node, "Action", &trace.action, Change::RemoveAction, Change::AddAction);
        self.exclude(
            trace.index,
            node,
            "Resource",
            &trace.resource,
            Change::RemoveResource,
            Change::AddResource,
        );
        for condition in &trace.conditions {
            self.break_condition(trace.index, node, condition);
        }
    }

    /// Makes a statement apply that fails in one element only, or name the caller more directly.
    fn widen(&mut self, trace: &StatementTrace) {
        self.turn = Turn::On(trace.effect);
        let Some(node) = self.statement(trace.index) else { return };
        let failing: Vec<_> = trace.conditions.iter().filter(|condition| !condition.holds).collect();
        let rest = [trace.action.matched, trace.resource.matched, trace.principal.matched];
        match (rest, &failing[..]) {
            ([false, true, true], []) => {
                self.include(
                    trace.index,
                    node,
                    "Action",
                    &trace.action,
                    Change::AddAction,
                    Change::RemoveAction,
                );
            }
            ([true, false, true], []) => {
                self.include(
                    trace.index,
                    node,
                    "Resource",
                    &trace.resource,
                    Change::AddResource,
                    Change::RemoveResource,
                );
            }
            ([true, true, named], []) if !named || trace.admission != Some(Admission::Direct) => {
                self.include_principal(trace, node);
            }
            ([true, true, true], [condition]) => self.mend_condition(trace.index, node, condition),
            _ => {}
        }
    }

    fn remove_statement(&mut self, index: usize) {
        let Some(list) = self.root.get("Statement") else { return };
        let Some(node) = list.one_or_many().get(index) else { return };
        let removed = patch::remove(self.text(), list.one_or_many(), |node| node.span, node.span);
        let removed = removed.unwrap_or_else(|| Patch::remove_all(self.text(), node.span));
        self.push(Change::RemoveStatement, Some(index), Some(removed));
    }

    fn add_statement(&mut self, effect: Effect, mode: ResourceMode) {
        self.turn = Turn::On(effect);
        let added = statement(self.source.document.kind, effect, self.request, mode);
        let list = self.root.get("Statement");
        let added = added
            .zip(list)
            .map(|(statement, list)| patch::append(self.text(), list, &Value::from(&*statement)));
        self.push(Change::AddStatement, None, added);
    }

    /// Takes what was asked for out of an element.
    fn exclude(
        &mut self,
        index: usize,
        node: &Node,
        name: &str,
        trace: &ElementTrace,
        remove: Change,
        add: Change,
    ) {
        if let (Some(list), Some(by)) = (node.get(name), &trace.by) {
            self.push(remove, Some(index), patch::remove_value(self.text(), list, by.span));
        }
        if let Some(list) = node.get(&format!("Not{name}")) {
            let asked = self.quoted.get(&trace.asked);
            self.push(add, Some(index), Some(patch::append(self.text(), list, &asked)));
        }
    }

    /// Brings what was asked for into an element.
    fn include(
        &mut self,
        index: usize,
        node: &Node,
        name: &str,
        trace: &ElementTrace,
        add: Change,
        remove: Change,
    ) {
        if let Some(list) = node.get(name) {
            let asked = self.quoted.get(&trace.asked);
            self.push(add, Some(index), Some(patch::append(self.text(), list, &asked)));
        }
        if let (Some(list), Some(by)) = (node.get(&format!("Not{name}")), &trace.by) {
            self.push(remove, Some(index), patch::remove_value(self.text(), list, by.span));
        }
    }

    /// How a `Principal` element names the caller: a session by its role, which lasts.
    fn caller(&self) -> (&'static str, String) {
        match self.request.principal() {
            Principal::Anonymous => ("AWS", "*".to_owned()),
            Principal::Service { name } => ("Service", name.to_string()),
            Principal::Federated { provider } => ("Federated", provider.to_string()),
            Principal::RoleSession { role_arn, .. } => ("AWS", role_arn.to_string()),
            principal @ (Principal::Root { .. }
            | Principal::User { .. }
            | Principal::FederatedUser { .. }) => ("AWS", principal.name().to_string()),
        }
    }

    fn append_principal(&self, element: &Node) -> Option<Patch> {
        let (key, caller) = self.caller();
        let members = element.as_object()?;
        if let Some(list) = element.get(key) {
            return Some(patch::append(self.text(), list, &Value::from(&*quote(&caller))));
        }
        let value = format!("\"{key}\": {}", quote(&caller));
        let end = members.last().map_or(element.span.start + 1, |last| last.value.span.end);
        let comma = if members.is_empty() { "" } else { ", " };
        Some(Patch::put(&Value::from(&*value), Span::new(end, end), comma, ""))
    }

    fn include_principal(&mut self, trace: &StatementTrace, node: &Node) {
        let added = node.get("Principal").and_then(|element| self.append_principal(element));
        self.push(Change::AddPrincipal, Some(trace.index), added);
        let excepted = node.get("NotPrincipal").and_then(Node::as_object).unwrap_or_default();
        for list in excepted {
            let removed = trace
                .principal
                .by
                .as_ref()
                .and_then(|by| patch::remove_value(self.text(), &list.value, by.span));
            self.push(Change::RemovePrincipal, Some(trace.index), removed);
        }
    }

    /// Makes a condition that holds fail.
    fn break_condition(&mut self, index: usize, node: &Node, trace: &ConditionTrace) {
        let Some((_, member)) = find_condition(node, trace) else { return };
        self.remove_values(index, member, trace);
        self.add_values(index, member, trace);
    }

    /// Makes a condition that fails hold.
    fn mend_condition(&mut self, index: usize, node: &Node, trace: &ConditionTrace) {
        let Some((operator, member)) = find_condition(node, trace) else { return };
        self.remove_values(index, member, trace);
        if trace.why == ConditionReason::Compared {
            self.add_values(index, member, trace);
        }
        let removed = self.without_condition(node, operator, member);
        self.push_condition(
            Change::RemoveCondition,
            index,
            removed,
            self.opening(Reach::without(&trace.key)),
        );
    }

    fn remove_values(&mut self, index: usize, member: &Member, trace: &ConditionTrace) {
        let reach = self.opening(Reach::without(&trace.key));
        for wanted in &trace.wanted {
            let removed = patch::remove_value(self.text(), &member.value, wanted.span);
            self.push_condition(Change::RemoveConditionValue, index, removed, reach);
        }
    }

    fn add_values(&mut self, index: usize, member: &Member, trace: &ConditionTrace) {
        let reach = self.opening(Reach::with_value(&trace.key));
        for value in &trace.found {
            let added = patch::append(self.text(), &member.value, &self.quoted.get(&value.text));
            self.push_condition(Change::AddConditionValue, index, Some(added), reach);
        }
    }

    /// The reach of an edit that lets somebody in; one that keeps somebody out reaches nobody else.
    fn opening(&self, reach: Reach) -> Reach {
        match self.wanted {
            Effect::Allow => reach,
            Effect::Deny => Reach::Near,
        }
    }

    /// Removes a key, its operator if nothing else stands under it, and `Condition` likewise.
    fn without_condition(&self, statement: &Node, operator: &Member, key: &Member) -> Option<Patch> {
        let remove = |members: &[Member], member: &Member| {
            patch::remove(self.text(), members, Member::span, member.span())
        };
        let block = statement.as_object()?.iter().find(|member| &*member.name == "Condition")?;
        remove(operator.value.as_object()?, key)
            .or_else(|| remove(block.value.as_object()?, operator))
            .or_else(|| remove(statement.as_object()?, block))
    }
}

/// The operator and the key of a condition.
fn find_condition<'a>(
    statement: &'a Node<'a>,
    trace: &ConditionTrace,
) -> Option<(&'a Member<'a>, &'a Member<'a>)> {
    let before =
        |members: &[Member]| members.partition_point(|member| member.span().start <= trace.span.start);
    let operators = statement.get("Condition")?.as_object()?;
    let operator = operators.get(before(operators).checked_sub(1)?)?;
    let keys = operator.value.as_object()?;
    let key = keys.get(before(keys).checked_sub(1)?)?;
    (key.span() == trace.span).then_some((operator, key))
}

/// The kind of a new policy in a layer.
fn kind_of(layer: Layer) -> PolicyKind {
    match layer {
        Layer::Rcp => PolicyKind::Rcp,
        Layer::Scp => PolicyKind::Scp,
        Layer::Endpoint => PolicyKind::Endpoint,
        Layer::Resource | Layer::Grant => PolicyKind::Resource,
        Layer::Identity => PolicyKind::Identity,
        Layer::Boundary => PolicyKind::Boundary,
        Layer::Session => PolicyKind::Session,
    }
}
