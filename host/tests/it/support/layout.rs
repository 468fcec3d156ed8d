//! Image layouts made in temporary folders.

use std::fs;
use std::path::{Path, PathBuf};

use sealstone::digest::Digest;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// A layout that grows entry by entry.
pub(crate) struct LayoutFolder {
    folder: TempDir,
    entries: Vec<Value>,
}

/// A descriptor in the making.
#[derive(Clone)]
pub(crate) struct Entry(pub(crate) Value);

impl Entry {
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0[member] = value.into();
        self
    }

    pub(crate) fn annotated(mut self, name: &str, value: &str) -> Self {
        self.0["annotations"][name] = value.into();
        self
    }

    pub(crate) fn tagged(self, tag: &str) -> Self {
        self.annotated("org.opencontainers.image.ref.name", tag)
    }

    pub(crate) fn cosign(self, kind: &str) -> Self {
        self.annotated("kind", &format!("dev.cosignproject.cosign/{kind}"))
    }

    pub(crate) fn digest(&self) -> Digest {
        self.0["digest"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn hex(&self) -> String {
        self.digest().hex().to_string()
    }
}

impl LayoutFolder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        let layout = Self {
            folder,
            entries: Vec::new(),
        };
        layout.write("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
        layout.write_index();
        layout
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn blob_path(&self, entry: &Entry) -> PathBuf {
        self.path().join("blobs/sha256").join(entry.hex())
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// Stores a blob and describes it.
    pub(crate) fn blob(&self, media_type: &str, content: impl AsRef<[u8]>) -> Entry {
        let content = content.as_ref();
        let digest = Digest::of(content);
        self.write(&format!("blobs/sha256/{}", digest.hex()), content);
        Entry(json!({
            "mediaType": media_type,
            "digest": digest.to_string(),
            "size": content.len(),
        }))
    }

    pub(crate) fn document(&self, media_type: &str, document: &Value) -> Entry {
        self.blob(media_type, document.to_string())
    }

    /// An image whose layers are not in the layout.
    pub(crate) fn image(&self, name: &str) -> Entry {
        let layer = Digest::of(name.as_bytes()).to_string();
        let layer = json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": layer, "size": 7});
        self.manifest(&[Entry(layer)], None)
    }

    pub(crate) fn manifest(&self, layers: &[Entry], subject: Option<&Entry>) -> Entry {
        let config = self.blob("application/vnd.oci.image.config.v1+json", "{}");
        let layers: Vec<&Value> = layers.iter().map(|layer| &layer.0).collect();
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.0,
            "layers": layers,
        });
        if let Some(subject) = subject {
            manifest["subject"] = subject.0.clone();
        }
        self.document(MANIFEST, &manifest)
    }

    pub(crate) fn index(&self, entries: &[Entry]) -> Entry {
        let entries: Vec<&Value> = entries.iter().map(|entry| &entry.0).collect();
        self.document(
            INDEX,
            &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}),
        )
    }

    /// Lists an entry in `index.json`.
    pub(crate) fn list(&mut self, entry: &Entry) {
        self.entries.push(entry.0.clone());
        self.write_index();
    }

    fn write_index(&self) {
        let index = json!({"schemaVersion": 2, "manifests": self.entries});
        self.write("index.json", index.to_string());
    }
}
