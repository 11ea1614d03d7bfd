//! Finds values and ARNs that no request ever has.

use super::Bench;
use super::principal::is_misspelt;
use crate::limits::steps;
use crate::policy::condition::{Condition, Quantifier, Test};
use crate::policy::lint::overlap::overlap;
use crate::policy::lint::profile::Form;
use crate::policy::lint::statement::without_variables;
use crate::policy::terms::Spanned;
use crate::policy::unknown::nearest;

impl Bench<'_> {
    pub(super) fn forms(&mut self) {
        let document = self.document.clone();
        for statement in &document.statements {
            if steps::is_spent() {
                return;
            }
            for condition in &statement.conditions {
                self.values(condition);
            }
            for pattern in &statement.resources.patterns {
                self.arn(&pattern.source);
            }
        }
    }

    /// Reports values that no request has under a key whose values have a form.
    fn values(&mut self, condition: &Condition) {
        match condition.operator.test {
            Test::StringLike | Test::Arn | Test::StringEquals | Test::StringEqualsIgnoreCase => {}
            Test::Numeric(_) | Test::Date(_) | Test::Bool | Test::Binary | Test::IpAddress | Test::Null => {
                return;
            }
        }
        let wildcards = condition.operator.test.takes_wildcards();
        let key = &*condition.key.text;
        let forms = &self.hazards().forms;
        let Some(form) =
            forms.iter().find(|form| form.keys.iter().any(|known| known.eq_ignore_ascii_case(key)))
        else {
            return;
        };
        let folds = condition.operator.test == Test::StringEqualsIgnoreCase;
        let impossible = |value: &Spanned| {
            !form.can_be(&value.text, wildcards, folds) || (form.label && self.names_no_service(&value.text))
        };
        let bad: Vec<&Spanned> = condition.values.iter().filter(|value| impossible(value)).collect();
        let all = bad.len() == condition.values.len();
        let outcome = match (condition.operator.negated, condition.operator.quantifier) {
            (true, _) => "this always holds",
            (false, Some(Quantifier::ForAllValues)) => "this holds only without the key",
            (false, _) if all => "the statement never matches",
            (false, _) => "this value never matches",
        };
        for value in bad {
            let message = format!("no request has {key} {:?}, so {outcome}", value.text);
            self.warn("value-never-sent", value.span, message, format!("Write {}.", form.wanted), None);
        }
    }

    /// Whether the first label of a value is a service's name misspelt.
    fn names_no_service(&self, text: &str) -> bool {
        let label = text.split('.').next().unwrap_or_default().to_lowercase();
        let services = &self.hazards().services;
        if label.contains(['*', '?', '$'])
            || services.contains(&label)
            || self.reference.vendors.contains(&label)
        {
            return false;
        }
        let known = services.iter().chain(&self.reference.vendors).map(String::as_str);
        nearest(&label, known).is_some_and(|near| is_misspelt(&label, near))
    }

    /// Reports an ARN that is like those of its service in form, with parts that no resource has.
    // Source: Service Authorization Reference, the ARNs of resource types
    fn arn(&mut self, source: &Spanned) {
        let text = without_variables(&source.text);
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [_, partition, vendor, region, account, own] = parts.as_slice() else { return };
        let Some(service) = self.reference.services.get(vendor) else { return };
        let hazards = self.hazards();
        let fits = |known: &String, strict: bool| {
            let known: Vec<&str> = known.splitn(6, ':').collect();
            let [_, _, _, known_region, known_account, known_own] = known.as_slice() else { return true };
            let part = |known: &str, written: &str| {
                instances(known, &hazards.arn_parts, strict).iter().any(|known| overlap(known, written))
            };
            part(known_own, own) && (!strict || (part(known_region, region) && part(known_account, account)))
        };
        let alike: Vec<&String> = service.resources.values().filter(|known| fits(known, false)).collect();
        if alike.is_empty() || alike.iter().any(|known| fits(known, true)) || partition.is_empty() {
            return;
        }
        let wanted = alike.first().map_or("", |known| known.as_str());
        let message = "no resource has such an ARN, so this matches nothing".to_owned();
        self.warn("arn-never-there", source.span, message, format!("Write {wanted}."), None);
    }
}

/// The patterns that a part of an ARN can be, with `${..}` replaced.
fn instances(
    part: &str,
    known: &std::collections::BTreeMap<String, Vec<String>>,
    strict: bool,
) -> Vec<String> {
    let mut all = vec![part.to_owned()];
    for (variable, values) in known {
        let written = format!("${{{variable}}}");
        if strict && part.contains(&written) {
            all = all
                .iter()
                .flat_map(|text| values.iter().map(|value| text.replace(&written, value)))
                .collect();
        }
    }
    all.iter().map(|text| without_variables(text)).collect()
}

impl Form {
    /// Whether a request can have a value that the pattern matches.
    fn can_be(&self, text: &str, wildcards: bool, folds: bool) -> bool {
        if text.contains("${") {
            return true;
        }
        let is_wild = |c: char| wildcards && matches!(c, '*' | '?');
        if let Some(only) = &self.only
            && !text.chars().all(|c| only.contains(c) || is_wild(c))
        {
            return false;
        }
        if self.without.is_some_and(|never| text.contains(never)) {
            return false;
        }
        if self.label && !folds && text.chars().any(char::is_uppercase) {
            return false;
        }
        let mut labels = text.split('.');
        if self.label
            && let (Some(first), Some(second)) = (labels.next(), labels.next())
            && !first.contains('*')
            && !second.contains('*')
            && !overlap("?*-?*-?", second)
        {
            return false;
        }
        let fold = |text: &str| if folds { text.to_lowercase() } else { text.to_owned() };
        // Without wildcards a sign is itself; no form holds one, so such a value cannot be.
        let escaped =
            |text: &str| if wildcards { text.to_owned() } else { text.replace(['*', '?'], "\u{1}") };
        self.like.iter().any(|like| overlap(&fold(like), &fold(&escaped(text))))
    }
}
