//! The JSON documents of layouts and registries, as far as they are needed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::carrier;
use crate::digest::Digest;

/// An image manifest.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An image manifest of Docker.
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// An image index.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// An image index of Docker.
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// The empty object, where a descriptor is demanded and nothing is to be said.
pub(crate) const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Prefix of the media types of Sigstore bundles.
const BUNDLE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";
/// A statement in an attestation manifest of Docker.
const STATEMENT: &str = "application/vnd.in-toto+json";
/// The artifact type of attestation manifests that name their image as subject.
pub(crate) const DOCKER_ATTESTATION: &str = "application/vnd.docker.attestation.manifest.v1+json";
/// Layers of cosign's own attachments.
const COSIGN_LAYERS: [&str; 2] = [
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.dev.cosign.simplesigning.v1+json",
];

/// An image index.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    #[serde(default)]
    pub(crate) media_type: Option<String>,
    pub(crate) manifests: Vec<Descriptor>,
}

/// An image manifest, as far as it can carry evidence.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    #[serde(default)]
    pub(crate) artifact_type: Option<String>,
    #[serde(default)]
    pub(crate) config: Option<Descriptor>,
    pub(crate) layers: Vec<Descriptor>,
    #[serde(default)]
    pub(crate) subject: Option<Descriptor>,
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// The type of artifact: the field, or else the media type of the configuration (OCI image
    /// specification, *Guidelines for Artifact Usage*).
    pub(crate) fn artifact_type(&self) -> Option<&str> {
        self.artifact_type
            .as_deref()
            .or(self.config.as_ref().map(|config| &*config.media_type))
    }

    /// Whether the manifest speaks about this image.
    pub(crate) fn is_about(&self, image: &Digest) -> bool {
        self.subject
            .as_ref()
            .is_some_and(|subject| subject.digest.parse() == Ok(*image))
    }

    /// The configuration, where it is a list of evidence.
    pub(crate) fn carried(&self) -> Option<&Descriptor> {
        self.config
            .as_ref()
            .filter(|config| config.media_type == carrier::MEDIA_TYPE)
    }

    /// Whether this is an attestation manifest of Docker that names its image as subject.
    pub(crate) fn is_docker_attestation(&self) -> bool {
        self.artifact_type.as_deref() == Some(DOCKER_ATTESTATION)
    }

    /// The layers that are statements, where this is an attestation manifest of Docker.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Descriptor> {
        self.layers
            .iter()
            .filter(|layer| layer.media_type == STATEMENT)
    }

    /// The layers that may be evidence, each with the media type to hand it over as.
    pub(crate) fn evidence(&self) -> impl Iterator<Item = (&str, &Descriptor)> {
        let bundle = self.artifact_type().filter(|kind| is_bundle(kind));
        self.layers.iter().filter_map(move |layer| {
            let kind = &*layer.media_type;
            if is_bundle(kind) || COSIGN_LAYERS.contains(&kind) {
                Some((kind, layer))
            } else {
                bundle.map(|kind| (kind, layer))
            }
        })
    }
}

/// Whether this is the media type of a Sigstore bundle, in whatever version.
pub(crate) fn is_bundle(media_type: &str) -> bool {
    media_type.starts_with(BUNDLE_PREFIX)
}

/// A descriptor. Its digest stays text until it is used, so that one entry with a foreign algorithm
/// does not spoil a whole index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: String,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
}

impl Descriptor {
    /// The descriptor of some bytes.
    pub(crate) fn of(media_type: &str, content: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(content).to_string(),
            size: u64::try_from(content.len()).unwrap_or(u64::MAX),
            annotations: BTreeMap::new(),
            artifact_type: None,
        }
    }

    /// Whether Docker marked an entry of an image index as an attestation manifest.
    pub(crate) fn is_docker_attestation(&self) -> bool {
        self.annotation("vnd.docker.reference.type") == Some("attestation-manifest")
    }

    /// The tag, where an entry of `index.json` has one.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.annotation("org.opencontainers.image.ref.name")
    }

    /// What cosign says an entry of `index.json` is, where cosign wrote it.
    pub(crate) fn cosign_kind(&self) -> Option<&str> {
        self.annotation("kind")
            .and_then(|kind| kind.strip_prefix("dev.cosignproject.cosign/"))
    }

    pub(crate) fn is_index(&self) -> bool {
        matches!(&*self.media_type, INDEX | DOCKER_LIST)
    }

    pub(crate) fn is_manifest(&self) -> bool {
        matches!(&*self.media_type, MANIFEST | DOCKER_MANIFEST)
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }
}
