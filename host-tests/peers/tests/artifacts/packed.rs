//! The packed files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A packed module.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Its name.
    pub(crate) name: String,
    folder: PathBuf,
}

impl Packed {
    /// Every packed module, by name.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let folder = std::env::var_os("SEALSTONE_ARTIFACTS").context(
            "SEALSTONE_ARTIFACTS names no folder; run this suite by `cargo xtask hosts`",
        )?;
        let folder = PathBuf::from(folder);
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder.join("oci"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            all.push(Self {
                name,
                folder: folder.clone(),
            });
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        ensure!(!all.is_empty(), "nothing is packed");
        Ok(all)
    }

    /// The module `name`.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let found = Self::all()?.into_iter().find(|packed| packed.name == name);
        found.with_context(|| format!("{name} is not packed"))
    }

    /// The module itself.
    pub(crate) fn module(&self) -> Result<Vec<u8>> {
        read(&self.folder.join(format!("{}.wasm", self.name)))
    }

    /// The bill of materials beside the module.
    pub(crate) fn bill(&self) -> Result<Value> {
        json(&self.folder.join(format!("{}.cdx.json", self.name)))
    }

    /// The provenance beside the module.
    pub(crate) fn provenance(&self) -> Result<Value> {
        json(&self.folder.join(format!("{}.provenance.json", self.name)))
    }

    /// The folder of the layout.
    pub(crate) fn layout(&self) -> PathBuf {
        self.folder.join("oci").join(&self.name)
    }

    /// The manifests that the index of the layout lists, with their digests; the image comes first.
    pub(crate) fn manifests(&self) -> Result<Vec<(String, Value)>> {
        let index = json(&self.layout().join("index.json"))?;
        let listed = index["manifests"].as_array().context("manifests")?;
        let manifests = listed.iter().map(|descriptor| {
            let digest = descriptor["digest"].as_str().unwrap_or_default().to_owned();
            Ok((digest, serde_json::from_slice(&self.blob(descriptor)?)?))
        });
        manifests.collect()
    }

    /// The blob of a descriptor, whose digest and size must be right.
    pub(crate) fn blob(&self, descriptor: &Value) -> Result<Vec<u8>> {
        let digest = descriptor["digest"].as_str().context("digest")?;
        let hex = digest.strip_prefix("sha256:").context("sha256")?;
        let bytes = read(&self.layout().join("blobs/sha256").join(hex))?;
        ensure!(sha256(&bytes) == hex, "{digest} has other bytes");
        ensure!(
            descriptor["size"] == bytes.len(),
            "{digest} has another size"
        );
        Ok(bytes)
    }
}

/// SHA-256 as lower-case hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

fn json(path: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&read(path)?)?)
}
