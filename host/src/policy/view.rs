//! A look at a document that may not be what it should.

use serde_json::Value;

/// The elements of the array under this name, or none.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// The text under this name, or the empty text.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of the array under this name.
pub(super) fn texts<'v>(value: &'v Value, name: &str) -> Vec<&'v str> {
    list(value, name).iter().filter_map(Value::as_str).collect()
}

/// Whether the member under this name is `true`.
pub(super) fn is_true(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}

/// The element of an array with this `name`.
pub(super) fn named<'v>(document: &'v Value, array: &str, name: &str) -> Option<&'v Value> {
    list(document, array)
        .iter()
        .find(|element| text(element, "name") == name)
}

/// The names of authorities in `signedBy`: a list of names and combinations, or a combination.
pub(super) fn signers(value: &Value) -> Vec<&str> {
    match value {
        Value::String(name) => vec![name],
        Value::Array(elements) => elements.iter().flat_map(signers).collect(),
        Value::Object(members) => members.values().flat_map(signers).collect(),
        _ => Vec::new(),
    }
}

/// The names of authorities by whom a requirement or a builder wants to be signed.
pub(super) fn signed_by(value: &Value) -> Vec<&str> {
    value.get("signedBy").map(signers).unwrap_or_default()
}
