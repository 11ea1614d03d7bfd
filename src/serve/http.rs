//! One request from the socket, one answer back.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::{Response, StatusCode, http};
use tokio::sync::Semaphore;

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
        Err(answer) => answer,
    };
    Ok(response(answer))
}

/// Returns the seconds of a limit as a duration.
pub(super) fn seconds(limit: &Limit) -> Duration {
    Duration::from_secs(limit.most)
}

fn head_of(head: &http::request::Parts) -> Request {
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
    }
}

/// Reads a body within its limits, or says why not. The connection ends then: the rest of the body is not read.
async fn body_of(shared: &Shared, body: Incoming) -> Result<Vec<u8>, Answer> {
    let announced = body.size_hint().exact().unwrap_or(BODY.most);
    if announced > BODY.most {
        return Err(too_large());
    }
    let permits = u32::try_from(announced / PERMIT + 1).unwrap_or(u32::MAX);
    let read = async {
        let _held = shared.bodies.acquire_many(permits).await;
        Limited::new(body, BODY.size()).collect().await
    };
    match tokio::time::timeout(seconds(&BODY_TIME), read).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(refused(400, "the body ends early")),
        Err(_) => Err(refused(408, "the body did not come in time")),
    }
}

fn too_large() -> Answer {
    refused(413, &Exceeded(&BODY).to_string())
}

fn refused(status: u16, text: &str) -> Answer {
    Answer::new(status, "text/plain", format!("kmslab: {text}\n")).with("connection", "close")
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value)
            && let Ok(name) = http::HeaderName::from_bytes(name.as_bytes())
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
