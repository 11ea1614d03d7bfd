//! What is known about services: their actions, condition keys and resource types, which resource policies are
//! required, and how grants are written. All of it is data that the caller supplies as text.

use super::pattern::{Syntax, Template};
use super::policies::ResourceMode;
use super::principal::Principal;
use super::request::{Context, is_key};
use crate::limits::steps;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// The data, as `assets/iam-reference.json` holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Reference {
    /// The place from which the data was taken.
    pub origin: String,
    /// The day on which the data was made.
    pub date: String,
    /// The condition keys every service knows, with their types. A `*` at the end stands for a name.
    pub global_keys: BTreeMap<String, KeyType>,
    /// Where a resource's policy does more than add to the caller's policies. The first that fits counts.
    pub resource_policies: Vec<ResourceRule>,
    /// How grants are written in terms of policies.
    pub grants: GrantRule,
    /// Which actions resource control policies bind.
    pub rcps: RcpRule,
    /// The actions that need no permission, and that no policy can deny.
    pub free_actions: BTreeMap<String, FreeTo>,
    /// The services that are known in detail, by their prefix.
    pub services: Services,
    /// The prefixes of all services.
    pub vendors: BTreeSet<String>,
}

/// Services by their prefix, each read when it is first looked at.
///
/// A policy names one or two, and reading all of them took a seventh of the time to the first frame.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Services(BTreeMap<String, Described>);

/// A service as its text, and what was read from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Box<RawValue>")]
struct Described {
    text: Box<RawValue>,
    read: OnceLock<Option<Service>>,
}

impl From<Box<RawValue>> for Described {
    fn from(text: Box<RawValue>) -> Self {
        Self { text, read: OnceLock::new() }
    }
}

impl Described {
    /// Returns the service. [`Reference::parse`] lets no text in that does not describe one.
    fn service(&self) -> Option<&Service> {
        self.read.get_or_init(|| serde_json::from_str(self.text.get()).ok()).as_ref()
    }
}

impl Services {
    /// Returns the service of a prefix in lower case.
    pub fn get(&self, prefix: &str) -> Option<&Service> {
        self.0.get(prefix)?.service()
    }

    /// Returns a service and its prefix by the prefix in any case.
    fn find(&self, prefix: &str) -> Option<(&str, &Service)> {
        let (known, described) = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(prefix))?;
        Some((known, described.service()?))
    }

    /// Returns the services, the one first that a condition key or an action names.
    fn by_name<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Service> {
        let prefix = name.split(':').next().unwrap_or_default();
        self.find(prefix).map(|(_, service)| service).into_iter().chain(self.values())
    }

    /// Returns the prefixes of the services, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Returns the services in the order of their prefixes.
    pub fn values(&self) -> impl Iterator<Item = &Service> {
        self.0.values().filter_map(Described::service)
    }

    /// Returns the services with their prefixes.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Service)> {
        self.0.iter().filter_map(|(prefix, described)| Some((prefix, described.service()?)))
    }
}

/// A service with the actions, resources and keys of its policies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The actions by name, without the service's prefix.
    pub actions: BTreeMap<String, Action>,
    /// The resource types, each with the pattern of its ARNs, for example
    /// `arn:${Partition}:service:${Region}:${Account}:type/${Id}`. Some services have none.
    #[serde(default)]
    pub resources: BTreeMap<String, String>,
    /// For a resource type, what to do where it stands in place of another.
    #[serde(default)]
    pub hints: BTreeMap<String, String>,
    /// For a resource type, the condition keys that come with such a resource, whatever is done to it.
    #[serde(default, rename = "resourceKeys")]
    pub resource_keys: BTreeMap<String, Vec<String>>,
    /// The condition keys, prefix included, with their types. A `*` at the end stands for a name. Some services have none
    /// of their own, as SQS.
    #[serde(default)]
    pub keys: BTreeMap<String, KeyType>,
}

