//! Sources, refs and runs that only look like those that the policy asks for.

use sealstone_engine::CompiledPolicy;
use sealstone_forge::{Build, FulcioExtension, Identity};
use serde_json::json;

use super::VETTED;
use crate::forging::{
    self, APP, IMAGE, SIGSTORE, assert_code, decide, evidence_of, honest, policy, rule, run,
    signed, strict, subject, workflow,
};
use crate::support::{DIGEST, image_code};

/// Sources whose names begin, end or look like the expected one.
#[test]
fn attack_05_source_confusion() {
    let by = policy(&rule(VETTED, "", ""));
    for repository in [
        "octo-org/app-package",
        "octo-org/appA",
        "octo-org/Aapp",
        "Aocto-org/app",
        "octo-orgA/app",
        "octo-org/app.git2",
        "evil/octo-org-app",
    ] {
        let build = run(|run| run.repository = repository.to_owned());
        for statement in [
            build.provenance_v1(subject()),
            build.provenance_v02(subject()),
        ] {
            let evidence = signed(&build, &statement);
            assert_code(&by, vec![evidence], "provenance.source-mismatch");
        }
    }
    // The other way round: what the policy expects is longer or shorter than what was built.
    for uri in [
        "https://github.com/octo-org/ap",
        "https://github.com/octo-org/appA",
        "https://github.com/Aocto-org/app",
        "https://Agithub.com/octo-org/app",
        "https://github.com.evil.example/octo-org/app",
        "http://github.com/octo-org/app",
    ] {
        let rule = rule(VETTED, "", "").replace(APP, uri);
        let evidence = vec![honest(&Build::default())];
        assert_code(&policy(&rule), evidence, "provenance.source-mismatch");
    }
}

