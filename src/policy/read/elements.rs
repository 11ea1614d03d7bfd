//! The elements that say who, what and on what: `Principal`, `Action`, `Resource` and their `Not` forms.

use std::sync::Arc;

use super::Reader;
use crate::policy::Span;
use crate::policy::document::{ActionPattern, Actions, Matcher, ResourcePattern, Resources};
use crate::policy::json::{Member, Node};
use crate::policy::pattern::{Glob, Syntax, Template};
use crate::policy::principal::{Named, PrincipalEntry, Principals};
use crate::policy::terms::{PolicyKind, Spanned, Version};

/// The element of the two names that is there, and whether it is the `Not` form.
struct Found<'a> {
    negated: bool,
    member: &'a Member<'a>,
}

impl Reader {
    /// At most one of an element and its `Not` form may be there.
    fn find<'a>(&mut self, members: &'a [Member<'a>], name: &str) -> Option<Found<'a>> {
        let plain = members.iter().find(|member| &*member.name == name);
        let negated = members.iter().find(|member| member.name.strip_prefix("Not") == Some(name));
        if let (Some(_), Some(negated)) = (plain, negated) {
            let message = format!("the statement has both {name} and Not{name}");
            self.found.error("both-forms", negated.name_span, message, "Keep one of the two.");
        }
        let found = plain.map(|member| Found { negated: false, member });
        found.or(negated.map(|member| Found { negated: true, member }))
    }

    pub(super) fn actions(&mut self, statement: &Node, members: &[Member]) -> Actions {
        let found = self.find(members, "Action");
        let texts = found.as_ref().map(|found| self.texts(&found.member.value, &found.member.name));
        let texts = texts.unwrap_or_default();
        if texts.is_empty() {
            let span = found.as_ref().map_or(statement.span, |found| found.member.span());
            self.lacks("missing-action", span, "Action");
        }
        let patterns = texts.into_iter().map(|source| self.action(source)).collect();
        matcher(found.as_ref(), patterns, false)
    }

    fn action(&mut self, source: Spanned) -> ActionPattern {
        // Source: IAM User Guide, "reference_policies_grammar"; in the vendor no wildcards but a lone one. IAM's refusals:
        // "Actions/Conditions must be prefaced by a vendor", "Actions/Condition can contain only one colon", "Vendor .. is
        // not valid". The name behind the colon is saved whatever it holds of ASCII, and no action has such a name.
        // Source: getmoto/moto, tests/test_iam/test_iam_policies.py, `valid_policy_documents`, harvested from IAM: a blank
        // behind the colon.
        let text = &*source.text;
        let problem = match text.split_once(':') {
            _ if text == "*" => None,
            None => Some(("action-without-vendor", "an action starts with a service and a colon")),
            Some((_, name)) if name.contains(':') => Some(("action-with-colons", "an action has one colon")),
            Some((vendor, name)) => {
                let in_vendor = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
                let vendor_fits = vendor == "*" || (!vendor.is_empty() && vendor.chars().all(in_vendor));
                let in_name = |c: char| c.is_ascii_graphic() || c == ' ';
                let fits = vendor_fits && !name.is_empty() && name.chars().all(in_name);
                if fits && !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_*?".contains(c)) {
                    let message = format!("no action has such a name: {text:?}");
                    let remedy = "Write each action as a text of its own, without blanks and commas.";
                    self.found.warning("odd-action", source.span, message, remedy);
                }
                (!fits).then_some(("bad-action", "this cannot be an action"))
            }
        };
        if let Some((code, what)) = problem {
            let message = format!("{what}: {text:?}");
            self.found.error(code, source.span, message, "Write service:Operation, or *.");
        }
        let syntax = Syntax { wildcards: true, variables_from: None, fold: true };
        let glob = match Template::new(text, syntax) {
            Template::Fixed(glob) => glob,
            Template::Open { parts, .. } => Glob::new(&parts), // cannot be: the syntax knows no variables
        };
        ActionPattern { source, glob }
    }

