//! A layout as a place to look for evidence in.

use super::document::Descriptor;
use super::{Collected, Layout, LayoutError, select};
use crate::digest::Digest;
use crate::limits::{Limit, Limits};
use crate::oci::attachment::{self, CARRIER};
use crate::oci::collect::{self, Entries, Role, Scope, Store};

/// Collects the evidence for `image`.
pub(super) fn evidence(layout: &Layout, image: &Digest, scope: Scope) -> Collected {
    let own = select::by_digest(layout, image);
    collect::evidence(&mut &*layout, image, own.as_ref(), scope)
}

/// What an entry of `index.json` is to an image.
fn role(entry: &Descriptor, image: &Digest) -> Option<Role> {
    match entry.tag().and_then(attachment::parse) {
        Some((digest, _)) if digest != *image => return None,
        Some((_, "sig" | "att")) => return Some(Role::Attached),
        Some((_, "")) if entry.is_index() => return Some(Role::Referrers),
        Some((_, CARRIER)) if entry.is_manifest() => return Some(Role::Manifest),
        _ => {}
    }
    match entry.cosign_kind() {
        Some("sigs" | "atts") => Some(Role::Attached),
        Some(_) => None,
        None => entry.is_manifest().then_some(Role::Manifest),
    }
}

impl Store for &Layout {
    type Error = LayoutError;

    fn entries(&mut self, subject: &Digest) -> Entries<LayoutError> {
        let entries = self.index.manifests.iter();
        Entries {
            found: entries
                .filter_map(|entry| Some((role(entry, subject)?, entry.clone())))
                .collect(),
            unavailable: Vec::new(),
        }
    }

    fn manifest(&mut self, descriptor: &Descriptor) -> Result<Vec<u8>, LayoutError> {
        let maximum = self.limits.manifest_bytes;
        Layout::blob(self, descriptor, Limit::ManifestBytes, maximum)
    }

    fn blob(
        &mut self,
        descriptor: &Descriptor,
        limit: Limit,
        maximum: usize,
    ) -> Result<Vec<u8>, LayoutError> {
        Layout::blob(self, descriptor, limit, maximum)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn manifests(&self) -> (Limit, usize) {
        (Limit::LayoutManifests, self.limits.layout_manifests)
    }
}
