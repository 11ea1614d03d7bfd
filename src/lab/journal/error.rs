//! What can go wrong with a journal.

use std::path::PathBuf;

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
