//! The CLI's shorthand: `Key=Value,Other={A=1,B=[x,y]}` instead of JSON.
//!
//! Source: AWS CLI User Guide, "Using shorthand syntax in the AWS CLI".

use serde_json::{Map, Value};

use crate::limits::steps;

/// Why a text is no shorthand, in the CLI's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShorthandError {
    /// Something else stands where something was expected.
    #[error("Expected: '{expected}', received: '{received}' for input:\n{place}")]
    Expected {
        expected: String,
        received: String,
        /// The text with a mark below the place.
        place: String,
    },
    /// A name that was there already.
    #[error(
        "Second instance of key \"{name}\" encountered for input:\n{place}\nThis is often because there is a preceding \",\" instead of a space."
    )]
    Twice {
        name: String,
        /// The text with a mark below the place.
        place: String,
    },
    /// A file that a value names cannot be read.
    #[error("{0}")]
    File(String),
}

/// How a value behind `@=` is read: the text of the file it names, or itself.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Reads `name=value,..` as an object whose leaves are strings.
pub fn parse(text: &str, file: ReadFile<'_>) -> Result<Value, ShorthandError> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, depth: 0, file, is_file: false };
    steps::add(parser.chars.len());
    parser.pairs().map(Value::Object)
}

/// Deeper nesting than this is in no parameter of any service.
const MAX_DEPTH: usize = 40;

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    file: ReadFile<'a>,
    /// Whether the value being read stands behind `@=`.
    is_file: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn at_end(&self) -> bool {
        self.at >= self.chars.len()
    }

    /// The text with a mark below a place. Lines behind that of the mark stay behind it.
    fn place(&self, at: usize) -> String {
        steps::add(self.chars.len());
        let is_break = |c: &char| *c == '\n';
        let column = at - self.chars[..at].iter().rposition(is_break).map_or(0, |before| before + 1);
        let end = self.chars[at..].iter().position(is_break).map_or(self.chars.len(), |length| at + length);
        let line: String = self.chars[..end].iter().collect();
        let rest: String = self.chars[end..].iter().collect();
        format!("{line}\n{}^{rest}", " ".repeat(column))
    }

    fn expected(&self, expected: &str, received: &str) -> ShorthandError {
        let place = self.place(self.at.min(self.chars.len()));
        ShorthandError::Expected { expected: expected.to_owned(), received: received.to_owned(), place }
    }

    fn expect(&mut self, wanted: char) -> Result<(), ShorthandError> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        let received = self.peek().map_or_else(|| "EOF".to_owned(), String::from);
        Err(self.expected(&wanted.to_string(), &received))
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_whitespace() || c == '\u{b}') {
            self.at += 1;
        }
    }

    /// Something with blanks around it.
    fn expect_between_blanks(&mut self, wanted: char) -> Result<(), ShorthandError> {
        self.blanks();
        self.expect(wanted)?;
        self.blanks();
        Ok(())
    }

    /// `name=value,name=value` up to the end.
    fn pairs(&mut self) -> Result<Map<String, Value>, ShorthandError> {
        let mut pairs = Map::new();
        let mut before = 0;
        loop {
            let name = self.name_and_sign()?;
            let value = match self.peek() {
                None => Value::String(String::new()),
                Some('[') => self.list()?,
                Some('{') => self.braces()?,
                Some(_) => self.values()?,
            };
            if pairs.contains_key(&name) {
                return Err(ShorthandError::Twice { name, place: self.place(before) });
            }
            pairs.insert(name, value);
            before = self.at + 1;
            if self.at_end() {
                return Ok(pairs);
            }
            self.expect_between_blanks(',')?;
        }
    }

    /// Reads `name=` or `name@=`, and returns the name.
    fn name_and_sign(&mut self) -> Result<String, ShorthandError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c)) {
            self.at += 1;
        }
        let name = self.chars[start..self.at].iter().collect();
        self.blanks();
        self.is_file = self.peek() == Some('@');
        if self.is_file {
            self.at += 1;
        }
        self.expect_between_blanks('=')?;
        Ok(name)
    }

    /// A value, or several with commas between them: they are a list unless a `=` follows.
    fn values(&mut self) -> Result<Value, ShorthandError> {
        let mut list = vec![self.value()?];
        self.blanks();
        while self.peek() == Some(',') {
            let comma = self.at;
            self.at += 1;
            self.blanks();
            let value = self.one_more();
            self.blanks();
            match value {
                Ok(value) if matches!(self.peek(), None | Some(',')) => list.push(value),
                // Nothing follows the comma.
                Err(error) if self.at_end() => return Err(error),
                // The comma separated two pairs.
                _ => {
                    self.at = comma;
                    break;
                }
            }
        }
        let is_one = list.len() == 1;
        Ok(if is_one { list.swap_remove(0) } else { Value::Array(list) })
    }

    /// A value behind a comma: it ends at a `=`, too, and must not be empty.
    fn one_more(&mut self) -> Result<Value, ShorthandError> {
        match self.peek() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some(c) if is_first(c) => self.word(|c| !"\"',=".contains(c)),
            _ => Err(self.expected("<second>", "<none>")),
        }
    }

    /// A value that is one text; it may be empty.
    fn value(&mut self) -> Result<Value, ShorthandError> {
        match self.peek() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            Some(c) if is_first(c) || self.is_escaped_comma() => self.word(|c| !"\"',]}".contains(c)),
            _ => Ok(Value::String(String::new())),
        }
    }

    fn is_escaped_comma(&self) -> bool {
        self.peek() == Some('\\') && self.chars.get(self.at + 1) == Some(&',')
    }

    fn word(&mut self, goes_on: impl Fn(char) -> bool) -> Result<Value, ShorthandError> {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if self.is_escaped_comma() {
                text.push(',');
                self.at += 2;
            } else if text.is_empty() || goes_on(c) {
                text.push(c);
                self.at += 1;
            } else {
                break;
            }
        }
        steps::add(text.len());
        self.given(text.trim_end())
    }

    /// What a value stands for: itself, or behind `@=` the file it names.
    fn given(&self, text: &str) -> Result<Value, ShorthandError> {
        let text =
            if self.is_file { (self.file)(text).map_err(ShorthandError::File)? } else { text.to_owned() };
        Ok(Value::String(text))
    }

    fn quoted(&mut self, quote: char) -> Result<Value, ShorthandError> {
        let inner = &self.chars[self.at + 1..];
        let mut at = 0;
        let (mut end, mut escaped) = (None, None);
        while let Some(c) = inner.get(at) {
            match inner.get(at + 1) {
                Some(next) if *c == '\\' && (*next == quote || *next == '\\') => {
                    escaped = (*next == quote).then_some(at + 1).or(escaped);
                    at += 1;
                }
                _ if *c == quote => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
            at += 1;
        }
        steps::add(at);
        // If every quote is escaped, the last one closes all the same.
        let Some(end) = end.or(escaped) else {
            let kind = if quote == '"' { "double" } else { "singled" };
            return Err(self.expected(&format!("<{kind} quoted>"), "<none>"));
        };
        let text: String = inner[..end].iter().collect();
        self.at += end + 2;
        self.given(&text.replace(&format!("\\{quote}"), &quote.to_string()).replace("\\\\", "\\"))
    }

    /// A value inside of a list or braces.
    fn inner(&mut self) -> Result<Value, ShorthandError> {
        match self.peek() {
            Some('[') => self.list(),
            Some('{') => self.braces(),
            _ => self.value(),
        }
    }

    fn list(&mut self) -> Result<Value, ShorthandError> {
        self.deeper()?;
        self.expect_between_blanks('[')?;
        let mut list = Vec::new();
        while self.peek() != Some(']') {
            list.push(self.inner()?);
            self.another(']')?;
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Value::Array(list))
    }

    fn braces(&mut self) -> Result<Value, ShorthandError> {
        self.deeper()?;
        self.expect_between_blanks('{')?;
        let mut pairs = Map::new();
        while self.peek() != Some('}') {
            let name = self.name_and_sign()?;
            pairs.insert(name, self.inner()?);
            self.another('}')?;
        }
        self.at += 1;
        self.depth -= 1;
        Ok(Value::Object(pairs))
    }

    /// The comma before another element, unless there is none.
    fn another(&mut self, close: char) -> Result<(), ShorthandError> {
        self.blanks();
        if self.peek() != Some(close) {
            self.expect(',')?;
            self.blanks();
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), ShorthandError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.expected("less nesting", "[")) } else { Ok(()) }
    }
}

