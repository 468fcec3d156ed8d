//! The normal form.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::Statement;
use sealstone_verify::json::Value;

use crate::{Claim, Error, Source, v1, v02};

/// What a provenance predicate says, whichever version it is written in.
///
/// The versions are read as <https://slsa.dev/spec/v0.2/provenance> and
/// <https://slsa.dev/spec/v1.2/provenance> describe them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Provenance {
    /// The version of the predicate.
    pub version: ProvenanceVersion,
    /// Who: `builder.id`. Never empty.
    pub builder_id: String,
    /// What: `buildType`. Never empty.
    pub build_type: String,
    /// Where: the source that was built. `None` when the predicate names none, or when its build
    /// type is unknown, so that nobody can tell which of its parameters is the source.
    pub source: Option<Source>,
    /// Where: the further materials, `materials` or `resolvedDependencies`, in their order.
    pub dependencies: Vec<ResourceDescriptor>,
    /// When: the start of the build as the builder wrote it. A claim, not a verified time.
    pub started_on: Option<String>,
    /// When: the end of the build as the builder wrote it. A claim, not a verified time.
    pub finished_on: Option<String>,
    /// When: the builder's name of this run.
    pub invocation_id: Option<String>,
    /// How: `invocation.configSource.entryPoint`, or the place of the build configuration that the
    /// build type defines.
    pub entry_point: Option<String>,
    /// How: `invocation.parameters` or `buildDefinition.externalParameters`.
    pub external_parameters: Value,
    /// Everything that the predicate says and that a Fulcio certificate says too, each time that
    /// it says it.
    pub claims: Vec<Claim>,
}

impl Provenance {
    /// Reads the provenance in a statement of either version (`Statement/v0.1`, `Statement/v1`):
    /// both predicates occur in both.
    ///
    /// # Errors
    /// [`Error::PredicateTypeUnsupported`] when the statement is not provenance of a known version;
    /// the other variants when it is, and breaks a rule of its version.
    pub fn from_statement(statement: &Statement) -> Result<Self, Error> {
        Self::from_predicate(&statement.predicate_type, &statement.predicate)
    }

    /// Reads a predicate of the given type.
    ///
    /// # Errors
    /// As [`Provenance::from_statement`].
    pub fn from_predicate(predicate_type: &str, predicate: &Value) -> Result<Self, Error> {
        match ProvenanceVersion::of(predicate_type).ok_or(Error::PredicateTypeUnsupported)? {
            ProvenanceVersion::V02 => v02::read(predicate),
            ProvenanceVersion::V1 => v1::read(predicate),
        }
    }
}

/// The version of a provenance predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProvenanceVersion {
    /// `https://slsa.dev/provenance/v0.2`.
    V02,
    /// `https://slsa.dev/provenance/v1`, the same for SLSA v1.0, v1.1 and v1.2.
    V1,
}

impl ProvenanceVersion {
    /// The version that a predicate type names.
    pub fn of(predicate_type: &str) -> Option<Self> {
        [Self::V02, Self::V1]
            .into_iter()
            .find(|version| version.predicate_type() == predicate_type)
    }

    /// The predicate type.
    pub const fn predicate_type(self) -> &'static str {
        match self {
            Self::V02 => "https://slsa.dev/provenance/v0.2",
            Self::V1 => "https://slsa.dev/provenance/v1",
        }
    }
}

/// A material or resolved dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceDescriptor {
    /// The URI as written, empty where there is none.
    pub uri: String,
    /// Digests by algorithm name, as written.
    pub digest: BTreeMap<String, String>,
}