    pub(super) fn resources(&mut self, statement: &Node, members: &[Member]) -> Resources {
        let found = self.find(members, "Resource");
        if self.kind == PolicyKind::Trust {
            if let Some(found) = found {
                let message =
                    format!("a trust policy has no {}: its resource is the role", found.member.name);
                self.found.error("prohibited-resource", found.member.span(), message, "Remove the element.");
            }
            return matcher(None, Vec::new(), true);
        }
        let texts = found.as_ref().map(|found| self.texts(&found.member.value, &found.member.name));
        let texts = texts.unwrap_or_default();
        if texts.is_empty() {
            let span = found.as_ref().map_or(statement.span, |found| found.member.span());
            self.lacks("missing-resource", span, "Resource");
        }
        let patterns = texts.into_iter().map(|source| self.resource(source)).collect();
        matcher(found.as_ref(), patterns, false)
    }

    /// A wildcard in a `Resource` may stand for any text, colons and slashes included.
    ///
    /// Doubtful for a `*` that does not end a part between colons: of one that does, the documentation says that it "can
    /// expand to match beyond the colon boundaries". The alternative is that others stay within their part. One form is
    /// known.
    // Source: IAM User Guide, "reference_policies_elements_resource", wildcards in resource ARNs
    fn resource(&mut self, source: Spanned) -> ResourcePattern {
        let text = &*source.text;
        if text != "*" && !text.starts_with("arn:") {
            let message = format!("this is neither an ARN nor *: {text:?}");
            self.found.error(
                if text.contains(':') { "not-arn" } else { "bad-resource" },
                source.span,
                message,
                "Write arn:partition:service:region:account:resource.",
            );
        }
        let whole = self.completed(&source);
        // Variables stand in the resource's own part, after the fifth colon.
        let own_part = whole.match_indices(':').nth(4).map_or(whole.len(), |(at, _)| at + 1);
        let variables_from = (self.version == Version::V2012).then_some(own_part);
        let template = Template::new(&whole, Syntax { wildcards: true, variables_from, fold: false });
        ResourcePattern { source, whole, template }
    }

    /// The pattern with a `*` for each field of its ARN that it leaves out, where the kind of policy lets it.
    ///
    /// Doubtful for resource control policies, which are read as service control policies are, and for the policies of
    /// endpoints, which are read as those of resources are: nothing is said of either. The alternative is that both are
    /// completed. One form is known.
    // Source: IAM User Guide, "reference-arns": "When you specify an incomplete ARN (one with fewer than the standard
    // six fields) in an identity-based policy, AWS automatically completes the ARN"; with empty fields in between
    // CreatePolicy answers "The policy failed legacy parsing", for a session policy STS MalformedPolicyDocument
    fn completed(&mut self, source: &Spanned) -> Arc<str> {
        const FIELDS: usize = 6;
        let text = &*source.text;
        let fields = text.split(':').count();
        if !text.starts_with("arn:") || fields >= FIELDS {
            return source.text.clone();
        }
        let completes = match self.kind {
            PolicyKind::Identity | PolicyKind::Boundary => !text.contains("::"),
            PolicyKind::Resource | PolicyKind::Trust | PolicyKind::Endpoint => return source.text.clone(),
            PolicyKind::Session | PolicyKind::Scp | PolicyKind::Rcp => false,
        };
        if !completes {
            let message = format!("this ARN has {fields} of six fields: {text:?}");
            let remedy = "Write arn:partition:service:region:account:resource.";
            self.found.error("incomplete-arn", source.span, message, remedy);
        }
        format!("{text}{}", ":*".repeat(FIELDS - fields)).into()
    }

    /// A statement without actions or resources: most services refuse it, a key policy accepts it and the
    /// statement does nothing.
    // Source: KMS API Reference, PutKeyPolicy
    fn lacks(&mut self, code: &'static str, span: Span, element: &str) {
        let remedy = format!("Add \"{element}\".");
        let message = format!("the statement has no {element}");
        if self.kind == PolicyKind::Resource {
            self.found.warning(code, span, format!("{message}, so it does nothing"), remedy);
        } else {
            self.found.error(code, span, message, remedy);
        }
    }

