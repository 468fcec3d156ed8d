//! `https://slsa.dev/provenance/v1`.

mod build_type;

use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::git_ref::Refs;
use crate::legacy::builder_id;
use crate::{Error, Producer, Provenance, ProvenanceVersion, field};

const STARTED_ON: &str = "runDetails.metadata.startedOn";
const FINISHED_ON: &str = "runDetails.metadata.finishedOn";
const DEPENDENCIES: &str = "buildDefinition.resolvedDependencies";

/// Reads a predicate of this version.
pub(crate) fn read(predicate: &Value) -> Result<Provenance, Error> {
    let build_type = field::required_text(predicate, "buildDefinition.buildType")?;
    let producer = Producer::of(ProvenanceVersion::V1, &build_type);
    let external_parameters = field::object(predicate, "buildDefinition.externalParameters")?;
    if external_parameters.is_null() {
        return Err(Error::FieldMissing("buildDefinition.externalParameters"));
    }
    field::object(predicate, "buildDefinition.internalParameters")?;
    let dependencies = field::descriptors(predicate, DEPENDENCIES)?;
    let started_on = field::text(predicate, STARTED_ON)?;
    let finished_on = field::text(predicate, FINISHED_ON)?;
    let unverifiable = [
        (started_on.is_some(), STARTED_ON),
        (finished_on.is_some(), FINISHED_ON),
        (dependencies.len() != 1, DEPENDENCIES),
    ];
    let mut provenance = Provenance {
        version: ProvenanceVersion::V1,
        producer,
        builder_id: builder_id(predicate, "runDetails.builder.id", producer)?,
        build_type,
        source: None,
        dependencies,
        started_on,
        finished_on,
        invocation_id: field::either_text(
            predicate,
            "runDetails.metadata.invocationId",
            "runDetails.metadata.invocationID",
        )?,
        entry_point: None,
        external_parameters: external_parameters.clone(),
        source_parameters: &[],
        workflow_inputs: None,
        trigger: None,
        runner_environment: None,
        repository_id: None,
        repository_owner_id: None,
        hermetic: None,
        parameterless: None,
        reproducible: None,
        claims: Vec::new(),
        refs: Refs::UNKNOWN,
        unverifiable: unverifiable
            .into_iter()
            .find(|(said, _)| *said)
            .map(|(_, path)| path),
    };
    build_type::describe(predicate, &mut provenance)?;
    Ok(provenance)
}
