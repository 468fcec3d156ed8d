//! Fulcio extensions that an identity of an authority demands.

use sealstone_forge::{Build, FulcioExtension as E, GITHUB_ACTIONS_ISSUER, Identity};
use serde_json::{Value, json};

use crate::world::{SIGSTORE, assert_code, compiled, decide, policy, rule, signature};

/// Every extension by its name in a policy.
const EXTENSIONS: [(&str, E); 21] = [
    ("githubWorkflowTrigger", E::GithubWorkflowTrigger),
    ("githubWorkflowSha", E::GithubWorkflowSha),
    ("githubWorkflowName", E::GithubWorkflowName),
    ("githubWorkflowRepository", E::GithubWorkflowRepository),
    ("githubWorkflowRef", E::GithubWorkflowRef),
    ("buildSignerUri", E::BuildSignerUri),
    ("buildSignerDigest", E::BuildSignerDigest),
    ("runnerEnvironment", E::RunnerEnvironment),
    ("sourceRepositoryUri", E::SourceRepositoryUri),
    ("sourceRepositoryDigest", E::SourceRepositoryDigest),
    ("sourceRepositoryRef", E::SourceRepositoryRef),
    ("sourceRepositoryIdentifier", E::SourceRepositoryIdentifier),
    ("sourceRepositoryOwnerUri", E::SourceRepositoryOwnerUri),
    (
        "sourceRepositoryOwnerIdentifier",
        E::SourceRepositoryOwnerIdentifier,
    ),
    ("buildConfigUri", E::BuildConfigUri),
    ("buildConfigDigest", E::BuildConfigDigest),
    ("buildTrigger", E::BuildTrigger),
    ("runInvocationUri", E::RunInvocationUri),
    (
        "sourceRepositoryVisibilityAtSigning",
        E::SourceRepositoryVisibilityAtSigning,
    ),
    ("deploymentEnvironment", E::DeploymentEnvironment),
    ("tokenSubject", E::TokenSubject),
];

const MISMATCH: &str = "identity.extension-mismatch";

/// An authority whose identities demand these extensions, any of them.
fn asking(identities: &[Value]) -> sealstone_engine::CompiledPolicy {
    let identities: Vec<Value> = identities
        .iter()
        .map(|extensions| {
            json!({
                "issuer": {"exact": GITHUB_ACTIONS_ISSUER},
                "subject": {"exact": Build::default().builder_id},
                "extensions": extensions,
            })
        })
        .collect();
    let authority =
        json!({"name": "ci", "keyless": {"trustRoot": "root", "identities": identities}});
    let rules = rule("signature", json!({"signedBy": ["ci"]}));
    compiled(&policy(json!([authority]), rules, json!({})))
}

fn hold(policy: &sealstone_engine::CompiledPolicy, identity: &Identity, code: &str, case: &str) {
    let decided = decide(policy, vec![signature(&SIGSTORE.keyless(identity))]);
    assert_code(&decided, code, case);
}

#[test]
fn each_by_its_name() {
    let identity = Identity::github_actions(&Build::default());
    for (name, extension) in EXTENSIONS {
        let value = format!("value of {name}");
        let policy = asking(&[json!({name: {"exact": value}})]);
        let with = |value: &str| identity.clone().with_extension(extension, value);
        hold(&policy, &with(&value), "ok", name);
        hold(&policy, &with("another"), MISMATCH, name);
        hold(&policy, &with(&format!("{value} ")), MISMATCH, name);
        hold(&policy, &with(""), MISMATCH, name);
        let without = identity.clone().without_extension(extension);
        hold(&policy, &without, MISMATCH, name);
        // Another extension with this value does not stand for it.
        let neighbour = EXTENSIONS.iter().fold(without, |identity, (_, other)| {
            if *other == extension {
                identity
            } else {
                identity.with_extension(*other, &value)
            }
        });
        hold(&policy, &neighbour, MISMATCH, name);
        // Not even a pattern that everything matches is met by nothing.
        let anything = asking(&[json!({name: {"glob": "**"}})]);
        hold(&anything, &with("another"), "ok", name);
        hold(
            &anything,
            &identity.clone().without_extension(extension),
            MISMATCH,
            name,
        );
    }
}

#[test]
fn all_of_one_identity() {
    let identity = Identity::github_actions(&Build::default());
    let wanted = || {
        json!({
            "sourceRepositoryRef": {"glob": "refs/tags/v*"},
            "buildTrigger": {"exact": "push"},
            "runnerEnvironment": {"regexp": "github-hosted"},
        })
    };
    let policy = asking(&[wanted()]);
    hold(&policy, &identity, "ok", "all");
    for (extension, value) in [
        (E::SourceRepositoryRef, "refs/heads/main"),
        (E::BuildTrigger, "pull_request_target"),
        (E::RunnerEnvironment, "self-hosted"),
    ] {
        let other = identity.clone().with_extension(extension, value);
        hold(&policy, &other, MISMATCH, value);
    }
    // Identities are alternatives; what one of them asks for is not mixed with another.
    let policy = asking(&[
        json!({"buildTrigger": {"exact": "push"}, "runnerEnvironment": {"exact": "self-hosted"}}),
        json!({"buildTrigger": {"exact": "release"}, "runnerEnvironment": {"exact": "github-hosted"}}),
    ]);
    let run = |trigger: &str, runner: &str| {
        identity
            .clone()
            .with_extension(E::BuildTrigger, trigger)
            .with_extension(E::RunnerEnvironment, runner)
    };
    hold(&policy, &run("push", "self-hosted"), "ok", "the first");
    hold(
        &policy,
        &run("release", "github-hosted"),
        "ok",
        "the second",
    );
    hold(
        &policy,
        &run("push", "github-hosted"),
        MISMATCH,
        "half of each",
    );
    hold(
        &policy,
        &run("release", "self-hosted"),
        MISMATCH,
        "half of each",
    );
}

/// Extensions do not stand for issuer and subject.
#[test]
fn beside_issuer_and_subject() {
    let policy = asking(&[json!({"buildTrigger": {"exact": "push"}})]);
    let mut other_subject = Build::default();
    other_subject.builder_id = format!("{}x", other_subject.builder_id);
    let other_subject = Identity::github_actions(&other_subject);
    hold(
        &policy,
        &other_subject,
        "identity.subject-mismatch",
        "subject",
    );
    let mut other_issuer = Identity::github_actions(&Build::default());
    other_issuer.issuer = "https://gitlab.example".to_owned();
    hold(&policy, &other_issuer, "identity.issuer-mismatch", "issuer");
}
