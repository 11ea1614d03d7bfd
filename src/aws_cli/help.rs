//! What the console says when somebody asks for help, or nearly knows a name.

use super::args::invalid_choice;
use super::aws_line::kebab;
use super::model::{Operation, SERVICES, Service};
use super::usage_error::UsageError;

/// Whether the simulated cloud has an operation.
pub fn is_simulated(service: &str, operation: &str) -> bool {
    crate::cloud::SERVICES.iter().any(|known| known.prefix == service && known.has(operation))
}

/// The error for an operation that the CLI does not know, with those that are written like it.
pub fn unknown_operation(service_name: &str, service: &Service, wrong: &str) -> UsageError {
    let simulated =
        service.operations.keys().filter(|name| is_simulated(service_name, name)).map(|name| kebab(name));
    let mut simulated: Vec<String> = simulated.collect();
    simulated.extend((service_name == "dynamodb").then(|| "wait".to_owned()));
    simulated.push("help".to_owned());
    unknown("operation", &simulated, wrong, &format!("{service_name} {wrong}"))
}

/// Returns the error for a word that is none of `choices`: nearly one of them, or `command` is not simulated.
pub fn unknown<T: AsRef<str>>(argument: &str, choices: &[T], wrong: &str, command: &str) -> UsageError {
    let text = format!("argument {argument}: {}", invalid_choice(choices, wrong));
    if text.contains("Maybe you meant") {
        return UsageError::Arguments(text);
    }
    UsageError::NotSimulated { wrong: text, command: command.to_owned() }
}

/// How a command is written, as the CLI says it below an error of its arguments.
pub const USAGE_TEXT: &str = "\
usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help
";

/// What the console understands.
pub const HELP: &str = "\
aws SERVICE OPERATION ..   call the simulated cloud as the AWS CLI does (aws help, aws kms help)
as NAME                    act as somebody else from now on (root, a user's name, ROLE/SESSION)
why                        the decisions of the last call, with reasons
seal, unseal               encrypt and decrypt with a data key, on this machine and not in KMS
template, drift [all]      the template that this world was made from; what has drifted from it
clock [+5m]                the simulated time; or let some of it pass
echo, export, unset, NAME=.., $NAME, $(..), ;, && and ||   as in a shell
exit                       leave
";

/// Returns what `aws help` prints.
pub fn services_help() -> String {
    let names: Vec<&str> = SERVICES.keys().map(String::as_str).collect();
    format!(
        "The simulated services: {}.\n`aws SERVICE help` lists the operations of one.\n",
        names.join(", ")
    )
}

/// Returns what `aws SERVICE help` prints.
pub fn operations_help(service: &str) -> String {
    let described = crate::cloud::SERVICES.iter().find(|described| described.prefix == service);
    let operations = described.map(|described| described.operations).unwrap_or_default();
    let mut names: Vec<String> = operations.iter().map(|support| kebab(support.operation)).collect();
    names.sort();
    names.join("\n") + "\n"
}

/// `aws SERVICE OPERATION help`
pub fn parameters_help(name: &str, service: &Service, operation: &Operation) -> String {
    let required = service.required(operation.input.as_deref());
    let members = service.members(operation.input.as_deref());
    let lines = members.iter().map(|(member, _)| {
        let needed = required.iter().any(|name| name == member);
        format!("  --{}{}\n", kebab(member), if needed { "  (required)" } else { "" })
    });
    format!("{name}\n{}", lines.collect::<String>())
}
