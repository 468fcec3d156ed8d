//! Where the evidence for an image may lie in a layout.

use std::collections::BTreeSet;

use super::blob;
use super::document::{Descriptor, Index, Manifest};
use super::{Collected, Layout, LayoutError};
use crate::digest::Digest;
use crate::limits::Limit;
use crate::runtime::Evidence;

/// Collects the evidence for `image`.
pub(super) fn evidence(layout: &Layout, image: &Digest) -> Collected {
    let mut collector = Collector {
        layout,
        image,
        seen: BTreeSet::from([*image]),
        layers: 0,
        bytes: 0,
        collected: Collected::default(),
    };
    if let Err(error) = collector.entries() {
        // A limit ends the search; what was found until then still counts.
        collector.collected.unavailable.push(error);
    }
    collector.collected
}

/// What an entry of `index.json` is to an image.
#[derive(PartialEq, Eq)]
enum Role {
    /// Signatures or attestations that cosign attached: every layer is evidence.
    Attached,
    /// An image index that lists the referrers of the image.
    Referrers,
    /// A manifest that may have the image as its subject.
    Manifest,
    /// Nothing.
    Unrelated,
}

/// A tag of the form `sha256-<hex>`, `sha256-<hex>.sig` or `sha256-<hex>.att`: the digest of the
/// image that something is attached to, and the suffix.
pub(super) fn attachment_tag(tag: &str) -> Option<(Digest, &str)> {
    let (hex, suffix) = match tag.strip_prefix("sha256-")?.split_once('.') {
        Some((hex, suffix)) => (hex, suffix),
        None => (tag.strip_prefix("sha256-")?, ""),
    };
    Some((format!("sha256:{hex}").parse().ok()?, suffix))
}

fn role(entry: &Descriptor, image: &Digest) -> Role {
    match entry.tag().and_then(attachment_tag) {
        Some((digest, _)) if digest != *image => return Role::Unrelated,
        Some((_, "sig" | "att")) => return Role::Attached,
        Some((_, "")) if entry.is_index() => return Role::Referrers,
        _ => {}
    }
    match entry.cosign_kind() {
        Some("sigs" | "atts") => Role::Attached,
        Some(_) => Role::Unrelated,
        None if entry.is_manifest() => Role::Manifest,
        None => Role::Unrelated,
    }
}

struct Collector<'a> {
    layout: &'a Layout,
    image: &'a Digest,
    seen: BTreeSet<Digest>,
    layers: usize,
    bytes: usize,
    collected: Collected,
}

/// Ends the search.
type Stop = LayoutError;

impl<'a> Collector<'a> {
    fn entries(&mut self) -> Result<(), Stop> {
        // A manifest is read once, so it is read first as what it is under its most telling entry.
        for entry in self.entries_with(Role::Attached) {
            self.attached(entry)?;
        }
        for entry in self.entries_with(Role::Referrers) {
            self.referrers(entry)?;
        }
        for entry in self.entries_with(Role::Manifest) {
            self.referrer(entry)?;
        }
        Ok(())
    }

    fn entries_with(&self, wanted: Role) -> impl Iterator<Item = &'a Descriptor> + use<'a> {
        let image = self.image;
        let entries = self.layout.index.manifests.iter();
        entries.filter(move |entry| role(entry, image) == wanted)
    }

    fn attached(&mut self, entry: &Descriptor) -> Result<(), Stop> {
        if let Some(manifest) = self.document::<Manifest>(entry)? {
            for layer in &manifest.layers {
                self.layer(&layer.media_type, layer)?;
            }
        }
        Ok(())
    }

    fn referrers(&mut self, entry: &Descriptor) -> Result<(), Stop> {
        if let Some(index) = self.document::<Index>(entry)? {
            for entry in index.manifests.iter().filter(|entry| entry.is_manifest()) {
                self.referrer(entry)?;
            }
        }
        Ok(())
    }

    fn referrer(&mut self, entry: &Descriptor) -> Result<(), Stop> {
        if let Some(manifest) = self.document::<Manifest>(entry)?
            && manifest.is_about(self.image)
        {
            for (media_type, layer) in manifest.evidence() {
                self.layer(media_type, layer)?;
            }
        }
        Ok(())
    }

    /// Reads a manifest that was not read before. `None` as well when it cannot be read.
    fn document<T: serde::de::DeserializeOwned>(
        &mut self,
        entry: &Descriptor,
    ) -> Result<Option<T>, Stop> {
        let digest = match blob::digest(entry) {
            Ok(digest) => digest,
            Err(error) => {
                self.collected.unavailable.push(error);
                return Ok(None);
            }
        };
        if !self.seen.insert(digest) {
            return Ok(None);
        }
        let maximum = self.layout.limits.layout_manifests;
        // The image itself is among those that were seen.
        if self.seen.len() > maximum.saturating_add(1) {
            return Err(LayoutError::Limit {
                limit: Limit::LayoutManifests,
                maximum,
            });
        }
        match self.layout.document(entry) {
            Ok(document) => Ok(Some(document)),
            Err(error) => {
                self.collected.unavailable.push(error);
                Ok(None)
            }
        }
    }

    fn layer(&mut self, media_type: &str, layer: &Descriptor) -> Result<(), Stop> {
        let limits = &self.layout.limits;
        if self.layers >= limits.evidence_pieces {
            return Err(LayoutError::Limit {
                limit: Limit::EvidencePieces,
                maximum: limits.evidence_pieces,
            });
        }
        self.layers = self.layers.saturating_add(1);
        let size = usize::try_from(layer.size).unwrap_or(usize::MAX);
        if self.bytes.saturating_add(size) > limits.evidence_total_bytes {
            return Err(LayoutError::Limit {
                limit: Limit::EvidenceTotalBytes,
                maximum: limits.evidence_total_bytes,
            });
        }
        let maximum = limits.evidence_bytes;
        match self.layout.blob(layer, Limit::EvidenceBytes, maximum) {
            Ok(content) => {
                self.bytes = self.bytes.saturating_add(content.len());
                self.collected.evidence.push(Evidence {
                    media_type: media_type.to_owned(),
                    content,
                    annotations: layer.annotations.clone().into_iter().collect(),
                });
            }
            Err(error) => self.collected.unavailable.push(error),
        }
        Ok(())
    }
}
