//! Provenance and verification summaries.

use anyhow::Result;
use sealstone_forge::Build;
use serde_json::{Value, json};

use super::cases::Case;
use super::world::{
    DIGEST, IMAGE, attestation, by_key, by_workflow, call, key, own_root, piece, policy, rule,
    subject, workflows,
};

const CHECKER: &str = "https://checker.example";
const SOURCE: &str = "https://github.com/octo-org/app";
const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = builds()?;
    cases.extend(summaries()?);
    Ok(cases)
}

fn builds() -> Result<Vec<Case>> {
    let strict = asking(json!({
        "builders": ["container"],
        "source": {"uri": SOURCE, "ref": {"glob": "refs/tags/v*"}},
        "minimumLevels": {"build": 3},
        "triggers": ["push"],
    }));
    let by_organisation = asking(json!({
        "signedBy": ["organisation"],
        "source": {"uri": SOURCE},
        "minimumLevels": {"build": 2},
    }));
    let parameters = asking(json!({
        "builders": ["container"],
        "source": {"uri": SOURCE},
        "externalParameters": {"conditions": [{"field": "/workflow/path", "equals": ".github/workflows/other.yml"}]},
    }));
    let honest = Build::default();
    let branch = changed(|build| build.source_ref = "refs/heads/main".to_owned());
    let fork = changed(|build| build.repository = "mallory/app".to_owned());
    let own = changed(|build| {
        build.builder_id = format!("{SOURCE}/.github/workflows/release.yml@refs/tags/v1.2.3");
    });
    let legacy = by_workflow(&honest).attest_legacy(&honest.provenance_v02(subject()))?;
    // The workflow says that it built another repository than its certificate names.
    let lie = by_workflow(&fork).attest(&honest.provenance_v1(subject()))?;
    Ok(vec![
        Case::allowed("provenance-v1", call(&strict, vec![by(&honest)?])),
        Case::allowed("provenance-v02-legacy", call(&strict, vec![piece(&legacy)])),
        Case::rejected(
            "provenance-of-a-branch",
            "provenance.ref-mismatch",
            call(&strict, vec![by(&branch)?]),
        ),
        Case::rejected(
            "provenance-of-a-fork",
            "provenance.source-mismatch",
            call(&strict, vec![by(&fork)?]),
        ),
        Case::rejected(
            "provenance-against-its-certificate",
            "provenance.certificate-mismatch",
            call(&strict, vec![piece(&lie)]),
        ),
        Case::rejected(
            "provenance-of-an-unknown-builder",
            "provenance.build-level",
            call(&by_organisation, vec![by(&own)?]),
        ),
        Case::rejected(
            "provenance-with-other-parameters",
            "attestation.field-mismatch",
            call(&parameters, vec![by(&honest)?]),
        ),
    ])
}

/// A policy with a provenance rule. Authorities: `builder` is a vetted reusable workflow at its releases,
/// `organisation` every workflow of the organisation; the builder `container` is the former, with level 3.
fn asking(asked: Value) -> Value {
    let container =
        "https://github.com/octo-org/build-workflows/.github/workflows/container.yml@refs/tags/v*";
    let mut more = own_root();
    more["builders"] = json!([{
        "name": "container", "signedBy": ["builder"], "id": {"glob": container}, "maximumLevel": 3,
    }]);
    let authorities = [
        workflows("builder", container),
        workflows("organisation", "https://github.com/octo-org/**"),
    ];
    policy(&authorities, rule("provenance", asked), more)
}

fn changed(change: impl FnOnce(&mut Build)) -> Build {
    let mut build = Build::default();
    change(&mut build);
    build
}

/// Honest provenance v1 of a run.
fn by(build: &Build) -> Result<Value> {
    let statement = build.provenance_v1(subject());
    Ok(piece(&by_workflow(build).attest(&statement)?))
}

fn summaries() -> Result<Vec<Case>> {
    let more = json!({"verifiers": [{
        "name": "checker", "signedBy": ["checker"], "id": {"exact": CHECKER},
        "maximumLevels": {"build": 3},
    }]});
    let asked = json!({
        "verifiedBy": ["checker"],
        "resourceUris": ["{repository}@{digest}", "{registry}/{repository}@{digest}"],
        "minimumLevels": {"build": 2},
    });
    let asking = policy(&[key("checker")], rule("verificationSummary", asked), more);
    let summary = |result: &str, level: &str| {
        let predicate = json!({
            "verifier": {"id": CHECKER},
            "timeVerified": "2026-03-01T00:00:00Z",
            "resourceUri": format!("{IMAGE}@{DIGEST}"),
            "policy": {"uri": "https://policy.example"},
            "verificationResult": result,
            "verifiedLevels": [level],
        });
        attestation(&by_key("checker"), SUMMARY, predicate)
    };
    Ok(vec![
        Case::allowed(
            "verification-summary",
            call(&asking, vec![summary("PASSED", "SLSA_BUILD_LEVEL_3")?]),
        ),
        Case::rejected(
            "verification-summary-of-too-low-a-level",
            "verification-summary.level",
            call(&asking, vec![summary("PASSED", "SLSA_BUILD_LEVEL_1")?]),
        ),
        Case::rejected(
            "verification-summary-that-failed",
            "verification-summary.failed",
            call(&asking, vec![summary("FAILED", "SLSA_BUILD_LEVEL_3")?]),
        ),
    ])
}
