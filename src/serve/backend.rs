//! From a request to its answer: who signed, the call, and what it led to.

use std::sync::Arc;

use super::clock::machine_time;
use super::keys::request_id;
use super::played::{Guest, Played};
use super::recorder::NotKept;
use super::served::Served;
use super::signing::SigningKeys;
use super::worlds::{KeyOwner, SHARED, Worlds};
use crate::cloud::iam::Credential;
use crate::cloud::service::{ErrorStyle, Support};
use crate::cloud::{AccountId, ApiError, Call, CallContext, Caller, Outcome, Region};
use crate::lab::visit::NotMet;
use crate::limits::Exceeded;
use crate::limits::wire::USER_AGENT;
use crate::wire::errors::{self, nowhere};
use crate::wire::route::{route, service};
use crate::wire::sigv4::{Fault, Presented, presented};
use crate::wire::{Answer, Protocol, Request, Route, Spoken};

/// Which signatures are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checks {
    /// A signature must be that of the key's secret.
    Verify,
    /// An access key says who somebody is; its signature is not looked at.
    NoVerify,
    /// Whoever signs with no key that is known acts as the root user of this account.
    Permissive(AccountId),
}

/// What answers behind the port.
pub enum Behind {
    /// Worlds that only the port leads to.
    Worlds(Worlds),
    /// A lab that somebody plays on the screen meanwhile.
    Lab(Played),
}

/// The simulated AWS behind a port.
pub struct Backend {
    checks: Checks,
    behind: Behind,
    signing: SigningKeys,
}

impl Backend {
    /// Serves what is behind the port, with these checks of signatures.
    pub fn new(behind: Behind, checks: Checks) -> Self {
        Self { checks, behind, signing: SigningKeys::default() }
    }

    /// What answers behind the port.
    pub(super) fn behind(&self) -> &Behind {
        &self.behind
    }

    /// Which signatures are asked for.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    /// Answers a request that came on a connection.
    pub async fn answer(&self, request: &Request, connection: u32) -> Answer {
        let Route { spoken, operation, input } = match route(request) {
            Ok(route) => route,
            Err(lost) => {
                return match lost.spoken {
                    Some(spoken) => errors::error(spoken, &lost.error, &request_id()),
                    None => nowhere(request.header("x-amz-target").is_some(), &lost.error, &request_id()),
                };
            }
        };
        let made = match unknown(spoken, &operation) {
            Some(error) => Err(error),
            None => self.call(request, connection, spoken, &operation, input).await,
        };
        match made {
            Ok(outcome) => match &outcome.result {
                Ok(output) => {
                    let id = outcome.request_id.to_string();
                    let answer = || errors::output(spoken, &operation, output, &id);
                    // A pair of keys is made when it is written, which takes up to seconds.
                    if output.draws().is_some() { tokio::task::block_in_place(answer) } else { answer() }
                }
                Err(error) => errors::error(spoken, error, &outcome.request_id.to_string()),
            },
            Err(error) => errors::error(spoken, &error, &request_id()),
        }
    }

    /// Makes the call that a request asks for; the error is of one that comes to no call.
    async fn call(
        &self,
        request: &Request,
        connection: u32,
        spoken: &Spoken,
        operation: &str,
        input: serde_json::Value,
    ) -> Result<Arc<Outcome>, ApiError> {
        let style = style(spoken);
        let signer = match self.signer(request, spoken).await {
            Err(Unsigned::Fault(Fault::Missing)) if is_unsigned(spoken, operation) => {
                self.of_shared(Caller::Anonymous, Region::us_east_1())
            }
            found => found,
        };
        let signer = signer.map_err(|error| error.worded(style))?;
        if let (Place::World(world), Some(key)) = (&signer.place, &signer.access_key) {
            world.note_key_use(key, spoken.service, &signer.region).await;
        }
        let call = Call::decode(spoken.service, operation, input)?;
        let call = call.with_context(context(request, signer.region, connection));
        match (&self.behind, signer.place) {
            (Behind::Worlds(_), Place::World(world)) => {
                world.call(signer.caller, call).await.map_err(|NotKept(why)| failure(&why))
            }
            (Behind::Lab(lab), Place::Lab(who)) => {
                lab.call(who, signer.caller, call).await.map_err(|error| unavailable(&error))
            }
            (Behind::Worlds(_), Place::Lab(_)) | (Behind::Lab(_), Place::World(_)) => {
                Err(Fault::UnknownKey.error(style))
            }
        }
    }

    /// Finds out who signed a request, and for which Region.
    async fn signer(&self, request: &Request, spoken: &Spoken) -> Result<Signer, Unsigned> {
        let found = match (&self.checks, presented(request)) {
            (Checks::Permissive(account), found) => {
                return self.anybody(found.ok().flatten(), account, spoken).await;
            }
            (Checks::Verify | Checks::NoVerify, found) => found?.ok_or(Fault::Missing)?,
        };
        if self.checks == Checks::Verify {
            found.check_scope(spoken)?;
        }
        let Holder { place, caller, credential } =
            self.holder(&found.access_key).await?.ok_or(Fault::UnknownKey)?;
        if credential.token() != found.token.as_deref() {
            return Err(Fault::UnknownKey.into());
        }
        if self.checks == Checks::Verify {
            found.check(request, &self.signing.of(&found, credential.secret()), machine_time())?;
        }
        let region = region_of(spoken, &found);
        Ok(Signer { place, caller, region, access_key: Some(found.access_key) })
    }

