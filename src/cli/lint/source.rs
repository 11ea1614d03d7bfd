//! What a file holds: a policy, a policy as the AWS CLI prints it, a part of one, or a template.

use super::mapped::{Mapped, unescaped};
use super::template;
use crate::policy::json::{self, Node};
use crate::policy::{Part, Span};

/// The members in which the AWS CLI prints a policy, or what holds one.
// Source: the output of get-key-policy, get-bucket-policy and get-resource-policy (Policy, ResourcePolicy), of
// get-role-policy and get-policy-version (PolicyDocument, PolicyVersion, Document), of get-role (Role,
// AssumeRolePolicyDocument), of describe-policy of Organizations (Policy, Content) and of describe-vpc-endpoints
const WRAPPERS: [&str; 12] = [
    "Policy",
    "PolicyDocument",
    "Document",
    "AssumeRolePolicyDocument",
    "ResourcePolicy",
    "KeyPolicy",
    "PolicyVersion",
    "Role",
    "Content",
    "VpcEndpoints",
    "VpcEndpoint",
    "Attributes",
];
/// How deep the AWS CLI wraps a policy.
const MAX_WRAPPED: usize = 4;
/// What stands before and after statements that were taken out of a policy.
const AROUND: [&str; 2] = ["{\"Version\": \"2012-10-17\", \"Statement\": [", "]}"];

/// A policy and the way back to the file that it stands in.
pub(super) struct Source {
    /// The policy as it is reviewed.
    pub policy: String,
    pub part: Part,
    /// The member in which the AWS CLI printed it.
    pub within: Option<&'static str>,
    /// What the policy belongs to, where the wrapping says so.
    pub kind: Option<&'static str>,
    /// The strings of the policy that hold placeholders.
    pub placeholders: Vec<Span>,
    /// How the policy was made from the text of the file, step by step.
    steps: Vec<Mapped>,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let mut source = Self {
            policy: text.to_owned(),
            part: Part::Whole,
            within: None,
            kind: None,
            placeholders: Vec::new(),
            steps: Vec::new(),
        };
        source.take_out();
        source.complete();
        if let Some((filled, strings)) = template::fill(&source.policy) {
            source.placeholders = strings;
            source.step(filled);
        }
        source
    }

    /// The place in the file of a place in the policy.
    pub(super) fn back(&self, span: Span) -> Span {
        self.steps.iter().rev().fold(span, |span, step| step.back(span))
    }

    /// Whether a place of the policy lies in a string that holds a placeholder.
    pub(super) fn is_filled_in(&self, span: Span) -> bool {
        // They stand in the order of the text, and none within another.
        let before = self.placeholders.partition_point(|string| string.start <= span.start);
        let string = before.checked_sub(1).and_then(|at| self.placeholders.get(at));
        string.is_some_and(|string| span.end <= string.end)
    }

    fn step(&mut self, mapped: Mapped) {
        self.policy.clone_from(&mapped.text);
        self.steps.push(mapped);
    }

    /// Takes the policy out of what the AWS CLI prints.
    fn take_out(&mut self) {
        for _ in 0..MAX_WRAPPED {
            let Some(root) = json::read(&self.policy).root else { return };
            let root =
                root.as_array().filter(|list| list.len() == 1).and_then(<[Node]>::first).unwrap_or(&root);
            if root.get("Statement").is_some() {
                return;
            }
            let found = WRAPPERS.into_iter().find_map(|name| Some((name, root.get(name)?)));
            let Some((name, node)) = found else { return };
            let mapped = match node.as_str() {
                Some(value) if value.trim_start().starts_with(['{', '[']) => {
                    unescaped(&self.policy, node.span, value)
                }
                Some(_) => return,
                None => {
                    let mut mapped = Mapped::new();
                    mapped.take(&self.policy, node.span);
                    mapped
                }
            };
            self.kind = kind_of(name, root).or(self.kind);
            self.within = Some(name);
            self.step(mapped);
        }
    }

    /// Makes a policy of statements that were taken out of one.
    fn complete(&mut self) {
        let text = &self.policy;
        let is_statement = |node: &Node| node.get("Effect").is_some() && node.get("Statement").is_none();
        let statements = match json::read(text).root {
            Some(root) if root.as_array().is_some_and(|list| list.iter().all(is_statement)) => {
                // The brackets are the fragment's own.
                root.as_array().and_then(|list| Some(list.first()?.span.to(list.last()?.span)))
            }
            Some(root) => is_statement(&root).then_some(root.span),
            // Statements copied from the middle of a list: commas between them, perhaps one after them.
            None => {
                let trimmed = text.trim().trim_end_matches(',');
                let start = text.len() - text.trim_start().len();
                let text = format!("[{trimmed}]");
                let list = json::read(&text).into_result().ok();
                let all = list.is_some_and(|list| list.one_or_many().iter().all(is_statement));
                (all && !trimmed.is_empty()).then(|| Span::new(start, start + trimmed.len()))
            }
        };
        let Some(statements) = statements else { return };
        let mut mapped = Mapped::new();
        let [before, after] = AROUND;
        mapped.put(before, Span::new(statements.start, statements.start));
        mapped.take(&self.policy, statements);
        mapped.put(after, Span::new(statements.end, statements.end));
        self.part = Part::Fragment;
        self.step(mapped);
    }
}

