//! For which requests a rule is, under which name it sees an image, and what becomes of tags.

use sealstone_engine::{CompiledPolicy, ImageRequest, Outcome};

use crate::support::{
    DIGEST, NOW, compile, document, image_code, keyed_policy, nothing, request, step, text,
};

/// A policy whose one rule is for these requests.
fn for_requests(selection: &str) -> CompiledPolicy {
    let policy = keyed_policy(r#"["**"]"#);
    compile(&policy.replace(
        r#""signature":"#,
        &format!(r#""match":{selection},"signature":"#),
    ))
}

/// A policy with this `images` section.
fn with_images(images: &str, pattern: &str) -> CompiledPolicy {
    let policy = keyed_policy(&format!(r#"["{pattern}"]"#));
    compile(&policy.replacen('{', &format!(r#"{{"images":{images},"#), 1))
}

/// Whether the rule was asked about the image of the raw request.
fn is_for(policy: &CompiledPolicy, further: &str) -> bool {
    let reference = "ghcr.io/o/r";
    let request =
        format!(r#"{{"images":[{{"reference":"{reference}","digest":"{DIGEST}"}}]{further}}}"#);
    let decision = policy.decide(request.as_bytes(), &[nothing(reference, DIGEST)], NOW);
    match image_code(&decision).as_str() {
        "evidence.missing" => true,
        "image.no-rule" => false,
        _ => panic!("{}", decision.to_json()),
    }
}

#[test]
fn rules_by_namespace_and_labels() {
    let named = |namespace: &str| format!(r#","namespace":"{namespace}""#);
    let labelled = |labels: &str| format!(r#","labels":{labels}"#);
    let expression = |operator: &str, values: &str| {
        format!(
            r#"{{"labels":{{"matchExpressions":[{{"key":"env","operator":"{operator}"{values}}}]}}}}"#
        )
    };
    let values = r#","values":["prod",""]"#;
    let (prod, dev, empty, none) = (
        labelled(r#"{"env":"prod","x":"y"}"#),
        labelled(r#"{"env":"dev"}"#),
        labelled(r#"{"env":""}"#),
        labelled("{}"),
    );
    let both = r#"{"namespaces":["a"],"labels":{"matchLabels":{"env":"prod","x":"y"}}}"#;
    let cases: [(String, &[&str], &[&str]); 8] = [
        (
            r#"{"namespaces":["prod","team-*"]}"#.to_owned(),
            &[&named("prod"), &named("team-"), &named("team-a")],
            &["", &named("prod2"), &named("team"), &named("Prod"), &prod],
        ),
        (
            r#"{"excludeNamespaces":["kube-*"]}"#.to_owned(),
            &[&named("prod"), &named("kube")],
            &["", &named("kube-system")],
        ),
        (
            r#"{"namespaces":["team-*"],"excludeNamespaces":["*-test"]}"#.to_owned(),
            &[&named("team-a")],
            &["", &named("team-test"), &named("a")],
        ),
        (
            both.to_owned(),
            &[&(named("a") + &prod)],
            &[
                "",
                &named("a"),
                &prod,
                &(named("b") + &prod),
                &(named("a") + &dev),
            ],
        ),
        (
            expression("In", values),
            &[&prod, &empty],
            &["", &dev, &none],
        ),
        (
            expression("NotIn", values),
            &[&dev, &none],
            &["", &prod, &empty],
        ),
        (
            expression("Exists", ""),
            &[&prod, &dev, &empty],
            &["", &none],
        ),
        (
            expression("DoesNotExist", ""),
            &[&none],
            &["", &prod, &empty],
        ),
    ];
    for (selection, matching, others) in cases {
        let policy = for_requests(&selection);
        for further in matching {
            assert!(is_for(&policy, further), "{selection} {further}");
        }
        for further in others {
            assert!(!is_for(&policy, further), "{selection} {further}");
        }
    }
}

#[test]
fn rules_by_namespace_and_labels_of_a_review() {
    let policy = for_requests(r#"{"namespaces":["prod"],"labels":{"matchLabels":{"tier":"web"}}}"#);
    let reference = "ghcr.io/o/r";
    let code = |namespace: &str, metadata: &str| {
        let request = format!(
            r#"{{"uid":"u","operation":"CREATE","namespace":"{namespace}","kind":{{"group":"","version":"v1","kind":"Pod"}},
            "object":{{"metadata":{metadata},"spec":{{"containers":[{{"image":"{reference}@{DIGEST}"}}]}}}}}}"#
        );
        let reference = format!("{reference}@{DIGEST}");
        image_code(&policy.decide(request.as_bytes(), &[nothing(&reference, DIGEST)], NOW))
    };
    let web = r#"{"labels":{"tier":"web"}}"#;
    assert_eq!(code("prod", web), "evidence.missing");
    for (namespace, metadata) in [
        ("dev", web),
        ("prod", "{}"),
        ("prod", "null"),
        ("prod", r#"{"labels":null}"#),
        ("prod", r#"{"labels":{"tier":"db"}}"#),
        // Annotations are no labels.
        ("prod", r#"{"annotations":{"tier":"web"}}"#),
        ("dev", r#"{"namespace":"prod","labels":{"tier":"web"}}"#),
    ] {
        assert_eq!(
            code(namespace, metadata),
            "image.no-rule",
            "{namespace} {metadata}"
        );
    }
}

#[test]
fn mirrors() {
    let mirrors = r#"{"mirrors":[{"from":"mirror.example/hub","to":"docker.io"},
        {"from":"mirror.example","to":"quay.io/mirrored"},
        {"from":"ghcr.io/acme/app","to":"registry.example:5000/app"}]}"#;
    let cases = [
        (
            "mirror.example/hub/library/nginx",
            "docker.io/library/nginx",
        ),
        ("mirror.example/hub/nginx:1.27", "docker.io/library/nginx"),
        (
            "mirror.example/hub/bitnami/redis",
            "docker.io/bitnami/redis",
        ),
        // The first that fits, and that one alone.
        ("mirror.example/hub", "quay.io/mirrored/hub"),
        ("mirror.example/hubs/nginx", "quay.io/mirrored/hubs/nginx"),
        ("MIRROR.example/o/r", "quay.io/mirrored/o/r"),
        ("ghcr.io/acme/app/x", "registry.example:5000/app/x"),
        // Whole parts only.
        ("ghcr.io/acme/app", "ghcr.io/acme/app"),
        ("ghcr.io/acme/app2", "ghcr.io/acme/app2"),
        (
            "mirror.example.evil/hub/nginx",
            "mirror.example.evil/hub/nginx",
        ),
        (
            "evil.example/mirror.example/hub/nginx",
            "evil.example/mirror.example/hub/nginx",
        ),
    ];
    for (reference, name) in cases {
        let decide = |pattern: &str| {
            let policy = with_images(mirrors, pattern);
            let request = request(reference, Some(DIGEST));
            // The host brings evidence for the reference as it is.
            assert_eq!(
                policy.images(request.as_bytes()).unwrap(),
                [ImageRequest {
                    reference: reference.to_owned(),
                    digest: Some(DIGEST.to_owned()),
                }]
            );
            policy.decide(request.as_bytes(), &[nothing(reference, DIGEST)], NOW)
        };
        let decision = decide(name);
        assert_eq!(image_code(&decision), "evidence.missing", "{reference}");
        let source = text(&document(&decision), &["images", "0", "source"]);
        let own = text(&document(&decision), &["images", "0", "reference"]);
        assert_eq!(own, reference);
        // Only where another name than its own is meant.
        let plain = decide("**");
        let is_mirrored = step(&document(&plain), &["images", "0", "source"]).is_some();
        assert_eq!(is_mirrored, source == name, "{reference}");
        assert_eq!(image_code(&decide(&format!("{name}x"))), "image.no-rule");
        if is_mirrored {
            let host = reference.split('/').next().unwrap().to_lowercase();
            assert_eq!(image_code(&decide(&format!("{host}/**"))), "image.no-rule");
        }
    }
}

#[test]
fn tags() {
    let reference = "ghcr.io/o/r:v1";
    let evidence = [nothing(reference, DIGEST)];
    for (images, code) in [
        ("{}", "evidence.missing"),
        (r#"{"tags":"pin"}"#, "evidence.missing"),
        (r#"{"tags":"deny"}"#, "image.digest-required"),
    ] {
        let policy = with_images(images, "**");
        let decision = policy.decide(request(reference, None).as_bytes(), &evidence, NOW);
        assert_eq!(image_code(&decision), code, "{images}");
        assert_eq!(decision.outcome(), Outcome::Rejected);
        // What names a digest is no tag.
        let named = request(reference, Some(DIGEST));
        let decision = policy.decide(named.as_bytes(), &evidence, NOW);
        assert_eq!(image_code(&decision), "evidence.missing", "{images}");
        let both = format!("{reference}@{DIGEST}");
        let decision = policy.decide(
            request(&both, None).as_bytes(),
            &[nothing(&both, DIGEST)],
            NOW,
        );
        assert_eq!(image_code(&decision), "evidence.missing", "{images}");
    }
}

/// An image that no rule matches runs by its digest too, where the policy lets it run.
#[test]
fn unmatched_images_are_pinned() {
    let policy = keyed_policy(r#"["x.example/**"]"#);
    let policy = compile(&policy.replacen('{', r#"{"insecureAllowUnmatchedImages":true,"#, 1));
    let reference = "ghcr.io/o/r:v1";
    let decision = policy.decide(
        request(reference, None).as_bytes(),
        &[nothing(reference, DIGEST)],
        NOW,
    );
    assert_eq!(decision.outcome(), Outcome::Allowed);
    let pin = text(&document(&decision), &["images", "0", "pin"]);
    assert_eq!(pin, format!("{reference}@{DIGEST}"));
    let decision = policy.decide(request(reference, None).as_bytes(), &[], NOW);
    assert_eq!(image_code(&decision), "image.digest-missing");
}
