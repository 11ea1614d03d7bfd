//! Policy documents, reviewed.

use crate::frame::{Reader, check, command, filled, listed, nested};

/// Reviews a file and prints what was found.
fn lint(input: &[u8], arguments: &[&str]) -> Result<(), String> {
    command(&["lint"], "policy.json", input, arguments).map(|_| ())
}

#[test]
fn what_is_no_json() {
    check(&Reader {
        name: "lint, broken JSON",
        read: |input| lint(input, &["--format", "sarif"]),
        repeat: |size| listed(size, "[", "]", |_| r#""\q\q\q\q""#.to_owned()),
        nest: |size| nested(size, r#"{"a":["#, "", "]}"),
        widen: |size| listed(size, "{", "}", |number| format!("\"a\":{number}")),
        long_token: |size| filled(size, "\"", "\\q", "\""),
    });
}
