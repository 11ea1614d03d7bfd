//! Which operation of which service a request asks for, and its input as JSON.

use std::fmt;

use serde_json::{Map, Value};

use super::json;
use super::message::Request;
use super::percent::{decode_text, parameters};
use super::query;
use super::sigv4::scoped_service;
use super::spoken::{Protocol, SPOKEN, Spoken};
use crate::cloud::ApiError;

/// What a request asks for. `Debug` does not show the input, which may hold plaintexts.
#[derive(Clone, PartialEq)]
pub struct Route {
    pub spoken: &'static Spoken,
    /// The operation's name, as the request has it.
    pub operation: String,
    /// The input as AWS's JSON.
    pub input: Value,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spoken, operation, input: _ } = self;
        write!(f, "Route({} {operation})", spoken.service)
    }
}

/// Why a request leads to no operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The protocol in which the client waits for an answer.
    pub spoken: Option<&'static Spoken>,
    pub error: ApiError,
}

/// Returns the service that a request turns to, before anything else of the request is read.
pub fn service(request: &Request) -> Option<&'static Spoken> {
    if let Some(target) = request.header("x-amz-target") {
        let prefix = target.rsplit_once('.').map_or(target, |(prefix, _)| prefix);
        return SPOKEN
            .iter()
            .find(|row| matches!(row.protocol, Protocol::Json { target, .. } if target == prefix));
    }
    let version = query::form(request).and_then(|form| {
        let version = form.into_iter().find(|(name, _)| name == "Version");
        version.map(|(_, value)| value)
    });
    let by_version = version.and_then(|wanted| {
        SPOKEN.iter().find(|row| matches!(row.protocol, Protocol::Query { version, .. } if version == wanted))
    });
    by_version.or_else(|| SPOKEN.iter().find(|row| rest(row, &request.path).is_some())).or_else(|| {
        let scope = scoped_service(request)?;
        SPOKEN.iter().find(|row| row.signing == scope)
    })
}

/// Reads what a request asks of its service.
pub fn route(request: &Request) -> Result<Route, Lost> {
    let Some(spoken) = service(request) else { return Err(Lost { spoken: None, error: nowhere(request) }) };
    let read = match spoken.protocol {
        Protocol::Json { content_type, .. } => json::request(request, content_type),
        Protocol::Query { .. } => query::request(request, spoken),
        Protocol::RestJson { .. } => rest_request(request, spoken),
    };
    read.map(|(operation, input)| Route { spoken, operation, input })
        .map_err(|error| Lost { spoken: Some(spoken), error })
}

/// The operation of a REST service whose path this is, with the members that the path holds.
fn rest<'a>(spoken: &Spoken, path: &'a str) -> Option<(&'static str, Vec<(&'static str, &'a str)>)> {
    let Protocol::RestJson { paths } = spoken.protocol else { return None };
    paths.iter().find_map(|(operation, template)| Some((*operation, fits(template, path)?)))
}

/// The members that a path holds at the places that its template names; `None` if it does not fit.
fn fits<'a>(template: &'static str, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut found = Vec::new();
    let mut parts = path.split('/');
    for wanted in template.split('/') {
        let part = parts.next()?;
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => found.push((name, part)),
            None if part == wanted => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(found)
}

fn rest_request(request: &Request, spoken: &'static Spoken) -> Result<(String, Value), ApiError> {
    let unread = || ApiError::new("SerializationException", "");
    let (operation, members) = rest(spoken, &request.path)
        .filter(|_| request.method == "GET")
        .ok_or_else(|| ApiError::new("UnknownOperationException", "").with_status(404))?;
    let mut input = Map::new();
    for (name, value) in members {
        input.insert(name.to_owned(), Value::String(decode_text(value, false).ok_or_else(unread)?));
    }
    for (name, value) in parameters(&request.query).ok_or_else(unread)? {
        // A presigned request carries its signature there.
        if !name.starts_with("X-Amz-") {
            input.insert(name, Value::String(value));
        }
    }
    Ok((operation.to_owned(), Value::Object(input)))
}

/// The error of a request to a service that is not simulated: in words of kmslab, since AWS has it.
fn nowhere(request: &Request) -> ApiError {
    let of = request.header("x-amz-target").and_then(|target| target.split('.').next());
    let name = of.or_else(|| scoped_service(request)).unwrap_or("this request");
    let known: Vec<&str> = SPOKEN.iter().map(|row| row.service).collect();
    let text = format!("kmslab serves no {name}; it serves {}", known.join(", "));
    ApiError::new("UnknownOperationException", text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(method: &str, path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

    #[test]
    fn requests_find_their_operation() {
        let json_type = ("content-type", "application/x-amz-json-1.1");
        for (request, service, operation, input) in [
            (
                request("POST", "/", "", &[json_type, ("x-amz-target", "TrentService.ListAliases")], "{}"),
                "kms",
                "ListAliases",
                json!({}),
            ),
            (
                request(
                    "POST",
                    "/",
                    "",
                    &[
                        json_type,
                        (
                            "x-amz-target",
                            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
                        ),
                    ],
                    "{\"MaxResults\": 5}",
                ),
                "cloudtrail",
                "LookupEvents",
                json!({"MaxResults": 5}),
            ),
            (
                request(
                    "POST",
                    "/",
                    "",
                    &[FORM],
                    "Action=CreateUser&Version=2010-05-08&UserName=Bob&Tags.member.1.Key=team&Tags.member.1.Value=red",
                ),
                "iam",
                "CreateUser",
                json!({"UserName": "Bob", "Tags": [{"Key": "team", "Value": "red"}]}),
            ),
            (
                request("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", &[], ""),
                "sts",
                "GetCallerIdentity",
                json!({}),
            ),
            (
                request("GET", "/authorization-details/abc/policy", "policyUri=a%2Fb", &[], ""),
                "iam-toolbox",
                "GetRequestAuthorizationPolicy",
                json!({"authorizationId": "abc", "policyUri": "a/b"}),
            ),
        ] {
            let route = route(&request).expect("a route");
            assert_eq!((route.spoken.service, &*route.operation, route.input), (service, operation, input));
        }
    }

    #[test]
    fn what_leads_nowhere_says_so() {
        let lost = route(&request("PUT", "/bucket/key", "", &[], "")).expect_err("no S3 here");
        assert_eq!(lost.spoken, None);
        assert!(lost.error.message.contains("kms, dynamodb"), "{}", lost.error.message);
        let lost = route(&request("POST", "/authorization-details/x", "", &[], "")).expect_err("it is got");
        assert_eq!((&*lost.error.code, lost.error.status), ("UnknownOperationException", 404));
    }
}
