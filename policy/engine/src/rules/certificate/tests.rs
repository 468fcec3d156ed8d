//! One deviation at a time.

use alloc::string::{String, ToString};

use sealstone_provenance::Provenance;
use sealstone_verify::CertificateExtensions;
use sealstone_verify::json::parse;

use super::{check_builder, check_claims};

const V02: &str = "https://slsa.dev/provenance/v0.2";
const V1: &str = "https://slsa.dev/provenance/v1";

/// GitHub's provenance of the run that [`extensions`] is the certificate of.
const WORKFLOW: &str = r#"{
    "buildDefinition": {
        "buildType": "https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters": {"workflow": {
            "ref": "refs/heads/main", "repository": "https://github.com/o/r", "path": ".github/workflows/x.yml"
        }},
        "internalParameters": {"github": {
            "event_name": "push", "repository_id": "1", "repository_owner_id": "2", "runner_environment": "github-hosted"
        }},
        "resolvedDependencies": [{
            "uri": "git+https://github.com/o/r@refs/heads/main",
            "digest": {"gitCommit": "1111111111111111111111111111111111111111"}
        }]
    },
    "runDetails": {
        "builder": {"id": "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main"},
        "metadata": {"invocationId": "https://github.com/o/r/actions/runs/3/attempts/1"}
    }
}"#;

/// The same run as npm describes it.
const NPM: &str = r#"{
    "builder": {"id": "https://github.com/actions/runner/github-hosted"},
    "buildType": "https://github.com/npm/cli/gha/v2",
    "invocation": {
        "configSource": {
            "uri": "git+https://github.com/o/r@refs/heads/main",
            "digest": {"sha1": "1111111111111111111111111111111111111111"}
        },
        "environment": {
            "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_REPOSITORY": "o/r",
            "GITHUB_REPOSITORY_ID": "1", "GITHUB_REPOSITORY_OWNER_ID": "2", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_RUN_ID": "3",
            "GITHUB_SHA": "1111111111111111111111111111111111111111",
            "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/x.yml@refs/heads/main",
            "GITHUB_WORKFLOW_SHA": "1111111111111111111111111111111111111111"
        }
    },
    "materials": [{
        "uri": "git+https://github.com/o/r@refs/heads/main",
        "digest": {"sha1": "1111111111111111111111111111111111111111"}
    }]
}"#;

fn extensions() -> CertificateExtensions {
    let some = |text: &str| Some(text.to_string());
    let commit = || some("1111111111111111111111111111111111111111");
    CertificateExtensions {
        github_workflow_trigger: some("push"),
        github_workflow_sha: commit(),
        github_workflow_name: some("x"),
        github_workflow_repository: some("o/r"),
        github_workflow_ref: some("refs/heads/main"),
        runner_environment: some("github-hosted"),
        source_repository_uri: some("https://github.com/o/r"),
        source_repository_digest: commit(),
        source_repository_ref: some("refs/heads/main"),
        source_repository_identifier: some("1"),
        source_repository_owner_identifier: some("2"),
        build_config_uri: some("https://github.com/o/r/.github/workflows/x.yml@refs/heads/main"),
        build_config_digest: commit(),
        build_trigger: some("push"),
        run_invocation_uri: some("https://github.com/o/r/actions/runs/3/attempts/1"),
        ..CertificateExtensions::default()
    }
}

fn provenance(predicate_type: &str, predicate: &str) -> Provenance {
    let value = parse(predicate.as_bytes(), 64).unwrap();
    Provenance::from_predicate(predicate_type, &value).unwrap()
}

