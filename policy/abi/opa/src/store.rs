//! Changes of `data` that a host makes in place.

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::term::{Member, members};

/// Steps of a path.
const STEPS: usize = 64;

/// Why a change was not made. The numbers are those of `opa_errc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the ABI has these")]
pub enum StoreError {
    /// A value on the way is no object.
    WrongType,
    /// The path is none: not an array of strings, empty, or it leads to nothing.
    Path,
}

impl StoreError {
    /// The number that the ABI has for it.
    pub const fn code(self) -> i32 {
        match self {
            Self::WrongType => 2,
            Self::Path => 3,
        }
    }
}

/// The document with `value` at `path`; objects on the way are made where there are none.
///
/// # Errors
/// See [`StoreError`].
pub fn add(document: &[u8], path: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
    changed(document, &steps(path)?, Some(value))
}

/// The document without what stands at `path`.
///
/// # Errors
/// See [`StoreError`].
pub fn remove(document: &[u8], path: &[u8]) -> Result<Vec<u8>, StoreError> {
    changed(document, &steps(path)?, None)
}

fn steps(path: &[u8]) -> Result<Vec<String>, StoreError> {
    let value = sealstone_verify::json::parse(path, 1).map_err(|_| StoreError::Path)?;
    let mut steps = Vec::new();
    for step in value.as_array().ok_or(StoreError::Path)? {
        steps.push(step.as_str().ok_or(StoreError::Path)?.into());
    }
    match (1..=STEPS).contains(&steps.len()) {
        true => Ok(steps),
        false => Err(StoreError::Path),
    }
}

fn changed(document: &[u8], steps: &[String], value: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
    let (step, rest) = steps.split_first().ok_or(StoreError::Path)?;
    let found = members(document).map_err(|_| StoreError::WrongType)?;
    let mut found = found.ok_or(StoreError::WrongType)?;
    let present = found.iter().position(|member| member.name == *step);
    let old = present
        .and_then(|index| found.get(index))
        .map(|member| member.value);
    let new = match (rest.is_empty(), value, old) {
        (true, Some(value), _) => Some(value.to_vec()),
        (true, None, _) => None,
        (false, Some(_), old) => Some(changed(old.unwrap_or(b"{}"), rest, value)?),
        (false, None, Some(old)) => Some(changed(old, rest, value)?),
        (false, None, None) => return Err(StoreError::Path),
    };
    found.retain(|member| member.name != *step);
    if let Some(new) = &new {
        found.push(Member {
            name: step.clone(),
            value: new,
        });
    }
    Ok(object(&found))
}

/// An object of these members, in their order.
pub(crate) fn object(members: &[Member<'_>]) -> Vec<u8> {
    let mut json = Vec::from(b"{");
    for member in members {
        if json.len() > 1 {
            json.push(b',');
        }
        let name = Value::from(member.name.as_str()).to_canonical_string();
        json.extend_from_slice(name.as_bytes());
        json.push(b':');
        json.extend_from_slice(member.value);
    }
    json.push(b'}');
    json
}
