//! The storage pane: disks, their pages and keys.

use std::ops::Range;

/// Bytes on the disk, and which of them differ from those at the marked point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The bytes, or their beginning.
    pub bytes: Vec<u8>,
    /// How many more there are.
    pub more: usize,
    /// The bytes that differ from the marked point.
    pub changed: Vec<Range<usize>>,
}

/// One page of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPage {
    /// How many items it holds.
    pub items: u32,
    pub nonce: Stored,
    pub data: Stored,
    pub tag: Stored,
    /// The page's data key, wrapped under the table key.
    pub data_key: Stored,
    /// Whether the table or backup was not there at the marked point.
    pub new: bool,
}

/// How a page differs from the marked point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageChange {
    New,
    /// The page was sealed again: its items have changed.
    Sealed,
    /// Only its data key was wrapped again: the items are the same bytes.
    Rewrapped,
}

impl PageChange {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Sealed => "changed",
            Self::Rewrapped => "rewrapped",
        }
    }
}

impl StoredPage {
    /// Returns how the page differs from the marked point, if it does.
    pub fn change(&self) -> Option<PageChange> {
        let sealed = [&self.nonce, &self.data, &self.tag].iter().any(|part| !part.changed.is_empty());
        match (self.new, sealed, self.data_key.changed.is_empty()) {
            (true, ..) => Some(PageChange::New),
            (false, true, _) => Some(PageChange::Sealed),
            (false, false, false) => Some(PageChange::Rewrapped),
            (false, false, true) => None,
        }
    }
}

/// A wrapped table key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// `table key`, or what it was before a change of keys.
    pub word: String,
    /// The wrapped key as base64.
    pub wrapped: String,
    /// The key that wraps it, and which of its materials.
    pub under: String,
    /// True if the page or key differs from the marked point.
    pub changed: bool,
}

/// The disk of a table or of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The name of the table or backup.
    pub name: String,
    pub pages: Vec<StoredPage>,
    /// How many pages are not listed.
    pub more: usize,
    /// The data keys as they lie on the disk, wrapped.
    pub keys: Vec<StoredKey>,
}

/// What the disk holds, as the storage pane shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageView {
    /// The disks of tables, then those of backups.
    pub disks: Vec<Disk>,
    /// The time of the marked point.
    pub since: String,
    /// Whether that point lies behind: otherwise there is nothing to compare with.
    pub compared: bool,
}

impl StorageView {
    /// A sentence on what differs from the marked point.
    pub fn summary(&self) -> String {
        let pages = || self.disks.iter().flat_map(|disk| &disk.pages);
        let count = |change| pages().filter(|page| page.change() == Some(change)).count();
        let of = |n: usize, words: &str| {
            let s = if n == 1 { "" } else { "s" };
            (n > 0).then(|| format!("{n} page{s} {words}"))
        };
        let found = [
            of(count(PageChange::New), "new"),
            of(count(PageChange::Sealed), "sealed anew"),
            of(count(PageChange::Rewrapped), "as before under a data key wrapped anew"),
        ];
        let found: Vec<String> = found.into_iter().flatten().collect();
        match (self.compared, found.is_empty()) {
            (false, _) => "The same bytes, whoever asks.".to_owned(),
            (true, true) => format!("No page changed since {}, whoever asked.", self.since),
            (true, false) => format!("Since {}: {}.", self.since, found.join(", ")),
        }
    }
}
