//! The JSON façade.

use sealstone_engine::{CompiledPolicy, Evidence, ImageEvidence, UnixTime, ffi};
use sealstone_verify::json::Value;

use crate::support::{DIGEST, ROOT, keyed_policy, step, text, value};

const IMAGE: &str = "ghcr.io/o/r";

fn call(policy: &str, further: &str) -> String {
    format!(r#"{{"policy":{policy}{further}}}"#)
}

fn problem(answer: &str) -> (String, String) {
    let answer = value(answer);
    assert_eq!(text(&answer, &["type"]), "failure", "{answer:?}");
    (
        text(&answer, &["problems", "0", "code"]),
        text(&answer, &["problems", "0", "path"]),
    )
}

#[test]
fn answers() {
    let policy = keyed_policy(r#"["**"]"#);
    let request = format!(r#"{{"images":[{{"reference":"{IMAGE}","digest":"{DIGEST}"}}]}}"#);
    assert_eq!(
        ffi::info_json(),
        format!(
            r#"{{"policyApiVersion":"sealstone.dev/v1alpha1","type":"success","version":"{}"}}"#,
            sealstone_engine::VERSION
        )
    );
    assert_eq!(
        ffi::compile_json(call(&policy, "").as_bytes()),
        r#"{"type":"success"}"#
    );
    assert_eq!(
        ffi::images_json(call(&policy, &format!(r#","request":{request}"#)).as_bytes()),
        format!(r#"{{"images":[{{"digest":"{DIGEST}","reference":"{IMAGE}"}}],"type":"success"}}"#)
    );
    let evidence = format!(
        r#"[{{"reference":"{IMAGE}","digest":"{DIGEST}","evidence":[{{"mediaType":"text/plain","content":"AAE=","annotations":{{"a":"b"}}}}]}}]"#
    );
    let answer = ffi::decide_json(
        call(
            &policy,
            &format!(r#","request":{request},"evidence":{evidence},"now":5"#),
        )
        .as_bytes(),
    );
    let typed = CompiledPolicy::compile(policy.as_bytes(), &[])
        .unwrap()
        .decide(
            request.as_bytes(),
            &[ImageEvidence {
                reference: IMAGE.to_owned(),
                digest: DIGEST.to_owned(),
                evidence: vec![Evidence {
                    media_type: "text/plain".to_owned(),
                    content: vec![0, 1],
                    annotations: [("a".to_owned(), "b".to_owned())].into(),
                }],
                unavailable: None,
            }],
            UnixTime::from_seconds(5),
        );
    assert_eq!(
        answer,
        format!(r#"{{"decision":{},"type":"success"}}"#, typed.to_json())
    );
}

#[test]
fn trusted_roots_and_unavailable_evidence() {
    let policy = keyed_policy(r#"["**"]"#).replace(&format!(r#","trustedRoot":{ROOT}"#), "");
    let roots = format!(r#","trustedRoots":[{{"name":"root","trustedRoot":{ROOT}}}]"#);
    assert_eq!(
        ffi::compile_json(call(&policy, &roots).as_bytes()),
        r#"{"type":"success"}"#
    );
    assert_eq!(
        problem(&ffi::compile_json(call(&policy, "").as_bytes())),
        ("policy.trust-root-missing".into(), "/trustRoots/0".into())
    );
    let answer = ffi::decide_json(
        call(
            &policy,
            &format!(
                r#"{roots},"request":{{"images":[{{"reference":"{IMAGE}"}}]}},"evidence":[{{"reference":"{IMAGE}","unavailable":"no"}}],"now":5"#
            ),
        )
        .as_bytes(),
    );
    assert_eq!(
        text(&value(&answer), &["decision", "outcome"]),
        "unavailable"
    );
}

#[test]
fn malformed_calls() {
    let policy = keyed_policy(r#"["**"]"#);
    let rest = |evidence: &str, now: &str| {
        call(
            &policy,
            &format!(
                r#","request":{{"images":[{{"reference":"a"}}]}},"evidence":{evidence},"now":{now}"#
            ),
        )
    };
    let cases = [
        (String::new(), "call.malformed", ""),
        ("[]".to_owned(), "call.wrong-type", ""),
        ("{\"a\":1,\"a\":2}".to_owned(), "call.duplicate-member", ""),
        ("{}".to_owned(), "call.missing-field", "/evidence"),
        (rest("[]", "-1"), "call.wrong-type", "/now"),
        (rest("[]", "1.5"), "call.wrong-type", "/now"),
        (rest("{}", "1"), "call.wrong-type", "/evidence"),
        (
            rest("[{}]", "1"),
            "call.missing-field",
            "/evidence/0/reference",
        ),
        (
            rest(r#"[{"reference":""}]"#, "1"),
            "call.empty",
            "/evidence/0/reference",
        ),
        (
            rest(r#"[{"reference":"a","x":1}]"#, "1"),
            "call.unknown-field",
            "/evidence/0/x",
        ),
        (
            rest(r#"[{"reference":"a","evidence":[{}]}]"#, "1"),
            "call.missing-field",
            "/evidence/0/evidence/0/mediaType",
        ),
        (
            rest(
                r#"[{"reference":"a","evidence":[{"mediaType":"x","content":"AB"}]}]"#,
                "1",
            ),
            "call.wrong-type",
            "/evidence/0/evidence/0/content",
        ),
        (
            rest(
                r#"[{"reference":"a","evidence":[{"mediaType":"x","content":"","annotations":{"a":1}}]}]"#,
                "1",
            ),
            "call.wrong-type",
            "/evidence/0/evidence/0/annotations",
        ),
        (
            rest("[]", "1").replacen('{', r#"{"trustedRoots":[{"name":"a"}],"#, 1),
            "call.missing-field",
            "/trustedRoots/0/trustedRoot",
        ),
    ];
    for (call, code, path) in cases {
        let (found, at) = problem(&ffi::decide_json(call.as_bytes()));
        assert_eq!((found.as_str(), at.as_str()), (code, path), "{call}");
    }
    // An operation refuses what it does not need.
    let answer = ffi::compile_json(call(&policy, r#","request":{}"#).as_bytes());
    assert_eq!(
        problem(&answer),
        ("call.unknown-field".into(), "/request".into())
    );
    // A malformed request is a problem of `images` and a decision of `decide`.
    let bad = call(&policy, r#","request":{}"#);
    assert_eq!(
        problem(&ffi::images_json(bad.as_bytes())),
        ("request.missing-field".into(), "/images".into())
    );
    let bad = call(&policy, r#","request":{},"evidence":[],"now":1"#);
    let answer = value(&ffi::decide_json(bad.as_bytes()));
    assert_eq!(text(&answer, &["decision", "outcome"]), "invalid");
    assert_eq!(
        step(&answer, &["decision", "allowed"]),
        Some(&Value::Bool(false))
    );
}
