//! Where each build type of provenance v1 puts the source.
//!
//! The parameters of a build mean what its build type defines. For a type that is not listed here
//! nobody can tell which of them is the source, so there is none.

use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::github::{INTERNAL_PARAMETERS, claim, claim_context, repository_source};
use crate::{Claim, ClaimedField, Error, ResourceDescriptor, Source, field};

const FIRST_DEPENDENCY: &str = "buildDefinition.resolvedDependencies.0";
const DEPENDENCIES: &str = "buildDefinition.resolvedDependencies";

/// What a build type says beyond the fields that all share.
#[derive(Default)]
pub(super) struct Found {
    pub(super) source: Option<Source>,
    pub(super) entry_point: Option<String>,
}

/// Reads the fields of `predicate` that `build_type` defines.
pub(super) fn read(
    build_type: &str,
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    invocation_id: Option<&str>,
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    match build_type {
        "https://actions.github.io/buildtypes/workflow/v1"
        | "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1" => {
            claim_run(invocation_id, claims);
            github_workflow(predicate, dependencies, claims)
        }
        "https://slsa.dev/container-based-build/v0.1?draft" => {
            claim_run(invocation_id, claims);
            container_based(predicate, dependencies, claims)
        }
        "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0" => {
            claim_run(invocation_id, claims);
            delegator(predicate, dependencies, claims)
        }
        "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1" => {
            cloud_build(predicate, dependencies, claims)
        }
        "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md" => {
            buildkit(predicate, dependencies, claims)
        }
        "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1" => {
            gitlab(predicate, dependencies, claims)
        }
        _ if is_gitlab_runner(build_type) => gitlab(predicate, dependencies, claims),
        _ => Ok(Found::default()),
    }
}

/// <https://actions.github.io/buildtypes/workflow/v1>: `externalParameters.workflow`; the first
/// dependency is the commit of the same ref.
fn github_workflow(
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    const REPOSITORY: &str = "buildDefinition.externalParameters.workflow.repository";
    const REF: &str = "buildDefinition.externalParameters.workflow.ref";
    const PATH: &str = "buildDefinition.externalParameters.workflow.path";

    let repository = field::required_text(predicate, REPOSITORY)?;
    let git_ref = field::required_text(predicate, REF)?;
    let source =
        Source::from_uri(&repository, REPOSITORY)?.with_ref(Some(git_ref.as_str()), REF)?;
    source.claim(REPOSITORY, claims);
    let source = with_first_dependency(source, dependencies, claims)?;
    for (claimed, path) in [
        (
            ClaimedField::BuildTrigger,
            "buildDefinition.internalParameters.github.event_name",
        ),
        (
            ClaimedField::SourceRepositoryIdentifier,
            "buildDefinition.internalParameters.github.repository_id",
        ),
        (
            ClaimedField::SourceRepositoryOwnerIdentifier,
            "buildDefinition.internalParameters.github.repository_owner_id",
        ),
        (
            ClaimedField::RunnerEnvironment,
            "buildDefinition.internalParameters.github.runner_environment",
        ),
    ] {
        claim(predicate, claimed, path, claims)?;
    }
    Ok(Found {
        source: Some(source),
        entry_point: claim(predicate, ClaimedField::BuildConfigPath, PATH, claims)?,
    })
}

/// slsa-github-generator's container-based builder: `externalParameters.source`, which the first
/// dependency repeats.
fn container_based(
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    const URI: &str = "buildDefinition.externalParameters.source.uri";
    const SHA1: &str = "buildDefinition.externalParameters.source.digest.sha1";

    let uri = field::required_text(predicate, URI)?;
    let commit = field::text(predicate, SHA1)?;
    let source = Source::from_uri(&uri, URI)?.with_commit(commit.as_deref(), SHA1)?;
    source.claim(URI, claims);
    let source = with_first_dependency(source, dependencies, claims)?;
    claim_repository(predicate, &source, claims)?;
    Ok(Found {
        source: Some(source),
        entry_point: field::text(predicate, "buildDefinition.externalParameters.configPath")?,
    })
}

/// slsa-github-generator's delegators ("bring your own builder"). The source is the first
/// dependency; a build that checks out another commit of its repository leaves the ref out there,
/// and then the ref of the run says nothing about the source.
fn delegator(
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    let first = dependencies
        .first()
        .ok_or(Error::FieldMissing(FIRST_DEPENDENCY))?;
    let source = Source::from_dependency(first, FIRST_DEPENDENCY)?
        .ok_or(Error::FieldMalformed(FIRST_DEPENDENCY))?;
    if source.git_ref.is_some() {
        source.claim(FIRST_DEPENDENCY, claims);
    }
    claim_repository(predicate, &source, claims)?;
    Ok(Found {
        source: Some(source),
        entry_point: None,
    })
}

