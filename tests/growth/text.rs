//! Words with a grammar of their own: numbers of DynamoDB, stretches of time, ARNs.

use kmslab::cloud::Arn;
use kmslab::cloud::dynamodb::number::Number;
use kmslab::policy::Principal;
use kmslab::scenario::Duration;

use crate::frame::{Reader, Shape::Lacks, Shape::Made, filled};

fn text(input: &[u8]) -> &str {
    std::str::from_utf8(input).expect("text")
}

/// Reads a number, adds it to itself and prints the sum.
fn number(input: &[u8]) -> Result<(), String> {
    match Number::parse(text(input)) {
        Ok(number) => {
            let sum = number.add(&number, false).map_err(|refusal| refusal.to_string())?;
            assert!(!sum.to_string().is_empty());
            Ok(())
        }
        Err(refusal) if refusal.to_string().contains("38 significant digits") => Err(refusal.to_string()),
        Err(_) => Ok(()),
    }
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "number",
        read: number,
        repeat: Made(|size| filled(size, "1", "e1", "")),
        nest: Lacks("nothing nests in a number"),
        widen: Made(|size| filled(size, "1", "234567890", "")),
        long_token: Made(|size| filled(size, "", "0", "1.5")),
    },
    Reader {
        name: "duration",
        read: |input| {
            if let Ok(read) = text(input).parse::<Duration>() {
                assert_eq!(read.to_string().parse(), Ok(read));
            }
            Ok(())
        },
        repeat: Made(|size| filled(size, "+", "0s", "")),
        nest: Lacks("nothing nests in a duration"),
        widen: Made(|size| filled(size, "+", "0y0w0d0h0m0s", "")),
        long_token: Made(|size| filled(size, "+", "0", "s")),
    },
    Reader {
        name: "ARN",
        read: |input| {
            if let Ok(arn) = text(input).parse::<Arn>() {
                assert_eq!(arn.to_string(), text(input));
            }
            Ok(())
        },
        repeat: Made(|size| filled(size, "arn:aws:s3", ":", "b")),
        nest: Lacks("an ARN has six parts, and none stands in another"),
        widen: Made(|size| filled(size, "arn:aws:s3:::bucket", "/0/1/2/3/4/5/6/7/8/9", "")),
        long_token: Made(|size| filled(size, "arn:aws:s3:::", "a", "")),
    },
    Reader {
        name: "principal",
        read: |input| {
            if let Some(principal) = Principal::from_arn(text(input)) {
                assert!(principal.account().is_some());
            }
            Ok(())
        },
        repeat: Made(|size| filled(size, "arn:aws:sts", ":", "")),
        nest: Lacks("an ARN has six parts, and none stands in another"),
        widen: Made(|size| filled(size, "arn:aws:iam::111122223333:role", "/0/1/2/3/4/5/6/7/8/9", "")),
        long_token: Made(|size| filled(size, "arn:aws:sts::111122223333:assumed-role/r/", "a", "")),
    },
];
