//! Runs the `openssl` program, which these tests need.

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What `openssl` says, both streams, if it succeeds, and the same as an error if not.
pub(crate) fn run(arguments: &[&str]) -> Result<String, String> {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new("openssl")
        .args(arguments)
        .output()
        .expect("the `openssl` program is installed");
    let text = [stdout, stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    if status.success() {
        Ok(text)
    } else {
        Err(text)
    }
}

pub(crate) fn write_pem(path: &Path, label: &str, der: &[u8]) {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| core::str::from_utf8(line).unwrap())
        .collect();
    let text = format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    );
    std::fs::write(path, text).unwrap();
}

/// Whether `signature` is one over `message` by the SubjectPublicKeyInfo `key`.
pub(crate) fn verifies(key: &[u8], hash: &str, message: &[u8], signature: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    write_pem(&folder.path().join("key"), "PUBLIC KEY", key);
    std::fs::write(path("message"), message).unwrap();
    std::fs::write(path("signature"), signature).unwrap();
    run(&[
        "dgst",
        hash,
        "-verify",
        &path("key"),
        "-signature",
        &path("signature"),
        &path("message"),
    ])
    .is_ok()
}

/// The same for keys that sign the message itself.
pub(crate) fn verifies_raw(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    write_pem(&folder.path().join("key"), "PUBLIC KEY", key);
    std::fs::write(path("message"), message).unwrap();
    std::fs::write(path("signature"), signature).unwrap();
    run(&[
        "pkeyutl",
        "-verify",
        "-pubin",
        "-rawin",
        "-inkey",
        &path("key"),
        "-sigfile",
        &path("signature"),
        "-in",
        &path("message"),
    ])
    .is_ok()
}
