//! Why something was refused.

use core::fmt;

use sealstone_verify::json::JsonError;

use crate::Limit;

/// Why a statement was refused as provenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A field has the wrong type or form. The path is written with dots, from the predicate.
    FieldMalformed(&'static str),
    /// A required field is missing, `null` or empty.
    FieldMissing(&'static str),
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The predicate type is no version of provenance that is known here.
    PredicateTypeUnsupported,
    /// Two fields that name the source contradict each other. The path is that of the second.
    SourceContradictory(&'static str),
    /// A field that must name the source with its ref names it without.
    SourceRefMissing(&'static str),
}

impl Error {
    /// The same, said of the field `path`: what was read is a part of that field.
    pub(crate) fn at(self, path: &'static str) -> Self {
        match self {
            Self::FieldMalformed(_) => Self::FieldMalformed(path),
            Self::FieldMissing(_) => Self::FieldMissing(path),
            other => other,
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldMalformed(_) => "provenance.field-malformed",
            Self::FieldMissing(_) => "provenance.field-missing",
            Self::LimitExceeded(limit) => limit.code(),
            Self::PredicateTypeUnsupported => "provenance.predicate-type-unsupported",
            Self::SourceContradictory(_) => "provenance.source-contradictory",
            Self::SourceRefMissing(_) => "provenance.source-ref-missing",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldMalformed(path) => {
                write!(f, "the provenance field `{path}` has the wrong form")
            }
            Self::FieldMissing(path) => write!(f, "the provenance lacks the field `{path}`"),
            Self::LimitExceeded(limit) => {
                write!(f, "the provenance exceeds the limit `{}`", limit.code())
            }
            Self::PredicateTypeUnsupported => f.write_str("the statement is not SLSA provenance"),
            Self::SourceContradictory(path) => write!(
                f,
                "the provenance contradicts itself: `{path}` names another source"
            ),
            Self::SourceRefMissing(path) => {
                write!(
                    f,
                    "the provenance field `{path}` names the source without its ref"
                )
            }
        }
    }
}

impl core::error::Error for Error {}

/// Why a statement was refused as verification summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SummaryError {
    /// A field has the wrong type or form. The path is written with dots, from the predicate.
    FieldMalformed(&'static str),
    /// A required field is missing, `null` or empty.
    FieldMissing(&'static str),
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The predicate type is no version of verification summaries that is known here.
    PredicateTypeUnsupported,
    /// The result is neither `PASSED` nor `FAILED`.
    ResultUnknown,
}

impl SummaryError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldMalformed(_) => "verification-summary.field-malformed",
            Self::FieldMissing(_) => "verification-summary.field-missing",
            Self::LimitExceeded(limit) => limit.code(),
            Self::PredicateTypeUnsupported => "verification-summary.predicate-type-unsupported",
            Self::ResultUnknown => "verification-summary.result-unknown",
        }
    }
}

impl From<Error> for SummaryError {
    /// What the reader of fields finds.
    fn from(error: Error) -> Self {
        match error {
            Error::FieldMalformed(path)
            | Error::SourceContradictory(path)
            | Error::SourceRefMissing(path) => Self::FieldMalformed(path),
            Error::FieldMissing(path) => Self::FieldMissing(path),
            Error::LimitExceeded(limit) => Self::LimitExceeded(limit),
            Error::PredicateTypeUnsupported => Self::PredicateTypeUnsupported,
        }
    }
}

impl fmt::Display for SummaryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldMalformed(path) => {
                write!(
                    f,
                    "the verification summary's field `{path}` has the wrong form"
                )
            }
            Self::FieldMissing(path) => {
                write!(f, "the verification summary lacks the field `{path}`")
            }
            Self::LimitExceeded(limit) => {
                write!(
                    f,
                    "the verification summary exceeds the limit `{}`",
                    limit.code()
                )
            }
            Self::PredicateTypeUnsupported => {
                f.write_str("the statement is not a SLSA verification summary")
            }
            Self::ResultUnknown => {
                f.write_str("the result of the verification is neither `PASSED` nor `FAILED`")
            }
        }
    }
}

impl core::error::Error for SummaryError {}

/// Why an index, an attestation manifest or a statement in it was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttestationManifestError {
    /// The manifest is an artifact of another type.
    ArtifactTypeUnknown,
    /// The bytes do not have the digest by which they are named.
    DigestMismatch,
    /// A field has the wrong type or form. The path is written with dots, from the document.
    FieldMalformed(&'static str),
    /// A required field is missing.
    FieldMissing(&'static str),
    /// Not JSON, or not read the same by everybody.
    JsonMalformed(JsonError),
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The index does not list the image that an attestation manifest is about.
    PlatformUnlisted,
    /// The statement is of another predicate type than the manifest announces.
    PredicateTypeMismatch,
    /// The layer is no in-toto statement.
    Statement(sealstone_verify::Error),
    /// No subject of the statement is the image that the attestation manifest is about.
    SubjectMismatch,
}

impl AttestationManifestError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ArtifactTypeUnknown => "attestation-manifest.artifact-type-unknown",
            Self::DigestMismatch => "attestation-manifest.digest-mismatch",
            Self::FieldMalformed(_) => "attestation-manifest.field-malformed",
            Self::FieldMissing(_) => "attestation-manifest.field-missing",
            Self::JsonMalformed(JsonError::DuplicateMember) => {
                "attestation-manifest.duplicate-member"
            }
            Self::JsonMalformed(JsonError::TooDeep) => "limit.json-nesting",
            Self::JsonMalformed(_) => "attestation-manifest.json-malformed",
            Self::LimitExceeded(limit) => limit.code(),
            Self::PlatformUnlisted => "attestation-manifest.platform-unlisted",
            Self::PredicateTypeMismatch => "attestation-manifest.predicate-type-mismatch",
            Self::Statement(error) => error.code(),
            Self::SubjectMismatch => "attestation-manifest.subject-mismatch",
        }
    }
}

impl fmt::Display for AttestationManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ArtifactTypeUnknown => "the manifest is not an attestation manifest",
            Self::DigestMismatch => "the bytes do not have the digest by which they are named",
            Self::FieldMalformed(path) => {
                return write!(f, "the field `{path}` of the manifest has the wrong form");
            }
            Self::FieldMissing(path) => return write!(f, "the manifest lacks the field `{path}`"),
            Self::JsonMalformed(JsonError::DuplicateMember) => {
                "an object of the manifest names a member twice"
            }
            Self::JsonMalformed(JsonError::TooDeep) => "the manifest is nested too deeply",
            Self::JsonMalformed(_) => "the manifest is not JSON",
            Self::LimitExceeded(limit) => {
                return write!(f, "the manifest exceeds the limit `{}`", limit.code());
            }
            Self::PlatformUnlisted => {
                "the index does not list the image that the attestation manifest is about"
            }
            Self::PredicateTypeMismatch => {
                "the statement is of another predicate type than the manifest announces"
            }
            Self::Statement(error) => return error.fmt(f),
            Self::SubjectMismatch => {
                "the statement is not about the image that the attestation manifest is about"
            }
        })
    }
}

impl core::error::Error for AttestationManifestError {}
