//! `kmslab serve`: the simulated AWS on a port of this machine, for the AWS CLI and the SDKs.

use std::io::{Write, stderr};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::Exit;
use super::console::Delays;
use super::play::Screen;
use super::serving::{LISTEN, TOKEN_LENGTH, Used, holders};
use crate::cloud::{AccountId, Caller, Region, World};
use crate::limits::file::Given;
use crate::scenario;
use crate::serve::control::Control;
use crate::serve::journal::{Beginning, Journal, digest};
use crate::serve::keys::{random, random_text};
use crate::serve::{Backend, Behind, Checks, Keys, Worlds, bind, clock};

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
    #[arg(long, value_name = "ADDRESS:PORT", default_value_t = LISTEN)]
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

impl Serve {
    /// Serves until a signal ends it.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let bound = bind(self.listen)?;
        let end = bound.until_signal()?;
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
        let used = Used {
            keys: &keys,
            endpoint: &endpoint,
            region: &region,
            first: &served.first,
            token: &token,
            folder: self.write_profile.as_deref(),
        };
        used.write_profiles()?;
        let help = self.help(&used);
        let checks = match (self.permissive, self.no_verify) {
            (true, _) => Checks::Permissive(served.home),
            (false, true) => Checks::NoVerify,
            (false, false) => Checks::Verify,
        };
        let worlds = Worlds::new(served.world, &beginning, self.permissive, journal)?;
        let control = Control::new(Backend::new(Behind::Worlds(worlds), checks), token, self.per_key_world);
        writeln!(out, "listening on {endpoint}")?;
        out.flush()?;
        let _nobody_reads = stderr().write_all(help.as_bytes());
        bound.serve(control, end);
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
        Ok(Served {
            words,
            world: stage.world,
            holders: holders(stage.personas),
            home: stage.names.home,
            region: stage.names.region,
            first: stage.scenario.start_as,
        })
    }

    /// How the server is used: lines to paste.
    fn help(&self, used: &Used<'_>) -> String {
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
        lines.extend(used.lines());
        lines.push(format!("# back to the start: {}", used.control("POST", "reset")));
        lines.join("\n") + "\n"
    }
}