/// The kind of document that a wrapping shows.
fn kind_of(name: &str, wrapping: &Node) -> Option<&'static str> {
    let kind = |node: &Node| match node.get("Type")?.as_str()? {
        "SERVICE_CONTROL_POLICY" => Some("scp"),
        "RESOURCE_CONTROL_POLICY" => Some("rcp"),
        _ => None,
    };
    match name {
        "AssumeRolePolicyDocument" => Some("iam-trust"),
        "Content" => wrapping.get("PolicySummary").and_then(kind),
        "PolicyDocument" if wrapping.get("VpcEndpointId").is_some() => Some("vpc-endpoint"),
        "Document" if wrapping.get("VersionId").is_some() => Some("iam-managed"),
        _ => None,
    }
}

/// The kind of document that a policy seems to be.
///
/// A policy that names principals belongs to a resource, and its actions tell to which.
pub(super) fn guess(text: &str) -> &'static str {
    let Some(root) = json::read(text).root else { return "iam-inline" };
    let statements = root.get("Statement").map(Node::one_or_many).unwrap_or_default();
    let has = |name: &str| statements.iter().any(|statement| statement.get(name).is_some());
    let all = |name: &str, wanted: &[&str]| {
        statements.iter().all(|statement| {
            let values = statement.get(name).map(Node::one_or_many).unwrap_or_default();
            !values.is_empty()
                && values.iter().all(|value| value.as_str().is_some_and(|text| wanted.contains(&text)))
        })
    };
    let only_denies = all("Effect", &["Deny"]);
    if !has("Principal") && !has("NotPrincipal") {
        return if only_denies && !statements.is_empty() { "scp" } else { "iam-inline" };
    }
    let actions = || {
        let elements = statements.iter().flat_map(|one| [one.get("Action"), one.get("NotAction")]);
        elements.flatten().flat_map(Node::one_or_many).filter_map(Node::as_str)
    };
    let resources = || {
        let elements = statements.iter().filter_map(|statement| statement.get("Resource"));
        elements.flat_map(Node::one_or_many).filter_map(Node::as_str)
    };
    let everybody = all("Principal", &["*"]);
    let all_actions = everybody && actions().all(|action| action == "*");
    // What a VPC endpoint has from its making.
    // Source: AWS PrivateLink Guide, "vpc-endpoints-access" (default endpoint policy)
    if all_actions && statements.len() == 1 && all("Effect", &["Allow"]) && all("Resource", &["*"]) {
        return "vpc-endpoint";
    }
    let mut vendors: Vec<String> = actions()
        .filter_map(|action| action.split(':').next())
        .filter(|vendor| *vendor != "*")
        .map(str::to_lowercase)
        .collect();
    let count = |name: &str| vendors.iter().filter(|vendor| **vendor == *name).count();
    let kinds =
        [("kms", "kms-key"), ("s3", "s3-bucket"), ("dynamodb", "dynamodb-table"), ("sts", "iam-trust")];
    // Of equally likely kinds the first.
    let likely = kinds.into_iter().rev().max_by_key(|(vendor, _)| count(vendor));
    let (vendor, kind) = likely.unwrap_or(("kms", "kms-key"));
    let counted = count(vendor);
    vendors.sort();
    vendors.dedup();
    if only_denies && everybody && vendors.len() != 1 && resources().all(|resource| resource == "*") {
        return "rcp";
    }
    if counted == 0 {
        return if vendors.is_empty() { "kms-key" } else { "resource" };
    }
    if vendor == "kms" && is_for_an_endpoint(statements) { "vpc-endpoint" } else { kind }
}

/// Whether statements about KMS speak of more than the one key whose policy they might be.
fn is_for_an_endpoint(statements: &[Node]) -> bool {
    let reference = crate::cloud::reference();
    let texts = |statement: &Node, name: &str| -> Vec<String> {
        let values = statement.get(name).map(Node::one_or_many).unwrap_or_default();
        values.iter().filter_map(|value| Some(value.as_str()?.to_owned())).collect()
    };
    // A key policy leaves something to its account, and a policy of an endpoint does not know accounts.
    let keeps = |statement: &Node| {
        let principal = statement.get("Principal").and_then(|principal| principal.get("AWS"));
        let mut names = principal.map(Node::one_or_many).unwrap_or_default().iter().filter_map(Node::as_str);
        names.any(|name| name.ends_with(":root"))
            && texts(statement, "Action").iter().any(|one| one == "kms:*")
    };
    let never_of_a_key = |action: &String| {
        let known = reference.actions_like(action).unwrap_or_default();
        !known.is_empty()
            && !known.iter().any(|known| known.action.resources.iter().any(|kind| kind == "key"))
    };
    let other_resource = |resource: &String| resource != "*" && resource.contains(":kms:");
    !statements.iter().any(keeps)
        && statements.iter().any(|statement| {
            texts(statement, "Action").iter().any(never_of_a_key)
                || texts(statement, "Resource").iter().any(other_resource)
        })
}