/// Whether a value that is not quoted may begin so.
fn is_first(c: char) -> bool {
    !c.is_whitespace() && !"\"',=[{".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, ShorthandError> {
        parse(text, &|name| {
            name.strip_prefix("file://").map_or(Ok(name.to_owned()), |path| match path {
                "there" => Ok("its, text".to_owned()),
                _ => Err(format!("no {path}")),
            })
        })
    }

    /// Source: the CLI's parser, `awscli.shorthand`, for the same texts.
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
            ("a=b,c,d=e", json!({"a": ["b", "c"], "d": "e"})),
            ("a=b,c=d", json!({"a": "b", "c": "d"})),
            ("a=[b,c],d=e", json!({"a": ["b", "c"], "d": "e"})),
            ("a=[],b={}", json!({"a": [], "b": {}})),
            ("a=[b,],c={d=e,}", json!({"a": ["b"], "c": {"d": "e"}})),
            ("a='b,c=d',e=\"f g\"", json!({"a": "b,c=d", "e": "f g"})),
            (r"a='it\'s',b='x\\'", json!({"a": "it's", "b": "x\\"})),
            ("a='b','c'", json!({"a": ["b", "c"]})),
            ("Name={S=Alice Johnson}", json!({"Name": {"S": "Alice Johnson"}})),
            ("aws:dynamodb:tableName=T", json!({"aws:dynamodb:tableName": "T"})),
            (":v1={S=Acme}", json!({":v1": {"S": "Acme"}})),
            ("a=", json!({"a": ""})),
            ("a=,b=c", json!({"a": "", "b": "c"})),
            ("a=x=y", json!({"a": "x=y"})),
            (r"a=b\,c,d", json!({"a": ["b,c", "d"]})),
            ("a = b , c = d", json!({"a": "b", "c": "d"})),
            ("=a", json!({"": "a"})),
            ("a={b=1,b=2}", json!({"a": {"b": "2"}})),
            ("a@=file://there,b=file://there", json!({"a": "its, text", "b": "file://there"})),
            ("a={b@=file://there}", json!({"a": {"b": "its, text"}})),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    /// Source: the same, its errors.
    #[test]
    fn what_is_none_says_where() {
        for (text, says) in [
            ("abc", "Expected: '=', received: 'EOF' for input:\nabc\n   ^"),
            ("a={b=c", "Expected: ',', received: 'EOF' for input:\na={b=c\n      ^"),
            ("a={b", "Expected: '=', received: 'EOF' for input:\na={b\n    ^"),
            ("a=[b", "Expected: ',', received: 'EOF' for input:\na=[b\n    ^"),
            ("a=[b}", "Expected: ',', received: '}' for input:\na=[b}\n    ^"),
            ("a='b", "Expected: '<singled quoted>', received: '<none>' for input:\na='b\n  ^"),
            ("a=\"b", "Expected: '<double quoted>', received: '<none>' for input:\na=\"b\n  ^"),
            ("a=b,", "Expected: '<second>', received: '<none>' for input:\na=b,\n    ^"),
            ("a=b c=d,\nb\nc=d", "Expected: '=', received: 'c' for input:\na=b c=d,\nb\nc=d\n^"),
            ("a b\n=c", "Expected: '=', received: 'b' for input:\na b\n  ^\n=c"),
            ("", "Expected: '=', received: 'EOF' for input:\n\n^"),
            (
                "a=b,c=d,a=e",
                "Second instance of key \"a\" encountered for input:\na=b,c=d,a=e\n        ^\nThis is often because there is a preceding \",\" instead of a space.",
            ),
            ("a@=file://here", "no here"),
        ] {
            assert_eq!(read(text).expect_err(text).to_string(), says, "{text}");
        }
        assert!(read(&format!("a={}", "[".repeat(100_000))).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-c=,{}\\[\\]'\" \\\\@\n]{0,30}") {
            let _either = read(&text);
        }
    }
}
