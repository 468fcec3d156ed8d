//! Finding and reading vectors.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_verify::json::{Value, parse};
use sealstone_verify::{ArtifactDigest, DigestAlgorithm, Limits, TrustedRoot};
use sha2::{Digest, Sha256};

/// The folder with the vectors, if it is there.
pub(crate) fn find() -> Option<PathBuf> {
    let folder = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    folder.join("sources.json").is_file().then_some(folder)
}

/// All files below `folder`, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
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

/// The text of a file without white space at its ends.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .trim()
        .to_string()
}

/// A trust root by file.
pub(crate) fn trusted_root(path: &Path) -> Arc<TrustedRoot> {
    let json = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Arc::new(TrustedRoot::from_json(&json, &Limits::default()).expect("the trust root is valid"))
}

/// The digest of a file.
pub(crate) fn sha256_of(path: &Path) -> ArtifactDigest {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &Sha256::digest(&bytes))
        .expect("a SHA-256 digest has 32 bytes")
}

/// One JSON document.
pub(crate) fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&bytes, 64).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}

/// A text member at a path, which must be there.
pub(crate) fn member<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    value
        .at(path)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {path:?}"))
}

/// Bytes from hexadecimal.
pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("ASCII");
            u8::from_str_radix(pair, 16).expect("hexadecimal")
        })
        .collect()
}

/// Bytes from base64.
pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}

/// Certificates in PEM; a file in DER is wrapped.
pub(crate) fn pem(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let body = STANDARD.encode(error.as_bytes());
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    })
}
