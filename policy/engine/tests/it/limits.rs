//! Every limit is reached and named.

use sealstone_engine::{Evidence, ImageEvidence, Outcome, ffi};

use crate::support::{
    DIGEST, KEY, NOW, ROOT, codes, compile, document, image_code, keyed_policy, nothing, problems,
    request, text, value,
};
use sealstone_verify::json::{Map, Value};

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
            policy(&one_root(), &one_authority(), &one_rule()).replacen(
                '{',
                &format!(
                    r#"{{"exceptions":[{}],"#,
                    many(257, |name| {
                        format!(
                            r#"{{"name":"{name}","images":["**"],"rules":["rule"],"reason":"r","ends":"2027-01-01T00:00:00Z"}}"#
                        )
                    })
                    .join(",")
                ),
                1,
            ),
            "limit.exceptions",
            "/exceptions",
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
        (
            policy(&one_root(), &one_authority(), &one_rule()).replacen(
                '{',
                &format!(
                    r#"{{"evidenceSources":{{"configMaps":[{}]}},"#,
                    [r#"{"namespace":"a","name":"b"}"#; 5].join(",")
                ),
                1,
            ),
            "limit.config-maps",
            "/evidenceSources/configMaps",
        ),
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
        (" ".repeat((4 << 20) + 1), "limit.request-bytes", ""),
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
                annotations: Map::new(),
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

#[test]
fn of_images_and_admission() {
    let section = |name: &str, value: String| {
        let policy = keyed_policy(r#"["**"]"#);
        policy.replacen('{', &format!(r#"{{"{name}":{value},"#), 1)
    };
    let mirrors = |count: usize| {
        let mirror = r#"{"from":"a.example","to":"b.example"}"#;
        section(
            "images",
            format!(r#"{{"mirrors":[{}]}}"#, vec![mirror; count].join(",")),
        )
    };
    let admission = |value: &str| section("admission", format!("{{{value}}}"));
    let resources = |count: usize| {
        let resources: Vec<String> = (0..count)
            .map(|index| format!(r#"{{"version":"v1","kind":"K{index}","images":["a"]}}"#))
            .collect();
        admission(&format!(r#""resources":[{}]"#, resources.join(",")))
    };
    let resource = |member: &str| {
        admission(&format!(
            r#""resources":[{{"version":"v1","kind":"K","images":["a"],{member}}}]"#
        ))
    };
    let exempt = |value: &str| admission(&format!(r#""insecureExempt":{value}"#));
    let texts = |count: usize| list(count, |index| format!("n{index}"));
    let labels = |count: usize| {
        let labels: Vec<String> = (0..count)
            .map(|index| format!(r#""n{index}":"""#))
            .collect();
        exempt(&format!(
            r#"{{"labels":{{"matchLabels":{{{}}}}}}}"#,
            labels.join(",")
        ))
    };
    let expressions = |count: usize, values: usize| {
        let expression = format!(
            r#"{{"key":"a","operator":"In","values":{}}}"#,
            texts(values)
        );
        exempt(&format!(
            r#"{{"labels":{{"matchExpressions":[{}]}}}}"#,
            vec![expression.as_str(); count].join(",")
        ))
    };
    let groups = |count: usize| admission(&format!(r#""insecureExemptGroups":{}"#, texts(count)));
    let long = |bytes: usize| "n".repeat(bytes);
    let cases = [
        (mirrors(65), "limit.mirrors", "/images/mirrors"),
        (resources(65), "limit.resources", "/admission/resources"),
        (
            resource(&format!(r#""podSpecs":{}"#, texts(33))),
            "limit.field-paths",
            "/admission/resources/0/podSpecs",
        ),
        (
            resource(&format!(r#""podSpecs":["{}"]"#, long(1025))),
            "limit.pattern-bytes",
            "/admission/resources/0/podSpecs/0",
        ),
        (
            resource(&format!(r#""podSpecs":["a{}"]"#, ".a".repeat(64))),
            "limit.json-nesting",
            "/admission/resources/0/podSpecs/0",
        ),
        (
            resource(&format!(r#""group":"{}""#, long(129))),
            "limit.name-bytes",
            "/admission/resources/0/group",
        ),
        (
            groups(65),
            "limit.selection-elements",
            "/admission/insecureExemptGroups",
        ),
        (
            admission(&format!(r#""insecureExemptGroups":["{}"]"#, long(1025))),
            "limit.pattern-bytes",
            "/admission/insecureExemptGroups/0",
        ),
        (
            exempt(&format!(r#"{{"namespaces":{}}}"#, texts(65))),
            "limit.selection-elements",
            "/admission/insecureExempt/namespaces",
        ),
        (
            exempt(&format!(r#"{{"excludeNamespaces":{}}}"#, texts(65))),
            "limit.selection-elements",
            "/admission/insecureExempt/excludeNamespaces",
        ),
        (
            labels(65),
            "limit.selection-elements",
            "/admission/insecureExempt/labels/matchLabels",
        ),
        (
            expressions(65, 1),
            "limit.selection-elements",
            "/admission/insecureExempt/labels/matchExpressions",
        ),
        (
            expressions(1, 65),
            "limit.selection-elements",
            "/admission/insecureExempt/labels/matchExpressions/0/values",
        ),
    ];
    for (policy, code, path) in cases {
        assert_eq!(codes(&problems(&policy)), [(code, path)]);
    }
    for policy in [
        mirrors(64),
        resources(64),
        groups(64),
        labels(64),
        expressions(64, 64),
        resource(&format!(r#""podSpecs":{}"#, texts(32))),
    ] {
        compile(&policy);
    }
}

#[test]
fn of_admission_requests() {
    let policy = compile(&keyed_policy(r#"["**"]"#));
    let request = |uid: &str, containers: usize, image: &str| {
        let container = format!(r#"{{"image":"{image}"}}"#);
        format!(
            r#"{{"uid":"{uid}","operation":"CREATE","kind":{{"version":"v1","kind":"Pod"}},
            "object":{{"spec":{{"containers":[{}]}}}}}}"#,
            vec![container.as_str(); containers].join(",")
        )
    };
    let most = request(&"u".repeat(128), 256, "a");
    assert_eq!(policy.images(most.as_bytes()).unwrap().len(), 1);
    for (request, code, path) in [
        (
            request(&"u".repeat(129), 1, "a"),
            "limit.name-bytes",
            "/uid",
        ),
        (request("u", 257, "a"), "limit.images", "/object"),
        (request("u", 1000, "a"), "limit.images", "/object"),
        (
            request("u", 1, &"a".repeat(513)),
            "limit.reference-bytes",
            "/object/spec/containers/0/image",
        ),
    ] {
        let problem = policy.images(request.as_bytes()).unwrap_err();
        assert_eq!((problem.code, problem.path.as_str()), (code, path));
        let decision = policy.decide(request.as_bytes(), &[], NOW);
        assert_eq!(decision.outcome(), Outcome::Invalid);
    }
}
