//! What the producers write, in the shapes that they document.

use sealstone_provenance::{ClaimedField, Error, Producer, ProvenanceVersion, RefAbsence};

use crate::support::{V01, V1, V02, claimed, read, source};

const COMMIT: &str = "904e2c3e02725e314cf6cf141c4700081298dcbd";

fn cloud_build_v01(recipe_type: &str, more: &str, materials: &str) -> String {
    format!(
        r#"{{"builder":{{"id":"https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3"}},
        "recipe":{{"type":"{recipe_type}","entryPoint":"cloudbuild.yaml"{more},
            "arguments":{{"@type":"type.googleapis.com/google.devtools.cloudbuild.v1.Build",
            "substitutions":{{"TAG_NAME":"v33.0.4"}}}}}},
        "metadata":{{"buildInvocationId":"x","buildStartedOn":"2023-03-15T03:14:09Z","buildFinishedOn":"2023-03-15T03:14:35Z"}},
        "materials":{materials}}}"#
    )
}

#[test]
fn cloud_build_of_v01() {
    let plain =
        format!(r#"[{{"uri":"git+https://github.com/o/r","digest":{{"sha1":"{COMMIT}"}}}}]"#);
    let in_path = format!(r#"[{{"uri":"https://github.com/o/r/commit/{COMMIT}"}}]"#);
    for recipe_type in [
        "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1",
        "https://cloudbuild.googleapis.com/CloudBuildSteps@v0.1",
        "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.2",
    ] {
        for materials in [&plain, &in_path] {
            for more in [
                "",
                r#","definedInMaterial":"-1""#,
                r#","definedInMaterial":0"#,
            ] {
                let predicate = cloud_build_v01(recipe_type, more, materials);
                let provenance = read(V01, &predicate).unwrap();
                assert_eq!(provenance.version, ProvenanceVersion::V01);
                assert_eq!(provenance.producer, Some(Producer::CloudBuild));
                assert_eq!(
                    source(&provenance),
                    Some(("https://github.com/o/r", None, Some(COMMIT)))
                );
                assert_eq!(provenance.tag(), Ok("v33.0.4"));
                assert_eq!(provenance.branch(), Err(RefAbsence::Unknown));
                assert_eq!(provenance.entry_point.as_deref(), Some("cloudbuild.yaml"));
                assert_eq!(provenance.invocation_id.as_deref(), Some("x"));
            }
        }
    }
    // The material that the recipe names, not the first one.
    let two = format!(
        r#"[{{"uri":"https://github.com/o/other"}},{{"uri":"https://github.com/o/r","digest":{{"sha1":"{COMMIT}"}}}}]"#
    );
    let yaml = "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1";
    for index in ["1", r#""1""#] {
        let more = format!(r#","definedInMaterial":{index}"#);
        let provenance = read(V01, &cloud_build_v01(yaml, &more, &two)).unwrap();
        assert_eq!(source(&provenance).unwrap().0, "https://github.com/o/r");
    }
    for (more, materials, error) in [
        (
            r#","definedInMaterial":"x""#,
            two.as_str(),
            Error::FieldMalformed("recipe.definedInMaterial"),
        ),
        (
            r#","definedInMaterial":-2"#,
            two.as_str(),
            Error::FieldMalformed("recipe.definedInMaterial"),
        ),
        (
            r#","definedInMaterial":true"#,
            two.as_str(),
            Error::FieldMalformed("recipe.definedInMaterial"),
        ),
        (
            r#","definedInMaterial":2"#,
            two.as_str(),
            Error::FieldMissing("materials"),
        ),
        ("", "[]", Error::FieldMissing("materials")),
        (
            "",
            r#"[{"uri":"gcr.io/x"}]"#,
            Error::FieldMalformed("materials"),
        ),
    ] {
        let refused = read(V01, &cloud_build_v01(yaml, more, materials)).unwrap_err();
        assert_eq!(refused, error, "{more}");
    }
    let other = read(
        V01,
        &cloud_build_v01("https://builds.example/v1", "", &plain),
    )
    .unwrap();
    assert_eq!(source(&other), None);
    assert_eq!(other.tag(), Err(RefAbsence::Unknown));
    for missing in [r#"{"builder":{"id":"b"}}"#, r#"{"recipe":{"type":"t"}}"#] {
        let error = read(V01, missing).unwrap_err();
        assert_eq!(error.code(), "provenance.field-missing", "{missing}");
    }
}

fn cloud_build_v1(git_ref: &str, substitutions: &str) -> String {
    format!(
        r#"{{"buildDefinition":{{"buildType":"https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
        "externalParameters":{{"buildConfigSource":{{"ref":"{git_ref}","repository":"git+https://github.com/o/r","path":"cloudbuild.yaml"}},"substitutions":{{}}}},
        "internalParameters":{{"systemSubstitutions":{substitutions}}}}},
        "runDetails":{{"builder":{{"id":"https://cloudbuild.googleapis.com/GoogleHostedWorker"}}}}}}"#
    )
}

