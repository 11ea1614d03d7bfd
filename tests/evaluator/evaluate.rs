//! The second evaluator: what AWS's documentation says of a request, step by step, slowly.

use serde_json::Value;

use crate::condition::{fits_exactly, fits_ignoring_case, holds, signs};
use crate::kinds::{Kind, Rules};
use crate::read::{Caller, Context, Document, Grant, Line, Place, Statement};

/// The answer to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
    /// AWS would not have stored one of the documents.
    Refused,
}

/// How closely a resource's policy names the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Naming {
    /// By the account: the account's own policies decide.
    Account,
    /// By the role whose session calls, or by the user who asked for a federated session.
    Role,
    /// The caller itself, or everybody.
    Caller,
}

/// The services in the random lines that RCPs reach. The others there are ec2, iam, lambda and sns.
// Source: Organizations User Guide, orgs_manage_policies_rcps, "List of AWS services that support RCPs" (2026).
const RCP_SERVICES: [&str; 8] = ["dynamodb", "ecr", "kms", "logs", "s3", "secretsmanager", "sqs", "sts"];

/// The operations on a key that a caller of another account may use.
// Source: KMS Developer Guide, key-policy-modifying-external-accounts.
const FOREIGN_KEY_OPERATIONS: [&str; 23] = [
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
    "ReEncrypt",
];

/// Decides a line by all rules.
pub fn evaluate(line: &Value) -> Option<Verdict> {
    evaluate_by(line, Rules::default())
}

/// Decides a line by some rules; `None` if the line is none.
pub fn evaluate_by(line: &Value, rules: Rules) -> Option<Verdict> {
    let mut line = Line::read(line, rules)?;
    if line.is_refused(rules) {
        return Some(Verdict::Refused);
    }
    // Source: STS API Reference, GetCallerIdentity: "No permissions are required to perform this operation. If an
    // administrator attaches a policy to your identity that explicitly denies access to the sts:GetCallerIdentity
    // action, you can still perform this operation"; GetSessionToken: "No permissions are required for users to perform
    // this operation. .. You cannot use policies to control authentication operations."
    let needs_none = ["sts:GetCallerIdentity", "sts:GetSessionToken"]
        .iter()
        .any(|free| line.action.eq_ignore_ascii_case(free));
    if needs_none && rules.has(Kind::CallerIdentity) {
        return Some(Verdict::Allowed);
    }
    add_implied_keys(&mut line, rules);
    Some(decide(&line, rules))
}

/// Adds the keys that follow from who asks for what, where the line does not give them.
// Source: IAM User Guide, reference_policies_condition-keys: aws:PrincipalArn (for a session the role), username,
// PrincipalAccount, PrincipalIsAWSService and ViaAWSService ("in all requests"), ResourceAccount, RequestedRegion
// (a resource is asked for in its Region); KMS Developer Guide, conditions-kms: kms:CallerAccount in requests to KMS.
fn add_implied_keys(line: &mut Line, rules: Rules) {
    let mut implied: Vec<(&str, String)> = Vec::new();
    let is_service = matches!(line.caller, Caller::Service { .. });
    match &line.caller {
        Caller::Root { partition, account } => {
            implied.push(("aws:PrincipalArn", format!("arn:{partition}:iam::{account}:root")));
        }
        Caller::User { arn, name, .. } => {
            implied.push(("aws:PrincipalArn", arn.clone()));
            implied.push(("aws:username", name.clone()));
        }
        Caller::Role { arn, .. } | Caller::Federated { arn, .. } => {
            implied.push(("aws:PrincipalArn", arn.clone()));
        }
        Caller::Session { partition, account, role, .. } => {
            implied.push(("aws:PrincipalArn", format!("arn:{partition}:iam::{account}:role/{role}")));
        }
        Caller::Service { name } => implied.push(("aws:PrincipalServiceName", name.clone())),
        Caller::Provider { .. } | Caller::Anonymous => {}
    }
    if let Some(account) = line.caller.account() {
        implied.push(("aws:PrincipalAccount", account.to_owned()));
    }
    // Source: the same page: aws:PrincipalAccount "is included in the request context for all requests, including
    // anonymous requests", for which "the request context returns anonymous"; aws:PrincipalArn and
    // aws:PrincipalIsAWSService come with signed requests. STS API Reference, AssumeRoleWithWebIdentity: it "does not
    // require the use of AWS security credentials".
    if line.caller == Caller::Anonymous && rules.has(Kind::Anonymous) {
        implied.push(("aws:PrincipalAccount", "anonymous".to_owned()));
    }
    let is_signed = !matches!(line.caller, Caller::Provider { .. } | Caller::Anonymous);
    if rules.has(Kind::ImpliedKeys) {
        if is_signed {
            implied.push(("aws:PrincipalIsAWSService", is_service.to_string()));
        }
        implied.push(("aws:ViaAWSService", "false".to_owned()));
        implied.push(("aws:ResourceAccount", line.resource_account.clone()));
        // Source: KMS Developer Guide, conditions-kms: kms:CallerAccount comes with "KMS key resource operations" and custom
        // key stores; kms-api-permissions-reference: the two below are about no key.
        let is_on_keys = line.action.starts_with("kms:")
            && !["kms:ListKeys", "kms:GenerateRandom"].contains(&&*line.action);
        if let (true, Some(account)) = (is_on_keys, line.caller.account()) {
            implied.push(("kms:CallerAccount", account.to_owned()));
        }
        // Doubtful: that a line means TLS; AWS's public endpoints take little else.
        implied.push(("aws:SecureTransport", "true".to_owned()));
        if let Some(region) = line.resource.split(':').nth(3).filter(|region| !region.is_empty()) {
            implied.push(("aws:RequestedRegion", region.to_owned()));
        }
    }
    for (key, value) in implied {
        line.context.add_unless_given(key, &value);
    }
}

