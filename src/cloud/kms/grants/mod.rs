//! Grants: what one principal may do with one key, beside all policies.
//!
//! | file | what |
//! |---|---|
//! | `grant` | one grant, and what it asks of a request |
//! | `table` | all grants, filed so that a request finds those that could serve it |
//! | `create`, `list`, `end` | operations |

mod create;
mod end;
mod grant;
mod list;
mod table;

#[cfg(test)]
pub(super) use create::check_quota;
pub use create::*;
pub use end::*;
pub(super) use grant::SOURCE_KEY;
pub use grant::{Grant, GrantConstraints, GrantOperation, MAX_GRANTS};
pub use list::*;
pub use table::Grants;
pub(super) use table::Sought;
