//! SLSA provenance, bills of materials, vulnerability scans and the predicates around them, each in one
//! normal form.
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

mod attestation_manifest;
mod build_type;
mod claim;
mod embedded;
mod error;
mod field;
mod git_ref;
mod github;
mod gitlab;
mod legacy;
mod level;
mod license;
mod limits;
mod package_url;
mod predicate_family;
mod provenance;
mod reader;
mod resource_uri;
mod sbom;
mod source;
mod source_uri;
mod tekton;
mod v01;
mod v02;
mod v1;
mod verification_summary;
mod version_range;
mod vex;
mod vulnerability;

pub use attestation_manifest::{AttestationManifest, AttestationReference, StatementLayer};
pub use build_type::Producer;
pub use claim::{Claim, ClaimedField};
pub use embedded::embedded_document;
pub use error::{AttestationManifestError, Error, SummaryError};
pub use git_ref::{RefAbsence, VersionTag, VersionTagError};
pub use level::{TrackLevel, VerifiedLevels};
pub use license::{LicenseError, LicenseExpression, LicenseList};
pub use limits::Limit;
pub use package_url::{PackageUrl, PackageUrlError};
pub use predicate_family::{PredicateFamily, is_version_of};
pub use provenance::{PropertyClaim, Provenance, ProvenanceVersion, ResourceDescriptor};
pub use resource_uri::{ResourceImage, ResourceUriTemplate, ResourceUriTemplateError};
pub use sbom::{
    Incomplete, MinimumElement, Sbom, SbomError, SbomFormat, SbomLicense, SbomPackage, SbomTool,
};
pub use source::Source;
pub use source_uri::{SourceUri, SourceUriError};
pub use verification_summary::{SourceRevision, VerificationSummary, VerificationSummaryVersion};
pub use version_range::{VersionError, VersionRange};
pub use vex::{OpenVex, VexError, VexIndex, VexJustification, VexProduct, VexStatement, VexStatus};
pub use vulnerability::{CvssScore, Finding, Fix, Severity, VulnerabilityError, VulnerabilityScan};
