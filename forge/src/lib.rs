//! A virtual Sigstore: certificate authority, certificate transparency, Rekor, timestamp
//! authorities, and a signer that
//! makes evidence for container images, valid or broken in one named way.
//!
//! Everything follows from a seed and explicit arguments: the same calls make the same bytes. The
//! keys are worthless by construction, since whoever knows the seed knows them.
//!
//! ```
//! use sealstone_forge::{Build, Fault, Identity, Subject, VirtualSigstore};
//!
//! let sigstore = VirtualSigstore::new("example");
//! let build = Build::default();
//! let image = format!("sha256:{}", "0".repeat(64));
//! let statement = build.provenance_v1(Subject::new("registry.example/app", &image));
//!
//! let signer = sigstore.keyless(&Identity::github_actions(&build));
//! let bundle = signer.attest(&statement)?;
//! let broken = signer.fault(Fault::SetMissing).attest(&statement)?;
//! assert_ne!(bundle, broken);
//! let trusted_root = sigstore.trusted_root();
//! # Ok::<(), sealstone_forge::Error>(())
//! ```

#![forbid(unsafe_code)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "numbers and lengths are the forge's own; nothing here reads input of an attacker"
)]

extern crate alloc;

mod attach;
mod body;
mod bundle;
mod certificate;
mod certificate_authority;
mod certificate_transparency;
mod checkpoint;
mod cms;
mod der;
mod dsse;
mod encoding;
mod error;
mod evidence;
pub mod examples;
mod fault;
mod identity;
mod json;
mod key;
mod key_details;
mod layout;
mod leaf;
mod legacy;
mod making;
mod merkle;
mod provenance;
mod rekor;
mod seed;
mod signer;
mod sigstore;
mod statement;
mod time;
mod timestamp_authority;
mod trusted_root;
mod witness;

pub use attach::attach;
pub use body::EntryKind;
pub use bundle::BundleVersion;
pub use certificate_transparency::CertificateTransparencyLog;
pub use dsse::IN_TOTO_PAYLOAD_TYPE;
pub use error::Error;
pub use evidence::{BUNDLE_V03_MEDIA_TYPE, DSSE_MEDIA_TYPE, Evidence, SIMPLE_SIGNING_MEDIA_TYPE};
pub use fault::Fault;
pub use identity::{FulcioExtension, GITHUB_ACTIONS_ISSUER, Identity, SubjectAlternativeName};
pub use key::KeyPair;
pub use key_details::{HashAlgorithm, KeyDetails};
pub use layout::{Image, ImageLayout};
pub use merkle::MerkleTree;
pub use provenance::{Build, SLSA_PROVENANCE_V1, SLSA_PROVENANCE_V02};
pub use rekor::TransparencyLog;
pub use signer::Signer;
pub use sigstore::{FUTURE, NOW, SIGNED, STARTED, ServiceKind, VirtualSigstore};
pub use statement::{Statement, StatementType, Subject};
pub use time::{UnixTime, ValidFor};
pub use timestamp_authority::TimestampAuthority;
pub use trusted_root::TrustedRootVersion;
