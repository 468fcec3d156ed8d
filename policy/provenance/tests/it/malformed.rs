//! Every way in which a predicate can break its version's rules.

use sealstone_provenance::{Error, Limit, Provenance};
use sealstone_verify::json::Value;

use crate::support::{V1, V02, read, value};

/// Puts `replacement` at the dotted `path`; `None` removes what is there.
fn edited(predicate: &str, path: &str, replacement: Option<Value>) -> Value {
    let mut root = value(predicate);
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut current = &mut root;
    for name in parents.split('.').filter(|name| !name.is_empty()) {
        current = match current {
            Value::Object(members) => members.get_mut(name).unwrap(),
            Value::Array(items) => items.get_mut(name.parse::<usize>().unwrap()).unwrap(),
            _ => panic!("{path}"),
        };
    }
    let Value::Object(members) = current else {
        panic!("{path}")
    };
    match replacement {
        Some(replacement) => members.insert(last.to_owned(), replacement),
        None => members.remove(last),
    };
    root
}

const PREDICATE_V02: &str = r#"{
    "builder": {"id": "https://builder.example/1"},
    "buildType": "https://github.com/slsa-framework/slsa-github-generator/container@v1",
    "invocation": {
        "configSource": {
            "uri": "git+https://github.com/o/r@refs/heads/main",
            "digest": {"sha1": "904e2c3e02725e314cf6cf141c4700081298dcbd"},
            "entryPoint": ".github/workflows/release.yml"
        },
        "parameters": {"a": 1},
        "environment": {"github_run_id": 12, "github_run_attempt": "1"}
    },
    "metadata": {"buildInvocationID": "12-1", "buildStartedOn": "2024-01-01T00:00:00Z"},
    "materials": [{
        "uri": "git+https://github.com/o/r@refs/heads/main",
        "digest": {"sha1": "904e2c3e02725e314cf6cf141c4700081298dcbd"}
    }]
}"#;

const PREDICATE_V1: &str = r#"{
    "buildDefinition": {
        "buildType": "https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters": {"workflow": {
            "ref": "refs/heads/main",
            "repository": "https://github.com/o/r",
            "path": ".github/workflows/release.yml"
        }},
        "internalParameters": {"github": {"event_name": "push", "repository_id": "7"}},
        "resolvedDependencies": [{
            "uri": "git+https://github.com/o/r@refs/heads/main",
            "digest": {"gitCommit": "904e2c3e02725e314cf6cf141c4700081298dcbd"}
        }]
    },
    "runDetails": {
        "builder": {"id": "https://builder.example/1"},
        "metadata": {"invocationId": "https://github.com/o/r/actions/runs/1/attempts/1"}
    }
}"#;

#[test]
fn well_formed() {
    read(V02, PREDICATE_V02).unwrap();
    read(V1, PREDICATE_V1).unwrap();
}

#[test]
fn missing_fields() {
    let cases = [
        (V02, "builder", "builder.id"),
        (V02, "builder.id", "builder.id"),
        (V02, "buildType", "buildType"),
        (V1, "buildDefinition", "buildDefinition.buildType"),
        (V1, "buildDefinition.buildType", "buildDefinition.buildType"),
        (
            V1,
            "buildDefinition.externalParameters",
            "buildDefinition.externalParameters",
        ),
        (V1, "runDetails", "runDetails.builder.id"),
        (V1, "runDetails.builder", "runDetails.builder.id"),
        (V1, "runDetails.builder.id", "runDetails.builder.id"),
        (
            V1,
            "buildDefinition.externalParameters.workflow",
            "buildDefinition.externalParameters.workflow.repository",
        ),
        (
            V1,
            "buildDefinition.externalParameters.workflow.ref",
            "buildDefinition.externalParameters.workflow.ref",
        ),
    ];
    for (version, path, missing) in cases {
        let predicate = if version == V02 {
            PREDICATE_V02
        } else {
            PREDICATE_V1
        };
        for replacement in [None, Some(Value::Null)] {
            let error = Provenance::from_predicate(version, &edited(predicate, path, replacement));
            assert_eq!(error.unwrap_err(), Error::FieldMissing(missing), "{path}");
        }
    }
    for (version, predicate, path) in [
        (V02, PREDICATE_V02, "builder.id"),
        (V02, PREDICATE_V02, "buildType"),
        (V1, PREDICATE_V1, "buildDefinition.buildType"),
        (V1, PREDICATE_V1, "runDetails.builder.id"),
    ] {
        let empty = edited(predicate, path, Some(Value::from("")));
        let error = Provenance::from_predicate(version, &empty).unwrap_err();
        assert_eq!(error, Error::FieldMissing(path));
        assert_eq!(error.code(), "provenance.field-missing");
    }
    for version in [V02, V1] {
        let error = Provenance::from_predicate(version, &Value::Null).unwrap_err();
        assert_eq!(error.code(), "provenance.field-missing");
    }
}

