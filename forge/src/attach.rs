//! Evidence for an image of a layout that is there already.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::evidence::{DSSE_MEDIA_TYPE, Evidence, SIMPLE_SIGNING_MEDIA_TYPE};
use crate::json;
use crate::layout::{Blobs, layer_descriptor, legacy_descriptor, referrer_descriptor, write_files};

const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Adds evidence for the image with this digest (`sha256:…`) to the image layout in `folder`, as
/// cosign does in a registry: a legacy layer goes under the tag `sha256-<hex>.sig` or
/// `sha256-<hex>.att`, after those that are there; any other media type becomes a referrer.
///
/// # Errors
///
/// [`io::ErrorKind::NotFound`] if the layout does not list the image, neither itself nor as a
/// platform of an image index; [`io::ErrorKind::InvalidData`] if a document of the layout is
/// malformed; and whatever reading and writing files brings.
pub fn attach(folder: &Path, digest: &str, evidence: &Evidence) -> io::Result<()> {
    let mut index = read(&folder.join("index.json"))?;
    let subject = subject(folder, &index, digest)?;
    let mut blobs = Blobs::default();
    let hex = digest.trim_start_matches("sha256:");
    let added = match evidence.media_type.as_str() {
        SIMPLE_SIGNING_MEDIA_TYPE => {
            let tag = format!("sha256-{hex}.sig");
            legacy(folder, &mut index, evidence, ("sigs", &tag), &mut blobs)?
        }
        DSSE_MEDIA_TYPE => {
            let tag = format!("sha256-{hex}.att");
            legacy(folder, &mut index, evidence, ("atts", &tag), &mut blobs)?
        }
        _ => referrer_descriptor(evidence, &subject, &mut blobs),
    };
    entries_mut(&mut index)?.push(added);
    let mut files = blobs.0;
    files.insert("index.json".to_owned(), json::canonical(&index));
    write_files(folder, &files)
}

/// The manifest with the layers under a tag and one more. The entry with the tag is taken away.
fn legacy(
    folder: &Path,
    index: &mut Value,
    evidence: &Evidence,
    (kind, tag): (&str, &str),
    blobs: &mut Blobs,
) -> io::Result<Value> {
    let entries = entries_mut(index)?;
    let tagged = entries
        .iter()
        .position(|entry| entry["annotations"][REF_NAME] == tag);
    let mut layers = match tagged {
        Some(position) => {
            let manifest = blob(folder, &entries.remove(position))?;
            manifest["layers"].as_array().cloned().unwrap_or_default()
        }
        None => Vec::new(),
    };
    layers.push(layer_descriptor(evidence, blobs));
    let kind = format!("dev.cosignproject.cosign/{kind}");
    let mut descriptor = legacy_descriptor(layers, &kind, blobs);
    descriptor["annotations"][REF_NAME] = json!(tag);
    Ok(descriptor)
}

/// The descriptor of the image, without what the index says about it.
fn subject(folder: &Path, index: &Value, digest: &str) -> io::Result<Value> {
    let find = |index: &Value| {
        let entries = index["manifests"].as_array()?;
        let entry = entries.iter().find(|entry| entry["digest"] == digest)?;
        Some(json!({
            "mediaType": entry["mediaType"],
            "digest": entry["digest"],
            "size": entry["size"],
        }))
    };
    if let Some(found) = find(index) {
        return Ok(found);
    }
    for entry in index["manifests"].as_array().into_iter().flatten() {
        let kind = entry["mediaType"].as_str().unwrap_or_default();
        if (kind.ends_with(".index.v1+json") || kind.ends_with(".list.v2+json"))
            && let Some(found) = find(&blob(folder, entry)?)
        {
            return Ok(found);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!("the layout does not list {digest}"),
    ))
}

fn entries_mut(index: &mut Value) -> io::Result<&mut Vec<Value>> {
    index
        .get_mut("manifests")
        .and_then(Value::as_array_mut)
        .ok_or_else(|| malformed("index.json lists no manifests"))
}

/// The document of a descriptor. Only hexadecimal digests become names of files.
fn blob(folder: &Path, descriptor: &Value) -> io::Result<Value> {
    let hex = descriptor["digest"]
        .as_str()
        .and_then(|digest| digest.strip_prefix("sha256:"))
        .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| malformed("a descriptor has no sha256 digest"))?;
    read(&folder.join("blobs/sha256").join(hex))
}

fn read(path: &Path) -> io::Result<Value> {
    serde_json::from_slice(&std::fs::read(path)?).map_err(malformed)
}

fn malformed(reason: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
