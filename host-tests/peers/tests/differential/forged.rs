//! Forged bundles: every form, valid and with every fault, by certificate and by key.

use std::path::PathBuf;

use sealstone_forge::{
    Build, BundleVersion, EntryKind, Evidence, Fault, Identity, KeyDetails, KeyPair, Signer,
    Subject, SubjectAlternativeName, TimestampAuthority, TransparencyLog, VirtualSigstore,
};
use sealstone_peers::{self as peers, Job};
use sealstone_verify::UnixTime;
use sha2::{Digest as _, Sha256};

use crate::corpus::Input;
use crate::vectors::written;

/// The manifest that is signed.
const MANIFEST: &[u8] = b"manifest";

type Make = fn(Signer<'_>) -> Result<Evidence, sealstone_forge::Error>;

/// Every form of bundle.
const FORMS: &[(&str, Make)] = &[
    ("bundle-0.1-dsse", |signer| {
        signer
            .bundle_version(BundleVersion::V01)
            .attest(&build().provenance_v02(subject()))
    }),
    ("bundle-0.1-message", |signer| {
        signer.bundle_version(BundleVersion::V01).sign(MANIFEST)
    }),
    ("bundle-0.2-dsse", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.2-intoto-0.0.2", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .entry(TransparencyLog::Rekor, EntryKind::IntotoV002)
            .attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.2-message", |signer| {
        signer
            .bundle_version(BundleVersion::V02)
            .with_chain()
            .sign(MANIFEST)
    }),
    ("bundle-0.3-dsse", |signer| {
        signer.attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.3-message", |signer| signer.sign(MANIFEST)),
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
            .timestamp(TimestampAuthority::First)
            .sign(MANIFEST)
    }),
    ("bundle-0.3-dsse-timestamp", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .embed_timestamp_certificates()
            .attest(&build().provenance_v1(subject()))
    }),
    ("bundle-0.3-message-timestamps", |signer| {
        signer
            .timestamp(TimestampAuthority::First)
            .timestamp(TimestampAuthority::Second)
            .sign(MANIFEST)
    }),
];

/// The name of a seed and an identity.
type Seed = (&'static str, fn() -> Identity);

/// Three instances with keys of their own, and whom their certificates name.
const SEEDS: [Seed; 3] = [
    ("workflow", || Identity::github_actions(&build())),
    ("person", || {
        Identity::email("https://accounts.example", "signer@sigstore.example")
    }),
    ("username", || Identity {
        subject_alternative_name: SubjectAlternativeName::OtherName(
            "signer!sigstore.example".to_owned(),
        ),
        ..Identity::uri("https://accounts.example", "")
    }),
];

/// Every form by every credential of every seed, valid and with every fault that it can carry.
pub(crate) fn inputs() -> Vec<Input> {
    let mut inputs = Vec::new();
    for (seed, identity) in SEEDS {
        let world = World::new(seed, identity());
        for (form, make) in FORMS {
            for by in ["keyless", "keyed"] {
                let faults = std::iter::once(None).chain(Fault::ALL.iter().copied().map(Some));
                inputs.extend(faults.filter_map(|fault| {
                    let name = fault.map_or("valid", Fault::name);
                    let name = format!("forged/{form}/{by}/{name}/{seed}");
                    world.input(name, *make, by == "keyed", fault)
                }));
            }
        }
    }
    inputs
}

/// One bundle that verifies.
pub(crate) fn valid() -> Job {
    let [(seed, identity), ..] = SEEDS;
    let name = "forged/valid".to_owned();
    let make: Make = |signer| signer.sign(MANIFEST);
    let input = World::new(seed, identity()).input(name, make, false, None);
    input.expect("nothing is wrong with it").job
}

struct World {
    sigstore: VirtualSigstore,
    identity: Identity,
    key: KeyPair,
    trusted_root: PathBuf,
}

impl World {
    fn new(seed: &str, identity: Identity) -> Self {
        let sigstore = VirtualSigstore::new(seed);
        Self {
            identity,
            key: sigstore.key_pair("release", KeyDetails::EcdsaP256Sha256),
            trusted_root: written(&format!("forged-{seed}.json"), &sigstore.trusted_root()),
            sigstore,
        }
    }

    /// Nothing, where the form cannot carry the fault.
    fn input(&self, name: String, make: Make, keyed: bool, fault: Option<Fault>) -> Option<Input> {
        let signer = if keyed {
            self.sigstore.keyed(&self.key)
        } else {
            self.sigstore.keyless(&self.identity)
        };
        let evidence = make(match fault {
            Some(fault) => signer.fault(fault),
            None => signer,
        });
        let evidence = match (evidence, fault) {
            (Ok(evidence), _) => evidence,
            (Err(sealstone_forge::Error::FaultNotApplicable(_)), Some(_)) => return None,
            (Err(error), _) => panic!("{name}: {error}"),
        };
        Some(Input {
            name,
            job: Job {
                bundle: evidence.content,
                trusted_root: self.trusted_root.clone(),
                artifact_digest: digest(),
                artifact: Some(MANIFEST.to_vec()),
                signer: self.signer(keyed),
            },
            now: UnixTime::from_seconds(sealstone_forge::NOW.seconds()),
        })
    }

    fn signer(&self, keyed: bool) -> peers::Signer {
        if keyed {
            return peers::Signer::Key(self.key.public_key_pem());
        }
        let identity = match &self.identity.subject_alternative_name {
            SubjectAlternativeName::Uri(name)
            | SubjectAlternativeName::Email(name)
            | SubjectAlternativeName::OtherName(name) => name.clone(),
        };
        peers::Signer::Certificate {
            identity,
            issuer: self.identity.issuer.clone(),
        }
    }
}

fn build() -> Build {
    Build::default()
}

fn subject() -> Subject {
    Subject::new("registry.example/octo-org/app", &digest())
}

/// The digest of [`MANIFEST`].
fn digest() -> String {
    let digest = Sha256::digest(MANIFEST);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