#[test]
fn cloud_build_counts_a_tag_that_it_names_twice() {
    let cases = [
        ("refs/tags/v1", r#"{"TAG_NAME":"v1"}"#, Ok("v1")),
        (
            "refs/tags/v1",
            r#"{"TAG_NAME":"v2"}"#,
            Err(RefAbsence::Unknown),
        ),
        ("refs/tags/v1", "{}", Err(RefAbsence::Unknown)),
        (
            "refs/heads/main",
            r#"{"TAG_NAME":"v1"}"#,
            Err(RefAbsence::OtherKind),
        ),
    ];
    for (git_ref, substitutions, tag) in cases {
        let provenance = read(V1, &cloud_build_v1(git_ref, substitutions)).unwrap();
        assert_eq!(provenance.tag(), tag, "{git_ref} {substitutions}");
    }
    let branch = read(V1, &cloud_build_v1("refs/heads/main", "{}")).unwrap();
    assert_eq!(branch.branch(), Ok("main"));
}

#[test]
fn generators_of_v02() {
    for build_type in [
        "https://github.com/slsa-framework/slsa-github-generator/container@v1",
        "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
        "https://github.com/slsa-framework/slsa-github-generator/go@v1",
        "https://github.com/slsa-framework/slsa-github-generator@v1",
        "https://github.com/slsa-framework/slsa-github-generator-go@v1",
    ] {
        let predicate = format!(
            r#"{{"builder":{{"id":"b"}},"buildType":"{build_type}",
            "invocation":{{"configSource":{{"uri":"git+https://github.com/o/r@refs/heads/main","digest":{{"sha1":"{COMMIT}"}},"entryPoint":".github/workflows/x.yml"}},
            "environment":{{"github_event_name":"push","github_ref":"refs/heads/main","github_ref_type":"branch",
            "github_repository_id":"1","github_repository_owner_id":2,"github_run_attempt":"1","github_run_id":"3","github_sha1":"{COMMIT}"}}}},
            "materials":[{{"uri":"git+https://github.com/o/r@refs/heads/main","digest":{{"sha1":"{COMMIT}"}}}}]}}"#
        );
        let provenance = read(V02, &predicate).unwrap();
        assert_eq!(provenance.producer, Some(Producer::SlsaGenerator));
        assert_eq!(provenance.trigger.as_deref(), Some("push"));
        assert_eq!(provenance.repository_id.as_deref(), Some("1"));
        assert_eq!(provenance.repository_owner_id.as_deref(), Some("2"));
        assert_eq!(provenance.runner_environment, None);
        assert_eq!(provenance.branch(), Ok("main"));
        assert_eq!(provenance.tag(), Err(RefAbsence::OtherKind));
        assert_eq!(
            claimed(&provenance, ClaimedField::SourceRepositoryDigest),
            [COMMIT; 3]
        );
    }
}

