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
