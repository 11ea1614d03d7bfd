//! What a particular service demands of a policy document, as data.

use crate::policy::{Diagnostic, PolicyKind, Severity, Span};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rules of all kinds of documents, as `assets/policy-rules.json` holds them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rulebook {
    /// The source of the rules.
    pub origin: String,
    /// The day on which the rules were written.
    pub date: String,
    /// What is dangerous or impossible in any kind of document.
    hazards: Arc<Hazards>,
    profiles: BTreeMap<String, Profile>,
}

/// What is dangerous or impossible in any kind of document, and which condition keys bound whom.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Hazards {
    /// The sources of these rules.
    #[serde(rename = "origin")]
    _origin: String,
    /// Condition keys whose values have a form, so that other values are never sent.
    pub forms: Vec<Form>,
    /// For a variable in the pattern of an ARN, what it can be.
    pub arn_parts: BTreeMap<String, Vec<String>>,
    /// Condition keys that a caller has by what he is, so that he cannot choose their values.
    pub own_keys: OwnKeys,
    /// Condition keys that say nothing of the resource, so that an identity policy stays as wide as without them.
    pub circumstances: Vec<String>,
    /// The condition keys, of many, in which a service says what it works for.
    pub bound_by_context: String,
    /// Condition keys that every sensible request has.
    pub sent: BTreeMap<String, String>,
    pub hands_on: HandsOn,
    /// Actions with the condition keys that each of their requests has.
    pub always_present: BTreeMap<String, Vec<String>>,
    /// Actions that should not be allowed on all resources.
    pub on_all_resources: Vec<String>,
    /// An action that only an administrator has.
    pub administers: String,
    /// Condition keys that a service has only where it calls in somebody's name.
    pub not_as_a_service: Vec<String>,
    /// Actions that tell of a resource and use it for nothing.
    pub describes: Vec<String>,
    /// Actions by which a caller can give himself more rights.
    pub escalates: Vec<String>,
    /// The condition key that says through which service a request came.
    pub called_through: String,
    /// Condition keys of several values, though the reference has them as strings.
    // Source: Amazon Cognito Developer Guide, "role-trust-and-permissions" (ForAnyValue:StringLike on amr)
    pub multivalued: Vec<String>,
    /// Identity providers that many customers share, each with the claim that tells them apart.
    // Source: IAM User Guide, "id_roles_providers_oidc_secure-by-default"
    pub shared_providers: BTreeMap<String, String>,
    /// The pattern of the `Id` of policies that AWS itself keeps.
    pub managed_id: String,
    /// Service principals, without their domain, that are not called like the prefix of a service.
    pub services: BTreeSet<String>,
}

/// The form that the values of some condition keys have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub keys: Vec<String>,
    /// Patterns, one of which each value matches.
    pub like: Vec<String>,
    /// The characters that a value consists of, if they are few.
    pub only: Option<String>,
    /// A character that no value has.
    pub without: Option<char>,
    /// Whether a value is in lower case and its first label has no dot.
    #[serde(default)]
    pub label: bool,
    /// The form in words.
    pub wanted: String,
}

/// An action that hands rights on, and what bounds it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandsOn {
    pub action: String,
    /// Patterns of a policy that mean the action, and not just everything.
    pub written: String,
    /// The key that is true where a service asks for the grant.
    pub flag: String,
    /// Other condition keys that bound it.
    pub bounds: Vec<String>,
}

/// The names of condition keys that a caller has by what he is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct OwnKeys {
    pub account: Vec<String>,
    pub arn: String,
    pub organization: String,
    pub organization_paths: String,
    pub unique_id: String,
    pub address: Vec<String>,
    pub is_service: String,
    /// The account, ARN and organization on whose behalf a service calls.
    pub for_account: String,
    pub for_arn: String,
    pub for_organization: String,
    pub for_organization_paths: String,
    pub service_name: String,
    pub network: Vec<String>,
    #[serde(rename = "type")]
    pub kind: String,
    pub resource_account: String,
    pub resource_organization: String,
}

impl OwnKeys {
    /// Whether a caller cannot choose the key's value.
    pub(super) fn hold(&self, key: &str) -> bool {
        let single = [
            &self.arn,
            &self.organization,
            &self.organization_paths,
            &self.unique_id,
            &self.is_service,
            &self.for_account,
            &self.for_arn,
            &self.for_organization,
            &self.for_organization_paths,
            &self.service_name,
            &self.kind,
            &self.resource_account,
            &self.resource_organization,
        ];
        let lists = self.account.iter().chain(&self.address).chain(&self.network);
        single.into_iter().chain(lists).any(|known| known.eq_ignore_ascii_case(key))
    }
}

/// Why the text of a rulebook cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// The text is no rule book.
    #[error("the rules of policy documents cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A profile is like one that does not exist, or that is itself like another.
    #[error("the profile {0} cannot be like {1}")]
    Like(String, String),
}

