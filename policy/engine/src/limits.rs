//! Every limit on what a policy, a request or a host's evidence may hold.
//!
//! What one piece of evidence may hold is limited in `sealstone_verify::Limits`, what a predicate
//! may hold in `sealstone_provenance::Limit`.

/// A limit by name. Hitting one is a problem of the policy or request, or a denial, that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Limit {
    /// Statements in attestation manifests about one image.
    ManifestStatements,
    /// Alternatives in one place of a rule.
    Alternatives,
    /// Builders of one policy.
    Builders,
    /// ConfigMaps of one policy.
    ConfigMaps,
    /// Conditions, annotations or inputs of one rule.
    Conditions,
    /// Properties of one builder or rule.
    Properties,
    /// Combinations of authorities within one another.
    SignerNesting,
    /// Verifiers of one policy.
    Verifiers,
    /// Authorities of one policy.
    Authorities,
    /// Bytes of one call of the JSON façade.
    CallBytes,
    /// Pieces of evidence of one image.
    EvidencePieces,
    /// Exceptions of one policy.
    Exceptions,
    /// Paths of one kind in a policy.
    FieldPaths,
    /// Identities of one authority.
    Identities,
    /// Patterns of one rule.
    ImagePatterns,
    /// Vulnerabilities that one rule ignores.
    IgnoredVulnerabilities,
    /// Images of one request.
    Images,
    /// Bytes of one image index.
    IndexBytes,
    /// Manifests that one image index lists.
    IndexManifests,
    /// Nesting of JSON arrays and objects.
    JsonNesting,
    /// Mirrors of one policy.
    Mirrors,
    /// Bytes of one name in a policy.
    NameBytes,
    /// Bytes of one pattern, exact text or URI in a policy.
    PatternBytes,
    /// Bytes of one policy.
    PolicyBytes,
    /// Bytes of one image reference.
    ReferenceBytes,
    /// Attestations that one rule in Rego names.
    #[cfg(feature = "rego")]
    RegoAttestations,
    /// Bytes of one module of Rego.
    #[cfg(feature = "rego")]
    RegoBytes,
    /// Combinations of attestations that one rule in Rego is asked about.
    #[cfg(feature = "rego")]
    RegoCombinations,
    /// Bytes of memory that one evaluation of Rego holds beyond its input.
    #[cfg(feature = "rego")]
    RegoMemory,
    /// Messages of one `deny` in Rego.
    #[cfg(feature = "rego")]
    RegoMessages,
    /// Modules of one rule in Rego.
    #[cfg(feature = "rego")]
    RegoModules,
    /// Bytes of the stack that one evaluation of Rego takes up.
    #[cfg(feature = "rego")]
    RegoNesting,
    /// Steps of all evaluations of Rego for one request.
    #[cfg(feature = "rego")]
    RegoSteps,
    /// Size of one compiled regular expression in memory, in bytes.
    RegexpSize,
    /// Bytes of one request.
    RequestBytes,
    /// Licences in one list of a rule.
    Licenses,
    /// Packages in one list of a rule.
    Packages,
    /// Relations of one rule.
    Relations,
    /// Kinds that one policy adds.
    Resources,
    /// Rules of one policy.
    Rules,
    /// Namespaces, groups, labels or values in one list of a policy.
    SelectionElements,
    /// Authorities that one rule names.
    SignedBy,
    /// Entries of one kind in a trust root in PEM form.
    TrustRootParts,
    /// Trust roots of one policy.
    TrustRoots,
    /// Witnesses of one trust root.
    Witnesses,
}

