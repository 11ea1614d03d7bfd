//! The table of commands: names, arguments, help.

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Who,
    As,
    Scan,
    Watch,
    Documents,
    Open,
    Show,
    Edit,
    Snippet,
    Build,
    Remove,
    Create,
    Fix,
    Diff,
    Apply,
    Discard,
    Why,
    WhoCan,
    Matrix,
    Task,
    Story,
    Hint,
    Predict,
    Clock,
    Undo,
    Redo,
    Steps,
    Audit,
    Storage,
    Beliefs,
    Words,
    Next,
    Reset,
    Export,
    Copy,
    Quit,
}

/// Each command with its names, the first of which the help shows with the arguments, and a sentence.
const COMMANDS: &[(Command, &[&str], &str, &str)] = &[
    (Command::Task, &["task", "tasks"], "", "the task, its checks and its question"),
    (Command::Story, &["story"], "", "what happened before, and where you are"),
    (
        Command::Who,
        &["who", "identities"],
        "[all]",
        "everybody you may be, and what each would get; `all` names everybody else in the world",
    ),
    (
        Command::As,
        &["as", "be"],
        "NAME, NUMBER or ROLE/SESSION",
        "act as somebody else: ROLE/SESSION is assumed, role/ROLE and a service act as themselves",
    ),
    (Command::Scan, &["scan", "run"], "", "make the watched call as the acting identity"),
    (
        Command::Watch,
        &["watch"],
        "[NUMBER or NAME]",
        "the calls there are to watch, or watch another one: scan makes it, who and why are about it",
    ),
    (Command::Why, &["why"], "", "the reasons behind the answer"),
    (Command::Documents, &["documents", "docs"], "", "the policies there are"),
    (Command::Open, &["open"], "NUMBER or NAME", "open a document"),
    (Command::Show, &["show"], "[NUMBER or NAME]", "read a document"),
    (
        Command::Edit,
        &["edit"],
        "[FILE or -]",
        "a new text: from a file, from EDITOR at a terminal, or from the lines that follow up to a single full stop",
    ),
    (
        Command::Snippet,
        &["snippet", "snippets"],
        "[NUMBER [NAME]]",
        "statements to add to the draft, for somebody",
    ),
    (
        Command::Build,
        &["build"],
        "[PART NUMBER, or put]",
        "put a statement together from parts, where the task offers some",
    ),
    (Command::Remove, &["remove"], "NUMBER", "take that statement out of the draft, the first being 1"),
    (Command::Create, &["create"], "", "make the user or role that the draft names and that is not there"),
    (Command::Fix, &["fix"], "[NUMBER]", "the smallest edits that would turn the answer around"),
    (Command::Diff, &["diff"], "", "what the draft changes"),
    (
        Command::Apply,
        &["apply"],
        "[all]",
        "apply the draft as the acting identity, which may be refused; or all drafts",
    ),
    (Command::Discard, &["discard"], "", "throw the draft away"),
    (
        Command::Predict,
        &["predict", "answer"],
        "[NUMBER [1 to 3] or WORDS]",
        "answer the question of the task; behind the number, how sure you are: 1 guessing, 3 certain",
    ),
    (Command::Hint, &["hint"], "", "the next hint"),
    (Command::WhoCan, &["who-can"], "ACTION [RESOURCE]", "everybody with their answer to one action"),
    (Command::Matrix, &["matrix"], "", "everybody against the actions that matter"),
    (Command::Clock, &["clock", "wait"], "[+5m]", "the time, or let time pass"),
    (Command::Undo, &["undo"], "", "take the last step back"),
    (Command::Redo, &["redo"], "", "make it again"),
    (Command::Steps, &["steps", "timeline"], "", "every step so far"),
    (Command::Audit, &["audit", "log"], "[NUMBER]", "the log, newest first, or one record whole"),
    (Command::Storage, &["storage", "disk"], "", "what the disk holds"),
    (
        Command::Beliefs,
        &["beliefs"],
        "[all]",
        "how you stand to what people believe; `all` says of those you met what is so",
    ),
    (Command::Words, &["words"], "[TEXT]", "what happened and why, in your own words, for your report"),
    (Command::Next, &["next"], "", "the next scenario; asks first where this one is not done"),
    (Command::Reset, &["reset"], "", "start again; asks first"),
    (Command::Export, &["save"], "FILE", "write all that was done to a new file, kept on the disk or not"),
    (Command::Copy, &["copy"], "", "take a copy, which is kept, of a lab that another kmslab has open"),
    (Command::Help, &["help", "?"], "", "this list"),
    (Command::Quit, &["quit", "exit", "q"], "", "leave; what was done is kept"),
];

/// The words a line for the console begins with.
const CONSOLE: [&str; 8] = ["aws", "drift", "echo", "export", "seal", "sleep", "template", "unseal"];

impl Command {
    /// The command of that name.
    pub fn find(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        COMMANDS.iter().find(|(_, names, ..)| names.contains(&word.as_str())).map(|(command, ..)| *command)
    }
}

/// Whether a line is one for the console: it begins with `aws`, or sets a variable.
pub fn is_console(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let sets = first.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    });
    CONSOLE.contains(&first) || sets
}

/// Every command in a line.
pub fn help() -> Vec<String> {
    let mut lines: Vec<String> = COMMANDS
        .iter()
        .map(|(_, names, arguments, help)| {
            let name = names.first().copied().unwrap_or_default();
            if arguments.is_empty() {
                format!("{name}: {help}.")
            } else {
                format!("{name} {arguments}: {help}.")
            }
        })
        .collect();
    lines.push(
        "aws ...: any command line of the AWS CLI, as the acting identity; aws help lists them.".to_owned(),
    );
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_means_two_things_and_none_hides_the_console() {
        let mut seen = BTreeSet::new();
        for (command, names, ..) in COMMANDS {
            for name in *names {
                assert!(seen.insert(*name), "{name} twice");
                assert!(!is_console(name), "{name}");
                assert_eq!(Command::find(name), Some(*command));
            }
        }
    }

    #[test]
    fn the_words_that_stand_for_keys_are_commands() {
        for (action, words) in crate::scenario::KEYS {
            let first = words.split(' ').next().unwrap_or_default();
            assert!(Command::find(first).is_some() || is_console(words), "{action}: {words}");
        }
    }

    #[test]
    fn lines_for_the_console_are_known() {
        for line in ["aws kms list-keys", "KEY=$(aws kms create-key)", "A_1=x aws sts help", "echo $KEY"] {
            assert!(is_console(line), "{line}");
        }
        for line in ["awsome", "scan", "edit a=b.json", "1=2", "=", ""] {
            assert!(!is_console(line), "{line}");
        }
    }
}
