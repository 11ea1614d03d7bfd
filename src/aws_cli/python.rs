//! What the CLI inherits from the language it is written in: how JSON is laid out and what is wrong with it, and the
//! names of types.

use serde_json::Value;

/// The name of a value's type.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// A value as it is printed in the middle of a sentence.
pub fn display(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            literal(other)
        }
    }
}

/// A value as it would be written in a program.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let mut out = String::from(quote);
            for c in text.chars() {
                match c {
                    '\n' => out.push_str("\\n"),
                    '\t' => out.push_str("\\t"),
                    '\r' => out.push_str("\\r"),
                    '\\' => out.push_str("\\\\"),
                    c if c == quote => out.extend(['\\', c]),
                    c => out.push(c),
                }
            }
            out.push(quote);
            out
        }
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", literal(&Value::from(name.as_str())), literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// JSON on one line with a blank behind each comma and colon.
pub fn json_line(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(json_line).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), json_line(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other.to_string(),
    }
}

/// What is wrong with a text that is no JSON, and where. Nothing if nothing is.
pub fn json_fault(text: &str) -> Option<String> {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0, depth: 0 };
    scanner.blanks();
    let end = scanner.value().and_then(|()| {
        scanner.blanks();
        if scanner.at < scanner.chars.len() { Err(("Extra data", scanner.at)) } else { Ok(()) }
    });
    crate::limits::steps::add(scanner.chars.len());
    let (says, at) = end.err()?;
    let before = scanner.chars.get(..at).unwrap_or(&scanner.chars);
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = at - before.iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1) + 1;
    Some(format!("{says}: line {line} column {column} (char {at})"))
}

/// Deeper than this nothing is read.
const MAX_DEPTH: usize = 200;

/// What is wrong, and where.
type Fault = (&'static str, usize);

struct Scanner {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| " \t\n\r".contains(c)) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(("Nested too deeply", self.at));
        }
        match self.peek() {
            Some('"') => self.string(),
            Some('{') => self.object(),
            Some('[') => self.array(),
            _ => self.word(),
        }?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        self.at += 1;
        self.blanks();
        if self.eat('}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some('"') {
                return Err((NAME, self.at));
            }
            self.string()?;
            self.blanks();
            if !self.eat(':') {
                return Err(("Expecting ':' delimiter", self.at));
            }
            self.blanks();
            self.value()?;
            self.blanks();
            if self.eat('}') {
                return Ok(());
            }
            if !self.eat(',') {
                return Err(("Expecting ',' delimiter", self.at));
            }
            self.blanks();
        }
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.blanks();
        if self.eat(']') {
            return Ok(());
        }
        loop {
            self.value()?;
            self.blanks();
            if self.eat(']') {
                return Ok(());
            }
            if !self.eat(',') {
                return Err(("Expecting ',' delimiter", self.at));
            }
            self.blanks();
        }
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            let at = self.at;
            self.at += 1;
            match self.chars.get(at) {
                None => return Err(("Unterminated string starting at", start)),
                Some('"') => return Ok(()),
                Some('\\') => {
                    self.at += 1;
                    match self.chars.get(at + 1) {
                        None => return Err(("Unterminated string starting at", start)),
                        Some('u') => {
                            let digits = self.chars.iter().skip(at + 2).take(4);
                            if digits.filter(|c| c.is_ascii_hexdigit()).count() < 4 {
                                return Err(("Invalid \\uXXXX escape", at + 2));
                            }
                        }
                        Some(c) if "\"\\/bfnrt".contains(*c) => {}
                        Some(_) => return Err(("Invalid \\escape", at)),
                    }
                }
                Some(c) if *c < ' ' => return Err(("Invalid control character at", at)),
                Some(_) => {}
            }
        }
    }

    /// A number, or one of the words.
    fn word(&mut self) -> Result<(), Fault> {
        let rest = &self.chars[self.at.min(self.chars.len())..];
        for word in ["null", "true", "false"] {
            if rest.len() >= word.len() && word.chars().eq(rest[..word.len()].iter().copied()) {
                self.at += word.len();
                return Ok(());
            }
        }
        let start = self.at;
        self.eat('-');
        // Nothing of a number follows a leading zero.
        if !self.eat('0') && self.digits() == 0 {
            return Err(("Expecting value", start));
        }
        let dot = self.at;
        if self.eat('.') && self.digits() == 0 {
            self.at = dot;
            return Ok(());
        }
        let exponent = self.at;
        if self.eat('e') || self.eat('E') {
            let _sign = self.eat('-') || self.eat('+');
            if self.digits() == 0 {
                self.at = exponent;
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Source: `json.loads` of the same texts.
    #[test]
    fn what_is_no_json_is_said_as_the_cli_says_it() {
        for (text, says) in [
            ("{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("[{\"a\": 1]", "Expecting ',' delimiter: line 1 column 9 (char 8)"),
            ("{\"a\": 1", "Expecting ',' delimiter: line 1 column 8 (char 7)"),
            ("{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("{\"a\":1,}", "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"),
            ("{}x", "Extra data: line 1 column 3 (char 2)"),
            ("{\"a\": }", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\": \"x", "Unterminated string starting at: line 1 column 7 (char 6)"),
            ("{'a': 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("[nul]", "Expecting value: line 1 column 2 (char 1)"),
            ("{\"a\": \"\n\"}", "Invalid control character at: line 1 column 8 (char 7)"),
            ("[\"\\q\"]", "Invalid \\escape: line 1 column 3 (char 2)"),
            (" [\n1\n2]", "Expecting ',' delimiter: line 3 column 1 (char 5)"),
            ("00", "Extra data: line 1 column 2 (char 1)"),
            ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("[", "Expecting value: line 1 column 2 (char 1)"),
        ] {
            assert_eq!(json_fault(text).as_deref(), Some(says), "{text:?}");
        }
        assert!(json_fault(&"[".repeat(100_000)).is_some());
    }

    #[test]
    fn values_are_written_as_the_language_writes_them() {
        let value = json!({"Marker": null, "n": [1, "it's", true], "t": "a\n'\""});
        assert_eq!(json_line(&value), r#"{"Marker": null, "n": [1, "it's", true], "t": "a\n'\""}"#);
        assert_eq!(display(&value), r#"{'Marker': None, 'n': [1, "it's", True], 't': 'a\n\'"'}"#);
        assert_eq!(display(&json!("it's")), "it's");
    }

    proptest! {
        #[test]
        fn whatever_is_json_has_no_fault_and_the_other_way_round(text in "[\\[\\]{}:, \"a0-2.e\\-tru\\\\n]{0,12}") {
            // Read without its numbers becoming numbers: one that is too large is JSON all the same.
            let json = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text).is_ok();
            prop_assert_eq!(json_fault(&text).is_none(), json, "{}", text);
        }
    }
}
