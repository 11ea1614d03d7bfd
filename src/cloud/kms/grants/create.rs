//! `CreateGrant`: who may use a key for what, and under which constraints.
//!
//! Source: KMS API Reference, `CreateGrant`; KMS Developer Guide, "Grants in AWS KMS".

use std::sync::Arc;

use jiff::Timestamp;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::super::errors;
use super::super::input::{Choice, check_pattern, check_shape, check_text};
use super::super::key::{Key, Manager, Needs, PROPAGATION};
use super::super::key_use::with_context;
use super::super::names::Naming;
use super::grant::{Grant, GrantConstraints, GrantOperation, MAX_GRANTS};
use crate::cloud::iam::Resolved;
use crate::cloud::operation::Wire as _;
use crate::cloud::permission::Permission;
use crate::cloud::{AccountId, ApiError, Invocation, Operation};
use crate::policy::{Layer, Principal};

/// The request of `CreateGrant`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateGrantRequest {
    /// Key id or key ARN.
    pub key_id: String,
    /// The account, user, role or session, by ARN, that may use the grant.
    pub grantee_principal: Option<String>,
    /// The AWS service that may use the grant, for one resource.
    pub grantee_service_principal: Option<String>,
    /// The principal that may retire the grant, beside others.
    pub retiring_principal: Option<String>,
    /// The AWS service that may retire the grant, beside others.
    pub retiring_service_principal: Option<String>,
    pub operations: Vec<Choice<GrantOperation>>,
    /// What a request must carry to be served.
    pub constraints: Option<GrantConstraints>,
    /// Tokens of grants that are not known everywhere yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_tokens: Vec<String>,
    /// A name: a second call with the same name and terms makes no second grant.
    pub name: Option<String>,
    /// Only finds out whether it would work.
    pub dry_run: Option<bool>,
}

/// The response of `CreateGrant`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGrantResponse {
    /// Lets the grantee use the grant before it is known everywhere.
    pub grant_token: String,
    pub grant_id: String,
}

impl CreateGrantRequest {
    fn operations(&self) -> Result<Vec<GrantOperation>, ApiError> {
        if self.operations.is_empty() {
            // Doubtful: the text. One form is known.
            // Source: KMS Developer Guide, "kms:GrantOperations": no operations in the request, "but CreateGrant doesn't permit
            // it".
            return Err(ApiError::validation("Operations must name at least one operation."));
        }
        self.operations.iter().map(|operation| operation.check("operations")).collect()
    }

    /// Checks the principals, and that those go together which are given.
    ///
    /// Doubtful: the texts; the rules are those of the API Reference. One form is known.
    /// Source: KMS API Reference, CreateGrant, `GranteeServicePrincipal`, `RetiringServicePrincipal`.
    fn check_principals(&self) -> Result<(), ApiError> {
        let named =
            [(&self.grantee_principal, "granteePrincipal"), (&self.retiring_principal, "retiringPrincipal")];
        for (principal, member) in named {
            principal.as_ref().map_or(Ok(()), |principal| check_principal(principal, member))?;
        }
        let services = [
            (&self.grantee_service_principal, "granteeServicePrincipal"),
            (&self.retiring_service_principal, "retiringServicePrincipal"),
        ];
        for (service, member) in services {
            service.as_ref().map_or(Ok(()), |service| check_service(service, member))?;
        }
        if self.grantee_principal.is_some() == self.grantee_service_principal.is_some() {
            return Err(not_one_grantee());
        }
        if self.retiring_principal.is_some() && self.retiring_service_principal.is_some() {
            return Err(ApiError::validation(
                "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
            ));
        }
        if self.grantee_service_principal.is_none() {
            return Ok(());
        }
        if self.constraints.as_ref().is_none_or(|constraints| constraints.source_arn.is_none()) {
            return Err(ApiError::validation(
                "You must specify a SourceArn grant constraint when you specify a GranteeServicePrincipal.",
            ));
        }
        if self.retiring_principal.is_none() && self.retiring_service_principal.is_none() {
            return Err(ApiError::validation(
                "You must specify either RetiringPrincipal or RetiringServicePrincipal when you specify a \
                 GranteeServicePrincipal.",
            ));
        }
        Ok(())
    }
}

impl Operation for CreateGrantRequest {
    const READ_ONLY: bool = false;

