//! Bundle verification cases of sigstore-conformance: `*_fail` is refused with the code that its README
//! implies, every other case verifies.

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use sealstone_verify::{
    ArtifactDigest, Error, Limits, PublicKey, Requirements, SignedEntity, Signer, UnixTime,
    Verifier,
};

use crate::folder;

/// 2026-11-01T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_793_491_200);

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The code of each refusal.
const CODES: &str = include_str!("conformance.txt");

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(vectors.join("conformance"))
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
        .into_iter()
        .map(|case| {
            let name = case.file_name().expect("a name").to_string_lossy();
            let name = format!("conformance/{name}");
            let vectors = vectors.to_path_buf();
            Trial::test(name, move || check(&vectors, &case))
        })
        .collect()
}

fn check(vectors: &Path, case: &Path) -> Result<(), Failed> {
    let name = case.file_name().expect("a name").to_string_lossy();
    let expected = CODES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(failing, _)| *failing == name)
        .map(|(_, code)| code);
    if name.ends_with("_fail") != expected.is_some() {
        return Err(format!("no code is listed; it is {:?}", verify(vectors, case)).into());
    }
    match (verify(vectors, case), expected) {
        (Ok(()), None) => Ok(()),
        (Err(code), Some(expected)) if code == expected => Ok(()),
        (outcome, expected) => Err(format!("{outcome:?} instead of {expected:?}").into()),
    }
}

fn verify(vectors: &Path, case: &Path) -> Result<(), &'static str> {
    let code = |error: Error| error.code();
    let limits = Limits::default();
    let own_root = case.join("trusted_root.json");
    let root = if own_root.exists() {
        folder::trusted_root(&own_root)
    } else {
        folder::trusted_root(&vectors.join("trusted-roots/production.json"))
    };
    let artifact = artifact(vectors, case);
    let bundle = std::fs::read(case.join("bundle.sigstore.json")).expect("the case has a bundle");
    let entity = SignedEntity::from_bundle(&bundle, &limits).map_err(code)?;
    let key = case.join("key.pub");
    if key.exists() {
        let key = PublicKey::from_pem(&folder::text(&key)).map_err(code)?;
        let requirements = Requirements {
            signed_certificate_timestamp_threshold: 0,
            ..Requirements::default()
        };
        let verifier = Verifier::keyed(key, Some(root), requirements, limits).map_err(code)?;
        return verifier
            .verify(&entity, &artifact, NOW)
            .map_err(code)
            .map(drop);
    }
    let verifier = Verifier::keyless(root, Requirements::default(), limits).map_err(code)?;
    let facts = verifier.verify(&entity, &artifact, NOW).map_err(code)?;
    let Signer::Certificate(signer) = facts.signer else {
        return Err("identity");
    };
    let expected = |file: &str, default: &str| {
        let path = case.join(file);
        if path.exists() {
            folder::text(&path)
        } else {
            default.to_string()
        }
    };
    if signer.subject_alternative_name != expected("identity", IDENTITY)
        || signer.issuer != expected("issuer", ISSUER)
    {
        return Err("identity");
    }
    Ok(())
}

fn artifact(vectors: &Path, case: &Path) -> ArtifactDigest {
    let own = case.join("artifact");
    let path = if own.exists() {
        own
    } else {
        vectors.join("conformance/a.txt")
    };
    folder::sha256_of(&path)
}
