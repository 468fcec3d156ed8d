//! Pieces of evidence as a carrier and a ConfigMap hold them: a JSON array, each element either a
//! Sigstore bundle or `{"mediaType", "content", "annotations"?}` with the content in base64.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_engine::Evidence;
use sealstone_engine::json::Value;

use crate::gap::{Gap, Unavailable};
use crate::limits::PIECES;

/// Media types of Sigstore bundles begin with this.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// The media type of a bundle that names none.
const ANY_BUNDLE: &str = "application/vnd.dev.sigstore.bundle+json";

/// Reads the array.
pub(crate) fn read(pieces: &Value) -> Result<Vec<Evidence>, Gap> {
    let malformed = Gap::Unavailable(Unavailable::CarrierMalformed);
    let pieces = pieces.as_array().ok_or(malformed)?;
    if pieces.len() > PIECES {
        return Err(Gap::Unavailable(Unavailable::Pieces));
    }
    let mut read = Vec::with_capacity(pieces.len());
    for piece in pieces {
        read.push(piece_of(piece).ok_or(malformed)?);
    }
    Ok(read)
}

/// The annotations of a descriptor; `None` unless all of them are texts.
pub(crate) fn annotations(descriptor: &Value) -> Option<BTreeMap<String, String>> {
    let mut annotations = BTreeMap::new();
    match descriptor.get("annotations") {
        None | Some(Value::Null) => {}
        Some(found) => {
            for (name, value) in found.as_object()? {
                annotations.insert(name.clone(), value.as_str()?.to_string());
            }
        }
    }
    Some(annotations)
}

fn piece_of(piece: &Value) -> Option<Evidence> {
    let members = piece.as_object()?;
    let media_type = match members.get("mediaType") {
        None => ANY_BUNDLE,
        Some(media_type) => media_type.as_str()?,
    };
    let Some(content) = members.get("content") else {
        let media_type = match media_type.starts_with(BUNDLE) {
            true => media_type,
            false => ANY_BUNDLE,
        };
        return Some(Evidence {
            media_type: media_type.to_string(),
            // What is signed stands in it in base64; how the rest is written decides nothing.
            content: piece.to_canonical_string().into_bytes(),
            annotations: BTreeMap::new(),
        });
    };
    Some(Evidence {
        media_type: media_type.to_string(),
        content: STANDARD.decode(content.as_str()?).ok()?,
        annotations: annotations(piece)?,
    })
}
