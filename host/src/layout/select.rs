//! Which image of a layout is meant.

use std::collections::BTreeMap;

use super::blob;
use super::document::{Descriptor, Index, Manifest};
use super::{Layout, LayoutError};
use crate::digest::Digest;
use crate::limits::Limit;
use crate::oci::attachment;

/// How the user says which image is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The only image of the layout.
    Only,
    /// The image with this digest.
    Digest(Digest),
    /// The image with this tag (annotation `org.opencontainers.image.ref.name`).
    Tag(String),
}

/// The image that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Its digest.
    pub digest: Digest,
    /// Whether the layout holds it. A layout may hold the evidence alone; the image is then known
    /// by the digest that the user gave.
    pub listed: bool,
}

/// An image of a layout that could be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its digest.
    pub digest: Digest,
    /// One of its tags.
    pub tag: Option<String>,
}

/// Finds the image and checks its manifest.
pub(super) fn image(layout: &Layout, selection: &Selection) -> Result<Selected, LayoutError> {
    let descriptor = match (selection, descriptor(layout, selection)?) {
        (_, Some(descriptor)) => descriptor,
        (Selection::Digest(digest), None) => {
            return Ok(Selected {
                digest: *digest,
                listed: false,
            });
        }
        (Selection::Only | Selection::Tag(_), None) => return Err(not_found(layout)),
    };
    let maximum = layout.limits.manifest_bytes;
    layout.blob(&descriptor, Limit::ManifestBytes, maximum)?;
    Ok(Selected {
        digest: blob::digest(&descriptor)?,
        listed: true,
    })
}

/// The descriptor of the image that is meant. `None` where a digest names one that is not listed.
pub(super) fn descriptor(
    layout: &Layout,
    selection: &Selection,
) -> Result<Option<Descriptor>, LayoutError> {
    match selection {
        Selection::Only => only(layout).map(Some),
        Selection::Tag(tag) => by_tag(layout, tag).map(Some),
        Selection::Digest(digest) => Ok(by_digest(layout, digest)),
    }
}

/// There is no image that fits.
pub(super) fn not_found(layout: &Layout) -> LayoutError {
    LayoutError::NotFound {
        candidates: candidates(layout),
    }
}

/// The images of a layout, by what its index says about them.
pub(super) fn candidates(layout: &Layout) -> Vec<Candidate> {
    distinct(&images(layout))
}

fn by_tag(layout: &Layout, tag: &str) -> Result<Descriptor, LayoutError> {
    let entries = layout.index.manifests.iter();
    one(
        layout,
        entries.filter(|entry| entry.tag() == Some(tag)).collect(),
    )
}

fn only(layout: &Layout) -> Result<Descriptor, LayoutError> {
    let mut images = images(layout);
    if images.len() > 1 {
        images = without_referrers(layout, &images);
    }
    one(layout, images)
}

/// An entry of the layout's index, or a platform of a multi-platform image that is listed there.
pub(super) fn by_digest(layout: &Layout, digest: &Digest) -> Option<Descriptor> {
    let entries = &layout.index.manifests;
    let fits = |entry: &&Descriptor| entry.digest.parse() == Ok(*digest);
    if let Some(entry) = entries.iter().find(fits) {
        return Some(entry.clone());
    }
    entries
        .iter()
        .filter(|entry| entry.is_index())
        .take(layout.limits.layout_manifests)
        .filter_map(|entry| layout.document::<Index>(entry).ok())
        .find_map(|index| index.manifests.iter().find(fits).cloned())
}

/// The one descriptor that fits. The same image under two tags is one image.
fn one(layout: &Layout, entries: Vec<&Descriptor>) -> Result<Descriptor, LayoutError> {
    for entry in &entries {
        blob::digest(entry)?;
    }
    let fitting = distinct(&entries);
    match entries.first() {
        Some(entry) if fitting.len() == 1 => Ok((*entry).clone()),
        Some(_) => Err(LayoutError::Ambiguous {
            candidates: fitting,
        }),
        None => Err(not_found(layout)),
    }
}

fn distinct(entries: &[&Descriptor]) -> Vec<Candidate> {
    let mut images: BTreeMap<Digest, Option<String>> = BTreeMap::new();
    for entry in entries {
        let Ok(digest) = blob::digest(entry) else {
            continue;
        };
        let tag = images.entry(digest).or_default();
        if tag.is_none() {
            *tag = entry.tag().map(str::to_owned);
        }
    }
    let candidate = |(digest, tag)| Candidate { digest, tag };
    images.into_iter().map(candidate).collect()
}

/// The entries that cosign marked as images, or else those that look like one.
fn images(layout: &Layout) -> Vec<&Descriptor> {
    let entries = &layout.index.manifests;
    let is_marked =
        |entry: &&Descriptor| matches!(entry.cosign_kind(), Some("image" | "imageIndex"));
    let marked: Vec<&Descriptor> = entries.iter().filter(is_marked).collect();
    if marked.is_empty() {
        entries
            .iter()
            .filter(|entry| looks_like_image(entry))
            .collect()
    } else {
        marked
    }
}

fn looks_like_image(entry: &Descriptor) -> bool {
    (entry.is_manifest() || entry.is_index())
        && entry.cosign_kind().is_none()
        && entry
            .tag()
            .is_none_or(|tag| attachment::parse(tag).is_none())
}

/// Leaves out the manifests that speak about another one.
fn without_referrers<'a>(layout: &Layout, entries: &[&'a Descriptor]) -> Vec<&'a Descriptor> {
    let is_referrer = |entry: &Descriptor| {
        entry.is_manifest()
            && layout
                .document::<Manifest>(entry)
                .is_ok_and(|manifest| manifest.subject.is_some())
    };
    let to_read = layout.limits.layout_manifests;
    entries
        .iter()
        .enumerate()
        .filter(|(position, entry)| *position >= to_read || !is_referrer(entry))
        .map(|(_, entry)| *entry)
        .collect()
}
