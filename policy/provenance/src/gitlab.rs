//! What GitLab CI says about a job.

use alloc::format;
use alloc::string::String;

use sealstone_verify::json::Value;

use crate::github::claim_run;
use crate::{Claim, ClaimedField, Error, Provenance, Source, field};

/// Where one version of provenance puts what is said about a job, written with dots from the predicate.
pub(crate) struct Names {
    /// The variables of the job.
    variables: &'static str,
    /// The number of the job.
    job: &'static str,
    /// The name of the run.
    invocation_id: &'static str,
}

/// Provenance v0.2: the runner and npm.
pub(crate) const ENVIRONMENT: Names = Names {
    variables: "invocation.parameters",
    job: "invocation.environment.job.id",
    invocation_id: "metadata.buildInvocationId",
};

/// Provenance v1: the runner and the control plane.
pub(crate) const PARAMETERS: Names = Names {
    variables: "buildDefinition.externalParameters.variables",
    job: "buildDefinition.internalParameters.job",
    invocation_id: "runDetails.metadata.invocationId",
};

/// The variables that a certificate carries too. A pipeline can set every one of them, so they only
/// serve to find a contradiction.
const VARIABLES: [(&str, ClaimedField); 6] = [
    ("CI_COMMIT_SHA", ClaimedField::SourceRepositoryDigest),
    ("CI_ENVIRONMENT_NAME", ClaimedField::DeploymentEnvironment),
    ("CI_JOB_URL", ClaimedField::RunInvocationUri),
    ("CI_PIPELINE_SOURCE", ClaimedField::BuildTrigger),
    ("CI_PROJECT_ID", ClaimedField::SourceRepositoryIdentifier),
    (
        "CI_PROJECT_NAMESPACE_ID",
        ClaimedField::SourceRepositoryOwnerIdentifier,
    ),
];

/// What GitLab writes for a value that it hides.
const MASKED: &str = "[MASKED]";

/// Sets the source, whose URI stands at `path`, and adds the claims.
pub(crate) fn describe(
    predicate: &Value,
    names: &Names,
    source: Source,
    path: &'static str,
    provenance: &mut Provenance,
) -> Result<(), Error> {
    // The runner calls the commit of the dependency, a SHA-1, `sha256`.
    let mislabelled = provenance
        .dependencies
        .iter()
        .find(|dependency| dependency.uri == source.uri.as_str())
        .and_then(|dependency| dependency.digest.get("sha256"))
        .map(String::as_str);
    let source = source.with_commit(mislabelled, path)?;
    provenance.take_source(source, path)?;
    let claims = &mut provenance.claims;
    let variables = field::object(predicate, names.variables)?;
    for (name, claimed) in VARIABLES {
        let value = field::text_or_integer(variables, name)
            .map_err(|error| error.at(names.variables))?
            .filter(|value| value != MASKED);
        if let Some(value) = value {
            claims.push(Claim {
                field: claimed,
                value,
                path: names.variables,
            });
        }
    }
    // npm takes the URL of the job for the name of the run, the others its number.
    let run = provenance.invocation_id.as_deref();
    claim_run(
        run.filter(|run| run.starts_with("https://")),
        names.invocation_id,
        claims,
    );
    if let Some(source) = &provenance.source
        && let Some(job) = field::text_or_integer(predicate, names.job)?
    {
        claims.push(Claim {
            field: ClaimedField::RunInvocationUri,
            value: format!("{}/-/jobs/{job}", source.uri.as_str()),
            path: names.job,
        });
    }
    Ok(())
}
