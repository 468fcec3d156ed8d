//! What a piece of evidence lacks.

use alloc::format;
use alloc::string::{String, ToString};

use crate::text::Escaped;

/// The rank from which on a failure is about what was signed, not about who signed.
const SIGNED: u8 = 4;

/// The first thing that a piece of evidence lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The signer did not sign this annotation, or another value of it.
    AnnotationMismatch { name: String, found: Option<String> },
    /// A document has, or lacks, what the policy does not allow: what, and which.
    Content {
        code: &'static str,
        fact: &'static str,
        found: Option<String>,
    },
    /// The policy asks for a lower age, in seconds.
    TooOld { age: u64, maximum: u64 },
    /// The policy limits the age, and nothing proves when the signature was made.
    AgeUnproven,
    /// The builder is not believed to reach the level that the policy asks for.
    BuildLevel { found: usize, required: usize },
    /// A Fulcio extension is not there, or has another value than the authority allows.
    ExtensionMismatch {
        name: &'static str,
        found: Option<String>,
    },
    /// A field of the predicate has a value that the policy does not allow.
    FieldMismatch { field: String, found: String },
    /// A field of the predicate that the policy asks about is not there.
    FieldMissing { field: String },
    /// A field of the predicate is of a type that the policy's operator says nothing about.
    FieldType { field: String },
    /// Something in the normal form of the provenance has a value that the policy does not allow.
    ProvenanceMismatch {
        code: &'static str,
        what: &'static str,
        found: Option<String>,
    },
    /// The piece does not stand to what meets another rule as this rule asks.
    Relation {
        code: &'static str,
        fact: &'static str,
        found: String,
    },
    /// Something that the rule asks for beyond levels is not known.
    PropertyMissing { name: &'static str },
    /// Only one operator built the image.
    NotReproduced,
    /// A verification summary is about something else.
    ResourceMismatch { found: String },
    /// The commit was verified, but not for the ref that was built.
    SourceRefUnverified { built: String },
    /// Nothing says that the source commit was verified.
    SourceUnverified,
    /// The verification summary is malformed.
    Summary(sealstone_provenance::SummaryError),
    /// The verification summary says that the verification failed.
    SummaryFailed,
    /// The verification summary says a lower level than the rule asks for.
    SummaryLevel {
        track: &'static str,
        found: usize,
        required: usize,
    },
    /// The verification summary does not say a property that the rule asks for.
    SummaryProperty { name: String },
    /// The policy does not know this verifier by this signer.
    VerifierMismatch { found: String },
    /// An external parameter that the policy does not name.
    ParameterUnknown { field: String },
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
    /// The bill of materials is malformed.
    Sbom(sealstone_provenance::SbomError),
    /// The vulnerability scan is malformed.
    Scan(sealstone_provenance::VulnerabilityError),
    /// The VEX document is malformed.
    Vex(sealstone_provenance::VexError),
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
            Self::AgeUnproven => "evidence.age-unproven",
            Self::AnnotationMismatch { .. } => "signature.annotation-mismatch",
            Self::BuildLevel { .. } => "provenance.build-level",
            Self::Content { code, .. } | Self::Relation { code, .. } => code,
            Self::ExtensionMismatch { .. } => "identity.extension-mismatch",
            Self::FieldMismatch { .. } => "attestation.field-mismatch",
            Self::FieldMissing { .. } => "attestation.field-missing",
            Self::FieldType { .. } => "attestation.field-type",
            Self::NotReproduced => "provenance.not-reproduced",
            Self::ParameterUnknown { .. } => "provenance.parameter-unknown",
            Self::PropertyMissing { .. } => "provenance.property-missing",
            Self::ResourceMismatch { .. } => "verification-summary.resource-mismatch",
            Self::SourceRefUnverified { .. } => "provenance.source-ref-unverified",
            Self::SourceUnverified => "provenance.source-unverified",
            Self::Summary(error) => error.code(),
            Self::SummaryFailed => "verification-summary.failed",
            Self::SummaryLevel { .. } => "verification-summary.level",
            Self::SummaryProperty { .. } => "verification-summary.property-missing",
            Self::VerifierMismatch { .. } => "verification-summary.verifier-mismatch",
            Self::ProvenanceMismatch { code, .. } => code,
            Self::TooOld { .. } => "evidence.too-old",
            Self::BuilderMismatch { .. } => "provenance.builder-mismatch",
            Self::CertificateMismatch { .. } => "provenance.certificate-mismatch",
            Self::IssuerMismatch { .. } => "identity.issuer-mismatch",
            Self::MediaTypeUnknown => "evidence.media-type-unknown",
            Self::PredicateTypeMismatch { .. } => "evidence.predicate-type-mismatch",
            Self::Provenance(error) => error.code(),
            Self::RefMismatch { .. } => "provenance.ref-mismatch",
            Self::Sbom(error) => error.code(),
            Self::Scan(error) => error.code(),
            Self::Vex(error) => error.code(),
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
            Self::SubjectMismatch { .. } => (3, 1),
            Self::ExtensionMismatch { .. } => (3, 2),
            Self::AgeUnproven | Self::TooOld { .. } => (SIGNED, 0),
            Self::Provenance(_)
            | Self::Summary(_)
            | Self::Sbom(_)
            | Self::Scan(_)
            | Self::Vex(_) => (5, 0),
            Self::CertificateMismatch { .. } => (6, 0),
            Self::BuilderMismatch { .. } | Self::VerifierMismatch { .. } => (7, 0),
            Self::BuildLevel { .. } => (7, 1),
            Self::SourceMismatch { .. } => (8, 0),
            Self::RefMismatch { .. } => (9, 0),
            Self::ProvenanceMismatch { .. } | Self::Content { .. } => (10, 0),
            Self::PropertyMissing { .. } => (10, 1),
            Self::ParameterUnknown { .. } => (11, 0),
            Self::SourceUnverified | Self::SourceRefUnverified { .. } => (13, 0),
            Self::Relation { .. } => (13, 1),
            Self::NotReproduced => (14, 0),
            Self::SummaryFailed => (8, 1),
            Self::ResourceMismatch { .. } => (8, 2),
            Self::SummaryLevel { .. } => (8, 3),
            Self::SummaryProperty { .. } => (8, 4),
            Self::AnnotationMismatch { .. }
            | Self::FieldMismatch { .. }
            | Self::FieldMissing { .. }
            | Self::FieldType { .. } => (12, 0),
        }
    }

    /// Whether the piece is proved and signed by somebody whom the rule asks for: what it lacks
    /// lies in what it says.
    pub(crate) fn is_signed(&self) -> bool {
        self.rank().0 >= SIGNED
    }

    /// Whether the piece is of the kind that the rule is about at all.
    pub(crate) fn is_candidate(&self) -> bool {
        !matches!(self, Self::PredicateTypeMismatch { .. })
    }

    /// What is wrong and what to do about it, for people.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::AgeUnproven => {
                "the rule limits the age of the signature, but nothing proves when it was made; sign with a log or a timestamp authority".to_string()
            }
            Self::AnnotationMismatch { name, found: None } => format!(
                "the signer did not sign the annotation `{}`; sign the image with it",
                Escaped(name)
            ),
            Self::AnnotationMismatch {
                name,
                found: Some(found),
            } => format!(
                "the signer signed the annotation `{}` as `{}`, which the rule does not allow",
                Escaped(name),
                Escaped(found)
            ),
            Self::BuildLevel { found, required } => format!(
                "the builder is believed to reach SLSA Build level {found}, the rule asks for {required}; build on a platform that `builders` of the policy grants that level"
            ),
            Self::ExtensionMismatch { name, found: None } => format!(
                "the signer's certificate has no extension `{name}`, which the authority asks for"
            ),
            Self::ExtensionMismatch {
                name,
                found: Some(found),
            } => format!(
                "the signer's certificate says `{}` in `{name}`, which the authority does not allow; check who signed",
                Escaped(found)
            ),
            Self::Content { fact, found: None, .. } => (*fact).to_string(),
            Self::Content {
                fact,
                found: Some(found),
                ..
            }
            | Self::Relation { fact, found, .. } => format!("{fact}: `{}`", Escaped(found)),
            Self::FieldMismatch { field, found } => format!(
                "`{}` of the predicate is `{}`, which the rule does not allow",
                Escaped(field),
                Escaped(found)
            ),
            Self::FieldMissing { field } => format!(
                "the predicate has no `{}`, which the rule asks for",
                Escaped(field)
            ),
            Self::FieldType { field } => format!(
                "`{}` of the predicate is of another type than the rule asks about",
                Escaped(field)
            ),
            Self::ParameterUnknown { field } => format!(
                "the build had the external parameter `{}`, which the rule does not name; name it under `externalParameters`, or build without it",
                Escaped(field)
            ),
            Self::NotReproduced => "one operator alone built the image, the rule asks for two that made the same bytes; build it on another platform of `builders`, too".to_string(),
            Self::PropertyMissing { name } => format!(
                "nothing says that `{name}` holds for the build, which the rule asks for"
            ),
            Self::ResourceMismatch { found } => format!(
                "the verification summary is about `{}`, which is not what the rule asks about",
                Escaped(found)
            ),
            Self::SourceRefUnverified { built } => format!(
                "the source commit was verified, but not for the ref `{}` that was built",
                Escaped(built)
            ),
            Self::SourceUnverified => "nothing that counts says that the source commit was verified; attach a verification summary about the commit".to_string(),
            Self::Summary(error) => error.to_string(),
            Self::SummaryFailed => {
                "the verification summary says that the verification failed; see to what its verifier found".to_string()
            }
            Self::SummaryLevel {
                track,
                found,
                required,
            } => format!(
                "the verification summary says SLSA {track} level {found} as far as the policy believes its verifier, the rule asks for {required}"
            ),
            Self::SummaryProperty { name } => format!(
                "the verification summary does not say `{}`, which the rule asks for",
                Escaped(name)
            ),
            Self::VerifierMismatch { found } => format!(
                "the verification summary is by `{}`, whom the policy does not know by this signer",
                Escaped(found)
            ),
            Self::ProvenanceMismatch { what, found: None, .. } => format!(
                "the provenance does not say {what}, which the rule asks for"
            ),
            Self::ProvenanceMismatch {
                what,
                found: Some(found),
                ..
            } => format!(
                "the provenance names `{}` as {what}, which the rule does not allow",
                Escaped(found)
            ),
            Self::TooOld { age, maximum } => format!(
                "the signature is {age} seconds old, the rule allows {maximum}; sign anew"
            ),
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
            Self::Sbom(error) => error.to_string(),
            Self::Scan(error) => error.to_string(),
            Self::Vex(error) => error.to_string(),
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
