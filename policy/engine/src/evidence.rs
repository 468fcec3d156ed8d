//! What a host brings for an image. All of it is untrusted.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// One piece of evidence, exactly as the registry stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI builds it field by field"
)]
pub struct Evidence {
    /// Media type of the blob or layer.
    pub media_type: String,
    /// The bytes, unchanged.
    pub content: Vec<u8>,
    /// Annotations of the layer's descriptor. Unauthenticated.
    pub annotations: BTreeMap<String, String>,
}

/// What the host brought for one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI builds it field by field"
)]
pub struct ImageEvidence {
    /// The reference, as [`crate::CompiledPolicy::images`] returned it.
    pub reference: String,
    /// The digest, as [`crate::CompiledPolicy::images`] returned it or as the host resolved it.
    pub digest: String,
    /// The evidence. An empty list says: looked for, and there is none.
    pub evidence: Vec<Evidence>,
    /// Set when evidence could not be brought: why, for people.
    pub unavailable: Option<String>,
}
