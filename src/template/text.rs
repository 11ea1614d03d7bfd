//! Texts and documents of a plan, in which the account and the keys are references.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::id::Id;

/// The length of a key's id: a UUID, or `mrk-` and 32 digits.
const KEY_ID_BYTES: usize = 36;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    Words(String),
    /// The number of the account.
    Account,
    /// The ARN of a key of the plan.
    KeyArn(Id),
    /// The id of a key of the plan.
    KeyId(Id),
}

/// A text in which the account and its keys are references. No two pieces of words follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(Vec<Piece>);

impl Text {
    /// Returns the pieces of the text in their order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Returns the text if it is words alone.
    pub fn words(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Words(words)] => Some(words),
            _ => None,
        }
    }

    /// Adds a piece at the end of the text.
    pub fn push(&mut self, piece: Piece) {
        match (self.0.last_mut(), piece) {
            (_, Piece::Words(words)) if words.is_empty() => {}
            (Some(Piece::Words(last)), Piece::Words(words)) => last.push_str(&words),
            (_, piece) => self.0.push(piece),
        }
    }

    /// Returns the text with a text in place of each reference.
    pub fn filled(&self, fill: &dyn Fn(&Piece) -> String) -> String {
        let of = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Account | Piece::KeyArn(_) | Piece::KeyId(_) => fill(piece),
        };
        self.0.iter().map(of).collect()
    }

    /// Returns the keys that the text refers to.
    pub fn keys(&self) -> impl Iterator<Item = &Id> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::KeyArn(id) | Piece::KeyId(id) => Some(id),
            Piece::Words(_) | Piece::Account => None,
        })
    }
}

impl FromIterator<Piece> for Text {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        let mut text = Self::default();
        pieces.into_iter().for_each(|piece| text.push(piece));
        text
    }
}

/// What references stand for in a world.
#[derive(Clone, Debug)]
pub struct Known {
    /// The number of the account.
    pub account: String,
    /// What the ARN of each key begins with.
    pub key_arn: String,
    /// The keys by their ids.
    pub keys: BTreeMap<String, Id>,
}

impl Known {
    /// Takes a text apart: what stands for the account or a key becomes a reference.
    pub fn text(&self, text: &str) -> Text {
        let mut found = Text::default();
        let mut words = 0;
        let mut at = 0;
        while at < text.len() {
            let next = self.reference(text, at);
            let Some((piece, length)) = next else {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            };
            found.push(Piece::Words(text[words..at].to_owned()));
            found.push(piece);
            at += length;
            words = at;
        }
        found.push(Piece::Words(text[words..].to_owned()));
        found
    }

    /// Returns the reference that begins at a place, and its length.
    fn reference(&self, text: &str, at: usize) -> Option<(Piece, usize)> {
        let rest = &text[at..];
        let key = |from: usize| self.keys.get(rest.get(from..from + KEY_ID_BYTES)?).cloned();
        if rest.starts_with(&self.key_arn)
            && let Some(id) = key(self.key_arn.len())
        {
            return Some((Piece::KeyArn(id), self.key_arn.len() + KEY_ID_BYTES));
        }
        // Inside of a word neither is one.
        if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let ends = |length: usize| !rest[length..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if rest.starts_with(&self.account) && ends(self.account.len()) {
            return Some((Piece::Account, self.account.len()));
        }
        let id = key(0).filter(|_| ends(KEY_ID_BYTES))?;
        Some((Piece::KeyId(id), KEY_ID_BYTES))
    }

    /// Takes the texts of a document apart.
    pub fn doc(&self, value: &Value) -> Doc {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Doc::Plain(value.clone()),
            Value::String(text) => Doc::Text(self.text(text)),
            Value::Array(values) => Doc::List(values.iter().map(|value| self.doc(value)).collect()),
            Value::Object(fields) => {
                Doc::Fields(fields.iter().map(|(name, value)| (name.clone(), self.doc(value))).collect())
            }
        }
    }
}

/// A JSON document whose texts may hold references.
#[derive(Clone, Debug, PartialEq)]
pub enum Doc {
    /// Null, a truth value or a number.
    Plain(Value),
    Text(Text),
    List(Vec<Doc>),
    /// The fields of an object, in the order in which they were written.
    Fields(Vec<(String, Doc)>),
}

