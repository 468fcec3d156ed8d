//! The Evidence document, as far as its form goes. What the pieces prove is for the module to say.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::cli::error::Error;

const API_VERSION: &str = "sealstone.dev/v1alpha1";
const KIND: &str = "Evidence";

/// The images of an Evidence document.
pub(super) fn images(path: &Path, text: &[u8]) -> Result<Value, Error> {
    let refused = |code, reason: &str| {
        Error::usage(code, format!("the evidence `{}`: {reason}", path.display()))
    };
    let malformed =
        |error: serde_json::Error| refused("evidence-document.malformed", &error.to_string());
    let document: Document = serde_json::from_slice(text).map_err(malformed)?;
    for (found, expected) in [(&document.api_version, API_VERSION), (&document.kind, KIND)] {
        if found != expected {
            let reason = format!("another version or kind; allowed: {expected}");
            return Err(refused("evidence-document.version-unknown", &reason));
        }
    }
    let images: Vec<Image> = serde_json::from_value(document.images.clone()).map_err(malformed)?;
    for piece in images.iter().flat_map(|image| &image.evidence) {
        if STANDARD.decode(&piece.content).is_err() {
            let reason = "`content` is base64 (RFC 4648, section 4, padded)";
            return Err(refused("evidence-document.wrong-type", reason));
        }
    }
    Ok(document.images)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    api_version: String,
    kind: String,
    images: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only the form is read")]
struct Image {
    reference: String,
    digest: Option<String>,
    #[serde(default)]
    evidence: Vec<Piece>,
    unavailable: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only the form is read")]
struct Piece {
    media_type: String,
    content: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}