impl Limit {
    /// The largest allowed value.
    pub(crate) const fn value(self) -> usize {
        match self {
            Self::ManifestStatements => 16,
            Self::Alternatives => 64,
            Self::Builders => 256,
            Self::ConfigMaps => 4,
            Self::Conditions => 64,
            Self::Properties => 8,
            Self::SignerNesting => 8,
            Self::Verifiers => 256,
            Self::Authorities => 256,
            Self::CallBytes => 64 << 20,
            Self::EvidencePieces => 128,
            Self::Exceptions => 256,
            Self::FieldPaths => 32,
            Self::Identities => 64,
            Self::ImagePatterns => 256,
            Self::IgnoredVulnerabilities => 256,
            Self::Images => 256,
            Self::IndexBytes => 4 << 20,
            Self::IndexManifests => 64,
            Self::JsonNesting => 64,
            Self::Licenses => 256,
            Self::Mirrors => 64,
            Self::NameBytes => 128,
            Self::Packages => 256,
            Self::PatternBytes => 1024,
            Self::PolicyBytes => 2 << 20,
            Self::ReferenceBytes => 512,
            #[cfg(feature = "rego")]
            Self::RegoAttestations => 8,
            #[cfg(feature = "rego")]
            Self::RegoBytes => 64 << 10,
            #[cfg(feature = "rego")]
            Self::RegoCombinations => 256,
            #[cfg(feature = "rego")]
            Self::RegoMemory => 32 << 20,
            #[cfg(feature = "rego")]
            Self::RegoMessages => 256,
            #[cfg(feature = "rego")]
            Self::RegoModules => 8,
            #[cfg(feature = "rego")]
            Self::RegoNesting => REGO_STACK,
            #[cfg(feature = "rego")]
            Self::RegoSteps => 1_000_000,
            Self::RegexpSize => 128 << 10,
            Self::Relations => 8,
            Self::RequestBytes => 4 << 20,
            Self::Resources => 64,
            Self::Rules => 256,
            Self::SelectionElements => 64,
            Self::SignedBy => 64,
            Self::TrustRootParts => 32,
            Self::TrustRoots => 16,
            Self::Witnesses => 16,
        }
    }

    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::ManifestStatements => "limit.manifest-statements",
            Self::Alternatives => "limit.alternatives",
            Self::Builders => "limit.builders",
            Self::ConfigMaps => "limit.config-maps",
            Self::Conditions => "limit.conditions",
            Self::Properties => "limit.properties",
            Self::SignerNesting => "limit.signer-nesting",
            Self::Verifiers => "limit.verifiers",
            Self::Authorities => "limit.authorities",
            Self::CallBytes => "limit.call-bytes",
            Self::EvidencePieces => "limit.evidence-pieces",
            Self::Exceptions => "limit.exceptions",
            Self::FieldPaths => "limit.field-paths",
            Self::Identities => "limit.identities",
            Self::ImagePatterns => "limit.image-patterns",
            Self::IgnoredVulnerabilities => "limit.ignored-vulnerabilities",
            Self::Images => "limit.images",
            Self::IndexBytes => "limit.index-bytes",
            Self::IndexManifests => "limit.index-manifests",
            Self::JsonNesting => "limit.json-nesting",
            Self::Licenses => "limit.licenses",
            Self::Mirrors => "limit.mirrors",
            Self::NameBytes => "limit.name-bytes",
            Self::Packages => "limit.packages",
            Self::PatternBytes => "limit.pattern-bytes",
            Self::PolicyBytes => "limit.policy-bytes",
            Self::ReferenceBytes => "limit.reference-bytes",
            #[cfg(feature = "rego")]
            Self::RegoAttestations => "limit.rego-attestations",
            #[cfg(feature = "rego")]
            Self::RegoBytes => "limit.rego-bytes",
            #[cfg(feature = "rego")]
            Self::RegoCombinations => "limit.rego-combinations",
            #[cfg(feature = "rego")]
            Self::RegoMemory => "limit.rego-memory",
            #[cfg(feature = "rego")]
            Self::RegoMessages => "limit.rego-messages",
            #[cfg(feature = "rego")]
            Self::RegoModules => "limit.rego-modules",
            #[cfg(feature = "rego")]
            Self::RegoNesting => "limit.rego-nesting",
            #[cfg(feature = "rego")]
            Self::RegoSteps => "limit.rego-steps",
            Self::RegexpSize => "limit.regexp-size",
            Self::Relations => "limit.relations",
            Self::RequestBytes => "limit.request-bytes",
            Self::Resources => "limit.resources",
            Self::Rules => "limit.rules",
            Self::SelectionElements => "limit.selection-elements",
            Self::SignedBy => "limit.signed-by",
            Self::TrustRootParts => "limit.trust-root-parts",
            Self::TrustRoots => "limit.trust-roots",
            Self::Witnesses => "limit.witnesses",
        }
    }
}

/// Problems reported of one document. What lies beyond is left out: a document with so many is
/// refused either way.
pub(crate) const PROBLEMS: usize = 100;

/// Failing pieces of evidence listed under one rule.
pub(crate) const LISTED_EVIDENCE: usize = 32;

/// Characters of a text of foreign origin that are shown.
pub(crate) const SHOWN_CHARACTERS: usize = 256;

/// Warnings of one admission response; one more says how many were left out.
pub(crate) const WARNINGS: usize = 8;

/// Bytes of one warning. Kubernetes asks for no more.
pub(crate) const WARNING_BYTES: usize = 120;

/// Bytes of the message of one admission response.
pub(crate) const STATUS_MESSAGE_BYTES: usize = 1024;

/// Bytes of the compact form of a decision.
pub(crate) const COMPACT_BYTES: usize = 4000;

/// Seconds before the end of an exception from which on decisions warn of it: 14 days.
pub(crate) const EXCEPTION_ENDS_SOON: u64 = 14 * 86_400;

/// Messages of one `deny` in Rego that are shown.
#[cfg(feature = "rego")]
pub(crate) const REGO_MESSAGES: usize = 8;

/// Bytes of the stack for one evaluation of Rego. Frames of unoptimised code for the machine itself are
/// several times as large as those of the module.
#[cfg(feature = "rego")]
const REGO_STACK: usize = if cfg!(target_family = "wasm") {
    128 << 10
} else {
    768 << 10
};
