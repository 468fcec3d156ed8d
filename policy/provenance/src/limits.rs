//! Every limit on what a predicate, or a manifest that leads to one, may hold.
//!
//! The bytes of the whole predicate are bounded where the evidence is read.

/// Materials or resolved dependencies of one predicate.
pub(crate) const DEPENDENCIES: usize = 4096;

/// Bytes of one URI, identifier or time.
pub(crate) const TEXT_BYTES: usize = 4096;

/// Input attestations of one verification summary.
pub(crate) const INPUT_ATTESTATIONS: usize = 4096;

/// Verified levels, or results of dependencies, of one verification summary.
pub(crate) const RESULTS: usize = 256;

/// Subjects of one source's verification summary.
pub(crate) const SUBJECTS: usize = 1024;

/// Refs of one revision in a source's verification summary.
pub(crate) const SOURCE_REFS: usize = 1024;

/// Bytes of an index or attestation manifest, as the OCI distribution specification has it.
pub(crate) const MANIFEST_BYTES: usize = 4 << 20;

/// Nesting of an index or attestation manifest.
pub(crate) const MANIFEST_NESTING: usize = 16;

/// Manifests of an index.
pub(crate) const INDEX_MANIFESTS: usize = 256;

/// Layers of an attestation manifest.
pub(crate) const MANIFEST_LAYERS: usize = 256;

/// A limit by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of an index or attestation manifest: 4 MiB.
    AttestationManifestBytes,
    /// Manifests of an index, or layers of an attestation manifest: 256.
    AttestationManifestEntries,
    /// Materials or resolved dependencies of one predicate: 4096.
    ProvenanceDependencies,
    /// Bytes of one URI, identifier or time: 4096.
    ProvenanceTextBytes,
    /// Input attestations of one verification summary: 4096.
    SummaryInputAttestations,
    /// Verified levels, or results of dependencies, of one verification summary: 256.
    SummaryLevels,
    /// Refs of one revision in a source's verification summary: 1024.
    SummarySourceRefs,
    /// Subjects of one source's verification summary: 1024.
    SummarySubjects,
}

impl Limit {
    /// The stable code of a rejection by this limit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AttestationManifestBytes => "limit.attestation-manifest-bytes",
            Self::AttestationManifestEntries => "limit.attestation-manifest-entries",
            Self::ProvenanceDependencies => "limit.provenance-dependencies",
            Self::ProvenanceTextBytes => "limit.provenance-text-bytes",
            Self::SummaryInputAttestations => "limit.summary-input-attestations",
            Self::SummaryLevels => "limit.summary-levels",
            Self::SummarySourceRefs => "limit.summary-source-refs",
            Self::SummarySubjects => "limit.summary-subjects",
        }
    }
}
