//! Where each build type puts the source.

use sealstone_provenance::{ClaimedField, Producer, RefAbsence};

use crate::support::{V1, V02, claimed, read, source};

const COMMIT: &str = "904e2c3e02725e314cf6cf141c4700081298dcbd";

fn v1(build_type: &str, external: &str, internal: &str, dependencies: &str) -> String {
    format!(
        r#"{{"buildDefinition":{{"buildType":"{build_type}","externalParameters":{external},
        "internalParameters":{internal},"resolvedDependencies":{dependencies}}},
        "runDetails":{{"builder":{{"id":"b"}}}}}}"#
    )
}

#[test]
fn cloud_build() {
    let predicate = v1(
        "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
        r#"{"buildConfigSource":{"ref":"refs/tags/v1","repository":"https://github.com/o/r","path":"cloudbuild.yaml"}}"#,
        "{}",
        &format!(
            r#"[{{"uri":"gcr.io/cloud-builders/docker@sha256:00"}},
            {{"uri":"git+https://github.com/o/r@refs/tags/v1","digest":{{"gitCommit":"{COMMIT}"}}}}]"#
        ),
    );
    let provenance = read(V1, &predicate).unwrap();
    assert_eq!(
        source(&provenance),
        Some(("https://github.com/o/r", Some("refs/tags/v1"), Some(COMMIT)))
    );
    assert_eq!(provenance.entry_point.as_deref(), Some("cloudbuild.yaml"));
}

#[test]
fn buildkit() {
    let build_type =
        "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";
    let external = format!(
        r#"{{"configSource":{{"uri":"https://github.com/o/r.git#refs/heads/main","digest":{{"sha1":"{COMMIT}"}},"path":"Dockerfile"}},"request":{{}}}}"#
    );
    let provenance = read(V1, &v1(build_type, &external, "{}", "[]")).unwrap();
    assert_eq!(
        source(&provenance),
        Some((
            "https://github.com/o/r",
            Some("refs/heads/main"),
            Some(COMMIT)
        ))
    );
    assert_eq!(provenance.entry_point.as_deref(), Some("Dockerfile"));

    let local = read(
        V1,
        &v1(
            build_type,
            r#"{"configSource":{"path":"Dockerfile"}}"#,
            "{}",
            "[]",
        ),
    );
    assert_eq!(source(&local.unwrap()), None);
}

#[test]
fn gitlab() {
    let external =
        r#"{"source":"https://gitlab.com/group/sub/project","entryPoint":"build","variables":{}}"#;
    let dependencies = format!(
        r#"[{{"uri":"https://gitlab.com/group/sub/project","digest":{{"gitCommit":"{COMMIT}"}}}}]"#
    );
    for build_type in [
        "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
        "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/15.9.0/PROVENANCE.md",
    ] {
        let provenance = read(V1, &v1(build_type, external, "{}", &dependencies)).unwrap();
        assert_eq!(
            source(&provenance),
            Some(("https://gitlab.com/group/sub/project", None, Some(COMMIT)))
        );
        assert_eq!(provenance.entry_point.as_deref(), Some("build"));
    }
}

#[test]
fn unknown_types_have_no_source() {
    let external = r#"{"source":"https://github.com/o/r","workflow":{"repository":"https://github.com/o/r","ref":"refs/heads/main"}}"#;
    for build_type in [
        "https://builds.example/v1",
        "https://actions.github.io/buildtypes/workflow/v2",
        "https://tekton.dev/chains/v2/slsa/",
        "https://mobyproject.org/buildkit@v1",
        "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/a/b/PROVENANCE.md",
        "https://gitlab.com/gitlab-org/gitlab-runner/-/blob//PROVENANCE.md",
        "https://gitlab.com/evil/gitlab-runner/-/blob/1/PROVENANCE.md",
    ] {
        let provenance = read(V1, &v1(build_type, external, "{}", "[]")).unwrap();
        assert_eq!(provenance.producer, None, "{build_type}");
        assert_eq!(provenance.source, None, "{build_type}");
        assert_eq!(provenance.claims, [], "{build_type}");
        assert_eq!(
            provenance.branch(),
            Err(RefAbsence::Unknown),
            "{build_type}"
        );
        assert_eq!(provenance.tag(), Err(RefAbsence::Unknown), "{build_type}");
    }
    for build_type in [
        "https://builds.example/v1",
        "https://github.com/slsa-framework/slsa-github-generator/other@v1",
        "https://github.com/npm/cli/gha@v3",
        "https://actions.github.io/buildtypes/workflow/v1",
        "tekton.dev/v1beta1/TaskRun",
        "tekton.dev/v1beta1/CustomRun",
        "https://tekton.dev/attestations/chains@v2",
    ] {
        let predicate = format!(
            r#"{{"builder":{{"id":"b"}},"buildType":"{build_type}","invocation":{{"configSource":{{"uri":"https://github.com/o/pipelines"}}}}}}"#
        );
        assert_eq!(read(V02, &predicate).unwrap().source, None, "{build_type}");
    }
}

