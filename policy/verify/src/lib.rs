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
mod encoding;
mod error;
mod facts;
pub mod json;
mod limits;
mod statement;
mod time;

pub use artifact::{ArtifactDigest, DigestAlgorithm};
pub use error::Error;
pub use facts::{
    CertificateExtensions, CertificateIdentity, EntityKind, Facts, SanKind, Signer, TimeSource,
    VerifiedLogEntry, VerifiedTime,
};
pub use limits::{Limit, Limits};
pub use statement::{Statement, StatementSubject};
pub use time::UnixTime;
