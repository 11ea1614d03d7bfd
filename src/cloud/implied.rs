//! The condition keys that follow from who asks, for what, and by which way, however a request is put.
//!
//! A call of the simulated AWS and a line of `kmslab decide` get them from here, so that both see the same request.

use std::sync::Arc;

use crate::policy::{ConditionKey, Principal, key};

/// A key that comes with one value.
type Implied = (ConditionKey, Arc<str>);

/// Returns the keys that follow from the caller, beside those that every request has of its principal.
///
/// Keys of one service that follow from the caller stand in the table of services.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:PrincipalIsAWSService: all signed requests;
// aws:PrincipalServiceName)
pub fn implied_by_caller(principal: &Principal) -> Vec<Implied> {
    let mut keys = Vec::new();
    if let Principal::Service { name } = principal {
        keys.push((key!("aws:PrincipalServiceName"), name.clone()));
    }
    // An anonymous request and one with the token of an identity provider are not signed.
    let is_service = match principal {
        Principal::Anonymous | Principal::Federated { .. } => None,
        Principal::Service { .. } => Some(true),
        Principal::Root { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::FederatedUser { .. } => Some(false),
    };
    keys.extend(is_service.map(|is_service| (key!("aws:PrincipalIsAWSService"), text_of(is_service))));
    keys
}

/// Returns the keys that follow from the services that stand between the caller and the resource, the first of them first.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:ViaAWSService: all requests; aws:CalledViaFirst,
// aws:CalledViaLast)
pub fn implied_by_way<S: Clone + Into<Arc<str>>>(forwarded_by: &[S]) -> Vec<Implied> {
    let mut keys = vec![(key!("aws:ViaAWSService"), text_of(!forwarded_by.is_empty()))];
    let ends = [
        (key!("aws:CalledViaFirst"), forwarded_by.first()),
        (key!("aws:CalledViaLast"), forwarded_by.last()),
    ];
    keys.extend(ends.into_iter().filter_map(|(key, end)| Some((key, end?.clone().into()))));
    keys
}

/// A condition key's value that is true or false.
pub(in crate::cloud) fn text_of(is_so: bool) -> Arc<str> {
    if is_so { "true" } else { "false" }.into()
}