/// The path that the first mismatch names.
fn mismatch(provenance: &Provenance, extensions: &CertificateExtensions) -> Option<&'static str> {
    use crate::failure::Failure;

    match check_claims(&provenance.claims, extensions) {
        Ok(()) => None,
        Err(failure @ Failure::CertificateMismatch { path, .. }) => {
            assert_eq!(failure.code(), "provenance.certificate-mismatch");
            Some(path)
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn agreement() {
    for provenance in [provenance(V1, WORKFLOW), provenance(V02, NPM)] {
        assert_eq!(mismatch(&provenance, &extensions()), None);
        // What the certificate does not carry cannot be compared.
        assert_eq!(
            mismatch(&provenance, &CertificateExtensions::default()),
            None
        );
    }
}

type Slot = fn(&mut CertificateExtensions) -> &mut Option<String>;

#[test]
fn every_extension_that_is_claimed_must_agree() {
    let slots: [(Slot, Option<&str>, Option<&str>); 13] = [
        (
            |e| &mut e.github_workflow_trigger,
            Some("buildDefinition.internalParameters.github.event_name"),
            Some("invocation.environment.GITHUB_EVENT_NAME"),
        ),
        (
            |e| &mut e.build_trigger,
            Some("buildDefinition.internalParameters.github.event_name"),
            Some("invocation.environment.GITHUB_EVENT_NAME"),
        ),
        (
            |e| &mut e.github_workflow_sha,
            Some("buildDefinition.resolvedDependencies.0"),
            Some("invocation.configSource.uri"),
        ),
        (
            |e| &mut e.source_repository_digest,
            Some("buildDefinition.resolvedDependencies.0"),
            Some("invocation.configSource.uri"),
        ),
        (
            |e| &mut e.github_workflow_repository,
            Some("buildDefinition.externalParameters.workflow.repository"),
            Some("invocation.configSource.uri"),
        ),
        (
            |e| &mut e.source_repository_uri,
            Some("buildDefinition.externalParameters.workflow.repository"),
            Some("invocation.configSource.uri"),
        ),
        (
            |e| &mut e.github_workflow_ref,
            Some("buildDefinition.externalParameters.workflow.repository"),
            Some("invocation.configSource.uri"),
        ),
        (
            |e| &mut e.source_repository_ref,
            Some("buildDefinition.externalParameters.workflow.repository"),
            Some("invocation.configSource.uri"),
        ),
        (
            |e| &mut e.source_repository_identifier,
            Some("buildDefinition.internalParameters.github.repository_id"),
            Some("invocation.environment.GITHUB_REPOSITORY_ID"),
        ),
        (
            |e| &mut e.source_repository_owner_identifier,
            Some("buildDefinition.internalParameters.github.repository_owner_id"),
            Some("invocation.environment.GITHUB_REPOSITORY_OWNER_ID"),
        ),
        (
            |e| &mut e.runner_environment,
            Some("buildDefinition.internalParameters.github.runner_environment"),
            None,
        ),
        (
            |e| &mut e.build_config_digest,
            None,
            Some("invocation.environment.GITHUB_WORKFLOW_SHA"),
        ),
        (
            |e| &mut e.run_invocation_uri,
            Some("runDetails.metadata.invocationId"),
            Some("invocation.environment.GITHUB_RUN_ID"),
        ),
    ];
    for (index, (slot, workflow, npm)) in slots.into_iter().enumerate() {
        let mut changed = extensions();
        let slot = slot(&mut changed);
        *slot = Some(alloc::format!("{}x", slot.as_deref().unwrap()));
        assert_eq!(
            mismatch(&provenance(V1, WORKFLOW), &changed),
            workflow,
            "{index}"
        );
        assert_eq!(mismatch(&provenance(V02, NPM), &changed), npm, "{index}");
    }
}

#[test]
fn the_build_configuration_is_taken_apart_at_what_is_known() {
    let provenance = provenance(V1, WORKFLOW);
    let path = Some("buildDefinition.externalParameters.workflow.path");
    for (uri, expected) in [
        (
            "https://github.com/o/r/.github/workflows/x.yml@refs/tags/a@b",
            None,
        ),
        ("https://github.com/o/r/.github/workflows/x.yml", path),
        ("https://github.com/o/r/.github/workflows/x.yml@", path),
        (
            "https://github.com/o/r/.github/workflows/x.yml@y.yml@refs/heads/main",
            path,
        ),
        (
            "https://github.com/o/r/.github/workflows/x.yml2@refs/heads/main",
            path,
        ),
        (
            "https://github.com/o/r2/.github/workflows/x.yml@refs/heads/main",
            path,
        ),
        (
            "https://github.com/o/r.github/workflows/x.yml@refs/heads/main",
            path,
        ),
        (".github/workflows/x.yml@refs/heads/main", path),
    ] {
        let changed = CertificateExtensions {
            build_config_uri: Some(uri.to_string()),
            ..extensions()
        };
        assert_eq!(mismatch(&provenance, &changed), expected, "{uri}");
    }
}

#[test]
fn repositories_are_compared_as_such() {
    let provenance = provenance(V1, WORKFLOW);
    let repository = Some("buildDefinition.externalParameters.workflow.repository");
    for (uri, deprecated, expected) in [
        ("https://github.com/O/R", "O/r", None),
        ("https://github.com/o/r", "o/other", repository),
        ("https://git.example/o/r", "o/r", repository),
        ("not a uri", "o/r", repository),
        ("https://github.com/o/r@refs/heads/main", "o/r", repository),
    ] {
        let changed = CertificateExtensions {
            source_repository_uri: Some(uri.to_string()),
            github_workflow_repository: Some(deprecated.to_string()),
            build_config_uri: None,
            ..extensions()
        };
        assert_eq!(
            mismatch(&provenance, &changed),
            expected,
            "{uri} {deprecated}"
        );
    }
}

#[test]
fn builders() {
    let subject = "https://github.com/o/r/.github/workflows/x.yml@refs/heads/main";
    let hosted = "https://github.com/actions/runner/github-hosted";
    let own = "https://github.com/actions/runner/self-hosted";
    let check = |id: &str, subject: &'static str, environment: Option<&str>| {
        let extensions = CertificateExtensions {
            runner_environment: environment.map(ToString::to_string),
            ..CertificateExtensions::default()
        };
        check_builder(id, subject, &extensions).map_err(|failure| failure.code())
    };
    let mismatch = Err("provenance.certificate-mismatch");
    assert_eq!(check(subject, subject, None), Ok(None));
    assert_eq!(check(hosted, subject, None), Ok(Some(subject)));
    assert_eq!(
        check(hosted, subject, Some("github-hosted")),
        Ok(Some(subject))
    );
    assert_eq!(check(own, subject, Some("self-hosted")), Ok(Some(subject)));
    assert_eq!(check(hosted, subject, Some("self-hosted")), mismatch);
    assert_eq!(check(own, subject, Some("github-hosted")), mismatch);
    assert_eq!(
        check(
            hosted,
            "https://gitlab.com/o/r//.gitlab-ci.yml@refs/heads/main",
            None
        ),
        mismatch
    );
    assert_eq!(check(hosted, "someone@example.com", None), mismatch);
    for other in [
        "",
        "https://github.com/o/r/.github/workflows/x.yml",
        "https://github.com/o/r/.github/workflows/x.yml@refs/heads/mai",
        "https://github.com/O/r/.github/workflows/x.yml@refs/heads/main",
        "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.0.0",
    ] {
        assert_eq!(check(other, subject, None), mismatch, "{other}");
    }
}
