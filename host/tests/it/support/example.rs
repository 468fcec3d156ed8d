//! The example in `examples/container-image`, to be changed at will.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Answer, sealstone};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/container-image");

/// A copy of the signed layout, the policy and the trust root.
pub(crate) struct Example {
    folder: TempDir,
}

impl Example {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new(FOLDER), folder.path());
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Replaces text that must be there.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let content = self.read(name);
        assert!(content.contains(from), "{from}");
        self.write(name, content.replace(from, to));
    }

    /// The digest of the image in a layout of the example.
    pub(crate) fn digest(&self, layout: &str) -> String {
        let index: Value =
            serde_json::from_str(&self.read(&format!("{layout}/index.json"))).unwrap();
        let entries = index["manifests"].as_array().unwrap();
        let is_image = |entry: &&Value| {
            let tag = &entry["annotations"]["org.opencontainers.image.ref.name"];
            tag.as_str().is_some_and(|tag| !tag.starts_with("sha256-"))
        };
        let image = entries.iter().find(is_image).unwrap();
        image["digest"].as_str().unwrap().to_owned()
    }

    /// Where a layout of the example has a blob.
    pub(crate) fn blob(&self, layout: &str, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").unwrap();
        self.path(&format!("{layout}/blobs/sha256/{hex}"))
    }

    /// The blobs of a layout that have this text in them.
    pub(crate) fn blobs_with(&self, layout: &str, text: &str) -> Vec<PathBuf> {
        let blobs = fs::read_dir(self.path(&format!("{layout}/blobs/sha256"))).unwrap();
        let paths = blobs.map(|blob| blob.unwrap().path());
        paths
            .filter(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(text))
            .collect()
    }

    /// Runs `verify` with the policy, trust root and time of the example.
    pub(crate) fn verify(&self, arguments: &[&str]) -> Answer {
        let policy = self.path("policy.yaml");
        let root = format!("example={}", self.path("trusted-root.json").display());
        let usual = [
            "--now",
            "2026-06-01T00:00:00Z",
            "--policy",
            policy.to_str().unwrap(),
            "--trusted-root",
            &root,
        ];
        sealstone(["verify"].iter().chain(arguments).chain(&usual))
    }

    /// Runs `verify` on a layout of the example.
    pub(crate) fn verify_layout(&self, layout: &str, arguments: &[&str]) -> Answer {
        let path = self.path(layout);
        let mut all = vec![path.to_str().unwrap()];
        all.extend_from_slice(arguments);
        self.verify(&all)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
