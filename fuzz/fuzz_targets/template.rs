//! Any text as a template: what is read is written and read again as the same plan, and a world of that plan has not drifted.
#![no_main]

use std::collections::BTreeMap;

use kmslab::cloud::{AccountId, Region};
use kmslab::forms::{self, Form};
use kmslab::template::{Drift, For, Template, TemplateError, read};
use kmslab_fuzz::within;
use libfuzzer_sys::fuzz_target;

fn template(text: &str) -> Result<Template, TemplateError> {
    let account: AccountId = "111122223333".parse().expect("a number");
    let (region, parameters) = (Region::new("us-east-1"), BTreeMap::new());
    let wanted = For { account: &account, region: &region, parameters: &parameters, skips_unknown: true };
    read(text, &wanted)
}

fuzz_target!(|text: &str| {
    let Ok(found) = within(64, text.len(), || template(text)) else { return };
    assert!(Drift::of(&found, &found.plan).is_equal(), "it is as it is");
    let written = forms::write(&found.plan, Form::CloudFormation, "a fuzz target");
    let again = template(&written.text).unwrap_or_else(|error| panic!("{error}: {}", written.text));
    if written.left_out.is_empty() {
        assert_eq!(again.plan.resources, found.plan.resources, "{}", written.text);
    }
});
