//! One request from the socket, one answer back.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, InvalidHeaderName};
use hyper::{Response, StatusCode, http};
use tokio::sync::Semaphore;

use super::backend;
use super::control::Control;
use crate::limits::wire::{BODIES, BODY, BODY_TIME};
use crate::limits::{Exceeded, Limit};
use crate::wire::{Answer, Request};

/// What every connection works with.
pub(super) struct Shared {
    pub control: Control,
    /// How many KiB of bodies may still be read.
    pub bodies: Semaphore,
}

/// The bytes that one permit of [`Shared::bodies`] stands for.
const PERMIT: u64 = 1 << 10;

/// As many permits as bodies may be read.
pub(super) fn body_permits() -> Semaphore {
    Semaphore::new(usize::try_from(BODIES.most / PERMIT).unwrap_or(Semaphore::MAX_PERMITS))
}

/// Reads one request and answers it.
pub(super) async fn answer(
    shared: Arc<Shared>,
    connection: u32,
    request: http::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let mut read = head_of(&head);
    let answer = match body_of(&shared, body).await {
        Ok(bytes) => {
            read.body = bytes;
            shared.control.answer(&read, connection).await
        }
        Err(unread) => unread.answer(&read).with("connection", "close"),
    };
    Ok(response(answer))
}

/// Why a body was not read. The connection ends then: what follows would be read as another request.
enum Unread {
    TooLarge,
    Cut,
    Late,
}

/// Returns the seconds of a limit as a duration.
pub(super) fn seconds(limit: &Limit) -> Duration {
    Duration::from_secs(limit.most)
}

fn head_of(head: &http::request::Parts) -> Request {
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())));
    Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
    }
}

/// Reads a body within its limits.
async fn body_of(shared: &Shared, body: Incoming) -> Result<Vec<u8>, Unread> {
    let announced = body.size_hint().exact().unwrap_or(BODY.most);
    if announced > READ_AT_MOST {
        return Err(Unread::TooLarge);
    }
    let permits = u32::try_from(announced.min(BODY.most) / PERMIT + 1).unwrap_or(u32::MAX);
    let read = async {
        let _held = shared.bodies.acquire_many(permits).await;
        bytes_of(body).await
    };
    let read = tokio::time::timeout(seconds(&BODY_TIME), read).await.unwrap_or(Err(Unread::Late));
    if announced > BODY.most { Err(Unread::TooLarge) } else { read }
}

/// The most bytes of a body that are read. What is beyond the limit is thrown away: a client that sends before it reads
/// would not see the answer to a body that is not read at all.
const READ_AT_MOST: u64 = 2 * BODY.most;

async fn bytes_of(mut body: Incoming) -> Result<Vec<u8>, Unread> {
    let (mut bytes, mut count) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Cut)?.into_data() else { continue };
        count += data.len() as u64;
        if count > READ_AT_MOST {
            break;
        } else if count > BODY.most {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    if count > BODY.most { Err(Unread::TooLarge) } else { Ok(bytes) }
}

impl Unread {
    fn answer(&self, request: &Request) -> Answer {
        let plain = |status, text| Answer::new(status, "text/plain", format!("kmslab: {text}\n"));
        match self {
            Self::TooLarge => backend::too_large(request, Exceeded(&BODY)),
            Self::Cut => plain(400, "the body ends early"),
            Self::Late => plain(408, "the body did not come in time"),
        }
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().reserve(answer.headers.len() + 1);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value)
            && let Ok(name) = header_name(name)
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The name of a header; those of nearly all answers are there already.
fn header_name(name: &'static str) -> Result<HeaderName, InvalidHeaderName> {
    static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
    static CRC_32: HeaderName = HeaderName::from_static("x-amz-crc32");
    match name {
        "content-type" => Ok(CONTENT_TYPE),
        "x-amzn-RequestId" => Ok(REQUEST_ID.clone()),
        "x-amz-crc32" => Ok(CRC_32.clone()),
        other => HeaderName::from_bytes(other.as_bytes()),
    }
}
