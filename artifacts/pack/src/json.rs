//! JSON documents that are put together.

use anyhow::Result;
use serde_json::Value;

/// Canonical JSON (RFC 8785), whatever order the members were put together in.
pub(crate) fn canonical(value: &Value) -> Result<Vec<u8>> {
    Ok(serde_json_canonicalizer::to_vec(value)?)
}

/// The object with one more member.
pub(crate) fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert(name.to_owned(), value.into());
    }
    object
}