/// Google Cloud Build: `externalParameters.buildConfigSource`.
fn cloud_build(
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    const REPOSITORY: &str = "buildDefinition.externalParameters.buildConfigSource.repository";
    const REF: &str = "buildDefinition.externalParameters.buildConfigSource.ref";
    const PATH: &str = "buildDefinition.externalParameters.buildConfigSource.path";

    let Some(repository) = field::text(predicate, REPOSITORY)? else {
        return Ok(Found::default());
    };
    let git_ref = field::text(predicate, REF)?;
    let source = Source::from_uri(&repository, REPOSITORY)?.with_ref(git_ref.as_deref(), REF)?;
    let source = with_same_repository(source, dependencies)?;
    source.claim(REPOSITORY, claims);
    Ok(Found {
        source: Some(source),
        entry_point: field::text(predicate, PATH)?,
    })
}

/// BuildKit: `externalParameters.configSource`, empty for a local build context.
fn buildkit(
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    const URI: &str = "buildDefinition.externalParameters.configSource.uri";
    const SHA1: &str = "buildDefinition.externalParameters.configSource.digest.sha1";
    const PATH: &str = "buildDefinition.externalParameters.configSource.path";

    let entry_point = field::text(predicate, PATH)?;
    let Some(uri) = field::text(predicate, URI)? else {
        return Ok(Found {
            source: None,
            entry_point,
        });
    };
    let commit = field::text(predicate, SHA1)?;
    let source = Source::from_uri(&uri, URI)?.with_commit(commit.as_deref(), SHA1)?;
    let source = with_same_repository(source, dependencies)?;
    source.claim(URI, claims);
    Ok(Found {
        source: Some(source),
        entry_point,
    })
}

/// GitLab: `externalParameters.source`; the dependency of the same repository has the commit.
fn gitlab(
    predicate: &Value,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Found, Error> {
    const SOURCE: &str = "buildDefinition.externalParameters.source";
    const ENTRY_POINT: &str = "buildDefinition.externalParameters.entryPoint";

    let uri = field::required_text(predicate, SOURCE)?;
    let source = with_same_repository(Source::from_uri(&uri, SOURCE)?, dependencies)?;
    source.claim(SOURCE, claims);
    Ok(Found {
        source: Some(source),
        entry_point: field::text(predicate, ENTRY_POINT)?,
    })
}

/// The runner writes its version into the type: `…/gitlab-runner/-/blob/<version>/PROVENANCE.md`.
fn is_gitlab_runner(build_type: &str) -> bool {
    build_type
        .strip_prefix("https://gitlab.com/gitlab-org/gitlab-runner/-/blob/")
        .and_then(|rest| rest.strip_suffix("/PROVENANCE.md"))
        .is_some_and(|version| !version.is_empty() && !version.contains('/'))
}

/// Adds the first dependency, which these builders set to the source.
fn with_first_dependency(
    source: Source,
    dependencies: &[ResourceDescriptor],
    claims: &mut Vec<Claim>,
) -> Result<Source, Error> {
    let Some(first) = dependencies.first() else {
        return Ok(source);
    };
    let dependency = Source::from_dependency(first, FIRST_DEPENDENCY)?
        .ok_or(Error::SourceContradictory(FIRST_DEPENDENCY))?;
    dependency.claim(FIRST_DEPENDENCY, claims);
    source.reconciled(&dependency, FIRST_DEPENDENCY)
}

/// Adds the first dependency that names the same repository.
fn with_same_repository(
    source: Source,
    dependencies: &[ResourceDescriptor],
) -> Result<Source, Error> {
    for dependency in dependencies {
        if let Some(dependency) = Source::from_dependency(dependency, DEPENDENCIES)?
            && dependency.uri == source.uri
        {
            return source.reconciled(&dependency, DEPENDENCIES);
        }
    }
    Ok(source)
}

/// Adds the claims of `internalParameters.GITHUB_*`, and refuses a repository of the run that is
/// not the source's.
fn claim_repository(
    predicate: &Value,
    source: &Source,
    claims: &mut Vec<Claim>,
) -> Result<(), Error> {
    const REPOSITORY: &str = "buildDefinition.internalParameters.GITHUB_REPOSITORY";

    if let Some(repository) = field::text(predicate, REPOSITORY)? {
        let run = repository_source(&repository, REPOSITORY)?;
        if run.uri != source.uri {
            return Err(Error::SourceContradictory(REPOSITORY));
        }
        run.claim(REPOSITORY, claims);
    }
    claim_context(predicate, &INTERNAL_PARAMETERS, Some(&source.uri), claims)
}

/// On GitHub the invocation id is the URI of the run.
fn claim_run(invocation_id: Option<&str>, claims: &mut Vec<Claim>) {
    if let Some(id) = invocation_id {
        claims.push(Claim {
            field: ClaimedField::RunInvocationUri,
            value: id.into(),
            path: "runDetails.metadata.invocationId",
        });
    }
}
