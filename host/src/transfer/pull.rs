//! From a registry into a layout.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Content, Manifests, Moved, NESTING, Node, TransferError};
use crate::digest::Digest;
use crate::layout::Writer;
use crate::limits::Limit;
use crate::oci::attachment::{self, CARRIER};
use crate::oci::collect::{self, Problem, Scope};
use crate::oci::document::{Descriptor, Index, Manifest};
use crate::registry::{Image, Referrers, Registry, RegistryError};

const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// What lies beside an image under tags.
const EVERYTHING: [&str; 4] = ["sig", "att", "sbom", CARRIER];
const EVIDENCE: [&str; 3] = ["sig", "att", CARRIER];

pub(super) fn run(
    registry: &mut Registry,
    image: &Image,
    folder: &Path,
    content: Content,
) -> Result<Moved, TransferError> {
    let maximum = registry.limits().registry_manifests;
    let tag = registry.name().tag().map(str::to_owned);
    let mut pull = Pull {
        registry,
        writer: Writer::create(folder)?,
        manifests: Manifests::new(maximum),
        content,
        blobs: 0,
        beside: BTreeMap::new(),
    };
    let whole = content == Content::Everything;
    pull.tree(image.descriptor(), image.content(), whole, 0)?;
    let mut top = image.descriptor().clone();
    top.annotations
        .extend(tag.map(|tag| (REF_NAME.to_owned(), tag)));
    pull.writer.list(top);
    let tagged: BTreeSet<Digest> = pull
        .beside
        .keys()
        .filter_map(|(tag, digest)| tag.as_ref().map(|_| *digest))
        .collect();
    for ((tag, digest), descriptor) in pull.beside {
        // What lies under a tag and is a referrer too is listed once.
        if tag.is_some() || !tagged.contains(&digest) {
            pull.writer.list(descriptor);
        }
    }
    pull.writer.finish()?;
    Ok(Moved {
        digest: image.digest(),
        manifests: pull.manifests.seen.len(),
        blobs: pull.blobs,
    })
}

struct Pull<'r> {
    registry: &'r mut Registry,
    writer: Writer,
    manifests: Manifests,
    content: Content,
    blobs: usize,
    /// What the layout lists beside the image, by tag and digest: always in the same order.
    beside: BTreeMap<(Option<String>, Digest), Descriptor>,
}

impl Pull<'_> {
    /// Writes a manifest, what it names, and what belongs to it.
    fn tree(
        &mut self,
        descriptor: &Descriptor,
        content: &[u8],
        whole: bool,
        depth: usize,
    ) -> Result<(), TransferError> {
        let digest = collect::digest(descriptor).map_err(RegistryError::from)?;
        if !self.manifests.is_new(digest)? {
            return Ok(());
        }
        if depth > NESTING {
            return Err(TransferError::Limit {
                limit: Limit::RegistryManifests,
                maximum: NESTING,
            });
        }
        let node: Node = parsed(content)?;
        self.writer.blob(content)?;
        if whole {
            for blob in node.blobs() {
                self.blob(blob)?;
            }
        }
        for child in &node.manifests {
            let content = self.registry.manifest(child)?;
            let whole = whole || child.is_docker_attestation();
            self.tree(child, &content, whole, depth.saturating_add(1))?;
        }
        if self.looks_beside(descriptor, &node, depth) {
            self.beside(&digest, depth)?;
        }
        Ok(())
    }

    /// Whether what belongs to a manifest is wanted.
    fn looks_beside(&self, descriptor: &Descriptor, node: &Node, depth: usize) -> bool {
        match self.content {
            Content::Everything => true,
            // Nothing is evidence about evidence, but what signs a manifest of Docker's statements.
            Content::Evidence(_) if node.subject.is_some() => {
                descriptor.artifact_type.as_deref()
                    == Some(crate::oci::document::DOCKER_ATTESTATION)
            }
            Content::Evidence(scope) => {
                depth == 0 || descriptor.is_docker_attestation() || scope == Scope::Platforms
            }
        }
    }

    fn beside(&mut self, subject: &Digest, depth: usize) -> Result<(), TransferError> {
        let suffixes: &[&str] = match self.content {
            Content::Everything => &EVERYTHING,
            Content::Evidence(_) => &EVIDENCE,
        };
        for suffix in suffixes {
            let tag = attachment::tag(subject, suffix);
            if let Some((descriptor, content)) = self.registry.tagged_manifest(&tag)? {
                self.attached(descriptor, &content, Some(tag), depth)?;
            }
        }
        for referrer in self.referrers(subject)? {
            let content = self.registry.manifest(&referrer)?;
            let manifest: Manifest = parsed(&content)?;
            if manifest.is_about(subject) {
                let descriptor = Descriptor {
                    artifact_type: manifest.artifact_type().map(str::to_owned),
                    ..Descriptor::of(&referrer.media_type, &content)
                };
                self.attached(descriptor, &content, None, depth)?;
            }
        }
        Ok(())
    }

    fn attached(
        &mut self,
        mut descriptor: Descriptor,
        content: &[u8],
        tag: Option<String>,
        depth: usize,
    ) -> Result<(), TransferError> {
        let depth = match self.content {
            Content::Everything => depth,
            Content::Evidence(_) => 1,
        };
        self.tree(&descriptor, content, true, depth)?;
        let digest = Digest::of(content);
        let annotation = tag.clone().map(|tag| (REF_NAME.to_owned(), tag));
        descriptor.annotations.extend(annotation);
        self.beside.insert((tag, digest), descriptor);
        Ok(())
    }

    fn referrers(&mut self, subject: &Digest) -> Result<Vec<Descriptor>, TransferError> {
        let listed = match self.registry.referrers(subject)? {
            Referrers::Listed(listed) => listed,
            Referrers::Tagged(None) => Vec::new(),
            Referrers::Tagged(Some(list)) => {
                let content = self.registry.manifest(&list)?;
                parsed::<Index>(&content)?.manifests
            }
        };
        let manifests = listed.into_iter().filter(Descriptor::is_manifest);
        Ok(manifests.collect())
    }

    fn blob(&mut self, descriptor: &Descriptor) -> Result<(), TransferError> {
        let digest = collect::digest(descriptor).map_err(RegistryError::from)?;
        if self.writer.has(&digest) {
            return Ok(());
        }
        let registry = &mut *self.registry;
        self.writer.stream(&digest, |file| {
            registry
                .download(descriptor, file)
                .map_err(TransferError::from)
        })?;
        self.blobs = self.blobs.saturating_add(1);
        Ok(())
    }
}

fn parsed<T: serde::de::DeserializeOwned>(content: &[u8]) -> Result<T, RegistryError> {
    serde_json::from_slice(content).map_err(|reason| {
        let digest = Digest::of(content);
        Problem::Malformed { digest, reason }.into()
    })
}
