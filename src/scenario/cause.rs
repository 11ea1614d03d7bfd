//! The sentence that says why a decision went as it did: its true cause, and what came nearest to another answer.

use crate::policy::{
    Accounts, Admission, ConditionReason, ConditionTrace, ElementReason, Explanation, Fault, GrantTrace, How,
    Layer, LayerEffect, NearMiss, Operator, Policies, PolicyKind, PolicyTrace, Principal, Request,
    ResourceMode, StatementTrace, Verdict,
};

/// Says how a sentence calls the policy of the resource that was asked for.
pub(super) fn own_policy(request: &Request, policies: &Policies) -> &'static str {
    if is_kms(request) {
        "the key policy"
    } else if is_trust(policies) {
        "the trust policy"
    } else {
        "the resource's policy"
    }
}

/// Whether the resource that was asked for is a key.
pub(super) fn is_kms(request: &Request) -> bool {
    request.action().starts_with("kms:")
}

/// Whether the policy of the resource that was asked for says who may assume a role.
pub(super) fn is_trust(policies: &Policies) -> bool {
    policies.resource.source.as_ref().is_some_and(|source| source.document.kind == PolicyKind::Trust)
}

/// Says what a layer is called in a sentence, without an article.
pub(super) fn layer_name(request: &Request, policies: &Policies, layer: Layer) -> &'static str {
    match layer {
        Layer::Resource if is_kms(request) => "key policy",
        Layer::Resource if is_trust(policies) => "trust policy",
        Layer::Resource => "resource policy",
        Layer::Identity => "identity policy",
        Layer::Rcp | Layer::Scp | Layer::Endpoint | Layer::Grant | Layer::Boundary | Layer::Session => {
            layer.name()
        }
    }
}

/// Says why a decision went as it did.
///
/// An implicit denial is told by the statement that came nearest to an Allow, if one did: whoever wonders why wrote it.
pub fn sentence(request: &Request, policies: &Policies, explanation: &Explanation) -> String {
    sentence_with_ids(request, policies, explanation, &|_| None)
}

/// Says the same where identities may have been deleted: `left_of` answers the unique id that the policy shows in the place
/// of such a one's ARN.
/// Source: IAM User Guide, "reference_policies_elements_principal".
pub(super) fn sentence_with_ids(
    request: &Request,
    policies: &Policies,
    explanation: &Explanation,
    left_of: &dyn Fn(&str) -> Option<String>,
) -> String {
    let told = Told { left_of, ..Told::of(request, policies, explanation) };
    match explanation.decision.verdict {
        Verdict::Allowed => format!("Allowed: {}.", told.allowed()),
        Verdict::ExplicitlyDenied => format!("Denied: {}.", told.denied()),
        Verdict::ImplicitlyDenied => format!("Denied: {}.", told.lacking()),
    }
}

/// Says why nothing allowed a request that was refused for want of an Allow, as the end of a sentence.
pub(super) fn of_refusal(request: &Request, policies: &Policies, explanation: &Explanation) -> String {
    Told::of(request, policies, explanation).lacking()
}

/// How much of a grant's id a sentence shows, in letters.
const SHORT_ID: usize = 8;

