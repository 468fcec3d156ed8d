//! Evidence as JSON: the Evidence document, the array of images in it, and the pieces of one image.
//!
//! ```json
//! {"apiVersion": "sealstone.dev/v1alpha1", "kind": "Evidence", "images": [
//!     {"reference": "ghcr.io/o/r:v1", "digest": "sha256:…", "evidence": [
//!         {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "content": "e30="}]}]}
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_verify::json::{Map, Value};

use super::{BUNDLE_PREFIX, Evidence, ImageEvidence};
use crate::API_VERSION;
use crate::limits::Limit;
use crate::problem::{Path, Problem};
use crate::reader::{Document, Reader};

const KIND: &str = "Evidence";

impl ImageEvidence {
    /// Reads an Evidence document, or the array that is its `images`.
    ///
    /// # Errors
    /// Every [`Problem`] of the document at once, sorted by path.
    pub fn list_from_json(document: &[u8]) -> Result<Vec<Self>, Vec<Problem>> {
        read_whole(document, |reader, value| {
            let root = Path::ROOT;
            if value.as_array().is_some() {
                return read_array(reader, value, &root, read_image);
            }
            let members = reader.object(value, &root, &["apiVersion", "kind", "images"])?;
            for (field, expected) in [("apiVersion", API_VERSION), ("kind", KIND)] {
                let found = reader.required_text(members, field, &root);
                if found.is_some_and(|found| found != expected) {
                    reader.problems.push(
                        "evidence-document.version-unknown",
                        &root.member(field),
                        format!("evidence of another version or kind; allowed: {expected}"),
                    );
                }
            }
            let images = reader.required(members, "images", &root)?;
            read_array(reader, images, &root.member("images"), read_image)
        })
    }
}

impl Evidence {
    /// Reads the pieces of one image: an array of Sigstore bundles (objects) and of
    /// `{"mediaType", "content", "annotations"?}` with `content` in base64.
    ///
    /// The bytes of a bundle that stands there as an object are its canonical JSON. What is signed
    /// stands inside it as base64 and is not touched.
    ///
    /// # Errors
    /// Every [`Problem`] of the document at once, sorted by path.
    pub fn list_from_json(document: &[u8]) -> Result<Vec<Self>, Vec<Problem>> {
        read_whole(document, read_pieces)
    }

    /// The same for an array that was read as JSON already.
    ///
    /// # Errors
    /// As for [`Self::list_from_json`].
    pub fn list_from_value(document: &Value) -> Result<Vec<Self>, Vec<Problem>> {
        let mut reader = Reader::new(Document::Evidence);
        let read = read_pieces(&mut reader, document);
        unless_problems(reader, read)
    }
}

fn read_pieces(reader: &mut Reader, value: &Value) -> Option<Vec<Evidence>> {
    read_array(reader, value, &Path::ROOT, |reader, value, path| {
        if value.get("content").is_some() {
            read_piece(reader, value, path)
        } else {
            read_bundle(reader, value, path)
        }
    })
}

fn read_whole<T>(
    document: &[u8],
    read: impl FnOnce(&mut Reader, &Value) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let mut reader = Reader::new(Document::Evidence);
    let value = reader.parse(document, Limit::CallBytes);
    let read = value.and_then(|value| read(&mut reader, &value));
    unless_problems(reader, read)
}

fn unless_problems<T>(reader: Reader, read: Option<T>) -> Result<T, Vec<Problem>> {
    match read {
        Some(read) if reader.problems.is_empty() => Ok(read),
        _ => Err(reader.problems.into_sorted()),
    }
}

/// Reads an array that may be empty. Its length is bounded by the bytes of the document.
pub(crate) fn read_array<T>(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    read: impl Fn(&mut Reader, &Value, &Path<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(items) = value.as_array() else {
        reader.wrong_type(path, "an array");
        return None;
    };
    let mut found = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        found.extend(read(reader, item, &path.index(index)));
    }
    Some(found)
}

/// Reads what the host brought for one image.
pub(crate) fn read_image(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<ImageEvidence> {
    let allowed = ["reference", "digest", "evidence", "unavailable"];
    read_image_with(reader, value, path, &allowed)
}

/// Reads evidence for one image that the object carries. That evidence could not be brought is for
/// the host alone to say.
pub(crate) fn read_carried_image(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<ImageEvidence> {
    read_image_with(reader, value, path, &["reference", "digest", "evidence"])
}

fn read_image_with(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    allowed: &[&'static str],
) -> Option<ImageEvidence> {
    let members = reader.object(value, path, allowed)?;
    let reference = reader.required_text(members, "reference", path)?;
    let digest = match members.get("digest") {
        Some(digest) => reader.text(digest, &path.member("digest"))?,
        None => "",
    };
    let evidence = match members.get("evidence") {
        Some(evidence) => read_array(reader, evidence, &path.member("evidence"), read_piece)?,
        None => Vec::new(),
    };
    let unavailable = match members.get("unavailable") {
        Some(reason) => Some(
            reader
                .text(reason, &path.member("unavailable"))?
                .to_string(),
        ),
        None => None,
    };
    Some(ImageEvidence {
        reference: reference.to_string(),
        digest: digest.to_string(),
        evidence,
        unavailable,
    })
}

/// Reads a Sigstore bundle that stands in a document as an object.
pub(crate) fn read_bundle(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Evidence> {
    let Some(members) = value.as_object() else {
        reader.wrong_type(path, "a Sigstore bundle, an object");
        return None;
    };
    let media_type = reader.required_text(members, "mediaType", path)?;
    if !media_type.starts_with(BUNDLE_PREFIX) {
        reader.wrong_type(
            &path.member("mediaType"),
            "the media type of a Sigstore bundle",
        );
        return None;
    }
    Some(Evidence {
        media_type: media_type.to_string(),
        content: value.to_canonical_string().into_bytes(),
        annotations: Map::new(),
    })
}

fn read_piece(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<Evidence> {
    let members = reader.object(value, path, &["mediaType", "content", "annotations"])?;
    let media_type = reader.required_text(members, "mediaType", path)?;
    let content = reader.required(members, "content", path)?;
    let content_path = path.member("content");
    let Some(content) = content.as_str() else {
        reader.wrong_type(&content_path, "a string");
        return None;
    };
    let Ok(content) = STANDARD.decode(content) else {
        reader.wrong_type(&content_path, "base64 (RFC 4648, section 4, padded)");
        return None;
    };
    let annotations = match members.get("annotations") {
        Some(value) => read_annotations(reader, value, &path.member("annotations"))?,
        None => Map::new(),
    };
    Some(Evidence {
        media_type: media_type.to_string(),
        content,
        annotations,
    })
}

fn read_annotations(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<Map<String, String>> {
    let Some(members) = value.as_object() else {
        reader.wrong_type(path, "an object");
        return None;
    };
    let mut annotations = Map::new();
    for (name, value) in members {
        let Some(value) = value.as_str() else {
            reader.wrong_type(path, "an object of strings");
            return None;
        };
        annotations.insert(name.clone(), value.to_string());
    }
    Some(annotations)
}
