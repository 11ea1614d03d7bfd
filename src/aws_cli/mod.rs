//! The AWS CLI version 2: reads lines as people type them for it, and answers as it answers.
//!
//! | file | what |
//! |---|---|
//! | `shell`, `expand` | words, quotes, variables: the part of a shell that documentation uses |
//! | `whole`, `variables` | whether more has to be typed; what was set |
//! | `builtin`, `template`, `envelope` | the commands that are not `aws`; those about the template of a world; encrypting by oneself |
//! | `call` | `aws`: whose credentials sign, the call, its pages |
//! | `model` | what the CLI knows of the services |
//! | `args`, `global` | options and their values; those that every command takes |
//! | `params`, `shorthand`, `blob`, `validate` | from values to an operation's input |
//! | `query`, `expression`, `nesting`, `evaluate` | `--query`: what is read, how much of it, and its value |
//! | `print`, `table` | from a response to text |
//! | `usage_error`, `failure` | what is wrong with a command; how errors are printed |
//! | `python` | what the CLI inherits from the language it is written in |
//! | `help`, `complete` | what there is to type |
//! | `aws_line` | the other way round: the command line that would make a call |
//! | `files` | files that parameters name |
//!
//! Every call goes to a [`Target`]: a world, or a lab that remembers it. Reads files only where a parameter names one
//! (`file://`, `fileb://`).

mod args;
mod aws_line;
mod blob;
mod builtin;
mod call;
mod complete;
mod envelope;
mod evaluate;
mod expand;
mod expression;
mod failure;
mod files;
mod global;
mod help;
pub mod model;
mod nesting;
mod pages;
mod params;
pub(crate) mod print;
mod printed;
mod python;
mod query;
mod shell;
mod shorthand;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod usage_error;
mod validate;
mod variables;
mod whole;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::cloud::world::ClockError;
use crate::cloud::{AccountId, Call, Caller, Outcome, Region, World};
use crate::scenario::{Names, TemplateSpec};

pub use aws_line::{aws_line, aws_words, kebab, shell as quoted};
pub use complete::{Candidate, Completion};
pub use files::RealFiles;
use global::Global;
pub use params::Files;
use printed::{GENERAL, Printed, SERVICE_ERROR, USAGE};
pub use variables::{Changes, Variables};
pub use whole::Typing;

/// What a console works on: a world itself, or a lab, which remembers every call.
pub trait Target {
    /// The world as it is.
    fn world(&self) -> &World;
    /// Returns the template that the world was made from, if there is one.
    fn template(&self) -> Option<&TemplateSpec>;
    /// Makes a call as `caller`, whom people call `who`.
    fn call(&mut self, who: &str, caller: &Caller, call: Call) -> Arc<Outcome>;
    /// Moves the simulated clock forward.
    ///
    /// # Errors
    /// If time would run backwards or out of range.
    fn advance(&mut self, by: SignedDuration) -> Result<(), ClockError>;
}

impl Target for World {
    fn world(&self) -> &World {
        self
    }

    fn template(&self) -> Option<&TemplateSpec> {
        None
    }

    fn call(&mut self, _who: &str, caller: &Caller, call: Call) -> Arc<Outcome> {
        Arc::new(Self::call(self, caller, call))
    }

    fn advance(&mut self, by: SignedDuration) -> Result<(), ClockError> {
        Self::advance(self, by)
    }
}

/// Variables that say who signs.
const IDENTITY: [&str; 4] =
    ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// A person at the prompt: whom they play, and what they have set.
#[derive(Clone)]
pub struct Console {
    names: Names,
    acting: String,
    variables: Variables,
    last: Option<Arc<Outcome>>,
    code: u8,
    files: Arc<dyn Files + Send + Sync>,
    ended: bool,
    /// What the text that is running has put in so far.
    spent: expand::Spent,
}

/// What a text led to.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// What is printed, results and errors in order.
    pub text: String,
    /// The exit code of the last command.
    pub code: u8,
}

/// An account with a root user and nothing else, to start from nothing.
pub fn empty_world(seed: u64, clock: jiff::Timestamp, fidelity: crate::cloud::Fidelity) -> (World, Names) {
    // Twelve digits: this cannot fail, and the program's own account is the one that documentation uses.
    let home: AccountId = "111122223333".parse().unwrap_or_else(|_| unreachable!("twelve digits"));
    let mut world = World::new(seed, clock, fidelity);
    world.add_account(home.clone(), "lab");
    (world, Names::new(home, Region::us_east_1()))
}

/// Whether a text is a whole command, or more has to be typed.
pub fn is_complete(text: &str) -> bool {
    let mut typing = Typing::default();
    typing.add(text);
    typing.is_whole()
}

impl Console {
    /// A console that acts as `acting`, a name that `names` knows.
    pub fn new(names: Names, acting: &str, files: Arc<dyn Files + Send + Sync>) -> Self {
        Self {
            names,
            acting: acting.to_owned(),
            variables: Variables::default(),
            last: None,
            code: 0,
            files,
            ended: false,
            spent: expand::Spent::default(),
        }
    }

    /// Whom the next command acts as, and `> `.
    pub fn prompt(&self, world: &World) -> String {
        match self.signer(world, &Global::default()) {
            Ok((who, _)) => format!("{who}> "),
            // A profile that is not there: who would have been.
            Err(_) => format!("{}> ", self.variables.get("AWS_PROFILE").unwrap_or(&self.acting)),
        }
    }

    /// Whether `exit` was typed.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether `exit` was typed; asking takes it back, for a console that lives on.
    pub fn take_ended(&mut self) -> bool {
        std::mem::take(&mut self.ended)
    }

    /// Acts as somebody else from now on; a profile or keys that were exported no longer count.
    pub fn act_as(&mut self, name: &str) {
        name.clone_into(&mut self.acting);
        for name in IDENTITY {
            self.variables.unset(name);
        }
    }

    /// Whom commands without `--profile` act as, exported variables left aside.
    pub fn acting(&self) -> &str {
        &self.acting
    }

    /// Returns the variables that are set.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Takes variables over as they were.
    pub fn set_variables(&mut self, variables: Variables) {
        self.variables = variables;
    }

    /// Runs a text: one command or several.
    pub fn run(&mut self, target: &mut dyn Target, text: &str) -> Reply {
        let printed = self.script(target, text);
        Reply { text: printed.out, code: printed.code }
    }
}
