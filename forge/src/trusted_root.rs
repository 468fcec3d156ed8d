//! Parts of a trusted root file (protobuf-specs `sigstore_trustroot.proto`).

use serde_json::{Value, json};

use crate::certificate_authority::valid_for;
use crate::encoding::base64;
use crate::key::KeyPair;
use crate::time::ValidFor;

/// The version of a trusted root's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrustedRootVersion {
    /// `application/vnd.dev.sigstore.trustedroot+json;version=0.1`
    V01,
    /// `application/vnd.dev.sigstore.trustedroot.v0.2+json`: adds operators, and the key ids of
    /// checkpoints.
    V02,
}

impl TrustedRootVersion {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::V01 => "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            Self::V02 => "application/vnd.dev.sigstore.trustedroot.v0.2+json",
        }
    }
}

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

/// Sets `operator` of everything in a trusted root.
pub(crate) fn set_operator(root: &mut Value, operator: &str) {
    for list in [
        "tlogs",
        "certificateAuthorities",
        "ctlogs",
        "timestampAuthorities",
    ] {
        for entry in root[list].as_array_mut().into_iter().flatten() {
            entry["operator"] = json!(operator);
        }
    }
}
