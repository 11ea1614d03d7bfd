//! The condition keys that follow from the rest of a line, as the simulated AWS derives them for a call.

use std::sync::Arc;

use crate::cloud::{CallerKey, SERVICES, implied_by_caller, implied_by_way};
use crate::policy::{ConditionKey, Context, Principal, Resource, key};

/// Adds the keys that follow from the line where the line does not say otherwise.
///
/// Those of the principal itself come with every request. Nothing is said of the time, the network and the organization:
/// a line without them leaves them open.
///
/// A line is taken to be of a call over TLS, in the Region of its resource, as nearly all are, unless it says otherwise.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:SecureTransport, aws:RequestedRegion,
// aws:ViaAWSService and aws:ResourceAccount are in every request)
pub(super) fn add_implied(context: &mut Context, principal: &Principal, action: &str, resource: &Resource) {
    let mut add = |key: ConditionKey, value: Arc<str>| {
        if context.get(&key).is_none() {
            context.set(key, value);
        }
    };
    for (key, value) in implied_by_caller(principal) {
        add(key, value);
    }
    for key in caller_keys(action) {
        if let Some(value) = (key.value)(principal) {
            add(key.name.clone(), value);
        }
    }
    add(key!("aws:SecureTransport"), "true".into());
    if let Some(region) = resource.arn.split(':').nth(3).filter(|region| is_region(region)) {
        add(key!("aws:RequestedRegion"), region.into());
    }
    let owner = resource.owner().or(principal.account().map(AsRef::as_ref));
    if let Some(owner) = owner.filter(|owner| owner.bytes().all(|byte| byte.is_ascii_digit())) {
        add(key!("aws:ResourceAccount"), owner.into());
    }
    let between = services_between(context, principal);
    if !between.is_empty() && context.get("aws:CalledVia").is_none() {
        context.set_many("aws:CalledVia", between.iter().map(String::as_str));
    }
    for (key, value) in implied_by_way(&between) {
        if context.get(&key).is_none() {
            context.set(key, value);
        }
    }
}

/// The condition keys that the action's service adds of the caller.
fn caller_keys(action: &str) -> &'static [CallerKey] {
    let prefix = action.split(':').next().unwrap_or_default();
    let service = SERVICES.iter().find(|service| service.prefix.eq_ignore_ascii_case(prefix));
    service.map_or(&[], |service| service.caller_keys(action))
}

/// Whether the field of an ARN names a Region, such as `eu-central-1`.
fn is_region(field: &str) -> bool {
    field.ends_with(|c: char| c.is_ascii_digit())
        && field.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The services through which a request comes, as far as the line tells.
fn services_between(context: &Context, principal: &Principal) -> Vec<String> {
    let values = |key| context.get(key).unwrap_or_default().iter().map(ToString::to_string);
    let chain: Vec<String> = values("aws:CalledVia").collect();
    if !chain.is_empty() {
        return chain;
    }
    let ends: Vec<String> = values("aws:CalledViaFirst").chain(values("aws:CalledViaLast")).collect();
    if !ends.is_empty() {
        return ends;
    }
    // Whoever has an account and comes by way of a service comes as themselves. The value is service.region.amazonaws.com.
    // Source: KMS Developer Guide, "conditions-kms" (kms:ViaService)
    let via = values("kms:ViaService").filter(|_| principal.account().is_some());
    via.filter_map(|via| Some(format!("{}.amazonaws.com", via.split('.').next()?))).collect()
}
