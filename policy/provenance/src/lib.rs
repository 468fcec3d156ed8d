//! SLSA provenance and the predicates around it, each in one normal form.
//!
//! [`Provenance::from_statement`] reads the predicates `https://slsa.dev/provenance/v0.1`, `v0.2` and `v1`
//! and answers the same five questions for all: who built, what kind of build it was, where the source
//! came from, when it ran and how it was parametrised.
//!
//! Provenance is what a builder *says*. Whether the builder may be believed is not decided here:
//! the caller pairs the verified signer with the builder id, and compares [`Provenance::claims`]
//! with the certificate that carries the same facts.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod build_type;
mod claim;
mod error;
mod field;
mod git_ref;
mod github;
mod gitlab;
mod legacy;
mod limits;
mod parameters;
mod provenance;
mod source;
mod source_uri;
mod tekton;
mod v01;
mod v02;
mod v1;

pub use build_type::Producer;
pub use claim::{Claim, ClaimedField};
pub use error::Error;
pub use git_ref::{RefAbsence, VersionTag, VersionTagError};
pub use limits::Limit;
pub use parameters::{Expectation, UnexpectedParameter};
pub use provenance::{PropertyClaim, Provenance, ProvenanceVersion, ResourceDescriptor};
pub use source::Source;
pub use source_uri::{SourceUri, SourceUriError};
