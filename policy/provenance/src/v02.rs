//! `https://slsa.dev/provenance/v0.2`.

use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::github::{ENVIRONMENT_LOWER_CASE, ENVIRONMENT_UPPER_CASE, claim_context};
use crate::{
    Claim, Error, Provenance, ProvenanceVersion, ResourceDescriptor, Source, field, github,
};

const CONFIG_SOURCE_URI: &str = "invocation.configSource.uri";
const CONFIG_SOURCE_SHA1: &str = "invocation.configSource.digest.sha1";

/// Reads a predicate of this version.
pub(crate) fn read(predicate: &Value) -> Result<Provenance, Error> {
    let builder_id = field::required_text(predicate, "builder.id")?;
    let build_type = field::required_text(predicate, "buildType")?;
    let dependencies = field::descriptors(predicate, "materials")?;
    let mut claims = Vec::new();
    let source = if names_pipeline_in_config_source(&build_type) {
        None
    } else {
        read_source(predicate, &build_type, &dependencies, &mut claims)?
    };
    let repository = source.as_ref().map(|source| &source.uri);
    for names in [&ENVIRONMENT_LOWER_CASE, &ENVIRONMENT_UPPER_CASE] {
        claim_context(predicate, names, repository, &mut claims)?;
    }
    read_repository(predicate, &mut claims)?;

    let invocation_id = match field::text(predicate, "metadata.buildInvocationId")? {
        Some(id) => Some(id),
        None => field::text(predicate, "metadata.buildInvocationID")?,
    };
    Ok(Provenance {
        version: ProvenanceVersion::V02,
        builder_id,
        build_type,
        source,
        dependencies,
        started_on: field::text(predicate, "metadata.buildStartedOn")?,
        finished_on: field::text(predicate, "metadata.buildFinishedOn")?,
        invocation_id,
        entry_point: field::text(predicate, "invocation.configSource.entryPoint")?,
        external_parameters: field::value(predicate, "invocation.parameters")?
            .cloned()
            .unwrap_or_default(),
        claims,
    })
}

fn read_source(
    predicate: &Value,
    build_type: &str,
    materials: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Option<Source>, Error> {
    let Some(uri) = field::text(predicate, CONFIG_SOURCE_URI)? else {
        return Ok(None);
    };
    let commit = field::text(predicate, CONFIG_SOURCE_SHA1)?;
    let mut source = Source::from_uri(&uri, CONFIG_SOURCE_URI)?
        .with_commit(commit.as_deref(), CONFIG_SOURCE_SHA1)?;
    source.claim(CONFIG_SOURCE_URI, claims);
    // These builders list the source first. What they say twice must be the same.
    if lists_source_first(build_type)
        && let Some(first) = materials.first()
    {
        let material = Source::from_dependency(first, "materials.0")?
            .ok_or(Error::SourceContradictory("materials.0.uri"))?;
        material.claim("materials.0", claims);
        source = source.reconciled(&material, "materials.0")?;
    }
    Ok(Some(source))
}

/// npm names the repository in the environment too.
fn read_repository(predicate: &Value, claims: &mut Vec<Claim>) -> Result<(), Error> {
    const REPOSITORY: &str = "invocation.environment.GITHUB_REPOSITORY";
    if let Some(repository) = field::text(predicate, REPOSITORY)? {
        claims.push(github::repository_claim(&repository, REPOSITORY)?);
    }
    Ok(())
}

/// Tekton's `configSource` is where the pipeline is defined, not what it builds.
fn names_pipeline_in_config_source(build_type: &str) -> bool {
    build_type.starts_with("tekton.dev/") || build_type.starts_with("https://tekton.dev/")
}

fn lists_source_first(build_type: &str) -> bool {
    build_type.starts_with("https://github.com/slsa-framework/slsa-github-generator/")
        || build_type.starts_with("https://github.com/npm/cli/gha")
}
