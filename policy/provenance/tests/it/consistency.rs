//! What a builder on GitHub says twice must be the same, and complete.

use sealstone_provenance::Error;

use crate::support::{V1, V02, read, source};

const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator/container@v1";
const DELEGATOR: &str =
    "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0";
const NPM_V1: &str = "https://github.com/npm/cli/gha@v1";
const NPM_V2: &str = "https://github.com/npm/cli/gha/v2";
const WITH_REF: &str = "git+https://github.com/o/r@refs/heads/main";
const WITHOUT_REF: &str = "git+https://github.com/o/r";

fn v02(build_type: &str, trigger: &str, materials: &str) -> String {
    format!(
        r#"{{"builder":{{"id":"b"}},"buildType":"{build_type}","invocation":{{"configSource":{{"uri":"{trigger}"}}}},"materials":{materials}}}"#
    )
}

#[test]
fn trigger_and_material_of_v02() {
    let one = |uri: &str| format!(r#"[{{"uri":"{uri}"}}]"#);
    let other_ref = one("git+https://github.com/o/r@refs/heads/other");
    let other = one("git+https://github.com/o/other@refs/heads/main");
    for build_type in [GENERATOR, DELEGATOR, NPM_V1, NPM_V2] {
        let with = one(WITH_REF);
        let provenance = read(V02, &v02(build_type, WITH_REF, &with)).unwrap();
        assert_eq!(
            source(&provenance).unwrap().1,
            Some("refs/heads/main"),
            "{build_type}"
        );
        for (trigger, materials, error) in [
            (
                "",
                &with,
                Error::FieldMissing("invocation.configSource.uri"),
            ),
            (
                WITHOUT_REF,
                &with,
                Error::SourceRefMissing("invocation.configSource.uri"),
            ),
            (WITH_REF, &"[]".to_owned(), Error::FieldMissing("materials")),
            (
                WITH_REF,
                &one("pkg:npm/x"),
                Error::SourceContradictory("materials.0.uri"),
            ),
            (
                WITH_REF,
                &other_ref,
                Error::SourceContradictory("materials.0"),
            ),
            (WITH_REF, &other, Error::SourceContradictory("materials.0")),
        ] {
            let refused = read(V02, &v02(build_type, trigger, materials)).unwrap_err();
            assert_eq!(refused, error, "{build_type} {trigger} {materials}");
        }
    }
    // A material without ref: npm's first version leaves it out, delegates may have moved on.
    let without = one(WITHOUT_REF);
    for build_type in [GENERATOR, NPM_V2] {
        let refused = read(V02, &v02(build_type, WITH_REF, &without)).unwrap_err();
        assert_eq!(refused, Error::SourceRefMissing("materials.0"));
        assert_eq!(refused.code(), "provenance.source-ref-missing");
    }
    let npm = read(V02, &v02(NPM_V1, WITH_REF, &without)).unwrap();
    assert_eq!(source(&npm).unwrap().1, Some("refs/heads/main"));
    let delegated = read(V02, &v02(DELEGATOR, WITH_REF, &without)).unwrap();
    assert_eq!(source(&delegated).unwrap().1, None);
    let elsewhere = one("git+https://github.com/o/other");
    for build_type in [NPM_V1, DELEGATOR] {
        let refused = read(V02, &v02(build_type, WITH_REF, &elsewhere)).unwrap_err();
        assert_eq!(refused, Error::SourceContradictory("materials.0"));
    }
}

fn v1(build_type: &str, external: &str, internal: &str, dependencies: &str) -> String {
    format!(
        r#"{{"buildDefinition":{{"buildType":"{build_type}","externalParameters":{external},"internalParameters":{internal},
        "resolvedDependencies":{dependencies}}},"runDetails":{{"builder":{{"id":"b"}}}}}}"#
    )
}

