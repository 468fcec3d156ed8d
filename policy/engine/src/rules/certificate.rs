//! Whether provenance and certificate say the same.
//!
//! The builder writes the provenance; the certificate authority writes the certificate, from the
//! claims of the platform that runs the builder. What both of them say must agree: a workflow can
//! put into its provenance whatever it likes, into its certificate nothing.

use alloc::format;
use alloc::string::{String, ToString};

use sealstone_provenance::{Claim, ClaimedField, SourceUri};
use sealstone_verify::CertificateExtensions;

use crate::failure::Failure;

#[cfg(test)]
mod tests;

/// What GitHub's builders wrote as builder id before they wrote the workflow, with the runner
/// environment that each stands for. The builder is the workflow that signed.
const RUNNERS: [(&str, &str); 2] = [
    (
        "https://github.com/actions/runner/github-hosted",
        "github-hosted",
    ),
    (
        "https://github.com/actions/runner/self-hosted",
        "self-hosted",
    ),
];

/// Whether the builder id names the kind of runner for the builder. The workflow itself then wrote
/// the provenance.
pub(super) fn names_runner(builder_id: &str) -> bool {
    RUNNERS.iter().any(|(id, _)| builder_id == *id)
}

/// Compares every claim of the provenance with the certificate. A field that the certificate does
/// not carry proves nothing either way.
pub(super) fn check_claims(
    claims: &[Claim],
    extensions: &CertificateExtensions,
) -> Result<(), Failure> {
    for claim in claims {
        check_claim(claim, extensions)?;
    }
    Ok(())
}

/// Compares the builder id with the certificate's subject. Returns the subject where the builder id
/// only names the kind of runner: then the subject is the builder.
pub(super) fn check_builder<'c>(
    builder_id: &str,
    subject: &'c str,
    extensions: &CertificateExtensions,
) -> Result<Option<&'c str>, Failure> {
    if builder_id == subject {
        return Ok(None);
    }
    let runner = RUNNERS
        .iter()
        .find(|(id, _)| builder_id == *id && subject.starts_with("https://github.com/"));
    match (runner, &extensions.runner_environment) {
        (Some((_, environment)), Some(found)) if *environment != found.as_str() => {
            Err(mismatch("builder.id", builder_id, found))
        }
        (Some(_), _) => Ok(Some(subject)),
        (None, _) => Err(mismatch("builder.id", builder_id, subject)),
    }
}

fn check_claim(claim: &Claim, extensions: &CertificateExtensions) -> Result<(), Failure> {
    match claim.field {
        ClaimedField::BuildConfigDigest => equal(claim, &extensions.build_config_digest),
        ClaimedField::BuildConfigPath => check_path(
            claim,
            extensions.source_repository_uri.as_deref(),
            extensions.build_config_uri.as_deref(),
        ),
        ClaimedField::BuildConfigUri => equal(claim, &extensions.build_config_uri),
        ClaimedField::BuildTrigger => {
            equal(claim, &extensions.build_trigger)?;
            equal(claim, &extensions.github_workflow_trigger)
        }
        ClaimedField::DeploymentEnvironment => equal(claim, &extensions.deployment_environment),
        ClaimedField::RunInvocationUri => equal(claim, &extensions.run_invocation_uri),
        ClaimedField::RunnerEnvironment => equal(claim, &extensions.runner_environment),
        ClaimedField::SourceRepositoryDigest => {
            equal(claim, &extensions.source_repository_digest)?;
            equal(claim, &extensions.github_workflow_sha)
        }
        ClaimedField::SourceRepositoryIdentifier => {
            equal(claim, &extensions.source_repository_identifier)
        }
        ClaimedField::SourceRepositoryOwnerIdentifier => {
            equal(claim, &extensions.source_repository_owner_identifier)
        }
        ClaimedField::SourceRepositoryRef => {
            equal(claim, &extensions.source_repository_ref)?;
            equal(claim, &extensions.github_workflow_ref)
        }
        ClaimedField::SourceRepositoryUri => {
            check_repository(claim, extensions.source_repository_uri.as_deref())?;
            // The deprecated extension names owner and repository only, and stands for github.com
            // unless its successor names another host.
            match (
                &extensions.source_repository_uri,
                &extensions.github_workflow_repository,
            ) {
                (Some(uri), _) if !uri.starts_with("https://github.com/") => Ok(()),
                (_, Some(repository)) => {
                    check_repository(claim, Some(&format!("https://github.com/{repository}")))
                }
                (_, None) => Ok(()),
            }
        }
        // A field that is added later must be compared before it is claimed.
        _ => Err(mismatch(claim.path, &claim.value, "")),
    }
}

fn equal(claim: &Claim, extension: &Option<String>) -> Result<(), Failure> {
    match extension {
        Some(found) if *found != claim.value => Err(mismatch(claim.path, &claim.value, found)),
        _ => Ok(()),
    }
}

fn check_repository(claim: &Claim, certificate: Option<&str>) -> Result<(), Failure> {
    let Some(certificate) = certificate else {
        return Ok(());
    };
    match (claim.value.parse::<SourceUri>(), certificate.parse()) {
        (Ok(claimed), Ok(found)) if claimed == found => Ok(()),
        _ => Err(mismatch(claim.path, &claim.value, certificate)),
    }
}

/// `.18` is `<repository>/<path>@<ref>`. Paths and refs may hold `@`, so it is taken apart at what
/// is known, not at a character.
fn check_path(
    claim: &Claim,
    repository: Option<&str>,
    build_config_uri: Option<&str>,
) -> Result<(), Failure> {
    let (Some(repository), Some(uri)) = (repository, build_config_uri) else {
        return Ok(());
    };
    let git_ref = uri
        .strip_prefix(repository)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|rest| rest.strip_prefix(claim.value.as_str()))
        .and_then(|rest| rest.strip_prefix('@'));
    match git_ref {
        Some(git_ref) if git_ref.starts_with("refs/") => Ok(()),
        _ => Err(mismatch(claim.path, &claim.value, uri)),
    }
}

fn mismatch(path: &'static str, provenance: &str, certificate: &str) -> Failure {
    Failure::CertificateMismatch {
        path,
        provenance: provenance.to_string(),
        certificate: certificate.to_string(),
    }
}
