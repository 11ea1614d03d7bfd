//! A plan as lines of the AWS CLI.
//!
//! Policies of keys come last: until then a key has the policy that AWS gives it, under which whoever plays the lines can make
//! aliases, grants and tables.

use serde_json::Value;

use super::{Written, head};
use crate::aws_cli::{aws_words, quoted};
use crate::cloud::arn::partition_of;
use crate::template::calls::{self, Deed, Part};
use crate::template::{Id, Piece, Plan};

/// What was done with lines of this program.
const TRIED: &str = "Such lines of all scenarios of the program, played in an empty simulated account, make the account again.";

/// The marks around a variable in a word that is not quoted yet. No service takes a character of private use.
const MARKS: (char, char) = ('\u{e000}', '\u{e001}');

/// The variable that holds the number of the account.
const ACCOUNT: &str = "ACCOUNT";

/// Writes a plan as lines of the AWS CLI.
pub fn write(plan: &Plan, of: &str) -> Written {
    let left_out = plan.left_out.clone();
    let mut lines: Vec<String> =
        head(plan, of, TRIED, &left_out).into_iter().map(|line| format!("# {line}")).collect();
    lines.push(
        "# Who plays them must be allowed all of it: an administrator of an account with nothing in it."
            .to_owned(),
    );
    lines.push(format!("export AWS_REGION={}", quoted(&plan.region)));
    lines.push(format!("{ACCOUNT}=$(aws sts get-caller-identity --query Account --output text)"));
    for Part { title, deeds } in calls::making(plan, &|piece| written(plan, piece)) {
        lines.push(format!("\n# {title}"));
        lines.extend(deeds.iter().map(line_of));
    }
    Written { text: lines.join("\n") + "\n", left_out }
}

/// The line of a deed.
fn line_of(deed: &Deed) -> String {
    match deed {
        Deed::Call { service, operation, input, key: None } => line(service, operation, input),
        Deed::Call { service, operation, input, key: Some(id) } => {
            let made = line(service, operation, input);
            format!("{}=$({made} --query KeyMetadata.KeyId --output text)", key_variable(id))
        }
        Deed::AwaitTable(name) => format!("aws dynamodb wait table-exists --table-name {}", quoted(name)),
    }
}

/// What stands for a reference: variables between marks.
fn written(plan: &Plan, piece: &Piece) -> String {
    match piece {
        Piece::Words(words) => words.clone(),
        Piece::Account => variable(ACCOUNT),
        Piece::KeyId(id) => key_id(id),
        Piece::KeyArn(id) => {
            let region = &plan.region;
            format!("arn:{}:kms:{region}:{}:key/{}", partition_of(region), variable(ACCOUNT), key_id(id))
        }
    }
}

/// The line of a call. In its input, variables stand between marks.
fn line(service: &str, operation: &str, input: &Value) -> String {
    let words = aws_words(service, operation, input);
    words.iter().map(|word| with_variables(word)).collect::<Vec<_>>().join(" ")
}

/// A word in quotes, its variables outside of single ones.
fn with_variables(word: &str) -> String {
    let mut parts = word.split(MARKS.0);
    let mut out = parts.next().filter(|words| !words.is_empty()).map(quoted).unwrap_or_default();
    for part in parts {
        let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match part.split_once(MARKS.1).filter(|(name, _)| is_name(name)) {
            Some((name, words)) => {
                out.extend(["\"$", name, "\""]);
                out.push_str(&Some(words).filter(|words| !words.is_empty()).map(quoted).unwrap_or_default());
            }
            None => out.push_str(&quoted(part)),
        }
    }
    if out.is_empty() { quoted(word) } else { out }
}

fn variable(name: &str) -> String {
    format!("{}{name}{}", MARKS.0, MARKS.1)
}

/// The variable that holds the id of a key.
fn key_variable(id: &Id) -> String {
    format!("KEY_{}", id.snake())
}

fn key_id(id: &Id) -> String {
    variable(&key_variable(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_outside_of_single_quotes() {
        let account = variable("ACCOUNT");
        for (word, expected) in [
            ("", "''".to_owned()),
            ("it's", r"'it'\''s'".to_owned()),
            (account.as_str(), "\"$ACCOUNT\"".to_owned()),
            (&format!("arn:{account}:x y"), "arn:\"$ACCOUNT\"':x y'".to_owned()),
            ("\u{e000}$(rm)\u{e001}", "'$(rm)\u{e001}'".to_owned()),
            ("\u{e000}open", "open".to_owned()),
        ] {
            assert_eq!(with_variables(word), expected);
        }
    }
}
