//! A client of the tests' own: HTTP/1.1 over a socket, and Signature Version 4 written a second time from its page.
//!
//! Source: IAM User Guide, "Create a signed AWS API request".

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A pair of keys, with the token of temporary ones.
#[derive(Clone, Default)]
pub struct Pair {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// How a request is signed; each field can be wrong.
#[derive(Clone)]
pub struct Signing {
    pub pair: Pair,
    pub region: &'static str,
    pub service: &'static str,
    /// The time of the signature, in seconds from now.
    pub later: i64,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// A header's value; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The text of the first XML element of a name.
    pub fn element(&self, name: &str) -> &str {
        let behind = self.body.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        behind.and_then(|rest| rest.split_once(&format!("</{name}>"))).map_or("", |(text, _)| text)
    }
}

/// Sends bytes and reads until the server closes, or until its answer is whole.
pub fn send(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    // A server that refuses may close before all is written.
    let _closed = stream.write_all(bytes);
    let _closed = stream.shutdown(std::net::Shutdown::Write);
    let mut text = Vec::new();
    let _closed = stream.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Writes a request of HTTP/1.1.
pub fn http(method: &str, target: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    format!(
        "{method} {target} HTTP/1.1\r\n{lines}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Adds a signature to the headers of a `POST /`.
pub fn sign(signing: &Signing, headers: &mut Vec<(String, String)>, body: &str) {
    #[expect(clippy::disallowed_methods, reason = "a client signs by the machine's clock")]
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(signing.later);
    let at = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    headers.push(("x-amz-date".to_owned(), at.clone()));
    headers.extend(signing.pair.token.clone().map(|token| ("x-amz-security-token".to_owned(), token)));
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let lines = lines.concat();
    let canonical = format!("POST\n/\n\n{lines}\n{}\n{}", names.join(";"), hash(body));
    let scope = format!("{}/{}/{}/aws4_request", &at[..8], signing.region, signing.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hash(&canonical));
    let first = format!("AWS4{}", signing.pair.secret).into_bytes();
    let parts = [&at[..8], signing.region, signing.service, "aws4_request", &to_sign];
    let signature = parts.iter().fold(first, |key, part| mac(&key, part));
    let signature = base16ct::lower::encode_string(&signature);
    let credential = format!("{}/{scope}", signing.pair.id);
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    headers.push(("authorization".to_owned(), value));
}

fn hash(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text.as_bytes()))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
