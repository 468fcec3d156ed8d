//! The public vectors that are bundles.

pub(crate) mod conformance;
pub(crate) mod projects;
pub(crate) mod published;

use std::path::{Path, PathBuf};

use sealstone_verify::UnixTime;
use sha2::{Digest as _, Sha256};

/// 2026-11-01T00:00:00Z.
pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_793_491_200);

const PRODUCTION: &str = "trusted-roots/production.json";
const STAGING: &str = "trusted-roots/staging.json";

/// The folder with the vectors, if it is there.
pub(crate) fn find() -> Option<PathBuf> {
    let folder = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    folder.join("sources.json").is_file().then_some(folder)
}

/// All files below `folder`, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of a file without white space at its ends.
fn text(path: &Path) -> String {
    let text = String::from_utf8(read(path)).expect("the file is text");
    text.trim().to_owned()
}

fn sha256(artifact: &[u8]) -> String {
    let digest = Sha256::digest(artifact);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A file for trust roots that do not lie in a file of their own.
pub(crate) fn written(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("the file can be written");
    path
}