/// What one service demands of one kind of document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Profile {
    /// What is dangerous or impossible in any kind of document.
    #[serde(skip)]
    pub(super) hazards: Arc<Hazards>,
    /// What people call such a document.
    pub title: String,
    /// The kind of policy.
    pub kind: PolicyKind,
    /// The profile that supplies what this one leaves out.
    like: Option<String>,
    /// The service whose actions alone have an effect in the document.
    pub(super) vendor: Option<String>,
    /// The types of resource that have such a policy; empty if it is not the policy of a resource.
    #[serde(default)]
    pub(super) resource_types: Vec<String>,
    /// The partitions an ARN may name, where the service looks at it.
    #[serde(default)]
    pub(super) partitions: BTreeSet<String>,
    /// The services in whose ARNs the service accepts no Region.
    #[serde(default)]
    pub(super) without_region: BTreeSet<String>,
    /// For a service, what the last part of its ARNs has to begin with.
    #[serde(default)]
    pub(super) resource_paths: BTreeMap<String, Vec<String>>,
    /// The code of the error for a malformed document.
    error: Option<String>,
    /// What every message begins with.
    prefix: Option<String>,
    /// The message where there is no better one.
    otherwise: Option<String>,
    /// The message for each finding, or for the finding and a service after a colon. `{value}` and `{vendor}` stand for
    /// what was written, `{partition}` and `{arn}` for the parts of an ARN, `{paths}` for how it may go on, `{message}`
    /// for the finding's own words.
    #[serde(default)]
    texts: BTreeMap<String, String>,
    /// The findings that the service refuses a document for, step by step as it looks for them. Those of a later step
    /// are only seen where there are none of an earlier one; what is not listed comes last.
    #[serde(default)]
    order: Vec<BTreeSet<String>>,
    /// Findings that are mere warnings elsewhere and that this service refuses.
    #[serde(default)]
    refused: BTreeSet<String>,
    /// Findings that the profile this one is like refuses, and this one accepts.
    #[serde(default)]
    accepted: BTreeSet<String>,
    /// How long the document may be, in bytes.
    pub(super) max_size: Option<usize>,
    /// Whether white space does not count.
    ignores_white_space: Option<bool>,
    /// The error for a document that is too long, if it is not the usual one.
    too_long: Option<ErrorText>,
    /// The error for a character that the service does not take.
    odd: Option<ErrorText>,
    /// Whether the service takes white space and the characters from U+0020 to U+00FF only.
    #[serde(default)]
    latin1: bool,
    /// Whether a Sid consists of letters and digits.
    pub(super) sid_is_alphanumeric: Option<bool>,
    /// Actions that have no effect in the document, with the remedy.
    #[serde(default)]
    pub(super) ignored_actions: BTreeMap<String, String>,
    /// Condition keys that have no effect in the document, with the remedy.
    #[serde(default)]
    pub(super) ignored_keys: BTreeMap<String, String>,
    /// Condition keys that take no `ForAllValues` or `ForAnyValue`.
    #[serde(default)]
    pub(super) no_quantifier_keys: Vec<String>,
    /// The action without which nobody can change the document again.
    pub(super) manage: Option<String>,
    /// The kinds of principals that the service takes, in lower case; all of them if it is empty.
    #[serde(default)]
    pub(super) principals: BTreeSet<String>,
    /// Condition keys that say nothing of the caller when a service calls for somebody.
    #[serde(default)]
    pub(super) service_ip_keys: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorText {
    code: String,
    message: String,
    /// Whether the message is this program's, because AWS has not published its own.
    #[serde(default)]
    own: bool,
}

/// The error a service answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error's code, for example `MalformedPolicyDocument`.
    pub code: String,
    pub message: String,
    /// Whether the message is AWS's, word for word.
    pub published: bool,
    /// Where the document is wrong.
    pub span: Span,
}

impl Rulebook {
    /// Reads the rules from the text of their file.
    pub fn parse(text: &str) -> Result<Self, RulebookError> {
        let mut rulebook: Self = serde_json::from_str(text)?;
        for profile in rulebook.profiles.values_mut() {
            profile.hazards = rulebook.hazards.clone();
        }
        let originals = rulebook.profiles.clone();
        for (name, profile) in &mut rulebook.profiles {
            let Some(like) = profile.like.clone() else { continue };
            match originals.get(&like).filter(|original| original.like.is_none()) {
                Some(original) => profile.inherit(original),
                None => return Err(RulebookError::Like(name.clone(), like)),
            }
        }
        Ok(rulebook)
    }

    /// The rules for one kind of document, by the name of the profile.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// The names of all profiles.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }
}

