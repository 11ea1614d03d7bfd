//! What a learner did, on disk: an append-only file that a lab can be replayed from.
//!
//! A line is a checksum, a blank and one [`Entry`] as JSON. The checksum covers the line and the checksum before it, so
//! a line that was changed, moved or lost is found. Lines that are written in one piece begin with one blank more, all but
//! the first: what a power cut leaves of the last piece is cut off into a file beside it, and the caller is told. Damage
//! anywhere else is refused and the file left alone, and so is what a newer kmslab wrote.
//!
//! A journal holds what was typed and what was answered, as it stands on the screen: plaintext keys and real files, too, where
//! a line at the console printed or read them; such entries are marked. It names the scenario, whose seed every simulated
//! key is made from: whoever has it can make all keys again.
//!
//! | file | what |
//! |---|---|
//! | `entry` | what a line tells |
//! | `read` | which lines are sound, and what they tell |
//! | `write` | opening a journal, adding to it |
//! | `holder` | who has a journal open |
//! | `error` | what can go wrong |

mod entry;
mod error;
mod holder;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use entry::{CallEntry, Entry, FORMAT, Head, Help, OutcomeNote, WatchEntry};
pub use error::JournalError;
pub use holder::Holder;
pub use write::{Journal, Opened};

pub(super) use read::{Sound, Sum, begins_like_a_journal, checksum, read, sound};
pub(super) use write::{Lines, lock, salvage};
