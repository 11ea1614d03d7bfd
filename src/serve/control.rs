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
//! | `POST /_kmslab/web-identity` `{"subject": .., "audience": ..}` | vouches for somebody: a token of the built-in identity provider |
//! | `POST /_kmslab/worlds` | opens a world of its own, and gives the keys to it |
//! | `DELETE /_kmslab/worlds` | closes such a world |
//!
//! `?world=ID` says which world is meant: the id of its first key. Without it, it is the one that the server's keys belong to.
//!
//! A page in a browser on this machine can send requests to the port, too. So the header `Host` must name this machine,
//! `Origin` must be missing, and all but `health` needs the token, which no page can read.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::backend::{Backend, Behind, Checks};
use super::keys::Key;
use super::played::Played;
use super::recorder::NotKept;
use super::served::NotAdvanced;
use super::worlds::{NoWorld, SHARED, Worlds};
use crate::cloud::sts::PROVIDER;
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
    pub async fn answer(&self, request: &Request, connection: u32) -> Answer {
        let Some(path) = request.path.strip_prefix(ROOT) else {
            // Where anybody may call, a page in a browser would be anybody, too.
            let open = matches!(self.backend.checks(), Checks::Permissive(_) | Checks::NoVerify);
            return match from_this_machine(request) {
                Err(refused) if open => refused.answer(),
                Ok(()) | Err(_) => self.backend.answer(request, connection).await,
            };
        };
        match self.control(request, path).await {
            Ok(value) => Answer::new(200, "application/json", format!("{value}\n")),
            Err(refused) => refused.answer(),
        }
    }

    async fn control(&self, request: &Request, path: &str) -> Result<Value, Refused> {
        from_this_machine(request)?;
        let asked = (request.method.as_str(), path);
        if asked != ("GET", "health") {
            self.check_token(request)?;
        }
        match self.backend.behind() {
            Behind::Worlds(worlds) => self.of_worlds(worlds, request, asked).await,
            Behind::Lab(lab) => of_lab(lab, asked),
        }
    }

    async fn of_worlds(
        &self,
        worlds: &Worlds,
        request: &Request,
        asked: (&str, &str),
    ) -> Result<Value, Refused> {
        match asked {
            ("POST", "worlds") if !self.opens_worlds => {
                return Err(Refused(
                    403,
                    "the server opens no worlds: start it with --per-key-world".to_owned(),
                ));
            }
            ("POST", "worlds") => return Ok(opened(&worlds.open()?)),
            _ => {}
        }
        let name = world_of(request);
        let missing = || Refused(404, format!("there is no world `{name}`"));
        if asked == ("DELETE", "worlds") {
            return worlds.close(&name).then(|| json!({})).ok_or_else(missing);
        }
        let world = worlds.find(&name).ok_or_else(missing)?;
        match asked {
            ("GET", "health") => Ok(world.health()),
            ("GET", "explain") => Ok(world.explained()),
            ("POST", "reset") => {
                world.reset().await?;
                Ok(json!({}))
            }
            ("POST", "snapshot") => {
                let name = text(request, "name")?;
                world.snapshot(&name, worlds.snapshots_beside(&world)).await?;
                Ok(json!({"name": name}))
            }
            ("POST", "restore") => {
                let name = text(request, "name")?;
                let missing = || Refused(404, format!("there is no snapshot `{name}`"));
                world.restore(&name).await?.then(|| json!({"name": name})).ok_or_else(missing)
            }
            ("POST", "web-identity") => {
                let (subject, audience) = (text(request, "subject")?, text(request, "audience")?);
                Ok(json!({"provider": PROVIDER, "token": world.web_identity_token(&subject, &audience)}))
            }
            ("POST", "clock") => {
                let by: Duration = text(request, "advance")?.parse::<Duration>()?;
                Ok(json!({"time": world.advance(by.signed()).await?}))
            }
            asked => Err(nothing(asked)),
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

/// Answers about a lab that somebody plays: its time and its steps are theirs to move, on the screen.
fn of_lab(lab: &Played, asked: (&str, &str)) -> Result<Value, Refused> {
    match asked {
        ("GET", "health") => Ok(lab.health()),
        ("GET", "explain") => Ok(lab.explained()),
        ("POST", "reset" | "snapshot" | "restore" | "clock" | "web-identity" | "worlds")
        | ("DELETE", "worlds") => {
            Err(Refused(403, "the lab is played on the screen, which does that".to_owned()))
        }
        asked => Err(nothing(asked)),
    }
}

fn nothing((method, path): (&str, &str)) -> Refused {
    Refused(404, format!("there is no {method} {ROOT}{path}"))
}

/// The keys to a world that was opened.
fn opened(keys: &[Key]) -> Value {
    let shown = keys.iter().map(|key| {
        json!({
            "name": key.name,
            "accessKeyId": key.id,
            "secretAccessKey": key.credential.secret(),
            "sessionToken": key.credential.token(),
        })
    });
    json!({"world": keys.first().map(|key| &key.world), "keys": shown.collect::<Vec<_>>()})
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

impl From<NotKept> for Refused {
    fn from(error: NotKept) -> Self {
        Self(500, error.to_string())
    }
}

impl From<NotAdvanced> for Refused {
    fn from(error: NotAdvanced) -> Self {
        match error {
            NotAdvanced::Clock(error) => Self(400, error.to_string()),
            NotAdvanced::NotKept(error) => error.into(),
        }
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
