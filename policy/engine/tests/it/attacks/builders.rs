//! Builders that are not who they say, or not whom the policy believes.

use std::path::{Path, PathBuf};

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, NamedTrustedRoot};
use sealstone_forge::{Build, FulcioExtension, Identity, Statement};
use serde_json::json;

use super::{BY_TENANT, VETTED, own_workflow};
use crate::forging::{
    APP, IMAGE, SIGSTORE, assert_code, build_level, decide, evidence_of, honest, policy,
    policy_with, rule, run, signed, strict, subject,
};
use crate::support::{self, image_code, request};

/// A valid signature over a predicate that names another builder, source and run.
#[test]
fn attack_01_predicate_lies() {
    let claimed = Build::default();
    let actual = run(|run| {
        run.builder_id = format!("{APP}-fork/.github/workflows/publish.yml@refs/heads/main");
        run.repository = "octo-org/app-fork".to_owned();
        run.commit = "1".repeat(40);
        run.run_id = 1;
    });
    for statement in [
        claimed.provenance_v1(subject()),
        claimed.provenance_v02(subject()),
    ] {
        let lie = signed(&actual, &statement);
        assert_code(&strict(), vec![lie.clone()], "identity.subject-mismatch");
        let lenient = policy(&rule(BY_TENANT, "", ""));
        assert_code(&lenient, vec![lie], "provenance.certificate-mismatch");
    }
}

#[test]
fn attack_02_untrusted_builder() {
    let other = run(|run| {
        run.builder_id =
            "https://github.com/octo-org/build-workflows/.github/workflows/other.yml@refs/tags/v2.1.0"
                .to_owned();
    });
    assert_code(&strict(), vec![honest(&other)], "identity.subject-mismatch");
    let by_name = policy(&rule(r#""builders":["own"]"#, "", ""));
    assert_code(
        &by_name,
        vec![honest(&other)],
        "provenance.builder-mismatch",
    );
}

/// A builder at a branch is whatever was last pushed there.
#[test]
fn attack_12_builder_at_a_branch() {
    for git_ref in ["refs/heads/main", "refs/heads/v2.1.0", "main", "v2.1.0"] {
        let build = run(|run| {
            run.builder_id = format!(
                "https://github.com/octo-org/build-workflows/.github/workflows/container.yml@{git_ref}"
            );
        });
        assert_code(&strict(), vec![honest(&build)], "identity.subject-mismatch");
    }
    // One that really happened: a delegator at a branch.
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join("provenance/slsa-verifier/gha_delegator/v1.9.0");
    let name = "binary-linux-amd64-workflow_dispatch";
    let digest = std::fs::read_to_string(folder.join(format!("{name}.sha256"))).unwrap();
    let digest = format!("sha256:{}", digest.split_whitespace().next().unwrap());
    let delegated = |git_ref: &str| {
        let policy = format!(
            r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"delegator"}},
            "trustRoots":[{{"name":"public-good"}}],
            "authorities":[{{"name":"delegator","keyless":{{"trustRoot":"public-good","identities":[
                {{"issuer":{{"exact":"https://token.actions.githubusercontent.com"}},
                "subject":{{"glob":"https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_generic_slsa3.yml@{git_ref}"}}}}]}}}}],
            "builders":[{{"name":"trw","signedBy":["delegator"],"delegated":true,"maximumLevel":3,
                "id":{{"glob":"https://github.com/slsa-framework/example-trw/.github/workflows/*@refs/tags/v*"}}}}],
            "rules":[{{"name":"built","images":["**"],"provenance":{{"builders":["trw"],
                "source":{{"uri":"https://github.com/slsa-framework/example-package"}}}}}}]}}"#
        );
        let root = NamedTrustedRoot {
            name: "public-good".to_owned(),
            content: std::fs::read(vectors.join("trusted-roots/production.json")).unwrap(),
        };
        let policy = CompiledPolicy::compile(policy.as_bytes(), &[root]).unwrap();
        let brought = ImageEvidence {
            reference: IMAGE.to_owned(),
            digest: digest.clone(),
            evidence: vec![Evidence {
                media_type: "application/vnd.dev.sigstore.bundle.v0.3+json".to_owned(),
                content: std::fs::read(folder.join(format!("{name}.build.slsa"))).unwrap(),
                ..Evidence::default()
            }],
            unavailable: None,
        };
        let request = request(IMAGE, Some(&digest));
        image_code(&policy.decide(request.as_bytes(), &[brought], support::NOW))
    };
    assert_eq!(delegated("refs/tags/v*"), "identity.subject-mismatch");
    assert_eq!(delegated("refs/heads/main"), "ok");
}

/// Nobody but its owner knows what a runner of one's own does.
#[test]
fn attack_18_self_hosted_runner() {
    let build = Build::default();
    let identity = Identity::github_actions(&build)
        .with_extension(FulcioExtension::RunnerEnvironment, "self-hosted");
    let signed =
        |statement: &Statement| evidence_of(SIGSTORE.keyless(&identity).attest(statement).unwrap());
    let honest = signed(&build.provenance_v02(subject()));
    assert_code(&strict(), vec![honest], "provenance.runner-mismatch");
    let lie = signed(&build.provenance_v1(subject()));
    assert_code(&strict(), vec![lie], "provenance.certificate-mismatch");
    // A certificate that does not say is not from a hosted runner.
    let silent = identity.without_extension(FulcioExtension::RunnerEnvironment);
    let silent = SIGSTORE.keyless(&silent);
    let silent = silent.attest(&build.provenance_v02(subject())).unwrap();
    assert_code(
        &strict(),
        vec![evidence_of(silent)],
        "provenance.runner-mismatch",
    );
    // The old builder ids name the runner.
    let old = run(|run| {
        run.builder_id = "https://github.com/actions/runner/github-hosted".to_owned();
    });
    let identity = Identity::github_actions(&own_workflow())
        .with_extension(FulcioExtension::RunnerEnvironment, "self-hosted");
    let lie = SIGSTORE.keyless(&identity);
    let lie = lie.attest(&old.provenance_v02(subject())).unwrap();
    let by_tenant = policy(&rule(BY_TENANT, "", ""));
    let lie = vec![evidence_of(lie)];
    assert_code(&by_tenant, lie, "provenance.certificate-mismatch");
}

