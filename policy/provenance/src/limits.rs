//! Every limit on what a predicate may hold.
//!
//! The bytes of the whole predicate are bounded where the evidence is read.

/// Materials or resolved dependencies of one predicate.
pub(crate) const DEPENDENCIES: usize = 4096;

/// Bytes of one URI, identifier or time.
pub(crate) const TEXT_BYTES: usize = 4096;

/// A limit by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// Materials or resolved dependencies of one predicate: 4096.
    ProvenanceDependencies,
    /// Bytes of one URI, identifier or time: 4096.
    ProvenanceTextBytes,
}

impl Limit {
    /// The stable code of a rejection by this limit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ProvenanceDependencies => "limit.provenance-dependencies",
            Self::ProvenanceTextBytes => "limit.provenance-text-bytes",
        }
    }
}
