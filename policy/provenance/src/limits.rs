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

/// Packages of one bill of materials.
pub(crate) const SBOM_PACKAGES: usize = 65_536;

/// Relationships between packages of one bill of materials.
pub(crate) const SBOM_RELATIONSHIPS: usize = 524_288;

/// Findings of one vulnerability scan.
pub(crate) const VULNERABILITY_FINDINGS: usize = 65_536;

/// Products and subcomponents of one VEX document, each counted for every name of the vulnerability.
pub(crate) const VEX_PRODUCTS: usize = 65_536;

/// Statements of one VEX document about one vulnerability in one version of a package that differ in the
/// qualifiers of the package.
pub(crate) const VEX_STATEMENTS_OF_PACKAGE: usize = 64;

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
    /// Packages of one bill of materials: 65,536.
    SbomPackages,
    /// Relationships between packages of one bill of materials: 524,288.
    SbomRelationships,
    /// Input attestations of one verification summary: 4096.
    SummaryInputAttestations,
    /// Verified levels, or results of dependencies, of one verification summary: 256.
    SummaryLevels,
    /// Refs of one revision in a source's verification summary: 1024.
    SummarySourceRefs,
    /// Subjects of one source's verification summary: 1024.
    SummarySubjects,
    /// Products and subcomponents of one VEX document, each counted for every name of the
    /// vulnerability: 65,536; or packages that differ in qualifiers alone: 64.
    VexProducts,
    /// Findings of one vulnerability scan: 65,536.
    VulnerabilityFindings,
}

impl Limit {
    /// The stable code of a rejection by this limit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AttestationManifestBytes => "limit.attestation-manifest-bytes",
            Self::AttestationManifestEntries => "limit.attestation-manifest-entries",
            Self::ProvenanceDependencies => "limit.provenance-dependencies",
            Self::ProvenanceTextBytes => "limit.provenance-text-bytes",
            Self::SbomPackages => "limit.sbom-packages",
            Self::SbomRelationships => "limit.sbom-relationships",
            Self::SummaryInputAttestations => "limit.summary-input-attestations",
            Self::SummaryLevels => "limit.summary-levels",
            Self::SummarySourceRefs => "limit.summary-source-refs",
            Self::SummarySubjects => "limit.summary-subjects",
            Self::VexProducts => "limit.vex-products",
            Self::VulnerabilityFindings => "limit.vulnerability-findings",
        }
    }
}
