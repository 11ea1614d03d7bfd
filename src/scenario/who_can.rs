//! One question, asked for everybody: who can do this, and why?

use super::check::probe_of;
use super::format::ProbeSpec;
use super::{Names, Stage, UnknownName, reason};
use crate::cloud::{DecisionRecord, World};

/// The answer for one principal.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The principal's ARN; a role's own ARN for any session of it; `anonymous` where a service that is not simulated takes
    /// unsigned requests.
    pub who: String,
    /// The decision, which explains itself.
    pub record: DecisionRecord,
    /// The reason in a line.
    pub reason: String,
}

impl Stage {
    /// Asks `probe` for every principal of every account; its own `as` does not matter. Those who may not are listed if
    /// `refused` is set.
    pub fn who_can(
        &self,
        world: &World,
        probe: &ProbeSpec,
        refused: bool,
    ) -> Result<Vec<Ruling>, UnknownName> {
        who_can(&self.names, world, probe, refused)
    }
}

fn who_can(
    names: &Names,
    world: &World,
    probe: &ProbeSpec,
    refused: bool,
) -> Result<Vec<Ruling>, UnknownName> {
    let asked = probe_of(names, world, probe).map_err(UnknownName)?;
    let rulings = world.who_can(&asked, refused).into_iter().map(|(who, record)| {
        let reason = reason::clause(&record, names);
        Ruling { who, record, reason }
    });
    Ok(rulings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn in_the_key_policy_scenario_kim_and_root_can_decrypt_and_tess_cannot() {
        let stage = scenario::find("a3").expect("embedded").build().expect("sound");
        let probe = ProbeSpec {
            caller: String::new(),
            action: "kms:Decrypt".to_owned(),
            on: "alias/dynamodb-encryption-key".to_owned(),
            via: Some("dynamodb".to_owned()),
            table: None,
            context: None,
            at: None,
        };
        let rulings = stage.who_can(&stage.world, &probe, true).expect("the key exists");
        let allowed: Vec<_> =
            rulings.iter().filter(|r| r.record.decision.is_allowed()).map(|r| r.who.as_str()).collect();
        assert_eq!(allowed, ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/kim"]);
        assert!(rulings.iter().any(|r| r.who.ends_with("user/tess")));
    }

    // Source: "Common errors" of the API References (MissingAuthenticationToken); Amazon S3 User Guide, "Bucket policy
    // examples", read-only permission to an anonymous user.
    #[test]
    fn nobody_known_is_asked_about_only_where_a_service_may_take_unsigned_requests() {
        let world = scenario::find("a3").expect("embedded").build().expect("sound").world;
        for (action, resource, listed) in [
            ("kms:Decrypt", "*", false),
            ("kms:ListKeys", "*", false),
            ("dynamodb:Scan", "arn:aws:dynamodb:us-east-1:111122223333:table/CustomerData", false),
            ("iam:ListUsers", "*", false),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/app", false),
            ("s3:GetObject", "arn:aws:s3:::bucket/key", true),
        ] {
            let rows = world.who_can(&crate::cloud::Probe::new(action, resource), true);
            assert_eq!(rows.iter().any(|(who, _)| who == "anonymous"), listed, "{action}");
            assert!(
                rows.iter().any(|(who, _)| who.ends_with("user/tess")),
                "{action}: whoever may not is listed"
            );
            let only_allowed = world.who_can(&crate::cloud::Probe::new(action, resource), false);
            let allowed = rows.iter().filter(|(_, record)| record.decision.is_allowed()).map(|(who, _)| who);
            assert!(allowed.eq(only_allowed.iter().map(|(who, _)| who)), "{action}");
        }
    }
}
