//! Verification summaries.

use proptest::prelude::*;
use sealstone_provenance::{
    Limit, SourceRevision, SourceUri, SummaryError, TrackLevel, VerificationSummary,
    VerificationSummaryVersion,
};
use sealstone_verify::json::{Map, Value};

use crate::support::value;

const V01: &str = "https://slsa.dev/verification_summary/v0.1";
const V02: &str = "https://slsa.dev/verification_summary/v0.2";
const V1: &str = "https://slsa.dev/verification_summary/v1";

const SUMMARY_V1: &str = r#"{
    "verifier": {"id": "https://verifier.example/1", "version": {"x": "1"}},
    "timeVerified": "2026-01-01T00:00:00Z",
    "resourceUri": "git+https://github.com/o/r",
    "policy": {"uri": "https://policy.example", "digest": {"sha256": "00"}},
    "inputAttestations": [{"uri": "https://attestation.example", "digest": {"sha256": "11"}}],
    "verificationResult": "PASSED",
    "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "SLSA_SOURCE_LEVEL_2", "ORG_SOURCE_TESTED", "SLSA_SOURCE_TWO_PARTY_REVIEWED"],
    "dependencyLevels": {"SLSA_BUILD_LEVEL_2": 7},
    "slsaVersion": "1.2",
    "unknown": true
}"#;

const SUMMARY_V02: &str = r#"{
    "verifier": {"id": "https://verifier.example/1"},
    "time_verified": "2023-01-01T00:00:00Z",
    "resource_uri": "pkg:docker/x",
    "policy": {"uri": "https://policy.example"},
    "input_attestations": [{"uri": "https://attestation.example"}],
    "verification_result": "PASSED",
    "policy_level": "SLSA_BUILD_LEVEL_2",
    "dependency_levels": {"SLSA_LEVEL_1": 1}
}"#;

fn read(predicate_type: &str, predicate: &str) -> Result<VerificationSummary, SummaryError> {
    VerificationSummary::from_predicate(predicate_type, &value(predicate))
}

/// The v1 summary with one member replaced.
fn edited(name: &str, replacement: &str) -> Value {
    let Value::Object(mut members) = value(SUMMARY_V1) else {
        panic!("an object")
    };
    members.insert(name.to_owned(), value(replacement));
    Value::Object(members)
}

fn with_levels(levels: &[&str]) -> VerificationSummary {
    let quoted: Vec<_> = levels.iter().map(|level| format!("\"{level}\"")).collect();
    let predicate = edited("verifiedLevels", &format!("[{}]", quoted.join(",")));
    VerificationSummary::from_predicate(V1, &predicate).expect("well formed")
}

