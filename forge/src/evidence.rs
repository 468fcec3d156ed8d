//! What the forge makes: a blob with its media type and annotations, as a registry holds it.

use alloc::collections::BTreeMap;

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The media type of the layer.
    pub media_type: String,
    /// The blob.
    pub content: Vec<u8>,
    /// The annotations of the layer; empty for bundles.
    pub annotations: BTreeMap<String, String>,
}

/// Media type of Sigstore bundles of version 0.3.
pub const BUNDLE_V03_MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// Media type of legacy attestation layers.
pub const DSSE_MEDIA_TYPE: &str = "application/vnd.dsse.envelope.v1+json";

/// Media type of legacy signature layers.
pub const SIMPLE_SIGNING_MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
