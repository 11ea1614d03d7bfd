//! What the disk holds, and what of it differs from a marked point.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{clock, key_name};
use crate::cloud::World;
use crate::cloud::dynamodb::disk::{PageView, TableDisk, WrappedTableKey};
use crate::cloud::kms::crypto::read_header;
use crate::lab::{Lab, Point};
use crate::tui::data::{Disk, StorageView, Stored, StoredKey, StoredPage};

/// Pages listed of one disk.
const PAGES: usize = 16;
/// Bytes shown of one page.
const BYTES: usize = 2048;

/// The disks of all tables, then those of backups, compared with the point `since`.
pub fn storage(lab: &Lab, since: Point) -> StorageView {
    let world = lab.world();
    let earlier = lab.history().world_at(since);
    let before: BTreeMap<String, &TableDisk> = disks(earlier).map(|(arn, _, disk)| (arn, disk)).collect();
    let disks = disks(world).map(|(arn, name, disk)| read_disk(world, name, disk, before.get(&arn).copied()));
    StorageView {
        disks: disks.collect(),
        since: clock(earlier.now()),
        compared: lab.history().point() != since,
    }
}

/// Each disk with an ARN that finds it again and its name.
fn disks(world: &World) -> impl Iterator<Item = (String, String, &TableDisk)> {
    let dynamodb = world.dynamodb();
    let tables =
        dynamodb.tables().map(|table| (table.handle.arn(), table.handle.name.to_string(), &table.disk));
    let backups = dynamodb.backups().map(|backup| {
        let name = format!("backup {} of {}", backup.name, backup.table.handle.name);
        (backup.arn.clone(), name, &backup.table.disk)
    });
    tables.chain(backups)
}

fn read_disk(world: &World, name: String, disk: &TableDisk, before: Option<&TableDisk>) -> Disk {
    let view = disk.view();
    let pages: Vec<StoredPage> = view.pages().take(PAGES).map(|page| read_page(&page, before)).collect();
    let had = |key: &WrappedTableKey| before.is_some_and(|disk| disk.table_key().blob == key.blob);
    let key = |word: &str, key: &WrappedTableKey| StoredKey {
        word: word.to_owned(),
        wrapped: BASE64.encode(&key.blob),
        under: under(world, key),
        changed: !had(key),
    };
    let old = view.previous_table_key().map(|old| key("old table key", old));
    let keys = old.into_iter().chain([key("table key", view.table_key())]);
    Disk { name, more: view.page_count().saturating_sub(pages.len()), pages, keys: keys.collect() }
}

/// The key that wraps a table key, and which of its materials.
fn under(world: &World, key: &WrappedTableKey) -> String {
    let Some(arn) = key.kms_key.as_deref() else { return "an AWS owned key".to_owned() };
    match read_header(&key.blob) {
        Ok(header) => {
            let material = header.material.to_string();
            format!("{}, material {}", key_name(world, arn), material.get(..8).unwrap_or(&material))
        }
        Err(_) => key_name(world, arn),
    }
}

fn read_page(page: &PageView<'_>, before: Option<&TableDisk>) -> StoredPage {
    let changes = before.and_then(|disk| page.changes_since(disk));
    let new = changes.is_none();
    let changes = changes.unwrap_or_default();
    let part = |bytes: &[u8], changed: Vec<Range<usize>>| Stored {
        bytes: bytes.get(..BYTES).unwrap_or(bytes).to_vec(),
        more: bytes.len().saturating_sub(BYTES),
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
    }
}
