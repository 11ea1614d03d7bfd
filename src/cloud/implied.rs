//! The condition keys that follow from who asks, for what, and by which way, however a request is put.
//!
//! A call of the simulated AWS and a line of `kmslab decide` get them from here, so that both see the same request.

use crate::policy::Principal;

/// A key that comes with one value.
type Implied = (&'static str, String);

/// Returns the keys that follow from the caller, beside those that every request has of its principal.
///
/// Keys of one service that follow from the caller stand in the table of services.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:PrincipalIsAWSService: all signed requests;
// aws:PrincipalServiceName)
pub fn implied_by_caller(principal: &Principal) -> Vec<Implied> {
    let mut keys = Vec::new();
    if let Principal::Service { name } = principal {
        keys.push(("aws:PrincipalServiceName", name.to_string()));
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
    keys.extend(is_service.map(|is_service| ("aws:PrincipalIsAWSService", is_service.to_string())));
    keys
}

/// Returns the keys that follow from the services that stand between the caller and the resource, the first of them first.
// Source: IAM User Guide, "reference_policies_condition-keys" (aws:ViaAWSService: all requests; aws:CalledViaFirst,
// aws:CalledViaLast)
pub fn implied_by_way<S: AsRef<str>>(forwarded_by: &[S]) -> Vec<Implied> {
    let mut keys = vec![("aws:ViaAWSService", (!forwarded_by.is_empty()).to_string())];
    let ends = [("aws:CalledViaFirst", forwarded_by.first()), ("aws:CalledViaLast", forwarded_by.last())];
    keys.extend(ends.into_iter().filter_map(|(key, end)| Some((key, end?.as_ref().to_owned()))));
    keys
}
