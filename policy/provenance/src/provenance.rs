//! The normal form.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::Statement;
use sealstone_verify::json::{Map, Value};

use crate::git_ref::Refs;
use crate::{Claim, ClaimedField, Error, Producer, RefAbsence, Source, v01, v1, v02};

/// What a provenance predicate says, whichever version it is written in.
///
/// The versions are read as <https://slsa.dev/spec/v0.1/provenance>,
/// <https://slsa.dev/spec/v0.2/provenance> and <https://slsa.dev/spec/v1.2/provenance> describe them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Provenance {
    /// The version of the predicate.
    pub version: ProvenanceVersion,
    /// Whose build type it is. `None` when the build type is unknown.
    pub producer: Option<Producer>,
    /// Who: `builder.id`. Never empty, except that BuildKit leaves it so.
    pub builder_id: String,
    /// What: `buildType` or `recipe.type`. Never empty.
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
    /// build type defines; on GitHub the path of the workflow.
    pub entry_point: Option<String>,
    /// How: `recipe.arguments`, `invocation.parameters` or `buildDefinition.externalParameters`.
    pub external_parameters: Value,
    /// The JSON pointers of those external parameters that [`Provenance::source`] is read from. Whoever
    /// compares the source has compared them.
    pub source_parameters: &'static [&'static str],
    /// How: the inputs with which a GitHub run was dispatched; `None` when the predicate does not say.
    pub workflow_inputs: Option<Map<String, Value>>,
    /// What started a build on GitHub, for example `push`.
    pub trigger: Option<String>,
    /// Where a build on GitHub ran: `github-hosted` or `self-hosted`.
    pub runner_environment: Option<String>,
    /// The number of the repository on GitHub.
    pub repository_id: Option<String>,
    /// The number of the repository's owner on GitHub.
    pub repository_owner_id: Option<String>,
    /// Whether the builder claims that the build used nothing but its listed dependencies.
    pub hermetic: Option<PropertyClaim>,
    /// Whether the builder claims that nothing but the source determined the build.
    pub parameterless: Option<PropertyClaim>,
    /// Whether the tenant claims that the build can be reproduced. Nobody has tried.
    pub reproducible: Option<PropertyClaim>,
    /// Everything that the predicate says and that a Fulcio certificate says too, each time that
    /// it says it.
    pub claims: Vec<Claim>,
    pub(crate) refs: Refs,
    /// The first thing that the predicate says and that no certificate can bear out.
    pub(crate) unverifiable: Option<&'static str>,
}

impl Provenance {
    /// Reads the provenance in a statement of either version (`Statement/v0.1`, `Statement/v1`):
    /// all predicates occur in both.
    ///
    /// # Errors
    /// [`Error::PredicateTypeUnsupported`] when the statement is not provenance of a known version;
    /// the other variants when it is, and breaks a rule of its version or contradicts itself.
    pub fn from_statement(statement: &Statement) -> Result<Self, Error> {
        Self::from_predicate(&statement.predicate_type, &statement.predicate)
    }

    /// Reads a predicate of the given type.
    ///
    /// # Errors
    /// As [`Provenance::from_statement`].
    pub fn from_predicate(predicate_type: &str, predicate: &Value) -> Result<Self, Error> {
        match ProvenanceVersion::of(predicate_type).ok_or(Error::PredicateTypeUnsupported)? {
            ProvenanceVersion::V01 => v01::read(predicate),
            ProvenanceVersion::V02 => v02::read(predicate),
            ProvenanceVersion::V1 => v1::read(predicate),
        }
    }

    /// The branch that was built, without `refs/heads/`. For a tag on GitHub it is the branch from which
    /// the tag was pushed or released, where the event says so.
    ///
    /// # Errors
    /// [`RefAbsence`], see there.
    pub fn branch(&self) -> Result<&str, RefAbsence> {
        self.refs.branch.as_deref().map_err(|absence| *absence)
    }

    /// The tag that was built, without `refs/tags/`.
    ///
    /// # Errors
    /// [`RefAbsence`], see there.
    pub fn tag(&self) -> Result<&str, RefAbsence> {
        self.refs.tag.as_deref().map_err(|absence| *absence)
    }

    /// An input of a dispatched run. `None` when it has none of that name, when it is no text, and for
    /// every other trigger: their events have no inputs.
    pub fn workflow_input(&self, name: &str) -> Option<&str> {
        if self.trigger.as_deref() != Some(DISPATCH) {
            return None;
        }
        self.workflow_inputs.as_ref()?.get(name)?.as_str()
    }

    /// The first thing that the predicate says and that no certificate can bear out: a time, complete or
    /// reproducible contents, parameters, a build configuration, more than one dependency. Where the
    /// tenant's own workflow writes the provenance (npm, `actions/attest`), believe none of them.
    pub fn unverifiable_claim(&self) -> Option<&'static str> {
        self.unverifiable
    }

    /// Takes what a GitHub certificate says too out of the claims.
    pub(crate) fn describe_run(&mut self) {
        let said = |field| {
            self.claims
                .iter()
                .find(|claim| claim.field == field)
                .map(|claim| claim.value.clone())
        };
        let trigger = said(ClaimedField::BuildTrigger);
        let runner = said(ClaimedField::RunnerEnvironment);
        let repository = said(ClaimedField::SourceRepositoryIdentifier);
        let owner = said(ClaimedField::SourceRepositoryOwnerIdentifier);
        self.trigger = trigger;
        self.runner_environment = runner;
        self.repository_id = repository;
        self.repository_owner_id = owner;
    }

    /// Whether nothing was entered when the run was started; `None` when the predicate does not say.
    pub(crate) fn without_inputs(&self) -> Option<bool> {
        if self.trigger.as_deref()? != DISPATCH {
            return Some(true);
        }
        self.workflow_inputs.as_ref().map(Map::is_empty)
    }
}

const DISPATCH: &str = "workflow_dispatch";

/// The version of a provenance predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProvenanceVersion {
    /// `https://slsa.dev/provenance/v0.1`.
    V01,
    /// `https://slsa.dev/provenance/v0.2`.
    V02,
    /// `https://slsa.dev/provenance/v1`, the same for SLSA v1.0, v1.1 and v1.2.
    V1,
}

impl ProvenanceVersion {
    /// The version that a predicate type names.
    pub fn of(predicate_type: &str) -> Option<Self> {
        [Self::V01, Self::V02, Self::V1]
            .into_iter()
            .find(|version| version.predicate_type() == predicate_type)
    }

    /// The predicate type.
    pub const fn predicate_type(self) -> &'static str {
        match self {
            Self::V01 => "https://slsa.dev/provenance/v0.1",
            Self::V02 => "https://slsa.dev/provenance/v0.2",
            Self::V1 => "https://slsa.dev/provenance/v1",
        }
    }
}

/// What provenance claims about the build, and where. A claim of the builder, or of its tenant: it
/// proves nothing unless the builder is trusted with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct PropertyClaim {
    /// Whether the property is said to hold.
    pub holds: bool,
    /// Where the provenance says it, written with dots from the predicate.
    pub path: &'static str,
}

/// A material or resolved dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceDescriptor {
    /// The name, empty where there is none: only v1 has it.
    pub name: String,
    /// The URI as written, empty where there is none.
    pub uri: String,
    /// Digests by algorithm name, as written.
    pub digest: Map<String, String>,
}
