//! Reads one line: a request and everything that bears on it.

use super::documents::Documents;
use super::implied::add_implied;
use super::line::{GrantLine, Line, NamedPolicy, OnlyId, PrincipalLine, RequestLine};
use crate::limits::policy::{CONDITION_VALUE, JSON_DEPTH};
use crate::limits::{Exceeded, steps};
use crate::policy::{
    Grant, KeyConstraint, Layer, MapConstraint, Named, Policies, PolicyKind, Principal, Reference, Request,
    Resource, ResourceMode, ResourcePolicy, ResourcePolicyKind, Source, json, line_col, parse,
};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// A line that has been understood.
pub(super) struct Question<'a> {
    pub id: Option<&'a str>,
    pub request: Request,
    pub policies: Policies,
    /// The layers and places of policies that were given a name.
    pub named: BTreeSet<(Layer, usize, usize)>,
}

/// The id of a line that is wrong in some other way, if it is JSON at all.
pub(super) fn id(text: &str) -> Option<&str> {
    serde_json::from_str::<OnlyId<'_>>(text).ok()?.id.map(RawValue::get)
}

/// Understands a line, or says what is wrong with it and where.
pub(super) fn read<'a>(
    text: &'a str,
    number: usize,
    reference: &Reference,
    documents: &mut Documents,
) -> Result<Question<'a>, String> {
    let mut reader = Reader { text, number, documents, named: BTreeSet::new() };
    let line: Line<'a> = serde_json::from_str(text).map_err(|error| reader.json_error(&error))?;
    let request = reader.request(&line.request)?;
    let rule = reference.resource_rule(request.action(), &request.resource().arn);
    let kind = match rule.map(|rule| rule.kind) {
        Some(ResourcePolicyKind::Trust) => PolicyKind::Trust,
        Some(ResourcePolicyKind::Resource) | None => PolicyKind::Resource,
    };
    let given = |raw: Option<&'a RawValue>| raw.filter(|raw| !is_empty_list(raw));
    let source = given(line.resource_policy);
    let rule = rule.filter(|rule| source.is_some() || !rule.only_if_given);
    let source = source.map(|raw| reader.list(raw, kind, Layer::Resource, "resourcePolicy"));
    let source = match source.transpose()?.map(<[Source; 1]>::try_from) {
        None => None,
        Some(Ok([source])) => Some(source),
        Some(Err(_)) => return Err(format!("line {number}: resourcePolicy: write one policy, not a list")),
    };
    check_key_policy(number, &request, source.as_ref())?;
    let mode = match rule {
        _ if reference.is_free(request.action(), request.principal()) => ResourceMode::Free,
        Some(rule) => rule.mode,
        None if source.is_some() => ResourceMode::Optional,
        None => ResourceMode::None,
    };
    let unseen = rule.and_then(|rule| rule.unseen_keys.clone());
    let source = source.map(|source| Source { unseen, ..source });
    let cross_account = rule.is_none_or(|rule| rule.is_cross_account(request.action()));
    let grants = reader.grants(line.grants.unwrap_or_default(), &request, reference)?;
    let identity = line.identity_policies;
    let identity =
        identity.map(|raw| reader.list(raw, PolicyKind::Identity, Layer::Identity, "identityPolicies"));
    let policies = Policies {
        identity: identity.transpose()?.unwrap_or_default(),
        boundary: given(line.permission_boundary)
            .map(|raw| reader.list(raw, PolicyKind::Boundary, Layer::Boundary, "permissionBoundary"))
            .transpose()?,
        session: given(line.session_policy)
            .map(|raw| reader.list(raw, PolicyKind::Session, Layer::Session, "sessionPolicy"))
            .transpose()?,
        scps: given(line.scps)
            .map(|raw| reader.levels(raw, PolicyKind::Scp, Layer::Scp, "scps"))
            .transpose()?,
        rcps: given(line.rcps)
            .map(|raw| reader.levels(raw, PolicyKind::Rcp, Layer::Rcp, "rcps"))
            .transpose()?
            .filter(|_| reference.is_bound_by_rcps(request.action()))
            .map(beside_full_access),
        endpoint: given(line.vpc_endpoint_policies)
            .map(|raw| reader.list(raw, PolicyKind::Endpoint, Layer::Endpoint, "vpcEndpointPolicies"))
            .transpose()?,
        resource: ResourcePolicy { mode, source, cross_account },
        grants,
    };
    Ok(Question { id: line.id.map(RawValue::get), request, policies, named: reader.named })
}