impl Doc {
    /// Returns the document as JSON, with a value for each of its texts.
    pub fn to_json(&self, text: &dyn Fn(&Text) -> Value) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Text(own) => text(own),
            Self::List(docs) => docs.iter().map(|doc| doc.to_json(text)).collect(),
            Self::Fields(fields) => {
                let field = |(name, doc): &(String, Self)| (name.clone(), doc.to_json(text));
                Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
            }
        }
    }

    /// Returns all texts of the document.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Text(text) => vec![text],
            Self::List(docs) => docs.iter().flat_map(Self::texts).collect(),
            Self::Fields(fields) => fields.iter().flat_map(|(_, doc)| doc.texts()).collect(),
        }
    }

    /// Returns a field of an object.
    pub fn field(&self, wanted: &str) -> Option<&Self> {
        match self {
            Self::Fields(fields) => fields.iter().find(|(name, _)| name == wanted).map(|(_, doc)| doc),
            Self::Plain(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// Returns the elements of a list, or the value itself, which a policy may write in place of a list of one.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(docs) => docs,
            Self::Plain(_) | Self::Text(_) | Self::Fields(_) => std::slice::from_ref(self),
        }
    }

    /// Returns the principals of AWS that a policy names.
    pub fn principals(&self) -> impl Iterator<Item = &Text> {
        let statements = self.field("Statement").map(Self::elements).unwrap_or_default();
        let named = statements
            .iter()
            .flat_map(|statement| [statement.field("Principal"), statement.field("NotPrincipal")])
            .flatten();
        named.filter_map(|principal| principal.field("AWS")).flat_map(Self::texts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::Sort;
    use super::*;
    use serde_json::json;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn known() -> Known {
        Known {
            account: "111122223333".to_owned(),
            key_arn: "arn:aws:kms:us-east-1:111122223333:key/".to_owned(),
            keys: BTreeMap::from([(ID.to_owned(), Id::new(Sort::Key, "K1"))]),
        }
    }

    fn shown(text: &str) -> String {
        known().text(text).filled(&|piece| match piece {
            Piece::Account => "{account}".to_owned(),
            Piece::KeyArn(id) => format!("{{arn {id}}}"),
            Piece::KeyId(id) => format!("{{id {id}}}"),
            Piece::Words(words) => words.clone(),
        })
    }

    #[test]
    fn what_stands_for_the_account_or_a_key_is_a_reference() {
        for (text, expected) in [
            ("", ""),
            ("*", "*"),
            ("111122223333", "{account}"),
            ("1111222233334", "1111222233334"),
            ("x111122223333", "x111122223333"),
            ("arn:aws:iam::111122223333:user/kim", "arn:aws:iam::{account}:user/kim"),
            ("arn:aws:iam::444455556666:user/kim", "arn:aws:iam::444455556666:user/kim"),
            (&format!("arn:aws:kms:us-east-1:111122223333:key/{ID}"), "{arn KeyK1}"),
            (
                &format!("arn:aws:kms:eu-west-1:111122223333:key/{ID}"),
                "arn:aws:kms:eu-west-1:{account}:key/{id KeyK1}",
            ),
            ("arn:aws:kms:us-east-1:111122223333:key/é", "arn:aws:kms:us-east-1:{account}:key/é"),
            (ID, "{id KeyK1}"),
            (&format!("{ID}0"), &format!("{ID}0")),
            ("${aws:username}é", "${aws:username}é"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn principals_are_found_in_each_form() {
        let policy = json!({"Statement": [
            {"Principal": "*", "Action": "a"},
            {"Principal": {"AWS": "one", "Service": "s"}},
            {"NotPrincipal": {"AWS": ["two", "three"]}},
        ]});
        let doc = known().doc(&policy);
        assert_eq!(doc.principals().filter_map(Text::words).collect::<Vec<_>>(), ["one", "two", "three"]);
        let single = known().doc(&json!({"Statement": {"Principal": {"AWS": "one"}}}));
        assert_eq!(single.principals().count(), 1);
    }
}