/// An action with the resources and keys that a policy may name with it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The access level: `List`, `Read`, `Write`, `Tagging` or `Permissions management`.
    pub access: String,
    /// The types of resource it can be bound to; empty if it takes `*` only.
    pub resources: Vec<String>,
    /// The condition keys it can have beside the global ones.
    pub keys: Vec<String>,
}

/// An action with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct KnownAction<'a> {
    /// The prefix of its service.
    pub vendor: &'a str,
    pub service: &'a Service,
    /// The action's name, without the service's prefix.
    pub name: &'a str,
    pub action: &'a Action,
}

impl KnownAction<'_> {
    /// Whether some requests for the action have such a condition key, be it by the action or by what it is done to.
    pub fn can_have(&self, key: &str) -> bool {
        let of_resource = |name: &String| self.service.resource_keys.get(name);
        let by_resource = self.action.resources.iter().filter_map(of_resource).any(|keys| lists(keys, key));
        by_resource || lists(&self.action.keys, key)
    }
}

/// The type of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum KeyType {
    String,
    ArrayOfString,
    #[serde(rename = "ARN")]
    Arn,
    #[serde(rename = "ArrayOfARN")]
    ArrayOfArn,
    Bool,
    ArrayOfBool,
    #[serde(alias = "Long")]
    Numeric,
    Date,
    #[serde(rename = "IPAddress")]
    IpAddress,
    /// Bytes, written in base64.
    Binary,
}

impl KeyType {
    /// Whether a request may have several values of the key.
    pub fn is_multivalued(self) -> bool {
        matches!(self, Self::ArrayOfString | Self::ArrayOfArn | Self::ArrayOfBool)
    }
}

/// Which kind of policy a resource has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResourcePolicyKind {
    /// A policy that says what may be done to the resource.
    Resource,
    /// A policy that says who may become the resource, a role.
    Trust,
}

/// The part the resource's policy plays for some actions on some resources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResourceRule {
    /// A pattern of actions.
    pub actions: String,
    /// A pattern of ARNs.
    pub resources: String,
    /// What part the policy plays.
    pub mode: ResourceMode,
    /// Which kind of policy it is.
    pub kind: ResourcePolicyKind,
    /// The actions that can be allowed to other accounts; all of them if it is absent.
    pub cross_account: Option<BTreeSet<String>>,
    /// Whether the rule holds only where a policy is at hand.
    #[serde(default)]
    pub only_if_given: bool,
    /// The condition keys that such a policy does not see. A `*` at the end stands for a name.
    pub unseen_keys: Option<Arc<[Arc<str>]>>,
    /// The patterns of actions, in lower case, and of ARNs, taken apart when they are first compared with something.
    #[serde(skip)]
    patterns: OnceLock<[Template; 2]>,
}

impl ResourceRule {
    /// Whether the rule is about an action, given in lower case, on a resource.
    fn fits(&self, folded_action: &str, resource: &str) -> bool {
        let pattern = |text: &str| Template::new(text, WITHOUT_VARIABLES);
        let [actions, resources] =
            self.patterns.get_or_init(|| [pattern(&self.actions.to_lowercase()), pattern(&self.resources)]);
        let context = Context::new();
        actions.matches(folded_action, &context) && resources.matches(resource, &context)
    }
}

/// Which actions resource control policies bind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RcpRule {
    /// The page that lists the services.
    pub origin: String,
    /// The day of the list.
    pub date: String,
    /// The prefixes of the services whose actions are bound.
    pub services: BTreeSet<String>,
    /// The actions of these services that are not.
    pub exempt: BTreeSet<String>,
}

/// Who needs no permission for an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FreeTo {
    /// Whoever signs a request.
    Everybody,
    /// Users and root users, whose credentials last.
    Users,
}