#[test]
fn workflow_of_the_repository() {
    for build_type in [
        "https://actions.github.io/buildtypes/workflow/v1",
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
    ] {
        let predicate = format!(
            r#"{{"buildDefinition":{{"buildType":"{build_type}",
            "externalParameters":{{"workflow":{{"ref":"refs/tags/v1","repository":"https://github.com/o/r","path":".github/workflows/x.yml"}}}},
            "internalParameters":{{"github":{{"event_name":"release","repository_id":"1","repository_owner_id":"2","runner_environment":"self-hosted"}}}},
            "resolvedDependencies":[{{"uri":"git+https://github.com/o/r@refs/tags/v1","digest":{{"gitCommit":"{COMMIT}"}}}}]}},
            "runDetails":{{"builder":{{"id":"https://github.com/o/r/.github/workflows/x.yml@refs/tags/v1"}},"metadata":{{"invocationId":"https://github.com/o/r/actions/runs/3/attempts/1"}}}}}}"#
        );
        let provenance = read(V1, &predicate).unwrap();
        assert_eq!(provenance.producer, Some(Producer::GithubWorkflow));
        assert_eq!(provenance.trigger.as_deref(), Some("release"));
        assert_eq!(
            provenance.runner_environment.as_deref(),
            Some("self-hosted")
        );
        assert_eq!(provenance.repository_id.as_deref(), Some("1"));
        assert_eq!(provenance.repository_owner_id.as_deref(), Some("2"));
        assert_eq!(provenance.tag(), Ok("v1"));
        assert_eq!(provenance.branch(), Err(RefAbsence::OtherKind));
        assert_eq!(
            provenance.source_parameters,
            ["/workflow/repository", "/workflow/ref"]
        );
        assert_eq!(provenance.unverifiable_claim(), None);
        assert_eq!(
            claimed(&provenance, ClaimedField::RunInvocationUri),
            ["https://github.com/o/r/actions/runs/3/attempts/1"]
        );
    }
}

#[test]
fn gitlab_runner_and_npm_of_v02() {
    let shapes = [
        (
            "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v15.1.0/PROVENANCE.md",
            "https://gitlab.com/g/p",
            "sha256",
        ),
        (
            "https://github.com/npm/cli/gitlab/v0alpha1",
            "git+https://gitlab.com/g/p",
            "sha1",
        ),
    ];
    for (build_type, uri, algorithm) in shapes {
        let predicate = |source: &str, variables: &str| {
            format!(
                r#"{{"buildType":"{build_type}","builder":{{"id":"https://gitlab.com/g/p/-/runners/1"}},
                "invocation":{{{source}"environment":{{"name":"local","job":{{"id":"7"}}}},"parameters":{variables}}},
                "materials":[{{"uri":"{uri}","digest":{{"{algorithm}":"{COMMIT}"}}}}]}}"#
            )
        };
        let config = format!(
            r#""configSource":{{"uri":"{uri}","digest":{{"{algorithm}":"{COMMIT}"}},"entryPoint":"build"}},"#
        );
        let variables = r#"{"CI":"","CI_PIPELINE_SOURCE":"push","CI_PROJECT_ID":"5","CI_COMMIT_SHA":"[MASKED]","CI_JOB_URL":"https://gitlab.com/g/p/-/jobs/7"}"#;
        let provenance = read(V02, &predicate(&config, variables)).unwrap();
        assert_eq!(provenance.producer, Some(Producer::Gitlab));
        assert_eq!(
            source(&provenance),
            Some(("https://gitlab.com/g/p", None, Some(COMMIT)))
        );
        assert_eq!(provenance.entry_point.as_deref(), Some("build"));
        for (field, values) in [
            (ClaimedField::BuildTrigger, &["push"][..]),
            (ClaimedField::SourceRepositoryIdentifier, &["5"]),
            (ClaimedField::SourceRepositoryDigest, &[COMMIT]),
            (
                ClaimedField::RunInvocationUri,
                &["https://gitlab.com/g/p/-/jobs/7"; 2],
            ),
            (ClaimedField::DeploymentEnvironment, &[]),
        ] {
            assert_eq!(claimed(&provenance, field), values, "{field:?}");
        }
        // npm names the run by its URL.
        let named = predicate(&config, "{}").replacen(
            '{',
            r#"{"metadata":{"buildInvocationId":"https://gitlab.com/g/p/-/jobs/8"},"#,
            1,
        );
        let named = read(V02, &named).unwrap();
        assert_eq!(
            claimed(&named, ClaimedField::RunInvocationUri),
            [
                "https://gitlab.com/g/p/-/jobs/8",
                "https://gitlab.com/g/p/-/jobs/7"
            ]
        );
        // A pipeline can set these variables: they are claims and nothing else.
        assert_eq!(provenance.trigger, None);
        assert_eq!(provenance.repository_id, None);

        let none = read(V02, &predicate("", "{}")).unwrap_err();
        assert_eq!(none, Error::FieldMissing("invocation.configSource.uri"));
        let wrong = read(V02, &predicate(&config, r#"{"CI_PROJECT_ID":true}"#)).unwrap_err();
        assert_eq!(wrong, Error::FieldMalformed("invocation.parameters"));
    }
    let other_commit = format!(
        r#"{{"buildType":"{}","builder":{{"id":"b"}},"invocation":{{"configSource":{{"uri":"https://gitlab.com/g/p","digest":{{"sha256":"{COMMIT}"}}}}}},
        "materials":[{{"uri":"https://gitlab.com/g/p","digest":{{"sha256":"0000000000000000000000000000000000000000"}}}}]}}"#,
        shapes[0].0
    );
    let error = read(V02, &other_commit).unwrap_err();
    assert_eq!(error.code(), "provenance.source-contradictory");
}

