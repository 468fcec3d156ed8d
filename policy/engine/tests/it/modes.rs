//! What follows from a rule that is not met, and from an image that no rule matches.

use sealstone_engine::{CompiledPolicy, ImageEvidence, Outcome};
use sealstone_forge::NOW;
use serde_json::{Value, json};

use crate::support::{DIGEST, request};
use crate::world::{
    Decided, IMAGE, by_key, compiled, decide_request, key, policy, rule, signature,
};

const MODES: [Option<&str>; 4] = [None, Some("enforce"), Some("warn"), Some("audit")];

fn in_mode(mode: Option<&str>, more: Value) -> CompiledPolicy {
    let mut more = more;
    if let Some(mode) = mode {
        more["mode"] = json!(mode);
    }
    let mut rules = rule("signature", json!({"signedBy": ["release"]}));
    rules[0]["images"] = json!(["registry.example/**"]);
    compiled(&policy(json!([key("release")]), rules, more))
}

/// What a host brings for the image of that name.
fn brought(reference: &str, signer: Option<&str>, unavailable: Option<&str>) -> ImageEvidence {
    ImageEvidence {
        reference: reference.to_owned(),
        digest: DIGEST.to_owned(),
        evidence: signer
            .map(|name| signature(&by_key(name)))
            .into_iter()
            .collect(),
        unavailable: unavailable.map(str::to_owned),
    }
}

fn decide(policy: &CompiledPolicy, brought: &[ImageEvidence]) -> Decided {
    decide_request(policy, &request(IMAGE, Some(DIGEST)), brought, NOW)
}

#[test]
fn what_passes() {
    for mode in MODES {
        let lenient = matches!(mode, Some("warn" | "audit"));
        let policy = in_mode(mode, json!({}));
        let cases = [
            (
                vec![brought(IMAGE, Some("release"), None)],
                Outcome::Allowed,
                "ok",
            ),
            (
                vec![brought(IMAGE, Some("release"), Some("timeout"))],
                Outcome::Allowed,
                "ok",
            ),
            (
                vec![brought(IMAGE, Some("stranger"), None)],
                Outcome::Rejected,
                "signature.invalid",
            ),
            (
                vec![brought(IMAGE, None, None)],
                Outcome::Rejected,
                "evidence.missing",
            ),
            (
                vec![brought(IMAGE, None, Some("timeout"))],
                Outcome::Unavailable,
                "evidence.unavailable",
            ),
            (vec![], Outcome::Unavailable, "evidence.not-brought"),
        ];
        for (brought, outcome, code) in cases {
            let decided = decide(&policy, &brought);
            let case = format!("{mode:?} {code}");
            assert_eq!(decided.decision.outcome(), outcome, "{case}");
            assert_eq!(decided.code(), code, "{case}");
            let passes = outcome == Outcome::Allowed || lenient;
            assert_eq!(decided.decision.allowed(), passes, "{case}");
            // The document says both: what was found, and what follows.
            let document = &decided.document;
            assert_eq!(document["allowed"], passes, "{case}");
            assert_eq!(document["outcome"], outcome.as_str(), "{case}");
            assert_eq!(document["mode"], mode.unwrap_or("enforce"), "{case}");
            let image = &document["images"][0];
            assert_eq!(image["allowed"], outcome == Outcome::Allowed, "{case}");
            assert_eq!(image["outcome"], outcome.as_str(), "{case}");
        }
    }
}