#[test]
fn wrong_types() {
    let paths = [
        (V02, "builder"),
        (V02, "builder.id"),
        (V02, "buildType"),
        (V02, "invocation"),
        (V02, "invocation.configSource"),
        (V02, "invocation.configSource.uri"),
        (V02, "invocation.configSource.digest"),
        (V02, "invocation.configSource.digest.sha1"),
        (V02, "invocation.configSource.entryPoint"),
        (V02, "invocation.environment"),
        (V02, "invocation.environment.github_run_id"),
        (V02, "metadata"),
        (V02, "metadata.buildInvocationID"),
        (V02, "metadata.buildStartedOn"),
        (V02, "metadata.buildFinishedOn"),
        (V02, "invocation.environment.github_ref"),
        (V02, "materials"),
        (V1, "buildDefinition"),
        (V1, "buildDefinition.buildType"),
        (V1, "buildDefinition.externalParameters"),
        (V1, "buildDefinition.externalParameters.workflow"),
        (V1, "buildDefinition.externalParameters.workflow.ref"),
        (V1, "buildDefinition.externalParameters.workflow.repository"),
        (V1, "buildDefinition.externalParameters.workflow.path"),
        (V1, "buildDefinition.internalParameters"),
        (V1, "buildDefinition.internalParameters.github"),
        (V1, "buildDefinition.internalParameters.github.event_name"),
        (V1, "buildDefinition.resolvedDependencies"),
        (V1, "runDetails"),
        (V1, "runDetails.builder"),
        (V1, "runDetails.builder.id"),
        (V1, "runDetails.metadata"),
        (V1, "runDetails.metadata.invocationId"),
        (V1, "runDetails.metadata.startedOn"),
        (V1, "runDetails.metadata.finishedOn"),
    ];
    for (version, path) in paths {
        let predicate = if version == V02 {
            PREDICATE_V02
        } else {
            PREDICATE_V1
        };
        let broken = edited(predicate, path, Some(Value::Bool(true)));
        let error = Provenance::from_predicate(version, &broken).unwrap_err();
        assert_eq!(
            error.code(),
            "provenance.field-malformed",
            "{path}: {error}"
        );
    }
    for root in ["[]", "true", "\"x\"", "1"] {
        for version in [V02, V1] {
            let error = read(version, root).unwrap_err();
            assert_eq!(error.code(), "provenance.field-malformed", "{root}");
        }
    }
}

