//! What a request says of its signature: the header `Authorization`, or the parameters of a presigned request.

use jiff::SignedDuration;

use super::super::message::Request;
use super::super::percent::parameters;
use super::fault::Fault;
use super::time;

/// What the algorithm is called in requests.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The last part of a credential's scope.
pub(super) const TERMINATOR: &str = "aws4_request";

/// A signature as a request presents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The access key id that it was made with.
    pub access_key: String,
    /// The day of the scope, `YYYYMMDD`.
    pub date: String,
    pub region: String,
    /// The service of the scope.
    pub service: String,
    pub terminator: String,
    /// The names of the headers that are signed, in lower case, as they stand in the request.
    pub signed_headers: Vec<String>,
    /// The signature in hex.
    pub signature: String,
    /// The time of the signature, `YYYYMMDDTHHMMSSZ`.
    pub at: String,
    /// The session token that came along.
    pub token: Option<String>,
    /// How long a presigned request is valid; `None` for one that is signed in its header.
    pub expires: Option<SignedDuration>,
}

/// Reads the signature of a request; `None` for a request without any.
pub fn presented(request: &Request) -> Result<Option<Presented>, Fault> {
    let header = request.header("authorization").filter(|header| header.trim_start().starts_with("AWS4-"));
    let query = parameters(&request.query).unwrap_or_default();
    let is_presigned = query.iter().any(|(name, _)| name == "X-Amz-Algorithm");
    match (header, is_presigned) {
        (Some(_), true) => Err(Fault::Scope(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
                .to_owned(),
        )),
        (Some(header), false) => of_header(request, header).map(Some),
        (None, true) => of_query(&query).map(Some),
        (None, false) => Ok(None),
    }
}

/// Returns the service that a request's credential is scoped to, if the request says so at all.
pub fn scoped_service(request: &Request) -> Option<&str> {
    let credential = request.header("authorization")?.split_once("Credential=")?.1;
    credential.split([',', ' ']).next()?.split('/').nth(3)
}

// Source: dynalite, `index.js`, as compared with DynamoDB: the parts, their order and the texts
fn of_header(request: &Request, header: &str) -> Result<Presented, Fault> {
    let (algorithm, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    let parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
    let parts: Vec<(&str, &str)> = parts.collect();
    let part = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let date = request
        .header("x-amz-date")
        .map(str::to_owned)
        .or_else(|| request.header("date").and_then(time::of_http));
    let names = ["Credential", "Signature", "SignedHeaders"].into_iter();
    let mut missing: Vec<String> = names
        .filter(|name| part(name).is_none_or(str::is_empty))
        .map(|name| format!("Authorization header requires '{name}' parameter."))
        .collect();
    if date.is_none() {
        let text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        missing.push(text.to_owned());
    }
    if !missing.is_empty() {
        return Err(Fault::Incomplete(format!("{} Authorization={header}", missing.join(" "))));
    }
    check_algorithm(algorithm)?;
    read(Unread {
        credential: part("Credential").unwrap_or_default(),
        signed_headers: part("SignedHeaders").unwrap_or_default(),
        signature: part("Signature").unwrap_or_default(),
        at: date.unwrap_or_default(),
        token: request.header("x-amz-security-token"),
        expires: None,
    })
}

fn of_query(query: &[(String, String)]) -> Result<Presented, Fault> {
    let part = |name: &str| {
        query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let names =
        ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
    let missing = names.iter().filter(|name| part(name).is_empty());
    let mut missing: Vec<String> =
        missing.map(|name| format!("AWS query-string parameters must include '{name}'.")).collect();
    if !missing.is_empty() {
        missing.push("Re-examine the query-string parameters.".to_owned());
        return Err(Fault::Incomplete(missing.join(" ")));
    }
    check_algorithm(part("X-Amz-Algorithm"))?;
    // Source: S3 User Guide, "Authenticating requests: using query parameters": at most seven days
    let seconds: i64 = part("X-Amz-Expires").parse().unwrap_or(0);
    read(Unread {
        credential: part("X-Amz-Credential"),
        signed_headers: part("X-Amz-SignedHeaders"),
        signature: part("X-Amz-Signature"),
        at: part("X-Amz-Date").to_owned(),
        token: Some(part("X-Amz-Security-Token")).filter(|token| !token.is_empty()),
        expires: Some(SignedDuration::from_secs(seconds.clamp(0, 604_800))),
    })
}

fn check_algorithm(algorithm: &str) -> Result<(), Fault> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(Fault::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now). ")))
}

/// The parts of a signature as text.
struct Unread<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
    at: String,
    token: Option<&'a str>,
    expires: Option<SignedDuration>,
}

fn read(unread: Unread<'_>) -> Result<Presented, Fault> {
    let parts: Vec<&str> = unread.credential.trim_end_matches('/').split('/').collect();
    let &[access_key, date, region, service, terminator] = parts.as_slice() else {
        return Err(Fault::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            unread.credential
        )));
    };
    Ok(Presented {
        access_key: access_key.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        terminator: terminator.to_owned(),
        signed_headers: unread.signed_headers.split(';').map(str::to_owned).collect(),
        signature: unread.signature.to_owned(),
        at: unread.at,
        token: unread.token.map(str::to_owned),
        expires: unread.expires,
    })
}
