//! Requests: which images are to be decided.
//!
//! The raw form: `{"images": [{"reference": "ghcr.io/o/r:v1", "digest": "sha256:…"}]}`. The digest
//! may stand in the reference too; where both have one, they must be the same.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::ArtifactDigest;
use sealstone_verify::json::Value;

use crate::Problem;
use crate::image_reference::ImageReference;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::{Document, Reader};

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

/// An image of a request, read.
#[derive(Debug)]
pub(crate) struct RequestedImage {
    /// As the request has it.
    pub(crate) text: String,
    /// In its normal form.
    pub(crate) reference: ImageReference,
    /// From the request or the reference.
    pub(crate) digest: Option<ArtifactDigest>,
}

/// Reads a request. Images that it names twice are returned once.
pub(crate) fn read(request: &[u8]) -> Result<Vec<RequestedImage>, Problem> {
    let mut reader = Reader::new(Document::Request);
    let images = read_images(&mut reader, request).unwrap_or_default();
    match reader.problems.into_first() {
        Some(problem) => Err(problem),
        None => Ok(images),
    }
}

fn read_images(reader: &mut Reader, request: &[u8]) -> Option<Vec<RequestedImage>> {
    let root = Path::ROOT;
    let value = reader.parse(request, Limit::RequestBytes)?;
    let members = reader.object(&value, &root, &["images"])?;
    let items = reader.required_list(members, "images", &root, Limit::Images)?;
    let list = root.member("images");
    let mut images: Vec<RequestedImage> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Some(image) = read_image(reader, item, &list.index(index)) else {
            continue;
        };
        let known = images
            .iter()
            .any(|other| other.text == image.text && other.digest == image.digest);
        if !known {
            images.push(image);
        }
    }
    Some(images)
}

fn read_image(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<RequestedImage> {
    let members = reader.object(value, path, &["reference", "digest"])?;
    let text = reader.required_text(members, "reference", path)?;
    let reference = match ImageReference::parse(text) {
        Ok(reference) => reference,
        Err(error) => {
            reader
                .problems
                .push(error.code(), &path.member("reference"), format!("{error}"));
            return None;
        }
    };
    let digest = match members.get("digest") {
        Some(value) => Some(read_digest(reader, value, &path.member("digest"))?),
        None => None,
    };
    let digest = match (digest, reference.digest()) {
        (Some(digest), Some(in_reference)) if digest != *in_reference => {
            reader.problems.push(
                "request.digest-mismatch",
                &path.member("digest"),
                "the digest is not the one in the reference".into(),
            );
            return None;
        }
        (digest, in_reference) => digest.or_else(|| in_reference.cloned()),
    };
    Some(RequestedImage {
        text: text.to_string(),
        reference,
        digest,
    })
}

fn read_digest(reader: &mut Reader, value: &Value, path: &Path<'_>) -> Option<ArtifactDigest> {
    match reader.text(value, path)?.parse() {
        Ok(digest) => Some(digest),
        Err(_) => {
            reader.problems.push(
                "request.digest-malformed",
                path,
                "a digest is `sha256:` and 64 lower-case hexadecimal digits".into(),
            );
            None
        }
    }
}

impl From<&RequestedImage> for ImageRequest {
    fn from(image: &RequestedImage) -> Self {
        Self {
            reference: image.text.clone(),
            digest: image.digest.as_ref().map(ToString::to_string),
        }
    }
}
