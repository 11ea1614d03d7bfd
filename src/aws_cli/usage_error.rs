//! What is wrong with a command, in the words of the CLI.

use crate::limits::Exceeded;

/// A mistake in how a command is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The arguments do not fit: shown below the usage.
    #[error("{0}")]
    Arguments(String),
    /// A service or an operation that is not simulated: an error of arguments, and a line of the console's own.
    #[error("{wrong}")]
    NotSimulated {
        /// What the CLI says of a word that it does not know.
        wrong: String,
        /// The command, as far as it is known.
        command: String,
    },
    /// Words that are no arguments: shown below the usage, too.
    #[error("Unknown options: {0}")]
    Unknown(String),
    /// A value does not fit its parameter.
    #[error("Error parsing parameter '{parameter}': {reason}")]
    Parameter {
        /// The parameter, as the CLI writes it.
        parameter: String,
        reason: String,
    },
    /// The input as a whole does not fit the operation.
    #[error("Parameter validation failed:\n{}", .0.join("\n"))]
    Validation(Vec<String>),
    /// Anything else, in the CLI's own words.
    #[error("{0}")]
    Other(String),
    /// What the CLI has and this console has not, in the console's words.
    #[error("{0}")]
    NotHere(String),
    /// What the CLI does not expect and ends with its code for anything else: a number that is none, for one.
    #[error("{0}")]
    Unexpected(String),
    /// More than this console takes.
    #[error(transparent)]
    Limit(#[from] Exceeded),
}
