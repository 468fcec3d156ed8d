//! From a layout into a registry.

use super::{Manifests, Moved, NESTING, Node, TransferError};
use crate::digest::Digest;
use crate::layout::{Layout, LayoutError, Selection};
use crate::limits::Limit;
use crate::oci::attachment;
use crate::oci::collect;
use crate::oci::document::{Descriptor, Manifest};
use crate::registry::{Registry, Source};

pub(super) fn run(
    layout: &Layout,
    selection: &Selection,
    registry: &mut Registry,
) -> Result<Moved, TransferError> {
    let image = layout.descriptor(selection)?;
    let digest = digest(&image)?;
    if registry
        .name()
        .digest()
        .is_some_and(|named| *named != digest)
    {
        return Err(TransferError::DigestDiffers { digest });
    }
    let maximum = registry.limits().registry_manifests;
    let tag = registry.name().tag().map(str::to_owned);
    let mut push = Push {
        layout,
        registry,
        manifests: Manifests::new(maximum),
        blobs: 0,
    };
    push.tree(&image, tag.as_deref(), 0)?;
    // What refers to something can only be found when that is known, and may be referred to itself.
    let mut before = 0;
    while before < push.manifests.seen.len() {
        before = push.manifests.seen.len();
        for entry in layout.entries() {
            push.entry(entry, &digest)?;
        }
    }
    Ok(Moved {
        digest,
        manifests: push.manifests.seen.len(),
        blobs: push.blobs,
    })
}

struct Push<'l> {
    layout: &'l Layout,
    registry: &'l mut Registry,
    manifests: Manifests,
    blobs: usize,
}

impl Push<'_> {
    /// Stores an entry of the layout that belongs to something that is stored.
    fn entry(&mut self, entry: &Descriptor, image: &Digest) -> Result<(), TransferError> {
        let attached = match entry.tag().and_then(attachment::parse) {
            Some(attached) => Some(attached),
            None => match entry.cosign_kind() {
                Some("sigs") => Some((*image, "sig")),
                Some("atts") => Some((*image, "att")),
                Some("sboms") => Some((*image, "sbom")),
                _ => None,
            },
        };
        match attached {
            Some((subject, _)) if !self.manifests.seen.contains(&subject) => Ok(()),
            // A list of referrers is the registry's own, or made anew.
            Some((subject, "")) if entry.is_index() => {
                let index: Node = self.layout.document(entry)?;
                for referrer in index.manifests.iter().filter(|entry| entry.is_manifest()) {
                    self.referrer(referrer, Some(&subject))?;
                }
                Ok(())
            }
            Some((subject, suffix)) => {
                self.tree(entry, Some(&attachment::tag(&subject, suffix)), 0)
            }
            None if entry.is_manifest() => self.referrer(entry, None),
            None => Ok(()),
        }
    }

    /// Stores a manifest if it refers to `wanted`, or to anything that is stored.
    fn referrer(
        &mut self,
        entry: &Descriptor,
        wanted: Option<&Digest>,
    ) -> Result<(), TransferError> {
        if self.manifests.seen.contains(&digest(entry)?) {
            return Ok(());
        }
        let node: Node = self.layout.document(entry)?;
        let subject = node.subject.and_then(|subject| subject.digest.parse().ok());
        let is_meant = |subject: &Digest| match wanted {
            Some(wanted) => subject == wanted,
            None => self.manifests.seen.contains(subject),
        };
        if subject.as_ref().is_some_and(is_meant) {
            self.tree(entry, None, 0)?;
        }
        Ok(())
    }

    /// Stores what a manifest names, and then the manifest.
    fn tree(
        &mut self,
        descriptor: &Descriptor,
        tag: Option<&str>,
        depth: usize,
    ) -> Result<(), TransferError> {
        if !self.manifests.is_new(digest(descriptor)?)? {
            return Ok(());
        }
        if depth > NESTING {
            return Err(TransferError::Limit {
                limit: Limit::RegistryManifests,
                maximum: NESTING,
            });
        }
        let content = self.layout.manifest(descriptor)?;
        let malformed = |reason| LayoutError::ManifestMalformed {
            digest: Digest::of(&content),
            reason,
        };
        let node: Node = serde_json::from_slice(&content).map_err(malformed)?;
        for child in &node.manifests {
            self.tree(child, None, depth.saturating_add(1))?;
        }
        for blob in node.blobs() {
            self.blob(blob)?;
        }
        let mut stored = Descriptor::of(&descriptor.media_type, &content);
        if let Ok(manifest) = serde_json::from_slice::<Manifest>(&content) {
            stored.artifact_type = manifest.artifact_type().map(str::to_owned);
            stored.annotations = manifest.annotations;
        }
        let subject = node.subject.and_then(|subject| subject.digest.parse().ok());
        self.registry
            .store(&stored, &content, tag, subject.as_ref())?;
        Ok(())
    }

    fn blob(&mut self, descriptor: &Descriptor) -> Result<(), TransferError> {
        if self.registry.has_blob(&digest(descriptor)?)? {
            return Ok(());
        }
        let path = self.layout.blob_file(descriptor)?;
        self.registry.upload(descriptor, Source::File(&path))?;
        self.blobs = self.blobs.saturating_add(1);
        Ok(())
    }
}

fn digest(descriptor: &Descriptor) -> Result<Digest, TransferError> {
    collect::digest(descriptor).map_err(|problem| LayoutError::from(problem).into())
}
