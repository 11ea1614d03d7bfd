//! Short ways to write policies and requests in tests.

use super::{
    Context, Document, Policies, PolicyKind, Principal, Request, Resource, ResourceMode, ResourcePolicy,
};
use super::{Source, parse};
use std::sync::Arc;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A document of the given statements, each the inside of the braces.
pub(crate) fn document(kind: PolicyKind, statements: &[&str]) -> Arc<Document> {
    let statements: Vec<_> = statements.iter().map(|statement| format!("{{{statement}}}")).collect();
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "));
    let parsed = parse(&text, kind);
    parsed.document.unwrap_or_else(|| panic!("{text}: {:?}", parsed.diagnostics))
}

/// A policy of one layer, called by its kind.
pub(crate) fn source(kind: PolicyKind, statements: &[&str]) -> Source {
    Source::new(format!("{kind:?}"), document(kind, statements))
}

/// A resource policy that is required (as for KMS keys) or optional (as for buckets).
pub(crate) fn resource_policy(mode: ResourceMode, statements: &[&str]) -> ResourcePolicy {
    ResourcePolicy { mode, source: Some(source(PolicyKind::Resource, statements)), cross_account: true }
}

/// Policies with one identity policy, or none where there are no statements.
pub(crate) fn identity(statements: &[&str]) -> Policies {
    let list = if statements.is_empty() { vec![] } else { vec![source(PolicyKind::Identity, statements)] };
    Policies { identity: list, ..Policies::default() }
}

pub(crate) fn user(name: &str) -> Principal {
    Principal::User {
        arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}").into(),
        account: ACCOUNT.into(),
        unique_id: Some(format!("AIDA{}", name.to_uppercase()).into()),
    }
}

pub(crate) fn foreign_user(name: &str) -> Principal {
    Principal::User {
        arn: format!("arn:aws:iam::{OTHER_ACCOUNT}:user/{name}").into(),
        account: OTHER_ACCOUNT.into(),
        unique_id: None,
    }
}

pub(crate) fn root() -> Principal {
    Principal::Root { account: ACCOUNT.into() }
}

pub(crate) fn session(role: &str, name: &str) -> Principal {
    Principal::RoleSession {
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}").into(),
        account: ACCOUNT.into(),
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/{role}").into(),
        role_id: Some(format!("AROA{}", role.to_uppercase()).into()),
        session_name: name.into(),
    }
}

pub(crate) fn federated(name: &str, user: &str) -> Principal {
    Principal::FederatedUser {
        arn: format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}").into(),
        account: ACCOUNT.into(),
        user_arn: Some(format!("arn:aws:iam::{ACCOUNT}:user/{user}").into()),
    }
}

/// A request to decrypt with the key.
pub(crate) fn decrypt(principal: Principal) -> Request {
    decrypt_with(principal, &[])
}

/// The same with condition keys.
pub(crate) fn decrypt_with(principal: Principal, context: &[(&str, &str)]) -> Request {
    let context: Context = context.iter().copied().collect();
    Request::new(principal, "kms:Decrypt", Resource::new(KEY), context)
}
