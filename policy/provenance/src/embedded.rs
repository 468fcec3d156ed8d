//! Documents inside predicates.

use alloc::borrow::Cow;

use sealstone_verify::json::{
    JsonError, LeftOut, Value, check, first_name, parse, parse_around, string,
};

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

/// As [`embedded_document`], of the text of a predicate that was read within a statement already.
///
/// # Errors
/// As [`embedded_document`].
pub fn embedded_text(predicate: &[u8]) -> Result<Cow<'_, [u8]>, JsonError> {
    let mut document = predicate;
    let mut data = [LeftOut::at(&["Data"])];
    if matches!(first_name(predicate).as_deref(), Some("Data" | "Timestamp")) {
        let rest = parse_around(predicate, usize::MAX, &mut data)?;
        let [data] = data;
        let mut names = rest.as_object().into_iter().flat_map(|rest| rest.keys());
        if names.all(|name| name == "Data" || name == "Timestamp") {
            document = data.text(predicate).unwrap_or(predicate);
        }
    }
    match string(document) {
        Some(text) => {
            check(text.as_bytes(), NESTING)?;
            Ok(Cow::Owned(text.into_owned().into_bytes()))
        }
        None => Ok(Cow::Borrowed(document)),
    }
}
