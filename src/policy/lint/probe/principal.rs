//! Finds principals that are nobody: deleted ones, kinds that the service does not take, services that do not exist.

use super::{Bench, SOME_REGION};
use crate::policy::principal::{Named, PrincipalEntry};
use crate::policy::unknown::nearest;

/// What the names of service principals end in.
const DOMAINS: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

impl Bench<'_> {
    pub(super) fn principals(&mut self) {
        self.other_partitions();
        for entry in self.document.clone().principals() {
            match &entry.named {
                Named::UniqueId(id) => self.ghost(entry, id),
                Named::Service(name) => self.service(entry, name),
                Named::Federated(_) => self.kind(entry, "federated", "an identity provider"),
                Named::CanonicalUser(_) => self.kind(entry, "canonical", "a canonical user"),
                Named::Everyone | Named::Account(_) | Named::Arn(_) => {}
            }
        }
    }

    /// Reports the unique id of a principal that is gone.
    // Source: IAM User Guide, "reference_identifiers" and "reference_policies_elements_principal"
    fn ghost(&mut self, entry: &PrincipalEntry, id: &str) {
        let message = format!("{id} is what AWS shows for a principal that was deleted: it matches nobody");
        let remedy = "Remove it, or name the principal by its ARN.".to_owned();
        self.warn("ghost", entry.span, message, remedy, None);
    }

    /// Reports a kind of principal that the service does not take.
    // Source: KMS Developer Guide, "key-policy-overview" (principals of a key policy)
    fn kind(&mut self, entry: &PrincipalEntry, kind: &str, words: &str) {
        if self.profile.principals.is_empty() || self.profile.principals.contains(kind) {
            return;
        }
        let message = format!(
            "a {} names accounts, users, roles and services: {words} matches nobody",
            self.profile.title
        );
        let remedy = "Name the role that such a caller assumes.".to_owned();
        self.warn("principal-not-taken", entry.span, message, remedy, None);
    }

    /// Reports a service principal that no service has.
    ///
    /// Doubtful: no list of all service principals is published, so a name that is like none known is taken for a
    /// service that this program does not know. One form is known.
    // Source: IAM User Guide, "reference_policies_elements_principal", which gives examples and no list
    fn service(&mut self, entry: &PrincipalEntry, name: &str) {
        let known =
            |label: &str| self.hazards().services.contains(label) || self.reference.vendors.contains(label);
        let remedy = match DOMAINS.into_iter().find_map(|domain| name.strip_suffix(domain)) {
            None => "Write the service's name and .amazonaws.com.".to_owned(),
            Some(stem) if known(stem) => return,
            Some(stem) => {
                let (label, place) = stem.rsplit_once('.').unwrap_or((stem, ""));
                // A part of a service stands before its name: of.service.amazonaws.com.
                if known(place) || (known(label) && is_region(place)) {
                    return;
                }
                if known(label) {
                    format!(
                        "{place:?} is no Region: write {label}.{SOME_REGION}.amazonaws.com, or leave it out."
                    )
                } else {
                    let names = self.hazards().services.iter().chain(&self.reference.vendors);
                    let near = nearest(label, names.map(String::as_str));
                    let Some(near) = near.filter(|near| is_misspelt(label, near)) else { return };
                    format!("Did you mean {near}.amazonaws.com?")
                }
            }
        };
        let message = format!("there is no service principal {name}");
        self.warn("unknown-principal", entry.span, message, remedy, None);
    }
}

/// Whether a name is so like another that it is more likely misspelt than a name of its own.
pub(super) fn is_misspelt(name: &str, meant: &str) -> bool {
    let distance = strsim::osa_distance(name, meant);
    distance == 1 && name.len() > 4 || distance == 2 && name.len() > 7
}

/// Whether a text has the form of a Region's name.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [places @ .., number] if places.len() >= 2 => {
            places.iter().all(letters) && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}
