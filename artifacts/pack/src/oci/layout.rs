//! OCI image layouts (image-spec v1.1, `image-layout.md`), put together in memory.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::artifact::sha256;
use crate::json::{canonical, with};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A layout that grows.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: Vec<Value>,
}

/// A blob by what it is.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor {
    /// The media type.
    pub(crate) media_type: &'static str,
    /// `sha256:` and hexadecimal digits.
    pub(crate) digest: String,
    /// Bytes.
    pub(crate) size: usize,
}

impl Descriptor {
    /// The descriptor as manifests have it.
    pub(crate) fn to_value(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest, "size": self.size})
    }
}

impl Layout {
    /// Adds a blob.
    pub(crate) fn blob(&mut self, media_type: &'static str, bytes: Vec<u8>) -> Descriptor {
        let hex = sha256(&bytes);
        let descriptor = Descriptor {
            media_type,
            digest: format!("sha256:{hex}"),
            size: bytes.len(),
        };
        self.blobs.insert(hex, bytes);
        descriptor
    }

    /// Adds an image manifest of these members and lists it in the index, with annotations there where
    /// there are any.
    pub(crate) fn manifest(
        &mut self,
        members: Map<String, Value>,
        annotations: &BTreeMap<String, String>,
    ) -> Result<Descriptor> {
        let mut manifest = members;
        manifest.insert("schemaVersion".to_owned(), json!(2));
        manifest.insert("mediaType".to_owned(), json!(MANIFEST));
        let artifact_type = manifest.get("artifactType").cloned();
        let descriptor = self.blob(MANIFEST, canonical(&Value::Object(manifest))?);
        let mut listed = descriptor.to_value();
        if let Some(artifact_type) = artifact_type {
            listed = with(listed, "artifactType", artifact_type);
        }
        if !annotations.is_empty() {
            listed = with(listed, "annotations", json!(annotations));
        }
        self.manifests.push(listed);
        Ok(descriptor)
    }

    /// The files of the layout by their paths in it.
    pub(crate) fn files(self) -> Result<BTreeMap<String, Vec<u8>>> {
        let index = json!({
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": self.manifests,
        });
        let version = json!({"imageLayoutVersion": "1.0.0"});
        let mut files = BTreeMap::from([
            ("index.json".to_owned(), canonical(&index)?),
            ("oci-layout".to_owned(), canonical(&version)?),
        ]);
        for (hex, bytes) in self.blobs {
            files.insert(format!("blobs/sha256/{hex}"), bytes);
        }
        Ok(files)
    }
}
