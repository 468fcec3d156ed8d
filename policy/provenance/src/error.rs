//! Why a statement was refused as provenance.

use core::fmt;

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
}

impl Error {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldMalformed(_) => "provenance.field-malformed",
            Self::FieldMissing(_) => "provenance.field-missing",
            Self::LimitExceeded(limit) => limit.code(),
            Self::PredicateTypeUnsupported => "provenance.predicate-type-unsupported",
            Self::SourceContradictory(_) => "provenance.source-contradictory",
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
        }
    }
}

impl core::error::Error for Error {}
