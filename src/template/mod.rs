//! An account of a world as other tools write one: a template of CloudFormation, Terraform, lines of the AWS CLI.
//!
//! | file | what |
//! |---|---|
//! | `plan`, `id` | what an account has, and what its resources are called |
//! | `text` | texts and documents in which the account and the keys are references |
//! | `survey` | from a world to a plan, and what is left out of it |
//! | `order` | which resource waits for which, and where that would go in a circle |
//! | `cloudformation`, `terraform`, `aws_lines` | from a plan to each form |
//! | `hcl` | the language of Terraform |
//! | `read` | from a template of CloudFormation back to a plan |
//! | `drift`, `difference` | what a world has come to beside a template |
//!
//! A floor of its own: it needs the words of the AWS CLI, and no lab. None of the forms was tried on AWS, and each says so.

mod aws_lines;
mod cloudformation;
mod difference;
mod drift;
mod hcl;
mod id;
mod order;
mod plan;
mod read;
mod survey;
mod terraform;
mod text;

use serde_json::{Value, json};

pub use difference::{Change, Difference};
pub use drift::{Checked, Drift, Other, Status};
pub use id::{Id, Sort};
pub use plan::{Alias, Grant, Identity, Inline, Key, Plan, Policy, PolicyRef, Resource, Table, TableKey};
pub use read::{For, Stated, Template, TemplateError, read};
pub use survey::PlanError;
pub use text::{Doc, Known, Piece, Text};

/// The forms that a plan is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A template, as JSON.
    CloudFormation,
    Terraform,
    /// Lines of the AWS CLI for a shell.
    AwsLines,
}

/// A plan in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    /// What of the world is not in it, each in a clause. It stands at the top of the text, too.
    pub left_out: Vec<String>,
}

impl Plan {
    /// Writes the plan in a form. `of` says what it is a plan of, in a clause.
    pub fn write(&self, form: Form, of: &str) -> Written {
        match form {
            Form::CloudFormation => cloudformation::write(self, of),
            Form::Terraform => terraform::write(self, of),
            Form::AwsLines => aws_lines::write(self, of),
        }
    }
}

/// Returns the lines at the top of a text: where it comes from, what was tried, what is left out.
fn head(plan: &Plan, of: &str, tried: &str, left_out: &[String]) -> Vec<String> {
    let Plan { account, region, .. } = plan;
    let mut lines = vec![
        format!("kmslab {} wrote this: {of}, account {account}, Region {region}.", env!("CARGO_PKG_VERSION")),
        format!("{tried} None was tried on AWS, where keys and tables cost money."),
    ];
    lines.extend(left_out.iter().map(|what| format!("Left out: {what}.")));
    lines.iter().map(|line| crate::narration::harmless::clean_line(line)).collect()
}

/// Returns a value as JSON, or null for the one that AWS takes where none is given.
fn unless<T: serde::Serialize + PartialEq + ?Sized>(default: &T, value: &T) -> Value {
    if value == default { Value::Null } else { json!(value) }
}
