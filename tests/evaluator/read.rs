//! Reading a line of `kmslab decide`: who asks for what, and the documents that bear on it.
//!
//! Everything is copied into plain owned values; nothing here is clever, so that it can be checked by reading it.

use serde_json::Value;

use crate::kinds::{Kind, Rules};

/// The largest key policy in bytes.
// Source: AWS KMS API Reference, PutKeyPolicy, Policy: "The key policy size quota is 32 kilobytes (32768 bytes)".
const KEY_POLICY_BYTES: usize = 32_768;

/// Where a document stands in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Endpoint,
    /// The policy of a KMS key.
    Key,
    /// The policy of a resource that is no KMS key.
    Resource,
}

/// Who signs the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    Root {
        partition: String,
        account: String,
    },
    User {
        account: String,
        arn: String,
        name: String,
    },
    Role {
        account: String,
        arn: String,
    },
    Session {
        partition: String,
        account: String,
        role: String,
        arn: String,
        role_arn: Option<String>,
    },
    /// A session of `GetFederationToken`, with the user who asked for it where the line tells.
    Federated {
        account: String,
        arn: String,
        user: Option<String>,
    },
    Service {
        name: String,
    },
    /// Somebody whom an identity provider vouches for.
    Provider {
        name: String,
    },
    /// Nobody signed the request.
    Anonymous,
}

impl Caller {
    /// The account that the caller belongs to; a service belongs to none, nor does who has no credentials of AWS.
    pub fn account(&self) -> Option<&str> {
        match self {
            Caller::Root { account, .. }
            | Caller::User { account, .. }
            | Caller::Role { account, .. }
            | Caller::Session { account, .. }
            | Caller::Federated { account, .. } => Some(account),
            Caller::Service { .. } | Caller::Provider { .. } | Caller::Anonymous => None,
        }
    }

    fn read(principal: &Value, principal_arn: Option<&str>) -> Option<Caller> {
        let field = |name: &str| principal[name].as_str().map(str::to_owned);
        match principal["type"].as_str() {
            None => Caller::named(principal.as_str()?, principal_arn),
            Some("Anonymous") => Some(Caller::Anonymous),
            Some("Federated") => Some(Caller::Provider { name: field("provider")? }),
            Some("FederatedUser") => {
                let session = Caller::named(&field("arn")?, None)?;
                let Caller::Federated { account, arn, user: None } = session else { return None };
                Some(Caller::Federated { account, arn, user: Some(field("user")?) })
            }
            Some(_) => None,
        }
    }

    fn named(text: &str, principal_arn: Option<&str>) -> Option<Caller> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Caller::Root { partition: "aws".to_owned(), account: text.to_owned() });
        }
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [_, partition, service, _, account, rest] = fields[..] else {
            return text.ends_with(".amazonaws.com").then(|| Caller::Service { name: text.to_owned() });
        };
        let (partition, account, arn) = (partition.to_owned(), account.to_owned(), text.to_owned());
        let segments: Vec<&str> = rest.split('/').collect();
        Some(match (service, segments[0]) {
            ("iam", "root") => Caller::Root { partition, account },
            ("iam", "user") => Caller::User { account, arn, name: (*segments.last()?).to_owned() },
            ("iam", "role") => Caller::Role { account, arn },
            ("sts", "assumed-role") => Caller::Session {
                partition,
                account,
                role: (*segments.get(1)?).to_owned(),
                arn,
                role_arn: principal_arn.map(str::to_owned),
            },
            ("sts", "federated-user") => Caller::Federated { account, arn, user: None },
            ("iam", "oidc-provider" | "saml-provider") => Caller::Provider { name: arn },
            _ => return None,
        })
    }
}

/// Condition keys with their values; the names in lower case.
#[derive(Clone, Debug, Default)]
pub struct Context {
    keys: Vec<(String, Vec<String>)>,
}

