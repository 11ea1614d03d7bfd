//! `kmslab console`: AWS CLI lines, from a terminal or a pipe.

use std::io::{BufRead, IsTerminal as _, Write};
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::Exit;
use crate::aws_cli::{self, RealFiles};
use crate::cloud::{Fidelity, World};
use crate::limits::console::LINE;
use crate::plain::output;
use crate::scenario::{self, Names};

/// Arguments of `kmslab console`.
#[derive(Debug, Args)]
pub struct Console {
    /// The world of a scenario: its id, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE", conflicts_with = "empty")]
    scenario: Option<String>,
    /// An account with a root user and nothing else; so it is without a scenario, too
    #[arg(long)]
    empty: bool,
    /// Whom to act as first; in an empty account, root
    #[arg(long = "as", value_name = "NAME")]
    identity: Option<String>,
    /// Which of AWS's delays and caches an empty account has
    #[arg(long, value_enum, default_value_t = Delays::Instant, conflicts_with = "scenario")]
    fidelity: Delays,
}

/// Delays and caches by one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Delays {
    /// None
    Instant,
    /// As AWS has them
    Aws,
}

impl Delays {
    /// Returns the switches that the word stands for.
    pub fn fidelity(self) -> Fidelity {
        match self {
            Self::Instant => Fidelity::instant(),
            Self::Aws => Fidelity::aws(),
        }
    }
}

/// Where the clock of an empty account starts.
const CLOCK: &str = "2026-01-05T09:00:00Z";

impl Console {
    /// Reads commands until the input ends or `exit`.
    pub fn run(&self, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let (mut world, names, start) = self.world()?;
        let acting = self.identity.clone().unwrap_or(start);
        let known = names.caller(&acting).ok().filter(|caller| world.principal(caller).is_ok());
        anyhow::ensure!(known.is_some(), "nobody is called `{acting}` here");
        let mut console = aws_cli::Console::new(names, &acting, Arc::new(RealFiles));
        let input = std::io::stdin();
        let person = input.is_terminal();
        let code = converse(&mut console, &mut world, input.lock(), out, person)?;
        Ok(if code == 0 { Exit::Done } else { Exit::Code(code) })
    }

    fn world(&self) -> anyhow::Result<(World, Names, String)> {
        if let Some(name) = &self.scenario {
            let stage = scenario::find(name)?.build()?;
            return Ok((stage.world, stage.names, stage.scenario.start_as));
        }
        let fidelity = self.fidelity.fidelity();
        let clock = CLOCK.parse().context("the clock of an empty account")?;
        let (world, names) = aws_cli::empty_world(0, clock, fidelity);
        Ok((world, names, "root".to_owned()))
    }
}

/// Reads, runs, prints. Without a person at the keyboard each command is printed behind its prompt first, so that the
/// output reads as a transcript. Answers the exit code of the last command that failed, else 0.
fn converse(
    console: &mut aws_cli::Console,
    world: &mut World,
    mut input: impl BufRead,
    out: &mut dyn Write,
    person: bool,
) -> anyhow::Result<u8> {
    let mut failed = 0;
    let mut text = String::new();
    let mut typing = aws_cli::Typing::default();
    loop {
        if person {
            write!(out, "{}", if text.is_empty() { console.prompt(world) } else { "> ".to_owned() })?;
            out.flush()?;
        }
        let mut line = Vec::new();
        if std::io::Read::take(&mut input, LINE.most + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&line);
        text.push_str(&line);
        LINE.check(text.len()).context("is a quote not closed?")?;
        typing.add(&line);
        if !typing.is_whole() {
            continue;
        }
        typing = aws_cli::Typing::default();
        failed = answer(console, world, &std::mem::take(&mut text), out, person, failed)?;
        if console.has_ended() {
            return Ok(failed);
        }
    }
    // The input ended inside of a command: say what is missing.
    if !text.trim().is_empty() {
        failed = answer(console, world, &text, out, person, failed)?;
    }
    if person {
        writeln!(out)?;
    }
    Ok(failed)
}

fn answer(
    console: &mut aws_cli::Console,
    world: &mut World,
    text: &str,
    out: &mut dyn Write,
    person: bool,
    failed: u8,
) -> anyhow::Result<u8> {
    let text = text.trim_end();
    let is_command = !text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    if !person && is_command {
        output::text(out, &format!("{}{text}\n", console.prompt(world)))?;
    } else if !person && !text.is_empty() {
        output::text(out, &format!("{text}\n"))?;
    }
    let reply = console.run(world, text);
    output::text(out, &reply.text)?;
    out.flush()?;
    Ok(if reply.code == 0 || !is_command { failed } else { reply.code })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a piped text prints, and the exit code.
    fn transcript(text: &str) -> (String, u8) {
        let (mut world, names) = aws_cli::empty_world(0, CLOCK.parse().expect("a time"), Fidelity::instant());
        let mut console = aws_cli::Console::new(names, "root", Arc::new(RealFiles));
        let mut out = Vec::new();
        let code = converse(&mut console, &mut world, text.as_bytes(), &mut out, false).expect("memory");
        (String::from_utf8(out).expect("it is UTF-8"), code)
    }

    #[test]
    fn a_pipe_reads_as_a_transcript_and_a_failed_line_stops_nothing() {
        let (text, code) = transcript(
            "# who am I\naws sts get-caller-identity \\\n  --query Arn --output text\nfly\necho \\\n  done\n",
        );
        assert_eq!(
            text,
            "# who am I\n\
             root> aws sts get-caller-identity \\\n  --query Arn --output text\n\
             arn:aws:iam::111122223333:root\n\
             root> fly\n\
             kmslab: fly: command not found; `help` says what there is\n\
             root> echo \\\n  done\n\
             done\n"
        );
        assert_eq!(code, 127);
    }

    #[test]
    fn an_input_that_ends_inside_of_a_command_says_so() {
        let (text, code) = transcript("echo 'open");
        assert_eq!(
            text,
            "root> echo 'open\nkmslab: the command is not complete: a single quote is not closed\n"
        );
        assert_eq!(code, 2);
    }

    #[test]
    fn exit_ends_it() {
        assert_eq!(transcript("echo a\nexit\necho b\n"), ("root> echo a\na\nroot> exit\n".to_owned(), 0));
    }
}