/// What a sentence is told from.
struct Told<'a> {
    request: &'a Request,
    policies: &'a Policies,
    explanation: &'a Explanation,
    /// The policy of the resource, with an article.
    own: &'static str,
    /// The unique id that the policy shows in the place of a deleted identity's ARN.
    left_of: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Told<'a> {
    fn of(request: &'a Request, policies: &'a Policies, explanation: &'a Explanation) -> Self {
        let own = own_policy(request, policies);
        Self { request, policies, explanation, own, left_of: &|_| None }
    }

    fn layer_name(&self, layer: Layer) -> &'static str {
        layer_name(self.request, self.policies, layer)
    }

    /// The cause of an Allow.
    fn allowed(&self) -> String {
        let because = &self.explanation.decision.because;
        let name = || match self.deciding() {
            Some((policy, statement)) => self.place(because.layer, policy, statement),
            None => format!("the {}", self.layer_name(because.layer)),
        };
        // Source: IAM User Guide, "reference_policies_evaluation-logic": a Deny of any policy that applies wins. KMS
        // Developer Guide, "Troubleshooting AWS KMS permissions": the same where a key policy or a grant allows.
        let would_win = "no Allow in IAM was needed, and a Deny there would still win";
        match because.how {
            How::Free => "nobody needs a permission for this".to_owned(),
            How::RootUser if self.policies.resource.mode == ResourceMode::Required => {
                format!("{} names the account, and the root user is part of it", self.own)
            }
            How::RootUser => "the root user needs no IAM policy".to_owned(),
            How::Delegated => {
                let lets = match self.explanation.accounts {
                    Accounts::Different => format!("lets {} in", self.caller()),
                    Accounts::Same | Accounts::NoCaller => "leaves it to IAM policies".to_owned(),
                };
                format!("{} {lets}, and {} allows it", self.own, name())
            }
            How::ExplicitAllow | How::ExplicitDeny | How::NoAllow if because.layer == Layer::Grant => {
                let id = because.policy.as_deref().unwrap_or_default();
                let id: String = id.chars().take(SHORT_ID).collect();
                let rest = if self.has_iam_policies() { would_win } else { "no policy had to allow it" };
                format!("grant {id} covers it; {rest}")
            }
            How::ExplicitAllow | How::ExplicitDeny | How::NoAllow
                if because.layer == Layer::Resource && self.has_iam_policies() =>
            {
                format!("{} allows it; {would_win}", name())
            }
            How::ExplicitAllow | How::ExplicitDeny | How::NoAllow => format!("{} allows it", name()),
        }
    }

    /// Whether the caller is somebody whom IAM policies are attached to, or to whose role or user.
    fn has_iam_policies(&self) -> bool {
        match self.request.principal() {
            Principal::User { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. } => true,
            Principal::Root { .. }
            | Principal::Anonymous
            | Principal::Service { .. }
            | Principal::Federated { .. } => false,
        }
    }

    /// The cause of an explicit denial.
    fn denied(&self) -> String {
        let because = &self.explanation.decision.because;
        let layer = self.layer_name(because.layer);
        let Some((policy, statement)) = self.deciding() else {
            return format!("a Deny in the {layer} beats every Allow");
        };
        match statement.principal.why {
            ElementReason::Bounded => {
                format!(
                    "a Deny with NotPrincipal in the {layer} denies whoever has a permissions boundary, listed or not"
                )
            }
            ElementReason::ExceptedInPart => format!(
                "a Deny with NotPrincipal in the {layer} leaves out only whom it lists by every name: account, role or user, and session"
            ),
            ElementReason::Listed
            | ElementReason::NotListed
            | ElementReason::NotExcepted
            | ElementReason::Excepted
            | ElementReason::NotNeeded
            | ElementReason::Missing => {
                let name = self.place(because.layer, policy, statement);
                format!("{name} denies it, and a Deny beats every Allow{}", self.holds_without(statement))
            }
        }
    }

    /// The end of a sentence about a Deny whose condition holds for want of a key, which is easily overlooked.
    fn holds_without(&self, statement: &StatementTrace) -> String {
        let because = &self.explanation.decision.because;
        let absent =
            statement.conditions.iter().find(|condition| condition.why == ConditionReason::KeyAbsent);
        absent.map_or_else(String::new, |condition| {
            format!("; this one applies because {}", self.lacks(because.layer, &condition.key))
        })
    }

    /// The statement that decided, if one did, and its policy.
    fn deciding(&self) -> Option<(&PolicyTrace, &StatementTrace)> {
        let because = &self.explanation.decision.because;
        let layer = self.explanation.layers.iter().find(|layer| layer.layer == because.layer)?;
        let (level, index) = (because.level.unwrap_or(0), because.policy_index?);
        let policy = layer.policies.iter().find(|policy| (policy.level, policy.index) == (level, index))?;
        Some((policy, policy.statements.get(because.statement?)?))
    }

    /// A statement with its policy, by name or number: `statement "Admins" of the key policy`.
    fn place(&self, layer: Layer, policy: &PolicyTrace, statement: &StatementTrace) -> String {
        let name = match &statement.sid {
            Some(sid) => format!("statement \"{sid}\""),
            None => format!("statement {}", statement.index + 1),
        };
        let policy = match layer {
            Layer::Resource => self.own.to_owned(),
            Layer::Rcp
            | Layer::Scp
            | Layer::Endpoint
            | Layer::Grant
            | Layer::Identity
            | Layer::Boundary
            | Layer::Session => format!("the {} {}", self.layer_name(layer), policy.name),
        };
        format!("{name} of {policy}")
    }

    /// The cause of a denial for want of an Allow: what came nearest to one, or else what is missing.
    fn lacking(&self) -> String {
        if self.never_crosses_accounts() {
            let action = self.request.action();
            return format!("{action} can be allowed to principals of the resource's own account only");
        }
        let near = self.explanation.near_misses(self.request, self.policies);
        match (near.first(), self.explanation.near_grant()) {
            (Some(near), None) => self.near_miss(near),
            (Some(near), Some(_)) if near.faults.len() == 1 && !near.is_about_another() => {
                self.near_miss(near)
            }
            (_, Some(grant)) => self.near_grant(grant),
            (None, None) => self.missing(),
        }
    }

    fn never_crosses_accounts(&self) -> bool {
        self.explanation.accounts == Accounts::Different
            && self.explanation.decision.because.layer == Layer::Resource
            && !self.policies.resource.cross_account
    }

    /// What is missing, where nothing came near.
    fn missing(&self) -> String {
        let because = &self.explanation.decision.because;
        match because.layer {
            Layer::Resource => self.not_let_in(),
            Layer::Identity => self.not_allowed_by_own(),
            layer @ (Layer::Scp | Layer::Rcp) => {
                let level = because.level.unwrap_or(0) + 1;
                let layer = self.layer_name(layer);
                format!("no {layer} at level {level} of the organization, counted from its root, allows it")
            }
            layer @ (Layer::Endpoint | Layer::Grant | Layer::Boundary | Layer::Session) => {
                format!("the {} does not allow it", self.layer_name(layer))
            }
        }
    }

    /// That no IAM policy of the caller allows what was asked for.
    fn none_of_own(&self, what: &str) -> String {
        let name = name(self.request.principal());
        match &self.policies.identity[..] {
            [] => format!("{name} has no IAM policy"),
            [only] => format!("{name}'s only IAM policy, {}, does not allow {what}", only.name),
            _ => format!("none of {name}'s IAM policies allows {what}"),
        }
    }

    /// What is missing where the caller's own policies have to allow it.
    fn not_allowed_by_own(&self) -> String {
        let own = self.own;
        let (caller, action) = (self.caller(), self.request.action());
        let let_in = self
            .explanation
            .layers
            .iter()
            .any(|layer| layer.layer == Layer::Resource && layer.effect == LayerEffect::Allows);
        let none = |what: &str| self.none_of_own(what);
        if self.explanation.accounts == Accounts::Different {
            let by = if let_in { own } else { "a grant" };
            return format!(
                "{by} lets {caller} in, but across accounts IAM policies there must allow it too, and {}",
                none("it")
            );
        }
        match self.policies.resource.mode {
            ResourceMode::Required if let_in => {
                format!("{own} leaves {action} to IAM policies, and {}", none("it"))
            }
            ResourceMode::None if self.policies.resource.source.is_some() => {
                format!("{action} cannot be allowed by {own}, and {}", none("it"))
            }
            ResourceMode::Optional if self.policies.resource.source.is_some() && !let_in => {
                format!("{}, and no statement of {own} allows it", none(action))
            }
            ResourceMode::Required | ResourceMode::Optional | ResourceMode::None | ResourceMode::Free => {
                none(action)
            }
        }
    }

    /// The cause where nothing of the resource comes near to letting the caller in.
    fn not_let_in(&self) -> String {
        let own = self.own;
        if self.policies.resource.source.is_none() {
            let name = self.layer_name(Layer::Resource);
            return match self.explanation.accounts {
                Accounts::Different => {
                    let who = who(self.request.principal());
                    format!("across accounts a {name} must let {who} in, and there is none")
                }
                Accounts::Same | Accounts::NoCaller => {
                    format!("there is no {name} that lets {} in", self.caller())
                }
            };
        }
        let (action, caller) = (self.request.action(), self.caller());
        let principal = self.request.principal();
        let leaves_to_iam = self.explanation.accounts == Accounts::Same
            && self.policies.resource.mode == ResourceMode::Required
            && self.has_iam_policies();
        match self.explanation.named_by_resource() {
            Some(Admission::Account) if self.explanation.accounts == Accounts::Different => {
                format!("{own} lets {} in, but not for {action}", account(principal))
            }
            // The root user is the account.
            Some(Admission::Account) if !leaves_to_iam => {
                format!("{own} names the account, but not for {action}")
            }
            Some(Admission::Account) => {
                format!("{own} names the account, but does not leave {action} to IAM policies")
            }
            Some(Admission::Origin | Admission::Direct) if leaves_to_iam => format!(
                "no statement of {own} that applies to {caller} covers {action}, and none leaves it to IAM policies"
            ),
            Some(Admission::Origin | Admission::Direct) => {
                format!("no statement of {own} that applies to {caller} covers {action}")
            }
            None => self.names_nobody(),
        }
    }

    /// The cause where no Allow of the resource's policy names the caller in any way.
    fn names_nobody(&self) -> String {
        let (own, caller) = (self.own, self.caller());
        let is_across = self.explanation.accounts == Accounts::Different;
        let principal = self.request.principal();
        match principal {
            Principal::Anonymous => format!("{own} lets nobody in who does not sign the request"),
            Principal::Service { .. } => format!("{own} does not let {caller} in"),
            Principal::Federated { provider } => {
                format!("{own} trusts nobody for whom {provider} vouches")
            }
            Principal::Root { .. } if is_across => {
                let account = account(principal);
                format!("across accounts {own} must let {caller} in, and it does not name {account}")
            }
            Principal::User { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. }
                if is_across =>
            {
                format!(
                    "across accounts {own} must let {caller} in, and it names neither them nor the whole account"
                )
            }
            Principal::Root { .. }
            | Principal::User { .. }
            | Principal::RoleSession { .. }
            | Principal::FederatedUser { .. } => match self.policies.resource.mode {
                ResourceMode::Required if self.has_iam_policies() => {
                    format!("{own} names neither {caller} nor the account, so no Allow in IAM would count")
                }
                ResourceMode::Required => {
                    format!("{own} does not name the account, and so does not let {caller} in")
                }
                ResourceMode::Optional | ResourceMode::None | ResourceMode::Free => {
                    format!("no statement of {own} allows {} to {caller}", self.request.action())
                }
            },
        }
    }

    /// The caller by name, with the account where that is another than the resource's.
    fn caller(&self) -> String {
        let principal = self.request.principal();
        match self.explanation.accounts {
            Accounts::Same => name(principal),
            Accounts::Different | Accounts::NoCaller => who(principal),
        }
    }

    /// A value of `Principal` as a sentence shows it: in the caller's own account without what all names there share.
    fn named(&self, value: &str) -> String {
        let home = |account: &str| {
            let rest = value.strip_prefix("arn:aws:iam::").or_else(|| value.strip_prefix("arn:aws:sts::"))?;
            rest.strip_prefix(account)?.strip_prefix(':').map(str::to_owned)
        };
        let account =
            self.request.principal().account().filter(|_| self.explanation.accounts == Accounts::Same);
        account.and_then(|account| home(account)).unwrap_or_else(|| value.to_owned())
    }

    /// What kept the nearest statement from allowing it.
    fn near_miss(&self, near: &NearMiss<'_>) -> String {
        let statement = near.statement;
        let place = self.place(near.layer, near.policy, statement);
        let by_account = near.layer == Layer::Resource && statement.admission == Some(Admission::Account);
        let would = match self.explanation.accounts {
            Accounts::Same if by_account => "leave it to IAM policies".to_owned(),
            Accounts::Different if by_account => format!("let {} in", account(self.request.principal())),
            Accounts::Same | Accounts::Different | Accounts::NoCaller => "allow it".to_owned(),
        };
        let faults: Vec<String> = near.faults.iter().map(|fault| self.fault(near, fault)).collect();
        let is_told = near.faults.iter().any(|fault| self.is_an_earlier_self(fault));
        let of_own =
            self.explanation.decision.because.layer == Layer::Identity && near.layer == Layer::Resource;
        let rest = if near.is_about_another() && !is_told {
            format!("; {}", self.missing())
        } else if of_own && self.explanation.accounts == Accounts::Same {
            // AWS's message names the caller's own policies: they could have allowed it as well.
            format!("; {}", self.none_of_own("it"))
        } else {
            String::new()
        };
        // A statement that lists other actions would allow those, not this one.
        let is_action = |fault: &Fault<'_>| matches!(fault, Fault::Action);
        let is = match near.layer {
            _ if !near.faults.iter().all(is_action) || statement.action.why == ElementReason::Excepted => {
                format!("would {would}")
            }
            Layer::Resource if by_account && self.explanation.accounts == Accounts::Different => {
                format!("names {}", account(self.request.principal()))
            }
            Layer::Resource if by_account => "names the account".to_owned(),
            Layer::Resource => format!("names {}", self.caller()),
            Layer::Rcp
            | Layer::Scp
            | Layer::Endpoint
            | Layer::Grant
            | Layer::Identity
            | Layer::Boundary
            | Layer::Session => "is about this resource".to_owned(),
        };
        format!("{place} {is}, but {}{rest}", faults.join(", and "))
    }

    /// Whether the statement names the caller by an ARN that stood for another when it was saved: AWS keeps the id of a user
    /// or role, and whoever is made again under the same name has another one.
    /// Source: IAM User Guide, "reference_policies_elements_principal".
    fn is_an_earlier_self(&self, fault: &Fault<'_>) -> bool {
        let Fault::Principal(named) = fault else { return false };
        let principal = self.request.principal();
        let user = if let Principal::User { arn, .. } = principal { Some(arn) } else { None };
        user.or(principal.role_arn()) == Some(named)
    }

    /// What a part of a statement keeps out.
    fn fault(&self, near: &NearMiss<'_>, fault: &Fault<'_>) -> String {
        match fault {
            Fault::Condition(condition) => self.fails(near, condition),
            Fault::Resource => "it is about other resources".to_owned(),
            Fault::Action if near.statement.action.why == ElementReason::Excepted => {
                format!("its NotAction leaves out {}", self.request.action())
            }
            Fault::Action => format!("its Action does not list {}", self.request.action()),
            Fault::Principal(named) if near.statement.principal.why == ElementReason::Excepted => {
                format!("its NotPrincipal leaves out {}", self.named(named))
            }
            Fault::Principal(named) if self.is_an_earlier_self(fault) => {
                let id = (self.left_of)(named).map_or_else(String::new, |id| format!("{id}, "));
                let named = self.named(named);
                format!(
                    "it keeps {id}the id of a {named} that was deleted, and the new {named} has another id"
                )
            }
            Fault::Principal(named) => match (self.left_of)(named) {
                Some(id) => format!("it names {id}, the id of {}, which was deleted", self.named(named)),
                None => format!("it names {}", self.named(named)),
            },
        }
    }

    /// What kept the nearest grant from allowing it.
    fn near_grant(&self, grant: &GrantTrace) -> String {
        let why = match (grant.operation, grant.source, grant.constraint) {
            (false, ..) => format!("its Operations do not list {}", operation(self.request)),
            (true, false, _) => "its SourceArn is not the resource that the request is made for".to_owned(),
            (true, true, false) => "its constraint asks for another encryption context".to_owned(),
            (true, true, true) => {
                "it does not hold everywhere yet, and the request does not show its token".to_owned()
            }
        };
        // Of an id as KMS makes them its beginning is enough.
        let id = grant.id.get(..8).filter(|_| grant.id.len() == 64).unwrap_or(&grant.id);
        format!("grant {id} would allow it, but {why}")
    }

    /// Why a condition does not hold.
    fn fails(&self, near: &NearMiss<'_>, condition: &ConditionTrace) -> String {
        let key = &condition.key;
        match condition.why {
            ConditionReason::KeyPresent => format!("the request has {key}"),
            ConditionReason::KeyAbsent => self.lacks(near.layer, key),
            ConditionReason::Compared => compared(condition),
        }
    }

    /// Why a policy of a layer finds no value of a key.
    fn lacks(&self, layer: Layer, key: &str) -> String {
        if self.has(key) {
            format!("a {} does not see {key}", self.layer_name(layer))
        } else {
            format!("the request has no {key}")
        }
    }

    /// Whether the request has values for a key.
    fn has(&self, key: &str) -> bool {
        self.request.context().get(key).is_some_and(|values| !values.is_empty())
    }
}

