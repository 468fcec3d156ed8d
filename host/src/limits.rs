//! Every limit on what the host reads, hands to the module and lets the module spend.
//!
//! The module has limits of its own; these keep an input from being read, hashed or copied into the
//! sandbox at all. Hitting one is never silent: the input is refused, or the evidence is reported as
//! unavailable, with the code of the limit.

use core::fmt;
use core::time::Duration;

/// A limit by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of one blob that is moved between a registry and a folder.
    BlobBytes,
    /// Bytes of a decision that is explained.
    DecisionBytes,
    /// Bytes of one piece of evidence.
    EvidenceBytes,
    /// Bytes of an Evidence document.
    EvidenceDocumentBytes,
    /// Pieces of evidence for one image.
    EvidencePieces,
    /// Bytes of all evidence for one image.
    EvidenceTotalBytes,
    /// Bytes of the `index.json` of a layout.
    LayoutIndexBytes,
    /// Manifests of a layout that are read in search of evidence.
    LayoutManifests,
    /// Bytes of one image manifest or image index.
    ManifestBytes,
    /// Bytes of a module.
    ModuleBytes,
    /// Bytes of a policy document.
    PolicyBytes,
    /// Nesting of a policy document in YAML.
    PolicyNesting,
    /// Nodes of a policy document in YAML, with every alias written out.
    PolicyNodes,
    /// Bytes that are read from a registry in search of the evidence for one image.
    RegistryBytes,
    /// Manifests of a registry that are read in search of evidence, or moved with an image.
    RegistryManifests,
    /// Pages of a list of referrers.
    RegistryPages,
    /// Bytes of the answer of a token service.
    RegistryTokenBytes,
    /// Bytes of a request.
    RequestBytes,
    /// Bytes of one trust root.
    TrustedRootBytes,
    /// Trust roots of one policy.
    TrustedRoots,
}

impl Limit {
    /// The stable code of a refusal by this limit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BlobBytes => "limit.blob-bytes",
            Self::DecisionBytes => "limit.decision-bytes",
            Self::EvidenceBytes => "limit.evidence-bytes",
            Self::EvidenceDocumentBytes => "limit.evidence-document-bytes",
            Self::EvidencePieces => "limit.evidence-pieces",
            Self::EvidenceTotalBytes => "limit.evidence-total-bytes",
            Self::LayoutIndexBytes => "limit.layout-index-bytes",
            Self::LayoutManifests => "limit.layout-manifests",
            Self::ManifestBytes => "limit.manifest-bytes",
            Self::ModuleBytes => "limit.module-bytes",
            Self::PolicyBytes => "limit.policy-bytes",
            Self::PolicyNesting => "limit.policy-nesting",
            Self::PolicyNodes => "limit.policy-nodes",
            Self::RegistryBytes => "limit.registry-bytes",
            Self::RegistryManifests => "limit.registry-manifests",
            Self::RegistryPages => "limit.registry-pages",
            Self::RegistryTokenBytes => "limit.registry-token-bytes",
            Self::RequestBytes => "limit.request-bytes",
            Self::TrustedRootBytes => "limit.trusted-root-bytes",
            Self::TrustedRoots => "limit.trusted-roots",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BlobBytes => "bytes of one blob",
            Self::DecisionBytes => "bytes of a decision",
            Self::EvidenceBytes => "bytes of one piece of evidence",
            Self::EvidenceDocumentBytes => "bytes of an Evidence document",
            Self::EvidencePieces => "pieces of evidence for one image",
            Self::EvidenceTotalBytes => "bytes of all evidence for one image",
            Self::LayoutIndexBytes => "bytes of the index of a layout",
            Self::LayoutManifests => "manifests read in search of evidence",
            Self::ManifestBytes => "bytes of one manifest",
            Self::ModuleBytes => "bytes of a module",
            Self::PolicyBytes => "bytes of a policy",
            Self::PolicyNesting => "levels of nesting of a policy",
            Self::PolicyNodes => "nodes of a policy with its aliases written out",
            Self::RegistryBytes => "bytes read for one image",
            Self::RegistryManifests => "manifests that belong to one image",
            Self::RegistryPages => "pages of a list of referrers",
            Self::RegistryTokenBytes => "bytes of the answer of a token service",
            Self::RequestBytes => "bytes of a request",
            Self::TrustedRootBytes => "bytes of one trust root",
            Self::TrustedRoots => "trust roots of one policy",
        })
    }
}

