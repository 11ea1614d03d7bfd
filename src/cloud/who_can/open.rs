//! Which condition keys of a question are open: what a request may carry with one value or another, whoever asks.
//!
//! A key that is neither open nor in the request is absent.

use super::tier::Standing;
use crate::cloud::Probe;

/// What follows from the resource, the clock and the endpoint, whoever asks.
const GIVEN: [&str; 13] = [
    "aws:resource",
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "kms:encryptionalgorithm",
    "kms:keyorigin",
    "kms:keyspec",
    "kms:keyusage",
    "kms:multiregion",
    "kms:resourcealiases",
];

/// What says that a service passes a caller's request on, and for which.
const FORWARDED: [&str; 3] = ["kms:viaservice", "aws:viaawsservice", "aws:calledvia"];

/// What a request that the caller sends without a service between carries of these.
/// Source: IAM User Guide, "AWS global condition context keys" (aws:ViaAWSService: all requests; aws:CalledVia: where a service
/// forwards); KMS Developer Guide, "conditions-kms" (kms:ViaService: requests that a service makes in a caller's name).
const DIRECT: [(&str, &[&str]); 5] = [
    ("kms:ViaService", &[]),
    ("aws:CalledVia", &[]),
    ("aws:CalledViaFirst", &[]),
    ("aws:CalledViaLast", &[]),
    ("aws:ViaAWSService", &["false"]),
];

impl Probe {
    /// Says that the caller asks without a service between. A question without `via` leaves it open by which way it comes.
    #[must_use]
    pub fn directly(mut self) -> Self {
        let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        self.via = None;
        self.stated.extend(DIRECT.iter().map(|(key, list)| ((*key).to_owned(), values(list))));
        self
    }
}

/// What only a service that acts for itself says.
/// Source: IAM User Guide, "AWS global condition context keys", `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID`.
const OF_SERVICES: [&str; 4] =
    ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

/// What says from which network a request comes.
const NETWORK: [&str; 4] = ["aws:sourceip", "aws:sourcevpc", "aws:vpcsourceip", "aws:vpce"];

/// Which account it is that somebody belongs to.
const ACCOUNT: [&str; 2] = ["aws:principalaccount", "kms:calleraccount"];

/// What an account's own people are told apart by.
const PERSON: [&str; 4] = ["aws:principalarn", "aws:principaltype", "aws:username", "aws:principalorg"];

/// What differs from session to session.
const SESSION: [&str; 5] =
    ["aws:principaltag/", "aws:userid", "aws:multifactorauth", "aws:tokenissuetime", "aws:sourceidentity"];

/// Whether a request of somebody may carry any value of a condition key, given in lower case.
pub(super) fn is_open(standing: Standing, question: &Probe, key: &str) -> bool {
    let among = |list: &[&str]| list.iter().any(|prefix| key.starts_with(prefix));
    let is_stated = question.stated.keys().any(|stated| stated.eq_ignore_ascii_case(key));
    let has_pairs = !question.encryption_context.is_empty() && key.starts_with("kms:encryptioncontext");
    if is_stated || has_pairs || among(&GIVEN) {
        return false;
    }
    let by_service = standing == Standing::Service;
    if among(&FORWARDED) {
        return !by_service && question.via.is_none();
    }
    if among(&OF_SERVICES) {
        return by_service;
    }
    if among(&NETWORK) {
        return !by_service;
    }
    if among(&ACCOUNT) {
        return standing == Standing::Anybody;
    }
    if among(&PERSON) {
        // Which organization an account of elsewhere is in, nobody here knows.
        let organization = standing == Standing::Elsewhere && key.starts_with("aws:principalorg");
        return organization || matches!(standing, Standing::Anybody | Standing::Account);
    }
    if among(&SESSION) {
        let own = match standing {
            // A user's tags and id are known; whether there is a second factor is not.
            Standing::Known => {
                key.starts_with("aws:multifactorauth") || key.starts_with("aws:tokenissuetime")
            }
            Standing::Session | Standing::Service => false,
            Standing::AnySession
            | Standing::Elsewhere
            | Standing::Account
            | Standing::Anybody
            | Standing::Provider => true,
        };
        return own;
    }
    // The parameters of the request, and what a provider says of somebody.
    true
}
