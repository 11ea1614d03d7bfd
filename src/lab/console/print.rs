//! From a response to what the CLI prints: AWS's order of fields, times as text, `--query`, and the three formats.

use serde_json::{Map, Value};

use super::model::{Service, Shape, Type};
use super::params::UsageError;

/// A response as the CLI holds it: fields in AWS's order, times in ISO 8601, IAM's policy documents as objects.
pub fn shaped(service: &Service, output: Option<&str>, response: Value, is_iam: bool) -> Value {
    let kind = output.map_or(Type::Text, |name| service.kind(name));
    shape(service, kind, response, is_iam)
}

fn shape(service: &Service, kind: Type<'_>, value: Value, is_iam: bool) -> Value {
    match (kind, value) {
        (Type::Shape(Shape::Structure { members, .. }), Value::Object(mut fields)) => {
            let mut ordered = Map::new();
            for (name, kind) in members {
                if let Some(value) = fields.shift_remove(name).filter(|value| !value.is_null()) {
                    let value = match (is_iam && is_document(name), value) {
                        (true, Value::String(text)) => {
                            serde_json::from_str(&text).unwrap_or(Value::String(text))
                        }
                        (_, value) => {
                            shape(service, service.kind(kind.as_str().unwrap_or("string")), value, is_iam)
                        }
                    };
                    ordered.insert(name.clone(), value);
                }
            }
            ordered.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
            Value::Object(ordered)
        }
        (Type::Shape(Shape::List { list }), Value::Array(elements)) => {
            let kind = service.kind(list);
            elements.into_iter().map(|value| shape(service, kind, value, is_iam)).collect()
        }
        (Type::Shape(Shape::Map { map }), Value::Object(fields)) => {
            let kind = service.kind(map);
            fields.into_iter().map(|(name, value)| (name, shape(service, kind, value, is_iam))).collect()
        }
        (Type::Timestamp, Value::Number(number)) => {
            number.as_f64().and_then(iso).map_or(Value::Number(number), Value::String)
        }
        (_, value) => value,
    }
}

/// Policies that IAM returns as text and the CLI shows as objects.
fn is_document(field: &str) -> bool {
    matches!(field, "PolicyDocument" | "AssumeRolePolicyDocument" | "Document")
}

/// Seconds since the epoch as the CLI prints them: `2026-01-05T09:00:00+00:00`, with microseconds if there are any.
fn iso(seconds: f64) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "out of range saturates, then Timestamp refuses it")]
    let time = jiff::Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()?;
    let fraction = time.subsec_microsecond();
    let text = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    Some(if fraction == 0 { format!("{text}+00:00") } else { format!("{text}.{fraction:06}+00:00") })
}

/// What `--query` picks.
pub fn query(expression: &str, response: &Value) -> Result<Value, UsageError> {
    let bad = |reason: String| UsageError::Other(format!("Bad value for --query {expression}: {reason}"));
    let compiled = jmespath::compile(expression).map_err(|e| bad(e.to_string()))?;
    let found = compiled.search(response).map_err(|e| bad(e.to_string()))?;
    serde_json::to_value(&*found).map_err(|e| bad(e.to_string()))
}

/// The response in one of the CLI's formats. `operation` is the title of a table.
pub fn print(format: &str, operation: &str, value: &Value) -> String {
    match format {
        "text" => {
            let mut out = String::new();
            text(value, None, None, &mut out);
            out
        }
        "table" => table(operation, value),
        _ if value.as_object().is_some_and(Map::is_empty) => String::new(),
        _ => json(value),
    }
}

/// JSON with four spaces a level, as the CLI prints it.
fn json(value: &Value) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    // Writing a value to memory cannot fail; if it did, nothing would be printed.
    let _infallible = serde::Serialize::serialize(value, &mut serializer);
    String::from_utf8(out).unwrap_or_default() + "\n"
}

