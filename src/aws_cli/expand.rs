//! Running a text: its commands in order, with variables and the output of `$(..)` put in.

use super::shell::{self, Command, Part, Word};
use super::{Console, Printed, Target};

/// How deep `$( $( .. ) )` may nest.
const MAX_DEPTH: usize = 8;

impl Console {
    /// Runs a text. What it prints on either stream comes in order, on one.
    pub(super) fn script(&mut self, target: &mut dyn Target, text: &str) -> Printed {
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
            let printed = self.command(target, command, 0);
            self.code = printed.code;
            all.code = printed.code;
            all.out += &printed.out;
            all.out += &printed.err;
            if self.ended {
                break;
            }
        }
        all
    }

    fn command(&mut self, target: &mut dyn Target, command: &Command, depth: usize) -> Printed {
        let mut err = String::new();
        let mut code = 0;
        let mut set = Vec::new();
        for (name, value) in &command.assignments {
            let value = self.expand(target, value, depth, &mut err, &mut code).join(" ");
            set.push((name.clone(), value));
        }
        let mut words = Vec::new();
        for word in &command.words {
            words.extend(self.expand(target, word, depth, &mut err, &mut code));
        }
        if words.is_empty() {
            self.variables.extend(set);
            return Printed { out: String::new(), err, code };
        }
        // NAME=value before a command holds for that command only.
        let kept = (!set.is_empty()).then(|| self.variables.clone());
        self.variables.extend(set);
        let mut printed = self.dispatch(target, words);
        if let Some(kept) = kept {
            self.variables = kept;
        }
        printed.out.insert_str(0, &err);
        printed
    }

    /// A word with its variables and commands put in. Outside of double quotes the result is split at blanks.
    fn expand(
        &mut self,
        target: &mut dyn Target,
        given: &Word,
        depth: usize,
        err: &mut String,
        code: &mut u8,
    ) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut is_word = given.quoted;
        for part in &given.parts {
            let (text, quoted) = match part {
                Part::Text(text) => {
                    is_word = true;
                    (text.clone(), true)
                }
                Part::Variable { name, quoted } if name == "?" => (self.code.to_string(), *quoted),
                Part::Variable { name, quoted } => {
                    (self.variables.get(name).cloned().unwrap_or_default(), *quoted)
                }
                Part::Output { command, quoted } => {
                    (self.output_of(target, command, depth, err, code), *quoted)
                }
            };
            if quoted {
                if let Some(last) = words.last_mut() {
                    last.push_str(&text);
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
        if is_word { words } else { Vec::new() }
    }

    /// What the commands inside of `$(..)` print; their errors are shown where they happen.
    fn output_of(
        &mut self,
        target: &mut dyn Target,
        text: &str,
        depth: usize,
        err: &mut String,
        code: &mut u8,
    ) -> String {
        if depth == MAX_DEPTH {
            err.push_str("kmslab: $(..) is nested too deeply\n");
            *code = 2;
            return String::new();
        }
        let commands = match shell::parse(text) {
            Ok(commands) => commands,
            Err(error) => {
                err.extend(["kmslab: ", &error.to_string(), "\n"]);
                *code = 2;
                return String::new();
            }
        };
        let mut out = String::new();
        *code = 0;
        // Whoever is acted as and whatever is set inside stays inside.
        let (variables, acting) = (self.variables.clone(), self.acting.clone());
        for command in &commands {
            if self.ended || !command.when.holds(*code) {
                continue;
            }
            let printed = self.command(target, command, depth + 1);
            out += &printed.out;
            *err += &printed.err;
            *code = printed.code;
        }
        (self.variables, self.acting, self.ended) = (variables, acting, false);
        out.trim_end_matches('\n').to_owned()
    }
}
