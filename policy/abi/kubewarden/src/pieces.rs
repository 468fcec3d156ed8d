//! Pieces of evidence in what the host gives.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_engine::Evidence;
use sealstone_engine::json::{Map, Value};

use crate::gap::Unavailable;
use crate::limits::PIECES;

/// Reads the array that a carrier and a ConfigMap hold.
pub(crate) fn read(pieces: &Value) -> Result<Vec<Evidence>, Unavailable> {
    if pieces
        .as_array()
        .is_some_and(|pieces| pieces.len() > PIECES)
    {
        return Err(Unavailable::Pieces);
    }
    Evidence::list_from_value(pieces).map_err(|_| Unavailable::CarrierMalformed)
}

/// The annotations of a descriptor; `None` unless all of them are texts.
pub(crate) fn annotations(descriptor: &Value) -> Option<Map<String, String>> {
    let mut annotations = Map::new();
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
