//! `https://slsa.dev/provenance/v1`.

mod build_type;

use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::{Error, Provenance, ProvenanceVersion, field};

/// Reads a predicate of this version.
pub(crate) fn read(predicate: &Value) -> Result<Provenance, Error> {
    let build_type = field::required_text(predicate, "buildDefinition.buildType")?;
    let external_parameters = field::object(predicate, "buildDefinition.externalParameters")?;
    if external_parameters.is_null() {
        return Err(Error::FieldMissing("buildDefinition.externalParameters"));
    }
    field::object(predicate, "buildDefinition.internalParameters")?;
    let dependencies = field::descriptors(predicate, "buildDefinition.resolvedDependencies")?;
    let builder_id = field::required_text(predicate, "runDetails.builder.id")?;
    let invocation_id = match field::text(predicate, "runDetails.metadata.invocationId")? {
        Some(id) => Some(id),
        None => field::text(predicate, "runDetails.metadata.invocationID")?,
    };

    let mut claims = Vec::new();
    let found = build_type::read(
        &build_type,
        predicate,
        &dependencies,
        invocation_id.as_deref(),
        &mut claims,
    )?;
    Ok(Provenance {
        version: ProvenanceVersion::V1,
        builder_id,
        build_type,
        source: found.source,
        dependencies,
        started_on: field::text(predicate, "runDetails.metadata.startedOn")?,
        finished_on: field::text(predicate, "runDetails.metadata.finishedOn")?,
        invocation_id,
        entry_point: found.entry_point,
        external_parameters: external_parameters.clone(),
        claims,
    })
}
