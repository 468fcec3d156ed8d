//! Why evidence or a trust root was refused.
//!
//! One enum of facts with data, comparable in tests. [`Error::code`] is stable: policies, tests and
//! reports may rely on it. `docs/reference/codes.md` explains each code.

use core::fmt;

pub use crate::document::Document;
use crate::limits::Limit;
use crate::time::UnixTime;

/// Why evidence or a trust root was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The artifact digest is not `sha256:`, `sha384:` or `sha512:` with lower-case hexadecimal.
    ArtifactDigestMalformed,
    /// The message signature says that it is for another artifact.
    ArtifactMismatch,
    /// The certificate chain of a bundle holds no certificate.
    BundleChainEmpty,
    /// A bundle of version 0.3 holds a chain where a single certificate is demanded.
    BundleChainForbidden,
    /// Not exactly one of message signature and DSSE envelope.
    BundleContentAmbiguous,
    /// The key hint of the bundle and the key id of its envelope differ.
    BundleKeyHintMismatch,
    /// Not exactly one of public key, certificate and certificate chain.
    BundleMaterialAmbiguous,
    /// The media type is not one of the known bundle versions.
    BundleMediaTypeUnknown,
    /// The trust root does not vouch for the certificate authority at a verified time.
    CertificateAuthorityOutsideValidity {
        /// The time in question.
        time: UnixTime,
    },
    /// A certificate of the path had expired at a verified time.
    CertificateExpired {
        /// The time in question.
        time: UnixTime,
        /// The last valid time.
        not_after: UnixTime,
    },
    /// The extended key usage does not allow what the certificate is used for.
    CertificateExtendedKeyUsage,
    /// The Fulcio extension with this last arc is not a DER UTF8String.
    CertificateExtensionMalformed(u8),
    /// The signing certificate is that of an authority.
    CertificateIsAuthority,
    /// The certificate names no OIDC issuer.
    CertificateIssuerMissing,
    /// No certificate authority of the trust root has the name of the issuer.
    CertificateIssuerUnknown,
    /// The key usage does not allow what the certificate is used for.
    CertificateKeyUsage,
    /// Not a certificate (X.509 v3 in DER).
    CertificateMalformed,
    /// The evidence was signed with a bare key where a certificate is demanded.
    CertificateMissing,
    /// A certificate of a trust root's chain is not that of an authority.
    CertificateNotAuthority,
    /// A certificate of the path was not yet valid at a verified time.
    CertificateNotYetValid {
        /// The time in question.
        time: UnixTime,
        /// The first valid time.
        not_before: UnixTime,
    },
    /// More authorities stand below a certificate than its path length allows.
    CertificatePathTooLong,
    /// An authority of the trust root has the name of the issuer but did not sign the certificate.
    CertificateSignatureInvalid,
    /// Not exactly one subject alternative name of a form that Fulcio issues.
    CertificateSubjectAlternativeName,
    /// The evidence holds a certificate where a bare key is demanded.
    CertificateUnexpected,
    /// The certificate holds a critical extension that is not understood.
    CertificateUnknownCriticalExtension,
    /// Not a checkpoint in the form of a signed note.
    CheckpointMalformed,
    /// The inclusion proof comes without a checkpoint.
    CheckpointMissing,
    /// The checkpoint is that of another log.
    CheckpointOriginMismatch,
    /// Root or size of the inclusion proof and of the checkpoint differ.
    CheckpointRootMismatch,
    /// The log's signature on the checkpoint does not verify.
    CheckpointSignatureInvalid,
    /// No signature line of the checkpoint is by the log's key.
    CheckpointSignatureMissing,
    /// Fewer witnesses than demanded cosigned the checkpoint.
    CheckpointWitnessQuorum {
        /// How many there are.
        found: usize,
        /// How many are demanded.
        required: usize,
    },
    /// The payload type of the envelope is not that of in-toto statements.
    DssePayloadType,
    /// The envelope does not hold exactly one signature.
    DsseSignatureCount {
        /// How many there are.
        count: usize,
    },
    /// A member is not of the form that the document demands.
    FieldMalformed(Document, &'static str),
    /// A member that the document demands is missing.
    FieldMissing(Document, &'static str),
    /// The document holds a member that its specification does not name.
    FieldUnknown(Document),
    /// A log entry comes without the promise that its bundle version demands.
    InclusionPromiseMissing,
    /// The signed entry timestamp does not verify.
    InclusionPromiseSignatureInvalid,
    /// A signed entry timestamp comes without the time that it is for.
    InclusionPromiseWithoutTime,
    /// The index is not within the tree.
    InclusionProofIndexOutOfRange {
        /// The index.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The number or the length of the hashes does not fit index and tree size.
    InclusionProofMalformed,
    /// A log entry comes without the proof that its bundle version demands.
    InclusionProofMissing,
    /// The proof leads to another root.
    InclusionProofRootMismatch,
    /// An object of the document names a member twice.
    JsonDuplicateMember(Document),
    /// The document is not JSON of the expected shape.
    JsonMalformed(Document),
    /// A simple-signing layer comes without a signature in its annotations.
    LegacySignatureMissing,
    /// A limit was reached.
    LimitExceeded(Limit),
    /// The log entry is about another artifact or payload.
    LogEntryArtifactMismatch,
    /// The body of the log entry lacks what its kind demands.
    LogEntryBodyMalformed,
    /// The same entry stands in the bundle twice.
    LogEntryDuplicate,
    /// The log entry binds the envelope's bytes as stored, which a bundle does not keep.
    LogEntryEnvelopeUnavailable,
    /// The kind of the log entry differs from its body, or does not fit what was signed.
    LogEntryKindMismatch,
    /// The kind and version of the log entry are not supported.
    LogEntryKindUnknown,
    /// All entries are of logs that the trust root does not hold.
    LogEntryLogUnknown,
    /// The evidence holds no log entry where one is demanded.
    LogEntryMissing,
    /// The trust root does not vouch for the log at the time of the entry.
    LogEntryOutsideLogValidity {
        /// The time in question.
        time: UnixTime,
    },
    /// The log entry is about another signature.
    LogEntrySignatureMismatch,
    /// Fewer distinct logs than demanded hold an entry.
    LogEntryThreshold {
        /// How many there are.
        found: usize,
        /// How many are demanded.
        required: usize,
    },
    /// The log entry is about another certificate or key.
    LogEntryVerifierMismatch,
    /// Not a public key (SubjectPublicKeyInfo in DER, or one PEM block of it).
    PublicKeyMalformed,
    /// The policy does not vouch for the key at a verified time.
    PublicKeyOutsideValidity {
        /// The time in question.
        time: UnixTime,
    },
    /// A kind or size of key that is not in the Sigstore algorithm registry.
    PublicKeyUnsupported,
    /// The trust root can never meet what is demanded.
    RequirementsUnmeetable,
    /// All certificate timestamps are of logs that the trust root does not hold.
    SctLogUnknown,
    /// The list of certificate timestamps is malformed.
    SctMalformed,
    /// The certificate holds no certificate timestamp where one is demanded.
    SctMissing,
    /// The trust root does not vouch for the log at the time of a certificate timestamp.
    SctOutsideLogValidity {
        /// The time in question.
        time: UnixTime,
    },
    /// A certificate timestamp does not verify.
    SctSignatureInvalid,
    /// Fewer distinct logs than demanded promised the certificate.
    SctThreshold {
        /// How many there are.
        found: usize,
        /// How many are demanded.
        required: usize,
    },
    /// The signature does not verify over the artifact or envelope.
    SignatureInvalid,
    /// The payload is not a simple-signing document of a container image signature.
    SimpleSigningMalformed,
    /// The signed payload names another image.
    SimpleSigningDigestMismatch,
    /// No subject of the statement has the digest of the artifact.
    StatementSubjectMismatch,
    /// The statement's `_type` is not a known version of in-toto statements.
    StatementTypeUnknown,
    /// A proven time lies after the time of the decision.
    TimeInFuture {
        /// The time in question.
        time: UnixTime,
    },
    /// Nothing proves when the signature was made.
    TimeMissing,
    /// Fewer distinct sources of time than demanded.
    TimeThreshold {
        /// How many there are.
        found: usize,
        /// How many are demanded.
        required: usize,
    },
    /// All RFC 3161 timestamps are by authorities that the trust root does not hold.
    TimestampAuthorityUnknown,
    /// The timestamp rests on a hash or signature algorithm that is not supported, such as SHA-1.
    TimestampHashUnsupported,
    /// The timestamp is over another signature.
    TimestampImprintMismatch,
    /// Not an RFC 3161 response with one signer.
    TimestampMalformed,
    /// The timestamp response grants no timestamp.
    TimestampRejected,
    /// The signature of the timestamp does not verify.
    TimestampSignatureInvalid,
    /// The timestamp does not name the certificate that verifies it.
    TimestampSigningCertificateMismatch,
    /// The trust root holds the same authority twice.
    TrustedRootAuthorityDuplicate,
    /// The certificates of an authority's chain do not sign each other.
    TrustedRootChainBroken,
    /// The chain of an authority holds no certificate.
    TrustedRootChainEmpty,
    /// The trust root holds neither log nor authority.
    TrustedRootEmpty,
    /// The trust root holds the same log twice.
    TrustedRootLogDuplicate,
    /// The media type is not that of a known version of trust roots.
    TrustedRootMediaTypeUnknown,
}

impl Error {
    /// The stable code.
    ///
    /// Whatever is wrong with the members of a log entry's body has one code, and so has whatever is wrong with
    /// those of a simple-signing payload: what they may hold is open, and only a few members are looked at.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ArtifactDigestMalformed => "artifact.digest-malformed",
            Self::ArtifactMismatch => "artifact.mismatch",
            Self::BundleChainEmpty => "bundle.certificate-chain-empty",
            Self::BundleChainForbidden => "bundle.certificate-chain-forbidden",
            Self::BundleContentAmbiguous => "bundle.content-ambiguous",
            Self::BundleKeyHintMismatch => "bundle.key-hint-mismatch",
            Self::BundleMaterialAmbiguous => "bundle.verification-material-ambiguous",
            Self::BundleMediaTypeUnknown => "bundle.media-type-unknown",
            Self::CertificateAuthorityOutsideValidity { .. } => {
                "certificate.authority-outside-validity"
            }
            Self::CertificateExpired { .. } => "certificate.expired",
            Self::CertificateExtendedKeyUsage => "certificate.extended-key-usage",
            Self::CertificateExtensionMalformed(_) => "certificate.extension-malformed",
            Self::CertificateIsAuthority => "certificate.is-authority",
            Self::CertificateIssuerMissing => "certificate.issuer-missing",
            Self::CertificateIssuerUnknown => "certificate.untrusted",
            Self::CertificateKeyUsage => "certificate.key-usage",
            Self::CertificateMalformed => "certificate.malformed",
            Self::CertificateMissing => "certificate.missing",
            Self::CertificateNotAuthority => "certificate.not-authority",
            Self::CertificateNotYetValid { .. } => "certificate.not-yet-valid",
            Self::CertificatePathTooLong => "certificate.path-too-long",
            Self::CertificateSignatureInvalid => "certificate.signature-invalid",
            Self::CertificateSubjectAlternativeName => "certificate.subject-alternative-name",
            Self::CertificateUnexpected => "certificate.unexpected",
            Self::CertificateUnknownCriticalExtension => "certificate.unknown-critical-extension",
            Self::CheckpointMalformed => "checkpoint.malformed",
            Self::CheckpointMissing => "checkpoint.missing",
            Self::CheckpointOriginMismatch => "checkpoint.origin-mismatch",
            Self::CheckpointRootMismatch => "checkpoint.root-mismatch",
            Self::CheckpointSignatureInvalid => "checkpoint.signature-invalid",
            Self::CheckpointSignatureMissing => "checkpoint.signature-missing",
            Self::CheckpointWitnessQuorum { .. } => "checkpoint.witness-quorum",
            Self::DssePayloadType => "dsse.payload-type",
            Self::DsseSignatureCount { .. } => "dsse.signature-count",
            Self::FieldMalformed(document, _) => match document {
                Document::Bundle => "bundle.field-malformed",
                Document::DsseEnvelope => "dsse.field-malformed",
                Document::LegacyBundle => "legacy-bundle.field-malformed",
                Document::LegacyTimestamp => "legacy-timestamp.field-malformed",
                Document::LogEntryBody => "log-entry.body-malformed",
                Document::SimpleSigning => "simple-signing.malformed",
                Document::Statement => "statement.field-malformed",
                Document::TrustedRoot => "trusted-root.field-malformed",
            },
            Self::FieldMissing(document, _) => match document {
                Document::Bundle => "bundle.field-missing",
                Document::DsseEnvelope => "dsse.field-missing",
                Document::LegacyBundle => "legacy-bundle.field-missing",
                Document::LegacyTimestamp => "legacy-timestamp.field-missing",
                Document::LogEntryBody => "log-entry.body-malformed",
                Document::SimpleSigning => "simple-signing.malformed",
                Document::Statement => "statement.field-missing",
                Document::TrustedRoot => "trusted-root.field-missing",
            },
            Self::FieldUnknown(document) => match document {
                Document::Bundle => "bundle.field-unknown",
                Document::DsseEnvelope => "dsse.field-unknown",
                Document::LegacyBundle => "legacy-bundle.field-unknown",
                Document::LegacyTimestamp => "legacy-timestamp.field-unknown",
                Document::LogEntryBody => "log-entry.body-malformed",
                Document::SimpleSigning => "simple-signing.malformed",
                Document::Statement => "statement.field-malformed",
                Document::TrustedRoot => "trusted-root.field-unknown",
            },
            Self::InclusionPromiseMissing => "inclusion-promise.missing",
            Self::InclusionPromiseSignatureInvalid => "inclusion-promise.signature-invalid",
            Self::InclusionPromiseWithoutTime => "inclusion-promise.time-missing",
            Self::InclusionProofIndexOutOfRange { .. } => "inclusion-proof.index-out-of-range",
            Self::InclusionProofMalformed => "inclusion-proof.malformed",
            Self::InclusionProofMissing => "inclusion-proof.missing",
            Self::InclusionProofRootMismatch => "inclusion-proof.root-mismatch",
            Self::JsonDuplicateMember(document) => match document {
                Document::Bundle => "bundle.duplicate-member",
                Document::DsseEnvelope => "dsse.duplicate-member",
                Document::LegacyBundle => "legacy-bundle.duplicate-member",
                Document::LegacyTimestamp => "legacy-timestamp.duplicate-member",
                Document::LogEntryBody => "log-entry-body.duplicate-member",
                Document::SimpleSigning => "simple-signing.duplicate-member",
                Document::Statement => "statement.duplicate-member",
                Document::TrustedRoot => "trusted-root.duplicate-member",
            },
            Self::JsonMalformed(document) => match document {
                Document::Bundle => "bundle.json-malformed",
                Document::DsseEnvelope => "dsse.json-malformed",
                Document::LegacyBundle => "legacy-bundle.json-malformed",
                Document::LegacyTimestamp => "legacy-timestamp.json-malformed",
                Document::LogEntryBody => "log-entry-body.json-malformed",
                Document::SimpleSigning => "simple-signing.json-malformed",
                Document::Statement => "statement.json-malformed",
                Document::TrustedRoot => "trusted-root.json-malformed",
            },
            Self::LegacySignatureMissing => "legacy-signature.missing",
            Self::LimitExceeded(limit) => limit.code(),
            Self::LogEntryArtifactMismatch => "log-entry.artifact-mismatch",
            Self::LogEntryBodyMalformed => "log-entry.body-malformed",
            Self::LogEntryDuplicate => "log-entry.duplicate",
            Self::LogEntryEnvelopeUnavailable => "log-entry.envelope-unavailable",
            Self::LogEntryKindMismatch => "log-entry.kind-mismatch",
            Self::LogEntryKindUnknown => "log-entry.kind-unknown",
            Self::LogEntryLogUnknown => "log-entry.log-unknown",
            Self::LogEntryMissing => "log-entry.missing",
            Self::LogEntryOutsideLogValidity { .. } => "log-entry.outside-log-validity",
            Self::LogEntrySignatureMismatch => "log-entry.signature-mismatch",
            Self::LogEntryThreshold { .. } => "log-entry.threshold",
            Self::LogEntryVerifierMismatch => "log-entry.verifier-mismatch",
            Self::PublicKeyMalformed => "public-key.malformed",
            Self::PublicKeyOutsideValidity { .. } => "public-key.outside-validity",
            Self::PublicKeyUnsupported => "public-key.unsupported",
            Self::RequirementsUnmeetable => "requirements.unmeetable",
            Self::SctLogUnknown => "certificate-timestamp.log-unknown",
            Self::SctMalformed => "certificate-timestamp.malformed",
            Self::SctMissing => "certificate-timestamp.missing",
            Self::SctOutsideLogValidity { .. } => "certificate-timestamp.outside-log-validity",
            Self::SctSignatureInvalid => "certificate-timestamp.signature-invalid",
            Self::SctThreshold { .. } => "certificate-timestamp.threshold",
            Self::SignatureInvalid => "signature.invalid",
            Self::SimpleSigningMalformed => "simple-signing.malformed",
            Self::SimpleSigningDigestMismatch => "simple-signing.digest-mismatch",
            Self::StatementSubjectMismatch => "statement.subject-mismatch",
            Self::StatementTypeUnknown => "statement.type-unknown",
            Self::TimeInFuture { .. } => "time.in-future",
            Self::TimeMissing => "time.missing",
            Self::TimeThreshold { .. } => "time.threshold",
            Self::TimestampAuthorityUnknown => "timestamp.authority-unknown",
            Self::TimestampHashUnsupported => "timestamp.algorithm-unsupported",
            Self::TimestampImprintMismatch => "timestamp.imprint-mismatch",
            Self::TimestampMalformed => "timestamp.malformed",
            Self::TimestampRejected => "timestamp.rejected",
            Self::TimestampSignatureInvalid => "timestamp.signature-invalid",
            Self::TimestampSigningCertificateMismatch => "timestamp.signing-certificate-mismatch",
            Self::TrustedRootAuthorityDuplicate => "trusted-root.authority-duplicate",
            Self::TrustedRootChainBroken => "trusted-root.chain-broken",
            Self::TrustedRootChainEmpty => "trusted-root.chain-empty",
            Self::TrustedRootEmpty => "trusted-root.empty",
            Self::TrustedRootLogDuplicate => "trusted-root.log-duplicate",
            Self::TrustedRootMediaTypeUnknown => "trusted-root.media-type-unknown",
        }
    }

    /// How far verification came before it failed: the larger, the further. Among the failures of several
    /// pieces of evidence, the one that came furthest tells most.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::ArtifactDigestMalformed
            | Self::CertificateNotAuthority
            | Self::CertificatePathTooLong
            | Self::RequirementsUnmeetable
            | Self::TrustedRootAuthorityDuplicate
            | Self::TrustedRootChainBroken
            | Self::TrustedRootChainEmpty
            | Self::TrustedRootEmpty
            | Self::TrustedRootLogDuplicate
            | Self::TrustedRootMediaTypeUnknown => 0,
            Self::BundleChainEmpty
            | Self::BundleChainForbidden
            | Self::BundleContentAmbiguous
            | Self::BundleKeyHintMismatch
            | Self::BundleMaterialAmbiguous
            | Self::BundleMediaTypeUnknown
            | Self::CertificateMalformed
            | Self::CheckpointMissing
            | Self::DsseSignatureCount { .. }
            | Self::FieldMalformed(..)
            | Self::FieldMissing(..)
            | Self::FieldUnknown(..)
            | Self::InclusionPromiseMissing
            | Self::InclusionProofMissing
            | Self::JsonDuplicateMember(..)
            | Self::JsonMalformed(..)
            | Self::LegacySignatureMissing
            | Self::LimitExceeded(..)
            | Self::LogEntryDuplicate => 1,
            Self::CertificateMissing
            | Self::CertificateUnexpected
            | Self::PublicKeyMalformed
            | Self::PublicKeyUnsupported => 2,
            Self::ArtifactMismatch => 3,
            Self::CertificateExtendedKeyUsage
            | Self::CertificateIsAuthority
            | Self::CertificateIssuerUnknown
            | Self::CertificateKeyUsage
            | Self::CertificateSignatureInvalid
            | Self::CertificateUnknownCriticalExtension => 4,
            Self::CheckpointMalformed
            | Self::CheckpointOriginMismatch
            | Self::CheckpointRootMismatch
            | Self::CheckpointSignatureInvalid
            | Self::CheckpointSignatureMissing
            | Self::CheckpointWitnessQuorum { .. }
            | Self::InclusionPromiseSignatureInvalid
            | Self::InclusionPromiseWithoutTime
            | Self::InclusionProofIndexOutOfRange { .. }
            | Self::InclusionProofMalformed
            | Self::InclusionProofRootMismatch
            | Self::LogEntryArtifactMismatch
            | Self::LogEntryBodyMalformed
            | Self::LogEntryEnvelopeUnavailable
            | Self::LogEntryKindMismatch
            | Self::LogEntryKindUnknown
            | Self::LogEntryLogUnknown
            | Self::LogEntryMissing
            | Self::LogEntryOutsideLogValidity { .. }
            | Self::LogEntrySignatureMismatch
            | Self::LogEntryThreshold { .. }
            | Self::LogEntryVerifierMismatch
            | Self::TimeInFuture { .. }
            | Self::TimeMissing
            | Self::TimeThreshold { .. }
            | Self::TimestampAuthorityUnknown
            | Self::TimestampHashUnsupported
            | Self::TimestampImprintMismatch
            | Self::TimestampMalformed
            | Self::TimestampRejected
            | Self::TimestampSignatureInvalid
            | Self::TimestampSigningCertificateMismatch => 5,
            Self::CertificateAuthorityOutsideValidity { .. }
            | Self::CertificateExpired { .. }
            | Self::CertificateNotYetValid { .. }
            | Self::PublicKeyOutsideValidity { .. } => 6,
            Self::SctLogUnknown
            | Self::SctMalformed
            | Self::SctMissing
            | Self::SctOutsideLogValidity { .. }
            | Self::SctSignatureInvalid
            | Self::SctThreshold { .. } => 7,
            Self::CertificateExtensionMalformed(..)
            | Self::CertificateIssuerMissing
            | Self::CertificateSubjectAlternativeName
            | Self::SignatureInvalid => 8,
            Self::DssePayloadType | Self::SimpleSigningMalformed | Self::StatementTypeUnknown => 9,
            Self::SimpleSigningDigestMismatch | Self::StatementSubjectMismatch => 10,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArtifactDigestMalformed => f.write_str("the artifact digest is not `sha256:`, `sha384:` or `sha512:` followed by lower-case hexadecimal"),
            Self::ArtifactMismatch => f.write_str("the signature is for another artifact"),
            Self::BundleChainEmpty => f.write_str("the certificate chain is empty"),
            Self::BundleChainForbidden => f.write_str("a bundle of version 0.3 must hold a single certificate instead of a chain"),
            Self::BundleContentAmbiguous => f.write_str("the bundle must hold exactly one of a message signature and a DSSE envelope"),
            Self::BundleKeyHintMismatch => f.write_str("the key hint differs from the key id of the envelope"),
            Self::BundleMaterialAmbiguous => f.write_str("the bundle must hold exactly one of a public key, a certificate and a certificate chain"),
            Self::BundleMediaTypeUnknown => f.write_str("the media type is not that of a known bundle version"),
            Self::CertificateAuthorityOutsideValidity { time } => write!(f, "the trust root does not vouch for the certificate authority at the time of signing ({time})"),
            Self::CertificateExpired { time, not_after } => write!(f, "a certificate had expired at the time of signing ({time} is after {not_after})"),
            Self::CertificateExtendedKeyUsage => f.write_str("the extended key usage does not allow what the certificate is used for"),
            Self::CertificateExtensionMalformed(arc) => write!(f, "the Fulcio extension 1.3.6.1.4.1.57264.1.{arc} is malformed"),
            Self::CertificateIsAuthority => f.write_str("the signing certificate is that of a certificate authority"),
            Self::CertificateIssuerMissing => f.write_str("the certificate names no OIDC issuer"),
            Self::CertificateIssuerUnknown => f.write_str("no certificate authority of the trust root issued the certificate"),
            Self::CertificateKeyUsage => f.write_str("the key usage does not allow what the certificate is used for"),
            Self::CertificateMalformed => f.write_str("the certificate is malformed"),
            Self::CertificateMissing => f.write_str("the evidence holds no certificate"),
            Self::CertificateNotAuthority => f.write_str("a certificate in the chain of an authority may not issue certificates"),
            Self::CertificateNotYetValid { time, not_before } => write!(f, "a certificate was not yet valid at the time of signing ({time} is before {not_before})"),
            Self::CertificatePathTooLong => f.write_str("the path length of an authority is exceeded"),
            Self::CertificateSignatureInvalid => f.write_str("the certificate was not signed by the authority that it names"),
            Self::CertificateSubjectAlternativeName => f.write_str("the certificate must hold exactly one subject alternative name: an email address, an URI or a Fulcio username"),
            Self::CertificateUnexpected => f.write_str("the evidence holds a certificate where a signature by a key is demanded"),
            Self::CertificateUnknownCriticalExtension => f.write_str("the certificate holds a critical extension that is not understood"),
            Self::CheckpointMalformed => f.write_str("the checkpoint is malformed"),
            Self::CheckpointMissing => f.write_str("the inclusion proof comes without a checkpoint"),
            Self::CheckpointOriginMismatch => f.write_str("the origin of the checkpoint is not the log"),
            Self::CheckpointRootMismatch => f.write_str("the inclusion proof and the checkpoint speak of different trees"),
            Self::CheckpointSignatureInvalid => f.write_str("the signature of the log on the checkpoint does not verify"),
            Self::CheckpointSignatureMissing => f.write_str("the checkpoint holds no signature by the key of the log"),
            Self::CheckpointWitnessQuorum { found, required } => write!(f, "{found} witnesses cosigned the checkpoint where {required} are demanded"),
            Self::DssePayloadType => f.write_str("the payload type of the envelope is not `application/vnd.in-toto+json`"),
            Self::DsseSignatureCount { count } => write!(f, "the envelope must hold exactly one signature, not {count}"),
            Self::FieldMalformed(document, name) => write!(f, "the member `{name}` of the {document} is malformed"),
            Self::FieldMissing(document, name) => write!(f, "the member `{name}` of the {document} is missing"),
            Self::FieldUnknown(document) => write!(f, "the {document} holds an unknown member"),
            Self::InclusionPromiseMissing => f.write_str("the log entry comes without an inclusion promise"),
            Self::InclusionPromiseSignatureInvalid => f.write_str("the signed entry timestamp does not verify"),
            Self::InclusionPromiseWithoutTime => f.write_str("the signed entry timestamp comes without an integrated time"),
            Self::InclusionProofIndexOutOfRange { index, size } => write!(f, "the log index {index} is not within a tree of {size} entries"),
            Self::InclusionProofMalformed => f.write_str("the inclusion proof does not fit the index and the size of the tree"),
            Self::InclusionProofMissing => f.write_str("the log entry comes without an inclusion proof"),
            Self::InclusionProofRootMismatch => f.write_str("the inclusion proof does not lead to the root of the tree"),
            Self::JsonDuplicateMember(document) => write!(f, "the {document} names a member twice"),
            Self::JsonMalformed(document) => write!(f, "the {document} is not well-formed JSON"),
            Self::LegacySignatureMissing => f.write_str("the annotation `dev.cosignproject.cosign/signature` holds no signature"),
            Self::LimitExceeded(limit) => write!(f, "the limit `{}` was reached", limit.name()),
            Self::LogEntryArtifactMismatch => f.write_str("the log entry is about another artifact"),
            Self::LogEntryBodyMalformed => f.write_str("the body of the log entry lacks what its kind demands"),
            Self::LogEntryDuplicate => f.write_str("the same log entry stands in the bundle twice"),
            Self::LogEntryEnvelopeUnavailable => f.write_str("the log entry binds the stored envelope, which a bundle does not keep"),
            Self::LogEntryKindMismatch => f.write_str("the kind of the log entry does not fit its body or what was signed"),
            Self::LogEntryKindUnknown => f.write_str("the kind or version of the log entry is not supported"),
            Self::LogEntryLogUnknown => f.write_str("no log entry is of a log that the trust root holds"),
            Self::LogEntryMissing => f.write_str("the evidence holds no transparency-log entry"),
            Self::LogEntryOutsideLogValidity { time } => write!(f, "the trust root does not vouch for the log at the time of the entry ({time})"),
            Self::LogEntrySignatureMismatch => f.write_str("the log entry is about another signature"),
            Self::LogEntryThreshold { found, required } => write!(f, "entries in {found} distinct logs were found where {required} are demanded"),
            Self::LogEntryVerifierMismatch => f.write_str("the log entry is about another certificate or key"),
            Self::PublicKeyMalformed => f.write_str("the public key is malformed"),
            Self::PublicKeyOutsideValidity { time } => write!(f, "the policy does not vouch for the key at the time of signing ({time})"),
            Self::PublicKeyUnsupported => f.write_str("the public key is of a kind or size that is not supported"),
            Self::RequirementsUnmeetable => f.write_str("the trust root lacks the authorities or logs that are demanded"),
            Self::SctLogUnknown => f.write_str("no signed certificate timestamp is of a log that the trust root holds"),
            Self::SctMalformed => f.write_str("the list of signed certificate timestamps is malformed"),
            Self::SctMissing => f.write_str("the certificate holds no signed certificate timestamp"),
            Self::SctOutsideLogValidity { time } => write!(f, "the trust root does not vouch for the log at the time of the certificate timestamp ({time})"),
            Self::SctSignatureInvalid => f.write_str("a signed certificate timestamp does not verify"),
            Self::SctThreshold { found, required } => write!(f, "certificate timestamps of {found} distinct logs were found where {required} are demanded"),
            Self::SignatureInvalid => f.write_str("the signature does not verify"),
            Self::SimpleSigningMalformed => f.write_str("the payload is not a simple-signing document of a container image signature"),
            Self::SimpleSigningDigestMismatch => f.write_str("the signed payload names another image"),
            Self::StatementSubjectMismatch => f.write_str("no subject of the statement has the digest of the artifact"),
            Self::StatementTypeUnknown => f.write_str("the type of the statement is not a known version of in-toto statements"),
            Self::TimeInFuture { time } => write!(f, "a proven time lies in the future ({time})"),
            Self::TimeMissing => f.write_str("nothing proves when the signature was made"),
            Self::TimeThreshold { found, required } => write!(f, "{found} distinct sources of time were found where {required} are demanded"),
            Self::TimestampAuthorityUnknown => f.write_str("no timestamp is by an authority that the trust root holds"),
            Self::TimestampHashUnsupported => f.write_str("the timestamp uses a hash or signature algorithm that is not supported"),
            Self::TimestampImprintMismatch => f.write_str("the timestamp is over another signature"),
            Self::TimestampMalformed => f.write_str("the timestamp is malformed"),
            Self::TimestampRejected => f.write_str("the timestamp authority granted no timestamp"),
            Self::TimestampSignatureInvalid => f.write_str("the signature of the timestamp does not verify"),
            Self::TimestampSigningCertificateMismatch => f.write_str("the timestamp does not name the certificate that verifies it"),
            Self::TrustedRootAuthorityDuplicate => f.write_str("the trust root holds the same authority twice"),
            Self::TrustedRootChainBroken => f.write_str("the certificates in the chain of an authority do not sign each other"),
            Self::TrustedRootChainEmpty => f.write_str("the chain of an authority is empty"),
            Self::TrustedRootEmpty => f.write_str("the trust root holds neither a log nor an authority"),
            Self::TrustedRootLogDuplicate => f.write_str("the trust root holds the same log twice"),
            Self::TrustedRootMediaTypeUnknown => f.write_str("the media type is not that of a known version of trust roots"),
        }
    }
}

impl core::error::Error for Error {}
