//! Bundles of real releases: as published, and asked for another artifact, identity or issuer.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealstone_peers::{Job, Signer};
use serde_json::Value;

use super::{NOW, PRODUCTION, files, read, text};
use crate::corpus::Input;
use crate::ours::Ours;

/// Message signatures, each for the digest in its bundle.
pub(crate) fn cpython(vectors: &Path) -> Vec<Input> {
    files(&vectors.join("cpython"))
        .iter()
        .flat_map(|path| {
            let bundle = read(path);
            let value: Value = serde_json::from_slice(&bundle).expect("JSON");
            let digest = value
                .pointer("/messageSignature/messageDigest/digest")
                .and_then(Value::as_str)
                .and_then(|digest| STANDARD.decode(digest).ok())
                .expect("the bundle has a digest");
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let name = path.file_name().expect("a name").to_string_lossy();
            let name = format!("cpython/{}", name.replace("_sigstore.sigstore.json", ""));
            variants(vectors, &name, bundle, format!("sha256:{hex}"))
        })
        .collect()
}

/// Provenance of slsa-verifier, each for the digest in the file beside it.
pub(crate) fn provenance(vectors: &Path) -> Vec<Input> {
    let base = vectors.join("provenance/slsa-verifier");
    files(&base)
        .iter()
        .filter(|path| {
            let extension = path.extension().unwrap_or_default();
            extension != "sha256" && extension != "json"
        })
        .flat_map(|path| {
            let relative = path.strip_prefix(&base).expect("the file lies below");
            let flat = relative.to_string_lossy().replace('/', ",");
            let digest = text(&digest_file(path));
            let hex = digest.split_whitespace().next().unwrap_or_default();
            let hex = hex.strip_prefix("sha256:").unwrap_or(hex);
            let name = format!("provenance/{flat}");
            variants(vectors, &name, read(path), format!("sha256:{hex}"))
        })
        .collect()
}

/// The digest file has the name of the artifact, which the name of the provenance starts with.
fn digest_file(provenance: &Path) -> PathBuf {
    let name = provenance.file_name().expect("a name").to_string_lossy();
    let artifact = [
        ".intoto.sigstore",
        ".intoto.build.slsa",
        ".intoto.jsonl",
        ".build.slsa",
    ]
    .iter()
    .find_map(|suffix| name.strip_suffix(suffix))
    .unwrap_or(&name);
    provenance.with_file_name(format!("{artifact}.sha256"))
}

/// The bundle as published, and with one thing else demanded.
fn variants(vectors: &Path, name: &str, bundle: Vec<u8>, digest: String) -> Vec<Input> {
    let mut published = Job {
        bundle,
        trusted_root: vectors.join(PRODUCTION),
        artifact_digest: digest,
        artifact: None,
        signer: Signer::Certificate {
            identity: String::new(),
            issuer: String::new(),
        },
    };
    let (identity, issuer) = signer(&published, name);
    let by = |identity: &str, issuer: &str| Signer::Certificate {
        identity: identity.to_owned(),
        issuer: issuer.to_owned(),
    };
    published.signer = by(&identity, &issuer);
    let other_artifact = Job {
        artifact_digest: format!("sha256:{}", "0".repeat(64)),
        ..published.clone()
    };
    let other_identity = Job {
        signer: by(&format!("{identity}x"), &issuer),
        ..published.clone()
    };
    let other_issuer = Job {
        signer: by(&identity, &format!("{issuer}x")),
        ..published.clone()
    };
    [
        ("published", published),
        ("other-artifact", other_artifact),
        ("other-identity", other_identity),
        ("other-issuer", other_issuer),
    ]
    .into_iter()
    .map(|(variant, job)| Input {
        name: format!("{name}/{variant}"),
        job,
        now: NOW,
    })
    .collect()
}

/// Identity and issuer as we read them; a peer that reads others rejects.
fn signer(job: &Job, name: &str) -> (String, String) {
    let facts = Ours::default()
        .facts(job, NOW)
        .unwrap_or_else(|error| panic!("{name} does not verify: {error}"));
    match facts.signer {
        sealstone_verify::Signer::Certificate(identity) => {
            (identity.subject_alternative_name, identity.issuer)
        }
        other => panic!("{name}: signed by {other:?}"),
    }
}
