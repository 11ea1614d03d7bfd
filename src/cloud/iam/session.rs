//! Sessions: what STS has given temporary credentials for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::credential::Credential;
use super::stored_policy::StoredPolicy;
use crate::cloud::permission::Keys;
use crate::policy::Principal;
use crate::policy::{ConditionKey, Values, key};

/// A session that STS made.
#[derive(Clone, Debug)]
pub struct Session {
    /// The principal that acts in the session.
    pub principal: Principal,
    /// The session policies; `None` if none limit it.
    pub policies: Option<SessionPolicies>,
    pub issued: Timestamp,
    pub expires: Timestamp,
    pub tags: BTreeMap<String, String>,
    /// The names of the tags that sessions made from this one have, too.
    pub transitive: BTreeSet<String>,
    /// The source identity that was set, for the whole chain of sessions.
    pub source_identity: Option<String>,
    /// True for a session that was made with a second factor.
    pub mfa: bool,
    /// How the session came about.
    pub origin: Origin,
    /// What requests of the session are signed with.
    pub credential: Credential,
}

/// What limits a session beside the policies of whoever made it.
#[derive(Clone, Debug, Default)]
pub struct SessionPolicies {
    /// The document that was passed.
    pub document: Option<StoredPolicy>,
    /// The ARNs of the managed policies that were passed.
    pub arns: Vec<String>,
}

/// How a session came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A role was taken on by AssumeRole.
    Role,
    /// A role was taken on by AssumeRoleWithWebIdentity.
    WebIdentity {
        /// The ARN of the identity provider.
        provider: String,
    },
    /// By GetSessionToken: a user or root user with credentials for a time.
    User,
    /// A user vouched for somebody by GetFederationToken.
    Federation {
        /// The unique id of the user who vouches; `None` for a root user.
        user_id: Option<Arc<str>>,
    },
}

impl Session {
    /// Returns the condition keys that only temporary credentials have.
    /// Source: IAM User Guide, "AWS global condition context keys", properties of the role session.
    pub(super) fn keys(&self, now: Timestamp) -> Keys {
        let one = |key: ConditionKey, value: String| (key, Values::from(value));
        let mut keys = vec![
            one(key!("aws:TokenIssueTime"), self.issued.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            one(key!("aws:MultiFactorAuthPresent"), self.mfa.to_string()),
        ];
        if self.mfa {
            let age = now.as_second() - self.issued.as_second();
            keys.push(one(key!("aws:MultiFactorAuthAge"), age.to_string()));
        }
        keys.extend(self.source_identity.clone().map(|identity| one(key!("aws:SourceIdentity"), identity)));
        if let Origin::WebIdentity { provider } = &self.origin {
            keys.push(one(key!("aws:FederatedProvider"), provider.clone()));
        }
        keys
    }

    /// Returns the tags that sessions made from this one have, too.
    pub(in crate::cloud) fn transitive_tags(&self) -> BTreeMap<String, String> {
        let kept = self.tags.iter().filter(|(name, _)| self.transitive.contains(*name));
        kept.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Tells whether IAM takes requests of the session.
    ///
    /// Source: IAM User Guide, "id_credentials_temp_request", the table of the features of STS operations: of GetFederationToken
    /// none, of GetSessionToken those with a second factor.
    pub(super) fn may_call_iam(&self) -> bool {
        match self.origin {
            Origin::Role | Origin::WebIdentity { .. } => true,
            Origin::User => self.mfa,
            Origin::Federation { .. } => false,
        }
    }
}
