//! Certificates and trust roots of the tests of sigstore-python: each file has its rule, and none is left out.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::{Failed, Trial};
use sealstone_verify::internals::parse_certificate;
use sealstone_verify::{
    Error, Limits, PemTrustedRoot, PublicKey, Requirements, SignedEntity, TrustedRoot, UnixTime,
    Verifier,
};

use crate::folder;

/// 2026-11-01T00:00:00Z. The certificates end in the year 3022.
const NOW: UnixTime = UnixTime::from_seconds(1_793_491_200);

const FOLDER: &str = "sigstore-python";
/// A trust root into which parts are put.
const ROOT: &str = "sigstore-python/trusted_root/trustedroot.v1.json";
/// A bundle that verifies with it.
const BUNDLE: &str = "sigstore-python/bundle_v3_github.whl.sigstore";
const ARTIFACT: &str = "sigstore-python/bundle_v3_github.whl";

/// What is done with a file.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// It is the one certificate of a certificate authority.
    Authority,
    /// It signs, under the authority `bogus-root.pem`, which has the same name and signed it. Nothing proves a
    /// time; the time of the decision counts.
    Leaf,
    /// Whom it speaks for is read.
    Name,
    /// It is a public key.
    PublicKey,
    /// It is a trust root, with which [`BUNDLE`] is verified.
    TrustedRoot,
    /// The trust root within it is.
    TrustedRootWithin,
    /// It stands in the place of the timestamp authority of [`ROOT`].
    TimestampAuthority,
}

use Use::{Authority, Leaf, TimestampAuthority, TrustedRootWithin};

/// File, what is done with it, and the code of the refusal, or nothing where it must be accepted.
///
/// Where ours and sigstore-python's view of a file differ:
/// - `bogus-leaf.pem` is a good leaf to sigstore-python. It may sign here too, and only its signature is then wrong.
///   But its only name is a DNS name, which Fulcio never issues, so it speaks for nobody.
/// - `certificate_authority.missingroot.json` ends with an intermediate. To sigstore-python it is incomplete; the
///   format (`sigstore_trustroot.proto`, `cert_chain`) allows it, and the last certificate is the anchor.
const CASES: &[(&str, Use, Option<&str>)] = &[
    ("x509/bogus-root.pem", Authority, None),
    (
        "x509/bogus-root-invalid-ku.pem",
        Authority,
        Some("certificate.key-usage"),
    ),
    (
        "x509/bogus-root-missing-ku.pem",
        Authority,
        Some("certificate.key-usage"),
    ),
    (
        "x509/bogus-root-noncritical-bc.pem",
        Authority,
        Some("certificate.not-authority"),
    ),
    ("x509/bogus-intermediate.pem", Authority, None),
    ("x509/bogus-intermediate-with-eku.pem", Authority, None),
    (
        "x509/bogus-leaf.pem",
        Authority,
        Some("certificate.not-authority"),
    ),
    (
        "x509/bogus-leaf-invalid-eku.pem",
        Authority,
        Some("certificate.not-authority"),
    ),
    (
        "x509/bogus-leaf-invalid-ku.pem",
        Authority,
        Some("certificate.not-authority"),
    ),
    (
        "x509/bogus-leaf-missing-eku.pem",
        Authority,
        Some("certificate.not-authority"),
    ),
    ("x509/bogus-leaf.pem", Leaf, Some("signature.invalid")),
    (
        "x509/bogus-leaf.pem",
        Use::Name,
        Some("certificate.subject-alternative-name"),
    ),
    (
        "x509/bogus-leaf-invalid-eku.pem",
        Leaf,
        Some("certificate.extended-key-usage"),
    ),
    (
        "x509/bogus-leaf-invalid-ku.pem",
        Leaf,
        Some("certificate.key-usage"),
    ),
    (
        "x509/bogus-leaf-missing-eku.pem",
        Leaf,
        Some("certificate.extended-key-usage"),
    ),
    (
        "x509/bogus-root.pem",
        Leaf,
        Some("certificate.is-authority"),
    ),
    (
        "x509/bogus-root-invalid-ku.pem",
        Leaf,
        Some("certificate.is-authority"),
    ),
    (
        "x509/bogus-root-missing-ku.pem",
        Leaf,
        Some("certificate.is-authority"),
    ),
    (
        "x509/bogus-root-noncritical-bc.pem",
        Leaf,
        Some("certificate.is-authority"),
    ),
    (
        "x509/bogus-intermediate.pem",
        Leaf,
        Some("certificate.is-authority"),
    ),
    (
        "x509/bogus-intermediate-with-eku.pem",
        Leaf,
        Some("certificate.is-authority"),
    ),
    (
        "x509/root-privkey.pem",
        Use::PublicKey,
        Some("public-key.malformed"),
    ),
    (
        "x509/nonroot-privkey.pem",
        Use::PublicKey,
        Some("public-key.malformed"),
    ),
    ("trusted_root/trustedroot.v1.json", Use::TrustedRoot, None),
    (
        "trusted_root/trustedroot.badtype.json",
        Use::TrustedRoot,
        Some("trusted-root.media-type-unknown"),
    ),
    // Well-formed, but its logs are others.
    (
        "trusted_root/trustedroot.v1.local_tlog_ed25519_rekor-tiles.json",
        Use::TrustedRoot,
        Some("log-entry.log-unknown"),
    ),
    (
        "trusted_root/certificate_authority.json",
        TimestampAuthority,
        None,
    ),
    (
        "trusted_root/certificate_authority.missingroot.json",
        TimestampAuthority,
        None,
    ),
    (
        "trusted_root/certificate_authority.empty.json",
        TimestampAuthority,
        Some("trusted-root.chain-empty"),
    ),
    (
        "trusted_root/certificate_authority.json",
        Use::TrustedRoot,
        Some("trusted-root.field-missing"),
    ),
    ("trust_config/config.v1.json", TrustedRootWithin, None),
    // The type of the file around it is not ours to judge.
    ("trust_config/config.badtype.json", TrustedRootWithin, None),
    (
        "trust_config/config.v1.json",
        Use::TrustedRoot,
        Some("trusted-root.media-type-unknown"),
    ),
];

