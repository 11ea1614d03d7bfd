//! Patterns and policy variables against the value of a condition key, in a line of `kmslab decide`.

use crate::decide::decide;
use crate::frame::{Reader, Shape::Made};

/// A line of which half is a pattern and half the value that it is matched with: each a beginning, a part again and again, and
/// an end.
fn halves(size: usize, pattern: [&str; 3], value: [&str; 3]) -> Vec<u8> {
    let open = r#"{"request":{"principal":"arn:aws:iam::111122223333:user/kim","action":"s3:GetObject","resource":"*","context":{"a:b":""#;
    let policy = r#""}},"identityPolicies":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"a:b":""#;
    let close = r#""}}}]}]}"#;
    let room = (size - open.len() - policy.len() - close.len()) / 2;
    let half = |[before, part, after]: [&str; 3]| {
        let times = (room - before.len() - after.len()) / part.len();
        format!("{before}{}{after}", part.repeat(times))
    };
    format!("{open}{}{policy}{}{close}", half(value), half(pattern)).into_bytes()
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "pattern",
        read: |line| decide(line, false),
        repeat: Made(|size| halves(size, ["*", "a?", "b*"], ["", "a", ""])),
        nest: Made(|size| halves(size, ["", "*a?b", "*"], ["", "ab", "c"])),
        widen: Made(|size| halves(size, ["*?", "aaaab", "?*c"], ["", "a", ""])),
        long_token: Made(|size| halves(size, ["*", "a", "?b*"], ["", "a", ""])),
    },
    Reader {
        name: "policy variable",
        read: |line| decide(line, true),
        repeat: Made(|size| halves(size, ["", "${a:b}", ""], ["", "a", ""])),
        nest: Made(|size| halves(size, ["", "${a:${", "}}"], ["", "a", ""])),
        widen: Made(|size| halves(size, ["", "${a:b}?*${a:n, 'x'}", ""], ["", "ax", ""])),
        long_token: Made(|size| halves(size, ["${", "a", ":b}"], ["", "a", ""])),
    },
];
