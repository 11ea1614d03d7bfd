//! Whether anybody may do more than at the start: the check `allows_only`.
//!
//! Both worlds are asked for everybody and every action. Nothing is concluded from the text of a policy.

use std::collections::BTreeMap;

use super::Names;
use super::check::{Evaluator, Unasked};
use super::finding::Finding;
use super::format::AllowsOnlyCheck;
use super::reached::Moment;
use crate::cloud::who_can::{self, Deed, May, Reach};

/// What is found where the check passes.
const NOTHING: &str = "nothing beyond that";

/// People and actions, as the check names them.
type Named = BTreeMap<String, Vec<String>>;

impl Evaluator<'_> {
    pub(super) fn allows_only(&self, check: &AllowsOnlyCheck) -> Result<Finding, Unasked> {
        let mut on = Vec::new();
        for name in &check.on {
            on.push(self.names.resource(self.world, name).map_err(|e| e.to_string())?);
        }
        if self.world.is_as_it_was(&self.stage.world) {
            return Ok(Finding::of(true, NOTHING));
        }
        let (reached, region) = (&self.stage.reached, &self.stage.names.region);
        let before = reached.of(region, &self.stage.world, &on, (Moment::Start, None));
        let now = reached.of(region, self.world, &on, (Moment::Now, Some(&before.places)));
        // A resource that has come since is nobody's from the start: it is asked about where the check names it.
        let mut changes = self.changes(&before, &now, &check.more, ("also", &|_| true));
        if let Some(less) = &check.less {
            let is_kept = |deed: &Deed| now.places.contains(&deed.place);
            changes.extend(self.changes(&now, &before, less, ("no longer", &is_kept)));
        }
        Ok(match changes.as_slice() {
            [] => Finding::of(true, NOTHING),
            _ => Finding::of(false, listed(&changes)),
        })
    }

    /// Who may do what in the second world that the first one refuses them, named ones left aside.
    fn changes(
        &self,
        first: &Reach,
        second: &Reach,
        named: &Named,
        (word, is_asked): (&str, &dyn Fn(&Deed) -> bool),
    ) -> Vec<String> {
        let mut changes = Vec::new();
        for (name, row) in &second.people {
            let known = first.people.get(name);
            let may = |deed: &Deed| known.and_then(|row| row.may.get(deed)).copied().unwrap_or(May::No);
            let new = row.may.iter().filter(|(deed, level)| may(deed) < **level).map(|(deed, _)| &**deed);
            let new: Vec<&Deed> = new.filter(|deed| is_asked(deed)).collect();
            if new.is_empty() {
                continue;
            }
            let patterns = self.patterns(name, row, named);
            let is_named = |deed: &Deed| patterns.iter().any(|one| self.covers(one, deed));
            let beyond = new.into_iter().filter(|deed| !is_named(deed));
            let short = self.names.short_person(name);
            changes.extend(beyond.map(|deed| said(&short, word, deed, self.names)));
        }
        changes
    }

    /// Whether `ACTION` or `ACTION on RESOURCE` is about something that can be done.
    fn covers(&self, named: &str, deed: &Deed) -> bool {
        let (action, on) = named_parts(named);
        let is_there = deed.place.starts_with("arn:") || deed.place == "*";
        let is_place = match on {
            None => is_there,
            Some("*") => true,
            Some(name) => self.names.resource(self.world, name).is_ok_and(|arn| arn == deed.place),
        };
        is_place && fits(action, &deed.action)
    }

    /// The actions that the check lets somebody have.
    fn patterns<'n>(&self, name: &str, row: &who_can::Reached, named: &'n Named) -> Vec<&'n String> {
        let is_meant = |wanted: &String| {
            let arn = self.names.principal_arn(self.world, wanted);
            let arn = arn.or_else(|| self.names.principal_arn(&self.stage.world, wanted));
            let account = wanted.strip_prefix("anyone@");
            *wanted == *name
                || arn.as_deref() == Some(name)
                || (row.role.is_some() && arn == row.role)
                || account.is_some_and(|account| *name == format!("account {account}"))
        };
        named.iter().filter(|(wanted, _)| is_meant(wanted)).flat_map(|(_, actions)| actions).collect()
    }
}

/// The action, and the resource if one is named, of `ACTION on RESOURCE`.
pub(super) fn named_parts(named: &str) -> (&str, Option<&str>) {
    named.split_once(" on ").map_or((named, None), |(action, on)| (action, Some(on)))
}

/// Whether an action fits a pattern, in which `*` stands for any letters.
fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == action };
    let Some(mut left) = action.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

/// One change in words.
fn said(who: &str, word: &str, deed: &Deed, names: &Names) -> String {
    let through = deed.via.map_or_else(String::new, |service| format!(" through {service}"));
    let place = match deed.place.as_str() {
        "*" => String::new(),
        place => format!(" on {}", names.short(place)),
    };
    format!("{who} may {word} {}{place}{through}", deed.action)
}

/// The first changes in a line.
fn listed(changes: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = changes.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match changes.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_fits_whole_actions_in_any_case() {
        let rows = [
            ("kms:Decrypt", "kms:decrypt", true),
            ("kms:Decrypt", "kms:DecryptAll", false),
            ("kms:*", "kms:Decrypt", true),
            ("kms:*", "dynamodb:Scan", false),
            ("kms:*Key", "kms:DescribeKey", true),
            ("kms:*Key", "kms:GenerateDataKeyPair", false),
            ("kms:G*Key*Pair", "kms:GenerateDataKeyPair", true),
            ("*", "iam:CreateUser", true),
        ];
        for (pattern, action, wanted) in rows {
            assert_eq!(fits(pattern, action), wanted, "{pattern} {action}");
        }
    }
}
