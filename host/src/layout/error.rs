//! What can be wrong with a layout.

use std::io;

use super::select::Candidate;
use crate::digest::{Digest, DigestError};
use crate::limits::Limit;
use crate::oci::carrier::CarrierError;
use crate::oci::collect::Problem;

/// What is wrong with a layout.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// More than one image fits.
    #[error("the layout has {} images that fit", .candidates.len())]
    Ambiguous {
        /// The images.
        candidates: Vec<Candidate>,
    },
    /// A blob is not in the layout.
    #[error("the blob {digest} is not in the layout")]
    BlobMissing {
        /// The digest of the blob.
        digest: Digest,
    },
    /// A blob cannot be read.
    #[error("the blob {digest} cannot be read: {reason}")]
    BlobUnreadable {
        /// The digest of the blob.
        digest: Digest,
        /// Why.
        reason: io::Error,
    },
    /// A carrier cannot be read.
    #[error("the carrier with the configuration {digest} cannot be read: {reason}")]
    CarrierMalformed {
        /// The digest of its configuration.
        digest: Digest,
        /// What is wrong.
        reason: CarrierError,
    },
    /// A descriptor has a digest that cannot be used.
    #[error("a descriptor is unusable: {0}")]
    Digest(DigestError),
    /// A blob is not what its digest says.
    #[error("the content of the blob {digest} has another digest")]
    DigestMismatch {
        /// The digest that it should have.
        digest: Digest,
    },
    /// A limit was hit.
    #[error("the layout goes beyond the limit of {maximum} {limit}")]
    Limit {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
    /// `oci-layout` or `index.json` is malformed.
    #[error("the file `{file}` of the layout is malformed: {reason}")]
    Malformed {
        /// The file.
        file: &'static str,
        /// What is wrong.
        reason: serde_json::Error,
    },
    /// A manifest or an image index is malformed.
    #[error("the manifest {digest} is malformed: {reason}")]
    ManifestMalformed {
        /// Its digest.
        digest: Digest,
        /// What is wrong.
        reason: serde_json::Error,
    },
    /// The folder is not an image layout.
    #[error("the folder is not an OCI image layout: its file `{file}` cannot be read: {reason}")]
    NotALayout {
        /// The file.
        file: &'static str,
        /// Why.
        reason: io::Error,
    },
    /// No image fits.
    #[error("the layout has no image that fits")]
    NotFound {
        /// The images that there are.
        candidates: Vec<Candidate>,
    },
    /// A blob has not the size that its descriptor says.
    #[error("the blob {digest} has another size than its descriptor says")]
    SizeMismatch {
        /// The digest of the blob.
        digest: Digest,
    },
    /// A layout of another version than 1.0.0.
    #[error("the layout has another version than 1.0.0")]
    VersionUnsupported,
}

/// Whose fault it is when the image itself cannot be had from a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The folder or the choice of the image is wrong: a usage error.
    Usage,
    /// The image with this digest is not what the digest says: a denial.
    Rejected(Digest),
    /// The image with this digest could not be brought.
    Unavailable(Digest),
}

impl LayoutError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ambiguous { .. } => "layout.ambiguous",
            Self::BlobMissing { .. } => "layout.blob-missing",
            Self::BlobUnreadable { .. } => "layout.blob-unreadable",
            Self::CarrierMalformed { .. } => "carrier.malformed",
            Self::Digest(error) => error.code(),
            Self::DigestMismatch { .. } => "layout.digest-mismatch",
            Self::Limit { limit, .. } => limit.code(),
            Self::Malformed { .. } => "layout.malformed",
            Self::ManifestMalformed { .. } => "layout.manifest-malformed",
            Self::NotALayout { .. } => "layout.not-a-layout",
            Self::NotFound { .. } => "layout.image-not-found",
            Self::SizeMismatch { .. } => "layout.size-mismatch",
            Self::VersionUnsupported => "layout.version-unsupported",
        }
    }

    /// What it means when it keeps [`Layout::open`](super::Layout::open) or
    /// [`Layout::image`](super::Layout::image) from giving an image.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::DigestMismatch { digest } | Self::SizeMismatch { digest } => {
                Fault::Rejected(*digest)
            }
            Self::BlobMissing { digest } | Self::BlobUnreadable { digest, .. } => {
                Fault::Unavailable(*digest)
            }
            Self::Ambiguous { .. }
            | Self::CarrierMalformed { .. }
            | Self::Digest(_)
            | Self::Limit { .. }
            | Self::Malformed { .. }
            | Self::ManifestMalformed { .. }
            | Self::NotALayout { .. }
            | Self::NotFound { .. }
            | Self::VersionUnsupported => Fault::Usage,
        }
    }

    /// The images to choose from, where a choice is needed.
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Ambiguous { candidates } | Self::NotFound { candidates } => candidates,
            _ => &[],
        }
    }
}

impl From<Problem> for LayoutError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Carrier { digest, reason } => Self::CarrierMalformed { digest, reason },
            Problem::Digest(error) => Self::Digest(error),
            Problem::Limit { limit, maximum } => Self::Limit { limit, maximum },
            Problem::Malformed { digest, reason } => Self::ManifestMalformed { digest, reason },
        }
    }
}