/// A scalar as the CLI prints it: Python's words for what has no text of its own.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Text: one line a list or object, fields by name, tabs between, each nested part on lines of its own that begin with
/// its name. Source: AWS CLI User Guide, "Setting the AWS CLI output format", text.
fn text(value: &Value, name: Option<&str>, columns: Option<&[String]>, out: &mut String) {
    let line = |cells: Vec<String>, out: &mut String| {
        let first = name.map(str::to_uppercase);
        let cells: Vec<String> = first.into_iter().chain(cells).collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    };
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let cells: Vec<String> = match columns {
                Some(columns) => {
                    columns.iter().map(|c| fields.get(c).map_or(String::new(), scalar)).collect()
                }
                None => {
                    names.iter().filter(|n| is_scalar(&fields[**n])).map(|n| scalar(&fields[*n])).collect()
                }
            };
            if !cells.is_empty() {
                line(cells, out);
            }
            for name in names.into_iter().filter(|n| !is_scalar(&fields[*n])) {
                text(&fields[name], Some(name), None, out);
            }
        }
        Value::Array(elements) if elements.iter().any(Value::is_object) => {
            let mut columns: Vec<String> = Vec::new();
            for (field, value) in elements.iter().filter_map(Value::as_object).flatten() {
                if is_scalar(value) && !columns.contains(field) {
                    columns.push(field.clone());
                }
            }
            columns.sort();
            for element in elements {
                text(element, name, Some(&columns), out);
            }
        }
        Value::Array(elements) if elements.iter().any(Value::is_array) => {
            let scalars: Vec<String> = elements.iter().filter(|e| is_scalar(e)).map(scalar).collect();
            if !scalars.is_empty() {
                line(scalars, out);
            }
            for element in elements.iter().filter(|e| !is_scalar(e)) {
                text(element, name, None, out);
            }
        }
        Value::Array(elements) if elements.is_empty() => {}
        Value::Array(elements) => match name {
            Some(_) => elements.iter().for_each(|element| line(vec![scalar(element)], out)),
            None => line(elements.iter().map(scalar).collect(), out),
        },
        other => line(vec![scalar(other)], out),
    }
}

