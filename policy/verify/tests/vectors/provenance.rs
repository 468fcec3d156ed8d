//! Provenance bundles of slsa-verifier: each verifies for its `.sha256`, and for no other digest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::{Limits, Requirements, SignedEntity, TrustedRoot, UnixTime, Verifier};

use crate::folder;

/// 2026-01-01T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_767_225_600);

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let root = folder::trusted_root(&vectors.join("trusted-roots/production.json"));
    let base = vectors.join("provenance/slsa-verifier");
    folder::files(&base)
        .into_iter()
        .filter(|path| is_provenance(path))
        .map(|path| {
            let name = format!(
                "provenance/{}",
                path.strip_prefix(&base).expect("below").display()
            );
            let root = Arc::clone(&root);
            Trial::test(name, move || check(&path, root))
        })
        .collect()
}

fn is_provenance(path: &Path) -> bool {
    !["sha256", "json"]
        .iter()
        .any(|extension| path.extension().is_some_and(|e| e == *extension))
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

fn check(path: &Path, root: Arc<TrustedRoot>) -> Result<(), Failed> {
    let limits = Limits::default();
    let json = std::fs::read(path)?;
    let entity = SignedEntity::from_bundle(&json, &limits)?;
    let verifier = Verifier::keyless(root, Requirements::default(), limits)?;
    let hex = folder::text(&digest_file(path));
    let hex = hex.split_whitespace().next().unwrap_or_default();
    let hex = hex.strip_prefix("sha256:").unwrap_or(hex);
    let facts = verifier.verify(&entity, &format!("sha256:{hex}").parse()?, NOW)?;
    if facts.statement.is_none() || facts.verified_times.is_empty() {
        return Err("facts are missing".into());
    }
    let other = format!("sha256:{}", "0".repeat(64)).parse()?;
    match verifier.verify(&entity, &other, NOW) {
        Err(error) if error.code() == "statement.subject-mismatch" => Ok(()),
        other => Err(format!("for another digest: {other:?}").into()),
    }
}
