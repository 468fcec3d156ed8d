//! Reads OCI image layouts (OCI image specification, *Image Layout*) that lie in a folder.
//!
//! A layout is untrusted. Every blob is hashed before it is used, sizes are bounded, and names of
//! files are made from parsed digests only. Image layers are never opened: a layout that carries
//! just manifests and signatures will do.
//!
//! Annotations, tags and artifact types say where evidence *may* lie. Nothing in them is believed:
//! the module verifies every piece anew.

mod blob;
mod collect;
mod document;
mod error;
mod select;
mod write;

use std::path::{Path, PathBuf};

pub use error::{Fault, LayoutError};
pub use select::{Candidate, Selected, Selection};

use crate::digest::Digest;
use crate::file::{self, Kind, ReadError};
use crate::limits::{Limit, Limits};
pub use crate::oci::collect::Scope;
use document::{Descriptor, Index, LayoutVersion};
pub(crate) use write::Writer;

/// An image layout in a folder.
#[derive(Debug)]
pub struct Layout {
    folder: PathBuf,
    index: Index,
    limits: Limits,
}

/// What a layout holds for one image.
pub type Collected = crate::oci::collect::Collected<LayoutError>;

impl Layout {
    /// Opens a layout: reads `oci-layout` and `index.json`.
    ///
    /// # Errors
    ///
    /// The folder is not a layout, or its index is malformed or too large.
    pub fn open(folder: &Path, limits: &Limits) -> Result<Self, LayoutError> {
        const FILE: &str = "oci-layout";
        let marker = read(&folder.join(FILE), limits).map_err(|error| match error {
            ReadError::TooLarge { .. } => LayoutError::VersionUnsupported,
            other => LayoutError::NotALayout {
                file: FILE,
                reason: other.into_io(),
            },
        })?;
        let marker: LayoutVersion = serde_json::from_slice(&marker)
            .map_err(|reason| LayoutError::Malformed { file: FILE, reason })?;
        if marker.image_layout_version != "1.0.0" {
            return Err(LayoutError::VersionUnsupported);
        }
        Ok(Self {
            folder: folder.to_owned(),
            index: index(folder, limits)?,
            limits: limits.clone(),
        })
    }

    /// Finds an image and checks that its manifest (or index) is there and is what its digest says.
    ///
    /// # Errors
    ///
    /// No image or more than one image fits, or its manifest is missing or altered.
    ///
    /// An image that is given by digest need not be in the layout: see [`Selected::listed`].
    pub fn image(&self, selection: &Selection) -> Result<Selected, LayoutError> {
        select::image(self, selection)
    }

    /// The descriptor of an image that the layout holds.
    pub(crate) fn descriptor(&self, selection: &Selection) -> Result<Descriptor, LayoutError> {
        select::descriptor(self, selection)?.ok_or_else(|| select::not_found(self))
    }

    /// The entries of `index.json`.
    pub(crate) fn entries(&self) -> &[Descriptor] {
        &self.index.manifests
    }

    /// The images that the layout lists.
    pub fn candidates(&self) -> Vec<Candidate> {
        select::candidates(self)
    }

    /// Collects the evidence for an image: what cosign saved with it, its referrers (OCI
    /// distribution specification, *Listing Referrers*), and the tags that stand in for them.
    ///
    /// Never fails: what cannot be read is listed as unavailable.
    pub fn evidence(&self, image: &Digest) -> Collected {
        self.evidence_in(image, Scope::Image)
    }

    /// Collects the evidence for an image as [`Layout::evidence`] does, and for as much beside it as
    /// `scope` says.
    pub fn evidence_in(&self, image: &Digest, scope: Scope) -> Collected {
        collect::evidence(self, image, scope)
    }
}

fn index(folder: &Path, limits: &Limits) -> Result<Index, LayoutError> {
    const FILE: &str = "index.json";
    let content = read(&folder.join(FILE), limits).map_err(|error| match error {
        ReadError::TooLarge { limit, maximum } => LayoutError::Limit { limit, maximum },
        other => LayoutError::NotALayout {
            file: FILE,
            reason: other.into_io(),
        },
    })?;
    serde_json::from_slice(&content).map_err(|reason| LayoutError::Malformed { file: FILE, reason })
}

fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let maximum = limits.layout_index_bytes;
    file::read(path, Kind::Regular, Limit::LayoutIndexBytes, maximum)
}
