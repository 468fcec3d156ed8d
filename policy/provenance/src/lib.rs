//! SLSA provenance in one normal form.
//!
//! [`Provenance::from_statement`] reads the predicates `https://slsa.dev/provenance/v0.2` and
//! `https://slsa.dev/provenance/v1` and answers the same five questions for both: who built, what
//! kind of build it was, where the source came from, when it ran and how it was parametrised.
//!
//! Provenance is what a builder *says*. Whether the builder may be believed is not decided here:
//! the caller pairs the verified signer with the builder id, and compares [`Provenance::claims`]
//! with the certificate that carries the same facts.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod claim;
mod error;
mod field;
mod github;
mod limits;
mod provenance;
mod source;
mod source_uri;
mod v02;
mod v1;

pub use claim::{Claim, ClaimedField};
pub use error::Error;
pub use limits::Limit;
pub use provenance::{Provenance, ProvenanceVersion, ResourceDescriptor};
pub use source::Source;
pub use source_uri::{SourceUri, SourceUriError};
