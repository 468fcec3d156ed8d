//! Rules that ask for a verification summary (VSA) about the image.

use sealstone_engine::{CompiledPolicy, Evidence};
use serde_json::{Value, json};

use crate::support::DIGEST;
use crate::world::{IMAGE, assert_code, attestation, by_key, compiled, decide, key, policy, rule};

pub(crate) const VSA: &str = "https://slsa.dev/verification_summary/v1";
pub(crate) const CHECKER: &str = "https://checker.example";

fn asking(asked: Value) -> CompiledPolicy {
    let mut requirement = json!({
        "verifiedBy": ["checker"],
        "resourceUris": ["{registry}/{repository}@{digest}"],
    });
    for (name, value) in asked.as_object().unwrap() {
        requirement[name] = value.clone();
    }
    let verifiers = json!([
        {"name": "checker", "signedBy": ["vsa"], "id": {"exact": CHECKER},
         "maximumLevels": {"build": 3, "source": 2}},
        {"name": "narrow", "signedBy": ["other"], "id": {"exact": CHECKER},
         "maximumLevels": {"build": 1}},
    ]);
    compiled(&policy(
        json!([key("vsa"), key("other")]),
        rule("verificationSummary", requirement),
        json!({ "verifiers": verifiers }),
    ))
}

pub(crate) fn summary(changes: Value) -> Value {
    let mut predicate = json!({
        "verifier": {"id": CHECKER},
        "timeVerified": "2026-11-01T00:00:00Z",
        "resourceUri": format!("{IMAGE}@{DIGEST}"),
        "policy": {"uri": "https://policy.example"},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "SLSA_SOURCE_LEVEL_3", "SLSA_BUILD_REPRODUCED", "ORG_SCANNED"],
    });
    for (name, value) in changes.as_object().unwrap() {
        predicate[name] = value.clone();
    }
    predicate
}

fn vsa(changes: Value) -> Evidence {
    attestation(&by_key("vsa"), VSA, summary(changes))
}

#[test]
fn what_meets_the_rule() {
    let policy = asking(json!({
        "minimumLevels": {"build": 3, "source": 2},
        "properties": ["SLSA_BUILD_REPRODUCED", "ORG_SCANNED"],
    }));
    let decided = decide(&policy, vec![vsa(json!({}))]);
    assert_code(&decided, "ok", "a whole summary");
    let found = &decided.met_by()[0]["verificationSummary"];
    assert_eq!(found["verifier"], "checker");
    assert_eq!(found["buildLevel"], 3);
    // No further than the policy believes the verifier.
    assert_eq!(found["sourceLevel"], 2);
}

#[test]
fn each_fact_that_it_relies_on() {
    let levels = json!({"minimumLevels": {"build": 2}, "properties": ["ORG_SCANNED"]});
    let other_image = format!("registry.example/octo-org/other@{DIGEST}");
    for (changes, code) in [
        (json!({}), "ok"),
        (
            json!({"verifier": {"id": "https://other.example"}}),
            "verification-summary.verifier-mismatch",
        ),
        (
            json!({"verificationResult": "FAILED"}),
            "verification-summary.failed",
        ),
        (
            json!({"verifiedLevels": ["FAILED"]}),
            "verification-summary.failed",
        ),
        (
            json!({"verifiedLevels": ["FAILED", "SLSA_BUILD_LEVEL_3", "ORG_SCANNED"]}),
            "verification-summary.failed",
        ),
        (
            json!({"verificationResult": "OK"}),
            "verification-summary.result-unknown",
        ),
        (
            json!({"resourceUri": other_image}),
            "verification-summary.resource-mismatch",
        ),
        (
            json!({"resourceUri": format!("{IMAGE}:v1@{DIGEST}")}),
            "verification-summary.resource-mismatch",
        ),
        (
            json!({"resourceUri": null}),
            "verification-summary.field-missing",
        ),
        (
            json!({"verifiedLevels": ["SLSA_BUILD_LEVEL_1", "ORG_SCANNED"]}),
            "verification-summary.level",
        ),
        (
            json!({"verifiedLevels": ["SLSA_BUILD_LEVEL_UNEVALUATED", "ORG_SCANNED"]}),
            "verification-summary.level",
        ),
        (
            json!({"verifiedLevels": ["ORG_SCANNED"]}),
            "verification-summary.level",
        ),
        // Of contradictory levels the lower one counts.
        (
            json!({"verifiedLevels": ["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_1", "ORG_SCANNED"]}),
            "verification-summary.level",
        ),
        (
            json!({"verifiedLevels": ["SLSA_BUILD_LEVEL_3"]}),
            "verification-summary.property-missing",
        ),
        (
            json!({"verifiedLevels": "SLSA_BUILD_LEVEL_3"}),
            "verification-summary.field-malformed",
        ),
    ] {
        let decided = decide(&asking(levels.clone()), vec![vsa(changes.clone())]);
        assert_code(&decided, code, &changes.to_string());
    }
}

/// A verifier is known by the pair of signer and id.
#[test]
fn another_signer() {
    let by = |name: &str| attestation(&by_key(name), VSA, summary(json!({})));
    let policy = asking(json!({}));
    assert_code(
        &decide(&policy, vec![by("other")]),
        "signature.invalid",
        "not asked for",
    );
    assert_code(
        &decide(&policy, vec![by("stranger")]),
        "signature.invalid",
        "a stranger",
    );
    // The same id by a signer who is believed less.
    let narrow = asking(json!({"verifiedBy": ["narrow"], "minimumLevels": {"build": 2}}));
    assert_code(
        &decide(&narrow, vec![by("other")]),
        "verification-summary.level",
        "believed to 1",
    );
    let both = asking(json!({"verifiedBy": ["checker", "narrow"], "minimumLevels": {"build": 2}}));
    assert_code(&decide(&both, vec![by("vsa")]), "ok", "either");
    assert_code(
        &decide(&both, vec![by("other")]),
        "verification-summary.level",
        "either, the lesser",
    );
}

/// A track that the policy does not name for the verifier counts for nothing.
#[test]
fn a_track_that_nobody_is_believed_in() {
    let by_other = attestation(&by_key("other"), VSA, summary(json!({})));
    let policy = asking(json!({"verifiedBy": ["narrow"], "minimumLevels": {"source": 1}}));
    assert_code(
        &decide(&policy, vec![by_other]),
        "verification-summary.level",
        "source",
    );
}

#[test]
fn other_kinds_of_evidence() {
    let policy = asking(json!({}));
    let provenance = attestation(&by_key("vsa"), "https://slsa.dev/provenance/v1", json!({}));
    assert_code(
        &decide(&policy, vec![provenance]),
        "evidence.missing",
        "provenance",
    );
    assert_code(&decide(&policy, vec![]), "evidence.missing", "nothing");
    let version = attestation(
        &by_key("vsa"),
        "https://slsa.dev/verification_summary/v9",
        summary(json!({})),
    );
    let code = "verification-summary.predicate-type-unsupported";
    assert_code(
        &decide(&policy, vec![version]),
        code,
        "a version that nobody knows",
    );
}
