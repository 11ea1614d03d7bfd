//! Errors and outputs as answers of a service's protocol.

use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::json;
use super::message::Answer;
use super::spoken::{JsonNames, Protocol, Spoken};
use super::xml;
use crate::cloud::ApiError;

/// The answer of a service that did what it was asked.
pub fn output(spoken: &Spoken, operation: &str, output: &impl Serialize, id: &str) -> Answer {
    match spoken.protocol {
        Protocol::Json { content_type, names, .. } => {
            let mut body = json::answer(output);
            if names == JsonNames::Bare && body == b"{}" {
                body.clear();
            }
            json_answer(200, content_type, names, body, id)
        }
        Protocol::RestJson { .. } => {
            Answer::new(200, "application/json", json::answer(output)).with("x-amzn-RequestId", id)
        }
        Protocol::Query { namespace, .. } => {
            let output = serde_json::to_value(output).unwrap_or_default();
            let body = xml::answer(spoken, namespace, operation, &output, id);
            Answer::new(200, "text/xml", body).with("x-amzn-RequestId", id)
        }
    }
}

/// The answer of a service that refuses.
pub fn error(spoken: &Spoken, error: &ApiError, id: &str) -> Answer {
    match spoken.protocol {
        // Source: dynalite, `index.js`: what is no request of the protocol at all
        Protocol::Json { .. } if error.status == 404 && error.message.is_empty() => {
            Answer::new(404, "text/plain", "<UnknownOperationException/>\n").with("x-amzn-RequestId", id)
        }
        // Doubtful of KMS: that the message of a refusal has a capital is known of DynamoDB alone. Clients read both. One form is known.
        // Source: botocore, `parsers.py`, `_do_error_parse`; dynamic-dynamodb, issue 321
        Protocol::Json { content_type, names, .. } => {
            let message = if error.code == "AccessDeniedException" { "Message" } else { "message" };
            let body = json_body(&type_name(names, &error.code), message, error);
            json_answer(error.status, content_type, names, body, id)
        }
        Protocol::RestJson { .. } => {
            Answer::new(error.status, "application/json", json_body(&error.code, "message", error))
                .with("x-amzn-errortype", error.code.clone())
                .with("x-amzn-RequestId", id)
        }
        Protocol::Query { namespace, .. } => {
            Answer::new(error.status, "text/xml", xml::error(namespace, error, id))
                .with("x-amzn-RequestId", id)
        }
    }
}

/// The answer to a request for a service that is not here: JSON for a target, else XML as S3 writes it.
pub fn nowhere(has_target: bool, error: &ApiError, id: &str) -> Answer {
    if has_target {
        let body = json_body(&error.code, "message", error);
        return json_answer(400, "application/x-amz-json-1.1", JsonNames::Bare, body, id);
    }
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NotImplemented</Code><Message>{}</Message>\
         <RequestId>{}</RequestId></Error>",
        xml::escaped(&error.message),
        xml::escaped(id)
    );
    Answer::new(501, "application/xml", body).with("x-amzn-RequestId", id)
}

fn json_answer(status: u16, content_type: &str, names: JsonNames, body: Vec<u8>, id: &str) -> Answer {
    match names {
        JsonNames::Bare => Answer::new(status, content_type, body).with("x-amzn-RequestId", id),
        JsonNames::DynamoDb => {
            let sum = json::crc32(&body);
            Answer::new(status, content_type, body)
                .with("x-amzn-RequestId", long_id(id))
                .with("x-amz-crc32", sum)
        }
    }
}

/// An error in JSON, its text under the name `message`.
fn json_body(type_name: &str, message: &str, error: &ApiError) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("__type".to_owned(), json!(type_name));
    if !error.message.is_empty() {
        body.insert(message.to_owned(), json!(error.message));
    }
    if let Some(Value::Object(members)) = error.members.as_deref() {
        body.extend(members.clone());
    }
    Value::Object(body).to_string().into_bytes()
}

/// The type of an error: its code, for DynamoDB behind the namespace of whoever makes it.
// Source: dynalite, `db/index.js` and `validations/index.js`
fn type_name(names: JsonNames, code: &str) -> String {
    const FRAMEWORK: [&str; 9] = [
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestEntityTooLargeException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
    ];
    match (names, code) {
        (JsonNames::Bare, code) => code.to_owned(),
        (JsonNames::DynamoDb, "ValidationException") => format!("com.amazon.coral.validate#{code}"),
        (JsonNames::DynamoDb, code) if FRAMEWORK.contains(&code) => {
            format!("com.amazon.coral.service#{code}")
        }
        (JsonNames::DynamoDb, code) => format!("com.amazonaws.dynamodb.v20120810#{code}"),
    }
}

/// A request id as DynamoDB writes it: 52 digits and capitals. It follows from the id that the audit trail has.
fn long_id(id: &str) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let hash: [u8; 32] = Sha256::digest(id).into();
    let again: [u8; 32] = Sha256::digest(hash).into();
    let letters = hash.iter().chain(&again).take(52);
    letters.map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(service: &str, shown: &ApiError) -> String {
        let answer = error(Spoken::of(service).expect("a service"), shown, "0");
        String::from_utf8(answer.body).expect("text")
    }

    #[test]
    fn errors_are_written_as_their_service_does() {
        let denied = ApiError::new("AccessDeniedException", "no");
        assert_eq!(
            body("dynamodb", &denied),
            r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}"#
        );
        let missing = ApiError::new("ResourceNotFoundException", "gone");
        assert_eq!(
            body("dynamodb", &missing),
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"gone"}"#
        );
        let bad = ApiError::new("InvalidCiphertextException", "");
        assert_eq!(body("kms", &bad), r#"{"__type":"InvalidCiphertextException"}"#);
        let nobody = ApiError::new("NoSuchEntity", "a < b").with_status(404);
        assert_eq!(
            body("iam", &nobody),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>NoSuchEntity</Code><Message>a &lt; b</Message></Error><RequestId>0</RequestId></ErrorResponse>"
        );
    }

    #[test]
    fn an_id_of_dynamodb_has_52_letters() {
        let answer = output(Spoken::of("dynamodb").expect("DynamoDB"), "ListTables", &json!({}), "0");
        assert_eq!(answer.header("x-amzn-RequestId").map(str::len), Some(52));
        assert_eq!(answer.body, b"{}");
        assert_eq!(answer.header("x-amz-crc32"), Some("2745614147"));
    }
}
