//! One KMS key: what it is, what it is made of, and which state it is in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::crypto::{KeyMaterial, KeySpec, KeyUsage, MaterialId, Origin, aws_words};
use super::errors;
use crate::cloud::iam::StoredPolicy;
use crate::cloud::{AccountId, ApiError, Arn, Region};

/// The time that a change of grants, tags or aliases takes to be known everywhere.
/// Source: KMS Developer Guide, "Grants", eventual consistency: usually seconds, at most five minutes. The lab takes
/// the longest time, so that the same calls always give the same answers.
pub const PROPAGATION: SignedDuration = SignedDuration::from_mins(5);

/// The account, Region and id that a key is found by. A multi-Region key has the same id in every Region it
/// lives in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHandle {
    /// The account that owns it.
    pub account: AccountId,
    /// The Region it lives in.
    pub region: Region,
    /// The id: a UUID, or `mrk-` and 32 hexadecimal digits.
    pub id: Arc<str>,
}

impl KeyHandle {
    /// Returns the handle of the key that an ARN names.
    pub fn of(arn: &Arn) -> Option<Self> {
        let id = arn.resource_after("key/").filter(|_| arn.service() == super::PREFIX)?;
        Some(Self { account: arn.account_id()?, region: Region::new(arn.region()), id: id.into() })
    }

    /// Returns the key's ARN.
    pub fn arn(&self) -> Arn {
        Arn::new("kms", self.region.as_str(), self.account.as_str(), &["key/", &self.id])
    }

    /// Returns the handle of the same multi-Region key in another Region.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        Self { region: region.clone(), ..self.clone() }
    }
}

impl fmt::Display for KeyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.arn().fmt(f)
    }
}

aws_words! {
    /// The state of a key, which says what the key can do. Source: KMS Developer Guide, "Key states of AWS KMS
    /// keys".
    KeyState {
        Enabled = "Enabled",
        /// Nothing that uses the key material.
        Disabled = "Disabled",
        /// Nothing; it will be deleted, unless that is cancelled.
        PendingDeletion = "PendingDeletion",
        /// Nothing that uses the key material, which has not been imported, or has expired or been deleted.
        PendingImport = "PendingImport",
        /// Nothing; it is the primary of replicas that have to be deleted before it.
        PendingReplicaDeletion = "PendingReplicaDeletion",
    }
}

aws_words! {
    /// The use of one of a key's materials.
    MaterialState {
        /// Decrypting what was encrypted before a rotation.
        NonCurrent = "NON_CURRENT",
        Current = "CURRENT",
        /// Nothing yet: it becomes current with the next rotation on demand.
        PendingRotation = "PENDING_ROTATION",
        /// Nothing yet: it has to be imported into every replica first.
        PendingMultiRegion = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
    }
}

aws_words! {
    /// The cause that made a key's material current.
    RotationType {
        Automatic = "AUTOMATIC",
        OnDemand = "ON_DEMAND",
    }
}

/// The two who can manage a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    Customer,
    /// AWS, for the service of this prefix (`dynamodb`).
    Aws(&'static str),
}

/// One of the materials a key has had.
#[derive(Clone, Debug)]
pub struct Material {
    pub id: MaterialId,
    /// The secret; `None` while imported material is deleted or expired.
    pub secret: Option<Arc<KeyMaterial>>,
    pub state: MaterialState,
    /// The time and cause of becoming current; `None` for the first material.
    pub rotated: Option<(Timestamp, RotationType)>,
    pub valid_to: Option<Timestamp>,
    /// The description that was given with the import.
    pub description: Option<String>,
}

/// A deletion that has been scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The time at which the key is gone. `None` for a primary key that waits for its replicas.
    pub date: Option<Timestamp>,
    /// The waiting period that was asked for.
    pub window_days: i64,
}

/// The schedule of automatic rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub period_days: i64,
    pub next: Timestamp,
}

/// A KMS key and all that belongs to it.
#[derive(Clone, Debug)]
pub struct Key {
    /// Account, Region and id.
    pub handle: KeyHandle,
    pub spec: KeySpec,
    pub usage: KeyUsage,
    pub origin: Origin,
    pub manager: Manager,
    /// The owner's own words.
    pub description: String,
    pub created: Timestamp,
    pub enabled: bool,
    pub policy: StoredPolicy,
    /// The materials, oldest first.
    pub materials: Vec<Material>,
    /// The deletion, if one is scheduled.
    pub deletion: Option<Deletion>,
    /// The automatic rotation, if it is switched on.
    pub rotation: Option<Schedule>,
    pub tags: BTreeMap<String, String>,
    /// The names of the aliases that point to it, `alias/` included.
    pub aliases: BTreeSet<String>,
    /// The tags and aliases before their last changes, for as long as they still decide about access, oldest first.
    pub former_labels: Vec<FormerLabels>,
    /// The Region of the primary key, for a multi-Region key.
    pub primary_region: Option<Region>,
}

/// Tags and aliases as they were until they were changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerLabels {
    pub until: Timestamp,
    pub tags: BTreeMap<String, String>,
    pub aliases: BTreeSet<String>,
}