/// Refuses a policy that no key can have.
// Source: KMS API Reference, PutKeyPolicy: 32 kilobytes (32,768 bytes)
fn check_key_policy(number: usize, request: &Request, source: Option<&Source>) -> Result<(), String> {
    const MAX_BYTES: usize = 32_768;
    let is_key = request.resource().arn.split(':').nth(2) == Some("kms");
    let bytes = source.map_or(0, |source| source.document.text.len());
    if is_key && bytes > MAX_BYTES {
        return Err(format!(
            "line {number}: resourcePolicy: the key policy has {bytes} bytes, and KMS stores {MAX_BYTES} at most; leave out white space"
        ));
    }
    Ok(())
}

/// `RCPFullAWSAccess` is attached everywhere and cannot be detached.
// Source: Organizations User Guide, "orgs_manage_policies_rcps"
fn beside_full_access(mut levels: Vec<Vec<Source>>) -> Vec<Vec<Source>> {
    static FULL_ACCESS: LazyLock<Option<Source>> = LazyLock::new(|| {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
        let document = parse(text, PolicyKind::Rcp).document?;
        let arn = Some("arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess".into());
        Some(Source { arn, ..Source::new("RCPFullAWSAccess", document) })
    });
    for level in &mut levels {
        level.extend(FULL_ACCESS.clone());
    }
    levels
}

struct Reader<'a> {
    text: &'a str,
    number: usize,
    documents: &'a mut Documents,
    named: BTreeSet<(Layer, usize, usize)>,
}