    pub(super) fn principals(&mut self, statement: &Node, members: &[Member]) -> (Principals, Option<Span>) {
        let found = self.find(members, "Principal");
        let Some(Found { negated, member }) = found else {
            if matches!(self.kind, PolicyKind::Resource | PolicyKind::Trust) {
                let remedy = "Add \"Principal\": {\"AWS\": \"...\"}.";
                self.found.error(
                    "missing-principal",
                    statement.span,
                    "the statement has no Principal",
                    remedy,
                );
            }
            return (Principals::Unstated, None);
        };
        let span = Some(member.span());
        if matches!(
            self.kind,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Scp
        ) {
            let message = format!("a policy of this kind has no {}", member.name);
            self.found.error("prohibited-principal", member.span(), message, "Remove the element.");
            return (Principals::Unstated, span);
        }
        let entries = self.principal_entries(&member.value);
        (if negated { Principals::Except(entries) } else { Principals::Only(entries) }, span)
    }

    fn principal_entries(&mut self, node: &Node) -> Vec<PrincipalEntry> {
        let Some(members) = node.as_object() else {
            if node.as_str() == Some("*") {
                return vec![PrincipalEntry { named: Named::Everyone, text: "*".into(), span: node.span }];
            }
            let remedy = "Write \"*\" or {\"AWS\": ...}, {\"Service\": ...}, {\"Federated\": ...}.";
            self.found.error("bad-principal", node.span, "Principal is neither * nor an object", remedy);
            return Vec::new();
        };
        let mut entries = Vec::new();
        for member in members {
            let texts = self.texts(&member.value, &member.name);
            entries.extend(texts.into_iter().filter_map(|source| {
                let named = name(&member.name, &source.text);
                if named.is_none() {
                    let (message, remedy) = not_a_principal(&member.name, &source.text);
                    self.found.error("bad-principal", source.span, message, remedy);
                }
                named.map(|named| PrincipalEntry { named, text: source.text, span: source.span })
            }));
        }
        entries
    }
}

/// Whom a value under a key of the `Principal` object names.
// Source: IAM User Guide, "reference_policies_elements_principal"
fn name(key: &str, text: &Arc<str>) -> Option<Named> {
    match key {
        _ if text.is_empty() => None,
        "AWS" if **text == *"*" => Some(Named::Everyone),
        // No wildcard may stand inside the name of a principal.
        "AWS" if text.contains(['*', '?']) => None,
        "AWS" if is_unique_id(text) => Some(Named::UniqueId(text.clone())),
        "AWS" => Named::by_arn(text),
        "Service" if **text == *"*" => None,
        "Service" => Some(Named::Service(text.clone())),
        "Federated" => Some(Named::Federated(text.clone())),
        "CanonicalUser" => Some(Named::CanonicalUser(text.clone())),
        _ => None,
    }
}

fn not_a_principal(key: &str, text: &str) -> (String, &'static str) {
    if !matches!(key, "AWS" | "Service" | "Federated" | "CanonicalUser") {
        let remedy = "Use AWS, Service, Federated or CanonicalUser.";
        return (format!("{key:?} is no kind of principal"), remedy);
    }
    if text.contains(['*', '?']) {
        let remedy = "Name the account instead, and add a condition on aws:PrincipalArn.";
        return (format!("no wildcard may stand inside a principal: {text:?}"), remedy);
    }
    let remedy = "Name an account, a user, a role or a session; a group is no principal.";
    (format!("this names no principal: {text:?}"), remedy)
}

/// The unique id of a user or role, which stands in a policy where one was deleted.
// Source: IAM User Guide, "reference_identifiers"
fn is_unique_id(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && (text.starts_with("AIDA") || text.starts_with("AROA"))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn matcher<P>(found: Option<&Found<'_>>, patterns: Vec<P>, otherwise: bool) -> Matcher<P> {
    match found {
        Some(Found { negated, member }) => {
            Matcher { negated: *negated, patterns, span: Some(member.span()), otherwise }
        }
        None => Matcher { negated: false, patterns, span: None, otherwise },
    }
}
