//! What the disk holds, and what of it differs from a marked point.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::clock;
use crate::cloud::dynamodb::Stored as StoredDisk;
use crate::cloud::dynamodb::disk::{Changes, PageView, WrappedTableKey};
use crate::cloud::kms::key_name;
use crate::cloud::{Caller, World};
use crate::lab::{Lab, Point};

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
    /// The letter that each byte of the data holds, where the identity on the stage may read it; a blank for what is no
    /// letter.
    pub letters: Vec<char>,
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
            (false, _) if pages().any(|page| page.letters.iter().any(|letter| *letter != ' ')) => {
                "The same bytes, whoever asks; above them the row, for whoever may read it.".to_owned()
            }
            (false, _) => "The same bytes, whoever asks.".to_owned(),
            (true, true) => format!("No page changed since {}, whoever asked.", self.since),
            (true, false) => format!("Since {}: {}.", self.since, found.join(", ")),
        }
    }
}

/// Pages listed of one disk.
const MAX_PAGES: usize = 16;
/// Bytes shown of one page.
const MAX_PAGE_BYTES: usize = 2048;

/// The disks of all tables, that of the watched one first, then those of backups, compared with the point `since`.
///
/// `reader` is whoever may read the watched table, and the world in which that is so.
pub fn storage(lab: &Lab, since: Point, reader: Option<(&World, &Caller)>) -> StorageView {
    let world = lab.world();
    let earlier = lab.history().world_at(since);
    let watched = lab.watched().and_then(|watched| watched.table(world)).map(|table| table.handle.arn());
    let mut stored: Vec<_> = world.dynamodb().stored().collect();
    stored.sort_by_key(|stored| Some(stored.arn()) != watched);
    StorageView {
        disks: stored
            .iter()
            .map(|stored| {
                let reader = reader.filter(|_| Some(stored.arn()) == watched);
                read_disk(world, stored, earlier, reader)
            })
            .collect(),
        since: clock(earlier.now()),
        compared: lab.history().point() != since,
    }
}

fn read_disk(
    world: &World,
    stored: &StoredDisk<'_>,
    earlier: &World,
    reader: Option<(&World, &Caller)>,
) -> Disk {
    let view = stored.disk();
    let mut changes = stored.changes_since(earlier.dynamodb());
    let new = earlier.dynamodb().stored_at(&stored.arn()).is_none();
    let mut changes_of = |at: usize| {
        let found = changes.pages.iter().position(|(page, _)| *page == at);
        found.map(|found| changes.pages.swap_remove(found).1).unwrap_or_default()
    };
    let pages: Vec<StoredPage> = view
        .pages()
        .take(MAX_PAGES)
        .enumerate()
        .map(|(at, page)| {
            let plain = reader.and_then(|(world, caller)| stored.page_for(world, caller, at));
            StoredPage { letters: letters(plain.as_deref()), ..read_page(&page, changes_of(at), new) }
        })
        .collect();
    let key = |word: &str, key: &WrappedTableKey, changed: bool| StoredKey {
        word: word.to_owned(),
        wrapped: BASE64.encode(&key.blob),
        under: under(world, key),
        changed,
    };
    let old = view.previous_table_key().map(|old| key("old table key", old, false));
    let keys = old.into_iter().chain([key("table key", view.table_key(), changes.table_key)]);
    Disk {
        name: name(stored, world),
        more: view.page_count().saturating_sub(pages.len()),
        pages,
        keys: keys.collect(),
    }
}

fn name(stored: &StoredDisk<'_>, world: &World) -> String {
    let table = &stored.table().handle.name;
    let backup = stored.is_backup().then(|| stored.arn());
    match backup.and_then(|arn| world.dynamodb().backup(&arn).map(|backup| backup.name.clone())) {
        Some(backup) => format!("backup {backup} of {table}"),
        None => table.to_string(),
    }
}

/// The key that wraps a table key, and which of its materials.
fn under(world: &World, key: &WrappedTableKey) -> String {
    let Some(arn) = key.kms_key.as_deref() else { return "an AWS owned key".to_owned() };
    let name = key_name(world, arn);
    match &key.key_material {
        Some(material) => format!("{name}, material {}", material.get(..8).unwrap_or(material)),
        None => name,
    }
}

/// The letters among the bytes that are shown.
fn letters(plain: Option<&Vec<u8>>) -> Vec<char> {
    let letter = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { ' ' };
    plain.into_iter().flatten().take(MAX_PAGE_BYTES).map(letter).collect()
}

fn read_page(page: &PageView<'_>, changes: Changes, new: bool) -> StoredPage {
    let part = |bytes: &[u8], changed: Vec<Range<usize>>| Stored {
        bytes: bytes.get(..MAX_PAGE_BYTES).unwrap_or(bytes).to_vec(),
        more: bytes.len().saturating_sub(MAX_PAGE_BYTES),
        changed,
    };
    let whole = |bytes: &[u8], changed: bool| {
        let all = 0..bytes.len();
        part(bytes, if changed { vec![all] } else { Vec::new() })
    };
    StoredPage {
        items: page.items(),
        nonce: whole(page.nonce(), changes.nonce),
        data: part(page.ciphertext(), changes.ciphertext),
        tag: whole(page.tag(), changes.tag),
        data_key: whole(&page.data_key().to_bytes(), changes.data_key),
        new,
        letters: Vec::new(),
    }
}
