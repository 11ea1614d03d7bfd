//! What the texts of statements and names show by themselves.

use super::profile::Profile;
use crate::limits::steps;
use crate::policy::document::{Document, Statement};
use crate::policy::principal::{Named, Principals};
use crate::policy::reference::is_like;

/// Whether AWS itself keeps the document, so that nobody else can change it.
pub(super) fn is_managed(document: &Document, profile: &Profile) -> bool {
    let id = document.id.as_ref().filter(|_| profile.manage.is_some());
    id.is_some_and(|id| is_like(&profile.hazards.managed_id, &id.text))
}

/// Whether everything that a statement can allow is denied by another, as far as their texts show.
pub(super) fn covers(deny: &Statement, allow: &Statement) -> bool {
    steps::add(1);
    if steps::is_spent() {
        return false;
    }
    let principals = match (&deny.principals, &allow.principals) {
        (Principals::Unstated, _) => true,
        (Principals::Only(denied), _) if denied.iter().any(|entry| entry.named == Named::Everyone) => true,
        (Principals::Only(denied), Principals::Only(allowed)) => {
            steps::add(allowed.len() + denied.len());
            allowed.iter().all(|entry| denied.iter().any(|other| other.text == entry.text))
        }
        _ => false,
    };
    let actions = |statement: &Statement| -> Vec<String> {
        statement.actions.patterns.iter().map(|pattern| pattern.source.text.to_lowercase()).collect()
    };
    let resources = |statement: &Statement| -> Vec<String> {
        statement.resources.patterns.iter().map(|pattern| pattern.source.text.to_string()).collect()
    };
    let plain = |statement: &Statement| {
        let elements = (statement.actions.negated, statement.resources.negated);
        elements == (false, false) && !statement.actions.patterns.is_empty()
    };
    principals
        && plain(deny)
        && plain(allow)
        && all_within(&actions(allow), &actions(deny))
        && all_within(&resources(allow), &resources(deny))
}

/// Whether each narrow pattern lies within one of the wide ones.
///
/// A `*` of the narrow pattern is only met by a `*` of the wide one, so a wide pattern that matches the narrow one as
/// plain text matches everything that the narrow one does. Patterns with `?` are left alone.
pub(super) fn all_within(narrow: &[String], wide: &[String]) -> bool {
    let plain = |pattern: &&String| !pattern.contains('?') && !pattern.contains("${");
    narrow.iter().all(|narrow| {
        steps::add(1 + wide.len());
        !steps::is_spent() && wide.iter().filter(plain).any(|wide| is_like(wide, narrow))
    })
}

/// Whether the key is one of a list in which `*` stands for any text.
pub(super) fn is_listed<'a>(key: &str, list: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    list.into_iter().find(|known| is_like(&known.to_lowercase(), &key.to_lowercase()))
}
