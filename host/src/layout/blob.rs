//! Reading blobs by descriptor.

use serde::de::DeserializeOwned;

use super::document::Descriptor;
use super::{Layout, LayoutError};
use crate::digest::Digest;
use crate::file::{self, Kind, ReadError};
use crate::limits::Limit;

impl Layout {
    /// Reads the blob of a descriptor. Its size and digest are those of the descriptor.
    pub(super) fn blob(
        &self,
        descriptor: &Descriptor,
        limit: Limit,
        maximum: usize,
    ) -> Result<Vec<u8>, LayoutError> {
        let digest = digest(descriptor)?;
        let size = usize::try_from(descriptor.size).unwrap_or(usize::MAX);
        if size > maximum {
            return Err(LayoutError::Limit { limit, maximum });
        }
        let path = self
            .folder
            .join("blobs")
            .join("sha256")
            .join(digest.hex().to_string());
        let content =
            file::read(&path, Kind::Regular, limit, size).map_err(|error| match error {
                ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    LayoutError::BlobMissing { digest }
                }
                ReadError::TooLarge { .. } => LayoutError::SizeMismatch { digest },
                other => LayoutError::BlobUnreadable {
                    digest,
                    reason: other.into_io(),
                },
            })?;
        if content.len() != size {
            return Err(LayoutError::SizeMismatch { digest });
        }
        if Digest::of(&content) != digest {
            return Err(LayoutError::DigestMismatch { digest });
        }
        Ok(content)
    }

    /// Reads a manifest or an image index.
    pub(super) fn document<T: DeserializeOwned>(
        &self,
        descriptor: &Descriptor,
    ) -> Result<T, LayoutError> {
        let maximum = self.limits.manifest_bytes;
        let content = self.blob(descriptor, Limit::ManifestBytes, maximum)?;
        serde_json::from_slice(&content).map_err(|reason| LayoutError::ManifestMalformed {
            digest: Digest::of(&content),
            reason,
        })
    }
}

/// The digest of a descriptor.
pub(super) fn digest(descriptor: &Descriptor) -> Result<Digest, LayoutError> {
    descriptor.digest.parse().map_err(LayoutError::Digest)
}
