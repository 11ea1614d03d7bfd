//! Who signs a call, and under which circumstances it arrives.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::{AccountId, Region};

/// Whose credentials a call is signed with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Caller {
    /// Nobody: an unsigned request.
    Anonymous,
    /// The root user of an account.
    Root(AccountId),
    /// An IAM user, by the name it has now.
    User(AccountId, Arc<str>),
    /// Temporary credentials, by their access key id (`ASIA..`).
    Session(Arc<str>),
    /// An AWS service acting for itself, such as `dynamodb.amazonaws.com`.
    Service(Arc<str>),
    /// A role as itself, by its name, without a session that somebody has made. AWS has no such credentials: a learner takes
    /// them to see what any session of the role may do.
    Role(AccountId, Arc<str>),
}

impl Caller {
    /// An IAM user with long-term credentials.
    pub fn user(account: &AccountId, name: &str) -> Self {
        Self::User(account.clone(), name.into())
    }
}

/// The circumstances of a call that policies can ask about, apart from who calls and what for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallContext {
    /// The Region whose endpoint is called.
    pub region: Region,
    /// The network address the request comes from (`aws:SourceIp`), unless the world knows where its caller stands.
    pub source_ip: IpAddr,
    /// The client's name (`aws:UserAgent`, and in the audit record).
    pub user_agent: Arc<str>,
    /// Whether the request came over TLS (`aws:SecureTransport`).
    pub secure_transport: bool,
    /// Which connection of the client carries the call. DynamoDB may keep table keys for connections.
    pub connection: u32,
    /// Condition keys that nothing here derives, such as `aws:Referer`. They never replace a derived key.
    pub keys: BTreeMap<String, Vec<String>>,
    /// The services that pass the caller's identity on, outermost first. Set by the cloud only.
    #[serde(skip)]
    pub(in crate::cloud) forwarded_by: Vec<Arc<str>>,
    /// What a service works for when it calls as itself. Set by the cloud only.
    #[serde(skip)]
    pub(in crate::cloud) on_behalf_of: Option<Behalf>,
}

/// The client's name, unless a call says another.
static USER_AGENT: LazyLock<Arc<str>> = LazyLock::new(|| "kmslab".into());

/// What a service works for when it calls as itself: a resource, and the account that owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cloud) struct Behalf {
    /// The account in whose name the service calls (`aws:SourceAccount`).
    pub account: AccountId,
    /// The resource's ARN (`aws:SourceArn`).
    pub arn: String,
}

impl Behalf {
    /// Returns what a service that calls from outside says it works for: the keys `aws:SourceArn` and `aws:SourceAccount`.
    pub fn stated(context: &CallContext) -> Option<Self> {
        let value = |name: &str| context.keys.get(name)?.first().cloned();
        Some(Self { account: value("aws:SourceAccount")?.parse().ok()?, arn: value("aws:SourceArn")? })
    }
}

impl Default for CallContext {
    fn default() -> Self {
        Self::in_region(Region::us_east_1())
    }
}

impl CallContext {
    /// Calls to the endpoint of `region`.
    pub fn in_region(region: Region) -> Self {
        Self {
            region,
            source_ip: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
            user_agent: USER_AGENT.clone(),
            secure_transport: true,
            connection: 0,
            keys: BTreeMap::new(),
            forwarded_by: Vec::new(),
            on_behalf_of: None,
        }
    }

    /// The service that called last with the caller's identity, such as `dynamodb.amazonaws.com`.
    pub fn invoked_by(&self) -> Option<&str> {
        self.forwarded_by.last().map(AsRef::as_ref)
    }

    /// The same circumstances as seen by a service that `service` (such as `dynamodb.amazonaws.com`) calls in the
    /// caller's name: a forward access session.
    #[must_use]
    pub fn forwarded_by(&self, service: &str) -> Self {
        let mut forwarded = self.clone();
        forwarded.forwarded_by.push(service.into());
        forwarded
    }
}
