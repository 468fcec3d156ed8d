//! Valid evidence of all kinds, with the verifier that accepts it.

use std::sync::Arc;

use sealstone_forge::{
    Build, BundleVersion, CertificateTransparencyLog, EntryKind, Evidence, Identity, KeyDetails,
    SIGNED, Subject, SubjectAlternativeName, TimestampAuthority, TransparencyLog, UnixTime,
    VirtualSigstore,
};
use sealstone_verify::{Limits, PublicKey, Requirements, TrustedRoot, Verifier};

use super::document::Node;
use crate::world::{FORMS, MANIFEST, Make, digest};

/// Evidence to change.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) evidence: Evidence,
    /// The same signed again later, for parts to take from.
    pub(super) donor: Evidence,
    pub(super) verifier: Verifier,
}

/// Forms beyond [`FORMS`].
const VARIANTS: &[(&str, Make)] = &[
    ("two-logs", |signer| {
        signer
            .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
            .entry(TransparencyLog::RekorSecond, EntryKind::IntotoV002)
            .attest(&build().provenance_v1(subject()))
    }),
    ("one-log-two-kinds", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .entry(TransparencyLog::Rekor, EntryKind::IntotoV002)
            .entry(TransparencyLog::Rekor, EntryKind::DsseV001)
            .attest(&build().provenance_v02(subject()))
    }),
    // Neighbours differ, or a proof would be as good for the index next to it.
    ("four-entries", |signer| {
        [
            EntryKind::DsseV001,
            EntryKind::IntotoV002,
            EntryKind::DsseV001,
            EntryKind::IntotoV002,
        ]
        .into_iter()
        .fold(signer, |signer, kind| {
            signer.entry(TransparencyLog::RekorSecond, kind)
        })
        .attest(&build().provenance_v1(subject()))
    }),
    ("rekor-v2-embedded-certificates", |signer| {
        signer
            .entry(TransparencyLog::RekorV2Ecdsa, EntryKind::HashedRekordV002)
            .with_witnesses()
            .timestamp(TimestampAuthority::Second)
            .embed_timestamp_certificates()
            .sign(MANIFEST)
    }),
    ("two-timestamps", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .timestamp(TimestampAuthority::Second)
            .sign(MANIFEST)
    }),
    ("second-log-legacy-attestation", |signer| {
        signer
            .entry(TransparencyLog::RekorSecond, EntryKind::IntotoV002)
            .attest_legacy(&build().provenance_v1(subject()))
    }),
    ("second-log-legacy-signature", |signer| {
        signer
            .entry(TransparencyLog::RekorSecond, EntryKind::HashedRekordV001)
            .sign_legacy("registry.example/octo-org/other", &digest())
    }),
];

/// Forms that only certificates have.
const CERTIFICATE_VARIANTS: &[(&str, Make)] = &[
    ("chain-0.1", |signer| {
        signer
            .bundle_version(BundleVersion::V01)
            .with_chain()
            .sign(MANIFEST)
    }),
    ("chain-0.2", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .with_chain()
            .attest(&build().provenance_v1(subject()))
    }),
    ("two-certificate-timestamps", |signer| {
        signer
            .certificate_transparency(&[
                CertificateTransparencyLog::First,
                CertificateTransparencyLog::Second,
            ])
            .timestamp_extensions(&[0, 0, 5, 0, 0, 0, 0, 7])
            .sign(MANIFEST)
    }),
    ("leaf-p384", |signer| {
        signer
            .leaf_key(KeyDetails::EcdsaP384Sha384)
            .attest(&build().provenance_v1(subject()))
    }),
    ("leaf-p384-sha256", |signer| {
        signer.leaf_key(KeyDetails::EcdsaP384Sha256).sign(MANIFEST)
    }),
];

#[derive(Clone, Debug)]
enum Credential {
    Certificate(Identity),
    Key(KeyDetails),
}

impl Credential {
    fn sign(&self, sigstore: &VirtualSigstore, make: Make, time: UnixTime) -> Evidence {
        let signer = match self {
            Self::Certificate(identity) => sigstore.keyless(identity),
            Self::Key(details) => sigstore.keyed(&sigstore.key_pair("release", *details)),
        };
        make(signer.at(time)).expect("the forge makes it")
    }

    /// For a key, `observers` sources of time are demanded.
    fn verifier(&self, sigstore: &VirtualSigstore, observers: usize) -> Verifier {
        let limits = Limits::default();
        let root = TrustedRoot::from_json(&sigstore.trusted_root(), &limits);
        let root = Arc::new(root.expect("the forged trust root is valid"));
        let verifier = match self {
            Self::Certificate(_) => Verifier::keyless(root, Requirements::default(), limits),
            Self::Key(details) => {
                let pair = sigstore.key_pair("release", *details);
                let key = PublicKey::from_pem(&pair.public_key_pem()).expect("the key is valid");
                let requirements = Requirements {
                    signed_certificate_timestamp_threshold: 0,
                    observer_timestamp_threshold: observers,
                    ..Requirements::default()
                };
                Verifier::keyed(key, Some(root), requirements, limits)
            }
        };
        verifier.expect("the requirements can be met")
    }
}

