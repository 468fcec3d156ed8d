//! The JSON documents of a layout, as far as they are needed.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::digest::Digest;

/// Prefix of the media types of Sigstore bundles.
const BUNDLE_PREFIX: &str = "application/vnd.dev.sigstore.bundle";
/// Layers of cosign's own attachments.
const COSIGN_LAYERS: [&str; 2] = [
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.dev.cosign.simplesigning.v1+json",
];

/// The file `oci-layout`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayoutVersion {
    pub(super) image_layout_version: String,
}

/// An image index.
#[derive(Debug, Deserialize)]
pub(super) struct Index {
    pub(super) manifests: Vec<Descriptor>,
}

/// An image manifest, as far as it can carry evidence.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    #[serde(default)]
    pub(super) artifact_type: Option<String>,
    #[serde(default)]
    pub(super) config: Option<Descriptor>,
    pub(super) layers: Vec<Descriptor>,
    #[serde(default)]
    pub(super) subject: Option<Descriptor>,
}

impl Manifest {
    /// The type of artifact: the field, or else the media type of the configuration (OCI image
    /// specification, *Guidelines for Artifact Usage*).
    fn artifact_type(&self) -> Option<&str> {
        self.artifact_type
            .as_deref()
            .or(self.config.as_ref().map(|config| &*config.media_type))
    }

    /// Whether the manifest speaks about this image.
    pub(super) fn is_about(&self, image: &Digest) -> bool {
        self.subject
            .as_ref()
            .is_some_and(|subject| subject.digest.parse() == Ok(*image))
    }

    /// The layers that may be evidence, each with the media type to hand it over as.
    pub(super) fn evidence(&self) -> impl Iterator<Item = (&str, &Descriptor)> {
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

fn is_bundle(media_type: &str) -> bool {
    media_type.starts_with(BUNDLE_PREFIX)
}

/// A descriptor. Its digest stays text until it is used, so that one entry with a foreign algorithm
/// does not spoil a whole index.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// The tag, where an entry of `index.json` has one.
    pub(super) fn tag(&self) -> Option<&str> {
        self.annotation("org.opencontainers.image.ref.name")
    }

    /// What cosign says an entry of `index.json` is, where cosign wrote it.
    pub(super) fn cosign_kind(&self) -> Option<&str> {
        self.annotation("kind")
            .and_then(|kind| kind.strip_prefix("dev.cosignproject.cosign/"))
    }

    pub(super) fn is_index(&self) -> bool {
        matches!(
            &*self.media_type,
            "application/vnd.oci.image.index.v1+json"
                | "application/vnd.docker.distribution.manifest.list.v2+json"
        )
    }

    pub(super) fn is_manifest(&self) -> bool {
        matches!(
            &*self.media_type,
            "application/vnd.oci.image.manifest.v1+json"
                | "application/vnd.docker.distribution.manifest.v2+json"
        )
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }
}
