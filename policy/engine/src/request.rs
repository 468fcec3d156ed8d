//! Requests: which images are to be decided.
//!
//! A request has one of three forms:
//!
//! - raw: `{"images": [{"reference": "ghcr.io/o/r:v1", "digest": "sha256:…"}]}`. The digest may stand
//!   in the reference too; where both have one, they must be the same. `namespace` and `labels` beside
//!   `images` say what the selections of a policy are held against;
//! - an `AdmissionReview` of `admission.k8s.io/v1`;
//! - the request inside such a review, by itself.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sealstone_verify::ArtifactDigest;
use sealstone_verify::json::Value;

use crate::admission::{self, Pass, Review};
use crate::document::{Admission, Context, Images};
use crate::image_reference::ImageReference;
use crate::limits::Limit;
use crate::problem::Path;
use crate::reader::{Document, Reader};
use crate::{ImageEvidence, Problem};

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

/// A request, read.
#[derive(Debug)]
pub(crate) struct Request {
    /// Where it came from.
    pub(crate) origin: Origin,
    /// What is to be decided, or what is wrong with the request.
    pub(crate) content: Result<Content, Problem>,
    /// The evidence that its object carries.
    pub(crate) carried: Vec<ImageEvidence>,
}

/// Where a request came from.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// The `uid` of an admission request, to be repeated in the response.
    pub(crate) uid: Option<String>,
    /// What the decision says about an admission request; `null` for the raw form.
    pub(crate) summary: Value,
}

/// What is to be decided.
#[derive(Debug)]
pub(crate) enum Content {
    /// These images, and what selections are held against.
    Images(Vec<RequestedImage>, Context),
    /// Nothing: the request passes.
    Passes(Pass),
}

/// An image of a request, read.
#[derive(Debug)]
pub(crate) struct RequestedImage {
    /// As the request has it.
    pub(crate) text: String,
    /// The name under which rules see it, in its normal form.
    pub(crate) reference: ImageReference,
    /// Whether that is the name at the source of a mirror.
    pub(crate) is_mirrored: bool,
    /// Whether the reference itself names a digest.
    is_pinned: bool,
    /// From the request or the reference.
    pub(crate) digest: Option<ArtifactDigest>,
    /// Where it is to be replaced by a reference with a digest: JSON pointers within the object.
    pub(crate) places: Vec<String>,
}

/// Reads a request. Images that it names twice are returned once.
pub(crate) fn read(request: &[u8], images: &Images, admission: &Admission) -> Request {
    let mut reader = Reader::new(Document::Request);
    let value = reader.parse(request, Limit::RequestBytes);
    read_parsed(reader, value.as_ref(), images, admission)
}

/// Reads a request that is JSON already.
pub(crate) fn read_value(request: &Value, images: &Images, admission: &Admission) -> Request {
    let reader = Reader::new(Document::Request);
    read_parsed(reader, Some(request), images, admission)
}

fn read_parsed(
    mut reader: Reader,
    request: Option<&Value>,
    images: &Images,
    admission: &Admission,
) -> Request {
    let mut origin = Origin::default();
    let mut carried = Vec::new();
    let beside = (&mut origin, &mut carried);
    let content =
        request.and_then(|value| read_content(&mut reader, value, images, admission, beside));
    let content = match (reader.problems.into_first(), content) {
        (Some(problem), _) => Err(problem),
        (None, Some(content)) => Ok(content),
        // What cannot be read has been reported; nothing is allowed either way.
        (None, None) => Ok(Content::Images(Vec::new(), Context::default())),
    };
    Request {
        origin,
        content,
        carried,
    }
}

