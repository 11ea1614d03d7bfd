//! The AWS wire protocols: from an HTTP request to a call, and from its outcome to an HTTP answer. Pure: no socket, no
//! clock, no file.
//!
//! | file | what |
//! |---|---|
//! | `message` | a request and an answer, as little of HTTP as the protocols need |
//! | `spoken` | how each service speaks: one row a service |
//! | `route` | which operation of which service a request asks for |
//! | `json`, `query`, `xml` | the protocols: inputs are read, answers and errors are written |
//! | `errors` | the names and shapes that errors have in each protocol |
//! | `percent` | percent-encoding, as the protocols and the signatures need it |
//! | `sigv4` | Signature Version 4: who signed a request, and whether they did |
//!
//! The model of operations that the console reads (`aws_cli::model`) drives the codecs, so no operation is written here.

pub mod errors;
pub mod json;
pub mod message;
pub mod percent;
pub mod query;
pub mod route;
pub mod sigv4;
pub mod spoken;
pub mod xml;

pub use message::{Answer, Request};
pub use route::{Route, route};
pub use spoken::{Protocol, Spoken};