/// Every input.
pub(super) fn inputs() -> Vec<Input> {
    let (one, other) = (VirtualSigstore::new("one"), VirtualSigstore::new("other"));
    let github = Credential::Certificate(Identity::github_actions(&build()));
    let key = Credential::Key(KeyDetails::EcdsaP256Sha256);
    let mut inputs = Vec::new();
    let mut add = |name: &str, sigstore: &VirtualSigstore, credential: &Credential, make: Make| {
        inputs.push(Input {
            name: name.to_owned(),
            evidence: credential.sign(sigstore, make, SIGNED),
            donor: credential.sign(sigstore, make, SIGNED.plus(300)),
            verifier: credential.verifier(sigstore, 1),
        });
    };
    for (name, make) in FORMS.iter().chain(VARIANTS) {
        add(&format!("{name}, certificate"), &one, &github, *make);
        add(&format!("{name}, key"), &one, &key, *make);
    }
    for (name, make) in CERTIFICATE_VARIANTS {
        add(name, &other, &github, *make);
    }
    let forms = FORMS.iter().cycle();
    for ((name, credential), (form, make)) in credentials().iter().zip(forms) {
        add(&format!("{form}, {name}"), &other, credential, *make);
    }
    for (form, make) in [FORMS[0], FORMS[4]] {
        inputs.push(proof_only(form, &one, &key, make));
    }
    for (form, make) in [FORMS[0], FORMS[4], FORMS[5], FORMS[7]] {
        inputs.push(without_log(form, &one, make));
    }
    inputs
}

/// Signers of every kind that [`inputs`] has not had yet.
fn credentials() -> Vec<(&'static str, Credential)> {
    let issuer = "https://accounts.example";
    let mut user = Identity::email(issuer, "");
    user.subject_alternative_name =
        SubjectAlternativeName::OtherName("somebody!https://accounts.example".to_owned());
    vec![
        (
            "email",
            Credential::Certificate(Identity::email(issuer, "somebody@example.com")),
        ),
        ("other name", Credential::Certificate(user)),
        (
            "uri",
            Credential::Certificate(Identity::uri(issuer, "spiffe://example.com/workload")),
        ),
        ("key P-384", Credential::Key(KeyDetails::EcdsaP384Sha384)),
        (
            "key RSA",
            Credential::Key(KeyDetails::RsaPkcs1v15_2048Sha256),
        ),
        ("key P-521", Credential::Key(KeyDetails::EcdsaP521Sha512)),
        ("key Ed25519", Credential::Key(KeyDetails::Ed25519)),
    ]
}

/// A key's evidence for which a proof alone vouches: nothing proves a time.
fn proof_only(form: &str, sigstore: &VirtualSigstore, key: &Credential, make: Make) -> Input {
    let strip = |evidence: Evidence| {
        let mut document = Node::of(&evidence);
        document.remove_members("inclusionPromise");
        document.to_evidence(&evidence.media_type)
    };
    Input {
        name: format!("{form}, key, proof only"),
        evidence: strip(key.sign(sigstore, make, SIGNED)),
        donor: strip(key.sign(sigstore, make, SIGNED.plus(300))),
        verifier: key.verifier(sigstore, 0),
    }
}

/// A key's evidence that no log needs to hold: the signature alone vouches.
fn without_log(form: &str, sigstore: &VirtualSigstore, make: Make) -> Input {
    let pair = sigstore.key_pair("release", KeyDetails::EcdsaP256Sha256);
    let sign = |time| {
        let signer = sigstore.keyed(&pair).without_entries().at(time);
        make(signer).expect("the forge makes it")
    };
    let requirements = Requirements {
        transparency_log_threshold: 0,
        signed_certificate_timestamp_threshold: 0,
        observer_timestamp_threshold: 0,
        ..Requirements::default()
    };
    let key = PublicKey::from_pem(&pair.public_key_pem()).expect("the key is valid");
    let verifier = Verifier::keyed(key, None, requirements, Limits::default());
    Input {
        name: format!("{form}, key, no log"),
        evidence: sign(SIGNED),
        donor: sign(SIGNED.plus(300)),
        verifier: verifier.expect("the requirements can be met"),
    }
}

fn build() -> Build {
    Build::default()
}

fn subject() -> Subject {
    Subject::new("registry.example/octo-org/app", &digest())
}