impl Context {
    // Source: IAM User Guide, reference_policies_variables: "Key names are case-insensitive".
    pub fn get(&self, key: &str) -> Option<&Vec<String>> {
        let key = key.to_ascii_lowercase();
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, values)| values)
    }

    pub fn add_unless_given(&mut self, key: &str, value: &str) {
        if self.get(key).is_none() {
            self.keys.push((key.to_ascii_lowercase(), vec![value.to_owned()]));
        }
    }

    pub fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Context {
        Context { keys: self.keys.iter().filter(|(name, _)| !is_left_out(name)).cloned().collect() }
    }

    /// The pairs of the encryption context that the request carries; the names in lower case.
    pub fn encryption_context(&self) -> Vec<(String, String)> {
        let pair = |(name, values): &(String, Vec<String>)| {
            Some((name.strip_prefix("kms:encryptioncontext:")?.to_owned(), values.first()?.clone()))
        };
        self.keys.iter().filter_map(pair).collect()
    }
}

/// One condition: an operator, a key, and the values that the policy writes.
#[derive(Clone, Debug)]
pub struct Condition {
    pub operator: String,
    pub key: String,
    pub values: Vec<String>,
}

/// One statement of a policy.
#[expect(clippy::struct_excessive_bools, reason = "an element and its negation are read alike")]
#[derive(Clone, Debug)]
pub struct Statement {
    pub allows: bool,
    pub sid: Option<String>,
    /// The principals, each with its type, which is empty for a bare `"*"`; `None` where the statement has neither of the two
    /// elements.
    pub principals: Option<Vec<(String, String)>>,
    pub is_not_principal: bool,
    pub actions: Vec<String>,
    pub is_not_action: bool,
    pub resources: Option<Vec<String>>,
    pub is_not_resource: bool,
    pub conditions: Vec<Condition>,
}

/// One policy document.
#[derive(Clone, Debug)]
pub struct Document {
    pub bytes: usize,
    pub has_variables: bool,
    pub statements: Vec<Statement>,
}

/// One grant on the key. Who gets and who retires it are principals by `GranteePrincipal` and `RetiringPrincipal`, services
/// by `GranteeServicePrincipal` and `RetiringServicePrincipal`.
#[derive(Clone, Debug)]
pub struct Grant {
    pub grantee: Option<String>,
    pub grantee_service: Option<String>,
    pub retiring: Option<String>,
    pub retiring_service: Option<String>,
    pub operations: Vec<String>,
    pub source_arn: Option<String>,
    pub equals: Option<Vec<(String, String)>>,
    pub subset: Option<Vec<(String, String)>>,
}

/// A whole line.
#[derive(Clone, Debug)]
pub struct Line {
    pub caller: Caller,
    pub action: String,
    pub resource: String,
    pub resource_account: String,
    pub context: Context,
    pub identity: Vec<Document>,
    pub boundary: Option<Vec<Document>>,
    pub session: Option<Vec<Document>>,
    pub scps: Option<Vec<Vec<Document>>>,
    pub rcps: Vec<Vec<Document>>,
    pub endpoint: Option<Vec<Document>>,
    pub resource_policy: Option<Document>,
    pub grants: Vec<Grant>,
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::String(text) => vec![text.clone()],
        // A boolean or a number means the text that JSON writes for it.
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

fn statement(value: &Value) -> Statement {
    let element = |name: &str| value.get(name).map(words);
    let principals = value.get("Principal").or_else(|| value.get("NotPrincipal")).map(|given| match given {
        Value::Object(map) => map
            .iter()
            .flat_map(|(sort, names)| words(names).into_iter().map(move |name| (sort.clone(), name)))
            .collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            words(other).into_iter().map(|name| (String::new(), name)).collect()
        }
    });
    let mut conditions = Vec::new();
    for (operator, keys) in value.get("Condition").and_then(Value::as_object).into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            conditions.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: words(values),
            });
        }
    }
    Statement {
        allows: value["Effect"] == "Allow",
        sid: value.get("Sid").and_then(Value::as_str).map(str::to_owned),
        principals,
        is_not_principal: value.get("NotPrincipal").is_some(),
        actions: element("Action").or_else(|| element("NotAction")).unwrap_or_default(),
        is_not_action: value.get("NotAction").is_some(),
        resources: element("Resource").or_else(|| element("NotResource")),
        is_not_resource: value.get("NotResource").is_some(),
        conditions,
    }
}

