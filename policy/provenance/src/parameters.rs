//! Comparing external parameters with what is expected of them.
//!
//! "Verification tools SHOULD reject unrecognized fields in externalParameters to err on the side of
//! caution" (<https://slsa.dev/spec/v1.2/verifying-artifacts>).

use alloc::string::String;

use sealstone_verify::json::Value;

use crate::{Provenance, field};

/// What an expectation says about one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the three answers that there are")]
pub enum Expectation {
    /// It is as expected, with everything below it.
    Met,
    /// It is expected to be something else.
    Unmet,
    /// The expectation does not name it, perhaps something below it.
    Unnamed,
}

/// A parameter that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct UnexpectedParameter {
    /// Its JSON pointer (RFC 6901) from the external parameters.
    pub pointer: String,
    /// Whether the expectation names it.
    pub named: bool,
}

impl Provenance {
    /// The first external parameter, in the order of the names, that is not as expected.
    ///
    /// `expectation` is asked about each parameter by its JSON pointer. An object that it does not name
    /// is entered; anything else that it does not name is unexpected, unless it is empty, which means
    /// the same as unset. That everything expected is there is for the caller to check, with
    /// [`Provenance::external_parameter`].
    pub fn unexpected_parameter(
        &self,
        expectation: &mut dyn FnMut(&str, &Value) -> Expectation,
    ) -> Option<UnexpectedParameter> {
        let mut pointer = String::new();
        let named = match &self.external_parameters {
            Value::Object(_) => unexpected(&self.external_parameters, &mut pointer, expectation),
            other if field::is_unset(other) => None,
            _ => Some(false),
        };
        named.map(|named| UnexpectedParameter { pointer, named })
    }

    /// The external parameter at a JSON pointer (RFC 6901); `None` when it is not there or unset.
    pub fn external_parameter(&self, pointer: &str) -> Option<&Value> {
        let mut segments = pointer.split('/');
        if segments.next() != Some("") {
            return None;
        }
        let mut current = &self.external_parameters;
        for segment in segments {
            current = current.get(&segment.replace("~1", "/").replace("~0", "~"))?;
        }
        (!field::is_unset(current)).then_some(current)
    }
}

/// Leaves the pointer at what it finds, and otherwise as it was. The depth is that of the document,
/// which the JSON reader bounds.
fn unexpected(
    object: &Value,
    pointer: &mut String,
    expectation: &mut dyn FnMut(&str, &Value) -> Expectation,
) -> Option<bool> {
    for (name, value) in object.as_object()? {
        let length = pointer.len();
        pointer.push('/');
        for character in name.chars() {
            match character {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                other => pointer.push(other),
            }
        }
        let found = match expectation(pointer, value) {
            Expectation::Met => None,
            Expectation::Unmet => Some(true),
            Expectation::Unnamed => match value {
                Value::Object(_) => unexpected(value, pointer, expectation),
                other if field::is_unset(other) => None,
                _ => Some(false),
            },
        };
        if found.is_some() {
            return found;
        }
        pointer.truncate(length);
    }
    None
}
