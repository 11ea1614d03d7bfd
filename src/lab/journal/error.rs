//! What can go wrong with a journal.

use std::path::{Path, PathBuf};

use super::holder::Holder;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened, read or written.
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process writes to it.
    #[error("another kmslab has this lab open{}: {path}", holder.map(|h| format!(" ({h})")).unwrap_or_default())]
    InUse {
        path: PathBuf,
        /// Who that is, if the process has said so.
        holder: Option<Holder>,
    },
    /// A line in the middle is not what was written.
    #[error(
        "{path}:{line}: this line is damaged ({what}); the file is left as it is. \
         `kmslab recover` keeps what stands before it; or move the file away to start again"
    )]
    Damaged {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        what: String,
    },
    /// A newer version wrote it, in a format or with an entry that this one does not know.
    #[error(
        "{path}:{line}: a newer kmslab wrote this ({what}), and this is kmslab {}; the file is left as it is. Go on \
         with the newer version, or move the file away to start again",
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        what: String,
    },
    /// An older version wrote it, in a format that notes no outcomes: what is done again would end otherwise, and nobody
    /// could tell where.
    #[error(
        "{path}: kmslab {engine} wrote this in format {format}, whose steps cannot be made again here; the file is left \
         as it is. Go on with the kmslab that wrote it, or move the file away to start again"
    )]
    Older {
        path: PathBuf,
        /// The version that wrote it.
        engine: String,
        format: u32,
    },
}

/// How long a path may be in a line of the screen, in characters.
const PATH_LENGTH: usize = 24;

impl JournalError {
    /// Says the error for a line of a screen, whose end may be cut: the reason first, then the path, then what helps.
    pub fn in_a_line(&self) -> String {
        match self {
            Self::Io { path, source } => format!("{source}: {}", shortened(path)),
            Self::InUse { path, holder } => {
                let holder = holder.map(|h| format!(" ({h})")).unwrap_or_default();
                format!("another kmslab has this lab open{holder}: {}", shortened(path))
            }
            Self::Damaged { path, line, what } => format!(
                "this line is damaged ({what}): {}:{line}; `kmslab recover` keeps what stands before it",
                shortened(path)
            ),
            Self::Newer { path, what, .. } => {
                format!("a newer kmslab wrote this ({what}): {}; go on with that one", shortened(path))
            }
            Self::Older { path, engine, .. } => {
                format!("kmslab {engine} wrote this: {}; go on with that one", shortened(path))
            }
        }
    }
}

/// Returns a path of which the middle is left out where it is long: its begin says where, its end what.
fn shortened(path: &Path) -> String {
    let whole: Vec<char> = path.to_string_lossy().chars().collect();
    let dots = "...";
    if whole.len() <= PATH_LENGTH {
        return whole.into_iter().collect();
    }
    let begin = (PATH_LENGTH - dots.len()) / 3;
    let end = whole.len() - (PATH_LENGTH - dots.len() - begin);
    let part = |range: &[char]| range.iter().collect::<String>();
    [
        part(whole.get(..begin).unwrap_or_default()),
        dots.to_owned(),
        part(whole.get(end..).unwrap_or_default()),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_in_sight_on_the_narrowest_screen() {
        let long = PathBuf::from("/home/somebody/.local/state/kmslab/labs/a3-key-policy-door.journal");
        let io = |path: &str, number| JournalError::Io {
            path: path.into(),
            source: std::io::Error::from_raw_os_error(number),
        };
        let rows = [
            (io("/a/b.journal", 13), "Permission denied (os error 13): /a/b.journal"),
            (
                JournalError::Io { path: long.clone(), source: std::io::Error::from_raw_os_error(28) },
                "No space left on device (os error 28): /home/s...y-door.journal",
            ),
            (
                JournalError::InUse { path: long.clone(), holder: None },
                "another kmslab has this lab open: /home/s...y-door.journal",
            ),
            (
                JournalError::Damaged { path: long.clone(), line: 7, what: "torn".to_owned() },
                "this line is damaged (torn): /home/s...y-door.journal:7; `kmslab recover` keeps what stands before it",
            ),
            (
                JournalError::Newer { path: long.clone(), line: 1, what: "format 9".to_owned() },
                "a newer kmslab wrote this (format 9): /home/s...y-door.journal; go on with that one",
            ),
            (
                JournalError::Older { path: long, engine: "0.1.0".to_owned(), format: 1 },
                "kmslab 0.1.0 wrote this: /home/s...y-door.journal; go on with that one",
            ),
            (
                io("/ä/ö/ü/ä/ö/ü/ä/ö/ü/ä/ö/ü/ä/ö/ü", 2),
                "No such file or directory (os error 2): /ä/ö/ü/.../ü/ä/ö/ü/ä/ö/ü",
            ),
        ];
        for (error, said) in rows {
            assert_eq!(error.in_a_line(), said);
            // An answer as long as the others has room behind the longest beginning.
            assert!(said.find(": ").is_some_and(|at| "not kept on the disk: ".len() + at < 80), "{said}");
        }
    }
}
