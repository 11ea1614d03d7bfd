//! The control API under `/_kmslab/`: what a test or a teacher needs that AWS has no operation for.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /_kmslab/health` | says that the server is there, the world's time, and how long the audit trail is |
//! | `POST /_kmslab/reset` | puts the world back to the start |
//! | `POST /_kmslab/snapshot` `{"name": NAME}` | keeps the world as it is under a name |
//! | `POST /_kmslab/restore` `{"name": NAME}` | puts such a world back |
//! | `POST /_kmslab/clock` `{"advance": "5m"}` | moves the world's clock |
//! | `GET /_kmslab/explain` | the decisions of the last call, with their reasons |
//! | `POST /_kmslab/worlds` | opens a world of its own, and gives the keys to it |
//! | `DELETE /_kmslab/worlds` | closes such a world |
//!
//! `?world=ID` says which world is meant: the id of its first key. Without it, it is the one that the server's keys belong to.
//!
//! A page in a browser on this machine can send requests to the port, too. So the header `Host` must name this machine,
//! `Origin` must be missing, and all but `health` needs the token, which no page can read.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::backend::{Backend, Checks};
use super::state::{NoWorld, SHARED};
use crate::cloud::world::ClockError;
use crate::limits::Exceeded;
use crate::limits::wire::CONTROL;
use crate::scenario::{BadDuration, Duration};
use crate::wire::percent::parameters;
use crate::wire::{Answer, Request};

/// Where the control API begins.
const ROOT: &str = "/_kmslab/";

/// The header that carries the token.
pub const TOKEN_HEADER: &str = "x-kmslab-token";

/// All that answers on the port: the simulated AWS, and what controls it.
pub struct Control {
    backend: Backend,
    /// What a request to the control API must bring; empty for a server that asks for nothing.
    token: Zeroizing<String>,
    /// Whether further worlds may be opened.
    opens_worlds: bool,
}

/// Why the control API refuses.
struct Refused(u16, String);

impl Control {
    /// A server's backend with the token of its control API.
    pub fn new(backend: Backend, token: Zeroizing<String>, opens_worlds: bool) -> Self {
        Self { backend, token, opens_worlds }
    }

    /// Answers a request that came on a connection.
    pub fn answer(&self, request: &Request, connection: u32) -> Answer {
        let Some(path) = request.path.strip_prefix(ROOT) else {
            // Where anybody may call, a page in a browser would be anybody, too.
            let open = matches!(self.backend.checks(), Checks::Permissive(_) | Checks::NoVerify);
            return match from_this_machine(request) {
                Err(refused) if open => refused.answer(),
                Ok(()) | Err(_) => self.backend.answer(request, connection),
            };
        };
        match self.control(request, path) {
            Ok(value) => Answer::new(200, "application/json", format!("{value}\n")),
            Err(refused) => refused.answer(),
        }
    }

    /// Waits until all that was done so far is on the disk; the answer is for a request that cannot be kept.
    ///
    /// # Errors
    ///
    /// If it cannot be brought to the disk.
    pub async fn keep(&self, request: &Request) -> Result<(), Answer> {
        self.backend.keep().await.map_err(|why| Backend::unkept(request, &why))
    }

    fn control(&self, request: &Request, path: &str) -> Result<Value, Refused> {
        from_this_machine(request)?;
        let asked = (request.method.as_str(), path);
        let world = world_of(request);
        let missing = || Refused(404, format!("there is no world `{world}`"));
        if asked == ("GET", "health") {
            return self.backend.state().health(&world).ok_or_else(missing);
        }
        self.check_token(request)?;
        let mut state = self.backend.state();
        let done = |was_there: bool, answer: Value| was_there.then_some(answer).ok_or_else(missing);
        match asked {
            ("POST", "reset") => done(state.reset(&world), json!({})),
            ("POST", "snapshot") => {
                let name = text(request, "name")?;
                done(state.snapshot(&world, &name)?, json!({"name": name}))
            }
            ("POST", "restore") => {
                let name = text(request, "name")?;
                let restored = state.restore(&world, &name);
                let missing = || Refused(404, format!("there is no snapshot `{name}`"));
                restored.then(|| json!({"name": name})).ok_or_else(missing)
            }
            ("POST", "clock") => {
                let by: Duration = text(request, "advance")?.parse::<Duration>()?;
                let time = state.advance(&world, by.signed())?.ok_or_else(missing)?;
                Ok(json!({"time": time}))
            }
            ("GET", "explain") => state.explained(&world).ok_or_else(missing),
            ("POST", "worlds") if !self.opens_worlds => {
                Err(Refused(403, "the server opens no worlds: start it with --per-key-world".to_owned()))
            }
            ("POST", "worlds") => {
                let keys = state.open()?;
                let shown = keys.iter().map(|key| {
                    json!({
                        "name": key.name,
                        "accessKeyId": key.id,
                        "secretAccessKey": key.credential.secret(),
                        "sessionToken": key.credential.token(),
                    })
                });
                Ok(json!({"world": keys.first().map(|key| &key.world), "keys": shown.collect::<Vec<_>>()}))
            }
            ("DELETE", "worlds") => done(state.close(&world), json!({})),
            (method, path) => Err(Refused(404, format!("there is no {method} {ROOT}{path}"))),
        }
    }

    fn check_token(&self, request: &Request) -> Result<(), Refused> {
        let given = request.header(TOKEN_HEADER).unwrap_or_default().as_bytes();
        // In the same time wherever they differ.
        let differing =
            self.token.bytes().zip(given).fold(0, |seen, (wanted, given)| seen | (wanted ^ given));
        if self.token.is_empty() || (differing == 0 && given.len() == self.token.len()) {
            return Ok(());
        }
        let text = format!("the header {TOKEN_HEADER} must carry the token that was printed at the start");
        Err(Refused(403, text))
    }
}

impl From<Exceeded> for Refused {
    fn from(error: Exceeded) -> Self {
        Self(400, error.to_string())
    }
}

impl From<BadDuration> for Refused {
    fn from(error: BadDuration) -> Self {
        Self(400, error.to_string())
    }
}

impl From<ClockError> for Refused {
    fn from(error: ClockError) -> Self {
        Self(400, error.to_string())
    }
}

impl From<NoWorld> for Refused {
    fn from(error: NoWorld) -> Self {
        Self(503, error.to_string())
    }
}

impl Refused {
    fn answer(self) -> Answer {
        Answer::new(self.0, "application/json", format!("{}\n", json!({"error": self.1})))
    }
}

/// Refuses what a page in a browser sends: under another name of this machine, or with its origin.
fn from_this_machine(request: &Request) -> Result<(), Refused> {
    let host = request.header("host").unwrap_or_default();
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host });
    if !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return Err(Refused(
            403,
            "the header Host must name this machine: 127.0.0.1 or localhost".to_owned(),
        ));
    }
    if request.header("origin").is_some() {
        return Err(Refused(403, "a page in a browser may not ask for this".to_owned()));
    }
    Ok(())
}

/// The world that a request is about.
fn world_of(request: &Request) -> String {
    let found = parameters(&request.query).and_then(|all| all.into_iter().find(|(name, _)| name == "world"));
    found.map_or_else(|| SHARED.to_owned(), |(_, world)| world)
}

/// A member of the body, which must be there and a text.
fn text(request: &Request, name: &str) -> Result<String, Refused> {
    CONTROL.check(request.body.len()).map_err(|error| Refused(413, error.to_string()))?;
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let found = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    found
        .map(str::to_owned)
        .ok_or_else(|| Refused(400, format!("the body must be JSON with a text `{name}`")))
}
