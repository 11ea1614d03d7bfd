//! What time alone brings: kept table keys that are asked for again, grants that are known, deletions, rotations.

use jiff::{SignedDuration, Timestamp};

use crate::cloud::kms::key_name;
use crate::lab::Lab;

/// Something that happens when the clock comes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub what: String,
    /// How long it is until then.
    pub left: SignedDuration,
}

impl Due {
    /// How long it is until then, in short: `4:59`, `2 h`, `7 d`.
    pub fn in_short(&self) -> String {
        let seconds = self.left.as_secs();
        match seconds {
            0..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
            3_600..172_800 => format!("{} h", seconds / 3_600),
            _ => format!("{} d", seconds / 86_400),
        }
    }
}

/// What lies ahead, the nearest first.
pub fn due(lab: &Lab) -> Vec<Due> {
    let world = lab.world();
    let now = world.now();
    let mut all: Vec<(Timestamp, String)> = Vec::new();
    // What serves on for a while is mostly what an open question asks about.
    let asked = lab.open_question().is_some();
    for table in world.dynamodb().tables() {
        for (holder, until) in world.dynamodb().cache().expiries(&table.handle, now).filter(|_| !asked) {
            let whose = lab.personas().iter().find(|persona| {
                world
                    .principal(&persona.caller)
                    .is_ok_and(|principal| holder.serves(&persona.caller, &principal))
            });
            let whose = whose.map_or("a caller", |persona| persona.name.as_str());
            all.push((until, format!("KMS is asked again for {whose} and {}", table.handle.name)));
        }
    }
    for key in world.kms().keys() {
        let arn = key.arn();
        let name = || key_name(world, &arn);
        if let Some(date) = key.deletion.as_ref().and_then(|deletion| deletion.date) {
            all.push((date, format!("{} is deleted", name())));
        }
        if let Some(schedule) = &key.rotation {
            all.push((schedule.next, format!("{} rotates", name())));
        }
        let grants = world.kms().grants();
        for grant in grants.of_key(&key.handle).chain(grants.ending_of_key(&key.handle)) {
            let to = lab.stage().names.short(&grant.grantee).to_owned();
            match grant.known_until {
                Some(_) if asked => {}
                Some(until) => all.push((until, format!("the ended grant for {to} serves no more"))),
                None => all.push((grant.known_from, format!("the grant for {to} is known everywhere"))),
            }
        }
    }
    all.retain(|(at, _)| *at > now);
    all.sort();
    all.into_iter().map(|(at, what)| Due { what, left: at.duration_since(now) }).collect()
}
