//! The value, its strict reader and its canonical writer.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::Map;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
pub use serde_json::Number;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8259 is final")]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Map<String, Value>),
}

impl Value {
    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The Boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number as an unsigned integer, if this is one and it fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Map<String, Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The value at a path of member names; `None` as soon as a step is missing.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The canonical bytes.
    pub fn to_canonical_string(&self) -> String {
        // Serialising a tree of strings, numbers and containers cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_string())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

/// Why a text was refused as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// An object names a member twice.
    DuplicateMember,
    /// Not JSON, or bytes follow the value.
    Malformed,
    /// Nested more deeply than allowed.
    TooDeep,
}

/// Reads one JSON value from `bytes`, refusing duplicate members at every depth.
///
/// `nesting` is the number of arrays and objects that may enclose a value.
///
/// # Errors
/// [`JsonError`], see there.
pub fn parse(bytes: &[u8], nesting: usize) -> Result<Value, JsonError> {
    let mut failure = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict {
        remaining: nesting,
        failure: &mut failure,
    };
    let value = seed.deserialize(&mut deserializer);
    match (value, failure) {
        (_, Some(failure)) => Err(failure),
        (Ok(value), None) if deserializer.end().is_ok() => Ok(value),
        _ => Err(JsonError::Malformed),
    }
}

struct Strict<'a> {
    remaining: usize,
    failure: &'a mut Option<JsonError>,
}

impl Strict<'_> {
    fn inner(&mut self) -> Result<Strict<'_>, JsonError> {
        match self.remaining.checked_sub(1) {
            Some(remaining) => Ok(Strict {
                remaining,
                failure: self.failure,
            }),
            None => Err(JsonError::TooDeep),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_string()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let seed = match self.inner() {
                Ok(seed) => seed,
                Err(failure) => return Err(fail(self.failure, failure)),
            };
            match access.next_element_seed(seed)? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, access: A) -> Result<Value, A::Error> {
        if self.remaining == 0 {
            return Err(fail(self.failure, JsonError::TooDeep));
        }
        let mut members = Vec::new();
        let read = self.read_members(&mut members, access);
        // A name that occurs twice comes before whatever stopped the reading after it.
        match (Map::from_entries(members), read) {
            (None, _) => Err(fail(self.failure, JsonError::DuplicateMember)),
            (Some(members), Ok(())) => Ok(Value::Object(members)),
            (Some(_), Err(error)) => Err(error),
        }
    }
}

impl Strict<'_> {
    /// Reads members up to the end, or up to the first that is refused; its name is kept.
    fn read_members<'de, A: MapAccess<'de>>(
        &mut self,
        members: &mut Vec<(String, Value)>,
        mut access: A,
    ) -> Result<(), A::Error> {
        while let Some(name) = access.next_key::<Cow<'_, str>>()? {
            let value = match self.inner() {
                Ok(seed) => access.next_value_seed(seed),
                Err(failure) => Err(fail(self.failure, failure)),
            };
            match value {
                Ok(value) => members.push((name.into_owned(), value)),
                Err(error) => {
                    members.push((name.into_owned(), Value::Null));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Remembers the reason: serde's error type of a no-alloc message could not carry it.
fn fail<E: de::Error>(slot: &mut Option<JsonError>, failure: JsonError) -> E {
    *slot = Some(failure);
    E::custom("refused")
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members),
        }
    }
}
