//! Signature Version 4: who signed a request, and whether they did.
//!
//! [`presented`] reads what a request says of its signature, [`Presented::check`] holds it against the signing key of
//! its scope. Source: IAM User Guide, "Create a signed AWS API request" and "Troubleshoot AWS SigV4 requests".
//!
//! | file | what |
//! |---|---|
//! | `presented` | the header `Authorization`, or the parameters of a presigned request |
//! | `canonical` | the canonical request, the string to sign, the signature |
//! | `check` | whether the signature is that of the key it names |
//! | `fault` | what is wrong with a signature, and the error of it in each protocol |
//! | `time` | the form in which requests write times |

mod canonical;
mod check;
mod fault;
mod presented;
#[cfg(test)]
mod tests;
mod time;

pub use canonical::{SigningKey, signature_of, string_to_sign};
pub use fault::Fault;
pub use presented::{Presented, presented, scoped_service};
