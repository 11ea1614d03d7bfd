use jiff::{SignedDuration, Timestamp};

use super::super::message::Request;
use super::super::spoken::Spoken;
use super::check::is_region;
use super::*;
use crate::cloud::service::ErrorStyle;

/// Requests that the AWS CLI 1.45.11 sent, with AWS's example key.
const SAMPLES: &str = include_str!("../../../tests/data/wire/awscli-1.45.11-requests.txt");
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Returns the captured requests.
fn samples() -> Vec<Request> {
    let texts = SAMPLES.split(">>> ").filter(|text| !text.trim().is_empty());
    texts.map(sample).collect()
}

fn sample(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").expect("a head and a body");
    let mut lines = head.lines();
    let mut first = lines.next().expect("a request line").split(' ');
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").expect("a header");
        (name.to_lowercase(), value.to_owned())
    });
    let (method, path) = (first.next().expect("a method"), first.next().expect("a path"));
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: headers.collect(),
        body: body.trim_end().as_bytes().to_vec(),
    }
}

fn at(presented: &Presented) -> Timestamp {
    time::read(&presented.at).expect("a time")
}

#[test]
fn requests_of_the_aws_cli_are_signed_by_their_key() {
    assert_eq!(samples().len(), 9);
    for request in samples() {
        let found = presented(&request).expect("complete").expect("signed");
        let spoken = super::super::route::service(&request).expect("a service");
        assert_eq!(found.check_scope(spoken), Ok(()), "{}", spoken.service);
        assert_eq!(
            found.check(&request, &SigningKey::derive(&found, SECRET), at(&found)),
            Ok(()),
            "{}",
            spoken.service
        );
        assert!(matches!(
            found.check(&request, &SigningKey::derive(&found, "another"), at(&found)),
            Err(Fault::Mismatch { .. })
        ));
    }
}

#[test]
fn whatever_is_changed_in_a_request_is_noticed() {
    let request = samples().remove(0);
    let found = presented(&request).expect("complete").expect("signed");
    let mut others = vec![
        Request { method: "PUT".to_owned(), ..request.clone() },
        Request { path: "/x".to_owned(), ..request.clone() },
        Request { query: "a=b".to_owned(), ..request.clone() },
        Request { body: b"{}".to_vec(), ..request.clone() },
    ];
    for name in &found.signed_headers {
        let mut changed = request.clone();
        for (_, value) in changed.headers.iter_mut().filter(|(known, _)| known == name) {
            value.push('x');
        }
        others.push(changed);
    }
    assert!(others.len() > 7);
    for other in others {
        assert!(
            matches!(
                found.check(&other, &SigningKey::derive(&found, SECRET), at(&found)),
                Err(Fault::Mismatch { .. })
            ),
            "{other:?}"
        );
    }
}

#[test]
fn the_time_of_a_signature_is_near_the_clocks() {
    let request = samples().remove(0);
    let found = presented(&request).expect("complete").expect("signed");
    let check = |seconds: i64| {
        found
            .check(
                &request,
                &SigningKey::derive(&found, SECRET),
                at(&found) + SignedDuration::from_secs(seconds),
            )
            .map_err(|f| f.error(ErrorStyle::Json).message)
    };
    assert_eq!(check(300), Ok(()));
    assert_eq!(check(-300), Ok(()));
    assert_eq!(
        check(301).expect_err("too late"),
        "Signature expired: 20261121T215247Z is now earlier than 20261121T215248Z (20261121T215748Z - 5 min.)"
    );
    assert_eq!(
        check(-301).expect_err("too early"),
        "Signature not yet current: 20261121T215247Z is still later than 20261121T215246Z (20261121T214746Z + 5 min.)"
    );
}

#[test]
fn scopes_are_of_the_service_the_region_and_the_day() {
    let request = samples().remove(0);
    let found = presented(&request).expect("complete").expect("signed");
    let kms = Spoken::of("kms").expect("KMS");
    let error =
        |changed: Presented| changed.check_scope(kms).expect_err("another scope").error(ErrorStyle::Query);
    for (changed, says) in [
        (
            Presented { terminator: "aws4".to_owned(), ..found.clone() },
            "with a valid terminator: 'aws4_request'",
        ),
        (Presented { service: "s3".to_owned(), ..found.clone() }, "to correct service: 'kms'"),
        (Presented { region: "moon".to_owned(), ..found.clone() }, "to a valid Region, not 'moon'"),
        (Presented { date: "20261122".to_owned(), ..found.clone() }, "'20261122' != '20261121'"),
    ] {
        let error = error(changed);
        assert!(error.message.contains(says), "{}", error.message);
        assert_eq!((&*error.code, error.status), ("SignatureDoesNotMatch", 403));
    }
    for (name, is_one) in [
        ("us-east-1", true),
        ("us-gov-west-1", true),
        ("mx-central-1", true),
        ("us-1", false),
        ("US-east-1", false),
        ("", false),
    ] {
        assert_eq!(is_region(name), is_one, "{name}");
    }
}

#[test]
fn what_is_incomplete_says_what_is_missing() {
    let mut request = samples().remove(0);
    let mut with = |header: &str| {
        request.headers.retain(|(name, _)| name != "authorization");
        request.headers.push(("authorization".to_owned(), header.to_owned()));
        presented(&request)
    };
    assert_eq!(with("Bearer x"), Ok(None));
    for (header, says) in [
        (
            "AWS4-HMAC-SHA256 Credential=a",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
             Authorization=AWS4-HMAC-SHA256 Credential=a",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=e",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
        ),
        (
            "AWS4-HMAC-SHA512 Credential=a/b/c/d/e, SignedHeaders=host, Signature=e",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). ",
        ),
    ] {
        let error = with(header).expect_err("incomplete").error(ErrorStyle::Json);
        assert_eq!((&*error.code, &*error.message), ("IncompleteSignatureException", says));
    }
}

/// Source: IAM User Guide, "Create a presigned URL"; made here with botocore 1.44.8 and its clock at that time.
#[test]
fn a_presigned_request_is_valid_until_it_expires() {
    let request = Request {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        query: include_str!("../../../tests/data/wire/botocore-1.44.8-presigned.txt").trim().to_owned(),
        headers: vec![("host".to_owned(), "127.0.0.1:18765".to_owned())],
        body: Vec::new(),
    };
    let found = presented(&request).expect("complete").expect("signed");
    let check = |seconds| {
        found.check(
            &request,
            &SigningKey::derive(&found, SECRET),
            at(&found) + SignedDuration::from_secs(seconds),
        )
    };
    assert_eq!(check(900), Ok(()));
    assert!(matches!(check(901), Err(Fault::Expired { .. })));
    assert!(matches!(check(-301), Err(Fault::NotYet { .. })));
}
