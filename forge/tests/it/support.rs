//! Evidence of every kind, and ways to look into it.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealstone_forge::{
    Build, BundleVersion, EntryKind, Error, Evidence, Fault, Identity, KeyDetails, Signer, Subject,
    TimestampAuthority, TransparencyLog, VirtualSigstore,
};
use serde_json::Value;

pub(crate) const IMAGE: &str =
    "sha256:6f4e41d9d9e1c3e6a1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70";

pub(crate) fn subject() -> Subject {
    Subject::new("registry.example/octo-org/app", IMAGE)
}

/// Makes one kind of evidence with a signer.
pub(crate) type Make = fn(Signer<'_>) -> Result<Evidence, Error>;

/// Every kind of evidence. Between them they must be able to carry every fault.
pub(crate) const KINDS: &[(&str, Make)] = &[
    ("bundle 0.3, statement", |signer| {
        signer.attest(&Build::default().provenance_v1(subject()))
    }),
    ("bundle 0.2, statement", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .attest(&Build::default().provenance_v1(subject()))
    }),
    ("bundle 0.1, statement", |signer| {
        signer
            .bundle_version(BundleVersion::V01)
            .attest(&Build::default().provenance_v02(subject()))
    }),
    ("bundle 0.2, intoto 0.0.2", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .entry(TransparencyLog::RekorSecond, EntryKind::IntotoV002)
            .attest(&Build::default().provenance_v02(subject()))
    }),
    ("bundle 0.3, message", |signer| signer.sign(b"manifest")),
    ("legacy attestation, intoto 0.0.1", |signer| {
        signer.attest_legacy(&Build::default().provenance_v02(subject()))
    }),
    ("legacy attestation, dsse 0.0.1", |signer| {
        signer
            .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
            .attest_legacy(&Build::default().provenance_v02(subject()))
    }),
    ("legacy signature", |signer| {
        signer.sign_legacy("registry.example/octo-org/app", IMAGE)
    }),
    ("bundle 0.3, statement, Rekor v2 and timestamp", |signer| {
        signer
            .entry(TransparencyLog::RekorV2, EntryKind::HashedRekordV002)
            .with_witnesses()
            .timestamp(TimestampAuthority::First)
            .attest(&Build::default().provenance_v1(subject()))
    }),
    ("bundle 0.3, message, Rekor v2 and timestamp", |signer| {
        signer
            .entry(TransparencyLog::RekorV2Ecdsa, EntryKind::HashedRekordV002)
            .timestamp(TimestampAuthority::Second)
            .sign(b"manifest")
    }),
    ("bundle 0.3, statement, timestamps only", |signer| {
        signer
            .without_entries()
            .timestamp(TimestampAuthority::First)
            .timestamp(TimestampAuthority::Second)
            .embed_timestamp_certificates()
            .attest(&Build::default().provenance_v1(subject()))
    }),
    ("legacy attestation with timestamp", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .attest_legacy(&Build::default().provenance_v02(subject()))
    }),
    ("legacy signature with timestamp", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .sign_legacy("registry.example/octo-org/app", IMAGE)
    }),
];

pub(crate) fn identity() -> Identity {
    Identity::github_actions(&Build::default())
}

/// The instance that all tests look at.
pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("tests"));

pub(crate) fn keyless(make: Make, fault: Option<Fault>) -> Result<Evidence, Error> {
    let signer = SIGSTORE.keyless(&identity());
    make(match fault {
        Some(fault) => signer.fault(fault),
        None => signer,
    })
}

pub(crate) fn keyed(make: Make, fault: Option<Fault>) -> Result<Evidence, Error> {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let signer = SIGSTORE.keyed(&key);
    make(match fault {
        Some(fault) => signer.fault(fault),
        None => signer,
    })
}

/// The bundle of an attested statement.
pub(crate) fn bundle() -> Value {
    let evidence = keyless(KINDS[0].1, None).unwrap();
    serde_json::from_slice(&evidence.content).unwrap()
}

pub(crate) fn base64(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

/// DER of the leaf in a version 0.3 bundle.
pub(crate) fn leaf(bundle: &Value) -> Vec<u8> {
    base64(&bundle["verificationMaterial"]["certificate"]["rawBytes"])
}

pub(crate) fn trusted_root() -> Value {
    serde_json::from_slice(&SIGSTORE.trusted_root()).unwrap()
}

/// DER certificates of the authority in use, intermediate first.
pub(crate) fn chain() -> Vec<Vec<u8>> {
    let root = trusted_root();
    let authorities = root["certificateAuthorities"].as_array().unwrap();
    let authority = authorities.last().unwrap();
    let certificates = authority["certChain"]["certificates"].as_array().unwrap();
    certificates
        .iter()
        .map(|certificate| base64(&certificate["rawBytes"]))
        .collect()
}