/// A request that cannot be read passes in no mode: nobody knows what it would let run.
#[test]
fn what_is_malformed_never_passes() {
    for mode in MODES {
        for more in [json!({}), json!({"insecureAllowUnmatchedImages": true})] {
            let policy = in_mode(mode, more);
            for (request, code) in [
                ("", "request.malformed"),
                ("{}", "request.missing-field"),
                (r#"{"images":[]}"#, "request.empty"),
                (r#"{"images":[{}]}"#, "request.missing-field"),
                (
                    r#"{"images":[{"reference":"UPPER"}]}"#,
                    "image.reference-malformed",
                ),
                (
                    r#"{"images":[{"reference":"a","digest":"sha256:0"}]}"#,
                    "request.digest-malformed",
                ),
            ] {
                let brought = [brought(IMAGE, Some("release"), None)];
                let decided = decide_request(&policy, request, &brought, NOW);
                assert_eq!(
                    decided.decision.outcome(),
                    Outcome::Invalid,
                    "{mode:?} {request}"
                );
                assert!(!decided.decision.allowed(), "{mode:?} {request}");
                assert_eq!(
                    decided.document["problem"]["code"], code,
                    "{mode:?} {request}"
                );
                assert_eq!(decided.document["mode"], mode.unwrap_or("enforce"));
            }
            let beyond = sealstone_forge::UnixTime::from_seconds(253_402_300_800);
            let decided = decide_request(
                &policy,
                &request(IMAGE, Some(DIGEST)),
                &[brought(IMAGE, Some("release"), None)],
                beyond,
            );
            assert_eq!(decided.decision.outcome(), Outcome::Invalid);
            assert!(!decided.decision.allowed());
            assert_eq!(
                decided.document["problem"]["code"],
                "request.time-out-of-range"
            );
        }
    }
}

/// One image of several decides for all of them; a rejection outweighs what could not be brought.
#[test]
fn several_images() {
    const OTHER: &str = "registry.example/other";
    let request = format!(
        r#"{{"images":[{{"reference":"{IMAGE}","digest":"{DIGEST}"}},{{"reference":"{OTHER}","digest":"{DIGEST}"}}]}}"#
    );
    let good = || brought(IMAGE, Some("release"), None);
    for mode in MODES {
        let policy = in_mode(mode, json!({}));
        let lenient = matches!(mode, Some("warn" | "audit"));
        for (first, other, outcome) in [
            (
                good(),
                brought(OTHER, Some("release"), None),
                Outcome::Allowed,
            ),
            (good(), brought(OTHER, None, None), Outcome::Rejected),
            (
                good(),
                brought(OTHER, None, Some("timeout")),
                Outcome::Unavailable,
            ),
            (
                brought(IMAGE, Some("stranger"), None),
                brought(OTHER, None, Some("timeout")),
                Outcome::Rejected,
            ),
        ] {
            let decided = decide_request(&policy, &request, &[first, other], NOW);
            assert_eq!(decided.decision.outcome(), outcome, "{mode:?}");
            let passes = outcome == Outcome::Allowed || lenient;
            assert_eq!(decided.decision.allowed(), passes, "{mode:?} {outcome:?}");
        }
    }
}

/// An image that no rule matches is denied; the escape hatch lets it run and says so.
#[test]
fn unmatched_images() {
    const UNMATCHED: &str = "elsewhere.example/app";
    let decide_unmatched = |policy: &CompiledPolicy, brought: &[ImageEvidence]| {
        decide_request(policy, &request(UNMATCHED, Some(DIGEST)), brought, NOW)
    };
    for mode in MODES {
        let lenient = matches!(mode, Some("warn" | "audit"));
        let closed = in_mode(mode, json!({}));
        let decided = decide_unmatched(&closed, &[brought(UNMATCHED, Some("release"), None)]);
        assert_eq!(decided.code(), "image.no-rule", "{mode:?}");
        assert_eq!(decided.decision.outcome(), Outcome::Rejected, "{mode:?}");
        assert_eq!(decided.decision.allowed(), lenient, "{mode:?}");

        let open = in_mode(mode, json!({"insecureAllowUnmatchedImages": true}));
        for brought in [
            vec![],
            vec![brought(UNMATCHED, None, None)],
            vec![brought(UNMATCHED, None, Some("timeout"))],
            vec![brought(UNMATCHED, Some("stranger"), None)],
        ] {
            let decided = decide_unmatched(&open, &brought);
            assert_eq!(decided.code(), "image.insecure-unmatched", "{mode:?}");
            assert_eq!(decided.decision.outcome(), Outcome::Allowed, "{mode:?}");
            assert!(decided.decision.allowed(), "{mode:?}");
            assert_eq!(decided.document["images"][0]["rules"], json!([]));
        }
        // A matched image must still meet its rule.
        let decided = decide(&open, &[brought(IMAGE, Some("stranger"), None)]);
        assert_eq!(decided.code(), "signature.invalid", "{mode:?}");
        assert_eq!(decided.decision.allowed(), lenient, "{mode:?}");
        // So must one of several, and one whose digest nobody knows is not decided at all.
        let both = format!(
            r#"{{"images":[{{"reference":"{UNMATCHED}","digest":"{DIGEST}"}},{{"reference":"{IMAGE}","digest":"{DIGEST}"}}]}}"#
        );
        let decided = decide_request(&open, &both, &[brought(IMAGE, None, None)], NOW);
        assert_eq!(decided.decision.outcome(), Outcome::Rejected, "{mode:?}");
        let decided = decide_request(&open, &request(UNMATCHED, None), &[], NOW);
        assert_eq!(decided.code(), "image.digest-missing", "{mode:?}");
        assert_eq!(decided.decision.outcome(), Outcome::Rejected, "{mode:?}");
    }
}
