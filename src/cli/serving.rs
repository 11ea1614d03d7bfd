//! What the commands that serve have in common: who gets keys, and how the port is used.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;

use crate::cloud::Caller;
use crate::scenario::Persona;
use crate::serve::control::TOKEN_HEADER;
use crate::serve::{Keys, profile};

/// The address and the port that are served unless somebody says otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4566);

/// The characters of the control API's token.
pub const TOKEN_LENGTH: usize = 32;

/// Returns the people of a scenario who can sign, each with the name of the profile.
pub fn holders(personas: Vec<Persona>) -> Vec<(String, Caller)> {
    let people = personas.into_iter().filter(|persona| persona.caller != Caller::Anonymous);
    people.map(|persona| (persona.name, persona.caller)).collect()
}

/// A port as it is used.
pub struct Used<'a> {
    pub keys: &'a Keys,
    /// Where requests go: `http://127.0.0.1:4566`.
    pub endpoint: &'a str,
    pub region: &'a str,
    /// The profile that the lines name.
    pub first: &'a str,
    /// The token of the control API; empty for a server that asks for none.
    pub token: &'a str,
    /// The folder of the profiles, if they were written.
    pub folder: Option<&'a Path>,
}

impl Used<'_> {
    /// Writes the profiles, where a folder is named for them.
    pub fn write_profiles(&self) -> anyhow::Result<()> {
        let Some(folder) = self.folder else { return Ok(()) };
        profile::write(folder, self.keys, self.endpoint, self.region, self.token)
            .with_context(|| format!("cannot write the profiles to {}", folder.display()))
    }

    /// Returns lines to paste into a shell, and who can sign.
    pub fn lines(&self) -> Vec<String> {
        let Self { keys, endpoint, region, first, .. } = self;
        let mut lines = Vec::new();
        let key = keys.of(first).or_else(|| keys.all().next());
        match (self.folder, key) {
            (Some(folder), key) => {
                let (folder, name) = (folder.display(), key.map_or("", |key| &key.name));
                lines.push(format!("export AWS_CONFIG_FILE='{folder}/config'"));
                lines.push(format!("export AWS_SHARED_CREDENTIALS_FILE='{folder}/credentials'"));
                lines.push(format!("aws --profile '{name}' sts get-caller-identity"));
            }
            (None, Some(key)) => {
                let (id, secret) = (&key.id, key.credential.secret());
                let token = key.credential.token().map(|token| ("AWS_SESSION_TOKEN", token));
                let variables = [
                    ("AWS_ENDPOINT_URL", *endpoint),
                    ("AWS_DEFAULT_REGION", *region),
                    ("AWS_REGION", *region),
                    ("AWS_ACCESS_KEY_ID", id),
                    ("AWS_SECRET_ACCESS_KEY", secret),
                ];
                let all = variables.into_iter().chain(token);
                lines.extend(all.map(|(name, value)| format!("export {name}={value}")));
            }
            (None, None) => {}
        }
        let names: Vec<&str> = keys.all().map(|key| key.name.as_str()).collect();
        if names.len() > 1 {
            lines.push(format!(
                "# identities: {} (--write-profile DIR makes each a profile)",
                names.join(", ")
            ));
        }
        lines
    }

    /// Returns the line that asks the control API for something.
    pub fn control(&self, method: &str, name: &str) -> String {
        let token = self.token;
        let header = if token.is_empty() { String::new() } else { format!(" -H '{TOKEN_HEADER}: {token}'") };
        format!("curl -X {method}{header} {}/_kmslab/{name}", self.endpoint)
    }
}
