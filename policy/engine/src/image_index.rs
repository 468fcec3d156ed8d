//! Image indexes: what evidence may be about instead of the admitted digest.
//!
//! Follows the image index of <https://github.com/opencontainers/image-spec> and the manifest list
//! of Docker. The bytes come from the host and prove themselves by their SHA-256.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use sealstone_verify::json::{Value, parse};
use sealstone_verify::{ArtifactDigest, DigestAlgorithm};
use sha2::{Digest as _, Sha256};

use crate::document::Subjects;
use crate::limits::Limit;

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// Media types under which a host brings an index.
pub(crate) fn is_index(media_type: &str) -> bool {
    media_type == OCI_INDEX || media_type == DOCKER_LIST
}

/// What evidence may be about instead of the admitted digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// This index. It lists the admitted manifest, so whoever signed it signed that too.
    Index(ArtifactDigest),
    /// Every one of these manifests. The admitted index lists them and nothing else that runs.
    Platforms(Vec<ArtifactDigest>),
}

/// Why an index does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexError {
    /// A limit was reached.
    LimitExceeded(Limit),
    /// Not an index, or one of which it is not certain how runtimes read it.
    Malformed,
    /// The index lists another index.
    Nested,
    /// The policy lets evidence of this kind count for nothing else than its own subject.
    NotAllowed,
    /// The index is not the admitted image and does not list it.
    Unrelated,
}

impl IndexError {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::LimitExceeded(limit) => limit.code(),
            Self::Malformed => "image.index-malformed",
            Self::Nested => "image.index-nested",
            Self::NotAllowed => "image.index-not-allowed",
            Self::Unrelated => "image.index-unrelated",
        }
    }
}

impl core::fmt::Display for IndexError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::LimitExceeded(_) => "the image index is larger than allowed",
            Self::Malformed => "not a well-formed image index",
            Self::Nested => "the image index lists another index",
            Self::NotAllowed => {
                "`images.subjects` of the policy does not allow this image index to count"
            }
            Self::Unrelated => "the image index is not the admitted image and does not list it",
        })
    }
}

/// Reads an index that was brought for an image, and says what follows from it.
///
/// # Errors
/// See [`IndexError`]. The index then counts for nothing; what else was brought is not touched.
pub(crate) fn subject(
    content: &[u8],
    admitted: &ArtifactDigest,
    allowed: Subjects,
) -> Result<Subject, IndexError> {
    if content.len() > Limit::IndexBytes.value() {
        return Err(IndexError::LimitExceeded(Limit::IndexBytes));
    }
    let own = ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &Sha256::digest(content))
        .map_err(|_| IndexError::Malformed)?;
    let manifests = Manifest::read_all(content)?;
    let (subject, allowed) = if own == *admitted {
        let mut digests: Vec<ArtifactDigest> = Vec::new();
        for manifest in manifests {
            if manifest.nested {
                return Err(IndexError::Nested);
            }
            if manifest.runs && !digests.contains(&manifest.digest) {
                digests.push(manifest.digest);
            }
        }
        if digests.is_empty() {
            return Err(IndexError::Malformed);
        }
        (Subject::Platforms(digests), allowed.platforms)
    } else {
        let lists =
            |manifest: &Manifest| manifest.digest == *admitted && manifest.runs && !manifest.nested;
        if !manifests.iter().any(lists) {
            return Err(IndexError::Unrelated);
        }
        (Subject::Index(own), allowed.index)
    };
    allowed.then_some(subject).ok_or(IndexError::NotAllowed)
}

/// What an index lists.
struct Manifest {
    digest: ArtifactDigest,
    nested: bool,
    /// False for what no runtime takes for an image, such as the attestations of BuildKit.
    runs: bool,
}

impl Manifest {
    fn read_all(content: &[u8]) -> Result<Vec<Self>, IndexError> {
        let index =
            parse(content, Limit::JsonNesting.value()).map_err(|_| IndexError::Malformed)?;
        let members = index.as_object().ok_or(IndexError::Malformed)?;
        let media_type = members.get("mediaType");
        // A document that is an index to one reader and an image manifest to another.
        let ambiguous = ["config", "layers", "fsLayers"];
        let well_formed = members.get("schemaVersion").and_then(Value::as_u64) == Some(2)
            && media_type.is_none_or(|kind| kind.as_str().is_some_and(is_index))
            && !ambiguous.iter().any(|name| members.contains_key(*name));
        let manifests = members.get("manifests").and_then(Value::as_array);
        let manifests = manifests
            .filter(|_| well_formed)
            .ok_or(IndexError::Malformed)?;
        if manifests.len() > Limit::IndexManifests.value() {
            return Err(IndexError::LimitExceeded(Limit::IndexManifests));
        }
        let mut read = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            read.push(Self::read(manifest).ok_or(IndexError::Malformed)?);
        }
        Ok(read)
    }

    fn read(value: &Value) -> Option<Self> {
        let platform = |name| value.at(&["platform", name]).and_then(Value::as_str);
        let unknown = |name| platform(name) == Some("unknown");
        Some(Self {
            digest: value.get("digest")?.as_str()?.parse().ok()?,
            nested: is_index(value.get("mediaType")?.as_str()?),
            // Without a platform the runtime looks into the image itself, so it may run.
            runs: !(unknown("os") && unknown("architecture")),
        })
    }
}
