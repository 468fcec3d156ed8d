//! Moving images between registries and layouts, with everything that belongs to them.
//!
//! What belongs to an image: its manifests and blobs, what refers to them, and what lies beside them
//! under tags of the form `sha256-<hex>.<suffix>`. Everything is named by its digest and hashed on its
//! way. A layout is written to its end or is none.

mod pull;
mod push;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::digest::Digest;
use crate::layout::{Layout, LayoutError, Selection};
use crate::limits::Limit;
use crate::oci::collect::Scope;
use crate::oci::document::Descriptor;
use crate::registry::{Image, Registry, RegistryError};

/// Nesting of image indexes that are followed.
const NESTING: usize = 4;

/// What is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Everything that belongs to the image.
    Everything,
    /// Manifests and evidence: no layers of the image.
    Evidence(Scope),
}

/// What was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The digest of the image.
    pub digest: Digest,
    /// Manifests and indexes that were written.
    pub manifests: usize,
    /// Blobs that were written. Those that were there already do not count.
    pub blobs: usize,
}

/// Why an image was not moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The name of the image has another digest than the image of the layout.
    #[error("the image of the layout has the digest {digest}, and the name another one")]
    DigestDiffers {
        /// The digest of the image.
        digest: Digest,
    },
    /// The layout.
    #[error("{0}")]
    Layout(#[from] LayoutError),
    /// Manifests that are nested too deeply, or too many of them.
    #[error("the image goes beyond the limit of {maximum} {limit}")]
    Limit {
        /// The limit that was hit.
        limit: Limit,
        /// Its value.
        maximum: usize,
    },
    /// The registry.
    #[error("{0}")]
    Registry(#[from] RegistryError),
    /// The layout cannot be written.
    #[error("the layout cannot be written: {0}")]
    Unwritable(#[from] std::io::Error),
}

impl TransferError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DigestDiffers { .. } => "image.digest-differs",
            Self::Layout(error) => error.code(),
            Self::Limit { limit, .. } => limit.code(),
            Self::Registry(error) => error.code(),
            Self::Unwritable(_) => "file.unwritable",
        }
    }
}

/// Brings an image of a registry into a new layout in `folder`.
///
/// # Errors
/// The registry does not give everything, or the folder cannot be written or is not empty.
pub fn pull(
    registry: &mut Registry,
    image: &Image,
    folder: &Path,
    content: Content,
) -> Result<Moved, TransferError> {
    pull::run(registry, image, folder, content)
}

/// Brings an image of a layout into a registry, under the name of `registry`.
///
/// # Errors
/// The layout lacks something that the registry lacks too, or the registry does not take it.
pub fn push(
    layout: &Layout,
    selection: &Selection,
    registry: &mut Registry,
) -> Result<Moved, TransferError> {
    push::run(layout, selection, registry)
}

/// A manifest or an index, as far as it names others.
#[derive(Debug, Deserialize)]
struct Node {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    subject: Option<Descriptor>,
}

impl Node {
    fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        self.config.iter().chain(&self.layers)
    }
}

/// Counts manifests and holds them against the limit.
#[derive(Debug)]
struct Manifests {
    seen: BTreeSet<Digest>,
    maximum: usize,
}

impl Manifests {
    fn new(maximum: usize) -> Self {
        Self {
            seen: BTreeSet::new(),
            maximum,
        }
    }

    /// Whether the manifest is a new one.
    fn is_new(&mut self, digest: Digest) -> Result<bool, TransferError> {
        let is_new = self.seen.insert(digest);
        if self.seen.len() > self.maximum {
            return Err(TransferError::Limit {
                limit: Limit::RegistryManifests,
                maximum: self.maximum,
            });
        }
        Ok(is_new)
    }
}
