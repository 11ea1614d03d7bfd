//! What the console says when somebody asks for help, or nearly knows a name.

use super::model::{Operation, SERVICES, Service};
use super::params::UsageError;
use crate::lab::kebab;

/// Whether the simulated cloud has an operation.
pub fn is_simulated(service: &str, operation: &str) -> bool {
    crate::cloud::SERVICES.iter().any(|(known, all)| *known == service && all.contains(&operation))
}

/// The error for an operation that the CLI does not know, with those that are written like it.
pub fn unknown_operation(service_name: &str, service: &Service, wrong: &str) -> UsageError {
    let simulated =
        service.operations.keys().filter(|name| is_simulated(service_name, name)).map(|name| kebab(name));
    let simulated: Vec<String> = simulated.collect();
    let close: Vec<String> = simulated
        .iter()
        .filter(|name| {
            name.starts_with(wrong) || wrong.starts_with(name.as_str()) || distance(name, wrong) <= 3
        })
        .map(|name| format!("  * {name}"))
        .collect();
    let mut text =
        format!("argument operation: Invalid choice, valid choices are:\n\n{}", simulated.join("\n"));
    if !close.is_empty() {
        text.extend(["\n\nInvalid choice: '", wrong, "', maybe you meant:\n\n", &close.join("\n")]);
    }
    UsageError::Arguments(text)
}

/// How many letters have to be changed, added or left out to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(60).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(60).enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let up = row[j + 1];
            row[j + 1] = (corner + usize::from(x != *y)).min(up + 1).min(row[j] + 1);
            corner = up;
        }
    }
    row[b.len()]
}

/// What the CLI says before an argument error.
pub const HOW: &str = "
usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help

";

/// What the console understands.
pub const HELP: &str = "\
aws SERVICE OPERATION ..   call the simulated cloud as the AWS CLI does (aws help, aws kms help)
as NAME                    act as somebody else from now on (root, a user's name)
why                        the decisions of the last call, with reasons
clock [+5m]                the simulated time; or let some of it pass
echo, export, NAME=.., $NAME, $(..), && and ;   as in a shell
exit                       leave
";

/// `aws help`
pub fn services_help() -> String {
    let names: Vec<&str> = SERVICES.keys().map(String::as_str).collect();
    format!(
        "The simulated services: {}.\n`aws SERVICE help` lists the operations of one.\n",
        names.join(", ")
    )
}

/// `aws SERVICE help`
pub fn operations_help(service: &str) -> String {
    let operations = crate::cloud::SERVICES.iter().find(|(name, _)| *name == service).map(|(_, all)| *all);
    let mut names: Vec<String> = operations.unwrap_or_default().iter().map(|name| kebab(name)).collect();
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
