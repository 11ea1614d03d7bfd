//! Names of actions that no service has, and what may be meant by them.

use super::Reference;
use crate::limits::steps;

/// An action, or the prefix of one, that is in no list of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAction {
    /// What is missing, in a clause: `kms has no action Decript`.
    pub what: String,
    /// What to do about it, in a sentence.
    pub remedy: String,
}

impl Reference {
    /// Looks for what is wrong with the name of one action; `None` if a service has it, or if nobody here knows which
    /// actions its service has.
    pub fn unknown_action(&self, action: &str) -> Option<UnknownAction> {
        let (vendor, name) = action.split_once(':')?;
        if !self.has_vendor(vendor) {
            return Some(self.no_service(vendor));
        }
        let is_described = self.services.keys().any(|known| known.eq_ignore_ascii_case(vendor));
        if !is_described || self.action(action).is_some() {
            return None;
        }
        let mut unknown = self.no_action(vendor, name);
        if name.contains(['*', '?']) {
            "A question is about one action: write its whole name.".clone_into(&mut unknown.remedy);
        }
        Some(unknown)
    }

    /// Whether a service has the prefix; case does not matter.
    pub(crate) fn has_vendor(&self, vendor: &str) -> bool {
        self.vendors.contains(&vendor.to_ascii_lowercase())
    }

    /// Words that no service has a prefix.
    pub(crate) fn no_service(&self, vendor: &str) -> UnknownAction {
        let near = nearest(vendor, self.vendors.iter().map(String::as_str));
        UnknownAction {
            what: format!("there is no service {vendor}"),
            remedy: near.map_or("Check the prefix.".to_owned(), |near| format!("Did you mean {near}?")),
        }
    }

    /// Words that a service has no action that is called so, or like so.
    pub(crate) fn no_action(&self, vendor: &str, name: &str) -> UnknownAction {
        let service = self.services.get(&vendor.to_lowercase()).into_iter();
        let near = nearest(name, service.flat_map(|service| service.actions.keys().map(String::as_str)));
        UnknownAction {
            what: format!("{vendor} has no action {name}"),
            remedy: near
                .map_or("Check the name.".to_owned(), |near| format!("Did you mean {vendor}:{near}?")),
        }
    }
}

/// The known name that is nearest to a misspelt one, if it is near at all.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.to_lowercase().chars().take(64).collect();
    let length = name.chars().count();
    // As many letters as one name is longer have to go.
    let can_be_near = |known: &&str| known.chars().count().abs_diff(length) <= length / 3;
    known
        .into_iter()
        .take_while(|_| !steps::is_spent())
        .filter(can_be_near)
        .inspect(|_| steps::add(32))
        .map(|known| (strsim::levenshtein(&name, &known.to_lowercase()), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= length / 3)
        .map(|(_, known)| known)
}
