//! The CLI's shorthand: `Key=Value,Other={A=1,B=[x,y]}` instead of JSON.
//!
//! Source: AWS CLI User Guide, "Using shorthand syntax in the AWS CLI".

use serde_json::{Map, Value};

/// Why a text is no shorthand: what was expected, what stands there, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Expected: '{expected}', received: '{received}' for input:\n{input}\n{caret}")]
pub struct ShorthandError {
    expected: String,
    received: String,
    input: String,
    caret: String,
}

/// Reads `name=value,..` as an object whose leaves are strings.
pub fn parse(text: &str) -> Result<Value, ShorthandError> {
    let mut parser = Parser { input: text, chars: text.chars().collect(), at: 0, depth: 0 };
    let value = parser.pairs(None)?;
    Ok(Value::Object(value))
}

/// Deeper nesting than this is in no parameter of any service.
const DEEPEST: usize = 40;

struct Parser<'a> {
    input: &'a str,
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn expected(&self, expected: &str) -> ShorthandError {
        let received = self.peek().map_or_else(|| "EOF".to_owned(), String::from);
        let caret = format!("{}^", " ".repeat(self.at));
        ShorthandError { expected: expected.to_owned(), received, input: self.input.to_owned(), caret }
    }

    fn expect(&mut self, wanted: char) -> Result<(), ShorthandError> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.expected(&wanted.to_string()))
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// `name=value,name=value` up to the end, or to `close`.
    fn pairs(&mut self, close: Option<char>) -> Result<Map<String, Value>, ShorthandError> {
        let mut pairs = Map::new();
        loop {
            let name = self.name();
            if name.is_empty() {
                return Err(self.expected("name"));
            }
            self.expect('=')?;
            let value = self.values(close)?;
            if pairs.insert(name.clone(), value).is_some() {
                return Err(ShorthandError {
                    expected: "a name that is not there yet".to_owned(),
                    received: name,
                    input: self.input.to_owned(),
                    caret: format!("{}^", " ".repeat(self.at)),
                });
            }
            self.blanks();
            if self.peek() == close {
                return Ok(pairs);
            }
            self.expect(',')?;
            self.blanks();
        }
    }

    /// The characters a name may have.
    fn name(&mut self) -> String {
        self.blanks();
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || "-_.#/:\\".contains(*c)) {
            name.push(c);
            self.at += 1;
        }
        name
    }

    /// A value, or several with commas between them: they are a list if no `=` follows.
    fn values(&mut self, close: Option<char>) -> Result<Value, ShorthandError> {
        let first = self.value()?;
        let mut list = vec![first];
        loop {
            self.blanks();
            if self.peek() != Some(',') || self.peek() == close || self.a_pair_follows() {
                break;
            }
            self.at += 1;
            self.blanks();
            list.push(self.value()?);
        }
        let is_one = list.len() == 1;
        Ok(if is_one { list.swap_remove(0) } else { Value::Array(list) })
    }

    /// Whether behind the comma a `name=` begins.
    fn a_pair_follows(&self) -> bool {
        let rest = self.chars.get(self.at + 1..).unwrap_or_default();
        let mut names = rest.iter().skip_while(|c| c.is_whitespace());
        let mut seen = false;
        loop {
            match names.next() {
                Some('=') => return seen,
                Some(c) if c.is_ascii_alphanumeric() || "-_.#/:\\".contains(*c) => seen = true,
                _ => return false,
            }
        }
    }

    fn value(&mut self) -> Result<Value, ShorthandError> {
        self.blanks();
        match self.peek() {
            Some('[') => self.nested(|parser| {
                let mut list = Vec::new();
                parser.blanks();
                while parser.peek() != Some(']') {
                    list.push(parser.value()?);
                    parser.blanks();
                    if parser.peek() != Some(']') {
                        parser.expect(',')?;
                        parser.blanks();
                    }
                }
                parser.expect(']')?;
                Ok(Value::Array(list))
            }),
            Some('{') => self.nested(|parser| {
                parser.blanks();
                let pairs = if parser.peek() == Some('}') { Map::new() } else { parser.pairs(Some('}'))? };
                parser.expect('}')?;
                Ok(Value::Object(pairs))
            }),
            Some(quote @ ('\'' | '"')) => {
                self.at += 1;
                let mut text = String::new();
                loop {
                    match self.peek() {
                        Some(c) if c == quote => break,
                        Some('\\')
                            if self.chars.get(self.at + 1).is_some_and(|c| *c == quote || *c == '\\') =>
                        {
                            self.at += 1;
                            text.extend(self.peek());
                        }
                        Some(c) => text.push(c),
                        None => return Err(self.expected(&quote.to_string())),
                    }
                    self.at += 1;
                }
                self.at += 1;
                Ok(Value::String(text))
            }
            _ => {
                let mut text = String::new();
                while let Some(c) = self.peek().filter(|c| !",]}".contains(*c)) {
                    if c == '\\' && self.chars.get(self.at + 1) == Some(&',') {
                        self.at += 1;
                        text.push(',');
                    } else {
                        text.push(c);
                    }
                    self.at += 1;
                }
                Ok(Value::String(text.trim_end().to_owned()))
            }
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, ShorthandError>,
    ) -> Result<Value, ShorthandError> {
        if self.depth == DEEPEST {
            return Err(self.expected("less nesting"));
        }
        self.at += 1;
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn shorthand_reads() {
        for (text, expected) in [
            (
                "Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/x",
                json!({"Enabled": "true", "SSEType": "KMS", "KMSMasterKeyId": "alias/x"}),
            ),
            ("CustomerID={S=12345}", json!({"CustomerID": {"S": "12345"}})),
            ("EncryptionContextSubset={a=b,c=d}", json!({"EncryptionContextSubset": {"a": "b", "c": "d"}})),
            ("a=b,c,d", json!({"a": ["b", "c", "d"]})),
            ("a=b,c=d", json!({"a": "b", "c": "d"})),
            ("a=[b,c],d=e", json!({"a": ["b", "c"], "d": "e"})),
            ("a=[],b={}", json!({"a": [], "b": {}})),
            ("a='b,c=d',e=\"f g\"", json!({"a": "b,c=d", "e": "f g"})),
            ("Name={S=Alice Johnson}", json!({"Name": {"S": "Alice Johnson"}})),
            ("aws:dynamodb:tableName=T", json!({"aws:dynamodb:tableName": "T"})),
            ("a=", json!({"a": ""})),
            ("a=x=y", json!({"a": "x=y"})),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none_says_where() {
        for (text, says) in [
            ("abc", "Expected: '=', received: 'EOF' for input:\nabc\n   ^"),
            ("a={b=c", "Expected: ',', received: 'EOF'"),
            ("a=[b", "Expected: ',', received: 'EOF'"),
            ("a='b", "Expected: ''', received: 'EOF'"),
            ("=a", "Expected: 'name', received: '='"),
            ("", "Expected: 'name', received: 'EOF'"),
        ] {
            let said = parse(text).expect_err(text).to_string();
            assert!(said.starts_with(says), "{text}: {said}");
        }
        assert!(parse(&format!("a={}", "[".repeat(100_000))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-c=,{}\\[\\]'\" \\\\]{0,30}") {
            let _either = parse(&text);
        }
    }
}
