//! What a layout holds beside its image, to be put beside another one or to be changed.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{DSSE_MEDIA_TYPE, Evidence, Image, ImageLayout, SIMPLE_SIGNING_MEDIA_TYPE};
use serde_json::Value;

/// The only piece of evidence in a layout.
pub(crate) fn only(layout: &Path) -> Result<Evidence> {
    let index = read(&layout.join("index.json"))?;
    let mut found = Vec::new();
    collect(layout, &index, &mut found)?;
    ensure!(found.len() == 1, "{} pieces of evidence", found.len());
    found.pop().context("there is one")
}

/// Whether a layout holds a list of referrers under a tag.
pub(crate) fn has_tagged_referrers(layout: &Path) -> Result<bool> {
    let index = read(&layout.join("index.json"))?;
    Ok(list(&index, "manifests").any(|entry| {
        let media_type = entry.get("mediaType").and_then(Value::as_str);
        media_type == Some("application/vnd.oci.image.index.v1+json")
    }))
}

/// Writes a layout with an image and a piece of evidence.
pub(crate) fn beside(image: &Image, evidence: Evidence, folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(ImageLayout::new(image.clone())
        .evidence(evidence)
        .write(folder)?)
}

/// The same evidence with one more byte, a space, at the end of what is signed.
pub(crate) fn with_longer_payload(mut evidence: Evidence) -> Result<Evidence> {
    if evidence.media_type == SIMPLE_SIGNING_MEDIA_TYPE {
        evidence.content.push(b' ');
        return Ok(evidence);
    }
    let mut value: Value = serde_json::from_slice(&evidence.content)?;
    let path = if evidence.media_type == DSSE_MEDIA_TYPE {
        "/payload"
    } else {
        "/dsseEnvelope/payload"
    };
    let payload = value.pointer_mut(path).context("there is an envelope")?;
    let mut bytes = STANDARD.decode(payload.as_str().context("a payload is text")?)?;
    bytes.push(b' ');
    *payload = STANDARD.encode(bytes).into();
    evidence.content = serde_json::to_vec(&value)?;
    Ok(evidence)
}

fn collect(layout: &Path, document: &Value, found: &mut Vec<Evidence>) -> Result<()> {
    for entry in list(document, "manifests") {
        collect(layout, &blob(layout, entry)?, found)?;
    }
    for layer in list(document, "layers") {
        let media_type = layer.get("mediaType").and_then(Value::as_str);
        let media_type = media_type.context("a layer has a media type")?;
        if !is_evidence(media_type) {
            continue;
        }
        let annotations = layer.get("annotations").cloned();
        found.push(Evidence {
            media_type: media_type.to_owned(),
            content: std::fs::read(blob_path(layout, layer)?)?,
            annotations: annotations
                .map(serde_json::from_value)
                .transpose()?
                .unwrap_or_default(),
        });
    }
    Ok(())
}

fn is_evidence(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.dev.sigstore.bundle")
        || [DSSE_MEDIA_TYPE, SIMPLE_SIGNING_MEDIA_TYPE].contains(&media_type)
}

fn list<'a>(document: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = document.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn blob(layout: &Path, descriptor: &Value) -> Result<Value> {
    read(&blob_path(layout, descriptor)?)
}

fn blob_path(layout: &Path, descriptor: &Value) -> Result<std::path::PathBuf> {
    let digest = descriptor.get("digest").and_then(Value::as_str);
    let digest = digest.context("a descriptor has a digest")?;
    Ok(layout.join("blobs").join(digest.replace(':', "/")))
}

fn read(path: &Path) -> Result<Value> {
    let content = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&content)?)
}
