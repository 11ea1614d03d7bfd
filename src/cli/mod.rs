//! The command line: arguments, the commands that print, and exit codes. No logic of its own.
//!
//! One file a command. Every command writes to the writer it is given and says how it ended; only [`main`] touches
//! standard output, so that a closed pipe is handled in one place.

mod carry;
mod check;
mod console;
pub mod decide;
mod dev;
mod drift;
mod grade;
mod lint;
mod list;
mod manual;
mod new;
mod play;
mod quiz;
mod report;
mod review;
mod run;
mod schema;
mod serve;
mod serving;
mod template;
mod who_can;
mod wrapping;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done: exit code 0.
    Done,
    /// A check failed: exit code 1.
    Failed,
    /// Bad usage or unreadable input: exit code 2.
    Usage,
    /// Another exit code, where something else decides it.
    Code(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Code(code) => code,
        })
    }
}

/// A security lab in the terminal: break and fix KMS key policies in a simulated AWS, and watch the same DynamoDB scan
/// flip between AccessDenied and plaintext. Nothing leaves this machine, and nothing costs anything.
#[derive(Debug, Parser)]
#[command(name = "kmslab", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    screen: play::Screen,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 a check failed or something that was done is not kept, 2 bad usage or unreadable input.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a scenario in the lab
    Play(play::Play),
    /// List the scenarios
    List(list::List),
    /// Ask again, after 1, 3 and 7 days, about what a guess showed that people believe
    Review(review::Review),
    /// Ask up to eight questions before and after a chapter, and print what was gained
    Quiz(quiz::Quiz),
    /// Prove that scenarios are sound: solvable, unsolved at the start, mistakes caught
    Check(check::Check),
    /// Begin a scenario of your own: a sound one to change
    New(new::New),
    /// Play a scenario line by line while you write it; each save is checked
    Dev(dev::Dev),
    /// Print the JSON Schema of scenarios
    Schema(schema::Schema),
    /// Play a scenario's solution without a screen and print who did what, the verdict and the reason
    Run(run::Run),
    /// Write what was done in a scenario to one file, or its world for other tools
    Export(carry::Export),
    /// Compare a template of CloudFormation with the world of a scenario: what has drifted
    Drift(drift::Drift),
    /// Write what was done in a scenario, or in all, as a report to hand in
    Report(report::Report),
    /// Find out whether a report is what its record leads to
    Verify(report::Verify),
    /// Play the hand-ins of a class again and list what each shows
    Grade(grade::Grade),
    /// Read what `export` wrote; the lab that is there is kept beside it
    Import(carry::Import),
    /// Save what is sound of a lab whose file is damaged; the damaged one is kept beside it
    Recover(carry::Recover),
    /// Show the notes of the presentation that runs in another terminal
    Notes(carry::Notes),
    /// Print a completion script for a shell
    Completions(manual::Completions),
    /// Print the manual page of kmslab, or of one of its commands
    Man(manual::Man),
    /// Type AWS CLI commands at the simulated cloud
    Console(console::Console),
    /// Serve the simulated AWS on a port of this machine, for the AWS CLI and the SDKs
    Serve(serve::Serve),
    /// List everybody who may do something, in every account, and why
    WhoCan(who_can::WhoCan),
    /// Decide requests by policies: JSON lines in, JSON lines out
    Decide(decide::Decide),
    /// Review policy documents
    Lint(lint::Lint),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    #[cfg(unix)]
    survive_file_limits();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error).into(),
    };
    let mut out = io::BufWriter::new(Output(io::stdout().lock()));
    let ended = dispatch(arguments, &mut out).and_then(|exit| {
        // The screen writes for itself, and a terminal that was lost takes nothing more.
        if !out.buffer().is_empty() {
            out.flush()?;
        }
        Ok(exit)
    });
    match ended {
        Ok(exit) => exit.into(),
        // Whoever read the output has seen enough.
        Err(error) if is_closed_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            say(&words_of(&error));
            exit_of(&error).into()
        }
    }
}

