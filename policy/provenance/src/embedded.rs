//! Documents inside predicates.

use alloc::borrow::Cow;

use sealstone_verify::json::{JsonError, Value, parse};

/// Nesting of a document that stands in a predicate as text.
const NESTING: usize = 64;

/// The document that a predicate is or holds.
///
/// cosign writes a document that it was given as raw file as a JSON string, and wrote documents into
/// `Data` beside `Timestamp` before it knew their types. Everything else is the document itself.
///
/// # Errors
/// [`JsonError`] when a text is no JSON, or not read the same by everybody.
pub fn embedded_document(predicate: &Value) -> Result<Cow<'_, Value>, JsonError> {
    let document = match predicate.as_object() {
        Some(members)
            if members
                .keys()
                .all(|key| key == "Data" || key == "Timestamp") =>
        {
            members.get("Data").unwrap_or(predicate)
        }
        _ => predicate,
    };
    match document {
        Value::String(text) => parse(text.as_bytes(), NESTING).map(Cow::Owned),
        other => Ok(Cow::Borrowed(other)),
    }
}
