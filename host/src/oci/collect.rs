//! Which parts of what belongs to an image are evidence.
//!
//! Where things lie is for a [`Store`] to say: a layout in a folder, or a repository of a registry.
//! What of them is evidence is decided here, for both.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::carrier::{self, CarrierError};
use super::document::{self, Descriptor, Index, Manifest};
use crate::digest::{Digest, DigestError};
use crate::limits::{Limit, Limits};
use crate::runtime::Evidence;

/// Where an image and what belongs to it are stored.
pub(crate) trait Store {
    /// Why something cannot be had.
    type Error: From<Problem>;

    /// Where evidence about `subject` may lie.
    fn entries(&mut self, subject: &Digest) -> Entries<Self::Error>;

    /// The bytes of a manifest or an image index. They have the digest of the descriptor.
    fn manifest(&mut self, descriptor: &Descriptor) -> Result<Vec<u8>, Self::Error>;

    /// The bytes of a blob. They have the digest and the size of the descriptor.
    fn blob(
        &mut self,
        descriptor: &Descriptor,
        limit: Limit,
        maximum: usize,
    ) -> Result<Vec<u8>, Self::Error>;

    /// The limits in force.
    fn limits(&self) -> &Limits;

    /// How many manifests are read in search of evidence.
    fn manifests(&self) -> (Limit, usize);
}

/// Where evidence may lie, and why not everything could be looked at.
#[derive(Debug)]
pub(crate) struct Entries<E> {
    /// Manifests and lists of them.
    pub(crate) found: Vec<(Role, Descriptor)>,
    /// What could not be looked at.
    pub(crate) unavailable: Vec<E>,
}

/// What something is to an image. A manifest is read once, as what it is under its most telling
/// entry, which is the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Signatures or attestations that cosign attached: every layer is evidence.
    Attached,
    /// An image index that lists the referrers of the image.
    Referrers,
    /// A manifest that may have the image as its subject.
    Manifest,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The image.
    #[default]
    Image,
    /// The image, and every platform that it lists.
    Platforms,
}

/// What there is for an image.
#[derive(Debug)]
pub struct Collected<E> {
    /// The evidence.
    pub evidence: Vec<Evidence>,
    /// Why some of it could not be brought.
    pub unavailable: Vec<E>,
}

/// What is wrong with what a store gave.
#[derive(Debug)]
pub(crate) enum Problem {
    /// A carrier cannot be read.
    Carrier {
        digest: Digest,
        reason: CarrierError,
    },
    /// A descriptor has a digest that cannot be used.
    Digest(DigestError),
    /// A limit was hit.
    Limit { limit: Limit, maximum: usize },
    /// A manifest or an image index is malformed.
    Malformed {
        digest: Digest,
        reason: serde_json::Error,
    },
}

/// Collects the evidence about `image`, whose manifest or index has the descriptor `own` where the
/// store has it. Never fails: what cannot be had is listed as unavailable.
pub(crate) fn evidence<S: Store>(
    store: &mut S,
    image: &Digest,
    own: Option<&Descriptor>,
    scope: Scope,
) -> Collected<S::Error> {
    collected(store, image, own, scope, true)
}

/// Collects as [`evidence`] does, but opens no carriers.
pub(crate) fn without_carriers<S: Store>(
    store: &mut S,
    image: &Digest,
    own: Option<&Descriptor>,
    scope: Scope,
) -> Collected<S::Error> {
    collected(store, image, own, scope, false)
}

fn collected<S: Store>(
    store: &mut S,
    image: &Digest,
    own: Option<&Descriptor>,
    scope: Scope,
    carriers: bool,
) -> Collected<S::Error> {
    let mut collector = Collector {
        store,
        carriers,
        seen: BTreeSet::from([*image]),
        contents: BTreeSet::new(),
        subjects: 0,
        in_attestation: false,
        pieces: 0,
        bytes: 0,
        collected: Collected {
            evidence: Vec::new(),
            unavailable: Vec::new(),
        },
    };
    if let Err(error) = collector.image(image, own, scope) {
        // A limit ends the search; what was found until then still counts.
        collector.collected.unavailable.push(error);
    }
    collector.collected
}

/// The digest of a descriptor.
pub(crate) fn digest(descriptor: &Descriptor) -> Result<Digest, Problem> {
    descriptor.digest.parse().map_err(Problem::Digest)
}