impl FreeTo {
    fn includes(self, principal: &Principal) -> bool {
        match principal {
            Principal::Root { .. } | Principal::User { .. } => true,
            Principal::RoleSession { .. } | Principal::FederatedUser { .. } => self == Self::Everybody,
            Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. } => false,
        }
    }
}

impl ResourceRule {
    /// Whether the action can be allowed to principals of other accounts.
    pub fn is_cross_account(&self, action: &str) -> bool {
        let listed =
            |actions: &BTreeSet<String>| actions.iter().any(|known| known.eq_ignore_ascii_case(action));
        self.cross_account.as_ref().is_none_or(listed)
    }
}

/// How grants are written in terms of policies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GrantRule {
    /// A pattern of the ARNs that can have grants.
    pub resources: String,
    /// What makes an action of a grant's operation.
    pub action_prefix: String,
    /// What the condition keys begin with that a grant's constraint is about.
    pub context_prefix: String,
    /// The actions a constraint on what a request carries does not concern.
    pub unconstrained: Vec<String>,
    /// The condition key that says what a request is made for.
    pub source_key: String,
    /// The actions a constraint on that does not concern.
    pub unsourced: Vec<String>,
}

/// Why the text of a reference cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the reference data cannot be read: {0}")]
pub struct ReferenceError(#[from] serde_json::Error);

impl Reference {
    /// Reads the data from the text of its file.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let reference = Self::parse_tested(text)?;
        for described in reference.services.0.values() {
            let service = serde_json::from_str(described.text.get())?;
            described.read.get_or_init(|| Some(service));
        }
        Ok(reference)
    }

    /// Reads data that a test has put through [`Reference::parse`]: each service when it is first looked at.
    pub fn parse_tested(text: &str) -> Result<Self, ReferenceError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The part the resource's policy plays, where it is special.
    pub fn resource_rule(&self, action: &str, resource: &str) -> Option<&ResourceRule> {
        let folded = action.to_lowercase();
        self.resource_policies.iter().find(|rule| rule.fits(&folded, resource))
    }

    /// Whether resource control policies bind an action.
    pub fn is_bound_by_rcps(&self, action: &str) -> bool {
        let vendor = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_exempt = self.rcps.exempt.iter().any(|exempt| exempt.eq_ignore_ascii_case(action));
        self.rcps.services.contains(&vendor) && !is_exempt
    }

    /// Whether somebody needs no permission for an action.
    pub fn is_free(&self, action: &str, principal: &Principal) -> bool {
        let free = self.free_actions.iter().find(|(known, _)| known.eq_ignore_ascii_case(action));
        free.is_some_and(|(_, to)| to.includes(principal))
    }

    /// The actions that a pattern such as `service:Get*` matches. `None` if the pattern's service is not known in
    /// detail.
    pub fn actions_like(&self, pattern: &str) -> Option<Vec<KnownAction<'_>>> {
        let (vendor, name) = pattern.split_once(':')?;
        let (vendor, service) = self.services.find(vendor)?;
        let glob = Template::new(name, Syntax { wildcards: true, variables_from: None, fold: true });
        let context = Context::new();
        steps::add(service.actions.len());
        let matching =
            service.actions.iter().filter(|(name, _)| glob.matches(&name.to_lowercase(), &context));
        Some(matching.map(|(name, action)| KnownAction { vendor, service, name, action }).collect())
    }

    /// What is known of an action written with its prefix; case does not matter.
    pub fn action(&self, action: &str) -> Option<&Action> {
        let (vendor, name) = action.split_once(':')?;
        let (_, service) = self.services.find(vendor)?;
        service.actions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, action)| action)
    }

    /// The actions, prefix included, that a policy can bind to a resource; for `*` those that are bound to none.
    ///
    /// A type of resource is told by the words of its ARNs: an index of a table is another type than the table.
    pub fn actions_on(&self, resource: &str) -> impl Iterator<Item = String> {
        let is_of = |pattern: &str| {
            let words = |arn: &str| {
                let mut parts = arn.splitn(6, ':').skip(2);
                let vendor = parts.next().unwrap_or_default().to_owned();
                let own: Vec<String> =
                    parts.nth(2).unwrap_or_default().split('/').map(str::to_owned).collect();
                (vendor, own)
            };
            let ((vendor, own), (of, wanted)) = (words(resource), words(pattern));
            vendor == of && own.first() == wanted.first() && own.len() >= wanted.len()
        };
        self.services.iter().flat_map(move |(vendor, service)| {
            steps::add(service.actions.len());
            let types: Vec<&String> =
                service.resources.iter().filter(|(_, arn)| is_of(arn)).map(|(name, _)| name).collect();
            let bound = move |action: &Action| match resource {
                "*" => action.resources.is_empty(),
                _ => action.resources.iter().any(|name| types.contains(&name)),
            };
            let actions = service.actions.iter().filter(move |(_, action)| bound(action));
            actions.map(move |(name, _)| format!("{vendor}:{name}"))
        })
    }

    /// Whether the condition key comes with some actions, or with what they are done to. Of another key it is not known
    /// where it occurs.
    pub fn depends_on_action(&self, key: &str) -> bool {
        steps::add(1);
        self.services.by_name(key).any(|service| {
            service.actions.values().any(|action| lists(&action.keys, key))
                || service.resource_keys.values().any(|keys| lists(keys, key))
        })
    }

    /// The actions, prefix included, that are known to bring the condition key.
    pub fn actions_with(&self, key: &str) -> impl Iterator<Item = String> {
        self.services.iter().flat_map(move |(vendor, service)| {
            let actions = service.actions.iter().filter(move |(_, action)| lists(&action.keys, key));
            actions.map(move |(name, _)| format!("{vendor}:{name}"))
        })
    }

    /// What to do where this resource stands in place of another of its service.
    pub fn resource_hint(&self, resource: &str) -> Option<&str> {
        let hints = self.services.values().flat_map(|service| {
            service.hints.iter().filter_map(|(name, hint)| Some((service.resources.get(name)?, hint)))
        });
        let kind =
            |arn: &str| arn.splitn(6, ':').nth(5).and_then(|own| own.split('/').next()).map(str::to_owned);
        let vendor = |arn: &str| arn.split(':').nth(2).map(str::to_owned);
        hints
            .into_iter()
            .find(|(arn, _)| kind(arn) == kind(resource) && vendor(arn) == vendor(resource))
            .map(|(_, hint)| &**hint)
    }

    /// The type of a condition key; `Err` if its service is not known in detail, `Ok(None)` if the service
    /// is known and has no such key.
    pub fn key_type(&self, key: &str) -> Result<Option<KeyType>, UnknownService> {
        if let Some(found) = find_key(&self.global_keys, key) {
            return Ok(Some(found));
        }
        let vendor = key.split(':').next().unwrap_or_default();
        if vendor.eq_ignore_ascii_case("aws") {
            return Ok(None);
        }
        if let Some(found) = self.services.by_name(key).find_map(|service| find_key(&service.keys, key)) {
            return Ok(Some(found));
        }
        let known = self.services.keys().any(|service| service.eq_ignore_ascii_case(vendor));
        if known { Ok(None) } else { Err(UnknownService) }
    }
}

