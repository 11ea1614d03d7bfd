//! From a request to its answer: who signed, the call, and what it led to.

use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::clock::machine_time;
use super::journal::{Beginning, Journal, line};
use super::keys::request_id;
use super::recorder::{Kept, Recorder};
use super::state::{KeyOwner, NotRestored, SHARED, State};
use crate::cloud::service::ErrorStyle;
use crate::cloud::{AccountId, ApiError, Call, CallContext, Caller, Region, World};
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

/// The simulated AWS behind a port.
pub struct Backend {
    checks: Checks,
    state: Mutex<State>,
    /// What is on the disk; `None` without a file.
    kept: Option<watch::Receiver<Kept>>,
}

impl Backend {
    /// Serves a world that began so, to the holders of its keys, and goes on from a file if there is one.
    ///
    /// # Errors
    ///
    /// If what the file holds cannot be done again.
    pub fn new(
        world: World,
        beginning: &Beginning,
        checks: Checks,
        journal: Option<Journal>,
    ) -> Result<Self, NotRestored> {
        let mut state = State::new(world, beginning, matches!(checks, Checks::Permissive(_)));
        let mut kept = None;
        if let Some(Journal { beginning: known, entries, mut file }) = journal {
            if known.is_none() {
                file.write_all(&line(beginning))?;
                file.sync_all()?;
            }
            let (recorder, receiver) = Recorder::start(file, entries.len() as u64)?;
            state.restore_from(entries, recorder)?;
            kept = Some(receiver);
        }
        Ok(Self { checks, state: Mutex::new(state), kept })
    }

    /// Waits until all that was done so far is on the disk; the error says why it is not.
    pub async fn keep(&self) -> Result<(), String> {
        let Some(mut kept) = self.kept.clone() else { return Ok(()) };
        let done = self.state().recorded();
        let is_over = |kept: &Kept| match kept {
            Kept::Lines(lines) => *lines >= done,
            Kept::Failed(_) => true,
        };
        match kept.wait_for(is_over).await.as_deref() {
            Ok(Kept::Lines(_)) => Ok(()),
            Ok(Kept::Failed(why)) => Err(why.clone()),
            Err(_) => Err("the state file is no longer written".to_owned()),
        }
    }

    /// The answer to a request whose outcome could not be kept.
    pub fn unkept(request: &Request, why: &str) -> Answer {
        let error = ApiError::new("InternalFailure", format!("kmslab: {why}")).with_status(500);
        match service(request) {
            Some(spoken) => errors::error(spoken, &error, &request_id()),
            None => nowhere(false, &error, &request_id()),
        }
    }

    /// Which signatures are asked for.
    pub fn checks(&self) -> &Checks {
        &self.checks
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A call that panicked has changed the copy of the world that it worked on, and nothing else.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request that came on a connection.
    pub fn answer(&self, request: &Request, connection: u32) -> Answer {
        let Route { spoken, operation, input } = match route(request) {
            Ok(route) => route,
            Err(lost) => {
                return match lost.spoken {
                    Some(spoken) => errors::error(spoken, &lost.error, &request_id()),
                    None => nowhere(request.header("x-amz-target").is_some(), &lost.error, &request_id()),
                };
            }
        };
        let refused = |error: &ApiError| errors::error(spoken, error, &request_id());
        let style = style(spoken);
        if let Some(error) = unknown(spoken, &operation) {
            return refused(&error);
        }
        let signer = match self.signer(request, spoken) {
            Ok(signer) => signer,
            Err(fault) => return refused(&fault.error(style)),
        };
        let call = match Call::decode(spoken.service, &operation, input) {
            Ok(call) => call.with_context(context(request, signer.region, connection)),
            Err(error) => return refused(&error),
        };
        let outcome = self.state().call(&signer.world, &signer.caller, call);
        let Some(outcome) = outcome else { return refused(&Fault::UnknownKey.error(style)) };
        match &outcome.result {
            Ok(output) => errors::output(spoken, &operation, &output.to_json(), &outcome.request_id),
            Err(error) => errors::error(spoken, error, &outcome.request_id),
        }
    }

    /// Finds out who signed a request, and for which Region.
    fn signer(&self, request: &Request, spoken: &Spoken) -> Result<Signer, Fault> {
        let found = match (&self.checks, presented(request)) {
            (Checks::Permissive(account), found) => {
                return Ok(self.anybody(found.ok().flatten(), account, spoken));
            }
            (Checks::Verify | Checks::NoVerify, found) => found?.ok_or(Fault::Missing)?,
        };
        if self.checks == Checks::Verify {
            found.check_scope(spoken)?;
        }
        let KeyOwner { world, caller, credential } =
            self.state().holder(&found.access_key).ok_or(Fault::UnknownKey)?;
        if credential.token() != found.token.as_deref() {
            return Err(Fault::UnknownKey);
        }
        if self.checks == Checks::Verify {
            found.check(request, credential.secret(), machine_time())?;
        }
        Ok(Signer { world, caller, region: region_of(spoken, &found) })
    }

    /// Whoever holds the key of a request, else the root user of an account.
    fn anybody(&self, found: Option<Presented>, account: &AccountId, spoken: &Spoken) -> Signer {
        let holder = found.as_ref().and_then(|found| self.state().holder(&found.access_key));
        let region = found.map_or_else(Region::us_east_1, |found| region_of(spoken, &found));
        match holder {
            Some(KeyOwner { world, caller, credential: _ }) => Signer { world, caller, region },
            None => Signer { world: SHARED.to_owned(), caller: Caller::Root(account.clone()), region },
        }
    }
}

/// Who signed a request.
struct Signer {
    /// The world whose key it is.
    world: String,
    caller: Caller,
    region: Region,
}

/// How the service words its errors.
fn style(spoken: &Spoken) -> ErrorStyle {
    match spoken.protocol {
        Protocol::Json { .. } => ErrorStyle::Json,
        Protocol::Query { .. } => ErrorStyle::Query,
        Protocol::RestJson { .. } => ErrorStyle::RestJson,
    }
}

/// The error of an operation that is not simulated. Its text is kmslab's own: AWS may well have the operation.
fn unknown(spoken: &Spoken, operation: &str) -> Option<ApiError> {
    let here = crate::cloud::SERVICES
        .iter()
        .any(|service| service.prefix == spoken.service && service.has(operation));
    let code = match style(spoken) {
        ErrorStyle::Query => "InvalidAction",
        ErrorStyle::Json | ErrorStyle::RestJson => "UnknownOperationException",
    };
    let text = || format!("kmslab does not simulate the operation {operation} of {}", spoken.service);
    (!here).then(|| ApiError::new(code, text()))
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
        first.unwrap_or_default().clone_into(&mut context.user_agent);
    }
    context
}