#[test]
fn first_dependency_of_v1() {
    const FIRST: &str = "buildDefinition.resolvedDependencies.0";
    let workflow =
        r#"{"workflow":{"repository":"https://github.com/o/r","ref":"refs/heads/main"}}"#;
    let container = r#"{"source":{"uri":"git+https://github.com/o/r@refs/heads/main"}}"#;
    let run = r#"{"GITHUB_WORKFLOW_REF":"o/r/.github/workflows/x.yml@refs/heads/main"}"#;
    for (build_type, external) in [
        ("https://actions.github.io/buildtypes/workflow/v1", workflow),
        (
            "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
            workflow,
        ),
        (
            "https://slsa.dev/container-based-build/v0.1?draft",
            container,
        ),
    ] {
        let with = format!(r#"[{{"uri":"{WITH_REF}"}}]"#);
        read(V1, &v1(build_type, external, run, &with)).unwrap();
        for (dependencies, error) in [
            (
                "[]".to_owned(),
                Error::FieldMissing("buildDefinition.resolvedDependencies"),
            ),
            (
                format!(r#"[{{"uri":"{WITHOUT_REF}"}}]"#),
                Error::SourceRefMissing(FIRST),
            ),
            (
                r#"[{"uri":"git+https://github.com/o/r@refs/heads/other"}]"#.to_owned(),
                Error::SourceContradictory(FIRST),
            ),
            (
                r#"[{"uri":"pkg:oci/x"}]"#.to_owned(),
                Error::SourceContradictory(FIRST),
            ),
        ] {
            let refused = read(V1, &v1(build_type, external, run, &dependencies)).unwrap_err();
            assert_eq!(refused, error, "{build_type} {dependencies}");
        }
    }
    let refused = read(
        V1,
        &v1(
            "https://slsa.dev/container-based-build/v0.1?draft",
            r#"{"source":{"uri":"git+https://github.com/o/r"}}"#,
            run,
            "[]",
        ),
    );
    assert_eq!(
        refused.unwrap_err(),
        Error::SourceRefMissing("buildDefinition.externalParameters.source.uri")
    );
}

#[test]
fn triggering_workflow_of_v1() {
    const PATH: &str = "buildDefinition.internalParameters.GITHUB_WORKFLOW_REF";
    let container = r#"{"source":{"uri":"git+https://github.com/o/r@refs/heads/a@b"}}"#;
    let read_with = |build_type: &str, external: &str, workflow: &str, git_ref: &str| {
        let internal = format!(r#"{{"GITHUB_WORKFLOW_REF":"{workflow}"}}"#);
        let dependencies = format!(r#"[{{"uri":"git+https://github.com/o/r{git_ref}"}}]"#);
        read(V1, &v1(build_type, external, &internal, &dependencies)).map(|_| ())
    };
    for (build_type, external) in [
        (
            "https://slsa.dev/container-based-build/v0.1?draft",
            container,
        ),
        (DELEGATOR, "{}"),
    ] {
        for (workflow, expected) in [
            ("o/r/.github/workflows/x.yml@refs/heads/a@b", Ok(())),
            ("O/R/.github/workflows/x@y.yml@refs/heads/a@b", Ok(())),
            ("", Err(Error::FieldMissing(PATH))),
            ("o", Err(Error::FieldMalformed(PATH))),
            ("o/r", Err(Error::SourceRefMissing(PATH))),
            (
                "o/r/.github/workflows/x.yml",
                Err(Error::SourceRefMissing(PATH)),
            ),
            (
                "o/other/.github/workflows/x.yml@refs/heads/a@b",
                Err(Error::SourceContradictory(PATH)),
            ),
            (
                "o/r/.github/workflows/x.yml@refs/heads/b",
                Err(Error::SourceContradictory(PATH)),
            ),
            (
                "o/r/.github/workflows/x.yml@refs/tags/refs/heads/a@b",
                Err(Error::SourceContradictory(PATH)),
            ),
        ] {
            let found = read_with(build_type, external, workflow, "@refs/heads/a@b");
            assert_eq!(found, expected, "{build_type} {workflow}");
        }
    }
    // A delegate that checked out another commit: any ref of the run will do, but there must be one.
    let workflow = "o/r/x.yml@refs/heads/main";
    assert_eq!(read_with(DELEGATOR, "{}", workflow, ""), Ok(()));
    assert_eq!(
        read_with(DELEGATOR, "{}", "o/r/x.yml", ""),
        Err(Error::SourceRefMissing(PATH))
    );
}
