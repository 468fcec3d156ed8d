//! A decision to be made, and the same question to other verifiers.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sealstone::runtime::{ImageEvidence, TrustedRoot};
use sealstone_peers::Job;

/// A decision to be made.
#[derive(Debug)]
pub(crate) struct Case {
    /// What it is called in the report.
    pub(crate) name: String,
    /// The policy document, JSON.
    pub(crate) policy: Vec<u8>,
    /// The trust roots that the policy names without content.
    pub(crate) roots: Vec<TrustedRoot>,
    /// The request, JSON.
    pub(crate) request: Vec<u8>,
    /// The evidence for each image of the request.
    pub(crate) images: Vec<ImageEvidence>,
    /// What other verifiers are asked, or why none is.
    pub(crate) job: Result<Job, &'static str>,
}

impl Case {
    /// The size of all pieces of evidence together.
    pub(crate) fn evidence_bytes(&self) -> usize {
        let pieces = self.images.iter().flat_map(|image| &image.evidence);
        pieces.map(|piece| piece.content.len()).sum()
    }
}

/// Reads a file; an error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Reads a file with text; an error names it.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}
