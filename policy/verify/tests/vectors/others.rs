//! Bundles of the tests of sigstore-go and sigstore-python, each with what must hold.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use sealstone_verify::{
    ArtifactDigest, Error, Limits, Requirements, SignedEntity, TrustedRoot, UnixTime, Verifier,
};

use crate::folder;

/// 2026-11-01T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_793_491_200);

struct Case {
    bundle: &'static str,
    root: &'static str,
    artifact: Artifact,
    expected: Option<&'static str>,
}

enum Artifact {
    File(&'static str),
    Digest(&'static str),
}

const fn case(
    bundle: &'static str,
    root: &'static str,
    artifact: Artifact,
    expected: Option<&'static str>,
) -> Case {
    Case {
        bundle,
        root,
        artifact,
        expected,
    }
}

const PRODUCTION: &str = "trusted-roots/production.json";
const STAGING: &str = "trusted-roots/staging.json";

const CASES: &[Case] = &[
    case(
        "sigstore-go/bundles/dsse.sigstore.json",
        PRODUCTION,
        Artifact::Digest(
            "sha512:bbfd372fc9beeb777fe35d05bb10c0c70a9733d366a75fed7dd18866c7391de3ee7e88ba74dd47abf3e15c845e547fcf0e5c3da80854c751554224d3a6d4e55f",
        ),
        None,
    ),
    case(
        "sigstore-go/bundles/dsse-2sigs.sigstore.json",
        PRODUCTION,
        Artifact::Digest(
            "sha512:bbfd372fc9beeb777fe35d05bb10c0c70a9733d366a75fed7dd18866c7391de3ee7e88ba74dd47abf3e15c845e547fcf0e5c3da80854c751554224d3a6d4e55f",
        ),
        Some("dsse.signature-count"),
    ),
    case(
        "sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json",
        "sigstore-go/trusted-roots/public-good.json",
        Artifact::Digest(
            "sha512:46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c",
        ),
        None,
    ),
    case(
        "sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json",
        STAGING,
        Artifact::Digest(
            "sha512:46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50540fe34640966eee9fc2ccca387082b4c85cd3c",
        ),
        Some("certificate.signature-invalid"),
    ),
    case(
        "sigstore-go/bundles/othername.sigstore.json",
        "sigstore-go/trusted-roots/scaffolding.json",
        Artifact::Digest("sha256:bc103b4a84971ef6459b294a2b98568a2bfb72cded09d4acd1e16366a401f95b"),
        None,
    ),
    case(
        "sigstore-python/bundle.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle.txt"),
        None,
    ),
    case(
        "sigstore-python/bundle.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_v3.txt"),
        Some("artifact.mismatch"),
    ),
    case(
        "sigstore-python/bundle_v3.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_v3.txt"),
        None,
    ),
    case(
        "sigstore-python/bundle_v3_alt.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_v3_alt.txt"),
        None,
    ),
    case(
        "sigstore-python/bundle_v3_github.whl.sigstore",
        PRODUCTION,
        Artifact::File("sigstore-python/bundle_v3_github.whl"),
        None,
    ),
    case(
        "sigstore-python/bundle_v3_no_signed_time.txt.sigstore.json",
        PRODUCTION,
        Artifact::File("sigstore-python/bundle_v3_no_signed_time.txt"),
        Some("time.missing"),
    ),
    case(
        "sigstore-python/bundle_cve_2022_36056.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_cve_2022_36056.txt"),
        Some("log-entry.signature-mismatch"),
    ),
    case(
        "sigstore-python/bundle_invalid_version.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_invalid_version.txt"),
        Some("bundle.media-type-unknown"),
    ),
    case(
        "sigstore-python/bundle_no_cert_v1.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_no_cert_v1.txt"),
        Some("bundle.certificate-chain-empty"),
    ),
    case(
        "sigstore-python/bundle_no_checkpoint.txt.sigstore",
        STAGING,
        Artifact::File("sigstore-python/bundle_no_checkpoint.txt"),
        Some("checkpoint.missing"),
    ),
    case(
        "sigstore-python/bundle_no_log_entry.txt.sigstore",
        PRODUCTION,
        Artifact::File("sigstore-python/bundle_no_log_entry.txt"),
        Some("log-entry.missing"),
    ),
    case(
        "sigstore-python/staging-rekor-v2.txt.sigstore.json",
        STAGING,
        Artifact::File("sigstore-python/staging-rekor-v2.txt"),
        None,
    ),
    case(
        "sigstore-python/a.dsse.staging-rekor-v2.txt.sigstore.json",
        STAGING,
        Artifact::Digest("sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf"),
        None,
    ),
    case(
        "sigstore-python/tsa/bundle.many_timestamp.sigstore",
        STAGING,
        Artifact::File("sigstore-python/tsa/bundle.txt"),
        Some("limit.timestamps"),
    ),
];

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    CASES
        .iter()
        .map(|case| {
            let vectors = vectors.to_path_buf();
            Trial::test(format!("{}/{}", case.bundle, case.root), move || {
                check(&vectors, case)
            })
        })
        .collect()
}

fn check(vectors: &Path, case: &Case) -> Result<(), Failed> {
    match (verify(vectors, case), case.expected) {
        (Ok(()), None) => Ok(()),
        (Err(code), Some(expected)) if code == expected => Ok(()),
        (outcome, expected) => Err(format!("{outcome:?} instead of {expected:?}").into()),
    }
}

fn verify(vectors: &Path, case: &Case) -> Result<(), &'static str> {
    let code = |error: Error| error.code();
    let limits = Limits::default();
    let root: Arc<TrustedRoot> = folder::trusted_root(&vectors.join(case.root));
    let bundle = std::fs::read(vectors.join(case.bundle)).expect("the bundle is there");
    let artifact: ArtifactDigest = match case.artifact {
        Artifact::File(path) => folder::sha256_of(&vectors.join(path)),
        Artifact::Digest(digest) => digest.parse().expect("a digest"),
    };
    let entity = SignedEntity::from_bundle(&bundle, &limits).map_err(code)?;
    let verifier = Verifier::keyless(root, Requirements::default(), limits).map_err(code)?;
    verifier
        .verify(&entity, &artifact, NOW)
        .map_err(code)
        .map(drop)
}