impl Profile {
    fn inherit(&mut self, original: &Self) {
        fn take<T: Clone>(mine: &mut Option<T>, theirs: Option<&T>) {
            if mine.is_none() {
                *mine = theirs.cloned();
            }
        }
        take(&mut self.vendor, original.vendor.as_ref());
        take(&mut self.error, original.error.as_ref());
        take(&mut self.prefix, original.prefix.as_ref());
        take(&mut self.otherwise, original.otherwise.as_ref());
        take(&mut self.max_size, original.max_size.as_ref());
        take(&mut self.ignores_white_space, original.ignores_white_space.as_ref());
        take(&mut self.too_long, original.too_long.as_ref());
        take(&mut self.sid_is_alphanumeric, original.sid_is_alphanumeric.as_ref());
        take(&mut self.manage, original.manage.as_ref());
        for (code, text) in &original.texts {
            self.texts.entry(code.clone()).or_insert_with(|| text.clone());
        }
        for (mine, theirs) in [
            (&mut self.partitions, &original.partitions),
            (&mut self.without_region, &original.without_region),
        ] {
            mine.extend(theirs.iter().cloned());
        }
        for (service, paths) in &original.resource_paths {
            self.resource_paths.entry(service.clone()).or_insert_with(|| paths.clone());
        }
        self.refused.extend(original.refused.difference(&self.accepted).cloned());
        if self.order.is_empty() {
            self.order.clone_from(&original.order);
        }
        if self.service_ip_keys.is_empty() {
            self.service_ip_keys.clone_from(&original.service_ip_keys);
        }
    }

    /// Finds the first character that the service does not take.
    pub fn odd_character(&self, text: &str) -> Option<Span> {
        let is_odd = |c: &char| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        let (at, odd) = text.char_indices().find(|(_, c)| self.latin1 && is_odd(c))?;
        Some(Span::new(at, at + odd.len_utf8()))
    }

    /// Whether the service refuses a document for this finding.
    pub fn refuses(&self, finding: &Diagnostic) -> bool {
        finding.severity == Severity::Error || self.refused.contains(finding.code)
    }

    /// Returns the error for what the service finds first: the earliest step, and there the first place.
    pub fn refusal(&self, text: &str, findings: &[Diagnostic]) -> Option<Refusal> {
        let step = |finding: &&Diagnostic| {
            let step = self.order.iter().position(|step| step.contains(finding.code));
            // What the API model asks of a text is asked before the text is read.
            (finding.code != "odd-character", step.unwrap_or(self.order.len()))
        };
        let finding = findings.iter().filter(|finding| self.refuses(finding)).min_by_key(step)?;
        let special = [(super::TOO_LONG, &self.too_long), ("odd-character", &self.odd)];
        let special = special.into_iter().find(|(code, _)| *code == finding.code);
        if let Some((_, Some(error))) = special {
            let (code, message) = (error.code.clone(), error.message.clone());
            return Some(Refusal { code, message, published: !error.own, span: finding.span });
        }
        let value = finding.span.of(text);
        let (code, message) = self.answer(finding.code, value, &finding.message);
        let published = !self.text(finding.code, value).contains("{message}");
        Some(Refusal { code, message, published, span: finding.span })
    }

    /// The code and the message of the error for a finding about `value`, as the document writes it.
    pub fn answer(&self, code: &str, value: &str, message: &str) -> (String, String) {
        let bare = value.trim_matches('"');
        let vendor = bare.split(':').next().unwrap_or_default();
        let arn: Vec<&str> = bare.splitn(6, ':').collect();
        let part = |index: usize| arn.get(index).copied().unwrap_or("*");
        let known = self.text(code, value);
        // A trust policy's message quotes the principal, the others do not.
        let quoted = if known.contains(":{value}") { format!("\"{bare}\"") } else { bare.to_owned() };
        let paths = self.resource_paths.get(part(2)).map(|paths| paths.join(", ")).unwrap_or_default();
        let whole = format!("arn:{}:{}:{}:{}:{}", part(1), part(2), part(3), part(4), part(5));
        // What was written comes last, so that nothing in it is taken for a placeholder.
        let text = known
            .replace("{paths}", &paths)
            .replace("{vendor}", vendor)
            .replace("{partition}", part(1))
            .replace("{arn}", &whole)
            .replace("{message}", message)
            .replace("{value}", &quoted);
        let code = self.error.clone().unwrap_or_default();
        (code, format!("{}{text}", self.prefix.as_deref().unwrap_or_default()))
    }

    /// The text of the error for a finding about `value`, its placeholders in place. Where there is none, the finding's
    /// own words stand for it.
    fn text(&self, code: &str, value: &str) -> &str {
        let vendor = value.trim_matches('"').split(':').nth(2).unwrap_or("*");
        let special = self.texts.get(&format!("{code}:{vendor}"));
        special.or(self.texts.get(code)).or(self.otherwise.as_ref()).map_or("{message}", String::as_str)
    }

    /// The length of a document as the service counts it, and the byte at which it becomes too long.
    pub(super) fn too_long_from(&self, text: &str) -> Option<(usize, usize)> {
        let max = self.max_size?;
        let counts = |c: char| !(self.ignores_white_space == Some(true) && c.is_whitespace());
        let mut size = 0;
        let mut from = None;
        for (at, c) in text.char_indices().filter(|(_, c)| counts(*c)) {
            size += c.len_utf8();
            if size > max && from.is_none() {
                from = Some(at);
            }
        }
        from.map(|from| (size, from))
    }
}