/// The key belongs to a service that the reference does not describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownService;

fn find_key(keys: &BTreeMap<String, KeyType>, key: &str) -> Option<KeyType> {
    keys.iter().find(|(known, _)| is_key(known, key)).map(|(_, found)| *found)
}

fn lists(known: &[String], key: &str) -> bool {
    known.iter().any(|known| is_key(known, key))
}

/// How patterns are read that have wildcards and no variables.
const WITHOUT_VARIABLES: Syntax = Syntax { wildcards: true, variables_from: None, fold: false };

/// Whether a text matches a pattern without variables.
pub(crate) fn is_like(pattern: &str, text: &str) -> bool {
    Template::new(pattern, WITHOUT_VARIABLES).matches(text, &Context::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn embedded() -> Reference {
        Reference::parse(include_str!("../../assets/iam-reference.json")).expect("the embedded data")
    }

    #[test]
    fn a_service_that_cannot_be_read_is_an_error_at_once_or_unknown_later() {
        let text =
            include_str!("../../assets/iam-reference.json").replacen("\"actions\": {", "\"acts\": {", 1);
        assert!(Reference::parse(&text).is_err());
        let services = Reference::parse_tested(&text).expect("the rest can be read").services;
        let known = embedded().services.keys().count();
        assert_eq!((services.keys().count(), services.values().count()), (known, known - 1));
    }

    #[test]
    fn actions_and_keys_are_found_in_any_case() {
        let reference = embedded();
        let like = |pattern: &str| {
            let known = reference.actions_like(pattern);
            known.map(|known| known.iter().map(|known| (known.vendor, known.name)).collect::<Vec<_>>())
        };
        assert_eq!(like("KMS:decr*"), Some(vec![("kms", "Decrypt")]));
        assert_eq!(like("kms:Decript"), Some(vec![]));
        assert_eq!((like("ec2:*"), like("*")), (None, None));
        assert_eq!(reference.action("DynamoDB:scan").map(|action| action.access.as_str()), Some("Read"));
        assert_eq!(reference.key_type("KMS:ViaService"), Ok(Some(KeyType::String)));
        assert_eq!(reference.key_type("kms:EncryptionContext:AppName"), Ok(Some(KeyType::String)));
        assert_eq!(reference.key_type("aws:principaltag/team"), Ok(Some(KeyType::String)));
        assert_eq!(reference.key_type("aws:Surprise"), Ok(None));
        assert_eq!(reference.key_type("kms:Surprise"), Ok(None));
        assert_eq!(reference.key_type("ec2:Vpc"), Err(UnknownService));
    }

    // Source: Service Authorization Reference, the tables of actions and of resource types
    #[test]
    fn keys_come_with_actions_and_with_resources() {
        let reference = embedded();
        for (action, key, expected) in [
            ("kms:Decrypt", "kms:ViaService", true),
            ("kms:Decrypt", "KMS:EncryptionContext:App", true),
            ("kms:Decrypt", "kms:KeySpec", true),
            ("kms:Decrypt", "dynamodb:LeadingKeys", false),
            ("kms:ListKeys", "kms:ViaService", false),
            ("dynamodb:Query", "dynamodb:LeadingKeys", true),
            ("dynamodb:Scan", "dynamodb:LeadingKeys", false),
            ("dynamodb:Scan", "aws:ResourceTag/team", true),
            ("dynamodb:Scan", "aws:RequestTag/team", false),
            ("kms:Decrypt", "aws:SourceIp", false),
        ] {
            let known = reference.actions_like(action).and_then(|known| known.first().copied());
            assert_eq!(known.map(|known| known.can_have(key)), Some(expected), "{action} {key}");
        }
        for (key, expected) in
            [("aws:SourceIp", false), ("aws:ResourceTag/team", true), ("kms:ViaService", true)]
        {
            assert_eq!(reference.depends_on_action(key), expected, "{key}");
        }
        assert_eq!(reference.actions_with("kms:ReEncryptOnSameKey").count(), 2);
    }

    // Source: KMS Developer Guide, "key-policy-modifying-external-accounts"
    #[test]
    fn some_actions_never_cross_accounts() {
        let reference = embedded();
        let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let rule = reference.resource_rule("kms:Decrypt", key).expect("keys have a rule");
        assert_eq!(rule.mode, ResourceMode::Required);
        assert!(rule.is_cross_account("kms:decrypt") && !rule.is_cross_account("kms:PutKeyPolicy"));
        assert!(reference.resource_rule("kms:ListKeys", "*").is_none());
    }
}
