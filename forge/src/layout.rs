//! OCI image layouts (OCI image specification, `image-layout.md`) of an image and its evidence.

use alloc::collections::BTreeMap;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::encoding::{hex, sha256};
use crate::evidence::{DSSE_MEDIA_TYPE, Evidence, SIMPLE_SIGNING_MEDIA_TYPE};
use crate::json;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// A small image: one layer without files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    config: Vec<u8>,
    layer: Vec<u8>,
    manifest: Vec<u8>,
}

impl Image {
    /// The image of a title; other titles make other digests.
    pub fn new(title: &str) -> Self {
        // A tar archive without members: two blocks of zeros.
        let layer = vec![0; 1024];
        let config = json::canonical(&json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"org.opencontainers.image.title": title}},
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        }));
        let manifest = json::canonical(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(CONFIG, &config),
            "layers": [descriptor(LAYER, &layer)],
        }));
        Self {
            config,
            layer,
            manifest,
        }
    }

    /// The bytes of the manifest: what a message signature over the image signs.
    pub fn manifest(&self) -> &[u8] {
        &self.manifest
    }

    /// `sha256:…` of the manifest: what statements and simple signing name.
    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }
}

/// An image with its evidence, as `cosign save` stores legacy layers and as registries list referrers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ImageLayout {
    image: Image,
    tag: Option<String>,
    evidence: Vec<Evidence>,
}

impl ImageLayout {
    /// A layout of an image without evidence.
    pub fn new(image: Image) -> Self {
        Self {
            image,
            tag: None,
            evidence: Vec::new(),
        }
    }

    /// Annotates the image with `org.opencontainers.image.ref.name`.
    pub fn tag(mut self, tag: &str) -> Self {
        self.tag = Some(tag.to_owned());
        self
    }

    /// Adds evidence: legacy layers go into the `…/atts` and `…/sigs` manifests of a saved image, any
    /// other media type becomes a referrer of its own (OCI 1.1 `subject` and `artifactType`).
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// The files by path relative to the layout's folder.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut blobs = Blobs::default();
        let mut manifests = vec![self.image_descriptor(&mut blobs)];
        for (media_type, kind) in [
            (DSSE_MEDIA_TYPE, "dev.cosignproject.cosign/atts"),
            (SIMPLE_SIGNING_MEDIA_TYPE, "dev.cosignproject.cosign/sigs"),
        ] {
            let layers: Vec<Value> = self
                .evidence
                .iter()
                .filter(|evidence| evidence.media_type == media_type)
                .map(|evidence| layer_descriptor(evidence, &mut blobs))
                .collect();
            if !layers.is_empty() {
                manifests.push(legacy_descriptor(layers, kind, &mut blobs));
            }
        }
        for evidence in &self.evidence {
            if !is_legacy(evidence) {
                let subject = descriptor(MANIFEST, &self.image.manifest);
                manifests.push(referrer_descriptor(evidence, &subject, &mut blobs));
            }
        }
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        let mut files = blobs.0;
        files.insert("index.json".to_owned(), json::canonical(&index));
        let layout = json!({"imageLayoutVersion": "1.0.0"});
        files.insert("oci-layout".to_owned(), json::canonical(&layout));
        files
    }

    /// Writes the files into a folder, which is made if need be.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        write_files(folder, &self.files())
    }

    fn image_descriptor(&self, blobs: &mut Blobs) -> Value {
        blobs.add(CONFIG, &self.image.config);
        blobs.add(LAYER, &self.image.layer);
        let mut descriptor = blobs.add(MANIFEST, &self.image.manifest);
        descriptor["annotations"] = json!({"kind": "dev.cosignproject.cosign/image"});
        if let Some(tag) = &self.tag {
            descriptor["annotations"]["org.opencontainers.image.ref.name"] = json!(tag);
        }
        descriptor
    }
}

/// Whether cosign stored such evidence before bundles.
fn is_legacy(evidence: &Evidence) -> bool {
    [DSSE_MEDIA_TYPE, SIMPLE_SIGNING_MEDIA_TYPE].contains(&evidence.media_type.as_str())
}

/// The layer that holds a piece of evidence.
pub(crate) fn layer_descriptor(evidence: &Evidence, blobs: &mut Blobs) -> Value {
    let mut layer = blobs.add(&evidence.media_type, &evidence.content);
    if !evidence.annotations.is_empty() {
        layer["annotations"] = json!(evidence.annotations);
    }
    layer
}

/// The manifest of a referrer of `subject`, which is a descriptor.
pub(crate) fn referrer_descriptor(
    evidence: &Evidence,
    subject: &Value,
    blobs: &mut Blobs,
) -> Value {
    let annotations = bundle_annotations(&evidence.content);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": evidence.media_type,
        "config": blobs.add(EMPTY, b"{}"),
        "layers": [layer_descriptor(evidence, blobs)],
        "subject": subject,
        "annotations": annotations,
    });
    let mut descriptor = blobs.add(MANIFEST, &json::canonical(&manifest));
    descriptor["artifactType"] = json!(evidence.media_type);
    descriptor["annotations"] = annotations;
    descriptor
}

/// The manifest of legacy layers of one kind.
pub(crate) fn legacy_descriptor(layers: Vec<Value>, kind: &str, blobs: &mut Blobs) -> Value {
    let diff_ids: Vec<&Value> = layers.iter().map(|layer| &layer["digest"]).collect();
    let config = json::canonical(&json!({
        "architecture": "",
        "os": "",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blobs.add(CONFIG, &config),
        "layers": layers,
    });
    let mut descriptor = blobs.add(MANIFEST, &json::canonical(&manifest));
    descriptor["annotations"] = json!({ "kind": kind });
    descriptor
}

/// The hints that cosign puts beside a bundle; none if the bundle cannot be read.
fn bundle_annotations(bundle: &[u8]) -> Value {
    let bundle: Value = serde_json::from_slice(bundle).unwrap_or_default();
    let Some(envelope) = bundle.get("dsseEnvelope") else {
        return json!({"dev.sigstore.bundle.content": "message-signature"});
    };
    let statement: Value = envelope["payload"]
        .as_str()
        .and_then(|payload| STANDARD.decode(payload).ok())
        .and_then(|payload| serde_json::from_slice(&payload).ok())
        .unwrap_or_default();
    let mut annotations = json!({"dev.sigstore.bundle.content": "dsse-envelope"});
    if let Some(predicate_type) = statement["predicateType"].as_str() {
        annotations["dev.sigstore.bundle.predicateType"] = json!(predicate_type);
    }
    annotations
}

/// Blobs by path.
#[derive(Debug, Default)]
pub(crate) struct Blobs(pub(crate) BTreeMap<String, Vec<u8>>);

impl Blobs {
    /// Stores a blob and describes it.
    pub(crate) fn add(&mut self, media_type: &str, content: &[u8]) -> Value {
        let path = format!("blobs/sha256/{}", hex(sha256(content)));
        self.0.insert(path, content.to_vec());
        descriptor(media_type, content)
    }
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(content), "size": content.len()})
}

fn digest(content: &[u8]) -> String {
    format!("sha256:{}", hex(sha256(content)))
}

/// Writes files by relative path into a folder.
pub(crate) fn write_files(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for (path, content) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, content)?;
    }
    Ok(())
}
