//! The protocols awsJson 1.0 and 1.1: a JSON object each way, the operation in a header.

use serde::Serialize;
use serde_json::Value;

use super::message::Request;
use crate::cloud::ApiError;
use crate::limits::steps;

/// Reads the operation and the input of a request.
// Source: dynalite, `index.js`, as compared with DynamoDB: content type, then JSON, then the target
pub fn request(request: &Request, content_type: &str) -> Result<(String, Value), ApiError> {
    // Both versions are taken by either kind of service: clients differ in nothing else.
    let known = ["application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json"];
    if request.method != "POST"
        || !(known.contains(&request.content_type()) || request.content_type() == content_type)
    {
        return Err(ApiError::new("UnknownOperationException", "").with_status(404));
    }
    let target = request.header("x-amz-target").unwrap_or_default();
    let operation = target.rsplit_once('.').map_or("", |(_, operation)| operation);
    Ok((operation.to_owned(), body(&request.body)?))
}

/// Reads a body: an object, or nothing for an input without members.
fn body(bytes: &[u8]) -> Result<Value, ApiError> {
    steps::add(bytes.len());
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    // The reader of JSON follows 128 levels.
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) | Err(_) => Err(ApiError::new("SerializationException", "")),
    }
}

/// Writes an answer; an output without members is an empty body in the JSON services that have one.
pub fn answer(output: &impl Serialize) -> Vec<u8> {
    let body = serde_json::to_vec(output).unwrap_or_default();
    if body == b"null" { Vec::new() } else { body }
}

/// The checksum of an answer, as `x-amz-crc32` has it: CRC-32 of IEEE 802.3, in decimal.
pub fn crc32(bytes: &[u8]) -> String {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc = TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8);
    }
    (!crc).to_string()
}

/// The remainders of all bytes.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    // Source: dynalite, answers of DynamoDB
    #[test]
    fn checksums_are_dynamodbs() {
        for (body, sum) in [
            (r#"{"__type":"com.amazon.coral.service#SerializationException"}"#, "3948637019"),
            (r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#, "1368724161"),
            (
                r#"{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}"#,
                "2088342776",
            ),
        ] {
            assert_eq!(crc32(body.as_bytes()), sum, "{body}");
        }
    }

    /// What is kept of a call is read again as the same.
    #[test]
    fn a_number_is_read_as_the_nearest_there_is() {
        for number in ["45e99", "1.7976931348623157e308", "0.1", "2.2250738585072011e-308"] {
            let read = body(format!("{{\"N\":{number}}}").as_bytes()).expect("an object");
            let again = body(read.to_string().as_bytes()).expect("it was written here");
            assert_eq!(again, read, "{number}");
            assert_eq!(read["N"].as_f64(), number.parse().ok(), "{number}");
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_a_serialization_error() {
        let deep = "[".repeat(100_000);
        for bytes in [&b"["[..], b"[]", b"{\"a\":\"\xff\"}", deep.as_bytes(), b"nul"] {
            assert_eq!(body(bytes).map_err(|e| e.code), Err("SerializationException".into()));
        }
        assert_eq!(body(b"").map(|value| value.to_string()), Ok("{}".to_owned()));
    }
}
