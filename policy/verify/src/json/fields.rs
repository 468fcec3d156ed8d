//! Reading the members of an object whose form is fixed.

use alloc::string::String;
use alloc::vec::Vec;

use super::{JsonError, Map, Value, parse};
use crate::encoding::base64;
use crate::error::{Document, Error};
use crate::limits::{Limit, Limits};

/// The members of one object of a document, read by name; what was not read is unknown.
///
/// Follows the JSON mapping of Protocol Buffers where the document is one: `null` counts as absent,
/// 64-bit integers are strings or numbers, bytes are base64 of either alphabet.
pub(crate) struct Fields<'a> {
    document: Document,
    members: &'a Map<String, Value>,
    read: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Parses a whole document.
    pub(crate) fn parse_document(
        document: Document,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Value, Error> {
        parse(bytes, limits.json_nesting).map_err(|error| match error {
            JsonError::DuplicateMember => Error::JsonDuplicateMember(document),
            JsonError::Malformed => Error::JsonMalformed(document),
            JsonError::TooDeep => Error::LimitExceeded(Limit::JsonNesting),
        })
    }

    /// Opens an object of a document.
    pub(crate) fn of(document: Document, value: &'a Value) -> Result<Self, Error> {
        Ok(Self {
            document,
            members: value.as_object().ok_or(Error::JsonMalformed(document))?,
            read: Vec::new(),
        })
    }

    /// Opens another object of the same document.
    pub(crate) fn within(&self, value: &'a Value) -> Result<Fields<'a>, Error> {
        Fields::of(self.document, value)
    }

    /// The member, unless it is absent or `null`.
    pub(crate) fn optional(&mut self, name: &'static str) -> Option<&'a Value> {
        self.read.push(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// The member as an object.
    pub(crate) fn optional_object(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Fields<'a>>, Error> {
        let malformed = self.malformed(name);
        self.optional(name)
            .map(|value| Fields::of(self.document, value).map_err(|_| malformed))
            .transpose()
    }

    /// The member as an object.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Fields<'a>, Error> {
        self.optional_object(name)?
            .ok_or(Error::FieldMissing(self.document, name))
    }

    /// The member as an array; absent counts as empty.
    pub(crate) fn array(&mut self, name: &'static str) -> Result<&'a [Value], Error> {
        match self.optional(name) {
            None => Ok(&[]),
            Some(value) => value.as_array().ok_or(self.malformed(name)),
        }
    }

    /// The member as a string.
    pub(crate) fn optional_text(&mut self, name: &'static str) -> Result<Option<&'a str>, Error> {
        self.optional(name)
            .map(|value| value.as_str().ok_or(self.malformed(name)))
            .transpose()
    }

    /// The member as a string.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<&'a str, Error> {
        self.optional_text(name)?
            .ok_or(Error::FieldMissing(self.document, name))
    }

    /// The member as bytes; absent and empty are the same in Protocol Buffers.
    pub(crate) fn optional_bytes(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, Error> {
        let bytes = self
            .optional_text(name)?
            .map(|text| base64::decode(text).ok_or(self.malformed(name)))
            .transpose()?;
        Ok(bytes.filter(|bytes| !bytes.is_empty()))
    }

    /// The member as bytes that are not empty.
    pub(crate) fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, Error> {
        self.optional_bytes(name)?
            .ok_or(Error::FieldMissing(self.document, name))
    }

    /// The member as an unsigned 64-bit integer.
    pub(crate) fn optional_integer(&mut self, name: &'static str) -> Result<Option<u64>, Error> {
        let malformed = self.malformed(name);
        self.optional(name)
            .map(|value| match value {
                Value::String(text) => decimal(text).ok_or(malformed),
                _ => value.as_u64().ok_or(malformed),
            })
            .transpose()
    }

    /// The member as an unsigned 64-bit integer; absent counts as zero, as in Protocol Buffers.
    pub(crate) fn integer(&mut self, name: &'static str) -> Result<u64, Error> {
        Ok(self.optional_integer(name)?.unwrap_or(0))
    }

    /// Refuses members that were not read.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self
            .members
            .keys()
            .all(|name| self.read.contains(&name.as_str()))
        {
            Ok(())
        } else {
            Err(Error::FieldUnknown(self.document))
        }
    }

    /// The error for a member of the wrong form.
    pub(crate) fn malformed(&self, name: &'static str) -> Error {
        Error::FieldMalformed(self.document, name)
    }
}

/// Digits only: no sign, no space, no leading zero.
fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if digits && canonical {
        text.parse().ok()
    } else {
        None
    }
}
