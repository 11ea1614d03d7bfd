//! What happens to keys and grants as time goes by: deletions, rotations, expiries.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::SERVICE;
use super::key::{Deletion, Key, KeyHandle, KeyState, Material, MaterialState, RotationType};
use super::row::recorded_key;
use crate::cloud::rng::Digest;
use crate::cloud::{ApiError, World};
use crate::limits::Exceeded;
use crate::limits::scenario::ROTATIONS;

const ROTATE_KEY: &str = "RotateKey";
const DELETE_KEY: &str = "DeleteKey";
const DELETE_EXPIRED_KEY_MATERIAL: &str = "DeleteExpiredKeyMaterial";

/// The events that KMS records of its own accord. Source: KMS Developer Guide, "Examples of AWS KMS log entries".
pub(super) const OWN_EVENTS: &[&str] = &[ROTATE_KEY, DELETE_KEY, DELETE_EXPIRED_KEY_MATERIAL];

/// Returns the time that lies `days` after `at`.
pub(super) fn days_after(at: Timestamp, days: i64) -> Result<Timestamp, ApiError> {
    at.checked_add(SignedDuration::from_hours(24 * days))
        .map_err(|_| ApiError::validation("The date is beyond what the clock can show."))
}

impl Key {
    /// Returns the time at which something about the key next changes.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let deleted = self.deletion.as_ref().and_then(|deletion| deletion.date);
        let expires = self.materials.iter().filter(|m| m.secret.is_some()).filter_map(|m| m.valid_to).min();
        [deleted, self.rotation_due(), expires].into_iter().flatten().min()
    }

    /// Returns the time of the next automatic rotation.
    ///
    /// Source: KMS Developer Guide, "Rotating AWS KMS keys": keys that are disabled or about to be deleted are
    /// not rotated. A replica follows its primary.
    fn rotation_due(&self) -> Option<Timestamp> {
        let rotates = self.state() == KeyState::Enabled && !self.is_replica();
        self.rotation.as_ref().filter(|_| rotates).map(|schedule| schedule.next)
    }
}

impl World {
    /// Returns how many times keys rotate by themselves if so much time passes.
    pub fn rotations_in(&self, by: SignedDuration) -> usize {
        let Ok(later) = self.now.checked_add(by) else { return 0 };
        let of = |key: &Key| {
            let (next, schedule) =
                key.rotation_due().filter(|next| *next <= later).zip(key.rotation.as_ref())?;
            let days = later.duration_since(next).as_hours() / 24;
            usize::try_from(days / schedule.period_days.max(1) + 1).ok()
        };
        self.kms.keys().filter_map(|key| of(key)).fold(0, usize::saturating_add)
    }

    /// Refuses to let so much time pass that there were more key materials than a world may have.
    pub(in crate::cloud) fn check_rotations(&self, by: SignedDuration) -> Result<(), Exceeded> {
        let due = self.rotations_in(by);
        let there: usize = self.kms.keys().map(|key| key.materials.len()).sum();
        if due == 0 { Ok(()) } else { ROTATIONS.check(there.saturating_add(due)) }
    }

    /// Lets everything happen that is due by now, in the order in which it falls due.
    pub(in crate::cloud) fn settle_kms(&mut self) {
        while let Some((at, handle)) = self.kms.next_due().filter(|(at, _)| *at <= self.now) {
            self.happen(at, &handle);
        }
        self.kms.grants.forget_ended(self.now);
    }

    fn happen(&mut self, at: Timestamp, handle: &KeyHandle) {
        let Some(key) = self.kms.key(handle).cloned() else { return };
        if key.deletion.as_ref().and_then(|deletion| deletion.date) == Some(at) {
            self.kms.remove_key(handle);
            self.key_uses.forget(handle);
            self.note_key_event(at, DELETE_KEY, handle, json!({"keyId": *handle.id}));
            self.replica_is_gone(at, &key);
        } else if key.rotation_due() == Some(at) {
            self.rotate_automatically(at, &key);
        } else {
            self.kms.edit_key(handle, |key| {
                for material in key.materials.iter_mut().filter(|m| m.valid_to == Some(at)) {
                    expire(material);
                }
            });
            self.note_key_event(at, DELETE_EXPIRED_KEY_MATERIAL, handle, json!({"keyId": *handle.id}));
        }
    }

    /// Notes something that KMS did by itself to a key.
    fn note_key_event(&mut self, at: Timestamp, name: &'static str, key: &KeyHandle, details: Value) {
        self.note_own_event(at, &SERVICE, name, (&key.region, recorded_key(key)), details);
    }

    /// Begins the waiting period of a primary key whose last replica is gone.
    /// Source: KMS Developer Guide, "Deleting multi-Region keys".
    fn replica_is_gone(&mut self, at: Timestamp, replica: &Key) {
        let Some(primary) = replica.primary_region.as_ref().map(|region| replica.handle.in_region(region))
        else {
            return;
        };
        if self.kms.regions_of(replica).count() != 1 {
            return;
        }
        self.kms.edit_key(&primary, |key| {
            if let Some(Deletion { date: date @ None, window_days }) = &mut key.deletion {
                *date = days_after(at, *window_days).ok();
            }
        });
    }

    fn rotate_automatically(&mut self, at: Timestamp, key: &Key) {
        let own = self.rng.apart(&Digest::of(("rotation", key.arn(), at)));
        let of_calls = std::mem::replace(&mut self.rng, own);
        let material = self.new_material(key.spec, &key.handle);
        self.rng = of_calls;
        let next = key.rotation.as_ref().and_then(|schedule| days_after(at, schedule.period_days).ok());
        self.kms.edit_key(&key.handle, |key| match (next, &mut key.rotation) {
            (Some(next), Some(schedule)) => schedule.next = next,
            // The clock ends before the next rotation.
            _ => key.rotation = None,
        });
        if let Ok(material) = material {
            self.make_current(at, key, &material, RotationType::Automatic);
        }
    }

    /// Makes a material the current one, in every Region of a multi-Region key.
    pub(super) fn make_current(&mut self, at: Timestamp, key: &Key, material: &Material, how: RotationType) {
        let details = json!({
            "rotationType": how,
            "keyOrigin": key.origin,
            "previousKeyMaterialId": key.current_id().map(|id| id.to_string()),
            "currentKeyMaterialId": material.id.to_string(),
            "keyId": *key.handle.id,
        });
        self.note_key_event(at, ROTATE_KEY, &key.handle, details);
        let regions: Vec<_> = if key.primary_region.is_some() {
            self.kms.regions_of(key).cloned().collect()
        } else {
            vec![key.handle.region.clone()]
        };
        for region in regions {
            self.kms.edit_key(&key.handle.in_region(&region), |key| {
                for old in key.materials.iter_mut().filter(|m| m.state == MaterialState::Current) {
                    old.state = MaterialState::NonCurrent;
                }
                if !key.materials.iter().any(|m| m.id == material.id) {
                    key.materials.push(material.clone());
                }
                for new in key.materials.iter_mut().filter(|m| m.id == material.id) {
                    new.state = MaterialState::Current;
                    new.rotated = Some((at, how));
                }
            });
        }
    }
}

/// Forgets imported material that has expired or was deleted; its name stays.
pub(super) fn expire(material: &mut Material) {
    material.secret = None;
    material.valid_to = None;
}
