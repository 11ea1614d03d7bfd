//! A plan of an account, written for other tools: a template of CloudFormation, Terraform, lines of the AWS CLI.
//!
//! | file | what |
//! |---|---|
//! | `cloudformation`, `terraform`, `aws_lines` | from a plan to each form |
//! | `hcl` | the language of Terraform |
//!
//! A floor of its own: it needs the words of the AWS CLI, and no lab. None of the forms was tried on AWS, and each says so.

mod aws_lines;
mod cloudformation;
mod hcl;
mod terraform;

use crate::narration::harmless::clean_line;
use crate::template::Plan;

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

/// Writes a plan in a form. `of` says what it is a plan of, in a clause.
pub fn write(plan: &Plan, form: Form, of: &str) -> Written {
    match form {
        Form::CloudFormation => cloudformation::write(plan, of),
        Form::Terraform => terraform::write(plan, of),
        Form::AwsLines => aws_lines::write(plan, of),
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
    lines.iter().map(|line| clean_line(line)).collect()
}
