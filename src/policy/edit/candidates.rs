//! The edits worth trying.

use super::patch::{self, Patch};
use crate::policy::document::Statement;
use crate::policy::explain::{ConditionReason, ConditionTrace, ElementTrace, Explanation, StatementTrace};
use crate::policy::facts::levels_of;
use crate::policy::json::{self, Member, Node};
use crate::policy::policies::{Layer, Policies, ResourceMode, Source};
use crate::policy::principal::{Admission, Principal};
use crate::policy::terms::{Effect, PolicyKind};
use crate::policy::{Request, Span};
use schemars::JsonSchema;
use serde::Serialize;

/// What an edit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// A statement is added.
    AddStatement,
    /// A statement is removed.
    RemoveStatement,
    /// A principal is added to a list.
    AddPrincipal,
    /// A principal is removed from a list.
    RemovePrincipal,
    /// An action is added to a list.
    AddAction,
    /// An action is removed from a list.
    RemoveAction,
    /// A resource is added to a list.
    AddResource,
    /// A resource is removed from a list.
    RemoveResource,
    /// A value is added to a condition.
    AddConditionValue,
    /// A value is removed from a condition.
    RemoveConditionValue,
    /// A condition is removed.
    RemoveCondition,
}

/// One edit that may flip the decision.
pub(super) struct Candidate {
    pub place: PolicySlot,
    pub kind: PolicyKind,
    pub change: Change,
    pub statement: Option<usize>,
    pub patch: Patch,
    /// True if the edit lets the caller do everything that a service knows, or everything at all.
    pub broad: bool,
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
    for layer in &explanation.layers {
        let Some(levels) = levels_of(layer.layer, request.principal(), policies) else { continue };
        for trace in &layer.policies {
            let Some(source) = levels.get(trace.level).and_then(|sources| sources.get(trace.index)) else {
                continue;
            };
            let place = PolicySlot { layer: layer.layer, level: trace.level, index: trace.index };
            let Some(root) = json::read(&source.document.text).root else { continue };
            let mut editor = Editor { request, source, place, root: &root, found: &mut found };
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
            let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}");
            let patch = Patch::new("", &statement, Span::default(), text);
            found.push(Candidate {
                place: first_policy(level),
                kind,
                change: Change::AddStatement,
                statement: None,
                patch,
                broad: false,
            });
        }
    }
    found
}

struct Editor<'a> {
    request: &'a Request,
    source: &'a Source,
    place: PolicySlot,
    root: &'a Node,
    found: &'a mut Vec<Candidate>,
}

impl<'a> Editor<'a> {
    fn text(&self) -> &'a str {
        &self.source.document.text
    }

    fn push(&mut self, change: Change, statement: Option<usize>, patch: Option<Patch>) {
        let Some(patch) = patch else { return };
        let (place, kind) = (self.place, self.source.document.kind);
        let edited = statement.and_then(|index| self.source.document.statements.get(index));
        let broad = edited.is_some_and(|statement| is_broad(statement, change));
        self.found.push(Candidate { place, kind, change, statement, patch, broad });
    }

    fn statement(&self, index: usize) -> Option<&'a Node> {
        self.root.get("Statement")?.one_or_many().get(index)
    }

    /// Keeps a statement from applying.
    fn narrow(&mut self, trace: &StatementTrace) {
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
        let spans: Vec<Span> = list.one_or_many().iter().map(|node| node.span).collect();
        let value = spans.get(index).map_or("", |span| span.of(self.text()));
        let removed = patch::remove(self.text(), &spans, index);
        let removed = removed.unwrap_or_else(|| Patch::remove_all(self.text(), value));
        self.push(Change::RemoveStatement, Some(index), Some(removed));
    }

    fn add_statement(&mut self, effect: Effect, mode: ResourceMode) {
        let added = statement(self.source.document.kind, effect, self.request, mode);
        let list = self.root.get("Statement");
        let added = added.zip(list).map(|(statement, list)| patch::append(self.text(), list, &statement));
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
            self.push(add, Some(index), Some(patch::append(self.text(), list, &quote(&trace.asked))));
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
            self.push(add, Some(index), Some(patch::append(self.text(), list, &quote(&trace.asked))));
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
            return Some(patch::append(self.text(), list, &quote(&caller)));
        }
        let value = format!("\"{key}\": {}", quote(&caller));
        let end = members.last().map_or(element.span.start + 1, |last| last.value.span.end);
        let comma = if members.is_empty() { "" } else { ", " };
        Some(Patch::new(self.text(), &value, Span::new(end, end), format!("{comma}{value}")))
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
        for wanted in &trace.wanted {
            let removed = patch::remove_value(self.text(), &member.value, wanted.span);
            self.push(Change::RemoveConditionValue, Some(index), removed);
        }
        self.add_values(index, member, trace);
    }

    /// Makes a condition that fails hold.
    fn mend_condition(&mut self, index: usize, node: &Node, trace: &ConditionTrace) {
        let Some((operator, member)) = find_condition(node, trace) else { return };
        for wanted in &trace.wanted {
            let removed = patch::remove_value(self.text(), &member.value, wanted.span);
            self.push(Change::RemoveConditionValue, Some(index), removed);
        }
        if trace.why == ConditionReason::Compared {
            self.add_values(index, member, trace);
        }
        self.push(Change::RemoveCondition, Some(index), self.without_condition(node, operator, member));
    }

    fn add_values(&mut self, index: usize, member: &Member, trace: &ConditionTrace) {
        for value in &trace.found {
            let added = patch::append(self.text(), &member.value, &quote(&value.text));
            self.push(Change::AddConditionValue, Some(index), Some(added));
        }
    }

    /// Removes a key, its operator if nothing else stands under it, and `Condition` likewise.
    fn without_condition(&self, statement: &Node, operator: &Member, key: &Member) -> Option<Patch> {
        let remove = |members: &[Member], member: &Member| {
            let spans: Vec<Span> = members.iter().map(Member::span).collect();
            let index = spans.iter().position(|span| *span == member.span())?;
            patch::remove(self.text(), &spans, index)
        };
        let block = statement.as_object()?.iter().find(|member| &*member.name == "Condition")?;
        remove(operator.value.as_object()?, key)
            .or_else(|| remove(block.value.as_object()?, operator))
            .or_else(|| remove(statement.as_object()?, block))
    }
}

