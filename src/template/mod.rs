//! An account of a world as a plan, and templates of CloudFormation: what they state, what a world makes of them, what it has come to
//! beside them.
//!
//! | file | what |
//! |---|---|
//! | `plan`, `id` | what an account has, and what its resources are called |
//! | `text` | texts and documents in which the account and the keys are references |
//! | `survey` | from a world to a plan, and what is left out of it |
//! | `order` | which resource waits for which, and where that would go in a circle |
//! | `properties` | the properties of a resource, as CloudFormation has them |
//! | `calls` | the calls that make what a plan has |
//! | `read` | from a template of CloudFormation back to a plan |
//! | `drift`, `difference`, `words` | what a world has come to beside a template, and saying it |
//!
//! How a plan is written for other tools is the matter of `forms`, above the floors that this one is needed on.

pub mod calls;
mod difference;
mod drift;
mod id;
pub mod order;
mod plan;
pub mod properties;
mod read;
mod survey;
mod text;
mod words;

pub use difference::{Change, Difference};
pub use drift::{Checked, Drift, Other, Status};
pub use id::{Id, Sort};
pub use plan::{
    Alias, Grant, Identity, Inline, Key, Named, Plan, Policy, PolicyRef, ROTATION_DAYS, Resource,
    SESSION_SECONDS, Table, TableKey,
};
pub use read::{For, Stated, Template, TemplateError, read};
pub use survey::PlanError;
pub use text::{Doc, Known, Piece, Text};
pub use words::{Scope, lines};