/// Runs one command, given what stands behind the program's name, and prints on `out`.
pub fn run<'a>(arguments: impl IntoIterator<Item = &'a str>, out: &mut dyn Write) -> anyhow::Result<Exit> {
    dispatch(Arguments::try_parse_from(["kmslab"].into_iter().chain(arguments))?, out)
}

/// Prints what clap has to say: help and version, which are no errors, or what is wrong with the arguments.
fn explain(error: &clap::Error) -> Exit {
    // clap knows which stream is theirs.
    match error.print().and_then(|()| io::stdout().flush()) {
        Ok(()) => {}
        // A closed pipe is nobody's fault.
        Err(closed) if closed.kind() == io::ErrorKind::BrokenPipe => {}
        Err(unwritten) if error.use_stderr() => drop(unwritten),
        Err(unwritten) => {
            say(&Output::<io::Stdout>::named(&unwritten).to_string());
            return Exit::Usage;
        }
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

fn say(words: &str) {
    let _closed = writeln!(io::stderr(), "kmslab: {}", crate::plain::output::clean_line(words));
}

/// Returns the words of an error and of its causes. An error that says its cause itself is not followed by it.
fn words_of(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

/// Makes writing beyond `ulimit -f` an error like any other. Without a handler the system ends the program at once, and
/// nobody would be told what is not written.
#[cfg(unix)]
fn survive_file_limits() {
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    // Where it cannot be done, the system does as it always does.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
}

/// Standard output, whose errors say what was not written.
struct Output<W>(W);

impl<W> Output<W> {
    fn named(error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("standard output cannot be written: {error}"))
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| Self::named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| Self::named(&error))
    }
}

fn dispatch(arguments: Arguments, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match arguments.command {
        None => play::open(&arguments.screen),
        Some(Command::Play(play)) => play.run(&arguments.screen, out),
        Some(Command::List(list)) => list.run(&arguments.screen, out),
        Some(Command::Review(review)) => review.run(&arguments.screen, out),
        Some(Command::Quiz(quiz)) => quiz.run(&arguments.screen, out),
        Some(Command::Check(check)) => check.run(out),
        Some(Command::New(new)) => new.run(out),
        Some(Command::Dev(dev)) => dev.run(out),
        Some(Command::Schema(schema)) => schema.run(out),
        Some(Command::Run(run)) => run.run(out),
        Some(Command::Export(export)) => export.run(&arguments.screen, out),
        Some(Command::Drift(drift)) => drift.run(&arguments.screen, out),
        Some(Command::Report(report)) => report.run(&arguments.screen, out),
        Some(Command::Verify(verify)) => verify.run(out),
        Some(Command::Grade(grade)) => grade.run(out),
        Some(Command::Import(import)) => import.run(&arguments.screen, out),
        Some(Command::Recover(recover)) => recover.run(&arguments.screen, out),
        Some(Command::Notes(notes)) => notes.run(&arguments.screen, out),
        Some(Command::Completions(completions)) => completions.run(out),
        Some(Command::Man(man)) => man.run(out),
        Some(Command::Console(console)) => console.run(out),
        Some(Command::Serve(serve)) => serve.run(&arguments.screen, out),
        Some(Command::WhoCan(who_can)) => who_can.run(out),
        Some(Command::Decide(decide)) => decide.run(out),
        Some(Command::Lint(lint)) => lint.run(out),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Whatever stops a command before it has an answer is unreadable input; the screen says how it ended.
fn exit_of(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<crate::tui::ScreenError>() {
        Some(ended) => Exit::Code(ended.exit_code()),
        None => Exit::Usage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_is_in_the_readme() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = std::fs::read_to_string(path).expect("the README");
        for command in Arguments::command().get_subcommands() {
            let name = command.get_name();
            assert!(
                readme.contains(&format!("`kmslab {name}")),
                "the table of commands in README.md lacks {name}"
            );
        }
    }

    #[test]
    fn exit_codes_are_as_promised() {
        for (exit, code) in [(Exit::Done, 0), (Exit::Failed, 1), (Exit::Usage, 2), (Exit::Code(254), 254)] {
            assert_eq!(format!("{:?}", ExitCode::from(exit)), format!("{:?}", ExitCode::from(code)));
        }
    }
}
