//! Every finding that a review can make, by its id: what it means, and why it matters.
//!
//! The page `docs/lint.md` is written from this table.

/// What is known of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The stable name, as it is printed.
    pub id: &'static str,
    pub group: Group,
    /// What was found, in a clause.
    pub means: &'static str,
    /// The reason why the finding matters, and where AWS says so.
    pub why: &'static str,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What happens when canaries use the document.
    Happens,
    /// Elements that match nothing, or not what was meant.
    Idle,
    /// What the service refuses.
    Refused,
    /// The text as a whole, and the exceptions beside it.
    Text,
}

impl Group {
    /// Every group, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Happens, Self::Idle, Self::Refused, Self::Text];

    /// Returns the heading of the group.
    pub fn title(self) -> &'static str {
        match self {
            Self::Happens => "What happens",
            Self::Idle => "What has no effect, or another than meant",
            Self::Refused => "What the service refuses",
            Self::Text => "About the text and its exceptions",
        }
    }
}

/// Returns what is known of a finding.
pub fn known(id: &str) -> Option<&'static Known> {
    CATALOGUE.iter().find(|known| known.id == id)
}

const fn row(group: Group, id: &'static str, means: &'static str, why: &'static str) -> Known {
    Known { id, group, means, why }
}

use Group::{Happens, Idle, Refused, Text};

