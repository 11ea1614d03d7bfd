//! One question, asked of everybody: who can do this, why, and under which conditions?

use std::collections::BTreeMap;

use super::check::probe_of;
use super::format::ProbeSpec;
use super::reason::{clause, conditions, lets_in};
use super::{Names, Stage, UnknownName, cause};
use crate::cloud::who_can::{Detail, May, Report, Row, Ruling};
use crate::cloud::{Who, World};
use crate::policy::How;

impl Stage {
    /// Asks `probe` of everybody; its own `as` does not matter. `stated` are condition keys in place of what a request
    /// would have.
    pub fn who_can(
        &self,
        world: &World,
        probe: &ProbeSpec,
        stated: BTreeMap<String, Vec<String>>,
        detail: Detail,
    ) -> Result<Report, UnknownName> {
        let mut asked = probe_of(&self.names, world, probe).map_err(UnknownName)?;
        asked.stated = stated;
        Ok(world.who_can(&asked, detail))
    }
}

/// Says why somebody may or may not, in a line: the deciding statement and what is left of the conditions; where it takes
/// a key, both decisions.
pub fn reason_of(row: &Row, names: &Names) -> String {
    let because = |ruling: &Ruling| {
        let is_outsider = matches!(row.who, Who::Outsider(_)) && ruling.may() != May::No;
        let why = if is_outsider {
            lets_in(&ruling.record, &ruling.provisos)
        } else if ruling.record.decision.because.how == How::NoAllow {
            let record = &ruling.record;
            cause::of_refusal(&record.request, &record.policies, &record.explain())
        } else {
            clause(&ruling.record, names)
        };
        format!("{why}{}", conditions(&ruling.provisos))
    };
    let Some(key) = &row.key else { return because(&row.first) };
    let part = |ruling: &Ruling| {
        let word = match ruling.may() {
            May::Yes => "may",
            May::If => "may under conditions",
            May::No => "cannot",
        };
        format!("{word} {}: {}", ruling.record.request.action(), because(ruling))
    };
    format!("{}; {}", part(&row.first), part(key))
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
        let report =
            stage.who_can(&stage.world, &probe, BTreeMap::new(), Detail::Everybody).expect("the key exists");
        let allowed: Vec<_> =
            report.rows.iter().filter(|row| row.may() == May::Yes).map(|row| row.name.as_str()).collect();
        assert_eq!(allowed, ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/kim"]);
        assert!(report.rows.iter().any(|row| row.name.ends_with("user/tess")));
    }
}
