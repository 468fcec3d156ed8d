//! Storing the carrier of an image.

use super::{Image, Registry, RegistryError, Source};
use crate::digest::Digest;
use crate::oci::attachment::{self, CARRIER};
use crate::oci::carrier;
use crate::oci::collect::{self, Scope};
use crate::oci::document::{Descriptor, EMPTY, MANIFEST};
use crate::runtime::Evidence;

/// A carrier in a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredCarrier {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Pieces of evidence that it carries.
    pub pieces: usize,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl Registry {
    /// Collects the evidence about an image and stores it as a carrier, in the place of the one that
    /// may be there. `None` when there is nothing to carry.
    ///
    /// # Errors
    /// The registry does not give all the evidence, or does not take the carrier.
    pub fn store_carrier(&mut self, image: &Image) -> Result<Option<StoredCarrier>, RegistryError> {
        self.tagged.insert(image.digest, image.content.clone());
        let own = Some(&image.descriptor);
        let collected = collect::without_carriers(self, &image.digest, own, Scope::Image);
        // A carrier that lacks something would look as if there were no more.
        if let Some(error) = collected.unavailable.into_iter().next() {
            return Err(error);
        }
        let evidence = collected.evidence;
        if !evidence.iter().any(is_signed) {
            return Ok(None);
        }
        let carrier = carrier::write(&image.descriptor, &evidence);
        let tag = attachment::tag(&image.digest, CARRIER);
        let found = self.tagged_manifest(&tag)?;
        let digest = Digest::of(&carrier.manifest);
        let is_new = found.is_none_or(|(_, content)| content != carrier.manifest);
        if is_new {
            let config = Descriptor::of(carrier::MEDIA_TYPE, &carrier.config);
            let layer = Descriptor::of(EMPTY, carrier.layer);
            for (descriptor, bytes) in [(config, &*carrier.config), (layer, carrier.layer)] {
                let blob = collect::digest(&descriptor)?;
                if !self.has_blob(&blob)? {
                    self.upload(&descriptor, Source::Bytes(bytes))?;
                }
            }
            let manifest = Descriptor {
                artifact_type: Some(carrier::MEDIA_TYPE.to_owned()),
                ..Descriptor::of(MANIFEST, &carrier.manifest)
            };
            self.store(
                &manifest,
                &carrier.manifest,
                Some(&tag),
                Some(&image.digest),
            )?;
        }
        Ok(Some(StoredCarrier {
            digest,
            pieces: evidence.len(),
            is_new,
        }))
    }
}

/// Whether a piece may sign something; indexes, manifests and statements do not.
fn is_signed(piece: &Evidence) -> bool {
    let descriptor = Descriptor::of(&piece.media_type, b"");
    !descriptor.is_index() && !descriptor.is_manifest()
}
