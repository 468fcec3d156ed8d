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
///
/// Where a README and a code seem to differ: `bundle-with-root-cert_fail` has an inclusion proof without a
/// checkpoint, and published bundles with a root certificate in their chain must verify, so the chain beyond
/// the leaf is passed over. The key of `managed-key-wrong-key_fail` is not base64. In
/// `integrated-time-in-future_fail` the time is past, but after the certificate's end.
const FAILURES: &[(&str, &str)] = &[
    (
        "bundle-empty-certificate-chain_fail",
        "bundle.certificate-chain-empty",
    ),
    (
        "bundle-from-wrong-instance_fail",
        "certificate.signature-invalid",
    ),
    (
        "bundle-invalid-base64-signature_fail",
        "bundle.field-malformed",
    ),
    ("bundle-malformed-json_fail", "bundle.json-malformed"),
    ("bundle-negative-log-index_fail", "bundle.field-malformed"),
    ("bundle-unknown-version_fail", "bundle.media-type-unknown"),
    ("bundle-with-root-cert_fail", "checkpoint.missing"),
    (
        "checkpoint-bad-keyhint_fail",
        "checkpoint.signature-missing",
    ),
    ("dsse-invalid-sig_fail", "signature.invalid"),
    ("dsse-mismatch-envelope_fail", "log-entry.artifact-mismatch"),
    ("dsse-mismatch-sig_fail", "log-entry.signature-mismatch"),
    (
        "incorrect-public-key_fail",
        "inclusion-promise.signature-invalid",
    ),
    ("integrated-time-in-future_fail", "certificate.expired"),
    (
        "intoto-expired-certificate_fail",
        "certificate.not-yet-valid",
    ),
    (
        "intoto-log-entry-mismatch_fail",
        "log-entry.signature-mismatch",
    ),
    (
        "intoto-set-outside-signing-cert-validity_fail",
        "certificate.expired",
    ),
    (
        "invalid-checkpoint-signature_fail",
        "checkpoint.signature-invalid",
    ),
    ("managed-key-no-key_fail", "certificate.missing"),
    ("managed-key-wrong-key_fail", "public-key.malformed"),
    ("message-digest-mismatch_fail", "artifact.mismatch"),
    (
        "rekor2-checkpoint-missing-origin_fail",
        "checkpoint.malformed",
    ),
    (
        "rekor2-checkpoint-missing-root-hash_fail",
        "checkpoint.malformed",
    ),
    (
        "rekor2-checkpoint-no-matching-signature_fail",
        "checkpoint.origin-mismatch",
    ),
    ("rekor2-dsse-invalid-sig_fail", "signature.invalid"),
    (
        "rekor2-dsse-mismatch-envelope_fail",
        "log-entry.artifact-mismatch",
    ),
    (
        "rekor2-dsse-mismatch-sig_fail",
        "log-entry.signature-mismatch",
    ),
    ("rekor2-no-inclusion-proof_fail", "inclusion-proof.missing"),
    ("rekor2-no-timestamp_fail", "time.missing"),
    (
        "rekor2-timestamp-outside-tsa-cert-validity_fail",
        "certificate.expired",
    ),
    (
        "rekor2-timestamp-outside-trust-root-tsa-validity_fail",
        "certificate.authority-outside-validity",
    ),
    (
        "rekor2-timestamp-payload-mismatch_fail",
        "timestamp.imprint-mismatch",
    ),
    (
        "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail",
        "timestamp.authority-unknown",
    ),
    (
        "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail",
        "timestamp.authority-unknown",
    ),
    (
        "rekor2-timestamp-with-incorrect-time_fail",
        "certificate.expired",
    ),
    (
        "set-invalid-signature_fail",
        "inclusion-promise.signature-invalid",
    ),
    ("signature-mismatch_fail", "signature.invalid"),
    (
        "wrong-hashedrekord-artifact_fail",
        "log-entry.artifact-mismatch",
    ),
    (
        "wrong-hashedrekord-cert-and-sig_fail",
        "log-entry.signature-mismatch",
    ),
    (
        "wrong-hashedrekord-entry_fail",
        "log-entry.artifact-mismatch",
    ),
    ("wrong-material_fail", "artifact.mismatch"),
];

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
    let expected = FAILURES
        .iter()
        .find(|(failing, _)| *failing == name)
        .map(|(_, code)| *code);
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