/// The limits in force. [`Limits::default`] is what the program uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one blob that is moved between a registry and a folder. Default 16 GiB.
    pub blob_bytes: u64,
    /// Bytes of a decision that is explained. Default 16 MiB.
    pub decision_bytes: usize,
    /// Bytes of one piece of evidence. Default 16 MiB, as in the module.
    pub evidence_bytes: usize,
    /// Bytes of an Evidence document. Default 64 MiB, as in the module.
    pub evidence_document_bytes: usize,
    /// Pieces of evidence for one image. Default 128, as in the module.
    pub evidence_pieces: usize,
    /// Bytes of all evidence for one image. Default 48 MiB.
    pub evidence_total_bytes: usize,
    /// Fuel of one call into the module: about one unit an instruction. Default 100 thousand million,
    /// some seconds of work; one piece of evidence takes about a hundred million.
    pub fuel: u64,
    /// Instances of modules that live at the same time. Default 16.
    pub instances: u32,
    /// Bytes of the `index.json` of a layout. Default 4 MiB.
    pub layout_index_bytes: usize,
    /// Manifests of a layout that are read in search of evidence. Default 1024.
    pub layout_manifests: usize,
    /// Bytes of one image manifest or image index. Default 4 MiB, as in OCI registries.
    pub manifest_bytes: usize,
    /// Bytes of linear memory of one instance. Default 256 MiB.
    pub memory_bytes: usize,
    /// Bytes of a module. Default 64 MiB.
    pub module_bytes: usize,
    /// Bytes of a policy document. Default 2 MiB, as in the module.
    pub policy_bytes: usize,
    /// Nesting of a policy document in YAML. Default 128.
    pub policy_nesting: usize,
    /// Nodes of a policy document in YAML, with every alias written out. Default 100 thousand.
    pub policy_nodes: usize,
    /// Bytes that are read from a registry in search of the evidence for one image. Default 96 MiB.
    pub registry_bytes: usize,
    /// Manifests of a registry that are read in search of evidence, or moved with an image. Default
    /// 256.
    pub registry_manifests: usize,
    /// Pages of a list of referrers. Default 16.
    pub registry_pages: usize,
    /// Time that the search for the evidence for one image may take. Default 2 minutes.
    pub registry_time: Duration,
    /// Bytes of the answer of a token service. Default 256 KiB.
    pub registry_token_bytes: usize,
    /// Bytes of a request. Default 4 MiB, as in the module.
    pub request_bytes: usize,
    /// Elements of one table of an instance. Default 20 thousand.
    pub table_elements: usize,
    /// Bytes of one trust root. Default 1 MiB, as in the module.
    pub trusted_root_bytes: usize,
    /// Trust roots of one policy. Default 16, as in the module.
    pub trusted_roots: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            blob_bytes: 16 << 30,
            decision_bytes: 16 << 20,
            evidence_bytes: 16 << 20,
            evidence_document_bytes: 64 << 20,
            evidence_pieces: 128,
            evidence_total_bytes: 48 << 20,
            fuel: 100_000_000_000,
            instances: 16,
            layout_index_bytes: 4 << 20,
            layout_manifests: 1024,
            manifest_bytes: 4 << 20,
            memory_bytes: 256 << 20,
            module_bytes: 64 << 20,
            policy_bytes: 2 << 20,
            policy_nesting: 128,
            policy_nodes: 100_000,
            registry_bytes: 96 << 20,
            registry_manifests: 256,
            registry_pages: 16,
            registry_time: Duration::from_mins(2),
            registry_token_bytes: 256 << 10,
            request_bytes: 4 << 20,
            table_elements: 20_000,
            trusted_root_bytes: 1 << 20,
            trusted_roots: 16,
        }
    }
}
