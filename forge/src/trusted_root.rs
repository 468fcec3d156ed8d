//! Parts of a trusted root file (protobuf-specs `sigstore_trustroot.proto`).

use serde_json::{Value, json};

use crate::certificate_authority::valid_for;
use crate::encoding::base64;
use crate::key::KeyPair;
use crate::time::ValidFor;

/// The media type of trusted roots.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";

/// `TransparencyLogInstance`.
pub(crate) fn log_entry(base_url: &str, key: &KeyPair, id: &[u8], window: ValidFor) -> Value {
    json!({
        "baseUrl": base_url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": base64(key.public_key_der()),
            "keyDetails": key.details().name(),
            "validFor": valid_for(window),
        },
        "logId": {"keyId": base64(id)},
    })
}