fn decide(line: &Line, rules: Rules) -> Verdict {
    let layers = Layers { line, rules };
    // Source: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow: "An explicit deny in any of
    // these policies overrides the allow", looked for first and in all of them.
    if layers.is_denied() {
        return Verdict::ExplicitlyDenied;
    }
    if layers.is_allowed() { Verdict::Allowed } else { Verdict::ImplicitlyDenied }
}

struct Layers<'a> {
    line: &'a Line,
    rules: Rules,
}

impl Layers<'_> {
    /// Whether the caller has policies of its own: neither a root user nor anybody without an account has any.
    fn has_own_policies(&self) -> bool {
        !matches!(self.line.caller, Caller::Root { .. }) && self.line.caller.account().is_some()
    }

    // Source: Organizations User Guide, orgs_manage_policies_scps: SCPs do not affect service-linked roles; _rcps: nor do
    // RCPs. Their path is `aws-service-role` (IAM User Guide, id_roles_create-service-linked-role).
    fn is_service_linked(&self) -> bool {
        let role = match &self.line.caller {
            Caller::Role { arn, .. } => Some(arn),
            Caller::Session { role_arn, .. } => role_arn.as_ref(),
            Caller::Root { .. }
            | Caller::User { .. }
            | Caller::Federated { .. }
            | Caller::Service { .. }
            | Caller::Provider { .. }
            | Caller::Anonymous => None,
        };
        role.is_some_and(|arn| arn.contains(":role/aws-service-role/"))
            && self.rules.has(Kind::ServiceLinkedRoles)
    }

    fn is_reached(&self, place: Place) -> bool {
        let line = self.line;
        // Source: KMS Developer Guide, grant-manage: "The kms:RetireGrant permission is not effective in a key policy".
        // Doubtful: whether a Deny is. The page says that a Deny works, and not in which policy; here in IAM policies.
        if place == Place::Key && line.action == "kms:RetireGrant" && self.rules.has(Kind::RetireGrant) {
            return false;
        }
        match place {
            Place::Identity | Place::Boundary | Place::Session => self.has_own_policies(),
            // Source: Organizations User Guide, orgs_manage_policies_scps: SCPs limit the users, roles and root users of
            // member accounts, and nobody from outside; _rcps: RCPs apply whoever asks.
            Place::Scp => line.caller.account().is_some() && !self.is_service_linked(),
            Place::Rcp => {
                let service = line.action.split(':').next().unwrap_or_default();
                // Source: KMS Developer Guide, resource-control-policies: "The kms:RetireGrant permission is not
                // effective in an RCP, even if the Action element specifies an asterisk".
                let is_in_reach = RCP_SERVICES.contains(&service) && line.action != "kms:RetireGrant";
                !self.is_service_linked() && (is_in_reach || !self.rules.has(Kind::RcpReach))
            }
            Place::Endpoint | Place::Key | Place::Resource => true,
        }
    }

    fn is_denied(&self) -> bool {
        self.line.every_document().into_iter().any(|(place, document)| {
            self.is_reached(place)
                && document
                    .statements
                    .iter()
                    .any(|statement| !statement.allows && self.denies(place, document, statement))
        })
    }

    fn denies(&self, place: Place, document: &Document, statement: &Statement) -> bool {
        self.bears(place, document, statement) && self.is_meant_by_deny(statement)
    }

    /// Whether a Deny means the caller.
    fn is_meant_by_deny(&self, statement: &Statement) -> bool {
        let Some(principals) = &statement.principals else { return true };
        let names = |arn: &str| principals.iter().any(|(sort, name)| self.is_named(sort, name, arn));
        if !statement.is_not_principal {
            return principals.iter().any(|(sort, name)| self.naming(sort, name).is_some());
        }
        // Source: IAM User Guide, access_policies_boundaries: a Deny with NotPrincipal "will always deny any IAM principal
        // that has a permissions boundary policy attached, regardless of the values specified in the NotPrincipal
        // element". The two sessions of a role and the federated user are the principals of this sentence, too.
        if self.line.boundary.is_some()
            && self.has_own_policies()
            && self.rules.has(Kind::NotPrincipalBoundary)
        {
            return true;
        }
        // Source: IAM User Guide, reference_policies_elements_notprincipal: the exception must list the account, for a
        // session also the role and the session; whatever of them is missing is denied, and with it the caller.
        // Doubtful: "the policy might deny"; a measurement of 2017 on S3 found the account unnecessary.
        match &self.line.caller {
            Caller::Root { .. } => !names("account"),
            Caller::User { .. } | Caller::Role { .. } | Caller::Federated { .. } => {
                !(names("account") && names("itself"))
            }
            Caller::Session { .. } => !(names("account") && names("role") && names("itself")),
            Caller::Service { .. } | Caller::Provider { .. } => !names("itself"),
            Caller::Anonymous => true,
        }
    }

    /// Whether a name of a policy is this part of the caller: its account, its role, or itself.
    fn is_named(&self, sort: &str, name: &str, part: &str) -> bool {
        match (self.naming(sort, name), &self.line.caller) {
            (None, _) => false,
            (Some(_), _) if name == "*" => true,
            (Some(Naming::Caller), Caller::Root { .. }) | (Some(Naming::Account), _) => part == "account",
            (Some(Naming::Role), Caller::Session { .. } | Caller::Federated { .. }) => part == "role",
            (Some(Naming::Role | Naming::Caller), _) => part == "itself",
        }
    }

    /// How a name of a Principal element names the caller.
    // Source: IAM User Guide, reference_policies_elements_principal: an account by its id or the ARN of its root; a user;
    // a role, which means its sessions; a session; a federated user; a service; an identity provider, in trust policies;
    // `*`, which is everybody: "For anonymous users, the following elements are equivalent", `"*"` and `{"AWS": "*"}`.
    fn naming(&self, sort: &str, name: &str) -> Option<Naming> {
        let line = self.line;
        if name == "*" && line.caller == Caller::Anonymous {
            let is_everybody = sort.is_empty() || (sort == "AWS" && self.rules.has(Kind::Anonymous));
            return is_everybody.then_some(Naming::Caller);
        }
        if sort == "Federated" && self.rules.has(Kind::FederatedPrincipals) {
            return matches!(&line.caller, Caller::Provider { name: own } if own == name)
                .then_some(Naming::Caller);
        }
        if sort == "Service" {
            return matches!(&line.caller, Caller::Service { name: own } if own == name)
                .then_some(Naming::Caller);
        }
        if !matches!(sort, "" | "AWS") {
            return None;
        }
        if name == "*" {
            return Some(Naming::Caller);
        }
        let fields: Vec<&str> = name.splitn(6, ':').collect();
        let account = line.caller.account()?;
        if name == account
            || (fields.len() == 6 && fields[2] == "iam" && fields[4] == account && fields[5] == "root")
        {
            let is_root = matches!(line.caller, Caller::Root { .. });
            return Some(if is_root { Naming::Caller } else { Naming::Account });
        }
        match &line.caller {
            Caller::User { arn, .. } => (name == arn).then_some(Naming::Caller),
            // Source: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow: "if a resource-based policy
            // grants permission to the ARN of the IAM user who federated, then requests made by the federated user during
            // the session are limited by an implicit deny in a permission boundary or session policy".
            Caller::Federated { arn, user, .. } => match user {
                _ if name == arn => Some(Naming::Caller),
                Some(user) if name == user && self.rules.has(Kind::FederatedUsers) => Some(Naming::Role),
                Some(_) | None => None,
            },
            Caller::Role { arn, .. } => (name == arn).then_some(Naming::Role),
            Caller::Session { arn, .. } if name == arn => Some(Naming::Caller),
            // Source: IAM User Guide, reference_identifiers: the ARN of a session carries no path, and the name of a role
            // is unique in its account whatever its path.
            Caller::Session { partition, account, role, role_arn, .. } => {
                let is_the_role = match role_arn {
                    Some(arn) => name == arn,
                    None if self.rules.has(Kind::RolePaths) => {
                        let prefix = format!("arn:{partition}:iam::{account}:role/");
                        name.strip_prefix(&prefix).is_some_and(|rest| rest.rsplit('/').next() == Some(role))
                    }
                    None => *name == format!("arn:{partition}:iam::{account}:role/{role}"),
                };
                is_the_role.then_some(Naming::Role)
            }
            Caller::Root { .. } | Caller::Service { .. } | Caller::Provider { .. } | Caller::Anonymous => {
                None
            }
        }
    }

    /// Whether a statement's action, resource and conditions fit the request.
    fn bears(&self, place: Place, document: &Document, statement: &Statement) -> bool {
        let line = self.line;
        // Source: IAM User Guide, reference_policies_elements_action: actions are not case-sensitive; `*` and `?`.
        let has_action = statement.actions.iter().any(|pattern| fits_ignoring_case(pattern, &line.action));
        // Source: KMS Developer Guide, key-policy-overview: a statement without Resource has no effect. A trust policy
        // has none: it is attached to the one resource it means.
        let has_resource = match &statement.resources {
            None => place == Place::Resource && line.action.starts_with("sts:AssumeRole"),
            Some(patterns) => {
                let fits = patterns.iter().any(|pattern| self.is_resource(place, document, pattern));
                fits != statement.is_not_resource
            }
        };
        // Source: KMS Developer Guide, tag-authorization: aws:ResourceTag "is supported only in IAM policies. It isn't
        // supported in key policies"; conditions-kms: kms:ResourceAliases, "IAM policies only".
        // Doubtful: that such a key counts as absent follows from the Access Analyzer's page on unsupported keys.
        let is_absent = |key: &str| {
            place == Place::Key
                && self.rules.has(Kind::KeyPolicyKeys)
                && (key.starts_with("aws:resourcetag/") || key == "kms:resourcealiases")
        };
        let context: Context = line.context.without(is_absent);
        has_action != statement.is_not_action
            && has_resource
            && statement
                .conditions
                .iter()
                .all(|condition| holds(condition, &context, document.has_variables, self.rules))
    }

    // Source: IAM User Guide, reference_policies_elements_resource; variables only behind the fifth colon
    // (reference_policies_variables). Doubtful: whether `*` spans colons; the text is matched as a whole.
    fn is_resource(&self, place: Place, document: &Document, pattern: &str) -> bool {
        let mut pattern = pattern.to_owned();
        // Source: IAM User Guide, reference-arns: "When you specify an incomplete ARN (one with fewer than the standard six
        // fields) in an identity-based policy, AWS automatically completes the ARN by adding wildcard characters (*) to
        // all missing fields".
        let completes =
            matches!(place, Place::Identity | Place::Boundary) && self.rules.has(Kind::IncompleteArns);
        if completes && pattern != "*" {
            while pattern.split(':').count() < 6 {
                pattern.push_str(":*");
            }
        }
        let start: Vec<&str> = pattern.splitn(6, ':').collect();
        if start.iter().take(5).any(|field| field.contains("${")) && document.has_variables {
            return false;
        }
        let variables = document.has_variables.then_some(&self.line.context);
        signs(&pattern, true, variables).is_some_and(|pattern| fits_exactly(&pattern, &self.line.resource))
    }

    fn allows(&self, place: Place, document: &Document) -> bool {
        document.statements.iter().any(|statement| {
            statement.allows
                && self.bears(place, document, statement)
                && statement.principals.as_ref().is_none_or(|principals| {
                    principals.iter().any(|(sort, name)| self.naming(sort, name).is_some())
                        != statement.is_not_principal
                })
        })
    }

    fn any_allows(&self, place: Place, documents: &[Document]) -> bool {
        documents.iter().any(|document| self.allows(place, document))
    }

    /// The closest way in which the resource's policy allows the caller.
    fn resource_naming(&self) -> Option<Naming> {
        let document = self.line.resource_policy.as_ref()?;
        let place = self.line.resource_place();
        if !self.is_reached(place) {
            return None;
        }
        let mut closest = None;
        for statement in document.statements.iter().filter(|statement| statement.allows) {
            if !self.bears(place, document, statement) {
                continue;
            }
            let Some(principals) = &statement.principals else { continue };
            let named = principals.iter().filter_map(|(sort, name)| self.naming(sort, name)).max();
            // Source: IAM User Guide, reference_policies_elements_notprincipal: an Allow with NotPrincipal "allows all
            // principals except the one named".
            let naming = match (statement.is_not_principal, named) {
                (true, None) => Some(Naming::Caller),
                (true, Some(_)) => None,
                (false, named) => named,
            };
            closest = closest.max(naming);
        }
        closest
    }

    fn limits_allow(&self) -> bool {
        let line = self.line;
        let boundary = line.boundary.as_ref().is_none_or(|found| self.any_allows(Place::Boundary, found));
        let session = match &line.session {
            Some(found) => self.any_allows(Place::Session, found),
            // Source: IAM User Guide, id_credentials_temp_control-access_getfederationtoken: "if you do not pass a policy
            // with the GetFederationToken API call, the resulting temporary security credentials have no permissions",
            // but for a policy of a resource "that specifies your session as the allowed principal".
            None => !matches!(line.caller, Caller::Federated { .. }) || !self.rules.has(Kind::FederatedUsers),
        };
        (boundary && session) || !self.has_own_policies()
    }

    /// Whether the caller's own account lets it do this.
    fn own_account_allows(&self) -> bool {
        // Source: IAM User Guide, evaluation logic: the root user "has full access".
        if matches!(self.line.caller, Caller::Root { .. }) {
            return true;
        }
        // Source: STS API Reference, GetFederationToken: without a session policy the session has no permissions but
        // those of resource-based policies that name it.
        let has_none = matches!(self.line.caller, Caller::Federated { .. }) && self.line.session.is_none();
        self.has_own_policies()
            && !has_none
            && self.any_allows(Place::Identity, &self.line.identity)
            && self.limits_allow()
    }

    fn is_allowed(&self) -> bool {
        let line = self.line;
        // Source: Organizations User Guide, orgs_manage_policies_scps_evaluation: every level must allow.
        let scps_allow = line
            .scps
            .as_ref()
            .is_none_or(|levels| levels.iter().all(|level| self.any_allows(Place::Scp, level)));
        if self.is_reached(Place::Scp) && !scps_allow {
            return false;
        }
        // RCPs allow everything that they do not deny. Source: Organizations User Guide, orgs_manage_policies_rcps:
        // RCPFullAWSAccess is attached everywhere and cannot be detached.
        // Source: VPC guide, vpc-endpoints-access: an endpoint's policy must allow; the default allows all.
        if line.endpoint.as_ref().is_some_and(|found| !self.any_allows(Place::Endpoint, found)) {
            return false;
        }
        if line.grants.iter().any(|grant| self.grants(grant)) {
            return true;
        }
        let naming = self.resource_naming();
        // Who belongs to no account has none that would have to allow.
        if line.caller.account().is_none() {
            return naming.is_some();
        }
        if line.caller.account() != Some(line.resource_account.as_str()) {
            // Source: IAM User Guide, reference_policies_evaluation-logic-cross-account: both accounts must allow.
            let operation = line.action.split(':').nth(1).unwrap_or_default();
            let is_possible = !line.is_on_key() || FOREIGN_KEY_OPERATIONS.contains(&operation);
            return is_possible && naming.is_some() && self.own_account_allows();
        }
        // Source: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow, table of resource-based policies
        // in the same account: a user's or a session's ARN suffices; a role's ARN is limited by the implicit denials of
        // boundaries and session policies; an account leaves it to the account. access_policies_boundaries says the same.
        match naming {
            Some(Naming::Caller) => true,
            Some(Naming::Role) if self.limits_allow() => true,
            // Source: the same page: trust policies and key policies "must explicitly allow"; of other resources an
            // identity policy suffices.
            Some(Naming::Account | Naming::Role) => self.own_account_allows(),
            None => !self.is_closed() && self.own_account_allows(),
        }
    }

    /// Whether nothing but the resource's policy opens the resource.
    // Source: KMS Developer Guide, key-policies: "no AWS principal has any permissions to a KMS key unless they are explicitly
    // allowed"; IAM User Guide, evaluation logic: so have role trust policies.
    fn is_closed(&self) -> bool {
        let is_trust = self.line.action.starts_with("sts:AssumeRole") && self.line.resource_policy.is_some();
        self.line.is_on_key() || is_trust
    }

    /// Whether a grant allows the request.
    fn grants(&self, grant: &Grant) -> bool {
        let line = self.line;
        let Some(operation) = line.action.strip_prefix("kms:").filter(|_| line.is_on_key()) else {
            return false;
        };
        // Source: KMS Developer Guide, grant-manage: a grant is retired by its retiring principal, or by its grantee if it
        // includes RetireGrant.
        let named = |principal: &Option<String>, service: &Option<String>| {
            let principal = principal.as_ref().and_then(|name| self.naming("AWS", name));
            let has_services = self.rules.has(Kind::ServiceGrants);
            principal.or_else(|| {
                service.as_ref().filter(|_| has_services).and_then(|name| self.naming("Service", name))
            })
        };
        let retires = named(&grant.retiring, &grant.retiring_service).filter(|_| operation == "RetireGrant");
        let naming = match retires {
            Some(retiring) => Some(retiring),
            None if !grant.operations.iter().any(|granted| granted == operation) => None,
            None if !self.is_constraint_met(grant, operation) => None,
            None => named(&grant.grantee, &grant.grantee_service),
        };
        // Doubtful: no page says how a grant meets boundaries and session policies. It is taken for a statement of the
        // key policy that names its grantee. Doubtful, too: whether a grantee of another account needs a permission of its
        // own; here it does not.
        match naming {
            Some(Naming::Caller) => true,
            Some(Naming::Role) => self.limits_allow(),
            Some(Naming::Account) => self.own_account_allows(),
            None => false,
        }
    }

    // Source: KMS API Reference, GrantConstraints: constraints concern operations with an encryption context, not
    // DescribeKey and RetireGrant; "the key in each key-value pair is not case sensitive, but the value is".
    fn is_constraint_met(&self, grant: &Grant, operation: &str) -> bool {
        if !self.is_source_met(grant, operation) {
            return false;
        }
        if matches!(operation, "DescribeKey" | "RetireGrant") {
            return true;
        }
        let given = self.line.context.encryption_context();
        let by_the_page = self.rules.has(Kind::GrantConstraints);
        let name = |key: &String| if by_the_page { key.to_ascii_lowercase() } else { key.clone() };
        let has = |(key, value): &(String, String)| given.contains(&(name(key), value.clone()));
        let equals =
            grant.equals.as_ref().is_none_or(|pairs| pairs.len() == given.len() && pairs.iter().all(has));
        let subset = grant.subset.as_ref().is_none_or(|pairs| pairs.iter().all(has));
        equals && subset
    }

    // Source: KMS API Reference, GrantConstraints, SourceArn: "only when the request is made on behalf of a specific Amazon
    // Web Services resource .. effectively the same as having the aws:SourceArn global condition key in the grant", for
    // DescribeKey, too, but "it does not apply to RetireGrant operation"; KMS Developer Guide, create-grant-overview:
    // "effective only when the request includes a source ARN that matches the SourceArn value". No line asks this of a
    // caller who is no service: there the guide says two things.
    fn is_source_met(&self, grant: &Grant, operation: &str) -> bool {
        let Some(wanted) = grant.source_arn.as_ref().filter(|_| self.rules.has(Kind::ServiceGrants)) else {
            return true;
        };
        let given = self.line.context.get("aws:SourceArn");
        operation == "RetireGrant" || given.is_some_and(|given| given == std::slice::from_ref(wanted))
    }
}
