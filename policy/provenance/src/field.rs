//! Reading fields of a predicate: unset, `null` and empty mean the same, a wrong type is an error.
//!
//! Follows the parsing rules of <https://github.com/in-toto/attestation/blob/main/spec/v1/README.md>.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::json::{Map, Value};

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

/// The text at the first of two paths where there is one: some producers misspell a name.
pub(crate) fn either_text(
    root: &Value,
    path: &'static str,
    misspelt: &'static str,
) -> Result<Option<String>, Error> {
    match text(root, path)? {
        Some(found) => Ok(Some(found)),
        None => text(root, misspelt),
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

/// The Boolean at `path`, unless it is unset.
pub(crate) fn boolean(root: &Value, path: &'static str) -> Result<Option<bool>, Error> {
    match value(root, path)? {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(_) => Err(Error::FieldMalformed(path)),
    }
}

/// Whether the value means the same as a field that is not there.
pub(crate) fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
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

/// The resource descriptors at `path`, materials or dependencies; none when it is unset.
pub(crate) fn descriptors(
    root: &Value,
    path: &'static str,
) -> Result<Vec<ResourceDescriptor>, Error> {
    limited_descriptors(root, path, DEPENDENCIES, Limit::ProvenanceDependencies)
}

/// At most `most` resource descriptors at `path`; none when it is unset.
pub(crate) fn limited_descriptors(
    root: &Value,
    path: &'static str,
    most: usize,
    limit: Limit,
) -> Result<Vec<ResourceDescriptor>, Error> {
    match value(root, path)? {
        None => Ok(Vec::new()),
        Some(items) => limited(items, path, most, limit)?
            .iter()
            .map(|item| descriptor(item, path))
            .collect(),
    }
}

/// At most `most` texts, which stand at `path`.
pub(crate) fn texts<'v>(
    items: &'v Value,
    path: &'static str,
    most: usize,
    limit: Limit,
) -> Result<Vec<&'v str>, Error> {
    limited(items, path, most, limit)?
        .iter()
        .map(|item| match item.as_str() {
            None => Err(Error::FieldMalformed(path)),
            Some(text) if text.len() > TEXT_BYTES => {
                Err(Error::LimitExceeded(Limit::ProvenanceTextBytes))
            }
            Some(text) => Ok(text),
        })
        .collect()
}

fn limited<'v>(
    items: &'v Value,
    path: &'static str,
    most: usize,
    limit: Limit,
) -> Result<&'v [Value], Error> {
    let items = items.as_array().ok_or(Error::FieldMalformed(path))?;
    if items.len() > most {
        return Err(Error::LimitExceeded(limit));
    }
    Ok(items)
}

/// Reads one resource descriptor, which stands at `path`.
pub(crate) fn descriptor(item: &Value, path: &'static str) -> Result<ResourceDescriptor, Error> {
    if item.as_object().is_none() {
        return Err(Error::FieldMalformed(path));
    }
    let member = |name| {
        text(item, name)
            .map(Option::unwrap_or_default)
            .map_err(|error| error.at(path))
    };
    Ok(ResourceDescriptor {
        name: member("name")?,
        uri: member("uri")?,
        digest: digest_set(item, path)?,
    })
}

/// The digests of a resource descriptor, by algorithm name.
pub(crate) fn digest_set(item: &Value, path: &'static str) -> Result<Map<String, String>, Error> {
    let mut digest = Map::new();
    let members = object(item, "digest").map_err(|error| error.at(path))?;
    for (algorithm, value) in members.as_object().into_iter().flatten() {
        let value = value.as_str().ok_or(Error::FieldMalformed(path))?;
        digest.insert(algorithm.clone(), bounded(value)?.unwrap_or_default());
    }
    Ok(digest)
}

/// The text, unless it is empty; an error when it is too long.
fn bounded(text: &str) -> Result<Option<String>, Error> {
    if text.len() > TEXT_BYTES {
        return Err(Error::LimitExceeded(Limit::ProvenanceTextBytes));
    }
    Ok((!text.is_empty()).then(|| text.to_string()))
}