/// All findings, those of a group together.
pub const CATALOGUE: &[Known] = &[
    row(
        Happens,
        "public",
        "a stranger of another account and organization gets in, or every customer of an identity provider",
        "Only fixed values of an account, an organization, an ARN, a network or a unique id bound who may come; `aws:SecureTransport`, `kms:ViaService`, dates, tags of the caller and negated or `...IfExists` conditions bound nobody (Amazon S3 User Guide, access-control-block-public-access, \"the meaning of public\"). Of identity providers that many share, a claim such as `sub` says whose token it is (IAM User Guide, id_roles_providers_oidc_secure-by-default).",
    ),
    row(
        Happens,
        "not-principal-with-allow",
        "`NotPrincipal` beside `Allow` admits everybody else in the world",
        "IAM User Guide, reference_policies_elements_notprincipal.",
    ),
    row(
        Happens,
        "lockout",
        "nobody can change the policy again",
        "KMS refuses such a policy when it is put, unless it is told not to check; afterwards only AWS Support helps (KMS API Reference, PutKeyPolicy, `BypassPolicyLockoutSafetyCheck`; KMS Developer Guide, key-policy-default). The finding is made by the check of the simulated PutKeyPolicy, with the requests of everybody who might keep the policy. In a fragment, and where a single statement gives something else, it is a note: another statement may allow it.",
    ),
    row(
        Happens,
        "lockout-risk",
        "only principals that can be deleted may change the policy",
        "The account cannot be deleted, a user or a role can (KMS Developer Guide, key-policy-default).",
    ),
    row(
        Happens,
        "confused-deputy",
        "a service gets in on behalf of any account",
        "Without `aws:SourceArn`, `aws:SourceAccount` or an encryption context that names the account, somebody else can make the service use the resource for him (IAM User Guide, confused-deputy). A note where the service only reads a description.",
    ),
    row(
        Happens,
        "unbounded-grant",
        "`kms:CreateGrant` lets its holder hand the use of the key to anybody",
        "`kms:GrantIsForAWSResource`, or a bound on operations or grantee, keeps grants to what a service needs (KMS Developer Guide, grants).",
    ),
    row(
        Happens,
        "administrator",
        "every action on every resource is allowed",
        "AWS Security Hub, control IAM.1.",
    ),
    row(
        Happens,
        "decrypt-all-keys",
        "decryption is allowed with every key whose policy leaves it to IAM",
        "AWS Security Hub, controls KMS.1 and KMS.2. A note where it is every key of one account.",
    ),
    row(
        Happens,
        "escalation",
        "the holder can give himself more rights",
        "Actions that write policies, attach them, make credentials or pass roles, on everything.",
    ),
    row(
        Happens,
        "ghost",
        "the unique id of a principal that was deleted",
        "AWS shows the id in place of an ARN once the principal is gone; one of the same name made anew is another (IAM User Guide, reference_policies_elements_principal).",
    ),
    row(
        Happens,
        "dead-across-accounts",
        "an action that cannot be allowed to other accounts is allowed to one",
        "KMS Developer Guide, key-policy-modifying-external-accounts.",
    ),
    row(
        Happens,
        "without-effect",
        "a Deny of the same document takes everything back",
        "A Deny beats every Allow (IAM User Guide, reference_policies_evaluation-logic).",
    ),
    row(
        Happens,
        "redundant",
        "another statement says all of this already",
        "Who removes the narrow statement later changes nothing, and may think so.",
    ),
    row(
        Happens,
        "rcp-allow",
        "a resource control policy with an Allow",
        "It can only deny (Organizations User Guide, orgs_manage_policies_rcps_syntax).",
    ),
    row(
        Idle,
        "never-matches",
        "no request can match the statement",
        "Its actions and resources do not meet, or nobody whom it names has the value of a condition.",
    ),
    row(
        Idle,
        "value-never-sent",
        "a value that the condition key never has",
        "Accounts have 12 digits, `kms:ViaService` a service and its Region, `aws:PrincipalArn` no session (KMS Developer Guide, conditions-kms; IAM User Guide, reference_policies_condition-keys).",
    ),
    row(
        Idle,
        "arn-never-there",
        "an ARN that no resource has",
        "A part that the service fills in is empty or of another form (Service Authorization Reference).",
    ),
    row(
        Idle,
        "other-partition",
        "a principal of another partition than the document's",
        "Accounts of `aws`, `aws-cn` and `aws-us-gov` know nothing of each other.",
    ),
    row(
        Idle,
        "principal-not-taken",
        "a kind of principal that the service does not take",
        "A key policy names accounts, users, roles and services (KMS Developer Guide, key-policy-overview).",
    ),
    row(
        Idle,
        "empty-principal",
        "a `Principal` without a value",
        "The statement is about nobody (IAM User Guide, reference_policies_elements_principal).",
    ),
    row(
        Idle,
        "unknown-principal",
        "no service has such a principal",
        "A misspelt name, or a word where a Region stands.",
    ),
    row(
        Idle,
        "unknown-service",
        "no service has the prefix of the action",
        "Service Authorization Reference.",
    ),
    row(Idle, "unknown-action", "the service has no such action", "Service Authorization Reference."),
    row(
        Idle,
        "odd-action",
        "an action of signs that no action has",
        "The service may save it, and no request ever matches.",
    ),
    row(
        Idle,
        "unknown-key",
        "there is no such condition key",
        "The condition sees a key that no request has.",
    ),
    row(
        Idle,
        "foreign-action",
        "an action of another service",
        "The policy of a resource is asked about its own service only.",
    ),
    row(
        Idle,
        "ignored-action",
        "an action for which the document is never asked",
        "It is not bound to such a resource, or its service looks elsewhere.",
    ),
    row(
        Idle,
        "ignored-key",
        "a condition key that has no effect in such a document",
        "KMS Developer Guide, conditions-kms.",
    ),
    row(
        Idle,
        "key-never-present",
        "no request for the actions has the condition key",
        "Service Authorization Reference, the condition keys of each action.",
    ),
    row(
        Idle,
        "resource-never-asked",
        "a resource about which none of the actions is asked",
        "An alias where a key stands, a bucket where an object stands (Service Authorization Reference).",
    ),
    row(
        Idle,
        "operator-does-not-fit",
        "the operator cannot compare values of the key's type",
        "A string operator on a key that is true or false, for instance (IAM User Guide, reference_policies_elements_condition_operators).",
    ),
    row(
        Idle,
        "bad-value",
        "a value that the operator cannot compare with",
        "`Bool` takes true and false, a number operator numbers.",
    ),
    row(
        Idle,
        "wildcard-not-replaced",
        "`*` or `?` under an operator that takes them as plain characters",
        "`StringLike` and the ARN operators know wildcards, `StringEquals` does not.",
    ),
    row(
        Idle,
        "variable-not-replaced",
        "a policy variable where it stays plain text",
        "IAM User Guide, reference_policies_variables.",
    ),
    row(
        Idle,
        "variable-in-old-version",
        "a policy variable in the old version of the language",
        "Without `\"Version\": \"2012-10-17\"` it is plain text.",
    ),
    row(
        Idle,
        "old-version",
        "the old version of the language",
        "IAM User Guide, reference_policies_elements_version.",
    ),
    row(Idle, "no-values", "a condition without values", "It compares with nothing."),
    row(
        Idle,
        "missing-quantifier",
        "a key of several values without `ForAllValues` or `ForAnyValue`",
        "IAM User Guide, reference_policies_condition-single-vs-multi-valued-context-keys.",
    ),
    row(
        Idle,
        "quantifier-on-single-value",
        "`ForAllValues` or `ForAnyValue` on a key of one value",
        "IAM User Guide, reference_policies_condition-single-vs-multi-valued-context-keys.",
    ),
    row(
        Idle,
        "for-all-values-without-null",
        "`ForAllValues` beside Allow is true without the key",
        "Not reported where a required parameter gives the key, as `Tags` of TagResource does.",
    ),
    row(
        Idle,
        "address-through-service",
        "an address or network that is the service's when it calls for somebody",
        "KMS Developer Guide, conditions-aws.",
    ),
    row(Refused, "invalid-json", "the text is no JSON", "With the place of the mistake."),
    row(Refused, "not-a-policy", "the text is no object", "IAM User Guide, reference_policies_grammar."),
    row(
        Refused,
        "missing-statement",
        "the policy has no `Statement`",
        "IAM User Guide, reference_policies_grammar.",
    ),
    row(
        Refused,
        "empty-statement",
        "`Statement` holds nothing",
        "IAM User Guide, reference_policies_grammar.",
    ),
    row(
        Refused,
        "bad-version",
        "`Version` is no version of the language",
        "IAM User Guide, reference_policies_elements_version.",
    ),
    row(Refused, "bad-statement", "a statement is no object", "IAM User Guide, reference_policies_grammar."),
    row(
        Refused,
        "missing-effect",
        "a statement has no `Effect`",
        "IAM User Guide, reference_policies_elements_effect.",
    ),
    row(
        Refused,
        "effect-case",
        "`Effect` in another case",
        "IAM User Guide, reference_policies_elements_effect.",
    ),
    row(
        Refused,
        "bad-effect",
        "`Effect` is neither Allow nor Deny",
        "IAM User Guide, reference_policies_elements_effect.",
    ),
    row(
        Refused,
        "duplicate-sid",
        "two statements have the same Sid",
        "IAM refuses that; elsewhere it is bad style (IAM User Guide, access-analyzer-reference-policy-checks).",
    ),
    row(
        Refused,
        "bad-sid",
        "a Sid with other characters than letters and digits",
        "IAM User Guide, reference_policies_elements_sid.",
    ),
    row(Refused, "unknown-element", "an element that policies do not have", "Case matters."),
    row(Refused, "not-a-string", "a value is no string", "IAM User Guide, reference_policies_grammar."),
    row(
        Refused,
        "both-forms",
        "an element and its `Not...` form in one statement",
        "IAM User Guide, reference_policies_grammar.",
    ),
    row(
        Refused,
        "missing-action",
        "a statement has no actions",
        "IAM User Guide, reference_policies_elements_action.",
    ),
    row(
        Refused,
        "action-without-vendor",
        "an action without the prefix of a service",
        "IAM User Guide, reference_policies_elements_action.",
    ),
    row(
        Refused,
        "action-with-colons",
        "an action with more than one colon",
        "IAM User Guide, reference_policies_elements_action.",
    ),
    row(
        Refused,
        "bad-action",
        "an action that is no name",
        "IAM User Guide, reference_policies_elements_action.",
    ),
    row(
        Refused,
        "missing-resource",
        "a statement has no resources",
        "IAM User Guide, reference_policies_elements_resource.",
    ),
    row(
        Refused,
        "prohibited-resource",
        "a trust policy names resources",
        "IAM User Guide, reference_policies_elements_resource.",
    ),
    row(
        Refused,
        "bad-resource",
        "a resource that is no ARN",
        "IAM User Guide, reference_policies_elements_resource.",
    ),
    row(Refused, "cut-arn", "an ARN without a service", "IAM User Guide, reference-arns."),
    row(
        Refused,
        "not-arn",
        "a resource with a colon that does not begin as an ARN",
        "IAM User Guide, reference_policies_elements_resource.",
    ),
    row(
        Refused,
        "not-assume-role",
        "an action in a trust policy that is no way into a role",
        "IAM User Guide, id_roles_update-role-trust-policy; STS API Reference.",
    ),
    row(
        Refused,
        "incomplete-arn",
        "an ARN with fewer than six fields where AWS does not complete it",
        "IAM User Guide, reference-arns.",
    ),
    row(
        Refused,
        "bad-partition",
        "an ARN of a partition that does not exist",
        "IAM User Guide, reference-arns.",
    ),
    row(
        Refused,
        "resource-vendor",
        "an ARN that names no single service",
        "IAM asks for the service in full.",
    ),
    row(
        Refused,
        "resource-region",
        "an ARN with a Region where there is none",
        "Resources of IAM and S3 have none.",
    ),
    row(
        Refused,
        "resource-path",
        "an ARN of a kind of resource that the service lacks",
        "IAM checks what its own ARNs begin with.",
    ),
    row(
        Refused,
        "missing-principal",
        "a statement of a resource's policy names nobody",
        "IAM User Guide, reference_policies_elements_principal.",
    ),
    row(
        Refused,
        "prohibited-principal",
        "a policy of an identity names principals",
        "It speaks of whoever it is attached to.",
    ),
    row(
        Refused,
        "odd-character",
        "a character that the service does not take in a policy",
        "KMS takes white space and U+0020 to U+00FF, others as escapes of JSON (KMS API Reference, PutKeyPolicy, the pattern of `Policy`).",
    ),
    row(
        Refused,
        "bad-principal",
        "a principal that is none",
        "IAM User Guide, reference_policies_elements_principal.",
    ),
    row(
        Refused,
        "bad-operator",
        "there is no such condition operator",
        "IAM User Guide, reference_policies_elements_condition_operators.",
    ),
    row(
        Refused,
        "bad-condition",
        "a condition of the wrong shape",
        "IAM User Guide, reference_policies_elements_condition.",
    ),
    row(
        Refused,
        "key-without-vendor",
        "a condition key without a prefix",
        "IAM User Guide, reference_policies_elements_condition.",
    ),
    row(Refused, "bad-date", "a date that is none", "ISO 8601, or seconds since 1970."),
    row(
        Refused,
        "quantifier-not-allowed",
        "`ForAllValues` or `ForAnyValue` on a key that refuses them",
        "KMS Developer Guide, conditions-kms (kms:EncryptionContext:).",
    ),
    row(
        Refused,
        "too-long",
        "the document is longer than the service keeps",
        "IAM User Guide, reference_iam-quotas; KMS API Reference, PutKeyPolicy.",
    ),
    row(
        Text,
        "fragment",
        "the text is a part of a policy",
        "A statement or a list of them: what needs the whole is not judged.",
    ),
    row(
        Text,
        "template",
        "the text is a template",
        "Placeholders stand for plausible values; what is said of such a value alone is left out.",
    ),
    row(
        Text,
        "managed-key",
        "the policy of an AWS managed key",
        "AWS keeps it (its `Id` begins with `auto-`), and nobody else can change it.",
    ),
    row(
        Text,
        "not-probed",
        "the document is too large to probe or compare all of its statements",
        "The work of a review is bounded; nothing is left out without this note.",
    ),
    row(
        Text,
        "unused-exception",
        "an exception in `kmslab-lint.toml` that matches no finding",
        "The fault is mended, or the entry misspelt: remove it.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_id_stands_once_and_groups_stay_together() {
        let ids: BTreeSet<&str> = CATALOGUE.iter().map(|known| known.id).collect();
        assert_eq!(ids.len(), CATALOGUE.len());
        assert!(CATALOGUE.is_sorted_by_key(|known| known.group));
    }
}