    fn authorization(&self, invocation: &Invocation<'_>) -> Result<Vec<Permission>, ApiError> {
        let operations = self.operations()?;
        self.check_principals()?;
        if let Some(name) = &self.name {
            check_text(name, "name", 1, 256)?;
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '_' | '-');
            check_pattern(name, "name", legal, "^[a-zA-Z0-9:/_-]+$")?;
        }
        let constraints = self.constraints.clone().unwrap_or_default();
        check_constraints(&constraints)?;
        // Source: KMS Developer Guide, "AWS KMS condition keys", the keys that list CreateGrant.
        let mut permission = invocation
            .named_key(&self.key_id, Naming::KeyOnly)?
            .permission(Self::NAME)
            .with_key("kms:GrantIsForAWSResource", invocation.is_for_service().to_string())
            .with_keys("kms:GrantOperations", operations.iter().map(ToString::to_string));
        let given = [
            ("kms:GranteePrincipal", &self.grantee_principal),
            ("kms:GranteeServicePrincipal", &self.grantee_service_principal),
            ("kms:RetiringPrincipal", &self.retiring_principal),
            ("kms:RetiringServicePrincipal", &self.retiring_service_principal),
            ("kms:GrantConstraintSourceArn", &constraints.source_arn),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                permission = permission.with_key(key, value);
            }
        }
        // Doubtful: whether `kms:GrantConstraintType` names SourceArn where it is the only constraint; beside another it
        // cannot, as the key has a single value. One form is known.
        // Source: KMS Developer Guide, "kms:GrantConstraintType", which has the other two as values.
        if let Some((pairs, exact)) = constraints.pairs() {
            let kind = if exact { "EncryptionContextEquals" } else { "EncryptionContextSubset" };
            permission = with_context(permission.with_key("kms:GrantConstraintType", kind), pairs);
        }
        Ok(vec![invocation.with_grant_tokens(permission, &self.grant_tokens)?])
    }

    fn execute(self, invocation: &mut Invocation<'_>) -> Result<CreateGrantResponse, ApiError> {
        let key = invocation.key(&self.key_id, Naming::KeyOnly)?;
        key.require(Needs::Enabled)?;
        let operations = self.operations()?;
        let constraints = self.constraints.unwrap_or_default();
        check_fit(&key, &operations, &constraints)?;
        let (grantee_is_service, retiring_is_service) =
            (self.grantee_service_principal.is_some(), self.retiring_service_principal.is_some());
        let service = |service: Option<String>| service.map(|service| (Arc::from(service), None));
        let grantee = self.grantee_principal.map(|p| invocation.grant_principal(&p)).transpose()?;
        let grantee = grantee.or_else(|| service(self.grantee_service_principal));
        let (grantee, grantee_id) = grantee.ok_or_else(not_one_grantee)?;
        let retiring = self.retiring_principal.map(|p| invocation.grant_principal(&p)).transpose()?;
        let retiring = retiring.or_else(|| service(self.retiring_service_principal));
        let now = invocation.world.now;
        let delayed = invocation.world.fidelity.grant_propagation;
        let mut grant = Grant {
            id: "".into(),
            key: key.handle.clone(),
            name: self.name,
            grantee,
            grantee_is_service,
            grantee_id,
            retiring: retiring.as_ref().map(|(retiring, _)| retiring.clone()),
            retiring_is_service,
            retiring_id: retiring.and_then(|(_, id)| id),
            issuer: invocation.account()?,
            operations: operations.into_iter().collect(),
            constraints,
            created: now,
            known_from: if delayed { later(now) } else { now },
            known_until: None,
        };
        invocation.check_parent(&grant)?;
        if self.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        let same = invocation.world.kms.grants.same_as(&grant).cloned();
        let grant = if let Some(grant) = same {
            grant
        } else {
            check_quota(&key, invocation.world.kms.grants.count(&key.handle))?;
            grant.id = base16ct::lower::encode_string(&invocation.world.random::<32>()).into();
            invocation.world.kms.grants.put(grant.clone());
            Arc::new(grant)
        };
        let token = invocation.new_grant_token();
        invocation.world.kms.grants.put_token(&token, &grant);
        Ok(CreateGrantResponse { grant_token: token, grant_id: grant.id.to_string() })
    }

    fn response_elements(response: &CreateGrantResponse) -> Value {
        json!({ "grantId": response.grant_id })
    }
}

