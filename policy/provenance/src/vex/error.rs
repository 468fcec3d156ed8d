//! Why a VEX document was refused.

use core::fmt;

use sealstone_verify::json::JsonError;

use crate::reader::Failure;
use crate::{Limit, PackageUrlError};

/// Why a predicate was refused as VEX document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VexError {
    /// A field has the wrong type or form. The path is written with dots, from the element.
    FieldMalformed(&'static str),
    /// A required field is missing, `null` or empty.
    FieldMissing(&'static str),
    /// The text in the predicate is no JSON, or not read the same by everybody.
    JsonMalformed(JsonError),
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The package URL of a product is malformed.
    PackageUrlMalformed(PackageUrlError),
    /// The predicate type announces no OpenVEX document.
    PredicateTypeUnsupported,
    /// The status or the justification of a statement is not known.
    StatusUnknown,
    /// The document is of no known version of OpenVEX.
    VersionUnsupported,
}

impl VexError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldMalformed(_) => "vex.field-malformed",
            Self::FieldMissing(_) => "vex.field-missing",
            Self::JsonMalformed(_) => "vex.json-malformed",
            Self::LimitExceeded(limit) => limit.code(),
            Self::PackageUrlMalformed(error) => error.code(),
            Self::PredicateTypeUnsupported => "vex.predicate-type-unsupported",
            Self::StatusUnknown => "vex.status-unknown",
            Self::VersionUnsupported => "vex.version-unsupported",
        }
    }
}

impl From<Failure> for VexError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Malformed(path) => Self::FieldMalformed(path),
            Failure::Missing(path) => Self::FieldMissing(path),
            Failure::LimitExceeded(limit) => Self::LimitExceeded(limit),
            Failure::PackageUrl(error) => Self::PackageUrlMalformed(error),
            Failure::UnknownWord => Self::StatusUnknown,
            Failure::UnknownVersion | Failure::Unreadable => Self::VersionUnsupported,
        }
    }
}

impl From<JsonError> for VexError {
    fn from(error: JsonError) -> Self {
        Self::JsonMalformed(error)
    }
}

impl fmt::Display for VexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FieldMalformed(path) => {
                return write!(
                    f,
                    "the field `{path}` of the VEX document has the wrong form"
                );
            }
            Self::FieldMissing(path) => {
                return write!(f, "the VEX document lacks the field `{path}`");
            }
            Self::JsonMalformed(_) => "the text in the predicate is not JSON",
            Self::LimitExceeded(limit) => {
                return write!(f, "the VEX document exceeds the limit `{}`", limit.code());
            }
            Self::PackageUrlMalformed(error) => return error.fmt(f),
            Self::PredicateTypeUnsupported => "the statement is not an OpenVEX document",
            Self::StatusUnknown => "a statement of the VEX document has an unknown status",
            Self::VersionUnsupported => "the document is of no known version of OpenVEX",
        })
    }
}

impl core::error::Error for VexError {}