struct Collector<'s, S: Store> {
    store: &'s mut S,
    /// Whether carriers are opened.
    carriers: bool,
    seen: BTreeSet<Digest>,
    /// What was collected, by content.
    contents: BTreeSet<Digest>,
    /// Artifacts about which evidence was looked for.
    subjects: usize,
    /// Whether what is looked for is about an attestation manifest: those have none themselves.
    in_attestation: bool,
    pieces: usize,
    bytes: usize,
    collected: Collected<S::Error>,
}

impl<S: Store> Collector<'_, S> {
    // An error of these functions ends the search.

    fn image(
        &mut self,
        image: &Digest,
        own: Option<&Descriptor>,
        scope: Scope,
    ) -> Result<(), S::Error> {
        self.about(image)?;
        let Some(own) = own.filter(|own| own.is_index()) else {
            return Ok(());
        };
        let content = match self.store.manifest(own) {
            Ok(content) => content,
            Err(error) => {
                self.collected.unavailable.push(error);
                return Ok(());
            }
        };
        let Some(index) = self.parsed::<Index>(image, &content) else {
            return Ok(());
        };
        // Policies may let evidence about the platforms count for the index; that needs its bytes.
        self.piece(Evidence {
            media_type: own.media_type.clone(),
            content,
            annotations: Vec::new(),
        })?;
        for entry in &index.manifests {
            if entry.is_docker_attestation() {
                self.attestation(entry, None)?;
            } else if scope == Scope::Platforms
                && let Some(platform) = self.usable(entry)
            {
                self.about(&platform)?;
            }
        }
        Ok(())
    }

    /// Collects what is about `subject`, and says whether there is anything.
    fn about(&mut self, subject: &Digest) -> Result<bool, S::Error> {
        let (limit, maximum) = self.store.manifests();
        self.subjects = self.subjects.saturating_add(1);
        if self.subjects > maximum {
            return Err(Problem::Limit { limit, maximum }.into());
        }
        let before = self.pieces;
        let mut entries = self.store.entries(subject);
        self.collected.unavailable.append(&mut entries.unavailable);
        entries.found.sort_by_key(|(role, _)| *role);
        for (role, entry) in entries.found {
            match role {
                Role::Attached => self.attached(&entry)?,
                Role::Referrers => self.referrers(&entry, subject)?,
                Role::Manifest => self.referrer(&entry, subject)?,
            }
        }
        Ok(self.pieces > before)
    }

    fn attached(&mut self, entry: &Descriptor) -> Result<(), S::Error> {
        if let Some((_, manifest)) = self.document::<Manifest>(entry)? {
            for layer in &manifest.layers {
                self.layer(&layer.media_type, layer)?;
            }
        }
        Ok(())
    }

    fn referrers(&mut self, entry: &Descriptor, subject: &Digest) -> Result<(), S::Error> {
        if let Some((_, index)) = self.document::<Index>(entry)? {
            for entry in index.manifests.iter().filter(|entry| entry.is_manifest()) {
                self.referrer(entry, subject)?;
            }
        }
        Ok(())
    }

    fn referrer(&mut self, entry: &Descriptor, subject: &Digest) -> Result<(), S::Error> {
        let Some((content, manifest)) = self.document::<Manifest>(entry)? else {
            return Ok(());
        };
        if !manifest.is_about(subject) {
            return Ok(());
        }
        if manifest.is_docker_attestation() {
            return self.attestation(entry, Some((content, manifest)));
        }
        if let Some(config) = manifest.carried() {
            return if self.carriers {
                self.carrier(config)
            } else {
                Ok(())
            };
        }
        for (media_type, layer) in manifest.evidence() {
            self.layer(media_type, layer)?;
        }
        Ok(())
    }

    /// An attestation manifest of Docker counts by a signature over it, and is worth nothing
    /// without one.
    fn attestation(
        &mut self,
        entry: &Descriptor,
        read: Option<(Vec<u8>, Manifest)>,
    ) -> Result<(), S::Error> {
        let Some(digest) = self.usable(entry) else {
            return Ok(());
        };
        if self.in_attestation {
            return Ok(());
        }
        self.in_attestation = true;
        let is_signed = self.about(&digest);
        self.in_attestation = false;
        if !is_signed? {
            return Ok(());
        }
        let read = match read {
            Some(read) => Some(read),
            None => self.document::<Manifest>(entry)?,
        };
        let Some((content, manifest)) = read else {
            return Ok(());
        };
        self.piece(Evidence {
            media_type: document::MANIFEST.to_owned(),
            content,
            annotations: Vec::new(),
        })?;
        for layer in manifest.statements() {
            self.layer(&layer.media_type, layer)?;
        }
        Ok(())
    }

    fn carrier(&mut self, config: &Descriptor) -> Result<(), S::Error> {
        let limits = self.store.limits();
        let maximum = limits.evidence_total_bytes.saturating_mul(2);
        let read = self
            .store
            .blob(config, Limit::EvidenceTotalBytes, maximum)
            .and_then(|content| {
                carrier::read(&content).map_err(|reason| {
                    let digest = Digest::of(&content);
                    Problem::Carrier { digest, reason }.into()
                })
            });
        match read {
            Ok(pieces) => {
                // What was found where it was stored first is not brought a second time.
                for piece in pieces {
                    if !self.contents.contains(&Digest::of(&piece.content)) {
                        self.piece(piece)?;
                    }
                }
            }
            Err(error) => self.collected.unavailable.push(error),
        }
        Ok(())
    }

    /// Reads a manifest that was not read before. `None` as well when it cannot be read.
    fn document<T: DeserializeOwned>(
        &mut self,
        entry: &Descriptor,
    ) -> Result<Option<(Vec<u8>, T)>, S::Error> {
        let Some(digest) = self.usable(entry) else {
            return Ok(None);
        };
        if !self.seen.insert(digest) {
            return Ok(None);
        }
        let (limit, maximum) = self.store.manifests();
        // The image itself is among those that were seen.
        if self.seen.len() > maximum.saturating_add(1) {
            return Err(Problem::Limit { limit, maximum }.into());
        }
        match self.store.manifest(entry) {
            Ok(content) => Ok(self
                .parsed(&digest, &content)
                .map(|document| (content, document))),
            Err(error) => {
                self.collected.unavailable.push(error);
                Ok(None)
            }
        }
    }

    fn parsed<T: DeserializeOwned>(&mut self, digest: &Digest, content: &[u8]) -> Option<T> {
        match serde_json::from_slice(content) {
            Ok(document) => Some(document),
            Err(reason) => {
                let digest = *digest;
                let error = Problem::Malformed { digest, reason };
                self.collected.unavailable.push(error.into());
                None
            }
        }
    }

    fn usable(&mut self, entry: &Descriptor) -> Option<Digest> {
        match digest(entry) {
            Ok(digest) => Some(digest),
            Err(error) => {
                self.collected.unavailable.push(error.into());
                None
            }
        }
    }

    fn layer(&mut self, media_type: &str, layer: &Descriptor) -> Result<(), S::Error> {
        let size = usize::try_from(layer.size).unwrap_or(usize::MAX);
        self.count(size)?;
        let maximum = self.store.limits().evidence_bytes;
        match self.store.blob(layer, Limit::EvidenceBytes, maximum) {
            Ok(content) => self.push(Evidence {
                media_type: media_type.to_owned(),
                content,
                annotations: layer.annotations.clone().into_iter().collect(),
            }),
            Err(error) => self.collected.unavailable.push(error),
        }
        Ok(())
    }

    /// Takes a piece whose bytes are there already.
    fn piece(&mut self, piece: Evidence) -> Result<(), S::Error> {
        self.count(piece.content.len())?;
        let maximum = self.store.limits().evidence_bytes;
        if piece.content.len() > maximum {
            let limit = Limit::EvidenceBytes;
            let error = Problem::Limit { limit, maximum };
            self.collected.unavailable.push(error.into());
        } else {
            self.push(piece);
        }
        Ok(())
    }

    fn push(&mut self, piece: Evidence) {
        self.bytes = self.bytes.saturating_add(piece.content.len());
        self.contents.insert(Digest::of(&piece.content));
        self.collected.evidence.push(piece);
    }

    /// Holds one more piece of `size` bytes against the limits.
    fn count(&mut self, size: usize) -> Result<(), S::Error> {
        let limits = self.store.limits();
        let (pieces, bytes) = (limits.evidence_pieces, limits.evidence_total_bytes);
        let over = |limit, maximum| Err(Problem::Limit { limit, maximum }.into());
        if self.pieces >= pieces {
            return over(Limit::EvidencePieces, pieces);
        }
        self.pieces = self.pieces.saturating_add(1);
        if self.bytes.saturating_add(size) > bytes {
            return over(Limit::EvidenceTotalBytes, bytes);
        }
        Ok(())
    }
}