/// The operation that a grant would have to list.
fn operation(request: &Request) -> &str {
    request.action().split_once(':').map_or(request.action(), |(_, operation)| operation)
}

/// The account of a principal.
fn account(principal: &Principal) -> String {
    principal.account().map_or_else(|| "no account".to_owned(), |account| format!("account {account}"))
}

/// The name that people of the principal's own account use: `tess`, `role app`, `the root user`.
fn name(principal: &Principal) -> String {
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    match principal {
        Principal::Anonymous => "whoever does not sign the request".to_owned(),
        Principal::Service { name } => format!("the service {name}"),
        Principal::Federated { provider } => format!("whomever {provider} vouches for"),
        Principal::Root { .. } => "the root user".to_owned(),
        Principal::User { arn, .. } => last(arn),
        Principal::RoleSession { role_arn, .. } => format!("role {}", last(role_arn)),
        Principal::FederatedUser { arn, .. } => format!("federated user {}", last(arn)),
    }
}

/// The name of a principal of another account or of none.
pub(super) fn who(principal: &Principal) -> String {
    let name = name(principal);
    match principal {
        Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. } => name,
        Principal::User { .. } => format!("user {name} of {}", account(principal)),
        Principal::Root { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
            format!("{name} of {}", account(principal))
        }
    }
}

