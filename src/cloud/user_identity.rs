//! Who called, as a record of the audit trail tells it.
//!
//! Source: CloudTrail User Guide, "userIdentity element".

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::iam::{Origin, Session};
use crate::policy::Principal;

/// Who does what nobody asked for at that moment.
pub(super) const INTERNAL: &str = "AWS Internal";

/// Who called. Most records are never read: what they say of it is worked out when they are.
#[derive(Clone, Debug, PartialEq)]
pub enum UserIdentity {
    /// Somebody whose credentials a request was signed with, or nobody.
    Caller {
        /// The principal at the time of the call.
        principal: Principal,
        /// What there is to say of their session, if they have one.
        session: Option<SessionFacts>,
        /// The service that made the call in their name, if one did.
        invoked_by: Option<Arc<str>>,
    },
    /// AWS itself, for a resource of this account.
    Internal {
        /// The account that owns the resource.
        account: String,
    },
}

/// The facts of a session that a record tells.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionFacts {
    issued: Timestamp,
    mfa: bool,
    source_identity: Option<String>,
    /// The unique id of the user who vouches for a federated user.
    user_id: Option<Arc<str>>,
}

impl SessionFacts {
    fn of(session: &Session) -> Self {
        let user_id = match &session.origin {
            Origin::Federation { user_id } => user_id.clone(),
            Origin::Role | Origin::WebIdentity { .. } | Origin::User => None,
        };
        Self {
            issued: session.issued,
            mfa: session.mfa,
            source_identity: session.source_identity.clone(),
            user_id,
        }
    }
}

impl UserIdentity {
    /// Who a principal is, in its session if it has one, and the service that calls in its name.
    pub(super) fn new(
        principal: &Principal,
        session: Option<&Session>,
        invoked_by: Option<&Arc<str>>,
    ) -> Self {
        Self::Caller {
            principal: principal.clone(),
            session: session.map(SessionFacts::of),
            invoked_by: invoked_by.cloned(),
        }
    }

    /// The account; none for a service that acts as itself.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Caller { principal: Principal::Anonymous, .. } => Some("anonymous"),
            Self::Caller { principal, .. } => principal.account().map(AsRef::as_ref),
            Self::Internal { account } => Some(account),
        }
    }

    /// Tells whether a service acts as itself.
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Caller { principal: Principal::Service { .. }, .. })
    }

    /// Returns the field `userIdentity` as the account of the caller reads it.
    pub fn to_json(&self) -> Value {
        let (principal, session, invoked_by) = match self {
            Self::Caller { principal, session, invoked_by } => (principal, session.as_ref(), invoked_by),
            Self::Internal { account } => return json!({"accountId": account, "invokedBy": INTERNAL}),
        };
        let mut identity = of_principal(principal, session);
        if let Some(session) = session {
            identity["sessionContext"]["attributes"] =
                json!({"creationDate": instant(session.issued), "mfaAuthenticated": session.mfa.to_string()});
            if let Some(source) = &session.source_identity {
                identity["sessionContext"]["sourceIdentity"] = json!(source);
            }
        }
        if let (Some(service), Some(fields)) = (invoked_by, identity.as_object_mut()) {
            fields.insert("invokedBy".to_owned(), json!(service));
        }
        identity
    }
}

/// A time in the frame of a record.
pub(super) fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn of_principal(principal: &Principal, session: Option<&SessionFacts>) -> Value {
    match principal {
        Principal::Anonymous => json!({"type": "Unknown", "principalId": "", "accountId": "anonymous"}),
        Principal::Service { name } => json!({"type": "AWSService", "invokedBy": name.as_ref()}),
        Principal::Root { account } => json!({
            "type": "Root", "principalId": account.as_ref(), "arn": principal.name().as_ref(), "accountId": account.as_ref(),
        }),
        Principal::User { arn, account, unique_id, .. } => json!({
            "type": "IAMUser", "principalId": unique_id.as_deref().unwrap_or_default(), "arn": arn.as_ref(), "accountId": account.as_ref(),
            "userName": arn.rsplit('/').next().unwrap_or_default(),
        }),
        // Source: CloudTrail User Guide, "userIdentity element", `type`: Role is "a persistent IAM identity".
        Principal::RoleSession { account, role_arn, role_id, .. } if session.is_none() => json!({
            "type": "Role", "principalId": role_id.as_deref().unwrap_or_default(), "arn": role_arn.as_ref(),
            "accountId": account.as_ref(), "userName": role_arn.rsplit('/').next().unwrap_or_default(),
        }),
        Principal::RoleSession { arn, account, role_arn, role_id, session_name } => json!({
            "type": "AssumedRole",
            "principalId": format!("{}:{session_name}", role_id.as_deref().unwrap_or_default()),
            "arn": arn.as_ref(),
            "accountId": account.as_ref(),
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "principalId": role_id.as_deref().unwrap_or_default(), "arn": role_arn.as_ref(),
                "accountId": account.as_ref(), "userName": role_arn.rsplit('/').next().unwrap_or_default(),
            }},
        }),
        Principal::FederatedUser { arn, account, user_arn } => {
            federated(arn, account, user_arn.as_deref(), session)
        }
        // Source: CloudTrail User Guide, "userIdentity element", identityProvider
        Principal::Federated { provider } => json!({
            "type": "WebIdentityUser", "principalId": provider.as_ref(), "identityProvider": provider.as_ref(),
        }),
    }
}

/// `userIdentity` of somebody whom a user or root user vouches for.
/// Source: CloudTrail User Guide, "userIdentity element", sessionIssuer of FederatedUser.
fn federated(arn: &str, account: &str, user_arn: Option<&str>, session: Option<&SessionFacts>) -> Value {
    let user_id = session.and_then(|session| session.user_id.as_deref());
    let issuer = match user_arn {
        Some(user) => json!({
            "type": "IAMUser", "principalId": user_id.unwrap_or_default(), "arn": user, "accountId": account,
            "userName": user.rsplit('/').next().unwrap_or_default(),
        }),
        None => json!({
            "type": "Root", "principalId": account, "arn": format!("arn:aws:iam::{account}:root"), "accountId": account,
        }),
    };
    json!({
        "type": "FederatedUser",
        "principalId": format!("{account}:{}", arn.rsplit('/').next().unwrap_or_default()),
        "arn": arn,
        "accountId": account,
        "sessionContext": {"sessionIssuer": issuer},
    })
}
