//! Every limit is reached and named.

use std::collections::BTreeMap;

use sealstone_engine::{Evidence, ImageEvidence, Outcome, ffi};

use crate::support::{
    DIGEST, KEY, NOW, ROOT, codes, compile, document, image_code, keyed_policy, nothing, problems,
    request, text, value,
};
use sealstone_verify::json::Value;

/// A policy from the elements of its three lists.
fn policy(roots: &[String], authorities: &[String], rules: &[String]) -> String {
    format!(
        r#"{{"apiVersion":"sealstone.dev/v1alpha1","kind":"Policy","metadata":{{"name":"x"}},
        "trustRoots":[{}],"authorities":[{}],"rules":[{}]}}"#,
        roots.join(","),
        authorities.join(","),
        rules.join(",")
    )
}

fn root(name: &str) -> String {
    format!(r#"{{"name":"{name}","trustedRoot":{ROOT}}}"#)
}

fn authority(name: &str) -> String {
    let key = Value::from(KEY).to_canonical_string();
    format!(
        r#"{{"name":"{name}","key":{{"publicKey":{key},"insecureIgnoreTransparencyLog":true}}}}"#
    )
}

fn rule(name: &str, images: &str, signed_by: &str) -> String {
    format!(r#"{{"name":"{name}","images":{images},"signature":{{"signedBy":{signed_by}}}}}"#)
}

fn many(count: usize, make: impl Fn(&str) -> String) -> Vec<String> {
    (0..count).map(|index| make(&format!("n{index}"))).collect()
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (0..count)
        .map(|index| format!("\"{}\"", item(index)))
        .collect();
    format!("[{}]", items.join(","))
}

#[test]
fn of_policies() {
    let one_root = || vec![root("root")];
    let one_authority = || vec![authority("key")];
    let signed_by = r#"["key"]"#;
    let one_rule = || vec![rule("rule", r#"["**"]"#, signed_by)];
    let provenance = |source: &str, matcher: &str| {
        vec![format!(
            r#"{{"name":"p","images":["**"],"provenance":{{"signedBy":["key"],"source":{{"uri":"{source}"}},"builder":{{"id":{matcher}}}}}}}"#
        )]
    };
    let keyless = |count: usize| {
        let identity = r#"{"issuer":{"exact":"a"},"subject":{"exact":"b"}}"#;
        let identities = vec![identity; count].join(",");
        vec![
            authority("key"),
            format!(
                r#"{{"name":"k","keyless":{{"trustRoot":"root","identities":[{identities}]}}}}"#
            ),
        ]
    };
    let long = "a".repeat(1025);
    let source = "https://github.com/o/r";
    let cases = [
        (
            policy(&many(17, root), &one_authority(), &one_rule()),
            "limit.trust-roots",
            "/trustRoots",
        ),
        (
            policy(
                &one_root(),
                &many(257, authority),
                &[rule("r", r#"["**"]"#, r#"["n0"]"#)],
            ),
            "limit.authorities",
            "/authorities",
        ),
        (
            policy(&one_root(), &keyless(65), &one_rule()),
            "limit.identities",
            "/authorities/1/keyless/identities",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &many(257, |name| rule(name, r#"["**"]"#, signed_by)),
            ),
            "limit.rules",
            "/rules",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &[rule(
                    "r",
                    &list(257, |index| format!("ghcr.io/{index}")),
                    signed_by,
                )],
            ),
            "limit.image-patterns",
            "/rules/0/images",
        ),
        (
            policy(
                &one_root(),
                &many(65, authority),
                &[rule(
                    "r",
                    r#"["**"]"#,
                    &list(65, |index| format!("n{index}")),
                )],
            ),
            "limit.signed-by",
            "/rules/0/signature/signedBy",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &[rule(&"r".repeat(129), r#"["**"]"#, signed_by)],
            ),
            "limit.name-bytes",
            "/rules/0/name",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &[rule("r", &format!(r#"["ghcr.io/{long}"]"#), signed_by)],
            ),
            "limit.pattern-bytes",
            "/rules/0/images/0",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &provenance(source, &format!(r#"{{"exact":"{long}"}}"#)),
            ),
            "limit.pattern-bytes",
            "/rules/0/provenance/builder/id/exact",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &provenance(source, &format!(r#"{{"glob":"{long}"}}"#)),
            ),
            "limit.pattern-bytes",
            "/rules/0/provenance/builder/id/glob",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &provenance(source, &format!(r#"{{"regexp":"{long}"}}"#)),
            ),
            "limit.pattern-bytes",
            "/rules/0/provenance/builder/id/regexp",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &provenance(source, r#"{"regexp":"(a{500}){20}"}"#),
            ),
            "limit.regexp-size",
            "/rules/0/provenance/builder/id/regexp",
        ),
        (
            policy(
                &one_root(),
                &one_authority(),
                &provenance(&format!("{source}/{long}"), r#"{"exact":"a"}"#),
            ),
            "limit.pattern-bytes",
            "/rules/0/provenance/source/uri",
        ),
        (" ".repeat((2 << 20) + 1), "limit.policy-bytes", ""),
    ];
    for (policy, code, path) in cases {
        assert_eq!(codes(&problems(&policy)), [(code, path)]);
    }
    compile(&policy(
        &many(16, root),
        &many(256, authority),
        &many(256, |name| rule(name, r#"["**"]"#, r#"["n0"]"#)),
    ));
    // A document with more problems than are told is refused all the same.
    let broken = policy(
        &one_root(),
        &one_authority(),
        &many(200, |name| rule(name, "[]", signed_by)),
    );
    assert_eq!(problems(&broken).len(), 100);
}

#[test]
fn of_requests() {
    let policy = compile(&keyed_policy(r#"["**"]"#));
    let images = |count: usize| {
        let images: Vec<String> = (0..count)
            .map(|index| format!(r#"{{"reference":"a{index}"}}"#))
            .collect();
        format!(r#"{{"images":[{}]}}"#, images.join(","))
    };
    assert_eq!(policy.images(images(256).as_bytes()).unwrap().len(), 256);
    for (request, code, path) in [
        (images(257), "limit.images", "/images"),
        (
            request(&"a".repeat(513), None),
            "limit.reference-bytes",
            "/images/0/reference",
        ),
        (" ".repeat((1 << 20) + 1), "limit.request-bytes", ""),
    ] {
        let problem = policy.images(request.as_bytes()).unwrap_err();
        assert_eq!((problem.code, problem.path.as_str()), (code, path));
        assert_eq!(
            policy.decide(request.as_bytes(), &[], NOW).outcome(),
            Outcome::Invalid
        );
    }
}

#[test]
fn of_evidence() {
    let policy = compile(&keyed_policy(r#"["**"]"#));
    let reference = "ghcr.io/o/r";
    let decide = |count: usize, length: usize| {
        let evidence = (0..count)
            .map(|index| Evidence {
                media_type: "\u{202e}".repeat(length),
                content: index.to_string().into_bytes(),
                annotations: BTreeMap::new(),
            })
            .collect();
        let brought = ImageEvidence {
            evidence,
            ..nothing(reference, DIGEST)
        };
        policy.decide(request(reference, Some(DIGEST)).as_bytes(), &[brought], NOW)
    };
    assert_eq!(image_code(&decide(129, 1)), "limit.evidence-pieces");
    let most = decide(128, 4096);
    assert_eq!(image_code(&most), "evidence.media-type-unknown");
    let document = document(&most);
    let listed = document.get("images").unwrap().as_array().unwrap()[0]
        .get("rules")
        .unwrap()
        .as_array()
        .unwrap()[0]
        .get("evidence")
        .unwrap()
        .as_array()
        .unwrap();
    assert_eq!(listed.len(), 32);
    let media_type = text(&listed[0], &["mediaType"]);
    assert_eq!(media_type, format!("{}...", "\\u{202e}".repeat(256)));
}

#[test]
fn of_calls() {
    let call = vec![b' '; (64 << 20) + 1];
    for operation in [ffi::compile_json, ffi::images_json, ffi::decide_json] {
        let answer = value(&operation(&call));
        assert_eq!(
            text(
                answer
                    .get("problems")
                    .unwrap()
                    .as_array()
                    .unwrap()
                    .first()
                    .unwrap(),
                &["code"]
            ),
            "limit.call-bytes"
        );
    }
}
