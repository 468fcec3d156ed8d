//! The JSON façade.

use proptest::prelude::*;
use sealstone_engine::{
    CompiledPolicy, Evidence, ImageEvidence, NamedTrustedRoot, UnixTime, Webhook, ffi,
};
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
fn reviews_answer_a_webhook() {
    let policy = keyed_policy(r#"["**"]"#);
    let request = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u","operation":"CREATE",
        "kind":{{"group":"","version":"v1","kind":"Pod"}},
        "object":{{"kind":"Pod","spec":{{"containers":[{{"name":"c","image":"{IMAGE}@{DIGEST}"}}]}}}}}}}}"#
    );
    let compiled = CompiledPolicy::compile(policy.as_bytes(), &[]).unwrap();
    let decision = compiled.decide(request.as_bytes(), &[], UnixTime::from_seconds(5));
    for (name, webhook) in [
        ("mutating", Webhook::Mutating),
        ("validating", Webhook::Validating),
    ] {
        let further = format!(r#","request":{request},"evidence":[],"now":5,"webhook":"{name}""#);
        let answer = value(&ffi::review_json(call(&policy, &further).as_bytes()));
        assert_eq!(text(&answer, &["type"]), "success");
        let part = |name| answer.get(name).unwrap().to_canonical_string();
        assert_eq!(part("decision"), decision.to_json());
        assert_eq!(part("response"), decision.to_admission_review(webhook));
        let annotation = text(&answer, &["auditAnnotation"]);
        assert_eq!(annotation, decision.to_audit_annotation(webhook));
        let path = ["response", "response", "auditAnnotations", "decision"];
        assert_eq!(annotation, text(&answer, &path));
        assert_eq!(text(&answer, &["response", "response", "uid"]), "u");
    }
    for (further, code, path) in [
        (r#","webhook":"other""#, "call.wrong-type", "/webhook"),
        (r#","webhook":1"#, "call.wrong-type", "/webhook"),
        ("", "call.missing-field", "/webhook"),
    ] {
        let further = format!(r#","request":{request},"evidence":[],"now":5{further}"#);
        let answer = ffi::review_json(call(&policy, &further).as_bytes());
        assert_eq!(problem(&answer), (code.into(), path.into()), "{further}");
    }
    // No other operation has a webhook.
    let further = format!(r#","request":{request},"evidence":[],"now":5,"webhook":"mutating""#);
    let answer = ffi::decide_json(call(&policy, &further).as_bytes());
    assert_eq!(
        problem(&answer),
        ("call.unknown-field".into(), "/webhook".into())
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

/// JSON of any shape, with the names that calls, policies and requests have.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("\"\"".to_owned()),
        Just("\"**\"".to_owned()),
        Just("\"sealstone.dev/v1alpha1\"".to_owned()),
    ];
    let names = [
        "policy",
        "request",
        "evidence",
        "now",
        "trustedRoots",
        "images",
        "rules",
        "name",
        "authorities",
        "trustRoots",
        "key",
        "keyless",
        "reference",
        "digest",
        "unavailable",
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let member = (prop::sample::select(names.to_vec()), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn garbage_is_a_failure(call in prop::collection::vec(any::<u8>(), 0..64)) {
        for operation in [ffi::compile_json, ffi::images_json, ffi::decide_json] {
            let answer = value(&operation(&call));
            prop_assert_eq!(text(&answer, &["type"]), "failure");
        }
    }

    #[test]
    fn json_of_the_wrong_shape_is_a_failure(call in any_json()) {
        for operation in [ffi::compile_json, ffi::images_json, ffi::decide_json] {
            let answer = value(&operation(call.as_bytes()));
            prop_assert_eq!(text(&answer, &["type"]), "failure");
        }
    }

    #[test]
    fn policies_and_requests_of_the_wrong_shape(document in any_json()) {
        prop_assert!(CompiledPolicy::compile(document.as_bytes(), &[]).is_err());
        let policy = crate::support::compile(&keyed_policy(r#"["**"]"#));
        let decision = policy.decide(document.as_bytes(), &[], UnixTime::from_seconds(1));
        prop_assert!(!decision.allowed());
    }
}

#[test]
fn trusted_roots_alone() {
    let roots = format!(r#"[{{"name":"root","trustedRoot":{ROOT}}}]"#);
    let roots = NamedTrustedRoot::list_from_json(roots.as_bytes()).unwrap();
    assert_eq!(roots[0].name, "root");
    assert_eq!(
        roots[0].content,
        value(ROOT).to_canonical_string().into_bytes()
    );
    for (roots, code, path) in [
        ("{}", "call.wrong-type", ""),
        ("[", "call.malformed", ""),
        (
            r#"[{"name":"root"}]"#,
            "call.missing-field",
            "/0/trustedRoot",
        ),
    ] {
        let problems = NamedTrustedRoot::list_from_json(roots.as_bytes()).unwrap_err();
        assert_eq!((problems[0].code, problems[0].path.as_str()), (code, path));
    }
}