/// Returns the error for a grant to nobody, or to a service and somebody else.
fn not_one_grantee() -> ApiError {
    // Doubtful: the text. One form is known.
    // Source: KMS API Reference, CreateGrant, whose sentence it is.
    ApiError::validation("You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
}

/// Checks that a key with `count` grants may have one more.
/// Source: KMS Developer Guide, "Resource quotas": grants per customer managed key; AWS managed keys have no quota.
pub(in crate::cloud::kms) fn check_quota(key: &Key, count: usize) -> Result<(), ApiError> {
    if count < MAX_GRANTS || key.manager != Manager::Customer {
        return Ok(());
    }
    // Doubtful: the text. One form is known.
    // Source: KMS Developer Guide, "Resource quotas": grants per KMS key; KMS API Reference, CreateGrant, for the code.
    Err(errors::limit_exceeded(format!("{} has {MAX_GRANTS} grants already.", key.arn())))
}

/// Returns when a change made now is known everywhere.
pub(in crate::cloud::kms) fn later(now: Timestamp) -> Timestamp {
    now.checked_add(PROPAGATION).unwrap_or(now)
}

fn check_principal(principal: &str, member: &str) -> Result<(), ApiError> {
    check_text(principal, member, 1, 256)?;
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    check_pattern(principal, member, legal, "^[\\w+=,.@:/-]+$")
}

/// Checks the form of a service principal.
pub(super) fn check_service(service: &str, member: &str) -> Result<(), ApiError> {
    const PATTERN: &str = r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$";
    check_text(service, member, 1, 128)?;
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_whole = service.split('.').count() >= 3 && service.split('.').all(is_label);
    check_shape(service, member, is_whole, PATTERN)
}

/// Checks the form of the ARN in a constraint on the source.
fn check_source(arn: &str) -> Result<(), ApiError> {
    const PATTERN: &str = "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$";
    check_text(arn, "constraints.sourceArn", 20, 512)?;
    let is_low = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_whole = matches!(parts.as_slice(), ["arn", partition, service, region, account, resource]
        if partition.strip_prefix("aws").is_some_and(is_low)
            && !service.is_empty()
            && is_low(service)
            && is_low(region)
            && account.parse::<AccountId>().is_ok()
            && !resource.is_empty());
    check_shape(arn, "constraints.sourceArn", is_whole, PATTERN)
}

/// Checks the form of a grant's constraints.
///
/// Source: KMS API Reference, `GrantConstraints`: up to 8 pairs a constraint.
fn check_constraints(constraints: &GrantConstraints) -> Result<(), ApiError> {
    const MAX_PAIRS: usize = 8;
    const MAX_CHARS: usize = 384;
    let GrantConstraints { encryption_context_equals: equals, encryption_context_subset: subset, source_arn } =
        constraints;
    source_arn.as_deref().map_or(Ok(()), check_source)?;
    if equals.is_some() && subset.is_some() {
        // Doubtful: the text. One form is known.
        // Source: KMS Developer Guide, "create-grant-overview": "either .. or .., but not both".
        return Err(ApiError::validation(
            "Constraints must hold either EncryptionContextEquals or EncryptionContextSubset, not both.",
        ));
    }
    let pairs = constraints.pairs().map(|(pairs, _)| pairs);
    let chars =
        pairs.into_iter().flatten().map(|(k, v)| k.chars().count() + v.chars().count()).sum::<usize>();
    if pairs.is_some_and(|pairs| pairs.len() > MAX_PAIRS) || chars > MAX_CHARS {
        // Doubtful: the text. One form is known.
        // Source: KMS API Reference, CreateGrant, `Constraints`: up to 8 pairs, up to 384 characters.
        return Err(ApiError::validation(format!(
            "A grant constraint holds at most {MAX_PAIRS} pairs of at most {MAX_CHARS} characters in all."
        )));
    }
    Ok(())
}

/// Checks that the kind of key has the operations and takes the constraints.
fn check_fit(
    key: &Key,
    operations: &[GrantOperation],
    constraints: &GrantConstraints,
) -> Result<(), ApiError> {
    if !key.spec.is_symmetric() && constraints.pairs().is_some() {
        return Err(ApiError::validation(
            "EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.",
        ));
    }
    match operations.iter().find(|operation| !operation.fits(key)) {
        None => Ok(()),
        // Doubtful: the text. One form is known.
        // Source: KMS API Reference, CreateGrant, `Operations`: a `ValidationError`.
        Some(operation) => Err(ApiError::validation(format!(
            "Grant operation {operation} is not supported by {} with key spec {} and key usage {}.",
            key.arn(),
            key.spec,
            key.usage
        ))),
    }
}

impl GrantOperation {
    /// Tells whether keys of this kind have the operation.
    /// Source: KMS API Reference, CreateGrant, `Operations`: they must be supported by the key.
    pub fn fits(self, key: &Key) -> bool {
        use super::super::crypto::KeyUsage as U;
        match self {
            Self::CreateGrant | Self::RetireGrant | Self::DescribeKey => true,
            Self::Encrypt | Self::Decrypt | Self::ReEncryptFrom | Self::ReEncryptTo => {
                key.usage == U::EncryptDecrypt
            }
            Self::GenerateDataKey
            | Self::GenerateDataKeyWithoutPlaintext
            | Self::GenerateDataKeyPair
            | Self::GenerateDataKeyPairWithoutPlaintext => key.spec.is_symmetric(),
            Self::Sign | Self::Verify => key.usage == U::SignVerify,
            Self::GetPublicKey => key.spec.is_asymmetric(),
            Self::GenerateMac | Self::VerifyMac => key.usage == U::GenerateVerifyMac,
            Self::DeriveSharedSecret => key.usage == U::KeyAgreement,
            Self::Encapsulate | Self::Decapsulate => key.usage == U::EncapsulateDecapsulate,
        }
    }
}

impl Invocation<'_> {
    /// Tells whether an AWS service asks, in somebody's name or its own.
    pub(in crate::cloud::kms) fn is_for_service(&self) -> bool {
        self.context.invoked_by().is_some() || matches!(self.principal, Principal::Service { .. })
    }

    /// Returns a grantee or retiring principal as it is stored, with the unique id it has now.
    fn grant_principal(&self, principal: &str) -> Result<(Arc<str>, Option<Arc<str>>), ApiError> {
        if principal.ends_with(".amazonaws.com") && self.is_for_service() {
            return Ok((principal.into(), None));
        }
        if principal.parse::<AccountId>().is_ok() {
            return Ok((format!("arn:aws:iam::{principal}:root").into(), None));
        }
        match self.world.iam().resolve(principal) {
            Resolved::Open if principal.starts_with("arn:") => Ok((principal.into(), None)),
            Resolved::Unique(id) if principal.starts_with("arn:") => Ok((principal.into(), Some(id.into()))),
            Resolved::Unique(_) | Resolved::Open | Resolved::Nobody => Err(ApiError::new(
                "InvalidArnException",
                format!("ARN does not refer to a valid principal: {principal}"),
            )),
        }
    }

    /// Checks that a grant made under another grant does not go beyond that one.
    /// Source: KMS Developer Guide, "Granting CreateGrant permission".
    ///
    /// Doubtful: the wording of the refusal. One form is known.
    fn check_parent(&self, child: &Grant) -> Result<(), ApiError> {
        let Some(decision) = self.decisions().last().map(|record| &record.decision) else { return Ok(()) };
        if decision.because.layer != Layer::Grant {
            return Ok(());
        }
        let parent =
            decision.because.policy.as_ref().and_then(|id| self.world.kms.grants.get(&child.key, id));
        let is_case_sensitive = self.world.fidelity.case_sensitive_constraints;
        let within = parent.is_some_and(|parent| {
            child.operations.is_subset(&parent.operations)
                && child.constraints.at_least_as_strict_as(&parent.constraints, is_case_sensitive)
        });
        if within {
            return Ok(());
        }
        let who = self.principal.name();
        Err(ApiError::new(
            "AccessDeniedException",
            format!(
                "User: {who} is not authorized to perform: kms:CreateGrant on resource: {} because the grant that \
                 allows it does not allow all of these operations and constraints",
                child.key
            ),
        ))
    }

    /// Returns a new grant token. It is as long as AWS's, and begins as they do.
    /// Source: botocore, `kms/2014-11-01/examples-1.json`, CreateGrant: 491 characters from `AQpA` on.
    fn new_grant_token(&mut self) -> String {
        use base64::Engine as _;
        let mut bytes = vec![0; 365];
        self.world.rng.fill_bytes(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([&[1, 0x0a, 0x40][..], &bytes].concat())
    }
}
