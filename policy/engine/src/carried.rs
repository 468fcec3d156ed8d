//! Evidence that the object under review or the policy carries, beside what the host brought.
//!
//! It proves itself like all other evidence. It never says which digest a tag stands for, and never
//! that evidence could not be brought: both are for the host to say.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use sealstone_verify::ArtifactDigest;
use sealstone_verify::json::{Map, Value};

use crate::ImageEvidence;
use crate::evidence::{read_array, read_bundle, read_carried_image};
use crate::limits::Limit;
use crate::problem::{Path, Problem};
use crate::reader::{Document, Reader};

/// The annotation of an object that carries evidence.
pub(crate) const ANNOTATION: &str = "sealstone.dev/evidence";

/// Whether a carried entry is about an image. One that names neither a reference nor a digest is
/// offered to every image; what it proves it says itself.
pub(crate) fn is_for(entry: &ImageEvidence, reference: &str, digest: &ArtifactDigest) -> bool {
    if entry.digest.is_empty() {
        entry.reference.is_empty() || entry.reference == reference
    } else {
        entry.digest == digest.to_string()
    }
}

/// Reads the annotation among the `annotations` of an object, whose path is given. What is wrong
/// with it is reported to `reader` under a code of the Evidence document.
pub(crate) fn read_annotation(
    reader: &mut Reader,
    annotations: &Map<String, Value>,
    path: &Path<'_>,
) -> Vec<ImageEvidence> {
    let Some(value) = annotations.get(ANNOTATION) else {
        return Vec::new();
    };
    let path = path.member(ANNOTATION);
    let Some(text) = reader.text(value, &path) else {
        return Vec::new();
    };
    let mut inside = Reader::new(Document::Evidence);
    let read = inside
        .parse(text.as_bytes(), Limit::RequestBytes)
        .and_then(|value| read_entries(&mut inside, &value));
    if let Some(problem) = inside.problems.into_first() {
        let place = match problem.path.as_str() {
            "" => String::new(),
            place => format!("; at `{place}` of the annotation"),
        };
        reader.problems.add(Problem {
            path: path.pointer(),
            code: problem.code,
            message: format!("{}{place}", problem.message),
        });
        return Vec::new();
    }
    read.unwrap_or_default()
}

/// Reads an array of images, or an array of bundles.
fn read_entries(reader: &mut Reader, value: &Value) -> Option<Vec<ImageEvidence>> {
    let root = Path::ROOT;
    let first = value.as_array().and_then(<[Value]>::first);
    if first.is_some_and(|first| first.get("mediaType").is_some()) {
        let everywhere = ImageEvidence {
            evidence: read_array(reader, value, &root, read_bundle)?,
            ..ImageEvidence::default()
        };
        return Some(vec![everywhere]);
    }
    read_array(reader, value, &root, read_carried_image)
}

/// Reads an element of the `evidence` of a policy.
pub(crate) fn read_of_policy(
    reader: &mut Reader,
    value: &Value,
    path: &Path<'_>,
) -> Option<ImageEvidence> {
    let members = reader.object(value, path, &["digest", "bundles"])?;
    let digest = reader.required_text(members, "digest", path)?;
    if digest.parse::<ArtifactDigest>().is_err() {
        reader.problems.push(
            "policy.digest-malformed",
            &path.member("digest"),
            "a digest is `sha256:` and 64 lower-case hexadecimal digits".into(),
        );
    }
    let bundles = reader.required_list(members, "bundles", path, Limit::EvidencePieces)?;
    let list = path.member("bundles");
    let mut evidence = Vec::with_capacity(bundles.len());
    for (index, bundle) in bundles.iter().enumerate() {
        evidence.extend(read_bundle(reader, bundle, &list.index(index)));
    }
    Some(ImageEvidence {
        digest: digest.to_string(),
        evidence,
        ..ImageEvidence::default()
    })
}