/// The name of a caller in a line that names no account: `tess`.
pub(super) fn caller_name(request: &Request) -> String {
    name(request.principal())
}

/// Why a condition does not hold whose key the request has: `key is found, not wanted`.
fn compared(condition: &ConditionTrace) -> String {
    /// More values are counted, not listed.
    const MAX_LISTED: usize = 2;
    let list = |texts: &[&str], word: &str| match texts {
        [] => "nothing".to_owned(),
        texts if texts.len() <= MAX_LISTED => texts.join(word),
        texts => format!("one of {} values", texts.len()),
    };
    // Of several values those are told that the operator does not take.
    let values = || condition.found.iter();
    let rejected: Vec<&str> = values().filter(|found| !found.accepted).map(|found| &*found.text).collect();
    let found = if rejected.is_empty() { values().map(|found| &*found.text).collect() } else { rejected };
    let wanted: Vec<&str> =
        condition.wanted.iter().map(|wanted| wanted.resolved.as_deref().unwrap_or(&wanted.text)).collect();
    let (key, name) = (&condition.key, &condition.operator);
    let (found, wanted) = (list(&found, " and "), list(&wanted, " or "));
    match Operator::parse(name) {
        Some(operator) if operator.negated => format!("{key} is {found}, which {name} leaves out"),
        Some(operator) if operator.test.comparison().is_some() => {
            format!("{key} is {found}, and {name} asks for {wanted}")
        }
        Some(_) | None => format!("{key} is {found}, not {wanted}"),
    }
}
