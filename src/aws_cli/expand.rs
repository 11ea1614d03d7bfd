//! Running a text: its commands in order, with variables and the output of `$(..)` put in.

use super::shell::{self, Command, Part, Word};
use super::{Console, Printed, Target};
use crate::limits::Exceeded;
use crate::limits::console::{COMMANDS, EXPANDED, PRINTED};
use crate::limits::steps;

/// How deep `$( $( .. ) )` may nest.
const MAX_DEPTH: usize = 8;

/// What a text has used up of its limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    commands: usize,
    /// The bytes of all words after expansion.
    expanded: usize,
}

impl Spent {
    fn command(&mut self) -> Result<(), Exceeded> {
        self.commands += 1;
        COMMANDS.check(self.commands)
    }

    /// Counts what is about to be put into a word.
    fn expand(&mut self, bytes: usize) -> Result<(), Exceeded> {
        self.expanded += bytes;
        EXPANDED.check(self.expanded)
    }
}

impl Console {
    /// Runs a text. What it prints on either stream comes in order, on one. A limit ends it where it stands.
    pub(super) fn script(&mut self, target: &mut dyn Target, text: &str) -> Printed {
        self.spent = Spent::default();
        let commands = match shell::parse(text) {
            Ok(commands) => commands,
            Err(error) => {
                self.code = 2;
                return Printed { out: format!("kmslab: {error}\n"), err: String::new(), code: 2 };
            }
        };
        let mut all = Printed { code: self.code, ..Printed::default() };
        for command in &commands {
            if !command.when.holds(self.code) {
                continue;
            }
            let ran = self.command(target, command, 0).and_then(|printed| {
                PRINTED.check(all.out.len() + printed.out.len() + printed.err.len()).map(|()| printed)
            });
            let is_over = ran.is_err();
            let printed = ran.unwrap_or_else(Printed::beyond);
            self.code = printed.code;
            all.code = printed.code;
            all.out += &printed.out;
            all.out += &printed.err;
            if self.ended || is_over {
                break;
            }
        }
        steps::add(text.len() + self.spent.expanded + all.out.len());
        all
    }

    fn command(
        &mut self,
        target: &mut dyn Target,
        command: &Command,
        depth: usize,
    ) -> Result<Printed, Exceeded> {
        self.spent.command()?;
        let mut err = String::new();
        let mut code = 0;
        let mut set = Vec::new();
        for (name, value) in &command.assignments {
            let value = self.expand(target, value, depth, &mut err, &mut code)?.join(" ");
            set.push((name, value));
        }
        let mut words = Vec::new();
        for word in &command.words {
            words.extend(self.expand(target, word, depth, &mut err, &mut code)?);
        }
        let kept = self.variables.clone();
        for (name, value) in set {
            self.variables.set(name, &value)?;
        }
        if words.is_empty() {
            return Ok(Printed { out: String::new(), err, code });
        }
        let is_prefixed = !command.assignments.is_empty();
        let mut printed = self.dispatch(target, words);
        // NAME=value before a command holds for that command only.
        if is_prefixed {
            self.variables = kept;
        }
        printed.out.insert_str(0, &err);
        Ok(printed)
    }

    /// A word with its variables and commands put in. Outside of double quotes the result is split at blanks.
    fn expand(
        &mut self,
        target: &mut dyn Target,
        given: &Word,
        depth: usize,
        err: &mut String,
        code: &mut u8,
    ) -> Result<Vec<String>, Exceeded> {
        let mut words = vec![String::new()];
        let mut is_word = given.quoted;
        for part in &given.parts {
            let output;
            let number;
            let (text, quoted) = match part {
                Part::Text(text) => {
                    is_word = true;
                    (text.as_str(), true)
                }
                Part::Variable { name, quoted } if name == "?" => {
                    number = self.code.to_string();
                    (number.as_str(), *quoted)
                }
                Part::Variable { name, quoted } => (self.variables.get(name).unwrap_or_default(), *quoted),
                Part::Output { command, quoted } => {
                    output = self.output_of(target, command, depth, err, code)?;
                    (output.as_str(), *quoted)
                }
            };
            self.spent.expand(text.len())?;
            if quoted {
                if let Some(last) = words.last_mut() {
                    last.push_str(text);
                }
                continue;
            }
            for (index, piece) in text.split_whitespace().enumerate() {
                is_word = true;
                match words.last_mut() {
                    Some(last) if index == 0 => last.push_str(piece),
                    _ => words.push(piece.to_owned()),
                }
            }
        }
        Ok(if is_word { words } else { Vec::new() })
    }

    /// What the commands inside of `$(..)` print; their errors are shown where they happen.
    fn output_of(
        &mut self,
        target: &mut dyn Target,
        text: &str,
        depth: usize,
        err: &mut String,
        code: &mut u8,
    ) -> Result<String, Exceeded> {
        if depth == MAX_DEPTH {
            err.push_str("kmslab: $(..) is nested too deeply\n");
            *code = 2;
            return Ok(String::new());
        }
        let commands = match shell::parse(text) {
            Ok(commands) => commands,
            Err(error) => {
                err.extend(["kmslab: ", &error.to_string(), "\n"]);
                *code = 2;
                return Ok(String::new());
            }
        };
        let mut out = String::new();
        *code = 0;
        // Whoever is acted as and whatever is set inside stays inside.
        let (variables, acting) = (self.variables.clone(), self.acting.clone());
        let mut ran = Ok(());
        for command in &commands {
            if self.ended || !command.when.holds(*code) {
                continue;
            }
            match self.command(target, command, depth + 1) {
                Ok(printed) => {
                    out += &printed.out;
                    *err += &printed.err;
                    *code = printed.code;
                    ran = PRINTED.check(out.len() + err.len());
                }
                Err(exceeded) => ran = Err(exceeded),
            }
            if ran.is_err() {
                break;
            }
        }
        (self.variables, self.acting, self.ended) = (variables, acting, false);
        out.truncate(out.trim_end_matches('\n').len());
        ran.map(|()| out)
    }
}