#[test]
fn gitlab_of_v1() {
    let predicate = format!(
        r#"{{"buildDefinition":{{"buildType":"https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
        "externalParameters":{{"source":"https://gitlab.com/g/p","entryPoint":"build","variables":{{"CI_ENVIRONMENT_NAME":"production","CI_PROJECT_NAMESPACE_ID":"6"}}}},
        "internalParameters":{{"name":"green","executor":"docker","architecture":"amd64","job":"10340684631"}},
        "resolvedDependencies":[{{"uri":"https://gitlab.com/g/p","digest":{{"gitCommit":"{COMMIT}"}}}}]}},
        "runDetails":{{"builder":{{"id":"https://gitlab.com/g/p/-/runners/1"}},"metadata":{{"invocationID":"10340684631"}}}}}}"#
    );
    let provenance = read(V1, &predicate).unwrap();
    for (field, values) in [
        (ClaimedField::DeploymentEnvironment, &["production"][..]),
        (ClaimedField::SourceRepositoryOwnerIdentifier, &["6"]),
        (
            ClaimedField::RunInvocationUri,
            &["https://gitlab.com/g/p/-/jobs/10340684631"],
        ),
    ] {
        assert_eq!(claimed(&provenance, field), values, "{field:?}");
    }
    assert_eq!(provenance.invocation_id.as_deref(), Some("10340684631"));
    assert_eq!(provenance.source_parameters, ["/source"]);
}

/// `hints` are the parameters and results of the run, `materials` what Chains lists.
fn tekton_v02(parameters: &str, tasks: &str, materials: &str) -> String {
    format!(
        r#"{{"builder":{{"id":"https://tekton.dev/chains/v2"}},"buildType":"tekton.dev/v1/PipelineRun",
        "invocation":{{"configSource":{{"uri":"git+https://github.com/o/pipelines.git"}},"parameters":{parameters}}},
        "buildConfig":{{"tasks":{tasks}}},"materials":{materials}}}"#
    )
}

