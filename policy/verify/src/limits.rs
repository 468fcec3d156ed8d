//! Every limit on a collection or a size that an attacker fills.
//!
//! Hitting one is a rejection that names it: `limit.<name>`.

/// A limit by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of one certificate.
    CertificateBytes,
    /// Certificates in one chain.
    ChainLength,
    /// Digests of one statement subject.
    DigestsPerSubject,
    /// Bytes of one piece of evidence, its annotations included.
    EvidenceBytes,
    /// Hashes of one inclusion proof.
    InclusionProofHashes,
    /// Nesting of JSON arrays and objects.
    JsonNesting,
    /// Keys, logs and authorities in one trust root.
    TrustedRootEntries,
    /// Signature lines of one checkpoint.
    CheckpointSignatures,
    /// Public-key operations spent on one piece of evidence.
    SignatureChecks,
    /// Work of public-key operations on all the evidence of a request, where the caller limits it.
    SignatureWork,
    /// Signed certificate timestamps of one certificate.
    SignedCertificateTimestamps,
    /// Subjects of one statement.
    StatementSubjects,
    /// RFC 3161 timestamps of one bundle.
    Timestamps,
    /// Transparency-log entries of one bundle.
    TransparencyLogEntries,
    /// Bytes of one trust root.
    TrustedRootBytes,
}

impl Limit {
    /// The name, without the prefix that [`Self::code`] has.
    pub fn name(self) -> &'static str {
        self.code().trim_start_matches("limit.")
    }

    /// The stable code of a rejection by this limit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CertificateBytes => "limit.certificate-bytes",
            Self::ChainLength => "limit.chain-length",
            Self::CheckpointSignatures => "limit.checkpoint-signatures",
            Self::DigestsPerSubject => "limit.digests-per-subject",
            Self::EvidenceBytes => "limit.evidence-bytes",
            Self::InclusionProofHashes => "limit.inclusion-proof-hashes",
            Self::JsonNesting => "limit.json-nesting",
            Self::SignatureChecks => "limit.signature-checks",
            Self::SignatureWork => "limit.signature-work",
            Self::SignedCertificateTimestamps => "limit.signed-certificate-timestamps",
            Self::StatementSubjects => "limit.statement-subjects",
            Self::Timestamps => "limit.timestamps",
            Self::TransparencyLogEntries => "limit.transparency-log-entries",
            Self::TrustedRootBytes => "limit.trusted-root-bytes",
            Self::TrustedRootEntries => "limit.trusted-root-entries",
        }
    }
}

/// The limits in force. [`Limits::default`] is what every host uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one certificate. Default 16 KiB.
    pub certificate_bytes: usize,
    /// Certificates in one chain, the anchor included. Default 10.
    pub chain_length: usize,
    /// Signature lines of one checkpoint. Default 32.
    pub checkpoint_signatures: usize,
    /// Digests of one statement subject. Default 32, as in sigstore-go.
    pub digests_per_subject: usize,
    /// Bytes of one piece of evidence, its annotations included. Default 16 MiB.
    pub evidence_bytes: usize,
    /// Hashes of one inclusion proof. Default 64: a log of 2^64 entries.
    pub inclusion_proof_hashes: usize,
    /// Nesting of JSON arrays and objects. Default 64.
    pub json_nesting: usize,
    /// Public-key operations spent on one piece of evidence. Default 100.
    pub signature_checks: usize,
    /// Signed certificate timestamps of one certificate. Default 16.
    pub signed_certificate_timestamps: usize,
    /// Subjects of one statement. Default 1024, as in sigstore-go.
    pub statement_subjects: usize,
    /// RFC 3161 timestamps of one bundle. Default 32, as in sigstore-go.
    pub timestamps: usize,
    /// Transparency-log entries of one bundle. Default 32, as in sigstore-go.
    pub transparency_log_entries: usize,
    /// Bytes of one trust root. Default 1 MiB.
    pub trusted_root_bytes: usize,
    /// Keys, logs and authorities in one trust root. Default 64.
    pub trusted_root_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            certificate_bytes: 16 << 10,
            chain_length: 10,
            checkpoint_signatures: 32,
            digests_per_subject: 32,
            evidence_bytes: 16 << 20,
            inclusion_proof_hashes: 64,
            json_nesting: 64,
            signature_checks: 100,
            signed_certificate_timestamps: 16,
            statement_subjects: 1024,
            timestamps: 32,
            transparency_log_entries: 32,
            trusted_root_bytes: 1 << 20,
            trusted_root_entries: 64,
        }
    }
}