fn document(value: &Value) -> Document {
    let statements = match &value["Statement"] {
        Value::Array(items) => items.iter().map(statement).collect(),
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![statement(one)]
        }
    };
    // Source: IAM User Guide, reference_policies_variables: without `Version` 2012-10-17 "variables like ${aws:username}
    // are treated as literal strings".
    Document { bytes: value.to_string().len(), has_variables: value["Version"] == "2012-10-17", statements }
}

/// A document or a list of documents.
fn documents(value: &Value) -> Vec<Document> {
    match value {
        Value::Array(items) => items.iter().map(document).collect(),
        Value::Null => Vec::new(),
        one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![document(one)]
        }
    }
}

/// A field that limits when it is given. An empty list limits nothing: nobody gave a policy.
fn limit(value: &Value, rules: Rules) -> Option<Vec<Document>> {
    let found = documents(value);
    let is_given = if rules.has(Kind::EmptyLists) { !found.is_empty() } else { !value.is_null() };
    is_given.then_some(found)
}

fn levels(value: &Value) -> Vec<Vec<Document>> {
    value.as_array().into_iter().flatten().map(documents).collect()
}

fn grant(value: &Value) -> Grant {
    let pairs = |name: &str| {
        let map = value["Constraints"].get(name)?.as_object()?;
        Some(
            map.iter()
                .map(|(key, text)| (key.clone(), text.as_str().unwrap_or_default().to_owned()))
                .collect(),
        )
    };
    let text = |given: &Value| given.as_str().map(str::to_owned);
    Grant {
        grantee: text(&value["GranteePrincipal"]),
        grantee_service: text(&value["GranteeServicePrincipal"]),
        retiring: text(&value["RetiringPrincipal"]),
        retiring_service: text(&value["RetiringServicePrincipal"]),
        operations: words(&value["Operations"]),
        source_arn: text(&value["Constraints"]["SourceArn"]),
        equals: pairs("EncryptionContextEquals"),
        subset: pairs("EncryptionContextSubset"),
    }
}

impl Grant {
    // Source: KMS API Reference, CreateGrant: "You must specify either GranteePrincipal or GranteeServicePrincipal, but not
    // both"; KMS Developer Guide, create-grant-overview: "The SourceArn constraint is always required when the grant
    // specifies a GranteeServicePrincipal", and of the other two "you can specify either .. or .., but not both".
    fn is_refused(&self) -> bool {
        self.grantee.is_some() == self.grantee_service.is_some()
            || (self.grantee_service.is_some() && self.source_arn.is_none())
            || (self.equals.is_some() && self.subset.is_some())
    }
}

impl Line {
    pub fn read(line: &Value, rules: Rules) -> Option<Line> {
        let request = &line["request"];
        let mut context = Context::default();
        for (key, value) in request["context"].as_object().into_iter().flatten() {
            context.keys.push((key.to_ascii_lowercase(), words(value)));
        }
        let principal_arn = context.get("aws:PrincipalArn").and_then(|values| values.first()).cloned();
        let principal_arn = principal_arn.filter(|_| rules.has(Kind::RolePaths));
        let caller = Caller::read(&request["principal"], principal_arn.as_deref())?;
        let resource = request["resource"].as_str()?.to_owned();
        let account_field = resource.split(':').nth(4).unwrap_or_default().to_owned();
        let resource_account = request["resourceAccount"].as_str().map_or(account_field, str::to_owned);
        let scps = levels(&line["scps"]);
        let has_scps = if rules.has(Kind::EmptyLists) { !scps.is_empty() } else { !line["scps"].is_null() };
        Some(Line {
            caller,
            action: request["action"].as_str()?.to_owned(),
            resource,
            resource_account,
            context,
            identity: documents(&line["identityPolicies"]),
            boundary: limit(&line["permissionBoundary"], rules),
            session: limit(&line["sessionPolicy"], rules),
            scps: has_scps.then_some(scps),
            rcps: levels(&line["rcps"]),
            endpoint: limit(&line["vpcEndpointPolicies"], rules),
            resource_policy: line.get("resourcePolicy").filter(|value| !value.is_null()).map(document),
            grants: line["grants"].as_array().into_iter().flatten().map(grant).collect(),
        })
    }