/// Provenance of BuildKit names no builder: it never counts above level 1 by itself.
#[test]
fn attack_19_builder_without_a_name() {
    let build = own_workflow();
    let nameless = Build {
        builder_id: String::new(),
        build_type: Some(
            "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md"
                .to_owned(),
        ),
        ..build.clone()
    };
    let mut statement = nameless.provenance_v1(subject());
    statement.predicate["buildDefinition"]["externalParameters"] = json!({
        "configSource": {"uri": format!("{APP}.git#refs/tags/v1.2.3"), "path": "Dockerfile"},
    });
    let evidence = signed(&build, &statement);
    for by in [BY_TENANT, r#""builders":["own"]"#] {
        assert_code(
            &policy(&rule(by, "", "")),
            vec![evidence.clone()],
            "provenance.certificate-mismatch",
        );
    }
    // Where the operator lets the signer speak for whatever builder: level 1.
    let delegated = |level: u64| {
        let more = format!(
            r#","builder":{{"id":{{"regexp":".*"}},"delegated":true}},"minimumLevels":{{"build":{level}}}"#
        );
        policy(&rule(BY_TENANT, "", &more))
    };
    let decision = decide(&delegated(1), vec![evidence.clone()]);
    assert_eq!(build_level(&decision), Some(1), "{}", decision.to_json());
    assert_code(&delegated(2), vec![evidence], "provenance.build-level");
    // Unsigned, as BuildKit leaves it in the index, it counts for nothing.
    let unsigned = Evidence {
        media_type: "application/vnd.in-toto+json".to_owned(),
        content: statement.to_json(),
        ..Evidence::default()
    };
    assert_code(&delegated(1), vec![unsigned], "evidence.missing");
}

/// `cosign attest` signs whatever predicate a workflow made up.
#[test]
fn attack_20_predicate_written_by_the_workflow() {
    let own = own_workflow();
    let asks = |by: &str, level: u64| {
        policy(&rule(
            by,
            "",
            &format!(r#","minimumLevels":{{"build":{level}}}"#),
        ))
    };
    // It claims to be the vetted builder.
    let claim = signed(&own, &Build::default().provenance_v1(subject()));
    assert_code(
        &asks(VETTED, 3),
        vec![claim.clone()],
        "identity.subject-mismatch",
    );
    assert_code(
        &asks(BY_TENANT, 1),
        vec![claim],
        "provenance.certificate-mismatch",
    );
    // It calls itself what it is, and reaches what the policy believes of it.
    let own_evidence = vec![honest(&own)];
    for (by, level, code) in [
        (BY_TENANT, 2, "ok"),
        (BY_TENANT, 3, "provenance.build-level"),
        (r#""builders":["own"]"#, 3, "provenance.build-level"),
    ] {
        assert_code(&asks(by, level), own_evidence.clone(), code);
    }
    // A workflow that the policy does not know reaches level 1.
    let unknown = vec![honest(&run(|run| {
        run.builder_id =
            "https://github.com/octo-org/tools/.github/workflows/x.yml@refs/heads/main".to_owned();
    }))];
    let decision = decide(&asks(BY_TENANT, 1), unknown.clone());
    assert_eq!(build_level(&decision), Some(1));
    assert_code(&asks(BY_TENANT, 2), unknown, "provenance.build-level");
}

/// A build platform that was taken over from inside writes perfect provenance. What a policy can do
/// is to believe less, to ask for reviewed source, and to name the commits that are known to be good.
#[test]
fn attack_24_builder_taken_over() {
    let build = own_workflow();
    let evidence = vec![honest(&build)];
    assert_code(&policy(&rule(BY_TENANT, "", "")), evidence.clone(), "ok");
    let level = policy(&rule(BY_TENANT, "", r#","minimumLevels":{"build":3}"#));
    assert_code(&level, evidence.clone(), "provenance.build-level");
    let pinned = |commit: &str| {
        policy(&rule(
            BY_TENANT,
            &format!(r#","commit":{{"exact":"{commit}"}}"#),
            "",
        ))
    };
    assert_code(&pinned(&build.commit), evidence.clone(), "ok");
    let good = "f".repeat(40);
    assert_code(
        &pinned(&good),
        evidence.clone(),
        "provenance.commit-mismatch",
    );
    let reviewed = policy_with(
        r#""verifiers":[{"name":"review","signedBy":["builder"],"id":{"exact":"https://review.example"},"maximumLevels":{"source":4}}],"#,
        &rule(
            BY_TENANT,
            "",
            r#","minimumLevels":{"source":3},"sourceVerifiedBy":["review"]"#,
        ),
    );
    assert_code(&reviewed, evidence, "provenance.source-unverified");
}

/// The folder of public vectors; without it a test that needs them says so and ends.
fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("SEALSTONE_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let there = folder.join("sources.json").is_file();
    if !there {
        eprintln!("skipped: the public vectors are missing, SEALSTONE_VECTORS names their folder");
    }
    there.then_some(folder)
}
