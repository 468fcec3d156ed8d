//! Requests and what the host brings for them.

use sealstone_engine::{ImageEvidence, ImageRequest, Outcome, UnixTime};

use crate::support::{
    DIGEST, NOW, OTHER_DIGEST, compile, document, image_code, keyed_policy, nothing, request, step,
    text,
};

const IMAGE: &str = "ghcr.io/o/r:v1";

#[test]
fn malformed_requests() {
    let policy = compile(&keyed_policy(r#"["**"]"#));
    let deep = "[".repeat(65);
    let cases = [
        ("", "request.malformed", ""),
        ("\u{0}", "request.malformed", ""),
        ("{", "request.malformed", ""),
        ("{}{}", "request.malformed", ""),
        (deep.as_str(), "limit.json-nesting", ""),
        ("[]", "request.wrong-type", ""),
        ("null", "request.wrong-type", ""),
        ("{}", "request.missing-field", "/images"),
        (r#"{"images":null}"#, "request.wrong-type", "/images"),
        (r#"{"images":{}}"#, "request.wrong-type", "/images"),
        (r#"{"images":[]}"#, "request.empty", "/images"),
        (
            r#"{"images":[],"images":[]}"#,
            "request.duplicate-member",
            "",
        ),
        (r#"{"images":[1]}"#, "request.wrong-type", "/images/0"),
        (
            r#"{"images":[{}]}"#,
            "request.missing-field",
            "/images/0/reference",
        ),
        (
            r#"{"images":[{"reference":1}]}"#,
            "request.wrong-type",
            "/images/0/reference",
        ),
        (
            r#"{"images":[{"reference":""}]}"#,
            "request.empty",
            "/images/0/reference",
        ),
        (
            r#"{"images":[{"reference":"a","tag":"b"}]}"#,
            "request.unknown-field",
            "/images/0/tag",
        ),
        (
            r#"{"images":[{"reference":"a"}],"a/b~c":1}"#,
            "request.unknown-field",
            "/a~1b~0c",
        ),
        (
            r#"{"images":[{"reference":"a"},{"reference":"B"}]}"#,
            "image.reference-malformed",
            "/images/1/reference",
        ),
        (
            r#"{"images":[{"reference":"a","digest":null}]}"#,
            "request.wrong-type",
            "/images/0/digest",
        ),
        (
            r#"{"images":[{"reference":"a","digest":"latest"}]}"#,
            "request.digest-malformed",
            "/images/0/digest",
        ),
    ];
    for (request, code, path) in cases {
        let problem = policy.images(request.as_bytes()).unwrap_err();
        assert_eq!(
            (problem.code, problem.path.as_str()),
            (code, path),
            "{request}"
        );
        let decision = policy.decide(request.as_bytes(), &[], NOW);
        assert_eq!(decision.outcome(), Outcome::Invalid, "{request}");
        assert!(!decision.allowed());
        let document = document(&decision);
        assert_eq!(text(&document, &["problem", "code"]), code);
        assert_eq!(text(&document, &["problem", "path"]), path);
        assert_eq!(text(&document, &["outcome"]), "invalid");
        assert_eq!(step(&document, &["images"]), None);
    }
    let contradictory =
        format!(r#"{{"images":[{{"reference":"a@{DIGEST}","digest":"{OTHER_DIGEST}"}}]}}"#);
    let problem = policy.images(contradictory.as_bytes()).unwrap_err();
    assert_eq!(
        (problem.code, problem.path.as_str()),
        ("request.digest-mismatch", "/images/0/digest")
    );
    let not_utf8 = b"{\"images\":[{\"reference\":\"\xff\"}]}";
    assert_eq!(
        policy.images(not_utf8).unwrap_err().code,
        "request.malformed"
    );
}

#[test]
fn images_are_named_once_in_order() {
    let policy = compile(&keyed_policy(r#"["**"]"#));
    let request = format!(
        r#"{{"images":[{{"reference":"b"}},{{"reference":"a@{DIGEST}"}},{{"reference":"b"}},
        {{"reference":"b","digest":"{DIGEST}"}},{{"reference":"a@{DIGEST}","digest":"{DIGEST}"}}]}}"#
    );
    let image = |reference: &str, digest: Option<&str>| ImageRequest {
        reference: reference.to_owned(),
        digest: digest.map(str::to_owned),
    };
    assert_eq!(
        policy.images(request.as_bytes()).unwrap(),
        [
            image("b", None),
            image(&format!("a@{DIGEST}"), Some(DIGEST)),
            image("b", Some(DIGEST)),
        ]
    );
}

#[test]
fn what_was_brought() {
    let policy = compile(&keyed_policy(r#"["ghcr.io/**"]"#));
    let unavailable = |digest: &str| ImageEvidence {
        unavailable: Some("registry \u{1b}[31m said no".to_owned()),
        ..nothing(IMAGE, digest)
    };
    let cases: [(Option<&str>, Vec<ImageEvidence>, Outcome, &str); 13] = [
        (
            Some(DIGEST),
            vec![nothing(IMAGE, DIGEST)],
            Outcome::Rejected,
            "evidence.missing",
        ),
        (
            Some(DIGEST),
            vec![],
            Outcome::Unavailable,
            "evidence.not-brought",
        ),
        (
            Some(DIGEST),
            vec![nothing(IMAGE, OTHER_DIGEST)],
            Outcome::Unavailable,
            "evidence.not-brought",
        ),
        (
            Some(DIGEST),
            vec![nothing("ghcr.io/o/r", DIGEST)],
            Outcome::Unavailable,
            "evidence.not-brought",
        ),
        (
            Some(DIGEST),
            vec![unavailable(DIGEST)],
            Outcome::Unavailable,
            "evidence.unavailable",
        ),
        (
            Some(DIGEST),
            vec![nothing(IMAGE, DIGEST), unavailable(DIGEST)],
            Outcome::Unavailable,
            "evidence.unavailable",
        ),
        (
            Some(DIGEST),
            vec![nothing(IMAGE, DIGEST), unavailable(OTHER_DIGEST)],
            Outcome::Rejected,
            "evidence.missing",
        ),
        (
            None,
            vec![nothing(IMAGE, DIGEST)],
            Outcome::Rejected,
            "evidence.missing",
        ),
        (None, vec![], Outcome::Rejected, "image.digest-missing"),
        (
            None,
            vec![nothing(IMAGE, "")],
            Outcome::Rejected,
            "image.digest-missing",
        ),
        (
            None,
            vec![unavailable("")],
            Outcome::Unavailable,
            "evidence.unavailable",
        ),
        (
            None,
            vec![nothing(IMAGE, DIGEST), nothing(IMAGE, OTHER_DIGEST)],
            Outcome::Rejected,
            "image.digest-ambiguous",
        ),
        (
            None,
            vec![nothing(IMAGE, "sha256:0")],
            Outcome::Rejected,
            "image.digest-malformed",
        ),
    ];
    for (digest, evidence, outcome, code) in cases {
        let decision = policy.decide(request(IMAGE, digest).as_bytes(), &evidence, NOW);
        assert_eq!(image_code(&decision), code, "{evidence:?}");
        assert_eq!(decision.outcome(), outcome, "{evidence:?}");
        let json = decision.to_json();
        assert!(
            json.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{json}"
        );
    }
}

#[test]
fn one_rejected_image_rejects_all() {
    let policy = compile(&keyed_policy(r#"["ghcr.io/**"]"#));
    let request = format!(
        r#"{{"images":[{{"reference":"ghcr.io/o/r","digest":"{DIGEST}"}},{{"reference":"quay.io/o/r","digest":"{DIGEST}"}}]}}"#
    );
    let decision = policy.decide(request.as_bytes(), &[], NOW);
    assert_eq!(decision.outcome(), Outcome::Rejected);
    let document = document(&decision);
    assert_eq!(text(&document, &["images", "0", "outcome"]), "unavailable");
    assert_eq!(text(&document, &["images", "1", "outcome"]), "rejected");
    assert_eq!(text(&document, &["images", "1", "code"]), "image.no-rule");
}

#[test]
fn the_time_of_the_decision() {
    let policy = compile(&keyed_policy(r#"["**"]"#));
    let request = request(IMAGE, Some(DIGEST));
    for (seconds, time) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_795_478_400, "2026-11-24T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ] {
        let decision = policy.decide(request.as_bytes(), &[], UnixTime::from_seconds(seconds));
        assert_eq!(text(&document(&decision), &["time"]), time);
    }
    for seconds in [253_402_300_800, u64::MAX] {
        let decision = policy.decide(request.as_bytes(), &[], UnixTime::from_seconds(seconds));
        assert_eq!(decision.outcome(), Outcome::Invalid);
        assert_eq!(
            text(&document(&decision), &["problem", "code"]),
            "request.time-out-of-range"
        );
    }
}
