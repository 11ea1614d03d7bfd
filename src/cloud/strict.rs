//! Reading a request from JSON without serde's leniency: a list does not stand for a structure.
//!
//! Derived code takes the fields of a structure from a list, in order. AWS does not, so `[]` would be read as a
//! structure whose fields are all left out.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// Reads `value` as a `T`.
pub(in crate::cloud) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(Strict(value))
}

struct Strict(Value);

impl<'de> Deserializer<'de> for Strict {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(values) => {
                let mut values = SeqDeserializer::new(values.into_iter().map(Self));
                let read = visitor.visit_seq(&mut values)?;
                values.end().map(|()| read)
            }
            Value::Object(fields) => {
                let mut fields =
                    MapDeserializer::new(fields.into_iter().map(|(name, value)| (name, Self(value))));
                let read = visitor.visit_map(&mut fields)?;
                fields.end().map(|()| read)
            }
            scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                scalar.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Strict {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    #[derive(Default)]
    struct Outer {
        inner: Option<Inner>,
        list: Vec<Inner>,
        map: BTreeMap<String, Inner>,
        pair: Option<(u8, u8)>,
        word: Option<Word>,
        any: Value,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: String,
        b: Option<f64>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Word {
        Yes,
    }

    #[test]
    fn what_is_of_the_right_shape_reads_as_with_serde_and_lists_are_no_structures() {
        let inner = json!({"a": "x", "b": 1});
        for (value, right) in [
            (json!({}), true),
            (json!({"inner": inner}), true),
            (json!({"inner": null}), true),
            (json!({"list": [inner, inner], "map": {"k": inner}}), true),
            (json!({"pair": [1, 2]}), true),
            (json!({"pair": [1, 2, 3]}), false),
            (json!({"pair": [1]}), false),
            (json!({"word": "Yes"}), true),
            (json!({"word": "No"}), false),
            (json!({"any": [{"k": [1, null, 1.5]}]}), true),
            (json!({"inner": {"a": 1}}), false),
            (json!({"inner": {}}), false),
            (json!({"more": 1}), false),
            (json!("x"), false),
            (json!(null), false),
        ] {
            let read = from_value::<Outer>(value.clone()).map_err(|error| error.to_string());
            assert_eq!(read.is_ok(), right, "{value}: {read:?}");
            let serde = serde_json::from_value::<Outer>(value.clone()).map_err(|error| error.to_string());
            if right {
                assert_eq!(read, serde, "{value}");
            }
        }
        for list in
            [json!([]), json!({"inner": ["x", 1]}), json!({"list": [["x"]]}), json!({"map": {"k": ["x", 1]}})]
        {
            let error = from_value::<Outer>(list.clone()).expect_err("a list");
            assert!(
                error.to_string().starts_with("invalid type: sequence, expected struct"),
                "{list}: {error}"
            );
        }
    }
}
