//! `kmslab completions` and `kmslab man`, made from the one definition of the arguments.

use std::io::Write;

use clap::{Args, Command, CommandFactory as _};
use clap_complete::Shell;

use super::{Arguments, Exit};

/// Arguments of `kmslab completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the completion script of a shell.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        // Written to memory first: the generator panics where a pipe is closed.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "kmslab", &mut script);
        out.write_all(&script)?;
        Ok(Exit::Done)
    }
}

/// Arguments of `kmslab man`.
#[derive(Debug, Args)]
pub struct Man {
    /// A command, such as play; the whole program if none is given
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    /// Prints the page as troff, for `man -l -`.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let mut page = Vec::new();
        clap_mangen::Man::new(self.page_of()?).render(&mut page)?;
        out.write_all(&page)?;
        Ok(Exit::Done)
    }

    fn page_of(&self) -> anyhow::Result<Command> {
        let mut all = Arguments::command().disable_help_subcommand(true);
        all.build();
        let Some(name) = &self.command else { return Ok(all) };
        let Some(command) = all.find_subcommand(name) else {
            let known: Vec<&str> = all.get_subcommands().map(Command::get_name).collect();
            anyhow::bail!("there is no command `{name}`; there are {}", known.join(", "));
        };
        Ok(command.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum as _;

    /// Every long flag of a command and of those below it, with the names of the commands.
    fn words(command: &Command, found: &mut Vec<String>) {
        for argument in command.get_arguments().filter(|a| !a.is_hide_set()) {
            found.extend(argument.get_long().map(str::to_owned));
        }
        for below in command.get_subcommands() {
            found.push(below.get_name().to_owned());
            words(below, found);
        }
    }

    #[test]
    fn every_shell_completes_every_command_and_flag() {
        let mut wanted = Vec::new();
        words(&Arguments::command(), &mut wanted);
        assert!(wanted.len() > 20, "{wanted:?}");
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            Completions { shell: *shell }.run(&mut script).expect("memory");
            let script = String::from_utf8(script).expect("it is UTF-8");
            for word in &wanted {
                assert!(script.contains(word.as_str()), "{shell} does not know {word}");
            }
        }
    }

    #[test]
    fn the_pages_name_every_command_and_flag() {
        let page = |command: Option<&str>| {
            let mut page = Vec::new();
            Man { command: command.map(str::to_owned) }.run(&mut page).expect("memory");
            // Hyphens are escaped in troff.
            String::from_utf8(page).expect("it is UTF-8").replace("\\-", "-")
        };
        let whole = page(None);
        let mut all = Arguments::command();
        all.build();
        for command in all.get_subcommands().filter(|c| c.get_name() != "help") {
            let name = command.get_name();
            assert!(whole.contains(&format!("kmslab-{name}")), "{name}: {whole}");
            let its = page(Some(name));
            assert!(its.starts_with(".ie") || its.contains(".TH"), "{its}");
            for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(its.contains(&format!("--{flag}")), "{name} --{flag}: {its}");
            }
        }
        let error =
            Man { command: Some("fly".to_owned()) }.run(&mut Vec::new()).expect_err("no such command");
        assert!(error.to_string().contains("there are play, list"), "{error}");
    }
}