fn read_content(
    reader: &mut Reader,
    value: &Value,
    images: &Images,
    admission: &Admission,
    beside: (&mut Origin, &mut Vec<ImageEvidence>),
) -> Option<Content> {
    let root = Path::ROOT;
    let is_raw = value.get("images").is_some();
    if !is_raw && (value.get("request").is_some() || value.get("kind").is_some_and(is_review)) {
        for (field, expected) in [
            ("apiVersion", "admission.k8s.io/v1"),
            ("kind", "AdmissionReview"),
        ] {
            if value.get(field).and_then(Value::as_str) != Some(expected) {
                let message = format!("a review of another version or kind; allowed: {expected}");
                let code = "request.version-unknown";
                reader.problems.push(code, &root.member(field), message);
            }
        }
        let request = reader.required(value.as_object()?, "request", &root)?;
        let path = root.member("request");
        read_review(reader, request, &path, images, admission, beside)
    } else if !is_raw && value.get("operation").is_some() {
        read_review(reader, value, &root, images, admission, beside)
    } else {
        read_raw(reader, value, images)
    }
}

fn is_review(kind: &Value) -> bool {
    kind.as_str() == Some("AdmissionReview")
}

fn read_review(
    reader: &mut Reader,
    request: &Value,
    path: &Path<'_>,
    images: &Images,
    policy: &Admission,
    (origin, carried): (&mut Origin, &mut Vec<ImageEvidence>),
) -> Option<Content> {
    let mut review = Review::default();
    let read = admission::read(reader, request, path, policy, &mut review);
    origin.uid = review.uid;
    origin.summary = review.summary;
    read?;
    if let Some(pass) = review.passes {
        return Some(Content::Passes(pass));
    }
    *carried = review.carried;
    let mut found: Vec<RequestedImage> = Vec::new();
    for place in review.places {
        let pointer = place.pointer.get(review.object..).unwrap_or_default();
        let pointer = pointer.to_string();
        let known = found.iter_mut().find(|image| image.text == place.image);
        let image = match known {
            Some(known) => known,
            None => match ImageReference::parse(&place.image) {
                Ok(reference) => {
                    let digest = reference.digest().cloned();
                    found.push(RequestedImage::new(place.image, reference, digest, images));
                    found.last_mut()?
                }
                Err(error) => {
                    reader.problems.add(Problem {
                        path: place.pointer,
                        code: error.code(),
                        message: error.to_string(),
                    });
                    continue;
                }
            },
        };
        if !place.fixed {
            image.places.push(pointer);
        }
    }
    Some(Content::Images(found, review.context))
}

fn read_raw(reader: &mut Reader, value: &Value, policy: &Images) -> Option<Content> {
    let root = Path::ROOT;
    let members = reader.object(value, &root, &["images", "namespace", "labels"])?;
    let items = reader.required_list(members, "images", &root, Limit::Images)?;
    let list = root.member("images");
    let mut images: Vec<RequestedImage> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Some(image) = read_image(reader, item, &list.index(index), policy) else {
            continue;
        };
        let known = images
            .iter()
            .any(|other| other.text == image.text && other.digest == image.digest);
        if !known {
            images.push(image);
        }
    }
    let mut context = Context::default();
    if let Some(namespace) = members.get("namespace") {
        let namespace = reader.text(namespace, &root.member("namespace"));
        context.namespace = namespace.map(ToString::to_string);
    }
    if let Some(labels) = members.get("labels") {
        context.labels = admission::read_labels(reader, labels, &root.member("labels"));
    }
    Some(Content::Images(images, context))
}

fn read_image(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
    policy: &Images,
) -> Option<RequestedImage> {
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
    let text = text.to_string();
    Some(RequestedImage::new(text, reference, digest, policy))
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

impl RequestedImage {
    fn new(
        text: String,
        reference: ImageReference,
        digest: Option<ArtifactDigest>,
        policy: &Images,
    ) -> Self {
        let source = policy.source_of(&reference);
        Self {
            text,
            is_mirrored: source.is_some(),
            is_pinned: reference.digest().is_some(),
            reference: source.unwrap_or(reference),
            digest,
            places: Vec::new(),
        }
    }

    /// The reference that names the digest too; `None` where it names one already.
    pub(crate) fn pin(&self, digest: &ArtifactDigest) -> Option<String> {
        (!self.is_pinned).then(|| format!("{}@{digest}", self.text))
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
