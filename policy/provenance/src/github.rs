//! The context of a GitHub Actions run, as the builders on it copy it into their predicates.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sealstone_verify::json::Value;

use crate::{Claim, ClaimedField, Error, Source, SourceUri, field};

/// The names of one copy of the context, written with dots from the predicate.
pub(crate) struct ContextNames {
    event_name: &'static str,
    git_ref: &'static str,
    repository_id: &'static str,
    repository_owner_id: &'static str,
    run_attempt: &'static str,
    run_id: &'static str,
    sha: &'static str,
    workflow_ref: Option<&'static str>,
    workflow_sha: Option<&'static str>,
}

/// `internalParameters.GITHUB_*`: slsa-github-generator, provenance v1.
pub(crate) const INTERNAL_PARAMETERS: ContextNames = ContextNames {
    event_name: "buildDefinition.internalParameters.GITHUB_EVENT_NAME",
    git_ref: "buildDefinition.internalParameters.GITHUB_REF",
    repository_id: "buildDefinition.internalParameters.GITHUB_REPOSITORY_ID",
    repository_owner_id: "buildDefinition.internalParameters.GITHUB_REPOSITORY_OWNER_ID",
    run_attempt: "buildDefinition.internalParameters.GITHUB_RUN_ATTEMPT",
    run_id: "buildDefinition.internalParameters.GITHUB_RUN_ID",
    sha: "buildDefinition.internalParameters.GITHUB_SHA",
    workflow_ref: Some("buildDefinition.internalParameters.GITHUB_WORKFLOW_REF"),
    workflow_sha: Some("buildDefinition.internalParameters.GITHUB_WORKFLOW_SHA"),
};

/// `invocation.environment.github_*`: slsa-github-generator, provenance v0.2.
pub(crate) const ENVIRONMENT_LOWER_CASE: ContextNames = ContextNames {
    event_name: "invocation.environment.github_event_name",
    git_ref: "invocation.environment.github_ref",
    repository_id: "invocation.environment.github_repository_id",
    repository_owner_id: "invocation.environment.github_repository_owner_id",
    run_attempt: "invocation.environment.github_run_attempt",
    run_id: "invocation.environment.github_run_id",
    sha: "invocation.environment.github_sha1",
    workflow_ref: None,
    workflow_sha: None,
};

/// `invocation.environment.GITHUB_*`: npm, provenance v0.2.
pub(crate) const ENVIRONMENT_UPPER_CASE: ContextNames = ContextNames {
    event_name: "invocation.environment.GITHUB_EVENT_NAME",
    git_ref: "invocation.environment.GITHUB_REF",
    repository_id: "invocation.environment.GITHUB_REPOSITORY_ID",
    repository_owner_id: "invocation.environment.GITHUB_REPOSITORY_OWNER_ID",
    run_attempt: "invocation.environment.GITHUB_RUN_ATTEMPT",
    run_id: "invocation.environment.GITHUB_RUN_ID",
    sha: "invocation.environment.GITHUB_SHA",
    workflow_ref: Some("invocation.environment.GITHUB_WORKFLOW_REF"),
    workflow_sha: Some("invocation.environment.GITHUB_WORKFLOW_SHA"),
};

/// Adds the claims of one copy of the context. `repository` is the repository of the run.
pub(crate) fn claim_context(
    predicate: &Value,
    names: &ContextNames,
    repository: Option<&SourceUri>,
    claims: &mut Vec<Claim>,
) -> Result<(), Error> {
    let simple = [
        (ClaimedField::BuildTrigger, Some(names.event_name)),
        (ClaimedField::SourceRepositoryRef, Some(names.git_ref)),
        (
            ClaimedField::SourceRepositoryIdentifier,
            Some(names.repository_id),
        ),
        (
            ClaimedField::SourceRepositoryOwnerIdentifier,
            Some(names.repository_owner_id),
        ),
        (ClaimedField::SourceRepositoryDigest, Some(names.sha)),
        (ClaimedField::BuildConfigDigest, names.workflow_sha),
    ];
    for (claimed, path) in simple {
        if let Some(path) = path {
            claim(predicate, claimed, path, claims)?;
        }
    }
    if let Some(path) = names.workflow_ref
        && let Some(workflow) = field::text(predicate, path)?
    {
        claims.push(Claim {
            field: ClaimedField::BuildConfigUri,
            value: format!("https://github.com/{workflow}"),
            path,
        });
    }
    let run = field::text_or_integer(predicate, names.run_id)?;
    let attempt = field::text_or_integer(predicate, names.run_attempt)?;
    if let (Some(repository), Some(run), Some(attempt)) = (repository, run, attempt) {
        claims.push(Claim {
            field: ClaimedField::RunInvocationUri,
            value: format!("{repository}/actions/runs/{run}/attempts/{attempt}"),
            path: names.run_id,
        });
    }
    Ok(())
}

/// The claim that `owner/name`, which the field `path` holds, is the repository.
///
/// # Errors
/// [`Error::FieldMalformed`] when it is not of that form.
pub(crate) fn repository_claim(repository: &str, path: &'static str) -> Result<Claim, Error> {
    let source = repository_source(repository, path)?;
    Ok(Claim {
        field: ClaimedField::SourceRepositoryUri,
        value: source.uri.as_str().into(),
        path,
    })
}

/// The repository `owner/name`, which the field `path` holds.
pub(crate) fn repository_source(repository: &str, path: &'static str) -> Result<Source, Error> {
    let segments = repository.split('/').count();
    if segments != 2 || repository.contains(['@', '#']) {
        return Err(Error::FieldMalformed(path));
    }
    Source::from_uri(&format!("https://github.com/{repository}"), path)
}

/// Adds the claim that the field `path` makes, if it is there.
pub(crate) fn claim(
    predicate: &Value,
    claimed: ClaimedField,
    path: &'static str,
    claims: &mut Vec<Claim>,
) -> Result<Option<String>, Error> {
    let value = field::text_or_integer(predicate, path)?;
    if let Some(value) = &value {
        claims.push(Claim {
            field: claimed,
            value: value.clone(),
            path,
        });
    }
    Ok(value)
}
