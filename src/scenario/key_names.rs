//! What a person calls a key: by its first alias, else by the beginning of its id.

use crate::cloud::World;
use crate::cloud::kms::KeyHandle;

/// Returns the key's first alias, or the first characters of its id.
pub fn key_label(world: &World, arn: &str) -> String {
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let handle = arn.parse().ok().and_then(|arn| KeyHandle::of(&arn));
    let alias = handle.and_then(|handle| world.kms().key(&handle)?.aliases.first().cloned());
    alias.unwrap_or_else(|| id.chars().take(8).collect())
}

/// Returns the key's alias without the word that every alias begins with.
pub fn key_name(world: &World, arn: &str) -> String {
    let label = key_label(world, arn);
    label.strip_prefix("alias/").map_or(label.clone(), str::to_owned)
}
