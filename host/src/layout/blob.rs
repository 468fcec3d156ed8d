//! Reading blobs by descriptor.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use super::document::Descriptor;
use super::{Layout, LayoutError};
use crate::digest::Digest;
use crate::file::{self, Kind, ReadError};
use crate::limits::Limit;

impl Layout {
    /// Reads the blob of a descriptor. Its size and digest are those of the descriptor.
    pub(crate) fn blob(
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
        let path = self.blob_path(&digest);
        let content =
            file::read(&path, Kind::Regular, limit, size).map_err(|error| match error {
                ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
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

    /// The file of the blob of a descriptor. Its size and digest are those of the descriptor.
    pub(crate) fn blob_file(&self, descriptor: &Descriptor) -> Result<PathBuf, LayoutError> {
        let digest = digest(descriptor)?;
        let path = self.blob_path(&digest);
        let unreadable = |reason: io::Error| match reason.kind() {
            io::ErrorKind::NotFound => LayoutError::BlobMissing { digest },
            _ => LayoutError::BlobUnreadable { digest, reason },
        };
        let metadata = std::fs::metadata(&path).map_err(unreadable)?;
        if !metadata.is_file() {
            let reason = io::Error::other("it is not a regular file");
            return Err(LayoutError::BlobUnreadable { digest, reason });
        }
        if metadata.len() != descriptor.size {
            return Err(LayoutError::SizeMismatch { digest });
        }
        let reader = BufReader::new(File::open(&path).map_err(unreadable)?);
        if Digest::of_reader(reader).map_err(unreadable)? != digest {
            return Err(LayoutError::DigestMismatch { digest });
        }
        Ok(path)
    }

    fn blob_path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex().to_string();
        self.folder.join("blobs").join("sha256").join(hex)
    }

    /// Reads the bytes of a manifest or an image index.
    pub(crate) fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, LayoutError> {
        let maximum = self.limits.manifest_bytes;
        self.blob(descriptor, Limit::ManifestBytes, maximum)
    }

    /// Reads a manifest or an image index.
    pub(crate) fn document<T: DeserializeOwned>(
        &self,
        descriptor: &Descriptor,
    ) -> Result<T, LayoutError> {
        let content = self.manifest(descriptor)?;
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