/// Whether the change makes an Allow of everything, or of a whole service, apply where it did not.
fn is_broad(statement: &Statement, change: Change) -> bool {
    let widens = match change {
        Change::AddPrincipal
        | Change::RemovePrincipal
        | Change::AddResource
        | Change::RemoveResource
        | Change::RemoveCondition => true,
        Change::AddStatement
        | Change::RemoveStatement
        | Change::AddAction
        | Change::RemoveAction
        | Change::AddConditionValue
        | Change::RemoveConditionValue => false,
    };
    let whole = |text: &str| text == "*" || text.ends_with(":*");
    let actions = &statement.actions;
    widens
        && statement.effect == Effect::Allow
        && (actions.negated || actions.patterns.iter().any(|pattern| whole(&pattern.source.text)))
}

/// The operator and the key of a condition.
fn find_condition<'a>(statement: &'a Node, trace: &ConditionTrace) -> Option<(&'a Member, &'a Member)> {
    let operators = statement.get("Condition")?.as_object()?;
    operators.iter().find_map(|operator| {
        let keys = operator.value.as_object()?;
        keys.iter().find(|key| key.span() == trace.span).map(|key| (operator, key))
    })
}

/// A statement for exactly this request; `None` where a policy of the kind cannot have one.
fn statement(kind: PolicyKind, effect: Effect, request: &Request, mode: ResourceMode) -> Option<String> {
    // An RCP can only deny.
    // Source: Organizations User Guide, "orgs_manage_policies_rcps_syntax"
    if kind == PolicyKind::Rcp && effect == Effect::Allow {
        return None;
    }
    let principal = match (kind, request.principal()) {
        (PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Scp, _) => {
            String::new()
        }
        (PolicyKind::Rcp | PolicyKind::Endpoint, _) | (_, Principal::Anonymous) => {
            "\"Principal\": \"*\", ".to_owned()
        }
        (_, Principal::Service { name }) => format!("\"Principal\": {{\"Service\": {}}}, ", quote(name)),
        (_, Principal::Federated { provider }) => {
            format!("\"Principal\": {{\"Federated\": {}}}, ", quote(provider))
        }
        (_, Principal::RoleSession { role_arn, .. }) => {
            format!("\"Principal\": {{\"AWS\": {}}}, ", quote(role_arn))
        }
        (_, principal) => format!("\"Principal\": {{\"AWS\": {}}}, ", quote(&principal.name())),
    };
    // The policy of a single resource calls it `*`.
    let resource = match kind {
        PolicyKind::Trust => String::new(),
        PolicyKind::Resource if mode == ResourceMode::Required => ", \"Resource\": \"*\"".to_owned(),
        PolicyKind::Identity
        | PolicyKind::Resource
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Scp
        | PolicyKind::Rcp
        | PolicyKind::Endpoint => format!(", \"Resource\": {}", quote(&request.resource().arn)),
    };
    let action = quote(request.action());
    Some(format!("{{\"Effect\": \"{effect:?}\", {principal}\"Action\": {action}{resource}}}"))
}

/// The text as a JSON string.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
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