#[test]
fn tekton_of_v02() {
    let other = "0000000000000000000000000000000000000000";
    let parameters = format!(
        r#"{{"CHAINS-GIT_URL":"https://github.com/o/r","CHAINS-GIT_COMMIT":"{COMMIT}","list":["a"]}}"#
    );
    let results = |url: &str, commit: &str| {
        format!(
            r#"{{"name":"clone","results":[{{"name":"CHAINS-GIT_COMMIT","type":"string","value":"{commit}"}},{{"name":"CHAINS-GIT_URL","type":"string","value":"{url}"}}]}}"#
        )
    };
    let material = |url: &str, commit: &str| {
        format!(r#"{{"uri":"git+{url}.git","digest":{{"sha1":"{commit}"}}}}"#)
    };
    let r = "https://github.com/o/r";
    let pipelines = material("https://github.com/o/pipelines", COMMIT);
    let listed = format!("[{pipelines},{}]", material(r, COMMIT));
    let from_results = format!("[{{}},{}]", results(r, COMMIT));
    let twice = format!(
        "[{},{}]",
        results(r, COMMIT),
        results("git+https://github.com/o/r.git", COMMIT)
    );
    let expected = Some((r, None, Some(COMMIT)));
    for (parameters, tasks) in [
        (parameters.as_str(), "[]"),
        (parameters.as_str(), "null"),
        ("{}", &from_results),
        (parameters.as_str(), &from_results),
        ("{}", &twice),
    ] {
        let provenance = read(V02, &tekton_v02(parameters, tasks, &listed)).unwrap();
        assert_eq!(provenance.producer, Some(Producer::TektonChains));
        assert_eq!(source(&provenance), expected, "{parameters} {tasks}");
    }
    let different = format!("[{},{}]", results(r, COMMIT), results(r, other));
    let all = format!("[{},{}]", material(r, COMMIT), material(r, other));
    let elsewhere = format!("[{}]", results("https://github.com/o/other", COMMIT));
    for (parameters, tasks, materials) in [
        // No hint: a repository among the materials is anything.
        ("{}", "[]", listed.as_str()),
        ("{}", "[{\"results\":[]}]", &listed),
        // A hint that Chains did not list, in whole or in its commit.
        (parameters.as_str(), "[]", "[]"),
        (&parameters, "[]", &format!("[{}]", material(r, other))),
        (&parameters, &elsewhere, &listed),
        // Two sources.
        ("{}", &different, &all),
        // Half a hint.
        (
            r#"{"CHAINS-GIT_URL":"https://github.com/o/r"}"#,
            "[]",
            &listed,
        ),
    ] {
        let provenance = read(V02, &tekton_v02(parameters, tasks, materials)).unwrap();
        assert_eq!(
            source(&provenance),
            None,
            "{parameters} {tasks} {materials}"
        );
    }
    let malformed = read(V02, &tekton_v02("{}", "1", "[]")).unwrap_err();
    assert_eq!(malformed, Error::FieldMalformed("buildConfig.tasks"));
}

#[test]
fn tekton_of_v1() {
    let dependency = |name: &str, uri: &str| {
        format!(r#"{{"name":"{name}","uri":"{uri}","digest":{{"sha1":"{COMMIT}"}}}}"#)
    };
    let r = "git+https://github.com/o/r.git";
    let pipeline = dependency("pipeline", "git+https://github.com/o/pipelines.git");
    let input = dependency("inputs/result", r);
    let expected = Some(("https://github.com/o/r", None, Some(COMMIT)));
    for (dependencies, expected) in [
        (format!("[{pipeline},{input}]"), expected),
        (
            format!(
                "[{input},{}]",
                dependency("inputs/result", "oci://registry.example/base")
            ),
            expected,
        ),
        (format!("[{pipeline}]"), None),
        (format!("[{}]", dependency("pipelineTask", r)), None),
        (format!("[{}]", dependency("", r)), None),
        (
            format!(
                "[{input},{}]",
                dependency("inputs/result", "git+https://github.com/o/other.git")
            ),
            None,
        ),
        (
            format!(
                "[{input},{}]",
                dependency("inputs/result", "git+not a repository")
            ),
            None,
        ),
    ] {
        for build_type in [
            "https://tekton.dev/chains/v2/slsa",
            "https://tekton.dev/chains/v2/slsa-tekton",
        ] {
            let predicate = format!(
                r#"{{"buildDefinition":{{"buildType":"{build_type}","externalParameters":{{"runSpec":{{}}}},
                "resolvedDependencies":{dependencies}}},"runDetails":{{"builder":{{"id":"https://tekton.dev/chains/v2"}}}}}}"#
            );
            let provenance = read(V1, &predicate).unwrap();
            assert_eq!(provenance.producer, Some(Producer::TektonChains));
            assert_eq!(source(&provenance), expected, "{dependencies}");
        }
    }
}

#[test]
fn buildkit_may_leave_the_builder_out() {
    let v02 = r#"{"builder":{"id":""},"buildType":"https://mobyproject.org/buildkit@v1"}"#;
    let v1 = r#"{"buildDefinition":{"buildType":"https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md","externalParameters":{"configSource":{},"request":{}}},"runDetails":{"builder":{"id":""}}}"#;
    for (version, predicate) in [(V02, v02), (V1, v1)] {
        let provenance = read(version, predicate).unwrap();
        assert_eq!(provenance.producer, Some(Producer::BuildKit));
        assert_eq!(provenance.builder_id, "");
        assert_eq!(provenance.source, None);
        let without = predicate.replace(r#"{"id":""}"#, "{}");
        assert_eq!(
            read(version, &without).unwrap_err().code(),
            "provenance.field-missing"
        );
    }
}