#[test]
fn delegators_that_check_out_another_commit_name_no_ref() {
    let build_type = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0";
    let internal = r#"{"GITHUB_REPOSITORY":"o/r","GITHUB_REF":"refs/heads/main","GITHUB_REF_TYPE":"branch",
        "GITHUB_WORKFLOW_REF":"o/r/.github/workflows/x.yml@refs/heads/main",
        "GITHUB_SHA":"0000000000000000000000000000000000000000"}"#;
    let dependency =
        format!(r#"[{{"uri":"git+https://github.com/o/r","digest":{{"gitCommit":"{COMMIT}"}}}}]"#);
    let provenance = read(V1, &v1(build_type, "{}", internal, &dependency)).unwrap();
    assert_eq!(provenance.producer, Some(Producer::SlsaDelegator));
    assert_eq!(
        source(&provenance),
        Some(("https://github.com/o/r", None, Some(COMMIT)))
    );
    assert_eq!(
        claimed(&provenance, ClaimedField::SourceRepositoryRef),
        ["refs/heads/main"]
    );
    // The branch of the run is not that of the source.
    assert_eq!(provenance.branch(), Err(RefAbsence::Unknown));
    assert_eq!(provenance.tag(), Err(RefAbsence::Unknown));

    let without = read(V1, &v1(build_type, "{}", internal, "[]")).unwrap_err();
    assert_eq!(without.code(), "provenance.field-missing");
    let other = read(
        V1,
        &v1(
            build_type,
            "{}",
            internal,
            r#"[{"uri":"git+https://github.com/o/other"}]"#,
        ),
    );
    assert_eq!(other.unwrap_err().code(), "provenance.source-contradictory");
    let package = read(
        V1,
        &v1(build_type, "{}", internal, r#"[{"uri":"pkg:npm/x"}]"#),
    );
    assert_eq!(package.unwrap_err().code(), "provenance.field-malformed");
}

#[test]
fn npm_environment() {
    let predicate = format!(
        r#"{{"builder":{{"id":"https://github.com/actions/runner/github-hosted"}},"buildType":"https://github.com/npm/cli/gha/v2",
        "invocation":{{"configSource":{{"uri":"git+https://github.com/o/r@refs/heads/main","digest":{{"sha1":"{COMMIT}"}},"entryPoint":".github/workflows/x.yml"}},
        "environment":{{"GITHUB_EVENT_NAME":"push","GITHUB_REF":"refs/heads/main","GITHUB_REPOSITORY":"o/r","GITHUB_REPOSITORY_ID":"1",
        "GITHUB_REPOSITORY_OWNER_ID":"2","GITHUB_RUN_ATTEMPT":"1","GITHUB_RUN_ID":"3","GITHUB_SHA":"{COMMIT}",
        "GITHUB_WORKFLOW_REF":"o/r/.github/workflows/x.yml@refs/heads/main","GITHUB_WORKFLOW_SHA":"{COMMIT}"}}}},
        "metadata":{{"buildInvocationId":"3-1"}},
        "materials":[{{"uri":"git+https://github.com/o/r@refs/heads/main","digest":{{"sha1":"{COMMIT}"}}}}]}}"#
    );
    let provenance = read(V02, &predicate).unwrap();
    assert_eq!(provenance.producer, Some(Producer::Npm));
    let expected: [(ClaimedField, &[&str]); 10] = [
        (ClaimedField::BuildConfigPath, &[".github/workflows/x.yml"]),
        (ClaimedField::BuildTrigger, &["push"]),
        (ClaimedField::SourceRepositoryRef, &["refs/heads/main"; 3]),
        (
            ClaimedField::SourceRepositoryUri,
            &["https://github.com/o/r"; 3],
        ),
        (ClaimedField::SourceRepositoryDigest, &[COMMIT; 3]),
        (ClaimedField::SourceRepositoryIdentifier, &["1"]),
        (ClaimedField::SourceRepositoryOwnerIdentifier, &["2"]),
        (ClaimedField::BuildConfigDigest, &[COMMIT]),
        (
            ClaimedField::BuildConfigUri,
            &["https://github.com/o/r/.github/workflows/x.yml@refs/heads/main"],
        ),
        (
            ClaimedField::RunInvocationUri,
            &["https://github.com/o/r/actions/runs/3/attempts/1"; 2],
        ),
    ];
    for (field, values) in expected {
        assert_eq!(claimed(&provenance, field), values, "{field:?}");
    }
    for (id, values) in [
        ("https://github.com/o/r-x/actions/runs/3/attempts/1", 2),
        ("3-x", 1),
        ("x-1", 1),
        ("run", 1),
    ] {
        let predicate = predicate.replace("\"3-1\"", &format!("\"{id}\""));
        let provenance = read(V02, &predicate).unwrap();
        let runs = claimed(&provenance, ClaimedField::RunInvocationUri);
        assert_eq!(runs.len(), values, "{id}");
    }
}
