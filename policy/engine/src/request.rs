//! Requests: which images are to be decided.

use alloc::string::String;

/// An image whose evidence is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "every ABI copies it field by field"
)]
pub struct ImageRequest {
    /// The reference as the request has it.
    pub reference: String,
    /// The digest of the image's manifest or index, as `algorithm:hex`. Without one the host
    /// resolves the tag and brings the digest with the evidence.
    pub digest: Option<String>,
}
