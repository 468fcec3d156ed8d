//! Sigstore verification without I/O.
//!
//! A [`SignedEntity`] (a Sigstore bundle, or a layer that cosign stored before bundles existed) and
//! a [`Verifier`] (a trust root or a public key, prepared once) go in; [`Facts`] come out: who
//! signed, at which proven times, in which logs, over which artifact, and the exact statement bytes.
//! Time is an argument. Nothing here reads a clock, a file, the network or randomness.
//!
//! The order of the checks follows the Sigstore client specification, section 4, and sigstore-go's
//! `pkg/verify`; every rejection is a variant of [`Error`] with a stable [`Error::code`].

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod artifact;
mod bundle;
mod certificate;
mod crypto;
mod der;
mod document;
mod dsse;
mod encoding;
mod error;
mod facts;
#[cfg(feature = "internals")]
pub mod internals;
pub mod json;
mod limits;
mod requirements;
mod sct;
mod simple_signing;
mod statement;
pub mod text;
mod time;
mod timestamp;
mod tlog;
mod trusted_root;
mod verifier;

pub use artifact::{ArtifactDigest, DigestAlgorithm, Subject};
pub use bundle::SignedEntity;
pub use crypto::PublicKey;
pub use encoding::hex::encode as to_hex;
pub use error::{Document, Error};
pub use facts::{
    CertificateExtensions, CertificateIdentity, EntityKind, Facts, SanKind, Signer, TimeSource,
    VerifiedLogEntry, VerifiedTime,
};
pub use limits::{Limit, Limits};
pub use requirements::Requirements;
pub use statement::{Statement, StatementSubject};
pub use time::UnixTime;
pub use tlog::{Witness, WitnessQuorum};
pub use trusted_root::{PemTrustedRoot, TrustedRoot};
pub use verifier::Verifier;
