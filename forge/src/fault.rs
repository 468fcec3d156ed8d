//! The named ways in which evidence can be wrong.

use core::cell::Cell;
use core::fmt;
use core::str::FromStr;

use crate::Error;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// One named thing that is wrong with evidence, while everything else stays consistent: what
        /// is signed around the broken part is signed over the broken part.
        ///
        /// A fault that nothing in the evidence could carry (say, a certificate fault when signing
        /// with a key) is an error of the making, never valid evidence by accident.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Fault {
            /// Every fault, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in kebab case, unique and stable.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it breaks, in a sentence.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim(),)+
                }
            }
        }
    };
}

faults! {
    // The certificate path.

    /// The leaf comes from a CA with the right names that the trusted root does not hold.
    AuthorityUntrusted = "authority-untrusted",
    /// The CA's window in the trusted root ended before the signing; its certificates still run.
    AuthorityWindowClosed = "authority-window-closed",
    /// The issuing intermediate expired before the signing.
    IntermediateExpired = "intermediate-expired",
    /// The leaf is signed by another leaf, which is in the bundle's chain.
    IssuedByLeaf = "issued-by-leaf",
    /// The CA's signature on the leaf is over other bytes.
    LeafSignatureInvalid = "leaf-signature-invalid",
    /// The leaf begins to be valid only after the signing.
    LeafNotYetValid = "leaf-not-yet-valid",
    /// The leaf expired before the signing.
    LeafExpired = "leaf-expired",
    /// The leaf has basic constraints with CA true.
    LeafIsAuthority = "leaf-is-authority",
    /// The leaf has no extended key usage.
    LeafExtendedKeyUsageMissing = "leaf-extended-key-usage-missing",
    /// The leaf's extended key usage is server authentication and not code signing.
    LeafExtendedKeyUsageOther = "leaf-extended-key-usage-other",
    /// The leaf has no key usage.
    LeafKeyUsageMissing = "leaf-key-usage-missing",
    /// The leaf's key usage is key encipherment and not digital signature.
    LeafKeyUsageOther = "leaf-key-usage-other",
    /// The leaf has a critical extension that nobody knows.
    LeafCriticalExtensionUnknown = "leaf-critical-extension-unknown",
    /// The leaf has the same issuer extension twice.
    LeafExtensionDuplicate = "leaf-extension-duplicate",

    // The identity in the certificate.

    /// The leaf has no subject alternative name.
    SubjectAlternativeNameMissing = "subject-alternative-name-missing",
    /// The leaf has two subject alternative names.
    SubjectAlternativeNameTwo = "subject-alternative-name-two",
    /// The subject alternative name is a DNS name, which Fulcio never issues.
    SubjectAlternativeNameDns = "subject-alternative-name-dns",
    /// The subject alternative name extension is not critical although the subject is empty.
    SubjectAlternativeNameNotCritical = "subject-alternative-name-not-critical",
    /// The leaf names no OIDC issuer (neither extension .8 nor .1).
    IssuerExtensionMissing = "issuer-extension-missing",
    /// The OIDC issuer extension .8 is not a DER UTF8String.
    IssuerExtensionMalformed = "issuer-extension-malformed",
    /// Bytes follow the DER UTF8String in the OIDC issuer extension .8.
    IssuerExtensionTrailing = "issuer-extension-trailing",

    // Signed certificate timestamps.

    /// The leaf has no SCT list.
    SctMissing = "sct-missing",
    /// The leaf has an SCT list without SCTs.
    SctListEmpty = "sct-list-empty",
    /// The SCT list's length field promises more than there is.
    SctListMalformed = "sct-list-malformed",
    /// The SCT's signature is over other bytes.
    SctSignatureInvalid = "sct-signature-invalid",
    /// The SCT comes from a log that the trusted root does not hold.
    SctLogUnknown = "sct-log-unknown",
    /// The SCT is for another certificate.
    SctOtherCertificate = "sct-other-certificate",
    /// The SCT names the hash of another issuer key.
    SctOtherIssuer = "sct-other-issuer",
    /// The SCT is older than its log's window in the trusted root.
    SctOutsideLogWindow = "sct-outside-log-window",

    // The inclusion promise (signed entry timestamp) and the integrated time.

    /// There is no SET; the integrated time stays.
    SetMissing = "set-missing",
    /// The SET's signature is over other bytes.
    SetSignatureInvalid = "set-signature-invalid",
    /// The SET is the log's promise for another entry.
    SetOtherEntry = "set-other-entry",
    /// The integrated time was changed by a minute after the SET was made.
    IntegratedTimeChanged = "integrated-time-changed",
    /// Certificate and entry are from the far future ([`FUTURE`](crate::FUTURE)).
    IntegratedTimeInFuture = "integrated-time-in-future",
    /// The entry is in a log that the trusted root does not hold.
    LogUnknown = "log-unknown",
    /// The entry is younger than its log's window in the trusted root.
    LogWindowClosed = "log-window-closed",

    // RFC 3161 timestamps.

    /// There is no timestamp.
    TimestampMissing = "timestamp-missing",
    /// There are 33 timestamps.
    TimestampTooMany = "timestamp-too-many",
    /// The response lacks its last byte.
    TimestampMalformed = "timestamp-malformed",
    /// The response's status is a rejection, although it has a token.
    TimestampRejected = "timestamp-rejected",
    /// The timestamp is for another signature.
    TimestampImprintOther = "timestamp-imprint-other",
    /// The timestamp's imprint is made with SHA-1.
    TimestampImprintSha1 = "timestamp-imprint-sha1",
    /// Certificate and timestamp are from the far future ([`FUTURE`](crate::FUTURE)).
    TimestampInFuture = "timestamp-in-future",
    /// The timestamp comes from an authority that the trusted root does not hold.
    TimestampAuthorityUntrusted = "timestamp-authority-untrusted",
    /// The authority's window in the trusted root ended before the timestamp.
    TimestampAuthorityWindowClosed = "timestamp-authority-window-closed",
    /// The authority's signing certificate expired before the timestamp.
    TimestampCertificateExpired = "timestamp-certificate-expired",
    /// The token's signature is over other bytes.
    TimestampSignatureInvalid = "timestamp-signature-invalid",
    /// The token has no signed attributes; the signature is over the content.
    TimestampSignedAttributesMissing = "timestamp-signed-attributes-missing",
    /// The signed content type is not TSTInfo.
    TimestampContentTypeOther = "timestamp-content-type-other",
    /// The signed message digest is not that of the content.
    TimestampMessageDigestOther = "timestamp-message-digest-other",
    /// The signed certificate id is not that of the signing certificate.
    TimestampCertificateIdOther = "timestamp-certificate-id-other",
    /// The token has two signers.
    TimestampSignerTwo = "timestamp-signer-two",
    /// The signing certificate is a CA.
    TimestampSignerIsAuthority = "timestamp-signer-is-authority",
    /// The signing certificate's extended key usage is not critical.
    TimestampExtendedKeyUsageNotCritical = "timestamp-extended-key-usage-not-critical",
    /// The signing certificate has a second extended key usage.
    TimestampExtendedKeyUsageTwo = "timestamp-extended-key-usage-two",
    /// The signing certificate's extended key usage is code signing and not time stamping.
    TimestampExtendedKeyUsageOther = "timestamp-extended-key-usage-other",

    // The inclusion proof.

    /// There is no inclusion proof.
    InclusionProofMissing = "inclusion-proof-missing",
    /// The proof's root hash is not the one in the checkpoint.
    InclusionRootHashWrong = "inclusion-root-hash-wrong",
    /// The proof lacks its last hash.
    InclusionHashMissing = "inclusion-hash-missing",
    /// The proof has one hash too many.
    InclusionHashExtra = "inclusion-hash-extra",
    /// One bit of the proof's first hash is flipped.
    InclusionHashChanged = "inclusion-hash-changed",
    /// The proof is for the neighbour's index.
    InclusionIndexWrong = "inclusion-index-wrong",
    /// The proof's index is as large as the tree.
    InclusionIndexBeyondTree = "inclusion-index-beyond-tree",

    // The checkpoint.

    /// The proof has no checkpoint.
    CheckpointMissing = "checkpoint-missing",
    /// The checkpoint has no root hash line.
    CheckpointMalformed = "checkpoint-malformed",
    /// The checkpoint has no signature line.
    CheckpointSignatureMissing = "checkpoint-signature-missing",
    /// The checkpoint's signature is over other bytes.
    CheckpointSignatureInvalid = "checkpoint-signature-invalid",
    /// The checkpoint's signature line has another key hint.
    CheckpointKeyHintOther = "checkpoint-key-hint-other",
    /// The checkpoint's origin is another log, and is signed so.
    CheckpointOriginOther = "checkpoint-origin-other",
    /// The checkpoint's signature line has another name.
    CheckpointSignerOther = "checkpoint-signer-other",
    /// The checkpoint is the log's own, of another tree of the same size.
    CheckpointOtherTree = "checkpoint-other-tree",
    /// The checkpoint says another tree size, and is signed so.
    CheckpointTreeSizeChanged = "checkpoint-tree-size-changed",

    // The body of the log entry.

    /// The body is not JSON.
    BodyMalformed = "body-malformed",
    /// The body, and with it the entry, is of a kind that does not exist.
    BodyKindUnknown = "body-kind-unknown",
    /// The body, and with it the entry, is of a version that does not exist.
    BodyVersionUnknown = "body-version-unknown",
    /// The entry's kind and version differ from the body's.
    BodyKindVersionMismatch = "body-kind-version-mismatch",
    /// The body holds another signature, valid and by the same key.
    BodyOtherSignature = "body-other-signature",
    /// The body holds another certificate (or public key) of the same signer.
    BodyOtherVerifier = "body-other-verifier",
    /// The body holds the digest of another payload.
    BodyOtherPayload = "body-other-payload",
    /// The body holds the digest of another artifact.
    BodyOtherArtifact = "body-other-artifact",
    /// The body holds the digest of another envelope.
    BodyOtherEnvelope = "body-other-envelope",
    /// The body names another kind of key.
    BodyOtherKeyDetails = "body-other-key-details",
    /// The body lists a second signature.
    BodySignatureTwo = "body-signature-two",
    /// The whole entry is that of another signing by the same certificate (or key).
    EntryOther = "entry-other",

    // The signature and the envelope.

    /// The signature is over other bytes.
    SignatureInvalid = "signature-invalid",
    /// The signature is by a key other than the certified (or given) one.
    SignatureOtherKey = "signature-other-key",
    /// The envelope's signature was made for another payload type.
    SignatureOtherPayloadType = "signature-other-payload-type",
    /// The envelope has no signature.
    SignatureNone = "signature-none",
    /// The envelope has two signatures, both valid.
    SignatureTwo = "signature-two",
    /// A line end was appended to the payload after it was signed and logged.
    PayloadChanged = "payload-changed",
    /// The payload type is not in-toto.
    PayloadTypeOther = "payload-type-other",

    // The signed statement (or simple-signing payload).

    /// The payload is not JSON.
    StatementMalformed = "statement-malformed",
    /// The payload has a member twice.
    StatementMemberDuplicate = "statement-member-duplicate",
    /// The statement's `_type` is unknown.
    StatementTypeUnknown = "statement-type-unknown",
    /// The payload names the digest of another artifact.
    SubjectOtherDigest = "subject-other-digest",
    /// The subject has the right value under another algorithm's name.
    SubjectOtherAlgorithm = "subject-other-algorithm",
    /// The statement has no subject.
    SubjectNone = "subject-none",
    /// The statement has 1025 subjects, the right one among them.
    SubjectTooMany = "subject-too-many",
    /// The subject has 33 digests, the right one among them.
    SubjectDigestTooMany = "subject-digest-too-many",

    // The bundle, or the annotations of a legacy layer.

    /// The bundle (or the bundle annotation of a legacy layer) is cut off in the middle.
    BundleTruncated = "bundle-truncated",
    /// The bundle's media type is unknown.
    BundleMediaTypeUnknown = "bundle-media-type-unknown",
    /// The bundle has a field that does not exist.
    BundleFieldUnknown = "bundle-field-unknown",
    /// The bundle has a field twice.
    BundleFieldDuplicate = "bundle-field-duplicate",
    /// The bundle has a message signature beside the envelope, or the other way round.
    BundleContentTwo = "bundle-content-two",
    /// The bundle has no certificate and no key.
    BundleVerificationMaterialMissing = "bundle-verification-material-missing",
    /// The bundle has a certificate chain although version 0.3 forbids it.
    BundleChainForbidden = "bundle-chain-forbidden",
    /// The bundle's certificate chain is empty.
    BundleChainEmpty = "bundle-chain-empty",
    /// The bundle's chain ends with the root certificate.
    BundleChainWithRoot = "bundle-chain-with-root",
    /// The bundle's only certificate is the root certificate.
    BundleRootCertificateOnly = "bundle-root-certificate-only",
    /// The bundle's `messageDigest` is of another artifact.
    MessageDigestOther = "message-digest-other",
    /// There is no log entry.
    LogEntryNone = "log-entry-none",
    /// The same entry stands there twice.
    LogEntryDuplicate = "log-entry-duplicate",
    /// There are 33 entries.
    LogEntryTooMany = "log-entry-too-many",
    /// The entry's log index is negative.
    LogIndexNegative = "log-index-negative",
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| Error::FaultUnknown(name.to_owned()))
    }
}

/// The fault of one making, asked about at each place that could carry it.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    fault: Option<Fault>,
    applied: Cell<bool>,
}

impl Faults {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self {
            fault,
            applied: Cell::new(false),
        }
    }

    /// Whether `fault` is the one to apply. The caller must then apply it.
    pub(crate) fn hits(&self, fault: Fault) -> bool {
        let hit = self.fault == Some(fault);
        if hit {
            self.applied.set(true);
        }
        hit
    }

    /// An error if no place has applied the fault.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        match self.fault {
            Some(fault) if !self.applied.get() => Err(Error::FaultNotApplicable(fault)),
            _ => Ok(()),
        }
    }
}