#[test]
fn malformed_values() {
    let long_commit = "904e2c3e02725e314cf6cf141c4700081298dcbd00";
    let cases = [
        (V02, "invocation.configSource.uri", r#""not a uri""#),
        (V02, "invocation.configSource.digest.sha1", r#""main""#),
        (
            V02,
            "invocation.configSource.digest.sha1",
            r#""904E2C3E02725E314CF6CF141C4700081298DCBD""#,
        ),
        (V02, "invocation.environment.github_run_id", "1.5"),
        (V02, "materials", r#"[1]"#),
        (V02, "materials", r#"[{"uri": 1}]"#),
        (V02, "materials", r#"[{"uri": "x", "digest": []}]"#),
        (V02, "materials", r#"[{"uri": "x", "digest": {"sha1": 1}}]"#),
        (
            V02,
            "invocation.environment.github_repository",
            r#""o/r/x""#,
        ),
        (
            V02,
            "invocation.environment.github_repository",
            r#""o/r@x""#,
        ),
        (
            V1,
            "buildDefinition.externalParameters.workflow.repository",
            r#""github.com/o/r""#,
        ),
    ];
    for (version, path, replacement) in cases {
        let predicate = if version == V02 {
            PREDICATE_V02
        } else {
            PREDICATE_V1
        };
        let broken = edited(predicate, path, Some(value(replacement)));
        let error = Provenance::from_predicate(version, &broken).unwrap_err();
        assert_eq!(
            error.code(),
            "provenance.field-malformed",
            "{path} {replacement}"
        );
    }
    let broken = edited(
        PREDICATE_V1,
        "buildDefinition.resolvedDependencies.0.digest.gitCommit",
        Some(Value::from(long_commit)),
    );
    let error = Provenance::from_predicate(V1, &broken).unwrap_err();
    assert_eq!(
        error,
        Error::FieldMalformed("buildDefinition.resolvedDependencies.0")
    );
}

#[test]
fn contradictory_sources() {
    let other_commit = "0000000000000000000000000000000000000000";
    let cases = [
        (
            V02,
            "materials.0.uri",
            "git+https://github.com/o/other@refs/heads/main",
        ),
        (
            V02,
            "materials.0.uri",
            "git+https://github.com/o/r@refs/heads/other",
        ),
        (V02, "materials.0.uri", "pkg:docker/alpine"),
        (V02, "materials.0.digest.sha1", other_commit),
        (
            V1,
            "buildDefinition.resolvedDependencies.0.uri",
            "git+https://github.com/o/other@refs/heads/main",
        ),
        (
            V1,
            "buildDefinition.resolvedDependencies.0.uri",
            "git+https://github.com/o/r@refs/heads/other",
        ),
        (
            V1,
            "buildDefinition.resolvedDependencies.0.uri",
            "pkg:docker/alpine",
        ),
        (
            V1,
            "buildDefinition.resolvedDependencies.0.digest.sha1",
            other_commit,
        ),
        (
            V1,
            "buildDefinition.externalParameters.workflow.repository",
            "https://github.com/o/r@refs/heads/other",
        ),
    ];
    for (version, path, replacement) in cases {
        let predicate = if version == V02 {
            PREDICATE_V02
        } else {
            PREDICATE_V1
        };
        let broken = edited(predicate, path, Some(Value::from(replacement)));
        let error = Provenance::from_predicate(version, &broken).unwrap_err();
        assert_eq!(
            error.code(),
            "provenance.source-contradictory",
            "{path} {replacement}"
        );
    }
}

#[test]
fn limits() {
    let long = "x".repeat(4097);
    let entry = value(r#"{"uri": "pkg:docker/alpine"}"#);
    let cases = [
        (
            "builder.id",
            Value::from(long.as_str()),
            Limit::ProvenanceTextBytes,
        ),
        (
            "materials",
            value(&format!(r#"[{{"uri": "{long}"}}]"#)),
            Limit::ProvenanceTextBytes,
        ),
        (
            "materials",
            value(&format!(r#"[{{"digest": {{"sha1": "{long}"}}}}]"#)),
            Limit::ProvenanceTextBytes,
        ),
        (
            "materials",
            Value::Array(vec![entry; 4097]),
            Limit::ProvenanceDependencies,
        ),
    ];
    assert_eq!(
        [Limit::ProvenanceDependencies, Limit::ProvenanceTextBytes].map(Limit::code),
        [
            "limit.provenance-dependencies",
            "limit.provenance-text-bytes"
        ]
    );
    for (path, replacement, limit) in cases {
        let broken = edited(PREDICATE_V02, path, Some(replacement));
        let error = Provenance::from_predicate(V02, &broken).unwrap_err();
        assert_eq!(error, Error::LimitExceeded(limit), "{path}");
        assert_eq!(error.code(), limit.code());
    }
    let most = edited(
        PREDICATE_V02,
        "builder.id",
        Some(Value::from("x".repeat(4096))),
    );
    Provenance::from_predicate(V02, &most).unwrap();
}

#[test]
fn other_predicate_types() {
    for predicate_type in [
        "",
        "https://slsa.dev/provenance",
        "https://slsa.dev/provenance/v0.3",
        "https://slsa.dev/provenance/v1.0",
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/verification_summary/v1",
        "https://spdx.dev/Document",
    ] {
        let error = read(predicate_type, PREDICATE_V1).unwrap_err();
        assert_eq!(error, Error::PredicateTypeUnsupported);
        assert_eq!(error.code(), "provenance.predicate-type-unsupported");
    }
}
