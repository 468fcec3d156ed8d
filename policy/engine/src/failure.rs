//! What a piece of evidence lacks.

use alloc::format;
use alloc::string::{String, ToString};

use crate::text::Escaped;

/// The first thing that a piece of evidence lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The policy does not ask for this builder.
    BuilderMismatch { found: String },
    /// The provenance and the certificate contradict each other.
    CertificateMismatch {
        path: &'static str,
        provenance: String,
        certificate: String,
    },
    /// The certificate names another issuer.
    IssuerMismatch { found: String },
    /// The media type says nothing about how to read the piece.
    MediaTypeUnknown,
    /// A statement of another kind than the rule is about.
    PredicateTypeMismatch { found: Option<String> },
    /// The provenance is malformed.
    Provenance(sealstone_provenance::Error),
    /// The policy does not ask for this ref.
    RefMismatch { found: Option<String> },
    /// The policy does not ask for this source.
    SourceMismatch { found: Option<String> },
    /// The certificate names another subject.
    SubjectMismatch { found: String },
    /// The evidence is not proved.
    Verification(sealstone_verify::Error),
}

impl Failure {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::BuilderMismatch { .. } => "provenance.builder-mismatch",
            Self::CertificateMismatch { .. } => "provenance.certificate-mismatch",
            Self::IssuerMismatch { .. } => "identity.issuer-mismatch",
            Self::MediaTypeUnknown => "evidence.media-type-unknown",
            Self::PredicateTypeMismatch { .. } => "evidence.predicate-type-mismatch",
            Self::Provenance(error) => error.code(),
            Self::RefMismatch { .. } => "provenance.ref-mismatch",
            Self::SourceMismatch { .. } => "provenance.source-mismatch",
            Self::SubjectMismatch { .. } => "identity.subject-mismatch",
            Self::Verification(error) => error.code(),
        }
    }

    /// How far the piece came: the larger, the more telling the failure.
    pub(crate) fn rank(&self) -> (u8, u8) {
        match self {
            Self::PredicateTypeMismatch { .. } => (0, 0),
            Self::MediaTypeUnknown => (1, 0),
            Self::Verification(error) => (2, error.rank()),
            Self::IssuerMismatch { .. } => (3, 0),
            Self::SubjectMismatch { .. } => (4, 0),
            Self::Provenance(_) => (5, 0),
            Self::CertificateMismatch { .. } => (6, 0),
            Self::BuilderMismatch { .. } => (7, 0),
            Self::SourceMismatch { .. } => (8, 0),
            Self::RefMismatch { .. } => (9, 0),
        }
    }

    /// Whether the piece is of the kind that the rule is about at all.
    pub(crate) fn is_candidate(&self) -> bool {
        !matches!(self, Self::PredicateTypeMismatch { .. })
    }

    /// What is wrong and what to do about it, for people.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::BuilderMismatch { found } => format!(
                "the provenance names the builder `{}`, which the rule does not allow; build with the builder that the rule names, or change the rule",
                Escaped(found)
            ),
            Self::CertificateMismatch {
                path,
                provenance,
                certificate,
            } => format!(
                "the provenance says `{}` in `{path}`, but the signer's certificate says `{}`; do not trust this provenance",
                Escaped(provenance),
                Escaped(certificate)
            ),
            Self::IssuerMismatch { found } => format!(
                "the signer's identity comes from `{}`, which the authority does not allow; check who signed",
                Escaped(found)
            ),
            Self::MediaTypeUnknown => {
                "the media type is none that evidence is read from".to_string()
            }
            Self::PredicateTypeMismatch { found: None } => "not an attestation".to_string(),
            Self::PredicateTypeMismatch { found: Some(found) } => format!(
                "an attestation of the type `{}`, which this rule does not ask for",
                Escaped(found)
            ),
            Self::Provenance(error) => error.to_string(),
            Self::RefMismatch { found: None } => {
                "the provenance names no git ref of the source, but the rule demands one"
                    .to_string()
            }
            Self::RefMismatch { found: Some(found) } => format!(
                "the image was built from the ref `{}`, which the rule does not allow; build it from the ref that the rule names",
                Escaped(found)
            ),
            Self::SourceMismatch { found: None } => {
                "the provenance names no source that can be told from its build type".to_string()
            }
            Self::SourceMismatch { found: Some(found) } => format!(
                "the image was built from the source `{}`, not from the one that the rule names",
                Escaped(found)
            ),
            Self::SubjectMismatch { found } => format!(
                "the signer is `{}`, which the authority does not allow; check who signed",
                Escaped(found)
            ),
            Self::Verification(error) => error.to_string(),
        }
    }
}