impl Key {
    /// Returns the key's ARN, as messages and responses name it.
    pub fn arn(&self) -> String {
        let KeyHandle { account, region, id } = &self.handle;
        Arn::text("kms", region.as_str(), account.as_str(), &["key/", id])
    }

    /// Returns the tags and aliases that decide about access at a time.
    pub fn labels(&self, now: Timestamp) -> (&BTreeMap<String, String>, &BTreeSet<String>) {
        let decides = |former: &&FormerLabels| now.duration_since(former.until) < PROPAGATION;
        let former = self.former_labels.iter().find(decides);
        former.map_or((&self.tags, &self.aliases), |former| (&former.tags, &former.aliases))
    }

    /// Notes tags and aliases that are about to be changed.
    pub(super) fn note_labels(&mut self, now: Timestamp) {
        self.former_labels.retain(|former| now.duration_since(former.until) < PROPAGATION);
        let (tags, aliases) = (self.tags.clone(), self.aliases.clone());
        self.former_labels.push(FormerLabels { until: now, tags, aliases });
    }

    /// Returns the state the key is in.
    pub fn state(&self) -> KeyState {
        match &self.deletion {
            Some(Deletion { date: None, .. }) => KeyState::PendingReplicaDeletion,
            Some(_) => KeyState::PendingDeletion,
            None if self.lacks_material() => KeyState::PendingImport,
            None if self.enabled => KeyState::Enabled,
            None => KeyState::Disabled,
        }
    }

    /// Tells whether any material that was ever used is missing: such a key decrypts nothing.
    /// Source: KMS Developer Guide, "Importing key material", key states of keys with several materials.
    fn lacks_material(&self) -> bool {
        let used = |m: &&Material| matches!(m.state, MaterialState::Current | MaterialState::NonCurrent);
        !self.materials.iter().any(|m| m.state == MaterialState::Current)
            || self.materials.iter().filter(used).any(|m| m.secret.is_none())
    }

    /// Tells whether the key is the primary of a multi-Region key.
    pub fn is_primary(&self) -> bool {
        self.primary_region.as_ref() == Some(&self.handle.region)
    }

    /// Tells whether the key is a replica of a multi-Region key.
    pub fn is_replica(&self) -> bool {
        self.primary_region.is_some() && !self.is_primary()
    }

    /// Returns the material that encrypts and signs, with its name.
    pub fn current(&self) -> Result<(&Arc<KeyMaterial>, MaterialId), ApiError> {
        self.materials
            .iter()
            .find(|m| m.state == MaterialState::Current)
            .and_then(|m| Some((m.secret.as_ref()?, m.id)))
            .ok_or_else(|| errors::invalid_state(self.arn(), "pending import"))
    }

    /// Returns the name of the material that is current, also while the material itself is missing.
    pub fn current_id(&self) -> Option<MaterialId> {
        self.materials.iter().find(|m| m.state == MaterialState::Current).map(|m| m.id)
    }

    /// Returns the material of this name.
    pub fn material(&self, short: [u8; 8]) -> Option<(&Arc<KeyMaterial>, MaterialId)> {
        let material = self.materials.iter().find(|m| m.id.short() == short)?;
        Some((material.secret.as_ref()?, material.id))
    }

    /// Refuses what the state of the key does not allow.
    ///
    /// Source: KMS Developer Guide, "Key states of AWS KMS keys", table of operations and states. Where the table
    /// leaves `DisabledException` or `KMSInvalidStateException` for a key pending deletion, recorded answers are
    /// always the latter.
    pub fn require(&self, needs: Needs) -> Result<(), ApiError> {
        let pending_deletion = || Err(errors::invalid_state(self.arn(), "pending deletion"));
        match (needs, self.state()) {
            (Needs::AnyState, _)
            | (_, KeyState::Enabled)
            | (Needs::NotPendingDeletion, KeyState::Disabled | KeyState::PendingImport)
            | (Needs::Material, KeyState::Disabled) => Ok(()),
            (Needs::Enabled, KeyState::Disabled) => Err(errors::disabled(self.arn())),
            (Needs::Enabled | Needs::Material, KeyState::PendingImport) => {
                Err(errors::invalid_state(self.arn(), "pending import"))
            }
            (_, KeyState::PendingDeletion) => pending_deletion(),
            // Doubtful: the text for a primary key that waits for its replicas. One form is known.
            // Source: KMS Developer Guide, "Key states of AWS KMS keys", footnote 3, of keys pending deletion.
            (_, KeyState::PendingReplicaDeletion) => {
                Err(errors::invalid_state(self.arn(), "pending replica deletion"))
            }
        }
    }

    /// Refuses an operation the key's usage does not fit.
    pub fn require_usage(&self, usage: KeyUsage, operation: &str) -> Result<(), ApiError> {
        if self.usage == usage {
            return Ok(());
        }
        Err(errors::invalid_usage(self.arn(), self.usage, operation))
    }
}

/// The states of its key that an operation accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it works in every state.
    AnyState,
    /// The key is not about to be deleted.
    NotPendingDeletion,
    /// The key is not about to be deleted and has its material, but may be disabled.
    Material,
    /// The key is enabled: whatever uses the material, and a few more.
    Enabled,
}
