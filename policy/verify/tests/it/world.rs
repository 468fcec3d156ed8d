//! A virtual Sigstore, every form of evidence, and their verification.

use std::sync::{Arc, LazyLock};

use sealstone_forge::{
    Build, BundleVersion, EntryKind, Evidence, Fault, Identity, KeyDetails, NOW, Signer, Subject,
    TimestampAuthority, TransparencyLog, VirtualSigstore,
};
use sealstone_verify::{
    ArtifactDigest, Error, Facts, Limits, PublicKey, Requirements, SignedEntity, TrustedRoot,
    UnixTime, Verifier,
};

/// The manifest that is signed.
pub(crate) const MANIFEST: &[u8] = b"manifest";

pub(crate) type Make = fn(Signer<'_>) -> Result<Evidence, sealstone_forge::Error>;

fn build() -> Build {
    Build::default()
}

fn subject() -> Subject {
    Subject::new("registry.example/octo-org/app", &digest())
}

/// The digest of [`MANIFEST`].
pub(crate) fn digest() -> String {
    artifact().to_string()
}

/// The digest of [`MANIFEST`].
pub(crate) fn artifact() -> ArtifactDigest {
    use sha2::Digest as _;
    ArtifactDigest::from_bytes(
        sealstone_verify::DigestAlgorithm::Sha256,
        &sha2::Sha256::digest(MANIFEST),
    )
    .expect("a SHA-256 digest has 32 bytes")
}

/// Every form of evidence.
pub(crate) const FORMS: &[(&str, Make)] = &[
    ("bundle-0.3-dsse", |signer| {
        signer.attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.2-dsse", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.1-dsse", |signer| {
        signer
            .bundle_version(BundleVersion::V01)
            .attest(&build().provenance_v02(subject()))
    }),
    ("bundle-0.2-intoto-0.0.2", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .entry(TransparencyLog::Rekor, EntryKind::IntotoV002)
            .attest(&build().provenance_v02(subject()))
    }),
    ("bundle-0.3-message", |signer| signer.sign(MANIFEST)),
    ("legacy-attestation-intoto", |signer| {
        signer.attest_legacy(&build().provenance_v02(subject()))
    }),
    ("legacy-attestation-dsse", |signer| {
        signer
            .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
            .attest_legacy(&build().provenance_v02(subject()))
    }),
    ("legacy-signature", |signer| {
        signer.sign_legacy("registry.example/octo-org/app", &digest())
    }),
    ("bundle-0.3-dsse-rekor-v2", |signer| {
        signer
            .entry(TransparencyLog::RekorV2, EntryKind::HashedRekordV002)
            .with_witnesses()
            .timestamp(TimestampAuthority::First)
            .attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.3-message-rekor-v2", |signer| {
        signer
            .entry(TransparencyLog::RekorV2Ecdsa, EntryKind::HashedRekordV002)
            .timestamp(TimestampAuthority::Second)
            .sign(MANIFEST)
    }),
    ("legacy-attestation-timestamp", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .attest_legacy(&build().provenance_v02(subject()))
    }),
    ("legacy-signature-timestamp", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .sign_legacy("registry.example/octo-org/app", &digest())
    }),
];

/// The instance that all tests look at.
pub(crate) static SIGSTORE: LazyLock<VirtualSigstore> =
    LazyLock::new(|| VirtualSigstore::new("verify"));

static ROOT: LazyLock<Arc<TrustedRoot>> = LazyLock::new(|| {
    let root = TrustedRoot::from_json(&SIGSTORE.trusted_root(), &Limits::default());
    Arc::new(root.expect("the forged trust root is valid"))
});

/// How evidence is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Certificate,
    Key,
}

/// Makes evidence.
pub(crate) fn make(
    make: Make,
    by: By,
    fault: Option<Fault>,
) -> Result<Evidence, sealstone_forge::Error> {
    let key = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let signer = match by {
        By::Certificate => SIGSTORE.keyless(&Identity::github_actions(&build())),
        By::Key => SIGSTORE.keyed(&key),
    };
    make(match fault {
        Some(fault) => signer.fault(fault),
        None => signer,
    })
}

/// The verifier for evidence that is signed so.
pub(crate) fn verifier(by: By) -> Verifier {
    let root = Arc::clone(&ROOT);
    let verifier = match by {
        By::Certificate => Verifier::keyless(root, Requirements::default(), Limits::default()),
        By::Key => {
            let pair = SIGSTORE.key_pair("release", KeyDetails::EcdsaP256Sha256);
            let key = PublicKey::from_pem(&pair.public_key_pem()).expect("the key is valid");
            let requirements = Requirements {
                signed_certificate_timestamp_threshold: 0,
                ..Requirements::default()
            };
            Verifier::keyed(key, Some(root), requirements, Limits::default())
        }
    };
    verifier.expect("the requirements can be met")
}

/// Reads evidence by its media type.
pub(crate) fn read(evidence: &Evidence) -> Result<SignedEntity, Error> {
    let limits = Limits::default();
    let annotations = evidence.annotations.clone().into_iter().collect();
    match evidence.media_type.as_str() {
        sealstone_forge::DSSE_MEDIA_TYPE => {
            SignedEntity::from_legacy_attestation(&evidence.content, &annotations, &limits)
        }
        sealstone_forge::SIMPLE_SIGNING_MEDIA_TYPE => {
            SignedEntity::from_legacy_signature(&evidence.content, &annotations, &limits)
        }
        _ => SignedEntity::from_bundle(&evidence.content, &limits),
    }
}

/// Reads and verifies evidence for [`MANIFEST`].
pub(crate) fn verify(evidence: &Evidence, by: By) -> Result<Facts, Error> {
    verifier(by).verify(
        &read(evidence)?,
        &artifact(),
        UnixTime::from_seconds(NOW.seconds()),
    )
}