    /// Whether the action is one on a KMS key, so that the resource's policy is a key policy.
    pub fn is_on_key(&self) -> bool {
        self.resource.split(':').nth(2) == Some("kms") && self.resource.contains(":key/")
    }

    pub fn resource_place(&self) -> Place {
        if self.is_on_key() { Place::Key } else { Place::Resource }
    }

    /// Every document with its place.
    pub fn every_document(&self) -> Vec<(Place, &Document)> {
        let mut all: Vec<(Place, &Document)> = Vec::new();
        all.extend(self.identity.iter().map(|found| (Place::Identity, found)));
        all.extend(self.boundary.iter().flatten().map(|found| (Place::Boundary, found)));
        all.extend(self.session.iter().flatten().map(|found| (Place::Session, found)));
        all.extend(self.scps.iter().flatten().flatten().map(|found| (Place::Scp, found)));
        all.extend(self.rcps.iter().flatten().map(|found| (Place::Rcp, found)));
        all.extend(self.endpoint.iter().flatten().map(|found| (Place::Endpoint, found)));
        all.extend(self.resource_policy.iter().map(|found| (self.resource_place(), found)));
        all
    }

    /// Whether AWS would not have stored one of the documents, or made one of the grants.
    pub fn is_refused(&self, rules: Rules) -> bool {
        self.every_document().into_iter().any(|(place, found)| is_refused(place, found, rules))
            || (rules.has(Kind::ServiceGrants) && self.grants.iter().any(Grant::is_refused))
    }
}

fn is_refused(place: Place, document: &Document, rules: Rules) -> bool {
    // Source: IAM User Guide, access-analyzer-reference-policy-checks: "Unique Sids required" holds "for some policy
    // types", those of IAM; for resource-based policies unique Sids are only recommended.
    let sids_are_unique = |document: &Document| {
        let sids: Vec<&String> =
            document.statements.iter().filter_map(|statement| statement.sid.as_ref()).collect();
        sids.iter().enumerate().all(|(index, sid)| !sids[..index].contains(sid))
    };
    let wants_unique_sids = match place {
        Place::Identity | Place::Boundary | Place::Session => true,
        Place::Scp | Place::Rcp | Place::Endpoint | Place::Key | Place::Resource => {
            !rules.has(Kind::OddForms)
        }
    };
    if wants_unique_sids && !sids_are_unique(document) {
        return true;
    }
    // Source: IAM User Guide, reference_iam-quotas: an AWS managed policy may be far longer than a key policy;
    // PutKeyPolicy is the operation that has the limit of 32,768 bytes.
    let is_limited = match place {
        Place::Key => true,
        Place::Identity
        | Place::Boundary
        | Place::Session
        | Place::Scp
        | Place::Rcp
        | Place::Endpoint
        | Place::Resource => !rules.has(Kind::Sizes),
    };
    if is_limited && document.bytes > KEY_POLICY_BYTES {
        return true;
    }
    if !rules.has(Kind::IncompleteArns) {
        return false;
    }
    // Source: IAM User Guide, reference-arns, note on incomplete ARNs: AWS completes them in identity-based policies;
    // with `::` in them CreatePolicy refuses them ("legacy parsing"). AssumeRole answers MalformedPolicyDocument to
    // one in a session policy, Organizations to one in an SCP.
    let is_incomplete = |resource: &String| resource != "*" && resource.split(':').count() < 6;
    let mut resources = document.statements.iter().flat_map(|statement| statement.resources.iter().flatten());
    match place {
        Place::Identity | Place::Boundary => {
            resources.any(|resource| is_incomplete(resource) && resource.contains("::"))
        }
        Place::Session | Place::Scp => resources.any(is_incomplete),
        Place::Rcp | Place::Endpoint | Place::Key | Place::Resource => false,
    }
}
