use super::*;
use crate::limits::policy::{JSON_DEPTH, JSON_ERRORS};
use proptest::prelude::*;

/// The text of the place and the message of the first error.
fn first_error(text: &str) -> (String, String) {
    let error = read(text).errors.into_iter().next().expect("an error");
    (error.span.of(text).to_owned(), error.message)
}

#[test]
fn every_kind_of_value_keeps_its_place() {
    let text = r#" {"a": [1, "x\u00e9\ud83d\ude00\n"], "b": {"c": null, "d": true}} "#;
    let root = read(text).into_result().expect("valid");
    assert_eq!(root.span.of(text), text.trim());
    let list = root.get("a").and_then(Node::as_array).expect("a list");
    assert_eq!(list[0].value, Value::Number("1".into()));
    assert_eq!(list[1].as_str(), Some("xé😀\n"));
    assert_eq!(list[1].span.of(text), r#""x\u00e9\ud83d\ude00\n""#);
    assert_eq!(root.get("b").and_then(|b| b.get("d")).map(|d| d.span.of(text)), Some("true"));
    assert_eq!(
        root.as_object().expect("an object")[0].span().of(text),
        r#""a": [1, "x\u00e9\ud83d\ude00\n"]"#
    );
}

#[test]
fn bad_texts_are_refused_at_their_place() {
    for (text, place, message) in [
        ("", "", "the text ends where a value should stand"),
        (r#"{"a": 1, "a": 2}"#, r#""a""#, "the name a stands twice in this object"),
        (r#"["\ud800"]"#, r"\ud800", r"\ud800 is half of a surrogate pair"),
        (r#"["\udc00\ud800"]"#, r"\udc00", r"\udc00 is half of a surrogate pair"),
        (r#"["\u0000"]"#, r"\u0000", "text must not hold NUL"),
        ("[\"\0\"]", "\0", "the control character U+0000 stands in a string"),
        (r#"["\q"]"#, r"\q", r"\q is no escape of JSON"),
        (r#"["\u12"]"#, r"\u", r"\u needs four hexadecimal digits"),
        ("[1e999]", "1e999", "1e999 is too large"),
        ("[01]", "01", "01 is not a number"),
        ("[1.]", "1.", "1. is not a number"),
        ("[-]", "-", "- is not a number"),
        ("[1,]", ",", "nothing follows this comma"),
        (r#"{"a": 1 "b": 2}"#, r#""b""#, r#"expected a comma or }, found "b""#),
        ("[1 2]", "2", "expected a comma or ], found 2"),
        (r#"{"a" 1}"#, "1", "expected a colon, found 1"),
        ("{a: 1}", "a", "expected a name in double quotes, found a"),
        (r#"{"a": 1"#, "", "the text ends where a comma or } should stand"),
        ("{} {}", "{", "expected the end of the text, found {"),
        ("\"open\n\"", "\"open", "this string is not closed on its line"),
        ("'a'", "'", "expected a value, found '"),
    ] {
        assert_eq!(first_error(text), (place.to_owned(), message.to_owned()), "{text}");
    }
}

#[test]
fn a_repeated_name_does_not_end_the_reading() {
    let reading = read(r#"{"a": 1, "a": "\q", "b": 2}"#);
    assert!(reading.root.is_some());
    assert_eq!(reading.errors.len(), 2);
}

#[test]
fn depth_is_limited_long_before_the_stack_is() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let fits = open.repeat(JSON_DEPTH.size()) + "1" + &close.repeat(JSON_DEPTH.size());
        assert_eq!(read(&fits).errors, []);
        let deep = open.repeat(10_000) + "1" + &close.repeat(10_000);
        let error = read(&deep).into_result().expect_err("too deep");
        assert_eq!(error.message, "a JSON document has more than 128 levels, the limit `json-depth`");
        assert!(error.span.start > 0);
    }
}

#[test]
fn reading_ends_with_the_errors_that_are_reported() {
    let escapes = format!("\"{}\"", "\\q".repeat(1_000));
    let names = format!("{{{}}}", vec!["\"a\": 1"; 1_000].join(","));
    let values = format!("[{}]", vec!["\"\\q\""; 1_000].join(","));
    for text in [escapes, names, values] {
        let errors = read(&text).errors;
        assert_eq!(errors.len(), JSON_ERRORS.size() + 1);
        let last = errors.last().expect("an error");
        assert_eq!(
            last.message,
            "the list of errors in one document has more than 50 entries, the limit `json-errors`"
        );
    }
}

#[test]
fn bytes_that_are_not_utf_8_have_a_place() {
    assert_eq!(utf8(b"ab").map_err(|error| error.span), Ok("ab"));
    assert_eq!(utf8(b"ab\xff").map_err(|error| error.span), Err(Span::new(2, 3)));
}

/// An independent reader as the measure: `serde_json` accepts exactly what this one does, but for the rules
/// that are stricter here.
fn agrees_with_serde(text: &str) -> Result<(), TestCaseError> {
    let ours = read(text);
    let theirs: Result<serde_json::Value, _> = serde_json::from_str(text);
    let stricter =
        ours.errors.iter().any(|error| error.message.contains("twice") || error.message.contains("NUL"));
    if !stricter {
        prop_assert_eq!(ours.errors.is_empty(), theirs.is_ok(), "{:?} {:?} {:?}", text, ours, theirs);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_as_serde_json_does(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+\\-tru nl]{0,24}") {
        agrees_with_serde(&text)?;
    }

    #[test]
    fn what_serde_json_writes_is_read_back(strings in proptest::collection::vec("[^\0]*", 0..4), number: i64) {
        let text = serde_json::json!({"list": strings, "n": number}).to_string();
        let root = read(&text).into_result().expect("valid");
        let list: Vec<_> = root.get("list").expect("list").one_or_many().iter().filter_map(Node::as_str).collect();
        prop_assert_eq!(list, strings);
    }
}
