//! `--output table`: a box of boxes, drawn as the AWS CLI draws it.
//!
//! Widths follow the CLI's own arithmetic, so that its tables and these are the same to the blank. A table that is wider
//! than the CLI takes a terminal to be without one, 80 columns, shows lists of one row upright, name beside value.
//! Source: AWS CLI User Guide, "Setting the AWS CLI output format", table; compared with what the CLI prints.

use serde_json::Value;
use unicode_width::UnicodeWidthChar as _;

use crate::limits::Exceeded;
use crate::limits::console::PRINTED;

/// What the CLI takes for the width where there is no terminal.
const TERMINAL_COLUMNS: usize = 80;

/// Blanks and a border that a cell has besides its text.
const PADDING_COLUMNS: usize = 4;

/// A part of a table.
#[derive(Default)]
struct Section {
    depth: usize,
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A scalar as the CLI prints it: Python's words for what has no text of its own.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other @ (Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}

/// Whether a value has no parts.
pub(super) fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// The value as a table; nothing if there is nothing in it.
pub fn table(operation: &str, value: &Value) -> Result<String, Exceeded> {
    let mut sections = Vec::new();
    build(Some(operation), value, 0, &mut sections)?;
    if sections.is_empty() {
        return Ok(String::new());
    }
    sections.iter().try_fold(0, |before, section| room_for(before, section.rows.len(), section.count()))?;
    let widest = |sections: &[Section]| sections.iter().map(Section::width).max().unwrap_or_default();
    if widest(&sections) > TERMINAL_COLUMNS {
        sections.iter_mut().for_each(Section::turn_upright);
    }
    let width = widest(&sections);
    // The title, the head and three rules stand around the rows, and every line is as wide as the table.
    let lines: usize = sections.iter().map(|section| section.rows.len() + 5).sum();
    PRINTED.check(lines.saturating_mul(width))?;
    let mut out = format!("{}\n", "-".repeat(width));
    for section in &sections {
        section.draw(width - 2 * section.depth, &mut out);
    }
    Ok(out)
}

/// Refuses more cells than can be printed, of which each takes its padding at least. Returns the columns of all so far.
fn room_for(before: usize, rows: usize, columns: usize) -> Result<usize, Exceeded> {
    let taken = before.saturating_add(rows.saturating_mul(columns).saturating_mul(PADDING_COLUMNS));
    PRINTED.check(taken)?;
    Ok(taken)
}

/// Whether the CLI takes a value for nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is) => !is,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

fn build(
    title: Option<&str>,
    value: &Value,
    depth: usize,
    sections: &mut Vec<Section>,
) -> Result<(), Exceeded> {
    if is_nothing(value) {
        return Ok(());
    }
    if let Some(title) = title {
        sections.push(Section { depth, title: title.to_owned(), ..Section::default() });
    }
    match value {
        Value::Array(elements) if elements.first().is_some_and(Value::is_object) => {
            objects(title.unwrap_or_default(), elements, depth, sections)?;
        }
        Value::Array(elements) => {
            for element in elements {
                if let Value::Array(cells) = element
                    && cells.iter().all(is_scalar)
                {
                    add_row(sections, cells.iter().map(scalar).collect());
                } else if is_scalar(element) {
                    add_row(sections, vec![scalar(element)]);
                } else {
                    build(None, element, 0, sections)?;
                }
            }
        }
        Value::Object(_) => {
            let (names, nested) = split(&[value]);
            let cells = |name: &String| value.get(name).map_or_else(String::new, scalar);
            match names.as_slice() {
                [] => {}
                // A single field stands beside its name.
                [name] => add_row(sections, vec![name.clone(), cells(name)]),
                _ => {
                    add_row(sections, names.iter().map(cells).collect());
                    add_head(sections, names);
                }
            }
            for name in nested {
                build(Some(&name), &value[&name], depth + 1, sections)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

/// A list of objects: one section, or one an object if they hold more than scalars.
fn objects(
    title: &str,
    elements: &[Value],
    depth: usize,
    sections: &mut Vec<Section>,
) -> Result<(), Exceeded> {
    let (names, nested) = split(&elements.iter().collect::<Vec<_>>());
    room_for(0, elements.len(), names.len() + nested.len())?;
    add_head(sections, names.clone());
    for (at, element) in elements.iter().enumerate() {
        if at > 0 && !nested.is_empty() {
            sections.push(Section { depth, title: title.to_owned(), ..Section::default() });
            add_head(sections, names.clone());
        }
        let cell = |name: &String| element.get(name).map_or_else(String::new, scalar);
        add_row(sections, names.iter().map(cell).collect());
        for name in &nested {
            if let Some(value) = element.get(name) {
                build(Some(name), value, depth + 1, sections)?;
            }
        }
    }
    Ok(())
}

/// The names of the fields that are scalars, and of the others, each in order.
fn split(values: &[&Value]) -> (Vec<String>, Vec<String>) {
    let fields = values.iter().filter_map(|value| value.as_object()).flatten();
    let (scalars, others): (Vec<_>, Vec<_>) = fields.partition(|(_, value)| is_scalar(value));
    let sorted = |fields: Vec<(&String, &Value)>| {
        let mut names: Vec<String> = fields.into_iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    (sorted(scalars), sorted(others))
}

fn add_row(sections: &mut [Section], row: Vec<String>) {
    if let Some(section) = sections.last_mut() {
        section.rows.push(row);
    }
}

fn add_head(sections: &mut [Section], head: Vec<String>) {
    if let Some(section) = sections.last_mut() {
        section.head = head;
    }
}

impl Section {
    /// A list of one row: names and values beside each other.
    fn turn_upright(&mut self) {
        if self.head.is_empty() || self.rows.len() != 1 {
            return;
        }
        let cells = self.rows.remove(0);
        self.rows = std::mem::take(&mut self.head).into_iter().zip(cells).map(|(n, c)| vec![n, c]).collect();
    }

    /// How many columns there are.
    fn count(&self) -> usize {
        self.rows.iter().chain([&self.head]).map(Vec::len).max().unwrap_or_default()
    }

    /// The width of the widest text of each column, with its blanks and border.
    fn columns(&self) -> Vec<usize> {
        let rows = || self.rows.iter().chain([&self.head]);
        let widest = |at: usize| rows().filter_map(|row| row.get(at)).map(|cell| columns_of(cell)).max();
        (0..self.count()).map(|at| widest(at).unwrap_or_default() + PADDING_COLUMNS).collect()
    }

    fn width(&self) -> usize {
        let cells = self.columns().iter().sum::<usize>() + 2;
        cells.max(columns_of(&self.title) + 2) + 2 * self.depth
    }

    /// The columns spread over `width`: each in proportion, the rest taken from the left or given to the right.
    fn spread(&self, width: usize) -> Vec<usize> {
        let natural = self.columns();
        let sum: usize = natural.iter().sum();
        let share = |column: &usize| {
            #[expect(clippy::cast_precision_loss, reason = "the CLI reckons with the same numbers")]
            let exact = *column as f64 * (width as f64 / sum as f64);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small")]
            let rounded = exact.round_ties_even() as usize;
            rounded
        };
        let mut columns: Vec<usize> = natural.iter().map(share).collect();
        let (over, under) = {
            let sum: usize = columns.iter().sum();
            (sum.saturating_sub(width), width.saturating_sub(sum))
        };
        // Each goes around once at most: rounding is off by less than the count of columns.
        columns.iter_mut().take(over).for_each(|column| *column -= 1);
        columns.iter_mut().rev().take(under).for_each(|column| *column += 1);
        columns
    }

    fn draw(&self, width: usize, out: &mut String) {
        let bars = "|".repeat(self.depth);
        let mut put = |line: String| out.extend([bars.as_str(), &line, &bars, "\n"]);
        if !self.title.is_empty() {
            put(centred(&self.title, width, "|"));
            if self.head.is_empty() && self.rows.is_empty() {
                put(format!("+{}+", "-".repeat(width.saturating_sub(2))));
            }
        }
        let columns = self.spread(width);
        if columns.is_empty() {
            return;
        }
        let left = |at: usize| if at == 0 { "|" } else { "" };
        let rule = columns.iter().enumerate().map(|(at, column)| {
            let edges = if at == 0 { 2 } else { 1 };
            format!("{}{}+", if at == 0 { "+" } else { "" }, "-".repeat(column.saturating_sub(edges)))
        });
        let rule: String = rule.collect();
        if !self.head.is_empty() {
            put(rule.clone());
            let cells = self.head.iter().zip(&columns).enumerate();
            put(cells.map(|(at, (cell, column))| centred(cell, *column, left(at))).collect());
        }
        if self.rows.is_empty() {
            return;
        }
        put(rule.clone());
        for row in &self.rows {
            let cells = columns.iter().enumerate().map(|(at, column)| {
                let cell = row.get(at).map_or("", String::as_str);
                let taken = left(at).len() + 1 + columns_of(cell);
                let before = if taken + 2 <= *column { 2 } else { 0 };
                let after = column.saturating_sub(taken + before);
                format!("{}{}{cell}{}|", left(at), " ".repeat(before), " ".repeat(after))
            });
            put(cells.collect());
        }
        put(rule);
    }
}

/// The letters that terminals in East Asia may draw wide; the CLI takes them for wide everywhere.
const MAYBE_WIDE: &str = "ªºÆÐØÞßàáæèéêìíðòóøùúüþāđēěĦħīıĲĳĸĿŀŁłńňŉŊŋōŒœŦŧū\
    ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω\
    ЁАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяё";

/// How many columns the CLI reckons a text takes.
fn columns_of(text: &str) -> usize {
    let is_wide = |c: char| !c.is_ascii() && MAYBE_WIDE.contains(c);
    text.chars().map(|c| if is_wide(c) { 2 } else { c.width_cjk().unwrap_or(1) }).sum()
}

/// A text in the middle of `room`, between `left` and a bar.
fn centred(text: &str, room: usize, left: &str) -> String {
    let before = (room / 2).saturating_sub(columns_of(text) / 2 + 1);
    let after = room.saturating_sub(left.len() + before + columns_of(text) + 1);
    format!("{left}{}{text}{}|", " ".repeat(before), " ".repeat(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,30}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-cA-C]{1,3}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn anything_can_be_drawn(value in any_value()) {
            let drawn = table("Scan", &value).expect("small");
            prop_assert!(drawn.is_empty() || drawn.starts_with("---"));
        }
    }

    #[test]
    fn a_table_is_a_box_of_boxes() {
        // What the AWS CLI prints for the same values.
        let aliases =
            json!({"Aliases": [{"AliasName": "alias/x", "TargetKeyId": "1234"}, {"AliasName": "alias/yyy"}]});
        let scan = json!({"Count": 1, "Items": [{"CustomerID": {"S": "12345"}}], "ScannedCount": 1});
        let long = json!({"KeyMetadata": {"Arn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab", "Enabled": true,
            "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}});
        for (operation, value, expected) in [
            (
                "ListAliases",
                aliases,
                "\
--------------------------------
|          ListAliases         |
+------------------------------+
||           Aliases          ||
|+------------+---------------+|
||  AliasName |  TargetKeyId  ||
|+------------+---------------+|
||  alias/x   |  1234         ||
||  alias/yyy |               ||
|+------------+---------------+|
",
            ),
            (
                "Scan",
                scan,
                "\
---------------------------
|          Scan           |
+--------+----------------+
|  Count | ScannedCount   |
+--------+----------------+
|  1     |  1             |
+--------+----------------+
||         Items         ||
|||     CustomerID      |||
||+------+--------------+||
|||  S   |  12345       |||
||+------+--------------+||
",
            ),
            (
                "DescribeKey",
                long,
                "\
------------------------------------------------------------------------
|                              DescribeKey                             |
+----------------------------------------------------------------------+
||                             KeyMetadata                            ||
|+----------+---------------------------------------------------------+|
||  Arn     |  arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab   ||
||  Enabled |  True                                                   ||
||  KeySpec |  SYMMETRIC_DEFAULT                                      ||
||  KeyState|  Enabled                                                ||
|+----------+---------------------------------------------------------+|
",
            ),
            ("x", json!(["a", "b"]), "-------\n|  x  |\n+-----+\n|  a  |\n|  b  |\n+-----+\n"),
            // The CLI takes ß for wide, which it is not here.
            (
                "x",
                json!(["Größe", "abcdef"]),
                "------------\n|     x    |\n+----------+\n|  Größe  |\n|  abcdef  |\n+----------+\n",
            ),
            ("x", json!({}), ""),
            ("x", json!(null), ""),
        ] {
            assert_eq!(table(operation, &value).as_deref(), Ok(expected), "{value}");
        }
    }
}
