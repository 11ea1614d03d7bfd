//! `kmslab serve`: the simulated AWS on a port of this machine, for the AWS CLI and the SDKs.

use std::io::{Write, stderr};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::Exit;
use super::console::Delays;
use super::play::Screen;
use crate::cloud::{AccountId, Caller, Region, World};
use crate::limits::file::Given;
use crate::scenario;
use crate::serve::control::{Control, TOKEN_HEADER};
use crate::serve::journal::{Beginning, Journal, digest};
use crate::serve::keys::{random, random_text};
use crate::serve::{Backend, Checks, Keys, bind, clock, profile};

/// Arguments of `kmslab serve`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "With --state FILE the world outlives the server: each call that changed it is on the disk before it \
                             is answered, in a file that holds secrets and is its owner's alone. Without it the world is \
                             forgotten at the end."
)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line, each for itself")]
pub struct Serve {
    /// The world of a scenario: its id, which may be shortened (a3), or a file
    #[arg(long, value_name = "ID|FILE", conflicts_with = "empty")]
    scenario: Option<String>,
    /// An account with a root user and nothing else; so it is without a scenario, too
    #[arg(long)]
    empty: bool,
    /// The number of the empty account
    #[arg(long, value_name = "ID", default_value = "111122223333", conflicts_with = "scenario")]
    account: AccountId,
    /// The address and the port, of this machine alone; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4566")]
    listen: SocketAddr,
    /// Write the access keys to DIR/config and DIR/credentials, one profile an identity, and the token of the control API to
    /// DIR/token
    #[arg(long, value_name = "DIR")]
    write_profile: Option<PathBuf>,
    /// Believe an access key without looking at the signature
    #[arg(long)]
    no_verify: bool,
    /// Carry out everything, whoever asks with whatever credentials: for test suites that want working services
    #[arg(long, conflicts_with = "no_verify")]
    permissive: bool,
    /// Let `POST /_kmslab/worlds` open worlds of their own: for tests that run at the same time
    #[arg(long)]
    per_key_world: bool,
    /// Which of AWS's delays and caches there are
    #[arg(long, value_enum, default_value_t = Delays::Instant)]
    fidelity: Delays,
}

/// The world that is served, and who may sign.
struct Served {
    /// The world in words: a state file of another world has no use here.
    words: String,
    world: World,
    holders: Vec<(String, Caller)>,
    home: AccountId,
    region: Region,
    /// The profile that the instructions name.
    first: String,
}

/// The characters of the control API's token.
const TOKEN_LENGTH: usize = 32;

impl Serve {
    /// Serves until a signal ends it.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let bound = bind(self.listen)?;
        let journal = screen.named_state().map(Journal::open).transpose()?;
        let kept = journal.as_ref().and_then(|journal| journal.beginning.clone());
        let seed = kept.as_ref().map_or_else(|| random().map(u64::from_le_bytes), |kept| Ok(kept.seed))?;
        let start = kept.as_ref().map_or_else(clock::machine_time, |kept| kept.start);
        let served = self.served(seed, start)?;
        let beginning = match kept {
            Some(kept) if kept.world == served.words => kept,
            Some(kept) => anyhow::bail!(
                "the file of --state holds another world ({}) than the one that is to be served ({}); name another file",
                kept.world,
                served.words
            ),
            None => {
                let token = if self.permissive { Zeroizing::default() } else { random_text(TOKEN_LENGTH)? };
                let keys = Keys::draw(served.holders)?;
                Beginning::new(served.words, seed, start, token, &keys)
            }
        };
        let keys = beginning.keys();
        let token = beginning.token.clone();
        let endpoint = format!("http://{}", bound.address());
        let region = served.region.to_string();
        if let Some(folder) = &self.write_profile {
            profile::write(folder, &keys, &endpoint, &region, &token)
                .with_context(|| format!("cannot write the profiles to {}", folder.display()))?;
        }
        let help = self.help(&keys, &endpoint, &region, &served.first, &token);
        let checks = match (self.permissive, self.no_verify) {
            (true, _) => Checks::Permissive(served.home),
            (false, true) => Checks::NoVerify,
            (false, false) => Checks::Verify,
        };
        let backend = Backend::new(served.world, &beginning, checks, journal)?;
        let control = Control::new(backend, token, self.per_key_world);
        writeln!(out, "listening on {endpoint}")?;
        out.flush()?;
        let _nobody_reads = stderr().write_all(help.as_bytes());
        bound.serve(control);
        Ok(Exit::Done)
    }

    fn served(&self, seed: u64, start: Timestamp) -> anyhow::Result<Served> {
        let fidelity = self.fidelity.fidelity();
        let how = format!("fidelity {:?}, permissive {}", self.fidelity, self.permissive).to_lowercase();
        let Some(name) = &self.scenario else {
            let mut world = World::new(seed, start, fidelity);
            world.add_account(self.account.clone(), "lab");
            let root = ("root".to_owned(), Caller::Root(self.account.clone()));
            return Ok(Served {
                words: format!("an empty account {}, {how}", self.account),
                world,
                holders: vec![root],
                home: self.account.clone(),
                region: Region::us_east_1(),
                first: "root".to_owned(),
            });
        };
        let opened = scenario::open(name, Given::ByName)?;
        let words = format!("the scenario {} ({}), {how}", opened.scenario.id, digest(&opened.decides));
        let mut stage = opened.scenario.build()?;
        stage.world.set_fidelity(fidelity);
        let people = stage.personas.into_iter().filter(|persona| persona.caller != Caller::Anonymous);
        Ok(Served {
            words,
            world: stage.world,
            holders: people.map(|persona| (persona.name, persona.caller)).collect(),
            home: stage.names.home,
            region: stage.names.region,
            first: stage.scenario.start_as,
        })
    }

    /// How the server is used: lines to paste.
    fn help(&self, keys: &Keys, endpoint: &str, region: &str, first: &str, token: &str) -> String {
        let mut lines = Vec::new();
        if self.permissive {
            lines.push(
                "kmslab: permissive: everything is carried out, whoever asks; signatures are not checked"
                    .to_owned(),
            );
        } else if self.no_verify {
            lines.push(
                "kmslab: signatures are not checked: whoever knows an access key id is its holder".to_owned(),
            );
        }
        let key = keys.of(first).or_else(|| keys.all().next());
        match (&self.write_profile, key) {
            (Some(folder), key) => {
                let (folder, name) = (folder.display(), key.map_or("", |key| &key.name));
                lines.push(format!(
                    "export AWS_CONFIG_FILE='{folder}/config' AWS_SHARED_CREDENTIALS_FILE='{folder}/credentials'"
                ));
                lines.push(format!("aws --profile '{name}' sts get-caller-identity"));
            }
            (None, Some(key)) => {
                let (id, secret) = (&key.id, key.credential.secret());
                lines.push(format!(
                    "export AWS_ENDPOINT_URL={endpoint} AWS_REGION={region} AWS_DEFAULT_REGION={region}"
                ));
                lines.push(format!("export AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}"));
                lines.extend(key.credential.token().map(|token| format!("export AWS_SESSION_TOKEN={token}")));
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
        let header = if token.is_empty() { String::new() } else { format!(" -H '{TOKEN_HEADER}: {token}'") };
        lines.push(format!("# back to the start: curl -X POST{header} {endpoint}/_kmslab/reset"));
        lines.join("\n") + "\n"
    }
}
