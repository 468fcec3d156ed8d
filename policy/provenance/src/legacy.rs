//! What provenance v0.1 and v0.2 share.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::git_ref::Refs;
use crate::{Error, Producer, PropertyClaim, Provenance, ProvenanceVersion, RefAbsence, field};

/// Where the two versions put the same thing, written with dots from the predicate.
pub(crate) struct Legacy {
    pub(crate) version: ProvenanceVersion,
    pub(crate) build_type: &'static str,
    pub(crate) entry_point: &'static str,
    pub(crate) parameters: &'static str,
    pub(crate) build_config: Option<&'static str>,
    pub(crate) complete_parameters: &'static str,
}

const COMPLETE_MATERIALS: &str = "metadata.completeness.materials";
const REPRODUCIBLE: &str = "metadata.reproducible";
const STARTED_ON: &str = "metadata.buildStartedOn";
const FINISHED_ON: &str = "metadata.buildFinishedOn";

/// Everything but the source, the run and the properties that depend on them.
pub(crate) fn read(predicate: &Value, names: &Legacy) -> Result<Provenance, Error> {
    let build_type = field::required_text(predicate, names.build_type)?;
    let producer = Producer::of(names.version, &build_type);
    let external_parameters = field::value(predicate, names.parameters)?
        .cloned()
        .unwrap_or_default();
    let dependencies = field::descriptors(predicate, "materials")?;
    let started_on = field::text(predicate, STARTED_ON)?;
    let finished_on = field::text(predicate, FINISHED_ON)?;
    let flag = |path| {
        let claim = field::boolean(predicate, path)?.map(|holds| PropertyClaim { holds, path });
        Ok::<_, Error>(claim)
    };
    let complete_parameters = flag(names.complete_parameters)?;
    let complete_environment = flag("metadata.completeness.environment")?;
    let complete_materials = flag(COMPLETE_MATERIALS)?;
    let reproducible = flag(REPRODUCIBLE)?;
    let build_config = match names.build_config {
        Some(path) => field::value(predicate, path)?
            .filter(|config| !field::is_unset(config))
            .map(|_| path),
        None => None,
    };

    let holding = [
        complete_parameters,
        complete_environment,
        complete_materials,
        reproducible,
    ];
    let unverifiable = [
        (started_on.is_some(), STARTED_ON),
        (finished_on.is_some(), FINISHED_ON),
        (!field::is_unset(&external_parameters), names.parameters),
        (dependencies.len() != 1, "materials"),
    ];
    let unverifiable = unverifiable
        .into_iter()
        .find(|(said, _)| *said)
        .map(|(_, path)| path)
        .or(build_config)
        .or_else(|| {
            let mut holding = holding.into_iter().flatten();
            holding.find(|claim| claim.holds).map(|claim| claim.path)
        });

    Ok(Provenance {
        version: names.version,
        producer,
        builder_id: builder_id(predicate, "builder.id", producer)?,
        build_type,
        source: None,
        dependencies,
        started_on,
        finished_on,
        invocation_id: field::either_text(
            predicate,
            "metadata.buildInvocationId",
            "metadata.buildInvocationID",
        )?,
        entry_point: field::text(predicate, names.entry_point)?,
        source_parameters: &[],
        workflow_inputs: None,
        trigger: None,
        runner_environment: None,
        repository_id: None,
        repository_owner_id: None,
        hermetic: complete_materials,
        parameterless: complete_parameters.map(|claim| PropertyClaim {
            holds: claim.holds && field::is_unset(&external_parameters),
            ..claim
        }),
        reproducible,
        external_parameters,
        claims: Vec::new(),
        refs: Refs::UNKNOWN,
        unverifiable,
    })
}

/// The builder id. BuildKit leaves it empty unless it is told one.
pub(crate) fn builder_id(
    predicate: &Value,
    path: &'static str,
    producer: Option<Producer>,
) -> Result<String, Error> {
    match field::text(predicate, path)? {
        Some(id) => Ok(id),
        None if producer == Some(Producer::BuildKit)
            && field::value(predicate, path)?.is_some() =>
        {
            Ok(String::new())
        }
        None => Err(Error::FieldMissing(path)),
    }
}

/// The tag that Cloud Build was triggered by.
pub(crate) fn cloud_build_tag(predicate: &Value, path: &'static str) -> Result<String, RefAbsence> {
    field::text(predicate, path)
        .ok()
        .flatten()
        .ok_or(RefAbsence::Unknown)
}