impl Reader<'_> {
    fn json_error(&self, error: &serde_json::Error) -> String {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
        let depth = Exceeded(&JSON_DEPTH).to_string();
        let message = if message == "recursion limit exceeded" { &*depth } else { message };
        // A repeated or unknown field is found after its name; columns count bytes there.
        format!("line {}, column {}: {message}", self.number, error.column().max(1))
    }

    /// The message with the column of a byte of the line.
    fn at(&self, offset: usize, what: &str, message: &str) -> String {
        let (_, column) = line_col(self.text, offset);
        format!("line {}, column {column}: {what}: {message}", self.number)
    }

    fn offset_of(&self, raw: &RawValue) -> usize {
        // The raw value borrows from the line.
        (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    fn request(&self, line: &RequestLine<'_>) -> Result<Request, String> {
        let principal = self.principal(line.principal)?;
        let at = self.offset_of(line.principal);
        if !line.action.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty()) {
            return Err(self.at(at, "request", "action is not of the form service:Operation"));
        }
        if line.resource != "*" && !line.resource.starts_with("arn:") {
            return Err(self.at(at, "request", "resource is neither an ARN nor *"));
        }
        let texts = line
            .context
            .iter()
            .flat_map(|(key, values)| std::iter::once(key).chain(values.iter().map(AsRef::as_ref)));
        for text in texts.chain([&*line.action, &*line.resource]) {
            steps::add(text.len());
            if text.contains('\0') {
                return Err(self.at(at, "request", "text must not hold NUL"));
            }
            if let Err(exceeded) = CONDITION_VALUE.check(text.len()) {
                return Err(self.at(at, "request", &exceeded.to_string()));
            }
        }
        let resource = Resource {
            arn: line.resource.as_str().into(),
            account: line.resource_account.as_deref().map(Into::into),
        };
        let principal = match line.context.get("aws:PrincipalArn") {
            Some([arn]) => principal.with_role(arn),
            Some(_) | None => principal,
        };
        let mut context = line.context.clone();
        add_implied(&mut context, &principal, &line.action, &resource);
        Ok(Request::new(principal, line.action.as_str(), resource, context))
    }

    fn principal(&self, raw: &RawValue) -> Result<Principal, String> {
        const REMEDY: &str = "write the ARN of a user, role, session or root user, an account id, a service such as \
                              name.amazonaws.com, or an object with a type: Anonymous, Service (name), Federated \
                              (provider), FederatedUser (arn, user) or RoleSession (arn, role)";
        let fault = || self.at(self.offset_of(raw), "principal", REMEDY);
        let Ok(text) = serde_json::from_str::<String>(raw.get()) else {
            return match serde_json::from_str(raw.get()).map_err(|_| fault())? {
                PrincipalLine::Anonymous => Ok(Principal::Anonymous),
                PrincipalLine::Service { name } => Ok(Principal::Service { name }),
                PrincipalLine::Federated { provider } => Ok(Principal::Federated { provider }),
                PrincipalLine::FederatedUser { arn, user } => federated(&arn, user).ok_or_else(fault),
                PrincipalLine::RoleSession { arn, role } => session(&arn, &role).ok_or_else(fault),
            };
        };
        if is_provider(&text) {
            return Ok(Principal::Federated { provider: text.into() });
        }
        match named(&text).ok_or_else(fault)? {
            Named::Service(name) => Ok(Principal::Service { name }),
            Named::Everyone
            | Named::Account(_)
            | Named::Arn(_)
            | Named::UniqueId(_)
            | Named::Federated(_)
            | Named::CanonicalUser(_) => Principal::from_arn(&text).ok_or_else(fault),
        }
    }

    fn grants(
        &self,
        lines: Vec<GrantLine>,
        request: &Request,
        reference: &Reference,
    ) -> Result<Vec<Grant>, String> {
        let rule = &reference.grants;
        let mut grants = Vec::new();
        let mut retirements = Vec::new();
        for (index, line) in lines.into_iter().enumerate() {
            let what = format!("line {}: grants[{index}]", self.number);
            let actions = |list: &[String]| list.iter().map(|action| action.as_str().into()).collect();
            let constraints = line.constraints.unwrap_or_default();
            let source = constraints.source_arn.map(|value| KeyConstraint {
                key: rule.source_key.as_str().into(),
                value,
                exempt: actions(&rule.unsourced),
            });
            // Source: KMS API Reference, CreateGrant: one of the two, and a service only for a resource.
            let grantee = match (line.grantee_principal, line.grantee_service_principal) {
                (Some(text), None) => named(&text).ok_or_else(|| {
                    format!("{what}: GranteePrincipal is no ARN of a principal and no service")
                })?,
                (None, Some(_)) if source.is_none() => {
                    return Err(format!(
                        "{what}: GranteeServicePrincipal needs the constraint SourceArn: add it"
                    ));
                }
                (None, Some(service)) => Named::Service(service),
                (Some(_), Some(_)) | (None, None) => {
                    let one = "give one of GranteePrincipal and GranteeServicePrincipal";
                    return Err(format!("{what}: {one}"));
                }
            };
            let (pairs, exact) =
                match (constraints.encryption_context_equals, constraints.encryption_context_subset) {
                    (None, None) => (None, false),
                    (Some(pairs), None) => (Some(pairs), true),
                    (None, Some(pairs)) => (Some(pairs), false),
                    (Some(_), Some(_)) => {
                        let both = "keep one of EncryptionContextEquals and EncryptionContextSubset";
                        return Err(format!("{what}: {both}"));
                    }
                };
            let constraint = pairs.map(|pairs| MapConstraint {
                prefix: rule.context_prefix.as_str().into(),
                exact,
                is_case_sensitive: false,
                pairs,
                exempt: actions(&rule.unconstrained),
            });
            let resource = &*request.resource().arn;
            let on_this_key =
                line.key_id.is_none_or(|id| id == resource || resource.ends_with(&format!("/{id}")));
            let id: Arc<str> = line.grant_id.or(line.name).unwrap_or_else(|| index.to_string().into());
            let retiring = match (line.retiring_principal, line.retiring_service_principal) {
                (Some(text), None) => Some(named(&text).ok_or_else(|| {
                    format!("{what}: RetiringPrincipal is no ARN of a principal and no service")
                })?),
                (None, service) => service.map(Named::Service),
                (Some(_), Some(_)) => {
                    let both = "keep one of RetiringPrincipal and RetiringServicePrincipal";
                    return Err(format!("{what}: {both}"));
                }
            };
            // Source: KMS API Reference, RetireGrant: the retiring principal may, whatever the grant allows.
            retirements.extend(retiring.map(|grantee| Grant {
                id: id.clone(),
                grantee,
                grantee_id: None,
                operations: vec![format!("{}RetireGrant", rule.action_prefix).into()],
                constraint: None,
                source: None,
                usable: on_this_key,
            }));
            grants.push(Grant {
                id,
                grantee,
                grantee_id: None,
                operations: line
                    .operations
                    .iter()
                    .map(|operation| format!("{}{operation}", rule.action_prefix).into())
                    .collect(),
                constraint,
                source,
                usable: on_this_key,
            });
        }
        grants.append(&mut retirements);
        Ok(grants)
    }

    /// A list of policies, or one.
    fn list(
        &mut self,
        raw: &RawValue,
        kind: PolicyKind,
        layer: Layer,
        what: &str,
    ) -> Result<Vec<Source>, String> {
        let raws = self.elements(raw)?;
        let single = raws.len() == 1 && !is_list(raw);
        let name = |index| if single { what.to_owned() } else { format!("{what}[{index}]") };
        raws.into_iter()
            .enumerate()
            .map(|(index, raw)| self.policy(raw, kind, (layer, 0, index), &name(index)))
            .collect()
    }

    /// A list of lists of policies, one a level; or a list of policies, which is one level.
    fn levels(
        &mut self,
        raw: &RawValue,
        kind: PolicyKind,
        layer: Layer,
        what: &str,
    ) -> Result<Vec<Vec<Source>>, String> {
        let raws = self.elements(raw)?;
        if !raws.iter().any(|raw| is_list(raw)) {
            return Ok(vec![self.list(raw, kind, layer, what)?]);
        }
        let mut levels = Vec::new();
        for (level, raw) in raws.into_iter().enumerate() {
            let what = format!("{what}[{level}]");
            if !is_list(raw) {
                return Err(self.at(self.offset_of(raw), &what, "write a list of policies for each level"));
            }
            let policies = self.elements(raw)?.into_iter().enumerate();
            let policies = policies.map(|(index, raw)| {
                self.policy(raw, kind, (layer, level, index), &format!("{what}[{index}]"))
            });
            levels.push(policies.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(levels)
    }

    fn elements<'r>(&self, raw: &'r RawValue) -> Result<Vec<&'r RawValue>, String> {
        if is_list(raw) {
            serde_json::from_str(raw.get()).map_err(|error| self.json_error(&error))
        } else {
            Ok(vec![raw])
        }
    }

    fn policy(
        &mut self,
        raw: &RawValue,
        kind: PolicyKind,
        place: (Layer, usize, usize),
        what: &str,
    ) -> Result<Source, String> {
        let named: Option<NamedPolicy<'_>> = if is_named(raw.get()) {
            let named = serde_json::from_str(raw.get());
            let fault = |error: serde_json::Error| self.at(self.offset_of(raw), what, &error.to_string());
            Some(named.map_err(fault)?)
        } else {
            None
        };
        let document = named.as_ref().map_or(raw, |named| named.document);
        let compiled = self.documents.get(document.get(), kind);
        let document = compiled
            .map_err(|fault| self.at(self.offset_of(document) + fault.span.start, what, &fault.message))?;
        let name = match named {
            Some(named) => {
                self.named.insert(place);
                named.name
            }
            None => what.into(),
        };
        Ok(Source::new(name, document))
    }
}