#[test]
fn versions() {
    let summary = read(V1, SUMMARY_V1).unwrap();
    assert_eq!(summary.version, VerificationSummaryVersion::V1);
    assert_eq!(summary.verifier_id, "https://verifier.example/1");
    assert_eq!(
        summary.time_verified.as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    assert_eq!(
        summary.resource_uri.as_deref(),
        Some("git+https://github.com/o/r")
    );
    assert_eq!(summary.policy.uri, "https://policy.example");
    assert_eq!(summary.policy.digest.get("sha256").unwrap(), "00");
    assert_eq!(summary.input_attestations.len(), 1);
    assert_eq!(
        summary.input_attestations[0].digest.get("sha256").unwrap(),
        "11"
    );
    assert!(summary.passed);
    assert_eq!(summary.verified_levels.level("BUILD"), Some(3));
    assert_eq!(summary.verified_levels.level("SOURCE"), Some(2));
    assert_eq!(summary.verified_levels.level("DEPENDENCY"), None);
    assert_eq!(
        summary.verified_levels.properties,
        ["ORG_SOURCE_TESTED", "SLSA_SOURCE_TWO_PARTY_REVIEWED"]
    );
    assert!(
        summary
            .verified_levels
            .has("SLSA_SOURCE_TWO_PARTY_REVIEWED")
    );
    assert!(!summary.verified_levels.has("SLSA_SOURCE_LEVEL_2"));
    assert_eq!(
        summary.dependency_levels,
        Map::from([("SLSA_BUILD_LEVEL_2".to_owned(), 7)])
    );
    assert_eq!(summary.slsa_version.as_deref(), Some("1.2"));

    let summary = read(V02, SUMMARY_V02).unwrap();
    assert_eq!(summary.version, VerificationSummaryVersion::V02);
    assert_eq!(summary.resource_uri.as_deref(), Some("pkg:docker/x"));
    assert_eq!(summary.verified_levels.level("BUILD"), Some(2));
    assert_eq!(summary.dependency_levels.get("SLSA_LEVEL_1"), Some(&1));

    let without = SUMMARY_V02.replace("resource_uri", "unknown");
    let summary = read(V01, &without).unwrap();
    assert_eq!(summary.version, VerificationSummaryVersion::V01);
    assert_eq!(summary.resource_uri, None);
    // The levels of SLSA v0.1 were of no track.
    let summary = read(V01, &without.replace("SLSA_BUILD_LEVEL_2", "SLSA_LEVEL_3")).unwrap();
    assert!(summary.verified_levels.tracks.is_empty());
    assert!(summary.verified_levels.has("SLSA_LEVEL_3"));
}

#[test]
fn failed_summaries_verify_nothing() {
    let failed =
        VerificationSummary::from_predicate(V1, &edited("verificationResult", "\"FAILED\""))
            .unwrap();
    assert!(!failed.passed);
    let summary = with_levels(&["FAILED", "SLSA_BUILD_LEVEL_3", "ORG_X"]);
    assert!(summary.verified_levels.failed);
    assert_eq!(summary.verified_levels.level("BUILD"), None);
    assert!(!summary.verified_levels.has("ORG_X"));
}

#[test]
fn levels() {
    use TrackLevel::{Level, Unevaluated};
    /// Results, the tracks that they are read as, and the rest.
    type Case<'c> = (&'c [&'c str], &'c [(&'c str, TrackLevel)], &'c [&'c str]);
    let cases: &[Case<'_>] = &[
        (&[], &[], &[]),
        (&["SLSA_BUILD_LEVEL_0"], &[("BUILD", Level(0))], &[]),
        // Of contradictory levels the lowest, in any order.
        (
            &[
                "SLSA_BUILD_LEVEL_3",
                "SLSA_BUILD_LEVEL_1",
                "SLSA_BUILD_LEVEL_2",
            ],
            &[("BUILD", Level(1))],
            &[],
        ),
        (
            &["SLSA_BUILD_LEVEL_UNEVALUATED", "SLSA_BUILD_LEVEL_3"],
            &[("BUILD", Unevaluated)],
            &[],
        ),
        (
            &["SLSA_BUILD_ENV_LEVEL_2", "SLSA_A_LEVEL_B_LEVEL_4"],
            &[("BUILD_ENV", Level(2)), ("A_LEVEL_B", Level(4))],
            &[],
        ),
        (
            &[
                "SLSA_BUILD_REPRODUCED",
                "SLSA_LEVEL_3",
                "SLSA__LEVEL_",
                "SLSA_BUILD_LEVEL_",
                "SLSA_BUILD_LEVEL_-1",
                "SLSA_BUILD_LEVEL_+1",
                "SLSA_BUILD_LEVEL_256",
                "SLSA_BUILD_LEVEL_3 ",
                "SLSA_build_LEVEL_3",
                "slsa_BUILD_LEVEL_3",
                "BCID_L1",
                "",
            ],
            &[],
            &[
                "SLSA_BUILD_REPRODUCED",
                "SLSA_LEVEL_3",
                "SLSA__LEVEL_",
                "SLSA_BUILD_LEVEL_",
                "SLSA_BUILD_LEVEL_-1",
                "SLSA_BUILD_LEVEL_+1",
                "SLSA_BUILD_LEVEL_256",
                "SLSA_BUILD_LEVEL_3 ",
                "SLSA_build_LEVEL_3",
                "slsa_BUILD_LEVEL_3",
                "BCID_L1",
                "",
            ],
        ),
    ];
    for (results, tracks, properties) in cases {
        let levels = with_levels(results).verified_levels;
        let expected: Map<_, _> = tracks
            .iter()
            .map(|(track, level)| ((*track).to_owned(), *level))
            .collect();
        assert_eq!(levels.tracks, expected, "{results:?}");
        assert_eq!(levels.properties, *properties, "{results:?}");
    }
    let unevaluated = with_levels(&["SLSA_BUILD_LEVEL_UNEVALUATED"]);
    assert_eq!(unevaluated.verified_levels.level("BUILD"), None);
}

#[test]
fn refused() {
    for (name, code) in [
        ("verifier", "verification-summary.field-missing"),
        ("resourceUri", "verification-summary.field-missing"),
        ("policy", "verification-summary.field-missing"),
        ("verificationResult", "verification-summary.field-missing"),
        ("verifiedLevels", "verification-summary.field-missing"),
    ] {
        let error = VerificationSummary::from_predicate(V1, &edited(name, "null")).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
    }
    for (name, replacement) in [
        ("verifier", "[]"),
        ("verifier", r#"{"id":1}"#),
        ("timeVerified", "1"),
        ("resourceUri", "1"),
        ("policy", "[]"),
        ("policy", r#"{"uri":1}"#),
        ("policy", r#"{"digest":{"sha256":1}}"#),
        ("inputAttestations", "{}"),
        ("inputAttestations", "[1]"),
        ("verificationResult", "true"),
        ("verifiedLevels", "\"SLSA_BUILD_LEVEL_3\""),
        ("verifiedLevels", "[3]"),
        ("dependencyLevels", "[]"),
        ("dependencyLevels", r#"{"SLSA_BUILD_LEVEL_2":-1}"#),
        ("slsaVersion", "1.2"),
    ] {
        let error =
            VerificationSummary::from_predicate(V1, &edited(name, replacement)).unwrap_err();
        assert_eq!(
            error.code(),
            "verification-summary.field-malformed",
            "{name} {replacement}"
        );
    }
    for result in ["passed", "PASSED ", "SOFTFAIL"] {
        let edited = edited("verificationResult", &format!("\"{result}\""));
        let error = VerificationSummary::from_predicate(V1, &edited).unwrap_err();
        assert_eq!(error, SummaryError::ResultUnknown);
        assert_eq!(error.code(), "verification-summary.result-unknown");
    }
    for predicate_type in [
        "",
        "https://slsa.dev/verification_summary",
        "https://slsa.dev/verification_summary/v2",
        "https://conforma.dev/verification_summary/v1",
        "https://slsa.dev/provenance/v1",
    ] {
        let error = read(predicate_type, SUMMARY_V1).unwrap_err();
        assert_eq!(error, SummaryError::PredicateTypeUnsupported);
        assert_eq!(
            error.code(),
            "verification-summary.predicate-type-unsupported"
        );
    }
    // Each version has its own spelling.
    assert_eq!(
        read(V1, SUMMARY_V02).unwrap_err(),
        SummaryError::FieldMissing("resourceUri")
    );
    assert_eq!(
        read(V02, SUMMARY_V1).unwrap_err(),
        SummaryError::FieldMissing("resource_uri")
    );
    assert_eq!(
        read(V01, SUMMARY_V1).unwrap_err(),
        SummaryError::FieldMissing("verification_result")
    );
    let without = SUMMARY_V02.replace("policy_level", "unknown");
    assert_eq!(
        read(V02, &without).unwrap_err(),
        SummaryError::FieldMissing("policy_level")
    );
}

#[test]
fn limits() {
    let many = |item: &str, count: usize| format!("[{}]", vec![item; count].join(","));
    let counts = |count: usize| {
        let members: Vec<_> = (0..count).map(|i| format!("\"L{i}\":1")).collect();
        format!("{{{}}}", members.join(","))
    };
    let long = format!("[\"{}\"]", "x".repeat(4097));
    for (name, most, over, limit, code) in [
        (
            "verifiedLevels",
            many("\"X\"", 256),
            many("\"X\"", 257),
            Limit::SummaryLevels,
            "limit.summary-levels",
        ),
        (
            "verifiedLevels",
            many("\"X\"", 1),
            long,
            Limit::ProvenanceTextBytes,
            "limit.provenance-text-bytes",
        ),
        (
            "inputAttestations",
            many("{}", 4096),
            many("{}", 4097),
            Limit::SummaryInputAttestations,
            "limit.summary-input-attestations",
        ),
        (
            "dependencyLevels",
            counts(256),
            counts(257),
            Limit::SummaryLevels,
            "limit.summary-levels",
        ),
    ] {
        VerificationSummary::from_predicate(V1, &edited(name, &most)).expect(name);
        let error = VerificationSummary::from_predicate(V1, &edited(name, &over)).unwrap_err();
        assert_eq!(error, SummaryError::LimitExceeded(limit), "{name}");
        assert_eq!(error.code(), code);
    }
}

#[test]
fn resources_that_are_sources() {
    let summary = read(V1, SUMMARY_V1).unwrap();
    let source = |text: &str| text.parse::<SourceUri>().unwrap();
    assert!(summary.is_of_source(&source("https://github.com/o/r.git")));
    assert!(!summary.is_of_source(&source("https://github.com/o/rr")));
    let with_ref = edited(
        "resourceUri",
        "\"git+https://github.com/o/r@refs/heads/main\"",
    );
    let summary = VerificationSummary::from_predicate(V1, &with_ref).unwrap();
    assert!(!summary.is_of_source(&source("https://github.com/o/r")));
}

#[test]
fn source_revisions() {
    let commit = "904e2c3e02725e314cf6cf141c4700081298dcbd";
    let statement = |subject: &str| value(&format!(r#"{{"subject":{subject}}}"#));
    for name in ["sourceRefs", "source_refs"] {
        let all = SourceRevision::all(&statement(&format!(
            r#"[{{"digest":{{"sha256":"00"}}}},{{"uri":"x","digest":{{"gitCommit":"{commit}"}},"annotations":{{"{name}":["refs/heads/main","refs/heads/x"]}}}}]"#
        )))
        .unwrap();
        assert_eq!(all.len(), 1, "{name}");
        assert_eq!(all[0].commit, commit);
        assert_eq!(all[0].source_refs, ["refs/heads/main", "refs/heads/x"]);
    }
    for (subject, count) in [
        ("null".to_owned(), 0),
        ("[]".to_owned(), 0),
        (format!(r#"[{{"digest":{{"gitCommit":"{commit}"}}}}]"#), 1),
    ] {
        assert_eq!(
            SourceRevision::all(&statement(&subject)).unwrap().len(),
            count
        );
    }
    let refs = |refs: &str| {
        format!(
            r#"[{{"digest":{{"gitCommit":"{commit}"}},"annotations":{{"sourceRefs":{refs}}}}}]"#
        )
    };
    for subject in [
        "{}".to_owned(),
        "[1]".to_owned(),
        r#"[{"digest":1}]"#.to_owned(),
        r#"[{"digest":{"gitCommit":1}}]"#.to_owned(),
        r#"[{"digest":{"gitCommit":"main"}}]"#.to_owned(),
        format!(r#"[{{"digest":{{"gitCommit":"{commit}"}},"annotations":1}}]"#),
        refs("\"refs/heads/main\""),
        refs("[1]"),
    ] {
        let error = SourceRevision::all(&statement(&subject)).unwrap_err();
        assert_eq!(
            error.code(),
            "verification-summary.field-malformed",
            "{subject}"
        );
    }
    let many = vec!["{}"; 1025].join(",");
    let error = SourceRevision::all(&statement(&format!("[{many}]"))).unwrap_err();
    assert_eq!(error.code(), "limit.summary-subjects");
    let many = vec!["\"x\""; 1025].join(",");
    let error = SourceRevision::all(&statement(&refs(&format!("[{many}]")))).unwrap_err();
    assert_eq!(error.code(), "limit.summary-source-refs");
}

proptest! {
    /// Adding a level never raises one.
    #[test]
    fn more_levels_never_raise(levels in prop::collection::vec(0_u8..9, 1..5), more in 0_u8..9) {
        let results: Vec<_> = levels.iter().map(|level| format!("SLSA_BUILD_LEVEL_{level}")).collect();
        let mut texts: Vec<_> = results.iter().map(String::as_str).collect();
        let before = with_levels(&texts).verified_levels.level("BUILD");
        let added = format!("SLSA_BUILD_LEVEL_{more}");
        texts.push(&added);
        let after = with_levels(&texts).verified_levels.level("BUILD");
        prop_assert!(after <= before);
        prop_assert_eq!(before, levels.iter().min().copied());
    }
}
