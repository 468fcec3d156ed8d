//! Image references and the patterns that match them.

use sealstone_engine::CompiledPolicy;

use crate::support::{
    DIGEST, NOW, codes, compile, image_code, keyed_policy, nothing, problems, request,
};

fn matched(policy: &CompiledPolicy, reference: &str) -> bool {
    let evidence = [nothing(reference, DIGEST)];
    let request = request(reference, Some(DIGEST));
    let decision = policy.decide(request.as_bytes(), &evidence, NOW);
    assert!(!decision.allowed());
    match image_code(&decision).as_str() {
        "evidence.missing" => true,
        "image.no-rule" => false,
        other => panic!("{reference}: {other}: {}", decision.to_json()),
    }
}

#[test]
fn references_are_normalised() {
    let cases = [
        ("nginx", "docker.io/library/nginx"),
        ("nginx:1.27", "docker.io/library/nginx"),
        ("library/nginx", "docker.io/library/nginx"),
        ("docker.io/nginx", "docker.io/library/nginx"),
        ("index.docker.io/nginx", "docker.io/library/nginx"),
        ("DOCKER.io/library/nginx", "docker.io/library/nginx"),
        ("bitnami/nginx", "docker.io/bitnami/nginx"),
        ("ghcr.io/o/r", "ghcr.io/o/r"),
        ("GHCR.io/o/r:v1", "ghcr.io/o/r"),
        ("localhost/r", "localhost/r"),
        ("localhost:5000/r", "localhost:5000/r"),
        ("registry.example:5000/o/r:v1", "registry.example:5000/o/r"),
        ("registry.example/a/b/c/d", "registry.example/a/b/c/d"),
        (
            "registry.example/a__b/c-d.e---f_g",
            "registry.example/a__b/c-d.e---f_g",
        ),
        ("10.0.0.1/o/r", "10.0.0.1/o/r"),
    ];
    for (reference, name) in cases {
        for suffix in ["", "@"] {
            let reference = match suffix {
                "@" => format!("{reference}@{DIGEST}"),
                _ => reference.to_owned(),
            };
            let policy = compile(&keyed_policy(&format!(r#"["{name}"]"#)));
            assert!(matched(&policy, &reference), "{reference} {name}");
            let other = compile(&keyed_policy(&format!(r#"["{name}x"]"#)));
            assert!(!matched(&other, &reference), "{reference} {name}x");
        }
    }
    let everything = compile(&keyed_policy(r#"["**"]"#));
    for reference in ["[::1]:5000/r", "[fe80::1]/o/r", "nginx", "a.b/c"] {
        assert!(matched(&everything, reference), "{reference}");
    }
}

#[test]
fn malformed_references() {
    let long = "a".repeat(256);
    let cases = [
        "/r",
        "ghcr.io/",
        "ghcr.io//r",
        "ghcr.io/O/r",
        "ghcr.io/o/R:v1",
        "Nginx",
        "Foo/bar",
        "https://ghcr.io/o/r",
        "ghcr.io/o/r:",
        "ghcr.io/o/r:-v1",
        "ghcr.io/o/r:v 1",
        "ghcr.io/o/r@",
        "ghcr.io/o/r@sha256:00",
        "ghcr.io/o/r@sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "ghcr.io/o/r@sha256:A74D89D8DD863CA5DAE4A29E0FEEDE81DDF59197849A80784AF5A02AB7786925",
        "ghcr.io/o/..",
        "ghcr.io/../r",
        "ghcr.io/o/-r",
        "ghcr.io/o/r_",
        "ghcr.io/o/a___b",
        "ghcr.io/o/a..b",
        "ghcr.io/o/a._b",
        "ghcr.io:port/o/r",
        "ghcr.io:/o/r",
        "-ghcr.io/o/r",
        "ghcr..io/o/r",
        "user@ghcr.io/o/r",
        "[::1/o/r",
        "[]:5000/o/r",
        "[::1]x/o/r",
        "ghcr.io/o/r\\u0000",
        "ghcr.io/o/r\\n",
        "ghcr.io/o/\\u00e9",
        " ghcr.io/o/r",
        "a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925",
        long.as_str(),
    ];
    let policy = compile(&keyed_policy(r#"["**"]"#));
    for reference in cases {
        let problem = policy
            .images(request(reference, None).as_bytes())
            .unwrap_err();
        assert_eq!(
            (problem.code, problem.path.as_str()),
            ("image.reference-malformed", "/images/0/reference"),
            "{reference}"
        );
    }
}

#[test]
fn patterns() {
    let cases: [(&str, &[&str], &[&str]); 8] = [
        (
            "ghcr.io/acme/**",
            &["ghcr.io/acme/a", "ghcr.io/acme/a/b/c"],
            &[
                "ghcr.io/acmes/a",
                "ghcr.io/acme-evil/a",
                "ghcr.io/evil/acme/a",
                "evil.io/ghcr.io/acme/a",
            ],
        ),
        (
            "ghcr.io/acme/*",
            &["ghcr.io/acme/a", "ghcr.io/acme/a-b.c"],
            &["ghcr.io/acme/a/b", "ghcr.io/acme2/a"],
        ),
        (
            "ghcr.io/*/app",
            &["ghcr.io/acme/app"],
            &["ghcr.io/acme/x/app", "ghcr.io/app", "ghcr.io/acme/app2"],
        ),
        (
            "*.acme.example/**",
            &["eu.acme.example/r", "us.acme.example/o/r"],
            &["acme.example/r", "acme.example.evil/r"],
        ),
        (
            "registry.example:5000/**",
            &["registry.example:5000/r"],
            &["registry.example/r", "registry.example:50000/r"],
        ),
        (
            "docker.io/library/nginx",
            &["nginx", "nginx:latest", "docker.io/nginx"],
            &["ghcr.io/library/nginx", "evil/nginx", "nginx2"],
        ),
        (
            "docker.io/**",
            &["nginx", "bitnami/redis"],
            &["ghcr.io/o/r", "docker.io.evil/r"],
        ),
        ("**", &["nginx", "ghcr.io/o/r", "localhost/x"], &[]),
    ];
    for (pattern, matching, others) in cases {
        let policy = compile(&keyed_policy(&format!(r#"["{pattern}"]"#)));
        for reference in matching {
            assert!(matched(&policy, reference), "{pattern} {reference}");
        }
        for reference in others {
            assert!(!matched(&policy, reference), "{pattern} {reference}");
        }
    }
    let several = compile(&keyed_policy(r#"["ghcr.io/a/*","ghcr.io/b/*"]"#));
    assert!(matched(&several, "ghcr.io/b/r"));
    assert!(!matched(&several, "ghcr.io/c/r"));
}

#[test]
fn malformed_patterns() {
    for pattern in [
        "nginx",
        "library/nginx",
        "*",
        "***",
        "ghcr.io",
        "ghcr.io/",
        "ghcr.io//r",
        "ghcr.io/o/r/",
        "ghcr.io/o/r:v1",
        "ghcr.io/o/r@sha256:00",
        "ghcr.io/O/r",
        "GHCR.io/o/r",
        "https://ghcr.io/o/r",
        "ghcr.io/o/{a,b}",
        "ghcr.io/o/[ab]",
        "ghcr.io/o/r?",
        "ghcr.io/o/ r",
        "ghcr.io/o/***",
        // No image has such a name in its normal form.
        "docker.io/nginx",
        "docker.io/*",
        "index.docker.io/library/nginx",
        "index.docker.io/**",
    ] {
        let found = problems(&keyed_policy(&format!(r#"["{pattern}"]"#)));
        assert_eq!(
            codes(&found),
            [("policy.pattern-malformed", "/rules/0/images/0")],
            "{pattern}"
        );
    }
}