    /// Whoever holds the key of a request, else the root user of an account.
    async fn anybody(
        &self,
        found: Option<Presented>,
        account: &AccountId,
        spoken: &Spoken,
    ) -> Result<Signer, Unsigned> {
        let holder = match &found {
            Some(found) => self.holder(&found.access_key).await?,
            None => None,
        };
        let region = found.as_ref().map_or_else(Region::us_east_1, |found| region_of(spoken, found));
        if let Some(Holder { place, caller, credential: _ }) = holder {
            let access_key = found.map(|found| found.access_key);
            return Ok(Signer { place, caller, region, access_key });
        }
        self.of_shared(Caller::Root(account.clone()), region)
    }

    /// Somebody without a key, in the world that the server's own keys belong to, or in the lab.
    fn of_shared(&self, caller: Caller, region: Region) -> Result<Signer, Unsigned> {
        let place = match &self.behind {
            Behind::Worlds(worlds) => Place::World(worlds.find(SHARED).ok_or(Fault::UnknownKey)?),
            Behind::Lab(_) => Place::Lab(None),
        };
        Ok(Signer { place, caller, region, access_key: None })
    }

    /// Returns whose access key this is.
    async fn holder(&self, access_key: &str) -> Result<Option<Holder>, NotMet> {
        Ok(match &self.behind {
            Behind::Worlds(worlds) => {
                worlds.holder(access_key).map(|KeyOwner { world, caller, credential }| Holder {
                    place: Place::World(world),
                    caller,
                    credential,
                })
            }
            Behind::Lab(lab) => lab.holder(access_key).await?.map(|Guest { who, caller, credential }| {
                Holder { place: Place::Lab(who), caller, credential }
            }),
        })
    }
}

/// Where somebody's calls are made.
enum Place {
    World(Arc<Served>),
    /// The lab, with the name of whoever signs, if a key was given out to them.
    Lab(Option<String>),
}

/// Whose access key it is.
struct Holder {
    place: Place,
    caller: Caller,
    credential: Credential,
}

/// Who signed a request.
struct Signer {
    place: Place,
    caller: Caller,
    region: Region,
    /// The key that the request was signed with, where it is somebody's.
    access_key: Option<String>,
}

/// Why nobody is known to have signed.
enum Unsigned {
    Fault(Fault),
    NotMet(NotMet),
}

impl From<Fault> for Unsigned {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<NotMet> for Unsigned {
    fn from(error: NotMet) -> Self {
        Self::NotMet(error)
    }
}

impl Unsigned {
    fn worded(&self, style: ErrorStyle) -> ApiError {
        match self {
            Self::Fault(fault) => fault.error(style),
            Self::NotMet(error) => unavailable(error),
        }
    }
}

/// The answer to a request whose body is longer than it may be, in the protocol of its service.
// Doubtful: the codes; clients go by the status. One form is known.
// Source: the pages "Common errors" of each service, which are silent.
pub(super) fn too_large(request: &Request, why: Exceeded) -> Answer {
    let text = format!("kmslab: {why}");
    let Some(spoken) = service(request) else {
        return Answer::new(413, "text/plain", format!("{text}\n"));
    };
    let code = match style(spoken) {
        ErrorStyle::Query => "RequestEntityTooLarge",
        ErrorStyle::Json | ErrorStyle::RestJson => "RequestEntityTooLargeException",
    };
    errors::error(spoken, &ApiError::new(code, text).with_status(413), &request_id())
}

/// The error of a call whose outcome could not be kept. Its text is kmslab's own.
fn failure(why: &str) -> ApiError {
    ApiError::new("InternalFailure", format!("kmslab: {why}")).with_status(500)
}

/// The error of a call that the lab does not take. Clients of AWS try again after it.
fn unavailable(why: &NotMet) -> ApiError {
    ApiError::new("ServiceUnavailable", format!("kmslab: {why}")).with_status(503)
}

/// How the service words its errors.
fn style(spoken: &Spoken) -> ErrorStyle {
    match spoken.protocol {
        Protocol::Json { .. } => ErrorStyle::Json,
        Protocol::Query { .. } => ErrorStyle::Query,
        Protocol::RestJson { .. } => ErrorStyle::RestJson,
    }
}

/// What is simulated of an operation.
fn support(spoken: &Spoken, operation: &str) -> Option<&'static Support> {
    let service = crate::cloud::SERVICES.iter().find(|service| service.prefix == spoken.service)?;
    service.operation(operation)
}

/// Whether an operation takes requests without a signature.
fn is_unsigned(spoken: &Spoken, operation: &str) -> bool {
    support(spoken, operation).is_some_and(|support| support.unsigned)
}

/// The error of an operation that is not simulated. Its text is kmslab's own: AWS may well have the operation.
fn unknown(spoken: &Spoken, operation: &str) -> Option<ApiError> {
    let code = match style(spoken) {
        ErrorStyle::Query => "InvalidAction",
        ErrorStyle::Json | ErrorStyle::RestJson => "UnknownOperationException",
    };
    let text = || format!("kmslab does not simulate the operation {operation} of {}", spoken.service);
    support(spoken, operation).is_none().then(|| ApiError::new(code, text()))
}

/// The Region that a request counts for.
fn region_of(spoken: &Spoken, found: &Presented) -> Region {
    if spoken.global { Region::us_east_1() } else { Region::new(&found.region) }
}

/// The circumstances of a request. Its address is the one that the lab's calls have: what comes over loopback would be
/// outside of every network that a policy names.
fn context(request: &Request, region: Region, connection: u32) -> CallContext {
    let mut context = CallContext::in_region(region);
    context.connection = connection;
    if let Some(agent) = request.header("user-agent") {
        // Of a longer one the first part: a limit of bytes may fall into a character.
        let mut ends = (0..=agent.len().min(USER_AGENT.size())).rev();
        let first = ends.find_map(|end| agent.get(..end));
        context.user_agent = first.unwrap_or_default().into();
    }
    context
}
