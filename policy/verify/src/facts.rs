//! What verification proved about one piece of evidence.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Value;
use crate::{ArtifactDigest, Statement, UnixTime};

/// Everything that was proved about one piece of evidence. Nothing in here is a claim that was
/// merely read: each value is covered by a signature that leads to the trust root or the key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The form in which the evidence came.
    pub kind: EntityKind,
    /// Who signed.
    pub signer: Signer,
    /// The times at which the signature is known to have existed, ascending; each lies within the
    /// certificate's validity. Empty only for keys whose policy asks for no time.
    pub verified_times: Vec<VerifiedTime>,
    /// The transparency-log entries that count, in the order of the evidence.
    pub log_entries: Vec<VerifiedLogEntry>,
    /// The certificate-transparency logs (by id) that promised the certificate, each once.
    pub certificate_transparency_logs: Vec<Vec<u8>>,
    /// The artifact that the signature is bound to; `None` where a commit was asked about.
    pub artifact: Option<ArtifactDigest>,
    /// The in-toto statement, when the signed payload is one.
    pub statement: Option<Statement>,
    /// What the signer added to a simple-signing payload under `optional`; `Null` for other forms.
    pub annotations: Value,
}

/// The form in which evidence came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntityKind {
    /// Sigstore bundle, DSSE envelope.
    BundleDsse,
    /// Sigstore bundle, message signature.
    BundleMessageSignature,
    /// DSSE layer that cosign stores under `sha256-….att`.
    LegacyAttestation,
    /// Simple-signing layer that cosign stores under `sha256-….sig`.
    LegacySignature,
}

/// Who signed.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each piece of evidence"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signer {
    /// A workload or person that a certificate authority of the trust root vouched for.
    Certificate(CertificateIdentity),
    /// The holder of a key that the policy names.
    PublicKey {
        /// SHA-256 of the SubjectPublicKeyInfo in DER.
        spki_sha256: [u8; 32],
    },
}

/// The identity in a Fulcio certificate.
///
/// Follows <https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateIdentity {
    /// OIDC issuer: extension `.8`, else the deprecated `.1`. Empty only where the verifier accepts
    /// certificates without one.
    pub issuer: String,
    /// The one subject alternative name.
    pub subject_alternative_name: String,
    /// Which form of name it is.
    pub subject_alternative_name_kind: SanKind,
    /// The remaining Fulcio extensions.
    pub extensions: CertificateExtensions,
    /// SHA-256 of the leaf certificate in DER.
    pub certificate_sha256: [u8; 32],
}

/// The form of a subject alternative name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SanKind {
    /// `rfc822Name`.
    Email,
    /// `otherName` 1.3.6.1.4.1.57264.1.7, a UTF8String.
    OtherName,
    /// `uniformResourceIdentifier`.
    Uri,
}

/// Fulcio extensions under 1.3.6.1.4.1.57264.1, by the names of Fulcio's `oid-info.md`.
///
/// `.2` to `.6` hold raw bytes and are deprecated; `.9` and later hold DER UTF8Strings. `None` means
/// that the certificate does not carry the extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built field by field in tests")]
pub struct CertificateExtensions {
    /// `.2`, deprecated.
    pub github_workflow_trigger: Option<String>,
    /// `.3`, deprecated.
    pub github_workflow_sha: Option<String>,
    /// `.4`, deprecated.
    pub github_workflow_name: Option<String>,
    /// `.5`, deprecated.
    pub github_workflow_repository: Option<String>,
    /// `.6`, deprecated.
    pub github_workflow_ref: Option<String>,
    /// `.9`.
    pub build_signer_uri: Option<String>,
    /// `.10`.
    pub build_signer_digest: Option<String>,
    /// `.11`.
    pub runner_environment: Option<String>,
    /// `.12`.
    pub source_repository_uri: Option<String>,
    /// `.13`.
    pub source_repository_digest: Option<String>,
    /// `.14`.
    pub source_repository_ref: Option<String>,
    /// `.15`.
    pub source_repository_identifier: Option<String>,
    /// `.16`.
    pub source_repository_owner_uri: Option<String>,
    /// `.17`.
    pub source_repository_owner_identifier: Option<String>,
    /// `.18`.
    pub build_config_uri: Option<String>,
    /// `.19`.
    pub build_config_digest: Option<String>,
    /// `.20`.
    pub build_trigger: Option<String>,
    /// `.21`.
    pub run_invocation_uri: Option<String>,
    /// `.22`.
    pub source_repository_visibility_at_signing: Option<String>,
    /// `.23`.
    pub deployment_environment: Option<String>,
    /// `.24`.
    pub token_subject: Option<String>,
}

/// A time at which the signature is proven to have existed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct VerifiedTime {
    /// The time.
    pub time: UnixTime,
    /// Who vouches for it.
    pub source: TimeSource,
}

/// Who vouches for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeSource {
    /// `integratedTime` under the signed entry timestamp of this log (key id).
    TransparencyLog(Vec<u8>),
    /// Nobody: the policy takes the time of the decision for it (`insecure_current_time`).
    CurrentTime,
    /// `genTime` of an RFC 3161 timestamp by this authority (URI in the trust root, may be empty).
    TimestampAuthority(String),
}

/// A transparency-log entry that was proved and is bound to this signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedLogEntry {
    /// The log's id in the trust root: for Rekor v1 SHA-256 of its public key, for Rekor v2 derived
    /// from its checkpoint key id.
    pub log_id: Vec<u8>,
    /// The log's base URL in the trust root.
    pub log_base_url: String,
    /// Index of the entry over all shards of the log. `None` when an inclusion proof of Rekor v1 alone
    /// vouches for the entry: that proves the index within one shard, and nothing the index over all.
    pub log_index: Option<u64>,
    /// `integratedTime`, present only under a verified signed entry timestamp.
    pub integrated_time: Option<UnixTime>,
    /// Whether an inclusion proof under a signed checkpoint was verified.
    pub inclusion_proof: bool,
}
