//! Signatures of real releases: each verifies for the digest in its bundle, and for no other.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::{
    ArtifactDigest, DigestAlgorithm, Limits, Requirements, SignedEntity, TrustedRoot, UnixTime,
    Verifier,
};

use crate::folder::{self, from_base64, member};

/// 2026-11-01T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_793_491_200);

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let root = folder::trusted_root(&vectors.join("trusted-roots/production.json"));
    folder::files(&vectors.join("cpython"))
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let root = Arc::clone(&root);
            Trial::test(format!("cpython/{name}"), move || check(&path, root))
        })
        .collect()
}

fn check(path: &Path, root: Arc<TrustedRoot>) -> Result<(), Failed> {
    let limits = Limits::default();
    let entity = SignedEntity::from_bundle(&std::fs::read(path)?, &limits)?;
    let verifier = Verifier::keyless(root, Requirements::default(), limits)?;
    let bundle = folder::json(path);
    let mut digest = from_base64(member(
        &bundle,
        &["messageSignature", "messageDigest", "digest"],
    ));
    let artifact = ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &digest)?;
    verifier.verify(&entity, &artifact, NOW)?;
    if let Some(first) = digest.first_mut() {
        *first ^= 1;
    }
    let other = ArtifactDigest::from_bytes(DigestAlgorithm::Sha256, &digest)?;
    match verifier.verify(&entity, &other, NOW) {
        Err(error) if error.code() == "artifact.mismatch" => Ok(()),
        outcome => Err(format!("for another digest: {outcome:?}").into()),
    }
}
