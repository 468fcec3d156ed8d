//! Why a bill of materials was refused.

use core::fmt;

use sealstone_verify::json::JsonError;

use crate::reader::Failure;
use crate::{Limit, PackageUrlError};

/// Why a document was refused as bill of materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SbomError {
    /// A field has the wrong type or form. The path is written with dots, from the element.
    FieldMalformed(&'static str),
    /// A required field is missing, `null` or empty.
    FieldMissing(&'static str),
    /// The document is of another format than its predicate type announces.
    FormatMismatch,
    /// The document is of no known format.
    FormatUnknown,
    /// The text in the predicate is no JSON, or not read the same by everybody.
    JsonMalformed(JsonError),
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The package URL of a package is malformed.
    PackageUrlMalformed(PackageUrlError),
    /// The predicate type announces no bill of materials.
    PredicateTypeUnsupported,
    /// The version of the format is not known.
    VersionUnsupported,
}

impl SbomError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldMalformed(_) => "sbom.field-malformed",
            Self::FieldMissing(_) => "sbom.field-missing",
            Self::FormatMismatch => "sbom.format-mismatch",
            Self::FormatUnknown => "sbom.format-unknown",
            Self::JsonMalformed(_) => "sbom.json-malformed",
            Self::LimitExceeded(limit) => limit.code(),
            Self::PackageUrlMalformed(error) => error.code(),
            Self::PredicateTypeUnsupported => "sbom.predicate-type-unsupported",
            Self::VersionUnsupported => "sbom.version-unsupported",
        }
    }
}

impl From<Failure> for SbomError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Malformed(path) => Self::FieldMalformed(path),
            Failure::Missing(path) => Self::FieldMissing(path),
            Failure::LimitExceeded(limit) => Self::LimitExceeded(limit),
            Failure::PackageUrl(error) => Self::PackageUrlMalformed(error),
            Failure::UnknownVersion => Self::VersionUnsupported,
            Failure::UnknownWord | Failure::Unreadable => Self::FormatUnknown,
        }
    }
}

impl From<JsonError> for SbomError {
    fn from(error: JsonError) -> Self {
        Self::JsonMalformed(error)
    }
}

impl fmt::Display for SbomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FieldMalformed(path) => {
                return write!(f, "the field `{path}` of the SBOM has the wrong form");
            }
            Self::FieldMissing(path) => return write!(f, "the SBOM lacks the field `{path}`"),
            Self::FormatMismatch => "the SBOM is of another format than its predicate type says",
            Self::FormatUnknown => "the document is neither SPDX nor CycloneDX in JSON",
            Self::JsonMalformed(_) => "the text in the predicate is not JSON",
            Self::LimitExceeded(limit) => {
                return write!(f, "the SBOM exceeds the limit `{}`", limit.code());
            }
            Self::PackageUrlMalformed(error) => return error.fmt(f),
            Self::PredicateTypeUnsupported => "the statement is not an SBOM",
            Self::VersionUnsupported => "the version of the SBOM's format is not known",
        })
    }
}

impl core::error::Error for SbomError {}