/// What is no data.
const NO_DATA: &[&str] = &["x509/build-testcases.py"];

pub(crate) fn trials(vectors: &Path) -> Vec<Trial> {
    let base = vectors.join(FOLDER);
    for folder in ["x509", "trusted_root", "trust_config"] {
        for path in folder::files(&base.join(folder)) {
            let name = path.strip_prefix(&base).expect("below the folder");
            let listed = NO_DATA.iter().any(|other| Path::new(other) == name)
                || CASES.iter().any(|(other, ..)| Path::new(other) == name);
            assert!(listed, "{} has no rule", path.display());
        }
    }
    CASES
        .iter()
        .map(|(file, used, expected)| {
            let vectors = vectors.to_path_buf();
            Trial::test(format!("{FOLDER}/{file} as {used:?}"), move || {
                check(&vectors, file, *used, *expected)
            })
        })
        .collect()
}

fn check(vectors: &Path, file: &str, used: Use, expected: Option<&str>) -> Result<(), Failed> {
    let outcome = outcome(vectors, &vectors.join(FOLDER).join(file), used);
    match (outcome.map_err(|error| error.code()), expected) {
        (Ok(()), None) => Ok(()),
        (Err(code), Some(expected)) if code == expected => Ok(()),
        (outcome, expected) => Err(format!("{outcome:?} instead of {expected:?}").into()),
    }
}

fn outcome(vectors: &Path, file: &Path, used: Use) -> Result<(), Error> {
    match used {
        Authority => authority(file).map(drop),
        Leaf => leaf(
            &vectors.join(FOLDER).join("x509/bogus-root.pem"),
            &folder::text(file),
        ),
        Use::Name => parse_certificate(&folder::from_base64(&body(&folder::text(file)))),
        Use::PublicKey => PublicKey::from_pem(&folder::text(file)).map(drop),
        Use::TrustedRoot => bundle(vectors, folder::text(file).as_bytes()),
        TrustedRootWithin => {
            let within = folder::json(file);
            let root = within.get("trustedRoot").expect("a trust root");
            bundle(vectors, root.to_canonical_string().as_bytes())
        }
        TimestampAuthority => {
            let mut root: serde_json::Value =
                serde_json::from_str(&folder::text(&vectors.join(ROOT))).expect("JSON");
            let authority: serde_json::Value =
                serde_json::from_str(&folder::text(file)).expect("JSON");
            let authorities = root.get_mut("timestampAuthorities").expect("a list");
            *authorities = vec![authority].into();
            TrustedRoot::from_json(root.to_string().as_bytes(), &Limits::default()).map(drop)
        }
    }
}

fn authority(file: &Path) -> Result<Arc<TrustedRoot>, Error> {
    let parts = PemTrustedRoot {
        certificate_authorities: vec![folder::text(file)],
        ..PemTrustedRoot::default()
    };
    TrustedRoot::from_pem(&parts, &Limits::default()).map(Arc::new)
}

/// The base64 of a PEM block.
fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

/// A bundle with this certificate and a signature that comes to nothing: what the certificate may be used for is
/// looked at first.
fn leaf(root: &Path, pem: &str) -> Result<(), Error> {
    let der = body(pem);
    let artifact = folder::sha256_of(root);
    let bundle = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial":{{"certificate":{{"rawBytes":"{der}"}}}},
        "messageSignature":{{"signature":"{}"}}}}"#,
        STANDARD.encode([1; 256])
    );
    let limits = Limits::default();
    let requirements = Requirements {
        transparency_log_threshold: 0,
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        insecure_current_time: true,
        ..Requirements::default()
    };
    let entity = SignedEntity::from_bundle(bundle.as_bytes(), &limits)?;
    Verifier::keyless(authority(root)?, requirements, limits)?
        .verify(&entity, &artifact, NOW)
        .map(drop)
}

/// Verifies [`BUNDLE`] with this trust root.
fn bundle(vectors: &Path, root: &[u8]) -> Result<(), Error> {
    let limits = Limits::default();
    let root = Arc::new(TrustedRoot::from_json(root, &limits)?);
    let bundle = std::fs::read(vectors.join(BUNDLE)).expect("the bundle is there");
    let entity = SignedEntity::from_bundle(&bundle, &limits)?;
    Verifier::keyless(root, Requirements::default(), limits)?
        .verify(&entity, &folder::sha256_of(&vectors.join(ARTIFACT)), NOW)
        .map(drop)
}