/// A branch is no tag, and of versions only the given parts count.
#[test]
fn attack_06_tags_branches_and_versions() {
    const TAG: &str = "provenance.tag-mismatch";
    for (built, asked, code) in [
        ("refs/heads/main", r#""branch":{"exact":"main"}"#, "ok"),
        (
            "refs/heads/main",
            r#""branch":{"exact":"master"}"#,
            "provenance.branch-mismatch",
        ),
        ("refs/heads/v1.2.3", r#""tag":{"exact":"v1.2.3"}"#, TAG),
        ("refs/heads/v1.2.3", r#""versionTag":"v1""#, TAG),
        (
            "refs/heads/refs/tags/v1",
            r#""ref":{"glob":"refs/tags/*"}"#,
            "provenance.ref-mismatch",
        ),
        (
            "refs/tags/main",
            r#""branch":{"exact":"main"}"#,
            "provenance.branch-mismatch",
        ),
        ("refs/tags/v13.0.30", r#""tag":{"exact":"v13.0.30"}"#, "ok"),
        ("refs/tags/v13.0.30", r#""tag":{"exact":"v13"}"#, TAG),
        ("refs/tags/v13.0.30", r#""tag":{"exact":"v13.0"}"#, TAG),
        ("refs/tags/v13.0.30", r#""tag":{"exact":"v13.0.3"}"#, TAG),
        ("refs/tags/v13.0.30", r#""versionTag":"v13""#, "ok"),
        ("refs/tags/v13.0.30", r#""versionTag":"v13.0""#, "ok"),
        ("refs/tags/v13.0.30", r#""versionTag":"v13.0.30""#, "ok"),
        ("refs/tags/v13.0.30", r#""versionTag":"v13.0.3""#, TAG),
        ("refs/tags/v13.0.30", r#""versionTag":"v1""#, TAG),
        ("refs/tags/v13.0.30", r#""versionTag":"v13.1""#, TAG),
        ("refs/tags/v14", r#""versionTag":"v14.0""#, "ok"),
        ("refs/tags/v14", r#""versionTag":"v14.0.0""#, "ok"),
        ("refs/tags/v14", r#""versionTag":"v14.1""#, TAG),
        ("refs/tags/v14.2", r#""versionTag":"v14.2.1""#, TAG),
        ("refs/tags/v1.2.3-rc.1", r#""versionTag":"v1.2.3""#, TAG),
        ("refs/tags/v1.2.3+build", r#""versionTag":"v1.2.3""#, "ok"),
        ("refs/tags/release", r#""versionTag":"v1""#, TAG),
    ] {
        let build = run(|run| run.source_ref = built.to_owned());
        let policy = policy(&rule(VETTED, &format!(",{asked}"), ""));
        for statement in [
            build.provenance_v1(subject()),
            build.provenance_v02(subject()),
        ] {
            let decision = decide(&policy, vec![signed(&build, &statement)]);
            assert_eq!(image_code(&decision), code, "{built} {asked}");
        }
    }
}

/// A tag that was pushed alone has no branch.
#[test]
fn attack_07_annotated_tag_without_branch() {
    let build = run(|run| run.source_ref = "refs/tags/v1.5.0".to_owned());
    let mut statement = build.provenance_v02(subject());
    let environment = &mut statement.predicate["invocation"]["environment"];
    environment["github_base_ref"] = json!("");
    environment["github_event_payload"] = json!({"base_ref": null, "ref": "refs/tags/v1.5.0"});
    let evidence = signed(&build, &statement);
    for (asked, code) in [
        (r#","versionTag":"v1.5.0""#, "ok"),
        (r#","tag":{"exact":"v1.5.0"}"#, "ok"),
        (
            r#","versionTag":"v1.5.0","branch":{"exact":"main"}"#,
            "provenance.branch-mismatch",
        ),
        (r#","branch":{"glob":"**"}"#, "provenance.branch-mismatch"),
    ] {
        assert_code(
            &policy(&rule(VETTED, asked, "")),
            vec![evidence.clone()],
            code,
        );
    }
}

/// Inputs of a run that was started by hand, and of one that was not.
#[test]
fn attack_08_workflow_inputs() {
    let asked = r#","workflowInputs":{"release":{"exact":"1.2.3"},"dry":{"exact":"false"}}"#;
    let policy = policy(&rule(VETTED, "", asked));
    let dispatched = run(|run| run.event_name = "workflow_dispatch".to_owned());
    let with = |build: &Build, inputs: serde_json::Value| {
        let mut statement = build.provenance_v1(subject());
        statement.predicate["buildDefinition"]["externalParameters"]["inputs"] = inputs;
        vec![signed(build, &statement)]
    };
    let good = json!({"release": "1.2.3", "dry": "false", "other": "x"});
    assert_code(&policy, with(&dispatched, good.clone()), "ok");
    for inputs in [
        json!({"release": "1.2.4", "dry": "false"}),
        json!({"release": "1.2.3"}),
        json!({"release": "1.2.3", "dry": false}),
        json!({}),
        json!(null),
    ] {
        assert_code(
            &policy,
            with(&dispatched, inputs),
            "provenance.input-mismatch",
        );
    }
    // A push has no inputs, whatever the provenance says.
    let pushed = with(&Build::default(), good);
    assert_code(&policy, pushed, "provenance.input-mismatch");
}

/// Whoever may push a branch can start the release workflow on it.
#[test]
fn attack_13_dispatch_on_another_branch() {
    let started = run(|run| {
        run.source_ref = "refs/heads/feature".to_owned();
        run.event_name = "workflow_dispatch".to_owned();
    });
    let evidence = vec![honest(&started)];
    // Repository and workflow alone say nothing about the branch.
    assert_code(&policy(&rule(VETTED, "", "")), evidence.clone(), "ok");
    for (source, more, code) in [
        (
            r#","ref":{"exact":"refs/heads/main"}"#,
            "",
            "provenance.ref-mismatch",
        ),
        (
            r#","ref":{"glob":"refs/tags/v*"}"#,
            "",
            "provenance.ref-mismatch",
        ),
        (
            r#","branch":{"exact":"main"}"#,
            "",
            "provenance.branch-mismatch",
        ),
        (
            "",
            r#","triggers":["push","release"]"#,
            "provenance.trigger-mismatch",
        ),
    ] {
        let policy = policy(&rule(VETTED, source, more));
        assert_code(&policy, evidence.clone(), code);
    }
    // The same of a plain signature, which has no provenance: the certificate names the ref.
    let signature = workflow(&started).sign_legacy(IMAGE, DIGEST).unwrap();
    let extensions = |pattern: &str| {
        signature_policy(&format!(
            r#","extensions":{{"sourceRepositoryRef":{{"glob":"{pattern}"}}}}"#
        ))
    };
    let signature = vec![evidence_of(signature)];
    assert_code(&extensions("refs/heads/feature"), signature.clone(), "ok");
    assert_code(
        &extensions("refs/tags/v*"),
        signature,
        "identity.extension-mismatch",
    );
}

/// A policy that asks the vetted workflow for a signature, with more asked of its certificate.
fn signature_policy(extensions: &str) -> CompiledPolicy {
    let rules = r#"{"name":"signed","images":["**"],"signature":{"signedBy":["builder"]}}"#;
    let subject = r#"container.yml@refs/tags/v*"}}]"#;
    let policy = forging::policy_text("", rules);
    let subject_and_more = format!(r#"container.yml@refs/tags/v*"}}{extensions}}}]"#);
    assert!(policy.contains(subject));
    forging::compile(&policy.replacen(subject, &subject_and_more, 1))
}

/// `pull_request_target` runs with the rights of the base branch, on what a stranger proposes.
#[test]
fn attack_14_pull_request_target() {
    for event in [
        "pull_request_target",
        "pull_request",
        "workflow_run",
        "issue_comment",
    ] {
        let build = run(|run| run.event_name = event.to_owned());
        for statement in [
            build.provenance_v1(subject()),
            build.provenance_v02(subject()),
        ] {
            let evidence = signed(&build, &statement);
            assert_code(&strict(), vec![evidence], "provenance.trigger-mismatch");
        }
    }
    // Provenance that names another event than the certificate is a lie.
    let target = run(|run| run.event_name = "pull_request_target".to_owned());
    let lie = signed(&target, &Build::default().provenance_v1(subject()));
    assert_code(&strict(), vec![lie], "provenance.certificate-mismatch");
}

/// A name that was given up and taken again has another number.
#[test]
fn attack_15_repository_taken_over_by_name() {
    let ids = r#","repositoryId":{"exact":"700000001"},"ownerId":{"exact":"7000001"}"#;
    let policy = policy(&rule(VETTED, ids, ""));
    assert_code(&policy, vec![honest(&Build::default())], "ok");
    let squatted = run(|run| run.repository_id = "899999999".to_owned());
    assert_code(
        &policy,
        vec![honest(&squatted)],
        "provenance.repository-id-mismatch",
    );
    let sold = run(|run| run.repository_owner_id = "8999999".to_owned());
    assert_code(&policy, vec![honest(&sold)], "provenance.owner-id-mismatch");
    // Where neither certificate nor provenance has a number, nothing says that it is the right one.
    let mut statement = Build::default().provenance_v1(subject());
    statement.predicate["buildDefinition"]["internalParameters"] = json!({});
    let identity = Identity::github_actions(&Build::default())
        .without_extension(FulcioExtension::SourceRepositoryIdentifier);
    let nameless = SIGSTORE.keyless(&identity).attest(&statement).unwrap();
    assert_code(
        &policy,
        vec![evidence_of(nameless)],
        "provenance.repository-id-mismatch",
    );
}

/// Refs and paths may hold `@`; nothing is split at the first one that comes along.
#[test]
fn attack_17_at_signs_in_refs_and_paths() {
    let build = run(|run| {
        run.source_ref = "refs/tags/v1@refs/tags/v2".to_owned();
        run.workflow_path = ".github/workflows/re@lease.yml".to_owned();
    });
    let asks = |git_ref: &str| {
        policy(&rule(
            VETTED,
            &format!(r#","ref":{{"exact":"{git_ref}"}}"#),
            "",
        ))
    };
    for statement in [
        build.provenance_v1(subject()),
        build.provenance_v02(subject()),
    ] {
        let evidence = vec![signed(&build, &statement)];
        assert_code(&asks("refs/tags/v1@refs/tags/v2"), evidence.clone(), "ok");
        for git_ref in ["refs/tags/v1", "refs/tags/v2"] {
            assert_code(&asks(git_ref), evidence.clone(), "provenance.ref-mismatch");
        }
    }
    // Provenance that leaves one end of the ref or the path out contradicts the certificate.
    for lie in [
        Build {
            source_ref: "refs/tags/v1".to_owned(),
            ..build.clone()
        },
        Build {
            source_ref: "refs/tags/v2".to_owned(),
            ..build.clone()
        },
        Build {
            workflow_path: ".github/workflows/re".to_owned(),
            ..build.clone()
        },
    ] {
        let evidence = signed(&build, &lie.provenance_v1(subject()));
        let any = policy(&rule(VETTED, "", ""));
        assert_code(&any, vec![evidence], "provenance.certificate-mismatch");
    }
}