/// A part of a table.
struct Section {
    depth: usize,
    title: Option<String>,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A table: a box of boxes. Widths are what the contents need; the CLI may spread them a little differently.
fn table(operation: &str, value: &Value) -> String {
    let mut sections =
        vec![Section { depth: 0, title: Some(operation.to_owned()), head: Vec::new(), rows: Vec::new() }];
    sections_of(value, 0, None, &mut sections);
    let inner = sections.iter().map(|s| width(s) + 2 * s.depth).max().unwrap_or_default();
    let mut out = format!("{}\n", "-".repeat(inner + 2));
    for section in &sections {
        draw(section, inner - 2 * section.depth, &mut out);
    }
    out
}

/// A cell keeps two blanks before and one behind; the last one two behind.
const PADDING: usize = 3;

fn columns(section: &Section) -> Vec<usize> {
    let count = section.rows.iter().map(Vec::len).max().unwrap_or_default().max(section.head.len());
    let width = |column: usize| {
        let rows = section.rows.iter().chain([&section.head]);
        rows.filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    (0..count).map(|column| width(column) + PADDING + usize::from(column + 1 == count)).collect()
}

fn width(section: &Section) -> usize {
    let columns = columns(section);
    let cells = columns.iter().sum::<usize>() + columns.len().saturating_sub(1);
    cells.max(section.title.as_ref().map_or(0, |title| title.chars().count() + 4))
}

fn draw(section: &Section, width: usize, out: &mut String) {
    let bars = "|".repeat(section.depth);
    let mut put = |middle: &str| out.extend([bars.as_str(), middle, bars.as_str(), "\n"]);
    if let Some(title) = &section.title {
        // The odd blank stands before a title, and behind a head.
        let before = (width - title.chars().count().min(width)).div_ceil(2);
        put(&format!("|{:width$}|", format!("{}{title}", " ".repeat(before))));
    }
    let mut columns = columns(section);
    let used = columns.iter().sum::<usize>() + columns.len().saturating_sub(1);
    if let Some(last) = columns.last_mut() {
        *last += width - used;
    }
    let rule = if columns.is_empty() {
        "-".repeat(width)
    } else {
        columns.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("+")
    };
    if !section.head.is_empty() {
        put(&format!("+{rule}+"));
        let cells = section.head.iter().zip(&columns).map(|(cell, width)| format!("{cell:^width$}"));
        put(&format!("|{}|", cells.collect::<Vec<_>>().join("|")));
    }
    put(&format!("+{rule}+"));
    for row in &section.rows {
        let cells = columns.iter().enumerate().map(|(at, width)| {
            let cell = row.get(at).map_or("", String::as_str);
            format!("{:width$}", format!("  {cell}"))
        });
        put(&format!("|{}|", cells.collect::<Vec<_>>().join("|")));
    }
    if !section.rows.is_empty() {
        put(&format!("+{rule}+"));
    }
}

fn sections_of(value: &Value, depth: usize, title: Option<&str>, sections: &mut Vec<Section>) {
    let mut add = |head: Vec<String>, rows: Vec<Vec<String>>| {
        // The outermost values stand in the box of the operation.
        match sections.last_mut() {
            Some(last) if depth == 0 && last.depth == 0 && last.rows.is_empty() => {
                last.head = head;
                last.rows = rows;
            }
            _ => sections.push(Section { depth, title: title.map(str::to_owned), head, rows }),
        }
    };
    match value {
        Value::Object(_) => {
            let fields = sorted(value);
            let scalars: Vec<_> = fields.iter().filter(|(_, value)| is_scalar(value)).collect();
            if !scalars.is_empty() {
                let head = scalars.iter().map(|(name, _)| (*name).clone()).collect();
                add(head, vec![scalars.iter().map(|(_, value)| scalar(value)).collect()]);
            } else if depth > 0 {
                add(Vec::new(), Vec::new());
            }
            for (name, value) in fields.into_iter().filter(|(_, value)| !is_scalar(value)) {
                sections_of(value, depth + 1, Some(name), sections);
            }
        }
        Value::Array(elements) if !elements.is_empty() && elements.iter().all(Value::is_object) => {
            let flat = |element: &Value| sorted(element).iter().all(|(_, value)| is_scalar(value));
            if elements.iter().all(flat) {
                let mut head: Vec<String> =
                    elements.iter().flat_map(sorted).map(|(name, _)| name.clone()).collect();
                head.sort();
                head.dedup();
                let row = |element: &Value| {
                    head.iter().map(|name| element.get(name).map_or(String::new(), scalar)).collect()
                };
                let rows = elements.iter().map(row).collect();
                add(head.clone(), rows);
            } else {
                for element in elements {
                    sections_of(element, depth, title, sections);
                }
            }
        }
        Value::Array(elements) => {
            let row = |element: &Value| match element {
                Value::Array(cells) => cells.iter().map(scalar).collect(),
                other => vec![scalar(other)],
            };
            add(Vec::new(), elements.iter().map(row).collect());
        }
        other => add(Vec::new(), vec![vec![scalar(other)]]),
    }
}

fn sorted(value: &Value) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = value.as_object().into_iter().flatten().collect();
    fields.sort_by_key(|(name, _)| *name);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_lines_and_tabs() {
        for (value, expected) in [
            (json!("x"), "x\n"),
            (json!(null), "None\n"),
            (json!(true), "True\n"),
            (json!(["a", "b", 3]), "a\tb\t3\n"),
            (json!({"B": 1, "A": "x"}), "x\t1\n"),
            (json!({"Keys": [{"KeyId": "1", "KeyArn": "a"}, {"KeyId": "2"}]}), "KEYS\ta\t1\nKEYS\t\t2\n"),
            (json!({"PolicyNames": ["default", "x"]}), "POLICYNAMES\tdefault\nPOLICYNAMES\tx\n"),
            (json!([["a", "b"], ["c", null]]), "a\tb\nc\tNone\n"),
            (json!([]), ""),
            (json!({"M": {"N": {"O": 1}}}), "N\t1\n"),
        ] {
            assert_eq!(print("text", "X", &value), expected, "{value}");
        }
    }

    #[test]
    fn a_table_is_a_box_of_boxes() {
        let value =
            json!({"Aliases": [{"AliasName": "alias/x", "TargetKeyId": "1234"}, {"AliasName": "alias/yyy"}]});
        let expected = "\
--------------------------------
|          ListAliases         |
+------------------------------+
||           Aliases          ||
|+------------+---------------+|
|| AliasName  |  TargetKeyId  ||
|+------------+---------------+|
||  alias/x   |  1234         ||
||  alias/yyy |               ||
|+------------+---------------+|
";
        assert_eq!(print("table", "ListAliases", &value), expected);
        assert_eq!(
            print("table", "x", &json!(["a", "b"])),
            "-------\n|  x  |\n+-----+\n|  a  |\n|  b  |\n+-----+\n"
        );
    }

    #[test]
    fn json_has_four_spaces_and_an_empty_answer_is_nothing() {
        assert_eq!(print("json", "X", &json!({"a": [1]})), "{\n    \"a\": [\n        1\n    ]\n}\n");
        assert_eq!(print("json", "X", &json!({})), "");
        assert_eq!(print("json", "X", &json!(null)), "null\n");
    }

    #[test]
    fn a_query_picks_or_says_what_is_wrong_with_it() {
        let value = json!({"KeyMetadata": {"KeyId": "1"}, "Items": [{"N": {"S": "x"}}, {"N": {"S": "y"}}]});
        for (expression, expected) in [
            ("KeyMetadata.KeyId", json!("1")),
            ("Items[].N.S", json!(["x", "y"])),
            ("Items[?N.S=='y'] | length(@)", json!(1)),
            ("Nothing", json!(null)),
        ] {
            assert_eq!(query(expression, &value), Ok(expected), "{expression}");
        }
        let error = query("Items[", &value).expect_err("it is not closed").to_string();
        assert!(error.starts_with("Bad value for --query Items[: "), "{error}");
    }

    #[test]
    fn times_are_printed_as_the_cli_prints_them() {
        assert_eq!(iso(1_767_603_600.0).as_deref(), Some("2026-01-05T09:00:00+00:00"));
        assert_eq!(iso(1_767_603_600.25).as_deref(), Some("2026-01-05T09:00:00.250000+00:00"));
    }
}