/// Whom a text names: a principal with an ARN, an account by its id, or a service.
fn named(text: &str) -> Option<Named> {
    match Principal::from_arn(text) {
        Some(Principal::Root { account }) => Some(Named::Account(account)),
        Some(_) => Some(Named::Arn(text.into())),
        None => {
            let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            let is_service = text.contains(".amazonaws.com") && text.chars().all(host);
            is_service.then(|| Named::Service(text.into()))
        }
    }
}

/// The session that a user made, if these are the ARNs of one and of a user.
fn federated(arn: &str, user: Arc<str>) -> Option<Principal> {
    let Some(Principal::User { .. }) = Principal::from_arn(&user) else { return None };
    let Some(Principal::FederatedUser { arn, account, .. }) = Principal::from_arn(arn) else { return None };
    Some(Principal::FederatedUser { arn, account, user_arn: Some(user) })
}

/// The session of a role, if these are the ARNs of one and of its role.
fn session(arn: &str, role: &str) -> Option<Principal> {
    let session = Principal::from_arn(arn)?.with_role(role);
    let Principal::RoleSession { arn, role_arn, .. } = &session else { return None };
    (**role_arn == *role && arn != role_arn).then_some(session)
}

/// Whether a text is the ARN of an identity provider.
// Source: IAM User Guide, "reference_identifiers" (ARNs of SAML and OIDC providers)
fn is_provider(text: &str) -> bool {
    let own = text.splitn(6, ':').nth(5).unwrap_or_default();
    text.starts_with("arn:") && (own.starts_with("saml-provider/") || own.starts_with("oidc-provider/"))
}

/// Whether a list holds nothing, which says as much as no list.
fn is_empty_list(raw: &RawValue) -> bool {
    let inner = raw.get().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|inner| inner.trim_ascii().is_empty())
}

fn is_list(raw: &RawValue) -> bool {
    raw.get().starts_with('[')
}

/// Whether an object is a policy with a name; a document begins with other members.
fn is_named(text: &str) -> bool {
    let first_key = json::lex(text).nth(1).map(|token| token.span.of(text));
    matches!(first_key, Some("\"name\"" | "\"document\""))
}
