//! Reading fields of a predicate: unset, `null` and empty mean the same, a wrong type is an error.
//!
//! Follows the parsing rules of <https://github.com/in-toto/attestation/blob/main/spec/v1/README.md>.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::limits::{DEPENDENCIES, TEXT_BYTES};
use crate::{Error, Limit, ResourceDescriptor};

/// The value at the dotted `path`, unless it is unset or `null`.
///
/// # Errors
/// [`Error::FieldMalformed`] when a step on the way is not an object.
pub(crate) fn value<'v>(root: &'v Value, path: &'static str) -> Result<Option<&'v Value>, Error> {
    let mut current = root;
    for name in path.split('.') {
        let members = match current {
            Value::Null => return Ok(None),
            Value::Object(members) => members,
            _ => return Err(Error::FieldMalformed(path)),
        };
        match members.get(name) {
            Some(member) => current = member,
            None => return Ok(None),
        }
    }
    Ok((!current.is_null()).then_some(current))
}

/// The text at `path`, unless it is unset or empty.
pub(crate) fn text(root: &Value, path: &'static str) -> Result<Option<String>, Error> {
    match value(root, path)? {
        None => Ok(None),
        Some(Value::String(text)) => bounded(text),
        Some(_) => Err(Error::FieldMalformed(path)),
    }
}

/// The text at `path`.
pub(crate) fn required_text(root: &Value, path: &'static str) -> Result<String, Error> {
    text(root, path)?.ok_or(Error::FieldMissing(path))
}

/// The text at `path`, or the decimal form of an integer: producers write numeric ids both ways.
pub(crate) fn text_or_integer(root: &Value, path: &'static str) -> Result<Option<String>, Error> {
    match value(root, path)? {
        Some(number @ Value::Number(_)) => number
            .as_u64()
            .map(|number| Some(number.to_string()))
            .ok_or(Error::FieldMalformed(path)),
        _ => text(root, path),
    }
}

/// The object at `path`; `Null` when it is unset.
pub(crate) fn object<'v>(root: &'v Value, path: &'static str) -> Result<&'v Value, Error> {
    match value(root, path)? {
        None => Ok(&Value::Null),
        Some(object @ Value::Object(_)) => Ok(object),
        Some(_) => Err(Error::FieldMalformed(path)),
    }
}

/// The resource descriptors at `path`; none when it is unset.
pub(crate) fn descriptors(
    root: &Value,
    path: &'static str,
) -> Result<Vec<ResourceDescriptor>, Error> {
    let items = match value(root, path)? {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Error::FieldMalformed(path)),
    };
    if items.len() > DEPENDENCIES {
        return Err(Error::LimitExceeded(Limit::ProvenanceDependencies));
    }
    items.iter().map(|item| descriptor(item, path)).collect()
}

fn descriptor(item: &Value, path: &'static str) -> Result<ResourceDescriptor, Error> {
    let malformed = |_| Error::FieldMalformed(path);
    if item.as_object().is_none() {
        return Err(Error::FieldMalformed(path));
    }
    let uri = match text(item, "uri") {
        Err(limit @ Error::LimitExceeded(_)) => return Err(limit),
        other => other.map_err(malformed)?.unwrap_or_default(),
    };
    let mut digest = BTreeMap::new();
    if let Some(members) = object(item, "digest").map_err(malformed)?.as_object() {
        for (algorithm, value) in members {
            let value = value.as_str().ok_or(Error::FieldMalformed(path))?;
            digest.insert(algorithm.clone(), bounded(value)?.unwrap_or_default());
        }
    }
    Ok(ResourceDescriptor { uri, digest })
}

/// The text, unless it is empty; an error when it is too long.
fn bounded(text: &str) -> Result<Option<String>, Error> {
    if text.len() > TEXT_BYTES {
        return Err(Error::LimitExceeded(Limit::ProvenanceTextBytes));
    }
    Ok((!text.is_empty()).then(|| text.to_string()))
}
